"""Subgroups of tables in the whole flow: labels of patients, in `results.json`, and as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from .defaults import SUBGROUP_DRAWS
from .presentation.formats import count, interval, p_value, ratio
from .presentation.tables import Paragraph, Part, Table, left, right
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .models.subgroups import Subgroups, VariableLabels
    from .studies import Endpoint, Study
    from .studies import Table as StudyTable

__all__ = [
    "SubgroupTableResult",
    "reproduced_subgroups",
    "subgroup_parts",
    "subgroup_tables",
    "subgroups",
    "subgroups_dict",
]

Number = int | float
Pair = tuple[Number | None, Number | None]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class LevelResult(_Entry):
    """One level of a variable."""

    level: str
    n: list[int] = Field(description="By arm, the reference first.")
    events: list[int] | None
    reported_hazard_ratio: str
    reported_ci: tuple[str, str] | None
    hazard_ratio: Number | None = Field(description="Median of the draws with labels.")
    se: Number | None


class VariableResult(_Entry):
    """One variable of a table of subgroups."""

    variable: str
    levels: list[LevelResult]
    labels_found: Number = Field(
        description="Share of draws with labels consistent with every number."
    )
    intervals_met: bool = Field(
        description="Whether these are also consistent with the reported intervals."
    )
    reported_p_interaction: str | None
    p_interaction_from_table: Number | None
    p_interaction: Number | None = Field(description="Median of the draws with labels.")
    interaction_range: Pair | None = Field(
        description="Attainable ratio of the last level's hazard ratio to the first's."
    )


class SubgroupTableResult(_Entry):
    """Labels for the patients of an endpoint by one table."""

    table: str
    cohort: str
    endpoint: str
    n_draws: int
    found_together: Number = Field(description="Share of draws in which all variables are matched.")
    variables: list[VariableResult]
    sentences: list[str]


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


_COLUMNS = (
    left("Endpoint", "Subgroup", "Reported HR", "Reproduced HR")
    + right("Labels found")
    + left("Reported p", "p for interaction", "Attainable ratio")
)
_CAPTION = (
    "Labels consistent with every number of the variable; no patient's own subgroup is known. "
    "Attainable ratio: of the last level's hazard ratio to the first's."
)


def subgroup_parts(found: Iterable[Subgroups]) -> Iterator[Part]:
    """Yield a table with a line for each level, and what is not identified in words."""
    for subgroups in found:
        rows = [row for each in subgroups.variables for row in _rows(subgroups, each)]
        title = f"Subgroups, {subgroups.table.place}, {count(subgroups.n_draws, 'draw')}"
        yield Table.of(_COLUMNS, rows, title=title, caption=_CAPTION).without_empty_columns()
        for sentence in subgroups.sentences:
            yield Paragraph(sentence)
        yield Paragraph("")


def _rows(subgroups: Subgroups, each: VariableLabels) -> Iterator[tuple[str, ...]]:
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


def subgroup_tables(study: Study) -> Iterator[tuple[Endpoint, StudyTable]]:
    """Yield the tables with subgroups of an endpoint's patients, and the endpoint."""
    from .models.subgroups import reported_variables

    for table in study.tables:
        for endpoint in study.endpoints:
            same = endpoint.name == table.endpoint and endpoint.cohort in (table.cohort, "all")
            if same and reported_variables(table, endpoint):
                yield endpoint, table
                break


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

    found, refused = [], []
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
