"""Doubts about traced curves that need no knowledge of the figure: what a reader would notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from .arm_names import is_of_marks, is_remark, may_be_name
from .arms import strip, strokes_across
from .canvas import Canvas, runs
from .crossings import alike_meetings
from .marks import share_beside
from .samples import LegendEntry
from .text import TextLine
from .traced import Trace, TracedArm

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_SEEN = 0.35  # ink of a column of a curve's own
_LONG = 0.04  # of the plot's width: a stretch that is worth a word
_FALLS = 0.02  # of the plot's height, by which a curve falls unseen
_LEFT = 0.3  # share of the columns in which lines are left that belong to no curve
_STRENGTH = 0.5  # of the ink of the curves: what is paler is an edge or a band
_MARK_WIDTHS, _MARK_SHARE = 2.5, 0.018  # half a mark: of the line's width, of the plot's height
_FOOT = 0.025  # of the plot's height, in which the time axis lies
_BOX, _SIDE, _INSIDE = 16, 3, 0.1  # least side of a frame, its thickness, share that is inside
_EVEN = 2.2  # ratio of the distances of two limits from their curve, at most
_MOSTLY = 0.6  # share of the columns with other ink in which it is that of limits
_TOGETHER = 0.9  # share of a stretch in which two curves lie on each other
_TAIL = 0.015  # of the plot's width: as short a stretch at the end of two curves is worth a word
_BESIDE_IT = 0.01  # of the plot's height: how far from a line its edge and its marks may be
_BOTH = 0.5  # share of its columns in which a curve shows on a line that it shares with another
_ONE_END = 0.02  # of the plot's width: ends that differ less are one
_LEGEND = 2  # names with samples that make a column
_ALIGNED, _NEXT_LINE = 0.4, 1.8  # of a letter's height: places of two names of one legend
_WINDOW = 0.06  # of the plot's width, over which dashes are compared
_MOST_BESIDE = 0.7  # of a curve; marks and guide lines cover at most a half
_UNLIKE = 0.15  # difference of two shares of ink that tells dashes apart
_SOLID = 0.96  # share of ink of a solid line, at least
_WINDOWS = 3  # of a stretch of one look, at least
_SURE = 0.4  # share of the columns of a window that have to be clear of other lines
_DOTTED = 0.25  # share of ink of a row of dots, at least
_LINE_INK = 40.0  # RGB distance from its ground of what is a line
_ON, _ON_LOWER = 0.03, 0.12  # of the plot's width and height, in which a line goes on behind an end
_SHOWN = 0.9  # share of those columns that show it
_LEVEL = 0.08  # of the plot's width: as long a stretch that is not seen is named without a fall

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Traces:
    """Curves of a raster panel with their names, as they are looked at for doubts.

    Parameters
    ----------
    arms : tuple of TracedArm
    names : tuple of str
        In the order of the curves.
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).
    time : callable
        Time of a column of the canvas.
    insets : tuple of tuple of float
        Boxes of other plots within this one: left, top, right and bottom, in pixels of the figure.
    """

    arms: tuple[TracedArm, ...]
    names: tuple[str, ...]
    canvas: Canvas
    flipped: bool
    time: Callable[[float], float]
    insets: tuple[Box, ...] = ()


def curve_doubts(traces: Traces) -> list[str]:
    """Say what speaks against curves as they were traced.

    Parameters
    ----------
    traces : Traces

    Returns
    -------
    list of str
        Sentences about stretches that something covers, curves that look alike and meet, or share
        their end, dashes that change, and ink that belongs to no curve.
    """
    covered = [
        text
        for arm, name in zip(traces.arms, traces.names, strict=True)
        for text in _covered(traces, arm, name)
    ]
    ends = [*_crossings(traces), *_shared_ends(traces), *_going_on(traces)]
    return [*covered, *ends, *_changed_dashes(traces), *_left_ink(traces)]


def names_without_sample(entries: Sequence[LegendEntry], lines: Sequence[TextLine]) -> list[str]:
    """Name lines in the column of a legend's names whose sample was not recognised.

    Parameters
    ----------
    entries : sequence of LegendEntry
        Names with a sample.
    lines : sequence of TextLine
        Lines that may name arms.

    Returns
    -------
    list of str
        Their curves may be too pale to be seen, as their samples are.
    """
    known = [
        line
        for entry in entries
        for line in lines
        if entry.name in line.text and entry.box[1] < line.centre[1] < entry.box[3]
    ]
    if len(known) < _LEGEND:
        return []
    left, size = float(np.median([line.x0 for line in known])), known[0].size
    return [
        f"the legend's '{line.text.strip()}' has no sample that was recognised: its curve may be "
        "missing."
        for line in lines
        if line not in known
        and not line.vertical
        and abs(line.x0 - left) < _ALIGNED * size
        and min(abs(line.centre[1] - other.centre[1]) for other in known) < _NEXT_LINE * size
        and line.centre[1] > min(other.centre[1] for other in known)  # above stands the title
        and not is_remark(line.text)
        and not is_of_marks(line.text, lines)
        and may_be_name(line.text)
    ]


def _covered(traces: Traces, arm: TracedArm, name: str) -> list[str]:
    """Stretches in which nothing of a curve is seen, as below a legend, letters or a guide line."""
    height, width = traces.canvas.shape
    rows = arm.curve.rows
    unseen = arm.curve.own[: len(rows)] <= _SEEN
    for other in traces.arms:  # on the line of another curve its course is known
        if other is not arm:
            length = min(len(rows), len(other.curve.rows))
            near = np.abs(rows[:length] - other.curve.rows[:length]) < other.curve.width + 2
            unseen[:length] &= ~near
    doubts = []
    for a, b in runs(unseen):
        fall = float(rows[min(b, len(rows) - 1)] - rows[max(a - 1, 0)])
        if b - a < (_LONG if fall >= _FALLS * height else _LEVEL) * width:
            continue
        first, last = (traces.time(arm.curve.start + k) for k in (a, b))
        doubts.append(
            f"arm '{name}': nothing of the curve is seen from {first:.3g} to {last:.3g}: "
            "its course there is not known."
        )
    return doubts


def _crossings(traces: Traces) -> list[str]:
    """Pairs of curves that nothing tells apart where they meet."""
    canvas, doubts = traces.canvas, []
    least = _LONG * canvas.shape[1]
    for i, j in combinations(range(len(traces.arms)), 2):
        one, two = traces.arms[i], traces.arms[j]
        if met := alike_meetings(one, two, canvas, flipped=traces.flipped, least=least):
            at = ", ".join(f"{traces.time(column):.3g}" for column in met)
            doubts.append(
                f"arms '{traces.names[i]}' and '{traces.names[j]}': where their curves meet, at "
                f"{at}, their looks do not tell which is which: they may be exchanged after that."
            )
    return doubts


def _shared_ends(traces: Traces) -> list[str]:
    """Pairs of curves that lie on each other up to where both end, and do not both show there."""
    height, width = traces.canvas.shape
    doubts = []
    for i, j in combinations(range(len(traces.arms)), 2):
        one, two = traces.arms[i].curve, traces.arms[j].curve
        length = min(len(one.rows), len(two.rows))
        if one.start != two.start or abs(one.end - two.end) > _ONE_END * width:
            continue
        # one of two that are taken for one line has its edge, or marks: it is not quite on it
        reach = (one.width + two.width) / 2 + max(2.0, _BESIDE_IT * height)
        near = np.abs(one.rows[:length] - two.rows[:length]) <= reach
        share = np.cumsum(near[::-1])[::-1] / np.arange(length, 0, -1)
        together = np.flatnonzero(near & (share >= _TOGETHER))
        begin = int(together[0]) if len(together) else length
        if begin == 0 or length - begin < _TAIL * width:
            continue
        seen = [curve.own[begin:length] > _SEEN for curve in (one, two)]
        one_colour = traces.arms[i].colour is traces.arms[j].colour
        if one_colour or min(part.mean() for part in seen) <= _BOTH:
            doubts.append(
                f"arms '{traces.names[i]}' and '{traces.names[j]}': their curves lie on each other "
                f"from {traces.time(one.start + begin):.3g} to where both end: one of them may end "
                "there."
            )
    return doubts


def _going_on(traces: Traces) -> list[str]:
    """Curves behind whose end a line of another colour goes on, as below a band drawn over it."""
    from scipy import ndimage

    canvas, curves = traces.canvas, [arm.curve for arm in traces.arms]
    height, width = canvas.shape
    ink = np.where(canvas.straight | canvas.text, 0.0, canvas.ink) > _LINE_INK
    ink[-max(round(_FOOT * height), 4) :] = False
    ink = ink[::-1] if traces.flipped else ink
    known = np.logical_or.reduce([strip(curve, ink.shape) for curve in curves])
    free = ink & ~ndimage.binary_dilation(known, iterations=2)
    window, reach = max(round(_ON * width), 12), round(_ON_LOWER * height)
    doubts = []
    for curve, name in zip(curves, traces.names, strict=True):
        first, row = int(np.ceil(curve.end)) + 1, curve.rows[-1]
        top = max(int(row - curve.width), 0)
        behind = free[top : int(row) + reach, first : first + window]
        area = ndimage.binary_opening(behind, np.ones((int(3 * curve.width) + 2,) * 2, dtype=bool))
        seen = (behind & ~area).any(axis=0)
        if first + window < width - 2 and seen.mean() >= _SHOWN:
            doubts.append(
                f"arm '{name}': where its curve is taken to end, at {traces.time(curve.end):.4g}, "
                "a line of another colour goes on: it may be the same curve."
            )
    return doubts


def _changed_dashes(traces: Traces) -> list[str]:
    """Curves that are solid at first and dashed later or the other way round: they may be two."""
    window = max(round(_WINDOW * traces.canvas.shape[1]), 12)
    doubts = []
    for k, (arm, name) in enumerate(zip(traces.arms, traces.names, strict=True)):
        if not any(other.colour is arm.colour for other in traces.arms if other is not arm):
            continue
        shares = _shares(traces, k, window)
        cut = _change(shares)
        if cut is None:
            continue
        kinds = ("dashed", "solid") if np.nanmean(shares[:cut]) < _SOLID else ("solid", "dashed")
        doubts.append(
            f"arm '{name}': the line is {kinds[0]} up to about "
            f"{traces.time(arm.curve.start + cut * window):.3g} and {kinds[1]} from there on: it "
            "may have changed to the line of another curve."
        )
    return doubts


def _change(shares: FloatArray) -> int | None:
    """Place at which the share of ink changes from that of a solid line or to it, if it does."""
    best, most = None, _UNLIKE
    for cut in range(_WINDOWS, len(shares) - _WINDOWS + 1):
        parts = [part[np.isfinite(part)] for part in (shares[:cut], shares[cut:])]
        if min(map(len, parts)) < _WINDOWS:
            continue
        low, high = sorted(parts, key=lambda part: float(part.mean()))
        step = float(high.mean() - low.mean())
        if high.mean() >= _SOLID and low.max() < _SOLID and step > most:
            best, most = cut, step
    return best


def _shares(traces: Traces, k: int, window: int) -> FloatArray:
    """Share of ink of a curve in each window, clear of other lines and marks; else not a number."""
    arm = traces.arms[k]
    rows = arm.curve.rows
    own = arm.curve.own[: len(rows)] > _SEEN
    columns = arm.curve.start + np.arange(len(rows))
    marks = strokes_across(arm.curve, arm.like) & ~strip(arm.curve, arm.like.shape)
    clear = ~np.asarray(marks.any(axis=0))[np.minimum(columns, marks.shape[1] - 1)]
    for other in traces.arms:
        if other is not arm:
            length = min(len(rows), len(other.curve.rows))
            reach = (arm.curve.width + other.curve.width) / 2 + 2.0
            clear[:length] &= np.abs(rows[:length] - other.curve.rows[:length]) > reach
    cuts = range(0, len(rows) + 1, window)
    return np.array(
        [
            own[a:b][clear[a:b]].mean() if clear[a:b].mean() > _SURE else np.nan
            for a, b in pairwise(cuts)
        ]
    )


def _left_ink(traces: Traces) -> list[str]:
    """Lines that belong to no curve along much of the plot."""
    share = left_share(traces)
    if share < _LEFT:
        return []
    return [
        f"along {share:.0%} of the time axis there are lines that belong to none of the curves: "
        "one may be missing, or have been taken for another."
    ]


def left_share(traces: Traces) -> float:
    """Share of the columns with ink as strong as the curves' that none of them explains."""
    from scipy import ndimage

    canvas, curves = traces.canvas, [arm.curve for arm in traces.arms]
    strengths = [
        float(np.median(np.sqrt(((np.asarray(arm.colour.rgb) - canvas.ground) ** 2).sum(axis=2))))
        for arm in traces.arms
    ]
    ink = np.where(canvas.straight | canvas.text, 0.0, canvas.ink / max(strengths))
    for box in traces.insets:
        x0, y0, x1, y1 = (
            max(int(place) - corner, 0)
            for place, corner in zip(box, (canvas.left, canvas.top) * 2, strict=True)
        )
        ink[y0:y1, x0:x1] = 0.0
    ink[-max(round(_FOOT * len(ink)), 4) :] = 0.0
    ink = ink[::-1] if traces.flipped else ink
    lines = np.logical_or.reduce([strip(curve, ink.shape) for curve in curves])
    limits = [arm.like > _SEEN for arm in traces.arms if arm.flanked]  # of its colour
    marks = np.logical_or.reduce([strokes_across(c, np.clip(ink, 0.0, 1.0)) for c in curves])
    left = (ink > _STRENGTH) & ~ndimage.binary_dilation(
        np.logical_or.reduce([lines, marks, *limits]), iterations=2
    )
    left &= ~_small_and_near(left, lines, widest=float(np.median([c.width for c in curves])))
    start, end = min(c.start for c in curves), int(max(c.end for c in curves))
    left[_of_level_lines(left, start, top=min(float(c.rows[0]) for c in curves))] = False
    rest = np.asarray(left.any(axis=0))
    for curve in curves:
        rest &= ~_limits_of(left, curve)
    return float(rest[start + 3 : end].mean()) if end > start + 3 else 0.0


def _of_level_lines(left: BoolArray, start: int, *, top: float) -> BoolArray:
    """Rows of lines that are level from the start on below it, as at one half: no curve is."""
    first = left[:, start : start + max(round(_WINDOW * left.shape[1]), 12)]
    rows = np.asarray(first.mean(axis=1) > _DOTTED)
    rows[: int(top + _ON_LOWER * len(left))] = False
    return np.convolve(rows, np.ones(3), mode="same") > 0


def _limits_of(left: BoolArray, curve: Trace) -> BoolArray:
    """Columns in which ink stands at like distances above and below a curve, as its limits do."""
    places = np.arange(len(left))[:, None]
    columns = curve.start + np.arange(min(len(curve.rows), left.shape[1] - curve.start))
    rows = curve.rows[: len(columns)]
    ink = left[:, columns]
    above = np.where(ink & (places < rows), rows - places, np.inf).min(axis=0)
    below = np.where(ink & (places > rows), places - rows, np.inf).min(axis=0)
    both = np.isfinite(above) & np.isfinite(below)
    like = both & (np.maximum(above, below) < _EVEN * np.minimum(above, below))
    found = np.zeros(left.shape[1], dtype=bool)
    if both.any() and like.sum() > _MOSTLY * ink.any(axis=0).sum():
        found[columns] = ink.any(axis=0)
    return found


def _small_and_near(left: BoolArray, lines: BoolArray, *, widest: float) -> BoolArray:
    """Ink that may be marks, small shapes within the reach of a mark of a curve; and boxes."""
    from scipy import ndimage

    reach = int(max(_MARK_WIDTHS * widest, _MARK_SHARE * len(left))) + 3
    near = ndimage.maximum_filter(lines, size=(2 * reach + 1, 3))
    labels, count = ndimage.label(left, structure=np.ones((3, 3), dtype=int))
    found = np.zeros(left.shape, dtype=bool)
    for k, place in enumerate(ndimage.find_objects(labels, count), start=1):
        shape = labels[place] == k
        small = place[1].stop - place[1].start < 2 * reach
        if (small and near[place][shape].all()) or _is_box(shape):
            found[place] |= shape
    return found


def _is_box(shape: BoolArray) -> bool:
    """Whether a shape is the frame of a legend: all of it lies at the sides of its rectangle."""
    if min(shape.shape) < _BOX:
        return False
    inner = shape[_SIDE:-_SIDE, _SIDE:-_SIDE]
    return bool(inner.sum() < _INSIDE * shape.sum())


def limit_doubts(
    traced: Sequence[TracedArm], own_ink: Sequence[FloatArray], names: Sequence[str]
) -> list[str]:
    """Say of which arms another line of the same look is, or may be, the curve or a limit."""
    doubts = []
    for name, arm, ink in zip(names, traced, own_ink, strict=True):
        if (share := share_beside(ink, arm.curve)) <= _MOST_BESIDE:
            continue
        doubts.append(
            f"arm '{name}': three lines of its colour lie one above the other: the middle one is "
            "taken for the curve, the others for its confidence limits."
            if arm.flanked
            else f"arm '{name}': along {share:.0%} of the curve there is ink of its colour "
            "elsewhere: confidence limits may be drawn like the curve, and one of them be taken "
            "for it."
        )
    return doubts
