"""Traced curves: their colour, ink and start, lines beside them that are limits, and rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .axes import AxisScale
from .colours import LineColour
from .tracing import Trace

FloatArray = npt.NDArray[np.float64]

# of the places of lines that programs round to whole pixels:
_ROUNDED = 0.6  # length of the mean direction of the parts of a pixel
_NEAR = 0.15  # pixels from the middle or the edge of a pixel of their mean, where they are rounded
_EXACT, _MOST = 0.08, 0.6  # the same of the places themselves, and share of them: others may be off
_LEAST_LINES = 4
_EVEN = 2  # pixels: thicker lines are not measured well enough between marks
_LONG_LEVEL = 5.0  # pixels: shorter levels are not measured well enough


@dataclass(frozen=True, kw_only=True, eq=False)
class TracedArm:
    """A curve with its colour and its ink.

    Parameters
    ----------
    colour : LineColour
    curve : Trace
    like : ndarray, shape (height, width)
        Ink of the colour (rows as in the trace: upside down for incidence).
    flanked : bool
        Whether it is the middle one of three lines of the colour: the others are its limits.
    """

    colour: LineColour
    curve: Trace
    like: FloatArray
    flanked: bool = False

    @property
    def filled(self) -> float:
        """Share of the columns with ink: near 1 for a solid line, less for a dashed one."""
        visible = self.curve.own[: len(self.curve.rows)]
        return float((visible > 0.35).mean()) if len(visible) else 0.0


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where every curve begins: column of time 0, row of survival 1, and how sure the row is."""

    column: int
    row: float
    slack: float


def mean_row(path: Trace) -> float:
    """Mean row over the first two thirds of the columns."""
    return float(path.rows[: max(1, 2 * len(path.rows) // 3)].mean())


def nested(paths: Sequence[Trace]) -> bool:
    """Whether three paths keep their order over nearly all their common length."""
    length = min(len(p.rows) for p in paths)
    upper, middle, lower = (p.rows[:length] for p in sorted(paths, key=mean_row))
    return bool(np.mean((upper <= middle + 1) & (middle <= lower + 1)) > 0.85)


def without_intervals(arms: Sequence[TracedArm]) -> list[TracedArm]:
    """Drop thin or dashed lines that run above and below a curve at like distances.

    Confidence limits are even on the scale of log survival, so that near the curve the two
    distances are alike; other arms would have to part from it equally at all times.
    """
    left = list(arms)
    for middle in sorted(arms, key=lambda a: -a.filled * a.curve.width):
        if not any(arm is middle for arm in left):
            continue
        weaker = [a for a in left if a is not middle and _is_weaker(a, middle)]
        above = [a for a in weaker if _side(a, middle) < 0]
        below = [a for a in weaker if _side(a, middle) > 0]
        pair = next(
            ((u, v) for u in above for v in below if mirrored(u.curve, middle.curve, v.curve)),
            None,
        )
        if pair is not None:
            left = [arm for arm in left if arm is not pair[0] and arm is not pair[1]]
    return left


def _is_weaker(arm: TracedArm, middle: TracedArm) -> bool:
    """Whether a line is thinner, or dashed beside a solid one."""
    thinner = arm.curve.width < 0.8 * middle.curve.width
    return thinner or (arm.filled < 0.9 and arm.filled < middle.filled - 0.08)


def _side(arm: TracedArm, middle: TracedArm) -> int:
    """Return -1 for a line wholly above a curve, 1 for one wholly below, 0 otherwise."""
    length = min(len(arm.curve.rows), len(middle.curve.rows))
    gap = arm.curve.rows[:length] - middle.curve.rows[:length]
    if (gap < 1.5).mean() > 0.95:
        return -1
    return 1 if (gap > -1.5).mean() > 0.95 else 0


def mirrored(upper: Trace, middle: Trace, lower: Trace, *, least: float = 0.8) -> bool:
    """Whether two lines are equally far from the one between them in most columns."""
    length = min(len(path.rows) for path in (upper, middle, lower))
    up = middle.rows[:length] - upper.rows[:length]
    down = lower.rows[:length] - middle.rows[:length]
    apart = (up > 2) | (down > 2)
    if apart.mean() < 0.3:
        return False
    ratio = np.log(np.maximum(up[apart], 0.5) / np.maximum(down[apart], 0.5))
    return bool((np.abs(ratio) < np.log(2.2)).mean() > least)


def rounding_offset(curve: Trace, axis: AxisScale) -> float:
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
    long = (lengths >= _LONG_LEVEL) & ~curve.hidden
    of_curve = _rounded(curve.levels[long])
    of_ticks = _rounded(np.array([pixel for pixel, _ in axis.points]))
    if of_curve is None and long.sum() >= _LEAST_LINES and round(curve.width) == _EVEN:
        of_curve = 0.0  # marks and bands scatter the levels; such a line is moved to edges, or not
    return 0.0 if of_curve is None or of_ticks is None else of_ticks - of_curve


def _rounded(places: FloatArray) -> float | None:
    """0 if nearly all places are edges of pixels, 0.5 if they are middles; None otherwise."""
    if len(places) < _LEAST_LINES:
        return None
    mean = np.exp(2j * np.pi * places).mean()
    for part in (0.0, 0.5):
        away = np.abs((places - part + 0.5) % 1.0 - 0.5)
        off = abs((float(np.angle(mean)) / (2 * np.pi) - part + 0.5) % 1.0 - 0.5)
        if (away <= _EXACT).mean() >= _MOST or (abs(mean) >= _ROUNDED and off <= _NEAR):
            return part
    return None
