"""Cells of tables by themselves: can they be read, and are quartiles in order."""

from __future__ import annotations

from collections.abc import Iterator

from ..studies.cells import CellNumbers, cell_numbers
from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .finding import Finding, Rule

__all__ = ["RULES", "check"]

UNREAD = Rule(
    name="cell-not-read",
    asks="Is the cell in a form that the audit reads?",
    tolerance="A note that the cell was not checked; it says nothing about the paper.",
    reference="",
)
QUARTILES = Rule(
    name="quartile-order",
    asks="Does a median lie between its quartiles?",
    tolerance="Every printed number may be any value that rounds to it.",
    reference="Altman DG, Bland JM. BMJ 1994;309:996. doi:10.1136/bmj.309.6960.996",
)
FORM = Rule(
    name="cell-form",
    asks="Do all cells of a row of medians give the same kind of spread?",
    tolerance="One number beside a median in one cell and two in another, or one where the row "
    "above has two: a note.",
    reference="Altman DG, Bland JM. BMJ 1994;309:996. doi:10.1136/bmj.309.6960.996",
)
RULES = (UNREAD, QUARTILES, FORM)


def check(study: Study) -> Iterator[Finding]:
    """Yield the cells that cannot be read, or whose own numbers are out of order."""
    for table in study.tables:
        yield from _unread(table)
        for row in table.medians:
            cells = {group: cell_numbers(text) for group, text in row.cells.items()}
            for group, cell in cells.items():
                if cell is not None:
                    yield from _quartiles(f"{table.place}: {row.variable}, {group}", cell)
            yield from _form(table, row, [cell for cell in cells.values() if cell])


def _unread(table: Table) -> Iterator[Finding]:
    texts = [
        (f"{row.variable}, {level}, {group}", text)
        for row in table.counts
        for level, cells in row.levels.items()
        for group, text in cells.items()
    ]
    texts += [
        (f"{row.variable}, {group}", text)
        for row in (*table.means, *table.medians)
        for group, text in row.cells.items()
    ]
    for where, text in texts:
        if cell_numbers(text) is None:
            yield UNREAD.finding(
                "note", f"{table.place}: {where}", printed=text,
                expected='a cell such as "22 (8.21)", "41.6 ± 4.6" or "55.6 (34.6, 72.3)"',
                sentence="This cell is in no form that the audit reads, so it was not checked.",
            )  # fmt: skip


def _quartiles(place: str, cell: CellNumbers) -> Iterator[Finding]:
    if len(cell.inside) != 2:
        return
    lower, upper = cell.inside
    if lower.lower > cell.first.upper or cell.first.lower > upper.upper:
        yield QUARTILES.finding(
            "error", place, printed=f"{cell.first} ({lower}, {upper})",
            expected=f"{lower} to {upper}",
            sentence=f"The median {cell.first} lies outside the {lower} to {upper} beside it.",
        )  # fmt: skip


def _form(table: Table, row: GroupRow, cells: list[CellNumbers]) -> Iterator[Finding]:
    usual = any(
        len(cell.inside) == 2
        for other in table.medians
        for cell in map(cell_numbers, other.cells.values())
        if cell is not None
    )
    if usual and any(len(cell.inside) == 1 for cell in cells):
        yield FORM.finding(
            "note", f"{table.place}: {row.variable}",
            printed="; ".join(f"{group} {text}" for group, text in row.cells.items()),
            expected="a median with two quartiles, as in the table's other rows",
            sentence="Beside the median stands one number, where other rows of the table have two "
            "quartiles; it may be a mean with its standard deviation.",
        )  # fmt: skip
