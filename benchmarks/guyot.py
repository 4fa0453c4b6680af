"""The published reconstruction of patients from a digitised curve, as a yardstick.

Guyot P, Ades AE, Ouwens MJNM, Welton NJ. Enhanced secondary analysis of survival data:
reconstructing the data from published Kaplan-Meier survival curves. BMC Med Res Methodol 2012;12:9,
with the preparation of points of Liu N, Zhou Y, Lee JJ. IPDfromKM: reconstruct individual patient
data from published Kaplan-Meier survival curves. BMC Med Res Methodol 2021;21:111. Written from the
papers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["published"]

FloatArray = npt.NDArray[np.float64]
Patients = tuple[FloatArray, npt.NDArray[np.bool_]]
MOST_ROUNDS = 1000  # of the search for the censorings of an interval


@dataclass(kw_only=True)
class _Arm:
    """Counts at the points of a curve: at risk before each, events at it, censored after it."""

    time: FloatArray
    survival: FloatArray
    at_risk: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    censored: npt.NDArray[np.int64]
    estimate: FloatArray

    def run(self, first: int, last: int, censored: int) -> int:
        """Spread censorings evenly over points first to last - 1; return who is left at `last`."""
        start, end = self.time[first], self.time[min(last, self.time.size - 1)]
        at = start + (np.arange(censored) + 0.5) * (end - start) / max(censored, 1)
        edges = np.append(self.time[first:last], np.inf)
        self.censored[first:last] = np.histogram(at, bins=edges)[0] if censored else 0
        left = int(self.at_risk[first])
        before = float(self.estimate[first - 1]) if first else 1.0
        for place in range(first, last):
            self.at_risk[place] = left
            wanted = left * (1.0 - self.survival[place] / before) if before > 0 else 0.0
            deaths = min(max(int(np.rint(wanted)), 0), left) if place else 0
            self.events[place] = deaths
            before = before * (1.0 - deaths / left) if left else before
            self.estimate[place] = before
            self.censored[place] = min(self.censored[place], left - deaths)
            left -= deaths + int(self.censored[place])
        return left


def published(
    points: tuple[FloatArray, FloatArray],
    n: int,
    *,
    at_risk: Mapping[float, int] | None = None,
    events: int | None = None,
) -> Patients:
    """Reconstruct the patients of one arm as the paper does.

    Parameters
    ----------
    points : tuple of ndarray
        Times and heights as fractions, in any order.
    n : int
        Patients.
    at_risk : mapping of float to int, optional
        Numbers at risk by time.
    events : int, optional
        Events in total.
    """
    time, survival = _prepared(points)
    rows = {0.0: n} | {row: count for row, count in (at_risk or {}).items() if 0 < row < time[-1]}
    starts = np.searchsorted(time, list(rows), side="left")
    counts = list(rows.values())
    zeros = np.zeros(time.size, dtype=np.int64)
    arm = _Arm(
        time=time,
        survival=survival,
        at_risk=zeros.copy(),
        events=zeros.copy(),
        censored=zeros.copy(),
        estimate=np.ones(time.size),
    )
    lost = []
    for place in range(len(counts) - 1):
        first, last = int(starts[place]), int(starts[place + 1])
        arm.at_risk[first] = counts[place]
        lost.append(_interval(arm, first, last, counts[place], counts[place + 1]))
    _last(arm, int(starts[-1]), counts, lost=lost, rows=list(rows), events=events)
    return _patients(arm)


def _prepared(points: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Sort points, start at (0, 1), and let survival never rise."""
    time, survival = points
    order = np.lexsort((-survival, time))
    time = np.concatenate([[0.0], np.maximum(time[order], 0.0)])
    survival = np.minimum.accumulate(np.concatenate([[1.0], np.clip(survival[order], 0.0, 1.0)]))
    kept = np.append(np.diff(time) > 0, True)  # the lower of points at one time
    kept[0] = True
    return time[kept], survival[kept]


def _interval(arm: _Arm, first: int, last: int, now: int, then: int) -> int:
    """Find the censorings of one interval with which as many are left as the next row says."""
    if last <= first:
        return 0
    before = arm.survival[first] if arm.survival[first] > 0 else 1.0
    censored = max(int(np.rint(now * arm.survival[last] / before - then)), 0)
    for _ in range(MOST_ROUNDS):
        surplus = arm.run(first, last, censored) - then
        if surplus == 0 or (surplus < 0 and censored == 0):
            break
        censored = min(max(censored + surplus, 0), now)
    return censored


def _last(
    arm: _Arm,
    first: int,
    counts: list[int],
    *,
    lost: list[int],
    rows: list[float],
    events: int | None,
) -> None:
    """Place the patients after the last row: at the usual rate, or as the events need."""
    last, left = arm.time.size, counts[-1]
    arm.at_risk[min(first, last - 1)] = left
    length = arm.time[-1] - rows[-1]
    rate = sum(lost) / rows[-1] if rows[-1] > 0 else 0.0
    censored = min(int(np.rint(rate * length)), left)
    arm.run(first, last, censored)
    if events is None:
        return
    for _ in range(MOST_ROUNDS):
        surplus = int(arm.events.sum()) - events
        if surplus == 0 or (surplus < 0 and censored == 0) or censored == left:
            break
        censored = min(max(censored + surplus, 0), left)
        arm.run(first, last, censored)


def _patients(arm: _Arm) -> Patients:
    """Give everybody a time: events at points, censorings in the middle of the gap after them."""
    after = np.append(arm.time[1:], arm.time[-1])
    middle = (arm.time + after) / 2
    gone = int(arm.events.sum() + arm.censored.sum())
    n = int(arm.at_risk[0])
    time = np.concatenate(
        [
            np.repeat(arm.time, arm.events),
            np.repeat(middle, arm.censored),
            np.full(max(n - gone, 0), arm.time[-1]),
        ]
    )
    event = np.arange(time.size) < arm.events.sum()
    return np.maximum(time, 1e-9), event
