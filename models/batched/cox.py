"""Cox regression of two arms in many data sets at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import FloatArray
from .._normal import two_sided_ps
from .._read_only import ReadOnlyArrays
from ._sort_keys import BoolArray
from .partial_likelihood import reference_odds, treated_share
from .risk_sets import CountArray, RiskSets

__all__ = ["BatchedCox", "batched_cox"]

# Newton's method doubles the correct digits: after such a step the error is about its square.
_LAST_STEP = 1e-9
# What is left of the score, for each event of the treatment arm, when all its digits cancel.
_ROUNDING = 1e-15
_MOST_STEPS = 100
# No finite log hazard ratio of n patients is further from 0 than 3 ln n.
_BEYOND = 100.0
# By whether the score is anywhere positive, and anywhere negative; if both, it has a root.
_LIMITS = np.array([[np.nan, -np.inf], [np.inf, 0.0]])


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedCox(ReadOnlyArrays):
    """The hazard ratio of each draw, treatment arm over reference arm.

    Attributes
    ----------
    log_hazard_ratio : ndarray of float, shape (draws,)
        Natural logarithm of the hazard ratio. It is -inf in a draw in which no patient of the
        treatment arm had the event while the reference arm was at risk, inf if the same holds
        the other way round, and NaN if both hold, so that nothing compares the arms.
    se : ndarray of float, shape (draws,)
        Its standard error; NaN where `log_hazard_ratio` is not finite.
    converged : ndarray of bool, shape (draws,)
        Whether the estimate exists and was found; True exactly where `log_hazard_ratio` is finite.
    """

    log_hazard_ratio: FloatArray
    se: FloatArray
    converged: BoolArray

    @property
    def p_wald(self) -> FloatArray:
        """Two-sided p of the Wald test, shape (draws,); NaN where there is no standard error."""
        return two_sided_ps(self.log_hazard_ratio / self.se)

    @classmethod
    def of(cls, sets: RiskSets) -> Self:
        """Maximise the partial likelihood of every draw; see `batched_cox`."""
        observed = np.count_nonzero(sets.treated, axis=1)
        # The score falls from `rise` to -`fall` as the log hazard ratio goes from -inf to inf.
        rise = observed - np.count_nonzero(sets.n_reference == 0, axis=1)
        fall = np.count_nonzero(sets.n_treatment, axis=1) - observed
        log_hazard_ratio = _LIMITS[(rise > 0).astype(int), (fall > 0).astype(int)]
        se = np.full(log_hazard_ratio.shape, np.nan)
        finite = np.flatnonzero((rise > 0) & (fall > 0))
        estimate, information = _maximise(reference_odds(sets)[finite], observed[finite])
        log_hazard_ratio[finite] = estimate
        se[finite] = 1 / np.sqrt(information)
        return cls(
            log_hazard_ratio=log_hazard_ratio, se=se, converged=np.isfinite(log_hazard_ratio)
        )


def batched_cox(time: npt.ArrayLike, event: npt.ArrayLike, treated: npt.ArrayLike) -> BatchedCox:
    """Estimate the hazard ratio of the treatment arm in every draw.

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
    BatchedCox
        As R's ``coxph(..., ties = "efron")`` for each draw.

    Raises
    ------
    ValueError
        If shapes do not fit, flags are not boolean, or a time is not positive and finite.

    Notes
    -----
    With one binary covariate the score at a log hazard ratio b is the number of events in the
    treatment arm less the sum over events of e^b / (e^b + o), where o are the odds that a patient
    drawn from the risk set belongs to the reference arm, ties by Efron's method [1]_. It falls
    in b, so its root lies where its sign changes: Newton's steps are kept between the last two
    values of b of which one was too small and one too large, and halve that interval where they
    would leave it. Draws that have converged take no further part.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.

    Examples
    --------
    Two draws of four patients; in the second nobody in the treatment arm has the event.

    >>> import numpy as np
    >>> time = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    >>> event = np.array([[True, True, True, False], [True, False, True, False]])
    >>> batched_cox(time, event, np.array([False, True, False, True])).log_hazard_ratio.round(3)
    array([-0.941,   -inf])
    """
    return BatchedCox.of(RiskSets.of(time, event, treated))


def _maximise(odds: FloatArray, observed: CountArray) -> tuple[FloatArray, FloatArray]:
    """Return where the score is 0, for draws in which it is somewhere, and the information there.

    Both are NaN in draws that need more than `_MOST_STEPS` steps.
    """
    b = np.zeros(observed.size)
    information = np.full(observed.size, np.nan)
    low, high = np.full(b.shape, -_BEYOND), np.full(b.shape, _BEYOND)
    going = np.arange(b.size)
    for _ in range(_MOST_STEPS):
        at = b[going]
        share = treated_share(odds, at)
        score = observed[going] - share.sum(axis=1)
        information[going] = np.einsum("ij,ij->i", share, 1 - share)
        low[going] = np.where(score > 0, at, low[going])
        high[going] = np.where(score < 0, at, high[going])
        with np.errstate(divide="ignore"):
            new = at + score / information[going]
        last = np.abs(score) < _LAST_STEP * information[going] + _ROUNDING * observed[going]
        inside = (low[going] < new) & (new < high[going])
        b[going] = np.where(last | inside, new, (low[going] + high[going]) / 2)
        going, odds = going[~last], odds[~last]
        if not going.size:
            break
    b[going] = information[going] = np.nan
    return b, information
