"""What pooling reproduced trials costs against pooling their patients.

Run it with ``python benchmarks/pooling.py``. It prints a table and writes pooling.json. Trials are
simulated: for each meta-analysis five trials of 60 to 240 patients, log hazard ratios that differ
by tau = 0.1 around ln 0.75. Each is reported as a paper does: n, survival at 12, 24, 36 and 60
months to one decimal and the hazard ratio with its interval to two. The pooled estimates from that
are compared with those of the patients themselves.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from kmrepro.models import analyse, cox, ensemble, kaplan_meier
from kmrepro.models.pooling import Effect, Trial, pool_trials, trial_of
from kmrepro.reconstruct import PseudoIPD, ReconstructionRefused, reconstruct
from kmrepro.studies import Endpoint

META_ANALYSES, TRIALS, DRAWS = 20, 5, 40
TRUTH, TAU = math.log(0.75), 0.1
LANDMARKS = (12.0, 24.0, 36.0, 60.0)


def patients(rng: np.random.Generator) -> PseudoIPD:
    """Draw one trial."""
    n = int(rng.integers(30, 121))
    ratio = math.exp(rng.normal(TRUTH, TAU))
    shape = rng.uniform(0.8, 1.4)
    scale = rng.uniform(25, 60) * np.repeat([1.0, ratio ** (-1 / shape)], n)
    time, censored = scale * rng.weibull(shape, 2 * n), rng.uniform(40, 100, 2 * n)
    return PseudoIPD(
        time=np.maximum(np.minimum(time, censored), 0.01),
        event=time <= censored,
        arm=np.repeat(["A", "B"], n),
        arms=("A", "B"),
    )


def reported(ipd: PseudoIPD) -> Endpoint:
    """Return what a paper would report of a trial."""
    fit = cox(ipd)
    arms = {}
    for arm in ipd.arms:
        curve = kaplan_meier(ipd, arm=arm)
        shown = [t for t in LANDMARKS if t < curve.last_time]
        arms[arm] = {
            "n": curve.n,
            "landmarks": {t: {"survival": f"{100 * curve.survival_at(t):.1f}%"} for t in shown},
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


def taken(ipd: PseudoIPD, *, name: str, seed: int) -> tuple[Trial, Effect] | None:
    """Return a trial as it is read from its report, and its patients' own effect."""
    endpoint = reported(ipd)
    try:
        draws = ensemble(endpoint, n_draws=DRAWS, seed=seed)
        trial = trial_of(analyse(endpoint, reconstruct(endpoint), draws=draws), name=name)
    except ReconstructionRefused:
        return None
    own = cox(ipd)
    return trial, Effect(estimate=own.log_hazard_ratio, variance=own.se**2, route="patients")


def main() -> None:
    """Pool, compare, print and write."""
    rng = np.random.default_rng(7)
    gaps: dict[str, list[float]] = {"reported": [], "reproduced": [], "draws": []}
    held: dict[str, list[bool]] = {"patients": [], **{name: [] for name in gaps}}
    widths: dict[str, list[float]] = {name: [] for name in held}
    for number in range(META_ANALYSES):
        found = [taken(patients(rng), name=f"{k}", seed=number) for k in range(TRIALS)]
        pairs = [pair for pair in found if pair is not None]
        pooled = pool_trials([trial for trial, _ in pairs])
        truth = pool_trials(
            [
                Trial(name=t.name, endpoint="OS", arms=t.arms, effects={"reproduced": own})
                for t, own in pairs
            ]
        ).by_source["reproduced"]
        every = {"patients": truth, **pooled.by_source}
        for name, each in every.items():
            low, high = each.random.ci
            held[name].append(low < TRUTH < high)
            widths[name].append(high - low)
            if name in gaps:
                gaps[name].append(each.random.estimate - truth.random.estimate)
    results = {
        name: {
            "rms_difference_from_patients": float(np.sqrt(np.mean(np.square(values)))),
            "mean_difference_from_patients": float(np.mean(values)),
        }
        for name, values in gaps.items()
    }
    for name, values in held.items():
        own = results.setdefault(name, {})
        own["95% interval holds the truth"] = float(np.mean(values))
        own["mean width of the interval"] = float(np.mean(widths[name]))
    for name, value in results.items():
        print(name, value)
    Path("pooling.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
