"""How often random arms, printed as papers print them, are met in every number.

    python benchmarks/guarantees.py --arms 6000
    python benchmarks/guarantees.py --arms 1000 --landmarks 6 --decimals 2
    python benchmarks/guarantees.py --arms 400 --patients 4000
    python benchmarks/guarantees.py --arms 2000 --table

The arms are those of the tests: 1 to 200 patients, or 200 to as many as are asked for, Weibull
events, uniform censoring, sometimes times in whole units; printed are up to four landmarks of one
decimal or none and, sometimes, events, numbers at risk (at the landmarks; of many patients, and
with `--table`, at six other times), a median and the longest follow-up. Patients who meet all of it
exist: those that it was printed from.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kmrepro.reconstruct import ReconstructionRefused, reconstruct
from tests.reconstruct.conftest import build_endpoint
from tests.reconstruct.trials import broken_promises, printed_arm, random_patients


def outcome(
    seed: int, *, landmarks: int, decimals: int | None, most: int, table: bool
) -> tuple[bool, float]:
    """Return whether one random arm is met in every number, and the seconds that it took."""
    rng = np.random.default_rng(seed)
    patients = random_patients(rng, most=most)
    printed = printed_arm(rng, *patients, landmarks=landmarks, decimals=decimals, table=table)
    endpoint = build_endpoint({"A": printed})
    started = time.perf_counter()
    try:
        broken = broken_promises(endpoint.arms["A"], *reconstruct(endpoint).of("A"))
    except ReconstructionRefused as refusal:
        broken = [str(refusal)]
    return not broken, time.perf_counter() - started


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arms", type=int, default=2000)
    parser.add_argument("--patients", type=int, default=0, help="at most, and 200 at least")
    parser.add_argument("--table", action="store_true", help="numbers at risk at other times")
    parser.add_argument("--landmarks", type=int, default=4, help="at most, of an arm")
    parser.add_argument("--decimals", type=int, help="of every per cent; otherwise one or none")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    outcomes = [
        outcome(
            10**6 + seed,
            landmarks=options.landmarks,
            decimals=options.decimals,
            most=options.patients,
            table=options.table or options.patients > 0,
        )
        for seed in range(options.arms)
    ]
    missed = sum(not met for met, _ in outcomes)
    seconds = np.array([taken for _, taken in outcomes])
    print(f"not met in every number: {missed} of {options.arms} arms")
    print(f"milliseconds per arm: median {1e3 * np.median(seconds):.1f}, ", end="")
    print(f"99% {1e3 * np.quantile(seconds, 0.99):.0f}, longest {1e3 * seconds.max():.0f}")
    if options.json:
        figures = {"arms": options.arms, "missed": missed, "median_s": float(np.median(seconds))}
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
