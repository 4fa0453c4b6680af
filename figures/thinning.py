"""Fewer points for curves of thousands of patients, with nothing to be seen of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["MOST_STEPS", "kept_steps", "spaced"]

MOST_STEPS = 1500
_FINEST = 1 / 2000  # of the height: at two inches, less than a tenth of a point


def kept_steps(survival: FloatArray) -> npt.NDArray[np.intp]:
    """Choose the steps of a curve to draw.

    Parameters
    ----------
    survival : ndarray of float, shape (k,)
        Fractions, non-increasing.

    Returns
    -------
    ndarray of int, shape (m,)
        Indices, increasing, the first and the last among them. All of them if the curve has at
        most 1500 steps; of a longer one, the first at or below each 2000th of the height, so that
        what is drawn is nowhere further than that from the curve.
    """
    if survival.size <= MOST_STEPS:
        return np.arange(survival.size)
    level = np.ceil(survival / _FINEST)
    first_at_level = np.flatnonzero(np.diff(level, prepend=np.inf))
    return np.unique(np.append(first_at_level, survival.size - 1))


def spaced(times: FloatArray, *, gap: float) -> FloatArray:
    """Leave out times that follow the last one kept by less than `gap`.

    Parameters
    ----------
    times : ndarray of float, shape (k,)
        Increasing.
    gap : float
        In the unit of `times`.

    Returns
    -------
    ndarray of float, shape (m,)
    """
    kept: list[float] = []
    for time in times.tolist():
        if not kept or time - kept[-1] >= gap:
            kept.append(time)
    return np.array(kept)
