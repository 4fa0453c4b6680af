"""Results on disk: a file or a folder is written whole, or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Self

from .safeguards import (
    MARKER,
    Source,
    check_file,
    check_folder,
    check_parents,
    files_in,
    foreign,
    plainly,
)

__all__ = ["Written", "write_file", "write_folder"]


class Written(tuple[Path, ...]):
    """The files that were written, relative to their folder, in alphabetical order.

    Attributes
    ----------
    set_aside : Path or None
        Where that was moved which was in their place and which kmrepro did not make.
    """

    set_aside: Path | None

    def __new__(cls, files: Iterable[str], set_aside: Path | None = None) -> Self:
        """Return the paths, with where other people's files are now."""
        written = super().__new__(cls, map(Path, files))
        written.set_aside = set_aside
        return written


def write_folder(
    out: Path,
    write: Callable[[Path], None],
    *,
    force: bool = False,
    inputs: tuple[Path, ...] = (),
    source: Source | None = None,
) -> Written:
    """Make a folder of results, or replace one as a whole.

    The folder is built beside its place and moved there when it is complete and on the disk: a
    crash at any moment leaves the old folder or the new one. With `force`, a folder that holds
    what kmrepro did not put there is kept beside it, under a name that is free.

    Parameters
    ----------
    out : Path
        Where the results are to go; folders above it are made.
    write : callable
        Called with an empty folder to fill.
    force, inputs
        As in `check_folder`.
    source : mapping of str, optional
        What the results are made from; `made_from` returns it once they are complete.

    Returns
    -------
    Written
        The files, relative to `out`, and where the old folder was set aside.

    Raises
    ------
    OutputRefused
        If `out` must not be replaced or cannot be written; then it is as it was before.
    """
    with plainly(out):
        target = out.resolve()
        check_parents(out, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _clean_up(target)
        check_folder(out, force=force, inputs=inputs)
        building = _beside(target)
        try:  # the name is known before the folder is there: no signal can fall in between
            building.mkdir(mode=0o700)
            with try_lock(building):
                write(building)
                files = _finish(building, source)
                check_folder(out, force=force, inputs=inputs)
                aside = _move_in(building, target, keep=target.exists() and bool(foreign(target)))
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return Written(files, aside and out.with_name(aside.name))


def _prefix(target: Path) -> str:
    return f".{target.name}.kmrepro-"


def _beside(target: Path) -> Path:
    """Return a new hidden name beside a target, on the same disk."""
    return target.with_name(f"{_prefix(target)}{secrets.token_hex(4)}")


def _finish(building: Path, source: Source | None) -> list[str]:
    """Mark a complete folder as ours and put it on the disk; return the files in it."""
    files = sorted(path.relative_to(building).as_posix() for path in files_in(building))
    marker: dict[str, object] = {"made_by": "kmrepro", "files": files}
    if source is not None:
        marker["made_from"] = dict(source)
    (building / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
    building.chmod(0o777 & ~_umask())
    sync_folder(building)
    return files


def _umask() -> int:
    """Return the file-creation mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _free_name(target: Path) -> Path:
    """Return a name beside a target that nothing has: "results.before-1", "ipd.before-1.csv"."""
    names = (
        target.with_name(f"{target.stem}.before-{number}{target.suffix}")
        for number in itertools.count(1)
    )
    return next(name for name in names if not os.path.lexists(name))


def _move_in(building: Path, target: Path, *, keep: bool) -> Path | None:
    """Put a complete folder in its place.

    What was there is left under the folder's old name; or, to keep it, under the free name that is
    returned.
    """
    if keep:
        aside = _free_name(target)
        target.rename(aside)
        try:
            building.rename(target)
        except OSError:
            aside.rename(target)
            raise
        sync_folder(target.parent, deep=False)
        return aside
    if not target.exists():
        building.rename(target)
    elif not exchange(building, target):
        old = target.with_name(_prefix(target) + "old")
        target.rename(old)
        building.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(target.parent, deep=False)
    return None


def _clean_up(target: Path) -> None:
    """Finish or remove what a run that was killed left behind."""
    old = target.with_name(_prefix(target) + "old")
    if old.is_dir() and not target.exists():
        old.rename(target)
    for left in target.parent.glob(f"{_escape(_prefix(target))}*"):
        with try_lock(left) as abandoned:
            if abandoned:
                shutil.rmtree(left, ignore_errors=True)


def _escape(name: str) -> str:
    """Take the characters of a name that `glob` reads as patterns literally."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def write_file(
    out: Path,
    content: str | bytes,
    *,
    force: bool = False,
    keep: bool = True,
    inputs: tuple[Path, ...] = (),
) -> Path | None:
    """Write a file whole, or not at all; text in UTF-8.

    Returns
    -------
    Path or None
        Where the file was set aside that was there; None if there was none, if it had the same
        content, or if `keep` is not set.

    Raises
    ------
    OutputRefused
        As `check_file`, or if the file cannot be written.
    """
    check_file(out, force=force, inputs=inputs)
    with plainly(out):
        target = out.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        building = _beside(target)
        written = content if isinstance(content, bytes) else content.encode("utf-8")
        aside = None
        try:
            with building.open("xb") as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            if keep and target.exists() and target.read_bytes() != written:
                aside = _free_name(target)
                _copy_aside(target, aside)
            building.replace(target)
        finally:
            building.unlink(missing_ok=True)
        return aside and out.with_name(aside.name)


def _copy_aside(target: Path, aside: Path) -> None:
    """Give a file a second name, or where the disk has no links, a copy; the first one stays."""
    try:
        os.link(target, aside)
    except OSError:
        shutil.copy2(target, aside)


# What the operating system offers for replacing a folder in one step.
_AT_FDCWD = -100  # Linux: paths are relative to the current folder
_RENAME_EXCHANGE = 2  # Linux, renameat2(2)
_RENAME_SWAP = 2  # macOS, renamex_np(2)


def exchange(first: Path, second: Path) -> bool:
    """Let two folders take each other's name in one step; False if the system cannot."""
    names = os.fsencode(first), os.fsencode(second)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, _RENAME_SWAP) == 0)
        return bool(
            library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
        )
    except (AttributeError, OSError, TypeError):  # a C library without the call, or Windows
        return False


def sync_folder(folder: Path, *, deep: bool = True) -> None:
    """Wait until a folder, and by default everything in it, is on the disk."""
    if deep:
        for path, _, names in os.walk(folder):
            for name in (*names, "."):
                _sync(Path(path) / name)
    else:
        _sync(folder)


def _sync(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def try_lock(folder: Path) -> Iterator[bool]:
    """Hold a folder as in use while the block runs; False if another process holds it.

    The system lets go when the process ends, however it ends, so that a folder that can be
    locked was abandoned. False, too, where folders cannot be locked.
    """
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
