"""Values that say themselves whose they are: behind a label, in both arms, from one to the other."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from .arms import TextArms
from .grammar import Placed
from .vocabulary import Atom

__all__ = [
    "of_each",
    "otherwise_named",
    "unknown_label",
    "unknown_named",
    "with_change",
    "with_labels",
    "without_sizes",
]

_LABEL = re.compile(r"\s*[:=]?\s*")
_SOME_LABEL = re.compile(
    r"[(,;]\s*(?P<label>[A-Za-z][A-Za-z0-9+/-]*(?:\s[A-Za-z][A-Za-z0-9+/-]*){0,2})\s*:\s*$"
)


def with_labels(part: list[Atom], text: str) -> list[Atom]:
    """Leave out the other mentions of arms where each value stands behind that of its own.

    Parameters
    ----------
    part : list of Atom
        A statement.
    text : str
        The sentence: "similar between stapled and handsewn (stapled: 66.1%, handsewn: 64.2%)".

    Returns
    -------
    list of Atom
        The statement with no other arms; as it is if some value has no label.
    """
    values = [i for i, a in enumerate(part) if a.kind == "V"]
    named = [i for i, a in enumerate(part) if a.kind == "A"]
    labels = [i - 1 for i in values if _is_label(part, i - 1, text)]
    if len(values) < 2 or len(named) == len(labels) or len(labels) < len(values):
        return part
    if len({part[i].index for i in labels}) < len(labels):
        return part
    return [a for i, a in enumerate(part) if a.kind != "A" or i in labels]


def _is_label(part: Sequence[Atom], place: int, text: str) -> bool:
    if place < 0 or part[place].kind != "A" or not part[place].depth:
        return False
    return _LABEL.fullmatch(text[part[place].end : part[place + 1].start]) is not None


def unknown_label(part: Sequence[Atom], text: str) -> bool:
    """Say whether values stand in brackets behind labels that are nobody's who is known.

    Parameters
    ----------
    part : sequence of Atom
        A statement: one such label is enough where another value stands behind that of an arm.
    text : str
        The sentence: "(stapled: 66.1%, sewn: 64.2%)", if no arm is called "sewn".
    """
    known = any(_is_label(part, i - 1, text) for i, a in enumerate(part) if a.kind == "V")
    unknown = sum(a.kind == "V" and bool(a.depth) and _is_unknown(part, a, text) for a in part)
    return unknown > (0 if known else 1)


def _is_unknown(part: Sequence[Atom], value: Atom, text: str) -> bool:
    label = _SOME_LABEL.search(text[: value.start])
    if label is None:
        return False
    return not any(a.start < label.end() and a.end > label.start("label") for a in part)


_OF_SIZES = frozenset("ACPns")


def without_sizes(row: Sequence[Atom], text: str) -> list[Atom]:
    """Leave out the arms of a bracket that only counts them, if the sentence names them outside.

    Parameters
    ----------
    row : sequence of Atom
        The atoms of a sentence.
    text : str
        The sentence: "12.3 and 13.6 months, respectively (B, n = 478; A, n = 476)".
    """
    outside = {a.index for a in row if a.kind == "A" and not a.depth}
    kept = []
    for place, atom in enumerate(row):
        counts = atom.kind == "A" and bool(atom.depth) and atom.index in outside
        start = text.rfind("(", 0, atom.start) if counts else len(text)
        end = text.find(")", start)
        inside = [a.kind for a in row if start < a.start < end and a.kind != ";"]
        sizes = sum(kind in "Cn" for kind in inside)
        listed = counts and sizes > 1 and _OF_SIZES.issuperset(inside)
        if not listed or "".join(a.kind for a in row[place + 1 : place + 2]) not in ("n", "C"):
            kept.append(atom)
    return kept


_IN_EACH = re.compile(r"\s*(?:[(\[][^()\[\]]*[)\]]\s*)?(?:in|for|with)\s+")
_EACH = re.compile(r"(?:both|each|all)\b(?!.*\bpairs)", re.IGNORECASE)


def of_each(part: Sequence[Atom], items: Sequence[Atom], text: str, number: int) -> list[Placed]:
    """Give "3-year OS was 73% in both groups" to every arm.

    Parameters
    ----------
    part : sequence of Atom
        A statement.
    items : sequence of Atom
        Its labels and values.
    text : str
        The sentence.
    number : int
        How many arms there are.

    Returns
    -------
    list of Placed
        The value of each arm; empty if the statement is no such one.
    """
    values = [a for a in items if a.kind == "V"]
    each = next((a for a in part if a.kind == "B" and values and a.start > values[0].end), None)
    named = {kind: [a for a in items if a.kind == kind] for kind in "ATE"}
    single = len(values) == len(named["E"]) == 1 and not named["A"] and len(named["T"]) < 2
    if each is None or not single or not _EACH.match(each.text):
        return []
    if not _IN_EACH.fullmatch(text[values[0].end : each.start]):
        return []
    time = next(iter(named["T"]), None)
    return [Placed(values[0], arm=i, time=time, endpoint=named["E"][0]) for i in range(number)]


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
        # "from 9.1 in 1990 to 11.2 in 2000 and 13.0 in 2010"
        return [each for each in rest if each.kind not in "Vq"]
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
    return None


_OF_SOMEBODY = re.compile(
    r"\s*(?:in|with|after|for|among|following|on|under|without|given|receiving)\s+(?:the\s+)?(?!former|latter|first|second|two|both|each|all|these|those|an?\b)[A-Za-z]"
)


def otherwise_named(part: Sequence[Atom], text: str) -> bool:
    """Say whether values are each said to be of somebody who is no arm: "60% in women and 54% in".

    Parameters
    ----------
    part : sequence of Atom
        A statement that names no arm.
    text : str
        The sentence.
    """
    return _of_others(part, text) > 1


def unknown_named(row: Sequence[Atom], text: str) -> bool:
    """Say whether a value of a sentence is said to be of somebody who is no arm."""
    return _of_others(row, text) > 0


def _of_others(part: Sequence[Atom], text: str) -> int:
    """Return how many values are said to be of somebody who is no arm, endpoint or time."""
    values = [a for a in part if a.kind == "V"]
    named = 0
    for value, following in itertools.zip_longest(values, values[1:]):
        end = following.start if following else value.end + 80
        known = any(value.end <= a.start < end for a in part if a.kind in "TEBA")
        beside = re.sub(r"[(\[][^()\[\]]*[)\]]", "", text[value.end : end])
        named += not known and _OF_SOMEBODY.match(beside) is not None
    return named
