"""Parametric models: what they say, of one data set and of an ensemble, and what they refuse."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

import kmrepro as km
from kmrepro.models import NotEstimable
from kmrepro.models._inference import combine
from kmrepro.models.parametric import (
    ParametricModels,
    average,
    crossings,
    empirical_hazard,
    parametric,
    weights,
)
from kmrepro.reconstruct import PseudoIPD

pytestmark = pytest.mark.usefixtures("small_blocks")


def simulated(*, n: int = 150, shape: float = 1.3, cured: float = 0.0, seed: int = 1) -> PseudoIPD:
    """Draw Weibull times of two arms, a fraction of whom never has the event."""
    rng = np.random.default_rng(seed)
    scale = np.repeat([50.0, 35.0], n)
    time = scale * rng.weibull(shape, 2 * n)
    time[rng.random(2 * n) < cured] = np.inf
    censored = rng.uniform(30, 120, 2 * n)
    return PseudoIPD(
        time=np.minimum(time, censored),
        event=time <= censored,
        arm=np.repeat(["A", "B"], n),
        arms=("A", "B"),
    )


@pytest.fixture(scope="module")
def models() -> ParametricModels:
    """Fit the default distributions to simulated patients."""
    return parametric(simulated(), treatment_effect=True, horizon=240)


@pytest.fixture(scope="module")
def drawn() -> ParametricModels:
    """Fit a few draws of a published endpoint."""
    draws = km.ensemble(km.load_study("an2025").endpoint("psm", "OS"), n_draws=12, seed=3)
    return parametric(draws, distributions=["weibull", "gompertz", "spline-odds-1"])


def test_infinite_derivatives_of_the_reference_arm(models: ParametricModels) -> None:
    """Far beyond the data a derivative may be infinite; the reference arm's band stays a number."""
    for fit in models.of("A", "B"):
        curve = fit.survival([1e9], arm="A")
        assert 0 <= curve.value[0] <= 1
        assert math.isfinite(fit.mean(until=240.0, arm="A").se)


def test_simulated_parameters_are_found(models: ParametricModels) -> None:
    """Estimates are within three standard errors of the truth."""
    fit = models.fit("weibull", "A")
    z = (fit.estimate - np.log([1.3, 50.0])) / np.sqrt(np.diag(fit.covariance))
    assert np.abs(z).max() < 3
    label, effect = models.fit("weibull", "A", "B").effect()
    assert label == "time ratio"
    assert abs(math.log(effect.value) - math.log(35 / 50)) < 3 * effect.se


def test_every_default_distribution_is_fitted(models: ParametricModels) -> None:
    """Ten fits per arm and ten with a treatment effect; the best AIC comes first."""
    assert len(models.fits) == 30
    assert not models.failures
    criteria = [fit.aic for fit in models.of("A")]
    assert criteria == sorted(criteria)


def test_exponential_in_closed_form(models: ParametricModels) -> None:
    """The rate is events over time, its logarithm has variance 1 / events."""
    fit = models.fit("exponential", "A")
    time, event = models.ipd.of("A")
    assert math.exp(fit.estimate[0]) == pytest.approx(event.sum() / time.sum())
    assert fit.covariance[0, 0] == pytest.approx(1 / event.sum())
    assert fit.aic == pytest.approx(
        2 - 2 * (event.sum() * math.log(event.sum() / time.sum()) - event.sum())
    )


@pytest.mark.parametrize("name", ["weibull", "gengamma", "spline-odds-1", "gompertz"])
def test_medians_means_and_bands(models: ParametricModels, name: str) -> None:
    """Survival at the median is a half; the mean to the horizon is the area; bands contain it."""
    fit = models.fit(name, "A")
    assert fit.survival([fit.median().value]).value[0] == pytest.approx(0.5)
    time = np.linspace(0, 240, 200_001)
    curve = fit.survival(time)
    assert fit.mean(until=240).value == pytest.approx(np.trapezoid(curve.value, time), rel=1e-6)
    assert (curve.lower <= curve.value).all()
    assert (curve.value <= curve.upper).all()
    assert curve.value[0] == curve.lower[0] == curve.upper[0] == 1


def test_effect_models_have_two_arms(models: ParametricModels) -> None:
    """Proportional hazards: the ratio of the fitted hazards is the effect at all times."""
    fit = models.fit("gompertz", "A", "B")
    hazards = [fit.hazard([5.0, 50.0, 200.0], arm=arm).value for arm in ("A", "B")]
    np.testing.assert_allclose(hazards[1] / hazards[0], fit.effect()[1].value, rtol=1e-10)
    with pytest.raises(KeyError, match="name the arm, A or B"):
        fit.survival([1.0])


@pytest.mark.nightly
def test_the_unit_of_time_changes_no_conclusion() -> None:
    """In years, weights are the same and means are a twelfth."""
    ipd = simulated(n=60)
    years = replace(ipd, time=ipd.time / 12, time_unit="years")
    both = [parametric(each) for each in (ipd, years)]
    for arm in ipd.arms:
        for fit in both[0].of(arm):
            other = both[1].fit(fit.name, arm)
            expected = fit.mean(until=100).value / 12
            assert other.mean(until=100 / 12).value == pytest.approx(expected, rel=1e-6)
        first, second = (weights(each.of(arm)) for each in both)
        np.testing.assert_allclose(first, second, rtol=1e-6)


def test_weights_and_averages(models: ParametricModels) -> None:
    """Akaike weights, and an average between the lowest and the highest model."""
    fits = [models.fit(name, "A") for name in ("weibull", "lognormal")]
    found = average(fits)
    odds = found.weights["weibull"] / found.weights["lognormal"]
    assert odds == pytest.approx(math.exp((fits[1].aic - fits[0].aic) / 2))
    assert sum(found.weights.values()) == pytest.approx(1)
    curves = [fit.survival([60.0]).value[0] for fit in fits]
    mean = found.survival([60.0])
    assert min(curves) <= mean.value[0] <= max(curves)
    assert mean.lower[0] < mean.value[0] < mean.upper[0]


def _missed(x: float, own: list[float], sd: list[float], share: list[float], p: float) -> float:
    """Return by how much a mixture of normals is more often below x than with chance p."""
    return float(np.dot(share, norm.cdf(x, own, sd))) - p


def test_the_mean_of_an_average_is_the_area_under_it(models: ParametricModels) -> None:
    """Its survival is the weighted mean of the models', so its area is that of theirs."""
    found, time = models.average("A"), np.linspace(0, 240, 50_001)
    area = np.trapezoid(found.survival(time).value, time)
    assert found.mean(until=240) == pytest.approx(area, rel=1e-5)
    assert found.mean(until=240) < found.mean()


def test_the_band_of_an_average_is_a_quantile_of_the_mixture(models: ParametricModels) -> None:
    """By a root of the mixture's distribution; it falls with time, between the models' limits."""
    times = np.linspace(5.0, 400.0, 80)
    found = models.average("A")
    average, share = found.survival(times), list(found.weights.values())
    fits = [fit.survival(times) for fit in found.fits]
    for place in (10, 40):
        own = [math.log(-math.log(fit.value[place])) for fit in fits]
        sd = [
            (each - math.log(-math.log(fit.upper[place]))) / norm.ppf(0.975)
            for each, fit in zip(own, fits, strict=True)
        ]
        for limit, wanted in ((average.upper, 0.025), (average.lower, 0.975)):
            root = brentq(_missed, -20, 5, args=(own, sd, share, wanted))
            assert limit[place] == pytest.approx(math.exp(-math.exp(root)), rel=1e-6)
    assert (np.diff([average.lower, average.value, average.upper]) <= 0).all()
    assert (average.upper <= np.max([fit.upper for fit in fits], axis=0) + 1e-12).all()
    assert (average.lower >= np.min([fit.lower for fit in fits], axis=0) - 1e-12).all()


def test_averages_are_of_the_same_patients(models: ParametricModels) -> None:
    """Criteria of different patients cannot be compared."""
    with pytest.raises(ValueError, match="fitted to the same patients"):
        average([models.fit("weibull", "A"), models.fit("weibull", "B")])


def test_rubins_rules_by_hand() -> None:
    """Mean, within and between of three estimates."""
    found = combine(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3]))
    assert float(found.value) == 2
    assert float(found.within) == pytest.approx(0.2)
    assert float(found.between) == pytest.approx(4 / 3)
    assert float(found.reconstruction_share) == pytest.approx((4 / 3) / (0.2 + 4 / 3))


def test_draws_are_fitted_as_single_data_sets(drawn: ParametricModels) -> None:
    """Fits of a draw by itself are the rows of the fit to all; their spread is the share."""
    draws = km.ensemble(km.load_study("an2025").endpoint("psm", "OS"), n_draws=12, seed=3)
    fit = drawn.fit("weibull", "TA")
    alone = [
        parametric(draws.draw(k), distributions=["weibull"]).fit("weibull", "TA") for k in (0, 7)
    ]
    np.testing.assert_allclose(fit.theta[[0, 7]], [each.theta[0] for each in alone], rtol=1e-7)
    between = (1 + 1 / 12) * np.cov(fit.theta.T)
    np.testing.assert_allclose(fit.combined.between, between, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, fit.covariances.mean(axis=0) + between, rtol=1e-10)
    np.testing.assert_allclose(fit.cholesky @ fit.cholesky.T, fit.covariance, rtol=1e-8)


def test_the_reconstructions_share(drawn: ParametricModels, models: ParametricModels) -> None:
    """Of draws it is between 0 and 1, of a single data set 0; knots are those of all draws."""
    for fit in drawn.fits:
        assert 0 < fit.mean(until=drawn.horizon).reconstruction_share < 1
    assert models.fits[0].mean(until=240).reconstruction_share == 0
    assert len(drawn.fit("spline-odds-1", "SR").theta) == 12


def test_cure_models() -> None:
    """A cured fraction is found where there is one, and refused where there is none."""
    cured = parametric(simulated(n=400, cured=0.4), distributions=["cure-weibull", "weibull"])
    fit = cured.fit("cure-weibull", "A")
    assert 1 / (1 + math.exp(-fit.estimate[0])) == pytest.approx(0.4, abs=0.1)
    assert fit.aic < cured.fit("weibull", "A").aic
    assert fit.mean().value == math.inf
    assert "never have the event" in " ".join(cured.warnings(fit))
    ipd = simulated(n=400, shape=2.0)
    none = parametric(ipd, distributions=["cure-weibull", "weibull"])
    assert "data do not show one" in none.failures[("A",), "cure-weibull"]
    with pytest.raises(NotEstimable, match="could be fitted to arm A"):
        parametric(ipd, distributions=["cure-weibull"])


def test_implausible_tails_are_named() -> None:
    """A falling hazard, an infinite mean and survivors for ever are said."""
    found = parametric(
        simulated(n=300, shape=0.6), distributions=["gompertz", "loglogistic"], horizon=600
    )
    gompertz = " ".join(found.warnings(found.fit("gompertz", "A")))
    assert "The hazard falls to" in gompertz
    assert "never have the event" in gompertz
    assert "infinite" in " ".join(found.warnings(found.fit("loglogistic", "A")))
    assert any(text.startswith("Arm A: AIC prefers") for text in found.cautions())


def test_progression_free_survival_above_overall_survival() -> None:
    """Curves in the wrong order are found, and where."""
    os = parametric(simulated(), distributions=["weibull"], horizon=240).fit("weibull", "A")
    ipd = simulated()
    later = parametric(
        replace(ipd, time=ipd.time * 0.8), distributions=["lognormal"], horizon=240
    ).fit("lognormal", "A")
    assert "exceeds fitted overall survival" in str(crossings(later, os, horizon=240, arm="A"))
    assert crossings(os, os, horizon=240, arm="A") is None


def test_smoothed_hazard_of_exponential_times() -> None:
    """It is about constant, its interval covers the rate, and its area is Nelson and Aalen's."""
    rng = np.random.default_rng(5)
    time = rng.exponential(50, 800)
    ipd = PseudoIPD(time=time, event=time < 200, arm=["A"] * 800, arms=("A",))
    found = empirical_hazard(ipd, arm="A")
    middle = slice(20, 80)
    assert np.abs(found.value[middle] * 50 - 1).max() < 0.5
    assert ((found.lower < 0.02) & (found.upper > 0.02))[middle].mean() > 0.8


def test_an_arm_without_events() -> None:
    """It is named."""
    ipd = simulated(n=20)
    ipd = replace(ipd, event=ipd.event & (ipd.arm == "A"))
    with pytest.raises(NotEstimable, match="Arm B has no events"):
        parametric(ipd)


def test_a_horizon_before_the_end() -> None:
    """The end of follow-up is named."""
    with pytest.raises(NotEstimable, match=r"horizon, 12 months, is before the end of follow-up"):
        parametric(simulated(n=20), horizon=12)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["weibul"], "There is no distribution 'weibul'; did you mean weibull"),
        (["spline-hazard-4"], "There is no distribution 'spline-hazard-4'"),
        ([], "names none"),
    ],
)
def test_unknown_distributions(names: list[str], message: str) -> None:
    """The nearest is named."""
    with pytest.raises(ValueError, match=message):
        parametric(simulated(n=20), distributions=names)


def test_few_events_are_no_traceback() -> None:
    """With two events, splines and three parameters are refused with a reason, others fitted."""
    ipd = PseudoIPD(
        time=[3.0, 9.0, 10.0, 10.0, 10.0], event=[1, 1, 0, 0, 0], arm=["A"] * 5, arms=("A",)
    )
    found = parametric(ipd)
    assert {"exponential", "weibull"} <= {fit.name for fit in found.fits}
    assert "distinct event times" in found.failures[("A",), "spline-hazard-1"]
    with pytest.raises(KeyError, match="no fit of spline-hazard-1 to A: A spline"):
        found.fit("spline-hazard-1", "A")


def test_a_treatment_effect_needs_two_arms() -> None:
    """One arm has none."""
    ipd = PseudoIPD(time=[1.0, 2.0], event=[1, 1], arm=["A", "A"], arms=("A",))
    with pytest.raises(NotEstimable, match="compares two arms; there are 1: A"):
        parametric(ipd, treatment_effect=True)


@pytest.fixture(scope="module")
def few_events() -> ParametricModels:
    """Fit the default distributions to 30 patients of whom 3 had an event, and to 20 of 20."""
    time = np.concatenate([np.linspace(2, 12, 30), np.linspace(1, 4, 20)])
    event = np.concatenate([np.isin(np.arange(30), (4, 12, 20)), np.ones(20, dtype=bool)])
    arms = ("few", "all")
    ipd = PseudoIPD(time=time, event=event, arm=np.repeat(arms, (30, 20)), arms=arms)
    return parametric(ipd, horizon=36)


def test_nobody_lives_on_average_longer_than_the_horizon(few_events: ParametricModels) -> None:
    """Limits of restricted means are within it, around the mean, and short means are unlimited."""
    models = few_events
    for fit in models.fits:
        mean = fit.mean(until=36.0)
        assert 0 < mean.ci[0] < mean.value < mean.ci[1] < 36.0
        assert fit.mean(until=1e-3).ci[1] <= 1e-3
    rows = models.to_frame()
    assert (rows["restricted_mean_upper"] < 36.0).all()
    # The plain log interval of such an arm goes far beyond: it is what was written before.
    beyond = [fit.mean(until=36.0) for fit in models.of("few")]
    assert any(mean.value * math.exp(1.96 * mean.se) > 36.0 for mean in beyond)


def test_a_restricted_mean_has_the_interval_of_its_log_odds(few_events: ParametricModels) -> None:
    """Of an exponential it is near the exact one, that of the rate; far from the horizon, too."""
    fit = few_events.fit("exponential", "few")
    rate, se = math.exp(fit.estimate[0]), math.sqrt(fit.covariance[0, 0])
    for until in (6.0, 36.0, 1e6):
        rates = [rate * math.exp(1.96 * z * se) for z in (1, -1)]
        exact = [-math.expm1(-each * until) / each for each in rates]
        mean = fit.mean(until=until)
        assert mean.ci == pytest.approx(exact, rel=0.05)
        odds = [math.log(m / (until - m)) for m in (mean.ci[0], mean.value, mean.ci[1])]
        assert odds[1] - odds[0] == pytest.approx(odds[2] - odds[1])
