"""How often the reproduction interval covers the hazard ratio of the data themselves.

    python benchmarks/calibration.py
    python benchmarks/calibration.py --of curves --first 2600000 --trials 192 --draws 200
    python benchmarks/calibration.py --of curves --cut --first 16000000 --trials 192 --draws 200
    python benchmarks/calibration.py --of numbers --second
    python benchmarks/calibration.py --of numbers --subsampled
    python benchmarks/calibration.py --corpus FOLDER

Trials are simulated, reported as papers do, and an ensemble is drawn from each paper. A 95%
interval should cover the hazard ratio of 95% of the trials and a 50% interval that of half of them,
overall and in every kind of paper, of course and of size. z is the true log hazard ratio less the
mean of the draws, over their standard deviation: its root mean square should be 1. Beside it are
the widths of 95% intervals, how far outside of them the farthest hazard ratio is, and how far off
the reconstruction is, all in standard errors of the data's log hazard ratio; and how many intervals
had to be widened to hold the reconstruction. How many true reports are called discrepant, and how
many that are false by a quarter, half and all of a standard error, comes last. Whatever was
chosen was chosen on simulated trials of other seeds; with `--corpus` the same is shown of a corpus
of real trials, on which nothing was chosen, and with `--subsampled` of trials subsampled from it.
"""

from __future__ import annotations

import json
import math
import sys
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from corpus import BESIDE_THE_PROJECT, Trial, corpus_argument, endpoint_of, read_trials
from second_trials import SECOND_COURSES, second_trial
from simulated_trials import COURSES, PAPERS, SimulatedTrial, paper_of, simulated_trial, stratum_of
from subsampled_trials import subsampled_trial

from kmrepro.models import Ensemble, ensemble
from kmrepro.models._inference import NotEstimable
from kmrepro.models.attainable import attainable_hazard_ratio
from kmrepro.models.verdict import is_close
from kmrepro.reconstruct import ReconstructionRefused
from kmrepro.studies import Endpoint

INPUTS = {
    "n, four landmarks, events, longest follow-up": "base",
    "the same, at-risk counts and medians": "more",
    "n, four landmarks, longest follow-up": "less",
}
CURVES = [kind for kind, paper in PAPERS.items() if paper.reading]
KINDS = {
    "all": list(PAPERS),
    "numbers": [kind for kind in PAPERS if kind not in CURVES],
    "curves": CURVES,
}
FALSE = (0.25, 0.5, 1.0)  # how far false reports are from the truth, in standard errors
SAID = 12  # trials after which progress is said
LEAST = 100  # trials of which a stratum is shown by itself
Outcome = dict[str, float | str]


class Simulator(NamedTuple):
    """Makes trials of seeds; so many in turn have different courses."""

    trial: Callable[[int], SimulatedTrial]
    courses: int


FIRST = Simulator(simulated_trial, len(COURSES))
SECOND = Simulator(second_trial, len(SECOND_COURSES))


def printed(trial: Trial, kind: str) -> Endpoint:
    """Print a trial of the corpus with what one kind of input has."""
    endpoint = endpoint_of(trial, more=kind == "more")
    if kind != "less":
        return endpoint
    arms = {name: arm.model_copy(update={"events": None}) for name, arm in endpoint.arms.items()}
    return endpoint.model_copy(update={"arms": arms})


def outcome(endpoint: Endpoint, truth: tuple[float, float], *, n_draws: int, seed: int) -> Outcome:
    """Return whether the intervals cover the truth, z, and widths in its standard errors.

    Parameters
    ----------
    endpoint : Endpoint
    truth : tuple of float
        Log hazard ratio and standard error of the data.
    n_draws : int
        Of the ensemble.
    seed : int
        Of its draws. Each trial has one of its own: a seed whose scenarios are unusual is unusual
        for all trials.
    """
    log_ratio, se = truth
    started = time.perf_counter()
    try:
        draws = ensemble(endpoint, n_draws=n_draws, seed=seed)
    except ReconstructionRefused as refusal:
        return {"refused": str(refusal)}
    found: Outcome = {"seconds": time.perf_counter() - started}
    own = draws.reconstruction.get("hazard_ratio")
    for level in (0.95, 0.5):
        low, high = (math.log(end) if end > 0 else -math.inf for end in draws.interval(level))
        found[f"covered {level:.0%}"] = float(low - 1e-9 <= log_ratio <= high + 1e-9)
        found[f"width {level:.0%}"] = (high - low) / se
        if level == 0.95:
            found["outside"] = max(low - log_ratio, log_ratio - high, 0.0) / se
    found["widened"] = float(draws.interval() != draws.interval_of_draws())
    found |= _of_report(endpoint, draws, log_ratio)
    for far in FALSE:
        false = (_is_discrepant(draws, log_ratio + side * far * se) for side in (-1, 1))
        found[f"false by {far:g}"] = float(np.mean(list(false)))
    drawn = draws.log_hazard_ratio[np.isfinite(draws.log_hazard_ratio)]
    if drawn.size > 1 and drawn.std() > 0:
        found["z"] = float((log_ratio - drawn.mean()) / drawn.std())
    if own is not None:
        found["error"] = abs(math.log(own) - log_ratio) / se
    return found


def _outcome_of(given: tuple[Endpoint, tuple[float, float], int], *, n_draws: int) -> Outcome:
    endpoint, truth, seed = given
    return outcome(endpoint, truth, n_draws=n_draws, seed=seed)


def _is_discrepant(draws: Ensemble, log_ratio: float) -> bool:
    """Say whether a hazard ratio, reported to two decimals, is discrepant."""
    low, high = draws.interval()
    printed = round(math.exp(log_ratio), 2)
    return not (low - 0.005 <= printed <= high + 0.005 or is_close(draws, printed))


def _of_report(endpoint: Endpoint, draws: Ensemble, log_ratio: float) -> Outcome:
    """Return whether the true hazard ratio, to two decimals, is discrepant or even impossible."""
    printed, discrepant = round(math.exp(log_ratio), 2), _is_discrepant(draws, log_ratio)
    found: Outcome = {"discrepant": float(discrepant), "impossible": 0.0}
    if discrepant:
        try:
            bounds = attainable_hazard_ratio(endpoint)
        except (ReconstructionRefused, NotEstimable):
            return found
        outside = not bounds.lower - 0.005 <= printed <= bounds.upper + 0.005
        found["impossible"] = float(outside)
    return found


def simulated(
    seed: int, *, n_draws: int, only: Sequence[str], simulator: Simulator, cut: bool = False
) -> Outcome:
    """Return what becomes of one simulated trial, reported by one kind of paper."""
    kinds = list(only) or list(PAPERS)
    kind = kinds[seed // simulator.courses % len(kinds)]
    trial = simulator.trial(seed)
    about: Outcome = {
        "seed": float(seed),
        "paper": kind,
        "course": trial.course,
        "size": stratum_of(trial),
        "ties": trial.ties,
    }
    truth = trial.log_hazard_ratio, trial.se
    return about | outcome(paper_of(trial, kind, cut=cut), truth, n_draws=n_draws, seed=seed)


def _told(found: Iterable[Outcome], wanted: int) -> Iterator[Outcome]:
    """Yield what is found, and say now and then how much of it there is."""
    for done, each in enumerate(found, start=1):
        if done % SAID == 0:
            print(f"{done} of {wanted}", file=sys.stderr, flush=True)
        yield each


def figures(found: Sequence[Outcome]) -> dict[str, float]:
    """Summarise outcomes: shares covered, root mean square of z, widths and errors."""
    done = [each for each in found if "refused" not in each]
    if not done:
        return {"trials": 0.0, "refused": float(len(found))}
    column = {
        name: np.array([float(each[name]) for each in done if name in each])
        for name in (
            "covered 95%",
            "covered 50%",
            "z",
            "width 95%",
            "error",
            "widened",
            "outside",
            "discrepant",
            "impossible",
            "seconds",
            *(f"false by {far:g}" for far in FALSE),
        )
    }
    z = np.clip(column["z"], -10, 10)
    return {
        "trials": float(len(done)),
        "refused": float(len(found) - len(done)),
        "covered 95%": float(column["covered 95%"].mean()),
        "covered 50%": float(column["covered 50%"].mean()),
        "rms z": float(np.sqrt(np.mean(z**2))) if z.size else math.nan,
        "mean z": float(z.mean()) if z.size else math.nan,
        "width 95%": float(np.median(column["width 95%"])),
        "error": _or_nan(np.median, column["error"]),
        "error, 95th": _or_nan(partial(np.quantile, q=0.95), column["error"]),
        "widened": float(column["widened"].mean()),
        "farthest outside": float(column["outside"].max()),
        "discrepant": float(column["discrepant"].mean()),
        **{f"false by {far:g}": float(column[f"false by {far:g}"].mean()) for far in FALSE},
        "impossible": float(column["impossible"].mean()),
        "seconds": float(np.median(column["seconds"])),
    }


def _or_nan(summary: Callable[[np.ndarray], object], values: np.ndarray) -> float:
    return float(summary(values)) if values.size else math.nan  # type: ignore[arg-type]


HEADER = (
    f"{'':38s}{'trials':>7s}{'95%':>8s}{'50%':>8s}{'rms z':>7s}{'mean z':>8s}{'width/SE':>9s}"
    f"{'out/SE':>8s}{'err/SE':>8s}{'95th':>7s}{'widened':>9s}"
    f"{'imposs.':>8s}{'s':>6s}{'true':>8s}" + "".join(f"{far:>6g} SE" for far in FALSE)
)


def line(label: str, made: dict[str, float]) -> str:
    """Return one row of the table."""
    if not made["trials"]:
        return f"{label:38s}{'refused':>7s}"
    return (
        f"{label:38s}{made['trials']:7.0f}{made['covered 95%']:8.1%}{made['covered 50%']:8.1%}"
        f"{made['rms z']:7.2f}{made['mean z']:8.2f}{made['width 95%']:9.2f}"
        f"{made['farthest outside']:8.3f}{made['error']:8.3f}{made['error, 95th']:7.2f}"
        f"{made['widened']:9.1%}"
        f"{made['impossible']:8.1%}{made['seconds']:6.2f}{made['discrepant']:8.1%}"
        + "".join(f"{made[f'false by {far:g}']:9.1%}" for far in FALSE)
    )


def by(found: Iterable[Outcome], *names: str) -> dict[str, list[Outcome]]:
    """Group outcomes by some of what they are about."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in found:
        groups[" · ".join(str(each[name]) for name in names)].append(each)
    return dict(groups)


def table(found: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Print and return the figures of all trials and by what they are, the worst first."""
    print(HEADER)
    made = {"all": figures(found)}
    print(line("all", made["all"]), flush=True)
    for names in (("paper",), ("size",), ("course",), ("ties",), ("paper", "size")):
        groups = {label: figures(own) for label, own in by(found, *names).items()}
        print(f"\nby {' and '.join(names)}")
        for label, own in sorted(groups.items(), key=lambda group: group[1].get("covered 95%", 0)):
            if own["trials"] >= LEAST or len(names) == 1:
                print(line(label, own), flush=True)
        made |= groups
    return made


def of_corpus(folder: Path, *, n_draws: int, every: int, processes: int) -> dict[str, object]:
    """Print and return the figures of the corpus, by kind of input."""
    trials = read_trials(folder)[::every]
    made: dict[str, object] = {}
    print(HEADER)
    for title, kind in INPUTS.items():
        endpoints = [printed(trial, kind) for trial in trials]
        truths = [(trial.log_hazard_ratio, trial.se) for trial in trials]
        with ProcessPoolExecutor(processes) as pool:
            work = partial(_outcome_of, n_draws=n_draws)
            given = zip(endpoints, truths, range(len(trials)), strict=True)
            found = list(pool.map(work, given, chunksize=4))
        made[kind] = figures(found)
        print(line(title[:38], figures(found)), flush=True)
        large = [
            each
            for each, trial in zip(found, trials, strict=True)
            if min(arm["n"] for arm in trial.arms) >= 150
        ]
        print(line("  smaller arm at least 150", figures(large)), flush=True)
    return made


def _simulator(options: Namespace) -> Simulator:
    if options.subsampled:
        folder = options.corpus or BESIDE_THE_PROJECT
        return Simulator(partial(subsampled_trial, folder=folder), 1)
    return SECOND if options.second else FIRST


def main() -> None:
    """Run the benchmark."""
    parser = corpus_argument(__doc__)
    parser.set_defaults(corpus=None)
    parser.add_argument("--trials", type=int, default=480, help="simulated trials")
    parser.add_argument("--first", type=int, default=100_000, help="seed of the first")
    parser.add_argument("--draws", type=int, default=400, help="of each ensemble")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th of the corpus")
    parser.add_argument("--only", action="append", choices=list(PAPERS), default=[], help="papers")
    parser.add_argument("--of", choices=list(KINDS), default="all", help="which kinds of paper")
    others = parser.add_mutually_exclusive_group()
    others.add_argument("--second", action="store_true", help="trials of the second simulator")
    others.add_argument(
        "--subsampled", action="store_true", help="trials subsampled from the corpus"
    )
    parser.add_argument("--cut", action="store_true", help="axes that end before the last patient")
    parser.add_argument("--processes", type=int, default=2, help="at a time")
    options = parser.parse_args()
    started = time.perf_counter()
    made: object
    if options.corpus is not None and not options.subsampled:
        made = of_corpus(
            options.corpus,
            n_draws=options.draws,
            every=options.every,
            processes=options.processes,
        )
    else:
        seeds = range(options.first, options.first + options.trials)
        only = options.only or KINDS[options.of]
        how = {"simulator": _simulator(options), "cut": options.cut}
        work = partial(simulated, n_draws=options.draws, only=only, **how)
        with ProcessPoolExecutor(options.processes) as pool:
            found = list(_told(pool.map(work, seeds, chunksize=4), len(seeds)))
        made = {"figures": table(found), "trials": found}
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(made, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
