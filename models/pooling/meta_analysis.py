"""Meta-analysis of reproduced trials: two-stage by source, one-stage, and absolute differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._normal import quantile
from ..batched.rmst import BatchedRmst
from ..milestone import milestone
from ..not_estimable import NotEstimable, estimate_or_reason
from ..rmst import largest_tau
from ..rubin import combine
from .one_stage import OneStage, draw_risk_sets, one_stage
from .random_effects import (
    METHODS,
    Egger,
    Heterogeneity,
    Method,
    PooledEffect,
    common_effect,
    egger,
    heterogeneity,
    random_effects,
)
from .trial import SOURCES, Effect, Source, Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LeftOut", "MetaAnalysis", "Subgroups", "Synthesis", "pool_trials", "synthesise"]

Measure = Literal["log hazard ratio", "restricted mean difference", "survival difference"]


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """The random-effects estimate without one trial; NaN where only one is left."""

    trial: str
    estimate: float
    ci: tuple[float, float]
    i2: float


@dataclass(frozen=True, kw_only=True)
class Subgroups:
    """Random-effects estimates by group of trials, and the test that they differ.

    Attributes
    ----------
    groups : mapping of str to PooledEffect
        Those with at least two trials.
    single : tuple of str
        Groups of one trial, which are left out of the test.
    q, q_df, q_p : float
        Of the difference between groups; NaN unless two groups have estimates.
    """

    groups: Mapping[str, PooledEffect]
    single: tuple[str, ...]
    q: float
    q_df: int
    q_p: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Synthesis:
    """One set of estimates pooled.

    Attributes
    ----------
    source : str
        "reported", "reproduced" or "draws".
    measure : str
        "log hazard ratio", "restricted mean difference" or "survival difference", of the
        treatment against the reference.
    at : float
        Horizon or landmark of a difference; NaN for hazard ratios.
    trials : tuple of str
        Those that have an estimate.
    effects : tuple of Effect
        Theirs.
    left_out : mapping of str to str
        The other trials, and why.
    common, random : PooledEffect
    heterogeneity : Heterogeneity
    leave_one_out : tuple of LeftOut
    subgroups : Subgroups or None
        None if the trials are of one group.
    egger : Egger or None
        None with fewer than three trials.
    """

    source: str
    measure: Measure
    at: float
    trials: tuple[str, ...]
    effects: tuple[Effect, ...]
    left_out: Mapping[str, str]
    common: PooledEffect
    random: PooledEffect
    heterogeneity: Heterogeneity
    leave_one_out: tuple[LeftOut, ...]
    subgroups: Subgroups | None
    egger: Egger | None

    @property
    def is_ratio(self) -> bool:
        """Whether estimates are logarithms of ratios."""
        return self.measure == "log hazard ratio"

    @property
    def reconstruction_share(self) -> float:
        """Share of the common effect's variance that the reconstruction adds.

        The sum of w² r over that of w² v, w the weight, v the variance and r the reconstruction's
        part of it.
        """
        w2 = np.asarray(self.common.weights) ** 2
        own = np.array([effect.reconstruction_variance for effect in self.effects])
        total = np.array([effect.variance for effect in self.effects])
        return float((w2 * own).sum() / (w2 * total).sum())

    def __repr__(self) -> str:
        """Return the pooled estimates, ratios as ratios."""
        scale: Callable[[float], float] = math.exp if self.is_ratio else float
        low, high = self.random.ci
        return (
            f"Synthesis({self.source}, {self.measure.removeprefix('log ')}, {len(self.trials)} "
            f"trials: {scale(self.random.estimate):.3g} ({scale(low):.3g} to {scale(high):.3g}), "
            f"I² {100 * self.heterogeneity.i2:.0f}%)"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class MetaAnalysis:
    """Trials pooled in every way that they allow.

    Attributes
    ----------
    trials : tuple of Trial
    endpoint : str
    by_source : mapping of {"reported", "reproduced", "draws"} to Synthesis
        Two-stage, of the log hazard ratio.
    differences : tuple of Synthesis
        Of restricted means and of survival at landmarks.
    one_stage : mapping of {"reproduced", "draws"} to OneStage
    reasons : mapping of str to str
        Why a synthesis is missing.
    notes : tuple of str
        What a reader has to know: arms of different names, approximate routes.
    method : {"REML", "DL", "PM"}
    confidence : float
    """

    trials: tuple[Trial, ...]
    endpoint: str
    by_source: Mapping[Source, Synthesis]
    differences: tuple[Synthesis, ...]
    one_stage: Mapping[str, OneStage]
    reasons: Mapping[str, str]
    notes: tuple[str, ...]
    method: Method
    confidence: float

    def __repr__(self) -> str:
        """Return the syntheses."""
        found = "; ".join(map(repr, self.by_source.values()))
        return f"MetaAnalysis({self.endpoint}, {len(self.trials)} trials: {found})"

    @property
    def syntheses(self) -> tuple[Synthesis, ...]:
        """Every two-stage synthesis."""
        return (*self.by_source.values(), *self.differences)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per synthesis; ratios, not logarithms."""
        import pandas as pd

        return pd.DataFrame([_row(each) for each in self.syntheses])

    def trial_frame(self) -> pd.DataFrame:
        """Return a row per trial and source: hazard ratio, interval, weights, route, patients."""
        import pandas as pd

        trials = {trial.name: trial for trial in self.trials}
        return pd.DataFrame(
            [
                _trial_row(trials[name], each, place)
                for each in self.by_source.values()
                for place, name in enumerate(each.trials)
            ]
        )


def _row(each: Synthesis) -> dict[str, object]:
    scale: Callable[[float], float] = math.exp if each.is_ratio else float
    found = each.heterogeneity
    row: dict[str, object] = {
        "source": each.source,
        "measure": each.measure.removeprefix("log "),
        "at": each.at,
        "trials": len(each.trials),
    }
    for name, pooled in (("common", each.common), ("random", each.random)):
        row[name] = scale(pooled.estimate)
        row[f"{name}_lower"], row[f"{name}_upper"] = map(scale, pooled.ci)
        row[f"{name}_p"] = pooled.p
    low, high = map(scale, each.random.prediction)
    return {
        **row,
        "prediction_lower": low,
        "prediction_upper": high,
        "tau2": found.tau2,
        "tau2_lower": found.tau2_ci[0],
        "tau2_upper": found.tau2_ci[1],
        "i2": found.i2,
        "q": found.q,
        "q_df": found.q_df,
        "q_p": found.q_p,
        "egger_p": math.nan if each.egger is None else each.egger.p,
        "reconstruction_share": each.reconstruction_share,
    }


def _trial_row(trial: Trial, each: Synthesis, place: int) -> dict[str, object]:
    effect = each.effects[place]
    half = quantile(each.common.confidence) * math.sqrt(effect.variance)
    return {
        "trial": trial.name,
        "source": each.source,
        "reference": trial.arms[0],
        "treatment": trial.arms[1],
        "group": trial.group,
        "n_reference": trial.n.get(trial.arms[0]),
        "n_treatment": trial.n.get(trial.arms[1]),
        "events_reference": trial.events.get(trial.arms[0]),
        "events_treatment": trial.events.get(trial.arms[1]),
        "log_hazard_ratio": effect.estimate,
        "se": math.sqrt(effect.variance),
        "hazard_ratio": math.exp(effect.estimate),
        "lower": math.exp(effect.estimate - half),
        "upper": math.exp(effect.estimate + half),
        "weight_common": float(each.common.weights[place]),
        "weight_random": float(each.random.weights[place]),
        "route": effect.route,
        "approximate": effect.approximate,
        "adjusted": effect.adjusted,
        "reconstruction_variance": effect.reconstruction_variance,
    }


def pool_trials(
    trials: Sequence[Trial],
    *,
    method: Method = "REML",
    hartung_knapp: bool = True,
    tau: float | Sequence[float] | None = None,
    landmarks: Sequence[float] = (),
    confidence: float = 0.95,
) -> MetaAnalysis:
    """Pool trials that compare the same treatments on the same endpoint.

    Parameters
    ----------
    trials : sequence of Trial
        At least two, of one endpoint, with names of their own.
    method : {"REML", "DL", "PM"}
        Of the variance between trials.
    hartung_knapp : bool
        Hartung and Knapp's interval of the random effect instead of Wald's.
    tau : float or sequence of float, optional
        Horizons of differences of restricted means, in the trials' time unit; by default the
        largest that every trial with patients supports.
    landmarks : sequence of float
        Times at which survival is compared, in the trials' time unit.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, their endpoints differ, names repeat, or no source has
        an estimate of two trials.
    ValueError
        If `method` or `confidence` is not allowed.
    """
    quantile(confidence)
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {', '.join(METHODS)}, but is {method!r}.")
    _refuse(trials)
    reasons: dict[str, str] = {}

    def pooled(measure: Measure, at: float, source: Source, effects: _Effects) -> Synthesis | None:
        found, why = estimate_or_reason(
            lambda: synthesise(
                trials, effects, source=source, measure=measure, at=at, method=method,
                hartung_knapp=hartung_knapp, confidence=confidence,
            )
        )  # fmt: skip
        if found is None:
            reasons[f"{measure.removeprefix('log ')}, {source}"] = why
        return found

    by_source = {
        source: found
        for source in SOURCES
        if (found := pooled("log hazard ratio", math.nan, source, _ratios(trials, source)))
    }
    if not by_source:
        raise NotEstimable(" ".join(f"{key}: {why}" for key, why in reasons.items()))
    differences = [
        found
        for measure, at, source, effects in _differences(trials, tau, landmarks, reasons)
        if (found := pooled(measure, at, source, effects))
    ]
    return MetaAnalysis(
        trials=tuple(trials),
        endpoint=trials[0].endpoint,
        by_source=by_source,
        differences=tuple(differences),
        one_stage=_one_stages(trials, reasons, confidence),
        reasons=reasons,
        notes=(*_notes(trials), *_narrow(by_source)),
        method=method,
        confidence=confidence,
    )


_Rows = npt.NDArray[np.intp]
_Effects = Mapping[str, Effect | str]
"""By trial: its effect, or why it has none."""


def _refuse(trials: Sequence[Trial]) -> None:
    if len(trials) < 2:
        which = f": {trials[0].name}" if trials else ""
        raise NotEstimable(f"Pooling needs at least 2 trials; there is {len(trials)}{which}.")
    names = [trial.name for trial in trials]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NotEstimable(
            f"{', '.join(twice)} occurs twice among the trials; each trial is pooled once."
        )
    endpoints = {trial.endpoint: trial.name for trial in trials}
    if len(endpoints) > 1:
        found = ", ".join(f"{name} ({trial})" for name, trial in endpoints.items())
        raise NotEstimable(
            f"Trials are pooled on one endpoint, but these have different ones: {found}; choose "
            "one that all report."
        )


def _notes(trials: Sequence[Trial]) -> list[str]:
    notes = []
    arms = dict.fromkeys(trial.arms for trial in trials)
    if len(arms) > 1:
        each = "; ".join(f"{new} versus {old}" for old, new in arms)
        notes.append(
            f"Arms have different names ({each}): the hazard ratio is that of the second arm of "
            "each trial, so check that the directions agree."
        )
    rough = [t.name for t in trials if (e := t.effects.get("reported")) and e.approximate]
    if rough:
        notes.append(
            f"No hazard ratio is reported by {', '.join(rough)}: an approximate one from other "
            "reported values is used as reported."
        )
    adjusted = [t.name for t in trials if (e := t.effects.get("reported")) and e.adjusted]
    if adjusted and len(adjusted) < len(trials):
        notes.append(
            f"The reported hazard ratio of {', '.join(adjusted)} is adjusted for covariates, the "
            "others are not; they estimate different quantities."
        )
    return notes


def _narrow(by_source: Mapping[Source, Synthesis]) -> Iterator[str]:
    """Say where Hartung and Knapp's interval is narrower than that of a common effect."""
    for source, found in by_source.items():
        own, common = (each.ci[1] - each.ci[0] for each in (found.random, found.common))
        if found.random.hartung_knapp and own < common:
            yield (
                f"The Hartung-Knapp interval, {source}, is narrower than the common effect's: the "
                "trials agree more than chance would have it. The wider interval is safer."
            )


def _ratios(trials: Sequence[Trial], source: Source) -> dict[str, Effect | str]:
    return {
        trial.name: trial.effects.get(source, trial.missing.get(source, "not known"))
        for trial in trials
    }


def _one_stages(
    trials: Sequence[Trial], reasons: dict[str, str], confidence: float
) -> dict[str, OneStage]:
    found = {}
    for source, have in (
        ("reproduced", [trial for trial in trials if trial.ipd is not None]),
        ("draws", [trial for trial in trials if trial.draws is not None]),
    ):
        result, why = estimate_or_reason(
            lambda have=have, source=source: one_stage(  # type: ignore[misc]
                have, draws=source == "draws", confidence=confidence
            )
        )
        if result is None:
            reasons[f"one-stage, {source}"] = why
        else:
            found[source] = result
    return found


def _differences(
    trials: Sequence[Trial],
    tau: float | Sequence[float] | None,
    landmarks: Sequence[float],
    reasons: dict[str, str],
) -> list[tuple[Measure, float, Source, _Effects]]:
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
    without = {trial.name: "there are no patients" for trial in trials if trial.ipd is None}
    asked: list[tuple[Measure, float, Source, _Effects]] = []
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
    from ..cox import two_arm_risk_sets

    beyond = f"an arm is not followed to {tau:g} {trial.time_unit}"
    route = f"area under Kaplan-Meier curves to {tau:g}"
    found: dict[str, Effect | str] = {"draws": "there are no draws"}
    if trial.ipd is None:
        return {"reproduced": "there are no patients", **found}
    own = BatchedRmst.of(two_arm_risk_sets(trial.ipd), tau=tau)
    found["reproduced"] = _single(own.difference, own.se**2, route, beyond)
    if trial.draws is not None:
        many = BatchedRmst.of(draw_risk_sets(trial), tau=tau)
        found["draws"] = _combined(many.difference, many.se**2, route, beyond)
    return found


def _survival_differences(trial: Trial, time: float) -> dict[str, Effect | str]:
    """Return the difference of survival; draws add to the variance of the patients' own."""
    found: dict[str, Effect | str] = {"draws": "there are no draws"}
    if trial.ipd is None:
        return {"reproduced": "there are no patients", **found}
    ipd = trial.ipd
    own, why = estimate_or_reason(lambda: milestone(ipd, time=time))
    if own is None:
        return {"reproduced": why, "draws": why}
    route = f"Kaplan-Meier survival at {time:g}"
    single = _single(np.array([own.difference]), np.array([own.se**2]), route, route)
    found["reproduced"] = single
    if trial.draws is not None:
        at = np.array([time])
        reference, treatment = (trial.draws.survival(arm, at)[:, 0] for arm in trial.arms)
        within = np.full(reference.shape, own.se**2)
        found["draws"] = _combined(treatment - reference, within, route, route)
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


def synthesise(
    trials: Sequence[Trial],
    effects: Mapping[str, Effect | str],
    *,
    source: str,
    measure: Measure,
    at: float = math.nan,
    method: Method = "REML",
    hartung_knapp: bool = True,
    confidence: float = 0.95,
) -> Synthesis:
    """Pool one estimate per trial.

    Parameters
    ----------
    trials : sequence of Trial
    effects : mapping of str to Effect or str
        By the trial's name: its effect, or why it has none.
    source, measure, at
        Attributes of the result.
    method, hartung_knapp, confidence
        As in `pool_trials`.

    Raises
    ------
    NotEstimable
        If fewer than two trials have an effect, or one has no variance.
    """
    have = {name: each for name, each in effects.items() if isinstance(each, Effect)}
    left_out = {name: each for name, each in effects.items() if isinstance(each, str)}
    if len(have) < 2:
        why = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise NotEstimable(f"Pooling needs at least 2 trials with an estimate; {why}.")
    if flat := [name for name, each in have.items() if not each.variance > 0]:
        raise NotEstimable(
            f"{', '.join(flat)} has an estimate without variance, so that it would outweigh all "
            "others; check its interval."
        )
    y = np.array([each.estimate for each in have.values()])
    v = np.array([each.variance for each in have.values()])

    def pooled(rows: _Rows) -> PooledEffect:
        return random_effects(
            y[rows], v[rows], method=method, hartung_knapp=hartung_knapp, confidence=confidence
        )

    everyone = np.arange(y.size)
    groups = {trial.name: trial.group for trial in trials}
    asymmetry, _ = estimate_or_reason(lambda: egger(y, v))
    return Synthesis(
        source=source,
        measure=measure,
        at=at,
        trials=tuple(have),
        effects=tuple(have.values()),
        left_out=left_out,
        common=common_effect(y, v, confidence=confidence),
        random=pooled(everyone),
        heterogeneity=heterogeneity(y, v, method=method, confidence=confidence),
        leave_one_out=tuple(_without(name, y, v, pooled, method) for name in (enumerate(have))),
        subgroups=_subgroups([groups[name] for name in have], pooled),
        egger=asymmetry,
    )


def _without(
    which: tuple[int, str],
    y: FloatArray,
    v: FloatArray,
    pooled: Callable[[_Rows], PooledEffect],
    method: Method,
) -> LeftOut:
    place, name = which
    rest = np.delete(np.arange(y.size), place)
    if rest.size < 2:
        return LeftOut(trial=name, estimate=math.nan, ci=(math.nan, math.nan), i2=math.nan)
    found = pooled(rest)
    return LeftOut(
        trial=name,
        estimate=found.estimate,
        ci=found.ci,
        i2=heterogeneity(y[rest], v[rest], method=method).i2,
    )


def _subgroups(groups: Sequence[str], pooled: Callable[[_Rows], PooledEffect]) -> Subgroups | None:
    """Pool each group by itself, and test their difference by Cochran's Q of their estimates."""
    from scipy.stats import chi2

    names = tuple(dict.fromkeys(groups))
    if len(names) < 2:
        return None
    rows = {name: np.flatnonzero([group == name for group in groups]) for name in names}
    found = {name: pooled(each) for name, each in rows.items() if each.size > 1}
    q = q_p = math.nan
    if len(found) > 1:
        y = np.array([each.estimate for each in found.values()])
        v = np.array([each.se**2 for each in found.values()])
        w = 1 / v
        q = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
        q_p = float(chi2.sf(q, len(found) - 1))
    return Subgroups(
        groups=found,
        single=tuple(name for name, each in rows.items() if each.size == 1),
        q=q,
        q_df=max(len(found) - 1, 0),
        q_p=q_p,
    )
