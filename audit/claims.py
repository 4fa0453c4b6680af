"""What is called significant, against the p-value beside it."""

from __future__ import annotations

from collections.abc import Iterator

from ..studies.statement import Claim, Statement
from ..studies.study import Study
from .finding import Finding, Rule, Severity

__all__ = ["RULES", "check"]

CLAIM = Rule(
    name="called-significant",
    asks="Is a difference called significant if its p-value is below the level, and only then?",
    tolerance="The p-value may be any that rounds to print. One that is printed as the level "
    "itself may have been below or above it: a note if it is called significant.",
    reference="Altman DG, Bland JM. BMJ 1995;311:485. doi:10.1136/bmj.311.7003.485",
)
RULES = (CLAIM,)


def check(study: Study) -> Iterator[Finding]:
    """Yield the differences whose p-value does not go with what they are called."""
    for statement in study.statements:
        for claim in statement.claims:
            severity = _severity(claim)
            if severity is not None:
                yield _finding(statement, claim, severity)


def _severity(claim: Claim) -> Severity | None:
    """Return how far a p-value is from what is said of it; None if it may be so."""
    p, alpha = claim.p, claim.alpha.value
    if claim.significant:
        if p.lower >= alpha:
            return "error"
        return "note" if p.relation == "=" and p.value >= alpha else None
    below = p.upper < alpha or (p.relation == "<" and p.upper <= alpha)
    return "error" if below else None


def _finding(statement: Statement, claim: Claim, severity: Severity) -> Finding:
    called = "significant" if claim.significant else "not significant"
    side = "below" if claim.significant else "at least"
    only = "; p is that only if it was rounded up" if severity == "note" else ""
    p = claim.p.bare if claim.p.bare[:1] in "<>" else f"= {claim.p.bare}"
    return CLAIM.finding(
        severity, statement.source or statement.text, printed=f"p {p}, {called}",
        expected=f"p {side} {claim.alpha.bare}",
        sentence=f"A difference with p {p} is called {called}, where p < {claim.alpha.bare} counts "
        f"as significant{only}.",
    )  # fmt: skip
