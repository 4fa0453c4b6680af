"""What the knots ahead leave possible: numbers at risk and events that can satisfy them.

A search that looks ahead does not go where nothing leads on. Survival that is reported to a decimal
or two leaves few numbers at risk open wherever it falls by one event or two, or by none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from .constraints import EDGE, Knot
from .pseudo_ipd import BoolArray, FloatArray

__all__ = ["MOST_AT_KNOT", "Lookahead", "bounded_by_counts", "next_at_risk", "sums_from_end"]

Counts = npt.NDArray[np.intp]

MOST_AT_KNOT = 400  # events exactly at a knot that are looked for, beside those reported
MOST_LOOKED_AT = 400  # numbers at risk at one knot
TINY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookahead:
    """What can still come, from the survival bounds of the knots ahead.

    Attributes
    ----------
    knots : tuple of Knot
    n : int
        Patients.
    until_last : bool
        Whether follow-up ends at the last knot, so that no event comes after it.
    """

    knots: tuple[Knot, ...]
    n: int
    until_last: bool

    @classmethod
    def of(cls, knots: tuple[Knot, ...], n: int, *, end: float) -> Self:
        """Look ahead from every knot of an arm of `n` patients, followed until `end`."""
        return cls(knots=knots, n=n, until_last=bool(knots) and knots[-1].time >= end)

    @cached_property
    def _at_risk(self) -> list[Counts] | None:
        """Numbers at risk that are looked at when so many knots are behind; None for too many.

        Just before a knot the number may be reported; who has the event at it has left.
        """
        reported = [self.n if knot.at_risk is None else knot.at_risk for knot in self.knots]
        ends = [self.n, *np.minimum.accumulate(np.array([self.n, *reported]))[1:].tolist()]
        starts = [self.n]
        for knot, end in zip(self.knots, ends[1:], strict=True):
            at_knot = knot.events + MOST_AT_KNOT
            starts.append(0 if knot.at_risk is None else max(end - at_knot, 0))
        if max(end - start for start, end in zip(starts, ends, strict=True)) > MOST_LOOKED_AT:
            return None
        return [np.arange(start, end + 1) for start, end in zip(starts, ends, strict=True)]

    @cached_property
    def _events_ahead(self) -> list[tuple[FloatArray, FloatArray]]:
        """The fewest and the most events still to come, for each of the numbers at risk.

        Infinity and its negative where no events and censorings satisfy the knots ahead.

        Notes
        -----
        Survival at the knot before is taken to be anywhere in its interval, so that what is ruled
        out is impossible, and not all that is impossible is ruled out.
        """
        at_risk = self._at_risk or []
        low = [1.0, *(max(knot.lower - EDGE, 0.0) for knot in self.knots)]
        high = [1.0, *(knot.upper + EDGE for knot in self.knots)]
        last = at_risk[-1].astype(float)
        found = [(np.zeros(last.size), np.zeros(last.size) if self.until_last else last)]
        for place in range(len(self.knots) - 1, -1, -1):
            highest = high[place + 1] / low[place] if low[place] > TINY else np.inf
            ratio = low[place + 1] / high[place], highest
            between = _events_between(
                ratio, self.knots[place], before=at_risk[place][:, None], after=at_risk[place + 1]
            )
            ahead = found[0][0] <= found[0][1]
            few = np.where(ahead, between[0] + found[0][0], np.inf)
            many = np.where(ahead, between[1] + found[0][1], -np.inf)
            found.insert(0, (few.min(axis=1), many.max(axis=1)))
        return found

    @cached_property
    def _survival_limits(self) -> list[FloatArray]:
        """From which survival so many events, 0 to n, still take it down to the knots ahead.

        Notes
        -----
        Survival falls most if all e of them happen at a knot, to (r - e)/r of what it was, where r
        patients are at risk just before. There are no fewer than at the next number at risk.
        """
        events = np.arange(self.n + 1)
        found = [np.full(events.shape, np.inf)]
        for knot, needed in zip(self.knots[::-1], next_at_risk(self.knots)[-2::-1], strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                limit = (knot.upper + EDGE) * needed / (needed - events)
            found.append(np.minimum(found[-1], np.where(events < needed, limit, np.inf)))
        return found[::-1]

    def possible(
        self, index: int, at_risk: Counts, events: Counts | None, survival: FloatArray | float = 0.0
    ) -> BoolArray:
        """Say from which numbers at risk the knots ahead can be satisfied.

        Parameters
        ----------
        index : int
            How many knots are behind.
        at_risk : ndarray of int
        events : ndarray of int, or None
            How many have to be still to come; None for any number.
        survival : ndarray of float, or 0
            The least that it can be.

        Notes
        -----
        Of many patients nearly all is possible where no number at risk is reported, and next to
        nothing is ruled out.
        """
        can_fall: BoolArray = np.ones(at_risk.shape, dtype=bool)
        if events is not None:
            limits = self._survival_limits[index]
            can_fall = survival <= limits[np.clip(events, 0, self.n)]
        if self._at_risk is None:
            return can_fall
        place = at_risk - self._at_risk[index][0]
        inside = (place >= 0) & (place < self._at_risk[index].size)
        rows = np.where(inside, place, 0)
        fewest, most = (bound[rows] for bound in self._events_ahead[index])
        if events is None:
            return np.asarray(inside & (fewest <= most))
        return np.asarray(can_fall & inside & (fewest <= events) & (events <= most))


def bounded_by_counts(knots: tuple[Knot, ...], n: int) -> tuple[Knot, ...]:
    """Bound survival at every knot by the numbers at risk that are reported, too.

    Parameters
    ----------
    knots : tuple of Knot
        With bounds that never rise.
    n : int
        Patients.

    Notes
    -----
    While the number at risk falls from r to r', survival falls to no less than r'/r of what it was,
    as if everybody had left by an event. So it is at most r/r' times what it may be at any knot
    before there are r', and at least r'/r times what it must be where there are r.
    """
    places = [-1, *(i for i, knot in enumerate(knots) if knot.at_risk)]
    if len(places) < 2:
        return knots
    at_risk = np.array([float(n), *(knots[i].at_risk or 0.0 for i in places[1:])])
    lower = np.array([1.0, *(knot.lower for knot in knots)])
    upper = np.array([1.0, *(knot.upper for knot in knots)])
    here = np.array(places) + 1
    before = here - 1  # the knot before one at which a number is reported
    for first in range(len(places) - 1):
        later = slice(first + 1, None)
        fall = np.minimum(at_risk[later] / at_risk[first], 1.0)
        upper[here[first]] = min(upper[here[first]], float((upper[before[later]] / fall).min()))
        np.maximum.at(lower, before[later], lower[here[first]] * fall)
    lower = np.maximum.accumulate(lower[::-1])[::-1]
    upper = np.minimum.accumulate(upper)
    return tuple(
        knot._replace(lower=low, upper=high) if low <= high else knot
        for knot, low, high in zip(knots, lower[1:].tolist(), upper[1:].tolist(), strict=True)
    )


def sums_from_end(counts: list[int]) -> list[int]:
    """Sum of the counts from each place to the end, and 0 after it."""
    return [int(total) for total in np.cumsum([0, *counts[::-1]])[::-1]]


def next_at_risk(knots: tuple[Knot, ...]) -> list[int]:
    """Patients still needed at or after each place, and 0 after the last knot."""
    return [max((k.at_risk or 0 for k in knots[i:]), default=0) for i in range(len(knots) + 1)]


def _events_between(
    ratio: tuple[float, float], knot: Knot, *, before: Counts, after: Counts
) -> tuple[FloatArray, FloatArray]:
    """Return the fewest and the most events that take survival down by a ratio inside an interval.

    Parameters
    ----------
    ratio : tuple of float
    knot : Knot
        Up to which they happen.
    before : ndarray of int, shape (rows, 1)
        Patients at risk before.
    after : ndarray of int, shape (columns,)
        And after.

    Returns
    -------
    fewest, most : ndarray of float, shape (rows, columns)
        Infinity and its negative where no number of events does.

    Notes
    -----
    With all censorings first, d events multiply survival by r'/(r' + d) when r' are left; with all
    events first by 1 - d/r. What is between is taken to be possible, but for one, two and three
    events, whose numbers at risk are looked for. Where the number R just before the knot is
    reported, R - r' have the event at the knot, and the rest holds of those who leave before.
    """
    low, high = ratio
    if knot.at_risk is None:
        at_knot, left, exactly = np.zeros_like(after), after, list(_exactly(ratio, before, after))
    else:
        at_knot, left, exactly = knot.at_risk - after, np.full_like(after, knot.at_risk), []
    stay = np.divide(after, left, out=np.ones(after.shape), where=left > 0)  # of the last events
    needed = np.divide(low, stay, out=np.full(after.shape, low), where=stay > 0)
    most = np.minimum(before - left, np.floor(before * (1.0 - needed) + TINY))
    fewest = np.maximum(np.ceil(left * (stay / high - 1.0) - TINY), knot.events - at_knot)
    allowed = (before >= left) & (at_knot >= 0) & ((stay > 0) | (low <= 0.0))
    few, many = np.full(allowed.shape, np.inf), np.full(allowed.shape, -np.inf)
    for events, can in enumerate(exactly):
        good = allowed & can & (fewest <= events) & (events <= most)
        few[good & (few == np.inf)] = events
        many[good] = events
    beyond = np.maximum(fewest, len(exactly))
    good = allowed & (beyond <= most)
    few, many = np.where(good, np.minimum(few, beyond), few), np.where(good, most, many)
    return few + at_knot, many + at_knot


def _exactly(ratio: tuple[float, float], before: Counts, after: Counts) -> Iterator[BoolArray]:
    """Yield between which numbers at risk no event does, or one, two and three events do.

    An event of m patients at risk multiplies survival by 1 - 1/m.
    """
    low, high = ratio
    yield np.asarray((before >= after) & (low <= 1.0 <= high))
    last = np.arange(after.min() + 1, before.max() + 1)
    if not last.size:
        return
    factor = 1.0 - 1.0 / last  # of the last event
    first = np.where((low <= factor) & (factor <= high), last, np.inf)
    yield _between(first, last, before, after)
    yield _between(_first_of(factor, last, ratio), last, before, after)
    pair = factor[:, None] * factor
    first = np.where(last > last[:, None], _first_of(pair, last, ratio), np.inf)
    yield _between(first.min(axis=1), last, before, after)


def _first_of(factor: FloatArray, second: Counts, ratio: tuple[float, float]) -> FloatArray:
    """Return how few may be at risk at an event before others; infinity where none does.

    Parameters
    ----------
    factor : ndarray of float
        What the others multiply survival by.
    second : ndarray of int
        Patients at risk at the next of them, broadcast to `factor`.
    ratio : tuple of float
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.ceil(1.0 / (1.0 - ratio[0] / factor) - TINY)
        first = np.where(ratio[0] < factor, np.maximum(needed, second + 1), np.inf)
        first = np.where(ratio[0] <= 0.0, second + 1, first)
        good = factor * (1.0 - 1.0 / first) <= ratio[1] + TINY
    return np.where(good, first, np.inf)


def _between(first: FloatArray, last: Counts, before: Counts, after: Counts) -> BoolArray:
    """Return between which numbers at risk events can happen.

    Parameters
    ----------
    first, last : ndarray, shape (m,)
        How many are at risk at the first event, at least, if so many are at the last.
    before, after : ndarray of int
    """
    order = np.argsort(first, kind="stable")
    best = np.concatenate([[0], np.maximum.accumulate(last[order])])
    latest = best[np.searchsorted(first[order], before, side="right")]
    return np.asarray(latest > after)
