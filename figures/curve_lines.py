"""The lines of survival curves, their bands, and the marks of censored patients on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .style import ArmStyle, axes_inches, current_look
from .thinning import spaced

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.lines import Line2D

    from .curve_view import ShownCurve

__all__ = ["MOST_CENSOR_MARKS", "draw_band", "draw_censor_marks", "draw_line"]

MOST_CENSOR_MARKS = 1000  # in all; more of them would hide the curves
_MARK_GAP = 1.6  # points; of marks closer than that, the first is drawn


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
