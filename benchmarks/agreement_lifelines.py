"""How far the batched analyses are from lifelines, on the data sets of `tests/reference/batched`.

R's numbers of the same thousand sets are compared by the tests. lifelines' default stopping rule
leaves an error of about 1e-5, so its thresholds are set where only rounding is left. Where its
search breaks down, or a set does not determine an estimate, there is nothing to compare.

python benchmarks/agreement_lifelines.py
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time

from kmrepro.models import (
    BatchedCox,
    BatchedLogrank,
    BatchedRmst,
    RiskSets,
)

PATIENTS = Path(__file__).parents[1] / "tests" / "reference" / "batched" / "patients.csv.gz"
TAU = 3.0
EXACT = {"precision": 1e-18, "r_precision": 0.0}


def lifelines_cox(frame: pd.DataFrame) -> tuple[float, float]:
    """Return log hazard ratio and error, or NaN if lifelines fails."""
    try:
        fit = CoxPHFitter().fit(frame, "time", "event", fit_options=EXACT)
    except (ConvergenceError, ValueError):
        return np.nan, np.nan
    return fit.params_["treated"], fit.standard_errors_["treated"]


def lifelines_estimates(frame: pd.DataFrame) -> list[float]:
    """Return what lifelines says of one data set, in the order of `ours`."""
    arms = [frame[frame["treated"] == arm] for arm in (0, 1)]
    test = logrank_test(
        durations_A=arms[0]["time"].to_numpy(),
        durations_B=arms[1]["time"].to_numpy(),
        event_observed_A=arms[0]["event"].to_numpy(),
        event_observed_B=arms[1]["event"].to_numpy(),
    )
    curves = [KaplanMeierFitter().fit(arm["time"].copy(), arm["event"].copy()) for arm in arms]
    means = [restricted_mean_survival_time(curve, t=TAU) for curve in curves]
    return [*lifelines_cox(frame), test.test_statistic, test.p_value, means[1] - means[0]]


def ours(sets: RiskSets) -> pd.DataFrame:
    """Return the batched estimates."""
    cox, test = BatchedCox.of(sets), BatchedLogrank.of(sets)
    return pd.DataFrame(
        {
            "log hazard ratio": np.where(cox.converged, cox.log_hazard_ratio, np.nan),
            "its standard error": cox.se,
            "log-rank chi-squared": test.statistic,
            "log-rank p": test.p,
            "difference of restricted means": BatchedRmst.of(sets, tau=TAU).difference,
        }
    )


def compare(group: pd.DataFrame) -> pd.DataFrame:
    """Return the differences in one group of data sets; NaN where either has no estimate."""
    signed = np.array([row.split() for row in group["times"]], dtype=float)
    treated = np.arange(signed.shape[1]) >= group["n_reference"].to_numpy()[:, None]
    batched = ours(RiskSets.of(abs(signed), signed > 0, treated))
    theirs = [
        lifelines_estimates(pd.DataFrame({"time": abs(t), "event": t > 0, "treated": x * 1.0}))
        for t, x in zip(signed, treated, strict=True)
    ]
    return (batched - np.array(theirs)).abs()


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        groups = [compare(group) for _, group in pd.read_csv(PATIENTS).groupby("group")]
    differences = pd.concat(groups)
    figures = {name: float(differences[name].max()) for name in differences}
    print(f"{'largest difference from lifelines':36s}{'':12s}{'sets compared':>16s}")
    for name, largest in figures.items():
        print(f"{name:36s}{largest:12.1e}{differences[name].notna().sum():16d}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
