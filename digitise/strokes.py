"""Samples of line beside the names of a legend or the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_INKED = 40.0  # distance from the ground in RGB
_OTHER_INK = 60.0  # the same between two pieces of a stroke: the last is a letter


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A stroke: its first and last column and its row, its colour, share of ink and longest dash.

    `mixed` says whether short dashes stand between the long ones.
    """

    start: int
    end: int
    row: int
    rgb: tuple[float, float, float]
    filled: float
    dash: float
    mixed: bool


def sample_in(
    strip: FloatArray, size: float, reach: float = 2.2, least: float = 0.9
) -> Sample | None:
    """Find a horizontal stroke near the right end of a strip.

    Parameters
    ----------
    strip : ndarray, shape (height, width, 3)
        What stands at the left of a name, as high as its letters.
    size : float
        Height of the letters in pixels.
    reach : float
        How far from the right end the stroke may end, in letters' heights.
    least : float
        Length of the shortest stroke, in letters' heights.

    Returns
    -------
    Sample or None
    """
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
    bare = np.where(walls, 0.0, ink)  # the corner of a box goes on one way only
    best: tuple[float, int, int, int] = (0.0, 0, 0, 0)
    for row in range(margin, len(strip) - margin):
        stroke = ink[max(row - thin, 0) : row + thin + 1].max(axis=0) > _INKED
        span = _last_span(stroke & ~walls, size, least=least)
        if span is None:
            continue
        start, end = span
        end = _without_letter(strip, ink, (row, start, end), thin=thin)
        if strip.shape[1] - end > reach * size or (start == 0 and end - start > 5.5 * size):
            continue
        if _is_step(bare, row, start) or _is_step(bare, row, end - 1):
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


def _without_letter(
    strip: FloatArray, ink: FloatArray, place: tuple[int, int, int], *, thin: int
) -> int:
    """End of a stroke without a letter, of another colour or at the strip's end, behind it."""
    row, start, end = place
    top = max(row - thin, 0)
    band = ink[top : row + thin + 1, start:end]
    colours = strip[top + band.argmax(axis=0), np.arange(start, end)]
    inked = band.max(axis=0) > _INKED
    while True:  # a letter may be cut into several pieces
        starts = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8)])) == 1)
        before = np.flatnonzero(inked[: starts[-1]]) if len(starts) else starts
        if len(before) == 0:
            return end
        tail = np.flatnonzero(inked[starts[-1] :]) + starts[-1]
        off = np.median(colours[tail], axis=0) - np.median(colours[before], axis=0)
        touching = start + tail[-1] + 1 == strip.shape[1]  # where the name begins
        other = np.sqrt((off**2).sum()) > _OTHER_INK
        if not (other or touching) or len(tail) >= len(before):
            return end
        end = start + int(before[-1]) + 1
        inked[starts[-1] :] = False


def _is_step(ink: FloatArray, row: int, column: int) -> bool:
    """Whether a stroke goes on upwards or downwards where it ends, as a curve does.

    A line that goes on both ways is a border or a guide.
    """
    around = ink[:, max(column - 2, 0) : column + 3] > _INKED
    up, down = around[: row + 1].all(axis=0), around[row:].all(axis=0)
    return bool((up.any() or down.any()) and not (up & down).any())


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
) -> Sample | None:
    """Measure the stroke in a row from a start to an end."""
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
    filled, dash, mixed = _pattern(stroke)
    return Sample(
        start=start,
        end=end,
        row=row,
        rgb=(float(red), float(green), float(blue)),
        filled=filled,
        dash=dash,
        mixed=mixed,
    )


def _pattern(stroke: BoolArray) -> tuple[float, float, bool]:
    """Share of a sample that is ink, its longest dash, and whether there are shorter ones.

    A letter may end a solid sample, and the last dash may be cut short.
    """
    edges = np.diff(np.concatenate([[0], stroke.astype(np.int8), [0]]))
    runs = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    longest = float(runs.max(initial=0))
    if longest > 0.7 * len(stroke):
        return 1.0, longest, False
    return float(stroke.mean()), longest, bool((runs[:-1] < 0.5 * longest).any())
