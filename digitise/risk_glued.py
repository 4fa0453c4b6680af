"""Labels of rows and first numbers at risk that were recognised as one word, parted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .risk_cells import SURE, censored_after
from .text import Rereader, Word

FloatArray = npt.NDArray[np.float64]

_SURE_COUNT = 0.25  # of a figure: farther from a whole number of figures, they are read again
_SURE_BEFORE_CENSORED = 0.35  # the same where boxes of two words say how many figures there are
_GLUED = re.compile(r"(.*[^\d,.()].*?)\s?(\d+)")


def unglued(
    group: Sequence[Word],
    beside: Sequence[Word],
    ticks: Sequence[tuple[float, float]],
    *,
    reread: Rereader | None,
    ink: FloatArray | None,
) -> tuple[list[Word], list[Word]]:
    """Part a label from the first number where the two were recognised as one word.

    How many of the figures at the end of a label such as "Group 2115" are the number follows from
    the width of the other numbers, which stand centred below their ticks.

    Parameters
    ----------
    group : sequence of Word
        Numbers of a row.
    beside : sequence of Word
        All words of the row.
    ticks : sequence of tuple
        Pixel and time of each column.
    reread : callable or None
        Reads the text in a box again.
    ink : ndarray or None
        Darkness of the figure, where numbers end to the pixel.

    Returns
    -------
    tuple of list
        The numbers and all words, with the label and the number parted.
    """
    group, beside = list(group), list(beside)
    tick = ticks[0][0]
    centred = [
        (w, x) for w in group for x, _ in ticks
        if w.text.isdigit() and abs(w.centre[0] - x) < 0.3 * w.size
    ]  # fmt: skip
    halves = [(_right_end(w, x, ink) - x) / len(w.text) for w, x in centred]
    with_censored = _unglued_with_censored(group, beside, tick)
    if with_censored is not None:
        return with_censored
    for word in beside:
        found = _GLUED.fullmatch(word.text)
        over = word.x0 < tick < word.x1
        if found is None or not over or len(halves) < 2:
            continue
        half = float(np.median(halves))
        end = _right_end(word, tick, ink)
        exact = (end - tick) / half
        centred_count = _centred_count(word, tick)
        count = centred_count or round(exact)
        cut = tick - count * half
        if not 1 <= count <= len(found[2]) or cut - word.x0 < half:
            continue
        box = (cut - 0.3 * half, word.y0, end + 0.5 * half, word.y1)
        sure = centred_count is not None or abs(exact - count) <= _SURE_COUNT
        if not sure and not _reads(reread, box, word.text[-count:]):
            continue
        text = word.text[: len(word.text) - count].strip(" -\u2013|")
        # to read it again would find the label's end before it
        number = replace(
            word, text=word.text[-count:], x0=cut, x1=end, score=float(word.score >= SURE)
        )
        beside.remove(word)
        beside += [replace(word, text=text, x1=cut), number]
        return [*(w for w in group if w is not word), number], beside
    return group, beside


def _centred_count(word: Word, tick: float) -> int | None:
    """How many figures at the end of a word are centred at a tick, if one count fits clearly."""
    unit = (word.x1 - word.x0) / len(word.text)
    off = np.abs(word.x1 - unit * np.arange(1, len(word.text)) / 2 - tick) / unit
    best = int(np.argmin(off))
    return best + 1 if off[best] < _SURE_COUNT / 2 else None


def _unglued_with_censored(
    group: Sequence[Word], beside: Sequence[Word], tick: float
) -> tuple[list[Word], list[Word]] | None:
    """Part "mg94" where "(0)" follows: number and parenthesis stand centred below the tick."""
    for word in beside:
        found = _GLUED.fullmatch(word.text)
        after = censored_after(word, beside, word.size)
        if found is None or after is None or not word.x0 < tick < after.x1:
            continue
        cut = 2 * tick - after.x1
        exact = (word.x1 - cut) / ((word.x1 - word.x0) / len(word.text))
        count = round(exact)
        if not 1 <= count <= len(found[2]) or abs(exact - count) > _SURE_BEFORE_CENSORED:
            continue
        number = replace(word, text=word.text[-count:], x0=cut, score=float(word.score >= SURE))
        label = replace(word, text=word.text[:-count].strip(" -\u2013|"), x1=cut)
        rest = [w for w in beside if w is not word]
        return [*(w for w in group if w is not word), number], [*rest, label, number]
    return None


def _right_end(word: Word, tick: float, ink: FloatArray | None) -> float:
    """Where the number that a word ends with ends: boxes of recognition are coarse."""
    if ink is None:
        return word.x1
    start, reach = round(tick), round(2.5 * word.size)
    band = ink[max(round(word.y0), 0) : round(word.y1), start : start + reach]
    if band.size == 0:
        return word.x1
    bare = (band > band.min() + 0.25).sum(axis=0) == 0
    gap = max(2, round(0.4 * word.size))
    runs = np.convolve(bare, np.ones(gap), "valid") == gap
    return float(start + int(np.argmax(runs))) if runs.any() else word.x1


def _reads(reread: Rereader | None, box: tuple[float, float, float, float], text: str) -> bool:
    """Whether the text in a box is read again as given."""
    return reread is not None and reread(box)[0].strip(" .,|-") == text
