"""Frames of a figure: its panels by hints or tick labels, and what is doubtful about their axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .axes import (
    AxisScale,
    Token,
    is_logarithmic,
    scale_through,
    tokens,
    x_scales,
    y_scales,
)
from .panels import (
    Frame,
    pair_axes,
    pair_axes_at_right,
    right_wall,
    smallest_step,
    without_shared_labels,
)
from .reading import Hints, Panel, UnreadableFigureError
from .stacked import with_stacked
from .text import Rereader, Word, number_in
from .ticks import completed, refine, refined_at_right

FloatArray = npt.NDArray[np.float64]

_ONE_PLACE = 0.02  # points: places of less distance are one, as coordinates have few decimals
_SHARPENED = 0.75  # points: by how much axes may be drawn off to be sharp
_OFF_LABEL = 0.6  # of its height: how far the middle of a label may be from its tick
_FALLEN, _PIXEL = 0.12, 0.75  # the same towards later levels, with what a place may be off
_IN_COLUMN = 0.7  # of a label's height: how far a number at risk may stand from its tick
_LINE, _WHOLE_LINE = 0.18, 0.9  # ink of the line of an axis, and share of its length that has it
_OTHER_GROUND = 0.03  # difference of the darkness of two grounds
_BELOW_ZERO = 0.06  # of a plot's height: programs draw the time axis up to so far below 0
_LARGE_RESIDUAL = 1.2  # pixels
_LOGARITHMIC = (
    "the figure has a logarithmic axis (its labels rise by equal factors): only linear axes are "
    "read."
)


def find_frames(
    words: Sequence[Word], ink: FloatArray, hints: Hints, *, reread: Rereader | None = None
) -> list[Frame]:
    """Find the panels and their axes, by the hints or the tick labels.

    Parameters
    ----------
    words : sequence of Word
    ink : ndarray, shape (height, width)
        Darkness of the figure; tick marks are looked for in it.
    hints : Hints
    reread : callable, optional
        Reads the text in a box (x0, y0, x1, y1) again, enlarged.

    Returns
    -------
    list of Frame
        At least one, in reading order.

    Raises
    ------
    UnreadableFigureError
        If an axis is missing or logarithmic.
    """
    numbers = tokens(words)
    xs, ys = x_scales(numbers), y_scales(numbers)
    height, width = ink.shape
    given_x = _given(hints.x_axis, "x", width)
    given_y = _given(hints.y_axis, "y", height)
    if given_x is None or given_y is None:
        if not (xs and ys) and is_logarithmic(numbers):
            raise UnreadableFigureError(_LOGARITHMIC)
        xs = xs or x_scales(numbers, 2)
        ys = [*ys, *_like_beside(numbers, xs, ys)] or y_scales(numbers, 2)
        xs, ys = without_shared_labels(xs, ys)
        xs = [refine(completed(x, words, ink, reread, taken=_beside(x, xs)), ink) for x in xs]
        ys = [refine(completed(y, words, ink, reread, taken=_beside(y, ys)), ink) for y in ys]
    frames = pair_axes(xs, ys, (width, height)) if given_x is None and given_y is None else []
    if not frames and given_x is None and given_y is None:
        frames = pair_axes_at_right(xs, [refined_at_right(y, ink) for y in ys], (width, height))
    frames = without_cells(frames)
    frames = with_stacked(frames, xs, ys, is_bare=partial(_is_bare, ink), size=(width, height))
    if given_x is not None or given_y is not None:
        frames = _with_given(given_x, given_y, xs=xs, ys=ys, size=(width, height))
    frames = [_to_foot(_to_end_of_axis(frame, frames, ink), ink) for frame in frames]
    if not frames:
        raise UnreadableFigureError(_no_axes(xs, ys, numbers))
    return frames


def _is_bare(ink: FloatArray, box: tuple[float, float, float, float]) -> bool:
    """Whether a box of a figure has no ink, but for lines across it."""
    x0, y0, x1, y1 = (max(round(edge), 0) for edge in box)
    part = ink[y0:y1, x0:x1] > _LINE
    return not part[~part.all(axis=1)].any()


def without_cells(frames: Sequence[Frame]) -> list[Frame]:
    """Leave out plots whose survival labels stand below the ticks of another: cells of its table.

    Parameters
    ----------
    frames : sequence of Frame

    Returns
    -------
    list of Frame
        Those whose survival axis stands elsewhere, in the order given.
    """

    def is_cell(label: Token, above: Frame) -> bool:
        ticks = above.x.pixel(above.x.values[1:])
        under = label.y > above.bottom
        return bool(under and np.abs(ticks - label.x).min() < _IN_COLUMN * above.x.size)

    def is_table(frame: Frame, above: Frame) -> bool:
        labels = frame.y.labels
        return bool(labels) and all(is_cell(label, above) for label in labels)

    return [
        frame
        for frame in frames
        if not any(is_table(frame, other) for other in frames if other is not frame)
    ]


def _like_beside(
    numbers: Sequence[Token], xs: Sequence[AxisScale], ys: Sequence[AxisScale]
) -> list[AxisScale]:
    """Survival axes with only two labels recognised, level with those of a panel beside."""
    used = {id(t.word) for axis in (*xs, *ys) for t in axis.labels}
    left = [token for token in numbers if id(token.word) not in used]
    found = []
    for axis in y_scales(left, 2):
        slack = 0.5 * axis.size
        for other in ys:
            off = [abs(float(other.pixel(t.value)) - t.y) for t in axis.labels]
            if max(off) < slack:
                rest = [(float(axis.pixel(v)), v) for v in other.values if v not in axis.values]
                found.append(replace(axis, points=(*axis.points, *rest)))
                break
            ends = (other.labels[0].y, other.labels[-1].y)  # of another range, drawn as high
            if all(min(abs(t.y - end) for end in ends) < slack for t in axis.labels):
                found.append(axis)
                break
    return found


def from_start(
    frame: Frame, rows: Sequence[float], *, incidence: bool, seen: bool = False
) -> Frame:
    """Move a survival axis without tick marks to where the curves start: at a survival of 1.

    Parameters
    ----------
    frame : Frame
    rows : sequence of float
        Pixels of the first levels of curves.
    incidence : bool
        Whether the curves start at 0.
    seen : bool
        Whether the rows are levels that were seen in a picture: the first that is seen may be one
        after some falls, so that the axis is hardly moved that way.

    Returns
    -------
    Frame
        As given if the axis has tick marks or is given by hand, if there is no row, or if the
        curves start further from the label than the label's middle can be off.
    """
    scale = frame.y
    if scale.from_ticks or not scale.labels or not rows:
        return frame
    off = float(np.median(rows) - scale.pixel(0.0 if incidence else frame.whole))
    fallen = -off if incidence else off
    most = _FALLEN * scale.size + _PIXEL if seen and fallen > 0 else _OFF_LABEL * scale.size
    return frame if abs(off) > most else replace(frame, y=scale.moved(off))


def from_origin(frame: Frame, starts: FloatArray, *, incidence: bool) -> Frame:
    """Move axes with tick marks to where all curves start: at time 0 and a survival of 1.

    Parameters
    ----------
    frame : Frame
    starts : ndarray of float, shape (curves, 2)
        First places of curves that are drawn as paths.
    incidence : bool
        Whether the curves start at 0.

    Returns
    -------
    Frame
        As given unless all curves start at one place that is off by less than a line's width.

    Notes
    -----
    Programs for screens draw axes half a pixel away from the curves, so that they are sharp.
    """
    if len(starts) == 0 or np.ptp(starts, axis=0).max() > _ONE_PLACE:
        return frame
    scales = []
    for scale, at, value in (
        (frame.x, starts[0, 0], 0.0),
        (frame.y, starts[0, 1], 0.0 if incidence else frame.whole),
    ):
        off = float(at - scale.pixel(value))
        moves = scale.from_ticks and _ONE_PLACE < abs(off) < _SHARPENED
        scales.append(scale.moved(off) if moves else scale)
    return replace(frame, x=scales[0], y=scales[1])


def _beside(scale: AxisScale, scales: Sequence[AxisScale]) -> list[Word]:
    """Labels of the other axes of the same direction."""
    return [t.word for other in scales if other is not scale for t in other.labels]


def _to_end_of_axis(frame: Frame, frames: Sequence[Frame], ink: FloatArray) -> Frame:
    """Widen a plot to the end of the line of its time axis: its last labels may be missing."""
    last = float(frame.x.pixel(frame.x.values[-1]))
    lowest = float(frame.y.pixel(frame.y.values[0]))
    zero = max(lowest, float(frame.y.pixel(0.0)))  # axes given by hand have no labels
    deepest = zero + _BELOW_ZERO * (zero - frame.top) + 8
    labels = min((t.word.y0 for t in frame.x.labels), default=deepest)
    band = ink[max(int(lowest) - 4, 0) : max(int(labels), int(lowest) + 4)]
    wall = int(min(right_wall(frame, frames, ink.shape[1]), ink.shape[1] - 1))
    end = frame.right
    for row in band > 0.25:
        bare = np.flatnonzero(~row[int(frame.left) + 3 : wall])
        line = int(frame.left) + 3 + (int(bare[0]) if len(bare) else wall)
        end = max(end, float(min(line, wall))) if line > last - 2 else end
    return replace(frame, right=end)


def _to_foot(frame: Frame, ink: FloatArray) -> Frame:
    """Deepen a plot whose lowest label is above 0 to where its ground ends: curves go on to there.

    There is the line of the time axis, or another ground.
    """
    lowest = frame.y.values[0]
    if lowest <= 0:
        return frame
    top = int(frame.bottom) + 1
    deepest = frame.y.pixel(max(lowest - smallest_step(frame.y), 0.0))
    words = min((t.y - frame.x.size / 4 for t in frame.x.labels), default=np.inf)
    under = int(min(words, float(deepest) + 2))
    last = int(frame.x.pixel(frame.x.values[-1]))
    band = ink[top:under, max(int(frame.left), 0) : last + 1]
    if band.size == 0:
        return frame
    lines = np.flatnonzero((band > _LINE).mean(axis=1) > _WHOLE_LINE)
    usual = np.median(band, axis=1)
    same = np.flatnonzero(np.abs(usual - usual[0]) < _OTHER_GROUND)
    breaks = np.flatnonzero(np.diff(lines) > 1)  # above the last line there may be a grid
    if len(lines):
        foot = float(top + lines[int(breaks[-1]) + 1 if len(breaks) else 0])
    elif same[-1] + 1 < len(band):
        foot = float(top + same[-1] + 1)
    else:
        return frame
    return replace(frame, bottom=foot - 1.0, foot=foot)


def _given(
    points: tuple[tuple[float, float], ...] | None, direction: str, length: int
) -> AxisScale | None:
    """Return the scale of an axis of which places are given, in a figure of so many pixels."""
    if points is None:
        return None
    scale = scale_through([(pixel, value) for value, pixel in sorted(points)], direction)
    option, low, high = f"--{direction}-axis", scale.values[0], scale.values[-1]
    if (scale.slope > 0) != (direction == "x"):
        raise UnreadableFigureError(
            f"{option} sets {high:g} {'left of' if direction == 'x' else 'below'} {low:g}: pixels "
            "are counted from the left and from the top, and times grow to the right."
        )
    if min(pixel for pixel, _ in scale.points) < 0 or max(p for p, _ in scale.points) > length:
        raise UnreadableFigureError(
            f"{option} names a place outside the figure, which is {length} pixels "
            f"{'wide' if direction == 'x' else 'high'} where it is read."
        )
    return scale


def _with_given(
    x: AxisScale | None,
    y: AxisScale | None,
    *,
    xs: Sequence[AxisScale],
    ys: Sequence[AxisScale],
    size: tuple[float, float],
) -> list[Frame]:
    x = x or (xs[0] if xs else None)
    y = y or (ys[0] if ys else None)
    if x is None or y is None:
        return []
    last = float(x.pixel(max(v for _, v in x.points)))
    first = float(x.pixel(0.0))
    whole = 100.0 if max(v for _, v in y.points) > 1.5 else 1.0
    top = float(y.pixel(max(whole, max(v for _, v in y.points))))
    bottom = float(y.pixel(min(v for _, v in y.points)))
    right = min(size[0] - 1.0, last + 0.06 * (last - first))
    margin = 0.02 * (bottom - top) + 2
    return [
        Frame(x=x, y=y, left=first, right=right, top=max(top - margin, 0), bottom=bottom + margin)
    ]


def _no_axes(xs: Sequence[AxisScale], ys: Sequence[AxisScale], numbers: Sequence[Token]) -> str:
    if is_logarithmic(numbers):
        return _LOGARITHMIC
    missing = " and ".join(
        name for name, found in (("a time axis", xs), ("a survival axis", ys)) if not found
    )
    hint = "give them with --x-axis 0=112,60=840 and --y-axis 0%=500,100%=40 (value=pixel)"
    if not missing:
        return (
            "the labels of a time axis and of a survival axis were found, but they do not enclose "
            f"one plot: {hint}."
        )
    return (
        f"no labels that agree on {missing} were found among {count(len(numbers), 'number')} in "
        f"the figure: if there is a plot in it, {hint}."
    )


def panels_of(frames: Sequence[Frame], read: Callable[[int], Panel]) -> list[Panel]:
    """Read every panel that has a curve, by its number from 1; if none has, say why.

    The first panel says of which plots none was read.
    """
    panels: list[Panel] = []
    faults: list[tuple[Frame, UnreadableFigureError]] = []
    for number, frame in enumerate(frames, start=1):
        try:
            panels.append(read(number))
        except UnreadableFigureError as error:
            faults.append((frame, error))
    if not panels:
        raise faults[0][1]
    others = [
        f"the plot whose axes meet at pixel {frame.left:.0f}, {frame.bottom:.0f} was not read: "
        f"{error}"
        for frame, error in faults
    ]
    return [replace(panels[0], unsure=(*panels[0].unsure, *others)), *panels[1:]]


def axis_doubts(frame: Frame) -> list[str]:
    """Say in words what is doubtful about the two scales of a panel."""
    doubts = []
    for name, axis in (("time axis", frame.x), ("survival axis", frame.y)):
        if not axis.labels:
            continue
        if len(axis.labels) < 3:
            doubts.append(
                f"{name}: only {count(len(axis.labels), 'label agrees', 'labels agree')}."
            )
        lost = [t for t in axis.labels if number_in(t.word.text) != t.value]
        if lost:
            shown = ", ".join(f"{t.word.text!r} for {t.value:g}" for t in lost)
            doubts.append(f"{name}: decimal points were not recognised: {shown}.")
        if axis.misfits:
            shown = ", ".join(repr(misfit) for misfit in axis.misfits)
            doubts.append(f"{name}: the labels {shown} do not fit the scale of the others.")
        if axis.residual > max(
            _LARGE_RESIDUAL, 0.004 * abs(axis.points[-1][0] - axis.points[0][0])
        ):
            doubts.append(f"{name}: the labels lie {axis.residual:.1f} pixels from an even scale.")
    lowest = frame.y.values[0]
    if frame.y.labels and lowest == 0 and all(t.value > 0 for t in frame.y.labels):
        doubts.append(
            "survival axis: no label of 0 was read; the scale of the other labels goes on to it."
        )
    if frame.lower:
        doubts.append("time axis: taken from the panel below.")
    if frame.shared_y:
        doubts.append("survival axis: taken from the panel to the left.")
    return doubts
