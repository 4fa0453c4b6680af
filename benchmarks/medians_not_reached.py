"""How often the reproduction interval covers the ratio where an arm's median is not reached.

    python benchmarks/medians_not_reached.py --first 41000000 --trials 80
    python benchmarks/medians_not_reached.py --first 42000000 --trials 120 --landmark

Trials are simulated, and of each are reported the numbers of patients and the medians with their
intervals, one of which is "not reached"; trials of which both medians are reached, or neither, are
passed over. With `--landmark` survival at one time is reported, too. Where the interval of the
median has no lower limit either, nothing says where the curve is, and the report is refused.
Printed is how many reports are refused, and in how many of the others the 95% interval holds the
hazard ratio of the data themselves.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator

import numpy as np
from simulated_curves import StepCurve
from simulated_trials import SimulatedTrial, simulated_trial

from kmrepro import study
from kmrepro.models import ensemble
from kmrepro.reconstruct import ReconstructionRefused
from kmrepro.studies import Endpoint


def printed(time: float | None) -> str:
    """Return a median, or a limit of one, as papers print it."""
    return "NR" if time is None else f"{time:.1f}"


def report_of(trial: SimulatedTrial, *, landmark: bool) -> Endpoint | None:
    """Return what is reported of a trial; None if not exactly one median is reached."""
    curves = [StepCurve.of(*arm) for arm in zip(trial.time, trial.event, strict=True)]
    arms = {}
    for name, curve in zip("AB", curves, strict=True):
        median, *limits = (
            printed(curve.first_at_half(each)) for each in (curve.survival, *curve.band("log-log"))
        )
        arms[name] = {"n": curve.n, "median": median}
        if limits[0] != "0.0":  # no patients who left at once
            arms[name]["median_ci"] = limits
        if landmark:
            at = round(0.4 * float(curve.followed.max()), 1)
            arms[name]["landmarks"] = {at: f"{curve.at(at)[0]:.0%}"}
    if [arm["median"] for arm in arms.values()].count("NR") != 1:
        return None
    made = {"name": "OS", "reference": "A", "arms": arms}
    return study(id="simulated", endpoints=[made]).endpoints[0]


def reports(first: int, *, landmark: bool) -> Iterator[tuple[SimulatedTrial, Endpoint]]:
    """Yield the trials that are reported, and their reports."""
    for trial in map(simulated_trial, itertools.count(first)):
        if (report := report_of(trial, landmark=landmark)) is not None:
            yield trial, report


def main() -> None:
    """Draw from every report and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=41_000_000, help="seed of the first trial")
    parser.add_argument("--trials", type=int, default=80, help="reports")
    parser.add_argument("--landmark", action="store_true", help="also report survival at one time")
    parser.add_argument("--draws", type=int, default=200, help="data sets of each report")
    given = parser.parse_args()
    held, widths = [], []
    made = reports(given.first, landmark=given.landmark)
    for trial, report in itertools.islice(made, given.trials):
        try:
            low, high = ensemble(report, n_draws=given.draws, seed=trial.seed).interval()
        except ReconstructionRefused:
            continue
        held.append(low <= np.exp(trial.log_hazard_ratio) <= high)
        with np.errstate(divide="ignore"):
            widths.append((np.log(high) - np.log(low)) / trial.se)
    print(f"{given.trials - len(held)} of {given.trials} reports are refused")
    print(
        f"the 95% interval holds the ratio in {sum(held)} of {len(held)}; "
        f"its median width is {np.median(widths):.1f} standard errors"
    )


if __name__ == "__main__":
    main()
