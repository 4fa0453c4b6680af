"""Which sentences report the text's own final results on all patients, and of which cohort."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from .arms import TextArms
from .endpoints import ENDPOINT
from .passages import Sentence
from .setting import Setting, is_subgroup, setting
from .typography import outside_brackets
from .vocabulary import OWN

__all__ = ["Scope", "of_treated", "scopes"]


@dataclass(frozen=True)
class Scope:
    """What a sentence may be read for.

    Attributes
    ----------
    sentence : Sentence
        The sentence.
    results : bool
        True if its numbers are results of the text's own patients, of the latest analysis and of
        the whole population.
    patients : bool
        True if its counts may be the numbers of patients analysed.
    cohort : str
        "matched", "weighted", "unmatched", "from listing", ..., or "".
    why : str
        Why its results are left out, if they are.
    said : str
        The cohort that the sentence itself names.
    whole : str
        The sentence with what was left out of it, as of some of the patients.
    """

    sentence: Sentence
    results: bool
    patients: bool
    cohort: str = ""
    why: str = ""
    said: str = ""
    whole: str = ""


_OTHERS = re.compile(
    r"\b(?:earlier|previous|preceding|prior|historical|published|pivotal|landmark|another|contemporary|registration(?:al)?|similar|"
    r"recent|several|both\s+of\s+these)\s+(?:[\w-]+\s+){0,2}(?:trials?|stud(?:y|ies)|reports?|series|controls?|data|"
    r"cohorts?|meta-analys[ei]s|experience|analyses)\b"
    r"|\bmeta-analys[ei]s\b|\bet\s+al\b|\bliterature\b|\bhistorical(?:ly)?\b|\breported\s+(?:previously|by\s+[A-Z]|in\s+(?:the\s+(?:literature|[A-Z]{3,})|other|previous))|\bpreviously\s+reported"
    r"|\bhas\s+been\s+reported\b|\bhave\s+reported\b|\bbenchmark\b|\bphase\s+(?:1b?|I[ab]?|Ib)\s+(?:[\w-]+\s+){0,2}(?:trial|study|cohort|portion|part|expansion)"
    r"|\bin\s+the\s+(?:[\w-]+\s+){0,2}[A-Z][A-Za-z]*[A-Z0-9][\w-]*(?:\s+\d+)?\s+(?:trial|study)\b"
    r"|\b(?:one|two|other|some|randomi[sz]ed|phase\s+3|phase\s+III)\s+(?:[\w-]+\s+){0,2}(?:trials?|stud(?:y|ies)|series)\s+(?:ha(?:d|s|ve)\s+)?(?:reported|showed|shown|found|suggested)\b"
    r"|\band\s+(?:colleagues|co-?workers|associates)\b|\bby\s+[A-Z][a-z]+\s+et\b|\b(?:two|three|four|other|earlier)\s+(?:large\s+|small\s+)?(?:randomi[sz]ed\s+)?trials\s+of\b"
    r"|\bin\s+an?\s+(?!single|phase|multi|random|open|prospective|retrospective|placebo|double|pre)(?-i:[A-Z])[a-z]+\s+(?:trial|study|cohort|registry)\b"
    r"|\bguidelines?\b[^.]{0,80}\bbased\s+on\b|\bThe\s+[A-Z][a-z]+\s+cohort\b"
    r"|\b[A-Z]{3,}[\w-]*\d+\s+(?:trial|study)\b|\bexternal\s+control|\bregistry\s+data\b|\bother\s+(?:trials|studies)",
)
_OTHERS_ANY = re.compile(
    r"\breported\s+(?:with|for|in)\s+(?:[\w-]+\s+){0,6}(?:registry|series|trial|study|studies)\b|\bin\s+a\s+registry\b|"
    r"\b(?:similar|comparable)\s+to\s+[^.]{0,60}\breported\b|\bfor\s+comparison\b|\bcompares?\s+(?:favou?rably\s+)?with\b|"
    r"\bhistorical\b|\bmeta-analys|\bliterature\b|\bet\s+al\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:assum(?:ed|ing|ption|ptions|es)|expected|anticipated|to\s+detect|power(?:ed)?\b|required|were\s+needed|"
    r"are\s+needed|planned\s+(?:sample|number|enrol|accrual|after|to)|would\s+|will\s+(?!not\b)|predicted\s+(?:to|that|\d|[\w-]+-(?:year|month))|extrapolat|base[\s-]case\b|\bICERs?\b|hypothes[ie]\w*|null\b|designed\s+to|boundar(?:y|ies)|"
    r"margin,?\s+(?:of|was|for|\d)|plans?\s+to|pre-?specified\s+(?:threshold|boundary|margin)|significance\s+level|(?<![-\w])(?<!interferon\s)(?<!IFN\s)alpha\b|"
    r"was\s+to\s+be\s+(?:declared|concluded|rejected)|historical|threshold\s+(?:of|for)|sample\s+size|"
    r"target(?:ed)?\s+(?:hazard|median|accrual|number)|if\s+the\s+upper|deemed)",
    re.IGNORECASE,
)
_CROSSED = re.compile(
    r"\b(?:cross(?:ed|es|ing)?|me[et]t?|reach(?:ed|es)?|exceed(?:ed|s)?)\s+(?:the\s+)?(?:[\w-]+\s+){0,4}"
    r"(?:boundar(?:y|ies)|threshold|margin)(?:\s+(?:for|of)\s+(?:statistical\s+)?(?:significance|superiority|non-?inferiority))?",
    re.IGNORECASE,
)
"""What an observed result did to a planned one: the numbers are those observed."""
_MARGIN = re.compile(
    r"(?<=[\d)])[;,]\s+(?:(?:predefined|prespecified|pre-specified|non-?inferiority|inferiority|the)\s+)*margin,?\s*(?:of\s+|was\s+|=\s*)?"
    r"-?\d[\d.]*(?:\s*%|\s+(?:percentage\s+)?points)?(?=[;,)])"
    r"|\s*\((?:[\w-]+\s+)?margin,?\s*(?:of\s+|=\s*)?-?\d[\d.]*(?:\s*%|\s+(?:percentage\s+)?points)?\)"
    r"|(?<=points)[;,]\s+(?:[\w-]+\s+)?margin,\s+\d[\d.]*\s+percentage\s+points(?=[;,)])"
    r"|,?\s+(?:which\s+(?:was|were|is)\s+)?(?:exceed(?:ing|ed)|below|above|under|(?:lower|less|greater|higher|smaller)\s+than)\s+(?:the\s+)?"
    r"(?=[^;()]{0,60}\b(?:null|alpha|boundary|threshold|assumed|pre-?specified)\b)[^;()]*?(?=[;)]|\.?$)"
    r"|[;,]\s+upper\s+(?:limit|bound(?:ary)?)\s+of\s+(?:the\s+)?95\s?%[^;()]*(?=\))|\s*\(significant\s+if\s[^()]*\)",
    re.IGNORECASE,
)
_INTERIM = re.compile(
    r"\b(?:interim|reported\s+previously|previously\s+reported|(?:the\s+)?(?:initial|first|earlier|primary)\s+(?:analysis|report|data\s+cut)|"
    r"primary\s+(?:data\s+cut|report|results|publication)|at\s+that\s+time|original\s+(?:analysis|report))\b",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"\b(?:final\s+(?:\w+\s+)?(?:analys[ie]s|results|report|data|survival)|updated\s+(?:\w+\s+)?(?:analys[ie]s|results|survival|follow|data)|"
    r"longer\s+follow-up|extended\s+follow-up|with\s+(?:a\s+)?further|long-term\s+(?:results|follow-up|analysis|update)|"
    r"(?:present|current|this)\s+(?:final|updated|analysis|update)|(?:update|latest|later|second)\s+(?:analysis|data\s+cut)|mature)\b",
    re.IGNORECASE,
)
_REVIEWED = re.compile(
    r"\b(?:blinded|independent|central)\s+(?:independent\s+)?(?:central\s+)?review\s+was",
    re.IGNORECASE,
)
"""PFS "by independent review was 7.1 months": another assessment, if the text has two."""
_INVESTIGATED = re.compile(r"\binvestigators?\b|\blocal(?:ly)?\s+(?:review|assess)", re.IGNORECASE)
_BY_INVESTIGATORS = re.compile(
    r"\bby\s+(?:the\s+)?(?:local\s+)?investigators?(?:'?s?\s+assessment)?\s+(?:was|were)\b",
    re.IGNORECASE,
)
_REVIEW = r"\b(?:BICR|IRC|independent\s+(?:central\s+)?review)\b"
_PRIMARY_REVIEW = re.compile(
    rf"\bprimary\b[^.]{{0,80}}{_REVIEW}|{_REVIEW}[^.]{{0,40}}\bprimary\b", re.IGNORECASE
)
"""What says that the assessment by independent review is the one that counts."""
_ASSESSED = re.compile(r"\b(?:PFS|progression-free)\b.*\d\s?(?:%|mo)", re.IGNORECASE)
_UNMATCHED = re.compile(
    r"\bunmatched\b|\b(?:before|prior\s+to)\s+(?:propensity[\s-](?:score[\s-])?)?(?:matching|PSM|weighting|IPTW|adjustment|balancing)|"
    r"\b(?:entire|whole|overall|full|original|total|crude)\s+(?:study\s+)?cohort\b|\bunweighted\b|^(?:Of|In|Among|For)\s+all\s+patients\b",
    re.IGNORECASE,
)
_MATCHED = re.compile(
    r"(?<!un)(?<!not\s)\bmatched\s+(?:cohort|pairs|patients|population|groups?|analysis|sample|set|comparison)|"
    r"\bafter\s+(?:[\w:-]+\s+){0,5}(?:matching|PSM|IPTW|weighting)\b|\bin\s+the\s+(?:PSM|matched|weighted|IPTW)\b|"
    r"^(?:In|Among|Within|For)\s+the\s+propensity[\s-](?:score[\s-])?(?:model|cohort)\b|\bPSM\s+(?:cohort|analysis|group)|\bafter\s+PS\b|\bmatching\s+(?:produced|yielded|gave|resulted|generated|left)\b|\b(?:\d+|[\w-]+)\s+(?:[\w-]+\s+)?pairs\b|\bpropensity[\s-](?:score[\s-])?matched\b",
    re.IGNORECASE,
)
_OF_BOTH = re.compile(
    r"\bbefore\s+and\s+after\b|\b(?:whole|entire|overall|full|total|original)\s+and\s+(?:(?:of|in)\s+)?(?:the\s+)?"
    r"(?:propensity[\s-](?:score[\s-])?)?matched\s+(?:cohorts?|populations?)\b",
    re.IGNORECASE,
)
_SET = r"\s+(?:cohort|set|sample|population|series|group)s?\b"
_TRAINING = re.compile(rf"\b(?:training|derivation|development|discovery){_SET}", re.IGNORECASE)
_VALIDATION = re.compile(rf"\bvalidation{_SET}(?!\s+and\b)", re.IGNORECASE)
"""Other patients than those of the main results, in whom these are confirmed."""
_WEIGHTED = re.compile(r"weight|IPTW", re.IGNORECASE)
_MATCHING = re.compile(
    r"\bmatch(?:ing|ed)\b|\bPSM\b|\bIPTW\b|\b(?:before|after|probability)\s+(?:[\w-]+\s+){0,4}weighting\b|\bweight(?:ed|ing)\s+(?:cohort|population|HR|hazard)",
    re.IGNORECASE,
)
_SHARED_OUT = re.compile(
    r"\bdifferences?\s+between\b|^After\s+(?:the\s+)?exclu|^(?:The\s+)?(?:[\w-]+\s+){0,2}(?:data|records|charts|files)\s+(?:of|from)\b|\bof\s+(?:whom|which|these)\b|\btotal\s+of\b|\bconsist|\bcompris|random|\bassigned\b|\ballocated\b|\bwere\s+compared\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:for|in|of)\s+(?:the\s+)?((?:surgical|resected|operated|unresected|transplanted)\s+patients)\b",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    r"[^.;]{0,60}\bmedian\s+(?:duration\s+of\s+)?follow-?\s?up\s+(?:time\s+)?(?:of|was)\s+\d+(?:\.\d+)?\s+\w+"
    r"(?:\s*\([^()]{1,40}\))?",
    re.IGNORECASE,
)
_OF_THESE = re.compile(
    r"(?:In\s+)?(?:the\s+|both\s+of\s+(?:them|these)|one\s+of\s+(?:them|these))"
    r"(?:first|second|third|former|latter|other|larger|smaller)?\b(?!\s+(?:group|arm|cohort|patients))\s*,"
    r"|They\s+had\b|Their\s|Compared\s+with\s+them\b|These\s+(?:controls|historical)\b"
    r"|In\s+(?:that|those)\s+(?:trial|study|trials|studies)\b|When\s+(?:both|all|the\s+two)\s+(?:are|were)\s+pooled",
    re.IGNORECASE,
)
_IN_THESE = re.compile(
    r"^(?:In|Among|For)\s+(?:these|those)(?:\s+(?:\d+\s+)?(?:patients|pairs))?,\s*", re.IGNORECASE
)
"""What refers to the matched patients of the sentence before: "In these, OS was 74.8%"."""
_OF_TREATED = re.compile(
    r"\b(?:among|of|in|for)\s+(?:the\s+|all\s+)?(?:\d+\s+)?(?:infused|treated|dosed)\s+(?:patients|pts|participants)\b",
    re.IGNORECASE,
)
_SURVIVAL = re.compile(r"surviv|\b[OPREF]F?S\b", re.IGNORECASE)
_ENROLLED = re.compile(
    r"\b(?:all|the)\s+(?:\d+\s+)?(?:enrolled|registered|leukapheresed|apheresed)\s+(?:patients|pts|participants|population)\b"
    r"|\b(?:enrolled|leukapheresed)\s+population\b",
    re.IGNORECASE,
)
_ORIGIN = re.compile(
    r"\b(?:from|since)\s+(?:the\s+)?(?:(?:time|date|day)\s+of\s+)?"
    r"(listing|transplantation|diagnosis|randomi[sz]ation|registration|surgery|resection)\b",
    re.IGNORECASE,
)
"""What survival is counted from, where a text counts it from two events."""
_ALIKE = re.compile(
    r",?\s+(?:(?:with|without|and|but)\s+)?(?:(?:was|were|is|are)\s+)?(?:no\s+|any\s+|significant\s+|evidence\s+of\s+|signs?\s+of\s+)*"
    r"(?:heterogeneity|interactions?|consistent(?:ly)?|regardless|irrespective|similar(?:ly)?)\b[^;.\d]{0,60}"
    r"\b(?:sub-?groups?|subsets?|strata)\b[^;.\d]*\.?$",
    re.IGNORECASE,
)
"""What closes a sentence and says that subgroups do not differ: its numbers are of all."""
_HEADING = re.compile(r"(?:[A-Za-z][\w-]*\s+){0,5}[\w-]+(?:\s+\([^()\d]*\))?[.:]")
"""A heading of its own, as "Per-protocol set.": what follows in its paragraph is of that."""
_PART_SET = re.compile(r"(?i)per[\s-]protocol|as[\s-]treated|safety|sensitivity|post[\s-]hoc")
_SILENT = {"background", "discussion", "conclusion", "references"}


def scopes(found: list[Sentence], arms: TextArms) -> Iterator[Scope]:
    """Say of every sentence what it may be read for.

    Parameters
    ----------
    found : list of Sentence
        The whole text.
    arms : TextArms
        Its arms: a phrase such as "in patients who received X" that names one is no subgroup.
    """
    body = " ".join(sentence.text for sentence in found)
    whom = setting(found)
    superseded, matching = (bool(each.search(body)) for each in (_FINAL, _MATCHING))
    treated = of_treated(found)
    dated = len({origin for sentence in found if (origin := _origin(sentence))}) > 1
    assessed = bool(_INVESTIGATED.search(body))
    validated = bool(_TRAINING.search(body))
    other_review = _BY_INVESTIGATORS if _PRIMARY_REVIEW.search(body) else _REVIEWED
    cohort, section, just_said, interim, others, part_only, own = "", "", "", -1, -1, -1, -1
    for sentence in chain.from_iterable(map(_by_cohort, found)) if matching else found:
        if sentence.section != section:
            cohort, section = "", sentence.section
        said = _cohort(sentence.text) if matching else _origin(sentence) if dated else ""
        cohort = said or cohort
        part = _PART.search(sentence.text)
        whole = sentence.text
        sentence = _without_aside(_without_margin(sentence), arms, whom)
        matched, just_said = just_said in ("matched", "weighted"), said
        words = _IN_THESE.sub("", sentence.text) if matched else sentence.text
        why = _left_out(replace(sentence, text=words), arms, whom, superseded=superseded)
        others_too = [other_review] * assessed + [_VALIDATION] * validated
        if not why and any(pattern.search(sentence.text) for pattern in others_too):
            why = "subgroup"
        if not why and treated and _ENROLLED.search(sentence.text):
            why = "enrolled"
        assessed |= bool(_ASSESSED.search(sentence.text))
        why, part_only = _below_heading(sentence, why, part_only)
        if why == "planned" and (head := _FOLLOWED.match(sentence.text)):
            why, sentence = "", replace(sentence, text=head[0])  # what was planned comes after
        if others == sentence.paragraph and _OF_THESE.match(sentence.text):
            why = "another study"
        others = sentence.paragraph if why == "another study" else -1
        why, interim = _at_that_time(sentence, why, interim)
        quiet, own = _is_silent(sentence, why, own)
        results = not why and not quiet and section != "methods"
        shared = why == "subgroup" and bool(_SHARED_OUT.search(sentence.text))
        patients = not quiet and (not why or shared)
        yield Scope(
            sentence, results, patients, part[1].lower() if part else cohort, why, said, whole
        )


def _below_heading(sentence: Sentence, why: str, part_only: int) -> tuple[str, int]:
    """Leave out what stands in a paragraph below "Per-protocol set."; return why, and where."""
    if _HEADING.fullmatch(sentence.text):
        part = why == "subgroup" and _PART_SET.search(sentence.text)
        return why, sentence.paragraph if part else -1
    return (why or "subgroup", part_only) if part_only == sentence.paragraph else (why, part_only)


def _at_that_time(sentence: Sentence, why: str, interim: int) -> tuple[str, int]:
    """Leave out what goes on with an earlier analysis; return why, and the paragraph of that."""
    if why == "interim":
        return why, sentence.paragraph
    then = interim == sentence.paragraph and re.match(r"At\s+that\s+time", sentence.text)
    return ("interim" if then and not why else why), interim


def _is_silent(sentence: Sentence, why: str, own: int) -> tuple[bool, int]:
    """Say whether a sentence reports nothing; in an introduction, what it says of the own study does.

    Returned with the paragraph in which the introduction has come to that.
    """
    quiet = _is_quiet(sentence) and not (own == sentence.paragraph and not why)
    if sentence.section == "background" and OWN.search(sentence.text) and not why:
        own = sentence.paragraph
    return quiet, own


def _is_quiet(sentence: Sentence) -> bool:
    """Say whether a sentence is in a section without results, and no table below an abstract."""
    if sentence.section == "background" and OWN.search(sentence.text):
        return False
    return sentence.section in _SILENT and not (sentence.section == "conclusion" and sentence.row)


def of_treated(found: list[Sentence]) -> bool:
    """Say whether survival is said to be that of those who were treated, of all who entered."""
    entered = any(re.search(r"enrol|apheresis", sentence.text, re.IGNORECASE) for sentence in found)
    return entered and any(
        _OF_TREATED.search(sentence.text) and _SURVIVAL.search(sentence.text) for sentence in found
    )


def _origin(sentence: Sentence) -> str:
    """Return "from listing" for a sentence that counts survival from there, and from there only."""
    if sentence.section in ("methods", *_SILENT) or not _SURVIVAL.search(sentence.text):
        return ""
    origins = {found[1].lower() for found in _ORIGIN.finditer(sentence.text)}
    reported = re.search(r"\d\s?%|\d\.\d", sentence.text)
    return f"from {origins.pop()}" if len(origins) == 1 and reported else ""


def _by_cohort(sentence: Sentence) -> list[Sentence]:
    """Part "after matching it was 58%; before matching it was 51%", which are of two cohorts."""
    for end in re.finditer(r";\s+", sentence.text):
        parts = sentence.text[: end.start()], sentence.text[end.end() :]
        if outside_brackets(sentence.text, end.start()) and len({"", *map(_cohort, parts)}) > 2:
            return [replace(sentence, text=part) for part in parts]
    return [sentence]


def _cohort(text: str) -> str:
    """Return the cohort that a sentence says it is about; "" if it says none, or both."""
    text = _OF_BOTH.sub("", text)
    marks: list[tuple[int, str]] = [(m.start(), "unmatched") for m in _UNMATCHED.finditer(text)]
    spans = [m.span() for m in _UNMATCHED.finditer(text)]
    marks += [
        (m.start(), "weighted" if _WEIGHTED.search(m[0]) else "matched")
        for m in _MATCHED.finditer(text)
        if not any(a <= m.start() < b for a, b in spans)
    ]
    named = {name for _, name in marks}
    return named.pop() if len(named) == 1 else ""


def _left_out(sentence: Sentence, arms: TextArms, whom: Setting, *, superseded: bool) -> str:
    text = sentence.text
    if (_OTHERS.search(text) and not OWN.search(text)) or _OTHERS_ANY.search(text):
        return "another study"
    if _PLANNED.search(_CROSSED.sub("", text)):
        return "planned"
    if superseded and _is_interim(text):
        return "interim"
    if is_subgroup(text, arms, whom):
        return "subgroup"
    return ""


def _without_margin(sentence: Sentence) -> Sentence:
    """Leave out the margin behind a result: "(hazard ratio, 0.86; noninferiority margin, 1.08)"."""
    plain = _MARGIN.sub("", sentence.text)
    return sentence if _PLANNED.search(_CROSSED.sub("", plain)) else replace(sentence, text=plain)


_OPENING_TOTAL = re.compile(
    r"(?:In|Among|Of|For)\s+(?:a\s+total\s+of\s+|the\s+|all\s+|these\s+|our\s+)?(?P<n>\d{2,6})\s+"
    r"[^,;:.()\d]{3,120},\s+"
)
_COUNTED = re.compile(r"(?<![\d.,/-])\d{1,6}(?![\d%]|\.\d|[\s-]*(?:%|(?:day|week|month|year)s?\b))")


def _behind_total(text: str) -> str:
    """Return what counts all patients behind their number: "In 210 patients, ... (n = 110) ...".

    They are all if two or three numbers in a row behind them make them up; else nothing is left.
    """
    if (total := _OPENING_TOTAL.match(text)) is None:
        return ""
    counts = [int(number) for number in _COUNTED.findall(text, total.end())]
    sums = {sum(counts[i : i + k]) for k in (2, 3) for i in range(len(counts) - k + 1)}
    return text[total.end() :] if int(total["n"]) in sums else ""


def _without_aside(sentence: Sentence, arms: TextArms, whom: Setting) -> Sentence:
    """Leave out a subgroup in brackets, as "(9.4 months in stage C)", or after a semicolon."""
    some = is_subgroup(sentence.text, arms, whom)
    if (rest := _behind_total(sentence.text)) and (some or ENDPOINT.search(rest)):
        return _without_aside(replace(sentence, text=rest), arms, whom)
    if not some:
        return sentence
    if (alike := _ALIKE.search(sentence.text)) and not is_subgroup(
        sentence.text[: alike.start()], arms, whom
    ):
        return replace(sentence, text=sentence.text[: alike.start()])
    for end in re.finditer(r";\s+", sentence.text):  # "240 per group; 451 formed the per-protocol"
        if is_subgroup(sentence.text[: end.start()], arms, whom):
            break
        following = re.split(r";\s+", sentence.text[end.end() :], maxsplit=1)[0]
        closed = outside_brackets(sentence.text, end.start())
        if closed and is_subgroup(following, arms, whom):
            return replace(sentence, text=sentence.text[: end.start()])
    plain = re.sub(
        r"\s*\((?:[^()]|\([^()]*\))*\)",
        lambda found: "" if is_subgroup(f"x {found[0][2:-1]}", arms, whom) else found[0],
        sentence.text,
    )
    return sentence if is_subgroup(plain, arms, whom) else replace(sentence, text=plain)


def _is_interim(text: str) -> bool:
    """Say whether the numbers of a sentence are those of an earlier analysis."""
    number = re.search(r"\d+\.\d|\d\s?%", text)
    before = text[: number.start()] if number else text
    if _FINAL.search(before):
        return False
    return bool(_INTERIM.search(before)) or bool(_INTERIM.search(text) and not _FINAL.search(text))
