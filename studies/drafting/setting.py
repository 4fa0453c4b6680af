"""The patients of a text: the disease, its stage and its treatment that its title and its aim name."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .passages import Sentence

__all__ = ["Setting", "setting", "stem"]

_PATIENTS = r"(?:patients?|pts|participants|children|adults|adolescents|women|men|recipients|infants|individuals|people|subjects|cases|those)"
_TITLED = re.compile(
    rf"\b(?:in|for|of|among|with)\s+(?:(?!{_PATIENTS}\b)|{_PATIENTS}\s+(?:with|undergoing|who\s+have)\s+)(?P<of>[A-Za-z].*)",
    re.IGNORECASE,
)
"""Reads "A versus B in recurrent thymic carcinoma" and "... in patients with it"."""
_TOLD = re.compile(
    rf"\b{_PATIENTS}\s+(?:with|who\s+have|suffering\s+from|undergoing)\s+(?P<of>[A-Za-z][^,;.()]*)|"
    rf"\b(?:in|for|of|among)\s+(?P<before>(?:[A-Za-z][\w/+-]*\s+){{1,5}}?){_PATIENTS}\b",
    re.IGNORECASE,
)
_AIM = re.compile(
    r"\b(?:aim(?:s|ed)?|objectives?|purpose|goal|to\s+(?:compare|evaluate|assess|determine|investigate|examine|analy[sz]e|study)|"
    r"we\s+(?:compare|evaluate|assess|investigate|examine|analy[sz]e|stud(?:y|ied)|sought|conducted|performed|did|enrol|randoml?|review|assigned)\w*|"
    r"(?:this|the\s+present)\s+(?:study|trial)|randomi[sz]ed|randomly|were\s+(?:enrolled|included|eligible|recruited|identified|assigned|allocated))\b",
    re.IGNORECASE,
)
"""What says whom a text is about."""
_OF_SOME = re.compile(
    r"\b(?:with\s+(?:and|or|versus|vs\.?)\s+without|exclu\w+|subgroups?|subsets?|stratif\w+|according\s+to|impact|effects?\s+of|influence|prognos\w+|"
    r"either|whether|if)\b|\d\s?%|\d\.\d",
    re.IGNORECASE,
)
"""What says that a sentence divides its patients, or reports of them."""
_END = re.compile(
    r"\b(?:who|that|which|was|were|is|are|had|has|have|and|or|versus|vs|treated|receiving|received|undergoing|underwent|randoml?y?|randomi[sz]ed|assigned|"
    r"allocated|enrolled|included|with|without|after|before|between|by|from|at|to|in|on|using|than|eligible|recruited|identified|for)\b|[,;:.()\d]",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"[,;:.(]|(?:was|were|is|are|had|has|have|treated|receiving|received|undergoing|underwent|randoml?y?|randomi[sz]ed|assigned|allocated|enrolled|"
    r"included|in\s+the|in\s+(?:both|each|either)|who\s+(?:received|underwent|were\s+(?:randoml?y?|randomi[sz]ed|assigned|allocated|treated)))\b",
    re.IGNORECASE,
)
"""What stands behind the name of a disease and says no more of whom it is."""
_AGED = re.compile(r"\baged?\s+(?:≥\s*|>\s*|over\s+|above\s+|at\s+least\s+)?(\d+)\b", re.IGNORECASE)
_SMALL = frozenset(
    ["a", "an", "the", "of", "s", "newly", "previously", "patient", "patients", "disease", "our"]
)
_STEM = 7  # letters


class Setting(frozenset[str]):
    """How the words begin with which a text says whom it is about."""

    def is_all_of(self, phrase: str) -> bool:
        """Say whether "recurrent thymic carcinoma" are the patients of the text, and no others."""
        if aged := re.match(r"\s*(?:≥\s*|>\s*|over\s+|above\s+)?(\d+)\b", phrase):
            return f"aged {aged[1]}" in self
        end = _END.search(phrase)
        if end and not _CLOSES.match(phrase, end.start()):
            return False  # "recurrent thymic carcinoma and diabetes"
        words = _words(phrase[: end.start()] if end else phrase)
        told = [word for word in words if word not in _SMALL]
        return bool(told) and all(stem(word) in self for word in told)


def stem(word: str) -> str:
    """Return how a word begins: "laparoscopy" is no other than "laparoscopic"."""
    return word.lower()[:_STEM]


def setting(found: Sequence[Sentence]) -> Setting:
    """Return the words with which a text says whom it is about.

    Parameters
    ----------
    found : sequence of Sentence
        The whole text. Its title, its aim and what it says of how its patients entered are read,
        unless they divide the patients: "in those with and without cirrhosis".
    """
    words = {stem(word) for phrase in _phrases(found) for word in _words(phrase)}
    return Setting((words - _SMALL) | set(_ages(found)))


def _ages(found: Sequence[Sentence]) -> Iterator[str]:
    """Yield "aged 60" where all who enter are aged 60 years or older."""
    for place, sentence in enumerate(found):
        told = place == 0 or _AIM.search(sentence.text)
        if told and sentence.section != "results" and not _OF_SOME.search(sentence.text):
            yield from (f"aged {age}" for age in _AGED.findall(sentence.text))


def _phrases(found: Sequence[Sentence]) -> Iterator[str]:
    for place, sentence in enumerate(found):
        text = sentence.text
        if sentence.section in (
            "results",
            "conclusion",
            "discussion",
            "references",
        ) or _OF_SOME.search(text):
            continue
        title = place == 0 and not re.search(r"[.!?]$", text)
        if title and (titled := _TITLED.search(text)):
            yield re.split(r"[:;,(]|\b(?:and|or|versus|vs)\b", titled["of"])[0]
        if title or _AIM.search(text):
            for told in _TOLD.finditer(text):
                yield _until_end(told["of"] or told["before"])


def _until_end(phrase: str) -> str:
    """Return a phrase up to its end; none of it if it may be of either of two diseases."""
    end = _END.search(phrase)
    if end is None:
        return phrase
    return "" if end[0].lower() in ("or", "versus", "vs", "without") else phrase[: end.start()]


def _words(phrase: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Za-z][\w/+-]*", phrase)]
