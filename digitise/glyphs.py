"""Glyphs: letters, dots and other small shapes that may be censoring marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MARK_GLYPHS = "+|\N{MULTIPLICATION SIGN}●○■□▲△◆◇"  # symbol fonts draw censoring marks as letters
_IN_SUCCESSION = 5  # times that a letter is drawn by itself, at least, if it is a mark
_MOST_FLUSH = 0.2  # share of those that stand where the one before ends, as letters of a word do
_FLUSH = 0.05  # points: how exactly
_MOST_CORNERS = 20  # of a filled shape that is no letter
_LARGEST_DOT = 16.0  # points, of its side
_STRAIGHT = 0.05  # points: dashes run across or down


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """A censoring mark that is a letter or a dot: its middle in points, its colour of 0 to 255."""

    x: float
    y: float
    rgb: tuple[float, float, float]

    @property
    def color(self) -> tuple[int, ...]:
        """Colour in whole steps, as the first half of a stroke's style."""
        return tuple(round(c) for c in self.rgb)


def letters_alone(letters: Sequence[tuple[str, float, float, float]]) -> list[int]:
    """Find letters that are drawn again and again by themselves: the marks of some programs.

    Parameters
    ----------
    letters : sequence of tuple
        Characters in the order in which they are drawn: the letter, its left and right edge, and
        its height on the page.

    Returns
    -------
    list of int
        Places in the sequence. Letters of a word are drawn one behind the other, each where the one
        before ends.
    """
    alone: list[int] = []
    start = 0
    for k in range(1, len(letters) + 1):
        if k < len(letters) and letters[k][0] == letters[start][0]:
            continue
        run = range(start, k)
        flush = sum(
            abs(letters[j][1] - letters[j - 1][2]) < _FLUSH
            and abs(letters[j][3] - letters[j - 1][3]) < _FLUSH
            for j in run[1:]
        )
        if (
            len(run) >= _IN_SUCCESSION
            and letters[start][0].isalpha()
            and flush <= _MOST_FLUSH * len(run)
        ):
            alone += run
        start = k
    return alone


def dot_of(points: FloatArray, rgb: tuple[float, float, float]) -> list[Glyph]:
    """Return a filled shape, by its corners of shape (k, 2), as a dot, if it is small and even.

    Parameters
    ----------
    points : ndarray, shape (k, 2)
        In points of the page.
    rgb : tuple of float
        Of its area, 0 to 255.

    Returns
    -------
    list of Glyph
        One, or none for bands, letters and bars.
    """
    if not 3 <= len(points) <= _MOST_CORNERS:
        return []
    wide, high = np.ptp(points, axis=0)
    if not (1.0 < high < _LARGEST_DOT and 0.6 < wide / high < 1.7):
        return []
    x, y = (points.min(axis=0) + points.max(axis=0)) / 2
    return [Glyph(x=float(x), y=float(y), rgb=rgb)]


def piece_of(points: FloatArray, rgb: tuple[float, float, float]) -> list[Glyph]:
    """Return a filled shape of few corners as one that may be a dash, if it is small."""
    wide, high = np.ptp(points, axis=0)
    straight = np.abs(np.diff(points, axis=0)).min(axis=1).max(initial=0.0) < _STRAIGHT
    if not 4 <= len(points) <= _MOST_CORNERS + 1 or not straight or max(wide, high) > _LARGEST_DOT:
        return []
    x, y = (points.min(axis=0) + points.max(axis=0)) / 2
    return [Glyph(x=float(x), y=float(y), rgb=rgb)]
