"""Simulated trials: papers report what their data have, and intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.models import cox, kaplan_meier
from kmrepro.reconstruct import PseudoIPD


@pytest.fixture
def benchmark(imported):
    """Import a benchmark by its name."""
    return imported


def patients_of(trial) -> PseudoIPD:
    """Return the data of a simulated trial."""
    return PseudoIPD(
        time=np.concatenate(trial.time),
        event=np.concatenate(trial.event),
        arm=np.repeat(["C", "T"], [arm.size for arm in trial.time]),
        arms=("C", "T"),
    )


@pytest.mark.parametrize("seed", range(0, 36, 5))
def test_papers_report_what_the_data_have(benchmark, seed):
    """Survival, median, numbers at risk, events and hazard ratio, by the project's own analyses."""
    trials = benchmark("simulated_trials")
    trial = trials.simulated_trial(seed)
    ipd = patients_of(trial)
    assert cox(ipd).log_hazard_ratio == pytest.approx(trial.log_hazard_ratio, abs=1e-8)
    assert cox(ipd).se == pytest.approx(trial.se, abs=1e-8)
    for kind in trials.PAPERS:
        endpoint = trials.paper_of(trial, kind)
        for name, arm in endpoint.arms.items():
            curve, (time, event) = kaplan_meier(ipd, arm=name), ipd.of(name)
            assert arm.n == time.size
            assert arm.events in (None, event.sum())
            for when, landmark in arm.landmarks.items():
                assert landmark.survival.contains(float(curve.survival_at(when)))
            for when, count in arm.at_risk.items():
                assert (time >= when).sum() == count


def test_the_same_seed_is_the_same_trial(benchmark):
    """And others are others."""
    trials = benchmark("simulated_trials")
    one, same, other = (trials.simulated_trial(seed) for seed in (3, 3, 15))
    np.testing.assert_array_equal(one.time[0], same.time[0])
    assert one.course == other.course
    assert one.log_hazard_ratio != other.log_hazard_ratio


@pytest.mark.nightly
def test_intervals_hold_the_truth_of_simulated_trials(benchmark):
    """The 95% interval of 300 trials, in every kind of paper and course: 92 to 98 in a hundred."""
    calibration = benchmark("calibration")
    how = {"n_draws": 300, "only": (), "simulator": calibration.FIRST}
    found = [calibration.simulated(seed, **how) for seed in range(500_000, 500_300)]
    covered = [each["covered 95%"] for each in found if "refused" not in each]
    assert len(covered) > 270
    assert 0.92 <= np.mean(covered) <= 0.98
