"""A logarithmic axis of hazard ratios that one absurd number cannot stretch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LogAxis", "log_axis"]

_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_FURTHEST = 10.0  # an interval is shown up to this many times beyond the outermost estimate
_MOST_TICKS = 7


@dataclass(frozen=True, kw_only=True)
class LogAxis:
    """Limits and ticks; 1 is always among them.

    Attributes
    ----------
    lower, upper : float
        Positive, on either side of 1.
    ticks : tuple of float
    """

    lower: float
    upper: float
    ticks: tuple[float, ...]

    def apply(self, ax: Axes) -> None:
        """Set the scale, limits and ticks of an axes."""
        ax.set_xscale("log")
        ax.set_xlim(self.lower, self.upper)
        ax.set_xticks(self.ticks, [f"{tick:g}" for tick in self.ticks])
        ax.minorticks_off()

    def clip(self, value: float) -> float:
        """Return the value, or the limit that it lies beyond."""
        return min(max(value, self.lower), self.upper)


def log_axis(estimates: Iterable[float], bounds: Iterable[float]) -> LogAxis:
    """Choose an axis that shows every estimate and every bound within reason.

    Parameters
    ----------
    estimates : iterable of float
        Hazard ratios. Those below 0.01 or above 100 do not stretch the axis.
    bounds : iterable of float
        Ends of their intervals. One more than ten times beyond all estimates does not stretch the
        axis.

    Returns
    -------
    LogAxis
    """
    shown = [value for value in (*estimates, 1.0) if _TICKS[0] <= value <= _TICKS[-1]]
    lowest = max(min(shown) / _FURTHEST, _TICKS[0])
    highest = min(max(shown) * _FURTHEST, _TICKS[-1])
    reached = [value for value in bounds if lowest <= value <= highest]
    low, high = min(*shown, 0.5, *reached), max(*shown, 2.0, *reached)
    ticks = [tick for tick in _TICKS if low / 1.05 <= tick <= high * 1.05]
    return LogAxis(lower=low / 1.15, upper=high * 1.15, ticks=_thinned(ticks))


def _thinned(ticks: Sequence[float]) -> tuple[float, ...]:
    """Return the ticks, only powers of ten if there are too many."""
    if len(ticks) <= _MOST_TICKS:
        return tuple(ticks)
    return tuple(tick for tick in ticks if math.isclose(math.log10(tick) % 1, 0, abs_tol=1e-9))
