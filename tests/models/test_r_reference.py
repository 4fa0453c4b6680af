"""The models give the numbers of R's survival to 1e-6 on the same patients."""

import math

import numpy as np
import pytest

from kmrepro.models import cox, kaplan_meier, logrank, milestone, proportionality, rmst

DATA = [
    "aml",
    "lung",
    "veteran",
    "ovarian",
    "colon",
    "kidney",
    "rotterdam",
    "pbc",
    "lung_months",
    "colon_years",
    "pbc_cut",
    "all_die",
    "half",
    "no_events",
]
FINITE = [name for name in DATA if name != "no_events"]
TIGHT = {"rtol": 1e-6, "atol": 1e-12}


@pytest.mark.parametrize("name", DATA)
def test_kaplan_meier(name, patients, from_r):
    """Times, counts, survival and log-log band agree with survfit, undefined bounds included."""
    ipd, r = patients(name), from_r("curves").query("data == @name")
    for arm in ipd.arms:
        curve, rows = kaplan_meier(ipd, arm=arm), r[r["arm"] == arm]
        at = np.searchsorted(curve.time, rows["time"])
        np.testing.assert_allclose(curve.time[at], rows["time"], rtol=1e-12)
        if name not in ("colon", "rotterdam"):
            assert curve.time.size == len(rows) + 1
        for column in ("n_at_risk", "n_events", "n_censored"):
            np.testing.assert_array_equal(getattr(curve, column)[at], rows[column])
        for column in ("survival", "lower", "upper"):
            np.testing.assert_allclose(getattr(curve, column)[at], rows[column], **TIGHT)


@pytest.mark.parametrize("name", DATA)
def test_medians(name, patients, from_r):
    """Median intervals agree with survfit, and the median where the curve skips 0.5."""
    ipd, r = patients(name), from_r("arms").query("data == @name").set_index("arm")
    for arm in ipd.arms:
        curve, row = kaplan_meier(ipd, arm=arm), r.loc[arm]
        assert (curve.n, curve.n_events.sum()) == (row["n"], row["events"])
        assert curve.median == row["first_below_half"]
        if not math.isnan(row["median"]) and not np.isclose(curve.survival, 0.5).any():
            assert curve.median == row["median"]
        for ours, theirs in zip(
            curve.median_ci, row[["median_lower", "median_upper"]], strict=True
        ):
            assert (ours == theirs) or (math.isnan(theirs) and not math.isfinite(ours))


@pytest.mark.parametrize("name", DATA)
def test_restricted_mean(name, patients, from_r):
    """Restricted means and their errors agree with print(survfit, rmean = tau)."""
    ipd, r = patients(name), from_r("arms").query("data == @name").set_index("arm")
    result = rmst(ipd, tau=r["tau"].iloc[0])
    for arm, mean in result.arms.items():
        theirs = r.loc[arm, ["rmean", "rmean_se"]].astype(float)
        np.testing.assert_allclose((mean.mean, mean.se), theirs, **TIGHT)


@pytest.mark.parametrize("name", DATA)
def test_milestone(name, patients, from_r):
    """Survival at one time and its Greenwood error agree with summary(survfit, times = tau)."""
    ipd, r = patients(name), from_r("arms").query("data == @name").set_index("arm")
    result = milestone(ipd, time=r["tau"].iloc[0])
    for arm, there in result.arms.items():
        theirs = r.loc[arm, ["survival_at_tau", "se_at_tau"]].astype(float)
        np.testing.assert_allclose((there.survival, there.se), theirs, **TIGHT)


@pytest.mark.parametrize("name", DATA)
def test_logrank(name, patients, from_r):
    """Chi-squared, p, observed and expected events agree with survdiff."""
    ipd, r = patients(name), from_r("tests").set_index("data").loc[name]
    result = logrank(ipd)
    np.testing.assert_allclose(
        (result.statistic, result.p, *result.observed.values(), *result.expected.values()),
        r["logrank":"expected_treatment"].astype(float),
        **{**TIGHT, "atol": 0.0},
    )


@pytest.mark.parametrize("name", FINITE)
def test_cox(name, patients, from_r):
    """Coefficient, error and the p of the three tests agree with coxph(ties = "efron")."""
    ipd, r = patients(name), from_r("tests").set_index("data").loc[name]
    result = cox(ipd)
    assert (result.reference, result.treatment) == (r["reference"], r["treatment"])
    np.testing.assert_allclose(
        (
            result.log_hazard_ratio,
            result.se,
            result.p_wald,
            result.p_score,
            result.p_likelihood_ratio,
        ),
        r[["coef", "se", "wald_p", "score_p", "lr_p"]].astype(float),
        rtol=1e-8,
    )


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
@pytest.mark.parametrize("name", FINITE)
def test_proportionality(name, transform, patients, from_r):
    """Chi-squared and p agree with cox.zph on all four time scales."""
    ipd, r = patients(name), from_r("tests").set_index("data").loc[name]
    result = proportionality(ipd, transform=transform)
    theirs = r[[f"zph_{transform}", f"zph_{transform}_p"]].astype(float)
    np.testing.assert_allclose((result.statistic, result.p), theirs, rtol=1e-6)
