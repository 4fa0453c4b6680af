"""Test of proportional hazards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ._normal import two_sided_p
from .batched.partial_likelihood import partial_likelihood
from .batched.risk_sets import RiskSets
from .cox import cox, two_arm_risk_sets
from .not_estimable import NotEstimable

__all__ = ["Proportionality", "Transform", "proportionality"]

Transform = Literal["km", "identity", "rank", "log"]


@dataclass(frozen=True, kw_only=True)
class Proportionality:
    """Test of a hazard ratio that stays the same over time.

    Attributes
    ----------
    statistic : float
        Chi-squared on 1 degree of freedom.
    p : float
        Its p; small if the log hazard ratio changes along the transformed time.
    transform : {"km", "identity", "rank", "log"}
        The time scale.
    """

    statistic: float
    p: float
    transform: Transform


def proportionality(ipd: PseudoIPD, *, transform: Transform = "km") -> Proportionality:
    """Test proportional hazards, as R's ``cox.zph`` (survival 3.0 and later).

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms.
    transform : {"km", "identity", "rank", "log"}
        Scale g(t) along which the log hazard ratio may change: one less the Kaplan-Meier curve of
        all patients just before t, t itself, the rank of t among the times of all patients (ties
        share the mean rank), or log t.

    Raises
    ------
    NotEstimable
        If the hazard ratio is not estimable, or all informative events share one value of g.
    ValueError
        If `transform` is none of the four.

    Notes
    -----
    The score test of a term x g(t) added to the fitted model [1]_, [2]_: with r the Schoenfeld
    residuals and v the variances of the risk sets at the estimate, it is
    (sum g r)² / (sum g² v - (sum g v)² / sum v).

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Biometrika 1994;81:515-526. doi:10.1093/biomet/81.3.515.
    .. [2] Therneau TM. Approximating a Cox model: cox.zph, vignette of R package survival 3.0.

    Examples
    --------
    Maintained chemotherapy of acute myelogenous leukaemia against none (Miller 1981).

    >>> from kmrepro.reconstruct import PseudoIPD
    >>> maintained = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    >>> nonmaintained = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    >>> ipd = PseudoIPD(
    ...     time=maintained + nonmaintained,
    ...     event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0] + [1, 1, 1, 1, 1, 0] + [1] * 6,
    ...     arm=["maintained"] * 11 + ["nonmaintained"] * 12,
    ...     arms=("maintained", "nonmaintained"),
    ... )
    >>> round(proportionality(ipd).statistic, 3)
    0.008
    """
    if transform not in get_args(Transform):
        raise ValueError(
            f"`transform` must be one of {', '.join(get_args(Transform))}, but is {transform!r}."
        )
    log_hazard_ratio = cox(ipd).log_hazard_ratio
    sets = two_arm_risk_sets(ipd)
    at_estimate = partial_likelihood(sets, np.array([log_hazard_ratio]))
    r, v = at_estimate.residual[0], at_estimate.variance[0]
    g = _scale(ipd, sets, transform)
    # The test does not depend on where g starts; centred, nothing cancels in the variance.
    g = g - np.average(g, weights=v)
    variance = float((g * g * v).sum())
    if variance <= 1e-12 * float(v.sum()) * max(float(np.ptp(g)) ** 2, 1e-300):
        raise NotEstimable(
            "Proportional hazards cannot be tested: only one time of events tells the arms apart."
        )
    statistic = float((g * r).sum()) ** 2 / variance
    return Proportionality(
        statistic=statistic, p=two_sided_p(math.sqrt(statistic)), transform=transform
    )


def _scale(ipd: PseudoIPD, sets: RiskSets, transform: Transform) -> FloatArray:
    time = sets.time[0]
    if transform == "km":
        first = np.arange(time.size) - sets.rank[0]
        n = sets.n_reference[0] + sets.n_treatment[0] - sets.rank[0]
        just_before = np.concatenate([[1.0], np.cumprod(1 - 1 / n)[:-1]])[first]
        return np.asarray(1 - just_before)
    if transform == "rank":
        ordered = np.sort(ipd.time)
        earlier = np.searchsorted(ordered, time, side="left")
        not_later = np.searchsorted(ordered, time, side="right")
        return np.asarray((earlier + 1 + not_later) / 2)
    return np.asarray(np.log(time) if transform == "log" else time)
