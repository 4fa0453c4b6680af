"""Fits agree with published ones, to the digits that were published.

[1] Collett D. Modelling Survival Data in Medical Research. 2nd ed. Chapman & Hall/CRC, 2003,
    chapter 5, on the times of Example 1.1 (Table 1.1): discontinuation of an intrauterine device.
[2] Jackson CH. flexsurv: a platform for parametric survival modeling in R. J Stat Softw
    2016;70(8). doi:10.18637/jss.v070.i08. Values that flexsurv's own tests expect:
    tests/testthat/test_flexsurvreg.R, of the data `ovarian` of R's survival.
[3] Royston P. Flexible parametric alternatives to the Cox model, and more. Stata J 2001;1:1-28.
    doi:10.1177/1536867X0100100101: the command stpm. Its output for the German breast cancer study
    is in flexsurv's tests/testthat/test_spline.R, "flexsurvspline results match stpm in Stata".
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kmrepro.models.parametric import parametric
from kmrepro.models.parametric.flexible import Scale, Spline
from kmrepro.models.parametric.likelihood import Fitter
from kmrepro.reconstruct import PseudoIPD

IUD = (10, 13, 18, 19, 23, 30, 36, 38, 54, 56, 59, 75, 93, 97, 104, 107, 107, 107)
IUD_EVENT = (1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0)
Patients = Callable[[str], PseudoIPD]


def together(ipd: PseudoIPD, *, unit: float = 1.0) -> PseudoIPD:
    """Return the patients of all arms as one, times divided by a unit."""
    return replace(ipd, time=ipd.time / unit, arm=np.full(ipd.time.size, "all"), arms=("all",))


def test_collett() -> None:
    """Exponential rate 0.0086; Weibull lambda 0.000454 and gamma 1.676 of [1], chapter 5."""
    ipd = PseudoIPD(time=IUD, event=IUD_EVENT, arm=["all"] * 18, arms=("all",), time_unit="weeks")
    models = parametric(ipd, distributions=["exponential", "weibull"])
    rate = np.exp(models.fit("exponential", "all").estimate[0])
    assert rate == pytest.approx(0.0086, abs=5e-5)
    shape, scale = np.exp(models.fit("weibull", "all").estimate)
    assert shape == pytest.approx(1.676, abs=5e-4)
    assert scale**-shape == pytest.approx(0.000454, abs=5e-7)


@pytest.mark.parametrize(
    ("name", "log_likelihood"),
    [("lognormal", -97.12174204265681), ("gamma", -97.86379723453011)],
)
def test_flexsurvreg(patients: Patients, *, name: str, log_likelihood: float) -> None:
    """Log likelihoods that flexsurv's tests expect of 26 patients [2]."""
    models = parametric(together(patients("ovarian")), distributions=[name])
    assert models.fit(name, "all").log_likelihood == pytest.approx(log_likelihood, rel=1e-6)


def test_flexsurvreg_with_treatment(patients: Patients) -> None:
    """Weibull regression on the treatment, which flexsurv's tests expect at -97.36415066 [2]."""
    ipd = patients("ovarian")
    models = parametric(ipd, distributions=["weibull"], treatment_effect=True)
    fit = models.fit("weibull", *ipd.arms)
    assert fit.log_likelihood == pytest.approx(-97.3641506645869, rel=1e-6)


def test_weibull_of_the_breast_cancer_study(patients: Patients) -> None:
    """686 patients, times in years of 365 days: -873.207054864145 in flexsurv's tests [2]."""
    models = parametric(together(patients("gbsg"), unit=365), distributions=["weibull"])
    fit = models.fit("weibull", "all")
    assert (fit.n, fit.n_events) == (686, 299)
    assert fit.log_likelihood == pytest.approx(-873.207054864145, rel=1e-6)


@pytest.mark.parametrize(
    ("scale", "log_likelihood"),
    [("hazard", -674.75128), ("odds", -675.271), ("normal", -675.73591)],
)
def test_stpm(patients: Patients, *, scale: Scale, log_likelihood: float) -> None:
    """Splines with two knots: log likelihoods, and coefficients, that Stata's stpm gives [3].

    stpm has its knots at the 33rd and 67th centiles, as Stata defines them, and its density is that
    of ln t; the sum of ln t over events turns it into that of t.
    """
    ipd = together(patients("gbsg"), unit=365)
    log_time = np.log(ipd.time[ipd.event])
    knots = tuple(np.quantile(log_time, [0, 0.33, 0.67, 1], method="weibull"))
    fits = Fitter(ipd.time[None], ipd.event[None]).fit(Spline(scale, knots))
    assert fits.log_likelihood[0] + log_time.sum() == pytest.approx(log_likelihood, abs=1e-5)
    if scale == "hazard":
        published = [-1.728339, 3.476179, 0.567432, -0.3420749]
        np.testing.assert_allclose(fits.theta[0], published, rtol=1e-5)
