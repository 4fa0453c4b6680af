"""Survival curves as they are drawn: their place in the plot, lines, bands and points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray
from ..studies.endpoint import DAYS_PER
from .layout import axes_inches
from .style import MISSED, ArmStyle, current_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

    from ..models import KaplanMeier, LandmarkCheck
    from ..studies.endpoint import TimeUnit

__all__ = [
    "MARKER_SIZE",
    "MOST_CENSOR_MARKS",
    "MOST_STEPS",
    "CurveView",
    "PrintedPoint",
    "ShownCurve",
    "ShownCurves",
    "draw_band",
    "draw_censor_marks",
    "draw_line",
    "draw_missed",
    "draw_points",
    "kept_steps",
    "printed_points",
    "spaced",
]

MOST_STEPS = 1500
_FINEST = 1 / 2000  # of the height: at two inches, less than a tenth of a point
MARKER_SIZE = 3.6  # points
MOST_CENSOR_MARKS = 1000  # in all; more of them would hide the curves
_MARK_GAP = 1.6  # points; of marks closer than that, the first is drawn


def kept_steps(survival: FloatArray) -> npt.NDArray[np.intp]:
    """Choose the steps of a curve to draw.

    Parameters
    ----------
    survival : ndarray of float, shape (k,)
        Fractions, non-increasing.

    Returns
    -------
    ndarray of int, shape (m,)
        Indices, increasing, the first and the last among them. All of them if the curve has at
        most 1500 steps; of a longer one, the first at or below each 2000th of the height, so that
        what is drawn is nowhere further than that from the curve.
    """
    if survival.size <= MOST_STEPS:
        return np.arange(survival.size)
    level = np.ceil(survival / _FINEST)
    first_at_level = np.flatnonzero(np.diff(level, prepend=np.inf))
    return np.unique(np.append(first_at_level, survival.size - 1))


def spaced(times: FloatArray, *, gap: float) -> FloatArray:
    """Leave out times that follow the last one kept by less than `gap`.

    Parameters
    ----------
    times : ndarray of float, shape (k,)
        Increasing.
    gap : float
        In the unit of `times`.

    Returns
    -------
    ndarray of float, shape (m,)
    """
    kept: list[float] = []
    for time in times.tolist():
        if not kept or time - kept[-1] >= gap:
            kept.append(time)
    return np.array(kept)


@dataclass(frozen=True, kw_only=True)
class PrintedPoint:
    """One reported number where it lies in the plot.

    Attributes
    ----------
    arm : str
    time, survival : float
        The reported time and fraction; a median lies at 0.5.
    time_range, survival_range : tuple of float
        What rounds to what is reported; no width along the axis that is not rounded.
    met : bool
        Whether the reconstruction matches it.
    is_median : bool
    """

    arm: str
    time: float
    survival: float
    time_range: tuple[float, float]
    survival_range: tuple[float, float]
    met: bool
    is_median: bool = False


def printed_points(checks: Iterable[LandmarkCheck]) -> tuple[PrintedPoint, ...]:
    """Return the points of reported numbers; a median that is not reached has no place."""
    return tuple(_point(check) for check in checks if check.printed.reached)


def _point(check: LandmarkCheck) -> PrintedPoint:
    printed, is_median = check.printed, check.quantity == "median"
    # A bound such as ">95%" reaches as far as there are values, and is drawn no further.
    largest = printed.value if is_median else max(1.0, printed.value)
    shown = (max(printed.lower, 0.0), min(printed.upper, largest))
    if math.isfinite(printed.upper) and is_median:
        shown = (shown[0], printed.upper)
    exact = 0.5 if is_median else check.time
    return PrintedPoint(
        arm=check.arm,
        time=printed.value if is_median else exact,
        survival=exact if is_median else printed.value,
        time_range=shown if is_median else (exact, exact),
        survival_range=(exact, exact) if is_median else shown,
        met=check.inside,
        is_median=is_median,
    )


def draw_points(ax: Axes, points: Sequence[PrintedPoint], *, style: ArmStyle) -> ErrorbarContainer:
    """Draw the points of one arm."""
    return ax.errorbar(
        [point.time for point in points],
        [point.survival for point in points],
        xerr=_lengths([(point.time, point.time_range) for point in points]),
        yerr=_lengths([(point.survival, point.survival_range) for point in points]),
        linestyle="none",
        marker=style.marker,
        markersize=MARKER_SIZE,
        markerfacecolor="white",
        markeredgecolor=style.colour,
        markeredgewidth=0.8,
        ecolor=style.colour,
        elinewidth=0.9,
        capsize=0,
        zorder=4,
        clip_on=False,
    )


def draw_missed(ax: Axes, points: Sequence[PrintedPoint]) -> Line2D | None:
    """Cross out the points that the curves do not match."""
    missed = [point for point in points if not point.met]
    if not missed:
        return None
    (crosses,) = ax.plot(
        [point.time for point in missed],
        [point.survival for point in missed],
        linestyle="none",
        marker="x",
        markersize=6,
        markeredgewidth=1.3,
        color=MISSED,
        zorder=5,
        clip_on=False,
    )
    return crosses


def _lengths(values: Sequence[tuple[float, tuple[float, float]]]) -> list[list[float]]:
    """Return how far the bars reach below and above."""
    below = [max(value - lower, 0.0) for value, (lower, _) in values]
    above = [max(upper - value, 0.0) for value, (_, upper) in values]
    return [below, above]


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
        """How far a curve or a reported point gets from where all curves begin, as a fraction."""
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
        """Lay out a reported number."""
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


def draw_line(
    ax: Axes, curve: ShownCurve, style: ArmStyle, *, line_kwargs: Mapping[str, Any]
) -> Line2D:
    """Draw the steps of one arm; `line_kwargs` go to `Axes.plot` over the house style."""
    look = {
        "linewidth": 1.2 * current_look().pen,
        "linestyle": style.dashes,
        "color": style.colour,
        "zorder": 3,
    }
    (line,) = ax.plot(
        curve.time[curve.kept],
        curve.height[curve.kept],
        drawstyle="steps-post",
        **{**look, **line_kwargs},
    )
    return line


def draw_band(ax: Axes, curve: ShownCurve, style: ArmStyle) -> PolyCollection:
    """Shade the confidence band of one arm."""
    return ax.fill_between(
        np.repeat(curve.time[curve.kept], 2)[1:],
        _stairs(curve.lower[curve.kept]),
        _stairs(curve.upper[curve.kept]),
        zorder=1,
        facecolor=style.colour,
        alpha=current_look().shading,
        linewidth=0,
    )


def draw_censor_marks(ax: Axes, curve: ShownCurve, style: ArmStyle) -> Line2D | None:
    """Mark when patients of one arm were censored; marks that would run together are one."""
    left, right = ax.get_xlim()
    kept = spaced(curve.marks, gap=_MARK_GAP / 72 * (right - left) / axes_inches(ax)[0])
    if not kept.size:
        return None
    (marks,) = ax.plot(
        kept,
        curve.marked[np.searchsorted(curve.marks, kept)],
        linestyle="none",
        marker="|",
        markersize=3.6,
        markeredgewidth=0.5,
        color=style.colour,
        zorder=3,
    )
    return marks


def _stairs(values: FloatArray) -> FloatArray:
    """Return the heights at the corners of steps, each of which lasts until the next."""
    return np.repeat(values, 2)[:-1]
