"""The page on the audit names every rule, and its examples are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from kmrepro.audit import RULES

from .conftest import Findings, means

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_every_rule_is_on_the_page(name: str) -> None:
    """Each rule has a paragraph."""
    assert f"**`{name}`**" in PAGE


def test_the_example_of_means_is_right(findings: Findings) -> None:
    """The range that the page gives is what the rule expects."""
    row = 'p = "0.5"\ntest = "t"'
    text = means("41.56 (4.63)", "40.87 (4.94)", groups="A = 185, B = 185", row=row)
    (found,) = findings(text, "mean-test-p")
    lower, upper = found.expected.split("; ")[0].removeprefix("Student's t test: ").split(" to ")
    assert f"{lower} to {upper}" in PAGE
