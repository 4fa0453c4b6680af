"""Small changes of who leaves how, until every cumulative incidence is as reported.

The times at which the patients of an arm leave are kept, and with them all numbers at risk. Two
patients exchange how they leave (of which cause, or censored), or one becomes a patient of another
cause, or, where events are not reported, censored. Event-free survival and the incidences move in
steps smaller than one patient. Changes that come nearer to what is reported are kept, others now
and then and ever less often (simulated annealing [1]_).

References
----------
.. [1] Kirkpatrick S, Gelatt CD, Vecchi MP. Science 1983;220:671-680.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..compiled import compiled
from ..constraints import EDGE
from ..pseudo_ipd import FloatArray
from .bounds import CauseBounds

__all__ = ["CENSORED", "UNKNOWN", "settled"]

CodeArray = npt.NDArray[np.int64]

CENSORED = -1
UNKNOWN = -1
STEPS = 20_000
WARM, COLD = 0.3, 0.002  # of a patient's worth


def settled(
    time: FloatArray,
    cause: CodeArray,
    bounds: CauseBounds,
    *,
    exits_too: bool,
    rng: np.random.Generator,
    steps: int = STEPS,
    walk: bool = False,
) -> tuple[CodeArray, npt.NDArray[np.bool_]]:
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
    span = np.searchsorted(bounds.time, time.ravel(), side="left").reshape(time.shape)
    totals = np.array([UNKNOWN if count is None else count for count in bounds.events])
    changed, good = _settle_rows(
        cause.copy(),
        span.astype(np.int64),
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
    cause: Any,
    span: Any,
    lower: Any,
    upper: Any,
    totals: Any,
    exits_too: Any,
    steps: Any,
    walk: Any,
) -> Any:
    n = cause.size
    causes, knots = lower.shape
    free = True
    for k in range(causes):
        free = free and totals[k] < 0
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
    cause: Any,
    span: Any,
    lower: Any,
    upper: Any,
    totals: Any,
    exits_too: Any,
    seeds: Any,
    steps: Any,
    walk: Any,
) -> Any:
    good = np.zeros(len(cause), np.bool_)
    for row in range(len(cause)):
        np.random.seed(seeds[row])  # noqa: NPY002
        good[row] = _settle_row(cause[row], span[row], lower, upper, totals, exits_too, steps, walk)
    return cause, good
