"""Reported subgroups against the arms and the labels: refusals, what is left out, interactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...presentation.formats import p_value
from ...reconstruct.errors import ContradictionError
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies import Endpoint, Table
from ...studies.interactions import USUAL, beyond
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
    "heterogeneity",
    "refuse_subgroup_contradictions",
    "reported_variables",
    "unlabelled",
    "unmatched_p",
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


def heterogeneity(logs: FloatArray, se: FloatArray) -> FloatArray:
    """Return p of Cochran's test that all levels have one hazard ratio, shape (draws,).

    Parameters
    ----------
    logs, se : ndarray of float, shape (draws, levels)
        NaN or infinite ones make p NaN, and so does a single level.
    """
    from scipy.stats import chi2

    if logs.shape[1] < 2:
        return np.full(len(logs), np.nan)
    weight = np.where(np.isfinite(se), 1.0 / se**2, np.nan)
    with np.errstate(invalid="ignore"):
        mean = (weight * logs).sum(axis=1) / weight.sum(axis=1)
        statistic = (weight * (logs - mean[:, None]) ** 2).sum(axis=1)
    return np.asarray(chi2.sf(statistic, logs.shape[1] - 1))


def unmatched_p(variable: ReportedVariable, p: FloatArray) -> Iterator[str]:
    """Yield a sentence if the reported p for interaction is not what the labels give.

    Parameters
    ----------
    variable : ReportedVariable
    p : ndarray of float, shape (draws,)
        Of Cochran's test, in the draws whose labels match the hazard ratios.
    """
    reported, known = variable.p_interaction, p[np.isfinite(p)]
    if reported is None or not known.size:
        return
    if beyond(reported, (float(known.min()), float(known.max()))) > USUAL:
        yield (
            f"{variable.name}: the reported p for interaction, {reported}, is not matched: the "
            f"labels give {p_value(float(np.median(known)))}."
        )
