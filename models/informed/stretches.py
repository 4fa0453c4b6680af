"""Patients stretched in time between reported times, which changes no reported number of their arm.

Whoever leaves between two moments that stay keeps the place in the order of the arm, so that
survival, numbers at risk and events are what they were. What changes is who of the other arm is
still at risk, and with that the comparison of the arms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...reconstruct.constraints import ArmConstraints
from ...reconstruct.ensemble import Patients
from ...reconstruct.ensemble.check import HALF, survival_after_each
from ...reconstruct.ensemble.exits import Flags, IntArray
from ...reconstruct.pseudo_ipd import FloatArray

__all__ = ["Stretches"]

MOST = 2.5  # log of the power of time; no stretch is stronger
STRAIGHT = 1e-6  # part of a stretch that stays straight, so that no two exits meet


@dataclass(frozen=True, kw_only=True, eq=False)
class _ArmStretches:
    """One arm: where its exits lie between the moments that stay."""

    patients: Patients
    start: FloatArray
    width: FloatArray
    log_share: FloatArray
    span: IntArray
    held: Flags
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

    event: Flags
    treated: Flags
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
        """Prepare patients; arms without constraints stay as they are."""
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
        """Return the patients of some rows by arm."""
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
