"""Restricted mean survival time of each arm, and the difference of two."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import PseudoIPD
from ._difference import Difference, refuse_beyond
from ._normal import interval, quantile
from .batched.rmst import areas
from .kaplan_meier import KaplanMeier, kaplan_meier

__all__ = ["RestrictedMean", "Rmst", "largest_tau", "rmst"]


@dataclass(frozen=True, kw_only=True)
class RestrictedMean:
    """Mean time lived up to tau in one arm, its standard error and interval."""

    mean: float
    se: float
    ci: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Rmst:
    """Restricted mean survival times.

    Attributes
    ----------
    tau : float
        The horizon, in the time unit of the patients.
    arms : mapping of str to RestrictedMean
        By arm.
    difference : float
        Second arm less reference; NaN unless there are two arms.
    difference_ci : tuple of float
        Its interval.
    p : float
        Two-sided p of the difference; NaN if nobody had an event before tau.
    confidence : float
        Coverage of the intervals.
    """

    tau: float
    arms: Mapping[str, RestrictedMean]
    difference: float
    difference_ci: tuple[float, float]
    p: float
    confidence: float


def rmst(ipd: PseudoIPD, *, tau: float, confidence: float = 0.95) -> Rmst:
    """Estimate the mean time lived up to `tau`, by arm.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients.
    tau : float
        Horizon, positive, in the time unit of the patients.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    Rmst
        Means and standard errors as R's ``print(survfit, rmean = tau)`` and ``survRM2``.

    Raises
    ------
    NotEstimable
        If an arm was not followed up to `tau`, unless its curve had come down to 0 before.
    ValueError
        If `tau` is not positive and finite, or `confidence` is outside (0, 1).

    Notes
    -----
    The mean is the area A(0) under the Kaplan-Meier curve up to tau. Its variance is the sum over
    event times t of A(t)² d / (n (n - d)), with A(t) the area between t and tau, d events among
    n at risk [1]_; a last event that takes everybody left has no area after it and adds nothing.

    References
    ----------
    .. [1] Uno H, Claggett B, Tian L, et al. J Clin Oncol 2014;32:2380-2385.
       doi:10.1200/JCO.2014.55.2208.

    Examples
    --------
    Maintained chemotherapy of acute myelogenous leukaemia against none (Miller 1981).

    >>> from kmrepro.reconstruct import PseudoIPD
    >>> maintained = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    >>> nonmaintained = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    >>> ipd = PseudoIPD(
    ...     time=maintained + nonmaintained,
    ...     event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0] + [1, 1, 1, 1, 1, 0] + [1] * 6,
    ...     arm=["maintained"] * 11 + ["nonmaintained"] * 12,
    ...     arms=("maintained", "nonmaintained"),
    ... )
    >>> result = rmst(ipd, tau=45)
    >>> round(result.difference, 2), round(result.p, 3)
    (-8.03, 0.171)
    """
    quantile(confidence)
    if not (math.isfinite(tau) and tau > 0):
        raise ValueError(f"`tau` must be positive and finite, but is {tau}.")
    curves = [kaplan_meier(ipd, arm=arm) for arm in ipd.arms]
    for curve in curves:
        refuse_beyond(curve, tau, name="tau", time_unit=ipd.time_unit)
    moments = [_area(curve, tau) for curve in curves]
    means = {
        arm: RestrictedMean(mean=mean, se=se, ci=interval(mean, se, confidence=confidence))
        for arm, (mean, se) in zip(ipd.arms, moments, strict=True)
    }
    difference = Difference.of(moments, confidence=confidence)
    return Rmst(
        tau=tau,
        arms=means,
        difference=difference.value,
        difference_ci=difference.ci,
        p=difference.p,
        confidence=confidence,
    )


def largest_tau(ipd: PseudoIPD) -> float:
    """Return the largest horizon that every arm supports.

    That is the earliest last follow-up of the arms whose curves do not come down to 0, or, if
    all do, the last event.
    """
    curves = [kaplan_meier(ipd, arm=arm) for arm in ipd.arms]
    censored = [curve.last_time for curve in curves if curve.survival[-1] > 0]
    return min(censored) if censored else max(curve.last_time for curve in curves)


def _area(curve: KaplanMeier, tau: float) -> tuple[float, float]:
    """Return the area under a curve up to tau and its standard error."""
    row = np.repeat(np.arange(curve.time.size), curve.n_events)
    # Tied events one after the other.
    standing = curve.n_at_risk[row] - (np.arange(row.size) - np.searchsorted(row, row))
    mean, se = areas(
        curve.time[row][None], standing[None], tau=tau, last=np.array([curve.last_time])
    )
    return float(mean[0]), float(se[0])
