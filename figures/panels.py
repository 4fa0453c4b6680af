"""Several endpoints in one figure: side by side as (a), (b), (c), or below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from .axes import CurveOptions
from .curve_layout import USUAL_OPTIONS
from .kaplan_meier import RECONSTRUCTED, KaplanMeierDisplay
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes, footnote, footnote_height, new_figure, title_height, write_title
from .style import MM, PAGE_WIDTH, StyleName, Width, context, inches_of
from .text import cohort_text, endpoint_title, lettered, panel_letter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis

__all__ = [
    "RECONSTRUCTED_NOTE",
    "Block",
    "in_printed_order",
    "panel",
    "reconstructed_note",
    "stack",
]

PANEL_HEIGHT, _LOWEST = 1.85, 1.6  # inches, of each axes
_TALLEST = 240 * MM  # a page: axes are made lower for it, if that is enough
NARROWEST_PANEL = 60 * MM
_GUTTER = 0.1  # inches between columns
_ROW_GAP = 0.16
_KEY_GAP = 0.08
RECONSTRUCTED_NOTE = "Patients reconstructed from reported numbers, not the original data."
_INFORMED_NOTE = "INFORMED: patients conditioned on the reported comparison, too; no check of it."
_LEFT = 0.52  # inches, of the key
_GAP = 0.12


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """How panels are laid out on a figure of a width, in inches."""

    columns: int
    rows: int
    width: float

    @property
    def cell_width(self) -> float:
        return (self.width - _GUTTER * (self.columns - 1)) / self.columns

    def cell_height(self, room: Room, *, around: float) -> float:
        """Return the height of a row, when the figure has `around` inches beside all rows."""
        most = (_TALLEST - around - (self.rows - 1) * _ROW_GAP) / self.rows
        beside = room.above + room.below
        return beside + (
            PANEL_HEIGHT if most - beside < _LOWEST else min(most - beside, PANEL_HEIGHT)
        )


def panel(
    analyses: Sequence[EndpointAnalysis],
    *,
    columns: int | None = None,
    width: Width | None = None,
    style: StyleName | None = None,
    options: CurveOptions = USUAL_OPTIONS,
) -> Figure:
    """Draw several endpoints side by side and below each other.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one. Those with a letter (`Endpoint.figure` is "Figure 5(a)") come in its order.
    columns : int, optional
        Panels in a row; as many as there is room for, and at most two, unless given.
    width : float, "column" or "page", optional
        Of the figure, in mm; one column of a journal has 85, the two of a page have 178; 178
        unless given.
    style : {"journal", "screen", "grey"}, optional
        The one of the `context` around it unless given, "journal" if there is none.
    options : CurveOptions
        What to draw in every panel. Names are at the ends of the curves if they fit there in
        all of the panels.

    Returns
    -------
    Figure
        One key is above all panels if it holds for all of them; if not, each
        panel has its own.

    Raises
    ------
    ValueError
        If there is nothing to draw, `columns` is below 1, or panels would be narrower than 60 mm.
    """
    if not analyses or (columns is not None and columns < 1):
        raise ValueError("`analyses` must hold at least one endpoint, and `columns` be at least 1.")
    ordered = sorted(analyses, key=lambda analysis: panel_letter(analysis.endpoint.figure))
    displays = [_display(analysis) for analysis in ordered]
    grid = _grid(len(displays), columns=columns, width=inches_of(width, usual=PAGE_WIDTH))
    with context(style):
        return _draw(displays, grid=grid, options=options, note=_note(analyses))


def _grid(panels: int, *, columns: int | None, width: float) -> _Grid:
    if columns is None:
        columns = 2 if (width - _GUTTER) / 2 >= NARROWEST_PANEL else 1
    columns = min(columns, panels)
    grid = _Grid(columns=columns, rows=math.ceil(panels / columns), width=width)
    if grid.cell_width < NARROWEST_PANEL:
        raise ValueError(
            f"`columns` must leave each panel {NARROWEST_PANEL / MM:.0f} mm, but {columns} of "
            f"{width / MM:g} mm do not; take fewer columns or a greater `width`."
        )
    return grid


def _note(analyses: Sequence[EndpointAnalysis]) -> str:
    """Say which cohort all panels show, if it is one, and what the patients are."""
    cohorts = {cohort_text(analysis.endpoint) for analysis in analyses}
    if len(cohorts) > 1:
        return RECONSTRUCTED
    words = cohorts.pop()
    return f"{words[:1].upper()}{words[1:]}. {RECONSTRUCTED}"


def _display(analysis: EndpointAnalysis) -> KaplanMeierDisplay:
    endpoint = analysis.endpoint
    title = lettered(endpoint.label or endpoint.name, letter=panel_letter(endpoint.figure))
    return KaplanMeierDisplay.from_analysis(analysis, title=title)


def _draw(
    displays: list[KaplanMeierDisplay], *, grid: _Grid, options: CurveOptions, note: str
) -> Figure:
    options = _decided(displays, options, width=grid.cell_width)
    shared = _shared_key(displays, options) if options.key else []
    own = replace(options, key=options.key and not shared)
    room = Room.largest(display.room(width=grid.cell_width, options=own) for display in displays)
    key_width = grid.width - room.left
    key_room = _KEY_GAP + key_height(shared, width=key_width) if shared else 0.0
    around = key_room + footnote_height(note, width=grid.width)
    cell = (grid.cell_width, grid.cell_height(room, around=around))
    height = grid.rows * cell[1] + (grid.rows - 1) * _ROW_GAP + around
    alt = " ".join(display.alt_of(options) for display in displays)
    figure = new_figure(grid.width, height, alt=alt)
    footnote(figure, note)
    for index, display in enumerate(displays):
        row, column = divmod(index, grid.columns)
        corner = (column * (cell[0] + _GUTTER), key_room + row * (cell[1] + _ROW_GAP))
        ax = add_axes(figure, room, corner=corner, size=cell)
        display.plot(ax, options=own, width=grid.cell_width / MM)
    if shared:
        corner = (room.left / grid.width, 1 - 0.04 / height)
        draw_key(figure, shared, corner=corner, width=key_width)
    return figure


def _decided(
    displays: Sequence[KaplanMeierDisplay], options: CurveOptions, *, width: float
) -> CurveOptions:
    """Return the options with `labels` decided alike for all panels."""
    found = [display.decided(options, width=width, height=PANEL_HEIGHT) for display in displays]
    return replace(options, labels=all(each.labels for each in found))


def _shared_key(displays: Sequence[KaplanMeierDisplay], options: CurveOptions) -> list[KeyEntry]:
    """Return the key that holds for every panel; empty if the arms differ between them."""
    entries = [display.key_entries(options) for display in displays]
    arms = [[entry for entry in key if entry.style] for key in entries]
    if any(key != arms[0] for key in arms):
        return []
    return list(dict.fromkeys(entry for key in [arms[0], *entries] for entry in key))


class Block(Protocol):
    """A display that can be shown with others in one figure."""

    title: str
    note: str
    alt: str

    def key_entries(self) -> Sequence[KeyEntry]:
        """Return what its key explains; nothing if it needs none."""

    def body_height(self, *, width: float, low: bool) -> float:
        """Return the height of all below title and key in inches; `low` if others are beside it."""

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
        Its label is what all of them show in words; each note is once at its foot.
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
    return [
        (each, endpoint_title(each.endpoint, letter=panel_letter(each.endpoint.figure)))
        for each in ordered
    ]


def reconstructed_note(analysis: EndpointAnalysis) -> str:
    """Say that the patients are not the paper's, and whether they are conditioned on it."""
    if analysis.ipd.informed:
        return f"{RECONSTRUCTED_NOTE} {_INFORMED_NOTE}"
    return RECONSTRUCTED_NOTE


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
    title = title_height(block.title, width=width - 0.1)
    return title + (key_height(entries, width=width - _LEFT) if entries else 0.0) + _GAP


def _draw_head(figure: Figure, block: Block, entries: Sequence[KeyEntry], *, top: float) -> float:
    """Write the title and the key, and return where what is below them starts."""
    width, height = figure.get_size_inches()
    write_title(figure, block.title, top=top)
    if entries:
        above = top + title_height(block.title, width=width - 0.1) + 0.09
        draw_key(figure, entries, corner=(_LEFT / width, 1 - above / height), width=width - _LEFT)
    return top + _head_height(block, entries, width=width)
