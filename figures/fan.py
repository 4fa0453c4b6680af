"""The curves that the printed numbers allow: a fan that is narrow where something is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes
from .lettering import arm_label, literal, wrap
from .printed_points import PrintedPoint, draw_points, printed_points
from .style import (
    COLUMN_WIDTH,
    FOOTNOTE_HEIGHT,
    TITLE_SIZE,
    ShownInNotebooks,
    arm_style,
    axes_inches,
    context,
    footnote,
    new_figure,
)
from .time_axis import time_label, time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

    from ..models import EndpointAnalysis, LandmarkCheck
    from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["FAN_NOTE", "INFORMED_NOTE", "FanDisplay"]

FAN_NOTE = "Data sets that meet every printed number: all, 95% and half of them, light to dark."
INFORMED_NOTE = "INFORMED: data sets made to meet the reported comparison, too; no check of it."
MOST_CURVES = 1000
_CELLS = 240
_PLOT_HEIGHT = 2.3  # inches
_LEFT, _RIGHT, _BELOW = 0.51, 0.12, 0.4
_TITLE_LINE = TITLE_SIZE * 1.3 / 72
# Shares of the curves that a band holds, and how dark it is.
_BANDS = ((1.0, 0.14), (0.95, 0.22), (0.5, 0.38))


@dataclass(kw_only=True, eq=False, repr=False)
class FanDisplay(ShownInNotebooks):
    """Bands that hold the survival curves of many data sets, with what was printed.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    time : ndarray of float, shape (k,)
    curves : mapping of str to ndarray of float, shape (draws, k)
        Survival by arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : sequence of LandmarkCheck
    title, time_unit, alt : str
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
            curves={arm: draws.survival(arm, time, most=MOST_CURVES) for arm in analysis.curves},
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            landmarks=tuple(analysis.landmarks),
            title=f"{label}, cohort: {endpoint.cohort}" if title is None else title,
            time_unit=endpoint.time_unit,
            note=INFORMED_NOTE if draws.informed else FAN_NOTE,
            alt=literal(
                f"Survival curves of {label}, cohort {endpoint.cohort}, that the printed numbers "
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
                arm: self._draw_bands(curves, arm_style(index).colour)
                for index, (arm, curves) in enumerate(self.curves.items())
            }
            self._draw_points()
            width, height = axes_inches(self.ax_)
            above = self._key_height(width) if key else 0.0
            if key:
                top = 1 + (above + 0.01) / height
                draw_key(self.ax_, self.key_entries(), corner=(0, top), width=width + _RIGHT)
            if self.title:
                lines = "\n".join(self._title_lines(width))
                self.ax_.set_title(lines, loc="left", pad=(above + 0.06) * 72)
        return self

    def room(self, *, width: float, key: bool = True) -> Room:
        """Return the room that title, key and axis titles need, in a whole of `width` inches."""
        inner = width - _LEFT - _RIGHT
        titles = len(self._title_lines(inner)) * _TITLE_LINE
        above = titles + (self._key_height(inner) if key else 0.0) + 0.08
        return Room(left=_LEFT, right=_RIGHT, above=above, below=_BELOW)

    def key_entries(self) -> list[KeyEntry]:
        """Return what the key says: the arms, and the printed points if there are any."""
        entries = [
            KeyEntry(label=name, style=replace(arm_style(index), dashes="-"))
            for index, name in enumerate(self.names.values())
        ]
        return [*entries, *([KeyEntry(label="as printed")] if self._points() else [])]

    def _key_height(self, width: float) -> float:
        return key_height(self.key_entries(), width=width + _RIGHT)

    def _title_lines(self, width: float) -> list[str]:
        return wrap(self.title, width=width + _RIGHT, size=TITLE_SIZE, bold=True)

    def _new_axes(self, *, key: bool) -> Axes:
        room = self.room(width=COLUMN_WIDTH, key=key)
        size = (COLUMN_WIDTH, room.above + _PLOT_HEIGHT + room.below)
        figure = new_figure(COLUMN_WIDTH, size[1] + FOOTNOTE_HEIGHT, alt=self.alt)
        footnote(figure, self.note)
        return add_axes(figure, room, corner=(0, 0), size=size)

    def _draw_axes(self) -> None:
        ax, end = self.ax_, float(self.time[-1])
        ticks = time_ticks(end, unit=self.time_unit)
        ax.set_xlim(0, 1.02 * end)
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_ylim(0, 1.03)
        ax.set_yticks(np.linspace(0, 1, 6), [f"{percent}" for percent in range(0, 101, 20)])
        ax.spines["left"].set_bounds(0, 1)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_xlabel(time_label(self.time_unit), labelpad=2)
        ax.set_ylabel("Event-free (%)", labelpad=3)

    def _draw_bands(self, curves: FloatArray, colour: str) -> list[PolyCollection]:
        drawn: list[PolyCollection] = []
        for share, alpha in _BANDS:
            low, high = np.quantile(curves, [0.5 - share / 2, 0.5 + share / 2], axis=0)
            drawn.append(
                self.ax_.fill_between(
                    self.time, low, high, facecolor=colour, alpha=alpha, linewidth=0, zorder=2
                )
            )
        return drawn

    def _draw_points(self) -> None:
        self.points_ = []
        for index, arm in enumerate(self.curves):
            if of_arm := [point for point in self._points() if point.arm == arm]:
                self.points_.append(draw_points(self.ax_, of_arm, style=arm_style(index)))

    def _points(self) -> tuple[PrintedPoint, ...]:
        return printed_points(self.landmarks)


def _edges(analysis: EndpointAnalysis, end: float) -> FloatArray:
    """Return times just around the printed ones, where the bands are narrowest."""
    printed = [time for arm in analysis.endpoint.arms.values() for time in arm.landmarks]
    around = np.array([[time * (1 - 1e-9), time] for time in printed if time <= end])
    return around.ravel()
