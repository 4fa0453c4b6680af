"""Mistakes planted in tables of subgroups: sound ones raise no alarm, planted ones are found."""

from __future__ import annotations

import pytest

from ..seeds import many


@pytest.fixture
def subgroups(imported):
    """Import the benchmark."""
    pytest.importorskip("lifelines")
    return imported("audit_subgroups")


def test_sound_tables_and_mistakes(subgroups, capsys):
    """In a few tables no alarm but a note, and the mistakes that counting proves are found."""
    result = subgroups.run(many(8, else_=4), 920_000)
    assert result["tables"] >= 3
    assert {severity for severity, _ in result["alarms"]} <= {"note"}
    assert result["doubted"] == 0
    found = {kind: each["found"] for kind, each in result["mistakes"].items()}
    assert found["patients of a cell, half as many more"] == 1.0
    assert found["events and patients of a cell exchanged"] == 1.0
    assert found["a level twice"] == 1.0
    assert result["mistakes"]["an arm that is not there"]["doubted"] == 1.0
    subgroups.show(result)
    assert "sound tables" in capsys.readouterr().out
