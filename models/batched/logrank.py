"""The log-rank test of two arms in many data sets at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._normal import two_sided_ps
from .._read_only import ReadOnlyArrays
from .risk_sets import CountArray, RiskSets

__all__ = ["BatchedLogrank", "batched_logrank"]


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedLogrank(ReadOnlyArrays):
    """The log-rank test of each draw.

    Attributes
    ----------
    statistic : ndarray of float, shape (draws,)
        Chi-squared on 1 degree of freedom; NaN in a draw in which no event tells the arms apart,
        because none happened while both arms were at risk and anybody was left event-free.
    observed, expected : ndarray of int and of float, shape (draws,)
        Events of the treatment arm, and how many there would be, had both arms the same hazard.
    """

    statistic: FloatArray
    observed: CountArray
    expected: FloatArray

    @property
    def p(self) -> FloatArray:
        """Two-sided p, shape (draws,); NaN where there is no statistic."""
        return two_sided_ps(np.sqrt(self.statistic))

    @classmethod
    def of(cls, sets: RiskSets) -> Self:
        """Test every draw; see `batched_logrank`."""
        n = sets.n_reference + sets.n_treatment
        share = sets.n_treatment / n
        observed = np.count_nonzero(sets.treated, axis=1)
        expected = share.sum(axis=1)
        # Where everybody at risk has the event, the arms have no choice, and n - 1 may be 0.
        spread = (n - sets.tied) / np.maximum(n - 1, 1)
        variance = (share * (1 - share) * spread).sum(axis=1)
        statistic = np.full(variance.shape, np.nan)
        np.divide((observed - expected) ** 2, variance, out=statistic, where=variance > 0)
        return cls(statistic=statistic, observed=observed, expected=expected)


def batched_logrank(
    time: npt.ArrayLike, event: npt.ArrayLike, treated: npt.ArrayLike
) -> BatchedLogrank:
    """Test in every draw whether the arms have the same hazard.

    Parameters
    ----------
    time : array_like of float, shape (draws, n)
        Time to event or censoring, positive, in any unit.
    event : array_like of bool, shape (draws, n)
        True if the event happened at `time`, False if the patient was censored then.
    treated : array_like of bool, shape (n,) or (draws, n)
        True in the treatment arm, False in the reference arm.

    Returns
    -------
    BatchedLogrank
        As R's ``survdiff`` for each draw.

    Raises
    ------
    ValueError
        If shapes do not fit, flags are not boolean, or a time is not positive and finite.

    Notes
    -----
    Of d events among n patients at risk, n_1 of them treated, d n_1 / n are expected in the
    treatment arm, with variance d n_1 / n (1 - n_1 / n) (n - d) / (n - 1) [1]_. The statistic is
    the square of the observed less the expected events over the variance, both summed over times.

    References
    ----------
    .. [1] Mantel N. Cancer Chemother Rep 1966;50:163-170.
    """
    return BatchedLogrank.of(RiskSets.of(time, event, treated))
