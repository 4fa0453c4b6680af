"""Others whom a text sets against each other than the arms to which patients are assigned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .arm_aliases import add_aliases
from .arm_forms import GROUP, PHRASE
from .arm_phrases import Evidence, clean, gather, protected, stems, usable
from .arms import MOST_ARMS, TextArms, arm_called, introduced, named_arms
from .endpoints import ENDPOINT
from .finding import Finding
from .findings import findings
from .passages import Sentence
from .scope import scopes
from .typography import abbreviations

__all__ = ["find_rivals", "named_beside_values", "of_rivals", "reported_of", "unless_of_rivals"]

_NAME = r"[A-Za-z][\w/+-]*(?:\s[A-Za-z][\w/+-]*){0,3}"
_CONTRAST = re.compile(
    rf"\b(?P<x>[A-Za-z][\w/+-]*(?:\s[A-Za-z][\w/+-]*){{0,2}})\s+(?:and|or|versus|vs?\.?)\s+(?:no|without)\s+(?P=x)\b"
    rf"|\bcompared\s+(?:with|to)\s+(?:the\s+|an?\s+)?(?!others?\b|second\b|latter\b|control){_NAME}"
    rf"|\bbetween\s+(?:the\s+)?{_NAME}?\s+and\s+(?:the\s+)?{_NAME}",
    re.IGNORECASE,
)
"""What sets two against each other by its form alone: "pulses and no pulses", "between X and Y"."""
_MOST = 6
"""Pairs of names that are tried."""
_VALUE = r"[<>]?\d+(?:\.\d+)?(?:\s?(?:%|(?:month|mo|year|week|day)s?\b)|(?<=\.\d)(?=,\s?\d))"
_BESIDE_NUMBERS = re.compile(
    rf"{_VALUE}\s*(?:[(\[][^()\[\]]{{1,60}}[)\]]\s*)?(?:(?:in|with|for|after|on|under|given)\s+|[(\[])?(?:(?:the|those|patients|pts)\s+(?:with\s+|on\s+|given\s+)?)?(?P<behind>{PHRASE})"
    rf"|(?P<sized>{PHRASE})(?:\s*\([A-Za-z][\w+/-]{{0,11}}\))?(?:\s+(?:{GROUP}|patients|pts))?\s*[,(\[:]+\s*(?:[A-Z][\w+/-]*\s*[;,]\s*)?n\s*=\s*\d"
    rf"|(?P<before>{PHRASE})(?:\s+(?:{GROUP}|patients|pts))?[,:]?\s+(?:was\s+|had\s+)?{_VALUE}",
    re.IGNORECASE,
)
"""Names with a value or a number of patients beside them."""


def find_rivals(found: Sequence[Sentence], arms: TextArms) -> list[TextArms]:
    """Find others that a text sets against each other than the two who seem to be its arms.

    Parameters
    ----------
    found : sequence of Sentence
        The whole text.
    arms : TextArms
        Its arms, as patients are assigned to them; none has rivals unless they are two.

    Returns
    -------
    list of TextArms
        Two names each, those that are set against each other most often first.
    """
    if len(arms.arms) != 2:
        return []
    body = " ".join(sentence.text for sentence in found)
    evidence = gather(found, abbreviations(body))
    known = [{stems(name, evidence.short) for name in arm.aliases} for arm in arms.arms]
    rivals = []
    for pair in sorted(evidence.pairs, key=lambda pair: -evidence.pairs[pair]):
        words = [stems(name, evidence.short) for name in pair]
        one, other = ([n for n, own in enumerate(known) if each in own] for each in words)
        if one and other and one != other:
            continue  # the arms themselves
        if not _is_sure(pair, evidence):
            continue
        sides = [arm_called([name], evidence) for name in pair]
        add_aliases(sides, body)
        rivals.append(TextArms(introduced(sides, body), rival=True))
    return rivals[:_MOST]


def _is_sure(pair: tuple[str, str], evidence: Evidence) -> bool:
    """Say whether two names are set against each other again, or are a treatment and none of it.

    Of what is compared once, relapsed patients and others, a text only looks at some of its own.
    """
    one, other = (re.sub(r"^(?:no|without)\s+", "", name.lower()) for name in pair)
    again = evidence.opposed_in[pair[0]] & evidence.opposed_in[pair[1]]
    return one == other or len(again) > 1


def reported_of(found: list[Sentence], arms: TextArms) -> tuple[TextArms, ...]:
    """Return the arms; where nothing is reported of them, before them others of whom something is.

    Patients are assigned to prednisone or dexamethasone, and results may be those with and without
    pulses: of the names that are set against each other, these are those that have values.

    Parameters
    ----------
    found : list of Sentence
        The whole text.
    arms : TextArms
        Its arms, as patients are assigned to them.
    """
    if len(arms.arms) != 2 or _values_of(found, arms):
        return (arms,)
    values = {who: _values_of(found, who) for who in find_rivals(found, arms)}
    best = max(values, key=lambda who: values[who], default=arms)
    return (best, arms) if values.get(best, 0) > 1 else (arms,)


def _values_of(found: list[Sentence], who: TextArms) -> int:
    """Return how many values beside the names of both arms a text reports; 0 if of one only."""
    read = [f for f in findings(list(scopes(found, who)), who) if not f.doubt]
    named = [f for f in read if f.slot in ("survival", "median", "events") and not f.dealt]
    ratios = sum(f.slot == "hazard_ratio" and f.pair is not None for f in read)
    return ratios + len(named) * (len({f.arm for f in named}) == len(who.arms))


def named_beside_values(found: list[Sentence], arms: TextArms) -> TextArms | None:
    """Return those who have values beside their names, where no sentence sets any against others.

    Parameters
    ----------
    found : list of Sentence
        The whole text.
    arms : TextArms
        Its arms, of whom nothing could be read: if patients are assigned to them, others are some
        of the patients.

    Returns
    -------
    TextArms, optional
        Of the names that have numbers in one sentence those of whom most is read; None if of none
        two values are.
    """
    short = abbreviations(" ".join(sentence.text for sentence in found))
    entered = gather(found, short).entered
    assigned = [{stems(n, short) for n in a.aliases} for a in arms.arms if entered & a.aliases]
    tried: dict[frozenset[frozenset[str]], list[list[str]]] = {}
    for sentence in found:
        names: dict[frozenset[str], str] = {}
        for match in _BESIDE_NUMBERS.finditer(protected(sentence.text)):
            name = clean(match[match.lastgroup or 0])
            if (usable(name) or name in short) and not ENDPOINT.search(name):
                names.setdefault(stems(name, short), name)
        if 1 < len(names) <= MOST_ARMS and all(own & set(names) for own in assigned):
            tried.setdefault(frozenset(names), [[name] for name in names.values()])
    values = {}
    for listed in list(tried.values())[:_MOST]:
        who = named_arms(found, listed)
        values[who] = _values_of(found, who)
    best = max(values, key=lambda who: values[who], default=None)
    return best if best is not None and values[best] > 1 else None


def of_rivals(counted: Iterable[Finding], who: TextArms) -> Iterable[Finding]:
    """Leave out patients who stand behind a name in a sentence that names no arm.

    Where patients are assigned to others than those of whom results are reported, all numbers are
    left out beside which it is not said that they are of an arm.

    Parameters
    ----------
    counted : iterable of Finding
        Numbers of patients.
    who : TextArms
        Those of whom results are reported.
    """
    if (mention := who.mention) is None or not who.rival:
        return counted
    return (f for f in counted if f.arm is not None and mention.search(f.sentence.text))


def unless_of_rivals(finding: Finding, rivals: Sequence[TextArms], who: TextArms) -> Finding:
    """Doubt a number that was dealt to an arm if its sentence sets others against each other.

    Parameters
    ----------
    finding : Finding
        A number.
    rivals : sequence of TextArms
        The others.
    who : TextArms
        The arms.
    """
    if not finding.dealt or who.mention is None or len(who.named_in([finding.sentence])) > 1:
        return finding
    contrast = None if who.named_in([finding.sentence]) else _CONTRAST.search(finding.sentence.text)
    if contrast:
        why = f'its sentence compares others ("{contrast[0]}")'
        return replace(finding, doubt=finding.doubt or why)
    for rival in rivals:
        if len(rival.named_in([finding.sentence])) == len(rival.arms):
            one, other = (arm.name for arm in rival.arms)
            why = f'its sentence compares "{one}" with "{other}"'
            return replace(finding, doubt=finding.doubt or why)
    return finding
