"""Rounding to whole pixels: lines of odd and of even thickness are rounded to different places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .tracing import Trace

FloatArray = npt.NDArray[np.float64]

_ROUNDED = 0.6  # length of the mean direction of the parts of a pixel
_NEAR = 0.15  # pixels from the middle or the edge of a pixel of their mean, where they are rounded
_EXACT, _MOST = 0.08, 0.6  # the same of the places themselves, and share of them: others may be off
_LEAST = 4  # lines
_EVEN = 2  # pixels: thicker lines are not measured well enough between marks
_LONG = 5.0  # pixels: shorter levels are not measured well enough


def offset(curve: Trace, axis: AxisScale) -> float:
    """Distance by which a curve was rounded away from where the tick marks of an axis were.

    Parameters
    ----------
    curve : Trace
    axis : AxisScale

    Returns
    -------
    float
        Pixels (0.5, -0.5 or 0) to be added to the places of the curve along the axis. 0 unless the
        tick marks all lie on middles of pixels, or all on their edges, and the levels of the curve
        do, too, or are of a line of two pixels.

    Notes
    -----
    Programs that draw sharp lines move them to whole pixels: a line of odd thickness to the middle
    of a pixel, one of even thickness to the edge before it, so that the first lies half a pixel
    further right and down on average than the second, or than a line of many corners, which is not
    moved (Agg, `PathSnapper`: floor(x + 1/2), plus 1/2 if the thickness is odd). Parts of a pixel
    are directions on a circle: their mean is as long as they agree.
    """
    if not axis.from_ticks:
        return 0.0
    lengths = np.diff(np.concatenate([[curve.start], curve.falls, [curve.end]]))
    long = (lengths >= _LONG) & ~curve.hidden
    of_curve = _rounded(curve.levels[long])
    of_ticks = _rounded(np.array([pixel for pixel, _ in axis.points]))
    if of_curve is None and long.sum() >= _LEAST and round(curve.width) == _EVEN:
        of_curve = 0.0  # marks and bands scatter the levels; such a line is moved to edges, or not
    return 0.0 if of_curve is None or of_ticks is None else of_ticks - of_curve


def _rounded(places: FloatArray) -> float | None:
    """0 if nearly all places are edges of pixels, 0.5 if they are middles; None otherwise."""
    if len(places) < _LEAST:
        return None
    mean = np.exp(2j * np.pi * places).mean()
    for part in (0.0, 0.5):
        away = np.abs((places - part + 0.5) % 1.0 - 0.5)
        off = abs((float(np.angle(mean)) / (2 * np.pi) - part + 0.5) % 1.0 - 0.5)
        if (away <= _EXACT).mean() >= _MOST or (abs(mean) >= _ROUNDED and off <= _NEAR):
            return part
    return None
