"""Censoring marks: short strokes across a curve, found once the curve is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .tracing import Trace

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

_FAINT, _CLEAR = 0.18, 0.32  # ink of a stroke's edge, and of its middle (thin strokes are pale)


_PLAIN = 0.7  # ink of the middle of a stroke that is certainly one
_LOW, _HIGH, _THIN = 0.55, 2.2, 0.4  # of the usual height (least, most) and ink (least) of a mark


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """Columns of the marks of one curve, and whether many of them run into each other."""

    columns: FloatArray
    merged: bool


def find_marks(like: FloatArray, curve: Trace) -> Marks:
    """Find the strokes that rise above a curve.

    Parameters
    ----------
    like : ndarray, shape (height, width)
        Ink of the curve's colour, 0 to 1, without the other curves of that colour.
    curve : Trace
        The curve itself.

    Returns
    -------
    Marks
        Empty if the curve carries no marks. Above a falling curve there is nothing but marks,
        so only the part above the line is looked at. Where strokes run into each other, as many
        are returned as are needed to cover the place: a lower bound of their number.
    """
    columns = curve.start + np.arange(len(curve.rows))
    base = _top_of_line(curve)
    above = _ink_above(like, base, columns, max(2, int(np.ceil(0.5 * curve.width))))
    reach = max(6.0 * curve.width, 0.07 * like.shape[0])
    above[: int(np.ceil(2 * curve.width)) + 2] = 0.0  # the axis stands there
    heights = _height(like, base, columns, int(reach) + 2)
    above = np.where(heights > reach, 0.0, above)
    runs = [(a, b) for a, b in _runs(above > _FAINT) if above[a:b].max() > _CLEAR]
    runs = _like_the_clear_ones(runs, above, heights)
    if not runs:
        return Marks(columns=np.zeros(0), merged=False)
    inks = np.array([float(above[a:b].sum()) for a, b in runs])
    single = _ink_of_one(inks, curve.width)
    found: list[float] = []
    merged = 0
    for (a, b), ink in zip(runs, inks, strict=True):
        count = max(1, round(ink / single)) if ink > 1.6 * single else 1
        merged += count > 1
        part = above[a:b]
        middle = float((part * (np.arange(a, b) + 0.5)).sum() / part.sum())
        spread = [middle] if count == 1 else list(a + (np.arange(count) + 0.5) * (b - a) / count)
        found += [curve.start + place for place in spread]
    return Marks(columns=np.array(found), merged=merged > 0.2 * len(runs))


def _ink_of_one(inks: FloatArray, width: float) -> float:
    """Ink of a mark that stands alone; where few do, a stroke about as thick as the line."""
    single = inks[inks <= 1.4 * width + 0.5]  # some of them are two that overlap
    if len(single) >= 3:
        return max(float(np.percentile(single, 25)), 0.6)
    return max(float(min(inks.min(), 0.8 * width)), 0.6)


def _like_the_clear_ones(
    runs: list[tuple[int, int]], above: FloatArray, heights: FloatArray
) -> list[tuple[int, int]]:
    """Strokes as high and as thick as the clear ones: edges and corners are lower or thinner."""
    if not runs:
        return []
    tops = np.array([heights[a:b].max() for a, b in runs])
    inks = np.array([above[a:b].sum() for a, b in runs])
    peaks = np.array([above[a:b].max() for a, b in runs])
    clear = peaks >= min(_PLAIN, 0.8 * float(peaks.max()))
    height = float(np.median(tops[clear]))
    ink = float(np.percentile(inks[clear], 15))
    alike = (tops >= _LOW * height) & (tops <= _HIGH * height) & (inks >= _THIN * ink)
    return [run for run, same in zip(runs, alike, strict=True) if same]


def _top_of_line(curve: Trace) -> IntArray:
    """First row of the line in each column; near a fall, that of the higher level."""
    reach = max(2, round(curve.width / 2) + 1)
    padded = np.pad(curve.rows, (reach, reach), mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    return np.asarray(np.floor(highest - curve.width / 2 - 0.5).astype(np.intp))


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


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
    )
