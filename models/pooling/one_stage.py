"""One-stage pooling: a Cox regression of every trial's patients, stratified by trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .._inference import NotEstimable, combine, quantile, two_sided_p
from .._kernels import RiskSets, partial_likelihood, two_arm_risk_sets
from .one_stage_random import fit_random
from .trial import Trial

__all__ = ["OneStage", "draw_risk_sets", "one_stage"]

_MOST_STEPS = 60
_STEP = 1e-12  # after such a Newton step the error is far below it


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
    log_hazard_ratio, se : float
    hazard_ratio : float
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
        raise NotEstimable(
            f"Pooling needs at least 2 trials with patients; there is {len(trials)}."
        )
    sets = [draw_risk_sets(trial) if draws else _own_risk_sets(trial) for trial in trials]
    rows = min(len(each.time) for each in sets)
    sets = [_first(each, rows) for each in sets]
    value, variance = _maximised(sets)
    tau2, p_heterogeneity = 0.0, math.nan
    if random:
        fit = fit_random(sets, value)
        value, variance, tau2 = fit.mean, fit.variance, float(fit.tau2.mean())
        if not draws:
            p_heterogeneity = _p_of_gain(float(fit.gain[0]))
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


def _p_of_gain(gain: float) -> float:
    """Return the p of a variance of 0: half a chi-squared on 1 degree, at the boundary.

    References
    ----------
    .. [1] Self SG, Liang KY. J Am Stat Assoc 1987;82:605-610. doi:10.1080/01621459.1987.10478472.
    """
    from scipy.stats import chi2

    return 0.5 * float(chi2.sf(2 * gain, 1)) if gain > 0 else 1.0


def _own_risk_sets(trial: Trial) -> RiskSets:
    if trial.ipd is None:
        raise NotEstimable(f"{trial.name} has no patients, which a one-stage analysis needs.")
    return two_arm_risk_sets(trial.ipd)


def draw_risk_sets(trial: Trial) -> RiskSets:
    """Return the risk sets of every draw of a trial.

    Raises
    ------
    NotEstimable
        If it has no draws.
    """
    if trial.draws is None:
        raise NotEstimable(f"{trial.name} has no draws.")
    source = trial.draws.sampler
    blocks = [
        source.block(number) for number in range(-(-trial.draws.n_draws // source.block_size))
    ]
    time = np.concatenate([np.hstack([block[arm].time for arm in block]) for block in blocks])
    event = np.concatenate([np.hstack([block[arm].event for arm in block]) for block in blocks])
    arm = np.repeat(list(blocks[0]), [each.time.shape[1] for each in blocks[0].values()])
    wanted = slice(trial.draws.n_draws)
    return RiskSets.of(time[wanted], event[wanted], arm == trial.arms[1])


def _first(sets: RiskSets, rows: int) -> RiskSets:
    """Return the first draws."""
    if len(sets.time) == rows:
        return sets
    return RiskSets(**{each.name: getattr(sets, each.name)[:rows] for each in fields(sets)})


def _maximised(sets: Sequence[RiskSets]) -> tuple[FloatArray, FloatArray]:
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
