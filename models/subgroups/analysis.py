"""Labels for the patients of many data sets, and what they say of subgroups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...reconstruct.ensemble import DrawSource, Sampler
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies import Endpoint, Table
from ..informed import InformedSampler, is_reported
from .labels import VariableLabels, labels_of
from .reported import (
    ReportedVariable,
    refuse_subgroup_contradictions,
    reported_variables,
    unlabelled,
    with_events,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Subgroups", "label_subgroups"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subgroups:
    """Labels for the patients of every draw of an endpoint.

    They are weights of evidence: of each draw's patients, labels that agree with what the table
    reports, drawn from all of these. No patient's own label is known.

    Attributes
    ----------
    endpoint : Endpoint
    table : Table
    source : DrawSource
        The data sets that were labelled.
    variables : tuple of VariableLabels
    unlabelled : mapping
        How many patients of each arm have no level, by variable, where there are some.
    """

    endpoint: Endpoint
    table: Table
    source: DrawSource
    variables: tuple[VariableLabels, ...]

    def __repr__(self) -> str:
        """Return what was labelled, for a notebook's line."""
        parts = (f"{each.variable.name} {100 * each.found:.0f}%" for each in self.variables)
        return (
            f"Subgroups({self.endpoint.key}: {self.n_draws} draws; labels found for "
            f"{', '.join(parts)})"
        )

    @property
    def n_draws(self) -> int:
        """Data sets that were labelled."""
        return len(self.variables[0].met)

    @property
    def together(self) -> np.ndarray:
        """Draws in which every variable's numbers are matched at once, shape (draws,)."""
        return np.asarray(np.logical_and.reduce([each.met for each in self.variables]))

    def __getitem__(self, name: str) -> VariableLabels:
        """Return one variable.

        Raises
        ------
        KeyError
            If there is no such variable.
        """
        for each in self.variables:
            if each.variable.name == name:
                return each
        known = ", ".join(each.variable.name for each in self.variables)
        raise KeyError(f"there is no variable {name!r}; there are {known}")

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, what was assumed and what is not identified, a sentence each."""
        said = [sentence for each in self.variables for sentence in each.sentences]
        if self.source.template.informed:
            said.append("The draws are also consistent with the reported overall comparison.")
        said += list(unlabelled(self.endpoint, [each.variable for each in self.variables]))
        if len(self.variables) > 1:
            said.append(
                f"All variables are matched at once in {int(self.together.sum())} of "
                f"{self.n_draws} draws. How variables go together in a patient is not reported and "
                "not identified: their labels were drawn independently of each other."
            )
        return tuple(said)

    def survival(self, name: str, level: str, *, arm: str, time: FloatArray) -> FloatArray:
        """Return the Kaplan-Meier estimate of a level in an arm, shape (draws, times).

        Raises
        ------
        KeyError
            If there is no such variable, level or arm.
        """
        each = self[name]
        names = [row.name for row in each.variable.levels]
        if level not in names or arm not in each.variable.arms:
            raise KeyError(
                f"{name} has the levels {', '.join(names)} and the arms "
                f"{', '.join(each.variable.arms)}, not {level!r} and {arm!r}"
            )
        return each.survival(self.source, names.index(level), arm, np.asarray(time, dtype=float))

    def draw(self, number: int) -> pd.DataFrame:
        """Return the patients of one draw with a column for each variable.

        Raises
        ------
        IndexError
            If there is no such draw.
        """
        if not 0 <= number < self.n_draws:
            raise IndexError(f"there is no draw {number}: they run from 0 to {self.n_draws - 1}")
        frame = self.source.draw(number).to_frame()
        for each in self.variables:
            names = np.array([*(level.name for level in each.variable.levels), ""])
            frame[each.variable.name] = names[each.labels[number]]
        return frame

    def to_frame(self) -> pd.DataFrame:
        """Return one row per level: reported and reproduced hazard ratios, and the interaction."""
        import pandas as pd

        return pd.DataFrame(
            {
                "variable": each.variable.name,
                "level": level.name,
                "reported_hazard_ratio": level.hazard_ratio.value,
                "hazard_ratio": _middle(each.log_hazard_ratio[each.met, place]),
                "se": _mean(each.se[each.met, place]),
                "labels_found": each.found,
                "reported_p_interaction": _value(each.variable),
                "p_interaction_from_table": each.p_reported,
                "p_interaction": _median(each.p_interaction[each.met]),
            }
            for each in self.variables
            for place, level in enumerate(each.variable.levels)
        )


def _middle(logs: FloatArray) -> float:
    return float(np.exp(np.median(logs))) if logs.size else math.nan


def _mean(values: FloatArray) -> float:
    return float(np.mean(values)) if values.size else math.nan


def _median(values: FloatArray) -> float:
    return float(np.median(values)) if values.size else math.nan


def _value(variable: ReportedVariable) -> float:
    return math.nan if variable.p_interaction is None else variable.p_interaction.value


def label_subgroups(
    endpoint: Endpoint, table: Table, *, n_draws: int = 100, seed: int = 0
) -> Subgroups:
    """Label the patients of many data sets so that each of them has a table's subgroups.

    Parameters
    ----------
    endpoint : Endpoint
        Of two arms, whose patients the table divides.
    table : Table
        Rows of hazard ratios with `patients` by arm; see `reported_variables`.
    n_draws : int
        Data sets, at least 1.
    seed : int
        Of the random numbers, 0 or more.

    Returns
    -------
    Subgroups

    Raises
    ------
    ReconstructionRefused
        If the table has no such rows, or too little is reported to place patients.
    ContradictionError
        If the subgroups cannot be those of the endpoint's patients: more patients or events than an
        arm has, or a hazard ratio or interval that so many events cannot have, which is proven.
    ValueError
        If `n_draws` or `seed` is out of range.

    Notes
    -----
    Labels start at random within arms, or within arms and kinds of exit where the table has events,
    and are exchanged until Cox regression of every level is inside the rounding of its reported
    hazard ratio and interval. Among all labels that agree with the counts none is preferred, so
    that those found are near the distribution of largest entropy that satisfies the table.
    """
    if n_draws < 1 or seed < 0:
        raise ValueError(
            f"`n_draws` must be at least 1 and `seed` at least 0, but they are {n_draws} and "
            f"{seed}."
        )
    variables = reported_variables(table, endpoint)
    place = table.place
    if not variables:
        raise ReconstructionRefused(
            f"{place} has no subgroup of {endpoint.key} with patients by arm; give each row "
            '`patients`, such as { A = "45/185", B = "51/185" }',
            endpoint_key=endpoint.key,
        )
    refuse_subgroup_contradictions(variables, endpoint, place=place)
    source = _source(with_events(endpoint, variables), seed=seed)
    draws = [source.draw(number) for number in range(n_draws)]
    return Subgroups(
        endpoint=endpoint,
        table=table,
        source=source,
        variables=tuple(
            labels_of(variable, draws, seed=seed, purpose=number)
            for number, variable in enumerate(variables)
        ),
    )


def _source(endpoint: Endpoint, *, seed: int) -> DrawSource:
    """Return draws that match the reported comparison, too, where there is one and some are found.

    Subgroups divide the overall hazard ratio among them: in a data set with another one there are
    seldom labels under which all of theirs are matched.
    """
    if is_reported(endpoint):
        try:
            return InformedSampler.of(endpoint, seed=seed)
        except ReconstructionRefused:
            pass
    return Sampler.of(endpoint, seed=seed)
