"""Whole patients along a digitised curve, found in one pass that keeps many partial arms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .curve_knots import Counts, CurveKnots
from .curve_walk import Breadth, Search, traced, walk

__all__ = ["Breadth", "CurvePath", "path_along"]

EVENTS_OFF = 1000.0  # cost of an event too many or too few at the end


class CurvePath(NamedTuple):
    """Whole numbers of patients at every knot.

    Attributes
    ----------
    censored, events, late : ndarray of int, shape (k,)
        Censorings in the gap before each knot, events at the knot or in the gap, and how many of
        the gap's censorings come after its events.
    left : int
        Patients after the last knot.
    cost : float
        How unlikely the path is; comparable between paths along the same knots.
    tried : int
        States that were looked at, which is what a pass costs.
    """

    censored: Counts
    events: Counts
    late: Counts
    left: int
    cost: float
    tried: int


def path_along(
    knots: CurveKnots, breadth: Breadth, *, total: int | None = None, tilt: float = 0.0
) -> CurvePath | None:
    """Find likely whole patients along a curve.

    Parameters
    ----------
    knots : CurveKnots
        What has to be met and what is expected.
    breadth : Breadth
        How widely to look.
    total : int or None
        Events that are wanted at the end, if one of the kept states has them.
    tilt : float, default 0.0
        Cost of every event, to have fewer (or, below 0, more) of them.

    Returns
    -------
    CurvePath or None
        None if at-risk counts or marks leave no patients at some knot. Survival that cannot be met
        is missed by as little as possible instead.
    """
    search = Search(
        breadth=breadth,
        n=knots.n,
        tolerance=knots.tolerance,
        at_mark=knots.at_mark,
        by_total=total is not None,
        tilt=tilt,
    )
    states, trail, tried = walk(knots.records, search)
    if states.size == 0:
        return None
    cost = states["cost"]
    if total is not None:
        cost = cost + EVENTS_OFF * np.abs(states["total"] - total)
    row = int(np.argmin(cost))
    steps = traced(trail, row)
    last = states[row]
    return CurvePath(
        steps["censored"].astype(np.intp),
        steps["events"].astype(np.intp),
        steps["late"].astype(np.intp),
        int(last["at_risk"]),
        float(last["cost"]),
        tried,
    )
