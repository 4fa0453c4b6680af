"""The axes that survival curves are drawn on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .at_risk import count_text
from .lettering import text_width
from .style import SMALL_SIZE, axes_inches
from .time_axis import time_label, time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..models import KaplanMeier

__all__ = ["count_ticks", "draw_axes", "plot_height"]

_PLOT_HEIGHT, _TALLEST = 2.3, 2.9  # inches


def plot_height(width: float) -> float:
    """Return how high the axes of a figure are, `width` inches wide."""
    return min(max(_PLOT_HEIGHT, 0.41 * width), _TALLEST)


def count_ticks(
    ax: Axes, curves: Mapping[str, KaplanMeier], *, end: float, unit: str
) -> FloatArray:
    """Choose ticks of the time axis with room for the numbers of patients below each."""
    counts = (count_text(curve.n) for curve in curves.values())
    widest = max(text_width(count, size=SMALL_SIZE) for count in counts)
    most = math.floor(axes_inches(ax)[0] / (max(widest, 0.16) + 0.07))
    return time_ticks(end, unit=unit, most=min(max(most, 3), 12))


def draw_axes(ax: Axes, *, ticks: FloatArray, end: float, unit: str, y_title: str) -> None:
    """Set the limits, ticks and titles of both axes: time up to `end`, and 0 to 100%."""
    ax.set_xlim(0, 1.02 * end)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_ylim(0, 1.03)
    ax.set_yticks(np.linspace(0, 1, 6), [f"{percent}" for percent in range(0, 101, 20)])
    ax.spines["left"].set_bounds(0, 1)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel(time_label(unit), labelpad=2)
    ax.set_ylabel(y_title, labelpad=3)
