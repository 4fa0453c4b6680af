"""Causes for the events of many draws of one arm, each inside what is reported, at random.

Between two reported times the events are put in random order, and the first so many are given to
the first cause, the next to the second, and so on. How many is drawn among all numbers that bring
every incidence inside its interval at the later time and leave the known totals within reach. An
order without such numbers is drawn again, and so is a whole arm that has run into a dead end.

Where that finds none, or for a change, causes are settled: the times at which patients leave are
kept, and with them all numbers at risk. Two patients exchange how they leave (of which cause, or
censored), or one becomes a patient of another cause, or, where events are not reported, censored.
Event-free survival and the incidences move in steps smaller than one patient. Changes that come
nearer to what is reported are kept, others now and then and ever less often (simulated annealing
[1]_).

References
----------
.. [1] Kirkpatrick S, Gelatt CD, Vecchi MP. Science 1983;220:671-680.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiled import compiled
from ..constraints import EDGE
from ..ensemble import Patients
from ..pseudo_ipd import BoolArray, FloatArray, IntArray
from .allotment import increments_of_draws, likely_causes, spans_of, tail_shares
from .bounds import CauseBounds

__all__ = ["CENSORED", "draw_causes", "redrawn", "settled"]

CENSORED = -1
UNKNOWN = -1
STARTS, SHUFFLES = 4, 10
STEPS = 20_000  # of settling
FEWER_STEPS = 4000  # for a row in vain
WARM, COLD = 0.3, 0.002  # of a patient's worth


def draw_causes(
    patients: Patients, bounds: CauseBounds, rng: np.random.Generator, *, exits_too: bool = True
) -> tuple[IntArray, BoolArray]:
    """Give every event of every row a cause.

    Parameters
    ----------
    patients : Patients
        Of one arm.
    bounds : CauseBounds
    rng : numpy.random.Generator
    exits_too : bool
        Whether, where no causes fit, events and censorings may exchange places between reported
        times.

    Returns
    -------
    cause : ndarray of int, shape (rows, n)
        Place of each patient's cause in the bounds' `causes`; -1 for a censored patient.
    good : ndarray of bool, shape (rows,)
        Where all that is reported is satisfied; elsewhere it is missed somewhere.
    """
    size, span = increments_of_draws(patients), spans_of(patients.time, bounds)
    totals = np.array([UNKNOWN if count is None else count for count in bounds.events])
    cause, good = _deal_rows(
        patients.event,
        size,
        span,
        bounds.lower - EDGE,
        bounds.upper + EDGE,
        totals.astype(np.int64),
        tail_shares(bounds),
        rng.integers(0, 2**31, len(size)),
    )
    rows = np.flatnonzero(~good)
    if rows.size:
        start = likely_causes(patients.event[rows], span[rows], bounds, rng)
        cause[rows], good[rows] = settled(
            patients.time[rows], start, bounds, exits_too=exits_too, rng=rng, steps=FEWER_STEPS
        )
    return cause, good


def redrawn(
    copies: Patients,
    cause: IntArray,
    bounds: CauseBounds,
    others: Patients,
    rng: np.random.Generator,
    *,
    exits_too: bool,
) -> tuple[Patients, IntArray]:
    """Change copies of draws as far as what is reported by cause leaves them free.

    Who leaves how is changed at random, and when they leave is taken over from other draws: the
    order of exits between two reported times decides incidences, not the times themselves.

    Parameters
    ----------
    copies : Patients
    cause : ndarray of int, shape (rows, n)
    bounds : CauseBounds
    others : Patients
        As many draws of the same arm.
    rng : numpy.random.Generator
    exits_too : bool
        As of `draw_causes`.
    """  # fmt: skip
    cause, _ = settled(
        copies.time, cause, bounds, exits_too=exits_too, rng=rng, steps=FEWER_STEPS, walk=True
    )
    if not exits_too:
        return Patients(time=copies.time, event=cause >= 0), cause
    time = copies.time.copy()
    span, theirs = spans_of(copies.time, bounds), spans_of(others.time, bounds)
    ends = np.concatenate([[0.0], bounds.time])
    for row in range(len(time)):
        for place in range(ends.size):
            own = np.flatnonzero(span[row] == place)
            known = others.time[row, theirs[row] == place]
            if own.size and known.size:
                last = bounds.time[place] if place < bounds.time.size else known.max()
                points = np.concatenate([[ends[place]], known, [last]])
                at = np.sort(rng.uniform(0, points.size - 1, own.size))
                time[row, own] = np.interp(at, np.arange(points.size), points)
    return Patients(time=np.maximum(time, 1e-9), event=cause >= 0), cause


@compiled
def _counts(  # noqa: C901 - one compiled loop
    sizes: Any, gone: Any, had: Any, lower: Any, upper: Any, totals: Any, after: Any, counts: Any
) -> Any:
    """Draw how many of the events, in their order, each cause has; False if no numbers do.

    `gone` is the incidence of each cause so far and `had` its events; `after` events come later.
    """
    causes = gone.size
    start = 0
    left = sizes.sum()
    for k in range(causes - 1):
        rest_low = 0.0
        rest_high = 0.0
        for other in range(k + 1, causes):
            rest_low += lower[other] - gone[other]
            rest_high += upper[other] - gone[other]
        chosen = -1
        seen = 0
        total = 0.0
        for c in range(sizes.size - start + 1):
            if c > 0:
                total += sizes[start + c - 1]
            height = gone[k] + total
            if height > upper[k]:
                break
            if height < lower[k] or left - total < rest_low or left - total > rest_high:
                continue
            if totals[k] >= 0 and not 0 <= totals[k] - had[k] - c <= after:
                continue
            seen += 1
            if np.random.randint(seen) == 0:  # noqa: NPY002 - numba's own, seeded for every row
                chosen = c
        if chosen < 0:
            return False
        counts[k] = chosen
        left -= sizes[start : start + chosen].sum()
        start += chosen
    k = causes - 1
    counts[k] = sizes.size - start
    if not lower[k] <= gone[k] + left <= upper[k]:
        return False
    return totals[k] < 0 or 0 <= totals[k] - had[k] - counts[k] <= after


@compiled
def _tail(m: Any, had: Any, totals: Any, shares: Any, counts: Any) -> bool:
    """Draw how many of `m` events after the last reported time each cause has."""
    left = m
    weight = 0.0
    for k in range(had.size):
        counts[k] = 0
        if totals[k] >= 0:
            counts[k] = totals[k] - had[k]
            left -= counts[k]
            if counts[k] < 0:
                return False
        else:
            weight += shares[k]
    if left < 0 or (left > 0 and weight <= 0.0):
        return False
    for _ in range(left):
        at = np.random.random() * weight  # noqa: NPY002
        chosen = -1
        for k in range(had.size):
            if totals[k] < 0:
                chosen = k
                at -= shares[k]
                if at <= 0.0:
                    break
        counts[chosen] += 1
    return True


@compiled
def _deal_row(
    places: Any, sizes: Any, spans: Any, lower: Any, upper: Any, totals: Any,
    shares: Any, cause: Any,
) -> bool:  # fmt: skip
    """Give the events of one row their causes; False in a dead end."""
    causes, knots = lower.shape
    gone = np.zeros(causes)
    had = np.zeros(causes, np.int64)
    counts = np.zeros(causes, np.int64)
    first = 0
    for knot in range(knots + 1):
        last = first
        while last < places.size and spans[last] == knot:
            last += 1
        order = np.arange(first, last)
        done = False
        for _ in range(SHUFFLES):
            np.random.shuffle(order)  # noqa: NPY002
            if knot == knots:
                done = _tail(last - first, had, totals, shares, counts)
                break
            done = _counts(
                sizes[order], gone, had, lower[:, knot], upper[:, knot], totals,
                places.size - last, counts,
            )  # fmt: skip
            if done:
                break
        if not done:
            return False
        at = 0
        for k in range(causes):
            for _ in range(counts[k]):
                cause[places[order[at]]] = k
                gone[k] += sizes[order[at]]
                at += 1
            had[k] += counts[k]
        first = last
    return True


@compiled
def _deal_rows(
    event: Any, size: Any, span: Any, lower: Any, upper: Any, totals: Any, shares: Any, seeds: Any
) -> Any:
    cause = np.full(event.shape, CENSORED)
    good = np.zeros(len(event), np.bool_)
    for row in range(len(event)):
        np.random.seed(seeds[row])  # noqa: NPY002
        places = np.flatnonzero(event[row])
        for _ in range(STARTS):
            if _deal_row(
                places, size[row][places], span[row][places], lower, upper, totals, shares,
                cause[row],
            ):  # fmt: skip
                good[row] = True
                break
    return cause, good


def settled(
    time: FloatArray,
    cause: IntArray,
    bounds: CauseBounds,
    *,
    exits_too: bool,
    rng: np.random.Generator,
    steps: int = STEPS,
    walk: bool = False,
) -> tuple[IntArray, BoolArray]:
    """Change how patients leave until what is reported by cause is satisfied.

    Parameters
    ----------
    time : ndarray of float, shape (rows, n)
        When they leave, in order.
    cause : ndarray of int, shape (rows, n)
        Place of each patient's cause in the bounds' `causes`; -1 for a censored patient.
    bounds : CauseBounds
    exits_too : bool
        Whether events and censorings may exchange places; causes always may.
    rng : numpy.random.Generator
    steps : int
        Changes tried for each row.
    walk : bool
        Go on when all is satisfied, by changes that leave it so, to get away from where one began.

    Returns
    -------
    cause : ndarray of int, shape (rows, n)
        As given, changed.
    good : ndarray of bool, shape (rows,)
        Where all that is reported is satisfied.
    """
    totals = np.array([UNKNOWN if count is None else count for count in bounds.events])
    changed, good = _settle_rows(
        cause.copy(),
        spans_of(time, bounds),
        np.where(bounds.stated, bounds.lower - EDGE, -1.0),
        np.where(bounds.stated, bounds.upper + EDGE, 2.0),
        totals.astype(np.int64),
        exits_too,
        rng.integers(0, 2**31, len(time)),
        steps,
        walk,
    )
    return np.asarray(changed, dtype=np.int64), np.asarray(good, dtype=np.bool_)


@compiled
def _amiss(cause: Any, span: Any, lower: Any, upper: Any, totals: Any) -> Any:
    """Return how far all incidences and totals are outside what is reported, in patients."""
    causes, knots = lower.shape
    n = cause.size
    gone = np.zeros(causes)
    had = np.zeros(causes, np.int64)
    survival = 1.0
    out = 0.0
    knot = 0
    for place in range(n + 1):
        at = knots if place == n else span[place]
        while knot < at:
            for k in range(causes):
                out += max(lower[k, knot] - gone[k], 0.0) + max(gone[k] - upper[k, knot], 0.0)
            knot += 1
        if place < n and cause[place] >= 0:
            size = survival / (n - place)
            gone[cause[place]] += size
            had[cause[place]] += 1
            survival -= size
    for k in range(causes):
        if totals[k] >= 0:
            out += abs(totals[k] - had[k]) / n
    return out * n


@compiled
def _partner(one: Any, n: Any) -> Any:
    """Draw who exchanges with a patient: somebody near, anybody, or nobody but themselves."""
    draw = np.random.random()  # noqa: NPY002
    if draw < 0.35:
        reach = 2 if draw < 0.15 else max(n // 10, 3)
        return min(max(one + np.random.randint(-reach, reach + 1), 0), n - 1)  # noqa: NPY002
    return np.random.randint(n) if draw < 0.7 else one  # noqa: NPY002


@compiled
def _settle_row(
    cause: Any, span: Any, lower: Any, upper: Any, totals: Any,
    exits_too: Any, steps: Any, walk: Any,
) -> Any:  # fmt: skip
    n = cause.size
    causes, knots = lower.shape
    free = (totals < 0).all()
    now = _amiss(cause, span, lower, upper, totals)
    cooling = (COLD / WARM) ** (1.0 / steps)
    heat = WARM
    for _ in range(steps):
        if now <= 0.0 and not walk:
            break
        heat *= cooling
        one = np.random.randint(n)  # noqa: NPY002 - numba's own, seeded for every row
        other = _partner(one, n)
        had_one, had_other = cause[one], cause[other]
        # nothing is reported of what comes last: it stays as it is, but for reported totals
        if free and (span[one] == knots or span[other] == knots):
            continue
        if other != one:
            if had_one == had_other or ((had_one < 0) != (had_other < 0) and not exits_too):
                continue
            cause[one], cause[other] = had_other, had_one
        else:
            # any cause, or censored where the number of events is free
            lowest = -1 if free and exits_too else 0
            if had_one < lowest or causes - lowest < 2:
                continue
            shift = 1 + np.random.randint(causes - lowest - 1)  # noqa: NPY002
            cause[one] = lowest + (had_one - lowest + shift) % (causes - lowest)
        new = _amiss(cause, span, lower, upper, totals)
        if new <= now or (not walk and np.random.random() < np.exp((now - new) / heat)):  # noqa: NPY002
            now = new
        else:
            cause[one], cause[other] = had_one, had_other
    return now <= 0.0


@compiled
def _settle_rows(
    cause: Any, span: Any, lower: Any, upper: Any, totals: Any,
    exits_too: Any, seeds: Any, steps: Any, walk: Any,
) -> Any:  # fmt: skip
    good = np.zeros(len(cause), np.bool_)
    for row in range(len(cause)):
        np.random.seed(seeds[row])  # noqa: NPY002
        good[row] = _settle_row(cause[row], span[row], lower, upper, totals, exits_too, steps, walk)
    return cause, good
