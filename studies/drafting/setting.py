"""The patients of a text, as its title and its aim name them, and sentences on some of them only."""
# ruff: noqa: E501 - a pattern reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .arms import TextArms
from .passages import Sentence

__all__ = ["Setting", "is_subgroup", "setting", "stem"]

_PATIENTS = r"(?:patients?|pts|participants|children|adults|adolescents|women|men|recipients|infants|individuals|people|subjects|cases|those)"
_TITLED = re.compile(
    rf"\b(?:in|for|of|among|with)\s+(?:(?!{_PATIENTS}\b)|{_PATIENTS}\s+(?:with|undergoing|who\s+have)\s+)(?P<of>[A-Za-z].*)",
    re.IGNORECASE,
)
"""Reads "A versus B in recurrent thymic carcinoma" and "... in patients with it"."""
_TOLD = re.compile(
    rf"\b{_PATIENTS}\s+(?:with|who\s+have|suffering\s+from|undergoing)\s+(?P<of>[A-Za-z][^,;.()]*)|"
    rf"\b(?:in|for|of|among)\s+(?P<before>(?:(?!(?:for|in|with)\s)[A-Za-z][\w/+-]*\s+){{1,5}}?){_PATIENTS}\b",
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


_SUBGROUP = re.compile(
    r"\bsubgroups?\b|\bsubset\b|\bsubpopulation"
    r"|\b(?:in|among|for|of)\s+(?:the\s+)?(?:\w+\s+){0,2}?(?:patients?|pts|participants|those|men|women|children|adults|recipients|infants|survivors|tumou?rs|lesions|nodules|cases|individuals)\s+(?:\(\d[\d.]*\s?%[^()]*\)\s+)?"
    r"(?:with(?!out\s+matching|\s+(?:an?\s+)?(?:[A-Z]{2,4}\s+)?events?\b)|in\s+(?:complete|partial|CR\b|PR\b|remission|response)|whose|who\s+(?:had|have|has|met|fulfilled|exceeded|went\s+on|were\s+not|achieved|responded|completed|progressed|discontinued|crossed|carried|smoked|did\s+not|were\s+(?:older|younger|male|female|HIV|PD-L1|not\s)|are\s|later)|aged|younger|older|harbou?ring|having|of\s+(?:stage|age)|bearing|over\b|under\b|<|>|≥|≤|(?:of|up\s+to|measuring|between)\s+(?:up\s+to\s+)?\d[\d.]*(?:\s?(?:-|to|and)\s?\d[\d.]*)?\s?[cm]m\b)"
    r"|\b(?:patients?|pts|participants|children|adults|men|women)\s+not\s+(?:randomi[sz]ed|matched|treated|included)\b"
    r"|\b(?:in|among|for)\s+(?:the\s+)?(?:(?!\d+\s+(?:wo)?men\b)[A-Za-z0-9+/-]+[\s-]+)?(?:never-?smokers|smokers|responders|non-?responders|elderly|younger|"
    r"male|female|women|premenopausal|postmenopausal|high-risk|low-risk|intermediate-risk|stage\s+[IV]+\w*|[\w+-]*(?:positive|negative|amplified|mutated|mutant|"
    r"wild-type|high|low|expressing))\s*(?:patients|pts|tumou?rs|disease|group|cohort|population|participants|men|women|[(,])"
    r"|^In\s+(?!the\b|all\b|both\b|each\b|this\b|our\b|these\b)[\w+/-]+\s+(?:tumou?rs|disease|cancers?|lesions|carcinomas?)\b"
    r"|^In\s+[A-Za-z][A-Za-z/+-]*\d[\w/+-]*\s+[A-Za-z-]+,"
    r"|\bin\s+(?:these|those)(?:\s+(?:patients|pairs))?,|\b(?:of|in|for|among)\s+these\s+(?:\d+\s+)?(?:patients|participants|men|women|pts)\b"
    r"|\bwhen\s+(?:only\s+)?patients\s+with|\banaly[sz]ed\s+separately|\bpatients\s+(?:younger|older)\s+than"
    r"|\b(?:stage|grade|class)\s+(?:[IV]+[ABC]?|[A-D])\s+(?:disease|tumou?rs|patients|participants|cases|pts)|\bP\s+for\s+interaction|\bfor\s+interaction\b"
    r"|\bper-protocol\b|\bas-treated\b|\b(?:by|according\s+to)\s+(?:the\s+)?(?:actual\s+)?treatment\s+(?:actually\s+)?received\b|\bsafety\s+population\b|\bsensitivity\s+analys|\bpost[\s-]hoc\b|\blandmark\s+analys|\bexploratory\b"
    r"|^(?!All\b|The\b|A\b|In\b|Of\b|Eligible|Study)[A-Z][\w/+ -]{0,40}\b(?:tumou?rs|patients|disease|subgroup|pts)\s*:"
    r"|\bconditional\s+on\s+surviv|\b(?:for|at|in|with)\s+(?:an\s+)?ages?\s+(?:of\s+)?(?:older|younger|over|under|above|below|[<>≥≤])"
    r"|^(?:Patients|Those|Men|Women)\s+without\s[^.;()]{2,50}\(\s*n\s*=|\bcrossover[\s-]adjusted|\bRPSFT|\bamong\s+(?:the\s+)?\d*\s*(?:responders|patients\s+with)"
    r"|^(?:Of|Among)\s+(?:the\s+)?(?:\d+\s+(?:patients\s+)?(?:in\s+the\s+)?)?[\w-]+\s+(?:group|arm)\b|\btheir\s+median|\bof\s+whom\s+[^.]{0,80}\b(?:median|survival)\b"
    r"|^(?:Patients|Those|Women|Men|Participants|Pts)\s+(?:with(?!out|\s+(?:an?\s+)?(?:[A-Z]{2,4}\s+)?events?\b)|whose|aged|who\s+had|younger|older|under|over)\b(?!.*\b(?:random|assign|enrol|eligible|identified|compared))"
    r"|^(?!All\b|The\b|Study\b|Most\b|(?:Twen|Thir|For|Fif|Six|Seven|Eigh|Nine)ty\b)[A-Za-z][\w/+-]*\s+(?:patients|pts)\s+(?:\(n\s*=|had\b)"
    r"|^[\w+/-]*(?:-positive|-negative|-mutated|-mutant|-amplified|-high|-low)\s+(?:patients|pts|participants|recipients|tumou?rs|disease)\b"
    r"|\bIHC|\bCPS\s*[≥>]|\bTPS\s*[≥>]|^(?:In|Among|For)\s+[^,;.]{1,60}[<>≤≥]\s?\d[^,;]{0,15},|\bPD-L1\s+(?:[≥>≤<]|positive|TPS|CPS)|\bin\s+(?:the\s+)?(?:[\w+-]+\s+)?(?:subgroup|stratum|strata)",
    re.IGNORECASE,
)
_COUNTED_PART = re.compile(
    r"\b(?:In|Among|For)\s+(?:the\s+)?[\w/+-]+\s+(?:patients|pts|participants)\s*\(n\s*=\s*\d+\)",
    re.IGNORECASE,
)
_SOME_HAD = re.compile(
    r"\b(?:patients|pts|women|men|children|those)\s+with(?!out)\s[^,;.]{2,60}\shad\s+(?:an?\s+|the\s+)?(?:\w+\s+)?"
    r"(?:median|\w+-year|longer|shorter|better|worse|poorer)\b",
    re.IGNORECASE,
)
"""Reads "and women with R0 resection had a median OS of": some of the patients."""
_WHO_DID_BOTH = re.compile(
    r"\b(?:Of|Among|In)\s+(?:those|(?:the\s+)?(?:patients|participants))\s+who\s+(?:received|underwent|had)\s[^,;.]{3,60}\s"
    r"and\s+(?:became|achieved|responded|relapsed|survived|remained|progressed)\b",
    re.IGNORECASE,
)
"""Reads "of those who received A and became free of leukemia": some of an arm."""


def _is_part(text: str, mention: re.Pattern[str] | None) -> bool:
    """Say whether a sentence counts some of the patients, or says what some of an arm had."""
    parts = [*_COUNTED_PART.finditer(text), *_SOME_HAD.finditer(text)]
    others = any(mention is None or not mention.search(part[0]) for part in parts)
    return others or _WHO_DID_BOTH.search(text) is not None


def is_subgroup(text: str, arms: TextArms, whom: Setting) -> bool:
    """Say whether a sentence is about some of the patients, other than an arm."""
    mention = arms.mention
    if arms.divided and mention is not None:
        if len({arms.index(found) for found in mention.finditer(text)}) > 1:
            return False  # "survival of low-risk and of high-risk patients"
        text = mention.sub(" ", text)
    if arms.given and mention is not None and not _SUBGROUP.search(mention.sub(" ", text)):
        return False  # "in smokers", if these are named as an arm
    if _is_part(text, mention):
        return True
    named_all = {arms.index(found) for found in mention.finditer(text)} if mention else set()
    for found in _SUBGROUP.finditer(text):
        if len(named_all) == len(arms.arms) > 1 and re.match(
            r"(?:Of|Among)\b.*\b(?:group|arm)$", found[0]
        ):
            continue  # "Of the 347 patients in the A group, 97 died; of the 264 in the B group, 92"
        if _of_all(found, whom):
            continue
        after = text[found.start() : found.end() + 40]
        if mention is not None and re.search(
            r"patients?|those|pts|men|women", found[0], re.IGNORECASE
        ):
            named = mention.search(after)
            if (
                named
                and re.search(r"who\b|with(?:out\b.*)?\s*$", found[0], re.IGNORECASE)
                and named.start() < len(found[0]) + 14
            ):
                continue
        return True
    return False


_OF_PATIENTS = re.compile(
    r"(?:in|among|for|of)\s+(?:the\s+|all\s+)?(?P<before>(?:[\w/+-]+\s+){0,3}?)(?:patients?|pts|participants|children|adults|women|men|recipients|infants|individuals|those)\s+"
    r"(?:with|who\s+(?:had|have)|aged)\s*$",
    re.IGNORECASE,
)


_TOTAL = re.compile(r"total\s+of\s+\d+\s+[a-z]", re.IGNORECASE)
"""What counts everybody: "a total of 36 adults with it"."""


def _of_all(found: re.Match[str], whom: Setting) -> bool:
    """Say whether "in patients with recurrent thymic carcinoma" are those whom the text is about."""
    told = _OF_PATIENTS.fullmatch(found[0])
    if told is None:
        return False
    before = not told["before"].strip() or whom.is_all_of(told["before"])
    before |= bool(_TOTAL.match(found.string, max(0, found.start() - len("total "))))
    return before and whom.is_all_of(found.string[found.end() :])
