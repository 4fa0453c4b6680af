"""Which two arms a hazard ratio is of, by the form of its sentence, and of which endpoint."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from .sides import arms_of, versus
from .vocabulary import Atom

__all__ = [
    "against_one", "dealt_to_each", "each_with_one", "just_named", "named_in", "of_another_death",
    "of_something_else", "pairs_with_one", "reference_ahead", "set_against",
]  # fmt: skip

_COMPARED_WITH = re.compile(
    r"(?:\b(?:than|over|versus|vs\.?|against)|(?:compared|relative)\s+(?:with|to))\s+(?:(?:with|in|for|after|that\s+(?:with|in|of|for)|those\s+(?:with|in|on))\s+)?"
    r"(?:the\s+)?(?:(?:patients|those)\s+(?:\w+\s+){0,2}?(?:with|to|by|in)?\s*)?$",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"^(?:(?:In|On|After|By|Among|For)\b[^,;.]{0,60},\s+)?(?:When\s+|As\s+)?(?:compared|relative|in\s+comparison)\s+(?:with|to)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^(?:[^,;.()\d]{0,80},\s+)?(?:(?:the\s+(?:addition\s+)?(?:use\s+)?of|treatment\s+with|therapy\s+with|receipt\s+of|adding)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_DOES = re.compile(
    r"\s*(?:\([^()]{0,20}\)\s*)?(?:(?:groups?|arms?|cohorts?|patients|recipients|therapy|treatment)\s+)?(?:also\s+|still\s+|significantly\s+|independently\s+)*"
    r"(?:was|were|is|had|has|showed|demonstrated|resulted|led|yielded|provided|improved|reduced|decreased|increased|conferred|remained|did|prolonged|"
    r"extended|lowered|carried|experienced)\b",
    re.IGNORECASE,
)


def set_against(row: Sequence[Atom], text: str) -> tuple[int, int] | None:
    """Return the arm of two that a sentence speaks of, and the one that it is compared with.

    Parameters
    ----------
    row : sequence of Atom
        A sentence: "compared with B, A was associated with", "A had longer survival than B", "of A
        versus B".
    text : str
        Its words.
    """
    named = [a for a in row if a.kind == "A"]
    if [a.index for a in named] not in ([0, 1], [1, 0]):
        return None
    first, second = named
    between = text[first.end : second.start]
    if _AHEAD.match(text[: first.start]):
        subject = re.fullmatch(r"(?:\s*\([^()]*\))?\s*,\s+(?:the\s+)?", between)
        return (second.index, first.index) if subject else None
    if not _COMPARED_WITH.search(text[: second.start]):
        return None
    beside = "AsA" in "".join(a.kind for a in row)
    does = _OPENS.match(text[: first.start]) and _DOES.match(between)
    return (first.index, second.index) if beside or does else None


_ITS_WORDS = re.compile(
    r"(?:and|or|but|while|the|an?|in|of|for|to|with|by|on|was|were|after|before|adjust\w*|unadjusted|crude|stratified|unstratified|multivaria\w*|"
    r"univaria\w*|analys[ie]s|models?|hazards?|ratios?|cox|regression|weighted|matched|matching|propensity|scores?|sensitivity|respectively|"
    r"corresponding\w*|versus|vs|this|it|fully|similar|results?|p|ci|groups?|arms?|cohorts?|patients|comparison|compared)",
    re.IGNORECASE,
)
"""Words between two hazard ratios that name no other outcome."""


def of_something_else(before: Sequence[Atom], head: Atom, text: str) -> bool:
    """Say whether words between two hazard ratios name what is no endpoint.

    Parameters
    ----------
    before : sequence of Atom
        What a statement says before the words "hazard ratio".
    head : Atom
        These words.
    text : str
        The sentence: "improved OS (HR 0.73), reduced risk of stroke (HR 0.18)".
    """
    last = next((i for i in range(len(before) - 1, -1, -1) if before[i].kind == "h"), None)
    if last is None or any(a.kind in "EDA" for a in before[last + 1 :]):
        return False
    letters = list(text[: head.start])
    for atom in before:
        letters[atom.start : atom.end] = " " * (atom.end - atom.start)
    between = "".join(letters)[before[last].end :]
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]", " ", re.sub(r"^[^()\[\]]*[)\]]", " ", between))
    words = re.findall(r"[A-Za-z][\w/+-]*", plain)
    return any(not _ITS_WORDS.fullmatch(word) for word in words)


def dealt_to_each(part: Sequence[Atom], head: int) -> list[tuple[str, ...]]:
    """Return the endpoint of a hazard ratio behind values of a list of endpoints.

    In "OS and PFS were 54% v 39% (HR 0.74) and 53% v 39% (HR 0.69)" the first is that of OS. Empty
    if there are not as many of them as endpoints, each behind values of its own.

    Parameters
    ----------
    part : sequence of Atom
        The statement.
    head : int
        The place of the words "hazard ratio" in it.
    """
    heads = [place for place, atom in enumerate(part) if atom.kind == "h"]
    endpoints = [place for place, atom in enumerate(part) if atom.kind == "E"]
    if len(heads) < 2 or len(heads) != len(endpoints) or endpoints[-1] > heads[0]:
        return []
    starts = [endpoints[-1], *heads]
    valued = [
        sum(atom.kind == "V" and not atom.depth for atom in part[start:end])
        for start, end in itertools.pairwise(starts)
    ]
    if len(set(valued)) > 1 or valued[0] < 2:
        return []
    return [part[endpoints[heads.index(head)]].names]


def reference_ahead(part: Sequence[Atom], head: int, first: int) -> int | None:
    """Return the one arm of "HRs versus C were", if no other stands beside it."""
    said = [a for a in part[head + 1 : first] if a.kind in "As"]
    return said[1].index if "".join(a.kind for a in said) == "sA" else None


def each_with_one(said: Sequence[Atom], number: int) -> list[tuple[int, int] | None]:
    """Read "hazard ratios of A and B compared with C were 0.41 and 0.63"; [] if it is not so."""
    kept = [a for a in said if a.kind in "As"]
    if "".join(a.kind for a in kept) != "A" * number + "sA" or len(arms_of(kept)) != number + 1:
        return []
    return [(arm.index, kept[-1].index) for arm in kept[:number]]


def pairs_with_one(
    part: list[Atom], head: int, numbers: list[int], end: int
) -> list[tuple[int, int] | None]:
    """Read "compared with C, the hazard ratio was 0.77 for A and 0.81 for B"."""
    before = [a for a in part[:head] if a.kind == "A"]
    common = before[-1].index if len({a.index for a in before}) == 1 else None
    ahead = [a for a in part[head + 1 : numbers[0]] if a.kind in "As"]
    leads = "".join(a.kind for a in ahead) == "sAA"  # "HR vs C: A 0.84, B 0.70"
    if leads or "".join(a.kind for a in ahead) == "sA":  # "HR versus C was 0.77 for A and ..."
        common = ahead[1].index
    pairs: list[tuple[int, int] | None] = []
    starts = [part.index(ahead[1]) + 1 if leads else head, *numbers[:-1]]
    for start, at, following in zip(starts, numbers, [*numbers[1:], end], strict=True):
        own = arms_of(part[start:at] if leads else part[at + 1 : following])
        pair = None if leads else versus(part[at + 1 : following])
        if pair is None and len(own) == 1 and common not in (None, own[0]):
            pair = (own[0], common or 0)
        pairs.append(pair)
    return pairs


_AGAINST = re.compile(
    r"\b(?:comparison\s+with|compared\s+(?:with|to)|versus|vs\.?|against)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


def against_one(part: Sequence[Atom], head: int, at: int, text: str) -> tuple[int, int] | None:
    """Read "and 6.9 months with A (hazard ratio for the comparison with C, 0.57".

    Parameters
    ----------
    part : sequence of Atom
        The statement.
    head, at : int
        The places of the words "hazard ratio" and of the number in it.
    text : str
        The sentence.
    """
    named = [a for a in part[head + 1 : at] if a.kind in "As"]
    if [a.kind for a in named] != ["A"]:
        return None
    if not _AGAINST.search(text[part[head].end : named[0].start]):
        return None
    rest = just_named(part[:head], named[0].index)
    return (rest[0], named[0].index) if rest else None


def just_named(before: Sequence[Atom], other: int) -> list[int]:
    """Return the arm of the value just before the words: "6.9 months with A (HR vs C, 0.57"."""
    said = [a for a in before if a.kind in "AV"][-2:]
    if "".join(a.kind for a in said) != "VA" or said[1].index == other:
        return []
    return [said[1].index]


def of_another_death(words: Sequence[Atom]) -> bool:
    """Say whether a hazard ratio is one "for cardiovascular death", which is no survival."""
    return any(a.kind == "O" and re.search("death|mortality", a.text, re.I) for a in words)


def named_in(words: str) -> list[tuple[str, ...]]:
    """Return the endpoints of "hazard ratios for death and progression", in order."""
    found = []
    for word in re.finditer(
        r"death|progression|recurrence|relapse|\bOS\b|\bPFS\b|\bDFS\b|\bRFS\b", words
    ):
        found.append(
            {"death": "OS", "progression": "PFS", "recurrence": "RFS", "relapse": "RFS"}.get(
                word[0], word[0]
            )
        )
    return [(name,) for name in dict.fromkeys(found)] if " and " in words else []
