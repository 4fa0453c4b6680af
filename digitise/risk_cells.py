"""Cells of the numbers at risk: one number each, read again where it is doubtful."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .labels import Rereader
from .text import Word

_SMALL = 14.0  # pixels: the height of a box of figures below which one reading is not enough
_THIN_SPACE = 0.5  # of a letter's height: "1 870" may be one number or the end of a label and one
_TOUCHING = 0.3  # of a letter's height: what stands so close to a figure is part of it
_SURE_OF_SMALL = 0.99
# with the number censored, if that is beside it: "52 (3)" or "52/3"
COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\s*\(\d+\)?|\s?/\s?\d+)?")
SURE = 0.93  # recognition scores below this are read a second time


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number, how sure its recognition was, its middle, its box and a letter's width in pixels.

    The box holds the number censored, too, where it is written behind the number at risk.
    """

    count: int | None
    score: float
    x: float
    box: tuple[float, float, float, float]
    letter: float


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where the cells of a row are: pixels of the columns, of the row and of its letters."""

    xs: list[float]
    y: float
    size: float
    spacing: float
    label: str

    def box(self, i: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the place of a cell."""
        half = min(0.48 * self.spacing, 2.2 * self.size)
        return (
            self.xs[i] - half,
            self.y - 0.62 * self.size,
            self.xs[i] + half,
            self.y + 0.62 * self.size,
        )


def holds_end_of_label(cell: Cell, others: Sequence[Cell], label_right: float) -> bool:
    """Whether a first number may begin with the end of its label: "Stage I" and 208 as 1208.

    It then has more figures than it has room for.
    """
    text = str(cell.count)
    letters = [c.letter for c in others if c.count is not None]
    if cell.count is None or len(text) < 3 or text[0] != "1" or len(letters) < 2:
        return False
    letter = float(np.median(letters))
    short = len(text) * cell.letter < (len(text) - 0.8) * letter
    return bool(short and cell.box[0] - label_right < 0.5 * letter)


def _count_in(text: str) -> int | None:
    cleaned = text.strip().strip(".,;:|'`-").replace("O", "0").replace("o", "0").replace("l", "1")
    found = COUNT.fullmatch(cleaned)
    return int(found[1].replace(",", "")) if found else None


def divided(words: Sequence[Word], cells: Sequence[Cell]) -> list[Cell]:
    """Doubt the cells without a stroke where most of a row have one: it may be read as a figure."""
    if 2 * sum("/" in word.text for word in words) <= len(words):
        return list(cells)
    return [
        cell if "/" in word.text else replace(cell, count=None, score=0.0)
        for word, cell in zip(words, cells, strict=True)
    ]


def cell_of(word: Word, beside: Sequence[Word], size: float) -> Cell:
    """Make a cell of a word; "68 (0)", the number and the number censored, is one cell."""
    right = word.x1
    if "(" not in word.text:
        following = [
            w
            for w in beside
            if w.text.startswith("(") and -0.4 * size < w.x0 - word.x1 < 1.3 * size
        ]
        if following:
            right = min(following, key=lambda w: w.x0).x1
    broken = [
        w
        for w in beside
        if w is not word
        and abs(w.x0 - word.x1) < _TOUCHING * size
        and not any(c.isdigit() for c in w.text)
        and "(" not in w.text
    ]
    thousands = [
        w
        for w in beside
        if w.text.isdigit()
        and len(w.text) < len(word.text) == 3  # no number at risk: they fall
        and 0 <= word.x0 - w.x1 < _THIN_SPACE * size
    ]
    if broken:  # the rest of the number, taken for something else: "1" and a sign for "15"
        right = max(right, *(w.x1 for w in broken))
    return Cell(
        count=None if broken or thousands else _count_in(word.text),
        score=0.0 if thousands else word.score,
        x=(word.x0 + right) / 2,
        box=(word.x0, word.y0, right, word.y1),
        letter=(word.x1 - word.x0) / len(word.text),
    )


def checked(
    columns: Sequence[Cell | None],
    seen: Columns,
    times: Sequence[float],
    *,
    reread: Rereader | None,
    ink: npt.NDArray[np.float64] | None,
) -> tuple[list[int | None], list[str]]:
    """Return the counts that are sure; the others are left out and named."""
    counts: list[int | None] = []
    doubtful: list[bool] = []
    for i, cell in enumerate(columns):
        count, doubt = _settled(cell, i, seen, reread=reread, ink=ink)
        counts.append(count)
        doubtful.append(doubt)
    for i in _rising(counts):
        doubtful[i] = True
    unsure = []
    for i, doubt in enumerate(doubtful):
        if doubt:
            unsure.append(
                f"numbers at risk: the cell at {times[i]:g} of row '{seen.label or 'without name'}'"
                " could not be read with certainty and is left out."
            )
            counts[i] = None
    return counts, unsure


def _settled(
    cell: Cell | None,
    i: int,
    seen: Columns,
    *,
    reread: Rereader | None,
    ink: npt.NDArray[np.float64] | None,
) -> tuple[int | None, bool]:
    """Count of a cell and whether it is doubtful, after a second reading where needed."""
    if reread is None:
        return (
            (None, False) if cell is None else (cell.count, cell.count is None or cell.score < SURE)
        )
    small = seen.size < _SMALL
    sure = _SURE_OF_SMALL if small else SURE
    if cell is not None and cell.count is not None and cell.score >= sure:
        return cell.count, False
    box = seen.box(i)
    if cell is None and (ink is None or _is_blank(ink, box)):
        return None, False
    if cell is not None and cell.score == 0.0:
        return None, True
    if cell is not None:
        margin = 0.25 * seen.size
        box = (cell.box[0] - margin, box[1], cell.box[2] + margin, box[3])
    readings = [] if cell is None or cell.count is None else [(cell.count, cell.score)]
    return _read_more(readings, box, seen.size, reread)


def _read_more(
    readings: list[tuple[int, float]],
    box: tuple[float, float, float, float],
    size: float,
    reread: Rereader,
) -> tuple[int | None, bool]:
    """Read a cell again until one reading is sure or two agree; of small figures, all have to."""
    small = size < _SMALL
    for more in (0.0, 0.3, -0.1):  # of a letter's height, around the box
        edge = more * size
        text, score = reread((box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge))
        count = _count_in(text)
        if count is not None:
            readings.append((count, score))
        if count is None or small:
            continue
        if score >= (SURE if more == 0.0 else 0.99) or _agreed(readings, count):
            return count, False
    counts = {count for count, _ in readings}
    if small and len(counts) == 1:  # small figures are doubtful once two readings differ
        (count,) = counts
        return (count, False) if _agreed(readings, count) else (None, True)
    return None, True


def _agreed(readings: Sequence[tuple[int, float]], count: int) -> bool:
    """Whether two readings say the same, one of them surely."""
    alike = [score for other, score in readings if other == count]
    return len(alike) >= 2 and max(alike) >= 0.8 and min(alike) >= 0.5


def _is_blank(ink: npt.NDArray[np.float64], box: tuple[float, float, float, float]) -> bool:
    x0, y0, x1, y1 = (max(0, round(value)) for value in box)
    part = ink[y0:y1, x0:x1]
    return part.size == 0 or float((part > part.min() + 0.25).mean()) < 0.004


def _rising(counts: Sequence[int | None]) -> list[int]:
    """Fewest cells to leave out so that the rest does not rise."""
    known = [(i, c) for i, c in enumerate(counts) if c is not None]
    best = [1] * len(known)
    before = [-1] * len(known)
    for k in range(len(known)):
        for j in range(k):
            if known[j][1] >= known[k][1] and best[j] + 1 > best[k]:
                best[k], before[k] = best[j] + 1, j
    if not known:
        return []
    k = int(np.argmax(best))
    kept = set()
    while k >= 0:
        kept.add(known[k][0])
        k = before[k]
    return [i for i, _ in known if i not in kept]
