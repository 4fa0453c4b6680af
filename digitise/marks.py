"""Censoring marks: short strokes across a curve, found once the curve is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .tracing import Trace

FloatArray = npt.NDArray[np.float64]


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
        Ink of the curve's colour, 0 to 1.
    curve : Trace
        The curve itself.

    Returns
    -------
    Marks
        Empty if the curve carries no marks. Above a falling curve there is nothing but marks,
        so only the part above the line is looked at.
    """
    reach = max(2, round(curve.width / 2) + 1)
    rise = max(3, round(0.9 * curve.width) + 2)
    columns = curve.start + np.arange(len(curve.rows))
    # the highest place of the curve near each column: falls just before it are no marks
    padded = np.pad(curve.rows, (reach, reach), mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    base = np.floor(highest - curve.width / 2 - 0.5).astype(int)
    offsets = np.arange(-rise, 0)
    places = np.clip(base[:, None] + offsets[None, :], 0, like.shape[0] - 1)
    above = like[places, columns[:, None]].min(axis=1, initial=1.0, where=offsets[None, :] >= -2)
    above = np.where(base + offsets[0] >= 0, above, 0.0)
    runs = _runs(above > 0.4)
    if not runs:
        return Marks(columns=np.zeros(0), merged=False)
    widths = np.array([b - a for a, b in runs])
    usual = float(np.median(widths[widths <= np.percentile(widths, 50)]))
    found: list[float] = []
    merged = 0
    for (a, b), width in zip(runs, widths, strict=True):
        count = max(1, round(width / max(usual * 1.6, 2.0))) if width > 1.8 * usual else 1
        merged += count > 1
        part = above[a:b]
        middle = float((part * (np.arange(a, b) + 0.5)).sum() / part.sum())
        spread = [middle] if count == 1 else list(a + (np.arange(count) + 0.5) * width / count)
        found += [curve.start + place for place in spread]
    return Marks(columns=np.array(found), merged=merged > 0.2 * len(runs))


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
    )
