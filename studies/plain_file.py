"""Files that anyone may hand in: plain, of a sane size, or refused with a reason."""

from __future__ import annotations

import stat
from pathlib import Path

__all__ = ["plain_content"]


def plain_content(path: Path, *, most: int, what: str) -> bytes:
    """Read a plain file of a sane size; anything else could block, or fill the memory.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Bytes that it may have.
    what : str
        What the file is, with its article, such as "a study file".

    Raises
    ------
    ValueError
        If it is a folder, no plain file, or too large.
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
    return content
