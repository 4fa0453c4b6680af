"""Tables handed to other programs: patients in several formats, and workbooks."""

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

from .patients_csv import PatientsRefused

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell

    from .models import Ensemble
    from .reconstruct import PseudoIPD

__all__ = [
    "ExcelSupportMissing",
    "check_patients_file",
    "draws_frame",
    "patients_content",
    "patients_frame",
    "undated",
    "write_frame",
    "write_workbook",
]

_FIXED = dt.datetime(2000, 1, 1)  # so that the same tables give the same bytes


def patients_frame(ipd: PseudoIPD) -> pd.DataFrame:
    """Return patients with the columns that survival, survHE, maicplus and multinma take.

    time, event, arm as the house's own; trt repeats arm, because maicplus and multinma look for
    it; treatment is 1 in the second arm and 0 in the reference.
    """
    frame = ipd.to_frame()
    frame["trt"] = frame["arm"]
    frame["treatment"] = (frame["arm"] != ipd.reference).astype("int8")
    return frame


def draws_frame(draws: Ensemble, *, n_draws: int) -> pd.DataFrame:
    """Return the patients of the first draws below each other, with the draw's number.

    Parameters
    ----------
    draws : Ensemble
    n_draws : int
        At most `draws.n_draws`.
    """
    import pandas as pd

    parts = [draws.draw(number).to_frame() for number in range(min(n_draws, draws.n_draws))]
    return pd.concat(parts, keys=range(len(parts)), names=["draw", "patient"]).reset_index(
        level="draw"
    )


def write_frame(frame: pd.DataFrame, folder: Path, *, name: str) -> tuple[str, ...]:
    """Write a table as CSV, Stata and, where pyarrow is installed, Parquet.

    Parameters
    ----------
    frame : DataFrame
    folder : Path
        It exists.
    name : str
        Of the files, without suffix.

    Returns
    -------
    tuple of str
        The files' names.
    """
    frame = frame.reset_index(drop=True)
    frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / f"{name}.dta").write_bytes(_stata_bytes(frame))
    written = [f"{name}.csv", f"{name}.dta"]
    if find_spec("pyarrow") is not None:
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        written.append(f"{name}.parquet")
    return tuple(written)


def _stata_bytes(frame: pd.DataFrame) -> bytes:
    """Return a file of Stata 14 or later (Unicode); a fixed date keeps its bytes the same."""
    buffer = io.BytesIO()
    frame.to_stata(
        buffer,
        write_index=False,
        version=118,
        time_stamp=_FIXED,
        data_label="kmrepro: reconstructed patients",
    )
    return buffer.getvalue()


_AS_CSV = ("", ".csv", ".txt", ".dat")


def check_patients_file(path: Path) -> None:
    """Refuse a file whose name says another format than patients are written in.

    Raises
    ------
    PatientsRefused
        If its suffix is none of CSV, Stata and Parquet, or pyarrow, which writes Parquet, is not
        installed.
    """
    suffix = path.suffix.lower()
    if suffix not in (*_AS_CSV, ".dta", ".parquet"):
        raise PatientsRefused(
            f"{path}: patients are written as .csv, .dta (Stata) or .parquet, and not as "
            f"{path.suffix}; choose another name."
        )
    if suffix == ".parquet" and find_spec("pyarrow") is None:
        raise PatientsRefused(
            f'{path}: Parquet files are written by pyarrow: pip install "kmrepro[parquet]"'
        )


def patients_content(ipd: PseudoIPD, path: Path) -> str | bytes:
    """Return patients as the content of a file, in the format that its name says.

    Raises
    ------
    PatientsRefused
        As of `check_patients_file`.
    """
    check_patients_file(path)
    suffix = path.suffix.lower()
    if suffix in _AS_CSV:
        return ipd.to_csv()
    if suffix == ".dta":
        return _stata_bytes(patients_frame(ipd))
    content: bytes = patients_frame(ipd).to_parquet(index=False)
    return content


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
    ExcelSupportMissing
        If openpyxl is not installed.
    """
    book = openpyxl_module().Workbook()
    book.properties.created = book.properties.modified = _FIXED
    book.remove(book.worksheets[0])
    for name, frame in tables.items():
        add_sheet(book, name, list(map(str, frame)), frame.itertuples(index=False, name=None))
    add_sheet(book, "notes", ["note"], ([note] for note in notes))
    book["notes"].column_dimensions["A"].width = 60
    book.save(path)
    path.write_bytes(undated(path.read_bytes()))


def undated(content: bytes) -> bytes:
    """Return a workbook with a fixed date of every file in it, and of saving."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", part)
            archive.writestr(zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0)), part)
    return written.getvalue()


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
    """Add a sheet, headings frozen; dates and texts are texts, and so is what is not finite."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    for column, heading in enumerate(headings, start=1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, len(heading) + 2)
    for line, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            if value is not None and value == value:  # not NaN
                _write_text_or_number(sheet.cell(line, column), value)
    sheet.freeze_panes = "A2"


def _write_text_or_number(cell: Cell, value: Any) -> None:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, dt.date):
        plain = plain.isoformat()
    cell.value = str(plain) if isinstance(plain, float) and math.isinf(plain) else plain
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
        return _shown_number(value, cell.number_format or "General")
    return value


def _shown_number(value: float, form: str) -> Any:
    """Return a whole number as such, and another one with the digits of its number format."""
    decimals = re.search(r"0\.(0+)", form)
    if form.endswith("%"):
        return f"{100 * value:.{len(decimals[1]) if decimals else 0}f}%"
    if decimals:
        return f"{value:.{len(decimals[1])}f}"
    return int(value) if float(value).is_integer() else value
