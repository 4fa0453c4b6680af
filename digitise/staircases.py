"""Curves and marks among the strokes of a vector figure: staircases from 1 down or 0 up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .pages import Drawing, Stroke
from .panels import Frame
from .reading import ReadCurve, curve_from_one

FloatArray = npt.NDArray[np.float64]

STRAIGHT = 0.05  # points: how far a corner may lie off a horizontal or vertical line
_COLOURED = 30.0  # difference of red, green and blue: lines of grids and frames are grey
_FLAT = 1e-6  # points: how little a level line may fall
_THIN = 0.7  # of the thickest line of a colour
_COMPARED = 200  # places at which lines are compared
_BOX = 6  # corners of a frame, at most
_NEAR_BOX = 0.12  # of the plot's size: how far a frame may be from the outermost tick
_APART = 0.5  # points: lines of a smaller distance may lie on each other
_LEAST_TOLERANCE = 0.0005
ROUNDED = 0.02  # points: places of less distance are one, as coordinates have few decimals


@dataclass(frozen=True, kw_only=True, eq=False)
class Staircase:
    """A curve: its corners in time order, shape (k, 2), in points, and the style of its strokes."""

    points: FloatArray
    stroke: Stroke


def staircases(drawing: Drawing, frame: Frame) -> tuple[list[Staircase], bool]:
    """Find the curves of a plot, without their confidence limits.

    Parameters
    ----------
    drawing : Drawing
    frame : Frame
        Of the plot, in points.

    Returns
    -------
    curves : list of Staircase
        They start at survival 1, or at incidence 0. One without an event is a level line in a
        colour that no other curve has.
    incidence : bool
        Which of both.
    """
    end = _plot_end(drawing, frame)
    height = abs(float(frame.y.pixel(0.0)) - float(frame.y.pixel(frame.whole)))
    found: dict[bool, list[Staircase]] = {False: [], True: []}
    limits: dict[bool, list[Staircase]] = {False: [], True: []}
    levels: list[Staircase] = []
    for whole in _chains([s for s in drawing.strokes if _inside(s, frame)]):
        shown = end if whole.stroke.shown_to is None else whole.stroke.shown_to
        chain = replace(whole, points=_cut(_cut_at(whole.points, shown), frame))
        if _is_level(chain, frame):
            levels.append(chain)
        if not _is_staircase(chain.points, frame, height):
            continue
        steps = np.diff(chain.points[:, 1])
        for incidence, sign in ((False, 1.0), (True, -1.0)):
            if _starts_at(chain.points, frame, height, incidence=incidence):
                falls = bool((sign * steps > -STRAIGHT).all())
                (found if falls else limits)[incidence].append(chain)
    incidence = len(found[True]) > len(found[False])
    taken = {line.stroke.style[0] for line in (*found[incidence], *limits[incidence])}
    found[incidence] += [
        line
        for line in levels
        if line.stroke.style[0] not in taken
        and _starts_at(line.points, frame, height, incidence=incidence)
    ]
    lines = _distinct(found[incidence])
    kept = _without_intervals([*lines, *_distinct(limits[incidence])])
    return [line for line in lines if line in kept], incidence


def _starts_early(points: FloatArray, frame: Frame) -> bool:
    """Whether a line starts near time 0, goes to the right only, and is long."""
    width = frame.right - frame.left
    early = abs(points[0, 0] - float(frame.x.pixel(0.0))) < 0.06 * width
    wide = np.ptp(points[:, 0]) > 0.08 * width
    return bool(early and wide and (np.diff(points[:, 0]) >= -STRAIGHT).all())


def _is_level(line: Staircase, frame: Frame) -> bool:
    """Whether a line may be the curve of an arm without events: level, and in a colour."""
    flat = np.ptp(line.points[:, 1]) <= _FLAT
    return bool(flat and np.ptp(line.stroke.rgb) > _COLOURED and _starts_early(line.points, frame))


def _is_staircase(points: FloatArray, frame: Frame, height: float) -> bool:
    """Whether a line is made of levels, and of rises or falls between them."""
    if len(points) <= 2 or np.ptp(points[:, 1]) <= _FLAT or not _starts_early(points, frame):
        return False
    steps = np.abs(np.diff(points, axis=0))
    if (steps.min(axis=1) > 0.3).mean() > 0.2:
        return False
    labels = [float(frame.y.pixel(value)) for value in (frame.y.values[0], frame.y.values[-1])]
    side = 0.9 * min(frame.bottom - frame.top, abs(labels[1] - labels[0]))  # an axis may be cut
    soon = points[points[:, 0] <= points[0, 0] + 0.01 * (frame.right - frame.left), 1]
    tall = steps[:, 1] > side
    # an axis, or the sides of a frame
    return not (np.ptp(soon) > 0.5 * height or (tall.any() and len(points) <= 6))


def _starts_at(points: FloatArray, frame: Frame, height: float, *, incidence: bool) -> bool:
    """Whether a line starts at a survival of 1, or at an incidence of 0."""
    near = 0.03 * height if frame.y.from_ticks else max(0.03 * height, 0.6 * frame.y.size)
    start = float(frame.y.pixel(0.0 if incidence else frame.whole))
    return bool(abs(points[0, 1] - start) < near)


def _distinct(lines: Sequence[Staircase]) -> list[Staircase]:
    """Leave out lines that are drawn over another of the same colour, dash and width."""
    kept: list[Staircase] = []
    for line in lines:
        again = any(
            line.stroke.style == other.stroke.style
            and line.points.shape == other.points.shape
            and np.abs(line.points - other.points).max() < STRAIGHT
            for other in kept
        )
        if not again:
            kept.append(line)
    return kept


def _inside(stroke: Stroke, frame: Frame) -> bool:
    x, y = stroke.points[:, 0], stroke.points[:, 1]
    margin = 0.02 * (frame.right - frame.left) + 3
    return bool(
        x.min() > frame.left - margin
        and x.min() < frame.right
        and y.min() < frame.bottom + margin
        and y.max() > frame.top - margin
    )


def _plot_end(drawing: Drawing, frame: Frame) -> float:
    """Right end of the axis, the frame or the grid: a clipping path hides curves beyond it."""
    last = float(frame.x.pixel(frame.x.values[-1]))
    reach = 0.05 * (last - frame.left) + 3
    boxes = [end for s in drawing.strokes for end in _end_of_box(s.points, frame) if end > last - 1]
    if boxes:
        return max(boxes)  # the line of an axis may end at its last tick within it
    ends = [
        float(s.points[:, 0].max())
        for s in drawing.strokes
        if np.ptp(s.points[:, 1]) < STRAIGHT
        and s.points[:, 0].min() < frame.left + reach
        and s.points[:, 0].max() > last - 1
        and frame.top - 20 < s.points[0, 1] < frame.bottom + 20
    ]
    return max(float(np.median(ends)), last) if ends else frame.right


def _end_of_box(points: FloatArray, frame: Frame) -> list[float]:
    """Right end of a stroke that is a frame, or the left and lower side of one, around a plot."""
    if not 3 <= len(points) <= _BOX:
        return []
    steps = np.abs(np.diff(points, axis=0))
    if (steps.min(axis=1) > STRAIGHT).any():
        return []
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    width, height = frame.right - frame.left, frame.bottom - frame.top
    off = max(abs(left - frame.left) / width, abs(bottom - frame.bottom) / height)
    flat = steps[:, 1] < STRAIGHT
    lowest = points[:-1][flat & (steps[:, 0] > 0.8 * (right - left)), 1]
    whole = bottom - top > 0.7 * height and len(lowest) and abs(lowest.max() - bottom) < STRAIGHT
    return [float(right)] if whole and off < _NEAR_BOX else []


def _cut_at(points: FloatArray, end: float) -> FloatArray:
    """Points up to the end of the plot."""
    if len(points) < 2 or points[:, 0].max() <= end + STRAIGHT:
        return points
    inside = points[:, 0] <= end
    if not inside.any() or not inside[0]:
        return points
    k = int(np.argmin(inside))
    return np.concatenate([points[:k], [[end, points[k - 1, 1]]]])


def _cut(points: FloatArray, frame: Frame) -> FloatArray:
    """Points up to where a curve leaves the plot: the axis hides the rest (a clipping path)."""
    low, high = (float(frame.y.pixel(v)) for v in (frame.y.values[-1], frame.y.values[0]))
    margin = 0.06 * (high - low) + 1
    top, bottom = min(frame.top, low - margin), high + margin
    outside = (points[:, 1] > bottom) | (points[:, 1] < top)
    if not outside.any() or outside[0]:
        return points
    kept = points[: int(np.argmax(outside)) + 1].copy()
    kept[-1, 1] = np.clip(kept[-1, 1], top, bottom)
    return kept


def _chains(strokes: Sequence[Stroke]) -> list[Staircase]:
    """Strokes of one style joined end to start."""
    by_style: dict[tuple[object, ...], list[Stroke]] = {}
    for stroke in strokes:
        by_style.setdefault((*stroke.style, round(stroke.width, 2)), []).append(stroke)
    chains = []
    for group in by_style.values():
        open_ends: list[list[Stroke]] = []
        for stroke in sorted(group, key=lambda s: s.points[0, 0]):
            for chain in open_ends:
                if np.abs(chain[-1].points[-1] - stroke.points[0]).max() < 0.06:
                    chain.append(stroke)
                    break
            else:
                open_ends.append([stroke])
        for chain in open_ends:
            ends = [s.shown_to for s in chain if s.shown_to is not None]
            shown = min(ends) if len(ends) == len(chain) else None
            points = np.concatenate([s.points for s in chain])
            chains.append(Staircase(points=points, stroke=replace(group[0], shown_to=shown)))
    return chains


def _without_intervals(lines: Sequence[Staircase]) -> list[Staircase]:
    """Leave out confidence limits: two lines of one colour, dash and width with a curve between.

    Of three lines of one style, the middle one is the curve. A line far thinner than another of its
    colour is a limit or a guide line, too. The limit at the side of the survival of 1 need not fall
    with the curve: a line that rises counts beside the others here, and is none in the end.
    """
    lines = [
        line
        for line in lines
        if not any(
            line.stroke.style[0] == other.stroke.style[0]
            and line.stroke.width < _THIN * other.stroke.width
            for other in lines
        )
    ]
    by_style: dict[object, list[Staircase]] = {}
    for line in lines:
        by_style.setdefault((*line.stroke.style, round(line.stroke.width, 2)), []).append(line)
    limits: list[Staircase] = []
    for alike in by_style.values():
        if len(alike) == 3:
            by_height = sorted(alike, key=_mean_height)
            limits += [by_height[0], by_height[2]]
            continue
        own = [m for m in lines if m.stroke.style[0] == alike[0].stroke.style[0] and m not in alike]
        for upper, lower in itertools.permutations(alike, 2):
            if any(_between(upper, middle, lower) for middle in own):
                limits += [upper, lower]
    limits += [line for line in lines if _is_single_limit(line, lines, limits)]
    return [line for line in lines if line not in limits]


def _is_single_limit(
    line: Staircase, lines: Sequence[Staircase], limits: Sequence[Staircase]
) -> bool:
    """Whether a line looks like the limits of other curves, beside a curve of its colour.

    The other limit of it may be a level line at a survival of 1.
    """
    own = [m for m in lines if m.stroke.style[0] == line.stroke.style[0] and m is not line]
    return any(
        line not in limits
        and limit.stroke.style[0] != line.stroke.style[0]
        and _pattern(limit.stroke) == _pattern(line.stroke)
        and any(_pattern(m.stroke) != _pattern(line.stroke) and m not in limits for m in own)
        for limit in limits
    )


def _pattern(stroke: Stroke) -> tuple[object, ...]:
    """Dash and width: what limits of all curves have in common."""
    return stroke.style[1], round(stroke.width, 2)


def _between(upper: Staircase, middle: Staircase, lower: Staircase) -> bool:
    """Whether a line is nowhere above one line nor below another, where all three are drawn."""
    start = max(line.points[0, 0] for line in (upper, middle, lower))
    end = min(line.points[-1, 0] for line in (upper, middle, lower))
    x = np.linspace(start, end, _COMPARED)
    high, here, low = (_heights(line.points, x) for line in (upper, middle, lower))
    apart = np.abs(high - low).max() > _APART
    return bool(apart and (high <= here + _APART).all() and (here <= low + _APART).all())


def _heights(points: FloatArray, x: FloatArray) -> FloatArray:
    """Heights of a staircase, shape (k,), after its falls at the places x."""
    at = np.clip(np.searchsorted(points[:, 0], x, side="right") - 1, 0, len(points) - 1)
    return np.asarray(points[at, 1])


def _mean_height(line: Staircase) -> float:
    widths = np.diff(line.points[:, 0])
    return float((line.points[:-1, 1] * widths).sum() / max(widths.sum(), 1e-9))


def times_at(places: FloatArray, axis: AxisScale) -> FloatArray:
    """Return the times of places, shape (k,), where one within rounding of a tick is the tick's.

    Numbers at risk are of ticks, and count those who leave at the tick itself.
    """
    time = axis.value(places)
    ticks = np.array([value for value in axis.values if value > 0.0])  # all are at risk at 0
    nearest = ticks[np.abs(time[:, None] - ticks).argmin(axis=1)]
    at_tick = np.abs(time - nearest) <= ROUNDED * abs(axis.slope)
    return np.where(at_tick, nearest, time)


def read_curve(curve: Staircase, frame: Frame, incidence: bool) -> ReadCurve:
    """Corner points as a right-continuous step function."""
    time = np.maximum(times_at(curve.points[:, 0], frame.x), 0.0)
    value = frame.y.value(curve.points[:, 1]) / frame.whole
    survival = np.clip(1.0 - value if incidence else value, 0.0, 1.0)
    survival = np.minimum.accumulate(survival)
    time = np.maximum.accumulate(time)
    # the last height at each place is the value after the fall there
    gap = ROUNDED * abs(frame.x.slope)
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
