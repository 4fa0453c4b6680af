"""Whole numbers of events and censorings along a digitised curve, many paths at once.

Paths run from knot to knot. Each follows a curve of its own within what was read, and censors by a
law of its own; numbers at risk and reported events steer it. Paths that leave what was read are
replaced by copies of others (a particle filter), so heights that are exact say how many patients
are at risk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..pseudo_ipd import FloatArray
from .counts import weighted
from .curve_readings import Readings, random_readings

__all__ = ["CurvePaths", "curve_paths"]

STEEP = 0.3  # widths beyond the width of a reading at which a path is e**-0.5 times as likely
WORST = 40.0  # at most, in log likelihood, of one knot
DEGENERATE = 0.5  # share of effective paths below which they are chosen anew
STEERED = 16  # times that censoring is steered to the reported events
HALVINGS = 12
WEAKEST, STRONGEST = -4.0, 3.0  # log of the multiple of the rate of censoring
OFF = 0.35  # events by which a total may be off for e**-0.5
EXACT = 0.02  # share of paths with the reported events that is enough to do without the others


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePaths:
    """Whole numbers along one arm's curve, a row per path.

    Attributes
    ----------
    censored, events : ndarray of int, shape (rows, knots)
        Censorings in the gap before each knot; events at the knot or in the gap.
    tail : ndarray of int, shape (rows,)
        Events after the last knot.
    """

    censored: Counts
    events: Counts
    tail: Counts

    def take(self, rows: Counts) -> CurvePaths:
        """Return some of the paths."""
        return CurvePaths(
            censored=self.censored[rows], events=self.events[rows], tail=self.tail[rows]
        )


def curve_paths(
    arm: ArmConstraints, knots: CurveKnots, size: int, rng: np.random.Generator
) -> CurvePaths:
    """Draw paths along the curve of one arm.

    Parameters
    ----------
    arm : ArmConstraints
        With a curve.
    knots : CurveKnots
        Its knots.
    size : int
        Paths.
    rng : numpy.random.Generator
    """
    walk = _Walk(arm, knots, random_readings(arm, knots, size, rng), rng)
    for place in range(knots.time.size):
        walk.step(place)
    return walk.finished()


class _Walk:
    """Paths on their way from knot to knot."""

    def __init__(
        self, arm: ArmConstraints, knots: CurveKnots, readings: Readings, rng: np.random.Generator
    ) -> None:
        self.arm, self.knots, self.readings, self.rng = arm, knots, readings, rng
        size = readings.survival.shape[0]
        self.who = np.arange(size)  # whose curve and law a path has
        self.at_risk = np.full(size, arm.n, dtype=np.int64)
        self.total = np.zeros(size, dtype=np.int64)
        self.survival = np.ones(size)
        self.log_weight = np.zeros(size)
        self.strength = np.ones(size)  # of censoring, as a multiple
        self.steps: list[tuple[Counts, Counts, Counts | None]] = []
        self.rows = np.flatnonzero(knots.at_risk >= 0)
        self.past = np.cumsum(readings.before, axis=1)
        count = knots.time.size
        self.steered = set(np.linspace(0, count - 1, min(STEERED, count)).astype(int).tolist())
        lower, upper = np.maximum(knots.lower, 0.0), np.minimum(knots.upper, 1.0)
        self.middle, self.width = (lower + upper) / 2, np.maximum((upper - lower) / 2, 1e-9)
        self.aimed = {knot.time for knot in arm.knots if knot.aim is not None}

    def step(self, place: int) -> None:
        """Let patients leave in one gap and at its knot."""
        knots = self.knots
        row = self.rows[np.searchsorted(self.rows, place)] if self._row_ahead(place) else None
        if row is None and self.arm.events is not None and place in self.steered:
            self._steer(place)
        has_events = bool(knots.drop[place] or knots.between[place])
        if row == place:
            events, censored = self._to_row(place, has_events)
        else:
            censored = self._censored(place, row)
            exposed = self.at_risk - (censored if knots.drop[place] else censored / 2)
            events = self._events(place, exposed) if has_events else np.zeros_like(censored)
            events = np.minimum(events, self.at_risk - censored)
        exposed = np.maximum(self.at_risk - (censored if knots.drop[place] else censored / 2), 0.5)
        self.survival = np.maximum(self.survival * (1.0 - events / exposed), 0.0)
        self.at_risk = self.at_risk - censored - events
        self.total = self.total + events
        if knots.time[place] in self.aimed:
            beyond = np.abs(self.survival - self.middle[place]) / self.width[place] - 1.0
            self.log_weight -= np.minimum((np.maximum(beyond, 0.0) / STEEP) ** 2 / 2, WORST)
        self.steps.append((censored, events, self._chosen()))

    def _row_ahead(self, place: int) -> bool:
        return bool(self.rows.size and self.rows[-1] >= place)

    def _to_row(self, place: int, has_events: bool) -> tuple[Counts, Counts]:
        """Leave exactly as many at risk as a row reports."""
        leaving = self.at_risk - self.knots.at_risk[place]
        short = np.minimum(leaving, 0)
        self.log_weight += 20.0 * short
        leaving = leaving - short
        events = np.zeros_like(leaving)
        if has_events:
            factor = self._factor(place)
            exact = np.divide(leaving, 2.0, out=np.zeros(leaving.size), where=leaving > 0)
            exposed = self.at_risk - exact
            events = np.minimum(self._whole(exposed * (1.0 - factor)), leaving)
        return events, leaving - events

    def _factor(self, place: int) -> FloatArray:
        target = self.readings.survival[self.who, place]
        return np.minimum(target / np.maximum(self.survival, 1e-9), 1.0)

    def _events(self, place: int, exposed: FloatArray) -> Counts:
        events = self._whole(exposed * (1.0 - self._factor(place)))
        return np.maximum(events, 1) if self.knots.drop[place] else events

    def _whole(self, value: FloatArray) -> Counts:
        return np.floor(value + self.rng.random(value.size)).astype(np.int64)

    def _censored(self, place: int, row: int | None) -> Counts:
        """Draw censorings of one gap."""
        knots = self.knots
        if knots.most[place] == 0:
            return np.zeros_like(self.at_risk)
        if row is None:
            rate = self.readings.censoring[self.who, place] * self.strength
            censored = self.rng.binomial(self.at_risk, -np.expm1(-rate))
            spare = self.at_risk - int(knots.drop[place]) - int(knots.needed[place])
        else:
            target = self.readings.survival[self.who, row]
            fall = 1.0 - np.minimum(target / np.maximum(self.survival, 1e-9), 1.0)
            leaving = np.maximum(self.at_risk - knots.at_risk[row], 0)
            rest = np.maximum((leaving - self.at_risk * fall) / (1.0 - fall / 2), 0.0)
            ahead = self.past[self.who, row] - self.past[self.who, place]
            own = self.readings.before[self.who, place]
            share = own / np.maximum(own + ahead, 1e-12)
            censored = self.rng.binomial(np.minimum(self._whole(rest), leaving), share)
            spare = np.minimum(leaving, self.at_risk - int(knots.drop[place]))
        censored = np.minimum(censored, np.maximum(spare, 0))
        return np.clip(censored, knots.fewest[place], knots.most[place])

    def _steer(self, place: int) -> None:
        """Set the strength of censoring so that the reported events are to be expected."""
        hazard = np.cumsum(self.readings.censoring[self.who, place:], axis=1)
        hazard -= self.readings.censoring[self.who, place:] / 2
        heights = self.readings.survival[self.who, place:]
        before = np.column_stack([self.survival, heights[:, :-1]])
        fall = np.maximum(np.minimum(before, self.survival[:, None]) - heights, 0.0)
        fall[:, -1] += self._tail_share(place) * heights[:, -1]
        scale = self.at_risk / np.maximum(self.survival, 1e-9)
        wanted = float(self.arm.events or 0) - self.total
        low, high = np.full(self.who.size, WEAKEST), np.full(self.who.size, STRONGEST)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            expected = scale * np.sum(fall * np.exp(-np.exp(middle)[:, None] * hazard), axis=1)
            low, high = (
                np.where(expected > wanted, middle, low),
                np.where(expected > wanted, high, middle),
            )
        self.strength = np.exp((low + high) / 2)

    def _tail_share(self, place: int) -> float:
        """Return the share of those alive at the last knot who have the event after it."""
        time, end = float(self.knots.time[-1]), self.arm.last_time
        if end <= time * (1 + 1e-9):
            return 0.0
        last = float(np.clip(self.middle[-1], 0.25 / self.arm.n, 1.0))
        return 1.0 - last ** ((end - time) / time)

    def _chosen(self) -> Counts | None:
        """Choose paths anew in proportion to their weights, where few carry them all."""
        weight = np.exp(self.log_weight - self.log_weight.max())
        if weight.sum() ** 2 / (weight**2).sum() > DEGENERATE * weight.size:
            return None
        rows = weighted(self.log_weight, weight.size, self.rng)
        for name in ("who", "at_risk", "total", "survival", "strength"):
            setattr(self, name, getattr(self, name)[rows])
        self.log_weight = np.zeros(weight.size)
        return rows

    def finished(self) -> CurvePaths:
        """Return the paths, chosen in proportion to their weights."""
        tail = self._tail()
        rows = weighted(self.log_weight, self.who.size, self.rng)
        tail = tail[rows]
        censored, events = (np.empty((rows.size, len(self.steps)), np.int64) for _ in range(2))
        for place in reversed(range(len(self.steps))):
            c, d, parents = self.steps[place]
            if parents is not None:
                rows = parents[rows]
            censored[:, place], events[:, place] = c[rows], d[rows]
        return CurvePaths(censored=censored, events=events, tail=tail)

    def _tail(self) -> Counts:
        """Return events after the last knot, and weigh paths by the reported total."""
        share = self._tail_share(len(self.steps) - 1)
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
        if np.mean(miss == 0) >= EXACT:
            self.log_weight = np.where(miss == 0, self.log_weight, -np.inf)
        return tail
