"""How many reports have the same hazard ratios on a processor with other vector instructions.

    python benchmarks/processors.py
    python benchmarks/processors.py --first 84600100 --trials 408

numpy chooses its kernels by what the processor can do, and exponentials differ in the last bit
between them. Trials are simulated, reported as papers do, reconstructed and drawn from, once with
all instructions of this processor and once without those that numpy may leave out, in a process of
its own. Counted are the reports whose ratios are the same to nine digits: that of the patients and
that of every draw. On a processor without such instructions nothing is left out, and it says so.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys

import numpy as np
from calibration import KINDS
from simulated_papers import paper_of
from simulated_trials import simulated_trial

from kmrepro.models import ensemble
from kmrepro.reconstruct import ReconstructionRefused

LEFT_OUT = "NPY_DISABLE_CPU_FEATURES"  # numpy reads it as it is imported
DIGITS = 9


def ratios(seeds: range, *, n_draws: int) -> dict[str, list[str]]:
    """Return the hazard ratios of patients and draws of each report that is not refused.

    Parameters
    ----------
    seeds : range
        Of the trials; each is reported in the way whose turn it is.
    n_draws : int
        Of each ensemble.

    Returns
    -------
    dict of str to list of str
        To nine digits: that of the patients, then those of the draws.
    """
    kinds = KINDS["all"]
    found = {}
    for seed in seeds:
        kind = kinds[seed % len(kinds)]
        try:
            draws = ensemble(paper_of(simulated_trial(seed), kind), n_draws=n_draws, seed=seed)
        except ReconstructionRefused:
            continue
        own = draws.reconstruction.get("hazard_ratio", float("nan"))
        values = [own, *np.exp(draws.log_hazard_ratio)]
        found[f"{seed} {kind}"] = [f"{value:.{DIGITS}g}" for value in values]
    return found


def optional_instructions() -> list[str]:
    """Return what numpy uses of this processor and may be told to leave out."""
    return list(np.show_config(mode="dicts")["SIMD Extensions"].get("found", ()))


def elsewhere(options: argparse.Namespace, left_out: list[str]) -> dict[str, list[str]]:
    """Return what `ratios` finds in a process without some instructions."""
    command = [sys.executable, __file__, "--child"]
    command += [f"--{name}={getattr(options, name)}" for name in ("trials", "first", "draws")]
    environment = os.environ | {LEFT_OUT: " ".join(left_out)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return pickle.loads(done.stdout)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=102, help="simulated trials")
    parser.add_argument("--first", type=int, default=84_600_100, help="seed of the first")
    parser.add_argument("--draws", type=int, default=60, help="of each ensemble")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    left_out = optional_instructions()
    if not left_out and not options.child:
        print("numpy uses nothing of this processor that it may leave out: nothing is compared.")
        return
    seeds = range(options.first, options.first + options.trials)
    here = ratios(seeds, n_draws=options.draws)
    if options.child:
        sys.stdout.buffer.write(pickle.dumps(here))
        return
    there = elsewhere(options, left_out)
    print(f"without {', '.join(left_out)}:")
    same = [name for name, values in here.items() if there.get(name) == values]
    print(f"{len(same)} of {len(here | there)} reports have the same ratios to {DIGITS} digits;")
    print(f"{options.trials - len(here | there)} of {options.trials} trials are refused on both")
    for name in sorted((here | there).keys() - set(same)):
        pair = [found.get(name, ["refused"])[0] for found in (here, there)]
        print(f"  {name}: ratio of the patients {pair[0]} and {pair[1]}")


if __name__ == "__main__":
    main()
