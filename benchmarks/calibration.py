"""How often the reproduction interval covers the hazard ratio of the data themselves.

    python benchmarks/calibration.py

For every trial of the corpus the endpoint is printed as papers do and an ensemble is drawn from
it. A 95% interval should cover the hazard ratio of 95% of the trials, a 50% interval that of half
of them, and neither should be wider than it needs to be. Whatever was chosen was chosen on the
first half of the publications; the second half shares no patients with it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

import numpy as np
from accuracy_landmarks import halves
from corpus import Trial, corpus_argument, endpoint_of, read_trials

from kmrepro.models import ensemble
from kmrepro.reconstruct import ReconstructionRefused
from kmrepro.studies import Endpoint

INPUTS = {
    "n, four landmarks, events, longest follow-up": "base",
    "the same, at-risk counts and medians": "more",
    "n, four landmarks, longest follow-up": "less",
}


def printed(trial: Trial, kind: str) -> Endpoint:
    """Print a trial with what one kind of input has."""
    endpoint = endpoint_of(trial, more=kind == "more")
    if kind != "less":
        return endpoint
    arms = {name: arm.model_copy(update={"events": None}) for name, arm in endpoint.arms.items()}
    return endpoint.model_copy(update={"arms": arms})


def outcome(trial: Trial, kind: str, *, n_draws: int) -> dict[str, float] | None:
    """Return whether the intervals cover the truth, and widths in its standard errors."""
    try:
        draws = ensemble(printed(trial, kind), n_draws=n_draws)
    except ReconstructionRefused as refusal:
        print(f"{trial.id}: {refusal}", file=sys.stderr)
        return None
    found = {}
    for level in (0.95, 0.5):
        low, high = np.log(draws.interval(level))
        found[f"covered {level:.0%}"] = float(low <= trial.log_hazard_ratio <= high)
        found[f"width {level:.0%}"] = float(high - low) / trial.se
    found["error"] = abs(np.log(draws.estimate) - trial.log_hazard_ratio) / trial.se
    return found


def report(trials: Sequence[Trial], kind: str, *, n_draws: int) -> dict[str, object]:
    """Print and return the figures for one kind of input."""
    found = {trial.id: outcome(trial, kind, n_draws=n_draws) for trial in trials}
    figures: dict[str, object] = {"refused": sum(each is None for each in found.values())}
    for name, inside in halves(trials).items():
        chosen = [f for trial in trials if inside(trial) and (f := found[trial.id]) is not None]
        if not chosen:
            continue
        covered = [float(np.mean([f[f"covered {level}"] for f in chosen])) for level in LEVELS]
        width = [float(np.median([f[f"width {level}"] for f in chosen])) for level in LEVELS]
        error = np.quantile([f["error"] for f in chosen], [0.5, 0.95])
        label = f"{name} ({len(chosen)})"
        row = f"{label:22s}{covered[0]:9.1%}{covered[1]:9.1%}"
        print(f"{row}{width[0]:10.2f}{width[1]:8.2f}{error[0]:12.3f}{error[1]:8.3f}", flush=True)
        figures[name] = {"covered": covered, "width": width, "error": error.tolist()}
    return figures


LEVELS = ("95%", "50%")


def main() -> None:
    """Run the benchmark."""
    parser = corpus_argument(__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="of each ensemble")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th trial")
    parser.add_argument("--only", choices=list(INPUTS.values()), help="one kind of input")
    options = parser.parse_args()
    started = time.perf_counter()
    trials = read_trials(options.corpus)[:: options.every]
    figures = {}
    for title, kind in INPUTS.items():
        if options.only in (None, kind):
            print(f"\n{title}")
            print(f"{'':22s}{'covered':>18s}{'width / SE':>18s}{'|error| / SE':>20s}")
            print(f"{'':22s}{'95%':>9s}{'50%':>9s}{'95%':>10s}{'50%':>8s}{'50%':>12s}{'95%':>8s}")
            figures[kind] = report(trials, kind, n_draws=options.draws)
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
