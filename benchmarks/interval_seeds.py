"""How much reproduced ratios and the limits of intervals differ from one random seed to another.

    python benchmarks/interval_seeds.py
    python benchmarks/interval_seeds.py --of ratios --first 12000000 --scenarios 256
    python benchmarks/interval_seeds.py --trials 120 --first 8000000 --seeds 8 --draws 1000

Simulated trials are reported with numbers as papers do, and every report is drawn from with several
seeds. Printed is the standard deviation of the logs of both limits over the seeds, by itself and as
a share of the interval's mean width: median, 95th percentile and worst of the trials.

The reconstruction has no seed to choose: it follows the mean of scenarios of a fixed one. `--of
ratios` takes others, and prints the standard deviation of the log of the reproduced hazard ratio
over them and its root mean square distance from the trial's own, both in standard errors.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from simulated_trials import COURSES, PAPERS, paper_of, simulated_trial

from kmrepro.models import NotEstimable, cox, ensemble
from kmrepro.reconstruct import ReconstructionRefused, calibration, reconstruct

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


def ratios(trial: int, *, seeds: int, scenarios: int | None) -> tuple[float, float] | None:
    """Return the scatter and the error of the ratio of one report; None if it is refused."""
    simulated = simulated_trial(trial)
    kind = KINDS[trial // len(COURSES) % len(KINDS)]
    if scenarios is not None:
        calibration.SCENARIOS = (scenarios,)
    found = []
    for seed in range(1, seeds + 1):
        calibration.SEED = seed
        try:  # what is reconstructed is remembered, so that the report is made anew
            fit = cox(reconstruct(paper_of(simulated, kind)))
        except (ReconstructionRefused, NotEstimable):
            return None
        found.append((fit.log_hazard_ratio, fit.se))
    log_ratio, se = np.transpose(found)
    error = (log_ratio - simulated.log_hazard_ratio) / se
    return float(log_ratio.std(ddof=1) / se.mean()), float(np.sqrt(np.mean(error**2)))


def print_ratios(given: argparse.Namespace) -> None:
    """Print the table of reproduced ratios."""
    one = partial(ratios, seeds=given.seeds, scenarios=given.scenarios)
    with ProcessPoolExecutor(given.processes) as pool:
        made = list(pool.map(one, range(given.first, given.first + given.trials)))
    scatter, error = np.transpose([each for each in made if each is not None])
    print(f"{scatter.size} of {given.trials} trials")
    print(
        "reproduced log ratio, SD over seeds, in standard errors  "
        "median {:.3f}  95th percentile {:.3f}  worst {:.3f}".format(
            *np.quantile(scatter, [0.5, 0.95, 1.0])
        )
    )
    print(f"its distance from the trial's own, root mean square  {np.sqrt(np.mean(error**2)):.3f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--of", choices=("limits", "ratios"), default="limits")
    parser.add_argument("--scenarios", type=int, help="of reproduced ratios, instead of enough")
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--first", type=int, default=8_000_000, help="seed of the first trial")
    parser.add_argument("--seeds", type=int, default=8, help="of the draws of each report")
    parser.add_argument("--draws", type=int, default=1000, help="of each ensemble")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    if given.of == "ratios":
        print_ratios(given)
        return
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
