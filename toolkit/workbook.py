"""Tables as a workbook for economic models."""

from __future__ import annotations

import datetime
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["undated", "write_workbook"]

_FIXED = datetime.datetime(2000, 1, 1)


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
    _fix_dates(path)


def _cell(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return None if math.isnan(plain) else str(plain)
    # A text that starts like a formula stays a text.
    if isinstance(plain, str) and plain[:1] in "=+-@":
        return f"'{plain}"
    return plain


def _fix_dates(path: Path) -> None:
    path.write_bytes(undated(path.read_bytes()))


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
    import re

    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", core)
