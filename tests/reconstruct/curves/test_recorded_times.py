"""Whole days, weeks or months in which times were recorded, inferred from sampled curves."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.reconstruct.constraints import arm_constraints
from kmrepro.reconstruct.curves.points import WholeTimes, lumped, recorded_unit
from kmrepro.reconstruct.ensemble import Sampler
from kmrepro.studies import curve_endpoint, digitised_curve

WEEK = 7 / 30.4375


def arm(seed: int, n: int, unit: float):
    """Simulate an arm whose times are recorded in whole units, rounded up."""
    rng = np.random.default_rng(seed)
    death, leave = rng.exponential(20, n), rng.uniform(8, 24, n)
    time, event = np.minimum(death, leave), death <= leave
    return (np.ceil(time / unit) * unit if unit else time), event


def sampled(time, event, *, points: int = 150, rows: int = 250):
    """Read heights at even times off a picture of so many rows of pixels."""
    drops, deaths = np.unique(time[event], return_counts=True)
    left = (time[:, None] >= drops).sum(axis=0)
    curve = np.concatenate([[1.0], np.cumprod(1 - deaths / left)])
    at = np.linspace(0, time.max(), points + 1)
    heights = np.round(curve[np.searchsorted(drops, at * (1 + 1e-9), side="right")] * rows) / rows
    tolerance = 1 / rows
    return digitised_curve(at.tolist(), heights.tolist(), kind="samples", tolerance=tolerance)


@pytest.mark.parametrize(("unit", "points"), [(1.0, 150), (0.5, 150), (WEEK, 400)])
def test_the_unit_is_found_however_small_the_drops_are(unit, points):
    """Of 600 patients one event is less than a row of pixels."""
    found = recorded_unit((sampled(*arm(1, 600, unit), points=points),))
    assert found == pytest.approx(unit)


def test_times_without_a_unit_have_none():
    """Falls anywhere; and so few samples that each gap holds a whole unit."""
    assert recorded_unit((sampled(*arm(2, 600, 0.0)),)) is None
    assert recorded_unit((sampled(*arm(2, 600, 1.0), points=20),)) is None


def test_whole_units_are_counted_on_the_right_side_of_heights_and_rows():
    """An event at a height is before it, one at a row after; censorings are after both."""
    whole = WholeTimes.of(np.array([0.9, 1.0, 1.5, 2.0, 2.2]), np.array([0, 0, 0, 1, 0]) > 0, 1.0)
    np.testing.assert_array_equal(whole.events, [0, 0, 1, 1, 1, 2])
    np.testing.assert_array_equal(whole.censorings, [0, 0, 0, 1, 1, 2])


def test_rates_are_lumped_into_gaps_that_hold_something():
    """Nothing is lost up to the last of them."""
    rate = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    holds = np.array([False, True, False, True, False])
    np.testing.assert_array_equal(lumped(rate, holds), [[0, 3, 0, 7, 0]])


def test_draws_have_whole_months_and_the_reported_rows():
    """Every event and censoring of an arm of 400 is at a whole month, as those of the trial."""
    time, event = arm(3, 400, 1.0)
    rows = {float(row): int((time >= row).sum()) for row in (0, 6, 12, 18)}
    endpoint = curve_endpoint({"A": sampled(time, event)}, n={"A": 400}, at_risk={"A": rows})
    assert arm_constraints(endpoint, "A").recorded_unit == 1.0
    assert not arm_constraints(endpoint, "A").drops_only
    drawn = Sampler.of(endpoint, seed=0).block(0)["A"]
    whole = np.isclose(drawn.time, np.rint(drawn.time))
    assert whole.mean() > 0.995
    for row, count in rows.items():
        assert ((drawn.time >= row).sum(axis=1) == count).mean() > 0.98
    followed = drawn.time.sum(axis=1)
    assert abs(followed.mean() - time.sum()) < 4 * followed.std()
