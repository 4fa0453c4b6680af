"""Fine and Gray's regression of two arms: the subdistribution hazard ratio of a cause."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from ...presentation import notebook
from ...presentation.formats import p_value, ratio_interval
from ...presentation.tables import Table, left
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD, refuse_no_patients
from ...studies.argument_types import strict
from .._inference import NotEstimable, ReadOnlyArrays, interval, quantile, remembered, two_sided_p
from .cumulative_incidence import check_cause

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BatchedFineGray", "FineGray", "fine_gray"]

_STEPS = 100
_SMALL = 1e-13  # of the score, for each event
_FAR = 40.0  # no finite log ratio of patients in memory is further from 0


@dataclass(frozen=True, kw_only=True)
class FineGray:
    """The subdistribution hazard ratio of two arms.

    Attributes
    ----------
    cause, reference, treatment : str
        The cause, the arm in the denominator, and the other.
    hazard_ratio : float
        Subdistribution hazard in `treatment` over that in `reference`.
    ci : tuple of float
        Wald interval.
    log_hazard_ratio, se : float
        Natural logarithm of the ratio and its robust standard error.
    p_wald : float
        Two-sided p.
    confidence_level : float
        Coverage of `ci`.
    n, n_events, n_competing : int
        Patients, events of the cause and events of others.
    """

    cause: str
    reference: str
    treatment: str
    hazard_ratio: float
    ci: tuple[float, float]
    log_hazard_ratio: float
    se: float
    p_wald: float
    confidence_level: float
    n: int
    n_events: int
    n_competing: int

    def __repr__(self) -> str:
        """Return the ratio, its interval and p, for a notebook's line."""
        lower, upper = self.ci
        return (
            f"FineGray({self.cause}, {self.treatment} vs {self.reference}: sHR "
            f"{self.hazard_ratio:.3g} ({100 * self.confidence_level:g}% CI {lower:.3g} to "
            f"{upper:.3g}), p = {self.p_wald:.2g})"
        )

    def _repr_html_(self) -> str:
        level = f"{100 * self.confidence_level:g}%"
        rows = (
            (
                f"Subdistribution hazard ratio ({level} CI)",
                ratio_interval(self.hazard_ratio, self.ci),
            ),
            ("Wald test", p_value(self.p_wald)),
            ("Patients, events, competing", f"{self.n}, {self.n_events}, {self.n_competing}"),
        )
        return notebook.block(
            notebook.heading(
                f"{self.cause}: {self.treatment} vs {self.reference}", "Fine and Gray"
            ),
            Table(columns=left("", ""), rows=rows).to_html(),
        )

    @property
    def pvalue(self) -> float:
        """`p_wald`, under SciPy's name."""
        return self.p_wald

    def to_frame(self) -> pd.DataFrame:
        """Return one row, the treatment arm, with a column for each estimate."""
        import pandas as pd

        lower, upper = self.ci
        row = {
            "cause": self.cause,
            "reference": self.reference,
            "hazard_ratio": self.hazard_ratio,
            "ci_lower": lower,
            "ci_upper": upper,
            "log_hazard_ratio": self.log_hazard_ratio,
            "se": self.se,
            "p_wald": self.p_wald,
            "n": self.n,
            "n_events": self.n_events,
            "n_competing": self.n_competing,
        }
        return pd.DataFrame([row], index=pd.Index([self.treatment], name="arm"))


@strict
def fine_gray(ipd: PseudoIPD, *, cause: str, confidence_level: float = 0.95) -> FineGray:
    """Estimate the subdistribution hazard ratio of the second arm against the reference.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients of two arms, with causes.
    cause : str
        One of `ipd.causes`.
    confidence_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    FineGray
        As ``crr`` of R's cmprsk; without tied times also as ``coxph`` on ``finegray`` of R's
        survival.

    Raises
    ------
    NotEstimable
        If the patients have no causes, there are not two arms, or the ratio is 0, infinite or
        undetermined.
    KeyError
        If there is no such cause.
    ValueError
        If `confidence_level` is outside (0, 1).

    Notes
    -----
    A patient who had a competing event at x stays in the risk set with weight G(t-) / G(x-), where
    G is the Kaplan-Meier estimate of not being censored, of all arms together [1]_. Tied events are
    handled after Breslow. The standard error is the sandwich of [1]_ (eq. 7), which knows that G
    was estimated.

    References
    ----------
    .. [1] Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509. doi:10.1080/01621459.1999.10474144.

    Examples
    --------
    >>> from kmrepro.reconstruct import PseudoIPD
    >>> ipd = PseudoIPD(
    ...     time=[2, 3, 5, 7, 8, 1, 2, 4, 6, 9], event=[1, 1, 0, 1, 0, 1, 1, 1, 1, 0],
    ...     arm=["A"] * 5 + ["B"] * 5, arms=("A", "B"),
    ...     cause=["x", "y", "", "x", "", "x", "x", "y", "x", ""],
    ... )
    >>> round(fine_gray(ipd, cause="x").hazard_ratio, 3)
    1.796
    """
    refuse_no_patients("fine_gray", ipd)
    quantile(confidence_level)  # refuses what is none
    check_cause(ipd, cause)
    if len(ipd.arms) != 2:
        raise NotEstimable(
            f"A subdistribution hazard ratio compares two arms; there are {', '.join(ipd.arms)}."
        )
    return _estimated(ipd, cause=cause, level=confidence_level)


@remembered
def _estimated(ipd: PseudoIPD, *, cause: str, level: float) -> FineGray:
    own = _kinds(ipd, cause)
    treated = ipd.arm == ipd.arms[1]
    fit = BatchedFineGray.of(ipd.time[None], own[None], treated)
    log_ratio = float(fit.log_hazard_ratio[0])
    if not math.isfinite(log_ratio):
        extreme = "undetermined" if math.isnan(log_ratio) else "infinite" if log_ratio > 0 else "0"
        raise NotEstimable(
            f"The subdistribution hazard ratio of {cause} is {extreme}, without an interval: an "
            "arm had no such event while the other was at risk."
        )
    se = _standard_error(ipd.time, own, treated, log_ratio)
    low, high = interval(log_ratio, se, confidence_level=level)
    return FineGray(
        cause=cause,
        reference=ipd.arms[0],
        treatment=ipd.arms[1],
        hazard_ratio=math.exp(log_ratio),
        ci=(math.exp(low), math.exp(high)),
        log_hazard_ratio=log_ratio,
        se=se,
        p_wald=two_sided_p(log_ratio / se),
        confidence_level=level,
        n=ipd.time.size,
        n_events=int((own == 1).sum()),
        n_competing=int((own == 2).sum()),
    )


def _kinds(ipd: PseudoIPD, cause: str) -> IntArray:
    """Return 1 for an event of the cause, 2 for one of another and 0 for a censoring."""
    return np.where(ipd.event, np.where(ipd.cause == cause, 1, 2), 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class BatchedFineGray(ReadOnlyArrays):
    """The subdistribution hazard ratio of each draw, treatment arm over reference arm.

    Attributes
    ----------
    log_hazard_ratio : ndarray of float, shape (draws,)
        Natural logarithm; infinite where it has no finite maximum, NaN where nothing compares the
        arms.
    se : ndarray of float, shape (draws,)
        Its standard error from the information alone, which is near the robust one; NaN where
        `log_hazard_ratio` is not finite.
    """

    log_hazard_ratio: FloatArray
    se: FloatArray

    @classmethod
    def of(
        cls, time: npt.NDArray[np.float64], kind: npt.NDArray[np.integer], treated: npt.ArrayLike
    ) -> Self:
        """Maximise the weighted partial likelihood of every draw.

        Parameters
        ----------
        time : ndarray of float, shape (draws, n)
            Time to event or censoring, positive.
        kind : ndarray of int, shape (draws, n)
            1 for an event of the cause, 2 for a competing one, 0 for a censoring.
        treated : array_like of bool, shape (n,) or (draws, n)
            True in the treatment arm.

        Raises
        ------
        ValueError
            If shapes do not fit or a kind is none of these.
        """
        if time.ndim != 2 or kind.shape != time.shape:
            raise ValueError(
                "`time` and `kind` must have a row per draw and one shape, but have "
                f"{time.shape} and {kind.shape}."
            )
        if not np.isin(kind, (0, 1, 2)).all():
            raise ValueError("`kind` must be 0 (censored), 1 (the cause) or 2 (a competing event).")
        arms = np.broadcast_to(np.asarray(treated, dtype=bool), time.shape)
        estimates = [
            _maximise(*_weighted_counts(*row)) for row in zip(time, kind, arms, strict=True)
        ]
        found = np.array(estimates, dtype=float).reshape(-1, 2)
        return cls(log_hazard_ratio=found[:, 0].copy(), se=found[:, 1].copy())


def _not_censored(time: FloatArray, kind: npt.NDArray[np.integer], at: FloatArray) -> FloatArray:
    """Return the Kaplan-Meier estimate of not being censored just before given times."""
    when, count = np.unique(time[kind == 0], return_counts=True)
    at_risk = time.size - np.searchsorted(np.sort(time), when, side="left")
    estimate = np.concatenate([[1.0], np.cumprod(1.0 - count / at_risk)])
    return np.asarray(estimate[np.searchsorted(when, at, side="left")])


def _weighted_counts(
    time: FloatArray, kind: npt.NDArray[np.integer], treated: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Count at each distinct time of an event of the cause.

    Returns
    -------
    events, events_treated : ndarray of float, shape (k,)
        At the time: all of the cause, and those of the treatment arm.
    reference, treatment : ndarray of float, shape (k,)
        The weighted numbers at risk of the arms.
    """
    own = kind == 1
    at, place = np.unique(time[own], return_inverse=True)
    events = np.bincount(place, minlength=at.size).astype(float)
    events_treated = np.bincount(place, weights=treated[own], minlength=at.size)
    left = _not_censored(time, kind, at)
    at_risk = []
    for arm in (~treated, treated):
        others = arm & (kind == 2)
        order = np.argsort(time[others], kind="stable")
        gone = time[others][order]
        weight = np.concatenate([[0.0], np.cumsum(1.0 / _not_censored(time, kind, gone))])
        present = arm.sum() - np.searchsorted(np.sort(time[arm]), at, side="left")
        at_risk.append(present + left * weight[np.searchsorted(gone, at, side="left")])
    found = (events, events_treated, *at_risk)
    first, second, third, fourth = (np.asarray(each, dtype=np.float64) for each in found)
    return first, second, third, fourth


def _maximise(
    events: FloatArray, events_treated: FloatArray, reference: FloatArray, treatment: FloatArray
) -> tuple[float, float]:
    """Return where the score is 0 and the standard error there, by Newton's method in a bracket."""
    observed = events_treated.sum()
    rises = observed > events[reference == 0].sum()
    falls = observed < events[treatment > 0].sum()
    if not (rises and falls):
        return (math.nan if not (rises or falls) else math.inf if rises else -math.inf), math.nan
    b, low, high = 0.0, -_FAR, _FAR
    for _ in range(_STEPS):
        share = treatment * math.exp(b) / (reference + treatment * math.exp(b))
        score = observed - float(events @ share)
        information = float(events @ (share * (1 - share)))
        if abs(score) <= _SMALL * events.sum():
            break
        low, high = (b, high) if score > 0 else (low, b)
        step = b + score / information if information > 0 else math.inf
        b = step if low < step < high else (low + high) / 2
    return b, 1 / math.sqrt(information)


def _standard_error(
    time: FloatArray, kind: npt.NDArray[np.integer], treated: BoolArray, b: float
) -> float:
    """Return the robust standard error ([1]_ of `fine_gray`, eq. 7 and 8).

    Each patient's residual is that of the weighted score, and what the patient adds to it by
    having helped to estimate the weights.
    """
    at, count = np.unique(time[kind == 1], return_counts=True)
    before = time[None] < at[:, None]
    weights = np.where(before, 0.0, 1.0)
    late = before & (kind == 2)
    shares = _not_censored(time, kind, at)[:, None] / _not_censored(time, kind, time)[None]
    weights[late] = shares[late]
    risk = np.where(treated, math.exp(b), 1.0)
    total = weights @ risk
    mean = weights @ (risk * treated) / total
    apart = treated[None] - mean[:, None]
    happened = (time[None] == at[:, None]) & (kind == 1)
    drift = -apart * weights * risk * (count / total)[:, None]
    residual = (apart * happened + drift).sum(axis=0)
    residual += _for_weights(time, kind, at, np.where(late, drift, 0.0))
    information = float(count @ (mean * (1 - mean)))
    return float(np.sqrt((residual**2).sum()) / information)


def _for_weights(
    time: FloatArray, kind: npt.NDArray[np.integer], at: FloatArray, late: FloatArray
) -> FloatArray:
    """Return what patients add to the score by having helped to estimate the weights, shape (n,).

    `late` is what patients add after a competing event, a row per time in `at`.
    """
    when, count = np.unique(time[kind == 0], return_counts=True)
    if not when.size:
        return np.zeros(time.size)
    order = np.argsort(time, kind="stable")
    # sums over times from each on, and over the patients who had left before it
    sums = np.zeros((at.size + 1, time.size + 1))
    sums[:-1, 1:] = np.cumsum(np.cumsum(late[:, order][::-1], axis=0)[::-1], axis=1)
    left = np.searchsorted(time[order], when, side="left")
    at_risk = time.size - left
    slope = -sums[np.searchsorted(at, when, side="left"), left] / at_risk
    until = np.searchsorted(when, time, side="right")
    drift = np.concatenate([[0.0], np.cumsum(slope * count / at_risk)])[until]
    own = np.where(kind == 0, slope[np.minimum(np.searchsorted(when, time), when.size - 1)], 0.0)
    return np.asarray(own - drift)
