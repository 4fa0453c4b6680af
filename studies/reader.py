"""Read study files: the bundled papers by their id, people's own by their path."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .errors import StudyFileError, place_text, placed_faults
from .files import plain_content
from .starter import placeholder_faults
from .study import Study

__all__ = ["bundled_ids", "load_study", "read_study", "study", "study_content", "study_of"]

_LONGEST_ID = 64
_START = "`kmrepro new FILE` writes one to start from"
_READ_FIGURE = "`kmrepro digitise FIGURE` reads its curves into one"
_FIXES = {  # what makes a study file of another kind of file
    "": _START,
    "a PDF": f"`kmrepro draft FILE` drafts one from its text, and {_READ_FIGURE}",
    "an Excel workbook": "`kmrepro new FILE --from-excel WORKBOOK` makes one of it",
    **dict.fromkeys(("a PNG image", "a JPEG image", "a TIFF image"), _READ_FIGURE),
}
_TOO_DEEP = "it is not a study file: its TOML goes too deep or its numbers are too long."
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
        content = (_papers() / f"{id_or_path}.toml").read_bytes()
        return study_of(_toml(content, id_or_path), id_or_path)
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
        content = plain_content(path, most=MAX_BYTES, what="a study file", fixes=_FIXES)
    except OSError as error:
        fault = f"it cannot be read: {error.strerror or error}."
        raise StudyFileError(_shortened(path), (fault,)) from error
    except ValueError as error:
        raise StudyFileError(_shortened(path), (f"{error}.",)) from error
    name = _shortened(path)
    return study_of(_toml(content, name), name, folder=path.parent)


def study(content: Mapping[str, Any] | None = None, /, **keys: Any) -> Study:
    """Build a study in Python, with the keys of a study file and the same checks.

    Parameters
    ----------
    content : mapping, optional
        Keys and values as in a study file: tables are mappings, and lists of tables lists of
        mappings. Times may be numbers; reported numbers are text, exactly as reported.
    **keys
        The same as keywords, such as ``id="mine"``. `endpoints`, `tables`, `statements` and
        `flows` may be written in the plural.

    Raises
    ------
    StudyFileError
        If anything is at fault; the message lists every fault with its place and the fix, as for
        a file.

    Examples
    --------
    >>> import kmrepro as km
    >>> arms = {
    ...     "SR": {"n": 185, "landmarks": {12: "98.8%", 36: "89.3%"}},
    ...     "TA": {"n": 185, "landmarks": {12: "99.5%", 36: "88.4%"}},
    ... }
    >>> km.study(id="mine", endpoints=[{"name": "OS", "reference": "SR", "arms": arms}])
    Study(mine: all/OS)
    """
    given = {**(content or {}), **keys}
    plural = {name: f"{name}s" for name in ("endpoint", "table", "statement", "flow")}
    for name, written in plural.items():
        if written in given:
            if name in given:
                raise StudyFileError("study", (f"{name} and {written} are both given.",))
            given[name] = given.pop(written)
    return study_of(_as_in_a_file(given), "study")


def _as_in_a_file(value: Any) -> Any:
    """Return mappings with keys of text and lists, as TOML has them; other values as they are."""
    if isinstance(value, Mapping):
        return {_time_key(key): _as_in_a_file(each) for key, each in value.items()}
    return [_as_in_a_file(each) for each in value] if isinstance(value, list | tuple) else value


def _time_key(key: object) -> str:
    number = isinstance(key, int | float) and not isinstance(key, bool)
    return str(key).removesuffix(".0") if number else str(key)


def study_content(id_or_path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the keys and values of a study file, once it was found to be valid.

    Raises
    ------
    StudyFileError
        As of `load_study`.
    """
    load_study(id_or_path)
    if isinstance(id_or_path, str) and id_or_path in bundled_ids():
        return _toml((_papers() / f"{id_or_path}.toml").read_bytes(), id_or_path)
    return _toml(Path(id_or_path).read_bytes(), str(id_or_path))


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


def study_of(raw: Mapping[str, Any], name: str, *, folder: Path | None = None) -> Study:
    """Return the study with these keys and values.

    Parameters
    ----------
    raw : mapping
        As TOML gives them.
    name : str
        What to call it in messages.
    folder : Path, optional
        Where the files are that it names.

    Raises
    ------
    StudyFileError
        If anything is at fault, or a placeholder of the starter is left.
    """
    try:
        faults = list(placeholder_faults(raw))
    except RecursionError as error:  # dotted keys by the thousand
        raise StudyFileError(name, (_TOO_DEEP,)) from error
    if faults:
        lines = tuple(f"{place_text(place, raw)}{text}." for place, text in faults)
        raise StudyFileError(name, lines, tuple(place for place, _ in faults))
    try:
        return Study.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        from .study import key_schema  # slow to load, and most files are valid

        placed = placed_faults(error, raw, describe=key_schema)
        lines = tuple(f"{place_text(place, raw)}{text}" for place, text in placed)
        raise StudyFileError(name, lines, tuple(place for place, _ in placed)) from error


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"it is not UTF-8 text (line {line}); save it with the encoding UTF-8."
        raise StudyFileError(name, (fault,)) from error
    except tomllib.TOMLDecodeError as error:
        from .toml_slips import toml_fault  # slow to load

        fault = _other_text(text) or toml_fault(text, error)
        raise StudyFileError(name, (f"{fault}.",)) from error
    except (ValueError, RecursionError) as error:  # digits by the thousand, tables in tables
        raise StudyFileError(name, (_TOO_DEEP,)) from error
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
