"""Trials of a second simulator: parametric courses, on which nothing was ever chosen.

`calibration.py --second` uses them. The first simulator bends hazards on a grid of shares of the
follow-up, and what a reconstruction takes for plausible was chosen on its trials. This one draws
survival times by closed formulas (log-normal, Gompertz, a cured share, effects that are delayed,
wane or cross), entry by calendar time and drop-out apart in each arm, and shares no line with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from simulated_trials import SimulatedTrial, trial_of

__all__ = ["SECOND_COURSES", "second_trial"]

FloatArray = npt.NDArray[np.float64]
Course = Callable[[np.random.Generator, int, float, float, bool], FloatArray]

CURED, GROWTH = 0.35, 0.03  # share of the reference arm; of the Gompertz hazard, a month


def _lognormal(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    times = scale * np.exp(0.9 * rng.standard_normal(n))
    return times * ratio**-0.8 if treated else times


def _gompertz(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    start = 0.5 / scale * (ratio if treated else 1.0)
    return np.log1p(GROWTH * rng.exponential(1.0, n) / start) / GROWTH


def _delayed(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    times, until = rng.exponential(scale / 0.9, n), 0.35 * scale
    return np.where(times > until, until + (times - until) / ratio, times) if treated else times


def _waning(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    times, until = rng.exponential(scale / 0.9, n), 0.8 * scale
    if not treated:
        return times
    slowed = times / ratio
    return np.where(slowed > until, until + (slowed - until) * ratio, slowed)


def _cure(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    cured = CURED**ratio if treated else CURED
    level = rng.random(n)
    share = np.clip((level - cured) / (1 - cured), 1e-12, 1.0)
    return np.where(level < cured, np.inf, -np.log(share) * 0.6 * scale)


def _early(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    first, later, until = 2.5 / scale, 0.5 / scale, 0.25 * scale
    if treated:
        first, later = first * ratio * 1.3, later * ratio
    reached = rng.exponential(1.0, n)
    late = until + (reached - first * until) / later
    return np.where(reached > first * until, late, reached / first)


def _crossing(
    rng: np.random.Generator, n: int, scale: float, ratio: float, treated: bool
) -> FloatArray:
    shape = 0.75 if treated else 1.3
    times = 1.3 * scale * rng.exponential(1.0, n) ** (1 / shape)
    return times * ratio**-0.3 if treated else times


SECOND_COURSES: dict[str, Course] = {
    "log-normal": _lognormal,
    "Gompertz": _gompertz,
    "delayed": _delayed,
    "waning": _waning,
    "cure": _cure,
    "early": _early,
    "crossing": _crossing,
}


def second_trial(seed: int) -> SimulatedTrial:
    """Simulate one trial; courses take turns.

    Parameters
    ----------
    seed : int
        0 or more. The same seed gives the same trial.
    """
    course = list(SECOND_COURSES)[seed % len(SECOND_COURSES)]
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt, 7])
        trial = _trial(seed, course, rng)
        if trial is not None:
            return trial
    raise RuntimeError(f"no trial of seed {seed} had three events in both arms")


def _trial(seed: int, course: str, rng: np.random.Generator) -> SimulatedTrial | None:
    first = int(np.exp(rng.uniform(np.log(20), np.log(700))))
    second = int(first * rng.choice([1.0, 1.0, 0.7, 0.5])) if first > 50 else first
    ratio = float(np.exp(rng.normal(-0.25, 0.35)))
    scale = float(rng.choice([8.0, 15.0, 30.0, 60.0]))
    accrual, follow_up = scale * rng.uniform(0.5, 2.0), scale * rng.uniform(0.2, 1.5)
    arms = []
    for treated, n in ((False, first), (True, second)):
        death = SECOND_COURSES[course](rng, n, scale, ratio, treated)
        entry = accrual * rng.random(n) ** rng.choice([0.7, 1.0, 1.4])
        leave = np.minimum(
            accrual + follow_up - entry, rng.exponential(scale * rng.choice([4, 12, 40]), n)
        )
        time, event = np.maximum(np.round(np.minimum(death, leave), 2), 0.01), death <= leave
        order = np.lexsort((~event, time))
        arms.append((time[order], event[order]))
    return trial_of(seed, course, "hundredths of a month", (arms[0], arms[1]), fewest=3)
