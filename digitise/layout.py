"""Layout of a figure: which tables, legends, lines and names of two lines belong to which panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .arm_names import (
    SAME_NAME,
    abbreviates,
    is_caption,
    is_remark,
    may_label,
    similar_name,
    split_name,
)
from .legend import entry_of, legend_entries, row_colour
from .panels import Frame, ceiling, left_wall, right_wall
from .patches import patch_entries
from .raster import Sheet, rereader
from .risk_labels import TableRow, is_nameless, named_behind
from .risk_table import read_table
from .samples import LegendEntry
from .text import TextLine, split_at_gaps, text_lines

_SAME_SAMPLE = 25.0  # distance in RGB up to which two samples have one colour
_SAME_FILL = 0.08  # difference of the shares of ink up to which two samples have one dash
_ABOVE = 0.5  # of a plot's height: how far a legend may stand above its highest label

_OPEN = re.compile(
    r"(?:[+&/,(\-\u2013]|\b(?:plus|and|with|or|of|to|in|versus|vs\.?))$", re.IGNORECASE
)
_GOES_ON = re.compile(r"[+&(]|plus\b|and\b|with\b|or\b|of\b")
_NEAREST, _FARTHEST = 0.6, 1.5  # of a letter's height: distance of the lines of one name
_BETWEEN = 0.2  # the same from the middle of a line up to a sample between it and the one above
_ALIGNED, _NEXT_LINE = 0.5, 2.2  # of a letter's height: places of two names of one legend
_ASIDE = 0.7  # the same for their left edges or middles


@dataclass(frozen=True, kw_only=True)
class PanelText:
    """What is written in and around a panel.

    Parameters
    ----------
    frame : Frame
    floor : float
        Lowest pixel that belongs to the panel.
    rows : tuple of TableRow
        Its numbers at risk.
    lines : tuple of TextLine
        Lines that may name arms: no tick labels, no rows of the table.
    entries : tuple of LegendEntry
        The legend that names its curves.
    lender : int or None
        Number of the panel whose legend it is, if it has none of its own.
    """

    frame: Frame
    floor: float
    rows: tuple[TableRow, ...]
    lines: tuple[TextLine, ...]
    entries: tuple[LegendEntry, ...]
    lender: int | None = None


def panel_texts(sheet: Sheet, frames: Sequence[Frame]) -> list[PanelText]:
    """Give every panel its table, its lines of text and its legend.

    Parameters
    ----------
    sheet : Sheet
    frames : sequence of Frame
        All panels, in reading order.

    Returns
    -------
    list of PanelText
        A panel without a legend takes the one above or below all panels or that of another panel,
        if the names agree with its table; without a table, its colours are still to be compared.
    """
    own = [_own_text(sheet, frame, frames) for frame in frames]
    shared = shared_legend(sheet, frames, [row for text in own for row in text.rows])
    texts = []
    for text in own:
        names = {entry.name for entry in text.entries}
        if len(shared) > len(names) and names <= {entry.name for entry in shared}:
            text = replace(text, entries=tuple(shared))  # it may have seen a part of it
        texts.append(text)
    return [text if text.entries else _borrowing(text, texts) for text in texts]


def _own_text(sheet: Sheet, frame: Frame, frames: Sequence[Frame]) -> PanelText:
    height, width = sheet.image.shape[:2]
    floor = floor_of(frame, frames, height)
    left, right = left_wall(frame, frames), right_wall(frame, frames, width)
    top = ceiling(frame, frames)
    reread = rereader(sheet.image)
    roof = None if top else 0.0  # between two panels, a table is of the one above
    found = read_table(
        frame, sheet.words, floor=floor, wall=left, roof=roof, reread=reread, ink=sheet.ink
    )
    found = _with_whole_labels(found, sheet.lines)
    rows = tuple(replace(row, rgb=row_colour(sheet.image, row)) for row in found)
    lines = [
        line
        for line in _free_lines(sheet, [frame], rows)
        if line.centre[1] < floor and left < line.x1 and line.x0 < right and line.y0 > top
        and not any(_holds(other, line) for other in frames if not _holds(frame, line))
    ]  # fmt: skip
    lines = list(joined(lines, lambda line: entry_of(sheet.image, line, lines)))
    entries = legend_entries(sheet.image, lines, legend_places(frame, floor))
    if len(entries) == 1 and is_label(entries[0], frame, lines):
        entries = []
    patches = patch_entries(sheet.image, lines, legend_places(frame, floor))
    entries = max(patches, entries, key=len)
    rows = tuple(named_behind(rows, lines))
    return PanelText(
        frame=frame, floor=floor, rows=rows, lines=tuple(lines), entries=tuple(entries)
    )


def is_label(entry: LegendEntry, frame: Frame, lines: Sequence[TextLine]) -> bool:
    """Whether the only name with a sample is a label at the end of a curve, which looks like one.

    Parameters
    ----------
    entry : LegendEntry
    frame : Frame
        Of the plot.
    lines : sequence of TextLine
        Lines that may name arms.

    Returns
    -------
    bool
        True if another name stands in the plot or at its right, and not in one column with it, as
        those of a legend do.
    """
    own = next((line for line in lines if split_name(line.text)[0] == entry.name), None)
    if own is None:
        return False
    return any(
        line is not own
        and not line.vertical
        and line.centre[0] > frame.left
        and frame.top < line.centre[1] < frame.bottom
        and may_label(line.text, [])
        and not (
            abs(line.x0 - own.x0) < _ALIGNED * own.size
            and abs(line.centre[1] - own.centre[1]) < _NEXT_LINE * own.size
        )
        for line in lines
    )


def lines_near(
    frame: Frame, frames: Sequence[Frame], lines: Sequence[TextLine]
) -> tuple[TextLine, ...]:
    """Lines of text without those in other plots, those nearest to a plot first.

    Parameters
    ----------
    frame : Frame
    frames : sequence of Frame
        All panels.
    lines : sequence of TextLine
        All text of the figure.

    Returns
    -------
    tuple of TextLine
        So that the legend of a panel comes before those of its neighbours.
    """

    def away(line: TextLine) -> float:
        x, y = line.centre
        aside = max(frame.left - x, x - frame.right, 0.0)
        return float(np.hypot(aside, max(frame.top - y, y - frame.bottom, 0.0)))

    elsewhere = [other for other in frames if other is not frame]
    own = [
        line
        for line in lines
        if _holds(frame, line) or not any(_holds(other, line) for other in elsewhere)
    ]
    return tuple(sorted(own, key=away))


def _with_whole_labels(rows: Sequence[TableRow], lines: Sequence[TextLine]) -> list[TableRow]:
    """Complete labels that go on in a line below their row."""
    whole = []
    for k, row in enumerate(rows):
        end = rows[k + 1].y - 0.6 * row.size if k + 1 < len(rows) else np.inf
        below = [
            line for line in lines
            if 0.6 * row.size < line.centre[1] - row.y < 1.5 * row.size and line.centre[1] < end
            and abs(line.x0 - row.left) < row.size and continues(row.label, line.text)
        ]  # fmt: skip
        parts = [row.label.strip(), *(line.text.strip() for line in below[:1])]
        whole.append(replace(row, label=" ".join(parts)))
    return whole


def _holds(frame: Frame, line: TextLine) -> bool:
    """Whether a line of text stands within a plot."""
    x, y = line.centre
    return frame.left < x < frame.right and frame.top < y < frame.bottom


def _free_lines(sheet: Sheet, frames: Sequence[Frame], rows: Sequence[TableRow]) -> list[TextLine]:
    """Lines without tick labels and rows of numbers at risk."""
    used = {t.word.line for frame in frames for axis in (frame.x, frame.y) for t in axis.labels}
    free = split_at_gaps([word for word in sheet.words if word.line not in used])
    return [
        line
        for line in text_lines(free)
        if not any(
            min(abs(line.centre[1] - y) for y in (row.y, row.label_y) if y is not None)
            < 0.6 * row.size
            and not (is_nameless(row) and line.x0 > row.right)
            for row in rows
        )
    ]


def _borrowing(text: PanelText, texts: Sequence[PanelText]) -> PanelText:
    """Use the legend of another panel if it agrees with the panel's table, or there is none."""
    for number, other in enumerate(texts, start=1):
        names = [entry.name for entry in other.entries]
        if len(names) > 1 and (not text.rows or agree(names, text.rows)):
            return replace(text, entries=other.entries, lender=number)
    return text


def agree(names: Sequence[str], rows: Sequence[TableRow]) -> bool:
    """Whether the rows of a table are those of the arms that a legend names.

    Parameters
    ----------
    names : sequence of str
        Of the legend.
    rows : sequence of TableRow

    Returns
    -------
    bool
        True also where no row has a label, if there are as many rows as names.
    """
    if len(rows) != len(names):
        return False
    labels = [row.label for row in rows if any(c.isalnum() for c in row.label)]
    known = [
        any(similar_name(label, name) >= SAME_NAME or abbreviates(label, name) for name in names)
        for label in labels
    ]
    return len(labels) in (0, len(rows)) and all(known)


def floor_of(frame: Frame, frames: Sequence[Frame], height: float) -> float:
    """Lowest pixel of a panel: where a panel below begins or one around it ends, or the figure."""
    below = [
        other.top
        for other in frames
        if other.top > frame.bottom and other.left < frame.right and other.right > frame.left
    ]
    around = [other.bottom for other in frames if other.holds(frame)]
    return min([float(height), *around, *[top - 2 * frame.x.size for top in below]])


def legend_places(frame: Frame, floor: float) -> list[tuple[float, float, float, float]]:
    """In the plot and to its right, above it, and below the axis."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    right = frame.right + 0.6 * width
    return [
        (frame.left, frame.top - _ABOVE * height, right, frame.bottom),
        (frame.left - 0.3 * width, frame.bottom, right, floor),
    ]


def shared_legend(
    sheet: Sheet, frames: Sequence[Frame], rows: Sequence[TableRow]
) -> list[LegendEntry]:
    """Find a legend above or below all panels of a figure.

    Parameters
    ----------
    sheet : Sheet
    frames : sequence of Frame
        All panels.
    rows : sequence of TableRow
        All their numbers at risk.

    Returns
    -------
    list of LegendEntry
        At least two; none for a figure of one panel, whose legend is its own, and none where two
        samples are alike: those are legends of several panels in one row.
    """
    if len(frames) < 2:
        return []
    top, bottom = min(f.top for f in frames), max(f.bottom for f in frames)
    outside = [
        line for line in _free_lines(sheet, frames, rows) if not top <= line.centre[1] <= bottom
    ]
    outside = list(joined(outside, lambda line: entry_of(sheet.image, line, outside)))
    height, width = sheet.image.shape[:2]
    entries = legend_entries(sheet.image, outside, [(0.0, 0.0, float(width), float(height))])
    return entries if len(entries) > 1 and not _repeated(entries) else []


def _repeated(entries: Sequence[LegendEntry]) -> bool:
    """Whether two samples have the same colour and dash."""
    colours = np.array([entry.rgb for entry in entries])
    fills = np.array([entry.filled for entry in entries])
    apart = np.sqrt(((colours[:, None] - colours[None, :]) ** 2).sum(axis=2))
    alike = (apart < _SAME_SAMPLE) & (np.abs(fills[:, None] - fills[None, :]) < _SAME_FILL)
    return bool(np.triu(alike, 1).any())


def joined(
    lines: Sequence[TextLine], sample_of: Callable[[TextLine], LegendEntry | None]
) -> tuple[TextLine, ...]:
    """Join lines that are one name.

    Parameters
    ----------
    lines : sequence of TextLine
    sample_of : callable
        The entry that a line is by itself, if it has a sample: then it is a name of its own, unless
        the sample stands between it and the line above.

    Returns
    -------
    tuple of TextLine
        A name that stands on two lines is one with `rows` of 2 and the box of both.
    """
    left = sorted(lines, key=lambda line: (line.y0, line.x0))
    done: list[TextLine] = []
    while left:
        first = left.pop(0)
        below = [line for line in left if _stands_below(line, first)]
        second = min(below, key=lambda line: line.y0, default=None)
        names = second is not None and not is_remark(first.text) and not is_caption(first.text)
        if second is None or not names or not continues(first.text, second.text):
            done.append(first)
            continue
        own = sample_of(second)
        if own is not None and (own.raised < _BETWEEN or sample_of(first) is not None):
            done.append(first)
            continue
        left.remove(second)
        left.insert(0, _union(first, second))
    return tuple(sorted(done, key=lambda line: (line.y0, line.x0)))


def continues(first: str, second: str) -> bool:
    """Whether a name goes on in the next line: "Anti-PD-1 +" and "radiation".

    Parameters
    ----------
    first, second : str
        Two lines, one below the other.

    Returns
    -------
    bool
    """
    first, second = first.strip(), second.strip()
    if not any(c.isalpha() for c in first) or not any(c.isalpha() for c in second):
        return False
    if is_remark(second):
        return False
    goes_on = second[0].islower() and not first[0].islower()
    return bool(_OPEN.search(first) or _GOES_ON.match(second) or goes_on)


def _stands_below(line: TextLine, first: TextLine) -> bool:
    if line.vertical or first.vertical:
        return False
    size = min(line.size, first.size)
    down = line.centre[1] - (first.y1 - first.size / 2)
    aside = min(abs(line.x0 - first.x0), abs(line.centre[0] - first.centre[0]))
    return _NEAREST * size < down < _FARTHEST * size and aside < _ASIDE * size


def _union(first: TextLine, second: TextLine) -> TextLine:
    return replace(
        first,
        text=f"{first.text.strip()} {second.text.strip()}",
        x0=min(first.x0, second.x0),
        x1=max(first.x1, second.x1),
        y1=second.y1,
        score=min(first.score, second.score),
        rows=first.rows + second.rows,
    )
