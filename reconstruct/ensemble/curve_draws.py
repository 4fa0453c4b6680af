"""Draws of the patients of an arm with a digitised curve, a row per draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from ..censoring import Calibration
from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..pseudo_ipd import FloatArray
from .arm_draws import Patients
from .curve_paths import CurvePaths, curve_paths

__all__ = ["CurveArm"]

PATHS = 1024
MOST_KNOTS_OF_PATHS = 600_000  # knots times paths, which is what they cost
FEWEST_PATHS = 512


@dataclass(frozen=True, kw_only=True, eq=False)
class CurveArm:
    """One arm with a curve, ready to be drawn.

    Attributes
    ----------
    constraints : ArmConstraints
    knots : CurveKnots
    paths : CurvePaths
        Those that draws are chosen from.
    """

    constraints: ArmConstraints
    knots: CurveKnots
    paths: CurvePaths

    @classmethod
    def of(cls, calibration: Calibration, rng: np.random.Generator) -> Self:
        """Prepare the draws of an arm.

        Parameters
        ----------
        calibration : Calibration
            Of the arm; its course is what the knots expect.
        rng : numpy.random.Generator
        """
        arm = calibration.arm
        knots = CurveKnots.of(arm, calibration.course)
        size = int(np.clip(MOST_KNOTS_OF_PATHS // knots.time.size, FEWEST_PATHS, PATHS))
        return cls(constraints=arm, knots=knots, paths=curve_paths(arm, knots, size, rng))

    def draw(self, size: int, rng: np.random.Generator) -> Patients:
        """Draw the patients of so many draws."""
        available = self.paths.tail.size
        rows = np.concatenate(
            [rng.permutation(available) for _ in range(-(-size // available))]
        )[:size]
        return _patients(self.constraints, self.knots, self.paths.take(rows), rng)


def _patients(
    arm: ArmConstraints, knots: CurveKnots, paths: CurvePaths, rng: np.random.Generator
) -> Patients:
    """Give everybody a time: events at drops, or in their gap like censorings."""
    start = np.concatenate([[0.0], knots.time[:-1]])
    edge = np.where(knots.between, start, knots.time)
    last = knots.time[-1]
    events = np.column_stack([paths.events, paths.tail])
    left = arm.n - paths.censored.sum(axis=1) - events.sum(axis=1)
    censored = np.column_stack([paths.censored, left])
    gone = start if knots.at_mark else knots.time
    times = [
        _times(counts, np.append(low, first), np.append(high, arm.last_time), rng)
        for counts, low, high, first in (
            (events, edge, knots.time, last),
            (censored, start, gone, arm.last_time),
        )
    ]
    total = events.sum(axis=1)
    event = np.arange(arm.n) < total[:, None]
    time = np.empty(event.shape)
    time[event], time[~event] = times
    order = np.argsort(time, axis=1, kind="stable")  # events stand before censorings
    return Patients(
        time=np.take_along_axis(time, order, axis=1),
        event=np.take_along_axis(event, order, axis=1),
    )


def _times(
    counts: Counts, low: FloatArray, high: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return times of everybody, row after row, evenly within what each gap allows."""
    gaps = np.tile(np.arange(low.size), counts.shape[0])
    place = np.repeat(gaps, counts.ravel())
    return np.asarray(low[place] + (1.0 - rng.random(place.size)) * (high - low)[place])
