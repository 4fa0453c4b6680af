"""Reported beside reproduced hazard ratios, one row for each comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Self

from ..presentation.formats import ratio_interval
from ..studies.printed_fields import USUAL_LEVEL
from .files import ShownInNotebooks
from .interval_rows import DrawnMark, IntervalBand, IntervalMark, IntervalRow, RowTable
from .key import BandLook, KeyEntry, MarkLook, draw_key, key_height
from .layout import Room, add_axes, axes_inches, footnote, footnote_height, new_figure
from .style import PAGE_WIDTH, REPORTED, REPRODUCED, Width, context, inches_of
from .text import cohort_text, literal, possible_ratios, printed_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

    from ..models import Comparison, EndpointAnalysis

__all__ = ["AgreementDisplay"]

_AS_REPORTED = MarkLook(name="reported", colour=REPORTED, marker="D", filled=False, shift=0.2)
_AS_REPRODUCED = MarkLook(name="reproduced", colour=REPRODUCED, marker="o", shift=-0.2)
_POSSIBLE = BandLook(
    name="95% reproduction interval", colour=REPRODUCED, alpha=0.3, thickness=5.0, shift=-0.2
)
_ATTAINABLE = BandLook(name="attainable range", colour="#8c8c8c", alpha=0.3, thickness=10.5)
_LONGEST_KEY = 16  # letters that fit beside each other below the axis
_BEYOND = "Arrows point to what lies beyond the axis"
_DRAWN = (
    "95% RI: 95% reproduction interval, 95% of the hazard ratios of data sets consistent with "
    "every reported number"
)
_ANY = (
    "Attainable range: no data set consistent with every reported number has a hazard ratio "
    "outside it"
)
_OPEN = "A band that reaches the edge goes on beyond it, or has no bound"
_INFORMED = "INFORMED: patients were conditioned on what is reported, which they cannot check"
_ADJUSTED = "* adjusted for covariates, which a reconstruction from survival curves cannot be"


@dataclass(kw_only=True, eq=False, repr=False)
class AgreementDisplay(ShownInNotebooks):
    """Reported and reproduced hazard ratios with their intervals and verdicts.

    Build it with `from_analyses`; draw it with `plot`.

    Parameters
    ----------
    table : RowTable
        Names, marks, text columns.
    notes : tuple of str
        Written below, a line each.
    alt : str
        What the drawing shows, in words.

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    marks_ : tuple of DrawnMark
        Reported and reproduced, in the order of the rows.
    bands_ : tuple of Line2D
        Attainable range and reproduction interval, those that there are, in the order of the rows.
    key_ : Legend
    """

    table: RowTable
    notes: tuple[str, ...] = ()
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    marks_: tuple[DrawnMark, ...] = field(init=False, repr=False)
    bands_: tuple[Line2D, ...] = field(init=False, repr=False)
    key_: Legend = field(init=False, repr=False)

    @classmethod
    def from_analyses(cls, analyses: Sequence[EndpointAnalysis]) -> Self:
        """Take the comparisons of analysed endpoints; endpoints without one are left out.

        Raises
        ------
        ValueError
            If no endpoint compares two arms.
        """
        compared = [analysis for analysis in analyses if analysis.comparison is not None]
        if not compared:
            raise ValueError("`analyses` must hold at least one endpoint that compares two arms.")
        comparisons = [each.comparison for each in compared if each.comparison]
        pairs = {(each.treatment, each.reference) for each in comparisons}
        possible = any(each.reproduction_interval for each in comparisons)
        columns = (
            *(("Reported",) if _any_reported(comparisons) else ()),
            "Reproduced",
            *(("95% RI",) if possible else ()),
            "Verdict",
        )
        usual = all(each.reported.ci_level == USUAL_LEVEL for each in comparisons)
        level = "95% CI" if usual else "CI"  # the rows say which
        table = RowTable(
            name_title="Endpoint",
            cell_titles=columns,
            rows=tuple(
                _without_unreported(row, reported=_any_reported(comparisons))
                for row in _rows(compared, name_arms=len(pairs) > 1, possible=possible)
            ),
            stacked=tuple(i for i, title in enumerate(columns) if title != "95% RI"),
            stacked_title=f"HR ({level})",
            axis_title=f"Hazard ratio ({level})",
            favours=_favours(pairs) if _of_treatments(compared) else None,
        )
        return cls(
            table=table,
            notes=tuple(_notes(table, comparisons)),
            alt=_in_words(comparisons),
        )

    def plot(self, ax: Axes | None = None, *, width: Width | None = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; it needs the room that `room` says around it. A new figure unless given.
        width : float, "column" or "page", optional
            Of the figure, or of the axes and the room around them, in mm; one column of a journal
            has 85, the two of a page have 178; 178 unless given. Below 127 mm hazard
            ratios and verdict are lines of one column, and long names are broken.
        """
        inches = inches_of(width, usual=PAGE_WIDTH)
        with context():
            table = self.table.narrowed(inches)
            self.ax_ = self._new_axes(inches) if ax is None else ax
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self.bands_ = table.draw_bands(self.ax_)
            self.marks_ = table.draw(self.ax_)
            entries, room = self._key_entries(), self._room(inches)
            inner = axes_inches(self.ax_)
            corner = ((0.04 - room.left) / inner[0], 1 + (room.above - 0.04) / inner[1])
            self.key_ = draw_key(self.ax_, entries, corner=corner, width=inches - 0.08)
        return self

    def room(self, *, width: Width | None = None) -> Room:
        """Return the room needed around the axes, in inches, if all may be `width` wide."""
        return self._room(inches_of(width, usual=PAGE_WIDTH))

    def _room(self, width: float) -> Room:
        room = self.table.narrowed(width).room()
        key = key_height(self._key_entries(), width=width - 0.08)
        return replace(room, left=room.left + 0.04, above=room.above + key + 0.04)

    def _key_entries(self) -> list[KeyEntry]:
        bands = {band.look for row in self.table.rows for band in row.bands}
        marks = {mark.look for row in self.table.rows for mark in row.marks}
        return [
            *(
                KeyEntry(label=look.name, look=look)
                for look in (_AS_REPORTED, _AS_REPRODUCED)
                if look in marks
            ),
            *(
                KeyEntry(label=look.name, band=look)
                for look in (_POSSIBLE, _ATTAINABLE)
                if look in bands
            ),
        ]

    def _new_axes(self, width: float) -> Axes:
        room = self._room(width)
        height = room.above + self.table.narrowed(width).height() + room.below
        note = "\n".join(self.notes)
        below = footnote_height(note, width=width) if note else 0.0
        figure = new_figure(width, height + below, alt=self.alt)
        if note:
            footnote(figure, note)
        return add_axes(figure, room, corner=(0, 0), size=(width, height))


def _notes(table: RowTable, comparisons: Sequence[Comparison]) -> Iterator[str]:
    notes = (
        (_DRAWN, any(each.reproduction_interval for each in comparisons)),
        (_ANY, any(each.attainable for each in comparisons)),
        (_OPEN, table.bands_beyond_axis),
        (_INFORMED, any(each.informed for each in comparisons)),
        (_ADJUSTED, any(each.reported.adjusted for each in comparisons)),
        (_BEYOND, table.beyond_axis),
    )
    return (note for note, needed in notes if needed)


def _rows(
    analyses: Sequence[EndpointAnalysis], *, name_arms: bool, possible: bool
) -> Iterator[IntervalRow]:
    cohorts = {analysis.endpoint.cohort for analysis in analyses}
    for cohort, members in groupby(analyses, key=lambda analysis: analysis.endpoint.cohort):
        if len(cohorts) > 1:
            first = next(each for each in analyses if each.endpoint.cohort == cohort)
            words = cohort_text(first.endpoint)
            yield IntervalRow(name=f"{words[:1].upper()}{words[1:]}", heading=True)
        for analysis in members:
            row = _row(analysis, name_arms=name_arms, possible=possible)
            yield replace(row, indent=int(len(cohorts) > 1))


def _any_reported(comparisons: Sequence[Comparison]) -> bool:
    return any(each.reported.hazard_ratio is not None for each in comparisons)


def _without_unreported(row: IntervalRow, *, reported: bool) -> IntervalRow:
    """Drop the column of reported hazard ratios if none is reported."""
    return row if reported or row.heading else replace(row, cells=row.cells[1:])


def _of_treatments(analyses: Sequence[EndpointAnalysis]) -> bool:
    """Say whether every comparison is of treatments: a hazard ratio favours no stage of disease."""
    return all(each.endpoint.compares == "treatments" for each in analyses)


def _row(analysis: EndpointAnalysis, *, name_arms: bool, possible: bool) -> IntervalRow:
    comparison, endpoint = analysis.comparison, analysis.endpoint
    assert comparison is not None  # noqa: S101 - the caller has chosen those that compare
    name = endpoint.label or endpoint.name
    pair = f", {comparison.treatment} vs {comparison.reference}" if name_arms else ""
    return IntervalRow(
        name=literal(name + pair),
        marks=tuple(_marks(comparison)),
        bands=tuple(_bands(comparison)),
        cells=(
            _reported(analysis),
            _reproduced(comparison),
            *((possible_ratios(comparison),) if possible else ()),
            comparison.verdict,
        ),
    )


def _bands(comparison: Comparison) -> Iterator[IntervalBand]:
    attainable, possible = comparison.attainable, comparison.reproduction_interval
    if attainable is not None:
        yield IntervalBand(ends=(attainable.lower, attainable.upper), look=_ATTAINABLE)
    if possible is not None:
        yield IntervalBand(ends=possible, look=_POSSIBLE)


def _marks(comparison: Comparison) -> Iterator[IntervalMark]:
    reported, cox = comparison.reported, comparison.cox
    if reported.hazard_ratio is not None:
        yield IntervalMark(estimate=reported.hazard_ratio, ci=reported.ci, look=_AS_REPORTED)
    if cox is not None:
        yield IntervalMark(estimate=cox.hazard_ratio, ci=cox.ci, look=_AS_REPRODUCED)


def _reported(analysis: EndpointAnalysis) -> str:
    reported = analysis.endpoint.reported
    if reported is None or reported.hazard_ratio is None:
        return "not reported"
    star = "*" if reported.adjusted else ""
    return printed_interval(reported.hazard_ratio, reported.ci, reported.ci_level) + star


def _reproduced(comparison: Comparison) -> str:
    cox = comparison.cox
    return ratio_interval(cox.hazard_ratio, cox.ci) if cox else "not estimable"


def _favours(pairs: set[tuple[str, str]]) -> tuple[str, str]:
    """Say what lies on either side of 1: the event comes later in the arm that it favours."""
    if len(pairs) > 1:
        return "\u2190 favours first arm", "favours second arm \u2192"
    ((treatment, reference),) = pairs
    longest = max(len(treatment), len(reference))
    if longest > _LONGEST_KEY:
        return "\u2190 favours treatment", "favours reference \u2192"
    return f"\u2190 favours {literal(treatment)}", f"favours {literal(reference)} \u2192"


def _in_words(comparisons: Sequence[Comparison]) -> str:
    verdicts = [comparison.verdict for comparison in comparisons]
    counted = ", ".join(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts))
    noun = "comparison" if len(verdicts) == 1 else "comparisons"
    return (
        f"Reported and reproduced hazard ratios with 95% intervals of {len(verdicts)} {noun}: "
        f"{counted}."
    )
