"""The cumulative hazard between reported survival values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from .constraints import ArmConstraints
from .pseudo_ipd import FloatArray

__all__ = ["HazardCurve", "cumulative_hazard"]

GRID_CELLS = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardCurve:
    """A cumulative hazard on a grid of times.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        From 0 to the last follow-up, every knot included.
    survival : ndarray of float, shape (k,)
        exp(-cumulative hazard), non-increasing from 1.
    """

    time: FloatArray
    survival: FloatArray

    def at(self, time: float | FloatArray) -> FloatArray:
        """Survival at given times.

        Parameters
        ----------
        time : float or ndarray of float, shape (k,)
            In the time unit.

        Returns
        -------
        ndarray of float, shape () or (k,)
            Fractions, 0 to 1.
        """
        return np.asarray(np.interp(time, self.time, self.survival))


def cumulative_hazard(arm: ArmConstraints, *, tail: float = 1.0) -> HazardCurve:
    """Interpolate the cumulative hazard of one arm monotonically through what it reports.

    Parameters
    ----------
    arm : ArmConstraints
        What the arm reports.
    tail : float, default 1.0
        Hazard after the last reported value, as a multiple of the default there.

    Notes
    -----
    Piecewise cubic Hermite interpolation [1]_ of -ln S through the reported values keeps the
    cumulative hazard monotone and its slope, the hazard, continuous. After the last reported value
    the hazard stays what it was on average over the last interval, or over all of them where the
    last is flat. On trials whose data are known
    this comes nearer to the hazard ratio than piecewise-constant hazards or interpolation of
    ln(-ln S) in ln t; see ``benchmarks/accuracy_landmarks.py``.

    References
    ----------
    .. [1] Fritsch FN, Carlson RE. SIAM J Numer Anal 1980;17:238-246.
    """
    time, survival = _pinned(arm)
    floor = 0.25 / arm.n  # a reported 0% has no finite hazard; a quarter of a patient has
    hazard = np.maximum.accumulate(-np.log(np.maximum(survival, floor)))
    if time[-1] < arm.last_time:
        slope = tail * _late_hazard(time, hazard, arm)
        time = np.append(time, arm.last_time)
        hazard = np.append(hazard, hazard[-1] + slope * (time[-1] - time[-2]))
    grid = np.union1d(
        np.linspace(0.0, arm.last_time, GRID_CELLS + 1), [knot.time for knot in arm.knots_to_end]
    )
    curve = PchipInterpolator(time, hazard) if time.size > 1 else np.zeros_like
    cumulative = np.maximum.accumulate(curve(grid))
    return HazardCurve(time=grid, survival=np.exp(-cumulative))


def _late_hazard(time: FloatArray, hazard: FloatArray, arm: ArmConstraints) -> float:
    """Return the hazard after the last reported value."""
    if time.size > 1 and hazard[-1] > hazard[-2]:
        return float((hazard[-1] - hazard[-2]) / (time[-1] - time[-2]))
    if hazard[-1] > 0:
        return float(hazard[-1] / time[-1])
    # nothing happened up to the last reported value: if events are reported, they come later
    return 0.5 / arm.n / arm.last_time if arm.events else 0.0


def _pinned(arm: ArmConstraints) -> tuple[FloatArray, FloatArray]:
    """Return the times and survivals to interpolate through: those reported, then the median.

    Knots that only bound survival (either side of a median) pin nothing by themselves; the middle
    of a median's rounding interval is pinned at one half, unless a reported survival is close by.
    """
    pinned = {0.0: 1.0} | {k.time: k.aim for k in arm.knots if k.aim is not None}
    median = sum(arm.median) / 2 if arm.median is not None else None
    near = 0.04 * max([*pinned, median or 0.0])
    if median is not None and all(abs(median - time) > near for time in pinned):
        before = min((s for t, s in pinned.items() if t < median), default=1.0)
        after = max((s for t, s in pinned.items() if t > median), default=0.0)
        if before > 0.5 > after:
            pinned[median] = 0.5
    times = sorted(pinned)
    return np.array(times), np.array([pinned[time] for time in times])
