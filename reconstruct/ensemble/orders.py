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
    factor: FloatArray,
    *,
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
    event, many = event.copy(), event.sum(axis=1)
    can = (many > 0) & (many < anybody.sum(axis=1))
    todo = np.flatnonzero(can & ((now < low) | (now > high)))
    for _ in range(EXCHANGES):
        if not todo.size:
            break
        want = (low[todo] + high[todo]) / 2 - now[todo]
        own, others = event[todo], anybody[todo] & ~event[todo]
        out, into, gain = _exchange(own, others, at_risk[todo], want, rng)
        better = np.abs(want - gain) < np.abs(want)
        rows, out, into = todo[better], out[better], into[better]
        event[rows, out], event[rows, into] = False, True
        now[rows] += gain[better]
        todo = todo[(now[todo] < low[todo]) | (now[todo] > high[todo])]
    return event, np.exp(now)


def _exchange(
    event: Flags, censored: Flags, at_risk: IntArray, want: FloatArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return a random event of each row, the censoring to change with, and what that gives.

    An event takes the more from log survival the later it is: of the censorings, the last before
    the place at which it would take what is wanted does best, or the first after.
    """
    start = np.arange(want.size) * event.shape[1]
    many = event.sum(axis=1)
    number = np.cumsum(many) - many + (rng.random(want.size) * many).astype(np.int64)
    out = np.flatnonzero(event)[number] - start
    worth = np.log1p(-1.0 / np.maximum(at_risk - out, LAST))
    wanted = at_risk + 1.0 / np.expm1(np.minimum(worth + want, -TINY))
    place = np.clip(np.floor(wanted), -1, event.shape[1] - 1).astype(np.int64)
    places, many = np.flatnonzero(censored), censored.sum(axis=1)
    first = np.cumsum(many) - many
    after = np.searchsorted(places, start + place, side="right")
    found = [places[np.clip(after + step, first, first + many - 1)] - start for step in (-1, 0)]
    gain = [np.log1p(-1.0 / np.maximum(at_risk - into, LAST)) - worth for into in found]
    later = np.abs(want - gain[1]) < np.abs(want - gain[0])
    return out, np.where(later, found[1], found[0]), np.where(later, gain[1], gain[0])
