"""Traced curves: levels and falls to part of a pixel, and rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .colours import LineColour

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

_BESIDE = 0.8  # pixels between the middles of two strokes: less is noise
# of the places of lines that programs round to whole pixels:
_ROUNDED = 0.6  # length of the mean direction of the parts of a pixel
_NEAR = 0.15  # pixels from the middle or the edge of a pixel of their mean, where they are rounded
_EXACT, _MOST = 0.08, 0.6  # the same of the places themselves, and share of them: others may be off
_LEAST_LINES = 4
_EVEN = 2  # pixels: thicker lines are not measured well enough between marks
_INK = 0.35
_LONG_LEVEL = 5.0  # pixels: shorter levels are not measured well enough


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """A staircase in pixels of the canvas.

    Parameters
    ----------
    rows : ndarray, shape (k,)
        Row of the curve in each column from `start` on, in pixels (centre of the line).
    start : int
        First column.
    own : ndarray, shape (k,)
        Ink of the curve's own colour in each column, 0 to 1.
    width : float
        Width of the line in pixels.
    falls : ndarray, shape (m,)
        Columns of the falls, to part of a pixel.
    levels : ndarray, shape (m + 1,)
        Rows before the first fall and after each fall, to part of a pixel.
    hidden : ndarray of bool, shape (m + 1,)
        Whether most of the level is covered by something else.
    covered : float
        Share of the columns in which something else covers the curve.
    """

    rows: FloatArray
    start: int
    own: FloatArray
    width: float
    falls: FloatArray
    levels: FloatArray
    hidden: npt.NDArray[np.bool_]
    covered: float = 0.0

    @property
    def visible(self) -> float:
        """Share of the columns with the curve's own ink among those that nothing else covers."""
        return self.support / max(1.0 - self.covered, self.support, 1e-9)

    @property
    def pixels(self) -> IntArray:
        """Rows in whole pixels."""
        return np.floor(self.rows).astype(np.intp)

    @property
    def end(self) -> float:
        """Column at which the drawing ends."""
        return float(self.start + len(self.rows))

    @property
    def support(self) -> float:
        """Share of the columns that show the curve's own ink: near 1 for a solid line."""
        return float((self.own > 0.35).mean()) if len(self.own) else 0.0


def measured(
    like: FloatArray, hidden: FloatArray, *, rows: IntArray, start: int, width: float
) -> Trace:
    """Read levels and falls to part of a pixel from the ink around a staircase.

    Parameters
    ----------
    like, hidden : ndarray, shape (height, width)
        As of `trace`.
    rows : ndarray of int, shape (k,)
        Row of the staircase in each column from `start` on; never falling.
    start : int
        First column.
    width : float
        Width of the line in pixels.

    Returns
    -------
    Trace
    """
    columns = start + np.arange(len(rows))
    around = np.clip(rows[:, None] + np.arange(-1, 2)[None, :], 0, like.shape[0] - 1)
    own = like[around, columns[:, None]].max(axis=1)
    covered = hidden[rows, columns] * (own < 0.35)
    middles = _middles(like, rows, columns, width)
    turns = np.flatnonzero(np.diff(rows) > 0) + 1
    cuts = np.concatenate([[0], turns, [len(rows)]])
    levels, unseen = [], []
    for a, b in pairwise(cuts):
        inset = min(int(np.ceil(width / 2)), (b - a - 1) // 2)
        inner = slice(a + inset, b - inset)
        seen = own[inner] > 0.35
        levels.append(float(np.median(middles[inner][seen])) if seen.any() else rows[a] + 0.5)
        unseen.append(float(np.mean(covered[a:b])) > 0.5)
    heights = np.maximum.accumulate(np.array(levels))
    kept, starts, ends = _single_falls(like, columns[turns], heights, width)
    spans = list(zip(starts, ends, strict=True))
    whole = (float(start), float(start + len(rows)))
    falls = _falls(like, spans, heights[kept], whole=whole, width=width)
    return Trace(
        rows=middles,
        start=start,
        own=own,
        width=width,
        falls=np.maximum.accumulate(np.array(falls)) if falls else np.zeros(0),
        levels=heights[kept],
        hidden=np.array(unseen)[kept],
        covered=float((covered > 0.35).mean()),
    )


def _falls(
    like: FloatArray,
    spans: Sequence[tuple[float, float]],
    heights: FloatArray,
    *,
    whole: tuple[float, float],
    width: float,
) -> list[float]:
    """Columns of all falls, each between two heights and within a span of columns."""
    edges = [whole[0], *((a[1] + b[0]) / 2 for a, b in pairwise(spans)), whole[1]]
    falls = []
    for k, (span, levels) in enumerate(zip(spans, pairwise(heights), strict=True)):
        if levels[1] - levels[0] < width + 1.0:
            near = edges[k], edges[k + 1]
            falls.append(_short_fall(like, span, levels, near=near, width=width))
        else:
            falls.append(_fall_column(like, span, levels, width))
    return falls


def _single_falls(
    like: FloatArray, turns: IntArray, heights: FloatArray, width: float
) -> tuple[list[int], list[float], list[float]]:
    """Join the steps in which a path crosses one vertical stroke to a single fall.

    A stroke is as wide as the line: steps within that width of each other are one fall if they make
    a long one, and otherwise if they cannot be told apart. Steps of less than a third of a pixel
    are none.
    """
    kept: list[int] = [0]
    starts: list[float] = []
    ends: list[float] = []
    k = 0
    while k < len(turns):
        last = k
        reach = width + 0.5
        while last + 1 < len(turns) and turns[last + 1] - turns[k] <= reach:
            last += 1
        long = heights[last + 1] - heights[kept[-1]] >= 2 * width
        if not long:
            near = turns[k : last + 1] - turns[k] <= max(1.0, 0.6 * width)
            last = k + int(np.flatnonzero(near)[-1])
        else:
            parts = [
                m
                for m in range(k, last)
                if _are_two(like, turns[[m, m + 1]], heights[[kept[-1], m + 1, last + 1]], width)
            ]
            last = parts[0] if parts else last
        if heights[last + 1] - heights[kept[-1]] >= 0.34:
            kept.append(last + 1)
            starts.append(float(turns[k]))
            ends.append(float(turns[last]))
        k = last + 1
    return kept, starts, ends


def _are_two(like: FloatArray, turns: IntArray, levels: FloatArray, width: float) -> bool:
    """Whether two falls so near that a thick line joins them have strokes beside each other."""
    centres = []
    reach = int(np.ceil(width)) + 1
    low, high = max(int(turns[0]) - reach, 0), int(turns[1]) + reach + 1
    for top, bottom in pairwise(levels):
        # what is clear of the thickness of both levels is of the fall alone
        strip = like[int(np.ceil(top + width / 2 + 1)) : int(bottom - width / 2 - 1), low:high]
        if len(strip) < 2:
            return False
        ink = strip.sum(axis=0)
        ink = np.where(ink > 0.3 * ink.max(initial=0.0), ink, 0.0)
        if ink.sum() <= 0.3:
            return False
        centres.append(float((ink * np.arange(len(ink))).sum() / ink.sum()))
    return centres[1] - centres[0] > _BESIDE


def _middles(like: FloatArray, rows: IntArray, columns: IntArray, width: float) -> FloatArray:
    """Centre of ink across the line in each column, within a pixel of the staircase."""
    reach = int(np.ceil(width / 2)) + 1
    offsets = np.arange(-reach, reach + 1)
    places = np.clip(rows[:, None] + offsets[None, :], 0, like.shape[0] - 1)
    weights = like[places, columns[:, None]]
    weights = np.where(weights > 0.08, weights, 0.0)
    total = weights.sum(axis=1)
    shift = (weights * offsets).sum(axis=1) / np.maximum(total, 1e-9)
    shift = np.where(total > 0.3, np.clip(shift, -1.0, 1.0), 0.0)
    return np.asarray(rows + shift + 0.5)


def _short_fall(
    like: FloatArray,
    span: tuple[float, float],
    levels: tuple[float, float],
    *,
    near: tuple[float, float],
    width: float,
) -> float:
    """Column of a fall lower than the line is thick: the area below the line's middle is kept.

    Where both levels cover each other's corner, the middle of the ink is half way between them. The
    columns looked at end half way to the next falls.
    """
    reach = np.ceil(width / 2) + 1
    low = int(max(np.ceil(near[0]), span[0] - reach, 0))
    high = max(int(min(np.floor(near[1]), span[1] + reach, like.shape[1])), low + 1)
    top = max(int(levels[0] - width / 2 - 0.5), 0)
    ink = like[top : int(np.ceil(levels[1] + width / 2 + 0.5)), low:high]
    ink = np.where(ink > 0.08, ink, 0.0)
    total = ink.sum(axis=0)
    middles = (ink * (top + 0.5 + np.arange(len(ink)))[:, None]).sum(axis=0)
    fallen = (middles / np.maximum(total, 1e-9) - levels[0]) / (levels[1] - levels[0])
    on_path = np.arange(low, high) >= (span[0] + span[1]) / 2
    fallen = np.where(total > 0.3, np.clip(fallen, 0.0, 1.0), on_path)
    return float(high - fallen.sum())


def _fall_column(
    like: FloatArray, span: tuple[float, float], levels: tuple[float, float], width: float
) -> float:
    """Column of a fall: the centre of the vertical stroke, if it is long enough to be seen."""
    middle = (span[0] + span[1]) / 2 + 0.5
    top, bottom = levels[0] + width / 2, levels[1] - width / 2
    if bottom - top < 1.0:
        return middle
    reach = int(np.ceil(width / 2)) + 1
    low, high = max(int(span[0]) - reach, 0), min(int(span[1]) + reach + 1, like.shape[1])
    strip = like[int(np.ceil(top)) : max(int(bottom), int(np.ceil(top)) + 1), low:high]
    weights = strip.sum(axis=0)
    weights = np.where(weights > 0.15 * max(weights.max(initial=0.0), 1e-9), weights, 0.0)
    if weights.sum() <= 0.3:
        return middle
    centre = float((weights * (np.arange(low, high) + 0.5)).sum() / weights.sum())
    return float(np.clip(centre, span[0] - 0.5, span[1] + 1.5))


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedArm:
    """A curve with its colour and its ink.

    Parameters
    ----------
    colour : LineColour
    curve : Trace
    like : ndarray, shape (height, width)
        Ink of the colour (rows as in the trace: upside down for incidence).
    flanked : bool
        Whether it is the middle one of three lines of the colour: the others are its limits.
    """

    colour: LineColour
    curve: Trace
    like: FloatArray
    flanked: bool = False

    def along(self, rows: IntArray, hidden: FloatArray) -> TracedArm:
        """Return the arm with its curve on other rows, which something may hide."""
        curve = self.curve
        measure = measured(self.like, hidden, rows=rows, start=curve.start, width=curve.width)
        return replace(self, curve=measure)


def rounding_offset(curve: Trace, axis: AxisScale) -> float:
    """Distance by which a curve was rounded away from where the tick marks of an axis were.

    Parameters
    ----------
    curve : Trace
    axis : AxisScale

    Returns
    -------
    float
        Pixels (0.5, -0.5 or 0) to be added to the places of the curve along the axis. 0 unless the
        tick marks all lie on middles of pixels, or all on their edges, and the levels of the curve
        do, too, or are of a line of two pixels.

    Notes
    -----
    Programs that draw sharp lines move them to whole pixels: a line of odd thickness to the middle
    of a pixel, one of even thickness to the edge before it, so that the first lies half a pixel
    further right and down on average than the second, or than a line of many corners, which is not
    moved (Agg, `PathSnapper`: floor(x + 1/2), plus 1/2 if the thickness is odd). Parts of a pixel
    are directions on a circle: their mean is as long as they agree.
    """
    if not axis.from_ticks:
        return 0.0
    lengths = np.diff(np.concatenate([[curve.start], curve.falls, [curve.end]]))
    long = (lengths >= _LONG_LEVEL) & ~curve.hidden
    of_curve = _rounded(curve.levels[long])
    of_ticks = _rounded(np.array([pixel for pixel, _ in axis.points]))
    if of_curve is None and long.sum() >= _LEAST_LINES and round(curve.width) == _EVEN:
        of_curve = 0.0  # marks and bands scatter the levels; such a line is moved to edges, or not
    return 0.0 if of_curve is None or of_ticks is None else of_ticks - of_curve


def _rounded(places: FloatArray) -> float | None:
    """0 if nearly all places are edges of pixels, 0.5 if they are middles; None otherwise."""
    if len(places) < _LEAST_LINES:
        return None
    mean = np.exp(2j * np.pi * places).mean()
    for part in (0.0, 0.5):
        away = np.abs((places - part + 0.5) % 1.0 - 0.5)
        off = abs((float(np.angle(mean)) / (2 * np.pi) - part + 0.5) % 1.0 - 0.5)
        if (away <= _EXACT).mean() >= _MOST or (abs(mean) >= _ROUNDED and off <= _NEAR):
            return part
    return None


def first_row(arm: TracedArm, straight: BoolArray) -> float:
    """Row in which a curve begins: the top of its fall, where it falls at once.

    `straight` says of each pixel, in rows of the trace, whether it is part of an axis or a grid.
    """
    near = slice(max(arm.curve.start - 2, 0), arm.curve.start + 2)
    ink = np.where(straight[:, near], 0.0, arm.like[:, near]).sum(axis=1) > _INK
    bare = np.flatnonzero(~ink[: int(arm.curve.rows[0])])
    return float(bare[-1] + 1 if len(bare) else 0) + arm.curve.width / 2
