"""Small data sets for the tests of the batched analyses."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

__all__ = ["Draws", "draws"]

Draws = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Times and event flags of shape (draws, n), and treated of shape (n,)."""


@st.composite
def draws(draw, *, longest: int = 12) -> Draws:
    """Three data sets of the same, few patients with whole times, so that many are tied."""
    n = draw(st.integers(2, 30))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    time = rng.integers(1, draw(st.integers(1, longest)) + 1, (3, n)).astype(float)
    event = rng.random((3, n)) < draw(st.sampled_from([0.1, 0.3, 0.6, 1.0]))
    treated = np.arange(n) < draw(st.integers(1, n - 1))
    return time, event, rng.permutation(treated)
