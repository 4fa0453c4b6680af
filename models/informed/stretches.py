"""Patients stretched in time between reported times, which changes no reported number of their arm.

Whoever leaves between two moments that stay keeps the place in the order of the arm, so that
survival, numbers at risk and events are what they were. What changes is who of the other arm is
still at risk, and with that the comparison of the arms: the search looks for the smallest stretch
that brings it to the reported one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...reconstruct.checks import HALF, survival_after_each
from ...reconstruct.constraints import ArmConstraints
from ...reconstruct.ensemble import Patients
from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray
from .targets import Targets, estimates_of

__all__ = ["Found", "Stretches", "stretched_to"]

MOST = 2.5  # log of the power of time; no stretch is stronger
STRAIGHT = 1e-6  # part of a stretch that stays straight, so that no two exits coincide


@dataclass(frozen=True, kw_only=True, eq=False)
class _ArmStretches:
    """One arm: where its exits lie between the moments that stay."""

    patients: Patients
    start: FloatArray
    width: FloatArray
    log_share: FloatArray
    span: IntArray
    held: BoolArray
    spans: int

    @classmethod
    def of(cls, patients: Patients, arm: ArmConstraints | None) -> Self:
        """Look up the exits of an arm; without constraints all of them stay."""
        time = patients.time
        stays = _moments(patients, arm)
        span = np.zeros(time.shape, dtype=np.int64)
        for moment in stays.T[1:-1]:
            span += time > moment[:, None]
        start = np.take_along_axis(stays, span, axis=1)
        width = np.take_along_axis(stays, span + 1, axis=1) - start
        held = (time >= start + width) | (width <= 0)
        if arm is None:
            held = np.ones_like(held)
        share = np.divide(time - start, width, out=np.ones_like(time), where=~held)
        return cls(
            patients=patients,
            start=start,
            width=width,
            log_share=np.log(share),
            span=span,
            held=held,
            spans=stays.shape[1] - 1,
        )

    def stretched(self, powers: FloatArray, grid: FloatArray, rows: IntArray) -> FloatArray:
        """Return the times of some rows after a stretch of each span, shape (rows, n)."""
        share = np.exp(self.log_share[rows])
        power = np.exp(np.take_along_axis(powers, self.span[rows], axis=1))
        bent = (1 - STRAIGHT) * np.exp(self.log_share[rows] * power) + STRAIGHT * share
        time = np.where(
            self.held[rows], self.patients.time[rows], self.start[rows] + self.width[rows] * bent
        )
        return self._recorded(time, grid, rows) if grid.any() else time

    def _recorded(self, time: FloatArray, grid: FloatArray, rows: IntArray) -> FloatArray:
        """Write events down in whole units of a grid, as papers' data are, where that may be.

        It may where no censoring of the arm and no moment that stays is passed: tied events give
        the same survival as events one by one.
        """
        event = self.patients.event[rows]
        whole = np.rint(time / np.where(grid > 0, grid, 1.0)[:, None])
        rounded = whole * grid[:, None]
        censored = np.where(event, -np.inf, time)
        before = np.maximum.accumulate(censored, axis=1)
        after = np.minimum.accumulate(np.where(event, np.inf, time)[:, ::-1], axis=1)[:, ::-1]
        start = self.start[rows]
        good = event & ~self.held[rows] & (grid > 0)[:, None]
        good &= (rounded > np.maximum(before, start)) & (rounded <= after)
        good &= rounded < start + self.width[rows]
        return np.where(good, rounded, time)


def _moments(patients: Patients, arm: ArmConstraints | None) -> FloatArray:
    """Return the moments of every row that stay, in order, the first 0, shape (rows, moments)."""
    rows = patients.time.shape[0]
    printed = [] if arm is None else [knot.time for knot in arm.knots_to_end]
    if arm is not None and arm.first_time is not None:
        printed.append(arm.first_time)
    last = patients.time[:, -1]
    stays = [np.zeros(rows), *(np.minimum(when, last) for when in printed), last]
    if arm is not None and arm.median is not None:
        crossed = survival_after_each(patients.event) <= HALF
        first = patients.time[np.arange(rows), np.argmax(crossed, axis=1)]
        stays.append(np.where(crossed[:, -1], first, last))
    return np.sort(np.stack(stays, axis=1), axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """Both arms of many draws, the reference first.

    Attributes
    ----------
    event : ndarray of bool, shape (draws, n)
        Of both arms side by side.
    treated : ndarray of bool, shape (n,)
    grid : ndarray of float, shape (draws,)
        The unit in which events are written down; 0 for none.
    """

    event: BoolArray
    treated: BoolArray
    grid: FloatArray
    arms: Mapping[str, _ArmStretches]

    @classmethod
    def of(
        cls,
        patients: Mapping[str, Patients],
        constraints: Mapping[str, ArmConstraints],
        *,
        grid: FloatArray,
    ) -> Self:
        """Prepare patients; arms without constraints stay as they are.

        Parameters
        ----------
        patients : mapping of str to Patients
            By arm, a row for each draw.
        constraints : mapping of str to ArmConstraints
        grid : ndarray of float, shape (draws,)
            Unit in which each draw's times may have been written down; 0 for none.
        """
        arms = {
            name: _ArmStretches.of(own, constraints.get(name)) for name, own in patients.items()
        }
        sizes = [own.time.shape[1] for own in patients.values()]
        return cls(
            event=np.concatenate([own.event for own in patients.values()], axis=1),
            treated=np.repeat([False, True], sizes),
            grid=grid,
            arms=arms,
        )

    @property
    def size(self) -> int:
        """Stretches that a draw can have: the spans of both arms."""
        return sum(arm.spans for arm in self.arms.values())

    def times(self, powers: FloatArray, rows: IntArray) -> FloatArray:
        """Return the times of some rows, both arms side by side, shape (rows, n).

        Parameters
        ----------
        powers : ndarray of float, shape (rows, size)
            Logs of the powers of time: below 0 exits of a span come later, above 0 earlier.
        rows : ndarray of int
        """
        return np.concatenate(list(self._arms(powers, rows).values()), axis=1)

    def patients(self, powers: FloatArray, rows: IntArray) -> dict[str, Patients]:
        """Return the patients of some rows by arm.

        Parameters
        ----------
        powers : ndarray of float, shape (rows, size)
            Logs of the powers of time, as for `times`.
        rows : ndarray of int, shape (rows,)
            Which draws.
        """
        return {
            name: Patients(time=time, event=self.arms[name].patients.event[rows])
            for name, time in self._arms(powers, rows).items()
        }

    def _arms(self, powers: FloatArray, rows: IntArray) -> dict[str, FloatArray]:
        first = np.cumsum([0, *(arm.spans for arm in self.arms.values())])
        return {
            name: arm.stretched(powers[:, start : start + arm.spans], self.grid[rows], rows)
            for (name, arm), start in zip(self.arms.items(), first, strict=False)
        }


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
    """Where a search is.

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
        """The draws consistent with all that is reported.

        Their numbers, shape (k,).
        """
        return np.flatnonzero(self.gap <= MET)

    @property
    def missing(self) -> IntArray:
        """The draws that do not, but have a hazard ratio.

        Their numbers, shape (k,).
        """
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
