"""From a raster figure to a reading: the steps in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from . import rounding, text
from .alike import together
from .arms import Search, ink_of_marks, is_one_line, trace_arms
from .assembly import assembled_panel
from .canvas import Canvas, cut_out
from .colours import LineColour, ground_colours, likeness, line_colours, same_hue
from .crossings import continued, uncrossed
from .errors import UnreadableFigureError
from .frames import find_frames, panels_not_read
from .hints import Hints
from .layout import PanelText, panel_texts
from .legend import LegendEntry
from .marks import find_marks, share_beside
from .naming import arm_names, has_own_name
from .panels import Frame
from .raster import RasterFigure, darkness
from .reading import Panel, ReadArm, curve_from_one
from .risk_table import TableRow
from .samples import counts_by_colour
from .sheet import Sheet, reduced, rereader
from .text import text_lines
from .traced import Start, TracedArm

FloatArray = npt.NDArray[np.float64]


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
    incidence = _rises(canvas, colours, frame)
    arms, doubts = _arms(sheet, written, canvas, colours=colours, incidence=incidence)
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


def _rises(canvas: Canvas, colours: Sequence[LineColour], frame: Frame) -> bool:
    """Whether the curves start at the bottom: incidence."""
    lowest = frame.y.values[0]
    if lowest > 0.02 * frame.whole:
        return False
    like = np.zeros(canvas.shape)
    for colour in colours:
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
    sheet: Sheet,
    written: PanelText,
    canvas: Canvas,
    *,
    colours: Sequence[LineColour],
    incidence: bool,
) -> tuple[list[ReadArm], list[str]]:
    frame, rows = written.frame, written.rows
    entries: Sequence[LegendEntry] = written.entries
    hints = sheet.hints
    expected, source = expected_arms(hints, entries, rows)
    known, wanted, places = counts_by_colour(
        entries, colours, [tuple(rgb) for rgb in ground_colours(canvas)]
    )
    if hints.colours:
        known, wanted = _given_colours(hints), dict.fromkeys(range(len(hints.colours)), 1)
        entries, places = _given_entries(hints), list(range(len(hints.colours)))
        expected, source = len(hints.colours), "hint"
    use_legend = len(entries) > 0 and (expected is None or len(entries) == expected)
    start = _start(frame, canvas, incidence)
    traced = _traced(
        Search(
            canvas,
            known,
            start=start,
            flipped=incidence,
            dashed=_dashed_alone(entries, places, known),
        ),
        wanted=wanted if use_legend else None,
        total=expected,
        recount=source == "legend" and (expected == 1 or _unannounced(known, wanted)),
    )
    traced = together(traced, canvas, start, flipped=incidence, expected=expected)
    traced = uncrossed(traced, canvas, flipped=incidence)
    seen = traced
    traced = continued(traced, canvas, flipped=incidence)
    doubts = _miscounted(len(traced), expected, source)
    names, unsure = arm_names(
        traced,
        entries,
        known,
        places,
        complete=use_legend,
        frame=frame,
        canvas=canvas,
        lines=written.lines,
        rows=rows,
        image=sheet.image,
        flipped=incidence,
    )
    doubts += unsure
    doubts += [
        f"arm '{name}': the curve ends on another at "
        f"{float(frame.x.value(before.curve.end + canvas.left)):.3g} and is taken to go on "
        "below it."
        for before, after, (name, _) in zip(seen, traced, names, strict=True)
        if after is not before
    ]
    own_ink = [ink_of_marks(arm, traced, canvas, flipped=incidence) for arm in traced]
    doubts += _limits(traced, own_ink, [name for name, _ in names])
    arms = [
        _read_arm(arm, name, n, frame=frame, canvas=canvas, flipped=incidence, alone=alone)
        for arm, (name, n), alone in zip(traced, names, own_ink, strict=True)
    ]
    in_order = [entry.name for entry in entries]
    arms.sort(key=lambda a: in_order.index(a.name) if a.name in in_order else len(in_order))
    return arms, doubts


def _limits(
    traced: Sequence[TracedArm], own_ink: Sequence[FloatArray], names: Sequence[str]
) -> list[str]:
    """Say of which arms another line of the same look may be the curve."""
    shares = [share_beside(ink, arm.curve) for arm, ink in zip(traced, own_ink, strict=True)]
    return [
        f"arm '{name}': along {share:.0%} of the curve there is ink of its colour elsewhere: "
        "confidence limits may be drawn like the curve, and one of them be taken for it."
        for name, share in zip(names, shares, strict=True)
        if share > _MOST_BESIDE
    ]


def _miscounted(found: int, expected: int | None, source: str) -> list[str]:
    """Say that fewer or more curves were found than the figure or a hint names."""
    if expected is None or found == expected:
        return []
    if found < expected:
        return [f"{found} of the {expected} curves that the {source} names were found."]
    return [f"the {source} names {expected} of the {found} curves that were found."]


def _dashed_alone(
    entries: Sequence[LegendEntry], places: Sequence[int], known: Sequence[LineColour]
) -> set[int]:
    """Strong colours that one dashed sample of the legend has, and no other."""
    return {
        place
        for entry, place in zip(entries, places, strict=False)
        if entry.filled < _DASHED and list(places).count(place) == 1 and known[place].chroma >= 40
    }


def _unannounced(colours: Sequence[LineColour], wanted: dict[int, int]) -> bool:
    """Whether a strong colour of the plot is as common as those that the legend names."""
    named = [colours[k].pixels for k in wanted if colours[k].pixels]
    least = 0.5 * min(named, default=0)
    return any(
        colour.chroma >= _STRONG_CHROMA and colour.pixels >= max(least, 1)
        for k, colour in enumerate(colours)
        if k not in wanted
    )


def _traced(
    search: Search, *, wanted: dict[int, int] | None, total: int | None, recount: bool
) -> list[TracedArm]:
    """Trace the curves that the legend names; without regard to it if it was misread."""
    traced = trace_arms(search, wanted=wanted, total=total)
    if wanted is not None:
        for announced, sloping in ((None, False), (wanted, True)):
            if len(traced) >= sum(wanted.values()):
                break
            again = trace_arms(search, wanted=announced, total=total, sloping=sloping)
            traced = again if len(again) > len(traced) else traced
    if wanted is None and total is not None and len(traced) < total:
        again = trace_arms(search, wanted=None, total=total, sloping=True)
        traced = again if len(again) > len(traced) else traced
    if recount:  # names may have been missed, or one be a label beside one of several curves
        free = trace_arms(search, wanted=None, total=None)
        coloured = [
            arm for arm in free if arm.colour.chroma >= _STRONG_CHROMA and arm.curve.support > 0.6
        ]
        plain = [] if coloured else [arm for arm in free if arm.curve.support > 0.6]
        if total == 1 and max(len(coloured), len(plain)) > 1:
            traced = coloured or plain
        elif wanted is not None:
            named = {arm.colour for arm in traced}
            thickness = float(np.median([arm.curve.width for arm in traced])) if traced else 0.0
            traced += [
                arm
                for arm in coloured
                if arm.colour not in named
                and not any(same_hue(arm.colour, other) for other in named)
                and arm.curve.width > _AS_THICK * thickness
                and not any(is_one_line(arm, a) for a in traced)
            ]
    if not traced:
        raise UnreadableFigureError(
            "the axes of a plot were found but no curve that starts at a survival of 1 (or an "
            "incidence of 0): say where the plot is with --box, or name the colours of its curves "
            "with --color."
        )
    return traced


def _given_colours(hints: Hints) -> list[LineColour]:
    codes = [colour.lstrip("#") for _, colour in hints.colours]
    return [
        LineColour(rgb=(float(int(c[:2], 16)), float(int(c[2:4], 16)), float(int(c[4:], 16))))
        for c in codes
    ]


def _given_entries(hints: Hints) -> list[LegendEntry]:
    return [
        LegendEntry(name=name, rgb=colour.rgb, filled=1.0, box=(0.0, 0.0, 0.0, 0.0))
        for (name, _), colour in zip(hints.colours, _given_colours(hints), strict=True)
    ]


def expected_arms(
    hints: Hints, entries: Sequence[LegendEntry], rows: Sequence[TableRow]
) -> tuple[int | None, str]:
    """How many curves there must be, and who says so."""
    if hints.arms is not None:
        return hints.arms, "hint"
    if len(entries) >= 2 and len(entries) >= len(rows):
        return len(entries), "legend"
    if rows:
        return len(rows), "table of numbers at risk"
    return (len(entries), "legend") if entries else (None, "")


def _start(frame: Frame, canvas: Canvas, incidence: bool) -> Start:
    value = 0.0 if incidence else frame.whole
    row = float(frame.y.pixel(value)) - canvas.top
    if incidence:
        row = canvas.shape[0] - row
    column = max(round(float(frame.x.pixel(0.0)) - canvas.left), 0)
    return Start(column=column, row=row - 0.5, slack=max(2.0, 0.012 * canvas.shape[0]))


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
    across, down = rounding.offset(curve, frame.x), rounding.offset(curve, frame.y)
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
