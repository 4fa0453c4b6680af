"""Fitted distributions over the Kaplan-Meier estimate, their hazards, and log-log survival."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from ..presentation.formats import count, time_text
from ..studies.argument_types import names_of
from .axes import time_label, time_ticks
from .files import ShownInNotebooks
from .key import KeyEntry, draw_key, key_height
from .layout import TITLE_LINE, Room, add_axes, footnote, footnote_height, new_figure
from .style import (
    FAINT,
    INK,
    PAGE_WIDTH,
    SMALL_SIZE,
    TITLE_SIZE,
    ArmStyle,
    Width,
    context,
    inches_of,
    shade,
)
from .text import literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import KaplanMeier
    from ..models.parametric import FittedCurve, ParametricModels

__all__ = ["ExtrapolationDisplay", "FittedArm"]

_NOTE = (
    "Dotted line: end of follow-up; to its right nothing is observed. Grey: estimates without a "
    "model (Kaplan-Meier; kernel-smoothed hazard with 95% interval, while 10 are at risk)."
)
_MOST_MODELS = 10
_MOST_OF_THEM = 0.75  # of the models of an arm: the hazards that the axis has room for at least
_HIGHEST = 2.0  # times what that needs: the axis follows a model no further
_POINTS = 241
_NEAREST = 0.6  # of the step between ticks
_BELOW = 2.0  # of log(-log(survival)) shown below the Kaplan-Meier estimate
_ROOM = Room(left=0.5, right=0.12, above=0.2, below=0.42)
_HEIGHTS = {"survival": 1.75, "hazard": 1.35, "log-log": 1.35}  # inches, of the axes
_COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"),
    *("#332288", "#882255", "#117733", "#AA4499"),
)
_DASHES: tuple[tuple[float, tuple[float, ...]] | str, ...] = (
    "-",
    (0.0, (5.0, 1.4)),
    (0.0, (6.0, 1.4, 1.2, 1.4)),
    (0.0, (1.2, 1.0)),
    (0.0, (3.0, 1.0)),
    (0.0, (8.0, 2.0)),
    (0.0, (2.0, 1.0, 1.0, 1.0)),
    (0.0, (6.0, 1.2, 1.2, 1.2, 1.2, 1.2)),
    (0.0, (4.0, 2.4)),
    (0.0, (1.0, 1.8)),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedArm:
    """The numbers of one arm.

    Attributes
    ----------
    name : str
    curve : KaplanMeier
    empirical : FittedCurve or None
        None where there are too few events to smooth a hazard.
    survival, hazard : mapping of str to FittedCurve
        By model; one that was not fitted to the arm is absent.
    last_time : float
        End of follow-up.
    """

    name: str
    curve: KaplanMeier
    empirical: FittedCurve | None
    survival: Mapping[str, FittedCurve]
    hazard: Mapping[str, FittedCurve]
    last_time: float

    def highest(self, name: str) -> float:
        """Return the hazard of a model that an axis needs room for: its start may be infinite."""
        found = self.hazard[name]
        return float(np.quantile(found.value[found.time > 0.1 * self.last_time], 0.9))

    @property
    def hazard_limit(self) -> float:
        """The top of the hazards' axis, for the estimate without a model and most of the fits."""
        known = 0.0 if self.empirical is None else 1.6 * float(self.empirical.value.max())
        each = sorted(1.1 * self.highest(name) for name in self.hazard)
        most = max(known, each[math.ceil(_MOST_OF_THEM * len(each)) - 1]) if each else known
        return max([most, *(high for high in each if high <= _HIGHEST * most)])

    @property
    def beyond_axis(self) -> tuple[str, ...]:
        """The models whose hazard leaves that axis."""
        return tuple(name for name in self.hazard if 1.1 * self.highest(name) > self.hazard_limit)


@dataclass(kw_only=True, eq=False, repr=False)
class ExtrapolationDisplay(ShownInNotebooks):
    """Parametric survival models of an endpoint, a column of panels for each arm.

    Build it with `from_models`; draw it with `plot`.

    Parameters
    ----------
    arms : sequence of FittedArm
    horizon : float
    time_unit : str
    title, note, alt : str

    Attributes
    ----------
    figure_ : Figure
        Where it was drawn last. This and the following exist once `plot` has been called.
    axes_ : dict by (arm, "survival", "hazard" or "log-log")
    lines_ : dict by (arm, kind of panel, model)
    """

    arms: Sequence[FittedArm]
    horizon: float
    time_unit: str = "months"
    title: str = ""
    note: str = _NOTE
    alt: str = ""
    figure_: Figure = field(init=False, repr=False)
    axes_: dict[tuple[str, str], Axes] = field(init=False, repr=False)
    lines_: dict[tuple[str, str, str], Line2D] = field(init=False, repr=False)

    @classmethod
    def from_models(
        cls,
        models: ParametricModels,
        *,
        names: Sequence[str] | None = None,
        labels: Mapping[str, str] | None = None,
        title: str = "",
    ) -> Self:
        """Take the fits of every arm.

        Parameters
        ----------
        models : ParametricModels
        names : sequence of str, optional
            Distributions to show, at most ten; by default all, or the ten with the lowest AIC,
            summed over arms. Those that were fitted to all arms come first; the note names those
            that are left out.
        labels : mapping of str to str, optional
            The arms' full names.
        title : str
            By default cohort and endpoint.

        Raises
        ------
        ValueError
            If more than ten are asked for, or none.
        KeyError
            If one was not fitted to every arm.
        """
        every = _by_aic(models)
        chosen = every[:_MOST_MODELS] if names is None else names_of("names", names)
        if len(chosen) > _MOST_MODELS:
            raise ValueError(
                f"`names` has {count(len(chosen), 'distribution')}, and at most {_MOST_MODELS} "
                "can be told apart in a figure."
            )
        if not chosen:
            raise ValueError(f"`names` names no distribution; there are {', '.join(every)}.")
        arms = [
            _fitted(models, arm, _of_arm(models, arm, chosen), (labels or {}).get(arm, arm))
            if names is None
            else _fitted(models, arm, chosen, (labels or {}).get(arm, arm))
            for arm in models.ipd.arms
        ]
        what = title or f"{models.ipd.endpoint}, cohort: {models.ipd.cohort}"
        return cls(
            arms=arms,
            horizon=models.horizon,
            time_unit=models.ipd.time_unit,
            title=literal(what),
            note=literal(" ".join(_note(models, arms, [n for n in every if n not in chosen]))),
            alt=literal(
                f"Kaplan-Meier estimates and fitted {', '.join(chosen)} survival of {what}, arms "
                f"{', '.join(arm.name for arm in arms)}, to {models.horizon:g} "
                f"{models.ipd.time_unit}; below, their hazards and log cumulative hazards."
            ),
        )

    def plot(self, *, width: Width | None = None) -> Self:
        """Draw survival, hazards and log cumulative hazards below each other.

        Parameters
        ----------
        width : float, "column" or "page", optional
            Of the figure, in mm; 178 unless given.
        """
        with context():
            inches = inches_of(width, usual=PAGE_WIDTH)
            entries = self._key_entries()
            top = TITLE_LINE + 0.08 + key_height(entries, width=inches - 0.6)
            cells = [_ROOM.above + height + _ROOM.below for height in _HEIGHTS.values()]
            height = top + 0.1 + sum(cells) + footnote_height(self.note, width=inches)
            self.figure_ = new_figure(inches, height, alt=self.alt)
            self.figure_.text(
                0.04 / inches, 1 - 0.06 / height, self.title, va="top", fontsize=TITLE_SIZE,
                fontweight="bold",
            )  # fmt: skip
            corner = (0.5 / inches, 1 - (TITLE_LINE + 0.08) / height)
            draw_key(self.figure_, entries, corner=corner, width=inches - 0.6)
            footnote(self.figure_, self.note)
            self._draw_panels(top + 0.1, inches / len(self.arms), cells)
        return self

    def _draw_panels(self, top: float, width: float, cells: Sequence[float]) -> None:
        self.axes_, self.lines_ = {}, {}
        draw = {
            "survival": self._draw_survival,
            "hazard": self._draw_hazard,
            "log-log": self._draw_loglog,
        }
        for kind, cell in zip(_HEIGHTS, cells, strict=True):
            for column, arm in enumerate(self.arms):
                ax = add_axes(self.figure_, _ROOM, corner=(column * width, top), size=(width, cell))
                self.axes_[arm.name, kind] = ax
                draw[kind](ax, arm, index=column)
            top += cell

    def _key_entries(self) -> list[KeyEntry]:
        known = ArmStyle(colour=FAINT, dashes="-", marker="o", lettering=FAINT)
        return [
            KeyEntry(label="Without a model", style=known),
            *(KeyEntry(label=name, style=_style(k)) for name, k in self._looks().items()),
        ]

    def _looks(self) -> dict[str, int]:
        """Return the number of each model's look, the same in every arm."""
        names = dict.fromkeys(name for arm in self.arms for name in arm.survival)
        return {name: k for k, name in enumerate(names)}

    def _draw_survival(self, ax: Axes, arm: FittedArm, *, index: int) -> None:
        ax.plot(
            arm.curve.time, 100 * arm.curve.survival, drawstyle="steps-post", color=FAINT,
            linewidth=1.6,
        )  # fmt: skip
        for name, found in arm.survival.items():
            self._draw_line(ax, arm, ("survival", name), xy=(found.time, 100 * found.value))
        ax.set_ylim(0, 102)
        ax.set_yticks([0, 25, 50, 75, 100])
        self._finish(ax, arm, "Survival (%)" if index == 0 else "")
        ax.set_title(literal(arm.name), loc="left", fontsize=SMALL_SIZE + 0.5, pad=4)

    def _draw_hazard(self, ax: Axes, arm: FittedArm, *, index: int) -> None:
        if arm.empirical is not None:
            known = arm.empirical
            ax.fill_between(
                known.time, known.lower, known.upper, color=FAINT, alpha=0.18, linewidth=0
            )
            ax.plot(known.time, known.value, color=FAINT, linewidth=1.6)
        for name, found in arm.hazard.items():
            self._draw_line(ax, arm, ("hazard", name), xy=(found.time, found.value))
        ax.set_ylim(0, arm.hazard_limit)
        self._finish(ax, arm, f"Hazard (per {self.time_unit.removesuffix('s')})" * (index == 0))

    def _draw_loglog(self, ax: Axes, arm: FittedArm, *, index: int) -> None:
        curve = arm.curve
        shown = (curve.n_events > 0) & (curve.survival > 0) & (curve.survival < 1)
        first = float(curve.time[shown].min(initial=arm.last_time))
        ax.plot(
            curve.time[shown], np.log(-np.log(curve.survival[shown])), drawstyle="steps-post",
            color=FAINT, linewidth=1.6,
        )  # fmt: skip
        for name, found in arm.survival.items():
            inside = (found.time >= 0.7 * first) & (found.value > 0) & (found.value < 1)
            xy = (found.time[inside], np.log(-np.log(found.value[inside])))
            self._draw_line(ax, arm, ("log-log", name), xy=xy)
        ax.set_xscale("log")
        if shown.any():
            known = np.log(-np.log(curve.survival[shown]))
            ax.set_ylim(bottom=float(known.min()) - _BELOW)
        ax.axvline(arm.last_time, color=INK, linestyle=(0, (1, 2)), linewidth=0.8, zorder=1)
        ticks = [t for t in (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000) if first <= t <= self.horizon]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.set_xlabel(f"{time_label(self.time_unit)}, logarithmic", labelpad=2)
        ax.set_ylabel("log(\u2212log(survival))" if index == 0 else "", labelpad=3)

    def _draw_line(
        self,
        ax: Axes,
        arm: FittedArm,
        place: tuple[str, str],
        *,
        xy: tuple[np.ndarray, np.ndarray],
    ) -> None:
        style = _style(self._looks()[place[1]])
        (line,) = ax.plot(*xy, color=style.colour, linestyle=style.dashes, linewidth=1.0, zorder=3)
        self.lines_[arm.name, *place] = line

    def _finish(self, ax: Axes, arm: FittedArm, label: str) -> None:
        ax.axvline(arm.last_time, color=INK, linestyle=(0, (1, 2)), linewidth=0.8, zorder=1)
        ax.set_xlim(0, self.horizon)
        ticks = _to_the_end(time_ticks(self.horizon, unit=self.time_unit, most=7), self.horizon)
        ax.set_xticks(ticks, [time_text(tick) for tick in ticks])
        ax.set_xlabel(time_label(self.time_unit), labelpad=2)
        ax.set_ylabel(label, labelpad=3)


def _to_the_end(ticks: np.ndarray, end: float) -> list[float]:
    """Return ticks of which the last is the end of the axis, and none too near to it."""
    step = float(ticks[1] - ticks[0]) if len(ticks) > 1 else end
    return [*(float(tick) for tick in ticks if tick < end - _NEAREST * step), end]


def _style(k: int) -> ArmStyle:
    colour = shade(_COLOURS[k])
    return ArmStyle(colour=colour, dashes=_DASHES[k], marker="o", lettering=colour)  # type: ignore[arg-type]


def _by_aic(models: ParametricModels) -> tuple[str, ...]:
    """Return the distributions by AIC, summed over arms; first those fitted to every arm."""
    total: dict[str, list[float]] = {}
    for fit in models.fits:
        if not fit.has_effect:
            total.setdefault(fit.name, []).append(fit.aic)
    return tuple(sorted(total, key=lambda name: (-len(total[name]), sum(total[name]))))


def _of_arm(models: ParametricModels, arm: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the distributions that were fitted to an arm."""
    have = {fit.name for fit in models.of(arm)}
    return tuple(name for name in names if name in have)


def _note(
    models: ParametricModels, arms: Sequence[FittedArm], left_out: Sequence[str]
) -> Iterator[str]:
    """Yield what a reader has to know of the lines, a sentence each."""
    yield _NOTE
    if models.n_draws > 1:
        draws = count(models.n_draws, "draw")
        yield f"Grey is one reconstructed data set; fits are combined over {draws}."
    for arm in arms:
        if arm.beyond_axis:
            yield f"{arm.name}: hazards beyond the axis: {', '.join(arm.beyond_axis)}."
    if left_out:
        yield f"Not drawn, of higher AIC: {', '.join(left_out)}."
    if any(fit.has_effect for fit in models.fits):
        yield "Fits with a treatment effect are not drawn."


def _fitted(models: ParametricModels, arm: str, names: Sequence[str], label: str) -> FittedArm:
    from ..models import kaplan_meier
    from ..models._inference import estimate_or_reason
    from ..models.parametric import empirical_hazard

    fits = {name: models.fit(name, arm) for name in names}
    last = float(models.ipd.time.max())
    time = np.unique(
        np.concatenate(
            [
                np.geomspace(1e-3 * last, models.horizon, 120),
                np.linspace(0, models.horizon, _POINTS),
            ]
        )
    )
    smooth, _ = estimate_or_reason(lambda: empirical_hazard(models.ipd, arm=arm))
    return FittedArm(
        name=label,
        curve=kaplan_meier(models.ipd, arm=arm),
        empirical=smooth,
        survival={name: fit.survival(time) for name, fit in fits.items()},
        hazard={name: fit.hazard(time[1:]) for name, fit in fits.items()},
        last_time=last,
    )
