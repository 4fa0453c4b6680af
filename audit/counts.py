"""Counts of a table: parts of the patients against all of them, and percentages of counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..presentation.formats import count
from ..studies.printed import PrintedNumber
from ..studies.statement import Share
from ..studies.study import Study
from ..studies.table import (
    CellNumbers,
    CountRow,
    Table,
    cell_numbers,
)
from .rule import Finding, Rule, Severity, asks

__all__ = ["Counts", "count_rows", "percentages_of_counts", "subset_counts"]


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
        sentence=f"{count(misfit.before - misfit.count, 'patient')} fewer than in "
        f"{whole.table.place}, but only "
        f"{count(all_patients - ours, 'patient of the group was', 'patients of the group were')} "
        "left out.",
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
    for level, group, own, before in _pairs(part, whole, labels):
        most = before + _unknown(whole, group)
        if own > most:
            yield _Misfit(level, group, own, before, limit=most, problem="more")


def _lost(part: Counts, whole: Counts, labels: dict[str, str]) -> Iterator[_Misfit]:
    """Yield the levels that lose more patients than were left out."""
    for level, group, own, before in _pairs(part, whole, labels):
        ours, all_patients = part.patients(group), whole.patients(group)
        if ours is None or all_patients is None or ours > all_patients:
            continue
        least = before - (all_patients - ours) - _unknown(part, group)
        if own < least:
            yield _Misfit(level, group, own, before, limit=least, problem="fewer")


def _unknown(row: Counts, group: str) -> int:
    """Return the patients of a group whose level is not reported."""
    counts, patients = row.counts(group), row.patients(group)
    if not row.row.exclusive or counts is None or patients is None:
        return 0
    return max(patients - sum(counts.values()), 0)


_GRIM = (
    "Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369. doi:10.1177/1948550616673876"
)
PERCENTAGE = Rule(
    name="percentage",
    asks="Is each percentage the one that count and denominator give?",
    tolerance="Every rounding of the percentage, and as denominator the patients of the column, of "
    "the row, or of the levels that are printed, since patients with missing values are often left "
    "out. Less than one unit of the last digit off is a warning (percentages are sometimes added "
    "up, or made to add up to 100), more an error.",
    reference=_GRIM,
)
TRUNCATED = Rule(
    name="percentage-cut-off",
    asks="Is a percentage cut off where it would be rounded up?",
    tolerance="A percentage that fits once further digits are left out: a note.",
    reference=_GRIM,
)
NO_COUNT = Rule(
    name="percentage-of-nobody",
    asks="Is there a whole number of patients that gives this percentage?",
    tolerance="Every count from none to all, every rounding of the percentage. Less than one "
    "unit of the last digit off is a warning, as for counts; cut off is a note.",
    reference=_GRIM,
)


@dataclass(frozen=True)
class _Part:
    """One count and its percentage, with the wholes that it may be of."""

    place: str
    count: int
    percent: PrintedNumber
    wholes: tuple[int, ...]

    @property
    def text(self) -> str:
        return f"{self.count}/{self.wholes[0]} ({self.percent.bare.rstrip('%').strip()}%)"


@asks(PERCENTAGE, TRUNCATED, NO_COUNT)
def percentages_of_counts(study: Study) -> Iterator[Finding]:
    """Yield the percentages that are not those of their counts."""
    for row in count_rows(study):
        yield from _in_row(row)
    for statement in study.statements:
        for share in statement.shares:
            yield from _in_share(statement.place, share)


def _in_row(row: Counts) -> Iterator[Finding]:
    for level, cells in row.cells.items():
        for group, cell in cells.items():
            wholes = _wholes(row, group)
            if cell.of is not None:
                wholes = (round(cell.of.value),)
            if cell.percentage is None or cell.count is None or not wholes:
                continue
            place = f"{row.place}, {level}, {group}"
            yield from _judge(_Part(place, cell.count, cell.percentage, wholes))


def _wholes(row: Counts, group: str) -> tuple[int, ...]:
    """Return what a percentage may be of: the patients, and those whose level is reported."""
    stated = row.patients(group)
    counts = row.counts(group) if row.row.exclusive and len(row.parts) > 1 else None
    known = sum(counts.values()) if counts else None
    return tuple(dict.fromkeys(whole for whole in (stated, known) if whole))


def _in_share(place: str, share: Share) -> Iterator[Finding]:
    whole = round(share.of.value)
    if share.of.decimals or share.of.relation != "=":
        return
    if share.part is not None and share.part.relation == "=":
        yield from _judge(_Part(place, round(share.part.value), share.percent, (whole,)))
    elif share.part is None:
        yield from _of_nobody(place, share.percent, whole)


def _judge(part: _Part) -> Iterator[Finding]:
    fractions = [part.count / whole for whole in part.wholes]
    if any(part.percent.contains(fraction) for fraction in fractions):
        return
    if any(_cut_off(part.percent, fraction) for fraction in fractions):
        yield _cut_off_finding(part, fractions[0])
        return
    unit = 10.0 ** -(part.percent.decimals + 2)
    apart = min(abs(part.percent.value - fraction) for fraction in fractions)
    near = apart < unit
    expected = " or ".join(dict.fromkeys(_shown(f, part.percent.decimals) for f in fractions))
    yield PERCENTAGE.finding(
        "warning" if near else "error", part.place, printed=part.text, expected=expected,
        sentence=f"{part.count} of {part.wholes[0]} {_are(part.count)} {expected}, not "
        f"{part.percent.bare.rstrip('%')}%{_fitting(part)}.",
    )  # fmt: skip


def _fitting(part: _Part) -> str:
    """Name the counts or wholes with which the percentage would fit, if there are few."""
    whole = part.wholes[0]
    counts = [n for n in range(whole + 1) if whole <= 10_000 and part.percent.contains(n / whole)]
    if len(counts) == 1:
        return f", which is what {counts[0]} would be"
    return ""


def _cut_off(percent: PrintedNumber, fraction: float) -> bool:
    """Say whether a fraction, with further digits left out, is the percentage."""
    scale = 10.0 ** (percent.decimals + 2)
    return percent.relation == "=" and math.floor(fraction * scale + 1e-9) == round(
        percent.value * scale
    )


def _cut_off_finding(part: _Part, fraction: float) -> Finding:
    expected = _shown(fraction, part.percent.decimals)
    return TRUNCATED.finding(
        "note", part.place, printed=part.text, expected=expected,
        sentence=f"{part.count} of {part.wholes[0]} {_are(part.count)} {expected} when "
        "rounded; the percentage is cut off instead.",
    )  # fmt: skip


def _of_nobody(place: str, percent: PrintedNumber, whole: int) -> Iterator[Finding]:
    nearest = round(percent.value * whole)
    candidates = [n / whole for n in (nearest - 1, nearest, nearest + 1) if 0 <= n <= whole]
    if any(percent.contains(fraction) for fraction in candidates):
        return
    cut = any(_cut_off(percent, fraction) for fraction in candidates)
    unit = 10.0 ** -(percent.decimals + 2)
    near = min(abs(percent.value - fraction) for fraction in candidates) < unit
    below, above = (
        _shown(min(max(n, 0), whole) / whole, percent.decimals)
        for n in (math.floor(percent.value * whole), math.ceil(percent.value * whole))
    )
    severity: Severity = "note" if cut else "warning" if near else "error"
    yield (TRUNCATED if cut else NO_COUNT).finding(
        severity, place, printed=f"{percent.bare} of {whole}",
        expected=f"{below} or {above}",
        sentence=f"No whole number of {count(whole, 'patient')} is {percent.bare}; the nearest "
        f"are {below} and {above}{', so it seems cut off' if cut else ''}.",
    )  # fmt: skip


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _shown(fraction: float, decimals: int) -> str:
    return f"{100 * fraction:.{decimals}f}%"
