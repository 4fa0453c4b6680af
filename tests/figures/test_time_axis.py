"""Ticks of the time axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.axes import time_label, time_ticks


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
