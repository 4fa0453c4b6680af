"""Orders of events and censorings that bring survival inside an interval, a row per draw."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import Flags, IntArray

__all__ = ["exchanged"]

EXCHANGES = 24
LAST = 1.0 + 1e-9  # at risk for the last patient, whose event takes survival to almost 0
TINY = 1e-12


def exchanged(
    event: Flags,
    anybody: Flags,
    at_risk: IntArray,
    *,
    factor: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    rng: np.random.Generator,
) -> tuple[Flags, FloatArray]:
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
    can = (many[0] > 0) & (many[0] < many[1])
    todo = np.flatnonzero(can & ((now < low) | (now > high)))
    for _ in range(EXCHANGES):
        if not todo.size:
            break
        want = (low[todo] + high[todo]) / 2 - now[todo]
        kinds = event[todo], anybody[todo]
        counts = many[0][todo], many[1][todo]
        out, into, gain = _exchange(kinds, counts, at_risk[todo], want, rng)
        better = np.abs(want - gain) < np.abs(want)
        rows, out, into = todo[better], out[better], into[better]
        event[rows, out], event[rows, into] = False, True
        now[rows] += gain[better]
        todo = todo[(now[todo] < low[todo]) | (now[todo] > high[todo])]
    return event, np.exp(now)


def _exchange(
    kinds: tuple[Flags, Flags],
    counts: tuple[IntArray, IntArray],
    at_risk: IntArray,
    want: FloatArray,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return a random event of each row, the censoring to change with, and what that gives.

    `kinds` says where events and where exits of either kind are, `counts` how many there are. An
    event takes the more from log survival the later it is: of the censorings, the last before the
    place at which it would take what is wanted does best, or the first after.
    """
    (event, anybody), (events, exits) = kinds, counts
    start = np.arange(want.size) * event.shape[1]
    number = np.cumsum(events) - events + (rng.random(want.size) * events).astype(np.int64)
    out = np.flatnonzero(event)[number] - start
    worth = np.log1p(-1.0 / np.maximum(at_risk - out, LAST))
    wanted = at_risk + 1.0 / np.expm1(np.minimum(worth + want, -TINY))
    place = start + np.clip(np.floor(wanted), -1, event.shape[1] - 1).astype(np.int64)
    censored, last = np.flatnonzero(anybody > event), np.cumsum(exits - events) - 1
    after = np.searchsorted(censored, place, side="right")
    before = np.maximum(after - 1, last + 1 - (exits - events))
    found = [censored[where] - start for where in (before, np.minimum(after, last))]
    gain = [np.log1p(-1.0 / np.maximum(at_risk - into, LAST)) - worth for into in found]
    later = np.abs(want - gain[1]) < np.abs(want - gain[0])
    return out, np.where(later, found[1], found[0]), np.where(later, gain[1], gain[0])
