"""Draws of the patients of an arm with a digitised curve, a row per draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..curves.points import WHOLE, WholeTimes, lumped, unit_of_drops
from ..expected_course import Calibration
from ..pseudo_ipd import FloatArray
from .arm_draws import Patients
from .curve_counts import CurvePaths
from .curve_paths import curve_paths

__all__ = ["CurveArm"]

# Runs: paths of one have common ancestors where heights are exact, those of several do not.
RUNS, PATHS = 3, 768
MOST_KNOTS_OF_PATHS = 200_000  # knots times paths of a run, which is what they cost
FEWEST_PATHS = 384
AS_GOOD = 6.0  # in log evidence; runs that fit worse by more went astray
FEW_MISSED = 0.05  # share of heights that paths may miss before more are tried
TILTED = 0.4  # spread of the log power by which the times in a gap lean to one side


@dataclass(frozen=True, kw_only=True, eq=False)
class CurveArm:
    """One arm with a curve, ready to be drawn.

    Attributes
    ----------
    constraints : ArmConstraints
    knots : CurveKnots
    paths : CurvePaths
        Those that draws are chosen from.
    whole : WholeTimes or None
        The whole units in which times were recorded, if a sampled curve shows these.
    """

    constraints: ArmConstraints
    knots: CurveKnots
    paths: CurvePaths
    whole: WholeTimes | None

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
        whole = None
        if arm.recorded_unit is not None and not arm.drops_only and not arm.all_marked:
            whole = WholeTimes.of(knots.time, knots.at_risk >= 0, arm.recorded_unit)
            knots = _at_whole_times(knots, whole)
        size = int(np.clip(MOST_KNOTS_OF_PATHS // knots.time.size, FEWEST_PATHS, PATHS))
        runs = [curve_paths(arm, knots, size, rng, whole=whole) for _ in range(RUNS)]
        if min(run.missed for run in runs) > FEW_MISSED:
            runs.append(curve_paths(arm, knots, 4 * size, rng, whole=whole))
        best = max(run.log_evidence for run in runs)
        paths = CurvePaths.joined([run for run in runs if run.log_evidence > best - AS_GOOD])
        return cls(constraints=arm, knots=knots, paths=paths, whole=whole)

    def draw(self, size: int, rng: np.random.Generator) -> Patients:
        """Draw the patients of so many draws."""
        available = self.paths.tail.size
        rows = np.concatenate([rng.permutation(available) for _ in range(-(-size // available))])[
            :size
        ]
        return _patients(self, self.paths.take(rows), rng)


def _at_whole_times(knots: CurveKnots, whole: WholeTimes) -> CurveKnots:
    """Allow events and censorings only in gaps that hold a whole unit."""
    holds = np.diff(whole.events) > 0
    return replace(
        knots,
        between=knots.between & holds,
        rate=np.maximum(lumped(knots.rate[None], holds)[0], 1e-9),
        most=np.where(np.diff(whole.censorings) > 0, knots.most, 0),
    )


def _patients(curve: CurveArm, paths: CurvePaths, rng: np.random.Generator) -> Patients:
    """Give everybody a time: events at drops, or in their gap between censorings."""
    arm, knots = curve.constraints, curve.knots
    size = paths.tail.size
    start = np.broadcast_to(np.concatenate([[0.0], knots.time[:-1]]), (size, knots.time.size))
    knot = np.broadcast_to(knots.time, start.shape)
    first, second = _windows(knots, paths, rng)
    end = np.full((size, 1), arm.last_time)
    last = np.full((size, 1), knots.time[-1])
    left = arm.n - paths.censored.sum(axis=1) - paths.events.sum(axis=1) - paths.tail
    leaving = np.column_stack([paths.early, paths.censored - paths.early, left])
    dying = np.column_stack([paths.events, paths.tail])
    event_time = _times(dying, (np.hstack([first, last]), np.hstack([second, end])), rng)
    early, late = np.where(knots.drop, knot, first), np.where(knots.drop, knot, second)
    gone = (start, start) if knots.at_mark else (early, knot)
    low = np.hstack([start, gone[0] if knots.at_mark else late, end])
    censored_time = _times(leaving, (low, np.hstack([*gone, end])), rng)
    if arm.drops_only and not knots.at_mark:
        unit = unit_of_drops(knots.time[knots.drop])
        censored_time = _at_whole(censored_time, unit, np.repeat(low.ravel(), leaving.ravel()))
    if curve.whole is not None:
        event_time, censored_time = _recorded(
            curve, curve.whole, (event_time, censored_time), counts=(dying, leaving), rng=rng
        )
    event = np.arange(arm.n) < (paths.events.sum(axis=1) + paths.tail)[:, None]
    time = np.empty(event.shape)
    time[event], time[~event] = event_time, censored_time
    order = np.argsort(time, axis=1, kind="stable")  # events stand before censorings
    return Patients(
        time=np.take_along_axis(time, order, axis=1),
        event=np.take_along_axis(event, order, axis=1),
    )


def _recorded(
    curve: CurveArm,
    whole: WholeTimes,
    times: tuple[FloatArray, FloatArray],
    *,
    counts: tuple[Counts, Counts],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Move events and censorings of each gap to a whole unit in it.

    Censorings of a gap without any, as the numbers at risk may leave there, are moved to the last
    before it, unless there is a number at risk in between.
    """
    knots, end = curve.knots, curve.constraints.last_time
    events, censorings = (
        np.append(own, int(np.floor(end / whole.unit * (1 + 1e-9))))
        for own in (whole.events, whole.censorings)
    )
    gap = _gaps(counts[0])
    chosen = _chosen_whole(events, gap, rng) * whole.unit
    event_time = np.where(events[gap + 1] > events[gap], chosen, times[0])
    gap = _gaps(counts[1])
    gap = np.where(gap < 2 * knots.time.size, gap % knots.time.size, knots.time.size)
    row = np.maximum.accumulate(np.where(knots.at_risk >= 0, knots.time, 0.0))
    row = np.concatenate([[0.0], row])[gap]
    last = censorings[gap + 1] > censorings[gap]
    chosen = np.where(last, _chosen_whole(censorings, gap, rng), censorings[gap]) * whole.unit
    return event_time, np.where((chosen > 0) & (last | (chosen >= row)), chosen, times[1])


def _gaps(counts: Counts) -> Counts:
    """Return the column of every patient, row after row."""
    columns = np.broadcast_to(np.arange(counts.shape[1]), counts.shape)
    return np.repeat(columns.ravel(), counts.ravel())


def _chosen_whole(whole: Counts, gap: Counts, rng: np.random.Generator) -> FloatArray:
    """Choose one of the whole units of each patient's gap."""
    several = whole[gap + 1] - whole[gap]
    return np.asarray(whole[gap] + 1 + np.floor(rng.random(gap.size) * several))


def _at_whole(time: FloatArray, unit: float | None, earliest: FloatArray) -> FloatArray:
    """Move censorings back to the last whole time, where the gap that they are in has one.

    Times that were recorded in whole units are so for censorings, too.
    """
    if unit is None:
        return time
    whole = np.floor(time / unit * (1 + 1e-9)) * unit
    nearest = np.where(np.abs(whole - earliest) < WHOLE * unit, earliest, whole)
    return np.where((nearest >= earliest) & (nearest > 0), nearest, time)


def _windows(
    knots: CurveKnots, paths: CurvePaths, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return when the events of every gap start and end: with its censorings about them."""
    start = np.concatenate([[0.0], knots.time[:-1]])
    width = np.where(knots.between, knots.time - start, 0.0)
    share = rng.random((2, *paths.events.shape)) / 2
    none = (paths.censored == 0) | (paths.early == 0)
    first = np.where(none, 0.0, share[0])
    none = (paths.censored == 0) | (paths.early == paths.censored)
    second = np.where(none, 1.0, 1.0 - share[1])
    begin = np.where(knots.between, start, knots.time)
    return begin + first * width, begin + second * width


def _times(
    counts: Counts, bounds: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Return times of everybody, row after row, within their bounds.

    Those in one gap lean to one side of it together, as nothing says how they lie in it.
    """
    low, high = (np.repeat(each.ravel(), counts.ravel()) for each in bounds)
    power = np.exp(TILTED * rng.standard_normal(counts.size))
    share = (1.0 - rng.random(low.size)) ** np.repeat(power, counts.ravel())
    return np.asarray(low + share * (high - low))
