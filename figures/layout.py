"""The page of a figure: its size, the room around each axes, and the note at its foot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .recording import DPI, Recording
from .style import FAINT, SMALL_SIZE, TITLE_SIZE, Look, current_look
from .text import wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text

__all__ = [
    "HouseFigure",
    "Room",
    "add_axes",
    "axes_inches",
    "footnote",
    "footnote_height",
    "new_figure",
    "title_height",
    "title_lines",
    "write_title",
]

FOOTNOTE_HEIGHT = 0.2  # inches, of one line
TITLE_LINE = TITLE_SIZE * 1.3 / 72  # inches
_FOOTNOTE_SIZE = SMALL_SIZE - 0.5
_FOOTNOTE_LINE = _FOOTNOTE_SIZE * 1.25 / 72  # inches


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a plot needs around its axes, in inches."""

    left: float
    right: float
    above: float
    below: float

    @classmethod
    def largest(cls, rooms: Iterable[Room]) -> Room:
        """Return the room that is enough for each of several plots, so that their axes align."""
        every = list(rooms)
        return cls(
            left=max(room.left for room in every),
            right=max(room.right for room in every),
            above=max(room.above for room in every),
            below=max(room.below for room in every),
        )


def add_axes(
    figure: Figure, room: Room, *, corner: tuple[float, float], size: tuple[float, float]
) -> Axes:
    """Add axes inside the cell of `size` whose upper left corner is `corner`, all in inches.

    `corner` is measured from the figure's upper left corner.
    """
    width, height = figure.get_size_inches()
    left, bottom = corner[0] + room.left, height - corner[1] - size[1] + room.below
    inner = (size[0] - room.left - room.right, size[1] - room.above - room.below)
    return figure.add_axes((left / width, bottom / height, inner[0] / width, inner[1] / height))


class HouseFigure(Figure):
    """A figure that knows the style it was drawn in, and is laid out once for all its files.

    Attributes
    ----------
    look : Look
    files : dict of str to bytes
        By format, what has been written of the figure as it is.
    """

    look: Look
    files: dict[str, bytes]
    _recording: Recording | None = None
    _replays: bool = False

    @contextmanager
    def laid_out_once(self) -> Iterator[None]:
        """Lay the figure out, unless it has been, and draw what was laid out in the block.

        Whatever changes an artist calls for a new layout.
        """
        if self.stale or self._recording is None:
            width, height = self.get_size_inches()
            before, self.dpi = self.dpi, DPI
            self._recording, self.files = Recording(width * DPI, height * DPI), {}
            self.draw(self._recording)
            self.dpi = before
        self._replays = True
        try:
            yield
        finally:
            self._replays = self.stale = False

    def draw(self, renderer: RendererBase) -> None:
        """Draw all artists, or what was laid out inside `laid_out_once`."""
        if self._replays and self._recording is not None:
            self._recording.replay(renderer, dpi=self.dpi)
        else:
            super().draw(renderer)


def new_figure(width: float, height: float, *, alt: str = "") -> HouseFigure:
    """Make a figure that pyplot does not know of, so that none stays open.

    Parameters
    ----------
    width, height : float
        In inches.
    alt : str
        What the figure shows, for those who cannot see it. Kept as the figure's label and
        written into the files.
    """
    figure = HouseFigure(figsize=(width, height))
    figure.look = current_look()
    FigureCanvasAgg(figure)
    figure.set_label(alt)
    return figure


def axes_inches(ax: Axes) -> tuple[float, float]:
    """Return the width and height of an axes in inches."""
    return float(ax.bbox.width) / ax.figure.dpi, float(ax.bbox.height) / ax.figure.dpi


def title_lines(title: str, *, width: float) -> list[str]:
    """Break a title into at most two lines of `width` inches; no line for none."""
    return wrap(title, width=width, size=TITLE_SIZE, bold=True) if title else []


def title_height(title: str, *, width: float) -> float:
    """Return the height of a title that may be `width` wide, both in inches."""
    return len(title_lines(title, width=width)) * TITLE_LINE


def write_title(figure: Figure, title: str, *, top: float = 0.0) -> Text:
    """Write a title across the page, `top` inches below its upper edge."""
    width, height = figure.get_size_inches()
    return figure.text(
        0.05 / width,
        1 - (top + 0.05) / height,
        "\n".join(title_lines(title, width=width - 0.1)),
        va="top",
        fontsize=TITLE_SIZE,
        fontweight="bold",
    )


def footnote_height(text: str, *, width: float) -> float:
    """Return the room that a footnote needs at the foot of a figure, both in inches."""
    return FOOTNOTE_HEIGHT + (len(_footnote_lines(text, width)) - 1) * _FOOTNOTE_LINE


def footnote(figure: Figure, text: str) -> Text:
    """Write some words at the foot of a figure, on as many lines as they need."""
    width, height = figure.get_size_inches()
    return figure.text(
        0.04 / width,
        0.04 / height,
        "\n".join(_footnote_lines(text, width)),
        fontsize=_FOOTNOTE_SIZE,
        color=FAINT,
        va="bottom",
    )


def _footnote_lines(text: str, width: float) -> list[str]:
    room = width - 0.08
    return [
        line
        for part in text.split("\n")
        for line in wrap(part, width=room, size=_FOOTNOTE_SIZE, lines=4)
    ]
