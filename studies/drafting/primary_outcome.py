"""A primary outcome that a text defines as a composite of events, and speaks of by that name."""

from __future__ import annotations

import re

__all__ = ["OTHER_Y", "PRIMARY", "composite", "marked_primary"]

OTHER_Y = "\N{LATIN LETTER SMALL CAPITAL Y}"
"""Stands for the y of a "primary outcome" that is a composite of events while a text is read."""
PRIMARY = "primary outcome"
"""The name of its endpoint: survival free of it."""
_NOUN = r"(?:outcome|end[\s-]?point)"
_DEFINED = re.compile(
    rf"\bprimary\s+(?:efficacy\s+|composite\s+)?{_NOUN}\s*(?:,|:|\s[-\u2013\u2014]|\u2014|was|is)\s*(?:defined\s+as\s+)?(?:the\s+|a\s+)?"
    r"(?:(?:time\s+(?:to|until)|first\s+occurrence\s+of)\s+(?:the\s+|a\s+)?(?:first\s+(?:event|occurrence)\s+(?:in|of)\s+)?)?"
    r"(?:composite\s+(?:outcome\s+)?of\s+)?(?P<events>(?:[^.;:]|\.(?=\d)){5,})",
    re.IGNORECASE,
)
_OF = r"(?:a|the)\s+composite\s+of\b"
_APPOSITION = re.compile(
    rf"(\bprimary\s+(?:efficacy\s+|composite\s+)?{_NOUN})(?:"
    rf"\s*[-\u2013\u2014]\s*{_OF}[^.;:\u2013\u2014]*?\s*(?:\s-|\u2013|\u2014)\s*"
    rf"|\s+\({_OF}[^()]*\)\s*"
    rf"|,\s+{_OF}[^.;:()]*?,\s+(?=(?:had\s+)?occurred\b|was\b|were\b|did\b))",
    re.IGNORECASE,
)
"""The events that stand behind a primary outcome: "- a composite of death or stroke - occurred"."""
_NO_EVENTS = re.compile(
    r"hierarchical|win\s+ratio|scores?\b|improvement|assessed|days\b|noninferior|non-inferior|survival\b",
    re.IGNORECASE,
)


def composite(text: str) -> str:
    """Return the events of the primary outcome, "cardiovascular death or stroke"; "" if unsaid.

    Parameters
    ----------
    text : str
        The whole text. A primary outcome that is no composite of death and other events is none.
    """
    for found in _DEFINED.finditer(text):
        events = " ".join(found["events"].split())
        both = re.search(r"\b(?:or|and)\b", events) and re.search(r"\bdeath\b", events)
        if both and not _NO_EVENTS.search(events):
            return re.split(
                r",?\s+(?:in\s+the\s+|assessed|analy[sz]ed|at\s+\d|but\b|which\b)", events
            )[0].lower()
    return ""


def marked_primary(text: str) -> str:
    """Write the "primary outcome" with another y wherever a text speaks of a composite one."""
    if not composite(text):
        return text
    text = _APPOSITION.sub(r"\1 ", text)
    return re.sub(
        rf"\b(primar)y(?=\s+(?:composite\s+|efficacy\s+)?{_NOUN}s?\b(?!\s+(?:was|is)\s+(?:defined|the|a)\b))",
        rf"\1{OTHER_Y}",
        text,
        flags=re.IGNORECASE,
    )
