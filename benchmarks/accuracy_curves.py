"""How near patients from digitised curves come to the data, beside what peers make of the same.

    python benchmarks/accuracy_curves.py

Eighteen trials of the corpus were read as curves in several ways. Each way is reconstructed and
re-analysed; the error is that of the log hazard ratio. The peers' figures on exactly these inputs
stand with the corpus. A second table has clicks that are off, curves with stretches missing, and
curves whose end is cut.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from corpus import Trial, corpus_argument, read_trials

from kmrepro.models import cox
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import CensorMarks, CurveFault, DigitisedCurve, Study, digitised_curve

Points = list[tuple[float, float, str]]
Blur = Callable[[Points, np.random.Generator], Points]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of reading a figure, and what peers call it."""

    name: str
    variant: str
    at_risk: bool = False
    events: bool = False
    marks: str = ""
    peer: tuple[str, str] = ("", "")


WAYS = (
    Way(name="steps, at-risk", variant="steps", at_risk=True, peer=("IPDfromKM", "nrisk")),
    Way(
        name="steps and heights at rows, at-risk",
        variant="steps_ticks",
        at_risk=True,
        peer=("reconstructKM", "nrisk"),
    ),
    Way(
        name="100 samples, at-risk", variant="grid100", at_risk=True, peer=("IPDfromKM", "nrisk+ev")
    ),
    Way(
        name="steps, at-risk, events",
        variant="steps",
        at_risk=True,
        events=True,
        peer=("IPDfromKM", "nrisk+ev"),
    ),
    Way(name="steps, n, events", variant="steps", events=True, peer=("IPDfromKM", "n+ev")),
    Way(name="steps, n", variant="steps", peer=("IPDfromKM", "n")),
    Way(
        name="steps, counted marks",
        variant="steps",
        marks="counted",
        peer=("RESOLVE CEN_KM", "ticks_mult"),
    ),
    Way(
        name="steps, marks, at-risk",
        variant="steps",
        marks="uncounted",
        at_risk=True,
        peer=("RESOLVE CEN_KM", "ticks_unique"),
    ),
    Way(
        name="steps, marks, events",
        variant="steps",
        marks="uncounted",
        events=True,
        peer=("RESOLVE CEN_KM", "ticks_unique"),
    ),
)


class Figures:
    """The curves, at-risk tables and marks of the corpus."""

    def __init__(self, folder: Path) -> None:
        self.points: dict[tuple[str, str, str], Points] = defaultdict(list)
        for row in _rows(folder / "curves.csv.gz"):
            key = (row["dataset"], row["arm"], row["variant"])
            self.points[key].append((float(row["time"]), float(row["surv"]), row["kind"]))
        self.at_risk: dict[tuple[str, str], dict[float, int]] = defaultdict(dict)
        self.events: dict[tuple[str, str], int] = {}
        self.n: dict[tuple[str, str], int] = {}
        for row in _rows(folder / "at_risk.csv"):
            arm = (row["dataset"], row["arm"])
            self.at_risk[arm][float(row["time"])] = int(row["n_risk"])
            self.events[arm], self.n[arm] = int(row["tot_events"]), int(row["n_total"])
        self.marks: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
        for row in _rows(folder / "censor_marks.csv.gz"):
            self.marks[row["dataset"], row["arm"]].append((float(row["time"]), int(row["n_cens"])))
        self.peers = {
            (row["peer"], row["option"], row["variant"], row["dataset"]): float(
                row["abs_loghr_err"]
            )
            for row in _rows(folder / "peers.csv")
            if row["abs_loghr_err"] not in ("", "NA")
        }

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials, in the corpus' order."""
        return tuple(dict.fromkeys(dataset for dataset, _, _ in self.points))

    def arm(self, trial: str, arm: str, way: Way, blurred: Points | None = None) -> dict[str, Any]:
        """Return what is read off the figure for one arm."""
        key = (trial, arm)
        points = blurred or self.points[trial, arm, way.variant]
        printed: dict[str, Any] = {"n": self.n[key], "curve": _curve(points, exact=not blurred)}
        if way.at_risk:
            printed["at_risk"] = self.at_risk[key]
        if way.events:
            printed["events"] = self.events[key]
        marks = [(when, count) for when, count in self.marks[key] if when > 0]
        if way.marks and marks:
            times, counts = zip(*marks, strict=True)
            printed["censor_marks"] = CensorMarks(
                time=times, count=counts if way.marks == "counted" else None
            )
        return printed


def _rows(file: Path) -> Iterator[dict[str, str]]:
    if not file.exists():
        raise SystemExit(f"there is no {file.name} in {file.parent}: name the corpus with --corpus")
    content = file.read_bytes()
    text = gzip.decompress(content) if file.suffix == ".gz" else content
    yield from csv.DictReader(text.decode().splitlines())


def _curve(points: Points, *, exact: bool) -> DigitisedCurve:
    """Clean the points, knowing whether they are the figure's steps, as a user does."""
    times, heights, kinds = zip(*points, strict=True)
    return digitised_curve(
        times,
        heights,
        kind="samples" if "grid" in kinds else "steps",
        tolerance=None if exact else 0.01,
    )


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one reconstruction came to."""

    error: float
    error_in_se: float
    se: float
    events_off: int
    n_off: int
    seconds: float


def found(trial: Trial, arms: Mapping[str, dict[str, Any]], figures: Figures) -> Found:
    """Reconstruct one trial and hold it against its data."""
    endpoint = {"name": "OS", "reference": "0", "time_unit": trial.unit, "arms": dict(arms)}
    study = Study.model_validate({"id": "corpus", "endpoint": [endpoint]})
    started = time.perf_counter()
    ipd = reconstruct(study.endpoints[0])
    seconds = time.perf_counter() - started
    fit = cox(ipd)
    off = [abs(int(ipd.of(arm)[1].sum()) - figures.events[trial.id, arm]) for arm in arms]
    missing = [abs(ipd.of(arm)[0].size - figures.n[trial.id, arm]) for arm in arms]
    error = abs(fit.log_hazard_ratio - trial.log_hazard_ratio)
    return Found(
        error=error,
        error_in_se=error / trial.se,
        se=abs(fit.se / trial.se - 1.0),
        events_off=sum(value > 0 for value in off),
        n_off=sum(value > 0 for value in missing),
        seconds=seconds,
    )


def measured(trials: Sequence[Trial], figures: Figures, way: Way) -> dict[str, Found]:
    """Reconstruct every trial that was read as a curve."""
    return {
        trial.id: found(trial, {arm: figures.arm(trial.id, arm, way) for arm in "01"}, figures)
        for trial in trials
    }


def table(results: Mapping[str, Mapping[str, Found]], figures: Figures) -> None:
    """Print medians and means beside the best peer's."""
    print(f"\n{'|error of the log hazard ratio|':36s}{'median':>8s}{'mean':>8s}{'worst':>8s}"
          f"{'  in SE: median':>15s}{'worst':>7s}{'  peer: median':>14s}{'mean':>8s}"
          f"{'SE off':>9s}{'events off':>12s}{'n off':>7s}{'s/trial':>9s}")  # fmt: skip
    for way in WAYS:
        runs = results[way.name]
        errors = np.array([run.error for run in runs.values()])
        in_se = np.array([run.error_in_se for run in runs.values()])
        peers = np.array(_peers(figures, way))
        print(f"{way.name:36s}{np.median(errors):8.4f}{errors.mean():8.4f}{errors.max():8.4f}"
              f"{np.median(in_se):15.3f}{in_se.max():7.3f}{np.median(peers):14.4f}{peers.mean():8.4f}"
              f"{100 * np.median([run.se for run in runs.values()]):8.2f}%"
              f"{sum(r.events_off for r in runs.values()):6d} of {2 * len(runs):2d}"
              f"{sum(r.n_off for r in runs.values()):7d}"
              f"{np.median([r.seconds for r in runs.values()]):9.3f}")  # fmt: skip


def _peers(figures: Figures, way: Way) -> list[float]:
    keys = [(*way.peer, way.variant, trial) for trial in figures.trials]
    return [figures.peers[key] for key in keys if key in figures.peers] or [np.nan]


def by_trial(results: Mapping[str, Mapping[str, Found]], figures: Figures) -> None:
    """Print every trial's error, ours and the peer's."""
    for way in WAYS:
        print(f"\n{way.name} (beside {' '.join(way.peer)})")
        for trial, run in results[way.name].items():
            peer = figures.peers.get((*way.peer, way.variant, trial), np.nan)
            print(f"  {trial:28s}{run.error:8.4f}{peer:8.4f}")


def clicked(spread: float) -> Blur:
    """Let every click miss by `spread` of both axes (standard deviation)."""

    def blur(points: Points, rng: np.random.Generator) -> Points:
        end = max(when for when, _, _ in points)
        return [
            (max(when + end * spread * rng.normal(), 0.0), height + spread * rng.normal(), kind)
            for when, height, kind in points
            if when > 0
        ]

    return blur


def without(share: float) -> Blur:
    """Leave out a stretch of `share` of the curve somewhere in its middle."""

    def blur(points: Points, rng: np.random.Generator) -> Points:
        end = max(when for when, _, _ in points)
        start = end * rng.uniform(0.1, 0.8 - share)
        return [p for p in points if not start < p[0] < start + share * end]

    return blur


def cut(share: float) -> Blur:
    """Cut the last `share` of the time axis off."""

    def blur(points: Points, rng: np.random.Generator) -> Points:  # noqa: ARG001
        end = max(when for when, _, _ in points)
        return [p for p in points if p[0] <= (1.0 - share) * end]

    return blur


BLURS: dict[str, Blur] = {
    "clicks off by 0.25%": clicked(0.0025),
    "clicks off by 0.5%": clicked(0.005),
    "clicks off by 1%": clicked(0.01),
    "10% of the curve missing": without(0.1),
    "20% of the curve missing": without(0.2),
    "the last 10% cut": cut(0.1),
    "the last 20% cut": cut(0.2),
}


def robustness(trials: Sequence[Trial], figures: Figures) -> dict[str, dict[str, float]]:
    """Print how the error grows when the figure is read badly."""
    head = "100 samples, at-risk, read badly"
    print(f"\n{head:36s}{'median':>8s}{'mean':>8s}{'worst':>8s}{'refused':>9s}")
    summary = {}
    for name, blur in BLURS.items():
        read = [_read_badly(trial, figures, blur) for trial in trials]
        errors = [error for error in read if error is not None]
        refused = len(read) - len(errors)
        summary[name] = {
            "median": float(np.median(errors)),
            "mean": float(np.mean(errors)),
            "refused": refused,
        }
        print(
            f"{name:36s}{np.median(errors):8.4f}{np.mean(errors):8.4f}{max(errors):8.4f}{refused:9d}"
        )
    return summary


def _read_badly(trial: Trial, figures: Figures, blur: Blur) -> float | None:
    """Return the error from a badly read figure; None if its points are refused."""
    way = next(way for way in WAYS if way.variant == "grid100")
    rng = np.random.default_rng(zlib.crc32(trial.id.encode()))
    try:
        arms = {
            arm: figures.arm(
                trial.id, arm, way, blur(figures.points[trial.id, arm, way.variant], rng)
            )
            for arm in "01"
        }
    except CurveFault:
        return None
    return found(trial, arms, figures).error


def chosen(all_trials: Iterable[Trial], figures: Figures) -> list[Trial]:
    """Return the trials that were read as curves."""
    return [trial for trial in all_trials if trial.id in set(figures.trials)]


def main() -> None:
    """Run the benchmark."""
    parser = corpus_argument(__doc__)
    parser.add_argument("--trials", action="store_true", help="also print trial by trial")
    parser.add_argument("--no-robustness", action="store_true", help="leave out the second table")
    options = parser.parse_args()
    started = time.perf_counter()
    figures = Figures(options.corpus)
    trials = chosen(read_trials(options.corpus), figures)
    results = {way.name: measured(trials, figures, way) for way in WAYS}
    table(results, figures)
    if options.trials:
        by_trial(results, figures)
    badly = {} if options.no_robustness else robustness(trials, figures)
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.json:
        errors = {
            name: {trial: run.error for trial, run in runs.items()}
            for name, runs in results.items()
        }
        options.json.write_text(
            json.dumps({"errors": errors, "read badly": badly}, indent=2), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
