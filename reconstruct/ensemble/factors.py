"""What a random order of events and censorings multiplies survival by."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import IntArray

__all__ = ["censorings_for", "events_for", "mean_log_factor", "variance_log_factor"]

STEPS = 4
HALVINGS = 14
ROWS = 2048  # at a time


def mean_log_factor(
    events: FloatArray | IntArray,
    censored: FloatArray | IntArray,
    *,
    at_risk: IntArray,
    gone: FloatArray,
) -> FloatArray:
    """Return the expected logarithm of the factor, for each row.

    Parameters
    ----------
    events, censored, at_risk : ndarray, shape (rows,)
        Exits of either kind, and the patients at risk before them.
    gone : ndarray of float, shape (rows, nodes)
        Share of the censorings that have happened when evenly spaced shares of the events have.

    Notes
    -----
    An event that leaves s patients, itself included, takes -1/(s - 1/2) from log survival to second
    order; s runs down as both kinds leave.
    """
    return _mean_given(events, at_risk=at_risk, censored=censored[:, None] * gone)


def _mean_given(
    events: FloatArray | IntArray, *, at_risk: IntArray, censored: FloatArray
) -> FloatArray:
    """Return the expected logarithm, given how many are censored by each node, (rows, nodes)."""
    found = np.empty(len(censored))
    for first in range(0, found.size, ROWS):
        rows = slice(first, first + ROWS)
        found[rows] = _mean_of(events[rows], at_risk[rows], censored[rows])
    return found


def _mean_of(events: FloatArray | IntArray, at_risk: IntArray, censored: FloatArray) -> FloatArray:
    """Return the expected logarithm of so few rows that the processor's cache holds them."""
    nodes = (np.arange(censored.shape[1]) + 0.5) / censored.shape[1]
    left = np.empty(censored.shape[::-1])  # a row per node: long rows are quick to sum
    np.multiply(events, nodes[:, None], out=left)
    np.subtract(at_risk, left, out=left)
    left -= censored.T
    np.maximum(left, 0.5, out=left)
    np.divide(1.0, left, out=left)
    while len(left) > 1:  # in pairs, which rounds least
        left = left[::2] + left[1::2]
    return np.asarray(-events * (left[0] / censored.shape[1]))


def variance_log_factor(events: IntArray, censored: IntArray, *, at_risk: IntArray) -> FloatArray:
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
    at_risk: IntArray,
    gone: FloatArray,
    instead: bool = False,
) -> FloatArray:
    """Return how many events, not whole, give a factor.

    With `instead`, events take the place of censorings: both together are `censored`.
    """
    events = -np.expm1(log_factor) * at_risk
    taken = censored[:, None] * gone
    for _ in range(STEPS):
        if instead:
            taken = np.maximum(censored - events, 0.0)[:, None] * gone
        given = _mean_given(events, at_risk=at_risk, censored=taken)
        events = events * np.divide(log_factor, given, out=np.ones_like(given), where=given < 0)
        events = np.minimum(events, at_risk)
    return np.asarray(events, dtype=np.float64)


def censorings_for(
    log_factor: FloatArray, events: IntArray, *, at_risk: IntArray, gone: FloatArray
) -> FloatArray:
    """Return how many censorings, not whole, make a number of events give a factor."""
    low, high = np.zeros(events.size), np.maximum(at_risk - events, 0).astype(float)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        too_low = mean_log_factor(events, middle, at_risk=at_risk, gone=gone) < log_factor
        low, high = np.where(too_low, low, middle), np.where(too_low, middle, high)
    return np.asarray((low + high) / 2)
