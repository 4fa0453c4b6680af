"""The fonts inside a PDF: the letters that it shows, without what places them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

__all__ = ["without_layout"]

_LAYOUT = ("BASE", "GDEF", "GPOS", "GSUB", "JSTF", "MATH", "kern")  # tables of an OpenType font


_LOCK = RLock()  # or another could give back what this one has put there


@contextmanager
def without_layout() -> Iterator[None]:
    """Embed fonts without the tables that lay words out, in PDFs written inside the block.

    A PDF says which glyph of its fonts is where, and needs none of those tables (ISO 32000-1, 9.9).
    To reduce them to the letters of a figure would take most of the time of a file.

    Notes
    -----
    Matplotlib, which has no setting for it, loads what it embeds by `fontTools.subset.load_font`.
    Were it to do otherwise, its fonts would be larger, and as good.
    """
    try:
        from fontTools import subset
    except ImportError:
        yield
        return

    def load_bare(*given: Any, **named: Any) -> Any:
        font = load(*given, **named)
        for table in _LAYOUT:
            if table in font:
                del font[table]
        return font

    with _LOCK:
        load = subset.load_font
        subset.load_font = load_bare
        try:
            yield
        finally:
            subset.load_font = load
