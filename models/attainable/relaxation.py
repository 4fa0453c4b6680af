"""A bound on the Cox score of all data sets, by dynamic programming over numbers at risk.

The score of a data set is a sum over its events of what each adds: n0/(n0 + theta n1) for one of
the treatment arm, -theta n1/(n0 + theta n1) for one of the reference arm. Within a phase the
treatment arm leaves first. Its events then see the reference arm as it was before the phase, and
those of the reference arm see the treatment arm as it is after it, so that only the numbers left
after every phase tie the two arms together. The best way from some numbers to others is bounded by
a linear programme with a single constraint, that survival falls as reported; reported values that
concern several phases enter with multipliers. Every bound is on the safe side: cells count with
their most favourable patients, patients may be fractional, and any multipliers give a bound.

The bound on the score depends on multipliers, and any of them prove something: if the bound is
negative at a hazard ratio, no data set has so large a one. Good multipliers are found by cutting
planes: every course that the relaxation returns bounds from below what multipliers can achieve,
and the next to be tried are those nearest the best so far that these cuts leave room for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...reconstruct.pseudo_ipd import FloatArray
from .levels import Cells, Leaving, Terms, blocks_of, cells_of
from .linear_programme import Infeasible, LinearProgramme
from .phases import Demands, NoDataSet, Phase, demands_of
from .timeline import Timeline
from .transition import Transition, transition

__all__ = ["Course", "Outer", "Relaxation", "Resolution", "outer_bound"]

IMPOSSIBLE = -1e14  # sums with `transition.NEVER` stay below it


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How finely numbers at risk are distinguished: cells of an arm, blocks of levels, prices."""

    cells: int
    blocks: int
    prices: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """The course that has the largest bound, with patients that may be fractional.

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
        If reported values contradict each other.
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
        self.leaving = [
            (self._leaving(place, 0), self._leaving(place, 1)) for place in range(len(self.phases))
        ]

    def bound(self, hazard_ratio: float, multipliers: FloatArray) -> tuple[float, Course]:
        """Bound the score at a hazard ratio of every data set, whatever the multipliers.

        Raises
        ------
        NoDataSet
            If not even fractional patients can have the reported values.
        """
        prices = self.demands.prices(multipliers, len(self.phases))
        best = np.zeros((1, 1))
        steps: list[tuple[Transition, Transition]] = []
        for leaving in self.leaving:
            reference, treated = (self._transition(one, hazard_ratio, prices) for one in leaving)
            between = treated.forward(best)
            best = reference.forward(between.T).T
            steps.append((reference, treated))
        if best.max() < IMPOSSIBLE:
            raise NoDataSet
        return float(best.max()) + self.demands.rewarded(multipliers), self._course(best, steps)

    def _transition(self, leaving: Leaving, hazard_ratio: float, prices: FloatArray) -> Transition:
        own = prices[leaving.j]
        terms = Terms(
            hazard_ratio=hazard_ratio, price=float(own[leaving.place]), per_event=float(own[-1])
        )
        return transition(leaving, terms, n_prices=self.resolution.prices)

    def _leaving(self, place: int, j: int) -> Leaving:
        """Return how one arm can leave in one phase."""
        phase = self.phases[place]
        before = self.phases[place - 1].leaving[j] if place else (0.0, 0.0)
        low, high = phase.leaving[j]
        return Leaving(
            j=j,
            phase=phase,
            place=place,
            blocks=self.blocks[j],
            before=self.cells[place][j],
            after=self.cells[place + 1][j],
            standing=self.cells[place][0].most if j == 1 else self.cells[place + 1][1].fewest,
            least=max(low - before[1], 0.0) if math.isfinite(before[1]) else 0.0,
            most=high - before[0],
        )

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


COARSE = Resolution(cells=8, blocks=160, prices=32)
FINE = Resolution(cells=18, blocks=360, prices=48)
FARTHEST = 14.0  # log hazard ratios beyond are infinite for all that can be proven
LARGEST_MULTIPLIER = 8.0  # in units of each demand
NEARLY = 0.01  # log hazard ratio; what further cuts could gain and is not worth them
NEWTON_STEPS = 4
SAFE = -1e-7  # a score that is negative beyond doubt
AIM = 0.5  # share of what cuts promise that the next multipliers have to promise too
GIVE_WAY = 0.4  # of the way to what is proven, after a trial that proves nothing
SLOWLY = 0.1  # the same while nothing is proven


@dataclass(frozen=True, kw_only=True, eq=False)
class Outer:
    """A proven bound.

    Attributes
    ----------
    log_hazard_ratio : float
        No data set has a larger one; infinite if nothing could be proven.
    courses : tuple of Course
        Courses of fractional patients that come near it.
    weights : ndarray of float
        Their shares in the mixture that does.
    """

    log_hazard_ratio: float
    courses: tuple[Course, ...]
    weights: FloatArray


def outer_bound(timeline: Timeline, phases: Sequence[Phase], *, start: float) -> Outer:
    """Find a hazard ratio that no data set exceeds.

    Parameters
    ----------
    timeline : Timeline
        What the arms report.
    phases : sequence of Phase
        The phases.
    start : float
        Log hazard ratio of some data set, or a guess.

    Raises
    ------
    NoDataSet
        If no data set is consistent with the reported values.
    """
    search = _Search(Relaxation(timeline, phases, COARSE), start)
    search.improve(start, most=25)
    finer = _Search(Relaxation(timeline, phases, FINE), start, multipliers=search.best)
    finer.improve(min(search.proof, start + 1.0), most=12)
    return Outer(
        log_hazard_ratio=float(min(search.proof, finer.proof)),
        courses=tuple(finer.courses),
        weights=finer.weights,
    )


class _Search:
    """Cutting planes for one relaxation."""

    def __init__(
        self, relaxation: Relaxation, start: float, *, multipliers: FloatArray | None = None
    ) -> None:
        self.relaxation = relaxation
        self.unit = relaxation.demands.unit
        size = self.unit.size
        self.best = np.zeros(size) if multipliers is None else multipliers
        self.proof = math.inf  # the smallest log hazard ratio that is proven to be out of reach
        self.lowest = start - 1.0  # what no multipliers can prove less than, by the cuts
        self.courses: list[Course] = []
        self.weights = np.zeros(0)

    def improve(self, start: float, *, most: int) -> None:
        """Try multipliers until they cannot get much better."""
        self._first_proof(start)
        if not self.best.size:
            return
        share = 0.5
        for _ in range(most):
            lowest = self.lowest
            self._raise_lowest()
            if self.lowest > lowest + NEARLY:
                share = 0.5
            at = self._between(share)
            if self.proof - at < NEARLY / 2:
                return
            planned = self._nearest(at)
            proven = self._try(at, planned)
            # where cuts promise more than bounds keep, come nearer to what is proven
            give_way = SLOWLY if math.isinf(self.proof) else GIVE_WAY
            share = 0.5 if proven else share + (1.0 - share) * give_way

    def _first_proof(self, start: float) -> None:
        """Step up from the start until something is proven."""
        step = 0.25
        for _ in range(5):
            if self._try(start, self.best):
                return
            start, step = start + step, step * 2.0

    def _try(self, at: float, multipliers: FloatArray) -> bool:
        """Say whether multipliers prove that no data set has a log hazard ratio of `at`."""
        score, course = self.relaxation.bound(math.exp(at), multipliers)
        self.courses.append(course)
        if score >= SAFE:
            return False
        if at < self.proof:
            self.proof, self.best = at, multipliers
        return True

    def _between(self, share: float) -> float:
        """Return where to try next: between what is proven and what cannot be."""
        if math.isinf(self.proof):
            return min(self.lowest + share / (1.0 - share), FARTHEST)
        return self.lowest + share * (self.proof - self.lowest)

    def _raise_lowest(self) -> None:
        """Find where the best multipliers under the cuts so far would bound the score by 0."""
        at = self.lowest
        for _ in range(NEWTON_STEPS):
            unknown, weights = self._master(*self._cuts(at)).priced()
            value = float(unknown[0])
            slope = sum(
                weight * _slope(course, at)
                for weight, course in zip(weights, self.courses, strict=True)
                if weight > 1e-9
            )
            move = value / -slope if slope < -1e-9 else math.copysign(1.0, value)
            at += min(max(move, -1.0), 1.0)
            if abs(move) < 1e-3 or abs(at) > FARTHEST:
                break
        self.lowest = max(self.lowest, at)
        self.weights = weights

    def _cuts(self, at: float) -> tuple[FloatArray, FloatArray]:
        """Return the cuts at a log hazard ratio, for multipliers split by sign.

        A course with score U and measures A bounds from below what multipliers m, in units, give:
        U - m A + rewarded(m), which is linear in the parts m = m+ - m-.
        """
        demands = self.relaxation.demands
        scores = np.array([course.score(math.exp(at)) for course in self.courses])
        measured = np.array([course.meets for course in self.courses]) * demands.unit
        high, low = (
            np.where(np.isfinite(bound), bound, 0.0) * demands.unit
            for bound in (demands.high, demands.low)
        )
        return np.hstack([high - measured, measured - low]), scores

    def _largest_parts(self) -> FloatArray:
        """Return the most that every part can be: nothing for a bound that there is not."""
        demands = self.relaxation.demands
        known = np.isfinite(np.concatenate([demands.high, demands.low]))
        return np.where(known, LARGEST_MULTIPLIER, 0.0)

    def _master(self, slopes: FloatArray, scores: FloatArray) -> LinearProgramme:
        """Return the programme whose first unknown is the smallest bound that cuts allow.

        The prices of its rows are the weights of the courses.
        """
        most = self._largest_parts()
        return LinearProgramme(
            cost=np.concatenate([[1.0], np.zeros(most.size)]),
            rows=np.hstack([-np.ones((scores.size, 1)), slopes]),
            most=-scores,
            lower=np.concatenate([[-np.inf], np.zeros(most.size)]),
            upper=np.concatenate([[np.inf], most]),
        )

    def _nearest(self, at: float) -> FloatArray:
        """Return the multipliers nearest the best so far that the cuts allow to prove `at`."""
        slopes, scores = self._cuts(at)
        aim = AIM * min(float(self._master(slopes, scores).solution()[0]), 0.0)
        size = self.unit.size
        one, none = np.eye(size), np.zeros((scores.size, size))
        now = self.best / self.unit
        nearest = LinearProgramme(
            cost=np.concatenate([np.zeros(2 * size), np.ones(size)]),
            rows=np.block([[slopes, none], [one, -one, -one], [-one, one, -one]]),
            most=np.concatenate([aim - scores, now, -now]),
            lower=np.zeros(3 * size),
            upper=np.concatenate([self._largest_parts(), np.full(size, np.inf)]),
        )
        try:
            parts = nearest.solution()
        except Infeasible:
            return self.best
        return np.asarray((parts[:size] - parts[size : 2 * size]) * self.unit)


def _slope(course: Course, at: float) -> float:
    """Return how fast the score of a course falls with the log hazard ratio."""
    small = 1e-4
    return (course.score(math.exp(at + small)) - course.score(math.exp(at - small))) / (2 * small)
