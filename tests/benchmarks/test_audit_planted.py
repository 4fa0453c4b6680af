"""Faults planted in simulated reports: sound reports raise no error, planted faults are found."""

from __future__ import annotations

import pytest

from ..seeds import many


@pytest.fixture
def planted(imported):
    """Import the benchmark."""
    return imported("audit_planted")


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
