"""The Aalen-Johansen estimate of cumulative incidence, and reported values beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...presentation.formats import count
from ...reconstruct.constraints import EDGE
from ...reconstruct.pseudo_ipd import FloatArray, IntArray, PseudoIPD, refuse_no_patients
from ...studies import Endpoint
from ...studies.argument_types import strict
from .._inference import NotEstimable, ReadOnlyArrays, quantile, remembered, times_of
from .._kernels import n_at_risk_before

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CauseCounts",
    "CumulativeIncidence",
    "IncidenceCheck",
    "cause_counts",
    "check_incidence",
    "cumulative_incidence",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class CauseCounts(ReadOnlyArrays):
    """Who was at risk and who had the event, at given times of one arm.

    Attributes
    ----------
    n_at_risk, n_events, n_cause : ndarray of int, shape (k,)
        Patients still followed just before each time; events of any cause at it, and those of the
        cause.
    before, after : ndarray of float, shape (k,)
        Event-free survival just before each time and just after it.
    incidence : ndarray of float, shape (k,)
        Cumulative incidence of the cause just after each time.
    """

    n_at_risk: IntArray
    n_events: IntArray
    n_cause: IntArray
    before: FloatArray
    after: FloatArray
    incidence: FloatArray


def cause_counts(ipd: PseudoIPD, *, arm: str, cause: str, at: FloatArray) -> CauseCounts:
    """Count the events of a cause in one arm at times that include all its events, increasing.

    Parameters
    ----------
    ipd : PseudoIPD
    arm, cause : str
    at : ndarray of float, shape (k,)
        In the time unit.
    """
    rows = ipd.arm == arm
    time, event, own = ipd.time[rows], ipd.event[rows], _causes(ipd)[rows] == cause
    n_at_risk = n_at_risk_before(time, at)
    n_events, n_cause = (
        np.bincount(np.searchsorted(at, time[flags]), minlength=at.size) for flags in (event, own)
    )
    at_risk = np.maximum(n_at_risk, 1)
    after = np.cumprod(1.0 - n_events / at_risk)
    before = np.concatenate([[1.0], after[:-1]])
    return CauseCounts(
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_cause=n_cause,
        before=before,
        after=np.asarray(after, dtype=np.float64),
        incidence=np.cumsum(before * n_cause / at_risk),
    )


def _causes(ipd: PseudoIPD) -> npt.NDArray[np.str_]:
    """Return each patient's cause.

    Raises
    ------
    NotEstimable
        If the patients' events are all of one kind.
    """
    if ipd.cause is None:
        raise NotEstimable(
            "Competing risks need to know the cause of each event, and these patients' events have "
            "none; reconstruct an endpoint that reports `causes`, or give `cause`."
        )
    return ipd.cause


@dataclass(frozen=True, kw_only=True, eq=False)
class CumulativeIncidence(ReadOnlyArrays):
    """Cumulative incidence of one cause in one arm over time.

    The arrays have one row for time 0 (incidence 0) and one for every distinct time of the arm,
    of an event or a censoring.

    Attributes
    ----------
    arm, cause : str
    n : int
        Patients.
    time : ndarray of float, shape (k,)
        In the time unit of the patients, increasing from 0.
    incidence : ndarray of float, shape (k,)
        Fraction that has had the event by each time.
    variance : ndarray of float, shape (k,)
        Its variance after Aalen.
    lower, upper : ndarray of float, shape (k,)
        Pointwise log-log interval; NaN where the incidence is 0 or 1 after time 0.
    n_at_risk, n_events, n_competing : ndarray of int, shape (k,)
        Patients still followed just before each time, and events of the cause and of others at it.
    confidence_level : float
        Coverage of the intervals.
    """

    arm: str
    cause: str
    n: int
    time: FloatArray
    incidence: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    n_competing: IntArray
    confidence_level: float

    def __repr__(self) -> str:
        """Return what it is of and where it ends, for a notebook's line."""
        return (
            f"CumulativeIncidence({self.arm}, {self.cause}: {int(self.n_events.sum())} of "
            f"{count(self.n, 'patient')}, {100 * self.incidence[-1]:.1f}% at {self.time[-1]:.4g})"
        )

    def incidence_at(self, time: npt.ArrayLike) -> FloatArray:
        """Return the fraction that has had the event by each time.

        Parameters
        ----------
        time : array_like of float, shape (k,)
            In the time unit, at least 0.

        Returns
        -------
        ndarray of float, shape (k,)
            Fractions, 0 to 1.

        Raises
        ------
        NotEstimable
            If a time is after the last follow-up, unless everybody has had an event by then.
        TypeError
            If a time is no number.
        ValueError
            If a time is negative or NaN.
        """
        times = times_of(time)
        everybody = self.n_events[-1] + self.n_competing[-1] == self.n_at_risk[-1]
        end = self.time[-1] * (1 + 1e-9)  # times that differ in their last bits are the same
        if times.size and times.max() > end and not everybody:
            raise NotEstimable(
                f"`time` is {times.max():g}, but arm {self.arm} was followed for "
                f"{self.time[-1]:.10g} only, and not everybody had an event; choose at most that."
            )
        return np.asarray(self.incidence[np.searchsorted(self.time, times, side="right") - 1])

    def n_at_risk_at(self, time: npt.ArrayLike) -> IntArray:
        """Count the patients still followed just before each time.

        Parameters
        ----------
        time : array_like of float, shape (k,)
            In the time unit.

        Returns
        -------
        ndarray of int, shape (k,)
        """
        after = np.append(self.n_at_risk, 0)
        return np.asarray(after[np.searchsorted(self.time, times_of(time), side="left")])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per time, from 0.

        The columns are incidence, lower, upper, n_at_risk, n_events and n_competing.
        """
        import pandas as pd

        names = ("incidence", "lower", "upper", "n_at_risk", "n_events", "n_competing")
        return pd.DataFrame(
            {name: getattr(self, name) for name in names}, index=pd.Index(self.time, name="time")
        )


@strict
def cumulative_incidence(
    ipd: PseudoIPD, *, arm: str, cause: str, confidence_level: float = 0.95
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of one cause in one arm.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients with causes.
    arm : str
        One of `ipd.arms`.
    cause : str
        One of `ipd.causes`.
    confidence_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    CumulativeIncidence
        As ``cuminc`` of R's cmprsk.

    Raises
    ------
    NotEstimable
        If the patients have no causes.
    KeyError
        If there is no such arm or cause.
    ValueError
        If `confidence_level` is outside (0, 1).

    Notes
    -----
    The estimate adds up S(t-) d_k / r over event times, with event-free survival S, the d_k events
    of the cause and r at risk [1]_; over all causes it adds up to 1 - S. The variance is Aalen's
    with a hypergeometric one of tied events, and the interval is symmetric on the scale of
    ln(-ln F) [2]_.

    References
    ----------
    .. [1] Aalen OO, Johansen S. Scand J Stat 1978;5:141-150.
    .. [2] Choudhury JB. Stat Med 2002;21:1129-1144. doi:10.1002/sim.1070.

    Examples
    --------
    >>> from kmrepro.reconstruct import PseudoIPD
    >>> ipd = PseudoIPD(
    ...     time=[2, 3, 5, 7, 8], event=[1, 1, 0, 1, 0], arm=["A"] * 5, arms=("A",),
    ...     cause=["relapse", "death", "", "relapse", ""],
    ... )
    >>> cumulative_incidence(ipd, arm="A", cause="relapse").incidence_at([4, 7]).round(3)
    array([0.2, 0.5])
    """
    refuse_no_patients("cumulative_incidence", ipd)
    ipd.of(arm)  # names those that there are
    check_cause(ipd, cause)
    z, level = quantile(confidence_level), confidence_level
    return _estimated(ipd, arm=arm, cause=cause, z=z, level=level)


def check_cause(ipd: PseudoIPD, cause: str) -> None:
    """Refuse a cause that no patient has.

    Raises
    ------
    NotEstimable
        If the patients have no causes at all.
    KeyError
        If they have others.
    """
    _causes(ipd)
    if cause not in ipd.causes:
        raise KeyError(f"there is no cause {cause!r}; there are {', '.join(ipd.causes) or 'none'}")


@remembered
def _estimated(
    ipd: PseudoIPD, *, arm: str, cause: str, z: float, level: float
) -> CumulativeIncidence:
    times = np.concatenate([[0.0], np.unique(ipd.time[ipd.arm == arm])])
    counts = cause_counts(ipd, arm=arm, cause=cause, at=times)
    variance = _variance(counts)
    lower, upper = _interval(counts.incidence, variance, z=z)
    return CumulativeIncidence(
        arm=arm,
        cause=cause,
        n=int((ipd.arm == arm).sum()),
        time=times,
        incidence=counts.incidence.copy(),
        variance=variance,
        lower=lower,
        upper=upper,
        n_at_risk=counts.n_at_risk,
        n_events=counts.n_cause,
        n_competing=counts.n_events - counts.n_cause,
        confidence_level=level,
    )


def _variance(counts: CauseCounts) -> FloatArray:
    """Return Aalen's variance of the cumulative incidence at each time, shape (k,).

    An event of the cause at t_i moves F(t) by S(t_i-) - (F(t) - F(t_i)) r / (r - d) in units of
    1/r, one of another cause by the second part alone: squares, times the variance of the number of
    events, are summed as a polynomial in F(t).
    """
    at_risk = np.maximum(counts.n_at_risk, 1).astype(float)
    left = at_risk - counts.n_events
    grown = np.divide(at_risk, left, out=np.zeros_like(left), where=left > 0)
    own = _tied_variance(counts.n_cause, at_risk) / at_risk**2
    others = _tied_variance(counts.n_events - counts.n_cause, at_risk) / at_risk**2
    at_once = counts.before + counts.incidence * grown
    constant = np.cumsum(own * at_once**2 + others * (counts.incidence * grown) ** 2)
    linear = np.cumsum((own * at_once + others * counts.incidence * grown) * grown)
    square = np.cumsum((own + others) * grown**2)
    total = constant - 2 * counts.incidence * linear + counts.incidence**2 * square
    return np.asarray(np.maximum(total, 0.0))  # what is left of 0 when digits cancel


def _tied_variance(events: IntArray, at_risk: FloatArray) -> FloatArray:
    """Return the variance of a number of events, d (r - d) / (r - 1); d where it is 1 or 0."""
    return np.asarray(
        np.where(events > 1, events * (at_risk - events) / np.maximum(at_risk - 1, 1), events)
    )


def _interval(
    incidence: FloatArray, variance: FloatArray, *, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return the lower and the upper log-log bound at each time, the first of them 0."""
    inside = (incidence > 0) & (incidence < 1)
    share = np.where(inside, incidence, 0.5)
    half = z * np.sqrt(variance) / (share * -np.log(share))
    lower, upper = share ** np.exp(half), share ** np.exp(-half)
    lower[~inside] = upper[~inside] = np.nan
    lower[0] = upper[0] = 0.0
    return lower, upper


@dataclass(frozen=True, kw_only=True)
class IncidenceCheck:
    """One reported cumulative incidence beside the reproduced one.

    Attributes
    ----------
    arm, cause : str
    time : float
    printed : str
        As reported.
    lower, upper : float
        The values that round to it.
    reproduced : float
    inside : bool
    """

    arm: str
    cause: str
    time: float
    printed: str
    lower: float
    upper: float
    reproduced: float
    inside: bool


def check_incidence(
    endpoint: Endpoint, cause: str, curves: Mapping[str, CumulativeIncidence]
) -> Iterator[IncidenceCheck]:
    """Yield every reported cumulative incidence of a cause beside that of the patients.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    cause : str
    curves : mapping of str to CumulativeIncidence
        Of the cause, by arm; an arm in which nobody had the event has none.
    """
    for arm, reported in endpoint.arms.items():
        for time, mark in reported.causes[cause].landmarks.items():
            curve = curves.get(arm)
            # what is reported after the last patient was followed is compared with the last value
            found = 0.0 if curve is None else float(curve.incidence_at(min(time, curve.time[-1])))
            lower, upper = max(mark.incidence.lower, 0.0), min(mark.incidence.upper, 1.0)
            yield IncidenceCheck(
                arm=arm,
                cause=cause,
                time=time,
                printed=str(mark.incidence),
                lower=lower,
                upper=upper,
                reproduced=found,
                inside=lower - EDGE <= found <= upper + EDGE,
            )
