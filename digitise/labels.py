"""Labels of an axis that were not recognised as its numbers, found where a tick must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .axes import MIN_LABELS, AxisScale
from .text import Word, number_in

FloatArray = npt.NDArray[np.float64]
Rereader = Callable[[tuple[float, float, float, float]], tuple[str, float]]


def completed(
    scale: AxisScale,
    words: Sequence[Word],
    ink: FloatArray,
    reread: Rereader | None,
    *,
    taken: Sequence[Word] = (),
) -> AxisScale:
    """Add labels that stand where a tick must be and were not recognised as its number.

    Parameters
    ----------
    scale : AxisScale
        Fitted to at least three labels.
    words : sequence of Word
        All text of the figure.
    ink : ndarray, shape (height, width)
        Darkness of the figure.
    reread : callable or None
        Reads the text in a box (x0, y0, x1, y1), enlarged.
    taken : sequence of Word
        Labels of other axes: those of a panel beside may stand where a tick of this one would be.

    Returns
    -------
    AxisScale
        With the same line, and a point for each such label.
    """
    if len(scale.labels) < 2 or scale.size == 0:
        return scale
    step = min(b - a for a, b in pairwise(scale.values))
    first, last = scale.values[0], scale.values[-1]
    highest = np.inf if scale.direction == "x" else 100.0 if last > 1.5 else 1.0
    inner = first + step * np.arange(1, round((last - first) / step))
    found = set(scale.values)
    added: list[tuple[float, float]] = []
    for outward in (inner, last + step * np.arange(1, 9), first - step * np.arange(1, 9)):
        for value in outward:
            if any(abs(value - other) < 0.1 * step for other in found):
                continue
            clean = abs(float(round(value, 9)))
            inside = -1e-9 <= value <= highest * 1.0001 and not _is_taken(scale, clean, taken)
            between = outward is inner
            if not inside or not _is_labelled(
                scale, clean, words, ink=ink, reread=reread, between=between
            ):
                if between:
                    continue
                break
            found.add(clean)
            added.append((float(scale.pixel(clean)), clean))
    return replace(scale, points=(*scale.points, *added))


def _is_taken(scale: AxisScale, value: float, taken: Sequence[Word]) -> bool:
    """Whether the label of another axis stands where that of a value would be."""
    place = float(scale.pixel(value))
    across = float(np.median([t.y if scale.direction == "x" else t.x for t in scale.labels]))
    for word in taken:
        x, y = word.centre if scale.direction == "x" else word.centre[::-1]
        if abs(x - place) < 0.5 * scale.spacing and abs(y - across) < 1.5 * scale.size:
            return True
    return False


def _is_labelled(
    scale: AxisScale,
    value: float,
    words: Sequence[Word],
    *,
    ink: FloatArray,
    reread: Rereader | None,
    between: bool,
) -> bool:
    """Whether a number stands where the label of a value must be.

    Between labels that agree it may be misread; beyond them another number ends the axis, or is
    behind a break of it.
    """
    size, place = scale.size, float(scale.pixel(value))
    across = float(np.median([t.y if scale.direction == "x" else t.word.x1 for t in scale.labels]))
    for word in words:
        x, y = word.centre
        off = (x - place, y - across) if scale.direction == "x" else (word.x1 - across, y - place)
        if not word.vertical and max(map(abs, off)) < 0.5 * size and _looks_like_number(word.text):
            read = number_in(word.text)
            misread = len(scale.labels) >= MIN_LABELS and (between or read is None)
            return misread or read == value
    half = 0.45 * min(scale.spacing, 4.0 * size)
    box = (place - half, across - 0.65 * size, place + half, across + 0.65 * size)
    if scale.direction == "y":
        widest = max(t.word.x1 - t.word.x0 for t in scale.labels)
        box = (across - 1.2 * widest, place - 0.65 * size, across + 2, place + 0.65 * size)
    x0, y0, x1, y1 = (round(edge) for edge in box)
    height, width = ink.shape
    if reread is None or x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        return False
    part = ink[y0:y1, x0:x1]
    if part.size == 0 or float((part > part.min() + 0.25).mean()) < 0.01:
        return False
    alone = len(scale.labels) >= MIN_LABELS and scale.direction == "x"
    if alone and not part[:, [0, -1]].max() > part.min() + 0.25:
        return True  # a word of its own: the line through the other labels says which
    text, score = reread(box)
    read = number_in(text)
    return read is not None and score > 0.5 and abs(read - value) < 1e-6


def _looks_like_number(text: str) -> bool:
    figures = sum(c in "0123456789OoIlSsBZzgqQ.,%|" for c in text)
    return 1 <= len(text) <= 6 and figures >= 0.6 * len(text)
