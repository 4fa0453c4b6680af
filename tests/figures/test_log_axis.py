"""The logarithmic axis of hazard ratios."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.axes import log_axis


def test_everything_reasonable_is_shown() -> None:
    """Estimates and the ends of their intervals lie on the axis, and so does 1."""
    axis = log_axis([0.46, 1.22], [0.21, 1.01, 0.78, 1.89])
    assert axis.lower < 0.21
    assert axis.upper > 1.89
    assert axis.ticks == (0.2, 0.5, 1, 2)


def test_an_absurd_bound_does_not_stretch_the_axis() -> None:
    """A misprinted 232 leaves the axis to the others."""
    axis = log_axis([1.6, 1.2], [1.11, 232, 0.8, 1.9])
    assert axis.upper < 3
    assert axis.clip(232) == axis.upper


@given(st.lists(st.floats(0, 1e300), max_size=6), st.lists(st.floats(allow_nan=True), max_size=6))
def test_any_numbers_give_an_axis(estimates: list[float], bounds: list[float]) -> None:
    """Zeros, infinities and undefined numbers leave an axis with 1 on it and few ticks."""
    axis = log_axis(estimates, bounds)
    assert 0 < axis.lower < 1 < axis.upper < math.inf
    assert 1 in axis.ticks
    assert len(axis.ticks) <= 7
    assert all(axis.lower <= tick <= axis.upper for tick in axis.ticks)
    assert all(axis.lower <= value <= axis.upper for value in estimates if 1e-2 <= value <= 1e2)


@pytest.mark.parametrize(("value", "clipped"), [(0.0, "lower"), (1.0, None), (1e9, "upper")])
def test_clipping(value: float, clipped: str | None) -> None:
    """A value beyond the axis is drawn at its limit."""
    axis = log_axis([1.0], [])
    assert axis.clip(value) == (getattr(axis, clipped) if clipped else value)
