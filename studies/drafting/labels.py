"""Values behind the label of their arm: "(stapled: 66.1%, handsewn: 64.2%)"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["unknown_label", "with_labels"]

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
