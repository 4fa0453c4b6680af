"""Curves told apart by dashes and colours where two meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from .alike import DASHED, SOLID
from .canvas import Canvas, runs
from .traced import TracedArm

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_UNLIKE = 0.14  # difference of two patterns (share of ink, colour) below which nothing is known
_OTHER_COLOUR = 30.0  # RGB distance from which the colours of two arms tell them apart
_SWAP = 4.0  # columns that have to speak for an exchange, for each exchange
_LEAST_GAIN = 8.0  # columns that have to speak for an exchange in all
_INK = 0.35  # ink of a column from which it belongs to a dash
_SHORTEST = 20  # columns that two curves are compared along
_LAST = 2  # columns around the end of a curve
_MUCH_FURTHER = 0.03  # of the width of the plot
_LAST_PART = 0.05  # of the plot's width


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sheets:
    """What both curves are compared on; rows as in the traces."""

    rgb: FloatArray
    ground: FloatArray
    likes: tuple[FloatArray, FloatArray]


def uncrossed(arms: Sequence[TracedArm], canvas: Canvas, *, flipped: bool) -> list[TracedArm]:
    """Exchange the parts of two curves between places where they meet, if their looks say so.

    Parameters
    ----------
    arms : sequence of TracedArm
        As traced: the cheapest staircases, whichever way they go where two of them meet.
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    list of TracedArm
        The same curves; where two meet, each goes on as the line that has its share of ink
        (dashes) and its colour. Curves that look alike are left as they are.
    """
    hidden = canvas.covered(flipped=flipped)
    found = list(arms)
    for i, j in combinations(range(len(found)), 2):
        one, two = found[i], found[j]
        parts, _, evidence = _compared(one, two, canvas, flipped=flipped)
        swapped = np.repeat(_states(evidence), [b - a for a, b in parts])
        if swapped.any():
            rows = one.curve.pixels, two.curve.pixels
            found[i], found[j] = (
                _rebuilt(arm, mine, other, swapped, hidden)
                for arm, mine, other in ((one, *rows), (two, *rows[::-1]))
            )
    return found


def alike_meetings(
    one: TracedArm, two: TracedArm, canvas: Canvas, *, flipped: bool, least: float
) -> list[float]:
    """Columns where two curves meet that nothing tells apart, between stretches of their own.

    Parameters
    ----------
    one, two : TracedArm
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).
    least : float
        Columns apart that make a stretch.

    Returns
    -------
    list of float
        Empty if colours or dashes tell which is which.
    """
    parts, apart, evidence = _compared(one, two, canvas, flipped=flipped)
    own = [(a, b) for a, b in parts if apart[a:b].sum() >= least]
    if evidence.any():
        return []
    return [one.curve.start + (end + begin) / 2 for (_, end), (begin, _) in pairwise(own)]


def continued(arms: Sequence[TracedArm], canvas: Canvas, *, flipped: bool) -> list[TracedArm]:
    """Let a curve that ends on the line of another go on along it, to the end of that line.

    Parameters
    ----------
    arms : sequence of TracedArm
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    list of TracedArm
        A curve that meets another and is seen no more is covered by it: that it should end exactly
        there would be a coincidence.
    """
    hidden = canvas.covered(flipped=flipped)
    found = []
    for arm in arms:
        over = [
            other
            for other in arms
            if other is not arm
            and _ends_on(arm, other, canvas)
            and not _would_show(arm, other, canvas)
        ]
        longest = max(over, key=lambda other: len(other.curve.rows), default=None)
        found.append(arm if longest is None else _along(arm, longest, hidden))
    return found


def _would_show(arm: TracedArm, other: TracedArm, canvas: Canvas) -> bool:
    """Whether a curve that is solid where it ends would fill the gaps of another that goes on."""
    last = arm.curve.own[: len(arm.curve.rows)][-round(_LAST_PART * canvas.shape[1]) :] > _INK
    beyond = other.curve.own[len(arm.curve.rows) : len(other.curve.rows)] > _INK
    return bool(
        arm.colour is other.colour
        and len(last)
        and last.mean() >= SOLID
        and len(beyond)
        and beyond.mean() < DASHED
    )


def _along(arm: TracedArm, other: TracedArm, hidden: FloatArray) -> TracedArm:
    """Curve of an arm, and from its end on the other's, which covers it."""
    rows = np.concatenate([arm.curve.pixels, other.curve.pixels[len(arm.curve.rows) :]])
    return arm.along(np.maximum.accumulate(rows), np.maximum(hidden, other.like))


def _ends_on(arm: TracedArm, other: TracedArm, canvas: Canvas) -> bool:
    """Whether a curve ends on the line of another that goes on much further."""
    length = len(arm.curve.rows)
    if arm.curve.start != other.curve.start:
        return False
    if len(other.curve.rows) - length < _MUCH_FURTHER * canvas.shape[1]:
        return False
    near = int(np.ceil(arm.curve.width)) + _LAST  # columns: it may end on a fall of the other
    around = other.curve.rows[max(length - near, 0) : length + near]
    reach = (arm.curve.width + other.curve.width) / 2 + 1
    return bool(around.min() - reach <= arm.curve.rows[-1] <= around.max() + reach)


def _common(one: TracedArm, two: TracedArm) -> int:
    """Count the columns, from the start, that both curves reach."""
    if one.curve.start != two.curve.start:
        return 0
    return min(len(one.curve.rows), len(two.curve.rows))


def _compared(
    one: TracedArm, two: TracedArm, canvas: Canvas, *, flipped: bool
) -> tuple[list[tuple[int, int]], BoolArray, FloatArray]:
    """Parts of two curves between places where they meet, where they are apart, and the evidence.

    Parts are up to the common end; there are none unless the curves meet.
    """
    length = _common(one, two)
    rows = one.curve.pixels[:length], two.curve.pixels[:length]
    gap = np.abs(rows[0] - rows[1])
    reach = max(1.5, 0.75 * max(one.curve.width, two.curve.width))
    parts, apart = _parts(gap <= reach), gap > reach + 1.0
    if length < _SHORTEST or len(parts) < 2:
        return [], apart, np.zeros(0)
    rgb, ground = (s[::-1] if flipped else s for s in (canvas.rgb, canvas.ground))
    known = _Sheets(rgb=rgb, ground=ground, likes=(one.like, two.like))
    return parts, apart, _evidence(one, two, known, rows, parts=parts, apart=apart)


def _parts(meets: BoolArray) -> list[tuple[int, int]]:
    """Columns between the middles of the stretches in which two curves meet."""
    cuts = [(a + b) // 2 for a, b in runs(meets) if a > 0 and b < len(meets)]
    bounds = [0, *cuts, len(meets)]
    return [(a, b) for a, b in pairwise(bounds) if b > a]


def _evidence(
    one: TracedArm,
    two: TracedArm,
    known: _Sheets,
    rows: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    *,
    parts: Sequence[tuple[int, int]],
    apart: BoolArray,
) -> FloatArray:
    """Columns of each part that speak for the curves as they are (above 0) or exchanged."""
    columns = one.curve.start + np.arange(len(apart))
    way = np.asarray(one.colour.rgb) - np.asarray(two.colour.rgb)
    square = float(way @ way)
    if square >= _OTHER_COLOUR**2:
        middle = (np.asarray(one.colour.rgb) + np.asarray(two.colour.rgb)) / 2
        sides = [_side(known, row, columns, middle=middle, way=way / square) for row in rows]
        spoken = np.where(apart, np.clip(sides[0] - sides[1], -1.0, 1.0), 0.0)
        return np.array([float(spoken[a:b].sum()) for a, b in parts])
    like = np.maximum(*known.likes)
    fills = [_ink(like, row, columns) > _INK for row in rows]
    return _by_dashes(fills, parts, apart)


def _side(
    known: _Sheets,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    *,
    middle: FloatArray,
    way: FloatArray,
) -> FloatArray:
    """On whose side the colour along a path is: 0.5 for the first, -0.5 for the second arm."""
    around = np.clip(rows[:, None] + np.arange(-1, 2), 0, known.rgb.shape[0] - 1)
    pixels = known.rgb[around, columns[:, None]]
    ink = ((pixels - known.ground[around, columns[:, None]]) ** 2).sum(axis=2)
    darkest = ink.argmax(axis=1)
    colours = pixels[np.arange(len(rows)), darkest]
    bare = ink.max(axis=1) < 28.0**2
    return np.where(bare, 0.0, np.clip((colours - middle) @ way, -0.5, 0.5))


def _ink(like: FloatArray, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> FloatArray:
    around = np.clip(rows[:, None] + np.arange(-1, 2), 0, like.shape[0] - 1)
    return np.asarray(like[around, columns[:, None]].max(axis=1))


def _by_dashes(
    fills: Sequence[BoolArray], parts: Sequence[tuple[int, int]], apart: BoolArray
) -> FloatArray:
    """Compare the dashes of every part with those of the longest one."""
    weights = np.array([float(apart[a:b].sum()) for a, b in parts])
    patterns = np.array(
        [[_pattern(fill[a:b][apart[a:b]]) for a, b in parts] for fill in fills]
    )  # arm, part, feature
    longest = int(np.argmax(weights))
    way = patterns[0, longest] - patterns[1, longest]
    square = float(way @ way)
    if square < _UNLIKE**2:
        return np.zeros(len(parts))
    unlike = ((patterns[0] - patterns[1]) @ way) / square
    return np.asarray(weights * np.clip(unlike, -1.0, 1.0))


def _pattern(fill: BoolArray) -> tuple[float, float]:
    """Share of ink of a stretch, and how often it begins anew in ten columns."""
    if len(fill) < 4:
        return 0.0, 0.0
    dashes = float((np.diff(fill.astype(np.int8)) == 1).sum()) / len(fill)
    return float(fill.mean()), 2.0 * dashes


def _states(evidence: FloatArray) -> list[bool]:
    """Cheapest sequence of exchanges: evidence against a state costs, and so does each change."""
    costs = np.zeros(2)
    back: list[tuple[int, int]] = []
    for k, value in enumerate(evidence):
        stay = np.array([max(-value, 0.0), max(value, 0.0)])
        change = _SWAP if k else 0.0
        came = tuple(int(costs[1 - s] + change < costs[s]) for s in (0, 1))
        costs = np.array(
            [(costs[1 - s] + change if came[s] else costs[s]) + stay[s] for s in (0, 1)]
        )
        back.append((came[0], came[1]))
    unchanged = float(np.maximum(-evidence, 0.0).sum())
    state = int(costs[1] < costs[0])
    if unchanged - costs[state] < _LEAST_GAIN:
        return [False] * len(evidence)
    states = []
    for came_from in reversed(back):
        states.append(bool(state))
        state = 1 - state if came_from[state] else state
    return states[::-1]


def _rebuilt(
    arm: TracedArm,
    mine: npt.NDArray[np.intp],
    other: npt.NDArray[np.intp],
    swapped: BoolArray,
    hidden: FloatArray,
) -> TracedArm:
    """Curve of an arm with the other's rows where the two are exchanged."""
    length = len(swapped)
    tail = other if swapped[-1] else mine
    rows = np.concatenate([np.where(swapped, other[:length], mine[:length]), tail[length:]])
    return arm.along(np.maximum.accumulate(rows), hidden)
