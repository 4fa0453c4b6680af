"""Events against survival, its intervals, those at risk, the sum of arms, and ratios' intervals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping

from ..presentation.formats import count
from ..studies.arm import Arm
from ..studies.endpoint import Endpoint
from ..studies.study import Study
from ..studies.table import Table
from .follow_up import LEVELS, greenwood_sums, patients_needed
from .hazard_ratios import ReportedRatio, reported_ratios, rises, standard_error
from .rule import Finding, Rule, Severity, asks, patients_text, short

__all__ = [
    "MORE_INFORMATION",
    "event_counts",
    "events_needed",
    "events_possible",
    "fewest_events",
    "interval_events",
    "interval_levels",
    "level_hint",
    "most_by_what",
]

EVENTS = Rule(
    name="survival-events",
    asks="Are there as many events as survival, its intervals and the numbers at risk need, and no "
    "more than they leave room for?",
    tolerance="Every rounding, every scale of survival-interval. Events by a time are at most "
    "n (1 - S); survival that falls by a factor q takes at least r (1 - q) events, r at risk "
    "after it, and at most r (1 - q), r at risk before it; an interval with Greenwood's sum G "
    "takes at least (log S)² / G, and leaves at most (1 - S) / G at risk. Where the interval "
    "would have to be one of 90% or 99% it is a warning, else an error. An n that is a share of "
    "all patients by the allocation may be three standard deviations of tosses of a coin more.",
    reference="Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data. 2nd ed. "
    "2002. doi:10.1002/9781118032985",
)
EVENTS_SUM = Rule(
    name="events-sum",
    asks="Are the events of a comparison or a regression those of its arms?",
    tolerance="Counts are whole, so nothing is allowed for. More than in the arms is an error; "
    "fewer is an error where all patients are in the regression, else a note, since those with "
    "missing values are left out.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)
Limit = tuple[float, Severity, str]  # events, the severity beyond them, and what sets the limit


@asks(EVENTS, EVENTS_SUM)
def event_counts(study: Study) -> Iterator[Finding]:
    """Yield the events that survival does not give, and sums that are not those of the arms."""
    for endpoint in study.endpoints:
        yield from _in_endpoint(endpoint)
        yield from _sum_of_arms(endpoint)
    for table in study.tables:
        for endpoint in study.endpoints:
            if (table.cohort or endpoint.cohort, table.endpoint) == (
                endpoint.cohort,
                endpoint.name,
            ):
                yield from _in_table(table, endpoint)


def events_needed(arm: Arm) -> Iterator[Limit]:
    """Yield the fewest events that survival, its intervals and the numbers at risk allow.

    Notes
    -----
    With x = d / r at each event, Greenwood's sum G is that of x² / (d (1 - x)), and
    x / sqrt(1 - x) is at least -log(1 - x). By the Cauchy-Schwarz inequality the events are at
    least (log S)² / G, and so for the stretch between two landmarks.
    """
    by_interval = _needed_by_intervals(arm)
    if 0 < by_interval < math.inf:
        yield by_interval, "warning", "the width of the intervals of survival"
        yield by_interval * LEVELS[0], "error", "the width of the intervals of survival"
    least, last = 0.0, 1.0
    for time, mark in arm.landmarks.items():
        if time in arm.at_risk and last > 0:
            least += max(arm.at_risk[time] * (1 - mark.survival.upper / last), 0.0)
            last = mark.survival.lower
    if least > 0:
        yield least, "error", "the survival and the numbers at risk"
    if any(mark.survival.upper < 1 for mark in arm.landmarks.values()):
        yield 1.0, "error", "survival below 100%"
    if arm.event_times:
        yield float(len(arm.event_times)), "error", "the event times that are listed"


def _needed_by_intervals(arm: Arm) -> float:
    """Return the fewest events by the last landmark with an interval, on the best scale."""
    marks = [
        mark
        for mark in arm.landmarks.values()
        if greenwood_sums(mark) and patients_needed(mark) <= (arm.most_patients or math.inf)
    ]  # an interval too narrow for the patients is a finding of its own
    scales: dict[int, list[tuple[float, float, float, float]]] = {}
    for mark in marks:
        hazard = -math.log(mark.survival.upper), -math.log(mark.survival.lower)
        for scale, sums in greenwood_sums(mark).items():
            scales.setdefault(scale, []).append((*hazard, sums.lower, sums.upper))
    complete = [rows for rows in scales.values() if len(rows) == len(marks)]
    return min((_needed(rows) for rows in complete or scales.values()), default=0.0)


def _needed(rows: list[tuple[float, float, float, float]]) -> float:
    """Return the fewest events for cumulative hazards and Greenwood sums, each with its range."""
    whole = max(low * low / top if top > 0 else math.inf for low, _, _, top in rows)
    stretches = 0.0
    for before, after in itertools.pairwise([(0.0, 0.0, 0.0, 0.0), *rows]):
        fall, growth = after[0] - before[1], after[3] - before[2]
        if fall > 0 and growth > 0:
            stretches += fall * fall / growth
    return max(whole, stretches)


def events_possible(arm: Arm) -> Iterator[Limit]:
    """Yield the most events that patients, survival and numbers at risk leave room for."""
    most = arm.most_patients
    if most is None:
        return
    yield float(most), "error", f"the {patients_text(arm)}"
    longest = None if arm.follow_up is None else arm.follow_up.longest
    for time, mark in arm.landmarks.items():
        by_then = _by_then(arm, most, time)
        at = f"the survival at {short(time)}"
        if longest is not None and longest.upper <= time:
            yield by_then, "error", f"{at}, when follow-up has ended"
        if time in arm.at_risk:
            yield by_then + arm.at_risk[time], "error", f"{at} and the number at risk then"
        smallest = min((sums.lower for sums in greenwood_sums(mark).values()), default=0.0)
        if smallest > 0:
            left = (1 - mark.survival.lower) / smallest
            yield by_then + left, "warning", f"{at} and the width of its interval"
            yield by_then + left * LEVELS[1], "error", f"{at} and the width of its interval"


def _by_then(arm: Arm, n: int, until: float) -> float:
    """Return the most events by a landmark.

    Survival that falls by a factor q from r at risk takes at most r (1 - q) events, as censoring
    only makes each event count for more; r is at most the number at risk at any time before.
    """
    most, before, known = 0.0, 1.0, n
    for time, mark in arm.landmarks.items():
        if before > 0:
            most += known * max(1 - mark.survival.lower / before, 0.0)
        if time == until:
            return min(most, n * (1 - mark.survival.lower))
        before = min(before, mark.survival.upper)
        rows = [count for at, count in arm.at_risk.items() if at <= time]
        known = min([known, *rows])
    return most


def _in_endpoint(endpoint: Endpoint) -> Iterator[Finding]:
    counts = {name: arm.events for name, arm in endpoint.arms.items() if arm.events is not None}
    misfits = _misfits(endpoint, counts)
    hint = _exchange_hint(endpoint, counts) if misfits and len(counts) == 2 else ""
    if hint and len(misfits) == 2:
        yield _exchanged(endpoint, counts, misfits)
        return
    for name, (severity, expected, why) in misfits.items():
        arm = endpoint.arms[name]
        size = f" of {count(arm.n, 'patient')}" if arm.n is not None else ""
        yield EVENTS.finding(
            severity, f"{endpoint.key}, arm {name}, events", expected=expected,
            printed=f"{count(counts[name], 'event')}{size}",
            sentence=f"By {why} there must be {expected}, but {arm.events} are reported.{hint}",
        )  # fmt: skip


def _exchanged(
    endpoint: Endpoint,
    counts: Mapping[str, int],
    misfits: Mapping[str, tuple[Severity, str, str]],
) -> Finding:
    """Return one finding of two arms, each with the events of the other."""
    needed = "; ".join(f"{name} {expected}" for name, (_, expected, _) in misfits.items())
    gravest: Severity = (
        "error" if any(severity == "error" for severity, _, _ in misfits.values()) else "warning"
    )
    why = " and ".join(dict.fromkeys(why for _, _, why in misfits.values()))
    printed = "; ".join(f"{name} {count(events, 'event')}" for name, events in counts.items())
    return EVENTS.finding(
        gravest, f"{endpoint.key}, events", printed=printed, expected=needed,
        sentence=f"By {why} there must be {needed}, but {printed} are reported: the events of the "
        "two arms are exchanged, or what they are set beside is.",
    )  # fmt: skip


def _misfits(endpoint: Endpoint, counts: Mapping[str, int]) -> dict[str, tuple[Severity, str, str]]:
    """Return the arms whose events cannot be: how grave, what would be possible, and why."""
    found: dict[str, tuple[Severity, str, str]] = {}
    for name, events in counts.items():
        arm = endpoint.arms[name]
        wrong = [
            (severity, f"at least {count(math.ceil(least - 1e-9), 'event')}", why)
            for least, severity, why in events_needed(arm)
            if events < math.ceil(least - 1e-9)
        ] + [
            (severity, f"at most {count(math.floor(most + 1e-9), 'event')}", why)
            for most, severity, why in events_possible(arm)
            if events > math.floor(most + 1e-9)
        ]
        if wrong:
            found[name] = min(wrong, key=lambda each: ("error", "warning", "note").index(each[0]))
    return found


def _exchange_hint(endpoint: Endpoint, counts: Mapping[str, int]) -> str:
    """Say so if the events of the two arms, exchanged, are possible in both."""
    first, second = counts
    exchanged = {first: counts[second], second: counts[first]}
    if counts[first] == counts[second] or _misfits(endpoint, exchanged):
        return ""
    return f" With the events of {first} and {second} exchanged, both are possible."


def _arms_sum(endpoint: Endpoint) -> int | None:
    counted = [arm.events for arm in endpoint.arms.values()]
    return None if None in counted else sum(events or 0 for events in counted)


def _sum_of_arms(endpoint: Endpoint) -> Iterator[Finding]:
    found, reported = _arms_sum(endpoint), endpoint.reported
    if found is None or reported is None or reported.events in (None, found):
        return
    counts = " + ".join(str(arm.events) for arm in endpoint.arms.values())
    yield EVENTS_SUM.finding(
        "error", f"{endpoint.key}, reported comparison", expected=str(found),
        printed=f"{count(reported.events, 'event')}; arms {counts}",
        sentence=f"The comparison is of {count(reported.events, 'event')}, but those of the arms "
        f"add up to {found}.",
    )  # fmt: skip


def _in_table(table: Table, endpoint: Endpoint) -> Iterator[Finding]:
    """Compare the events of a regression with those of the arms.

    Some files hold the patients and events of a regression as groups, `{ n = 238, events = 158 }`.
    """
    events = table.events if table.events is not None else table.groups.get("events")
    found = _arms_sum(endpoint)
    if not table.hazard_ratios or events is None or found in (None, events):
        return
    sizes = [arm.n for arm in endpoint.arms.values()]
    all_patients = None if None in sizes else sum(size or 0 for size in sizes)
    n = table.n or table.groups.get("n")
    complete = n is None or all_patients is None or n == all_patients
    assert found is not None  # noqa: S101 - asked above
    severity: Severity = "error" if events > found or (complete and n is not None) else "note"
    missing = "" if severity == "error" else "; patients with missing values may be left out"
    counts = " + ".join(str(arm.events) for arm in endpoint.arms.values())
    yield EVENTS_SUM.finding(
        severity, table.place, expected=str(found),
        printed=f"{count(events, 'event')}; {endpoint.key}, arms {counts}",
        sentence=f"The table is of {count(events, 'event')}, but those of the arms add up to "
        f"{found}{missing}.",
    )  # fmt: skip


MORE_INFORMATION = 1.05
"""Times 1/4 of each event: ties, weights and Efron's correction add a few per cent."""
INTERVAL_EVENTS = Rule(
    name="interval-events",
    asks="Are there enough events, or patients, for an interval that narrow?",
    tolerance="An event carries at most 1/4 of information on a log hazard ratio of two "
    "groups, whatever their sizes, so a standard error needs at least 4/se² events: a bound, "
    "not an estimate. The events are those reported, or those that the survival at the "
    "longest follow-up leaves room for, or all patients. The interval is taken as wide as "
    "rounding allows; 5% are allowed for ties. Asked of arms, and of rows with a level and a "
    "reference, since a measurement has no such bound.",
    reference="Schoenfeld DA. Biometrics 1983;39:499-503. doi:10.2307/2531021",
)
LEVEL = Rule(
    name="interval-level",
    asks="Can an interval that states no level be one of 95%, by the number of events?",
    tolerance="Every rounding. The information of a and b events in two arms is a b / (a + b) "
    "times 0.93 - 0.10 |log HR| to 1 in 99% of simulated trials; of D events that of the splits "
    "which the patients allow, times 0.82 to 1.07. Asked from 30 events on, and not of adjusted "
    "ratios. A warning, if a level from 80% to 99.9% would agree.",
    reference="Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834. "
    "doi:10.1002/(SICI)1097-0258(19981230)17:24<2815::AID-SIM110>3.0.CO;2-8",
)


@asks(LEVEL)
def interval_levels(study: Study) -> Iterator[Finding]:
    """Yield the intervals that the events make too wide, or too narrow, for 95%."""
    for ratio in reported_ratios(study):
        if ratio.fit is not None and "events" in ratio.fit.by and ratio.ci is not None:
            yield LEVEL.finding(
                "warning", ratio.place, printed=_with_events(ratio),
                expected=f"an interval of {ratio.fit.text}",
                sentence=f"The interval of the hazard ratio states no level; {ratio.fit.sentence}.",
            )  # fmt: skip


def fewest_events(se: float) -> float:
    """Return the fewest events that give a log hazard ratio of two groups this standard error."""
    return 4 / (se * se) if se > 0 else math.inf


@asks(INTERVAL_EVENTS)
def interval_events(study: Study) -> Iterator[Finding]:
    """Yield the intervals that are too narrow for the events or patients there are."""
    for ratio in reported_ratios(study):
        limit, what = most_by_what(ratio)
        if not ratio.two_groups or ratio.ci is None or limit is None or not rises(ratio.ci):
            continue
        se = standard_error(ratio.ci, ratio.level).upper
        needed = fewest_events(se)
        if needed <= limit * MORE_INFORMATION:
            continue
        yield INTERVAL_EVENTS.finding(
            "error", ratio.place, printed=f"{ratio.text}, {what}",
            expected=f"at least {count(math.ceil(needed / MORE_INFORMATION), 'event')}",
            sentence="An interval this narrow needs at least "
            f"{count(math.ceil(needed / MORE_INFORMATION), 'event')}, and there are "
            f"{what}.{level_hint(ratio)}",
        )  # fmt: skip


def level_hint(ratio: ReportedRatio) -> str:
    """Say with which level an interval that states none would agree with the rest."""
    if ratio.fit is None:
        return ""
    return (
        f" As an interval of {ratio.fit.text} instead of 95% it would agree with "
        f"{' and '.join(ratio.fit.by)}; if the paper states its level, write it in `ci_level`."
    )


def _with_events(ratio: ReportedRatio) -> str:
    events = "" if ratio.events is None else f", {count(ratio.events, 'event')}"
    return f"{ratio.text}{events}"


def most_by_what(ratio: ReportedRatio) -> tuple[int | None, str]:
    """Return the most events there can be, and in words what says so."""
    if ratio.events is not None:
        return ratio.events, count(ratio.events, "event")
    if ratio.most_events is not None and (ratio.n is None or ratio.most_events < ratio.n):
        text = f"at most {ratio.most_events} events, by the survival at the end of follow-up"
        return ratio.most_events, text
    return ratio.n, "" if ratio.n is None else count(ratio.n, "patient")
