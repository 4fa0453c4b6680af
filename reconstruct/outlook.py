"""What the knots ahead still allow: bounds on events and patients, to give up early."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .constraints import Knot
from .pseudo_ipd import FloatArray

__all__ = ["EDGE", "Outlook", "falling_bounds", "next_at_risk", "sums_from_end", "tightened"]

EDGE = 1e-12  # both ends of a rounding interval belong to it, whatever the last bit says


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlook:
    """How many events can still come, from the survival bounds of the knots ahead.

    Attributes
    ----------
    lower, upper : ndarray of float, shape (k,)
        Survival bounds at the knots.
    fewest_left, most_left : ndarray of float, shape (k,)
        Bounds on the patients left after each knot.
    most_after : ndarray of float, shape (k,)
        Bound on the events after each knot, whatever happens before.
    """

    lower: FloatArray
    upper: FloatArray
    fewest_left: FloatArray
    most_left: FloatArray
    most_after: FloatArray

    @classmethod
    def of(cls, knots: tuple[Knot, ...], n: int) -> Outlook:
        """Look ahead from every knot of an arm of `n` patients."""
        lower = np.array([knot.lower for knot in knots])
        upper = np.array([knot.upper for knot in knots])
        known = [n if knot.at_risk is None else knot.at_risk for knot in knots]
        most_left = np.minimum.accumulate(np.array([*known, n][: len(knots)], dtype=float))
        fewest_left = np.array(next_at_risk(knots)[1:], dtype=float)
        most_after = most_left.copy()
        for place in range(len(knots) - 2, -1, -1):
            ahead = slice(place + 1, None)
            share = 1.0 - lower[ahead] / max(upper[place], 1e-12)
            bound = np.floor(most_left[place] * np.clip(share, 0, 1) + 1e-6) + most_after[ahead]
            most_after[place] = min(most_left[place], bound.min())
        return cls(
            lower=lower,
            upper=upper,
            fewest_left=fewest_left,
            most_left=most_left,
            most_after=most_after,
        )

    def enough_at_risk(self, index: int, at_risk: int, survival: float) -> bool:
        """Say whether a single event need not take survival below a knot that it has to fall to."""
        ahead = slice(index, None)
        lower, falls = self.lower[ahead] - EDGE, survival > self.upper[ahead] + EDGE
        return bool(np.all(~falls | (survival * (at_risk - 1) >= lower * at_risk)))

    def events_after(self, index: int, at_risk: int, survival: float) -> tuple[float, float]:
        """Return bounds on the events that follow when `index` knots are behind."""
        ahead = slice(index, None)
        share = np.clip(1.0 - (self.lower[ahead] - EDGE) / survival, 0.0, 1.0)
        most = np.floor(at_risk * share + 1e-6) + self.most_after[ahead]
        fall = np.maximum(survival / np.maximum(self.upper[ahead] + EDGE, 1e-12) - 1.0, 0.0)
        fewest = np.ceil(self.fewest_left[ahead] * fall - 1e-6)
        return float(fewest.max(initial=0.0)), float(most.min(initial=at_risk))


def tightened(knots: tuple[Knot, ...]) -> tuple[Knot, ...]:
    """Bound survival at every knot by what is printed before and after, since it never rises."""
    lower, upper = falling_bounds(knots)
    return tuple(
        knot._replace(lower=float(low), upper=float(high))
        for knot, low, high in zip(knots, lower, upper, strict=True)
    )


def falling_bounds(knots: tuple[Knot, ...]) -> tuple[FloatArray, FloatArray]:
    """Return the bounds on survival at every knot, given that it never rises."""
    lower = np.array([knot.lower for knot in knots])
    upper = np.array([knot.upper for knot in knots])
    return np.maximum.accumulate(lower[::-1])[::-1], np.minimum.accumulate(upper)


def sums_from_end(counts: list[int]) -> list[int]:
    """Sum of the counts from each place to the end, and 0 after it."""
    return [int(total) for total in np.cumsum([0, *counts[::-1]])[::-1]]


def next_at_risk(knots: tuple[Knot, ...]) -> list[int]:
    """Patients still needed at or after each place, and 0 after the last knot."""
    return [max((k.at_risk or 0 for k in knots[i:]), default=0) for i in range(len(knots) + 1)]
