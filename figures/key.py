"""The key above survival curves: which line is which arm, and what the points are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .lettering import fit, text_width
from .style import INK, MISSED, SMALL_SIZE, ArmStyle, current_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

    from .interval_rows import BandLook, MarkLook

__all__ = ["KEY_LINE", "KeyEntry", "draw_key", "key_height"]

KEY_LINE = 10.0 / 72  # inches
_HANDLE = 2.6  # of the letters' height
_GAP, _BETWEEN = 0.6, 1.6


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    """One entry: an arm's line, a mark or band of a forest plot, or else printed survival."""

    label: str
    style: ArmStyle | None = None
    look: MarkLook | None = None
    band: BandLook | None = None
    missed: bool = False

    def width(self) -> float:
        """Return the room that it takes in a row, in inches."""
        around = (_HANDLE + _GAP + _BETWEEN) * SMALL_SIZE / 72
        return text_width(self.label, size=SMALL_SIZE) + around

    def handle(self) -> Line2D:
        """Return what stands before the label."""
        from matplotlib.lines import Line2D

        if self.style:
            return Line2D(
                [],
                [],
                color=self.style.colour,
                linestyle=self.style.dashes,
                linewidth=1.2 * current_look().pen,
            )
        if self.look:
            return self._mark(self.look)
        if self.band:
            band = self.band
            return Line2D(
                [], [], color=band.tint, alpha=band.alpha, linewidth=min(band.thickness, 6)
            )
        if self.missed:
            return Line2D(
                [],
                [],
                color=MISSED,
                linestyle="none",
                marker="x",
                markersize=5,
                markeredgewidth=1.2,
            )
        return Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markersize=3.6,
            markerfacecolor="white",
            markeredgecolor=INK,
            markeredgewidth=0.8,
        )

    @staticmethod
    def _mark(look: MarkLook) -> Line2D:
        from matplotlib.lines import Line2D

        return Line2D(
            [],
            [],
            color=look.tint,
            linewidth=0.9,
            marker=look.marker,
            markersize=4.2,
            markerfacecolor=look.tint if look.filled else "white",
            markeredgewidth=0.9,
        )


def key_height(entries: Sequence[KeyEntry], *, width: float) -> float:
    """Return how high the key is when it may be `width` wide, both in inches."""
    return KEY_LINE * -(-len(entries) // _columns(entries, width))


def draw_key(
    owner: Axes | Figure, entries: Sequence[KeyEntry], *, corner: tuple[float, float], width: float
) -> Legend:
    """Draw the key, `width` inches wide, its upper left at `corner`, in fractions of `owner`."""
    legend = owner.legend(
        [entry.handle() for entry in entries],
        # The labels are set below: matplotlib gives a meaning to one that starts with "_".
        ["label"] * len(entries),
        loc="upper left",
        bbox_to_anchor=corner,
        ncols=_columns(entries, width),
        fontsize=SMALL_SIZE,
        borderpad=0,
        borderaxespad=0,
        handlelength=_HANDLE,
        handletextpad=_GAP,
        columnspacing=_BETWEEN,
        labelspacing=(KEY_LINE * 72 / SMALL_SIZE) - 1,
    )
    room = width - (_HANDLE + _GAP) * SMALL_SIZE / 72
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        text.set_text(fit(entry.label, width=room, size=SMALL_SIZE))
    return legend


def _columns(entries: Sequence[KeyEntry], width: float) -> int:
    """Return the most columns that fit; matplotlib fills them one after the other."""
    widths = [entry.width() for entry in entries]
    for columns in range(len(entries), 1, -1):
        if sum(max(column) for column in np.array_split(widths, columns)) <= width:
            return columns
    return 1
