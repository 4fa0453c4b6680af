"""Random orders of events and censorings: their factors of survival, and those that fit."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import BoolArray, FloatArray, IntArray

__all__ = [
    "NODES",
    "censorings_for",
    "events_for",
    "exchanged",
    "mean_log_factor",
    "variance_log_factor",
]

EXCHANGES = 24
LAST_LEFT = 1.0 + 1e-9  # at risk for the last patient, whose event takes survival to almost 0
TINY = 1e-12
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


def exchanged(
    event: BoolArray,
    anybody: BoolArray,
    at_risk: IntArray,
    *,
    factor: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    rng: np.random.Generator,
) -> tuple[BoolArray, FloatArray]:
    """Exchange a few events and censorings in each row until the factor is inside.

    Parameters
    ----------
    event : ndarray of bool, shape (rows, places)
        Kinds of the exits, in order.
    anybody : ndarray of bool, shape (rows, places)
        False where a row has fewer exits.
    at_risk : ndarray of int, shape (rows,)
        Patients at risk before the first exit.
    factor : ndarray of float, shape (rows,)
        What the events multiply survival by.
    bounds : tuple of ndarray, shape (rows,)
        Of the factor.
    rng : numpy.random.Generator

    Returns
    -------
    event : ndarray of bool, shape (rows, places)
    factor : ndarray of float, shape (rows,)
        Inside the bounds wherever exchanges could bring it there.

    Notes
    -----
    A random event changes places with the censoring that brings the factor nearest to the middle
    of its interval, until it is inside.
    """
    now, low, high = (np.log(np.maximum(value, 1e-300)) for value in (factor, *bounds))
    event, many = event.copy(), (event.sum(axis=1), anybody.sum(axis=1))
    aim, worth = (low + high) / 2, _worth(at_risk.max(initial=0))
    can = (many[0] > 0) & (many[0] < many[1])
    todo = np.flatnonzero(can & ((now < low) | (now > high)))
    for _ in range(EXCHANGES):
        if not todo.size:
            break
        want = aim[todo] - now[todo]
        kinds = event[todo], anybody[todo]
        counts = many[0][todo], many[1][todo]
        out, into, gain = _exchange(kinds, counts, at_risk[todo], want, worth, rng)
        better = np.abs(want - gain) < np.abs(want)
        rows = todo[better]
        event[rows, out[better]], event[rows, into[better]] = False, True
        now[rows] += gain[better]
        value = now[todo]
        todo = todo[(value < low[todo]) | (value > high[todo])]
    return event, np.exp(now)


def _worth(most: int) -> FloatArray:
    """Return what an event takes from log survival with so many patients left, up to the most."""
    return np.log1p(-1.0 / np.maximum(np.arange(most + 1), LAST_LEFT))


def _exchange(
    kinds: tuple[BoolArray, BoolArray],
    counts: tuple[IntArray, IntArray],
    at_risk: IntArray,
    want: FloatArray,
    worth: FloatArray,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return a random event of each row, the censoring to change with, and what that gives.

    `kinds` says where events and where exits of either kind are, `counts` how many there are. An
    event takes the more from log survival the later it is: of the censorings, the last before the
    place at which it would take what is wanted does best, or the first after.
    """
    (event, anybody), (events, exits) = kinds, counts
    start = np.arange(want.size) * event.shape[1]
    number = events.cumsum() - events + (rng.random(want.size) * events).astype(np.int64)
    out = event.ravel().nonzero()[0][number] - start
    taken = worth[at_risk - out]
    wanted = at_risk + 1.0 / np.expm1(np.minimum(taken + want, -TINY))
    place = start + np.floor(wanted).clip(-1, event.shape[1] - 1).astype(np.int64)
    others = exits - events
    censored, end = (anybody > event).ravel().nonzero()[0], others.cumsum()
    after = censored.searchsorted(place, side="right")
    beside = np.stack([np.maximum(after - 1, end - others), np.minimum(after, end - 1)])
    into = censored[beside] - start
    gain = worth[at_risk - into] - taken
    miss = np.abs(want - gain)
    later = miss[1] < miss[0]
    return out, np.where(later, into[1], into[0]), np.where(later, gain[1], gain[0])
