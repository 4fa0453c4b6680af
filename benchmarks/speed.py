"""How long the main steps take, in lifelines Cox fits of 370 patients timed in the same run.

Seconds depend on the machine and on what else it does; the ratio to a fit, timed before and after
each step, depends less on either. Whole commands are timed in processes of their own, in seconds of
the processor, those of processes that help them included; how long a user waits is below.

python benchmarks/speed.py                 the table of steps and commands
python benchmarks/speed.py --only growth   cost against patients, draws and the like
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
from lifelines import CoxPHFitter

import kmrepro as km
from kmrepro.explorer import view
from kmrepro.knobs import knobs_of
from kmrepro.models import BatchedCox, BatchedLogrank, BatchedRmst, RiskSets
from kmrepro.studies import Endpoint, Study, digitised_curve

REPEATS = 15
TRIALS = 60


def seconds(step: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a step on the processor, after one run that is not counted."""
    step()
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        step()
        taken.append(time.process_time() - started)
    return median(taken)


def yardstick() -> float:
    """Return the seconds of lifelines' Cox fit of the 370 patients of an2025 psm/OS."""
    ipd = km.reconstruct(km.load_study("an2025").endpoint("psm", "OS"))
    frame = ipd.to_frame().assign(arm=lambda table: (table["arm"] != ipd.reference).astype(int))
    return seconds(lambda: CoxPHFitter().fit(frame, duration_col="time", event_col="event"))


def command(
    *arguments: str,
    environment: dict[str, str] | None = None,
    elapsed: list[float] | None = None,
) -> float:
    """Return the seconds on the processor that a command takes, its children included.

    Modules are compiled to bytecode, as an installer leaves them. The seconds that pass meanwhile
    are added to `elapsed`.
    """
    started = {**os.environ, **(environment or {})}
    started.pop("PYTHONDONTWRITEBYTECODE", None)
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "kmrepro", *arguments],
        check=True, capture_output=True, env=started,
    )  # fmt: skip
    after = os.times()
    if elapsed is not None:
        elapsed.append(after.elapsed - before.elapsed)
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def curve_csv() -> str:
    """Return the heights of the curve of 200 patients at 60 months, to 4 decimals."""
    rng = np.random.default_rng(0)
    failure, leaving = rng.exponential(66, 200), rng.uniform(20, 80, 200)
    time, event = np.minimum(failure, leaving), failure <= leaving
    ipd = km.PseudoIPD(time=time, event=event, arm=["all"] * 200, arms=("all",))
    months = np.arange(1.0, 61.0)
    survival = km.kaplan_meier(ipd, arm="all").survival_at(months)
    rows = zip(months, survival, strict=True)
    return "time,survival\n" + "".join(f"{t:g},{height:.4f}\n" for t, height in rows)


def commands(folder: Path) -> dict[str, Callable[[], float]]:
    """Return how to time whole commands, from the shell; they write into a folder."""
    curve = folder / "curve.csv"
    curve.write_text(curve_csv(), encoding="utf-8")
    fresh = {"NUMBA_CACHE_DIR": str(folder)}
    command("reproduce", "an2025", "--out", str(folder / "first"))  # leaves bytecode
    command("reconstruct", str(curve), "--n", "200")
    reproduce = ("reproduce", "an2025")
    waited: list[float] = []
    return {
        "kmrepro --help": lambda: command("--help"),
        "kmrepro list": lambda: command("list"),
        "kmrepro show an2025": lambda: command("show", "an2025"),
        "kmrepro reproduce an2025 --draws 0": lambda: command(*reproduce, "--draws", "0"),
        "kmrepro reproduce an2025 --out DIR": lambda: command(
            *reproduce, "--out", str(folder / "results"), elapsed=waited
        ),
        "  elapsed": waited.pop,
        "kmrepro reconstruct CURVE, first on a machine": lambda: command(
            "reconstruct", str(curve), "--n", "200", environment=fresh
        ),
    }


def draws_of(cohort: str, name: str, n_draws: int) -> float:
    """Return the seconds of an ensemble of an2025."""
    endpoint = km.load_study("an2025").endpoint(cohort, name)
    km.ensemble(endpoint, n_draws=20)
    return seconds(lambda: km.ensemble(endpoint, n_draws=n_draws), repeats=1)


def least_of_draws(n_draws: int, *, n: int = 370, events: float = 0.25) -> float:
    """Return the seconds of what no way of drawing avoids: random times, a sort, the analyses."""
    rng = np.random.Generator(np.random.Philox(0))
    treated = np.arange(n) < n // 2

    def block() -> None:
        time = 1e-3 + 120 * rng.random((1_000, n))
        time.sort(axis=1)
        sets = RiskSets.of(time, rng.random(time.shape) < events, treated)
        BatchedCox.of(sets)
        BatchedLogrank.of(sets)
        BatchedRmst.of(sets, tau=60.0)

    return seconds(block) * n_draws / 1_000


def two_arms(seed: int, *, n: int = 0) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the name, the times and the events of two arms.

    Shape of the hazard, size, separation and censoring differ from seed to seed.
    """
    rng = np.random.default_rng(seed)
    size = n or int(rng.integers(40, 1500))
    shape, scale = rng.uniform(0.5, 2.0), rng.uniform(10, 60)
    for arm, ratio in (("A", 1.0), ("B", float(np.exp(rng.normal(0, 0.4))))):
        failure = scale * ratio * rng.weibull(shape, size)
        leaving = rng.uniform(rng.uniform(5, 30), 60, size)
        yield arm, np.minimum(failure, leaving), failure <= leaving


def survival_at(times: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the Kaplan-Meier estimate at given times."""
    order = np.argsort(times)
    factors = np.where(event[order], 1.0 - 1.0 / (times.size - np.arange(times.size)), 1.0)
    survival = np.concatenate([[1.0], np.cumprod(factors)])
    return survival[np.searchsorted(times[order], at, side="right")]


def compared(arms: dict[str, dict[str, object]]) -> Endpoint:
    """Return an endpoint of two arms."""
    study = {"id": "trial", "endpoint": [{"name": "OS", "reference": "A", "arms": arms}]}
    return Study.model_validate(study).endpoints[0]


def two_curves(seed: int, *, n: int = 0, points: int = 200, rows: int = 8) -> Endpoint:
    """Return a trial of two arms read at even times, with numbers at risk."""
    arms = {}
    for arm, times, event in two_arms(seed, n=n):
        at = np.linspace(0, times.max(), points)
        curve = digitised_curve(at, survival_at(times, event, at).round(3), kind="samples")
        table = np.linspace(0, 0.9 * times.max(), rows).round(2)
        at_risk = {float(t): int((times >= t).sum()) for t in table}
        arms[arm] = {"n": times.size, "curve": curve, "at_risk": at_risk}
    return compared(arms)


def two_rows_of_landmarks(seed: int) -> Endpoint:
    """Return a trial of two arms that reports five landmarks, of none to two decimals."""
    arms = {}
    for arm, times, event in two_arms(seed):
        at = np.linspace(0.15, 0.8, 5) * times.max()
        reported = (f"{100 * s:.{seed % 3}f}%" for s in survival_at(times, event, at.round(1)))
        landmarks = dict(zip((f"{t:.1f}" for t in at), reported, strict=True))
        arms[arm] = {"n": times.size, "landmarks": landmarks}
    return compared(arms)


def times_of(trial: Callable[[int], Endpoint]) -> np.ndarray:
    """Return the seconds of reconstructing both arms of many trials, shape (TRIALS,)."""
    km.reconstruct(trial(10_000))
    taken = []
    for seed in range(TRIALS):
        endpoint = trial(seed)
        started = time.process_time()
        km.reconstruct(endpoint)
        taken.append(time.process_time() - started)
    return np.array(taken)


def moved_landmark(endpoint: Endpoint) -> float:
    """Return how long everything below the sliders takes to follow a reported survival."""
    knob = next(knob for knob in knobs_of(endpoint, None) if knob.time == 60)
    values = itertools.count()

    def move() -> str:
        step = next(values) % 40  # another value each time, so that nothing is remembered
        return view(endpoint, {knob: knob.value + knob.step * (step - 20)})._repr_html_()

    return seconds(move)


def landmark_trial(n: int, landmarks: int = 4) -> Endpoint:
    """Return a trial of two arms that reports so many landmarks."""
    times = np.linspace(60 / landmarks, 60, landmarks).round(3)
    arms = {
        arm: {
            "n": n,
            "events": round(n * (1 - 0.9 * np.exp(-rate * 60))),
            "landmarks": {str(t): f"{100 * np.exp(-rate * t):.1f}%" for t in times},
        }
        for arm, rate in (("A", 0.012), ("B", 0.009))
    }
    return compared(arms)


def many_patients() -> float:
    """Return the seconds of a trial of 200,000 patients, from its numbers to its analysis."""
    return seconds(lambda: reconstruct_and_analyse(landmark_trial(100_000)), repeats=1)


def reconstruct_and_analyse(endpoint: Endpoint) -> object:
    """Go from an endpoint's numbers to its analysis."""
    return km.analyse(endpoint, km.reconstruct(endpoint))


STUDY = """
id = "trial-{number}"
[[endpoint]]
name = "OS"
reference = "A"
[endpoint.arms.A]
n = 100
landmarks = {{ 12 = "{first}%", 24 = "40%" }}
[endpoint.arms.B]
n = 100
landmarks = {{ 12 = "{second}%", 24 = "45%" }}
"""


def pooled(studies: int) -> object:
    """Read so many study files, reconstruct their patients and pool them."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(studies):
            first, second = rng.integers(55, 80, 2)
            text = STUDY.format(number=number, first=first, second=second)
            (Path(folder) / f"{number}.toml").write_text(text, encoding="utf-8")
        return km.pool(folder, n_draws=0)


def growth(fit: float, *, most: int = 10**6) -> dict[str, dict[int, float]]:
    """Print and return cost in fits against size, with the exponent between the last two.

    Sizes over `most` are left out.
    """
    small = landmark_trial(200)
    steps: dict[str, tuple[tuple[int, ...], Callable[[int], Callable[[], object]]]] = {
        "patients": (
            (1_000, 10_000, 100_000, 1_000_000),
            lambda n: lambda: reconstruct_and_analyse(landmark_trial(n // 2)),
        ),
        "draws": (
            (1_000, 10_000, 100_000),
            lambda n: lambda: km.ensemble(small, n_draws=n),
        ),
        "landmarks": (
            (4, 20, 100, 200),
            lambda k: lambda: km.reconstruct(landmark_trial(2_000, k)),
        ),
        "curve points": (
            (20, 200, 2_000),
            lambda k: lambda: km.reconstruct(two_curves(1, n=600, points=k)),
        ),
        "studies pooled": (
            (2, 20, 100, 500),
            lambda k: lambda: pooled(k),
        ),
    }
    found: dict[str, dict[int, float]] = {}
    for name, (sizes, build) in steps.items():
        found[name] = {
            size: seconds(build(size), repeats=1) / fit for size in sizes if size <= most
        }
        cells = ", ".join(f"{size:,}: {cost:.1f}" for size, cost in found[name].items())
        print(f"{name:14s} {cells} fits; {_exponent(found[name])}", flush=True)
    return found


def _exponent(costs: dict[int, float]) -> str:
    """Say how cost grows between the two largest sizes."""
    if len(costs) < 2:
        return "too few sizes for an exponent"
    (a, cost_a), (b, cost_b) = list(costs.items())[-2:]
    return f"exponent {np.log(cost_b / cost_a) / np.log(b / a):.2f}"


def table() -> dict[str, float]:
    """Print and return the cost in fits of steps and commands."""
    study = km.load_study("an2025")
    endpoint = study.endpoint("psm", "OS")
    ipd = km.reconstruct(endpoint)
    curves: list[float] = []
    landmarks: list[float] = []

    def median_of(trial: Callable[[int], Endpoint], taken: list[float]) -> float:
        taken.extend(times_of(trial))
        return median(taken)

    print(f"{'':46s}{'CPU':>12s}{'fits':>10s}")
    with tempfile.TemporaryDirectory() as folder:
        steps: dict[str, Callable[[], float]] = {
            "analyse an2025 psm/OS": lambda: seconds(lambda: km.analyse(endpoint, ipd)),
            "explore an2025 psm/OS: a landmark moved": lambda: moved_landmark(endpoint),
            "audit an2025": lambda: seconds(lambda: km.audit(study)),
            "10,000 draws of an2025 psm/OS": lambda: draws_of("psm", "OS", 10_000),
            "  random times, a sort and analyses alone": lambda: least_of_draws(10_000),
            "2,000 draws of an2025 psm/PFS": lambda: draws_of("psm", "PFS", 2_000),
            "200,000 patients reconstructed and analysed": many_patients,
            f"two curves of 200 points, median of {TRIALS}": lambda: median_of(two_curves, curves),
            "  95th percentile": lambda: float(np.percentile(curves, 95)),
            "  worst": lambda: max(curves),
            f"two arms of five landmarks, median of {TRIALS}": lambda: median_of(
                two_rows_of_landmarks, landmarks
            ),
            "  their 95th percentile": lambda: float(np.percentile(landmarks, 95)),
            "  their worst": lambda: max(landmarks),
            **commands(Path(folder)),
        }
        figures, fit = {}, yardstick()
        for name, step in steps.items():
            before, taken = fit, step()
            fit = yardstick()
            figures[name] = 2 * taken / (before + fit)
            print(f"{name:46s}{1000 * taken:9.1f} ms{figures[name]:10.2f}", flush=True)
    return figures


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=("table", "growth"), help="one of the two tables")
    parser.add_argument("--most", type=int, default=10**6, help="largest size of the growth table")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    fit = yardstick()
    print(f"lifelines Cox fit, 370 patients: {1000 * fit:.1f} ms")
    figures: dict[str, object] = {"lifelines Cox fit, seconds": fit}
    if options.only != "growth":
        figures |= table()
    if options.only != "table":
        figures |= growth(fit, most=options.most)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
