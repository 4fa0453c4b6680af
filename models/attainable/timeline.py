"""What both arms of a comparison report, in order of time.

Reported times cut the time axis into stops. Between two stops nothing reported says how the
patients of the arms follow each other; at a stop the numbers at risk, survival just before and
survival just after it may be known. All that a data set has to satisfy is then a property of the
order in which patients leave.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...reconstruct.errors import ReconstructionRefused, refuse_without_patients
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD
from ...studies import Arm, Endpoint, PrintedNumber

__all__ = ["ArmTimeline", "Median", "Rounding", "Timeline", "is_consistent", "timeline_of"]


# Reported values forgive one part in 10^9 of float arithmetic, at each end of their intervals.
FORGIVEN = 1e-9
ABOVE_HALF = 0.5 + 1e-11  # products of factors that make one half miss it by their last bits only
AT_MOST_HALF = 0.5 + 1e-9
AT_LEAST_HALF = 0.5 - 1e-9

Rounding = Literal["rounded", "either"]
Median = Literal["first", "either"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmTimeline:
    """What one arm has to satisfy; the entries of the arrays belong to the stops.

    Attributes
    ----------
    name : str
        The arm.
    n : int
        Patients.
    at_risk : ndarray of int, shape (k, 2)
        Fewest and most patients followed just before each stop.
    listed : ndarray of int, shape (k,)
        Events that are reported to have happened exactly then.
    before, after : ndarray of float, shape (k, 2)
        Lowest and highest survival just before each stop, and with the events at it.
    events : int or None
        Events in total; None if not reported.
    only_listed : bool
        True if there are no other events than the listed ones.
    """

    name: str
    n: int
    at_risk: IntArray
    listed: IntArray
    before: FloatArray
    after: FloatArray
    events: int | None
    only_listed: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Timeline:
    """What two arms report, in order of time.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        The stops, increasing; the last is infinite, and nobody is followed to it.
    reference, treatment : ArmTimeline
        The arms.
    events : int or None
        Events in total of both arms; None if not reported.
    """

    time: FloatArray
    reference: ArmTimeline
    treatment: ArmTimeline
    events: int | None

    @property
    def arms(self) -> tuple[ArmTimeline, ArmTimeline]:
        """The reference and the treatment arm."""
        return self.reference, self.treatment

    def swapped(self) -> Timeline:
        """Return the same with the arms exchanged, whose hazard ratios are the inverse ones."""
        return Timeline(
            time=self.time,
            reference=self.treatment,
            treatment=self.reference,
            events=self.events,
        )


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """One reported value as a demand at one time."""

    time: float
    at_risk: tuple[float, float] = (0, math.inf)
    listed: int = 0
    before: tuple[float, float] = (0.0, 1.0)
    after: tuple[float, float] = (0.0, 1.0)


def timeline_of(
    endpoint: Endpoint, *, rounding: Rounding = "rounded", median: Median = "first"
) -> Timeline:
    """Put what the two arms of an endpoint report in order of time.

    Parameters
    ----------
    endpoint : Endpoint
    rounding : {"rounded", "either"}
        Whether percentages are rounded, or may as well have been truncated.
    median : {"first", "either"}
        Whether a median is the first time at which survival is at most 0.5, or may as well be the
        middle of the interval in which survival is exactly 0.5, as R has it.

    Raises
    ------
    ReconstructionRefused
        If there are not two arms, or one reports no number of patients.
    """
    names = _names(endpoint)
    facts = {
        name: list(_facts(endpoint.arms[name], rounding=rounding, median=median)) for name in names
    }
    times = sorted({fact.time for own in facts.values() for fact in own if fact.time > 0})
    time = np.array([*times, math.inf] if math.inf not in times else times)
    reference, treatment = (_on(time, endpoint.arms[name], name, facts[name]) for name in names)
    total = None if endpoint.reported is None else endpoint.reported.events
    return Timeline(time=time, reference=reference, treatment=treatment, events=total)


def _names(endpoint: Endpoint) -> tuple[str, str]:
    names = list(endpoint.arms)
    if len(names) != 2:
        raise ReconstructionRefused(
            f"a hazard ratio compares two arms, but {endpoint.key} has {len(names)}",
            endpoint_key=endpoint.key,
        )
    for name in names:
        refuse_without_patients(endpoint, name, "the data sets that it can have are without bound")
    first, second = names
    return (second, first) if endpoint.reference == second else (first, second)


def _interval(printed: PrintedNumber) -> tuple[float, float]:
    """Return the rounding interval, with what `PrintedNumber.contains` forgives at both ends."""
    ends = [abs(end) for end in (printed.lower, printed.upper) if math.isfinite(end)]
    slack = FORGIVEN * max(ends, default=0.0)
    return printed.lower - slack, printed.upper + slack


def _truncated(survival: PrintedNumber) -> tuple[float, float]:
    """Return the interval of a percentage that is rounded or truncated."""
    lower, upper = _interval(survival)
    if survival.relation not in ("=", "~"):
        return lower, upper
    return lower, min(upper + survival.upper - survival.value, 1.0)


def _facts(arm: Arm, *, rounding: Rounding, median: Median) -> Iterator[_Fact]:
    for time, landmark in arm.landmarks.items():
        bounds = _interval if rounding == "rounded" else _truncated
        yield _Fact(time=time, after=bounds(landmark.survival))
    for time, count in arm.at_risk.items():
        yield _Fact(time=time, at_risk=(count, count))
    for time in arm.event_times:
        yield _Fact(time=time, listed=1)
    yield from _median_facts(arm.median, before=ABOVE_HALF if median == "first" else AT_LEAST_HALF)
    yield from _follow_up_facts(arm)


def _median_facts(median: PrintedNumber | None, *, before: float) -> Iterator[_Fact]:
    if median is None:
        return
    if not median.reached:
        yield _Fact(time=math.inf, after=(ABOVE_HALF, 1.0))
        return
    lower, upper = _interval(median)
    yield _Fact(time=lower, before=(before, 1.0))
    if upper < math.inf:
        yield _Fact(time=upper, after=(0.0, AT_MOST_HALF))


def _follow_up_facts(arm: Arm) -> Iterator[_Fact]:
    """Say that somebody is followed to the longest follow-up, and nobody for longer."""
    follow_up = arm.follow_up
    if follow_up is None:
        return
    longest = follow_up.longest
    if longest is None or not longest.reached:
        return
    lower, upper = _interval(longest)
    yield _Fact(time=lower, at_risk=(1, math.inf))
    # a whisker later, so that those who leave at the very end leave before this stop
    yield _Fact(time=np.nextafter(upper, math.inf), at_risk=(0, 0))


def _on(time: FloatArray, arm: Arm, name: str, facts: list[_Fact]) -> ArmTimeline:
    n = arm.n or 0
    size = time.size
    at_risk = np.tile(np.array([0, n], dtype=np.int64), (size, 1))
    at_risk[-1] = 0
    listed = np.zeros(size, dtype=np.int64)
    before, after = (np.tile([0.0, 1.0], (size, 1)) for _ in range(2))
    for fact in facts:
        if fact.time <= 0:
            continue
        place = int(np.searchsorted(time, fact.time))
        listed[place] += fact.listed
        for demands, (low, high) in (
            (at_risk, fact.at_risk),
            (before, fact.before),
            (after, fact.after),
        ):
            demands[place, 0] = max(demands[place, 0], low)
            demands[place, 1] = min(demands[place, 1], high)
    _tighten_survival(before, after)
    complete = bool(arm.event_times) and arm.events in (None, len(arm.event_times))
    return ArmTimeline(
        name=name,
        n=n,
        at_risk=_monotone(at_risk),
        listed=listed,
        before=before,
        after=after,
        events=len(arm.event_times) if complete else arm.events,
        only_listed=complete or arm.events == 0,
    )


def _monotone(at_risk: IntArray) -> IntArray:
    """Numbers at risk never rise."""
    low = np.maximum.accumulate(at_risk[::-1, 0])[::-1]
    return np.column_stack([low, np.minimum.accumulate(at_risk[:, 1])])


def _tighten_survival(before: FloatArray, after: FloatArray) -> None:
    """Survival never rises, so that each bound holds at later, or at earlier, stops too."""
    low = np.stack([before[:, 0], after[:, 0]], axis=1).ravel()
    high = np.stack([before[:, 1], after[:, 1]], axis=1).ravel()
    lowest = np.maximum.accumulate(low[::-1])[::-1].reshape(-1, 2)
    highest = np.minimum.accumulate(high).reshape(-1, 2)
    before[:] = np.column_stack([lowest[:, 0], highest[:, 0]])
    after[:] = np.column_stack([lowest[:, 1], highest[:, 1]])


def is_consistent(timeline: Timeline, ipd: PseudoIPD) -> bool:
    """Say whether patients match everything that is reported, from their times alone."""
    events = 0
    for arm in timeline.arms:
        time, event = ipd.of(arm.name)
        events += int(event.sum())
        if not _arm_meets(timeline.time, arm, time, event):
            return False
    return timeline.events is None or events == timeline.events


def _arm_meets(stops: FloatArray, arm: ArmTimeline, time: FloatArray, event: BoolArray) -> bool:
    if time.size != arm.n or (arm.events is not None and event.sum() != arm.events):
        return False
    at_risk = np.array([(time >= stop).sum() for stop in stops])
    happened = np.array([(event & (time == stop)).sum() for stop in stops])
    if arm.only_listed and int(event.sum()) != int(arm.listed.sum()):
        return False
    if (happened < arm.listed).any():
        return False
    before, after = _survival(time, event, stops)
    return all(
        bool(((low <= values) & (values <= high)).all())
        for values, (low, high) in (
            (at_risk, arm.at_risk.T),
            (before, _forgiving(arm.before).T),
            (after, _forgiving(arm.after).T),
        )
    )


def _forgiving(bounds: FloatArray) -> FloatArray:
    """Allow for the last bits of a product, without touching either side of one half."""
    return np.asarray(bounds + np.array([-1e-13, 1e-13]))


def _survival(
    time: FloatArray, event: BoolArray, stops: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Kaplan-Meier estimates just before and at each stop."""
    moments, counts = np.unique(time[event], return_counts=True)
    followed = np.array([(time >= moment).sum() for moment in moments])
    curve = np.concatenate([[1.0], np.cumprod(1.0 - counts / np.maximum(followed, 1))])
    return (
        curve[np.searchsorted(moments, stops, side="left")],
        curve[np.searchsorted(moments, stops, side="right")],
    )
