"""Accuracy of reading figures: a folder of Kaplan-Meier figures whose data are known.

    python benchmarks/figures.py FIGURES [--only g001,g002] [--json figures.json]

FIGURES holds figures.jsonl, truth_curves.csv.gz, censor_times.csv.gz and score.py, whose contract
is described beside them. Every figure is read without a hint; score.py matches the arms and
measures. Printed: the errors by kind of figure, wrong axes that were not flagged, and the time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import time
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from kmrepro.digitise import FigureReading, UnreadableFigureError, read_figure

WRONG_AXIS = 0.01  # of the range of the axis, at its first or last tick


def main() -> None:
    """Read all figures, score them and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("figures", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    score = _scorer(given.figures)
    figures, truth, marks = score.read_truth(given.figures)
    wanted = set(given.only.split(",")) - {""}
    figures = [f for f in figures if not wanted or f["figure"] in wanted]
    items, seconds, wrong, refused = [], {}, [], []
    for figure in figures:
        began = time.perf_counter()
        try:
            reading = read_figure(given.figures / figure["file"])
        except UnreadableFigureError as error:
            refused.append((figure["figure"], str(error)))
            reading = None
        seconds[figure["figure"]] = time.perf_counter() - began
        items.append(_scored(score, figure, reading, truth, marks))
        wrong += [] if reading is None else _wrong_axes(figure, reading)
    groups = {"all": items}
    for tag in sorted(
        {tag for item in items for tag in item["tags"] if not tag.startswith("tool:")}
    ):
        groups[tag] = [item for item in items if tag in item["tags"]]
    table = {name: _row(score, group) for name, group in groups.items()}
    _show(table, seconds, wrong, refused)
    if given.json:
        given.json.write_text(json.dumps(score.clean(table), indent=1))


def _scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_figures", folder / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder} holds no score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _scored(
    score: ModuleType, figure: dict[str, Any], reading: FigureReading | None, truth: Any, marks: Any
) -> dict[str, Any]:
    item: dict[str, Any] = {
        "figure": figure["figure"], "tags": figure["tags"], "rows": [], "risk": [], "cens": [],
        "extra": 0,
    }  # fmt: skip
    for panel in figure["panels"]:
        read = None
        if reading is not None and panel["panel"] <= len(reading.panels):
            read = reading.panels[panel["panel"] - 1]
        curves: dict[str, list[Any]] = defaultdict(list)
        risk: dict[str, list[Any]] = defaultdict(list)
        found: dict[str, list[float]] = {}
        for arm in read.arms if read else ():
            curves[arm.name] += list(zip(arm.curve.time, arm.curve.survival, strict=True))
            found[arm.name] = list(arm.censor_marks)
        for row in read.at_risk if read else ():
            risk[row.arm] += row.cells
        rows, risks, censored, extra = score.score_panel(
            figure, panel, truth, marks, curves, risk, found
        )
        item["rows"] += rows
        item["extra"] += extra
        item["risk"] += [risks] if risks else []
        item["cens"] += [censored] if censored else []
    for name in ("risk", "cens"):
        parts = item[name]
        item[name] = {k: sum(p[k] for p in parts) for k in parts[0]} if parts else None
    return item


def _wrong_axes(figure: dict[str, Any], reading: FigureReading) -> list[str]:
    """Axes that are off by more than 1% of their range; flagged ones are marked so."""
    wrong = []
    for panel, read in zip(figure["panels"], reading.panels, strict=False):
        if reading.turned or len(figure["panels"]) != len(reading.panels):
            continue  # truth is given in pixels of the turned scan
        for k, (name, scale) in enumerate((("x", read.x_axis), ("y", read.y_axis))):
            low, high = panel[f"{name}_range"]
            places = [point[k] for point in panel["calibration"][name]]
            values = [point[2] for point in panel["calibration"][name]]
            if "pageraster" in figure["style"]:
                continue  # pixels of the picture on the page are not the page's points
            off = np.abs(scale.value(places) - values).max() / (high - low)
            if off > WRONG_AXIS:
                said = "flagged" if read.unsure else "NOT FLAGGED"
                wrong.append(
                    f"{figure['figure']} panel {read.panel}, {name} axis: {off:.1%}, {said}"
                )
    return wrong


def _row(score: ModuleType, items: list[dict[str, Any]]) -> dict[str, Any]:
    summary = score.summary(items)
    iae = sorted(row["iae"] for item in items for row in item["rows"])
    risk, marks = summary["at_risk"], summary["censor"]
    return {
        "figures": summary["figures"],
        "arms": summary["arms"],
        "all_found": summary["figures_all_found"],
        "iae_median": score.quant(iae, 0.5),
        "iae_p95": score.quant(iae, 0.95),
        "median_time": summary["median_time_err_pct_axis"],
        "at_risk": risk,
        "recall": marks["recall"],
        "precision": marks["precision"],
        "extra": summary["arms_extra"],
    }


def _show(
    table: dict[str, Any], seconds: dict[str, float], wrong: list[str], refused: list[Any]
) -> None:
    print(f"{'kind':18} figs arms all-found  iae50  iae95  cells exact wrong  recall precision")
    for name, row in table.items():
        risk = row["at_risk"]
        exact = f"{risk['exact_share']:.3f}" if risk["cells"] else "-"
        recall, precision = (
            "-" if row[k] is None else f"{row[k]:.2f}" for k in ("recall", "precision")
        )
        print(
            f"{name:18} {row['figures']:4} {row['arms']:4} {row['all_found']:9.2f} "
            f"{row['iae_median']:6.4f} {row['iae_p95']:6.4f} {risk['cells']:6} {exact:>5} "
            f"{risk['wrong']:5} {recall:>7} {precision:>9}"
        )
    times = sorted(seconds.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nseconds a figure: median {np.median(times):.1f}, longest {times[-1]:.1f}")
    print(f"memory at most: {memory:.2f} GB; curves too many: {table['all']['extra']}")
    print(f"axes off by more than {WRONG_AXIS:.0%} of their range: {len(wrong)}")
    for line in [*wrong, *(f"refused {name}: {why}" for name, why in refused)]:
        print("  " + line)


if __name__ == "__main__":
    main()
