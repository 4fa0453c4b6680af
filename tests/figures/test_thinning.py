"""Fewer points for large curves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.figures.curves import (
    MOST_STEPS,
    kept_steps,
    spaced,
)


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
