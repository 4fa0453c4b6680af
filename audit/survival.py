"""Reported survival against its interval, its median, other endpoints and the hazard ratio."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping

from ..presentation.formats import count
from ..studies.arm import Arm
from ..studies.endpoint import Endpoint, Reported
from ..studies.printed import PrintedNumber
from ..studies.study import Study
from .rule import Bounds, Finding, Rule, Severity, asks, short

__all__ = ["after_progression", "direction", "implied_ratio", "survival_order"]

_TOLERANCE = "Every reported number may be any value that rounds to it."
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
PLAIN = Rule(
    name="plain-shares",
    asks="Is survival a plain share of the patients, as if nobody had been censored?",
    tolerance="Asked of three or more different survivals, reported so precisely that by chance "
    "fewer than 1 in 1,000 such arms had all of them whole numbers of the patients, and not of a "
    "cohort's n or a share by the allocation. A note, since "
    "nobody may have been censored; a warning where fewer were at risk than were alive, and fewer "
    "than 1 in 100 had later survivals so by chance.",
    reference=_KAPLAN_MEIER,
)


@asks(RISING, OWN_INTERVAL, MEDIAN, NESTED, PLAIN)
def survival_order(study: Study) -> Iterator[Finding]:
    """Yield survival that rises, and survival that fits neither its interval nor its median."""
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            place = f"{endpoint.key}, arm {name}"
            yield from _rising(place, arm)
            yield from _own_intervals(place, arm, _other_arm(endpoint, name))
            yield from _median(place, arm)
            yield from _plain_shares(place, arm)
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


def _other_arm(endpoint: Endpoint, name: str) -> Arm | None:
    others = [arm for other, arm in endpoint.arms.items() if other != name]
    return others[0] if len(others) == 1 else None


_Estimate = tuple[PrintedNumber, tuple[PrintedNumber, PrintedNumber] | None]


def _estimates_of(arm: Arm) -> dict[str, _Estimate]:
    found: dict[str, _Estimate] = {
        f"survival at {short(time)}": (mark.survival, mark.ci)
        for time, mark in arm.landmarks.items()
    }
    return found | ({} if arm.median is None else {"median": (arm.median, arm.median_ci)})


def _outside(estimate: PrintedNumber, ci: tuple[PrintedNumber, PrintedNumber] | None) -> bool:
    return ci is not None and (estimate.upper < ci[0].lower or estimate.lower > ci[1].upper)


def _own_intervals(place: str, arm: Arm, other: Arm | None) -> Iterator[Finding]:
    beside = {} if other is None else _estimates_of(other)
    for what, (estimate, ci) in _estimates_of(arm).items():
        if ci is not None and _outside(estimate, ci):
            theirs, their_ci = beside.get(what, (estimate, None))
            crossed = their_ci and not _outside(estimate, their_ci) and not _outside(theirs, ci)
            hint = " The intervals of the two arms may be exchanged." if crossed else ""
            yield OWN_INTERVAL.finding(
                "error", f"{place}, {what}",
                printed=f"{estimate} (CI {ci[0]} to {ci[1]})", expected=f"{ci[0]} to {ci[1]}",
                sentence=f"The {what} of {estimate} lies outside its own interval.{hint}",
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
        f"median is reported as {median}.",
    )  # fmt: skip


_FEWEST_SHARES = 3  # different survivals
_BY_CHANCE = 0.001  # most; of arms in which somebody was censored
_BY_CHANCE_AFTER = 0.01  # most; of survivals after a time by which somebody was


def _plain_shares(place: str, arm: Arm) -> Iterator[Finding]:
    n = arm.n or 0 if arm.n_basis == "endpoint" else 0  # a share of other patients means nothing
    marks = {
        time: mark.survival
        for time, mark in arm.landmarks.items()
        if 0 < mark.survival.value < 1 and n * (mark.survival.upper - mark.survival.lower) < 1
    }
    alive = {time: round(n * survival.value) for time, survival in marks.items()}
    if not n or not all(marks[time].contains(left / n) for time, left in alive.items()):
        return
    different = {survival.value: survival for survival in marks.values()}
    chance = math.prod(n * (each.upper - each.lower) for each in different.values())
    if len(different) < _FEWEST_SHARES or chance > _BY_CHANCE:
        return
    fewer = [
        time
        for time, left in alive.items()
        if arm.at_risk.get(time, left) < left and _after(time, marks, n=n) <= _BY_CHANCE_AFTER
    ]
    found = f"All of these are whole numbers of the {count(n, 'patient')}"
    if fewer:
        at, left = arm.at_risk[fewer[0]], alive[fewer[0]]
        told = (
            f"{found}, as if nobody had been censored, but {at} were at risk at "
            f"{short(fewer[0])}, fewer than {left}."
        )
    else:
        told = (
            f"{found}, as if nobody had been censored before {short(max(marks))}: survival may be "
            "a plain proportion of the patients."
        )
    yield PLAIN.finding(
        "warning" if fewer else "note", f"{place}, landmarks",
        printed="; ".join(f"{survival} at {short(time)}" for time, survival in marks.items()),
        expected=", ".join(f"{left}/{n}" for left in alive.values()),
        sentence=told,
    )  # fmt: skip


def _after(time: float, marks: Mapping[float, PrintedNumber], *, n: int) -> float:
    """Return the chance that all lower survivals after a time are whole numbers of patients."""
    before = marks[time]
    later = {
        each.value: each for at, each in marks.items() if at > time and each.upper < before.lower
    }
    return math.prod(n * (each.upper - each.lower) for each in later.values())


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


_FEWEST_EVENTS = 5.0  # in both arms by a landmark; with fewer its ratio is mostly chance
_DRIFT = 2.0  # times
_Compared = tuple[str, list[PrintedNumber], list[PrintedNumber]]  # what, by treatment, reference

DIRECTION = Rule(
    name="direction",
    asks="Do hazard ratio, landmarks and medians favour the same arm?",
    tolerance="Asked only where the interval of the hazard ratio leaves out 1, and where every "
    "landmark, or the median, favours the other arm under every rounding. Curves may cross between "
    "landmarks, so it is a warning, and a note where another one favours the same arm.",
    reference="Tierney JF et al. Trials 2007;8:16. doi:10.1186/1745-6215-8-16",
)
STRAIN = Rule(
    name="hazards-strain",
    asks="Do the landmarks imply one hazard ratio at all times?",
    tolerance="The ratio that each landmark implies, ln S1 / ln S0, over every rounding; only "
    "landmarks by which at least 5 events are to be expected. A note if the ratios lie on both "
    "sides of 1, or differ by a factor of 2: one hazard ratio is then an average over time.",
    reference="Stensrud MJ, Hernan MA. JAMA 2020;323:1401-1402. doi:10.1001/jama.2020.1267",
)


@asks(DIRECTION, STRAIN)
def direction(study: Study) -> Iterator[Finding]:
    """Yield comparisons whose reported numbers favour different arms."""
    for endpoint in study.analysed:
        treatment, reference = endpoint.treatment, endpoint.reference
        if treatment is None or reference is None or endpoint.reported is None:
            continue
        arms = endpoint.arms[treatment], endpoint.arms[reference]
        yield from _direction(endpoint, endpoint.reported, arms)
        if endpoint.reported.hazard_ratio is not None:
            yield from _strain(endpoint, endpoint.reported.hazard_ratio, arms)


def _direction(endpoint: Endpoint, reported: Reported, arms: tuple[Arm, Arm]) -> Iterator[Finding]:
    if reported.ci is None or not all(limit.reached for limit in reported.ci):
        return
    better, worse = reported.ci[1].upper < 1, reported.ci[0].lower > 1
    if better == worse:  # neither, or limits that are reversed
        return
    against = []
    estimates = list(_estimates(arms))
    for what, treated, control in estimates:
        higher = all(one.lower > other.upper for one, other in zip(treated, control, strict=True))
        lower = all(one.upper < other.lower for one, other in zip(treated, control, strict=True))
        if (better and lower) or (worse and higher):
            against.append((what, treated, control))
    pairs = [pair for _, one, other in estimates for pair in zip(one, other, strict=True)]
    for_it = any(
        one.lower > other.upper if better else one.upper < other.lower for one, other in pairs
    )
    if against:
        yield _direction_finding(endpoint, reported, against, "note" if for_it else "warning")


def _estimates(arms: tuple[Arm, Arm]) -> Iterator[_Compared]:
    treatment, reference = arms
    times = [time for time in treatment.landmarks if time in reference.landmarks]
    if times:
        yield (
            f"survival at {', '.join(map(short, times))}",
            [treatment.landmarks[time].survival for time in times],
            [reference.landmarks[time].survival for time in times],
        )
    if treatment.median is not None and reference.median is not None:
        yield "median", [treatment.median], [reference.median]


def _direction_finding(
    endpoint: Endpoint, reported: Reported, against: list[_Compared], severity: Severity
) -> Finding:
    what = " and the ".join(name for name, _, _ in against)
    shown = "; ".join(
        f"{name}: {endpoint.treatment} {', '.join(map(str, treated))}, "
        f"{endpoint.reference} {', '.join(map(str, control))}"
        for name, treated, control in against
    )
    ratio = reported.hazard_ratio or "not printed"
    return DIRECTION.finding(
        severity, f"{endpoint.key}, reported comparison",
        printed=f"HR {ratio}; {shown}",
        expected="the same arm favoured",
        sentence=f"The hazard ratio of {endpoint.treatment} versus {endpoint.reference} favours "
        f"one arm and the {what} the other; the two arms may be the other way round in one of "
        "them.",
    )  # fmt: skip


def implied_ratio(treatment: PrintedNumber, reference: PrintedNumber) -> Bounds:
    """Return the hazard ratios that two survivals imply, were hazards proportional."""
    one, other = (Bounds.of(survival).within(0.0, 1.0).log() for survival in (treatment, reference))
    return Bounds(
        one.upper / other.lower if other.lower < 0 else 0.0,
        one.lower / other.upper if other.upper < 0 else float("inf"),
    )


def _strain(
    endpoint: Endpoint, reported: PrintedNumber, arms: tuple[Arm, Arm]
) -> Iterator[Finding]:
    treatment, reference = arms
    ratios = {
        time: implied_ratio(mark.survival, reference.landmarks[time].survival)
        for time, mark in treatment.landmarks.items()
        if time in reference.landmarks and _expected_events(arms, time) >= _FEWEST_EVENTS
    }
    if len(ratios) < 2:
        return
    smallest = min(bounds.upper for bounds in ratios.values())
    largest = max(bounds.lower for bounds in ratios.values())
    crosses = smallest < 1 < largest
    if not crosses and largest < _DRIFT * smallest:
        return
    shown = ", ".join(f"{bounds} at {short(time)}" for time, bounds in ratios.items())
    how = "lie on both sides of 1" if crosses else f"differ by a factor of {_DRIFT:.0f} or more"
    yield STRAIN.finding(
        "note", f"{endpoint.key}, landmarks", printed=f"HR {reported}; implied HR {shown}",
        expected="one hazard ratio at all times",
        sentence=f"The hazard ratios that the landmarks imply {how}, so the reported "
        f"{reported.bare} is an average over time and depends on the follow-up.",
    )  # fmt: skip


def _expected_events(arms: tuple[Arm, Arm], time: float) -> float:
    """Return the events by a landmark in both arms, were nobody censored before it."""
    return sum((arm.n or 0) * (1 - arm.landmarks[time].survival.value) for arm in arms)


DENOMINATOR = Rule(
    name="post-progression-patients",
    asks="Had as many patients progressed as an endpoint that begins at progression is of?",
    tolerance="Counts are whole, so nothing is allowed for. Events of the endpoint before include "
    "deaths, which are nobody's progression, so fewer patients are no finding; more are an error. "
    "Asked of endpoints of one cohort, told by their names.",
    reference="Michiels S, Saad ED, Buyse M. Drugs 2017;77:713-719. doi:10.1007/s40265-017-0728-y",
)

_AFTER = re.compile(
    r"\bPPS\b|\bPRS\b|post[-\s]?(?:progression|relapse|recurrence)|"
    r"(?:after|since|from)\s+(?:first\s+|disease\s+)?(?:progression|relapse|recurrence)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^(?:[BI]-?)?(?:PFS|TTP|DFS|RFS|EFS|DMFS)\b|progression|recurrence|relapse|disease-free",
    re.IGNORECASE,
)


@asks(DENOMINATOR)
def after_progression(study: Study) -> Iterator[Finding]:
    """Yield arms with more patients after progression than there were events before it."""
    after = [each for each in study.endpoints if _is_called(each, _AFTER)]
    others = [each for each in study.endpoints if not _is_called(each, _AFTER)]
    before = [each for each in others if _is_called(each, _BEFORE)]
    for later, earlier in itertools.product(after, before):
        if earlier.cohort == later.cohort:
            yield from _more_than_progressed(later, earlier)


def _is_called(endpoint: Endpoint, pattern: re.Pattern[str]) -> bool:
    return bool(pattern.search(endpoint.name) or pattern.search(endpoint.label))


def _more_than_progressed(later: Endpoint, earlier: Endpoint) -> Iterator[Finding]:
    for name in later.arms.keys() & earlier.arms.keys():
        n, arm = later.arms[name].n, earlier.arms[name]
        events = arm.events if arm.events is not None else (len(arm.event_times) or None)
        if n is None or events is None or n <= events or later.arms[name].n_basis != "endpoint":
            continue
        whole = " That is all patients of the arm." if n == arm.n else ""
        yield DENOMINATOR.finding(
            "error", f"{later.key}, arm {name}",
            printed=f"n {n}; {earlier.name} {count(events, 'event')} of {arm.n or '?'} patients",
            expected=f"at most {count(events, 'patient')}",
            sentence=f"{later.name} begins at progression, which at most "
            f"{count(events, 'patient')} had by {earlier.name}, but it is of {n}.{whole}",
        )  # fmt: skip
