"""Distributions: gradients against differences, special cases, tails, and means against areas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kmrepro.models.parametric.distribution import Distribution, log_lower, log_upper
from kmrepro.models.parametric.distributions import STANDARD
from kmrepro.models.parametric.flexible import SCALES, MixtureCure, Spline, knots_of

KNOTS = (0.5, 2.0, 3.0, 4.2)
EXAMPLES: dict[str, tuple[Distribution, list[float]]] = {
    "exponential": (STANDARD["exponential"], [-3.0]),
    "weibull": (STANDARD["weibull"], [0.3, 3.0]),
    "gompertz": (STANDARD["gompertz"], [0.02, -4.0]),
    "gompertz flat": (STANDARD["gompertz"], [1e-5, -3.5]),
    "gompertz falling": (STANDARD["gompertz"], [-0.03, -3.0]),
    "lognormal": (STANDARD["lognormal"], [3.0, 0.1]),
    "loglogistic": (STANDARD["loglogistic"], [0.4, 2.8]),
    "gamma": (STANDARD["gamma"], [0.5, -2.5]),
    "gengamma": (STANDARD["gengamma"], [3.0, -0.2, 0.7]),
    "gengamma negative": (STANDARD["gengamma"], [2.6, 0.0, -0.8]),
    "gengamma near lognormal": (STANDARD["gengamma"], [3.0, 0.1, 0.003]),
    **{f"spline {s}": (Spline(s, KNOTS), [-5.0, 1.4, 0.05, -0.04]) for s in SCALES},
    "cure": (MixtureCure(STANDARD["weibull"]), [-0.5, 0.3, 3.0]),
    "cure gamma": (MixtureCure(STANDARD["gamma"]), [-0.5, 0.3, -3.0]),
}
TIMES = np.array([[0.7, 3.0, 12.0, 40.0, 90.0]])


def columns(theta: list[float]) -> list[np.ndarray]:
    """Return parameters as a distribution takes them: one draw."""
    return [np.array([[value]]) for value in theta]


@pytest.mark.parametrize("name", EXAMPLES)
def test_gradients(name: str) -> None:
    """Derivatives agree with fourth-order differences of what they are derivatives of."""
    distribution, theta = EXAMPLES[name]
    at = distribution.points(TIMES)
    found = distribution.evaluate(at, columns(theta))
    for k in range(len(theta)):

        def moved(step: float, k: int = k) -> object:
            return distribution.evaluate(
                at, columns([t + step * (j == k) for j, t in enumerate(theta)])
            )

        for what in ("log_hazard", "cumulative"):
            h = 1e-3 if k or "gompertz" not in name else 1e-5
            one, two, minus, far = (getattr(moved(s * h), what) for s in (1, 2, -1, -2))
            expected = (8 * (one - minus) - (two - far)) / (12 * h)
            np.testing.assert_allclose(
                getattr(found, f"d_{what}")[k], expected, rtol=2e-6, atol=1e-9, err_msg=what
            )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_hazard_is_the_slope_of_the_cumulative_hazard(name: str) -> None:
    """A second way to the hazard: the derivative of the cumulative hazard in time."""
    distribution, theta = EXAMPLES[name]
    h = 1e-4 * TIMES
    high, low = (
        distribution.evaluate(distribution.points(TIMES + s * h), columns(theta)).cumulative
        for s in (1, -1)
    )
    hazard = np.exp(distribution.evaluate(distribution.points(TIMES), columns(theta)).log_hazard)
    np.testing.assert_allclose(hazard, (high - low) / (2 * h), rtol=1e-6)


SCIPY = {
    "weibull": stats.weibull_min(math.exp(0.3), scale=math.exp(3.0)),
    "lognormal": stats.lognorm(math.exp(0.1), scale=math.exp(3.0)),
    "loglogistic": stats.fisk(math.exp(0.4), scale=math.exp(2.8)),
    "gamma": stats.gamma(math.exp(0.5), scale=math.exp(2.5)),
    "gompertz": stats.gompertz(math.exp(-4.0) / 0.02, scale=1 / 0.02),
}


@pytest.mark.parametrize("name", SCIPY)
def test_survival_is_scipys(name: str) -> None:
    """Survival agrees with another library's distributions."""
    distribution, theta = EXAMPLES[name]
    found = distribution.evaluate(distribution.points(TIMES), columns(theta))
    np.testing.assert_allclose(-found.cumulative, SCIPY[name].logsf(TIMES), rtol=1e-9)


@given(
    mu=st.floats(0, 4),
    log_sigma=st.floats(-1, 1),
    time=st.floats(0.1, 100),
    q=st.sampled_from([0, 1]),
)
def test_generalised_gamma_holds_its_special_cases(
    mu: float, log_sigma: float, time: float, q: int
) -> None:
    """Q = 0 is log-normal and Q = 1 is Weibull with shape 1 / sigma."""
    at = STANDARD["gengamma"].points(np.array([[time]]))
    found = STANDARD["gengamma"].evaluate(at, columns([mu, log_sigma, q]))
    name, theta = ("lognormal", [mu, log_sigma]) if q == 0 else ("weibull", [-log_sigma, mu])
    expected = STANDARD[name].evaluate(at, columns(theta))
    np.testing.assert_allclose(found.cumulative, expected.cumulative, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.log_hazard, expected.log_hazard, rtol=1e-8, atol=1e-8)


CLOSED = ["exponential", "weibull", "lognormal", "gamma", "gengamma", "gengamma negative"]
CLOSED += ["gengamma near lognormal"]


@pytest.mark.parametrize("name", CLOSED)
def test_closed_means_are_areas(name: str) -> None:
    """The formula of a mean agrees with the area under survival."""
    distribution, theta = EXAMPLES[name]

    # What decays at both ends is integrated by sums of its values as exactly as by any rule.
    log_time = np.linspace(-30, 60, 90_001)
    at = distribution.evaluate(distribution.points(np.exp(log_time)[None]), columns(theta))
    area = np.trapezoid(np.exp(log_time - at.cumulative[0]), log_time)
    mean = distribution.log_mean(columns(theta))
    assert mean is not None
    assert math.exp(float(mean[0, 0])) == pytest.approx(area, rel=1e-6)


def test_log_logistic_mean_is_the_formula() -> None:
    """Scale (pi / shape) / sin(pi / shape), for a tail too heavy to integrate."""
    mean = STANDARD["loglogistic"].log_mean(columns([math.log(2), 0.0]))
    assert mean is not None
    assert float(mean[0, 0]) == pytest.approx(math.log(math.pi / 2))


@pytest.mark.parametrize(
    ("name", "theta", "finite"),
    [
        ("loglogistic", [0.1, 0.0], True),
        ("loglogistic", [-0.1, 0.0], False),
        ("gompertz", [0.01, 0.0], True),
        ("gompertz", [-0.01, 0.0], False),
        ("gengamma", [0.0, 0.0, -0.9], True),
        ("gengamma", [0.0, 0.0, -1.1], False),
    ],
)
def test_which_means_exist(name: str, theta: list[float], finite: bool) -> None:
    """Tails that are too heavy have no mean."""
    assert STANDARD[name].mean_is_finite(np.array(theta)) is finite


def test_incomplete_gamma_where_it_underflows() -> None:
    """Logarithms go on smoothly where the functions themselves are 0 in floating point."""
    # ln Q(2, x) = ln(1 + x) - x and ln P(a, x) -> a ln x - ln Gamma(a + 1) for small x.
    x = np.array([600.0, 800.0, 5000.0])
    np.testing.assert_allclose(log_upper(np.array(2.0), x), np.log1p(x) - x, rtol=1e-12)
    small = np.array([1e-200])
    expected = 3 * math.log(1e-200) - math.log(6)
    np.testing.assert_allclose(log_lower(np.array([3.0]), small), expected, rtol=1e-12)


def test_knots_are_quantiles_of_uncensored_log_times() -> None:
    """First, inner and last knot; censored times do not count."""
    time = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 1000.0])
    event = np.array([True] * 5 + [False])
    expected = np.log([1.0, 4.0, 16.0])
    np.testing.assert_allclose(knots_of(time, event, inner=1), expected)


def test_too_few_events_for_knots() -> None:
    """The refusal says how many event times are needed."""
    with pytest.raises(ValueError, match=r"3 inner knots needs at least 5 distinct event times"):
        knots_of(np.array([1.0, 2.0]), np.array([True, True]), inner=3)
