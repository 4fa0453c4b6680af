"""Curves of many data sets: those that the reported numbers allow, and those of subgroups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from .axes import draw_axes, time_ticks
from .curves import PrintedPoint, draw_points, printed_points
from .files import ShownInNotebooks
from .key import KeyEntry, draw_key, key_height
from .layout import (
    FOOTNOTE_HEIGHT,
    Room,
    add_axes,
    axes_inches,
    footnote,
    footnote_height,
    new_figure,
    title_height,
    title_lines,
    write_title,
)
from .style import (
    COLUMN_WIDTH,
    PAGE_WIDTH,
    SMALL_SIZE,
    StyleName,
    Width,
    arm_style,
    context,
    inches_of,
)
from .text import arm_label, cohort_text, endpoint_title, fit, literal, survival_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import EndpointAnalysis, KaplanMeier, LandmarkCheck
    from ..models.subgroups import Subgroups, VariableLabels
    from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["FAN_NOTE", "INFORMED_NOTE", "FanDisplay", "SubgroupCurvesDisplay"]

FAN_NOTE = (
    "Data sets consistent with every reported number: all, 95% and half of them, light to dark."
)
INFORMED_NOTE = "INFORMED: data sets conditioned on the reported comparison, too; no check of it."
MOST_CURVES = 1000
_CELLS = 240
_FEWEST_AT_RISK = 5  # patients of an arm, for its bands to go on
_PLOT_HEIGHT = 2.3  # inches
_LEFT, _RIGHT, _BELOW = 0.51, 0.12, 0.4
# Shares of the curves that a band holds, and how dark it is.
_BANDS = ((1.0, 0.14), (0.95, 0.22), (0.5, 0.38))
_LEVEL_ROOM = Room(left=0.5, right=0.14, above=0.26, below=0.42)
_PANEL = 1.5  # inches, of a level
_POINTS = 60  # along the time axis
_MOST_DRAWS = 60
_SUBGROUP_NOTE = (
    "Labels consistent with the reported numbers of every subgroup, drawn from all of these: no "
    "patient's own subgroup is known. Line: mean of the draws; band: 95% of them, not a confidence "
    "interval. Patients reconstructed from reported numbers, not the original data."
)


@dataclass(kw_only=True, eq=False, repr=False)
class FanDisplay(ShownInNotebooks):
    """Bands that hold the survival curves of many data sets, with what was reported.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
    curves : mapping of str to ndarray of float, shape (draws, k)
        Survival by arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : sequence of LandmarkCheck
    title, y_title, time_unit, alt : str
    ends : mapping of str to float
        When the bands of an arm end, by arm; with the last time where it is left out.
    note : str
        Written below.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    bands_ : dict of str to list of PolyCollection
        By arm, the widest first.
    points_ : list of ErrorbarContainer
    """

    time: FloatArray
    curves: Mapping[str, FloatArray]
    names: Mapping[str, str]
    landmarks: tuple[LandmarkCheck, ...] = ()
    title: str = ""
    y_title: str = "Survival (%)"
    ends: Mapping[str, float] = field(default_factory=dict)
    time_unit: str = "months"
    alt: str = ""
    note: str = FAN_NOTE
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    bands_: dict[str, list[PolyCollection]] = field(init=False, repr=False)
    points_: list[ErrorbarContainer] = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take up to 1000 curves of the draws of an analysed endpoint.

        Raises
        ------
        ValueError
            If there are no draws.
        """
        draws, endpoint = analysis.draws, analysis.endpoint
        if draws is None:
            raise ValueError("`analysis` must hold draws: analyse(endpoint, ipd, draws=...).")
        end = max(float(curve.time[-1]) for curve in analysis.curves.values())
        time = np.union1d(np.linspace(0.0, end, _CELLS + 1), _edges(analysis, end))
        label = endpoint.label or endpoint.name
        return cls(
            time=time,
            curves=draws.survival_by_arm(time, most=MOST_CURVES),
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            landmarks=tuple(analysis.landmarks),
            title=endpoint_title(endpoint) if title is None else title,
            y_title=survival_title(endpoint),
            ends={arm: _end(curve) for arm, curve in analysis.curves.items()},
            time_unit=endpoint.time_unit,
            note=INFORMED_NOTE if draws.informed else FAN_NOTE,
            alt=literal(
                f"Survival curves of {label}, {cohort_text(endpoint)}, that the reported numbers "
                f"allow: {', '.join(arm_label(endpoint, arm) for arm in analysis.curves)}."
            ),
        )

    def plot(self, ax: Axes | None = None, *, key: bool = True) -> Self:
        """Draw the bands.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure of 120 mm
            unless given.
        key : bool
            Whether to say above the plot which arm is which.
        """
        with context():
            self.ax_ = self._new_axes(key=key) if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self._draw_axes()
            self.bands_ = {
                arm: self._draw_bands(arm, arm_style(index).colour)
                for index, arm in enumerate(self.curves)
            }
            self._draw_points()
            width, height = axes_inches(self.ax_)
            above = self._key_height(width) if key else 0.0
            if key:
                top = 1 + (above + 0.01) / height
                draw_key(self.ax_, self.key_entries(), corner=(0, top), width=width + _RIGHT)
            if self.title:
                lines = "\n".join(title_lines(self.title, width=width + _RIGHT))
                self.ax_.set_title(lines, loc="left", pad=(above + 0.06) * 72)
        return self

    def room(self, *, width: float, key: bool = True) -> Room:
        """Return the room that title, key and axis titles need, in a whole of `width` inches."""
        inner = width - _LEFT - _RIGHT
        titles = title_height(self.title, width=inner + _RIGHT)
        above = titles + (self._key_height(inner) if key else 0.0) + 0.08
        return Room(left=_LEFT, right=_RIGHT, above=above, below=_BELOW)

    def key_entries(self) -> list[KeyEntry]:
        """Return what the key says: the arms, and the reported points if there are any."""
        entries = [
            KeyEntry(
                label=name, style=replace(arm_style(index), dashes="-"), marked=bool(self._points())
            )
            for index, name in enumerate(self.names.values())
        ]
        return [*entries, *([KeyEntry(label="as reported")] if self._points() else [])]

    def _key_height(self, width: float) -> float:
        return key_height(self.key_entries(), width=width + _RIGHT)

    def _new_axes(self, *, key: bool) -> Axes:
        room = self.room(width=COLUMN_WIDTH, key=key)
        size = (COLUMN_WIDTH, room.above + _PLOT_HEIGHT + room.below)
        figure = new_figure(COLUMN_WIDTH, size[1] + FOOTNOTE_HEIGHT, alt=self.alt)
        footnote(figure, self.note)
        return add_axes(figure, room, corner=(0, 0), size=size)

    def _draw_axes(self) -> None:
        end = float(self.time[-1])
        draw_axes(
            self.ax_,
            ticks=time_ticks(end, unit=self.time_unit),
            end=end,
            unit=self.time_unit,
            y_title=self.y_title,
        )

    def _draw_bands(self, arm: str, colour: str) -> list[PolyCollection]:
        shown = self.time <= self.ends.get(arm, np.inf)
        time, curves = self.time[shown], self.curves[arm][:, shown]
        tails = [(0.5 - share / 2, 0.5 + share / 2) for share, _ in _BANDS]
        bands = np.quantile(curves, tails, axis=0)  # at once: to sort the draws takes longest
        return [
            self.ax_.fill_between(
                time, low, high, facecolor=colour, alpha=alpha, linewidth=0, zorder=2
            )
            for (low, high), (_, alpha) in zip(bands, _BANDS, strict=True)
        ]

    def _draw_points(self) -> None:
        self.points_ = []
        for index, arm in enumerate(self.curves):
            if of_arm := [point for point in self._points() if point.arm == arm]:
                self.points_.append(draw_points(self.ax_, of_arm, style=arm_style(index)))

    def _points(self) -> tuple[PrintedPoint, ...]:
        return printed_points(self.landmarks)


def _end(curve: KaplanMeier) -> float:
    """Return when the bands of an arm end: while there are enough patients at risk.

    The last of a few patients takes a curve from anywhere to 0, which says nothing of survival.
    """
    few = curve.n_at_risk_at(curve.time) < _FEWEST_AT_RISK
    return float(curve.time[few][0]) if few.any() else curve.last_time


def _edges(analysis: EndpointAnalysis, end: float) -> FloatArray:
    """Return times just around the reported ones, where the bands are narrowest."""
    printed = [time for arm in analysis.endpoint.arms.values() for time in arm.landmarks]
    around = np.array([[time * (1 - 1e-9), time] for time in printed if time <= end])
    return around.ravel()


@dataclass(kw_only=True, eq=False, repr=False)
class SubgroupCurvesDisplay(ShownInNotebooks):
    """Kaplan-Meier curves of both arms in every level that labels were found for.

    Parameters
    ----------
    subgroups : Subgroups
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_ : Figure
        Where it was drawn last. This and the following exist once `plot` has been called.
    axes_ : dict of (str, str) to Axes
        By variable and level.
    lines_ : dict of (str, str, str) to Line2D
        By variable, level and arm.
    """

    subgroups: Subgroups
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    axes_: dict[tuple[str, str], Axes] = field(init=False, repr=False)
    lines_: dict[tuple[str, str, str], Line2D] = field(init=False, repr=False)

    @classmethod
    def from_subgroups(cls, subgroups: Subgroups) -> Self:
        """Take labelled patients.

        Raises
        ------
        ValueError
            If no labels were found for any variable.
        """
        if not any(each.met.any() for each in subgroups.variables):
            raise ValueError(f"no labels were found for {subgroups.endpoint.key}")
        said = f"Survival curves of both arms by subgroup. {' '.join(subgroups.sentences)}"
        return cls(subgroups=subgroups, alt=literal(said))

    def plot(self, *, width: Width | None = None, style: StyleName | None = None) -> Self:
        """Draw a panel for each level.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; 178 unless given.
        style : {"journal", "screen", "grey"}, optional
        """
        with context(style):
            self._plot(inches_of(width, usual=PAGE_WIDTH))
        return self

    def _plot(self, whole: float) -> None:
        panels = [
            (each, place)
            for each in self.subgroups.variables
            if each.met.any()
            for place in range(len(each.variable.levels))
        ]
        columns = max(1, min(len(panels), int(whole / 2.2)))
        title = literal(f"{endpoint_title(self.subgroups.endpoint)}, by subgroup")
        titles = title_height(title, width=whole - 0.1)
        top = titles + key_height(self._key(), width=whole - 0.1) + 0.12
        size = (whole / columns, _LEVEL_ROOM.above + _PANEL + _LEVEL_ROOM.below)
        rows = -(-len(panels) // columns)
        height = top + rows * size[1] + footnote_height(_SUBGROUP_NOTE, width=whole)
        self.figure_ = new_figure(whole, height, alt=self.alt)
        write_title(self.figure_, title)
        draw_key(
            self.figure_,
            self._key(),
            corner=(0.05 / whole, 1 - (0.06 + titles) / height),
            width=whole - 0.1,
        )
        footnote(self.figure_, _SUBGROUP_NOTE)
        self.axes_, self.lines_ = {}, {}
        for number, (each, place) in enumerate(panels):
            corner = (number % columns * size[0], top + number // columns * size[1])
            ax = add_axes(self.figure_, _LEVEL_ROOM, corner=corner, size=size)
            self._draw_level(ax, each, place, width=size[0] - _LEVEL_ROOM.left)

    def _key(self) -> list[KeyEntry]:
        endpoint = self.subgroups.endpoint
        return [
            KeyEntry(label=literal(arm_label(endpoint, arm)), style=arm_style(place))
            for place, arm in enumerate(self.subgroups.variables[0].variable.arms)
        ]

    def _draw_level(self, ax: Axes, each: VariableLabels, place: int, *, width: float) -> None:
        level, unit = each.variable.levels[place], self.subgroups.endpoint.time_unit
        end = float(self.subgroups.source.template.time.max())
        grid = np.linspace(0, end, _POINTS)
        for number, arm in enumerate(each.variable.arms):
            curves = each.survival(self.subgroups.source, place, arm, grid)[:_MOST_DRAWS]
            look = arm_style(number)
            (self.lines_[each.variable.name, level.name, arm],) = ax.plot(
                grid, curves.mean(axis=0), color=look.colour, linestyle=look.dashes, linewidth=1.1
            )
            low, high = np.quantile(curves, [0.025, 0.975], axis=0)
            ax.fill_between(grid, low, high, color=look.colour, alpha=0.16, linewidth=0)
        draw_axes(
            ax,
            ticks=time_ticks(end, unit=unit, most=5),
            end=end,
            unit=unit,
            y_title=survival_title(self.subgroups.endpoint),
        )
        heading = literal(f"{each.variable.name}: {level.name}, HR {level.hazard_ratio}")
        ax.set_title(
            fit(heading, width=width, size=SMALL_SIZE + 0.5),
            loc="left",
            fontsize=SMALL_SIZE + 0.5,
            pad=4,
        )
        self.axes_[each.variable.name, level.name] = ax
