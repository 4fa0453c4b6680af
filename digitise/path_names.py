"""Names of curves that are paths: from legends, from what stands beside them, and from rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .arm_names import is_of_marks, is_remark, nameless, split_name
from .colours import colour_distance, is_black
from .layout import agree, lines_near
from .naming import COLOUR_COUNTS, assigned_labels, by_row_colour
from .pages import Drawing, Stroke
from .panels import Frame
from .risk_labels import TableRow
from .staircases import Staircase
from .text import TextLine

Names = dict[int, tuple[str, int | None]]  # and numbers of patients, by place of the curve
_SAME_WIDTH = 0.1  # points
_DOT_REACH = 2.5  # of the height of a name: how far the dot of its curve may be
_SAME_COLUMN = 1.0  # points: how far the ends of two samples of a legend are from each other
_WHITE = np.full(3, 255.0)  # the ground; it does not matter where letters' colours are known
_split = partial(split_name, exact=True)


def path_names(
    drawing: Drawing,
    frame: Frame,
    curves: Sequence[Staircase],
    *,
    frames: Sequence[Frame],
    lines: Sequence[TextLine],
    rows: Sequence[TableRow],
) -> tuple[list[tuple[str, int | None]], list[str]]:
    """Name each curve of a panel, with the number of patients where its name states it.

    Parameters
    ----------
    drawing : Drawing
    frame : Frame
        Of the panel.
    curves : sequence of Staircase
    frames : sequence of Frame
        Of all panels.
    lines : sequence of TextLine
        All text of the page.
    rows : sequence of TableRow
        Numbers at risk of the panel, with the colours of their labels.

    Returns
    -------
    tuple
        Names in the order of the curves, those that nothing names being "Arm 1" and so on; and what
        is doubtful about them.
    """
    free = _free(lines_near(frame, frames, lines), frame, rows)
    names = _by_samples(drawing, curves, free) or _by_dots(drawing, curves, free)
    doubts = [*_of_one_look(names, curves), *_without_curve(names, drawing, free, curves=curves)]
    if not names:
        names = by_row_colour([curve.stroke.rgb for curve in curves], rows)
    open_ones = [k for k in range(len(curves)) if k not in names]
    inside = [line for line in free if _beside(line, frame, taken=names)]
    if open_ones and inside:
        beside, unclear = _by_nearness([curves[k] for k in open_ones], inside)
        doubts += unclear
        names |= {open_ones[k]: name for k, name in beside.items()}
    if not names:
        legends = {
            number: _free(lines_near(other, frames, lines), other, ())
            for number, other in enumerate(frames, start=1)
            if other is not frame
        }
        names, doubts = _borrowed(drawing, curves, legends, rows)
    return [names.get(k, (nameless(k), None)) for k in range(len(curves))], doubts


def coloured_rows(rows: Sequence[TableRow], drawing: Drawing) -> list[TableRow]:
    """Give rows of numbers at risk the colour of the bar or of the letters that name them.

    Parameters
    ----------
    rows : sequence of TableRow
    drawing : Drawing

    Returns
    -------
    list of TableRow
        None is the colour of black and grey labels, and of labels in several colours.
    """
    return [replace(row, rgb=_bar_colour(row, drawing) or _ink(row, drawing)) for row in rows]


def _bar_colour(row: TableRow, drawing: Drawing) -> tuple[float, float, float] | None:
    """Colour of the bar at the left of a row without a name."""
    if any(c.isalnum() for c in row.label):
        return None
    half = row.size / 2
    cell = TextLine(
        text="", x0=row.left, y0=row.y - half, x1=row.right, y1=row.y + half, score=1.0,
        vertical=False,
    )  # fmt: skip
    bar = _sample_of(cell, drawing.strokes, reach=8.0)
    return None if bar is None else bar.rgb


def _ink(row: TableRow, drawing: Drawing) -> tuple[float, float, float] | None:
    """Colour of the letters of a row's label; of its numbers, where it has none."""
    middle = row.y if row.label_y is None else row.label_y
    right = row.label_right if any(c.isalnum() for c in row.label) else row.right
    found = {
        word.rgb
        for word in drawing.words
        if abs(word.centre[1] - middle) < 0.5 * row.size and row.left <= word.centre[0] <= right
    }
    rgb = found.pop() if len(found) == 1 else None
    return None if rgb is None or max(rgb) - min(rgb) < 1.0 else rgb


def _free(lines: Sequence[TextLine], frame: Frame, rows: Sequence[TableRow]) -> list[TextLine]:
    """Lines that may be names: no remarks, no rows of the table, no tick labels."""
    used = {t.word.text for t in frame.x.labels} | {t.word.text for t in frame.y.labels}
    return [
        line
        for line in lines
        if not line.vertical
        and not is_remark(line.text)
        and "censored" not in line.text.lower()
        and not is_of_marks(line.text, lines)
        and not any(abs(line.centre[1] - row.y) < 0.6 * row.size for row in rows)
        and (line.text not in used or frame.left < line.centre[0] < frame.right)
    ]


def _by_samples(drawing: Drawing, curves: Sequence[Staircase], lines: Sequence[TextLine]) -> Names:
    """Names from a legend, whose samples have the style of their curves and stand on one side."""
    for at_right in (False, True):
        names: Names = {}
        for line in lines:
            sample = _sample_of(line, drawing.strokes, at_right=at_right)
            alike = [
                k
                for k, curve in enumerate(curves)
                if sample is not None and k not in names and curve.stroke.style == sample.style
            ]
            if sample is not None and alike:
                width = sample.width  # where curves differ in nothing else
                nearest = min(alike, key=lambda k: abs(curves[k].stroke.width - width))
                names[nearest] = _split(line.text)
        if names:
            return names
    return {}


def _by_dots(drawing: Drawing, curves: Sequence[Staircase], lines: Sequence[TextLine]) -> Names:
    """Names from a legend whose samples are dots in the colours of their curves, in one column."""
    colours = [curve.stroke.style[0] for curve in curves]
    found: dict[int, tuple[TextLine, float]] = {}
    for line in lines:
        for dot in drawing.dots:
            beside = 0 < line.x0 - dot.x < _DOT_REACH * line.size
            level = abs(dot.y - line.centre[1]) < 0.6 * line.size
            if beside and level and colours.count(dot.color) == 1:
                found[colours.index(dot.color)] = line, dot.x
    places = [place for _, place in found.values()]
    if len(found) < 2 or np.ptp(places) > _SAME_COLUMN:
        return {}
    return {k: _split(line.text) for k, (line, _) in found.items()}


def _without_curve(
    names: Names,
    drawing: Drawing,
    lines: Sequence[TextLine],
    *,
    curves: Sequence[Staircase],
) -> list[str]:
    """Say which names of a legend have a sample of line, and no curve like it.

    A sample that looks like that of another name is of confidence limits.
    """
    styles = {curve.stroke.style for curve in curves}
    taken = {name for name, _ in names.values()}
    samples = [(_split(line.text)[0], _sample_of(line, drawing.strokes)) for line in lines]
    named = [sample for name, sample in samples if name in taken and sample is not None]

    def in_legend(sample: Stroke | None) -> bool:
        return (
            sample is not None
            and sample.style not in styles
            and any(np.abs(_ends(sample) - _ends(other)).max() < _SAME_COLUMN for other in named)
        )

    return [
        f"the legend's '{name}' has a sample of line, and no curve that is drawn like it was found."
        for name, sample in samples
        if name and name not in taken and in_legend(sample)
    ]


def _ends(stroke: Stroke) -> npt.NDArray[np.float64]:
    return np.array([stroke.points[:, 0].min(), stroke.points[:, 0].max()])


def _of_one_look(names: Names, curves: Sequence[Staircase]) -> list[str]:
    """Doubts about names of a legend whose samples, and curves, do not differ."""
    return [
        f"the curves of '{names[i][0]}' and '{names[k][0]}' are drawn alike: their names may be "
        "exchanged."
        for i, k in combinations(sorted(names), 2)
        if curves[i].stroke.style == curves[k].stroke.style
        and abs(curves[i].stroke.width - curves[k].stroke.width) < _SAME_WIDTH
    ]


def _sample_of(
    line: TextLine, strokes: Sequence[Stroke], *, reach: float = 3.0, at_right: bool = False
) -> Stroke | None:
    """Short horizontal stroke beside a name, on its height."""
    best, nearest = None, reach * line.size
    for stroke in strokes:
        across, down = stroke.points.T
        gap = across.min() - line.x1 if at_right else line.x0 - across.max()
        level = np.ptp(down) < 0.3 * line.size and np.ptp(across) > 0.8 * line.size
        short = np.ptp(across) < 8 * line.size
        near = abs(down.mean() - line.centre[1]) < 0.6 * line.size
        if level and short and near and -0.2 * line.size < gap < nearest:
            best, nearest = stroke, gap
    return best


def _beside(line: TextLine, frame: Frame, *, taken: Names) -> bool:
    """Whether a line stands in the plot or a little to its right and may name a curve there."""
    x, y = line.centre
    return (
        frame.left < x < frame.right + 0.3 * (frame.right - frame.left)
        and frame.top < y < frame.bottom
        and any(c.isalpha() for c in line.text)
        and _split(line.text) not in taken.values()
    )


def _by_nearness(curves: Sequence[Staircase], lines: Sequence[TextLine]) -> tuple[Names, list[str]]:
    """Names beside the curves, by the letters' colour and by distance; and doubts about them."""
    cost = np.array([[_distance(curve, line) for line in lines] for curve in curves])
    black = np.array([line.rgb is None or is_black(line.rgb) for line in lines])
    for j, line in enumerate(lines):
        if line.rgb is not None and not black[j]:
            rgb = np.asarray(line.rgb)
            off = [colour_distance(rgb, _WHITE, curve.stroke.rgb) for curve in curves]
            cost[:, j] += COLOUR_COUNTS * np.array(off)
    pairs, doubts = assigned_labels(cost, lines, black, farthest=np.inf)
    return {k: _split(lines[j].text) for k, j in pairs}, doubts


def _distance(curve: Staircase, line: TextLine) -> float:
    x = np.interp(np.linspace(0, 1, 400), np.linspace(0, 1, len(curve.points)), curve.points[:, 0])
    y = np.interp(np.linspace(0, 1, 400), np.linspace(0, 1, len(curve.points)), curve.points[:, 1])
    aside = np.maximum(np.maximum(line.x0 - x, x - line.x1), 0.0)
    below = np.maximum(np.maximum(line.y0 - y, y - line.y1), 0.0)
    return float(np.hypot(aside, below).min())


def _borrowed(
    drawing: Drawing,
    curves: Sequence[Staircase],
    legends: Mapping[int, Sequence[TextLine]],
    rows: Sequence[TableRow],
) -> tuple[Names, list[str]]:
    """Names from the legend of another panel that has a sample of each curve, by their numbers."""
    for number, lines in legends.items():
        found = _by_samples(drawing, curves, lines)
        agrees = not rows or agree([name for name, _ in found.values()], rows)
        if len(found) == len(curves) > 1 and agrees:
            return (
                {k: (name, None) for k, (name, _) in found.items()},
                [f"the names of the arms are those of the legend of panel {number}."],
            )
    return {}, []
