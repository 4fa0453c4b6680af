"""What the reported interval of a landmark says of the standard error of survival there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ...studies.arm import Landmark
from ..pseudo_ipd import FloatArray

__all__ = ["width_likelihood"]

Z_95 = 1.959963984540054
CHANCE = 0.04  # relative; of Greenwood's formula in whole patients beside its expectation


def width_likelihood(landmark: Landmark, se: FloatArray, n: int) -> FloatArray:
    """Return the log likelihood of an interval's width, by whichever usual formula fits best.

    Parameters
    ----------
    landmark : Landmark
        With its interval.
    se : ndarray of float, shape (scenarios,)
        Expected standard error of log survival, positive.
    n : int
        Patients.
    """
    fits = [
        -0.5 * (np.log(se / implied) / math.hypot(CHANCE + 0.5 / math.sqrt(n), rounding)) ** 2
        for implied, rounding in _implied(landmark)
    ]
    if not fits:
        return np.zeros(se.size)
    return np.asarray(np.logaddexp.reduce(fits) - math.log(len(fits)))


def _implied(landmark: Landmark) -> Iterator[tuple[float, float]]:
    """Yield, formula by formula, a standard error of log survival, and its rounding on its log."""
    if landmark.ci is None:
        return
    survival = landmark.survival.value
    low, high = (number.value for number in landmark.ci)
    if not 0 < low < survival < high < 1:
        if 0 < low < survival < 1:  # cut at 1: the lower half says it all
            half = sum(abs(n.upper - n.lower) / 2 for n in (landmark.ci[0], landmark.survival)) / 2
            yield from (
                (value, half / max(survival - low, half))
                for value in (math.log(survival / low) / Z_95, (survival - low) / survival / Z_95)
            )
        return
    half = sum(abs(number.upper - number.lower) / 2 for number in landmark.ci) / 2
    rounding = half / (high - low)
    log = math.log(survival)
    yield math.log(high / low) / 2 / Z_95, rounding
    yield (high - low) / survival / 2 / Z_95, rounding
    yield math.log(math.log(low) / math.log(high)) * -log / 2 / Z_95, rounding
