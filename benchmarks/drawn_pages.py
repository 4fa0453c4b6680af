"""Figures in the manner of journals: panels in a grid, laid out in inches, nothing overlaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from drawn_journals import journal_look
from drawn_looks import Look, pick
from drawn_panels import draw_panel, rows_in_plot
from drawn_trials import Arm, nice_step, random_arms
from matplotlib.transforms import ScaledTranslation

mpl.use("Agg")

Grid = tuple[int, int]
_GRIDS: tuple[Grid, ...] = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1))
_ENDPOINTS = (
    "Overall survival", "Progression-free survival", "Disease-free survival",
    "Event-free survival", "Relapse-free survival", "Distant metastasis-free survival",
)  # fmt: skip
_TWO_SIDED = 0.5  # share of the figures whose rows of numbers start at the panel's left edge


@dataclass(frozen=True, kw_only=True)
class Page:
    """Sizes of a page in inches, and what its panels share."""

    grid: Grid
    plot: tuple[float, float]
    left: float
    bottom: float
    top: float
    right: float
    shared_legend: bool
    letters: str
    titles: bool
    table_first: bool
    rows_at_edge: bool

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the figure."""
        across, down = self.grid[1], self.grid[0]
        room = 0.45 if self.shared_legend else 0.1
        return (
            across * (self.left + self.plot[0] + self.right) + 0.1,
            down * (self.top + self.plot[1] + self.bottom) + room + 0.1,
        )

    def corner(self, k: int) -> tuple[float, float]:
        """Lower left corner of a plot, in inches from that of the figure."""
        row, column = divmod(k, self.grid[1])
        x = column * (self.left + self.plot[0] + self.right) + self.left
        y = self.size[1] - 0.05 - (0.45 if self.shared_legend else 0.0)
        return x, y - (row + 1) * (self.top + self.plot[1]) - row * self.bottom


def draw_page(
    folder: Path, name: str, seed: int
) -> tuple[Look, list[tuple[dict[str, Any], list[Arm], float]], Path]:
    """Draw one figure in the manner of a journal.

    Returns its look, for each panel what is true of it, its arms and the end of its axis, and the
    file, which nothing has happened to yet.
    """
    rng = np.random.default_rng([seed, 5, int(name[1:])])
    look = journal_look(rng, 4)
    grid = _GRIDS[int(rng.choice(len(_GRIDS), p=[0.58, 0.14, 0.07, 0.09, 0.07, 0.05]))]
    count = grid[0] * grid[1]
    trials = _trials(rng, look.unit, count)
    look = replace(look, size=float(rng.choice([6.5, 7, 8])) if count > 1 else look.size)
    page = _page(rng, look, grid, trials)
    if page.shared_legend:
        look = replace(look, legend="shared")
    style = {"font.family": look.font, "font.size": look.size, "svg.fonttype": "none",
             "pdf.fonttype": 42, "axes.linewidth": float(rng.choice([0.6, 0.9, 1.2]))}  # fmt: skip
    with mpl.rc_context(style):
        figure = plt.figure(figsize=page.size, facecolor=look.around)
        panels = []
        for k, (arms, end) in enumerate(trials):
            axes = figure.add_axes(_place(page, k))
            step = _step(end, look, page, arms, rng)
            truth = draw_panel(axes, arms, look, end=end, step=step, rng=rng)
            _write_table(axes, arms, look, truth, page=page)
            _write_title(axes, k, page, rng)
            panels.append((truth, arms, end, axes))
        if page.shared_legend:
            handles, labels = figure.axes[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="upper center", ncol=len(labels), frameon=False)
        vector = look.kind in ("pdf", "svg")
        path = folder / (f"{name}.{look.kind}" if vector else f"{name}.tmp.png")
        look = replace(look, dpi=max(look.dpi, 96)) if count > 1 else look
        figure.savefig(path, dpi=72 if vector else look.dpi, facecolor=look.around)
        found = []
        for truth, arms, end, axes in panels:
            calibrate(figure, axes, truth, 72 if vector else look.dpi)
            found.append((truth, arms, end))
        plt.close(figure)
    return look, found, path


def calibrate(figure: Any, axes: Any, truth: dict[str, Any], dots: float) -> None:
    """Pixel of the first and last label of each axis, from the top left corner."""
    scale = dots / figure.dpi
    height = figure.bbox.height
    (x0, x1), (y0, y1) = truth["x_range"], truth["y_range"]
    places = axes.transData.transform([(x0, y0), (x1, y1)])
    px = [[float(a * scale), float((height - b) * scale)] for a, b in places]
    truth["calibration"] = {"x": [[*px[0], x0], [*px[1], x1]], "y": [[*px[0], y0], [*px[1], y1]]}
    box = axes.get_window_extent()
    truth["bbox"] = [box.x0 * scale, (height - box.y1) * scale,
                     box.x1 * scale, (height - box.y0) * scale]  # fmt: skip


def _trials(rng: np.random.Generator, unit: str, count: int) -> list[tuple[list[Arm], float]]:
    """Trials of the panels: the same arms in all of them, or other ones in each."""
    trials = [random_arms(rng, unit) for _ in range(count)]
    if rng.random() < 0.7:  # one trial, several end points
        names = [arm.name for arm in trials[0][0]]
        alike = []
        while len(alike) < count:
            arms, end = random_arms(rng, unit)
            if len(arms) == len(names):
                named = zip(arms, names, strict=True)
                alike.append(([replace(arm, name=name) for arm, name in named], end))
        trials = alike
    return trials


def _page(
    rng: np.random.Generator, look: Look, grid: Grid, trials: list[tuple[list[Arm], float]]
) -> Page:
    several = grid != (1, 1)
    arms = max((arms for arms, _ in trials), key=len)
    letter = 0.62 * look.size / 72
    longest = max(len(arm.name) for arms, _ in trials for arm in arms)
    edge = bool(rng.random() < _TWO_SIDED)
    table = look.table not in ("none", "inside")
    named = look.table in ("left", "coloured", "boxed", "censored")
    left = 0.35 + 5.5 * look.size / 72
    left = (
        max(left, letter * longest + 0.45) if (table and named) or look.table == "inside" else left
    )
    line = 1.5 * look.size / 72
    under = 0.5 if look.legend == "under" else 0.0
    rows = (len(arms) + 1.6) * line if table else 0.0
    rows += 3.5 * line if look.table == "boxed" else 0.0
    names = {len(arms) for arms, _ in trials}
    same = len({tuple(a.name for a in arms) for arms, _ in trials}) == 1
    return Page(
        grid=grid,
        plot=(float(rng.uniform(2.3, 3.2)), float(rng.uniform(1.9, 2.6))) if several
        else (float(rng.uniform(3.6, 6.0)), float(rng.uniform(2.6, 4.0))),
        left=left,
        bottom=0.15 + 4.2 * look.size / 72 + rows + under,
        top=0.15 + 2.4 * look.size / 72 + (0.2 if look.legend == "top" else 0.0),
        right=0.2 + (letter * (longest + 9) + 0.5 if look.legend == "right" else 0.0),
        shared_legend=several and same and len(names) == 1 and len(arms) > 1
        and bool(rng.random() < 0.5),
        letters=pick(rng, **{"A": 3, "a": 1, "(a)": 1, "A)": 1, "": 1}) if several else "",
        titles=bool(rng.random() < 0.5),
        table_first=bool(rng.random() < 0.25),
        rows_at_edge=edge,
    )  # fmt: skip


def _place(page: Page, k: int) -> tuple[float, float, float, float]:
    x, y = page.corner(k)
    width, height = page.size
    return x / width, y / height, page.plot[0] / width, page.plot[1] / height


def _step(end: float, look: Look, page: Page, arms: list[Arm], rng: np.random.Generator) -> float:
    """Distance of the labels of the time axis, so wide that no two numbers touch."""
    figures = max(len(f"{end:g}"), len(str(max(len(a.time) for a in arms))))
    figures += 6 if look.table == "censored" else 1
    room = figures * 0.6 * look.size / 72
    step = nice_step(end, look.unit, rng)
    while step / end * page.plot[0] < room and step < end / 2:
        step *= 2
    return step


def _write_title(axes: Any, k: int, page: Page, rng: np.random.Generator) -> None:
    """Letter and title above a plot."""
    form = page.letters
    letter = form.replace("A", "ABCDEF"[k]).replace("a", "abcdef"[k])
    if letter:
        axes.annotate(letter, (0, 1), xycoords="axes fraction", xytext=(-28, 8),
                      textcoords="offset points", weight="bold",
                      size=plt.rcParams["font.size"] + 2)  # fmt: skip
    if page.titles:
        axes.set_title(str(rng.choice(_ENDPOINTS)), pad=26 if axes.get_legend() else 6)


def _write_table(
    axes: Any, arms: list[Arm], look: Look, truth: dict[str, Any], *, page: Page
) -> None:
    """Numbers at risk below a plot, in lines of inches."""
    if look.table == "none":
        return
    if look.table == "inside":
        rows_in_plot(axes, arms, look, truth)
        return
    ticks = np.array(truth["ticks"])
    line = 1.5 * look.size
    down = -1.0 * line - 8
    if page.table_first and look.table != "boxed":  # between the tick labels and the title
        axes.xaxis.labelpad = (len(arms) + 1.3) * line
        down -= 0.1 * line
    else:
        down -= 1.15 * line + (26 if look.legend == "under" else 0)
    if look.table == "boxed":
        _box(axes, arms, look, truth, down=down, line=line)
    across = {"xycoords": ("axes fraction", "axes fraction"), "textcoords": "offset points",
              "annotation_clip": False, "va": "center"}  # fmt: skip
    start = -page.left * 72 + 6 if page.rows_at_edge else -2.0 * look.size
    side = "left" if page.rows_at_edge else "right"
    heading = "Number at risk (number censored)" if look.table == "censored" else (
        "No. at risk" if page.rows_at_edge else "Number at risk")  # fmt: skip
    low = axes.get_ylim()[0]
    axes.annotate(heading, (0, 0), xytext=(start if side == "left" else 0, down), ha="left",
                  weight="bold" if look.house in ("nejm", "jama", "lancet") else "normal",
                  **across)  # fmt: skip
    rows = []
    for k, arm in enumerate(arms):
        here = down - (k + 1) * line
        ink = look.colours[k] if look.table in ("coloured", "boxed") else "black"
        axes.annotate(arm.name, (0, 0), xytext=(start, here), ha=side, color=ink, **across)
        counts = arm.at_risk(ticks)
        gone = [int(((arm.time < t) & ~arm.event).sum()) for t in ticks]
        for t, count, out in zip(ticks, counts, gone, strict=True):
            text = f"{count} ({out})" if look.table == "censored" else f"{count}"
            axes.annotate(text, (t, low), xytext=(0, here), ha="center", va="center",
                          textcoords="offset points", annotation_clip=False,
                          color=ink if look.table == "coloured" else "black")  # fmt: skip
        rows.append({"arm": arm.name, "counts": counts})
    truth["at_risk"] = {"times": ticks.tolist(), "rows": rows}


def _box(
    axes: Any, arms: list[Arm], look: Look, truth: dict[str, Any], *, down: float, line: float
) -> None:
    """Frame and time axis of a table that is a plot of its own, as survminer draws it."""
    bottom, top = down - (len(arms) + 0.6) * line, down - 0.4 * line
    low = axes.get_ylim()[0]
    for t in truth["ticks"]:
        axes.annotate(f"{t:g}", (t, low), xytext=(0, bottom - 9), ha="center", va="center",
                      textcoords="offset points", annotation_clip=False)  # fmt: skip
    inches = axes.figure.dpi_scale_trans
    lower, upper = (axes.transAxes + ScaledTranslation(0, y / 72, inches) for y in (bottom, top))
    shape = {"color": "black", "lw": plt.rcParams["axes.linewidth"], "clip_on": False}
    axes.plot([0, 1], [0, 0], transform=lower, **shape)
    if look.frame == "box" or look.grid == "both":
        axes.plot([0, 1], [0, 0], transform=upper, **shape)
    axes.annotate("Time", (0.5, 0), xycoords="axes fraction", xytext=(0, bottom - 9 - line),
                  textcoords="offset points", ha="center", annotation_clip=False)  # fmt: skip
