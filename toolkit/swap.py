"""What the operating system offers for replacing a folder in one step."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["exchange", "sync_folder", "try_lock"]

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
