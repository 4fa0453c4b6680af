"""Read study files: the bundled papers by their id, people's own by their path."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from .study import Study

__all__ = ["StudyFileError", "bundled_ids", "load_study", "read_study"]


class StudyFileError(ValueError):
    """A study file cannot be read; the message names the file, the key and the fix."""


def bundled_ids() -> tuple[str, ...]:
    """Return the ids of the bundled studies, in alphabetical order."""
    papers = resources.files(f"{__package__}.papers").iterdir()
    return tuple(sorted(p.name.removesuffix(".toml") for p in papers if p.name.endswith(".toml")))


def load_study(id_or_path: str | os.PathLike[str]) -> Study:
    """Read a study: a bundled one by its id, or a file by its path."""
    if isinstance(id_or_path, str) and id_or_path in bundled_ids():
        paper = resources.files(f"{__package__}.papers") / f"{id_or_path}.toml"
        return _validated(paper.read_text("utf-8"), id_or_path)
    return read_study(Path(id_or_path))


def read_study(path: Path) -> Study:
    """Read one study file."""
    try:
        return _validated(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise StudyFileError(f"{path} cannot be read: {error.strerror}.") from error


def _validated(text: str, name: str) -> Study:
    try:
        return Study.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise StudyFileError(f"{name}: {error}") from error
    except ValueError as error:
        raise StudyFileError(f"{name} is not TOML: {error}.") from error
