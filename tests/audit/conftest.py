"""Studies for the audit: one endpoint, and what a test adds to it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from kmrepro.audit import (
    Finding,
    audit,
)
from kmrepro.studies import Study

Findings = Callable[..., list[Finding]]


@pytest.fixture
def findings() -> Findings:
    """Return a function that audits a study file's text and gives one rule's findings."""

    def run(text: str, rule: str, **endpoint: Any) -> list[Finding]:
        study = {"id": "trial", **tomllib.loads(text)}
        study.setdefault("endpoint", [{"name": "OS", "arms": {"A": {}, "B": {}}} | endpoint])
        found = audit(Study.model_validate(study))
        return [part for each in found for part in each.parts or (each,) if part.rule == rule]

    return run


def hazard_ratio(
    ratio: str, lower: str, upper: str, p: str = "", *, table: str = 'id = "t"', row: str = ""
) -> str:
    """Return a study file with one row of hazard ratios."""
    p = f'p = "{p}"\n' if p else ""
    return (
        f'[[table]]\n{table}\n[[table.hazard_ratio]]\nvariable = "Stage"\n'
        f'hazard_ratio = "{ratio}"\nci = ["{lower}", "{upper}"]\n{p}{row}'
    )


def counts(levels: str, *, groups: str = "A = 100, B = 100", row: str = "") -> str:
    """Return a study file with one row of counts."""
    return (
        f'[[table]]\nid = "t"\ngroups = {{ {groups} }}\n[[table.count]]\nvariable = "Sex"\n{row}\n'
        f"levels = {{ {levels} }}\n"
    )


def means(one: str, other: str, *, groups: str = "A = 100, B = 100", row: str = "") -> str:
    """Return a study file with one row of means."""
    return (
        f'[[table]]\nid = "t"\ngroups = {{ {groups} }}\n[[table.mean]]\nvariable = "Albumin"\n'
        f'A = "{one}"\nB = "{other}"\n{row}\n'
    )
