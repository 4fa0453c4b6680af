"""What a paper states in sentences: significance, sample sizes, lists of patients."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist

from ..presentation.formats import count
from ..studies.printed import PrintedNumber
from ..studies.statement import Claim, Listed, SampleSize, Statement
from ..studies.study import Study
from ..studies.table import Table
from .rule import Bounds, Finding, Rule, Severity, asks, short

__all__ = [
    "claims",
    "listed_patients",
    "needed",
    "sample_sizes",
]

CLAIM = Rule(
    name="called-significant",
    asks="Is a difference called significant if its p-value is below the level, and only then?",
    tolerance="The p-value may be any that rounds to the reported one. One that is reported "
    "as the level itself may have been below or above it: a note if it is called significant.",
    reference="Altman DG, Bland JM. BMJ 1995;311:485. doi:10.1136/bmj.311.7003.485",
)


@asks(CLAIM)
def claims(study: Study) -> Iterator[Finding]:
    """Yield the differences whose p-value does not go with what they are called."""
    for statement in study.statements:
        for claim in statement.claims:
            severity = _claim_severity(claim)
            if severity is not None:
                yield _claim_finding(statement, claim, severity)


def _claim_severity(claim: Claim) -> Severity | None:
    """Return how far a p-value is from what is said of it; None if it may be so."""
    p, alpha = claim.p, claim.alpha.value
    if claim.significant:
        if p.lower >= alpha:
            return "error"
        return "note" if p.relation == "=" and p.value >= alpha else None
    below = p.upper < alpha or (p.relation == "<" and p.upper <= alpha)
    return "error" if below else None


def _claim_finding(statement: Statement, claim: Claim, severity: Severity) -> Finding:
    called = "significant" if claim.significant else "not significant"
    side = "below" if claim.significant else "at least"
    only = "; p is that only if it was rounded up" if severity == "note" else ""
    p = claim.p.bare if claim.p.bare[:1] in "<>" else f"= {claim.p.bare}"
    return CLAIM.finding(
        severity, statement.place, printed=f"p {p}, {called}",
        expected=f"p {side} {claim.alpha.bare}",
        sentence=f"A difference with p {p} is called {called}, where p < {claim.alpha.bare} counts "
        f"as significant{only}.",
    )  # fmt: skip


_Z = NormalDist().inv_cdf

SIZE = Rule(
    name="sample-size",
    asks="Do the assumptions give the sample size?",
    tolerance="One- and two-sided tests, normal approximations with the variance of either "
    "hypothesis, arcsine, and a continuity correction: the reported size must be between the "
    "smallest and the largest of these, or it is a warning.",
    reference="Fleiss JL, Levin B, Paik MC. Statistical Methods for Rates and Proportions. 2003. "
    "doi:10.1002/0471445428; Schoenfeld DA. Biometrics 1983;39:499-503. doi:10.2307/2531021",
)
DROP_OUT = Rule(
    name="drop-out",
    asks="Does the number recruited leave the sample size once patients drop out?",
    tolerance="n / (1 - d) leaves n patients; n (1 + d), which is common, leaves slightly fewer: a "
    "note. Fewer than that is a warning.",
    reference=SIZE.reference,
)


@asks(SIZE, DROP_OUT)
def sample_sizes(study: Study) -> Iterator[Finding]:
    """Yield the sample sizes that do not follow from their assumptions."""
    for statement in study.statements:
        if statement.sample_size is not None:
            yield from _size_finding(statement.place, statement.sample_size)
            yield from _drop_out_finding(statement.place, statement.sample_size)


def needed(size: SampleSize) -> Bounds:
    """Return the smallest and the largest size that usual formulae give."""
    sizes = [
        formula
        for sides in (1, 2)
        for formula in _formulae(size, _Z(1 - size.alpha.value / sides), _Z(size.power.value))
    ]
    return Bounds(math.floor(min(sizes)), math.ceil(max(sizes)))


def _formulae(size: SampleSize, za: float, zb: float) -> Iterator[float]:
    if size.hazard_ratio is not None and size.design == "survival":
        log_ratio = math.log(size.hazard_ratio.value)
        yield 4 * ((za + zb) / log_ratio) ** 2 if log_ratio else math.inf
        return
    assert size.baseline is not None and size.alternative is not None  # noqa: S101, PT018 - checked when read
    p0, p1 = size.baseline.value, size.alternative.value
    gap = abs(p1 - p0) or math.nan
    v0, v1 = p0 * (1 - p0), p1 * (1 - p1)
    arcsine = 2 * (math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p0)))
    if size.design == "one proportion":
        plain = ((za * math.sqrt(v0) + zb * math.sqrt(v1)) / gap) ** 2
        yield from (plain, plain + 1 / gap, ((za + zb) / gap) ** 2 * v1)
        yield ((za + zb) / arcsine) ** 2
        return
    middle = (p0 + p1) / 2
    pooled = za * math.sqrt(2 * middle * (1 - middle))
    plain = 2 * ((pooled + zb * math.sqrt(v0 + v1)) / gap) ** 2
    yield from (plain, plain + 4 / gap, 2 * ((za + zb) / gap) ** 2 * (v0 + v1))
    yield 4 * ((za + zb) / arcsine) ** 2


def _size_finding(place: str, size: SampleSize) -> Iterator[Finding]:
    expected = needed(size)
    if expected.lower <= size.n.value <= expected.upper:
        return
    what = "events" if size.design == "survival" else "patients"
    yield SIZE.finding(
        "warning", place, printed=f"{size.n.bare} {what}", expected=f"{expected} {what}",
        sentence=f"These assumptions give {expected} {what} by usual formulae, not {size.n.bare}.",
    )  # fmt: skip


def _drop_out_finding(place: str, size: SampleSize) -> Iterator[Finding]:
    if size.drop_out is None or size.recruited is None:
        return
    n, lost, recruited = size.n.value, size.drop_out.value, size.recruited.value
    enough = math.ceil(n / (1 - lost) - 1e-9)
    if recruited >= enough - 1 + 1e-9 and recruited * (1 - lost) >= n - 0.5:
        return
    added = recruited >= math.floor(n * (1 + lost) + 1e-9)
    how = "; the share was added to the sample size instead" if added else ""
    yield DROP_OUT.finding(
        "note" if added else "warning", place, expected=f"at least {enough}",
        printed=f"{size.recruited.bare} recruited, {size.n.bare} needed, {size.drop_out} drop-out",
        sentence=f"When {size.drop_out} of {size.recruited.bare} drop out, "
        f"{short(round(recruited * (1 - lost), 1))} remain of the {size.n.bare} needed{how}.",
    )  # fmt: skip


_BETWEEN = re.compile(r"\s*[,;+]\s*")

LISTED_COUNT = Rule(
    name="listed-count",
    asks="Does a list of patients hold as many of a kind as is said elsewhere?",
    tolerance="Counts are whole, so nothing is allowed for. A patient counts if the cell is what "
    "is asked for, or has it between commas or plus signs.",
    reference="Moher D et al. BMJ 2010;340:c869. doi:10.1136/bmj.c869",
)
LISTED_SUMMARY = Rule(
    name="listed-summary",
    asks="Do the values of a list of patients have the mean, spread or median that is printed?",
    tolerance="Every rounding of what is reported; the standard deviation with n as well as n - 1. "
    "Listed values are taken as they are.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)

_SUMMARIES: dict[str, tuple[Callable[[Sequence[float]], float], ...]] = {
    "mean": (statistics.fmean,),
    "sd": (statistics.stdev, statistics.pstdev),
    "median": (statistics.median,),
}


@asks(LISTED_COUNT, LISTED_SUMMARY)
def listed_patients(study: Study) -> Iterator[Finding]:
    """Yield what is said of lists of patients and is not so."""
    tables = {table.id: table for table in study.tables}
    for statement in study.statements:
        for said in statement.listed:
            cells = _column(tables[said.table], said.column)
            yield from _listed_count(statement, said, (tables[said.table], cells))
            yield from _listed_summary(statement, said, (tables[said.table], cells))


def _column(table: Table, name: str) -> list[str]:
    number = table.columns.index(name)
    return [row[number] for row in table.rows]


def _listed_count(
    statement: Statement, said: Listed, listed: tuple[Table, list[str]]
) -> Iterator[Finding]:
    table, cells = listed
    if said.count is None:
        return
    parts = [_BETWEEN.split(cell) for cell in cells]
    found = sum(each == _BETWEEN.split(said.holds) or said.holds in each for each in parts)
    if said.count.contains(found):
        return
    yield LISTED_COUNT.finding(
        "error", f"{statement.place}; {table.place}", expected=str(found),
        printed=f"{said.column}, {said.holds}: {said.count.bare}; {found} listed",
        sentence=f"{table.place} lists {count(found, 'patient')} with {said.holds}, "
        f"{statement.place} has {said.count.bare}.",
    )  # fmt: skip


def _listed_summary(
    statement: Statement, said: Listed, listed: tuple[Table, list[str]]
) -> Iterator[Finding]:
    table, cells = listed
    values = [float(cell) for cell in cells if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)]
    for name, ways in _SUMMARIES.items():
        printed: PrintedNumber | None = getattr(said, name)
        if printed is None or len(values) < 2:
            continue
        found = [way(values) for way in ways]
        if any(printed.contains(value) for value in found):
            continue
        what = "standard deviation" if name == "sd" else name
        yield LISTED_SUMMARY.finding(
            "error", f"{statement.place}; {table.place}", expected=short(found[0]),
            printed=f"{said.column}: {what} {printed.bare}",
            sentence=f"The {count(len(values), 'value')} that {table.place} lists have a {what} of "
            f"{short(found[0])}, not {printed.bare}.",
        )  # fmt: skip
