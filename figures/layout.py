"""The page of a figure: its size, the room around each axes, its note, and what was drawn on it.

A figure is laid out once and may be written many times, since what was drawn is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, IdentityTransform, TransformedBbox, TransformedPath

from .style import FAINT, SMALL_SIZE, TITLE_SIZE, Look, current_look
from .text import draw_outlines, measured, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

__all__ = [
    "DPI",
    "HouseFigure",
    "Recording",
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
DPI = 72.0  # of a recording, so that a point is a pixel


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


class Recording(RendererBase):
    """What artists drew, at 72 dots per inch.

    Most of the time that matplotlib needs for a file goes into the artists, which find their ticks
    and measure their words again for each file. They draw on a recording once instead; `replay`
    hands the same strokes to any other renderer.

    Parameters
    ----------
    width, height : float
        Of the figure, in points.
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self._strokes: list[tuple[str, GraphicsContextBase | None, tuple[Any, ...]]] = []

    def replay(self, renderer: RendererBase, *, dpi: float) -> None:
        """Draw everything once more.

        Parameters
        ----------
        renderer : RendererBase
        dpi : float
            Of its pixels, by which coordinates are scaled; line widths and letters are in points.
        """
        scale = Affine2D().scale(dpi / DPI)
        for kind, gc, arguments in self._strokes:
            if gc is None:
                getattr(renderer, kind)(*arguments)
                continue
            pen = _like(gc, renderer.new_gc(), scale)
            getattr(self, f"_replay_{kind}")(renderer, scale, pen, *arguments)
            pen.restore()

    # What artists ask a renderer for -------------------------------------------------------------

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the figure in points."""
        return self.width, self.height

    def flipy(self) -> bool:
        """Say that heights count from the foot of the figure."""
        return False

    def points_to_pixels(self, points: Any) -> Any:
        """Return the same, since a point is a pixel here."""
        return points

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Return the measures of words in points."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        return measured(s, prop)

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Record where a group of strokes begins."""
        self._strokes.append(("open_group", None, (s, gid)))

    def close_group(self, s: str) -> None:
        """Record where it ends."""
        self._strokes.append(("close_group", None, (s,)))

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803 - as matplotlib names it
    ) -> None:
        """Record a line or an area."""
        self._strokes.append(("path", _copied(gc), (path, transform.frozen(), rgbFace)))

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803 - as matplotlib names it
    ) -> None:
        """Record a marker at each point of a path."""
        marker = (marker_path, marker_trans.frozen())
        self._strokes.append(("markers", _copied(gc), (*marker, path, trans.frozen(), rgbFace)))

    def draw_path_collection(
        self,
        gc: GraphicsContextBase,
        master_transform: Transform,
        paths: Sequence[Path],
        all_transforms: Any,
        offsets: Any,
        offset_trans: Transform,
        *others: Any,
        **named: Any,
    ) -> None:
        """Record many paths, such as the bars of a swimmer plot."""
        where = (master_transform.frozen(), paths, all_transforms, offsets, offset_trans.frozen())
        self._strokes.append(("collection", _copied(gc), (*where, others, named)))

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        """Record words."""
        self._strokes.append(("text", _copied(gc), (x, y, s, prop, angle, ismath, mtext)))

    # How each stroke is drawn again --------------------------------------------------------------

    @staticmethod
    def _replay_path(
        renderer: RendererBase,
        scale: Transform,
        pen: GraphicsContextBase,
        path: Path,
        transform: Transform,
        face: Any,
    ) -> None:
        renderer.draw_path(pen, path, transform + scale, face)

    @staticmethod
    def _replay_markers(
        renderer: RendererBase,
        scale: Transform,
        pen: GraphicsContextBase,
        marker: Path,
        marker_transform: Transform,
        path: Path,
        transform: Transform,
        face: Any,
    ) -> None:
        renderer.draw_markers(pen, marker, marker_transform + scale, path, transform + scale, face)

    @staticmethod
    def _replay_collection(
        renderer: RendererBase,
        scale: Transform,
        pen: GraphicsContextBase,
        master: Transform,
        paths: Sequence[Path],
        transforms: Any,
        offsets: Any,
        offset_transform: Transform,
        others: Sequence[Any],
        named: dict[str, Any],
    ) -> None:
        renderer.draw_path_collection(
            pen, master + scale, paths, transforms, offsets,
            (offset_transform + scale), *others, **named,
        )  # fmt: skip

    @staticmethod
    def _replay_text(
        renderer: RendererBase,
        scale: Transform,
        pen: GraphicsContextBase,
        x: float,
        y: float,
        words: str,
        font: FontProperties,
        angle: float,
        ismath: Any,
        text: Text | None,
    ) -> None:
        across, up = scale.transform((x, y))
        if isinstance(renderer, RendererAgg) and not ismath:
            draw_outlines(renderer, pen, (across, up), words, font, angle)
        else:
            if renderer.flipy():
                up = renderer.get_canvas_width_height()[1] - up
            renderer.draw_text(pen, across, up, words, font, angle, ismath, text)


def _copied(gc: GraphicsContextBase) -> GraphicsContextBase:
    """Return the pen as it is now; artists go on to change theirs, and axes move with the dpi."""
    return _like(gc, GraphicsContextBase(), IdentityTransform())


def _like(
    gc: GraphicsContextBase, pen: GraphicsContextBase, scale: Transform
) -> GraphicsContextBase:
    """Let a pen draw as another does, in larger or smaller pixels."""
    pen.copy_properties(gc)
    box = gc.get_clip_rectangle()
    if box is not None:
        pen.set_clip_rectangle(TransformedBbox(box, scale).frozen())
    path, affine = cast("tuple[Path | None, Transform]", gc.get_clip_path())
    if path is not None:
        pen.set_clip_path(TransformedPath(path, cast("Transform", affine.frozen()) + scale))
    return pen
