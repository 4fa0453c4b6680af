"""Which cause each event of an arm is of, so that Aalen-Johansen is inside what is reported.

With times fixed, an event at t adds S(t-)/r to the cumulative incidence of its cause, and nothing
to the others. That is linear in who has which cause, so that an integer programme finds the causes
that fit best; events between the same reported times that add the same are alike, and only their
number is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..constraints import EDGE
from ..ensemble import Patients
from ..pseudo_ipd import BoolArray, FloatArray, IntArray, WholePatients
from .bounds import CauseBounds

__all__ = [
    "Allotment",
    "Increments",
    "allotted",
    "beyond",
    "increments_of_draws",
    "judged",
    "likely_causes",
    "spans_of",
    "tail_shares",
]


_MISS = 1e4  # cost of a patient's worth outside an interval, beside one of an event moved
_COUNT_MISS = 1e5  # of an event too many or too few of a cause
# Nodes of the search times unknown counts, a few seconds at most: a limit in seconds would let
# patients depend on how busy the machine is.
_NODES = 100_000
_ALIKE = 10  # decimals of increments, in patients


@dataclass(frozen=True, kw_only=True, eq=False)
class Increments:
    """The events of one arm in order of time.

    Attributes
    ----------
    place : ndarray of int, shape (d,)
        Of each event among the arm's patients.
    time, size : ndarray of float, shape (d,)
        When it happened, and what it adds to the cumulative incidence of its cause.
    """

    place: npt.NDArray[np.intp]
    time: FloatArray
    size: FloatArray

    @classmethod
    def of(cls, patients: WholePatients) -> Self:
        """Work out what each event adds; events at one time add the same each."""
        survival = np.concatenate([[1.0], patients.survival[:-1]])
        at_risk = np.arange(patients.time.size, 0, -1)
        place = np.flatnonzero(patients.event)
        # S/r is the same for events at one time, one after the other
        return cls(place=place, time=patients.time[place], size=(survival / at_risk)[place])

    def incidence(self, cause: IntArray, bounds: CauseBounds) -> FloatArray:
        """Return the cumulative incidence of every cause at the reported times, shape (c, k)."""
        until = np.searchsorted(self.time, bounds.time, side="right")
        rows = []
        for number in range(len(bounds.causes)):
            steps = np.cumsum(np.where(cause == number, self.size, 0.0))
            rows.append(np.concatenate([[0.0], steps])[until])
        return np.array(rows).reshape(len(bounds.causes), bounds.time.size)


@dataclass(frozen=True, kw_only=True, eq=False)
class Allotment:
    """Causes of an arm's events.

    Attributes
    ----------
    cause : ndarray of int, shape (d,)
        Place of each event's cause in the bounds' `causes`.
    miss : ndarray of float, shape (c, k)
        How far each stated incidence is outside its interval; 0 inside.
    off : tuple of int
        Events too many (or, below 0, too few) of each cause whose number is known.
    """

    cause: IntArray
    miss: FloatArray
    off: tuple[int, ...]

    @property
    def cost(self) -> float:
        """0 if everything that is reported is satisfied, and larger the further it is missed."""
        return float(self.miss.sum() + sum(map(abs, self.off)))


def beyond(incidence: FloatArray, bounds: CauseBounds) -> FloatArray:
    """Return how far each stated incidence is outside its interval, shape (c, k)."""
    outside = np.maximum(bounds.lower - incidence, incidence - bounds.upper)
    return np.where(bounds.stated & (outside > EDGE), outside, 0.0)


def allotted(patients: WholePatients, bounds: CauseBounds) -> Allotment:
    """Give every event a cause: near the reported courses, and inside every interval if possible.

    Parameters
    ----------
    patients : WholePatients
        Of the arm, in order of time.
    bounds : CauseBounds
        What the arm reports by cause.
    """
    increments = Increments.of(patients)
    spread = _spread(increments, bounds)
    first = _judged(increments, spread, bounds)
    if first.cost == 0 or not increments.size.size:
        return first
    found = _programme(increments, spread, bounds)
    second = first if found is None else _judged(increments, found, bounds)
    return min(first, second, key=lambda each: each.cost)


def judged(patients: WholePatients, cause: IntArray, bounds: CauseBounds) -> Allotment:
    """Return given causes of an arm's events with what they miss.

    Parameters
    ----------
    patients : WholePatients
    cause : ndarray of int, shape (events,)
        Place of each event's cause in the bounds' `causes`.
    bounds : CauseBounds
    """
    return _judged(Increments.of(patients), cause, bounds)


def _judged(increments: Increments, cause: IntArray, bounds: CauseBounds) -> Allotment:
    counts = np.bincount(cause, minlength=len(bounds.causes))
    off = tuple(
        0 if known is None else int(count) - known
        for count, known in zip(counts, bounds.events, strict=True)
    )
    miss = beyond(increments.incidence(cause, bounds), bounds)
    return Allotment(cause=cause, miss=miss, off=off)


def _spread(increments: Increments, bounds: CauseBounds) -> IntArray:
    """Give each event in turn to the cause whose incidence is furthest behind its course.

    After the last reported time causes go on as between the last two, or as their known numbers of
    events want.
    """
    known, values = _course(increments, bounds)
    targets = np.array([np.interp(increments.time, known, row) for row in values])
    left = np.array([np.inf if count is None else count for count in bounds.events])
    so_far = np.zeros(len(bounds.causes))
    cause = np.zeros(increments.size.size, dtype=np.int64)
    for place, size in enumerate(increments.size):
        behind = np.where(left > 0, targets[:, place] - so_far, -np.inf)
        if np.isneginf(behind).all():
            behind = targets[:, place] - so_far
        chosen = int(np.argmax(behind))
        cause[place] = chosen
        so_far[chosen] += size
        left[chosen] -= 1
    return cause


def _course(increments: Increments, bounds: CauseBounds) -> tuple[FloatArray, FloatArray]:
    """Return times and the courses of the causes, shape (c, m), scaled to what events add up to."""
    total = np.concatenate([[0.0], np.cumsum(increments.size)])
    time, value = bounds.time, bounds.value
    if not time.size:
        share = np.array([count or 0 for count in bounds.events], dtype=float)
        end = max(float(increments.time.max(initial=1.0)), 1e-9)
        return np.array([0.0, end]), np.outer(share / max(share.sum(), 1.0), [0.0, total[-1]])
    end = float(increments.time.max(initial=time[-1]))
    known = np.concatenate([[0.0], time, [end] if end > time[-1] else []])
    courses = np.hstack([np.zeros((len(value), 1)), value])
    if end > time[-1]:
        last = courses[:, -1] - (courses[:, -2] if time.size > 1 else 0.0)
        share = last / last.sum() if last.sum() > 0 else np.full(len(value), 1 / len(value))
        rest = total[-1] - total[np.searchsorted(increments.time, time[-1], side="right")]
        courses = np.hstack([courses, (courses[:, -1] + share * rest)[:, None]])
    return known, courses


def _programme(increments: Increments, near: IntArray, bounds: CauseBounds) -> IntArray | None:
    """Return causes that satisfy the most, as near to given ones as that allows; None if in vain.

    Unknown are, for each group of events that are alike and for each cause, how many are of it and
    how far that is from `near`; then how far each reported number is missed.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, kron
    from scipy.sparse import hstack as beside

    def hstack(parts: list[Any]) -> Any:
        return beside(parts)

    members, size = _alike(increments, bounds)
    shape = size.size, len(bounds.causes)
    had = np.zeros(shape)
    np.add.at(had, (members, near), 1.0)
    sums, low, high, cost = _reported(increments, members, bounds)
    counts, misses = had.size, cost.size
    one, none = eye_array(counts), csr_array((counts, misses))
    whole = kron(eye_array(shape[0]), np.ones((1, shape[1])))
    slack, unmoved = eye_array(misses), csr_array((misses, counts))
    constraints = [
        LinearConstraint(hstack([whole, csr_array((shape[0], counts + misses))]), size, size),
        LinearConstraint(hstack([one, -one, none]), -np.inf, had.ravel()),
        LinearConstraint(hstack([one, one, none]), had.ravel(), np.inf),
        LinearConstraint(hstack([sums, unmoved, slack]), low, np.inf),
        LinearConstraint(hstack([sums, unmoved, -slack]), -np.inf, high),
    ]
    most = np.concatenate([np.repeat(size, shape[1]), np.full(counts + misses, np.inf)])
    result = milp(
        np.concatenate([np.zeros(counts), np.ones(counts), cost]),
        integrality=np.repeat([1, 0], [counts, counts + misses]),
        bounds=Bounds(0.0, most),
        constraints=constraints,
        options={"node_limit": max(_NODES // counts, 1)},
    )
    if result.x is None:
        return None
    return _dealt(np.rint(result.x[:counts]).astype(np.int64).reshape(shape), members, near)


def _alike(increments: Increments, bounds: CauseBounds) -> tuple[IntArray, IntArray]:
    """Return the group of each event, alike within a group, and how many are in each group."""
    span = np.searchsorted(bounds.time, increments.time, side="left")
    worth = np.round(increments.size * increments.size.size, _ALIKE)
    changes = (np.diff(span, prepend=-1) != 0) | (np.diff(worth, prepend=-1.0) != 0)
    members = np.cumsum(changes) - 1
    return members, np.bincount(members)


def _reported(
    increments: Increments, members: IntArray, bounds: CauseBounds
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return sums of counts by group and cause, their lower and upper ends, and costs of a miss.

    The sums are stated incidences, in units of about one patient, and known numbers of events.
    """
    scale = float(increments.size.size)
    groups, causes = int(members[-1]) + 1, len(bounds.causes)
    worth, first = np.zeros(groups), np.zeros(groups)
    worth[members[::-1]] = increments.size[::-1] * scale
    first[members[::-1]] = increments.time[::-1]
    stated = np.argwhere(bounds.stated)
    known = [
        (cause, float(count)) for cause, count in enumerate(bounds.events) if count is not None
    ]
    sums = np.zeros((len(stated) + len(known), groups, causes))
    for row, (cause, place) in enumerate(stated):
        sums[row, :, cause] = np.where(first <= bounds.time[place], worth, 0.0)
    for row, (cause, _) in enumerate(known, start=len(stated)):
        sums[row, :, cause] = 1.0
    exact = [count for _, count in known]
    low = np.concatenate([bounds.lower[*stated.T] * scale, exact])
    high = np.concatenate([bounds.upper[*stated.T] * scale, exact])
    cost = np.repeat([_MISS, _COUNT_MISS], [len(stated), len(known)])
    return sums.reshape(len(cost), groups * causes), low, high, cost


def _dealt(wanted: IntArray, members: IntArray, near: IntArray) -> IntArray:
    """Give the events of each group their causes, evenly in order of time.

    Each cause gets its number: of c causes the one chosen was at least 1/c of an event behind, so
    that none is ever a whole one ahead, and at the end all are whole numbers that add up to 0.
    """
    cause = near.copy()
    for group, counts in enumerate(wanted):
        own = np.flatnonzero(members == group)
        if (np.bincount(near[own], minlength=counts.size) == counts).all():
            continue
        behind = np.zeros(counts.size)
        for place in own:
            behind += counts / own.size
            chosen = int(np.argmax(behind))
            cause[place] = chosen
            behind[chosen] -= 1.0
    return cause


def increments_of_draws(patients: Patients) -> FloatArray:
    """Return what an event of each patient adds to the incidence of its cause, shape (rows, n)."""
    at_risk = np.arange(patients.time.shape[1], 0, -1)
    after = np.cumprod(np.where(patients.event, 1.0 - 1.0 / at_risk, 1.0), axis=1)
    before = np.hstack([np.ones((len(after), 1)), after[:, :-1]])
    return np.asarray(before / at_risk)


def spans_of(time: FloatArray, bounds: CauseBounds) -> IntArray:
    """Return between which reported times patients leave, of the same shape as `time`."""
    return np.asarray(np.searchsorted(bounds.time, time, side="left"), dtype=np.int64)


def likely_causes(
    event: BoolArray, span: IntArray, bounds: CauseBounds, rng: np.random.Generator
) -> IntArray:
    """Draw causes with the shares that they are reported to have between reported times.

    -1 for a censored patient, shape (rows, n).
    """
    steps = np.diff(bounds.value, axis=1, prepend=0.0)
    shares = np.hstack([np.maximum(steps, 0.0) + 1e-9, tail_shares(bounds)[:, None]])
    until = np.cumsum(shares / shares.sum(axis=0), axis=0)
    chosen = (rng.random(span.shape)[None] > until[:, span]).sum(axis=0)
    return np.where(event, np.minimum(chosen, len(bounds.causes) - 1), -1)


def tail_shares(bounds: CauseBounds) -> FloatArray:
    """Return the share of each cause among events after the last reported time, shape (c,)."""
    count = len(bounds.causes)
    if not bounds.time.size:
        return np.full(count, 1.0 / count)
    last = bounds.value[:, -1]
    step = last - (bounds.value[:, -2] if bounds.time.size > 1 else 0.0)
    share = np.where(step.sum() > 0, step, last) + 1e-9
    return np.asarray(share / share.sum())
