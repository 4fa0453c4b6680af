"""Numbers at risk of a panel: whose each row is, and which of its numbers a curve rules out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import numpy.typing as npt

from .arm_names import abbreviates, may_be_name, similar_name
from .reading import ReadArm, ReadCurve, RiskRow
from .risk_labels import TableRow

FloatArray = npt.NDArray[np.float64]

_ALIKE = 0.5  # similarity of two names above which a row is an arm's by its name
_SHORT_FORM = 0.9  # likeness of a label that is the short form of one arm's name
_SAME_INK = 0.55  # likeness of two colours above which a row is an arm's by its colour
_FARTHEST = 130.0  # RGB distance at which two colours have nothing in common
_SLACK = 0.03  # of the number before: a misread figure is further off than the curve may be
_MOST_MISFITS = 0.4  # share of a row's cells: above it, curve or row are misread as a whole
_PAST_END = 0.02  # of the time axis: how far the end of a curve may be misread
_RULED_OUT = 2  # numbers that another way of giving rows has to contradict, at least
_MOST_OPEN = 6  # arms without a clear name for which all ways are tried


def without_row(arms: Sequence[ReadArm], rows: Sequence[RiskRow]) -> list[str]:
    """Say of which arms no numbers at risk were read, where those of others were."""
    known = {row.arm for row in rows}
    return [
        f"numbers at risk: no row of arm '{arm.name}' was read."
        for arm in arms
        if rows and arm.name not in known and not arm.may_be
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
        names, or with their own where it is open whose they are; and what is doubtful about them.
    """
    from scipy.optimize import linear_sum_assignment

    named, doubts = named_by_rows(arms, rows)
    if not rows:
        return named, [], doubts
    clear = [k for k, arm in enumerate(named) if not arm.may_be]
    known = [named[k] for k in clear]
    kept, matched = _given_to_none(rows, named)
    alike = np.array([_name_likeness(row.label, known) for row in kept])
    ink = np.array([[_same_ink(row, arm) for arm in known] for row in kept])
    misfit = np.array([[_misfit_share(row.cells, arm.curve) for arm in known] for row in kept])
    order = np.abs(np.subtract.outer(np.arange(len(kept)), np.arange(len(known))))
    score = alike + 0.8 * ink - 0.5 * misfit - 0.01 * order if kept and known else order
    found = zip(*linear_sum_assignment(-score), strict=True) if score.size else ()
    pairs = {int(i): int(j) for i, j in found}
    for i, row in enumerate(kept):
        j = pairs.get(i)
        if j is None:
            matched.append(RiskRow(arm=row.label or f"row {i + 1}", cells=row.cells))
            continue
        arm = named[clear[j]] = _named(named[clear[j]], row, named)
        sure = alike[i, j] >= _ALIKE or (ink[i, j] >= _SAME_INK and _apart(ink[i], j))
        if not sure and len(arms) > 1:
            doubts.append(
                f"numbers at risk: row '{row.label or i + 1}' is given to arm '{arm.name}' by "
                "exclusion or order, not by its name or colour."
            )
        cells, more = checked_cells(row, arm)
        doubts += [*_spelt_otherwise(row, arm), *more]
        matched.append(RiskRow(arm=arm.name, cells=cells))
    return named, [row for row in matched if row.cells], doubts


def _spelt_otherwise(row: TableRow, arm: ReadArm) -> list[str]:
    """Say where table and legend have nearly the same name for an arm: one of them is misread."""
    alike = similar_name(row.label, arm.name)
    words = len(row.label.split()) == len(arm.name.split())
    if not (_ALIKE <= alike < 1.0 and words) or abbreviates(row.label, arm.name):
        return []
    return [
        f"arm '{arm.name}': the table of numbers at risk calls it '{row.label.strip()}': one of "
        "the two is misread."
    ]


def named_by_rows(
    arms: Sequence[ReadArm], rows: Sequence[TableRow]
) -> tuple[list[ReadArm], list[str]]:
    """Name arms whose names are open, where numbers at risk rule out all ways but one.

    Parameters
    ----------
    arms : sequence of ReadArm
    rows : sequence of TableRow

    Returns
    -------
    tuple
        The arms, and what is doubtful about their names.
    """
    unclear = [k for k, arm in enumerate(arms) if arm.may_be]
    if not unclear:
        return list(arms), []
    names = list(dict.fromkeys(name for k in unclear for name in arms[k].may_be))
    listed = ", ".join(f"'{name}'" for name in names)
    told = f"the lines of {listed} are too alike along the curves to tell which is whose: "
    if len(names) == 1:
        told = f"several curves fit the line of {listed} nearly as well: "
    way = _only_way([arms[k] for k in unclear], names, rows)
    if way is None:
        rest = ", and the rows of numbers at risk without a curve" if rows else ""
        return list(arms), [f"{told}those curves are left without a name{rest}."]
    found = dict(zip(unclear, way, strict=True))
    return [
        replace(arm, name=found[k], named=True, may_be=()) if k in found else arm
        for k, arm in enumerate(arms)
    ], [f"{told}the numbers at risk fit the curves in one way only, which is taken."]


def _only_way(
    arms: Sequence[ReadArm], names: Sequence[str], rows: Sequence[TableRow]
) -> tuple[str, ...] | None:
    """Names of arms that their numbers at risk allow, if they clearly rule out all others."""
    of = {name: _row_of(name, rows) for name in names}
    if len(names) > _MOST_OPEN or any(row is None for row in of.values()):
        return None
    ways = [
        way
        for way in permutations(names, len(arms))
        if all(name in arm.may_be for name, arm in zip(way, arms, strict=True))
    ]
    against = np.array(
        [
            sum(
                _ruled_out(row.cells, arm.curve)
                for name, arm in zip(way, arms, strict=True)
                if (row := of[name]) is not None
            )
            for way in ways
        ]
    )
    allowed = np.flatnonzero(against == 0)
    clear = len(allowed) == 1 and np.delete(against, allowed[0]).min(initial=_RULED_OUT)
    return ways[int(allowed[0])] if clear and clear >= _RULED_OUT else None


def _row_of(name: str, rows: Sequence[TableRow]) -> TableRow | None:
    """Row of a name: the one whose label is most like it, if one is."""
    alike = [similar_name(row.label, name) for row in rows]
    return rows[int(np.argmax(alike))] if max(alike, default=0.0) >= _ALIKE else None


def _ruled_out(cells: Sequence[tuple[float, int]], curve: ReadCurve) -> int:
    """How many numbers a curve rules out: by its fall, and by where it ends."""
    end = float(curve.time[-1])
    late = sum(count > 0 and time > (1 + _PAST_END) * end for time, count in cells)
    early = sum(count == 0 and time < (1 - _PAST_END) * end for time, count in cells)
    return len(cells) - len(_consistent(cells, curve)) + late + early


def _given_to_none(
    rows: Sequence[TableRow], arms: Sequence[ReadArm]
) -> tuple[list[TableRow], list[RiskRow]]:
    """Rows that may be given to an arm, and those whose names are open, under their own names."""
    names = {name for arm in arms for name in arm.may_be}
    withheld = [row for name in names if (row := _row_of(name, rows)) is not None]
    kept = [row for row in rows if row not in withheld]
    own = [row for row in rows if row in withheld]
    return kept, [RiskRow(arm=row.label, cells=row.cells) for row in own]


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
    if arm.named or not may_be_name(row.label) or row.label in taken:
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
    """Leave out a first number that runs into a label ending in a figure: "Group 1" and 197.

    Of arm "2" 225 beside no label may be 125, with the label on its first figure.
    """
    label, name = row.label.strip(), arm.name.strip()
    rest = name[len(label) :].strip() if name.startswith(label) else ""
    glued = rest.isdigit() and row.cells and str(row.cells[0][1]).startswith(rest)
    if not glued:
        return row.cells, []
    time, count = row.cells[0]
    return row.cells[1:], [
        f"numbers at risk: {count} at {time:g} in the row of arm '{name}' may run into its "
        "name and is left out."
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
