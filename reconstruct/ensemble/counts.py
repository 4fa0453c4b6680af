"""How many patients leave between two knots by an event and how many censored, a row per draw.

The numbers run forward from knot to knot. Between two knots the order of events and censorings is
not drawn yet: numbers are kept with the probability that a random order brings survival inside the
knot's interval. At the end rows are drawn in proportion to how likely they make the reported total
of events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtr, xlog1py, xlogy

from ..constraints import ArmConstraints
from ..pseudo_ipd import FloatArray, IntArray
from .courses import ArmCourses
from .orders import mean_log_factor, variance_log_factor
from .proposals import A_LITTLE_OFF, ANYTHING, AS_EXPECTED, Proposal, Proposer, State

__all__ = ["CountSampler", "NoDraws", "Paths"]

OVERSAMPLED = 2  # rows for each of which the total of events is known
REPLACED = 0.5  # of the rows, if no more have nothing as expected: others stand in for them
# Stage, and proposals for each row that has none yet: many at once are as quick as one.
ATTEMPTS = (
    (AS_EXPECTED, 1),
    (AS_EXPECTED, 3),
    (AS_EXPECTED, 8),
    (A_LITTLE_OFF, 8),
    (ANYTHING, 16),
)


class NoDraws(Exception):  # noqa: N818 - an outcome of sampling, not an error
    """No row satisfied every constraint."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Whole numbers of exits, a row per draw.

    Attributes
    ----------
    scenario : ndarray of int, shape (rows,)
    events, censored : ndarray of int, shape (rows, knots + 1)
        Between the knots, and after the last.
    at_knot : ndarray of int, shape (rows, knots)
        Events exactly at each knot.
    origin : ndarray of int, shape (rows,)
        Which of the rows asked for each one answers.
    """

    scenario: IntArray
    events: IntArray
    censored: IntArray
    at_knot: IntArray
    origin: IntArray

    @property
    def total_events(self) -> IntArray:
        """Events of each row."""
        return np.asarray(self.events.sum(axis=1) + self.at_knot.sum(axis=1))

    def take(self, rows: IntArray) -> Paths:
        """Return some of the rows."""
        return Paths(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spread:
    """Survival after a knot over random orders: `scale` times the exponential of a normal.

    Attributes
    ----------
    interval : tuple of float
        In which survival at the knot is reported.
    scale, mean, sd : ndarray of float, of one shape
        Survival if the exits before the knot took nothing, and mean and standard deviation of the
        log of what they multiply it by.
    """

    interval: tuple[float, float]
    scale: FloatArray
    mean: FloatArray
    sd: FloatArray

    def _bounds(self, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = np.log(np.maximum(self.interval, 1e-12))
        log_scale = np.log(np.maximum(scale, 1e-12))
        return low - log_scale, np.minimum(high - log_scale, 1e-12)

    @property
    def chance(self) -> FloatArray:
        """Chance of survival inside, as a share of the highest that the spread allows."""
        low, high = self._bounds(self.scale)
        best = np.maximum(2 * ndtr((high - low) / 2 / self.sd) - 1, 1e-12)
        inside = ndtr((high - self.mean) / self.sd) - ndtr((low - self.mean) / self.sd)
        return np.where(self.scale > 0, inside / best, self.interval[0] <= 0)

    def survival(self, places: IntArray, rng: np.random.Generator) -> FloatArray:
        """Return a random survival inside for some of the places, counted in the flat arrays."""
        scale, mean, sd = (each.take(places) for each in (self.scale, self.mean, self.sd))
        log_factor = np.clip(mean + sd * rng.standard_normal(places.size), *self._bounds(scale))
        return np.asarray(np.clip(scale * np.exp(log_factor), *self.interval))


class CountSampler:
    """Draws the numbers of exits of one arm."""

    def __init__(self, arm: ArmConstraints, courses: ArmCourses) -> None:
        self.arm, self.courses, self.knots = arm, courses, courses.knots
        self.proposer = Proposer(arm, courses)

    def paths(
        self,
        scenario: IntArray,
        *,
        total: IntArray | None,
        rng: np.random.Generator,
        counted: FloatArray | None = None,
    ) -> Paths:
        """Draw numbers for rows of given scenarios and, where it is known, total of events.

        Parameters
        ----------
        scenario : ndarray of int, shape (rows,)
        total : ndarray of int, shape (rows,), or None
        rng : numpy.random.Generator
        counted : ndarray of float, shape (scenarios,), optional
            Log likelihood of the total that the choice of the scenarios has counted already.

        Raises
        ------
        NoDraws
            If no row gets through.
        """
        copies = 1 if total is None else OVERSAMPLED
        rows = np.repeat(np.arange(scenario.size), copies)
        state = State.start(self.arm.n, scenario[rows], None if total is None else total[rows])
        steps: list[Proposal] = []
        origin, weight = rows, np.zeros(rows.size)
        for place in range(len(self.knots)):
            step, survival, dead = self._pass(place, state, rng)
            state = state.after(step, survival)
            weight = weight + step.log_weight
            steps.append(step)
            if dead.size:
                kept = replacing(dead, rows.size, rng)
                state, origin, weight = state.take(kept), origin[kept], weight[kept]
                steps = [each.take(kept) for each in steps]
        last = self._tail(state, rng)
        weight = weight + self._log_likelihood(state, last.events)
        if counted is not None:
            weight = weight - counted[state.scenario]
        paths = Paths(
            scenario=state.scenario,
            events=np.column_stack([s.events for s in (*steps, last)]),
            censored=np.column_stack([s.censored for s in (*steps, last)]),
            at_knot=np.array([s.at_knot for s in steps], dtype=np.int64).reshape(-1, rows.size).T,
            origin=origin,
        )
        return paths.take(weighted(weight, scenario.size, rng))

    def _pass(
        self, place: int, state: State, rng: np.random.Generator
    ) -> tuple[Proposal, FloatArray, IntArray]:
        """Propose exits of one span until every row has some; return also rows that have none."""
        size = state.scenario.size
        found = Proposal.nothing(size)
        survival = np.zeros(size)
        todo = np.arange(size)
        for stage, copies in ATTEMPTS:
            if not todo.size or (stage != AS_EXPECTED and todo.size <= REPLACED * size):
                break
            now = state if todo.size == size else state.take(todo)
            proposal = self.proposer.propose(place, now, stage, copies, rng)
            spread = self._spread(place, now, proposal)
            good = self.proposer.possible(place, now, proposal)
            good &= rng.random(good.shape) < spread.chance
            done = np.flatnonzero(good.any(axis=0))
            first = good.argmax(axis=0)[done] * todo.size + done
            found.put(todo[done], proposal.take(first))
            survival[todo[done]] = spread.survival(first, rng)
            todo = np.delete(todo, done)
        return found, survival, todo

    def _spread(self, place: int, state: State, proposal: Proposal) -> _Spread:
        """Return how orders of the exits spread survival around the knot's interval."""
        knot, r, counts = self.knots[place], state.at_risk, (proposal.events, proposal.censored)
        before = np.maximum(r - counts[0] - counts[1], 1)
        scale = state.survival * (np.maximum(before - proposal.at_knot, 0) / before)
        gone = self.courses.gone_by(state.scenario, place)[:, None]
        return _Spread(
            interval=(knot.lower, knot.upper),
            scale=scale,
            mean=mean_log_factor(*counts, at_risk=r, gone=gone),
            sd=np.sqrt(variance_log_factor(*counts, at_risk=r)) + 1e-9,
        )

    def _tail(self, state: State, rng: np.random.Generator) -> Proposal:
        if self.proposer.ends_at_knot or self.arm.all_events_listed:
            events = np.zeros_like(state.at_risk)
        elif state.total is not None:
            events = state.total - state.events
        else:
            rate = self.courses.event_rate(state.scenario, len(self.knots))
            events = rng.binomial(state.at_risk, rate)
        nothing = Proposal.nothing(state.at_risk.size)
        nothing.events[:] = events
        nothing.censored[:] = state.at_risk - events
        return nothing

    def _log_likelihood(self, state: State, tail: IntArray) -> FloatArray:
        """Return how likely the events after the last knot are, given the total."""
        if state.total is None:
            return np.zeros(tail.size)
        r = state.at_risk
        impossible = (tail < 0) | (tail > r) | (state.events + tail != state.total)
        d = np.clip(tail, 0, r)
        rate = np.clip(self.courses.event_rate(state.scenario, len(self.knots)), 1e-3, 1 - 1e-3)
        ways = gammaln(r + 1) - gammaln(d + 1) - gammaln(r - d + 1)
        value = ways + xlogy(d, rate) + xlog1py(r - d, -rate)
        if self.proposer.ends_at_knot:
            value = np.zeros(tail.size)
        return np.where(impossible, -np.inf, value)


def replacing(dead: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    """Return for each of `size` rows itself, or a random row that is not dead in its place."""
    alive = np.setdiff1d(np.arange(size), dead, assume_unique=True)
    if not alive.size:
        raise NoDraws
    rows = np.arange(size)
    rows[dead] = alive[rng.integers(0, alive.size, dead.size)]
    return rows


def weighted(log_weight: FloatArray, size: int, rng: np.random.Generator) -> IntArray:
    """Return `size` rows in proportion to their weights, by systematic resampling."""
    if not np.isfinite(log_weight).any():
        raise NoDraws
    cumulative = np.cumsum(np.exp(log_weight - log_weight.max()))
    places = (np.arange(size) + rng.random()) / size * cumulative[-1]
    rows = np.minimum(np.searchsorted(cumulative, places), cumulative.size - 1)
    return rng.permutation(rows)
