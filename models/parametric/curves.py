"""Values and curves with their intervals: of fits, and the smoothed hazard that the data show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from .._inference import NotEstimable, ReadOnlyArrays
from .._kernels import n_at_risk_before

__all__ = ["Estimate", "FittedCurve", "empirical_hazard"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A positive quantity with its interval, both from the logarithm.

    Attributes
    ----------
    value : float
        Infinite if it does not exist.
    ci : tuple of float
        NaN where the value is infinite.
    se : float
        Standard error of the logarithm.
    reconstruction_share : float
        Share of the variance that the reconstruction adds, 0 to 1; 0 for a single data set.
    """

    value: float
    ci: tuple[float, float]
    se: float
    reconstruction_share: float

    def columns(self, name: str) -> dict[str, float]:
        """Return the value, its interval and the reconstruction's share as columns of a table."""
        return {
            name: self.value,
            f"{name}_lower": self.ci[0],
            f"{name}_upper": self.ci[1],
            f"{name}_reconstruction_share": self.reconstruction_share,
        }


INFINITE = Estimate(
    value=math.inf, ci=(math.nan, math.nan), se=math.nan, reconstruction_share=math.nan
)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedCurve(ReadOnlyArrays):
    """Survival or hazard at some times.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
    value, lower, upper : ndarray of float, shape (k,)
        With a pointwise interval.
    reconstruction_share : ndarray of float, shape (k,)
        Share of the variance that the reconstruction adds, on the scale of the interval.
    """

    time: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    reconstruction_share: FloatArray


_LEAST_AT_RISK = 10
_POINTS = 101


def empirical_hazard(
    ipd: PseudoIPD, *, arm: str, bandwidth: float | None = None, confidence_level: float = 0.95
) -> FittedCurve:
    """Smooth the hazard of one arm.

    Parameters
    ----------
    ipd : PseudoIPD
    arm : str
    bandwidth : float, optional
        Half the width of the kernel, in the time unit; by default a third of the time over which
        10 patients are at risk, times (20 / events)^(1/5), and at most half of it.
    confidence_level : float
        Coverage of the pointwise interval, in (0, 1).

    Returns
    -------
    FittedCurve
        At 101 times from 0 to the last at which 10 patients are at risk (all of them if the arm
        has fewer); `reconstruction_share` is NaN.

    Raises
    ------
    NotEstimable
        If there are fewer than two events while so many are at risk.
    KeyError
        If there is no such arm.
    ValueError
        If `bandwidth` is not positive.

    Notes
    -----
    h(t) is the sum over events of K((t - t_i) / b) / (b n_i), n_i at risk, with the Epanechnikov
    kernel K, divided by the kernel's area inside the range, and its variance the sum of the
    squares [1]_.

    References
    ----------
    .. [1] Ramlau-Hansen H. Ann Stat 1983;11:453-466. doi:10.1214/aos/1176346152.
    """
    from .._inference import quantile

    time, event = ipd.of(arm)
    z = quantile(confidence_level)
    ordered = np.sort(time)[::-1]
    end = float(ordered[min(_LEAST_AT_RISK, ordered.size) - 1])
    at = np.sort(time[event & (time <= end)])
    if at.size < 2:
        raise NotEstimable(
            f"A smoothed hazard of arm {arm} needs at least 2 events while {_LEAST_AT_RISK} "
            f"patients are at risk; there {'is 1' if at.size == 1 else 'are none'}."
        )
    width = end / 3 * min(1.5, (20 / at.size) ** 0.2) if bandwidth is None else bandwidth
    if not width > 0:
        raise ValueError(f"`bandwidth` must be positive, but is {bandwidth}.")
    grid = np.linspace(0, end, _POINTS)
    kernel = _epanechnikov((grid[:, None] - at) / width) / width
    inside = _area((end - grid) / width) - _area(-grid / width)
    rate = kernel / inside[:, None] / n_at_risk_before(time, at)
    value = rate.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.exp(z * np.sqrt((rate**2).sum(axis=1)) / value)
    return FittedCurve(
        time=grid,
        value=value,
        lower=value / half,
        upper=value * half,
        reconstruction_share=np.full(grid.shape, np.nan),
    )


def _epanechnikov(u: FloatArray) -> FloatArray:
    return np.asarray(np.where(np.abs(u) < 1, 0.75 * (1 - u**2), 0.0))


def _area(u: FloatArray) -> FloatArray:
    """Return the kernel's area below u."""
    inside = np.clip(u, -1.0, 1.0)
    return np.asarray(0.5 + 0.75 * (inside - inside**3 / 3))
