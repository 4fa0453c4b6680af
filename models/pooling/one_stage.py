"""One-stage pooling: a Cox regression of every trial's patients, stratified by trial.

Where the treatment effect varies between trials, the log hazard ratio of trial i is u_i, normal
around beta with variance tau². As strata share no patients and the treatment is the only covariate,
the integrated partial likelihood is a product of integrals over one variable each, which are
evaluated here as accurately as wanted (by Laplace's approximation in R's coxme).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from ...reconstruct.pseudo_ipd import FloatArray
from ...studies.argument_types import strict
from .._cox import BatchedCox
from .._inference import NotEstimable, combine, p_of_no_variance, quantile, two_sided_p
from .._kernels import RiskSets, partial_likelihood, two_arm_risk_sets
from .trial import Trial, draw_risk_sets

__all__ = ["OneStage", "RandomFit", "fit_random", "one_stage"]

_MOST_STEPS = 60
_STEP = 1e-12  # after such a Newton step the error is far below it

# Of a random effect.
_DEGREE = 95
_LEAST, _MOST = 4.0, 15.0  # half-width of the range of log hazard ratios
_NODES = np.linspace(-8.0, 8.0, 65)  # in standard deviations of the integrand
_TAU2 = (1e-10, 100.0)
_HALVINGS, _NEWTON = 16, 30
_NEGLIGIBLE = 1e-13  # share of the largest coefficient
_NEAR = 0.05  # standard deviations from the mode: the nodes need not be centred more exactly


@dataclass(frozen=True, kw_only=True)
class OneStage:
    """The hazard ratio of trials with baseline hazards of their own.

    Attributes
    ----------
    random : bool
        Whether the treatment effect varies between trials; the hazard ratio is then that at the
        mean of their logarithms.
    tau2 : float
        Variance of log hazard ratios between trials; of draws, the mean; 0 unless `random`.
    p_heterogeneity : float
        Of the likelihood-ratio test that tau² is 0; NaN of draws and unless `random`.
    log_hazard_ratio, se, hazard_ratio : float
    ci : tuple of float
        Of the hazard ratio.
    p : float
        Two-sided, Wald.
    n, n_events : int
        Patients and events of all trials; of draws, the mean.
    n_draws : int
        1 for one data set per trial.
    reconstruction_share : float
        Share of the variance that the reconstruction adds.
    """

    random: bool
    tau2: float
    p_heterogeneity: float
    log_hazard_ratio: float
    se: float
    hazard_ratio: float
    ci: tuple[float, float]
    p: float
    n: int
    n_events: int
    n_draws: int
    reconstruction_share: float


@strict
def one_stage(
    trials: Sequence[Trial],
    *,
    draws: bool = False,
    random: bool = False,
    confidence_level: float = 0.95,
) -> OneStage:
    """Fit one log hazard ratio to all trials, each a stratum, ties by Efron's method.

    Parameters
    ----------
    trials : sequence of Trial
        At least two, each with patients.
    draws : bool
        Fit every draw instead, draw j of each trial together, and combine by Rubin's rules.
    random : bool
        Let the treatment effect vary between trials, as a normal variable; see `fit_random`.
    confidence_level : float
        Of the interval, in (0, 1).

    Returns
    -------
    OneStage
        Of one data set per trial, as R's ``coxph(Surv(time, event) ~ arm + strata(trial))``; with
        `random`, the maximum of the likelihood of ``coxme(Surv(time, event) ~ arm + (arm - 1 |
        trial) + strata(trial))``, without its approximation.

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, one has no patients, or the hazard ratio is not finite.

    Notes
    -----
    The interval of a random effect is Wald's at the maximum likelihood estimate of tau²: with few
    trials tau² is estimated too small, and the interval is too narrow. The two-stage interval of
    Hartung and Knapp is the safer one.

    References
    ----------
    .. [1] Tudur Smith C, Williamson PR, Marson AG. Stat Med 2005;24:1307-1319.
       doi:10.1002/sim.2050.
    """
    z = quantile(confidence_level)
    if len(trials) < 2:
        there = "there is 1" if trials else "there are none"
        raise NotEstimable(f"Pooling needs at least 2 trials with patients; {there}.")
    sets = [draw_risk_sets(trial) if draws else _own_risk_sets(trial) for trial in trials]
    rows = min(len(each.time) for each in sets)
    sets = [RiskSets(**{name: v[:rows] for name, v in vars(each).items()}) for each in sets]
    value, variance = _common(sets)
    tau2, p_heterogeneity = 0.0, math.nan
    if random:
        fit = fit_random(sets, value)
        value, variance, tau2 = fit.mean, fit.variance, float(fit.tau2.mean())
        p_heterogeneity = math.nan if draws else p_of_no_variance(float(fit.gain[0]))
    found = combine(value, variance)
    estimate, se = float(found.value), math.sqrt(float(found.variance))
    return OneStage(
        random=random,
        tau2=tau2,
        p_heterogeneity=p_heterogeneity,
        log_hazard_ratio=estimate,
        se=se,
        hazard_ratio=math.exp(estimate),
        ci=(math.exp(estimate - z * se), math.exp(estimate + z * se)),
        p=two_sided_p(estimate / se),
        n=sum(sum(trial.n.values()) for trial in trials),
        n_events=round(sum(np.isfinite(each.time).sum() / len(each.time) for each in sets)),
        n_draws=rows,
        reconstruction_share=float(found.reconstruction_share),
    )


def _own_risk_sets(trial: Trial) -> RiskSets:
    if trial.ipd is None:
        raise NotEstimable(f"{trial.name} has no patients, which a one-stage analysis needs.")
    return two_arm_risk_sets(trial.ipd)


def _common(sets: Sequence[RiskSets]) -> tuple[FloatArray, FloatArray]:
    """Return where the sum of the trials' scores is 0 in each draw, and the variance there."""
    b = np.zeros(len(sets[0].time))
    for _ in range(_MOST_STEPS):
        found = [partial_likelihood(each, b) for each in sets]
        score = np.sum([each.score for each in found], axis=0)
        information = np.sum([each.information for each in found], axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip(score / information, -1.0, 1.0)
        b = b + step
        if not np.isfinite(b).all() or (np.abs(b) > 50).any():
            break
        if (np.abs(step) < _STEP).all():
            return b, 1 / information
    raise NotEstimable(
        "The hazard ratio of all trials together is 0 or infinite: in an arm nobody had an event "
        "while the other was at risk."
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RandomFit:
    """Maximum likelihood estimates of each draw.

    Attributes
    ----------
    mean, variance : ndarray of float, shape (draws,)
        The mean log hazard ratio beta, and its variance.
    tau2 : ndarray of float, shape (draws,)
        Variance of log hazard ratios between trials; 0 where the likelihood falls from there.
    gain : ndarray of float, shape (draws,)
        Log likelihood, less that of one hazard ratio for all trials.
    """

    mean: FloatArray
    variance: FloatArray
    tau2: FloatArray
    gain: FloatArray


def fit_random(sets: Sequence[RiskSets], common: FloatArray) -> RandomFit:
    """Maximise the integrated partial likelihood of every draw.

    Parameters
    ----------
    sets : sequence of RiskSets
        Of each trial, with the same number of draws.
    common : ndarray of float, shape (draws,)
        The log hazard ratio that maximises the likelihood with tau² = 0.

    Raises
    ------
    NotEstimable
        If the search does not end, as where an arm of most trials has no events.

    Notes
    -----
    The likelihood is prod_i ∫ L_i(u) phi(u; beta, tau²) du, L_i the partial likelihood of trial i
    [1]_. Its derivatives are means, variances and covariances under the normalised integrands
    [2]_. ln L_i is interpolated at Chebyshev nodes, and integrals are sums over equidistant nodes,
    whose error is far below rounding for such integrands. At tau² = 0 the derivative in tau² is
    half the sum of score² less information.

    References
    ----------
    .. [1] Tudur Smith C, Williamson PR, Marson AG. Stat Med 2005;24:1307-1319.
       doi:10.1002/sim.2050.
    .. [2] Louis TA. J R Stat Soc B 1982;44:226-233.
    """
    trials = _Trials.of(sets, common)
    score, information = trials.at(np.zeros_like(common))
    spread = (score**2 - information).sum(axis=0) > 0
    mean, variance = common.copy(), 1 / information.sum(axis=0)
    tau2, gain = np.zeros((2, common.size))
    if spread.any():
        own = trials.of_draws(spread)
        beta, log_tau2 = _maximum(own)
        moments = own.moments(beta, log_tau2)
        mean[spread] = common[spread] + beta
        variance[spread] = np.linalg.inv(-moments.hessian)[:, 0, 0]
        tau2[spread] = np.exp(log_tau2)
        gain[spread] = moments.log_likelihood
    return RandomFit(mean=mean, variance=variance, tau2=tau2, gain=gain)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moments:
    """Log likelihood of each draw, with gradient (draws, 2) and Hessian in beta and ln tau²."""

    log_likelihood: FloatArray
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trials:
    """Log partial likelihoods as Chebyshev series around the common log hazard ratio.

    Attributes
    ----------
    width : float
        Half the range of log hazard ratios on which the series hold.
    value, first, second : ndarray of float, shape (degree, trials, draws)
        Coefficients of the log partial likelihood, 0 in the middle, and of its derivatives.
    """

    width: float
    value: FloatArray
    first: FloatArray
    second: FloatArray

    @classmethod
    def of(cls, sets: Sequence[RiskSets], common: FloatArray) -> _Trials:
        width = _width(sets, common)
        angle = (np.arange(_DEGREE + 1) + 0.5) * math.pi / (_DEGREE + 1)
        nodes = np.cos(angle)
        score = np.array(
            [[partial_likelihood(each, common + width * x).score for each in sets] for x in nodes]
        )
        # The discrete cosine transform interpolates at the Chebyshev nodes.
        basis = np.cos(np.arange(_DEGREE + 1)[:, None] * angle) * 2 / (_DEGREE + 1)
        basis[0] /= 2
        first = np.tensordot(basis, score, axes=1)
        size = np.abs(first).reshape(len(first), -1).max(axis=1)
        first = first[: int(np.flatnonzero(size > _NEGLIGIBLE * size.max())[-1]) + 1]
        return cls(
            width=width,
            value=np.asarray(chebyshev.chebint(first, scl=width, axis=0)),
            first=first,
            second=np.asarray(chebyshev.chebder(first, scl=1 / width, axis=0)),
        )

    def of_draws(self, which: np.ndarray) -> _Trials:
        """Return some of the draws."""
        return _Trials(
            width=self.width,
            value=self.value[..., which],
            first=self.first[..., which],
            second=self.second[..., which],
        )

    def at(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return score and information, (trials, draws), at u, less the common estimate."""
        x = np.clip(u / self.width, -1, 1)
        return (
            np.asarray(chebyshev.chebval(x, self.first, tensor=False), dtype=float),
            np.asarray(-chebyshev.chebval(x, self.second, tensor=False), dtype=float),
        )

    def moments(self, beta: FloatArray, log_tau2: FloatArray) -> _Moments:
        """Integrate over the trials' log hazard ratios."""
        tau2 = np.exp(log_tau2)
        mode, precision = self._mode(beta, tau2)
        u = mode[..., None] + _NODES / np.sqrt(precision)[..., None]  # (trials, draws, nodes)
        inside = np.abs(u) < self.width
        series = self.value[..., None]
        log_l = chebyshev.chebval(np.clip(u / self.width, -1, 1), series, tensor=False)
        away = u - beta[:, None]
        at_middle = np.asarray(chebyshev.chebval(0.0, self.value))
        log_f = log_l - at_middle[..., None] - away**2 / (2 * tau2[:, None])
        highest = log_f.max(axis=-1, keepdims=True)
        weight = np.where(inside, np.exp(log_f - highest), 0.0)
        total = weight.sum(axis=-1)
        step = (_NODES[1] - _NODES[0]) / np.sqrt(precision)
        log_integral = highest[..., 0] + np.log(total * step) - np.log(2 * math.pi * tau2) / 2
        mean = weight / total[..., None]
        e1, e2, e3, e4 = ((mean * away**k).sum(axis=-1) for k in (1, 2, 3, 4))
        score = np.stack([e1 / tau2, e2 / (2 * tau2) - 0.5], axis=-1)
        cross = (e3 - e1 * e2) / (2 * tau2**2) - e1 / tau2
        hessian = np.stack(
            [
                (e2 - e1**2) / tau2**2 - 1 / tau2,
                cross,
                cross,
                (e4 - e2**2) / (4 * tau2**2) - e2 / (2 * tau2),
            ],
            axis=-1,
        )
        return _Moments(
            log_likelihood=log_integral.sum(axis=0),
            gradient=score.sum(axis=0),
            hessian=hessian.sum(axis=0).reshape(-1, 2, 2),
        )

    def _mode(self, beta: FloatArray, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return where each integrand is largest, and minus the curvature of its logarithm."""
        u = np.broadcast_to(beta, self.first.shape[1:]).copy()
        for _ in range(_NEWTON):
            score, information = self.at(u)
            precision = information + 1 / tau2
            step = (score - (u - beta) / tau2) / precision
            u = np.clip(u + np.clip(step, -1, 1), -self.width, self.width)
            if (np.abs(step) * np.sqrt(precision) < _NEAR).all():
                break
        return u, np.asarray(self.at(u)[1] + 1 / tau2, dtype=float)


def _width(sets: Sequence[RiskSets], common: FloatArray) -> float:
    """Return half the range of log hazard ratios that the trials leave possible."""
    far = [
        np.where(fit.converged, np.abs(fit.log_hazard_ratio - common) + 10 * fit.se, _MOST)
        for fit in map(BatchedCox.of, sets)
    ]
    return float(np.clip(np.nanmax(far), _LEAST, _MOST))


def _maximum(trials: _Trials) -> tuple[FloatArray, FloatArray]:
    """Return beta, less the common estimate, and ln tau² at the maximum of each draw."""
    beta = np.zeros(trials.first.shape[-1])
    low, high = (np.full_like(beta, math.log(end)) for end in _TAU2)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beta = _best_mean(trials, beta, middle)
        rising = trials.moments(beta, middle).gradient[:, 1] > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    log_tau2 = (low + high) / 2
    for _ in range(_NEWTON):
        moments = trials.moments(beta, log_tau2)
        step = np.linalg.solve(-moments.hessian, moments.gradient[..., None])[..., 0]
        step = np.clip(step, -0.5, 0.5)
        beta, log_tau2 = beta + step[:, 0], log_tau2 + step[:, 1]
        if not np.isfinite(step).all():
            break
        if (np.abs(step) < 1e-9).all():
            return beta, log_tau2
    raise NotEstimable(
        "The one-stage random effect could not be estimated: the likelihood has no clear maximum."
    )


def _best_mean(trials: _Trials, beta: FloatArray, log_tau2: FloatArray) -> FloatArray:
    """Return the best beta at a given tau², where the likelihood is log-concave in it."""
    for _ in range(_NEWTON):
        moments = trials.moments(beta, log_tau2)
        step = np.clip(moments.gradient[:, 0] / -moments.hessian[:, 0, 0], -1, 1)
        beta = beta + step
        if (np.abs(step) < 1e-4).all():
            break
    return beta
