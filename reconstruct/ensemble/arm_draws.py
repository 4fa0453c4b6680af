"""Draws of the patients of one arm, a row per draw: their times, and the median moved inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...studies import FollowUp
from ..checks import HALF, survival_after_each
from ..constraints import EDGE, ArmConstraints
from ..pseudo_ipd import FloatArray
from .counts import Paths
from .courses import ArmCourses
from .exits import NOBODY, Flags, IntArray, draw_exits, flagged, flags_of, join, order_factor
from .orders import exchanged

__all__ = ["Patients", "draw_listed", "draw_patients", "median_inside", "with_median"]

DRAWN = 2  # orders drawn before exits of one are exchanged
EXCHANGED = 2
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
    event: Flags

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
    size = paths.scenario.size
    survival, at_risk = np.ones(size), np.full(size, arm.n, dtype=np.int64)
    parts: list[FloatArray] = []
    for place in range(len(courses.knots)):
        part, survival = _span(place, courses, paths, (at_risk, survival), rng)
        parts.append(part)
        at_risk = at_risk - paths.events[:, place] - paths.censored[:, place]
        at_risk -= paths.at_knot[:, place]
    parts.append(_tail(courses, paths, at_risk, rng))
    joined = join(parts, arm.n)
    time, event = joined, flags_of(joined)
    _restore(time, event, paths, courses)
    return with_median(arm, courses, Patients(time=time, event=event), rng)


def with_median(
    arm: ArmConstraints, courses: ArmCourses, patients: Patients, rng: np.random.Generator
) -> Patients:
    """Move, where it is reported, the median into its rounding interval."""
    if arm.median is None:
        return patients
    knots = [knot.time for knot in courses.knots]
    time = median_inside(patients.time, patients.event, arm.median, knots=knots, rng=rng)
    return Patients(time=time, event=patients.event)


def _span(
    place: int,
    courses: ArmCourses,
    paths: Paths,
    state: tuple[IntArray, FloatArray],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Draw the exits before one knot and at it, and return survival after it."""
    knot, (at_risk, survival) = courses.knots[place], state
    d, c, x = paths.events[:, place], paths.censored[:, place], paths.at_knot[:, place]
    before = at_risk - d - c
    scale = np.where(x > 0, survival * (before - x) / np.maximum(before, 1), survival)
    whole = np.maximum(scale, 1e-300)
    low, high = (knot.lower - EDGE) / whole, (knot.upper + EDGE) / whole
    width = int((d + c).max(initial=0))
    part = np.full((d.size, width), NOBODY)
    factor = np.ones(d.size)
    todo = np.arange(d.size)
    for attempt in range(DRAWN + EXCHANGED):
        if not todo.size:
            break
        time = draw_exits(courses.laws[place], paths.scenario[todo], (d[todo], c[todo]), rng=rng)
        if attempt < DRAWN:
            given = order_factor(time, at_risk[todo])
        else:
            bounds = low[todo], high[todo]
            time, given = exchanged(time, at_risk[todo], bounds, rng=rng)
        part[todo, : time.shape[1]], factor[todo] = time, given
        todo = todo[(given < low[todo]) | (given > high[todo])]
    return np.concatenate([part, _events_at(knot.time, x)], axis=1), scale * factor


def _events_at(time: float, count: IntArray) -> FloatArray:
    """Return events exactly at a knot, for now just before it, so that they come first."""
    just_before = flagged(np.full(1, time * (1.0 - SAME / 4)), True)
    columns = np.arange(int(count.max(initial=0)))
    return np.where(columns < count[:, None], just_before, NOBODY)


def _tail(
    courses: ArmCourses, paths: Paths, left: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Draw those who leave after the last knot; the last of them leaves at the end.

    Events alone say nothing about an end that is not reported, and none is put there.
    """
    d, m = paths.events[:, -1], paths.scenario
    counts = np.maximum(d, 0), np.maximum(left - d, 0)
    time = draw_exits(courses.laws[-1], m, counts, rng=rng)
    rows = np.flatnonzero((left > 0) & (courses.end_reported | (counts[1] > 0)))
    last = left[rows] - 1
    if rows.size:
        event = flags_of(time[rows, last])
        time[rows, last] = flagged(courses.ends[m[rows]], event)
    return time


def _restore(time: FloatArray, event: Flags, paths: Paths, courses: ArmCourses) -> None:
    """Set times at knots and at the end to what they are, to the last bit."""
    for place, knot in enumerate(courses.knots):
        if paths.at_knot[:, place].any():
            time[event & (np.abs(time - knot.time) <= SAME * knot.time)] = knot.time
    ends = courses.ends[paths.scenario][:, None]
    at_end = np.abs(time - ends) <= SAME * ends
    np.copyto(time, ends, where=at_end)


def median_inside(
    time: FloatArray,
    event: Flags,
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
