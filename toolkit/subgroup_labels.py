"""Subgroups of a study's tables: which tables have some, and labels for their patients."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .defaults import SUBGROUP_DRAWS
from .models.subgroups import reported_variables
from .reconstruct import ReconstructionRefused
from .studies import Endpoint, Study, Table, load_study

if TYPE_CHECKING:
    from .models.subgroups import Subgroups

__all__ = ["reproduced_subgroups", "subgroup_tables", "subgroups"]


def subgroup_tables(study: Study) -> Iterator[tuple[Endpoint, Table]]:
    """Yield the tables with subgroups of an endpoint's patients, and the endpoint."""
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
    """Label the patients of many data sets so that a forest plot's subgroups are met in each.

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
    whole = load_study(study) if isinstance(study, str | Path) else study
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
