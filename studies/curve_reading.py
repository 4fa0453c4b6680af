"""Whether the points of a curve are its drops, judged by what numbers of patients allow.

A drop is at least one event, which takes survival S down by S/r where r are at risk, and r is at
most n S. A fall that is much smaller is jitter; more drops than patients leave cannot be; and a
fall of many events at one time is rare, so that points with few clicks are heights between drops.
A wrong guess of drops puts events at times and in numbers that never were; heights that were drops
cost little. Points are therefore heights unless they prove to be drops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .digitised import DigitisedCurve
from .errors import CurveFault
from .reading_error import CLICKED, SDS

__all__ = ["explained", "with_level_ends"]

FloatArray = npt.NDArray[np.float64]

FEWEST_POINTS = 4
WIDE_BELOW = 20  # points, without numbers at risk
JITTER_BELOW = 0.5  # of an event's worth
MOST_JITTER = 0.02  # share of falls that may be so small
MOST_EVENTS = 2.5  # at the median fall, if only its lower end was clicked
CORNERS = 0.5  # of the falls whose upper end was clicked, too: they are drops
UNRESOLVED = 2.0  # tolerances, below which an event's worth does not distinguish drops
MUCH_LONGER = 3.0  # times the last drop: no more than arms of one trial differ in follow-up
IN_PATIENTS = 0.25  # of an event's worth, where survival is in whole patients
HALF_A_PATIENT = 0.5
LONGER = 1.02  # times the last drop, which two clicks at one end may be apart
WHOLE = 0.6  # of the gaps between drops, where times are recorded in coarse units


def explained(
    curve: DigitisedCurve,
    *,
    n: int | None,
    at_risk: Mapping[float, int] | None = None,
    events: int | None = None,
) -> DigitisedCurve:
    """Read a curve's points as drops only if numbers of patients allow it.

    Parameters
    ----------
    curve : DigitisedCurve
        As it was read without them. One whose kind was stated is returned as it is.
    n : int or None
        Patients; without them nothing is judged.
    at_risk : mapping of float to int, optional
        Numbers at risk by time.
    events : int, optional
        Events in total.

    Returns
    -------
    DigitisedCurve
        The same, or the reading as samples, with a sentence that says why among its repairs.

    Raises
    ------
    CurveFault
        If there are fewer than four points.
    """
    if n is None or curve.kind_stated:
        return curve
    if curve.clicks < FEWEST_POINTS and curve.survival[-1] < 1:
        raise CurveFault(
            f"{count(curve.clicks, 'point is', 'points are')} too few for a curve: at least "
            f"{FEWEST_POINTS} are needed; "
            'click more, or write kind = "steps" if they are every drop'
        )
    rows = dict(at_risk or {})
    if curve.rows and curve.rows % n == 0:  # survival of n patients without censoring
        curve = replace(curve, rows=0, tolerance=min(curve.tolerance, IN_PATIENTS / n))
    why = _no_drops(curve, n, rows, events) if curve.kind == "steps" else ""
    if why:
        other = curve.if_samples or curve
        curve = replace(
            other,
            repairs=(*other.repairs, f"points were read as heights and not as drops: {why}."),
            if_steps=replace(curve, if_samples=None),
        )
    if not why and curve.kind == "steps" and curve.rows:
        falls = np.diff(np.array((1.0, *curve.survival))) < 0  # level ends of treads are no drops
        curve = replace(curve, is_drop=tuple(falls.tolist()))
    few = curve.kind == "samples" and len(curve.time) < WIDE_BELOW
    return _widened(curve, n) if few and not any(time > 0 for time in rows) else curve


def _widened(curve: DigitisedCurve, n: int) -> DigitisedCurve:
    """Say that few points leave much open, and do not take their decimals for accuracy.

    Survival of n patients is in steps of about 1/n; points that had to be matched more closely
    would make up censorings that nothing shows.
    """
    said = (
        f"{count(len(curve.time), 'point')} without numbers at risk leave open when events "
        "happened; more points, or numbers at risk, would narrow it."
    )
    curve = replace(curve, repairs=(*curve.repairs, said))
    least = max(CLICKED, HALF_A_PATIENT / n)
    stated = curve.tolerance_source in ("as stated", "as the file states")
    if stated or curve.tolerance >= least:
        return curve
    return replace(
        curve,
        tolerance=least,
        tolerance_source="usual for few clicks",
        tolerances=tuple(max(width, least) for width in curve.tolerances),
        sds=tuple(max(sd, least / SDS) for sd in curve.sds),
    )


def with_level_ends(
    curves: Mapping[str, DigitisedCurve],
    at_risk: Mapping[str, Mapping[float, int]],
    follow_up: Mapping[str, float] | None = None,
) -> dict[str, DigitisedCurve]:
    """Notice level ends that were not clicked, because a curve's last point is a drop.

    Everyone still at risk would be censored at the drop. Such a curve is taken to be level for as
    long as its arm is followed: to the longest follow-up, to the last number at risk, or, since
    arms of one trial are followed for similar times, until the longest curve ends; but not when
    nobody is at risk any more.

    Parameters
    ----------
    curves : mapping of str to DigitisedCurve
        Those of all arms.
    at_risk : mapping of str to mapping of float to int
        Numbers at risk by arm and time, where they are known.
    follow_up : mapping of str to float, optional
        Longest follow-up by arm, where it is reported.

    Returns
    -------
    dict of str to DigitisedCurve
        The curves, with a sentence among the repairs of each that ends at a drop.
    """
    ended = dict(curves)
    for name, curve in curves.items():
        if _ends_at_a_drop(curve):
            others = max(other.last_time for other in curves.values())
            rows = at_risk.get(name, {})
            end, shown_by = _level_until(curve, rows, (follow_up or {}).get(name), others)
            ended[name] = _with_level_end(curve, end, shown_by)
    return ended


def _level_until(
    curve: DigitisedCurve, rows: Mapping[float, int], follow_up: float | None, others: float
) -> tuple[float, str]:
    """Return until when an arm is followed, and what shows it."""
    nobody = min((row for row, count in rows.items() if count == 0), default=np.inf)
    if follow_up is not None:
        return min(follow_up, nobody), f"patients are followed up to {follow_up:g}"
    row = max((row for row, count in rows.items() if count > 0), default=0.0)
    if row >= others:
        return row, f"{rows[row]} are at risk at {row:g}"
    if LONGER * curve.last_time < others <= MUCH_LONGER * curve.last_time:
        end = min(others, nobody)
        return end, f"another curve goes on to {others:g}"
    return row, f"{rows.get(row, 0)} are at risk at {row:g}"


def _ends_at_a_drop(curve: DigitisedCurve) -> bool:
    heights = (1.0, *curve.survival)
    exact = curve.kind == "steps" and not curve.levelled
    return exact and 0 < heights[-1] < heights[-2]


def _with_level_end(curve: DigitisedCurve, end: float, shown_by: str) -> DigitisedCurve:
    last = curve.last_time
    if end <= LONGER * last:
        said = (
            f"the last point is a drop, at {last:g}: nothing shows for how long the curve goes on; "
            "if it goes on level, click where it ends."
        )
        return replace(curve, repairs=(*curve.repairs, said))
    said = (
        f"the last point is a drop, at {last:g}, and {shown_by}: the curve was taken to be level "
        f"until {end:g}."
    )
    longer = replace(
        curve,
        time=(*curve.time, end),
        survival=(*curve.survival, curve.survival[-1]),
        is_drop=(*curve.is_drop, False),
        last_time=end,
        tolerances=(*curve.tolerances, *curve.tolerances[-1:]),
        sds=(*curve.sds, *curve.sds[-1:]),
        repairs=(*curve.repairs, said),
    )
    if curve.if_samples is None:
        return longer
    return replace(longer, if_samples=_with_level_end(curve.if_samples, end, shown_by))


def _no_drops(curve: DigitisedCurve, n: int, rows: Mapping[float, int], events: int | None) -> str:
    """Return why points cannot be drops, or are unlikely to be; "" if they may."""
    time, height = np.array(curve.time), np.array(curve.survival)
    before = np.concatenate([[1.0], height[:-1]])
    falls = before - height
    seen = falls > 1e-12
    if not seen.any():
        return ""
    most = np.maximum(_most_at_risk(time, before, n, rows), 1.0)
    worth = before / most
    small = seen & (falls < JITTER_BELOW * worth) & (worth > 2 * curve.rounding)
    if small.sum() > MOST_JITTER * seen.sum():
        return f"{int(small.sum())} of {int(seen.sum())} falls are smaller than one event"
    if said := _too_many(time[seen], n, rows, events):
        return said
    if (curve.levelled or curve.rows) and float(
        np.median(worth[seen])
    ) < UNRESOLVED * curve.tolerance:
        return "one event takes the curve down by less than heights were read to"
    if curve.corners >= CORNERS:
        return ""
    if curve.levelled:
        return "they rise here and there, so that not every fall is an event"
    usual = float(np.median(falls[seen] / worth[seen]))
    if usual > MOST_EVENTS and not _every_unit(time[seen]):
        return f"the usual fall is of about {usual:.0f} events, which seldom are at one time"
    return ""


def _most_at_risk(
    time: FloatArray, before: FloatArray, n: int, rows: Mapping[float, int]
) -> FloatArray:
    """Return how many patients can be at risk at each point at most, shape (k,).

    The Kaplan-Meier estimate is never below the share still at risk.
    """
    most = n * before
    for row, left in rows.items():
        most = np.where(time >= row, np.minimum(most, left), most)
    return most


def _too_many(falls_at: FloatArray, n: int, rows: Mapping[float, int], events: int | None) -> str:
    """Say which numbers the falls exceed, if each is one event at least."""
    if events is not None and falls_at.size > events:
        return f"the curve falls {falls_at.size} times, and {count(events, 'event')} happened"
    later = sorted((row, count) for row, count in rows.items() if row > 0)
    ends = [(0.0, n), *later, (np.inf, 0)]
    for (early, first), (late, second) in pairwise(ends):
        inside = int(((falls_at >= early) & (falls_at < late)).sum())
        if inside > first - second >= 0:
            until = f" to {late:g}" if np.isfinite(late) else " on"
            return (
                f"from {early:g}{until} the curve falls {count(inside, 'time')}, and "
                f"{count(first - second, 'patient leaves', 'patients leave')}"
            )
    return ""


def _every_unit(time: FloatArray) -> bool:
    """Say whether the curve falls at most multiples of a unit, as times in whole months do."""
    gaps = np.diff(time)
    if gaps.size < FEWEST_POINTS:
        return False
    unit = float(gaps.min())
    multiples = gaps / unit
    whole = np.abs(multiples - np.rint(multiples)) < 0.01
    return bool(whole.all() and np.mean(np.rint(multiples) == 1) >= WHOLE)
