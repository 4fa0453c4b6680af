"""Cells of the numbers at risk: one number each, parted where joined, read again where doubtful."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .text import Rereader, Word

FloatArray = npt.NDArray[np.float64]

_SMALL = 14.0  # pixels: the height of a box of figures below which one reading is not enough
_THIN_SPACE = 0.5  # of a letter's height: "1 870" may be one number or the end of a label and one
_NEARER = 3.0  # times: figures so much nearer to a number than to a label are its thousands
_TOUCHING = 0.3  # of a letter's height: what stands so close to a figure is part of it
_SURE_OF_SMALL = 0.99
# with the number censored, if that is beside it: "52 (3)" or "52/3"
COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\s*\(\d+\)?|\s?/\s?\d+)?")
_SPACED = re.compile(r"(?<=^\d) (?=\d{3}$)|(?<=^\d\d) (?=\d{3}$)")
SURE = 0.93  # recognition scores below this are read a second time
_OFF_CENTRE = 0.7  # of a figure's width: how far a number may stand from the middle of its column


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


def _count_in(text: str) -> int | None:
    cleaned = text.strip().strip(".,;:|'`-").replace("O", "0").replace("o", "0").replace("l", "1")
    found = COUNT.fullmatch(_SPACED.sub("", cleaned))
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
    after = None if "(" in word.text else censored_after(word, beside, size)
    right = word.x1 if after is None else after.x1
    broken = [
        w
        for w in beside
        if w is not word
        and abs(w.x0 - word.x1) < _TOUCHING * size
        and not any(c.isdigit() for c in w.text)
        and "(" not in w.text
    ]
    thousands = _thousands_before(word, beside, size)
    if thousands is not None and _stands_alone(thousands, word, beside):
        whole = replace(
            word, text=thousands.text + word.text, x0=thousands.x0, y0=min(word.y0, thousands.y0),
            score=min(word.score, thousands.score),
        )  # fmt: skip
        return cell_of(whole, [w for w in beside if w not in (word, thousands)], size)
    if broken:  # the rest of the number, taken for something else: "1" and a sign for "15"
        right = max(right, *(w.x1 for w in broken))
    return Cell(
        count=None if broken or thousands else _count_in(word.text),
        score=word.score if thousands is None else 0.0,
        x=(word.x0 + right) / 2,
        box=(word.x0, word.y0, right, word.y1),
        letter=(word.x1 - word.x0) / len(word.text),
    )


def _thousands_before(word: Word, beside: Sequence[Word], size: float) -> Word | None:
    """Find the thousands a thin space before a number of three figures, as in "1 870"."""
    before = [
        w for w in beside
        if w.text.isdigit()
        and len(w.text) < len(word.text) == 3  # no number at risk: they fall
        and 0 <= word.x0 - w.x1 < _THIN_SPACE * size
    ]  # fmt: skip
    return max(before, key=lambda w: w.x1, default=None)


def _stands_alone(thousands: Word, word: Word, beside: Sequence[Word]) -> bool:
    """Whether figures stand far nearer to the number behind them than to a label before them."""
    ends = [w.x1 for w in beside if w.x1 <= thousands.x0 + 1]
    return bool(ends) and thousands.x0 - max(ends) > _NEARER * max(word.x0 - thousands.x1, 1.0)


def censored_after(word: Word, beside: Sequence[Word], size: float) -> Word | None:
    """Find the number censored, in parentheses, that follows a number at risk.

    Parameters
    ----------
    word : Word
        The number at risk.
    beside : sequence of Word
        The words of its row.
    size : float
        Height of the letters in pixels.

    Returns
    -------
    Word or None
    """
    after = [
        w for w in beside
        if w.text.startswith("(") and -0.4 * size < w.x0 - word.x1 < 1.3 * size
    ]  # fmt: skip
    return min(after, key=lambda w: w.x0, default=None)


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
    sure = _SURE_OF_SMALL if seen.size < _SMALL else SURE
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


def parted(words: Sequence[Word], columns: Sequence[float], reread: Rereader) -> list[Word]:
    """Part figures that were recognised as one word although they stand below several ticks.

    Parameters
    ----------
    words : sequence of Word
        What stands below a plot.
    columns : sequence of float
        Pixels of the labels of the time axis.
    reread : callable
        Reads the text in a box (x0, y0, x1, y1) again, enlarged.

    Returns
    -------
    list of Word
        Numbers so close that they touch ("322310294") are cut where the figures, all equally wide,
        are nearest to each tick. A number whose second reading differs has a score of 0.
    """
    found: list[Word] = []
    for word in words:
        numbers = _numbers_in(word, columns) if word.text.isdigit() else []
        if len(numbers) < 2:
            found.append(word)
            continue
        for number in numbers:
            edge = 0.1 * number.size
            box = (number.x0 - edge, number.y0 - edge, number.x1 + edge, number.y1 + edge)
            text, score = reread(box)
            same = text.strip(" .,|") == number.text
            found.append(replace(number, score=max(score, SURE) if same else 0.0))
    return found


def _numbers_in(word: Word, columns: Sequence[float]) -> list[Word]:
    """Numbers of a run of figures, one below each tick; none if they are not centred there."""
    count = len(word.text)
    unit = (word.x1 - word.x0) / count
    ticks = np.array([x for x in columns if word.x0 - unit < x < word.x1 + unit])
    if len(ticks) < 2 or count < len(ticks) or word.x1 - word.x0 < 0.8 * np.ptp(ticks):
        return []
    middles = word.x0 + (np.arange(count) + 0.5) * unit
    nearest = np.abs(middles[:, None] - ticks[None, :]).argmin(axis=1)
    numbers = []
    for k, tick in enumerate(ticks):
        mine = np.flatnonzero(nearest == k)
        if len(mine) == 0 or abs(middles[mine].mean() - tick) > _OFF_CENTRE * unit:
            return []
        text = word.text[mine[0] : mine[-1] + 1]
        left, right = word.x0 + mine[0] * unit, word.x0 + (mine[-1] + 1) * unit
        numbers.append(replace(word, text=text, x0=float(left), x1=float(right)))
    return numbers
