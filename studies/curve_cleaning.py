"""The points of a curve: repairs, each counted, their limits, and what kind of points they are.

Throughout, `times` and `heights` are float arrays of one shape (k,), the points of one curve:
times in any unit, heights as fractions once percentages have been divided by 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .errors import CurveFault
from .fields import MAX_TIME
from .reading_error import NARROW, ReadingError, decimals_of, edges_in_order, reading_error

__all__ = ["CleanedPoints", "are_percentages", "are_samples", "cleaned", "evenly_spaced"]

FloatArray = npt.NDArray[np.float64]
Points = tuple[FloatArray, FloatArray]  # times and heights

LARGEST_RISE = 0.05  # of survival, that jitter of the hand explains
OFF_AXIS = 0.02  # of either axis, by which a click may miss it
SAME = 1e-12  # of survival, by which heights differ only in floating point
LEAST_SHOWN = 0.0001  # of survival, of a move that is written with four decimals
LOWEST_START = 0.65  # survival at the first point, if none is at time 0
LOWEST_AT_ZERO = 0.98
TREMBLE = 0.01  # of the time axis, by which a click may step back
PERCENT_FROM = 1.5  # a height above this can only be a percentage
NAMED = 3  # points that a message names
EVEN = 0.02  # relative spread of the distances between evenly spaced times
MOSTLY_EVEN = 0.9  # of the distances, where some points are missing, or left out, or hidden
MOST_POINTS = 20_000  # more than a figure has columns of pixels


@dataclass(frozen=True, kw_only=True, eq=False)
class CleanedPoints:
    """The points of a curve after every repair.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Increasing, positive.
    survival : ndarray of float, shape (k,)
        Fractions from 0 to 1 that do not rise.
    error : ReadingError
        By how much they may be off, judged by how they scatter.
    levelled : bool
        Whether some had to be levelled because they rose.
    uppers : int
        Upper ends of edges that were left out.
    repairs : tuple of str
        What was put right, a sentence each.
    """

    time: FloatArray
    survival: FloatArray
    error: ReadingError
    levelled: bool
    uppers: int
    repairs: tuple[str, ...]


def cleaned(
    time: Sequence[float], survival: Sequence[float], *, both_ends: bool = False
) -> CleanedPoints:
    """Put the points of a curve right.

    Parameters
    ----------
    time, survival : sequence of float, length k from 2 to 20 000
        Points in any order; survival as fractions or as percentages.
    both_ends : bool
        Whether the upper ends of leaning edges are kept, as heights of their own.

    Raises
    ------
    CurveFault
        If they are no pairs of numbers, or would need too large a repair; the message names points.
    """
    times, heights = _checked(time, survival)
    repairs: list[str] = []
    heights = _as_fractions(times, heights, repairs)
    times, heights = _on_axes(times, heights, repairs)
    times, heights = _in_order(times, heights, repairs)
    _check_start(times, heights)
    clicked = times.size
    times, heights = _one_height_each(times, heights, repairs)
    error = reading_error(times, heights)
    if not both_ends:
        times, heights = _one_point_an_edge(times, heights, repairs)
    uppers = clicked - times.size
    heights = _edges_in_order(times, heights, repairs)
    heights, levelled = _never_rising(times, heights, repairs)
    times, heights = _started_at_one(times, heights, repairs)
    return CleanedPoints(
        time=times, survival=heights, error=error, levelled=levelled, uppers=uppers,
        repairs=tuple(repairs),
    )  # fmt: skip


def are_percentages(survival: Sequence[float]) -> bool:
    """Say whether heights can only be percentages."""
    return max(survival) > PERCENT_FROM


def _note(repairs: list[str], number: int, what: str) -> None:
    """Add to the repairs what was done to so many points, if there are any."""
    if number:
        repairs.append(f"{count(number, 'point was', 'points were')} {what}.")


def _numbers(values: Sequence[float], name: str) -> FloatArray:
    """Return values as an array; refuse words, and dates, which would be nanoseconds."""
    found = np.asarray(values)
    if found.dtype.kind in "mMc":
        raise CurveFault(f"`{name}` must be numbers, but has {found.dtype}")
    try:
        return found.astype(float)
    except (TypeError, ValueError) as error:
        raise CurveFault(f"`{name}` must be numbers: {error}") from None


def _checked(time: Sequence[float], survival: Sequence[float]) -> Points:
    times, heights = _numbers(time, "time"), _numbers(survival, "survival")
    for name, found in (("time", times), ("survival", heights)):
        if found.ndim != 1:
            raise CurveFault(f"`{name}` must be one list of numbers")
    if times.size != heights.size:
        raise CurveFault(
            f"{count(times.size, 'time does', 'times do')} not go with "
            f"{count(heights.size, 'height')}"
        )
    if times.size < 2:
        raise CurveFault(f"{count(times.size, 'point')} cannot be a curve; at least two are needed")
    if times.size > MOST_POINTS:
        raise CurveFault(
            f"{times.size} points are more than a figure shows; keep the drops of the curve, or "
            f"at most {MOST_POINTS} points"
        )
    bad = np.flatnonzero(~(np.isfinite(times) & np.isfinite(heights)))
    if bad.size:
        raise CurveFault(f"point {bad[0] + 1} is not a pair of numbers")
    if times.max() > MAX_TIME:
        raise CurveFault(f"a time of {times.max():g} is not possible: at most {MAX_TIME} is")
    return times, heights


def _points(times: FloatArray, heights: FloatArray, rows: npt.NDArray[np.intp]) -> str:
    """Name the first few of some points."""
    named = ", ".join(f"({times[row]:g}, {heights[row]:g})" for row in rows[:NAMED])
    return named + (f" and {rows.size - NAMED} more" if rows.size > NAMED else "")


def _as_fractions(times: FloatArray, heights: FloatArray, repairs: list[str]) -> FloatArray:
    """Divide percentages by 100, if percentages they all are.

    A point as low as 1% is one of them unless the curve is far higher after it: clearly after, as
    clicks along a steep last fall step back in time by a trembling hand.
    """
    if heights.max() <= PERCENT_FROM:
        return heights
    order = np.argsort(times, kind="stable")
    early = heights[order]
    low = (early > 0) & (early <= 1.0)
    after = np.searchsorted(times[order], times[order] + TREMBLE * float(times.max()), side="right")
    highest = np.append(np.maximum.accumulate(early[::-1])[::-1], 0.0)
    later = highest[np.maximum(after, np.arange(early.size) + 1)]
    mixed = low & (later > early + 100 * LARGEST_RISE)
    # from 90 to 0.85, and on in fractions, is no fall; from 42 to 0.5 it can be none but one
    before = np.concatenate([[0.0], early[:-1]])
    fallen = low & (before > 20.0) & (early <= before / 100 + LARGEST_RISE)
    if mixed.any() or (fallen.any() and low.sum() > 1):
        rows = order[np.flatnonzero(mixed | fallen)]
        raise CurveFault(
            f"heights mix percentages and fractions: {_points(times, heights, rows)} beside "
            f"{heights.max():g}; write all of them either way"
        )
    repairs.append("heights are percentages and were divided by 100.")
    return np.asarray(heights / 100.0)


def _on_axes(times: FloatArray, heights: FloatArray, repairs: list[str]) -> Points:
    """Move clicks that miss an axis by little onto it."""
    room = OFF_AXIS * float(times.max())
    off = np.flatnonzero((times < -room) | (heights > 1 + OFF_AXIS) | (heights < -OFF_AXIS))
    if off.size:
        lie = "lies" if off.size == 1 else "lie"
        raise CurveFault(
            f"{_points(times, heights, off)} {lie} outside the axes, where time is at least 0 and "
            "survival from 0 to 1 (or 0 to 100%)"
        )
    moved = int(((times < 0) | (heights > 1) | (heights < 0)).sum())
    _note(repairs, moved, "just outside the axes and moved onto them")
    return np.maximum(times, 0.0), np.clip(heights, 0.0, 1.0)


def _in_order(times: FloatArray, heights: FloatArray, repairs: list[str]) -> Points:
    """Put points in order of time.

    Clicks along a steep stretch step back in time by a trembling hand. They are in the right order
    if survival rises less in it than in the order of time, and then times are levelled instead.
    """
    late = int((np.diff(times) < 0).sum())
    order = np.lexsort((-heights, times))  # at one time the curve falls
    if not late:
        return times[order], heights[order]
    back = float((np.maximum.accumulate(times) - times).max())
    trembling = back <= TREMBLE * float(times.max())
    if trembling and _rise(heights) < _rise(heights[order]):
        from scipy.optimize import isotonic_regression

        _note(repairs, late, f"back in time by up to {back:.3g} and levelled")
        return np.asarray(isotonic_regression(times).x), heights
    _note(repairs, late, "out of order in time and sorted")
    return times[order], _edge_as_clicked(times[order], heights[order], order, repairs)


def _edge_as_clicked(
    times: FloatArray, heights: FloatArray, order: npt.NDArray[np.intp], repairs: list[str]
) -> FloatArray:
    """Put two clicks beside a high edge back in the order in which they were made.

    Sorted by time the lower of them comes first if the hand trembled, and the curve would rise.
    """
    close = np.diff(times) <= TREMBLE * float(times.max())
    swapped = close & (np.diff(heights) > LARGEST_RISE) & (np.diff(order) == -1)
    if not swapped.any():
        return heights
    first = np.flatnonzero(swapped)
    edges = "a high edge" if first.size == 1 else count(first.size, "high edge")
    repairs.append(f"two points beside {edges} were put in the order in which they were clicked.")
    ordered = heights.copy()
    ordered[first], ordered[first + 1] = heights[first + 1], heights[first]
    return ordered


def _rise(heights: FloatArray) -> float:
    """Return how much heights go up in all."""
    return float(np.maximum(np.diff(heights), 0.0).sum())


def _check_start(times: FloatArray, heights: FloatArray) -> None:
    """Refuse a curve that does not start near 1: at one of the clicks beside its first."""
    top = float(heights[times <= times[0] + TREMBLE * times.max()].max())
    lowest = LOWEST_AT_ZERO if times[0] == 0 else LOWEST_START
    if top < lowest:
        raise CurveFault(
            f"survival starts at {top:g} at time {times[0]:g}, and a survival curve starts at 1 "
            "at time 0; add its first points, or plot 1 - cumulative incidence"
        )


def _one_height_each(times: FloatArray, heights: FloatArray, repairs: list[str]) -> Points:
    """Keep the lowest point of every time: the curve's height after it has fallen there."""
    last = np.concatenate([times[1:] != times[:-1], [True]])
    repeated = int((~last).sum())
    _note(repairs, repeated, "above another at the same time; the lowest was kept")
    return times[last], heights[last]


def _one_point_an_edge(times: FloatArray, heights: FloatArray, repairs: list[str]) -> Points:
    """Leave out the upper corners of a staircase whose edges were not clicked quite upright."""
    upper = _upper_corners(times, heights)
    where = "at the upper end of a nearly vertical edge"
    _note(repairs, int(upper.sum()), f"{where} and left out; the curve falls where the edge ends")
    return times[~upper], heights[~upper]


def _started_at_one(times: FloatArray, heights: FloatArray, repairs: list[str]) -> Points:
    """Leave the start to be 1 at time 0, as it always is."""
    if times[0] > 0:
        repairs.append("the start of the curve, survival 1 at time 0, was added.")
    elif heights[0] < 1:
        repairs.append(f"the height at time 0, {heights[0]:g}, was taken for 1.")
    times, heights = times[times > 0], heights[times > 0]
    if times.size == 0:
        raise CurveFault("no point lies after time 0; a curve needs at least one")
    return times, heights


def _never_rising(
    times: FloatArray, heights: FloatArray, repairs: list[str]
) -> tuple[FloatArray, bool]:
    """Level small rises by isotonic regression, and say whether there were any."""
    rise = heights - np.minimum.accumulate(heights)
    large = np.flatnonzero((rise > LARGEST_RISE) & ~_clicked_late(times, heights))
    if large.size:
        raise CurveFault(
            f"survival rises by {rise.max():.3f} at {_points(times, heights, large)}, and a "
            f"survival curve cannot; rises of up to {LARGEST_RISE} are levelled as jitter"
        )
    if not (rise > SAME).any():
        return np.minimum.accumulate(heights), False
    from scipy.optimize import isotonic_regression

    level = np.asarray(isotonic_regression(heights, increasing=False).x)
    moved = np.abs(level - heights)
    changed, largest = int((moved > SAME).sum()), float(moved.max())
    if changed == 0:
        return np.minimum.accumulate(heights), False
    size = f"{largest:.4f}" if largest >= LEAST_SHOWN else f"{largest:.1g}"
    _note(repairs, changed, f"moved by up to {size} so that survival never rises")
    return level, True


def _edges_in_order(times: FloatArray, heights: FloatArray, repairs: list[str]) -> FloatArray:
    """Put the heights along nearly vertical edges in order."""
    ordered = edges_in_order(times, heights)
    moved = int((np.abs(ordered - heights) > SAME).sum())
    _note(repairs, moved, "out of order along a nearly vertical edge")
    return ordered


def _clicked_late(times: FloatArray, heights: FloatArray) -> npt.NDArray[np.bool_]:
    """Say which points are too high for their time only because they were clicked a little late.

    On a steep stretch a click that is off in time is far off in height: it is excused if the curve
    was as high as the point shortly before.
    """
    shortly_before = np.searchsorted(times, times - OFF_AXIS * times[-1], side="left")
    lowest_until = np.concatenate([[1.0], np.minimum.accumulate(heights)])[shortly_before]
    return np.asarray(heights <= lowest_until + LARGEST_RISE)


FLAT = 0.006  # of survival: a tread is level to within it
REGULAR = 0.8  # of the points after an edge are at the end of a tread, and the other way round
FEWEST_EDGES = 3
LOWEST_EDGE = 0.004  # of survival: nobody clicks both ends of a lower one
STEEP = 3.0  # an edge falls so many times further than a tread's ends differ
LEVEL = 0.2  # of the treads do not fall: heights of drops alone always would


def _upper_corners(time: FloatArray, survival: FloatArray) -> npt.NDArray[np.bool_]:
    """Find the upper ends of edges that lean a little, because they were clicked by hand.

    There are none unless treads and edges alternate nearly throughout, as they do when every
    corner was clicked and hardly ever otherwise.
    """
    none = np.zeros(time.size, dtype=bool)
    if time.size < 2 * FEWEST_EDGES:
        return none
    width, fall = np.diff(time), -np.diff(survival)
    narrow = width <= NARROW * time[-1]
    edge = narrow & (fall > 0) & (fall > np.abs(_beside(fall)))
    tread = ~edge & (np.abs(fall) <= FLAT)
    pairs = (edge[:-1] & tread[1:]) | (tread[:-1] & edge[1:])
    if edge.sum() < FEWEST_EDGES or pairs.mean() < REGULAR:
        return none
    if np.median(fall[edge]) < max(LOWEST_EDGE, STEEP * np.median(np.abs(fall[tread]))):
        return none
    if np.mean(fall[tread] <= 0) < LEVEL:
        return none
    return np.concatenate([edge, [False]])


def _beside(fall: FloatArray) -> FloatArray:
    """Return, for each stretch, how far the curve goes down or up in the flatter one beside it."""
    size = np.pad(np.abs(fall), 1, constant_values=np.inf)
    return np.asarray(np.minimum(size[:-2], size[2:]))


def are_samples(times: FloatArray, heights: FloatArray) -> bool:
    """Say whether points are heights at other times than the drops of the curve.

    Evenly spaced times, but for a few gaps, are samples, and heights that fall at most points are
    drops.

    Parameters
    ----------
    times, heights : ndarray of float, shape (k,)
        As `cleaned` returns them.
    """
    falls = -np.diff(heights, prepend=1.0)
    fallen = np.flatnonzero(falls > 1e-12)
    before_last = falls[: fallen[-1]] if fallen.size else falls[:0]  # a flat tail says nothing
    if evenly_spaced(times, mostly=not np.all(before_last > 1e-12)):
        return True
    share = float((before_last > 1e-12).mean()) if before_last.size else 1.0
    decimals = decimals_of(heights)
    # drops smaller than the last decimal show as points of equal height
    unresolved = (
        decimals is not None
        and fallen.size > 0
        and np.median(falls[fallen]) <= 2.01 * 10.0**-decimals
    )
    return not (share >= 0.5 or unresolved)


def evenly_spaced(times: FloatArray, *, mostly: bool = False) -> bool:
    """Say whether the distances between points are the same, or nearly all of them are."""
    gaps = np.diff(times)
    if gaps.size <= 3:
        return False
    usual = float(np.median(gaps))
    even = np.abs(gaps - usual) <= EVEN * usual
    return bool(even.mean() >= (MOSTLY_EVEN if mostly else 1.0))
