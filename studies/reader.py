"""Read study files: the bundled papers by their id, people's own by their path."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .errors import StudyFileError, fault_lines
from .files import plain_content
from .schema import key_schema
from .study import Study
from .toml_slips import toml_fault

__all__ = ["bundled_ids", "load_study", "read_study", "starter_text"]

_LONGEST_ID = 64
_START = "`kmrepro new FILE` writes one to start from"
MAX_BYTES = 1_000_000  # the longest bundled paper has 18 000


@cache
def bundled_ids() -> tuple[str, ...]:
    """Return the ids of the bundled studies, in alphabetical order."""
    names = (paper.name for paper in _papers().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_study(id_or_path: str | os.PathLike[str]) -> Study:
    """Read a study: a bundled one by its id, or a file by its path.

    Parameters
    ----------
    id_or_path : str or path
        An id that `bundled_ids` lists, or the path of a study file. A file that is named like a
        bundled study is reached as "./an2025" or as a `pathlib.Path`.

    Raises
    ------
    StudyFileError
        If there is no such study, or if the file is at fault. Numbers of the paper that
        contradict each other are no fault of the file.

    Examples
    --------
    >>> load_study("an2025").endpoint("psm", "OS").reference
    'SR'
    """
    if isinstance(id_or_path, str) and id_or_path in bundled_ids():
        return _study((_papers() / f"{id_or_path}.toml").read_bytes(), id_or_path)
    path = Path(id_or_path)
    if isinstance(id_or_path, str) and not _exists(id_or_path):
        raise StudyFileError(_shortened(id_or_path), (_no_study(id_or_path),))
    return read_study(path)


def read_study(path: str | os.PathLike[str]) -> Study:
    """Read one study file.

    Parameters
    ----------
    path : path
        A TOML file in UTF-8 of at most 1 MB; files that it names are in its folder or below.

    Raises
    ------
    StudyFileError
        If the file is at fault; the message lists every fault with its place and the fix.
    """
    path = Path(path)
    try:
        content = plain_content(path, most=MAX_BYTES, what="a study file", fix=_START)
    except OSError as error:
        fault = f"it cannot be read: {error.strerror or error}."
        raise StudyFileError(_shortened(path), (fault,)) from error
    except ValueError as error:
        raise StudyFileError(_shortened(path), (f"{error}.",)) from error
    return _study(content, _shortened(path), folder=path.parent)


def starter_text() -> str:
    """Return a commented study file to start from; it explains every key and is sound as it is.

    Its numbers are invented. Keys that a paper may or may not report are in comments.

    Examples
    --------
    >>> starter_text().startswith("# A study file")
    True
    """
    return (resources.files(__package__) / "starter.toml").read_text(encoding="utf-8")


def _papers() -> Traversable:
    return resources.files(f"{__package__}.papers")


def _shortened(name: str | Path) -> str:
    text = str(name)
    return f"{text[:200]}..." if len(text) > 200 else text or '""'


def _exists(name: str) -> bool:
    try:
        return os.path.lexists(name)
    except ValueError:  # a null character, before Python 3.13
        return False


def _no_study(name: str) -> str:
    """Say that there is no such study, and which ones there are."""
    known = bundled_ids()
    stem = name.lower().removesuffix(".toml")[:_LONGEST_ID]
    edits = {each: _edits(stem, each) for each in known}
    if stem and min(edits.values()) <= len(stem) / 3:  # a third of the letters, or fewer
        close = min(edits, key=lambda each: edits[each])
        return f'there is no such file or bundled study; did you mean "{close}"?'
    return f"there is no such file or bundled study; the bundled ones are {', '.join(known)}."


def _study(content: bytes, name: str, *, folder: Path | None = None) -> Study:
    raw = _toml(content, name)
    try:
        return Study.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        raise StudyFileError(name, fault_lines(error, raw, describe=key_schema)) from error


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"it is not UTF-8 text (line {line}); save it with the encoding UTF-8."
        raise StudyFileError(name, (fault,)) from error
    except tomllib.TOMLDecodeError as error:
        fault = _other_text(text) or toml_fault(text, error)
        raise StudyFileError(name, (f"{fault}.",)) from error
    except (ValueError, RecursionError) as error:  # digits by the thousand, tables in tables
        raise StudyFileError(
            name, ("it is not a study file: its TOML goes too deep or its numbers are too long.",)
        ) from error
    if not raw:
        raise StudyFileError(name, (f"it is empty; {_START}.",))
    return raw


def _other_text(text: str) -> str:
    """Say what a text is that is no study file at all; "" if it may be one."""
    lines = [line for line in text.splitlines() if line.strip()]
    if text.lstrip().startswith("{"):
        return f"it is JSON, not a study file; {_START}"
    if len(lines) > 1 and all(re.fullmatch(r"[^=\[\]]*[,;\t][^=\[\]]*", line) for line in lines):
        return "it is a CSV file, not a study file; `kmrepro reconstruct FILE` reads curves"
    return ""


def _edits(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace or exchange with a neighbour."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
