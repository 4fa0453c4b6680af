"""Follow-up against the calendar and landmarks, and the patients whom survival's intervals need."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..presentation.formats import count
from ..studies.arm import Arm, FollowUp, Landmark
from ..studies.endpoint import Endpoint, TimeUnit
from ..studies.printed import PrintedNumber
from ..studies.printed_fields import USUAL_LEVEL, level_z
from ..studies.study import Study
from .rule import Bounds, Finding, Rule, Severity, asks, patients_text, short

__all__ = [
    "LEVELS",
    "SCALES",
    "Scale",
    "follow_up_times",
    "greenwood_sums",
    "interval_findings",
    "patients_needed",
]

_DAYS: dict[TimeUnit, tuple[float, float]] = {  # by the calendar, and by the shortest convention
    "days": (1.0, 1.0),
    "weeks": (7.0, 7.0),
    "months": (365.25 / 12, 28.0),
    "years": (365.25, 360.0),
}

WINDOW = Rule(
    name="follow-up-window",
    asks="Is the longest follow-up no longer than the study?",
    tolerance="From the first day of the first month of entry to the last day of the month of the "
    "cut-off. Months are a twelfth of a year; longer than that is a warning, since some papers "
    "count months of 28 or 30 days; longer than in months of 28 days is an error.",
    reference="Altman DG, De Stavola BL, Love SB, Stepniewska KA. Br J Cancer 1995;72:511-518. "
    "doi:10.1038/bjc.1995.364",
)
ORDER = Rule(
    name="follow-up-order",
    asks="Do minimum, quartiles, median and maximum of the follow-up rise, and does the range run "
    "from one to the other?",
    tolerance="Every reported number may be any value that rounds to it.",
    reference=WINDOW.reference,
)
BEYOND = Rule(
    name="landmark-after-follow-up",
    asks="Was anybody followed up to each landmark?",
    tolerance="A landmark later than the longest follow-up under every rounding, or than the time "
    "from first entry to cut-off in months of 28 days. The curve is not defined there "
    "unless it has reached 0; some programs carry its last value on: a warning.",
    reference=WINDOW.reference,
)
MEDIAN = Rule(
    name="median-after-follow-up",
    asks="Is the median no later than the longest follow-up?",
    tolerance="Every reported number may be any value that rounds to it. A Kaplan-Meier median is "
    "the time of an event.",
    reference="Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286",
)


@asks(WINDOW, ORDER, BEYOND, MEDIAN)
def follow_up_times(study: Study) -> Iterator[Finding]:
    """Yield follow-up that the calendar does not leave room for, or that is out of order."""
    seen: set[tuple[str, str]] = set()
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            yield from _beyond_dates(endpoint, arm, f"{endpoint.key}, arm {name}")
            if arm.follow_up is None:
                continue
            place = f"{endpoint.key}, arm {name}, follow-up"
            yield from _in_follow_up(arm.follow_up, place, _exchange_hint(endpoint))
            longest = arm.follow_up.longest
            if longest is None:
                continue
            for finding in _window(endpoint, longest, place):
                if (finding.printed, finding.expected) not in seen:  # printed once, used twice
                    seen.add((finding.printed, finding.expected))
                    yield finding
            yield from _beyond(arm, longest, place)


def _beyond(arm: Arm, longest: PrintedNumber, place: str) -> Iterator[Finding]:
    """Yield the landmarks and the median that are later than the longest follow-up."""
    for time, mark in arm.landmarks.items():
        if time > longest.upper and mark.survival.lower > 0:
            yield BEYOND.finding(
                "warning", place, expected=f"at least {short(time)}",
                printed=f"longest follow-up {longest}, survival at {short(time)}",
                sentence=f"Survival at {short(time)} is reported, but nobody was followed for "
                f"longer than {longest}.",
            )  # fmt: skip
    median = arm.median
    if median is not None and median.reached and median.lower > longest.upper:
        yield MEDIAN.finding(
            "error", place, expected=f"at most {longest}",
            printed=f"median {median}, longest follow-up {longest}",
            sentence=f"A median of {median} is reached when somebody has the event then, but "
            f"nobody was followed for longer than {longest}.",
        )  # fmt: skip


def _beyond_dates(endpoint: Endpoint, arm: Arm, place: str) -> Iterator[Finding]:
    """Yield the last landmark if it is later than the calendar leaves room for."""
    usual, shortest = _DAYS[endpoint.time_unit]
    days, dates = _longest_possible(endpoint)
    time = max((t for t, mark in arm.landmarks.items() if mark.survival.lower > 0), default=0.0)
    if time * shortest > days:
        yield BEYOND.finding(
            "warning", place, expected=f"at most {days / usual:.1f} {endpoint.time_unit}",
            printed=f"survival at {short(time)}; {dates}",
            sentence=f"Survival at {short(time)} is reported, but from the first entry to the "
            f"cut-off there are at most {days / usual:.1f} {endpoint.time_unit}.",
        )  # fmt: skip


def _exchange_hint(endpoint: Endpoint) -> str:
    """Say so if the median follow-ups of two arms are in order with each other's spread only."""
    both = [arm.follow_up for arm in endpoint.arms.values() if arm.follow_up is not None]
    if len(both) != 2 or len(endpoint.arms) != 2:
        return ""
    one, other = both
    crossed = [
        one.model_copy(update={"median": other.median}),
        other.model_copy(update={"median": one.median}),
    ]
    if any(map(_out_of_order, crossed)) or not any(map(_out_of_order, both)):
        return ""
    return f" With the medians of {' and '.join(endpoint.arms)} exchanged, both would be in order."


def _in_follow_up(follow_up: FollowUp, place: str, hint: str) -> Iterator[Finding]:
    for name, own, ends in _two_ends(follow_up):
        whole = " to ".join(map(str, ends))
        yield ORDER.finding(
            "error", place, printed=f"{name} {own}, range {whole}", expected=f"one {name}",
            sentence=f"The {name} of the follow-up is {own}, and its range is {whole}.",
        )  # fmt: skip
    if pair := _out_of_order(follow_up):
        one, other = pair
        yield ORDER.finding(
            "error", place, printed=", ".join(map(str, _rising(follow_up))),
            expected=f"{one} at most {other}",
            sentence=f"Of the follow-up times, {one} should not be above {other}.{hint}",
        )  # fmt: skip


def _two_ends(
    follow_up: FollowUp,
) -> Iterator[tuple[str, PrintedNumber, tuple[PrintedNumber, PrintedNumber]]]:
    """Yield a minimum or maximum that is not the end of the range, with its name and the range."""
    if follow_up.range is not None:
        pairs = zip(("minimum", "maximum"), (follow_up.min, follow_up.max), strict=True)
        for (name, own), end in zip(pairs, follow_up.range, strict=True):
            if own is not None and not Bounds.of(own).overlaps(Bounds.of(end)):
                yield name, own, follow_up.range


def _out_of_order(follow_up: FollowUp) -> tuple[PrintedNumber, PrintedNumber] | None:
    """Return two times of which the one that should be smaller is larger."""
    pairs = itertools.combinations(_rising(follow_up), 2)
    return next(((one, other) for one, other in pairs if one.lower > other.upper), None)


def _rising(follow_up: FollowUp) -> list[PrintedNumber]:
    """Return the follow-up times that are reported, in the order in which they rise."""
    first, third = follow_up.iqr or (None, None)
    shortest = follow_up.min or (follow_up.range[0] if follow_up.range else None)
    rising = [shortest, first, follow_up.median, third, follow_up.longest]
    return [number for number in rising if number is not None]


def _longest_possible(endpoint: Endpoint) -> tuple[float, str]:
    """Return the days from the first possible entry to the last possible one of follow-up.

    And the dates in words; infinitely many days if a date is not reported.
    """
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return math.inf, ""
    entry, cutoff = endpoint.enrolment[0], endpoint.data_cutoff
    first = dt.date.fromisoformat(entry if len(entry) == 10 else f"{entry}-01")
    last = dt.date.fromisoformat(cutoff if len(cutoff) == 10 else f"{cutoff}-01")
    if len(cutoff) != 10:
        last = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    return (last - first).days, f"first entry {entry}, cut-off {cutoff}"


def _window(endpoint: Endpoint, longest: PrintedNumber, place: str) -> Iterator[Finding]:
    usual, shortest = _DAYS[endpoint.time_unit]
    days, dates = _longest_possible(endpoint)
    if longest.lower * usual <= days:
        return
    room = f"{days / usual:.1f}"
    yield WINDOW.finding(
        "error" if longest.lower * shortest > days else "warning", place,
        printed=f"longest follow-up {longest} {endpoint.time_unit}; {dates}",
        expected=f"at most {room} {endpoint.time_unit}",
        sentence=f"From the first entry to the cut-off there are at most {room} "
        f"{endpoint.time_unit}, but a patient is followed for {longest}.",
    )  # fmt: skip


LEVELS = (0.7043, 1.7272)  # (1.6449 / 1.96)², (2.5758 / 1.96)²: were it a 90% or a 99% interval
_AT_ONE = 0.9995  # an upper limit from here on may have been cut off at 1

NARROW = Rule(
    name="survival-interval",
    asks="Is the interval of a survival as wide as the number of patients makes it?",
    tolerance="Every rounding, and intervals on the plain, log, log-log, logit and arcsine scale. "
    "Greenwood's variance is at least S (1 - S) / n, whatever the censoring, and at most "
    "S (1 - S) / r, r the number at risk just before. One that would be possible as a 90% or 99% "
    "interval is a warning, else an error. A share by the allocation may be more, as for "
    "survival-events.",
    reference="Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data. 2nd ed. "
    "2002. doi:10.1002/9781118032985",
)


@dataclass(frozen=True)
class Scale:
    """A scale on which an interval of survival is symmetric.

    Attributes
    ----------
    of : callable
        Takes survival, strictly between 0 and 1, to the scale; rises with it.
    slope : callable
        Standard error on the scale for a Greenwood sum of 1, by survival.
    """

    of: Callable[[float], float]
    slope: Callable[[float], float]


SCALES = (
    Scale(lambda s: s, lambda s: s),
    Scale(math.log, lambda _: 1.0),
    Scale(lambda s: -math.log(-math.log(s)), lambda s: -1 / math.log(s)),
    Scale(lambda s: math.log(s / (1 - s)), lambda s: 1 / (1 - s)),
    Scale(lambda s: math.asin(math.sqrt(s)), lambda s: 0.5 * math.sqrt(s / (1 - s))),
)


def greenwood_sums(mark: Landmark) -> dict[int, Bounds]:
    """Return the values of Greenwood's sum that agree with the interval of a survival, by scale.

    Of the scales on which survival is in the middle of its interval, or else of all. Empty if
    there is no interval, or if survival or its lower limit may be 0 or 1.

    Notes
    -----
    With G the sum of d / (r (r - d)) over the events, the standard error of S is S sqrt(G), that
    of log S is sqrt(G), and that of log(-log S) is sqrt(G) / -log S.
    """
    if mark.ci is None:
        return {}
    low, survival, high = (_inside(number) for number in (mark.ci[0], mark.survival, mark.ci[1]))
    if low is None or survival is None or mark.ci[1].value <= mark.ci[0].value:
        return {}
    fitting: dict[int, Bounds] = {}
    others: dict[int, Bounds] = {}
    z = level_z(mark.ci_level)
    for number, scale in enumerate(SCALES):
        at = _mapped(scale, survival)
        below = at.lower - scale.of(low.upper), at.upper - scale.of(low.lower)
        if high is None:  # cut off at 1: only the lower half is left
            half, fits = Bounds(*below), True
        else:
            top = _mapped(scale, high)
            half = Bounds(
                (top.lower - scale.of(low.upper)) / 2, (top.upper - scale.of(low.lower)) / 2
            )
            fits = Bounds(*below).overlaps(Bounds(top.lower - at.upper, top.upper - at.lower))
        slopes = [scale.slope(s) for s in (survival.lower, survival.upper)]
        (fitting if fits else others)[number] = Bounds(
            (max(half.lower, 0.0) / z / max(slopes)) ** 2,
            (max(half.upper, 0.0) / z / min(slopes)) ** 2,
        )
    return fitting or others


def _inside(number: PrintedNumber) -> Bounds | None:
    """Return the values of a survival strictly inside 0 and 1; None if it may be 0 or 1."""
    if number.lower <= 0 or number.upper >= 1 or number.value >= _AT_ONE:
        return None
    return Bounds.of(number)


def _mapped(scale: Scale, survival: Bounds) -> Bounds:
    return Bounds(scale.of(survival.lower), scale.of(survival.upper))


def patients_needed(mark: Landmark) -> float:
    """Return the fewest patients that give a survival so narrow an interval; 0 if it has none."""
    largest = max((sums.upper for sums in greenwood_sums(mark).values()), default=math.inf)
    odds_against = (1 - mark.survival.upper) / mark.survival.upper
    return odds_against / largest if largest > 0 else math.inf


@asks(NARROW)
def interval_findings(study: Study) -> Iterator[Finding]:
    """Yield the intervals that are too narrow for the patients, or too wide for those at risk."""
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            place = f"{endpoint.key}, arm {name}"
            for time in arm.landmarks:
                yield from _of_landmark(arm, time, place)


def _of_landmark(arm: Arm, time: float, place: str) -> Iterator[Finding]:
    mark = arm.landmarks[time]
    known = greenwood_sums(mark)
    if not known or mark.ci is None:
        return
    smallest = min(sums.lower for sums in known.values())
    level = f"{mark.ci_level or USUAL_LEVEL:g}%"
    printed = f"{mark.survival} ({level} CI {mark.ci[0]} to {mark.ci[1]}) at {short(time)}"
    stated = mark.ci_level is not None  # so that it cannot be one of another level
    needed = patients_needed(mark)
    n = arm.most_patients
    if n is not None and needed > n * (1 + 1e-9):
        severity: Severity = "error" if stated or needed * LEVELS[0] > n else "warning"
        yield NARROW.finding(
            severity, f"{place}, survival at {short(time)}", printed=f"{printed}, n {arm.n}",
            expected=f"at least {_counted(needed)}",
            sentence=f"A {level} confidence interval this narrow needs at least "
            f"{_counted(needed)}, and there are {patients_text(arm, '')}.",
        )  # fmt: skip
        return
    at_risk = arm.at_risk.get(time, 0)
    odds_against = (1 - mark.survival.lower) / mark.survival.lower
    most = odds_against / smallest if smallest > 0 else math.inf
    if at_risk > most * (1 + 1e-9):
        yield NARROW.finding(
            "error" if stated or at_risk > most * LEVELS[1] else "warning",
            f"{place}, survival at {short(time)}", printed=f"{printed}, {at_risk} at risk",
            expected=f"at most {math.floor(most)} at risk",
            sentence=f"A {level} confidence interval this wide leaves at most "
            f"{count(math.floor(most), 'patient')} at risk at {short(time)}, and there are "
            f"{at_risk}.",
        )  # fmt: skip


def _counted(needed: float) -> str:
    if math.isinf(needed):
        return "infinitely many patients"
    return count(math.ceil(needed), "patient")
