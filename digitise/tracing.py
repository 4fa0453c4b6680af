"""Tracing: the staircase that never rises, through pixels of which each has a cost."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from .traced import Trace, measured

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

_HIDDEN = 0.3  # cost of a pixel that something else covers
_BRIDGED = 0.25  # cost of a pixel in the gap of a dashed line
_WIDEST_GAP = 30  # pixels between two dashes
_ON_A_SLOPE = 0.8  # what ground between two dashes on a slope is worth
_FALL = 1.6  # how much dearer a pixel of a fall is than one of a level, where there is no ink
_DENSE = 1.8  # ratio of heights of the ink: above it, marks cover more than a third of the line
_FILLED, _STRETCH = 0.6, 12.0  # share of columns, and columns on end, that marks cover wholly
_THICKEST = 16  # pixels on either side of a line that are looked at for its thickness
_FALL_INK = 0.3  # what a pixel of ink along a fall is worth: long falls have to pay
ENDED = 0.42  # cost of a column in which the curve has ended
_OTHER_WIDTH = 1.3  # a line so much thicker or thinner than expected is traced again
_SEEN = 0.35  # ink of a curve's own
_MARK_EVEN = 0.6  # of its part below the line: how far a mark rises above it, at least


def line_width(like: FloatArray) -> float:
    """Width of the lines in a map of ink: the commonest length of its runs.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of one colour, 0 to 1.

    Returns
    -------
    float
        In pixels, at least 1.
    """
    mask = like > 0.4
    widths = [_commonest_run(mask), _commonest_run(mask.T)]
    return max(1.0, min(width for width in widths if width > 0) if any(widths) else 1.0)


def _commonest_run(mask: npt.NDArray[np.bool_]) -> float:
    """Mean length near the commonest length of the vertical runs; 0 without any."""
    padded = np.pad(mask, ((1, 1), (0, 0))).T.ravel().astype(np.int8)
    edges = np.diff(padded)
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    lengths = lengths[lengths <= 14]
    if len(lengths) < 10:
        return 0.0
    counts = np.bincount(lengths, minlength=16).astype(float)
    common = int(np.argmax(counts))
    near = [k for k in (common - 1, common, common + 1) if 0 < k < 16]
    return float(sum(k * counts[k] for k in near) / counts[near].sum())


def width_along(like: FloatArray, rows: IntArray, start: int) -> float | None:
    """Thickness of a line, measured across its levels.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of one colour, 0 to 1.
    rows : ndarray of int, shape (k,)
        Row of the line in each column from `start` on.
    start : int
        First column.

    Returns
    -------
    float or None
        In pixels, at least 1; of the thinner columns, as marks make others higher.
        None where fewer than ten columns show the line away from its falls.
    """
    columns = start + np.arange(len(rows))
    near = 3  # columns beside a fall
    change = np.concatenate([[False], np.diff(rows) > 1])
    level = np.convolve(change, np.ones(2 * near + 1), mode="same")[: len(rows)] < 0.5
    around = np.clip(rows[:, None] + np.arange(-1, 2), 0, len(like) - 1)
    peak = like[around, columns[:, None]].max(axis=1)
    level &= peak > 0.4
    if level.sum() < 10:
        return None
    offsets = np.arange(-_THICKEST, _THICKEST + 1)
    places = rows[level, None] + offsets
    ink = like[np.clip(places, 0, len(like) - 1), columns[level, None]] / peak[level, None]
    ink = np.where((places >= 0) & (places < len(like)), np.minimum(ink, 1.0), 0.0)
    bare = ink < 0.25
    up = np.cumsum(bare[:, _THICKEST::-1], axis=1) == 0
    down = np.cumsum(bare[:, _THICKEST:], axis=1) == 0
    inside = np.concatenate([up[:, :0:-1], down], axis=1)
    sizes = (ink * inside).sum(axis=1)
    least, low, usual = np.percentile(sizes, [5, 12, 35])
    if usual < _DENSE * least:
        return max(1.0, float(usual))
    thick = sizes > _DENSE * low
    stretches = max(int((np.diff(thick.astype(np.int8)) == 1).sum()), 1)
    if thick.mean() > _FILLED and thick.sum() / stretches > _STRETCH:
        return max(1.0, float(np.median(sizes[thick])))  # marks that leave no gap: their middle
    return max(1.0, float(low))


def costs(
    like: FloatArray, hidden: FloatArray, width: float, *, sloping: bool
) -> tuple[FloatArray, FloatArray]:
    """Cost of each pixel on a level and on a fall."""
    from scipy import ndimage

    size = max(1, round(width))
    gap = max(7, int(6 * width), dash_gap(like) + 4) | 1
    bare = 1.0 - (1.0 - _HIDDEN) * hidden
    # dashed lines: gaps along a level, along a fall, and across a flight of small steps
    flight = ndimage.grey_closing(like, size=(max(3, int(0.6 * gap)),) * 2)
    if sloping:
        flight = np.maximum(flight, _ON_A_SLOPE * _sloping(like, gap))
    costs = []
    for axis, dear in ((0, 1.0), (1, _FALL)):
        middle = ndimage.uniform_filter1d(like, size, axis=axis)
        bridged = ndimage.grey_closing(middle, size=(1, gap) if axis == 0 else (gap, 1))
        bridged = np.maximum(bridged, 0.9 * flight)
        full = _full_strength(middle, axis)
        ink = np.clip(np.maximum(middle, (1.0 - _BRIDGED) * bridged) / full, 0.0, 1.0)
        costs.append(dear * bare * (1.0 - ink) - _FALL_INK * axis * ink)
    return costs[0], costs[1]


def dash_gap(like: FloatArray) -> int:
    """Commonest gap between two dashes or dots of a level, in pixels; 0 where there is none."""
    ink = np.pad(like > 0.4, ((0, 0), (1, 1))).astype(np.int8)
    rows, starts = np.nonzero(np.diff(ink, axis=1) == 1)
    ends = np.nonzero(np.diff(ink, axis=1) == -1)[1]
    gaps = (starts[1:] - ends[:-1])[rows[1:] == rows[:-1]]
    near = gaps[gaps <= _WIDEST_GAP]
    if len(near) < 12:
        return 0
    counts = np.bincount(near, minlength=_WIDEST_GAP + 2)
    alike = counts[1:-1] + counts[:-2] + counts[2:]
    mode = int(np.argmax(alike)) + 1
    return mode if alike[mode - 1] >= 0.35 * len(gaps) else 0


def _sloping(like: FloatArray, gap: int) -> FloatArray:
    """Ground between two dashes of a flight of small steps, which runs down to the right."""
    from scipy import ndimage

    ink = ndimage.binary_dilation(like > 0.4, structure=np.ones((3, 3), dtype=bool))
    reach = gap // 2
    found = np.zeros_like(ink)
    for slope in (0.25, 0.5, 1.0, 2.0, 4.0):
        along = np.linspace(-reach, reach, 4 * gap) / max(1.0, slope)
        down, right = np.round(slope * along).astype(int), np.round(along).astype(int)
        found |= closed_along(ink, set(zip(down.tolist(), right.tolist(), strict=True)))
    return np.where(found, 1.0, 0.0)


def closed_along(ink: BoolArray, line: Collection[tuple[int, int]]) -> BoolArray:
    """Close the gaps of ink that are shorter than a line.

    Parameters
    ----------
    ink : ndarray of bool, shape (height, width)
    line : collection of tuple of int
        Rows and columns of its pixels from its middle, the same on both sides of it.

    Returns
    -------
    ndarray of bool, shape (height, width)
        As `scipy.ndimage.binary_closing`, which takes twenty times as long for a long thin line.
    """
    reach = max(max(abs(down), abs(right)) for down, right in line)
    height, width = ink.shape
    grown = np.zeros_like(ink)
    wide = np.pad(ink, reach)
    for down, right in line:
        grown |= wide[reach + down : reach + down + height, reach + right : reach + right + width]
    closed = np.ones_like(ink)
    wide = np.pad(grown, reach)
    for down, right in line:
        closed &= wide[reach + down : reach + down + height, reach + right : reach + right + width]
    return closed


def _full_strength(middle: FloatArray, axis: int) -> float:
    """Ink on the middle of a typical stroke: thin lines are paler than their colour."""
    peaks = middle.max(axis=axis)
    peaks = peaks[peaks > 0.2]
    return float(np.clip(0.95 * np.percentile(peaks, 40), 0.3, 0.9)) if len(peaks) else 0.85


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
