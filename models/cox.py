"""Cox regression of two arms: the hazard ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import PseudoIPD
from ._normal import interval, quantile, two_sided_p
from ._remembered import remembered
from .batched.cox import BatchedCox
from .batched.partial_likelihood import partial_likelihood
from .batched.risk_sets import RiskSets
from .not_estimable import NotEstimable

__all__ = ["Cox", "cox"]


@dataclass(frozen=True, kw_only=True)
class Cox:
    """The hazard ratio of two arms.

    Attributes
    ----------
    reference, treatment : str
        The arm in the denominator, and the other.
    hazard_ratio : float
        Hazard in `treatment` over hazard in `reference`.
    ci : tuple of float
        Wald interval of the hazard ratio.
    log_hazard_ratio, se : float
        Natural logarithm of the hazard ratio and its standard error.
    p_wald, p_score, p_likelihood_ratio : float
        Two-sided p of the three tests; without tied events the score test is the log-rank test.
    confidence : float
        Coverage of `ci`.
    n, n_events : int
        Patients and events of both arms.
    """

    reference: str
    treatment: str
    hazard_ratio: float
    ci: tuple[float, float]
    log_hazard_ratio: float
    se: float
    p_wald: float
    p_score: float
    p_likelihood_ratio: float
    confidence: float
    n: int
    n_events: int

    def __repr__(self) -> str:
        """Return the hazard ratio, its interval and p, for a notebook's line."""
        lower, upper = self.ci
        return (
            f"Cox({self.treatment} vs {self.reference}: HR {self.hazard_ratio:.3g} "
            f"({100 * self.confidence:g}% CI {lower:.3g} to {upper:.3g}), p = {self.p_wald:.2g})"
        )

    def _repr_html_(self) -> str:
        from .shown import cox_html

        return cox_html(self)


def cox(ipd: PseudoIPD, *, confidence: float = 0.95) -> Cox:
    """Estimate the hazard ratio of the second arm against the reference.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Cox
        As R's ``coxph(..., ties = "efron")``.

    Raises
    ------
    NotEstimable
        If there are not two arms, nobody had an event, or the hazard ratio is 0, infinite or
        undetermined (an arm without events, or with none while the other arm was at risk).
    ValueError
        If `confidence` is outside (0, 1).

    References
    ----------
    .. [1] Cox DR. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. J Am Stat Assoc 1977;72:557-565. doi:10.1080/01621459.1977.10480613.

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
    >>> fit = cox(ipd)
    >>> round(fit.hazard_ratio, 3), round(fit.p_wald, 3)
    (2.498, 0.074)
    """
    quantile(confidence)
    return _estimated(ipd, confidence=confidence)


@remembered
def _estimated(ipd: PseudoIPD, *, confidence: float) -> Cox:
    sets = two_arm_risk_sets(ipd)
    fit = BatchedCox.of(sets)
    if not fit.converged[0]:
        raise NotEstimable(_why_not(ipd, limit=float(fit.log_hazard_ratio[0])))
    log_hazard_ratio, se = float(fit.log_hazard_ratio[0]), float(fit.se[0])
    at_one = partial_likelihood(sets, np.zeros(1))
    # Where HR is 1 to the last digit, the difference of two logarithms may come out below 0.
    gain = max(float(partial_likelihood(sets, fit.log_hazard_ratio).gain[0]), 0.0)
    low, high = interval(log_hazard_ratio, se, confidence=confidence)
    return Cox(
        reference=ipd.arms[0],
        treatment=ipd.arms[1],
        hazard_ratio=math.exp(log_hazard_ratio),
        ci=(math.exp(low), math.exp(high)),
        log_hazard_ratio=log_hazard_ratio,
        se=se,
        p_wald=two_sided_p(log_hazard_ratio / se),
        p_score=two_sided_p(float(at_one.score[0]) / math.sqrt(at_one.information[0])),
        p_likelihood_ratio=two_sided_p(math.sqrt(2 * gain)),
        confidence=confidence,
        n=ipd.time.size,
        n_events=int(ipd.event.sum()),
    )


@remembered
def two_arm_risk_sets(ipd: PseudoIPD) -> RiskSets:
    """Return the risk sets of patients as those of a single draw.

    Raises
    ------
    NotEstimable
        If there are not two arms.
    """
    if len(ipd.arms) != 2:
        there = "is only" if len(ipd.arms) == 1 else f"are {len(ipd.arms)}:"
        raise NotEstimable(
            f"A hazard ratio compares two arms; there {there} {', '.join(ipd.arms)}."
        )
    return RiskSets.of(ipd.time[None], ipd.event[None], ipd.arm == ipd.arms[1])


def _why_not(ipd: PseudoIPD, *, limit: float) -> str:
    """Say why the hazard ratio tends to a limit, or is undetermined."""
    if not ipd.event.any():
        return "A hazard ratio needs events, but nobody in either arm had one."
    if math.isnan(limit):
        return (
            "The hazard ratio is undetermined: no event happened while patients of both arms were "
            "at risk."
        )
    without, other = ipd.arms if limit > 0 else ipd.arms[::-1]
    extreme = "infinite" if limit > 0 else "0"
    if not ipd.of(without)[1].any():
        return (
            f"The hazard ratio is {extreme}, without an interval: nobody in arm {without} had an "
            "event."
        )
    return (
        f"The hazard ratio is {extreme}, without an interval: every event in arm {without} came "
        f"when nobody in arm {other} was at risk any more."
    )
