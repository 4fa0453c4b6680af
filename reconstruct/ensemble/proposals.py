"""Proposed numbers of exits between two knots, a row per draw: as expected, then ever wider."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..constraints import EDGE, ArmConstraints
from ..lookahead import next_at_risk, sums_from_end
from ..pseudo_ipd import BoolArray, FloatArray, IntArray
from .courses import ArmCourses
from .orders import censorings_for, events_for

__all__ = ["ANYTHING", "AS_EXPECTED", "A_LITTLE_OFF", "Proposal", "Proposer", "State", "binomial"]

AS_EXPECTED, A_LITTLE_OFF, ANYTHING = 0, 1, 2  # how far proposals may stray
FAR = 20.0  # at most, in log likelihood
SCATTERED = 4.0  # variance from which binomial counts are nearly normal


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """Numbers of exits of one span: before its knot by kind, and events exactly at the knot.

    All of shape (rows,), or (proposals, rows) where every row has several.
    """

    events: IntArray
    censored: IntArray
    at_knot: IntArray
    log_weight: FloatArray

    @classmethod
    def nothing(cls, size: int) -> Proposal:
        """Return rows without exits, to be filled."""
        counts = [np.zeros(size, dtype=np.int64) for _ in range(3)]
        return cls(
            events=counts[0], censored=counts[1], at_knot=counts[2], log_weight=np.zeros(size)
        )

    def take(self, rows: IntArray) -> Proposal:
        """Return some of the rows, or of the proposals of all rows, counted one after the other."""
        return Proposal(**{name: values.take(rows) for name, values in vars(self).items()})

    def put(self, rows: IntArray, other: Proposal) -> None:
        """Fill some of the rows."""
        for name, values in vars(self).items():
            values[rows] = getattr(other, name)


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """Where every row stands after a knot; `total` are the events printed, if they are."""

    scenario: IntArray
    at_risk: IntArray
    events: IntArray
    survival: FloatArray
    total: IntArray | None

    @classmethod
    def start(cls, n: int, scenario: IntArray, total: IntArray | None) -> State:
        """Return the state at time 0."""
        return cls(
            scenario=scenario,
            at_risk=np.full(scenario.size, n, dtype=np.int64),
            events=np.zeros(scenario.size, dtype=np.int64),
            survival=np.ones(scenario.size),
            total=total,
        )

    def take(self, rows: IntArray) -> State:
        """Return some of the rows."""
        return State(
            scenario=self.scenario[rows],
            at_risk=self.at_risk[rows],
            events=self.events[rows],
            survival=self.survival[rows],
            total=None if self.total is None else self.total[rows],
        )

    def after(self, step: Proposal, survival: FloatArray) -> State:
        """Return the state after one more span and its knot."""
        return State(
            scenario=self.scenario,
            at_risk=self.at_risk - step.events - step.censored - step.at_knot,
            events=self.events + step.events + step.at_knot,
            survival=survival,
            total=self.total,
        )


class Proposer:
    """Proposes numbers of exits for one arm."""

    def __init__(self, arm: ArmConstraints, courses: ArmCourses) -> None:
        self.arm, self.courses, self.knots = arm, courses, courses.knots
        self.listed_after = sums_from_end([knot.events for knot in self.knots])
        self.needed_after = next_at_risk(self.knots)
        self.ends_at_knot = bool(self.knots) and self.knots[-1].time >= arm.last_time

    def propose(
        self, place: int, state: State, stage: int, copies: int, rng: np.random.Generator
    ) -> Proposal:
        """Propose numbers of exits for the span before one knot, so many times for every row."""
        shape = copies, state.at_risk.size
        at_knot = self._at_knot(place, shape, stage, rng)
        known = self.knots[place].at_risk
        unlikely = np.zeros(shape)
        if known is None:
            censored, unlikely = self._censored(place, state, shape, stage, rng)
        else:  # until events have taken their part
            censored = np.broadcast_to(state.at_risk - known, shape)
        step = Proposal(
            events=np.zeros_like(at_knot), censored=censored, at_knot=at_knot, log_weight=-unlikely
        )
        step = self._with_events(place, state, step, stage, rng)
        if known is None:
            return step
        return replace(step, censored=step.censored - step.events)

    def _with_events(
        self, place: int, state: State, step: Proposal, stage: int, rng: np.random.Generator
    ) -> Proposal:
        """Add events to a proposal that has censorings."""
        knot = self.knots[place]
        if self.arm.all_events_listed:
            return step
        if self.ends_at_knot and place == len(self.knots) - 1 and state.total is not None:
            events = state.total - state.events - step.at_knot
            if knot.at_risk is not None or stage == AS_EXPECTED:
                return replace(step, events=events)
            censored = self._censored_to_meet(place, state, events, rng)
            return replace(step, events=events, censored=censored)
        if knot.aim is None:
            return replace(
                step, events=self._free_events(place, state, step.censored.shape, stage, rng)
            )
        return replace(step, events=self._events_to_meet(place, state, step, stage, rng))

    def possible(self, place: int, state: State, step: Proposal) -> BoolArray:
        """Say for which rows some order of the exits can match what is reported here and later."""
        knot, total = self.knots[place], state.total
        d, c = step.events, step.censored
        before = state.at_risk - d - c
        after = before - step.at_knot
        later = self.listed_after[place + 1]
        good = (d >= 0) & (c >= 0) & (after >= max(later, self.needed_after[place + 1]))
        if self.arm.last_time_source == "printed":
            at_end = knot.time >= self.arm.last_time
            good &= (after > 0) | (at_end & (step.at_knot > 0))
        if total is not None:
            rest = total - state.events - d - step.at_knot
            good &= (rest >= later) & (rest <= after)
            if self.ends_at_knot and place == len(self.knots) - 1:
                good &= rest == 0
        share = np.maximum(after, 0) / np.maximum(before, 1)
        highest = state.survival * (1 - d / np.maximum(state.at_risk, 1)) * share
        last = before + d
        lowest = state.survival * np.where(last > 0, after / np.maximum(last, 1), 1.0)
        return np.asarray(good & (highest >= knot.lower - EDGE) & (lowest <= knot.upper + EDGE))

    def _at_knot(
        self, place: int, shape: tuple[int, int], stage: int, rng: np.random.Generator
    ) -> IntArray:
        """Return events exactly at a knot: beyond those listed only where it can matter."""
        knot = self.knots[place]
        listed = np.full(shape, knot.events, dtype=np.int64)
        matters = knot.at_risk is not None or knot.time >= self.arm.last_time
        if stage == AS_EXPECTED or self.arm.all_events_listed or not matters:
            return listed
        return listed + rng.poisson(0.5 * stage, shape)

    def _events_to_meet(
        self, place: int, state: State, step: Proposal, stage: int, rng: np.random.Generator
    ) -> IntArray:
        """Return events that bring survival into the knot's interval."""
        r, shape = state.at_risk, step.censored.shape
        target = self._target(place, state, shape, rng)
        if step.at_knot.any():
            others = r - step.censored
            target /= np.maximum(others - step.at_knot, 1) / np.maximum(others, 1)
        ideal = events_for(
            np.log(np.clip(target, 0.25 / np.maximum(r, 1), 1.0)),
            step.censored,
            at_risk=r,
            gone=self.courses.gone_by(state.scenario, place)[:, None],
            instead=self.knots[place].at_risk is not None,
        )
        if stage:
            ideal += rng.normal(0.0, 0.75 * stage, shape)
        return np.asarray(np.floor(ideal + rng.random(shape)).astype(np.int64))

    def _target(
        self, place: int, state: State, shape: tuple[int, ...], rng: np.random.Generator
    ) -> FloatArray:
        """Return random factors that bring survival into the knot's interval."""
        knot = self.knots[place]
        upper = np.minimum(knot.upper, state.survival)
        lower = np.minimum(knot.lower, upper)
        return np.asarray((lower + (upper - lower) * rng.random(shape)) / state.survival)

    def _censored_to_meet(
        self, place: int, state: State, events: IntArray, rng: np.random.Generator
    ) -> IntArray:
        """Return censorings that bring survival into the knot's interval."""
        gone = self.courses.gone_by(state.scenario, place)[:, None]
        target = self._target(place, state, events.shape, rng)
        log_factor = np.log(np.maximum(target, 1e-9))
        ideal = censorings_for(log_factor, events, at_risk=state.at_risk, gone=gone)
        return np.asarray(np.floor(ideal + rng.random(events.shape)).astype(np.int64))

    def _censored(
        self,
        place: int,
        state: State,
        shape: tuple[int, int],
        stage: int,
        rng: np.random.Generator,
    ) -> tuple[IntArray, FloatArray]:
        """Return censorings at the rate of the scenario, and how unlikely they are at it.

        Counts that were proposed at that rate are as likely as they are.
        """
        m, courses = state.scenario, self.courses
        known = self._next_known(place)
        if known is None:
            share = courses.censoring_rate(m, place)
            rest = state.at_risk * (1.0 - courses.event_rate(m, place))
        else:
            count, j = known
            ahead = courses.events[m, j] - courses.events[m, place]
            rest = state.at_risk - count - ahead
            inside = courses.censored[m, place + 1] - courses.censored[m, place]
            whole = courses.censored[m, j] - courses.censored[m, place]
            share = np.clip(inside / np.maximum(whole, 1e-9), 0.0, 1.0)
        whole_rest = np.maximum(np.rint(rest), 0).astype(np.int64)
        counts = _around(whole_rest, share, shape, stage, most=state.at_risk, rng=rng)
        if stage == AS_EXPECTED:
            return counts, np.zeros(shape)
        mean = whole_rest * share
        return counts, np.minimum((counts - mean) ** 2 / (2 * (mean * (1 - share) + 1)), FAR)

    def _next_known(self, place: int) -> tuple[int, int] | None:
        """Return the next number at risk that is reported, and its column in the courses."""
        for j in range(place + 1, len(self.knots)):
            count = self.knots[j].at_risk
            if count is not None:
                return count, j + 1
        return None

    def _free_events(
        self,
        place: int,
        state: State,
        shape: tuple[int, ...],
        stage: int,
        rng: np.random.Generator,
    ) -> IntArray:
        """Return events at the rate of the scenario, where no survival is reported."""
        rate = self.courses.event_rate(state.scenario, place)
        lowest = (self.knots[place].lower - EDGE) / np.maximum(state.survival, 1e-12)
        fall = 1.0 - np.clip(lowest, 0.0, 1.0)
        most = (state.at_risk * fall + EDGE).astype(np.int64)
        return _around(state.at_risk, rate, shape, stage, most=most, rng=rng)


def _around(
    trials: IntArray,
    share: FloatArray,
    shape: tuple[int, ...],
    stage: int,
    *,
    most: IntArray,
    rng: np.random.Generator,
) -> IntArray:
    """Return binomial counts, or counts evenly around their mean, or any."""
    if stage == AS_EXPECTED:
        return binomial(trials, share, shape, rng)
    if stage == A_LITTLE_OFF:
        return np.asarray(((2 * trials * share + 3) * rng.random(shape)).astype(np.int64))
    return np.asarray(rng.integers(0, np.maximum(most, 0) + 1, shape))


def binomial(
    trials: IntArray, share: FloatArray, shape: tuple[int, ...], rng: np.random.Generator
) -> IntArray:
    """Draw binomial counts; where they scatter widely, rounded values of a skewed normal.

    Notes
    -----
    The normal is bent to the skewness of the binomial [1]_. From a variance of `SCATTERED` on, at
    most 0.6% of the probability is on another count, in a sixth of the time.

    References
    ----------
    .. [1] Cornish EA, Fisher RA. Rev Inst Int Stat 1938;5:307-320. doi:10.2307/1400905.
    """
    variance = trials * share * (1.0 - share)
    normal = rng.standard_normal(shape)
    counts = np.square(normal)
    counts -= 1.0
    counts *= (1.0 - 2.0 * share) / 6.0
    normal *= np.sqrt(variance)
    counts += normal
    counts += trials * share + 0.5
    found = np.clip(np.floor(counts, out=counts), 0, trials).astype(np.int64)
    few = np.flatnonzero(variance < SCATTERED)
    found[..., few] = rng.binomial(trials[few], share[few], (*shape[:-1], few.size))
    return found
