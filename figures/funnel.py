"""Funnel plots of pooled trials."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from ..presentation.formats import count
from .files import ShownInNotebooks
from .layout import Room, add_axes, footnote, footnote_height, new_figure
from .style import FAINT, REPRODUCED, Width, context, inches_of, shade
from .text import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models.pooling import Synthesis

__all__ = ["SOURCES", "FunnelDisplay"]

SOURCES = {
    "reported": "as reported",
    "reproduced": "reconstructed patients",
    "draws": "draws, reconstruction variance added",
}


@dataclass(kw_only=True, eq=False, repr=False)
class FunnelDisplay(ShownInNotebooks):
    """Trials by estimate and standard error, around the common effect.

    Build it with `from_synthesis`; draw it with `plot`.

    Parameters
    ----------
    estimates, errors : ndarray of float, shape (k,)
        On the scale of the synthesis (logarithms of ratios).
    centre : float
        The common effect.
    is_ratio : bool
        Whether estimates are logarithms of ratios.
    title, note, alt : str

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    points_ : Line2D
    """

    estimates: np.ndarray
    errors: np.ndarray
    centre: float
    is_ratio: bool = True
    title: str = ""
    note: str = ""
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    points_: Line2D = field(init=False, repr=False)

    @classmethod
    def from_synthesis(cls, found: Synthesis, *, title: str = "") -> Self:
        """Take the estimates of a synthesis."""
        what = title or f"Funnel plot, {SOURCES.get(found.source, found.source)}"
        test = found.egger
        words = "Fewer than 3 trials: no test of asymmetry."
        if test is not None:
            words = f"Egger's test: p = {test.p:.2f} on "
            words += count(test.df, "degree of freedom", "degrees of freedom")
            words += "; with fewer than 10 trials it has little power." if test.df < 8 else "."
        return cls(
            estimates=np.array([effect.estimate for effect in found.effects]),
            errors=np.sqrt([effect.variance for effect in found.effects]),
            centre=found.common.estimate,
            is_ratio=found.is_ratio,
            title=literal(what),
            note=f"Lines: common effect and its 95% region. {words}",
            alt=literal(f"{what} of {count(len(found.trials), 'trial')}. {words}"),
        )

    def plot(self, *, width: Width | None = None) -> Self:
        """Draw the funnel.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; 85 unless given.
        """
        with context():
            inches = inches_of(width, usual=85 / 25.4)
            foot = footnote_height(self.note, width=inches)
            size = (inches, 2.4 + foot)
            self.figure_ = new_figure(*size, alt=self.alt)
            footnote(self.figure_, self.note)
            room = Room(left=0.5, right=0.15, above=0.28, below=0.38 + foot)
            self.ax_ = ax = add_axes(self.figure_, room, corner=(0, 0), size=size)
            deepest = 1.1 * float(self.errors.max())
            for side in (-1.96, 0.0, 1.96):
                ax.plot(
                    [self.centre, self.centre + side * deepest], [0, deepest], color=FAINT,
                    linewidth=0.8, linestyle=(0, (4, 2)), zorder=1,
                )  # fmt: skip
            (self.points_,) = ax.plot(
                self.estimates, self.errors, linestyle="none", marker="o", markersize=4,
                color=shade(REPRODUCED), zorder=3,
            )  # fmt: skip
            ax.set_ylim(deepest, 0)
            ax.set_ylabel("Standard error", labelpad=3)
            ax.set_title(self.title, loc="left", pad=4)
            self._ratio_ticks()
        return self

    def _ratio_ticks(self) -> None:
        ax = self.ax_
        if not self.is_ratio:
            ax.set_xlabel("Difference", labelpad=2)
            return
        low, high = ax.get_xlim()
        ratios = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
        inside = [ratio for ratio in ratios if low <= math.log(ratio) <= high] or [
            math.exp(self.centre)
        ]
        ax.set_xticks([math.log(ratio) for ratio in inside], [f"{ratio:.3g}" for ratio in inside])
        ax.set_xlim(low, high)
        ax.set_xlabel("Hazard ratio, logarithmic", labelpad=2)
