"""The log-rank test, of one data set and of two arms in many data sets at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD, refuse_no_patients
from ._inference import NotEstimable, ReadOnlyArrays, two_sided_ps
from ._kernels import RiskSets, RiskTable, risk_table, two_arm_risk_sets

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BatchedLogrank", "LogRank", "logrank", "mantel_haenszel", "observed_over_expected"]


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
        Events by arm, if all arms had the same hazard.
    """

    statistic: float
    p: float
    degrees_of_freedom: int
    observed: Mapping[str, int]
    expected: Mapping[str, float]

    @property
    def pvalue(self) -> float:
        """`p`, under SciPy's name."""
        return self.p

    def to_frame(self) -> pd.DataFrame:
        """Return one row per arm: observed and expected events, and the test of all arms.

        The columns are observed, expected, statistic, degrees_of_freedom and p.
        """
        import pandas as pd

        index = pd.Index(list(self.observed), name="arm")
        frame = pd.DataFrame(
            {"observed": list(self.observed.values()), "expected": list(self.expected.values())},
            index=index,
        )
        return frame.assign(
            statistic=self.statistic, degrees_of_freedom=self.degrees_of_freedom, p=self.p
        )


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
    refuse_no_patients("logrank", ipd)
    if len(ipd.arms) < 2:
        raise NotEstimable(f"A log-rank test compares two arms; there is only {ipd.arms[0]}.")
    table = risk_table(ipd)
    _refuse_no_comparison(ipd, table)
    statistic, p = _several_arms(ipd) if len(ipd.arms) > 2 else _two_arms(ipd)
    share = table.n_at_risk / table.n_at_risk.sum(axis=1, keepdims=True)
    expected = (share * table.n_events.sum(axis=1, keepdims=True)).sum(axis=0)
    return LogRank(
        statistic=statistic,
        p=p,
        degrees_of_freedom=len(ipd.arms) - 1,
        observed=dict(zip(ipd.arms, table.n_events.sum(axis=0).tolist(), strict=True)),
        expected=dict(zip(ipd.arms, expected.tolist(), strict=True)),
    )


def _two_arms(ipd: PseudoIPD) -> tuple[float, float]:
    test = BatchedLogrank.of(two_arm_risk_sets(ipd))
    return float(test.statistic[0]), float(test.p[0])


def _several_arms(ipd: PseudoIPD) -> tuple[float, float]:
    """Return the chi-squared over all arms and its p, by lifelines.

    lifelines is imported here because that takes more than a second. It is given copies, every
    argument by its name, and patients that `PseudoIPD` has validated; the state of numpy's error
    handling, which it may change for the whole process, is restored.
    """
    from lifelines.statistics import multivariate_logrank_test

    with np.errstate():
        result = multivariate_logrank_test(
            event_durations=ipd.time.copy(),
            groups=sum(place * (ipd.arm == arm) for place, arm in enumerate(ipd.arms)),
            event_observed=ipd.event.copy(),
        )
    return float(result.test_statistic), float(result.p_value)


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
                f"A log-rank test is undefined for arm {arm}: no event happened while patients "
                "of it and of another arm were at risk and some of them stayed event-free."
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedLogrank(ReadOnlyArrays):
    """The log-rank test of each draw.

    Attributes
    ----------
    statistic : ndarray of float, shape (draws,)
        Chi-squared on 1 degree of freedom; NaN in a draw in which no event compares the arms,
        because none happened while both arms were at risk and anybody was left event-free.
    observed, expected : ndarray of int and of float, shape (draws,)
        Events of the treatment arm, and how many there would be if both arms had the same hazard.
    variance : ndarray of float, shape (draws,)
        Hypergeometric variance of `observed`.

    Notes
    -----
    Of d events among n patients at risk, n_1 of them treated, d n_1 / n are expected in the
    treatment arm, with variance d n_1 / n (1 - n_1 / n) (n - d) / (n - 1) [1]_. The statistic is
    the square of the observed less the expected events over the variance, both summed over times.

    References
    ----------
    .. [1] Mantel N. Cancer Chemother Rep 1966;50:163-170.
    """

    statistic: FloatArray
    observed: npt.NDArray[np.intp]
    expected: FloatArray
    variance: FloatArray

    @property
    def p(self) -> FloatArray:
        """Two-sided p, shape (draws,); NaN where there is no statistic."""
        return two_sided_ps(np.sqrt(self.statistic))

    @classmethod
    def of(cls, sets: RiskSets) -> Self:
        """Test every draw, as R's ``survdiff``."""
        n = sets.n_reference + sets.n_treatment
        share = sets.n_treatment / n
        observed = np.count_nonzero(sets.treated, axis=1)
        expected = share.sum(axis=1)
        # Where everybody at risk has the event, the arms have no choice, and n - 1 may be 0.
        spread = (n - sets.tied) / np.maximum(n - 1, 1)
        variance = (share * (1 - share) * spread).sum(axis=1)
        statistic = np.full(variance.shape, np.nan)
        np.divide((observed - expected) ** 2, variance, out=statistic, where=variance > 0)
        return cls(statistic=statistic, observed=observed, expected=expected, variance=variance)


def mantel_haenszel(sets: RiskSets) -> FloatArray:
    """Return the log hazard ratio (O - E) / V of the log-rank test, shape (draws,).

    NaN where the test has no variance.

    References
    ----------
    .. [1] Berry G, Kitchin RM, Mock PA. Stat Med 1991;10:749-755. doi:10.1002/sim.4780100510.
    """
    test = BatchedLogrank.of(sets)
    known = test.variance > 0
    unknown = np.full(test.expected.shape, np.nan)
    excess = test.observed - test.expected
    return np.asarray(np.divide(excess, test.variance, out=unknown, where=known))


def observed_over_expected(sets: RiskSets) -> FloatArray:
    """Return the logarithm of (O1 / E1) / (O0 / E0) of the log-rank test, shape (draws,).

    Infinite where an arm has no events, NaN where neither arm has or none is expected.

    References
    ----------
    .. [1] Berry G, Kitchin RM, Mock PA. Stat Med 1991;10:749-755. doi:10.1002/sim.4780100510.
    """
    test = BatchedLogrank.of(sets)
    total = np.count_nonzero(np.isfinite(sets.time), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        treatment, reference = test.observed / test.expected, total - test.observed
        return np.asarray(np.log(treatment) - np.log(reference / (total - test.expected)))
