"""The likeliest integer counts along a digitised curve, by Viterbi's algorithm (compiled).

In the gap before a knot, c of the r patients at risk are censored and d have their event. What the
events multiply survival by depends on their order: 1 - d/r if all events come first, 1 - d/(r - c)
if all censorings do, and values between these in steps of about d/r**2. Where that is far less than
the height's tolerance, a state carries an interval of survival and the order is chosen once the
path is known; elsewhere every order tried is a state of its own. Of states that agree in the number
at risk and, nearly, in survival the likeliest is kept.

Compiling takes seconds, and far more where arrays are sliced or copied: numbers in, numbers out.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..compiled import compiled, inlined

__all__ = ["Search", "traced", "walk"]

OVERDISPERSION = 0.3  # relative variance of censorings in a gap beyond Poisson
ROBUST = 3.0  # standard deviations from which an unusual number of censorings weighs linearly
OUTSIDE = 10.0  # cost of a knot that is missed, and of each tolerance that it is missed by
GRAZING = 2.0  # cost of survival that only just reaches a knot's bounds
FEW = 1 / (2 * math.pi)  # expected events of which only one number explains a height
UNEVEN = 0.75  # cost of events that are not in the middle of their gap's censorings
MOST_EVENTS_TRIED = 4
MOST_NEAR_AIM = 13  # numbers of events tried where heights have an error of known size
MOST_ORDERS_TRIED = 9
STRIDE = 0.25  # standard deviations between the numbers of censorings that are tried
FURTHEST = 150  # knots ahead whose drops are counted when survival is bounded from below

SLOTS = 8  # states that there is room for, in multiples of `Search.states`
# Of the table in which a state's key is looked up: more than twice as many as there is room for in
# the widest search, or looking for an empty one would not end.
CELLS = 1 << 17
LEVELS = 1 << 20  # most levels of survival that keep states apart
SCATTER = 0x9E3779B1  # Knuth's multiplicative hash: 2**32 over the golden ratio
TOTALS = 16  # most numbers of events that keep states apart
MARGIN = 1 / 16  # of the tolerance, which choosing a whole order may take survival off its interval
NO_ROOM = 1e-9  # difference in cost below which states are given up by chance
NOT_REPORTED = -1

STATE = np.dtype(
    [(name, np.int64) for name in ("at_risk", "total", "key")]
    + [(name, float) for name in ("low", "high", "cost")]
)
STEP = np.dtype([(name, np.int32) for name in ("parent", "censored", "events", "late")])
# What all functions of a pass share; a record, since compiled functions return no changed numbers.
TALLY = np.dtype(
    [(name, np.int64) for name in ("filling", "kept", "tried", "halvings", "least", "totals")]
    + [(name, float) for name in ("limit", "hopeless", "usual", "deviation", "floor", "lowest")]
)
Records = np.ndarray[Any, Any]
Record = Any


class Search(NamedTuple):
    """What holds for the whole pass.

    Attributes
    ----------
    n, tolerance, at_mark, halfway
        As of the arm's `CurveKnots`.
    states : int
        States to keep, about; fewer numbers at risk are distinguished where more are left.
    levels : int
        Levels of survival to the width of the tolerance that keep states apart.
    hopeless : float
        Cost (minus log likelihood) beyond the best state's from which a state is given up.
    tilt : float
        Cost of every event.
    by_total : bool
        True if states with different numbers of events so far are kept apart.
    """

    n: int
    states: int
    levels: int
    hopeless: float
    tolerance: float
    tilt: float
    at_mark: bool
    by_total: bool
    halfway: bool = False


class _Work(NamedTuple):
    """Arrays that a pass writes to."""

    states: Records
    trail: Records
    slots: Records
    filled: Records
    tally: Records


def walk(knots: Records, search: Search) -> tuple[Records, Records, int]:
    """Take the states from knot to knot.

    Parameters
    ----------
    knots : ndarray of KNOT, shape (k,)
        In order of time.
    search : Search

    Returns
    -------
    states : ndarray of STATE, shape (s,)
        Those at the end; none if at-risk rows or marks leave no patients at some knot.
    trail : ndarray of STEP, shape (k, m)
        How each state kept at each knot came about, and from which state.
    tried : int
        Steps that were weighed, which is what a pass costs.
    """
    room = SLOTS * search.states
    # the trail is empty, not zeros: memory that no state is written to is never touched
    work = _Work(
        states=np.zeros((2, room), STATE),
        trail=np.empty((knots.size, room), STEP),
        slots=np.zeros(CELLS, np.int64),
        filled=np.zeros(CELLS, np.int64),
        tally=np.zeros(1, TALLY),
    )
    start = work.states[0, :1]
    start["at_risk"], start["low"], start["high"] = search.n, 1.0, 1.0
    count = _walk(knots, search, work)
    return work.states[knots.size % 2, :count], work.trail, int(work.tally["tried"][0])


def traced(trail: Records, row: int) -> Records:
    """Walk back from a last state: ndarray of STEP, shape (k,)."""
    steps = np.empty(trail.shape[0], STEP)
    for place in range(trail.shape[0] - 1, -1, -1):
        steps[place] = trail[place, row]
        row = steps["parent"][place]
    return steps


@compiled
def _walk(knots: Records, search: Search, work: _Work) -> int:
    """Let every state go on, knot by knot, and keep the likeliest of the states that agree."""
    tally, count = work.tally[0], int(search.n > 0)
    for place in range(knots.size):
        now, then, steps = work.states[place % 2], work.states[1 - place % 2], work.trail[place]
        _begin(knots, place, search, now, count, tally)
        for row in range(count):
            _censor(knots[place], search, now[row], row, then, steps, work)
        _weed(then, steps, work)
        count = tally.kept
        if count > search.states:
            tally.halvings += 1
        elif count < search.states // 4 and tally.halvings > 0:
            tally.halvings -= 1
        if count == 0:
            break
    return count


@inlined
def _begin(
    knots: Records, place: int, search: Search, now: Records, count: int, tally: Record
) -> None:
    """Set what holds for all states at one knot."""
    knot, best, most, most_total = knots[place], 0, 0, 0
    tally.least, tally.floor = 1 << 40, 1.0
    for row in range(count):
        most = max(most, now[row].at_risk)
        tally.floor = min(tally.floor, now[row].low)
        tally.least = min(tally.least, now[row].total)
        most_total = max(most_total, now[row].total)
        if now[row].cost < now[best].cost:
            best = row
    if knot.drop or knot.between:
        tally.floor = knot.lower
    tally.totals = (most_total - tally.least + 1) // TOTALS + 1
    usual = max(max(now[best].at_risk * knot.share, 1e-3), float(knot.fewest))
    tally.usual, tally.deviation = usual, math.sqrt(usual + OVERDISPERSION * usual**2 + 0.1)
    tally.lowest = _lowest_after(knots, place, max(most - knot.drop, 1))
    tally.limit, tally.hopeless, tally.kept = np.inf, search.hopeless, 0
    tally.filling += 1


@inlined
def _lowest_after(knots: Records, place: int, at_risk: int) -> float:
    """Bound survival after a knot from below, so that every later drop can have its event.

    With `r` patients left, the next `k` drops take survival down to a share (r - k) / r of it
    at most: fewer left, or more events, take it lower.
    """
    bound = knots[place].lower
    for ahead in range(place + 1, min(place + 1 + FURTHEST, knots.size)):
        drops = knots[ahead].drops - knots[place].drops
        if drops >= at_risk:
            break
        if drops > 0:
            bound = max(bound, knots[ahead].lower * at_risk / (at_risk - drops))
    return float(min(bound, knots[place].upper))


@inlined
def _censor(
    knot: Record, search: Search, state: Record, row: int,
    then: Records, steps: Records, work: _Work,
) -> None:  # fmt: skip
    """Censor every number of patients that is likely enough, from the likeliest up and down."""
    tally = work.tally[0]
    free = state.at_risk - knot.needed - knot.drop
    if knot.at_risk != NOT_REPORTED and not knot.between:
        least = most = state.at_risk - knot.at_risk
    else:
        # so many must be left that every later at-risk row can be reached
        spare = int(state.at_risk - knot.per_survival * state.low)
        free = min(free, max(spare, knot.fewest))
        least, most = 0, knot.most
    least, most = max(least, 0), min(most, free)
    stride = max(int(STRIDE * tally.deviation), 1)
    middle = min(max(int(tally.usual + 0.5), least), most)
    for way in (1, -1):
        censored = middle if way == 1 else middle - stride
        while least <= censored <= most:
            cost = state.cost + _cost_of_censoring(knot, censored, tally, search.at_mark)
            if cost > tally.limit:
                break
            _fall(knot, search, state, row, censored, cost, then, steps, work)
            censored += way * stride


@inlined
def _cost_of_censoring(knot: Record, censored: int, tally: Record, at_mark: bool) -> float:
    """Weigh a number of censorings: a normal with the mean as its mode, and robust tails."""
    off: float = abs(censored - tally.usual) / tally.deviation
    cost = off**2 / 2 if off < ROBUST else ROBUST * off - ROBUST**2 / 2
    unmarked = max(censored - knot.most, knot.fewest - censored)
    return cost + OUTSIDE * (1.0 + unmarked) if at_mark and unmarked > 0 else cost


@inlined
def _fall(
    knot: Record, search: Search, state: Record, row: int, censored: int, cost: float,
    then: Records, steps: Records, work: _Work,
) -> None:  # fmt: skip
    """Try the numbers of events with so many censored, and their orders where these matter."""
    left = state.at_risk - censored
    first = state.at_risk if knot.between else left
    fewest, most = _events(knot, work.tally[0].lowest, left, first, state)
    tries = min(most - fewest + 1, MOST_NEAR_AIM if knot.weight > 0 else MOST_EVENTS_TRIED)
    for turn in range(tries):
        events = fewest + (turn * (most - fewest) // (tries - 1) if turn else 0)
        if events > left:
            break
        weighed = cost + events * search.tilt
        tell_apart = (
            first > left
            and not search.halfway
            # what survival is apart by between neighbouring orders
            and state.high * events / max(left, 1) ** 2 > 2 * MARGIN * search.tolerance
        )
        orders = min(censored + 1, MOST_ORDERS_TRIED) if tell_apart else 1
        for order in range(orders):
            late, uneven = -1, 0.0
            if search.halfway and first > left:
                late = censored // 2
            if tell_apart:
                late = order * censored // (orders - 1)
                uneven = UNEVEN * abs(2 * late - censored) / max(censored, 2)
            bounds = (left, first) if late < 0 else (left + late, left + late)
            step = (row, censored, events, late)
            _reach(knot, search, state, weighed + uneven, bounds, step, then, steps, work)


@inlined
def _events(knot: Record, lowest: float, left: int, first: int, state: Record) -> tuple[int, int]:
    """Bound the events that bring survival inside its bounds; what misses least if none does.

    The events are among `left` at risk where all censorings come first, among `first` where none
    does. No number is both at least the first and at most the second where too few are left.
    """
    if not (knot.drop or knot.between):
        return 0, 0
    if knot.at_risk != NOT_REPORTED and not knot.drop:
        return max(left - knot.at_risk, 0), left - knot.at_risk
    fewest = math.ceil(left * (1.0 - knot.upper / state.low))
    most = math.floor(first * (1.0 - lowest / state.high))
    if fewest > most:
        middle = (lowest + knot.upper) / (state.low + state.high)
        fewest = most = math.floor(left * (1.0 - middle) + 0.5)
    room = max(left - knot.needed, knot.drop)
    fewest = min(max(fewest, knot.drop), room)
    return fewest, min(max(most, fewest), room)


@inlined
def _cost_of_events(events: int, mean: float, drop: int) -> float:
    """Weigh events as a Poisson number; at a drop, given that there is one at least."""
    few = math.log(math.expm1(mean) / mean) if drop else mean
    if events == drop:
        return few
    return few + math.lgamma(events + 1.0) - (events - drop) * math.log(mean)


@inlined
def _log_alike(mean: float, blur: float) -> float:
    """Return the log of how many numbers of events explain a height about as well.

    One path represents all of them. Without this, paths with few at risk, whose events are few and
    therefore each likely, would be preferred wherever heights do not show single events.
    """
    alike = 2.0 * math.pi / (1.0 / mean + 1.0 / blur**2)
    return math.log(alike) / 2.0 if alike > 1.0 else 0.0


@inlined
def _reach(
    knot: Record, search: Search, state: Record, cost: float,
    bounds: tuple[int, int], step: tuple[int, int, int, int],
    then: Records, steps: Records, work: _Work,
) -> None:  # fmt: skip
    """Multiply survival, weigh the events and what is missed, and keep the state if it is likely.

    The events are among `bounds[0]` to `bounds[1]` patients.
    """
    tally, events = work.tally[0], step[2]
    tally.tried += 1
    low = max(state.low * (1.0 - events / max(bounds[0], 1)), 1e-12)
    high = max(state.high * (1.0 - events / max(bounds[1], 1)), 1e-12)
    if knot.drop or knot.between:
        exposed = max((bounds[0] + bounds[1]) / 2.0, 1.0)
        mean = exposed * knot.rate
        cost += _cost_of_events(events, mean, knot.drop)
        if mean > FEW:
            cost -= _log_alike(mean, knot.blur * exposed / ((low + high) / 2))
    if cost > tally.limit:  # nothing below makes it likelier
        return
    beyond = max(low - knot.upper, knot.lower - high)
    if beyond > 0:
        cost += OUTSIDE * (1.0 + beyond / search.tolerance) ** 2
        low = high = low if low > knot.upper else high
    elif high > low:
        margin = MARGIN * search.tolerance
        if high < knot.lower + margin or low > knot.upper - margin:
            cost += GRAZING  # no order that is an integer may be there
        low = max(low, min(knot.lower + margin, high))
        high = min(high, max(knot.upper - margin, low))
    if knot.weight > 0:  # nearer to what was read is likelier
        cost += knot.weight * max(low - knot.aim, knot.aim - high, 0.0) ** 2
    if cost <= tally.limit:
        tally.limit = min(tally.limit, cost + tally.hopeless)
        at_risk, total = state.at_risk - step[1] - events, state.total + events
        key = _key(search, at_risk, total, (low + high) / 2, tally)
        slot = _slot(key, cost, then, steps, work)
        if slot >= 0:
            kept, made = then[slot], steps[slot]
            kept.at_risk, kept.total, kept.key = at_risk, total, key
            kept.low, kept.high, kept.cost = low, high, cost
            made.parent, made.censored, made.events, made.late = step


@inlined
def _key(search: Search, at_risk: int, total: int, survival: float, tally: Record) -> int:
    """Return what a state shares with those that it agrees with."""
    level = int((survival - tally.floor) * search.levels / (2 * search.tolerance)) + search.levels
    key = (at_risk >> tally.halvings) * LEVELS + min(max(level, 0), LEVELS - 1)
    if search.by_total:
        key = key * 2 * TOTALS + min((total - tally.least) // tally.totals, 2 * TOTALS - 1)
    return int(key)


@inlined
def _cell(key: int, then: Records, work: _Work) -> int:
    """Find the cell of a key, or the empty one that it can have."""
    cell = ((key * SCATTER) >> 12) % CELLS
    while work.filled[cell] == work.tally[0].filling and then[work.slots[cell]].key != key:
        cell = (cell + 1) % CELLS
    return int(cell)


@inlined
def _slot(key: int, cost: float, then: Records, steps: Records, work: _Work) -> int:
    """Return where to write a state, or -1 if a likelier one agrees with it."""
    tally, cell = work.tally[0], _cell(key, then, work)
    if work.filled[cell] == tally.filling:
        slot = work.slots[cell]
        return int(slot) if cost < then[slot].cost else -1
    if tally.kept == then.size:  # give up states earlier, until a half is left
        while tally.kept > then.size // 2 and tally.hopeless > NO_ROOM:
            tally.limit -= tally.hopeless / 4
            tally.hopeless *= 3 / 4
            _weed(then, steps, work)
        if tally.kept == then.size or cost > tally.limit:
            return -1
        cell = _cell(key, then, work)
    slot = int(tally.kept)
    tally.kept += 1
    work.slots[cell], work.filled[cell] = slot, tally.filling
    return slot


@inlined
def _weed(then: Records, steps: Records, work: _Work) -> None:
    """Drop the states that turned out to be hopeless."""
    tally, kept = work.tally[0], 0
    tally.filling += 1
    for slot in range(tally.kept):
        if then[slot].cost <= tally.limit:
            then[kept], steps[kept] = then[slot], steps[slot]
            cell = _cell(then[kept].key, then, work)
            work.slots[cell], work.filled[cell] = kept, tally.filling
            kept += 1
    tally.kept = kept
