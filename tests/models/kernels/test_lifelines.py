"""lifelines gives the same, where it converges; it is run on all sets in benchmarks/speed.py."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

from kmrepro.models import BatchedCox, BatchedLogrank, RiskSets

from ...seeds import many

DRAWS, N = many(20, else_=6), 80
TREATED = np.arange(N) >= 30


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Return times in whole months and event flags, three quarters of them censored."""
    rng = np.random.default_rng(7)
    time = np.ceil(rng.exponential(24, (DRAWS, N)))
    return time, rng.random((DRAWS, N)) < 0.25


def test_cox(data):
    """Coefficient and error."""
    time, event = data
    ours = BatchedCox.of(RiskSets.of(time, event, TREATED))
    for i in range(DRAWS):
        frame = pd.DataFrame({"time": time[i], "event": event[i], "treated": TREATED * 1.0})
        fit = CoxPHFitter().fit(
            frame, "time", "event", fit_options={"precision": 1e-18, "r_precision": 0.0}
        )
        assert ours.log_hazard_ratio[i] == pytest.approx(fit.params_["treated"], abs=1e-8)
        assert ours.se[i] == pytest.approx(fit.standard_errors_["treated"], rel=1e-8)
        assert ours.p_wald[i] == pytest.approx(fit.summary["p"]["treated"], abs=1e-8)


def test_logrank(data):
    """Chi-squared and p."""
    time, event = data
    ours = BatchedLogrank.of(RiskSets.of(time, event, TREATED))
    for i in range(DRAWS):
        test = logrank_test(
            durations_A=time[i][TREATED].copy(),
            durations_B=time[i][~TREATED].copy(),
            event_observed_A=event[i][TREATED].copy(),
            event_observed_B=event[i][~TREATED].copy(),
        )
        assert ours.statistic[i] == pytest.approx(test.test_statistic, rel=1e-8)
        assert ours.p[i] == pytest.approx(test.p_value, rel=1e-8)
