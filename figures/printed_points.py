"""Printed survival and medians as points over the curves, each with its rounding interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .style import MISSED, ArmStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

    from ..models import LandmarkCheck

__all__ = ["MARKER_SIZE", "PrintedPoint", "draw_missed", "draw_points", "printed_points"]

MARKER_SIZE = 3.6  # points


@dataclass(frozen=True, kw_only=True)
class PrintedPoint:
    """One printed number where it lies in the plot.

    Attributes
    ----------
    arm : str
    time, survival : float
        The printed time and fraction; a median lies at 0.5.
    time_range, survival_range : tuple of float
        What rounds to what is printed; no width along the axis that is not rounded.
    met : bool
        Whether the reconstruction meets it.
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
    """Return the points of printed numbers; a median that is not reached has no place."""
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
    """Cross out the points that the curves do not meet."""
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
