"""How often survival beside numbers at risk is doubted, honest ones and with the row a place off.

    python benchmarks/numbers_at_risk.py --trials 800 --first 96000000

Simulated arms report survival to a tenth of a per cent and numbers at risk at the same times, some
six of them. A row is a place off if each number is that of the time before, n first.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from simulated_trials import Arm, SimulatedTrial, simulated_trial

from kmrepro.audit import audit
from kmrepro.studies import Study

TIMES = 6


def is_doubted(arm: Arm, *, off: bool) -> bool:
    """Say whether the audit doubts the numbers at risk of an arm beside its survival."""
    time, event = arm
    order = np.lexsort((~event, time))
    left = time.size - np.arange(time.size)
    survival = np.append(1.0, np.cumprod(1.0 - event[order] / left))
    step = max(round(time.max() / TIMES), 1)
    times = np.arange(step, time.max(), step)
    at = survival[np.searchsorted(time[order], times, side="right")]
    numbers = [int((time >= when).sum()) for when in times]
    row = [time.size, *numbers[:-1]] if off else numbers
    reported = {
        "n": int(time.size),
        "landmarks": {str(when): f"{value:.1%}" for when, value in zip(times, at, strict=True)},
        "at_risk": {str(when): number for when, number in zip(times, row, strict=True)},
    }
    endpoint = {"name": "OS", "arms": {"A": reported}}
    study = Study.model_validate({"id": "simulated", "endpoint": [endpoint]})
    return any(each.rule == "at-risk-survival" for each in audit(study))


def arms_of(trial: SimulatedTrial) -> list[Arm]:
    """Return the arms that are followed for some times."""
    arms = zip(trial.time, trial.event, strict=True)
    return [arm for arm in arms if arm[0].max() > max(round(arm[0].max() / TIMES), 1)]


def main() -> None:
    """Print how many are doubted, by the unit in which times were recorded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=800)
    parser.add_argument("--first", type=int, default=96_000_000, help="seed of the first trial")
    options = parser.parse_args()
    asked: Counter[str] = Counter()
    doubted: Counter[tuple[str, bool]] = Counter()
    for seed in range(options.first, options.first + options.trials):
        trial = simulated_trial(seed)
        for arm in arms_of(trial):
            for ties in ("all", trial.ties):
                asked[ties] += 1
                for off in (False, True):
                    doubted[ties, off] += is_doubted(arm, off=off)
    print(f"{'times':8} {'arms':>6} {'honest':>8} {'a place off':>12}")
    for ties, arms in asked.items():
        honest, found = (doubted[ties, off] / arms for off in (False, True))
        print(f"{ties:8} {arms:6} {honest:8.1%} {found:12.1%}")


if __name__ == "__main__":
    main()
