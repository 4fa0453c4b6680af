"""Rows of the tables of a meta-analysis: syntheses with their groups, trials, differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from .._inference import quantile
from .random_effects import Heterogeneity, PooledEffect
from .synthesis import Synthesis
from .trial import Trial

__all__ = ["difference_row", "synthesis_rows", "trial_row"]

_NONE = (math.nan, math.nan, math.nan)


def synthesis_rows(each: Synthesis) -> Iterator[dict[str, object]]:
    """Yield the row of all trials of a synthesis, then one for each group of at least two."""
    groups = each.subgroups
    between = _NONE if groups is None else (groups.q, groups.q_df, groups.q_p)
    yield {
        **_row(each, "", len(each.trials), each.common, each.random, each.heterogeneity),
        "egger_p": math.nan if each.egger is None else each.egger.p,
        "reconstruction_share": each.reconstruction_share,
        **dict(zip(("q_between", "q_between_df", "q_between_p"), between, strict=True)),
    }
    if groups is None:
        return
    for group, random in groups.groups.items():
        common, spread = groups.common[group], groups.heterogeneity[group]
        yield _row(each, group, len(groups.members[group]), common, random, spread)


def _row(
    each: Synthesis,
    group: str,
    n_trials: int,
    common: PooledEffect,
    random: PooledEffect,
    spread: Heterogeneity,
) -> dict[str, object]:
    scale: Callable[[float], float] = math.exp if each.is_ratio else float
    row: dict[str, object] = {
        "source": each.source,
        "measure": each.measure.removeprefix("log "),
        "at": each.at,
        "group": group,
        "trials": n_trials,
    }
    for name, pooled in (("common", common), ("random", random)):
        row[name] = scale(pooled.estimate)
        row[f"{name}_lower"], row[f"{name}_upper"] = map(scale, pooled.ci)
        row[f"{name}_p"] = pooled.p
    low, high = map(scale, random.prediction)
    return {
        **row,
        "prediction_lower": low,
        "prediction_upper": high,
        "tau2": spread.tau2,
        "tau2_lower": spread.tau2_ci[0],
        "tau2_upper": spread.tau2_ci[1],
        "i2": spread.i2,
        "q": spread.q,
        "q_df": spread.q_df,
        "q_p": spread.q_p,
    }


def trial_row(trial: Trial, each: Synthesis, place: int) -> dict[str, object]:
    """Return what is known of one trial, the `place`-th of a synthesis of hazard ratios."""
    effect = each.effects[place]
    half = quantile(each.common.confidence_level) * math.sqrt(effect.variance)
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


def difference_row(each: Synthesis, place: int) -> dict[str, object]:
    """Return the difference of one trial, the `place`-th of a synthesis of differences."""
    effect = each.effects[place]
    half = quantile(each.common.confidence_level) * math.sqrt(effect.variance)
    return {
        "trial": each.trials[place],
        "source": each.source,
        "measure": each.measure,
        "at": each.at,
        "difference": effect.estimate,
        "se": math.sqrt(effect.variance),
        "lower": effect.estimate - half,
        "upper": effect.estimate + half,
        "weight_common": float(each.common.weights[place]),
        "weight_random": float(each.random.weights[place]),
        "route": effect.route,
        "reconstruction_variance": effect.reconstruction_variance,
    }
