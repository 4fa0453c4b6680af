"""Labels of one variable for the patients of many data sets, and what they say of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.ensemble import DrawSource
from ...reconstruct.ensemble.source import stream
from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD, WholePatients
from .._cox import BatchedCox
from .._inference import middle_share
from .._kernels import RiskSets
from .reported import ReportedVariable
from .search import LabelArray, Targets, labelled

__all__ = ["VariableLabels", "heterogeneity"]


_LABELS = 11  # what random numbers are for


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
    labels: LabelArray
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
    def sentences(self) -> tuple[str, ...]:
        """What was found and what is not identified, a sentence each."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        name, total = self.variable.name, len(self.met)
        hits = int(self.met.sum())
        what = "hazard ratios and intervals" if self.with_intervals else "hazard ratios"
        yield (
            f"{name}: labels consistent with all reported {what} were found in {hits} of {total} "
            "draws."
        )
        if not self.with_intervals and any(level.ci for level in self.variable.levels):
            yield (
                f"{name}: none were also consistent with the reported confidence intervals; those "
                "of an adjusted or stratified analysis differ."
            )
        if not hits:
            yield f"{name}: that none were found does not prove that there are none."
        if any(level.events is None for level in self.variable.levels):
            yield (
                f"{name}: events of the levels are not reported, so that survival of a level in an "
                "arm is hardly identified; only the ratio between arms is."
            )

    def survival(self, source: DrawSource, level: int, arm: str, time: FloatArray) -> FloatArray:
        """Return the Kaplan-Meier estimate of a level in an arm in every draw that matches all.

        Parameters
        ----------
        source : DrawSource
            The draws that were labelled.
        level : int
            Its place among `variable.levels`.
        arm : str
        time : ndarray of float, shape (times,)

        Returns
        -------
        ndarray of float, shape (draws, times)
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
    labels, miss = _search(variable, draws, True, (seed, purpose))
    with_intervals = bool((miss == 0).any())
    if not with_intervals and any(level.ci for level in variable.levels):
        labels, miss = _search(variable, draws, False, (seed, purpose))
    else:
        with_intervals = any(level.ci is not None for level in variable.levels)
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


def _search(
    variable: ReportedVariable,
    draws: Sequence[PseudoIPD],
    intervals: bool,
    purpose: tuple[int, int],
) -> tuple[LabelArray, FloatArray]:
    targets = Targets.of(variable, intervals=intervals)
    found = [
        labelled(
            ipd.time,
            ipd.event,
            ipd.arm == variable.arms[1],
            targets,
            rng=stream(purpose[0], number, purpose[1], _LABELS),
        )
        for number, ipd in enumerate(draws)
    ]
    return np.array([labels for labels, _ in found]), np.array([miss for _, miss in found])


def _estimates(
    variable: ReportedVariable, draws: Sequence[PseudoIPD], labels: LabelArray
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
