"""Legends and labels: names of arms and the samples of line beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .risk_table import TableRow
from .text import TextLine

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_INKED = 40.0  # distance from the ground in RGB
_SHORT_SAMPLE = 0.9  # of the longest of a legend: shorter ones begin or end with a gap

_REMARK = re.compile(
    r"hazard|log.?rank|\bHR\b|\bCI\b|median|\bp\s*[=<>]|95\s*%|number|no\.? at|at risk|censored"
    r"|not reached|^HR|\d[.,]\d+\s*(?:-|\u2013|to)\s*\d+[.,]\d"
    r"|\bp[\s-]*(?:value)?[\s:=<>]*0?[.,]\d",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\b(?:free|overall|specific|cumulative|event)[\s-]*(?:survival|incidence|rate)\b"
    r"|surviv(?:al|ing)\b|incidence|probability|\brandomi[sz]|^time\b|^follow",
    re.IGNORECASE,
)


_MARKLIKE = set("IlL1iHTtFEf")  # what rows of marks are recognised as
_MARKS_ON_LINES = _MARKLIKE | set("4KJ7YXx+|-\u2013\u2014_~/\\'. ")
_LAST_LETTER = 0x2E80  # scripts behind it are what strokes and marks are recognised as


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """A name with a sample of its line.

    Parameters
    ----------
    name : str
        As written, without "(n=318)".
    rgb : tuple of float
        Colour of the sample, 0 to 255.
    filled : float
        Share of the sample's length that is ink: near 1 for a solid line.
    box : tuple of float
        Left, top, right and bottom of the sample, in pixels of the figure.
    n : int or None
        Number of patients, where the legend states it.
    """

    name: str
    rgb: tuple[float, float, float]
    filled: float
    box: tuple[float, float, float, float]
    n: int | None = None


def is_remark(text: str) -> bool:
    """Whether a line of text is a result (a hazard ratio, a p value), not the name of an arm."""
    return bool(_REMARK.search(text)) or not any(c.isalnum() for c in text)


def is_caption(text: str) -> bool:
    """Whether a line of text is the title of a plot or of an axis, not a name beside a curve."""
    return bool(_CAPTION.search(text))


def is_word(text: str) -> bool:
    """Whether a text is a word: rows of marks are sometimes recognised as "II" or "H+"."""
    if any(ord(c) >= _LAST_LETTER for c in text):
        return False
    solid = {c for c in text if c.isalnum()}
    return any(c.isalpha() for c in solid) and not solid <= _MARKLIKE | set("Oo0")


def is_row_of_marks(text: str) -> bool:
    """Whether a text without a sample may be marks on a curve: "HH4HH+HHHH", "KLHT"."""
    bare = text.replace(" ", "")
    if any(ord(c) >= _LAST_LETTER for c in bare):
        return True
    return len(bare) > 2 and set(bare) <= _MARKS_ON_LINES


def legend_entries(
    image: Image, lines: Sequence[TextLine], places: Sequence[tuple[float, float, float, float]]
) -> list[LegendEntry]:
    """Find the names that have a sample of line at their left.

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
        From top to bottom; entries for censoring marks are left out.
    """
    entries = []
    for line in lines:
        x, y = line.centre
        inside = any(a <= x <= c and b <= y <= d for a, b, c, d in places)
        if line.vertical or not inside or is_remark(line.text):
            continue
        wall = max(
            (
                other.x1
                for other in lines
                if other is not line
                and abs(other.centre[1] - y) < 0.5 * line.size
                and other.x1 < line.x0
            ),
            default=0.0,
        )
        entry = _entry(image, line, wall)
        if entry is not None:
            entries.append(entry)
    return _one_table(entries)


def _entry(image: Image, line: TextLine, wall: float) -> LegendEntry | None:
    """Name and sample of a line of text; the sample lies to the right of a wall."""
    size = line.size
    stripped = line.text.lstrip("-\u2013\u2014_+|~=. ")
    name, n = split_name(stripped)
    if not _may_be_name(name):
        return None
    # where the sample was recognised as part of the text, the text starts further right
    lost = (len(line.text) - len(stripped)) / max(len(line.text), 1) * (line.x1 - line.x0)
    right = line.x0 + lost
    middle = line.centre[1]
    left = min(max(right - 6.0 * size, wall + 1.0), max(right - 1.5 * size, 0.0))
    strip = image[
        max(int(middle - 0.42 * size), 0) : int(middle + 0.42 * size) + 1,
        int(left) : max(int(right - 0.05 * size), int(left) + 1),
    ].astype(np.float64)
    found = _sample(strip, size)
    if found is None:
        return None
    start, end, rgb, filled = found
    box = (left + start, middle - 0.5 * size, left + end, middle + 0.5 * size)
    return LegendEntry(name=name, rgb=rgb, filled=filled, box=box, n=n)


def row_colour(image: Image, row: TableRow) -> tuple[float, float, float] | None:
    """Colour of the bar at the left of a row of numbers at risk, or of the row's label.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    row : TableRow

    Returns
    -------
    tuple of float or None
        Red, green and blue, 0 to 255; None for a label in black or grey without a bar.
    """
    top, bottom = int(max(row.y - 0.42 * row.size, 0)), int(row.y + 0.42 * row.size) + 1
    if not any(c.isalnum() for c in row.label):
        left = max(row.left - 8.0 * row.size, 0.0)
        edge = max(int(row.left - 0.3 * row.size), int(left) + 1)
        found = _sample(image[top:bottom, int(left) : edge].astype(np.float64), row.size, 7.0, 0.5)
        return None if found is None else found[2]
    label = image[top:bottom, int(max(row.left, 0)) : int(row.label_right) + 1]
    flat = label.reshape(-1, 3).astype(np.float64)
    if len(flat) == 0:
        return None
    chroma = np.ptp(flat, axis=1)
    strong = chroma >= max(float(np.percentile(chroma, 95)), 60.0)
    if strong.sum() < 4:
        return None
    red, green, blue = np.median(flat[strong], axis=0)
    return float(red), float(green), float(blue)


def _may_be_name(name: str) -> bool:
    """Whether a text can name an arm: rows of marks are sometimes recognised as "m m" or "11"."""
    solid = [c for c in name if c.isalnum() and c.isascii()]
    marks = len(set(solid)) <= 1 and len(solid) > 1
    figures, letters = (sum(map(kind, solid)) for kind in (str.isdigit, str.isalpha))
    if figures > 3 * letters > 0:  # a row of numbers
        return False
    if len(solid) > 2 and set(solid) <= _MARKLIKE:
        return False
    words = name.split()
    if len(words) > 2 and max(map(len, words)) <= 2:
        return False
    unit = re.fullmatch(r"\(?(?:days|weeks|months|years)\)?", name, re.IGNORECASE)
    return bool(solid) and not marks and unit is None


def _sample(
    strip: FloatArray, size: float, reach: float = 2.2, least: float = 0.9
) -> tuple[int, int, tuple[float, float, float], float] | None:
    """Start, end, colour and filled share of a horizontal stroke near the strip's right end."""
    if strip.shape[0] < 3 or strip.shape[1] < 1.2 * size:
        return None
    # between a sample and its text there is always a little bare ground, if only one column
    gap = np.median(strip[:, -max(3, round(0.3 * size)) :], axis=0)
    ground = gap[int(np.argmax(gap.sum(axis=1)))]
    ink = np.sqrt(((strip - ground) ** 2).sum(axis=2))
    ink[(ink > _INKED).mean(axis=1) > 0.97] = 0.0  # a line of the grid, which runs through
    margin = round(0.22 * len(strip))
    thin = max(1, round(0.08 * size))
    walls = _narrow_walls(ink, size)
    best: tuple[float, int, int, int] = (0.0, 0, 0, 0)
    for row in range(margin, len(strip) - margin):
        stroke = ink[max(row - thin, 0) : row + thin + 1].max(axis=0) > _INKED
        span = _last_span(stroke & ~walls, size, least=least)
        if span is None:
            continue
        start, end = span
        if strip.shape[1] - end > reach * size or (start == 0 and end - start > 5.5 * size):
            continue
        seen = ink[row, start:end]
        best = max(best, (float(seen[seen > _INKED].sum()), row, start, end))
    if best[0] == 0.0:
        return None
    return _described(strip, ink, best[1:], thin=thin)


def _narrow_walls(ink: FloatArray, size: float) -> BoolArray:
    """Columns of upright lines: the border of a plot or of a box around the legend."""
    from scipy import ndimage

    upright = (ink > _INKED).mean(axis=0) > 0.85
    wide = ndimage.binary_opening(
        np.pad(upright, 4), np.ones(max(3, round(0.3 * size)) + 1, dtype=bool)
    )[4:-4]  # the patch of a band
    return np.asarray(upright & ~wide, dtype=bool)


def _last_span(stroke: BoolArray, size: float, *, least: float) -> tuple[int, int] | None:
    """Start and end of the last stroke that is long enough; the gaps of dashes are closed."""
    from scipy import ndimage

    closed = ndimage.binary_closing(
        np.pad(stroke, 12), np.ones(max(3, round(0.55 * size)), dtype=bool)
    )[12:-12]
    edges = np.diff(np.concatenate([[0], closed.astype(np.int8), [0]]))
    spans = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    long = [(int(a), int(b)) for a, b in spans if b - a >= least * size]
    return long[-1] if long else None


def _described(
    strip: FloatArray, ink: FloatArray, place: tuple[int, int, int], *, thin: int
) -> tuple[int, int, tuple[float, float, float], float] | None:
    """Colour and filled share of the stroke in a row from a start to an end."""
    row, start, end = place
    band = slice(max(row - thin, 0), row + thin + 1)
    upright = (ink[:, start:end] > _INKED).mean(axis=0) > 0.85
    part = ink[band, start:end]
    if upright.mean() < 0.3:  # a mark on the sample; more would be the patch of a band
        part = np.where(upright, 0.0, part)
    if not (part > _INKED).any():  # nothing but the border of a box
        return None
    # the edges of a thin line are mixed with the ground
    strong = part >= 0.93 * np.percentile(part[part > _INKED], 90)
    red, green, blue = np.median(strip[band, start:end][strong], axis=0)
    if min(red, green, blue) > 235:
        return None
    stroke = ink[band, start:end].max(axis=0) > _INKED
    return start, end, (float(red), float(green), float(blue)), _filled_share(stroke)


def _filled_share(stroke: BoolArray) -> float:
    """Share of a sample that is ink; a letter may stand at the right end of a solid one."""
    edges = np.diff(np.concatenate([[0], stroke.astype(np.int8), [0]]))
    runs = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    solid = runs.max(initial=0) > 0.7 * len(stroke)
    return 1.0 if solid else float(stroke.mean())


def split_name(text: str) -> tuple[str, int | None]:
    """Part a legend's text into the name and the number of patients.

    Parameters
    ----------
    text : str
        For example "Maintenance (n=315)", "Placebo (48/118)" (events/patients) or "Arm A".

    Returns
    -------
    tuple of str and (int or None)
    """
    found = re.search(r"\(?\b[nNmM]\s*=\s*(\d[\d,]*)\)?", text) or re.search(
        r"\(\s*\d+\s*/\s*(\d+)\s*\)", text
    )
    name = text[: found.start()] if found else text
    n = int(found[1].replace(",", "")) if found else None
    return name.strip(" .,:;-\u2013\u2014|"), n


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
    return _relative(sorted(kept, key=lambda e: (round(e.box[1] / 6), e.box[0])))


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
