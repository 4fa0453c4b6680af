"""Measure readings of figures against what is known of them."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

FloatArray = npt.NDArray[np.float64]
Curve = tuple[FloatArray, FloatArray]

FOUND = 0.05  # mean distance up to which a curve counts as found
_DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
NEAR = 0.005  # of the time axis: how far a mark or a column of the table may be off


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A folder of figures: their descriptions, curves, censoring times and patients."""

    figures: list[dict[str, Any]]
    curves: dict[tuple[str, int, str], Curve]
    marks: dict[tuple[str, int, str], FloatArray]
    patients: dict[tuple[str, int, str], Curve]


def read_truth(folder: Path) -> Truth:
    """Read figures.jsonl and the tables beside it."""
    lines = (folder / "figures.jsonl").read_text(encoding="utf-8").splitlines()
    curves = _table(folder / "truth_curves.csv.gz", "survival")
    marks = _table(folder / "censor_times.csv.gz", "count")
    figures = [json.loads(line) for line in lines]
    patients = _table(folder / "patients.csv.gz", "event")
    return Truth(
        figures=figures,
        curves=curves,
        marks={key: np.unique(time) for key, (time, _) in marks.items()},
        patients=patients or _patients_of_trials(figures, folder.parent / "corpus"),
    )


def _patients_of_trials(
    figures: Sequence[dict[str, Any]], corpus: Path
) -> dict[tuple[str, int, str], Curve]:
    """Patients of figures whose arms name a trial of a corpus beside their folder.

    Times are converted to the unit of the figure's axis: 1 year = 12 months = 365.25 days.
    """
    if not (corpus / "ipd.csv.gz").exists():
        return {}
    tasks = (corpus / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    days = {trial["id"]: _DAYS[trial["unit"]] for trial in map(json.loads, tasks)}
    rows: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    with gzip.open(corpus / "ipd.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["id"], int(row["arm"])].append((float(row["time"]), float(row["event"])))
    found = {}
    for figure in figures:
        for panel in figure["panels"]:
            for arm in panel["arms"]:
                mine = rows.get((arm.get("trial"), arm.get("arm")), ())
                if mine and panel.get("x_unit") in _DAYS:
                    factor = days[arm["trial"]] / _DAYS[panel["x_unit"]]
                    times, events = np.array(mine).T
                    key = (figure["figure"], panel["panel"], arm["name"])
                    found[key] = (times * factor, events)
    return found


def _table(path: Path, column: str) -> dict[tuple[str, int, str], Curve]:
    rows: dict[tuple[str, int, str], list[tuple[float, float]]] = defaultdict(list)
    if path.exists():
        with gzip.open(path, "rt", newline="") as file:
            for row in csv.DictReader(file):
                key = (row["figure"], int(row["panel"]), row["arm"])
                rows[key].append((float(row["time"]), float(row[column])))
    return {
        key: (np.array([t for t, _ in found]), np.array([v for _, v in found]))
        for key, found in rows.items()
    }


def _at(curve: Curve, time: FloatArray) -> FloatArray:
    """Right-continuous step function that starts at 1."""
    order = np.argsort(curve[0], kind="stable")
    place = np.searchsorted(curve[0][order], time, side="right")
    return np.concatenate([[1.0], curve[1][order]])[place]


def distance(true: Curve, read: Curve, until: float) -> float:
    """Mean distance of two curves over 0 to `until`."""
    cuts = np.unique(np.clip(np.concatenate([[0.0, until], true[0], read[0]]), 0.0, until))
    middle, width = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)
    return float((np.abs(_at(true, middle) - _at(read, middle)) * width).sum() / until)


def _median(curve: Curve, until: float) -> float:
    below = curve[0][curve[1] <= 0.5]
    return float(below[0]) if len(below) and below[0] <= until * 1.0001 else np.inf


@dataclass(kw_only=True)
class Score:
    """What was measured on one figure; sums over figures are made by `total`."""

    distances: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    cells: int = 0
    exact: int = 0
    wrong: int = 0
    extra_cells: int = 0
    marks: int = 0
    hits: int = 0
    given: int = 0
    good: int = 0
    extra: int = 0
    tags: tuple[str, ...] = ()
    figure: str = ""

    @property
    def found(self) -> bool:
        """Whether every curve was found."""
        return all(d <= FOUND for d in self.distances)


def total(scores: Sequence[Score]) -> Score:
    """Add the scores of several figures."""
    whole = Score()
    for score in scores:
        whole.distances += score.distances
        whole.medians += score.medians
        for name in ("cells", "exact", "wrong", "extra_cells", "marks", "hits", "given", "good",
                     "extra"):  # fmt: skip
            setattr(whole, name, getattr(whole, name) + getattr(score, name))
    return whole


def score_panel(
    truth: Truth, figure: str, panel: dict[str, Any], read: Any, score: Score
) -> dict[str, str]:
    """Add a panel to a score; `read` is the Panel that was read, or None.

    Returns the name that was read for each true arm.
    """
    axis = panel["x_range"][1] - panel["x_range"][0]
    names = [arm["name"] for arm in panel["arms"]]
    keys = [(figure, panel["panel"], name) for name in names]
    arms = read.arms if read is not None else ()
    costs = np.array(
        [
            [distance(truth.curves[key], (a.curve.time, a.curve.survival), true["drawn_until"])
             for a in arms]
            for key, true in zip(keys, panel["arms"], strict=True)
        ]
    ).reshape(len(names), len(arms))  # fmt: skip
    pairs = dict(zip(*(m.tolist() for m in linear_sum_assignment(costs)), strict=True))
    for i, true in enumerate(panel["arms"]):
        j = pairs.get(i)
        score.distances.append(np.inf if j is None else float(costs[i, j]))
        until = true["drawn_until"]
        mine = _median(truth.curves[keys[i]], until)
        if j is not None and np.isfinite(mine):
            theirs = _median((arms[j].curve.time, arms[j].curve.survival), until)
            score.medians.append(abs(mine - theirs) / axis)
    score.extra += max(0, len(arms) - len(names))
    _score_cells(panel, read, score, axis)
    if panel["censor_ticks"]:
        for i, key in enumerate(keys):
            j = pairs.get(i)
            got = np.sort(arms[j].censor_marks) if j is not None else np.zeros(0)
            _score_marks(truth.marks.get(key, np.zeros(0)), got, score, NEAR * axis)
    return {names[i]: arms[j].name for i, j in pairs.items()}


def _score_cells(panel: dict[str, Any], read: Any, score: Score, axis: float) -> None:
    rows = [dict(row.cells) for row in read.at_risk] if read is not None else []
    if not panel["at_risk"]:
        score.extra_cells += sum(map(len, rows))
        return
    table = panel["at_risk"]
    true = [
        {t: c for t, c in zip(table["times"], row["counts"], strict=True) if c is not None}
        for row in table["rows"]
    ]
    score.cells += sum(map(len, true))
    tallies = np.array([[_tally(a, b, NEAR * axis) for b in rows] for a in true]).reshape(
        len(true), len(rows), 3
    )
    for i, j in zip(*linear_sum_assignment(-tallies[:, :, 0]), strict=True):
        score.exact += int(tallies[i, j, 0])
        score.wrong += int(tallies[i, j, 1])
        score.extra_cells += int(tallies[i, j, 2])


def _tally(true: dict[float, int], read: dict[float, int], near: float) -> tuple[int, int, int]:
    """Exact cells, wrong ones, and those that belong to no true cell."""
    exact = wrong = extra = 0
    for time, count in read.items():
        closest = min(true, key=lambda t: abs(t - time))
        if abs(closest - time) > near:
            extra += 1
        elif true[closest] == count:
            exact += 1
        else:
            wrong += 1
    return exact, wrong, extra


def _score_marks(true: FloatArray, got: FloatArray, score: Score, near: float) -> None:
    """Pair marks in order, one to one; a mark within reach of any true one is good."""
    i = j = 0
    while i < len(true) and j < len(got):
        if abs(true[i] - got[j]) <= near:
            score.hits += 1
            i, j = i + 1, j + 1
        elif true[i] < got[j]:
            i += 1
        else:
            j += 1
    score.marks += len(true)
    score.given += len(got)
    if len(true) and len(got):
        score.good += int((np.abs(got[:, None] - true[None, :]).min(axis=1) <= near).sum())


def wrong_axes(figure: dict[str, Any], reading: Any, limit: float) -> list[str]:
    """Axes off by more than a share of their range, and whether the reading flags its axes."""
    wrong = []
    for panel, read in zip(figure["panels"], reading.panels, strict=False):
        checkable = panel.get("calibration") and not reading.turned
        if not checkable or "pageraster" in figure["style"]:
            continue  # truth is in pixels of the turned scan, or of the picture on the page
        for k, (name, scale) in enumerate((("x", read.x_axis), ("y", read.y_axis))):
            low, high = panel[f"{name}_range"]
            places = [point[k] for point in panel["calibration"][name]]
            values = [point[2] for point in panel["calibration"][name]]
            off = np.abs(scale.value(places) - values).max() / (high - low)
            if off > limit:
                said = "flagged" if any("axis" in text for text in read.unsure) else "NOT FLAGGED"
                wrong.append(
                    f"{figure['figure']} panel {read.panel}, {name} axis: {off:.1%}, {said}"
                )
    return wrong
