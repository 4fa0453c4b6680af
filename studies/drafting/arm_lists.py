"""Lists that name the arms of a text: with numbers of patients, abbreviations, or numbers at risk."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from .arm_forms import GROUP, PHRASE
from .arm_phrases import Evidence, clean, protected, stems, usable
from .passages import Sentence

__all__ = ["note_lists", "numbered"]

_SIZED = re.compile(
    rf"(?P<p>{PHRASE})(?:\s*\((?P<x>(?-i:[A-Z])[\w+/-]{{0,11}})\))?(?:\s+{GROUP})?\s*"
    r"[(\[]\s*(?:(?P<y>[A-Z][\w+/-]{0,11})\s*[;,:]\s*)?(?:n\s*=\s*\d{1,6}|\d{1,6}\s+(?:patients|pts|participants))\s*[)\]]",
    re.IGNORECASE,
)
"""Reads "open surgery (OS) (n = 61)", "matched donors (MD, n = 208)" and "CT alone (1018 patients)"."""
_ABBREVIATED = re.compile(
    r"\b(?:compar\w+|versus|vs\.?|randomi[sz]ed|assigned|allocated)\b[^.;]{0,250}?\((?P<a>(?-i:[A-Z])[\w+/-]{1,11})\)\s+(?:to|with|versus|vs\.?|and|or)\s+"
    r"(?:[^().;]{3,70}?\s)\((?P<b>(?-i:[A-Z])[\w+/-]{1,11})\)(?!\s+(?:and|or|versus|vs\.?)\s[^().;]{3,70}\()",
    re.IGNORECASE,
)
"""Reads "compared melphalan, prednisone and X (MPX) with Y plus MPX (Y-MPX)", whose names have commas."""
_JOINED = re.compile(
    r"(?P<told>\b(?:receiving|received|undergoing|underwent|given|between|after|treated\s+with|efficacy\s+of)\s+(?:the\s+)?)?"
    r"(?<![\w-])(?P<a>(?-i:[A-Z])[\w+/-]{1,11})\s+(?:and|or|versus|vs\.?)\s+(?:the\s+)?(?P<b>(?-i:[A-Z])[\w+/-]{1,11})(?![\w-])"
    r"(?P<group>\s+(?:recipients|groups|arms|patients|cohorts)\b)?",
    re.IGNORECASE,
)
"""Reads "patients undergoing RS and EM" and "among HMD and SIB recipients", both of which are defined."""
_LATER = re.compile(
    r"\b(?:salvage|subsequent\w*|second-line|adverse|complicat\w+|discontinu\w*|reasons?|causes?|excluded|relaps\w+|recurr\w+|respon\w+)\b",
    re.IGNORECASE,
)
"""What says of a list of treatments that patients had them later, or of another list what it counts."""
_VALUED = re.compile(r"(?:\bmedian\b|surviv|\b[OPDRE]F?S\b).*\d", re.IGNORECASE)
_NO_TREATMENT = re.compile(
    r"\b(?:rates?|survival|respon\w+|scores?|index|status|interval|ratio|disease|cancer|carcinomas?|syndrome|leuk\w+|\w*omas?|level|time|stage|"
    r"scale|criteria|questionnaire|failure|mortality|matching|weighting|analysis|group|society|study|trial|registry|quality|hospital|database|"
    r"magnetic|tomography|imaging|antigen|receptor|protein|gene|\w*itis|cirrhosis|virus|diabetes|\w*a?emia|infection|injury|stroke|infarction|"
    r"thrombosis|thrombus|tumou?rs?|invasion|fraction|class|association|performance|organi[sz]ation|cooperative|albumin|platelets?|counts?|bilirubin|"
    r"volume|age|size|events?|toxicit\w+|incidence|recurrence|relapse|progression|control|mutations?|expression|status|committee|network|union|"
    r"unit|department|kinase|lymphocytes?|neutrophils?)\b",
    re.IGNORECASE,
)
"""What a name says that is that of no treatment."""
_ROWS_HEAD = re.compile(r"\b(?:numbers?|patients|no\.)\s+at\s+risk\b", re.IGNORECASE)
_ROW = re.compile(
    r"(?P<name>(?!Time|Month|Year|Week|Day)[A-Z][^\d:]{1,50}?)\s+"
    r"\d+(?:\s+(?:\(\d+\)\s+)?\d+){2,}(?:\s*\(\d+\))?$"
)
_APART = 60  # letters between two names of a list, at most
_WEIGHT = 3  # of two abbreviations, that of a form that only compares names


def note_lists(found: Sequence[Sentence], evidence: Evidence) -> None:
    """Note the arms that a text lists with their numbers of patients, or by abbreviations.

    Parameters
    ----------
    found : sequence of Sentence
        The whole text.
    evidence : Evidence
        What is known of its arms; names are added to `sized`, `short` and `pairs`.
    """
    for evidence.sentence, sentence in enumerate(found):
        if sentence.section in ("conclusion", "discussion", "references"):
            continue
        text = protected(sentence.text)
        _note_sized(text, evidence)
        joined = (m for m in _JOINED.finditer(text) if m["told"] or m["group"])
        for match in (*_ABBREVIATED.finditer(text), *joined):
            longs = [evidence.short.get(match[side], "") for side in "ab"]
            if all(long and not _NO_TREATMENT.search(long) for long in longs):
                strong = 1 if sentence.section == "background" else 2
                evidence.pair(match["a"], match["b"], _WEIGHT * strong)
    _note_rows(found, evidence)


def _note_rows(found: Sequence[Sentence], evidence: Evidence) -> None:
    """Note the labels of two rows of numbers at risk."""
    named = [name for name in map(clean, _risk_rows(found)) if usable(name)]
    if len(named := list(dict.fromkeys(named))) == 2:
        evidence.pair(named[0], named[1], 40)


def _risk_rows(found: Sequence[Sentence]) -> Iterator[str]:
    """Yield the label of each row of numbers below "Number at risk": "Placebo + Rd 205 152 114"."""
    below = False
    for sentence in found:
        below = sentence.row and (below or _ROWS_HEAD.search(sentence.text) is not None)
        if below and (row := _ROW.match(sentence.text)):
            yield row["name"]


def _note_sized(text: str, evidence: Evidence) -> None:
    """Note three or four names of one list, each with its number of patients."""
    found = list(_SIZED.finditer(text))
    gaps = [b.start() - a.end() for a, b in itertools.pairwise(found)]
    if len(found) == 2 and gaps[0] < _APART and all(match["y"] for match in found):
        for match in found:  # "autologous (auto, n = 128) or HLA-identical sibling (allo, n = 76)"
            evidence.short.setdefault(match["y"], clean(match["p"]))
    if len(found) not in (3, 4) or max(gaps) > _APART or _LATER.search(text):
        return
    shorts = [match["x"] or match["y"] for match in found]
    longs = [clean(match["p"]) for match in found]
    names = [short or long for short, long in zip(shorts, longs, strict=True)]
    if not _are_arms(names, longs, evidence):
        return
    again = [len(re.findall(rf"(?<![\w-]){re.escape(n)}(?![\w-])", evidence.text)) for n in names]
    if sum(number > 1 for number in again) >= len(names) - 1 or _VALUED.search(text):
        evidence.sized.append(tuple(names))
        for short, long in zip(shorts, longs, strict=True):
            if short:
                evidence.short.setdefault(short, long)


def _are_arms(names: Sequence[str], longs: Sequence[str], evidence: Evidence) -> bool:
    """Say whether the names of a list are different, and can be treatments."""
    different = {stems(name, evidence.short) for name in names}
    if len(different) < len(names) or not all(map(usable, [*names, *longs])):
        return False
    full = (evidence.short.get(name, long) for name, long in zip(names, longs, strict=True))
    return not any(map(_NO_TREATMENT.search, full))  # diseases, or stages of one


_SERIES = (("A", "B", "C"), ("1", "2", "3"), ("I", "II", "III"))
_GROUP_NOUN = r"(?:arms?|groups?|regimens?)"
_A_VALUE = re.compile(r"\d\s?%|\d\.\d")


def numbered(found: Sequence[Sentence], pair: Sequence[str]) -> tuple[str, str] | None:
    """Return the two groups that a text numbers, where results are reported of them by number.

    Parameters
    ----------
    found : sequence of Sentence
        The whole text.
    pair : sequence of str
        The names that it sets against each other most often.

    Returns
    -------
    tuple of str, optional
        "A" and "B", "1" and "2" or "I" and "II"; None if there are three, or if what is reported
        with values is said of the other names at least as often.
    """
    valued = [s.text for s in found if _A_VALUE.search(s.text) and s.section != "methods"]
    other = re.compile(
        "|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in pair), re.IGNORECASE
    )
    said = sum(len(other.findall(text)) for text in valued) if pair else 0
    for one, two, three in _SERIES:
        pattern = re.compile(
            rf"\b{_GROUP_NOUN}\s+(?:{one}(?:\s*\([^()]*\))?,?\s+(?:and|vs\.?|versus|or)\s+)?(?-i:(?P<name>{one}|{two}|{three}))(?![\w/-])",
            re.IGNORECASE,
        )
        named = {m["name"] for s in found for m in pattern.finditer(s.text)}
        listed = any(
            m[0].split()[0].lower().endswith("s") for t in valued for m in pattern.finditer(t)
        )
        often = sum(len(pattern.findall(text)) for text in valued)
        if named == {one, two} and often > (0 if listed else 1) and often >= said:
            return one, two
    return None
