"""Censoring marks: short strokes across a curve, found once the curve is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .canvas import runs
from .traced import Trace

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

_FAINT, _CLEAR = 0.18, 0.32  # ink of a stroke's edge, and of its middle (thin strokes are pale)


_ALIKE = 0.4  # share of the places with marks that hold one mark each, if marks stand alone
_SAME = 0.25  # relative difference of the inks of two marks that stand alone
_SHARP = 0.05  # ink in the row beside a line that has no pale edge
_PLAIN = 0.7  # ink of the middle of a stroke that is certainly one
_LOW, _HIGH, _THIN = 0.55, 2.2, 0.4  # of the usual height (least, most) and ink (least) of a mark
_FARTHEST_MARK = 8.0  # pixels from the line, at least, where there are no marks of it


_PART = 0.4  # of a mark's width
_MANY_INKS, _USUAL = 3.2, 0.3  # times the ink of a thin mark, and share of the marks, of thick ones
_ALIKE_INK = 0.12  # relative difference of the inks of two thick marks; of thin ones merged, more
_OUTLINE = 0.3  # ink of an outline
_OUTLINED = 0.8  # marks for each stroke, if many marks have two
_WIDEST_SHAPE = 2.6  # gap between the sides of a mark, of its height above the line
_LEANING = 0.45  # columns for each row: the strokes of a cross go one


def find_marks(like: FloatArray, curve: Trace) -> FloatArray:
    """Find the strokes that cross a curve.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of the curve's colour, 0 to 1, without the other curves of that colour.
    curve : Trace
        The curve itself.

    Returns
    -------
    ndarray, shape (m,)
        Their columns; empty if the curve carries no marks. Above and below a falling curve there
        is nothing but marks, except beside its falls: above it just after a fall, and below it
        just before one, the higher or lower level counts as the line. Where strokes run into each
        other, as many are returned as are needed to cover the place: a lower bound of their number.
    """
    above, heights = _strokes(like, curve)
    inked = [(a, b) for a, b in runs(above > _FAINT) if above[a:b].max() > _CLEAR]
    strokes = _like_the_clear_ones(inked, above, heights)
    if not strokes:
        return np.zeros(0)
    shapes = outlined_shapes(like, curve, strokes)
    if len(shapes) < _OUTLINED * len(strokes):
        return _marks_of_shapes(shapes, strokes, curve)
    inks = np.array([float(above[a:b].sum()) for a, b in strokes])
    single = _ink_of_one(inks, curve.width)
    found: list[float] = []
    for (a, b), ink in zip(strokes, inks, strict=True):
        count = max(1, round(ink / single)) if ink > 1.6 * single else 1
        part = above[a:b]
        middle = float((part * (np.arange(a, b) + 0.5)).sum() / part.sum())
        spread = [middle] if count == 1 else list(a + (np.arange(count) + 0.5) * (b - a) / count)
        found += [curve.start + place for place in spread]
    return np.array(found)


def _marks_of_shapes(
    shapes: Sequence[tuple[int, int]], strokes: Sequence[tuple[int, int]], curve: Trace
) -> FloatArray:
    """Place marks that are outlines, such as circles, as wide as most of those with two sides."""
    alone = set(strokes)  # one side of an outline, or a mark that is too small for two
    whole = [b - a for a, b in shapes if (a, b) not in alone]
    usual = float(np.median(whole))
    places: list[list[int]] = []
    for a, b in shapes:  # what is nearer than a mark is wide is a part of the one beside it
        if places and a - places[-1][1] < _PART * usual and min(b - a, a - places[-1][1]) < usual:
            places[-1][1] = b
        else:
            places.append([a, b])
    found: list[float] = []
    for a, b in places:
        sides = sum(a <= stroke[0] < b for stroke in strokes)
        count = max(1, round((b - a) / usual), sides // 2)
        found += list(curve.start + a + (np.arange(count) + 0.5) * (b - a) / count)
    return np.array(found)


def outlined_shapes(
    like: FloatArray, curve: Trace, strokes: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Join the strokes beside a line that are sides of one circle, square, triangle or cross.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of the curve's colour.
    curve : Trace
    strokes : sequence of tuple of int
        First column and the one after the last of each stroke, counted from the curve's start.

    Returns
    -------
    list of tuple of int
        The same of each mark. Sides of an outline meet above or below the line; those of a cross
        lean towards each other where they meet it. Upright strokes do neither.
    """
    columns = curve.start + np.arange(len(curve.rows))
    reach = int(max(6.0 * curve.width, 0.07 * like.shape[0])) + 2
    sides = [
        _side_of_line(sheet, rows, columns, width=curve.width, reach=reach)
        for sheet, rows in ((like, curve.rows), (like[::-1], len(like) - curve.rows))
    ]
    joined = [strokes[0]]
    for last, stroke in pairwise(strokes):
        if any(_are_one_shape(side, last, stroke, curve.width) for side in sides):
            joined[-1] = (joined[-1][0], stroke[1])
        else:
            joined.append(stroke)
    return joined


def _side_of_line(
    like: FloatArray, rows: FloatArray, columns: IntArray, *, width: float, reach: int
) -> IntArray:
    """Return the number of the connected piece of ink of each pixel, from a line upwards."""
    from scipy import ndimage

    base = _top_of_line(like, rows, columns, width)
    places = base[None, :] - np.arange(1, reach + 1)[:, None]
    ink = like[np.clip(places, 0, like.shape[0] - 1), columns[None, :]]
    inked = (ink > _OUTLINE) & (places >= 0)
    return np.asarray(ndimage.label(inked, structure=np.ones((3, 3)))[0])


def _are_one_shape(
    pieces: IntArray, one: tuple[int, int], other: tuple[int, int], width: float
) -> bool:
    """Whether two strokes next to each other are of one shape, as seen on one side of the line."""
    first, second = (pieces[:2, max(a - 1, 0) : b + 1] for a, b in (one, other))
    shared = set(first[first > 0].tolist()) & set(second[second > 0].tolist())
    gap = other[0] - one[1]
    for piece in shared:
        inside = (pieces == piece)[:, one[0] : other[1]]
        height = int(np.flatnonzero(inside.any(axis=1))[-1]) + 1
        # the strokes meet away from the line, no further than a shape is wide
        bare = ~inside[0, one[1] - one[0] : other[0] - one[0]].all()
        if bare and gap <= _WIDEST_SHAPE * height + width:
            return True
    left, right = _lean(pieces, one), _lean(pieces, other)
    return left <= -_LEANING and right >= _LEANING and gap <= width + 3.0


def _lean(pieces: IntArray, run: tuple[int, int]) -> float:
    """Columns to the right by which a stroke goes for each row away from the line."""
    near = pieces[:2, run[0] : run[1]]
    if not near.any():
        return 0.0
    piece = int(np.bincount(near[near > 0]).argmax())
    rows, columns = np.nonzero(pieces == piece)
    if np.ptp(rows) < 1 or np.ptp(columns) > 4 * (np.ptp(rows) + 1):
        return 0.0
    return float(np.polyfit(rows, columns, 1)[0])


def _strokes(like: FloatArray, curve: Trace) -> tuple[FloatArray, FloatArray]:
    """Ink beside the line in each column, above or below it, and how far it goes."""
    columns = curve.start + np.arange(len(curve.rows))
    least = max(2, int(np.ceil(0.5 * curve.width)))
    reach = max(6.0 * curve.width, 0.07 * like.shape[0])
    inks, heights = np.zeros(len(columns)), np.zeros(len(columns))
    for sheet, rows in ((like, curve.rows), (like[::-1], len(like) - curve.rows)):
        base = _top_of_line(sheet, rows, columns, curve.width)
        high = _height(sheet, base, columns, int(reach) + 2)
        ink = np.where(high > reach, 0.0, _ink_above(sheet, base, columns, least))
        inks = np.maximum(inks, ink)
        heights = np.where(ink > _FAINT, np.maximum(heights, high), heights)
    inks[: int(np.ceil(2 * curve.width)) + 2] = 0.0  # the axis stands there
    return inks, heights


def _ink_of_one(inks: FloatArray, width: float) -> float:
    """Ink of a mark that stands alone: of a thin one, unless most are alike and far thicker."""
    thin = _ink_of_thin(inks, width)
    ratios = np.abs(inks[:, None] / inks[None, :] - 1.0)
    counts = (ratios < _ALIKE_INK).sum(axis=0)
    k = int(np.argmax(counts * np.sqrt(inks)))
    most = max(2, _USUAL * len(inks), int((np.abs(inks / thin - 1.0) < _SAME).sum()))
    filled = inks[k] > _MANY_INKS * thin and counts[k] >= most
    return float(np.median(inks[ratios[:, k] < _ALIKE_INK])) if filled else thin


def _ink_of_thin(inks: FloatArray, width: float) -> float:
    """Ink of a thin mark that stands alone; where none does, a stroke half as thick as the line."""
    single = inks[inks <= 1.4 * width + 0.5]  # some of them are two that overlap
    if len(single) >= 3:
        single = np.sort(single)
        same = np.abs(single[:, None] / single[None, :] - 1.0) < _SAME
        return max(float(single[np.argmax(same.sum(axis=0))]), 0.6)
    small = float(np.percentile(inks, 20))  # marks thicker than the line, most of them alone
    alike = inks[(inks > 0.7 * small) & (inks < 1.4 * small)]
    if len(alike) >= max(_ALIKE * len(inks), 3):
        return max(float(np.median(alike)), 0.6)
    thick = 0.8 if len(single) else 0.5
    return max(float(min(inks.min(), thick * width)), 0.6)


def _like_the_clear_ones(
    strokes: list[tuple[int, int]], above: FloatArray, heights: FloatArray
) -> list[tuple[int, int]]:
    """Strokes as high and as thick as the clear ones: edges and corners are lower or thinner."""
    if not strokes:
        return []
    tops = np.array([heights[a:b].max() for a, b in strokes])
    inks = np.array([above[a:b].sum() for a, b in strokes])
    peaks = np.array([above[a:b].max() for a, b in strokes])
    clear = peaks >= min(_PLAIN, 0.8 * float(peaks.max()))
    height = float(np.median(tops[clear]))
    ink = float(np.percentile(inks[clear], 15))
    alike = (tops >= _LOW * height) & (tops <= _HIGH * height) & (inks >= _THIN * ink)
    return [stroke for stroke, same in zip(strokes, alike, strict=True) if same]


def _top_of_line(like: FloatArray, rows: FloatArray, columns: IntArray, width: float) -> IntArray:
    """First row of the line in each column; near a fall, that of the higher level."""
    reach = int(np.ceil(width / 2)) + 1  # up to the pale edge of a fall
    padded = np.pad(rows, (reach, reach), mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    top = np.floor(highest - width / 2 - 0.5).astype(np.intp)
    edge = like[np.clip(top, 0, len(like) - 1), columns]
    drawn = like[np.clip(rows.astype(np.intp), 0, len(like) - 1), columns] > _PLAIN
    # the row above a sharp line is as bare as those above it: small marks are seen in it
    sharp = drawn.any() and float(np.percentile(edge[drawn], 60)) < _SHARP
    return np.asarray(top + 1 if sharp else top)


def _ink_above(like: FloatArray, base: IntArray, columns: IntArray, rows: int) -> FloatArray:
    """Least ink of the rows just above the line, in each column."""
    places = base[:, None] - np.arange(1, rows + 1)[None, :]
    ink = like[np.clip(places, 0, like.shape[0] - 1), columns[:, None]]
    return np.where(places[:, -1] >= 0, ink.min(axis=1), 0.0)


def _height(like: FloatArray, base: IntArray, columns: IntArray, most: int) -> FloatArray:
    """How far the ink goes up without a gap, in pixels."""
    places = base[:, None] - np.arange(1, most + 1)[None, :]
    ink = like[np.clip(places, 0, like.shape[0] - 1), columns[:, None]] > _FAINT
    bare = ~ink | (places < 0)
    return np.where(bare.any(axis=1), bare.argmax(axis=1), most).astype(float)


def share_beside(alone: FloatArray, curve: Trace) -> float:
    """Return along how much of a curve there is ink of its colour elsewhere, above or below it.

    Parameters
    ----------
    alone : ndarray of float, shape (height, width)
        How much each pixel has the arm's colour, without the lines of other arms.
    curve : Trace
        What was taken for the arm.

    Returns
    -------
    float
        Share of its columns: some for marks, nearly all where confidence limits are drawn like the
        curve.
    """
    columns = np.arange(int(curve.start), min(int(curve.end), alone.shape[1]))
    if not columns.size:
        return 0.0
    place = np.searchsorted(curve.falls, columns, side="right")
    level = curve.levels[np.minimum(place, len(curve.levels) - 1)]
    away = np.abs(np.arange(alone.shape[0])[:, None] - level) > max(
        3.0 * curve.width, _FARTHEST_MARK
    )
    return float(((alone[:, columns] > 0.5) & away).any(axis=0).mean())
