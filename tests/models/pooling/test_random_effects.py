"""Pooling agrees with R's metafor to 1e-6, and with a slow second implementation."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from kmrepro.models import NotEstimable
from kmrepro.models.pooling import METHODS, common_effect, egger, heterogeneity, random_effects
from kmrepro.models.pooling.random_effects import between_trials

SETS = ["agreeing", "differing", "extreme"]
Reference = Callable[[str, str], dict[str, float]]


@pytest.fixture(scope="module")
def reference(from_r: Callable[[str], pd.DataFrame]) -> Reference:
    """Return metafor's values of one set and method."""
    table = from_r("pooling").set_index(["set", "method"]).sort_index()
    return lambda name, method: table.loc[(name, method)].set_index("what")["value"].to_dict()


@pytest.fixture(scope="module")
def data(reference: Reference) -> Callable[[str], tuple[np.ndarray, np.ndarray]]:
    """Return estimates and variances of one set."""

    def read(name: str) -> tuple[np.ndarray, np.ndarray]:
        values = reference(name, "data")
        k = len(values) // 2
        y = np.array([values[f"y_{i}"] for i in range(1, k + 1)])
        return y, np.array([values[f"se_{i}"] for i in range(1, k + 1)]) ** 2

    return read


@pytest.mark.parametrize("name", SETS)
def test_common_effect(data: object, reference: Reference, name: str) -> None:
    """Estimate, interval, p and Q are metafor's."""
    y, v = data(name)  # type: ignore[operator]
    values, found = reference(name, "common"), common_effect(y, v)
    spread = heterogeneity(y, v)
    got = [found.estimate, found.se, *found.ci, found.p, spread.q, spread.q_p]
    expected = [values[key] for key in ("b", "se", "ci.lb", "ci.ub", "pval", "QE", "QEp")]
    np.testing.assert_allclose(got, expected, rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SETS)
def test_random_effects(data: object, reference: Reference, name: str, method: str) -> None:
    """tau², I², H², Wald and Hartung-Knapp intervals, prediction and weights are metafor's."""
    y, v = data(name)  # type: ignore[operator]
    values = reference(name, method)
    spread = heterogeneity(y, v, method=method)  # type: ignore[arg-type]
    got = [spread.tau2, spread.i2, spread.h2]
    np.testing.assert_allclose(got, [values[k] for k in ("tau2", "I2", "H2")], atol=1e-7, rtol=1e-6)
    for kind in ("wald", "knha"):
        found = random_effects(y, v, method=method, hartung_knapp=kind == "knha")  # type: ignore[arg-type]
        got = [found.estimate, found.se, *found.ci, found.p]
        expected = [values[f"{kind}_{key}"] for key in ("b", "se", "ci.lb", "ci.ub", "pval")]
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9)
    expected = [values["prediction_lower"], values["prediction_upper"]]
    np.testing.assert_allclose(found.prediction, expected, rtol=1e-6)
    expected = [values[f"weight_{i}"] for i in range(1, y.size + 1)]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_profile_interval_and_egger(data: object, reference: Reference, name: str) -> None:
    """The Q-profile interval of tau² and Egger's test are metafor's."""
    y, v = data(name)  # type: ignore[operator]
    values = reference(name, "REML")
    expected = [values["tau2_lower"], values["tau2_upper"]]
    np.testing.assert_allclose(heterogeneity(y, v).tau2_ci, expected, rtol=1e-6, atol=1e-9)
    test = egger(y, v)
    assert test.statistic == pytest.approx(values["egger_z"], rel=1e-8)
    assert test.p == pytest.approx(values["egger_p"], rel=1e-8)


@pytest.mark.parametrize("name", SETS)
def test_restricted_likelihood_is_maximal(data: object, name: str) -> None:
    """A slow search over the restricted likelihood finds the same tau²."""
    y, v = data(name)  # type: ignore[operator]

    def minus(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float(-0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (y - mean) ** 2).sum()))

    best = minimize_scalar(minus, bounds=(0, 10), method="bounded", options={"xatol": 1e-9}).x
    assert between_trials(y, v) == pytest.approx(best, abs=1e-5)


TRIALS = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=2, max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trials=TRIALS, method=st.sampled_from(METHODS), shift=st.floats(-3, 3))
def test_invariances(trials: list[tuple[float, float]], method: str, shift: float) -> None:
    """A shift of all estimates shifts the pooled one; a change of sign changes its sign."""
    y, v = np.array(trials).T
    found = random_effects(y, v, method=method)  # type: ignore[arg-type]
    moved = random_effects(y + shift, v, method=method)  # type: ignore[arg-type]
    turned = random_effects(-y, v, method=method)  # type: ignore[arg-type]
    assert moved.estimate == pytest.approx(found.estimate + shift, abs=1e-6)
    assert turned.estimate == pytest.approx(-found.estimate, abs=1e-6)
    assert turned.ci == pytest.approx((-found.ci[1], -found.ci[0]), abs=1e-5)
    assert y.min() - 1e-9 <= found.estimate <= y.max() + 1e-9
    assert found.weights.sum() == pytest.approx(1)


def test_two_trials_have_no_prediction() -> None:
    """T with 0 degrees of freedom has no quantile."""
    found = random_effects(np.array([0.1, 0.2]), np.array([0.1, 0.1]))
    assert all(map(math.isnan, found.prediction))


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        ([0.1], [0.1], "needs at least 2 trials with an estimate; there is 1"),
        ([], [], "there are none"),
        ([0.1, 0.2], [0.1, 0.0], "trial 2 has an estimate of 0.2 with variance 0"),
        ([0.1, math.nan], [0.1, 0.1], "trial 2 has an estimate of nan"),
    ],
)
def test_refusals(y: list[float], v: list[float], message: str) -> None:
    """One trial, no variance and no estimate are refused, with which."""
    with pytest.raises(NotEstimable, match=message):
        random_effects(np.array(y), np.array(v))


def test_an_unknown_method() -> None:
    """The methods are named."""
    with pytest.raises(ValueError, match="must be one of REML, DL, PM"):
        random_effects(np.array([0.1, 0.2]), np.array([0.1, 0.1]), method="ML")  # type: ignore[arg-type]


def test_egger_needs_different_errors() -> None:
    """Trials of one size have no funnel."""
    with pytest.raises(NotEstimable, match="3 trials with different standard errors"):
        egger(np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.1, 0.1]))


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param(((0.71, 0.50, 1.00), (0.57, 0.40, 0.80), (0.64, 0.45, 0.90)), id="three"),
        pytest.param(
            ((0.71, 0.50, 1.00), (0.57, 0.40, 0.80), (0.64, 0.45, 0.90), (0.9, 0.6, 1.2)), id="four"
        ),
    ],
)
def test_egger_refuses_errors_that_are_equal_but_for_rounding(
    printed: tuple[tuple[float, float, float], ...],
) -> None:
    """Upper limits of twice the lower have one width, whose last binary digits may differ."""
    ratio, low, high = np.array(printed).T
    with pytest.raises(NotEstimable, match="different standard errors"):
        egger(np.log(ratio), (np.log(high / low) / 3.92) ** 2)


def test_egger_refuses_trials_on_one_line() -> None:
    """Two equal trials and another leave no residual, and a t of infinity or 0 / 0."""
    rng = np.random.default_rng(19)
    for _ in range(200):
        (same, other), (se, another) = rng.normal(0, 0.3, 2), rng.uniform(0.1, 0.5, 2)
        with pytest.raises(NotEstimable, match="goes through all 3 trials"):
            egger(np.array([same, same, other]), np.array([se, se, another]) ** 2)


def test_egger_is_a_line_of_least_squares() -> None:
    """Intercept and t are those of the normal equations, solved by NumPy."""
    rng = np.random.default_rng(7)
    for k in (3, 5, 11):
        y, v = rng.normal(0, 0.4, k), rng.uniform(0.05, 0.6, k) ** 2
        design, response = np.column_stack([np.ones(k), v**-0.5]), y / v**0.5
        (intercept, slope), *_ = np.linalg.lstsq(design, response)
        residual = response - intercept - slope * design[:, 1]
        inverse = np.linalg.inv(design.T @ design)[0, 0]
        t = intercept / math.sqrt(residual @ residual / (k - 2) * inverse)
        found = egger(y, v)
        assert (found.intercept, found.statistic) == pytest.approx((intercept, t), rel=1e-8)
