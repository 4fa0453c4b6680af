"""Random exits between two knots, a row per draw: when patients leave, and by what."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..pseudo_ipd import FloatArray

__all__ = [
    "NOBODY",
    "Flags",
    "IntArray",
    "draw_exits",
    "flagged",
    "flags_of",
]

IntArray = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AT_A_TIME = 2**14  # times of exits, which the processor's cache holds
NOBODY = np.inf  # in place of a time, where a row has fewer exits than others


def flagged(time: FloatArray, event: Flags | bool) -> FloatArray:
    """Write the kind of exit into the last bit of its time, so that sorting keeps them together."""
    bits = np.ascontiguousarray(time).view(np.int64) & ~np.int64(1)
    bits |= event
    return np.asarray(bits.view(np.float64))


def flags_of(time: FloatArray) -> Flags:
    """Read the kind of exit from the last bit of its time."""
    return np.asarray((time.view(np.int64) & 1) != 0)


def draw_exits(
    quantiles: FloatArray,
    spans: slice,
    scenario: IntArray,
    *,
    counts: tuple[IntArray, IntArray],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw the ordered exits of some spans.

    Parameters
    ----------
    quantiles : ndarray of float, shape (2, all spans, scenarios, cells + 1)
        Of the times of events and of censorings, at evenly spaced probabilities.
    spans : slice
        Those wanted.
    scenario : ndarray of int, shape (rows,)
    counts : tuple of ndarray of int, shape (rows, spans wanted)
        Events and censorings.
    rng : numpy.random.Generator

    Returns
    -------
    time : ndarray of float, shape (rows, most exits)
        In order, flagged; infinite where a row has fewer exits.
    """
    kinds, total, scenarios, nodes = quantiles.shape
    own = np.arange(kinds * total).reshape(kinds, total)[:, spans].ravel()
    table = own * scenarios + scenario[:, None]
    many = np.concatenate(counts, axis=1).ravel()
    first = np.repeat((table * nodes).ravel(), many)
    event = np.repeat(np.tile(own < total, scenario.size), many)
    drawn = rng.random(first.size)
    for start in range(0, drawn.size, AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        value = _quantile(quantiles.ravel(), first[part], drawn[part], nodes - 1)
        drawn[part] = flagged(value, event[part])
    exits = (counts[0] + counts[1]).sum(axis=1)
    shape = scenario.size, int(exits.max(initial=0))
    if drawn.size == math.prod(shape):
        time = drawn.reshape(shape)
    else:
        time = np.full(shape, NOBODY)
        time[np.arange(shape[1]) < exits[:, None]] = drawn
    time.sort(axis=1)
    return time


def _quantile(
    table: FloatArray, first: IntArray, probability: FloatArray, cells: int
) -> FloatArray:
    """Look times up in evenly spaced quantiles that begin at `first` in a table."""
    share = probability * cells
    cell = share.astype(np.int64)
    share -= cell
    cell += first
    low = table.take(cell)
    cell += 1
    high = table.take(cell)
    high -= low
    high *= share
    high += low
    return np.asarray(high)
