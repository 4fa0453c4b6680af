"""Where one statement of a sentence ends and another begins, and what each is about."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from .endpoints import PRIMARY
from .passages import Sentence
from .vocabulary import Atom

__all__ = [
    "among_arms",
    "direction_only",
    "had_died",
    "in_units",
    "is_difference",
    "shares_alive",
    "statements",
    "topic",
    "with_fractions",
    "without_ratios",
]

_HAPPENED = re.compile(r"\b(?:occurred|(?:had|were)\s+(?:died|dead))\b", re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_FRACTION = re.compile(r"0\.\d{2,4}")


def statements(row: Sequence[Atom]) -> list[list[Atom]]:
    """Part the atoms of a sentence where one statement ends and another begins."""
    parts: list[list[Atom]] = [[]]
    for atom in _medians_first(_without_asides(row)):
        if atom.kind == ";":
            parts.append([])
            continue
        if atom.kind == "M" and [a.kind for a in parts[-1]] == ["F", "C"]:
            parts[-1].pop()  # "we followed 243 patients for a median of 27 months"
        if parts[-1] and _breaks(parts[-1], atom):
            leading = _leading_times(parts[-1], atom) or _leading_values(parts[-1], atom)
            leading = leading or _leading_counts(parts[-1], atom)
            leading = leading or _leading_other(parts[-1], atom)
            parts.append(leading or _leading_arms(parts[-1], atom))
        parts[-1].append(atom)
    return [part for part in parts if part]


def _medians_first(row: Sequence[Atom]) -> list[Atom]:
    """Read "with A (median, 21.6 months) than with B (median, 16.8 months)" as two medians."""
    inside = [
        place
        for place, (arm, middle) in enumerate(itertools.pairwise(row), start=1)
        if arm.kind == "A" and middle.kind == "M" and middle.depth > arm.depth
        if place < 2 or row[place - 2].kind != "A"  # "than with B (median, 21.6 v 16.8)"
    ]
    if len(inside) < 2 or any(a.kind == "M" for a in row[: inside[0] - 1]):
        return list(row)
    kept = [atom for place, atom in enumerate(row) if place not in inside]
    return [*kept[: inside[0] - 1], row[inside[0]], *kept[inside[0] - 1 :]]


def _without_asides(row: Sequence[Atom]) -> list[Atom]:
    """Leave out another outcome in brackets: "85.8% v 79.4% (absolute difference 6.4%), HR"."""
    kept: list[Atom] = []
    aside = 0
    for atom in row:
        if aside and atom.depth >= aside:
            continue
        said = atom.kind == "O" and not atom.text.lower().startswith("restricted")
        aside = atom.depth if said and any(a.kind == "E" for a in kept) else 0
        if not aside:
            kept.append(atom)
    return kept


def _leading_times(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take the times off a statement that belong to the endpoint after them."""
    times: list[Atom] = []
    while (
        part
        and part[-1].kind == "T"
        and part[-1].flag == "before"
        and atom.start - part[-1].end < 24
    ):
        times.insert(0, part.pop())
    if atom.kind != "E":
        part.extend(times)
        return []
    return times


def _leading_counts(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take the deaths off a follow-up: "after 6.8 years, 131 A and 98 B users had died"."""
    if atom.kind not in "CD" or not any(a.kind == "F" for a in part):
        return []
    last = max((i for i, a in enumerate(part) if a.kind in "VI"), default=len(part))
    counts = part[last + 1 :]
    kinds = {a.kind for a in counts}
    if not counts or counts[0].kind not in "qC" or not kinds <= set("qCAs") or "A" not in kinds:
        return []
    del part[last + 1 :]
    return counts


def _leading_other(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take off the arm that opens the next: "in A (OS: 65%) compared with B (OS: 31%"."""
    ends = part[-3:]
    if "".join(a.kind for a in ends) not in ("VsA", "IsA") or not (ends[0].depth and atom.depth):
        return []
    if ends[1].depth or ends[2].depth or atom.kind != "E":
        return []
    del part[-2:]
    return ends[2:]


def _leading_arms(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take the arms off a statement in brackets: "(...) and longer with B than with C (median".

    One arm, too: "longer with X (median, 21.6 months) than with B (median, 16.8 months)".
    """
    arms = list(itertools.takewhile(lambda a: a.kind == "A", reversed(part)))[::-1]
    if len(arms) == 1 and not any(a.kind == "A" for a in part[:-1]) and part[-2:-1]:
        inside = part[-2].depth and part[-2].kind in "VI" and atom.kind == "M" and atom.depth
        return [part.pop()] if inside and not arms[0].depth else []
    ends = part[-len(arms) - 1] if len(arms) == 2 and len(part) > 2 else None
    if ends is None or not ends.depth or arms[0].depth or not atom.depth or atom.kind not in "Mh":
        return []
    del part[-2:]
    return arms


def _leading_values(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take the shares off a hazard ratio that are alive: "(HR 0.62), with 80% versus 70% alive"."""
    if "state" not in atom.flag or not any(a.kind in "hP" for a in part):
        return []
    values: list[Atom] = []
    while part and part[-1].kind in "VsA" and atom.start - part[-1].end < 60:
        values.insert(0, part.pop())
    return values


def _breaks(part: list[Atom], atom: Atom) -> bool:
    if _is_share(atom, part):
        return False
    kinds = {a.kind for a in part if not _aside(a, part)}
    if not kinds & set("VCPnq"):
        return False
    if atom.kind == "F" and kinds <= set("MVABsI"):  # "a median of 5.9 years' follow-up"
        return False
    if atom.kind == "M" and kinds <= set("An") and all(a.depth for a in part if a.kind == "n"):
        return False  # "those given A (n = 74) had a median of 34 months"
    if atom.kind in "OMF":
        return True
    if atom.kind == "E":
        shares = [a for a in part if a.kind == "C"]
        alive = "state" in atom.flag and shares and all(a.level == "share" for a in shares)
        return not (alive and kinds <= set("TCrAs")) and _endpoint_breaks(part, kinds)
    if atom.kind == "D":
        return _event_breaks(part, atom, kinds)
    return {
        "C": bool(kinds & {"V", "P"}),
        "T": atom.flag == "before" and {"M", "V"} <= kinds,
        "h": ("C" in kinds and "V" not in kinds) or is_difference(part),
        "V": "C" in kinds,
    }.get(atom.kind, False)


def _is_share(atom: Atom, part: list[Atom]) -> bool:
    """Say whether a percentage is that of a count: "182 patients in the LR group (74.0%)"."""
    beside = atom.kind == "V" and bool(atom.depth) and atom.unit == "percent"
    return beside and part[-1].kind in "CAD" and any(a.kind == "C" for a in part)


def _aside(atom: Atom, part: list[Atom]) -> bool:
    """Say whether a number is said in passing: "(301 patients)", or a share after a count."""
    if atom.kind == "C":
        return bool(atom.depth) and any(a.kind == "E" for a in part)
    counted = any(a.kind == "C" and not a.depth for a in part)
    return atom.kind == "V" and bool(atom.depth) and atom.unit == "percent" and counted


def _endpoint_breaks(part: list[Atom], kinds: set[str]) -> bool:
    if kinds & {"O", "F", "h", "P"} or "E" in kinds:
        return True
    if "C" in kinds:
        return not any(a.kind == "D" and not a.names for a in part)
    return False


def _event_breaks(part: list[Atom], atom: Atom, kinds: set[str]) -> bool:
    if kinds & {"V", "P", "h"}:
        return True
    named = {a.names for a in part if a.kind == "D" and a.names}
    return bool(named and atom.names and atom.names not in named)


def among_arms(row: Sequence[Atom], text: str) -> list[Atom]:
    """Return the counts of "12.2 months among 292 patients in the A group"."""
    return [
        count
        for value, count, arm in zip(row, row[1:], row[2:], strict=False)
        if not any(a.kind == "D" and a.end <= count.start for a in row)
        and (value.kind, count.kind, arm.kind) == ("V", "C", "A")
        and not count.of
        and re.search(r"\b(?:among|for|in)\s+(?:the\s+)?$", text[value.end : count.start])
        and re.fullmatch(
            r"\s*(?:in|on|of|with|given|receiving|who\s+received|assigned\s+to|treated\s+with)\s+",
            text[count.end : arm.start],
        )
    ]


def without_ratios(part: list[Atom]) -> list[Atom]:
    """Leave out the numbers that follow the words "hazard ratio"."""
    kept: list[Atom] = []
    in_ratio = False
    depth = 0
    for place, atom in enumerate(part):
        if atom.kind == "h":
            in_ratio, depth = True, atom.depth
            if "".join(a.kind for a in kept[-3:]) == "AsA":
                del kept[-3:]
        elif atom.kind == "V" or (atom.kind in "EMC"):
            in_ratio = False
        elif atom.kind == "A" and atom.depth < depth and _valued(part[place + 1 :]):
            in_ratio = False  # "(59 vs 49 months; HR, 0.78), and similar with C (62 months)"
        if in_ratio and atom.kind in "qhAs":
            continue
        kept.append(atom)
    return kept


def _valued(later: Sequence[Atom]) -> bool:
    """Say whether a value comes next."""
    return bool(later) and later[0].kind == "V"


def is_difference(part: Sequence[Atom]) -> bool:
    """Say whether a statement gives a difference of arms: "absolute difference 2.5 points"."""
    others = [a.text for a in part if a.kind == "O"]
    return bool(others) and all(re.search(r"difference|benefit|reduction", o) for o in others)


def topic(part: list[Atom]) -> str:
    """Return what a statement is about: "O", "F", "D", or "" for survival."""
    first = next((i for i, a in enumerate(part) if a.kind in "VCnq"), len(part))
    middle = any(a.kind == "M" for a in part[:first])
    before = [a.kind for a in part[:first] if a.kind in ("EOFD" if middle else "EOD")]
    if not before and middle and any(a.kind == "F" for a in part[first:]):
        return "F"
    if not before:
        later = [a.kind for a in part[first:] if a.kind in "EOD"]
        named = any(a.kind == "A" for a in part)  # "31 A users and 42 B users died"
        counted = any(a.kind == "C" or (a.kind == "q" and named) for a in part)
        return "D" if later[:1] == ["D"] and counted else ""
    return "" if before[-1] == "E" else before[-1]


def direction_only(row: Sequence[Atom]) -> bool:
    """Say whether a sentence of the methods says what hazard ratios compare."""
    kinds = [a.kind for a in row]
    return (
        ("h" in kinds or kinds == ["A", "s", "A"])
        and kinds.count("A") == 2
        and not set(kinds) & set("VCnPq")
    )


def in_units(row: Sequence[Atom], text: str, *, is_row: bool) -> list[Atom]:
    """Give the cells of a table's row the unit that its label says, and leave out counts of arms.

    Parameters
    ----------
    row : sequence of Atom
        The atoms of a sentence, or of a row of a table.
    text : str
        The sentence.
    is_row : bool
        Whether it is a row of a table.
    """
    if not is_row or (row and row[0].kind == "h"):
        asides = among_arms(row, text)
        return [a for a in row if not (_names_arm(a, text) or a in asides)]
    unit = "percent" if "%" in re.sub(r"\d+\s*%\s*CI|(?:n|no\.?)\s*\(%\)", "", text) else ""
    if any(a.kind == "M" for a in row):
        named = re.search(r"\b(months?|mos?|weeks?|wks?|years?|yrs?|days?)\b", text)
        units = {"m": "months", "w": "weeks", "y": "years", "d": "days"}
        unit = units[named[1][0]] if named else ""
    if not unit:
        return list(row)
    sign = "%" if unit == "percent" else ""
    end = next((a.start for a in row if a.kind == "h"), len(text))
    return [
        replace(a, kind="V", unit=unit, text=a.text.rstrip("%") + sign)
        if a.kind == "q" and a.start < end
        else a
        for a in row
    ]


def _names_arm(atom: Atom, text: str) -> bool:
    """Say whether a count only names an arm: "among the 193 patients of the LR group"."""
    before, after = text[: atom.start], text[atom.end :]
    return (
        (atom.kind == "C" or (atom.kind == "q" and atom.text.isdigit()))
        and re.search(r"(?:among|of|in|for)\s+the\s+$", before, re.IGNORECASE) is not None
        and re.match(
            r"\s*(?:of|in|on|given|treated|receiving|undergoing|assigned|allocated|randomi[sz]ed|who)\s+",
            after,
        )
        is not None
    )


def row_text(sentence: Sentence) -> str:
    """Give cells of a table the percent sign that its heading has."""
    if sentence.row and re.search(
        r"(?:n|no\.?|numbers?\s+of\s+\w+)\s*\(%\)", sentence.text, re.IGNORECASE
    ):
        return re.sub(r"(?<=\d)\s\((\d+(?:\.\d+)?)\)", r" (\1%)", sentence.text)
    return sentence.text


def counted_event(part: Sequence[Atom]) -> tuple[str, ...]:
    """Return the endpoints of the last event that a statement counts."""
    return next((a.names for a in reversed(part) if a.kind == "D" and a.names), ())


def as_mortality(atom: Atom) -> Atom:
    """Take deaths by a time for the complement of survival."""
    if atom.kind != "D":
        return atom
    label = "overall survival" if atom.names == ("OS",) else ""
    return replace(atom, kind="E", label=label, flag="complement")


def had_died(part: Sequence[Atom], text: str) -> bool:
    """Say whether a statement gives shares only, of those who had died: "death occurred in 13%".

    Or had an event of a composite of death and others, which death does not compete with.
    """
    named = {a.names for a in part if a.kind == "D"}
    counted = any(a.kind == "C" for a in part)
    return named in ({("OS",)}, {(PRIMARY,)}) and not counted and bool(_HAPPENED.search(text))


def shares_alive(part: list[Atom], text: str) -> list[Atom]:
    """Read "at 1 year 45 of 62 (73%) were alive" as 73%, if a statement gives no other shares."""
    alive = any(a.kind == "E" and a.names == ("OS",) and "state" in a.flag for a in part)
    counts = [a for a in part if a.kind == "C"]
    if not alive or any(a.kind == "V" for a in part) or not all(a.level == "share" for a in counts):
        return part
    return [
        replace(a, kind="V", unit="percent", text=f"{_SHARE.findall(text[a.start : a.end])[-1]}%")
        if a.kind == "C"
        else a
        for a in part
    ]


def with_fractions(part: list[Atom]) -> list[Atom]:
    """Read "OS was 0.72 and 0.61", if all numbers without a unit are fractions."""
    percent = any(a.kind == "V" and a.unit == "percent" for a in part)
    bare = [a for a in part if a.kind == "q" and not a.depth]
    if percent or not all(_FRACTION.fullmatch(a.text) for a in bare):
        return part
    return [
        replace(a, kind="V", unit="percent") if a.kind == "q" and _FRACTION.fullmatch(a.text) else a
        for a in part
    ]
