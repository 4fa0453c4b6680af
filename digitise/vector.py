"""Vector figures: panels read from paths and text, and the names of their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .assembly import assembled_panel
from .axes import AxisScale, scale_through, tokens, x_scales, y_scales
from .colours import colour_distance, is_black
from .frames import find_frames, from_origin, from_start, plot_not_read, without_cells
from .layout import agree, lines_near
from .legend import is_of_marks, is_remark, split_name
from .naming import COLOUR_COUNTS, assigned_labels, by_row_colour, has_own_name, nameless
from .pages import Drawing, Stroke
from .panels import Frame, ceiling, label_edge, left_wall, pair_axes, pair_axes_at_right
from .reading import Hints, Panel, ReadArm, UnreadableFigureError
from .risk_table import TableRow, read_table
from .staircases import STRAIGHT, Staircase, marks_on, read_curve, staircases, times_at
from .text import TextLine, text_lines
from .ticks import agreeing

_MOST_NUMBERS = 1500  # of a page
Names = dict[int, tuple[str, int | None]]  # and numbers of patients, by place of the curve
_PARTS, _PARTS_DASHED = 40, 12  # of a plot's width, and of those with a piece of a dashed curve
_SAME_WIDTH = 0.1  # points
_DOT_REACH = 2.5  # of the height of a name: how far the dot of its curve may be
_SAME_COLUMN = 1.0  # points: how far the ends of two samples of a legend are from each other
_WHITE = np.full(3, 255.0)  # the ground; it does not matter where letters' colours are known


def read_vector(drawing: Drawing, hints: Hints) -> tuple[Panel, ...]:
    """Read all panels of a vector figure.

    Parameters
    ----------
    drawing : Drawing
        Strokes and words of the page.
    hints : Hints
        What is given by hand; pixels are points of the page.

    Returns
    -------
    tuple of Panel

    Raises
    ------
    UnreadableFigureError
        If no panel with two axes and a curve drawn as a path is found.
    """
    frames = _frames(drawing, hints)
    if hints.kind != "vector" and any(_dashes_in(drawing, frame) for frame in frames):
        raise UnreadableFigureError(
            "dashes of curves are areas, not strokes: their curves are no paths that can be read."
        )
    panels: list[Panel] = []
    faults: list[tuple[Frame, UnreadableFigureError]] = []
    for number, frame in enumerate(frames, start=1):
        try:
            panels.append(_read_panel(drawing, frame, frames=frames, number=number, hints=hints))
        except UnreadableFigureError as error:
            faults.append((frame, error))
    if not panels:
        raise faults[0][1]
    others = [text for frame, error in faults for text in plot_not_read(frame, error)]
    return replace(panels[0], unsure=(*panels[0].unsure, *others)), *panels[1:]


def _dashes_in(drawing: Drawing, frame: Frame) -> bool:
    """Whether many small areas of one colour lie along a plot, as dashes do that are areas."""
    by_colour: dict[tuple[int, ...], list[float]] = {}
    for piece in drawing.pieces:
        if frame.left < piece.x < frame.right and frame.top < piece.y < frame.bottom:
            by_colour.setdefault(piece.color, []).append(piece.x)
    width = frame.right - frame.left
    return any(
        len(np.unique(np.floor(_PARTS * (np.array(xs) - frame.left) / width))) >= _PARTS_DASHED
        for xs in by_colour.values()
    )


def _frames(drawing: Drawing, hints: Hints) -> list[Frame]:
    if hints.x_axis or hints.y_axis:
        blank = np.zeros((int(drawing.height) + 1, int(drawing.width) + 1))
        return find_frames(drawing.words, blank, hints)
    numbers = tokens(drawing.words)
    if len(numbers) > _MOST_NUMBERS:
        raise UnreadableFigureError(
            f"the page holds {len(numbers):,} numbers, and axes are searched for among up to "
            f"{_MOST_NUMBERS:,}: save the figure alone, or give its axes by hand."
        )
    xs = [_to_ticks(x, drawing) for x in x_scales(numbers)]
    ys = [_to_ticks(y, drawing) for y in y_scales(numbers)]
    size = (drawing.width, drawing.height)
    frames = without_cells(pair_axes(xs, ys, size))
    if not frames:
        ys = [_to_ticks(y, drawing, at_right=True) for y in y_scales(numbers)]
        frames = pair_axes_at_right(xs, ys, size)
    if not frames:
        return find_frames(drawing.words, np.zeros((9, 9)), hints)  # raises, and says why
    return frames


def _to_ticks(scale: AxisScale, drawing: Drawing, *, at_right: bool = False) -> AxisScale:
    """Move a scale from the middles of the labels to the tick marks or grid lines beside them."""
    across, along = (1, 0) if scale.direction == "x" else (0, 1)
    if scale.direction == "x":
        edge = min(t.word.y0 for t in scale.labels)
        low, high = edge - 2.5 * scale.size, edge + 0.5 * scale.size
    elif at_right:
        edge = label_edge(scale)
        low, high = edge - 2.5 * scale.size, edge + 0.5 * scale.size
    else:
        edge = max(t.word.x1 for t in scale.labels)
        low, high = edge - 0.5 * scale.size, edge + 2.5 * scale.size
    places = []
    for stroke in drawing.strokes:
        points = stroke.points
        flat = np.ptp(points[:, along]) < STRAIGHT and np.ptp(points[:, across]) > 0.5
        if flat and points[:, across].min() < high and points[:, across].max() > low:
            places.append(float(points[0, along]))
    if not places:
        return scale
    sorted_places = np.unique(np.round(places, 3))
    found = []
    for _, value in scale.points:
        near = sorted_places[np.argmin(np.abs(sorted_places - float(scale.pixel(value))))]
        if abs(near - float(scale.pixel(value))) < 0.6 * scale.size:
            found.append((float(near), value))
    fitted = agreeing(found, tolerance=0.25) if len(found) > 1 else []
    if len(fitted) < max(2, 0.6 * len(scale.points)):
        return scale
    better = scale_through(fitted, scale.direction, scale.labels)
    return replace(better, misfits=scale.misfits, from_ticks=True)


def _read_panel(
    drawing: Drawing, frame: Frame, *, frames: Sequence[Frame], number: int, hints: Hints
) -> Panel:
    lines = text_lines(drawing.words)
    below = [f.top for f in frames if f.top > frame.bottom and f.left < frame.right < f.right + 1]
    floor = min([drawing.height, *[top - 2 * frame.x.size for top in below]])
    roof = None if ceiling(frame, frames) else 0.0  # between two panels, a table is of the upper
    wall = left_wall(frame, frames)
    rows = read_table(frame, drawing.words, floor=floor, wall=wall, roof=roof)
    curves, incidence = staircases(drawing, frame)
    expected = hints.arms
    if expected is not None:
        curves = curves[:expected]
    if not curves:
        raise UnreadableFigureError(
            "the axes of a plot were found but no curve drawn as a path: try --raster."
        )
    rows = coloured_rows(rows, drawing)
    names, doubts = path_names(drawing, frame, curves, frames=frames, lines=lines, rows=rows)
    starts = np.array([curve.points[0] for curve in curves])
    frame = from_origin(frame, starts, incidence=incidence)
    frame = from_start(frame, starts[:, 1].tolist(), incidence=incidence)
    arms = _arms(drawing, frame, curves, names=names, incidence=incidence)
    if expected is not None and len(arms) < expected:
        doubts.append(f"{len(arms)} of the {expected} curves that the hint names were found.")
    if rows and len(rows) != len(arms):
        doubts.append(
            f"{count(len(arms), 'curve was', 'curves were')} found, and the table of numbers at "
            f"risk has {count(len(rows), 'row')}."
        )
    return assembled_panel(
        frame,
        arms,
        rows,
        number=number,
        lines=lines,
        floor=floor,
        incidence=incidence,
        doubts=doubts,
    )


def _arms(
    drawing: Drawing,
    frame: Frame,
    curves: Sequence[Staircase],
    *,
    names: Sequence[tuple[str, int | None]],
    incidence: bool,
) -> list[ReadArm]:
    marks = marks_on(drawing, frame, curves)
    arms = []
    for curve, (name, n), places in zip(curves, names, marks, strict=True):
        red, green, blue = (round(min(max(c, 0), 255)) for c in curve.stroke.rgb)
        arms.append(
            ReadArm(
                name=name,
                curve=(read := read_curve(curve, frame, incidence)),
                first_level=float(read.at(0.002 * read.time[-1])),
                color=f"#{red:02x}{green:02x}{blue:02x}",
                dash="dashed" if curve.stroke.dash else "solid",
                length_read=1.0,
                censor_marks=np.sort(times_at(np.array(places), frame.x)),
                n=n,
                named=has_own_name(name),
            )
        )
    return arms


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
    doubts = [*_of_one_look(names, curves), *_without_curve(names, drawing, free)]
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
                names[nearest] = split_name(line.text)
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
    return {k: split_name(line.text) for k, (line, _) in found.items()}


def _without_curve(names: Names, drawing: Drawing, lines: Sequence[TextLine]) -> list[str]:
    """Say which names of a legend have a sample of line, and no curve like it."""
    taken = {name for name, _ in names.values()}
    samples = [(split_name(line.text)[0], _sample_of(line, drawing.strokes)) for line in lines]
    named = [sample for name, sample in samples if name in taken and sample is not None]

    def in_legend(sample: Stroke | None) -> bool:
        return sample is not None and any(
            np.abs(_ends(sample) - _ends(other)).max() < _SAME_COLUMN for other in named
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
        and split_name(line.text) not in taken.values()
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
    return {k: split_name(lines[j].text) for k, j in pairs}, doubts


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
        if len(found) == len(curves) > 1 and agree([name for name, _ in found.values()], rows):
            return (
                {k: (name, None) for k, (name, _) in found.items()},
                [f"the names of the arms are those of the legend of panel {number}."],
            )
    return {}, []
