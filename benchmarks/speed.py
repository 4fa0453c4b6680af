"""How long the main steps take, beside a lifelines Cox fit timed in the same run.

Batched analyses are timed per draw, beside lifelines' Cox fit and log-rank test of one data set of
the same size and beside numpy's sort of the times of the same draws. Ensembles are timed as a
whole, in seconds of the processor, which other work on the machine takes none of, with the memory
that they take.

python benchmarks/speed.py
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

import kmrepro as km
from kmrepro.exploring import view
from kmrepro.knobs import knobs_of
from kmrepro.models import (
    BatchedCox,
    BatchedLogrank,
    BatchedRmst,
    RiskSets,
)
from kmrepro.reconstruct import PseudoIPD
from kmrepro.studies import Endpoint, Study, digitised_curve

REPEATS = 15
DRAWS = 4000
ENSEMBLES = (10_000, 100_000)  # draws


def seconds(step: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a step, after one run that is not counted."""
    step()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        step()
        taken.append(time.perf_counter() - started)
    return median(taken)


def lifelines_fit(ipd: PseudoIPD) -> Callable[[], object]:
    """Return the yardstick: lifelines' Cox fit of the same patients."""
    frame = ipd.to_frame().assign(arm=lambda table: (table["arm"] != ipd.reference).astype(int))
    return lambda: CoxPHFitter().fit(frame, duration_col="time", event_col="event")


def lifelines_test(ipd: PseudoIPD) -> Callable[[], object]:
    """Return lifelines' log-rank test of the same patients."""
    arms = [ipd.of(arm) for arm in ipd.arms]
    return lambda: logrank_test(
        durations_A=arms[0][0].copy(),
        durations_B=arms[1][0].copy(),
        event_observed_A=arms[0][1].copy(),
        event_observed_B=arms[1][1].copy(),
    )


def batched(ipd: PseudoIPD) -> dict[str, float]:
    """Return seconds per draw of the batched analyses of `DRAWS` variations of the patients."""
    rng = np.random.default_rng(0)
    time = ipd.time * np.exp(rng.normal(0, 0.1, (DRAWS, ipd.time.size)))
    event = np.tile(ipd.event, (DRAWS, 1))
    treated = ipd.arm != ipd.reference
    sets = RiskSets.of(time, event, treated)

    def cox_and_logrank() -> None:
        shared = RiskSets.of(time, event, treated)
        BatchedCox.of(shared).p_wald  # noqa: B018 - computed when asked for
        BatchedLogrank.of(shared).p  # noqa: B018

    steps: dict[str, Callable[[], object]] = {
        "numpy sort of the times": lambda: np.sort(time, axis=1),
        "batched Cox and log-rank": cox_and_logrank,
        "of which risk sets": lambda: RiskSets.of(time, event, treated),
        "batched restricted means, risk sets given": lambda: BatchedRmst.of(sets, tau=60),
    }
    return {name: seconds(step) / DRAWS for name, step in steps.items()}


def print_batched(ipd: PseudoIPD) -> dict[str, float]:
    """Print and return the figures of the batched analyses, all per data set."""
    one_by_one = seconds(lifelines_fit(ipd)) + seconds(lifelines_test(ipd))
    figures = {"lifelines Cox fit and log-rank": one_by_one, **batched(ipd)}
    sort = figures["numpy sort of the times"]
    print(f"\n{'per data set of ' + str(ipd.time.size) + ' patients':44s}{'median':>12s}", end="")
    print(f"{'times the sort':>16s}{'times faster than lifelines':>29s}")
    for name, taken in figures.items():
        print(f"{name:44s}{1e6 * taken:9.1f} µs{taken / sort:16.1f}{one_by_one / taken:29,.0f}")
    return figures


def digitised(n: int, points: int) -> Endpoint:
    """Return one arm read as a curve: `points` steps to three decimals and 8 at-risk rows."""
    rng = np.random.default_rng(0)
    failure, leaving = rng.exponential(30, n), rng.uniform(5, 60, n)
    time, event = np.minimum(failure, leaving), failure <= leaving
    order = np.argsort(time)
    factors = np.where(event[order], 1.0 - 1.0 / (n - np.arange(n)), 1.0)
    drops = np.flatnonzero(event[order])
    drops = drops[np.linspace(0, drops.size - 1, min(points, drops.size)).astype(int)]
    rows = np.linspace(0, 42, 8)
    curve = digitised_curve(time[order][drops], np.cumprod(factors)[drops].round(3), kind="steps")
    arm = {"n": n, "curve": curve, "at_risk": {float(t): int((time >= t).sum()) for t in rows}}
    study = Study.model_validate({"id": "curve", "endpoint": [{"name": "OS", "arms": {"A": arm}}]})
    return study.endpoints[0]


def moved_landmark(endpoint: Endpoint) -> float:
    """Return how long everything below the sliders takes to follow a printed survival."""
    knob = next(knob for knob in knobs_of(endpoint, None) if knob.time == 60)
    values = itertools.count()

    def move() -> str:
        step = next(values) % 40  # another value each time, so that nothing is remembered
        return view(endpoint, {knob: knob.value + knob.step * (step - 20)})._repr_html_()

    return seconds(move, repeats=31)


_ENSEMBLE = """
import resource, sys, time
import kmrepro as km
endpoint = km.load_study("an2025").endpoint("psm", "OS")
km.ensemble(endpoint, n_draws=1)
started = time.process_time()
km.ensemble(endpoint, n_draws=int(sys.argv[1]))
print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def print_ensembles() -> dict[str, float]:
    """Print and return seconds and peak memory of ensembles, each in a process of its own."""
    print(f"\n{'an2025 psm/OS, reconstruction and analyses':44s}{'seconds':>12s}", end="")
    print(f"{'GiB at the peak':>18s}{'times the seconds of 10,000':>29s}")
    figures: dict[str, float] = {}
    for n_draws in ENSEMBLES:
        command = [sys.executable, "-c", _ENSEMBLE, str(n_draws)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        taken, peak = map(float, done.stdout.split())
        name = f"ensemble of {n_draws:,} draws"
        figures |= {name: taken, f"{name}, GiB": peak}
        first = figures[f"ensemble of {ENSEMBLES[0]:,} draws"]
        print(f"{name:44s}{taken:12.2f}{peak:18.2f}{taken / first:29.1f}", flush=True)
    return figures


def main_job() -> float:
    """Return how long `kmrepro reproduce an2025` takes, figures and report included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kmrepro", "reproduce", "an2025"]
        command += ["--out", str(Path(folder) / "results")]
        return seconds(lambda: subprocess.run(command, check=True, capture_output=True), repeats=3)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    study = km.load_study("an2025")
    endpoint: Endpoint = study.endpoint("psm", "OS")
    ipd = km.reconstruct(endpoint)
    yardstick = seconds(lifelines_fit(ipd))
    curve, large = digitised(400, 200), digitised(10_000, 2000)
    figures = {
        "lifelines Cox fit, 370 patients": yardstick,
        "reconstruct a curve of 200 steps": seconds(lambda: km.reconstruct(curve), repeats=31),
        "the same, 10,000 patients, 2,000 steps": seconds(lambda: km.reconstruct(large), repeats=5),
        "reconstruct an2025 psm/OS, 370 patients": seconds(lambda: km.reconstruct(endpoint)),
        "analyse an2025 psm/OS": seconds(lambda: km.analyse(endpoint, ipd)),
        "explore an2025 psm/OS: a landmark moved": moved_landmark(endpoint),
        "audit an2025": seconds(lambda: km.audit(study)),
        "kmrepro reproduce an2025, whole command": main_job(),
    }
    print(f"{'':44s}{'median':>12s}{'ratio to lifelines':>20s}")
    for name, taken in figures.items():
        print(f"{name:44s}{1000 * taken:9.1f} ms{taken / yardstick:20.2f}")
    figures |= print_batched(ipd)
    figures |= print_ensembles()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
