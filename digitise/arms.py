"""Arms of a raster panel: which lines are curves, how many there are, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .canvas import Canvas, Start
from .colours import LineColour, likeness
from .limits import mean_row, mirrored, nested, without_intervals
from .traced import Trace, TracedArm, measured
from .tracing import trace

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_Scalar = TypeVar("_Scalar", bound=np.generic)

_LEAST_SUPPORT = 0.38  # share of a curve's columns that must show its own ink
_UNMISTAKABLE, _LEAST_STRONG = 80.0, 0.24  # a strong colour, whose dotted line shows less ink
_SEEN_ALONE = 0.5  # the same for a second curve that neither legend nor table announces
_DOTS = 10  # gaps that show that a line is dotted
_SEEN_BESIDE = 0.15  # share of its columns that an announced curve must show beside the others
_SHORTEST = 0.10  # of the plot's width
_MIRRORED_OF_CLIPPED = 0.6  # share of columns; limits are clipped at 1 where the curve is near it
_SEEN_OF_LIMITS = 0.8  # share of the columns of limits that are drawn like the curve
_MARK_WIDTHS, _MARK_SHARE = 2.5, 0.018  # half a mark: of the line's width, of the plot's height
_INKED = 0.35
_MOST_PATHS = 4  # curves of one colour that are looked for


class Search:
    """The curves of each colour of a canvas, looked for once however often they are asked for.

    Parameters
    ----------
    canvas : Canvas
    colours : sequence of LineColour
        Candidates.
    start : Start
        Where the curves begin, in rows of the (flipped) canvas.
    flipped : bool
        Whether the canvas is turned upside down (incidence).
    dashed : collection of int
        Places of the colours that only dashed lines have.
    """

    def __init__(
        self,
        canvas: Canvas,
        colours: Sequence[LineColour],
        *,
        start: Start,
        flipped: bool,
        dashed: Collection[int] = (),
    ) -> None:
        self.colours = tuple(colours)
        self._dashed = frozenset(dashed)
        self.start = start
        self._likes = [
            _flip(likeness(canvas, c, [o for o in colours if o is not c]), flipped) for c in colours
        ]
        self._blocked = canvas.covered(flipped=flipped)
        self._text = _flip(canvas.text, flipped)
        self._own: dict[int, FloatArray] = {}
        self._found: dict[tuple[int, bool, int], tuple[int, list[Trace]]] = {}

    def own(self, k: int) -> FloatArray:
        """Ink of a colour outside of text."""
        if k not in self._own:
            self._own[k] = _without_letters(self._likes[k], self._text)
        return self._own[k]

    def _hidden(self, k: int) -> FloatArray:
        """Where other lines, text or the frame may cover a colour."""
        others = [like for j, like in enumerate(self._likes) if j != k]
        return np.asarray(np.clip(np.maximum.reduce([self._blocked, *others]), 0.0, 1.0))

    def paths(self, k: int, most: int, *, sloping: bool, expected: int = 0) -> list[Trace]:
        """Curves of a colour, at most so many, each without the ink of those before it.

        So many as are expected, if it is known, may be covered by others for most of their length.
        """
        sloping = sloping or k in self._dashed
        asked, paths = self._found.get((k, sloping, expected), (0, []))
        if most > asked and len(paths) == asked:
            strong = sloping and self.colours[k].chroma >= _UNMISTAKABLE
            paths = _paths(
                self.own(k),
                self._hidden(k),
                start=self.start,
                most=most,
                sloping=sloping,
                least=_LEAST_STRONG if strong else _LEAST_SUPPORT,
                expected=expected,
            )
            self._found[k, sloping, expected] = (most, paths)
        return paths[:most]

    def unbraided(self, k: int, paths: Sequence[Trace]) -> list[Trace]:
        """Three lines of a colour with one curve, sorted in every column: limits never cross it."""
        length = min(len(path.rows) for path in paths)
        rows = np.sort([path.pixels[:length] for path in paths], axis=0)
        return [
            measured(self.own(k), self._hidden(k), rows=line, start=path.start, width=path.width)
            for line, path in zip(rows, paths, strict=True)
        ]


def trace_arms(
    search: Search, *, wanted: dict[int, int] | None, total: int | None, sloping: bool = False
) -> list[TracedArm]:
    """Trace every curve of a panel.

    Parameters
    ----------
    search : Search
        The canvas, its colours, and where curves begin.
    wanted : dict of int to int, or None
        How many curves each colour has, by its place in the colours, if the legend says so.
    total : int or None
        How many curves there are, if legend or table say so.
    sloping : bool
        Whether gaps of dashed lines are bridged on slopes, too.

    Returns
    -------
    list of TracedArm
        Best seen first.
    """
    found: list[TracedArm] = []
    for k, colour in enumerate(search.colours):
        count = None if wanted is None else wanted.get(k, 0)
        if count == 0:
            continue
        alone = len(search.colours) == 1 or all(c.chroma < 40 for c in search.colours)
        expected = count or (total or 0) * alone
        paths = search.paths(k, _most(count, total), sloping=sloping, expected=expected)
        if count == 1 and len(paths) == 3 and not nested(paths):
            paths = search.unbraided(k, paths)
        chosen = _chosen(paths, count, total, search.start, grey=colour.chroma < 40)
        if total is None and len(chosen) > 1:  # nothing announces a second: it must be seen
            chosen = [p for p in chosen if p is paths[0] or _is_seen_alone(p)]
            if colour.chroma >= 40:  # dashed lines beside a solid one of its hue: an interval
                solid = max(float((p.own > 0.35).mean()) for p in chosen)
                chosen = [p for p in chosen if (p.own > 0.35).mean() > 0.75 * solid]
        flanked = len(paths) == 3 and len(chosen) == 1 and chosen[0] is _middle(paths)
        found += [
            TracedArm(colour=colour, curve=path, like=search.own(k), flanked=flanked)
            for path in chosen
        ]
    found = _distinct(found)
    if total is None:
        found = without_intervals(found, search.start)
    found.sort(key=lambda arm: -float((arm.curve.own > 0.35).sum()))
    return found[:total] if total is not None else found


def _is_seen_alone(path: Trace) -> bool:
    """Whether a curve that nothing announces is seen along most of its way, or is evenly dotted."""
    gaps = np.diff(np.flatnonzero(path.own > _INKED)) - 1
    gaps = gaps[gaps > 0]
    even = len(gaps) >= _DOTS and np.quantile(gaps, 0.9) <= 2 * np.median(gaps)
    return bool(path.support >= _SEEN_ALONE or even)


def _middle(paths: Sequence[Trace]) -> Trace:
    return sorted(paths, key=mean_row)[len(paths) // 2]


def _most(count: int | None, total: int | None) -> int:
    if count is not None:
        return max(3 * count if count == 1 else count, 1)
    return min(_MOST_PATHS, max(3, total or 0))


def _flip(sheet: npt.NDArray[_Scalar], flipped: bool) -> npt.NDArray[_Scalar]:
    return sheet[::-1] if flipped else sheet


def _without_letters(like: FloatArray, text: BoolArray) -> FloatArray:
    """Ink outside the boxes of text; under letters of another colour the line is kept."""
    from scipy import ndimage

    kept = like.copy()
    labels, count = ndimage.label(text)
    for k, place in enumerate(ndimage.find_objects(labels, count)):
        inside = labels[place] == k + 1
        if (like[place][inside] > 0.5).mean() > 0.02:
            kept[place][inside] = 0.0
    return kept


def _paths(
    like: FloatArray,
    hidden: FloatArray,
    *,
    start: Start,
    most: int,
    sloping: bool,
    least: float,
    expected: int,
) -> list[Trace]:
    """Curves of one colour, one after the other; each takes its ink away from the next."""
    paths: list[Trace] = []
    left, covered = like.copy(), hidden.copy()
    for _ in range(most):
        path = trace(
            left,
            covered,
            start=start.column,
            start_row=start.row,
            slack=start.slack,
            sloping=sloping,
        )
        announced = len(paths) < expected
        if path is None or not _is_curve(path, like.shape, start, least, announced=announced):
            break
        paths.append(path)
        used = strip(path, like.shape) | strokes_across(path, left)
        covered = np.where(used, np.maximum(covered, 0.85 * like), covered)
        left = np.where(used, 0.0, left)
    return paths


def without_others(arm: TracedArm, arms: Sequence[TracedArm]) -> FloatArray:
    """Ink of an arm's colour without the lines of the other arms of that colour."""
    left = arm.like
    for other in arms:
        if other is not arm and other.colour is arm.colour:
            apart = strip(other.curve, arm.like.shape) & ~strip(arm.curve, arm.like.shape)
            left = np.where(apart, 0.0, left)
    return left


def ink_of_marks(
    arm: TracedArm, arms: Sequence[TracedArm], canvas: Canvas, *, flipped: bool
) -> FloatArray:
    """Ink in which an arm's marks are looked for.

    Parameters
    ----------
    arm : TracedArm
    arms : sequence of TracedArm
        All arms of the panel.
    canvas : Canvas
    flipped : bool
        Whether the traces are upside down (incidence).

    Returns
    -------
    ndarray, shape (height, width)
        0 to 1, rows as in the trace. Strokes as thin as marks lose their hue in a JPEG file, so
        that ink of any colour counts, except near other curves, where only the arm's own does.
    """
    from scipy import ndimage

    full = np.sqrt(((np.asarray(arm.colour.rgb) - canvas.ground) ** 2).sum(axis=2))
    ink = np.clip(canvas.ink / np.maximum(full, 30.0), 0.0, 1.0)
    ink = _flip(np.where(canvas.straight | canvas.text, 0.0, ink), flipped)
    others = np.zeros(ink.shape, dtype=bool)
    for other in arms:
        if other is not arm:
            others |= strip(other.curve, ink.shape)
    reach = round(max(_MARK_WIDTHS * arm.curve.width, _MARK_SHARE * len(ink))) + 2
    near = ndimage.maximum_filter(others, size=(2 * reach + 1, 3))
    return np.where(near, without_others(arm, arms), np.maximum(arm.like, ink))


def _is_curve(
    path: Trace, shape: tuple[int, ...], start: Start, least: float, *, announced: bool
) -> bool:
    """Whether a path shows its own ink, is long enough and does not fall at once.

    A curve that legend or table announce may lie on others for most of its length.
    """
    own = path.own > 0.35
    width = shape[1] - start.column
    early = path.rows[min(len(path.rows) - 1, max(2, round(0.01 * width)))]
    at_once = early - start.row > 0.3 * (shape[0] - start.row)
    support = path.visible if announced and own.mean() >= _SEEN_BESIDE else path.support
    return bool(own.sum() >= _SHORTEST * width and support >= least and not at_once)


def strip(path: Trace, shape: tuple[int, ...]) -> BoolArray:
    """Pixels that belong to a traced line: its levels and its falls."""
    used = np.zeros(shape, dtype=bool)
    reach = path.width / 2 + 1.2
    rows = np.concatenate([[path.rows[0]], path.rows])
    side = int(np.ceil(path.width / 2)) + 1
    for k in range(len(path.rows)):
        top, bottom = int(rows[k] - reach), int(np.ceil(rows[k + 1] + reach))
        column = path.start + k
        low = column - side if rows[k + 1] - rows[k] > 1.5 else column
        high = column + side if rows[k + 1] - rows[k] > 1.5 else column
        used[max(top, 0) : bottom + 1, max(low, 0) : high + 1] = True
    return used


def strokes_across(path: Trace, like: FloatArray) -> BoolArray:
    """Ink above and below a line without a gap, as of marks: no part of another curve."""
    height = len(like)
    reach = round(max(_MARK_WIDTHS * path.width, _MARK_SHARE * height)) + int(path.width / 2) + 1
    columns = path.start + np.arange(len(path.rows))
    rows = path.pixels
    used = np.zeros(like.shape, dtype=bool)
    for step in (-1, 1):
        going = np.ones(len(rows), dtype=bool)
        for k in range(reach):
            places = np.clip(rows + step * k, 0, height - 1)
            # gaps of the line's own edge are narrow: ink has to begin within the line
            going &= (like[places, columns] > _INKED) | (k <= path.width / 2)
            used[places[going], columns[going]] = True
    return used


def _chosen(
    paths: Sequence[Trace], count: int | None, total: int | None, start: Start, *, grey: bool
) -> list[Trace]:
    """Curves among the paths of one colour: the middle one of three is flanked by its interval."""
    if count is not None and count > 1:
        return list(paths[:count])
    flanked = count == 1 or total == 1 or (not grey and (total is None or total < 3))
    if len(paths) == 3 and flanked and nested(paths):
        upper, middle, lower = sorted(paths, key=mean_row)
        seen = middle.support >= max(upper.support, lower.support) - 0.05
        alone = count == 1 and min(p.support for p in paths) >= _SEEN_OF_LIMITS
        if seen and (alone or mirrored(upper, middle, lower, start, least=_MIRRORED_OF_CLIPPED)):
            return [middle]
    if count == 1:
        return list(paths[:1])
    return list(paths)


def _distinct(arms: Sequence[TracedArm]) -> list[TracedArm]:
    """Drop a path that follows another arm's line with little ink of its own."""
    kept: list[TracedArm] = []
    for arm in sorted(arms, key=lambda a: -float((a.curve.own > 0.35).sum())):
        apart = [other for other in kept if other.colour is not arm.colour and _follows(arm, other)]
        if not apart:
            kept.append(arm)
    return kept


def _follows(arm: TracedArm, other: TracedArm) -> bool:
    own = arm.curve.own[: len(other.curve.rows)] > 0.35
    return bool(is_one_line(arm, other) and own.mean() < 0.8)


def is_one_line(arm: TracedArm, other: TracedArm) -> bool:
    """Whether an arm lies on the line of another along nearly all of its length."""
    length = min(len(arm.curve.rows), len(other.curve.rows))
    if length < 0.5 * len(arm.curve.rows):
        return False
    gap = np.abs(arm.curve.rows[:length] - other.curve.rows[:length])
    near = gap < arm.curve.width / 2 + other.curve.width / 2 + 1.5
    return bool(near.mean() > 0.9)
