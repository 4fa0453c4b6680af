"""Forest plots of pooled trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from ..presentation.formats import count
from .files import ShownInNotebooks
from .funnel import SOURCES, FunnelDisplay
from .interval_rows import DrawnMark, IntervalMark, IntervalRow, RowTable
from .key import MarkLook
from .layout import TITLE_LINE, Room, add_axes, footnote, footnote_height, new_figure
from .style import (
    INK,
    PAGE_WIDTH,
    REPORTED,
    REPRODUCED,
    TITLE_SIZE,
    Width,
    context,
    inches_of,
)
from .text import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models.pooling import MetaAnalysis, Source, Synthesis, Trial

__all__ = ["FunnelDisplay", "PooledForestDisplay"]

_TRIAL = "trial"  # the look of a trial's mark
_SMALLEST, _LARGEST = 2.5, 7.5  # points, of a trial's square
_OF = {
    "reported": "trials as reported",
    "reproduced": "reconstructed patients",
    "draws": "draws, reconstruction variance added",
}
_HEADS = {
    "log hazard ratio": ("HR", "Hazard ratio"),
    "restricted mean difference": ("Difference", "Difference of restricted means"),
    "survival difference": ("Difference", "Difference of survival"),
}
_METHODS = {"REML": "REML", "DL": "DerSimonian\u2013Laird", "PM": "Paule\u2013Mandel"}


@dataclass(kw_only=True, eq=False, repr=False)
class PooledForestDisplay(ShownInNotebooks):
    """Estimates of trials with weights, and their pooled ones: hazard ratios or differences.

    Build it with `from_meta_analysis` or `from_synthesis`; draw it with `plot`.

    Parameters
    ----------
    table : RowTable
    weights : tuple of float
        Of the trials' marks, in the order of their rows; their squares' areas show them.
    title, note, alt : str

    Attributes
    ----------
    figure_, ax_ : Figure, Axes
        Where it was drawn last. These and the following exist once `plot` has been called.
    marks_ : tuple of DrawnMark
        In the order of the rows.
    """

    table: RowTable
    weights: tuple[float, ...]
    title: str = ""
    note: str = ""
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    ax_: Axes = field(init=False, repr=False)
    marks_: tuple[DrawnMark, ...] = field(init=False, repr=False)

    @classmethod
    def from_meta_analysis(
        cls, pooled: MetaAnalysis, *, source: Source | None = None, title: str = ""
    ) -> Self:
        """Take one source's estimates, and the pooled ones of every source.

        Parameters
        ----------
        pooled : MetaAnalysis
        source : {"reported", "reproduced", "draws"}, optional
            Whose trials are shown; by default the last that there is.
        title : str
            By default the endpoint and the source.

        Raises
        ------
        KeyError
            If there is no such source.
        """
        chosen = tuple(pooled.by_source)[-1] if source is None else source
        return cls.from_synthesis(pooled, pooled.by_source[chosen], title=title)

    @classmethod
    def from_synthesis(cls, pooled: MetaAnalysis, found: Synthesis, *, title: str = "") -> Self:
        """Take the estimates of one synthesis, such as a difference of restricted means.

        Parameters
        ----------
        pooled : MetaAnalysis
        found : Synthesis
            One of its `syntheses`.
        title : str
            By default the endpoint, the measure and the source.
        """
        unit = _unit(pooled, found)
        what = title or f"{pooled.endpoint}: {_measure(pooled, found)}, {_OF[found.source]}"
        reference, treatment = _arms(pooled)
        short, long = _HEADS[found.measure]
        level = f"{100 * pooled.confidence_level:g}% CI"
        scale = _scale(found)
        low, middle, high = (
            _number(scale(x), found) for x in (found.random.ci[0], found.random.estimate,
                                               found.random.ci[1])
        )  # fmt: skip
        better = (treatment, reference) if found.is_ratio else (reference, treatment)
        return cls(
            table=RowTable(
                name_title="Trial",
                cell_titles=(
                    _capital(reference),
                    _capital(treatment),
                    f"{short} ({level})",
                    "Weight",
                ),
                rows=tuple(_rows(pooled, found)),
                axis_title=f"{long}{unit and f', {unit}'} ({level}), "
                + f"{treatment} {'vs' if found.is_ratio else 'minus'} {reference}",
                favours=(f"\u2190 favours {better[0]}", f"favours {better[1]} \u2192"),
                before=2,
                linear=not found.is_ratio,
            ),
            weights=tuple(float(found.random.weights[place]) for place in _order(found)),
            title=literal(what),
            note=_note(found),
            alt=literal(
                f"Forest plot of {count(len(found.trials), 'trial')}, {what}. Random effects: "
                f"{middle} ({level} {low} to {high})."
            ),
        )

    def plot(self, *, width: Width | None = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; 178 unless given.
        """
        with context():
            inches = inches_of(width, usual=PAGE_WIDTH)
            table = self.table.narrowed(inches)
            room = table.room()
            above = room.above + TITLE_LINE + 0.1
            foot = footnote_height(self.note, width=inches)
            size = (inches, above + table.height() + room.below + foot)
            self.figure_ = new_figure(*size, alt=self.alt)
            footnote(self.figure_, self.note)
            self.figure_.text(
                0.04 / inches, 1 - 0.06 / size[1], self.title, va="top", fontsize=TITLE_SIZE,
                fontweight="bold",
            )  # fmt: skip
            around = Room(
                left=room.left + 0.04, right=room.right, above=above, below=room.below + foot
            )
            self.ax_ = add_axes(self.figure_, around, corner=(0, 0), size=size)
            self.marks_ = table.draw(self.ax_)
            self._size_squares()
        return self

    def _size_squares(self) -> None:
        """Make the area of each trial's square its weight."""
        largest = max(self.weights)
        trials = [drawn for drawn in self.marks_ if drawn.mark.look.name == _TRIAL]
        for drawn, weight in zip(trials, self.weights, strict=True):
            if drawn.point is not None:
                drawn.point.set_markersize(max(_SMALLEST, _LARGEST * math.sqrt(weight / largest)))


def _scale(found: Synthesis) -> Callable[[float], float]:
    """Return what turns an estimate into what is shown: percentage points of survival."""
    if found.is_ratio:
        return math.exp
    return _percent if found.measure == "survival difference" else float


def _percent(fraction: float) -> float:
    return 100 * fraction


def _unit(pooled: MetaAnalysis, found: Synthesis) -> str:
    if found.is_ratio:
        return ""
    if found.measure == "survival difference":
        return "percentage points"
    return _time_unit(pooled, found)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _time_unit(pooled: MetaAnalysis, found: Synthesis) -> str:
    return next(trial.time_unit for trial in pooled.trials if trial.name in found.trials)


def _arms(pooled: MetaAnalysis) -> tuple[str, str]:
    """Return the names of reference and treatment where all trials share them."""
    names = {trial.arms for trial in pooled.trials}
    if len(names) > 1:
        return ("reference", "treatment")
    reference, treatment = names.pop()
    return literal(reference), literal(treatment)


def _measure(pooled: MetaAnalysis, found: Synthesis) -> str:
    if found.is_ratio:
        return "hazard ratios"
    if found.measure == "survival difference":
        return f"differences of survival at {found.at:g} {_time_unit(pooled, found)}"
    return f"differences of restricted means to {found.at:g} {_time_unit(pooled, found)}"


def _number(value: float, found: Synthesis) -> str:
    digits = 2 if found.is_ratio else 1
    rounded = round(value, digits) + 0.0  # no "-0.0"
    return f"{rounded:.{digits}f}".replace("-", "\u2212")


def _rows(pooled: MetaAnalysis, found: Synthesis) -> Iterator[IntervalRow]:
    diamond = MarkLook(name="pooled", colour=INK, marker="D")
    other = MarkLook(name="other", colour=REPORTED, marker="D", filled=False)
    yield from _grouped_rows(pooled, found, diamond)
    random, common = found.random, found.common
    label = f"Random effects ({_METHODS[random.method]})"
    yield _pooled_row(label, random.estimate, random.ci, diamond, found=found, line=True)
    yield _pooled_row("Common effect", common.estimate, common.ci, diamond, found=found, line=False)
    if not math.isnan(found.random.prediction[0]):
        low, high = map(_scale(found), found.random.prediction)
        yield IntervalRow(
            name="Prediction interval",
            marks=(IntervalMark(estimate=math.nan, ci=(low, high), look=diamond),),
            cells=("", "", f"{_number(low, found)} to {_number(high, found)}", ""),
        )
    same = [s for s in pooled.syntheses if s.measure == found.measure and s.source != found.source]
    for one in same:
        if one.at == found.at or found.is_ratio:
            words = f"Random effects, {SOURCES[one.source]} ({count(len(one.trials), 'trial')})"
            yield _pooled_row(words, one.random.estimate, one.random.ci, other, found=found)
    if found.is_ratio:
        yield from _one_stage_rows(pooled, found, other)


def _members(found: Synthesis) -> dict[str, tuple[str, ...]]:
    """Return the trials of each group; of one without a name if there are no groups."""
    return {"": found.trials} if found.subgroups is None else dict(found.subgroups.members)


def _order(found: Synthesis) -> list[int]:
    """Return the places of the trials in the order of their rows."""
    return [found.trials.index(name) for each in _members(found).values() for name in each]


def _grouped_rows(pooled: MetaAnalysis, found: Synthesis, look: MarkLook) -> Iterator[IntervalRow]:
    """Yield the trials, those of a group below its name and above its own estimate."""
    groups = found.subgroups
    if groups is None:
        yield from _trial_rows(pooled, found, found.trials)
        return
    weight = dict(zip(found.trials, found.random.weights, strict=True))
    for group, members in groups.members.items():
        yield IntervalRow(name=literal(group), heading=True)
        for row in _trial_rows(pooled, found, members):
            yield replace(row, indent=1)
        own = groups.groups.get(group)
        if own is None:
            continue
        i2 = f"I\u00b2 {100 * groups.heterogeneity[group].i2:.0f}%"
        row = _pooled_row(
            f"Random effects, {i2}", own.estimate, own.ci, look, found=found, line=False
        )
        share = f"{100 * sum(weight[name] for name in members):.1f}%"
        yield replace(row, indent=1, cells=(*row.cells[:-1], share))


def _trial_rows(
    pooled: MetaAnalysis, found: Synthesis, names: Sequence[str]
) -> Iterator[IntervalRow]:
    from ..models._inference import interval

    trials = {trial.name: trial for trial in pooled.trials}
    square = MarkLook(name=_TRIAL, colour=REPRODUCED, marker="s")
    scale = _scale(found)
    for name in names:
        place = found.trials.index(name)
        effect = found.effects[place]
        ends = interval(
            effect.estimate, math.sqrt(effect.variance), confidence_level=pooled.confidence_level
        )
        low, high = map(scale, ends)
        value = scale(effect.estimate)
        marked = f"{name} \u2020" if effect.approximate else name
        yield IntervalRow(
            name=literal(marked),
            marks=(IntervalMark(estimate=value, ci=(low, high), look=square),),
            cells=(
                *(_patients(trials[name], arm) for arm in trials[name].arms),
                _with_ends(value, (low, high), found),
                f"{100 * found.random.weights[place]:.1f}%",
            ),
        )


def _one_stage_rows(
    pooled: MetaAnalysis, found: Synthesis, look: MarkLook
) -> Iterator[IntervalRow]:
    for label, fits in (
        ("One-stage Cox", pooled.one_stage),
        ("One-stage Cox, random effect", pooled.one_stage_random),
    ):
        for source, one in fits.items():
            ends = (math.log(one.ci[0]), math.log(one.ci[1]))
            words = f"{label}, {SOURCES[source]}"
            yield _pooled_row(words, one.log_hazard_ratio, ends, look, found=found)


def _pooled_row(
    name: str,
    estimate: float,
    ci: tuple[float, float],
    look: MarkLook,
    *,
    found: Synthesis,
    line: bool | None = None,
) -> IntervalRow:
    """Return the row of a pooled estimate: a diamond where a `line` is or is not wanted."""
    overall = line is not None
    scale = _scale(found)
    ends, value = (scale(ci[0]), scale(ci[1])), scale(estimate)
    return IntervalRow(
        name=name,
        heading=overall,
        marks=(IntervalMark(estimate=value, ci=ends, look=look, overall=overall, line=bool(line)),),
        cells=("", "", _with_ends(value, ends, found), "100%" if overall else ""),
    )


def _with_ends(value: float, ends: tuple[float, float], found: Synthesis) -> str:
    low, high = (_number(end, found) for end in ends)
    return f"{_number(value, found)} ({low} to {high})"


def _patients(trial: Trial, arm: str) -> str:
    events, n = trial.events.get(arm), trial.n.get(arm)
    if n is None:
        return ""
    return str(n) if events is None else f"{events}/{n}"


def _note(found: Synthesis) -> str:
    spread = found.heterogeneity
    low, high = spread.tau2_ci
    p = "p < 0.001" if spread.q_p < 0.001 else f"p = {spread.q_p:.3f}"
    parts = [
        f"tau\u00b2 {spread.tau2:.3f} (95% CI {low:.3f} to {high:.3f}), I\u00b2 "
        f"{100 * spread.i2:.0f}%, Q {spread.q:.2f} on "
        f"{count(spread.q_df, 'degree of freedom', 'degrees of freedom')}, {p}.",
        "Events/patients or patients; squares by weight; weights of the random-effects model.",
    ]
    if found.random.hartung_knapp:
        parts.insert(1, "Hartung\u2013Knapp interval.")
    if found.subgroups is not None and found.subgroups.between:
        parts.insert(1, f"Between groups: {found.subgroups.between}.")
    if any(effect.approximate for effect in found.effects):
        parts.append("\u2020 approximate, from other reported values.")
    return " ".join(parts)
