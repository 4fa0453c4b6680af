"""Counts of a table: levels against their sums, and parts against the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..studies.statement import Statement
from ..studies.study import Study
from ..studies.table import (
    CellNumbers,
    CountRow,
    Table,
    cell_numbers,
)
from .numbers import Bounds, exact_bounds
from .rule import Finding, Rule, Severity, asks

__all__ = [
    "Counts",
    "count_rows",
    "subset_counts",
    "sums",
]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """One variable of a table of counts.

    Attributes
    ----------
    table : Table
        Its table.
    row : CountRow
        The row as reported.
    cells : mapping
        Numbers of the cells that could be read and hold a whole count, by level, then group.
    """

    table: Table
    row: CountRow
    cells: Mapping[str, Mapping[str, CellNumbers]]

    @property
    def place(self) -> str:
        """Where it is in the paper."""
        return f"{self.table.place}: {self.row.variable}"

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups that have a cell, in the table's order."""
        named = {group for cells in self.row.levels.values() for group in cells}
        order = (*self.table.groups, *sorted(named - set(self.table.groups)))
        return tuple(group for group in order if group in named)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Levels but the total."""
        return tuple(level for level in self.row.levels if level != self.row.total)

    def patients(self, group: str) -> int | None:
        """Return the patients that the row is of in one group, as the paper states them."""
        return self.row.of.get(group) or self.table.groups.get(group)

    def counts(self, group: str) -> dict[str, int] | None:
        """Return the counts of a group by level without the total; None if one is missing."""
        found = {level: self.count(level, group) for level in self.parts}
        whole = {level: count for level, count in found.items() if count is not None}
        return whole if len(whole) == len(found) else None

    def count(self, level: str, group: str) -> int | None:
        """Return one count; None if it is not reported."""
        cell = self.cells.get(level, {}).get(group)
        return None if cell is None else cell.count


def count_rows(study: Study) -> Iterator[Counts]:
    """Yield the rows of counts of every table."""
    for table in study.tables:
        for row in table.counts:
            yield Counts(table=table, row=row, cells=_cells(row))


def _cells(row: CountRow) -> dict[str, dict[str, CellNumbers]]:
    read = {
        level: {group: cell_numbers(text) for group, text in cells.items()}
        for level, cells in row.levels.items()
    }
    return {
        level: {group: cell for group, cell in cells.items() if cell and cell.count is not None}
        for level, cells in read.items()
    }


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
    tolerance="Whole numbers are exact; other numbers may be any value that rounds to it.",
    reference=_CONSORT,
)


@asks(SUB_COUNTS, TOTAL, SUM)
def sums(study: Study) -> Iterator[Finding]:
    """Yield the parts that do not add up."""
    for row in count_rows(study):
        yield from _level_sums(row)
        for group in row.groups:
            yield from _total(row, group)
    for statement in study.statements:
        yield from _stated_sum(statement)


def _level_sums(row: Counts) -> Iterator[Finding]:
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
    """Say so if the reported percentages are those of the sum."""
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


def _stated_sum(statement: Statement) -> Iterator[Finding]:
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


_MATCHING = "Austin PC. Stat Med 2008;27:2037-2049. doi:10.1002/sim.3150"
SUBSET = Rule(
    name="subset-counts",
    asks="Is no level larger among the matched patients than among all, and do no more patients "
    "of a level drop out than there are to drop out?",
    tolerance="Counts are whole, so nothing is allowed for; patients whose value is not printed "
    "for all, or for those chosen, may have had it, and are added. Only for tables with "
    "`subset_of`.",
    reference=_MATCHING,
)
SWAPPED = Rule(
    name="labels-swapped",
    asks="Would the labels of two levels, exchanged, make matched counts possible?",
    tolerance="As for subset-counts; every group must be possible with the labels exchanged.",
    reference=_MATCHING,
)


@dataclass(frozen=True)
class _Misfit:
    """A count of the part that the count of the whole does not leave room for."""

    level: str
    group: str
    count: int
    before: int
    limit: int
    problem: str


@asks(SUBSET, SWAPPED)
def subset_counts(study: Study) -> Iterator[Finding]:
    """Yield counts of a part of the patients that do not fit those of all."""
    rows = list(count_rows(study))
    for row in rows:
        for whole in rows:
            same = whole.row.variable == row.row.variable
            if same and row.table.subset_of and row.table.subset_of == whole.table.id:
                yield from _compare(row, whole)


def _compare(part: Counts, whole: Counts) -> Iterator[Finding]:
    labels = {level: level for level in part.row.levels}
    over, lost = list(_over(part, whole, labels)), list(_lost(part, whole, labels))
    if not over and not lost:
        return
    exchanged = _exchanged(part)
    swapped = exchanged and not [*_over(part, whole, exchanged), *_lost(part, whole, exchanged)]
    if swapped:
        yield _swapped(part, whole, over or lost)
    elif over:
        yield SUBSET.finding(
            "error", part.place, printed=_misfits_text(over),
            expected="; ".join(f"at most {each.limit}" for each in over),
            sentence=f"Some counts are larger than in {whole.table.place}, whose patients they "
            "are chosen from.",
        )  # fmt: skip
    else:
        yield from (_too_few(part, whole, each) for each in lost)


def _swapped(part: Counts, whole: Counts, misfits: list[_Misfit]) -> Finding:
    first, second = part.row.levels
    return SWAPPED.finding(
        "error", part.place, printed=_misfits_text(misfits),
        expected=f"{first} and {second} exchanged",
        sentence=f"{misfits[0].problem.capitalize()} patients than {whole.table.place} leaves room "
        f"for; with the labels {first} and {second} exchanged the counts are possible.",
    )  # fmt: skip


def _too_few(part: Counts, whole: Counts, misfit: _Misfit) -> Finding:
    ours, all_patients = part.patients(misfit.group), whole.patients(misfit.group)
    assert ours is not None and all_patients is not None  # noqa: S101, PT018 - it is a misfit
    return SUBSET.finding(
        "error", f"{part.place}, {misfit.level}, {misfit.group}",
        expected=f"at least {misfit.limit}",
        printed=f"{misfit.count} of {ours}, and {misfit.before} of {all_patients} in "
        f"{whole.table.place}",
        sentence=f"{misfit.before - misfit.count} patients fewer than in {whole.table.place}, but "
        f"only {all_patients - ours} patients of the group were left out.",
    )  # fmt: skip


def _misfits_text(misfits: list[_Misfit]) -> str:
    return "; ".join(
        f"{each.level}, {each.group}: {each.count} of {each.before}" for each in misfits
    )


def _exchanged(row: Counts) -> dict[str, str]:
    if len(row.row.levels) != 2 or not row.row.exclusive:
        return {}
    first, second = row.row.levels
    return {first: second, second: first}


def _pairs(
    part: Counts, whole: Counts, labels: dict[str, str]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield level, group, and the counts of both tables where both are reported."""
    for level in part.row.levels:
        for group in part.groups:
            count, before = part.count(level, group), whole.count(labels[level], group)
            if count is not None and before is not None:
                yield level, group, count, before


def _over(part: Counts, whole: Counts, labels: dict[str, str]) -> Iterator[_Misfit]:
    """Yield the levels that hold more patients in the part than the whole can have."""
    for level, group, count, before in _pairs(part, whole, labels):
        most = before + _unknown(whole, group)
        if count > most:
            yield _Misfit(level, group, count, before, limit=most, problem="more")


def _lost(part: Counts, whole: Counts, labels: dict[str, str]) -> Iterator[_Misfit]:
    """Yield the levels that lose more patients than were left out."""
    for level, group, count, before in _pairs(part, whole, labels):
        ours, all_patients = part.patients(group), whole.patients(group)
        if ours is None or all_patients is None or ours > all_patients:
            continue
        least = before - (all_patients - ours) - _unknown(part, group)
        if count < least:
            yield _Misfit(level, group, count, before, limit=least, problem="fewer")


def _unknown(row: Counts, group: str) -> int:
    """Return the patients of a group whose level is not reported."""
    counts, patients = row.counts(group), row.patients(group)
    if not row.row.exclusive or counts is None or patients is None:
        return 0
    return max(patients - sum(counts.values()), 0)
