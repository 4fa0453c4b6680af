"""Numbers at risk beside the curves: whose row it is, and whether its numbers fit the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .likeness import abbreviates, similar_name
from .reading import ReadArm, ReadCurve, RiskRow
from .risk_table import TableRow

FloatArray = npt.NDArray[np.float64]

_ALIKE = 0.5  # similarity of two names above which a row is an arm's by its name
_SHORT_FORM = 0.9  # likeness of a label that is the short form of one arm's name
_SAME_INK = 0.55  # likeness of two colours above which a row is an arm's by its colour
_FARTHEST = 130.0  # RGB distance at which two colours have nothing in common
_SLACK = 0.03  # of the number before: a misread figure is further off than the curve may be
_MOST_MISFITS = 0.4  # share of a row's cells: above it, curve or row are misread as a whole


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
