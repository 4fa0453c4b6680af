"""A few lines of text inside a plot of survival curves, where they cover nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lettering import fit, text_width
from .style import FAINT, INK, SMALL_SIZE, axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from .obstacles import Obstacle

__all__ = ["CornerBox", "draw_box"]

_PAD = 0.06  # inches between the box and whatever is next to it
_GAP = 0.09  # inches between its two columns
LINE = SMALL_SIZE * 1.32 / 72  # inches


@dataclass(frozen=True, kw_only=True)
class CornerBox:
    """What stands in the box: a heading over rows of a name and a value.

    Attributes
    ----------
    heading : str
    rows : tuple of (str, str)
    """

    heading: str
    rows: tuple[tuple[str, str], ...]

    def size(self) -> tuple[float, float]:
        """Return width and height in inches."""
        names = max(text_width(name, size=SMALL_SIZE) for name, _ in self.rows)
        values = max(text_width(value, size=SMALL_SIZE) for _, value in self.rows)
        width = max(names + _GAP + values, text_width(self.heading, size=SMALL_SIZE))
        return width, LINE * (len(self.rows) + 1)

    def fits(self, width: float) -> bool:
        """Say whether nothing of it is cut on axes `width` inches wide."""
        return self.size()[0] + 2 * _PAD <= width

    def value_offset(self) -> float:
        """Return how far the values stand to the right of the names, in inches."""
        return max(text_width(name, size=SMALL_SIZE) for name, _ in self.rows) + _GAP


def draw_box(
    ax: Axes, box: CornerBox, *, obstacles: Sequence[Sequence[Obstacle]], rising: bool = False
) -> tuple[Text, ...]:
    """Draw the box where it covers none of the obstacles.

    Parameters
    ----------
    ax : Axes
        Survival against time, its limits set.
    box : CornerBox
    obstacles : sequence of sequences of Obstacle
        What to stay clear of, the most wanted first: if no corner is clear of the first
        sequence, the second is tried, and so on. If none is clear, the axis is made to reach
        above 100% and the box stands there.
    rising : bool
        Whether the curves rise, so that the corners that may be free are the other two.

    Returns
    -------
    tuple of Text
        The heading, then name and value of each row.
    """
    axes_width, axes_height = axes_inches(ax)
    heading = fit(box.heading, width=axes_width - 2 * _PAD, size=SMALL_SIZE)
    room = axes_width - 2 * _PAD - box.value_offset()
    rows = tuple((name, fit(value, width=room, size=SMALL_SIZE)) for name, value in box.rows)
    box = CornerBox(heading=heading, rows=rows)
    width, height = (inches + 2 * _PAD for inches in box.size())
    extent = (width / axes_width, height / axes_height)
    tried = (_clear_corner(ax, extent, covered, rising=rising) for covered in obstacles)
    corner = next(filter(None, tried), None)
    if corner is None:
        corner = _make_room_above(ax, extent, rising=rising)
    return _write(
        ax,
        box,
        left=corner[0] * axes_width + _PAD,
        top=(corner[1] + extent[1]) * axes_height - _PAD,
    )


def _clear_corner(
    ax: Axes, extent: tuple[float, float], covered: Sequence[Obstacle], *, rising: bool
) -> tuple[float, float] | None:
    """Return a clear corner, in fractions of the axes: below the curves if there is one."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width = extent[0] * (right - left)
    windows = [(left, left + width), (right - width, right)]
    below, above = reversed(windows) if rising else windows
    ceiling = min((one.span(*below)[0] for one in covered), default=1.0)
    floor = max((one.span(*above)[1] for one in covered), default=0.0)
    if (ceiling - bottom) / (top - bottom) - extent[1] >= 0:
        return 1 - extent[0] if rising else 0.0, 0.0
    if 1 - (floor - bottom) / (top - bottom) - extent[1] >= 0:
        return 0.0 if rising else 1 - extent[0], 1 - extent[1]
    return None


def _make_room_above(ax: Axes, extent: tuple[float, float], *, rising: bool) -> tuple[float, float]:
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, bottom + (top - bottom) / (1 - min(extent[1], 0.6)))
    return 0.0 if rising else 1 - extent[0], 1 - extent[1]


def _write(ax: Axes, box: CornerBox, *, left: float, top: float) -> tuple[Text, ...]:
    """Write the box line by line, its upper left corner given in inches."""
    width, height = axes_inches(ax)

    def line(number: int, words: str, *, indent: float = 0.0, colour: str = INK) -> Text:
        up = top - (number + 0.78) * LINE  # the baseline, above the descenders
        return ax.text(
            (left + indent) / width,
            up / height,
            words,
            transform=ax.transAxes,
            fontsize=SMALL_SIZE,
            va="baseline",
            color=colour,
            zorder=6,
        )

    texts = [line(0, box.heading, colour=FAINT)]
    for number, (name, value) in enumerate(box.rows, start=1):
        texts += [line(number, name, colour=FAINT), line(number, value, indent=box.value_offset())]
    return tuple(texts)
