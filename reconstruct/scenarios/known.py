"""What reported numbers say of survival at certain times, drawn within their rounding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from ...studies import Endpoint
from ..constraints import ArmConstraints, tightened
from ..pseudo_ipd import FloatArray
from .censorings import IntArray
from .hazards import Pins

__all__ = ["Known", "known_survivals", "pins_of", "survival_at_limit", "time_grid"]

# Chosen on simulated trials; benchmarks/calibration.py reports on others.
CELLS = 144  # of the grid of times
FORMS = 3  # of intervals of survival: log, log-log, plain
NEAR = 0.03  # of the last known time; what is nearer says the same
LOST = 0.25, 0.6  # mean share of patients censored at the lower and upper limit of a median
FOLLOWED = 0.8  # of the patients have not been censored before they have the event, or so
Z_95 = 1.959963984540054

Known = dict[float, FloatArray]  # survival by time, shape (scenarios,)


def known_survivals(
    endpoint: Endpoint, arm: ArmConstraints, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the times at which something reported says what it is."""
    knots = tightened(arm.knots_to_end)
    known = {
        knot.time: rng.uniform(knot.lower, np.maximum(knot.upper, knot.lower), size)
        for knot in knots
        if knot.aim is not None and knot.time < arm.last_time * (1 + 1e-12)
    }
    if arm.median is not None:
        middle = sum(arm.median) / 2
        near = NEAR * max([*known, middle])
        if all(abs(middle - time) > near for time in known) and middle > 0:
            known[middle] = 0.5 - rng.exponential(0.7 / arm.n, size)
        known |= _median_limits(endpoint, arm, known, size, rng)
    return dict(sorted(known.items()))


def _median_limits(
    endpoint: Endpoint, arm: ArmConstraints, known: Known, size: int, rng: np.random.Generator
) -> Known:
    """Draw survival at the ends of the median's interval (Brookmeyer and Crowley).

    Notes
    -----
    The interval ends where the lower, or the upper, pointwise limit of survival reaches one half;
    limits are taken on the scale of S, of log S or of log(-log S), as software does.
    """
    ci = endpoint.arms[arm.name].median_ci
    if ci is None or arm.median is None:
        return {}
    made: Known = {}
    form = rng.integers(FORMS, size=size)
    middle = sum(arm.median) / 2
    for number, side in zip(ci, (1, -1), strict=True):
        near = NEAR * max([*known, middle])
        when = number.value if number.reached else math.inf
        if not 0 < when < arm.last_time or (when - middle) * side >= 0:
            continue
        if any(abs(when - time) < near for time in known):
            continue
        lost = 1.0 + rng.exponential(LOST[0 if side > 0 else 1], size)  # of the patients, censored
        made[when] = survival_at_limit(side, form, np.sqrt(lost / arm.n))
    return made


def survival_at_limit(side: int, form: IntArray, scale: FloatArray) -> FloatArray:
    """Return survival where its lower (1) or upper (-1) 95% limit is one half.

    Parameters
    ----------
    side : {1, -1}
    form : ndarray of int
        0 for limits by log S, 1 by log(-log S), 2 by S.
    scale : ndarray of float
        Standard error of log S is `scale` times sqrt((1 - S)/S).
    """
    survival = np.full(form.shape, 0.5)
    for _ in range(12):
        se = scale * np.sqrt((1 - survival) / survival)  # of log S
        log = np.log(survival)
        by_log = 0.5 * np.exp(side * Z_95 * se)
        by_log_log = np.exp(math.log(0.5) * np.exp(side * Z_95 * se / log))
        plain = 0.5 / np.maximum(1 - side * Z_95 * se, 0.5)
        survival = np.clip(np.choose(form, [by_log, by_log_log, plain]), 0.02, 0.98)
    return np.asarray(survival)


def time_grid(reports: Iterable[ArmConstraints], known: Mapping[str, Known]) -> FloatArray:
    """Return times from 0 to the longest follow-up, with every knot and known time among them."""
    arms = list(reports)
    end = max(arm.last_time for arm in arms)
    marks = {0.0, end}
    for arm in arms:
        marks |= {knot.time for knot in arm.knots_to_end if knot.time <= end}
        marks |= {time for time in known[arm.name] if time <= end}
        marks.add(arm.last_time)
    edges = np.array(sorted(marks))
    edges = edges[np.concatenate([[True], np.diff(edges) > 1e-9 * end])]
    width = np.sqrt(np.diff(edges))
    cells = np.maximum(np.rint(CELLS * width / width.sum()), 4).astype(int)
    parts = [
        np.linspace(low, high, count, endpoint=False)
        for low, high, count in zip(edges, edges[1:], cells, strict=False)
    ]
    return np.concatenate([*parts, [end]])


def pins_of(
    arm: ArmConstraints, known: Known, grid: FloatArray, size: int, rng: np.random.Generator
) -> Pins:
    """Return where the curve of an arm is known, as cumulative hazards on the grid."""
    times = np.array([0.0, *known])
    survival = np.column_stack([np.ones(size), *known.values()])
    survival = np.minimum.accumulate(survival, axis=1)
    hazard = -np.log(np.maximum(survival, 0.25 / arm.n))  # 0% has no finite hazard
    events = 0.5 if arm.events is None else max(arm.events, 0.5)
    rest = max(arm.last_time - times[-1], 1e-9) / grid[-1]
    share = min(events / arm.n, 0.9) if times.size == 1 else min(max(events, 0.5) / arm.n, 0.3)
    late = -math.log1p(-share) / rest * np.exp(0.9 * rng.standard_normal(size))
    place = np.searchsorted(grid, times * (1 - 1e-9))
    fall = -np.diff(np.median(survival, axis=0))
    return Pins(
        place=place,
        hazard=np.maximum.accumulate(hazard, axis=1),
        late=late,
        events=FOLLOWED * arm.n * fall,
    )
