"""Proportional hazards: their test, and the log hazard ratio as it varies over time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..reconstruct.pseudo_ipd import BoolArray, FloatArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import strict
from ._cox import cox
from ._inference import NotEstimable, ReadOnlyArrays, two_sided_p
from ._kernels import RiskSets, partial_likelihood, two_arm_risk_sets

__all__ = ["Proportionality", "Schoenfeld", "Transform", "proportionality", "schoenfeld"]

Transform = Literal["km", "identity", "rank", "log"]

_TERMS = 4  # of the smooth, as many as R's
_GRID = 80  # points of the smooth line


@dataclass(frozen=True, kw_only=True)
class Proportionality:
    """Test of a hazard ratio that is constant over time.

    Attributes
    ----------
    statistic : float
        Chi-squared on 1 degree of freedom.
    p : float
        Its p; small if the log hazard ratio changes along the transformed time.
    transform : {"km", "identity", "rank", "log"}
        The time scale.
    """

    statistic: float
    p: float
    transform: Transform

    @property
    def pvalue(self) -> float:
        """`p`, under SciPy's name."""
        return self.p


@strict
def proportionality(ipd: PseudoIPD, *, transform: Transform = "km") -> Proportionality:
    """Test proportional hazards, as R's ``cox.zph`` (survival 3.0 and later).

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms.
    transform : {"km", "identity", "rank", "log"}
        Scale g(t) along which the log hazard ratio may change: one less the Kaplan-Meier curve of
        all patients just before t, t itself, the rank of t among the times of all patients (ties
        share the mean rank), or log t.

    Raises
    ------
    NotEstimable
        If the hazard ratio is not estimable, or all informative events share one value of g.
    ValueError
        If `transform` is none of the four.

    Notes
    -----
    The score test of a term x g(t) added to the fitted model [1]_, [2]_: with r the Schoenfeld
    residuals and v the variances of the risk sets at the estimate, it is
    (sum g r)² / (sum g² v - (sum g v)² / sum v).

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Biometrika 1994;81:515-526. doi:10.1093/biomet/81.3.515.
    .. [2] Therneau TM. Approximating a Cox model: cox.zph, vignette of R package survival 3.0.

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
    >>> round(proportionality(ipd).statistic, 3)
    0.008
    """
    refuse_no_patients("proportionality", ipd)
    log_hazard_ratio = cox(ipd).log_hazard_ratio
    sets = two_arm_risk_sets(ipd)
    at_estimate = partial_likelihood(sets, np.array([log_hazard_ratio]))
    r, v = at_estimate.residual[0], at_estimate.variance[0]
    g = _scale(ipd, sets, transform)
    # The test does not depend on where g starts; centred, nothing cancels in the variance.
    level = float(np.abs(g).max())
    g = g - np.average(g, weights=v)
    variance = float((g * g * v).sum())
    # Where one event time alone compares the arms, g differs by rounding.
    if variance <= float(v.sum()) * max(1e-12 * float(np.ptp(g)) ** 2, (1e-14 * level) ** 2):
        raise NotEstimable(
            "Proportional hazards cannot be tested: only one event time compares the arms."
        )
    statistic = float((g * r).sum()) ** 2 / variance
    return Proportionality(
        statistic=statistic, p=two_sided_p(math.sqrt(statistic)), transform=transform
    )


def _scale(ipd: PseudoIPD, sets: RiskSets, transform: Transform) -> FloatArray:
    time = sets.time[0]
    if transform == "km":
        first = np.arange(time.size) - sets.rank[0]
        n = sets.n_reference[0] + sets.n_treatment[0] - sets.rank[0]
        just_before = np.concatenate([[1.0], np.cumprod(1 - 1 / n)[:-1]])[first]
        return np.asarray(1 - just_before)
    if transform == "rank":
        ordered = np.sort(ipd.time)
        earlier = np.searchsorted(ordered, time, side="left")
        not_later = np.searchsorted(ordered, time, side="right")
        return np.asarray((earlier + 1 + not_later) / 2)
    return np.asarray(np.log(time) if transform == "log" else time)


@dataclass(frozen=True, kw_only=True, eq=False)
class Schoenfeld(ReadOnlyArrays):
    """Residuals of the fitted hazard ratio, one per event, and a smooth line through them.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        When each event happened.
    log_hazard_ratio_at : ndarray of float, shape (k,)
        The fitted log hazard ratio plus the scaled residual of the event.
    smooth_time : ndarray of float, shape (m,)
        Times of the smooth line; empty if there are too few distinct event times for one.
    smooth, smooth_lower, smooth_upper : ndarray of float, shape (m,)
        The smooth log hazard ratio and its band of two standard errors.
    log_hazard_ratio : float
        The constant estimate, of Cox regression.
    test : Proportionality
        The test along the Kaplan-Meier scale of time.
    """

    time: FloatArray
    log_hazard_ratio_at: FloatArray
    smooth_time: FloatArray
    smooth: FloatArray
    smooth_lower: FloatArray
    smooth_upper: FloatArray
    log_hazard_ratio: float
    test: Proportionality


def schoenfeld(ipd: PseudoIPD) -> Schoenfeld:
    """Scale the Schoenfeld residuals and smooth them.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms.

    Returns
    -------
    Schoenfeld
        The residuals as ``y`` of R's ``cox.zph``.

    Raises
    ------
    NotEstimable
        If the hazard ratio, or the test of its being constant, is not estimable.

    Notes
    -----
    With r the residual of an event, d the number of events and V the variance of the estimate b,
    the scaled residual b + d V r has about the log hazard ratio at that time as its mean [1]_. The
    smooth is a natural cubic spline along time with 4 terms, its knots at thirds of the events;
    of its least-squares fit with leverages h, the band is 2 (d V h)^(1/2).

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Biometrika 1994;81:515-526. doi:10.1093/biomet/81.3.515.
    """
    refuse_no_patients("schoenfeld", ipd)
    test = proportionality(ipd)
    estimate = cox(ipd).log_hazard_ratio
    sets = two_arm_risk_sets(ipd)
    fit = partial_likelihood(sets, np.array([estimate]))
    time, treated = sets.time[0], sets.treated[0]
    residual = _around_tied_mean(time, treated, fit.residual[0])
    spread = time.size / float(fit.information[0])
    scaled = estimate + spread * residual
    smooth_time, smooth, half = _smooth(time, scaled, spread=spread)
    return Schoenfeld(
        time=time,
        log_hazard_ratio_at=scaled,
        smooth_time=smooth_time,
        smooth=smooth,
        smooth_lower=smooth - half,
        smooth_upper=smooth + half,
        log_hazard_ratio=estimate,
        test=test,
    )


def _around_tied_mean(time: FloatArray, treated: BoolArray, residual: FloatArray) -> FloatArray:
    """Return the residuals of tied events around the mean that they share, as R has them."""
    _, group = np.unique(time, return_inverse=True)
    mean = np.bincount(group, weights=treated - residual) / np.bincount(group)
    return np.asarray(treated - mean[group])


def _smooth(
    time: FloatArray, scaled: FloatArray, *, spread: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times, the smooth there and half the width of its band; empty with few times."""
    knots = np.quantile(time, np.linspace(0, 1, _TERMS))
    if np.unique(time).size <= _TERMS or np.unique(knots).size < _TERMS:
        nothing = np.empty(0)
        return nothing, nothing, nothing
    basis = _natural_spline(time, knots)
    along = np.linspace(time[0], time[-1], _GRID)
    on_grid = _natural_spline(along, knots)
    inverse = np.linalg.pinv(basis.T @ basis)
    fitted = on_grid @ (inverse @ (basis.T @ scaled))
    leverage = np.einsum("ij,jk,ik->i", on_grid, inverse, on_grid)
    return along, fitted, 2 * np.sqrt(spread * np.maximum(leverage, 0.0))


def _natural_spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Return a basis of natural cubic splines, shape (k, knots): 1, x, and one per inner knot."""
    width = knots[-1] - knots[0]
    x, knots = (x - knots[0]) / width, (knots - knots[0]) / width
    cubes = [np.maximum(x - knot, 0.0) ** 3 for knot in knots]
    slopes = [
        (cube - cubes[-1]) / (knots[-1] - knot)
        for cube, knot in zip(cubes[:-1], knots[:-1], strict=True)
    ]
    return np.column_stack([np.ones_like(x), x, *(slope - slopes[-1] for slope in slopes[:-1])])
