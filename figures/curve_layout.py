"""Where survival curves lie in a figure, the room for all that is beside them, and their inset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .annotations import CornerBox, Obstacle, draw_box, line_obstacle, obstacles
from .at_risk import at_risk_height, at_risk_margin
from .axes import CurveOptions, plot_height, time_ticks
from .curves import (
    CurveView,
    ShownCurves,
    draw_band,
    draw_line,
    draw_missed,
    draw_points,
    printed_points,
)
from .key import EndLabel, KeyEntry, end_labels, key_height, labels_fit, labels_room
from .layout import Room, axes_inches, title_height
from .style import SMALL_SIZE, arm_style, current_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from ..models import KaplanMeier, LandmarkCheck
    from ..studies.endpoint import TimeUnit

__all__ = [
    "USUAL_OPTIONS",
    "CurveLayout",
    "Rectangle",
    "draw_inset",
    "draw_inside",
    "free_rectangle",
    "room_on_the_right",
    "stays_near",
]

USUAL_OPTIONS = CurveOptions()
_RIGHT = 0.16  # inches, half of the last number at risk
_AXIS_TITLE = 0.47  # inches, the y axis' title and tick labels
# of an inset, which enlarges curves that hardly leave the top or the foot of the plot:
_NEAR = 0.15  # of the height: where curves stay for an inset to be worth it
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_LEFT, _BELOW = 0.32, 0.2  # inches for the inset's own tick labels
_ABOVE = 0.17  # inches for its title and the gap to what is above it
_PAD = 0.09  # inches to the curves, the box and the edges
_SMALLEST = (1.1, 0.5)  # inches: a smaller inset shows less than the plot


@dataclass(kw_only=True, eq=False, repr=False)
class CurveLayout:
    """Curves, what was reported of them, and how they lie in a plot.

    Attributes
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : tuple of LandmarkCheck
        The reported survival and medians, and whether the curves match them.
    box : CornerBox or None
        What the corner of the plot says.
    title : str
    time_unit : {"days", "weeks", "months", "years"}
    """

    curves: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    landmarks: tuple[LandmarkCheck, ...] = ()
    box: CornerBox | None = None
    title: str = ""
    time_unit: TimeUnit = "months"

    def decided(
        self, options: CurveOptions, *, width: float, height: float | None = None
    ) -> CurveOptions:
        """Return the options with `labels` decided for a figure of a width, in inches.

        Parameters
        ----------
        options : CurveOptions
        width : float
            Of the whole.
        height : float, optional
            Of the axes, in inches; that of a new figure unless given.
        """
        if options.labels != "auto":
            return options
        labels = end_labels(self.shown(options), self.names, width=width)
        fit = labels_fit(labels, height=(height or plot_height(width)) / 1.03)
        inner = width - self._left(options) - room_on_the_right(labels)
        return replace(options, labels=fit and (self.box is None or self.box.fits(inner)))

    def room(self, *, width: float, options: CurveOptions = USUAL_OPTIONS) -> Room:
        """Return the room that title, key, labels, axis titles and numbers at risk need.

        Parameters
        ----------
        width : float
            Of the whole, in inches.
        options : CurveOptions
            As for `plot`, their `labels` decided.
        """
        tables = options.at_risk + len(options.counts)
        left, right = self._left(options), room_on_the_right(self._labels(options, width=width))
        titles = title_height(self.title, width=width - left)
        return Room(
            left=left,
            right=right,
            above=titles + self._key_height(width - left, options) + 0.08,
            below=at_risk_height(list(self.curves), tables=tables) if tables else 0.4,
        )

    def key_entries(self, options: CurveOptions = USUAL_OPTIONS) -> list[KeyEntry]:
        """Return what the key says: the arms, and the reported points if there are any."""
        points = printed_points(self.landmarks) if options.landmarks else ()
        marked = {point.arm for point in points}
        entries = [
            KeyEntry(label=self.names[arm], style=arm_style(index), marked=arm in marked)
            for index, arm in enumerate(self.curves)
            if options.labels is not True
        ]
        if points:
            entries.append(KeyEntry(label="as reported"))
        if not all(point.met for point in points):
            entries.append(KeyEntry(label="reported, not matched", missed=True))
        return entries

    def shown(self, options: CurveOptions = USUAL_OPTIONS) -> ShownCurves:
        """Return the curves and reported points as they lie in the plot."""
        view = self._view(options)
        return ShownCurves(
            curves={arm: view.curve(curve) for arm, curve in self.curves.items()},
            points=tuple(view.point(point) for point in printed_points(self.landmarks)),
            rising=view.rising,
        )

    def _left(self, options: CurveOptions) -> float:
        """Return the room that the y axis and the names of the tables need."""
        tables = options.at_risk or options.counts
        return max(_AXIS_TITLE, at_risk_margin(self.curves) if tables else 0) + 0.04

    def _labels(self, options: CurveOptions, *, width: float) -> tuple[EndLabel, ...]:
        if options.labels is not True:
            return ()
        return end_labels(self.shown(options), self.names, width=width)

    def _view(self, options: CurveOptions) -> CurveView:
        return CurveView(
            unit=self.time_unit,
            shown_in=options.time_in or self.time_unit,
            rising=options.orientation == "incidence",
        )

    def _key_height(self, width: float, options: CurveOptions) -> float:
        entries = self.key_entries(options) if options.key else []
        return key_height(entries, width=width) if entries else 0.0


def room_on_the_right(labels: Sequence[EndLabel]) -> float:
    """Return the room to the right of the axes, in inches."""
    return max(_RIGHT, labels_room(labels)) if labels else _RIGHT


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A part of the axes, in inches from their lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the inset that fits, its tick labels and title outside it."""
        return (
            self.right - self.left - _LEFT - _PAD,
            self.top - self.bottom - _BELOW - _ABOVE,
        )

    @property
    def enough(self) -> bool:
        """Whether an inset in it can be read."""
        return all(found >= least for found, least in zip(self.size, _SMALLEST, strict=True))


def stays_near(shown: ShownCurves) -> bool:
    """Say whether all curves and points stay within 15% of where they begin."""
    return 0 < shown.farthest <= _NEAR


def free_rectangle(
    ax: Axes, *, covered: Sequence[Obstacle], box: Sequence[Text], rising: bool
) -> Rectangle | None:
    """Return the largest part of the axes, on the far side of the curves, that holds an inset.

    Parameters
    ----------
    ax : Axes
    covered : sequence of Obstacle
        What to stay clear of.
    box : sequence of Text
        What the corner box holds; the inset is beside, above or below it.
    rising : bool
        Whether curves rise from 0, so that the free part is above them.

    Returns
    -------
    Rectangle or None
        None if there is no room.
    """
    width, height = axes_inches(ax)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    spans = [one.span(left, right) for one in covered]
    if rising:
        low, high = max(floor for _, floor in spans), 1.0
    else:
        low, high = 0.0, min(ceiling for ceiling, _ in spans)
    free = Rectangle(
        left=0.0,
        right=width,
        bottom=max((low - bottom) / (top - bottom) * height, 0.0),
        top=min((high - bottom) / (top - bottom) * height, height),
    )
    rooms = [room for room in _beside(ax, free, box) if room.enough]
    return max(rooms, key=lambda room: math.prod(room.size), default=None)


def _beside(ax: Axes, free: Rectangle, box: Sequence[Text]) -> list[Rectangle]:
    """Return what the corner box leaves of a rectangle: above it, below it, right and left."""
    if not box:
        return [free]
    from matplotlib.transforms import Bbox

    texts = Bbox.union([text.get_window_extent() for text in box])
    dpi, (x, y) = ax.figure.dpi, ax.bbox.p0
    taken = Rectangle(
        left=(texts.x0 - x) / dpi - _PAD,
        right=(texts.x1 - x) / dpi + _PAD,
        bottom=(texts.y0 - y) / dpi,
        top=(texts.y1 - y) / dpi,
    )
    across, up = {"left": free.left, "right": free.right}, {"bottom": free.bottom, "top": free.top}
    if taken.bottom >= free.top or taken.top <= free.bottom:
        return [free]
    return [
        Rectangle(**across, bottom=max(taken.top, free.bottom), top=free.top),
        Rectangle(**across, bottom=free.bottom, top=min(taken.bottom, free.top)),
        Rectangle(left=max(taken.right, free.left), right=free.right, **up),
        Rectangle(left=free.left, right=min(taken.left, free.right), **up),
    ]


def draw_inset(
    ax: Axes, shown: ShownCurves, options: CurveOptions, *, room: Rectangle, unit: str
) -> Axes:
    """Draw the curves once more, over the same time, with an axis that only holds them.

    Parameters
    ----------
    ax : Axes
    shown : ShownCurves
    options : CurveOptions
        Whether there are bands and reported points.
    room : Rectangle
    unit : str
        Of the time axis.
    """
    width, height = axes_inches(ax)
    inner_width, inner_height = room.size
    inset = ax.inset_axes(
        (
            (room.left + _LEFT) / width,
            (room.bottom + _BELOW) / height,
            inner_width / width,
            inner_height / height,
        ),
        zorder=5,
    )
    inset.set_xlim(ax.get_xlim())
    inset.set_xticks(time_ticks(shown.end, unit=unit, most=min(max(3, int(inner_width / 0.3)), 10)))
    levels = _levels(shown, most=max(3, int(inner_height / 0.16)))
    beyond = 0.04 * (levels[-1] - levels[0])  # so that a line on the first level is whole
    inset.set_ylim(*((-beyond, levels[-1]) if shown.rising else (levels[0], 1 + beyond)))
    inset.set_yticks(levels, [f"{100 * level:g}" for level in np.round(levels, 6).tolist()])
    inset.tick_params(labelsize=SMALL_SIZE - 0.5, length=2, width=0.5, pad=2)
    inset.spines[["left", "bottom"]].set_linewidth(0.5)
    inset.patch.set_alpha(0)
    shown_range = "0" if shown.rising else f"{100 * levels[0]:g}"
    top = f"{100 * levels[-1]:g}" if shown.rising else "100"
    inset.set_title(
        f"Enlarged: {shown_range} to {top}%", loc="left", fontsize=SMALL_SIZE - 0.5, pad=2
    )
    _draw_again(inset, shown, options)
    return inset


def _draw_again(inset: Axes, shown: ShownCurves, options: CurveOptions) -> None:
    for index, (arm, curve) in enumerate(shown.curves.items()):
        style = arm_style(index)
        draw_line(inset, curve, style, line_kwargs={"linewidth": current_look().pen})
        if options.bands:
            draw_band(inset, curve, style)
        of_arm = [point for point in shown.points if point.arm == arm]
        if options.landmarks and of_arm:
            draw_points(inset, of_arm, style=style)
    if options.landmarks:
        draw_missed(inset, shown.points)


def _levels(shown: ShownCurves, *, most: int) -> FloatArray:
    """Return the ticks of the enlarged axis: from where the curves begin to beyond them."""
    reach = min(1.25 * shown.farthest, 1.0)
    step = next((step for step in _STEPS if math.ceil(reach / step) < most), 0.5)
    count = min(max(math.ceil(reach / step - 1e-9), 1), round(1 / step))
    levels: FloatArray = np.arange(count + 1) * np.float64(step)
    return levels if shown.rising else (1 - levels)[::-1]


def draw_inside(
    ax: Axes,
    shown: ShownCurves,
    options: CurveOptions,
    *,
    box: CornerBox | None,
    guides: Sequence[Line2D],
    unit: str,
) -> tuple[tuple[Text, ...], Axes | None]:
    """Draw the box where it covers nothing, then the inset where neither curves nor box are.

    Parameters
    ----------
    ax : Axes
        With the curves on it, its limits set.
    shown : ShownCurves
    options : CurveOptions
    box : CornerBox or None
    guides : sequence of Line2D
        Lines that neither of them may cover.
    unit : str
        Of the time axis.

    Returns
    -------
    tuple of Text
        Of the box; empty if there is none.
    Axes or None
        Of the inset.

    Raises
    ------
    ValueError
        If an inset is asked for and there is no room for one.
    """
    lines = [line_obstacle(line) for line in guides]
    around = [
        [*lines, *found]
        for found in obstacles(shown, height=axes_inches(ax)[1], bands=options.bands)
    ]
    texts = draw_box(ax, box, obstacles=around, rising=shown.rising) if options.box and box else ()
    if options.inset is False or (options.inset == "auto" and not stays_near(shown)):
        return texts, None
    return texts, _inset(ax, shown, options, covered=around[0], box=texts, unit=unit)


def _inset(
    ax: Axes,
    shown: ShownCurves,
    options: CurveOptions,
    *,
    covered: Sequence[Obstacle],
    box: Sequence[Text],
    unit: str,
) -> Axes | None:
    room = free_rectangle(ax, covered=covered, box=box, rising=shown.rising)
    if room is not None:
        return draw_inset(ax, shown, options, room=room, unit=unit)
    if options.inset is True:
        raise ValueError(
            "`inset` is True, but curves, bands, guides and box leave no room for one; make it "
            '"auto" or False, or leave out the bands or the box.'
        )
    return None
