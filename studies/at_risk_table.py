"""Numbers at risk as journals show them: a row for each arm, and "52 (0)" with the censored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from .column_evidence import role_of
from .csv_table import CsvTable, Row
from .curve_columns import Reading
from .errors import CurveFault

__all__ = ["NumbersAtRisk", "in_columns", "numbers_at_risk", "without_thousands"]

_TIME = re.compile(
    r"(?i)(?:t\s*=?\s*)?([0-9]+(?:[.,][0-9]+)?)\s*(?:days?|weeks?|months?|mo|years?|yrs?)?"
)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[, \u2009\u00a0][0-9]{3})+")


class NumbersAtRisk(dict[float, int]):
    """Numbers at risk by time, in increasing order of time.

    Attributes
    ----------
    censored : dict of float to int
        Patients censored up to each time, where the table has them, as in "48 (2)"; else empty.
    """

    def __init__(
        self, counts: Mapping[float, int], *, censored: Mapping[float, int] | None = None
    ) -> None:
        super().__init__(counts)
        self.censored: dict[float, int] = dict(censored or {})

    @property
    def events(self) -> int | None:
        """All events of the arm, if the table follows everyone to the end; else None.

        Examples
        --------
        >>> NumbersAtRisk({0: 52, 12: 20, 24: 0}, censored={0: 0, 12: 9, 24: 22}).events
        30
        """
        if not self.censored or 0 not in self:
            return None
        end = max(self)
        return self[0] - self.censored[end] if self[end] == 0 and end in self.censored else None


def numbers_at_risk(rows: list[Reading]) -> NumbersAtRisk:
    """Put the numbers at risk of one arm in order of time.

    Raises
    ------
    CurveFault
        If a number is not whole, a time is repeated, or more patients have left as censored than
        have left; the message names the line.
    """
    counts: dict[float, int] = {}
    censored: dict[float, int] = {}
    for row in sorted(rows, key=lambda row: row.time):
        if row.time < 0 or row.value < 0 or row.value != int(row.value):
            raise CurveFault(
                f"line {row.line}: {row.value:g} at risk at {row.time:g} is not a whole number "
                "of patients at a time from 0 on"
            )
        if row.time in counts:
            raise CurveFault(
                f"line {row.line}: the time {row.time:g} is repeated; write it once for each arm"
            )
        counts[row.time] = int(row.value)
        if row.censored is not None:
            censored[row.time] = row.censored
    return NumbersAtRisk(counts, censored=_cumulative(counts, censored))


def _cumulative(counts: dict[float, int], censored: dict[float, int]) -> dict[float, int]:
    """Add up numbers censored, unless they are cumulative, as journals show them."""
    numbers = list(censored.values())
    if any(late < early for early, late in pairwise(numbers)):
        total = 0
        for time, number in censored.items():
            total += number
            censored[time] = total
    first = max(counts.values(), default=0)
    for time, number in censored.items():
        if number > first - counts[time]:
            raise CurveFault(
                f"at {time:g}, {number} are censored and {counts[time]} at risk, which is more "
                f"than the {first} at the start; check the row"
            )
    return censored


def without_thousands(table: CsvTable) -> CsvTable:
    """Take the commas of thousands out, as in "1,052": numbers at risk have no decimals."""
    rows = tuple(
        (line, tuple(re.sub(r"\D", "", cell) if _THOUSANDS.fullmatch(cell) else cell
                     for cell in cells))
        for line, cells in table.rows
    )  # fmt: skip
    return replace(table, rows=rows)


def in_columns(table: CsvTable) -> CsvTable:
    """Turn a table with a row for each arm, as below a figure, into one with a column for each.

    Parameters
    ----------
    table : CsvTable
        Any table of numbers at risk; one that has no row of times is returned as it is.
    """
    rows = list(table.rows)
    if any(role_of(name) == "time" for name in table.names[1:]):
        return table
    if _is_row_of_times(table.names) and not _are_times(table, rows[0]):
        times = [_time(cell) for cell in table.names[1:]]
    elif _are_times(table, rows[0]) and len(rows) > 1:
        times, rows = [_time(cell) for cell in rows[0][1][1:]], rows[1:]
    else:
        return table
    if any(table.is_number(cells, 0) for _, cells in rows) or not all(map(_falls, rows)):
        return table
    names = [re.sub(r"[:\s]+$", "", cells[0]) for _, cells in rows]
    if len(names) == 1 and not names[0]:
        names = ["n_risk"]
    turned = [
        (rows[0][0], (time, *(_cell(row, column) for row in rows)))
        for column, time in enumerate(times, start=1)
    ]
    return replace(
        table, headings=(("time", *names),), rows=tuple(row for row in turned if row[1][0])
    )


def _are_times(table: CsvTable, row: Row) -> bool:
    """Say whether a row is one of times, beside a label or nothing: from 0 on, increasing."""
    return not table.is_number(row[1], 0) and _is_row_of_times(row[1])


def _is_row_of_times(cells: tuple[str, ...]) -> bool:
    while cells and not cells[-1]:
        cells = cells[:-1]
    times = [_time(cell) for cell in cells[1:]]
    if len(times) < 2 or not all(times) or re.fullmatch("[0-9.]+", cells[0]):
        return False
    values = [float(time) for time in times]
    return all(early < late for early, late in pairwise(values))


def _falls(row: Row) -> bool:
    """Say whether the numbers of a row never rise, as those of an arm do not."""
    counts = [re.match(r"[0-9]+", re.sub(",", "", cell)) for cell in row[1][1:] if cell]
    numbers = [int(count[0]) for count in counts if count]
    return numbers == sorted(numbers, reverse=True)


def _time(cell: str) -> str:
    found = _TIME.fullmatch(cell.strip())
    return found[1].replace(",", ".") if found else ""


def _cell(row: Row, column: int) -> str:
    return row[1][column] if column < len(row[1]) else ""
