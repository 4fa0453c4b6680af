"""Assembly of a panel, raster or vector: its captions, doubtful arms, and panels not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .arm_names import is_remark
from .at_risk import matched_rows, without_row
from .axes import AxisScale, tokens, x_scales, y_scales
from .frames import axis_doubts
from .panels import Frame, panel_letter, panel_title
from .reading import Panel, ReadArm, UnreadableFigureError
from .risk_labels import TableRow, unread_table
from .text import TextLine, Word
from .time_units import time_unit

FloatArray = npt.NDArray[np.float64]

_AT_EDGE = 0.02  # of the survivals that are shown: so near the edge a curve may go on beyond
_LABELS_OF_AN_AXIS = 4  # fewer may be any numbers
_LOW_START = 0.97  # survival below which a curve's first visible level is named

INCIDENCE_TITLE = re.compile(
    r"inciden|event rate|of event|cumulative (?:event|risk|hazard)|failure", re.I
)
INCIDENCE = (
    "the curves rise, and 1 less their heights is written as survival; where another event, such "
    "as death, competes with this one, that is no survival: give the incidences as `causes`."
)

_HAZARD = re.compile(r"\bhazard", re.I)
_LOGARITHM = re.compile(r"\b(?:log|ln)\s*[-\u2212(\[](?!\s*rank)|\blog[\s-]*log\b", re.I)
_PER = re.compile(r"%|\bper\b", re.I)


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
    hazards = _hazards(frame, y_title)
    unsure = [
        *axis_doubts(frame),
        *_unit_doubts(x_title),
        *hazards,
        *doubts,
        *(text for row in rows for text in row.unsure),
    ]
    if y_title and bool(INCIDENCE_TITLE.search(y_title)) != incidence:
        shown = "rise" if incidence else "fall"
        unsure.append(f"the curves {shown}, and the axis is titled '{y_title}'.")
    unsure += [INCIDENCE] * incidence
    named, at_risk, row_doubts = matched_rows(rows, arms)
    row_doubts += unread_table(frame, rows, lines, floor=floor) + without_row(named, at_risk)
    unsure = [_renamed(text, arms, named) for text in unsure]
    edge = _lowest_shown(frame, incidence=incidence)
    unsure += [text for arm in named for text in _curve_doubts(arm, edge)]
    unsure += start_doubts(named) + _one_line_doubts(named)
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


def _renamed(text: str, before: Sequence[ReadArm], after: Sequence[ReadArm]) -> str:
    """Say a doubt of arms that were named later by the names that they have now."""
    names = {f"'{old.name}'": f"'{new.name}'" for old, new in zip(before, after, strict=True)}
    return re.sub("'[^']*'", lambda found: names.get(found[0], found[0]), text)


def _hazards(frame: Frame, title: str | None) -> list[str]:
    """Refuse hazards beyond 1 and transformed survival; smaller ones may be incidence."""
    if title is None:
        return []
    beyond = frame.y.values[-1] > 1.0 and _PER.search(title) is None
    if _LOGARITHM.search(title) or (_HAZARD.search(title) and beyond):
        raise UnreadableFigureError(
            f"the axis is titled '{title}': only survival, or incidence as 1 - survival, is read."
        )
    named = f"the axis is titled '{title}': it is read as 1 - survival, and hazards are larger."
    return [named] if _HAZARD.search(title) else []


def _unit_doubts(title: str | None) -> list[str]:
    """Say that no one unit is named: the draft of a study then has months."""
    if time_unit(title) is not None:
        return []
    said = f"'{title}', their title, does not name one" if title else "they have no title"
    return [
        f"the unit of the times is not known: {said}; check `time_unit`, which is months where no "
        "panel names one."
    ]


def _lowest_shown(frame: Frame, *, incidence: bool) -> float:
    """Return the lowest survival that a plot reaches down to: its labels, or its foot."""
    lowest = frame.y.values[0] if frame.foot is None else float(frame.y.value(frame.foot))
    low, high = lowest / frame.whole, frame.y.values[-1] / frame.whole
    return max(1.0 - high if incidence else low, 0.0)


def _curve_doubts(arm: ReadArm, edge: float) -> list[str]:
    doubts = []
    end, last = float(arm.curve.time[-1]), float(arm.curve.survival[-1])
    if edge > _AT_EDGE and last <= edge + _AT_EDGE * (1.0 - edge):
        doubts.append(
            f"arm '{arm.name}': the curve reaches the edge of the plot, a survival of {edge:g}, "
            f"and is read up to there, at {end:.4g}: it may go on beyond."
        )
    if arm.length_read < 0.5:
        doubts.append(
            f"arm '{arm.name}': only {arm.length_read:.0%} of the curve shows its own line."
        )
    return doubts


def start_doubts(arms: Sequence[ReadArm]) -> list[str]:
    """Say that no curve of a panel starts at 1: one that does shows that their axis is right.

    Parameters
    ----------
    arms : sequence of ReadArm

    Returns
    -------
    list of str
    """
    if any(arm.first_level >= _LOW_START for arm in arms):
        return []
    return [
        f"arm '{arm.name}': the curve starts at {arm.first_level:.2f}, not at 1: the survival "
        "axis may be wrong."
        for arm in arms
    ]


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
    return tuple(chosen)


def axis_titles(
    frame: Frame, lines: Sequence[TextLine], floor: float
) -> tuple[str | None, str | None]:
    """Titles of the time axis and of the survival axis."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    row = float(np.mean([t.y for t in frame.x.labels])) if frame.x.labels else frame.bottom
    row, floor = row + frame.lower, np.inf if frame.lower else floor
    size = frame.x.size or 12.0
    below = [
        line
        for line in lines
        if not line.vertical
        and row + 0.4 * size < line.centre[1] < min(row + 4.5 * size, floor)
        and frame.left < line.centre[0] < frame.right
        and sum(c.isalpha() for c in line.text) >= 3
    ]
    unit_first = sorted(below, key=lambda line: (time_unit(line.text) is None, line.centre[1]))
    beside = [
        line
        for line in lines
        if line.vertical
        and frame.left - 0.5 * width < line.centre[0] < frame.left
        and frame.top - 0.1 * height < line.centre[1] < frame.bottom + 0.1 * height
        and sum(c.isalpha() for c in line.text) >= 2
    ]
    nearest = max(beside, key=lambda line: line.centre[0], default=None)
    return (unit_first[0].text if unit_first else None), (nearest.text if nearest else None)


def remarks_in(frame: Frame, lines: Sequence[TextLine]) -> list[str]:
    """Lines in the plot that report a hazard ratio, an interval, a median or a p value."""
    return [
        line.text
        for line in lines
        if frame.left - 5 < line.centre[0] < frame.right + 0.3 * (frame.right - frame.left)
        and frame.top < line.centre[1] < frame.bottom
        and is_remark(line.text)
        and any(c.isdigit() for c in line.text)
    ]


def panels_not_read(words: Sequence[Word], frames: Sequence[Frame]) -> list[str]:
    """Name axes that belong to no panel: a panel was not recognised."""
    used = {id(t.word) for frame in frames for axis in (frame.x, frame.y) for t in axis.labels}
    doubts = []
    for axis in y_scales(tokens(words), _LABELS_OF_AN_AXIS):
        mine = {id(t.word) for t in axis.labels}
        if not mine & used and axis.values[-1] in (1.0, 100.0):
            doubts.append(
                f"a survival axis from {axis.values[0]:g} to {axis.values[-1]:g} at the left of "
                f"pixel {axis.right:.0f} belongs to no panel that was read: cut that panel out "
                "(--box), and give its time axis (--x-axis) if it has none of its own."
            )
    for axis in x_scales(tokens(words), _LABELS_OF_AN_AXIS):
        mine = {id(t.word) for t in axis.labels}
        if not mine & used and axis.values[0] == 0 and not any(_repeats(axis, f) for f in frames):
            doubts.append(
                f"a time axis from 0 to {axis.values[-1]:g} that starts at pixel "
                f"{axis.labels[0].x:.0f} belongs to no panel that was read: cut that panel out "
                "(--box), or give its axes."
            )
    return doubts


def _repeats(axis: AxisScale, frame: Frame) -> bool:
    """Whether an axis repeats that of a panel above or below, as that of a table does."""
    off = [abs(float(frame.x.pixel(t.value)) - t.x) for t in axis.labels]
    return max(off) < 1.5 * axis.size
