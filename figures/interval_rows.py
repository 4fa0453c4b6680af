"""Rows of names, intervals on a common axis, and columns of text: a forest plot's bones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Self

from .axes import LinearAxis, LogAxis, linear_axis, log_axis
from .key import BandLook, MarkLook
from .layout import Room, axes_inches
from .style import FAINT, INK, PAGE_WIDTH, SMALL_SIZE
from .text import fit, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Polygon
    from matplotlib.text import Annotation

__all__ = ["DrawnMark", "IntervalBand", "IntervalMark", "IntervalRow", "RowTable"]

ROW_HEIGHT = 0.165  # inches
_INDENT = 0.11
_COLUMN_GAP = 0.13
_WIDEST_CELL = 1.35
_NARROWEST_AXIS = 1.36
_ALL_COLUMNS = 5.0
_NARROWEST_NAME = 0.8
_EDGE = 0.07
_FOOT = 0.25  # rows between the last one and the axis
_LINE = 0.62  # rows that a further line of a name takes
_MOST_LINES = 5  # of a name
_DIAMOND = 0.28  # rows from its middle to its top
_CELL = SMALL_SIZE


@dataclass(frozen=True, kw_only=True)
class IntervalBand:
    """A range without an estimate, from `ends[0]` to `ends[1]`; 0 and infinity are no bounds."""

    ends: tuple[float, float]
    look: BandLook


@dataclass(frozen=True, kw_only=True)
class IntervalMark:
    """An estimate with its interval.

    Attributes
    ----------
    estimate : float
    ci : tuple of float, or None
        As reported, whether or not they contain the estimate.
    look : MarkLook
    overall : bool
        Of all patients: a diamond as wide as the interval, with a line through all rows.
    line : bool
        Whether such a diamond has that line.
    """

    estimate: float
    ci: tuple[float, float] | None
    look: MarkLook
    overall: bool = False
    line: bool = True

    @property
    def contained(self) -> bool:
        """False if the interval does not contain the estimate."""
        return self.ci is None or self.ci[0] <= self.estimate <= self.ci[1]


@dataclass(frozen=True, kw_only=True)
class IntervalRow:
    """One row: a name, marks and bands on the axis, a cell for each column."""

    name: str
    marks: tuple[IntervalMark, ...] = ()
    bands: tuple[IntervalBand, ...] = ()
    cells: tuple[str, ...] = ()
    heading: bool = False
    indent: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnMark:
    """What was drawn for one mark: its interval, its point, and arrows where it leaves the axis."""

    mark: IntervalMark
    interval: Line2D | None
    point: Line2D | None
    arrows: tuple[Line2D, ...]
    diamond: Polygon | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class RowTable:
    """Rows, and the titles over their columns.

    Attributes
    ----------
    name_title : str
    cell_titles : tuple of str
    rows : tuple of IntervalRow
        Each with as many cells as there are titles, or none.
    axis_title : str
    stacked, stacked_title : tuple of int and str
        Columns that a narrow table has as lines of one, and its title; the last one by default.
    favours : tuple of str, or None
        What an estimate below and above 1, or 0, speaks for.
    width : float
        Of the axes and all around them, in inches.
    before : int
        How many columns are before the axis; the others are after it.
    linear : bool
        Whether estimates are differences, around 0, instead of ratios.
    """

    name_title: str
    cell_titles: tuple[str, ...]
    rows: tuple[IntervalRow, ...]
    axis_title: str = "Hazard ratio (95% CI)"
    favours: tuple[str, str] | None = None
    stacked: tuple[int, ...] = ()
    stacked_title: str = ""
    width: float = PAGE_WIDTH
    before: int = 0
    linear: bool = False
    axis: LogAxis | LinearAxis = field(init=False)

    def __post_init__(self) -> None:
        """Choose the axis."""
        marks = [mark for row in self.rows for mark in row.marks]
        ends = [end for mark in marks for end in mark.ci or ()]
        ends += [end for row in self.rows for band in row.bands for end in band.ends]
        choose = linear_axis if self.linear else log_axis
        object.__setattr__(self, "axis", choose([mark.estimate for mark in marks], ends))

    @property
    def beyond_axis(self) -> bool:
        """Whether anything lies beyond the axis, where an arrow points to it."""
        marks = [mark for row in self.rows for mark in row.marks]
        values = [value for mark in marks for value in (mark.estimate, *(mark.ci or ()))]
        return any(self.axis.clip(value) != value for value in values if not math.isnan(value))

    def narrowed(self, width: float) -> Self:
        """Return the table at another width; below 5 inches `stacked` are one column."""
        if width >= _ALL_COLUMNS:
            return replace(self, width=width)
        columns = self.stacked or (len(self.cell_titles) - 1,)
        title, *_ = [self.stacked_title] if self.stacked else [self.cell_titles[-1]]
        rows = tuple(
            replace(row, cells=("\n".join(row.cells[column] for column in columns),))
            if row.cells
            else row
            for row in self.rows
        )
        return replace(self, width=width, cell_titles=(title,), rows=rows, before=0, stacked=())

    @property
    def bands_beyond_axis(self) -> bool:
        """Whether a band runs to the edge of the axis and on."""
        ends = [end for row in self.rows for band in row.bands for end in band.ends]
        return any(self.axis.clip(end) != end for end in ends if not math.isnan(end))

    def room(self) -> Room:
        """Return the room that names, cells and axis titles need around the axes, in inches."""
        names = max(_INDENT * row.indent + _name_width(row) for row in self.rows)
        names = max(names, text_width(self.name_title, size=_CELL, bold=True))
        taken = self._taken()
        narrowest = min(_NARROWEST_AXIS, self.width / 3)
        longest = self.width - sum(taken) - narrowest - 2 * _COLUMN_GAP
        return Room(
            left=min(names, max(longest, _NARROWEST_NAME)) + taken[0] + _COLUMN_GAP,
            right=taken[1],
            above=ROW_HEIGHT + 0.05,
            below=0.52 if self.favours else 0.38,
        )

    def height(self) -> float:
        """Return the height of the axes in inches."""
        return ROW_HEIGHT * (sum(self._heights()) + _FOOT)

    def draw(self, ax: Axes) -> tuple[DrawnMark, ...]:
        """Draw everything on axes that have `room` around them."""
        self.axis.apply(ax)
        ax.set_ylim(0.5 - sum(self._heights()) - _FOOT, 0.5)
        ax.set_yticks([])
        ax.spines[["left", "right", "top"]].set_visible(False)
        ax.set_xlabel(self.axis_title, labelpad=11 if self.favours else 3)
        ax.axvline(self.axis.null, color=FAINT, linewidth=0.6, zorder=1)
        self._write_titles(ax)
        drawn = []
        for row, place in zip(self.rows, self._places(), strict=True):
            self._write_row(ax, row, at=place)
            for mark in row.marks:
                # A mark alone in its row needs no shift to be distinguished from another.
                y = place + (mark.look.shift if len(row.marks) > 1 else 0)
                drawn.append(_draw_mark(ax, mark, self.axis, y=y))
        if self.favours:
            self._write_favours(ax, self.favours)
        return tuple(drawn)

    def draw_bands(self, ax: Axes) -> tuple[Line2D, ...]:
        """Draw the bands behind the marks, in the order of the rows."""
        drawn = []
        for row, place in zip(self.rows, self._places(), strict=True):
            for order, band in enumerate(row.bands):
                y = place + (band.look.shift if len(row.marks) > 1 else 0)
                drawn.append(_draw_band(ax, band, self.axis, y=y, zorder=0.5 + 0.1 * order))
        return tuple(drawn)

    def _heights(self) -> list[float]:
        """Return how many rows each row takes: more than one if a cell has several lines."""
        return [
            1
            + _LINE
            * (max(len(self._lines(row)), *(c.count("\n") + 1 for c in ("", *row.cells))) - 1)
            for row in self.rows
        ]

    def _places(self) -> list[float]:
        """Return where the middle of each row is, in rows below the first line."""
        heights = self._heights()
        starts = accumulate(heights[:-1], initial=0.0)
        return [-start - (height - 1) / 2 for start, height in zip(starts, heights, strict=True)]

    def _lines(self, row: IntervalRow) -> list[str]:
        """Return a name, broken where it is wider than the room for names."""
        room = self.room().left - self._taken()[0] - 0.5 * _COLUMN_GAP - _INDENT * row.indent
        # A name as wide as its room differs from it by the rounding of sums.
        room = max(room, min(_name_width(row), room + 0.5 * _COLUMN_GAP))
        return wrap(row.name, width=room, size=_CELL, bold=row.heading, lines=_MOST_LINES)

    def _widths(self) -> list[float]:
        """Return the columns' widths in inches."""
        widths = [text_width(title, size=_CELL, bold=True) for title in self.cell_titles]
        for row in self.rows:
            for column, cell in enumerate(row.cells):
                for line in cell.split("\n"):
                    widths[column] = max(widths[column], text_width(line, size=_CELL))
        return [min(width, _WIDEST_CELL) for width in widths]

    def _taken(self) -> tuple[float, float]:
        """Return the width of all columns before the axis and after it, in inches."""
        widths = [width + _COLUMN_GAP for width in self._widths()]
        return sum(widths[: self.before]), sum(widths[self.before :]) + _EDGE

    def _write_titles(self, ax: Axes) -> None:
        room, (width, _) = self.room(), axes_inches(ax)
        _note(ax, self.name_title, x=0, y=1, offset=-room.left, bold=True)
        self._write_cells(ax, self.cell_titles, y=1, bold=True)
        across = [-room.left / width, 1 + (room.right - _EDGE) / width]
        ax.plot(across, [1, 1], transform=ax.transAxes, color=INK, linewidth=0.6, clip_on=False)

    def _write_row(self, ax: Axes, row: IntervalRow, *, at: float) -> None:
        offset, lines = _INDENT * row.indent - self.room().left, self._lines(row)
        for number, line in enumerate(lines):
            y = at + _LINE * ((len(lines) - 1) / 2 - number)
            _note(ax, line, x=0, y=y, offset=offset, bold=row.heading)
        self._write_cells(ax, row.cells, y=at)

    def _write_cells(self, ax: Axes, cells: Sequence[str], *, y: float, bold: bool = False) -> None:
        before = -self._taken()[0] - _COLUMN_GAP
        offsets = (before, 0.0)
        for column, (cell, width) in enumerate(zip(cells, self._widths(), strict=False)):
            after = column >= self.before
            place, lines = offsets[after] + _COLUMN_GAP, cell.split("\n")
            for number, line in enumerate(lines):
                shown = fit(line, width=width + 0.01, size=_CELL, bold=bold)
                at = y + _LINE * ((len(lines) - 1) / 2 - number)
                _note(ax, shown, x=float(after), y=at, offset=place, bold=bold)
            step = width + _COLUMN_GAP
            offsets = (offsets[0], offsets[1] + step) if after else (offsets[0] + step, 0.0)

    def _write_favours(self, ax: Axes, favours: tuple[str, str]) -> None:
        middle = self.axis.null_place
        for words, side in zip(favours, (-1, 1), strict=True):
            ax.annotate(
                words, xy=(middle, 0), xycoords="axes fraction", xytext=(side * 4, -17),
                textcoords="offset points", ha="right" if side < 0 else "left", va="center",
                fontsize=SMALL_SIZE - 0.5, color=FAINT, annotation_clip=False,
            )  # fmt: skip


def _name_width(row: IntervalRow) -> float:
    return text_width(row.name, size=_CELL, bold=row.heading)


def _note(
    ax: Axes, text: str, *, x: float, y: float, offset: float, bold: bool = False
) -> Annotation:
    return ax.annotate(
        text,
        xy=(x, y),
        xycoords=("axes fraction", "data"),
        xytext=(offset * 72, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=_CELL,
        fontweight="bold" if bold else "normal",
        color=INK,
        annotation_clip=False,
    )


def _draw_mark(ax: Axes, mark: IntervalMark, axis: LogAxis | LinearAxis, *, y: float) -> DrawnMark:
    look, interval, arrows = mark.look, None, []
    if mark.overall and mark.ci is not None and not math.isnan(sum((*mark.ci, mark.estimate))):
        return _draw_overall(ax, mark, axis, y=y)
    if mark.ci is not None and not any(math.isnan(end) for end in mark.ci):
        low, high = sorted(mark.ci)
        ends = [axis.clip(low), axis.clip(high)]
        (interval,) = ax.plot(ends, [y, y], color=look.tint, linewidth=0.9, zorder=2)
        arrows += [
            _arrow(ax, end, axis, y=y, look=look) for end in (low, high) if axis.clip(end) != end
        ]
    if math.isnan(mark.estimate):
        return DrawnMark(mark=mark, interval=interval, point=None, arrows=tuple(arrows))
    if axis.clip(mark.estimate) != mark.estimate:
        arrows.append(_arrow(ax, mark.estimate, axis, y=y, look=look))
        return DrawnMark(mark=mark, interval=interval, point=None, arrows=tuple(arrows))
    (point,) = ax.plot(
        [mark.estimate],
        [y],
        linestyle="none",
        marker=look.marker,
        markersize=4.2,
        color=look.tint,
        markerfacecolor=look.tint if look.filled else "white",
        markeredgewidth=0.9,
        zorder=3,
    )
    return DrawnMark(mark=mark, interval=interval, point=point, arrows=tuple(arrows))


def _draw_overall(
    ax: Axes, mark: IntervalMark, axis: LogAxis | LinearAxis, *, y: float
) -> DrawnMark:
    """Draw the diamond of all patients, and the line that other rows are compared with."""
    low, high = sorted(mark.ci or (mark.estimate, mark.estimate))
    middle = axis.clip(mark.estimate)
    if mark.line:
        ax.axvline(middle, color=mark.look.tint, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
    (diamond,) = ax.fill(
        [axis.clip(low), middle, axis.clip(high), middle],
        [y, y + _DIAMOND, y, y - _DIAMOND],
        facecolor=mark.look.tint,
        edgecolor=mark.look.tint,
        linewidth=0.6,
        zorder=3,
    )
    arrows = [
        _arrow(ax, end, axis, y=y, look=mark.look) for end in (low, high) if axis.clip(end) != end
    ]
    return DrawnMark(mark=mark, interval=None, point=None, arrows=tuple(arrows), diamond=diamond)


def _draw_band(
    ax: Axes, band: IntervalBand, axis: LogAxis | LinearAxis, *, y: float, zorder: float
) -> Line2D:
    look = band.look
    (line,) = ax.plot(
        [axis.clip(end) for end in band.ends],
        [y, y],
        color=look.tint,
        alpha=look.alpha,
        linewidth=look.thickness,
        solid_capstyle="butt",
        zorder=zorder,
    )
    return line


def _arrow(
    ax: Axes, value: float, axis: LogAxis | LinearAxis, *, y: float, look: MarkLook
) -> Line2D:
    """Draw the arrow that says that a value lies beyond the axis."""
    right = value > axis.upper
    (arrow,) = ax.plot(
        [1 if right else 0],
        [y],
        linestyle="none",
        marker=">" if right else "<",
        markersize=4,
        color=look.tint,
        transform=ax.get_yaxis_transform(),
        clip_on=False,
        zorder=3,
    )
    return arrow
