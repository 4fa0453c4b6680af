"""How numbers of a statement belong to arms, times and endpoints.

A statement is a row of labels and values. Labels before the first value govern all of them or, if
there are as many as values, one each; labels between and after values govern the values before
them, unless a label of that kind opened the statement. `FORMS` shows every form that is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .vocabulary import Atom, one_list

__all__ = ["Placed", "aligned", "endpoints_first", "events_by_kind"]

_LABELS = "ATE"


@dataclass(frozen=True)
class Placed:
    """One value with the labels that govern it; None where nothing is said."""

    value: Atom
    arm: int | None = None
    time: Atom | None = None
    endpoint: Atom | None = None
    dealt: bool = False  # out in the order of the text, as no arm is named


@dataclass
class _Run:
    """Values in a row, with the places where "versus" parts them."""

    values: list[Atom] = field(default_factory=list)
    parted: list[int] = field(default_factory=list)
    labels: dict[str, list[Atom]] = field(default_factory=dict)
    versus: bool = False
    slashed: bool = False


def aligned(
    statement: Sequence[Atom],
    *,
    values: str,
    order: Sequence[int],
    times: Sequence[Atom] = (),
    text: str = "",
) -> list[Placed]:
    """Give every value of a statement its arm, time and endpoint.

    Parameters
    ----------
    statement : sequence of Atom
        Labels and values in the order of the text.
    values : str
        Kinds of the atoms that count as values.
    order : sequence of int
        The arms in the order in which numbers without a name are listed; empty if that is not
        known.
    times : sequence of Atom
        Times of the statement before, for one that says none of its own.
    text : str
        The sentence: its commas and "and" part a list of lists.

    Returns
    -------
    list of Placed
        Values whose place is certain; a statement that can be read in two ways gives none.
    """
    head, runs, gaps = _runs(statement, values)
    if not runs:
        return []
    for kind in _LABELS:
        if not _govern(kind, head, runs, gaps, text):
            return []
    placed: list[Placed] = []
    for run in runs:
        placed += _spread(run, order, times=times, text=text)
    return placed


def _key(atom: Atom) -> object:
    return {"A": atom.index, "T": (atom.text, atom.unit), "E": atom.names}[atom.kind]


def _distinct(labels: Sequence[Atom]) -> list[Atom]:
    return list({_key(label): label for label in reversed(labels)}.values())[::-1]


def _runs(
    statement: Sequence[Atom], values: str
) -> tuple[list[Atom], list[_Run], list[list[Atom]]]:
    """Return the labels before the first value, the runs, and the labels after each run."""
    head: list[Atom] = []
    runs: list[_Run] = []
    gaps: list[list[Atom]] = []
    versus = False
    for atom in statement:
        if atom.kind in values:
            if not runs or gaps[-1]:
                runs.append(_Run(versus=versus))
                gaps.append([])
            versus = False
            runs[-1].values.append(atom)
        elif atom.kind in _LABELS:
            (gaps[-1] if runs else head).append(atom)
        elif atom.kind == "s" and runs and not gaps[-1]:
            runs[-1].parted.append(len(runs[-1].values))
            runs[-1].slashed |= atom.text == "/"
        elif atom.kind == "s":
            versus = bool(runs)
    return head, runs, gaps


def _govern(
    kind: str, head: list[Atom], runs: list[_Run], gaps: list[list[Atom]], text: str
) -> bool:
    """Give each run its labels of one kind; say whether that can be done in one way only."""
    before = _distinct([atom for atom in head if atom.kind == kind])
    after = [_distinct([a for a in reversed(gap) if a.kind == kind])[::-1] for gap in gaps]
    listed = len(runs) == 1 and len(before) > 1 and not len(runs[0].values) % len(before)
    turned = listed and len(after[0]) == len(before) and one_list(after[0], text)
    again = kind == "A" and listed and not turned  # "12 and 14 months, with B inferior to A"
    if not any(after) or again:
        for run in runs:
            run.labels[kind] = before
        return True
    named = {_key(label) for labels in after for label in labels}
    if kind == "T" and not before and len(named) == 1:  # "51% were alive at 2 years, against 26%"
        for run in runs:
            run.labels[kind] = next(labels for labels in after if labels)
        return True
    if kind == "T" and not before and _times_once(runs, after):
        for run in runs:  # "84% and 66% at 5 and 10 years with A, compared with 76% and 52% with B"
            run.labels[kind] = after[0]
        return True
    if not before or ({_key(label) for label in before} == named and len(before) > 1):
        return _from_behind(kind, runs, after, text)
    if len(runs) > 1 and all(after):  # a name before the first value is of the sentence
        return _from_behind(kind, runs, after, text)
    if len(before) == 1 or _one_each_ahead(before, runs, after):
        return _from_the_front(kind, before, runs, after)
    return bool(after[-1]) and _from_behind(kind, runs, after, text)


def _one_each_ahead(before: list[Atom], runs: list[_Run], after: list[list[Atom]]) -> bool:
    """Say whether as many labels as values stand ahead of each: "A vs B (59 vs 49), and C (62)"."""
    if len(runs) < 2 or after[-1]:
        return False
    ahead = [before, *after[:-1]]
    return all(len(own) == len(run.values) for own, run in zip(ahead, runs, strict=True))


def _times_once(runs: list[_Run], after: list[list[Atom]]) -> bool:
    """Say whether several times stand behind the first run only, for runs of as many values."""
    first = len(after[0]) if after else 0
    return first > 1 and not any(after[1:]) and all(len(run.values) == first for run in runs)


def _from_behind(kind: str, runs: list[_Run], after: list[list[Atom]], text: str) -> bool:
    """Let labels govern the values before them: "98% in A and 95% in B"."""
    labels: list[Atom] = []
    for run, own in zip(reversed(runs), reversed(after), strict=True):
        labels = own or labels
        run.labels[kind] = labels
    if kind == "E" and not after[-1]:  # "41.6% were free of metastasis, against 20.6%"
        named = next(own for own in reversed(after) if own)
        for run in runs:
            run.labels[kind] = run.labels[kind] or named
    named_behind = {_key(label) for own in after for label in own}
    trailing = [run for run in runs if not run.labels[kind]]
    if kind == "A" and len(named_behind) < 2 and not _beside(runs[0], after[0], text):
        return bool(after[-1])  # "at 1 and 5 years 88% and 49%, whereas in B it was 91% and 51%"
    return bool(after[-1]) or kind == "E" or all(len(run.values) > 1 for run in trailing)


def _beside(run: _Run, labels: list[Atom], text: str) -> bool:
    """Say whether a name stands just behind its values: "83% and 67% in A"."""
    between = text[run.values[-1].end : labels[0].start] if labels else ""
    return _IN.fullmatch(_BRACKETS.sub("", between)) is not None


def _from_the_front(
    kind: str, before: list[Atom], runs: list[_Run], after: list[list[Atom]]
) -> bool:
    """Let labels govern the values after them: "in A 98% and in B 95%"."""
    labels = before
    for run, own in zip(runs, after, strict=True):
        run.labels[kind] = labels
        labels = own or labels
    if not after[-1] or {_key(a) for a in after[-1]} == {_key(b) for b in runs[-1].labels[kind]}:
        return True
    return _crossed(kind, before, runs, after)


def _crossed(kind: str, before: list[Atom], runs: list[_Run], after: list[list[Atom]]) -> bool:
    """Read "A had 98% versus 95% with B"."""
    run = runs[-1]
    if len(runs) == 2 and run.versus and not after[0] and len(after[-1]) == 1:
        run.labels[kind] = after[-1]
        return True
    if len(runs) != 1 or len(run.parted) != 1 or len(after[-1]) != 1:
        return False
    if len(run.values) != 2 * run.parted[0]:
        return False
    run.labels[kind] = [*before, *after[-1]]
    return True


def _not_reached_in_all(value: Atom, labels: dict[str, list[Atom]]) -> list[Placed]:
    """Read "not reached in A and B, and 35 months in C"."""
    if len(labels["T"]) > 1 or len(labels["E"]) > 1:
        return []
    time, endpoint = (next(iter(labels[kind]), None) for kind in "TE")
    return [Placed(value, arm=a.index, time=time, endpoint=endpoint) for a in labels["A"]]


def _spread(run: _Run, order: Sequence[int], *, times: Sequence[Atom], text: str) -> list[Placed]:
    """Deal the values of a run out over its labels."""
    labels = {kind: list(run.labels.get(kind, ())) for kind in _LABELS}
    number = len(run.values)
    if not labels["T"] and times and number % len(times) == 0:
        labels["T"] = list(times)
    arms = [atom.index for atom in labels["A"]]
    dealt = not arms
    rest = max(len(labels["T"]), 1) * max(len(labels["E"]), 1)
    if not arms and order and number == rest * len(order):
        arms = list(order)
    if number == 1 and len(arms) > 1 and run.values[0].text == "NR":
        return _not_reached_in_all(run.values[0], labels)
    sizes = {"A": max(len(arms), 1), "T": max(len(labels["T"]), 1), "E": max(len(labels["E"]), 1)}
    if sizes["A"] * sizes["T"] * sizes["E"] != number:
        return []
    several = {kind: size for kind, size in sizes.items() if size > 1}
    nesting = _nesting(run, several)
    if nesting is None:
        nesting = _by_commas(run, several, text)
    if nesting is None:
        return []
    placed = []
    for place, value in enumerate(run.values):
        at = _unravel(place, nesting, sizes)
        placed.append(
            Placed(
                value,
                arm=arms[at["A"]] if arms else None,
                time=labels["T"][at["T"]] if labels["T"] else None,
                endpoint=labels["E"][at["E"]] if labels["E"] else None,
                dealt=dealt and len(arms) > 1,
            )
        )
    return placed


def _by_commas(run: _Run, sizes: dict[str, int], text: str) -> tuple[str, ...] | None:
    """Distinguish "a, b, and c and d, e, and f" from "a and b, c and d, and e and f".

    So "a, b, c and d, e, f" is two lists of three.
    """
    if len(sizes) != 2 or "A" not in sizes or not text:
        return None
    inner = next(kind for kind in sizes if kind != "A")
    marks = []
    for left, right in zip(run.values, run.values[1:], strict=False):
        between = re.sub(r"[(\[][^()\[\]]*[)\]]", "", text[left.end : right.start])
        marks.append(
            ("," if "," in between or ";" in between else "") + ("&" if "and" in between else "")
        )
    for outer, size in (("A", sizes[inner]), (inner, sizes["A"])):
        seams = [mark for place, mark in enumerate(marks, start=1) if place % size == 0]
        inside = [mark for place, mark in enumerate(marks, start=1) if place % size]
        ends = [marks[place - 2] for place in range(size, len(marks) + 2, size)]
        blocks = size > 2 and all("&" in m for m in ends) and all("&" in m for m in seams)
        blocks = blocks and inside.count(",") == len(inside) - len(ends)
        pairs = size == 2 and set(inside) == {"&"} and all("," in m for m in seams)
        joined = sizes["A"] != sizes[inner] and set(seams) == {"&"} and set(inside) == {","}
        if pairs and sizes["A"] == size == 2 and run.labels.get("A"):  # in the order of the names
            outer = min("A", inner, key=lambda kind: run.labels[kind][0].start)
        if blocks or pairs or joined:
            return (outer, inner if outer == "A" else "A")
    return None


def _nesting(run: _Run, sizes: dict[str, int]) -> tuple[str, ...] | None:
    """Return the kinds of labels from the outermost to the innermost; None if it is not said."""
    if len(sizes) <= 1:
        return tuple(sizes)
    if len(sizes) > 2 or "A" not in sizes or not run.parted:
        return None
    inner = next(kind for kind in sizes if kind != "A")
    number = len(run.values)
    if run.slashed and sizes["A"] == sizes[inner]:  # "80/55% and 71/40%" of two times in two arms
        return None
    blocks = [size * sizes[inner] for size in range(1, sizes["A"])]
    if run.parted == blocks:  # "95%, 80% and 63% versus 89%, 75% and 62%"
        return ("A", inner)
    pairs = [place for place in range(1, number) if place % sizes["A"]]
    if run.parted == pairs:  # "95% vs 89%, 80% vs 75% and 63% vs 62%"
        return (inner, "A")
    return None


def _unravel(place: int, nesting: tuple[str, ...], sizes: dict[str, int]) -> dict[str, int]:
    at = {"A": 0, "T": 0, "E": 0}
    for kind in reversed(nesting):
        at[kind], place = place % sizes[kind], place // sizes[kind]
    return at


_FOR = re.compile(r"[^;]{0,60}?\bfor\s+(?:the\s+)?$")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_IN = re.compile(r"\s*(?:in|with|after|for|among|on)\s+(?:the\s+)?")
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
