"""Whether a sentence that names no endpoint is still about the one of the sentence before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["goes_on", "speaks_on"]

_CUE = re.compile(
    r"\b(?:corresponding|values|figures|respective|these\s+rates|those\s+(?:for|of|in)|"
    r"rates\s+were|same\s+times?)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:It|This|The\s+(?:corresponding|values?|medians?|estimated|rates?|hazard|figures|"
    r"respective|difference|(?:un)?adjusted|crude|(?:un)?stratified|HR|p)|"
    r"Compared\s+(?:with|to)|Relative\s+to|Corresponding|These|They|Estimated|Hazard|HR|Medians?|For|At|By|After|Rates?|Deaths?|"
    r"P\b|Log-?rank|In\s+the|(?:With|Using|Taking)\s[^.;]{2,60}\sas\s+(?:the\s+)?reference\b|"
    r"[A-Z][\w+/ -]{0,40}:|\d|"
    r"(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)-year\s+(?:rates?|survival)\b)"
)
_HEADED = re.compile(r"([A-Z][\w+/ -]{0,40}):")
_OWN_WORDS = re.compile(
    r"\b(?:at|in|for|the|of|and|with|by|after|groups?|arms?|cohorts?|rates?|medians?|values?|estimates?|"
    r"patients|events?|deaths?|total|months?|years?|mo|yr|time|treatment|alone|control|"
    r"(?:un)?adjusted|(?:un)?stratified|multivaria\w+|univaria\w+|crude|HR|hazard|ratio|p|value|log-?rank|95|CI)\b",
    re.IGNORECASE,
)
_MEDIAN_OF = re.compile(
    r"\bmedians?(?:\s+(?:was|were|is|among|in|for|of\s+the\s+two|time|survival\s+time|"
    r"values?|,|:)|\s*[,:(]|\s+\d)",
    re.IGNORECASE,
)
_RATIO_OPENS = re.compile(
    r"(?:The\s+)?(?:\w+\s+)?(?:HR|[Hh]azard\s+ratio)(?:\s+(?:was|for\s+death)|"
    r"\s*(?:\(95\s?%\s*CI\))?\s*[:=,]?\s*\d)"
)
_CHANGED = re.compile(
    r"\b(?:fallen|fell|rose|risen|increased|decreased|declined|dropped|improved|reduced)\s+by\b",
    re.IGNORECASE,
)
"""What says "at 9 months, proteinuria had fallen by 38.3%": no survival."""


def goes_on(text: str, part: Sequence[Atom], row: Sequence[Atom]) -> bool:
    """Say whether the first statement of a sentence goes on with the endpoint before it.

    Parameters
    ----------
    text : str
        The sentence.
    part : sequence of Atom
        Its first statement, which names no endpoint.
    row : sequence of Atom
        The whole sentence.
    """
    kinds = {a.kind for a in part}
    unknown = re.match(r"[A-Z]{2,6}\b(?!\s*[=<>])", text)
    if unknown and not any(a.start < unknown.end() for a in row):
        return False  # "LRC at 3 years was 61%"
    if _of_something_else(text, row):
        return False
    if _CHANGED.search(text) or ("M" in kinds and not _MEDIAN_OF.search(text)):
        return False
    if "h" in kinds and "A" not in kinds and not _RATIO_OPENS.match(text):
        return False
    return bool(_GOES_ON.match(text)) and bool(kinds & set("MTh") or speaks_on(text))


def _of_something_else(text: str, row: Sequence[Atom]) -> bool:
    """Say whether words before a colon are of no arm and no time: "Rejection at 1 year: 15%"."""
    head = _HEADED.match(text)
    if head is None:
        return False
    words = list(head[1])
    for atom in row:
        words[atom.start : atom.end] = " " * (atom.end - atom.start)
    return bool(_OWN_WORDS.sub(" ", "".join(words)[: len(head[1])]).strip(" -,/()"))


def speaks_on(text: str) -> bool:
    """Say whether a sentence speaks of "the corresponding rates", "these values"."""
    return _CUE.search(text) is not None
