"""Censoring marks of curves that are paths: short strokes, small shapes, dots and letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .glyphs import Glyph
from .pages import Drawing, Stroke
from .panels import Frame
from .staircases import STRAIGHT, Staircase

FloatArray = npt.NDArray[np.float64]

_LETTER = 4.0  # points: half the height of a letter
_ENOUGH, _MOST = 5, 0.7  # letters, and share of them, that say how far all are off their curves
_ONE_OFFSET = 0.1  # points
_ROUNDED = 0.02  # points: a mark at a fall is after it, as coordinates have few decimals
_ONE_HEIGHT = 0.05  # points: curves of less distance lie on each other
_CENTRED = 0.35  # points: how far a mark in another colour than all curves may be off its curve


def marks_on(
    drawing: Drawing, frame: Frame, curves: Sequence[Staircase]
) -> tuple[list[list[float]], set[int]]:
    """Find short strokes, small shapes, dots and letters on curves, and give them to the curves.

    Parameters
    ----------
    drawing : Drawing
    frame : Frame
        Of the plot, in points.
    curves : sequence of Staircase

    Returns
    -------
    places : list of list of float
        Of the marks of each curve, in points.
    shared : set of int
        Curves of which a mark may be another's: the two lie on each other there, and nothing tells
        whose it is.
    """
    places: list[list[float]] = [[] for _ in curves]
    shared: set[int] = set()

    def give(x: float, found: list[int]) -> None:
        if found:
            places[found[0]].append(x)
        if len(found) > 1:
            shared.update(found)

    longest = 0.06 * (frame.bottom - frame.top)
    for stroke in drawing.strokes:
        points = stroke.points
        upright = np.ptp(points[:, 0]) < STRAIGHT and 0.5 < np.ptp(points[:, 1]) < longest
        if upright and len(points) == 2:
            low, high = points[:, 1].min(), points[:, 1].max()
            x = float(points[0, 0])
            give(x, _crossed(curves, x, (low, high), stroke))
        elif _is_shape(points, longest):
            x, y = (float(place) for place in (points.min(axis=0) + points.max(axis=0)) / 2)
            give(x, _crossed(curves, x, (y, y), stroke))
    below = _below_curve(drawing.glyphs, curves)
    for glyph in drawing.glyphs:
        like = [k for k, c in enumerate(curves) if c.stroke.style[0] == glyph.color]
        own, y = like or list(range(len(curves))), glyph.y - below
        found = _crossed([curves[k] for k in own], glyph.x, (y - _LETTER, y + _LETTER), None)
        give(glyph.x, [own[k] for k in found])
    for dot in drawing.dots:
        own = [k for k, c in enumerate(curves) if c.stroke.style[0] == dot.color]
        found = _crossed([curves[k] for k in own], dot.x, (dot.y, dot.y), None)
        give(dot.x, [own[k] for k in found])
    return [list(np.unique(np.round(p, 2))) for p in places], shared


def _below_curve(glyphs: Sequence[Glyph], curves: Sequence[Staircase]) -> float:
    """How far the middles of letters are below their curves: fonts differ; 0 if it is unclear.

    It is the same for all letters, and tells whose those are that stand near two curves.
    """
    offs = np.array([glyph.y - h for glyph in glyphs for h in _heights_at(curves, glyph.x)])
    offs = offs[np.abs(offs) < _LETTER]
    if len(glyphs) < _ENOUGH or len(offs) == 0:
        return 0.0
    near = np.abs(offs[:, None] - offs[None, :]) < _ONE_OFFSET
    k = int(np.argmax(near.sum(axis=0)))
    return float(np.median(offs[near[:, k]])) if near[:, k].sum() >= _MOST * len(glyphs) else 0.0


def _heights_at(curves: Sequence[Staircase], x: float) -> list[float]:
    """Heights at a place of the curves that are drawn there."""
    found = []
    for curve in curves:
        points = curve.points
        if points[0, 0] <= x <= points[-1, 0]:
            at = max(int(np.searchsorted(points[:, 0], x + _ROUNDED, side="right")) - 1, 0)
            found.append(float(points[at, 1]))
    return found


def _is_shape(points: FloatArray, longest: float) -> bool:
    """Whether a path is a small circle, square or the like, or a stroke of a small "x"."""
    wide, high = np.ptp(points, axis=0)
    closed = len(points) > 3 and np.abs(points[0] - points[-1]).max() < STRAIGHT
    return bool((closed or len(points) == 2) and 1 < high < longest and 0.6 < wide / high < 1.7)


def _crossed(
    curves: Sequence[Staircase], x: float, span: tuple[float, float], stroke: Stroke | None
) -> list[int]:
    """Curves whose line a stroke crosses: the one whose height is in its middle, and its like."""
    middle = sum(span) / 2
    # matplotlib's markers in a PDF take their colour from outside: width 0, colour unknown
    known = stroke is not None and stroke.width > 0
    own = [stroke is not None and c.stroke.style[0] == stroke.style[0] for c in curves]
    most = _CENTRED if known and not any(own) else np.inf
    offs = np.full(len(curves), np.inf)
    for k, curve in enumerate(curves):
        points = curve.points
        if known and any(own) and not own[k]:
            continue
        if not points[0, 0] - 0.5 <= x <= points[-1, 0] + 0.5:
            continue
        at = min(
            max(int(np.searchsorted(points[:, 0], x + _ROUNDED, side="right")) - 1, 0),
            len(points) - 1,
        )
        heights = [points[at, 1], points[max(at - 1, 0), 1]]
        off = min(abs(height - middle) for height in heights)
        inside = any(span[0] - 0.6 <= height <= span[1] + 0.6 for height in heights)
        if inside and off < most and not _is_fall(points, x, span):
            offs[k] = off
    if not np.isfinite(offs).any():
        return []
    best = int(np.argmin(offs))
    near = np.flatnonzero(offs < offs[best] + _ONE_HEIGHT).tolist()
    return [best, *(int(k) for k in near if k != best)]


def _is_fall(points: FloatArray, x: float, span: tuple[float, float]) -> bool:
    """Whether a stroke is a piece of the curve itself."""
    if span[1] - span[0] < STRAIGHT:
        return False
    near = np.abs(points[:, 0] - x) < STRAIGHT
    ys = points[near, 1]
    return bool(len(ys) >= 2 and abs(ys.min() - span[0]) < 0.05 and abs(ys.max() - span[1]) < 0.05)
