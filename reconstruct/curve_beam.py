"""One pass along a digitised curve that keeps many partial arms side by side.

From knot to knot every kept state - so many at risk, survival exactly so much - goes on with every
number of censorings and events that the next knot allows. Of states that agree in numbers at risk
and, nearly, in survival the likeliest is kept, as in Viterbi's algorithm, so that the pass ends
with the likeliest whole patients that meet the curve.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from .curve_knots import NOT_PRINTED, BoolArray, Counts, CurveKnots
from .pseudo_ipd import FloatArray

__all__ = ["Breadth", "CurvePath", "path_along"]

OVERDISPERSION = 0.3  # relative variance of censorings in a gap beyond Poisson
ROBUST = 3.0  # standard deviations from which an unusual number of censorings weighs linearly
OUTSIDE = 10.0  # cost of a knot that is missed, and of each tolerance that it is missed by
HOPELESS = 25.0  # cost beyond the best at which a state is given up
UNEVEN = 0.75  # cost of an event that is not in the middle of its gap's censorings
EVENTS_OFF = 1000.0
MOST_EVENTS_TRIED = 4
LOG_FACTORIAL = gammaln(np.arange(1.0, 1000.0))


class Breadth(NamedTuple):
    """How many states a pass keeps, and how finely survival tells them apart."""

    states: int
    survivals: int
    censorings: int = 24


class CurvePath(NamedTuple):
    """Whole numbers of patients at every knot.

    Attributes
    ----------
    censored, events, late : ndarray of int, shape (k,)
        Censorings in the gap before each knot, events at the knot or in the gap, and how many of
        the gap's censorings come after its events.
    left : int
        Patients after the last knot.
    cost : float
        How unlikely the path is; comparable between paths along the same knots.
    """

    censored: Counts
    events: Counts
    late: Counts
    left: int
    cost: float


class _States(NamedTuple):
    """Partial arms side by side, one an element; `parent` counts in the states one knot before."""

    at_risk: Counts
    survival: FloatArray
    total: Counts
    cost: FloatArray
    parent: Counts
    censored: Counts
    events: Counts
    late: Counts

    def take(self, rows: Counts | BoolArray) -> _States:
        return _States(
            self.at_risk[rows],
            self.survival[rows],
            self.total[rows],
            self.cost[rows],
            self.parent[rows],
            self.censored[rows],
            self.events[rows],
            self.late[rows],
        )


def path_along(
    knots: CurveKnots, breadth: Breadth, *, total: int | None = None, tilt: float = 0.0
) -> CurvePath | None:
    """Find likely whole patients along a curve.

    Parameters
    ----------
    knots : CurveKnots
        What has to be met and what is expected.
    breadth : Breadth
        How widely to look.
    total : int or None
        Events that are wanted at the end, if one of the kept states has them.
    tilt : float, default 0.0
        Cost of every event, to have fewer (or, below 0, more) of them.

    Returns
    -------
    CurvePath or None
        None if at-risk counts or marks leave no patients at some knot. Survival that cannot be met
        is missed by as little as possible instead.
    """
    nothing = np.zeros(1, dtype=np.intp)
    start = _States(
        np.array([knots.n]), np.ones(1), nothing, np.zeros(1), nothing, nothing, nothing, nothing
    )
    states, history = start, []
    for place in range(knots.time.size):
        candidates = _after_events(knots, place, _after_censorings(knots, place, states, breadth))
        if candidates.cost.size == 0:
            return None
        if tilt:
            candidates = candidates._replace(cost=candidates.cost + tilt * candidates.events)
        states = _kept(knots, candidates, breadth, by_total=total is not None)
        history.append(states)
    return _traced(history, total)


def _after_censorings(knots: CurveKnots, place: int, states: _States, breadth: Breadth) -> _States:
    """Let every state go on with every number of censorings that the gap allows."""
    likeliest = float(states.at_risk[np.argmin(states.cost)])
    mean = max(likeliest * knots.share[place], 1e-3)
    room = states.at_risk - knots.needed[place] - int(knots.drop[place])
    known = knots.at_risk[place]
    if known != NOT_PRINTED and not knots.between[place]:
        forced = states.at_risk - known
        parent = np.flatnonzero((forced >= 0) & (forced <= room))
        censored = forced[parent]
    else:
        least = int(knots.fewest[place])
        most = min(int(room.max()), int(knots.most[place])) - least
        usual = max(mean - least, 1e-3)
        tried = least + _tried(usual, most, breadth.censorings, everything=known != NOT_PRINTED)
        parent, column = np.nonzero(tried <= room[:, None])
        censored = tried[column]
    cost = states.cost[parent] + _censoring_cost(censored, max(mean, float(knots.fewest[place])))
    if knots.at_mark:
        unmarked = np.maximum(censored - knots.most[place], knots.fewest[place] - censored)
        cost += np.where(unmarked > 0, OUTSIDE * (1.0 + unmarked), 0.0)
    none = np.zeros_like(censored)
    return _States(
        states.at_risk[parent] - censored,
        states.survival[parent],
        states.total[parent],
        cost,
        parent,
        censored,
        none,
        none,
    )


def _tried(mean: float, most: int, count: int, *, everything: bool) -> Counts:
    """Return the numbers of censorings to try: all that are usual, and a few that are not."""
    if most < 0:
        return np.zeros(0, dtype=np.intp)
    spread = np.sqrt(mean * (1.0 + OVERDISPERSION * mean))
    usual = most if everything else int(min(mean + 4.0 * spread + 3.0, most))
    if usual < count:
        near = np.arange(usual + 1)
    else:
        first = 0.0 if everything else max(mean - 3.0 * spread, 0.0)
        near = np.unique(np.linspace(first, usual, count).astype(np.intp))
    if usual == most:
        return near
    far = (usual * 1.5 ** np.arange(1, 8)).astype(np.intp)
    return np.union1d(np.append(near, 0), far[far <= most])


def _censoring_cost(censored: Counts, mean: float) -> FloatArray:
    """Weigh numbers of censorings: a normal with the mean as its mode, and robust tails."""
    off = np.abs(censored - mean) / np.sqrt(mean + OVERDISPERSION * mean**2 + 0.1)
    return np.asarray(np.where(off < ROBUST, off**2 / 2, ROBUST * off - ROBUST**2 / 2))


def _after_events(knots: CurveKnots, place: int, states: _States) -> _States:
    """Let every state have every number of events that brings survival inside the bounds."""
    if not (knots.drop[place] or knots.between[place]):
        return states._replace(cost=states.cost + _outside(knots, place, states.survival))
    if knots.between[place]:
        states = _split(states)
    states = _with_events(knots, place, states)
    exposed = states.at_risk + states.late
    survival = np.maximum(states.survival * (1.0 - states.events / np.maximum(exposed, 1)), 1e-12)
    cost = _event_cost(states.events, exposed * knots.rate[place], drop=bool(knots.drop[place]))
    return states._replace(
        at_risk=states.at_risk - states.events,
        survival=survival,
        total=states.total + states.events,
        cost=states.cost + cost + _outside(knots, place, survival),
    )


def _split(states: _States) -> _States:
    """Put some of a gap's censorings before its events and the others, `late`, after them."""
    few = states.censored.max(initial=0) <= 6
    ways = states.censored + 1 if few else np.where(states.censored > 0, 3, 1)
    rows = np.repeat(np.arange(states.censored.size), ways)
    way = np.arange(rows.size) - np.repeat(np.cumsum(ways) - ways, ways)
    states = states.take(rows)
    late = way if few else (way + 1) * states.censored // 4
    uneven = np.abs(2 * late - states.censored) / np.maximum(states.censored, 2)
    return states._replace(late=late, cost=states.cost + UNEVEN * uneven)


def _with_events(knots: CurveKnots, place: int, states: _States) -> _States:
    """Give every state its possible numbers of events, those that miss the least if none fits."""
    least = int(knots.drop[place])
    known = knots.at_risk[place]
    if known != NOT_PRINTED and not least:
        events = states.at_risk - known
        return states._replace(events=events).take(events >= 0)
    exposed = (states.at_risk + states.late).astype(float)
    per_survival = exposed / states.survival
    upper = knots.upper[place]
    lower = knots.lowest_after(place, max(int(states.at_risk.max(initial=0)) - least, 1))
    fewest = np.ceil(exposed - per_survival * upper)
    most = np.floor(exposed - per_survival * lower)
    missed = fewest > most
    if missed.any():
        nearest = np.rint(exposed - per_survival * (lower + upper) / 2)
        fewest, most = np.where(missed, nearest, fewest), np.where(missed, nearest, most)
    room = np.maximum(states.at_risk - knots.needed[place], least)
    fewest = np.minimum(np.maximum(fewest, least), room)
    most = np.minimum(np.maximum(most, fewest), room)
    return _spread(states, fewest.astype(np.intp), most.astype(np.intp))


def _spread(states: _States, fewest: Counts, most: Counts) -> _States:
    """Repeat every state with up to a few numbers of events from the fewest to the most."""
    width = int((most - fewest).max(initial=0)) + 1
    if width == 1:
        return states._replace(events=fewest)
    steps = np.arange(width)
    if width > MOST_EVENTS_TRIED:
        steps = np.unique(np.linspace(0, width - 1, MOST_EVENTS_TRIED).round().astype(np.intp))
    tried = fewest[:, None] + steps
    rows, column = np.nonzero(tried <= most[:, None])
    return states.take(rows)._replace(events=tried[rows, column])


def _event_cost(events: Counts, mean: FloatArray, *, drop: bool) -> FloatArray:
    """Weigh numbers of events: Poisson, and at a drop Poisson given that there is one."""
    log_factorial = (
        LOG_FACTORIAL[events]
        if events.max(initial=0) < LOG_FACTORIAL.size
        else gammaln(events + 1.0)
    )
    mean = np.maximum(mean, 1e-9)
    cost = mean + log_factorial - events * np.log(mean)
    return np.asarray(cost + np.log(-np.expm1(-mean)) if drop else cost)


def _outside(knots: CurveKnots, place: int, survival: FloatArray) -> FloatArray:
    beyond = np.maximum(survival - knots.upper[place], knots.lower[place] - survival)
    if beyond.max(initial=0.0) <= 0:
        return np.zeros(1)
    cost = OUTSIDE * (1.0 + np.maximum(beyond, 0.0) / knots.tolerance) ** 2
    return np.asarray(np.where(beyond > 0, cost, 0.0))


def _kept(knots: CurveKnots, states: _States, breadth: Breadth, *, by_total: bool) -> _States:
    """Keep the likeliest of the states that nearly agree, and of those as many as allowed."""
    states = states.take(states.cost <= states.cost.min() + HOPELESS)
    fine = (states.survival - states.survival.min()) * (breadth.survivals / 2 / knots.tolerance)
    level = np.minimum(fine, 999.0).astype(np.intp)
    fewest = int(states.at_risk.min())
    width = int(states.at_risk.max()) - fewest + 1
    levels = min(breadth.survivals, int(level.max()) + 1)
    coarse = max(1, -(-width * levels // breadth.states))
    key = (states.at_risk - fewest) // coarse * 1000 + level
    if by_total:
        least = int(states.total.min())
        key = key * 16 + (states.total - least) * 15 // max(int(states.total.max()) - least, 1)
    order = np.lexsort((states.cost, key))
    ordered = key[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    chosen = order[first]
    if chosen.size > 4 * breadth.states:
        likeliest = np.argpartition(states.cost[chosen], 4 * breadth.states)
        chosen = chosen[likeliest[: 4 * breadth.states]]
    return states.take(chosen)


def _traced(history: list[_States], total: int | None) -> CurvePath:
    """Walk back from the likeliest last state."""
    last = history[-1]
    cost = last.cost if total is None else last.cost + EVENTS_OFF * np.abs(last.total - total)
    row = int(np.argmin(cost))
    left, best = int(last.at_risk[row]), float(last.cost[row])
    steps = []
    for states in reversed(history):
        steps.append((states.censored[row], states.events[row], states.late[row]))
        row = int(states.parent[row])
    censored, events, late = np.array(steps[::-1], dtype=np.intp).T
    return CurvePath(censored, events, late, left, best)
