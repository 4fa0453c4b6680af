"""Restricted mean survival times of two arms in many data sets at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._read_only import ReadOnlyArrays
from .risk_sets import CountArray, RiskSets

__all__ = ["BatchedRmst", "areas", "batched_rmst"]


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedRmst(ReadOnlyArrays):
    """Mean time lived up to a horizon in each draw.

    An arm that was not followed up to the horizon, and whose curve had not come down to 0 before,
    has no mean: NaN, and so has the difference.

    Attributes
    ----------
    tau : float
        The horizon, in the time unit of the patients.
    mean, mean_se : ndarray of float, shape (draws, 2)
        Mean time of the reference arm and of the treatment arm, and its standard error.
    """

    tau: float
    mean: FloatArray
    mean_se: FloatArray

    @property
    def difference(self) -> FloatArray:
        """Treatment less reference, shape (draws,)."""
        return np.asarray(self.mean[:, 1] - self.mean[:, 0])

    @property
    def se(self) -> FloatArray:
        """Standard error of the difference, shape (draws,)."""
        return np.asarray(np.hypot(self.mean_se[:, 0], self.mean_se[:, 1]))

    @classmethod
    def of(cls, sets: RiskSets, *, tau: float) -> Self:
        """Integrate the curves of every draw up to `tau`; see `batched_rmst`."""
        if not (math.isfinite(tau) and tau > 0):
            raise ValueError(f"`tau` must be positive and finite, but is {tau}.")
        # Tied patients leave one by one, the reference arm first: how many of the arm still stand.
        tied_reference = sets.tied - sets.tied_treated
        standing_reference = sets.n_reference - sets.rank
        standing_treatment = sets.n_treatment - (sets.rank - tied_reference)
        arms = [
            areas(sets.time, np.where(own, standing, 0), tau=tau, last=last)
            for own, standing, last in (
                (~sets.treated, standing_reference, sets.last_reference),
                (sets.treated, standing_treatment, sets.last_treatment),
            )
        ]
        mean, se = (np.column_stack(both) for both in zip(*arms, strict=True))
        return cls(tau=tau, mean=mean, mean_se=se)


def batched_rmst(
    time: npt.ArrayLike, event: npt.ArrayLike, treated: npt.ArrayLike, *, tau: float
) -> BatchedRmst:
    """Estimate the mean time lived up to `tau` in both arms of every draw.

    Parameters
    ----------
    time : array_like of float, shape (draws, n)
        Time to event or censoring, positive.
    event : array_like of bool, shape (draws, n)
        True if the event happened at `time`, False if the patient was censored then.
    treated : array_like of bool, shape (n,) or (draws, n)
        True in the treatment arm, False in the reference arm.
    tau : float
        Horizon, positive, in the unit of `time`.

    Returns
    -------
    BatchedRmst
        Means and standard errors as R's ``print(survfit, rmean = tau)`` and ``survRM2``.

    Raises
    ------
    ValueError
        If shapes do not fit, flags are not boolean, or a time or `tau` is not positive and finite.

    Notes
    -----
    The mean is the area A(0) under the Kaplan-Meier curve up to tau, and its variance the sum over
    event times t of A(t)² d / (n (n - d)), with A(t) the area between t and tau, d events among n
    at risk [1]_. Tied events are counted one after the other: (n - d) / n is the product of
    (m - 1) / m, and d / (n (n - d)) the sum of 1 / (m (m - 1)), over m = n, ..., n - d + 1.

    References
    ----------
    .. [1] Uno H, Claggett B, Tian L, et al. J Clin Oncol 2014;32:2380-2385.
       doi:10.1200/JCO.2014.55.2208.
    """
    return BatchedRmst.of(RiskSets.of(time, event, treated), tau=tau)


def areas(
    time: FloatArray, standing: CountArray, *, tau: float, last: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the area under one arm's curves up to tau and its standard error.

    `standing` is how many of the arm stand just before each of its events, and 0 at the events of
    the other arm.
    """
    own = standing > 0
    stays = np.divide(standing - 1, standing, out=np.ones(time.shape), where=own)
    survival = np.cumprod(np.insert(stays, 0, 1.0, axis=1), axis=1)
    width = np.diff(np.minimum(time, tau), axis=1, prepend=0.0, append=tau)
    area_from = np.cumsum((survival * width)[:, ::-1], axis=1)[:, ::-1]
    # Nothing is left to live after the last patient of the arm: no area, no variance.
    product = standing * (standing - 1.0)
    jump = np.divide(1.0, product, out=np.zeros(time.shape), where=product > 0)
    mean, variance = area_from[:, 0], (area_from[:, 1:] ** 2 * jump).sum(axis=1)
    undefined = (last < tau) & (survival[:, -1] > 0)
    return np.where(undefined, np.nan, mean), np.where(undefined, np.nan, np.sqrt(variance))
