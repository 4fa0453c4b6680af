"""Random exits between two knots, a row per draw: when patients leave, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pseudo_ipd import FloatArray

__all__ = ["Flags", "IntArray", "Law", "draw_exits", "flagged", "flags_of", "join", "order_factor"]

IntArray = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AT_A_TIME = 2**13  # times of exits, which the processor's cache holds
NOBODY = np.inf  # in place of a time, where a row has fewer exits than others


@dataclass(frozen=True, kw_only=True, eq=False)
class Law:
    """When patients leave between two knots, under each scenario.

    Attributes
    ----------
    event_times, censoring_times : ndarray of float, shape (scenarios, cells + 1)
        Quantiles of the times, at evenly spaced probabilities.
    """

    event_times: FloatArray
    censoring_times: FloatArray


def parts(rows: int, width: int) -> Iterator[slice]:
    """Cut rows of a width into parts that the processor's cache holds."""
    step = max(AT_A_TIME // max(width, 1), 1)
    return (slice(first, first + step) for first in range(0, rows, step))


def flagged(time: FloatArray, event: Flags | bool) -> FloatArray:
    """Write the kind of exit into the last bit of its time, so that sorting keeps them together."""
    bits = np.ascontiguousarray(time).view(np.int64) & ~np.int64(1)
    bits |= event
    return np.asarray(bits.view(np.float64))


def flags_of(time: FloatArray) -> Flags:
    """Read the kind of exit from the last bit of its time."""
    return np.asarray((time.view(np.int64) & 1) != 0)


def join(parts: list[FloatArray], n: int) -> FloatArray:
    """Put the exits of all spans in order, shape (rows, n)."""
    return np.asarray(np.sort(np.concatenate(parts, axis=1), axis=1)[:, :n])


def order_factor(time: FloatArray, at_risk: IntArray) -> FloatArray:
    """Return what the events among ordered exits multiply survival by, for each row."""
    factor = np.empty(at_risk.size)
    for rows in parts(*time.shape):
        left = np.maximum(at_risk[rows, None] - np.arange(time.shape[1]), 1)
        stays = flags_of(time[rows]) / left
        factor[rows] = np.prod(np.subtract(1.0, stays, out=stays), axis=1)
    return factor


def draw_exits(
    law: Law,
    scenario: IntArray,
    counts: tuple[IntArray, IntArray],
    *,
    rng: np.random.Generator,
) -> FloatArray:
    """Draw ordered exits, `counts` events and censorings in each row.

    Returns
    -------
    time : ndarray of float, shape (rows, most exits)
        In order, flagged; infinite where a row has fewer exits.
    """
    widths = [int(count.max(initial=0)) for count in counts]
    time = np.empty((scenario.size, sum(widths)))
    kinds = zip((law.event_times, law.censoring_times), counts, strict=True)
    for kind, (table, count) in enumerate(kinds):
        part = time[:, : widths[0]] if kind == 0 else time[:, widths[0] :]
        for rows in parts(*part.shape):
            drawn = _quantile(table, scenario[rows], rng.random(part[rows].shape))
            drawn = flagged(drawn, kind == 0)
            np.putmask(drawn, np.arange(widths[kind]) >= count[rows, None], NOBODY)
            part[rows] = drawn
    time.sort(axis=1)
    return time[:, : int((counts[0] + counts[1]).max(initial=0))]


def _quantile(table: FloatArray, scenario: IntArray, probability: FloatArray) -> FloatArray:
    """Look times up in evenly spaced quantiles; `probability` is used up."""
    cells = table.shape[1] - 1
    probability *= cells
    cell = probability.astype(np.int64)
    probability -= cell
    cell += (scenario * (cells + 1))[:, None]
    flat = table.ravel()
    low = flat.take(cell)
    cell += 1
    high = flat.take(cell)
    high -= low
    high *= probability
    high += low
    return np.asarray(high)
