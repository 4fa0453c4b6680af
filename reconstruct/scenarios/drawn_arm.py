"""One arm of every scenario: hazards are drawn, the strength of censoring is still open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..constraints import ArmConstraints
from ..pseudo_ipd import FloatArray

__all__ = ["DrawnArm"]


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnArm:
    """One arm on the way: hazards are drawn, censoring is not yet."""

    arm: ArmConstraints
    survival: FloatArray
    law: Callable[[FloatArray], FloatArray]
    ends: FloatArray

    def followed(self, log_strength: FloatArray) -> FloatArray:
        """Return the probability of being uncensored at each time of the grid."""
        return self.law(log_strength)

    def events(self, log_strength: FloatArray) -> FloatArray:
        """Return expected events in each cell."""
        followed = self.law(log_strength)
        middle = (followed[:, 1:] + followed[:, :-1]) / 2
        return np.asarray(self.arm.n * middle * -np.diff(self.survival, axis=1))

    def at_risk(self, log_strength: FloatArray) -> FloatArray:
        """Return expected patients at risk in the middle of each cell."""
        both = self.arm.n * self.law(log_strength) * self.survival
        return np.asarray((both[:, 1:] + both[:, :-1]) / 2)

    def total(self, log_strength: FloatArray) -> FloatArray:
        """Return expected events up to the end."""
        return np.asarray(self.events(log_strength).sum(axis=1))

    def spread(self, log_strength: FloatArray, last: int) -> FloatArray:
        """Return the standard deviation of the events, given the curve up to its last known place.

        Notes
        -----
        Before the last known time a patient who is censored takes along the events that those at
        risk still had; after it, events are binomial.
        """
        followed, survival = self.law(log_strength), self.survival
        to_come = 1.0 - survival[:, last, None] / np.maximum(survival[:, : last + 1], 1e-12)
        leave = -np.diff(followed[:, : last + 1], axis=1) * survival[:, :last]
        early = self.arm.n * np.sum(leave * to_come[:, :-1] ** 2, axis=1)
        late = self.events(log_strength)[:, last:].sum(axis=1)
        left = np.maximum(self.arm.n * followed[:, last] * survival[:, last], 1e-9)
        return np.asarray(np.sqrt(early + late * np.clip(1.0 - late / left, 0.1, 1.0) + 0.15))
