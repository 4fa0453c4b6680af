"""Reading a figure: the file's kind decides how, and a raster is read step by step."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from . import text
from .assembly import assembled_panel, chosen_panels, panels_not_read
from .canvas import Canvas, cut_out
from .colours import LineColour, likeness, line_colours
from .curves import find_curves, first_rows, read_arms
from .files import draw_overlay, draw_strokes, reading_html, save_reading
from .frames import find_frames, from_start, panels_of
from .layout import PanelText, panel_texts
from .pages import page_height, page_images, pdf_drawing, pdf_page_count, render_page
from .panels import Frame
from .patches import in_line_colours
from .raster import (
    RasterFigure,
    Sheet,
    check_for_lines,
    darkness,
    image_count,
    open_image,
    prepare,
    reduced,
    rereader,
)
from .reading import Hints, Panel, Reading, UnreadableFigureError
from .samples import LegendEntry, nearest_colour
from .svg import svg_drawing
from .text import text_lines
from .vector import read_vector

Image = npt.NDArray[np.uint8]

_SHOWN = 144.0  # dots per inch of the overlay's ground for vector figures
_RENDERED = 200.0  # dots per inch at which a page without paths is read
_OUTLINED = "the file's letters are outlines: text and numbers were recognised as in a picture."
_PICTURE = "the page holds the figure as a picture: it was read as a raster."
_RENDERING = "the page's curves are no paths that can be read: a rendering of it was read."
_SAME = 50.0  # of 255: how far a sample's colour may be from that of its curve
_REST = 0.25  # of the pixels of the commonest colour: those of fewer are no curves
_WIDEST_PLOT = 1000.0  # pixels: a plot that is much wider is reduced before its curves are traced
_LEAST_REDUCTION = 1.3


@dataclass(frozen=True, kw_only=True, eq=False)
class FigureReading(Reading):
    """A reading that draws, saves and shows itself."""

    def overlay(self) -> npt.NDArray[np.uint8]:
        """Draw what was read over the figure: an image, shape (height, width, 3)."""
        return draw_overlay(self)

    def save(self, folder: str | Path) -> Path:
        """Write `reading.json`, the CSV files, `overlay.png` and `study.toml`.

        Parameters
        ----------
        folder : str or Path
            Written whole or not at all; replaced if it holds an earlier reading.

        Returns
        -------
        Path
            The folder.
        """
        return save_reading(self, Path(folder))

    def __repr__(self) -> str:
        """Name the figure, its panels and arms."""
        arms = "; ".join(", ".join(arm.name for arm in panel.arms) for panel in self.panels)
        panels = count(len(self.panels), "panel")
        return f"FigureReading({self.figure!r}, {self.kind}, {panels}: {arms})"

    def _repr_html_(self) -> str:
        """Overlay, arms and what is unsure, for a notebook."""
        return reading_html(self)


def read_figure(path: str | Path, hints: Hints | None = None) -> FigureReading:
    """Read the curves, censoring marks and numbers at risk of a Kaplan-Meier figure.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, TIFF, WebP, SVG or PDF.
    hints : Hints, optional
        What is given by hand; outranks what is recognised.

    Returns
    -------
    FigureReading

    Raises
    ------
    UnreadableFigureError
        If the file cannot be read or holds no plot with two linear axes and a curve.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"`path` must be the path of a figure, not {type(path).__name__}.")
    path, hints = Path(path), hints or Hints()
    if not path.is_file():
        if path.is_dir():
            raise UnreadableFigureError(f"{path} is a folder; name a figure in it.")
        raise UnreadableFigureError(
            f"{path} {'is no file' if path.exists() else 'does not exist'}."
        )
    suffix = path.suffix.lower()
    _refuse_hints_of_pixels(hints, svg=suffix == ".svg")
    if suffix == ".pdf" or _starts_with(path, b"%PDF"):
        return _read_pdf(path, hints)
    if hints.page not in (None, 1):
        known = "has one page" if suffix == ".svg" else "is no PDF"
        raise UnreadableFigureError(f"{path.name} {known}, and page {hints.page} was asked.")
    if suffix == ".svg":
        return _read_svg(path, hints)
    if hints.kind == "vector":
        raise UnreadableFigureError("a picture holds no paths: leave out --vector.")
    image, several = open_image(path), image_count(path)
    said = f"the file holds {several} pictures: the first was read." if several > 1 else None
    return _read_image(path.name, image, hints, said=said)


def _refuse_hints_of_pixels(hints: Hints, *, svg: bool) -> None:
    """Refuse a box and colours, which are of a picture, where paths are read."""
    if (hints.box is None and not hints.colours) or (not svg and hints.kind != "vector"):
        return
    way = "save the SVG file as PNG, or leave them out" if svg else "leave out --vector, or them"
    raise UnreadableFigureError(f"--box and --color choose pixels, not paths: {way}.")


def _starts_with(path: Path, head: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(head)) == head


def _read_image(
    name: str, image: Image, hints: Hints, *, page: int | None = None, said: str | None = None
) -> FigureReading:
    if hints.box is not None:
        image = _cropped(image, hints.box)
    check_for_lines(image)
    figure = prepare(image)
    panels = chosen_panels(read_raster(figure, hints), hints.panel)
    if said is not None:
        panels = tuple(replace(panel, unsure=(said, *panel.unsure)) for panel in panels)
    return FigureReading(
        figure=name,
        kind="raster",
        panels=panels,
        image=figure.image,
        turned=figure.turned,
        page=page,
    )


def _cropped(image: Image, box: tuple[float, float, float, float]) -> Image:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(value) for value in box)
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise UnreadableFigureError(
            f"the box {x0},{y0},{x1},{y1} does not lie within the figure's {width} x "
            f"{height} pixels."
        )
    return image[y0:y1, x0:x1]


def _read_pdf(path: Path, hints: Hints) -> FigureReading:
    there = pdf_page_count(path)
    if hints.page is not None and not 1 <= hints.page <= there:
        pages = count(there, "page")
        raise UnreadableFigureError(f"{path.name} has {pages}, and page {hints.page} was asked.")
    wanted = [hints.page] if hints.page is not None else list(range(1, there + 1))
    faults = []
    for page in wanted:
        try:
            return _read_page(path, page, hints)
        except UnreadableFigureError as error:
            faults.append(str(error))
    where = (
        f"page {wanted[0]}"
        if len(wanted) == 1
        else f"none of the {count(there, 'page')} holds a plot"
    )
    raise UnreadableFigureError(f"{path.name}, {where}: {faults[0]}")


def _read_page(path: Path, page: int, hints: Hints) -> FigureReading:
    """Paths first; then pictures on the page; then a rendering of the page."""
    fault = None
    if hints.kind != "raster" and hints.box is None and not hints.colours:
        try:
            panels = chosen_panels(read_vector(pdf_drawing(path, page), hints), hints.panel)
            image = render_page(path, page, dots_per_inch=_SHOWN)
            return FigureReading(
                figure=path.name,
                kind="vector",
                panels=panels,
                image=image,
                image_scale=_SHOWN / 72,
                page=page,
            )
        except UnreadableFigureError as error:
            if hints.kind == "vector":
                raise
            fault = error
    pictures = page_images(path, page) if hints.box is None else []
    for picture in pictures[:3]:
        try:
            return _read_image(path.name, picture, hints, page=page, said=_PICTURE)
        except UnreadableFigureError as error:
            fault = fault or error
    image = render_page(path, page, dots_per_inch=_RENDERED)
    said = None if hints.kind == "raster" else _RENDERING
    reading = _read_image(path.name, image, hints, page=page, said=said)
    if hints.box is not None or hints.x_axis or hints.y_axis:
        return reading  # pixels of the rendering, as the hints are
    return _in_points(reading, image.shape[0] / page_height(path, page))


def _in_points(reading: FigureReading, scale: float) -> FigureReading:
    """Give the axes of a rendered page in points of the page, as those of paths are."""
    panels = tuple(panel.scaled(1 / scale) for panel in reading.panels)
    return replace(reading, panels=panels, image_scale=scale)


def _read_svg(path: Path, hints: Hints) -> FigureReading:
    if hints.kind == "raster":
        raise UnreadableFigureError(
            "an SVG file is read from its paths: save it as PNG for --raster."
        )
    drawing = svg_drawing(path, ocr=hints.ocr)
    panels = chosen_panels(read_vector(drawing, hints), hints.panel)
    if drawing.outlined:
        panels = tuple(replace(panel, unsure=(_OUTLINED, *panel.unsure)) for panel in panels)
    scale = _SHOWN / 72
    return FigureReading(
        figure=path.name,
        kind="vector",
        panels=panels,
        image=draw_strokes(drawing, scale),
        image_scale=scale,
    )


def read_raster(figure: RasterFigure, hints: Hints) -> tuple[Panel, ...]:
    """Read all panels of a raster figure.

    Parameters
    ----------
    figure : RasterFigure
        Upright and light.
    hints : Hints
        What is given by hand.

    Returns
    -------
    tuple of Panel

    Raises
    ------
    UnreadableFigureError
        If no panel with two axes and a curve is found.
    """
    words = text.read_words(figure.image) if hints.ocr else ()
    sheet = Sheet(
        image=figure.image,
        ink=darkness(figure.image),
        words=words,
        lines=text_lines(words),
        hints=hints,
    )
    reread = rereader(figure.image) if hints.ocr else None
    frames = find_frames(words, sheet.ink, hints, reread=reread)
    factor = max(frame.right - frame.left for frame in frames) / _WIDEST_PLOT
    if factor > _LEAST_REDUCTION:
        sheet = reduced(sheet, factor)
        frames = find_frames(
            sheet.words, sheet.ink, sheet.hints, reread=rereader(sheet.image) if reread else None
        )
    else:
        factor = 1.0
    texts = panel_texts(sheet, frames)
    panels = panels_of(frames, lambda k: _read_panel(sheet, texts[k - 1], number=k, frames=frames))
    if hints.x_axis is None and hints.y_axis is None:
        missing = panels_not_read(sheet.words, frames)
        panels[0] = replace(panels[0], unsure=(*panels[0].unsure, *missing))
    return tuple(panel.scaled(factor) for panel in panels)


def _read_panel(sheet: Sheet, written: PanelText, *, number: int, frames: Sequence[Frame]) -> Panel:
    frame, entries = written.frame, written.entries
    within = [f for f in frames if f is not frame and frame.holds(f)]
    canvas = cut_out(
        sheet.image,
        frame,
        sheet.words,
        [_wider(e.box) for e in entries],
        inks=[e.rgb for e in entries if not e.patch],
    )
    colours = line_colours(canvas)
    entries = tuple(in_line_colours(entries, colours))
    if written.lender and not (written.rows or (colours and _all_drawn(entries, colours))):
        entries, written = (), replace(written, lender=None)
    written = replace(written, entries=entries)
    incidence = _rises(canvas, _of_samples(colours, entries), frame)
    found = find_curves(sheet.hints, written, canvas, colours=colours, incidence=incidence)
    rows = first_rows(found.seen, canvas, incidence)
    frame = from_start(frame, rows, incidence=incidence, seen=True)
    written = replace(written, frame=frame)
    arms, table, doubts = read_arms(
        sheet,
        written,
        canvas,
        found=found,
        incidence=incidence,
        insets=[(f.left, f.top, f.right, f.bottom) for f in within],
    )
    return assembled_panel(
        frame,
        arms,
        table,
        number=number,
        lines=sheet.lines,
        floor=written.floor,
        incidence=incidence,
        doubts=[*_of_lender(written), *doubts],
    )


def _of_lender(written: PanelText) -> list[str]:
    if written.lender is None:
        return []
    return [f"the names of the arms are those of the legend of panel {written.lender}."]


def _all_drawn(entries: Sequence[LegendEntry], colours: Sequence[LineColour]) -> bool:
    """Whether each sample of a legend has a line of its own colour."""
    drawn = [k for e in entries for k in [nearest_colour(e, colours)] if _is_of(e, colours[k])]
    return len(set(drawn)) == len(entries)


def _is_of(entry: LegendEntry, colour: LineColour) -> bool:
    return bool(np.abs(np.subtract(colour.rgb, entry.rgb)).max() < _SAME)


def _wider(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return x0 - 2, y0, x1 + 2, y1


def _of_samples(
    colours: Sequence[LineColour], entries: Sequence[LegendEntry]
) -> Sequence[LineColour]:
    """Colours that samples of the legend have, or all: the legend's own frame is no curve."""
    named = [colour for colour in colours if any(_is_of(e, colour) for e in entries)]
    return named or colours


def _rises(canvas: Canvas, colours: Sequence[LineColour], frame: Frame) -> bool:
    """Whether the curves start at the bottom: incidence."""
    lowest = frame.y.values[0]
    if lowest > 0.02 * frame.whole:
        return False
    like = np.zeros(canvas.shape)
    most = max((colour.pixels for colour in colours), default=0)
    for colour in colours:
        if colour.pixels < _REST * most:  # of the axis, which lies where incidence starts
            continue
        like = np.maximum(like, likeness(canvas, colour, []))
    like = np.where(canvas.text | canvas.straight, 0.0, like)
    zero = int(float(frame.x.pixel(0.0)) - canvas.left)
    near = like[:, max(zero + 3, 0) : zero + max(12, int(0.06 * canvas.shape[1]))]
    weights = near.sum(axis=1)
    top = float(frame.y.pixel(frame.whole)) - canvas.top
    bottom = float(frame.y.pixel(0.0)) - canvas.top
    if top < 0:  # the axis ends far below 1
        return True
    tenth = 0.1 * (bottom - top)
    rows = np.arange(len(weights))
    at_top = float(weights[rows < top + tenth].sum())
    at_bottom = float(weights[rows > bottom - tenth].sum())
    return at_bottom > 2.0 * at_top and at_bottom > 2.0
