"""One arm of every scenario: hazards are drawn, the strength of censoring is still open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..constraints import ArmConstraints
from ..pseudo_ipd import FloatArray
from .censorings import ALL, Uncensored

__all__ = ["CensoredArm", "DrawnArm"]


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
    def fall(self) -> FloatArray:
        """By how much survival falls in each cell of the grid, shape (scenarios, k - 1)."""
        return -np.diff(self.survival, axis=1)

    def censored_by(self, log_strength: FloatArray, rows: slice = ALL) -> CensoredArm:
        """Return the arm under censoring of given log strengths, in all scenarios or in some."""
        return CensoredArm(
            n=self.arm.n,
            survival=self.survival[rows],
            fall=self.fall[rows],
            followed=self.law(log_strength, rows),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoredArm:
    """What is expected of one arm, hazards and censoring both drawn.

    Attributes
    ----------
    n : int
        Patients.
    survival : ndarray of float, shape (scenarios, k)
        At each time of the grid.
    fall : ndarray of float, shape (scenarios, k - 1)
        By how much survival falls in each cell of the grid.
    followed : ndarray of float, shape (scenarios, k)
        Probability of being uncensored at each time of the grid.
    """

    n: int
    survival: FloatArray
    fall: FloatArray
    followed: FloatArray

    @cached_property
    def events(self) -> FloatArray:
        """Expected events in each cell, shape (scenarios, k - 1)."""
        made = self.followed[:, 1:] + self.followed[:, :-1]
        made /= 2
        np.multiply(self.n, made, out=made)
        made *= self.fall
        return np.asarray(made)

    @property
    def at_risk(self) -> FloatArray:
        """Expected patients at risk in the middle of each cell, shape (scenarios, k - 1)."""
        both = self.n * self.followed
        both *= self.survival
        made = both[:, 1:] + both[:, :-1]
        made /= 2
        return np.asarray(made)

    @cached_property
    def total(self) -> FloatArray:
        """Expected events up to the end, shape (scenarios,)."""
        return np.asarray(self.events.sum(axis=1))

    def spread(self, last: int) -> FloatArray:
        """Return the standard deviation of the events, given the curve up to its last known place.

        Notes
        -----
        Before the last known time a patient who is censored takes along the events that those at
        risk still had; after it, events are binomial.
        """
        n, survival, followed = self.n, self.survival, self.followed
        to_come = 1.0 - survival[:, last, None] / np.maximum(survival[:, : last + 1], 1e-12)
        leave = -np.diff(followed[:, : last + 1], axis=1) * survival[:, :last]
        early = n * np.sum(leave * to_come[:, :-1] ** 2, axis=1)
        late = self.events[:, last:].sum(axis=1)
        left = np.maximum(n * followed[:, last] * survival[:, last], 1e-9)
        return np.asarray(np.sqrt(early + late * np.clip(1.0 - late / left, 0.1, 1.0) + 0.15))
