"""The phases into which reported times cut the course of two arms.

To make the hazard ratio of the treatment arm as large as data sets with the reported values allow,
events of both arms should come while many of the reference arm and few of the treatment arm are at
risk. Between two stops, where nothing ties the arms to each other, the treatment arm therefore
leaves first and the reference arm after it; ties between the arms do not help (see the notes of
`attainable_hazard_ratio`). What is left is to say where patients can leave exactly at a stop.

Reported values that concern several phases at once are `Demands`, with multipliers for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray, IntArray
from .timeline import ArmTimeline, Timeline

__all__ = ["Demands", "NoDataSet", "Phase", "demands_of", "leaving", "phases_of"]

Range = tuple[int, int]
Bounds = tuple[float, float]


class NoDataSet(Exception):  # noqa: N818 - an outcome, turned into an error of its own where it shows
    """No data set is consistent with the reported values of both arms."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One stretch of time, or one instant, in which patients leave.

    Every pair belongs to the reference arm and the treatment arm.

    Attributes
    ----------
    stop : int
        The stop before which, or at which, it lies.
    instant : bool
        True for the stop itself: only events are placed there, since patients who are censored
        then may as well be censored just after it.
    moves : tuple of bool
        Whether an arm can do better by leaving in this phase than in its neighbours.
    listed : tuple of int
        Events that are reported to happen in it.
    free : tuple of bool
        Whether events other than the listed ones can happen.
    at_risk : tuple of tuple of int
        Fewest and most patients of each arm who are left after it.
    leaving : tuple of tuple of float
        Least and most that -ln S of each arm has risen to after it.
    """

    stop: int
    instant: bool
    moves: tuple[bool, bool]
    listed: tuple[int, int]
    free: tuple[bool, bool]
    at_risk: tuple[Range, Range]
    leaving: tuple[Bounds, Bounds]


def leaving(survival: Bounds, n: int) -> Bounds:
    """Turn bounds on survival into bounds on -ln S.

    Survival of n patients that is not 0 is at least 1/n, so that "nobody survives" can be written
    as any value above ln n; ln n + 1 is taken.
    """
    low, high = survival
    nobody = math.log(n) + 1.0
    least = nobody if high <= 0 else min(-math.log(high), nobody)
    return max(least, 0.0), math.inf if low <= 0 else -math.log(low)


def phases_of(timeline: Timeline) -> tuple[Phase, ...]:
    """Cut the time axis into the phases in which patients leave.

    Raises
    ------
    NoDataSet
        If the numbers at risk or survival cannot be matched one after the other.
    """
    drafts = [draft for stop in range(timeline.time.size) for draft in _at_stop(timeline, stop)]
    at_risk = [_tightened(arm, j, drafts) for j, arm in enumerate(timeline.arms)]
    return tuple(
        Phase(
            stop=draft.stop,
            instant=draft.instant,
            moves=draft.moves,
            listed=draft.listed,
            free=(not timeline.reference.only_listed, not timeline.treatment.only_listed),
            at_risk=(at_risk[0][place], at_risk[1][place]),
            leaving=(
                leaving(draft.survival[0], timeline.reference.n),
                leaving(draft.survival[1], timeline.treatment.n),
            ),
        )
        for place, draft in enumerate(drafts)
    )


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A phase whose bounds do not know of each other yet."""

    stop: int
    instant: bool
    moves: tuple[bool, bool]
    listed: tuple[int, int]
    at_risk: tuple[Range, Range]
    survival: tuple[Bounds, Bounds]


def _at_stop(timeline: Timeline, stop: int) -> list[_Draft]:
    """Return the phase before a stop and, where events at the very stop can matter, the stop.

    Notes
    -----
    Events of an arm exactly at a stop can as well come just before it unless something is reported
    about the arm just before it, and just after it unless something is reported that counts them.
    Where it can, the treatment arm takes the earlier and the reference arm the later. Where the
    treatment arm cannot leave before the stop, and the reference arm not after it, both may be best
    at the very stop.
    """
    arms = timeline.arms
    demands_before = [_demands_before(arm, stop) for arm in arms]
    demands_after = [_demands_after(arm, stop) for arm in arms]
    own = [
        bool(arm.listed[stop]) or (demands_before[j] and demands_after[j])
        for j, arm in enumerate(arms)
    ]
    moves = (
        own[0] or (demands_after[0] and (own[1] or demands_before[1])),
        own[1] or (demands_before[1] and (own[0] or demands_after[0])),
    )
    last = stop == timeline.time.size - 1
    counted = [
        _bounds(arm.before[stop] if moves[j] or demands_before[j] else arm.after[stop])
        for j, arm in enumerate(arms)
    ]
    before = _Draft(
        stop=stop,
        instant=False,
        moves=(True, True),
        listed=(0, 0),
        at_risk=(_range(arms[0].at_risk[stop]), _range(arms[1].at_risk[stop])),
        survival=(counted[0], counted[1]),
    )
    if last or not any(moves):
        return [before]
    at = _Draft(
        stop=stop,
        instant=True,
        moves=moves,
        listed=(int(arms[0].listed[stop]), int(arms[1].listed[stop])),
        at_risk=(_after(arms[0], stop), _after(arms[1], stop)),
        survival=(_bounds(arms[0].after[stop]), _bounds(arms[1].after[stop])),
    )
    return [before, at]


def _bounds(pair: FloatArray) -> Bounds:
    return float(pair[0]), float(pair[1])


def _range(pair: IntArray) -> Range:
    return int(pair[0]), int(pair[1])


def _after(arm: ArmTimeline, stop: int) -> Range:
    return int(arm.at_risk[stop + 1, 0]), int(arm.at_risk[stop, 1])


def _demands_before(arm: ArmTimeline, stop: int) -> bool:
    """Say whether something is reported about an arm just before a stop."""
    most, highest = (arm.n, 1.0) if not stop else (arm.at_risk[stop - 1, 1], arm.after[stop - 1, 1])
    fewest = 0 if stop == len(arm.at_risk) - 1 else arm.at_risk[stop + 1, 0]
    return bool(
        arm.at_risk[stop, 0] > fewest
        or arm.at_risk[stop, 1] < most
        or arm.before[stop, 0] > arm.after[stop, 0]
        or arm.before[stop, 1] < highest
    )


def _demands_after(arm: ArmTimeline, stop: int) -> bool:
    """Say whether something is reported about an arm with the events at a stop."""
    lowest = 0.0 if stop == len(arm.before) - 1 else arm.before[stop + 1, 0]
    return bool(arm.after[stop, 0] > lowest or arm.after[stop, 1] < arm.before[stop, 1])


def _tightened(arm: ArmTimeline, j: int, drafts: list[_Draft]) -> list[Range]:
    """Bound the patients left after every phase by what is reported before and after.

    Notes
    -----
    r patients of whom some are censored and the others have the event one by one leave at most
    r S' patients when survival falls to S' of what it was. At most n (1 - S) events have happened
    when survival is S, so that the other reported events are still to come.
    """
    most, lowest, ranges = arm.n, 1.0, []
    for draft in drafts:
        (fewest, most_here), (low, high) = draft.at_risk[j], draft.survival[j]
        share = min(1.0, high / lowest) if lowest > 0 else 1.0
        most = min(most, most_here, math.floor(most * share + 1e-6))
        if arm.events is not None:
            fewest = max(fewest, arm.events - math.floor(arm.n * (1.0 - low) + 1e-6))
        ranges.append((fewest, most))
        lowest = low
    needed = 0
    for place in range(len(ranges) - 1, -1, -1):
        needed = max(needed, ranges[place][0])
        ranges[place] = (needed, ranges[place][1])
        if needed > ranges[place][1]:
            raise NoDataSet(arm.name)
    return ranges


@dataclass(frozen=True, kw_only=True)
class _Demand:
    """Bounds on -ln S of an arm after a phase, or on the events of arms (phase None)."""

    arms: tuple[int, ...]
    phase: int | None
    low: float
    high: float
    unit: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Demands:
    """What a data set has to satisfy beyond what every single phase asks for.

    Attributes
    ----------
    each : tuple
        The demands.
    low, high : ndarray of float, shape (d,)
        Bounds on the quantities that they are about; infinite where there is none.
    unit : ndarray of float, shape (d,)
        The size of multipliers that matter.
    """

    each: tuple[_Demand, ...]
    low: FloatArray
    high: FloatArray
    unit: FloatArray

    def prices(self, multipliers: FloatArray, n_phases: int) -> FloatArray:
        """Return what a rise of -ln S costs, by arm and phase; last what an event costs.

        Parameters
        ----------
        multipliers : ndarray of float, shape (d,)
            Of the demands.
        n_phases : int

        Returns
        -------
        ndarray of float, shape (2, n_phases + 1)
        """
        prices = np.zeros((2, n_phases + 1))
        for multiplier, demand in zip(multipliers, self.each, strict=True):
            for arm in demand.arms:
                if demand.phase is None:
                    prices[arm, -1] += multiplier
                else:
                    prices[arm, : demand.phase + 1] += multiplier
        return prices

    def rewarded(self, multipliers: FloatArray) -> float:
        """Return the most that data sets that satisfy the demands can cost.

        Parameters
        ----------
        multipliers : ndarray of float, shape (d,)
            Of the demands.
        """
        bounds = np.where(multipliers > 0, self.high, self.low)
        with np.errstate(invalid="ignore"):
            cost = multipliers * bounds
        return float(np.where(multipliers == 0, 0.0, cost).sum())

    def measured(self, events: FloatArray) -> FloatArray:
        """Return the quantities of a course; `events` as in `Course.events`.

        Parameters
        ----------
        events : ndarray of float, shape (6, k)
            A column each.

        Returns
        -------
        ndarray of float, shape (d,)
        """
        arm, phase, _, _, rise, count = events
        return np.array(
            [
                count[np.isin(arm, demand.arms)].sum()
                if demand.phase is None
                else rise[(arm == demand.arms[0]) & (phase <= demand.phase)].sum()
                for demand in self.each
            ]
        )


def demands_of(timeline: Timeline, phases: Sequence[Phase]) -> Demands:
    """Gather the bounds on survival, where neighbours do not imply them, and on events."""
    each = (*_on_survival(timeline, phases), *_on_events(timeline))
    return Demands(
        each=each,
        low=np.array([demand.low for demand in each]),
        high=np.array([demand.high for demand in each]),
        unit=np.array([demand.unit for demand in each]),
    )


def _on_survival(timeline: Timeline, phases: Sequence[Phase]) -> Iterator[_Demand]:
    for j, arm in enumerate(timeline.arms):
        lows = [0.0, *(phase.leaving[j][0] for phase in phases)]
        highs = [*(phase.leaving[j][1] for phase in phases), math.inf]
        for place in range(len(phases)):
            low = lows[place + 1] if lows[place + 1] > lows[place] else -math.inf
            high = highs[place] if highs[place] < highs[place + 1] else math.inf
            if math.isfinite(low) or math.isfinite(high):
                yield _Demand(arms=(j,), phase=place, low=low, high=high, unit=arm.n / 2)


def _on_events(timeline: Timeline) -> Iterator[_Demand]:
    counted = [arm.events is not None for arm in timeline.arms]
    for j, arm in enumerate(timeline.arms):
        if arm.events is not None and not arm.only_listed:
            yield _Demand(arms=(j,), phase=None, low=arm.events, high=arm.events, unit=1.0)
    if timeline.events is not None and not all(counted):
        total = timeline.events
        yield _Demand(arms=(0, 1), phase=None, low=total, high=total, unit=1.0)
