"""Vector figures: exact corners of the curves and marks from the paths, numbers from the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .assembly import assembled_panel
from .axes import AxisScale, scale_through, tokens, x_scales, y_scales
from .frames import find_frames, from_origin, from_start
from .naming import has_own_name
from .pages import Drawing, Stroke
from .panels import Frame, ceiling, label_edge, left_wall, pair_axes, pair_axes_at_right
from .path_names import coloured_rows, path_names
from .reading import Hints, Panel, ReadArm, ReadCurve, UnreadableFigureError, curve_from_one
from .risk_table import read_table
from .staircases import STRAIGHT, Staircase, staircases
from .text import text_lines
from .ticks import agreeing

FloatArray = npt.NDArray[np.float64]

_LEAST_TOLERANCE = 0.0005
_MOST_NUMBERS = 1500  # of a page
_ROUNDED = 0.02  # points: places of less distance are one, as coordinates have few decimals


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
    panels, faults = [], []
    for number, frame in enumerate(frames, start=1):
        try:
            panels.append(_read_panel(drawing, frame, frames=frames, number=number, hints=hints))
        except UnreadableFigureError as error:
            faults.append(str(error))
    if not panels:
        raise UnreadableFigureError(faults[0])
    return tuple(panels)


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
    frames = pair_axes(xs, ys, size)
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


def _read_panel(
    drawing: Drawing, frame: Frame, *, frames: Sequence[Frame], number: int, hints: Hints
) -> Panel:
    lines = text_lines(drawing.words)
    below = [f.top for f in frames if f.top > frame.bottom and f.left < frame.right < f.right + 1]
    floor = min([drawing.height, *[top - 2 * frame.x.size for top in below]])
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


def _arms(
    drawing: Drawing,
    frame: Frame,
    curves: Sequence[Staircase],
    *,
    names: Sequence[tuple[str, int | None]],
    incidence: bool,
) -> list[ReadArm]:
    marks = _marks(drawing, frame, curves)
    arms = []
    for curve, (name, n), places in zip(curves, names, marks, strict=True):
        red, green, blue = (round(min(max(c, 0), 255)) for c in curve.stroke.rgb)
        arms.append(
            ReadArm(
                name=name,
                curve=(read := _read_curve(curve, frame, incidence)),
                first_level=float(read.at(0.002 * read.time[-1])),
                color=f"#{red:02x}{green:02x}{blue:02x}",
                dash="dashed" if curve.stroke.dash else "solid",
                length_read=1.0,
                censor_marks=np.sort(_times(np.array(places), frame.x)),
                n=n,
                named=has_own_name(name),
            )
        )
    return arms


def _times(places: FloatArray, axis: AxisScale) -> FloatArray:
    """Return the times of places, shape (k,), where one within rounding of a tick is the tick's.

    Numbers at risk are of ticks, and count those who leave at the tick itself.
    """
    time = axis.value(places)
    ticks = np.array([value for value in axis.values if value > 0.0])  # all are at risk at 0
    nearest = ticks[np.abs(time[:, None] - ticks).argmin(axis=1)]
    at_tick = np.abs(time - nearest) <= _ROUNDED * abs(axis.slope)
    return np.where(at_tick, nearest, time)


def _read_curve(curve: Staircase, frame: Frame, incidence: bool) -> ReadCurve:
    """Corner points as a right-continuous step function."""
    time = np.maximum(_times(curve.points[:, 0], frame.x), 0.0)
    value = frame.y.value(curve.points[:, 1]) / frame.whole
    survival = np.clip(1.0 - value if incidence else value, 0.0, 1.0)
    survival = np.minimum.accumulate(survival)
    time = np.maximum.accumulate(time)
    # the last height at each place is the value after the fall there
    gap = _ROUNDED * abs(frame.x.slope)
    last = np.concatenate([np.diff(time) > gap, [True]])
    per_point = abs(frame.y.slope) / frame.whole
    # coordinates are rounded, and some programs leave out the smallest drops
    tolerance = max(per_point * (0.15 + frame.y.residual), _LEAST_TOLERANCE)
    kept_time, kept = time[last], survival[last]
    kept[0] = 1.0 if kept[0] > 1.0 - tolerance else kept[0]
    change = np.concatenate([[True], np.diff(kept) < -1e-9])
    change[-1] = True
    return curve_from_one(
        kept_time[change],
        kept[change],
        np.full(int(change.sum()), tolerance),
        shortest=gap,
    )


def _marks(drawing: Drawing, frame: Frame, curves: Sequence[Staircase]) -> list[list[float]]:
    """Places of short strokes, small shapes, dots and letters on a curve, given to its curve."""
    places: list[list[float]] = [[] for _ in curves]
    longest = 0.06 * (frame.bottom - frame.top)
    for stroke in drawing.strokes:
        points = stroke.points
        upright = np.ptp(points[:, 0]) < STRAIGHT and 0.5 < np.ptp(points[:, 1]) < longest
        if upright and len(points) == 2:
            low, high = points[:, 1].min(), points[:, 1].max()
            k = _crossed(curves, float(points[0, 0]), (low, high), stroke)
            if k is not None:
                places[k].append(float(points[0, 0]))
        elif _is_shape(points, longest):
            x, y = (points.min(axis=0) + points.max(axis=0)) / 2
            k = _crossed(curves, float(x), (float(y), float(y)), stroke)
            if k is not None:
                places[k].append(float(x))
    for glyph in drawing.glyphs:
        own = [c for c in curves if c.stroke.style[0] == glyph.color] or curves
        k = _crossed(own, glyph.x, (glyph.y - 4.0, glyph.y + 4.0), None)
        if k is not None:
            places[curves.index(own[k])].append(glyph.x)
    for dot in drawing.dots:
        own = [c for c in curves if c.stroke.style[0] == dot.color]
        k = _crossed(own, dot.x, (dot.y, dot.y), None)
        if k is not None:
            places[curves.index(own[k])].append(dot.x)
    return [list(np.unique(np.round(p, 2))) for p in places]


def _is_shape(points: FloatArray, longest: float) -> bool:
    """Whether a path is a small circle, square or the like, or a stroke of a small "x"."""
    wide, high = np.ptp(points, axis=0)
    closed = len(points) > 3 and np.abs(points[0] - points[-1]).max() < STRAIGHT
    return bool((closed or len(points) == 2) and 1 < high < longest and 0.6 < wide / high < 1.7)


def _crossed(
    curves: Sequence[Staircase], x: float, span: tuple[float, float], stroke: Stroke | None
) -> int | None:
    """Curve whose line a stroke crosses; among several, the one whose height is in its middle."""
    middle = sum(span) / 2
    best, least = None, np.inf
    for k, curve in enumerate(curves):
        points = curve.points
        # matplotlib's markers in a PDF take their colour from outside: width 0, colour unknown
        known = stroke is not None and stroke.width > 0
        if stroke is not None and known and stroke.style[0] != curve.stroke.style[0]:
            continue
        if not points[0, 0] - 0.5 <= x <= points[-1, 0] + 0.5:
            continue
        at = min(max(int(np.searchsorted(points[:, 0], x, side="right")) - 1, 0), len(points) - 1)
        heights = [points[at, 1], points[max(at - 1, 0), 1]]
        off = min(abs(height - middle) for height in heights)
        inside = any(span[0] - 0.6 <= height <= span[1] + 0.6 for height in heights)
        if inside and off < least and not _is_fall(points, x, span):
            best, least = k, off
    return best


def _is_fall(points: FloatArray, x: float, span: tuple[float, float]) -> bool:
    """Whether a stroke is a piece of the curve itself."""
    if span[1] - span[0] < STRAIGHT:
        return False
    near = np.abs(points[:, 0] - x) < STRAIGHT
    ys = points[near, 1]
    return bool(len(ys) >= 2 and abs(ys.min() - span[0]) < 0.05 and abs(ys.max() - span[1]) < 0.05)
