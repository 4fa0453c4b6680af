"""What scenarios expect of one arm once hazards and censoring are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..constraints import ArmConstraints
from ..pseudo_ipd import FloatArray, IntArray

__all__ = ["ArmScenarios"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmScenarios:
    """Survival and follow-up of one arm, a row per scenario, and numbers expected from them.

    Most scenarios are weighed and not chosen: numbers are worked out where they are asked for.

    Attributes
    ----------
    arm : ArmConstraints
        What it reports, with the longest follow-up that occurs.
    ends : ndarray of float, shape (scenarios,)
        When its last patient leaves.
    survival, followed : ndarray of float, shape (scenarios, k)
        Probability of being free of the event, and of being uncensored, at each time of the grid.
    """

    arm: ArmConstraints
    ends: FloatArray
    survival: FloatArray
    followed: FloatArray

    @cached_property
    def events(self) -> FloatArray:
        """Expected events up to each time of the grid, shape (scenarios, k)."""
        made = np.zeros(self.followed.shape)
        np.add(self.followed[:, 1:], self.followed[:, :-1], out=made[:, 1:])
        made[:, 1:] *= -np.diff(self.survival, axis=1) * (self.arm.n / 2)
        return np.cumsum(made, axis=1, out=made)

    @cached_property
    def at_risk(self) -> FloatArray:
        """Expected patients at risk at each time of the grid, shape (scenarios, k)."""
        made = self.arm.n * self.survival * self.followed
        made[:, 0] = self.arm.n
        np.minimum.accumulate(made, axis=1, out=made)
        return np.minimum(made, self.arm.n - self.events, out=made)

    @cached_property
    def censored(self) -> FloatArray:
        """Expected censorings up to each time of the grid, shape (scenarios, k)."""
        made = self.arm.n - self.events - self.at_risk
        return np.asarray(np.maximum.accumulate(made, axis=1, out=made))

    def take(self, rows: IntArray) -> ArmScenarios:
        """Return some of the scenarios."""
        return ArmScenarios(
            arm=self.arm,
            ends=self.ends[rows],
            survival=self.survival[rows],
            followed=self.followed[rows],
        )

    def joined(self, other: ArmScenarios) -> ArmScenarios:
        """Return these and others of the same arm and times."""
        return ArmScenarios(
            arm=self.arm,
            ends=np.concatenate([self.ends, other.ends]),
            survival=np.concatenate([self.survival, other.survival]),
            followed=np.concatenate([self.followed, other.followed]),
        )
