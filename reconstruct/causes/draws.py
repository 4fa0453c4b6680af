"""Causes for the events of many draws of one arm, each inside what is reported, at random.

Between two reported times the events are put in random order, and the first so many are given to
the first cause, the next to the second, and so on. How many is drawn among all numbers that bring
every incidence inside its interval at the later time and leave the known totals within reach. An
order without such numbers is drawn again, and so is a whole arm that has run into a dead end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..compiled import compiled
from ..constraints import EDGE
from ..ensemble import Patients
from ..pseudo_ipd import FloatArray
from .bounds import CauseBounds
from .settling import CENSORED, UNKNOWN, settled

__all__ = ["draw_causes", "redrawn"]

CodeArray = npt.NDArray[np.int64]

STARTS, SHUFFLES = 4, 10
STEPS = 4000  # of settling, for a row in vain


def draw_causes(
    patients: Patients, bounds: CauseBounds, rng: np.random.Generator, *, exits_too: bool = True
) -> tuple[CodeArray, npt.NDArray[np.bool_]]:
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
    size, span = _increments(patients), _spans(patients, bounds)
    totals = np.array([UNKNOWN if count is None else count for count in bounds.events])
    cause, good = _deal_rows(
        patients.event,
        size,
        span,
        bounds.lower - EDGE,
        bounds.upper + EDGE,
        totals.astype(np.int64),
        _tail_shares(bounds),
        rng.integers(0, 2**31, len(size)),
    )
    rows = np.flatnonzero(~good)
    if rows.size:
        start = _likely(patients.event[rows], span[rows], bounds, rng)
        time = patients.time[rows]
        cause[rows], good[rows] = settled(
            time, start, bounds, exits_too=exits_too, rng=rng, steps=STEPS
        )
    return cause, good


def redrawn(
    copies: Patients,
    cause: CodeArray,
    bounds: CauseBounds,
    others: Patients,
    rng: np.random.Generator,
    *,
    exits_too: bool,
) -> tuple[Patients, CodeArray]:
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
        copies.time, cause, bounds, exits_too=exits_too, rng=rng, steps=STEPS, walk=True
    )
    if not exits_too:
        return Patients(time=copies.time, event=cause >= 0), cause
    time = copies.time.copy()
    span, theirs = _spans(copies, bounds), _spans(others, bounds)
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


def _increments(patients: Patients) -> FloatArray:
    """Return what an event of each patient adds to the incidence of its cause, shape (rows, n)."""
    at_risk = np.arange(patients.time.shape[1], 0, -1)
    after = np.cumprod(np.where(patients.event, 1.0 - 1.0 / at_risk, 1.0), axis=1)
    before = np.hstack([np.ones((len(after), 1)), after[:, :-1]])
    return np.asarray(before / at_risk)


def _spans(patients: Patients, bounds: CauseBounds) -> CodeArray:
    """Return between which reported times each patient leaves, shape (rows, n)."""
    span = np.searchsorted(bounds.time, patients.time.ravel(), side="left")
    return np.asarray(span.reshape(patients.time.shape), dtype=np.int64)


def _likely(
    event: npt.NDArray[np.bool_], span: CodeArray, bounds: CauseBounds, rng: np.random.Generator
) -> CodeArray:
    """Draw causes with the shares that they are reported to have between reported times."""
    steps = np.diff(bounds.value, axis=1, prepend=0.0)
    shares = np.hstack([np.maximum(steps, 0.0) + 1e-9, _tail_shares(bounds)[:, None]])
    until = np.cumsum(shares / shares.sum(axis=0), axis=0)
    chosen = (rng.random(span.shape)[None] > until[:, span]).sum(axis=0)
    return np.where(event, np.minimum(chosen, len(bounds.causes) - 1), CENSORED)


def _tail_shares(bounds: CauseBounds) -> FloatArray:
    """Return the share of each cause among events after the last reported time, shape (c,)."""
    count = len(bounds.causes)
    if not bounds.time.size:
        return np.full(count, 1.0 / count)
    last = bounds.value[:, -1]
    step = last - (bounds.value[:, -2] if bounds.time.size > 1 else 0.0)
    share = np.where(step.sum() > 0, step, last) + 1e-9
    return np.asarray(share / share.sum())


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
    places: Any,
    sizes: Any,
    spans: Any,
    lower: Any,
    upper: Any,
    totals: Any,
    shares: Any,
    cause: Any,
) -> bool:
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
    rows, n = event.shape
    cause = np.full((rows, n), -1)
    good = np.zeros(rows, np.bool_)
    for row in range(rows):
        np.random.seed(seeds[row])  # noqa: NPY002
        places = np.flatnonzero(event[row])
        for _ in range(STARTS):
            if _deal_row(
                places, size[row][places], span[row][places], lower, upper, totals, shares,
                cause[row],
            ):  # fmt: skip
                good[row] = True
                break
        if not good[row]:
            for place in places:
                cause[row, place] = 0
    return cause, good
