"""Vector figures: panels read from paths and text, and the names of their curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..presentation.formats import count
from .arm_names import has_own_name
from .assembly import assembled_panel
from .axes import AxisScale, scale_through, tokens, x_scales, y_scales
from .frames import find_frames, from_origin, from_start, panels_of, without_cells
from .pages import Drawing
from .panels import Frame, ceiling, label_edge, left_wall, pair_axes, pair_axes_at_right
from .path_marks import marks_on
from .path_names import coloured_rows, path_names
from .reading import Hints, Panel, ReadArm, UnreadableFigureError
from .risk_table import read_table
from .staircases import STRAIGHT, Staircase, read_curve, staircases, times_at
from .text import text_lines
from .ticks import agreeing

_MOST_NUMBERS = 1500  # of a page
_PARTS, _PARTS_DASHED = 40, 12  # of a plot's width, and of those with a piece of a dashed curve


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
    marks, shared = marks_on(drawing, frame, curves)
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
