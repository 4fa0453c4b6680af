"""The steps of one pass along a digitised curve, compiled.

From knot to knot every kept state - so many at risk, survival exactly so much - goes on with every
number of censorings and events that the next knot allows. Of states that agree in numbers at risk
and, nearly, in survival the likeliest is kept, as in Viterbi's algorithm.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .compiled import compiled
from .curve_knots import NOT_PRINTED

__all__ = ["Breadth", "Search", "traced", "walk"]

OVERDISPERSION = 0.3  # relative variance of censorings in a gap beyond Poisson
ROBUST = 3.0  # standard deviations from which an unusual number of censorings weighs linearly
OUTSIDE = 10.0  # cost of a knot that is missed, and of each tolerance that it is missed by
UNEVEN = 0.75  # cost of an event that is not in the middle of its gap's censorings
MOST_EVENTS_TRIED = 4
UNUSUAL = 10  # numbers of censorings beyond the usual ones that are tried
FEW_CENSORED = 6  # up to which every split of a gap's censorings around its events is tried
MOST_WAYS = (FEW_CENSORED + 1) * MOST_EVENTS_TRIED  # that a number of censorings can go on in
FURTHEST = 150  # knots ahead whose drops are counted when survival is bounded from below

SLOTS = 8  # states that there is room for, in multiples of `Breadth.states`
LEVELS, TOTALS = 2**20, 16  # most levels of survival and of events that keep states apart
SMALL_MEAN = 0.02  # below which two terms of a series are exact to 1e-10
NO_ROOM = 1e-9  # difference in cost below which states are given up by chance
LOG_FACTORIAL = np.array([math.lgamma(count + 1.0) for count in range(1000)])
SCATTER = 0x9E3779B1  # Knuth's multiplicative hash: 2**32 over the golden ratio


class Breadth(NamedTuple):
    """How many states a pass keeps, how finely survival tells them apart, and other limits.

    States that cost more than `hopeless` beyond the best are given up.
    """

    states: int
    survivals: int
    censorings: int = 24
    hopeless: float = 8.0


# Records, since a compiled call counts the references to every array that it is given. Where a call
# is made for every follower of a state, it is given records alone.
STATE = np.dtype(
    [
        ("key", np.int64),
        ("at_risk", np.int64),
        ("total", np.int64),
        ("survival", float),
        ("cost", float),
    ]
)
FOLLOWER = np.dtype(
    [(name, np.int64) for name in ("at_risk", "total", "censored", "events", "late")]
    + [("survival", float), ("cost", float)]
)
STEP = np.dtype([(name, np.int32) for name in ("parent", "censored", "events", "late")])
CELL = np.dtype([("key", np.int64), ("slot", np.int64), ("filled", np.int64)])
TALLY = np.dtype(
    [(name, np.int64) for name in ("states", "halvings", "least", "totals", "tried", "filling")]
    + [("limit", float), ("hopeless", float), ("lower", float), ("per_survival", float)]
)
Records = np.ndarray[Any, Any]
Record = Any


class Search(NamedTuple):
    """What holds for the whole pass."""

    breadth: Breadth
    n: int
    tolerance: float
    at_mark: bool
    by_total: bool
    tilt: float


class _Gap(NamedTuple):
    """What a gap allows, whatever the state: numbers of censorings from the likeliest on."""

    forced: bool
    censored: Records
    cost: Records
    mean: float
    lowest: float


class _Work(NamedTuple):
    """Room for a state's followers, and the cells of those kept."""

    followers: Records
    cells: Records


@compiled
def walk(knots: Records, search: Search) -> tuple[Records, Records, int]:
    """Take the states from knot to knot; return those at the end and how all came about."""
    room = SLOTS * search.breadth.states
    now, then = np.empty(room, STATE), np.empty(room, STATE)
    trail = np.empty((knots.size, room), STEP)
    cells = np.zeros(1 << int(np.ceil(np.log2(4 * room))), CELL)
    followers = np.empty(MOST_WAYS * (search.breadth.censorings + UNUSUAL), FOLLOWER)
    work = _Work(followers, cells)
    tally = np.zeros(1, TALLY)
    tally[0].states = 1
    now[0].at_risk, now[0].total, now[0].survival, now[0].cost = search.n, 0, 1.0, 0.0
    for place in range(knots.size):
        states = now[: tally[0].states]
        gap = _gap(knots, place, search, states)
        _step(knots[place], gap, search, states, then, trail[place], work, tally[0])
        now, then = then, now
        if tally[0].states == 0:
            break
    return now[: tally[0].states], trail, tally[0].tried


@compiled
def _gap(knots: Records, place: int, search: Search, states: Records) -> _Gap:
    """Gather what the next gap allows."""
    knot, likeliest, most = knots[place], 0, 0
    for row in range(states.size):
        most = max(most, states[row].at_risk)
        if states[row].cost < states[likeliest].cost:
            likeliest = row
    mean = max(states[likeliest].at_risk * knot.share, 1e-3)
    censored = _tried(knot, search.breadth, mean, most - knot.needed - knot.drop)
    cost = np.empty(censored.size)
    for column in range(censored.size):
        cost[column] = _censoring_cost(knot, censored[column], mean, search.at_mark)
    order = np.argsort(cost)
    forced = knot.at_risk != NOT_PRINTED and not knot.between
    lowest = _lowest_after(knots, place, max(most - knot.drop, 1))
    return _Gap(forced, censored[order], cost[order], mean, lowest)


@compiled
def _tried(knot: Record, breadth: Breadth, mean: float, room: int) -> Records:
    """Return the numbers of censorings to try: all that are usual, and a few that are not."""
    least = knot.fewest
    most = min(room, knot.most) - least
    everything = knot.at_risk != NOT_PRINTED
    usual = max(mean - least, 1e-3)
    spread = math.sqrt(usual * (1.0 + OVERDISPERSION * usual))
    first = 0 if everything else max(int(usual - 3.0 * spread), 0)
    last = most if everything else min(int(usual + 4.0 * spread + 3.0), most)
    step = max((last - first) / (breadth.censorings - 1), 1.0)
    tried = np.empty(breadth.censorings + UNUSUAL, np.int64)
    count = 0
    while count < breadth.censorings and first + int(count * step) <= last:
        tried[count] = least + first + int(count * step)
        count += 1
    if first > 0 and most >= 0:
        tried[count] = least
        count += 1
    while count < tried.size and 0 <= last < most:
        last = max(last * 3 // 2, last + 1)
        if last <= most:
            tried[count] = least + last
            count += 1
    return tried[:count]


@compiled
def _censoring_cost(knot: Record, censored: int, mean: float, at_mark: bool) -> float:
    """Weigh a number of censorings: a normal with the mean as its mode, and robust tails."""
    usual = max(mean, float(knot.fewest))
    off = abs(censored - usual) / math.sqrt(usual + OVERDISPERSION * usual**2 + 0.1)
    cost = off**2 / 2 if off < ROBUST else ROBUST * off - ROBUST**2 / 2
    unmarked = max(censored - knot.most, knot.fewest - censored)
    return cost + OUTSIDE * (1.0 + unmarked) if at_mark and unmarked > 0 else cost


@compiled
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
        bound = max(bound, knots[ahead].lower * at_risk / (at_risk - drops))
    return float(min(bound, knots[place].upper))


@compiled
def _step(
    knot: Record,
    gap: _Gap,
    search: Search,
    now: Records,
    then: Records,
    steps: Records,
    work: _Work,
    tally: Record,
) -> None:
    """Let every state go on, and keep the likeliest of the states that agree."""
    _begin(knot, search, now, tally)
    followers, cells = work.followers, work.cells
    for row in range(now.size):
        count = _follow(knot, gap, search, now[row], followers, tally)
        _keep(followers, count, row, then, steps, cells, tally)
    _weed(then, steps, tally)
    _choose_cell(search.breadth, tally)


@compiled
def _follow(
    knot: Record, gap: _Gap, search: Search, state: Record, followers: Records, tally: Record
) -> int:
    """Write down how one state can go on, the likeliest numbers of censorings first.

    Each number of censorings is split around the gap's events in several ways, each with all
    numbers of events.
    """
    tried, costs = gap.censored, gap.cost
    room, count = _room(knot, state, gap.forced), 0
    for column in range(1 if gap.forced else tried.size):
        if gap.forced:
            censored = state.at_risk - knot.at_risk
            cost = state.cost + _censoring_cost(knot, censored, gap.mean, search.at_mark)
        else:
            censored, cost = tried[column], state.cost + costs[column]
        if cost > tally.limit:
            break
        ways = _ways(knot, censored) if 0 <= censored <= room else 0
        for way in range(ways):
            late, uneven = _split(knot, censored, way)
            left = state.at_risk - censored
            exposed = max(left + late, 1)
            fewest, most = _events(knot, gap.lowest, left, exposed, state.survival)
            usual = cost + uneven + _cost_of_few(knot, exposed)
            tries = min(most - fewest + 1, MOST_EVENTS_TRIED)
            for turn in range(tries):
                events = fewest + turn * (most - fewest) // max(tries - 1, 1)
                survival = max(state.survival * (1.0 - events / exposed), 1e-12)
                whole = usual + _cost_of_more(knot, events, exposed) + events * search.tilt
                whole += _outside(knot, survival, search.tolerance)
                tally.tried += 1
                if whole <= tally.limit and events <= left:
                    tally.limit = min(tally.limit, whole + tally.hopeless)
                    follower = followers[count]
                    follower.at_risk, follower.total = left - events, state.total + events
                    follower.survival, follower.cost = survival, whole
                    follower.censored, follower.events, follower.late = censored, events, late
                    count += 1
    return count


@compiled
def _ways(knot: Record, censored: int) -> int:
    """Return in how many ways censorings are split around the events of their gap."""
    if not knot.between:
        return 1
    return censored + 1 if censored <= FEW_CENSORED else 3


@compiled
def _split(knot: Record, censored: int, way: int) -> tuple[int, float]:
    """Return how many of the censorings come after the gap's events, and what that costs."""
    if not knot.between:
        return 0, 0.0
    late = way if censored <= FEW_CENSORED else (way + 1) * censored // 4
    return late, UNEVEN * abs(2 * late - censored) / max(censored, 2)


@compiled
def _room(knot: Record, state: Record, forced: bool) -> int:
    """Return how many may be censored in a gap so that all that comes later can be met."""
    room = state.at_risk - knot.needed - knot.drop
    if forced:
        return int(room)
    spare = int(state.at_risk - knot.per_survival * state.survival)
    return int(min(room, max(spare, knot.fewest)))


@compiled
def _begin(knot: Record, search: Search, now: Records, tally: Record) -> None:
    """Forget the states of the knot before, and choose how finely to tell the next apart."""
    tally.filling += 1
    tally.states, tally.limit, tally.totals = 0, np.inf, 0
    tally.hopeless = search.breadth.hopeless
    tally.per_survival = search.breadth.survivals / (2 * search.tolerance)
    tally.lower = knot.lower
    if not (knot.drop or knot.between):
        for row in range(now.size):
            tally.lower = now[row].survival if row == 0 else min(tally.lower, now[row].survival)
    if search.by_total:
        tally.least, most = now[0].total, now[0].total
        for row in range(now.size):
            tally.least, most = min(tally.least, now[row].total), max(most, now[row].total)
        tally.totals = max(1, (most - tally.least + 1) // TOTALS + 1)


@compiled
def _events(
    knot: Record, lowest: float, left: int, exposed: int, survival: float
) -> tuple[int, int]:
    """Bound the events that bring survival inside its bounds; what misses least if none does.

    No number of events is both at least the first and at most the second where too few are left.
    """
    if not (knot.drop or knot.between):
        return 0, 0
    if knot.at_risk != NOT_PRINTED and not knot.drop:
        return max(left - knot.at_risk, 0), left - knot.at_risk
    least = int(knot.drop)
    per_survival = exposed / survival
    fewest = math.ceil(exposed - per_survival * knot.upper)
    most = math.floor(exposed - per_survival * lowest)
    if fewest > most:
        middle = (lowest + knot.upper) / 2
        fewest = most = int(np.rint(exposed - per_survival * middle))
    room = max(left - knot.needed, least)
    fewest = min(max(fewest, least), room)
    return fewest, min(max(most, fewest), room)


@compiled
def _log_factorial(count: int) -> float:
    return LOG_FACTORIAL[count] if count < LOG_FACTORIAL.size else math.lgamma(count + 1.0)


@compiled
def _cost_of_few(knot: Record, exposed: int) -> float:
    """Weigh the fewest events that there can be: one at a drop, else none."""
    if not knot.drop:
        return float(exposed * knot.rate) if knot.between else 0.0
    mean = float(exposed * knot.rate)
    if mean < SMALL_MEAN:
        return mean / 2.0 + mean * mean / 24.0
    return math.log(math.expm1(mean) / mean)


@compiled
def _cost_of_more(knot: Record, events: int, exposed: int) -> float:
    """Weigh events beyond the fewest."""
    if events == knot.drop:
        return 0.0
    more = int(events - knot.drop)
    return _log_factorial(events) - more * math.log(exposed * knot.rate)


@compiled
def _outside(knot: Record, survival: float, tolerance: float) -> float:
    beyond = max(survival - knot.upper, knot.lower - survival)
    return OUTSIDE * (1.0 + beyond / tolerance) ** 2 if beyond > 0 else 0.0


@compiled
def _keep(
    followers: Records,
    count: int,
    row: int,
    then: Records,
    steps: Records,
    cells: Records,
    tally: Record,
) -> None:
    """Keep the followers of a state that are likelier than those that they agree with."""
    for place in range(count):
        follower = followers[place]
        if tally.states == then.size:
            _make_room(then, steps, cells, tally)
        if follower.cost > tally.limit:
            continue
        key = _key(follower, tally)
        at = _cell(tally, cells, key)
        if cells[at].filled < tally.filling:
            if tally.states == then.size:
                continue
            _fill(tally, cells[at], key, tally.states)
            tally.states += 1
        elif then[cells[at].slot].cost <= follower.cost:
            continue
        state, step = then[cells[at].slot], steps[cells[at].slot]
        state.key, state.at_risk, state.total = key, follower.at_risk, follower.total
        state.survival, state.cost = follower.survival, follower.cost
        step.parent, step.censored = row, follower.censored
        step.events, step.late = follower.events, follower.late


@compiled
def _key(state: Record, tally: Record) -> int:
    """Return what a state shares with those that it agrees with."""
    level = int((state.survival - tally.lower) * tally.per_survival + LEVELS // 8)
    key = (state.at_risk >> tally.halvings) * LEVELS + min(max(level, 0), LEVELS - 1)
    if tally.totals:
        total = (state.total - tally.least) // tally.totals
        key = key * 2 * TOTALS + min(total, 2 * TOTALS - 1)
    return int(key)


@compiled
def _cell(tally: Record, cells: Records, key: int) -> int:
    """Find the cell of a key, or the empty one that it can have."""
    mask = cells.size - 1
    at = ((key * SCATTER) >> 12) & mask
    while cells[at].filled == tally.filling and cells[at].key != key:
        at = (at + 1) & mask
    return int(at)


@compiled
def _fill(tally: Record, cell: Record, key: int, slot: int) -> None:
    cell.key, cell.slot, cell.filled = key, slot, tally.filling


@compiled
def _make_room(then: Records, steps: Records, cells: Records, tally: Record) -> None:
    """Give up states earlier, until a half is left."""
    while tally.states > then.size // 2 and tally.hopeless > NO_ROOM:
        tally.limit -= tally.hopeless / 4
        tally.hopeless *= 3 / 4
        _weed(then, steps, tally)
    tally.filling += 1
    for slot in range(tally.states):
        key = then[slot].key
        _fill(tally, cells[_cell(tally, cells, key)], key, slot)


@compiled
def _weed(then: Records, steps: Records, tally: Record) -> None:
    """Drop the states that turned out to be hopeless."""
    kept = 0
    for slot in range(tally.states):
        if then[slot].cost <= tally.limit:
            then[kept], steps[kept] = then[slot], steps[slot]
            kept += 1
    tally.states = kept


@compiled
def _choose_cell(breadth: Breadth, tally: Record) -> None:
    """Tell fewer numbers at risk apart if many states are left, and more if few are."""
    if tally.states > breadth.states:
        tally.halvings += 1
    elif tally.states < breadth.states // 4 and tally.halvings > 0:
        tally.halvings -= 1


@compiled
def traced(trail: Records, row: int) -> Records:
    """Walk back from a last state."""
    steps = np.empty(trail.shape[0], STEP)
    for place in range(trail.shape[0] - 1, -1, -1):
        steps[place] = trail[place, row]
        row = steps[place].parent
    return steps
