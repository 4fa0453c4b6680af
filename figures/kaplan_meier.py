"""Survival curves with what was printed of them, and the numbers at risk below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .at_risk import AtRiskTable, at_risk_height, at_risk_margin, count_text, draw_at_risk
from .corner_box import CornerBox, draw_box
from .curve_lines import MOST_CENSOR_MARKS as MOST_CENSOR_MARKS
from .curve_lines import draw_band, draw_censor_marks, draw_line
from .curve_view import ShownCurve, ShownCurves
from .guides import draw_median_guide
from .in_words import curves_in_words
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes
from .lettering import arm_label, literal, text_width, wrap
from .obstacles import Obstacle, obstacles
from .printed_points import draw_missed, draw_points, printed_points
from .style import (
    BODY_SIZE,
    COLUMN_WIDTH,
    FOOTNOTE_HEIGHT,
    SMALL_SIZE,
    TITLE_SIZE,
    ShownInNotebooks,
    arm_style,
    axes_inches,
    context,
    footnote,
    new_figure,
)
from .summary import summary_box
from .time_axis import time_label, time_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from ..models import EndpointAnalysis, KaplanMeier, LandmarkCheck
    from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["MOST_CENSOR_MARKS", "RECONSTRUCTED", "KaplanMeierDisplay"]

# So that no copy of the figure is taken for one of the trial's own data.
RECONSTRUCTED = "Patients reconstructed from printed numbers, not the original data; 95% bands."
PLOT_HEIGHT = 2.3  # inches
_RIGHT = 0.16  # inches, half of the last number at risk
_AXIS_TITLE = 0.47  # inches, the y axis' title and tick labels
_TITLE_LINE = TITLE_SIZE * 1.3 / 72
_LONGEST_NAME = 1.3  # inches, of an endpoint's name that the y axis is called by


@dataclass(kw_only=True, eq=False)
class KaplanMeierDisplay(ShownInNotebooks):
    """Kaplan-Meier curves of one endpoint, as numbers first.

    Build it with `from_analysis`; draw it with `plot`, as often and as differently as wanted.

    Parameters
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : sequence of LandmarkCheck
        The printed survival and medians, and whether the curves meet them.
    box : CornerBox or None
        What the corner of the plot says.
    title, y_title : str
    time_unit : str
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    lines_, bands_, censor_marks_ : dict by arm
        Bands and censoring marks are empty if they were not asked for. Marks so close that they
        would run into each other are drawn once; a figure of more than 1000 has none.
    points_ : list of ErrorbarContainer
        The printed landmarks, one container for each arm that has some.
    missed_ : Line2D or None
        Crosses over the printed landmarks that the curves do not meet.
    at_risk_ : AtRiskTable or None
    box_ : tuple of Text
    key_ : Legend or None
    """

    curves: Mapping[str, KaplanMeier]
    names: Mapping[str, str]
    landmarks: tuple[LandmarkCheck, ...] = ()
    box: CornerBox | None = None
    title: str = ""
    y_title: str = "Survival (%)"
    time_unit: str = "months"
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    lines_: dict[str, Line2D] = field(init=False, repr=False)
    bands_: dict[str, PolyCollection] = field(init=False, repr=False)
    censor_marks_: dict[str, Line2D] = field(init=False, repr=False)
    points_: list[ErrorbarContainer] = field(init=False, repr=False)
    missed_: Line2D | None = field(init=False, repr=False)
    at_risk_: AtRiskTable | None = field(init=False, repr=False)
    box_: tuple[Text, ...] = field(init=False, repr=False)
    key_: Legend | None = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint.

        Parameters
        ----------
        analysis : EndpointAnalysis
        title : str, optional
            The endpoint's name and cohort unless given.
        """
        endpoint = analysis.endpoint
        name, label = literal(endpoint.name), endpoint.label or endpoint.name
        short = text_width(name, size=BODY_SIZE) <= _LONGEST_NAME
        return cls(
            curves=analysis.curves,
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            landmarks=tuple(analysis.landmarks),
            box=summary_box(analysis),
            title=f"{label}, cohort: {endpoint.cohort}" if title is None else title,
            y_title=f"{name if short else 'Event-free'} (%)",
            time_unit=endpoint.time_unit,
            alt=curves_in_words(analysis),
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        bands: bool = True,
        censor_marks: bool = True,
        landmarks: bool = True,
        median_guide: bool = False,
        at_risk: bool = True,
        box: bool = True,
        key: bool = True,
        line_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure of 120 mm
            unless given.
        bands, censor_marks, landmarks, median_guide, at_risk, box, key : bool
            What to draw beside the curves.
        line_kwargs : mapping, optional
            Given to `Axes.plot` for each curve, over the house style.

        Returns
        -------
        KaplanMeierDisplay
            The same object, with handles of what was drawn.
        """
        with context():
            self.ax_ = self._new_axes(at_risk=at_risk, key=key) if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self._draw_axes()
            self._draw_curves(line_kwargs or {}, bands=bands, censor_marks=censor_marks)
            self._draw_landmarks(landmarks)
            if median_guide:
                draw_median_guide(self.ax_, [curve.median for curve in self.curves.values()])
            self._draw_around(at_risk=at_risk, box=box, key=key, bands=bands)
        return self

    def _draw_around(self, *, at_risk: bool, box: bool, key: bool, bands: bool) -> None:
        """Draw what is words and numbers."""
        self.at_risk_, self.box_, self.key_ = None, (), None
        if at_risk:
            self.at_risk_ = draw_at_risk(self.ax_, self.curves, ticks=self._ticks())
        if box and self.box:
            self.box_ = draw_box(self.ax_, self.box, obstacles=self._obstacles(bands))
        if key:
            self.key_ = self._draw_key()
        self._draw_title(self._key_height(axes_inches(self.ax_)[0]) if key else 0)

    def room(self, *, width: float, at_risk: bool = True, key: bool = True) -> Room:
        """Return the room that title, key, axis titles and numbers at risk need.

        Parameters
        ----------
        width : float
            Of the whole, in inches.
        """
        left = max(_AXIS_TITLE, at_risk_margin(self.curves) if at_risk else 0) + 0.04
        inner = width - left - _RIGHT
        titles = len(self._title_lines(inner)) * _TITLE_LINE
        return Room(
            left=left,
            right=_RIGHT,
            above=titles + (self._key_height(inner) if key else 0) + 0.08,
            below=at_risk_height(list(self.curves)) if at_risk else 0.4,
        )

    def key_entries(self) -> list[KeyEntry]:
        """Return what the key says: the arms, and the printed points if there are any."""
        entries = [
            KeyEntry(label=self.names[arm], style=arm_style(index))
            for index, arm in enumerate(self.curves)
        ]
        points = self._shown.points
        if points:
            entries.append(KeyEntry(label="as printed"))
        if not all(point.met for point in points):
            entries.append(KeyEntry(label="printed, not met", missed=True))
        return entries

    def _key_height(self, width: float) -> float:
        return key_height(self.key_entries(), width=width + _RIGHT)

    def _title_lines(self, width: float) -> list[str]:
        if not self.title:
            return []
        return wrap(self.title, width=width + _RIGHT, size=TITLE_SIZE, bold=True)

    def _new_axes(self, *, at_risk: bool, key: bool) -> Axes:
        room = self.room(width=COLUMN_WIDTH, at_risk=at_risk, key=key)
        size = (COLUMN_WIDTH, room.above + PLOT_HEIGHT + room.below)
        figure = new_figure(COLUMN_WIDTH, size[1] + FOOTNOTE_HEIGHT, alt=self.alt)
        footnote(figure, RECONSTRUCTED)
        return add_axes(figure, room, corner=(0, 0), size=size)

    @cached_property
    def _shown(self) -> ShownCurves:
        return ShownCurves(
            curves={arm: ShownCurve.of(curve) for arm, curve in self.curves.items()},
            points=printed_points(self.landmarks),
        )

    def _obstacles(self, bands: bool) -> Sequence[list[Obstacle]]:
        return obstacles(self._shown, height=axes_inches(self.ax_)[1], bands=bands)

    def _ticks(self) -> FloatArray:
        counts = (count_text(curve.n) for curve in self.curves.values())
        widest = max(text_width(count, size=SMALL_SIZE) for count in counts)
        most = math.floor(axes_inches(self.ax_)[0] / (max(widest, 0.16) + 0.07))
        return time_ticks(self._shown.end, unit=self.time_unit, most=min(max(most, 3), 12))

    def _draw_axes(self) -> None:
        ax = self.ax_
        ticks = self._ticks()
        ax.set_xlim(0, 1.02 * self._shown.end)
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_ylim(0, 1.03)
        ax.set_yticks(np.linspace(0, 1, 6), [f"{percent}" for percent in range(0, 101, 20)])
        ax.spines["left"].set_bounds(0, 1)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_xlabel(time_label(self.time_unit), labelpad=2)
        ax.set_ylabel(self.y_title, labelpad=3)

    def _draw_curves(
        self, line_kwargs: Mapping[str, Any], *, bands: bool, censor_marks: bool
    ) -> None:
        self.lines_, self.bands_, self.censor_marks_ = {}, {}, {}
        marked = censor_marks and self._shown.n_censored <= MOST_CENSOR_MARKS
        for index, (arm, curve) in enumerate(self._shown.curves.items()):
            style = arm_style(index)
            self.lines_[arm] = draw_line(self.ax_, curve, style, line_kwargs=line_kwargs)
            if bands:
                self.bands_[arm] = draw_band(self.ax_, curve, style)
            if marked and (marks := draw_censor_marks(self.ax_, curve, style)):
                self.censor_marks_[arm] = marks

    def _draw_landmarks(self, wanted: bool) -> None:
        self.points_, self.missed_ = [], None
        points = self._shown.points
        if wanted:
            for index, arm in enumerate(self.curves):
                if of_arm := [point for point in points if point.arm == arm]:
                    self.points_.append(draw_points(self.ax_, of_arm, style=arm_style(index)))
            self.missed_ = draw_missed(self.ax_, points)

    def _draw_key(self) -> Legend:
        width, height = axes_inches(self.ax_)
        top = 1 + (self._key_height(width) + 0.01) / height
        return draw_key(self.ax_, self.key_entries(), corner=(0, top), width=width + _RIGHT)

    def _draw_title(self, key_height: float) -> None:
        lines = self._title_lines(axes_inches(self.ax_)[0])
        if lines:
            self.ax_.set_title("\n".join(lines), loc="left", pad=(key_height + 0.06) * 72)
