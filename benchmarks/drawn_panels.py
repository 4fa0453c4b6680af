"""Panels of drawn figures: curves, bands, marks, axes, legend and numbers at risk of one plot."""

from __future__ import annotations

from typing import Any

import numpy as np
from drawn_looks import DASHES, Look
from drawn_trials import Arm, drawing, drawn_until
from matplotlib import ticker
from matplotlib.markers import TICKUP


def draw_panel(
    axes: Any, arms: list[Arm], look: Look, *, end: float, step: float, rng: np.random.Generator
) -> dict[str, Any]:
    """Draw one plot and return what is true of it."""
    whole = 100.0 if look.percent else 1.0
    ticks = np.arange(0, end + 1e-9, step)
    last = end * (1.0 if rng.random() < 0.5 else 1.04)
    axes.set_xlim(-look.before * end, last)
    top = 1.0 + look.above
    if look.incidence:
        top = min(1.0, np.ceil(5 * max(1 - a.curve()[1][a.curve()[0] <= end].min(initial=1.0)
                                       for a in arms) + 0.3) / 5)  # fmt: skip
    room = look.above if look.first == 0 and look.house != "prism" else 0.0
    room = 0.08 * (len(arms) + 1) if look.table == "inside" else room
    axes.set_ylim(whole * (look.first - room), whole * max(top, 0.2))
    values = np.arange(look.first, top + 1e-9, look.y_step)
    axes.set_xticks(ticks)
    axes.set_yticks(whole * values)
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(label_writer(look)))
    lines = []
    for k, arm in enumerate(arms):
        x, y = drawing(arm, end)
        z = whole * (1 - y if look.incidence else y)
        (line,) = axes.step(x, z, where="post", color=look.colours[k], lw=look.line_width,
                            ls=DASHES[look.dashes[k]], label=arm.name,
                            zorder=3 + 0.1 * k)  # fmt: skip
        lines.append(line)
        draw_bands(axes, arm, look, k, end=end, whole=whole)
        draw_marks(axes, arm, look, k, end=end, whole=whole)
    if look.guides:
        draw_guides(axes, arms, look, end=end, whole=whole)
    dress(axes, look)
    unit = look.unit.capitalize() if rng.random() < 0.5 else f"({look.unit})"
    axes.set_xlabel(f"Time {unit}" if unit[0] == "(" else f"{unit} since randomization")
    axes.set_ylabel(y_title(look, rng))
    if look.texts:
        axes.text(0.05 * end, whole * (look.first + 0.06 * (top - look.first)),
                  f"HR {rng.uniform(0.5, 1.2):.2f} (95% CI {rng.uniform(0.3, 0.5):.2f}-1.31)\n"
                  f"p = {rng.uniform(0.001, 0.2):.3f}", fontsize=look.size * 0.9)  # fmt: skip
    if (len(arms) > 1 or rng.random() < 0.3) and look.legend != "shared":
        draw_legend(axes, arms, lines, look, end=end, whole=whole)
    return {"x_range": [0.0, float(ticks[-1])], "y_range": [whole * values[0], whole * values[-1]],
            "x_unit": look.unit, "y_kind": "percent" if look.percent else "fraction",
            "orientation": "incidence" if look.incidence else "survival",
            "censor_ticks": look.marks != "none", "at_risk": None, "ticks": ticks.tolist(),
            "first": look.first}  # fmt: skip


def y_title(look: Look, rng: np.random.Generator) -> str:
    """Title of the survival axis."""
    if look.incidence:
        word = "Cumulative incidence"
    else:
        word = str(rng.choice(["Overall survival", "Survival probability", "Event-free survival",
                               "Proportion surviving", "Probability of survival"]))  # fmt: skip
    return f"{word} (%)" if look.percent and not look.percent_signs else word


def label_writer(look: Look) -> Any:
    """Return the function that writes the labels of the survival axis."""

    def write(value: float, _: int) -> str:
        if look.percent:
            text = f"{value:.0f}" if look.y_step != 0.25 or value % 1 == 0 else f"{value:g}"
            return f"{text}%" if look.percent_signs else text
        text = f"{value:.2f}" if look.y_step == 0.25 else f"{value:.1f}"
        if look.decimals == "bare":
            text = f"{value:g}"
        return text.replace(".", {"dot": "\u00b7", "comma": ","}.get(look.decimals, "."))

    return write


def draw_bands(axes: Any, arm: Arm, look: Look, k: int, *, end: float, whole: float) -> None:
    """Pointwise confidence interval, as an area or as thin lines."""
    if look.bands == "none":
        return
    x, y = drawing(arm, end)
    error = arm.error()[: len(x) - 2]
    error = np.concatenate([[0.0], error, error[-1:] if len(error) else [0.0]])
    low, high = y * np.exp(-1.96 * error), np.minimum(y * np.exp(1.96 * error), 1.0)
    for_draw = [whole * (1 - v if look.incidence else v) for v in (low, high)]
    if look.bands == "shade":
        axes.fill_between(x, *for_draw, step="post", color=look.colours[k], alpha=0.2, lw=0)
        return
    if look.bands == "hatch":
        axes.fill_between(x, *for_draw, step="post", facecolor="none", lw=0, alpha=0.35,
                          edgecolor=look.colours[k], hatch=("////", "\\\\\\\\")[k % 2])  # fmt: skip
        return
    for edge in for_draw:
        axes.step(x, edge, where="post", color=look.colours[k], lw=0.5 * look.line_width,
                  ls=(0, (4, 3)))  # fmt: skip


def draw_marks(axes: Any, arm: Arm, look: Look, k: int, *, end: float, whole: float) -> None:
    """Censoring marks on the curve."""
    times = np.unique(arm.time[~arm.event])
    times = times[times <= drawn_until(arm, end, look.first)]
    if look.marks == "none" or not len(times):
        return
    x, y = drawing(arm, end)
    at = np.searchsorted(x[:-1], times, side="right") - 1
    z = whole * (1 - y[at] if look.incidence else y[at])
    size = {"|": 6.5, "+": 6.0, "x": 4.5, "o": 3.5, "t": 3.5}[look.marks]
    marker = TICKUP if look.marks == "t" else look.marks
    axes.plot(times, z, ls="none", marker=marker, color=look.colours[k], ms=size,
              mew=0.7 * look.line_width, mfc="white" if look.marks == "o" else None,
              zorder=5, clip_on=False)  # fmt: skip


def draw_guides(axes: Any, arms: list[Arm], look: Look, *, end: float, whole: float) -> None:
    """Dashed lines at the medians."""
    style = {"color": "0.4", "ls": (0, (4, 3)), "lw": 0.8}
    for arm in arms:
        at, survival = arm.curve()
        below = np.flatnonzero(survival <= 0.5)
        if len(below) and at[below[0]] < end:
            axes.plot([0, at[below[0]]], [0.5 * whole] * 2, **style)
            axes.plot([at[below[0]]] * 2, [look.first * whole, 0.5 * whole], **style)


def dress(axes: Any, look: Look) -> None:
    """Frame, ticks, grid and ground."""
    axes.set_facecolor(look.ground)
    hidden = {"L": ["top", "right"], "box": [], "none": ["top", "right", "left", "bottom"],
              "offset": ["top", "right"]}[look.frame]  # fmt: skip
    for side in hidden:
        axes.spines[side].set_visible(False)
    if look.frame == "offset":
        axes.spines[["left", "bottom"]].set_position(("outward", 6))
    length = 0 if look.ticks == "none" else 4
    axes.tick_params(direction="in" if look.ticks == "inside" else "out", length=length)
    if look.turned_labels:
        axes.tick_params(axis="y", labelrotation=90)
    if look.minor and length:
        axes.xaxis.set_minor_locator(ticker.AutoMinorLocator(2))
        axes.yaxis.set_minor_locator(ticker.AutoMinorLocator(2))
        axes.tick_params(which="minor", direction="in" if look.ticks == "inside" else "out")
    if look.grid != "none":
        light = "#ffffff" if look.ground not in ("#ffffff", "#f7f3e8") else "0.85"
        axes.set_axisbelow(True)
        axes.grid(axis="y" if look.grid == "y" else "both", color=light if look.grid != "dotted"
                  else "0.6", ls=":" if look.grid == "dotted" else "-", lw=0.7)  # fmt: skip


def draw_legend(
    axes: Any, arms: list[Arm], lines: list[Any], look: Look, *, end: float, whole: float
) -> None:
    """Legend in one of its places, or names beside the curves."""
    labels = [f"{a.name} (n={len(a.time)})" if look.table == "none" else a.name for a in arms]
    if look.legend == "labels":
        for k, arm in enumerate(arms):
            x, y = drawing(arm, end)
            at = (0.55 + 0.12 * k) * x[-1]
            height = y[max(np.searchsorted(x[:-1], at, side="right") - 1, 0)]
            height = 1 - height if look.incidence else height
            axes.annotate(arm.name, (at, whole * height), xytext=(3, 4), va="bottom",
                          textcoords="offset points", color=look.colours[k])  # fmt: skip
        return
    place = {"inside": {"loc": "best"}, "top": {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0),
             "ncol": len(arms)}, "right": {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)},
             "under": {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncol": len(arms)},
             "bottom": {"loc": "best"}}[look.legend]  # fmt: skip
    axes.legend(lines, labels, frameon=look.frame == "box", fontsize=look.size, **place)


def draw_table(figure: Any, axes: Any, arms: list[Arm], look: Look, truth: dict[str, Any]) -> None:
    """Numbers at risk below the axis."""
    if look.table == "none":
        return
    ticks = np.array(truth["ticks"])
    if look.table == "inside":
        rows_in_plot(axes, arms, look, truth)
        return
    line = 1.45 * look.size / 72
    box = axes.get_position()
    height = figure.get_size_inches()[1]
    low, high = axes.get_ylim()
    per_inch = (high - low) / (box.height * height)
    y = low - (0.22 + 3.1 * look.size / 72) * per_inch
    where = {"ha": "center", "va": "center", "clip_on": False}
    start = axes.get_xlim()[0] - 0.13 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    heading = {"censored": "Number at risk (number censored)"}.get(look.table, "No. at risk")
    axes.text(start, y, heading, ha="left", va="center", weight="bold", clip_on=False)
    rows = []
    for k, arm in enumerate(arms):
        here = y - (k + 1) * line * per_inch
        counts = arm.at_risk(ticks)
        gone = [int(((arm.time < t) & ~arm.event).sum()) for t in ticks]
        label = arm.name
        if look.table == "bars":
            reach = 0.03 * (axes.get_xlim()[1] - axes.get_xlim()[0])
            axes.plot([start + reach, start + 2.2 * reach], [here] * 2, color=look.colours[k],
                      ls=DASHES[look.dashes[k]], lw=2, clip_on=False)  # fmt: skip
        else:
            axes.text(start, here, label, color="k" if look.table == "names" else look.colours[k],
                      ha="right", va="center", clip_on=False)  # fmt: skip
        for t, count, out in zip(ticks, counts, gone, strict=True):
            text = f"{count} ({out})" if look.table == "censored" else f"{count}"
            axes.text(t, here, text, **where)
        rows.append({"arm": arm.name, "counts": counts})
    truth["at_risk"] = {"times": ticks.tolist(), "rows": rows}


def rows_in_plot(axes: Any, arms: list[Arm], look: Look, truth: dict[str, Any]) -> None:
    """Numbers at risk between the curves and the time axis, as SAS draws them."""
    ticks = np.array(truth["ticks"])
    low, high = axes.get_ylim()
    whole = 100.0 if look.percent else 1.0
    left = axes.get_xlim()[0]
    rows = []
    for k, arm in enumerate(arms):
        y = -0.07 * whole * (k + 1)
        axes.annotate(arm.name, (left, y), xytext=(-6, 0), textcoords="offset points", ha="right",
                      va="center", color=look.colours[k], size=0.85 * look.size,
                      annotation_clip=False)  # fmt: skip
        counts = arm.at_risk(ticks)
        for t, count in zip(ticks, counts, strict=True):
            axes.text(t, y, f"{count}", ha="center", va="center", color=look.colours[k],
                      size=0.85 * look.size)  # fmt: skip
        rows.append({"arm": arm.name, "counts": counts})
    axes.set_ylim(min(low, -0.08 * whole * (len(arms) + 1)), high)
    truth["at_risk"] = {"times": ticks.tolist(), "rows": rows}
