"""Common-effect and random-effects pooling of estimates with known variances."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...presentation.formats import count
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies.argument_types import strict
from .._inference import NotEstimable, ReadOnlyArrays, quantile, two_sided_p

__all__ = [
    "METHODS",
    "Egger",
    "Heterogeneity",
    "Method",
    "PooledEffect",
    "between_trials",
    "common_effect",
    "egger",
    "heterogeneity",
    "random_effects",
]

Method = Literal["REML", "DL", "PM"]
METHODS: tuple[Method, ...] = ("REML", "DL", "PM")
"""Restricted maximum likelihood, DerSimonian-Laird, Paule-Mandel."""

_SAME = 1e-9
"""Relative difference of numbers that are equal: far above rounding, far below printing."""


@dataclass(frozen=True, kw_only=True)
class Heterogeneity:
    """How much the trials differ beyond chance.

    Attributes
    ----------
    tau2 : float
        Variance of the true effects between trials.
    tau2_ci : tuple of float
        Q-profile interval.
    i2, h2 : float
        Share of the variance of estimates that is between trials (0 to 1), and 1 / (1 - i2).
    q, q_df, q_p : float
        Cochran's Q, its degrees of freedom and p.
    """

    tau2: float
    tau2_ci: tuple[float, float]
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledEffect(ReadOnlyArrays):
    """A pooled estimate.

    Attributes
    ----------
    method : str
        "common", "REML", "DL" or "PM".
    estimate, se : float
    ci : tuple of float
    p : float
        Two-sided.
    hartung_knapp : bool
        Whether `se`, `ci` and `p` are those of Hartung and Knapp, on a t distribution.
    prediction : tuple of float
        Where the effect of a new trial is expected; NaN for a common effect or two trials.
    weights : ndarray of float, shape (k,)
        Of the trials; sum 1.
    confidence_level : float
    """

    method: str
    estimate: float
    se: float
    ci: tuple[float, float]
    p: float
    hartung_knapp: bool
    prediction: tuple[float, float]
    weights: FloatArray
    confidence_level: float


@dataclass(frozen=True, kw_only=True)
class Egger:
    """Egger's regression test of funnel asymmetry: intercept, its t, and p on k - 2 degrees."""

    intercept: float
    statistic: float
    df: int
    p: float


def _checked(y: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    y, v = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if y.size < 2:
        raise NotEstimable(
            f"Pooling needs at least 2 trials with an estimate; there "
            f"{'is 1' if y.size else 'are none'}."
        )
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        bad = int(np.flatnonzero(~(np.isfinite(y) & np.isfinite(v) & (v > 0)))[0])
        raise NotEstimable(
            f"Every trial needs a finite estimate and a positive variance, but trial {bad + 1} has "
            f"an estimate of {y[bad]:g} with variance {v[bad]:g}."
        )
    return y, v


def _mean(y: FloatArray, w: FloatArray) -> float:
    return float((w * y).sum() / w.sum())


def _q(y: FloatArray, v: FloatArray, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float((w * (y - _mean(y, w)) ** 2).sum())


@strict
def between_trials(y: FloatArray, v: FloatArray, *, method: Method = "REML") -> float:
    """Estimate the variance of true effects between trials, at least 0.

    Parameters
    ----------
    y, v : ndarray of float, shape (k,)
        Estimates and their variances, k at least 2.
    method : {"REML", "DL", "PM"}

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or a variance is not positive.
    ValueError
        If there is no such method.

    References
    ----------
    .. [1] DerSimonian R, Laird N. Control Clin Trials 1986;7:177-188, eq. 2.
    .. [2] Paule RC, Mandel J. J Res Natl Bur Stand 1982;87:377-385.
    .. [3] Viechtbauer W. J Educ Behav Stat 2005;30:261-293. doi:10.3102/10769986030003261.
    """
    y, v = _checked(y, v)
    if method == "DL":
        w = 1 / v
        excess = _q(y, v, 0.0) - (y.size - 1)
        return max(0.0, excess / float(w.sum() - (w**2).sum() / w.sum()))
    if method == "PM":
        return _falling_root(lambda tau2: _q(y, v, tau2) - (y.size - 1))
    return _falling_root(lambda tau2: _restricted_score(y, v, tau2))


def _restricted_score(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Return twice the derivative of the restricted log likelihood."""
    w = 1 / (v + tau2)
    residual = y - _mean(y, w)
    return float((w**2 * residual**2).sum() - w.sum() + (w**2).sum() / w.sum())


def _falling_root(function: Callable[[float], float]) -> float:
    """Return where a function that is negative far out crosses 0; 0 if it starts below."""
    from scipy.optimize import brentq

    if function(0.0) <= 0:
        return 0.0
    high = 1e-3
    while function(high) > 0:
        high *= 4
    return float(brentq(function, 0.0, high, xtol=1e-15, rtol=1e-14))


@strict
def heterogeneity(
    y: FloatArray, v: FloatArray, *, method: Method = "REML", confidence_level: float = 0.95
) -> Heterogeneity:
    """Measure how much trials differ.

    Parameters
    ----------
    y, v : ndarray of float, shape (k,)
        Estimates and their variances, k at least 2.
    method : {"REML", "DL", "PM"}
        Of tau².
    confidence_level : float
        Of the interval of tau², in (0, 1).

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or a variance is not positive.

    References
    ----------
    .. [1] Higgins JPT, Thompson SG. Stat Med 2002;21:1539-1558. doi:10.1002/sim.1186.
    .. [2] Viechtbauer W. Stat Med 2007;26:37-52. doi:10.1002/sim.2514. (Q-profile)
    """
    from scipy.stats import chi2

    y, v = _checked(y, v)
    df = y.size - 1
    tau2 = between_trials(y, v, method=method)
    w = 1 / v
    typical = df * w.sum() / (w.sum() ** 2 - (w**2).sum())
    tail = (1 - confidence_level) / 2
    low, high = (
        _falling_root(lambda t, limit=limit: _q(y, v, t) - limit)  # type: ignore[misc]
        for limit in (float(chi2.isf(tail, df)), float(chi2.ppf(tail, df)))
    )
    q = _q(y, v, 0.0)
    return Heterogeneity(
        tau2=tau2,
        tau2_ci=(low, high),
        i2=float(tau2 / (tau2 + typical)),
        h2=float((tau2 + typical) / typical),
        q=q,
        q_df=df,
        q_p=float(chi2.sf(q, df)),
    )


@strict
def common_effect(y: FloatArray, v: FloatArray, *, confidence_level: float = 0.95) -> PooledEffect:
    """Pool by inverse variances, as if every trial estimated the same effect.

    Parameters
    ----------
    y, v : ndarray of float, shape (trials,)
        Estimates, and their variances, which are positive.

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or a variance is not positive.
    """
    y, v = _checked(y, v)
    w = 1 / v
    estimate, se = _mean(y, w), 1 / math.sqrt(float(w.sum()))
    half = quantile(confidence_level) * se
    return PooledEffect(
        method="common",
        estimate=estimate,
        se=se,
        ci=(estimate - half, estimate + half),
        p=two_sided_p(estimate / se),
        hartung_knapp=False,
        prediction=(math.nan, math.nan),
        weights=np.asarray(w / w.sum()),
        confidence_level=confidence_level,
    )


@strict
def random_effects(
    y: FloatArray,
    v: FloatArray,
    *,
    method: Method = "REML",
    hartung_knapp: bool = True,
    confidence_level: float = 0.95,
) -> PooledEffect:
    """Pool trials whose true effects differ.

    Parameters
    ----------
    y, v : ndarray of float, shape (k,)
        Estimates and their variances, k at least 2.
    method : {"REML", "DL", "PM"}
        Of the variance between trials.
    hartung_knapp : bool
        Take the interval of Hartung and Knapp, on t with k - 1 degrees of freedom, instead of
        Wald's. It may be the narrower one where trials agree by chance.
    confidence_level : float
        Of the intervals, in (0, 1).

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, or a variance is not positive.

    Notes
    -----
    The prediction interval is that of Higgins, Thompson and Spiegelhalter, on t with k - 2 degrees
    of freedom and the standard error sqrt(tau² + se²) of Wald [2]_, eq. 12.

    References
    ----------
    .. [1] Hartung J, Knapp G. Stat Med 2001;20:3875-3889. doi:10.1002/sim.1009.
    .. [2] Higgins JPT, Thompson SG, Spiegelhalter DJ. J R Stat Soc A 2009;172:137-159.
       doi:10.1111/j.1467-985X.2008.00552.x.
    """
    from scipy.stats import t as student

    y, v = _checked(y, v)
    k = y.size
    tau2 = between_trials(y, v, method=method)
    w = 1 / (v + tau2)
    estimate, wald = _mean(y, w), 1 / math.sqrt(float(w.sum()))
    se, half, p = wald, quantile(confidence_level) * wald, two_sided_p(estimate / wald)
    if hartung_knapp:
        se = math.sqrt(float((w * (y - estimate) ** 2).sum()) / (k - 1) / float(w.sum()))
        half = float(student.ppf(0.5 + confidence_level / 2, k - 1)) * se
        p = 2 * float(student.sf(abs(estimate) / se, k - 1)) if se > 0 else math.nan
    far = math.nan
    if k > 2:
        far = float(student.ppf(0.5 + confidence_level / 2, k - 2)) * math.hypot(
            wald, math.sqrt(tau2)
        )
    return PooledEffect(
        method=method,
        estimate=estimate,
        se=se,
        ci=(estimate - half, estimate + half),
        p=p,
        hartung_knapp=hartung_knapp,
        prediction=(estimate - far, estimate + far),
        weights=np.asarray(w / w.sum()),
        confidence_level=confidence_level,
    )


def egger(y: FloatArray, v: FloatArray) -> Egger:
    """Regress y / se on 1 / se, and test whether the intercept is 0.

    Parameters
    ----------
    y, v : ndarray of float, shape (trials,)
        Estimates, and their variances, which are positive.

    Raises
    ------
    NotEstimable
        If there are fewer than three trials, all have the same standard error but for rounding, or
        the line goes through all of them, so that there is nothing to test the intercept by.

    References
    ----------
    .. [1] Egger M, Davey Smith G, Schneider M, Minder C. BMJ 1997;315:629-634.
       doi:10.1136/bmj.315.7109.629.
    """
    from scipy.stats import t as student

    y, v = _checked(y, v)
    k = y.size
    precision = 1 / np.sqrt(v)
    if k < 3 or np.ptp(precision) <= _SAME * precision.max():
        raise NotEstimable(
            "Egger's test needs at least 3 trials with different standard errors; there are "
            f"{count(k, 'trial')}{' of the same' if k > 2 else ''}."
        )
    response = y * precision
    # Deviations from the means: they keep the digits that the normal equations square away.
    x, z = precision - precision.mean(), response - response.mean()
    slope = float(x @ z) / float(x @ x)
    intercept = float(response.mean()) - slope * float(precision.mean())
    residual = z - slope * x
    if np.abs(residual).max() <= _SAME * np.abs(response).max():
        raise NotEstimable(
            "Egger's test needs trials that scatter around its line; it goes through all "
            f"{count(k, 'trial')}."
        )
    variance = float(residual @ residual) / (k - 2)
    se = math.sqrt(variance * (1 / k + float(precision.mean()) ** 2 / float(x @ x)))
    statistic = intercept / se
    return Egger(
        intercept=intercept,
        statistic=statistic,
        df=k - 2,
        p=2 * float(student.sf(abs(statistic), k - 2)),
    )
