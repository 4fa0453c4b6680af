"""What is reported by cause: intervals of cumulative incidence, and what contradicts itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...studies import Arm, Cause, Endpoint
from ..errors import ContradictionError
from ..pseudo_ipd import FloatArray

__all__ = ["CauseBounds", "cause_bounds", "known_events", "refuse_cause_contradictions"]


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
    events = known_events(arm)
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


def known_events(arm: Arm) -> tuple[int | None, ...]:
    """Return the events of every cause; what is left of the total is those of the only other."""
    events = [cause.events for cause in arm.causes.values()]
    if arm.events is not None and events.count(None) == 1:
        rest = arm.events - sum(count for count in events if count is not None)
        events[events.index(None)] = max(rest, 0)
    return tuple(events)


def _points(cause: Cause) -> Iterator[tuple[float, tuple[float, float, float]]]:
    """Yield the times of a cause with the lower end, the upper end and the middle."""
    if cause.curve is not None:
        curve = cause.curve
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
    lower[stated] = [points[when][0] for when in known]
    upper[stated] = [points[when][1] for when in known]
    values = [points[when][2] for when in known]
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


_ROUNDING = 1e-9

Found = tuple[str, tuple[str, ...]]


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
    if found:
        raise ContradictionError(
            f"{endpoint.key}: " + "; ".join(sentence for sentence, _ in found),
            numbers=tuple(dict.fromkeys(number for _, numbers in found for number in numbers)),
            endpoint_key=endpoint.key,
        )


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
                    f"to {second.incidence} at {late:g} {unit}, which it cannot",
                    (
                        f"{name} {first.incidence} at {early:g}",
                        f"{name} {second.incidence} at {late:g}",
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
            f"by {when:g} {unit} the causes add up to {100 * totals[place]:.3g}% of patients at "
            f"least ({', '.join(numbers)}), and no more than 100% can have an event",
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
                f"at {when:g} {unit} event-free survival {mark.survival} and {' and '.join(said)} "
                f"add up to {total:.4g}%, and they have to add up to 100%",
                (f"survival {mark.survival} at {when:g}", *(f"{one} at {when:g}" for one in said)),
            )


def _counts(arm: Arm) -> Iterator[Found]:
    known = {name: cause.events for name, cause in arm.causes.items() if cause.events is not None}
    total, all_known = sum(known.values()), len(known) == len(arm.causes)
    numbers = tuple(f"{count} events of {name}" for name, count in known.items())
    if arm.events is not None and (total > arm.events or (all_known and total != arm.events)):
        yield (
            f"{' and '.join(numbers)} are {total}, and {arm.events} events of any cause are "
            "reported",
            (*numbers, f"{arm.events} events"),
        )
    elif arm.n is not None and total > arm.n:
        yield (
            f"{' and '.join(numbers)} are more than the arm's {arm.n} patients",
            (*numbers, f"n = {arm.n}"),
        )


def _without_events(arm: Arm, unit: str) -> Iterator[Found]:
    """Yield causes that nobody has and whose incidence is above 0, or the other way round."""
    for name, cause in arm.causes.items():
        for when, mark in cause.landmarks.items():
            if cause.events == 0 and mark.incidence.lower > 0:
                yield (
                    f"no events of {name} are reported, and its cumulative incidence is "
                    f"{mark.incidence} at {when:g} {unit}",
                    (f"0 events of {name}", f"{name} {mark.incidence} at {when:g}"),
                )
                break
