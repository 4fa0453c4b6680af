"""What a sentence speaks of: the arm that is its subject, and outcomes that are no endpoints."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["of_something_else", "set_against"]

_COMPARED_WITH = re.compile(
    r"(?:\b(?:than|over|versus|vs\.?|against)|(?:compared|relative)\s+(?:with|to))\s+(?:(?:with|in|for|after|that\s+(?:with|in|of|for)|those\s+(?:with|in|on))\s+)?"
    r"(?:the\s+)?(?:(?:patients|those)\s+(?:\w+\s+){0,2}?(?:with|to|by|in)?\s*)?$",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"^(?:(?:In|On|After|By|Among|For)\b[^,;.]{0,60},\s+)?(?:When\s+|As\s+)?(?:compared|relative|in\s+comparison)\s+(?:with|to)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^(?:[^,;.()\d]{0,80},\s+)?(?:(?:the\s+(?:addition\s+)?(?:use\s+)?of|treatment\s+with|therapy\s+with|receipt\s+of|adding)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"\s*(?:\([^()]{0,20}\)\s*)?(?:(?:groups?|arms?|cohorts?|patients|recipients|therapy|treatment)\s+)?(?:also\s+|still\s+|significantly\s+|independently\s+)*"
    r"(?:was|were|is|had|has|showed|demonstrated|resulted|led|yielded|provided|improved|reduced|decreased|increased|conferred|remained|did|prolonged|"
    r"extended|lowered|carried|experienced)\b",
    re.IGNORECASE,
)


def set_against(row: Sequence[Atom], text: str) -> tuple[int, int] | None:
    """Return the arm of two that a sentence speaks of, and the one that it is compared with.

    Parameters
    ----------
    row : sequence of Atom
        A sentence: "compared with B, A was associated with", "A had longer survival than B", "of A
        versus B".
    text : str
        Its words.
    """
    named = [a for a in row if a.kind == "A"]
    if [a.index for a in named] not in ([0, 1], [1, 0]):
        return None
    first, second = named
    between = text[first.end : second.start]
    if _AHEAD.match(text[: first.start]):
        subject = re.fullmatch(r"(?:\s*\([^()]*\))?\s*,\s+(?:the\s+)?", between)
        return (second.index, first.index) if subject else None
    if not _COMPARED_WITH.search(text[: second.start]):
        return None
    beside = "AsA" in "".join(a.kind for a in row)
    does = _OPENS.match(text[: first.start]) and _DOES.match(between)
    return (first.index, second.index) if beside or does else None


_ITS_WORDS = re.compile(
    r"(?:and|or|but|while|the|an?|in|of|for|to|with|by|on|was|were|after|before|adjust\w*|unadjusted|crude|stratified|unstratified|multivaria\w*|"
    r"univaria\w*|analys[ie]s|models?|hazards?|ratios?|cox|regression|weighted|matched|matching|propensity|scores?|sensitivity|respectively|"
    r"corresponding\w*|versus|vs|this|it|fully|similar|results?|p|ci|groups?|arms?|cohorts?|patients|comparison|compared)",
    re.IGNORECASE,
)
"""Words between two hazard ratios that name no other outcome."""


def of_something_else(before: Sequence[Atom], head: Atom, text: str) -> bool:
    """Say whether words between two hazard ratios name what is no endpoint.

    Parameters
    ----------
    before : sequence of Atom
        What a statement says before the words "hazard ratio".
    head : Atom
        These words.
    text : str
        The sentence: "improved OS (HR 0.73), reduced risk of stroke (HR 0.18)".
    """
    last = next((i for i in range(len(before) - 1, -1, -1) if before[i].kind == "h"), None)
    if last is None or any(a.kind in "EDA" for a in before[last + 1 :]):
        return False
    letters = list(text[: head.start])
    for atom in before:
        letters[atom.start : atom.end] = " " * (atom.end - atom.start)
    between = "".join(letters)[before[last].end :]
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", re.sub(r"^[^()\[\]]*[)\]]", " ", between))
    words = re.findall(r"[A-Za-z][\w/+-]*", plain)
    return any(not _ITS_WORDS.fullmatch(word) for word in words)
