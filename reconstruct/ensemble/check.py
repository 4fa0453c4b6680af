"""Is a draw consistent with every reported number of its arm? Asked of many draws at once."""

from __future__ import annotations

import numpy as np

from ..constraints import EDGE, ArmConstraints
from ..pseudo_ipd import FloatArray
from .exits import Flags

__all__ = ["HALF", "is_consistent", "survival_after_each"]

HALF = 0.5 + 1e-10  # a product of factors that is one half may miss it by its last bits


def survival_after_each(event: Flags) -> FloatArray:
    """Return the Kaplan-Meier estimate after each exit, shape (rows, n).

    At one time events must stand before censorings, and several events multiply to the factor of
    their time: (1 - 1/s)(1 - 1/(s - 1)) = 1 - 2/s.
    """
    left = event.shape[1] - np.arange(event.shape[1])
    return np.asarray(np.cumprod(1.0 - event / left, axis=1))


def is_consistent(arm: ArmConstraints, time: FloatArray, event: Flags) -> Flags:
    """Say which rows match survival, numbers at risk, median, events and longest follow-up.

    Parameters
    ----------
    arm : ArmConstraints
        What the arm reports.
    time : ndarray of float, shape (rows, n)
        In order, events before censorings where times are the same.
    event : ndarray of bool, shape (rows, n)

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    survival = survival_after_each(event)
    rows = np.arange(time.shape[0])
    good = np.all(np.diff(time, axis=1) >= 0, axis=1) & (time[:, 0] > 0)
    for knot in arm.knots_to_end:
        past = np.sum(time <= knot.time, axis=1)
        value = np.where(past > 0, survival[rows, past - 1], 1.0)
        good &= (value >= knot.lower - EDGE) & (value <= knot.upper + EDGE)
        if knot.at_risk is not None:
            good &= np.sum(time >= knot.time, axis=1) == knot.at_risk
        if knot.events:
            good &= np.sum(event & (time == knot.time), axis=1) >= knot.events
    if arm.events is not None:
        good &= event.sum(axis=1) == arm.events
    if arm.last_time_source == "printed":
        good &= time[:, -1] == arm.last_time
    if arm.median is not None:
        crossed = survival <= HALF
        when = time[rows, np.argmax(crossed, axis=1)]
        good &= crossed[:, -1] & (when >= arm.median[0]) & (when <= arm.median[1])
    return np.asarray(good)
