"""The Kaplan-Meier estimate of one arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD
from ._lifelines import kaplan_meier_band
from ._normal import quantile
from ._read_only import ReadOnlyArrays
from ._remembered import remembered
from ._risk_sets import n_at_risk_before

__all__ = ["KaplanMeier", "kaplan_meier"]

CountArray = npt.NDArray[np.int64]

# A product of (1 - d/n) that should be exactly 0.5 may miss it by a rounding error.
_HALF = 0.5 + 1e-9


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
    n_at_risk: CountArray
    n_events: CountArray
    n_censored: CountArray
    median: float
    median_ci: tuple[float, float]
    confidence: float

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
        """Return the fraction surviving beyond `time`; after the last time, its last value.

        Raises
        ------
        ValueError
            If a time is negative or NaN.
        """
        return _like(time, self.survival[self._row(time)])

    def band_at(self, time: float) -> tuple[float, float]:
        """Return the interval of the survival at one time.

        Raises
        ------
        ValueError
            If `time` is negative or NaN.
        """
        row = self._row(time)
        return float(self.lower[row]), float(self.upper[row])

    @overload
    def n_at_risk_at(self, time: float) -> int: ...
    @overload
    def n_at_risk_at(self, time: npt.NDArray[np.float64]) -> CountArray: ...
    def n_at_risk_at(self, time: float | FloatArray) -> int | CountArray:
        """Count the patients still followed just before `time`.

        Raises
        ------
        ValueError
            If a time is negative or NaN.
        """
        _refuse_negative(time)
        after = np.append(self.n_at_risk, 0)
        found = after[np.searchsorted(self.time, time, side="left")]
        return int(found) if np.ndim(time) == 0 else np.asarray(found)

    def _row(self, time: float | FloatArray) -> npt.NDArray[np.intp]:
        _refuse_negative(time)
        return np.asarray(np.searchsorted(self.time, time, side="right") - 1)


def kaplan_meier(ipd: PseudoIPD, *, arm: str, confidence: float = 0.95) -> KaplanMeier:
    """Estimate the survival of one arm.

    Parameters
    ----------
    ipd : PseudoIPD
        Patients.
    arm : str
        One of `ipd.arms`.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    KaplanMeier
        As R's ``survfit(..., conf.type = "log-log")``, but for the median (see there).

    Raises
    ------
    KeyError
        If there is no such arm.
    ValueError
        If `confidence` is outside (0, 1).

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
    quantile(confidence)
    return _estimated(ipd, arm=arm, confidence=confidence)


@remembered
def _estimated(ipd: PseudoIPD, *, arm: str, confidence: float) -> KaplanMeier:
    time, event = ipd.of(arm)
    times, survival, lower, upper = kaplan_meier_band(time, event, confidence=confidence)
    n_events = _count(times, time[event])
    return KaplanMeier(
        arm=arm,
        n=time.size,
        time=times,
        survival=survival,
        lower=lower,
        upper=upper,
        n_at_risk=n_at_risk_before(time, times),
        n_events=n_events,
        n_censored=_count(times, time[~event]),
        median=_first_below_half(times, survival),
        median_ci=(
            _crossing(times, survival, band=lower),
            _crossing(times, survival, band=upper),
        ),
        confidence=confidence,
    )


def _count(times: FloatArray, observed: FloatArray) -> CountArray:
    rows = np.searchsorted(times, observed)
    return np.bincount(rows, minlength=times.size).astype(np.int64)


def _first_below_half(times: FloatArray, values: FloatArray) -> float:
    below = values <= _HALF
    return float(times[below.argmax()]) if below.any() else float("inf")


def _crossing(times: FloatArray, survival: FloatArray, *, band: FloatArray) -> float:
    crossing = _first_below_half(times, band)
    undefined = bool(np.isnan(band[survival <= 0]).any())
    return float("nan") if undefined and crossing == float("inf") else crossing


def _refuse_negative(time: float | FloatArray) -> None:
    if not np.all(np.asarray(time) >= 0):
        raise ValueError(f"`time` must be at least 0, but is {time}.")


def _like(time: float | FloatArray, values: FloatArray) -> float | FloatArray:
    return float(values) if np.ndim(time) == 0 else values
