"""The Kaplan-Meier estimate of one arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count, with_unit
from ..reconstruct.pseudo_ipd import FloatArray, IntArray, PseudoIPD, refuse_no_patients
from ..studies.argument_types import strict
from ._inference import (
    NotEstimable,
    ReadOnlyArrays,
    chosen_level,
    quantile,
    remembered,
    times_of,
)
from ._kernels import n_at_risk_before

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KaplanMeier", "kaplan_meier", "refuse_beyond"]


# A product of (1 - d/n) that should be exactly 0.5 may miss it by a rounding error.
_TIES = 1e-9
_HALF = 0.5 + _TIES


@dataclass(frozen=True, kw_only=True, eq=False)
class KaplanMeier(ReadOnlyArrays):
    """Survival of one arm over time.

    The arrays have one row for time 0 (survival 1) and one for every distinct time of the arm,
    of an event or a censoring.

    Attributes
    ----------
    arm : str
        The arm.
    n : int
        Patients.
    time : ndarray of float, shape (k,)
        In the time unit of the patients, increasing from 0.
    survival : ndarray of float, shape (k,)
        Fraction surviving beyond each time.
    lower, upper : ndarray of float, shape (k,)
        Pointwise Greenwood log-log interval; NaN where survival is 0 or still 1 after time 0,
        where it is not defined.
    n_at_risk : ndarray of int, shape (k,)
        Patients still followed just before each time.
    n_events, n_censored : ndarray of int, shape (k,)
        Events and censorings at each time.
    median : float
        First time at which survival is at most 0.5; infinite if it never is. Where survival is
        0.5 exactly over an interval, R's `survfit` gives the middle of that interval instead.
    median_middle : float
        The median as R gives it.
    median_ci : tuple of float
        Brookmeyer-Crowley interval from the log-log band: the first times at which the lower and
        the upper band are at most 0.5; infinite if a band stays above. NaN for a band that is
        undefined from where the curve has dropped to 0.
    confidence : float
        Coverage of the intervals.
    """

    arm: str
    n: int
    time: FloatArray
    survival: FloatArray
    lower: FloatArray
    upper: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    n_censored: IntArray
    median: float
    median_middle: float
    median_ci: tuple[float, float]
    confidence: float

    def __repr__(self) -> str:
        """Return whose curve it is, its events and its median, for a notebook's line."""
        median = f"median {self.median:.4g}" if np.isfinite(self.median) else "median not reached"
        of = f"{count(self.n, 'patient')}, {count(int(self.n_events.sum()), 'event')}"
        return f"KaplanMeier({self.arm}: {of}, {median})"

    @property
    def confidence_level(self) -> float:
        """`confidence`, under SciPy's name."""
        return self.confidence

    @property
    def last_time(self) -> float:
        """The last time at which a patient was followed."""
        return float(self.time[-1])

    @property
    def censor_times(self) -> FloatArray:
        """Distinct times of censorings, shape (m,)."""
        return self.time[self.n_censored > 0]

    @overload
    def survival_at(self, time: float) -> float: ...
    @overload
    def survival_at(self, time: npt.NDArray[np.float64]) -> FloatArray: ...
    def survival_at(self, time: float | FloatArray) -> float | FloatArray:
        """Return the fraction surviving beyond `time`.

        After the last time it is the last value, as of R's summary with ``extend = TRUE``.

        Parameters
        ----------
        time : float or ndarray of float, shape (k,)
            In the time unit, at least 0.

        Returns
        -------
        float or ndarray of float, shape (k,)
            Fractions, 0 to 1.

        Raises
        ------
        ValueError
            If a time is negative or NaN.
        """
        return _like(time, self.survival[self._row(time)])

    @strict
    def band_at(self, time: float) -> tuple[float, float]:
        """Return the interval of the survival at one time.

        Raises
        ------
        TypeError
            If `time` is not one number.
        ValueError
            If `time` is negative or NaN.
        """
        row = self._row(time)
        return float(self.lower[row]), float(self.upper[row])

    @overload
    def n_at_risk_at(self, time: float) -> int: ...
    @overload
    def n_at_risk_at(self, time: npt.NDArray[np.float64]) -> IntArray: ...
    def n_at_risk_at(self, time: float | FloatArray) -> int | IntArray:
        """Count the patients still followed just before `time`.

        Parameters
        ----------
        time : float or ndarray of float, shape (k,)
            In the time unit, at least 0.

        Returns
        -------
        int or ndarray of int, shape (k,)

        Raises
        ------
        ValueError
            If a time is negative or NaN.
        """
        times_of(time)
        after = np.append(self.n_at_risk, 0)
        found = after[np.searchsorted(self.time, time, side="left")]
        return int(found) if np.ndim(time) == 0 else np.asarray(found)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per time, from 0.

        The columns are survival, lower, upper, n_at_risk, n_events and n_censored.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "survival": self.survival,
                "lower": self.lower,
                "upper": self.upper,
                "n_at_risk": self.n_at_risk,
                "n_events": self.n_events,
                "n_censored": self.n_censored,
            },
            index=pd.Index(self.time, name="time"),
        )

    def _row(self, time: float | FloatArray) -> npt.NDArray[np.intp]:
        times_of(time)
        return np.asarray(np.searchsorted(self.time, time, side="right") - 1)


@strict
def kaplan_meier(
    ipd: PseudoIPD, *, arm: str, confidence_level: float = 0.95, confidence: float | None = None
) -> KaplanMeier:
    """Estimate the survival of one arm.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients.
    arm : str
        One of `ipd.arms`.
    confidence_level : float
        Coverage of the intervals, in (0, 1).
    confidence : float, optional
        Earlier name of `confidence_level`.

    Returns
    -------
    KaplanMeier
        As R's ``survfit(..., conf.type = "log-log")``, but for the median (see there).

    Raises
    ------
    KeyError
        If there is no such arm.
    ValueError
        If `confidence_level` is outside (0, 1).

    Notes
    -----
    With d events among n at risk, survival is the product of (n - d) / n over event times, and
    Greenwood's variance of its logarithm the sum of d / (n (n - d)) [1]_. The interval is
    symmetric on the scale of ln(-ln S) [2]_.

    References
    ----------
    .. [1] Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481.
    .. [2] Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data, 2nd ed.,
       section 1.4 (log-log interval).
    .. [3] Brookmeyer R, Crowley J. Biometrics 1982;38:29-41. doi:10.2307/2530286.

    Examples
    --------
    The maintained arm of the acute myelogenous leukaemia trial (Miller 1981).

    >>> from kmrepro.reconstruct import PseudoIPD
    >>> ipd = PseudoIPD(
    ...     time=[9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161],
    ...     event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0],
    ...     arm=["maintained"] * 11,
    ...     arms=("maintained",),
    ... )
    >>> curve = kaplan_meier(ipd, arm="maintained")
    >>> curve.median, curve.median_ci
    (31.0, (13.0, inf))
    >>> round(curve.survival_at(24), 4), curve.n_at_risk_at(23)
    (0.6136, 7)
    """
    refuse_no_patients("kaplan_meier", ipd)
    level = chosen_level(confidence_level, confidence)
    ipd.of(arm)  # a list of arms is none of them, and cannot be remembered
    return _estimated(ipd, arm=arm, confidence_level=level)


@remembered
def _estimated(ipd: PseudoIPD, *, arm: str, confidence_level: float) -> KaplanMeier:
    time, event = ipd.of(arm)
    times = np.concatenate([[0.0], np.unique(time)])
    n_at_risk, n_events = n_at_risk_before(time, times), _count(times, time[event])
    survival, lower, upper = _band(n_at_risk, n_events, z=quantile(confidence_level))
    return KaplanMeier(
        arm=arm,
        n=time.size,
        time=times,
        survival=survival,
        lower=lower,
        upper=upper,
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=_count(times, time[~event]),
        median=_first_below_half(times, survival),
        median_middle=_middle_at_half(times, survival),
        median_ci=(
            _crossing(times, survival, band=lower),
            _crossing(times, survival, band=upper),
        ),
        confidence=confidence_level,
    )


def _band(
    n_at_risk: IntArray, n_events: IntArray, *, z: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return survival and its lower and upper log-log bounds at each time, the first of them 0.

    The bounds are 1 at time 0, and NaN where survival is 0 or still 1 after time 0, as in R.
    """
    left = n_at_risk - n_events
    # Sums of logarithms, as lifelines and R have them: survival is exactly 0 where nobody is left,
    # and the interval is undefined there and where survival is 1.
    with np.errstate(divide="ignore", invalid="ignore"):
        log_survival = np.cumsum(np.log(left) - np.log(n_at_risk))
        jump = np.where(left > 0, n_events / (n_at_risk * np.maximum(left, 1)), 0.0)
        half = z * np.sqrt(np.cumsum(jump)) / log_survival
        lower, upper = (
            np.exp(-np.exp(np.log(-log_survival) + sign * half)) for sign in (-1.0, 1.0)
        )
    survival = np.exp(log_survival)
    undefined = (survival <= 0) | (survival >= 1)
    undefined[0] = False
    lower[0] = upper[0] = 1.0
    lower[undefined] = upper[undefined] = np.nan
    return survival, lower, upper


def _count(times: FloatArray, observed: FloatArray) -> IntArray:
    rows = np.searchsorted(times, observed)
    return np.bincount(rows, minlength=times.size).astype(np.int64)


def _first_below_half(times: FloatArray, values: FloatArray) -> float:
    below = values <= _HALF
    return float(times[below.argmax()]) if below.any() else float("inf")


def _middle_at_half(times: FloatArray, survival: FloatArray) -> float:
    """Return the median as R prints it: the middle of the time in which survival is one half.

    The first time at or below one half where survival is not exactly that, or never falls on.
    """
    first = _first_below_half(times, survival)
    if np.isinf(first):
        return first
    start = int(np.searchsorted(times, first))
    later = np.flatnonzero(survival < survival[start] - _TIES)
    if abs(survival[start] - 0.5) > _TIES or not later.size:
        return first
    return (first + float(times[later[0]])) / 2


def _crossing(times: FloatArray, survival: FloatArray, *, band: FloatArray) -> float:
    crossing = _first_below_half(times, band)
    undefined = bool(np.isnan(band[survival <= 0]).any())
    return float("nan") if undefined and crossing == float("inf") else crossing


def refuse_beyond(curve: KaplanMeier, time: float, *, name: str, time_unit: str) -> None:
    """Refuse a time after the last follow-up of an arm, unless its curve had reached 0 before.

    Times that differ in their last bits are the same.

    Raises
    ------
    NotEstimable
        With `name`, the parameter that holds the time.
    """
    if time > curve.last_time * (1 + _TIES) and curve.survival[-1] > 0:
        raise NotEstimable(
            f"`{name}` is {with_unit(time, time_unit)}, but arm {curve.arm} was followed for "
            f"{curve.last_time:.10g} only and its curve has not reached 0; choose at most that."
        )


def _like(time: float | FloatArray, values: FloatArray) -> float | FloatArray:
    return float(values) if np.ndim(time) == 0 else values
