"""Censoring marks of curves that are paths: short strokes, small shapes, dots and letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .pages import Drawing, Stroke
from .panels import Frame
from .staircases import STRAIGHT, Staircase

FloatArray = npt.NDArray[np.float64]

_CENTRED = 0.35  # points: how far a mark in another colour than all curves may be off its curve


def marks_on(drawing: Drawing, frame: Frame, curves: Sequence[Staircase]) -> list[list[float]]:
    """Places of short strokes, small shapes, dots and letters on a curve, given to its curve."""
    places: list[list[float]] = [[] for _ in curves]
    longest = 0.06 * (frame.bottom - frame.top)
    for stroke in drawing.strokes:
        points = stroke.points
        upright = np.ptp(points[:, 0]) < STRAIGHT and 0.5 < np.ptp(points[:, 1]) < longest
        if upright and len(points) == 2:
            low, high = points[:, 1].min(), points[:, 1].max()
            k = _crossed(curves, float(points[0, 0]), (low, high), stroke)
            if k is not None:
                places[k].append(float(points[0, 0]))
        elif _is_shape(points, longest):
            x, y = (points.min(axis=0) + points.max(axis=0)) / 2
            k = _crossed(curves, float(x), (float(y), float(y)), stroke)
            if k is not None:
                places[k].append(float(x))
    for glyph in drawing.glyphs:
        own = [c for c in curves if c.stroke.style[0] == glyph.color] or curves
        k = _crossed(own, glyph.x, (glyph.y - 4.0, glyph.y + 4.0), None)
        if k is not None:
            places[curves.index(own[k])].append(glyph.x)
    for dot in drawing.dots:
        own = [c for c in curves if c.stroke.style[0] == dot.color]
        k = _crossed(own, dot.x, (dot.y, dot.y), None)
        if k is not None:
            places[curves.index(own[k])].append(dot.x)
    return [list(np.unique(np.round(p, 2))) for p in places]


def _is_shape(points: FloatArray, longest: float) -> bool:
    """Whether a path is a small circle, square or the like, or a stroke of a small "x"."""
    wide, high = np.ptp(points, axis=0)
    closed = len(points) > 3 and np.abs(points[0] - points[-1]).max() < STRAIGHT
    return bool((closed or len(points) == 2) and 1 < high < longest and 0.6 < wide / high < 1.7)


def _crossed(
    curves: Sequence[Staircase], x: float, span: tuple[float, float], stroke: Stroke | None
) -> int | None:
    """Curve whose line a stroke crosses; among several, the one whose height is in its middle."""
    middle = sum(span) / 2
    # matplotlib's markers in a PDF take their colour from outside: width 0, colour unknown
    known = stroke is not None and stroke.width > 0
    own = [stroke is not None and c.stroke.style[0] == stroke.style[0] for c in curves]
    best, least = None, _CENTRED if known and not any(own) else np.inf
    for k, curve in enumerate(curves):
        points = curve.points
        if known and any(own) and not own[k]:
            continue
        if not points[0, 0] - 0.5 <= x <= points[-1, 0] + 0.5:
            continue
        at = min(max(int(np.searchsorted(points[:, 0], x, side="right")) - 1, 0), len(points) - 1)
        heights = [points[at, 1], points[max(at - 1, 0), 1]]
        off = min(abs(height - middle) for height in heights)
        inside = any(span[0] - 0.6 <= height <= span[1] + 0.6 for height in heights)
        if inside and off < least and not _is_fall(points, x, span):
            best, least = k, off
    return best


def _is_fall(points: FloatArray, x: float, span: tuple[float, float]) -> bool:
    """Whether a stroke is a piece of the curve itself."""
    if span[1] - span[0] < STRAIGHT:
        return False
    near = np.abs(points[:, 0] - x) < STRAIGHT
    ys = points[near, 1]
    return bool(len(ys) >= 2 and abs(ys.min() - span[0]) < 0.05 and abs(ys.max() - span[1]) < 0.05)
