"""Times recorded in whole units, inferred from where sampled curves fall.

Weeks of a small trial, or months of a registry: events then share a few times, and a curve that is
sampled more finely than that falls between two samples only where one of these times lies. Its
samples say as much as its drops, which place every event exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ...studies import DigitisedCurve

__all__ = ["UNITS", "drops_at_whole_times", "recorded_unit"]

# Times are recorded in whole units of one of these, in the study's time unit.
UNITS = (1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001)
BY_CHANCE = 1e-4  # probability up to which falls are not taken to meet whole units by chance
SAME = 1e-9

Whole = npt.NDArray[np.int64]


def recorded_unit(curves: Sequence[DigitisedCurve]) -> float | None:
    """Return the unit that all falls of the sampled curves agree with, or None.

    Parameters
    ----------
    curves : sequence of DigitisedCurve
        All curves of an endpoint; those read as steps are left aside.

    Returns
    -------
    float or None
        The largest unit of which a multiple lies in every gap in which a curve falls, if so many
        falls would not all meet one by chance.
    """
    sampled = [curve for curve in curves if curve.kind == "samples"]
    for unit in UNITS:
        holds = [_whole(curve, unit)[1:] > _whole(curve, unit)[:-1] for curve in sampled]
        falls = [_falls(curve) for curve in sampled]
        if not any(fall.any() for fall in falls):
            return None
        meeting, falling = np.concatenate(holds), np.concatenate(falls)
        if meeting[falling].all():
            chance = float(meeting.mean()) ** int(falling.sum())
            return unit if chance < BY_CHANCE else None
    return None


def drops_at_whole_times(
    curve: DigitisedCurve, n: int, unit: float | None
) -> DigitisedCurve | None:
    """Return a sampled curve's drops at whole multiples of a unit.

    Returns
    -------
    DigitisedCurve or None
        None if the curve was not sampled, there is no unit, several multiples lie in one gap, or
        one of `n` patients is too few for every event to be seen.
    """
    if unit is None or curve.kind != "samples" or 1.0 / n < 2 * curve.tolerance:
        return None
    whole = _whole(curve, unit)
    places = np.flatnonzero(_falls(curve))
    if places.size == 0 or (np.diff(whole)[places] != 1).any():
        return None
    times = whole[places + 1] * unit
    heights = np.array(curve.survival)[places]
    if times[-1] < curve.last_time:
        times, heights = np.append(times, curve.last_time), np.append(heights, heights[-1])
    return replace(
        curve,
        time=tuple(times.tolist()),
        survival=tuple(heights.tolist()),
        is_drop=tuple((np.arange(times.size) < places.size).tolist()),
        kind="steps",
        tolerances=(),
        sds=(),
        time_sd=0.0,
    )


def _whole(curve: DigitisedCurve, unit: float) -> Whole:
    """Count the whole units up to 0 and to every sample."""
    return np.floor(np.array([0.0, *curve.time]) / unit + SAME).astype(np.int64)


def _falls(curve: DigitisedCurve) -> npt.NDArray[np.bool_]:
    """Say in which gaps, the first from 0, the curve falls by more than reading it explains."""
    return np.asarray(-np.diff([1.0, *curve.survival]) > 2 * curve.tolerance)
