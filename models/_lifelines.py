"""The only door to lifelines: every argument named, copies passed in, our own values out.

lifelines is imported inside the functions because that takes more than a second. It takes
patients that `PseudoIPD` has already validated, so that it never meets a missing event flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ..reconstruct.pseudo_ipd import FloatArray, PseudoIPD

__all__ = ["kaplan_meier_band", "logrank_statistic"]

BoolArray = npt.NDArray[np.bool_]


@contextmanager
def _own_numpy_errors() -> Iterator[None]:
    """Undo what lifelines does to numpy's error state for the whole process.

    Its Kaplan-Meier estimator calls `np.seterr`; what it silences there is the logarithm of a
    survival of 0, whose band we replace.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        yield


def kaplan_meier_band(
    time: FloatArray, event: BoolArray, *, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the times, starting with 0, and survival, lower and upper Greenwood log-log band.

    The band is 1 at time 0, and NaN where survival is 0 or still 1 after time 0, as in R;
    lifelines itself puts both bounds at 1 where survival is 0.
    """
    from lifelines import KaplanMeierFitter

    with _own_numpy_errors():
        fitter = KaplanMeierFitter(alpha=1 - confidence).fit(
            durations=time.copy(), event_observed=event.copy(), label="KM"
        )
    times = _floats(fitter.survival_function_.index)
    survival = _floats(fitter.survival_function_["KM"])
    lower, upper = _floats(fitter.confidence_interval_).T.copy()
    undefined = (times > 0) & ((survival <= 0) | (survival >= 1))
    lower[undefined] = upper[undefined] = np.nan
    return times, survival, lower, upper


def logrank_statistic(ipd: PseudoIPD) -> tuple[float, float]:
    """Return the log-rank chi-squared over all arms and its p."""
    from lifelines.statistics import multivariate_logrank_test

    with _own_numpy_errors():
        result = multivariate_logrank_test(
            event_durations=ipd.time.copy(),
            groups=sum(place * (ipd.arm == arm) for place, arm in enumerate(ipd.arms)),
            event_observed=ipd.event.copy(),
        )
    return float(result.test_statistic), float(result.p_value)


def _floats(values: Any) -> FloatArray:
    return np.array(values, dtype=np.float64)
