"""Curves through known points, a row per scenario, all rows at once."""

from __future__ import annotations

import itertools

import numpy as np

from ..pseudo_ipd import FloatArray, IntArray

__all__ = ["monotone_cubics", "straight_lines"]


def monotone_cubics(time: FloatArray, place: IntArray, value: FloatArray) -> FloatArray:
    """Interpolate values that never fall, so that what is between them never falls.

    Parameters
    ----------
    time : ndarray of float, shape (rows, k)
        Where the curves are wanted, rising.
    place : ndarray of int, shape (m,)
        Columns of `time` at which the curves are known, rising, the first of them 0; at least two.
    value : ndarray of float, shape (rows, m)
        Their heights there.

    Returns
    -------
    ndarray of float, shape (rows, k)
        Heights of the curves, level after the last known one.

    Notes
    -----
    Derivatives are those of Fritsch and Butland [1]_, weighted by the distances of the points.
    scipy's PchipInterpolator gives the same numbers to the last bit; it takes one row of times.

    References
    ----------
    .. [1] Fritsch FN, Butland J. SIAM J Sci Stat Comput 1984;5:300-304. doi:10.1137/0905021.
    """
    known = time[:, place]
    width = np.diff(known, axis=1)
    slope = np.diff(value, axis=1) / width
    steep = _derivatives(width, slope)
    bend = (steep[:, :-1] + steep[:, 1:] - 2 * slope) / width
    square, cube = (slope - steep[:, :-1]) / width - bend, bend / width
    made = np.empty(time.shape)
    for number, (first, last) in enumerate(itertools.pairwise(place)):
        columns = slice(first, last + 1)
        past = time[:, columns] - known[:, number, None]
        inside = value[:, number, None] + steep[:, number, None] * past
        power = past * past
        inside += square[:, number, None] * power
        power *= past
        inside += cube[:, number, None] * power
        made[:, columns] = inside
    made[:, place[-1] + 1 :] = made[:, place[-1], None]
    return made


def _derivatives(width: FloatArray, slope: FloatArray) -> FloatArray:
    """Return the derivatives at the points: weighted harmonic means of the slopes beside them."""
    if slope.shape[1] == 1:
        return np.repeat(slope, 2, axis=1)
    made = np.zeros((slope.shape[0], slope.shape[1] + 1))
    before, after = 2 * width[:, 1:] + width[:, :-1], width[:, 1:] + 2 * width[:, :-1]
    rises = (slope[:, 1:] > 0) & (slope[:, :-1] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):  # where it does not rise it is level
        mean = (before / slope[:, :-1] + after / slope[:, 1:]) / (before + after)
    np.divide(1.0, mean, out=made[:, 1:-1], where=rises)
    made[:, 0] = _at_end(width[:, 0], width[:, 1], slope[:, 0], slope[:, 1])
    made[:, -1] = _at_end(width[:, -1], width[:, -2], slope[:, -1], slope[:, -2])
    return made


def _at_end(
    width: FloatArray, next_width: FloatArray, slope: FloatArray, next_slope: FloatArray
) -> FloatArray:
    """Return the derivative at an end: of the parabola through three points, not below 0."""
    found = ((2 * width + next_width) * slope - width * next_slope) / (width + next_width)
    return np.maximum(found, 0.0)


def straight_lines(time: FloatArray, value: FloatArray, at: FloatArray) -> FloatArray:
    """Interpolate linearly, as `numpy.interp` does with one row, in every row at its own times.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
        Rising.
    value : ndarray of float, shape (rows, k)
        Heights at them.
    at : ndarray of float, shape (rows, m)
        From the first to the last of these times.
    """
    place = np.clip(np.searchsorted(time, at, side="right") - 1, 0, time.size - 2)
    low, high = (np.take_along_axis(value, place + each, axis=1) for each in (0, 1))
    slope = (high - low) / (time[place + 1] - time[place])
    return np.asarray(slope * (at - time[place]) + low)
