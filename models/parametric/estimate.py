"""A positive quantity of a fitted distribution, with an interval that it can be in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._inference import Combined, quantile

__all__ = ["INFINITE", "Estimate", "estimate_of"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A positive quantity with its interval, both from the logarithm.

    Attributes
    ----------
    value : float
        Infinite if it does not exist.
    ci : tuple of float
        NaN where the value is infinite; of a mean restricted to some time, on the scale of the log
        odds of its share of that time, so that both limits are below it.
    se : float
        Standard error of the logarithm.
    reconstruction_share : float
        Share of the variance that the reconstruction adds, 0 to 1; 0 for a single data set.
    """

    value: float
    ci: tuple[float, float]
    se: float
    reconstruction_share: float

    def columns(self, name: str) -> dict[str, float]:
        """Return the value, its interval and the reconstruction's share as columns of a table."""
        return {
            name: self.value,
            f"{name}_lower": self.ci[0],
            f"{name}_upper": self.ci[1],
            f"{name}_reconstruction_share": self.reconstruction_share,
        }


INFINITE = Estimate(
    value=math.inf, ci=(math.nan, math.nan), se=math.nan, reconstruction_share=math.nan
)


def estimate_of(
    found: Combined, *, confidence_level: float, below: float | None = None
) -> Estimate:
    """Return the exponential of a combined logarithm, with its interval.

    Parameters
    ----------
    found : Combined
        The logarithm and its variance, each one number.
    confidence_level : float
        Coverage of the interval, in (0, 1).
    below : float, optional
        What the quantity cannot exceed, such as the time that a mean is restricted to.
    """
    value, se = math.exp(float(found.value)), math.sqrt(float(found.variance))
    half = quantile(confidence_level) * se
    return Estimate(
        value=value,
        ci=_unlimited(value, half) if below is None else _below(below, value, half),
        se=se,
        reconstruction_share=float(found.reconstruction_share),
    )


def _unlimited(value: float, half: float) -> tuple[float, float]:
    with np.errstate(over="ignore"):
        return value * math.exp(-half), float(value * np.exp(half))


def _below(most: float, value: float, half: float) -> tuple[float, float]:
    """Return an interval within (0, most), symmetric on the scale of ln(m / (most - m)).

    Where everybody lives to the end, up to rounding, there is no such scale, and the lower limit
    is that of the logarithm.
    """
    rest = most - value
    if rest <= 0:
        return value * math.exp(-half), most
    # d ln(m / (most - m)) = d ln m / (1 - m / most)
    moved = math.exp(-half * most / rest)
    return most * moved / (moved + rest / value), most / (1 + moved * rest / value)
