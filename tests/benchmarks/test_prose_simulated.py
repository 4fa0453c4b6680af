"""Simulated sentences: what they say is what they were made of, and is read."""

from __future__ import annotations

import json
import random
import sys

import pytest

from ..seeds import many


@pytest.fixture
def simulated(imported):
    """Import the benchmark."""
    return imported("prose_simulated")


def test_every_number_of_the_truth_stands_in_the_text(simulated):
    """Of every form, with the percent sign of a share."""
    rng = random.Random(7)
    for _ in range(200):
        text, _, form, truth = simulated.simulated(rng)
        (endpoint,) = truth["endpoints"]
        for arm in endpoint["arms"]:
            said = [*arm.get("median_ci", ()), *arm.get("landmarks", {}).values()]
            said += [arm[key] for key in ("n", "events", "follow_up_median") if key in arm]
            assert all(str(number) in text for number in said), form
        assert all(endpoint["reported"].get(key, "") in text for key in ("hazard_ratio", "p"))


def test_plain_sentences_are_read(simulated, monkeypatch, tmp_path, capsys):
    """All numbers of them, and none of those around them."""
    written = tmp_path / "counts.json"
    texts = str(many(600, else_=60))
    monkeypatch.setattr(sys, "argv", ["", "--texts", texts, "--first", "9", "--json", str(written)])
    simulated.main()
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "all"
    counts = json.loads(written.read_text(encoding="utf-8"))["all"]
    assert counts["right"] == counts["expected"] > 200
    assert "wrong" not in counts
