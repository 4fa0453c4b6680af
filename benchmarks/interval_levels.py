"""How often an interval without its level is told to be none of 95%, and whether the level fits.

    python benchmarks/interval_levels.py --trials 1200 --first 90000
    python benchmarks/interval_levels.py --trials 1200 --first 95000 --unequal

Simulated trials are reported with hazard ratio and interval at five levels, none of them stated,
beside the log-rank p, the events of both arms together or of each, or p and events. With
`--unequal` a half to four fifths of the patients of one arm are left out. Last is how far off the
events are that the standard error of a trial implies, by the arms' shares of the events and by
those of the patients.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
from simulated_trials import SimulatedTrial, simulated_trial, trial_of

from kmrepro.models import BatchedLogrank, RiskSets
from kmrepro.studies import Endpoint, Study
from kmrepro.studies.interval_level import level_fit
from kmrepro.studies.printed_fields import level_z

LEVELS = (90.0, 95.0, 97.5, 99.0, 99.8)
BESIDE = (("p",), ("events",), ("by arm",), ("p", "events"))


def reports(trial: SimulatedTrial) -> Iterator[tuple[float, str, Endpoint]]:
    """Yield the reports of a trial: the level, what is beside the interval, and the endpoint."""
    sizes = [time.size for time in trial.time]
    sets = RiskSets.of(
        np.concatenate(trial.time)[None],
        np.concatenate(trial.event)[None],
        np.repeat([False, True], sizes),
    )
    p = float(BatchedLogrank.of(sets).p[0])
    known = {
        "p": f"{p:.4f}" if p >= 0.001 else "<0.001",
        "events": int(sum(event.sum() for event in trial.event)),
    }
    for level in LEVELS:
        z = level_z(level)
        ends = [math.exp(trial.log_hazard_ratio + side * z * trial.se) for side in (0, -1, 1)]
        if not all(0.05 < end < 50 for end in ends):
            continue
        ratio, low, high = (f"{end:.2f}" for end in ends)
        for names in BESIDE:
            reported = {"hazard_ratio": ratio, "ci": [low, high], "test": "log-rank"}
            reported |= {name: known[name] for name in names if name in known}
            counts: list[dict[str, int]] = [{}, {}]
            if "by arm" in names:
                counts = [{"events": int(event.sum())} for event in trial.event]
            endpoint = {
                "name": "OS",
                "reference": "C",
                "arms": {"C": {"n": sizes[0]} | counts[0], "T": {"n": sizes[1]} | counts[1]},
                "reported": reported,
            }
            study = Study.model_validate({"id": "simulated", "endpoint": [endpoint]})
            yield level, " and ".join(names), study.endpoints[0]


def unequal(trial: SimulatedTrial) -> SimulatedTrial | None:
    """Leave out a half to four fifths of the patients of one arm; None if no events are left."""
    rng = np.random.default_rng([trial.seed, 5])
    arms, fewer = list(zip(trial.time, trial.event, strict=True)), int(rng.integers(2))
    time, event = arms[fewer]
    kept = max(int(time.size * rng.uniform(0.2, 0.5)), 5)
    rows = np.sort(rng.choice(time.size, min(kept, time.size), replace=False))
    arms[fewer] = time[rows], event[rows]
    return trial_of(trial.seed, trial.course, trial.ties, (arms[0], arms[1]))


def implied_off(trial: SimulatedTrial) -> tuple[float, float]:
    """Return by how much events implied by shares of events, and of patients, are off."""
    events = [int(event.sum()) for event in trial.event]
    sizes = [time.size for time in trial.time]
    shares = (events[1] / sum(events), sizes[1] / sum(sizes))
    first, second = (1 / (trial.se**2 * q * (1 - q)) / sum(events) - 1 for q in shares)
    return abs(first), abs(second)


def main() -> None:
    """Print, by level and by what is known, how many intervals are told and how many fits hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1200)
    parser.add_argument("--first", type=int, default=90_000, help="seed of the first trial")
    parser.add_argument("--unequal", action="store_true", help="arms of quite other sizes")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.trials)
    simulated = map(simulated_trial, seeds)
    kept = map(unequal, simulated) if options.unequal else simulated
    trials = [trial for trial in kept if trial is not None]
    asked: Counter[tuple[float, str]] = Counter()
    told, held = asked.copy(), asked.copy()
    for trial in trials:
        for level, beside, endpoint in reports(trial):
            fit = level_fit(endpoint)
            asked[level, beside] += 1
            if fit is not None:
                told[level, beside] += 1
                held[level, beside] += fit.lower - 1e-6 <= level <= fit.upper + 1e-6
    print(f"{'level':>7}  {'beside':14} {'reports':>8} {'told':>7} {'level fits':>11}")
    for (level, beside), number in asked.items():
        of_told = held[level, beside] / max(told[level, beside], 1)
        share = told[level, beside] / number
        print(f"{level:6g}%  {beside:14} {number:8} {share:7.1%} {of_told:11.1%}")
    off = np.array([implied_off(trial) for trial in trials if min(map(np.sum, trial.event)) > 0])
    for name, column in zip(("events", "patients"), off.T, strict=True):
        half, most = np.percentile(column, (50, 95))
        print(f"events implied by shares of {name}: off by {half:.1%}, 95th percentile {most:.1%}")


if __name__ == "__main__":
    main()
