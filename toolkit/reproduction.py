"""The whole flow: every endpoint of a study reconstructed, analysed and compared."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .audit import Audit, audit
from .causes_and_subgroups import reproduced_causes, reproduced_subgroups
from .defaults import DRAWS, SEED
from .models import EndpointAnalysis, Ensemble, analyse, ensemble
from .models.informed import informed_patients, is_reported
from .outcome import Progress, Refusal, refusal_reason
from .presentation import notebook
from .presentation.formats import count
from .processes import in_order
from .reconstruct import PseudoIPD, ReconstructionRefused
from .reconstruct import reconstruct as from_arms
from .reconstruct.quick_looks import quick_looks
from .studies import Endpoint, load_study
from .studies.argument_types import check_draws, check_path, endpoints_of, refuse_no_study, strict

if TYPE_CHECKING:
    import pandas as pd

    from .models.subgroups import Subgroups
    from .studies import Study

__all__ = ["DRAWS", "SEED", "Reproduction", "draws_of", "reconstruct", "reproduce"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reproduction:
    """A study re-analysed.

    Attributes
    ----------
    study : Study
    analyses : tuple of EndpointAnalysis
        The endpoints that could be reconstructed, in the study's order.
    refused : tuple of Refusal
        Those that could not.
    seed : int
        Of the random numbers of the draws.
    version : str
        Of kmrepro.
    subgroups : tuple of Subgroups
        Labels for the patients by the study's tables of subgroups.
    subgroups_refused : tuple of str
        Why patients were not labelled by a table, a clause each.
    """

    study: Study
    analyses: tuple[EndpointAnalysis, ...]
    refused: tuple[Refusal, ...] = ()
    seed: int = SEED
    version: str = field(default_factory=lambda: version("kmrepro"))
    subgroups: tuple[Subgroups, ...] = ()
    subgroups_refused: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what was reproduced and refused, for a notebook's line."""
        return (
            f"Reproduction({self.study.id}: {len(self.comparisons)} compared, "
            f"{len(self.single_arm)} not compared, {len(self.refused)} refused)"
        )

    def _repr_html_(self) -> str:
        """Return the tables that the command prints, for a notebook."""
        from .result_tables import reproduction_tables

        return notebook.block(
            notebook.heading(self.study.id, self.study.title),
            *(part.to_html() for part in reproduction_tables(self)),
        )

    @property
    def comparisons(self) -> tuple[EndpointAnalysis, ...]:
        """The analyses that compare two arms."""
        return tuple(each for each in self.analyses if each.comparison is not None)

    @property
    def single_arm(self) -> tuple[EndpointAnalysis, ...]:
        """The other analyses."""
        return tuple(each for each in self.analyses if each.comparison is None)

    @cached_property
    def audit(self) -> Audit:
        """Whether the reported numbers of the whole study agree with each other."""
        return audit(self.study)

    def to_frame(self) -> pd.DataFrame:
        """Return the comparisons as a data frame, one row each; what is unknown is missing."""
        import pandas as pd

        from .results import COMPARISON_TYPES, comparison_row

        rows = [comparison_row(each) for each in self.comparisons]
        return pd.DataFrame(rows, columns=list(COMPARISON_TYPES)).astype(COMPARISON_TYPES)

    def to_dict(self) -> dict[str, Any]:
        """Return the results as plain values that JSON can hold; what is unknown is None."""
        from .results import results_dict

        return results_dict(self)

    def to_json(self) -> str:
        """Return the results as JSON (RFC 8259: no NaN), as in ``results.json``."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"

    @strict
    def save(
        self,
        folder: str | Path,
        *,
        formats: Collection[str] = ("svg", "pdf", "png"),
        force: bool = False,
        progress: Progress | None = None,
        accept_misfit: bool = False,
        executor: Executor | None = None,
    ) -> tuple[Path, ...]:
        """Write results, patients, figures and report to a folder, as a whole.

        If no endpoint could be reconstructed, the report has the reasons and the quick looks, and
        there are no patients. Those that miss a digitised curve are left out, too.

        Parameters
        ----------
        folder : str or Path
            It is made, with the folders above it. A folder that kmrepro made before is replaced.
        formats : collection of {"svg", "pdf", "png"}
            Of the figures.
        force : bool
            Replace a folder with other things in it, too.
        progress : callable, optional
            See `Progress`.
        accept_misfit : bool
            Write patients that miss a digitised curve by more than its reading error, too.
        executor : concurrent.futures.Executor, optional
            Processes that the figures are drawn in; in this one, one after the other, by default.
            They look the same, and are the same files byte for byte. Threads cannot draw at once.

        Returns
        -------
        tuple of Path
            The files written, relative to `folder`.

        Raises
        ------
        OutputRefused
            If the folder must not be replaced or cannot be written; then it is as it was.
        """
        from .saving import save

        check_path("save", folder, what="a folder")
        return save(
            self,
            Path(folder),
            formats=formats,
            force=force,
            progress=progress,
            accept_misfit=accept_misfit,
            executor=executor,
        )


@strict
def reconstruct(endpoint: Endpoint, *, informed: bool = False) -> PseudoIPD:
    """Turn what an endpoint reports into pseudo-individual patient data.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint of a study. Every arm must report n, and something that says when its events
        happened: a landmark, a median, event times, or that there was no event.
    informed : bool
        Condition the patients on the reported hazard ratio, interval and p, too, within their
        rounding. They are then the best replacement for the lost data, as for restricted means, and
        can no longer check what is reported: ``notes["informed"]`` and the assumptions say so,
        and what the nearest patients have where none were found that match it all.

    Returns
    -------
    PseudoIPD
        Exactly n patients per arm. Re-analysed, they give a Kaplan-Meier estimate inside every
        reported interval and a median inside its own, whenever whole patients can do that; the
        reported events, at-risk counts, event times and longest follow-up, exactly. The same
        endpoint gives the same patients, bit for bit.

    Raises
    ------
    TypeError
        If what is given is no endpoint.
    ReconstructionRefused
        If too little is reported to place patients, or nothing to be informed by.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.

    Examples
    --------
    >>> import kmrepro as km
    >>> endpoint = km.load_study("an2025").endpoint("psm", "OS")
    >>> km.reconstruct(endpoint)
    PseudoIPD(psm/OS: 370 patients (SR 185, TA 185), 79 events, up to 182.965 months)
    >>> patients = km.reconstruct(endpoint, informed=True)
    >>> round(km.cox(patients).hazard_ratio, 2)  # as reported
    1.22
    """
    if isinstance(endpoint, Endpoint) and endpoint.causes:
        if informed:
            raise ReconstructionRefused(
                f"{endpoint.key} reports competing risks, whose patients cannot be conditioned "
                "on a reported comparison; reconstruct it without `informed`",
                endpoint_key=endpoint.key,
            )
        from .reconstruct.causes import reconstruct_causes  # loads a compiler

        return reconstruct_causes(endpoint)
    if informed and isinstance(endpoint, Endpoint):
        return informed_patients(endpoint)
    return from_arms(endpoint)


@strict
def reproduce(
    study: Study | str | Path,
    *,
    endpoints: Collection[Endpoint] | None = None,
    n_draws: int = DRAWS,
    seed: int = SEED,
    informed: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Reproduction:
    """Reconstruct, analyse and compare every endpoint of a study.

    An endpoint that cannot be reconstructed, because numbers are missing or contradict each
    other, is refused with the reason; the others are done.

    Parameters
    ----------
    study : Study, str or Path
        As `load_study` returns it, or what `load_study` takes: the id of a bundled study, or the
        path of a study file.
    endpoints : collection of Endpoint, optional
        Those of the study that are wanted; all by default.
    n_draws : int
        Data sets that each comparison is drawn, and that its verdict rests on; 0 for none.
    seed : int
        Of their random numbers, 0 or more.
    informed : bool
        Make the patients and draws of comparisons meet what is reported of these, too; no verdict
        is given on them then. See `reconstruct`.
    progress : callable, optional
        See `Progress`.
    executor : concurrent.futures.Executor, optional
        Where endpoints are worked on, several at a time; in this process, one after the other, by
        default. The results are the same.

    Raises
    ------
    StudyFileError
        As of `load_study`.
    TypeError, ValueError
        If `endpoints` holds what is no endpoint, or none of the study.
    WorkerEnded
        If a process of the executor ended before it was done; it is a `ValueError`.

    Examples
    --------
    >>> import kmrepro as km
    >>> result = km.reproduce("an2025", n_draws=0)
    >>> len(result.comparisons)
    8
    """
    if isinstance(study, str | Path):
        study = load_study(study)
    refuse_no_study("reproduce", study)
    check_draws(n_draws, seed, least=0)
    asked_for = study.endpoints if endpoints is None else endpoints_of(study, endpoints)
    wanted = tuple(each for endpoint in asked_for for each in endpoint.analysed)
    analyses: list[EndpointAnalysis] = []
    refused: list[Refusal] = []
    outcomes = _outcomes(
        wanted, n_draws=n_draws, seed=seed, informed=informed, progress=progress, executor=executor
    )
    for done, endpoint in enumerate(wanted):
        if progress:
            progress(done, len(wanted), f"Reconstructing {endpoint.key}")
        outcome = next(outcomes)
        if isinstance(outcome, Refusal):
            refused.append(outcome)
        else:
            analyses.append(outcome)
    keys = {each.endpoint.key for each in analyses}
    labels, why_not = reproduced_subgroups(study, keys, n_draws=n_draws, seed=seed)
    return Reproduction(
        study=study,
        analyses=tuple(analyses),
        refused=tuple(refused),
        seed=seed,
        subgroups=labels,
        subgroups_refused=why_not,
    )


def _outcomes(
    wanted: Sequence[Endpoint],
    *,
    n_draws: int,
    seed: int,
    informed: bool,
    progress: Progress | None,
    executor: Executor | None,
) -> Iterator[EndpointAnalysis | Refusal]:
    """Yield what becomes of each endpoint, in their order."""
    work = functools.partial(_outcome, n_draws=n_draws, seed=seed, informed=informed)
    if executor is not None:  # which cannot be sent what shows progress
        yield from in_order(executor, work, wanted)
        return
    for done, endpoint in enumerate(wanted):
        yield work(endpoint, progress=_drawing(endpoint, done, len(wanted), progress))


def _outcome(
    endpoint: Endpoint,
    *,
    n_draws: int,
    seed: int,
    informed: bool,
    progress: Callable[[int, int], None] | None = None,
) -> EndpointAnalysis | Refusal:
    """Reconstruct, analyse and compare one endpoint, or say why not."""
    try:
        if endpoint.causes:
            return reproduced_causes(endpoint, n_draws=n_draws, seed=seed)
        asked = informed and is_reported(endpoint)
        ipd = reconstruct(endpoint, informed=asked)
        draws = draws_of(
            endpoint, ipd, n_draws=n_draws, seed=seed, informed=asked, progress=progress
        )
        return analyse(endpoint, ipd, draws=draws)
    except ReconstructionRefused as refusal:
        return _refusal(endpoint, refusal)


def _drawing(
    endpoint: Endpoint, done: int, total: int, progress: Progress | None
) -> Callable[[int, int], None] | None:
    """Return what says how many data sets of an endpoint are drawn: millions of patients take long.

    Parameters
    ----------
    done, total : int
        Endpoints that are done, and all.
    """
    if progress is None:
        return None
    return lambda drawn, wanted: progress(
        done, total, f"Drawing {endpoint.key}, {drawn:,} of {count(wanted, 'data set')}"
    )


def draws_of(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    *,
    n_draws: int,
    seed: int,
    informed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Ensemble | None:
    """Draw an ensemble of an endpoint that has one."""
    if endpoint.treatment is None or not n_draws:
        return None
    try:
        return ensemble(
            endpoint, n_draws=n_draws, seed=seed, informed=informed, reconstruction=ipd,
            progress=progress,
        )  # fmt: skip
    except ReconstructionRefused:  # the patients say why: a curve, or a number that they miss, too
        return None


def _refusal(endpoint: Endpoint, refusal: ReconstructionRefused) -> Refusal:
    return Refusal(
        endpoint=endpoint,
        reason=refusal_reason(endpoint, refusal),
        numbers=tuple(getattr(refusal, "numbers", ())),
        quick_looks=tuple(quick_looks(endpoint)),
    )
