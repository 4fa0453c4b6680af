"""How many random inputs a test tries: some in every run, all with ``pytest -m ''``."""

from __future__ import annotations

import pytest
from hypothesis import settings


def seeds(number: int, *, always: int) -> list[object]:
    """Return seeds from 0 for a parameter; all but the first few are nightly."""
    rest = (pytest.param(seed, marks=pytest.mark.nightly) for seed in range(always, number))
    return [*range(always), *rest]


def examples(number: int) -> int:
    """Return how many of so many inputs Hypothesis tries in this run."""
    return max(1, number * settings.default.max_examples // 100)
