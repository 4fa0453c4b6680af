"""Rounding to whole pixels: lines of odd and of even thickness are rounded to different places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .tracing import Trace

FloatArray = npt.NDArray[np.float64]

_NEAR = 0.08  # pixels from the middle or the edge of a pixel within which a line was rounded to it
_MOST = 0.6  # share of the lines that have to be
_LEAST = 4  # lines
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
        levels of the curve and the tick marks all lie on middles of pixels, or all on their edges.

    Notes
    -----
    Programs that draw sharp lines move them to whole pixels: a line of odd thickness to the middle
    of a pixel, one of even thickness to the edge before it, so that the first lies half a pixel
    further right and down on average than the second (Agg, `PathSnapper`: floor(x + 1/2), plus 1/2
    if the thickness is odd).
    """
    if not axis.from_ticks:
        return 0.0
    lengths = np.diff(np.concatenate([[curve.start], curve.falls, [curve.end]]))
    long = (lengths >= _LONG) & ~curve.hidden
    of_curve = _rounded(curve.levels[long])
    of_ticks = _rounded(np.array([pixel for pixel, _ in axis.points]))
    return 0.0 if of_curve is None or of_ticks is None else of_ticks - of_curve


def _rounded(places: FloatArray) -> float | None:
    """0 if nearly all places are edges of pixels, 0.5 if they are middles; None otherwise."""
    if len(places) < _LEAST:
        return None
    for part in (0.0, 0.5):
        away = np.abs((places - part + 0.5) % 1.0 - 0.5)
        if (away <= _NEAR).mean() >= _MOST:
            return part
    return None
