"""How long patients were followed: the last time, dates as times, and those without an event."""

from __future__ import annotations

import datetime

import numpy as np

from ..studies import Arm, Endpoint, FollowUp
from ..studies.endpoint import DAYS_PER
from .pseudo_ipd import FloatArray

__all__ = [
    "EntryWindow",
    "end_together",
    "entry_window",
    "event_free_times",
    "is_closed",
    "last_time",
    "too_short",
]

TOGETHER = 0.002  # of a curve by which ends differ that are that of an axis

EntryWindow = tuple[float, float]


def _date(text: str, *, end_of_month: bool) -> datetime.date:
    """Read "2008-06" or "2008-06-15"; a month means its first or its last day."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return datetime.date(*parts)
    year, month = parts
    if not end_of_month:
        return datetime.date(year, month, 1)
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)


def entry_window(endpoint: Endpoint) -> EntryWindow | None:
    """Return the shortest and longest follow-up that the dates allow, or None without dates."""
    if endpoint.enrolment is None or endpoint.data_cutoff is None:
        return None
    first, last = endpoint.enrolment
    cutoff = _date(endpoint.data_cutoff, end_of_month=True)
    per = DAYS_PER[endpoint.time_unit]
    shortest = (cutoff - _date(last, end_of_month=True)).days / per
    longest = (cutoff - _date(first, end_of_month=False)).days / per
    return max(shortest, 0.0), longest


def last_time(endpoint: Endpoint, arm: Arm) -> tuple[float, str]:
    """Return when the last patient of an arm leaves, and where that comes from."""
    longest = _longest_reported(arm)
    if arm.curve is not None:
        rows = [time for time, count in arm.at_risk.items() if count > 0]
        rows += list(arm.censor_marks.time) if arm.censor_marks is not None else []
        return max([arm.curve.last_time, *rows, *([longest] if longest else [])]), "curve"
    if longest is not None:
        return longest, "printed"
    latest = max((_last_printed(other) for other in endpoint.arms.values()), default=0.0)
    window = entry_window(endpoint)
    if window is not None and window[1] > latest:
        return window[1], "dates"
    return latest, "last printed time"


def too_short(endpoint: Endpoint, time: float) -> float | None:
    """Return the longest follow-up that the dates allow, if a time is later by over a month."""
    window = entry_window(endpoint)
    month = DAYS_PER["months"] / DAYS_PER[endpoint.time_unit]
    return window[1] if window is not None and window[1] + month < time else None


def is_closed(endpoint: Endpoint, arm: Arm, end: float) -> bool:
    """Say whether an arm is known not to be followed beyond a time, the end of its curve.

    It counts as known, too, where later events would be part of a total that is shared with arms
    that have no curve, or events of their own.
    """
    window = entry_window(endpoint)
    if _longest_reported(arm) is not None or (window is not None and window[1] <= end):
        return True
    if arm.events is not None or endpoint.reported is None or endpoint.reported.events is None:
        return False
    return not all(other.curve and other.events is None for other in endpoint.arms.values())


def end_together(endpoint: Endpoint) -> bool:
    """Say whether the curves of all arms end at one time, as where an axis does."""
    curves = [arm.curve for arm in endpoint.arms.values()]
    ends = [curve.last_time for curve in curves if curve is not None]
    return len(ends) > 1 and max(ends) - min(ends) <= TOGETHER * max(ends)


def _longest_reported(arm: Arm) -> float | None:
    if arm.follow_up is None:
        return None
    longest = arm.follow_up.longest
    return None if longest is None else longest.value


def _last_printed(arm: Arm) -> float:
    """Return the last time at which an arm is known to have been followed."""
    times = [*arm.landmarks, *arm.at_risk, *arm.event_times]
    if arm.median is not None and arm.median.reached:
        times.append(arm.median.upper)
    elif arm.median is not None and arm.median_ci is not None and arm.median_ci[0].reached:
        times.append(arm.median_ci[0].value)  # the lower limit of the curve goes as far
    if arm.follow_up is not None:
        known = [
            arm.follow_up.median,
            arm.follow_up.max,
            *(arm.follow_up.iqr or ()),
            *(arm.follow_up.range or ()),
        ]
        times += [number.value for number in known if number is not None]
    return max(times, default=0.0)


def event_free_times(
    events: FloatArray, *, count: int, start: float, end: float, reported: FollowUp | None
) -> tuple[FloatArray, str]:
    """Say when the event-free patients of an arm are censored so that its follow-up holds.

    Parameters
    ----------
    events : ndarray of float, shape (d,)
        The times of all events, in order.
    count : int
        Patients without an event.
    start, end : float
        The first and the last time of follow-up; 0 if the first is not reported.
    reported : FollowUp or None

    Returns
    -------
    time : ndarray of float, shape (count,)
        In order.
    assumption : str
        How the reported follow-up was read.

    Notes
    -----
    Papers rarely say whose median follow-up they report. The patients at the middle rank of all
    patients, of the event-free ones, and between those two, are all placed at the reported median,
    so that it holds whether it was taken over everybody, over the event-free, or by reversing the
    Kaplan-Meier estimate.
    """
    median = reported.median.value if reported is not None and reported.median is not None else None
    if median is None or count < 4:
        assumption = "event-free patients are censored evenly over the follow-up range"
        return _evenly(start, end, count), assumption
    return _around_median(events, count=count, start=start, median=median, end=end), (
        "event-free patients are censored evenly on either side of the median follow-up of "
        f"{median:g}, which holds over all patients, over the event-free and by reverse "
        "Kaplan-Meier"
    )


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
