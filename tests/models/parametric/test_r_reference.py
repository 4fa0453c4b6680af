"""Fits agree with R's survreg, and with a second likelihood written in R, to 1e-5."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from kmrepro.models.parametric import ParametricFit, ParametricModels, parametric
from kmrepro.reconstruct import PseudoIPD

FITTED = ("exponential", "weibull", "lognormal", "loglogistic", "gompertz", "gamma", "gengamma")
SPLINES = tuple(f"spline-{scale}-{k}" for scale in ("hazard", "odds", "normal") for k in (1, 2))
ARMS = [("lung_months", "male"), ("lung_months", "female"), ("veteran", "standard")]
ARMS.append(("veteran", "test"))
Values = Callable[[str, str, str], Mapping[str, float]]


@pytest.fixture(scope="module")
def reference(from_r: Callable[[str], pd.DataFrame]) -> Values:
    """Return the values that R found for one fit."""
    table = from_r("parametric").set_index(["data", "arm", "model"]).sort_index()
    return lambda *key: table.loc[key].set_index("what")["value"].to_dict()


@pytest.fixture(scope="module")
def models(patients: Callable[[str], PseudoIPD]) -> Callable[[str], ParametricModels]:
    """Fit every distribution to a data set, once."""
    known: dict[str, ParametricModels] = {}

    def fit(data: str) -> ParametricModels:
        if data not in known:
            names = ("cure-weibull",) if data == "colon_years" else (*FITTED, *SPLINES)
            known[data] = parametric(patients(data), distributions=names, treatment_effect=True)
        return known[data]

    return fit


CASES = [(*arm, name) for arm in ARMS for name in (*FITTED, *SPLINES)]
CASES += [("colon_years", arm, "cure-weibull") for arm in ("Obs", "Lev+5FU")]


@pytest.mark.parametrize(("data", "arm", "name"), CASES)
def test_estimates(models: object, reference: Values, *, data: str, arm: str, name: str) -> None:
    """Parameters, covariance, likelihood, knots, survival and restricted means are R's."""
    fit: ParametricFit = models(data).fit(name, arm)  # type: ignore[operator]
    values = reference(data, arm, name)
    p = len(fit.parameters)
    se = np.sqrt([values[f"cov_{i}_{i}"] for i in range(1, p + 1)])
    assert fit.log_likelihood == pytest.approx(values["log_likelihood"], abs=1e-5)
    theta = np.array([values[f"theta_{i}"] for i in range(1, p + 1)])
    np.testing.assert_allclose((fit.estimate - theta) / se, 0, atol=1e-5)
    for i in range(p):
        for j in range(i + 1):
            expected = values[f"cov_{i + 1}_{j + 1}"] / (se[i] * se[j])
            assert fit.covariance[i, j] / (se[i] * se[j]) == pytest.approx(expected, abs=1e-5)
    if knots := [value for what, value in values.items() if what.startswith("knot")]:
        np.testing.assert_allclose(fit.distribution.knots, knots, rtol=1e-10)


@pytest.mark.parametrize(("data", "arm", "name"), CASES)
def test_derived(models: object, reference: Values, *, data: str, arm: str, name: str) -> None:
    """Survival, its standard error and restricted means with theirs are R's."""
    fit: ParametricFit = models(data).fit(name, arm)  # type: ignore[operator]
    values, last = reference(data, arm, name), fit.last_time
    half, far = fit.survival([last / 2, 2 * last]).value
    assert half == pytest.approx(values["survival_half"], rel=1e-5)
    assert far == pytest.approx(values["survival_far"], rel=1e-5, abs=1e-9)
    curve = fit.survival([2 * last])
    if values["survival_far"] > 1e-100:
        lower, upper = (np.log(-np.log(end[0])) for end in (curve.upper, curve.lower))
        if np.isfinite(upper):
            assert (upper - lower) / 2 / 1.959964 == pytest.approx(values["se_far"], rel=1e-4)
    mean = fit.mean(until=2 * last)
    assert mean.value == pytest.approx(values["restricted_mean"], rel=1e-6)
    assert mean.se == pytest.approx(values["se_restricted_mean"], rel=1e-4)


@pytest.mark.parametrize("name", FITTED[:4])
@pytest.mark.parametrize("data", ["lung_months", "veteran"])
def test_treatment_effects(models: object, reference: Values, *, data: str, name: str) -> None:
    """The effect of treatment on the location parameter is survreg's."""
    found: ParametricModels = models(data)  # type: ignore[operator]
    fit = found.fit(name, *found.ipd.arms)
    values = reference(data, "both", name)
    assert fit.log_likelihood == pytest.approx(values["log_likelihood"], abs=1e-6)
    assert fit.estimate[-1] == pytest.approx(values["effect"], abs=1e-6)
    assert fit.covariance[-1, -1] ** 0.5 == pytest.approx(values["effect_se"], rel=1e-5)
