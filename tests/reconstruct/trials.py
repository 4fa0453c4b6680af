"""Random trials, and what a paper would print of them."""

from __future__ import annotations

import math
from bisect import bisect
from typing import Any

import numpy as np

from kmrepro.reconstruct.pseudo_ipd import FloatArray
from kmrepro.studies import Arm

HALF = 0.5 + 1e-9


def survival_at(time: FloatArray, event: np.ndarray, when: float) -> float:
    """Kaplan-Meier estimate at one time, a factor per distinct event time."""
    moments, deaths = np.unique(time[event & (time <= when)], return_counts=True)
    at_risk = time.size - np.searchsorted(np.sort(time), moments)
    return math.prod(1 - d / n for d, n in zip(deaths.tolist(), at_risk.tolist(), strict=True))


def median_of(time: FloatArray, event: np.ndarray) -> float | None:
    """First time at which the estimate is at or below one half."""
    events = np.unique(time[event])
    first = bisect(events, False, key=lambda t: survival_at(time, event, t) <= HALF)
    return float(events[first]) if first < events.size else None


def random_patients(rng: np.random.Generator, *, most: int = 0) -> tuple[FloatArray, np.ndarray]:
    """Patients of one arm: Weibull events, uniform censoring, sometimes times in whole units.

    There are less than 200, or from 200 to `most`.
    """
    fewest, limit = (200, most + 1) if most else (1, rng.choice([4, 8, 20, 60, 200]))
    n = int(rng.integers(fewest, limit))
    failure = rng.weibull(rng.choice([0.6, 1.0, 1.8]), n) * 10 / np.exp(rng.normal(0, 0.7))
    censoring = rng.uniform(rng.choice([0, 5]), rng.choice([6, 20, 60]), n)
    time = np.minimum(failure, censoring) + 0.01
    if rng.random() < 0.3:
        time = np.ceil(time)
    return time, failure <= censoring


def printed_arm(
    rng: np.random.Generator,
    time: FloatArray,
    event: np.ndarray,
    *,
    landmarks: int = 4,
    decimals: int | None = None,
    table: bool = False,
) -> dict[str, Any]:
    """Print an arm: landmarks always, by default of one decimal or none, the rest sometimes.

    Numbers at risk are those at the landmarks, or with `table` those of a table below a figure.
    """
    longest = float(np.ceil(time.max() * 100) / 100)
    drawn = int(rng.integers(0, 2))
    decimals = drawn if decimals is None else decimals
    share = rng.uniform(0.05, 0.95, landmarks)
    whens = sorted({round(float(w), 1) for w in share * time.max()} - {0.0})
    whens = whens or [longest]
    arm: dict[str, Any] = {
        "n": int(time.size),
        "landmarks": {f"{w}": f"{100 * survival_at(time, event, w):.{decimals}f}%" for w in whens},
    }
    if rng.random() < 0.6:
        arm["events"] = int(event.sum())
    if rng.random() < 0.4:
        at = np.linspace(0, 0.9 * time.max(), 6).round(1) if table else whens
        arm["at_risk"] = {f"{w}": int((time >= w).sum()) for w in at}
    if rng.random() < 0.4:
        median = median_of(time, event)
        arm["median"] = "NR" if median is None else f"{median:.1f}"
    if rng.random() < 0.6:
        arm["follow_up"] = {"max": repr(float(time.max()))}
    return arm


def broken_promises(arm: Arm, time: FloatArray, event: np.ndarray) -> list[str]:
    """Name everything printed that patients do not meet."""
    broken = [] if time.size == arm.n else [f"n {time.size}"]
    for when, landmark in arm.landmarks.items():
        if not landmark.survival.contains(survival_at(time, event, when)):
            broken.append(f"survival {survival_at(time, event, when)} at {when}")
    if arm.events is not None and event.sum() != arm.events:
        broken.append(f"{event.sum()} events")
    for when, count in arm.at_risk.items():
        if (time >= when).sum() != count:
            broken.append(f"{(time >= when).sum()} at risk at {when}")
    if arm.median is not None:
        median = median_of(time, event)
        if not arm.median.contains(math.inf if median is None else median):
            broken.append(f"median {median}")
    longest = arm.follow_up.max if arm.follow_up is not None else None
    if longest is not None and time.max() != longest.value:
        broken.append(f"longest follow-up {time.max()}")
    return broken
