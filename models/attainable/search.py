"""Data sets with a hazard ratio as large as a search finds.

With the numbers left after every phase given, the best choice of who has the event is a linear
programme over the levels of both arms. The search moves those numbers, a few at a time, uphill in
its value; at the end fractional patients are made whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...reconstruct.pseudo_ipd import BoolArray, FloatArray, IntArray, PseudoIPD
from .linear_programme import LinearProgramme
from .phases import Phase, demands_of
from .plan import Choice, Plan, Unmet, as_ipd, integer_choice, log_hazard_ratio_of
from .timeline import Timeline, is_consistent

__all__ = ["SMALL", "Witness", "largest_found", "witness_of"]


MISSED = 50.0  # what missing a demand costs, in units of the score
QUICK, CAREFUL = 60, 300  # bunches of levels of an arm
NUDGES = (
    10  # of numbers left, where integer counts of patients cannot satisfy what fractional ones can
)
NEIGHBOURS = 100  # to try from each start, most of them by a bound alone
SHARES = (1.0, 0.9, 0.75, 0.5)  # of the way from the best data set to a better place
FINISHED = 1e-6
SMALL = -25.0  # log hazard ratio that only a hazard ratio of 0 is below


@dataclass(frozen=True, kw_only=True, eq=False)
class Witness:
    """A data set consistent with every reported value, and its hazard ratio."""

    ipd: PseudoIPD
    log_hazard_ratio: float


def witness_of(timeline: Timeline, ipd: PseudoIPD) -> Witness | None:
    """Return patients as a witness, if they match what is reported and determine a hazard ratio."""
    ratio = log_hazard_ratio_of(ipd)
    if math.isnan(ratio) or not is_consistent(timeline, ipd):
        return None
    return Witness(ipd=ipd, log_hazard_ratio=ratio)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bunches:
    """Neighbouring levels taken together.

    Attributes
    ----------
    size : ndarray of int, shape (b,)
        Levels in each bunch.
    gain : ndarray of float, shape (b,)
        What an event adds to the score, on average.
    rows : ndarray of float, shape (d, b)
        What it adds to each quantity that a demand is about, on average.
    least, most : ndarray of float, shape (b,)
        Events that each bunch must, and can, have.
    """

    size: IntArray
    gain: FloatArray
    rows: FloatArray
    least: FloatArray
    most: FloatArray


class _Programme:
    """Who has the event, for given numbers left after every phase."""

    def __init__(self, timeline: Timeline, phases: Sequence[Phase]) -> None:
        self.timeline, self.phases = timeline, tuple(phases)
        self.demands = demands_of(timeline, phases)
        self.n = (timeline.reference.n, timeline.treatment.n)
        self.level = [np.arange(n, 0, -1) for n in self.n]
        self.fall = [_falls(n) for n in self.n]
        self.arm = np.repeat([0, 1], self.n)
        self.counts = np.array([each.phase is None for each in self.demands.each], dtype=bool)
        self.instant = np.array([phase.instant for phase in self.phases])
        self.free = np.array([phase.free for phase in self.phases])
        self.most = np.column_stack([_most_falls(self.phases, j) for j in range(2)])
        self.proofs: list[FloatArray] = []
        self.unmet: dict[tuple[bytes, float], int] = {}

    def choice(self, left: IntArray, hazard_ratio: float) -> tuple[Choice, FloatArray]:
        """Lay the levels of both arms out, from n to 1, and the most of each that can be events."""
        sides = [self._side(j, left, hazard_ratio) for j in range(2)]
        gain, fixed, upper = (np.concatenate(parts) for parts in zip(*sides, strict=True))
        choice = Choice(
            gain=gain,
            rows=self._rows(left),
            low=self.demands.low,
            high=self.demands.high,
            unit=self.demands.unit,
            fixed=fixed,
            arm=self.arm,
            counts=self.counts,
        )
        return choice, upper

    def _rows(self, left: IntArray) -> FloatArray:
        """Return what an event at each level adds to what demands are about, shape (d, levels)."""
        rows = np.zeros((len(self.demands.each), self.arm.size))
        for row, demand in zip(rows, self.demands.each, strict=True):
            for j in demand.arms:
                own = row[: self.n[0]] if j == 0 else row[self.n[0] :]
                if demand.phase is None:
                    own[:] = 1.0
                else:
                    gone = self.n[j] - left[demand.phase, j]
                    own[:gone] = self.fall[j][:gone]
        return rows

    def _side(
        self, j: int, left: IntArray, hazard_ratio: float
    ) -> tuple[FloatArray, BoolArray, FloatArray]:
        """Return gain, whether it is settled, and whether it may be an event, by level."""
        level = self.level[j]
        phase = np.searchsorted(-left[:, j], -level, side="right")
        before = np.concatenate([[self.n[0]], left[:-1, 0]])
        standing = (before if j == 1 else left[:, 1])[phase].astype(float)
        weight = hazard_ratio * (level if j == 1 else standing)
        gain = standing / np.maximum(standing + weight, 1e-300)
        if j == 0:
            gain = -weight / (level + weight)
        instant = self.instant[phase]
        allowed = self.free[phase, j] & (self.fall[j] <= self.most[phase, j] + 1e-9)
        return gain, instant | ~allowed, np.where(instant | allowed, 1.0, 0.0)

    def value(self, left: IntArray, hazard_ratio: float) -> float:
        """Return the largest score, less what missed demands cost.

        Levels are in bunches. The multipliers that prove it are kept for `bound`.
        """
        bunched = self._bunched(left, *self.choice(left, hazard_ratio), bunches=QUICK)
        value, multipliers = self._solved(bunched)
        self.proofs.append(multipliers)
        return value

    def bound(self, left: IntArray, hazard_ratio: float) -> float:
        """Return what `value` cannot exceed, by the multipliers that proved it for other numbers.

        This is the Lagrangian of the linear programme: any multipliers bound it from above, and
        those of numbers nearby bound it well. It takes a tenth of the time of solving it.
        """
        bunched = self._bunched(left, *self.choice(left, hazard_ratio), bunches=QUICK)
        above, below = np.moveaxis(np.array(self.proofs), 1, 0)
        gain = bunched.gain - ((above - below) * self.demands.unit) @ bunched.rows
        high, low = (
            np.where(np.isfinite(bounds), bounds, 0.0)
            for bounds in (self.demands.high, self.demands.low)
        )
        paid = ((above * high - below * low) * self.demands.unit).sum(axis=1)
        taken = np.where(gain > 0, bunched.most, bunched.least)
        return float((paid + (taken * gain).sum(axis=1)).min())

    def _bunched(
        self, left: IntArray, choice: Choice, upper: FloatArray, *, bunches: int
    ) -> _Bunches:
        """Gather levels in bunches that no phase divides."""
        bunch = np.arange(upper.size) * 2 * bunches // upper.size
        edges = np.flatnonzero(np.diff(bunch, prepend=-1) != 0)
        edges = np.union1d(edges, self._breaks(left))
        size = np.diff([*edges, choice.gain.size])
        return _Bunches(
            size=size,
            gain=np.add.reduceat(choice.gain, edges) / size,
            rows=np.add.reduceat(choice.rows, edges, axis=1) / size,
            least=np.add.reduceat(np.where(choice.fixed, upper, 0.0), edges),
            most=np.add.reduceat(upper, edges),
        )

    def _breaks(self, left: IntArray) -> IntArray:
        """Return where the levels of a new phase begin."""
        starts = [self.n[0] - left[:, 0], self.n[0] + self.n[1] - left[:, 1]]
        breaks = np.unique(np.concatenate([[0, self.n[0]], *starts]))
        return np.asarray(breaks[breaks < sum(self.n)])

    def _elastic(self, bunched: _Bunches) -> LinearProgramme:
        """Return the linear programme; demands that cannot be satisfied cost what is missing."""
        unit = self.demands.unit
        has_high, has_low = np.isfinite(self.demands.high), np.isfinite(self.demands.low)
        scaled, missing = bunched.rows * unit[:, None], -np.eye(unit.size)
        above, below = np.hstack([scaled, missing]), np.hstack([-scaled, missing])
        return LinearProgramme(
            cost=np.concatenate([-bunched.gain, np.full(unit.size, MISSED)]),
            rows=np.vstack([above[has_high], below[has_low]]),
            most=np.concatenate(
                [(self.demands.high * unit)[has_high], -(self.demands.low * unit)[has_low]]
            ),
            lower=np.concatenate([bunched.least, np.zeros(unit.size)]),
            upper=np.concatenate([bunched.most, np.full(unit.size, np.inf)]),
        )

    def _solved(self, bunched: _Bunches) -> tuple[float, FloatArray]:
        """Return the value of the linear programme, and multipliers that prove it.

        Those of the upper and of the lower bounds of the demands, shape (2, d), at least 0.
        """
        unit = self.demands.unit
        has_high, has_low = np.isfinite(self.demands.high), np.isfinite(self.demands.low)
        programme = self._elastic(bunched)
        solution, prices = programme.priced()
        multipliers = np.zeros((2, unit.size))
        multipliers[0, has_high], multipliers[1, has_low] = np.split(prices, [has_high.sum()])
        # what a missing unit costs, so that missing more never pays
        multipliers /= np.maximum(multipliers.sum(axis=0) / MISSED, 1.0)
        return -float(programme.cost @ solution), multipliers

    def whole(self, left: IntArray, hazard_ratio: float) -> Plan:
        """Return a plan of integer counts for given numbers left; `Unmet` if none was found."""
        # different nudges come to the same numbers: of those no plan is looked for twice
        key = (left.tobytes(), hazard_ratio)
        if key in self.unmet:
            raise Unmet(self.unmet[key])
        try:
            return self._whole(left, hazard_ratio)
        except Unmet as unmet:
            self.unmet[key] = unmet.place
            raise

    def _whole(self, left: IntArray, hazard_ratio: float) -> Plan:
        choice, upper = self.choice(left, hazard_ratio)
        bunched = self._bunched(left, choice, upper, bunches=CAREFUL)
        taken = self._elastic(bunched).solution()[: bunched.size.size]
        event = integer_choice(choice, np.repeat(taken / bunched.size, bunched.size))
        sides = event[: self.n[0]], event[self.n[0] :]
        exits = tuple(np.split(sides[j], self.n[j] - left[:-1, j]) for j in range(2))
        return Plan(exits=(exits[0], exits[1]))


def _falls(n: int) -> FloatArray:
    """Return what an event adds to -ln S, from level n down to 1."""
    level = np.arange(n, 1, -1)
    return np.concatenate([-np.log1p(-1.0 / level), [math.log(n) + 1.0]])


def _most_falls(phases: Sequence[Phase], j: int) -> FloatArray:
    """Return the most that -ln S of an arm can rise by in each phase, shape (phases,)."""
    leaving = np.array([(0.0, 0.0), *(phase.leaving[j] for phase in phases)])
    return np.asarray(leaving[1:, 1] - leaving[:-1, 0])


def left_after(timeline: Timeline, phases: Sequence[Phase], ipd: PseudoIPD) -> IntArray:
    """Return the numbers of patients left after every phase, shape (phases, 2)."""
    left = np.zeros((len(phases), 2), dtype=np.int64)
    for j, arm in enumerate(timeline.arms):
        time, event = ipd.of(arm.name)
        for place, phase in enumerate(phases):
            stop = timeline.time[phase.stop]
            at_stop = (time == stop) & event
            later = place + 1 < len(phases) and phases[place + 1].instant
            gone = (time < stop).sum()
            if phase.instant or not (later and phases[place + 1].moves[j]):
                gone += at_stop.sum()
            left[place, j] = arm.n - gone
    return left


def largest_found(
    timeline: Timeline,
    phases: Sequence[Phase],
    *,
    first: Witness,
    starts: Sequence[FloatArray],
) -> Witness:
    """Search for data sets with a large hazard ratio.

    Parameters
    ----------
    timeline : Timeline
        What the arms report.
    phases : sequence of Phase
        The phases.
    first : Witness
        Some data set.
    starts : sequence of ndarray of float, shape (phases, 2)
        IntArray left after every phase near which large hazard ratios may be, the best first.
    """
    programme = _Programme(timeline, phases)
    own = left_after(timeline, phases, first.ipd)
    best, best_left = first, own
    for start in (*starts, None):
        if best.log_hazard_ratio == math.inf:
            break
        beginning = best_left if start is None else _possible(programme, start)
        left = _climbed(programme, beginning, best.log_hazard_ratio)
        for share in SHARES:
            mixed = _possible(programme, share * left + (1 - share) * best_left)
            found = _made_integer(programme, mixed, best)
            if found is not None:
                best, best_left = found, left_after(timeline, phases, found.ipd)
                break
    return best


def _made_integer(programme: _Programme, left: IntArray, best: Witness) -> Witness | None:
    """Return integer counts of patients with a larger hazard ratio than the best so far."""
    for nudge in range(NUDGES):
        try:
            plan = programme.whole(left, math.exp(max(best.log_hazard_ratio, SMALL)))
        except Unmet as unmet:
            left = _nudged(programme, left, unmet.place, by=1 if nudge % 4 == 3 else -1)
            continue
        found = witness_of(programme.timeline, as_ipd(programme.timeline, programme.phases, plan))
        better = found is not None and found.log_hazard_ratio > best.log_hazard_ratio
        return found if better else None
    return None


def _nudged(programme: _Programme, left: IntArray, place: int, *, by: int) -> IntArray:
    """Have a patient more, or fewer, left where integer counts could not satisfy a demand."""
    demand = programme.demands.each[place]
    moved = left.copy()
    if demand.phase is not None:
        moved[demand.phase, demand.arms[0]] += by
    return _possible(programme, moved)


def _possible(programme: _Programme, left: npt.ArrayLike) -> IntArray:
    """Round numbers left, and bring them into the reported ranges."""
    numbers = np.round(np.asarray(left)).astype(np.int64)
    for j in range(2):
        most = programme.n[j]
        for place, phase in enumerate(programme.phases):
            low, high = phase.at_risk[j]
            if phase.instant and not phase.free[j]:
                low = high = most - phase.listed[j]
            elif phase.instant and not phase.moves[j]:
                low = high = most
            most = int(min(max(numbers[place, j], low), high, most))
            numbers[place, j] = most
    return numbers


def _climbed(programme: _Programme, left: IntArray, log_ratio: float) -> IntArray:
    """Move numbers left uphill in the value of the linear programme."""
    most = NEIGHBOURS
    ratio = math.exp(max(log_ratio, SMALL))
    value = programme.value(left, ratio)
    step = max(max(programme.n) // 8, 1)
    while step >= 1:
        improved = False
        for moved in _neighbours(programme, left, step):
            most -= 1
            if most < 0:
                return left
            if programme.bound(moved, ratio) <= value + FINISHED / 2:
                continue
            other = programme.value(moved, ratio)
            if other > value + FINISHED:
                left, value, improved = moved, other, True
                break
        if not improved:
            step //= 2
    return left


def _neighbours(programme: _Programme, left: IntArray, step: int) -> Iterator[IntArray]:
    """Yield numbers in which one arm has a step more, or fewer, left after one phase."""
    for place in range(len(left)):
        for j in range(2):
            for sign in (-1, 1):
                moved = left.copy()
                moved[place, j] += sign * step
                earlier = moved[:place, j]
                earlier[:] = np.maximum(earlier, moved[place, j])
                moved = _possible(programme, moved)
                if (moved != left).any():
                    yield moved
