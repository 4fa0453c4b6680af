"""What the reported hazard ratio, interval and p add to what the arms print.

    python benchmarks/informed.py

Every trial of the corpus is printed as papers do, n, four landmarks, events and longest follow-up,
with the hazard ratio and interval of its data to so many decimals and the p of the log-rank test
to three. Shown is how near the hazard ratio of the patients comes to that of the data, and how near
their difference in restricted mean survival up to the last landmark does, which is not printed:
with the patients of the arms alone, and with those who are informed by the comparison, too. Of the
ensembles it shows how often their middle 95% of this difference holds that of the data, and how
wide it is.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from accuracy_landmarks import halves
from corpus import Trial, corpus_argument, endpoint_of, read_trials

import kmrepro as km
from kmrepro.studies import Endpoint, Study

Z95 = 1.959963984540054


def data_of(folder: Path) -> dict[str, km.PseudoIPD]:
    """Read the data themselves."""
    rows: dict[str, list[tuple[float, bool, str]]] = {}
    with gzip.open(folder / "ipd.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one = (float(row["time"]), float(row["event"]) > 0, str(int(float(row["arm"]))))
            rows.setdefault(row["id"], []).append(one)
    return {key: _patients(each) for key, each in rows.items()}


def _patients(rows: Sequence[tuple[float, bool, str]]) -> km.PseudoIPD:
    time_, event, arm = (np.array(column) for column in zip(*rows, strict=True))
    order = np.lexsort((time_, arm))
    return km.PseudoIPD(
        time=np.maximum(time_[order], 1e-9), event=event[order], arm=arm[order], arms=("0", "1")
    )


def reported(trial: Trial, data: km.PseudoIPD, decimals: int) -> Endpoint:
    """Print the trial with the comparison of its data."""
    ends = [trial.log_hazard_ratio + side * trial.se for side in (0.0, -Z95, Z95)]
    ratio, lower, upper = (f"{math.exp(end):.{decimals}f}" for end in ends)
    p = km.logrank(data).p
    printed = {
        "hazard_ratio": ratio,
        "ci": [lower, upper],
        "p": f"{p:.3f}" if p >= 0.001 else "<0.001",
    }
    endpoint = endpoint_of(trial, more=False).model_dump(mode="json", exclude_none=True)
    study = {"id": "corpus", "endpoint": [endpoint | {"reported": printed}]}
    return Study.model_validate(study).endpoints[0]


def outcome(trial: Trial, data: km.PseudoIPD, *, decimals: int, n_draws: int) -> dict[str, float]:
    """Return errors of the hazard ratio and of the restricted mean, without and with the report."""
    endpoint = reported(trial, data, decimals)
    shared = set.intersection(*(set(arm.landmarks) for arm in endpoint.arms.values()))
    followed = min(data.of(arm)[0].max() for arm in data.arms)
    tau = max(time for time in shared if time <= followed)
    truth = km.rmst(data, tau=tau)
    half = (truth.difference_ci[1] - truth.difference_ci[0]) / 2 / Z95
    found: dict[str, float] = {}
    for name, informed in (("arms", False), ("informed", True)):
        patients = km.reconstruct(endpoint, informed=informed)
        found[f"log HR, {name}"] = abs(km.cox(patients).log_hazard_ratio - trial.log_hazard_ratio)
        error = km.rmst(patients, tau=tau).difference - truth.difference
        found[f"mean, {name}"] = abs(error) / half
        if informed:
            found["reached"] = float("were made to meet" in patients.notes["informed"])
            inside = km.analyse(endpoint, patients).landmarks
            found["missed"] = float(sum(not check.inside for check in inside))
        if n_draws:
            found |= _draws(endpoint, tau, truth.difference, half, informed, n_draws)
    return found


def _draws(
    endpoint: Endpoint, tau: float, truth: float, half: float, informed: bool, n_draws: int
) -> dict[str, float]:
    name = "informed" if informed else "arms"
    try:
        draws = km.ensemble(endpoint, n_draws=n_draws, tau=tau, informed=informed)
    except km.ReconstructionRefused as refusal:
        print(refusal, file=sys.stderr)
        return {}
    low, high = np.nanquantile(draws.rmst_difference, [0.025, 0.975])
    return {
        f"covered, {name}": float(low <= truth <= high),
        f"width, {name}": float(high - low) / half,
        f"different, {name}": np.unique(draws.log_hazard_ratio).size / n_draws,
    }


def lines(found: Sequence[dict[str, float]]) -> Iterator[str]:
    """Yield what is printed of some trials."""
    reached = sum(each["reached"] for each in found)
    yield f"reported comparison met in {reached:.0f} of {len(found)} trials"
    yield f"printed numbers missed: {sum(each['missed'] for each in found):.0f}"
    for what in ("log HR", "mean"):
        for name in ("arms", "informed"):
            errors = np.array([each[f"{what}, {name}"] for each in found])
            figures = f"median {np.median(errors):.4f}, mean {errors.mean():.4f}"
            yield f"|error| of {what}, {name}: {figures}, 95% {np.quantile(errors, 0.95):.4f}"
    for name in ("arms", "informed"):
        drawn = [each for each in found if f"covered, {name}" in each]
        if drawn:
            covered, width, different = (
                [each[f"{what}, {name}"] for each in drawn]
                for what in ("covered", "width", "different")
            )
            yield (
                f"95% of draws hold the mean, {name}: {np.mean(covered):.1%} of {len(drawn)}, "
                f"median width {np.median(width):.2f} SE, "
                f"different draws {np.mean(different):.0%}"
            )


def main() -> None:
    """Run the benchmark."""
    parser = corpus_argument(__doc__)
    parser.add_argument("--decimals", type=int, default=2, help="of hazard ratio and interval")
    parser.add_argument("--draws", type=int, default=0, help="of each ensemble; 0 draws none")
    parser.add_argument("--every", type=int, default=1, help="take every so many trials")
    options = parser.parse_args()
    started = time.perf_counter()
    trials, data = read_trials(options.corpus)[:: options.every], data_of(options.corpus)
    made = {
        trial.id: outcome(trial, data[trial.id], decimals=options.decimals, n_draws=options.draws)
        for trial in trials
    }
    for name, inside in halves(trials).items():
        print(f"\n{name}")
        for line in lines([made[trial.id] for trial in trials if inside(trial)]):
            print(line, flush=True)
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(made, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
