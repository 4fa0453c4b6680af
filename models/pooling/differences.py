"""Differences of restricted means and of survival between arms: by trial, and pooled jointly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...presentation.formats import count, with_unit
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ...studies.argument_types import numbers_of, strict
from .._inference import NotEstimable, ReadOnlyArrays, estimate_or_reason, quantile, two_sided_ps
from .._kernels import two_arm_risk_sets
from .._milestone import batched_milestone, milestone
from .._rmst import BatchedRmst, joint_rmst, largest_tau
from .random_effects import between_trials
from .synthesis import Effects, Measure
from .trial import Effect, Source, Trial, combined_effect, draw_risk_sets

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NO_PATIENTS",
    "JointEffect",
    "JointMeans",
    "TrialMeans",
    "differences_of",
    "joint_means",
    "pool_jointly",
    "trial_means",
]

NO_PATIENTS = "there are no patients"
"""Why a trial has no difference, though it may have a hazard ratio."""

_LEAST_KNOWN = 0.5  # share of draws that are followed to a horizon


def differences_of(
    trials: Sequence[Trial],
    horizons: Sequence[float] | None,
    landmarks: Sequence[float],
    reasons: dict[str, str],
) -> list[tuple[Measure, float, Source, Effects]]:
    """Return what absolute differences can be asked of the trials with patients."""
    have = {trial: trial.ipd for trial in trials if trial.ipd is not None}
    if len(have) < 2:
        reasons["differences"] = "fewer than 2 trials have patients"
        return []
    if len({trial.time_unit for trial in have}) > 1:
        units = ", ".join(f"{trial.name} in {trial.time_unit}" for trial in have)
        reasons["differences"] = f"times are in different units ({units}); use one in all studies"
        return []
    if horizons is None:
        horizons = [min(largest_tau(ipd) for ipd in have.values())]
    without = {trial.name: NO_PATIENTS for trial in trials if trial.ipd is None}
    kinds: tuple[tuple[Measure, _Difference, Sequence[float]], ...] = (
        ("restricted mean difference", _restricted_means, horizons),
        ("survival difference", _survival_differences, landmarks),
    )
    asked: list[tuple[Measure, float, Source, Effects]] = []
    for measure, difference, times in kinds:
        for at in map(float, dict.fromkeys(times)):
            found = {trial.name: difference(trial, ipd, at) for trial, ipd in have.items()}
            for source in ("reproduced", "draws"):
                effects = {name: each[source] for name, each in found.items()}
                asked.append((measure, at, source, effects | without))
    return asked


_Difference = Callable[[Trial, PseudoIPD, float], dict[Source, Effect | str]]


def _restricted_means(trial: Trial, ipd: PseudoIPD, tau: float) -> dict[Source, Effect | str]:
    """Return the difference of restricted means, of the patients and of the draws."""
    horizon = with_unit(tau, trial.time_unit)
    route = f"area under Kaplan-Meier curves to {tau:g}"
    found: dict[Source, Effect | str] = {"draws": "there are no draws"}
    own = BatchedRmst.of(two_arm_risk_sets(ipd), tau=tau)
    found["reproduced"] = _single(own.difference, own.se**2, route, horizon)
    if trial.draws is not None:
        many = BatchedRmst.of(draw_risk_sets(trial), tau=tau)
        found["draws"] = _combined(many.difference, many.se**2, route, horizon)
    return found


def _survival_differences(trial: Trial, ipd: PseudoIPD, time: float) -> dict[Source, Effect | str]:
    """Return the difference of survival, of the patients and of the draws."""
    found: dict[Source, Effect | str] = {"draws": "there are no draws"}
    own, why = estimate_or_reason(lambda: milestone(ipd, time=time))
    if own is None:
        return {"reproduced": why, "draws": why}
    route, until = f"Kaplan-Meier survival at {time:g}", with_unit(time, trial.time_unit)
    variance = np.array([own.se**2])
    found["reproduced"] = _single(np.array([own.difference]), variance, route, until)
    if trial.draws is not None:
        many = batched_milestone(draw_risk_sets(trial), time=time)
        found["draws"] = _combined(*many, route, until)
    return found


def _single(value: FloatArray, variance: FloatArray, route: str, until: str) -> Effect | str:
    if not np.isfinite(value[0]):
        return f"an arm is not followed to {until}"
    if not variance[0] > 0:
        return f"nobody had an event before {until}"
    return Effect(estimate=float(value[0]), variance=float(variance[0]), route=route)


def _combined(value: FloatArray, variance: FloatArray, route: str, until: str) -> Effect | str:
    """Combine draws; those that are not followed so long are left out if they are the fewer."""
    followed = np.isfinite(value)
    known = followed & (variance > 0)
    if followed.mean() < _LEAST_KNOWN:
        return f"an arm of most draws is not followed to {until}"
    if known.mean() < _LEAST_KNOWN:
        return f"most draws are not followed to {until}, or have no event before it"
    lost = known.size - int(known.sum())
    others = f"; {lost} that are not followed to {until}, or without an event, are left out"
    route += f", {count(int(known.sum()), 'draw')}, Rubin's rules{others if lost else ''}"
    return combined_effect(value[known], variance[known], route)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrialMeans(ReadOnlyArrays):
    """Differences of restricted means of one trial.

    Attributes
    ----------
    name : str
    difference : ndarray of float, shape (horizons,)
        Treatment minus reference; NaN to a horizon to which an arm was not followed.
    covariance : ndarray of float, shape (horizons, horizons)
        With the reconstruction's, of draws.
    """

    name: str
    difference: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class JointEffect(ReadOnlyArrays):
    """Pooled differences to every horizon.

    Attributes
    ----------
    estimate, se, lower, upper, p : ndarray of float, shape (horizons,)
        With Wald's intervals and two-sided tests.
    covariance : ndarray of float, shape (horizons, horizons)
    between : ndarray of float, shape (horizons, horizons)
        Covariance of true differences between trials; 0 of a common effect.
    """

    estimate: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    p: FloatArray
    covariance: FloatArray
    between: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class JointMeans:
    """Differences of restricted means to several horizons, pooled together.

    Attributes
    ----------
    source : str
        "reproduced" or "draws".
    horizons : tuple of float
    trials : tuple of TrialMeans
    common : JointEffect
    random : JointEffect or None
        None with too few trials; `reason` says so.
    reason : str
    """

    source: str
    horizons: tuple[float, ...]
    trials: tuple[TrialMeans, ...]
    common: JointEffect
    random: JointEffect | None
    reason: str

    def to_frame(self) -> pd.DataFrame:
        """Return a row per horizon, with common and random effects."""
        import pandas as pd

        rows = []
        for place, horizon in enumerate(self.horizons):
            row: dict[str, object] = {
                "source": self.source,
                "horizon": horizon,
                "trials": sum(bool(np.isfinite(t.difference[place])) for t in self.trials),
            }
            for name, found in (("common", self.common), ("random", self.random)):
                if found is not None:
                    row[name] = found.estimate[place]
                    row[f"{name}_lower"] = found.lower[place]
                    row[f"{name}_upper"] = found.upper[place]
                    row[f"{name}_p"] = found.p[place]
            rows.append(row)
        return pd.DataFrame(rows)


@strict
def joint_means(
    trials: Sequence[Trial],
    horizons: Sequence[float],
    *,
    draws: bool = False,
    confidence_level: float = 0.95,
) -> JointMeans:
    """Pool differences of restricted means to several horizons, correlated as they are.

    Parameters
    ----------
    trials : sequence of Trial
        Those without patients are left out.
    horizons : sequence of float
        At least two, in the trials' time unit.
    draws : bool
        Of the draws instead of the patients; the reconstruction's covariance is added.
    confidence_level : float
        Of the intervals, in (0, 1).

    Raises
    ------
    NotEstimable
        If fewer than two horizons are asked for, or fewer than two trials are followed to one.

    Notes
    -----
    A trial that is not followed to the last horizon still contributes to it, by the correlation
    with those to which it is followed [1]_.

    References
    ----------
    .. [1] Wei Y, Royston P, Tierney JF, Parmar MKB. Stat Med 2015;34:2881-2898.
       doi:10.1002/sim.6556.
    """
    wanted = tuple(sorted({float(each) for each in numbers_of("horizons", horizons)}))
    if len(wanted) < 2:
        raise NotEstimable("Horizons are pooled together if there are at least 2.")
    have = [t for t in trials if (t.draws if draws else t.ipd) is not None]
    found = [trial_means(trial, wanted, draws=draws) for trial in have]
    found = [each for each in found if np.isfinite(each.difference).any()]
    followed = np.sum([np.isfinite(each.difference) for each in found], axis=0)
    for horizon, trials_there in zip(wanted, np.atleast_1d(followed), strict=False):
        if trials_there < 2:
            raise NotEstimable(f"Fewer than 2 trials are followed to {horizon:g}.")
    y = np.array([each.difference for each in found]).reshape(-1, len(wanted))
    s = np.array([each.covariance for each in found]).reshape(-1, len(wanted), len(wanted))
    common = pool_jointly(y, s, random=False, confidence_level=confidence_level)
    random, reason = None, ""
    if len(found) > max(2, len(wanted)):
        random = pool_jointly(y, s, random=True, confidence_level=confidence_level)
    else:
        reason = (
            f"the covariance between trials of {count(len(wanted), 'horizon')} needs more than "
            f"{max(2, len(wanted))} trials, and there are {len(found)}"
        )
    return JointMeans(
        source="draws" if draws else "reproduced",
        horizons=wanted,
        trials=tuple(found),
        common=common,
        random=random,
        reason=reason,
    )


def trial_means(trial: Trial, horizons: Sequence[float], *, draws: bool = False) -> TrialMeans:
    """Return the differences of one trial, and their covariance by Rubin's rules if of draws.

    A horizon counts as followed if most draws are; the others are then left out.
    """
    if trial.ipd is None:
        raise NotEstimable(f"{trial.name} has no patients.")
    sets = draw_risk_sets(trial) if draws else two_arm_risk_sets(trial.ipd)
    difference, covariance = joint_rmst(sets, horizons)
    known = np.isfinite(difference).mean(axis=0) >= _LEAST_KNOWN
    rows = np.isfinite(difference[:, known]).all(axis=1)
    inside = np.ix_(known, known)
    mean, within = np.full(known.size, np.nan), np.full((known.size,) * 2, np.nan)
    if known.any() and rows.any():
        kept = difference[rows][:, known]
        m = len(kept)
        spread = np.atleast_2d(np.cov(kept.T)) * (1 + 1 / m) if m > 1 else 0.0
        mean[known] = kept.mean(axis=0)
        within[inside] = covariance[rows].mean(axis=0)[inside] + spread
    return TrialMeans(name=trial.name, difference=mean, covariance=within)


def pool_jointly(
    y: FloatArray, s: FloatArray, *, random: bool, confidence_level: float = 0.95
) -> JointEffect:
    """Pool vectors of estimates with known covariances.

    Parameters
    ----------
    y : ndarray of float, shape (trials, horizons)
        NaN where a trial has no estimate; each trial has one.
    s : ndarray of float, shape (trials, horizons, horizons)
    random : bool
        Estimate the covariance between trials, without restriction on its form, by restricted
        maximum likelihood; without, it is 0.
    confidence_level : float
        Of the intervals, in (0, 1).

    References
    ----------
    .. [1] Jackson D, Riley R, White IR. Stat Med 2011;30:2481-2498. doi:10.1002/sim.4172.
    """
    z = quantile(confidence_level)
    between = _restricted_maximum(y, s) if random else np.zeros(s.shape[1:])
    estimate, covariance, _ = _pooled(y, s, between)
    se = np.sqrt(np.diag(covariance))
    return JointEffect(
        estimate=estimate,
        se=se,
        lower=estimate - z * se,
        upper=estimate + z * se,
        p=two_sided_ps(estimate / se),
        covariance=covariance,
        between=between,
    )


def _pooled(
    y: FloatArray, s: FloatArray, between: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Return the estimate by generalised least squares, its covariance, and the criterion.

    The criterion is -2 times the logarithm of the restricted likelihood.
    """
    h = y.shape[1]
    information, weighted = np.zeros((h, h)), np.zeros(h)
    square = log_determinants = 0.0
    for own, covariance in zip(y, s, strict=True):
        known = np.isfinite(own)
        inside = np.ix_(known, known)
        total = covariance[inside] + between[inside]
        inverse = np.linalg.inv(total)
        information[inside] += inverse
        weighted[known] += inverse @ own[known]
        square += float(own[known] @ inverse @ own[known])
        log_determinants += float(np.linalg.slogdet(total)[1])
    inverse = np.asarray(np.linalg.inv(information), dtype=float)
    estimate = inverse @ weighted
    criterion = log_determinants + square - float(weighted @ estimate)
    return estimate, inverse, criterion + float(np.linalg.slogdet(information)[1])


def _restricted_maximum(y: FloatArray, s: FloatArray) -> FloatArray:
    """Return the covariance between trials that maximises the restricted likelihood.

    It is searched as L L', L triangular, in units of the standard errors, from several starts.
    """
    from scipy.optimize import minimize

    h = y.shape[1]
    unit = np.sqrt(np.nanmedian(np.diagonal(s, axis1=1, axis2=2), axis=0))
    scaled_y, scaled_s = y / unit, s / np.outer(unit, unit)
    places = np.tril_indices(h)

    def matrix(free: FloatArray) -> FloatArray:
        factor = np.zeros((h, h))
        factor[places] = free
        return np.asarray(factor @ factor.T)

    def criterion(free: FloatArray) -> float:
        return _pooled(scaled_y, scaled_s, matrix(free))[2]

    known = np.isfinite(scaled_y).T
    spread = [between_trials(scaled_y[at, k], scaled_s[at, k, k]) for k, at in enumerate(known)]
    own = np.sqrt(spread) + 0.1  # of each horizon alone, and not quite 0
    starts = [np.diag(own)[places], np.outer(own, np.eye(h)[0])[places], np.eye(h)[places]]
    found = [
        minimize(
            criterion,
            start,
            method="BFGS",
            jac="3-point",
            options={"gtol": 1e-9, "maxiter": 2000},
        )
        for start in starts
    ]
    best = min(found, key=lambda each: float(each.fun))
    return np.asarray(matrix(best.x) * np.outer(unit, unit))
