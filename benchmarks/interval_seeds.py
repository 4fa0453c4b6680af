"""How much the limits of a reproduction interval differ from one random seed to another.

    python benchmarks/interval_seeds.py
    python benchmarks/interval_seeds.py --trials 120 --first 8000000 --seeds 8 --draws 1000

Simulated trials are reported with numbers as papers do, and every report is drawn from with several
seeds. Printed is the standard deviation of the logs of both limits over the seeds, by itself and as
a share of the interval's mean width: median, 95th percentile and worst of the trials.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from simulated_trials import COURSES, PAPERS, paper_of, simulated_trial

from kmrepro.models import ensemble
from kmrepro.reconstruct import ReconstructionRefused

KINDS = [kind for kind, paper in PAPERS.items() if not paper.reading]


def limits(trial: int, *, seeds: int, n_draws: int) -> np.ndarray | None:
    """Return the logs of the limits of one report, shape (seeds, 2); None if it is refused."""
    endpoint = paper_of(simulated_trial(trial), KINDS[trial // len(COURSES) % len(KINDS)])
    try:
        found = [ensemble(endpoint, n_draws=n_draws, seed=seed).interval() for seed in range(seeds)]
    except ReconstructionRefused:
        return None
    with np.errstate(divide="ignore"):
        return np.log(found)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--first", type=int, default=8_000_000, help="seed of the first trial")
    parser.add_argument("--seeds", type=int, default=8, help="of the draws of each report")
    parser.add_argument("--draws", type=int, default=1000, help="of each ensemble")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    one = partial(limits, seeds=given.seeds, n_draws=given.draws)
    with ProcessPoolExecutor(given.processes) as pool:
        made = list(pool.map(one, range(given.first, given.first + given.trials)))
    finite = [each for each in made if each is not None and np.isfinite(each).all()]
    refused = sum(each is None for each in made)
    print(f"{len(finite)} of {given.trials} trials; {refused} refused")
    width = np.array([np.diff(each).mean() for each in finite])
    for name, place in (("lower", 0), ("upper", 1)):
        spread = np.array([each[:, place].std() for each in finite])
        for what, values in (("log", spread), ("share of the width", spread / width)):
            shown = np.quantile(values, [0.5, 0.95, 1.0])
            print(
                f"{name} limit, SD over seeds, {what:18s} "
                "median {:.3f}  95th percentile {:.3f}  worst {:.3f}".format(*shown)
            )


if __name__ == "__main__":
    main()
