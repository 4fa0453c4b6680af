"""Dates of entry and of the end of follow-up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import date

from .finding import Finding
from .scope import Scope
from .vocabulary import DATE, DAY, MONTH, iso_date, month_number

__all__ = ["dates"]

_ENTRY = re.compile(
    r"enrol|recruit|random|assigned|allocated|accru|treated|reviewed|underwent|undergone|"
    r"eligible|included|diagnosed|"
    r"collected|admitted|received|registered|identified|entered|inclusion|entry|patients\b|"
    r"hospitali|surgery|resect|consecutive|transplant",
    re.IGNORECASE,
)
_NO_ENTRY = re.compile(
    r"search|published|literature|database\s+was\s+searched|PubMed|\bversion\b|approved|"
    r"registered\s+(?:at|with|on)|updated\s+in",
    re.IGNORECASE,
)
_CUTOFF = re.compile(
    r"data\s+cut(?:s|[\s-]?offs?)?|cut[\s-]?off(?:\s+date)?|"
    r"followed?(?:[\s-]up)?\s+(?:was\s+|were\s+)?(?:until|to|through|till|up\s+to)|"
    r"follow[\s-]up\s+(?:\w+\s+){0,3}(?:ended|closed|completed|until|to|through|till|"
    r"up\s+to|on)|censored\s+(?:on|at|as\s+of)|"
    r"last\s+follow[\s-]?up|database\s+(?:lock|closure|was\s+locked)|"
    r"end\s+of\s+(?:the\s+)?(?:follow|study)|data\s+lock|"
    r"(?:as\s+of|analysis\s+date|study\s+(?:closed|ended))|were\s+followed\s+until|"
    r"followed\s+up\s+until",
    re.IGNORECASE,
)


def dates(found: Iterable[Scope]) -> list[Finding]:
    """Return first and last entry and the end of follow-up, each as a finding.

    Parameters
    ----------
    found : iterable of Scope
        The sentences. Those on other studies, and on interim analyses, are left out.
    """
    entries: list[Finding] = []
    ends: list[Finding] = []
    for scope in found:
        silent = scope.sentence.section in ("background", "discussion", "references")
        if scope.why in ("another study", "planned") or (silent and not scope.results):
            continue
        if scope.why != "subgroup" or not silent:
            entries += _entry(scope)
        if scope.why != "interim":
            ends += _cutoff(scope)
    entries, ends = ([f for f in found if _exists(f.text)] for found in (entries, ends))
    return [*(entries[:2] if len(entries) > 1 else []), *ends[-1:]]


def _exists(text: str) -> bool:
    """Say whether the calendar has a date."""
    try:
        date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return False
    return True


def _entry(scope: Scope) -> list[Finding]:
    """Read "between March 2009 and December 2019"; a year that is written once holds for both."""
    text = scope.sentence.text
    marks = list(DATE.finditer(text))
    if _NO_ENTRY.search(text):
        return []
    for first, last in itertools.pairwise(marks):
        between = text[first.end() : last.start()]
        before = text[: first.start()]
        if not re.fullmatch(
            r"\s*,?\s*(?:and|to|through|until|till|-|/)\s*(?:the\s+end\s+of\s+)?", between
        ):
            names_both = "first" in before.lower() and "last" in between.lower()
            if not names_both:
                continue
        if not _ENTRY.search(text) or _CUTOFF.search(before[-30:]):
            continue
        start, end = iso_date(first), iso_date(last)
        if start[:7] <= end[:7]:
            return [
                Finding("first entry", start, scope.sentence),
                Finding("last entry", end, scope.sentence),
            ]
    return _shared_year(scope, marks)


def _shared_year(scope: Scope, marks: list[re.Match[str]]) -> list[Finding]:
    text = scope.sentence.text
    if not marks or not marks[0]["y1"] or not _ENTRY.search(text):
        return []
    before = re.search(
        rf"\b(?:from|between)\s+(?:(?P<d>{DAY})\s+)?(?P<m>{MONTH})\s+(?:and|to|through|-)\s*$",
        text[: marks[0].start()],
        re.IGNORECASE,
    )
    if before is None or before["d"]:
        return []
    start, end = f"{marks[0]['y1']}-{month_number(before['m']):02d}", iso_date(marks[0])
    if start > end:
        return []
    return [
        Finding("first entry", start, scope.sentence),
        Finding("last entry", end, scope.sentence),
    ]


def _cutoff(scope: Scope) -> list[Finding]:
    text = scope.sentence.text
    for cue in _CUTOFF.finditer(text):
        for mark in DATE.finditer(text, cue.end()):
            between = text[cue.end() : mark.start()]
            if len(between) < 60 and not re.search(r"[.;]\s|\bfrom\b|\bbetween\b", between):
                return [Finding("data_cutoff", iso_date(mark), scope.sentence)]
            break
    return []
