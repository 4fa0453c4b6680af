"""Whole numbers of events and censorings along a digitised curve, many paths at once.

Paths run from knot to knot. Each follows a curve of its own within what was read, and censors by a
law of its own; numbers at risk and reported events steer it. Paths that leave what was read are
replaced by copies of others (a particle filter), so heights that are exact say how many patients
are at risk.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..curves.points import WholeTimes, resolution, unit_of_drops
from ..pseudo_ipd import FloatArray
from .counts import weighted
from .curve_counts import (
    CurvePaths,
    events_after,
    log_censorings,
    log_events,
    log_events_at_drop,
    log_missed,
    random_censorings,
    strength_for_events,
    tail_share,
)
from .curve_readings import Readings, heights_at, random_readings

__all__ = ["curve_paths"]

STEEP = 0.1  # widths beyond the width of a reading at which a path is e**-0.5 times as likely
TRIES = 2  # numbers of censorings that a path tries in each gap, beside that which a fall implies
MOST_SLACK = 0.005  # of survival, for orders of events and censorings that paths do not have
WORST = 8.0  # at most, in log likelihood, of one knot: clicks beside a fall can be far off
MISSED = -4.0  # log likelihood of a height that is missed
DEGENERATE = 0.5  # share of effective paths below which they are chosen anew
MOST_THAT_FIT = 3.0  # numbers of events in the width of a height, which then is telling
STEERED = 32  # times that censoring is steered to the reported events
LOOKED_AT = 24  # heights ahead
RENEWED = 0.5  # of copies of a path, which censor by another law from there on
OFF = 0.35  # events by which a total may be off for e**-0.5
EXACT = 0.02  # share of paths with the reported events that is enough to do without the others


def curve_paths(
    arm: ArmConstraints,
    knots: CurveKnots,
    size: int,
    rng: np.random.Generator,
    *,
    whole: WholeTimes | None = None,
) -> CurvePaths:
    """Draw paths along the curve of one arm.

    Parameters
    ----------
    arm : ArmConstraints
        With a curve.
    knots : CurveKnots
    size : int
        Paths.
    rng : numpy.random.Generator
    whole : WholeTimes, optional
        The whole units in which times were recorded, if they were.
    """
    readings = random_readings(arm, knots, size, rng, whole=whole)
    walk = _Walk(arm, knots, readings, rng)
    if whole is not None:  # censorings at a time are after its events
        walk.in_order = np.diff(whole.events) == 1
    for place in range(knots.time.size):
        walk.step(place)
    return walk.finished()


class _Step(NamedTuple):
    """What happens in one gap and at its knot, and which paths go on after it (None: all)."""

    events: Counts
    censored: Counts
    early: Counts
    parents: Counts | None = None


class _Walk:
    """Paths on their way from knot to knot."""

    def __init__(
        self, arm: ArmConstraints, knots: CurveKnots, readings: Readings, rng: np.random.Generator
    ) -> None:
        self.arm, self.knots, self.readings, self.rng = arm, knots, readings, rng
        size = readings.survival.shape[0]
        self.who = np.arange(size)  # whose curve a path follows
        self.law = np.arange(size)  # and by whose law it censors
        self.at_risk = np.full(size, arm.n, dtype=np.int64)
        self.total = np.zeros(size, dtype=np.int64)
        self.survival = np.ones(size)
        self.log_weight = np.zeros(size)
        self.strength = np.ones(size)  # of censoring, as a multiple
        self.steering = np.zeros(size)  # log likelihood of it
        self.steps: list[_Step] = []
        self.no_total = self.renewed = False
        self.in_order = np.zeros(knots.time.size, dtype=bool)  # events before a gap's censorings
        drops = knots.time[knots.drop]
        unit = unit_of_drops(drops)
        self.fine = unit is None
        self.units = 1.0 if unit is None else unit / resolution(drops)
        self.log_evidence = 0.0
        self.missed: list[float] = []  # share of paths that are well outside of each height
        self.rows = np.flatnonzero(knots.at_risk >= 0)
        self.with_events = knots.drop | knots.between
        self.past = np.cumsum(readings.before, axis=1)
        self.censoring = np.pad(np.cumsum(readings.censoring, axis=1), ((0, 0), (1, 0)))
        count = knots.time.size
        self.steered = set(np.linspace(0, count - 1, min(STEERED, count)).astype(int).tolist())
        self.later = events_after(arm, knots, readings.survival, self.rows)
        self.middle, self.width, self.aimed, self.falls = heights_at(arm, knots)
        self.tail_share = tail_share(arm, float(knots.time[-1]), float(self.middle[-1]))
        self.telling = 2 * self.width * arm.n <= MOST_THAT_FIT

    def step(self, place: int) -> None:
        """Let patients leave in one gap and at its knot."""
        later = self.rows[self.rows >= place]
        row = later[0] if later.size else None
        steered = place in self.steered or self.renewed
        if row is None and self.arm.events is not None and steered:
            self._steer(place)
            self.renewed = False
        step = self._to_row(place) if row == place else self._tried(place, row)
        slack = self._slack(place, step.events, step.censored, step.early)
        order = self.rng.uniform(-1.0, 1.0, slack.size) * slack
        self.survival = self._after(step.events, step.early) + order
        self.at_risk = self.at_risk - step.censored - step.events
        self.total = self.total + step.events
        if row == place:
            self._look_ahead(place)
        if self.aimed[place]:
            weight = np.exp(self.log_weight - self.log_weight.max())
            missed = self._log_fit(place, self.survival) < MISSED
            self.missed.append(float(weight @ missed / weight.sum()))
        self.steps.append(step._replace(parents=self._chosen()))

    def _early(self, place: int, censored: Counts) -> Counts:
        """Draw how many of the censorings come before the events of their gap: all at a drop."""
        if self.knots.drop[place] or not self.with_events[place]:
            return censored
        if self.in_order[place]:
            return np.zeros_like(censored)
        return self.rng.binomial(censored, 0.5)

    def _after(self, events: Counts, early: Counts) -> FloatArray:
        factor = 1.0 - events / np.maximum(self.at_risk - early, 1)
        return np.asarray(np.maximum(self.survival * factor, 0.0))

    def _factor(self, place: int) -> FloatArray:
        """Return the factor that takes survival to the path's own curve."""
        target = self.readings.survival[self.who, place]
        return np.asarray(np.minimum(target / np.maximum(self.survival, 1e-9), 1.0))

    def _slack(self, place: int, events: Counts, censored: Counts, early: Counts) -> FloatArray:
        """Return by how much censorings between the events of one gap may change survival.

        Paths have all events of a gap one after the other.
        """
        if self.knots.drop[place] or self.in_order[place]:
            return np.zeros(events.size)
        exposed = np.maximum(self.at_risk - early, 1)
        change = self.survival * censored * np.maximum(events - 1, 0) / exposed**2 / 2
        return np.asarray(np.minimum(change, MOST_SLACK))

    def _log_fit(
        self, place: int, survival: FloatArray, slack: FloatArray | float = 0.0
    ) -> FloatArray:
        """Return how well survival agrees with what was read: alike within its width."""
        if not self.aimed[place]:
            return np.zeros(survival.shape)
        off = np.maximum(np.abs(survival - self.middle[place]) - slack, 0.0)
        beyond = off / self.width[place] - 1.0
        return np.asarray(-np.minimum((np.maximum(beyond, 0.0) / STEEP) ** 2 / 2, WORST))

    def _to_row(self, place: int) -> _Step:
        """Leave exactly as many at risk as a row reports, just before events at its time."""
        beyond = self.at_risk - self.knots.at_risk[place]
        self.log_weight += 20.0 * np.minimum(beyond, 0)
        leaving = np.maximum(beyond, 0)
        if self.knots.drop[place]:
            events, fit = self._events(place, leaving, leaving)
            self.log_weight += fit
            return _Step(events=events, censored=leaving, early=leaving)
        events = np.zeros_like(leaving)
        if self.with_events[place]:
            exposed = self.at_risk - leaving / 2
            mean = exposed * (1.0 - self._factor(place))
            whole = np.floor(mean + self.rng.random(mean.size)).astype(np.int64)
            events = np.minimum(whole, leaving)
        censored = leaving - events
        return _Step(events=events, censored=censored, early=self._early(place, censored))

    def _tried(self, place: int, row: int | None) -> _Step:
        """Try some numbers of censorings and take one in proportion to how well it fits."""
        mean, most = self._expected(place, row)
        telling = self.aimed[place] and self.with_events[place]
        number = TRIES if telling else 1
        tries = [random_censorings(mean, self.at_risk, self.rng) for _ in range(number)]
        scores = [np.full(mean.size, -math.log(len(tries)))] * len(tries)
        if telling and self.knots.most[place]:
            tries.append(self._implied(place, mean))
            scores.append(log_censorings(tries[-1], mean))
        low = np.minimum(self.knots.fewest[place], self.at_risk)
        self.log_weight += 20.0 * (low - self.knots.fewest[place])  # more marks than patients
        tries = [np.clip(np.minimum(each, most), low, self.knots.most[place]) for each in tries]
        if len(tries) > TRIES:  # what a fall implies counts with its own chance, and once
            scores[:-1] = [
                np.where(each == tries[-1], -np.inf, own)
                for each, own in zip(tries[:-1], scores[:-1], strict=True)
            ]
        early = [self._early(place, each) for each in tries[:TRIES]] + tries[TRIES:]
        found = [self._events(place, *each) for each in zip(tries, early, strict=True)]
        events, fits = zip(*found, strict=True)
        score = np.array([own + fit for own, fit in zip(scores, fits, strict=True)])
        best = score.max(axis=0)
        weight = np.exp(score - best)
        chosen = np.sum(
            np.cumsum(weight, axis=0) < self.rng.random(best.size) * weight.sum(axis=0), axis=0
        )
        self.log_weight += best + np.log(weight.sum(axis=0))
        censored, events, early = (np.choose(chosen, each) for each in (tries, events, early))
        return _Step(events=events, censored=censored, early=early)

    def _events(self, place: int, censored: Counts, early: Counts) -> tuple[Counts, FloatArray]:
        """Return events, one of the two next numbers that follow the curve, and how they fit."""
        if not self.with_events[place]:
            return np.zeros_like(censored), self._log_fit(place, self.survival)
        exposed = np.maximum(self.at_risk - early, 1)
        ideal = exposed * (1.0 - self._factor(place))
        share = ideal - np.floor(ideal)
        least, most = int(self.knots.drop[place]), self.at_risk - censored
        both = [
            np.minimum(np.maximum(np.floor(ideal).astype(np.int64) + more, least), most)
            for more in (0, 1)
        ]
        fewer, more = (
            self._log_fit(
                place, self._after(each, early), self._slack(place, each, censored, early)
            )
            + np.log(np.maximum(part, 1e-9))
            + self._log_number(place, each, exposed)
            for each, part in zip(both, (1.0 - share, share), strict=True)
        )
        fit = np.logaddexp(fewer, more)
        return np.where(np.log(self.rng.random(fit.size)) < more - fit, both[1], both[0]), fit

    def _log_number(self, place: int, events: Counts, exposed: FloatArray) -> FloatArray | float:
        """Return the log probability of so many events, of which a drop has one at least.

        Where times were recorded finely several at a drop are rare; in coarse units they are usual.
        Events are drawn by how far the curve falls, which makes each of those that fit the less
        likely the more of them there are: that is undone where it falls. Where it is level there is
        nothing to undo, and paths with many at risk would gain by it from height to height.
        """
        if not self.aimed[place]:
            return 0.0
        mean = exposed * self.knots.rate[place] * self.units
        drop, telling = self.knots.drop[place], self.telling[place]
        if not telling and not (drop and self.fine):
            return 0.0
        log = log_events_at_drop(events, mean, fine=self.fine) if drop else log_events(events, mean)
        if not telling:
            return np.asarray(np.where(mean < 1.0, log, 0.0))
        if not self.falls[place]:
            return np.asarray(log)
        one = max(float(self.middle[place]), 0.25 / self.arm.n) / exposed  # what an event is worth
        return np.asarray(log + np.log1p((2 * self.width[place] / one) ** 2) / 2)

    def _implied(self, place: int, mean: FloatArray) -> Counts:
        """Return the censorings, all before the events, that the height of a fall implies.

        Another event or one less implies others, so now and then these are tried.
        """
        fall = np.maximum(1.0 - self._factor(place), 1e-9)
        beside = self.rng.choice(np.array([-1, 0, 0, 1]), mean.size)
        events = np.maximum(np.rint((self.at_risk - mean) * fall) + beside, 1)
        return np.asarray(np.maximum(np.rint(self.at_risk - events / fall), 0).astype(np.int64))

    def _expected(self, place: int, row: int | None) -> tuple[FloatArray, Counts]:
        """Return how many censorings to expect in one gap, and the most that there can be."""
        knots = self.knots
        if knots.most[place] == 0:
            return np.zeros(self.who.size), np.zeros_like(self.at_risk)
        drop = int(knots.drop[place])
        if row is None:
            rate = self.readings.censoring[self.law, place] * self.strength
            mean = self.at_risk * -np.expm1(-rate)
            return mean, np.maximum(self.at_risk - drop - int(knots.needed[place]), 0)
        last = row - 1 if knots.drop[row] and row > place else row  # a row counts before its events
        fall = 1.0 - self._factor(last)
        leaving = np.maximum(self.at_risk - knots.at_risk[row], 0)
        rest = np.maximum((leaving - self.at_risk * fall) / (1.0 - fall / 2), 0.0)
        ahead = self.past[self.law, row] - self.past[self.law, place]
        own = self.readings.before[self.law, place]
        mean = np.minimum(rest, leaving) * own / np.maximum(own + ahead, 1e-12)
        # those who stay must be enough for the events up to the row
        most = (leaving - self.at_risk * fall + 0.5) / np.maximum(1.0 - fall, 1e-9)
        most = np.minimum(most, leaving - int(knots.drop[place:row].sum()))
        return mean, np.maximum(np.floor(most), 0).astype(np.int64)

    def _steer(self, place: int) -> None:
        """Set the strength of censoring so that the reported events are to be expected."""
        ahead = np.unique(np.linspace(place, self.knots.time.size - 1, LOOKED_AT).astype(int))
        past = self.censoring[self.law, place]
        hazard = self.censoring[self.law[:, None], ahead + 1] - past[:, None]
        hazard = (hazard + np.pad(hazard, ((0, 0), (1, 0)))[:, :-1]) / 2  # in the middle of a gap
        heights = self.readings.survival[self.who[:, None], ahead]
        before = np.column_stack([self.survival, heights[:, :-1]])
        fall = np.maximum(np.minimum(before, self.survival[:, None]) - heights, 0.0)
        fall[:, -1] += self.tail_share * heights[:, -1]
        scale = self.at_risk / np.maximum(self.survival, 1e-9)
        wanted = np.asarray(float(self.arm.events or 0) - self.total, dtype=float)
        self.strength, likely = strength_for_events(
            fall * scale[:, None], hazard, wanted, start=self.strength
        )
        self.log_weight += likely - self.steering
        self.steering = likely

    def _look_ahead(self, place: int) -> None:
        """Weigh paths at a row by how the events that are to come agree with the reported ones."""
        if self.later is None or self.arm.events is None:
            return
        later = self.later[self.who, place]
        likely = log_missed(self.total + later - self.arm.events, later)
        self.log_weight += likely - self.steering
        self.steering = likely

    def _chosen(self) -> Counts | None:
        """Choose paths anew in proportion to their weights, where few carry them all.

        Copies of a path may go on by another law of censoring and along another curve, or all would
        soon have the same; but one with nearly the same error of all points, which would otherwise
        even out along the way.
        """
        weight = np.exp(self.log_weight - self.log_weight.max())
        if weight.sum() ** 2 / (weight**2).sum() > DEGENERATE * weight.size:
            return None
        rows = weighted(self.log_weight, weight.size, self.rng)
        self.log_evidence += float(self.log_weight.max() + np.log(weight.mean()))
        for name in ("who", "law", "at_risk", "total", "survival", "strength", "steering"):
            setattr(self, name, getattr(self, name)[rows])
        self.log_weight = np.zeros(weight.size)
        self.renewed = True
        copied = np.bincount(rows, minlength=rows.size)[rows] > 1
        renewed = copied & (self.rng.random(rows.size) < RENEWED)
        self.law = np.where(renewed, self.rng.integers(0, rows.size, rows.size), self.law)
        renewed = copied & (self.rng.random(rows.size) < RENEWED)
        self.who = np.where(renewed, self.readings.like(self.who, self.rng), self.who)
        return rows

    def finished(self) -> CurvePaths:
        """Return the paths, chosen in proportion to their weights."""
        tail = self._tail()
        weight = np.exp(self.log_weight - self.log_weight.max())
        self.log_evidence += float(self.log_weight.max() + np.log(weight.mean()))
        rows = weighted(self.log_weight, self.who.size, self.rng)
        tail = tail[rows]
        counts = np.empty((3, rows.size, len(self.steps)), np.int64)
        for place in reversed(range(len(self.steps))):
            step = self.steps[place]
            if step.parents is not None:
                rows = step.parents[rows]
            counts[:, :, place] = [each[rows] for each in step[:3]]
        events, censored, early = counts
        return CurvePaths(
            censored=censored,
            early=early,
            events=events,
            tail=tail,
            missed=float(np.mean(self.missed or [0.0])) + self.no_total,
            log_evidence=self.log_evidence,
        )

    def _tail(self) -> Counts:
        """Return events after the last knot, and weigh paths by the reported total."""
        share = self.tail_share
        if self.arm.events is None:
            return self.rng.binomial(self.at_risk, share)
        rest = self.arm.events - self.total
        tail = np.clip(rest, 0, self.at_risk) if share else np.zeros_like(rest)
        miss = rest - tail
        off = np.where(miss == 0, 0.0, (miss / OFF) ** 2 / 2)
        if share:
            mean = self.at_risk * share
            off += np.minimum((tail - mean) ** 2 / (2 * (mean * (1 - share) + 1)), WORST)
        self.log_weight = self.log_weight - off
        self.no_total = not np.any(miss == 0)
        if np.mean(miss == 0) >= EXACT:
            self.log_weight = np.where(miss == 0, self.log_weight, -np.inf)
        return tail
