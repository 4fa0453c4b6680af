"""The cells of a CSV file, whatever separates its cells and decimals."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import CurveFault, shown
from .files import plain_content

__all__ = [
    "CsvTable",
    "read_csv_table",
]

MAX_BYTES = 20_000_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHAT = "a CSV file of points"


@dataclass(frozen=True, kw_only=True)
class CsvTable:
    """Headings, if there are any, and rows of cells with their line numbers.

    Attributes
    ----------
    headings : tuple of tuple of str
        The rows above the first number.
    rows : tuple of (int, tuple of str)
        Line number and cells of every other row.
    decimal_comma : bool
        Whether cells may have a decimal comma, because cells are not separated by commas.
    """

    headings: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    decimal_comma: bool

    @property
    def width(self) -> int:
        """The number of columns up to the last that is not empty."""
        every = (*self.headings, *(cells for _, cells in self.rows))
        return max(max((at + 1 for at, cell in enumerate(cells) if cell), default=0)
                   for cells in every)  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """The last row of headings in lower case without units: "Time (months)" is "time"."""
        if not self.headings:
            return ()
        plain = [re.sub(r"\s*[(\[].*", "", name).strip().lower() for name in self.headings[-1]]
        return tuple(plain + [""] * (self.width - len(plain)))[: self.width]

    def columns_called(self, names: set[str]) -> tuple[int, ...]:
        """Return the columns whose headings are one of `names`."""
        return tuple(place for place, name in enumerate(self.names) if name in names)

    def is_blank(self, cells: tuple[str, ...], column: int) -> bool:
        """Say whether a row has nothing in a column."""
        return column >= len(cells) or not cells[column]

    def is_number(self, cells: tuple[str, ...], column: int) -> bool:
        """Say whether a row has a number in a column."""
        return column < len(cells) and _is_number(cells[column], comma=self.decimal_comma)

    def number(self, row: tuple[int, tuple[str, ...]], column: int) -> float:
        """Return the number in a column of a row.

        Raises
        ------
        CurveFault
            If there is none; the message names line and column.
        """
        line, cells = row
        place = f"line {line}, column {column + 1}"
        if self.is_blank(cells, column):
            raise CurveFault(f"{place} is empty, where a number is needed")
        if self.is_number(cells, column):
            return float(_pointed(cells[column], comma=self.decimal_comma))
        fix = (
            "; write decimals with a point, or put semicolons between the cells"
            if "," in cells[column] and not self.decimal_comma
            else ""
        )
        raise CurveFault(f"{place}: {shown(cells[column])} is not a number{fix}")


def read_csv_table(path: Path) -> CsvTable:
    """Read the cells of a CSV file.

    Parameters
    ----------
    path : Path
        UTF-8 text with commas, semicolons, tabs or (where there is none of these) spaces between
        cells; beside semicolons and tabs, decimals may have a comma.

    Raises
    ------
    CurveFault
        If it cannot be read, or holds no number.
    """
    text = _text(path)
    if re.search(r"^\s*\[\[endpoint\]\]", text, re.MULTILINE):
        raise CurveFault(
            f"it is a study file, and not {_WHAT}; `kmrepro reproduce FILE` reads study files"
        )
    lines = [line for line in text.splitlines() if line.strip()]
    delimiter = next(
        (mark for mark in ";\t, " if 2 * sum(mark in line.strip() for line in lines) > len(lines)),
        ",",
    )
    rows = _rows(text, delimiter)
    comma = delimiter in ";\t"
    headings: list[tuple[str, ...]] = []
    while rows and not any(_is_number(cell, comma=comma) for cell in rows[0][1]):
        headings.append(rows.pop(0)[1])
    if not rows:
        raise CurveFault(
            "it holds no row of numbers with commas, semicolons, tabs or spaces between them"
        )
    return CsvTable(headings=tuple(headings), rows=tuple(rows), decimal_comma=comma)


def _text(path: Path) -> str:
    try:
        return plain_content(path, most=MAX_BYTES, what=_WHAT, fix="save the sheet as CSV").decode(
            "utf-8-sig"
        )
    except OSError as error:
        raise CurveFault(f"it cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CurveFault("it is not UTF-8 text; save it with the encoding UTF-8") from error
    except ValueError as error:
        raise CurveFault(str(error)) from error


def _rows(text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows that are not empty; a spreadsheet's own "sep=;" is none."""
    lines = text.splitlines()
    try:
        return [
            (line, tuple(cell.strip() for cell in row))
            for line, row in enumerate(
                csv.reader(lines, delimiter=delimiter, skipinitialspace=True), start=1
            )
            if any(cell.strip() for cell in row) and not lines[line - 1].startswith("sep=")
        ]
    except (csv.Error, IndexError) as error:
        raise CurveFault(
            f"it is not a table of cells ({error}); save it as CSV, with a line for each point"
        ) from error


def _is_number(cell: str, *, comma: bool) -> bool:
    return _NUMBER.fullmatch(_pointed(cell, comma=comma)) is not None


def _pointed(cell: str, *, comma: bool) -> str:
    text = cell.removesuffix("%").strip()
    return text.replace(",", ".") if comma else text
