"""Side by side, for several endpoints: the curves that are possible, and their hazard ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .fan import FAN_NOTE, INFORMED_NOTE, FanDisplay
from .key import draw_key, key_height
from .layout import Room, add_axes
from .panel import panel_letter
from .ratio_density import DENSITY_NOTE, RatioDensityDisplay
from .style import FOOTNOTE_HEIGHT, PAGE_WIDTH, context, footnote, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis

__all__ = ["how_sure"]

_ROW = 1.3  # inches, of the axes
_GAP = 0.1
_FANS = 0.62  # of the width
_KEY_GAP = 0.08


def how_sure(analyses: Sequence[EndpointAnalysis]) -> Figure:
    """Draw a row for each endpoint: a fan of curves, and the density of hazard ratios.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one, each with draws. Those with a letter (`Endpoint.figure` is "Figure 5(a)")
        come in its order.

    Returns
    -------
    Figure
        178 mm wide.

    Raises
    ------
    ValueError
        If there is nothing to draw, or an endpoint has no draws.
    """
    if not analyses:
        raise ValueError("`analyses` must hold at least one endpoint.")
    ordered = sorted(analyses, key=lambda analysis: panel_letter(analysis.endpoint.figure))
    fans = [FanDisplay.from_analysis(each, title=_title(each)) for each in ordered]
    alone = [RatioDensityDisplay.from_analysis(each) for each in ordered]
    densities = [each.sharing(alone) for each in alone]
    with context():
        return _draw(fans, densities)


def _title(analysis: EndpointAnalysis) -> str:
    endpoint = analysis.endpoint
    letter = panel_letter(endpoint.figure)
    label = endpoint.label or endpoint.name
    return f"({letter}) {label}" if letter else f"{label}, cohort: {endpoint.cohort}"


def _draw(fans: Sequence[FanDisplay], densities: Sequence[RatioDensityDisplay]) -> Figure:
    widths = (_FANS * PAGE_WIDTH, (1 - _FANS) * PAGE_WIDTH - _GAP)
    shared = len({tuple(fan.key_entries()) for fan in fans}) == 1
    room = Room.largest(fan.room(width=widths[0], key=not shared) for fan in fans)
    beside = Room(
        left=densities[0].room().left,
        right=densities[0].room().right,
        above=room.above,
        below=room.below,
    )
    height = room.above + _ROW + room.below
    entries = fans[0].key_entries() if shared else []
    top = _KEY_GAP + key_height(entries, width=PAGE_WIDTH - room.left) if shared else 0.0
    whole = top + len(fans) * (height + _GAP) + FOOTNOTE_HEIGHT
    alt = " ".join(f"{fan.alt} {density.alt}" for fan, density in zip(fans, densities, strict=True))
    figure = new_figure(PAGE_WIDTH, whole, alt=alt)
    informed = any(fan.note == INFORMED_NOTE for fan in fans)
    footnote(figure, f"{INFORMED_NOTE if informed else FAN_NOTE} {DENSITY_NOTE}")
    for row, (fan, density) in enumerate(zip(fans, densities, strict=True)):
        y = top + row * (height + _GAP)
        fan.plot(add_axes(figure, room, corner=(0, y), size=(widths[0], height)), key=not shared)
        right = (widths[0] + _GAP, y)
        density.plot(add_axes(figure, beside, corner=right, size=(widths[1], height)))
    if shared:
        corner = (room.left / PAGE_WIDTH, 1 - 0.04 / whole)
        draw_key(figure, entries, corner=corner, width=PAGE_WIDTH - room.left)
    return figure
