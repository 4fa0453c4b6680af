"""Names of arms at the ends of their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .lettering import literal, text_width, wrap
from .style import SMALL_SIZE, arm_style, axes_inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from .curve_view import ShownCurves

__all__ = ["EndLabel", "draw_end_labels", "end_labels", "labels_fit", "labels_room"]

_LINE = SMALL_SIZE * 1.25 / 72  # inches
_GAP = 0.03  # inches between the axes and a label
_APART = 0.02  # inches between two labels
_WIDEST = 0.95  # inches
_SHARE = 0.2  # of the width of the whole
_MOST_LINES = 3
_ON_SCREEN = 1.06  # letters on whole pixels may be that much wider
_LATE = 0.9  # of the time axis: a curve that ends before is too far from its label


@dataclass(frozen=True, kw_only=True)
class EndLabel:
    """The name of an arm, and how high its curve ends.

    Attributes
    ----------
    arm : str
    lines : tuple of str
    height : float
        As a fraction of survival.
    end : float
        When the curve ends, as a fraction of the time shown.
    whole : bool
        Whether the lines hold all of the name.
    """

    arm: str
    lines: tuple[str, ...]
    height: float
    end: float
    whole: bool

    @property
    def inches(self) -> float:
        """The label's height."""
        return _LINE * len(self.lines)


def end_labels(
    shown: ShownCurves, names: Mapping[str, str], *, width: float
) -> tuple[EndLabel, ...]:
    """Return the labels of all arms, for a figure that is `width` inches wide."""
    return tuple(
        _label(arm, names[arm], width=min(_WIDEST, _SHARE * width), height=curve.height[-1],
               end=curve.time[-1] / shown.end)
        for arm, curve in shown.curves.items()
    )  # fmt: skip


def _label(arm: str, name: str, *, width: float, height: float, end: float) -> EndLabel:
    lines = wrap(name, width=width, size=SMALL_SIZE, lines=_MOST_LINES)
    return EndLabel(
        arm=arm,
        lines=tuple(lines),
        height=float(height),
        end=float(end),
        whole=" ".join(lines) == literal(name),
    )


def labels_fit(labels: Sequence[EndLabel], *, height: float) -> bool:
    """Say whether each label can stand beside the end of its curve, on axes `height` inches high.

    That takes two arms or more, names that are whole, and curves that end late and so far from
    each other that no label must be moved.
    """
    if len(labels) < 2 or not all(label.whole and label.end >= _LATE for label in labels):
        return False
    ordered = sorted(labels, key=lambda label: label.height)
    return all(
        (upper.height - lower.height) * height >= (upper.inches + lower.inches) / 2 + _APART
        for lower, upper in pairwise(ordered)
    )


def labels_room(labels: Sequence[EndLabel]) -> float:
    """Return the room that the labels need to the right of the axes, in inches."""
    lines = [line for label in labels for line in label.lines]
    return _GAP + _ON_SCREEN * max(text_width(line, size=SMALL_SIZE) for line in lines) + 0.04


def draw_end_labels(ax: Axes, labels: Sequence[EndLabel]) -> dict[str, Text]:
    """Write the labels to the right of the axes, as high as the curves end if there is room.

    Returns
    -------
    dict of str to Text
        By arm.
    """
    if not labels:
        return {}
    width, height = axes_inches(ax)
    bottom, top = ax.get_ylim()
    wanted = np.array([(label.height - bottom) / (top - bottom) * height for label in labels])
    centres = _apart(wanted, np.array([label.inches for label in labels]), height=height)
    return {
        label.arm: ax.text(
            1 + _GAP / width,
            centre / height,
            "\n".join(label.lines),
            transform=ax.transAxes,
            fontsize=SMALL_SIZE,
            linespacing=1.1,
            va="center",
            color=arm_style(index).lettering,
        )
        for index, (label, centre) in enumerate(zip(labels, centres.tolist(), strict=True))
    }


def _apart(wanted: FloatArray, sizes: FloatArray, *, height: float) -> FloatArray:
    """Move what overlaps apart, upwards from the lowest, then back below the top; in inches."""
    order = np.argsort(wanted, kind="stable")
    centres = wanted.copy()
    floor = 0.0
    for index in order:
        centres[index] = max(wanted[index], floor + sizes[index] / 2)
        floor = centres[index] + sizes[index] / 2 + _APART
    ceiling = height + float(sizes[order[-1]]) / 2
    for index in order[::-1]:
        centres[index] = min(centres[index], ceiling - sizes[index] / 2)
        ceiling = centres[index] - sizes[index] / 2 - _APART
    return centres
