"""Files that a user hands in: small, plain, in the study's folder; workbooks as rows of text."""

from __future__ import annotations

import re
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationInfo

from .errors import CurveFault, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GAP", "is_workbook", "named_file", "other_text", "plain_content", "workbook_sheets"]


def plain_content(
    path: Path,
    *,
    most: int,
    what: str,
    fixes: Mapping[str, str] | None = None,
    also: Collection[str] = (),
) -> bytes:
    """Read a plain file of a sane size; anything else could block, or fill the memory.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Bytes that it may have.
    what : str
        What the file is, with its article, such as "a study file".
    fixes : mapping of str to str, optional
        What to do instead with a file of another kind, such as "a PDF"; "" is any other.
    also : collection of str
        Kinds that are welcome besides plain text, such as "a PDF".

    Raises
    ------
    ValueError
        If it is a folder, no plain file, too large, or of another kind: a PDF, a workbook.
    OSError
        If the system cannot read it.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise ValueError(f"it is a folder; name {what} in it")
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is not a plain file")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        size = max(found.st_size, len(content))
        raise ValueError(f"it has {size:,} bytes, and {what} has at most {most:,}")
    if (kind := _other_kind(content)) and kind not in also:
        known = fixes or {}
        fix = known.get(kind, known.get("", ""))
        raise ValueError(f"it is {kind}, and {what} is plain text{fix and '; '}{fix}")
    return content


_SIGNATURES = {  # of files that are given by mistake: their first bytes
    b"%PDF-": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"{\\rtf": "an RTF document",
    b"\x1f\x8b": "a compressed file",
}
_PACKED = {b"xl/": "an Excel workbook", b"word/": "a Word document", b"content.xml": "an "
           "OpenDocument file"}  # fmt: skip


def _other_kind(content: bytes) -> str:
    """Return what a file is that is no text, as far as its first bytes say; "" if nothing."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:512]
    if start.startswith(b"PK\x03\x04"):
        packed = (kind for name, kind in _PACKED.items() if name in content)
        return next(packed, "a zip archive")
    if re.match(rb"(?i)<!doctype|<html|<\?xml|<svg", start):
        return "a web page or XML"
    return next((kind for sign, kind in _SIGNATURES.items() if start.startswith(sign)), "")


def other_text(text: str, *, fix: str) -> str:
    """Say what a text is that is no study file at all; "" if it may be one."""
    lines = [line for line in text.splitlines() if line.strip()]
    if text.lstrip().startswith("{"):
        return f"it is JSON, not a study file; {fix}"
    if "\r" in text and "\n" not in text:
        return "its lines end in CR alone, as on old Macs; save it with the line ends LF or CRLF"
    if len(lines) > 1 and all(re.fullmatch(r"[^=\[\]]*[,;\t][^=\[\]]*", line) for line in lines):
        return "it is a CSV file, not a study file; `kmrepro reconstruct FILE` reads curves"
    return ""


def named_file(raw: object, info: ValidationInfo) -> Path:
    """Return the path of a file in the study's folder or below it, also after links are followed.

    A study file may come from anyone, so it must not name what is elsewhere. The reader gives the
    folder in the validation context; a study that is built in Python has none.

    Parameters
    ----------
    raw : object
        The name that the study file gives, relative to it, with / between folders.
    info : ValidationInfo
        Its context holds the `folder`.

    Raises
    ------
    ValueError
        If it is no such name, or there is no such file.
    """
    if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
        raise ValueError(f'{shown(raw)} is not a file name: write one such as "os-sr.csv"')
    if PurePosixPath(raw).is_absolute() or PureWindowsPath(raw).anchor or "\\" in raw:
        raise ValueError(
            f"{shown(raw)} must be relative to the study file and use / between folders, such as "
            '"curves/os-sr.csv"'
        )
    if ".." in PurePosixPath(raw).parts:
        raise ValueError(f"{shown(raw)} leaves the study file's folder; put the file inside it")
    folder = (info.context or {}).get("folder")
    if folder is None:
        raise ValueError(
            f"{shown(raw)} can only be read from a study file's folder; from Python, give what "
            "read_curves or digitised_curve returns"
        )
    _check_file(raw, Path(folder))
    return Path(folder) / raw


def _check_file(raw: str, folder: Path) -> None:
    try:
        found = (folder / raw).resolve()
        inside, is_file = found.is_relative_to(folder.resolve()), found.is_file()
    except (OSError, RuntimeError):  # a loop of links, or a name too long for the system
        inside, is_file = True, False
    if not inside:
        raise ValueError(
            f"{shown(raw)} is a link that leaves the study file's folder; put the file inside it"
        )
    if not is_file:
        raise ValueError(f"there is no file {shown(raw)} beside the study file")


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
