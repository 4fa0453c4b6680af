"""Draws of an arm whose every event time is reported: only censoring differs."""

from __future__ import annotations

import numpy as np

from ...studies import FollowUp
from ..constraints import ArmConstraints
from .arm_draws import Patients
from .exits import IntArray

__all__ = ["draw_listed"]


def draw_listed(
    arm: ArmConstraints, follow_up: FollowUp | None, size: int, rng: np.random.Generator
) -> Patients:
    """Draw patients whose events are those reported and whose follow-up is as reported.

    Notes
    -----
    Censoring times are even over the range of follow-up, on either side of its median where that
    is reported. Whose median it is is not: of everybody, of the event-free, or something between,
    such as a reverse Kaplan-Meier estimate; draws take any of these.
    """
    events = np.repeat(
        [k.time for k in arm.knots if k.events], [k.events for k in arm.knots if k.events]
    )
    count = arm.n - events.size
    start = arm.first_time or 0.0
    censored = start + (arm.last_time - start) * (1.0 - rng.random((size, count)))
    median = None if follow_up is None else follow_up.median
    if median is not None and count >= 4:
        when = rng.uniform(median.lower, median.upper, size)[:, None]
        early = _earlier(events, float(median.value), count=count, size=size, rng=rng)[:, None]
        part = 1.0 - rng.random((size, count))
        before, after = start + part * (when - start), when + part * (arm.last_time - when)
        censored = np.where(np.arange(count) < early, before, after)
        censored[np.arange(count) == early] = when[:, 0]
    censored = np.sort(censored, axis=1)
    if count:
        censored[:, -1] = arm.last_time
        if arm.first_time:
            censored[:, 0] = arm.first_time
    time = np.concatenate([np.broadcast_to(events, (size, events.size)), censored], axis=1)
    order = np.argsort(time, axis=1, kind="stable")  # events stand before censorings
    return Patients(time=np.take_along_axis(time, order, axis=1), event=order < events.size)


def _earlier(
    events: np.ndarray, median: float, *, count: int, size: int, rng: np.random.Generator
) -> IntArray:
    """Return how many event-free patients are followed for less than the median, by row."""
    everybody = (count + events.size) // 2 - int(np.sum(events < median))
    low, high = sorted(int(np.clip(rank, 1, count - 2)) for rank in (everybody, count // 2))
    return np.asarray(rng.integers(low, high + 1, size))
