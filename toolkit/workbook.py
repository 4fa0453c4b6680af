"""Workbooks: sheets of tables or of cells as text, and the values of cells that are read back."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell

__all__ = ["ExcelSupportMissing", "undated", "write_workbook"]

_FIXED = dt.datetime(2000, 1, 1)


class ExcelSupportMissing(ImportError, ValueError):  # noqa: N818 - it names the state
    """A package of the extra `excel` is not installed."""


def write_workbook(
    path: Path, tables: Mapping[str, pd.DataFrame], *, notes: Sequence[str] = ()
) -> None:
    """Write a sheet per table, headings frozen, and a sheet of notes; the same bytes each time.

    Parameters
    ----------
    path : Path
    tables : mapping of str to DataFrame
        By the sheet's name. A number that is not finite becomes text ("inf") or an empty cell.
    notes : sequence of str
        A row each of the last sheet.

    Raises
    ------
    ImportError
        If openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise ImportError(
            'Workbooks are written by openpyxl: pip install "kmrepro[excel]"'
        ) from error
    book = Workbook()
    book.properties.created = book.properties.modified = _FIXED
    book.remove(book.worksheets[0])
    sheets: dict[str, list[list[Any]]] = {
        name: [list(frame), *(list(row) for row in frame.itertuples(index=False, name=None))]
        for name, frame in tables.items()
    }
    sheets["notes"] = [["note"], *([note] for note in notes)]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_cell(value) for value in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            width = 60 if name == "notes" else max(12, len(str(cell.value)) + 2)
            sheet.column_dimensions[get_column_letter(cell.column)].width = width
        sheet.freeze_panes = "A2"
    book.save(path)
    path.write_bytes(undated(path.read_bytes()))


def _cell(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return None if math.isnan(plain) else str(plain)
    # A text that starts like a formula stays a text.
    if isinstance(plain, str) and plain[:1] in "=+-@":
        return f"'{plain}"
    return plain


def undated(content: bytes) -> bytes:
    """Return a workbook with a fixed date of every file in it, and of saving."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            part = _undated(part) if name == "docProps/core.xml" else part
            archive.writestr(zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0)), part)
    return written.getvalue()


def _undated(core: bytes) -> bytes:
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", core)


def can_write_workbook() -> bool:
    """Say whether openpyxl is installed."""
    return find_spec("openpyxl") is not None


def openpyxl_module() -> Any:
    """Return openpyxl, or raise `ExcelSupportMissing`."""
    try:
        import openpyxl
    except ImportError as error:
        raise ExcelSupportMissing(
            "Excel files need openpyxl, which is not installed: pip install 'kmrepro[excel]'."
        ) from error
    return openpyxl


def add_sheet(
    book: Workbook, name: str, headings: list[str], rows: Iterable[Iterable[Any]]
) -> None:
    """Add a sheet of a study's values, dates and texts as texts."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for column, heading in enumerate(headings, start=1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, len(heading) + 2)
    for line, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            if value is not None:
                _write(sheet.cell(line, column), value)
    sheet.freeze_panes = "A2"


def _write(cell: Cell, value: Any) -> None:
    cell.value = value.isoformat() if isinstance(value, dt.date) else value
    if isinstance(cell.value, str):
        cell.data_type = "s"  # a text that begins with = is no formula
        cell.number_format = "@"  # so is what is typed in its place, with all of its digits


def cell_value(cell: Cell) -> Any:
    """Return a cell's value; a number with decimals as the text that the sheet shows."""
    value = cell.value
    if isinstance(value, str):
        tidy = value.strip(" ")  # a space at an end is a slip; a line break is part of a remark
        return tidy if tidy.strip() else None
    if isinstance(value, dt.datetime | dt.date):
        return (value.date() if isinstance(value, dt.datetime) else value).isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, cell.number_format or "General")
    return value


def _number(value: float, form: str) -> Any:
    """Return a whole number as such, and another one with the digits of its number format."""
    decimals = re.search(r"0\.(0+)", form)
    if form.endswith("%"):
        return f"{100 * value:.{len(decimals[1]) if decimals else 0}f}%"
    if decimals:
        return f"{value:.{len(decimals[1])}f}"
    return int(value) if float(value).is_integer() else value
