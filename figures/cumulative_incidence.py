"""Cumulative incidence by cause: a panel for each cause, or the causes of each arm stacked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from ..presentation.formats import ratio_interval
from .at_risk import (
    RECONSTRUCTED_HEADING,
    at_risk_height,
    at_risk_margin,
    count_ticks,
    draw_at_risk,
)
from .axes import draw_axes
from .curves import PrintedPoint, draw_missed, draw_points
from .files import ShownInNotebooks
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes, footnote, footnote_height, new_figure, title_height, write_title
from .style import PAGE_WIDTH, SMALL_SIZE, StyleName, Width, arm_style, context, inches_of
from .text import arm_label, endpoint_title, fit, literal, p_value

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import EndpointAnalysis, KaplanMeier
    from ..models.competing import CauseAnalysis, IncidenceCheck
    from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["CumulativeIncidenceDisplay"]

Layout = Literal["by cause", "stacked"]

_PANEL = 2.0  # inches, without title and numbers at risk
_AXIS_TITLE, _RIGHT, _TITLE = 0.5, 0.16, 0.24
_SIDE_BY_SIDE = 5.0  # inches of a figure with two panels in a row
_NOTES = {
    "by cause": "Aalen-Johansen estimates with 95% bands of patients reconstructed from reported "
    "numbers, not the original data.",
    "stacked": "Aalen-Johansen estimates of patients reconstructed from reported numbers, not the "
    "original data. White: free of every event.",
}


@dataclass(kw_only=True, eq=False, repr=False)
class CumulativeIncidenceDisplay(ShownInNotebooks):
    """Cumulative incidence of the causes of one endpoint, as numbers first.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    causes : tuple of CauseAnalysis
    event_free : mapping of str to KaplanMeier
        By arm, for the numbers at risk.
    names : mapping of str to str
        The arms' full names.
    title, time_unit, alt : str

    Attributes
    ----------
    figure_ : Figure
        Where it was drawn last. This and the following exist once `plot` has been called.
    axes_ : dict of str to Axes
        By cause, or by arm if causes are stacked.
    lines_ : dict of (str, str) to Line2D
        By cause and arm.
    areas_ : dict of (str, str) to PolyCollection
        Bands, or stacked areas, by cause and arm.
    """

    causes: tuple[CauseAnalysis, ...]
    event_free: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    title: str = ""
    time_unit: str = "months"
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    axes_: dict[str, Axes] = field(init=False, repr=False)
    lines_: dict[tuple[str, str], Line2D] = field(init=False, repr=False)
    areas_: dict[tuple[str, str], PolyCollection] = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint.

        Raises
        ------
        ValueError
            If the endpoint has no competing risks.
        """
        endpoint = analysis.endpoint
        if not analysis.causes:
            raise ValueError(f"`analysis` must hold causes, but {endpoint.key} has none.")
        what = endpoint_title(endpoint) if title is None else title
        said = " ".join(cause.sentence for cause in analysis.causes)
        return cls(
            causes=analysis.causes,
            event_free=analysis.curves,
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            title=literal(what),
            time_unit=endpoint.time_unit,
            alt=literal(f"Cumulative incidence by cause: {what}. {said}".strip()),
        )

    def plot(
        self,
        *,
        layout: Layout = "by cause",
        width: Width | None = None,
        style: StyleName | None = None,
    ) -> Self:
        """Draw the panels with the numbers at risk below each.

        Parameters
        ----------
        layout : {"by cause", "stacked"}
            A panel for each cause with a curve for each arm, or a panel for each arm with its
            causes one on top of the other.
        width : float, "column" or "page", optional
            Of the figure, in mm; one column of a journal has 85, the two of a page have 178; 178
            unless given.
        style : {"journal", "screen", "grey"}, optional
            The one of the `context` around it unless given, "journal" if there is none.

        Raises
        ------
        ValueError
            If `layout` is none of its choices.
        """
        if layout not in _NOTES:
            raise ValueError(f'`layout` must be "by cause" or "stacked", but is {layout!r}.')
        with context(style):
            self._plot(layout, inches_of(width, usual=PAGE_WIDTH))
        return self

    def _plot(self, layout: Layout, whole: float) -> None:
        panels = self._panels(layout)
        columns = 2 if len(panels) > 1 and whole >= _SIDE_BY_SIDE else 1
        room = self._room()
        key = self._key(layout)
        titles = title_height(self.title, width=whole - 0.1)
        above = titles + key_height(key, width=whole - 0.1)
        size = (whole / columns, room.above + _PANEL + room.below)
        rows = -(-len(panels) // columns)
        note = _NOTES[layout]
        height = above + 0.12 + rows * size[1] + footnote_height(note, width=whole)
        self.figure_ = new_figure(whole, height, alt=self.alt)
        write_title(self.figure_, self.title)
        draw_key(
            self.figure_,
            key,
            corner=(
                0.05 / whole,
                1 - (0.06 + titles) / height,
            ),
            width=whole - 0.1,
        )
        footnote(self.figure_, note)
        self.axes_, self.lines_, self.areas_ = {}, {}, {}
        for number, (name, heading) in enumerate(panels.items()):
            corner = (number % columns * size[0], above + 0.12 + number // columns * size[1])
            ax = self.axes_[name] = add_axes(self.figure_, room, corner=corner, size=size)
            self._draw_panel(ax, name, layout)
            ax.set_title(
                fit(heading, width=size[0] - room.left, size=SMALL_SIZE + 0.5),
                loc="left", fontsize=SMALL_SIZE + 0.5, pad=4,
            )  # fmt: skip

    def _panels(self, layout: Layout) -> dict[str, str]:
        """Return the name and the heading of each panel."""
        if layout == "stacked":
            return {arm: literal(self.names[arm]) for arm in self.event_free}
        return {cause.cause: literal(_heading(cause)) for cause in self.causes}

    def _room(self) -> Room:
        return Room(
            left=max(_AXIS_TITLE, at_risk_margin(self.event_free)) + 0.04,
            right=_RIGHT,
            above=_TITLE,
            below=at_risk_height(list(self.event_free)) + 0.05,
        )

    def _key(self, layout: Layout) -> list[KeyEntry]:
        names: Iterable[str] = self.names.values()
        if layout == "stacked":
            names = (cause.label or cause.cause for cause in self.causes)
        return [
            KeyEntry(label=literal(name), style=arm_style(place), marked=layout == "by cause")
            for place, name in enumerate(names)
        ]

    def _draw_panel(self, ax: Axes, name: str, layout: Layout) -> None:
        end = max(curve.last_time for curve in self.event_free.values())
        curves = dict(self.event_free)
        if layout == "stacked":
            curves = {name: self.event_free[name]}
            self._draw_stack(ax, name)
        else:
            self._draw_cause(ax, next(each for each in self.causes if each.cause == name))
        draw_axes(
            ax,
            ticks=count_ticks(ax, curves, end=end, unit=self.time_unit),
            end=end,
            unit=self.time_unit,
            y_title="Cumulative incidence (%)",
        )
        draw_at_risk(ax, curves, ticks=ax.get_xticks(), heading=RECONSTRUCTED_HEADING)

    def _draw_cause(self, ax: Axes, cause: CauseAnalysis) -> None:
        """Draw the curves of all arms with their bands, and what is reported."""
        points = [_point(check) for check in cause.checks]
        for place, arm in enumerate(self.event_free):
            style = arm_style(place)
            own = [point for point in points if point.arm == arm]
            if (curve := cause.curves.get(arm)) is not None:
                rows = _changes(curve.incidence)
                (self.lines_[cause.cause, arm],) = ax.step(
                    curve.time[rows], curve.incidence[rows], where="post", color=style.colour,
                    linestyle=style.dashes, linewidth=1.2, zorder=3,
                )  # fmt: skip
                self.areas_[cause.cause, arm] = ax.fill_between(
                    curve.time[rows], curve.lower[rows], curve.upper[rows], step="post",
                    color=style.colour, alpha=0.14, linewidth=0, zorder=1,
                )  # fmt: skip
            if own:
                draw_points(ax, own, style=style)
        draw_missed(ax, points)

    def _draw_stack(self, ax: Axes, arm: str) -> None:
        """Draw the causes of one arm on top of each other."""
        base: FloatArray = np.zeros(self.event_free[arm].time.size)
        rows = _changes(self.event_free[arm].survival)
        time = self.event_free[arm].time[rows]
        base = base[rows]
        for place, cause in enumerate(self.causes):
            curve = cause.curves.get(arm)
            if curve is None:
                continue
            top, style = base + curve.incidence_at(time), arm_style(place)
            self.areas_[cause.cause, arm] = ax.fill_between(
                time, base, top, step="post", color=style.colour, alpha=0.45, linewidth=0
            )
            (self.lines_[cause.cause, arm],) = ax.step(
                time, top, where="post", color=style.colour, linestyle=style.dashes, linewidth=1.0
            )
            base = top


def _changes(heights: FloatArray) -> npt.NDArray[np.intp]:
    """Return where a staircase steps, its first and its last row among them."""
    return np.unique(np.append(np.flatnonzero(np.diff(heights, prepend=np.nan)), heights.size - 1))


def _heading(cause: CauseAnalysis) -> str:
    """Return the cause with its comparison in a few words."""
    name = cause.label or cause.cause
    if cause.fine_gray is None:
        return name
    text = f"{name}: sHR {ratio_interval(cause.fine_gray.hazard_ratio, cause.fine_gray.ci)}"
    return f"{text}, Gray {p_value(cause.gray.p)}" if cause.gray else text


def _point(check: IncidenceCheck) -> PrintedPoint:
    """Return a reported incidence as a point in the plot."""
    return PrintedPoint(
        arm=check.arm,
        time=check.time,
        survival=min(max((check.lower + check.upper) / 2, 0.0), 1.0),
        time_range=(check.time, check.time),
        survival_range=(check.lower, check.upper),
        met=check.inside,
    )
