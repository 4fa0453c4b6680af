"""Parts against their wholes: levels of a variable, totals, sums in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.statement import Statement
from ..studies.study import Study
from .bounds import Bounds, exact_bounds
from .count_rows import Counts, count_rows
from .finding import Finding, Rule, Severity

__all__ = ["RULES", "check"]

_CONSORT = "Moher D et al. BMJ 2010;340:c869. doi:10.1136/bmj.c869"
SUB_COUNTS = Rule(
    name="sub-counts-sum",
    asks="Do the levels of a variable add up to the patients of the column?",
    tolerance="Counts are whole, so nothing is allowed for. More than the patients is an error; "
    "fewer is a warning, since values may be missing without the table saying so. Not asked of "
    "levels that a patient may have several of, nor of a group with none in any level.",
    reference=_CONSORT,
)
TOTAL = Rule(
    name="total",
    asks="Is the total the sum of its parts, or possible where patients may be in several?",
    tolerance="Counts are whole, so nothing is allowed for. Where patients may be in several "
    "parts, the total lies between the largest part and the sum of all.",
    reference=_CONSORT,
)
SUM = Rule(
    name="sum",
    asks="Do the parts that a sentence names add up to its total?",
    tolerance="Whole numbers are exact; other numbers may be any value that rounds to print.",
    reference=_CONSORT,
)
RULES = (SUB_COUNTS, TOTAL, SUM)


def check(study: Study) -> Iterator[Finding]:
    """Yield the parts that do not add up."""
    for row in count_rows(study):
        yield from _levels(row)
        for group in row.groups:
            yield from _total(row, group)
    for statement in study.statements:
        yield from _sum(statement)


def _levels(row: Counts) -> Iterator[Finding]:
    """Yield one finding for the groups with too many patients, one for those with too few."""
    misses = [miss for group in row.groups for miss in _miss(row, group)]
    for severity in ("error", "warning"):
        those = [miss for miss in misses if miss.severity == severity]
        if those:
            yield SUB_COUNTS.finding(
                those[0].severity, row.place,
                printed="; ".join(f"{miss.group} {miss.printed}" for miss in those),
                expected="; ".join(f"{miss.group} {miss.expected}" for miss in those),
                sentence=" ".join(miss.sentence for miss in those),
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Miss:
    severity: Severity
    group: str
    printed: str
    expected: str
    sentence: str


def _miss(row: Counts, group: str) -> Iterator[_Miss]:
    patients, counts = row.patients(group), row.counts(group)
    if patients is None or counts is None:
        return
    if row.row.exclusive and len(counts) > 1 and not row.row.total:
        if 0 < sum(counts.values()) != patients:  # all 0: the variable is not of this group
            yield _sum_miss(row, group, counts)
        return
    total = {row.row.total: row.count(row.row.total, group) or 0} if row.row.total else {}
    over = [f"{level} {n}" for level, n in (counts | total).items() if n > patients]
    if over:
        yield _Miss(
            severity="error", group=group, printed=", ".join(over), expected=f"at most {patients}",
            sentence=f"{group}: more are counted than the {patients} patients that there are.",
        )  # fmt: skip


def _sum_miss(row: Counts, group: str, counts: dict[str, int]) -> _Miss:
    patients, found = row.patients(group) or 0, sum(counts.values())
    adding = f"{group}: the {len(counts)} levels add up to {found}"
    over = found > patients
    return _Miss(
        severity="error" if over else "warning",
        group=group,
        printed=f"{' + '.join(map(str, counts.values()))} = {found}",
        expected=str(patients),
        sentence=f"{adding} patients in a group of {patients}{_percentages_of(row, group)}."
        if over
        else f"{adding} of {patients} patients; what the other {patients - found} had is not said.",
    )


def _percentages_of(row: Counts, group: str) -> str:
    """Say so if the printed percentages are those of the sum."""
    found = sum((row.counts(group) or {}).values())
    cells = [cells[group] for cells in row.cells.values() if group in cells]
    shares = [(cell.count, cell.percentage) for cell in cells]
    fit = all(
        count is not None and percent is not None and percent.contains(count / found)
        for count, percent in shares
    )
    return f"; the percentages are those of {found}" if fit else ""


def _total(row: Counts, group: str) -> Iterator[Finding]:
    counts = row.counts(group) if row.row.total else None
    total = row.count(row.row.total, group)
    if counts is None or total is None:
        return
    most = sum(counts.values())
    least = most if row.row.exclusive else max(counts.values())
    if least <= total <= most:
        return
    expected = str(most) if least == most else f"{least} to {most}"
    yield TOTAL.finding(
        "error", f"{row.place}, {group}", expected=expected,
        printed=f"{row.row.total} {total}; parts {', '.join(map(str, counts.values()))}",
        sentence=f"{row.row.total} is {total}, but its parts make {expected}.",
    )  # fmt: skip


def _sum(statement: Statement) -> Iterator[Finding]:
    if statement.sum is None:
        return
    total, parts = exact_bounds(statement.sum.total), map(exact_bounds, statement.sum.parts)
    ends = [(part.lower, part.upper) for part in parts]
    found = Bounds(sum(low for low, _ in ends), sum(high for _, high in ends))
    if found.overlaps(total):
        return
    percent = statement.sum.total.percent
    shown = str(Bounds(100 * found.lower, 100 * found.upper)) + "%" if percent else str(found)
    printed = f"{' + '.join(part.bare for part in statement.sum.parts)} for {statement.sum.total}"
    yield SUM.finding(
        "error", statement.source or statement.text, printed=printed, expected=shown,
        sentence=f"The parts add up to {shown}, not {statement.sum.total.bare}.",
    )  # fmt: skip
