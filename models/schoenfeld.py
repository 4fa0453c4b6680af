"""Scaled Schoenfeld residuals: how the log hazard ratio moves over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ._read_only import ReadOnlyArrays
from .batched.partial_likelihood import partial_likelihood
from .cox import cox, two_arm_risk_sets
from .proportionality import Proportionality, proportionality

__all__ = ["Schoenfeld", "schoenfeld"]

_TERMS = 4  # of the smooth, as many as R's
_GRID = 80


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
        Times of the smooth line; empty if there are too few
        distinct event times for one.
    smooth, smooth_lower, smooth_upper : ndarray of float, shape (m,)
        The smooth log hazard ratio and its band of two standard errors.
    log_hazard_ratio : float
        The fitted one, which holds for all times.
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


def _around_tied_mean(
    time: FloatArray, treated: npt.NDArray[np.bool_], residual: FloatArray
) -> FloatArray:
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
