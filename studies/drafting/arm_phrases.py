"""Phrases that name the arms of a trial, and which of them are set against each other."""
# ruff: noqa: E501, RUF001 - a pattern reads better on one line

from __future__ import annotations

import copy
import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from .arm_aliases import NEGATING
from .arm_forms import (
    ARM_LETTER,
    LETTERS,
    MENTION,
    PAIRS,
    THE_OTHERS,
    TRIPLE,
    VALUES_BEFORE,
    VALUES_BEHIND,
)
from .passages import Sentence
from .vocabulary import OWN

__all__ = ["Evidence", "clean", "gather", "protected", "stems", "usable"]

_NO_ARM = re.compile(
    r"^(?:(?:[\d./-]+|nct\d+|adults?|alive|whom|them|these|those|they|it|both|each|others?|another|same|total|final|median|safety|matched|unmatched|weighted|unweighted|adjusted|unadjusted|crude|entire|whole|"
    r"intention-to-treat|intent-to-treat|itt|per-protocol|control\s+rate|age|response|grade|stage|"
    r"analy[sz]ed|evaluated|evaluable|enrolled|included|recruited|assigned|allocated|randomi[sz]ed|"
    r"follow-up|death|deaths|events?|log-?rank|cox|kaplan.*|progression|recurrence|study|present|"
    r"randomi[sz]ation|diagnosis|enrol\w*|baseline|treatment|therapy|registration|entry|completion|"
    r"two|three|(?:non-?)?inferiority|superiority|equivalence|futility|subgroup|other|overall|survivors|clinical|disease|baseline|risk|high-risk|low-risk|"
    r"median\s.*|hazard.*|os|pfs|dfs|rfs|efs|validation|training|general|analysis|interim|population|"
    r"phase.*|[a-z]|\d.*(?:day|year).*|adverse.*|day|week|month|year|vs|mo|months|ci|propensity.*|psm|reference|(?:prolong|improve|reduce|increase|extend|delay)\b.*)"
    r"|.*\b(?:whether|would|indicated|determine|evaluate|assess|investigate|examine|years?|aged|stage|age|male|female|expression|positive|negative|metastas[ei]s|mutation|wild-type|"
    r"tumou?rs?|\w*carcinomas?|lymphomas?|sarcomas?|younger|older|subgroup|expected|previous|earlier|historical|responders|log-rank|hospitals?|centres?|centers?|mortality|rate|"
    r"interquartile|countries|intention-to-treat|population|trial|study|model|significant|similar|analysis)\b.*)$",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"in combination with|combined with|followed by|with or without|as a bridge to|bridge to"
    r"|standard of care|choice of|in addition to|together with|best of"
    r"|(?<=months) of|(?<=weeks) of|(?<=cycles) of|plus|(?<=\d) (?:mg\b|(?:months?|weeks?|cycles)(?= of\b))",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\d\.\d|\d\s?%|\bet\s+al\b|\b(?:previous|earlier|phase\s+(?:I|II|III|1|2|3))\b.*\b(?:trial|study|studies)\b",
    re.IGNORECASE,
)
_AT_TIME = re.compile(r"\b(?:at|by)\s+(?:\d+\s*(?:,|and)\s*)*$", re.IGNORECASE)
_CONTRAST = re.compile(r"\b(?:and|or|vs?|versus|compared|against|while|whereas|than|but|relative)\b|[,;/]", re.IGNORECASE)  # fmt: skip
_DOSE = re.compile(
    r"(?<=[a-z])\s+\d+(?:\.\d+)?\s*(?:mg|µg|g|IU|units?)\b.*?(?=\s\+\s|\s+(?:plus|with)\b|$)",
    re.IGNORECASE,
)
"""The dose of "sunitinib 50 mg orally once daily", which distinguishes arms only of one drug."""
_SHORT = re.compile(r"\s*[(\[]\s*([A-Z][\w+/-]{0,11})\s*(?:[;,]\s*n\s*=\s*\d+\s*)?[)\]]")
_GENERIC = frozenset([
    "treatment", "therapy", "therapies", "regimen", "alone", "patients", "patient", "group",
    "arm", "the", "a", "an", "early", "open-label", "oral", "adjuvant", "transplantation",
    "graft", "given", "surgery", "procedure", "of", "to", "as", "on", "daily", "once", "twice",
    "weekly", "mg", "trial", "study", "bid", "qd", "tid", "po", "q2w", "q3w", "+", "months",
    "month", "weeks", "week", "cycles", "cycle", "strategy", "only", "agent", "single-agent",
    "dose", "schedule", "maintenance", "first-line", "second-line",
])  # fmt: skip


def usable(phrase: str) -> bool:
    """Say whether a phrase can be the name of an arm."""
    return 1 <= len(phrase) <= 60 and not _NO_ARM.match(phrase)


_SAID = 3
"""Most weight of a form that only compares names: others assign or count patients."""
_ENDS = frozenset(["group", "arm", "alone", "groups", "arms", "plus", "+"])
_NOVEL = re.compile(
    r"(?:(?:novel|new|standard|conventional)\s+)?(?=[A-Z][\w+/-]*[A-Z])(?P<name>[\w+/-]+)\s+regimen|(?:novel|new|standard|conventional)\s+(?=[A-Z][\w+/-]*[A-Z])(?P<other>[\w+/-]+)"
)
"""Reads "the novel X-R-COMP regimen" and "the standard R-COMP"."""


def protected(text: str) -> str:
    """Return a text with expressions such as "in combination with" as one word each."""
    text = re.sub(r"\s\([A-Za-z][\w-]{0,11}\)(?=\s\+\s)", "", text)  # "docetaxel (DTX) + placebo"
    return _TOGETHER.sub(lambda found: found[0].replace(" ", "_"), text.replace("’", "'"))


_OPENING = frozenset(["the", "a", "an", "oral", "only", "early", "receive", "undergo"])


def clean(phrase: str) -> str:
    """Return a phrase without articles and without the word group."""
    words = re.sub(r"^\d{2,}[A-Z]?\s+(?=[A-Z])", "", phrase.replace("_", " ")).split()
    while len(words) > 1 and words[0].lower() in _OPENING:
        words = words[1:]
    while len(words) > 1 and (words[-1].lower() in _ENDS or words[-1].endswith("ly")):
        words = words[:-1]
    if novel := _NOVEL.fullmatch(" ".join(words)):
        return novel["name"] or novel["other"]
    return " ".join(words).lstrip("+").strip("-/ '")


_WITHOUT = re.compile(r"(?:no|non|without)[\s_-]+(?=\w)", re.IGNORECASE)


def stems(phrase: str, short: dict[str, str]) -> frozenset[str]:
    """Return the stems of the words that distinguish one arm from another."""
    if without := _WITHOUT.match(phrase):  # "no ASCT" has nothing in common with "ASCT"
        return frozenset(f"no {stem}" for stem in stems(phrase[without.end() :], short))
    long = " ".join(short.get(word, word) for word in short.get(phrase, phrase).split())
    words = long.lower().replace("-", " ").split()
    timed = re.search(
        r"[A-Z]-\d+$|\d+[\s-](?:month|week|year|cycle|day|fraction|fx)|\d\s?(?:mg|µg|mcg|g|IU|Gy)$",
        phrase,
    )
    found = {_stem(w) for w in words if w not in _GENERIC and (timed or not w.isdigit())}
    if re.search(r"\sA$", phrase):
        found.add("A")  # "drug A" is not "a drug"
    return frozenset(found or {_stem(word) for word in words})


def _stem(word: str) -> str:
    word = word.strip("(),;:'")
    for end in ("ation", "ating", "ated", "ing", "ies", "es", "ed", "s", "ic", "al"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            return word[: -len(end)]
    return word


@dataclass
class Evidence:
    """Phrases that name arms, and which of them are set against each other."""

    short: dict[str, str]
    pairs: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    order: list[tuple[str, str]] = field(default_factory=list)
    singles: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    triples: list[tuple[str, str, str]] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    three_groups: bool = False
    sized: list[tuple[str, ...]] = field(default_factory=list)  # three or four, each with its size
    listed: set[frozenset[str]] = field(default_factory=set)  # names of one list, two at a time
    text: str = ""  # all of it
    sentence: int = 0  # the one that is being read
    opposed_in: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    entered: set[str] = field(default_factory=set)  # names to which patients are assigned

    def pair(self, left: str, right: str, weight: int) -> None:
        """Note that two phrases are set against each other."""
        left, right = clean(left), clean(right)
        bare = [_DOSE.sub("", name) for name in (left, right)]
        if stems(bare[0], self.short) != stems(bare[1], self.short):
            left, right = bare
        if not (usable(left) and usable(right)):
            return
        if stems(left, self.short) == stems(right, self.short):
            return
        self.pairs[left, right] += weight
        self.order.append((left, right))
        for name in (left, right):
            self.opposed_in[name].add(self.sentence)

    def single(self, phrase: str, weight: int = 1) -> None:
        """Note a phrase that numbers are reported of."""
        phrase = clean(phrase)
        if usable(phrase):
            self.singles[phrase] += weight


def gather(found: Sequence[Sentence], short: dict[str, str]) -> Evidence:
    """Look for arms where patients are assigned, counted, or numbers are reported of them.

    What was found last is kept, since arms and their rivals are looked for in the same sentences;
    each caller gets it to add to.
    """
    return copy.deepcopy(_gathered(tuple(found), tuple(short.items())))


@lru_cache(maxsize=1)
def _gathered(found: tuple[Sentence, ...], abbreviated: tuple[tuple[str, str], ...]) -> Evidence:
    short = dict(abbreviated)
    evidence = Evidence(short, text=" ".join(sentence.text for sentence in found))
    for evidence.sentence, sentence in enumerate(found):
        if sentence.section in ("conclusion", "references") or len(sentence.text) > 1000:
            continue
        silent = sentence.section in ("background", "discussion")
        if silent and _QUOTED.search(sentence.text) and not OWN.search(sentence.text):
            continue  # the arms of another trial
        text = LETTERS.sub(r"\1 \2\3 \4 \1 \5", protected(sentence.text))
        strong = 1 if sentence.section in ("background", "discussion") else 2
        for name, weight, pattern in PAIRS:
            for match in filter(partial(_is_whole, name), pattern.finditer(text)):
                left, right = _two_names(match)
                evidence.pair(left, right, weight * strong)
                evidence.entered |= {clean(name) for name in (left, right) if weight > _SAID}
                _note_asides(match, evidence, "ab")
        _mentions(text, evidence, strong)
        for match in TRIPLE.finditer(text):
            names = tuple(clean(match[key]) for key in "abcdefghijklmnopqrstuvwx" if match[key])
            lettered = match["a"] or match["p"] or match["s"]
            known = all(usable(name) or name in short for name in names)
            if len(set(names)) == 3 and (lettered or known):
                evidence.triples.append((names[0], names[1], names[2]))
                # "A (n = 160), B (n = 161) or C", "A (160), B (161) or C"
                sized = len(re.findall(r"\bn\s*=|\(\d{2,6}\)", match[0])) > 1
                evidence.three_groups |= sized or bool(match["m"] or match["v"]) or _valued(match)
                _note_asides(match, evidence, "mno")
        evidence.listed |= {
            frozenset(map(clean, match.group("a", "b"))) for match in THE_OTHERS.finditer(text)
        }
        for match in ARM_LETTER.finditer(text):
            if usable(clean(match["a"])):
                evidence.letters[match["letter"]] = clean(match["a"])
    return evidence


def _valued(match: re.Match[str]) -> bool:
    """Say whether three groups have three values: "in the A, B and C groups were 78%, 66%, 54%"."""
    if match["g"] is None:
        return False
    before = match.string[: match.start("g")]
    behind = VALUES_BEHIND.match(match.string, match.end())
    return behind is not None or VALUES_BEFORE.search(before) is not None


_NOT = re.compile(
    r"(?:(?:those|patients|women|men|children|recipients)\s+who\s+)?(?:did|had|were)\s+not|without",
    re.IGNORECASE,
)
_LISTED_BEFORE = re.compile(r"n\s*=\s*\d+\s*[)\]]\s*,\s+(?:the\s+)?$", re.IGNORECASE)
"""What stands before the last two of "trunk (n = 54), neck (n = 9), liver (n = 7), and bone (n = 1)"."""


def _is_whole(form: str, match: re.Match[str]) -> bool:
    """Say whether a size is not that of the second of "chemotherapy and surgery (250 patients)"."""
    before = match.string[: match.start("a")]
    if form == "N VERBed with X; M were not":
        return _adds_up(match)
    if form == "X (n = N) and Y (n = M)" and _LISTED_BEFORE.search(before):
        return False
    return form[:3] != "X (" or re.search(r"[a-z] (?:and|plus) $", before) is None


def _adds_up(match: re.Match[str]) -> bool:
    """Say whether the two counts of a form make up one that the sentence has before them."""
    parts = (match["n"], match["m"])
    if not all(part.isdigit() for part in parts):
        return False
    before = {
        int(n)
        for n in re.findall(r"(?<![\d.,])\d{1,6}(?![\d%]|[.,]\d)", match.string[: match.start("n")])
    }
    return sum(map(int, parts)) in before


def _two_names(match: re.Match[str]) -> tuple[str, str]:
    """Return the two names of a form; "no X" for those of "84 underwent X and 126 did not"."""
    untreated = _NOT.fullmatch(match["b"])
    return _whether_had(match, "a"), (
        f"no {clean(match['a'])}" if untreated else _whether_had(match, "b")
    )


_NEGATED = re.compile(
    r"(?:^|[,;:(%]\s*|\b(?:patients|those|women|men|children|recipients|cases|people|adults|"
    r"participants|who|were|was|had|did|and|or|to|of|vs\.?|versus|than|in|for|with|the|"
    r"months|years|weeks|days)\s+)"
    rf"{NEGATING}$",
    re.IGNORECASE,
)
"""Of patients; "surgery without chemotherapy" is an arm of surgery."""


def _whether_had(match: re.Match[str], side: str) -> str:
    """Return a name of a form; "no X" of "patients without X" and of "non-users of X"."""
    if _NEGATED.search(match.string, 0, match.start(side)) is None:
        return match[side]
    return f"no {clean(match[side])}"


def _note_asides(match: re.Match[str], evidence: Evidence, sides: str) -> None:
    """Note the abbreviations of "docetaxel 75 mg (D) or the same plus savolumab (D-SAV)"."""
    asides = [_SHORT.fullmatch(match[f"{side}x"] or "") for side in sides]
    for side, aside in zip(sides, asides, strict=True):
        long = _DOSE.sub("", clean(match[side] or ""))
        if all(asides) and aside and usable(long):
            evidence.short.setdefault(aside[1], long)


_IN_ONE = re.compile(r"(?:In|Among|Within)\s+the\s+[^,;.]{1,40},")


def _mentions(text: str, evidence: Evidence, strong: int) -> None:
    """Note arms that numbers are reported of, and pair those that follow each other."""
    last: tuple[str, int] | None = None
    mentions = list(MENTION.finditer(text))
    letters = list(dict.fromkeys(m["r"] for m in mentions if m["r"]))
    if len(letters) == 3:
        evidence.triples.append((letters[0], letters[1], letters[2]))
    groups = [clean(m["p"]) for m in mentions if m["value"] and m["g"]]
    different = len({stems(name, evidence.short) for name in groups}) == 3
    if len(groups) == 3 and different and all(map(usable, groups)):
        # "96% in the A group, 97% in the B group and 86% in the C group"
        evidence.triples.append((groups[0], groups[1], groups[2]))
        evidence.three_groups = True
    valued = [clean(m["p"]) for m in mentions if m["value"]]
    apart = len({stems(name, evidence.short) for name in valued}) == 3
    if len(valued) == 3 and apart and all(map(usable, valued)):
        evidence.triples.append((valued[0], valued[1], valued[2]))  # if the text says three arms
    listed = itertools.combinations(valued if valued[2:] else (), 2)
    evidence.listed |= set(map(frozenset, listed))
    if len(valued) == 2 and len(mentions) > 2 and _IN_ONE.match(text) and not mentions[0]["value"]:
        del mentions[0]  # "in the A cohort, survival was 74% with B compared with 19% with C"
    for match in mentions:
        if match["value"] and not match["g"] and _AT_TIME.search(text[: match.start()]):
            continue
        phrase = clean(next(match[key] for key in "pqrtuw" if match[key]))
        sure = bool(match["q"] or match["r"] or match["t"] or match["g"])
        if not (usable(phrase) or match["r"]):
            continue
        evidence.single(phrase, 3 if sure else 1)
        between = text[last[1] : match.start()] if last else ""
        until = match.start("p") if match["p"] else match.start()
        if last and len(between) < 160 and _CONTRAST.search(text, last[1], until):
            if match["r"] and len(last[0]) == 1:
                evidence.pairs[last[0], phrase] += 3
                evidence.order.append((last[0], phrase))
            else:
                evidence.pair(last[0], phrase, (3 if sure else 2) * strong)
        last = (phrase, match.end())
