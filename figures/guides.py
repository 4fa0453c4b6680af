"""Thin lines that lead the eye from a curve to the axes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .style import FAINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["draw_median_guide"]

_LOOK: dict[str, Any] = {"linestyle": (0.0, (2.0, 2.0)), "linewidth": 0.6, "zorder": 2}


def draw_median_guide(ax: Axes, medians: Iterable[float]) -> tuple[Line2D, ...]:
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
