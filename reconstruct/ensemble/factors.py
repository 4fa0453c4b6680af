"""What a random order of events and censorings multiplies survival by."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import IntArray

__all__ = ["censorings_for", "events_for", "mean_log_factor", "variance_log_factor"]

STEPS = 4
HALVINGS = 14
TINY = 1e-300
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
    found = np.empty(events.size)
    for rows in _parts(found.size):
        d, c, r = (each[rows].astype(float) for each in (events, censored, at_risk))
        found[rows] = _mean_of(d, r - c * gone[rows].T)
    return found


def _parts(size: int) -> Iterator[slice]:
    """Cut rows into parts that the processor's cache holds."""
    return (slice(first, first + ROWS) for first in range(0, size, ROWS))


@functools.cache
def _nodes(count: int) -> FloatArray:
    """Return the middles of evenly spaced shares, shape (count, 1)."""
    return (np.arange(count)[:, None] + 0.5) / count


def _mean_of(events: FloatArray, uncensored: FloatArray) -> FloatArray:
    """Return the expected logarithm, given at risk less censored by each node, (nodes, rows)."""
    nodes = _nodes(len(uncensored))
    left = nodes * events  # a row per node: long rows are quick to sum
    np.subtract(uncensored, left, out=left)
    np.maximum(left, 0.5, out=left)
    np.divide(1.0, left, out=left)
    total = left.sum(axis=0)
    total *= events
    total /= -len(nodes)
    return np.asarray(total)


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
    added: FloatArray | None = None,
) -> FloatArray:
    """Return how many events, not whole, give a factor.

    With `instead`, events take the place of censorings: both together are `censored`. With `added`,
    of shape (rows,), only floor(events + added) is wanted: rows in which more steps would not
    change that have fewer.
    """
    found = np.empty(log_factor.size)
    for rows in _parts(found.size):
        found[rows] = _solved(
            log_factor[rows],
            censored[rows].astype(float),
            at_risk[rows].astype(float),
            gone[rows].T,
            instead=instead,
            added=None if added is None else added[rows],
        )
    return found


def _solved(
    log_factor: FloatArray,
    censored: FloatArray,
    at_risk: FloatArray,
    gone: FloatArray,
    *,
    instead: bool,
    added: FloatArray | None,
) -> FloatArray:
    """Return the events of `events_for` for so few rows that the processor's cache holds them.

    Notes
    -----
    A step multiplies the events by what the factor wanted is of the one that they give. Each
    changes them by less than half as much as the step before, or goes on: all later ones together
    then change them by less than the last, and no floor that is farther away changes.
    """
    events = -np.expm1(log_factor) * at_risk
    found, todo, change = events, np.arange(events.size), np.full(events.size, np.inf)
    uncensored = at_risk - censored * gone
    for step in range(1, STEPS + 1):
        if instead:
            uncensored = at_risk - np.maximum(censored - events, 0.0) * gone
        given = _mean_of(events, uncensored)
        new = events * (log_factor / np.minimum(given, -TINY))
        np.minimum(new, at_risk, out=new)
        change, last, events = np.abs(new - events), change, new
        found[todo] = events
        if added is None or step == 1 or step == STEPS:
            continue
        whole = events + added
        whole -= np.floor(whole)
        going = np.flatnonzero((np.minimum(whole, 1.0 - whole) <= change) | (2 * change > last))
        if not going.size:
            break
        todo, change, events = todo[going], change[going], events[going]
        log_factor, at_risk, added = log_factor[going], at_risk[going], added[going]
        uncensored = uncensored.take(going, axis=1)
        if instead:
            censored, gone = censored[going], gone.take(going, axis=1)
    return found


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
