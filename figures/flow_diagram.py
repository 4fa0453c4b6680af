"""Flow diagrams of patients: boxes, arrows, and those excluded beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from .files import ShownInNotebooks
from .flow_layout import FlowLayout, Panel, laid_out, narrowest
from .layout import footnote, footnote_height, new_figure, title_height, write_title
from .style import (
    COLUMN_WIDTH,
    INK,
    MM,
    SMALL_SIZE,
    StyleName,
    Width,
    context,
    inches_of,
)
from .text import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text

    from ..studies import Flow, Study

__all__ = ["MOST_BOXES", "PatientFlowDisplay", "can_be_drawn"]

MOST_BOXES = 60  # more is no diagram that one can read
_TIP = 0.06  # inches
_ASIDE_FILL = "#f0f0f0"


@dataclass(kw_only=True, eq=False, repr=False)
class PatientFlowDisplay(ShownInNotebooks):
    """A flow diagram as CONSORT [1]_ and STROBE [2]_ ask for, with the numbers that are reported.

    Build it with `from_flow` or `from_study`; draw it with `plot`.

    Parameters
    ----------
    flow : Flow
    title : str
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last; the axes' unit is the inch, from the upper left. These and the
        following exist once `plot` has been called.
    layout_ : FlowLayout
        Where everything is.
    boxes_, labels_ : dict by id of the box
        Rectangle and Text.
    exclusions_, exclusion_labels_ : list
        Rectangle and Text, in the order of `flow.exclusions`.
    lines_ : list of Line2D
        From box to box.

    References
    ----------
    .. [1] Moher D et al. BMJ 2010;340:c869. doi:10.1136/bmj.c869.
    .. [2] Vandenbroucke JP et al. PLoS Med 2007;4:e297. doi:10.1371/journal.pmed.0040297.
    """

    flow: Flow
    title: str = ""
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    layout_: FlowLayout = field(init=False, repr=False)
    boxes_: dict[str, Rectangle] = field(init=False, repr=False)
    labels_: dict[str, Text] = field(init=False, repr=False)
    exclusions_: list[Rectangle] = field(init=False, repr=False)
    exclusion_labels_: list[Text] = field(init=False, repr=False)
    lines_: list[Line2D] = field(init=False, repr=False)

    @classmethod
    def from_flow(cls, flow: Flow) -> Self:
        """Take a flow diagram of a study.

        Raises
        ------
        ValueError
            If it has more than 60 boxes and exclusions.
        """
        if not can_be_drawn(flow):
            raise ValueError(
                f"`flow` must have at most {MOST_BOXES} boxes and exclusions to be read, but "
                f"{flow.id} has {len(flow.boxes) + len(flow.exclusions)}."
            )
        title = f"{flow.place}: {flow.title}" if flow.title else flow.place
        return cls(flow=flow, title=literal(title), alt=_in_words(flow, title))

    @classmethod
    def from_study(cls, study: Study, flow: str = "") -> Self:
        """Take a study's flow diagram by its id, or its only one.

        Raises
        ------
        ValueError
            If the study has no such diagram, or several and `flow` names none of them.
        """
        found = [each for each in study.flows if flow in ("", each.id)]
        if len(found) != 1:
            known = ", ".join(each.id for each in study.flows) or "none"
            raise ValueError(
                f"`flow` must name one flow diagram of {study.id}, but is {flow!r}; it has {known}."
            )
        return cls.from_flow(found[0])

    def plot(self, *, width: Width | None = None, style: StyleName | None = None) -> Self:
        """Draw the diagram.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; one column of a journal has 85, the two of a page have 178.
            120 unless given, or what the boxes need to be read.
        style : {"journal", "screen", "grey"}, optional
            The one of the `context` around it unless given, "journal" if there is none.

        Raises
        ------
        ValueError
            If the boxes side by side cannot be read in `width`.
        """
        inches, need = inches_of(width, usual=COLUMN_WIDTH), narrowest(self.flow)
        if width is not None and inches < need:
            raise ValueError(
                f"`width` must be at least {need / MM:.0f} mm for the boxes of {self.flow.id} side "
                f"by side, but is {inches / MM:g} mm."
            )
        with context(style):
            self._draw(max(inches, need))
        return self

    def _draw(self, width: float) -> None:
        self.layout_ = laid_out(
            self.flow, width=width, top=0.1 + title_height(self.title, width=width - 0.1)
        )
        note = _note(self.flow)
        height = self.layout_.height + footnote_height(note, width=width)
        self.figure_ = figure = new_figure(width, height, alt=self.alt)
        footnote(figure, note)
        self.ax_ = ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set_xlim(0, width)
        ax.set_ylim(height, 0)
        write_title(figure, self.title)
        self._draw_lines()
        self._draw_boxes()
        self._draw_exclusions()

    def _draw_lines(self) -> None:
        self.lines_ = []
        for line in self.layout_.lines:
            across, down = zip(*line.corners, strict=True)
            (drawn,) = self.ax_.plot(across, down, color=INK, linewidth=0.7, zorder=1)
            self.lines_.append(drawn)
            if line.arrow:
                self._draw_tip(line.corners[-1], down=True)

    def _draw_tip(self, end: tuple[float, float], *, down: bool = False) -> None:
        start = (end[0], end[1] - _TIP) if down else (end[0] - _TIP, end[1])
        self.ax_.annotate(
            "",
            xy=end,
            xytext=start,
            arrowprops={
                "arrowstyle": "-|>,head_length=0.34,head_width=0.16",
                "color": INK,
                "linewidth": 0.7,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )

    def _draw_boxes(self) -> None:
        self.boxes_, self.labels_ = {}, {}
        for name, panel in self.layout_.boxes.items():
            self.boxes_[name] = self._draw_panel(panel, fill="white")
            self.labels_[name] = self.ax_.text(
                panel.middle,
                panel.top + panel.height / 2,
                "\n".join(panel.lines),
                ha="center",
                va="center",
                fontsize=SMALL_SIZE,
            )

    def _draw_exclusions(self) -> None:
        self.exclusions_, self.exclusion_labels_ = [], []
        pairs = zip(self.flow.exclusions, self.layout_.exclusions, strict=True)
        for excluded, panel in pairs:
            self.exclusions_.append(self._draw_panel(panel, fill=_ASIDE_FILL))
            middle = panel.top + panel.height / 2
            self._draw_way_out(excluded.box, (panel.left, middle))
            self._draw_tip((panel.left, middle))
            self.exclusion_labels_.append(
                self.ax_.text(
                    panel.left + 0.05,
                    middle,
                    "\n".join(panel.lines),
                    va="center",
                    fontsize=SMALL_SIZE,
                )
            )

    def _draw_way_out(self, box: str, end: tuple[float, float]) -> None:
        """Draw the line from below a box to those excluded, beside what goes on or alone."""
        panel = self.layout_.boxes[box]
        across, down = [panel.middle, end[0]], [end[1], end[1]]
        if not self.flow.after(box):
            across, down = [panel.middle, *across], [panel.bottom, *down]
        self.ax_.plot(across, down, color=INK, linewidth=0.7, zorder=1)

    def _draw_panel(self, panel: Panel, *, fill: str) -> Rectangle:
        from matplotlib.patches import Rectangle

        box = Rectangle(
            (panel.left, panel.top),
            panel.width,
            panel.height,
            facecolor=fill,
            edgecolor=INK,
            linewidth=0.7,
            zorder=2,
        )
        self.ax_.add_patch(box)
        return box


def can_be_drawn(flow: Flow) -> bool:
    """Say whether a diagram is small enough to be read."""
    return len(flow.boxes) + len(flow.exclusions) <= MOST_BOXES


def _note(flow: Flow) -> str:
    source = literal(flow.source)
    return f"Numbers as reported: {source}." if source else "Numbers as reported."


def _in_words(flow: Flow, title: str) -> str:
    """Say who began, who was left out, and what became of them, box by box."""
    parts = [f"{box.label}: {_count(box.n)}{_from(flow, box.boxes)}." for box in flow.boxes]
    for number, box in enumerate(flow.boxes):
        out = "; ".join(
            f"{each.label}, {_count(each.n)}" + "".join(
                f", {reason.label}" + (f" {reason.n}" if reason.n is not None else "")
                for reason in each.reasons
            )
            for each in flow.exclusions_from(box.id)
        )  # fmt: skip
        parts[number] += f" Leaving after it: {out}." if out else ""
    said = {box.id: f"{box.label}, {_count(box.n)}" for box in flow.boxes}
    first = "; ".join(said[box.id] for box in flow.boxes if not box.boxes)
    last = "; ".join(said[box.id] for box in flow.boxes if not flow.after(box.id))
    way = f"It begins with {first}, and ends with {last}."
    return literal(f"Flow diagram of patients. {title}. {way} {' '.join(parts)}")


def _from(flow: Flow, names: tuple[str, ...]) -> str:
    return f", from {' and '.join(flow.box(name).label for name in names)}" if names else ""


def _count(n: int | None) -> str:
    return "number not reported" if n is None else str(n)
