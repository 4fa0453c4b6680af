"""Medians that are not reached: reports are of trials that have one, and are counted."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
MODULES = ("medians_not_reached", "simulated_trials", "simulated_papers", "simulated_curves")


@pytest.fixture
def benchmark(monkeypatch):
    """Import the benchmark."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module(MODULES[0])
    for module in MODULES:
        sys.modules.pop(module, None)


def test_reports_have_one_median(benchmark, monkeypatch, capsys):
    """One arm's median is reached, the other's is not, and refusals are counted apart."""
    (_, report), (_, other) = (
        next(iter(benchmark.reports(41_000_000, landmark=landmark))) for landmark in (False, True)
    )
    assert [arm.median.reached for arm in report.arms.values()].count(False) == 1
    assert [len(arm.landmarks) for arm in report.arms.values()] == [0, 0]
    assert [len(arm.landmarks) for arm in other.arms.values()] == [1, 1]
    monkeypatch.setattr(sys, "argv", ["medians_not_reached.py", "--trials", "3", "--draws", "40"])
    benchmark.main()
    assert "of 3 reports are refused" in capsys.readouterr().out
