"""Where the ticks of a time axis go."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["time_label", "time_ticks"]

# Steps that readers of survival curves think in; anything longer doubles the last one. None is
# more than three times the one before, so that some step always fits.
_STEPS: dict[str, tuple[float, ...]] = {
    "days": (1, 2, 4, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (1, 2, 3, 5, 10),
}


def time_ticks(end: float, *, unit: str, most: int = 9) -> FloatArray:
    """Choose ticks from 0 to `end`, a step that fits the time unit apart.

    Parameters
    ----------
    end : float
        The last time shown, in `unit`, positive.
    unit : str
        "days", "weeks", "months" or "years".
    most : int
        The most ticks there is room for, at least 3.

    Returns
    -------
    ndarray of float, shape (k,)
        Increasing, the first 0, none beyond `end`, 2 <= k <= `most`.

    Raises
    ------
    ValueError
        If `end` is not positive and finite, or `most` is below 3.
    """
    if not (math.isfinite(end) and end > 0):
        raise ValueError(f"`end` must be positive and finite, but is {end}.")
    if most < 3:
        raise ValueError(f"`most` must be at least 3, but is {most}.")
    step = next(step for step in _steps(end, unit) if end / step < most - 1e-9 and end >= step)
    return np.asarray(np.arange(math.floor(end / step + 1e-9) + 1) * step, dtype=np.float64)


def time_label(unit: str) -> str:
    """Return the title of a time axis."""
    return f"Time ({unit})"


def _steps(end: float, unit: str) -> Iterator[float]:
    """Yield steps from short to long: decimal ones for a short axis, then the unit's own."""
    own = _STEPS[unit]
    if end < 3 * own[0]:
        exponent = math.floor(math.log10(end)) - 2
        powers = range(exponent, exponent + 3)
        yield from (digit * 10.0**power for power in powers for digit in (1, 2, 5))
    yield from own
    yield from (own[-1] * 2.0**doubling for doubling in count(1))
