"""What was read off a figure: curves, cleaned, each repair counted; marks; numbers at risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from numbers import Integral, Real
from statistics import median
from typing import TYPE_CHECKING, Literal

from .errors import CurveFault

if TYPE_CHECKING:
    from .curve_cleaning import CleanedPoints
    from .reading_error import Limits

__all__ = [
    "CensorMarks",
    "CurveKind",
    "DigitisedCurve",
    "NumbersAtRisk",
    "Reading",
    "digitised_curve",
    "gathered_marks",
    "numbers_at_risk",
]

CurveKind = Literal["steps", "samples"]

LARGEST_TOLERANCE = 0.1  # of survival; a curve read less closely says too little


@dataclass(frozen=True, kw_only=True)
class CensorMarks:
    """Censoring marks on a curve.

    Attributes
    ----------
    time : tuple of float
        Increasing, positive.
    count : tuple of int, or None
        Patients censored at each mark; None if marks do not say how many.
    time_unit : str
        The unit that the heading of a file's times names; "" if it names none.

    Raises
    ------
    CurveFault
        If times are not that, or there is not one number of patients, at least 1, for each.
    """

    time: tuple[float, ...]
    count: tuple[int, ...] | None = None
    time_unit: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Refuse marks that no figure has."""
        times = [0.0, *self.time]
        numbers = all(isinstance(time, Real) and math.isfinite(time) for time in times)
        if not numbers or any(late <= early for early, late in pairwise(times)):
            raise CurveFault("censoring marks must be positive times that increase")
        if self.count is None:
            return
        whole = all(isinstance(number, Integral) and number >= 1 for number in self.count)
        if not whole or len(self.count) != len(self.time):
            raise CurveFault("each censoring mark must have one number of patients, at least 1")


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
        The true curve is within so much of the heights: the median of `widths`.
    tolerance_source : str
        Where the tolerance comes from, as a clause.
    last_time : float
        How far the curve is drawn.
    repairs : tuple of str
        What was put right, a sentence each.
    kind_stated : bool
        Whether `kind` was given and not recognised.
    clicks : int
        Points as given.
    corners : float
        Share of the drops whose upper end was clicked, too.
    levelled : bool
        Whether heights had to be levelled because they rose.
    rounding : float
        Half a unit of the last decimal of the heights; 0 if they are not rounded.
    rows : int
        Rows from 0 to 1 that all heights are in, as those of traced pixels are; 0 if in none.
    tolerances : tuple of float, shape (k,) or empty
        The tolerance of each point, where they differ; `tolerance` is then their median.
    sds : tuple of float, shape (k,) or empty
        Standard deviation of the error of each height; empty where any error within the tolerance
        is as likely as another, as errors of rounding are.
    time_sd : float
        Standard deviation of the errors of the times, in their unit; 0 if nothing shows one. The
        tolerances and `sds` include what it does to the heights.
    time_unit : str
        The unit that the heading of the times names; "" if it names none.
    if_samples : DigitisedCurve or None
        The same points as heights between drops, where they were recognised as drops.
    if_steps : DigitisedCurve or None
        The same points as drops, where they were recognised as drops and then read as heights.
    """

    time: tuple[float, ...]
    survival: tuple[float, ...]
    is_drop: tuple[bool, ...]
    kind: CurveKind
    tolerance: float
    tolerance_source: str
    last_time: float
    repairs: tuple[str, ...] = ()
    kind_stated: bool = False
    clicks: int = 0
    corners: float = 0.0
    levelled: bool = False
    rounding: float = 0.0
    rows: int = 0
    tolerances: tuple[float, ...] = ()
    sds: tuple[float, ...] = ()
    time_sd: float = 0.0
    time_unit: str = ""
    if_samples: DigitisedCurve | None = None
    if_steps: DigitisedCurve | None = None

    @property
    def widths(self) -> tuple[float, ...]:
        """The tolerance of every point, shape (k,)."""
        each = len(self.tolerances) == len(self.time)
        return self.tolerances if each else (self.tolerance,) * len(self.time)

    def in_both_readings(
        self, change: Callable[[DigitisedCurve], DigitisedCurve]
    ) -> DigitisedCurve:
        """Return the curve changed, whether its points are taken as drops or as heights."""
        other = self.if_samples
        return replace(change(self), if_samples=other and change(other))


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
        The true curve is within so much of every height (a fraction). By default it is estimated
        for each point: from rows of pixels, from how points scatter about a falling curve, or, if
        nothing else shows it, half a unit of the last decimal that heights have.

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
    from .curve_cleaning import are_samples, cleaned  # numpy is slow to import

    points = cleaned(time, survival)
    found = kind or ("samples" if are_samples(points.time, points.survival) else "steps")
    stated = _Stated(kind=kind, tolerance=tolerance, clicks=len(time))
    if kind is not None or found == "samples":
        return _curve(points, found, stated)
    other = _curve(cleaned(time, survival, both_ends=True), "samples", stated)
    return replace(_curve(points, found, stated), if_samples=other)


@dataclass(frozen=True, kw_only=True)
class _Stated:
    """What was given beside the points."""

    kind: CurveKind | None
    tolerance: float | None
    clicks: int


def _curve(points: CleanedPoints, kind: CurveKind, stated: _Stated) -> DigitisedCurve:
    from .reading_error import rounding_of  # numpy is slow to import

    limits = _limits(points, kind, stated.tolerance)
    heights = tuple(points.survival.tolist())
    falls = sum(late < early for early, late in pairwise((1.0, *heights)))
    widths = tuple(limits.widths.tolist())
    return DigitisedCurve(
        time=tuple(points.time.tolist()),
        survival=heights,
        is_drop=_drops(heights, kind),
        kind=kind,
        tolerance=median(widths),
        tolerance_source=limits.source,
        last_time=float(points.time[-1]),
        repairs=points.repairs,
        kind_stated=stated.kind is not None,
        clicks=stated.clicks,
        corners=min(points.uppers / max(falls, 1), 1.0),
        levelled=points.levelled,
        rounding=rounding_of(points.survival),
        rows=limits.rows,
        tolerances=widths if len(set(widths)) > 1 else (),
        sds=() if limits.sds is None else tuple(limits.sds.tolist()),
        time_sd=limits.time_sd,
    )


def _limits(points: CleanedPoints, kind: CurveKind, tolerance: float | None) -> Limits:
    """Return how far off heights may be: as stated, or else as the points show."""
    from .curve_cleaning import evenly_spaced
    from .reading_error import limits_of, stated_limits

    if tolerance is not None:
        return stated_limits(points.survival, tolerance)
    return limits_of(
        points.time,
        points.survival,
        points.error,
        drops=kind == "steps",
        levelled=points.levelled,
        even=evenly_spaced(points.time),
    )


def _check_options(kind: object, tolerance: float | None) -> None:
    if kind not in (None, "steps", "samples"):
        raise CurveFault(f'`kind` must be "steps" or "samples", but is {kind!r}')
    is_number = isinstance(tolerance, Real)
    if tolerance is not None and not (is_number and 0 < tolerance <= LARGEST_TOLERANCE):
        raise CurveFault(
            f"`tolerance` must be above 0 and at most {LARGEST_TOLERANCE}, a share of patients, "
            f"but is {tolerance!r}"
        )


def _drops(heights: tuple[float, ...], kind: CurveKind) -> tuple[bool, ...]:
    """Say which points are drops; the last, at the height before it, ends the follow-up."""
    if kind == "samples":
        return (False,) * len(heights)
    last = len(heights) == 1 or heights[-1] < heights[-2]
    return (*(True,) * (len(heights) - 1), last)


def gathered_marks(times: Iterable[float], counts: Iterable[int] | None) -> CensorMarks:
    """Put marks in order of time; marks at the same time are one, with their patients added up.

    Raises
    ------
    CurveFault
        If there is no mark, or one is not after time 0, or is listed twice without numbers of
        patients: it may be of two patients, or have been clicked twice.
    """
    listed = list(times)
    numbers = [1] * len(listed) if counts is None else list(counts)
    if not listed or min(listed) <= 0:
        raise CurveFault("censoring marks must be positive times, one at least")
    stacked: dict[float, int] = {}
    for time, count in sorted(zip(listed, numbers, strict=True)):
        stacked[time] = stacked.get(time, 0) + count
    if counts is None and (twice := [time for time, count in stacked.items() if count > 1]):
        raise CurveFault(
            f"the censoring mark at {twice[0]:g} is listed more than once; list each mark once, "
            "with a second column of patients if it is of several"
        )
    return CensorMarks(
        time=tuple(stacked), count=None if counts is None else tuple(stacked.values())
    )


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A time and a value, the line that holds them, and what is beside the value."""

    line: int
    time: float
    value: float
    tolerance: float | None = None
    censored: int | None = None
    is_share: bool = False


class NumbersAtRisk(dict[float, int]):
    """Numbers at risk by time, in increasing order of time.

    Attributes
    ----------
    censored : dict of float to int
        Patients censored up to each time, where the table has them, as in "48 (2)"; else empty.
    time_unit : str
        The unit that the heading of a file's times names; "" if it names none.
    """

    time_unit = ""

    def __init__(
        self, counts: Mapping[float, int], *, censored: Mapping[float, int] | None = None
    ) -> None:
        super().__init__(counts)
        self.censored: dict[float, int] = dict(censored or {})

    @property
    def events(self) -> int | None:
        """All events of the arm, if the table follows everyone to the end; else None.

        Examples
        --------
        >>> NumbersAtRisk({0: 52, 12: 20, 24: 0}, censored={0: 0, 12: 9, 24: 22}).events
        30
        """
        if not self.censored or 0 not in self:
            return None
        end = max(self)
        return self[0] - self.censored[end] if self[end] == 0 and end in self.censored else None


def numbers_at_risk(rows: list[Reading]) -> NumbersAtRisk:
    """Put the numbers at risk of one arm in order of time.

    Raises
    ------
    CurveFault
        If a number is not whole, a time is repeated, or more patients have left as censored than
        have left; the message names the line.
    """
    counts: dict[float, int] = {}
    censored: dict[float, int] = {}
    for row in sorted(rows, key=lambda row: row.time):
        if row.is_share or row.time < 0 or row.value < 0 or row.value != int(row.value):
            said = f"{row.value:g}{'%' * row.is_share}"
            raise CurveFault(
                f"line {row.line}: {said} at risk at {row.time:g} is not a whole number of "
                "patients at a time from 0 on"
            )
        if row.time in counts:
            raise CurveFault(
                f"line {row.line}: the time {row.time:g} is repeated; write it once for each arm"
            )
        counts[row.time] = int(row.value)
        if row.censored is not None:
            censored[row.time] = row.censored
    return NumbersAtRisk(counts, censored=_cumulative(counts, censored))


def _cumulative(counts: dict[float, int], censored: dict[float, int]) -> dict[float, int]:
    """Add up numbers censored, unless they are cumulative, as journals show them."""
    numbers = list(censored.values())
    if any(late < early for early, late in pairwise(numbers)):
        total = 0
        for time, number in censored.items():
            total += number
            censored[time] = total
    first = max(counts.values(), default=0)
    for time, number in censored.items():
        if number > first - counts[time]:
            raise CurveFault(
                f"at {time:g}, {number} are censored and {counts[time]} at risk, which is more "
                f"than the {first} at the start; check the row"
            )
    return censored
