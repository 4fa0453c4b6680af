"""Read study files: the bundled papers by their id, people's own by their path."""

from __future__ import annotations

import difflib
import os
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

__all__ = ["bundled_ids", "load_study", "read_study", "starter_text"]

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
        content = plain_content(path, most=MAX_BYTES, what="a study file")
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
    stem = name.lower().removesuffix(".toml")
    if close := difflib.get_close_matches(stem, known, n=1):
        return f'there is no such file or bundled study; did you mean "{close[0]}"?'
    return f"there is no such file or bundled study; the bundled ones are {', '.join(known)}."


def _study(content: bytes, name: str, *, folder: Path | None = None) -> Study:
    raw = _toml(content, name)
    try:
        return Study.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        raise StudyFileError(name, fault_lines(error, raw, describe=key_schema)) from error


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"it is not UTF-8 text (line {line}); save it with the encoding UTF-8."
        raise StudyFileError(name, (fault,)) from error
    except tomllib.TOMLDecodeError as error:
        raise StudyFileError(name, (f"it is not TOML: {_in_toml(error)}.",)) from error
    except (ValueError, RecursionError) as error:  # digits by the thousand, tables in tables
        raise StudyFileError(
            name, ("it is not a study file: its TOML goes too deep or its numbers are too long.",)
        ) from error
    if not raw:
        raise StudyFileError(name, ("it is empty; `kmrepro new FILE` writes one to start from.",))
    return raw


def _in_toml(error: tomllib.TOMLDecodeError) -> str:
    """Return TOML's own message with its line and column, beginning in lower case."""
    text = str(error)
    return text[:1].lower() + text[1:]
