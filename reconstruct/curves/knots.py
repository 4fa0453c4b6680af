"""A digitised curve's knots as arrays, what is expected before each, and orders in the gaps.

A digitised curve is many landmarks close together: a knot for every point, and knots for at-risk
rows and censoring marks between them. Before each knot is its gap, in which patients are censored
and, where points are heights and not drops, have their events.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..constraints import EDGE, ArmConstraints, Knot, falling_bounds
from ..expected_course import ExpectedCourse
from ..pseudo_ipd import BoolArray, FloatArray
from ._viterbi import MARGIN, NOT_REPORTED
from .points import FINEST, resolution

__all__ = ["KNOT", "Counts", "CurveKnots", "orders_along"]

Counts = npt.NDArray[np.intp]

KNOT = np.dtype(  # a knot, as the compiled search takes it
    [(name, float) for name in ("lower", "upper", "share", "rate", "per_survival")]
    + [(name, float) for name in ("aim", "weight", "blur")]
    + [(name, np.int64) for name in ("at_risk", "needed", "fewest", "most", "drops")]
    + [(name, np.int64) for name in ("drop", "between")]
)

ANY_NUMBER = 10**9
SMALLEST = 1e-12  # survival and factors of orders are kept positive
DROPS_AROUND, HEIGHTS_AROUND = 15, 3  # points to either side that a smooth hazard is taken over
DECIMALS = 12  # of what is expected, so that no tie is broken by a rounding error of this processor
CELLS, CELL_WEIGHT = 6, 3.0  # stretches between at-risk rows, and the weight of what was expected


@dataclass(frozen=True, kw_only=True, eq=False)
class CurveKnots:
    """What one arm must satisfy at every knot, and what is expected in the gap before it.

    Attributes
    ----------
    n : int
        Patients.
    time : ndarray of float, shape (k,)
        Increasing, positive.
    lower, upper : ndarray of float, shape (k,)
        Bounds on survival, events at the knot included; neither rises.
    at_risk : ndarray of int, shape (k,)
        Patients followed just before the knot, or -1 where that is not reported.
    drop : ndarray of bool, shape (k,)
        True where the curve is seen to fall: one event at least, at this very time.
    between : ndarray of bool, shape (k,)
        True where events may lie anywhere in the gap.
    needed : ndarray of int, shape (k,)
        Patients that drops and at-risk rows after the knot still need.
    per_survival : ndarray of float, shape (k,)
        Least number of patients left after the knot, per unit of survival, with which every later
        at-risk row can still be matched.
    fewest, most : ndarray of int, shape (k,)
        Bounds on the censorings in the gap.
    at_mark : bool
        True if every censoring is at a reported mark, which is where its gap starts.
    share : ndarray of float, shape (k,)
        Expected share of those at risk at the start of the gap who are censored in it.
    rate : ndarray of float, shape (k,)
        Expected events per patient at risk: at the knot if it is a drop, else in the gap.
    aim, weight : ndarray of float, shape (k,)
        The height that was read, and half of one over the variance of its error: 0 where no height
        was read, or anything inside the bounds is as likely.
    blur : ndarray of float, shape (k,)
        Standard deviation of the height, as a normal error with as high a peak has it.
    tolerance : float
        Half the usual width of the survival bounds.
    halfway : bool
        True if events are taken to be in the middle of their gap's censorings, because heights are
        not exact enough to say more.
    """

    n: int
    time: FloatArray
    lower: FloatArray
    upper: FloatArray
    at_risk: Counts
    drop: BoolArray
    between: BoolArray
    needed: Counts
    per_survival: FloatArray
    fewest: Counts
    most: Counts
    at_mark: bool
    share: FloatArray
    rate: FloatArray
    aim: FloatArray
    weight: FloatArray
    blur: FloatArray
    tolerance: float
    halfway: bool = False

    @classmethod
    def of(cls, arm: ArmConstraints, course: ExpectedCourse, *, halvings: int = 0) -> CurveKnots:
        """Prepare the knots of an arm and the expected course.

        Gaps that are halved, and halved again, let events and censorings alternate in them.
        """
        knots = arm.knots_to_end if arm.drops_only else _with_rows_apart(arm.knots_to_end)
        for _ in range(halvings):
            knots = _halved(knots)
        time = np.array([knot.time for knot in knots])
        drop = np.array([knot.drop for knot in knots])
        pinned = np.array([knot.aim is not None for knot in knots])
        lower, upper = falling_bounds(knots)
        last_height = int(np.flatnonzero(pinned)[-1]) if pinned.any() else -1
        upper = upper + EDGE
        at_risk = np.array([NOT_REPORTED if k.at_risk is None else k.at_risk for k in knots])
        fewest, most = _marked(knots) if arm.all_marked else _unmarked(time)
        return cls(
            n=arm.n,
            time=time,
            lower=lower - EDGE,
            upper=upper,
            at_risk=at_risk,
            drop=drop,
            between=np.logical_not(arm.drops_only) & (np.arange(len(knots)) <= last_height),
            needed=_needed(knots),
            per_survival=_needed_per_survival(at_risk, upper=upper, drop=drop),
            fewest=fewest,
            most=most,
            at_mark=arm.all_marked,
            share=_censored_share(course, time, fewest if arm.all_marked else None),
            rate=_event_rate(knots, pinned=pinned, drop=drop, n=arm.n),
            aim=np.array([1.0 if knot.aim is None else knot.aim for knot in knots]),
            weight=np.array([0.0 if knot.sd is None else 0.5 / knot.sd**2 for knot in knots]),
            blur=_blur(knots, np.maximum(upper - lower, EDGE)),
            tolerance=float(np.median((upper - lower)[pinned])) / 2,
        )

    @property
    def records(self) -> np.ndarray[Any, Any]:
        """One record a knot, with `drops` up to and including it."""
        records = np.empty(self.time.size, dtype=KNOT)
        columns = vars(self) | {"drops": np.cumsum(self.drop)}
        for name in KNOT.names or ():
            expected = name in ("share", "rate")
            records[name] = np.round(columns[name], DECIMALS) if expected else columns[name]
        return records

    def relearnt(self, censored: Counts, events: Counts) -> CurveKnots:
        """Expect censorings where a first reconstruction put them, stretch by stretch.

        A curve says itself how many were at risk: one event takes survival down by 1/r. Between
        two at-risk rows the censorings of a few stretches are therefore learnt from patients that
        match the curve, shrunk towards what was expected before. After the last row as many are
        expected per unit of time as in the stretch before it, and after the last knot that tells
        how many were at risk as many as since the last row.
        """
        before = self.n - np.concatenate([[0], np.cumsum(censored + events)])[:-1]
        told, rows = self.told, np.flatnonzero(self.at_risk >= 0) + 1
        since = [0, *rows[rows < told].tolist()]
        share = self.share.copy()
        if rows.size:
            first = int(rows[-2]) if rows.size > 1 else 0
            share = self._at_rate(share, (first, int(rows[-1])), before, censored)
        expected = before * share
        for start, end in itertools.pairwise([*since, told]):
            cells = max(1, min(CELLS, (end - start) // 5))
            edges = np.linspace(start, end, cells + 1).round().astype(int)
            for first, last in itertools.pairwise(edges):
                found = censored[first:last].sum() + CELL_WEIGHT
                share[first:last] *= found / (expected[first:last].sum() + CELL_WEIGHT)
        share = self._at_rate(share, (since[-1], told), before, censored)
        return replace(self, share=np.clip(share, 1e-6, 0.9))

    def scaled(self, scale: float) -> CurveKnots:
        """Expect so many times the censorings."""
        return replace(self, share=np.clip(scale * self.share, 1e-6, 0.98))

    def unresolved(self, course: ExpectedCourse) -> float:
        """Return the usual error of a fall, in what one event takes the curve down by.

        Falls of many events say less of how many were at risk than those of one.
        """
        at_risk = np.maximum(np.interp(self.time, course.time, course.at_risk), 1.0)
        worth = np.maximum(self.aim, 0.5 / self.n) / at_risk
        read = self.aim < 1.0
        fall = -np.diff(self.aim[read], prepend=1.0) / worth[read]
        error = self.blur[read] / worth[read] * np.sqrt(np.maximum(fall, 1.0))
        return float(np.median(error[fall > 0])) if (fall > 0).any() else 0.0

    @property
    def told(self) -> int:
        """Knots up to the last at-risk row or fall, which are informative about numbers at risk."""
        falls = self.drop | (self.between & (np.diff(self.upper, prepend=1.0) < -self.tolerance))
        telling = np.flatnonzero(falls | (self.at_risk >= 0))
        return int(telling[-1]) + 1 if telling.size else self.time.size

    def _at_rate(
        self, share: FloatArray, stretch: tuple[int, int], before: Counts, censored: Counts
    ) -> FloatArray:
        """Expect as many censorings per mark or unit of time after a stretch of knots as in it."""
        first, last = stretch
        width = self.fewest > 0 if self.at_mark else np.diff(self.time, prepend=0.0)
        rate = censored[first:last].sum() / max(float(width[first:last].sum()), 1e-12)
        after = rate * width[last:] / np.maximum(before[last:], 1)
        return np.concatenate([share[:last], after])


def _blur(knots: tuple[Knot, ...], width: FloatArray) -> FloatArray:
    """Return the standard deviation of each height, or what is like one of a uniform error."""
    sds = np.array([np.nan if knot.sd is None else knot.sd for knot in knots])
    return np.where(np.isnan(sds), width / np.sqrt(2 * np.pi), sds)


def _halved(knots: tuple[Knot, ...]) -> tuple[Knot, ...]:
    times = [0.0, *(knot.time for knot in knots)]
    halved = []
    for start, end, knot in zip(times[:-1], times[1:], knots, strict=True):
        halved += [Knot(time=(start + end) / 2), knot] if start < end else [knot]
    return tuple(halved)


def _with_rows_apart(knots: tuple[Knot, ...]) -> tuple[Knot, ...]:
    """Part a height at the time of an at-risk row from the row, which counts events at that time.

    A row counts those followed just before its time; where times are recorded in whole units there
    may be events at this very time, which the height includes. They get a gap of no width.
    """
    parted = []
    for knot in knots:
        if knot.at_risk is not None and knot.aim is not None:
            parted.append(Knot(time=knot.time, at_risk=knot.at_risk, printed=knot.printed))
            knot = knot._replace(at_risk=None)
        parted.append(knot)
    return tuple(parted)


def _unmarked(time: FloatArray) -> tuple[Counts, Counts]:
    """Allow any number of censorings in every gap that has a width."""
    most = np.where(np.diff(time, prepend=0.0) > 0, ANY_NUMBER, 0)
    return np.zeros(time.size, dtype=np.intp), np.asarray(most, dtype=np.intp)


def _marked(knots: tuple[Knot, ...]) -> tuple[Counts, Counts]:
    """Bound the censorings of every gap: those of the mark that it starts at, if there is one."""
    marks = [None, *(knot.marks for knot in knots[:-1])]
    fewest = [0 if mark is None else mark[0] for mark in marks]
    most = [0 if mark is None else (ANY_NUMBER if mark[1] is None else mark[1]) for mark in marks]
    return np.array(fewest, dtype=np.intp), np.array(most, dtype=np.intp)


def _needed(knots: tuple[Knot, ...]) -> Counts:
    """Count the patients that drops, at-risk rows and marks after each knot's events still need.

    A curve that ends above 0 is drawn as far as its last patient is followed, unless a row or a
    mark says who leaves at its end.
    """
    said = any(knot.at_risk == 0 or knot.marks is not None for knot in knots)
    needed, least = [], int(knots[-1].lower > 0 and not said)
    for knot in reversed(knots):
        needed.append(least + (knot.marks[0] if knot.marks is not None else 0))
        least = max(needed[-1] + knot.drop, knot.at_risk or 0)
    return np.array(needed[::-1], dtype=np.intp)


def _needed_per_survival(at_risk: Counts, *, upper: FloatArray, drop: BoolArray) -> FloatArray:
    """Bound the patients left per unit of survival from below, so that at-risk rows can be matched.

    An event of one of r patients leaves r - 1 and takes survival S to S (r - 1) / r: their ratio
    stays. A censoring lowers it. It must therefore never be less than what it is at a later row.
    """
    before = np.where(drop, np.concatenate([[1.0], upper[:-1]]), upper)
    at_row = np.where(at_risk >= 0, at_risk, 0) / before
    later = np.maximum.accumulate(at_row[::-1])[::-1]
    return np.append(later[1:], 0.0)


def _censored_share(course: ExpectedCourse, time: FloatArray, fewest: Counts | None) -> FloatArray:
    """Return the expected share censored in each gap; at a mark, of those since the last mark."""
    start = np.concatenate([[0.0], time[:-1]])
    censored = np.interp(np.concatenate([[0.0], time]), course.time, course.censored)
    expected = np.diff(censored)
    if fewest is not None:
        marked = np.flatnonzero(fewest > 0)
        since = np.concatenate([[0.0], np.cumsum(expected)])[marked]
        expected = np.zeros_like(expected)
        expected[marked] = np.maximum(np.diff(since, prepend=0.0), 1.0)
    left = np.maximum(np.interp(start, course.time, course.at_risk), 1e-9)
    return np.asarray(np.clip(expected / left, 1e-6, 0.98))


def _event_rate(
    knots: tuple[Knot, ...], *, pinned: BoolArray, drop: BoolArray, n: int
) -> FloatArray:
    """Return the expected events per patient at risk, at each drop and in each other gap."""
    time = np.array([knot.time for knot in knots])
    aim = np.array([1.0 if knot.aim is None else knot.aim for knot in knots])[pinned]
    times = np.concatenate([[0.0], time[pinned]])
    hazard = np.concatenate([[0.0], -np.log(np.maximum(aim, 0.25 / n))])
    around = DROPS_AROUND if drop.any() else HEIGHTS_AROUND
    place = np.arange(times.size)
    first, last = np.maximum(place - around, 0), np.minimum(place + around, times.size - 1)
    slope = (hazard[last] - hazard[first]) / np.maximum(times[last] - times[first], 1e-12)
    gap = np.diff(time, prepend=0.0)
    gap = np.where(gap > 0, gap, FINEST * float(np.median(gap)))  # events at an at-risk row's time
    width = np.where(drop, resolution(time[drop]), gap)
    return np.asarray(np.maximum(np.interp(time, times, slope) * width, 1e-9))


def orders_along(knots: CurveKnots, censored: Counts, events: Counts, *, chosen: Counts) -> Counts:
    """Choose how many of the censorings in every gap come after its events.

    Parameters
    ----------
    knots : CurveKnots
        What has to be matched.
    censored, events : ndarray of int, shape (k,)
        Patients that leave in each gap.
    chosen : ndarray of int, shape (k,)
        Late censorings where these were chosen with the counts; -1 where any number is as likely.

    Returns
    -------
    ndarray of int, shape (k,)
        Late censorings in each gap, as near to half of them as the heights allow.

    Notes
    -----
    Intervals of attainable survival are taken forward, from the first knot to the last, and cut
    back to what every later knot leaves. Survival is then steered through them: l late censorings
    among r - c + l at risk make the factor 1 - d / (r - c + l).
    """
    before = knots.n - np.concatenate([[0], np.cumsum(censored + events)])[:-1]
    left = before - censored
    free = (chosen < 0) & knots.between & (censored > 0) & (events > 0)
    late = np.where((chosen > 0) & (events > 0), chosen, 0)
    least = 1.0 - events / np.maximum(left + late, 1)
    most = np.where(free, 1.0 - events / np.maximum(before, 1), least)
    low, high = _attainable(knots, least, most)
    # plain numbers: one at a time, those of numpy take several times as long
    gaps = zip(left.tolist(), events.tolist(), censored.tolist(), free.tolist(), strict=True)
    survival, steered = 1.0, late.tolist()
    for place, (r, d, c, steers) in enumerate(gaps):
        if steers:
            fewest = _late_for(low[place] / survival, r, d)
            most_late = _late_for(high[place] / survival, r, d)
            steered[place] = _nearest_half(fewest, most_late, c)
        at_risk = r + steered[place]
        survival *= 1.0 - d / at_risk if at_risk > 1 else 1.0 - d
        if survival < SMALLEST:
            survival = SMALLEST
    return np.asarray(steered, dtype=np.intp)


def _attainable(
    knots: CurveKnots, least: FloatArray, most: FloatArray
) -> tuple[list[float], list[float]]:
    """Return bounds on survival after every knot that all knots, before and after, leave."""
    margin = float(MARGIN * knots.tolerance)
    low, high = [], []
    worst = best = 1.0
    columns = least, most, knots.lower, knots.upper
    bounds = zip(*(each.tolist() for each in columns), strict=True)
    for less, more, lower, upper in bounds:
        worst, best = worst * less, best * more
        if worst < SMALLEST:
            worst = SMALLEST
        if best < SMALLEST:
            best = SMALLEST
        if worst > upper or best < lower:
            worst = best = worst if worst > upper else best  # missed by as little as possible
        elif best > worst:
            worst = max(worst, min(lower + margin, best))
            best = min(best, max(upper - margin, worst))
        low.append(worst)
        high.append(best)
    lowest, highest = (np.maximum(each, SMALLEST).tolist() for each in (least, most))
    for place in range(len(low) - 2, -1, -1):
        lower = low[place + 1] / highest[place + 1]
        upper = high[place + 1] / lowest[place + 1]
        lower, upper = max(lower, low[place]), min(upper, high[place])
        if lower <= upper:
            low[place], high[place] = lower, upper
    return low, high


def _late_for(factor: float, left: int, events: int) -> float:
    """Return the late censorings, not yet an integer, that make a factor."""
    return events / max(1.0 - factor, SMALLEST) - left


def _nearest_half(least: float, most: float, censored: int) -> int:
    """Return the integer from least to most that is nearest to half of the censorings."""
    low, high = math.ceil(least - 1e-9), math.floor(most + 1e-9)
    wanted = min(max(censored / 2, low), high) if low <= high else (least + most) / 2
    return min(max(round(wanted), 0), censored)
