"""What in a study file is allowed but odd: most often a slip, with what would fit instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..presentation.formats import count, with_unit
from .arm import Arm, FollowUp
from .endpoint import DAYS_PER, Endpoint, Reported
from .errors import Fault, did_you_mean, place_text
from .key_doubts import arm_key_doubts, repeated_comparisons, reported_key_doubts
from .printed import PrintedNumber
from .study import Study
from .subgroup_misfits import misfits

__all__ = ["Doubt", "doubts", "time_unit_doubts"]

Interval = tuple[PrintedNumber, PrintedNumber]


@dataclass(frozen=True)
class Doubt:
    """One value of a study file that is allowed but odd.

    Attributes
    ----------
    place : str
        Where it is, such as "endpoint[1] all/OS: reported.ci".
    text : str
        What is odd, and what would fit.
    """

    place: str
    text: str

    def __str__(self) -> str:
        """Return place and text as one line."""
        return f"{self.place}: {self.text}"


def doubts(study: Study) -> tuple[Doubt, ...]:
    """Return what is odd in a study, in the order of its file.

    A doubt says that a value is unusual or does not fit another one of the file within their
    rounding. It can be a slip of whoever wrote the file, or a misprint of the paper.

    Parameters
    ----------
    study : Study
        A study that was read without faults.

    Returns
    -------
    tuple of Doubt
        Empty if nothing is odd.

    Examples
    --------
    >>> from kmrepro.studies import Arm, Endpoint, Reported, Study
    >>> arms = {"A": Arm(n=40), "B": Arm(n=40)}
    >>> reported = {"hazard_ratio": "0.65", "ci": ["1.40", "0.30"]}
    >>> endpoint = {"name": "OS", "reference": "A", "arms": arms, "reported": reported}
    >>> for doubt in doubts(Study.model_validate({"id": "mine", "endpoint": [endpoint]})):
    ...     print(doubt)
    endpoint[1] all/OS: reported.ci: the limits are reversed; write ["0.30", "1.40"]
    """
    names = {
        "endpoint": [{"cohort": each.cohort, "name": each.name} for each in study.endpoints],
        "table": [{"id": table.id} for table in study.tables],
    }
    return tuple(
        Doubt(place_text(place, names).removesuffix(": "), text) for place, text in _doubts(study)
    )


def _doubts(study: Study) -> Iterator[Fault]:
    yield from _arm_names(study)
    for number, endpoint in enumerate(study.endpoints):
        for place, text in _of_endpoint(endpoint):
            yield ("endpoint", number, *place), text
    for number, table in enumerate(study.tables):
        for line, row in enumerate(table.hazard_ratios):
            for place, text in _interval(row.hazard_ratio, row.ci, key="hazard_ratio"):
                yield ("table", number, "hazard_ratio", line, *place), text
        yield from _in_subgroups(study, number)


def _in_subgroups(study: Study, number: int) -> Iterator[Fault]:
    for each in misfits(study.tables[number], study.endpoints):
        row = () if each.row is None else ("hazard_ratio", each.row)
        if each.severity != "note" or each.kind == "rows":
            subject = f"{each.subject}: " if each.subject else ""
            yield ("table", number, *row, each.key), f"{subject}{each.text}"


# Names -------------------------------------------------------------------------------------------


def _arm_names(study: Study) -> Iterator[Fault]:
    """Yield arms that [arms] does not have, and those in [arms] that no endpoint has."""
    if not study.arms:
        return
    used = {name for endpoint in study.endpoints for name in endpoint.arms}
    for name in study.arms:
        if name not in used:
            yield (
                ("arms", name),
                f"no endpoint has an arm of this name{did_you_mean(name, sorted(used))}",
            )
    for number, endpoint in enumerate(study.endpoints):
        for name, arm in endpoint.arms.items():
            if name not in study.arms and not arm.label:
                yield (
                    ("endpoint", number, "arms", name),
                    f"[arms] has no {name}; add it there with its full name, or write a `label`"
                    f"{did_you_mean(name, sorted(study.arms))}",
                )


# Intervals ---------------------------------------------------------------------------------------


def _of_endpoint(endpoint: Endpoint) -> Iterator[Fault]:
    yield from time_unit_doubts(endpoint)
    for name, arm in endpoint.arms.items():
        for place, text in _of_arm(arm):
            yield ("arms", name, *place), text
    if endpoint.reported is not None:
        for place, text in _of_reported(endpoint, endpoint.reported):
            yield ("reported", *place), text
    yield from repeated_comparisons(endpoint)
    pairs = [each for each in endpoint.analysed if each.origin]
    for number, pair in enumerate(pairs):
        if pair.reported is not None:
            for place, text in _of_reported(pair, pair.reported):
                yield ("comparison", number, *place), text


def _of_arm(arm: Arm) -> Iterator[Fault]:
    yield from _rising(arm)
    for time, mark in arm.landmarks.items():
        for place, text in _interval(mark.survival, mark.ci, key="survival"):
            yield ("landmarks", f"{time:g}", *place), text
    yield from _interval(arm.median, arm.median_ci, key="median", limits="median_ci")
    if arm.follow_up is not None:
        for place, text in _of_follow_up(arm.follow_up):
            yield ("follow_up", *place), text
    yield from arm_key_doubts(arm)
    yield from _counts(arm)


def _of_follow_up(follow_up: FollowUp) -> Iterator[Fault]:
    for limits, ci in (("iqr", follow_up.iqr), ("range", follow_up.range)):
        yield from _interval(follow_up.median, ci, key="median", limits=limits)


def _interval(
    value: PrintedNumber | None, ci: Interval | None, *, key: str, limits: str = "ci"
) -> Iterator[Fault]:
    """Yield an interval with reversed or equal limits, or that its value lies outside of."""
    if ci is None:
        return
    low, high = ci
    if low.reached and high.reached and low.lower > high.upper:
        yield (limits,), f'the limits are reversed; write ["{high}", "{low}"]'
    elif key == "hazard_ratio" and low.reached and (low.text, low.upper) == (high.text, high.upper):
        yield (limits,), f"both limits are {low}, so that the interval has no width; check them"
    elif value is not None and value.reached and _outside(value, ci):
        yield (
            (key,),
            f"{value} is outside its interval, {low} to {high}; check the three"
            f"{_inverse(value, ci) if key == 'hazard_ratio' else ''}",
        )


def _outside(value: PrintedNumber, ci: Interval) -> bool:
    low, high = ci
    below = low.reached and value.upper < low.lower
    return below or (high.reached and value.lower > high.upper)


def _inverse(value: PrintedNumber, ci: Interval) -> str:
    """Say that the inverse of a hazard ratio would fit its interval, if it would."""
    low, high = ci
    fits = high.reached and low.lower <= 1 / value.value <= high.upper
    return f"; its inverse, {1 / value.value:.2f}, is inside" if fits else ""


# One arm -----------------------------------------------------------------------------------------


def _rising(arm: Arm) -> Iterator[Fault]:
    """Yield the landmarks at which survival rises by more than rounding."""
    marks = [(time, mark.survival) for time, mark in arm.landmarks.items()]
    for (before, high), (time, low) in pairwise(marks):
        if low.lower > high.upper:
            mixed = high.percent != low.percent
            fix = "write both as percentages" if mixed else "check both values and their times"
            yield (
                ("landmarks", f"{time:g}"),
                f"survival rises from {high} at {before:g} to {low}, which it cannot; {fix}",
            )


def _counts(arm: Arm) -> Iterator[Fault]:
    """Yield counts that do not fit each other."""
    for (before, many), (time, few) in pairwise(arm.at_risk.items()):
        if few > many:
            yield (
                ("at_risk", f"{time:g}"),
                f"{few} at risk are more than the {many} at {before:g}; check both",
            )
    if arm.n is None:
        return
    if arm.events is not None and arm.events > arm.n:
        yield (
            ("events",),
            f"{arm.events} events are more than the {count(arm.n, 'patient')}; check both",
        )
    start = next(iter(arm.at_risk.items()), None)
    if start is not None and start[1] != arm.n and (start[0] == 0 or start[1] > arm.n):
        yield ("at_risk", f"{start[0]:g}"), f"it is {start[1]}, but `n` is {arm.n}; check both"


# The comparison ----------------------------------------------------------------------------------


def _of_reported(endpoint: Endpoint, reported: Reported) -> Iterator[Fault]:
    found = list(_interval(reported.hazard_ratio, reported.ci, key="hazard_ratio"))
    yield from found
    if not found:
        yield from _direction(endpoint, reported)
    if reported.p is not None and reported.p.relation == "=" and reported.p.value == 0:
        fix = 'write the bound that is meant, such as "<0.001"'
        if 1 < reported.p.decimals < 300:  # a float holds no smaller one
            fix = f'write "<{10.0**-reported.p.decimals:g}"'
        yield ("p",), f"{reported.p} cannot be; {fix}"
    events = [arm.events for arm in endpoint.arms.values() if arm.events is not None]
    whole = len(events) == len(endpoint.arms)
    yield from reported_key_doubts(endpoint, reported)
    whole = whole and reported.n is None
    if reported.events is not None and whole and sum(events) != reported.events:
        yield ("events",), f"it is {reported.events}, but the arms have {sum(events)} together"


def _direction(endpoint: Endpoint, reported: Reported) -> Iterator[Fault]:
    """Yield a hazard ratio that speaks for the arm whose survival is lower at every time."""
    ratio = reported.hazard_ratio
    if ratio is None or reported.adjusted or ratio.lower <= 1 <= ratio.upper:
        return
    if endpoint.reference is None or endpoint.treatment is None:
        return
    treatment, reference = endpoint.arms[endpoint.treatment], endpoint.arms[endpoint.reference]
    against = ratio.value < 1
    signs = set(_compared(treatment, reference))
    if signs == {"below" if against else "above"}:
        better = endpoint.treatment if against else endpoint.reference
        yield (
            ("hazard_ratio",),
            f"{ratio} of {endpoint.treatment} versus {endpoint.reference} favours {better}, whose "
            f'survival is lower; if it is the other way round, write reference = "'
            f'{endpoint.treatment}"',
        )


def _compared(one: Arm, other: Arm) -> Iterator[str]:
    """Yield for every shared landmark, and the medians, where `one` is: above, below or level."""
    shared = [time for time in one.landmarks if time in other.landmarks]
    pairs = [(one.landmarks[t].survival, other.landmarks[t].survival) for t in shared]
    if one.median and other.median and one.median.reached and other.median.reached:
        pairs.append((one.median, other.median))
    for first, second in pairs:
        if first.upper < second.lower:
            yield "below"
        else:
            yield "above" if first.lower > second.upper else "level"


_LONGEST = 60 * DAYS_PER["years"]  # no trial has followed patients for longer
_YEARLY = {1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 10.0}  # "1-, 3- and 5-year survival"
_TOLD = {3.0, 5.0, 10.0}  # of these, the ones that are customary in years and not in months


def time_unit_doubts(endpoint: Endpoint) -> Iterator[Fault]:
    """Yield times that fit another unit and not the one that the file states."""
    unit, times = endpoint.time_unit, _times(endpoint)
    if not times:
        return
    latest = max(times.values())
    longest, what = _longest(endpoint)
    if latest * DAYS_PER[unit] > longest:
        fitting = [each for each in reversed(DAYS_PER) if latest * DAYS_PER[each] <= longest]
        advice = (
            f"{_in_whole_years(endpoint, fitting)} would fit"
            if fitting
            else "check times and dates"
        )
        yield (
            ("time_unit",),
            f"{with_unit(latest, unit)} ({max(times, key=lambda key: times[key])}) are longer than "
            f"{what}; {advice}",
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


def _in_whole_years(endpoint: Endpoint, fitting: list[str]) -> str:
    """Return the unit in which survival is at whole years; without one, the longest that fits."""
    times = _landmark_times(endpoint)
    for unit in fitting if times else ():
        year = DAYS_PER["years"] / DAYS_PER[unit]
        off = 1.0 if unit == "days" else 0.0  # 365, 730 and 1095 days; 52 and 104 weeks
        if all(abs(time - int(year) * round(time / year)) <= off * time / year for time in times):
            return unit
    return fitting[0]


def _longest(endpoint: Endpoint) -> tuple[float, str]:
    """Return the longest follow-up that the dates allow, in days, to the month; and what it is."""
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return _LONGEST, "any trial's follow-up"
    entry, cutoff = endpoint.enrolment[0], endpoint.data_cutoff
    days = (_date(cutoff) - _date(entry)).days
    # dates may be months, times rounded up
    return days + 2 * DAYS_PER["months"], f"the time from {entry} to {cutoff}"


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def _longer_unit(endpoint: Endpoint, longest: float) -> str | None:
    """Return the unit in which landmarks are customary that are not so in the stated one."""
    times, unit = _landmark_times(endpoint), endpoint.time_unit
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


def _median_units(endpoint: Endpoint) -> Iterator[Fault]:
    """Yield medians that belong to another unit than the landmarks beside them."""
    for name, arm in endpoint.arms.items():
        if not arm.median or not arm.median.reached:
            continue
        low = [time for time, mark in arm.landmarks.items() if mark.survival.upper < 0.5]
        high = [time for time, mark in arm.landmarks.items() if mark.survival.lower > 0.5]
        early, late = min(low, default=None), max(high, default=None)
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
