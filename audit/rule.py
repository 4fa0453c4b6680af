"""What the audit asks and finds: rules, the checks that apply them, and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..studies.study import Study

__all__ = [
    "SEVERITIES",
    "Check",
    "Finding",
    "Rule",
    "Severity",
    "asks",
]

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Reported numbers that do not agree with each other.

    A finding speaks of numbers: it does not say which of them is the misprint, or why.

    Attributes
    ----------
    place : str
        Where in the paper.
    rule : str
        Name of the rule.
    severity : {"error", "warning", "note"}
        "error" if no rounding and no usual choice of method makes the numbers agree, "warning" if
        only an unusual one does, "note" for what is worth knowing and may well be right.
    printed : str
        The reported numbers.
    expected : str
        What would agree with the others, as the range that rounding allows.
    sentence : str
        The finding in a sentence that needs no statistics.
    reference : str
        Where the rule comes from.
    parts : tuple of Finding
        The findings that this one gathers, one by one; empty if it is one alone.
    """

    place: str
    rule: str
    severity: Severity
    printed: str
    expected: str
    sentence: str
    reference: str = ""
    parts: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A question that the audit asks of reported numbers.

    Attributes
    ----------
    name : str
        Short name, such as "ratio-centre".
    asks : str
        The question.
    tolerance : str
        What the rule allows for, and why.
    reference : str
        Where the arithmetic comes from.
    """

    name: str
    asks: str
    tolerance: str
    reference: str

    def finding(
        self, severity: Severity, place: str, *, printed: str, expected: str, sentence: str
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(
            place=place,
            rule=self.name,
            severity=severity,
            printed=printed,
            expected=expected,
            sentence=sentence,
            reference=self.reference,
        )


@dataclass(frozen=True)
class Check:
    """Rules that are asked together.

    Attributes
    ----------
    rules : tuple of Rule
        The rules.
    find : callable
        Takes a study and yields the findings of these rules.
    """

    rules: tuple[Rule, ...]
    find: Callable[[Study], Iterator[Finding]]


def asks(*rules: Rule) -> Callable[[Callable[[Study], Iterator[Finding]]], Check]:
    """Make a check of a function that yields the findings of `rules`."""
    return lambda find: Check(rules, find)
