"""Assembly of a panel, raster or vector: its captions, and whose the rows of its table are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .frames import axis_doubts
from .legend import is_remark
from .naming import abbreviates, similar_name
from .panels import Frame, panel_letter, panel_title
from .reading import Panel, ReadArm, ReadCurve, RiskRow, UnreadableFigureError
from .risk_table import TableRow, unread_table
from .text import TextLine

FloatArray = npt.NDArray[np.float64]

_AT_EDGE = 0.02  # of the survivals that are shown: so near the edge a curve may go on beyond
_LOW_START = 0.97  # survival below which a curve's first visible level is named

_UNITS = (
    ("days", r"\bdays?\b"),
    ("weeks", r"\bweeks?\b|\bwks?\b"),
    ("months", r"\bmonths?\b|\bmos?\b"),
    ("years", r"\byears?\b|\byrs?\b"),
)
INCIDENCE_TITLE = re.compile(
    r"inciden|event rate|of event|cumulative (?:event|risk|hazard)|failure", re.I
)

_HAZARD = re.compile(r"\bhazard", re.I)
_LOGARITHM = re.compile(r"\b(?:log|ln)\s*[-\u2212(\[](?!\s*rank)|\blog[\s-]*log\b", re.I)
_PER = re.compile(r"%|\bper\b", re.I)

_ALIKE = 0.5  # similarity of two names above which a row is an arm's by its name
_SHORT_FORM = 0.9  # likeness of a label that is the short form of one arm's name
_SAME_INK = 0.55  # likeness of two colours above which a row is an arm's by its colour
_FARTHEST = 130.0  # RGB distance at which two colours have nothing in common
_SLACK = 0.03  # of the number before: a misread figure is further off than the curve may be
_MOST_MISFITS = 0.4  # share of a row's cells: above it, curve or row are misread as a whole


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
        *hazards,
        *doubts,
        *(text for row in rows for text in row.unsure),
    ]
    if y_title and bool(INCIDENCE_TITLE.search(y_title)) != incidence:
        shown = "rise" if incidence else "fall"
        unsure.append(f"the curves {shown}, and the axis is titled '{y_title}'.")
    named, at_risk, row_doubts = matched_rows(rows, arms)
    row_doubts += unread_table(frame, rows, lines, floor=floor) + without_row(named, at_risk)
    edge = _lowest_shown(frame, incidence=incidence)
    unsure += [text for arm in named for text in _curve_doubts(arm, edge)]
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


def without_row(arms: Sequence[ReadArm], rows: Sequence[RiskRow]) -> list[str]:
    """Say of which arms no numbers at risk were read, where those of others were."""
    known = {row.arm for row in rows}
    return [
        f"numbers at risk: no row of arm '{arm.name}' was read."
        for arm in arms
        if rows and arm.name not in known
    ]


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


def _lowest_shown(frame: Frame, *, incidence: bool) -> float:
    """Return the lowest survival that the labels of a plot reach down to."""
    low, high = frame.y.values[0] / frame.whole, frame.y.values[-1] / frame.whole
    return max(1.0 - high if incidence else low, 0.0)


def _curve_doubts(arm: ReadArm, edge: float) -> list[str]:
    doubts = []
    end, last = float(arm.curve.time[-1]), float(arm.curve.survival[-1])
    if edge > _AT_EDGE and last <= edge + _AT_EDGE * (1.0 - edge):
        doubts.append(
            f"arm '{arm.name}': the curve reaches the edge of the plot, a survival of {edge:g}, "
            f"and is read up to there, at {end:.4g}: it may go on beyond."
        )
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


def axis_titles(
    frame: Frame, lines: Sequence[TextLine], floor: float
) -> tuple[str | None, str | None]:
    """Titles of the time axis and of the survival axis."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    row = float(np.mean([t.y for t in frame.x.labels])) if frame.x.labels else frame.bottom
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


def time_unit(title: str | None) -> str | None:
    """Find the unit named in a title: days, weeks, months or years."""
    for unit, pattern in _UNITS:
        if title and re.search(pattern, title, re.IGNORECASE):
            return unit
    return None


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


def matched_rows(
    rows: Sequence[TableRow], arms: Sequence[ReadArm]
) -> tuple[list[ReadArm], list[RiskRow], list[str]]:
    """Give each row of the table its arm, by name, colour, fit to the curve, and order.

    Parameters
    ----------
    rows : sequence of TableRow
    arms : sequence of ReadArm

    Returns
    -------
    tuple
        The arms, those without a name of their own named by their row; the rows with the arms'
        names; and what is doubtful about them.
    """
    from scipy.optimize import linear_sum_assignment

    named = list(arms)
    matched: list[RiskRow] = []
    doubts: list[str] = []
    if not rows:
        return named, matched, doubts
    alike = np.array([_name_likeness(row.label, arms) for row in rows])
    ink = np.array([[_same_ink(row, arm) for arm in arms] for row in rows])
    misfit = np.array([[_misfit_share(row.cells, arm.curve) for arm in arms] for row in rows])
    order = np.abs(np.subtract.outer(np.arange(len(rows)), np.arange(len(arms))))
    score = alike + 0.8 * ink - 0.5 * misfit - 0.01 * order
    found = zip(*linear_sum_assignment(-score), strict=True) if score.size else ()
    pairs = {int(i): int(j) for i, j in found}
    for i, row in enumerate(rows):
        j = pairs.get(i)
        if j is None:
            matched.append(RiskRow(arm=row.label or f"row {i + 1}", cells=row.cells))
            continue
        named[j] = _named(named[j], row, named)
        known = alike[i, j] >= _ALIKE or (ink[i, j] >= _SAME_INK and _apart(ink[i], j))
        if not known and len(arms) > 1:
            doubts.append(
                f"numbers at risk: row '{row.label or i + 1}' is given to arm '{named[j].name}' by "
                "exclusion or order, not by its name or colour."
            )
        cells, more = checked_cells(row, named[j])
        doubts += more
        matched.append(RiskRow(arm=named[j].name, cells=cells))
    return named, [row for row in matched if row.cells], doubts


def _name_likeness(label: str, arms: Sequence[ReadArm]) -> list[float]:
    """Likeness of a row's label and of the arms' names; short forms count where one arm has it."""
    alike = [similar_name(label, arm.name) if arm.named else 0.0 for arm in arms]
    short = [k for k, arm in enumerate(arms) if arm.named and abbreviates(label, arm.name)]
    if len(short) == 1:
        alike[short[0]] = max(alike[short[0]], _SHORT_FORM)
    return alike


def _same_ink(row: TableRow, arm: ReadArm) -> float:
    """Likeness of the colour of a row's bar or label and of a curve, 0 to 1."""
    if row.rgb is None:
        return 0.0
    code = arm.color.lstrip("#")
    colour = np.array([int(code[k : k + 2], 16) for k in (0, 2, 4)], dtype=float)
    distance = float(np.sqrt(((colour - np.asarray(row.rgb)) ** 2).sum()))
    return max(0.0, 1.0 - distance / _FARTHEST)


def _apart(ink: FloatArray, j: int) -> bool:
    """Whether one arm has a row's colour clearly more than all others."""
    others = np.delete(ink, j)
    return bool(len(others) == 0 or ink[j] - others.max() > 0.15)


def _named(arm: ReadArm, row: TableRow, arms: Sequence[ReadArm]) -> ReadArm:
    """Name an arm by its row's label if the figure names it nowhere else."""
    taken = {other.name for other in arms}
    lettered = any(c.isalnum() for c in row.label)
    if arm.named or not lettered or row.label in taken:
        return arm
    return replace(arm, name=row.label, named=True)


def checked_cells(row: TableRow, arm: ReadArm) -> tuple[tuple[tuple[float, int], ...], list[str]]:
    """Leave out the numbers that the arm's curve rules out.

    Parameters
    ----------
    row : TableRow
    arm : ReadArm

    Returns
    -------
    tuple
        The cells that are kept, and sentences about the others.

    Notes
    -----
    Events take patients away in proportion to survival, and censoring takes more: the number at
    risk falls at least as the curve does, n(u) <= n(t) S(u) / S(t) for u > t.
    """
    cells, doubts = _without_glued(row, arm)
    kept = _consistent(cells, arm.curve)
    lost = [cell for cell in cells if cell not in kept]
    if len(lost) > max(1.0, _MOST_MISFITS * len(cells)):
        doubts.append(
            f"numbers at risk: the row of arm '{arm.name}' falls less than its curve does: one of "
            "the two is misread, or the row is another arm's."
        )
        return cells, doubts
    doubts += [
        f"numbers at risk: {count} at {time:g} in the row of arm '{arm.name}' does not fit the "
        "fall of its curve and is left out."
        for time, count in lost
    ]
    return kept, doubts


def _without_glued(row: TableRow, arm: ReadArm) -> tuple[tuple[tuple[float, int], ...], list[str]]:
    """Leave out a first number that runs into a label ending in a figure: "Group 1" and 197."""
    label, name = row.label.strip(), arm.name.strip()
    rest = name[len(label) :].strip() if label and name.startswith(label) else ""
    glued = rest.isdigit() and row.cells and str(row.cells[0][1]).startswith(rest)
    if not glued:
        return row.cells, []
    time, count = row.cells[0]
    return row.cells[1:], [
        f"numbers at risk: {count} at {time:g} in the row of arm '{name}' runs into its name and "
        "is left out."
    ]


def _ratio_limits(times: FloatArray, curve: ReadCurve) -> FloatArray:
    """Largest S(u) / S(t) that a curve allows for each pair of times t (rows) and u."""
    slack = 0.01 * float(curve.time[-1])
    place = np.clip(np.searchsorted(curve.time, times) - 1, 0, len(curve.time) - 1)
    tolerance = 1.5 * curve.tolerance[place]
    high = np.minimum(curve.at(times - slack) + tolerance, 1.0)
    low = np.maximum(curve.at(times + slack) - tolerance, 1e-6)
    return np.asarray(np.minimum(high[None, :] / low[:, None], 1.0))


def _misfit_share(cells: Sequence[tuple[float, int]], curve: ReadCurve) -> float:
    """Share of neighbouring cells that a curve rules out."""
    if len(cells) < 2:
        return 0.0
    times, counts = (np.array(part, dtype=float) for part in zip(*cells, strict=True))
    limit = np.diagonal(_ratio_limits(times, curve), offset=1)
    return float((counts[1:] > counts[:-1] * (limit + _SLACK) + 1.0).mean())


def _consistent(
    cells: Sequence[tuple[float, int]], curve: ReadCurve
) -> tuple[tuple[float, int], ...]:
    """Largest set of cells of which no later one is above what the curve leaves of an earlier."""
    if len(cells) < 2:
        return tuple(cells)
    times, counts = (np.array(part, dtype=float) for part in zip(*cells, strict=True))
    inside = (times <= curve.time[-1] * 1.001).astype(bool)
    fits = counts[None, :] <= counts[:, None] * (_ratio_limits(times, curve) + _SLACK) + 1.0
    fits |= ~(inside[:, None] & inside[None, :])
    length, before = np.ones(len(cells), dtype=int), np.full(len(cells), -1)
    for k in range(1, len(cells)):
        earlier = [j for j in range(k) if fits[j, k]]
        if earlier:
            best = max(earlier, key=lambda j: (length[j], j))
            length[k], before[k] = length[best] + 1, best
    k = int(np.argmax(length))
    kept = []
    while k >= 0:
        kept.append(cells[k])
        k = int(before[k])
    return tuple(reversed(kept))
