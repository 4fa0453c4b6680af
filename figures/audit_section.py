"""What an audit found, as the report tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..audit import (
        Audit,
        Finding,
        Rule,
        Severity,
    )

__all__ = ["audit_section"]

_HEADINGS: dict[Severity, tuple[str, str]] = {
    "error": ("Errors", "No rounding and no usual method makes these numbers agree."),
    "warning": ("Warnings", "Only an unusual method makes these numbers agree."),
    "note": ("Notes", "Worth knowing, and possibly right."),
}


def audit_section(audit: Audit) -> dict[str, Any]:
    """Return the findings by severity, with the rules that found them.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    dict
        `summary`, and `groups`: each with `severity`, `heading`, `meaning` and `findings`.
    """
    from ..audit import RULES

    rules = {rule.name: rule for rule in RULES}
    groups = [
        {
            "severity": severity,
            "heading": heading,
            "meaning": meaning,
            "findings": [_told(each, rules.get(each.rule)) for each in audit.of(severity)],
        }
        for severity, (heading, meaning) in _HEADINGS.items()
        if audit.of(severity)
    ]
    return {"summary": audit.summary, "groups": groups}


def _told(finding: Finding, rule: Rule | None) -> dict[str, str]:
    """Return a finding as text, with where its rule comes from."""
    cited, _, doi = finding.reference.partition(" doi:")
    return {
        "place": finding.place,
        "sentence": finding.sentence,
        "printed": finding.printed,
        "expected": finding.expected,
        "rule": finding.rule,
        "asks": rule.asks if rule else "",
        "cited": cited,
        "link": f"https://doi.org/{doi}" if re.fullmatch(r"10\.[^\s\"<>]+", doi) else "",
    }
