"""Printed numbers that concern several phases at once, and multipliers for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .phases import Phase
from .timeline import Timeline

__all__ = ["Demands", "demands_of"]


@dataclass(frozen=True, kw_only=True)
class _Demand:
    """Bounds on -ln S of an arm after a phase, or on the events of arms (phase None)."""

    arms: tuple[int, ...]
    phase: int | None
    low: float
    high: float
    unit: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Demands:
    """What a data set has to meet beyond what every single phase asks for.

    Attributes
    ----------
    each : tuple
        The demands.
    low, high : ndarray of float, shape (d,)
        Bounds on the quantities that they are about; infinite where there is none.
    unit : ndarray of float, shape (d,)
        The size of multipliers that matter.
    """

    each: tuple[_Demand, ...]
    low: FloatArray
    high: FloatArray
    unit: FloatArray

    def prices(self, multipliers: FloatArray, n_phases: int) -> FloatArray:
        """Return what a rise of -ln S costs, by arm and phase; last what an event costs."""
        prices = np.zeros((2, n_phases + 1))
        for multiplier, demand in zip(multipliers, self.each, strict=True):
            for arm in demand.arms:
                if demand.phase is None:
                    prices[arm, -1] += multiplier
                else:
                    prices[arm, : demand.phase + 1] += multiplier
        return prices

    def rewarded(self, multipliers: FloatArray) -> float:
        """Return the most that data sets that meet the demands can cost."""
        bounds = np.where(multipliers > 0, self.high, self.low)
        with np.errstate(invalid="ignore"):
            cost = multipliers * bounds
        return float(np.where(multipliers == 0, 0.0, cost).sum())

    def measured(self, events: FloatArray) -> FloatArray:
        """Return the quantities of a course; `events` as in `Course.events`."""
        arm, phase, _, _, rise, count = events
        return np.array(
            [
                count[np.isin(arm, demand.arms)].sum()
                if demand.phase is None
                else rise[(arm == demand.arms[0]) & (phase <= demand.phase)].sum()
                for demand in self.each
            ]
        )


def demands_of(timeline: Timeline, phases: Sequence[Phase]) -> Demands:
    """Gather the bounds on survival, where neighbours do not imply them, and on events."""
    each = (*_on_survival(timeline, phases), *_on_events(timeline))
    return Demands(
        each=each,
        low=np.array([demand.low for demand in each]),
        high=np.array([demand.high for demand in each]),
        unit=np.array([demand.unit for demand in each]),
    )


def _on_survival(timeline: Timeline, phases: Sequence[Phase]) -> Iterator[_Demand]:
    for j, arm in enumerate(timeline.arms):
        lows = [0.0, *(phase.leaving[j][0] for phase in phases)]
        highs = [*(phase.leaving[j][1] for phase in phases), math.inf]
        for place in range(len(phases)):
            low = lows[place + 1] if lows[place + 1] > lows[place] else -math.inf
            high = highs[place] if highs[place] < highs[place + 1] else math.inf
            if math.isfinite(low) or math.isfinite(high):
                yield _Demand(arms=(j,), phase=place, low=low, high=high, unit=arm.n / 2)


def _on_events(timeline: Timeline) -> Iterator[_Demand]:
    counted = [arm.events is not None for arm in timeline.arms]
    for j, arm in enumerate(timeline.arms):
        if arm.events is not None and not arm.only_listed:
            yield _Demand(arms=(j,), phase=None, low=arm.events, high=arm.events, unit=1.0)
    if timeline.events is not None and not all(counted):
        total = timeline.events
        yield _Demand(arms=(0, 1), phase=None, low=total, high=total, unit=1.0)
