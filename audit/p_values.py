"""Reported p-values against the interval or the statistic beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scipy.special import chdtrc, stdtr

from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber, normalised
from ..studies.printed_fields import USUAL_LEVEL
from ..studies.reported import two_sided
from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .count_tests import count_matrix
from .counts import Counts, count_rows
from .events import MORE_INFORMATION, level_hint, most_by_what
from .hazard_ratios import (
    ReportedRatio,
    centre,
    misprint,
    off_centre,
    reported_ratios,
    rises,
    standard_error,
)
from .rule import (
    Bounds,
    Finding,
    Rule,
    Severity,
    asks,
    count_families,
    far_from,
    mean_tests_named,
    p_is,
    p_of_z,
    p_text,
    severity_of,
    z_of_p,
)

__all__ = [
    "ratio_p_events",
    "ratio_p_values",
    "statistic_p_values",
    "usual_distance",
    "wald_z",
]

_ALPHA = 0.05
_FAR = 0.5  # standard errors beyond the usual distance, at which no usual test fits
_ABSOLUTE = 0.05  # standard errors; ties, and the programs' ways of handling them
_RELATIVE = 0.15  # of z; unequal arms
_CURVATURE = 1.5  # times what equal arms give

P_INTERVAL = Rule(
    name="p-interval",
    asks="Is the p-value the one that hazard ratio and interval give?",
    tolerance="Ratio, limits and p may each be any value that rounds to the reported one. A "
    "log-rank, score or likelihood-ratio p may differ from Wald's by 15% and 0.05 standard "
    "errors, and by more with a ratio far from 1, where the three part; up to half a standard"
    " error beyond that is a warning, more an error. Beside a regression coefficient, where "
    "programs give Wald's p, one more than 0.05 standard errors from it is a note.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2304. doi:10.1136/bmj.d2304",
)
SIDES = Rule(
    name="significance-sides",
    asks="Are interval and p-value on the same side of 0.05?",
    tolerance="Only limits that are off 1, and p-values that are off 0.05, under every rounding. "
    "Where another test than Wald's could give the p-value it is a note, beside a regression "
    "coefficient a warning, and an error where none could.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2304. doi:10.1136/bmj.d2304",
)


@asks(P_INTERVAL, SIDES)
def ratio_p_values(study: Study) -> Iterator[Finding]:
    """Yield the p-values that do not fit their hazard ratio and interval."""
    for statement in reported_ratios(study):
        p = statement.two_sided_p
        if statement.ci is None or p is None:
            continue
        if not (statement.adjusted and "log" in statement.test):  # p is not of the same model
            yield from _in_ratio(statement, statement.ci, p)


def wald_z(
    ratio: PrintedNumber | None,
    ci: tuple[PrintedNumber, PrintedNumber],
    level: float | None = None,
) -> tuple[Bounds, ...]:
    """Return the Wald statistics that agree with a ratio and its interval.

    Two ranges if the ratio is off the middle of its interval: that of the ratio and that of the
    middle, since either may be the misprint.
    """
    se = standard_error(ci, level)
    logs = [] if ratio is None else [Bounds.of(ratio).log()]
    if ratio is None or off_centre(ratio, ci) > 0:
        logs.append(centre(ci))
    return tuple(_divided(log, se) for log in logs)


def _divided(log: Bounds, se: Bounds) -> Bounds:
    size = _size(log)
    return Bounds(
        0.0 if math.isinf(se.upper) else size.lower / se.upper,
        size.upper / se.lower if se.lower > 0 else math.inf,
    )


def usual_distance(z: Bounds, log_ratio: float) -> Bounds:
    """Return the statistics of log-rank, score and likelihood-ratio tests beside a Wald one.

    Notes
    -----
    With equal arms at risk and D events the score statistic is 2 sqrt(D) (pi - 1/2) and Wald's
    is log(HR) sqrt(D pi (1 - pi)), where pi = HR / (1 + HR): their ratio is 1.02 at HR 0.5, 1.11
    at 0.2 and 1.24 at 0.1.
    """
    pi = 1 / (1 + math.exp(-max(min(log_ratio, 5.0), -5.0)))
    equal_arms = 1.0
    if abs(log_ratio) > 0.01:
        equal_arms = 2 * abs(pi - 0.5) / (abs(log_ratio) * math.sqrt(pi * (1 - pi)))
    share = 1 + _RELATIVE + _CURVATURE * abs(equal_arms - 1)
    return Bounds(z.lower / share - _ABSOLUTE, z.upper * share + _ABSOLUTE)


def _in_ratio(
    statement: ReportedRatio, ci: tuple[PrintedNumber, PrintedNumber], p: PrintedNumber
) -> Iterator[Finding]:
    ratio = statement.hazard_ratio
    if not rises(ci):
        return
    if ratio is not None and misprint(ratio, ci):  # found already; p has nothing to be set beside
        return
    wald = wald_z(ratio, ci, statement.level)
    log_ratio = math.log(ratio.value) if ratio else centre(ci).upper
    printed = z_of_p(Bounds.of(p))
    beyond = min(printed.gap(_allowed(statement, z, log_ratio)) for z in wald)
    if statement.level in (None, USUAL_LEVEL) and _other_sides(ci, p):
        yield _sides(statement, wald[0], beyond, hints=_hints(statement, wald, log_ratio))
    elif beyond > 0:
        severity: Severity = "error" if beyond > _FAR else "warning"
        told = f"{wald_p(wald, p)}, not {p.bare}{_copied(statement)}"
        yield _apart(statement, severity, told, hints=_hints(statement, wald, log_ratio))
    elif statement.regression and min(printed.gap(z) for z in wald) > _ABSOLUTE:
        yield _apart(statement, "note", f"{wald_p(wald, p)}; {p.bare} may come from another test")


def wald_p(wald: tuple[Bounds, ...], reported: PrintedNumber) -> str:
    """Return the p-values that agree with a ratio and its interval, in words."""
    return " or ".join(dict.fromkeys(p_text(p_of_z(z), beside=reported) for z in wald))


def _hints(statement: ReportedRatio, wald: tuple[Bounds, ...], log_ratio: float) -> str:
    """Say what would make interval and p agree: another level, a one-sided p."""
    allowed = [_allowed(statement, z, log_ratio) for z in wald]
    return level_hint(statement) + _one_sided_hint(statement, allowed)


def _one_sided_hint(statement: ReportedRatio, allowed: Iterable[Bounds]) -> str:
    """Say so if twice the p is of one of the statistics that are allowed."""
    p = statement.p
    if p is None or statement.one_sided or not p.reached or p.value >= 0.5:
        return ""
    doubled = z_of_p(Bounds.of(two_sided(p)))
    return " It would be the one-sided p." if any(map(doubled.overlaps, allowed)) else ""


def _apart(statement: ReportedRatio, severity: Severity, p: str, *, hints: str = "") -> Finding:
    wald = ""
    if statement.ci and statement.p:
        wald = wald_p(wald_z(statement.hazard_ratio, statement.ci, statement.level), statement.p)
    return P_INTERVAL.finding(
        severity, statement.place, printed=statement.text, expected=f"p {wald}",
        sentence=f"This hazard ratio with this interval gives a Wald p-value of {p}.{hints}",
    )  # fmt: skip


def _allowed(statement: ReportedRatio, z: Bounds, log_ratio: float) -> Bounds:
    return z if "wald" in statement.test else usual_distance(z, log_ratio)


def _copied(statement: ReportedRatio) -> str:
    """Say so if p repeats the digits of the ratio, a common slip."""
    ratio, p = statement.hazard_ratio, statement.p
    return ", which repeats the hazard ratio" if ratio and p and ratio.bare == p.bare else ""


def _other_sides(ci: tuple[PrintedNumber, PrintedNumber], p: PrintedNumber) -> bool:
    excludes = ci[0].lower > 1 or ci[1].upper < 1
    includes = ci[0].upper < 1 < ci[1].lower
    small = p.upper < _ALPHA or (p.relation == "<" and p.upper <= _ALPHA)
    large = p.lower > _ALPHA
    return (excludes and large) or (includes and small)


def _sides(statement: ReportedRatio, wald: Bounds, beyond: float, *, hints: str) -> Finding:
    severity: Severity = "note"
    if beyond > 0:
        severity = "error"
    elif statement.regression or "wald" in statement.test:
        severity = "warning"
    assert statement.ci is not None and statement.p is not None  # noqa: S101, PT018 - the caller asked
    leaves_out = statement.ci[0].lower > 1 or statement.ci[1].upper < 1
    side = "leaves out 1, which goes with p < 0.05" if leaves_out else "holds 1, so that p > 0.05"
    another = " Two different tests may have been used." if severity == "note" else ""
    return SIDES.finding(
        severity, statement.place, printed=statement.text, expected=f"p {p_text(p_of_z(wald))}",
        sentence=f"The 95% confidence interval {side}, but p is {statement.p.bare}.{another}"
        f"{hints}",
    )  # fmt: skip


P_EVENTS = Rule(
    name="p-events",
    asks="Can so many events give this p with this hazard ratio?",
    tolerance="Asked where no interval is reported. An event carries at most 1/4 of information "
    "on a log hazard ratio of two groups, 5% more with ties, so that with the events there are, "
    "or can be, p is no smaller than a bound. From 30 reported events on, of an unadjusted and "
    "unstratified comparison of arms of known size or events, it is no larger than another, by the "
    "information of interval-level. Beyond either, what p-interval allows beside an interval is "
    "allowed.",
    reference="Parmar MKB, Torri V, Stewart L. Stat Med 1998;17:2815-2834. "
    "doi:10.1002/(SICI)1097-0258(19981230)17:24<2815::AID-SIM110>3.0.CO;2-8",
)


@asks(P_EVENTS)
def ratio_p_events(study: Study) -> Iterator[Finding]:
    """Yield the p-values that the events cannot give with a hazard ratio without an interval."""
    for statement in reported_ratios(study):
        ratio, p = statement.hazard_ratio, statement.two_sided_p
        if statement.ci is not None or ratio is None or p is None or not statement.two_groups:
            continue
        if ratio.lower <= 0 or (statement.adjusted and "log" in statement.test):
            continue
        least, most, what = _information(statement, math.log(ratio.value))
        size = _size(Bounds.of(ratio).log())
        z = Bounds(size.lower * math.sqrt(least), size.upper * math.sqrt(most))
        allowed = _allowed(statement, z, math.log(ratio.value))
        beyond = z_of_p(Bounds.of(p)).gap(allowed)
        if beyond > 0:
            yield _not_of_events(statement, p, allowed, what, far=beyond > _FAR)


def _information(statement: ReportedRatio, log_ratio: float) -> tuple[float, float, str]:
    """Return the least and the most information that there can be, and what says so."""
    limit, what = most_by_what(statement)
    if limit is None:
        return 0.0, math.inf, ""
    most = limit * MORE_INFORMATION / 4
    usual = not (statement.adjusted or statement.stratified)
    if usual and statement.compared is not None:
        return *(statement.compared.information(log_ratio) or (0.0, most)), what
    return 0.0, most, what


def _not_of_events(
    statement: ReportedRatio, p: PrintedNumber, allowed: Bounds, what: str, *, far: bool
) -> Finding:
    possible, ratio = p_of_z(allowed), statement.hazard_ratio
    assert ratio is not None  # noqa: S101 - the caller asked
    text = p_text(possible, beside=p)
    if possible.upper >= 1:
        text = f"of at least {possible.lower:.2g}"
    else:
        text = f"of {text}" if text[0].isdecimal() else text
    return P_EVENTS.finding(
        "error" if far else "warning", statement.place, printed=f"{statement.text}, {what}",
        expected=f"p {text}",
        sentence=f"With {what}, a hazard ratio of {ratio.bare} gives a p {text}, not "
        f"{p.bare}.{_one_sided_hint(statement, [allowed])}",
    )  # fmt: skip


STATISTIC_P = Rule(
    name="statistic-p",
    asks="Does the statistic give its p-value?",
    tolerance="Statistic and p may each be any value that rounds to the reported one; two-"
    "sided. t with Student's degrees of freedom, or with the fewest that Welch's can have; "
    "chi-square with those of the table, or of the arms if it is written with the test's name. "
    "Beside counts only if the test is named and no exact one, whose p has another statistic.",
    reference="Nuijten MB et al. Behav Res Methods 2016;48:1205-1226. "
    "doi:10.3758/s13428-015-0664-2",
)


_STATISTIC = re.compile(
    r"(?:chi|χ|x)\s*-?\s*(?:2|²|square[d]?)\s*=\s*(?P<statistic>[0-9]+(?:\.[0-9]+)?)", re.IGNORECASE
)


@dataclass(frozen=True)
class _Test:
    place: str
    name: str
    statistic: PrintedNumber
    p: PrintedNumber
    ranges: tuple[Bounds, ...]


@asks(STATISTIC_P)
def statistic_p_values(study: Study) -> Iterator[Finding]:
    """Yield the statistics that do not give their p-values."""
    for test in _tests(study):
        if far_from(test.p, test.ranges) == 0:
            continue
        yield STATISTIC_P.finding(
            severity_of(test.p, list(test.ranges)), test.place,
            printed=f"{test.name} = {test.statistic.bare}, p {test.p.bare}",
            expected=f"p {p_text(test.ranges[0])}",
            sentence=f"{test.name} = {test.statistic.bare} gives p {p_is(test.ranges[0])}, not "
            f"{test.p.bare}.",
        )  # fmt: skip


def _tests(study: Study) -> Iterator[_Test]:
    for endpoint in study.analysed:
        if endpoint.reported and endpoint.reported.p:
            yield from _in_the_name(endpoint, endpoint.reported.test or "", endpoint.reported.p)
    for row in count_rows(study):
        if row.row.statistic and row.row.p and _is_chi_square(row):
            df = 1 if row.row.total else max(len(row.parts) - 1, 1) * max(len(row.groups) - 1, 1)
            yield _chi_square(row.place, row.row.statistic, (row.row.p, df))
    for table in study.tables:
        for each in (*table.means, *table.medians):
            if each.statistic and each.p:
                yield from _of_groups(table, each, (each.statistic, each.p))


def _is_chi_square(row: Counts) -> bool:
    """Say whether the statistic of a row is a chi-square, and p is surely of the same test."""
    families = count_families(row.row.test)
    return families == {"chi-square"} or (count_matrix(row) is None and "chi-square" in families)


def _in_the_name(endpoint: Endpoint, test: str, p: PrintedNumber) -> Iterator[_Test]:
    """Yield the statistic that is written with the name of a test: "log-rank, χ² = 4.21"."""
    if found := _STATISTIC.search(normalised(test)):
        statistic = PrintedNumber.parse(found["statistic"])
        yield _chi_square(
            f"{endpoint.key}, reported comparison", statistic, (p, max(len(endpoint.arms) - 1, 1))
        )


def _chi_square(place: str, statistic: PrintedNumber, p_df: tuple[PrintedNumber, int]) -> _Test:
    p, df = p_df
    ends = [float(chdtrc(df, max(end, 0.0))) for end in (statistic.lower, statistic.upper)]
    return _Test(place, "chi-square", statistic, p, (Bounds.around(*ends),))


def _of_groups(
    table: Table, row: GroupRow, pair: tuple[PrintedNumber, PrintedNumber]
) -> Iterator[_Test]:
    named, (statistic, p) = mean_tests_named(row.test), pair
    size = _size(statistic)
    place = f"{table.place}: {row.variable}"
    if "kruskal" in row.test.lower():  # its H is a chi-square
        yield _chi_square(place, statistic, (p, max(len(row.cells) - 1, 1)))
        return
    if named == {"rank"}:
        yield _Test(place, "Z", statistic, p, (p_of_z(size),))
        return
    ns = [row.of.get(group) or table.groups.get(group) or 0 for group in row.cells]
    if named == {"t"} and len(ns) == 2 and min(ns) > 1:
        ranges = tuple(_t_range(size, df) for df in (sum(ns) - 2, min(ns) - 1))
        yield _Test(place, "t", statistic, p, (Bounds(ranges[0].lower, ranges[1].upper),))


def _size(value: Bounds | PrintedNumber) -> Bounds:
    """Return the range of sizes, whatever the sign."""
    ends = abs(value.lower), abs(value.upper)
    return Bounds(0.0 if value.lower <= 0 <= value.upper else min(ends), max(ends))


def _t_range(size: Bounds, df: int) -> Bounds:
    return Bounds(
        *(float(2 * stdtr(df, -end)) if math.isfinite(end) else 0.0
          for end in (size.upper, size.lower))
    )  # fmt: skip
