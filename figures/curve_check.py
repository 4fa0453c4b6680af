"""Reconstructed against digitised curves, point by point, and numbers at risk against reported."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..presentation.formats import count
from .at_risk import (
    AXIS_DEPTH,
    NOT_MET,
    CheckTable,
    check_table_height,
    check_table_margin,
    draw_check_table,
)
from .axes import percent_axis, time_label, time_ticks
from .curves import kept_steps
from .files import ShownInNotebooks
from .key import KeyEntry, draw_key, key_height
from .layout import FOOTNOTE_HEIGHT, footnote, new_figure, title_height, title_lines
from .style import COLUMN_WIDTH, FAINT, MISSED, SMALL_SIZE, ArmStyle, arm_style, context
from .text import arm_label, endpoint_title, fit, literal, survival_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

    from ..models import CurveCheck, EndpointAnalysis, KaplanMeier

__all__ = ["ReconstructionCheckDisplay"]

NOTE = "Patients reconstructed from the digitised points, not the original data."
PLOT_HEIGHT = 2.3  # inches
STRIP_HEIGHT = 0.52  # inches, of one arm's residuals
STRIP_GAP = 0.24  # inches above it, for its heading
RIGHT, LEFT = 0.16, 0.51  # inches; the y axis' title and tick labels are on the left
APART = 0.4  # of a strip's half height: nearer to zero than this, the tolerance has no label
FEW_POINTS, MOST_RINGS = 60, 400  # more are drawn smaller, and still more as dots
MOST_TICKS = 9


@dataclass(kw_only=True, eq=False, repr=False)
class ReconstructionCheckDisplay(ShownInNotebooks):
    """How well the patients of an endpoint match what was digitised, as numbers first.

    Build it with `from_analysis`; draw it with `plot`.

    Parameters
    ----------
    checks : sequence of CurveCheck
        Arm by arm, the reference first.
    curves : mapping of str to KaplanMeier
        The estimates from the patients.
    names : mapping of str to str
        The arms' full names.
    title, y_title, time_unit : str
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last; `ax_` holds the curves. These and the following exist once `plot`
        has been called.
    lines_, points_ : dict of str to Line2D
        By arm: the reconstructed curve, and the digitised points over it.
    strips_ : dict of str to Axes
        By arm: residuals in percentage points, over a band as wide as the reading error.
    residuals_ : dict of str to Line2D
    missed_ : dict of str to Line2D
        Crosses over the residuals beyond the tolerance; arms without one are left out.
    at_risk_ : CheckTable or None
        None if no number at risk is reported.
    key_ : Legend
    """

    checks: tuple[CurveCheck, ...] = field(repr=False)
    curves: Mapping[str, KaplanMeier] = field(repr=False)
    names: Mapping[str, str]
    title: str = ""
    y_title: str = "Survival (%)"
    time_unit: str = "months"
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    lines_: dict[str, Line2D] = field(init=False, repr=False)
    points_: dict[str, Line2D] = field(init=False, repr=False)
    strips_: dict[str, Axes] = field(init=False, repr=False)
    residuals_: dict[str, Line2D] = field(init=False, repr=False)
    missed_: dict[str, Line2D] = field(init=False, repr=False)
    at_risk_: CheckTable | None = field(init=False, repr=False)
    key_: Legend = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint with digitised curves.

        Parameters
        ----------
        analysis : EndpointAnalysis
        title : str, optional
            The endpoint's name and cohort unless given.

        Raises
        ------
        ValueError
            If no arm has a digitised curve.
        """
        if not analysis.curve_checks:
            raise ValueError("`analysis` must be of an endpoint with a digitised curve.")
        endpoint = analysis.endpoint
        arms = [check.arm for check in analysis.curve_checks]
        return cls(
            checks=analysis.curve_checks,
            curves={arm: analysis.curves[arm] for arm in arms},
            names={arm: arm_label(endpoint, arm) for arm in arms},
            title=endpoint_title(endpoint) if title is None else title,
            y_title=survival_title(endpoint),
            time_unit=endpoint.time_unit,
            alt=_in_words(analysis.curve_checks),
        )

    def plot(self) -> Self:
        """Draw curves, residuals and numbers at risk into a new figure of 120 mm.

        Returns
        -------
        ReconstructionCheckDisplay
            The same object, with handles of what was drawn.
        """
        with context():
            self._make_axes()
            self._draw_curves()
            self.residuals_, self.missed_ = {}, {}
            for check in self.checks:
                self._draw_strip(check)
            self._draw_words()
        return self

    def _styles(self) -> dict[str, ArmStyle]:
        return {check.arm: arm_style(index) for index, check in enumerate(self.checks)}

    def _left(self) -> float:
        return max(LEFT, check_table_margin(self.checks)) + 0.04

    def _wide(self) -> float:
        """Return the width of the plot, and so of title and key, in inches."""
        return COLUMN_WIDTH - self._left() - RIGHT

    def _above(self) -> float:
        """Return the room for title and key, in inches."""
        return title_height(self.title, width=self._wide()) + self._key_height() + 0.08

    def _key_height(self) -> float:
        return key_height(self._entries(), width=self._wide())

    def _entries(self) -> list[KeyEntry]:
        styles = self._styles()
        arms = [KeyEntry(label=self.names[arm], style=style) for arm, style in styles.items()]
        missed = not all(check.inside.all() for check in self.checks)
        others = [KeyEntry(label="as digitised")]
        return [*arms, *others, *([KeyEntry(label="beyond tolerance", missed=True)] * missed)]

    def _make_axes(self) -> None:
        """Make the figure: curves on top, a strip of residuals for each arm, words below."""
        strips = len(self.checks) * (STRIP_GAP + STRIP_HEIGHT)
        below = max(check_table_height(self.checks), (AXIS_DEPTH + 1) / 72)
        height = self._above() + PLOT_HEIGHT + strips + below + FOOTNOTE_HEIGHT
        self.figure_ = new_figure(COLUMN_WIDTH, height, alt=self.alt)
        met = all(row.met for check in self.checks for row in check.at_risk)
        footnote(self.figure_, NOTE if met else f"{NOTE} {NOT_MET} not as printed.")
        top = self._above()
        self.ax_ = self._axes_at(top, PLOT_HEIGHT)
        self.strips_, top = {}, top + PLOT_HEIGHT
        for check in self.checks:
            self.strips_[check.arm] = self._axes_at(top + STRIP_GAP, STRIP_HEIGHT)
            top += STRIP_GAP + STRIP_HEIGHT

    def _axes_at(self, top: float, height: float) -> Axes:
        width, page = self.figure_.get_size_inches()
        return self.figure_.add_axes(
            (self._left() / width, 1 - (top + height) / page, self._wide() / width, height / page)
        )

    def _end(self) -> float:
        """Return the last time shown."""
        rows = [row.time for check in self.checks for row in check.at_risk]
        last = [max(check.last_time, float(check.time[-1])) for check in self.checks]
        return max(*last, *rows, 0.0)

    def _draw_axis(self, ax: Axes, *, labels: bool) -> None:
        ticks = time_ticks(self._end(), unit=self.time_unit, most=MOST_TICKS)
        ax.set_xlim(0, 1.02 * self._end())
        ax.set_xticks(ticks, [f"{tick:g}" if labels else "" for tick in ticks])
        ax.spines[["top", "right"]].set_visible(False)

    def _draw_curves(self) -> None:
        ax, styles = self.ax_, self._styles()
        self.lines_, self.points_ = {}, {}
        for check in self.checks:
            curve, style = self.curves[check.arm], styles[check.arm]
            kept = kept_steps(curve.survival)
            (self.lines_[check.arm],) = ax.plot(
                curve.time[kept], curve.survival[kept], drawstyle="steps-post", zorder=3,
                color=style.colour, linestyle=style.dashes, linewidth=1.0,
            )  # fmt: skip
            (self.points_[check.arm],) = ax.plot(
                check.time, check.digitised, linestyle="none", zorder=4, clip_on=False,
                **_point_look(check, style),
            )  # fmt: skip
        self._draw_axis(ax, labels=False)
        percent_axis(ax, title=self.y_title)

    def _draw_strip(self, check: CurveCheck) -> None:
        """Draw the residuals of one arm, in percentage points."""
        ax, style = self.strips_[check.arm], self._styles()[check.arm]
        width, residual = 100 * check.tolerance, 100 * check.residual
        ax.fill_between(
            check.time, -100 * check.widths, 100 * check.widths,
            facecolor=style.colour, alpha=0.13, linewidth=0, zorder=1,
        )  # fmt: skip
        ax.axhline(0, color=FAINT, linewidth=0.6, zorder=2)
        (self.residuals_[check.arm],) = ax.plot(
            check.time, residual, linestyle="none", zorder=3, clip_on=False,
            marker=style.marker, markersize=1.8, markeredgewidth=0, color=style.colour,
        )  # fmt: skip
        outside = ~check.inside
        if outside.any():
            (self.missed_[check.arm],) = ax.plot(
                check.time[outside], residual[outside], linestyle="none", zorder=4, clip_on=False,
                marker="x", markersize=4, markeredgewidth=1.0, color=MISSED,
            )  # fmt: skip
        reach = max(1.5 * width, 1.15 * 100 * check.largest)
        ax.set_ylim(-reach, reach)
        tick = width if width >= APART * reach else _round_below(reach)
        ax.set_yticks([-tick, 0, tick], [f"\N{MINUS SIGN}{tick:.2g}", "0", f"{tick:.2g}"])
        self._draw_axis(ax, labels=check is self.checks[-1])
        heading = (
            f"{literal(self.names[check.arm])}: reconstructed minus digitised "
            f"(percentage points; band \N{PLUS-MINUS SIGN}{width:.2g})"
        )
        if check.misfit:
            worst = int(np.argmax(check.beyond))
            heading = (
                f"{literal(self.names[check.arm])}: missed, most at {check.time[worst]:g} "
                f"{self.time_unit} by {100 * check.residual[worst]:+.1f} points"
            )
        ax.set_title(
            fit(heading, width=self._wide(), size=SMALL_SIZE),
            fontsize=SMALL_SIZE, fontweight="normal", loc="left", pad=2,
        )  # fmt: skip

    def _draw_words(self) -> None:
        """Draw title, key, time axis and numbers at risk."""
        lowest = self.strips_[self.checks[-1].arm]
        lowest.set_xlabel(time_label(self.time_unit), labelpad=2)
        self.at_risk_ = None
        if any(check.at_risk for check in self.checks):
            self.at_risk_ = draw_check_table(
                lowest, self.checks, names=self.names, styles=self._styles()
            )
        top = 1 + (self._key_height() + 0.01) / PLOT_HEIGHT
        self.key_ = draw_key(self.ax_, self._entries(), corner=(0, top), width=self._wide())
        if lines := title_lines(self.title, width=self._wide()):
            self.ax_.set_title("\n".join(lines), loc="left", pad=(self._key_height() + 0.06) * 72)


def _point_look(check: CurveCheck, style: ArmStyle) -> dict[str, Any]:
    """Return rings, the smaller the more points there are, and dots for very many."""
    if check.time.size > MOST_RINGS:
        return {"marker": ".", "markersize": 1.6, "markeredgewidth": 0, "color": style.colour}
    few = check.time.size <= FEW_POINTS
    return {
        "marker": style.marker, "markersize": 2.6 if few else 1.7, "markerfacecolor": "white",
        "markeredgecolor": style.colour, "markeredgewidth": 0.6 if few else 0.4,
    }  # fmt: skip


def _round_below(value: float) -> float:
    """Return the largest of 1, 2 and 5, times a power of ten, that is at most `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(digit * power for digit in (1, 2, 5) if digit * power <= value)


def _in_words(checks: Sequence[CurveCheck]) -> str:
    arms = (
        f"{check.arm}: {int(check.inside.sum())} of {count(check.time.size, 'digitised point')} "
        f"within {100 * check.tolerance:.2g} percentage points of the reconstructed curve, the "
        f"furthest {100 * check.largest:.2g} away{_rows_in_words(check)}"
        for check in checks
    )
    return f"Reconstructed against digitised survival curves. {'; '.join(arms)}."


def _rows_in_words(check: CurveCheck) -> str:
    if not check.at_risk:
        return ""
    met = sum(row.met for row in check.at_risk)
    return f", {met} of {count(len(check.at_risk), 'number at risk', 'numbers at risk')} matched"
