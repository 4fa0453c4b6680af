"""Patterns of dashes: those of a legend's samples, looked for along curves of one colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import perm

import numpy as np
import numpy.typing as npt

from .arms import strip, strokes_across
from .samples import LegendEntry
from .traced import TracedArm

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_FINER = 3  # steps to a pixel by which a sample is moved along a curve
_SHORTEST = 6  # pixels of a sample, at least
_FULL = 92.0  # percentile of the ink along a line that is its full strength: gaps have less
_BAND = 2  # rows around the middle of a sample that are looked at
_CLEAR = 0.5  # share of a stretch that has to be clear of other lines and of marks
_NOISE = 0.03  # of the ink: what the fit of a stretch is off by, at least
_SURE = 3.0  # standard errors by which exchanged names have to fit worse
_APART = 0.08  # of the ink: by how much they have to fit worse, at least
_HUE = 0.005  # weight of a difference of hue, by level of red, green and blue
_HUES = 25.0  # levels by which the hues of two samples differ, if hue tells them apart
_SHADES = 12.0  # levels by which the greys of solid samples differ, if they tell them apart
_SOLID = 0.93  # share of a solid sample that is ink, at least
_MOST_WAYS = 5040  # ways of giving names that are compared; beyond it, exchanges of two

Fits = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, kw_only=True)
class Told:
    """Which sample each curve has: pairs of an entry and a curve, by place.

    `open` are the curves for which others fit nearly as well, with the places of the entries that
    they may have.
    """

    pairs: tuple[tuple[int, int], ...]
    open: dict[int, tuple[int, ...]]


def by_dash(
    image: Image,
    entries: Sequence[LegendEntry],
    arms: Sequence[TracedArm],
    *,
    others: Sequence[TracedArm] = (),
    inks: Sequence[FloatArray] = (),
) -> Told:
    """Give each curve the sample of the legend whose dashes it has.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
        Of the figure, in which the samples stand.
    entries : sequence of LegendEntry
    arms : sequence of TracedArm
        All of one colour.
    others : sequence of TracedArm, optional
        Other curves, which may cover these.
    inks : sequence of ndarray, optional
        Red, green and blue of each curve as seen: thin lines of several hues may all be greyish.

    Returns
    -------
    Told

    Notes
    -----
    A sample is moved along the curve, whose levels and falls are laid end to end as programs dash
    them. How far its ink is from that of the curve, where it fits best within a stretch of its
    length, needs neither the lengths of dashes nor a threshold, and is seen on lines a pixel thick.
    Names are clear if every other way of giving them fits worse by more than its standard error
    over the stretches.
    """
    if not entries or not arms:
        return Told(pairs=(), open={})
    samples = [sample_ink(image, entry) for entry in entries]
    fits = [_fits(samples, *ink_along(arm, [*arms, *others])) for arm in arms]
    hues = (
        _hue_costs(entries, inks) if len(inks) == len(arms) else np.zeros((len(arms), len(entries)))
    )
    costs = hues + np.array([_mean(fit, len(entries)) for fit in fits])
    best = _cheapest(costs)
    others_near = [way for way in _ways(best, len(entries)) if _near(way, best, fits, hues)]
    unclear = {
        j: tuple(sorted({best[j], *(way[j] for way in others_near)} - {-1}))
        for j in range(len(arms))
        if any(way[j] != best[j] for way in others_near)
    }
    return Told(pairs=tuple((i, j) for j, i in enumerate(best) if i >= 0), open=unclear)


def sample_ink(image: Image, entry: LegendEntry) -> FloatArray:
    """Ink along the sample of an entry, 0 to 1."""
    x0, y0, x1, y1 = entry.box
    size, middle = y1 - y0, (y0 + y1) / 2
    row = round(middle - entry.raised * size)
    first, last = round(x0), round(x1)
    around = image[max(int(y0) - 2, 0) : int(y1) + 2, max(first - 3, 0) : last + 3]
    band = image[max(row - _BAND, 0) : row + _BAND + 1, max(first, 0) : last].astype(float)
    if band.size == 0 or around.size == 0:
        return np.zeros(0)
    ground = np.percentile(around.reshape(-1, 3), 90, axis=0)
    ink = np.sqrt(((band - ground) ** 2).sum(axis=2)).max(axis=0)
    return _of_full(ink, ink)[1:-1]


def _of_full(ink: FloatArray, known: FloatArray) -> FloatArray:
    full = float(np.percentile(known, _FULL)) if len(known) else 0.0
    return np.clip(ink / max(full, 1e-9), 0.0, 1.0)


def ink_along(arm: TracedArm, arms: Sequence[TracedArm]) -> tuple[FloatArray, BoolArray]:
    """Ink along a curve, its levels and falls laid end to end, and where it is clear of others.

    Parameters
    ----------
    arm : TracedArm
    arms : sequence of TracedArm
        All curves that may cover it; it may be among them.

    Returns
    -------
    tuple of ndarray, shape (k,)
        A value for each pixel: 0 to 1, and whether neither another curve nor a mark is there.
    """
    from scipy import ndimage

    curve, like = arm.curve, arm.like
    height, width = like.shape
    taken = np.zeros(like.shape, dtype=bool)
    for other in arms:
        if other is not arm:
            taken |= strip(other.curve, like.shape)
    taken = ndimage.binary_dilation(taken)
    marks = strokes_across(curve, like) & ~strip(curve, like.shape)
    marked = ndimage.binary_dilation(np.asarray(marks.any(axis=0)), iterations=2)
    ink, clear = [], []
    edges = np.concatenate([[curve.start], curve.falls, [curve.end]])
    for k, level in enumerate(curve.levels):
        columns = np.arange(round(edges[k]), min(round(edges[k + 1]), width))
        row = int(np.clip(level, 1, height - 2))
        ink.append(like[row - 1 : row + 2][:, columns].max(axis=0))
        clear.append(~(taken[row - 1 : row + 2][:, columns].any(axis=0) | marked[columns]))
        if k + 1 < len(curve.levels):
            rows = np.arange(round(level), min(round(curve.levels[k + 1]), height))
            column = int(np.clip(edges[k + 1], 1, width - 2))
            ink.append(like[rows, column - 1 : column + 2].max(axis=1))
            clear.append(~taken[rows, column - 1 : column + 2].any(axis=1) & ~marked[column])
    along, seen = np.concatenate(ink), np.concatenate(clear)
    return _of_full(along, along[seen]), seen


def _finer(values: FloatArray) -> FloatArray:
    places = np.arange(0, max(len(values) - 1, 0), 1 / _FINER)
    return np.interp(places, np.arange(len(values)), values) if len(values) else values


def _fits(samples: Sequence[FloatArray], ink: FloatArray, clear: BoolArray) -> Fits:
    """How far each sample is from a curve in every stretch of it, and the weight of the stretch."""
    none = np.zeros((0, len(samples))), np.zeros(0)
    along, seen = _finer(ink), _finer(clear.astype(float)) > 1 - 1e-6
    templates = [_finer(sample) for sample in samples]
    longest = max(map(len, templates))
    if min(map(len, templates)) < _SHORTEST * _FINER or len(along) < longest:
        return none
    off = [_distances(template, along, seen) for template in templates]
    common = min(map(len, off))
    stretches, weights = [], []
    for a in range(0, common, longest):
        parts = [part[a : a + longest] for part in off]
        known = min(int(np.isfinite(part).sum()) for part in parts)
        if known and known >= _CLEAR * min(longest, common - a):
            stretches.append([float(part.min()) for part in parts])
            weights.append(float(seen[a : a + longest].mean()))
    return (np.array(stretches), np.array(weights)) if stretches else none


def _distances(template: FloatArray, along: FloatArray, seen: BoolArray) -> FloatArray:
    """Mean difference of ink of a sample at every place of a curve; infinite where it is hidden."""
    size = len(template)
    windows = np.lib.stride_tricks.sliding_window_view
    clear = windows(seen, size)
    off = np.where(clear, np.abs(windows(along, size) - template), 0.0).sum(axis=1)
    known = clear.sum(axis=1)
    return np.where(known >= _CLEAR * size, off / np.maximum(known, 1), np.inf)


def _mean(fit: Fits, samples: int) -> FloatArray:
    distances, weights = fit
    return np.average(distances, axis=0, weights=weights) if len(distances) else np.zeros(samples)


def _hue_costs(entries: Sequence[LegendEntry], inks: Sequence[FloatArray]) -> FloatArray:
    """Differences of hue of curves and samples, where the samples have several; else of shade.

    Solid lines of several greys, equally thick, are as far from their mean as the samples are.
    """
    colours, seen = np.array([entry.rgb for entry in entries], dtype=float), np.array(inks)
    hues, tints = _tint(colours), _tint(seen)
    costs = _HUE * np.abs(tints[:, None] - hues[None, :]).sum(axis=2)
    if np.abs(hues[:, None] - hues[None, :]).sum(axis=2).max() > _HUES:
        return np.asarray(costs)
    if len(entries) != len(inks) or min(entry.filled for entry in entries) < _SOLID:
        return np.zeros_like(costs)
    shades, greys = (part.mean(axis=1) - part.mean() for part in (colours, seen))
    return np.asarray(_HUE * np.abs(greys[:, None] - shades[None, :]) * (np.ptp(shades) > _SHADES))


def _tint(rgb: FloatArray) -> FloatArray:
    """Hue without darkness, which depends on the thickness of a line."""
    return np.asarray(rgb - rgb.mean(axis=-1, keepdims=True))


def _cheapest(costs: FloatArray) -> tuple[int, ...]:
    """Entry of each curve so that all fit best together; -1 for a curve that none is left for."""
    from scipy.optimize import linear_sum_assignment

    curves, entries = linear_sum_assignment(costs)
    given = dict(zip(curves.tolist(), entries.tolist(), strict=True))
    return tuple(given.get(j, -1) for j in range(len(costs)))


def _ways(best: tuple[int, ...], entries: int) -> Iterator[tuple[int, ...]]:
    """Give the other ways of giving the entries: all, or exchanges of two where there are many."""
    named = sum(i >= 0 for i in best)
    kinds = [*range(entries), *([-1] * (len(best) - named))]
    if perm(len(kinds), len(best)) <= _MOST_WAYS:
        yield from {way for way in permutations(kinds, len(best)) if way != best}
        return
    for j, m in combinations(range(len(best)), 2):
        way = list(best)
        way[j], way[m] = way[m], way[j]
        yield tuple(way)


def _near(
    way: tuple[int, ...], best: tuple[int, ...], fits: Sequence[Fits], hues: FloatArray
) -> bool:
    """Whether another way of giving the entries fits the curves nearly as well as the best."""
    worse, variance = 0.0, 0.0
    for j, (new, old) in enumerate(zip(way, best, strict=True)):
        if new == old:
            continue
        distances, weights = fits[j]
        hue = [hues[j, i] if i >= 0 else 0.0 for i in (new, old)]
        worse += hue[0] - hue[1]
        if len(distances):
            lost, had = (distances[:, i] if i >= 0 else 0.0 * weights for i in (new, old))
            step = lost - had
            worse += float(np.average(step, weights=weights))
            variance += (float(np.var(step)) + _NOISE**2) / len(step)
    return worse < max(_APART, _SURE * float(np.sqrt(variance)))
