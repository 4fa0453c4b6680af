"""Intervals of medians against the patients, and the survival beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from ..presentation.formats import count
from ..studies.arm import Arm
from ..studies.endpoint import DAYS_PER, Endpoint
from ..studies.printed_fields import USUAL_LEVEL, level_z
from ..studies.study import Study
from .follow_up import SCALES, Scale
from .rule import Finding, Rule, asks, patients_text, short

__all__ = ["median_intervals"]

MEDIAN_INTERVAL = Rule(
    name="median-interval",
    asks="Is the interval of a median as wide as the number of patients makes it?",
    tolerance="Every rounding, and the scales of survival-interval. Before its lower limit "
    "survival is above 50% by more than its half interval, and after its upper limit below by "
    "more. A landmark before the lower limit, or after the upper one, that is too near to 50% for "
    "that is an error. An interval within which survival would fall as it does in 20 times as "
    "long before, and as in three quarters of a year before, is a warning: visits further apart "
    "than that would explain it.",
    reference="Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286",
)
_STEEPEST = 20.0  # times the mean hazard before
_VISITS = 3.0  # quarters of a year's worth of events, at once
_MOST_PATIENTS = 10_000_000


@asks(MEDIAN_INTERVAL)
def median_intervals(study: Study) -> Iterator[Finding]:
    """Yield the intervals of medians that are too narrow for the patients."""
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            place = f"{endpoint.key}, arm {name}"
            found = list(_of_median(arm, place))
            yield from found or _steep(arm, endpoint, place)


def _steep(arm: Arm, endpoint: Endpoint, place: str) -> Iterator[Finding]:
    """Yield an interval within which survival would fall as it does in far longer before."""
    n, ci = arm.most_patients, arm.median_ci
    if n is None or ci is None or not (ci[0].reached and ci[1].reached) or ci[0].lower <= 0:
        return
    low, high = ci
    quarter = DAYS_PER["years"] / 4 / DAYS_PER[endpoint.time_unit]
    longest = max(_STEEPEST * (high.upper - low.lower), _VISITS * quarter)
    z, share = level_z(arm.median_ci_level), longest / low.lower
    if high.upper <= low.lower or _steepness(n, z) <= share:
        return
    needed = _fewest(share, n, z)
    constant = (2 * z * low.lower / (math.log(2) * (high.upper - low.lower))) ** 2
    before, after = (f"{100 * end:.0f}%" for end in _beyond_half(n, z))
    level = f"{arm.median_ci_level or USUAL_LEVEL:g}%"
    yield MEDIAN_INTERVAL.finding(
        "warning", f"{place}, median",
        printed=f"median {arm.median or 'not reported'} ({level} CI {low} to {high}), n {arm.n}",
        expected=f"at least {count(needed, 'patient')}",
        sentence=f"With {patients_text(arm)} survival is at least {before} until {low} and at "
        f"most {after} from {high} on, by the median's {level} confidence interval: it would fall "
        f"by as much as in {short(_steepness(n, z) * low.lower)} {endpoint.time_unit} before. An "
        f"interval this narrow needs at least {count(needed, 'patient')}, or {short(constant)} "
        "with a constant hazard, unless nearly all events are found at one visit.",
    )  # fmt: skip


def _steepness(n: int, z: float) -> float:
    """Return the least cumulative hazard within a median's interval, in those until it."""
    before, after = _beyond_half(n, z)
    return math.log(before / after) / -math.log(before)


def _fewest(share: float, n: int, z: float) -> int:
    """Return the fewest patients whose `_steepness` is not above a share; it falls with them."""
    low, high = n, 2 * n
    while high < _MOST_PATIENTS and _steepness(high, z) > share:
        low, high = high, 2 * high
    while high - low > max(1, low // 1000):
        middle = (low + high) // 2
        low, high = (middle, high) if _steepness(middle, z) > share else (low, middle)
    return high


def _of_median(arm: Arm, place: str) -> Iterator[Finding]:
    n = arm.most_patients
    if n is None or arm.median_ci is None:
        return
    low, high = arm.median_ci
    level = f"{arm.median_ci_level or USUAL_LEVEL:g}%"
    least, most = _beyond_half(n, level_z(arm.median_ci_level))
    problems = [
        (f"before the lower limit {low}", mark.survival, f"at least {100 * least:.1f}%")
        for time, mark in arm.landmarks.items()
        if low.reached and time < low.lower and mark.survival.upper < least
    ] + [
        (f"after the upper limit {high}", mark.survival, f"at most {100 * most:.1f}%")
        for time, mark in arm.landmarks.items()
        if high.reached and time > high.upper and mark.survival.lower > most
    ]
    for when, survival, expected in problems[:1]:
        yield MEDIAN_INTERVAL.finding(
            "error", f"{place}, median",
            printed=f"median {arm.median or 'not reported'} ({level} CI {low} to {high}), "
            f"survival {survival} {when}, n {arm.n}",
            expected=f"survival of {expected}",
            sentence=f"With {patients_text(arm)} survival is {expected} {when} of "
            f"the median's {level} confidence interval, but it is reported as {survival}.",
        )  # fmt: skip


@lru_cache(maxsize=256)
def _beyond_half(n: int, z: float) -> tuple[float, float]:
    """Return the survivals nearest to 50% whose interval of n patients leaves 50% out.

    On the most favourable scale, and without censoring, which only widens intervals.
    """
    steps = [0.5 + step / 2000 for step in range(1, 1000)]
    least = min(_first_outside(scale, steps, n, z) for scale in SCALES)
    most = max(_first_outside(scale, [1 - s for s in steps], n, z) for scale in SCALES)
    return least, most


def _first_outside(scale: Scale, steps: list[float], n: int, z: float) -> float:
    half = scale.of(0.5)
    outside = (
        s
        for s in steps
        if abs(scale.of(s) - half) >= z * scale.slope(s) * math.sqrt((1 - s) / (s * n))
    )
    return next(outside, steps[-1])
