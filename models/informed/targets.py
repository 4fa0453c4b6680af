"""What a reported comparison asks of patients: the intervals of its reported numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...reconstruct.ensemble import Patients
from ...reconstruct.errors import ReconstructionRefused
from ...reconstruct.pseudo_ipd import FloatArray
from ...studies import Endpoint, PrintedNumber, Reported
from ...studies.printed_fields import p_z
from ...studies.usual_form import usual_form
from .. import (
    BatchedCox,
    BatchedLogrank,
    RiskSets,
)
from .._inference import ReadOnlyArrays, quantile, two_sided_p
from .._kernels import BoolArray, partial_likelihood
from ..reported import ReportedComparison, is_weighted, p_test, read_reported

__all__ = [
    "Estimates",
    "NotReached",
    "Targets",
    "estimates_of",
    "estimates_of_arms",
    "informed_sentence",
    "is_reported",
    "nearest_sentence",
]

_OPEN = (-math.inf, math.inf)


class NotReached(ReconstructionRefused):
    """Raised when no patients were found that are consistent with the reported comparison, too.

    Attributes
    ----------
    gap : float
        How far the nearest patients are from it, in log hazard ratios.
    nearest : dict of str to Patients
        These patients by arm, a single row each.
    """

    def __init__(
        self, reason: str, *, endpoint_key: str, gap: float, nearest: dict[str, Patients]
    ) -> None:
        super().__init__(reason, endpoint_key=endpoint_key)
        self.gap = gap
        self.nearest = nearest


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates(ReadOnlyArrays):
    """The numbers of many draws that a paper would report.

    Attributes
    ----------
    values : ndarray of float, shape (draws, 4)
        The log hazard ratio, the logs of the ends of its 95% interval, and the size of the normal
        deviate that the p of the test belongs to.
    se : ndarray of float, shape (draws,)
        Standard error of the log hazard ratio.
    """

    values: FloatArray
    se: FloatArray


def estimates_of(time: FloatArray, event: BoolArray, treated: BoolArray, test: str) -> Estimates:
    """Estimate what a paper would report of every draw, a row each.

    Parameters
    ----------
    time, event : ndarray, shape (draws, n)
    treated : ndarray of bool, shape (n,)
    test : {"log-rank", "Wald", "score", "likelihood-ratio"}
    """
    sets = RiskSets.of(time, event, treated)
    cox = BatchedCox.of(sets)
    b, half = cox.log_hazard_ratio, quantile(0.95) * cox.se
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # infinite hazard ratios have no interval and no p
        ends = np.column_stack([b, b - half, b + half, _deviate(sets, cox, test)])
    return Estimates(values=ends, se=cox.se)


def _deviate(sets: RiskSets, cox: BatchedCox, test: str) -> FloatArray:
    """Return the size of the normal deviate of a test, shape (draws,)."""
    if test == "log-rank":
        return np.asarray(np.sqrt(BatchedLogrank.of(sets).statistic))
    if test == "score":
        at_one = partial_likelihood(sets, np.zeros(len(cox.se)))
        return np.asarray(np.abs(at_one.score) / np.sqrt(at_one.information))
    if test == "likelihood-ratio":
        gain = partial_likelihood(sets, cox.log_hazard_ratio).gain
        return np.asarray(np.sqrt(2 * np.maximum(gain, 0.0)))
    return np.asarray(np.abs(cox.log_hazard_ratio) / cox.se)


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets(ReadOnlyArrays):
    """The intervals in which the numbers of a reported comparison lie.

    Attributes
    ----------
    low, high : ndarray of float, shape (4,)
        Bounds of `Estimates.values`; infinite where nothing is reported.
    test : str
        That gave p.
    text : str
        The numbers as reported.
    """

    low: FloatArray
    high: FloatArray
    test: str
    text: str

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """Read what an endpoint reports.

        Raises
        ------
        ReconstructionRefused
            If it reports neither a hazard ratio nor a p of two arms.
        """
        reported = usual_form(endpoint).endpoint.reported
        if reported is None or not is_reported(endpoint):
            raise ReconstructionRefused(
                f"{endpoint.key} reports neither a hazard ratio nor a p of two arms, so there is "
                "nothing to be informed by",
                endpoint_key=endpoint.key,
            )
        if is_weighted(reported):
            reported = reported.model_copy(update={"p": None})
        lower, upper = reported.ci or (None, None)
        ratios = (reported.hazard_ratio, lower, upper)
        bounds = np.array([*(_log_bounds(each) for each in ratios), _deviates(reported.p)])
        read = _read_what_is_used(endpoint, reported)
        test = p_test(read)
        of_test = f"{test}, unstratified" if reported.stratified else test
        text = (read.hazard_ratio_text, read.p_text and f"{read.p_text} ({of_test})")
        return cls(
            low=bounds[:, 0], high=bounds[:, 1], test=test, text=", ".join(filter(None, text))
        )

    @property
    def width(self) -> FloatArray:
        """How wide the intervals are, at most 1 each; shape (4,)."""
        return np.asarray(np.minimum(self.high - self.low, 1.0))

    def needed(self, found: Estimates) -> FloatArray:
        """Return by how much each number has to change, in log hazard ratios, shape (draws, 4).

        0 is inside its interval; a draw without a hazard ratio needs infinitely much.
        """
        with np.errstate(invalid="ignore"):
            up = np.maximum(self.low - found.values, 0.0)
            need = up - np.maximum(found.values - self.high, 0.0)
            need[:, 3] *= found.se
        estimable = np.isfinite(found.values).all(axis=1, keepdims=True)
        return np.where(estimable, need, np.inf)


def is_reported(endpoint: Endpoint) -> bool:
    """Say whether an endpoint reports a hazard ratio or a p of two arms."""
    reported = endpoint.reported
    if endpoint.treatment is None or reported is None:
        return False
    p = None if is_weighted(reported) else reported.p_of_difference
    return reported.compares or p is not None


def _read_what_is_used(endpoint: Endpoint, used: Reported) -> ReportedComparison:
    """Read the comparison as the paper has it, but for what is not used of it."""
    assert endpoint.reported is not None  # noqa: S101 - the caller asked
    dropped = {name: None for name in ("ci", "p") if getattr(used, name) is None}
    return read_reported(endpoint.reported.model_copy(update=dropped))


def _log_bounds(printed: PrintedNumber | None) -> tuple[float, float]:
    """Return the logs of the values that a ratio is reported for."""
    if printed is None or not printed.reached:
        return _OPEN
    low, high = (math.log(end) if end > 0 else -math.inf for end in (printed.lower, printed.upper))
    return low, high


def _deviates(p: PrintedNumber | None) -> tuple[float, float]:
    """Return the sizes of the normal deviates that a two-sided p is reported for."""
    if p is None or not p.reached:
        return _OPEN
    low, high = (p_z(end) for end in (p.upper, p.lower))
    return low, high


def informed_sentence(targets: Targets) -> str:
    """Say that patients are conditioned on what is reported."""
    return (
        f"INFORMED: these patients are conditioned on the reported {targets.text}, so they cannot "
        "check it."
    )


def estimates_of_arms(patients: Mapping[str, Patients], targets: Targets) -> Estimates:
    """Estimate what a paper would report of patients by arm, the reference first."""
    time = np.concatenate([arm.time for arm in patients.values()], axis=1)
    event = np.concatenate([arm.event for arm in patients.values()], axis=1)
    treated = np.repeat([False, True], [arm.time.shape[1] for arm in patients.values()])
    return estimates_of(time, event, treated, targets.test)


def nearest_sentence(patients: Mapping[str, Patients], targets: Targets) -> str:
    """Say what the nearest patients, one row by arm, have instead of what is reported."""
    return _found(estimates_of_arms(patients, targets), targets)


def _found(made: Estimates, targets: Targets) -> str:
    ratio, lower, upper, deviate = made.values[0]
    if not np.isfinite(ratio):
        return "The patients that were found have no finite hazard ratio."
    digits = "{:.3f} (95% CI {:.3f} to {:.3f})".format(*np.exp([ratio, lower, upper]))
    return f"The nearest have {digits}, p = {two_sided_p(deviate):.3g} ({targets.test})."
