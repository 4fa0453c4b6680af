"""Restricted mean survival time, of one data set and of two arms in many data sets at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import BoolArray, FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import strict
from ..studies.endpoint import Endpoint
from ._inference import Difference, ReadOnlyArrays, chosen_level, interval
from ._kaplan_meier import KaplanMeier, kaplan_meier, refuse_beyond
from ._kernels import RiskSets

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BatchedRmst",
    "RestrictedMean",
    "Rmst",
    "horizon",
    "joint_rmst",
    "largest_tau",
    "left_one_by_one",
    "mean_differences",
    "rmst",
]


@dataclass(frozen=True, kw_only=True)
class RestrictedMean:
    """Restricted mean survival time to tau in one arm, its standard error and interval."""

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
        Second arm minus reference; NaN unless there are two arms.
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

    @property
    def pvalue(self) -> float:
        """`p`, under SciPy's name."""
        return self.p

    @property
    def confidence_level(self) -> float:
        """`confidence`, under SciPy's name."""
        return self.confidence

    def to_frame(self) -> pd.DataFrame:
        """Return a row per arm and, of two arms, one for their difference.

        The columns are mean, se, ci_lower, ci_upper, p (of the difference only), tau and
        confidence_level; times are in the unit of `tau`. The difference is that of independent
        means, so its variance is the sum of theirs.
        """
        import pandas as pd

        rows = {arm: (each.mean, each.se, *each.ci, math.nan) for arm, each in self.arms.items()}
        if len(rows) == 2:
            se = math.hypot(*(each.se for each in self.arms.values()))
            rows["difference"] = (self.difference, se, *self.difference_ci, self.p)
        columns = ["mean", "se", "ci_lower", "ci_upper", "p"]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        frame.index.name = "arm"
        return frame.assign(tau=self.tau, confidence_level=self.confidence)


@strict
def rmst(
    ipd: PseudoIPD,
    *,
    tau: float,
    confidence_level: float = 0.95,
    confidence: float | None = None,
) -> Rmst:
    """Estimate the restricted mean survival time to `tau`, by arm.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients.
    tau : float
        Horizon, positive, in the time unit of the patients.
    confidence_level : float
        Coverage of the intervals, in (0, 1).
    confidence : float, optional
        Earlier name of `confidence_level`.

    Returns
    -------
    Rmst
        Means and standard errors as R's ``print(survfit, rmean = tau)`` and ``survRM2``.

    Raises
    ------
    NotEstimable
        If an arm was not followed up to `tau`, unless its curve had come down to 0 before.
    ValueError
        If `tau` is not positive and finite, or `confidence_level` is outside (0, 1).

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
    refuse_no_patients("rmst", ipd)
    level = chosen_level(confidence_level, confidence)
    _check_horizon(tau)
    curves = [kaplan_meier(ipd, arm=arm) for arm in ipd.arms]
    for curve in curves:
        refuse_beyond(curve, tau, name="tau", time_unit=ipd.time_unit)
    moments = [_area(curve, tau) for curve in curves]
    means = {
        arm: RestrictedMean(mean=mean, se=se, ci=interval(mean, se, confidence_level=level))
        for arm, (mean, se) in zip(ipd.arms, moments, strict=True)
    }
    difference = Difference.of(moments, confidence_level=level)
    return Rmst(
        tau=tau,
        arms=means,
        difference=difference.value,
        difference_ci=difference.ci,
        p=difference.p,
        confidence=level,
    )


def largest_tau(ipd: PseudoIPD) -> float:
    """Return the largest horizon that every arm supports.

    That is the earliest last follow-up of the arms whose curves do not come down to 0, or, if
    all do, the last event.
    """
    refuse_no_patients("largest_tau", ipd)
    curves = [kaplan_meier(ipd, arm=arm) for arm in ipd.arms]
    censored = [curve.last_time for curve in curves if curve.survival[-1] > 0]
    return min(censored) if censored else max(curve.last_time for curve in curves)


def horizon(endpoint: Endpoint, ipd: PseudoIPD) -> float:
    """Return the horizon of restricted means where none is asked for.

    That is the last landmark reported for all arms that the follow-up of every arm supports, or
    else the largest horizon that it supports.
    """
    limit = largest_tau(ipd)
    shared = set.intersection(*(set(arm.landmarks) for arm in endpoint.arms.values()))
    return max((time for time in shared if 0 < time <= limit), default=limit)


def _area(curve: KaplanMeier, tau: float) -> tuple[float, float]:
    """Return the area under a curve up to tau, which follow-up reaches, and its standard error."""
    row = np.repeat(np.arange(curve.time.size), curve.n_events)
    # Tied events one after the other.
    n_at_risk = curve.n_at_risk[row] - (np.arange(row.size) - np.searchsorted(row, row))
    mean, se = _areas(curve.time[row][None], n_at_risk[None], tau=tau, last=np.array([tau]))
    return float(mean[0]), float(se[0])


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedRmst(ReadOnlyArrays):
    """Restricted mean survival times of both arms in each draw.

    An arm that was not followed up to the horizon, and whose curve had not come down to 0 before,
    has no mean: NaN, and so has the difference.

    Attributes
    ----------
    tau : float
        The horizon, in the time unit of the patients.
    mean, mean_se : ndarray of float, shape (draws, 2)
        Restricted mean of the reference arm and of the treatment arm, and its standard error.

    Notes
    -----
    As in `rmst`, but tied events are counted one after the other: (n - d) / n is the product of
    (m - 1) / m, and d / (n (n - d)) the sum of 1 / (m (m - 1)), over m = n, ..., n - d + 1.
    """

    tau: float
    mean: FloatArray
    mean_se: FloatArray

    @property
    def difference(self) -> FloatArray:
        """Treatment minus reference, shape (draws,)."""
        return np.asarray(self.mean[:, 1] - self.mean[:, 0])

    @property
    def se(self) -> FloatArray:
        """Standard error of the difference, shape (draws,)."""
        return np.asarray(np.hypot(self.mean_se[:, 0], self.mean_se[:, 1]))

    @classmethod
    def of(cls, sets: RiskSets, *, tau: float) -> Self:
        """Integrate the curves of every draw up to `tau`, positive, in the unit of the times."""
        _check_horizon(tau)
        arms = [
            _areas(sets.time, n_at_risk, tau=tau, last=last)
            for n_at_risk, last in left_one_by_one(sets)
        ]
        mean, se = (np.column_stack(both) for both in zip(*arms, strict=True))
        return cls(tau=tau, mean=mean, mean_se=se)


def left_one_by_one(sets: RiskSets) -> tuple[tuple[npt.NDArray[Any], FloatArray], ...]:
    """Return of each arm how many are left at its events, and its longest follow-up.

    Tied patients leave one by one, the reference arm first; at the other arm's events it is 0.

    Returns
    -------
    tuple of (ndarray of int, ndarray of float), the reference first
        Patients left, shape (draws, k), at each of the k events; the longest follow-up, shape
        (draws,), in the time unit.
    """
    tied_reference = sets.tied - sets.tied_treated
    left_reference = sets.n_reference - sets.rank
    left_treatment = sets.n_treatment - (sets.rank - tied_reference)
    return (
        (left_reference * ~sets.treated, sets.last_reference),
        (left_treatment * sets.treated, sets.last_treatment),
    )


def joint_rmst(sets: RiskSets, taus: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Estimate differences of restricted means to several horizons, and their covariance.

    Parameters
    ----------
    sets : RiskSets
    taus : sequence of float
        Horizons, positive, in the unit of the times.

    Returns
    -------
    difference : ndarray of float, shape (draws, horizons)
        Treatment minus reference; NaN to a horizon to which an arm was not followed.
    covariance : ndarray of float, shape (draws, horizons, horizons)

    Notes
    -----
    In an arm the covariance of the means to tau and tau' is the sum over event times t of
    A(t) A'(t) d / (n (n - d)), A and A' the areas under the curve between t and each horizon; it is
    the variance of `rmst` where the two are the same.

    References
    ----------
    .. [1] Wei Y, Royston P, Tierney JF, Parmar MKB. Stat Med 2015;34:2881-2898.
       doi:10.1002/sim.6556.
    """
    shape = (len(sets.time), len(taus))
    difference, covariance = np.zeros(shape), np.zeros((*shape, len(taus)))
    for sign, (n_at_risk, last) in zip((-1, 1), left_one_by_one(sets), strict=True):
        found = [_areas_after(sets.time, n_at_risk, tau=tau, last=last) for tau in taus]
        undefined = np.column_stack([each[1] for each in found])
        means = np.column_stack([each[0][:, 0] for each in found])
        difference += sign * np.where(undefined, np.nan, means)
        after = np.stack([each[0][:, 1:] for each in found], axis=1)
        own = np.einsum("dik,djk,dk->dij", after, after, _jumps(n_at_risk))
        covariance += np.where(undefined[:, :, None] | undefined[:, None, :], np.nan, own)
    return difference, covariance


def mean_differences(sets: RiskSets, *, tau: float) -> FloatArray:
    """Return `BatchedRmst.difference` alone, at less than half the cost."""
    _check_horizon(tau)
    means = []
    for n_at_risk, last in left_one_by_one(sets):
        area_from, undefined = _areas_after(sets.time, n_at_risk, tau=tau, last=last)
        means.append(np.where(undefined, np.nan, area_from[:, 0]))
    return np.asarray(means[1] - means[0])


def _check_horizon(tau: float) -> None:
    if not (math.isfinite(tau) and tau > 0):
        raise ValueError(f"`tau` must be positive and finite, but is {tau}.")


def _areas(
    time: FloatArray, n_at_risk: npt.NDArray[Any], *, tau: float, last: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the area under one arm's curves up to tau and its standard error.

    `n_at_risk`, of shape (draws, k), is how many of the arm are left just before each of its
    events, tied ones one after the other, and 0 at the events of the other arm. `last`, of shape
    (draws,), is the last follow-up of the arm; both results have that shape.
    """
    area_from, undefined = _areas_after(time, n_at_risk, tau=tau, last=last)
    mean, variance = area_from[:, 0], (area_from[:, 1:] ** 2 * _jumps(n_at_risk)).sum(axis=1)
    return np.where(undefined, np.nan, mean), np.where(undefined, np.nan, np.sqrt(variance))


def _areas_after(
    time: FloatArray, n_at_risk: npt.NDArray[Any], *, tau: float, last: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return the areas from 0 and from each event to tau, and which draws do not reach it.

    Arguments are those of `_areas`.
    """
    edges = np.empty((len(time), time.shape[1] + 2))
    edges[:, 0], edges[:, -1] = 0.0, tau
    np.minimum(time, tau, out=edges[:, 1:-1])
    survival = np.ones((len(time), time.shape[1] + 1))
    some = np.maximum(n_at_risk, 1)
    np.divide(some - (n_at_risk > 0), some, out=survival[:, 1:])
    np.cumprod(survival, axis=1, out=survival)
    undefined = (last < tau) & (survival[:, -1] > 0)
    survival *= edges[:, 1:] - edges[:, :-1]
    return np.cumsum(survival[:, ::-1], axis=1)[:, ::-1], undefined


def _jumps(n_at_risk: npt.NDArray[Any]) -> FloatArray:
    """Return each event's part of the variance of the cumulative hazard.

    Nothing is left to live after the last patient of the arm: no area, no variance.
    """
    product = np.maximum(n_at_risk, 1) * (n_at_risk - 1.0)
    return np.asarray(np.divide(1.0, product, out=np.zeros(product.shape), where=product > 0))
