"""Survival in subgroups: curves under labels that match a forest plot, and how far they vary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from .axes import draw_axes, time_ticks
from .files import ShownInNotebooks
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes, footnote, footnote_height, new_figure, title_height, write_title
from .style import PAGE_WIDTH, SMALL_SIZE, StyleName, Width, arm_style, context, inches_of
from .text import arm_label, endpoint_title, fit, literal, survival_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models.subgroups import Subgroups, VariableLabels

__all__ = ["SubgroupCurvesDisplay"]

_ROOM = Room(left=0.5, right=0.14, above=0.26, below=0.42)
_PANEL = 1.5  # inches
_POINTS = 60  # along the time axis
_MOST_DRAWS = 60
_NOTE = (
    "Labels consistent with the reported numbers of every subgroup, drawn from all of these: no "
    "patient's own subgroup is known. Line: mean of the draws; band: 95% of them, not a confidence "
    "interval. Patients reconstructed from reported numbers, not the original data."
)


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
        size = (whole / columns, _ROOM.above + _PANEL + _ROOM.below)
        rows = -(-len(panels) // columns)
        height = top + rows * size[1] + footnote_height(_NOTE, width=whole)
        self.figure_ = new_figure(whole, height, alt=self.alt)
        write_title(self.figure_, title)
        draw_key(
            self.figure_,
            self._key(),
            corner=(0.05 / whole, 1 - (0.06 + titles) / height),
            width=whole - 0.1,
        )
        footnote(self.figure_, _NOTE)
        self.axes_, self.lines_ = {}, {}
        for number, (each, place) in enumerate(panels):
            corner = (number % columns * size[0], top + number // columns * size[1])
            ax = add_axes(self.figure_, _ROOM, corner=corner, size=size)
            self._draw_level(ax, each, place, width=size[0] - _ROOM.left)

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
