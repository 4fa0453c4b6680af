"""Small blocks, so that tests draw tens of data sets and not thousands."""

from __future__ import annotations

import importlib

import pytest

from ...seeds import all_are_run


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Draw 50 at a time, of 6 scenarios chosen among 48, 96 or 144.

    Unless all tests are run, fewer paths are tried along a curve, too.
    """
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    monkeypatch.setattr(sampler, "BLOCK", 50)
    monkeypatch.setattr(sampler, "SCENARIOS", 6)
    scenarios = importlib.import_module("kmrepro.reconstruct.scenarios.scenarios")
    monkeypatch.setattr(scenarios, "LOT", 48)
    if not all_are_run():
        curves = importlib.import_module("kmrepro.reconstruct.ensemble.curve_draws")
        monkeypatch.setattr(curves, "RUNS", 2)
        monkeypatch.setattr(curves, "PATHS", 192)
        monkeypatch.setattr(curves, "FEWEST_PATHS", 96)
