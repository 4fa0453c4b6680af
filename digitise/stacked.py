"""Panels above others that share the time axes of the lowest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .axes import AxisScale
from .panels import Frame, plot_between

_ALIGNED = 0.5  # of a label's height: how far the labels of survival axes in one column are apart
_TICKS, _LABELS = 0.7, 2.2  # of a label's height below a plot: where tick marks and labels end
_OVER = 3.5  # the same above the highest label, over which a plot goes on

Box = tuple[float, float, float, float]


def with_stacked(
    frames: Sequence[Frame],
    xs: Sequence[AxisScale],
    ys: Sequence[AxisScale],
    *,
    is_bare: Callable[[Box], bool],
    size: tuple[float, float],
) -> list[Frame]:
    """Add plots without a time axis of their own that stand above one with it.

    Parameters
    ----------
    frames : sequence of Frame
        Plots with two axes, in reading order.
    xs, ys : sequence of AxisScale
        All time and survival axes of the figure.
    is_bare : callable
        Whether no text is in a box (left, top, right, bottom): a plot with labels of its own
        below its ticks has another time axis, even if they were not recognised.
    size : tuple of float
        Width and height of the figure.

    Returns
    -------
    list of Frame
        With each such plot before those below it.
    """
    found = list(frames)
    used = {id(t.word) for frame in frames for t in frame.y.labels}
    left = [y for y in ys if not used & {id(t.word) for t in y.labels}]
    for y in sorted(left, key=lambda y: -float(y.pixel(y.values[0]))):
        foot = float(y.pixel(y.values[0]))
        below = [
            f for f in found
            if f.top > foot and f.y.labels and abs(f.y.right - y.right) < _ALIGNED * y.size
        ]  # fmt: skip
        if not below or y.values[-1] not in (1.0, 100.0):
            continue
        nearest = min(below, key=lambda frame: frame.top)
        half, top = y.size / 2, foot + _TICKS * y.size
        bottom = min(foot + _LABELS * y.size, nearest.top)
        row = [f for f in below if f.y.labels == nearest.y.labels]  # and facets that share it
        plots = []
        for under in row:
            ticks = [float(under.x.pixel(value)) for value in under.x.values[1:]]
            labelled = [x for x in ticks if not is_bare((x - half, top, x + half, bottom))]
            plot = _above(under, y, size)
            # a title below may stand beneath some ticks
            if 2 * len(labelled) <= len(ticks) and not _has_scale_over(plot, y.size, xs):
                plots.append(plot)
        at = found.index(row[0])
        found[at:at] = plots
    return found


def _has_scale_over(plot: Frame, size: float, xs: Sequence[AxisScale]) -> bool:
    """Whether the labels of a time axis stand just over a plot."""
    places = (t.word.centre for x in xs for t in x.labels)
    reach = plot.top - _OVER * size
    return any(plot.left < x < plot.right and reach < y < plot.top for x, y in places)


def _above(under: Frame, y: AxisScale, size: tuple[float, float]) -> Frame:
    """Make the plot of a survival axis above another plot, with its time axis moved there."""
    up = float(y.pixel(y.values[0])) - float(under.y.pixel(under.y.values[0]))
    labels = tuple(
        replace(t, word=replace(t.word, y0=t.word.y0 + up, y1=t.word.y1 + up))
        for t in under.x.labels
    )
    x = replace(under.x, labels=labels)
    plot = plot_between(x, y, shared=under.shared_y, others=[], size=size)
    return replace(plot, right=min(plot.right, under.right), lower=under.lower - up)
