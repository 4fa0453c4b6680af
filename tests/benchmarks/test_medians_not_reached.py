"""Medians that are not reached: reports are of trials that have one, and are counted."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def benchmark(imported):
    """Import the benchmark."""
    return imported("medians_not_reached")


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
