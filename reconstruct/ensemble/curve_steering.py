"""How censoring along a digitised curve is steered to the events that an arm reports."""

from __future__ import annotations

import numpy as np

from ..constraints import ArmConstraints
from ..curves.knots import Counts, CurveKnots
from ..pseudo_ipd import FloatArray

__all__ = ["events_after", "log_missed", "strength_for_events", "tail_share"]

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
    """Return the log likelihood of missing so many of the events that are still expected."""
    return np.asarray(-np.minimum((missed / np.sqrt(expected + 1.0) / AHEAD) ** 2 / 2, HOPELESS))
