"""Pixels as PNG files."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["png"]

_EFFORT = 3  # of zlib, up to 9: 4 takes twice as long for a file an eighth smaller
_EIGHT_BIT, _COLOUR, _PLAIN = 8, 2, 0
_METRE = 0.0254  # of an inch


def png(colours: npt.NDArray[np.uint8], *, dpi: float, words: Mapping[str, str]) -> bytes:
    """Return a picture as the content of a PNG file, the same bytes each time.

    Parameters
    ----------
    colours : ndarray of uint8, shape (height, width, 3)
        Red, green and blue.
    dpi : float
        Dots per inch that it is to be shown with.
    words : mapping of str to str
        Such as its title.
    """
    height, width, _ = colours.shape
    dots = round(dpi / _METRE)
    kind = (_EIGHT_BIT, _COLOUR, _PLAIN, _PLAIN, _PLAIN)
    # Each row begins with the number of its filter. Without one (0) even colours stay runs, which
    # compress best; to try all filters on each row, as others do, takes longer than all the rest.
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    for place in range(3):  # by colour, which is much faster than all at once
        rows[:, 1 + place :: 3] = colours[..., place]
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, *kind)),
        *((b"iTXt", _text(key, text)) for key, text in words.items()),
        (b"pHYs", struct.pack(">IIB", dots, dots, 1)),
        (b"IDAT", zlib.compress(rows.data, _EFFORT)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _text(key: str, text: str) -> bytes:
    """Return words in UTF-8, neither compressed nor in a language that is named."""
    return key.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
