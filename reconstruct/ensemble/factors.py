"""What a random order of events and censorings multiplies survival by."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import IntArray

__all__ = ["NODES", "censorings_for", "events_for", "mean_log_factor", "variance_log_factor"]

HALVINGS = 14
LAST = 0.5  # patients left, at least, where numbers run out

_points, _weights = np.polynomial.legendre.leggauss(4)
NODES = (_points + 1) / 2  # shares of the events at which the number at risk is looked at
WEIGHTS = _weights / 2  # of Gauss and Legendre


def mean_log_factor(
    events: FloatArray | IntArray,
    censored: FloatArray | IntArray,
    *,
    at_risk: FloatArray | IntArray,
    gone: FloatArray,
) -> FloatArray:
    """Return the expected logarithm of the factor.

    Parameters
    ----------
    events, censored, at_risk : ndarray, of shapes that broadcast together
        Exits of either kind, and the patients at risk before them.
    gone : ndarray of float, shape (nodes, ...)
        Share of the censorings that have happened when `NODES` of the events have.

    Notes
    -----
    An event that leaves s patients, itself included, takes -1/(s - 1/2) from log survival to second
    order; s runs down as both kinds leave.
    """
    left = at_risk - censored * gone
    left -= _each(NODES, left) * events
    np.maximum(left, LAST, out=left)
    np.divide(1.0, left, out=left)
    return np.asarray(-events * _mean(left))


def _each(values: FloatArray, like: FloatArray) -> FloatArray:
    """Return a value for each node, to be broadcast with an array whose first axis is nodes."""
    return values.reshape(-1, *(1,) * (like.ndim - 1))


def _mean(values: FloatArray) -> FloatArray:
    """Return the mean over nodes, the first axis."""
    return np.asarray(np.tensordot(WEIGHTS, values, axes=1))


def variance_log_factor(
    events: IntArray, censored: IntArray, *, at_risk: FloatArray | IntArray
) -> FloatArray:
    """Return the variance of the logarithm of the factor over all orders, for each row.

    Notes
    -----
    Events take a random sample, without replacement, of the places in the order; the place with s
    patients left is worth about 1/s. Sums over places are replaced by integrals.
    """
    leaving = np.maximum(events + censored, 1)
    first, last = np.maximum(at_risk, 1) + 0.5, np.maximum(at_risk - leaving, 0) + 0.5
    square = (1.0 / last - 1.0 / first) / leaving
    mean = np.log(first / last) / leaving
    pairs = events * censored / np.maximum(leaving - 1, 1)
    return np.asarray(np.maximum(pairs * (square - mean**2), 0.0))


def events_for(
    log_factor: FloatArray,
    censored: IntArray,
    *,
    at_risk: FloatArray | IntArray,
    gone: FloatArray,
    instead: bool = False,
) -> FloatArray:
    """Return how many events, not whole, give a factor.

    With `instead`, events take the place of censorings: both together are `censored`.

    Notes
    -----
    Newton's method, from the events among as many at risk as there are on average; a second step
    where the first was of more than an event.
    """
    uncensored = at_risk - censored * gone
    nodes = _each(NODES, uncensored)
    falls = nodes - gone if instead else nodes  # at each node, for every event
    share = -np.expm1(log_factor)
    start = share * _mean(uncensored)
    if instead:
        start /= 1.0 - share * _mean(gone)
    events = _nearer(start, log_factor, (uncensored, falls), at_risk)
    far = np.abs(events - start) > 1.0
    if far.any():
        left = uncensored[:, far], np.broadcast_to(falls, uncensored.shape)[:, far]
        most = np.broadcast_to(np.asarray(at_risk, dtype=float), far.shape)[far]
        events[far] = _nearer(events[far], log_factor[far], left, most)
    return events


def _nearer(
    events: FloatArray,
    log_factor: FloatArray,
    left: tuple[FloatArray, FloatArray],
    most: FloatArray | IntArray,
) -> FloatArray:
    """Return events after a step of Newton's method.

    `left` is how many would be at risk at each node without events, and what each event takes.
    """
    inverse = left[0] - left[1] * events
    np.maximum(inverse, LAST, out=inverse)
    np.divide(1.0, inverse, out=inverse)
    given = -events * _mean(inverse)
    inverse *= inverse
    inverse *= left[0]
    step = (given - log_factor) / np.maximum(_mean(inverse), 1e-12)
    return np.asarray(np.clip(events + step, 0.0, most))


def censorings_for(
    log_factor: FloatArray, events: IntArray, *, at_risk: FloatArray | IntArray, gone: FloatArray
) -> FloatArray:
    """Return how many censorings, not whole, make a number of events give a factor."""
    low, high = np.zeros(events.shape), np.maximum(at_risk - events, 0).astype(float)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_low = mean_log_factor(events, middle, at_risk=at_risk, gone=gone) < log_factor
        low, high = np.where(too_low, low, middle), np.where(too_low, middle, high)
    return np.asarray((low + high) / 2)
