"""A hazard ratio that no data set can exceed.

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
from .phases import Phase
from .relaxation import Course, Relaxation, Resolution
from .timeline import Timeline

__all__ = ["Outer", "outer_bound"]

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
        Courses of divided patients that come near it.
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
        What the arms print.
    phases : sequence of Phase
        The phases.
    start : float
        Log hazard ratio of some data set, or a guess.

    Raises
    ------
    NoDataSet
        If no data set meets the printed numbers.
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
            value, weights = self._master(at)
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

    def _limits(self) -> list[tuple[float, float]]:
        """Return the range of every part: none for a bound that there is not."""
        demands = self.relaxation.demands
        known = np.isfinite(np.concatenate([demands.high, demands.low]))
        return [(0.0, LARGEST_MULTIPLIER if has else 0.0) for has in known]

    def _master(self, at: float) -> tuple[float, FloatArray]:
        """Return the smallest bound that the cuts allow at `at`, and the weights of the courses."""
        from scipy.optimize import linprog

        slopes, scores = self._cuts(at)
        found = linprog(
            np.concatenate([[1.0], np.zeros(slopes.shape[1])]),
            A_ub=np.hstack([-np.ones((scores.size, 1)), slopes]),
            b_ub=-scores,
            bounds=[(None, None), *self._limits()],
            method="highs",
        )
        return float(found.fun or 0.0), np.maximum(-found.ineqlin.marginals, 0.0)

    def _nearest(self, at: float) -> FloatArray:
        """Return the multipliers nearest the best so far that the cuts allow to prove `at`."""
        from scipy.optimize import linprog

        slopes, scores = self._cuts(at)
        aim = AIM * min(self._master(at)[0], 0.0)
        size = self.unit.size
        one, none = np.eye(size), np.zeros((scores.size, size))
        now = self.best / self.unit
        found = linprog(
            np.concatenate([np.zeros(2 * size), np.ones(size)]),
            A_ub=np.block([[slopes, none], [one, -one, -one], [-one, one, -one]]),
            b_ub=np.concatenate([aim - scores, now, -now]),
            bounds=[*self._limits(), *[(0.0, None)] * size],
            method="highs",
        )
        if found.x is None:
            return self.best
        return np.asarray((found.x[:size] - found.x[size : 2 * size]) * self.unit)


def _slope(course: Course, at: float) -> float:
    """Return how fast the score of a course falls with the log hazard ratio."""
    small = 1e-4
    return (course.score(math.exp(at + small)) - course.score(math.exp(at - small))) / (2 * small)
