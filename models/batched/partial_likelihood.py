"""Cox partial likelihood of two arms with Efron's handling of ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .._read_only import ReadOnlyArrays
from .risk_sets import RiskSets

__all__ = ["PartialLikelihood", "partial_likelihood", "reference_odds", "treated_share"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialLikelihood(ReadOnlyArrays):
    """Log partial likelihood of each draw at one log hazard ratio, and its derivatives.

    Attributes
    ----------
    gain : ndarray of float, shape (draws,)
        The log partial likelihood, less that at a hazard ratio of 1.
    residual : ndarray of float, shape (draws, k)
        At each event, 1 if it happened in the treatment arm and 0 if not, less the probability
        of that (Schoenfeld residuals); they add up to the score.
    variance : ndarray of float, shape (draws, k)
        Variance of the arm at each event; they add up to the information.
    """

    gain: FloatArray
    residual: FloatArray
    variance: FloatArray

    @property
    def score(self) -> FloatArray:
        """First derivative, shape (draws,)."""
        return np.asarray(self.residual.sum(axis=1))

    @property
    def information(self) -> FloatArray:
        """Minus the second derivative, shape (draws,)."""
        return np.asarray(self.variance.sum(axis=1))


def partial_likelihood(sets: RiskSets, log_hazard_ratio: FloatArray) -> PartialLikelihood:
    """Evaluate the partial likelihood of every draw at its log hazard ratio, shape (draws,)."""
    reference, treatment = _drawn_from(sets)
    ratio = np.exp(log_hazard_ratio)[:, None]
    grown = (reference + ratio * treatment) / (reference + treatment)
    share = treated_share(reference_odds(sets), log_hazard_ratio)
    observed = np.count_nonzero(sets.treated, axis=1)
    return PartialLikelihood(
        gain=log_hazard_ratio * observed - np.log(grown).sum(axis=1),
        residual=sets.treated - share,
        variance=share * (1 - share),
    )


def reference_odds(sets: RiskSets) -> FloatArray:
    """Return reference against treatment among those from whom each event is drawn, (draws, k).

    They are infinite where there is nobody of the treatment arm.
    """
    reference, treatment = _drawn_from(sets)
    with np.errstate(divide="ignore"):
        return np.divide(reference, treatment)


def treated_share(odds: FloatArray, log_hazard_ratio: FloatArray) -> FloatArray:
    """Return how probably each event happens in the treatment arm, given `reference_odds`."""
    ratio = np.exp(log_hazard_ratio)[:, None]
    return np.asarray(ratio / (ratio + odds))


def _drawn_from(sets: RiskSets) -> tuple[FloatArray, FloatArray]:
    """Return how many of the reference and of the treatment arm each event is drawn from.

    Notes
    -----
    With d tied events Efron lets the tied patients leave the risk set one d-th at a time: the
    l-th of them (l = 0, ..., d - 1) is drawn from n - l d_arm / d patients of each arm [1]_.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.
    """
    gone = np.divide(sets.rank, sets.tied)
    reference = np.subtract(sets.n_reference, gone * (sets.tied - sets.tied_treated))
    return reference, np.subtract(sets.n_treatment, gone * sets.tied_treated)
