"""Every course that one small arm can take, as a graph of states.

A state is the patients left, survival, and the events so far. Leaving is a step to a state with a
patient less; all data sets of the arm are paths through the graph. States from which what is
reported later cannot be matched are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .phases import NoDataSet, Phase
from .timeline import ArmTimeline, Timeline

__all__ = ["ArmStates", "Nodes", "TooMany", "arm_states"]

State = tuple[int, float, int]
Places = npt.NDArray[np.intp]

SAME = 12  # decimals in which survival must differ to make two states
LAST_BITS = 1e-12


class TooMany(Exception):  # noqa: N818 - an outcome of the search, not an error
    """An arm has more states than can be gone through."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Nodes:
    """The states within one phase.

    Attributes
    ----------
    left, events : ndarray of int, shape (k,)
        Patients left, and events so far.
    entry : ndarray of int, shape (k,)
        The place of the same state at the end of the phase before; -1 if it is not one.
    by_event, by_censoring : ndarray of int, shape (k,)
        The node to which an event, or a censoring, leads; -1 if it leads nowhere.
    ends : ndarray of int, shape (m,)
        The nodes in which the phase can end.
    """

    left: Places
    events: Places
    entry: Places
    by_event: Places
    by_censoring: Places
    ends: Places


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmStates:
    """All courses of one arm: the states within every phase."""

    phases: tuple[Nodes, ...]

    @property
    def widest(self) -> int:
        """The most states that any phase has."""
        return max(nodes.left.size for nodes in self.phases)


def arm_states(timeline: Timeline, j: int, phases: Sequence[Phase], *, most: int) -> ArmStates:
    """Go through every course of one arm.

    Parameters
    ----------
    timeline : Timeline
        What the arms report.
    j : int
        0 for the reference arm, 1 for the treatment arm.
    phases : sequence of Phase
        The phases.
    most : int
        States that are too many.

    Raises
    ------
    TooMany
        If a phase has more than `most` states.
    NoDataSet
        If the arm cannot have what is reported about it.
    """
    arm = timeline.arms[j]
    forward: list[tuple[set[State], set[State]]] = []
    starts: set[State] = {(arm.n, 1.0, 0)}
    for phase in phases:
        nodes = _reached(starts, phase, j, most=most)
        ends = {state for state in nodes if _may_end(state, phase, arm, j)}
        forward.append((nodes, ends))
        starts = ends
    if arm.events is not None:
        forward[-1] = (forward[-1][0], {s for s in forward[-1][1] if s[2] == arm.events})
    return ArmStates(phases=_pruned(forward, phases, j, first=(arm.n, 1.0, 0)))


def _steps(state: State, phase: Phase, j: int) -> tuple[State | None, State | None]:
    """Return where an event and a censoring lead."""
    left, survival, events = state
    if left == 0 or not phase.moves[j]:
        return None, None
    censored = None if phase.instant else (left - 1, survival, events)
    if not (phase.free[j] or (phase.instant and phase.listed[j])):
        return None, censored
    return (left - 1, round(survival * (left - 1) / left, SAME), events + 1), censored


def _reached(starts: set[State], phase: Phase, j: int, *, most: int) -> set[State]:
    """Return every state that can be reached within a phase."""
    reached, front = set(starts), set(starts)
    while front:
        following = {s for state in front for s in _steps(state, phase, j) if s is not None}
        front = {s for s in following - reached if s[0] >= phase.at_risk[j][0]}
        reached |= front
        if len(reached) > most:
            raise TooMany
    return reached


def _may_end(state: State, phase: Phase, arm: ArmTimeline, j: int) -> bool:
    left, survival, events = state
    fewest, most = phase.at_risk[j]
    low, high = phase.leaving[j]
    risen = -math.log(survival) if survival > 0 else math.log(arm.n) + 1.0
    inside = low - LAST_BITS <= risen and (risen <= high + LAST_BITS)
    if survival <= 0 and high < math.inf:
        inside = False
    enough = arm.events is None or events <= arm.events <= events + left
    return fewest <= left <= most and inside and enough


def _pruned(
    forward: list[tuple[set[State], set[State]]],
    phases: Sequence[Phase],
    j: int,
    *,
    first: State,
) -> tuple[Nodes, ...]:
    """Keep the states from which the end can be reached, and number them."""
    kept: list[tuple[list[State], list[State]]] = []
    wanted = forward[-1][1]
    for place in range(len(phases) - 1, -1, -1):
        nodes, ends = forward[place]
        ends = ends & wanted
        alive = set(ends)
        for state in sorted(nodes, reverse=False):  # fewest left first
            if any(step in alive for step in _steps(state, phases[place], j)):
                alive.add(state)
        kept.append((sorted(alive, reverse=True), sorted(ends, reverse=True)))
        wanted = alive
    if first not in wanted:
        raise NoDataSet
    kept.reverse()
    starts = [[first], *(ends for _, ends in kept[:-1])]
    return tuple(
        _numbered(nodes, ends, phase, j, starts=start)
        for (nodes, ends), phase, start in zip(kept, phases, starts, strict=True)
    )


def _numbered(
    nodes: list[State], ends: list[State], phase: Phase, j: int, *, starts: list[State]
) -> Nodes:
    place = {state: i for i, state in enumerate(nodes)}
    before = {state: i for i, state in enumerate(starts)}
    steps = [_steps(state, phase, j) for state in nodes]
    return Nodes(
        left=np.array([state[0] for state in nodes], dtype=np.intp),
        events=np.array([state[2] for state in nodes], dtype=np.intp),
        entry=np.array([before.get(state, -1) for state in nodes], dtype=np.intp),
        by_event=np.array([place.get(s[0], -1) if s[0] else -1 for s in steps], dtype=np.intp),
        by_censoring=np.array([place.get(s[1], -1) if s[1] else -1 for s in steps], dtype=np.intp),
        ends=np.array([place[state] for state in ends], dtype=np.intp),
    )
