"""Arms that differ in how long a treatment is given, and that a text calls by that time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...presentation.formats import count

__all__ = ["Duration", "durations"]

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "nine": 9, "ten": 10,
    "twelve": 12, "eighteen": 18,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_WORDS)})"
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
            Duration(_name(numbers[0], units[0]), _mention(forms[0], forms[1])),
            Duration(_name(numbers[1], units[1]), _mention(forms[1], forms[0])),
        )
    return None


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS[word.lower()]


def _name(number: int, unit: str) -> str:
    return count(number, unit)


def _forms(number: int, unit: str) -> list[str]:
    """Return what a duration is called: "9 weeks", "9-week", "nine weeks", "nine-week"."""
    words = [str(number), *(word for word, value in _WORDS.items() if value == number)]
    return [f"{word}{end}" for word in words for end in (f" {unit}s", f" {unit}", f"-{unit}")]


def _mention(forms: list[str], others: list[str]) -> str:
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
