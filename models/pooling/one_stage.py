"""One-stage pooling: a Cox regression of every trial's patients, stratified by trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .._inference import NotEstimable, quantile, two_sided_p
from .._kernels import RiskSets, partial_likelihood, two_arm_risk_sets
from ..rubin import combine
from .trial import Trial

__all__ = ["OneStage", "draw_risk_sets", "one_stage"]

_MOST_STEPS = 60
_STEP = 1e-12  # after such a Newton step the error is far below it


@dataclass(frozen=True, kw_only=True)
class OneStage:
    """The common hazard ratio of trials with baseline hazards of their own.

    Attributes
    ----------
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
    trials: Sequence[Trial], *, draws: bool = False, confidence: float = 0.95
) -> OneStage:
    """Fit one log hazard ratio to all trials, each a stratum, ties by Efron's method.

    Parameters
    ----------
    trials : sequence of Trial
        At least two, each with patients.
    draws : bool
        Fit every draw instead, draw j of each trial together, and combine by Rubin's rules.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    OneStage
        Of one data set per trial, as R's ``coxph(Surv(time, event) ~ arm + strata(trial))``.

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, one has no patients, or the hazard ratio is not finite.

    References
    ----------
    .. [1] Tudur Smith C, Williamson PR, Marson AG. Stat Med 2005;24:1307-1319.
       doi:10.1002/sim.2050.
    """
    z = quantile(confidence)
    if len(trials) < 2:
        raise NotEstimable(
            f"Pooling needs at least 2 trials with patients; there is {len(trials)}."
        )
    sets = [draw_risk_sets(trial) if draws else _own_risk_sets(trial) for trial in trials]
    rows = min(len(each.time) for each in sets)
    value, variance = _maximised(sets, rows)
    found = combine(value, variance)
    estimate, se = float(found.value), math.sqrt(float(found.variance))
    return OneStage(
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


def _maximised(sets: Sequence[RiskSets], rows: int) -> tuple[FloatArray, FloatArray]:
    """Return where the sum of the trials' scores is 0 in each draw, and the variance there."""
    b = np.zeros(rows)
    for _ in range(_MOST_STEPS):
        score, information = np.zeros(rows), np.zeros(rows)
        for each in sets:
            at = np.zeros(len(each.time))
            at[:rows] = b
            found = partial_likelihood(each, at)
            score += found.residual.sum(axis=1)[:rows]
            information += found.information[:rows]
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
