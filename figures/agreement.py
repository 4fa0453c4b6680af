"""Reported beside reproduced hazard ratios, one row for each comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Self

from .interval_rows import DrawnMark, IntervalMark, IntervalRow, MarkLook, RowTable
from .key import KeyEntry, draw_key, key_height
from .layout import Room, add_axes
from .lettering import interval, literal, printed_interval
from .style import (
    FOOTNOTE_HEIGHT,
    PAGE_WIDTH,
    REPORTED,
    REPRODUCED,
    ShownInNotebooks,
    axes_inches,
    context,
    footnote,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from ..models import Comparison, EndpointAnalysis

__all__ = ["AgreementDisplay"]

_AS_REPORTED = MarkLook(name="reported", colour=REPORTED, marker="D", filled=False, shift=0.2)
_AS_REPRODUCED = MarkLook(name="reproduced", colour=REPRODUCED, marker="o", shift=-0.2)
_KEY = tuple(KeyEntry(label=look.name, look=look) for look in (_AS_REPORTED, _AS_REPRODUCED))
_LONGEST_KEY = 16  # letters that fit beside each other below the axis
_BEYOND = "Arrows point to what lies beyond the axis"
_INFORMED = "INFORMED: patients were made to meet what is reported, which they cannot check"
_ADJUSTED = "* adjusted for covariates, which a reconstruction from survival curves cannot be"


@dataclass(kw_only=True, eq=False)
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
    key_ : Legend
    """

    table: RowTable
    notes: tuple[str, ...] = ()
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    marks_: tuple[DrawnMark, ...] = field(init=False, repr=False)
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
        table = RowTable(
            name_title="Endpoint",
            cell_titles=("Reported", "Reproduced", "Verdict"),
            rows=tuple(_rows(compared, name_arms=len(pairs) > 1)),
            favours=_favours(pairs),
        )
        adjusted = any(each.reported.adjusted for each in comparisons)
        informed = any(each.informed for each in comparisons)
        notes = ((_INFORMED, informed), (_ADJUSTED, adjusted), (_BEYOND, table.beyond_axis))
        return cls(
            table=table,
            notes=tuple(note for note, needed in notes if needed),
            alt=_in_words(comparisons),
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
            width, height = axes_inches(self.ax_)
            top = 1 + (key_height(_KEY, width=width) + 0.01) / height
            self.key_ = draw_key(self.ax_, _KEY, corner=(0, top), width=width)
        return self

    def room(self) -> Room:
        """Return the room needed around the axes, in inches."""
        room = self.table.room()
        left = room.left + 0.04
        key = key_height(_KEY, width=PAGE_WIDTH - left - room.right)
        return replace(room, left=left, above=max(room.above, key + 0.02) + 0.04)

    def _new_axes(self) -> Axes:
        room = self.room()
        height = room.above + self.table.height() + room.below
        notes = FOOTNOTE_HEIGHT * len(self.notes)
        figure = new_figure(PAGE_WIDTH, height + notes, alt=self.alt)
        if self.notes:
            footnote(figure, "\n".join(self.notes))
        return add_axes(figure, room, corner=(0, 0), size=(PAGE_WIDTH, height))


def _rows(analyses: Sequence[EndpointAnalysis], *, name_arms: bool) -> Iterator[IntervalRow]:
    cohorts = {analysis.endpoint.cohort for analysis in analyses}
    for cohort, members in groupby(analyses, key=lambda analysis: analysis.endpoint.cohort):
        if len(cohorts) > 1:
            yield IntervalRow(name=literal(f"Cohort: {cohort}"), heading=True)
        for analysis in members:
            yield _row(analysis, name_arms=name_arms, indent=int(len(cohorts) > 1))


def _row(analysis: EndpointAnalysis, *, name_arms: bool, indent: int) -> IntervalRow:
    comparison, endpoint = analysis.comparison, analysis.endpoint
    assert comparison is not None  # noqa: S101 - the caller has chosen those that compare
    name = endpoint.label or endpoint.name
    pair = f", {comparison.treatment} vs {comparison.reference}" if name_arms else ""
    return IntervalRow(
        name=literal(name + pair),
        marks=tuple(_marks(comparison)),
        cells=(_reported(analysis), _reproduced(comparison), comparison.verdict),
        indent=indent,
    )


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
    return printed_interval(reported.hazard_ratio, reported.ci) + star


def _reproduced(comparison: Comparison) -> str:
    cox = comparison.cox
    return interval(cox.hazard_ratio, cox.ci) if cox else "not estimable"


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
