"""Ticks of the time axis and of hazard ratios, and fewer points for large curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.axes import log_axis, time_label, time_ticks
from kmrepro.figures.curves import (
    MOST_STEPS,
    kept_steps,
    spaced,
)


@pytest.mark.parametrize(
    ("end", "unit", "most", "ticks"),
    [
        pytest.param(130, "months", 12, [12 * k for k in range(11)], id="ten years in months"),
        pytest.param(184, "months", 12, [24 * k for k in range(8)], id="fifteen years in months"),
        pytest.param(28, "months", 8, [0, 6, 12, 18, 24], id="two years in months"),
        pytest.param(7.8, "years", 9, list(range(8)), id="years"),
        pytest.param(400, "days", 9, [0, 60, 120, 180, 240, 300, 360], id="a year in days"),
        pytest.param(60, "weeks", 9, [0, 8, 16, 24, 32, 40, 48, 56], id="weeks"),
        pytest.param(0.9, "years", 9, [0, 0.2, 0.4, 0.6, 0.8], id="less than a year"),
        pytest.param(60, "months", 6, [0, 12, 24, 36, 48, 60], id="the end is a tick"),
    ],
)
def test_ticks(end: float, unit: str, most: int, ticks: list[float]) -> None:
    """Steps are those that readers of survival curves expect."""
    assert time_ticks(end, unit=unit, most=most).tolist() == pytest.approx(ticks)


@given(
    end=st.floats(1e-4, 1e6),
    unit=st.sampled_from(["days", "weeks", "months", "years"]),
    most=st.integers(3, 15),
)
def test_any_axis_gets_ticks(end: float, unit: str, most: int) -> None:
    """Two ticks at least, from 0 on, evenly apart, none beyond the end, no more than fit."""
    ticks = time_ticks(end, unit=unit, most=most)
    assert 2 <= ticks.size <= most
    assert ticks[0] == 0
    assert ticks[-1] <= end * (1 + 1e-8)
    assert end - ticks[-1] < (ticks[1] - ticks[0]) * (1 + 1e-8)


@pytest.mark.parametrize("end", [0.0, -1.0, float("nan"), float("inf")])
def test_an_axis_needs_an_end(end: float) -> None:
    """A time axis that ends nowhere is refused."""
    with pytest.raises(ValueError, match="`end` must be positive and finite, but is"):
        time_ticks(end, unit="months")


def test_an_axis_needs_room_for_ticks() -> None:
    """Fewer than three ticks cannot always be placed."""
    with pytest.raises(ValueError, match="`most` must be at least 3, but is 2"):
        time_ticks(10, unit="months", most=2)


def test_label() -> None:
    """The axis says its unit."""
    assert time_label("weeks") == "Time (weeks)"


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


def test_small_curves_are_drawn_whole() -> None:
    """Up to 1500 steps none is left out."""
    survival = np.linspace(1, 0.2, MOST_STEPS)
    assert kept_steps(survival).tolist() == list(range(MOST_STEPS))


@given(seed=st.integers(0, 1000), n=st.integers(MOST_STEPS + 1, 6000))
def test_large_curves_lose_nothing_visible(seed: int, n: int) -> None:
    """What is drawn is everywhere within a 2000th of the height of the curve."""
    rng = np.random.default_rng(seed)
    survival = np.concatenate([[1.0], np.cumprod(1 - rng.exponential(1 / n, n))])
    kept = kept_steps(survival)
    drawn = survival[kept][np.searchsorted(kept, np.arange(survival.size), side="right") - 1]
    assert np.abs(drawn - survival).max() <= 1 / 2000 + 1e-12
    assert kept[0] == 0
    assert kept[-1] == survival.size - 1


def test_marks_that_would_touch_are_drawn_once() -> None:
    """A mark closer than the gap to the one before is left out."""
    times = np.array([1.0, 1.2, 1.6, 2.0, 5.0])
    assert spaced(times, gap=0.5).tolist() == pytest.approx([1.0, 1.6, 5.0])
    assert spaced(np.array([]), gap=1).size == 0
