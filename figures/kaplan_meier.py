"""Survival curves with what was reported of them, and the numbers at risk below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..presentation.formats import count
from .annotations import curves_in_words, draw_guides, summary_box
from .at_risk import (
    HEADING,
    RECONSTRUCTED_HEADING,
    AtRiskTable,
    count_ticks,
    draw_at_risk,
    draw_counts,
)
from .axes import CurveOptions, draw_axes, plot_height
from .curve_layout import USUAL_OPTIONS, CurveLayout, draw_inside, room_on_the_right
from .curves import (
    MOST_CENSOR_MARKS,
    ShownCurves,
    draw_band,
    draw_censor_marks,
    draw_line,
    draw_missed,
    draw_points,
)
from .files import ShownInNotebooks
from .key import (
    draw_end_labels,
    draw_key,
)
from .layout import (
    add_axes,
    axes_inches,
    footnote,
    footnote_height,
    new_figure,
    title_lines,
)
from .style import (
    COLUMN_WIDTH,
    StyleName,
    Width,
    arm_style,
    context,
    inches_of,
)
from .text import arm_label, endpoint_title, literal, survival_title

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from ..models import EndpointAnalysis
    from ..studies.endpoint import TimeUnit

__all__ = ["RECONSTRUCTED", "KaplanMeierDisplay"]

# So that no copy of the figure is taken for one of the trial's own data.
PATIENTS = "Patients reconstructed from reported numbers, not the original data"
RECONSTRUCTED = f"{PATIENTS}; 95% bands."
_TURNED = "Drawn as cumulative incidence, 100% minus survival."


@dataclass(kw_only=True, eq=False, repr=False)
class KaplanMeierDisplay(CurveLayout, ShownInNotebooks):
    """Kaplan-Meier curves of one endpoint, as numbers first.

    Build it with `from_analysis` or `from_patients`; draw it with `plot`, as often and as
    differently as wanted.

    Parameters
    ----------
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    names : mapping of str to str
        The arms' full names.
    landmarks : sequence of LandmarkCheck
        The reported survival and medians, and whether the curves match them.
    box : CornerBox or None
        What the corner of the plot says.
    title, y_title, incidence_title : str
        Of the plot, and of its axis of survival or of incidence.
    time_unit : {"days", "weeks", "months", "years"}
    alt : str
        What the drawing shows, in words.
    patients : str
        Who the patients are, for the note at the foot; empty for a trial's own.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    lines_, bands_, censor_marks_ : dict by arm
        Bands and censoring marks are empty if they were not asked for. Marks so close that they
        would run into each other are drawn once; a figure of more than 1000 has none.
    points_ : list of ErrorbarContainer
        The reported landmarks, one container for each arm that has some.
    missed_ : Line2D or None
        Crosses over the reported landmarks that the curves do not match.
    guides_ : tuple of Line2D
    at_risk_ : AtRiskTable or None
    counts_ : dict of str to AtRiskTable
        Of "events" and "censored", if they were asked for.
    box_ : tuple of Text
    inset_ : Axes or None
    labels_ : dict of str to Text
        The names at the ends of the curves, by arm.
    key_ : Legend or None

    Examples
    --------
    For one column of a printed journal, as incidence over years:

    >>> import kmrepro as km
    >>> from kmrepro.figures import KaplanMeierDisplay
    >>> result = km.reproduce(km.load_study("an2025"))  # doctest: +SKIP
    >>> display = KaplanMeierDisplay.from_analysis(result.analyses[0])  # doctest: +SKIP
    >>> display.plot(width="column", orientation="incidence", time_in="years")  # doctest: +SKIP
    """

    y_title: str = "Survival (%)"
    incidence_title: str = "Cumulative incidence (%)"
    alt: str = ""
    patients: str = PATIENTS
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    lines_: dict[str, Line2D] = field(init=False, repr=False)
    bands_: dict[str, PolyCollection] = field(init=False, repr=False)
    censor_marks_: dict[str, Line2D] = field(init=False, repr=False)
    points_: list[ErrorbarContainer] = field(init=False, repr=False)
    missed_: Line2D | None = field(init=False, repr=False)
    guides_: tuple[Line2D, ...] = field(init=False, repr=False)
    at_risk_: AtRiskTable | None = field(init=False, repr=False)
    counts_: dict[str, AtRiskTable] = field(init=False, repr=False)
    box_: tuple[Text, ...] = field(init=False, repr=False)
    inset_: Axes | None = field(init=False, repr=False)
    labels_: dict[str, Text] = field(init=False, repr=False)
    key_: Legend | None = field(init=False, repr=False)

    @classmethod
    def from_analysis(cls, analysis: EndpointAnalysis, *, title: str | None = None) -> Self:
        """Take the numbers of an analysed endpoint.

        Parameters
        ----------
        analysis : EndpointAnalysis
        title : str, optional
            The endpoint's name and cohort unless given.
        """
        endpoint = analysis.endpoint
        return cls(
            curves=analysis.curves,
            names={arm: arm_label(endpoint, arm) for arm in analysis.curves},
            landmarks=tuple(analysis.landmarks),
            box=summary_box(analysis),
            title=endpoint_title(endpoint) if title is None else title,
            y_title=survival_title(endpoint),
            time_unit=endpoint.time_unit,
            alt=curves_in_words(analysis),
        )

    @classmethod
    def from_patients(
        cls,
        time: npt.ArrayLike,
        event: npt.ArrayLike,
        arm: npt.ArrayLike | None = None,
        *,
        names: Mapping[str, str] | None = None,
        title: str = "",
        y_title: str = "Survival (%)",
        time_unit: TimeUnit = "months",
    ) -> Self:
        """Take patients, a row each, without any study.

        Parameters
        ----------
        time : array_like of float, shape (n,)
            Of the event or of censoring, above 0, in `time_unit`.
        event : array_like of bool, shape (n,)
            Whether the event happened at that time.
        arm : array_like of str, shape (n,), optional
            The first one is the reference; a single arm unless given.
        names : mapping of str to str, optional
            The arms' full names, if they are others than in `arm`.
        title, y_title : str, optional
        time_unit : {"days", "weeks", "months", "years"}, optional

        Raises
        ------
        ValueError
            If the arrays differ in length or are empty, a time is not above 0, an event is neither
            true nor false, or an arm is missing.

        Examples
        --------
        >>> from kmrepro.figures import KaplanMeierDisplay
        >>> time, event = [6, 12, 21, 27, 32, 39], [True, True, False, True, False, False]
        >>> display = KaplanMeierDisplay.from_patients(time, event, ["A", "B"] * 3)
        >>> display.curves["A"].survival.round(3).tolist()
        [1.0, 0.667, 0.667, 0.667]
        """
        from ..models import kaplan_meier
        from ..reconstruct import PseudoIPD
        from ..reconstruct.patient_frame import arm_names, event_flags

        times = np.asarray(time, dtype=np.float64)
        groups = np.full(times.shape, "All patients") if arm is None else arm_names(arm)
        arms = tuple(dict.fromkeys(groups.ravel().tolist()))
        patients = PseudoIPD(
            time=times,
            event=event_flags(event),
            arm=groups,
            arms=arms,
            time_unit=time_unit,
        )
        curves = {each: kaplan_meier(patients, arm=each) for each in arms}
        counted = ", ".join(
            f"{each}, {count(curve.n, 'patient')}" for each, curve in curves.items()
        )
        return cls(
            curves=curves,
            names={each: (names or {}).get(each, each) for each in arms},
            title=title,
            y_title=y_title,
            time_unit=time_unit,
            alt=literal(f"Kaplan-Meier curves: {counted}."),
            patients="",
        )

    def plot(
        self,
        ax: Axes | None = None,
        *,
        options: CurveOptions = USUAL_OPTIONS,
        width: Width | None = None,
        style: StyleName | None = None,
        line_kwargs: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure unless
            given. On axes that are given, names are at the ends of the curves only if `labels`
            is True.
        options : CurveOptions
            What to draw beside the curves, which way they run, and in which unit of time.
        width : float, "column" or "page", optional
            Of a new figure, or of the part of one that `ax` and the room around it take, in mm;
            one column of a journal has 85, the two of a page have 178; 120 unless given.
        style : {"journal", "screen", "grey"}, optional
            The one of the `context` around it unless given, "journal" if there is none.
        line_kwargs : mapping, optional
            Given to `Axes.plot` for each curve, over the house style.
        **changes
            Single options instead, such as ``orientation="incidence"`` or ``bands=False``.

        Returns
        -------
        KaplanMeierDisplay
            The same object, with handles of what was drawn.

        Raises
        ------
        ValueError
            If an option, `width` or `style` is none of its choices, or `inset` is True and there
            is no room for it.
        """
        options, whole = replace(options, **changes), inches_of(width, usual=COLUMN_WIDTH)
        with context(style):
            options = self.decided(options, width=whole) if ax is None else options
            self.ax_ = self._new_axes(options, width=whole) if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            shown = self.shown(options)
            self._draw_axes(options, end=shown.end)
            self._draw_curves(shown, line_kwargs or {}, options)
            self._draw_landmarks(shown, wanted=options.landmarks)
            self.guides_ = draw_guides(self.ax_, shown, options)
            self._draw_below(options)
            self.box_, self.inset_ = draw_inside(
                self.ax_,
                shown,
                options,
                box=self.box,
                guides=self.guides_,
                unit=self._view(options).shown_in,
            )
            self._draw_names(options, whole=whole)
        return self

    def _new_axes(self, options: CurveOptions, *, width: float) -> Axes:
        room = self.room(width=width, options=options)
        size = (width, room.above + plot_height(width) + room.below)
        banded = any(curve.n_events.sum() for curve in self.curves.values())
        note = "; ".join(filter(None, (self.patients, "95% bands" * (options.bands and banded))))
        note = f"{note[:1].upper()}{note[1:]}." if note else ""
        below = footnote_height(note, width=width)
        figure = new_figure(width, size[1] + below, alt=self.alt_of(options))
        footnote(figure, note)
        return add_axes(figure, room, corner=(0, 0), size=size)

    def alt_of(self, options: CurveOptions) -> str:
        """Return what the drawing shows, in words, with the way the curves run."""
        return f"{self.alt} {_TURNED}" if options.orientation == "incidence" else self.alt

    def _draw_axes(self, options: CurveOptions, *, end: float) -> None:
        unit = self._view(options).shown_in
        draw_axes(
            self.ax_,
            ticks=count_ticks(self.ax_, self.curves, end=end, unit=unit),
            end=end,
            unit=unit,
            y_title=self.incidence_title if self._view(options).rising else self.y_title,
        )

    def _draw_curves(
        self, shown: ShownCurves, line_kwargs: Mapping[str, Any], options: CurveOptions
    ) -> None:
        self.lines_, self.bands_, self.censor_marks_ = {}, {}, {}
        marked = options.censor_marks and shown.n_censored <= MOST_CENSOR_MARKS
        for index, (arm, curve) in enumerate(shown.curves.items()):
            style = arm_style(index)
            self.lines_[arm] = draw_line(self.ax_, curve, style, line_kwargs=line_kwargs)
            if options.bands:
                self.bands_[arm] = draw_band(self.ax_, curve, style)
            if marked and (marks := draw_censor_marks(self.ax_, curve, style)):
                self.censor_marks_[arm] = marks

    def _draw_landmarks(self, shown: ShownCurves, *, wanted: bool) -> None:
        self.points_, self.missed_ = [], None
        if wanted:
            for index, arm in enumerate(self.curves):
                if of_arm := [point for point in shown.points if point.arm == arm]:
                    self.points_.append(draw_points(self.ax_, of_arm, style=arm_style(index)))
            self.missed_ = draw_missed(self.ax_, shown.points)

    def _draw_below(self, options: CurveOptions) -> None:
        """Write the numbers of patients below the time axis."""
        self.at_risk_, self.counts_ = None, {}
        heading = RECONSTRUCTED_HEADING if self.patients else HEADING
        ticks, study_time = self.ax_.get_xticks(), self._view(options).study_time
        if options.at_risk:
            self.at_risk_ = draw_at_risk(
                self.ax_, self.curves, ticks=ticks, study_time=study_time, heading=heading
            )
        self.counts_ = draw_counts(
            self.ax_,
            self.curves,
            ticks=ticks,
            study_time=study_time,
            counts=options.counts,
            below=int(options.at_risk),
        )

    def _draw_names(self, options: CurveOptions, *, whole: float) -> None:
        """Write the names of the arms, and the title."""
        labels = self._labels(options, width=whole)
        self.labels_, self.key_ = draw_end_labels(self.ax_, labels), None
        width, height = axes_inches(self.ax_)
        width += room_on_the_right(labels)
        above = self._key_height(width, options)
        if above:
            self.key_ = draw_key(
                self.ax_,
                self.key_entries(options),
                corner=(0, 1 + (above + 0.01) / height),
                width=width,
            )
        if lines := title_lines(self.title, width=width):
            self.ax_.set_title("\n".join(lines), loc="left", pad=(above + 0.06) * 72)
