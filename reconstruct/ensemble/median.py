"""Moving the exit at which the curve reaches one half into the median's rounding interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pseudo_ipd import FloatArray
from .check import HALF, survival_after_each
from .exits import Flags

__all__ = ["median_inside"]


def median_inside(
    time: FloatArray,
    event: Flags,
    window: tuple[float, float],
    *,
    knots: Sequence[float],
    rng: np.random.Generator,
) -> FloatArray:
    """Stretch, in each row, the span in which the curve reaches one half, so that it does in time.

    Rows whose curve reaches one half inside the window, or that no stretching brings there, stay
    as they are. The order of the exits stays in all of them.
    """
    crossed = survival_after_each(event) <= HALF
    rows = np.flatnonzero(crossed[:, -1])
    when = time[rows, np.argmax(crossed[rows], axis=1)]
    outside = (when < window[0]) | (when > window[1])
    rows, when = rows[outside], when[outside]
    edges = np.array([0.0, *knots, np.inf])
    place = np.searchsorted(edges, when, side="left")
    start, end = edges[place - 1], np.minimum(edges[place], time[rows, -1])
    low, high = np.maximum(window[0], start), np.minimum(window[1], end)
    can = (low < high) & (start < when) & (when < end)
    rows, when, start, end = (values[can] for values in (rows, when, start, end))
    # away from the ends, which belong to the neighbouring spans
    aim = low[can] + rng.uniform(0.02, 0.98, rows.size) * (high[can] - low[can])
    moved = time.copy()
    before, after = time[rows] - start[:, None], end[:, None] - time[rows]
    early = (before > 0) & (time[rows] <= when[:, None])
    late = (time[rows] > when[:, None]) & (after > 0)
    to_aim = ((aim - start) / (when - start))[:, None]
    from_aim = ((end - aim) / (end - when))[:, None]
    stretched = np.where(early, start[:, None] + before * to_aim, time[rows])
    moved[rows] = np.where(late, end[:, None] - after * from_aim, stretched)
    return moved
