"""Vector figures: panels read from paths and text, and the censoring marks on their curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .arm_names import has_own_name
from .assembly import assembled_panel
from .axes import AxisScale, scale_through, tokens, x_scales, y_scales
from .frames import find_frames, from_origin, from_start, panels_of, without_cells
from .glyphs import Glyph
from .layout import floor_of
from .pages import Drawing, Stroke
from .panels import Frame, ceiling, label_edge, left_wall, pair_axes, pair_axes_at_right
from .path_names import coloured_rows, path_names
from .reading import Hints, Panel, ReadArm, UnreadableFigureError
from .risk_table import read_table
from .stacked import with_stacked
from .staircases import ROUNDED, STRAIGHT, Staircase, read_curve, staircases, times_at
from .text import text_lines
from .ticks import agreeing

FloatArray = npt.NDArray[np.float64]

_MOST_NUMBERS = 1500  # of a page
_PARTS, _PARTS_DASHED = 40, 12  # of a plot's width, and of those with a piece of a dashed curve
_LETTER = 4.0  # points: half the height of a letter
_ENOUGH, _MOST = 5, 0.7  # letters, and share of them, that say how far all are off their curves
_ONE_OFFSET = 0.1  # points
_ONE_HEIGHT = 0.05  # points: curves of less distance lie on each other
_CENTRED = 0.35  # points: how far a mark in another colour than all curves may be off its curve


def read_vector(drawing: Drawing, hints: Hints) -> tuple[Panel, ...]:
    """Read all panels of a vector figure.

    Parameters
    ----------
    drawing : Drawing
        Strokes and words of the page.
    hints : Hints
        What is given by hand; pixels are points of the page.

    Returns
    -------
    tuple of Panel

    Raises
    ------
    UnreadableFigureError
        If no panel with two axes and a curve drawn as a path is found.
    """
    frames = _frames(drawing, hints)
    if hints.kind != "vector" and any(_dashes_in(drawing, frame) for frame in frames):
        raise UnreadableFigureError(
            "dashes of curves are areas, not strokes: their curves are no paths that can be read."
        )
    return tuple(panels_of(frames, lambda k: _read_panel(drawing, frames, number=k, hints=hints)))


def _dashes_in(drawing: Drawing, frame: Frame) -> bool:
    """Whether many small areas of one colour lie along a plot, as dashes do that are areas."""
    by_colour: dict[tuple[int, ...], list[float]] = {}
    for piece in drawing.pieces:
        if frame.left < piece.x < frame.right and frame.top < piece.y < frame.bottom:
            by_colour.setdefault(piece.color, []).append(piece.x)
    width = frame.right - frame.left
    return any(
        len(np.unique(np.floor(_PARTS * (np.array(xs) - frame.left) / width))) >= _PARTS_DASHED
        for xs in by_colour.values()
    )


def _frames(drawing: Drawing, hints: Hints) -> list[Frame]:
    if hints.x_axis or hints.y_axis:
        blank = np.zeros((int(drawing.height) + 1, int(drawing.width) + 1))
        return find_frames(drawing.words, blank, hints)
    numbers = tokens(drawing.words)
    if len(numbers) > _MOST_NUMBERS:
        raise UnreadableFigureError(
            f"the page holds {len(numbers):,} numbers, and axes are searched for among up to "
            f"{_MOST_NUMBERS:,}: save the figure alone, or give its axes by hand."
        )
    xs = [_to_ticks(x, drawing) for x in x_scales(numbers)]
    ys = [_to_ticks(y, drawing) for y in y_scales(numbers)]
    size = (drawing.width, drawing.height)
    frames = without_cells(pair_axes(xs, ys, size))

    def is_bare(box: tuple[float, float, float, float]) -> bool:
        inside = (w for w in drawing.words if box[0] < w.centre[0] < box[2])
        return not any(box[1] < w.centre[1] < box[3] for w in inside)

    frames = with_stacked(frames, xs, ys, is_bare=is_bare, size=size)
    if not frames:
        ys = [_to_ticks(y, drawing, at_right=True) for y in y_scales(numbers)]
        frames = pair_axes_at_right(xs, ys, size)
    if not frames:
        return find_frames(drawing.words, np.zeros((9, 9)), hints)  # raises, and says why
    return frames


def _to_ticks(scale: AxisScale, drawing: Drawing, *, at_right: bool = False) -> AxisScale:
    """Move a scale from the middles of the labels to the tick marks or grid lines beside them."""
    across, along = (1, 0) if scale.direction == "x" else (0, 1)
    if scale.direction == "x":
        edge = min(t.word.y0 for t in scale.labels)
        low, high = edge - 2.5 * scale.size, edge + 0.5 * scale.size
    elif at_right:
        edge = label_edge(scale)
        low, high = edge - 2.5 * scale.size, edge + 0.5 * scale.size
    else:
        edge = max(t.word.x1 for t in scale.labels)
        low, high = edge - 0.5 * scale.size, edge + 2.5 * scale.size
    places = []
    for stroke in drawing.strokes:
        points = stroke.points
        flat = np.ptp(points[:, along]) < STRAIGHT and np.ptp(points[:, across]) > 0.5
        if flat and points[:, across].min() < high and points[:, across].max() > low:
            places.append(float(points[0, along]))
    if not places:
        return scale
    sorted_places = np.unique(np.round(places, 3))
    found = []
    for _, value in scale.points:
        near = sorted_places[np.argmin(np.abs(sorted_places - float(scale.pixel(value))))]
        if abs(near - float(scale.pixel(value))) < 0.6 * scale.size:
            found.append((float(near), value))
    fitted = agreeing(found, tolerance=0.25) if len(found) > 1 else []
    if len(fitted) < max(2, 0.6 * len(scale.points)):
        return scale
    better = scale_through(fitted, scale.direction, scale.labels)
    return replace(better, misfits=scale.misfits, from_ticks=True)


def _read_panel(drawing: Drawing, frames: Sequence[Frame], *, number: int, hints: Hints) -> Panel:
    frame = frames[number - 1]
    lines = text_lines(drawing.words)
    floor = floor_of(frame, frames, drawing.height)
    roof = None if ceiling(frame, frames) else 0.0  # between two panels, a table is of the upper
    wall = left_wall(frame, frames)
    rows = read_table(frame, drawing.words, floor=floor, wall=wall, roof=roof)
    curves, incidence = staircases(drawing, frame)
    expected = hints.arms
    if expected is not None:
        curves = curves[:expected]
    if not curves:
        raise UnreadableFigureError(
            "the axes of a plot were found but no curve drawn as a path: try --raster."
        )
    rows = coloured_rows(rows, drawing)
    names, doubts = path_names(drawing, frame, curves, frames=frames, lines=lines, rows=rows)
    starts = np.array([curve.points[0] for curve in curves])
    frame = from_origin(frame, starts, incidence=incidence)
    frame = from_start(frame, starts[:, 1].tolist(), incidence=incidence)
    arms = _arms(drawing, frame, curves, names=names, incidence=incidence)
    if expected is not None and len(arms) < expected:
        doubts.append(f"{len(arms)} of the {expected} curves that the hint names were found.")
    doubts += _mixed_marks(arms)
    if rows and len(rows) != len(arms):
        doubts.append(
            f"{count(len(arms), 'curve was', 'curves were')} found, and the table of numbers at "
            f"risk has {count(len(rows), 'row')}."
        )
    return assembled_panel(
        frame,
        arms,
        rows,
        number=number,
        lines=lines,
        floor=floor,
        incidence=incidence,
        doubts=doubts,
    )


def _mixed_marks(arms: Sequence[ReadArm]) -> list[str]:
    """Say of which arms some marks may be another's."""
    mixed = ", ".join(f"'{arm.name}'" for arm in arms if not arm.own_marks)
    return [
        f"some censoring marks stand where curves of {mixed} lie on each other: whose they are is "
        "not known."
    ] * bool(mixed)


def _arms(
    drawing: Drawing,
    frame: Frame,
    curves: Sequence[Staircase],
    *,
    names: Sequence[tuple[str, int | None]],
    incidence: bool,
) -> list[ReadArm]:
    marks, shared = _marks_on(drawing, frame, curves)
    arms = []
    for k, (curve, (name, n), places) in enumerate(zip(curves, names, marks, strict=True)):
        red, green, blue = (round(min(max(c, 0), 255)) for c in curve.stroke.rgb)
        arms.append(
            ReadArm(
                name=name,
                curve=(read := read_curve(curve, frame, incidence)),
                first_level=float(read.at(0.002 * read.time[-1])),
                color=f"#{red:02x}{green:02x}{blue:02x}",
                dash="dashed" if curve.stroke.dash else "solid",
                length_read=1.0,
                censor_marks=np.sort(times_at(np.array(places), frame.x)),
                own_marks=k not in shared,
                n=n,
                named=has_own_name(name),
            )
        )
    return arms


def _marks_on(
    drawing: Drawing, frame: Frame, curves: Sequence[Staircase]
) -> tuple[list[list[float]], set[int]]:
    """Find short strokes, small shapes, dots and letters on curves, and give them to the curves.

    Parameters
    ----------
    drawing : Drawing
    frame : Frame
        Of the plot, in points.
    curves : sequence of Staircase

    Returns
    -------
    places : list of list of float
        Of the marks of each curve, in points.
    shared : set of int
        Curves of which a mark may be another's: the two lie on each other there, and nothing tells
        whose it is.
    """
    places: list[list[float]] = [[] for _ in curves]
    shared: set[int] = set()

    def give(x: float, found: list[int]) -> None:
        if found:
            places[found[0]].append(x)
        if len(found) > 1:
            shared.update(found)

    longest = 0.06 * (frame.bottom - frame.top)
    for stroke in drawing.strokes:
        points = stroke.points
        upright = np.ptp(points[:, 0]) < STRAIGHT and 0.5 < np.ptp(points[:, 1]) < longest
        if upright and len(points) == 2:
            low, high = points[:, 1].min(), points[:, 1].max()
            x = float(points[0, 0])
            give(x, _crossed(curves, x, (low, high), stroke))
        elif _is_shape(points, longest):
            x, y = (float(place) for place in (points.min(axis=0) + points.max(axis=0)) / 2)
            give(x, _crossed(curves, x, (y, y), stroke))
    below = _below_curve(drawing.glyphs, curves)
    for glyph in drawing.glyphs:
        like = [k for k, c in enumerate(curves) if c.stroke.style[0] == glyph.color]
        own, y = like or list(range(len(curves))), glyph.y - below
        found = _crossed([curves[k] for k in own], glyph.x, (y - _LETTER, y + _LETTER), None)
        give(glyph.x, [own[k] for k in found])
    for dot in drawing.dots:
        own = [k for k, c in enumerate(curves) if c.stroke.style[0] == dot.color]
        found = _crossed([curves[k] for k in own], dot.x, (dot.y, dot.y), None)
        give(dot.x, [own[k] for k in found])
    return [list(np.unique(np.round(p, 2))) for p in places], shared


def _below_curve(glyphs: Sequence[Glyph], curves: Sequence[Staircase]) -> float:
    """How far the middles of letters are below their curves: fonts differ; 0 if it is unclear.

    It is the same for all letters, and tells whose those are that stand near two curves.
    """
    offs = np.array([glyph.y - h for glyph in glyphs for h in _heights_at(curves, glyph.x)])
    offs = offs[np.abs(offs) < _LETTER]
    if len(glyphs) < _ENOUGH or len(offs) == 0:
        return 0.0
    near = np.abs(offs[:, None] - offs[None, :]) < _ONE_OFFSET
    k = int(np.argmax(near.sum(axis=0)))
    return float(np.median(offs[near[:, k]])) if near[:, k].sum() >= _MOST * len(glyphs) else 0.0


def _heights_at(curves: Sequence[Staircase], x: float) -> list[float]:
    """Heights at a place of the curves that are drawn there."""
    found = []
    for curve in curves:
        points = curve.points
        if points[0, 0] <= x <= points[-1, 0]:
            at = max(int(np.searchsorted(points[:, 0], x + ROUNDED, side="right")) - 1, 0)
            found.append(float(points[at, 1]))
    return found


def _is_shape(points: FloatArray, longest: float) -> bool:
    """Whether a path is a small circle, square or the like, or a stroke of a small "x"."""
    wide, high = np.ptp(points, axis=0)
    closed = len(points) > 3 and np.abs(points[0] - points[-1]).max() < STRAIGHT
    return bool((closed or len(points) == 2) and 1 < high < longest and 0.6 < wide / high < 1.7)


def _crossed(
    curves: Sequence[Staircase], x: float, span: tuple[float, float], stroke: Stroke | None
) -> list[int]:
    """Curves whose line a stroke crosses: the one whose height is in its middle, and its like."""
    middle = sum(span) / 2
    # matplotlib's markers in a PDF take their colour from outside: width 0, colour unknown
    known = stroke is not None and stroke.width > 0
    own = [stroke is not None and c.stroke.style[0] == stroke.style[0] for c in curves]
    most = _CENTRED if known and not any(own) else np.inf
    offs = np.full(len(curves), np.inf)
    for k, curve in enumerate(curves):
        points = curve.points
        if known and any(own) and not own[k]:
            continue
        if not points[0, 0] - 0.5 <= x <= points[-1, 0] + 0.5:
            continue
        at = min(
            max(int(np.searchsorted(points[:, 0], x + ROUNDED, side="right")) - 1, 0),
            len(points) - 1,
        )
        heights = [points[at, 1], points[max(at - 1, 0), 1]]
        off = min(abs(height - middle) for height in heights)
        inside = any(span[0] - 0.6 <= height <= span[1] + 0.6 for height in heights)
        if inside and off < most and not _is_fall(points, x, span):
            offs[k] = off
    if not np.isfinite(offs).any():
        return []
    best = int(np.argmin(offs))
    near = np.flatnonzero(offs < offs[best] + _ONE_HEIGHT).tolist()
    return [best, *(int(k) for k in near if k != best)]


def _is_fall(points: FloatArray, x: float, span: tuple[float, float]) -> bool:
    """Whether a stroke is a piece of the curve itself."""
    if span[1] - span[0] < STRAIGHT:
        return False
    near = np.abs(points[:, 0] - x) < STRAIGHT
    ys = points[near, 1]
    return bool(len(ys) >= 2 and abs(ys.min() - span[0]) < 0.05 and abs(ys.max() - span[1]) < 0.05)
