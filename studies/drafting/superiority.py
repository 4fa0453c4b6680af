"""Which arm fared better as a sentence says it: "longer with A than with B", "A reduced deaths"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .vocabulary import Atom

__all__ = ["better_arm"]

_MORE = (
    r"longer|higher|better|superior|greater|improv(?:ed|es|ing|ement)|increas(?:ed|es|ing)|"
    r"prolong(?:ed|s|ing)|extend(?:ed|s|ing)"
)
_LESS = (
    r"shorter|lower(?:ed|s)?|worse|inferior|poorer|reduc(?:ed|es|ing|tion)|decreas(?:ed|es|ing)|"
    r"smaller|fewer|shorten(?:ed|s)"
)
_COMPARATIVE = re.compile(rf"\b(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\b", re.IGNORECASE)
_AGAINST = re.compile(
    r"\b(?:than|versus|vs\.?|over|(?:compared|relative)\s+(?:with|to))\s+(?:(?:with|in|after|for|that\s+(?:with|in|of))\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
"""What stands before the arm that another one, which need not be named, is set against."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DENIED = re.compile(
    r"\b(?:not|no|nor|neither|without|non-?inferior\w*|similar(?:ly)?|comparable)\b", re.IGNORECASE
)
_BAD = re.compile(
    r"\b(?:risk|hazard|deaths?|died|mortality|failures?|events?|progression|recurrences?|relapses?)\b"
    r"(?!-free)(?!\s+free)",
    re.IGNORECASE,
)


def better_arm(part: Sequence[Atom], head: int, text: str) -> int | None:
    """Return the arm of two that a statement says fared better, before its hazard ratio.

    Parameters
    ----------
    part : sequence of Atom
        A statement.
    head : int
        Place of the words "hazard ratio" in it.
    text : str
        The sentence.

    Returns
    -------
    int, optional
        The arm; None if nothing, or more than one thing, is compared, or if it is denied.
    """
    end = part[head].start
    start = max(text.rfind(mark, 0, end) for mark in ("; ", ". ")) + 1
    start = start if start < part[0].start else 0
    words = [m for m in _COMPARATIVE.finditer(text, start, end) if _is_bare(text, m, part)]
    if (fewer := _fewer_events(part[:head])) is not None:
        return fewer
    named = [a for a in part[:head] if a.kind == "A"]
    if len(words) != 1 or not named or _DENIED.search(text[start:end]):
        return None
    word = words[0]
    good = _is_good(part[:head], word, text[start:end])
    whose = _whose(named, word, text)
    if good is None or whose is None:
        return None
    return whose if good == (word["more"] is not None) else 1 - whose


def _fewer_events(before: Sequence[Atom]) -> int | None:
    """Return the arm of which fewer patients had an event: "9.8% in A, 11.7% in B"."""
    told = [a for a in before if a.kind in "EDVA"]
    kinds = "".join(a.kind for a in told)
    if not kinds.endswith("VAVA") or kinds.rstrip("VA")[-1:] != "D" or "E" in kinds:
        return None
    values, arms = told[-4::2], told[-3::2]
    shares = [value.text.rstrip("%") for value in values]
    apart = len({arm.index for arm in arms}) == 2 and all(v.unit == "percent" for v in values)
    if not apart or not all(map(_NUMBER.fullmatch, shares)) or shares[0] == shares[1]:
        return None
    return arms[0].index if float(shares[0]) < float(shares[1]) else arms[1].index


def _is_bare(text: str, word: re.Match[str], part: Sequence[Atom]) -> bool:
    """Say whether a word compares results: not "higher dose", and not "with extended therapy"."""
    if any(a.kind == "A" and a.start <= word.start() < a.end for a in part):
        return False
    noun = (
        r"-|\s+(?:doses?|stage|age|grade|therapy|treatment|courses?|regimens?|lymph\w*|resection)\b"
    )
    return not re.match(noun, text[word.end() :], re.IGNORECASE)


def _is_good(before: Sequence[Atom], word: re.Match[str], said: str) -> bool | None:
    """Say whether what is compared is survival, and not the risk of an event; None if neither."""
    kinds = [a for a in before if a.kind in "ED"]
    after = [a for a in kinds if a.start >= word.end()]
    ahead = [a for a in kinds if a.end <= word.start()]
    chosen = after[0] if after else ahead[-1] if ahead else None
    if chosen is None:
        return None
    if chosen.kind == "D" or "complement" in chosen.flag:
        return False
    bad = _BAD.search(re.sub(r"[\w-]+-free|free\s+(?:of|from)\s+[\w-]+", " ", said))
    return None if bad else True


def _whose(named: Sequence[Atom], word: re.Match[str], text: str) -> int | None:
    """Return the arm that has more or less: behind "longer with", else the subject before it."""
    before = [a for a in named if a.end <= word.start()]
    after = [a for a in named if a.start >= word.end()]
    if before and after:
        return before[-1].index if {a.index for a in before} != {a.index for a in after} else None
    if len({a.index for a in before}) == 2:
        return None  # "in A and in B survival was longer"
    only = (after or before)[0]
    against = _AGAINST.search(text[: only.start])
    return 1 - only.index if against and len({a.index for a in named}) == 1 else only.index
