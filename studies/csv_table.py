"""The cells of a file of points: text of any separator, or the sheets of a workbook.

A file is read as blocks. A block is one or more rows of headings and the rows of numbers below
them; most files have one, Engauge writes one for each curve, and a workbook has one a sheet.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import CurveFault, shown
from .files import GAP, is_workbook, plain_content, workbook_sheets

__all__ = ["SEP_LINE", "CsvTable", "Row", "delimiter_of", "read_tables"]

Row = tuple[int, tuple[str, ...]]
"""The line number of a row, and its cells."""

SEP_LINE = "sep="
"""What a spreadsheet writes in a line of its own, above the cells: "sep=;"."""
MAX_BYTES = 20_000_000
_WHAT = "a CSV file of points"
_FIXES = {  # what makes points of another kind of file
    "": "save the sheet as CSV or .xlsx",
    **dict.fromkeys(
        ("a PDF", "a PNG image", "a JPEG image", "a TIFF image"),
        "`kmrepro digitise FIGURE` reads the curves of a figure",
    ),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_COMMA_NUMBERS = re.compile(r"\s*[+-]?[0-9]+(?:,[0-9]+)?%?(?:\s+[+-]?[0-9]+(?:,[0-9]+)?%?)+\s*")
_WITH_CENSORED = re.compile(r"([0-9][0-9,]*)\s*[(\[]\s*([0-9][0-9,]*)\s*[)\]]")
_MISSING = {"", "NA", "N/A", GAP}
_BANDS = re.compile(r"(?i)\b(lower|upper)\s+([0-9.]+%)\s+CI\b")


@dataclass(frozen=True, kw_only=True)
class CsvTable:
    """A block of a file: headings, if there are any, and rows of cells with their line numbers.

    Attributes
    ----------
    headings : tuple of tuple of str
        The rows above the first number; the last of them names the columns.
    rows : tuple of (int, tuple of str)
        Line number and cells of every other row.
    decimal_comma : bool
        Whether cells may have a decimal comma, because commas do not separate cells, or are quoted.
    title : str
        What is alone above the block, or the name of its sheet; "" if nothing does.
    """

    headings: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    decimal_comma: bool
    title: str = ""

    @property
    def width(self) -> int:
        """The number of columns up to the last that is not empty."""
        every = (*self.headings, *(cells for _, cells in self.rows))
        return max(max((at + 1 for at, cell in enumerate(cells) if cell), default=0)
                   for cells in every)  # fmt: skip

    @property
    def names(self) -> tuple[str, ...]:
        """The heading of every column as it is written, "" where there is none."""
        named = self.headings[-1] if self.headings else ()
        return (*named, *("" for _ in range(self.width - len(named))))[: self.width]

    def is_blank(self, cells: tuple[str, ...], column: int) -> bool:
        """Say whether a row has nothing in a column."""
        return column >= len(cells) or cells[column] in _MISSING

    def is_number(self, cells: tuple[str, ...], column: int) -> bool:
        """Say whether a row has a number in a column."""
        return column < len(cells) and _is_number(cells[column], comma=self.decimal_comma)

    def filled(self, column: int) -> list[Row]:
        """Return the rows that have something in a column."""
        return [row for row in self.rows if not self.is_blank(row[1], column)]

    def has_numbers(self, column: int) -> bool:
        """Say whether a column holds numbers, at least half of what is in it."""
        filled = self.filled(column)
        return 2 * sum(self.is_number(cells, column) for _, cells in filled) >= len(filled) > 0

    def numbers(self, column: int) -> list[float]:
        """Return the numbers of a column, leaving out every other cell."""
        return [
            self.number(row, column) for row in self.rows if self.is_number(row[1], column)
        ]  # fmt: skip

    def in_parentheses(self, row: Row, column: int) -> int | None:
        """Return the number censored, as "2" in "48 (2)", or None."""
        found = _WITH_CENSORED.fullmatch(row[1][column])
        return int(found[2].replace(",", "")) if found else None

    def number(self, row: Row, column: int) -> float:
        """Return the number in a column of a row: 48 for "48", "48%" and "48 (2)".

        Raises
        ------
        CurveFault
            If there is none; the message names line and column.
        """
        line, cells = row
        place = f"line {line}, column {column + 1}"
        if self.is_blank(cells, column):
            missing = column < len(cells) and cells[column]
            is_empty = f"has {missing}" if missing else "is empty"
            raise CurveFault(f"{place} {is_empty}, where a number is needed")
        if self.is_number(cells, column):
            return float(_pointed(cells[column], comma=self.decimal_comma))
        fix = (
            "; write decimals with a point, or put semicolons between the cells"
            if "," in cells[column] and not self.decimal_comma
            else ""
        )
        raise CurveFault(f"{place}: {shown(cells[column])} is not a number{fix}")


def read_tables(path: Path) -> tuple[CsvTable, ...]:
    """Read the cells of a file of points.

    Parameters
    ----------
    path : Path
        UTF-8 text with commas, semicolons, tabs or (where there is none of these) spaces between
        cells; beside semicolons, tabs and spaces, and in quotes, decimals may have a comma. Or a
        workbook, ``.xlsx`` or ``.ods``, which needs the extra ``excel``.

    Returns
    -------
    tuple of CsvTable
        The blocks of the file, one at least, each with a number.

    Raises
    ------
    CurveFault
        If it cannot be read, or holds no number.
    """
    if is_workbook(path):
        sheets = workbook_sheets(path, most=MAX_BYTES)
        blocks = [block for name, rows in sheets for block in _blocks(rows, comma=False, of=name)]
    else:
        blocks = _text_blocks(_text(path))
    if not blocks:
        raise CurveFault(
            "it holds no row of numbers; formulas have none until the workbook is saved by the "
            "program that works them out"
            if is_workbook(path)
            else "it holds no row of numbers with commas, semicolons, tabs or spaces between them"
        )
    return tuple(blocks)


def _text_blocks(text: str) -> list[CsvTable]:
    if re.search(r"^\s*\[\[endpoint\]\]", text, re.MULTILINE):
        raise CurveFault(
            f"it is a study file, and not {_WHAT}; `kmrepro reproduce FILE` reads study files"
        )
    lines = [_BANDS.sub(r"\1_\2_CI", line) for line in text.splitlines()]
    delimiter, comma = delimiter_of([line for line in lines if line.strip()])
    rows = _rows(lines, delimiter)
    if delimiter == ",":
        comma = _commas_in_quotes(cells for _, cells in rows)
    return _blocks(rows, comma=comma)


def delimiter_of(lines: list[str]) -> tuple[str, bool]:
    """Return what separates cells, and whether commas can then be decimal."""
    bare = [re.sub(r'"[^"]*"', '""', line.strip()) for line in lines]

    def usual(mark: str) -> bool:
        return 2 * sum(mark in line for line in bare) > len(bare)

    if usual(";") or usual("\t"):
        return (";" if usual(";") else "\t"), True
    if 2 * sum(_COMMA_NUMBERS.fullmatch(line) is not None for line in bare) > len(bare):
        return " ", True
    return (" " if usual(" ") and not usual(",") else ","), False


def _commas_in_quotes(rows: Iterable[tuple[str, ...]]) -> bool:
    """Say whether cells hold decimal commas, which quotes set apart from those between cells.

    "1,234" alone could be a thousand; a table in which some other cell has a comma settles it.
    """
    cells = [cell for row in rows for cell in row if "," in cell]
    numbers = [cell for cell in cells if _is_number(cell, comma=True)]
    return any(_THOUSANDS.fullmatch(cell) is None or cell[0] == "0" for cell in numbers)


def _text(path: Path) -> str:
    try:
        content = plain_content(path, most=MAX_BYTES, what=_WHAT, fixes=_FIXES)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise CurveFault(f"it cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CurveFault("it is not UTF-8 text; save it with the encoding UTF-8") from error
    except ValueError as error:
        raise CurveFault(str(error)) from error


def _rows(lines: list[str], delimiter: str) -> list[Row]:
    """Return the rows that are not empty; a spreadsheet's own "sep=;" is none."""
    if delimiter == " ":  # a unit or a count in parentheses belongs to what it follows
        lines = [re.sub(r"\s+(\([^)]*\))", r"\1", line).replace("\t", " ") for line in lines]
    try:
        rows = [
            (line, tuple(cell.strip() for cell in row))
            for line, row in _numbered(lines, delimiter)
            if any(cell.strip() for cell in row) and not lines[line - 1].startswith(SEP_LINE)
        ]
    except csv.Error as error:
        raise CurveFault(
            f"it is not a table of cells ({error}); save it as CSV, with a line for each point"
        ) from error
    return [_words_joined(row) for row in rows] if delimiter == " " else rows


def _numbered(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the lines that they start at; cells in quotes may have several lines.

    Raises
    ------
    CurveFault
        If a quote is never closed: everything after it would be one cell.
    """
    end = "\x00"  # no cell of a file holds it alone
    reader = csv.reader([*lines, end], delimiter=delimiter, skipinitialspace=True)
    at = 1
    for row in reader:
        if reader.line_num > len(lines):
            if row != [end]:
                raise CurveFault(
                    f"line {at}: a quote is opened and never closed, so that everything after it "
                    "would be one cell; close it, or take it out"
                )
            return
        yield at, row
        at = reader.line_num + 1


def _words_joined(row: Row) -> Row:
    """Join the words before the first number, where spaces separate cells: an arm's name."""
    line, cells = row
    first = next((at for at, cell in enumerate(cells) if _is_number(cell, comma=True)), 0)
    return (line, (" ".join(cells[:first]), *cells[first:])) if first > 1 else row


def _blocks(rows: Iterable[Row], *, comma: bool, of: str = "") -> list[CsvTable]:
    """Part rows where headings come after numbers; text after the last number is no data."""
    parts: list[tuple[list[tuple[str, ...]], list[Row]]] = [([], [])]
    for line, cells in rows:
        if any(_is_number(cell, comma=comma) for cell in cells) and cells[0][:1] != "#":
            parts[-1][1].append((line, cells))
            continue
        if parts[-1][1]:
            parts.append(([], []))
        parts[-1][0].append(cells)
    return [_block(above, below, comma=comma, of=of) for above, below in parts if below]


def _block(above: list[tuple[str, ...]], below: list[Row], *, comma: bool, of: str) -> CsvTable:
    """Distinguish titles, which are alone in their row, and comments from headings of columns."""
    width = max(len(cells) for _, cells in below)
    headings, titles = [], [of]
    for cells in above:
        comment = cells[0].startswith("#") or cells[0].lower().startswith("call:")
        plain = (cells[0].lstrip("#").strip(), *cells[1:])
        named = [cell for cell in plain if cell]
        if len(named) == 1 and width > 1:
            titles += [] if comment else named
        elif named and not (comment and cells[0][0] != "#"):
            headings.append(plain)
    if not headings and _heads_numbered_arms(below, comma=comma):
        headings = [below.pop(0)[1]]
    headings = [_with_row_names(cells, below) for cells in headings]
    return CsvTable(
        headings=tuple(headings), rows=tuple(below), decimal_comma=comma, title=titles[-1]
    )


def _heads_numbered_arms(rows: list[Row], *, comma: bool) -> bool:
    """Say whether the first row is one of headings such as "time,1,2", above rows of numbers."""
    if len(rows) < 2 or _is_number(rows[0][1][0], comma=comma):
        return False
    return all(_is_number(cells[0], comma=comma) for _, cells in rows[1:])


def _with_row_names(names: tuple[str, ...], rows: list[Row]) -> tuple[str, ...]:
    """Put an empty heading above the row names of R's `write.table`, which has none for them."""
    first = [cells[0] for _, cells in rows]
    longer = all(len(cells) == len(names) + 1 and cells[-1] for _, cells in rows)
    if not longer or len(set(first)) < len(first) or len(rows) < 2:
        return names
    numbered = first == [str(at) for at in range(1, len(first) + 1)]
    later = {cells[1] for _, cells in rows}
    worded = not any(_is_number(cell, comma=False) for cell in first)
    # "1,0,95" below "time,survival" is cut by a decimal comma: nothing but 0 and 1 come second
    return ("", *names) if worded or (numbered and not later <= {"0", "1"}) else names


def _is_number(cell: str, *, comma: bool) -> bool:
    return _NUMBER.fullmatch(_pointed(cell, comma=comma)) is not None


def _pointed(cell: str, *, comma: bool) -> str:
    text = cell.removesuffix("%").strip()
    if found := _WITH_CENSORED.fullmatch(text):
        return found[1].replace(",", "")
    return text.replace(",", ".") if comma else text
