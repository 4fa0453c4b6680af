"""How much reproduced ratios and the limits of intervals differ from one random seed to another.

    python benchmarks/interval_seeds.py
    python benchmarks/interval_seeds.py --of ratios --first 12000000 --scenarios 256
    python benchmarks/interval_seeds.py --trials 120 --first 8000000 --seeds 8 --draws 1000

Simulated trials are reported with numbers as papers do, and every report is drawn from with several
seeds. Printed is the standard deviation of the logs of both limits over the seeds, by itself and as
a share of the interval's mean width: median, 95th percentile and worst of the trials; and, by the
effective number of scenarios that the draws follow, how often intervals hold the trial's own ratio.

The reconstruction has no seed to choose: it follows the mean of scenarios of a fixed one. `--of
ratios` takes others, and prints the standard deviation of the log of the reproduced hazard ratio
over them and its root mean square distance from the trial's own, both in standard errors.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from simulated_trials import COURSES, PAPERS, paper_of, simulated_trial

from kmrepro.models import NotEstimable, cox, ensemble
from kmrepro.reconstruct import ReconstructionRefused, calibration, reconstruct

KINDS = [kind for kind, paper in PAPERS.items() if not paper.reading]
FEW = (0, 10, 25, 100, 300, np.inf)  # effective scenarios


@dataclass(frozen=True, kw_only=True, eq=False)
class Intervals:
    """Intervals of one report with several seeds.

    Attributes
    ----------
    limits : ndarray of float, shape (seeds, 2)
        Logs of their ends.
    effective : float
        Median of the effective scenarios.
    truth : float
        The trial's own log hazard ratio.
    """

    limits: np.ndarray
    effective: float
    truth: float

    @property
    def width(self) -> float:
        """Their mean width."""
        return float(np.diff(self.limits).mean())

    @property
    def has_width(self) -> bool:
        """Whether every limit is finite, and some interval is more than a point."""
        return bool(np.isfinite(self.limits).all() and self.width > 0)

    @property
    def held(self) -> float:
        """The share of them that hold the trial's own."""
        return float(np.mean((self.limits[:, 0] <= self.truth) & (self.truth <= self.limits[:, 1])))


def intervals(trial: int, *, seeds: int, n_draws: int) -> Intervals | None:
    """Return the intervals of one report; None if it is refused."""
    simulated = simulated_trial(trial)
    endpoint = paper_of(simulated, KINDS[trial // len(COURSES) % len(KINDS)])
    try:
        found = [ensemble(endpoint, n_draws=n_draws, seed=seed) for seed in range(seeds)]
    except ReconstructionRefused:
        return None
    with np.errstate(divide="ignore"):
        limits = np.log([draws.interval() for draws in found])
    effective = float(np.median([draws.effective_scenarios for draws in found]))
    return Intervals(limits=limits, effective=effective, truth=simulated.log_hazard_ratio)


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


def print_by_scenarios(made: Sequence[Intervals]) -> None:
    """Print how often intervals hold the trial's own ratio, by effective scenarios."""
    print("effective scenarios   reports   SD of a limit / width, median   hold the trial's own")
    for least, most in pairwise(FEW):
        some = [each for each in made if least <= each.effective < most]
        if not some:
            continue
        scatter = [each.limits.std(axis=0).max() / each.width for each in some if each.has_width]
        held = np.mean([each.held for each in some])
        middle = np.median(scatter)
        print(f"{least:6.0f} to {most:6.0f} {len(some):12d} {middle:31.3f} {held:21.1%}")


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
    one = partial(intervals, seeds=given.seeds, n_draws=given.draws)
    with ProcessPoolExecutor(given.processes) as pool:
        tried = list(pool.map(one, range(given.first, given.first + given.trials)))
    made = [each for each in tried if each is not None]
    finite = [each for each in made if each.has_width]
    print(f"{len(finite)} of {given.trials} trials; {len(tried) - len(made)} refused")
    width = np.array([each.width for each in finite])
    for name, place in (("lower", 0), ("upper", 1)):
        spread = np.array([each.limits[:, place].std() for each in finite])
        for what, values in (("log", spread), ("share of the width", spread / width)):
            shown = np.quantile(values, [0.5, 0.95, 1.0])
            print(
                f"{name} limit, SD over seeds, {what:18s} "
                "median {:.3f}  95th percentile {:.3f}  worst {:.3f}".format(*shown)
            )
    print_by_scenarios(made)


if __name__ == "__main__":
    main()
