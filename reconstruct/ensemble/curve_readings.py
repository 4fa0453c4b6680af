"""What a digitised curve may have been, given how exactly it was read, for many draws at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ...studies.reading_error import decimals_of, pixel_rows
from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..curves.points import WholeTimes
from ..pseudo_ipd import BoolArray, FloatArray
from ..scenarios.censorings import CensoringLaws, random_strength

__all__ = ["Readings", "heights_at", "random_readings"]

# Chosen on simulated trials; benchmarks/calibration.py reports on others.
# At least and at most, of a reading error, that all points of an arm share: as an axis that was set
# wrong; and half a row of pixels or more, where heights are those of a line of some width.
TOGETHER, IN_ROWS = (0.0, 1.0), (0.5, 1.0)
ALONG = 6.0  # points over which the rest of it is alike
ACCRUAL, DROPOUTS = 0.45, (0.35, 0.15, 0.7)  # as those of `kmrepro.reconstruct.scenarios`
BENT, BENDS = 0.6, 8.0  # spread of the log rate of censoring, and how often it bends
MOST, LAST = 2.5, 8.0  # cumulative rate of censoring in one gap, and in the last
SIDED = 0.25  # of paths have all events between two heights before a row there, and as many after
LIKE = 0.03  # share of the draws, by which one is exchanged with another of nearly the same error
SMALLEST = 1e-9
CUT = 0.7, 0.2  # chance that follow-up goes on after a curve, one that ends with others or before
BEYOND = 0.25, 0.8  # median of for how long, in curves, and spread of its log


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """Random curves and random laws of censoring, a row each.

    Attributes
    ----------
    survival : ndarray of float, shape (rows, knots)
        What the curve is at every knot; it never rises.
    censoring : ndarray of float, shape (rows, knots)
        Cumulative rate of censoring in the gap before every knot.
    before : ndarray of float, shape (rows, knots)
        Censorings that are expected in each gap, in any unit, where a later row says how many
        there are in all.
    by_error : ndarray of int, shape (rows,)
        The rows in order of the reading error that their points share.
    """

    survival: FloatArray
    censoring: FloatArray
    before: FloatArray
    by_error: Counts

    def like(self, rows: Counts, rng: np.random.Generator) -> Counts:
        """Return, for each of some rows, another whose points share nearly the same error.

        Parameters
        ----------
        rows : ndarray of int, shape (k,)
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of int, shape (k,)
        """
        size = self.by_error.size
        rank = np.empty(size, dtype=np.int64)
        rank[self.by_error] = np.arange(size)
        away = max(int(LIKE * size), 1)
        near = rank[rows] + rng.integers(-away, away + 1, rows.size)
        return np.asarray(self.by_error[np.clip(near, 0, size - 1)])


def random_readings(
    arm: ArmConstraints,
    knots: CurveKnots,
    size: int,
    rng: np.random.Generator,
    *,
    whole: WholeTimes | None = None,
) -> Readings:
    """Draw what the curve of an arm may have been, and how censoring ran.

    Parameters
    ----------
    arm : ArmConstraints
        With a curve.
    knots : CurveKnots
        Its knots.
    size : int
        Rows.
    rng : numpy.random.Generator
    whole : WholeTimes, optional
        The whole units in which times were recorded, if they were.

    Notes
    -----
    A reading error has a part that all points of an arm share, as that of an axis or of a line's
    width, and a part that is alike in neighbouring points only. It is even within the width.
    """
    survival, shared = _heights(arm, knots, size, rng, whole)
    rate = _rates(arm, knots, size, rng)
    uncensored = np.exp(-np.cumsum(rate, axis=1))
    start = np.pad(uncensored, ((0, 0), (1, 0)), constant_values=1.0)[:, :-1]
    alive = np.pad(survival, ((0, 0), (1, 0)), constant_values=1.0)[:, :-1]
    width = np.diff(knots.time, prepend=0.0) / knots.time[-1]
    before = start * -np.expm1(-rate) * alive + 1e-6 * width
    if whole is not None:
        rate, before = whole.lumped(rate), whole.lumped(before)
    return Readings(
        survival=survival,
        censoring=rate,
        before=before,
        by_error=np.argsort(shared, kind="stable"),
    )


def _heights(
    arm: ArmConstraints,
    knots: CurveKnots,
    size: int,
    rng: np.random.Generator,
    whole: WholeTimes | None,
) -> tuple[FloatArray, FloatArray]:
    """Draw survival at the knots, and the mean error of each draw in shares of what may be."""
    time, height, width = _read_heights(arm)
    together = rng.uniform(*(IN_ROWS if _in_rows(height) else TOGETHER), (size, 1))
    error = _errors(together, time.size, rng)
    shared = error.mean(axis=1)
    made = np.clip(height + error * width, 0.0, 1.0)
    falling = np.minimum.accumulate(made, axis=1)
    rising = np.maximum.accumulate(made[:, ::-1], axis=1)[:, ::-1]
    log = np.log(np.maximum((falling + rising) / 2, 0.25 / arm.n))
    if arm.drops_only:  # level between drops
        place = np.searchsorted(time, knots.time * (1 + 1e-12), side="right") - 1
        return np.exp(log[:, place]), shared
    place = np.clip(np.searchsorted(time, knots.time) - 1, 0, time.size - 2)
    share = np.clip((knots.time - time[place]) / np.diff(time)[place], 0.0, 1.0)
    within = (share > 0) & (share < 1)  # a row between heights: events may all come on one side
    sided = rng.random((size, share.size))
    share = np.where(
        within & (sided < SIDED), 0.0, np.where(within & (sided > 1 - SIDED), 1, share)
    )
    if whole is not None:
        share = np.where(within, _of_whole(whole, knots, time), share)
    return np.exp(log[:, place] * (1 - share) + log[:, place + 1] * share), shared


def _of_whole(whole: WholeTimes, knots: CurveKnots, time: FloatArray) -> FloatArray:
    """Return which share of the whole units between two heights are before each knot in between."""
    up_to = WholeTimes.of(time, np.zeros(time.size, dtype=bool), whole.unit).events[1:]
    place = np.clip(np.searchsorted(time, knots.time) - 1, 0, time.size - 2)
    between = np.maximum(np.diff(up_to)[place], 1)
    return np.asarray((whole.events[1:] - up_to[place]) / between)


def _read_heights(arm: ArmConstraints) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times and heights that were read, from (0, 1), and how far off each may be.

    Returns
    -------
    time, height, width : ndarray of float, shape (1 + points,)
        In the time unit; fractions.

    Notes
    -----
    Heights between drops that were read within a share of their axis were read within as much of
    the axis of time, too: where the curve is steep, that moves the height. Where the tolerances of
    points differ, they say so themselves.
    """
    read = [(k.time, k.aim, k.lower, k.upper) for k in arm.knots if k.aim is not None]
    time, height, lower, upper = np.array([(0.0, 1.0, 1.0, 1.0), *read]).T
    width = np.maximum(height - lower, upper - height)  # cut at 0 and 1 on one side
    alike = np.ptp(width[1:]) < 1e-3 * width[1:].max() + 1e-12
    if not arm.drops_only and time.size > 2 and alike:
        steep = -np.gradient(height, time) * time[-1]
        width = width * np.hypot(1.0, np.maximum(steep, 0.0))
    return time, height, width


def heights_at(
    arm: ArmConstraints, knots: CurveKnots
) -> tuple[FloatArray, FloatArray, BoolArray, BoolArray]:
    """Return what was read at every knot.

    Returns
    -------
    middle, width : ndarray of float, shape (knots,)
        Of what survival may be, and how far off that it may be.
    aimed, falls : ndarray of bool, shape (knots,)
        Where a height was read, and where the curve falls there.
    """
    lower, upper = np.maximum(knots.lower, 0.0), np.minimum(knots.upper, 1.0)
    middle, width = (lower + upper) / 2, np.maximum((upper - lower) / 2, 1e-9)
    time, height, read = _read_heights(arm)
    rows = knots.at_risk >= 0  # a height at the time of a row has a knot of its own
    aimed = np.isin(knots.time, time) & (~rows | (arm.drops_only & rows))
    place = np.searchsorted(time, knots.time[aimed])
    width[aimed] = np.maximum(width[aimed], read[place])
    falls = knots.drop.copy()
    falls[aimed] |= np.diff(height, prepend=1.0)[place] < 0
    return middle, width, aimed, falls


def _in_rows(height: FloatArray) -> bool:
    """Say whether all heights are in rows of pixels, and not just in so many decimals."""
    rows, decimals = pixel_rows(height), decimals_of(height)
    return rows is not None and (decimals is None or rows < 0.9 * 10**decimals)


def _errors(together: FloatArray, points: int, rng: np.random.Generator) -> FloatArray:
    """Draw reading errors in [-1, 1], shape (rows, points), of which a share is common to all."""
    size = together.size
    common = rng.uniform(-1.0, 1.0, (size, 1))
    alike = np.exp(-1.0 / (ALONG * rng.random(size) + 1e-3))
    return together * common + (1 - together) * (2 * ndtr(_chain(alike, points, rng)) - 1)


def _chain(alike: FloatArray, points: int, rng: np.random.Generator) -> FloatArray:
    """Draw stationary chains of standard normal numbers with a given correlation of neighbours."""
    made = rng.standard_normal((alike.size, points))
    new = np.sqrt(1.0 - alike**2)
    for place in range(1, points):
        made[:, place] = alike * made[:, place - 1] + new * made[:, place]
    return made


def _rates(
    arm: ArmConstraints, knots: CurveKnots, size: int, rng: np.random.Generator
) -> FloatArray:
    """Draw cumulative rates of censoring in every gap."""
    kind = rng.random(size)
    few, many = (rng.exponential(DROPOUTS[k], size) for k in (1, 2))
    dropout = np.where(kind < (1 + DROPOUTS[0]) / 2, few, many)
    grid = np.concatenate([[0.0], knots.time])
    end = np.full(size, max(arm.last_time, float(grid[-1])) * (1 + 1e-6))
    if arm.may_go_on and arm.left_at_end is None:
        chance = CUT[0] if arm.ends_with_others else CUT[1]
        beyond = np.exp(np.log(BEYOND[0]) + BEYOND[1] * rng.standard_normal(size))
        end *= 1.0 + np.where(rng.random(size) < chance, beyond, 0.0)
    law = CensoringLaws(
        grid=grid,
        end=end,
        known_place=np.array([0]),
        known=np.ones((size, 1)),
        accrual=np.exp(ACCRUAL * rng.standard_normal(size)),
        dropout=np.where(kind < DROPOUTS[0], 0.0, dropout),
        window=None,
        early=np.ones((size, 1)),
    )
    followed = np.maximum(law.uncensored()(random_strength(size, rng)), SMALLEST)
    rate = np.maximum(-np.diff(np.log(followed), axis=1), 0.0)
    step = BENT / np.sqrt(BENDS)
    jumps = step * rng.standard_normal((size, knots.time.size))
    jumps *= rng.random(jumps.shape) < BENDS / knots.time.size
    bends = np.cumsum(jumps, axis=1) + 0.3 * BENT * rng.standard_normal((size, 1))
    most = np.full(knots.time.size, MOST)
    most[-1] = LAST
    return np.asarray(np.minimum(rate * np.exp(bends), most))
