"""The few things that the analyses need of the normal distribution."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["interval", "quantile", "two_sided_p", "two_sided_ps"]


def quantile(confidence: float) -> float:
    """Return z such that a standard normal lies within ±z with probability `confidence`.

    Raises
    ------
    ValueError
        If `confidence` is outside (0, 1).
    """
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` must lie between 0 and 1, but is {confidence}.")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def interval(estimate: float, se: float, *, confidence: float) -> tuple[float, float]:
    """Return the symmetric interval around an estimate."""
    half = quantile(confidence) * se
    return estimate - half, estimate + half


def two_sided_p(z: float) -> float:
    """Return the two-sided p of a standard normal deviate; NaN gives NaN."""
    return math.erfc(abs(z) / math.sqrt(2))


def two_sided_ps(z: FloatArray) -> FloatArray:
    """Return the two-sided p of each of many standard normal deviates; NaN gives NaN."""
    from scipy.special import erfc

    return np.asarray(erfc(np.abs(z) / math.sqrt(2)))
