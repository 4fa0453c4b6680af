"""A reported table of hazard ratios, drawn as it is reported."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from ..presentation.formats import count
from .files import ShownInNotebooks
from .interval_rows import DrawnMark, IntervalMark, IntervalRow, RowTable
from .key import KeyEntry, MarkLook, draw_key, key_height
from .layout import (
    FOOTNOTE_HEIGHT,
    Room,
    add_axes,
    axes_inches,
    footnote,
    new_figure,
    title_height,
    title_lines,
)
from .style import CONTRAST, PAGE_WIDTH, REPRODUCED, TITLE_SIZE, context
from .text import literal, printed_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from ..studies import HazardRatioRow, Table

__all__ = ["ForestDisplay"]

_LOPSIDED = "\u2021"
_LOPSIDED_NOTE = f"{_LOPSIDED} Interval and hazard ratio do not fit each other; see the audit."
_SKEWEST = 0.5  # of half the interval
_STRANGE = "\u2020"  # dagger
_NOTE = f"{_STRANGE} the reported interval does not contain its hazard ratio"
_LOOKS = (("o", REPRODUCED, True), ("s", CONTRAST, False))
_Line = dict["str | None", "HazardRatioRow"]  # one row of the drawing, by model


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Which columns there are: patients by arm, one or two models with p, and p for interaction."""

    columns: tuple[tuple[str | None, MarkLook], ...]
    arms: tuple[str, ...]
    p: bool
    interaction: bool

    @property
    def of_subgroups(self) -> bool:
        return bool(self.arms) or self.interaction

    @property
    def cells_before_interaction(self) -> int:
        return len(self.arms) + (1 + self.p) * len(self.columns)


@dataclass(kw_only=True, eq=False, repr=False)
class ForestDisplay(ShownInNotebooks):
    """The hazard ratios of a reported table, grouped by variable, one column for each model.

    A table of subgroups has columns of patients by arm and of p for interaction where these are
    printed, and a diamond for all patients.

    Build it with `from_table`; draw it with `plot`. Everything is as reported: an interval that
    leaves the axis ends in an arrow, and one that does not contain its hazard ratio is drawn
    apart from it and marked with a dagger.

    Parameters
    ----------
    table : RowTable
        Names, marks, text columns.
    looks : tuple of MarkLook
        One for each model.
    title : str
    note : str
        Written below.
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    marks_ : tuple of DrawnMark
        In the order of the rows.
    key_ : Legend or None
        None if there is but one model.
    """

    table: RowTable
    looks: tuple[MarkLook, ...] = ()
    title: str = ""
    note: str = ""
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    marks_: tuple[DrawnMark, ...] = field(init=False, repr=False)
    key_: Legend | None = field(init=False, repr=False)

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Take the hazard ratios of a reported table.

        Raises
        ------
        ValueError
            If the table prints none.
        """
        if not table.hazard_ratios:
            raise ValueError(f"`table` must print hazard ratios, but {table.id} prints none.")
        columns = _columns(list(dict.fromkeys(row.model for row in table.hazard_ratios)))
        looks = tuple(look for _, look in columns)
        arms = dict.fromkeys(arm for row in table.hazard_ratios for arm in row.patients)
        layout = _Layout(
            columns=columns,
            arms=tuple(arms),
            p=any(row.p for row in table.hazard_ratios),
            interaction=any(row.p_interaction for row in table.hazard_ratios),
        )
        rows = tuple(_rows(table.hazard_ratios, layout))
        strange = any(not mark.contained for row in rows for mark in row.marks)
        return cls(
            table=RowTable(
                name_title="Subgroup" if layout.of_subgroups else "Variable",
                cell_titles=tuple(_cell_titles(table.hazard_ratios, layout)),
                rows=rows,
                favours=_favours(table),
                before=len(arms),
            ),
            looks=looks if len(looks) > 1 else (),
            title=f"{table.source}: {table.title}" if table.title else table.source,
            note=" ".join(
                filter(
                    None,
                    (
                        _NOTE if strange else "",
                        _LOPSIDED_NOTE if any(map(is_lopsided, table.hazard_ratios)) else "",
                    ),
                )
            ),
            alt=_in_words(table),
        )

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure of 178 mm
            unless given.
        """
        with context():
            self.ax_ = self._new_axes() if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self.marks_ = self.table.draw(self.ax_)
            self.key_ = self._draw_key()
            self._write_title()
        return self

    def room(self) -> Room:
        """Return the room needed around the axes, in inches."""
        room = self.table.room()
        above = max(room.above, self._key_height() + 0.05)
        above += title_height(self.title, width=PAGE_WIDTH - 0.1) + 0.1
        return replace(room, left=room.left + 0.04, above=above)

    def _key_entries(self) -> list[KeyEntry]:
        return [KeyEntry(label=look.name, look=look) for look in self.looks]

    def _key_height(self) -> float:
        room = self.table.room()
        width = PAGE_WIDTH - room.left - room.right - 0.04
        return key_height(self._key_entries(), width=width) if self.looks else 0.0

    def _new_axes(self) -> Axes:
        room = self.room()
        height = room.above + self.table.height() + room.below
        figure = new_figure(
            PAGE_WIDTH, height + (FOOTNOTE_HEIGHT if self.note else 0), alt=self.alt
        )
        if self.note:
            footnote(figure, self.note)
        return add_axes(figure, room, corner=(0, 0), size=(PAGE_WIDTH, height))

    def _draw_key(self) -> Legend | None:
        if not self.looks:
            return None
        width, height = axes_inches(self.ax_)
        top = 1 + (self._key_height() + 0.01) / height
        return draw_key(self.ax_, self._key_entries(), corner=(0, top), width=width)

    def _write_title(self) -> None:
        self.ax_.annotate(
            "\n".join(title_lines(self.title, width=PAGE_WIDTH - 0.1)),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-self.table.room().left * 72, (self.room().above - 0.06) * 72),
            textcoords="offset points",
            va="top",
            fontsize=TITLE_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )


def _columns(models: Sequence[str]) -> tuple[tuple[str | None, MarkLook], ...]:
    """Return the models that are beside each other; None for one column of every model."""
    if len(models) > len(_LOOKS):
        return ((None, _look("", index=0, shift=0.0)),)
    shifts = (0.2, -0.2) if len(models) > 1 else (0.0,)
    return tuple(
        (model, _look(model, index=index, shift=shift))
        for index, (model, shift) in enumerate(zip(models, shifts, strict=True))
    )


def _look(model: str, *, index: int, shift: float) -> MarkLook:
    marker, colour, filled = _LOOKS[index]
    return MarkLook(name=literal(model), colour=colour, marker=marker, filled=filled, shift=shift)


def _favours(table: Table) -> tuple[str, str] | None:
    if table.favours is None:
        return None
    below, above = (literal(arm) for arm in table.favours)
    return f"\u2190 favours {below}", f"favours {above} \u2192"


def _cell_titles(printed: Sequence[HazardRatioRow], layout: _Layout) -> Iterator[str]:
    cells = [cell for row in printed for cell in row.patients.values()]
    counted = "events/n" if cells and all("/" in cell for cell in cells) else "n"
    for arm in layout.arms:
        yield literal(f"{arm}, {counted}")
    for _, look in layout.columns:
        yield look.name[:1].upper() + look.name[1:] or "HR (95% CI)"
        if layout.p:
            yield "p"
    if layout.interaction:
        yield "p interaction"


def _rows(printed: Sequence[HazardRatioRow], layout: _Layout) -> Iterator[IntervalRow]:
    """Yield a heading for each variable and, below it, its levels."""
    variables: dict[str, list[tuple[str, _Line]]] = {}
    for row in printed:
        lines = variables.setdefault(row.variable, [])
        _add_to_lines(lines, row, by_model=layout.columns[0][0] is not None)
    for variable, lines in variables.items():
        interaction = _interaction(line for _, line in lines) if layout.interaction else ()
        named = any(name for name, _ in lines)
        if named:
            empty = ("",) * layout.cells_before_interaction
            cells = (*empty, *interaction) if any(interaction) else ()
            yield IntervalRow(name=literal(variable), heading=True, cells=cells)
        for name, by_model in lines:
            found = ((by_model.get(model), look) for model, look in layout.columns)
            yield IntervalRow(
                name=name or literal(variable),
                heading=not named and any(row.overall for row in by_model.values()),
                indent=int(named),
                marks=tuple(_mark(row, look) for row, look in found if row),
                cells=(*_line_cells(by_model, layout), *(() if named else interaction)),
            )


def _interaction(lines: Iterable[_Line]) -> tuple[str]:
    """Return the p for interaction of a variable, reported on one of its rows or on all."""
    found = (row.p_interaction for line in lines for row in line.values() if row.p_interaction)
    return (literal(", ".join(dict.fromkeys(p.text for p in found))),)


def _line_cells(by_model: _Line, layout: _Layout) -> Iterator[str]:
    for arm in layout.arms:
        texts = dict.fromkeys(row.patients.get(arm, "") for row in by_model.values())
        yield literal(", ".join(text for text in texts if text))
    for model, _ in layout.columns:
        yield from _cells(by_model.get(model))[: 1 + layout.p]


def _add_to_lines(
    lines: list[tuple[str, _Line]],
    row: HazardRatioRow,
    *,
    by_model: bool,
) -> None:
    """Add a row to the line of its level, or to a new one if that line has such a model already."""
    name = literal(f"{row.level} vs {row.reference}" if row.reference else row.level)
    if not by_model and row.model:
        name = literal(f"{name}, {row.model}".lstrip(", "))
    model = row.model if by_model else None
    for known, line in lines:
        if known == name and model not in line:
            line[model] = row
            return
    lines.append((name, {model: row}))


def _mark(row: HazardRatioRow, look: MarkLook) -> IntervalMark:
    ci = (row.ci[0].value, row.ci[1].value) if row.ci else None
    return IntervalMark(estimate=row.hazard_ratio.value, ci=ci, look=look, overall=row.overall)


def _cells(row: HazardRatioRow | None) -> tuple[str, str]:
    if row is None:
        return "", ""
    contained = row.ci is None or row.ci[0].value <= row.hazard_ratio.value <= row.ci[1].value
    mark = "" if contained else f" {_STRANGE}"
    if contained and is_lopsided(row):
        mark = f" {_LOPSIDED}"
    ratio = printed_interval(row.hazard_ratio, row.ci) + mark
    return ratio, literal(row.p.text) if row.p else ""


def is_lopsided(row: HazardRatioRow) -> bool:
    """Say whether a hazard ratio is far from the middle of its interval on the log scale.

    Wald intervals are symmetric there, and profile likelihood moves the middle by less than a
    quarter of their half-width, so that a limit of such an interval is probably misprinted.
    """
    if row.ci is None or min(row.ci[0].value, row.hazard_ratio.value) <= 0:
        return False
    low, middle, high = (math.log(x.value) for x in (row.ci[0], row.hazard_ratio, row.ci[1]))
    largest = [math.log(x.upper / x.value) for x in (row.ci[0], row.hazard_ratio, row.ci[1])]
    if not low <= middle <= high:
        return False  # it is marked as such
    off = abs(middle - (low + high) / 2) - sum(largest)
    return off > _SKEWEST * (high - low) / 2


def _in_words(table: Table) -> str:
    variables = {row.variable for row in table.hazard_ratios}
    what = f"{table.source}: {table.title}" if table.title else table.source
    return literal(
        f"Forest plot of {what}. {count(len(table.hazard_ratios), 'reported hazard ratio')} with "
        f"95% intervals of {count(len(variables), 'variable')}."
    )
