"""Tables as plain text of any width, for programs and files; a terminal's are fitted by rich."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Literal

from .formats import plain

__all__ = ["text_table"]

_GAP = 3  # between columns
# What is surely one cell wide: Latin, Greek, Cyrillic, dashes and quotes, raised and lowered
# digits, arrows and operators.
_NARROW = re.compile(
    r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482"
    r"\u2010-\u2027\u2070-\u209c\u2190-\u21ff\u2200-\u22ff]*"
)


def text_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    align: Sequence[Literal["left", "right"]],
    title: str = "",
    note: str = "",
) -> str:
    """Return a table under its title; no row is broken, and no line ends in spaces.

    Examples
    --------
    >>> print(text_table(["Arm", "n"], [["SR", "185"]], align=["left", "right"]))
    Arm     n
    ─────────
    SR    185
    """
    cells = [[plain(cell) for cell in row] for row in [headings, *rows]]
    sizes = [[_width(cell) for cell in row] for row in cells]
    widths = [max(column) for column in zip(*sizes, strict=True)]
    head, *body = (
        (" " * _GAP).join(map(_padded, row, size, widths, align)).rstrip()
        for row, size in zip(cells, sizes, strict=True)
    )
    whole = sum(widths) + _GAP * (len(widths) - 1)
    lines = [*_lines(title, whole), head, "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * whole, *body]
    return "\n".join([*lines, *_lines(note, whole)])


def _padded(cell: str, size: int, width: int, align: str) -> str:
    room = " " * (width - size)
    return f"{room}{cell}" if align == "right" else f"{cell}{room}"


def _width(text: str) -> int:
    """Return how many cells of a terminal text takes."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # slow to load

    return cell_len(text)


def _lines(text: str, width: int) -> list[str]:
    """Break what stands above or below a table to the table's width."""
    return textwrap.wrap(plain(text), max(width, 1), break_on_hyphens=False)
