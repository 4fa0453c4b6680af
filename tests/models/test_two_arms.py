"""Tests and effects of two arms: published values, and refusals where no answer exists."""

import math

import numpy as np
import pytest

from kmrepro.models import (
    NotEstimable,
    cox,
    largest_tau,
    logrank,
    milestone,
    proportionality,
    rmst,
)

SIX_MP = [(6, 1)] * 3 + [
    (t, e)
    for t, e in zip(
        [6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
        [0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
        strict=True,
    )
]
PLACEBO = [(t, 1) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]


def test_published_leukaemia_trial(make_ipd):
    """Freireich 1963 as in Kalbfleisch and Prentice: log-rank 16.79, Efron log HR 1.57."""
    ipd = make_ipd(six_mp=SIX_MP, placebo=PLACEBO)
    test, fit = logrank(ipd), cox(ipd)
    assert test.statistic == pytest.approx(16.79, abs=5e-3)
    assert test.expected["placebo"] == pytest.approx(10.75, abs=5e-3)
    assert test.observed == {"six_mp": 9, "placebo": 21}
    assert fit.log_hazard_ratio == pytest.approx(1.572, abs=5e-4)
    assert fit.se == pytest.approx(0.412, abs=5e-4)
    assert (fit.reference, fit.treatment, fit.n, fit.n_events) == ("six_mp", "placebo", 42, 30)


def test_three_arms(make_ipd):
    """The log-rank test takes three arms on 2 degrees of freedom; a hazard ratio does not."""
    ipd = make_ipd(
        A=[(3, 1), (5, 1), (9, 0)], B=[(2, 1), (6, 1), (8, 1)], C=[(1, 1), (4, 0), (7, 1)]
    )
    test = logrank(ipd)
    assert test.degrees_of_freedom == 2
    assert test.p == pytest.approx(math.exp(-test.statistic / 2))
    assert math.isnan(rmst(ipd, tau=7).difference)
    assert math.isnan(milestone(ipd, time=7).p)
    with pytest.raises(NotEstimable, match="compares two arms; there are 3: A, B, C"):
        cox(ipd)


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        pytest.param({"A": [(2, 1), (3, 0)]}, "there is only A", id="one arm"),
        pytest.param(
            {"A": [(2, 0)], "B": [(3, 0)]}, "nobody in either arm had one", id="no events"
        ),
        pytest.param(
            {"A": [(2, 0), (5, 0)], "B": [(3, 1)]},
            "is infinite, without an interval: nobody in arm A had",
            id="infinite",
        ),
        pytest.param(
            {"A": [(2, 1), (5, 1)], "B": [(3, 0)]},
            "is 0, without an interval: nobody in arm B had",
            id="zero",
        ),
        pytest.param(
            {"A": [(5, 1), (6, 1)], "B": [(3, 1), (4, 1)]},
            "every event in arm A came after the last follow-up of arm B",
            id="one after the other",
        ),
        pytest.param(
            {"A": [(2, 0)], "B": [(3, 1)]},
            "is undetermined: no event happened while patients of both arms were at risk",
            id="never together",
        ),
    ],
)
def test_no_hazard_ratio(arms, message, make_ipd):
    """A hazard ratio that the patients do not determine is refused with its reason."""
    with pytest.raises(NotEstimable, match=message):
        cox(make_ipd(**arms))
    with pytest.raises(NotEstimable):
        proportionality(make_ipd(**arms))


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        pytest.param({"A": [(2, 1)]}, "there is only A", id="one arm"),
        pytest.param({"A": [(2, 0)], "B": [(3, 0)]}, "nobody in any arm", id="no events"),
        pytest.param(
            {"A": [(2, 0)], "B": [(3, 1), (4, 1)]},
            "undefined for arm A",
            id="never at risk together",
        ),
        pytest.param({"A": [(2, 1)], "B": [(2, 1)]}, "undefined for arm A", id="everybody at once"),
    ],
)
def test_no_logrank(arms, message, make_ipd):
    """A log-rank test without a risk set that holds both arms is refused."""
    with pytest.raises(NotEstimable, match=message):
        logrank(make_ipd(**arms))


def test_no_time_scale(make_ipd):
    """One time of events cannot show a change over time."""
    ipd = make_ipd(A=[(2, 1), (3, 0)], B=[(2, 1), (4, 0), (5, 0)])
    with pytest.raises(NotEstimable, match="only one event time"):
        proportionality(ipd)
    with pytest.raises(ValueError, match="must be one of km, identity, rank, log, but is 'sqrt'"):
        proportionality(ipd, transform="sqrt")


def test_equal_arms(make_ipd):
    """Two arms with the same patients have a hazard ratio of 1 and p of 1."""
    rows = [(2, 1), (3, 0), (5, 1), (8, 1)]
    fit = cox(make_ipd(A=rows, B=rows))
    assert fit.hazard_ratio == pytest.approx(1)
    assert (fit.p_wald, fit.p_score, fit.p_likelihood_ratio) == pytest.approx((1, 1, 1))


def test_largest_horizon(make_ipd):
    """A curve still up ends its arm's horizon; one that is down does not."""
    ipd = make_ipd(A=[(2, 1), (9, 0)], B=[(3, 1), (4, 1)])
    assert largest_tau(ipd) == 9
    assert rmst(ipd, tau=9).arms["B"].mean == pytest.approx(3.5)
    assert milestone(ipd, time=9).arms["B"].survival == 0
    both_down = make_ipd(A=[(2, 1), (9, 1)], B=[(3, 1), (4, 1)])
    assert largest_tau(both_down) == 9
    with pytest.raises(NotEstimable, match="arm A was followed for 9 only"):
        rmst(ipd, tau=9.5)
    with pytest.raises(NotEstimable, match=r"`time` is 9\.5 months, but arm A"):
        milestone(ipd, time=9.5)
    end = 5.1 + 0.1
    in_the_last_bit = make_ipd(A=[(2, 1), (end, 0)], B=[(3, 1), (4, 1)])
    assert end < 5.2
    assert rmst(in_the_last_bit, tau=5.2).arms["A"].mean == pytest.approx(3.6)
    third = make_ipd(A=[(2, 1), (20 / 3, 0)], B=[(3, 1), (4, 1)])
    with pytest.raises(NotEstimable, match=r"followed for 6\.666666667 only"):
        rmst(third, tau=7)


def test_difference_without_events(make_ipd):
    """Where nobody had an event there is a difference of 0 without a p."""
    ipd = make_ipd(A=[(5, 0), (9, 1)], B=[(6, 0), (8, 1)])
    means, there = rmst(ipd, tau=4), milestone(ipd, time=4)
    assert (means.difference, there.difference) == (0, 0)
    assert math.isnan(means.p)
    assert math.isnan(there.p)
    assert means.arms["A"].ci == (4, 4)


@pytest.mark.parametrize("bad", [0.0, -3.0, math.nan, math.inf])
def test_impossible_horizons(bad, make_ipd):
    """A horizon is a positive time."""
    ipd = make_ipd(A=[(5, 0), (9, 1)], B=[(6, 0), (8, 1)])
    with pytest.raises(ValueError, match="`tau` must be positive and finite"):
        rmst(ipd, tau=bad)
    if bad:
        with pytest.raises(ValueError, match="`time` must be finite and at least 0"):
            milestone(ipd, time=bad)


@pytest.mark.parametrize("estimate", [cox, logrank, proportionality])
def test_patients_are_left_alone(estimate, make_ipd):
    """No estimate changes the patients or numpy's error state."""
    ipd = make_ipd(A=SIX_MP, B=PLACEBO)
    time, event, state = ipd.time.copy(), ipd.event.copy(), np.geterr()
    estimate(ipd)
    np.testing.assert_array_equal(ipd.time, time)
    np.testing.assert_array_equal(ipd.event, event)
    assert np.geterr() == state


def test_frames_of_two_arm_analyses(patients):
    """Each result is a data frame with its estimates, and answers to SciPy's names."""
    ipd = patients("lung")
    fit, test, means = cox(ipd), logrank(ipd), rmst(ipd, tau=365.0)
    (row,) = fit.to_frame().itertuples()
    assert (row.Index, row.reference, row.hazard_ratio) == ("female", "male", fit.hazard_ratio)
    assert (row.ci_lower, row.ci_upper) == fit.ci
    assert (fit.pvalue, test.pvalue, means.pvalue) == (fit.p_wald, test.p, means.p)
    assert fit.confidence_level == means.confidence_level == 0.95
    frame = test.to_frame()
    assert frame["observed"].to_dict() == dict(test.observed)
    assert set(frame["p"]) == {test.p}
    table = means.to_frame()
    assert table.index.tolist() == ["male", "female", "difference"]
    assert table.loc["difference", "mean"] == means.difference
    assert table.loc["difference", "p"] == means.p
    half = table.loc["difference", "ci_upper"] - means.difference
    assert half == pytest.approx(1.959964 * table.loc["difference", "se"], rel=1e-6)
