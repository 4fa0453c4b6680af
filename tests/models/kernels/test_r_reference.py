"""The batched analyses give the numbers of R's survival to 1e-8 on a thousand data sets."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmrepro.models import (
    BatchedCox,
    BatchedLogrank,
    BatchedRmst,
    RiskSets,
)

FOLDER = Path(__file__).parents[2] / "reference" / "batched"
TIGHT = {"rtol": 1e-8, "atol": 1e-12}


@pytest.fixture(scope="module", params=[1, 2, 3, 4])
def group(request) -> tuple[RiskSets, pd.DataFrame]:
    """Return the risk sets of one group of data sets, and what R says of them."""
    patients = pd.read_csv(FOLDER / "patients.csv.gz").query("group == @request.param")
    estimates = pd.read_csv(FOLDER / "estimates.csv.gz").query("group == @request.param")
    signed = np.array([row.split() for row in patients["times"]], dtype=float)
    treated = np.arange(signed.shape[1]) >= patients["n_reference"].to_numpy()[:, None]
    return RiskSets.of(abs(signed), signed > 0, treated), estimates


def test_cox(group):
    """Coefficient and error agree with coxph; where it has none, ours is said not to exist."""
    sets, r = group
    ours = BatchedCox.of(sets)
    finite = r["coef"].notna().to_numpy()
    np.testing.assert_array_equal(ours.converged, finite)
    np.testing.assert_array_equal(np.isfinite(ours.log_hazard_ratio), finite)
    np.testing.assert_allclose(ours.log_hazard_ratio[finite], r["coef"][finite], **TIGHT)
    np.testing.assert_allclose(ours.se, r["se"], **TIGHT)


def test_logrank(group):
    """Chi-squared and expected events agree with survdiff; NaN where it has no variance."""
    sets, r = group
    ours = BatchedLogrank.of(sets)
    np.testing.assert_allclose(ours.statistic, r["chisq"], **TIGHT)
    defined = r["chisq"].notna().to_numpy()
    np.testing.assert_allclose(ours.expected[defined], r["expected_treatment"][defined], **TIGHT)


def test_restricted_mean(group):
    """Means and errors of both arms agree with survfit; NaN beyond the follow-up."""
    sets, r = group
    ours = BatchedRmst.of(sets, tau=r["tau"].iloc[0])
    for column, arm in enumerate(("reference", "treatment")):
        np.testing.assert_allclose(ours.mean[:, column], r[f"rmean_{arm}"], **TIGHT)
        np.testing.assert_allclose(ours.mean_se[:, column], r[f"rmean_{arm}_se"], **TIGHT)
    both = r["rmean_treatment"] - r["rmean_reference"]
    np.testing.assert_allclose(ours.difference, both, atol=1e-10)


def test_a_thousand_sets():
    """The reference holds a thousand data sets, most with ties and heavy censoring."""
    patients = pd.read_csv(FOLDER / "patients.csv.gz")
    signed = [np.array(row.split(), dtype=int) for row in patients["times"]]
    assert len(signed) == 1000
    tied = [len(set(row[row > 0].tolist())) < (row > 0).sum() for row in signed]
    assert np.mean(tied) > 0.7
    assert np.mean([(row < 0).mean() > 0.5 for row in signed]) > 0.6
