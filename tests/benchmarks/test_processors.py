"""The same reports in a process with other instructions: what is compared, and what is said."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def processors(imported):
    """Import the benchmark."""
    return imported("processors")


def test_ratios_are_of_the_patients_and_of_every_draw(processors, monkeypatch, capsys):
    """To nine digits; a ratio that differs elsewhere is named with both."""
    here = processors.ratios(range(84_600_100, 84_600_102), n_draws=4)
    assert {len(values) for values in here.values()} == {5}
    name = min(here)
    monkeypatch.setattr(processors, "ratios", lambda *_, **__: here)
    monkeypatch.setattr(processors, "optional_instructions", lambda: ["AVX512F"])
    monkeypatch.setattr(processors, "elsewhere", lambda *_: here | {name: ["0.5", *here[name][1:]]})
    monkeypatch.setattr(sys, "argv", ["processors.py", "--trials", "2"])
    processors.main()
    said = capsys.readouterr().out
    assert f"{len(here) - 1} of {len(here)} reports have the same ratios to 9 digits" in said
    assert f"{name}: ratio of the patients {here[name][0]} and 0.5" in said


def test_where_nothing_can_be_left_out_nothing_is_compared(processors, monkeypatch, capsys):
    """It does not say that all are the same."""
    monkeypatch.setattr(processors, "ratios", lambda *_, **__: {})
    monkeypatch.setattr(processors, "optional_instructions", list)
    monkeypatch.setattr(sys, "argv", ["processors.py"])
    processors.main()
    assert "nothing is compared" in capsys.readouterr().out
