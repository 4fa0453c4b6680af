"""Ticks: where on the image the labels of an axis point to, and labels that were missed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from .axes import MIN_LABELS, AxisScale, scale_through
from .text import Rereader, Word, number_in

FloatArray = npt.NDArray[np.float64]

_LOOSE, _STRETCH = 1.0, 0.04  # pixels from an even scale; how far it may be stretched then
_FAR, _MANY = 0.4, 4  # of a letter's height off the labels: so many strokes have to agree
_TALLEST_TICK = 3.0  # times the ink of the usual tick mark
_THICKEST_TICK = 1.5  # the same of a whole stroke: others are covered by a curve or a line
_ENOUGH = 3  # tick marks without those


def refine(scale: AxisScale, ink: FloatArray) -> AxisScale:
    """Move the scale from the labels' middles to the tick marks (or grid lines) beside them.

    Parameters
    ----------
    scale : AxisScale
        Fitted to the labels.
    ink : ndarray, shape (height, width)
        Darkness of the image, 0 to 1.

    Returns
    -------
    AxisScale
        With `from_ticks` True if tick marks were found at most labels; otherwise as given.
    """
    kept = _marks_at(scale, ink, least=max(2, 0.6 * len(scale.labels)))
    if not kept and scale.residual > _LOOSE and len(scale.labels) >= _MANY:
        kept = _marks_nearby(scale, ink)
    if not kept:
        return scale
    off = float(np.median([pixel - float(scale.pixel(value)) for pixel, value in kept]))
    if abs(off) > _FAR * scale.size and len(kept) < max(_MANY, 0.8 * len(scale.labels)):
        return scale  # few strokes far from the labels: a curve, or another axis's label
    better = scale_through(kept, scale.direction, scale.labels)
    known = {value for _, value in kept} | {t.value for t in scale.labels}
    rest = [(float(better.pixel(v)), v) for _, v in scale.points if v not in known]
    return replace(better, points=(*better.points, *rest), misfits=scale.misfits, from_ticks=True)


def refined_at_right(y: AxisScale, ink: FloatArray) -> AxisScale:
    """Move a survival axis at the right of its plot to the tick marks at the left of its labels.

    Parameters
    ----------
    y : AxisScale
    ink : ndarray, shape (height, width)
        Darkness of the figure.

    Returns
    -------
    AxisScale
        As given if there are no tick marks.
    """
    width = float(ink.shape[1])
    turned = tuple(
        replace(t, word=replace(t.word, x0=width - t.word.x1, x1=width - t.word.x0))
        for t in y.labels
    )
    refined = refine(replace(y, labels=turned, from_ticks=False), ink[:, ::-1])
    return replace(refined, labels=y.labels)


def _marks_at(scale: AxisScale, ink: FloatArray, *, least: float) -> list[tuple[float, float]]:
    """Places and values of at least so many tick marks on one line; none if they are fewer."""
    for outside in (True, False):  # a curve that starts at the axis is no tick mark
        profile = _tick_profile(scale, ink, outside=outside)
        places = _beside_labels(scale, _tick_places(scale, profile))
        kept = agreeing(places, tolerance=1.0) if len(places) >= least else []
        if len(kept) >= least:
            return kept
    return []


def _marks_nearby(scale: AxisScale, ink: FloatArray) -> list[tuple[float, float]]:
    """Tick marks of an axis whose labels were placed badly: a little wider or narrower."""
    middle = float(np.mean([pixel for pixel, _ in scale.points]))
    for factor in sorted(np.arange(1 - _STRETCH, 1 + _STRETCH + 1e-9, 0.004), key=_from_one):
        points = [(middle + factor * (float(scale.pixel(v)) - middle), v) for _, v in scale.points]
        stretched = scale_through(points, scale.direction, scale.labels)
        kept = _marks_at(stretched, ink, least=max(_MANY, 0.8 * len(scale.labels)))
        if kept:
            return kept
    return []


def _from_one(factor: float) -> float:
    return abs(factor - 1.0)


def _tick_profile(scale: AxisScale, ink: FloatArray, *, outside: bool) -> FloatArray:
    """Ink of strokes across the axis, summed over the strip between the labels and the axis.

    The strip ends before the axis's line if only strokes outside of it are wanted.
    """
    from scipy import ndimage

    size = scale.size
    width = 2 * int(np.ceil(max(3.0, 0.3 * size))) + 1  # wider than any tick mark
    if scale.direction == "x":
        top = min(t.word.y0 for t in scale.labels)
        strip = ink[max(0, int(top - 2.0 * size)) : max(1, int(top)), :]
    else:
        right = scale.right
        strip = ink[:, int(right) + 1 : int(right + 2.0 * size) + 1].T
    if strip.size == 0:
        return np.zeros(ink.shape[1 if scale.direction == "x" else 0])
    strip = _near_axis_line(scale, strip, outside=outside)
    narrow = strip - ndimage.grey_opening(strip, size=(1, width))
    return np.asarray(narrow.sum(axis=0), dtype=float)


def _near_axis_line(scale: AxisScale, strip: FloatArray, *, outside: bool) -> FloatArray:
    """Part of the strip within a tick's length of the axis line that is nearest to the labels.

    Beyond it there may be curves, texts, or the numbers at risk of a table within the plot.
    """
    pixels = [int(p) for p, _ in scale.points]
    between = strip[:, max(min(pixels), 0) : max(pixels) + 1] > 0.2
    lines = np.flatnonzero(between.mean(axis=1) > 0.8) if between.size else np.zeros(0)
    if len(lines) == 0:
        return strip
    tick = -1 if outside else int(np.ceil(0.5 * scale.size))
    if scale.direction == "x":  # labels are below the strip
        return strip[max(int(lines[-1]) - tick, 0) :]
    return strip[: int(lines[0]) + tick + 1]


def _tick_places(scale: AxisScale, profile: FloatArray) -> list[tuple[float, float]]:
    """Middle of the stroke beside each label, where most labels have one at the same offset."""
    from scipy import ndimage

    reach = min(0.3 * scale.spacing, 0.8 * scale.size) + 2
    offsets = np.arange(-reach, reach + 0.01, 0.25)
    grid = np.arange(len(profile))
    spread = ndimage.maximum_filter1d(profile, 3)
    predicted = np.array([float(scale.pixel(value)) for _, value in scale.points])
    windows = np.array([np.interp(p + offsets, grid, spread) for p in predicted])
    common = np.median(windows, axis=0)
    if common.max() < 0.5 or common.max() < 2.5 * np.median(common) + 0.1:
        return []
    # the frame's own lines, where not every label has one, are no tick marks
    profile = np.where(spread > _TALLEST_TICK * common.max(), 0.0, profile)
    top = np.flatnonzero(common >= 0.9 * common.max())
    middle = offsets[top[np.argmin(np.abs(offsets[top]))]]
    near = top[np.abs(offsets[top] - middle) <= 2.0]
    shift = float(offsets[near].mean())
    strength = 0.35 * float(common.max())
    strokes = [_stroke(profile, pixel + shift, strength=strength) for pixel in predicted]
    inks = [stroke[1] for stroke in strokes if stroke is not None]
    usual = float(np.median(inks)) if inks else 0.0
    alike = [s is not None and s[1] <= _THICKEST_TICK * usual for s in strokes]
    if sum(alike) < _ENOUGH:
        alike = [True] * len(strokes)
    return [
        (stroke[0], value)
        for stroke, same, (_, value) in zip(strokes, alike, scale.points, strict=True)
        if stroke is not None and same
    ]


def _beside_labels(
    scale: AxisScale, places: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Keep the strokes that are as far from their labels as most are."""
    if not places:
        return []
    off = np.array([pixel - float(scale.pixel(value)) for pixel, value in places])
    near = np.abs(off - np.median(off)) <= 0.12 * scale.size + 0.75
    return [place for place, keep in zip(places, near, strict=True) if keep]


def _stroke(profile: FloatArray, near: float, *, strength: float) -> tuple[float, float] | None:
    """Centre (pixel edges count from 0) and amount of the ink of the stroke nearest to a place."""
    low, high = max(0, round(near - 3.5)), min(len(profile), round(near + 3.5))
    window = profile[low:high]
    if len(window) == 0 or window.max() < strength:
        return None
    peak = low + int(np.argmax(window))
    a, b = peak, peak
    while a > 0 and profile[a - 1] > 0.25 * profile[peak] and peak - a < 3:
        a -= 1
    while b < len(profile) - 1 and profile[b + 1] > 0.25 * profile[peak] and b - peak < 3:
        b += 1
    weights = profile[a : b + 1]
    ink = float(weights.sum())
    return float((weights * (np.arange(a, b + 1) + 0.5)).sum()) / ink, ink


def agreeing(
    places: Sequence[tuple[float, float]], *, tolerance: float
) -> list[tuple[float, float]]:
    """Largest set of (pixel, value) pairs within a tolerance of one line."""
    pixels = np.array([p for p, _ in places])
    values = np.array([v for _, v in places])
    best = np.zeros(len(places), dtype=bool)
    for i, j in combinations(range(len(places)), 2):
        per_unit = (pixels[j] - pixels[i]) / (values[j] - values[i])
        inside = np.abs(pixels - pixels[i] - per_unit * (values - values[i])) <= tolerance
        if inside.sum() > best.sum():
            best = inside
    return [place for place, keep in zip(places, best, strict=True) if keep]


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
