"""What is reported by cause: intervals of incidence, contradictions, and event-free survival.

Event-free survival is what all causes of an endpoint together leave.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...presentation.formats import count, with_unit
from ...studies import Arm, Cause, DigitisedCurve, Endpoint, Landmark, PrintedNumber
from ..errors import refuse_contradicting, refuse_silent_causes
from ..pseudo_ipd import FloatArray

__all__ = [
    "CauseBounds",
    "cause_bounds",
    "event_free",
    "may_exchange",
    "refuse_cause_contradictions",
]

_ROUNDING = 1e-9  # of sums
_FALL = 1e-12  # of a curve, at least
_DIGITS = 12  # of survival

Found = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class CauseBounds:
    """Intervals of the cumulative incidence of every cause of an arm.

    Attributes
    ----------
    causes : tuple of str, length c
    time : ndarray of float, shape (k,)
        Every time at which a cause's incidence is reported or read, increasing.
    lower, upper : ndarray of float, shape (c, k)
        What is reported at the time; where a cause is not, what its neighbours in time leave.
    value : ndarray of float, shape (c, k)
        What to aim at: as reported, and on straight lines between reported times.
    stated : ndarray of bool, shape (c, k)
        Where the interval is that of a reported number.
    reach : ndarray of float, shape (c,)
        The last time at which each cause's incidence is reported; 0 for never.
    events : tuple of (int or None), length c
        Events of each cause, where they are known.
    """

    causes: tuple[str, ...]
    time: FloatArray
    lower: FloatArray
    upper: FloatArray
    value: FloatArray
    stated: np.ndarray
    reach: FloatArray
    events: tuple[int | None, ...]


def cause_bounds(arm: Arm) -> CauseBounds:
    """Gather what an arm reports of its causes.

    Parameters
    ----------
    arm : Arm
        One with causes.
    """
    points = {name: dict(_points(cause)) for name, cause in arm.causes.items()}
    time = np.array(sorted({when for own in points.values() for when in own}), dtype=float)
    rows = [_row(own, time) for own in points.values()]
    events = _known_events(arm)
    value = np.array([row[2] for row in rows])
    reach = np.array([max(own, default=0.0) for own in points.values()])
    return CauseBounds(
        causes=tuple(arm.causes),
        time=time,
        lower=np.array([row[0] for row in rows]),
        upper=np.array([row[1] for row in rows]),
        value=_with_silent(value, reach, events),
        stated=np.array([row[3] for row in rows]),
        reach=reach,
        events=events,
    )


def _known_events(arm: Arm) -> tuple[int | None, ...]:
    """Return the events of every cause; what is left of the total is those of the only other."""
    events = [cause.events for cause in arm.causes.values()]
    if arm.events is not None and events.count(None) == 1:
        rest = arm.events - sum(own for own in events if own is not None)
        events[events.index(None)] = max(rest, 0)
    return tuple(events)


def _points(cause: Cause) -> Iterator[tuple[float, tuple[float, float, float]]]:
    """Yield the times of a cause with the lower end, the upper end and the middle."""
    if (curve := cause.curve) is not None:
        for when, height, width in zip(curve.time, curve.survival, curve.widths, strict=True):
            share = 1.0 - height
            yield when, (max(share - width, 0.0), min(share + width, 1.0), share)
    for when, mark in cause.landmarks.items():
        printed = mark.incidence
        lower, upper = max(printed.lower, 0.0), min(printed.upper, 1.0)
        yield when, (lower, upper, min(max(printed.value, lower), upper))


def _row(
    points: Mapping[float, tuple[float, float, float]], time: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, np.ndarray]:
    """Return lower and upper ends, values to aim at, and what is stated, at all times."""
    known = np.array(sorted(points), dtype=float)
    stated = np.isin(time, known)
    lower, upper = np.zeros(time.size), np.ones(time.size)
    read = np.array([points[when] for when in known]).reshape(-1, 3)
    lower[stated], upper[stated], values = read.T
    value = np.interp(time, [0.0, *known], [0.0, *values])
    bounds = np.maximum.accumulate(lower), np.minimum.accumulate(upper[::-1])[::-1]
    # where they contradict each other, the reported interval itself is kept
    crossed = stated & (bounds[0] > bounds[1])
    return np.where(crossed, lower, bounds[0]), np.where(crossed, upper, bounds[1]), value, stated


def _with_silent(
    value: FloatArray, reach: FloatArray, events: tuple[int | None, ...]
) -> FloatArray:
    """Aim causes without any incidence at the course of the others, by the numbers of events."""
    told = [place for place, last in enumerate(reach) if last > 0]
    total = sum(events[place] or 0 for place in told)
    if not total or any(events[place] is None for place in told):
        return value
    course = value[told].sum(axis=0)
    for place, last in enumerate(reach):
        if last == 0 and events[place] is not None:
            value[place] = np.minimum(course * events[place] / total, 1.0 - course)
    return value


def refuse_cause_contradictions(endpoint: Endpoint) -> None:
    """Raise if what an endpoint reports by cause contradicts itself.

    Raises
    ------
    ContradictionError
        With every contradiction that was found, each in its own clause.
    """
    found = [
        (f"arm {name}: {sentence}", numbers)
        for name, arm in endpoint.arms.items()
        for sentence, numbers in _in_arm(arm, endpoint.time_unit)
    ]
    refuse_contradicting(endpoint, found)


def _in_arm(arm: Arm, unit: str) -> Iterator[Found]:
    yield from _falling(arm, unit)
    yield from _more_than_all(arm, unit)
    yield from _beside_survival(arm, unit)
    yield from _counts(arm)
    yield from _without_events(arm, unit)


def _falling(arm: Arm, unit: str) -> Iterator[Found]:
    for name, cause in arm.causes.items():
        for (early, first), (late, second) in itertools.pairwise(cause.landmarks.items()):
            if second.incidence.upper < first.incidence.lower:
                yield (
                    f"the cumulative incidence of {name} falls from {first.incidence} at {early:g} "
                    f"to {second.incidence} at {with_unit(late, unit)}, which it cannot",
                    tuple(
                        f"{name} {mark.incidence} at {when:g}"
                        for when, mark in ((early, first), (late, second))
                    ),
                )


def _more_than_all(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield the first time at which causes add up to more than everybody."""
    bounds = cause_bounds(arm)
    totals = bounds.lower.sum(axis=0)
    for place in (totals > 1 + _ROUNDING).nonzero()[0][:1]:
        when = float(bounds.time[place])
        numbers = tuple(
            f"{name} {100 * least:.3g}% or more at {when:g}"
            for name, least in zip(bounds.causes, bounds.lower[:, place], strict=True)
        )
        yield (
            f"by {with_unit(when, unit)} the causes add up to {100 * totals[place]:.3g}% of "
            f"patients at least ({', '.join(numbers)}), and no more than 100% can have an event",
            numbers,
        )


def _beside_survival(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield where event-free survival and the causes do not add up to 100%."""
    bounds = cause_bounds(arm)
    for place, when in enumerate(bounds.time.tolist()):
        mark = arm.landmarks.get(when)
        if mark is None or not bounds.stated[:, place].all():
            continue
        least = bounds.lower[:, place].sum() + mark.survival.lower
        most = bounds.upper[:, place].sum() + mark.survival.upper
        if least > 1 + _ROUNDING or most < 1 - _ROUNDING:
            said = [
                f"{name} {100 * value:.3g}%"
                for name, value in zip(bounds.causes, bounds.value[:, place], strict=True)
            ]
            total = 100 * (bounds.value[:, place].sum() + mark.survival.value)
            yield (
                f"at {with_unit(when, unit)} event-free survival {mark.survival} and "
                f"{' and '.join(said)} add up to {total:.4g}%, and they have to add up to 100%",
                (f"survival {mark.survival} at {when:g}", *(f"{one} at {when:g}" for one in said)),
            )


def _counts(arm: Arm) -> Iterator[Found]:
    known = {name: cause.events for name, cause in arm.causes.items() if cause.events is not None}
    total, all_known = sum(known.values()), len(known) == len(arm.causes)
    numbers = tuple(f"{count(own, 'event')} of {name}" for name, own in known.items())
    if arm.events is not None and (total > arm.events or (all_known and total != arm.events)):
        yield (
            f"{' and '.join(numbers)} are {total}, and "
            f"{count(arm.events, 'event of any cause is', 'events of any cause are')} reported",
            (*numbers, count(arm.events, "event")),
        )
    elif arm.n is not None and total > arm.n:
        yield (
            f"{' and '.join(numbers)} are more than the arm's {count(arm.n, 'patient')}",
            (*numbers, f"n = {arm.n}"),
        )


def _without_events(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield causes that nobody has and whose incidence is above 0, or the other way round."""
    for name, cause in arm.causes.items():
        for when, mark in cause.landmarks.items():
            if cause.events == 0 and mark.incidence.lower > 0:
                yield (
                    f"no events of {name} are reported, and its cumulative incidence is "
                    f"{mark.incidence} at {with_unit(when, unit)}",
                    (f"0 events of {name}", f"{name} {mark.incidence} at {when:g}"),
                )
                break


def may_exchange(arm: Arm) -> bool:
    """Say whether events and censorings of an arm may exchange places between reported times.

    They may not where the arm reports more of its event-free survival than what its causes say.
    """
    more = (arm.landmarks, arm.median, arm.event_times, arm.censor_marks, arm.curve)
    return not any(more)


def event_free(endpoint: Endpoint, *, inferred: bool = True, slack: float = 0.0) -> Endpoint:
    """Return the endpoint of being free of every event that an endpoint's causes imply.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    inferred : bool
        Infer the events of any cause from those of some causes, where not all are reported.
    slack : float
        By how many patients' worth the intervals are widened, at either end, 0 or more.

    Returns
    -------
    Endpoint
        Without causes. Each arm's survival is 1 less the incidence of all causes at the times at
        which every one of them is reported, within an interval as wide as theirs together; what
        the arm reports of event-free survival itself is kept.

    Raises
    ------
    ReconstructionRefused
        If an arm's causes do not say how many patients are free of all of them.
    """
    arms = {
        name: _event_free_arm(endpoint, name, inferred=inferred, slack=slack)
        for name in endpoint.arms
    }
    reported = endpoint.reported
    if reported is not None and reported.causes:
        reported = reported.model_copy(update={"causes": {}})
    label = f"{endpoint.label or endpoint.name}, free of {' and '.join(endpoint.causes)}"
    return endpoint.model_copy(update={"arms": arms, "reported": reported, "label": label})


def _event_free_arm(endpoint: Endpoint, name: str, *, inferred: bool, slack: float) -> Arm:
    arm = endpoint.arms[name]
    bounds = cause_bounds(arm)
    refuse_silent_causes(endpoint, name, _silent(arm, bounds))
    landmarks, curve = dict(arm.landmarks), arm.curve
    slack = slack if may_exchange(arm) else 0.0
    if curve is None and all(cause.curve is not None for cause in arm.causes.values()):
        curve = _curve(arm)
        marked = {when for cause in arm.causes.values() for when in cause.landmarks}
    else:
        marked = set(bounds.time.tolist())
    for place, when in enumerate(bounds.time.tolist()):
        if when in marked and when not in landmarks:
            landmarks[when] = _landmark(arm, bounds, place, slack=slack)
    return arm.model_copy(
        update={
            "causes": {},
            "landmarks": dict(sorted(landmarks.items())),
            "curve": curve,
            "events": _all_events(arm, bounds) if inferred else _reported_events(arm, bounds),
        }
    )


def _silent(arm: Arm, bounds: CauseBounds) -> list[str]:
    """Name the causes of an arm whose incidence is unknown and cannot be inferred."""
    silent = [cause for cause, last in zip(bounds.causes, bounds.reach, strict=True) if last == 0]
    inferred = not silent or arm.landmarks or arm.curve or None not in bounds.events
    return [] if inferred and len(silent) < len(bounds.causes) else silent


def _reported_events(arm: Arm, bounds: CauseBounds) -> int | None:
    if arm.events is not None or None in bounds.events:
        return arm.events
    return sum(own or 0 for own in bounds.events)


def _all_events(arm: Arm, bounds: CauseBounds) -> int | None:
    """Return the events of any cause; those of causes without a number in proportion to others'.

    Causes keep the shares of the last reported time: the events that are known, over their share.
    """
    reported = _reported_events(arm, bounds)
    known = [place for place, own in enumerate(bounds.events) if own is not None]
    if reported is not None or not known or arm.n is None or not (bounds.reach > 0).all():
        return reported
    total = sum(bounds.events[place] or 0 for place in known)
    last = bounds.value[:, -1]
    if last[known].sum() <= 0:
        return None
    return min(round(total * float(last.sum() / last[known].sum())), arm.n)


def _landmark(arm: Arm, bounds: CauseBounds, place: int, *, slack: float) -> Landmark:
    """Return event-free survival at one time, in words and as an interval."""
    # rounded, so that one cause alone gives the interval of survival to the last bit
    wider = slack / (arm.n or math.inf)
    lower = round(max(1.0 - float(bounds.upper[:, place].sum()) - wider, 0.0), _DIGITS)
    upper = round(min(1.0 - float(bounds.lower[:, place].sum()) + wider, 1.0), _DIGITS)
    upper = max(upper, lower)
    value = min(max(round(1.0 - float(bounds.value[:, place].sum()), _DIGITS), lower), upper)
    marks = [cause.landmarks.get(float(bounds.time[place])) for cause in arm.causes.values()]
    said = [str(mark.incidence) for mark in marks if mark is not None]
    decimals = max((len(text.strip("%~ ").partition(".")[2]) for text in said), default=1)
    whole = len(said) == len(arm.causes)
    text = f"{'' if whole else 'about '}{100 * value:.{decimals}f}%"
    if whole:
        text += f" (100% less {' and '.join(said)})"
    return Landmark(survival=PrintedNumber(text, value, lower, upper, decimals, percent=True))


def _curve(arm: Arm) -> DigitisedCurve:
    """Return the curve of event-free survival that the curves of all causes add up to."""
    curves = [cause.curve for cause in arm.causes.values() if cause.curve is not None]
    if len(curves) == 1:
        return curves[0]
    steps = all(curve.kind == "steps" for curve in curves)
    time = np.unique(np.concatenate([curve.time for curve in curves]))
    gone = sum(1.0 - _height(curve, time, steps=steps) for curve in curves)
    survival = np.minimum.accumulate(np.clip(1.0 - gone, 0.0, 1.0))
    drops = np.diff(survival, prepend=1.0) < -_FALL
    return DigitisedCurve(
        time=tuple(time.tolist()),
        survival=tuple(survival.tolist()),
        is_drop=tuple((drops & steps).tolist()),
        kind="steps" if steps else "samples",
        # What event-free survival is off by, the causes have to share, each within its own.
        tolerance=max(curve.tolerance for curve in curves),
        tolerance_source="the largest of the causes' curves'",
        last_time=max(curve.last_time for curve in curves),
        repairs=tuple(repair for curve in curves for repair in curve.repairs),
        kind_stated=True,
        clicks=time.size,
        levelled=any(curve.levelled for curve in curves),
    )


def _height(curve: DigitisedCurve, time: np.ndarray, *, steps: bool) -> np.ndarray:
    """Return the height of a curve at given times: as a staircase, or on lines between points."""
    known, heights = np.array([0.0, *curve.time]), np.array([1.0, *curve.survival])
    if steps:
        return np.asarray(heights[np.searchsorted(known, time, side="right") - 1])
    return np.asarray(np.interp(time, known, heights))
