"""How near reconstructions of clicked and traced curves come to the trial's own hazard ratio.

    python benchmarks/clicks.py --trials 20

Two-arm trials are simulated (smooth hazards, or visits at which progression is seen), drawn, and
read as people and programs read a figure; with `--corpus`, those of the corpus are drawn instead.
Each reading is reconstructed as a user gets it, with numbers at risk, with n and events, or with n
alone, and by the published method on the same points. The error is |log HR reproduced - log HR of
the trial's data|, also in standard errors of the latter. Refused readings count as refused and are
in no median. Constants were chosen on seeds from 1000 on, and the tables are of seeds from 0 on.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from clicking import ARMS, WAYS, Arm, Points, drawn
from guyot import published

from kmrepro.models import NotEstimable, cox
from kmrepro.reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from kmrepro.studies import CurveFault, curve_endpoint, digitised_curve
from kmrepro.studies.digitised import CurveKind

BESIDE = ("at-risk rows", "n and events", "n")
METHODS = ("kmrepro", "published")
ROWS = 6  # at-risk rows of a figure
Trial = Mapping[str, Arm]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The points of one trial's figure, and what is reported beside them."""

    trial: Trial
    points: Mapping[str, Points]
    beside: str

    @property
    def at_risk(self) -> dict[str, dict[float, int]] | None:
        """Numbers at risk by arm, if these are reported."""
        if self.beside != "at-risk rows":
            return None
        rows = np.linspace(0, max(float(time.max()) for time, _ in self.trial.values()), ROWS + 1)
        rows = rows[:-1].round(1)
        return {
            name: {float(row): int((time >= row).sum()) for row in rows}
            for name, (time, _) in self.trial.items()
        }

    @property
    def events(self) -> dict[str, int] | None:
        """Events by arm, if these are reported."""
        if self.beside != "n and events":
            return None
        return {name: int(event.sum()) for name, (_, event) in self.trial.items()}

    def ours(self, kind: CurveKind | None) -> dict[str, Arm] | None:
        """Return the patients that a user gets; None if the reading is refused."""
        try:
            endpoint = curve_endpoint(
                {
                    name: digitised_curve(time.tolist(), height.tolist(), kind=kind)
                    for name, (time, height) in self.points.items()
                },
                n={name: int(time.size) for name, (time, _) in self.trial.items()},
                at_risk=self.at_risk,
                events=self.events,
            )
            ipd = reconstruct(endpoint)
        except (CurveFault, ReconstructionRefused):
            return None
        return {name: ipd.of(name) for name in ARMS}

    def theirs(self) -> dict[str, Arm]:
        """Return the patients of the published method."""
        rows, events = self.at_risk or {}, self.events or {}
        return {
            name: published(
                points,
                self.trial[name][0].size,
                at_risk=rows.get(name),
                events=events.get(name),
            )
            for name, points in self.points.items()
        }


def errors(reading: Reading, patients: Trial | None) -> tuple[float, float, float]:
    """Return the error of the log hazard ratio, in standard errors too, and that of the events."""
    nothing = (float("nan"),) * 3
    if patients is None:
        return nothing
    try:
        truth, found = cox(_as_ipd(reading.trial)), cox(_as_ipd(patients))
    except NotEstimable:
        return nothing
    off = abs(found.log_hazard_ratio - truth.log_hazard_ratio)
    known = sum(int(event.sum()) for _, event in reading.trial.values())
    counted = sum(int(event.sum()) for _, event in patients.values())
    return off, off / truth.se, abs(counted / known - 1.0)


def _as_ipd(trial: Trial) -> PseudoIPD:
    return PseudoIPD(
        time=np.concatenate([time for time, _ in trial.values()]),
        event=np.concatenate([event for _, event in trial.values()]),
        arm=np.repeat(np.array(ARMS), [time.size for time, _ in trial.values()]),
        arms=ARMS,
        cohort="simulated",
        endpoint="OS",
        time_unit="months",
    )


def readings(way: str, beside: str, trials: Mapping[int, Trial | None]) -> Iterator[Reading]:
    """Read the figure of every trial; one that is not given is simulated."""
    for seed, given in trials.items():
        rng = np.random.default_rng([seed, list(WAYS).index(way)])
        trial = WAYS[way].trial(seed, rng) if given is None else given
        points = {name: WAYS[way].read(drawn(arm), rng) for name, arm in trial.items()}
        yield Reading(trial=trial, points=points, beside=beside)


def summary(found: list[tuple[float, float, float]]) -> dict[str, float]:
    """Return the refused share, and medians and 95th percentile of the errors."""
    every = np.array(found)
    known = every[np.isfinite(every[:, 0])]
    middle = np.median(known, axis=0) if known.size else np.full(3, np.nan)
    return {
        "trials": len(found),
        "refused_percent": 100 * float(np.isnan(every[:, 0]).mean()),
        "median": float(middle[0]),
        "median_in_se": float(middle[1]),
        "percentile95_in_se": float(np.quantile(known[:, 1], 0.95)) if known.size else np.nan,
        "events_off_percent": 100 * float(middle[2]),
    }


def corpus(folder: Path) -> dict[int, Trial | None]:
    """Read the patients of the corpus, by number of the trial."""
    arms: dict[str, dict[str, list[tuple[float, bool]]]] = {}
    with gzip.open(folder / "ipd.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            patients = arms.setdefault(row["id"], {}).setdefault(row["arm"], [])
            patients.append((float(row["time"]), row["event"] in ("1", "True", "true")))
    found: dict[int, Trial | None] = {}
    for number, by_arm in enumerate(arms.values()):
        columns = [np.array(by_arm[arm]).T for arm in sorted(by_arm)]
        found[number] = {
            name: (time, event.astype(bool))
            for name, (time, event) in zip(ARMS, columns, strict=True)
        }
    return found


HEAD = f"{'reading':<20} {'beside':<13} {'method':<10} {'refused':>8} {'median':>7} {'in SE':>6} "
HEAD += f"{'95th':>6} {'events':>7}"


def line(way: str, beside: str, method: str, row: Mapping[str, float]) -> str:
    """Return one row of the table."""
    return (
        f"{way:<20} {beside:<13} {method:<10} {row['refused_percent']:7.0f}% "
        f"{row['median']:7.4f} {row['median_in_se']:6.3f} {row['percentile95_in_se']:6.2f} "
        f"{row['events_off_percent']:6.1f}%"
    )


def main() -> None:
    """Print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20, help="trials per cell of the table")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--corpus", type=Path, help="draw the trials of this folder instead")
    parser.add_argument("--kind", choices=("steps", "samples"), help="state how points are read")
    parser.add_argument("--beside", choices=BESIDE, action="append", help="only these columns")
    parser.add_argument("--way", choices=tuple(WAYS), action="append", help="only these readings")
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    kind: Literal["steps", "samples"] | None = given.kind
    trials: dict[int, Trial | None] = {seed + given.first: None for seed in range(given.trials)}
    if given.corpus:
        every = corpus(given.corpus)
        trials = {seed: every[seed] for seed in range(given.first, len(every))}
        step = max(len(trials) // given.trials, 1)
        trials = {seed: trials[seed] for seed in list(trials)[::step]}
    figures = {}
    print("|difference of log HR|, in standard errors, events; medians\n" + HEAD)
    together: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for way in given.way or WAYS:
        for beside in given.beside or BESIDE:
            found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in METHODS}
            for reading in readings(way, beside, trials):
                found["kmrepro"].append(errors(reading, reading.ours(kind)))
                found["published"].append(errors(reading, reading.theirs()))
            for method, rows in found.items():
                together.setdefault((beside, method), []).extend(rows)
                figures[f"{way}, {beside}, {method}"] = summary(rows)
                print(line(way, beside, method, summary(rows)), flush=True)
    for (beside, method), rows in together.items():
        figures[f"all, {beside}, {method}"] = summary(rows)
        print(line("all", beside, method, summary(rows)))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
