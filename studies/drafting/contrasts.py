"""Which arms a statement names, and which of them it sets against each other."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["arms_of", "otherwise_named", "two_sides", "versus"]

_OF_SOMEBODY = re.compile(
    r"\s*(?:in|with|after|for|among|following)\s+(?:the\s+)?(?!former|latter|first|second|two|both|each|all|these|those|an?\b)[A-Za-z]"
)


def arms_of(part: Sequence[Atom]) -> list[int]:
    """Return the arms that a statement names, each once, in order."""
    return list(dict.fromkeys(a.index for a in part if a.kind == "A"))


def versus(part: Sequence[Atom]) -> tuple[int, int] | None:
    """Return the two arms of "X versus Y", if that is all that is said."""
    said = [a for a in part if a.kind in "As"]
    place = "".join(a.kind for a in said).rfind("AsA")
    if place < 0 or len(arms_of(part)) != 2 or said[place].index == said[place + 2].index:
        return None
    return said[place].index, said[place + 2].index


def two_sides(part: Sequence[Atom], text: str) -> tuple[int, int] | None:
    """Return the two arms that a statement sets against each other, if it names no other.

    Parameters
    ----------
    part : sequence of Atom
        A statement, or what stands before a hazard ratio.
    text : str
        The sentence: "longer with A than with B", "no difference between A and B".
    """
    named = sorted((a for a in part if a.kind == "A"), key=lambda a: a.start)
    if len(named) < 2 or len(arms_of(part)) != 2 or named[0].index == named[1].index:
        return None
    first, second = named[:2]
    before, between = text[: first.start], text[first.end : second.start]
    valued = sum(a.kind == "V" for a in part) == 2
    apart = re.search(
        r"\b(?:than|versus|vs?|compared|against|superior\s+to|(?:non-?)?inferior\s+to|over)\b",
        between,
    )
    both = re.search(r"\bbetween\s+(?:the\s+)?$", before) and "and" in between
    ahead = re.search(
        r"\b(?:compared|relative|as\s+opposed)\s+(?:with|to)\s+(?:the\s+)?$", before, re.I
    )
    return (first.index, second.index) if apart or both or ahead or valued else None


def otherwise_named(part: Sequence[Atom], text: str) -> bool:
    """Say whether values are each said to be of somebody who is no arm: "60% in women and 54% in".

    Parameters
    ----------
    part : sequence of Atom
        A statement that names no arm.
    text : str
        The sentence.
    """
    values = [a for a in part if a.kind == "V"]
    named = 0
    for value, following in itertools.zip_longest(values, values[1:]):
        end = following.start if following else value.end + 80
        known = any(value.end <= a.start < end for a in part if a.kind in "TEB")
        beside = re.sub(r"[(\[][^()\[\]]*[)\]]", "", text[value.end : end])
        named += not known and _OF_SOMEBODY.match(beside) is not None
    return named > 1
