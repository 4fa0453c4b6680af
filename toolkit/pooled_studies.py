"""Trials taken from studies, from reproductions and from a batch's results, and pooled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .batch_results import StudyResults, read_batch, reproduced_effects, study_files
from .models import analyse
from .models.pooling import (
    MetaAnalysis,
    Method,
    Trial,
    flipped,
    pool_trials,
    trial_of,
)
from .models.pooling.meta_analysis import without_group
from .models.pooling.trial import effect_as_reported, exchanged_arms
from .outcome import Progress
from .reconstruct import ReconstructionRefused
from .reproduction import Reproduction, draws_of, reconstruct
from .studies.argument_types import (
    check_draws,
    names_of,
    numbers_of,
    refuse_no_studies,
    refuse_one_draw,
    strict,
)
from .studies.reader import read_study

if TYPE_CHECKING:
    from .studies import Endpoint, Study

    _Given = Study | Reproduction | StudyResults

__all__ = ["DRAWS", "PoolingRefused", "Selection", "pool", "trials_of"]

DRAWS = 200
"""Draws of each trial unless another number is asked for."""

_LEFT_OUT = "it was left out, or had no reference, when the study was reproduced"


class PoolingRefused(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised if trials cannot be taken from what was given; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which comparison of each study is pooled, and in which direction.

    Attributes
    ----------
    endpoint : str or None
        Its name, such as "OS"; None for the only one that every study compares two arms on.
    cohorts : tuple of str
        Where a study has several cohorts with the endpoint, the first of these that it has.
    references : tuple of str
        Arms that are the reference wherever they occur; other studies keep their own.
    groups : mapping of str to str
        By study: the group of trials that it belongs to.
    """

    endpoint: str | None = None
    cohorts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    groups: Mapping[str, str] | None = None

    def compared(self, study: Study) -> list[Endpoint]:
        """Return what compares two arms of a study in a direction that is stated or asked for."""
        asked = {each.key: each for each in map(self._directed, study.endpoints) if each}
        pairs = (asked.get(each.key, each) for each in study.analysed)
        return [each for each in pairs if each.treatment is not None and not each.reference_taken]

    def _directed(self, endpoint: Endpoint) -> Endpoint | None:
        """Return an endpoint of two arms without a direction, with the one that is asked for."""
        named = [arm for arm in endpoint.arms if arm in self.references]
        if not _is_undirected(endpoint) or len(named) != 1:
            return None
        return endpoint.model_copy(update={"reference": named[0]})

    def undirected(self, study: Study) -> str:
        """Say which endpoints of two arms need a reference to be compared; "" if none do."""
        found = [
            each
            for each in study.endpoints
            if _is_undirected(each) and self.endpoint in (None, each.name)
        ]
        if not found or any(self.endpoint == each.name for each in self.compared(study)):
            return ""
        arms = dict.fromkeys(f'"{arm}"' for each in found for arm in each.arms)
        return (
            f"{', '.join(dict.fromkeys(each.name for each in found))} has two arms and no "
            f"reference: write reference = {' or '.join(arms)}, or name it with --reference or "
            "`references`"
        )


def _is_undirected(endpoint: Endpoint) -> bool:
    """Say whether an endpoint could compare its two arms and does not say which is which."""
    return len(endpoint.arms) == 2 and endpoint.reference is None and not endpoint.comparisons


@strict
def pool(
    studies: Path | str | Sequence[Study | Reproduction | Trial],
    *,
    endpoint: str | None = None,
    cohorts: Sequence[str] = (),
    references: Sequence[str] = (),
    groups: Mapping[str, str] | None = None,
    method: Method = "REML",
    hartung_knapp: bool = True,
    tau: float | Sequence[float] | None = None,
    landmarks: float | Sequence[float] = (),
    n_draws: int = DRAWS,
    seed: int = 0,
    confidence_level: float = 0.95,
    progress: Progress | None = None,
) -> MetaAnalysis:
    """Pool the hazard ratios of trials: reported, reproduced, and with the draws' uncertainty.

    Parameters
    ----------
    studies : Path, str, or sequence of Study, Reproduction or Trial
        A folder of study files, or of what `km.batch` wrote; or the studies themselves.
    endpoint : str, optional
        Such as "OS"; needed if the studies share several.
    cohorts : sequence of str
        Where a study has the endpoint in several cohorts, the first of these that it has.
    references : sequence of str
        Arms that are the reference wherever they occur.
    groups : mapping of str to str, optional
        By study, for every one: its group, for a subgroup analysis of trials.
    method : {"REML", "DL", "PM"}
        Of the variance between trials.
    hartung_knapp : bool
        Hartung and Knapp's interval of the random effect instead of Wald's.
    tau : float or sequence of float, optional
        Horizons of differences of restricted means; by default the largest that all trials with
        patients support.
    landmarks : float or sequence of float
        Times at which survival is compared.
    n_draws, seed : int
        Draws of each study, at least 2, or 0 for none; of a `Reproduction` or a batch's results,
        its own.
    confidence_level : float
        Of the intervals, in (0, 1).
    progress : callable, optional
        See `Progress`.

    Raises
    ------
    PoolingRefused
        If a study has no such comparison, or several, or no group where others have one, or a
        folder holds no studies.
    NotEstimable
        If fewer than two trials have an estimate.
    """
    horizons = None if tau is None else numbers_of("tau", tau)
    times = numbers_of("landmarks", landmarks)
    selection = Selection(
        endpoint=endpoint,
        cohorts=names_of("cohorts", cohorts),
        references=names_of("references", references),
        groups=groups,
    )
    return pool_trials(
        trials_of(studies, selection, n_draws=n_draws, seed=seed, progress=progress),
        method=method,
        hartung_knapp=hartung_knapp,
        tau=horizons,
        landmarks=times,
        confidence_level=confidence_level,
    )


def trials_of(
    studies: Path | str | Sequence[Study | Reproduction | Trial],
    selection: Selection,
    *,
    n_draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Trial, ...]:
    """Take one trial from each study; see `pool`."""
    check_draws(n_draws, seed, least=0)
    refuse_one_draw(n_draws)
    if isinstance(studies, Path | str):
        folder = Path(studies)
        given: Sequence[_Given | Trial] = (
            read_batch(folder)
            if (folder / "batch.json").is_file()
            else [read_study(path) for path in study_files(folder)]
        )
    else:
        refuse_no_studies("pool", studies, or_else=(Reproduction, Trial))
        given = studies
    _refuse_ungrouped(
        {
            **{each.name: each.group for each in given if isinstance(each, Trial)},
            **{_studies_own(each).id: "" for each in given if not isinstance(each, Trial)},
        },
        selection.groups,
    )
    own = [_studies_own(each) for each in given if not isinstance(each, Trial)]
    if own:
        cohorts = [each.cohort for study in own for each in study.analysed]
        _refuse_unknown("No study has a cohort", selection.cohorts, cohorts)
    name = selection.endpoint or _shared_endpoint(own, selection)
    trials = []
    for done, each in enumerate(given):
        if progress:
            progress(done, len(given), f"Reconstructing {getattr(each, 'id', '')}")
        trials.append(
            replace(each, group=(selection.groups or {}).get(each.name, each.group))
            if isinstance(each, Trial)
            else _trial(each, replace(selection, endpoint=name), n_draws=n_draws, seed=seed)
        )
    return _turned(trials, selection)


def _studies_own(given: _Given) -> Study:
    return given.study if isinstance(given, Reproduction | StudyResults) else given


def _shared_endpoint(studies: Sequence[Study], selection: Selection) -> str:
    """Return the only endpoint on which every study compares two arms."""
    if not studies:
        return ""
    names = [[each.name for each in selection.compared(study)] for study in studies]
    shared = [name for name in dict.fromkeys(names[0]) if all(name in each for each in names)]
    if len(shared) == 1:
        return shared[0]
    if shared:
        raise PoolingRefused(
            f"The studies share several endpoints, {', '.join(shared)}; name one to pool."
        )
    found = "; ".join(
        f"{study.id}: "
        + (
            ", but ".join(
                filter(None, [", ".join(dict.fromkeys(each)), selection.undirected(study)])
            )
            or "none"
        )
        for study, each in zip(studies, names, strict=True)
    )
    raise PoolingRefused(
        f"There is no endpoint on which every study compares two arms ({found}); give them one "
        "name, or leave studies out."
    )


def _chosen(
    study: str, endpoints: Collection[Endpoint], selection: Selection, *, undirected: str
) -> Endpoint:
    """Return the comparison of a study that is pooled."""
    named = [each for each in endpoints if each.name == selection.endpoint]
    if not named:
        have = ", ".join(dict.fromkeys(each.name for each in endpoints)) or "none"
        raise PoolingRefused(
            f"{study} does not compare two arms on {selection.endpoint}; "
            f"{undirected or f'it has {have}'}."
        )
    for cohort in selection.cohorts:
        if matching := [each for each in named if each.cohort == cohort]:
            return matching[0]
    if len(named) > 1:
        cohorts = ", ".join(each.cohort for each in named)
        raise PoolingRefused(
            f"{study} has {selection.endpoint} in several cohorts, {cohorts}; name one, because "
            "each trial is pooled once."
        )
    return named[0]


def _trial(given: _Given, selection: Selection, *, n_draws: int, seed: int) -> Trial:
    study = _studies_own(given)
    undirected = selection.undirected(study)
    endpoint = _chosen(study.id, selection.compared(study), selection, undirected=undirected)
    group = (selection.groups or {}).get(study.id, "")
    if isinstance(given, Reproduction):
        for analysis in given.comparisons:
            if analysis.endpoint == endpoint:
                return trial_of(analysis, name=study.id, group=group)
        why = {refusal.endpoint.key: refusal.reason for refusal in given.refused}
        return _reported_only(study.id, endpoint, group, why.get(endpoint.key, _LEFT_OUT))
    if isinstance(given, StudyResults):
        return _of_results(given, endpoint, group)
    try:
        ipd = reconstruct(endpoint)
    except ReconstructionRefused as refusal:
        reason = str(refusal).removeprefix(f"{endpoint.key}: ")
        return _reported_only(study.id, endpoint, group, reason)
    draws = draws_of(endpoint, ipd, n_draws=n_draws, seed=seed)
    return trial_of(analyse(endpoint, ipd, draws=draws), name=study.id, group=group)


def _of_results(given: StudyResults, endpoint: Endpoint, group: str) -> Trial:
    """Take a trial from what a batch wrote; its draws are known by their interval only."""
    reason = given.refusal(endpoint) or _LEFT_OUT
    trial = _reported_only(given.study.id, endpoint, group, reason)
    values = given.comparison(endpoint)
    if values is None:
        return trial
    effects, missing = reproduced_effects(values)
    kept = {source: why for source, why in trial.missing.items() if source == "reported"}
    return replace(
        trial,
        effects={**trial.effects, **effects},
        missing={**kept, **missing},
        n=values["n"],
        events=values["reproduced"]["events"],
        ipd=given.patients(endpoint),
    )


def _reported_only(name: str, endpoint: Endpoint, group: str, reason: str) -> Trial:
    """Return a trial of whose patients nothing can be said."""
    effect = effect_as_reported(endpoint)
    missing = {"reproduced": reason, "draws": reason}
    if isinstance(effect, str):
        missing["reported"] = effect
    return Trial(
        name=name,
        endpoint=endpoint.name,
        arms=(str(endpoint.reference), str(endpoint.treatment)),
        time_unit=endpoint.time_unit,
        effects={} if isinstance(effect, str) else {"reported": effect},
        n={key: arm.n for key, arm in endpoint.arms.items() if arm.n is not None},
        events={key: arm.events for key, arm in endpoint.arms.items() if arm.events is not None},
        group=group,
        missing=missing,
    )


def _refuse_unknown(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that nothing has, and which would do nothing."""
    there = dict.fromkeys(known)
    for name in asked:
        if name not in there:
            raise PoolingRefused(f"{what} {name!r}; there are {', '.join(there)}.")


def _refuse_ungrouped(own: Mapping[str, str], groups: Mapping[str, str] | None) -> None:
    """Refuse groups of studies that there are not, or of some only, before anything is pooled."""
    _refuse_unknown("There is no study", groups or {}, own)
    if said := without_group({**own, **(groups or {})}):
        raise PoolingRefused(said)


def _turned(trials: Sequence[Trial], selection: Selection) -> tuple[Trial, ...]:
    """Exchange the arms of trials whose treatment is asked for as the reference."""
    asked, arms = set(selection.references), [arm for trial in trials for arm in trial.arms]
    _refuse_unknown("No trial has an arm", selection.references, arms)
    for trial in trials:
        if asked.issuperset(trial.arms):
            raise PoolingRefused(f"Both arms of {trial.name} are asked for as the reference.")
    turned = tuple(
        flipped(trial) if trial.arms[1] in asked and trial.arms[0] not in asked else trial
        for trial in trials
    )
    if said := exchanged_arms(turned):
        raise PoolingRefused(said)
    return turned
