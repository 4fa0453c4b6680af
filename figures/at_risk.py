"""The numbers at risk below a plot of survival curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lettering import fit, literal, text_width
from .style import SMALL_SIZE, axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from ..models import KaplanMeier
    from ..reconstruct.pseudo_ipd import FloatArray

__all__ = ["AtRiskTable", "at_risk_height", "at_risk_margin", "count_text", "draw_at_risk", "note"]

HEADING = "No. at risk"
AXIS_DEPTH = 26.0  # points from the axis down to the first line: tick labels and axis title
LINE = 9.5  # points
_GAP = 6.0  # points between an arm's name and its first number
WIDEST_MARGIN = 0.62  # inches: longer names stand on a line of their own


@dataclass(frozen=True, kw_only=True, eq=False)
class AtRiskTable:
    """What was drawn.

    Attributes
    ----------
    heading : Annotation
    names : dict of str to Annotation
        By arm.
    counts : dict of str to tuple of Annotation
        By arm, one for each tick.
    """

    heading: Annotation
    names: dict[str, Annotation]
    counts: dict[str, tuple[Annotation, ...]]


def count_text(count: int) -> str:
    """Write a number of patients, with a separator from ten thousand on."""
    return f"{count:,}" if count >= 10_000 else str(count)


def _above(arms: Sequence[str]) -> bool:
    """Say whether a name is too long for the margin, so that names stand above their numbers."""
    return max(text_width(literal(arm), size=SMALL_SIZE) for arm in arms) > WIDEST_MARGIN


def at_risk_margin(curves: Mapping[str, KaplanMeier]) -> float:
    """Return the room that the table needs to the left of time 0, in inches."""
    arms = list(curves)
    first = max(text_width(count_text(curve.n), size=SMALL_SIZE) for curve in curves.values())
    # The heading starts at the margin's left edge, so it may reach beneath the axis.
    names = 0.0 if _above(arms) else max(text_width(literal(arm), size=SMALL_SIZE) for arm in arms)
    return names + first / 2 + (_GAP + 2) / 72


def at_risk_height(arms: Sequence[str]) -> float:
    """Return the room that the table needs below the axis, in inches, tick labels included."""
    rows = len(arms) * (2 if _above(arms) else 1)
    return (AXIS_DEPTH + LINE * (rows + 1) + 1) / 72


def draw_at_risk(ax: Axes, curves: Mapping[str, KaplanMeier], *, ticks: FloatArray) -> AtRiskTable:
    """Write, below each tick, how many patients of each arm were followed just before it."""
    arms = list(curves)
    above = _above(arms)
    first = max(text_width(count_text(curve.n), size=SMALL_SIZE) for curve in curves.values()) * 72
    names_width = max(text_width(literal(arm), size=SMALL_SIZE) for arm in arms) * 72
    start = -first / 2 - (0 if above else _GAP + names_width)
    heading = note(ax, HEADING, at=0, offset=(start, -AXIS_DEPTH - LINE / 2), align="left")
    names, counts, depth = {}, {}, AXIS_DEPTH + 1.5 * LINE
    for arm, curve in curves.items():
        name = fit(arm, width=axes_inches(ax)[0], size=SMALL_SIZE)
        names[arm] = note(ax, name, at=0, offset=(start, -depth), align="left")
        depth += LINE if above else 0
        counts[arm] = tuple(
            note(ax, count_text(curve.n_at_risk_at(tick)), at=tick, offset=(0, -depth))
            for tick in ticks.tolist()
        )
        depth += LINE
    return AtRiskTable(heading=heading, names=names, counts=counts)


def note(
    ax: Axes, text: str, *, at: float, offset: tuple[float, float], align: str = "center"
) -> Annotation:
    """Write a text below the axis at a time, `offset` points from where the axis is."""
    return ax.annotate(
        text,
        xy=(at, 0),
        xycoords=("data", "axes fraction"),
        xytext=offset,
        textcoords="offset points",
        ha=align,
        va="center_baseline",
        fontsize=SMALL_SIZE,
        annotation_clip=False,
    )
