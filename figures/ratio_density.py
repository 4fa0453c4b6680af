"""Where the hazard ratios of many data sets lie, alone and beside the curves of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..presentation.formats import count
from .axes import LogAxis, log_axis
from .files import ShownInNotebooks
from .key import draw_key, key_height
from .layout import (
    FOOTNOTE_HEIGHT,
    Room,
    add_axes,
    axes_inches,
    footnote,
    new_figure,
)
from .panels import in_printed_order
from .style import (
    COLUMN_WIDTH,
    FAINT,
    PAGE_WIDTH,
    REPORTED,
    REPRODUCED,
    SMALL_SIZE,
    context,
    shade,
)
from .text import fit, literal
from .uncertainty import FAN_NOTE, INFORMED_NOTE, FanDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import Comparison, EndpointAnalysis
    from ..reconstruct.pseudo_ipd import FloatArray
    from ..studies import PrintedNumber

__all__ = ["DENSITY_NOTE", "DIAMOND_NOTE", "RatioDensityDisplay", "has_density", "how_sure"]

DENSITY_NOTE = "Bars: 95% (95% reproduction interval, RI) and half of the data sets."
DIAMOND_NOTE = "Diamond: reported."
_CELLS = 256
_PLOT_HEIGHT = 1.5  # inches
_ROOM = Room(left=0.12, right=0.12, above=0.24, below=0.4)
_BAR, _DIAMOND = -0.12, -0.3  # below the density, whose peak is 1
_BAR_WIDTHS = (1.2, 3.6)  # points
_ROW = 1.3  # inches, of the axes
_GAP = 0.1
_FANS = 0.62  # of the width
_KEY_GAP = 0.08


def has_density(analysis: EndpointAnalysis) -> bool:
    """Say whether an analysed endpoint has draws with a finite hazard ratio."""
    draws = analysis.draws
    return draws is not None and bool(np.isfinite(draws.log_hazard_ratio).any())


@dataclass(kw_only=True, eq=False, repr=False)
class RatioDensityDisplay(ShownInNotebooks):
    """The density of the hazard ratios of an ensemble.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    hazard_ratio, density : ndarray of float, shape (k,)
        The density over the logarithm, scaled to a peak of 1.
    intervals : tuple of tuple of float
        The middle 95% and the middle half of the draws.
    reported : tuple of float, or None
        The values that round to the reported hazard ratio.
    title, alt : str

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    density_ : PolyCollection
    bars_ : list of Line2D
    reported_ : Line2D or None
    """

    hazard_ratio: FloatArray
    density: FloatArray
    intervals: tuple[tuple[float, float], tuple[float, float]]
    reported: tuple[float, float] | None = None
    title: str = ""
    alt: str = ""
    axis: LogAxis = field(init=False)
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    density_: PolyCollection = field(init=False, repr=False)
    bars_: list[Line2D] = field(init=False, repr=False)
    reported_: Line2D | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Choose the axis."""
        shown = [*self.intervals[0], float(self.hazard_ratio[0]), float(self.hazard_ratio[-1])]
        self.axis = log_axis([*self.intervals[1], *(self.reported or ())], shown)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis) -> Self:
        """Take the draws of an analysed endpoint.

        Raises
        ------
        ValueError
            If there are no draws with a finite hazard ratio.
        """
        draws, comparison = analysis.draws, analysis.comparison
        if draws is None or comparison is None or not has_density(analysis):
            raise ValueError("`analysis` must hold draws with a finite hazard ratio.")
        finite = draws.log_hazard_ratio[np.isfinite(draws.log_hazard_ratio)]
        printed = analysis.endpoint.reported.hazard_ratio if analysis.endpoint.reported else None
        at, density = _smoothed(finite)
        low, high = draws.interval()
        return cls(
            hazard_ratio=np.exp(at),
            density=density,
            intervals=(draws.interval(), draws.interval(0.5)),
            reported=None if printed is None else (printed.lower, printed.upper),
            title=_title(printed, (low, high), comparison),
            alt=literal(
                f"Hazard ratios of {count(draws.n_draws, 'data set')} consistent with every "
                f"reported number, {comparison.treatment} against {comparison.reference}: 95% "
                f"lie between {low:.2f} and {high:.2f}; reported {printed or 'none'}."
            ),
        )

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the density, bars for its middle 95% and half, and the reported hazard ratio.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure of 120 mm
            unless given.
        """
        with context():
            self.ax_ = self._new_axes() if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self.axis.apply(self.ax_)
            self.ax_.set_ylim(-0.42, 1.12)
            self.ax_.set_yticks([])
            self.ax_.spines[["left", "right", "top"]].set_visible(False)
            self.ax_.set_xlabel("Hazard ratio", labelpad=2)
            self.ax_.axvline(1, color=FAINT, linewidth=0.6, zorder=1)
            self.density_ = self.ax_.fill_between(
                self.hazard_ratio,
                0,
                self.density,
                facecolor=shade(REPRODUCED),
                alpha=0.3,
                linewidth=0,
            )
            both = zip(self.intervals, _BAR_WIDTHS, strict=True)
            self.bars_ = [self._bar(ends, width) for ends, width in both]
            self.reported_ = self._mark_reported()
            title = fit(literal(self.title), width=axes_inches(self.ax_)[0], size=SMALL_SIZE)
            look = {"fontsize": SMALL_SIZE, "fontweight": "normal"}
            self.ax_.set_title(title, loc="left", pad=3, fontdict=look)
        return self

    def sharing(self, others: Sequence[RatioDensityDisplay]) -> Self:
        """Return the same display on an axis that shows the others, too."""
        axes = [self.axis, *(other.axis for other in others)]
        shared = replace(self)
        ends = [end for axis in axes for end in (axis.lower * 1.15, axis.upper / 1.15)]
        shared.axis = log_axis(ends, ())
        return shared

    def room(self) -> Room:
        """Return the room needed around the axes, in inches."""
        return _ROOM

    def _new_axes(self) -> Axes:
        size = (COLUMN_WIDTH, _ROOM.above + _PLOT_HEIGHT + _ROOM.below)
        figure = new_figure(COLUMN_WIDTH, size[1] + FOOTNOTE_HEIGHT, alt=self.alt)
        reported = f" {DIAMOND_NOTE}" if self.reported is not None else ""
        footnote(figure, f"{DENSITY_NOTE}{reported}")
        return add_axes(figure, _ROOM, corner=(0, 0), size=size)

    def _bar(self, ends: tuple[float, float], width: float) -> Line2D:
        shown = [self.axis.clip(end) for end in ends]
        (bar,) = self.ax_.plot(
            shown, [_BAR, _BAR], color=shade(REPRODUCED), linewidth=width, zorder=3
        )
        return bar

    def _mark_reported(self) -> Line2D | None:
        if self.reported is None:
            return None
        middle = self.axis.clip(float(np.sqrt(max(self.reported[0], 1e-9) * self.reported[1])))
        look: dict[str, Any] = {"linewidth": 0.8, "linestyle": (0, (3, 2))}
        self.ax_.plot([middle, middle], [_DIAMOND, 1.0], color=REPORTED, zorder=2, **look)
        (mark,) = self.ax_.plot(
            [middle], [_DIAMOND], marker="D", markersize=4.2, color=REPORTED,
            markerfacecolor="white", markeredgewidth=0.9, linestyle="none", zorder=4,
        )  # fmt: skip
        return mark


def _title(printed: PrintedNumber | None, ends: tuple[float, float], comparison: Comparison) -> str:
    if comparison.informed:
        return f"Conditioned on the reported {printed or 'p'}"
    allowed = f"{ends[0]:.2f} to {ends[1]:.2f}"
    if printed is None:
        return f"95% RI {allowed}; none reported"
    return f"Reported {printed}, 95% RI {allowed}: {comparison.verdict}"


def _smoothed(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a density estimate (Gaussian kernel, Silverman's width), scaled to a peak of 1."""
    width = max(0.9 * float(values.std()) * values.size**-0.2, 1e-3)
    at = np.linspace(values.min() - 3 * width, values.max() + 3 * width, _CELLS)
    counts, edges = np.histogram(values, bins=4 * _CELLS, range=(at[0], at[-1]))
    centres = (edges[1:] + edges[:-1]) / 2
    density = np.exp(-(((at[:, None] - centres) / width) ** 2) / 2) @ counts
    return at, np.asarray(density / density.max())


def how_sure(analyses: Sequence[EndpointAnalysis]) -> Figure:
    """Draw a row for each endpoint: a fan of curves, and the density of hazard ratios.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one, each with draws. Those with a letter (`Endpoint.figure` is "Figure 5(a)")
        come in its order.

    Returns
    -------
    Figure
        178 mm wide.

    Raises
    ------
    ValueError
        If there is nothing to draw, or an endpoint has no draws.
    """
    if not analyses:
        raise ValueError("`analyses` must hold at least one endpoint.")
    ordered = in_printed_order(analyses)
    fans = [FanDisplay.from_analysis(each, title=title) for each, title in ordered]
    alone = [RatioDensityDisplay.from_analysis(each) for each, _ in ordered]
    densities = [each.sharing(alone) for each in alone]
    with context():
        return _draw_rows(fans, densities)


def _draw_rows(fans: Sequence[FanDisplay], densities: Sequence[RatioDensityDisplay]) -> Figure:
    widths = (_FANS * PAGE_WIDTH, (1 - _FANS) * PAGE_WIDTH - _GAP)
    shared = len({tuple(fan.key_entries()) for fan in fans}) == 1
    room = Room.largest(fan.room(width=widths[0], key=not shared) for fan in fans)
    beside = Room(
        left=densities[0].room().left,
        right=densities[0].room().right,
        above=room.above,
        below=room.below,
    )
    height = room.above + _ROW + room.below
    entries = fans[0].key_entries() if shared else []
    top = _KEY_GAP + key_height(entries, width=PAGE_WIDTH - room.left) if shared else 0.0
    whole = top + len(fans) * (height + _GAP) + FOOTNOTE_HEIGHT
    alt = " ".join(f"{fan.alt} {density.alt}" for fan, density in zip(fans, densities, strict=True))
    figure = new_figure(PAGE_WIDTH, whole, alt=alt)
    informed = any(fan.note == INFORMED_NOTE for fan in fans)
    reported = any(density.reported is not None for density in densities)
    parts = (
        INFORMED_NOTE if informed else FAN_NOTE,
        DENSITY_NOTE,
        DIAMOND_NOTE if reported else "",
    )
    footnote(figure, " ".join(filter(None, parts)))
    for row, (fan, density) in enumerate(zip(fans, densities, strict=True)):
        y = top + row * (height + _GAP)
        fan.plot(add_axes(figure, room, corner=(0, y), size=(widths[0], height)), key=not shared)
        right = (widths[0] + _GAP, y)
        density.plot(add_axes(figure, beside, corner=right, size=(widths[1], height)))
    if shared:
        corner = (room.left / PAGE_WIDTH, 1 - 0.04 / whole)
        draw_key(figure, entries, corner=corner, width=PAGE_WIDTH - room.left)
    return figure
