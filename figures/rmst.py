"""Restricted mean survival: the area under each curve up to a horizon, and their difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from ..presentation.formats import time_text
from .axes import draw_time_axis, time_ticks
from .files import ShownInNotebooks
from .layout import TITLE_LINE, Room, add_axes
from .panels import RECONSTRUCTED_NOTE, in_printed_order, reconstructed_note, stack
from .style import FAINT, INK, SMALL_SIZE, Width, arm_style
from .text import arm_label, endpoint_title, literal, p_value, survival_title, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import EndpointAnalysis, KaplanMeier, Rmst
    from ..reconstruct.pseudo_ipd import FloatArray
    from .key import KeyEntry

__all__ = ["RmstAreaDisplay", "rmst_figure"]

_NOTE = "Shaded: restricted mean survival time up to the horizon. Grey: the other arm(s)."
_PLOT, _LOW_PLOT = 1.6, 1.2  # inches
_ROOM = Room(left=0.5, right=0.14, above=0.2, below=0.4)
_SIDE_BY_SIDE = 5.0
_CLEAR = 0.25  # survival above which a line of text fits below the curves


@dataclass(kw_only=True, eq=False, repr=False)
class RmstAreaDisplay(ShownInNotebooks):
    """The areas under the curves of an endpoint up to a horizon, one panel for each arm.

    Build it with `from_analysis`; draw it with `plot`. The curves of the other arms are drawn thin
    in each panel, so that what one area has more than another can be seen.

    Parameters
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    rmst : Rmst
    title, y_title : str
    time_unit : str
    alt : str
        What the drawing shows, in words.
    note : str
        Written below.

    Attributes
    ----------
    figure_ : Figure
        Where it was drawn last. This and the following exist once `plot` has been called.
    axes_ : dict by arm
    areas_ : dict by arm
        PolyCollection, from 0 to the horizon.
    lines_ : dict by arm
        Line2D of the arm's own curve, up to its last follow-up.
    horizons_ : dict by arm
        Line2D at the horizon.
    """

    curves: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    rmst: Rmst
    title: str = ""
    y_title: str = "Survival (%)"
    time_unit: str = "months"
    alt: str = ""
    note: str = f"{_NOTE} {RECONSTRUCTED_NOTE}"
    figure_: Figure = field(init=False, repr=False)
    axes_: dict[str, Axes] = field(init=False, repr=False)
    areas_: dict[str, PolyCollection] = field(init=False, repr=False)
    lines_: dict[str, Line2D] = field(init=False, repr=False)
    horizons_: dict[str, Line2D] = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint.

        Raises
        ------
        ValueError
            If the endpoint has no restricted mean.
        """
        endpoint, found = analysis.endpoint, analysis.rmst
        if found is None:
            raise ValueError(
                f"`analysis` must hold a restricted mean, but {endpoint.key} has none."
            )
        what = endpoint_title(endpoint) if title is None else title
        means = ", ".join(
            f"{arm} {_times(each.mean, each.ci, tau=found.tau)}" for arm, each in found.arms.items()
        )
        sentence = _difference(found, endpoint.time_unit)
        return cls(
            curves=analysis.curves,
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            rmst=found,
            title=literal(what),
            y_title=survival_title(endpoint),
            time_unit=endpoint.time_unit,
            alt=literal(
                f"Areas under the survival curves of {what} up to {time_text(found.tau)} "
                f"{endpoint.time_unit}: {means}. {sentence}".strip()
            ),
            note=f"{_NOTE} {reconstructed_note(analysis)}",
        )

    def plot(self, *, width: Width | None = None) -> Self:
        """Draw a panel for each arm, and write the difference above them.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; one column of a journal has 85, the two of a page have 178; 178
            unless given. Below 127 mm the panels are below each other.
        """
        stack([self], width=width)
        return self

    def key_entries(self) -> tuple[KeyEntry, ...]:
        """Return nothing, since each panel is titled with its arm; see `Block`."""
        return ()

    def body_height(self, *, width: float, low: bool) -> float:
        """Return the height of the sentence and the panels in inches; see `Block`."""
        rows = -(-len(self.curves) // self._columns(width))
        return len(self._finding(width)) * TITLE_LINE + rows * _height(low)

    def draw_body(self, figure: Figure, *, top: float, width: float, low: bool) -> None:
        """Draw sentence and panels below `top`; see `Block`."""
        self.figure_, columns = figure, self._columns(width)
        said, size = self._finding(width), (width / columns, _height(low))
        y = 1 - (top - 0.07) / figure.get_size_inches()[1]
        figure.text(0.05 / width, y, "\n".join(said), va="top", fontsize=SMALL_SIZE + 0.5)
        self.areas_, self.lines_, self.horizons_ = {}, {}, {}
        start = top + len(said) * TITLE_LINE
        self.axes_ = {
            arm: add_axes(
                figure,
                _ROOM,
                corner=(index % columns * size[0], start + index // columns * size[1]),
                size=size,
            )
            for index, arm in enumerate(self.curves)
        }
        for arm, ax in self.axes_.items():
            self._draw_arm(ax, arm)

    def _columns(self, width: float) -> int:
        return min(2, len(self.curves)) if width >= _SIDE_BY_SIDE else 1

    def _finding(self, width: float) -> list[str]:
        """Return the sentence above the panels, line by line."""
        finding = _difference(self.rmst, self.time_unit)
        if not finding:
            return []
        # Letters on whole pixels of a screen are a little wider than they are measured.
        return wrap(finding, width=(width - 0.1) / 1.06, size=SMALL_SIZE + 0.5, lines=3)

    def _draw_arm(self, ax: Axes, arm: str) -> None:
        tau, index = self.rmst.tau, list(self.curves).index(arm)
        style = arm_style(index)
        for other, curve in self.curves.items():
            look = arm_style(list(self.curves).index(other))
            (line,) = ax.plot(
                *_steps(curve, curve.last_time),
                color=look.colour if other == arm else FAINT,
                linestyle=look.dashes,
                linewidth=1.2 if other == arm else 0.7,
                zorder=4 if other == arm else 3,
            )
            if other == arm:
                self.lines_[arm] = line
        self.areas_[arm] = ax.fill_between(
            *_steps(self.curves[arm], tau), color=style.colour, alpha=0.18, linewidth=0, zorder=1
        )
        (self.horizons_[arm],) = ax.plot(
            [tau, tau], [0, 1], color=INK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=2
        )
        self._write_mean(ax, arm)
        self._finish(ax, arm)

    def _write_mean(self, ax: Axes, arm: str) -> None:
        """Write it where no curve runs: below them, or above their ends if they come far down."""
        found, tau = self.rmst.arms[arm], self.rmst.tau
        half = 0.5 * max(curve.last_time for curve in self.curves.values())
        low = min(
            float(curve.survival_at(min(half, curve.last_time))) for curve in self.curves.values()
        )
        below = low > _CLEAR
        ax.text(
            0.03 if below else 0.97,
            0.05 if below else 0.92,
            f"{_times(found.mean, found.ci, tau=tau)} {self.time_unit}",
            transform=ax.transAxes,
            fontsize=SMALL_SIZE,
            ha="left" if below else "right",
            va="baseline" if below else "top",
            zorder=5,
        )

    def _finish(self, ax: Axes, arm: str) -> None:
        end = max(self.rmst.tau, *(curve.last_time for curve in self.curves.values()))
        ax.set_ylim(0, 1.02)
        ticks = time_ticks(end, unit=self.time_unit, most=7)
        draw_time_axis(ax, ticks=ticks, end=end, unit=self.time_unit)
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
        ax.set_ylabel(self.y_title, labelpad=3)
        (name,) = wrap(
            self.names[arm],
            width=float(ax.bbox.width) / self.figure_.dpi,
            size=SMALL_SIZE + 0.5,
            lines=1,
        )
        colour = arm_style(list(self.curves).index(arm)).colour
        ax.set_title(name, loc="left", fontsize=SMALL_SIZE + 0.5, pad=4, color=colour)


def rmst_figure(analyses: Sequence[EndpointAnalysis]) -> Figure:
    """Draw several endpoints below each other, in the order of the paper's figure.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one, each with a restricted mean.

    Returns
    -------
    Figure
        178 mm wide, unless `usual_width` says another.
    """
    return stack(
        [
            RmstAreaDisplay.from_analysis(each, title=title)
            for each, title in in_printed_order(analyses)
        ]
    )


def _height(low: bool) -> float:
    return _ROOM.above + (_LOW_PLOT if low else _PLOT) + _ROOM.below


def _steps(curve: KaplanMeier, end: float) -> tuple[FloatArray, FloatArray]:
    """Return the corners of a curve from 0 to `end`, beyond which nothing counts."""
    before = curve.time < end
    times = np.append(curve.time[before], end)
    heights = np.append(curve.survival[before], curve.survival_at(min(end, curve.last_time)))
    return np.repeat(times, 2)[1:], np.repeat(heights, 2)[:-1]


def _difference(found: Rmst, unit: str) -> str:
    """Say what the difference is; nothing unless there are two arms."""
    if len(found.arms) != 2:
        return ""
    reference, treatment = found.arms
    ends = _times(found.difference, found.difference_ci, tau=found.tau)
    tested = "" if math.isnan(found.p) else f", {p_value(found.p)}"
    return literal(
        f"Up to {time_text(found.tau)} {unit}, {treatment} minus {reference}: {ends} {unit} "
        f"({100 * found.confidence:g}% CI){tested}."
    )


def _times(estimate: float, ci: tuple[float, float], *, tau: float) -> str:
    """Write an estimate and its interval with as many decimals as the horizon is worth."""
    digits = max(int(tau < 1000), 2 - math.floor(math.log10(tau)))
    written = (f"{value:.{digits}f}" for value in (estimate, *ci))
    middle, lower, upper = (each.replace("-", "\u2212") for each in written)
    return f"{middle} ({lower} to {upper})"
