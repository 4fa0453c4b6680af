"""Accuracy of reading figures: a folder of Kaplan-Meier figures whose data are known.

    python benchmarks/drawn_figures.py FIGURES --seed 2 --count 60 --r 30
    python benchmarks/figures.py FIGURES [--only d001,bands] [--patients] [--each] [--json FILE]

FIGURES holds figures.jsonl, truth_curves.csv.gz and censor_times.csv.gz, as drawn_figures.py writes
them. Every figure is read without a hint. Printed: the errors by kind of figure, wrong axes and
whether they were flagged, and the time.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from figure_patients import RatioError, ratio_error, show
from figure_scores import Score, Truth, read_truth, score_panel, total, wrong_axes

from kmrepro.digitise import FigureReading, UnreadableFigureError, read_figure

WRONG_AXIS = 0.01  # of the range of the axis, at its first or last tick


def main() -> None:
    """Read all figures, score them and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("figures", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--each", action="store_true", help="A line for every figure.")
    parser.add_argument("--patients", action="store_true", help="Compare hazard ratios, too.")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    truth = read_truth(given.figures)
    wanted = set(given.only.split(",")) - {""}
    figures = [
        f for f in truth.figures
        if not wanted or f["figure"] in wanted or wanted & set(f["tags"])
    ]  # fmt: skip
    scores, seconds, wrong, refused, ratios = [], {}, [], [], []
    for figure in figures:
        began = time.process_time()
        try:
            reading = read_figure(given.figures / figure["file"])
        except UnreadableFigureError as error:
            refused.append((figure["figure"], str(error)))
            reading = None
        seconds[figure["figure"]] = time.process_time() - began
        scores.append(_scored(truth, figure, reading))
        if given.patients and reading is not None:
            ratios += _ratios(truth, figure, reading)
        wrong += [] if reading is None else wrong_axes(figure, reading, WRONG_AXIS)
        if given.each:
            print(_line(scores[-1], seconds[figure["figure"]], reading), flush=True)
    groups = {"all": scores}
    for tag in sorted({tag for s in scores for tag in s.tags if not tag.startswith("tool:")}):
        groups[tag] = [s for s in scores if tag in s.tags]
    table = {name: _row(group) for name, group in groups.items()}
    _show(table, seconds, wrong, refused)
    if given.patients:
        show(ratios)
    if given.json:
        given.json.write_text(json.dumps(table, indent=1))


def _scored(truth: Truth, figure: dict[str, Any], reading: FigureReading | None) -> Score:
    kind = () if reading is None else (f"read as {reading.kind}",)  # a PDF may hold a picture
    score = Score(figure=figure["figure"], tags=(*figure["tags"], *kind))
    for panel in figure["panels"]:
        read = None
        if reading is not None and panel["panel"] <= len(reading.panels):
            read = reading.panels[panel["panel"] - 1]
        score_panel(truth, figure["figure"], panel, read=read, score=score)
    return score


def _ratios(truth: Truth, figure: dict[str, Any], reading: FigureReading) -> list[RatioError]:
    """Errors of the hazard ratios of a figure's panels with two arms."""
    found = []
    for panel in figure["panels"]:
        if len(panel["arms"]) == 2 and panel["panel"] <= len(reading.panels):
            read = reading.panels[panel["panel"] - 1]
            names = score_panel(truth, figure["figure"], panel, read=read, score=Score())
            error = ratio_error(truth, figure, panel, reading=reading, names=names)
            found.append(error)
    return found


def _line(score: Score, seconds: float, reading: FigureReading | None) -> str:
    worst = max(score.distances)
    lost = sum(d > 0.05 for d in score.distances)
    flag = " ".join(reading.unsure)[:150] if reading else "REFUSED"
    return (
        f"{score.figure} lost {lost}/{len(score.distances)} worst {worst:.4f} cells "
        f"{score.exact}/{score.wrong}/{score.cells} marks {score.hits}/{score.given}/{score.marks} "
        f"extra {score.extra} {seconds:.1f}s {flag}"
    )


def _row(scores: list[Score]) -> dict[str, Any]:
    whole = total(scores)
    distances = np.sort(whole.distances)
    return {
        "figures": len(scores),
        "arms": len(distances),
        "all_found": float(np.mean([s.found for s in scores])),
        "iae_median": _quantile(distances, 0.5),
        "iae_p95": _quantile(distances, 0.95),
        "medians_within": float(np.mean(np.array(whole.medians) <= 0.005))
        if whole.medians
        else None,
        "cells": whole.cells,
        "exact": whole.exact / whole.cells if whole.cells else None,
        "wrong": whole.wrong + whole.extra_cells,
        "recall": whole.hits / whole.marks if whole.marks else None,
        "precision": whole.good / whole.given if whole.given else None,
        "extra": whole.extra,
    }


def _quantile(ordered: Any, share: float) -> float:
    return float(ordered[min(int(share * len(ordered)), len(ordered) - 1)])


def _text(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _show(
    table: dict[str, Any], seconds: dict[str, float], wrong: list[str], refused: list[Any]
) -> None:
    print(f"{'kind':18} figs arms all-found  iae50  iae95  cells exact wrong  recall precision")
    for name, row in table.items():
        print(
            f"{name:18} {row['figures']:4} {row['arms']:4} {row['all_found']:9.2f} "
            f"{row['iae_median']:6.4f} {row['iae_p95']:6.4f} {row['cells']:6} "
            f"{_text(row['exact'], '.3f'):>5} {row['wrong']:5} {_text(row['recall'], '.2f'):>7} "
            f"{_text(row['precision'], '.2f'):>9}"
        )
    times = sorted(seconds.values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nCPU seconds a figure: median {np.median(times):.1f}, longest {times[-1]:.1f}")
    print(f"memory at most: {memory:.2f} GB; curves too many: {table['all']['extra']}")
    print(f"medians within 0.5% of the axis: {_text(table['all']['medians_within'], '.3f')}")
    print(f"axes off by more than {WRONG_AXIS:.0%} of their range: {len(wrong)}")
    for line in [*wrong, *(f"refused {name}: {why}" for name, why in refused)]:
        print("  " + line)


if __name__ == "__main__":
    main()
