"""Orders of events and censorings that bring survival inside an interval, a row per draw."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import Flags, IntArray, flagged, flags_of, order_factor

__all__ = ["exchanged"]

EXCHANGES = 24
LAST = 1.0 + 1e-9  # at risk for the last patient, whose event takes survival to almost 0
TINY = 1e-12


def exchanged(
    time: FloatArray,
    at_risk: IntArray,
    bounds: tuple[FloatArray, FloatArray],
    *,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Exchange a few events and censorings in each row until the factor is inside.

    Parameters
    ----------
    time : ndarray of float, shape (rows, exits)
        In order and flagged, infinite where a row has fewer exits.
    at_risk : ndarray of int, shape (rows,)
        Patients at risk before the first.
    bounds : tuple of ndarray, shape (rows,)
        Of the factor.

    Returns
    -------
    time : ndarray of float, shape (rows, exits)
    factor : ndarray of float, shape (rows,)
        Inside the bounds wherever exchanges could bring it there.

    Notes
    -----
    A random event changes places with the censoring that brings the factor nearest to the middle
    of its interval, until it is inside.
    """
    low, high = (np.log(np.maximum(bound, 1e-300)) for bound in bounds)
    given = order_factor(time, at_risk)
    log_given = np.log(np.maximum(given, 1e-300))
    outside = np.flatnonzero((log_given < low) | (log_given > high))
    if not outside.size:
        return time, given
    chosen = time[outside]
    event = _exchanged_until(
        flags_of(chosen),
        np.isfinite(chosen),
        at_risk[outside],
        (log_given[outside], low[outside], high[outside]),
        rng,
    )
    chosen = flagged(chosen, event)  # infinity keeps its bits
    time, given = time.copy(), given.copy()
    time[outside], given[outside] = chosen, order_factor(chosen, at_risk[outside])
    return time, given


def _exchanged_until(
    event: Flags,
    anybody: Flags,
    at_risk: IntArray,
    factor: tuple[FloatArray, FloatArray, FloatArray],
    rng: np.random.Generator,
) -> Flags:
    """Exchange events and censorings until the log of the factor is inside.

    `factor` is that log, and the bounds that it is to be brought inside.
    """
    event, (log_factor, low, high) = event.copy(), factor
    many = event.sum(axis=1)
    todo = np.flatnonzero((many > 0) & (many < anybody.sum(axis=1)))
    for _ in range(EXCHANGES):
        if not todo.size:
            break
        want = (low[todo] + high[todo]) / 2 - log_factor[todo]
        own, censored = event[todo], anybody[todo] & ~event[todo]
        out, into, gain = _exchange(own, censored, at_risk[todo], want, rng)
        better = np.abs(want - gain) < np.abs(want)
        rows, out, into = todo[better], out[better], into[better]
        event[rows, out], event[rows, into] = False, True
        log_factor[rows] += gain[better]
        todo = todo[(log_factor[todo] < low[todo]) | (log_factor[todo] > high[todo])]
    return event


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
