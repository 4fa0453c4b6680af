"""Whether hazards are proportional: log-log survival, and the hazard ratio over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from .axes import draw_time_axis, time_label, time_ticks
from .files import ShownInNotebooks
from .key import KeyEntry
from .layout import Room, add_axes
from .panels import RECONSTRUCTED_NOTE, in_printed_order, reconstructed_note, stack
from .style import FAINT, INK, REPRODUCED, SMALL_SIZE, Width, arm_style, shade
from .text import arm_label, endpoint_title, literal, p_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import EndpointAnalysis, KaplanMeier, Schoenfeld

__all__ = ["ProportionalityDisplay", "proportionality_figure"]

_NOTE = (
    "Parallel log-log curves and a level smooth line speak for proportional hazards. Dashed: the "
    "overall hazard ratio. Band: two standard errors."
)
_PLOT, _LOW_PLOT = 1.9, 1.3  # inches
_ROOM = Room(left=0.52, right=0.14, above=0.2, below=0.4)
_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_MOST_TICKS = 7
_SIDE_BY_SIDE = 5.0


@dataclass(kw_only=True, eq=False, repr=False)
class ProportionalityDisplay(ShownInNotebooks):
    """Two looks at proportional hazards of one comparison, side by side.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    residuals : Schoenfeld
    title : str
    time_unit : str
    alt : str
        What the drawing shows, in words.
    note : str
        Written below.

    Attributes
    ----------
    figure_ : Figure
        Where it was drawn last. This and the following exist once `plot` has been called.
    loglog_ax_, ratio_ax_ : Axes
    lines_ : dict by arm
        log(-log S) at each event, over log time.
    residuals_ : Line2D
        One point per event.
    smooth_ : Line2D or None
        None if there are too few event times.
    band_ : PolyCollection or None
    """

    curves: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    residuals: Schoenfeld
    title: str = ""
    time_unit: str = "months"
    alt: str = ""
    note: str = f"{_NOTE} {RECONSTRUCTED_NOTE}"
    figure_: Figure = field(init=False, repr=False)
    loglog_ax_: Axes = field(init=False, repr=False)
    ratio_ax_: Axes = field(init=False, repr=False)
    lines_: dict[str, Line2D] = field(init=False, repr=False)
    residuals_: Line2D = field(init=False, repr=False)
    smooth_: Line2D | None = field(init=False, repr=False)
    band_: PolyCollection | None = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint.

        Raises
        ------
        NotEstimable
            If the endpoint has no finite hazard ratio, or events too few to test it.
        """
        from ..models import schoenfeld

        endpoint = analysis.endpoint
        residuals = analysis.schoenfeld or schoenfeld(analysis.ipd)
        what = endpoint_title(endpoint) if title is None else title
        return cls(
            curves=analysis.curves,
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            residuals=residuals,
            title=literal(what),
            time_unit=endpoint.time_unit,
            alt=literal(
                f"Log-log survival curves and scaled Schoenfeld residuals of {what}. Test of "
                f"proportional hazards: {p_value(residuals.test.p)}."
            ),
            note=f"{_NOTE} {reconstructed_note(analysis)}",
        )

    def plot(self, *, width: Width | None = None) -> Self:
        """Draw both.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; one column of a journal has 85, the two of a page have 178; 178
            unless given. Below 127 mm the two are below each other.
        """
        stack([self], width=width)
        return self

    def body_height(self, *, width: float, low: bool) -> float:
        """Return the height of both in inches; see `Block`."""
        return _height(low) * (1 if width >= _SIDE_BY_SIDE else 2)

    def draw_body(self, figure: Figure, *, top: float, width: float, low: bool) -> None:
        """Draw both below `top`; see `Block`."""
        beside, height = width >= _SIDE_BY_SIDE, _height(low)
        size = (width / 2 if beside else width, height)
        second = (size[0], top) if beside else (0.0, top + height)
        self.figure_ = figure
        self.loglog_ax_ = add_axes(figure, _ROOM, corner=(0, top), size=size)
        self.ratio_ax_ = add_axes(figure, _ROOM, corner=second, size=size)
        self._draw_loglog()
        self._draw_ratio()

    def key_entries(self) -> list[KeyEntry]:
        """Return the arms' lines; see `Block`."""
        return [
            KeyEntry(label=self.names[arm], style=arm_style(index))
            for index, arm in enumerate(self.curves)
        ]

    def _draw_loglog(self) -> None:
        ax, self.lines_ = self.loglog_ax_, {}
        for index, (arm, curve) in enumerate(self.curves.items()):
            style = arm_style(index)
            # The log of -log S is undefined where nobody or everybody has had an event.
            shown = (curve.n_events > 0) & (curve.survival > 0) & (curve.survival < 1)
            (self.lines_[arm],) = ax.plot(
                curve.time[shown],
                np.log(-np.log(curve.survival[shown])),
                drawstyle="steps-post",
                color=style.colour,
                linestyle=style.dashes,
                linewidth=1.2,
            )
        ax.set_xscale("log")
        ticks = self._log_ticks(*ax.get_xlim())
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        low, high = ax.get_ylim()
        ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
        ax.set_xlabel(f"{time_label(self.time_unit)}, logarithmic", labelpad=2)
        ax.set_ylabel("log(\u2212log(survival))", labelpad=3)
        ax.set_title("Log-log survival", loc="left", fontsize=SMALL_SIZE + 0.5, pad=4)

    def _log_ticks(self, start: float, end: float) -> list[float]:
        """Return round times, at most seven."""
        decades = range(math.floor(math.log10(start)), math.ceil(math.log10(end)) + 1)
        for digits in ((1, 2, 5), (1, 3), (1,)):
            ticks = [digit * 10.0**power for power in decades for digit in digits]
            inside = [tick for tick in ticks if start <= tick <= end]
            if len(inside) <= _MOST_TICKS:
                break
        return inside

    def _draw_ratio(self) -> None:
        ax, found = self.ratio_ax_, self.residuals
        (self.residuals_,) = ax.plot(
            found.time,
            found.log_hazard_ratio_at,
            linestyle="none",
            marker="o",
            markersize=1.8,
            markeredgewidth=0,
            color=FAINT,
            alpha=0.6,
            zorder=2,
        )
        self.smooth_, self.band_ = None, None
        if found.smooth_time.size:
            self.band_ = ax.fill_between(
                found.smooth_time, found.smooth_lower, found.smooth_upper,
                color=shade(REPRODUCED), alpha=0.15, linewidth=0, zorder=1,
            )  # fmt: skip
            (self.smooth_,) = ax.plot(
                found.smooth_time, found.smooth, color=shade(REPRODUCED), linewidth=1.3, zorder=4
            )
        ax.axhline(
            found.log_hazard_ratio, color=INK, linestyle=(0, (4, 2)), linewidth=0.7, zorder=3
        )
        last = float(found.time[-1])
        ticks = time_ticks(last, unit=self.time_unit, most=8)
        draw_time_axis(ax, ticks=ticks, end=last, unit=self.time_unit)
        self._ratio_ticks()
        ax.set_ylabel("Hazard ratio", labelpad=3)
        ax.set_title(
            f"Hazard ratio over time (test: {p_value(found.test.p)})",
            loc="left",
            fontsize=SMALL_SIZE + 0.5,
            pad=4,
        )

    def share_ratios(self, low: float, high: float) -> None:
        """Set the limits of the log hazard ratios, so that endpoints can be compared."""
        self.ratio_ax_.set_ylim(low, high)
        self._ratio_ticks()

    def _ratio_ticks(self) -> None:
        """Write round hazard ratios beside an axis of their logarithms."""
        ax, shown = self.ratio_ax_, self.residuals
        low, high = ax.get_ylim()
        inside = [ratio for ratio in _RATIOS if low <= math.log(ratio) <= high]
        while len(inside) > _MOST_TICKS:
            inside = [r for r in inside if round(math.log10(r) % 1, 6) == 0] or inside[::2]
        far = max(abs(low), abs(high), abs(shown.log_hazard_ratio))
        if len(inside) < 2:
            inside = [math.exp(-far), 1.0, math.exp(far)]
        ax.set_yticks([math.log(ratio) for ratio in inside], [f"{ratio:.3g}" for ratio in inside])
        ax.set_ylim(low, high)


def proportionality_figure(analyses: Sequence[EndpointAnalysis]) -> Figure:
    """Draw several endpoints below each other, in the order of the paper's figure.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        At least one, each with residuals (`EndpointAnalysis.schoenfeld`).

    Returns
    -------
    Figure
        178 mm wide, unless `usual_width` says another.
    """
    displays = [
        ProportionalityDisplay.from_analysis(each, title=title)
        for each, title in in_printed_order(analyses)
    ]
    figure = stack(displays)
    limits = [display.ratio_ax_.get_ylim() for display in displays]
    for display in displays:
        display.share_ratios(min(low for low, _ in limits), max(high for _, high in limits))
    return figure


def _height(low: bool) -> float:
    return _ROOM.above + (_LOW_PLOT if low else _PLOT) + _ROOM.below
