"""Faults planted in simulated reports: sound reports raise no error, planted faults are found."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from ..seeds import many

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def planted(monkeypatch):
    """Import the benchmark."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("audit_planted")
    for name in ("audit_planted", "simulated_trials"):
        sys.modules.pop(name, None)


def test_sound_reports_and_faults(planted, capsys):
    """In a few reports no error, and the faults that other numbers decide are all found."""
    result = planted.run(many(14, else_=9), 710_000)
    assert result["reports"] >= 5
    assert not [alarm for alarm in result["alarms"] if alarm[0] == "error"]
    for kind in (
        "intervals of survival half as wide",
        "interval of 99.8% without its level",
        "total of events",
        "all patients after progression",
        "survival exchanged in time",
    ):
        assert result["faults"][kind]["found"] == 1.0
    planted.show(result)
    assert "sound reports" in capsys.readouterr().out
