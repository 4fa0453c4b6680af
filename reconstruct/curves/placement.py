"""Patients along a digitised curve, from the likeliest integer counts in its gaps.

The counts come from passes of Viterbi's algorithm; each pass expects the censorings that the one
before has inferred from the step heights. Where a narrow pass misses points, wider ones follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from ..constraints import ArmConstraints
from ..expected_course import ExpectedCourse
from ..integer_search import SearchExhausted
from ..pseudo_ipd import FloatArray, WholePatients
from ._viterbi import NOT_REPORTED, Records, Search, traced, walk
from .knots import Counts, CurveKnots, orders_along

__all__ = ["place_along_curve"]


class Breadth(NamedTuple):
    """How many states a pass keeps, how finely survival parts them, and the cost to stop at.

    As `states`, `levels` and `hopeless` of `Search`.
    """

    states: int
    levels: int
    hopeless: float


class CurvePath(NamedTuple):
    """Integer numbers of patients at every knot.

    Attributes
    ----------
    censored, events, late : ndarray of int, shape (k,)
        Censorings in the gap before each knot, events at the knot or in the gap, and how many of
        the gap's censorings come after its events.
    left : int
        Patients after the last knot.
    tried : int
        Steps that were weighed, which is what a pass costs.
    """

    censored: Counts
    events: Counts
    late: Counts
    left: int
    tried: int


# How widely to look, and how often, each time with the censorings that the time before inferred.
# Chosen on simulated trials of 200 points an arm: 60 states find six arms in ten, and each wider
# search, along gaps halved once more, half of those that are left, at four times the cost.
ATTEMPTS = (
    (Breadth(60, 12, hopeless=8.0), 2),
    (Breadth(150, 16, hopeless=16.0), 2),
    (Breadth(500, 24, hopeless=20.0), 2),
)
FOR_EVENTS = (Breadth(1500, 64, hopeless=30.0), 3)  # a reported number of events is sure: look on
SCALES = (1.0, 0.2, 0.0, 4.0)  # of the expected censoring, where no at-risk row says how much it is
MOST_TRIED_FOR_EVENTS = 8_000_000
EVENT_IN_POINTS = 10  # a reported event is sure; a point was read off a figure
RESOLVED = 0.5  # of an event's worth: errors up to it leave steps that say how many were at risk
STRETCHES = 6  # of a curve, whose censorings are weighed against what was expected
COST_OF_MISS = 15.0  # of a knot that is missed, beside the log likelihood
WIDER_COSTS = 4  # times as many steps as the search before
MOST_TRIED = 2_000_000  # steps of an arm that a wider search may take: some 0.2 s
WIDER_FOR_TOTAL = 4  # times as many states where events in total distinguish them, too
TILT_STEPS = 7
PATIENCE = 3  # steps of the tilt in turn that bring the events no nearer: others will not either
EVENTS_OFF = 1000.0  # cost of an event too many or too few at the end
EXCHANGES_TRIED = 60  # drops or gaps at which an event may become a censoring, or the other way


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outcome:
    """The best of some passes along one arm's knots."""

    path: CurvePath
    knots: CurveKnots
    scale: float
    missed: int
    expected: FloatArray  # share censored in each gap, before any of it was learnt
    tried: int = 0

    @property
    def off(self) -> float:
        """How far from what was expected; comparable between outcomes of the same knots."""
        return COST_OF_MISS * self.missed + _unlikely(self.knots, self.path, self.expected)


def place_along_curve(arm: ArmConstraints, course: ExpectedCourse) -> WholePatients:
    """Place the patients of one arm along its curve.

    Returns
    -------
    WholePatients
        They match at-risk counts and marks, and as many points of the curve as was found possible;
        reported events too, unless no patients were found that have them.

    Raises
    ------
    SearchExhausted
        If at-risk counts and marks leave no patients for the curve.
    """
    told = arm.all_marked or any(knot.at_risk is not None for knot in arm.knots)
    error = 0.0 if arm.exact_drops else CurveKnots.of(arm, course).unresolved(course)
    resolved = error < RESOLVED
    scales = (1.0,) if told or not resolved else SCALES
    best = None
    attempts = [*ATTEMPTS, *([] if arm.events is None else [FOR_EVENTS])]
    left = MOST_TRIED if arm.events is None else MOST_TRIED_FOR_EVENTS
    for attempt, (breadth, passes) in enumerate(attempts):
        knots = CurveKnots.of(arm, course, halvings=0 if arm.drops_only else attempt)
        knots = replace(knots, halfway=not resolved)
        passes = passes if told or resolved else 1
        passed = [
            _passed(knots, arm, breadth, passes=passes, scale=scale, most=left) for scale in scales
        ]
        found = [outcome for outcome in passed if outcome is not None]
        if not found:
            continue
        likeliest = found[0] if len(found) == 1 else min(found, key=lambda each: each.off)
        if best is None or likeliest.missed < best.missed:
            best = likeliest
        if arm.events is not None:
            left -= sum(outcome.tried for outcome in found)
        if best.missed == 0 or WIDER_COSTS * likeliest.tried > left:
            break
        scales = (likeliest.scale,)
    if best is None:
        raise SearchExhausted(arm.name)
    return _patients(best.knots, arm, _with_exact_total(best.knots, arm, best.path))


def path_along(
    knots: CurveKnots, breadth: Breadth, *, total: int | None = None, tilt: float = 0.0
) -> CurvePath | None:
    """Find likely integer counts along a curve, in one pass.

    Parameters
    ----------
    knots : CurveKnots
        What has to be matched and what is expected.
    breadth : Breadth
        How widely to look.
    total : int or None
        Events that are wanted at the end, if one of the kept states has them.
    tilt : float, default 0.0
        Cost of every event, to have fewer (or, below 0, more) of them.

    Returns
    -------
    CurvePath or None
        None if at-risk counts or marks leave no patients at some knot. Survival that cannot be
        matched is missed by as little as possible instead.
    """
    search = Search(
        n=knots.n,
        states=breadth.states,
        levels=breadth.levels,
        hopeless=breadth.hopeless,
        tolerance=knots.tolerance,
        tilt=tilt,
        at_mark=knots.at_mark,
        by_total=total is not None,
        halfway=knots.halfway,
    )
    states, trail, tried = walk(knots.records, search)
    if states.size == 0:
        return None
    cost = states["cost"]
    if total is not None:
        cost = cost + EVENTS_OFF * np.abs(states["total"] - total)
    row = int(np.argmin(cost))
    return _path_of(traced(trail, row), knots, left=int(states[row]["at_risk"]), tried=tried)


def _path_of(steps: Records, knots: CurveKnots, *, left: int, tried: int) -> CurvePath:
    censored, events = steps["censored"].astype(np.intp), steps["events"].astype(np.intp)
    late = orders_along(knots, censored, events, chosen=steps["late"].astype(np.intp))
    return CurvePath(censored=censored, events=events, late=late, left=left, tried=tried)


def _passed(
    knots: CurveKnots,
    arm: ArmConstraints,
    breadth: Breadth,
    *,
    passes: int,
    scale: float,
    most: int,
) -> _Outcome | None:
    """Pass along the knots, expecting censorings first so many times the usual, then as learnt.

    Reported events are no longer sought once so many steps (`most`) were weighed.
    """
    expected, knots = knots.share, knots.scaled(scale)
    best, path, tried = None, None, 0
    for _ in range(passes):
        if path is not None:
            knots = knots.relearnt(path.censored, path.events)
        path = _with_total(knots, arm, breadth, most=most - tried)
        if path is None:
            break
        tried += path.tried
        missed = _missed(knots, arm, path)
        if best is None or missed <= best.missed:
            best = _Outcome(path=path, knots=knots, scale=scale, missed=missed, expected=expected)
    return best and replace(best, tried=tried)


def _unlikely(knots: CurveKnots, path: CurvePath, expected: FloatArray) -> float:
    """Weigh a path: its numbers of events, and its censorings a stretch at a time.

    Passes that expect different censorings are compared by this; gap by gap, an expectation that
    is off everywhere would count as often as there are gaps.
    """
    before, exposed = _exposed(knots, path)
    mean = np.maximum(exposed * knots.rate, 1e-9)
    events = mean + gammaln(path.events + 1.0) - path.events * np.log(mean)
    given = np.where(knots.drop, np.log(-np.expm1(-mean)), 0.0)
    survival = _survival(knots, path)
    blur = np.maximum(knots.blur * exposed / np.maximum(survival, 1e-12), 1e-12)
    alike = np.maximum(2 * np.pi / (1.0 / mean + 1.0 / blur**2), 1.0)  # see `_log_alike`
    off_aim = knots.weight * (survival - knots.aim) ** 2
    costs = events + given - np.log(alike) / 2 + off_aim
    counted = knots.drop | knots.between
    told = knots.told
    edges = np.linspace(0, told, min(STRETCHES, told) + 1).round().astype(int)[:-1]
    found = np.add.reduceat(path.censored[:told], edges)
    usual = np.add.reduceat((before * expected)[:told], edges)
    off = np.log((found + 1.0) / (usual + 1.0))
    return float(costs[counted].sum() + (off**2).sum() / 2)


def _with_total(
    knots: CurveKnots, arm: ArmConstraints, breadth: Breadth, *, most: int
) -> CurvePath | None:
    """Find a path with the reported events by tilting the cost of an event until it has them."""
    best = path_along(knots, breadth)
    if best is None or arm.events is None or _surplus(best, knots, arm) == 0:
        return best
    wider = breadth._replace(states=WIDER_FOR_TOTAL * breadth.states)
    tried, tilt, step = best.tried, 0.0, 0.5
    nearest, waited = _surplus(best, knots, arm), 0
    low, high = (0.0, np.inf) if nearest > 0 else (-np.inf, 0.0)
    for _ in range(TILT_STEPS):
        if waited == PATIENCE or tried > most:
            break
        if np.isfinite(low) and np.isfinite(high):
            tilt = (low + high) / 2
        else:
            tilt, step = tilt + (step if np.isinf(high) else -step), 2 * step
        path = path_along(knots, wider, total=_wanted(knots, arm), tilt=tilt)
        if path is None:
            break
        tried += path.tried
        if _missed(knots, arm, path) < _missed(knots, arm, best):
            best = path
        surplus = _surplus(path, knots, arm)
        if surplus == 0:
            break
        nearer = abs(surplus) < abs(nearest)
        nearest, waited = (surplus, 0) if nearer else (nearest, waited + 1)
        low, high = (tilt, high) if surplus > 0 else (low, tilt)
    return best._replace(tried=tried)


def _with_exact_total(knots: CurveKnots, arm: ArmConstraints, path: CurvePath) -> CurvePath:
    """Exchange events and censorings until the reported number of events happens.

    Numbers at risk stay as they are between drops, and at the end of every gap. Points of the curve
    may be missed for it: they were read off a figure, the number of events is reported.
    """
    surplus = 0 if arm.events is None or knots.at_mark else _surplus(path, knots, arm)
    while surplus:
        places = _exchangeable(knots, path, fewer=surplus > 0)
        if places.size == 0:
            break
        tried = places[np.linspace(0, places.size - 1, EXCHANGES_TRIED).astype(int)]
        paths = (_exchanged(knots, path, at, fewer=surplus > 0) for at in np.unique(tried).tolist())
        path = min(paths, key=lambda other: _off(knots, other))
        surplus = _surplus(path, knots, arm)
    return path


def _off(knots: CurveKnots, path: CurvePath) -> tuple[float, float]:
    """Return how far a path is outside the bounds of the curve, and then from its heights."""
    aside = knots.weight * (_survival(knots, path) - knots.aim) ** 2
    return float((_beyond(knots, path) ** 2).sum()), float(aside.sum())


def _exchangeable(knots: CurveKnots, path: CurvePath, *, fewer: bool) -> Counts:
    """Return the drops and the gaps that can have an event fewer, or one more."""
    if fewer:
        followed = np.append(knots.drop[1:], False)
        at_drop = knots.drop & followed & (path.events > 1)
        return np.flatnonzero(at_drop | (knots.between & (path.events > knots.drop)))
    at_drop = knots.drop & (knots.at_risk == NOT_REPORTED)
    return np.flatnonzero((at_drop | knots.between) & (path.censored > 0))


def _exchanged(knots: CurveKnots, path: CurvePath, place: int, *, fewer: bool) -> CurvePath:
    """Let a patient of a gap, or of a drop and what is beside it, leave in the other way.

    Who had the event at a drop is censored after it, and who was censored before it has the event.
    """
    censored, events = path.censored.copy(), path.events.copy()
    events[place] += -1 if fewer else 1
    beside = place + 1 if fewer and not knots.between[place] else place
    censored[beside] += 1 if fewer else -1
    return path._replace(censored=censored, events=events, late=np.minimum(path.late, censored))


def _surplus(path: CurvePath, knots: CurveKnots, arm: ArmConstraints) -> int:
    """Return how many events there are too many (or, below 0, too few)."""
    surplus = int(path.events.sum()) - (arm.events or 0)
    if surplus < 0 and knots.time[-1] < arm.last_time:
        return min(surplus + path.left, 0)  # the others may happen after the curve
    return surplus


def _wanted(knots: CurveKnots, arm: ArmConstraints) -> int | None:
    return arm.events if knots.time[-1] >= arm.last_time else None


def _missed(knots: CurveKnots, arm: ArmConstraints, path: CurvePath) -> int:
    """Count the knots and marks that are missed, and the events off as many of them."""
    unmarked = (path.censored < knots.fewest) | (path.censored > knots.most)
    events = 0 if arm.events is None else EVENT_IN_POINTS * abs(_surplus(path, knots, arm))
    return int((_beyond(knots, path) > 0).sum()) + int(unmarked.sum()) + events


def _beyond(knots: CurveKnots, path: CurvePath) -> FloatArray:
    """Return how far survival is outside its bounds at every knot, 0 if inside."""
    survival = _survival(knots, path)
    return np.asarray(np.maximum(np.maximum(survival - knots.upper, knots.lower - survival), 0.0))


def _survival(knots: CurveKnots, path: CurvePath) -> FloatArray:
    """Return survival at every knot."""
    _, exposed = _exposed(knots, path)
    return np.asarray(np.cumprod(1.0 - path.events / np.maximum(exposed, 1)))


def _exposed(knots: CurveKnots, path: CurvePath) -> tuple[Counts, Counts]:
    """Return how many are at risk at the start of every gap, and at its events."""
    before = knots.n - np.concatenate([[0], np.cumsum(path.censored + path.events)])[:-1]
    return before, before - path.censored + path.late


def _patients(knots: CurveKnots, arm: ArmConstraints, path: CurvePath) -> WholePatients:
    """Give everybody a time, in order."""
    start = np.concatenate([[0.0], knots.time[:-1]])
    early = path.censored - path.late
    edge = (knots.time - start) / (2 * np.maximum(path.events, 1))
    end = np.where(knots.between & (path.events > 0), start + edge, knots.time)
    early_time = np.repeat(start, early) if knots.at_mark else _evenly(start, end, early)
    event_time = _evenly(start, knots.time, path.events)
    at_drop = np.repeat(~knots.between, path.events)
    event_time[at_drop] = np.repeat(knots.time, path.events)[at_drop]
    late_time = _evenly(knots.time - edge, knots.time, path.late)
    after = _tail_events(knots, arm, path)
    tail = _evenly(knots.time[-1:], np.array([arm.last_time]), np.array([after]))
    rest = np.full(path.left - after, arm.last_time)
    parts = [early_time, event_time, late_time, tail, rest]
    time = np.concatenate(parts)
    event = np.repeat([False, True, False, True, False], [part.size for part in parts])
    return WholePatients.in_order(time, event)


def _tail_events(knots: CurveKnots, arm: ArmConstraints, path: CurvePath) -> int:
    """Return how many of the reported events are left for the time after the curve."""
    if arm.events is None or knots.time[-1] >= arm.last_time:
        return 0
    return min(max(arm.events - int(path.events.sum()), 0), path.left)


def _evenly(start: FloatArray, end: FloatArray, counts: np.ndarray) -> FloatArray:
    """Place `counts` patients evenly inside each of the open intervals."""
    rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (rank + 0.5) / np.repeat(np.maximum(counts, 1), counts)
    return np.asarray(np.repeat(start, counts) + share * np.repeat(end - start, counts))
