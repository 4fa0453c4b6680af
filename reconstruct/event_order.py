"""Order and times of events and censorings between two knots.

Between two knots d events and c censorings leave a risk set of r patients one by one. An event that
leaves s patients at risk, itself included, multiplies survival by 1 - 1/s, so the survival at the
end depends on the order alone: lowest when all censorings come first, highest when all events do.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from .checks import HALF
from .expected_course import ExpectedCourse
from .pseudo_ipd import BoolArray, FloatArray, WholePatients

__all__ = ["Exits", "Span", "exits_within", "median_inside", "tail", "with_events_at"]

MAX_ENUMERATED = 2000
WARP_STEPS = 20
LAST_BITS = 1e-13  # products of the same factors in another order differ by so much
APART = 1e-6  # of an evenly spaced time, so that no warp makes two times, or a knot, the same
WINDOW = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class Exits:
    """The patients that leave between two knots.

    Attributes
    ----------
    time : ndarray of float, shape (d + c,)
        In order.
    event : ndarray of bool, shape (d + c,)
        True where the patient leaves by an event.
    factor : float
        What the events multiply survival by.
    """

    time: FloatArray
    event: BoolArray
    factor: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Span:
    """The open interval between two knots, with what is expected to happen in it.

    Attributes
    ----------
    start, end : float
        The two knots' times.
    time : ndarray of float, shape (k,)
        Grid of times from `start` to `end`.
    event_share, censored_share : ndarray of float, shape (k,)
        Share of the interval's expected events and censorings up to each time, from 0 to 1.
    """

    start: float
    end: float
    time: FloatArray
    event_share: FloatArray
    censored_share: FloatArray

    @classmethod
    def of(cls, course: ExpectedCourse, start: float, end: float) -> Span:
        """Cut one interval out of an expected course."""
        inside = (course.time >= start) & (course.time <= end)
        time = course.time[inside]
        if time.size < 2:
            time = np.array([start, end])
            return cls(start=start, end=end, time=time, event_share=_EVEN, censored_share=_EVEN)
        return cls(
            start=start,
            end=end,
            time=time,
            event_share=_share(time, course.events[inside]),
            censored_share=_share(time, course.censored[inside]),
        )

    def event_times(self, count: int) -> FloatArray:
        """Return when `count` events are expected: at the middles of equal shares of the events.

        Returns
        -------
        ndarray of float, shape (count,)
            In the time unit, increasing.
        """
        return np.asarray(np.interp(_middles(count), self.event_share, self.time))

    def censoring_times(self, count: int, warp: float) -> FloatArray:
        """Return when `count` censorings are expected; a larger `warp` has them earlier.

        Returns
        -------
        ndarray of float, shape (count,)
            In the time unit, increasing.
        """
        return np.asarray(np.interp(_warped_shares(count, warp), self.censored_share, self.time))


_EVEN = np.array([0.0, 1.0])


def _share(time: FloatArray, cumulative: FloatArray) -> FloatArray:
    """Scale expected counts to run from 0 to 1, evenly in time where nothing is expected."""
    even = (time - time[0]) / (time[-1] - time[0])
    total = cumulative[-1] - cumulative[0]
    if total < 1e-9:
        return np.asarray(even)
    # a floor on the slope keeps times apart where nothing is expected to happen
    return np.asarray(((cumulative - cumulative[0]) / total + 1e-6 * even) / (1 + 1e-6))


def _middles(count: int) -> FloatArray:
    return (np.arange(count) + 0.5) / max(count, 1)


def _warped_shares(count: int, warp: float) -> FloatArray:
    even = _middles(count)
    return np.asarray((1.0 - APART) * even**warp + APART * even)


def _factor(event: BoolArray, at_risk: int) -> float:
    return float(np.prod(1.0 - 1.0 / (at_risk - np.flatnonzero(event))))


def exits_within(
    span: Span, *, at_risk: int, events: int, censored: int, lower: float, upper: float
) -> Iterator[Exits]:
    """Yield exits whose survival factor lies in [lower, upper], the likeliest first.

    Parameters
    ----------
    span : Span
        Where the patients leave.
    at_risk, events, censored : int
        Patients at risk at the start, and how many leave either way.
    lower, upper : float
        Bounds on the factor; `exits_within` yields nothing when no order satisfies them.

    Notes
    -----
    Censorings are first warped towards the start or the end of the interval until the factor is
    inside, which disturbs the expected times least; if it jumps over the interval, a few exits in
    the middle of things are reordered. When orders are few, all are tried.
    """
    leaving = events + censored
    few = leaving <= WINDOW and math.comb(leaving, events) <= MAX_ENUMERATED
    expected = _warped(span, at_risk=at_risk, events=events, censored=censored, warp=1.0)
    inside = lower <= expected.factor <= upper
    if inside:
        yield expected
    if events == 0 or censored == 0 or (inside and not few):
        return
    if few:
        yield from _all_orders(expected, at_risk=at_risk, lower=lower, upper=upper)
        return
    low, high = _attainable(lower, upper, at_risk=at_risk, events=events, censored=censored)
    if low > high:
        return
    near = _bisected(span, at_risk=at_risk, counts=(events, censored), lower=low, upper=high)
    if low <= near.factor <= high:
        yield near
    else:
        yield from _reordered(near, at_risk=at_risk, lower=low, upper=high)


def _attainable(
    lower: float, upper: float, *, at_risk: int, events: int, censored: int
) -> tuple[float, float]:
    """Cut [lower, upper] down to what all censorings first, and all events first, leave."""
    last = at_risk - censored
    lowest, highest = (last - events) / last, (at_risk - events) / at_risk
    return max(lower, lowest - LAST_BITS), min(upper, highest + LAST_BITS)


def _warped(span: Span, *, at_risk: int, events: int, censored: int, warp: float) -> Exits:
    time = np.concatenate([span.event_times(events), span.censoring_times(censored, warp)])
    event = np.arange(time.size) < events
    order = np.lexsort((~event, time))
    return Exits(time=time[order], event=event[order], factor=_factor(event[order], at_risk))


def _bisected(
    span: Span, *, at_risk: int, counts: tuple[int, int], lower: float, upper: float
) -> Exits:
    """Warp the censorings until the factor is inside, or as near as warping gets.

    Earlier censorings leave fewer at risk, so that the factor falls as the warp grows. It follows
    from how many are expected before each event.
    """
    events, censored = counts
    expected = np.interp(span.event_times(events), span.time, span.censored_share)
    waiting = at_risk - np.arange(events)
    early, late = -6.0, 6.0  # log of the warp: almost at the end, almost at the start
    best, miss = 1.0, math.inf
    for _ in range(WARP_STEPS):
        warp = math.exp((early + late) / 2)
        gone = np.searchsorted(_warped_shares(censored, warp), expected)
        factor = float(np.prod(1.0 - 1.0 / (waiting - gone)))
        distance = max(lower - factor, factor - upper, 0.0)
        if distance < miss:
            best, miss = warp, distance
        if distance == 0:
            break
        if factor > upper:
            early = math.log(warp)
        else:
            late = math.log(warp)
    return _warped(span, at_risk=at_risk, events=events, censored=censored, warp=best)


def _reordered(exits: Exits, *, at_risk: int, lower: float, upper: float) -> Iterator[Exits]:
    """Reorder a few consecutive exits so that the factor falls inside, disturbing few of them.

    The window of exits is cut in two, and for every order of one half those of the other that bring
    the product inside are looked up.
    """
    window = _busiest_window(exits.event)
    inside = exits.event[window].astype(float)
    weights = np.log1p(-1.0 / np.maximum(at_risk - np.arange(exits.time.size), 1 + 1e-12))
    # the factor is 0 where the last one at risk has the event, and another order may change that
    whole = math.log(exits.factor) if exits.factor > 0 else float(weights @ exits.event)
    outside = whole - float(weights[window] @ inside)
    low, high = (math.log(max(bound, 1e-300)) - outside for bound in (lower, upper))
    half = inside.size // 2
    first = _Half.of(weights[window][:half], inside[:half])
    second = _Half.of(weights[window][half:], inside[half:])
    pair = _nearest_pair(first, second, total=round(inside.sum()), bounds=(low, high))
    if pair is not None:
        event = exits.event.copy()
        event[window] = np.concatenate([first.patterns[pair[0]], second.patterns[pair[1]]]) > 0
        found = Exits(time=exits.time, event=event, factor=_factor(event, at_risk))
        if lower <= found.factor <= upper:
            yield found


def _busiest_window(event: BoolArray) -> slice:
    """Return the window of consecutive exits with the most of the rarer kind."""
    width = min(WINDOW, event.size)
    events = np.concatenate([[0], np.cumsum(event)])
    inside = events[width:] - events[:-width]
    start = int(np.argmax(np.minimum(inside, width - inside)))
    return slice(start, start + width)


@functools.cache
def _patterns(size: int) -> tuple[FloatArray, tuple[npt.NDArray[np.intp], ...]]:
    """Return all patterns of `size` events (1) and censorings (0), shape (2**size, size).

    With them, by the number of events, which rows have so many.
    """
    flags = (np.arange(2**size)[:, None] >> np.arange(size)) % 2
    counts = flags.sum(axis=1)
    return flags.astype(float), tuple(np.flatnonzero(counts == k) for k in range(size + 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Half:
    """All orders of one half of a window.

    Attributes
    ----------
    patterns : ndarray of float, shape (2**size, size)
        1 where the exit is an event.
    rows : tuple of ndarray of int
        By the number of events, which patterns have so many.
    weight : ndarray of float, shape (2**size,)
        What the events add to the log of the factor.
    moved : ndarray of float, shape (2**size,)
        How many exits are of another kind than they were.
    """

    patterns: FloatArray
    rows: tuple[npt.NDArray[np.intp], ...]
    weight: FloatArray
    moved: FloatArray

    @classmethod
    def of(cls, weight: FloatArray, now: FloatArray) -> Self:
        """Weigh every pattern of exits, given which of them are events now."""
        patterns, rows = _patterns(now.size)
        moved = patterns @ (1.0 - 2.0 * now) + now.sum()
        return cls(patterns=patterns, rows=rows, weight=patterns @ weight, moved=moved)


def _nearest_pair(
    first: _Half, second: _Half, *, total: int, bounds: tuple[float, float]
) -> tuple[int, int] | None:
    """Find the nearest patterns with `total` events and a weight inside the bounds."""
    best, nearest = None, math.inf
    for events in range(max(total - len(second.rows) + 1, 0), min(total + 1, len(first.rows))):
        rows, others = first.rows[events], second.rows[total - events]
        others = others[np.argsort(second.weight[others], kind="stable")]
        wanted = [bound - first.weight[rows] for bound in bounds]
        start = np.searchsorted(second.weight[others], wanted[0], side="left")
        stop = np.searchsorted(second.weight[others], wanted[1], side="right")
        hits = np.flatnonzero(start < stop)
        if hits.size:
            far = first.moved[rows[hits]] + second.moved[others[start[hits]]]
            closest = int(np.argmin(far))
            if far[closest] < nearest:
                nearest = float(far[closest])
                best = int(rows[hits[closest]]), int(others[start[hits[closest]]])
    return best


@functools.cache
def _orders(size: int, events: int) -> tuple[npt.NDArray[np.intp], BoolArray]:
    """Return the places of the events in every order, and the same as flags."""
    places = np.array(list(itertools.combinations(range(size), events)))
    flags = np.zeros((len(places), size), dtype=bool)
    np.put_along_axis(flags, places, True, axis=1)
    return places, flags


def _all_orders(expected: Exits, *, at_risk: int, lower: float, upper: float) -> Iterator[Exits]:
    """Yield every other order whose factor is inside, those nearest the expected order first."""
    size, events = expected.time.size, int(expected.event.sum())
    places, flags = _orders(size, events)
    factors = np.where(flags, 1.0 - 1.0 / (at_risk - np.arange(size)), 1.0).prod(axis=1)
    moved = np.abs(places - np.flatnonzero(expected.event)).sum(axis=1)
    seen = {round(expected.factor, 12)} if lower <= expected.factor <= upper else set()
    for row in np.lexsort((np.arange(len(places)), moved)):
        factor = float(factors[row])
        if lower <= factor <= upper and round(factor, 12) not in seen:
            seen.add(round(factor, 12))
            yield Exits(time=expected.time, event=flags[row], factor=factor)


def median_inside(
    time: FloatArray,
    event: BoolArray,
    window: tuple[float, float],
    spans: Sequence[tuple[Span, int, int]],
) -> FloatArray:
    """Stretch the interval in which the curve reaches one half, so that it does so in time.

    Parameters
    ----------
    time : ndarray of float, shape (n,)
        When each patient leaves, in order.
    event : ndarray of bool, shape (n,)
        True where the event happened.
    window : tuple of float
        Where the median has to be, in the time unit.
    spans : sequence of (Span, int, int)
        Each with the places of its first patient and of the one after its last.

    Returns
    -------
    ndarray of float, shape (n,)
    """
    survival = WholePatients(time=time, event=event).survival
    crossing = int(np.argmax(survival <= HALF))
    if survival[crossing] > HALF or window[0] <= time[crossing] <= window[1]:
        return time
    span, first, last = next(s for s in spans if s[1] <= crossing < s[2])
    low, high = max(window[0], span.start), min(window[1], span.end)
    if not (low < high and span.start < time[crossing] < span.end):
        return time
    aim = low + 0.1 * (high - low) if time[crossing] < low else high - 0.1 * (high - low)
    stretched = time.copy()
    stretched[first:last] = np.interp(
        time[first:last], [span.start, time[crossing], span.end], [span.start, aim, span.end]
    )
    return stretched


def tail(span: Span, *, at_risk: int, events: int) -> Exits:
    """Place those who leave after the last knot; the last of them leaves at the end."""
    time = np.concatenate([span.event_times(events), span.censoring_times(at_risk - events, 1.0)])
    event = np.arange(at_risk) < events
    order = np.lexsort((~event, time))
    time, event = time[order], event[order]
    if at_risk:
        time[-1] = span.end
    return Exits(time=time, event=event, factor=1.0)


def with_events_at(part: Exits, time: float, count: int) -> Exits:
    """Add events at the knot itself, after everybody who leaves before it."""
    if count == 0:
        return part
    return Exits(
        time=np.append(part.time, np.full(count, time)),
        event=np.append(part.event, np.ones(count, dtype=bool)),
        factor=part.factor,
    )
