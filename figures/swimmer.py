"""Swimmer plots: one bar for each patient of an endpoint, up to the event or the last follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from ..presentation.formats import count
from ..reconstruct.pseudo_ipd import FloatArray
from .axes import draw_time_axis, time_ticks
from .files import ShownInNotebooks
from .layout import (
    Room,
    add_axes,
    axes_inches,
    footnote,
    footnote_height,
    new_figure,
    title_height,
    write_title,
)
from .style import (
    COLUMN_WIDTH,
    FAINT,
    INK,
    MM,
    SMALL_SIZE,
    StyleName,
    Width,
    arm_style,
    context,
    inches_of,
    shade,
)
from .text import arm_label, endpoint_title, fit, literal, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from ..models import EndpointAnalysis
    from ..studies import Endpoint

__all__ = ["MOST_PATIENTS", "SwimmerDisplay", "has_swimmer"]

MOST_PATIENTS = 300
_SMALL_COHORT = 50  # patients of a single arm that are drawn one by one without being asked for
_BAR, _TALLEST = 0.105, 170 * MM  # inches: one bar, and all of them together
_FILLED = 0.72  # of a row
_NAME = 0.19  # inches above each arm
_KEY = 0.17
_EVENT, _CENSORED = "X", ">"
_TINT = "#c9d7e3"
_APART = "Endpoints are reconstructed apart, so no bar here is a patient of another endpoint."
_INFORMED = "INFORMED: patients conditioned on the reported comparison. "
_UNPRINTED = "What else the paper's own bars mark is not reported in numbers."


@dataclass(kw_only=True, eq=False, repr=False)
class SwimmerDisplay(ShownInNotebooks):
    """The patients of one endpoint one by one, the longest followed first, arms apart.

    Build it with `from_analysis`; draw it with `plot`. A bar is one endpoint of one patient:
    endpoints are reconstructed apart, so that no patient of one is a patient of another.

    Parameters
    ----------
    times : mapping of str to ndarray of float, shape (n,)
        By arm, the reference first, in `time_unit`, decreasing.
    events : mapping of str to ndarray of bool, shape (n,)
        Whether the event happened at that time; if not, follow-up ended.
    names : mapping of str to str
        The arms' full names.
    title, note : str
    time_unit : str
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    bars_ : dict of LineCollection by arm
        A line for each patient from 0 to its time.
    events_, censored_ : dict of Line2D by arm
        The marks at the ends of the bars.
    names_ : dict of Text by arm
    """

    times: Mapping[str, FloatArray]
    events: Mapping[str, npt.NDArray[np.bool_]]
    names: Mapping[str, str]
    title: str = ""
    note: str = ""
    time_unit: str = "months"
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    bars_: dict[str, LineCollection] = field(init=False, repr=False)
    events_: dict[str, Line2D] = field(init=False, repr=False)
    censored_: dict[str, Line2D] = field(init=False, repr=False)
    names_: dict[str, Text] = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the patients of an analysed endpoint.

        Raises
        ------
        ValueError
            If there are more than 300 patients.
        """
        endpoint, ipd = analysis.endpoint, analysis.ipd
        if ipd.time.size > MOST_PATIENTS:
            raise ValueError(
                f"`analysis` must have at most {MOST_PATIENTS} patients for one bar each, but "
                f"{endpoint.key} has {ipd.time.size}; its Kaplan-Meier curves show as many as "
                "there are."
            )
        figure = f"{endpoint.swimmer}: " if endpoint.swimmer else ""
        what = f"{figure}{endpoint_title(endpoint)}" if title is None else title
        ordered = {arm: _ordered(*ipd.of(arm)) for arm in ipd.arms}
        return cls(
            times={arm: times for arm, (times, _) in ordered.items()},
            events={arm: events for arm, (_, events) in ordered.items()},
            names={arm: arm_label(endpoint, arm) for arm in ipd.arms},
            title=literal(what),
            note=f"{_INFORMED if ipd.informed else ''}{_note(endpoint)}",
            time_unit=endpoint.time_unit,
            alt=_in_words(what, endpoint, ordered),
        )

    def plot(self, *, width: Width | None = None, style: StyleName | None = None) -> Self:
        """Draw a bar for each patient.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; one column of a journal has 85, the two of a page have 178.
            120 unless given.
        style : {"journal", "screen", "grey"}, optional
            The one of the `context` around it unless given, "journal" if there is none.

        Raises
        ------
        ValueError
            If there is no such width or style.
        """
        inches = inches_of(width, usual=COLUMN_WIDTH)
        with context(style):
            self._new_axes(inches)
            self.bars_, self.events_, self.censored_, self.names_ = {}, {}, {}, {}
            top = 0.0
            for index, arm in enumerate(self.times):
                self._write_name(arm, index, at=top)
                self._draw_arm(arm, index, first=top + _NAME)
                top += _NAME + self._row() * self.times[arm].size
            self._draw_key()
        return self

    def _row(self) -> float:
        """Return the height of one bar with its room, in inches."""
        return min(_BAR, _TALLEST / sum(each.size for each in self.times.values()))

    def _new_axes(self, width: float) -> None:
        titles = title_height(self.title, width=width - 0.1)
        room = Room(left=0.12, right=0.16, above=titles + _KEY + 0.12, below=0.42)
        patients = sum(each.size for each in self.times.values())
        tall = self._row() * patients + _NAME * len(self.times)
        size = (width, room.above + tall + room.below)
        height = size[1] + footnote_height(self.note, width=width)
        self.figure_ = figure = new_figure(width, height, alt=self.alt)
        footnote(figure, self.note)
        write_title(figure, self.title)
        self.ax_ = ax = add_axes(figure, room, corner=(0, 0), size=size)
        end = max(float(times.max()) for times in self.times.values())
        ax.set_ylim(tall, 0)
        ticks = time_ticks(end, unit=self.time_unit, most=7 if width < 4 else 9)
        draw_time_axis(ax, ticks=ticks, end=end, unit=self.time_unit)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)

    def _write_name(self, arm: str, index: int, *, at: float) -> None:
        happened, patients = int(self.events[arm].sum()), self.times[arm].size
        counts = f"{count(patients, 'patient')}, {count(happened, 'event')}"
        room = axes_inches(self.ax_)[0] - text_width(f": {counts}", size=SMALL_SIZE)
        self.names_[arm] = self.ax_.text(
            0,
            at + _NAME - 0.05,
            f"{fit(self.names[arm], width=room, size=SMALL_SIZE)}: {counts}",
            fontsize=SMALL_SIZE,
            color=arm_style(index).lettering,
            va="baseline",
        )

    def _draw_arm(self, arm: str, index: int, *, first: float) -> None:
        from matplotlib.collections import LineCollection

        times, events, style = self.times[arm], self.events[arm], arm_style(index)
        heights = first + self._row() * (np.arange(times.size) + 0.5)
        self.bars_[arm] = LineCollection(
            [((0.0, at), (time, at)) for time, at in zip(times, heights, strict=True)],
            colors=shade(_TINT),
            linewidths=_FILLED * self._row() * 72,
            capstyle="butt",
            zorder=2,
        )
        self.ax_.add_collection(self.bars_[arm])
        size = max(min(4.2, 0.62 * self._row() * 72), 2.0)
        (self.events_[arm],) = self.ax_.plot(
            times[events], heights[events], _EVENT, color=style.colour, markersize=size,
            markeredgewidth=0, zorder=4, clip_on=False,
        )  # fmt: skip
        (self.censored_[arm],) = self.ax_.plot(
            times[~events], heights[~events], _CENSORED, color=style.colour, markersize=0.8 * size,
            markerfacecolor="white", markeredgewidth=0.6, zorder=3, clip_on=False,
        )  # fmt: skip

    def _draw_key(self) -> None:
        from matplotlib.lines import Line2D

        height = axes_inches(self.ax_)[1]
        look: dict[str, Any] = {"linestyle": "none", "color": INK, "markersize": 4}
        happened = any(events.any() for events in self.events.values())
        entries = []
        if happened:
            entries.append((Line2D([], [], marker=_EVENT, markeredgewidth=0, **look), "Event"))
        if not all(events.all() for events in self.events.values()):
            hollow = Line2D(
                [], [], marker=_CENSORED, markerfacecolor="white", markeredgewidth=0.6, **look
            )
            words = "End of follow-up without it" if happened else "End of follow-up, no event"
            entries.append((hollow, words))
        self.ax_.legend(
            [handle for handle, _ in entries],
            [words for _, words in entries],
            loc="lower left",
            bbox_to_anchor=(0.0, 1 + 0.03 / height),
            ncols=2,
            fontsize=SMALL_SIZE,
            borderpad=0,
            borderaxespad=0,
            handlelength=0.9,
            handletextpad=0.4,
            columnspacing=1.4,
            labelcolor=FAINT,
        )


def has_swimmer(analysis: EndpointAnalysis) -> bool:
    """Say whether an endpoint's patients are drawn one by one without being asked for.

    They are where the paper reports such a figure, and in single arms of at most 50 patients.
    """
    patients = analysis.ipd.time.size
    if analysis.endpoint.swimmer:
        return patients <= MOST_PATIENTS
    return len(analysis.ipd.arms) == 1 and patients <= _SMALL_COHORT


def _ordered(
    times: FloatArray, events: npt.NDArray[np.bool_]
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Put the longest followed first; at the same time those with the event last."""
    order = np.lexsort((events, -times))
    return times[order], events[order]


def _note(endpoint: Endpoint) -> str:
    """Say what is reported of these patients, and what the bars are not."""
    arms = endpoint.arms.values()
    listed = all(arm.event_times and arm.events == len(arm.event_times) for arm in arms)
    if all(arm.events == 0 for arm in arms):
        known = "That nobody had the event is reported; the lengths of the bars are reconstructed"
    elif listed:
        known = "The times of the events are reported; the other bars are reconstructed"
    else:
        known = "The bars are reconstructed"
    marks = f" {_UNPRINTED}" if endpoint.swimmer else ""
    return f"{known}, not the original patients. {_APART}{marks}"


def _in_words(
    what: str,
    endpoint: Endpoint,
    ordered: Mapping[str, tuple[FloatArray, npt.NDArray[np.bool_]]],
) -> str:
    arms = "; ".join(
        f"{arm_label(endpoint, arm)}, {count(times.size, 'patient')}, "
        f"{count(int(events.sum()), 'event')}, "
        f"followed for {times.min():.3g} to {times.max():.3g} {endpoint.time_unit}"
        for arm, (times, events) in ordered.items()
    )
    return literal(f"One bar for each reconstructed patient: {what}. {arms}.")
