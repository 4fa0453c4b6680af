"""Panels: which axes belong together, and the plotting area between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .axes import AxisScale, along, scale_through
from .text import TextLine

_PANEL_LETTER = re.compile(r"\(?([A-Ha-h])[).:]?")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The plotting area of a panel and its two scales.

    Parameters
    ----------
    x, y : AxisScale
        Time and survival (or incidence).
    left, top, right, bottom : float
        Where curves are looked for, in pixels: from time 0 to behind the last tick mark, and
        from above the highest possible value to below the lowest label.
    shared_y : bool
        Whether the labels of the y axis are those of the panel to the left.
    foot : float or None
        Pixel of the time axis's line where it is seen below the lowest label, which is above 0.
    lower : float
        Pixels by which the time axis stands lower, where it is that of a panel below.
    """

    x: AxisScale
    y: AxisScale
    left: float
    top: float
    right: float
    bottom: float
    shared_y: bool = False
    foot: float | None = None
    lower: float = 0.0

    @property
    def percent(self) -> bool:
        """Whether the y axis is in percent."""
        return self.y.values[-1] > 1.5

    @property
    def whole(self) -> float:
        """Value of the y axis that is a survival of 1."""
        return 100.0 if self.percent else 1.0

    def holds(self, other: Frame) -> bool:
        """Whether another plot stands within this one."""
        across = self.left < other.left and other.right < self.right + 0.1 * (
            other.right - other.left
        )
        highest = float(other.y.pixel(other.y.values[-1]))
        return across and self.top < highest < other.bottom < self.bottom


def pair_axes(
    xs: Sequence[AxisScale], ys: Sequence[AxisScale], size: tuple[float, float]
) -> list[Frame]:
    """Pair each time axis with the survival axis at its left.

    Parameters
    ----------
    xs, ys : sequence of AxisScale
        Candidates, as found among the numbers of the figure.
    size : tuple of float
        Width and height of the figure.

    Returns
    -------
    list of Frame
        In reading order. A time axis without a survival axis of its own uses that of the panel
        to its left, if the two time axes are in one row.
    """
    pairs = _cheapest_pairs(xs, ys, size, cost_of=_pair_cost)
    chosen = [(xs[i], ys[j], False) for i, j in pairs.items()]
    chosen += _sharing([x for i, x in enumerate(xs) if i not in pairs], chosen)
    frames = [
        plot_between(x, y, shared=shared, others=[other for other, _, _ in chosen], size=size)
        for x, y, shared in chosen
    ]
    return _reading_order(frames)


def pair_axes_at_right(
    xs: Sequence[AxisScale], ys: Sequence[AxisScale], size: tuple[float, float]
) -> list[Frame]:
    """Pair each time axis with a survival axis at its right, where none stands at its left.

    Parameters
    ----------
    xs, ys : sequence of AxisScale
        Candidates, as found among the numbers of the figure.
    size : tuple of float
        Width and height of the figure.

    Returns
    -------
    list of Frame
        In reading order, each up to the labels of its survival axis.
    """
    pairs = _cheapest_pairs(xs, ys, size, cost_of=_cost_at_right)
    frames = []
    for i, j in pairs.items():
        others = [xs[k] for k in pairs]
        room = (label_edge(ys[j]) - 0.3 * ys[j].size, size[1])
        frames.append(plot_between(xs[i], ys[j], shared=False, others=others, size=room))
    return _reading_order(frames)


def _cheapest_pairs(
    xs: Sequence[AxisScale],
    ys: Sequence[AxisScale],
    size: tuple[float, float],
    *,
    cost_of: Callable[[AxisScale, AxisScale], float | None],
) -> dict[int, int]:
    """Return which survival axis goes with which time axis, each once, the cheapest pairs first."""
    width, height = size
    costs = []
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            cost = cost_of(x, y)
            if cost is not None and _span(y) > 0.06 * height and _span(x) > 0.06 * width:
                costs.append((cost, i, j))
    pairs: dict[int, int] = {}
    for _, i, j in sorted(costs):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def label_edge(y: AxisScale) -> float:
    """Left edge of the labels of a survival axis at the right of its plot."""
    return min(t.word.x0 for t in y.labels)


def _cost_at_right(x: AxisScale, y: AxisScale) -> float | None:
    """Distance of two axes from a common corner at the right; None if they do not have one."""
    if (
        x.size == 0
        or y.size == 0
        or {id(t.word) for t in x.labels} & {id(t.word) for t in y.labels}
    ):
        return None
    aside = label_edge(y) - max(t.x for t in x.labels)
    below = _row(x) - float(y.pixel(y.values[0]))
    if not -1.0 * x.size < aside < 0.4 * _span(x) or not -0.6 * x.size < below < 0.4 * _span(y):
        return None
    return abs(aside) + abs(below)


def without_shared_labels(
    xs: Sequence[AxisScale], ys: Sequence[AxisScale]
) -> tuple[list[AxisScale], list[AxisScale]]:
    """Take a label that a time axis and a survival axis both use away from one of them.

    Parameters
    ----------
    xs, ys : sequence of AxisScale

    Returns
    -------
    tuple of list of AxisScale
        Where the "0" of the survival axis was not recognised, that of the time axis stands nearly
        in line with its labels; the axis whose other labels it fits worse does without it.
    """
    left, below = list(ys), list(xs)
    for j, y in enumerate(left):
        for i, x in enumerate(below):
            shared = {id(t.word) for t in x.labels} & {id(t.word) for t in left[j].labels}
            if len(shared) != 1:
                continue
            fewer_x, fewer_y = _without(x, shared), _without(left[j], shared)
            off_x, off_y = _misfit(fewer_x, x, shared), _misfit(fewer_y, y, shared)
            if fewer_y is not None and (off_y >= off_x or fewer_x is None):
                left[j] = fewer_y
            elif fewer_x is not None:
                below[i] = fewer_x
    return below, left


def _without(scale: AxisScale, words: set[int]) -> AxisScale | None:
    """Return the scale through the other labels; None if fewer than two are left."""
    kept = [t for t in scale.labels if id(t.word) not in words]
    if len(kept) < 2:
        return None
    points = [(along(t, scale.direction), t.value) for t in kept]
    return replace(scale_through(points, scale.direction, kept), misfits=scale.misfits)


def _misfit(fewer: AxisScale | None, whole: AxisScale, words: set[int]) -> float:
    """How far labels are from where the scale through the others expects them, in pixels."""
    if fewer is None:
        return 0.0
    lost = [t for t in whole.labels if id(t.word) in words]
    return max(abs(float(fewer.pixel(t.value)) - along(t, fewer.direction)) for t in lost)


def _row(x: AxisScale) -> float:
    return sum(t.y for t in x.labels) / len(x.labels)


def _span(scale: AxisScale) -> float:
    return abs(float(scale.pixel(scale.values[-1])) - float(scale.pixel(scale.values[0])))


def _pair_cost(x: AxisScale, y: AxisScale) -> float | None:
    """Distance of two axes from a common corner; None if they cannot belong together."""
    if x.size == 0 or y.size == 0:
        return None
    if {id(t.word) for t in x.labels} & {id(t.word) for t in y.labels}:
        return None
    first = min(t.x for t in x.labels)
    if _leads_to_zero(x, y):
        first = min(first, float(x.pixel(0.0)))
    right = y.right
    lowest = float(y.pixel(y.values[0]))
    aside, below = first - right, _row(x) - lowest
    if aside < -1.0 * x.size or below < -0.6 * x.size or aside > 0.6 * _span(x):
        return None
    if below > 1.2 * _span(y):
        return None
    return abs(aside) + abs(below)


def _leads_to_zero(x: AxisScale, y: AxisScale) -> bool:
    """Whether up to three first labels of a time axis may not have been recognised."""
    if not 0 < x.values[0] <= 3 * smallest_step(x) or not y.labels:
        return False
    right = y.right
    return -1.0 * x.size < float(x.pixel(0.0)) - right < 0.6 * _span(x)


def _sharing(
    left_over: Sequence[AxisScale], chosen: Sequence[tuple[AxisScale, AxisScale, bool]]
) -> list[tuple[AxisScale, AxisScale, bool]]:
    """Time axes in one row with a paired one: facets that share its survival axis."""
    found = []
    for x in left_over:
        start = min(t.x for t in x.labels)
        beside = [
            (start - max(t.x for t in other.labels), y)
            for other, y, _ in chosen
            if abs(_row(other) - _row(x)) <= 0.5 * x.size
            and start - max(t.x for t in other.labels) > 0
        ]
        if beside:
            found.append((x, min(beside, key=lambda pair: pair[0])[1], True))
    return found


def plot_between(
    x: AxisScale,
    y: AxisScale,
    *,
    shared: bool,
    others: Sequence[AxisScale],
    size: tuple[float, float],
) -> Frame:
    """Return the plotting area between two axes, up to the other time axes beside it."""
    width, _ = size
    y = _down_to_zero(x, y)
    whole = 100.0 if y.values[-1] > 1.5 else 1.0
    first = x.values[0]
    left = float(
        x.pixel(min(first, 0.0) if first <= smallest_step(x) or _leads_to_zero(x, y) else first)
    )
    last = float(x.pixel(x.values[-1]))
    room = max(abs(x.spacing), 0.06 * (last - left))
    to_the_right = [
        min(t.word.x0 for t in other.labels) for other in others if _beside(x, other, last)
    ]
    limit = min([width - 1.0, *[place - 4 * x.size for place in to_the_right]])
    highest = max(y.values[-1], _highest_curve(y, whole))
    lowest = y.values[0]
    margin = 0.02 * abs(float(y.pixel(lowest)) - float(y.pixel(highest)))
    return Frame(
        x=x,
        y=y,
        left=left,
        right=max(last, min(last + room, limit)),
        top=max(0.0, float(y.pixel(highest)) - margin - 2),
        bottom=float(y.pixel(lowest)) + margin + 2,
        shared_y=shared,
    )


def _down_to_zero(x: AxisScale, y: AxisScale) -> AxisScale:
    """Let a survival axis go on to 0 where the time axis is there: its label may not be recognised.

    An axis that is cut ends where the time axis is, above 0.
    """
    lowest = y.values[0]
    if not y.labels or not 0 < lowest <= 1.01 * smallest_step(y):
        return y
    below = (_row(x) - float(y.pixel(0.0))) / x.size
    return replace(y, points=(*y.points, (float(y.pixel(0.0)), 0.0))) if 0.4 < below < 3 else y


def _highest_curve(y: AxisScale, whole: float) -> float:
    """1 (or 100%) where the axis leads near it; an incidence axis may end far below."""
    top, steps = y.values[-1], y.values
    step = min(b - a for a, b in pairwise(steps))
    return whole if top + 1.01 * step >= whole else top + 0.5 * step


def smallest_step(scale: AxisScale) -> float:
    """Smallest step of the values of an axis."""
    return min(b - a for a, b in pairwise(scale.values))


def _beside(x: AxisScale, other: AxisScale, last: float) -> bool:
    if other is x:
        return False
    start = min(t.x for t in other.labels)
    return start > last and abs(_row(other) - _row(x)) < 8 * x.size


def _reading_order(frames: Sequence[Frame]) -> list[Frame]:
    """Rows from the top, each from the left."""
    left = sorted(frames, key=lambda frame: frame.top)
    ordered: list[Frame] = []
    while left:
        first = left[0]
        row = [f for f in left if f.top < first.top + 0.5 * (first.bottom - first.top)]
        ordered += sorted(row, key=lambda frame: frame.left)
        left = [f for f in left if f not in row]
    return ordered


def left_wall(frame: Frame, frames: Sequence[Frame]) -> float:
    """Leftmost pixel that belongs to a panel: behind the last tick of the panel to its left."""
    height = frame.bottom - frame.top
    beside = [
        float(other.x.pixel(other.x.values[-1])) + 2.5 * other.x.size
        for other in frames
        if abs(other.bottom - frame.bottom) < 0.5 * height and other.right < frame.left
    ]
    return max(beside, default=0.0)


def ceiling(frame: Frame, frames: Sequence[Frame]) -> float:
    """Highest pixel that belongs to a panel: below the axis of the panel above it."""
    above = [
        other.bottom
        for other in frames
        if other.bottom < frame.top and other.left < frame.right and other.right > frame.left
    ]
    return max(above, default=0.0)


def right_wall(frame: Frame, frames: Sequence[Frame], width: float) -> float:
    """Rightmost pixel that belongs to a panel: before the axis of the panel to its right."""
    height = frame.bottom - frame.top
    beside = [
        other.left - 4.0 * other.y.size
        for other in frames
        if abs(other.bottom - frame.bottom) < 0.5 * height and other.left > frame.right
    ]
    return min([width, *beside])


def panel_letter(frame: Frame, lines: Sequence[TextLine]) -> str | None:
    """Letter of a panel ("A", "b"), if one stands above its top left corner."""
    height, width = frame.bottom - frame.top, frame.right - frame.left
    for line in lines:
        found = _PANEL_LETTER.match(line.text.strip())
        alone = found and (found.end() == len(line.text.strip()) or line.text[found.end()] == " ")
        x, y = line.x0, line.centre[1]
        near = frame.left - 0.45 * width < x < frame.left + 0.2 * width
        if found and alone and near and frame.top - 0.3 * height < y < frame.top + 0.05 * height:
            return found[1]
    return None


def panel_title(frame: Frame, lines: Sequence[TextLine]) -> str | None:
    """Find the lowest line of text just above the plotting area; the panel's letter is cut off."""
    height = frame.bottom - frame.top
    above = [
        line
        for line in lines
        if not line.vertical
        and frame.top - 0.25 * height < line.centre[1] < frame.top + 2
        and frame.left - 0.3 * (frame.right - frame.left) < line.centre[0] < frame.right
        and len(line.text.strip()) > 3
        and any(character.isalpha() for character in line.text)
    ]
    if not above:
        return None
    lowest = max(above, key=lambda line: line.centre[1])
    return re.sub(r"^\(?[A-Ha-h][).:]?\s+(?=[A-Z])", "", lowest.text.strip())
