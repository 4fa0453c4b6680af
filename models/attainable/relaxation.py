"""A bound on the Cox score of all data sets, by dynamic programming over numbers at risk.

The score of a data set is a sum over its events of what each adds: n0/(n0 + theta n1) for one of
the treatment arm, -theta n1/(n0 + theta n1) for one of the reference arm. Within a phase the
treatment arm leaves first. Its events then see the reference arm as it was before the phase, and
those of the reference arm see the treatment arm as it is after it, so that only the numbers left
after every phase tie the two arms together. The best way from some numbers to others is bounded by
a linear programme with a single constraint, that survival falls as printed; printed numbers that
concern several phases enter with multipliers. Every bound is on the safe side: cells count with
their most favourable patients, whole patients may be divided, and any multipliers give a bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .cells import Blocks, Cells, blocks_of, cells_of
from .demands import Demands, demands_of
from .phases import NoDataSet, Phase
from .timeline import Timeline
from .transition import Leaving, Transition, transition

__all__ = ["Course", "Relaxation", "Resolution"]

NEVER = -1e15
IMPOSSIBLE = -1e14  # sums with NEVER stay below it


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How finely numbers at risk are told apart: cells of an arm, blocks of levels, prices."""

    cells: int
    blocks: int
    prices: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """The course that has the largest bound, with patients that may be divided.

    Attributes
    ----------
    events : ndarray of float, shape (6, k)
        Rows: arm, phase, level, patients of the other arm at risk, what it adds to -ln S, how many.
    at_risk : ndarray of float, shape (p, 2)
        Patients of both arms left after every phase (the middle of the cell).
    meets : ndarray of float, shape (d,)
        What it makes of the quantities that the demands are about.
    """

    events: FloatArray
    at_risk: FloatArray
    meets: FloatArray

    def score(self, hazard_ratio: float) -> float:
        """Return its score at another hazard ratio."""
        arm, _, level, other, _, count = self.events
        treated = arm == 1
        gain = np.where(
            treated,
            other / np.maximum(other + hazard_ratio * level, 1e-300),
            -hazard_ratio * other / (level + hazard_ratio * other),
        )
        return float(count @ gain)


class Relaxation:
    """Bounds on the score of every data set of two arms.

    Raises
    ------
    NoDataSet
        If printed numbers contradict each other.
    """

    def __init__(self, timeline: Timeline, phases: Sequence[Phase], resolution: Resolution) -> None:
        self.phases = tuple(phases)
        self.resolution = resolution
        self.n = (timeline.reference.n, timeline.treatment.n)
        self.blocks = tuple(blocks_of(n, at_most=resolution.blocks) for n in self.n)
        self.demands: Demands = demands_of(timeline, self.phases)
        start = tuple(Cells(fewest=np.array([n]), most=np.array([n])) for n in self.n)
        after = [
            tuple(cells_of(*phase.at_risk[j], at_most=resolution.cells) for j in range(2))
            for phase in self.phases
        ]
        self.cells = [start, *after]  # before every phase, and after the last

    def bound(self, hazard_ratio: float, multipliers: FloatArray) -> tuple[float, Course]:
        """Bound the score at a hazard ratio of every data set, whatever the multipliers.

        Raises
        ------
        NoDataSet
            If not even divided patients can meet the printed numbers.
        """
        prices = self.demands.prices(multipliers, len(self.phases))
        best = np.zeros((1, 1))
        steps: list[tuple[Transition, Transition]] = []
        for place in range(len(self.phases)):
            treated = self._leave(place, 1, hazard_ratio, prices)
            between = treated.forward(best)
            reference = self._leave(place, 0, hazard_ratio, prices)
            best = reference.forward(between.T).T
            steps.append((reference, treated))
        if best.max() < IMPOSSIBLE:
            raise NoDataSet
        return float(best.max()) + self.demands.rewarded(multipliers), self._course(best, steps)

    def _leave(self, place: int, j: int, hazard_ratio: float, prices: FloatArray) -> Transition:
        """Let one arm leave in one phase."""
        phase = self.phases[place]
        standing = self.cells[place][0].most if j == 1 else self.cells[place + 1][1].fewest
        before = self.phases[place - 1].leaving[j] if place else (0.0, 0.0)
        low, high = phase.leaving[j]
        return transition(
            Leaving(
                j=j,
                phase=phase,
                place=place,
                before=self.cells[place][j],
                after=self.cells[place + 1][j],
                standing=standing,
                least=max(low - before[1], 0.0) if math.isfinite(before[1]) else 0.0,
                most=high - before[0],
                price=float(prices[j, place]),
                per_event=float(prices[j, -1]),
                hazard_ratio=hazard_ratio,
            ),
            self._blocks(j),
            n_prices=self.resolution.prices,
        )

    def _blocks(self, j: int) -> Blocks:
        return self.blocks[j]

    def _course(self, best: FloatArray, steps: list[tuple[Transition, Transition]]) -> Course:
        """Follow the best way back from the end."""
        at = tuple(int(i) for i in np.unravel_index(int(best.argmax()), best.shape))
        events, left = [], []
        for place in range(len(steps) - 1, -1, -1):
            reference, treated = steps[place]
            left.append([self._middle(place + 1, j, at[j]) for j in range(2)])
            first, found = reference.back(row=at[1], after=at[0])
            events.append(found)
            second, found = treated.back(row=first, after=at[1])
            events.append(found)
            at = (first, second)
        together = np.concatenate(events, axis=1)
        return Course(
            events=together,
            at_risk=np.array(left[::-1]),
            meets=self.demands.measured(together),
        )

    def _middle(self, place: int, j: int, cell: int) -> float:
        cells = self.cells[place][j]
        return float(cells.fewest[cell] + cells.most[cell]) / 2
