"""Invented texts in the manner of various journals are read without a wrong number."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
TEXTS = BENCHMARKS / "prose_texts"
TRUTHS = [
    json.loads(line) for line in (TEXTS / "truth.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the benchmark, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("prose_benchmark", BENCHMARKS / "prose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth["id"] for truth in TRUTHS])
def test_no_number_is_wrong(benchmark: ModuleType, truth: dict[str, Any]) -> None:
    """Whatever is drafted of a text is true of it."""
    found = list(benchmark.compared(TEXTS / f"{truth['id']}.txt", truth))
    assert [place for _, what, place in found if what == "wrong"] == []


def test_most_numbers_are_found(benchmark: ModuleType) -> None:
    """Of all numbers at least 96% are found."""
    counts = benchmark.scored(TEXTS)
    right = sum(number for (_, what), number in counts.items() if what == "right")
    expected = sum(number for (_, what), number in counts.items() if what == "expected")
    assert right >= 0.96 * expected
