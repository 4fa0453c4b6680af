"""The order of events and censorings in the gaps of a curve, once their numbers are known."""

from __future__ import annotations

import math

import numpy as np

from ..pseudo_ipd import FloatArray
from ._viterbi import MARGIN
from .knots import Counts, CurveKnots

__all__ = ["orders_along"]

SMALLEST = 1e-12  # survival and factors are kept positive


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
        if lower < low[place]:
            lower = low[place]
        if upper > high[place]:
            upper = high[place]
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
