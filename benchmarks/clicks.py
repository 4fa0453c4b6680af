"""How near reconstructions of clicked and traced curves come to the trial's own hazard ratio.

    python benchmarks/clicks.py --trials 20

Two-arm trials are simulated (smooth hazards, or visits at which progression is seen), drawn, and
read as people and programs read a figure. Each reading is reconstructed as a user gets it, with
numbers at risk, with n and events, or with n alone. The error is |log HR reproduced - log HR of the
trial's data|, in standard errors of the latter. Refused readings count as refused and are in no
median.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from kmrepro.models import cox
from kmrepro.reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from kmrepro.studies import CurveFault, curve_endpoint, digitised_curve
from kmrepro.studies.digitised import CurveKind

FloatArray = npt.NDArray[np.float64]
Arm = tuple[FloatArray, npt.NDArray[np.bool_]]
Points = tuple[FloatArray, FloatArray]

ARMS = ("Control", "New")
BESIDE = ("at-risk rows", "n and events", "n")
ROWS = 6  # at-risk rows of a figure


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One arm's Kaplan-Meier curve: its drops, survival after them, and where it ends."""

    drops: FloatArray
    heights: FloatArray
    end: float

    def at(self, times: FloatArray) -> FloatArray:
        """Return survival at some times."""
        before = np.concatenate([[1.0], self.heights])
        return np.asarray(before[np.searchsorted(self.drops, times, side="right")])


def simulated(rng: np.random.Generator, *, visits: bool) -> dict[str, Arm]:
    """Simulate a trial of 40 to 400 patients an arm, with staggered entry."""
    n, hazard = int(rng.integers(40, 400)), float(rng.uniform(0.015, 0.08))
    ratio, shape = float(np.exp(rng.normal(-0.3, 0.3))), float(rng.uniform(0.8, 1.4))
    arms = {}
    for name, factor in zip(ARMS, (1.0, ratio), strict=True):
        time = (rng.exponential(1.0, n) / factor) ** (1 / shape) / hazard
        if visits:
            seen = np.ceil(time / 2.0) * 2.0 + rng.normal(0, 0.1, n)
            time = np.where(rng.random(n) < 0.7, np.maximum(seen, 0.05), time)
        censored = np.minimum(rng.uniform(10, 40, n), rng.exponential(120, n))
        kept = np.maximum(np.round(np.minimum(time, censored), 2), 0.01)
        arms[name] = (kept, time <= censored)
    return arms


def drawn(arm: Arm) -> Figure:
    """Estimate the curve of an arm."""
    time, event = arm
    drops, deaths = np.unique(time[event], return_counts=True)
    at_risk = (time[:, None] >= drops).sum(axis=0)
    return Figure(drops=drops, heights=np.cumprod(1 - deaths / at_risk), end=float(time.max()))


def lower_ends(figure: Figure, _rng: np.random.Generator) -> Points:
    """Write down every drop exactly, at its lower end, and the end of the curve."""
    return (
        np.append(figure.drops, figure.end),
        np.append(figure.heights, figure.heights[-1]).round(4),
    )


def noisy(points: Points, rng: np.random.Generator, *, share: float) -> Points:
    """Miss by a normal error of a share of each axis."""
    time, height = points
    top = float(time.max())
    return (
        np.maximum(time + rng.normal(0, share * top, time.size), 0.0),
        np.clip(height + rng.normal(0, share, time.size), 0.0, 1.0),
    )


def careful(figure: Figure, rng: np.random.Generator) -> Points:
    """Click every drop and each long flat, out by 0.15% in height and 0.1% in time."""
    times, _ = lower_ends(figure, rng)
    gaps = np.diff(times, prepend=0.0)
    flats = times[gaps > 0.02 * figure.end] - gaps[gaps > 0.02 * figure.end] / 2
    times = np.sort(np.concatenate([times, flats]))
    return noisy((times, figure.at(times)), rng, share=0.0013)


def anywhere(figure: Figure, rng: np.random.Generator) -> Points:
    """Click 10 to 60 points anywhere on the curve, out by 0.1 to 1% of the axes."""
    times = np.append(np.sort(rng.uniform(0, figure.end, int(rng.integers(10, 61)))), figure.end)
    return noisy((times, figure.at(times)), rng, share=float(rng.choice([0.001, 0.004, 0.01])))


def corners(figure: Figure, rng: np.random.Generator) -> Points:
    """Click both ends of every edge, at most 60 of them, off by 0.1 to 0.4%."""
    kept = np.unique(np.linspace(0, figure.drops.size - 1, 60).astype(int))
    drops, heights = figure.drops[kept], figure.heights[kept]
    time = np.append(np.repeat(drops, 2), figure.end)
    height = np.column_stack([np.append(1.0, figure.heights)[kept], heights]).ravel()
    return noisy(
        (time, np.append(height, heights[-1])), rng, share=float(rng.choice([0.001, 0.004]))
    )


def traced(figure: Figure, rng: np.random.Generator) -> Points:
    """Trace the pixels of a picture of 200 to 800 rows: both ends of every level."""
    rows = int(rng.integers(200, 801))
    columns = np.linspace(0, figure.end, int(1.5 * rows))
    heights = np.round(figure.at(columns) * rows) / rows
    change = np.flatnonzero(np.diff(heights)) + 1
    kept = np.unique(np.concatenate([[0], change - 1, change, [columns.size - 1]]))
    return columns[kept], heights[kept]


def even(figure: Figure, _rng: np.random.Generator) -> Points:
    """Read 100 heights at even distances, to three decimals."""
    times = np.linspace(0, figure.end, 101)[1:]
    return times, figure.at(times).round(3)


def untouched_end(figure: Figure, _rng: np.random.Generator) -> Points:
    """Write down every drop exactly and nothing after the last."""
    return figure.drops, figure.heights.round(4)


WAYS: Mapping[str, Callable[[Figure, np.random.Generator], Points]] = {
    "every drop, exact": lower_ends,
    "every drop, no end": untouched_end,
    "100 even heights": even,
    "careful clicks": careful,
    "clicked anywhere": anywhere,
    "clicked corners": corners,
    "traced pixels": traced,
}


def error(
    trial: Mapping[str, Arm], points: Mapping[str, Points], beside: str, kind: CurveKind | None
) -> float:
    """Return |difference of the log hazard ratios| in standard errors; NaN if refused."""
    curves_n = {name: int(time.size) for name, (time, _) in trial.items()}
    rows = np.linspace(0, max(float(time.max()) for time, _ in trial.values()), ROWS + 1)[:-1]
    at_risk = {
        name: {float(row): int((time >= row).sum()) for row in rows.round(1)}
        for name, (time, _) in trial.items()
    }
    events = {name: int(event.sum()) for name, (_, event) in trial.items()}
    try:
        endpoint = curve_endpoint(
            {
                name: digitised_curve(time.tolist(), height.tolist(), kind=kind)
                for name, (time, height) in points.items()
            },
            n=curves_n,
            at_risk=at_risk if beside == "at-risk rows" else None,
            events=events if beside == "n and events" else None,
        )
        reproduced = cox(reconstruct(endpoint))
    except (CurveFault, ReconstructionRefused):
        return float("nan")
    truth = cox(_as_ipd(trial))
    return abs(reproduced.log_hazard_ratio - truth.log_hazard_ratio) / truth.se


def _as_ipd(trial: Mapping[str, Arm]) -> PseudoIPD:
    return PseudoIPD(
        time=np.concatenate([time for time, _ in trial.values()]),
        event=np.concatenate([event for _, event in trial.values()]),
        arm=np.repeat(np.array(ARMS), [time.size for time, _ in trial.values()]),
        arms=ARMS,
        cohort="simulated",
        endpoint="OS",
        time_unit="months",
    )


def measured(
    way: str, beside: str, *, trials: int, kind: CurveKind | None = None
) -> dict[str, float]:
    """Return refused share, and median and 95th percentile of the error, of one kind of reading."""
    errors = []
    for seed in range(trials):
        rng = np.random.default_rng([seed, list(WAYS).index(way)])
        trial = simulated(rng, visits=bool(seed % 2))
        points = {name: WAYS[way](drawn(arm), rng) for name, arm in trial.items()}
        errors.append(error(trial, points, beside, kind))
    found = np.array(errors)
    known = found[np.isfinite(found)]
    nothing = known.size == 0
    return {
        "trials": trials,
        "refused_percent": 100 * float(np.isnan(found).mean()),
        "median_in_se": float("nan") if nothing else float(np.median(known)),
        "percentile95_in_se": float("nan") if nothing else float(np.quantile(known, 0.95)),
    }


def main() -> None:
    """Print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20, help="trials per cell of the table")
    parser.add_argument("--kind", choices=("steps", "samples"), help="state how points are read")
    parser.add_argument("--beside", choices=BESIDE, action="append", help="only these columns")
    parser.add_argument("--way", choices=tuple(WAYS), action="append", help="only these readings")
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    kind: Literal["steps", "samples"] | None = given.kind
    found = {}
    print(f"{'reading':<20} {'beside':<14} {'refused':>8} {'median':>8} {'95th':>8}   |dlogHR|/SE")
    for way in given.way or WAYS:
        for beside in given.beside or BESIDE:
            row = measured(way, beside, trials=given.trials, kind=kind)
            found[f"{way}, {beside}"] = row
            print(
                f"{way:<20} {beside:<14} {row['refused_percent']:7.0f}% "
                f"{row['median_in_se']:8.3f} {row['percentile95_in_se']:8.2f}",
                flush=True,
            )
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
