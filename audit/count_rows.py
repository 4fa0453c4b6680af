"""The counts of a table row as whole numbers, with the patients that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..studies.cells import CellNumbers, cell_numbers
from ..studies.study import Study
from ..studies.table import CountRow, Table

__all__ = ["Counts", "count_rows"]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """One variable of a table of counts.

    Attributes
    ----------
    table : Table
        Its table.
    row : CountRow
        The row as printed.
    cells : mapping
        Numbers of the cells that could be read and hold a whole count, by level, then group.
    """

    table: Table
    row: CountRow
    cells: Mapping[str, Mapping[str, CellNumbers]]

    @property
    def place(self) -> str:
        """Where it stands."""
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
        """Return one count; None if it is not printed."""
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
