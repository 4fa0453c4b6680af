"""The sheets of a workbook as rows of text, whatever made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import CurveFault, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GAP", "is_workbook", "workbook_sheets"]

GAP = "#N/A"
"""What NA() of a spreadsheet leaves in a cell; gaps in a chart are marked by it."""

_SUFFIXES = (".xlsx", ".xlsm", ".ods")
_MOST_CELLS = 2_000_000


def is_workbook(path: Path) -> bool:
    """Say whether a file's name is that of a workbook."""
    return path.suffix.lower() in _SUFFIXES


def workbook_sheets(
    path: Path, *, most: int
) -> list[tuple[str, list[tuple[int, tuple[str, ...]]]]]:
    """Read the sheets of a workbook.

    Parameters
    ----------
    path : Path
        A file whose name ends in ``.xlsx``, ``.xlsm`` or ``.ods``.
    most : int
        Bytes that it may have.

    Returns
    -------
    list of (str, list of (int, tuple of str))
        Name of each sheet (empty if it is the only one), and its rows that are not empty, with
        their numbers in the sheet.

    Raises
    ------
    CurveFault
        If it cannot be read, or the extra ``excel`` is not installed.
    """
    try:
        if path.stat().st_size > most:
            raise CurveFault(f"it has more than {most:,} bytes; save the sheet as CSV")
        frames = _frames(path)
    except OSError as error:
        raise CurveFault(f"it cannot be read: {error.strerror or error}") from error
    if sum(frame.size for frame in frames.values()) > _MOST_CELLS:
        raise CurveFault(f"it has more than {_MOST_CELLS:,} cells; keep the points alone")
    if any(_has_errors(frame) for frame in frames.values()):
        frames = dict(_with_errors(path, frames))
    single = len(frames) == 1
    return [("" if single else str(name), _sheet_rows(frame)) for name, frame in frames.items()]


def _frames(path: Path) -> dict[Any, pd.DataFrame]:
    import pandas as pd

    try:
        return pd.read_excel(
            path, sheet_name=None, header=None, dtype=object, keep_default_na=False
        )
    except ImportError as error:
        raise CurveFault(
            f"reading {path.suffix.lower()} needs pandas' optional readers: "
            "`pip install 'kmrepro[excel]'`, or save the sheet as CSV"
        ) from error
    except OSError:
        raise
    except Exception as error:  # zip, XML and format errors of several libraries
        raise CurveFault("it is not a sound workbook; save the sheet as CSV") from error


def _has_errors(frame: pd.DataFrame) -> bool:
    """Say whether cells have errors, of which pandas makes NaN; what is empty is text to it."""
    return bool(frame.map(lambda value: isinstance(value, float) and value != value).any().any())


def _with_errors(path: Path, frames: dict[Any, pd.DataFrame]) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Yield sheets with "#N/A" as text, as which gaps are marked; refuse every other error."""
    if path.suffix.lower() == ".ods":  # pandas reads the errors of these as text
        yield from frames.items()
        return
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for name, frame in frames.items():
        there = [cell for row in book[str(name)].iter_rows() for cell in row]
        for cell in there:
            if cell.data_type != "e":
                continue
            if cell.value != GAP:
                raise CurveFault(
                    f"sheet {shown(str(name))}, cell {cell.coordinate} has the error "
                    f"{cell.value}; mend its formula, or clear the cell"
                )
            frame.iat[cell.row - 1, cell.column - 1] = GAP
        yield name, frame


def _sheet_rows(frame: pd.DataFrame) -> list[tuple[int, tuple[str, ...]]]:
    rows = (
        (line, tuple(_sheet_cell(value) for value in values))
        for line, values in enumerate(frame.itertuples(index=False, name=None), start=1)
    )
    return [(line, cells) for line, cells in rows if any(cells)]


def _sheet_cell(value: object) -> str:
    """Return a cell as text; whole numbers have no decimal point."""
    if value is None or value != value:  # NaN is the only value that differs from itself
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
