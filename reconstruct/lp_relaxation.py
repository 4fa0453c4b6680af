"""Whether reported numbers of one arm have patients at all: a linear programme that is wider.

Every set of whole patients satisfies the fractional relaxation, so that reported numbers for which
it has no solution contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..presentation.formats import count
from .constraints import ArmConstraints
from .pseudo_ipd import FloatArray

__all__ = ["Fact", "facts_of", "feasible"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One reported number as a constraint at one time; `events` is a total, at infinity."""

    label: str
    time: float = np.inf
    lower: float = 0.0
    upper: float = 1.0
    at_risk: int | None = None
    at_knot: int = 0
    events: int | None = None


def facts_of(arm: ArmConstraints) -> list[Fact]:
    """Return the constraints of an arm in order of time, and the events in total last."""
    facts = [
        Fact(
            label=" and ".join(knot.printed),
            time=knot.time,
            lower=knot.lower,
            upper=knot.upper,
            at_risk=knot.at_risk,
            at_knot=knot.events,
        )
        for knot in arm.knots_to_end
    ]
    if arm.events is not None:
        facts.append(Fact(label=count(arm.events, "event"), events=arm.events))
    return facts


def feasible(n: int, facts: Sequence[Fact]) -> bool:
    """Return whether the fractional relaxation of the facts is feasible.

    Notes
    -----
    Between two times, with e events and c censorings among r at risk, survival falls at most to
    (r - c - e)/(r - c) and at least to (r - e)/r of what it was. Given bounds on survival at both
    times these are linear in e, c and r, and hold for whole patients too; events exactly at a
    reported time count into the interval before it, but are still at risk there.
    """
    from scipy.optimize import linprog

    timed = [fact for fact in facts if np.isfinite(fact.time)]
    highest = np.minimum.accumulate([1.0, *(fact.upper for fact in timed)])[:-1]
    if any(fact.lower > high for fact, high in zip(timed, highest, strict=True)):
        return False  # survival would have to rise
    total = next((fact.events for fact in facts if fact.events is not None), None)
    rows, bounds = _rows(n, timed)
    size = 3 * (len(timed) + 1)
    equal_rows, equal_bounds = _equalities(n, timed, total)
    result = linprog(
        np.zeros(size),
        A_ub=rows if len(rows) else None,
        b_ub=bounds if len(rows) else None,
        A_eq=equal_rows,
        b_eq=equal_bounds,
        bounds=(0, None),
        method="highs",
    )
    return bool(result.status != 2)


def _left_after(place: int, size: int) -> FloatArray:
    """Return the coefficients of the patients left, beside n, after the first intervals."""
    return np.where(np.arange(size) < 3 * place, -1.0, 0.0)


def _rows(n: int, timed: Sequence[Fact]) -> tuple[FloatArray, FloatArray]:
    """Return the inequalities; variables are (e, m, c) per interval, m events at its end."""
    size = 3 * (len(timed) + 1)
    rows, bounds = [], []
    low, high = 1.0, 1.0
    for place, fact in enumerate(timed):
        risk = _left_after(place, size)
        events, censored = np.zeros((2, size))
        events[3 * place : 3 * place + 2] = 1.0
        censored[3 * place + 2] = 1.0
        least = min(fact.lower / high, 1.0) if high > 0 else 0.0
        most = min(fact.upper / low, 1.0) if low > 0 else 1.0
        rows.append(events - (1.0 - least) * risk)  # all events first: e <= (1 - least) r
        bounds.append((1.0 - least) * n)
        rows.append((1.0 - most) * (risk - censored) - events)  # all censorings first
        bounds.append(-(1.0 - most) * n)
        low, high = max(fact.lower, 0.0), min(fact.upper, high)
    slack = 1e-7 * max(n, 1)
    return np.array(rows).reshape(-1, size), np.array(bounds) + slack


def _equalities(n: int, timed: Sequence[Fact], total: int | None) -> tuple[FloatArray, FloatArray]:
    """Return the equalities: everybody leaves, at-risk counts, events at knots, total events."""
    size = 3 * (len(timed) + 1)
    rows = [np.ones(size)]
    bounds = [float(n)]
    for place, fact in enumerate(timed):
        if fact.at_risk is not None:
            left = _left_after(place + 1, size)
            left[3 * place + 1] = 0.0  # events at the reported time are at risk there
            rows.append(left)
            bounds.append(float(fact.at_risk - n))
        if fact.at_knot:
            rows.append(np.where(np.arange(size) == 3 * place + 1, 1.0, 0.0))
            bounds.append(float(fact.at_knot))
    if total is not None:
        row = np.zeros(size)
        row[0::3] = row[1::3] = 1.0
        rows.append(row)
        bounds.append(float(total))
    return np.array(rows), np.array(bounds)
