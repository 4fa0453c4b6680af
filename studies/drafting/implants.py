"""Whose survival a text reports where it is no patient's: that of implants, leads, restorations."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "COUNTED", "IMPLANT", "implant_name", "implants_named", "marked_implants", "of_people",
    "unmarked_implants",
]  # fmt: skip

OTHER_V = "\N{LATIN LETTER SMALL CAPITAL V}"
"""Stands for the v of "survival" while a text is read, where it is that of implants."""
COUNTED = "\N{LATIN LETTER SMALL CAPITAL S}"
"""Stands behind implants that are counted while a text is read: they are its patients then."""
_JOINT = r"(?:hip|knee|shoulder|elbow|ankle|joint|disc|unicompartmental|unicondylar)"
_THING = (
    r"(?:implants?|prosthes[ie]s|endoprosthes[ie]s|components?|cups?|stems?(?!\s+cell)|leads?|stents?|stent-?grafts|"
    r"fistula[es]?|shunts?|catheters?|pacemakers?|generators?|batter(?:y|ies)|"
    r"restorations?|fillings?|crowns?|veneers?|dentures?|inlays?|onlays?|sealants?|pulpotom(?:y|ies)|teeth|tooth|"
    rf"{_JOINT}\s+(?:arthroplast(?:y|ies)|replacements?)|arthroplast(?:y|ies)|(?:T[HKSA]|UK|TE|TD)[AR]s?)"
)
_COURSE = r"(?:technique|drug|retention)"
"""What patients stay on: "technique survival" of dialysis, "drug survival" of psoriasis."""
_PEOPLE = r"(?:patients?|participants?|subjects?|recipients?|men|women|children|adults|people|persons?|individuals)"
_RATE = (
    r"(?:\s+(?:rates?|probabilit(?:y|ies)|estimates?|times?|curves?))?"
    r"(?:\s+(?:at|by|after)\s+[\w.-]+\s+(?:years?|months?))?"
)
_SURVIVAL = r"(?P<stem>(?-i:[Ss])ur)v(?P<rest>ival|ivorship)\b"
_NAMED = re.compile(
    rf"\b(?P<thing>{_THING}|{_COURSE})(?:-?related)?\s+(?:(?:all-cause|overall|cumulative|estimated)\s+)?{_SURVIVAL}",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    rf"\b{_SURVIVAL}(?={_RATE}\s+(?:of|for)\s+(?:(?!{_PEOPLE}\b|after\b|with\b|in\b|following\b)[\w,®-]+\s+){{0,6}}?"
    rf"(?P<thing>{_THING})\b(?!\s+(?:groups?|arms?|cohorts?|patients|placement|insertion|surgery|ablation|therapy|recipients|trial)\b))",
    re.IGNORECASE,
)
_ANY = re.compile(
    rf"(?<!patient\s)(?<!patients'\s)(?<!patient's\s)(?<!overall\s)(?<!free\s)(?<!specific\s)(?<!graft\s)\b{_SURVIVAL}"
    rf"(?!{_RATE}\s+(?:of|for|in|among)\s+(?:(?:the|all|our|these)\s+)?{_PEOPLE}\b)",
    re.IGNORECASE,
)
_FAILING = re.compile(
    r"\b(?P<end>revision|explantation)\b[^.;]{0,40}?\bas\s+(?:the\s+|an\s+)?(?:primary\s+)?end[\s-]?point",
    re.IGNORECASE,
)
"""What says that survival ends with a revision."""
_OF_PATIENTS = re.compile(
    rf"\b(?:patients?(?:'s?)?|overall)\s+survival\b|\bsurvival{_RATE}\s+(?:of|for|in|among)\s+(?:the\s+|all\s+)?{_PEOPLE}\b|"
    r"\bOS\b|\b(?:all-cause|in-hospital|overall)\s+mortality\b|\b(?:died|lived)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"(?P<n>\b\d{{2,6}})\s+(?P<words>(?:(?!{_PEOPLE}\b|in\b|of\b|and\b|were\b|had\b)[\w,®-]+\s+){{0,5}}?(?:{_THING}))(?!\s+sur|[\w-])",
    re.IGNORECASE,
)
IMPLANT = (
    rf"\b(?P<implant>(?:\[?(?P<thing>{_THING}|{_COURSE})\]?(?:-?related)?\s+)?"
    rf"(?:(?:all-cause|overall|cumulative|estimated)\s+)*sur{OTHER_V}iv(?:al|orship)(?:\[(?P<also>[a-z]+)\])?)"
)
_MARKED = re.compile(IMPLANT, re.IGNORECASE)
"""The survival of implants in a marked text; `thing` is what they are called just before it."""


def marked_implants(text: str) -> str:
    """Write "survival" with another v wherever it is that of implants, and mark those counted.

    Survival of which it is not said whose it is, is theirs in a text that names theirs, or that
    ends it with a revision, unless the text speaks of that of patients, too.
    """
    found = [*_NAMED.finditer(text), *_OF_THEM.finditer(text)]
    ended = _FAILING.search(text) and re.search(rf"\b{_THING}\b", text, re.IGNORECASE)
    if not found and not ended:
        return text
    things = {_singular(each["thing"]) for each in found}
    name = next(iter(things)) if len(things) == 1 else "implant"
    text = _NAMED.sub(lambda m: m[0].replace(m["stem"] + "v", m["stem"] + OTHER_V), text)
    text = _OF_THEM.sub(lambda m: _marked(m, name), text)
    if things and all(re.fullmatch(_COURSE, thing) for thing in things):
        return text
    if not _OF_PATIENTS.search(text):
        text = _ANY.sub(lambda m: _marked(m, name), text)
    text = _COUNT.sub(rf"\g<n> \g<words>{COUNTED}", text)
    text = re.sub(
        rf"(?<=of\s)((?:all|the)\s+(?:[\w,-]+\s+){{0,2}}?{_THING})(?![\w-])", rf"\1{COUNTED}", text
    )
    return _FAILING.sub(lambda m: m[0].replace(m["end"], m["end"] + COUNTED, 1), text)


def _marked(found: re.Match[str], name: str) -> str:
    """Write "[lead] survival"; "Survival[lead]" at the start of a sentence, which is found by it."""
    word = f"{found['stem']}{OTHER_V}{found['rest']}"
    return f"{word}[{name}]" if word[0] == "S" else f"[{name}] {word}"


def _singular(thing: str) -> str:
    """Return what implants are called: "lead"; "implant" of joints and of parts of them."""
    plain = " ".join(thing.lower().split())
    if re.fullmatch(r"fistula[es]?|shunts?|stents?|leads?|crowns?|restorations?", plain):
        return re.sub(r"(?<=a)[es]$|s$", "", plain)
    return plain if re.fullmatch(_COURSE, plain) else "implant"


def implant_name(found: re.Match[str]) -> str:
    """Return the name of the endpoint that a match of `IMPLANT` is: "lead survival"."""
    return f"{_singular(found['thing'] or found['also'] or 'implant')} survival"


def implants_named(texts: Iterable[str]) -> str:
    """Return the name of the only survival of implants in sentences of a marked text, or ""."""
    names = {implant_name(found) for text in texts for found in _MARKED.finditer(text)}
    return names.pop() if len(names) == 1 else ""


def unmarked_implants(text: str) -> str:
    """Write what `marked_implants` marked as it was."""
    text = re.sub(
        rf"\[[a-z]+\] (?=sur{OTHER_V})|(?<={OTHER_V}iv)(al|orship)\[[a-z]+\]", r"\1", text
    )
    return text.replace(OTHER_V, "v").replace(COUNTED, "")


def of_people(number: str, text: str) -> bool:
    """Say whether a number counts people in a sentence, and no implants."""
    people = rf"\b{re.escape(number)}(?:\s+\([^()]*\))?\s+(?:(?!in\b|of\b|and\b)[\w-]+\s+){{0,4}}?{_PEOPLE}\b"
    return re.search(people, text, re.IGNORECASE) is not None
