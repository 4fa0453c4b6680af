"""Orders of events and censorings that bring survival inside an interval, a row per draw."""

from __future__ import annotations

import numpy as np

from ..pseudo_ipd import FloatArray
from .exits import Flags, IntArray, flagged, flags_of, order_factor

__all__ = ["exchanged"]

EXCHANGES = 24


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
    low, high, at_risk = low[outside], high[outside], at_risk[outside]
    chosen = time[outside]
    event = flags_of(chosen)
    censored = np.isfinite(chosen) & ~event
    worth = _worth(at_risk, time.shape[1])
    _exchange_until(event, censored, worth, (low, high), rng)
    chosen = flagged(chosen, event)  # infinity keeps its bits
    time, given = time.copy(), given.copy()
    time[outside], given[outside] = chosen, order_factor(chosen, at_risk)
    return time, given


def _worth(at_risk: IntArray, width: int) -> FloatArray:
    """Return what an event at each place takes from log survival, shape (rows, width)."""
    most = int(at_risk.max(initial=1))
    table = np.log1p(-1.0 / np.maximum(np.arange(most + 1), 1.0 + 1e-9))
    return np.asarray(table.take(np.maximum(at_risk[:, None] - np.arange(width), 1)))


def _exchange_until(
    event: Flags,
    censored: Flags,
    worth: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    rng: np.random.Generator,
) -> None:
    """Exchange, in place, events and censorings until the log of the factor is inside."""
    low, high = bounds
    log_factor = np.einsum("ij,ij->i", worth, event)
    todo = np.flatnonzero(
        ((log_factor < low) | (log_factor > high)) & event.any(axis=1) & censored.any(axis=1)
    )
    for _ in range(EXCHANGES):
        if not todo.size:
            break
        want = (low[todo] + high[todo]) / 2 - log_factor[todo]
        out, into = _exchange(event[todo], censored[todo], worth[todo], want, rng)
        gain = worth[todo, into] - worth[todo, out]
        better = np.abs(want - gain) < np.abs(want)
        rows, out, into = todo[better], out[better], into[better]
        event[rows, out], event[rows, into] = False, True
        censored[rows, out], censored[rows, into] = True, False
        log_factor[rows] += gain[better]
        todo = todo[(log_factor[todo] < low[todo]) | (log_factor[todo] > high[todo])]


def _exchange(
    event: Flags, censored: Flags, worth: FloatArray, want: FloatArray, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return a random event of each row and the censoring that it does best to change with."""
    rows = np.arange(want.size)
    out = np.argmax(np.where(event, rng.random(event.shape), -1.0), axis=1)
    miss = np.abs(worth - worth[rows, out][:, None] - want[:, None])
    into = np.argmin(np.where(censored, miss, np.inf), axis=1)
    return out, into
