"""Patients changed by moves that keep every reported number, many draws at once.

The state of a draw is the kinds of its exits in order and how many of them come before each knot.
Two moves reach every other: an event and a censoring change places, and a knot moves past one exit
where no number at risk is reported there. A move that takes survival at a knot out of its interval
is not made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..constraints import EDGE
from ..pseudo_ipd import BoolArray, FloatArray, IntArray
from .arm_draws import Patients
from .courses import ArmCourses, draw_exits

__all__ = ["moved"]


@dataclass(kw_only=True, eq=False)
class _Chains:
    """Where every chain stands.

    `before` and `past` are the exits before each knot, and up to and including it.
    """

    event: BoolArray
    before: IntArray
    past: IntArray
    log_survival: FloatArray


def moved(
    patients: Patients,
    courses: ArmCourses,
    scenario: IntArray,
    *,
    moves: int,
    rng: np.random.Generator,
) -> Patients:
    """Return patients after random moves, with times drawn anew for their order."""
    n = patients.time.shape[1]
    left = np.maximum(n - np.arange(n), 1)
    worth = np.log1p(-1.0 / np.maximum(left, 1.0 + 1e-9))
    times = np.array([knot.time for knot in courses.knots])
    nothing = np.zeros((patients.time.shape[0], 0), dtype=np.int64)
    before = np.column_stack([nothing, *(np.sum(patients.time < t, axis=1) for t in times)])
    past = np.column_stack([nothing, *(np.sum(patients.time <= t, axis=1) for t in times)])
    running = np.cumsum(np.pad(patients.event * worth, ((0, 0), (1, 0))), axis=1)
    chains = _Chains(
        event=patients.event.copy(),
        before=before,
        past=past,
        log_survival=np.take_along_axis(running, past, axis=1),
    )
    bounds = np.log(np.maximum([[k.lower - EDGE, k.upper + EDGE] for k in courses.knots], 1e-300))
    bounds = bounds.reshape(-1, 2).T
    prior = _log_odds(courses, scenario)
    free = _free_knots(courses)
    for _ in range(moves):
        _exchange(chains, worth, bounds, prior, rng)
        if free.size:
            _shift(chains, worth, bounds, free, rng)
    return _timed(chains, patients, courses, scenario, rng)


def _log_odds(courses: ArmCourses, scenario: IntArray) -> FloatArray:
    """Log of expected events per expected censoring in each span, shape (rows, knots + 1)."""
    events = np.maximum(np.diff(courses.events, axis=1), 0.1)
    censored = np.maximum(np.diff(courses.censored, axis=1), 0.1)
    return np.asarray(np.log(events / censored)[scenario])


def _exchange(
    chains: _Chains,
    worth: FloatArray,
    bounds: FloatArray,
    prior: FloatArray,
    rng: np.random.Generator,
) -> None:
    """Let two random exits of each row change kinds, where that keeps every knot."""
    size, n = chains.event.shape
    rows = np.arange(size)
    places = rng.integers(0, n, (2, size))
    kinds = chains.event[rows, places]
    here = places[:, :, None]
    gone = chains.past <= here  # knots that come before each of the two
    at_knot = np.any((chains.before <= here) > gone, axis=(0, 2))
    sign = kinds[1].astype(float) - kinds[0]
    falls = ~gone * worth[here]
    change = sign[:, None] * (falls[0] - falls[1])
    odds = prior[rows, gone.sum(axis=2)]
    likelier = sign * (odds[0] - odds[1])
    good = (kinds[0] != kinds[1]) & ~at_knot & (np.log(rng.random(size)) < likelier)
    good &= _inside(chains.log_survival + change, bounds)
    chosen = np.flatnonzero(good)
    chains.event[chosen, places[:, chosen]] = kinds[::-1, chosen]
    chains.log_survival[chosen] += change[chosen]


def _free_knots(courses: ArmCourses) -> IntArray:
    """Return the knots without a reported number at risk that are before every end."""
    free = [
        place
        for place, knot in enumerate(courses.knots)
        if knot.at_risk is None and not knot.events and knot.time < courses.ends.min()
    ]
    return np.array(free, dtype=np.int64)


def _shift(
    chains: _Chains, worth: FloatArray, bounds: FloatArray, free: IntArray, rng: np.random.Generator
) -> None:
    """Let a random knot of those that are free move past one exit."""
    size, n = chains.event.shape
    rows = np.arange(size)
    knot = free[rng.integers(0, free.size, size)]
    step = np.asarray(2 * rng.integers(0, 2, size) - 1)
    at = chains.past[rows, knot]
    low = np.where(knot > 0, chains.past[rows, knot - 1], 0)
    next_knot = np.minimum(knot + 1, chains.past.shape[1] - 1)
    high = np.where(next_knot > knot, chains.before[rows, next_knot], n - 1)
    good = (chains.before[rows, knot] == at) & (at + step >= low) & (at + step <= high)
    rows, knot, step, at = rows[good], knot[good], step[good], at[good]
    passed = at - (step < 0)
    value = chains.log_survival[rows, knot] + step * worth[passed] * chains.event[rows, passed]
    good = (value >= bounds[0, knot]) & (value <= bounds[1, knot])
    where = rows[good], knot[good]
    chains.log_survival[where] = value[good]
    chains.before[where] += step[good]
    chains.past[where] += step[good]


def _inside(log_survival: FloatArray, bounds: FloatArray) -> BoolArray:
    inside = (log_survival >= bounds[0]) & (log_survival <= bounds[1])
    return np.asarray(inside.all(axis=1))


def _timed(
    chains: _Chains,
    patients: Patients,
    courses: ArmCourses,
    scenario: IntArray,
    rng: np.random.Generator,
) -> Patients:
    """Draw times for the exits between the knots, in the order that the chains have reached."""
    size, n = chains.event.shape
    time = patients.time.copy()
    edge = np.zeros(size, dtype=np.int64)
    columns = np.arange(n)

    def draw(place: int, stop: IntArray) -> None:
        inside = (columns >= edge[:, None]) & (columns < stop[:, None])
        count = inside.sum(axis=1)
        events = np.sum(chains.event & inside, axis=1)
        counts = events[:, None], (count - events)[:, None]
        span = slice(place, place + 1)
        drawn = draw_exits(courses.quantiles, span, scenario, counts=counts, rng=rng)
        time[inside] = np.abs(drawn[np.arange(drawn.shape[1]) < count[:, None]])

    for place, knot in enumerate(courses.knots):
        before, past = chains.before[:, place], chains.past[:, place]
        draw(place, before)
        time[(columns >= before[:, None]) & (columns < past[:, None])] = knot.time
        edge = past
    censored = np.any(~chains.event & (columns >= edge[:, None]), axis=1)
    at_end = (edge < n) & (courses.end_reported | censored)
    draw(len(courses.knots), n - at_end)
    time[at_end, -1] = courses.ends[scenario[at_end]]
    return Patients(time=time, event=chains.event)
