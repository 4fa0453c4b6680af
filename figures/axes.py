"""Axes of survival curves and of hazard ratios: limits, ticks, and what is drawn on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from ..studies.endpoint import DAYS_PER, TimeUnit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "CurveOptions",
    "LinearAxis",
    "LogAxis",
    "MoreCounts",
    "Orientation",
    "draw_axes",
    "draw_time_axis",
    "linear_axis",
    "log_axis",
    "plot_height",
    "time_label",
    "time_ticks",
]

# Steps that readers of survival curves think in; anything longer doubles the last one. None is
# more than three times the one before, so that some step always fits.
_STEPS: dict[str, tuple[float, ...]] = {
    "days": (1, 2, 4, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (1, 2, 3, 5, 10),
}
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_FURTHEST = 10.0  # an interval is shown up to this many times beyond the outermost estimate
_MOST_TICKS = 7
_PLOT_HEIGHT, _TALLEST = 2.3, 2.9  # inches
_LITTLE = 0.5  # of a step: a time axis goes on to a tick that is no farther from the last time
Orientation = Literal["survival", "incidence"]
MoreCounts = Literal["events", "censored"]
_Choice = bool | Literal["auto"]


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

    null: ClassVar[float] = 1.0

    @property
    def null_place(self) -> float:
        """Where 1 is along the axis, as a fraction."""
        low, high = math.log(self.lower), math.log(self.upper)
        return -low / (high - low)

    def apply(self, ax: Axes) -> None:
        """Set the scale, limits and ticks of an axes."""
        ax.set_xscale("log")
        ax.set_xlim(self.lower, self.upper)
        ax.set_xticks(self.ticks, [f"{tick:g}" for tick in self.ticks])
        ax.minorticks_off()

    def clip(self, value: float) -> float:
        """Return the value, or the limit that it lies beyond."""
        return min(max(value, self.lower), self.upper)


@dataclass(frozen=True, kw_only=True)
class LinearAxis:
    """Limits and ticks of differences; 0 is always inside.

    Attributes
    ----------
    lower, upper : float
        On either side of 0.
    ticks : tuple of float
    """

    lower: float
    upper: float
    ticks: tuple[float, ...]
    null: ClassVar[float] = 0.0

    @property
    def null_place(self) -> float:
        """Where 0 is along the axis, as a fraction."""
        return -self.lower / (self.upper - self.lower)

    def apply(self, ax: Axes) -> None:
        """Set limits and ticks of an axes."""
        ax.set_xlim(self.lower, self.upper)
        ax.set_xticks(self.ticks, [f"{tick:g}".replace("-", "\u2212") for tick in self.ticks])

    def clip(self, value: float) -> float:
        """Return the value, or the limit that it lies beyond."""
        return min(max(value, self.lower), self.upper)


def linear_axis(estimates: Iterable[float], bounds: Iterable[float]) -> LinearAxis:
    """Choose an axis that shows every estimate, and every bound within reason.

    Parameters
    ----------
    estimates : iterable of float
        Differences.
    bounds : iterable of float
        Ends of their intervals. One more than three times as far from 0 as the furthest estimate,
        and as most other ends, does not stretch the axis.
    """
    from matplotlib.ticker import MaxNLocator

    shown = [value for value in estimates if math.isfinite(value)]
    ends = [value for value in bounds if math.isfinite(value)]
    usual = sorted(map(abs, ends))[len(ends) // 2] if ends else 0.0
    furthest = 3 * max([usual, *map(abs, shown)], default=1.0)
    reached = [value for value in ends if abs(value) <= furthest]
    low, high = min([0.0, *shown, *reached]), max([0.0, *shown, *reached])
    if low == high:
        low, high = -1.0, 1.0
    span = high - low
    low, high = min(low, -0.1 * span), max(high, 0.1 * span)
    # The ticks around both ends, so that the axis ends at labelled ones.
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return LinearAxis(
        lower=float(ticks[0]), upper=float(ticks[-1]), ticks=tuple(float(tick) for tick in ticks)
    )


def log_axis(estimates: Iterable[float], bounds: Iterable[float]) -> LogAxis:
    """Choose an axis that shows every estimate and every bound within reason.

    Parameters
    ----------
    estimates : iterable of float
        Hazard ratios. Those below 0.01 or above 100 do not stretch the axis.
    bounds : iterable of float
        Ends of their intervals. One more than ten times beyond all estimates does not stretch the
        axis.
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


def plot_height(width: float) -> float:
    """Return how high the axes of a figure are, `width` inches wide."""
    return min(max(_PLOT_HEIGHT, 0.41 * width), _TALLEST)


def draw_axes(ax: Axes, *, ticks: FloatArray, end: float, unit: str, y_title: str) -> None:
    """Set the limits, ticks and titles of both axes: time up to `end`, and 0 to 100%."""
    draw_time_axis(ax, ticks=ticks, end=end, unit=unit)
    percent_axis(ax, title=y_title)


def draw_time_axis(ax: Axes, *, ticks: FloatArray, end: float, unit: str) -> None:
    """Set the limits, ticks and title of a time axis.

    It ends at the last time, or at the next tick if that is near; the line ends there, too, and
    the axes go on a little, so that a mark at the end is whole.
    """
    following = float(2 * ticks[-1] - ticks[-2])
    if ticks[-1] < end - 1e-9 * end and following - end <= _LITTLE * (following - ticks[-1]):
        ticks, end = np.append(ticks, following), following
    ax.set_xlim(0, 1.02 * end)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.spines["bottom"].set_bounds(0, end)
    ax.set_xlabel(time_label(unit), labelpad=2)


def percent_axis(ax: Axes, *, title: str) -> None:
    """Set the upright axis of fractions, written as percentages from 0 to 100."""
    ax.set_ylim(0, 1.03)
    ax.set_yticks(np.linspace(0, 1, 6), [f"{percent}" for percent in range(0, 101, 20)])
    ax.spines["left"].set_bounds(0, 1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_ylabel(title, labelpad=3)


@dataclass(frozen=True, kw_only=True)
class CurveOptions:
    """What to draw beside the curves, and which way they run.

    Attributes
    ----------
    orientation : {"survival", "incidence"}
        Incidence is 100% minus survival: the share of patients who have had the event.
    time_in : {"days", "weeks", "months", "years"}, optional
        Unit of the time axis; the endpoint's own unless given.
        A year has 12 months and 365.25 days. The corner box keeps the unit of the endpoint.
    bands, censor_marks, landmarks : bool
        Confidence bands, marks of censored patients, reported survival and medians.
    median_guide : bool
        Lines from 50% to each curve and down to the time axis.
    landmark_guides : bool
        Upright lines from the time axis to reported survival.
    at_risk : bool
        The numbers at risk below the plot.
    counts : tuple of {"events", "censored"}
        What to count below them: patients who have had the event, and who have been censored.
        Both count what came before a tick, so that the three add up to all patients of the arm.
    box, key : bool
        The box in the corner, and the key above the plot.
    labels : bool or "auto"
        Names of the arms at the ends of the curves instead of in the key; "auto" where two or
        more curves end far enough apart, and late enough, for names of few words.
    inset : bool or "auto"
        The same curves enlarged in the empty part of the plot; "auto" where all of them stay
        above 85% (or an incidence below 15%) and there is room.
    """

    orientation: Orientation = "survival"
    time_in: TimeUnit | None = None
    bands: bool = True
    censor_marks: bool = True
    landmarks: bool = True
    median_guide: bool = False
    landmark_guides: bool = False
    at_risk: bool = True
    counts: tuple[MoreCounts, ...] = ()
    box: bool = True
    key: bool = True
    labels: _Choice = "auto"
    inset: _Choice = "auto"

    def __post_init__(self) -> None:
        """Refuse what is not among the choices.

        Raises
        ------
        ValueError
            If `orientation`, `time_in`, `counts`, `labels` or `inset` is none of its choices.
        """
        _one_of("orientation", self.orientation, get_args(Orientation))
        _one_of("time_in", self.time_in, (None, *DAYS_PER))
        _one_of("labels", self.labels, (True, False, "auto"))
        _one_of("inset", self.inset, (True, False, "auto"))
        if isinstance(self.counts, str):
            raise ValueError(f"`counts` must be a tuple such as ({self.counts!r},), not a string.")
        for each in self.counts:
            _one_of("counts", each, get_args(MoreCounts))
        if len(set(self.counts)) < len(self.counts):
            raise ValueError(f"`counts` must name each count once, but is {self.counts!r}.")


def _one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        known = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {known}, but is {value!r}.")
