"""Draw Kaplan-Meier figures of known data, in many looks, to measure how well they are read.

    python benchmarks/drawn_figures.py FOLDER [--seed 1] [--count 60] [--r 20]

FOLDER receives the figures, figures.jsonl (a figure a line: file, tags, panels with axes and arms),
truth_curves.csv.gz, censor_times.csv.gz and patients.csv.gz. Every feature of a look is drawn at
random: program, colours, dashes, frame, ticks, grid, percent or fraction, first label, legend,
numbers at risk, marks, bands, texts, resolution, file kind, and what happened to the file since.
--r adds figures that R itself draws (base graphics, ggplot2, survminer), if Rscript is there.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from drawn_looks import DASHES, GREYS, UNITS, Look, follow, pick, random_look, spoil
from drawn_trials import Arm, drawing, drawn_until, nice_step, random_arms
from matplotlib import ticker

mpl.use("Agg")
FloatArray = npt.NDArray[np.float64]


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
    if len(arms) > 1 or rng.random() < 0.3:
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
    size = {"|": 6.5, "+": 6.0, "x": 4.5, "o": 3.5}[look.marks]
    axes.plot(times, z, ls="none", marker=look.marks, color=look.colours[k], ms=size,
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


def calibration(figure: Any, axes: Any, truth: dict[str, Any], scale: float) -> None:
    """Pixel of the first and last label of each axis, from the top left corner."""
    height = figure.bbox.height
    (x0, x1), (y0, y1) = truth["x_range"], truth["y_range"]
    places = axes.transData.transform([(x0, y0), (x1, y1)])
    px = [[float(a * scale), float((height - b) * scale)] for a, b in places]
    truth["calibration"] = {"x": [[*px[0], x0], [*px[1], x1]], "y": [[*px[0], y0], [*px[1], y1]]}
    corners = axes.get_window_extent()
    truth["bbox"] = [corners.x0 * scale, (height - corners.y1) * scale,
                     corners.x1 * scale, (height - corners.y0) * scale]  # fmt: skip


def draw_figure(folder: Path, name: str, seed: int) -> tuple[dict[str, Any], list[list[Arm]]]:
    """Draw one figure; return its line of figures.jsonl and the arms of its panels."""
    rng = np.random.default_rng([seed, int(name[1:])])
    unit_look = random_look(rng, 4)
    several = int(rng.choice([1, 2, 4], p=[0.88, 0.07, 0.05]))
    trials = [random_arms(rng, unit_look.unit) for _ in range(several)]
    look = unit_look
    style = {"font.family": look.font, "font.size": look.size, "svg.fonttype": "none",
             "pdf.fonttype": 42, "axes.linewidth": 0.9}  # fmt: skip
    with mpl.rc_context(style):
        across = min(several, 2)
        down = (several + 1) // 2
        shrink = 1.0 if several == 1 else 0.8
        figure, grid = plt.subplots(down, across, squeeze=False, figsize=(
            look.width * across * shrink, (look.height + 1.2) * down * shrink))  # fmt: skip
        figure.set_facecolor(look.around)
        figure.subplots_adjust(left=0.24 / across + 0.03, right=0.97 if look.legend != "right"
                               or several > 1 else 0.74, bottom=0.3 / down + 0.02, top=0.9,
                               wspace=0.42, hspace=0.75)  # fmt: skip
        panels = []
        for k, (arms, end) in enumerate(trials):
            axes = grid[k // 2][k % 2]
            step = nice_step(end, look.unit, rng)
            truth = draw_panel(axes, arms, look, end=end, step=step, rng=rng)
            draw_table(figure, axes, arms, look, truth)
            if several > 1:
                axes.set_title("ABCD"[k], loc="left", weight="bold")
            panels.append((axes, truth, arms, end))
        path = folder / f"{name}.{look.kind}"
        vector = look.kind in ("pdf", "svg")
        first = path if vector else folder / f"{name}.tmp.png"
        figure.savefig(first, dpi=72 if vector else look.dpi)
        scale = 72 / figure.dpi if vector else look.dpi / figure.dpi
        for axes, truth, _, _ in panels:
            calibration(figure, axes, truth, scale)
        plt.close(figure)
    ops = [] if vector else spoil(first, path, look, rng)
    lines = [
        panel_line(truth, arms, k + 1, end=end) for k, (_, truth, arms, end) in enumerate(panels)
    ]
    for op in ops:
        follow(lines, op)
    record = {"figure": name, "file": path.name, "tool": "drawn", "style": look.kind,
              "format": look.kind, "dpi": None if vector else look.dpi, "operations": ops,
              "tags": tags(look, trials, ops), "panels": lines, "look": asdict(look)}  # fmt: skip
    return record, [arms for arms, _ in trials]


def panel_line(
    truth: dict[str, Any], arms: list[Arm], number: int, *, end: float
) -> dict[str, Any]:
    """Say of a panel what figures.jsonl says."""
    drawn = [
        {"name": a.name, "n": len(a.time), "drawn_until": drawn_until(a, end, truth["first"])}
        for a in arms
    ]
    return {"panel": number, "arms": drawn, **truth}


def tags(look: Look, trials: list[Any], ops: list[list[Any]]) -> list[str]:
    """Kinds that a figure belongs to."""
    found = [look.kind, "vector" if look.kind in ("pdf", "svg") else "raster"]
    found += [f"dpi{look.dpi}"] if found[1] == "raster" else []
    found += ["dashed"] if any(look.dashes) else []
    found += ["black-and-white"] if all(c in GREYS for c in look.colours) else []
    found += [f"legend-{look.legend}", f"table-{look.table}", f"marks-{look.marks}"]
    found += ["bands"] if look.bands != "none" else []
    found += ["incidence"] if look.incidence else []
    found += ["y-cut"] if look.first > 0 else []
    found += ["grid"] if look.grid != "none" else []
    found += [look.house] if look.house != "free" else []
    found += ["multi-panel"] if len(trials) > 1 else []
    found += sorted({f"op-{op[0]}" for op in ops})
    return found + sorted({f"arms{len(a)}" for a, _ in trials})


def write_truth(folder: Path, records: list[Any], panels: list[list[list[Arm]]]) -> None:
    """Write the files that say what is true."""
    (folder / "figures.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    files = {
        "truth_curves": ("figure", "panel", "arm", "time", "survival"),
        "censor_times": ("figure", "panel", "arm", "time", "count"),
        "patients": ("figure", "panel", "arm", "time", "event"),
    }
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in files}
    for record, arms_of in zip(records, panels, strict=True):
        for panel, arms in zip(record["panels"], arms_of, strict=True):
            key = (record["figure"], panel["panel"])
            for arm, drawn in zip(arms, panel["arms"], strict=True):
                until = drawn["drawn_until"]
                x, y = drawing(arm, until)
                rows["truth_curves"] += [(*key, arm.name, *p) for p in zip(x, y, strict=True)]
                times, counts = np.unique(arm.time[~arm.event], return_counts=True)
                inside = times <= until
                rows["censor_times"] += [
                    (*key, arm.name, t, c)
                    for t, c in zip(times[inside], counts[inside], strict=True)
                ]
                rows["patients"] += [
                    (*key, arm.name, t, int(e)) for t, e in zip(arm.time, arm.event, strict=True)
                ]
    for name, heading in files.items():
        with gzip.open(folder / f"{name}.csv.gz", "wt", newline="") as file:
            csv.writer(file).writerows([heading, *rows[name]])


def draw_in_r(folder: Path, name: str, seed: int) -> tuple[dict[str, Any], list[list[Arm]]]:
    """Let R draw one figure with base graphics, ggplot2 or survminer."""
    rng = np.random.default_rng([seed, 77, int(name[1:])])
    unit = UNITS[int(rng.choice(4, p=[0.6, 0.25, 0.1, 0.05]))]
    arms, end = random_arms(rng, unit)
    step = nice_step(end, unit, rng)
    ticks = np.arange(0, end + 1e-9, step)
    way = pick(rng, base=3, ggplot=3, survminer=3)
    kind = pick(rng, png=6, jpg=2, pdf=1.2, svg=0.8)
    options = {"way": way, "kind": kind, "end": end, "step": step, "unit": unit,
               "res": int(rng.choice([72, 100, 150, 300])), "choice": int(rng.integers(1, 10_000)),
               "table": bool(rng.random() < 0.6), "marks": bool(rng.random() < 0.6),
               "bands": bool(rng.random() < 0.35), "black": bool(rng.random() < 0.25),
               "percent": bool(rng.random() < 0.3)}  # fmt: skip
    path = folder / f"{name}.{kind}"
    data = folder / f"{name}.patients.csv"
    with data.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "event", "arm"))
        for arm in arms:
            patients = zip(arm.time, arm.event, strict=True)
            writer.writerows((t, int(e), arm.name) for t, e in patients)
    script = Path(__file__).with_name("drawn_figures.R")
    given = [f"{key}={value}" for key, value in options.items()]
    subprocess.run(["Rscript", "--vanilla", str(script), str(data), str(path), *given], check=True,
                   capture_output=True, text=True)  # fmt: skip
    data.unlink()
    table = options["table"] and way != "ggplot"
    panel = {"panel": 1, "x_range": [0.0, float(ticks[-1])], "y_range": [0.0, 1.0],
             "calibration": None, "censor_ticks": options["marks"], "orientation": "survival",
             "at_risk": {"times": ticks.tolist(), "rows": [
                 {"arm": a.name, "counts": a.at_risk(ticks)} for a in arms]} if table else None,
             "arms": [{"name": a.name, "n": len(a.time), "drawn_until": drawn_until(a, end)}
                      for a in arms]}  # fmt: skip
    found = ["R", f"R-{way}", kind, "vector" if kind in ("pdf", "svg") else "raster",
             f"arms{len(arms)}"]  # fmt: skip
    found += ["black-and-white"] if options["black"] else []
    found += ["bands"] if options["bands"] else []
    record = {"figure": name, "file": path.name, "tool": f"R {way}", "style": way, "format": kind,
              "dpi": options["res"], "operations": [], "tags": found, "panels": [panel],
              "look": options}  # fmt: skip
    return record, [arms]


def main() -> None:
    """Draw the figures and write what is true of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--r", type=int, default=0)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw_figure(given.folder, f"d{k:03d}", given.seed) for k in range(given.count)]
    drawn += [draw_in_r(given.folder, f"r{k:03d}", given.seed) for k in range(given.r)]
    write_truth(given.folder, [record for record, _ in drawn], [arms for _, arms in drawn])


if __name__ == "__main__":
    main()
