"""Files that a study file names: digitised curves and censoring marks."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from .faults import shown
from .fields import event_time

__all__ = ["CensorMarks", "CurvePath"]


def _path(raw: object, info: ValidationInfo) -> str:
    """Accept a file in the study's folder or below it, also after links are followed.

    A study file may come from anyone, so it must not name what lies elsewhere. The reader gives
    the folder in the validation context; a study that is built in Python has none, and only the
    path itself is judged.
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
    if folder is not None:
        _check_file(raw, Path(folder))
    return raw


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


def _marks(raw: object, info: ValidationInfo) -> object:
    if isinstance(raw, list | tuple):
        return tuple(event_time(time) for time in raw)
    return _path(raw, info)


_PATH_SCHEMA = {"type": "string", "minLength": 1}
CurvePath = Annotated[str, BeforeValidator(_path), WithJsonSchema(_PATH_SCHEMA)]
CensorMarks = Annotated[
    tuple[float, ...] | str,
    BeforeValidator(_marks),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
                _PATH_SCHEMA,
            ]
        }
    ),
]
