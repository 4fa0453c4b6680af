"""The numbers in the corner of a plot of survival curves, and the lines that guide the eye."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..presentation.formats import count, ratio, ratio_interval
from ..reconstruct.pseudo_ipd import FloatArray
from .curves import MARKER_SIZE, PrintedPoint
from .layout import axes_inches
from .style import FAINT, INK, SMALL_SIZE
from .text import (
    CHECKED,
    arm_label,
    cohort_text,
    fit,
    literal,
    p_value,
    printed_interval,
    printed_p,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from ..models import EndpointAnalysis
    from ..studies import Reported
    from .axes import CurveOptions
    from .curves import ShownCurve, ShownCurves

__all__ = [
    "CornerBox",
    "Obstacle",
    "curves_in_words",
    "draw_box",
    "draw_guides",
    "line_obstacle",
    "obstacles",
    "summary_box",
]

_LOOK: dict[str, Any] = {"linestyle": (0.0, (2.0, 2.0)), "linewidth": 0.6, "zorder": 2}
_PAD = 0.06  # inches between the box and whatever is next to it
_GAP = 0.09  # inches between its two columns
LINE = SMALL_SIZE * 1.32 / 72  # inches
_LONGEST_KEY = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Obstacle:
    """Something that words must stay clear of.

    Attributes
    ----------
    time : ndarray of float, shape (k,)
        Increasing.
    lower, upper : ndarray of float, shape (k,)
        The heights that it covers from each time on until the next, as fractions.
    """

    time: FloatArray
    lower: FloatArray
    upper: FloatArray

    def span(self, start: float, stop: float) -> tuple[float, float]:
        """Return the least and the greatest height covered from one time to another.

        Nothing is below 1 and nothing above 0 where the obstacle has not begun or has ended.
        """
        if start > self.time[-1] or stop < self.time[0]:
            return 1.0, 0.0
        first = max(int(np.searchsorted(self.time, start, side="right")) - 1, 0)
        last = int(np.searchsorted(self.time, stop, side="right"))
        return float(np.min(self.lower[first:last])), float(np.max(self.upper[first:last]))


def obstacles(shown: ShownCurves, *, height: float, bands: bool) -> Sequence[list[Obstacle]]:
    """Return what to stay clear of, the most wanted first: with confidence bands, then without.

    Parameters
    ----------
    shown : ShownCurves
    height : float
        Of the axes, in inches.
    bands : bool
        Whether bands are drawn.
    """
    bare = [
        *(_marker(point, height) for point in shown.points),
        *(
            Obstacle(time=curve.time, lower=curve.height, upper=curve.height)
            for curve in shown.curves.values()
        ),
    ]
    return [[*bare, *map(_band, shown.curves.values())], bare] if bands else [bare]


def line_obstacle(line: Line2D) -> Obstacle:
    """Return an upright or level line as something to stay clear of."""
    times, heights = (np.asarray(values, dtype=np.float64) for values in line.get_data())
    return Obstacle(
        time=np.unique(times),
        lower=np.full(np.unique(times).size, heights.min()),
        upper=np.full(np.unique(times).size, heights.max()),
    )


def _marker(point: PrintedPoint, height: float) -> Obstacle:
    half = 1.2 * MARKER_SIZE / 2 / 72 / height
    return Obstacle(
        time=np.array([point.time]),
        lower=np.array([point.survival - half]),
        upper=np.array([point.survival + half]),
    )


def _band(curve: ShownCurve) -> Obstacle:
    """Return the band, and the curve itself where the band is undefined."""
    return Obstacle(
        time=curve.time,
        lower=np.where(np.isnan(curve.lower), curve.height, curve.lower),
        upper=np.where(np.isnan(curve.upper), curve.height, curve.upper),
    )


def draw_guides(ax: Axes, shown: ShownCurves, options: CurveOptions) -> tuple[Line2D, ...]:
    """Draw the guides that are asked for."""
    guides: tuple[Line2D, ...] = ()
    if options.median_guide:
        guides += _median_guide(ax, [curve.median for curve in shown.curves.values()])
    if options.landmark_guides:
        guides += _landmark_guides(ax, [point for point in shown.points if not point.is_median])
    return guides


def _median_guide(ax: Axes, medians: Iterable[float]) -> tuple[Line2D, ...]:
    """Lead from 50% to where each curve reaches it and down to the axis, if it ever does."""
    reached = [median for median in medians if math.isfinite(median)]
    if not reached:
        return ()
    across = ax.plot([0, max(reached)], [0.5, 0.5], color=FAINT, **_LOOK)
    down = [
        line
        for median in reached
        for line in ax.plot([median, median], [0, 0.5], color=FAINT, **_LOOK)
    ]
    return (*across, *down)


def _landmark_guides(ax: Axes, points: Iterable[PrintedPoint]) -> tuple[Line2D, ...]:
    """Lead from the axis up to the highest of the points at each time."""
    tops: dict[float, float] = {}
    for point in points:
        tops[point.time] = max(point.survival, tops.get(point.time, 0.0))
    look = {**_LOOK, "linestyle": (0.0, (1.0, 2.0)), "linewidth": 0.5}
    return tuple(
        line
        for time, top in sorted(tops.items())
        for line in ax.plot([time, time], [0, top], color=FAINT, **look)
    )


@dataclass(frozen=True, kw_only=True)
class CornerBox:
    """What the box holds: a heading over rows of a name and a value.

    Attributes
    ----------
    heading : str
    rows : tuple of (str, str)
    """

    heading: str
    rows: tuple[tuple[str, str], ...]

    def size(self) -> tuple[float, float]:
        """Return width and height in inches."""
        names = max(text_width(name, size=SMALL_SIZE) for name, _ in self.rows)
        values = max(text_width(value, size=SMALL_SIZE) for _, value in self.rows)
        width = max(names + _GAP + values, text_width(self.heading, size=SMALL_SIZE))
        return width, LINE * (len(self.rows) + 1)

    def fits(self, width: float) -> bool:
        """Say whether nothing of it is cut on axes `width` inches wide."""
        return self.size()[0] + 2 * _PAD <= width

    def value_offset(self) -> float:
        """Return how far the values are to the right of the names, in inches."""
        return max(text_width(name, size=SMALL_SIZE) for name, _ in self.rows) + _GAP


def draw_box(
    ax: Axes, box: CornerBox, *, obstacles: Sequence[Sequence[Obstacle]], rising: bool = False
) -> tuple[Text, ...]:
    """Draw the box where it covers none of the obstacles.

    Parameters
    ----------
    ax : Axes
        Survival against time, its limits set.
    box : CornerBox
    obstacles : sequence of sequences of Obstacle
        What to stay clear of, the most wanted first: if no corner is clear of the first
        sequence, the second is tried, and so on. If none is clear, the axis is made to reach
        above 100% and the box is there.
    rising : bool
        Whether the curves rise, so that the corners that may be free are the other two.

    Returns
    -------
    tuple of Text
        The heading, then name and value of each row.
    """
    axes_width, axes_height = axes_inches(ax)
    heading = fit(box.heading, width=axes_width - 2 * _PAD, size=SMALL_SIZE)
    room = axes_width - 2 * _PAD - box.value_offset()
    rows = tuple((name, fit(value, width=room, size=SMALL_SIZE)) for name, value in box.rows)
    box = CornerBox(heading=heading, rows=rows)
    width, height = (inches + 2 * _PAD for inches in box.size())
    extent = (width / axes_width, height / axes_height)
    tried = (_clear_corner(ax, extent, covered, rising=rising) for covered in obstacles)
    corner = next(filter(None, tried), None)
    if corner is None:
        corner = _make_room_above(ax, extent, rising=rising)
    return _write(
        ax,
        box,
        left=corner[0] * axes_width + _PAD,
        top=(corner[1] + extent[1]) * axes_height - _PAD,
    )


def _clear_corner(
    ax: Axes, extent: tuple[float, float], covered: Sequence[Obstacle], *, rising: bool
) -> tuple[float, float] | None:
    """Return a clear corner, in fractions of the axes: below the curves if there is one."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    width = extent[0] * (right - left)
    windows = [(left, left + width), (right - width, right)]
    below, above = reversed(windows) if rising else windows
    ceiling = min((one.span(*below)[0] for one in covered), default=1.0)
    floor = max((one.span(*above)[1] for one in covered), default=0.0)
    if (ceiling - bottom) / (top - bottom) - extent[1] >= 0:
        return 1 - extent[0] if rising else 0.0, 0.0
    if 1 - (floor - bottom) / (top - bottom) - extent[1] >= 0:
        return 0.0 if rising else 1 - extent[0], 1 - extent[1]
    return None


def _make_room_above(ax: Axes, extent: tuple[float, float], *, rising: bool) -> tuple[float, float]:
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, bottom + (top - bottom) / (1 - min(extent[1], 0.6)))
    return 0.0 if rising else 1 - extent[0], 1 - extent[1]


def _write(ax: Axes, box: CornerBox, *, left: float, top: float) -> tuple[Text, ...]:
    """Write the box line by line, its upper left corner given in inches."""
    width, height = axes_inches(ax)

    def line(number: int, words: str, *, indent: float = 0.0, colour: str = INK) -> Text:
        up = top - (number + 0.78) * LINE  # the baseline, above the descenders
        return ax.text(
            (left + indent) / width,
            up / height,
            words,
            transform=ax.transAxes,
            fontsize=SMALL_SIZE,
            va="baseline",
            color=colour,
            zorder=6,
        )

    texts = [line(0, box.heading, colour=FAINT)]
    for number, (name, value) in enumerate(box.rows, start=1):
        texts += [line(number, name, colour=FAINT), line(number, value, indent=box.value_offset())]
    return tuple(texts)


def summary_box(analysis: EndpointAnalysis) -> CornerBox:
    """Return the numbers that sum up an endpoint.

    Two arms give the hazard ratio with its interval and p, one arm its median, three or more
    the log-rank p; each as the paper reports it, if it does, and as reproduced.
    """
    endpoint = analysis.endpoint
    if len(endpoint.arms) == 1:
        return _median_box(analysis)
    treatment, reference = endpoint.treatment, endpoint.reference
    if treatment is None or reference is None:
        return CornerBox(heading="Log-rank test of all arms", rows=_logrank_rows(analysis))
    return CornerBox(
        heading=f"Hazard ratio (95% CI), {_contrast(treatment, reference)}",
        rows=_hazard_ratio_rows(analysis),
    )


def _contrast(treatment: str, reference: str) -> str:
    """Name the arms in the order of the ratio; by their place in the key if a name is long."""
    treatment, reference = literal(treatment), literal(reference)
    short = max(len(treatment), len(reference)) <= _LONGEST_KEY
    return f"{treatment} vs {reference}" if short else "second vs first arm"


def _hazard_ratio_rows(analysis: EndpointAnalysis) -> tuple[tuple[str, str], ...]:
    rows = []
    if reported := analysis.endpoint.reported:
        name = "Reported, adjusted" if reported.adjusted else "Reported"
        rows.append((name, _reported_text(reported)))
    made = analysis.ipd.informed  # to match the reported one, which is therefore not reproduced
    rows.append(("Conditioned on it" if made else "Reproduced", _reproduced_text(analysis)))
    return tuple(rows)


def _reported_text(reported: Reported) -> str:
    parts = []
    if reported.hazard_ratio:
        parts.append(printed_interval(reported.hazard_ratio, reported.ci, reported.ci_level))
    if reported.p:
        parts.append(printed_p(reported.p))
    return ", ".join(parts) or "no number"


def _reproduced_text(analysis: EndpointAnalysis) -> str:
    """Write the hazard ratio and the p of the test that the paper names."""
    cox, comparison = analysis.cox, analysis.comparison
    parts = [ratio_interval(cox.hazard_ratio, cox.ci) if cox else "not estimable"]
    if comparison and comparison.p_reproduced is not None:
        parts.append(p_value(comparison.p_reproduced))
    return ", ".join(parts)


def _logrank_rows(analysis: EndpointAnalysis) -> tuple[tuple[str, str], ...]:
    reported = analysis.endpoint.reported
    rows = [("Reported", printed_p(reported.p))] if reported and reported.p else []
    test = analysis.logrank
    rows.append(("Reproduced", p_value(test.p) if test else "not estimable"))
    return tuple(rows)


def _median_box(analysis: EndpointAnalysis) -> CornerBox:
    endpoint = analysis.endpoint
    (arm, curve), *_ = analysis.curves.items()
    printed = endpoint.arms[arm]
    rows = []
    if printed.median:
        rows.append(
            (
                "Reported",
                printed_interval(printed.median, printed.median_ci, printed.median_ci_level),
            )
        )
    rows.append(("Reproduced", _median_text(curve.median, curve.median_ci)))
    return CornerBox(heading=f"Median, {endpoint.time_unit} (95% CI)", rows=tuple(rows))


def _median_text(median: float, ci: tuple[float, float]) -> str:
    if not math.isfinite(median):
        return "not reached"
    bounds = (ratio(bound, decimals=1) if math.isfinite(bound) else "not reached" for bound in ci)
    return f"{ratio(median, decimals=1)} ({' to '.join(bounds)})"


def curves_in_words(analysis: EndpointAnalysis) -> str:
    """Name the arms and their patients, the numbers of the corner box, and what was matched."""
    endpoint = analysis.endpoint
    arms = " and ".join(
        f"{arm_label(endpoint, arm)}, {count(curve.n, 'patient')}"
        for arm, curve in analysis.curves.items()
    )
    checks = analysis.landmarks
    met = sum(check.inside for check in checks)
    box = summary_box(analysis)
    numbers = "; ".join(f"{name.lower()} {value}" for name, value in box.rows)
    points = f"The curves match {met} of {count(len(checks), *CHECKED)}." if checks else ""
    what = f"{endpoint.label or endpoint.name}, {cohort_text(endpoint)}"
    return literal(f"Kaplan-Meier curves of {what}: {arms}. {box.heading}: {numbers}. {points}")
