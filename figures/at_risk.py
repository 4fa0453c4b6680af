"""Numbers at risk below a plot: of the reconstruction, and beside the reported ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .axes import time_ticks
from .layout import axes_inches
from .style import FAINT, SMALL_SIZE, ArmStyle
from .text import fit, literal, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from ..models import AtRiskCheck, CurveCheck, KaplanMeier
    from .axes import MoreCounts

__all__ = [
    "NOT_MET",
    "AtRiskTable",
    "CheckTable",
    "at_risk_height",
    "at_risk_margin",
    "check_table_height",
    "check_table_margin",
    "count_text",
    "count_ticks",
    "draw_at_risk",
    "draw_check_table",
    "draw_counts",
    "note",
]

HEADING = "No. at risk"
RECONSTRUCTED_HEADING = "No. at risk (reconstructed)"
_HEADINGS = {"events": "Cumulative no. of events", "censored": "Cumulative no. censored"}
AXIS_DEPTH = 26.0  # points from the axis down to the first line: tick labels and axis title
LINE = 9.5  # points
_GAP = 9.0  # points between an arm's name and its first number
WIDEST_MARGIN = 0.62  # inches: longer names are on a line of their own
ROWS = ("reported", "reconstructed")
NOT_MET = "*"
GAP = 6.0  # points between a row's name and its first number


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
    """Say whether a name is too long for the margin, so that names are above their numbers."""
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
    heading: str = HEADING,
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
    heading : str
        What the table is called; it says whose patients are counted.
    """
    numbers = {
        arm: [curve.n_at_risk_at(study_time(tick)) for tick in ticks.tolist()]
        for arm, curve in curves.items()
    }
    return _draw(ax, numbers, ticks=ticks, heading=heading, start=_start(curves))


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
        How many tables are above them.
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
    """Write one table, `down` points below where the first one is."""
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


def count_ticks(
    ax: Axes, curves: Mapping[str, KaplanMeier], *, end: float, unit: str
) -> FloatArray:
    """Choose ticks of the time axis with room for the numbers of patients below each."""
    counts = (count_text(curve.n) for curve in curves.values())
    widest = max(text_width(count, size=SMALL_SIZE) for count in counts)
    most = math.floor(axes_inches(ax)[0] / (max(widest, 0.16) + 0.07))
    return time_ticks(end, unit=unit, most=min(max(most, 3), 12))


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckTable:
    """What was drawn.

    Attributes
    ----------
    heading : Annotation
    names : dict of str to Annotation
        By arm.
    printed, reconstructed : dict of str to dict of float to Annotation
        By arm and time; a reconstructed number that is not the reported one has a star. Times too
        close to be written beside each other are left out, those not matched last.
    """

    heading: Annotation
    names: dict[str, Annotation]
    printed: dict[str, dict[float, Annotation]]
    reconstructed: dict[str, dict[float, Annotation]]


def _listed(checks: Sequence[CurveCheck]) -> list[CurveCheck]:
    return [check for check in checks if check.at_risk]


def _widest(checks: Sequence[CurveCheck]) -> float:
    """Return the width of the widest number, in inches."""
    counts = [_text(row) for check in checks for row in check.at_risk]
    return max((text_width(count, size=SMALL_SIZE) for count in counts), default=0.0)


def check_table_margin(checks: Sequence[CurveCheck]) -> float:
    """Return the room that the table needs to the left of time 0, in inches."""
    if not _listed(checks):
        return 0.0
    names = max(text_width(name, size=SMALL_SIZE) for name in ROWS)
    return names + _widest(checks) / 2 + (GAP + 2) / 72


def check_table_height(checks: Sequence[CurveCheck]) -> float:
    """Return the room that the table needs below the axis, in inches, tick labels included."""
    arms = len(_listed(checks))
    return (AXIS_DEPTH + LINE * (3 * arms + 1) + 1) / 72 if arms else 0.0


def draw_check_table(
    ax: Axes,
    checks: Sequence[CurveCheck],
    *,
    names: Mapping[str, str],
    styles: Mapping[str, ArmStyle],
) -> CheckTable:
    """Write reported numbers at risk above reconstructed ones, each at its time."""
    start = -check_table_margin(checks) * 72 + 2
    heading = note(ax, HEADING, at=0, offset=(start, -AXIS_DEPTH - LINE / 2), align="left")
    table = CheckTable(heading=heading, names={}, printed={}, reconstructed={})
    depth = AXIS_DEPTH + 1.5 * LINE
    for check in _listed(checks):
        name = fit(literal(names[check.arm]), width=axes_inches(ax)[0], size=SMALL_SIZE)
        label = note(ax, name, at=0, offset=(start, -depth), align="left")
        label.set_color(styles[check.arm].colour)
        table.names[check.arm] = label
        rows = _with_room(check.at_risk, gap=_gap(ax, checks))
        for title, texts, put in (
            (ROWS[0], {row.time: count_text(row.printed) for row in rows}, table.printed),
            (ROWS[1], {row.time: _text(row) for row in rows}, table.reconstructed),
        ):
            depth += LINE
            note(ax, title, at=0, offset=(start, -depth), align="left").set_color(FAINT)
            put[check.arm] = {
                time: note(ax, text, at=time, offset=(0, -depth)) for time, text in texts.items()
            }
        depth += LINE
    return table


def _text(row: AtRiskCheck) -> str:
    return count_text(row.reproduced) + ("" if row.met else NOT_MET)


def _gap(ax: Axes, checks: Sequence[CurveCheck]) -> float:
    """Return how far apart numbers must be, in the unit of time."""
    low, high = ax.get_xlim()
    return (_widest(checks) + 0.05) * (high - low) / axes_inches(ax)[0]


def _with_room(rows: Sequence[AtRiskCheck], *, gap: float) -> list[AtRiskCheck]:
    """Keep rows that do not run into each other, those that are not matched first."""
    kept: list[AtRiskCheck] = []
    for row in sorted(rows, key=lambda row: (row.met, row.time)):
        if all(abs(row.time - other.time) >= gap for other in kept):
            kept.append(row)
    return sorted(kept, key=lambda row: row.time)
