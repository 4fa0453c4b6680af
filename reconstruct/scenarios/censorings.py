"""Random laws of censoring, and arms of scenarios that they censor by any strength.

A law is of entry over time and of drop-out, with what numbers at risk say of both; in an arm of
every scenario hazards are drawn and the strength of censoring is still open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from ..constraints import ArmConstraints
from ..follow_up import EntryWindow
from ..pseudo_ipd import BoolArray, FloatArray, IntArray

__all__ = [
    "ALL",
    "CensoredArm",
    "CensoringLaws",
    "DrawnArm",
    "Response",
    "Uncensored",
    "log_prior",
    "log_prior_apart",
    "random_apart",
    "random_strength",
]


# Chosen on simulated trials; benchmarks/calibration.py reports on others.
ACCRUAL = 0.35  # spread of the log power of the share of the follow-up
ALIKE, APART, OFTEN_ALIKE = 0.12, 0.7, 0.65  # spreads of arms' log strengths, and how often alike
LIGHT, HEAVY = 1.0, -3.0  # slopes of the log density of the log strength below and above 0
NODES = np.array([-5.0, -2.5, -1.3, -0.6, -0.1, 0.4, 1.0, 1.8, 3.0, 5.0])


ALL = slice(None)


class Uncensored(Protocol):
    """Gives the probability of being uncensored, in all scenarios or in some."""

    def __call__(self, log_strength: FloatArray, rows: slice = ALL) -> FloatArray:
        """Return it at each time of a grid, shape (rows, k), at log strengths of shape (rows,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoringLaws:
    """The laws of one arm, a row per scenario; the strength is still open.

    Attributes
    ----------
    grid : ndarray of float, shape (k,)
        Times.
    end : ndarray of float, shape (scenarios,)
        Last follow-up, where the probability of being uncensored falls to 0.
    known_place : ndarray of int, shape (m,)
        Columns of the grid at which the probability is known, the first of them 0.
    known : ndarray of float, shape (scenarios, m)
        It, from 1.
    accrual, dropout : ndarray of float, shape (scenarios,)
        Power of the share of the follow-up, and expected drop-outs of a patient over it.
    window : tuple of float, or None
        Shortest and longest follow-up that dates allow.
    early : ndarray of float, shape (scenarios, m - 1)
        Powers that bend the law between the times at which it is known.
    """

    grid: FloatArray
    end: FloatArray
    known_place: IntArray
    known: FloatArray
    accrual: FloatArray
    dropout: FloatArray
    window: EntryWindow | None
    early: FloatArray

    def uncensored(self) -> Uncensored:
        """Return the probability of being uncensored at each time, given the log strengths.

        Notes
        -----
        Strength th <= 1: entry at a constant rate, followed for uniform times on
        [(1 - th) end, end]; th > 1: (1 - t/end)**th. With dates the shortest follow-up is known,
        and the strength is that of drop-out. After the last number at risk the same holds of the
        rest of the follow-up.
        """
        start = self.grid[self.known_place[-1]]
        span = np.maximum(self.end - start, 1e-12)[:, None]
        u = np.clip((self.grid - start) / span, 0.0, 1.0)
        left = 1.0 - u ** self.accrual[:, None]
        ended = self.grid >= self.end[:, None]
        if self.window is not None and self.known_place.size == 1:
            first = min(self.window[0] / self.window[1], 0.999)
            staggered = np.where(ended, 0.0, np.clip(left / (1.0 - first), 0.0, 1.0))

            def by_dates(log_strength: FloatArray, rows: slice = ALL) -> FloatArray:
                more = u[rows] * (-0.3 * np.exp(log_strength))[:, None]
                np.exp(more, out=more)
                more *= staggered[rows]
                return np.asarray(more)

            return by_dates

        before = np.where(ended, 0.0, self._known())
        before *= np.exp(-self.dropout[:, None] * u)

        def by_strength(log_strength: FloatArray, rows: slice = ALL) -> FloatArray:
            made = _late(left[rows], np.exp(log_strength))
            made *= before[rows]
            return made

        return by_strength

    def _known(self) -> FloatArray:
        """Return the probability up to the last time at which it is known, and that after it."""
        made = np.empty((self.end.size, self.grid.size))
        made[:, self.known_place[-1] :] = self.known[:, -1:]
        for number, (first, last) in enumerate(
            zip(self.known_place, self.known_place[1:], strict=False)
        ):
            time = self.grid[first:last]
            share = (time - time[0]) / (self.grid[last] - time[0])
            share = share ** self.early[:, number, None]
            fall = self.known[:, number] - self.known[:, number + 1]
            made[:, first:last] = self.known[:, number, None] - share * fall[:, None]
        return made


def _late(left: FloatArray, strength: FloatArray) -> FloatArray:
    strength = strength[:, None]
    weak = left / np.minimum(strength, 1.0)
    np.minimum(weak, 1.0, out=weak)
    strong = strength[:, 0] > 1.0
    if strong.any():
        weak[strong] = left[strong] ** strength[strong]
    return weak


def log_prior(log_strength: FloatArray) -> FloatArray:
    """Return the log density of the strength that arms share."""
    slope = np.where(log_strength < 0, LIGHT, HEAVY)
    return np.asarray(slope * log_strength - np.log(1 / LIGHT - 1 / HEAVY))


def random_strength(size: int, rng: np.random.Generator) -> FloatArray:
    """Draw log strengths that arms share."""
    weak = rng.random(size) < (1 / LIGHT) / (1 / LIGHT - 1 / HEAVY)
    far = rng.exponential(1.0, size)
    return np.where(weak, -far / LIGHT, -far / HEAVY)


def log_prior_apart(apart: FloatArray) -> FloatArray:
    """Return the log density of the difference of two arms' log strengths."""
    alike, other = (
        share / spread / np.sqrt(2 * np.pi) * np.exp(-0.5 * (apart / spread) ** 2)
        for share, spread in ((OFTEN_ALIKE, ALIKE), (1 - OFTEN_ALIKE, APART))
    )
    return np.asarray(np.log(alike + other + 1e-30))


def random_apart(size: int, rng: np.random.Generator) -> FloatArray:
    """Draw differences of two arms' log strengths."""
    spread = np.where(rng.random(size) < OFTEN_ALIKE, ALIKE, APART)
    return np.asarray(spread * rng.standard_normal(size))


@dataclass(frozen=True, kw_only=True, eq=False)
class Response:
    """How a number that falls with the strength answers to it, a row per scenario.

    Attributes
    ----------
    value : callable
        Gives the number at log strengths, shape (scenarios,) each.
    table : ndarray of float, shape (scenarios, nodes)
        The number at `NODES`.
    """

    value: Callable[[FloatArray], FloatArray]
    table: FloatArray

    @classmethod
    def of(cls, value: Callable[[FloatArray], FloatArray], size: int) -> Response:
        """Tabulate a number."""
        table = np.stack([value(np.full(size, node)) for node in NODES], axis=1)
        return cls(value=value, table=np.minimum.accumulate(table, axis=1))

    def solved(self, target: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Return the log strengths at which the number reaches its target, and whether any does."""
        rows = np.arange(target.size)
        place = np.clip(np.sum(self.table >= target[:, None], axis=1) - 1, 0, NODES.size - 2)
        left, right = NODES[place], NODES[place + 1]
        high, low = self.table[rows, place], self.table[rows, place + 1]
        inside = (self.table[:, 0] > target) & (self.table[:, -1] < target)
        now = _secant(left, right, high - target, low - target)
        given = self.value(now)
        above = given >= target
        left, high = np.where(above, now, left), np.where(above, given, high)
        right, low = np.where(above, right, now), np.where(above, low, given)
        return _secant(left, right, high - target, low - target), inside

    def log_slope(self, log_strength: FloatArray) -> FloatArray:
        """Return the log of how fast the number falls at given log strengths."""
        rows = np.arange(log_strength.size)
        place = np.clip(np.searchsorted(NODES, log_strength) - 1, 0, NODES.size - 2)
        fall = self.table[rows, place] - self.table[rows, place + 1]
        return np.asarray(np.log(np.maximum(fall, 1e-9) / (NODES[place + 1] - NODES[place])))


def _secant(left: FloatArray, right: FloatArray, high: FloatArray, low: FloatArray) -> FloatArray:
    share = np.divide(high, high - low, out=np.full(high.shape, 0.5), where=high > low)
    return np.asarray(left + (right - left) * np.clip(share, 0.0, 1.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnArm:
    """One arm on the way: hazards are drawn, censoring is not yet.

    Attributes
    ----------
    arm : ArmConstraints
    survival : ndarray of float, shape (scenarios, k)
        At each time of the grid.
    law : callable
        Gives the probability of being uncensored at each time, shape (scenarios, k), at log
        strengths of shape (scenarios,).
    ends : ndarray of float, shape (scenarios,)
        Last follow-up.
    """

    arm: ArmConstraints
    survival: FloatArray
    law: Uncensored
    ends: FloatArray

    @cached_property
    def half_fall(self) -> FloatArray:
        """Half of the events in each cell of the grid, were nobody censored."""
        return -np.diff(self.survival, axis=1) * (self.arm.n / 2)

    @cached_property
    def half_alive(self) -> FloatArray:
        """Half of the patients at risk at each time of the grid, were nobody censored."""
        return self.survival * (self.arm.n / 2)

    @cached_property
    def events_of(self) -> FloatArray:
        """Expected events in all, for the chance of being uncensored at each time of the grid."""
        made = np.zeros(self.survival.shape)
        made[:, 1:] = self.half_fall
        made[:, :-1] += self.half_fall
        return made

    def censored_by(self, log_strength: FloatArray, rows: slice = ALL) -> CensoredArm:
        """Return the arm under censoring of given log strengths, in all scenarios or in some."""
        return CensoredArm(own=self, rows=rows, followed=self.law(log_strength, rows))


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoredArm:
    """What is expected of one arm, hazards and censoring both drawn.

    Attributes
    ----------
    own : DrawnArm
    rows : slice
        Which of its scenarios.
    followed : ndarray of float, shape (scenarios, k)
        Probability of being uncensored at each time of the grid.
    """

    own: DrawnArm
    rows: slice
    followed: FloatArray

    @cached_property
    def events(self) -> FloatArray:
        """Expected events in each cell, shape (scenarios, k - 1)."""
        made = self.followed[:, 1:] + self.followed[:, :-1]
        made *= self.own.half_fall[self.rows]
        return np.asarray(made)

    @property
    def at_risk(self) -> FloatArray:
        """Expected patients at risk in the middle of each cell, shape (scenarios, k - 1)."""
        half = self.followed * self.own.half_alive[self.rows]
        return np.asarray(half[:, 1:] + half[:, :-1])

    @cached_property
    def total(self) -> FloatArray:
        """Expected events up to the end, shape (scenarios,)."""
        return np.asarray(np.einsum("ij,ij->i", self.followed, self.own.events_of[self.rows]))

    def spread(self, last: int) -> FloatArray:
        """Return the standard deviation of the events, given the curve up to its last known place.

        Notes
        -----
        Before the last known time a patient who is censored takes along the events that those at
        risk still had; after it, events are binomial.
        """
        n, survival, followed = self.own.arm.n, self.own.survival[self.rows], self.followed
        to_come = 1.0 - survival[:, last, None] / np.maximum(survival[:, : last + 1], 1e-12)
        leave = -np.diff(followed[:, : last + 1], axis=1) * survival[:, :last]
        early = n * np.sum(leave * to_come[:, :-1] ** 2, axis=1)
        late = self.events[:, last:].sum(axis=1)
        left = np.maximum(n * followed[:, last] * survival[:, last], 1e-9)
        return np.asarray(np.sqrt(early + late * np.clip(1.0 - late / left, 0.1, 1.0) + 0.15))
