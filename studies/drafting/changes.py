"""Two values of one change: "improved median survival from 11.1 to 13.8 months"."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .arms import TextArms
from .vocabulary import Atom

__all__ = ["with_change"]

_FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
_TO = re.compile(
    r"\s*(?:months?|mos?|weeks?|years?|%)?\s*(?:[(\[][^()\[\]]*[)\]])?\s*to\s+", re.IGNORECASE
)
_BETTER = re.compile(
    r"\b(?:improv\w+|increas\w+|prolong\w+|extend\w+|rose|rais\w+)\b", re.IGNORECASE
)
_WITH = re.compile(
    r"\s*(?:[(\[][^()\[\]]*[)\]]\s*)?(?:with|after|by\s+adding|on|under)\s+(?:the\s+)?(?:(?:addition|use)\s+of\s+)?$",
    re.IGNORECASE,
)
_ADDED = re.compile(
    r"\b(?:adding|(?:the\s+)?addition\s+of)\s+(?P<what>[A-Za-z][\w+-]*(?:\s[a-z][\w+-]*)?)\s+to\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"(?:[^,;.()\d]{0,60},\s+)?(?:treatment\s+with\s+|the\s+)?", re.IGNORECASE)


def with_change(part: list[Atom], text: str, arms: TextArms) -> list[Atom]:
    """Give the values of a change to their arms, or leave them out if it is not said whose they are.

    Parameters
    ----------
    part : list of Atom
        A statement.
    text : str
        The sentence: "A improved median survival from 11.1 to 13.8 months" is of the other arm,
        then of A; so is "survival increased from 11.1 to 13.8 months with A".
    arms : TextArms
        The arms.
    """
    places = [i for i, a in enumerate(part) if a.kind in "Vq" and _FROM.search(text[: a.start])]
    if not places:
        return part
    first = places[0]
    later = next((i for i in range(first + 1, len(part)) if part[i].kind in "Vq"), None)
    if later is None or part[later].kind != "V":
        return part
    before, after = part[first], part[later]
    rest = [a for i, a in enumerate(part) if i not in (first, later)]
    one = _TO.fullmatch(text[before.end : after.start]) is not None
    named = {a.start < after.start for a in part[first:] if a.kind == "A"}
    if not one and not named and re.search(r"\bto\s+$", text[: after.start]):
        return rest  # "from 9.1 in 1990 to 11.2 in 2000"
    if not one or True in named:
        return part
    better = _of_better(part, text, arms, after.end) if len(arms.arms) == 2 else None
    kept = [a for a in rest if a.kind != "A"]
    if better is None or len(places) > 1:
        return kept
    return _dealt(kept, before, after, better)


def _dealt(kept: list[Atom], before: Atom, after: Atom, better: int) -> list[Atom]:
    """Return a statement with each of two values behind the arm that it is of."""
    at = next(i for i, a in enumerate([*kept, after]) if a.start >= after.start)
    named = [
        Atom("A", value.start, value.start, index=index)
        for value, index in ((before, 1 - better), (after, better))
    ]
    old = replace(before, kind="V", unit=after.unit)
    if old.unit == "percent" and not old.text.endswith("%"):
        old = replace(old, text=f"{old.text}%")
    return [*kept[:at], named[0], old, named[1], after, *kept[at:]]


def _of_better(part: Sequence[Atom], text: str, arms: TextArms, end: int) -> int | None:
    """Return the arm that has the second value; None if it is not said."""
    said = [a for a in part if a.kind == "A"]
    start = part[0].start
    word = _BETTER.search(text[:end])
    if word is None or len({a.index for a in said}) != 1:
        return None
    behind = next((a for a in said if a.start >= end), None)
    if behind is not None:
        return (
            behind.index if _WITH.fullmatch(text[end : behind.start]) and len(said) == 1 else None
        )
    named = said[0]
    if added := _ADDED.search(text[: named.start]):
        other = arms.arms[1 - named.index]
        what = added["what"].lower()
        return 1 - named.index if any(what in name.lower() for name in other.aliases) else None
    opens = _SUBJECT.fullmatch(text[: named.start]) and named.start <= max(start, 70)
    beside = re.fullmatch(r"\s*(?:significantly\s+|also\s+)*", text[named.end : word.start()])
    return named.index if opens and beside else None
