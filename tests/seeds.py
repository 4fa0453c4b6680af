"""How many random inputs a test tries: some in every run, all with ``pytest -m ''``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet


_Size = TypeVar("_Size", int, tuple[int, ...])


def seeds(number: int, *, always: int) -> list[object]:
    """Return seeds from 0 for a parameter; all but the first few are nightly."""
    rest = (pytest.param(seed, marks=pytest.mark.nightly) for seed in range(always, number))
    return [*range(always), *rest]


def all_are_run() -> bool:
    """Say whether everything is run, as with ``pytest -m ''``."""
    return settings.default is not None and settings.default.max_examples >= 100


def nightly(*values: object) -> ParameterSet:
    """Return values of parameters that are tried only where everything is run."""
    return pytest.param(*values, marks=pytest.mark.nightly)


def many(number: _Size, *, else_: _Size) -> _Size:
    """Return a number, or numbers, where everything is run, and a smaller one otherwise."""
    return number if all_are_run() else else_


def examples(number: int) -> int:
    """Return how many of so many inputs Hypothesis tries in this run."""
    return max(1, number * settings.default.max_examples // 100)
