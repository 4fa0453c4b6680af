"""Lists that cross endpoints: "HR 0.93 for OS and 0.80 for DFS", events of two kinds by arm."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["endpoints_first", "events_by_kind"]

_FOR = re.compile(r"[^;]{0,60}?\bfor\s+(?:the\s+)?$")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_BY_ARM = re.compile(r"(?:CDCDA){2,}$")
_BETWEEN = "AsIP"


def endpoints_first(row: Sequence[Atom], text: str) -> list[Atom]:
    """Put the endpoints of "the HR of A versus B was 0.93 for OS and 0.80 for DFS" before them.

    Parameters
    ----------
    row : sequence of Atom
        The atoms of a sentence.
    text : str
        The sentence.

    Returns
    -------
    list of Atom
        The same, with a statement for each hazard ratio; as it was if it is no such list.
    """
    head = next((i for i, a in enumerate(row) if a.kind == "h"), None)
    if head is None or row[head].names or sum(a.kind == "h" for a in row) > 1:
        return list(row)
    listed = _listed(row, head, text)
    if len(listed) < 2 or len({row[name].names for _, name in listed}) < len(listed):
        return list(row)
    first, last = listed[0][0], listed[-1][1]
    said = [a for a in row[head + 1 : first] if a.kind in "As"]
    made = list(row[:head])
    for number, name in listed:
        made += [row[head], *said, row[name], row[number]]
        made += [a for a in row[number + 1 : name] if a.kind == "P"]
        made.append(Atom(";", row[name].end, row[name].end))
    return [*made, *row[last + 1 :]]


def events_by_kind(row: Sequence[Atom]) -> list[Atom]:
    """Sort "150 PFS events and 100 deaths in A, and 157 PFS events and 117 deaths in B" by event.

    Parameters
    ----------
    row : sequence of Atom
        The atoms of a sentence.

    Returns
    -------
    list of Atom
        A statement for each kind of event; as it was if it is no such list.
    """
    kinds = "".join(a.kind for a in row)
    found = _BY_ARM.search(kinds)
    if found is None:
        return list(row)
    groups = [row[i : i + 5] for i in range(found.start(), found.end(), 5)]
    if len({(group[1].names, group[3].names) for group in groups}) > 1:
        return list(row)
    made = list(row[: found.start()])
    for place in (0, 2):
        for group in groups:
            made += [group[place], group[place + 1], group[4]]
        made.append(Atom(";", groups[-1][4].end, groups[-1][4].end))
    return made


def _listed(row: Sequence[Atom], head: int, text: str) -> list[tuple[int, int]]:
    """Return the places of each number behind a hazard ratio and of the endpoint behind it."""
    listed: list[tuple[int, int]] = []
    number = None
    for place in range(head + 1, len(row)):
        atom = row[place]
        if atom.kind == "q":
            if number is not None:
                return []
            number = place
        elif atom.kind == "E" and number is not None:
            between = _BRACKETS.sub("", text[row[number].end : atom.start])
            if not _FOR.fullmatch(between):
                return listed
            listed.append((number, place))
            number = None
        elif atom.kind not in _BETWEEN:
            return listed
    return listed
