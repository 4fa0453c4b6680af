"""The Kaplan-Meier value and its edges."""

import math

import numpy as np
import pytest

from kmrepro.models import kaplan_meier


def test_published_remission_times(make_ipd):
    """6-mercaptopurine arm of Freireich 1963: S(6) = 0.8571, S(10) = 0.7529, median 23 weeks."""
    events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    ipd = make_ipd(six_mp=[(t, 1) for t in events] + [(t, 0) for t in censored])
    curve = kaplan_meier(ipd, arm="six_mp")
    assert curve.survival_at(6.0) == pytest.approx(0.8571, abs=5e-5)
    assert curve.survival_at(10.0) == pytest.approx(0.7529, abs=5e-5)
    assert curve.survival_at(23.0) == pytest.approx(0.4482, abs=5e-5)
    assert curve.median == 23
    assert curve.n_at_risk_at(6.0) == 21
    assert curve.n_at_risk_at(6.5) == 17


def test_no_events(make_ipd):
    """Without events the curve stays at 1, the band is undefined, the median is never reached."""
    curve = kaplan_meier(make_ipd(A=[(3, 0), (5, 0)]), arm="A")
    np.testing.assert_array_equal(curve.survival, 1.0)
    assert (curve.lower[0], curve.upper[0]) == (1, 1)
    assert np.isnan(curve.lower[1:]).all()
    assert curve.median == math.inf
    assert curve.median_ci == (math.inf, math.inf)


def test_curve_that_drops_to_zero(make_ipd):
    """At a survival of 0 the band is undefined, and so is a median limit that it would hold."""
    curve = kaplan_meier(make_ipd(A=[(3, 1)]), arm="A")
    assert curve.survival.tolist() == [1, 0]
    assert math.isnan(curve.upper[1])
    assert curve.median == 3
    assert all(math.isnan(limit) for limit in curve.median_ci)


def test_median_of_exactly_one_half(make_ipd):
    """A survival of one half counts as reached although 3/4 times 2/3 is not exactly that."""
    curve = kaplan_meier(make_ipd(A=[(1, 1), (2, 1), (3, 0), (4, 1)]), arm="A")
    assert curve.median == 2


def test_values_between_and_after_times(make_ipd):
    """A step holds until the next one, and the last one for ever; nobody is at risk after it."""
    curve = kaplan_meier(make_ipd(A=[(2, 1), (4, 0)]), arm="A")
    assert [curve.survival_at(t) for t in (0.0, 1.9, 2.0, 99.0)] == [1, 1, 0.5, 0.5]
    np.testing.assert_array_equal(curve.survival_at(np.array([1.0, 3.0])), [1, 0.5])
    np.testing.assert_array_equal(curve.n_at_risk_at(np.array([0.0, 2.0, 2.1, 4.1])), [2, 2, 1, 0])
    assert curve.band_at(3.0) == (curve.lower[1], curve.upper[1])
    assert curve.last_time == 4
    assert curve.censor_times.tolist() == [4]


def test_result_is_read_only(make_ipd):
    """Nobody can change a result."""
    curve = kaplan_meier(make_ipd(A=[(2, 1), (4, 0)]), arm="A")
    with pytest.raises(ValueError, match="read-only"):
        curve.survival[0] = 0.3


@pytest.mark.parametrize("name", ["lung", "lung_months", "all_die", "no_events"])
def test_lifelines_gives_the_same(name, patients):
    """Curve and band are lifelines' own, but where the band is undefined and lifelines fills it."""
    from lifelines import KaplanMeierFitter

    ipd = patients(name)
    for arm in ipd.arms:
        curve = kaplan_meier(ipd, arm=arm)
        time, event = ipd.of(arm)
        theirs = KaplanMeierFitter().fit(time.copy(), event.copy())
        survival = theirs.survival_function_at_times(curve.time).to_numpy()
        np.testing.assert_allclose(curve.survival, survival, rtol=1e-14, atol=1e-300)
        lower, upper = theirs.confidence_interval_.reindex(curve.time).to_numpy().T
        known = np.isfinite(curve.lower)
        np.testing.assert_allclose(curve.lower[known], lower[known], rtol=1e-12)
        np.testing.assert_allclose(curve.upper[known], upper[known], rtol=1e-12)


def test_frame_has_a_row_per_time(patients):
    """The columns are the arrays, by time."""
    curve = kaplan_meier(patients("lung"), arm="male")
    frame = curve.to_frame()
    assert list(frame) == ["survival", "lower", "upper", "n_at_risk", "n_events", "n_censored"]
    np.testing.assert_array_equal(frame.index, curve.time)
    np.testing.assert_array_equal(frame["survival"], curve.survival)
    assert curve.confidence_level == curve.confidence == 0.95


def test_earlier_name_of_the_level(patients):
    """`confidence` still does what `confidence_level` does."""
    ipd = patients("lung")
    old = kaplan_meier(ipd, arm="male", confidence=0.8)
    new = kaplan_meier(ipd, arm="male", confidence_level=0.8)
    np.testing.assert_array_equal(old.lower, new.lower)


def test_wider_confidence(make_ipd):
    """A 99% band holds the 80% band."""
    ipd = make_ipd(A=[(t, t % 3 > 0) for t in range(1, 20)])
    wide, narrow = (kaplan_meier(ipd, arm="A", confidence_level=level) for level in (0.99, 0.8))
    inner = slice(2, -1)
    assert (wide.lower[inner] < narrow.lower[inner]).all()
    assert (wide.upper[inner] > narrow.upper[inner]).all()


def test_numpy_warnings_stay_on(make_ipd):
    """Estimating leaves numpy's error state as it was."""
    before = np.geterr()
    kaplan_meier(make_ipd(A=[(2, 1), (4, 1)]), arm="A")
    assert np.geterr() == before


def test_refusals(make_ipd):
    """Unknown arms, impossible levels and negative times are refused."""
    ipd = make_ipd(A=[(2, 1), (4, 0)])
    with pytest.raises(KeyError, match="there is no arm 'B'"):
        kaplan_meier(ipd, arm="B")
    with pytest.raises(ValueError, match=r"between 0 and 1, such as 0\.95, but is 95"):
        kaplan_meier(ipd, arm="A", confidence_level=95)
    curve = kaplan_meier(ipd, arm="A")
    for ask in (curve.survival_at, curve.n_at_risk_at, curve.band_at):
        with pytest.raises(ValueError, match="`time` must be at least 0, but is -1"):
            ask(-1.0)
    with pytest.raises(ValueError, match="but is nan"):
        curve.survival_at(math.nan)
