"""Assembly of a panel from its parts, alike for raster and vector figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from .at_risk import matched_rows
from .captions import INCIDENCE_TITLE, axis_titles, remarks_in, time_unit
from .errors import UnreadableFigureError
from .frames import axis_doubts
from .panels import Frame, panel_letter, panel_title
from .reading import Panel, ReadArm
from .risk_table import TableRow, unread_table
from .text import TextLine

_LOW_START = 0.97  # survival below which a curve's first visible level is named


def assembled_panel(
    frame: Frame,
    arms: Sequence[ReadArm],
    rows: Sequence[TableRow],
    *,
    number: int,
    lines: Sequence[TextLine],
    floor: float,
    incidence: bool,
    doubts: Sequence[str],
) -> Panel:
    """Put axes, arms, numbers at risk and captions together, and name what is doubtful.

    Parameters
    ----------
    frame : Frame
    arms : sequence of ReadArm
        At least one.
    rows : sequence of TableRow
        Of the numbers at risk.
    number : int
        Of the panel, from 1.
    lines : sequence of TextLine
        All text of the figure.
    floor : float
        Lowest pixel that belongs to the panel.
    incidence : bool
        Whether the curves rise.
    doubts : sequence of str
        What is doubtful about the arms.

    Returns
    -------
    Panel
    """
    x_title, y_title = axis_titles(frame, lines, floor)
    unsure = [*axis_doubts(frame), *doubts, *(text for row in rows for text in row.unsure)]
    if y_title and bool(INCIDENCE_TITLE.search(y_title)) != incidence:
        shown = "rise" if incidence else "fall"
        unsure.append(f"the curves {shown}, and the axis is titled '{y_title}'.")
    named, at_risk, row_doubts = matched_rows(rows, arms)
    row_doubts += unread_table(frame, rows, lines, floor=floor)
    unsure += [text for arm in named for text in _curve_doubts(arm)]
    unsure += _one_line_doubts(named)
    return Panel(
        panel=number,
        label=panel_letter(frame, lines),
        title=panel_title(frame, lines),
        x_axis=frame.x,
        y_axis=frame.y,
        x_unit=time_unit(x_title),
        x_title=x_title,
        y_title=y_title,
        percent=frame.percent,
        incidence=incidence,
        arms=tuple(named),
        at_risk=tuple(at_risk),
        unsure=tuple(unsure + row_doubts),
        remarks=tuple(remarks_in(frame, lines)),
    )


def _curve_doubts(arm: ReadArm) -> list[str]:
    doubts = []
    if arm.first_level < _LOW_START:
        doubts.append(
            f"arm '{arm.name}': the curve starts at {arm.first_level:.2f}, not at 1: the survival "
            "axis may be wrong."
        )
    if arm.length_read < 0.5:
        doubts.append(
            f"arm '{arm.name}': only {arm.length_read:.0%} of the curve shows its own line."
        )
    return doubts


def _one_line_doubts(arms: Sequence[ReadArm]) -> list[str]:
    """Name pairs of arms that were read from one line for nearly all of its length."""
    doubts = []
    for one, other in combinations(arms, 2):
        end = min(one.curve.time[-1], other.curve.time[-1])
        middles = (np.arange(200) + 0.5) / 200 * end
        first, second = one.curve.at(middles), other.curve.at(middles)
        apart = np.abs(first - second) > one.curve.tolerance.min() + other.curve.tolerance.min()
        if apart.mean() < 0.1 and first[-1] < 1.0:
            doubts.append(
                f"arms '{one.name}' and '{other.name}': their curves lie on each other: one of "
                "the two may not have been found."
            )
    return doubts


def chosen_panels(panels: Sequence[Panel], wanted: str | None) -> tuple[Panel, ...]:
    """Panels that a hint names by letter or number; all without a hint.

    Raises
    ------
    UnreadableFigureError
        If no panel has that letter or number.
    """
    if wanted is None:
        return tuple(panels)
    chosen = [
        p for p in panels if str(p.panel) == wanted or (p.label or "").lower() == wanted.lower()
    ]
    if not chosen:
        known = ", ".join(p.label or str(p.panel) for p in panels)
        raise UnreadableFigureError(f"there is no panel {wanted!r}: the figure has {known}.")
    return tuple(replace(p) for p in chosen)
