"""Kaplan-Meier curves of simulated data, and how people read them off figures.

A reading has the quality of its way: every step as a vector figure has it, heights at even times,
the rows and columns of a picture, or clicks that are off in both directions, with an axis that was
set a little wrong for all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kmrepro.studies import CurveFault, DigitisedCurve, digitised_curve

__all__ = ["READINGS", "Reading", "StepCurve", "limits", "reading_of"]

FloatArray = npt.NDArray[np.float64]
Z_95 = 1.959963984540054
AGAIN = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class StepCurve:
    """The Kaplan-Meier estimate of one arm; arrays have one entry a time of an event."""

    n: int
    time: FloatArray
    survival: FloatArray
    greenwood: FloatArray  # variance of log survival
    followed: FloatArray  # every patient's time
    drawn_to: float = math.inf  # where the axis of its figure ends

    @classmethod
    def of(
        cls, time: FloatArray, event: npt.NDArray[np.bool_], drawn_to: float = math.inf
    ) -> StepCurve:
        """Estimate the curve of one arm."""
        when, deaths = np.unique(time[event], return_counts=True)
        left = np.array([np.sum(time >= t) for t in when])
        with np.errstate(divide="ignore"):
            variance = np.cumsum(deaths / (left * (left - deaths)))
        return cls(
            n=time.size,
            time=when,
            survival=np.cumprod(1 - deaths / left),
            greenwood=variance,
            followed=time,
            drawn_to=drawn_to,
        )

    def at(self, time: float) -> tuple[float, float]:
        """Return survival and the variance of its logarithm at a time."""
        place = int(np.searchsorted(self.time, time, side="right"))
        if not place:
            return 1.0, 0.0
        return float(self.survival[place - 1]), float(self.greenwood[place - 1])

    def band(self, form: str) -> tuple[FloatArray, FloatArray]:
        """Return the pointwise 95% limits at the times of events."""
        return limits(self.survival, self.greenwood, form)

    def first_at_half(self, survival: FloatArray) -> float | None:
        """Return the first time at which a curve, or a limit of it, is at most one half."""
        reached = np.flatnonzero(survival <= 0.5 + 1e-9)
        return float(self.time[reached[0]]) if reached.size else None


def limits(survival: FloatArray, greenwood: FloatArray, form: str) -> tuple[FloatArray, FloatArray]:
    """Return 95% limits of survival: "log", "log-log" or "plain", as software offers them."""
    se = np.sqrt(greenwood)
    with np.errstate(all="ignore"):
        log = np.log(survival)
        if form == "log":
            low, high = survival * np.exp(-Z_95 * se), survival * np.exp(Z_95 * se)
        elif form == "plain":
            low, high = survival * (1 - Z_95 * se), survival * (1 + Z_95 * se)
        else:
            low, high = (np.exp(log * np.exp(-side * Z_95 * se / log)) for side in (1, -1))
    low = np.where(np.isfinite(low), low, survival)
    high = np.where(np.isfinite(high), high, survival)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


@dataclass(frozen=True)
class Reading:
    """How a curve is read.

    Attributes
    ----------
    points : int
        Heights that are read; 0 for every step.
    decimals : int
        Of the heights.
    rows : int
        Of pixels from 0 to 1; 0 where heights are not read off pixels.
    noise : float
        Standard error of a click, as a share of either axis. The axis of all is off by half of it.
    """

    points: int = 0
    decimals: int = 3
    rows: int = 0
    noise: float = 0.0


READINGS = {
    "every step, four decimals": Reading(decimals=4),
    "every step": Reading(),
    "100 heights": Reading(points=100),
    "pixels": Reading(points=150, rows=250),
    "60 clicks": Reading(points=60, decimals=4, noise=0.003),
    "20 noisy clicks": Reading(points=20, decimals=4, noise=0.01),
}


def reading_of(curve: StepCurve, how: str, rng: np.random.Generator) -> DigitisedCurve:
    """Read a curve in one of the ways of `READINGS`.

    Parameters
    ----------
    curve : StepCurve
    how : str
    rng : numpy.random.Generator
    """
    for _ in range(AGAIN):  # clicks that make no curve are made again, as a person would
        try:
            return _read(curve, READINGS[how], rng)
        except CurveFault:
            continue
    return _read(curve, READINGS[how], rng)


def _read(curve: StepCurve, reading: Reading, rng: np.random.Generator) -> DigitisedCurve:
    end = min(float(curve.followed[-1]), curve.drawn_to)
    if not reading.points:
        inside = curve.time <= end
        time, height = curve.time[inside], np.round(curve.survival[inside], reading.decimals)
        if not time.size or time[-1] < end:
            time, height = np.append(time, end), np.append(height, height[-1])
        points = [0.0, *time.tolist()], [1.0, *height.tolist()]
        return digitised_curve(*points, kind="steps")
    time = np.linspace(0.0, end, reading.points + 1)
    tolerance = None
    if reading.noise:
        time = np.sort(np.append(rng.uniform(0.0, end, reading.points - 1), [0.0, end]))
        tolerance = min(3 * reading.noise, 0.1)
    true = np.clip(time + reading.noise / 2 * end * rng.standard_normal(time.size), 0.0, end)
    height = np.array([curve.at(t)[0] for t in true])
    off = reading.noise * (rng.standard_normal(time.size) + rng.normal(0.0, 0.5))
    if reading.rows:
        off = np.full(time.size, rng.uniform(-0.5, 0.5) / reading.rows)
        tolerance = 1.0 / reading.rows
    height = np.clip(height + off, 0.0, 1.0)
    if reading.rows:
        height = np.round(height * reading.rows) / reading.rows
    height[0] = 1.0
    heights = np.round(height, 5 if reading.rows else reading.decimals)
    return digitised_curve(time.tolist(), heights.tolist(), kind="samples", tolerance=tolerance)
