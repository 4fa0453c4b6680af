"""Several endpoints in one figure, as papers print them: (a), (b), (c), (d)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .kaplan_meier import RECONSTRUCTED, KaplanMeierDisplay
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes
from .lettering import literal
from .style import FOOTNOTE_HEIGHT, PAGE_WIDTH, context, footnote, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis

__all__ = ["panel", "panel_letter", "printed_figure"]

PANEL_HEIGHT = 1.85  # inches, of each axes
_GUTTER = 0.1  # inches between columns
_ROW_GAP = 0.16
_KEY_GAP = 0.08
_PART = re.compile(
    r"(?P<figure>.*\d)\s*(?:\((?P<bracketed>[a-z])\)|(?P<bare>[a-z]))", re.IGNORECASE
)


def printed_figure(label: str) -> str:
    """Return the figure that a label names: "Figure 5" for "Figure 5(a)", "Fig. 5B", "Figure 5"."""
    part = _PART.fullmatch(literal(label))
    return part["figure"].strip() if part else literal(label)


def panel_letter(label: str) -> str:
    """Return the part of a figure that a label names, in lower case; empty for a whole figure."""
    part = _PART.fullmatch(literal(label))
    return (part["bracketed"] or part["bare"]).lower() if part else ""


def panel(analyses: Sequence[EndpointAnalysis], *, columns: int = 2) -> Figure:
    """Draw several endpoints side by side and below each other.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one. Those with a letter (`Endpoint.figure` is "Figure 5(a)") come in its order.
    columns : int
        Panels in a row.

    Returns
    -------
    Figure
        178 mm wide. One key stands above all panels if it holds for all of them; if not, each
        panel has its own.

    Raises
    ------
    ValueError
        If there is nothing to draw, or `columns` is below 1.
    """
    if not analyses or columns < 1:
        raise ValueError("`analyses` must hold at least one endpoint, and `columns` be at least 1.")
    ordered = sorted(analyses, key=lambda analysis: panel_letter(analysis.endpoint.figure))
    displays = [_display(analysis) for analysis in ordered]
    with context():
        return _draw(displays, columns=min(columns, len(displays)), note=_note(analyses))


def _note(analyses: Sequence[EndpointAnalysis]) -> str:
    """Say which cohort all panels show, if it is one, and what the patients are."""
    cohorts = {analysis.endpoint.cohort for analysis in analyses}
    return (
        f"Cohort: {literal(cohorts.pop())}. {RECONSTRUCTED}" if len(cohorts) == 1 else RECONSTRUCTED
    )


def _display(analysis: EndpointAnalysis) -> KaplanMeierDisplay:
    endpoint = analysis.endpoint
    letter = panel_letter(endpoint.figure)
    words = [f"({letter})"] if letter else []
    words.append(endpoint.label or endpoint.name)
    return KaplanMeierDisplay.from_analysis(analysis, title=" ".join(words))


def _draw(displays: list[KaplanMeierDisplay], *, columns: int, note: str) -> Figure:
    cell_width = (PAGE_WIDTH - _GUTTER * (columns - 1)) / columns
    shared = _shared_key(displays)
    room = Room.largest(display.room(width=cell_width, key=not shared) for display in displays)
    cell = (cell_width, room.above + PANEL_HEIGHT + room.below)
    rows = math.ceil(len(displays) / columns)
    key_room = _KEY_GAP + key_height(shared, width=PAGE_WIDTH - room.left) if shared else 0.0
    height = key_room + rows * cell[1] + (rows - 1) * _ROW_GAP + FOOTNOTE_HEIGHT
    figure = new_figure(PAGE_WIDTH, height, alt=" ".join(display.alt for display in displays))
    footnote(figure, note)
    for index, display in enumerate(displays):
        row, column = divmod(index, columns)
        corner = (column * (cell_width + _GUTTER), key_room + row * (cell[1] + _ROW_GAP))
        display.plot(add_axes(figure, room, corner=corner, size=cell), key=not shared)
    if shared:
        left, top = room.left / PAGE_WIDTH, 1 - 0.04 / height
        draw_key(figure, shared, corner=(left, top), width=PAGE_WIDTH - room.left)
    return figure


def _shared_key(displays: Sequence[KaplanMeierDisplay]) -> list[KeyEntry]:
    """Return the key that holds for every panel; empty if the arms differ between them."""
    entries = [display.key_entries() for display in displays]
    arms = [[entry for entry in key if entry.style] for key in entries]
    if any(key != arms[0] for key in arms):
        return []
    return list(dict.fromkeys(entry for key in [arms[0], *entries] for entry in key))
