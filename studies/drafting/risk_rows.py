"""What the rows of numbers at risk below a figure are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .passages import Sentence

__all__ = ["risk_rows"]

_HEAD = re.compile(r"\b(?:numbers?|patients|no\.)\s+at\s+risk\b", re.IGNORECASE)
_ROW = re.compile(
    r"(?P<name>(?!Time|Month|Year|Week|Day)[A-Z][^\d:]{1,50}?)\s+"
    r"\d+(?:\s+(?:\(\d+\)\s+)?\d+){2,}(?:\s*\(\d+\))?$"
)


def risk_rows(found: Sequence[Sentence]) -> Iterator[str]:
    """Yield the label of each row of numbers below "Number at risk": "Placebo + Rd 205 152 114".

    Parameters
    ----------
    found : sequence of Sentence
        The whole text.
    """
    below = False
    for sentence in found:
        below = sentence.row and (below or _HEAD.search(sentence.text) is not None)
        if below and (row := _ROW.match(sentence.text)):
            yield row["name"]
