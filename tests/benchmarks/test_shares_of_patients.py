"""Numbers of patients that are off: true ones are met, and shares are not held against a report."""

from __future__ import annotations

import pytest

from ..seeds import many


@pytest.fixture
def shares(imported):
    """Import the benchmark."""
    return imported("shares_of_patients")


def test_true_numbers_are_met(shares, small_blocks, no_search):
    """With its true numbers of patients every report has whole patients."""
    trials = many(3, else_=1)
    found = shares.verdicts(31_000_000, trials, many(50, else_=20))
    true = [own for name, own in found.items() if name.endswith("true")]
    assert sum(own.total() for own in true) == trials
    assert not any(own["not assessable"] + own["refused"] for own in true)


def test_the_audit_forgives_shares(shares):
    """Sound reports whose numbers are off by chance give no more findings than the true ones."""
    found = shares.findings(31_000_000, 60)
    assert found["allocation"] == found["true"]
    assert found["endpoint"].total() > found["true"].total()
