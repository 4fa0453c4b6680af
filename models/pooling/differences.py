"""Differences of restricted means and of survival between the arms of each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .._inference import combine, estimate_or_reason
from .._kernels import two_arm_risk_sets
from .._milestone import batched_milestone, milestone
from .._rmst import BatchedRmst, largest_tau
from .one_stage import draw_risk_sets
from .synthesis import Effects, Measure
from .trial import Effect, Source, Trial

__all__ = ["NO_PATIENTS", "differences_of"]

NO_PATIENTS = "there are no patients"
"""Why a trial has no difference, though it may have a hazard ratio."""


def differences_of(
    trials: Sequence[Trial],
    tau: float | Sequence[float] | None,
    landmarks: Sequence[float],
    reasons: dict[str, str],
) -> list[tuple[Measure, float, Source, Effects]]:
    """Return what absolute differences can be asked of the trials with patients."""
    have = [trial for trial in trials if trial.ipd is not None]
    if len(have) < 2:
        reasons["differences"] = "fewer than 2 trials have patients"
        return []
    if len({trial.time_unit for trial in have}) > 1:
        units = ", ".join(f"{trial.name} in {trial.time_unit}" for trial in have)
        reasons["differences"] = f"times are in different units ({units}); use one in all studies"
        return []
    if tau is None:
        tau = min(largest_tau(trial.ipd) for trial in have if trial.ipd is not None)
    horizons = [tau] if isinstance(tau, int | float) else list(tau)
    without = {trial.name: NO_PATIENTS for trial in trials if trial.ipd is None}
    asked: list[tuple[Measure, float, Source, Effects]] = []
    for at in horizons:
        found = {trial.name: _restricted_means(trial, float(at)) for trial in have}
        asked += [
            ("restricted mean difference", float(at), source, _of(found, source) | without)
            for source in ("reproduced", "draws")
        ]
    for at in landmarks:
        found = {trial.name: _survival_differences(trial, float(at)) for trial in have}
        asked += [
            ("survival difference", float(at), source, _of(found, source) | without)
            for source in ("reproduced", "draws")
        ]
    return asked


_BySource = Mapping[str, Effect | str]


def _of(found: Mapping[str, _BySource], source: Source) -> dict[str, Effect | str]:
    return {name: each[source] for name, each in found.items()}


def _restricted_means(trial: Trial, tau: float) -> dict[str, Effect | str]:
    """Return the difference of restricted means, of the patients and of the draws."""
    beyond = f"an arm is not followed to {tau:g} {trial.time_unit}"
    route = f"area under Kaplan-Meier curves to {tau:g}"
    found: dict[str, Effect | str] = {"draws": "there are no draws"}
    if trial.ipd is None:
        return {"reproduced": NO_PATIENTS, **found}
    own = BatchedRmst.of(two_arm_risk_sets(trial.ipd), tau=tau)
    found["reproduced"] = _single(own.difference, own.se**2, route, beyond)
    if trial.draws is not None:
        many = BatchedRmst.of(draw_risk_sets(trial), tau=tau)
        found["draws"] = _combined(many.difference, many.se**2, route, beyond)
    return found


def _survival_differences(trial: Trial, time: float) -> dict[str, Effect | str]:
    """Return the difference of survival, of the patients and of the draws."""
    found: dict[str, Effect | str] = {"draws": "there are no draws"}
    if trial.ipd is None:
        return {"reproduced": NO_PATIENTS, **found}
    ipd = trial.ipd
    own, why = estimate_or_reason(lambda: milestone(ipd, time=time))
    if own is None:
        return {"reproduced": why, "draws": why}
    route = f"Kaplan-Meier survival at {time:g}"
    single = _single(np.array([own.difference]), np.array([own.se**2]), route, route)
    found["reproduced"] = single
    if trial.draws is not None:
        many = batched_milestone(draw_risk_sets(trial), time=time)
        found["draws"] = _combined(*many, route, route)
    return found


def _single(value: FloatArray, variance: FloatArray, route: str, why: str) -> Effect | str:
    if not (np.isfinite(value[0]) and variance[0] > 0):
        return why if not np.isfinite(value[0]) else "nobody had an event before"
    return Effect(estimate=float(value[0]), variance=float(variance[0]), route=route)


def _combined(value: FloatArray, variance: FloatArray, route: str, why: str) -> Effect | str:
    """Combine draws; those that are not followed so long are left out if they are the fewer."""
    known = np.isfinite(value) & (variance > 0)
    if known.mean() < 0.5:
        return why
    found = combine(value[known], variance[known])
    return Effect(
        estimate=float(found.value),
        variance=float(found.variance),
        route=f"{route}, {int(known.sum())} draws, Rubin's rules",
        reconstruction_variance=float(found.between),
    )
