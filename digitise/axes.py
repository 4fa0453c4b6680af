"""Axes: from tick labels and tick marks to a linear scale, with its residual."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .text import Word, number_in

FloatArray = npt.NDArray[np.float64]

_ONE_DECIMAL = re.compile(r"\d+\.\d")
MIN_LABELS = 3  # labels in line before they count as an axis of their own accord
_LABEL_SLACK = 0.45  # of a letter's height: how far a label's middle may be from its tick
_POINTED_ZERO = re.compile(r"0[.,\u00b7](0+)")
_JUST = 0.15  # of a letter's height: so near a number is no accident, whatever the others' steps
_MOST_LABELS = 200  # of an axis
_LARGEST_LABEL = 1e5  # labels that touch are recognised as one number of many figures
_HIGHEST_PERCENT = 160.0  # Prism axes run above 100%


@dataclass(frozen=True, kw_only=True)
class Token:
    """A word that is one number: its `value`, its `word`, and its middle `x`, `y`."""

    value: float
    word: Word

    @property
    def x(self) -> float:
        """Middle in x."""
        return self.word.centre[0]

    @property
    def y(self) -> float:
        """Middle in y."""
        return self.word.centre[1]


@dataclass(frozen=True, kw_only=True)
class AxisScale:
    """A linear scale: value = slope * pixel + offset.

    Parameters
    ----------
    direction : str
        "x" or "y".
    slope, offset : float
        Of the value as a function of the pixel.
    points : tuple of tuple of float
        (pixel, value) of each label (or tick mark) that was used.
    residual : float
        Root mean square distance of the points from the line, in pixels.
    labels : tuple of Token
        The tick labels that agree.
    misfits : tuple of str
        Numbers in line with the labels that do not fit the scale.
    from_ticks : bool
        Whether tick marks (or grid lines) were found and used; otherwise the labels' middles.
    """

    direction: str
    slope: float
    offset: float
    points: tuple[tuple[float, float], ...]
    residual: float
    labels: tuple[Token, ...] = ()
    misfits: tuple[str, ...] = ()
    from_ticks: bool = False

    def scaled(self, factor: float) -> AxisScale:
        """Return the scale of an image whose sides are multiplied by a factor."""
        labels = tuple(replace(label, word=label.word.scaled(factor)) for label in self.labels)
        return replace(
            self,
            slope=self.slope / factor,
            points=tuple((pixel * factor, value) for pixel, value in self.points),
            residual=self.residual * factor,
            labels=labels,
        )

    def moved(self, off: float) -> AxisScale:
        """Return the scale with every value so many pixels further right or down."""
        points = tuple((pixel + off, value) for pixel, value in self.points)
        return replace(self, offset=self.offset - self.slope * off, points=points)

    def value(self, pixel: npt.ArrayLike) -> FloatArray:
        """Value at a pixel."""
        return np.asarray(self.slope * np.asarray(pixel, dtype=float) + self.offset)

    def pixel(self, value: npt.ArrayLike) -> FloatArray:
        """Pixel of a value."""
        return np.asarray((np.asarray(value, dtype=float) - self.offset) / self.slope)

    @property
    def size(self) -> float:
        """Median height of the labels' letters in pixels; 0 without labels."""
        return float(np.median([t.word.size for t in self.labels])) if self.labels else 0.0

    @property
    def right(self) -> float:
        """Right edge of most labels in pixels: one may be recognised with what is beside it."""
        return float(np.percentile([t.word.x1 for t in self.labels], 75)) if self.labels else 0.0

    @property
    def values(self) -> tuple[float, ...]:
        """Values of all labels and points, rising."""
        return tuple(sorted({v for _, v in self.points} | {t.value for t in self.labels}))

    @property
    def spacing(self) -> float:
        """Smallest distance of two neighbouring points in pixels."""
        pixels = np.sort(self.pixel(self.values))
        return float(np.diff(pixels).min()) if len(pixels) > 1 else 0.0


def scale_through(
    points: Sequence[tuple[float, float]], direction: str, labels: Sequence[Token] = ()
) -> AxisScale:
    """Fit a scale to (pixel, value) pairs by least squares.

    Parameters
    ----------
    points : sequence of tuple of float
        At least two pairs with different pixels and values.
    direction : str
        "x" or "y".
    labels : sequence of Token, optional
        The labels that the points come from.

    Returns
    -------
    AxisScale
    """
    pixels = np.array([p for p, _ in points], dtype=float)
    values = np.array([v for _, v in points], dtype=float)
    # pixel as a function of value: the error is in the pixel
    per_unit, start = np.polyfit(values, pixels, 1)
    misfit = pixels - (per_unit * values + start)
    return AxisScale(
        direction=direction,
        slope=1 / per_unit,
        offset=-start / per_unit,
        points=tuple((float(p), float(v)) for p, v in points),
        residual=float(np.sqrt(np.mean(misfit**2))),
        labels=tuple(labels),
    )


def tokens(words: Sequence[Word]) -> tuple[Token, ...]:
    """Words that are one number and do not stand in parentheses."""
    found = []
    for word in (part for whole in _with_signs(words) for part in _labels_in(whole)):
        value = None if "(" in word.text or ")" in word.text else number_in(word.text)
        if value is not None and value <= _LARGEST_LABEL:
            found.append(Token(value=value, word=word))
    return tuple(found)


def _with_signs(words: Sequence[Word]) -> list[Word]:
    """Let the box of an upright label hold its sign, as in "50 %": a tick is at their middle."""
    signs = {w.line: w for w in words if w.vertical and w.line and w.text == "%"}
    return [
        replace(word, y0=min(word.y0, sign.y0), y1=max(word.y1, sign.y1))
        if word.vertical and (sign := signs.get(word.line)) and word.text[:1].isdigit()
        else word
        for word in words
    ]


def _labels_in(word: Word) -> list[Word]:
    """Part labels that touch, "0.00.51.01.5", where they have one decimal and rise evenly."""
    parts = list(_ONE_DECIMAL.finditer(word.text))
    values = [float(part[0]) for part in parts]
    steps = {round(late - early, 6) for early, late in pairwise(values)}
    if len(parts) < MIN_LABELS or "".join(part[0] for part in parts) != word.text:
        return [word]
    if len(steps) != 1 or min(steps) <= 0 or word.vertical:
        return [word]
    unit = (word.x1 - word.x0) / len(word.text)
    return [
        replace(
            word, text=part[0], x0=word.x0 + unit * part.start(), x1=word.x0 + unit * part.end()
        )
        for part in parts
    ]


def x_scales(numbers: Sequence[Token], least: int = MIN_LABELS) -> list[AxisScale]:
    """Rows of numbers that rise evenly from left to right.

    Parameters
    ----------
    numbers : sequence of Token
        All numbers of the figure.
    least : int
        How many labels have to agree.

    Returns
    -------
    list of AxisScale
        One for each such row, longest first.
    """
    upright = [t for t in numbers if not t.word.vertical]
    rows = _groups(upright, lambda t: t.y, 0.5)
    return _scales(rows, "x", least)


def y_scales(numbers: Sequence[Token], least: int = MIN_LABELS) -> list[AxisScale]:
    """Columns of numbers that rise evenly from bottom to top.

    Parameters
    ----------
    numbers : sequence of Token
        All numbers of the figure.
    least : int
        How many labels have to agree.

    Returns
    -------
    list of AxisScale
        One for each such column, longest first.
    """
    fitting = [t for t in numbers if t.value <= _HIGHEST_PERCENT]
    columns = _groups([t for t in fitting if not t.word.vertical], lambda t: t.word.x1, 0.7)
    columns += _groups([t for t in fitting if not t.word.vertical], lambda t: t.x, 0.7)
    columns += _groups(fitting, lambda t: t.x, 0.5)  # turned labels; "0" may look upright
    return _scales([_pointed(column) for column in columns], "y", least)


def _pointed(column: Sequence[Token]) -> list[Token]:
    """Give labels the decimal point that was not recognised: "0.0" has one, so "10" is 1.0."""
    zeros = [found for t in column if (found := _POINTED_ZERO.fullmatch(t.word.text))]
    others = [t for t in column if t.value > 0 and not t.word.text.startswith("0")]  # "04" is 0.4
    if not zeros or any(not t.word.text.isdigit() for t in others):
        return list(column)
    unit = 0.1 ** len(zeros[0][1])
    return [replace(t, value=t.value * unit) if t in others else t for t in column]


def _groups(
    numbers: Sequence[Token], place: Callable[[Token], float], reach: float
) -> list[list[Token]]:
    """For every number, those in line with it (duplicates removed).

    A line of more numbers than an axis has labels is none.
    """
    places = np.array([place(t) for t in numbers])
    groups: list[list[Token]] = []
    seen = set()
    for seed, at in zip(numbers, places, strict=True):
        inside = np.flatnonzero(np.abs(places - at) <= reach * seed.word.size)
        key = inside.tobytes()
        if len(inside) <= _MOST_LABELS and key not in seen:
            seen.add(key)
            groups.append([numbers[k] for k in inside.tolist()])
    return groups


def _scales(groups: Sequence[Sequence[Token]], direction: str, least: int) -> list[AxisScale]:
    found: list[AxisScale] = []
    for group in groups:
        left, mine = list(group), list[AxisScale]()
        while len(left) >= least:
            run = _best_run(left, direction)
            if len(run) < least:
                break
            scale = _scale_of(run, [t for t in group if t not in run], direction)
            left = [t for t in left if t not in scale.labels]
            mine.append(scale)
        # numbers at risk may rise evenly by chance: of a row of labels more than half do
        found += [s for s in mine if direction == "y" or len(left) < len(s.labels)]
    found.sort(key=lambda scale: (-len(scale.labels), scale.residual))
    kept: list[AxisScale] = []
    for scale in found:
        if not any(_shares_labels(scale, other) for other in kept):
            kept.append(scale)
    return kept


def _shares_labels(one: AxisScale, other: AxisScale) -> bool:
    mine = {id(t.word) for t in one.labels}
    return any(id(t.word) in mine for t in other.labels)


def _scale_of(run: Sequence[Token], left: Sequence[Token], direction: str) -> AxisScale:
    """Fit a scale to labels of equal steps, and to others that are just where it has them."""
    points = [(along(t, direction), t.value) for t in run]
    scale = scale_through(points, direction, run)
    values = {t.value for t in run}
    just = [
        t
        for t in left
        if t.value not in values
        and abs(float(scale.pixel(t.value)) - along(t, direction)) <= _JUST * t.word.size
    ]
    if just:  # 0, 30, 90, 180, 270, 365: no grid has all
        run = sorted([*run, *just], key=lambda t: along(t, direction))
        left = [t for t in left if t not in just]
        points = [(along(t, direction), t.value) for t in run]
        scale = scale_through(points, direction, run)
    return replace(scale, misfits=tuple(t.word.text for t in left if _misfits(t, scale)))


def _misfits(token: Token, scale: AxisScale) -> bool:
    """Whether a number stands between the labels of a scale, or where the next one should be.

    "120" at the place of 72, behind 0, 12 ... 60, is the end of a broken axis.
    """
    place, places = along(token, scale.direction), [p for p, _ in scale.points]
    low, high, step = min(places), max(places), scale.spacing
    if low < place < high:
        return True
    beyond = min(abs(place - low), abs(place - high))
    rising = token.value > scale.values[-1] or 0 <= token.value < scale.values[0]
    return rising and abs(beyond - step) < 0.2 * step


def along(token: Token, direction: str) -> float:
    """Place of a label along an axis that runs in a direction, "x" or "y"."""
    return token.x if direction == "x" else token.y


def _best_run(group: Sequence[Token], direction: str) -> list[Token]:
    """Largest set of numbers on one line (pixel against value) with equal steps."""
    pixels = np.array([along(t, direction) for t in group])
    values = np.array([t.value for t in group])
    sizes = np.array([t.word.size for t in group])
    slack = _LABEL_SLACK * sizes
    misfits = _misfits_of_pairs(pixels, values, sizes, 1.0 if direction == "x" else -1.0)
    near = (misfits <= slack).sum(axis=1)
    best: list[int] = []
    least = (np.inf, 0)
    for k in np.argsort(-near, kind="stable").tolist():
        if near[k] < len(best):
            break  # all pairs that are left have fewer numbers on their line
        inside = _even(np.flatnonzero(misfits[k] <= slack), values)
        off = (float(misfits[k][inside].sum()), k)  # of equal ones the first
        if (-len(inside), off) < (-len(best), least):
            best, least = inside, off
    return [group[k] for k in sorted(best, key=lambda k: pixels[k])]


def _misfits_of_pairs(
    pixels: FloatArray, values: FloatArray, sizes: FloatArray, sign: float
) -> FloatArray:
    """How far all numbers are from the line through two of them, in pixels, shape (pairs, n).

    Pairs are those that an axis may have: not in one place, and rising the way it does.
    """
    first, second = np.triu_indices(len(pixels), 1)
    run, rise = pixels[second] - pixels[first], values[second] - values[first]
    may_be = (rise * sign * run > 0) & (np.abs(run) >= sizes[first])
    first, run, rise = first[may_be], run[may_be, None], rise[may_be, None]
    expected = pixels[first, None] + (values - values[first, None]) * run / rise
    return np.asarray(np.abs(pixels - expected))


def _even(inside: npt.NDArray[np.intp], values: FloatArray) -> list[int]:
    """Keep the numbers if their steps are multiples of one step with few gaps; else none."""
    order = inside[np.argsort(values[inside], kind="stable")]
    steps = np.diff(values[order])
    if len(steps) == 0 or (steps <= 0).any():
        return []
    if _has_even_steps(steps, float(steps.min())):
        return [int(k) for k in order]
    best: list[int] = []
    for step in np.unique(np.round(steps, 9)):  # a misread label: the others are still even
        away = (values[order][:, None] - values[order][None, :]) / step
        for on_grid in np.abs(away - np.round(away)) <= 0.02:
            kept = order[on_grid]
            fewer = len(kept) > max(len(best), 2)
            if fewer and _has_even_steps(np.diff(values[kept]), float(step)):
                best = [int(k) for k in kept]
    return best


def _has_even_steps(steps: FloatArray, step: float) -> bool:
    """Whether all steps are small multiples of one."""
    multiples = steps / step
    return bool((np.abs(multiples - np.round(multiples)) <= 0.02).all() and multiples.max() <= 4.5)


def is_logarithmic(numbers: Sequence[Token]) -> bool:
    """Whether a row or column of numbers rises by equal factors instead of equal steps."""
    for direction in "xy":
        place = (lambda t: t.y) if direction == "x" else (lambda t: t.word.x1)
        for group in _groups([t for t in numbers if t.value > 0], place, 0.7):
            logs = [replace(t, value=float(np.log10(t.value))) for t in group]
            run = _best_run(logs, direction)
            values = [10**t.value for t in run]
            if len(run) >= MIN_LABELS and max(values) / min(values) >= 50:
                return True
    return False
