"""Cox regression of two arms: the hazard ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import PseudoIPD
from ._normal import interval, quantile, two_sided_p
from ._partial_likelihood import Maximum, PartialLikelihood, maximum
from ._remembered import remembered
from ._risk_sets import RiskTable, risk_table
from .not_estimable import NotEstimable

__all__ = ["Cox", "cox", "maximum_likelihood"]


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
        If there are not two arms, nobody had an event, or the hazard ratio is 0 or infinite
        (an arm without events, or with none while the other arm was at risk).
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
    found = maximum_likelihood(ipd)
    log_hazard_ratio, at_one = found.log_hazard_ratio, found.at_one
    se = 1 / math.sqrt(found.at_estimate.information)
    low, high = interval(log_hazard_ratio, se, confidence=confidence)
    # Where HR is 1 to the last digit, the difference of two logarithms may come out below 0.
    gain = max(found.at_estimate.value - at_one.value, 0.0)
    return Cox(
        reference=ipd.arms[0],
        treatment=ipd.arms[1],
        hazard_ratio=math.exp(log_hazard_ratio),
        ci=(math.exp(low), math.exp(high)),
        log_hazard_ratio=log_hazard_ratio,
        se=se,
        p_wald=two_sided_p(log_hazard_ratio / se),
        p_score=two_sided_p(at_one.score / math.sqrt(at_one.information)),
        p_likelihood_ratio=two_sided_p(math.sqrt(2 * gain)),
        confidence=confidence,
        n=ipd.time.size,
        n_events=int(ipd.event.sum()),
    )


@remembered
def maximum_likelihood(ipd: PseudoIPD) -> Maximum:
    """Return where the partial likelihood of two arms is largest.

    Raises
    ------
    NotEstimable
        If it is nowhere.
    """
    found = maximum(_two_arm_table(ipd))
    _refuse_unconverged(found.at_estimate)
    return found


def _two_arm_table(ipd: PseudoIPD) -> RiskTable:
    """Tabulate the risk sets, and refuse patients that determine no finite hazard ratio."""
    if len(ipd.arms) != 2:
        there = "is only" if len(ipd.arms) == 1 else f"are {len(ipd.arms)}:"
        raise NotEstimable(
            f"A hazard ratio compares two arms; there {there} {', '.join(ipd.arms)}."
        )
    table = risk_table(ipd)
    events = table.n_events.sum(axis=0)
    if not events.any():
        raise NotEstimable("A hazard ratio needs events, but nobody in either arm had one.")
    for own, other in ((0, 1), (1, 0)):
        if not events[own]:
            raise NotEstimable(
                f"The hazard ratio is {_extreme(own)}, without an interval: nobody in arm "
                f"{ipd.arms[own]} had an event."
            )
        if not np.any((table.n_events[:, own] > 0) & (table.n_at_risk[:, other] > 0)):
            raise NotEstimable(
                f"The hazard ratio is {_extreme(own)} or undetermined: every event in arm "
                f"{ipd.arms[own]} came when nobody in arm {ipd.arms[other]} was at risk any more."
            )
    return table


def _extreme(arm: int) -> str:
    return "infinite" if arm == 0 else "0"


def _refuse_unconverged(at_estimate: PartialLikelihood) -> None:
    """Refuse an estimate at which another Newton step would still move the hazard ratio."""
    step = abs(at_estimate.score / at_estimate.information) if at_estimate.information else np.inf
    if not step < 1e-8:
        raise NotEstimable(
            f"The Cox model did not converge: a further step would still change the log hazard "
            f"ratio by {step:.1e}."
        )
