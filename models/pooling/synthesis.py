"""One estimate per trial pooled: common and random effects, leave-one-out, subgroups, asymmetry."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...presentation.formats import count, p_value
from ...reconstruct.pseudo_ipd import FloatArray
from .._inference import NotEstimable, estimate_or_reason
from .random_effects import (
    Egger,
    Heterogeneity,
    Method,
    PooledEffect,
    common_effect,
    egger,
    heterogeneity,
    random_effects,
)
from .trial import Effect, Trial

__all__ = ["Effects", "LeftOut", "Measure", "Subgroups", "Synthesis", "synthesise"]

Measure = Literal["log hazard ratio", "restricted mean difference", "survival difference"]
_Rows = npt.NDArray[np.intp]
Effects = Mapping[str, Effect | str]
"""By trial: its effect, or why it has none."""


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
    common : mapping of str to PooledEffect
    heterogeneity : mapping of str to Heterogeneity
        Within each of them.
    members : mapping of str to tuple of str
        The trials of every group.
    single : tuple of str
        Groups of one trial, which are left out of the test.
    q, q_df, q_p : float
        Of the difference between groups, with Wald's variances: those of Hartung and Knapp go
        with a t distribution, not with chi-squared. NaN unless two groups have estimates.
    """

    groups: Mapping[str, PooledEffect]
    common: Mapping[str, PooledEffect]
    heterogeneity: Mapping[str, Heterogeneity]
    members: Mapping[str, tuple[str, ...]]
    single: tuple[str, ...]
    q: float
    q_df: int
    q_p: float

    @property
    def between(self) -> str:
        """The test in words; empty where there is none."""
        if math.isnan(self.q):
            return ""
        degrees = count(self.q_df, "degree of freedom", "degrees of freedom")
        return f"Q {self.q:.2f} on {degrees}, {p_value(self.q_p)}"


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
        None with fewer than three trials, the same standard errors, or trials on one line.
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
            f"Synthesis({self.source}, {self.measure.removeprefix('log ')}, "
            f"{count(len(self.trials), 'trial')}: {scale(self.random.estimate):.3g} "
            f"({scale(low):.3g} to {scale(high):.3g}), I² {100 * self.heterogeneity.i2:.0f}%)"
        )


def synthesise(
    trials: Sequence[Trial],
    effects: Effects,
    *,
    source: str,
    measure: Measure,
    at: float = math.nan,
    method: Method = "REML",
    hartung_knapp: bool = True,
    confidence_level: float = 0.95,
) -> Synthesis:
    """Pool one estimate per trial.

    Parameters
    ----------
    trials : sequence of Trial
    effects : mapping of str to Effect or str
        By the trial's name: its effect, or why it has none.
    source, measure, at
        Attributes of the result.
    method, hartung_knapp, confidence_level
        As in `pool_trials`.

    Raises
    ------
    NotEstimable
        If fewer than two trials have an effect, or one has no variance.
    """
    have = {name: each for name, each in effects.items() if isinstance(each, Effect)}
    left_out = {name: each for name, each in effects.items() if isinstance(each, str)}
    if len(have) < 2:
        why = "; ".join(f"{name}: {reason.rstrip('.')}" for name, reason in left_out.items())
        raise NotEstimable(f"Pooling needs at least 2 trials with an estimate; {why}.")
    if flat := [name for name, each in have.items() if not each.variance > 0]:
        raise NotEstimable(
            f"{', '.join(flat)} has an estimate without variance, so that it would outweigh all "
            "others; check its interval."
        )
    y = np.array([each.estimate for each in have.values()])
    v = np.array([each.variance for each in have.values()])

    sets = _Estimates(y, v, method, hartung_knapp, confidence_level)
    everyone = np.arange(y.size)
    asymmetry, _ = estimate_or_reason(lambda: egger(y, v))
    return Synthesis(
        source=source,
        measure=measure,
        at=at,
        trials=tuple(have),
        effects=tuple(have.values()),
        left_out=left_out,
        common=sets.common(everyone),
        random=sets.random(everyone),
        heterogeneity=sets.spread(everyone),
        leave_one_out=tuple(_without(place, name, sets) for place, name in enumerate(have)),
        subgroups=_subgroups(_grouped(trials, have), list(have), sets),
        egger=asymmetry,
    )


@dataclass(frozen=True)
class _Estimates:
    """Estimates and variances of trials, of which any rows are pooled in the same way."""

    y: FloatArray
    v: FloatArray
    method: Method
    hartung_knapp: bool
    level: float

    def random(self, rows: _Rows) -> PooledEffect:
        return random_effects(
            self.y[rows],
            self.v[rows],
            method=self.method,
            hartung_knapp=self.hartung_knapp,
            confidence_level=self.level,
        )

    def common(self, rows: _Rows) -> PooledEffect:
        return common_effect(self.y[rows], self.v[rows], confidence_level=self.level)

    def spread(self, rows: _Rows) -> Heterogeneity:
        return heterogeneity(
            self.y[rows], self.v[rows], method=self.method, confidence_level=self.level
        )


def _without(place: int, name: str, sets: _Estimates) -> LeftOut:
    rest = np.delete(np.arange(sets.y.size), place)
    if rest.size < 2:
        return LeftOut(trial=name, estimate=math.nan, ci=(math.nan, math.nan), i2=math.nan)
    found = sets.random(rest)
    return LeftOut(trial=name, estimate=found.estimate, ci=found.ci, i2=sets.spread(rest).i2)


def _grouped(trials: Sequence[Trial], have: Mapping[str, Effect]) -> dict[str, tuple[str, ...]]:
    """Return the trials that have an effect, by group, in the order in which groups occur."""
    of = {trial.name: trial.group for trial in trials}
    names = dict.fromkeys(of[name] for name in have)
    return {group: tuple(name for name in have if of[name] == group) for group in names}


def _subgroups(
    members: Mapping[str, tuple[str, ...]], names: Sequence[str], sets: _Estimates
) -> Subgroups | None:
    """Pool each group by itself, and test their difference by Cochran's Q of their estimates."""
    if len(members) < 2:
        return None
    rows = {group: np.array([names.index(each) for each in own]) for group, own in members.items()}
    several = {group: each for group, each in rows.items() if each.size > 1}
    found = {group: sets.random(each) for group, each in several.items()}
    wald = replace(sets, hartung_knapp=False)
    q, q_p = _between_groups([wald.random(each) for each in several.values()])
    return Subgroups(
        groups=found,
        common={group: sets.common(each) for group, each in several.items()},
        heterogeneity={group: sets.spread(each) for group, each in several.items()},
        members=members,
        single=tuple(group for group in members if group not in several),
        q=q,
        q_df=max(len(found) - 1, 0),
        q_p=q_p,
    )


def _between_groups(found: Sequence[PooledEffect]) -> tuple[float, float]:
    """Return Cochran's Q of random-effects estimates, and p; NaN for fewer than two."""
    from scipy.stats import chi2

    if len(found) < 2:
        return math.nan, math.nan
    y = np.array([each.estimate for each in found])
    w = np.array([1 / each.se**2 for each in found])
    q = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
    return q, float(chi2.sf(q, len(found) - 1))
