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
    for _ in range(moves):
        _exchange(chains, worth, bounds, prior, rng)
        _shift(chains, worth, bounds, courses, rng)
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
    first, second = rng.integers(0, n, (2, size))
    kinds = chains.event[rows, first], chains.event[rows, second]
    spans = [np.sum(chains.past <= place[:, None], axis=1) for place in (first, second)]
    at_knot = np.zeros(size, dtype=bool)
    for place in (first, second):
        at_knot |= np.any(
            (chains.before <= place[:, None]) & (place[:, None] < chains.past), axis=1
        )
    sign = kinds[1].astype(float) - kinds[0].astype(float)
    change = sign[:, None] * (
        (first[:, None] < chains.past) * worth[first][:, None]
        - (second[:, None] < chains.past) * worth[second][:, None]
    )
    likelier = sign * (prior[rows, spans[0]] - prior[rows, spans[1]])
    good = (kinds[0] != kinds[1]) & ~at_knot & (np.log(rng.random(size)) < likelier)
    good &= _inside(chains.log_survival + change, bounds)
    chosen = np.flatnonzero(good)
    chains.event[chosen, first[chosen]] = kinds[1][chosen]
    chains.event[chosen, second[chosen]] = kinds[0][chosen]
    chains.log_survival[chosen] += change[chosen]


def _shift(
    chains: _Chains,
    worth: FloatArray,
    bounds: FloatArray,
    courses: ArmCourses,
    rng: np.random.Generator,
) -> None:
    """Let a random knot of those without a reported number at risk move past one exit."""
    free = [j for j, knot in enumerate(courses.knots) if knot.at_risk is None and not knot.events]
    free = [j for j in free if courses.knots[j].time < courses.ends.min()]
    if not free:
        return
    size, n = chains.event.shape
    rows = np.arange(size)
    knot = rng.choice(np.array(free), size)
    step = rng.choice(np.array([-1, 1]), size)
    at = chains.past[rows, knot]
    low = np.where(knot > 0, chains.past[rows, knot - 1], 0)
    high = np.full(size, n - 1)
    later = knot < chains.past.shape[1] - 1
    high[later] = chains.before[rows[later], knot[later] + 1]
    good = (chains.before[rows, knot] == at) & (at + step >= low) & (at + step <= high)
    passed = np.clip(np.where(step > 0, at, at - 1), 0, n - 1)
    change = step * worth[passed] * chains.event[rows, passed]
    value = chains.log_survival[rows, knot] + change
    good &= (value >= bounds[0, knot]) & (value <= bounds[1, knot])
    chosen = np.flatnonzero(good)
    where = (chosen, knot[chosen])
    chains.log_survival[where] = value[chosen]
    chains.before[where] += step[chosen]
    chains.past[where] += step[chosen]


def _inside(log_survival: FloatArray, bounds: FloatArray) -> BoolArray:
    return np.asarray(np.all((log_survival >= bounds[0]) & (log_survival <= bounds[1]), axis=1))


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
