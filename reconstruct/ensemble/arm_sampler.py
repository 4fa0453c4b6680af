from __future__ import annotations

import numpy as np

from ..constraints import ArmConstraints
from ..outlook import EDGE
from ..pseudo_ipd import FloatArray
from .counts import CountSampler, NoDraws, Paths, replacing
from .courses import ArmCourses
from .exits import NOBODY, IntArray, draw_exits, flagged, join, order_factor
from .orders import exchanged

ORDERS = 2  # drawn anew before exchanging
TRIES = 4


class ArmSampler:
    """Draws patients of one arm."""

    def __init__(self, arm: ArmConstraints, courses: ArmCourses) -> None:
        self.arm, self.courses, self.knots = arm, courses, courses.knots
        self.counts = CountSampler(arm, courses)

    def draw(self, scenario: IntArray, *, total: IntArray | None, rng: np.random.Generator):
        paths = self.counts.paths(scenario, total=total, rng=rng)
        size = scenario.size
        survival = np.ones(size)
        at_risk = np.full(size, self.arm.n)
        parts = []
        self.dead = []
        for place, knot in enumerate(self.knots):
            part, survival, dead = self._order(place, paths, at_risk, survival, rng)
            parts.append(part)
            at_risk = at_risk - paths.events[:, place] - paths.censored[:, place] - paths.at_knot[:, place]
            self.dead.append(dead.size)
            if dead.size:
                take = replacing(dead, size, rng)
                parts = [x[take] for x in parts]
                survival, at_risk, paths = survival[take], at_risk[take], paths.take(take)
        self._finish(paths, at_risk, parts, rng)
        return join(parts, self.arm.n), paths

    def _order(self, place, paths: Paths, at_risk, survival, rng):
        knot = self.knots[place]
        size = at_risk.size
        d, c, x = paths.events[:, place], paths.censored[:, place], paths.at_knot[:, place]
        width = int((d + c).max(initial=0))
        most_at_knot = int(x.max(initial=0))
        part = np.full((size, width + most_at_knot), NOBODY)
        after = np.zeros(size)
        todo = np.arange(size)
        before = at_risk - d - c
        scale = survival * (before - x) / np.maximum(before, 1)
        scale = np.where(x == 0, survival, scale)
        for t in range(TRIES):
            if not todo.size:
                break
            time = draw_exits(self.courses.laws[place], paths.scenario[todo], (d[todo], c[todo]), rng=rng)[:, :width]
            sc = np.maximum(scale[todo], 1e-300)
            low, high = (knot.lower - EDGE) / sc, (knot.upper + EDGE) / sc
            if t < ORDERS:
                factor = order_factor(time, at_risk[todo])
            else:
                time, factor = exchanged(time, at_risk[todo], (low, high), rng=rng)
            inside = (factor >= low) & (factor <= high)
            ok = todo[inside]
            part[ok, : time.shape[1]] = time[inside]
            after[ok] = (scale[todo] * factor)[inside]
            todo = todo[~inside]
        if most_at_knot:
            just_before = np.nextafter(np.nextafter(flagged(np.array([knot.time]), np.bool_(True)), 0), 0)
            part[:, width:] = np.where(np.arange(most_at_knot) < x[:, None], just_before, NOBODY)
        return part, after, todo

    def _finish(self, paths, left, parts, rng) -> None:
        courses, m = self.courses, paths.scenario
        d = paths.events[:, -1]
        time = draw_exits(courses.laws[-1], m, (d, left - d), rng=rng)
        if time.shape[1]:
            last = np.maximum(left - 1, 0)
            i = np.arange(left.size)
            event = time.view(np.int64)[i, last] & 1
            end = (courses.ends[m].view(np.int64) & ~np.int64(1)) | event
            time[i, last] = np.where(left > 0, end.view(np.float64), NOBODY)
        parts.append(time)
