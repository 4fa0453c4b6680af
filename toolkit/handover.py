"""Tables handed to other programs and taken back: patients in several formats, and workbooks."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell

    from .models import Ensemble
    from .reconstruct import PseudoIPD

__all__ = [
    "ExcelSupportMissing",
    "PatientsRefused",
    "check_patients_file",
    "draws_frame",
    "is_patients_file",
    "patients_content",
    "patients_frame",
    "read_patients",
    "undated",
    "write_frame",
    "write_workbook",
]

_FIXED = dt.datetime(2000, 1, 1)  # so that the same tables give the same bytes
_COLUMNS = ("time", "event", "arm")
_MOST_BYTES = 200_000_000


class PatientsRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised if a file does not hold patients."""


def is_patients_file(source: str) -> bool:
    """Say whether an argument names a CSV file rather than a study."""
    return Path(source).suffix.lower() == ".csv"


def read_patients(
    path: Path, *, reference: str | None = None, time_unit: str = "months"
) -> PseudoIPD:
    """Read patients from a CSV file with the columns time, event (0 or 1) and arm.

    Parameters
    ----------
    path : Path
    reference : str, optional
        The arm in the denominator of ratios; by default that of the first row.
    time_unit : str

    Raises
    ------
    PatientsRefused
        If the file cannot be read or a column, time, event or the reference is not as it must be;
        the message says in which row.
    """
    import pandas as pd

    from .reconstruct import PseudoIPD
    from .reconstruct.pseudo_ipd import tied, ties_said

    frame = _frame(path)
    _check_columns(path, list(map(str, frame)))
    if frame.empty:
        raise PatientsRefused(f"{path}: it has no patients.")
    _check(path, frame)
    frame["arm"] = frame["arm"].str.strip()  # "A " would be an arm beside "A"
    arms = list(dict.fromkeys(frame["arm"]))
    if reference is not None and reference not in arms:
        there = ", ".join(arms)
        raise PatientsRefused(f"{path}: there is no arm {reference!r}; there are {there}.")
    ordered = sorted(arms, key=lambda arm: arm != (reference or arms[0]))
    frame = pd.concat([frame[frame["arm"] == arm] for arm in ordered])
    time, moved = tied(frame["time"].to_numpy(dtype=float))
    said = [ties_said(moved)] if moved else []
    if unused := ", ".join(str(name) for name in frame if name not in _COLUMNS):
        said.append(f"These columns of the file were not used: {unused}.")
    return PseudoIPD(
        time=time,
        assumptions=tuple(said),
        event=frame["event"].to_numpy(dtype=float) == 1,
        arm=frame["arm"].to_numpy(dtype=str),
        arms=tuple(ordered),
        cohort="all",
        endpoint=path.stem,
        time_unit=time_unit,
    )


def _frame(path: Path) -> pd.DataFrame:
    """Read a table whose rows have no more cells than its heading."""
    import pandas as pd

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PatientsRefused(f"{path}: it has more than {_MOST_BYTES:,} bytes.")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, index_col=False, dtype={"arm": str}, keep_default_na=False,
                               na_values=[""])  # fmt: skip
    except OSError as error:
        raise PatientsRefused(f"{path}: it cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PatientsRefused(
            f"{path}: it is not UTF-8 text; save it with the encoding UTF-8."
        ) from error
    except (pd.errors.EmptyDataError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise PatientsRefused(f"{path}: {_not_csv(str(error))}.") from error


def _not_csv(said: str) -> str:
    """Say of a file what pandas says of it in its own words."""
    if "No columns" in said:
        return "it is empty"
    if longer := re.search(r"in line (\d+), saw", said):
        return f"row {longer[1]} has more cells than the heading"
    if "Length of header" in said:
        return "its rows have more cells than its heading; name every column in the first row"
    unclosed = "inside string" in said
    return "a quotation mark is not closed" if unclosed else f"it is not a CSV file: {said.strip()}"


def _check_columns(path: Path, names: list[str]) -> None:
    """Refuse a file without the columns of patients, or with one of them twice."""
    if missing := [name for name in _COLUMNS if name not in names]:
        apart = len(names) == 1 and re.search(r"[;\t]", names[0])
        fix = "; separate the columns by commas, and write decimals with a point" if apart else ""
        raise PatientsRefused(
            f"{path}: there is no column {', '.join(missing)}; patients have the columns time, "
            f"event (1 happened, 0 censored) and arm, and the file has {', '.join(names)}{fix}."
        )
    # pandas calls the second column "time" of a file "time.1"
    if twice := [name for name in _COLUMNS if f"{name}.1" in names]:
        raise PatientsRefused(
            f"{path}: there are two columns {twice[0]}; leave one of them out, or rename it."
        )


def _check(path: Path, frame: pd.DataFrame) -> None:
    """Refuse a row that is no patient; the header is row 1."""
    columns = (frame[name].tolist() for name in _COLUMNS)
    for row, patient in enumerate(zip(*columns, strict=True), start=2):
        if why := _no_patient(*patient):
            raise PatientsRefused(f"{path}, row {row}: {why}")


def _no_patient(time: object, event: object, arm: object) -> str:
    """Say why a row is no patient; "" if it is one."""
    from .studies.fields import MAX_TIME

    if not 0 < _number(time) < math.inf:
        return f"a time of {time} is not possible; times are positive numbers."
    if _number(time) > MAX_TIME:
        return f"a time of {time} is not possible; times are at most {MAX_TIME:,} in any unit."
    if _number(event) not in (0, 1):
        return f"an event of {event} is not possible; write 1 for an event and 0 for a censoring."
    return "" if isinstance(arm, str) and arm.strip() else "the arm is empty."


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


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
