"""Scaled Schoenfeld residuals against R, and their smooth line."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kmrepro.models import NotEstimable, cox, proportionality, schoenfeld
from kmrepro.models._proportionality import _natural_spline
from kmrepro.reconstruct import PseudoIPD

MAINTAINED = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
NONMAINTAINED = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
# R: cox.zph(coxph(Surv(time, status) ~ x, aml))$y; print(digits = 10); in each tie the
# reference arm stands first, as here.
FROM_R = [
    2.222979576, 2.222979576, 2.411512775, 2.411512775, -2.127119949, 2.488787669, -2.085609213,
    -2.160208614, -2.293467402, 2.423913235, 2.446277718, 2.488787669, -1.914037379, 2.557172024,
    -1.704351319, 2.685388639, 3.489535995, 0.915532575,
]  # fmt: skip


def _leukaemia() -> PseudoIPD:
    return PseudoIPD(
        time=MAINTAINED + NONMAINTAINED,
        event=[1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0] + [1] * 5 + [0] + [1] * 6,
        arm=["maintained"] * 11 + ["nonmaintained"] * 12,
        arms=("maintained", "nonmaintained"),
    )


def test_residuals_are_those_of_r() -> None:
    """The leukaemia trial, with tied events."""
    found = schoenfeld(_leukaemia())
    assert_allclose(found.log_hazard_ratio_at, FROM_R, rtol=1e-8)
    assert found.log_hazard_ratio == cox(_leukaemia()).log_hazard_ratio


def test_residuals_average_to_the_estimate() -> None:
    """Residuals add up to nothing at the estimate."""
    found = schoenfeld(_leukaemia())
    assert_allclose(found.log_hazard_ratio_at.mean(), found.log_hazard_ratio, rtol=1e-6)


def test_smooth_is_the_least_squares_spline() -> None:
    """The smooth is the fit of a second implementation, by a solver instead of its equations."""
    found = schoenfeld(_leukaemia())
    knots = np.quantile(found.time, [0, 1 / 3, 2 / 3, 1])
    basis = _natural_spline(found.time, knots)
    terms = np.linalg.lstsq(basis, found.log_hazard_ratio_at, rcond=None)[0]
    assert_allclose(found.smooth, _natural_spline(found.smooth_time, knots) @ terms, rtol=1e-6)
    assert np.all(found.smooth_lower < found.smooth)
    assert np.all(found.smooth < found.smooth_upper)


def test_spline_is_straight_at_its_ends() -> None:
    """A natural spline has no curvature at its outer knots, and is straight beyond them."""
    knots = np.array([0.0, 1.0, 3.0, 4.0])
    below = _natural_spline(np.array([-3.0, -2.0, -1.0, 0.0]), knots)
    beyond = _natural_spline(np.array([4.0, 5.0, 6.0, 7.0]), knots)
    assert_allclose(np.diff(below, n=2, axis=0), 0, atol=1e-12)
    assert_allclose(np.diff(beyond, n=2, axis=0), 0, atol=1e-10)


def test_few_times_have_no_smooth() -> None:
    """Four distinct event times cannot carry four terms and their spread."""
    ipd = PseudoIPD(
        time=[1, 2, 3, 4, 5, 6], event=[1, 1, 1, 1, 0, 0], arm=["A", "B"] * 3, arms=("A", "B")
    )
    found = schoenfeld(ipd)
    assert found.time.size == 4
    assert found.smooth_time.size == found.smooth.size == 0


def test_one_arm_has_none() -> None:
    """There is no hazard ratio to look at."""
    ipd = PseudoIPD(time=[1, 2], event=[1, 1], arm=["A", "A"], arms=("A",))
    with pytest.raises(NotEstimable, match="compares two arms"):
        schoenfeld(ipd)


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
@pytest.mark.parametrize("at", [3.0, 0.1, 1e4 / 3])
def test_one_event_time_tests_nothing(transform: str, at: float) -> None:
    """Events that are all at one time leave rounding, of which the test had a p of 1."""
    ipd = PseudoIPD(
        time=[at, at, 3 * at, at, at, at],
        event=[False, True, False, True, True, True],
        arm=["A"] * 3 + ["B"] * 3,
        arms=("A", "B"),
    )
    with pytest.raises(NotEstimable, match="only one event time compares the arms"):
        proportionality(ipd, transform=transform)
