"""Restricted means to several horizons: within a trial, and pooled together."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kmrepro.models import NotEstimable, cox, milestone, rmst
from kmrepro.models._kernels import two_arm_risk_sets
from kmrepro.models._milestone import batched_milestone
from kmrepro.models._rmst import joint_rmst
from kmrepro.models.pooling import Effect, MetaAnalysis, Trial, joint_means, pool_trials
from kmrepro.models.pooling.differences import pool_jointly
from kmrepro.reconstruct import PseudoIPD

NAMES = ("lung", "veteran", "aml")


@pytest.fixture(scope="module")
def reference(from_r: Callable[[str], pd.DataFrame]) -> Mapping[tuple[str, str], float]:
    """Return metafor's values."""
    rows = from_r("pooling").query("set == 'joint'").set_index(["method", "what"])
    return rows["value"].to_dict()


@pytest.fixture(scope="module")
def trials(patients: Callable[[str], PseudoIPD]) -> list[Trial]:
    """Take three of R's data sets as trials."""
    found = []
    for name in NAMES:
        ipd, fit = patients(name), cox(patients(name))
        own = Effect(estimate=fit.log_hazard_ratio, variance=fit.se**2, route="Cox")
        found.append(
            Trial(name=name, endpoint="OS", arms=ipd.arms, effects={"reproduced": own}, ipd=ipd)
        )
    return found


def slow_covariance(ipd: PseudoIPD, taus: tuple[float, float]) -> float:
    """Return the covariance of two differences of restricted means, one event time at a time."""
    total = 0.0
    for arm in ipd.arms:
        time, event = ipd.of(arm)
        at = np.unique(time[event])
        survival = [1.0]
        for t in at:
            n, d = (time >= t).sum(), (event & (time == t)).sum()
            survival.append(survival[-1] * (1 - d / n))

        def area(start: float, tau: float, at: np.ndarray = at, s: list[float] = survival) -> float:
            edges = [start, *[t for t in at if start < t < tau], tau]
            pieces = itertools.pairwise(edges)
            return sum((b - a) * s[int((at <= a).sum())] for a, b in pieces if b > a)

        for t in at[at < min(taus)]:
            n, d = (time >= t).sum(), (event & (time == t)).sum()
            if n > d:
                total += area(t, taus[0]) * area(t, taus[1]) * d / (n * (n - d))
    return total


@pytest.mark.parametrize("name", NAMES)
def test_covariance_of_horizons(patients: Callable[[str], PseudoIPD], name: str) -> None:
    """Differences and variances are those of `rmst`, covariances those of a slow sum."""
    ipd = patients(name)
    taus = (20.0, 44.0)
    difference, covariance = joint_rmst(two_arm_risk_sets(ipd), taus)
    for k, tau in enumerate(taus):
        own = rmst(ipd, tau=tau)
        assert difference[0, k] == pytest.approx(own.difference)
        assert covariance[0, k, k] == pytest.approx(slow_covariance(ipd, (tau, tau)))
    assert covariance[0, 0, 1] == pytest.approx(slow_covariance(ipd, taus))
    assert covariance[0, 1, 0] == covariance[0, 0, 1]


@pytest.mark.parametrize("name", NAMES)
def test_survival_of_draws(patients: Callable[[str], PseudoIPD], name: str) -> None:
    """The difference at a landmark and its variance are those of `milestone`."""
    ipd = patients(name)
    difference, variance = batched_milestone(two_arm_risk_sets(ipd), time=20.0)
    own = milestone(ipd, time=20.0)
    assert difference[0] == pytest.approx(own.difference)
    assert variance[0] == pytest.approx(own.se**2)


@pytest.mark.parametrize("method", ["common", "random"])
def test_pooled_as_metafor(reference: Mapping[tuple[str, str], float], method: str) -> None:
    """Estimates and standard errors to 1e-6, the covariance between trials to 1e-5."""
    y = np.array([reference["data", f"y_{k}"] for k in range(1, 11)]).reshape(5, 2)
    s = np.array(
        [[reference["data", f"s_{i}_{j}"] for j in range(1, 5)] for i in range(1, 6)]
    ).reshape(5, 2, 2)
    found = pool_jointly(y, s, random=method == "random")
    for k in range(2):
        assert found.estimate[k] == pytest.approx(reference[method, f"b_{k + 1}"], rel=1e-6)
        assert found.se[k] == pytest.approx(reference[method, f"se_{k + 1}"], rel=1e-6)
    expected = reference[method, "covariance"]
    assert found.covariance[0, 1] == pytest.approx(expected, rel=2e-6)
    if method == "random":
        tau2 = [reference[method, f"tau2_{k}"] for k in (1, 2)]
        np.testing.assert_allclose(np.diag(found.between), tau2, rtol=1e-5)


@pytest.fixture(scope="module")
def pooled(trials: list[Trial]) -> MetaAnalysis:
    """Pool them to two horizons."""
    return pool_trials(trials, tau=[20.0, 44.0])


def test_a_trial_with_a_shorter_follow_up_contributes(
    trials: list[Trial], pooled: MetaAnalysis
) -> None:
    """It has no difference to the later horizon, and changes the pooled one all the same."""
    ipd = trials[2].ipd
    assert ipd is not None
    kept = ipd.time <= 30
    cut = replace(ipd, time=np.minimum(ipd.time, 30.0), event=ipd.event & kept)
    short = replace(trials[2], name="short", ipd=cut)
    found = joint_means([*trials, short], [20.0, 44.0])
    assert np.isfinite(found.trials[3].difference).tolist() == [True, False]
    without = pooled.joint["reproduced"]
    assert found.common.estimate[1] != pytest.approx(without.common.estimate[1], rel=1e-6)
    assert found.to_frame()["trials"].tolist() == [4, 3]


def test_within_a_meta_analysis(trials: list[Trial], pooled: MetaAnalysis) -> None:
    """Two horizons are pooled together; random effects need more trials than horizons."""
    assert pooled.joint["reproduced"].random is not None
    two = pool_trials(trials[:2], tau=[20.0, 44.0])
    assert two.joint["reproduced"].random is None
    reason = two.reasons["horizons together, reproduced, random effects"]
    assert "needs more than 2 trials, and there are 2" in reason
    assert not pool_trials(trials, tau=20.0).joint


def test_refusals(trials: list[Trial]) -> None:
    """One horizon, and one that fewer than two trials reach."""
    with pytest.raises(NotEstimable, match="at least 2"):
        joint_means(trials, [20.0])
    with pytest.raises(NotEstimable, match="Fewer than 2 trials are followed to 5000"):
        joint_means(trials, [20.0, 5000.0])
