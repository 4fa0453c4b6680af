"""Different rows of a paper with the same numbers."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .counts import Counts, count_rows
from .hazard_ratios import ReportedRatio, reported_ratios
from .rule import Finding, Rule, asks

__all__ = [
    "repeated_ratios",
    "repeated_rows",
]

REPEATED_RATIO = Rule(
    name="repeated-ratio",
    asks="Do two different comparisons share hazard ratio, both limits and p-value?",
    tolerance="All four numbers, as printed. One comparison twice in a table (a model of one "
    "variable) is left out, and so is the reported comparison, which its own row repeats. That "
    "four numbers agree by chance is not to be expected in one paper, but not impossible: a "
    "warning.",
    reference="Grey A et al. Nature 2020;577:167-169. doi:10.1038/d41586-019-03959-6",
)


@asks(REPEATED_RATIO)
def repeated_ratios(study: Study) -> Iterator[Finding]:
    """Yield rows of hazard-ratio tables that repeat the numbers of another row."""
    rows: dict[tuple[str, ...], list[ReportedRatio]] = defaultdict(list)
    for ratio in reported_ratios(study):
        if ratio.regression and ratio.hazard_ratio and ratio.ci and ratio.p:
            numbers = (ratio.hazard_ratio, *ratio.ci, ratio.p)
            rows[tuple(number.bare for number in numbers)].append(ratio)
    for same in rows.values():
        first, *others = same
        for other in others:
            if (other.table, other.subject) == (first.table, first.subject):
                continue
            yield REPEATED_RATIO.finding(
                "warning", other.place, printed=other.text,
                expected=f"other numbers than in {first.place}",
                sentence=f"All four numbers of this row also appear in {first.place}, where they "
                "belong to another comparison.",
            )  # fmt: skip


_DIGITS = 12  # in the cells of a row; fewer may well be the same in a part of the patients
_RARE = 0.01  # probability that all counts agree by chance, were the variables unrelated

REPEATED_ROW = Rule(
    name="repeated-row",
    asks="Do two variables, or the same variable of different patients, share all their numbers?",
    tolerance="All cells of at least two groups. Counts must be large enough that two unrelated "
    "variables of the same frequency would share them with a probability below 1%; means and "
    "medians must share every cell, of 12 digits or more. Still not impossible: a warning.",
    reference="Grey A et al. Nature 2020;577:167-169. doi:10.1038/d41586-019-03959-6",
)


@asks(REPEATED_ROW)
def repeated_rows(study: Study) -> Iterator[Finding]:
    """Yield the rows that repeat the cells of another row."""
    counts = list(count_rows(study))
    for one, other in itertools.combinations(counts, 2):
        if one.table.id == other.table.id and (shared := _shared_levels(one, other)):
            yield _repeated_row(other.place, "; ".join(shared), one.place)
    rows = [(table, row) for table in study.tables for row in (*table.means, *table.medians)]
    for (table, row), (other_table, other_row) in itertools.combinations(rows, 2):
        if _same_cells(row, other_row):
            yield _repeated_row(
                _place(other_table, other_row), _cells_text(other_row.cells), _place(table, row)
            )


def _repeated_row(place: str, printed: str, elsewhere: str) -> Finding:
    return REPEATED_ROW.finding(
        "warning", place, printed=printed, expected=f"other numbers than in {elsewhere}",
        sentence=f"These numbers also appear in {elsewhere}, where they belong to something else.",
    )  # fmt: skip


def _shared_levels(one: Counts, other: Counts) -> list[str]:
    """Return the cells of `other` if all its levels, or all of `one`, are in both."""
    if len(one.groups) < 2 or one.groups != other.groups:
        return []
    first, second = (
        [tuple(cells.items()) for cells in row.row.levels.values()] for row in (one, other)
    )
    shared = [cells for cells in second if cells in first]
    if len(shared) < 2 or len(shared) < min(len(first), len(second)):
        return []
    complete = len(shared) == len(first) == len(second)  # then the last level follows
    if _chance(other, [dict(cells) for cells in shared[: -1 if complete else None]]) > _RARE:
        return []
    return [_cells_text(dict(cells)) for cells in shared]


def _chance(row: Counts, free: list[dict[str, str]]) -> float:
    """Return how likely unrelated variables of this frequency share the counts.

    Two binomial counts of n patients with frequency q agree with a probability of about
    1 / (2 sqrt(pi n q (1 - q))).
    """
    chance = 1.0
    for cells in free:
        level = next(name for name, own in row.row.levels.items() if dict(own) == cells)
        for group in cells:
            count, whole = row.count(level, group), sum((row.counts(group) or {}).values())
            variance = count * (1 - count / whole) if count and whole else 0.0
            chance *= min(1.0, 1 / (2 * math.sqrt(math.pi * variance))) if variance else 1.0
    return chance


def _same_cells(one: GroupRow, other: GroupRow) -> bool:
    if len(one.cells) < 2 or tuple(one.cells.values()) != tuple(other.cells.values()):
        return False
    return sum(letter.isdigit() for letter in "".join(one.cells.values())) >= _DIGITS


def _place(table: Table, row: GroupRow) -> str:
    return f"{table.place}: {row.variable}"


def _cells_text(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{group} {cell}" for group, cell in cells.items())
