"""Differences of restricted means and of survival, over draws that end at different times."""

from __future__ import annotations

import re

import numpy as np
import pytest

from kmrepro.models.pooling.differences import _combined, _single


@pytest.mark.parametrize(
    ("followed", "said"),
    [
        (10, "10 draws, Rubin's rules$"),
        (6, "6 draws, Rubin's rules; 4 that are not followed to 12 months, or without an event"),
        (4, "^an arm of most draws is not followed to 12 months$"),
    ],
)
def test_draws_that_end_early_are_counted(followed: int, said: str) -> None:
    """They are left out if they are the fewer, and the trial is if they are not."""
    value = np.where(np.arange(10) < followed, 1.0, np.nan)
    found = _combined(value, np.ones(10), "area", "12 months")
    assert re.search(said, found if isinstance(found, str) else found.route)
    without = _combined(np.ones(10), np.zeros(10), "area", "12 months")
    assert without == "most draws are not followed to 12 months, or have no event before it"
    events = np.where(np.arange(10) < 4, 1.0, 0.0)
    assert (
        _combined(np.where(np.arange(10) < 7, 1.0, np.nan), events, "area", "12 months") == without
    )


@pytest.mark.parametrize(
    ("value", "variance", "said"),
    [
        (np.nan, np.nan, "an arm is not followed to 12 months"),
        (0.0, 0.0, "nobody had an event before 12 months"),
    ],
)
def test_patients_without_a_difference_have_a_reason(
    value: float, variance: float, said: str
) -> None:
    """It says up to when."""
    assert _single(np.array([value]), np.array([variance]), "area", "12 months") == said
