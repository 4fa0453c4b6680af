"""Outcomes that a text names itself: "loco-regional failure (LRF)", "end-stage kidney disease"."""

from __future__ import annotations

import re

from .endpoints import ENDPOINT, EVENT, OTHER_OUTCOME, OWN_OUTCOME
from .typography import abbreviations

__all__ = ["marked_outcomes", "own_outcomes"]

_OF = (
    r"\b(?:risks?|hazards?(?:\s+(?:ratios?|rates?))?|HRs?\)?|rates?|incidences?|probabilit(?:y|ies)|estimates?|"
    r"freedom|free|times?)\s+(?:of|to|for|from)\s+(?:the\s+|an?\s+)?"
)
"""What stands before an outcome, and not before the disease of all patients."""
_EVENT = re.compile(
    r"(?:failures?|recurrences?|relapses?|progression|diseases?|deaths?|mortality|events?|infarctions?|strokes?|rejections?|"
    r"\w*embolisms?|\w*thrombos[ie]s|fractures?|hospitali[sz]ations?|amputations?|revisions?|bleeding|dementia|"
    r"transformations?|dysfunction|loss|cancers?|diabetes|tracheostomy|injury)$",
    re.IGNORECASE,
)
_OF_PATIENTS = (
    r"\b(?:with|without|had|have|having|diagnosed|treatment\s+(?:of|for))\s+(?:[\w-]+\s+){0,2}"
)


def own_outcomes(text: str) -> dict[str, str]:
    """Return the abbreviations of events that a text defines, each with its words.

    Parameters
    ----------
    text : str
        The whole text. An abbreviation is an outcome if its risk, rate or hazard is spoken of, and
        no patients with it.
    """
    found = {}
    for short, words in abbreviations(text).items():
        known = any(pattern.search(short) for pattern in (ENDPOINT, OTHER_OUTCOME, EVENT))
        if known or not _EVENT.search(words) or not re.fullmatch(r"[A-Z][A-Za-z-]{1,7}", short):
            continue
        name = rf"{re.escape(short)}\b"
        if re.search(_OF + name, text) and not re.search(_OF_PATIENTS + name, text):
            found[short] = " ".join(words.split())
    return found


def marked_outcomes(text: str) -> str:
    """Write a small capital O behind each outcome that a text names itself."""
    for short in own_outcomes(text):
        text = re.sub(rf"\b{re.escape(short)}\b(?![-\s]free)", short + OWN_OUTCOME, text)
    return text
