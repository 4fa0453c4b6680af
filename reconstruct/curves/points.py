"""The points of a digitised curve: drops or heights, at times recorded in whole units or exactly.

Which of the two points are is recognised from how they fall and from numbers of patients. Where the
patients then show that it was wrong, the other way is tried.

Weeks of a small trial, or months of a registry: events then share a few times, and a curve that is
sampled more finely than that falls between two samples only where one of these times lies. Its
samples say as much as its drops, which place every event exactly.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...presentation.formats import count, with_unit
from ...studies import DigitisedCurve, Endpoint
from ...studies.curve_reading import with_level_ends
from ...studies.fields import ReadOnlyDict
from ..pseudo_ipd import BoolArray, IntArray, WholePatients

__all__ = [
    "CALENDAR",
    "FINEST",
    "SEVERAL",
    "UNITS",
    "WHOLE",
    "WholeTimes",
    "drops_at_whole_times",
    "misread",
    "other_kinds",
    "readings_tried",
    "recorded_unit",
    "resolution",
    "unit_of_drops",
]

# Of the points, that are missed if they are read wrongly; else a search misses up to an eighth.
MISREAD = 0.2


def other_kinds(endpoint: Endpoint, names: Sequence[str]) -> Iterator[Endpoint]:
    """Yield an endpoint with the curves of single arms, then of all, read the other way.

    Parameters
    ----------
    endpoint : Endpoint
    names : sequence of str
        Arms that are asked about. Curves whose kind was stated stay as they are.
    """
    found = {}
    for name in names:
        curve = endpoint.arms[name].curve
        other = None if curve is None else _other(curve)
        if other is not None:
            found[name] = other
    for name in found:
        yield _with_curves(endpoint, {name: found[name]})
    if len(found) > 1:
        yield _with_curves(endpoint, found)


def _other(curve: DigitisedCurve) -> DigitisedCurve | None:
    if curve.kind_stated:
        return None
    other = curve.if_samples if curve.kind == "steps" else curve.if_steps
    if other is None:
        return None
    read, instead = ("drops", "heights") if curve.kind == "steps" else ("heights", "drops")
    said = f"points were read as {instead}, as they explain less as {read}."
    kept = tuple(repair for repair in other.repairs if not repair.startswith("points were read as"))
    return replace(other, repairs=(*kept, said))


def _with_curves(endpoint: Endpoint, curves: dict[str, DigitisedCurve]) -> Endpoint:
    """Return the endpoint with some curves exchanged, level to the end where drops are last."""
    every = {name: arm.curve for name, arm in endpoint.arms.items() if arm.curve is not None}
    rows = {name: endpoint.arms[name].at_risk for name in every}
    ended = with_level_ends(every | curves, rows)
    arms = {
        name: arm.model_copy(update={"curve": ended[name]}) if name in curves else arm
        for name, arm in endpoint.arms.items()
    }
    return endpoint.model_copy(update={"arms": ReadOnlyDict(arms)})


def misread(endpoint: Endpoint, misses: Mapping[str, int]) -> list[str]:
    """Name the arms whose patients miss much of the curve."""
    points = {name: len(arm.curve.time) for name, arm in endpoint.arms.items() if arm.curve}
    return [name for name, count in points.items() if misses[name] > MISREAD * count]


def readings_tried(endpoint: Endpoint) -> str:
    """Say how the points of each curve were read, and which option reads them otherwise."""
    said = []
    for name, arm in endpoint.arms.items():
        if arm.curve is not None:
            steps = arm.curve.kind == "steps"
            read, other = ("its drops", "samples") if steps else ("heights", "steps")
            stated = ", as stated" if arm.curve.kind_stated else ""
            said.append(f'of {name} as {read}{stated} (kind = "{other}" reads them otherwise)')
    return f"points were read: {', '.join(said)}" if said else ""


def curve_assumptions(curve: DigitisedCurve, *, at_whole: bool) -> list[str]:
    """Say how the points of a curve were read, and how they were repaired."""
    read = "its drops, with one event at least wherever it falls"
    if curve.kind == "samples":
        read = "heights"
    if at_whole:
        read = "heights between drops at whole times, since it falls around those only"
    low, high = (f"{100 * width:.3g}" for width in (min(curve.widths), max(curve.widths)))
    width = f"within {high} points" if low == high else f"within {low} to {high} points"
    return [
        f"the {len(curve.time)} points of the digitised curve were read as {read}, each "
        f"{width} ({curve.tolerance_source})",
        *(f"digitised curve: {repair.removesuffix('.')}" for repair in curve.repairs),
    ]


def last_of_curve(
    curve: DigitisedCurve, unit: str, patients: WholePatients, *, may_go_on: bool
) -> str:
    """Say when the last patient leaves, whether the curve ends there, and who may be left.

    Parameters
    ----------
    curve : DigitisedCurve
    unit : str
    patients : WholePatients
        Of its arm.
    may_go_on : bool
        Whether nothing that is reported says that they are followed no longer.
    """
    last = float(patients.time[-1])
    left = int(np.sum(~patients.event & (patients.time == last)))
    at = with_unit(last, unit)
    if may_go_on and left >= SEVERAL:
        return (
            f"the last {count(left, 'patient')} are censored at {at}, where the curve ends; draws "
            "follow them for longer where that is plausible, as the reported analysis may have"
        )
    if np.isclose(last, curve.last_time, rtol=1e-9):
        return f"the last patient leaves at {at}, where the curve ends"
    where = "after" if last > curve.last_time else "before"
    return (
        f"the last patient leaves at {at}, {where} the end of the curve at "
        f"{with_unit(curve.last_time, unit)}"
    )


SEVERAL = 2  # patients at risk at the end of a curve: one is there where it ends by itself

# Times are recorded in whole units of one of these, in the study's time unit.
UNITS = (1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001)
DAYS_OF_MONTH, DAYS_OF_YEAR = 30.4375, 365.25
# A week or a day in months, and a month, a week or a day in years.
CALENDAR = (7 / DAYS_OF_MONTH, 1 / DAYS_OF_MONTH, 1 / 12, 7 / DAYS_OF_YEAR, 1 / DAYS_OF_YEAR)
BY_CHANCE = 1e-4  # probability up to which falls are not taken to be at whole units by chance
SAME = 1e-9
NEAR = 1e-6  # of a unit, by which a time is still a whole one
FEWEST_DROPS, PARTS, WHOLE = 5, (1, 2, 3, 4), 2e-3  # that show in which unit times were recorded
FINEST = 0.02  # of the usual distance between drops, if times are recorded in no whole units

Times = npt.NDArray[np.float64]
Whole = IntArray


@functools.lru_cache(maxsize=8)  # each arm of an endpoint asks for that of all its curves
def recorded_unit(curves: tuple[DigitisedCurve, ...]) -> float | None:
    """Return the unit that all falls of the sampled curves agree with, or None.

    Parameters
    ----------
    curves : tuple of DigitisedCurve
        All curves of an endpoint; those read as steps are left aside.

    Returns
    -------
    float or None
        The largest unit of which a multiple lies in every gap in which a curve falls, if so many
        falls would not all be at one by chance.
    """
    sampled = [curve for curve in curves if curve.kind == "samples"]
    times = [np.array([0.0, *curve.time]) for curve in sampled]
    for falls in _possible_falls(sampled):
        falling = np.concatenate(falls)
        for unit in sorted({*UNITS, *CALENDAR}, reverse=True):
            meeting = np.concatenate([np.diff(_whole(each, unit)) > 0 for each in times])
            if not meeting[falling].all():
                continue
            if float(meeting.mean()) ** int(falling.sum()) < BY_CHANCE:
                return unit
            break
    return None


def _possible_falls(sampled: Sequence[DigitisedCurve]) -> Iterator[list[BoolArray]]:
    """Yield where curves fall: at all, which is so if heights are rounded; and beyond jitter."""
    for least in (SAME, None):
        falls = [_falls(curve, least) for curve in sampled]
        if any(fall.any() for fall in falls):
            yield falls


def unit_of_drops(drops: Times) -> float | None:
    """Return the unit of which the times of all drops are multiples, or None.

    Parameters
    ----------
    drops : ndarray of float, shape (k,)
        Times, increasing.
    """
    if drops.size < FEWEST_DROPS:
        return None
    smallest = float(np.diff(drops, prepend=0.0).min())
    usual = sorted({1.0, *CALENDAR}, reverse=True)
    for unit in (*usual, *(smallest / part for part in PARTS)):
        whole = np.rint(drops / unit)
        unit = float(drops @ whole / max(float(whole @ whole), 1.0))
        if unit > 0 and np.abs(drops / unit - whole).max() < WHOLE:
            return unit
    return None


def resolution(time: Times) -> float:
    """Return the unit in which times were recorded: the largest that they are all multiples of.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
        Increasing.

    Returns
    -------
    float
        In the unit of the times; 0 without any.
    """
    if time.size == 0:
        return 0.0
    for unit in UNITS:
        if np.all(np.abs(time / unit - np.rint(time / unit)) < 1e-6):
            return unit
    return FINEST * float(np.median(np.diff(time, prepend=0.0)))


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
    whole = _whole(np.array([0.0, *curve.time]), unit)
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


def _whole(time: Times, unit: float) -> Whole:
    """Count the whole units up to every time."""
    return np.floor(time / unit + SAME).astype(np.int64)


def _falls(curve: DigitisedCurve, least: float | None = None) -> BoolArray:
    """Say in which gaps, the first from 0, the curve falls by more than reading it explains."""
    least = 2 * curve.tolerance if least is None else least
    return np.asarray(-np.diff([1.0, *curve.survival]) > least)


@dataclass(frozen=True, kw_only=True, eq=False)
class WholeTimes:
    """Which of the whole units in which times were recorded are in each gap of a sampled curve.

    Attributes
    ----------
    unit : float
    events, censorings : ndarray of int, shape (knots + 1,)
        Whole units up to the start of the first gap and to the end of each. An event at the time
        of a height is before it and one at the time of an at-risk row after it, where censorings
        at either are.
    """

    unit: float
    events: Whole
    censorings: Whole

    @classmethod
    def of(cls, time: Times, is_row: BoolArray, unit: float) -> WholeTimes:
        """Count the whole units up to knots.

        Parameters
        ----------
        time : ndarray of float, shape (knots,)
        is_row : ndarray of bool, shape (knots,)
            True for at-risk rows, False for heights.
        unit : float
        """
        up_to = np.floor(time / unit + NEAR).astype(np.int64)
        before = np.maximum(np.ceil(time / unit - NEAR).astype(np.int64) - 1, 0)
        return cls(
            unit=unit,
            events=np.concatenate([[0], np.where(is_row, before, up_to)]),
            censorings=np.concatenate([[0], before]),
        )

    def lumped(self, rate: Times) -> Times:
        """Give the censorings of gaps without a whole unit to the next gap that has one.

        Parameters
        ----------
        rate : ndarray of float, shape (rows, knots)
        """
        return lumped(rate, np.diff(self.censorings) > 0)


def lumped(rate: Times, holds: BoolArray) -> Times:
    """Add what is in the columns before to every column that holds something, shape (rows, k)."""
    found = np.zeros_like(rate)
    found[:, holds] = np.diff(np.cumsum(rate, axis=1)[:, holds], axis=1, prepend=0.0)
    return found
