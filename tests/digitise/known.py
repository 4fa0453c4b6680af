"""Figures of known data, drawn for the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from kmrepro.digitise import Hints

Curve = tuple[np.ndarray, np.ndarray]


def exponential_steps(scale: float, *, n: int, seed: int, end: float) -> Curve:
    """Kaplan-Meier curve of uncensored exponential times up to `end`: times and survival."""
    times = np.sort(np.random.default_rng(seed).exponential(scale, n))
    times = times[times < end]
    return times, 1 - np.arange(1, len(times) + 1) / n


def distance(read: object, truth: Curve, end: float) -> float:
    """Mean distance of a read curve from the truth over 0 to `end`."""
    grid = np.linspace(0, end * 0.999, 2001)
    true = np.concatenate([[1.0], truth[1]])[np.searchsorted(truth[0], grid, side="right")]
    return float(np.abs(read.at(grid) - true).mean())  # type: ignore[attr-defined]


ARMS = {
    "Drug": (exponential_steps(20, n=90, seed=1, end=24), "#1f77b4", "-"),
    "Placebo": (exponential_steps(11, n=80, seed=2, end=22), "#d62728", "-"),
}
ENDS = {"Drug": 24.0, "Placebo": 22.0}  # of the follow-up of each
MARKS = (3.0, 8.0, 13.0, 18.5)


def draw(
    path: Path,
    *,
    arms: dict[str, tuple[Curve, str, str]] | None = None,
    percent: bool = False,
    incidence: bool = False,
    marks: bool = False,
    at_risk: bool = False,
    dpi: int = 120,
    log: bool = False,
    letters: str = "none",
) -> Path:
    """Draw a figure as journals do; `letters` is how an SVG file has its text."""
    arms = ARMS if arms is None else arms
    with mpl.rc_context({"svg.fonttype": letters, "pdf.fonttype": 42, "path.simplify": False}):
        figure, axes = plt.subplots(figsize=(6, 4.6))
        for name, ((time, survival), colour, dash) in arms.items():
            x = np.concatenate([[0.0], time, [24.0 if name == "Drug" else 22.0]])
            y = np.concatenate([[1.0], survival, survival[-1:]])
            y = 1 - y if incidence else y
            height = 100 * y if percent else y
            axes.step(x, height, dash, where="post", color=colour, lw=1.5, label=name)
            if marks:
                at = np.interp(MARKS, x, np.arange(len(x))).astype(int)
                axes.plot(MARKS, height[at], "|", color=colour, ms=8, mew=1)
        axes.set(
            xlim=(0, 25),
            ylim=(0, 105 if percent else 1.05),
            xlabel="Time (months)",
            ylabel="Cumulative incidence" if incidence else "Overall survival",
        )
        axes.set_xticks(np.arange(0, 25, 6))
        if log:
            axes.set(xscale="log", xlim=(1, 1000))
            axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="lower right" if incidence else "upper right")
        figure.subplots_adjust(bottom=0.34 if at_risk else 0.14, left=0.17)
        if at_risk:
            write_table(axes, arms)
        figure.savefig(path, dpi=dpi)
        plt.close(figure)
    return path


def numbers_at_risk(truth: Curve) -> list[int]:
    """Patients still followed just before 0, 6, 12, 18 and 24 months."""
    n = round(1 / (1 - truth[1][0]))
    return [n - int((truth[0] < t).sum()) for t in (0, 6, 12, 18, 24)]


def write_table(axes: plt.Axes, arms: dict[str, tuple[Curve, str, str]]) -> None:
    """Write the numbers at risk below the axis."""
    axes.text(-5, -0.28, "No. at risk", weight="bold")
    for k, (name, (truth, _, _)) in enumerate(arms.items()):
        axes.text(-5, -0.37 - 0.08 * k, name)
        for time, count in zip((0, 6, 12, 18, 24), numbers_at_risk(truth), strict=True):
            axes.text(time, -0.37 - 0.08 * k, str(count), ha="center")


def draw_bare(path: Path) -> dict[str, list[list[float]]]:
    """Draw the arms on axes without a single number; return two places of each axis.

    The places are [value, pixel] from the top left corner, under the names of hints.
    """
    with mpl.rc_context({"path.simplify": False}):
        figure, axes = plt.subplots(figsize=(6, 4.6), dpi=120)
        for (time, survival), colour, dash in ARMS.values():
            x, y = np.concatenate([[0.0], time]), np.concatenate([[1.0], survival])
            axes.step(x, y, dash, where="post", color=colour, lw=1.5)
        axes.set(xlim=(0, 25), ylim=(0, 1.05), xticks=[], yticks=[])
        axes.spines[["top", "right"]].set_visible(False)
        places = places_of(axes, dpi=120)
        figure.savefig(path, dpi=120)
        plt.close(figure)
    return places


def places_of(axes: plt.Axes, *, dpi: float) -> dict[str, list[list[float]]]:
    """Return two places of each axis in a picture, [value, pixel]: 0 and 24 months, 0 and 1."""
    axes.figure.dpi = dpi
    axes.figure.canvas.draw()
    (left, bottom), (right, top) = axes.transData.transform([(0, 0), (24, 1)])
    height = axes.figure.canvas.get_width_height()[1]
    return {
        "x_axis": [[0.0, left], [24.0, right]],
        "y_axis": [[0.0, height - bottom], [1.0, height - top]],
    }


def hints_of(places: dict[str, list[list[float]]], colours: dict[str, str] | None = None) -> Hints:
    """Return what a person would say of axes, and of the arms, so that no text is recognised."""
    (x_0, x_24), (y_0, y_1) = (
        [(value, float(pixel)) for value, pixel in places[axis]] for axis in ("x_axis", "y_axis")
    )
    colours = colours or {name: colour for name, (_, colour, _) in ARMS.items()}
    chosen = tuple(colours.items())
    return Hints(ocr=False, x_axis=(x_0, x_24), y_axis=(y_0, y_1), colours=chosen)


@dataclass(frozen=True, eq=False)
class StepCurve:
    """Points of a curve, as `distance` asks for them."""

    time: np.ndarray
    survival: np.ndarray

    def at(self, time: np.ndarray) -> np.ndarray:
        """Survival at given times: 1 before the first point."""
        place = np.searchsorted(self.time, time, side="right")
        return np.concatenate([[1.0], self.survival])[place]


def curve_of(time: np.ndarray, survival: np.ndarray) -> StepCurve:
    """Return points as `distance` asks for them."""
    return StepCurve(np.asarray(time), np.asarray(survival))
