"""Times that fit another unit than the one that a study file states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .endpoint import DAYS_PER, Endpoint

__all__ = ["time_unit_doubts"]

Place = tuple[str | int, ...]

_LONGEST = 60 * DAYS_PER["years"]  # no trial has followed patients for longer
_YEARLY = {1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 10.0}  # "1-, 3- and 5-year survival"
_TOLD = {3.0, 5.0, 10.0}  # of these, the ones that are customary in years and not in months


def time_unit_doubts(endpoint: Endpoint) -> Iterator[tuple[Place, str]]:
    """Yield times that fit another unit and not the one that the file states."""
    unit, times = endpoint.time_unit, _times(endpoint)
    if not times:
        return
    latest = max(times.values())
    longest = _longest_days(endpoint)
    if latest * DAYS_PER[unit] > longest:
        fitting = [each for each in _shorter(unit) if latest * DAYS_PER[each] <= longest]
        yield (
            ("time_unit",),
            f"{latest:g} {unit} ({max(times, key=lambda key: times[key])}) are longer than "
            f"{_why_long(endpoint)}; {_advice(fitting)}",
        )
    elif (fits := _longer_unit(endpoint, longest)) is not None:
        found = ", ".join(f"{time:g}" for time in _landmark_times(endpoint))
        yield (
            ("time_unit",),
            f"survival at {found} {unit} is unusual; if these are {fits}, "
            f'write time_unit = "{fits}", or the times in {unit}',
        )
    yield from _median_units(endpoint)


def _times(endpoint: Endpoint) -> dict[str, float]:
    """Return the latest time of each kind, by what it is."""
    found: dict[str, float] = {}
    for name, arm in endpoint.arms.items():
        listed = {"survival": arm.landmarks, "at risk": arm.at_risk, "events": arm.event_times}
        found |= {f"{what} of {name}": max(each) for what, each in listed.items() if each}
        single = (
            ("median", arm.median),
            ("median follow-up", arm.follow_up.median if arm.follow_up else None),
            ("longest follow-up", arm.follow_up.max if arm.follow_up else None),
        )
        found |= {
            f"{what} of {name}": number.value
            for what, number in single
            if number is not None and number.reached
        }
    return found


def _landmark_times(endpoint: Endpoint) -> list[float]:
    return sorted({time for arm in endpoint.arms.values() for time in arm.landmarks})


def _shorter(unit: str) -> list[str]:
    """Return the shorter units, longest first."""
    return [each for each in reversed(DAYS_PER) if DAYS_PER[each] < DAYS_PER[unit]]


def _advice(fitting: list[str]) -> str:
    return f"{fitting[0]} would fit" if fitting else "check times and dates"


def _longest_days(endpoint: Endpoint) -> float:
    """Return the longest follow-up that the dates allow, in days, to the month."""
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return _LONGEST
    first, last = _date(endpoint.enrolment[0]), _date(endpoint.data_cutoff)
    return (last - first).days + 2 * DAYS_PER["months"]  # dates may be months, times rounded up


def _why_long(endpoint: Endpoint) -> str:
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return "any trial's follow-up"
    return f"the time from {endpoint.enrolment[0]} to {endpoint.data_cutoff}"


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def _longer_unit(endpoint: Endpoint, longest: float) -> str | None:
    """Return the unit in which landmarks are customary that are not so in the stated one."""
    times = _landmark_times(endpoint)
    unit = endpoint.time_unit
    medians = [arm.median for arm in endpoint.arms.values() if arm.median and arm.median.reached]
    if len(times) < 2 or medians:  # a median says more, and is looked at beside the landmarks
        return None
    yearly = set(times) <= _YEARLY and _TOLD & set(times)
    if unit in ("days", "weeks", "months") and yearly:
        return "years" if times[-1] * DAYS_PER["years"] <= longest else None
    if unit == "days" and times[-1] <= 120 and all(time % 6 == 0 for time in times):
        return "months" if times[-1] * DAYS_PER["months"] <= longest else None
    return None


_APART = 4.0  # how many times as long a median is, at the least, in another unit than landmarks


def _median_units(endpoint: Endpoint) -> Iterator[tuple[Place, str]]:
    """Yield medians that belong to another unit than the landmarks beside them."""
    for name, arm in endpoint.arms.items():
        if not arm.median or not arm.median.reached:
            continue
        low = [time for time, mark in arm.landmarks.items() if mark.survival.upper < 0.5]
        high = [time for time, mark in arm.landmarks.items() if mark.survival.lower > 0.5]
        early = min(low, default=None)
        late = max(high, default=None)
        if early is not None and arm.median.lower > _APART * early:
            found = f"survival is below 50% at {early:g} already"
        elif late is not None and _APART * arm.median.upper < late:
            found = f"survival is above 50% at {late:g} still"
        else:
            continue
        yield (
            ("arms", name, "median"),
            f"{found}, so {arm.median} is not in the unit of the landmarks; write all in "
            f"{endpoint.time_unit}",
        )
