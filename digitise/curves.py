"""Curves of a panel: as many as legend, table or a hint names, traced, named and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from .alike import ended, together
from .arm_names import contradicted, has_own_name
from .arms import Search, ink_of_marks, is_one_line, trace_arms, without_others
from .canvas import Canvas, Start
from .colours import LineColour, ground_colours, same_hue
from .crossings import continued, uncrossed
from .doubts import Box, Traces, curve_doubts, limit_doubts, names_without_sample
from .layout import PanelText
from .limits import may_be_limits
from .marks import find_marks
from .naming import arm_names
from .panels import Frame
from .raster import Sheet
from .reading import (
    WIDEST_TOLERANCE,
    Hints,
    ReadArm,
    UnreadableFigureError,
    curve_from_one,
    down_to_zero,
)
from .risk_labels import TableRow, renamed_rows
from .samples import LegendEntry, counts_by_colour, nearest_colour
from .traced import TracedArm, first_row, rounding_offset

FloatArray = npt.NDArray[np.float64]

_DASHED = 0.85  # share of a sample that is ink
_AS_THICK = 0.55  # of the curves that the legend names: thinner lines are edges of bands
_ALIKE_THICK = 0.8  # the same of another shade of a hue that the legend names
_ON_ONE_LINE = 0.4  # share of their columns that two shades of one line have in common
_STRONG_CHROMA = 60.0  # a colour, not a tinted grey
_AS_WELL = 0.05  # share of its columns by which a curve that is seen as well may show fewer
_ONE_LEVEL = 1.0  # pixel, and half a line: first levels that differ by less are one
_SHORTEST_LEVEL = 4.0  # pixels
_AXIS = 4.0  # pixels: half of an axis's line, and what is blurred of it
_BLURRED = 1.5  # pixels, and a line: levels so short may be the middle of a fall


@dataclass(frozen=True, kw_only=True)
class FoundCurves:
    """Curves of a panel and what they were looked for by.

    Parameters
    ----------
    arms : tuple of TracedArm
        As they go on, below another curve if need be.
    seen : tuple of TracedArm
        The same, each up to where it is seen.
    colours : tuple of LineColour
        All colours that were looked for.
    entries : tuple of LegendEntry
        Samples of the legend, or the colours that a hint gives.
    places : tuple of int
        The colour of each entry.
    complete : bool
        Whether the entries are all there must be.
    doubts : tuple of str
        What is doubtful about their number.
    """

    arms: tuple[TracedArm, ...]
    seen: tuple[TracedArm, ...]
    colours: tuple[LineColour, ...]
    entries: tuple[LegendEntry, ...]
    places: tuple[int, ...]
    complete: bool
    doubts: tuple[str, ...]


def find_curves(
    hints: Hints,
    written: PanelText,
    canvas: Canvas,
    *,
    colours: Sequence[LineColour],
    incidence: bool,
) -> FoundCurves:
    """Find the curves of a panel.

    Parameters
    ----------
    hints : Hints
    written : PanelText
        The panel's frame, legend and table.
    canvas : Canvas
    colours : sequence of LineColour
        Colours of lines in the plot.
    incidence : bool
        Whether the curves rise.

    Returns
    -------
    FoundCurves

    Raises
    ------
    UnreadableFigureError
        If no curve is found.
    """
    frame, entries = written.frame, tuple(written.entries)
    expected, source = expected_arms(hints, entries, written.rows)
    known, wanted, places = counts_by_colour(
        entries, colours, [tuple(rgb) for rgb in ground_colours(canvas)]
    )
    if hints.colours:
        known, wanted = _given_colours(hints), dict.fromkeys(range(len(hints.colours)), 1)
        entries, places = _given_entries(hints), list(range(len(hints.colours)))
        expected, source = len(hints.colours), "hint"
    complete = len(entries) > 0 and (expected is None or len(entries) == expected)
    start = _start(frame, canvas, incidence)
    dashed = _dashed_alone(entries, places, known)
    traced = _traced(
        Search(canvas, known, start=start, flipped=incidence, dashed=dashed),
        wanted=wanted if complete else None,
        total=expected,
        recount=source == "legend" and (expected == 1 or _unannounced(known, wanted)),
    )
    traced = together(traced, canvas, start, flipped=incidence, expected=expected)
    seen = ended(uncrossed(traced, canvas, flipped=incidence), canvas, flipped=incidence)
    return FoundCurves(
        arms=tuple(continued(seen, canvas, flipped=incidence)),
        seen=tuple(seen),
        colours=tuple(known),
        entries=entries,
        places=tuple(places),
        complete=complete,
        doubts=tuple(_miscounted(len(traced), expected, source) or may_be_limits(seen, expected)),
    )


def _miscounted(found: int, expected: int | None, source: str) -> list[str]:
    """Say that fewer or more curves were found than the figure or a hint names."""
    if expected is None or found == expected:
        return []
    if found < expected:
        return [f"{found} of the {count(expected, 'curve')} that the {source} names were found."]
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
    if wanted is None and (total is None or len(traced) < total):
        again = trace_arms(search, wanted=None, total=total, sloping=True)
        seen, now = (max((a.curve.support for a in arms), default=0) for arms in (traced, again))
        as_well = total is not None or now > seen - _AS_WELL
        traced = again if len(again) > len(traced) and as_well else traced
    if recount:  # names may have been missed, or one be a label beside one of several curves
        free = trace_arms(search, wanted=None, total=None)
        coloured = [
            arm for arm in free if arm.colour.chroma >= _STRONG_CHROMA and arm.curve.support > 0.6
        ]
        plain = [] if coloured else [arm for arm in free if arm.curve.support > 0.6]
        if total == 1 and max(len(coloured), len(plain)) > 1:
            traced = coloured or plain
        elif wanted is not None:
            traced += _not_named(coloured, traced)
    if not traced:
        raise UnreadableFigureError(
            "the axes of a plot were found but no curve that starts at a survival of 1 (or an "
            "incidence of 0): say where the plot is with --box, or name the colours of its curves "
            "with --color."
        )
    return traced


def _not_named(coloured: Sequence[TracedArm], traced: Sequence[TracedArm]) -> list[TracedArm]:
    """Curves of strong colours that the legend does not name: parts of it were not recognised.

    Two more of a hue that it names are confidence limits of its curve.
    """
    named = {arm.colour for arm in traced}
    thickness = float(np.median([arm.curve.width for arm in traced])) if traced else 0.0
    more = [
        arm
        for arm in coloured
        if arm.colour not in named
        and arm.curve.width > _AS_THICK * thickness
        and not any(is_one_line(arm, a) for a in traced)
    ]
    shades = [arm for arm in more if any(same_hue(arm.colour, other) for other in named)]
    one = len(shades) == 1 and shades[0].curve.width > _ALIKE_THICK * thickness
    one = one and not any(_meet(shades[0], arm) for arm in traced)
    return more if one else [arm for arm in more if arm not in shades]


def _meet(arm: TracedArm, other: TracedArm) -> bool:
    """Whether two shades of a hue are seen on one line along much of it, as in a JPEG file."""
    length = min(len(arm.curve.rows), len(other.curve.rows))
    gap = np.abs(arm.curve.rows[:length] - other.curve.rows[:length])
    near = gap < (arm.curve.width + other.curve.width) / 2 + 1.5
    return same_hue(arm.colour, other.colour) and bool(near.mean() > _ON_ONE_LINE)


def _given_colours(hints: Hints) -> list[LineColour]:
    codes = [colour.lstrip("#") for _, colour in hints.colours]
    return [
        LineColour(rgb=(float(int(c[:2], 16)), float(int(c[2:4], 16)), float(int(c[4:], 16))))
        for c in codes
    ]


def _given_entries(hints: Hints) -> tuple[LegendEntry, ...]:
    return tuple(
        LegendEntry(name=name, rgb=colour.rgb, filled=1.0, box=(0.0, 0.0, 0.0, 0.0))
        for (name, _), colour in zip(hints.colours, _given_colours(hints), strict=True)
    )


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
    foot = np.inf if incidence else float(frame.y.pixel(0.0)) - canvas.top
    slack = max(2.0, 0.012 * canvas.shape[0])
    return Start(column=column, row=row - 0.5, slack=slack, foot=foot)


def read_arms(
    sheet: Sheet,
    written: PanelText,
    canvas: Canvas,
    *,
    found: FoundCurves,
    incidence: bool,
    insets: Sequence[Box] = (),
) -> tuple[list[ReadArm], tuple[TableRow, ...], list[str]]:
    """Name the curves and read them on the axes, with their rows and what is doubtful."""
    frame, traced, rows = written.frame, found.arms, written.rows
    names_by = partial(
        arm_names, traced, known=found.colours, frame=frame, canvas=canvas, lines=written.lines,
        rows=written.rows, image=sheet.image, flipped=incidence,
    )  # fmt: skip
    named = names_by(found.entries, places=found.places, complete=found.complete)
    names, doubts = named.given, list(named.doubts)
    if sheet.hints.colours:
        places = [nearest_colour(entry, found.colours) for entry in written.entries]
        own = names_by(written.entries, places=places, complete=len(places) == len(traced))
        called = [(name, mine) for (name, _), (mine, _) in zip(names, own.given, strict=True)]
        doubts += contradicted(called)
        rows = renamed_rows(rows, called)

    def time(column: float) -> float:
        return float(frame.x.value(column + canvas.left))

    doubts += [
        f"arm '{name}': the curve ends on another at {time(before.curve.end):.3g} and is taken to "
        "go on below it."
        for before, after, (name, _) in zip(found.seen, traced, names, strict=True)
        if after is not before
    ]
    doubts += names_without_sample(found.entries, written.lines)
    doubts += curve_doubts(
        Traces(
            arms=found.seen, names=tuple(name for name, _ in names), canvas=canvas,
            flipped=incidence, time=time, insets=tuple(insets),
        )
    )  # fmt: skip
    own_ink = [ink_of_marks(arm, traced, canvas, flipped=incidence) for arm in traced]
    of_colour = [without_others(arm, traced) for arm in traced]
    doubts += limit_doubts(traced, of_colour, [name for name, _ in names])
    arms = [
        replace(_read_arm(arm, given, frame, canvas, alone, flipped=incidence), may_be=way)
        for arm, given, alone, way in zip(traced, names, own_ink, named.may_be, strict=True)
    ]
    arms = _in_order(arms, [entry.name for entry in found.entries])
    return arms, rows, [*found.doubts, *doubts]


def _in_order(arms: list[ReadArm], names: Sequence[str]) -> list[ReadArm]:
    """Put arms in the order of the legend, others behind them."""
    return sorted(arms, key=lambda a: names.index(a.name) if a.name in names else len(names))


def first_rows(arms: Sequence[TracedArm], canvas: Canvas, incidence: bool) -> list[float]:
    """Rows of the figure of first levels that are long enough to be measured.

    Of a curve that another covers at its start, the first level that is seen is a later one: levels
    below that of another curve's start are left out.
    """
    curves = [arm.curve for arm in arms]
    highest = min((float(curve.levels[0]) for curve in curves), default=0.0)
    found = []
    for curve in curves:
        first_fall = curve.falls[0] if len(curve.falls) else curve.end
        level = float(curve.levels[0])
        long = first_fall - curve.start > max(2 * curve.width, _SHORTEST_LEVEL)
        if long and not curve.hidden[0] and level - highest < _ONE_LEVEL + curve.width / 2:
            found.append(canvas.top + (canvas.shape[0] - level if incidence else level))
    return found


def _read_arm(
    arm: TracedArm,
    given: tuple[str, int | None],
    frame: Frame,
    canvas: Canvas,
    alone: FloatArray,
    *,
    flipped: bool,
) -> ReadArm:
    (name, n), curve = given, arm.curve
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
    straight = canvas.straight[::-1] if flipped else canvas.straight
    above = (float(curve.levels[0]) - first_row(arm, straight)) * per_pixel
    first_level = float(survival[0]) + max(above, 0.0)
    survival[0] = 1.0 if survival[0] > 1.0 - 2.5 * tolerance else survival[0]
    behind = min(tolerance + 2.0 * per_pixel * (curve.width + 1.0), WIDEST_TOLERANCE)
    tolerances = np.where(hidden, behind, tolerance)
    if not flipped and columns[-1] - columns[-2] <= curve.width + 2:
        reach = per_pixel * (curve.width + _AXIS)
        survival, tolerances = down_to_zero(survival, tolerances, reach=reach)
    return ReadArm(
        name=name,
        curve=curve_from_one(
            np.maximum.accumulate(time),
            survival,
            tolerances,
            shortest=0.5 * frame.x.slope,
            blurred=max(_BLURRED, curve.width) * frame.x.slope,
        ),
        first_level=max(first_level, float(survival[0])),
        color=arm.colour.hex,
        dash="solid" if curve.support > 0.9 else "dashed",
        length_read=curve.support,
        censor_marks=frame.x.value(find_marks(alone, curve) + canvas.left),
        n=n,
        named=has_own_name(name),
    )
