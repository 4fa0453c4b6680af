"""Draws of the patients of one arm, a row per draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..constraints import EDGE, ArmConstraints
from ..pseudo_ipd import FloatArray
from .check import survival_after_each
from .counts import Paths
from .courses import ArmCourses
from .exits import NOBODY, Flags, IntArray, draw_exits, flagged, flags_of, join, order_factor
from .median import median_inside
from .orders import exchanged

__all__ = ["Patients", "draw_patients", "with_median"]

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
        past = np.stack([np.sum(self.time <= when, axis=1) for when in time], axis=1)
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
