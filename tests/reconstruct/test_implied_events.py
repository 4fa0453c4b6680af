"""Events implied by the printed interval of a hazard ratio."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kmrepro.reconstruct.quick_looks import implied_events
from kmrepro.studies.endpoint import Reported
from kmrepro.studies.printed import PrintedNumber


def reported(lower: str, upper: str) -> Reported:
    return Reported(ci=(PrintedNumber.parse(lower), PrintedNumber.parse(upper)))


def test_sr_versus_ta_overall_survival():
    """0.78-1.89 with 185 patients in each arm speaks of 77 to 80 events."""
    events = implied_events(reported("0.78", "1.89"), 0.5)
    assert events is not None
    assert math.ceil(events.low) == 77
    assert math.floor(events.high) == 80
    assert events.low < events.estimate < events.high
    assert events.se == pytest.approx((math.log(1.89) - math.log(0.78)) / (2 * 1.959964), rel=1e-6)
    assert "0.78-1.89" in events.method


def test_unequal_allocation_needs_more_events():
    """The same interval needs more events at 2:1 than at 1:1, by 0.25 / (2/9)."""
    even, uneven = (implied_events(reported("0.5", "2.0"), q) for q in (1 / 2, 2 / 3))
    assert even is not None
    assert uneven is not None
    assert uneven.estimate / even.estimate == pytest.approx(9 / 8)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        pytest.param("0.00", "1.89", id="zero"),
        pytest.param("1.9", "0.8", id="falling"),
        pytest.param("0.9", "NR", id="not reached"),
        pytest.param("<0.1", "0.8", id="inequality"),
    ],
)
def test_no_usable_interval(lower: str, upper: str):
    """An interval that cannot be one implies nothing."""
    assert implied_events(reported(lower, upper), 0.5) is None


def test_nothing_reported():
    """No interval, no events."""
    assert implied_events(None, 0.5) is None
    assert implied_events(Reported(), 0.5) is None


def test_interval_that_may_be_empty():
    """1 to 2, without decimals, may have no width: then any number of events is possible."""
    vague = implied_events(reported("1", "2"), 0.5)
    assert vague is not None
    assert vague.high == math.inf
    assert 0 < vague.low < vague.estimate < math.inf


@pytest.mark.parametrize("allocation", [0.0, 1.0, -0.5, math.nan])
def test_impossible_allocation(allocation: float):
    """Both arms must have patients."""
    with pytest.raises(ValueError, match=r"`allocation` must lie between 0 and 1"):
        implied_events(reported("0.78", "1.89"), allocation)


@given(st.floats(0.3, 3.0), st.integers(20, 2000), st.floats(0.2, 0.8))
def test_events_come_back(hazard_ratio: float, n_events: int, q: float):
    """An interval made from D events and printed with two decimals implies a range around D."""
    half = 1.959963984540054 / math.sqrt(n_events * q * (1 - q))
    lower, upper = (hazard_ratio * math.exp(sign * half) for sign in (-1, 1))
    assume(lower > 0.01)
    events = implied_events(reported(f"{lower:.2f}", f"{upper:.2f}"), q)
    assume(events is not None)
    assert events is not None
    assert events.low * 0.999999 <= n_events <= events.high * 1.000001
