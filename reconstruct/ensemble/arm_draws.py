"""Draws of the patients of one arm, a row per draw: their times, and the median moved inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ...studies import FollowUp
from ..checks import HALF, survival_after_each
from ..constraints import EDGE, ArmConstraints
from ..pseudo_ipd import BoolArray, FloatArray, IntArray
from .counts import Paths
from .courses import NOBODY, ArmCourses, draw_exits, flagged, flags_of
from .orders import exchanged

__all__ = [
    "MOST_TIMES", "Patients", "draw_listed", "draw_patients", "median_inside", "with_median",
]  # fmt: skip

MOST_TIMES = 2_000_000  # of all patients that are drawn at once
EXCHANGED = 2  # orders of a span whose exits are exchanged before a row is given up
SAME = 1e-14  # relative; sorting keeps the kind of exit in the last bit of its time


@dataclass(frozen=True, kw_only=True, eq=False)
class Patients:
    """Patients of one arm, a row per draw.

    Attributes
    ----------
    time : ndarray of float, shape (rows, n)
        In order.
    event : ndarray of bool, shape (rows, n)
    """

    time: FloatArray
    event: BoolArray

    def take(self, rows: IntArray) -> Patients:
        """Return some of the rows."""
        return Patients(time=self.time[rows], event=self.event[rows])

    @classmethod
    def joined(cls, parts: Sequence[Patients]) -> Patients:
        """Return the rows of several below each other."""
        return cls(
            time=np.concatenate([part.time for part in parts]),
            event=np.concatenate([part.event for part in parts]),
        )

    def up_to(self, end: float) -> Patients:
        """Return what is known of them at a time after which nobody is followed."""
        return Patients(time=np.minimum(self.time, end), event=self.event & (self.time <= end))

    def survival_at(self, time: FloatArray) -> FloatArray:
        """Return the Kaplan-Meier estimate at given times in every row, shape (rows, times)."""
        survival = np.pad(survival_after_each(self.event), ((0, 0), (1, 0)), constant_values=1.0)
        past = np.stack([np.searchsorted(row, time, side="right") for row in self.time])
        return np.asarray(np.take_along_axis(survival, past, axis=1))


def draw_patients(
    arm: ArmConstraints, courses: ArmCourses, paths: Paths, rng: np.random.Generator
) -> Patients:
    """Draw when patients leave, given how many do between the knots.

    Rows for which no order was found that brings survival inside a knot's interval keep one that
    does not.
    """
    exits = _Exits.drawn(arm.n, courses, paths, rng)
    survival = np.ones(paths.scenario.size)
    for place in range(len(courses.knots)):
        survival = exits.brought_inside(place, survival, rng)
    return with_median(arm, courses, exits.patients(), rng)


def with_median(
    arm: ArmConstraints, courses: ArmCourses, patients: Patients, rng: np.random.Generator
) -> Patients:
    """Move, where it is reported, the median into its rounding interval."""
    if arm.median is None:
        return patients
    knots = [knot.time for knot in courses.knots]
    time = median_inside(patients.time, patients.event, arm.median, knots=knots, rng=rng)
    return Patients(time=time, event=patients.event)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Exits:
    """Exits of all rows in order, which may still change between two knots.

    Attributes
    ----------
    courses : ArmCourses
    paths : Paths
    first : ndarray of int, shape (rows, knots + 1)
        Columns of the first exits of the spans.
    time : ndarray of float, shape (rows, n)
    event : ndarray of bool, shape (rows, n)
        Events at a knot follow the exits of the span before it.
    factor : ndarray of float, shape (rows, knots)
        What the exits before each knot, without the events at it, multiply survival by.
    """

    courses: ArmCourses
    paths: Paths
    first: IntArray
    time: FloatArray
    event: BoolArray
    factor: FloatArray

    @classmethod
    def drawn(cls, n: int, courses: ArmCourses, paths: Paths, rng: np.random.Generator) -> Self:
        """Draw the exits of all spans at once."""
        counts = paths.events, paths.censored
        time = draw_exits(courses.quantiles, slice(None), paths.scenario, counts=counts, rng=rng)
        if paths.at_knot.any():
            time = _with_events_at(time, n, courses, paths.at_knot)
        event = flags_of(time)
        before = (paths.events + paths.censored)[:, :-1]
        first = np.pad(np.cumsum(before + paths.at_knot, axis=1), ((0, 0), (1, 0)))
        return cls(
            courses=courses,
            paths=paths,
            first=first,
            time=time,
            event=event,
            factor=_factors(event, first[:, :-1], before),
        )

    def brought_inside(
        self, place: int, survival: FloatArray, rng: np.random.Generator
    ) -> FloatArray:
        """Reorder the exits before a knot where survival misses it; return survival after it."""
        knot, factor, paths = self.courses.knots[place], self.factor[:, place], self.paths
        count, x = paths.events[:, place] + paths.censored[:, place], paths.at_knot[:, place]
        at_risk = self.time.shape[1] - self.first[:, place]
        before = at_risk - count
        scale = np.where(x > 0, survival * (before - x) / np.maximum(before, 1), survival)
        whole = np.maximum(scale, 1e-300)
        bounds = (knot.lower - EDGE) / whole, (knot.upper + EDGE) / whole
        for attempt in range(EXCHANGED):
            rows = np.flatnonzero((factor < bounds[0]) | (factor > bounds[1]))
            if not rows.size:
                break
            if attempt:
                self._draw_again(place, rows, rng)
            where, anybody = self._places(place, rows)
            event = self.event.take(where, mode="clip") & anybody
            event, factor[rows] = exchanged(
                event,
                anybody,
                at_risk[rows],
                factor=factor[rows],
                bounds=(bounds[0][rows], bounds[1][rows]),
                rng=rng,
            )
            self.event.reshape(-1)[where[anybody]] = event[anybody]
        return scale * factor

    def _places(self, place: int, rows: IntArray) -> tuple[IntArray, BoolArray]:
        """Return where in the flat arrays the exits before a knot are, and which are there."""
        count = self.paths.events[rows, place] + self.paths.censored[rows, place]
        columns = np.arange(count.max(initial=0))
        start = rows * self.time.shape[1] + self.first[rows, place]
        return start[:, None] + columns, columns < count[:, None]

    def _draw_again(self, place: int, rows: IntArray, rng: np.random.Generator) -> None:
        """Draw the exits of some rows before a knot again."""
        span, paths = slice(place, place + 1), self.paths
        counts = paths.events[rows, span], paths.censored[rows, span]
        scenario = paths.scenario[rows]
        time = draw_exits(self.courses.quantiles, span, scenario, counts=counts, rng=rng)
        where, anybody = self._places(place, rows)
        event = flags_of(time) & anybody
        self.time.reshape(-1)[where[anybody]] = time[anybody]
        self.event.reshape(-1)[where[anybody]] = event[anybody]
        first, many = self.first[rows, span], counts[0] + counts[1]
        self.factor[rows, span] = _factors(self.event[rows], first, many)

    def patients(self) -> Patients:
        """Return the patients, those at knots and at the end there to the last bit.

        The last of those who leave after the last knot leaves at the end. Events alone say nothing
        about an end that is not reported, and none is put there.
        """
        columns = np.arange(self.time.shape[1])
        for place, knot in enumerate(self.courses.knots):
            x, past = self.paths.at_knot[:, place, None], self.first[:, place + 1, None]
            if x.any():
                self.time[(columns >= past - x) & (columns < past)] = knot.time
        left = self.first[:, -1] < columns.size
        last = left & (self.courses.end_reported | (self.paths.censored[:, -1] > 0))
        self.time[last, -1] = self.courses.ends[self.paths.scenario[last]]
        return Patients(time=self.time, event=self.event)


def _with_events_at(time: FloatArray, n: int, courses: ArmCourses, at_knot: IntArray) -> FloatArray:
    """Add events exactly at knots, for now just before them, so that they come first."""
    knots = np.array([knot.time for knot in courses.knots])
    just_before = np.tile(flagged(knots * (1.0 - SAME / 4), True), time.shape[0])
    whole = np.full((time.shape[0], n), NOBODY)
    whole[:, : time.shape[1]] = time
    whole[np.isinf(whole)] = np.repeat(just_before, at_knot.ravel())
    whole.sort(axis=1)
    return whole


def _factors(event: BoolArray, first: IntArray, count: IntArray) -> FloatArray:
    """Return what runs of exits multiply survival by, given their first columns and lengths."""
    rows, n = event.shape
    stays = np.ones(rows * n + 1)
    np.subtract(1.0, event / (n - np.arange(n)), out=stays[:-1].reshape(rows, n))
    start = first + n * np.arange(rows)[:, None]
    ends = np.stack([start, start + count], axis=2)
    product = np.multiply.reduceat(stays, ends.ravel())[::2].reshape(first.shape)
    return np.where(count > 0, product, 1.0)


def median_inside(
    time: FloatArray,
    event: BoolArray,
    window: tuple[float, float],
    *,
    knots: Sequence[float],
    rng: np.random.Generator,
) -> FloatArray:
    """Stretch, in each row, the span in which the curve reaches one half, so that it does in time.

    Rows whose curve reaches one half inside the window, or that no stretching brings there, stay
    as they are. The order of the exits stays in all of them.
    """
    crossed = survival_after_each(event) <= HALF
    rows = np.flatnonzero(crossed[:, -1])
    when = time[rows, np.argmax(crossed[rows], axis=1)]
    outside = (when < window[0]) | (when > window[1])
    rows, when = rows[outside], when[outside]
    edges = np.array([0.0, *knots, np.inf])
    place = np.searchsorted(edges, when, side="left")
    start, end = edges[place - 1], np.minimum(edges[place], time[rows, -1])
    low, high = np.maximum(window[0], start), np.minimum(window[1], end)
    can = (low < high) & (start < when) & (when < end)
    rows, when, start, end = (values[can] for values in (rows, when, start, end))
    # away from the ends, which belong to the neighbouring spans
    aim = low[can] + rng.uniform(0.02, 0.98, rows.size) * (high[can] - low[can])
    moved = time.copy()
    before, after = time[rows] - start[:, None], end[:, None] - time[rows]
    early = (before > 0) & (time[rows] <= when[:, None])
    late = (time[rows] > when[:, None]) & (after > 0)
    to_aim = ((aim - start) / (when - start))[:, None]
    from_aim = ((end - aim) / (end - when))[:, None]
    stretched = np.where(early, start[:, None] + before * to_aim, time[rows])
    moved[rows] = np.where(late, end[:, None] - after * from_aim, stretched)
    return moved


def draw_listed(
    arm: ArmConstraints, follow_up: FollowUp | None, size: int, rng: np.random.Generator
) -> Patients:
    """Draw patients whose events are those reported and whose follow-up is as reported.

    Notes
    -----
    Censoring times are even over the range of follow-up, on either side of its median where that
    is reported. Whose median it is is not: of everybody, of the event-free, or something between,
    such as a reverse Kaplan-Meier estimate; draws take any of these.
    """
    events = np.repeat(
        [k.time for k in arm.knots if k.events], [k.events for k in arm.knots if k.events]
    )
    count = arm.n - events.size
    start = arm.first_time or 0.0
    censored = start + (arm.last_time - start) * (1.0 - rng.random((size, count)))
    median = None if follow_up is None else follow_up.median
    if median is not None and count >= 4:
        when = rng.uniform(median.lower, median.upper, size)[:, None]
        early = _earlier(events, float(median.value), count=count, size=size, rng=rng)[:, None]
        part = 1.0 - rng.random((size, count))
        before, after = start + part * (when - start), when + part * (arm.last_time - when)
        censored = np.where(np.arange(count) < early, before, after)
        censored[np.arange(count) == early] = when[:, 0]
    censored = np.sort(censored, axis=1)
    if count:
        censored[:, -1] = arm.last_time
        if arm.first_time:
            censored[:, 0] = arm.first_time
    time = np.concatenate([np.broadcast_to(events, (size, events.size)), censored], axis=1)
    order = np.argsort(time, axis=1, kind="stable")  # events stand before censorings
    return Patients(time=np.take_along_axis(time, order, axis=1), event=order < events.size)


def _earlier(
    events: np.ndarray, median: float, *, count: int, size: int, rng: np.random.Generator
) -> IntArray:
    """Return how many event-free patients are followed for less than the median, by row."""
    everybody = (count + events.size) // 2 - int(np.sum(events < median))
    low, high = sorted(int(np.clip(rank, 1, count - 2)) for rank in (everybody, count // 2))
    return np.asarray(rng.integers(low, high + 1, size))
