"""Groups that a text tells apart: by risk, marker, period, sex, or how long they are treated."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...presentation.formats import count
from .passages import Sentence

__all__ = ["Duration", "Stratum", "durations", "of_one_division", "strata"]


@dataclass(frozen=True)
class Stratum:
    """One of the groups, by whatever it is called."""

    name: str
    aliases: tuple[str, ...]
    known: bool = False  # a class that is no treatment, as men and women


_RANDOMISED = re.compile(r"\brandomi[sz]|\brandomly\b", re.IGNORECASE)
_DIVIDED = re.compile(
    r"\b(?:stratified|divided|classified|categori[sz]ed|grouped|dichotomi[sz]ed|split|separated|subdivided)\b[^.;]{0,80}?\b(?:in)?to\s+",
    re.IGNORECASE,
)
"""What opens "patients were stratified into low-risk (n = 88) and high-risk (n = 65) groups"."""
_NAME = r"[A-Za-z][\w+/'-]*(?:\s(?!and\b|or\b|groups?\b|patients\b|categor)[\w+/'-]+){0,3}?"
_LISTED = re.compile(
    rf"(?:(?:an?|the|and|or)\s+)*(?P<name>{_NAME})(?:\s+(?:groups?|cohorts?|patients|category))?\s*[(\[]\s*(?:[^()]*?[;,:]\s*)?(?:n\s*=\s*)?\d+(?:\s+patients)?\b[^()]*[)\]]",
    re.IGNORECASE,
)
_HAD = r"(?:patients\s+|men\s+|women\s+)?(?:had|carried|harbou?red|showed|exhibited|expressed|were|presented\s+with|with)\s+(?:an?\s+)?"


def _counted(number: int) -> str:
    """Return the pattern of "71 (28%) had mutated TP53"; only the first needs the verb."""
    verb = _HAD if number == 1 else f"(?:{_HAD})?"
    return (
        rf"(?P<n{number}>\d+)\s*(?:patients\s+(?=\())?(?:\([^()]*\)\s*)?{verb}(?P<g{number}>{_NAME})"
        r"(?=\s*[.,;(]|\s+(?:and|disease|tumou?rs|status)\b)(?:\s+(?:disease|tumou?rs|status)\b)?\s*(?:\([^()]*\)\s*)?"
    )


_SHARED = re.compile(
    rf"{_counted(1)}(?:,?\s*and|,|,?\s*while|,?\s*whereas)\s+{_counted(2)}(?:(?:,?\s*and|,)\s+{_counted(3)})?",
    re.IGNORECASE,
)
"""Reads "71 had mutated TP53 and 185 had wild-type TP53"; the total must be in the sentence."""
_BOTH_COUNTED = re.compile(
    rf"\b(?:patients|those|pts|cases)\s+with\s+(?:an?\s+)?(?P<a>{_NAME})\s*\([^()]*?n\s*=\s*\d+\)(?:[^.]|\.(?=\d)){{0,160}}?\b(?:patients|those|pts|cases)\s+with\s+(?:an?\s+)?(?P<b>{_NAME})\s*\([^()]*?n\s*=\s*\d+\)",
    re.IGNORECASE,
)
"""Reads "21.4 months in patients with low ctDNA (n = 134) and 9.8 in those with high ctDNA (n = 128)"."""
_PERIOD = re.compile(
    r"\b(?P<noun>period|era|epoch|cohort)\s+(?P<n>[1-4]|I{1,3}|[A-C])\b", re.IGNORECASE
)
_STATES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("mutated", "mutant", "mutation", "mutations", "mut"),
        ("wild-type", "wildtype", "WT", "unmutated", "non-mutated"),
    ),
    (("positive", "positivity"), ("negative", "negativity")),
    (("high", "elevated"), ("low", "normal")),
    (("methylated",), ("unmethylated",)),
)  # fmt: skip
_WORDS = "|".join(
    word for pair in _STATES for side in pair for word in sorted(side, key=len, reverse=True)
)
_MARKED = re.compile(
    rf"(?P<first>(?<![\w-])[A-Z][A-Za-z]*[A-Z0-9][\w-]*?[- ](?:{_WORDS}))(?![\w-])|(?P<last>(?<![\w-])(?i:{_WORDS})\s[A-Z][A-Za-z]*[A-Z0-9][\w-]*)(?![\w-])"
)
"""Finds "FLT3-ITD-positive" and "low NLR"; a marker has two capitals, or a capital and a digit."""


def _margin(*names: str) -> Stratum:
    words = ("resection", "resections", "margin", "margins", "status")
    longer = (f"{name} {word}" for name in names for word in words)
    return Stratum(names[0], (*names, *longer), known=True)


def _liver(letter: str) -> Stratum:
    name = f"Child-Pugh {letter}"
    heads = ("Child-Turcotte-Pugh", "Child-Pugh class", "Child-Pugh grade", "CP", "CTP")
    longer = (f"{head} {letter}" for head in heads)
    return Stratum(name, (name, *longer, f"CP-{letter}", f"{name} class"), known=True)


# Classes that medicine divides patients into under fixed names.
_DIVISIONS: tuple[tuple[Stratum, ...], ...] = (
    (
        Stratum("men", ("men", "male", "males", "male sex", "male patients"), known=True),
        Stratum(
            "women", ("women", "female", "females", "female sex", "female patients"), known=True
        ),
    ),
    (
        Stratum("boys", ("boys",), known=True),
        Stratum("girls", ("girls",), known=True),
    ),
    (_margin("R0"), _margin("R1", "R1/2", "R1/R2", "R1-2")),
    (_liver("A"), _liver("B"), _liver("C")),
)
_WHOLE = re.compile(r"(?<![\w.,/-])\d{1,6}(?![\w%]|[.,]\d|\s?%)")
_MOST = 30  # counts of a sentence; more are a list of data


def strata(found: Sequence[Sentence], *, sure: bool) -> list[Stratum]:
    """Find the groups that a text divides its patients into.

    Parameters
    ----------
    found : sequence of Sentence
        The whole text.
    sure : bool
        Whether to look only for what says so: a division, or counts that add up to all patients.

    Returns
    -------
    list of Stratum
        Two to four groups in the order of the text; none if it names none, or is randomised.
    """
    own = [s for s in found if s.section not in ("background", "discussion", "references")]
    body = " ".join(sentence.text for sentence in own)
    if _RANDOMISED.search(body):
        return []
    if classes := _counted_classes([sentence.text for sentence in own]):
        return classes
    for sentence in own:
        names = _divided(sentence.text) or _shared(sentence.text)
        if 2 <= len(names) <= 4:
            return [_abbreviated(_stratum(name), sentence.text) for name in names]
    if sure:
        return []
    names = _set_apart(body) or _periods(body)
    return [_stratum(name) for name in names] if 2 <= len(names) <= 4 else []


def _counted_classes(texts: Sequence[str]) -> list[Stratum]:
    """Return the classes of the first division whose counts make up all patients of a sentence."""
    totals = {int(number[0]) for text in texts for number in _WHOLE.finditer(text)}
    for text in texts:
        for division in _DIVISIONS:
            named = sorted(
                (found.start(), index)
                for index, one in enumerate(division)
                if (found := _mention(one).search(text)) is not None
            )
            if len(named) > 1 and _make_up(text, len(named), totals):
                return [division[index] for _, index in named]
    return []


def _mention(one: Stratum) -> re.Pattern[str]:
    names = "|".join(re.escape(alias).replace(r"\ ", r"[\s-]") for alias in one.aliases)
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


def of_one_division(names: Sequence[str]) -> bool:
    """Say whether names are those of classes that patients are divided into, as men and women.

    Parameters
    ----------
    names : sequence of str
        What seem to be the arms of a text.
    """
    return any(
        all(any(_mention(one).fullmatch(name) for one in division) for name in names)
        for division in _DIVISIONS
    )


def _make_up(text: str, number: int, totals: set[int]) -> bool:
    """Say whether as many counts of a sentence as it names classes make up all patients."""
    counts = [int(found[0]) for found in _WHOLE.finditer(text)]
    if len(counts) > _MOST:
        return False
    return any(all(part) and sum(part) in totals for part in itertools.combinations(counts, number))


def _divided(text: str) -> list[str]:
    """Return the groups of "were divided into A (n = 88) and B (n = 65)", or "A and B groups"."""
    opened = _DIVIDED.search(text)
    if opened is None:
        return []
    rest = text[opened.end() :].split("; ")[0]
    names = [found["name"] for found in _LISTED.finditer(rest)]
    names = [re.sub(r"^(?:an?|the)\s+", "", name).strip() for name in names]
    return _completed(list(dict.fromkeys(names)))


def _completed(names: list[str]) -> list[str]:
    """Give "low-, intermediate- and high-risk" and "high and low NLR" the words they share."""
    last = names[-1] if names else ""
    tail = re.search(r"(?:-| )[\w/-]+$", last)
    if tail is None:
        return names
    ends = [name.rstrip("-") + tail[0] if name.endswith("-") else name for name in names]
    if all(len(name.split()) == 1 for name in names[:-1]) and " " in last:
        ends = [name if name.endswith(tail[0]) else name + tail[0] for name in ends]
    return ends


def _shared(text: str) -> list[str]:
    """Return the groups whose counts add up to one that the sentence has before them."""
    for found in _SHARED.finditer(text):
        counts = [int(found[key]) for key in ("n1", "n2", "n3") if found[key]]
        names = [found[key] for key in ("g1", "g2", "g3") if found[key]]
        names = [f"no {names[0]}" if name.lower() == "none" else name for name in names]
        before = {int(n) for n in re.findall(r"\b\d{1,6}\b(?![.,%]\d)", text[: found.start()])}
        for number in (2, 3):
            if len(counts) >= number and sum(counts[:number]) in before:
                return names[:number]
    return []


def _set_apart(body: str) -> list[str]:
    """Return "TP53 mutation" and "wild-type TP53" that are set against each other."""
    for found in _BOTH_COUNTED.finditer(body):
        pair = [found["a"], found["b"]]
        states = [_state(name) for name in pair]
        if None not in states and states[0] != states[1] and _marker(pair[0]) == _marker(pair[1]):
            return pair
    return _states_of_one(body)


def _states_of_one(body: str) -> list[str]:
    """Return "KRAS-mutant" and "KRAS wild-type" if both are named, and those of no other marker."""
    named: dict[tuple[str, int], dict[int, str]] = {}
    for found in _MARKED.finditer(body):
        words = found["first"] or found["last"]
        state, marker = _state(words), _marker(words)
        if state is not None and marker:
            named.setdefault((marker.upper(), state[0]), {}).setdefault(state[1], words)
    both = [sides for sides in named.values() if len(sides) == 2]
    return list(both[0].values()) if len(both) == 1 else []


def _periods(body: str) -> list[str]:
    """Return "period 1" and "period 2", if each is named twice or more."""
    counted: dict[str, int] = {}
    for found in _PERIOD.finditer(body):
        key = f"{found['noun'].lower()} {found['n']}"
        sized = re.match(r"\s*\([^()]*n\s*=", body[found.end() :]) is not None
        counted[key] = counted.get(key, 0) + 1 + sized
    named = sorted(key for key, times in counted.items() if times > 1)
    return named if len({key.split()[0] for key in named}) == 1 else []


def _state(name: str) -> tuple[int, int] | None:
    """Return which state of which pair a name says: "TP53-mutated" is the first of the first."""
    lower = name.lower()
    for number, pair in enumerate(_STATES):
        for side in (1, 0):
            if any(re.search(rf"(?<![a-z]){word.lower()}(?![a-z])", lower) for word in pair[side]):
                return number, side
    return None


def _marker(name: str) -> str:
    """Return a name without the word of its state: "TP53" of "TP53-mutated"."""
    words = "|".join(word for pair in _STATES for side in pair for word in side)
    plain = re.sub(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", " ", name, flags=re.IGNORECASE)
    return " ".join(re.sub(r"(?<!\w)-|-(?!\w)", " ", plain).split())


def _stratum(name: str) -> Stratum:
    return Stratum(name, tuple(dict.fromkeys([name, *_aliases(name)])))


def _abbreviated(one: Stratum, text: str) -> Stratum:
    """Add what a sentence calls a group in brackets: "264 were treatment naive (TN)"."""
    short = re.search(rf"(?<![\w-]){re.escape(one.name)}\s*\((?P<short>[A-Z][\w+-]{{1,7}})\)", text)
    return replace(one, aliases=(*one.aliases, short["short"])) if short else one


def _aliases(name: str) -> Iterator[str]:
    """Yield what else a group may be called: "mutated TP53" is "TP53-mutated", "TP53 mutation"."""
    if re.search(r"-risk$", name, re.IGNORECASE):
        yield name[: -len("risk")]  # "the low- and high-risk groups"
    state, marker = _state(name), _marker(name)
    if state is None or not marker or marker.lower() == "risk":
        return
    for word in _STATES[state[0]][state[1]]:
        yield f"{word} {marker}"
        yield f"{marker} {word}"


_COUNTED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10,
    "twelve": 12, "eighteen": 18,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_COUNTED)})"
_UNIT = r"(?:days?|weeks?|months?|years?|cycles?)"
_LONG = rf"(?P<_n>{_NUMBER})[\s-](?P<_u>{_UNIT})"  # "_" is the side
_TREATED = r"\s+of\s+(?!age\b|follow|observation\b|study\b|diagnosis\b|[\w-]+\s+follow)(?:[\w+-]+)"
_ASSIGNED = re.compile(
    r"\b(?:assigned|allocated|randomi[sz]ed|compar\w+|trial\s+of|between|non-?inferiority\s+of)\b[^.;]{0,90}?\b"
    rf"{_LONG.replace('<_', '<a')}(?P<drug>{_TREATED})?"
    r"\s+(?:or|versus|vs\.?|with|to|and)\s+(?:to\s+)?"
    rf"{_LONG.replace('<_', '<b')}(?P<same>{_TREATED})",
    re.IGNORECASE,
)
"""Reads "randomly assigned (1:1) to 3 years or 6 years of imatinole"."""
_GROUPED = re.compile(
    r"\b(?:assigned|allocated|randomi[sz]ed)\b[^.;]{0,120}?"
    rf"\b{_LONG.replace('<_', '<a')}\s+(?:group|arm)\b[^.;]{{0,60}}?"
    rf"\b{_LONG.replace('<_', '<b')}\s+(?:group|arm)\b",
    re.IGNORECASE,
)
"""Reads "206 patients were assigned to the 2-year group and 203 to the 6-month group"."""


@dataclass(frozen=True)
class Duration:
    """One of two arms: its name, and a pattern of what it is called.

    Attributes
    ----------
    name : str
        As "9 weeks".
    pattern : str
        Finds the arm, not a time at which survival is reported: "the 9-week arm", "9 weeks of X".
    """

    name: str
    pattern: str


def durations(text: str) -> tuple[Duration, Duration] | None:
    """Return the two durations to which patients are assigned; None if the text says none.

    Parameters
    ----------
    text : str
        The whole text, its numbers in plain characters.
    """
    for found in [*_ASSIGNED.finditer(text), *_GROUPED.finditer(text)]:
        numbers = [_count(found[f"{side}n"]) for side in "ab"]
        units = [found[f"{side}u"].lower().rstrip("s") for side in "ab"]
        drugs = {found.groupdict().get(key) for key in ("drug", "same")} - {None}
        same = numbers[0] == numbers[1] and units[0] == units[1]
        if same or len({drug.lower() for drug in drugs if drug}) > 1:
            continue
        forms = [_forms(n, unit) for n, unit in zip(numbers, units, strict=True)]
        return (
            Duration(count(numbers[0], units[0]), _called(forms[0], forms[1])),
            Duration(count(numbers[1], units[1]), _called(forms[1], forms[0])),
        )
    return None


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTED[word.lower()]


def _forms(number: int, unit: str) -> list[str]:
    """Return what a duration is called: "9 weeks", "9-week", "nine weeks", "nine-week"."""
    words = [str(number), *(word for word, value in _COUNTED.items() if value == number)]
    return [f"{word}{end}" for word in words for end in (f" {unit}s", f" {unit}", f"-{unit}")]


def _called(forms: list[str], others: list[str]) -> str:
    """Return a pattern of one duration where it names an arm."""
    own, other = (f"(?:{'|'.join(names)})" for names in (forms, others))
    group = r"(?:treatment\s+|therapy\s+)?(?:groups?|arms?|cohorts?|regimens?)\b"
    joined = rf",?\s+(?:and|or|versus|vs?\.?)\s+(?:the\s+|with\s+)?{other}"
    # a second one behind the first: "with 1 year and 9 weeks, respectively"
    second = "|".join(
        rf"(?<=with {name} {word} )"
        for name in others
        for word in ("and", "or", "versus", "vs", "vs.", "v")
    ).replace(".", r"\.")
    return (
        rf"{own}(?=\s+{group}|{_TREATED}|,?\s*\(?\s*n\s*=|-(?:group|arm)\b"
        rf"|\s+(?:and|versus|vs?\.?)\s+\d[\d.]*\s?%?\s+(?:[(\[][^()\[\]]*[)\]]\s+)?(?:in|with)\s+(?:the\s+)?{other})"
        rf"|(?<=\bto\s)(?<!(?<!\d)\d\sto\s){own}(?=\s+(?:and|or)\b|[,;.]|\s*\()"
        rf"|(?<=\bwith\s){own}(?={joined}|[,;.)]|\s*[(\[])"
        rf"|{own}(?={joined}(?:\s+{group}|,?\s+respectively|{_TREATED}))"
        rf"|(?:{second}){own}"
    )
