"""Legends and labels: which texts name an arm, and the samples of line beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .arm_names import (
    DASHES,
    is_of_marks,
    is_remark,
    is_word,
    may_be_name,
    name_before_remark,
    split_name,
)
from .risk_labels import TableRow
from .samples import LegendEntry, sample_in
from .text import TextLine

Image = npt.NDArray[np.uint8]

_STEPS = set("5SZJL4") | {"\u5341", "\u5de5"}  # what a sample that is a step is recognised as
_ROMAN = re.compile("I{2,3}|IV|VI{0,3}")
_SHORT_NAME = 3  # letters of a name that may look like marks
_SHORT_SAMPLE = 0.9  # of the longest of a legend: shorter ones begin or end with a gap
_SAME_ROW = 0.35  # of its height: how far texts of one row are from each other
_LEAST, _SHORTEST = 0.9, 0.65  # length of a sample in heights of its line, alone and in a row


def legend_entries(
    image: Image, lines: Sequence[TextLine], places: Sequence[tuple[float, float, float, float]]
) -> list[LegendEntry]:
    """Find the names that have a sample of line at their left; else, at their right.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    lines : sequence of TextLine
        All text of the figure that is neither a tick label nor a number at risk.
    places : sequence of tuple of float
        Where a legend of the panel may be: left, top, right, bottom.

    Returns
    -------
    list of LegendEntry
        From top to bottom; entries for censoring marks are left out. Samples at the right are at
        least two, in a column.
    """
    at_left = _with_samples(image, lines, places)
    if len(at_left) > 1:
        return at_left
    width = float(image.shape[1])
    turned = [_mirrored(line, width) for line in lines]
    turned_places = [(width - c, b, width - a, d) for a, b, c, d in places]
    found = _with_samples(image[:, ::-1], turned, turned_places)
    if len(found) < 2 or not _in_one_column(found, within=0.5):
        return at_left
    return [replace(e, box=(width - e.box[2], e.box[1], width - e.box[0], e.box[3])) for e in found]


def _mirrored(line: TextLine, width: float) -> TextLine:
    """Return a line where a mirror shows it, without a sample that was recognised as its end."""
    text = line.text.rstrip(DASHES)
    lost = (len(line.text) - len(text)) / max(len(line.text), 1) * (line.x1 - line.x0)
    return replace(line, text=text, x0=width - line.x1 + lost, x1=width - line.x0)


def _with_samples(
    image: Image, lines: Sequence[TextLine], places: Sequence[tuple[float, float, float, float]]
) -> list[LegendEntry]:
    """Find the names that have a sample of line at their left."""
    entries: list[tuple[TextLine, LegendEntry]] = []
    unlikely: list[LegendEntry] = []
    short: list[tuple[TextLine, LegendEntry]] = []
    for line in lines:
        x, y = line.centre
        edges = [a for a, b, c, d in places if a <= x <= c and b <= y <= d]
        inside, edge = bool(edges), min(edges, default=0.0)
        if line.vertical or not inside or is_of_marks(line.text, lines):
            continue
        if is_remark(line.text):
            line = replace(line, text=name_before_remark(line.text))
        entry = entry_of(image, line, lines, edge=edge) if line.text else None
        if entry is not None and may_be_name(entry.name):
            entries.append((line, entry))
        elif entry is not None:
            unlikely.append(entry)
        elif line.text and (entry := entry_of(image, line, lines, least=_SHORTEST, edge=edge)):
            short.append((line, entry))
    together = _without_titles([*entries, *short])
    aligned = len(together) > 1 and (_in_one_row(together) or _in_one_column(together, within=0.2))
    kept = [entry for _, entry in entries if entry in together]
    if short and aligned:
        kept += [entry for _, entry in short if may_be_name(entry.name)]
    return _with_short_names(_one_table(kept), unlikely)


def _without_titles(pairs: Sequence[tuple[TextLine, LegendEntry]]) -> list[LegendEntry]:
    """Leave out texts that stand above the samples of a legend: its title names no arm.

    What was taken for their own samples are the ends of curves.
    """
    kept = []
    for line, entry in pairs:
        others = [other for _, other in pairs if other is not entry]
        column = [
            one
            for one in others
            if any(_in_one_column([one, two], within=0.2) for two in others if two is not one)
        ]
        over = [one for one in column if line.x0 < one.box[2] and line.x1 > one.box[0]]
        if not (over and all(one.box[1] > line.centre[1] for one in over)):
            kept.append(entry)
    return kept


def _with_short_names(
    entries: Sequence[LegendEntry], unlikely: Sequence[LegendEntry]
) -> list[LegendEntry]:
    """Add names such as "CC" and "TT", else taken for marks, that stand in a legend's column.

    Roman numbers below each other are a legend, even if nothing else is.
    """
    kept = list(entries)
    roman = [entry for entry in unlikely if _ROMAN.fullmatch(entry.name)]
    if not kept and any(_in_column(one, two) for one, two in combinations(roman, 2)):
        kept = roman[:1]
    for entry in sorted(unlikely, key=lambda e: min(_steps(e, other) for other in kept or [e])):
        bare = [c for c in entry.name if c.isalnum()]
        plain = 0 < len(bare) <= _SHORT_NAME and all(c.isascii() for c in bare)
        plain = plain and entry not in kept
        if plain and any(_in_column(entry, other) or _in_row(entry, other) for other in kept):
            kept.append(entry)
    return _in_order(kept) if len(kept) > len(entries) else kept


def _steps(entry: LegendEntry, other: LegendEntry) -> float:
    return abs(entry.box[1] - other.box[1])


def _in_column(entry: LegendEntry, other: LegendEntry) -> bool:
    """Whether two samples are alike and stand one below the other, a line apart."""
    size = other.box[3] - other.box[1]
    left, right = entry.box[0] - other.box[0], entry.box[2] - other.box[2]
    return max(abs(left), abs(right)) < 0.4 * size and 0.5 * size < _steps(entry, other) < 2 * size


def _in_row(entry: LegendEntry, other: LegendEntry) -> bool:
    """Whether two samples are equally long and stand beside each other."""
    size = other.box[3] - other.box[1]
    wide, theirs = entry.box[2] - entry.box[0], other.box[2] - other.box[0]
    return _steps(entry, other) < 0.2 * size and abs(wide - theirs) < 0.2 * size


def _in_order(entries: Sequence[LegendEntry]) -> list[LegendEntry]:
    return sorted(entries, key=lambda e: (round(e.box[1] / 6), e.box[0]))


def _in_one_row(entries: Sequence[LegendEntry]) -> bool:
    """Whether samples stand beside each other: names of a legend below or above a plot."""
    tops = [entry.box[1] for entry in entries]
    return max(tops) - min(tops) < 0.3 * min(e.box[3] - e.box[1] for e in entries)


def _in_one_column(entries: Sequence[LegendEntry], *, within: float) -> bool:
    """Whether samples of one length stand below each other, up to a share of the text's height."""
    edges = np.array([(entry.box[0], entry.box[2]) for entry in entries])
    size = min(entry.box[3] - entry.box[1] for entry in entries)
    return bool(np.ptp(edges, axis=0).max() < within * size)


def entry_of(
    image: Image,
    line: TextLine,
    lines: Sequence[TextLine],
    *,
    least: float = _LEAST,
    edge: float = 0.0,
) -> LegendEntry | None:
    """Name and sample of a line of text.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    line : TextLine
        The name; the sample of one on two lines may stand between them or beside either.
    lines : sequence of TextLine
        All text; the sample lies to the right of what stands to the left of the name.
    least : float
        Length of the shortest sample, in heights of the line.
    edge : float
        Leftmost pixel of the sample: at the left of a plot stand the tick marks of its axis.

    Returns
    -------
    LegendEntry or None
    """
    size = line.size
    y0, y1 = line.y0 + size / 2, line.y1 - size / 2
    for middle in (line.centre[1],) if line.rows == 1 else (line.centre[1], y0, y1):
        wall = max(
            (
                other.x1
                for other in lines
                if other is not line
                and abs(other.centre[1] - middle) < _SAME_ROW * size
                and other.x1 < line.x0
                and other.text not in _STEPS
            ),
            default=0.0,
        )
        wall = max(wall, edge)
        entry = _entry(image, line, middle, wall=wall, least=least)
        if entry is not None:
            return entry
    return None


def _entry(
    image: Image, line: TextLine, middle: float, *, wall: float, least: float
) -> LegendEntry | None:
    """Name and sample of a line of text; the sample lies to the right of a wall."""
    size = line.size
    stripped = line.text.lstrip(DASHES)
    name, n = split_name(stripped)
    if not any(c.isalnum() for c in name):
        return None
    # where the sample was recognised as part of the text, the text starts further right
    lost = (len(line.text) - len(stripped)) / max(len(line.text), 1) * (line.x1 - line.x0)
    right = line.x0 + lost
    left = min(max(right - 6.0 * size, wall + 1.0), max(right - 1.5 * size, 0.0))
    strip = image[
        max(int(middle - 0.42 * size), 0) : int(middle + 0.42 * size) + 1,
        int(left) : max(int(right - 0.05 * size), int(left) + 1),
    ].astype(np.float64)
    found = sample_in(strip, size, least=least)
    if found is None:
        return None
    box = (
        left + found.start, middle - 0.5 * size, left + found.end, middle + 0.5 * size
    )  # fmt: skip
    return LegendEntry(
        name=name, rgb=found.rgb, filled=found.filled, box=box, n=n,
        raised=(strip.shape[0] / 2 - found.row) / size, score=line.score,
    )  # fmt: skip


def _one_table(entries: Sequence[LegendEntry]) -> list[LegendEntry]:
    """Entries under each other or in one row, without those for censored patients."""
    worded = any(is_word(entry.name) for entry in entries)
    if not worded and not _are_aligned(entries):
        return []  # numbers or marks, each beside a stroke
    kept: list[LegendEntry] = []
    for entry in entries:
        if worded and not is_word(entry.name):
            continue  # a number or a mark beside a stroke
        longer = sum(len(other.name) > 1 for other in entries)
        if len(entry.name) == 1 and longer >= 2:
            continue  # a piece of another text
        if re.search(r"censor", entry.name, re.IGNORECASE):
            continue
        if all(entry.name != other.name for other in kept):
            kept.append(entry)
    return _relative(_in_order(kept))


def _are_aligned(entries: Sequence[LegendEntry]) -> bool:
    """Whether at least two samples are alike and stand in one row or in one column."""
    if len(entries) < 2:
        return False
    boxes = np.array([entry.box for entry in entries])
    size = float(np.median(boxes[:, 3] - boxes[:, 1]))
    column, row = np.ptp(boxes[:, 2]) < 0.5 * size, np.ptp(boxes[:, 1]) < 0.5 * size
    return bool((column or row) and np.ptp(boxes[:, 2] - boxes[:, 0]) < size)


def _relative(entries: Sequence[LegendEntry]) -> list[LegendEntry]:
    """Shares of ink by the longest sample: of a dashed one, no more than a dash may be seen."""
    longest = max((e.box[2] - e.box[0] for e in entries), default=0.0)
    return [replace(e, filled=e.filled * (e.box[2] - e.box[0]) / longest)
            if e.box[2] - e.box[0] < _SHORT_SAMPLE * longest else e for e in entries]  # fmt: skip


def row_colour(image: Image, row: TableRow) -> tuple[float, float, float] | None:
    """Colour of the bar at the left of a row of numbers at risk, or of the row's label.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    row : TableRow

    Returns
    -------
    tuple of float or None
        Red, green and blue, 0 to 255, of the numbers where nothing stands at their left; None
        for a label in black or grey without a bar.
    """
    middle = row.y if row.label_y is None else row.label_y
    top, bottom = int(max(middle - 0.42 * row.size, 0)), int(middle + 0.42 * row.size) + 1
    if not any(c.isalnum() for c in row.label):
        left = max(row.left - 8.0 * row.size, 0.0)
        edge = max(int(row.left - 0.3 * row.size), int(left) + 1)
        found = sample_in(
            image[top:bottom, int(left) : edge].astype(np.float64), row.size, 7.0, 0.5
        )
        if found is not None:
            return found.rgb
        return _letters_colour(image[top:bottom, int(max(row.left, 0)) : int(row.right) + 1])
    return _letters_colour(image[top:bottom, int(max(row.left, 0)) : int(row.label_right) + 1])


def _letters_colour(label: Image) -> tuple[float, float, float] | None:
    """Colour of letters or figures; None if they are black or grey."""
    flat = label.reshape(-1, 3).astype(np.float64)
    if len(flat) == 0:
        return None
    chroma = np.ptp(flat, axis=1)
    strong = chroma >= max(float(np.percentile(chroma, 95)), 60.0)
    if strong.sum() < 4:
        return None
    red, green, blue = np.median(flat[strong], axis=0)
    return float(red), float(green), float(blue)
