"""A figure laid out once and written many times: what was drawn, to be drawn again elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.transforms import Affine2D, IdentityTransform, TransformedBbox, TransformedPath

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

__all__ = ["DPI", "Recording"]

DPI = 72.0  # of a recording, so that a point is a pixel


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
        self._strokes: list[tuple[str, tuple[Any, ...]]] = []

    def replay(self, renderer: RendererBase, *, dpi: float) -> None:
        """Draw everything once more.

        Parameters
        ----------
        renderer : RendererBase
        dpi : float
            Of its pixels, by which coordinates are scaled; line widths and letters are in points.
        """
        scale = Affine2D().scale(dpi / DPI)
        for kind, arguments in self._strokes:
            getattr(self, f"_replay_{kind}")(renderer, scale, *arguments)

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

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Record where a group of strokes begins."""
        self._strokes.append(("open", (s, gid)))

    def close_group(self, s: str) -> None:
        """Record where it ends."""
        self._strokes.append(("close", (s,)))

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803 - as matplotlib names it
    ) -> None:
        """Record a line or an area."""
        self._strokes.append(("path", (_copied(gc), path, transform.frozen(), rgbFace)))

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
        self._strokes.append(("markers", (_copied(gc), *marker, path, trans.frozen(), rgbFace)))

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
        self._strokes.append(("collection", (_copied(gc), *where, others, named)))

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
        self._strokes.append(("text", (_copied(gc), x, y, s, prop, angle, ismath, mtext)))

    # How each stroke is drawn again --------------------------------------------------------------

    def _replay_open(self, renderer: RendererBase, _: Transform, name: str, gid: str) -> None:
        renderer.open_group(name, gid)

    def _replay_close(self, renderer: RendererBase, _: Transform, name: str) -> None:
        renderer.close_group(name)

    def _replay_path(
        self,
        renderer: RendererBase,
        scale: Transform,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        face: Any,
    ) -> None:
        pen = _pen(renderer, gc, scale)
        renderer.draw_path(pen, path, transform + scale, face)
        pen.restore()

    def _replay_markers(
        self,
        renderer: RendererBase,
        scale: Transform,
        gc: GraphicsContextBase,
        marker: Path,
        marker_transform: Transform,
        path: Path,
        transform: Transform,
        face: Any,
    ) -> None:
        pen = _pen(renderer, gc, scale)
        renderer.draw_markers(pen, marker, marker_transform + scale, path, transform + scale, face)
        pen.restore()

    def _replay_collection(
        self,
        renderer: RendererBase,
        scale: Transform,
        gc: GraphicsContextBase,
        master: Transform,
        paths: Sequence[Path],
        transforms: Any,
        offsets: Any,
        offset_transform: Transform,
        others: Sequence[Any],
        named: dict[str, Any],
    ) -> None:
        pen = _pen(renderer, gc, scale)
        renderer.draw_path_collection(
            pen, master + scale, paths, transforms, offsets,
            (offset_transform + scale), *others, **named,
        )  # fmt: skip
        pen.restore()

    def _replay_text(
        self,
        renderer: RendererBase,
        scale: Transform,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        *words: Any,
    ) -> None:
        pen = _pen(renderer, gc, scale)
        across, up = scale.transform((x, y))
        if renderer.flipy():
            up = renderer.get_canvas_width_height()[1] - up
        renderer.draw_text(pen, across, up, *words)
        pen.restore()


def _copied(gc: GraphicsContextBase) -> GraphicsContextBase:
    """Return the pen as it is now; artists go on to change theirs, and axes move with the dpi."""
    copy = GraphicsContextBase()
    copy.copy_properties(gc)
    _clip(copy, gc, IdentityTransform())
    return copy


def _pen(renderer: RendererBase, gc: GraphicsContextBase, scale: Transform) -> GraphicsContextBase:
    """Return a pen of another renderer that draws as the recorded one."""
    pen = renderer.new_gc()
    pen.copy_properties(gc)
    _clip(pen, gc, scale)
    return pen


def _clip(pen: GraphicsContextBase, gc: GraphicsContextBase, scale: Transform) -> None:
    """Let a pen draw where another does, in larger or smaller pixels."""
    box = gc.get_clip_rectangle()
    if box is not None:
        pen.set_clip_rectangle(TransformedBbox(box, scale).frozen())
    path, affine = cast("tuple[Path | None, Transform]", gc.get_clip_path())
    if path is not None:
        pen.set_clip_path(TransformedPath(path, cast("Transform", affine.frozen()) + scale))
