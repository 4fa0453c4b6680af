"""The numbers at risk below a plot of survival curves, and of events and censored patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .lettering import fit, literal, text_width
from .style import SMALL_SIZE, axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from ..models import KaplanMeier
    from ..reconstruct.pseudo_ipd import FloatArray
    from .curve_options import MoreCounts

__all__ = [
    "AtRiskTable",
    "at_risk_height",
    "at_risk_margin",
    "count_text",
    "draw_at_risk",
    "draw_counts",
    "note",
]

HEADING = "No. at risk"
_HEADINGS = {"events": "Cumulative no. of events", "censored": "Cumulative no. censored"}
AXIS_DEPTH = 26.0  # points from the axis down to the first line: tick labels and axis title
LINE = 9.5  # points
_GAP = 6.0  # points between an arm's name and its first number
WIDEST_MARGIN = 0.62  # inches: longer names stand on a line of their own


@dataclass(frozen=True, kw_only=True, eq=False)
class AtRiskTable:
    """What was drawn.

    Attributes
    ----------
    heading : Annotation
    names : dict of str to Annotation
        By arm.
    counts : dict of str to tuple of Annotation
        By arm, one for each tick.
    """

    heading: Annotation
    names: dict[str, Annotation]
    counts: dict[str, tuple[Annotation, ...]]


def count_text(count: int) -> str:
    """Write a number of patients, with a separator from ten thousand on."""
    return f"{count:,}" if count >= 10_000 else str(count)


def _above(arms: Sequence[str]) -> bool:
    """Say whether a name is too long for the margin, so that names stand above their numbers."""
    return max(text_width(literal(arm), size=SMALL_SIZE) for arm in arms) > WIDEST_MARGIN


def at_risk_margin(curves: Mapping[str, KaplanMeier]) -> float:
    """Return the room that the table needs to the left of time 0, in inches."""
    arms = list(curves)
    first = max(text_width(count_text(curve.n), size=SMALL_SIZE) for curve in curves.values())
    # The heading starts at the margin's left edge, so it may reach beneath the axis.
    names = 0.0 if _above(arms) else max(text_width(literal(arm), size=SMALL_SIZE) for arm in arms)
    return names + first / 2 + (_GAP + 2) / 72


def at_risk_height(arms: Sequence[str], *, tables: int = 1) -> float:
    """Return the room that tables need below the axis, in inches, tick labels included."""
    return (AXIS_DEPTH + tables * _depth(arms) + 1) / 72


def _depth(arms: Sequence[str]) -> float:
    """Return the height of one table, in points."""
    return LINE * (1 + len(arms) * (2 if _above(arms) else 1))


def draw_at_risk(
    ax: Axes,
    curves: Mapping[str, KaplanMeier],
    *,
    ticks: FloatArray,
    study_time: Callable[[float], float] = float,
) -> AtRiskTable:
    """Write, below each tick, how many patients of each arm were followed just before it.

    Parameters
    ----------
    ax : Axes
    curves : mapping of str to KaplanMeier
        By arm.
    ticks : ndarray of float, shape (k,)
        In the unit of the axis.
    study_time : callable
        From the unit of the axis to that of the curves.
    """
    numbers = {
        arm: [curve.n_at_risk_at(study_time(tick)) for tick in ticks.tolist()]
        for arm, curve in curves.items()
    }
    return _draw(ax, numbers, ticks=ticks, heading=HEADING, start=_start(curves))


def draw_counts(
    ax: Axes,
    curves: Mapping[str, KaplanMeier],
    *,
    ticks: FloatArray,
    study_time: Callable[[float], float] = float,
    counts: Sequence[MoreCounts],
    below: int,
) -> dict[str, AtRiskTable]:
    """Write, below each tick, how many events or censored patients each arm had before it.

    Parameters
    ----------
    ax, curves, ticks, study_time
        As for `draw_at_risk`.
    counts : sequence of {"events", "censored"}
        A table each, one below the other.
    below : int
        How many tables stand above them.

    Returns
    -------
    dict of str to AtRiskTable
    """
    tables: dict[str, AtRiskTable] = {}
    for position, count in enumerate(counts, start=below):
        numbers = {
            arm: [_before(curve, count, study_time(tick)) for tick in ticks.tolist()]
            for arm, curve in curves.items()
        }
        tables[count] = _draw(
            ax,
            numbers,
            ticks=ticks,
            heading=_HEADINGS[count],
            start=_start(curves),
            down=position * _depth(list(curves)),
        )
    return tables


def _before(curve: KaplanMeier, count: MoreCounts, time: float) -> int:
    counted = curve.n_events if count == "events" else curve.n_censored
    return int(np.sum(counted[curve.time < time]))


def _start(curves: Mapping[str, KaplanMeier]) -> float:
    """Return where the names start, in points from time 0."""
    first = max(text_width(count_text(curve.n), size=SMALL_SIZE) for curve in curves.values()) * 72
    names_width = max(text_width(literal(arm), size=SMALL_SIZE) for arm in curves) * 72
    return -first / 2 - (0 if _above(list(curves)) else _GAP + names_width)


def _draw(
    ax: Axes,
    numbers: Mapping[str, Sequence[int]],
    *,
    ticks: FloatArray,
    heading: str,
    start: float,
    down: float = 0.0,
) -> AtRiskTable:
    """Write one table, `down` points below where the first one stands."""
    above, depth = _above(list(numbers)), AXIS_DEPTH + down + 1.5 * LINE
    title = note(ax, heading, at=0, offset=(start, LINE - depth), align="left")
    names, counts = {}, {}
    for arm, row in numbers.items():
        name = fit(arm, width=axes_inches(ax)[0], size=SMALL_SIZE)
        names[arm] = note(ax, name, at=0, offset=(start, -depth), align="left")
        depth += LINE if above else 0
        counts[arm] = tuple(
            note(ax, count_text(number), at=tick, offset=(0, -depth))
            for tick, number in zip(ticks.tolist(), row, strict=True)
        )
        depth += LINE
    return AtRiskTable(heading=title, names=names, counts=counts)


def note(
    ax: Axes, text: str, *, at: float, offset: tuple[float, float], align: str = "center"
) -> Annotation:
    """Write a text below the axis at a time, `offset` points from where the axis is."""
    return ax.annotate(
        text,
        xy=(at, 0),
        xycoords=("data", "axes fraction"),
        xytext=offset,
        textcoords="offset points",
        ha=align,
        va="center_baseline",
        fontsize=SMALL_SIZE,
        annotation_clip=False,
    )
