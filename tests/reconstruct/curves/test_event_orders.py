"""Orders of events and censorings that take survival through the heights of a curve."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.reconstruct.curves.knots import CurveKnots, orders_along


def knots_around(survival: np.ndarray, n: int, tolerance: float) -> CurveKnots:
    """Return knots of heights within a tolerance of given survival."""
    size = survival.size
    given_fields = {
        "n": n,
        "time": np.arange(1.0, size + 1),
        "lower": survival - tolerance,
        "upper": survival + tolerance,
        "between": np.ones(size, dtype=bool),
        "drop": np.zeros(size, dtype=bool),
        "at_mark": False,
        "tolerance": tolerance,
    }
    others = {field.name: np.zeros(size, dtype=int) for field in fields(CurveKnots)}
    return CurveKnots(**(others | given_fields))


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_orders_of_real_patients_are_found_again(seed: int) -> None:
    """Heights that some order gives are matched by the order that is chosen."""
    rng = np.random.default_rng(seed)
    n, size = int(rng.integers(200, 2000)), 12
    censored, events = rng.integers(0, n // 40, size), rng.integers(0, n // 60, size)
    late = rng.integers(0, censored + 1)
    before = n - np.concatenate([[0], np.cumsum(censored + events)])[:-1]
    survival = np.cumprod(1.0 - events / (before - censored + late))
    tolerance = 20 / n**1.5  # wide enough for the steps between neighbouring orders
    knots = knots_around(survival, n, tolerance)
    chosen = orders_along(knots, censored, events, chosen=np.full(size, -1))
    assert ((chosen >= 0) & (chosen <= censored)).all()
    found = np.cumprod(1.0 - events / (before - censored + chosen))
    assert np.abs(found - survival).max() <= tolerance + 1e-9


def test_an_order_that_was_chosen_with_the_counts_is_kept() -> None:
    """Where few orders are possible the search has chosen one already."""
    censored, events = np.array([3, 2]), np.array([1, 1])
    knots = knots_around(np.array([0.95, 0.9]), 20, 0.05)
    chosen = orders_along(knots, censored, events, chosen=np.array([2, 0]))
    np.testing.assert_array_equal(chosen, [2, 0])
