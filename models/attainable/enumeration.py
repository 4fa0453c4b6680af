"""The largest hazard ratio of small trials, exactly: over all pairs of courses of the two arms.

The courses of one arm are paths through a graph of states. A state is the patients left, survival,
and the events so far; leaving is a step to a state with a patient less. States from which what is
reported later cannot be matched are left out.

Pairs of states of the two arms are gone through phase by phase. The best score of the courses that
lead to a pair is all that needs to be remembered, apart from whether any event has been seen while
both arms were at risk: without one a data set determines no hazard ratio.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray
from .phases import NoDataSet, Phase
from .plan import Plan, tied_score
from .timeline import ArmTimeline, Timeline

__all__ = ["Enumeration", "Nodes", "TooMany", "arm_states"]

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


def arm_states(
    timeline: Timeline, j: int, phases: Sequence[Phase], *, most: int
) -> tuple[Nodes, ...]:
    """Go through every course of one arm: return the states within every phase.

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
    return _pruned(forward, phases, j, first=(arm.n, 1.0, 0))


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
        for state in sorted(nodes):  # fewest left first
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


MOST_STATES = 3000  # of an arm in a phase
MOST_PAIRS = 1_000_000
NEVER = -math.inf
EITHER = np.arange(2)  # whether an event was seen while both arms were at risk


class Enumeration:
    """All data sets of a small trial.

    Raises
    ------
    TooMany
        If the trial is not small.
    NoDataSet
        If an arm cannot have what is reported about it.
    """

    def __init__(self, timeline: Timeline, phases: Sequence[Phase]) -> None:
        self.timeline, self.phases = timeline, tuple(phases)
        self.states = tuple(
            arm_states(timeline, j, self.phases, most=MOST_STATES) for j in range(2)
        )
        widest = [max(nodes.left.size for nodes in each) for each in self.states]
        if widest[0] * widest[1] > MOST_PAIRS:
            raise TooMany

    def best(self, hazard_ratio: float) -> tuple[float, Plan] | None:
        """Return the largest score that a data set has at a hazard ratio, and a data set with it.

        None if no data set that determines a hazard ratio is consistent with the reported values.
        """
        steps = [step for place in range(len(self.phases)) for step in self._steps(place)]
        scores = [np.array([[[0.0]], [[NEVER]]])]
        for step in steps:
            scores.append(step.forward(scores[-1], hazard_ratio))
        pairs = np.where(self._total_met(), scores[-1][1], NEVER)
        if not pairs.size or pairs.max() == NEVER:
            return None
        row, column = divmod(int(pairs.argmax()), pairs.shape[1])
        spot = (1, row, column)
        exits: tuple[list[BoolArray], ...] = ([], [])
        for step, before in zip(steps[::-1], scores[-2::-1], strict=True):
            spot, left = step.back(spot, before, hazard_ratio)
            for j, flags in left:
                exits[j].append(np.array(flags, dtype=bool))
        return float(pairs.max()), Plan(exits=(exits[0][::-1], exits[1][::-1]))

    def _steps(self, place: int) -> Iterator[_Along | _Tied]:
        own = (self.states[0][place], self.states[1][place])
        if self.phases[place].instant:
            yield _Tied(self.phases[place], own)
        else:
            yield _Along(1, own[1], self._left_before(place))
            yield _Along(0, own[0], own[1].left[own[1].ends])

    def _left_before(self, place: int) -> Places:
        if not place:
            return np.array([self.timeline.reference.n])
        nodes = self.states[0][place - 1]
        return nodes.left[nodes.ends]

    def _total_met(self) -> BoolArray:
        first, second = (nodes.events[nodes.ends] for *_, nodes in self.states)
        if self.timeline.events is None:
            return np.ones((first.size, second.size), dtype=bool)
        return np.asarray(first[:, None] + second == self.timeline.events)


Spot = tuple[int, int, int]
Left = list[tuple[int, list[bool]]]


class _Along:
    """One arm leaves through a phase while the other waits."""

    def __init__(self, j: int, nodes: Nodes, other: Places) -> None:
        self.j, self.nodes, self.other = j, nodes, other

    def _turned(self, scores: FloatArray) -> FloatArray:
        """Put the states of the arm that waits first."""
        return scores if self.j == 1 else scores.transpose(0, 2, 1)

    def _gain(self, left: int, hazard_ratio: float) -> FloatArray:
        """Return what an event adds to the score, for every state of the other arm."""
        if self.j == 1:
            return np.asarray(self.other / (self.other + hazard_ratio * left))
        weight = hazard_ratio * self.other
        return np.asarray(-weight / (left + weight))

    def forward(self, scores: FloatArray, hazard_ratio: float) -> FloatArray:
        """Carry the best scores to the end of the phase."""
        best = self._all(self._turned(scores), hazard_ratio)[:, :, self.nodes.ends]
        return self._turned(best)

    def _all(self, scores: FloatArray, hazard_ratio: float) -> FloatArray:
        nodes = self.nodes
        best = np.full((2, self.other.size, nodes.left.size), NEVER)
        entered = nodes.entry >= 0
        best[:, :, entered] = scores[:, :, nodes.entry[entered]]
        for left in np.unique(nodes.left[nodes.left > 0])[::-1]:
            here = np.flatnonzero(nodes.left == left)
            event = here[nodes.by_event[here] >= 0]
            self._raise(
                best, nodes.by_event[event], self._after(best[:, :, event], left, hazard_ratio)
            )
            censored = here[nodes.by_censoring[here] >= 0]
            self._raise(best, nodes.by_censoring[censored], best[:, :, censored])
        return best

    def _after(self, scores: FloatArray, left: int, hazard_ratio: float) -> FloatArray:
        """Add an event, which says something if the other arm is at risk."""
        gain = self._gain(left, hazard_ratio)[:, None]
        says = (self.other > 0)[:, None]
        told = np.where(says, scores.max(axis=0) + gain, scores[1])
        return np.stack([np.where(says, NEVER, scores[0]), told])

    @staticmethod
    def _raise(best: FloatArray, places: Places, scores: FloatArray) -> None:
        best[:, :, places] = np.maximum(best[:, :, places], scores)

    def back(self, spot: Spot, before: FloatArray, hazard_ratio: float) -> tuple[Spot, Left]:
        """Go back from the end of the phase to its start, and say who left."""
        turned = self._turned(before)
        best = self._all(turned, hazard_ratio)
        told, row, node = spot[0], *((spot[1], spot[2]) if self.j == 1 else (spot[2], spot[1]))
        node = int(self.nodes.ends[node])
        flags: list[bool] = []
        while True:
            _, told, node, kind = max(self._origins(best, turned, (told, row, node), hazard_ratio))
            if kind < 0:
                break
            flags.append(bool(kind))
        place = (row, node) if self.j == 1 else (node, row)
        return (told, *place), [(self.j, flags[::-1])]

    def _origins(
        self, best: FloatArray, scores: FloatArray, spot: Spot, hazard_ratio: float
    ) -> Iterator[tuple[float, int, int, int]]:
        """Yield from where a node can have been reached: score, told, place and kind of step."""
        told, row, node = spot
        nodes = self.nodes
        if nodes.entry[node] >= 0:
            yield float(scores[told, row, nodes.entry[node]]), told, int(nodes.entry[node]), -1
        for parent in np.flatnonzero(nodes.by_censoring == node):
            yield float(best[told, row, parent]), told, int(parent), 0
        for parent in np.flatnonzero(nodes.by_event == node):
            gain = float(self._gain(int(nodes.left[parent]), hazard_ratio)[row])
            says = bool(self.other[row] > 0)
            for was in (0, 1):
                if was == told if not says else told == 1:
                    yield float(best[was, row, parent]) + gain, was, int(parent), 1


class _Tied:
    """Both arms have events at one instant."""

    def __init__(self, phase: Phase, own: tuple[Nodes, Nodes]) -> None:
        self.own = own
        self.after = tuple(
            list(_chains(nodes, phase.listed[j], more=phase.free[j])) for j, nodes in enumerate(own)
        )

    def forward(self, scores: FloatArray, hazard_ratio: float) -> FloatArray:
        """Carry the best scores over the instant."""
        best = np.full((2, self.own[0].ends.size, self.own[1].ends.size), NEVER)
        for _, _, ends, found in self._moves(scores, hazard_ratio):
            spots = np.ix_(EITHER, *ends)
            best[spots] = np.maximum(best[spots], found)
        return best

    def _moves(
        self, scores: FloatArray, hazard_ratio: float
    ) -> Iterator[tuple[tuple[int, int], tuple[Places, Places], tuple[Places, Places], FloatArray]]:
        """Yield, for all counts of events, where they start and end, and the scores they give."""
        for d0, from0, to0, left0 in self.after[0]:
            for d1, from1, to1, left1 in self.after[1]:
                here = scores[np.ix_(EITHER, from0, from1)]
                grid = (left0[:, None], left1[None, :])
                gain = tied_score(grid, (d0, d1), hazard_ratio)
                says = (grid[0] > 0) & (grid[1] > 0) & (d0 + d1 > 0)
                told = np.where(says, here.max(axis=0) + gain, here[1])
                found = np.stack([np.where(says, NEVER, here[0]), told])
                yield (d0, d1), (from0, from1), (to0, to1), found

    def back(self, spot: Spot, before: FloatArray, hazard_ratio: float) -> tuple[Spot, Left]:
        """Go back over the instant, and say who left."""
        origins = []
        for counts, starts, ends, found in self._moves(before, hazard_ratio):
            for row in np.flatnonzero(ends[0] == spot[1]):
                for column in np.flatnonzero(ends[1] == spot[2]):
                    place = (int(starts[0][row]), int(starts[1][column]))
                    origins.append((float(found[spot[0], row, column]), place, counts))
        _, place, counts = max(origins)
        left = (int(self._left(0, place[0])), int(self._left(1, place[1])))
        says = min(left) > 0 and sum(counts) > 0
        told = int(before[1, *place] >= before[0, *place]) if says else spot[0]
        return (told, *place), [(j, [True] * counts[j]) for j in range(2)]

    def _left(self, j: int, place: int) -> int:
        nodes = self.own[j]
        return int(nodes.left[np.flatnonzero(nodes.entry == place)[0]])


def _chains(
    nodes: Nodes, listed: int, *, more: bool
) -> Iterator[tuple[int, Places, Places, Places]]:
    """Yield, for every count of events, the entries that allow it, their ends and patients left."""
    end_of = np.full(nodes.left.size, -1)
    end_of[nodes.ends] = np.arange(nodes.ends.size)
    start = np.flatnonzero(nodes.entry >= 0)
    at = start.copy()
    count = 0
    while at.size:
        fits = end_of[at] >= 0
        if count == listed or (more and count > listed):
            yield count, nodes.entry[start[fits]], end_of[at[fits]], nodes.left[start[fits]]
        goes_on = nodes.by_event[at] >= 0
        start, at = start[goes_on], nodes.by_event[at[goes_on]]
        count += 1
