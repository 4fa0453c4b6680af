"""Meta-analysis of reproduced trials: two-stage by source, one-stage, and absolute differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...presentation.formats import count
from ...studies.argument_types import numbers_of, strict
from .._inference import NotEstimable, estimate_or_reason, quantile
from .differences import JointMeans, differences_of, joint_means
from .one_stage import OneStage, one_stage
from .random_effects import Method, PooledEffect
from .synthesis import Effects, Measure, Synthesis, synthesise
from .tables import difference_row, synthesis_rows, trial_row
from .trial import SOURCES, Effect, Source, Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MetaAnalysis", "pool_trials"]


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
    joint : mapping of {"reproduced", "draws"} to JointMeans
        Restricted means to several horizons, pooled together; empty for one horizon.
    one_stage, one_stage_random : mapping of {"reproduced", "draws"} to OneStage
        With one treatment effect, and with one that varies between trials.
    reasons : mapping of str to str
        Why a synthesis is missing.
    notes : tuple of str
        What a reader has to know: arms of different names, approximate routes.
    method : {"REML", "DL", "PM"}
    confidence_level : float
    """

    trials: tuple[Trial, ...]
    endpoint: str
    by_source: Mapping[Source, Synthesis]
    differences: tuple[Synthesis, ...]
    joint: Mapping[str, JointMeans]
    one_stage: Mapping[str, OneStage]
    one_stage_random: Mapping[str, OneStage]
    reasons: Mapping[str, str]
    notes: tuple[str, ...]
    method: Method
    confidence_level: float

    def __repr__(self) -> str:
        """Return the syntheses."""
        found = "; ".join(map(repr, self.by_source.values()))
        return f"MetaAnalysis({self.endpoint}, {count(len(self.trials), 'trial')}: {found})"

    @property
    def syntheses(self) -> tuple[Synthesis, ...]:
        """Every two-stage synthesis."""
        return (*self.by_source.values(), *self.differences)

    def to_frame(self) -> pd.DataFrame:
        """Return a row per synthesis, and one for each of its groups; ratios, not logarithms.

        `group` is empty in a row of all trials; its `q_between` is that between groups.
        """
        import pandas as pd

        return pd.DataFrame([row for each in self.syntheses for row in synthesis_rows(each)])

    def difference_frame(self) -> pd.DataFrame:
        """Return a row per difference, trial and source: the difference, interval and weights."""
        import pandas as pd

        return pd.DataFrame(
            [
                difference_row(each, place)
                for each in self.differences
                for place in range(len(each.trials))
            ]
        )

    def trial_frame(self) -> pd.DataFrame:
        """Return a row per trial and source: hazard ratio, interval, weights, route, patients."""
        import pandas as pd

        trials = {trial.name: trial for trial in self.trials}
        return pd.DataFrame(
            [
                trial_row(trials[name], each, place)
                for each in self.by_source.values()
                for place, name in enumerate(each.trials)
            ]
        )


@strict
def pool_trials(
    trials: Sequence[Trial],
    *,
    method: Method = "REML",
    hartung_knapp: bool = True,
    tau: float | Sequence[float] | None = None,
    landmarks: float | Sequence[float] = (),
    confidence_level: float = 0.95,
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
    landmarks : float or sequence of float
        Times at which survival is compared, in the trials' time unit.
    confidence_level : float
        Of the intervals, in (0, 1).

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    NotEstimable
        If there are fewer than two trials, their endpoints differ, names repeat, only some are in
        a group, or no source has an estimate of two trials.
    ValueError
        If `method` or `confidence_level` is not allowed.
    """
    quantile(confidence_level)
    horizons = None if tau is None else numbers_of("tau", tau)
    _refuse(trials)
    reasons: dict[str, str] = {}

    def pooled(measure: Measure, at: float, source: Source, effects: Effects) -> Synthesis | None:
        found, why = estimate_or_reason(
            lambda: synthesise(
                trials, effects, source=source, measure=measure, at=at, method=method,
                hartung_knapp=hartung_knapp, confidence_level=confidence_level,
            )
        )  # fmt: skip
        if found is None:
            reasons[f"{measure.removeprefix('log ')}, {source}"] = why
        return found

    sources = [s for s in SOURCES if s != "draws" or any(trial.draws_known for trial in trials)]
    by_source = {
        source: found
        for source in sources
        if (found := pooled("log hazard ratio", math.nan, source, _ratios(trials, source)))
    }
    if not by_source:
        raise NotEstimable(_nothing(trials, reasons))
    each = differences_of(trials, horizons, numbers_of("landmarks", landmarks), reasons)
    differences = [found for args in each if args[2] in sources and (found := pooled(*args))]
    return MetaAnalysis(
        trials=tuple(trials),
        endpoint=trials[0].endpoint,
        by_source=by_source,
        differences=tuple(differences),
        joint=_joint(trials, horizons or (), reasons, confidence_level),
        one_stage=_one_stages(trials, reasons, confidence_level, random=False),
        one_stage_random=_one_stages(trials, reasons, confidence_level, random=True),
        reasons=reasons,
        notes=(*_notes(trials), *_narrow(by_source)),
        method=method,
        confidence_level=confidence_level,
    )


def _refuse(trials: Sequence[Trial]) -> None:
    if len(trials) < 2:
        given = f"there is 1: {trials[0].name}" if trials else "there are none"
        raise NotEstimable(f"Pooling needs at least 2 trials; {given}.")
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
    if said := without_group({trial.name: trial.group for trial in trials}):
        raise NotEstimable(said)


def without_group(groups: Mapping[str, str]) -> str:
    """Say which trials, by name, are in no group where others are in one; "" if none are."""
    without = [name for name, group in groups.items() if not group]
    if not without or len(without) == len(groups):
        return ""
    one = len(without) == 1
    return (
        f"{', '.join(without)} {'is' if one else 'are'} in no group, and the other trials are; "
        f"give {'it' if one else 'each of them'} one, or leave {'it' if one else 'them'} out."
    )


def _nothing(trials: Sequence[Trial], reasons: Mapping[str, str]) -> str:
    """Say why nothing was pooled, and of each trial without an estimate why it has none."""
    if all(trial.effects for trial in trials):
        return " ".join(dict.fromkeys(reasons.values()))
    without = {
        trial.name: "; ".join(
            f"{source}: {why.rstrip('.')}"
            for source, why in trial.missing.items()
            if source != "draws"
        )
        for trial in trials
        if not trial.effects
    }
    said = "; ".join(f"{name} has none ({why})" for name, why in without.items() if why)
    return (
        f"Pooling needs at least 2 trials with an estimate, and {len(trials) - len(without)} of "
        f"{len(trials)} {'has' if len(trials) - len(without) == 1 else 'have'} one of the same "
        f"source{'; ' if said else ''}{said}."
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
    notes += [
        f"{trial.name}, as reported: {effect.doubt}."
        for trial in trials
        if (effect := trial.effects.get("reported")) and effect.doubt
    ]
    rough = [t.name for t in trials if (e := t.effects.get("reported")) and e.approximate]
    if rough:
        notes.append(
            f"{', '.join(rough)}: neither an interval nor p gives the variance of a reported "
            "hazard ratio (none is reported, or it disagrees with the events); what is used as "
            "reported is approximated from other reported values."
        )
    adjusted = [t.name for t in trials if (e := t.effects.get("reported")) and e.adjusted]
    if adjusted and len(adjusted) < len(trials):
        notes.append(
            f"The reported hazard ratio of {', '.join(adjusted)} is adjusted for covariates, the "
            "others are not; they estimate different quantities."
        )
    return notes + _again(trials)


def _again(trials: Sequence[Trial]) -> list[str]:
    """Name trials with the same patients and hazard ratio: one may be published twice."""
    alike: dict[object, list[str]] = {}
    for trial in trials:
        effect = trial.effects.get("reported", trial.effects.get("reproduced"))
        if trial.n and effect is not None:
            same = (*trial.n.values(), effect.estimate, effect.variance)
            alike.setdefault(same, []).append(trial.name)
    return [
        f"{', '.join(names)} have the same numbers of patients and the same hazard ratio: if they "
        "are one trial, pool it once."
        for names in alike.values()
        if len(names) > 1
    ]


def _narrow(by_source: Mapping[Source, Synthesis]) -> Iterator[str]:
    """Say where Hartung and Knapp's interval is narrower than that of a common effect."""
    for source, found in by_source.items():
        pairs = {"": (found.random, found.common)}
        if groups := found.subgroups:
            each = ((name, (groups.groups[name], groups.common[name])) for name in groups.groups)
            pairs |= {f" of group {name}": both for name, both in each}
        for which, (random, common) in pairs.items():
            if random.hartung_knapp and _width(random) < _width(common):
                yield (
                    f"The Hartung-Knapp interval{which}, {source}, is narrower than the common "
                    "effect's: the trials agree more than chance would have it. The wider interval "
                    "is safer."
                )


def _width(pooled: PooledEffect) -> float:
    return pooled.ci[1] - pooled.ci[0]


def _ratios(trials: Sequence[Trial], source: Source) -> dict[str, Effect | str]:
    return {
        trial.name: trial.effects.get(source, trial.missing.get(source, "not known"))
        for trial in trials
    }


def _joint(
    trials: Sequence[Trial],
    horizons: Sequence[float],
    reasons: dict[str, str],
    confidence_level: float,
) -> dict[str, JointMeans]:
    """Pool several horizons together, unless times are in different units."""
    if len(set(horizons)) < 2 or "differences" in reasons:
        return {}
    found = {}
    for source, have in _by_source(trials).items():
        result, why = estimate_or_reason(
            lambda have=have, source=source: joint_means(  # type: ignore[misc]
                have, horizons, draws=source == "draws", confidence_level=confidence_level
            )
        )
        if result is None:
            reasons[f"horizons together, {source}"] = why
            continue
        found[source] = result
        if result.reason:
            reasons[f"horizons together, {source}, random effects"] = result.reason
    return found


def _by_source(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    drawn = [trial for trial in trials if trial.draws is not None]
    own = {"reproduced": [trial for trial in trials if trial.ipd is not None]}
    return {**own, "draws": drawn} if drawn else own


def _one_stages(
    trials: Sequence[Trial], reasons: dict[str, str], confidence_level: float, *, random: bool
) -> dict[str, OneStage]:
    found = {}
    for source, have in _by_source(trials).items():
        result, why = estimate_or_reason(
            lambda have=have, source=source: one_stage(  # type: ignore[misc]
                have,
                draws=source == "draws",
                random=random,
                confidence_level=confidence_level,
            )
        )
        if result is None:
            reasons[f"one-stage{' with a random effect' * random}, {source}"] = why
        else:
            found[source] = result
    return found
