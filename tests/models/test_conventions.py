"""Other estimators of a hazard ratio give R's numbers, and what none of them reaches is said."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import BatchedCox, RiskSets
from kmrepro.models._kernels import two_arm_risk_sets
from kmrepro.models._logrank import mantel_haenszel, observed_over_expected
from kmrepro.models.verdict import (
    ESTIMATORS,
    beyond_every_estimator,
    fitting_estimators,
)
from kmrepro.studies import PrintedNumber

from ..seeds import examples

TABLE = "estimators"


def test_estimators_of_r(patients, from_r):
    """Breslow's ties as coxph, the others from survdiff, on every data set of two arms."""
    table = from_r(TABLE).set_index("data")
    assert len(table) >= 8
    for name, row in table.iterrows():
        sets = two_arm_risk_sets(patients(name))
        fit = BatchedCox.of(sets, ties="breslow")
        assert fit.log_hazard_ratio[0] == pytest.approx(row["breslow"], abs=1e-8), name
        assert fit.se[0] == pytest.approx(row["breslow_se"], rel=1e-8), name
        assert mantel_haenszel(sets)[0] == pytest.approx(row["mantel_haenszel"], abs=1e-10), name
        ratio = observed_over_expected(sets)[0]
        assert ratio == pytest.approx(row["observed_over_expected"], abs=1e-10), name


def test_without_ties_breslow_is_efron():
    """Where nobody is tied, both handle ties alike."""
    rng = np.random.default_rng(3)
    sets = RiskSets.of(rng.random((20, 30)) + 0.1, rng.random((20, 30)) < 0.7, np.arange(30) < 15)
    np.testing.assert_allclose(
        BatchedCox.of(sets, ties="breslow").log_hazard_ratio,
        BatchedCox.of(sets).log_hazard_ratio,
        rtol=1e-12,
    )


def test_nobody_to_compare():
    """Without events there is no estimate, and none fits."""
    sets = RiskSets.of([[1.0, 2.0]], [[False, False]], np.array([False, True]))
    assert np.isnan(mantel_haenszel(sets)).all()
    assert np.isnan(observed_over_expected(sets)).all()
    assert not list(fitting_estimators(sets, PrintedNumber.parse("1.0")))


def test_the_estimator_that_fits_is_named(patients):
    """In heavily tied data Breslow's estimate is another, and is named with its software."""
    sets = two_arm_risk_sets(patients("lung_months"))
    for estimator in ESTIMATORS:
        printed = PrintedNumber.parse(f"{math.exp(estimator.log_hazard_ratio(sets)[0]):.4f}")
        named = list(fitting_estimators(sets, printed, times=" with times in whole months"))
        assert any(estimator.name in each and "whole months" in each for each in named)


@pytest.mark.parametrize(
    ("printed", "lower", "upper", "beyond"),
    [
        pytest.param("0.77", 0.29, 0.70, False, id="Breslow's ties, towards 1"),
        pytest.param("0.22", 0.24, 0.81, False, id="Mantel-Haenszel, away from 1"),
        pytest.param("9.0", 0.29, 0.70, True, id="the other side of 1"),
        pytest.param("0.01", 0.5, 2.0, True, id="far below"),
        pytest.param("5.0", 0.5, math.inf, False, id="no upper bound"),
        pytest.param("5.0", 0.0, 0.37, True, id="no lower bound"),
        pytest.param("0.5", 0.0, 0.0, True, id="nothing but 0"),
    ],
)
def test_reach(printed, lower, upper, beyond):
    """Other estimators reach somewhat beyond the range of Cox's, on either side."""
    assert beyond_every_estimator(PrintedNumber.parse(printed), lower, upper) is beyond


@settings(max_examples=examples(60))
@given(st.integers(0, 10**6), st.integers(6, 24), st.integers(6, 24), st.floats(0.4, 2.5))
def test_no_estimate_of_the_same_data_is_out_of_reach(seed, n_reference, n_treatment, ratio):
    """Cox's own estimate as the range, whole months: the other estimates are never beyond it."""
    rng = np.random.default_rng(seed)
    treated = np.arange(n_reference + n_treatment) >= n_reference
    time = np.ceil(rng.exponential(12, (20, treated.size)) * np.where(treated, ratio, 1.0))
    sets = RiskSets.of(time, rng.random(time.shape) < 0.7, treated)
    efron = np.exp(BatchedCox.of(sets).log_hazard_ratio)
    for estimator in ESTIMATORS:
        for own, other in zip(efron, np.exp(estimator.log_hazard_ratio(sets)), strict=True):
            if 0 < own < math.inf and 0 < other < math.inf:
                printed = PrintedNumber.parse(f"{other:.4f}")
                assert not beyond_every_estimator(printed, own, own)
