"""Competing risks and subgroups in the whole flow: reproduced, in `results.json`, as tables."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .defaults import CAUSE_DRAWS, SUBGROUP_DRAWS
from .presentation.formats import count, interval, p_value, ratio, ratio_interval
from .presentation.tables import Paragraph, Part, Table, left, right
from .studies.printed import interval_text
from .studies.subgroups import subgroup_tables, unused_tables

if TYPE_CHECKING:
    from .models import EndpointAnalysis, Ensemble
    from .models.competing import CauseAnalysis, CauseEnsemble
    from .models.subgroups import Subgroups, VariableLabels
    from .reconstruct import PseudoIPD
    from .studies import Endpoint, Study

__all__ = [
    "cause_dicts",
    "cause_tables",
    "reproduced_causes",
    "reproduced_subgroups",
    "subgroup_parts",
    "subgroups",
    "subgroups_dict",
]


def cause_dicts(analysis: EndpointAnalysis) -> list[dict[str, Any]]:
    """Return the causes of an analysis; none if it has no competing risks."""
    return [_cause_dict(cause) for cause in analysis.causes]


def _cause_dict(cause: CauseAnalysis) -> dict[str, Any]:
    names = ("arm", "time", "printed", "reproduced", "inside")
    reported = cause.reported
    return {
        "cause": cause.cause,
        "label": cause.label,
        "events": cause.events,
        "incidence": [{name: getattr(check, name) for name in names} for check in cause.checks],
        "reported": reported
        and {
            name: getattr(reported, name)
            for name in ("hazard_ratio", "ci", "ci_level", "kind", "p", "test", "adjusted")
        },
        "subdistribution": _ratio(cause.fine_gray, cause.reproduction_interval),
        "cause_specific": _ratio(cause.cause_specific, cause.cause_specific_interval),
        "gray": cause.gray
        and {"statistic": cause.gray.statistic, "df": cause.gray.df, "p": cause.gray.p},
        "reason": cause.reason,
        "n_draws": cause.n_draws,
        "verdict": cause.verdict,
    }


def _ratio(fit: Any, interval: tuple[float, float] | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {
        "hazard_ratio": fit.hazard_ratio,
        "ci": fit.ci,
        "p_wald": fit.p_wald,
        "reproduction_interval": interval,
    }


_CAUSE_COLUMNS = (
    left("Endpoint", "Cause", "Compared", "Reported HR", "sHR", "95% RI", "Cause-specific HR")
    + left("Gray")
    + right("Events", "Matched")
    + left("Verdict")
)


_CAUSE_CAPTION = (
    "sHR: subdistribution hazard ratio (Fine and Gray). 95% RI: 95% reproduction interval, of the "
    "cause-specific ratio where that is reported, else of the sHR. "
    "Gray: p of Gray's test. Events: by arm, the reference first. Matched: reported cumulative "
    "incidences."
)
_OUTSIDE_FEW = (
    " Not assessable: the reported ratio is outside of an interval whose data sets are too few, or "
    "too much alike, for 95%; draw more, or try another random seed."
)


def cause_tables(analyses: Iterable[EndpointAnalysis]) -> Iterator[Part]:
    """Yield a table with a line for each cause, if any endpoint has competing risks."""
    found = [(each, cause) for each in analyses for cause in each.causes]
    if found:
        rows = [_cause_row(each, cause) for each, cause in found]
        few = any(_is_outside_few(cause) for _, cause in found)
        caption = _CAUSE_CAPTION + _OUTSIDE_FEW * few
        table = Table.of(_CAUSE_COLUMNS, rows, title="Competing risks", caption=caption)
        yield table.without_empty_columns()


def _is_outside_few(cause: CauseAnalysis) -> bool:
    """Say whether an interval was there to judge a reported ratio by, and did not."""
    reported = cause.reported
    if reported is None or reported.hazard_ratio is None or cause.verdict != "not assessable":
        return False
    bounds = cause.interval_of_reported
    return bounds is not None and not math.isnan(bounds[0])


def _cause_row(analysis: EndpointAnalysis, cause: CauseAnalysis) -> tuple[str, ...]:
    fit, specific, reported = cause.fine_gray, cause.cause_specific, cause.reported
    said = reported.ratio_text if reported else ""
    possible = interval(*cause.interval_of_reported) if cause.interval_of_reported else ""
    if reported and reported.kind == "cause-specific" and said:
        said += " (cause-specific)"
        possible += " (cause-specific)" if possible else ""
    return (
        analysis.endpoint.key,
        cause.cause,
        f"{fit.treatment} vs {fit.reference}" if fit else "",
        said,
        ratio_interval(fit.hazard_ratio, fit.ci) if fit else "",
        possible,
        ratio_interval(specific.hazard_ratio, specific.ci) if specific else "",
        p_value(cause.gray.p) if cause.gray else "",
        ", ".join(map(str, cause.events.values())),
        f"{cause.matched}/{len(cause.checks)}" if cause.checks else "",
        cause.verdict if said else "",
    )


def reproduced_causes(endpoint: Endpoint, *, n_draws: int, seed: int) -> EndpointAnalysis:
    """Reconstruct and analyse an endpoint that reports `causes`.

    Parameters
    ----------
    endpoint : Endpoint
    n_draws : int
        Data sets of the event of any cause; by cause as many, but no more than `CAUSE_DRAWS`.
    seed : int
        Of their random numbers.

    Returns
    -------
    EndpointAnalysis
        Of the event of any cause, with `causes` beside it.

    Raises
    ------
    ReconstructionRefused
        If too little is reported to place patients.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.
    """
    from .models import analyse
    from .models.competing import analyse_causes  # loads a compiler
    from .reconstruct.causes import event_free, reconstruct_causes

    ipd = reconstruct_causes(endpoint)
    whole = event_free(endpoint)
    drawn, by_cause = _draws(endpoint, whole, ipd, n_draws=n_draws, seed=seed)
    analysis = analyse(whole, ipd, draws=drawn)
    causes = analyse_causes(endpoint, ipd, draws=by_cause)
    return replace(analysis, ipd=_with_draws(ipd, by_cause, n_draws), causes=causes)


def _draws(
    endpoint: Endpoint, whole: Endpoint, ipd: PseudoIPD, *, n_draws: int, seed: int
) -> tuple[Ensemble | None, CauseEnsemble | None]:
    """Draw ensembles of an endpoint that has them."""
    if endpoint.treatment is None or not n_draws:
        return None, None
    from .models import ensemble
    from .models.competing import cause_ensemble
    from .reconstruct import ReconstructionRefused

    drawn, by_cause = None, None
    try:
        drawn = ensemble(whole, n_draws=n_draws, seed=seed, reconstruction=ipd)
        by_cause = cause_ensemble(
            endpoint, n_draws=min(n_draws, CAUSE_DRAWS), seed=seed, reconstruction=ipd
        )
    except ReconstructionRefused:  # the patients say why: a curve, or a number that they miss, too
        pass
    return drawn, by_cause


def _with_draws(ipd: PseudoIPD, by_cause: CauseEnsemble | None, n_draws: int) -> PseudoIPD:
    """Say in the assumptions why there are no draws by cause, if they were asked for."""
    if by_cause is not None or not n_draws or len(ipd.arms) != 2:
        return ipd
    sentence = (
        "No data sets by cause were drawn (digitised curves, or no draw that satisfies every "
        "number): hazard ratios by cause have no reproduction interval."
    )
    return replace(ipd, assumptions=(*ipd.assumptions, sentence))


def subgroups_dict(subgroups: Subgroups) -> dict[str, Any]:
    """Return labels as plain values."""
    return {
        "table": subgroups.table.id,
        "cohort": subgroups.endpoint.cohort,
        "endpoint": subgroups.endpoint.name,
        "n_draws": subgroups.n_draws,
        "found_together": float(subgroups.together.mean()),
        "variables": [_variable(each) for each in subgroups.variables],
        "sentences": list(subgroups.sentences),
    }


def _variable(each: VariableLabels) -> dict[str, Any]:
    met = each.met
    return {
        "variable": each.variable.name,
        "levels": [
            {
                "level": level.name,
                "n": list(level.n),
                "events": None if level.events is None else list(level.events),
                "reported_hazard_ratio": level.hazard_ratio,
                "reported_ci": level.ci,
                "hazard_ratio": _median(np.exp(each.log_hazard_ratio[met, place])),
                "se": _median(each.se[met, place]),
            }
            for place, level in enumerate(each.variable.levels)
        ],
        "labels_found": each.found,
        "intervals_met": each.with_intervals and bool(met.any()),
        "reported_p_interaction": each.variable.p_interaction,
        "p_interaction_from_table": each.p_reported,
        "p_interaction": _median(each.p_interaction[met]),
        "interaction_range": each.interaction_range,
    }


def _median(values: Any) -> float | None:
    return float(np.median(values)) if len(values) else None


_SUBGROUP_COLUMNS = (
    left("Endpoint", "Subgroup", "Reported HR", "Reproduced HR")
    + right("Labels found")
    + left("Reported p", "p for interaction", "Attainable ratio")
)


_SUBGROUP_CAPTION = (
    "Labels consistent with {}; no patient's own subgroup is known. "
    "Attainable ratio: of the last level's hazard ratio to the first's."
)
_EVERY_NUMBER = "every number of the variable"
_SOME_NUMBERS = "the numbers of the variable, but for those that are named below"


def subgroup_parts(found: Iterable[Subgroups]) -> Iterator[Part]:
    """Yield a table with a line for each level, and what is not identified in words."""
    for subgroups in found:
        rows = [row for each in subgroups.variables for row in _subgroup_rows(subgroups, each)]
        title = f"Subgroups, {subgroups.table.place}, {count(subgroups.n_draws, 'draw')}"
        which = _EVERY_NUMBER if subgroups.every_number else _SOME_NUMBERS
        caption = _SUBGROUP_CAPTION.format(which)
        yield Table.of(
            _SUBGROUP_COLUMNS, rows, title=title, caption=caption
        ).without_empty_columns()
        for sentence in subgroups.sentences:
            yield Paragraph(sentence)
        yield Paragraph("")


def _subgroup_rows(subgroups: Subgroups, each: VariableLabels) -> Iterator[tuple[str, ...]]:
    plain = _variable(each)
    for place, level in enumerate(each.variable.levels):
        first = place == 0
        own, p = plain["levels"][place]["hazard_ratio"], plain["p_interaction"]
        yield (
            subgroups.endpoint.key,
            f"{each.variable.name}: {level.name}",
            interval_text(level.hazard_ratio, level.ci),
            "not found" if own is None else ratio(own),
            f"{100 * each.found:.0f}%" if first else "",
            str(each.variable.p_interaction or "") if first else "",
            p_value(p) if first and p is not None and p == p else "",
            interval(*each.interaction_range) if first and each.interaction_range else "",
        )


def reproduced_subgroups(
    study: Study, keys: Collection[str], *, n_draws: int, seed: int
) -> tuple[tuple[Subgroups, ...], tuple[str, ...]]:
    """Label the patients of the endpoints that were reproduced, by every table of subgroups.

    Parameters
    ----------
    study : Study
    keys : collection of str
        Of these endpoints.
    n_draws : int
        Draws of an endpoint; of them no more than `SUBGROUP_DRAWS` are labelled.
    seed : int

    Returns
    -------
    found : tuple of Subgroups
    refused : tuple of str
        Why patients were not labelled by a table, a clause each.
    """
    from .reconstruct import ReconstructionRefused

    found, refused = [], list(unused_tables(study, keys)) if n_draws else []
    for endpoint, table in subgroup_tables(study):
        if endpoint.key in keys and n_draws:
            from .models.subgroups import label_subgroups  # loads a compiler

            try:
                draws = min(n_draws, SUBGROUP_DRAWS)
                found.append(label_subgroups(endpoint, table, n_draws=draws, seed=seed))
            except ReconstructionRefused as refusal:
                refused.append(str(refusal))
    return tuple(found), tuple(refused)


def subgroups(
    study: Study | str | Path, table: str = "", *, n_draws: int = 100, seed: int = 0
) -> Subgroups:
    """Label the patients of many data sets so that each has the subgroups of a forest plot.

    Parameters
    ----------
    study : Study, str or Path
        As `load_study` returns it, or what it takes.
    table : str
        Id of the table; by default the first whose rows have `patients` of an endpoint's arms.
    n_draws : int
        Data sets, at least 1.
    seed : int
        Of the random numbers, 0 or more.

    Returns
    -------
    Subgroups
        Labels as weights of evidence: no patient's own subgroup is known.

    Raises
    ------
    KeyError
        If there is no such table.
    ReconstructionRefused
        If no table has subgroups, or too little is reported to place patients.
    ContradictionError
        If the subgroups cannot be those of the endpoint's patients.
    """
    from .reconstruct import ReconstructionRefused
    from .studies import load_study
    from .studies.argument_types import refuse_no_study

    whole = load_study(study) if isinstance(study, str | Path) else study
    refuse_no_study("subgroups", whole)
    found = {each.id: (endpoint, each) for endpoint, each in subgroup_tables(whole)}
    if table and table not in found:
        known = ", ".join(found) or "none"
        raise KeyError(f"{whole.id} has no table {table!r} with subgroups; it has {known}")
    if not found:
        raise ReconstructionRefused(
            f"{whole.id} has no table whose rows of hazard ratios carry `patients` of an "
            "endpoint's arms; give a table `endpoint` and its rows `patients`, such as "
            '{ A = "45/185", B = "51/185" }'
        )
    from .models.subgroups import label_subgroups  # loads a compiler

    endpoint, chosen = found[table or next(iter(found))]
    return label_subgroups(endpoint, chosen, n_draws=n_draws, seed=seed)
