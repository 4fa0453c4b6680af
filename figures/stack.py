"""Displays of several endpoints below each other in one figure, with one note at its foot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from .key import KeyEntry, draw_key, key_height
from .lettering import wrap
from .panel import panel_letter
from .style import (
    PAGE_WIDTH,
    TITLE_SIZE,
    Width,
    context,
    footnote,
    footnote_height,
    inches_of,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis

__all__ = ["RECONSTRUCTED_NOTE", "Block", "in_printed_order", "reconstructed_note", "stack"]

RECONSTRUCTED_NOTE = "Patients reconstructed from printed numbers, not the original data."
_INFORMED_NOTE = "INFORMED: patients made to meet the reported comparison, too; no check of it."
_TITLE_LINE = TITLE_SIZE * 1.3 / 72
_LEFT = 0.52  # inches, of the key
_GAP = 0.12


class Block(Protocol):
    """A display that can stand with others in one figure."""

    title: str
    note: str
    alt: str

    def key_entries(self) -> Sequence[KeyEntry]:
        """Return what its key explains; nothing if it needs none."""

    def body_height(self, *, width: float, low: bool) -> float:
        """Return the height of all below title and key in inches; `low` if others stand by."""

    def draw_body(self, figure: Figure, *, top: float, width: float, low: bool) -> None:
        """Draw it from `top` inches below the upper edge of a figure."""


def stack(blocks: Sequence[Block], *, width: Width | None = None) -> Figure:
    """Draw displays below each other.

    Parameters
    ----------
    blocks : sequence of Block
        At least one. A key is drawn where it is another than the one above.
    width : float, "column" or "page", optional
        Of the figure, in mm; 178 unless given.

    Returns
    -------
    Figure
        Its label is what all of them show in words; each note stands once at its foot.
    """
    if not blocks:
        raise ValueError("`blocks` must hold at least one display.")
    inches = inches_of(width, usual=PAGE_WIDTH)
    with context():
        note = " ".join(dict.fromkeys(block.note for block in blocks))
        tops, end = _places(blocks, inches)
        height = end + footnote_height(note, width=inches)
        figure = new_figure(inches, height, alt=" ".join(block.alt for block in blocks))
        footnote(figure, note)
        for block, entries, top in zip(blocks, _keys(blocks), tops, strict=True):
            below = _draw_head(figure, block, entries, top=top)
            block.draw_body(figure, top=below, width=inches, low=len(blocks) > 1)
    return figure


def in_printed_order(analyses: Sequence[EndpointAnalysis]) -> list[tuple[EndpointAnalysis, str]]:
    """Return endpoints by their letter in the paper's figure, each with a title that names it."""
    ordered = sorted(analyses, key=lambda analysis: panel_letter(analysis.endpoint.figure))
    return [(each, _title(each)) for each in ordered]


def reconstructed_note(analysis: EndpointAnalysis) -> str:
    """Say that the patients are not the paper's, and if they met what is reported on purpose."""
    if analysis.ipd.informed:
        return f"{RECONSTRUCTED_NOTE} {_INFORMED_NOTE}"
    return RECONSTRUCTED_NOTE


def _title(analysis: EndpointAnalysis) -> str:
    endpoint = analysis.endpoint
    letter = panel_letter(endpoint.figure)
    name = f"{endpoint.label or endpoint.name}, cohort: {endpoint.cohort}"
    return f"({letter}) {name}" if letter else name


def _keys(blocks: Sequence[Block]) -> list[Sequence[KeyEntry]]:
    """Return the key of each block; nothing where the block above has the same."""
    every = [list(block.key_entries()) for block in blocks]
    return [
        [] if index and entries == every[index - 1] else entries
        for index, entries in enumerate(every)
    ]


def _places(blocks: Sequence[Block], width: float) -> tuple[list[float], float]:
    """Return where each block starts, and where the last one ends, in inches from the top."""
    tops, top = [], 0.0
    for block, entries in zip(blocks, _keys(blocks), strict=True):
        tops.append(top)
        top += _head_height(block, entries, width=width)
        top += block.body_height(width=width, low=len(blocks) > 1)
    return tops, top


def _head_height(block: Block, entries: Sequence[KeyEntry], *, width: float) -> float:
    lines = len(_title_lines(block, width)) * _TITLE_LINE
    return lines + (key_height(entries, width=width - _LEFT) if entries else 0.0) + _GAP


def _title_lines(block: Block, width: float) -> list[str]:
    return wrap(block.title, width=width - 0.1, size=TITLE_SIZE, bold=True)


def _draw_head(figure: Figure, block: Block, entries: Sequence[KeyEntry], *, top: float) -> float:
    """Write the title and the key, and return where what is below them starts."""
    width, height = figure.get_size_inches()
    lines = _title_lines(block, width)
    figure.text(
        0.05 / width, 1 - (top + 0.05) / height, "\n".join(lines),
        va="top", fontsize=TITLE_SIZE, fontweight="bold",
    )  # fmt: skip
    if entries:
        corner = (_LEFT / width, 1 - (top + len(lines) * _TITLE_LINE + 0.09) / height)
        draw_key(figure, entries, corner=corner, width=width - _LEFT)
    return top + _head_height(block, entries, width=width)
