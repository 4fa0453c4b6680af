"""Draw Kaplan-Meier figures of known data, in many looks, to measure how well they are read.

    python benchmarks/drawn_figures.py FOLDER [--seed 1] [--count 60] [--journals 40] [--r 20]

FOLDER receives the figures, figures.jsonl (a figure a line: file, tags, panels with axes and arms),
truth_curves.csv.gz, censor_times.csv.gz and patients.csv.gz. Every feature of a look is drawn at
random: program, colours, dashes, frame, ticks, grid, percent or fraction, first label, legend,
numbers at risk, marks, bands, texts, resolution, file kind, and what happened to the file since.
--journals adds figures in the manner of journals and programs, most with a table, many with
several panels; --r adds figures that R itself draws (base graphics, ggplot2, survminer), if
Rscript is there.
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
from drawn_looks import GREYS, UNITS, Look, follow, pick, random_look, spoil
from drawn_pages import calibrate, draw_page
from drawn_panels import draw_panel, draw_table
from drawn_trials import Arm, drawing, drawn_until, nice_step, random_arms, write_patients

mpl.use("Agg")
FloatArray = npt.NDArray[np.float64]


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
        for axes, truth, _, _ in panels:
            calibrate(figure, axes, truth, 72 if vector else look.dpi)
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


def draw_journal(folder: Path, name: str, seed: int) -> tuple[dict[str, Any], list[list[Arm]]]:
    """Draw one figure in the manner of a journal; return the same as `draw_figure`."""
    look, panels, first = draw_page(folder, name, seed)
    rng = np.random.default_rng([seed, 9, int(name[1:])])
    vector = look.kind in ("pdf", "svg")
    path = folder / f"{name}.{look.kind}"
    ops = [] if vector else spoil(first, path, look, rng)
    lines = [panel_line(truth, arms, k + 1, end=end) for k, (truth, arms, end) in enumerate(panels)]
    for op in ops:
        follow(lines, op)
    trials = [(arms, end) for _, arms, end in panels]
    record = {"figure": name, "file": path.name, "tool": "drawn", "style": look.kind,
              "format": look.kind, "dpi": None if vector else look.dpi, "operations": ops,
              "tags": ["journal", *tags(look, trials, ops)], "panels": lines,
              "look": asdict(look)}  # fmt: skip
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
    write_patients(data, arms)
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
    parser.add_argument("--journals", type=int, default=0)
    parser.add_argument("--r", type=int, default=0)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw_figure(given.folder, f"d{k:03d}", given.seed) for k in range(given.count)]
    drawn += [draw_journal(given.folder, f"j{k:03d}", given.seed) for k in range(given.journals)]
    drawn += [draw_in_r(given.folder, f"r{k:03d}", given.seed) for k in range(given.r)]
    write_truth(given.folder, [record for record, _ in drawn], [arms for _, arms in drawn])


if __name__ == "__main__":
    main()
