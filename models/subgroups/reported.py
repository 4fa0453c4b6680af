"""Refusals of subgroups that cannot be, and what their rows say of an endpoint's arms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...reconstruct.errors import ContradictionError
from ...studies import Endpoint, Table
from ...studies.subgroup_counts import miscounts
from ...studies.subgroups import (
    ReportedLevel,
    ReportedVariable,
    left_out,
    reported_variables,
)

__all__ = [
    "ReportedLevel",
    "ReportedVariable",
    "refuse_subgroup_contradictions",
    "reported_variables",
    "unlabelled",
    "with_events",
]


def refuse_subgroup_contradictions(
    variables: Sequence[ReportedVariable], endpoint: Endpoint, *, place: str
) -> None:
    """Raise if subgroups cannot be those of the endpoint's patients.

    Raises
    ------
    ContradictionError
        With every contradiction that was found, each in its own clause. Only what is proven by
        counting is refused here.
    """
    found = [clause for variable in variables for clause in _in_variable(variable, endpoint)]
    if found:
        raise ContradictionError(
            f"{place}: " + "; ".join(found), numbers=tuple(found), endpoint_key=endpoint.key
        )


def _in_variable(variable: ReportedVariable, endpoint: Endpoint) -> Iterator[str]:
    for each in miscounts(variable, endpoint):
        level = f", {each.level.name}" if each.level is not None else ""
        yield f"{variable.name}{level}: {each.clause}"


def with_events(endpoint: Endpoint, variables: Sequence[ReportedVariable]) -> Endpoint:
    """Give an arm the events of a variable whose levels hold all its patients."""
    arms = dict(endpoint.arms)
    for variable in variables:
        for place, name in enumerate(variable.arms):
            arm, events = arms[name], variable.events(place)
            if arm.events is None and events is not None and variable.patients(place) == arm.n:
                arms[name] = arm.model_copy(update={"events": events})
    return endpoint.model_copy(update={"arms": arms})


def unlabelled(
    table: Table, endpoint: Endpoint, variables: Sequence[ReportedVariable]
) -> Iterator[str]:
    """Yield which rows were left out, and which arms have patients in no level, a sentence each."""
    unread: set[str] = set()
    for each in left_out(table, endpoint):
        if table.hazard_ratios[each.row].overall:
            continue
        unread.add(each.variable)
        yield f"{each.name}: the row was left out, since {each.why}. Its patients have no label."
    for variable in variables:
        other = "other " if variable.name in unread else ""
        for place, name in enumerate(variable.arms):
            spare = (endpoint.arms[name].n or 0) - variable.patients(place)
            if spare > 0:
                yield (
                    f"{variable.name}: {spare} of the {endpoint.arms[name].n} patients of arm "
                    f"{name} are in none of its {other}levels and have no label."
                )
