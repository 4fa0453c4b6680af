"""A sentence as a row of atoms, and whether it goes on with the endpoint of the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from .arms import TextArms
from .lexicon import LEXICON
from .vocabulary import Atom

__all__ = ["atoms", "goes_on", "speaks_on"]

_AFTER_ARMS = next(i for i, entry in enumerate(LEXICON) if entry.name == "other outcome")
_MOST = 150  # atoms of a sentence; more are a list of data, not a statement
_COUNTED_WITH = re.compile(r"\s*(?:,|/|and|,\s*and|vs\.?|versus|or)\s*")


@lru_cache(maxsize=4096)
def atoms(text: str, arms: TextArms) -> tuple[Atom, ...]:
    """Return the atoms of a sentence, in order.

    Parameters
    ----------
    text : str
        The sentence in plain characters.
    arms : TextArms
        The arms of the text, whose names are looked for as well.
    """
    found: list[Atom] = []
    taken = bytearray(len(text))
    mention = arms.mention
    for number, entry in enumerate(LEXICON):
        if number == _AFTER_ARMS and mention is not None:
            for match in mention.finditer(text):
                _take(Atom("A", *match.span(), index=arms.index(match)), taken, found)
        for match in entry.pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            for atom in entry.build(match):
                for part in _with_arm(atom, text, arms):
                    _take(part, taken, found, shared=True)
    if len(found) > _MOST:
        return ()
    depths = _depths(text)
    ordered = sorted(
        (replace(atom, depth=depths[atom.start]) for atom in found if atom.kind != "x"),
        key=lambda atom: atom.start,
    )
    ordered = list(_in_own_brackets(list(_with_slashes(ordered, text)), text))
    return tuple(_spread(list(_hosted(_named_first(list(_deduced(ordered)), text))), text))


def _with_arm(atom: Atom, text: str, arms: TextArms) -> Iterator[Atom]:
    """Read the arm in "127 R0 patients" and in "612 women", which is no noun of all patients."""
    inside = arms.mention.search(atom.flag) if atom.kind == "C" and arms.mention else None
    if inside is None or atom.of:
        yield atom
        return
    start = text.index(atom.flag, atom.start) + inside.start()
    end = start + len(inside[0])
    yield replace(atom, end=start, flag=atom.flag[inside.end() :].strip())
    yield Atom("A", start, end, index=arms.index(inside))


def _with_slashes(found: list[Atom], text: str) -> Iterator[Atom]:
    """Read "the A/B hazard ratio" as A versus B."""
    for place, atom in enumerate(found):
        yield atom
        kinds = "".join(a.kind for a in found[place : place + 3])
        if kinds == "AAh" and text[atom.end : found[place + 1].start] == "/":
            yield Atom("s", atom.end, atom.end + 1, text="/", depth=atom.depth)


_OPENS = re.compile(r"\s*(?:(?:groups?|arms?|cohorts?|patients)\s*)?[(\[]")


def _in_own_brackets(found: list[Atom], text: str) -> Iterator[Atom]:
    """Let an arm be that of every statement in the bracket behind it: "A (1-year 65%; 5-year 50%)".

    No name behind the bracket is that of a value in it then.
    """
    ends: list[int] = []
    owner: Atom | None = None
    for place, atom in enumerate(found):
        if ends and atom.start >= ends[-1]:
            yield Atom(";", ends[-1], ends[-1])
            ends, owner = [], None
        yield atom if owner is None or atom.kind != ";" else replace(atom, depth=owner.depth)
        if owner is not None and atom.kind == ";":
            yield replace(owner, start=atom.end, end=atom.end)
        opened = _OPENS.match(text, atom.end) if atom.kind == "A" else None
        if opened and (end := _closing(text, opened.end())):
            inside = [a for a in found[place + 1 :] if a.start < end]
            if _are_statements(inside, atom.depth + 1):
                ends, owner = [end], atom


def _closing(text: str, start: int) -> int:
    """Return where the bracket that opens before a place is closed; 0 if nowhere."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] in "([") - (text[place] in ")]")
        if not depth:
            return place
    return 0


def _are_statements(inside: Sequence[Atom], depth: int) -> bool:
    """Say whether what is in a bracket are several values, each with its time, and of no arm."""
    parts: list[list[Atom]] = [[]]
    for atom in inside:
        if atom.kind == ";" and atom.depth == depth:
            parts.append([])
        else:
            parts[-1].append(atom)
    kinds = [{a.kind for a in part} for part in parts]
    return len(parts) > 1 and all({"T", "V"} <= own and "A" not in own for own in kinds)


def _take(atom: Atom, taken: bytearray, found: list[Atom], *, shared: bool = False) -> None:
    if not shared and any(taken[atom.start : atom.end]):
        return
    taken[atom.start : atom.end] = b"\x01" * (atom.end - atom.start)
    found.append(atom)


def _depths(text: str) -> list[int]:
    depth, depths = 0, []
    for letter in text:
        if letter in ")]":
            depth = max(depth - 1, 0)
        depths.append(depth)
        if letter in "([":
            depth += 1
    return depths


_BESIDE = 2  # letters between two names of one endpoint


def _deduced(found: list[Atom]) -> Iterator[Atom]:
    """Leave out breaks in brackets, and arms and endpoints that are named twice in a row."""
    last: Atom | None = None
    for atom in found:
        if atom.kind == ";" and atom.depth:
            continue
        if last and last.kind == atom.kind == "A" and last.index == atom.index:
            continue
        aside = last is not None and last.kind == "E" and last.depth > atom.depth
        if last and aside and "bare" in atom.flag and atom.start - last.end <= _BESIDE:
            continue  # "disease-specific (DSS) survival"
        yield atom
        last = atom


_RISK_OF = re.compile(r"\([^()]*\)\s+(?:\w+\s+)?risk\s+of\s+")


def _named_first(found: list[Atom], text: str) -> Iterator[Atom]:
    """Read "0.65 (HR; 95% CI 0.46-0.91)" as "HR 0.65", "(HR 0.65) risk of death" as of death."""
    for place in range(len(found) - 1):
        number, name = found[place], found[place + 1]
        between = text[number.end : name.start]
        after = text[name.end : name.end + 1]
        if number.kind == "q" and name.kind == "h" and between.strip() == "(" and after in ";,)":
            found[place], found[place + 1] = name, number
    for place, event in enumerate(found):
        opened = text.rfind("(", 0, event.start)
        if event.kind == "D" and _RISK_OF.fullmatch(text[opened : event.start]):
            at = next((i for i, a in enumerate(found) if a.start > opened), place)
            if at < place and found[at].kind == "h":
                found.insert(at, found.pop(place))
    yield from found


def _hosted(found: Iterator[Atom]) -> Iterator[Atom]:
    """Give each interval to the value before it; one without a level has that of those before."""
    pending: list[Atom] = []
    usual = "95?"
    for atom in found:
        if atom.kind != "I":
            pending.append(atom)
            continue
        if atom.level not in ("", "iqr", "range"):
            usual = "95?" if atom.level == "95" else atom.level
        for place in range(len(pending) - 1, -1, -1):
            host = pending[place]
            if host.kind in "Vq" and host.interval is None:
                unit = host.unit if host.unit not in ("", "NR") else atom.unit or host.unit
                host = replace(host, interval=atom.interval, level=atom.level or usual, unit=unit)
                pending[place] = _with_unit(host, unit) if host.kind == "q" and unit else host
                break
            behind_break = host.kind == ";" and atom.level not in ("", "iqr", "range")
            if host.kind not in "AsPrBn" and not (behind_break and place == len(pending) - 1):
                break
    yield from pending


def _spread(found: list[Atom], text: str) -> list[Atom]:
    """Give numbers of a list the unit that is written once for all of them."""
    kinds = [atom.kind for atom in found]
    for place in range(len(found) - 1, -1, -1):
        _from_behind(found, place, text, kinds)
    for place in range(len(found)):
        _from_before(found, place, text)
    return found


def _from_behind(found: list[Atom], place: int, text: str, kinds: list[str]) -> None:
    """Read "5.1 vs 3.5 mo" and "150 and 158 patients"."""
    atom = found[place]
    if atom.kind != "q":
        return
    following = found[place + 1 :]
    after = next((a for a in following if a.kind not in "sAr;TP" or a.kind == "h"), None)
    if after is None:
        return
    between = text[atom.end : after.start]
    ratio = (place > 0 and found[place - 1].kind in "hP") or _nearer_ratio(kinds, place)
    if after.kind == "V" and after.unit != "NR" and not ratio and _same_list(between):
        found[place] = _with_unit(atom, after.unit)
    elif after in following[:2] and after.kind == "C" and _COUNTED_WITH.fullmatch(between):
        found[place] = replace(atom, kind="C", flag=after.flag) if atom.text.isdigit() else atom


def _from_before(found: list[Atom], place: int, text: str) -> None:
    """Read "19.7 months with A and 15.9 (14.1-19.3) with B"."""
    atom = found[place]
    if atom.kind != "q":
        return
    before = next((a for a in reversed(found[:place]) if a.kind in "VhqCEMTO"), None)
    if before is None or before.kind != "V" or before.unit == "NR" or _is_apart(atom, before):
        return
    if re.fullmatch(r"\s*:\s*", text[before.end : atom.start]):
        return  # "aged 18 to 75 years: 1418 began with"
    if atom.interval or _listed(found, place):
        found[place] = _with_unit(atom, before.unit)


def _nearer_ratio(kinds: list[str], place: int) -> bool:
    before = [k for k in kinds[:place] if k in "hVEMFO"]
    return bool(before) and before[-1] == "h"


def _is_apart(atom: Atom, before: Atom) -> bool:
    """Say whether a number cannot share the unit of the value before it.

    In the brackets of an interval it is a hazard ratio without its name; a whole number after a
    percentage is a count, and so is one after a value in brackets: "(median, 61 years), 161 had".
    """
    other = before.unit == "percent" or "." in before.text  # "of 6.8 years, 131 A users died"
    whole = atom.text.isdigit() and atom.interval is None and other
    aside = before.depth > atom.depth and atom.text.isdigit() and atom.interval is None
    return atom.depth > before.depth or whole or aside


def _same_list(between: str) -> bool:
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]", "", between).replace("vs.", "vs")
    return (
        len(plain) < 60
        and not re.search(r"[;:.]\s", plain)
        and bool(re.search(r"/|,|\band\b|\bvs?\b|versus|\bor\b|compared|\bv\b", plain))
    )


def _listed(found: list[Atom], place: int) -> bool:
    near = {found[i].kind for i in (place - 1, place + 1) if 0 <= i < len(found)}
    return bool(near & set("sA"))


def _with_unit(atom: Atom, unit: str) -> Atom:
    text = f"{atom.text}%" if unit == "percent" and not atom.text.endswith("%") else atom.text
    return replace(atom, kind="V", unit=unit, text=text)


_CUE = re.compile(
    r"\b(?:corresponding|values|figures|respective|these\s+rates|those\s+(?:for|of|in)|"
    r"rates\s+were|same\s+times?)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:It|This|The\s+(?:corresponding|values?|medians?|estimated|rates?|hazard|figures|"
    r"respective|difference|(?:un)?adjusted|crude|(?:un)?stratified|HR|p)|"
    r"Compared\s+(?:with|to)|Relative\s+to|Corresponding|These|They|Estimated|Hazard|HR|Medians?|For|At|By|After|Rates?|Deaths?|"
    r"P\b|Log-?rank|In\s+the|(?:With|Using|Taking)\s[^.;]{2,60}\sas\s+(?:the\s+)?reference\b|"
    r"[A-Z][\w+/ -]{0,40}:|\d|"
    r"(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)-year\s+(?:rates?|survival)\b)"
)
_HEADED = re.compile(r"([A-Z][\w+/ -]{0,40}):")
_OWN_WORDS = re.compile(
    r"\b(?:at|in|for|the|of|and|with|by|after|groups?|arms?|cohorts?|rates?|medians?|values?|estimates?|"
    r"patients|events?|deaths?|total|months?|years?|mo|yr|time|treatment|alone|control|"
    r"(?:un)?adjusted|(?:un)?stratified|multivaria\w+|univaria\w+|crude|HR|hazard|ratio|p|value|log-?rank|95|CI)\b",
    re.IGNORECASE,
)
_MEDIAN_OF = re.compile(
    r"\bmedians?(?:\s+(?:was|were|is|among|in|for|of\s+the\s+two|time|survival\s+time|"
    r"values?|,|:)|\s*[,:(]|\s+\d)",
    re.IGNORECASE,
)
_RATIO_OPENS = re.compile(
    r"(?:The\s+)?(?:\w+\s+)?(?:HR|[Hh]azard\s+ratio)(?:\s+(?:was|for\s+death)|"
    r"\s*(?:\(95\s?%\s*CI\))?\s*[:=,]?\s*\d)"
)
_CHANGED = re.compile(
    r"\b(?:fallen|fell|rose|risen|increased|decreased|declined|dropped|improved|reduced)\s+by\b",
    re.IGNORECASE,
)
"""What says "at 9 months, proteinuria had fallen by 38.3%": no survival."""


def goes_on(text: str, part: Sequence[Atom], row: Sequence[Atom]) -> bool:
    """Say whether the first statement of a sentence goes on with the endpoint before it.

    Parameters
    ----------
    text : str
        The sentence.
    part : sequence of Atom
        Its first statement, which names no endpoint.
    row : sequence of Atom
        The whole sentence.
    """
    kinds = {a.kind for a in part}
    unknown = re.match(r"[A-Z]{2,6}\b(?!\s*[=<>])", text)
    if unknown and not any(a.start < unknown.end() for a in row):
        return False  # "LRC at 3 years was 61%"
    if _of_something_else(text, row):
        return False
    if _CHANGED.search(text) or ("M" in kinds and not _MEDIAN_OF.search(text)):
        return False
    if "h" in kinds and "A" not in kinds and not _RATIO_OPENS.match(text):
        return False
    return bool(_GOES_ON.match(text)) and bool(kinds & set("MTh") or speaks_on(text))


def _of_something_else(text: str, row: Sequence[Atom]) -> bool:
    """Say whether words before a colon are of no arm and no time: "Rejection at 1 year: 15%"."""
    head = _HEADED.match(text)
    if head is None:
        return False
    words = list(head[1])
    for atom in row:
        words[atom.start : atom.end] = " " * (atom.end - atom.start)
    return bool(_OWN_WORDS.sub(" ", "".join(words)[: len(head[1])]).strip(" -,/()"))


def speaks_on(text: str) -> bool:
    """Say whether a sentence speaks of "the corresponding rates", "these values"."""
    return _CUE.search(text) is not None
