"""Which line is which arm: the key above a plot, or names at the ends of the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..reconstruct.pseudo_ipd import FloatArray
from .layout import axes_inches
from .style import INK, MISSED, SMALL_SIZE, ArmStyle, arm_style, current_look, shade
from .text import fit, literal, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from .curves import ShownCurves

__all__ = [
    "KEY_LINE",
    "BandLook",
    "EndLabel",
    "KeyEntry",
    "MarkLook",
    "draw_end_labels",
    "draw_key",
    "end_labels",
    "key_height",
    "labels_fit",
    "labels_room",
]


@dataclass(frozen=True, kw_only=True)
class _Look:
    """How something is drawn that the key explains.

    Attributes
    ----------
    name : str
        What the key calls it.
    colour : str
    shift : float
        Upwards, in rows, so that two estimates of one row are apart.
    """

    name: str
    colour: str
    shift: float = 0.0

    @property
    def tint(self) -> str:
        """The colour as the current style shows it."""
        return shade(self.colour)


@dataclass(frozen=True, kw_only=True)
class MarkLook(_Look):
    """How one kind of estimate is drawn: the marker, and whether it is filled."""

    marker: str
    filled: bool = True


@dataclass(frozen=True, kw_only=True)
class BandLook(_Look):
    """How one kind of range without an estimate is drawn: a bar behind the marks.

    Attributes
    ----------
    alpha : float
    thickness : float
        In points.
    """

    alpha: float
    thickness: float


KEY_LINE = 10.0 / 72  # inches
_HANDLE = 2.6  # of the letters' height
_GAP, _BETWEEN = 0.6, 1.6
_LINE = SMALL_SIZE * 1.25 / 72  # inches
_BESIDE = 0.03  # inches between the axes and a label
_APART = 0.02  # inches between two labels
_WIDEST = 0.95  # inches
_SHARE = 0.2  # of the width of the whole
_MOST_LINES = 3
_ON_SCREEN = 1.06  # letters on whole pixels may be that much wider
_LATE = 0.9  # of the time axis: a curve that ends before is too far from its label


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    """One entry: an arm's line, a mark or band of a forest plot, or else reported survival.

    An arm is `marked` if its reported survival is drawn, too.
    """

    label: str
    style: ArmStyle | None = None
    look: MarkLook | None = None
    band: BandLook | None = None
    missed: bool = False
    marked: bool = False

    def width(self) -> float:
        """Return the room that it takes in a row, in inches."""
        around = (_HANDLE + _GAP + _BETWEEN) * SMALL_SIZE / 72
        return text_width(self.label, size=SMALL_SIZE) + around

    def handle(self) -> Line2D:
        """Return what is before the label."""
        if self.style:
            return self._line(self.style)
        if self.look:
            return self._mark(self.look)
        if self.band:
            return self._stripe(self.band)
        return _cross() if self.missed else _ring()

    def _line(self, style: ArmStyle) -> Line2D:
        from matplotlib.lines import Line2D

        return Line2D(
            [],
            [],
            color=style.colour,
            linestyle=style.dashes,
            linewidth=1.2 * current_look().pen,
            marker=style.marker if self.marked else "",
            markersize=3.6,
            markerfacecolor="white",
            markeredgewidth=0.8,
        )

    @staticmethod
    def _stripe(band: BandLook) -> Line2D:
        from matplotlib.lines import Line2D

        return Line2D([], [], color=band.tint, alpha=band.alpha, linewidth=min(band.thickness, 6))

    @staticmethod
    def _mark(look: MarkLook) -> Line2D:
        from matplotlib.lines import Line2D

        return Line2D(
            [],
            [],
            color=look.tint,
            linewidth=0.9,
            marker=look.marker,
            markersize=4.2,
            markerfacecolor=look.tint if look.filled else "white",
            markeredgewidth=0.9,
        )


def _cross() -> Line2D:
    """Return the mark of a reported survival that the patients do not have."""
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], color=MISSED, linestyle="none", marker="x", markersize=5, markeredgewidth=1.2
    )


def _ring() -> Line2D:
    """Return the mark of a reported survival."""
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor="white",
        markeredgecolor=INK,
        markeredgewidth=0.8,
    )


def key_height(entries: Sequence[KeyEntry], *, width: float) -> float:
    """Return how high the key is when it may be `width` wide, both in inches."""
    return KEY_LINE * -(-len(entries) // _columns(entries, width))


def draw_key(
    owner: Axes | Figure, entries: Sequence[KeyEntry], *, corner: tuple[float, float], width: float
) -> Legend:
    """Draw the key, `width` inches wide, its upper left at `corner`, in fractions of `owner`."""
    legend = owner.legend(
        [entry.handle() for entry in entries],
        # The labels are set below: matplotlib gives a meaning to one that starts with "_".
        ["label"] * len(entries),
        loc="upper left",
        bbox_to_anchor=corner,
        ncols=_columns(entries, width),
        fontsize=SMALL_SIZE,
        borderpad=0,
        borderaxespad=0,
        handlelength=_HANDLE,
        handletextpad=_GAP,
        columnspacing=_BETWEEN,
        labelspacing=(KEY_LINE * 72 / SMALL_SIZE) - 1,
    )
    room = width - (_HANDLE + _GAP) * SMALL_SIZE / 72
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        text.set_text(fit(entry.label, width=room, size=SMALL_SIZE))
    return legend


def _columns(entries: Sequence[KeyEntry], width: float) -> int:
    """Return the columns that give the fewest rows, as few as that many rows need.

    Matplotlib fills columns one after the other: seven entries are four, and not six of which the
    first has two.
    """
    widths = [entry.width() for entry in entries]
    least = {-(-len(widths) // rows) for rows in range(1, len(widths) + 1)}
    for columns in sorted(least, reverse=True):
        if sum(max(column) for column in np.array_split(widths, columns)) <= width:
            return columns
    return 1


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
    """Say whether each label fits beside the end of its curve, on axes `height` inches high.

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
    return _BESIDE + _ON_SCREEN * max(text_width(line, size=SMALL_SIZE) for line in lines) + 0.04


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
            1 + _BESIDE / width,
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
