"""Whole numbers of events and censorings along a digitised curve, of many paths.

How likely they are, and how censoring is steered to the events that an arm reports.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..pseudo_ipd import FloatArray

__all__ = [
    "CurvePaths",
    "events_after",
    "log_censorings",
    "log_events",
    "log_events_at_drop",
    "log_missed",
    "random_censorings",
    "strength_for_events",
    "tail_share",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePaths:
    """Whole numbers along one arm's curve, a row per path.

    Attributes
    ----------
    censored, early, events : ndarray of int, shape (rows, knots)
        Censorings in the gap before each knot, and those of them before its events; events at the
        knot or in the gap.
    tail : ndarray of int, shape (rows,)
        Events after the last knot.
    missed : float
        Share of the heights that paths were well outside of on their way; 1 more if none has the
        reported events.
    log_evidence : float
        Log of how well the paths of the run fit in the mean.
    """

    censored: Counts
    early: Counts
    events: Counts
    tail: Counts
    missed: float
    log_evidence: float = 0.0

    def take(self, rows: Counts) -> CurvePaths:
        """Return some of the paths."""
        parts = ("censored", "early", "events", "tail")
        return replace(self, **{name: getattr(self, name)[rows] for name in parts})

    @classmethod
    def joined(cls, runs: Sequence[CurvePaths]) -> CurvePaths:
        """Return the paths of several runs."""
        return cls(
            censored=np.concatenate([run.censored for run in runs]),
            early=np.concatenate([run.early for run in runs]),
            events=np.concatenate([run.events for run in runs]),
            tail=np.concatenate([run.tail for run in runs]),
            missed=float(np.mean([run.missed for run in runs])),
        )


TOGETHER = 2.0  # shape of how censorings of a gap scatter beyond chance
TIED, WORST_TIES = 0.1, 20.0  # least mean of the events of a drop, and most in log likelihood
BURST, BURSTS = 4.0, 0.3  # the same of the events of a drop, where times are in whole units
LUMPS = 0.01  # of gaps in which censorings come together in any number


def random_censorings(mean: FloatArray, at_risk: Counts, rng: np.random.Generator) -> Counts:
    """Draw censorings, more scattered than by chance alone, as they come together.

    Parameters
    ----------
    mean : ndarray of float, shape (rows,)
        Expected in a gap.
    at_risk : ndarray of int, shape (rows,)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (rows,)
    """
    share = np.clip(mean / np.maximum(at_risk, 1), 0.0, 1.0 - 1e-9)
    rate = -np.log1p(-share) * rng.gamma(TOGETHER, 1.0 / TOGETHER, mean.size)
    return rng.binomial(at_risk, -np.expm1(-rate))


def log_censorings(censored: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of a number of censorings, as they are drawn.

    Parameters
    ----------
    censored : ndarray of int, shape (rows,)
    mean : ndarray of float, shape (rows,)
        Expected in the gap.

    Returns
    -------
    ndarray of float, shape (rows,)
    """
    return _log_scattered(censored, mean, (TOGETHER, LUMPS))


def _table_size(count: Counts) -> int:
    """Return how long a table by these numbers has to be, so that few lengths are needed."""
    return 1 << int(count.max()).bit_length()


@functools.lru_cache(maxsize=64)
def _log_ways(shape: float, size: int) -> FloatArray:
    """Return the log of the binomial coefficients of the negative binomial distribution."""
    count = np.arange(size)
    return np.asarray(gammaln(count + shape) - gammaln(count + 1) - math.lgamma(shape))


@functools.lru_cache(maxsize=32)
def _log_factorials(size: int) -> FloatArray:
    return np.asarray(gammaln(np.arange(size) + 1.0))


def _log_scattered(count: Counts, mean: FloatArray, scatter: tuple[float, float]) -> FloatArray:
    """Return the log probability of a number that scatters more than by chance, or is any."""
    shape, lumps = scatter
    share = np.maximum(mean, 1e-6) / (np.maximum(mean, 1e-6) + shape)
    ways = _log_ways(shape, _table_size(count))[count]
    usual = ways + count * np.log(share) + shape * np.log1p(-share)
    return np.logaddexp(usual, math.log(lumps) - np.log1p(count + mean))


def _log_poisson(events: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of a number that is one at least."""
    none = np.log(np.expm1(np.minimum(mean, 500)))
    return np.asarray(events * np.log(mean) - _log_factorials(_table_size(events))[events] - none)


def log_events(events: Counts, mean: FloatArray) -> FloatArray:
    """Return the log probability of the events in a gap, which may come together.

    Parameters
    ----------
    events : ndarray of int, shape (rows,)
    mean : ndarray of float, shape (rows,)
        Expected.

    Returns
    -------
    ndarray of float, shape (rows,)
    """
    return _log_scattered(events, mean, (BURST, BURSTS))


def log_events_at_drop(events: Counts, mean: FloatArray, *, fine: bool) -> FloatArray:
    """Return the log probability of the events at a drop, one at least; in fine time few.

    Parameters
    ----------
    events : ndarray of int, shape (rows,)
    mean : ndarray of float, shape (rows,)
        Expected.
    fine : bool
        Whether times were recorded finely, so that few events share one.

    Returns
    -------
    ndarray of float, shape (rows,)
    """
    mean = np.maximum(mean, TIED)
    some = -np.expm1(-BURST * np.log1p(mean / BURST))
    log = log_events(events, mean) - np.log(some)
    if not fine:
        return np.asarray(log)
    return np.where(mean < 1.0, np.maximum(_log_poisson(events, mean), -WORST_TIES), log)


NEWTON, FURTHEST = 5, 2.0  # steps to a multiple, and the longest of its log
WEAKEST, STRONGEST = -6.0, 5.0  # log of the multiple of the rate of censoring
FAR = 2.0  # log of a multiple at which a law is e**-0.5 times as likely as it was
FEWEST_ROWS = 2  # with which the events to come can be told
AHEAD, HOPELESS = 0.5, 30.0  # roots of events by which these may be missed, and the most it costs
NEARLY = 0.5  # events by which what is expected may be off without a multiple


def events_after(
    arm: ArmConstraints, knots: CurveKnots, survival: FloatArray, rows: Counts
) -> FloatArray | None:
    """Return the events that each curve has after every knot if rows are as reported.

    Between rows, and after the last, as many are at risk as a constant rate of leaving gives.
    None if no total or no later row is reported.

    Parameters
    ----------
    arm : ArmConstraints
    knots : CurveKnots
    survival : ndarray of float, shape (curves, knots)
        Of each curve just after each knot, a fraction.
    rows : ndarray of int, shape (k,)
        Knots at which the number at risk is reported.

    Returns
    -------
    ndarray of float, shape (curves, knots), or None
    """
    if arm.events is None or rows.size < FEWEST_ROWS:
        return None
    alive = np.maximum(survival, 0.25 / arm.n)
    hazard = -np.diff(np.log(alive), axis=1, prepend=0.0)
    counted = np.maximum(knots.at_risk[rows], 0.25)
    at_risk = np.exp(np.interp(knots.time, knots.time[rows], np.log(counted)))
    last = rows[-1]
    at_risk = at_risk * np.where(
        np.arange(knots.time.size) > last, alive / alive[:, last : last + 1], 1.0
    )
    events = at_risk * -np.expm1(-hazard)
    return np.asarray(events[:, ::-1].cumsum(axis=1)[:, ::-1] - events)


def strength_for_events(
    falls: FloatArray, hazard: FloatArray, wanted: FloatArray, *, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the multiples of the rate of censoring with which as many events are to be expected.

    Parameters
    ----------
    falls : ndarray of float, shape (rows, stretches)
        Events that are to be expected in each stretch of the curve if nobody else is censored.
    hazard : ndarray of float, shape (rows, stretches)
        Cumulative rate of censoring up to each stretch.
    wanted : ndarray of float, shape (rows,)
        Events.
    start : ndarray of float, shape (rows,)
        Multiples to start from.

    Returns
    -------
    multiple, log_likelihood : ndarray of float, shape (rows,)
        A multiple of one, where that will do; and how likely each is.
    """

    def left(log_multiple: FloatArray) -> FloatArray:
        return np.asarray(falls * np.exp(-np.exp(log_multiple)[:, None] * hazard))

    usual = np.abs(left(np.zeros(wanted.size)).sum(axis=1) - wanted) <= NEARLY
    found = np.log(start)
    for _ in range(NEWTON):  # of the log of the events that are to be expected
        each = left(found)
        total = np.maximum(each.sum(axis=1), 1e-12)
        slope = np.exp(found) * np.sum(each * hazard, axis=1) / total
        off = np.log(total / np.maximum(wanted, 1e-3))
        found = found + np.clip(off / np.maximum(slope, 1e-3), -FURTHEST, FURTHEST)
        found = np.clip(found, WEAKEST, STRONGEST)
    found = np.where(usual, 0.0, found)
    missed = log_missed(left(found).sum(axis=1) - wanted, np.maximum(wanted, 0.0))
    return np.exp(found), missed - (found / FAR) ** 2 / 2


def tail_share(arm: ArmConstraints, last: float, survival: float) -> float:
    """Return the share of those alive at the last knot of a curve who have the event after it.

    Parameters
    ----------
    arm : ArmConstraints
    last : float
        Time of the last knot.
    survival : float
        Survival there.
    """
    if arm.last_time <= last * (1 + 1e-9):
        return 0.0
    return float(1.0 - np.clip(survival, 0.25 / arm.n, 1.0) ** ((arm.last_time - last) / last))


def log_missed(missed: FloatArray, expected: FloatArray) -> FloatArray:
    """Return the log likelihood of missing so many of the events that are still expected.

    Parameters
    ----------
    missed, expected : ndarray of float, shape (rows,)
        Events.

    Returns
    -------
    ndarray of float, shape (rows,)
    """
    return np.asarray(-np.minimum((missed / np.sqrt(expected + 1.0) / AHEAD) ** 2 / 2, HOPELESS))
