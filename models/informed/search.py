"""The smallest stretch of patients that brings their comparison to the reported one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...reconstruct.ensemble.exits import IntArray
from ...reconstruct.pseudo_ipd import FloatArray
from .stretches import MOST, Stretches
from .targets import Targets, estimates_of

__all__ = ["Found", "stretched_to"]

ROUNDS = 8
DIRECTIONS = 5  # in which stretches are tried at a time; four numbers have to change
TRIED = 0.15  # how far; less than a few exits changing places shows nothing
DAMPINGS = (1.0, 0.5, 1.4)
STEP = 1.0  # the largest step of a log power
INSIDE = (0.1, 0.6)  # how far into an interval to aim, in parts of its width
KEEP = 0.3  # weight of numbers that are inside already
RIDGE = 1e-4  # relative; numbers that can only change together are not forced apart
MET = 1e-12  # log hazard ratio; float arithmetic is forgiven


@dataclass(kw_only=True, eq=False)
class Found:
    """Where a search stands.

    Attributes
    ----------
    powers : ndarray of float, shape (draws, spans)
        Logs of the powers of time.
    needed : ndarray of float, shape (draws, 4)
        What is still missing, see `Targets.needed`.
    values : ndarray of float, shape (draws, 4)
        See `Estimates`.
    se : ndarray of float, shape (draws,)
        Standard errors of the log hazard ratios.
    """

    powers: FloatArray
    needed: FloatArray
    values: FloatArray
    se: FloatArray

    @property
    def gap(self) -> FloatArray:
        """How far each draw is from all that is reported, in log hazard ratios, shape (draws,)."""
        return np.asarray(np.abs(self.needed).sum(axis=1))

    @property
    def reached(self) -> IntArray:
        """The draws consistent with all that is reported."""
        return np.flatnonzero(self.gap <= MET)

    @property
    def missing(self) -> IntArray:
        """The draws that do not, but have a hazard ratio."""
        gap = self.gap
        return np.flatnonzero((gap > MET) & np.isfinite(gap))


def stretched_to(
    start: Stretches, targets: Targets, rng: np.random.Generator, *, shaken: float = 0.0
) -> Found:
    """Stretch draws until they reach the targets, or as near as that comes.

    Parameters
    ----------
    start : Stretches
    targets : Targets
    rng : numpy.random.Generator
    shaken : float
        Standard deviation of random log powers to set out from, so that copies differ.

    Notes
    -----
    Estimates jump where an exit of one arm passes one of the other, so slopes are measured over
    steps that many exits pass: along a few random directions, from which the smallest step is
    taken that changes the four numbers as needed (Gauss and Newton's method with least norm). A
    draw moves only where that brings it nearer.
    """
    rows = np.arange(start.event.shape[0])
    powers = shaken * rng.standard_normal((rows.size, start.size))
    values, se, needed = _measured(start, targets, powers, rows)
    found = Found(powers=powers, needed=needed, values=values.copy(), se=se.copy())
    for _ in range(ROUNDS):
        rows = found.missing
        if not rows.size:
            break
        step = _step(start, targets, found, rows, rng)
        for damping in DAMPINGS:
            _advance(start, targets, found, rows, damping * step)
            still = np.isin(rows, found.missing)
            rows, step = rows[still], step[still]
            if not rows.size:
                break
    return found


def _measured(
    start: Stretches, targets: Targets, powers: FloatArray, rows: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return estimates, standard errors and what is missing of some rows."""
    time = start.times(powers, rows)
    made = estimates_of(time, start.event[rows], start.treated, targets.test)
    return made.values, made.se, targets.needed(made)


def _step(
    start: Stretches, targets: Targets, found: Found, rows: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Return the smallest change of powers that should bring some rows inside."""
    directions = rng.standard_normal((rows.size, DIRECTIONS, start.size))
    slopes = np.zeros((rows.size, 4, DIRECTIONS))
    in_ratios = np.ones((rows.size, 4))
    in_ratios[:, 3] = found.se[rows]
    for each in range(DIRECTIONS):
        powers = found.powers[rows] + TRIED * directions[:, each]
        values, _, _ = _measured(start, targets, powers, rows)
        with np.errstate(invalid="ignore"):
            change = (values - found.values[rows]) * in_ratios / TRIED
        slopes[:, :, each] = np.where(np.isfinite(change), change, 0.0)
    needed = found.needed[rows]
    depth = rng.uniform(*INSIDE, (rows.size, 1)) * targets.width * in_ratios
    aim = needed + np.sign(needed) * depth
    weight = np.where(needed != 0, 1.0, KEEP)
    change = _least(slopes * weight[:, :, None], aim * (needed != 0))
    step = np.einsum("rj,rjk->rk", change, directions)
    largest = np.abs(step).max(axis=1, keepdims=True, initial=1e-12)
    return np.asarray(step * np.minimum(1.0, STEP / largest))


def _least(slopes: FloatArray, aim: FloatArray) -> FloatArray:
    """Return the smallest steps with which slopes reach an aim, shape (rows, directions)."""
    square = np.einsum("rij,rkj->rik", slopes, slopes)
    ridge = RIDGE * np.trace(square, axis1=1, axis2=2) + 1e-14
    square += ridge[:, None, None] * np.eye(4)
    return np.asarray(
        np.einsum("rij,ri->rj", slopes, np.linalg.solve(square, aim[:, :, None])[:, :, 0])
    )


def _advance(
    start: Stretches, targets: Targets, found: Found, rows: IntArray, step: FloatArray
) -> None:
    """Take steps where they bring a draw nearer."""
    powers = np.clip(found.powers[rows] + step, -MOST, MOST)
    values, se, needed = _measured(start, targets, powers, rows)
    nearer = np.abs(needed).sum(axis=1) < found.gap[rows]
    chosen = rows[nearer]
    found.powers[chosen] = powers[nearer]
    found.values[chosen], found.se[chosen] = values[nearer], se[nearer]
    found.needed[chosen] = needed[nearer]
