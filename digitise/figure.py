"""From a raster figure to a reading: the steps in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from . import text
from .arms import ink_of_marks
from .assembly import assembled_panel
from .canvas import Canvas, cut_out
from .colours import LineColour, likeness, line_colours
from .curves import FoundCurves, find_curves
from .frames import find_frames, from_start, panels_not_read
from .layout import PanelText, panel_texts
from .legend import LegendEntry
from .marks import find_marks, share_beside
from .naming import arm_names, has_own_name
from .panels import Frame
from .raster import RasterFigure, Sheet, darkness, reduced, rereader
from .reading import Hints, Panel, ReadArm, UnreadableFigureError, curve_from_one
from .text import text_lines
from .traced import TracedArm, rounding_offset

FloatArray = npt.NDArray[np.float64]


_SAME = 50.0  # of 255: how far a sample's colour may be from that of its curve
_REST = 0.25  # of the pixels of the commonest colour: those of fewer are no curves
_SHORTEST_LEVEL = 4.0  # pixels
_WIDEST_PLOT = 1000.0  # pixels: a plot that is much wider is reduced before its curves are traced
_LEAST_REDUCTION = 1.3
_DASHED = 0.85  # share of a sample that is ink
_AS_THICK = 0.6  # of the curves that the legend names: thinner lines are edges of bands
_WIDEST_TOLERANCE = 0.1  # that study files take; the line that hides a curve is no thicker
_MOST_BESIDE = 0.7  # of a curve; marks and guide lines cover at most a half
_STRONG_CHROMA = 60.0  # a colour, not a tinted grey


def read_raster(figure: RasterFigure, hints: Hints) -> tuple[Panel, ...]:
    """Read all panels of a raster figure.

    Parameters
    ----------
    figure : RasterFigure
        Upright and light.
    hints : Hints
        What is given by hand.

    Returns
    -------
    tuple of Panel

    Raises
    ------
    UnreadableFigureError
        If no panel with two axes and a curve is found.
    """
    words = text.read_words(figure.image) if hints.ocr else ()
    sheet = Sheet(
        image=figure.image,
        ink=darkness(figure.image),
        words=words,
        lines=text_lines(words),
        hints=hints,
    )
    reread = rereader(figure.image) if hints.ocr else None
    frames = find_frames(words, sheet.ink, hints, reread=reread)
    factor = max(frame.right - frame.left for frame in frames) / _WIDEST_PLOT
    if factor > _LEAST_REDUCTION:
        sheet = reduced(sheet, factor)
        frames = find_frames(
            sheet.words, sheet.ink, sheet.hints, reread=rereader(sheet.image) if reread else None
        )
    else:
        factor = 1.0
    panels = _panels(sheet, frames)
    if hints.x_axis is None and hints.y_axis is None:
        missing = panels_not_read(sheet.words, frames)
        panels[0] = replace(panels[0], unsure=(*panels[0].unsure, *missing))
    return tuple(panel.scaled(factor) for panel in panels)


def _panels(sheet: Sheet, frames: Sequence[Frame]) -> list[Panel]:
    """Read every panel that has a curve; if none has, say why."""
    panels, faults = [], []
    for number, written in enumerate(panel_texts(sheet, frames), start=1):
        try:
            panels.append(_read_panel(sheet, written, number=number))
        except UnreadableFigureError as error:
            faults.append(str(error))
    if not panels:
        raise UnreadableFigureError(faults[0])
    return panels


def _read_panel(sheet: Sheet, written: PanelText, *, number: int) -> Panel:
    frame, entries = written.frame, written.entries
    canvas = cut_out(
        sheet.image,
        frame,
        sheet.words,
        [_wider(e.box) for e in entries],
        inks=[e.rgb for e in entries],
    )
    colours = line_colours(canvas)
    incidence = _rises(canvas, _of_samples(colours, entries), frame)
    found = find_curves(sheet.hints, written, canvas, colours=colours, incidence=incidence)
    frame = from_start(frame, _first_rows(found.seen, canvas, incidence), incidence=incidence)
    written = replace(written, frame=frame)
    arms, doubts = _arms(sheet, written, canvas, found=found, incidence=incidence)
    return assembled_panel(
        frame,
        arms,
        written.rows,
        number=number,
        lines=sheet.lines,
        floor=written.floor,
        incidence=incidence,
        doubts=[*written.doubts, *doubts],
    )


def _wider(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return x0 - 2, y0, x1 + 2, y1


def _of_samples(
    colours: Sequence[LineColour], entries: Sequence[LegendEntry]
) -> Sequence[LineColour]:
    """Colours that samples of the legend have, or all: the legend's own frame is no curve."""
    named = [
        colour
        for colour in colours
        if any(np.abs(np.subtract(colour.rgb, e.rgb)).max() < _SAME for e in entries)
    ]
    return named or colours


def _rises(canvas: Canvas, colours: Sequence[LineColour], frame: Frame) -> bool:
    """Whether the curves start at the bottom: incidence."""
    lowest = frame.y.values[0]
    if lowest > 0.02 * frame.whole:
        return False
    like = np.zeros(canvas.shape)
    most = max((colour.pixels for colour in colours), default=0)
    for colour in colours:
        if colour.pixels < _REST * most:  # of the axis, which lies where incidence starts
            continue
        like = np.maximum(like, likeness(canvas, colour, []))
    like = np.where(canvas.text | canvas.straight, 0.0, like)
    zero = int(float(frame.x.pixel(0.0)) - canvas.left)
    near = like[:, max(zero + 3, 0) : zero + max(12, int(0.06 * canvas.shape[1]))]
    weights = near.sum(axis=1)
    top = float(frame.y.pixel(frame.whole)) - canvas.top
    bottom = float(frame.y.pixel(0.0)) - canvas.top
    if top < 0:  # the axis ends far below 1
        return True
    tenth = 0.1 * (bottom - top)
    rows = np.arange(len(weights))
    at_top = float(weights[rows < top + tenth].sum())
    at_bottom = float(weights[rows > bottom - tenth].sum())
    return at_bottom > 2.0 * at_top and at_bottom > 2.0


def _arms(
    sheet: Sheet, written: PanelText, canvas: Canvas, *, found: FoundCurves, incidence: bool
) -> tuple[list[ReadArm], list[str]]:
    """Name the curves and read them on the axes; say what is doubtful about them."""
    frame, traced = written.frame, found.arms
    names, doubts = arm_names(
        traced,
        found.entries,
        found.colours,
        found.places,
        complete=found.complete,
        frame=frame,
        canvas=canvas,
        lines=written.lines,
        rows=written.rows,
        image=sheet.image,
        flipped=incidence,
    )
    doubts += [
        f"arm '{name}': the curve ends on another at "
        f"{float(frame.x.value(before.curve.end + canvas.left)):.3g} and is taken to go on "
        "below it."
        for before, after, (name, _) in zip(found.seen, traced, names, strict=True)
        if after is not before
    ]
    own_ink = [ink_of_marks(arm, traced, canvas, flipped=incidence) for arm in traced]
    doubts += _limits(traced, own_ink, [name for name, _ in names])
    arms = [
        _read_arm(arm, name, n, frame=frame, canvas=canvas, flipped=incidence, alone=alone)
        for arm, (name, n), alone in zip(traced, names, own_ink, strict=True)
    ]
    in_order = [entry.name for entry in found.entries]
    arms.sort(key=lambda a: in_order.index(a.name) if a.name in in_order else len(in_order))
    return arms, [*found.doubts, *doubts]


def _first_rows(arms: Sequence[TracedArm], canvas: Canvas, incidence: bool) -> list[float]:
    """Rows of the figure of first levels that are long enough to be measured."""
    found = []
    for curve in (arm.curve for arm in arms):
        first_fall = curve.falls[0] if len(curve.falls) else curve.end
        if first_fall - curve.start > max(2 * curve.width, _SHORTEST_LEVEL) and not curve.hidden[0]:
            level = float(curve.levels[0])
            found.append(canvas.top + (canvas.shape[0] - level if incidence else level))
    return found


def _limits(
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


def _read_arm(
    arm: TracedArm,
    name: str,
    n: int | None,
    *,
    frame: Frame,
    canvas: Canvas,
    flipped: bool,
    alone: FloatArray,
) -> ReadArm:
    curve = arm.curve
    columns = np.concatenate([[float(curve.start)], curve.falls, [curve.end]])
    rows = np.concatenate([curve.levels, curve.levels[-1:]])
    rows = canvas.shape[0] - rows if flipped else rows
    hidden = np.concatenate([curve.hidden, curve.hidden[-1:]])
    across, down = rounding_offset(curve, frame.x), rounding_offset(curve, frame.y)
    time = np.maximum(frame.x.value(columns + canvas.left + across), 0.0)
    value = frame.y.value(rows + canvas.top + down) / frame.whole
    survival = 1.0 - value if flipped else value
    per_pixel = abs(frame.y.slope) / frame.whole
    tolerance = per_pixel * (0.6 + 0.2 * curve.width + frame.y.residual)
    survival = np.minimum.accumulate(np.clip(survival, 0.0, 1.0))
    survival[0] = 1.0 if survival[0] > 1.0 - 2.5 * tolerance else survival[0]
    behind = min(tolerance + 2.0 * per_pixel * (curve.width + 1.0), _WIDEST_TOLERANCE)
    tolerances = np.where(hidden, behind, tolerance)
    marks = find_marks(alone, curve)
    return ReadArm(
        name=name,
        curve=curve_from_one(
            np.maximum.accumulate(time), survival, tolerances, shortest=0.5 * frame.x.slope
        ),
        first_level=float(survival[0]),
        color=arm.colour.hex,
        dash="solid" if arm.filled > 0.9 else "dashed",
        length_read=curve.support,
        censor_marks=frame.x.value(marks.columns + canvas.left),
        n=n,
        named=has_own_name(name),
    )
