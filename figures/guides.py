"""Thin lines that lead the eye from curves to the axes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .style import FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from .curve_options import CurveOptions
    from .curve_view import ShownCurves
    from .printed_points import PrintedPoint

__all__ = ["draw_guides"]

_LOOK: dict[str, Any] = {"linestyle": (0.0, (2.0, 2.0)), "linewidth": 0.6, "zorder": 2}


def draw_guides(ax: Axes, shown: ShownCurves, options: CurveOptions) -> tuple[Line2D, ...]:
    """Draw the guides that are asked for."""
    guides: tuple[Line2D, ...] = ()
    if options.median_guide:
        guides += _median_guide(ax, [curve.median for curve in shown.curves.values()])
    if options.landmark_guides:
        guides += _landmark_guides(ax, [point for point in shown.points if not point.is_median])
    return guides


def _median_guide(ax: Axes, medians: Iterable[float]) -> tuple[Line2D, ...]:
    """Lead from 50% to where each curve reaches it and down to the axis, if it ever does."""
    reached = [median for median in medians if math.isfinite(median)]
    if not reached:
        return ()
    across = ax.plot([0, max(reached)], [0.5, 0.5], color=FAINT, **_LOOK)
    down = [
        line
        for median in reached
        for line in ax.plot([median, median], [0, 0.5], color=FAINT, **_LOOK)
    ]
    return (*across, *down)


def _landmark_guides(ax: Axes, points: Iterable[PrintedPoint]) -> tuple[Line2D, ...]:
    """Lead from the axis up to the highest of the points at each time."""
    tops: dict[float, float] = {}
    for point in points:
        tops[point.time] = max(point.survival, tops.get(point.time, 0.0))
    look = {**_LOOK, "linestyle": (0.0, (1.0, 2.0)), "linewidth": 0.5}
    return tuple(
        line
        for time, top in sorted(tops.items())
        for line in ax.plot([time, time], [0, top], color=FAINT, **look)
    )
