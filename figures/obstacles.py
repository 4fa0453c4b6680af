"""What words inside a plot of survival curves must stay clear of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .printed_points import MARKER_SIZE, PrintedPoint

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

    from .curve_view import ShownCurve, ShownCurves

__all__ = ["Obstacle", "line_obstacle", "obstacles"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Obstacle:
    """Something that words must stay clear of.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Increasing.
    lower, upper : ndarray of float, shape (k,)
        The heights that it covers from each time on until the next, as fractions.
    """

    time: FloatArray
    lower: FloatArray
    upper: FloatArray

    def span(self, start: float, stop: float) -> tuple[float, float]:
        """Return the least and the greatest height covered from one time to another.

        Nothing is below 1 and nothing above 0 where the obstacle has not begun or has ended.
        """
        if start > self.time[-1] or stop < self.time[0]:
            return 1.0, 0.0
        first = max(int(np.searchsorted(self.time, start, side="right")) - 1, 0)
        last = int(np.searchsorted(self.time, stop, side="right"))
        return float(np.min(self.lower[first:last])), float(np.max(self.upper[first:last]))


def obstacles(shown: ShownCurves, *, height: float, bands: bool) -> Sequence[list[Obstacle]]:
    """Return what to stay clear of, the most wanted first: with confidence bands, then without.

    Parameters
    ----------
    shown : ShownCurves
    height : float
        Of the axes, in inches.
    bands : bool
        Whether bands are drawn.
    """
    bare = [
        *(_marker(point, height) for point in shown.points),
        *(
            Obstacle(time=curve.time, lower=curve.height, upper=curve.height)
            for curve in shown.curves.values()
        ),
    ]
    return [[*bare, *map(_band, shown.curves.values())], bare] if bands else [bare]


def line_obstacle(line: Line2D) -> Obstacle:
    """Return an upright or level line as something to stay clear of."""
    times, heights = (np.asarray(values, dtype=np.float64) for values in line.get_data())
    return Obstacle(
        time=np.unique(times),
        lower=np.full(np.unique(times).size, heights.min()),
        upper=np.full(np.unique(times).size, heights.max()),
    )


def _marker(point: PrintedPoint, height: float) -> Obstacle:
    half = 1.2 * MARKER_SIZE / 2 / 72 / height
    return Obstacle(
        time=np.array([point.time]),
        lower=np.array([point.survival - half]),
        upper=np.array([point.survival + half]),
    )


def _band(curve: ShownCurve) -> Obstacle:
    """Return the band, and the curve itself where the band is undefined."""
    return Obstacle(
        time=curve.time,
        lower=np.where(np.isnan(curve.lower), curve.height, curve.lower),
        upper=np.where(np.isnan(curve.upper), curve.height, curve.upper),
    )
