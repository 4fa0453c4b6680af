"""Printed survival against itself: over time, its own interval, its median, other endpoints."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..studies.printed import PrintedNumber
from ..studies.study import Arm, Endpoint, Study
from .bounds import short
from .finding import Finding, Rule

__all__ = ["RULES", "check"]

_TOLERANCE = "Every printed number may be any value that rounds to it."
_KAPLAN_MEIER = "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. doi:10.2307/2281868"
_WITH_DEATH = ("PFS", "DFS", "RFS", "EFS")  # endpoints that a death ends too

RISING = Rule(
    name="survival-rising",
    asks="Does survival never rise with time?",
    tolerance=_TOLERANCE,
    reference=_KAPLAN_MEIER,
)
OWN_INTERVAL = Rule(
    name="estimate-outside-interval",
    asks="Do a survival and a median lie inside their own intervals?",
    tolerance=_TOLERANCE,
    reference=_KAPLAN_MEIER,
)
MEDIAN = Rule(
    name="median-survival",
    asks="Is survival at least 50% before the median, and at most 50% after it?",
    tolerance=f"{_TOLERANCE} The median is the first time at which survival is 50% or less.",
    reference="Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286",
)
NESTED = Rule(
    name="endpoint-order",
    asks="Is survival without progression at most overall survival?",
    tolerance=f"{_TOLERANCE} Deaths count for both endpoints, so one curve cannot lie above the "
    "other unless patients were censored differently or deaths were left out: a warning.",
    reference="Pazdur R. Oncologist 2008;13 Suppl 2:19-21. doi:10.1634/theoncologist.13-S2-19",
)
RULES = (RISING, OWN_INTERVAL, MEDIAN, NESTED)


def check(study: Study) -> Iterator[Finding]:
    """Yield survival that rises, and survival that fits neither its interval nor its median."""
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            place = f"{endpoint.key}, arm {name}"
            yield from _rising(place, arm)
            yield from _own_intervals(place, arm)
            yield from _median(place, arm)
    for overall, other in itertools.permutations(study.endpoints, 2):
        if overall.name == "OS" and other.name in _WITH_DEATH and overall.cohort == other.cohort:
            yield from _nested(overall, other)


def _rising(place: str, arm: Arm) -> Iterator[Finding]:
    for (early, before), (late, after) in itertools.combinations(arm.landmarks.items(), 2):
        if after.survival.lower > before.survival.upper:
            yield RISING.finding(
                "error", place,
                printed=f"{before.survival} at {short(early)}, {after.survival} at {short(late)}",
                expected=f"at most {before.survival} at {short(late)}",
                sentence=f"Survival rises from {before.survival} at {short(early)} to "
                f"{after.survival} at {short(late)}, which no group of patients can do.",
            )  # fmt: skip


def _own_intervals(place: str, arm: Arm) -> Iterator[Finding]:
    estimates = [
        (f"survival at {short(time)}", mark.survival, mark.ci)
        for time, mark in arm.landmarks.items()
    ]
    if arm.median is not None:
        estimates.append(("median", arm.median, arm.median_ci))
    for what, estimate, ci in estimates:
        if ci is not None and (estimate.upper < ci[0].lower or estimate.lower > ci[1].upper):
            yield OWN_INTERVAL.finding(
                "error", f"{place}, {what}",
                printed=f"{estimate} (95% CI {ci[0]} to {ci[1]})", expected=f"{ci[0]} to {ci[1]}",
                sentence=f"The {what} of {estimate} lies outside its own interval.",
            )  # fmt: skip


def _median(place: str, arm: Arm) -> Iterator[Finding]:
    if arm.median is None:
        return
    for time, mark in arm.landmarks.items():
        survival = mark.survival
        if time < arm.median.lower and survival.upper < 0.5:
            yield _median_finding(place, (arm.median, f"at most {short(time)}"), (time, survival))
        elif time > arm.median.upper and survival.lower > 0.5:
            yield _median_finding(place, (arm.median, f"above {short(time)}"), (time, survival))


def _median_finding(
    place: str, medians: tuple[PrintedNumber, str], mark: tuple[float, PrintedNumber]
) -> Finding:
    (median, expected), (time, survival) = medians, mark
    return MEDIAN.finding(
        "error", place, printed=f"median {median}, {survival} at {short(time)}",
        expected=f"a median {expected}",
        sentence=f"Survival of {survival} at {short(time)} means a median {expected}, but the "
        f"median is printed as {median}.",
    )  # fmt: skip


def _nested(overall: Endpoint, other: Endpoint) -> Iterator[Finding]:
    if overall.time_unit != other.time_unit:
        return
    for name in overall.arms.keys() & other.arms.keys():
        long, short_ = overall.arms[name], other.arms[name]
        place = f"{overall.cohort}, {other.name} and {overall.name}, arm {name}"
        for time in sorted(long.landmarks.keys() & short_.landmarks.keys()):
            all_, free = long.landmarks[time].survival, short_.landmarks[time].survival
            if free.lower > all_.upper:
                yield NESTED.finding(
                    "warning", place,
                    printed=f"{other.name} {free}, {overall.name} {all_} at {short(time)}",
                    expected=f"{other.name} at most {all_}",
                    sentence=f"At {short(time)} more patients are counted alive without an event "
                    f"({free}) than alive ({all_}).",
                )  # fmt: skip
        if long.median and short_.median and short_.median.lower > long.median.upper:
            yield NESTED.finding(
                "warning", place,
                printed=f"median {other.name} {short_.median}, {overall.name} {long.median}",
                expected=f"median {other.name} at most {long.median}",
                sentence=f"The median {other.name} is longer than the median {overall.name}.",
            )  # fmt: skip
