"""Curves of one colour, traced together: all its ink has to belong to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .arms import strip, strokes_across
from .canvas import Canvas, Start, runs
from .traced import Trace, TracedArm, measured
from .tracing import ENDED, cheapest_rows, costs, dash_gap

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_INK = 0.4
_EXPLAINED = 0.7  # what a column of ink that no other curve explains is worth
_UNLIKE = 1.5  # cost of a column whose dashes are quite unlike the curve's
_ALIKE = 0.12  # difference of the shares of ink that says nothing
_OWN_GAP = 0.2  # what a gap of a curve's own dashes costs, of any other's
_PATTERN = 12.0  # widths of the line over which its share of ink is taken
_SEEN = 0.5  # share of that stretch that has to be one level
_LEAST_SEEN = 15  # columns from which a curve's own share of ink is known
_SWEEPS = 4
_MORE = 0.03  # of the plot's width: ink after a curve's end that shows that it goes on
_TAKEN_AWAY = 3  # times that a curve is taken away and looked for again
SOLID, DASHED = 0.95, 0.85  # share of ink of a solid line, at least, and of dashes, at most
_SHOWN = 0.35  # ink of a column from which it belongs to a dash
_LEEWAY = 3.0  # pixels: marks on the other's line draw a curve aside
_ALONG = 0.75  # share of that stretch that is on the other's line
_EDGES = 3  # columns beside what covers a curve in which its ink is mixed with that
_BEFORE = 0.05  # of the plot's width: what is seen of a solid line, without a gap
_GAP, _GAPS = 2, 4  # columns of a gap, and gaps, that show dashes
_NEW = 0.12  # of the plot's width: ink of its own that another curve must bring


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sheets:
    """What all curves of one colour share: their ink, and what each pixel costs any of them.

    Marks are no ink that a curve has to explain: a line beside one with many would do it.
    """

    like: FloatArray
    unmarked: FloatArray
    hidden: FloatArray
    width: float
    level: FloatArray
    fall: FloatArray
    joined: BoolArray
    share: FloatArray
    sure: FloatArray
    start: Start


def together(
    arms: Sequence[TracedArm], canvas: Canvas, start: Start, *, flipped: bool, expected: int | None
) -> list[TracedArm]:
    """Trace the curves of each colour again, together.

    Parameters
    ----------
    arms : sequence of TracedArm
        As traced one after the other.
    canvas : Canvas
    start : Start
        Where the curves begin, in rows of the (flipped) canvas.
    flipped : bool
        Whether the traces are upside down (incidence).
    expected : int or None
        How many curves there are, if it is known.

    Returns
    -------
    list of TracedArm
        Colours with one curve as they are.
    """
    blocked = canvas.covered(flipped=flipped)
    colours = list(dict.fromkeys(arm.colour for arm in arms))
    found: list[TracedArm] = []
    for colour in colours:
        mine = [arm for arm in arms if arm.colour is colour]
        count = expected or 0 if len(colours) == 1 else len(mine)
        others = [arm.like for arm in arms if arm.colour is not colour]
        hidden = np.clip(np.maximum.reduce([blocked, *others]), 0.0, 1.0)
        if max(count, len(mine)) > 1:
            mine = traced_together(mine, hidden, start, expected=count)
        elif len(mine) == 1:
            mine = [_to_last_ink(mine[0], hidden, start)]
        found += mine
    return found


def _to_last_ink(arm: TracedArm, hidden: FloatArray, start: Start) -> TracedArm:
    """Trace a curve again that ends where more of its ink follows: a gap was too wide for it."""
    end = arm.curve.start + len(arm.curve.rows)
    lowest = int(arm.curve.rows[-1]) - 1
    beyond = np.zeros_like(arm.like)
    beyond[lowest:, end:] = np.where(hidden > _INK, 0.0, arm.like)[lowest:, end:]
    if (beyond.max(axis=0) > _INK).sum() < _MORE * arm.like.shape[1]:
        return arm
    sheets = _sheets([arm], hidden, start)
    rows = _retraced(replace(sheets, unmarked=beyond), np.zeros(beyond.shape, dtype=bool), None)
    if rows is None or len(rows) <= len(arm.curve.rows):
        return arm
    return replace(arm, curve=_trace(sheets, rows))


def traced_together(
    arms: Sequence[TracedArm], hidden: FloatArray, start: Start, *, expected: int = 0
) -> list[TracedArm]:
    """Trace curves of one colour again until together they explain as much of its ink as they can.

    Parameters
    ----------
    arms : sequence of TracedArm
        Curves of one colour, as traced one after the other; at least one.
    hidden : ndarray, shape (height, width)
        Where other lines, text or the frame may cover a curve, 0 to 1; rows as in the traces.
    start : Start
        Where the curves begin.
    expected : int
        How many curves of the colour there are, if it is known: one that is missing is looked for
        in the ink that the others leave.

    Returns
    -------
    list of TracedArm
        As many as given, or as expected where a missing one is found.

    Notes
    -----
    The cheapest staircase through all ink may change to the line of another where the two meet,
    and leaves the other without it. Here each curve in turn is traced again at the cost of bare
    ground, less what the ink is worth that no other curve explains, plus the difference between
    its own share of ink (dashes) and that of the line it follows. No step raises the sum of the
    costs of all curves and of the ink that is left.
    """
    sheets = _sheets(arms, hidden, start)
    rows = _settled(sheets, [arm.curve.pixels for arm in arms])
    rows = _begun_anew(sheets, rows)
    while len(rows) < expected:
        covered = _any(sheets, [_line(sheets, r) for r in rows])
        added = _retraced(sheets, covered, None)
        if added is None or _brought(sheets, added, covered) < _NEW * sheets.like.shape[1]:
            break
        rows = _settled(sheets, [*rows, added])
    kinds = [*arms, *[arms[-1]] * (len(rows) - len(arms))]
    return [replace(arm, curve=_trace(sheets, r)) for arm, r in zip(kinds, rows, strict=True)]


def _sheets(arms: Sequence[TracedArm], hidden: FloatArray, start: Start) -> _Sheets:
    from scipy import ndimage

    like = arms[0].like
    width = min(arm.curve.width for arm in arms)  # dense marks make a line look thicker
    dashed = any(arm.curve.support < 0.9 for arm in arms)
    level, fall = costs(like, hidden, width, sloping=dashed)
    gap = max(7, int(6 * width), dash_gap(like) + 4) | 1
    ink = ndimage.maximum_filter(like, size=(3, 1)) > _INK
    closed = ndimage.binary_closing(ink, structure=np.ones((1, gap), dtype=bool))
    reach = round(max(_PATTERN * width, 2 * gap)) | 1
    sure = ndimage.uniform_filter1d(closed.astype(float), reach, axis=1)
    share = ndimage.uniform_filter1d((ink & closed).astype(float), reach, axis=1)
    thin = [replace(arm.curve, width=width) for arm in arms]
    marks = [strokes_across(curve, like) & ~strip(curve, like.shape) for curve in thin]
    return _Sheets(
        like=like,
        unmarked=np.where(np.logical_or.reduce(marks), 0.0, like),
        hidden=hidden,
        width=width,
        level=level,
        fall=fall,
        joined=closed,
        share=share / np.maximum(sure, 1e-9),
        sure=np.where(sure > _SEEN, sure, 0.0),
        start=start,
    )


def _settled(sheets: _Sheets, rows: Sequence[IntArray], most: int = _SWEEPS) -> list[IntArray]:
    """Curves after as many rounds as change something for the better."""
    now = list(rows)
    lines = [_line(sheets, r) for r in now]
    best, least = list(now), _total(sheets, now, lines)
    for _ in range(most):
        changed = False
        for k in range(len(now)):
            again = _retraced(sheets, _any(sheets, lines, k), now[k])
            if again is not None and not np.array_equal(again, now[k]):
                now[k], lines[k], changed = again, _line(sheets, again), True
        if not changed:
            break
        total = _total(sheets, now, lines)
        if total >= least:
            break
        best, least = list(now), total
    return best


def _begun_anew(sheets: _Sheets, rows: list[IntArray]) -> list[IntArray]:
    """Curves after one of them was taken away and looked for again in the ink that is left.

    A line that no curve follows cannot be reached one curve at a time if each of them is needed
    where it is: the others have to take over what one of them leaves.
    """
    for _ in range(_TAKEN_AWAY):
        lines = [_line(sheets, r) for r in rows]
        covered = _any(sheets, lines)
        beyond = _retraced(sheets, covered, None)
        if beyond is None or _brought(sheets, beyond, covered) < _NEW * sheets.like.shape[1]:
            break
        own = [_brought(sheets, r, _any(sheets, lines, j)) for j, r in enumerate(rows)]
        k = int(np.argmin(own))  # the one that the others miss least
        others = _settled(sheets, [*rows[:k], *rows[k + 1 :]], most=2)
        added = _retraced(sheets, _any(sheets, [_line(sheets, r) for r in others]), None)
        if added is None:
            break
        again = _settled(sheets, [*others[:k], added, *others[k:]], most=3)
        if _total(sheets, again, [_line(sheets, r) for r in again]) >= _total(sheets, rows, lines):
            break
        rows = again
    return rows


def _brought(sheets: _Sheets, rows: IntArray, covered: BoolArray) -> float:
    """Columns of ink that a curve explains beside what is covered."""
    return float(sheets.unmarked[_line(sheets, rows) & ~covered].sum()) / sheets.width


def _any(sheets: _Sheets, lines: Sequence[BoolArray], but: int = -1) -> BoolArray:
    """Pixels of all lines but one."""
    covered = np.zeros(sheets.like.shape, dtype=bool)
    for k, line in enumerate(lines):
        if k != but:
            covered |= line
    return covered


def _retraced(sheets: _Sheets, covered: BoolArray, mine: IntArray | None) -> IntArray | None:
    """Cheapest staircase of one curve, given what the others cover."""
    from scipy import ndimage

    left = np.where(covered, 0.0, sheets.unmarked)
    size = round(sheets.width) + 2
    across = [ndimage.uniform_filter1d(left, size, axis=axis) * size for axis in (0, 1)]
    worth = [_EXPLAINED * np.minimum(a / sheets.width, 1.0) for a in across]
    own = None if mine is None else _own_share(sheets, mine, covered)
    level = _level(sheets, own) - worth[0]
    start = sheets.start
    rows = cheapest_rows(
        level,
        sheets.fall - worth[1],
        start=start.column,
        start_row=start.row,
        slack=start.slack,
    )
    return rows if len(rows) >= 3 else None


def _level(sheets: _Sheets, own: float | None) -> FloatArray:
    """Cost of each pixel on a level of a curve with that share of ink in its dashes.

    The gaps of its own dashes cost little; dashes that are unlike its own cost what they differ.
    """
    if own is None:
        return np.where(sheets.joined, 0.5 * sheets.level, sheets.level)
    off = np.maximum(np.abs(sheets.share - own) - _ALIKE, 0.0)
    gaps = sheets.joined & (off == 0.0) & (sheets.sure > 0.0)
    level = np.where(gaps, _OWN_GAP * sheets.level, sheets.level)
    return np.asarray(level + _UNLIKE * sheets.sure * off)


def _own_share(sheets: _Sheets, rows: IntArray, covered: BoolArray) -> float | None:
    """Share of ink of a curve's dashes where it is alone; None if it hardly ever is."""
    columns = sheets.start.column + np.arange(len(rows))
    alone = ~covered[rows, columns] & (sheets.sure[rows, columns] > 0)
    if alone.sum() < _LEAST_SEEN:
        return None
    return float(np.median(sheets.share[rows, columns][alone]))


def _line(sheets: _Sheets, rows: IntArray) -> BoolArray:
    """Pixels of the line of a curve: its levels and its falls."""
    height, width = sheets.like.shape
    reach = int(np.ceil(sheets.width / 2 + 0.7))
    before = np.concatenate([rows[:1], rows[:-1]])
    columns = sheets.start.column + np.arange(len(rows))
    edges = np.zeros((height + 1, width), dtype=np.int32)
    for side in range(-reach, reach + 1):
        kept = (rows - before > 1) | (side == 0)
        kept &= (columns + side >= 0) & (columns + side < width)
        top, bottom = np.maximum(before[kept] - reach, 0), rows[kept] + reach + 1
        np.add.at(edges, (top, columns[kept] + side), 1)
        np.add.at(edges, (np.minimum(bottom, height), columns[kept] + side), -1)
    return np.asarray(np.cumsum(edges, axis=0)[:-1] > 0)


def _total(sheets: _Sheets, paths: Sequence[IntArray], lines: Sequence[BoolArray]) -> float:
    """Costs of all curves and worth of the ink that none explains."""
    left = np.where(_any(sheets, lines), 0.0, sheets.unmarked)
    total = _EXPLAINED * float(left.sum()) / sheets.width
    cumulative = np.cumsum(sheets.fall, axis=0)
    for k, rows in enumerate(paths):
        columns = sheets.start.column + np.arange(len(rows))
        own = _own_share(sheets, rows, _any(sheets, lines, k))
        total += float(_level(sheets, own)[rows, columns].sum())
        at = columns[1:]
        total += float((cumulative[rows[1:], at] - cumulative[rows[:-1], at]).sum())
        total += ENDED * (sheets.like.shape[1] - columns[-1] - 1)
    return total


def _trace(sheets: _Sheets, rows: IntArray) -> Trace:
    return measured(
        sheets.like, sheets.hidden, rows=rows, start=sheets.start.column, width=sheets.width
    )


def ended(arms: Sequence[TracedArm], canvas: Canvas, *, flipped: bool) -> list[TracedArm]:
    """Let a solid curve end where only the dashes of another of its colour go on.

    Parameters
    ----------
    arms : sequence of TracedArm
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    list of TracedArm
        A solid line does not lie below dashes of its colour: it would fill their gaps.
    """
    hidden = canvas.covered(flipped=flipped)
    found = list(arms)
    for k, arm in enumerate(arms):
        of_others = [other.like for other in arms if other.colour is not arm.colour]
        for other in arms:
            length = _last_solid(arm, other, np.maximum.reduce([hidden, *of_others]))
            if length is not None and length < len(found[k].curve.rows):
                found[k] = arm.along(arm.curve.pixels[:length], hidden)
    return found


def _last_solid(arm: TracedArm, other: TracedArm, hidden: FloatArray) -> int | None:
    """Columns of a curve up to its first gap, if dashes of another are all that follows."""
    from scipy import ndimage

    length = min(len(arm.curve.rows), len(other.curve.rows))
    if other is arm or other.colour is not arm.colour or arm.curve.start != other.curve.start:
        return None
    rows = arm.curve.pixels[:length]
    covered = hidden[rows, arm.curve.start + np.arange(length)] > _SHOWN
    covered = ndimage.binary_dilation(covered, iterations=_EDGES)
    own = (arm.curve.own[:length] > _SHOWN) | covered
    wide = [a for a, b in runs(~own) if b - a >= _GAP]
    if len(wide) < _GAPS or length - wide[0] < _MORE * hidden.shape[1]:
        return None
    last = wide[0]
    solid = (~covered[:last]).sum() > _BEFORE * hidden.shape[1] and own[last:].mean() < DASHED
    reach = (arm.curve.width + other.curve.width) / 2 + _LEEWAY
    near = np.abs(arm.curve.rows[last:length] - other.curve.rows[last:length]) <= reach
    return last if solid and near.mean() > _ALONG else None
