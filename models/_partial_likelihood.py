"""Cox partial likelihood of two arms with Efron's handling of ties."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray
from ._risk_sets import RiskTable

__all__ = ["Maximum", "PartialLikelihood", "maximum", "partial_likelihood"]

# Newton's method doubles the correct digits: after such a step the error is about its square.
_LAST_STEP = 1e-9
# No finite log hazard ratio of n patients is further from 0 than 3 ln n.
_BEYOND = 100.0
_MOST_STEPS = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialLikelihood:
    """Log partial likelihood at one log hazard ratio, and its derivatives.

    Attributes
    ----------
    value : float
        The log partial likelihood.
    residual : ndarray of float, shape (k,)
        Observed less expected events of the second arm at each event time (Schoenfeld residuals,
        summed over ties); they add up to the score.
    variance : ndarray of float, shape (k,)
        Variance of the covariate in each risk set; they add up to the information.
    """

    value: float
    residual: FloatArray
    variance: FloatArray

    @property
    def score(self) -> float:
        """First derivative."""
        return float(self.residual.sum())

    @property
    def information(self) -> float:
        """Minus the second derivative."""
        return float(self.variance.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Maximum:
    """Where the partial likelihood is largest.

    Attributes
    ----------
    log_hazard_ratio : float
        The estimate.
    at_estimate, at_one : PartialLikelihood
        The partial likelihood there, and at a hazard ratio of 1.
    """

    log_hazard_ratio: float
    at_estimate: PartialLikelihood
    at_one: PartialLikelihood


def maximum(table: RiskTable) -> Maximum:
    """Maximise the partial likelihood of two arms whose hazard ratio is neither 0 nor infinite.

    Notes
    -----
    The score falls as the log hazard ratio rises, so its root lies between any two values at
    which its signs differ: Newton's steps are kept between the closest two found, and halve that
    interval where they would leave it.
    """
    at_one = here = partial_likelihood(table, 0.0)
    estimate, low, high = 0.0, -_BEYOND, _BEYOND
    for _ in range(_MOST_STEPS):
        low, high = (estimate, high) if here.score > 0 else (low, estimate)
        step = here.score / here.information if here.information else math.inf
        inside = low <= estimate + step <= high
        estimate = estimate + step if inside else (low + high) / 2
        here = partial_likelihood(table, estimate)
        if abs(step) < _LAST_STEP:
            break
    return Maximum(log_hazard_ratio=estimate, at_estimate=here, at_one=at_one)


def partial_likelihood(table: RiskTable, log_hazard_ratio: float) -> PartialLikelihood:
    """Evaluate the partial likelihood of the second arm of `table` against the first.

    Notes
    -----
    With d tied events Efron lets the tied patients leave the risk set one d-th at a time: the
    l-th of them (l = 0, ..., d - 1) is drawn from n - l d_arm / d patients of each arm [1]_.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.
    """
    d = table.n_events.sum(axis=1)
    row = np.repeat(np.arange(d.size), d)
    drawn = np.arange(row.size) - np.repeat(np.cumsum(d) - d, d)
    left = table.n_at_risk[row] - (drawn / d[row])[:, None] * table.n_events[row]
    weight = left[:, 1] * np.exp(log_hazard_ratio)
    total = weight + left[:, 0]
    share = weight / total
    expected, variance = (_sums(row, values, k=d.size) for values in (share, share * (1 - share)))
    return PartialLikelihood(
        value=float(log_hazard_ratio * table.n_events[:, 1].sum() - np.log(total).sum()),
        residual=table.n_events[:, 1] - expected,
        variance=variance,
    )


def _sums(row: npt.NDArray[np.intp], values: FloatArray, *, k: int) -> FloatArray:
    return np.asarray(np.bincount(row, weights=values, minlength=k), dtype=np.float64)
