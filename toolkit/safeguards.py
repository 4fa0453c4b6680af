"""What on a disk results may replace, and why not where they may not."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "LITTER",
    "MARKER",
    "OutputRefused",
    "check_file",
    "check_folder",
    "made_from",
    "plainly",
    "read_marker",
]

MARKER = ".kmrepro.json"
"""A folder that kmrepro made holds this file, which lists every other file kmrepro put there."""
Source = Mapping[str, object]
"""What a folder was made from, as plain values."""
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", MARKER}


class OutputRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised when results cannot or must not be written where they were asked for."""


def check_folder(out: Path, *, force: bool = False, inputs: tuple[Path, ...] = ()) -> None:
    """Refuse a folder that must not be replaced.

    A folder is replaced if it is empty or if kmrepro made it and nothing was added to it since,
    or, with `force`, whatever it holds, which is then set aside. Never replaced are a file, a
    folder that the current or the home folder lies in, a version-control checkout and a folder
    that holds an input.

    Parameters
    ----------
    out : Path
        Where the results are to go.
    force : bool
        Take the place of a folder that kmrepro did not make.
    inputs : tuple of Path
        Files that the results are made from.

    Raises
    ------
    OutputRefused
        If `out` must not be replaced; the message says why, and what to do.
    """
    with plainly(out):
        target = out.resolve()
        check_parents(out, target)
        if not target.exists():
            return
        if not target.is_dir():
            raise OutputRefused(
                f"{out} is a file, and results go to a folder; choose another name."
            )
        if reason := _precious(target, inputs):
            raise OutputRefused(f"{out} is not replaced, because {reason}; choose another folder.")
        if not force and (reason := foreign(target)):
            raise OutputRefused(
                f"{out} is not replaced, because {reason}; choose another folder, or move it aside "
                "with --force."
            )


def check_parents(out: Path, target: Path) -> None:
    """Refuse a place below a file or in a folder that cannot be written.

    Folders that are missing are made when results are written.
    """
    nearest = next((parent for parent in target.parents if parent.exists()), target)
    if not nearest.is_dir():
        raise OutputRefused(f"Cannot write {out}: {nearest} is a file; choose another folder.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputRefused(
            f"Cannot write {out}: nothing can be made in {nearest}; choose another folder."
        )


def _precious(target: Path, inputs: tuple[Path, ...]) -> str:
    """Say why a folder is not to be replaced even if that is asked for."""
    if any((target / name).exists() for name in (".git", ".hg", ".svn")):
        return "it is a version-control checkout"
    for place, name in ((Path.home(), "home"), (Path.cwd(), "current")):
        if place.resolve().is_relative_to(target):
            return f"it is or holds the {name} folder"
    if os.path.ismount(target):
        return "it is the root of a disk"
    for path in inputs:
        if path.resolve().is_relative_to(target):
            return f"it holds {path.name}, which the results are made from"
    return ""


def foreign(target: Path) -> str:
    """Say what in a folder kmrepro did not put there."""
    found = {path.relative_to(target).as_posix() for path in files_in(target)}
    strangers = sorted(name for name in found - _ours(target) if Path(name).name not in LITTER)
    if not strangers:
        return ""
    others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
    return f"it holds {strangers[0]}{others}, which kmrepro did not write"


def files_in(folder: Path) -> Iterator[Path]:
    """Walk over everything in a folder but the folders in it; links are not followed."""

    def stop(error: OSError) -> None:
        raise error

    for path, _, names in os.walk(folder, onerror=stop):
        yield from (Path(path) / name for name in names)


def _ours(target: Path) -> set[str]:
    """Return the files that the marker lists; none if there is no marker."""
    try:
        return set(read_marker(target)["files"])
    except (KeyError, TypeError):
        return set()


def read_marker(folder: Path) -> dict[str, Any]:
    """Return what a folder's marker says; nothing if there is none that can be read."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return marker if isinstance(marker, dict) else {}


def made_from(folder: Path) -> Source | None:
    """Return what a folder of results was made from; None if that is unknown or a file is gone."""
    source = read_marker(folder).get("made_from")
    whole = all((folder / name).is_file() for name in _ours(folder))
    return source if whole and isinstance(source, dict) else None


def check_file(out: Path, *, force: bool = False, inputs: tuple[Path, ...] = ()) -> None:
    """Refuse a file that must not be written.

    Parameters
    ----------
    out : Path
        Where the results are to go.
    force : bool
        Take the place of a file that is there.
    inputs : tuple of Path
        Files that the results are made from, which they never replace.

    Raises
    ------
    OutputRefused
        If the file exists and `force` is not set, if it is no file or an input, or if a folder
        above it is a file.
    """
    with plainly(out):
        target = out.resolve()
        check_parents(out, target)
        if target.exists() and not target.is_file():
            raise OutputRefused(f"Cannot write {out}: it is not a file; choose another name.")
        if any(target == path.resolve() for path in inputs):
            raise OutputRefused(f"{out} is what the results are made from; choose another name.")
        if target.exists() and not force:
            raise OutputRefused(
                f"{out} exists; choose another name, or move it aside with --force."
            )


@contextlib.contextmanager
def plainly(out: Path) -> Iterator[None]:
    """Say in a sentence why the system could not write."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        reason = error.strerror or str(error)
        raise OutputRefused(f"Cannot write {out}: {reason[:1].lower()}{reason[1:]}.") from error
