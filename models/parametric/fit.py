"""A fitted distribution: its parameters, and survival, hazard, means and median with bands."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...presentation.formats import count
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies.argument_types import strict
from .._inference import Combined, ReadOnlyArrays, combine, quantile, times_of
from .distribution import (
    RATIOS,
    Distribution,
    Evaluation,
    differentiated,
    log_time_nodes,
    natural,
    with_effect,
)
from .estimate import INFINITE, Estimate, estimate_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FittedCurve", "ParametricFit"]


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


@dataclass(frozen=True, kw_only=True, eq=False)
class ParametricFit(ReadOnlyArrays):
    """One distribution fitted to one arm, or to two with a treatment effect.

    Attributes
    ----------
    distribution : Distribution
    arms : tuple of str
        The arm; or the reference and the treatment, whose effect is then the last parameter.
    theta : ndarray of float, shape (m, p)
        Estimates of each draw (m = 1 for a single data set), on flexsurv's estimation scale:
        logarithms of positive parameters, the logit of a cured fraction.
    covariances : ndarray of float, shape (m, p, p)
        Of each draw's estimates.
    log_likelihoods : ndarray of float, shape (m,)
    n : int
        Patients.
    n_events : float
        Events, the mean over draws.
    last_time : float
        The longest follow-up.
    time_unit : str
    n_failed : int
        Draws left out because their likelihood had no maximum.
    confidence_level : float
        Coverage of the intervals.
    """

    distribution: Distribution
    arms: tuple[str, ...]
    theta: FloatArray
    covariances: FloatArray
    log_likelihoods: FloatArray
    n: int
    n_events: float
    last_time: float
    time_unit: str
    n_failed: int = 0
    confidence_level: float = 0.95

    def __repr__(self) -> str:
        """Return which distribution it is, of which patients, and its AIC."""
        return (
            f"ParametricFit({self.distribution.name}, {' vs '.join(self.arms[::-1])}: "
            f"{count(self.n, 'patient')}, {count(self.n_events, 'event')}, AIC {self.aic:.1f})"
        )

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.distribution.name

    @property
    def has_effect(self) -> bool:
        """Whether the treatment's effect is a parameter."""
        return len(self.arms) == 2

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in flexsurv's order."""
        effect = (f"effect of {self.arms[1]}",) if self.has_effect else ()
        return (*self.distribution.parameters, *effect)

    @property
    def links(self) -> tuple[str, ...]:
        """From each parameter to its estimation scale."""
        return (*self.distribution.links, *(("identity",) if self.has_effect else ()))

    @functools.cached_property
    def combined(self) -> Combined:
        """The estimates over the draws; variances are matrices of shape (p, p)."""
        m = len(self.theta)
        spread = np.cov(self.theta.T).reshape(2 * (self.theta.shape[1],)) if m > 1 else 0.0
        return Combined(
            value=self.theta.mean(axis=0),
            within=self.covariances.mean(axis=0),
            between=np.asarray((1 + 1 / m) * spread + np.zeros_like(self.covariances[0])),
        )

    @property
    def estimate(self) -> FloatArray:
        """Estimates on the estimation scale, shape (p,)."""
        return self.combined.value

    @property
    def covariance(self) -> FloatArray:
        """Their covariance, the reconstruction's included, shape (p, p)."""
        return self.combined.variance

    @property
    def cholesky(self) -> FloatArray:
        """Lower triangular factor of `covariance`, shape (p, p)."""
        return np.asarray(np.linalg.cholesky(self.covariance))

    @property
    def log_likelihood(self) -> float:
        """Mean over the draws."""
        return float(self.log_likelihoods.mean())

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 ln L + 2 p; the mean over draws."""
        return float(2 * self.theta.shape[1] - 2 * self.log_likelihood)

    @property
    def bic(self) -> float:
        """The Bayesian criterion, -2 ln L + p ln n with n patients, as flexsurv's `BIC`."""
        return float(self.theta.shape[1] * math.log(self.n) - 2 * self.log_likelihood)

    def parameter_frame(self) -> pd.DataFrame:
        """Return a row per parameter: natural scale with interval, estimation scale with se."""
        import pandas as pd

        half = quantile(self.confidence_level) * np.sqrt(np.diag(self.covariance))
        rows = zip(self.parameters, self.links, self.estimate, half, strict=True)
        share = np.diag(self.combined.between) / np.diag(self.covariance)
        return pd.DataFrame(
            [
                {
                    "parameter": name,
                    "estimate": natural(value, link),
                    "lower": natural(value - width, link),
                    "upper": natural(value + width, link),
                    "link": link,
                    "estimate_on_link": value,
                    "se_on_link": width / quantile(self.confidence_level),
                }
                for name, link, value, width in rows
            ]
        ).assign(reconstruction_share=share)

    def effect(self) -> tuple[str, Estimate]:
        """Return what the treatment's effect is a ratio of, and the ratio.

        Raises
        ------
        ValueError
            If the fit is of one arm.
        """
        if not self.has_effect:
            raise ValueError(f"This fit is of one arm, {self.arms[0]}, and has no effect.")
        found = combine(self.theta[:, -1], self.covariances[:, -1, -1])
        return RATIOS[self.distribution.effect], self._estimate(found)

    def survival(self, time: npt.ArrayLike, *, arm: str | None = None) -> FittedCurve:
        """Return survival at times of 0 or more, shape (k,); the interval is that of ln(-ln S).

        Raises
        ------
        KeyError
            If there is no such arm.
        """
        times = times_of(time)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            low, middle, high, share = self._band(times, arm, of="cumulative")
            return FittedCurve(
                time=times,
                value=np.exp(-np.exp(middle)),
                lower=np.exp(-np.exp(high)),
                upper=np.exp(-np.exp(low)),
                reconstruction_share=share,
            )

    def hazard(self, time: npt.ArrayLike, *, arm: str | None = None) -> FittedCurve:
        """Return the hazard at positive times, shape (k,); the interval is that of its logarithm.

        Raises
        ------
        KeyError
            If there is no such arm.
        """
        times = times_of(time)
        low, middle, high, share = self._band(times, arm, of="hazard")
        with np.errstate(over="ignore"):
            return FittedCurve(
                time=times,
                value=np.exp(middle),
                lower=np.exp(low),
                upper=np.exp(high),
                reconstruction_share=share,
            )

    @strict
    def mean(self, *, until: float | None = None, arm: str | None = None) -> Estimate:
        """Return mean survival, restricted to `until` if it is given, in the time unit.

        Raises
        ------
        KeyError
            If there is no such arm.
        ValueError
            If `until` is not positive.
        """
        if until is not None and not until > 0:
            raise ValueError(f"`until` must be positive, but is {until}.")
        inner = self._inner(arm)
        finite = all(
            self.distribution.mean_is_finite(np.array([float(each[row, 0]) for each in inner]))
            for row in range(len(self.theta))
        )
        if until is None and not finite:
            return INFINITE
        if until is None and (closed := self._closed_mean(inner, arm)) is not None:
            return closed
        time, weight = log_time_nodes(until=until, scale=self.last_time)
        at, gradient = self._at(time, arm)
        survival = np.exp(-at.cumulative) * weight
        means = survival.sum(axis=1)
        # The derivative of S is -S dH; dH may be infinite where S is 0.
        by = np.where(np.isfinite(gradient.d_cumulative), gradient.d_cumulative, 0.0)
        slope = -(survival * by).sum(axis=2) / means
        found = combine(np.log(means), self._variance(slope[:, :, None])[:, 0])
        return self._estimate(found, below=until)

    def _closed_mean(self, inner: list[FloatArray], arm: str | None) -> Estimate | None:
        """Return the mean by its formula, with the formula's differences as gradient."""
        value = self.distribution.log_mean(inner)
        if value is None:
            return None

        def moved(step: float, k: int) -> FloatArray:
            each = [column + step * (j == k) for j, column in enumerate(inner)]
            return np.asarray(self.distribution.log_mean(each))

        slopes = [differentiated(functools.partial(moved, k=k)) for k in range(len(inner))]
        if self.has_effect:
            slopes.append(slopes[self.distribution.location] * (arm == self.arms[1]))
        return self._estimate(combine(value[:, 0], self._variance(np.stack(slopes))[:, 0]))

    def median(self, *, arm: str | None = None) -> Estimate:
        """Return the median; infinite if survival never falls to a half.

        Of draws it is where the cumulative hazard, its logarithm averaged as in `survival`, is
        ln 2.

        Raises
        ------
        KeyError
            If there is no such arm.
        """
        log_median = self._log_median(arm)
        if not math.isfinite(log_median):
            return INFINITE
        time = np.array([math.exp(log_median)])
        at, gradient = self._at(time, arm)
        found = combine(
            np.log(at.cumulative), self._variance(gradient.d_cumulative / at.cumulative)
        )
        steep = (np.exp(at.log_hazard) * time / at.cumulative).mean()  # d ln H / d ln t
        with np.errstate(divide="ignore"):
            return self._estimate(
                Combined(
                    value=np.asarray(log_median),
                    within=np.asarray(found.within[0] / steep**2),
                    between=np.asarray(found.between[0] / steep**2),
                )
            )

    def _log_median(self, arm: str | None) -> float:
        """Bisect ln t until the cumulative hazard, its logarithm averaged over draws, is ln 2."""
        scale = math.log(self.last_time)
        low, high = scale - 60.0, scale + 60.0
        for _ in range(80):
            middle = (low + high) / 2
            cumulative = self._at(np.array([math.exp(middle)]), arm)[0].cumulative
            with np.errstate(divide="ignore"):
                above = float(np.log(cumulative).mean()) > math.log(math.log(2))
            low, high = (low, middle) if above else (middle, high)
        return math.inf if high > scale + 59.0 else high

    def _inner(self, arm: str | None) -> list[FloatArray]:
        """Return the parameters of one arm, each of shape (m, 1)."""
        if arm is not None and arm not in self.arms:
            raise KeyError(f"there is no arm {arm!r}; there are {', '.join(self.arms)}")
        if arm is None and self.has_effect:
            raise KeyError(f"name the arm, {' or '.join(self.arms)}")
        p = len(self.distribution.parameters)
        inner = [column[:, None] for column in self.theta[:, :p].T]
        if self.has_effect and arm == self.arms[1]:
            inner[self.distribution.location] = (
                inner[self.distribution.location] + self.theta[:, p:]
            )
        return inner

    def _at(self, time: FloatArray, arm: str | None) -> tuple[Evaluation, Evaluation]:
        """Evaluate every draw, time (k,) or (m, k); again with the gradient of all parameters."""
        inner = self._inner(arm)
        points = self.distribution.points(np.atleast_2d(time))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            at = self.distribution.evaluate(points, inner)
        if not self.has_effect:
            return at, at
        treated = arm == self.arms[1]
        place = self.distribution.location
        return at, Evaluation(
            log_hazard=at.log_hazard,
            cumulative=at.cumulative,
            d_log_hazard=with_effect(at.d_log_hazard, place, treated=treated),
            d_cumulative=with_effect(at.d_cumulative, place, treated=treated),
        )

    def _variance(self, gradient: FloatArray) -> FloatArray:
        """Return g' V g of each draw by the delta method; g of shape (p, m, k)."""
        return np.asarray(np.einsum("pmk,mpq,qmk->mk", gradient, self.covariances, gradient))

    def _band(
        self, time: FloatArray, arm: str | None, *, of: str
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return ln H or ln h with its interval and the reconstruction's share."""
        at, gradient = self._at(time, arm)
        with np.errstate(divide="ignore", invalid="ignore"):
            if of == "hazard":
                value, slope = at.log_hazard, gradient.d_log_hazard
            else:
                value, slope = np.log(at.cumulative), gradient.d_cumulative / at.cumulative
            start = np.isneginf(value)  # H is 0 at time 0, without a variance
            found = combine(value, self._variance(np.where(start, 0.0, slope)))
            found_at_start = start.all(axis=0)
            half = quantile(self.confidence_level) * np.sqrt(found.variance)
            half = np.where(found_at_start, 0.0, half)
            share = np.where(found_at_start, np.nan, found.reconstruction_share)
            return found.value - half, found.value, found.value + half, share

    def _estimate(self, found: Combined, *, below: float | None = None) -> Estimate:
        return estimate_of(found, confidence_level=self.confidence_level, below=below)
