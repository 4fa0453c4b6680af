"""Printed numbers at risk above the reconstructed ones, below a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .at_risk import AXIS_DEPTH, HEADING, LINE, count_text, note
from .lettering import fit, literal, text_width
from .style import FAINT, SMALL_SIZE, ArmStyle, axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from ..models import AtRiskCheck, CurveCheck

__all__ = ["NOT_MET", "CheckTable", "check_table_height", "check_table_margin", "draw_check_table"]

ROWS = ("printed", "reconstructed")
NOT_MET = "*"
GAP = 6.0  # points between a row's name and its first number


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckTable:
    """What was drawn.

    Attributes
    ----------
    heading : Annotation
    names : dict of str to Annotation
        By arm.
    printed, reconstructed : dict of str to dict of float to Annotation
        By arm and time; a reconstructed number that is not the printed one has a star. Times too
        close to be written beside each other are left out, those not met last.
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
    """Write printed numbers at risk above reconstructed ones, each at its time."""
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
    """Keep rows that do not run into each other, those that are not met first."""
    kept: list[AtRiskCheck] = []
    for row in sorted(rows, key=lambda row: (row.met, row.time)):
        if all(abs(row.time - other.time) >= gap for other in kept):
            kept.append(row)
    return sorted(kept, key=lambda row: row.time)
