"""Reported counts of tumour response as bars of 100%."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from ..studies.table import cell_numbers
from .files import ShownInNotebooks
from .key import KEY_LINE
from .layout import Room, add_axes, axes_inches, new_figure, title_height, title_lines
from .style import BODY_SIZE, COLUMN_WIDTH, INK, SMALL_SIZE, TITLE_SIZE, context, shade
from .text import fit, literal, text_width

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text

    from ..studies import Table
    from ..studies.table import CountRow

__all__ = ["ResponseDisplay", "has_response", "response_counts", "response_numbers"]

# From the best response to the worst: its name, its usual letters and its colour.
_RESPONSES = (
    ("complete response", "CR", "#08519c"),
    ("partial response", "PR", "#6baed6"),
    ("stable disease", "SD", "#d9d9d9"),
    ("progressive disease", "PD", "#969696"),
)
_ROW = 0.3  # inches
_BAR = 0.72  # of a row
_WIDEST_NAME = 1.4  # inches
_PAD = 0.05
_DARK = ("#08519c",)


@dataclass(kw_only=True, eq=False, repr=False)
class ResponseDisplay(ShownInNotebooks):
    """How many patients of each group responded how well, as reported.

    Build it with `from_table`; draw it with `plot`.

    Parameters
    ----------
    counts : mapping of str to mapping of str to int
        Patients by group, then by response: "CR", "PR", "SD", "PD".
    title : str
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    bars_ : dict by (group, response)
        The parts of the bars; responses that nobody had are left out.
    labels_ : dict by (group, response)
        What is written in them, where it fits: patients and percentage.
    """

    counts: Mapping[str, Mapping[str, int]]
    title: str = ""
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    bars_: dict[tuple[str, str], Rectangle] = field(init=False, repr=False)
    labels_: dict[tuple[str, str], Text] = field(init=False, repr=False)

    @classmethod
    def from_table(cls, table: Table) -> Self:
        """Take the row of a reported table that counts every response.

        Raises
        ------
        ValueError
            If the table prints no such row with whole counts.
        """
        counts = response_counts(table)
        if not counts:
            raise ValueError(
                f"`table` must count complete, partial, stable and progressive disease in one row, "
                f"but {table.id} does not."
            )
        title = f"{table.place}: {table.title}" if table.title else table.place
        return cls(counts=counts, title=literal(title), alt=_in_words(title, counts))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure of 120 mm
            unless given.
        """
        with context():
            self.ax_ = self._new_axes() if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self._draw_axes()
            self.bars_, self.labels_ = {}, {}
            for row, (group, counts) in enumerate(self.counts.items()):
                self._draw_bar(group, counts, at=-row)
            self._draw_key()
            lines = title_lines(self.title, width=axes_inches(self.ax_)[0] + self.room().left)
            self._write_title("\n".join(lines), x=-self.room().left, above=KEY_LINE + 0.07)
        return self

    def room(self) -> Room:
        """Return the room needed around the axes, in inches."""
        names = max(text_width(self._name(group), size=BODY_SIZE) for group in self.counts)
        return Room(
            left=min(names, _WIDEST_NAME) + 0.12,
            right=0.16,
            above=KEY_LINE + 0.16 + title_height(self.title, width=COLUMN_WIDTH - 0.1),
            below=0.4,
        )

    def _name(self, group: str) -> str:
        return f"{literal(group)} (n = {sum(self.counts[group].values())})"

    def _new_axes(self) -> Axes:
        room = self.room()
        size = (COLUMN_WIDTH, room.above + _ROW * len(self.counts) + room.below)
        return add_axes(new_figure(*size, alt=self.alt), room, corner=(0, 0), size=size)

    def _draw_axes(self) -> None:
        ax = self.ax_
        ax.set_xlim(0, 100)
        ax.set_ylim(0.5 - len(self.counts), 0.5)
        ax.set_xticks(range(0, 101, 20))
        names = [
            fit(self._name(group), width=_WIDEST_NAME, size=BODY_SIZE) for group in self.counts
        ]
        ax.set_yticks([-row for row in range(len(names))], names)
        ax.tick_params(axis="y", length=0)
        ax.spines[["left", "top", "right"]].set_visible(False)
        ax.set_xlabel("Patients (%)", labelpad=2)

    def _draw_bar(self, group: str, counts: Mapping[str, int], *, at: float) -> None:
        total, left = sum(counts.values()), 0.0
        for _, letters, colour in _RESPONSES:
            share = 100 * counts[letters] / total
            if share:
                bar = self.ax_.barh(
                    at,
                    share,
                    left=left,
                    height=_BAR,
                    color=shade(colour),
                    edgecolor="white",
                    linewidth=0.6,
                )
                self.bars_[group, letters] = bar.patches[0]
                self._label(group, letters, at=(left + share / 2, at), share=share)
            left += share

    def _label(self, group: str, letters: str, *, at: tuple[float, float], share: float) -> None:
        """Write patients and percentage in a part of a bar, or patients alone, or nothing."""
        count, width = self.counts[group][letters], axes_inches(self.ax_)[0] * share / 100
        colour = {short: tint for _, short, tint in _RESPONSES}[letters]
        for words in (f"{count} ({share:.0f}%)", f"{count}"):
            if text_width(words, size=SMALL_SIZE) + _PAD <= width:
                self.labels_[group, letters] = self.ax_.text(
                    *at,
                    words,
                    ha="center",
                    va="center_baseline",
                    fontsize=SMALL_SIZE,
                    color="white" if colour in _DARK else INK,
                )
                return

    def _draw_key(self) -> None:
        from matplotlib.patches import Patch

        width, height = axes_inches(self.ax_)
        wide = width >= 3.2
        drawn = [
            each for each in _RESPONSES if any(counts[each[1]] for counts in self.counts.values())
        ]
        self.ax_.legend(
            [Patch(facecolor=shade(colour)) for _, _, colour in drawn],
            [name.capitalize() if wide else letters for name, letters, _ in drawn],
            loc="lower left",
            bbox_to_anchor=((0.04 - self.room().left) / width if wide else 0.0, 1 + 0.03 / height),
            ncols=4,
            fontsize=SMALL_SIZE,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.2,
            handleheight=0.9,
            handletextpad=0.5,
            columnspacing=1.4,
        )

    def _write_title(self, words: str, *, x: float, above: float) -> None:
        self.ax_.annotate(
            words,
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=((x + 0.04) * 72, above * 72),
            textcoords="offset points",
            va="bottom",
            fontsize=TITLE_SIZE,
            fontweight="bold",
            annotation_clip=False,
        )


def has_response(table: Table) -> bool:
    """Say whether a table counts every response in one row."""
    return bool(response_counts(table))


def response_counts(table: Table) -> dict[str, dict[str, int]]:
    """Return patients by group and response of the first row that counts all four."""
    for row in table.counts:
        levels = _levels(row)
        if len(levels) == len(_RESPONSES):
            return _counts(row, levels)
    return {}


def _levels(row: CountRow) -> dict[str, str]:
    """Return the row's levels by the letters of the response that they name."""
    named = {level.strip().casefold(): level for level in row.levels}
    return {
        letters: named.get(name) or named[letters.casefold()]
        for name, letters, _ in _RESPONSES
        if name in named or letters.casefold() in named
    }


def _counts(row: CountRow, levels: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the counts of each group that has all four and is not empty."""
    groups = dict.fromkeys(group for cells in row.levels.values() for group in cells)
    found: dict[str, dict[str, int]] = {}
    for group in groups:
        counts = {letters: _count(row, level, group) for letters, level in levels.items()}
        whole = {letters: count for letters, count in counts.items() if count is not None}
        if len(whole) == len(counts) and sum(whole.values()) > 0:
            found[group] = whole
    return found


def _count(row: CountRow, level: str, group: str) -> int | None:
    cell = row.levels[level].get(group)
    numbers = None if cell is None else cell_numbers(cell)
    return None if numbers is None else numbers.count


def _in_words(title: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    groups = "; ".join(
        f"{group}: " + ", ".join(f"{each[letters]} {name}" for name, letters, _ in _RESPONSES)
        for group, each in counts.items()
    )
    return literal(f"Bars of tumour response. {title}. {groups}.")


def response_numbers(table: Table) -> pd.DataFrame:
    """Return the patients by group and tumour response, in percent of the group too."""
    import pandas as pd

    return pd.DataFrame(
        {
            "group": group,
            "response": response,
            "patients": count,
            "percent": 100 * count / sum(counts.values()),
        }
        for group, counts in response_counts(table).items()
        for response, count in counts.items()
    )
