"""What a number of patients that is off by some does to a reproduction, and to the audit.

    python benchmarks/shares_of_patients.py --trials 200

Where a paper reports all patients and their allocation, but not the patients of each arm, its arms
are given their shares. Simulated trials are reported as abstracts do: one to three survivals to
0.1%, sometimes medians and events, the hazard ratio with its interval. Each is reproduced with its
true numbers, with one to three patients moved to the other arm ("blocks", as blocked randomisation
leaves it), and with as many as tosses of a coin move ("coin"). The first table has how many are
"not assessable" (no whole patients have the reported survival) or refused, and how many of these
true reports are discrepant. The second has the errors and warnings of the audit about sound reports
of many kinds whose numbers are off as by a coin, with `n_basis` "endpoint" and "allocation".
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from simulated_curves import StepCurve
from simulated_trials import PAPERS, SimulatedTrial, paper_of, simulated_trial

import kmrepro as km
from kmrepro.audit import audit
from kmrepro.studies import Study

Z_95 = 1.959963984540054
SIZES = {"under 80 patients": 80, "80 to 299": 300, "300 or more": math.inf}
HOW = "true", "blocks", "coin"


def reported_arm(trial: SimulatedTrial, arm: int, rng: np.random.Generator) -> dict[str, Any]:
    """Report one arm as an abstract does; both arms of a trial alike."""
    late = min(float(np.quantile(time, 0.9)) for time in trial.time)
    landmarks = int(rng.integers(1, 4))
    unit = next((u for u in (12.0, 6.0, 3.0, 1.0) if late >= landmarks * u), 0.5)
    times = [unit * k for k in (1, 2, 3, 5) if unit * k <= late][-landmarks:] or [late / 2]
    curve = StepCurve.of(trial.time[arm], trial.event[arm], math.inf)
    survival = {f"{time:.1f}": f"{100 * curve.at(round(time, 1))[0]:.1f}%" for time in times}
    made: dict[str, Any] = {"n": int(trial.time[arm].size), "landmarks": survival}
    if rng.random() < 0.6:
        median = curve.first_at_half(curve.survival)
        made["median"] = "NR" if median is None else f"{median:.1f}"
    if trial.seed % 2 == 0:
        made["events"] = int(trial.event[arm].sum())
    return made


def reported_ratio(trial: SimulatedTrial) -> dict[str, Any]:
    """Report the trial's own hazard ratio and its interval."""
    ratio, *ci = (math.exp(trial.log_hazard_ratio + z * trial.se) for z in (0, -Z_95, Z_95))
    return {"hazard_ratio": f"{ratio:.2f}", "ci": [f"{end:.2f}" for end in ci]}


def moved(arms: dict[str, Any], by: int, **more: str) -> dict[str, Any]:
    """Move patients from the second arm to the first."""
    first, second = arms
    return {
        first: arms[first] | {"n": arms[first]["n"] + by} | more,
        second: arms[second] | {"n": arms[second]["n"] - by} | more,
    }


def by_coin(arms: dict[str, Any], rng: np.random.Generator) -> int:
    """Return how many patients tosses of a coin of the allocation move."""
    first, second = (arm["n"] for arm in arms.values())
    return round(rng.normal(0, math.sqrt(first * second / (first + second))))


def verdict(arms: dict[str, Any], reported: dict[str, Any], *, n_draws: int, seed: int) -> str:
    """Return what a reproduction says of a report."""
    endpoint = {"name": "OS", "reference": "C", "arms": arms, "reported": reported}
    study = Study.model_validate({"id": "trial", "endpoint": [endpoint]})
    found = km.reproduce(study, n_draws=n_draws, seed=seed)
    if not found.analyses or found.analyses[0].comparison is None:
        return "refused"
    return found.analyses[0].comparison.verdict


def verdicts(first: int, trials: int, n_draws: int) -> dict[str, Counter[str]]:
    """Count verdicts by size of the trial and by how far its numbers are off."""
    counts: dict[str, Counter[str]] = {}
    for seed in range(first, first + trials):
        trial, rng = simulated_trial(seed), np.random.default_rng([seed, 78])
        arms = {
            name: reported_arm(trial, place, np.random.default_rng([seed, 77]))
            for place, name in enumerate("CT")
        }
        by = {
            "true": 0,
            "blocks": int(rng.choice([-3, -2, -1, 1, 2, 3])),
            "coin": by_coin(arms, rng),
        }
        size = next(
            name for name, most in SIZES.items() if sum(a["n"] for a in arms.values()) < most
        )
        for how in HOW:
            found = verdict(moved(arms, by[how]), reported_ratio(trial), n_draws=n_draws, seed=seed)
            counts.setdefault(f"{size}, {how}", Counter())[found] += 1
    return counts


def findings(first: int, trials: int) -> dict[str, Counter[str]]:
    """Count the errors and warnings about sound reports, by what their numbers are said to be."""
    kinds = [kind for kind, paper in PAPERS.items() if not paper.reading]
    counts = {basis: Counter[str]() for basis in ("true", "endpoint", "allocation")}
    for seed in range(first, first + trials):
        trial = simulated_trial(seed)
        printed = paper_of(trial, kinds[seed // 12 % len(kinds)])
        content = printed.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        content["reported"] = reported_ratio(trial) | content.get("reported", {})
        arms = {name: dict(arm) for name, arm in content["arms"].items()}
        for arm in arms.values():
            arm.pop("at_risk", None)  # which would give the numbers at the start
        by = by_coin(arms, np.random.default_rng([seed, 79]))
        for basis, own in counts.items():
            off, said = (0, "endpoint") if basis == "true" else (by, basis)
            content["arms"] = moved(arms, off, n_basis=said)
            found = audit(Study.model_validate({"id": "trial", "endpoint": [content]}))
            own.update(f"{each.rule}, {each.severity}" for each in found if each.severity != "note")
    return counts


def main() -> None:
    """Print both tables and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=200, help="simulated, three for the audit")
    parser.add_argument("--first", type=int, default=31_000_000, help="seed of the first")
    parser.add_argument("--draws", type=int, default=200, help="of each reproduction")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    judged = verdicts(options.first, options.trials, options.draws)
    print(f"{'':28}{'trials':>8}{'not assessable':>16}{'refused':>9}{'discrepant':>12}")
    for name in (f"{size}, {how}" for size in SIZES for how in HOW):
        own = judged.get(name, Counter())
        cells = own.total(), own["not assessable"], own["refused"], own["discrepant"]
        print(f"{name:28}{cells[0]:8}{cells[1]:16}{cells[2]:9}{cells[3]:12}")
    audited = findings(options.first, 3 * options.trials)
    print(f"\nerrors and warnings about {3 * options.trials} sound reports")
    for basis, own in audited.items():
        print(f"{basis:12} {', '.join(f'{rule} {n}' for rule, n in own.items()) or 'none'}")
    if options.json:
        options.json.write_text(json.dumps({"verdicts": judged, "findings": audited}, indent=2))


if __name__ == "__main__":
    main()
