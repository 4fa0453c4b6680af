"""Curves through points are those of scipy and numpy, whose code is another."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from kmrepro.reconstruct.scenarios.interpolation import monotone_cubics, straight_lines


@pytest.mark.parametrize("points", [2, 3, 4, 9])
def test_they_are_those_of_scipy_to_the_last_bit(points: int) -> None:
    """A row by scipy at a time gives the same, at level stretches and after the last point too."""
    rng = np.random.default_rng(points)
    even = np.linspace(0.0, 1.0, 40)
    time = even ** rng.uniform(0.4, 1.8, (60, 1))
    place = np.array([0, *np.sort(rng.choice(np.arange(1, 36), points - 1, replace=False))])
    rise = rng.exponential(0.3, (60, points - 1)) * (rng.random((60, points - 1)) > 0.3)
    value = np.column_stack([np.zeros(60), np.cumsum(rise, axis=1)])
    found = monotone_cubics(time, place, value)
    for row, at, known in zip(found, time, value, strict=True):
        curve = PchipInterpolator(at[place], known)
        np.testing.assert_array_equal(row, curve(np.minimum(at, at[place[-1]])))


def test_a_level_start_and_a_steep_end_do_not_fall() -> None:
    """Nothing falls, where a parabola through three points would fall at the first."""
    time = np.linspace(0.0, 1.0, 50)[None]
    found = monotone_cubics(time, np.array([0, 20, 25, 45]), np.array([[0.0, 0.01, 2.0, 2.0]]))
    assert found[0, 0] == 0.0
    assert (np.diff(found) >= 0).all()


def test_straight_lines_are_those_of_numpy() -> None:
    """Each row is interpolated as alone, at the known times and beside them."""
    rng = np.random.default_rng(5)
    time = np.sort(rng.uniform(0.0, 60.0, 25))
    value = rng.random((30, 25))
    at = np.concatenate([rng.uniform(time[0], time[-1], (30, 20)), np.tile(time, (30, 1))], axis=1)
    found = straight_lines(time, value, at)
    for row, when, known in zip(found, at, value, strict=True):
        np.testing.assert_allclose(row, np.interp(when, time, known), rtol=0, atol=1e-15)
