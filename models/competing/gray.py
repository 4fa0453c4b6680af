"""Gray's test: whether the cumulative incidence of a cause differs between arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from .._inference import NotEstimable, remembered
from .cumulative_incidence import CauseCounts, cause_counts, check_cause

__all__ = ["GrayTest", "gray_test"]


@dataclass(frozen=True, kw_only=True)
class GrayTest:
    """Gray's test of equal cumulative incidence.

    Attributes
    ----------
    cause : str
    statistic : float
        Chi-square.
    df : int
        Degrees of freedom: arms less one.
    p : float
    observed, expected : dict of str to float
        Events of the cause by arm, and as many as would be expected if all arms had one cumulative
        incidence.
    """

    cause: str
    statistic: float
    df: int
    p: float
    observed: dict[str, int]
    expected: dict[str, float]

    def __repr__(self) -> str:
        """Return the statistic and p, for a notebook's line."""
        return (
            f"GrayTest({self.cause}: chi-square {self.statistic:.3g} on {self.df} df, "
            f"p = {self.p:.2g})"
        )

    @property
    def pvalue(self) -> float:
        """`p`, under SciPy's name."""
        return self.p


@remembered
def gray_test(ipd: PseudoIPD, *, cause: str) -> GrayTest:
    """Test whether all arms have the same cumulative incidence of a cause.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms or more, with causes.
    cause : str
        One of `ipd.causes`.

    Returns
    -------
    GrayTest
        As ``cuminc`` of R's cmprsk, with weights of 1 (rho = 0).

    Raises
    ------
    NotEstimable
        If the patients have no causes, there is one arm only, the arms are never at risk
        together, or ties leave no positive variance.
    KeyError
        If there is no such cause.

    Notes
    -----
    A log-rank test whose numbers at risk are R = Y (1 - F(t-)) / S(t-): those at risk, and the
    patients who had a competing event as far as they would still be followed [1]_. Its variance
    is that of the score as a sum of martingales of both kinds of events ([1]_, section 2), with the
    common cumulative incidence under the null hypothesis and a hypergeometric variance of tied
    events.

    References
    ----------
    .. [1] Gray RJ. Ann Stat 1988;16:1141-1154. doi:10.1214/aos/1176350951.

    Examples
    --------
    >>> from kmrepro.reconstruct import PseudoIPD
    >>> ipd = PseudoIPD(
    ...     time=[2, 3, 5, 7, 8, 1, 2, 4, 6, 9], event=[1, 1, 0, 1, 0, 1, 1, 1, 1, 0],
    ...     arm=["A"] * 5 + ["B"] * 5, arms=("A", "B"),
    ...     cause=["x", "y", "", "x", "", "x", "x", "y", "x", ""],
    ... )
    >>> gray_test(ipd, cause="x")
    GrayTest(x: chi-square 0.355 on 1 df, p = 0.55)
    """
    from scipy.stats import chi2

    check_cause(ipd, cause)
    if len(ipd.arms) < 2:
        raise NotEstimable(f"Gray's test compares arms; there is only {', '.join(ipd.arms)}.")
    at = np.unique(ipd.time[ipd.event])
    arms = [cause_counts(ipd, arm=arm, cause=cause, at=at) for arm in ipd.arms]
    observed, expected = _scores(arms)
    score, variance = (observed - expected)[:-1], _covariance(arms)[:-1, :-1]
    if np.linalg.matrix_rank(variance) < score.size:
        raise NotEstimable(
            f"Gray's test is undetermined: no event of {cause} happened while all arms were at "
            "risk."
        )
    if np.linalg.eigvalsh(variance)[0] <= 0:
        raise NotEstimable(
            f"Gray's test is undetermined: so many events of {cause} happened at one time, among "
            "so few at risk, that the variance of its score is not positive."
        )
    statistic = float(score @ np.linalg.solve(variance, score))
    return GrayTest(
        cause=cause,
        statistic=statistic,
        df=score.size,
        p=float(chi2.sf(statistic, score.size)),
        observed=dict(zip(ipd.arms, observed.astype(int).tolist(), strict=True)),
        expected=dict(zip(ipd.arms, expected.tolist(), strict=True)),
    )


def _columns(arms: list[CauseCounts], name: str) -> FloatArray:
    return np.column_stack([getattr(arm, name) for arm in arms]).astype(float)


def _ratio(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.divide(one, other, out=np.zeros(np.broadcast(one, other).shape), where=other > 0)


def _scores(arms: list[CauseCounts]) -> tuple[FloatArray, FloatArray]:
    """Return observed and expected events of the cause by arm ([1]_, eq. 2.4)."""
    events = _columns(arms, "n_cause")
    incidence = np.vstack([np.zeros(len(arms)), _columns(arms, "incidence")[:-1]])
    weighted = _ratio(_columns(arms, "n_at_risk"), _columns(arms, "before")) * (1 - incidence)
    share = _ratio(weighted, weighted.sum(axis=1, keepdims=True))
    return events.sum(axis=0), (share * events.sum(axis=1, keepdims=True)).sum(axis=0)


def _covariance(arms: list[CauseCounts]) -> FloatArray:
    """Return the covariance matrix of the arms' scores under the null hypothesis ([1]_, section 2).

    With h = Y / S(t-) of each arm and h. their sum, the common incidence grows by dN / h.; a
    martingale of the cause has the integrand d + (1 - (1 - F0) / S) c and one of the other causes
    -(1 - F0) / S c, where d = (own arm or not - h_k / h.) h_r and c is what d adds up to later.
    """
    h = _ratio(_columns(arms, "n_at_risk"), _columns(arms, "before"))
    together = h.sum(axis=1)
    events = _columns(arms, "n_cause").sum(axis=1)
    growth = _ratio(events, together)
    common = np.cumsum(growth)
    hazard = _ratio(growth, 1 - common + growth)
    total = np.zeros((len(arms), len(arms)))
    for r, arm in enumerate(arms):
        own = (np.arange(len(arms)) == r) - h / together[:, None]
        integrand = own * h[:, [r]]
        later = np.cumsum((integrand * hazard[:, None])[::-1], axis=0)[::-1]
        later = np.vstack([later[1:], np.zeros(len(arms))])
        ratio = _ratio(1 - common, arm.after)[:, None]
        followed = (arm.n_at_risk > 0)[:, None]
        of_cause, of_others = followed * (integrand + (1 - ratio) * later), followed * ratio * later
        weights = _event_weights(arm, together, events)
        total += np.einsum("jk,jl,j->kl", of_cause, of_cause, _ratio(growth, h[:, r]) * weights[0])
        total += np.einsum("jk,jl,j->kl", of_others, of_others, weights[1])
    return total


def _event_weights(
    arm: CauseCounts, together: FloatArray, events: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the share of variance that ties leave events of the cause, and other events' variance.

    The pooled risk set of an arm's event-free share is h. S(t-). It can be smaller than the tied
    events; the share is then negative, as in cmprsk.
    """
    pooled = together * arm.before
    shared = np.where(events > 1, 1 - (events - 1) / np.maximum(pooled - 1, 1e-12), 1.0)
    at_risk = np.maximum(arm.n_at_risk, 1)
    others = arm.n_events - arm.n_cause
    tied = np.where(others > 1, (at_risk - others) / np.maximum(at_risk - 1, 1), 1.0)
    h = _ratio(arm.n_at_risk.astype(float), arm.before)
    return shared, tied * _ratio(others.astype(float), h**2)
