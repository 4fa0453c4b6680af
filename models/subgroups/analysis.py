"""Labels for the patients of many data sets, by variable, and what they say of subgroups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...presentation.formats import count
from ...reconstruct.ensemble import DrawSource, Sampler
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.pseudo_ipd import FloatArray, IntArray, PseudoIPD, WholePatients
from ...studies import Endpoint, Table
from ...studies.argument_types import check_draw, check_draws
from ...studies.subgroups import left_out
from .._cox import BatchedCox
from .._inference import middle_share, times_of
from .._kernels import RiskSets
from ..informed import InformedSampler, is_reported
from .reported import (
    ReportedVariable,
    heterogeneity,
    refuse_subgroup_contradictions,
    reported_variables,
    unlabelled,
    unmatched_p,
    with_events,
)
from .search import labelled_draws

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Subgroups", "VariableLabels", "label_subgroups"]


@dataclass(frozen=True, kw_only=True, eq=False)
class VariableLabels:
    """Labels of one variable for the patients of every draw.

    Attributes
    ----------
    variable : ReportedVariable
    labels : ndarray of int, shape (draws, n)
        Place of each patient's level among `variable.levels`; -1 for a patient of none.
    met : ndarray of bool, shape (draws,)
        Whether every reported hazard ratio of the variable is matched under the labels, and the
        intervals, too, if `with_intervals`.
    with_intervals : bool
        Whether labels were asked to match the reported confidence intervals; False if no labels
        did in any draw.
    log_hazard_ratio, se : ndarray of float, shape (draws, levels)
        Cox regression in each level.
    p_interaction : ndarray of float, shape (draws,)
        Of Cochran's test that all levels have one hazard ratio.
    """

    variable: ReportedVariable
    labels: IntArray
    met: np.ndarray
    with_intervals: bool
    log_hazard_ratio: FloatArray
    se: FloatArray
    p_interaction: FloatArray

    @property
    def found(self) -> float:
        """Share of draws whose labels match what is reported."""
        return float(self.met.mean())

    @property
    def interaction_range(self) -> tuple[float, float] | None:
        """Smallest and largest ratio of the last level's hazard ratio to the first's.

        What the rounding of the two reported hazard ratios leaves: the attainable range, since
        labels were found that match both. None with one level, or if no labels were found.
        """
        levels = self.variable.levels
        if len(levels) < 2 or not self.met.any():
            return None
        first, last = levels[0].hazard_ratio, levels[-1].hazard_ratio
        return last.lower / first.upper, last.upper / max(first.lower, 1e-12)

    @property
    def interaction_interval(self) -> tuple[float, float]:
        """Where 95% of the draws have that ratio; NaN with one level or without labels."""
        if len(self.variable.levels) < 2 or not self.met.any():
            return math.nan, math.nan
        logs = self.log_hazard_ratio[self.met]
        return middle_share(np.exp(logs[:, -1] - logs[:, 0]))

    @property
    def p_reported(self) -> float:
        """P of the test from the reported hazard ratios and intervals alone; NaN without these."""
        logs = np.log([level.hazard_ratio.value for level in self.variable.levels])
        return float(heterogeneity(logs[None], np.array([[x.se for x in self.variable.levels]]))[0])

    @property
    def every_number(self) -> bool:
        """Whether labels match all that is reported of the variable, p for interaction too."""
        unmatched = any(unmatched_p(self.variable, self.p_interaction[self.met]))
        without = not self.with_intervals and any(level.ci for level in self.variable.levels)
        return not (unmatched or without)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found and what is not identified, a sentence each."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        name, total = self.variable.name, len(self.met)
        hits = int(self.met.sum())
        what = "hazard ratios and intervals" if self.with_intervals else "hazard ratios"
        yield (
            f"{name}: labels consistent with all reported {what} were found in {hits} of "
            f"{count(total, 'draw')}."
        )
        if not self.with_intervals and any(level.ci for level in self.variable.levels):
            yield (
                f"{name}: none were also consistent with the reported confidence intervals; those "
                "of an adjusted or stratified analysis differ."
            )
        if not hits:
            yield f"{name}: that none were found does not prove that there are none."
        yield from unmatched_p(self.variable, self.p_interaction[self.met])
        if any(level.events is None for level in self.variable.levels):
            yield (
                f"{name}: events of the levels are not reported, so that survival of a level in an "
                "arm is hardly identified; only the ratio between arms is."
            )

    def survival(self, source: DrawSource, level: int, arm: str, time: FloatArray) -> FloatArray:
        """Return the Kaplan-Meier estimate of a level in an arm, shape (draws that match, times).

        Parameters
        ----------
        source : DrawSource
            The draws that were labelled.
        level : int
            Its place among `variable.levels`.
        arm : str
        time : ndarray of float, shape (times,)
        """
        rows = []
        for number in np.flatnonzero(self.met):
            ipd = source.draw(int(number))
            members = (self.labels[number] == level) & (ipd.arm == arm)
            patients = WholePatients.in_order(ipd.time[members], ipd.event[members])
            rows.append(patients.survival_at(time))
        return np.array(rows).reshape(-1, np.size(time))


def labels_of(
    variable: ReportedVariable, draws: Sequence[PseudoIPD], *, seed: int, purpose: int
) -> VariableLabels:
    """Label the patients of given data sets by one variable."""
    labels, miss = labelled_draws(variable, draws, intervals=True, purpose=(seed, purpose))
    with_intervals = any(level.ci is not None for level in variable.levels)
    if with_intervals and not (miss == 0).any():
        with_intervals = False
        labels, miss = labelled_draws(variable, draws, intervals=False, purpose=(seed, purpose))
    logs, se = _estimates(variable, draws, labels)
    return VariableLabels(
        variable=variable,
        labels=labels,
        met=miss == 0,
        with_intervals=with_intervals,
        log_hazard_ratio=logs,
        se=se,
        p_interaction=heterogeneity(logs, se),
    )


def _estimates(
    variable: ReportedVariable, draws: Sequence[PseudoIPD], labels: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the log hazard ratio and its standard error by draw and level."""
    shape = len(draws), len(variable.levels)
    logs, se = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, (ipd, own) in enumerate(zip(draws, labels, strict=True)):
        for level in range(shape[1]):
            members = own == level
            if members.any():
                sets = RiskSets.of(
                    ipd.time[None, members],
                    ipd.event[None, members],
                    ipd.arm[members] == variable.arms[1],
                )
                fit = BatchedCox.of(sets)
                logs[row, level], se[row, level] = fit.log_hazard_ratio[0], fit.se[0]
    return logs, se


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
    """

    endpoint: Endpoint
    table: Table
    source: DrawSource
    variables: tuple[VariableLabels, ...]

    def __repr__(self) -> str:
        """Return what was labelled, for a notebook's line."""
        parts = (f"{each.variable.name} {100 * each.found:.0f}%" for each in self.variables)
        return (
            f"Subgroups({self.endpoint.key}: {count(self.n_draws, 'draw')}; labels found for "
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

    @property
    def every_number(self) -> bool:
        """Whether no row was left out, and every variable has all that is reported of it."""
        complete = not any(left_out(self.table, self.endpoint))
        return complete and all(each.every_number for each in self.variables)

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
        variables = [each.variable for each in self.variables]
        said += list(unlabelled(self.table, self.endpoint, variables))
        if len(self.variables) > 1:
            said.append(
                f"All variables are matched at once in {int(self.together.sum())} of "
                f"{count(self.n_draws, 'draw')}. How variables go together in a patient is not "
                "reported and not identified: their labels were drawn independently of each "
                "other."
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
        return each.survival(self.source, names.index(level), arm, np.atleast_1d(times_of(time)))

    def draw(self, number: int) -> pd.DataFrame:
        """Return the patients of one draw with a column for each variable.

        Raises
        ------
        IndexError
            If there is no such draw.
        """
        check_draw(number, self.n_draws)
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
                "hazard_ratio": np.exp(
                    _over_draws(np.median, each.log_hazard_ratio[each.met, place])
                ),
                "se": _over_draws(np.mean, each.se[each.met, place]),
                "labels_found": each.found,
                "reported_p_interaction": getattr(each.variable.p_interaction, "value", math.nan),
                "p_interaction_from_table": each.p_reported,
                "p_interaction": _over_draws(np.median, each.p_interaction[each.met]),
            }
            for each in self.variables
            for place, level in enumerate(each.variable.levels)
        )


def _over_draws(statistic: Callable[..., Any], values: FloatArray) -> float:
    """Return a statistic of the draws that match what is reported; NaN where none does."""
    return float(statistic(values)) if values.size else math.nan


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
    check_draws(n_draws, seed)
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
        with suppress(ReconstructionRefused):
            return InformedSampler.of(endpoint, seed=seed)
    return Sampler.of(endpoint, seed=seed)
