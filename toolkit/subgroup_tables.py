"""Which tables have subgroups whose patients can be labelled, and why the others have none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .studies import Endpoint, Study
    from .studies import Table as StudyTable

__all__ = ["subgroup_tables", "unused_tables"]


def subgroup_tables(study: Study) -> Iterator[tuple[Endpoint, StudyTable]]:
    """Yield the tables with subgroups of an endpoint's patients, and the endpoint."""
    from .models.subgroups import reported_variables
    from .studies.subgroups import divided_endpoint

    for table in study.tables:
        endpoint = divided_endpoint(table, study.endpoints)
        if endpoint is not None and reported_variables(table, endpoint):
            yield endpoint, table


def unused_tables(study: Study, keys: Collection[str]) -> Iterator[str]:
    """Yield why tables with patients of subgroups have none that can be labelled, a clause each."""
    from .studies.subgroups import divided_endpoint, has_subgroups, left_out, no_endpoint

    read = [table for _, table in subgroup_tables(study)]
    for table in study.tables:
        if table in read or not has_subgroups(table):
            continue
        endpoint = divided_endpoint(table, study.endpoints)
        if endpoint is None:
            yield f"{table.place}: {no_endpoint(table, study.endpoints)}"
        elif endpoint.key in keys and (endpoint.treatment is None or endpoint.reference is None):
            yield f"{table.place}: {endpoint.key} does not compare two arms, one the `reference`"
        elif endpoint.key in keys:
            yield from (f"{table.place}, {x.name}: {x.why}" for x in left_out(table, endpoint))
