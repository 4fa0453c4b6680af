"""What pooling reproduced trials costs against pooling their patients, and what intervals hold.

Run it with ``python benchmarks/pooling.py``. It prints a table and writes pooling.json. Trials are
simulated: each meta-analysis has five trials of 60 to 240 patients, whose log hazard ratios are
ln 0.75, or differ around it by tau = 0.2. Half of the trials report survival at 12, 24, 36 and 60
months, to one decimal; the others report medians only. All report the number of patients and the
hazard ratio with its interval to two decimals, which the reconstruction does not use. A trial
whose draws cannot be had is drawn anew, and counted.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kmrepro.models import NotEstimable, analyse, cox, ensemble, kaplan_meier
from kmrepro.models.pooling import Effect, Trial, common_effect, one_stage, random_effects, trial_of
from kmrepro.reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from kmrepro.studies import Endpoint

TRIALS, DRAWS = 5, 40
TRUTH = math.log(0.75)
LANDMARKS = (12.0, 24.0, 36.0, 60.0)
SOURCES = ("patients", "reported", "reproduced", "draws")


def patients(rng: np.random.Generator, tau: float) -> PseudoIPD:
    """Draw one trial."""
    n = int(rng.integers(30, 121))
    ratio = math.exp(rng.normal(TRUTH, tau))
    shape = rng.uniform(0.8, 1.4)
    scale = rng.uniform(25, 60) * np.repeat([1.0, ratio ** (-1 / shape)], n)
    time_, censored = scale * rng.weibull(shape, 2 * n), rng.uniform(40, 100, 2 * n)
    return PseudoIPD(
        time=np.maximum(np.minimum(time_, censored), 0.01),
        event=time_ <= censored,
        arm=np.repeat(["A", "B"], n),
        arms=("A", "B"),
    )


def reported(ipd: PseudoIPD, *, medians: bool) -> Endpoint:
    """Return what a paper would report of a trial."""
    fit = cox(ipd)
    arms: dict[str, dict[str, object]] = {}
    for arm in ipd.arms:
        curve = kaplan_meier(ipd, arm=arm)
        arms[arm] = {"n": curve.n}
        if medians and np.isfinite(curve.median):
            arms[arm]["median"] = f"{curve.median:.1f}"
        else:
            shown = [t for t in LANDMARKS if t < curve.last_time]
            arms[arm]["landmarks"] = {
                t: {"survival": f"{100 * curve.survival_at(t):.1f}%"} for t in shown
            }
    return Endpoint.model_validate(
        {
            "name": "OS",
            "reference": "A",
            "arms": arms,
            "reported": {
                "hazard_ratio": f"{fit.hazard_ratio:.2f}",
                "ci": [f"{fit.ci[0]:.2f}", f"{fit.ci[1]:.2f}"],
            },
        }
    )


def taken(ipd: PseudoIPD, *, name: str, medians: bool, seed: int) -> Trial | None:
    """Return a trial as it is read from its report, with its patients' own effect."""
    try:
        own = cox(ipd)
        endpoint = reported(ipd, medians=medians)
        draws = ensemble(endpoint, n_draws=DRAWS, seed=seed)
        trial = trial_of(analyse(endpoint, reconstruct(endpoint), draws=draws), name=name)
    except (ReconstructionRefused, NotEstimable):
        return None
    if set(trial.effects) != {"reported", "reproduced", "draws"}:
        return None
    effect = Effect(estimate=own.log_hazard_ratio, variance=own.se**2, route="patients")
    effects = {**trial.effects, "patients": effect}
    return Trial(
        name=name,
        endpoint="OS",
        arms=trial.arms,
        effects=effects,  # type: ignore[arg-type]
        n=trial.n,
        ipd=trial.ipd,
        draws=trial.draws,
    )


def pooled(trials: list[Trial]) -> Iterator[tuple[str, str, float, float, float]]:
    """Yield source, model, estimate and interval of one meta-analysis."""
    for source in SOURCES:
        effects = [trial.effects[source] for trial in trials]  # type: ignore[index]
        y = np.array([effect.estimate for effect in effects])
        v = np.array([effect.variance for effect in effects])
        for model, found in (
            ("common effect", common_effect(y, v)),
            ("random effects, Hartung-Knapp", random_effects(y, v)),
        ):
            yield source, model, found.estimate, *found.ci
    for source in ("reproduced", "draws"):
        one = one_stage(trials, draws=source == "draws")
        yield source, "one-stage", one.log_hazard_ratio, *map(math.log, one.ci)


def simulated(rng: np.random.Generator, *, tau: float, seed: int) -> tuple[list[Trial], int]:
    """Return the trials of one meta-analysis, and how many were drawn anew."""
    trials: list[Trial] = []
    anew = 0
    while len(trials) < TRIALS:
        found = taken(
            patients(rng, tau), name=f"{len(trials)}", medians=bool(rng.random() < 0.5), seed=seed
        )
        if found is None:
            anew += 1
        else:
            trials.append(found)
    return trials, anew


def summary(rows: list[tuple[str, str, float, float, float]]) -> list[dict[str, object]]:
    """Return bias, coverage and width by source and model, and the distance from the patients'."""
    found = []
    for source, model in dict.fromkeys((row[0], row[1]) for row in rows):
        own = np.array([row[2:] for row in rows if row[:2] == (source, model)])
        with_patients = "common effect" if model == "one-stage" else model
        theirs = np.array([row[2:] for row in rows if row[:2] == ("patients", with_patients)])
        found.append(
            {
                "source": source,
                "model": model,
                "meta_analyses": len(own),
                "bias": float(own[:, 0].mean() - TRUTH),
                "rms_difference_from_patients": float(
                    np.sqrt(np.mean((own[:, 0] - theirs[:, 0]) ** 2))
                ),
                "coverage": float(((own[:, 1] < TRUTH) & (own[:, 2] > TRUTH)).mean()),
                "mean_width": float((own[:, 2] - own[:, 1]).mean()),
            }
        )
    return found


def main() -> None:
    """Pool, compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meta-analyses", type=int, default=120, help="for each tau")
    parser.add_argument("--out", type=Path, default=Path("pooling.json"))
    given = parser.parse_args()
    rng = np.random.default_rng(7)
    start = time.process_time()
    rows: dict[float, list[tuple[str, str, float, float, float]]] = {0.0: [], 0.2: []}
    anew = 0
    for number in range(given.meta_analyses):
        for tau, kept in rows.items():
            trials, more = simulated(rng, tau=tau, seed=number)
            kept += pooled(trials)
            anew += more
        results = {
            "trials_drawn_anew": anew,
            "cpu_seconds": time.process_time() - start,
            **{f"tau {tau:g}": summary(kept) for tau, kept in rows.items()},
        }
        given.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"{anew} trials drawn anew, {time.process_time() - start:.0f} s of CPU")
    for tau, kept in rows.items():
        print(f"tau {tau:g}: source, model, bias, rms difference from patients, coverage, width")
        for row in summary(kept):
            print(
                f"{row['source']:11} {row['model']:30} {row['bias']:+.3f} "
                f"{row['rms_difference_from_patients']:.3f} {row['coverage']:.1%} "
                f"{row['mean_width']:.3f}"
            )


if __name__ == "__main__":
    main()
