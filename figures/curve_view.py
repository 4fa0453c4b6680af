"""Survival curves as the numbers of a plot: which way up, and in which unit of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

import numpy as np

from ..reconstruct.follow_up import DAYS_PER
from ..reconstruct.pseudo_ipd import FloatArray
from .printed_points import PrintedPoint
from .thinning import kept_steps

if TYPE_CHECKING:
    from ..models import KaplanMeier
    from ..studies.endpoint import TimeUnit

__all__ = ["CurveView", "ShownCurve", "ShownCurves"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownCurve:
    """One arm's curve where it lies in the plot.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Increasing from 0.
    height, lower, upper : ndarray of float, shape (k,)
        The curve and its band from each time until the next, as fractions; the band is NaN where
        it is not defined.
    kept : ndarray of int, shape (m,)
        The steps to draw; see `thinning.kept_steps`.
    marks, marked : ndarray of float, shape (c,)
        When patients were censored, and how high the curve is then.
    n_censored : int
    median : float
        Infinite if it is not reached.
    """

    time: FloatArray
    height: FloatArray
    lower: FloatArray
    upper: FloatArray
    kept: np.typing.NDArray[np.intp]
    marks: FloatArray
    marked: FloatArray
    n_censored: int
    median: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ShownCurves:
    """What lies in one plot.

    Attributes
    ----------
    curves : mapping of str to ShownCurve
        By arm, the reference first.
    points : tuple of PrintedPoint
        Their survival is the height in the plot.
    rising : bool
        Whether the curves rise from 0 instead of falling from 1.
    """

    curves: Mapping[str, ShownCurve]
    points: tuple[PrintedPoint, ...]
    rising: bool

    @property
    def end(self) -> float:
        """The last time shown."""
        last = [float(curve.time[-1]) for curve in self.curves.values()]
        return max(*last, *(point.time for point in self.points), 0.0)

    @property
    def n_censored(self) -> int:
        """Patients censored in all arms together."""
        return sum(curve.n_censored for curve in self.curves.values())

    @property
    def farthest(self) -> float:
        """How far a curve or a printed point gets from where all curves begin, as a fraction."""
        heights = [
            *(float(curve.height[-1]) for curve in self.curves.values()),
            *(point.survival for point in self.points),
        ]
        return max(heights) if self.rising else 1 - min(heights)


@dataclass(frozen=True, kw_only=True)
class CurveView:
    """How survival over the time of a study turns into places in a plot.

    Attributes
    ----------
    unit : str
        Of the study's times.
    shown_in : str
        Of the time axis.
    rising : bool
        Whether the curves are incidence, 1 minus survival.
    """

    unit: TimeUnit
    shown_in: TimeUnit
    rising: bool = False

    @overload
    def time(self, time: float) -> float: ...
    @overload
    def time(self, time: FloatArray) -> FloatArray: ...
    def time(self, time: float | FloatArray) -> float | FloatArray:
        """Return times of the study in the unit of the axis."""
        same = self.unit == self.shown_in
        return time if same else time * DAYS_PER[self.unit] / DAYS_PER[self.shown_in]

    def study_time(self, shown: float) -> float:
        """Return a time of the axis in the study's unit; whole years are whole months."""
        same = self.unit == self.shown_in
        return shown if same else shown * DAYS_PER[self.shown_in] / DAYS_PER[self.unit]

    def curve(self, curve: KaplanMeier) -> ShownCurve:
        """Lay out the curve of one arm."""
        bounds = (curve.upper, curve.lower) if self.rising else (curve.lower, curve.upper)
        censored = curve.time[curve.n_censored > 0]
        return ShownCurve(
            time=self.time(curve.time),
            height=self._height(curve.survival),
            lower=self._height(bounds[0]),
            upper=self._height(bounds[1]),
            kept=kept_steps(curve.survival),
            marks=self.time(censored),
            marked=self._height(np.asarray(curve.survival_at(censored))),
            n_censored=int(np.sum(curve.n_censored)),
            median=self.time(curve.median),
        )

    def point(self, point: PrintedPoint) -> PrintedPoint:
        """Lay out a printed number."""
        low, high = point.survival_range
        return replace(
            point,
            time=self.time(point.time),
            time_range=(self.time(point.time_range[0]), self.time(point.time_range[1])),
            survival=1 - point.survival if self.rising else point.survival,
            survival_range=(1 - high, 1 - low) if self.rising else (low, high),
        )

    def _height(self, survival: FloatArray) -> FloatArray:
        return 1 - survival if self.rising else survival
