"""Rubin's rules: estimates of many draws as one, with what the reconstruction adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["Combined", "combine"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Combined:
    """An estimate over draws; the arrays have the shape of one draw's estimate.

    Attributes
    ----------
    value : ndarray of float
        Mean over the draws.
    within : ndarray of float
        Mean of the draws' own variances: that of sampling patients.
    between : ndarray of float
        Variance that the reconstruction adds, (1 + 1/m) B; 0 with one draw.
    """

    value: FloatArray
    within: FloatArray
    between: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Of the estimate, both sources together."""
        return np.asarray(self.within + self.between)

    @property
    def reconstruction_share(self) -> FloatArray:
        """The reconstruction's share of the variance, 0 to 1; NaN without a variance."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.between / self.variance)


def combine(estimates: FloatArray, variances: FloatArray) -> Combined:
    """Combine the estimates of draws.

    Parameters
    ----------
    estimates, variances : ndarray of float, shape (m, ...)
        Of each draw, m at least 1.

    Returns
    -------
    Combined

    References
    ----------
    .. [1] Rubin DB. Multiple Imputation for Nonresponse in Surveys. Wiley, 1987, eq. 3.1.2-3.1.5.
    """
    m = len(estimates)
    with np.errstate(invalid="ignore"):
        spread = estimates.var(axis=0, ddof=1) if m > 1 else np.zeros_like(estimates[0])
        return Combined(
            value=np.asarray(estimates.mean(axis=0)),
            within=np.asarray(variances.mean(axis=0)),
            between=np.asarray((1 + 1 / m) * spread),
        )
