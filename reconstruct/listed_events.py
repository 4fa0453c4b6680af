"""Patients of an arm that reports every event time: only censoring is left to place."""

from __future__ import annotations

import numpy as np

from ..studies import FollowUp
from .constraints import ArmConstraints
from .pseudo_ipd import FloatArray, WholePatients

__all__ = ["lists_only_events", "place_censored", "unlisted_events"]


def lists_only_events(arm: ArmConstraints) -> bool:
    """Say whether an arm reports its event times (or that it has none) and no curve."""
    return arm.all_events_listed and all(k.aim is None and k.at_risk is None for k in arm.knots)


def unlisted_events(arm: ArmConstraints) -> list[str]:
    """Say how events are placed whose times are not reported, where others' are."""
    listed = sum(knot.events for knot in arm.knots)
    if arm.events is None or not 0 < listed < arm.events:
        return []
    return [
        f"the times of {listed} of {arm.events} events are reported; the other "
        f"{arm.events - listed} are placed along the expected course"
    ]


def place_censored(arm: ArmConstraints, follow_up: FollowUp | None) -> tuple[WholePatients, str]:
    """Place the event-free patients of an arm so that its reported follow-up holds.

    Returns
    -------
    patients : WholePatients
        The reported events, and everybody else censored.
    assumption : str
        How the reported follow-up was read.

    Notes
    -----
    Papers rarely say whose median follow-up they report. The patients at the middle rank of all
    patients, of the event-free ones, and between those two, are all placed at the reported median,
    so that it holds whether it was taken over everybody, over the event-free, or by reversing the
    Kaplan-Meier estimate.
    """
    events = np.repeat(
        [k.time for k in arm.knots if k.events], [k.events for k in arm.knots if k.events]
    )
    count = arm.n - events.size
    start = arm.first_time or 0.0
    median = (
        follow_up.median.value if follow_up is not None and follow_up.median is not None else None
    )
    if median is None or count < 4:
        censored = _evenly(start, arm.last_time, count)
        assumption = "event-free patients are censored evenly over the follow-up range"
    else:
        censored = _around_median(
            events, count=count, start=start, median=median, end=arm.last_time
        )
        assumption = (
            "event-free patients are censored evenly on either side of the median follow-up of "
            f"{median:g}, which holds over all patients, over the event-free and by reverse "
            "Kaplan-Meier"
        )
    time = np.concatenate([events, censored])
    event = np.arange(time.size) < events.size
    return WholePatients.in_order(time, event), assumption


def _evenly(start: float, end: float, count: int) -> FloatArray:
    """Spread times from start to end, both ends taken; from just after 0 if nothing is shorter."""
    if count <= 1:
        return np.full(count, end)
    first = start if start > 0 else end / count
    return np.linspace(first, end, count)


def _around_median(
    events: FloatArray, *, count: int, start: float, median: float, end: float
) -> FloatArray:
    earlier = int(np.sum(events < median))
    everybody = count + events.size
    middles = {
        (everybody - 1) // 2 - earlier,
        everybody // 2 - earlier,
        (count - 1) // 2,
        count // 2,
    }
    low = min(max(min(middles), 1), count - 2)
    high = min(max(max(middles), low), count - 2)
    first = start if start > 0 else median / (low + 1)
    return np.concatenate(
        [
            np.linspace(first, median, low + 1)[:-1],
            np.full(high - low + 1, median),
            np.linspace(median, end, count - high)[1:],
        ]
    )
