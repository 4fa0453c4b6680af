"""A curve read off a figure: points that someone clicked, cleaned, with every repair counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .curve_cleaning import cleaned
from .errors import CurveFault
from .fields import MAX_TIME

__all__ = ["CensorMarks", "CurveKind", "DigitisedCurve", "digitised_curve"]

CurveKind = Literal["steps", "samples"]
FloatArray = npt.NDArray[np.float64]

CLICKED = 0.002  # of survival: what a careful click is out by
FINEST_DECIMALS = 4
EVEN = 0.02  # relative spread of the distances between evenly spaced times
MOSTLY_EVEN = 0.9  # of the distances, where some points are missing, or left out, or hidden
LARGEST_TOLERANCE = 0.1
MOST_POINTS = 20_000  # more than a figure has columns of pixels


@dataclass(frozen=True, kw_only=True)
class CensorMarks:
    """Censoring marks on a curve.

    Attributes
    ----------
    time : tuple of float
        Increasing, positive.
    count : tuple of int, or None
        Patients censored at each mark; None if marks do not say how many.
    """

    time: tuple[float, ...]
    count: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class DigitisedCurve:
    """A survival curve read off a figure.

    Attributes
    ----------
    time : tuple of float, shape (k,)
        Increasing, positive.
    survival : tuple of float, shape (k,)
        Fractions from 0 to 1 that do not rise; the curve starts at 1 at time 0.
    is_drop : tuple of bool, shape (k,)
        True where the curve falls exactly at the point's time, to the point's height; False for a
        height between drops.
    kind : {"steps", "samples"}
        Whether the points are the curve's steps or heights at other times.
    tolerance : float
        The true curve is within so much of every height.
    tolerance_source : str
        Where the tolerance comes from, as a clause.
    last_time : float
        How far the curve is drawn.
    repairs : tuple of str
        What was put right, a sentence each.
    """

    time: tuple[float, ...]
    survival: tuple[float, ...]
    is_drop: tuple[bool, ...]
    kind: CurveKind
    tolerance: float
    tolerance_source: str
    last_time: float
    repairs: tuple[str, ...] = ()


def digitised_curve(
    time: Sequence[float],
    survival: Sequence[float],
    *,
    kind: CurveKind | None = None,
    tolerance: float | None = None,
) -> DigitisedCurve:
    """Clean the points of one curve as a digitiser exports them.

    Parameters
    ----------
    time, survival : sequence of float, same length
        Points in any order; survival as fractions or as percentages.
    kind : {"steps", "samples"}, optional
        Whether points are the drops of the curve or heights at other times; by default recognised:
        evenly spaced times, but for a few gaps, are samples, and heights that fall at most points
        are steps.
    tolerance : float, optional
        The true curve is within so much of every height (a fraction); by default half a unit of
        the last decimal that heights have, or what the jitter of the points calls for.

    Raises
    ------
    CurveFault
        If there are fewer than two points, or they would need too large a repair; the message
        names points. Or if `kind` or `tolerance` is not one that can be.

    Examples
    --------
    >>> curve = digitised_curve([0, 2, 5, 9], [100, 90, 80.5, 80.5])
    >>> curve.kind, curve.survival, curve.last_time
    ('steps', (0.9, 0.805, 0.805), 9.0)
    """
    _check_options(kind, tolerance)
    points = cleaned(*_checked(time, survival))
    times, heights = points.time, points.survival
    found = kind or _kind_of(times, heights)
    width, source = (
        (tolerance, "as stated") if tolerance is not None else _tolerance_of(heights, points.jitter)
    )
    return DigitisedCurve(
        time=tuple(times.tolist()),
        survival=tuple(heights.tolist()),
        is_drop=_drops(heights, found),
        kind=found,
        tolerance=width,
        tolerance_source=source,
        last_time=float(times[-1]),
        repairs=points.repairs,
    )


def _check_options(kind: object, tolerance: float | None) -> None:
    if kind not in (None, "steps", "samples"):
        raise CurveFault(f'`kind` must be "steps" or "samples", but is {kind!r}')
    if tolerance is not None and not 0 < tolerance <= LARGEST_TOLERANCE:
        raise CurveFault(
            f"`tolerance` must be above 0 and at most {LARGEST_TOLERANCE}, a share of patients, "
            f"but is {tolerance}"
        )


def _checked(time: Sequence[float], survival: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    times, heights = np.asarray(time, dtype=float), np.asarray(survival, dtype=float)
    if times.shape != heights.shape or times.ndim != 1:
        raise CurveFault(f"{times.size} times do not go with {heights.size} heights")
    if times.size < 2:
        raise CurveFault(
            f"{times.size} point{'' if times.size == 1 else 's'} cannot be a curve; at least two "
            "are needed"
        )
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


def _kind_of(times: FloatArray, heights: FloatArray) -> CurveKind:
    falls = -np.diff(heights, prepend=1.0)
    fallen = np.flatnonzero(falls > 1e-12)
    before_last = falls[: fallen[-1]] if fallen.size else falls[:0]  # a flat tail says nothing
    if _even_share(times) >= (1.0 if np.all(before_last > 1e-12) else MOSTLY_EVEN):
        return "samples"
    share = float((before_last > 1e-12).mean()) if before_last.size else 1.0
    decimals = _decimals(heights)
    # drops smaller than the last decimal show as points of equal height
    unresolved = (
        decimals is not None
        and fallen.size > 0
        and np.median(falls[fallen]) <= 2.01 * 10.0**-decimals
    )
    return "steps" if share >= 0.5 or unresolved else "samples"


def _even_share(times: FloatArray) -> float:
    """Return which share of the distances between points is the usual one."""
    gaps = np.diff(times)
    if gaps.size <= 3:
        return 0.0
    usual = float(np.median(gaps))
    return float(np.mean(np.abs(gaps - usual) <= EVEN * usual))


def _decimals(heights: FloatArray) -> int | None:
    """Return how many decimals fractions are rounded to, if they are."""
    for decimals in range(2, FINEST_DECIMALS + 1):
        if np.all(np.abs(heights - np.round(heights, decimals)) < 1e-9):
            return decimals
    return None


def _tolerance_of(heights: FloatArray, jitter: float) -> tuple[float, str]:
    decimals = _decimals(heights)
    if jitter > 0:
        return max(CLICKED, jitter), "from the jitter of the points"
    if decimals is not None:
        return 0.5 * 10.0**-decimals, f"heights are rounded to {decimals} decimals"
    return CLICKED, "usual for careful clicks"


def _drops(heights: FloatArray, kind: CurveKind) -> tuple[bool, ...]:
    """Say which points are drops; the last, at the height before it, ends the follow-up."""
    if kind == "samples":
        return (False,) * heights.size
    drops = np.ones(heights.size, dtype=bool)
    drops[-1] = heights.size == 1 or heights[-1] < heights[-2]
    return tuple(drops.tolist())
