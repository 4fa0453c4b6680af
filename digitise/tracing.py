"""Tracing: the staircase that never rises, solved over all columns of the plot at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .line_ink import costs, line_width, width_along

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ENDED = 0.42  # cost of a column in which the curve has ended
_OTHER_WIDTH = 1.3  # a line so much thicker or thinner than expected is traced again
_SEEN = 0.35  # ink of a curve's own
_BESIDE = 0.8  # pixels between the middles of two strokes: less is noise
_MARK_EVEN = 0.6  # of its part below the line: how far a mark rises above it, at least


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
        own = float((self.own > 0.35).mean()) if len(self.own) else 0.0
        return own / max(1.0 - self.covered, own, 1e-9)

    @property
    def end(self) -> float:
        """Column at which the drawing ends."""
        return float(self.start + len(self.rows))

    @property
    def support(self) -> float:
        """Share of the columns that show the curve's own ink."""
        return float((self.own > 0.35).mean()) if len(self.own) else 0.0


def trace(
    like: FloatArray,
    hidden: FloatArray,
    *,
    start: int,
    start_row: float,
    slack: float,
    sloping: bool = False,
) -> Trace | None:
    """Find the staircase through the ink of one colour.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of the curve's colour, 0 to 1.
    hidden : ndarray, shape (height, width)
        Where other lines, text or the frame may cover the curve, 0 to 1.
    start : int
        Column of time 0.
    start_row : float
        Row of survival 1.
    slack : float
        How far from that row the curve may start, in pixels.
    sloping : bool
        Whether gaps of a dashed line are bridged on slopes, too; it may then change to another.

    Returns
    -------
    Trace or None
        None if no ink of the colour lies on any staircase.

    Notes
    -----
    The cost of a staircase is the sum over columns of the cost of its row there and over the
    pixels of its falls: 0 on the line's middle, 0.3 where something else covers it, 1 on bare
    ground (1.6 along a fall, where ink is worth 0.3), 0.42 a column after its end, which is on
    ink of its own. Dynamic programming over columns finds the cheapest: a fall within a column is
    a running minimum of cost minus cumulative cost.
    """
    width = line_width(like)
    for _ in range(2):
        level, fall = costs(like, hidden, width, sloping=sloping)
        rows = cheapest_rows(
            level, fall, start=start, start_row=start_row, slack=slack, ends=_inked(like)
        )
        if len(rows) < 3:
            return None
        seen = width_along(like, rows, start)
        fits = seen is None or 1 / _OTHER_WIDTH < seen / width < _OTHER_WIDTH
        width = width if seen is None else seen
        if fits:
            break
    rows = _without_last_mark(like, rows, start, width)
    return measured(like, hidden, rows=rows, start=start, width=width)


def _inked(like: FloatArray) -> BoolArray:
    """Pixels on or beside ink of the curve, where alone its end is seen: what hides it hides that.

    A name beside the end of a curve, or another line that goes on there, would otherwise be
    followed, as a covered column costs less than one in which the curve has ended.
    """
    from scipy import ndimage

    return np.asarray(ndimage.maximum_filter1d(like, 3, axis=0) > _SEEN)


def _without_last_mark(like: FloatArray, rows: IntArray, start: int, width: float) -> IntArray:
    """End a path on its level where its last fall only follows a mark, which rises as high."""
    turns = np.flatnonzero(np.diff(rows) > 0) + 1
    last = int(np.ceil(1.5 * width)) + 2  # columns: a longer level after the fall is one
    late = turns[turns >= len(rows) - last]
    if len(late) == 0 or late[0] == 0:
        return rows
    level = int(rows[late[0] - 1])
    depth = int(rows[-1]) - level
    if depth <= width / 2 + 1 and len(rows) - late[0] <= width / 2 + 1:
        return np.minimum(rows, level)  # within the thickness of the line, whose end is inked
    columns = start + np.arange(late[0], len(rows))
    above = like[max(level - depth, 0) : level + 1, columns]
    needed = int(np.ceil(_MARK_EVEN * (depth + 1)))
    rises = (above[-needed:] > 0.4).all(axis=0).any() and depth > width / 2
    return np.minimum(rows, level) if rises else rows


def cheapest_rows(
    level: FloatArray,
    fall: FloatArray,
    *,
    start: int,
    start_row: float,
    slack: float,
    ends: BoolArray | None = None,
) -> IntArray:
    """Find the cheapest staircase.

    Parameters
    ----------
    level, fall : ndarray, shape (height, width)
        Cost of each pixel on a level and on a fall; below 0 where a pixel is worth a way.
    start : int
        First column.
    start_row, slack : float
        Row at the start, and how far from it costs nothing, in pixels.
    ends : ndarray of bool, shape (height, width), optional
        Pixels at which the staircase may end; any by default, and if there is none.

    Returns
    -------
    ndarray of int, shape (k,)
        Row in each column from `start` to the curve's end.
    """
    height, width = level.shape
    index = np.arange(height)
    cost = 2.0 * np.maximum(np.abs(index - start_row) - slack, 0.0)
    came_from = np.zeros((width, height), dtype=np.int32)
    totals = np.full(width, np.inf)
    last_rows = np.zeros(width, dtype=np.intp)
    cumulative = np.cumsum(fall, axis=0)
    if ends is not None and not ends[:, start:].any():
        ends = None
    for column in range(start, width):
        spent = cumulative[:, column]
        reduced = cost - spent
        running = np.minimum.accumulate(reduced)
        came_from[column] = np.maximum.accumulate(np.where(reduced <= running, index, 0))
        cost = running + spent + level[:, column]
        final = cost if ends is None else np.where(ends[:, column], cost, np.inf)
        last_rows[column] = int(np.argmin(final))
        totals[column] = final[last_rows[column]] + ENDED * (width - 1 - column)
    end = int(np.argmin(totals))
    rows = np.zeros(end - start + 1, dtype=np.intp)
    row = int(last_rows[end]) if end >= start else 0
    for column in range(end, start - 1, -1):
        rows[column - start] = row
        row = int(came_from[column, row])
    return rows


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
