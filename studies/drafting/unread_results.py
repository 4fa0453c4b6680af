"""Results that a sentence reports and that were not read: none is left out without a word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from .arms import TextArms
from .atoms import atoms
from .endpoint_slots import EndpointSlots
from .finding import Finding, alike
from .ratio_words import is_covariate
from .scope import Scope
from .vocabulary import Atom

__all__ = ["unread"]

_RATIO = re.compile(r"\d{1,2}\.\d{1,3}")
_TIME_TO = re.compile(r"time\s+(?:to|until)\b", re.IGNORECASE)
_NAMED = re.compile(r"deaths?\b|died|mortality|time\s+(?:to|until)", re.IGNORECASE)
_END = re.compile(r"\s*(?:[,;.()]|$|\s(?:was|were|did|had|occurred|in|of|for|with|between)\b)")
_STRONG = ("survival", "median", "mean", "hazard_ratio", "events", "follow_up", "unclear")


def unread(
    scoped: Sequence[Scope],
    found: Sequence[Finding],
    arms: TextArms,
    endpoints: Sequence[EndpointSlots],
) -> Iterator[tuple[Scope, str]]:
    """Yield sentences of which a result is not in the draft, each with what it is.

    Parameters
    ----------
    scoped : sequence of Scope
        The sentences, and what each may be read for.
    found : sequence of Finding
        Everything that was read.
    arms : TextArms
        The arms of the text.
    endpoints : sequence of EndpointSlots
        What is filled in and what is asked; a hazard ratio that was read and is neither is yielded.
    """
    held = _ratios_held(endpoints)
    for scope in scoped:
        if not scope.results or scope.sentence.row or is_covariate(scope.sentence.text):
            continue
        own = [f for f in found if f.sentence == scope.sentence]
        ratios = {f.text for f in own if f.slot == "hazard_ratio" and _is_held(f, held)}
        row = atoms(scope.whole, arms)
        if reasons := list(dict.fromkeys(_reasons(row, own, ratios, scope.whole))):
            yield scope, ", ".join(reasons)


def _ratios_held(endpoints: Sequence[EndpointSlots]) -> dict[str, list[str]]:
    """Return the hazard ratios that are filled in or asked about, by the name of the endpoint."""
    held: dict[str, list[str]] = {}
    for slots in endpoints:
        texts = held.setdefault(slots.name, [])
        if ratio := slots.reported.get("hazard_ratio"):
            texts.append(ratio.text)
        for question in slots.questions:
            if question.key == "reported.hazard_ratio":
                texts += question.value.split(" or ")
    return held


def _is_held(ratio: Finding, held: Mapping[str, Sequence[str]]) -> bool:
    """Say whether a hazard ratio is in the draft, there or rounded, as one of its endpoint."""
    texts = [text for name in ratio.endpoints for text in held.get(name, ())]
    return any(alike(text, ratio.text) for text in texts)


def _reasons(
    row: Sequence[Atom], own: Sequence[Finding], ratios: Collection[str], text: str
) -> Iterator[str]:
    for place, head in enumerate(row):
        if head.kind != "h" or (head.flag == "other" and not head.text):
            continue
        at = next((i for i, a in enumerate(row) if i > place and a.kind in "qhVC"), place)
        number = row[at]
        if number.kind != "q" or not _RATIO.fullmatch(number.text):
            continue
        if number.text not in ratios:
            whose = head.text or _outcome(row[:at], text)
            yield f"hazard ratio {number.text}" + (f" ({whose})" if whose else "")
    for place, outcome in enumerate(row):
        beside = any(a.kind == "M" for a in row[max(0, place - 1) : place])
        if beside and outcome.kind == "O" and _TIME_TO.match(outcome.text):
            yield f"another outcome ({_words(outcome, text)})"
    kinds = {a.kind for a in row}
    if {"E", "V"} <= kinds and kinds & {"T", "M"} and not any(f.slot in _STRONG for f in own):
        yield "its values"


def _outcome(before: Sequence[Atom], text: str) -> str:
    """Return the words of the outcome that a hazard ratio is of, if it is no survival."""
    named = [a for a in before if a.kind in "OED"]
    told = named and named[-1].kind == "O" and _NAMED.search(named[-1].text)
    return _words(named[-1], text) if told else ""


def _words(atom: Atom, text: str) -> str:
    """Return what an outcome is called, to the end of its words."""
    end = _END.search(text, atom.end)
    return " ".join(text[atom.start : end.start() if end else atom.end].lower().split())
