"""The log-rank test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..reconstruct.pseudo_ipd import PseudoIPD
from ._lifelines import logrank_statistic
from ._risk_sets import RiskTable, risk_table
from .batched.logrank import BatchedLogrank
from .cox import two_arm_risk_sets
from .not_estimable import NotEstimable

__all__ = ["LogRank", "logrank"]


@dataclass(frozen=True, kw_only=True)
class LogRank:
    """The log-rank test of all arms.

    Attributes
    ----------
    statistic : float
        Chi-squared on `degrees_of_freedom`.
    p : float
        Two-sided p.
    degrees_of_freedom : int
        One less than the number of arms.
    observed : mapping of str to int
        Events by arm.
    expected : mapping of str to float
        Events by arm, had all arms the same hazard.
    """

    statistic: float
    p: float
    degrees_of_freedom: int
    observed: Mapping[str, int]
    expected: Mapping[str, float]


def logrank(ipd: PseudoIPD) -> LogRank:
    """Test whether all arms have the same hazard, as R's ``survdiff``.

    Raises
    ------
    NotEstimable
        If there is one arm only, nobody had an event, or an arm had nobody at risk, beside
        others, at any event.

    References
    ----------
    .. [1] Mantel N. Cancer Chemother Rep 1966;50:163-170.
    .. [2] Peto R, Peto J. J R Stat Soc A 1972;135:185-207. doi:10.2307/2344317.

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
    >>> test = logrank(ipd)
    >>> round(test.statistic, 3), round(test.p, 4)
    (3.396, 0.0653)
    """
    if len(ipd.arms) < 2:
        raise NotEstimable(f"A log-rank test compares two arms; there is only {ipd.arms[0]}.")
    table = risk_table(ipd)
    _refuse_no_comparison(ipd, table)
    statistic, p = logrank_statistic(ipd) if len(ipd.arms) > 2 else _two_arm_statistic(ipd)
    share = table.n_at_risk / table.n_at_risk.sum(axis=1, keepdims=True)
    expected = (share * table.n_events.sum(axis=1, keepdims=True)).sum(axis=0)
    return LogRank(
        statistic=statistic,
        p=p,
        degrees_of_freedom=len(ipd.arms) - 1,
        observed=dict(zip(ipd.arms, table.n_events.sum(axis=0).tolist(), strict=True)),
        expected=dict(zip(ipd.arms, expected.tolist(), strict=True)),
    )


def _two_arm_statistic(ipd: PseudoIPD) -> tuple[float, float]:
    test = BatchedLogrank.of(two_arm_risk_sets(ipd))
    return float(test.statistic[0]), float(test.p[0])


def _refuse_no_comparison(ipd: PseudoIPD, table: RiskTable) -> None:
    if not table.time.size:
        raise NotEstimable("A log-rank test needs events, but nobody in any arm had one.")
    total = table.n_at_risk.sum(axis=1, keepdims=True)
    # An event in a risk set of which everybody has the event says nothing about the arms.
    informative = total[:, 0] > table.n_events.sum(axis=1)
    beside_others = (table.n_at_risk > 0) & (table.n_at_risk < total) & informative[:, None]
    for arm, compared in zip(ipd.arms, np.any(beside_others, axis=0), strict=True):
        if not compared:
            raise NotEstimable(
                f"A log-rank test cannot place arm {arm}: at no event was anybody of it at risk "
                "beside patients of another arm."
            )
