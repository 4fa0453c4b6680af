"""What one arm reports, as constraints on integer counts in order of time.

Every kind of reported number becomes a knot: a time at which the survival curve must lie inside an
interval, the number at risk may be known, and events may be known to have happened. Landmarks,
medians, at-risk tables, exact event times and follow-up then mix freely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..studies import Arm, CensorMarks, DigitisedCurve, Endpoint
from .curves.points import SEVERAL, drops_at_whole_times, recorded_unit
from .errors import ReconstructionRefused, refuse_without_patients, refuse_without_times
from .follow_up import end_together, is_closed, last_time
from .pseudo_ipd import FloatArray

__all__ = [
    "EDGE",
    "LONGER",
    "ArmConstraints",
    "Knot",
    "arm_constraints",
    "falling_bounds",
    "merged",
    "read_curve",
    "tightened",
]

EDGE = 1e-12  # both ends of a rounding interval belong to it, whatever the last bit says

# The median is the first time at which survival is at or below one half, so before it survival is
# strictly above.
ABOVE_HALF = 0.5 + 1e-9

NEAR_END = 0.98  # of a curve

# Room after the last reported time where events are reported but not how long the follow-up was.
LONGER = 1.25


class Knot(NamedTuple):
    """What must hold at one time.

    Attributes
    ----------
    time : float
        In the endpoint's time unit, positive.
    lower, upper : float
        Interval that the Kaplan-Meier estimate at `time`, events at `time` included, must lie in.
    at_risk : int or None
        Patients still followed just before `time`; None if not reported.
    events : int
        Events that are known to have happened exactly at `time`.
    aim : float or None
        Survival to aim at inside the interval: what was reported.
    printed : tuple of str
        The reported numbers that this knot carries.
    drop : bool
        True if a digitised curve falls here: at least one event happened exactly at `time`.
    sd : float or None
        Standard deviation of the error of `aim`; None if anything inside the interval is as likely.
    marks : tuple of int and (int or None), or None
        Fewest and most patients censored exactly at `time` (None: any number); None if no mark is
        seen here.
    """

    time: float
    lower: float = 0.0
    upper: float = 1.0
    at_risk: int | None = None
    events: int = 0
    aim: float | None = None
    sd: float | None = None
    printed: tuple[str, ...] = ()
    drop: bool = False
    marks: tuple[int, int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class ArmConstraints:
    """Everything that the patients of one arm have to satisfy.

    Attributes
    ----------
    name : str
        The arm.
    n : int
        Patients.
    knots : tuple of Knot
        In order of time; none later than `last_time`.
    median : tuple of float, or None
        Closed interval in which the curve first reaches one half; None if not reported or not
        reached.
    median_not_reached : bool
        True if the paper reports that the curve never reaches one half.
    events : int or None
        Events in total, exactly; None if not reported.
    all_events_listed : bool
        True if every event is one of the knots' `events`.
    first_time : float or None
        Shortest follow-up, if reported.
    last_time : float
        When the last patient leaves.
    last_time_source : str
        Where `last_time` comes from: "printed", "dates", "curve", "events", "plausible" or "last
        reported time".
    closed : bool
        True if nobody is followed beyond the last time, or if events beyond it would be part of a
        total that other arms without a curve share.
    ends_with_others : bool
        True if the curves of all arms end at one time, as where an axis does.
    along_curve : bool
        True if the knots are those of a digitised curve.
    drops_only : bool
        True if the curve's points are its drops, so that no event lies between two knots.
    all_marked : bool
        True if every censoring before the end is at one of the knots' marks.
    recorded_unit : float or None
        Whole units in which all times were recorded, if a curve that was sampled shows that.
    """

    name: str
    n: int
    knots: tuple[Knot, ...]
    median: tuple[float, float] | None
    median_not_reached: bool
    events: int | None
    all_events_listed: bool
    first_time: float | None
    last_time: float
    last_time_source: str
    closed: bool = False
    ends_with_others: bool = False
    along_curve: bool = False
    drops_only: bool = False
    all_marked: bool = False
    recorded_unit: float | None = None

    @property
    def exact_drops(self) -> bool:
        """Whether the knots are every drop of a curve, to within the rounding of its heights."""
        return self.drops_only and all(knot.sd is None for knot in self.knots)

    @property
    def may_go_on(self) -> bool:
        """Whether patients may have been followed beyond the arm's curve.

        Nothing that is reported ends their follow-up; where events are, its figure seems cut, too.
        """
        if self.closed or not self.along_curve or self.last_time_source != "curve":
            return False
        left = self.left_at_end
        several = self.ends_with_others if left is None else left >= SEVERAL
        return self.events is None or (self.events > 0 and several)

    @property
    def left_at_end(self) -> int | None:
        """The last number at risk, if it is of the end of follow-up."""
        last = [knot.at_risk for knot in self.knots if knot.time >= NEAR_END * self.last_time]
        return max((count for count in last if count is not None), default=None)

    @property
    def knots_to_end(self) -> tuple[Knot, ...]:
        """The knots, with one at the end for a median that is not reached by then."""
        if not self.median_not_reached:
            return self.knots
        never = Knot(time=self.last_time, lower=ABOVE_HALF, printed=("median not reached",))
        return merged(iter([*self.knots, never]))

    def followed_to(self, end: float) -> ArmConstraints:
        """Return the same arm with a longest follow-up that the reported events call for."""
        return replace(self, last_time=end, last_time_source="events")

    def ending_at(self, end: float) -> ArmConstraints:
        """Return the same arm with the middle of what is plausible as its longest follow-up."""
        return replace(self, last_time=end, last_time_source="plausible")


def arm_constraints(endpoint: Endpoint, name: str) -> ArmConstraints:
    """Gather the constraints of one arm.

    Raises
    ------
    ReconstructionRefused
        If the arm reports no n, or nothing about when its events happened.
    """
    arm = endpoint.arms[name]
    n = _patients(endpoint, name)
    end, source = _end(endpoint, name)
    listed = bool(arm.event_times) and arm.events in (None, len(arm.event_times))
    if arm.events and not listed and source == "last printed time":
        end, source = end * LONGER, "events"
    curve = read_curve(endpoint, name)
    window = _median_window(arm, end)
    shortest = _shortest_follow_up(arm)
    return ArmConstraints(
        name=name,
        n=n,
        knots=_with_median(merged(_knots(arm, curve, end)), arm, window),
        median=window,
        median_not_reached=arm.median is not None and not arm.median.reached,
        events=len(arm.event_times) if listed else arm.events,
        all_events_listed=listed or arm.events == 0,
        first_time=shortest,
        last_time=end,
        last_time_source=source,
        closed=is_closed(endpoint, arm, end),
        ends_with_others=end_together(endpoint),
        along_curve=curve is not None,
        drops_only=curve is not None and curve.kind == "steps",
        all_marked=curve is not None and arm.censor_marks is not None,
        recorded_unit=None if curve is None else _recorded_unit(endpoint),
    )


def _patients(endpoint: Endpoint, name: str) -> int:
    """Return how many patients an arm has, if it reports when their events happened, too."""
    arm = endpoint.arms[name]
    refuse_without_patients(endpoint, name, "there is nobody to reconstruct")
    refuse_without_times(endpoint, name)
    assert arm.n is not None  # noqa: S101 - refused above
    return arm.n


def _end(endpoint: Endpoint, name: str) -> tuple[float, str]:
    """Return when an arm's follow-up ends, and what says so."""
    end, source = last_time(endpoint, endpoint.arms[name])
    if end <= 0:
        raise ReconstructionRefused(
            f"arm {name} reports no time at all, so its patients cannot be placed; "
            "a landmark, a median or `follow_up.max` would do",
            endpoint_key=endpoint.key,
        )
    return end, source


def falling_bounds(knots: Sequence[Knot]) -> tuple[FloatArray, FloatArray]:
    """Bound survival at every knot, below and above, shape (k,) each, as it never rises."""
    lower = np.array([knot.lower for knot in knots])
    upper = np.array([knot.upper for knot in knots])
    return np.maximum.accumulate(lower[::-1])[::-1], np.minimum.accumulate(upper)


def tightened(knots: Sequence[Knot]) -> tuple[Knot, ...]:
    """Bound survival at every knot by what is reported before and after, since it never rises."""
    lower, upper = falling_bounds(knots)
    return tuple(
        knot if knot.lower == low and knot.upper == high else knot._replace(lower=low, upper=high)
        for knot, low, high in zip(knots, lower.tolist(), upper.tolist(), strict=True)
    )


def read_curve(endpoint: Endpoint, name: str) -> DigitisedCurve | None:
    """Return an arm's curve as its patients are placed along it.

    A curve that was sampled more finely than times were recorded is one of drops.
    """
    arm = endpoint.arms[name]
    if arm.curve is None or arm.n is None:
        return arm.curve
    return drops_at_whole_times(arm.curve, arm.n, _recorded_unit(endpoint)) or arm.curve


def _recorded_unit(endpoint: Endpoint) -> float | None:
    curves = (arm.curve for arm in endpoint.arms.values())
    return recorded_unit(tuple(curve for curve in curves if curve is not None))


def _shortest_follow_up(arm: Arm) -> float | None:
    if arm.follow_up is None:
        return None
    shortest = arm.follow_up.min or (arm.follow_up.range[0] if arm.follow_up.range else None)
    return shortest.value if shortest is not None and shortest.value > 0 else None


def _knots(arm: Arm, curve: DigitisedCurve | None, end: float) -> Iterator[Knot]:
    for time, landmark in arm.landmarks.items():
        printed = landmark.survival
        lower, upper = max(printed.lower, 0.0), min(printed.upper, 1.0)
        yield Knot(
            time=min(time, end),  # after the last follow-up the curve stays where it was
            lower=lower,
            upper=upper,
            aim=min(max(printed.value, lower), upper),
            printed=(f"survival {printed} at {time:g}",),
        )
    for time, count in arm.at_risk.items():
        if time <= end:
            yield Knot(time=time, at_risk=count, printed=(f"{count} at risk at {time:g}",))
    for time in arm.event_times:
        yield Knot(time=time, events=1, printed=(f"an event at {time:g}",))
    if curve is not None:
        yield from _curve_knots(arm, curve, end)
    if arm.censor_marks is not None:
        yield from _mark_knots(arm.censor_marks, end)


def _curve_knots(arm: Arm, curve: DigitisedCurve, end: float) -> Iterator[Knot]:
    before = 1.0
    sds = curve.sds or (None,) * len(curve.time)
    points = zip(curve.time, curve.survival, curve.is_drop, curve.widths, sds, strict=True)
    for time, height, drop, width, sd in points:
        if time <= end:
            yield Knot(
                time=time,
                lower=max(height - width, 0.0),
                upper=min(height + width, 1.0),
                aim=height,
                sd=sd,
                printed=(f"the curve at {time:g}",),
                drop=drop and (height < before or _may_hide_a_drop(arm, curve, time, height)),
            )
        before = height


def _may_hide_a_drop(arm: Arm, curve: DigitisedCurve, time: float, height: float) -> bool:
    """Say whether the curve may fall at a point that is no lower than the one before.

    It may where one event takes survival down by less than heights are rounded to; but a height
    that was read at the time of an at-risk row is no drop.
    """
    smallest = height / (arm.n or 1)
    return smallest <= 2 * curve.tolerance and time not in arm.at_risk


def _mark_knots(marks: CensorMarks, end: float) -> Iterator[Knot]:
    for place, time in enumerate(marks.time):
        count = None if marks.count is None else int(marks.count[place])
        if time <= end:
            yield Knot(
                time=float(time),
                printed=(f"a censoring mark at {time:g}",),
                marks=(1 if count is None else count, count),
            )


def _median_window(arm: Arm, end: float) -> tuple[float, float] | None:
    """Return the median's rounding interval, cut at the end since nobody is followed beyond it."""
    median = arm.median
    if median is None or not median.reached:
        return None
    return max(median.lower, 0.0), max(min(median.upper, end), max(median.lower, 0.0))


def _with_median(
    knots: tuple[Knot, ...], arm: Arm, window: tuple[float, float] | None
) -> tuple[Knot, ...]:
    """Say on which side of one half survival must be at each knot.

    Between two knots the event at which the curve crosses one half is moved into the median's
    rounding interval once patients are placed, so only a curve that nothing reported brings below
    one half needs a knot of its own.
    """
    if window is None:
        return knots
    label = f"median {arm.median}"
    sided = [_on_side(knot, window, label) for knot in knots]
    if not any(k.time >= window[1] and k.aim is not None for k in sided):
        sided.append(Knot(time=window[1], upper=0.5, printed=(label,)))
    return merged(iter(sided))


def _on_side(knot: Knot, window: tuple[float, float], label: str) -> Knot:
    if knot.time <= window[0] and knot.lower <= 0.5:
        return knot._replace(lower=ABOVE_HALF, printed=(*knot.printed, label))
    if knot.time >= window[1] and knot.upper > 0.5:
        return knot._replace(upper=0.5, printed=(*knot.printed, label))
    return knot


def merged(knots: Iterator[Knot]) -> tuple[Knot, ...]:
    """Make one knot of those at the same time; time 0 says nothing about survival."""
    by_time: dict[float, Knot] = {}
    for knot in knots:
        known = by_time.get(knot.time)
        by_time[knot.time] = knot if known is None else _both(known, knot)
    return tuple(by_time[time] for time in sorted(by_time) if time > 0)


def _both(one: Knot, other: Knot) -> Knot:
    return one._replace(
        lower=max(one.lower, other.lower),
        upper=min(one.upper, other.upper),
        at_risk=other.at_risk if one.at_risk is None else one.at_risk,
        events=one.events + other.events,
        aim=other.aim if one.aim is None else one.aim,
        sd=other.sd if one.aim is None else one.sd,
        printed=one.printed + other.printed,
        drop=one.drop or other.drop,
        marks=one.marks or other.marks,
    )
