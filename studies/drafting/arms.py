"""Who was compared with whom: the arms of a text, and every name that it gives them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .arm_aliases import ArmNames, add_aliases, mention
from .arm_lists import note_lists, numbered
from .arm_phrases import Evidence, clean, gather, stems, usable
from .groups import durations, of_one_division, strata
from .passages import Sentence
from .typography import abbreviations

__all__ = [
    "MOST_ARMS",
    "ArmNames",
    "TextArms",
    "arm_called",
    "find_arms",
    "find_groups",
    "introduced",
    "named_arms",
]

MOST_ARMS = 4
_SURE = 4
"""How much must set a name against an arm before it is said to be of the other one."""
_THREE_ARMS = re.compile(
    r"\bthree[- ](?:arms?|groups?)|1:1:1|2:2:1|2:1:1|1:1:2|"
    r"three\s+(?:treatment|parallel)|[A-Z]/[A-Z]/[A-Z]",
    re.IGNORECASE,
)


@dataclass(eq=False)
class TextArms:
    """The arms of a text, in the order in which it introduces them; none if it has one arm.

    `divided` if they are groups of patients who differ, as by risk: to name one is no subgroup;
    `known` if their names are those of classes that are no treatment, as men and women; `rival` if
    patients are said to be assigned to others; `given` if somebody has named them.
    """

    arms: list[ArmNames]
    divided: bool = False
    known: bool = False
    rival: bool = False
    given: bool = False

    @cached_property
    def mention(self) -> re.Pattern[str] | None:
        """Return a pattern that finds every mention; group ``a<i>`` names the arm."""
        if not self.arms:
            return None
        ends = (
            r"(?:\s+(?:alone|therapy|treatment|"
            r"transplantation))?(?:\s*\((?!n\b)[A-Za-z][\w+/-]{0,11}\))?(?:\s+(?:groups?|arms?|"
            r"cohorts?|patients))?"
        )
        alternatives: list[tuple[int, str, int]] = []
        for index, arm in enumerate(self.arms):
            for alias in [*arm.aliases, *([arm.pattern] if arm.pattern else ())]:
                alternatives.append((len(alias), alias, index))
        alternatives.sort(key=lambda item: (-item[0], item[1]))
        patterns = {arm.pattern for arm in self.arms}
        parts = [a if a in patterns else mention(a) for _, a, _ in alternatives]
        body = "|".join(
            f"(?P<a{number}_{index}>{part})"
            for number, (part, (_, _, index)) in enumerate(zip(parts, alternatives, strict=True))
        )
        return re.compile(
            rf"(?<![\w-])(?<!plus\s)(?<!\+\s)(?<!\+)(?:the\s+)?(?:{body})(?![\w]|\s*\+|"
            rf"\s+plus\b|-(?!(?:group|arm|treated|based|allocated|assigned)\b)){ends}",
            re.IGNORECASE,
        )

    def named_in(self, found: Sequence[Sentence]) -> set[int]:
        """Return which of the arms a text names."""
        if (mention := self.mention) is None:
            return set()
        return {self.index(match) for one in found for match in mention.finditer(one.text)}

    @staticmethod
    def index(found: re.Match[str]) -> int:
        """Return which arm a match of `mention` names."""
        return next(int(key.rpartition("_")[2]) for key, text in found.groupdict().items() if text)


def find_arms(found: list[Sentence]) -> TextArms:
    """Find the arms that a text compares.

    Parameters
    ----------
    found : list of Sentence
        The whole text. Names are looked for where patients are assigned, counted, or where
        numbers are reported of them.

    Returns
    -------
    TextArms
        Two or three arms; none if the text compares nobody.
    """
    body = " ".join(sentence.text for sentence in found)
    if (long := durations(body)) is not None:
        timed = [ArmNames(one.name, one.name, pattern=one.pattern) for one in long]
        return TextArms(introduced(timed, body))
    short = abbreviations(body)
    evidence = gather(found, short)
    note_lists(found, evidence)
    best = _best_pair(evidence)
    if (listed := _listed(evidence, best, body)) is not None:
        seeds = list(listed)
    elif (letters := numbered(found, best or ())) is not None:
        seeds = list(letters)
    elif best is not None:
        seeds = list(best)
    else:
        named = _named_groups(evidence)
        seeds = named if len(named) == 2 else []
    if not seeds or of_one_division(seeds):  # men and women may be groups
        return TextArms([])
    arms = [arm_called(names, evidence) for names in _sides(seeds, evidence)]
    add_aliases(arms, body)
    return TextArms(introduced(arms, body))


def _listed(evidence: Evidence, best: tuple[str, str] | None, body: str) -> Sequence[str] | None:
    """Return three or four arms that a text lists; None if it lists no more than two, or others."""
    longest = max(evidence.sized, key=len, default=())
    if longest and _covers(longest, best, evidence):
        return longest
    lettered = any(len(name) == 1 for triple in evidence.triples for name in triple)
    three = lettered or evidence.three_groups or _THREE_ARMS.search(body)
    if not (evidence.triples and three):
        return None
    triple = max(evidence.triples, key=lambda names: sum(names == t for t in evidence.triples))
    return triple if lettered or _covers(triple, best, evidence) else None


def _covers(listed: Sequence[str], pair: tuple[str, str] | None, evidence: Evidence) -> bool:
    """Say whether one of those that a text sets against each other is on a list; no site is."""
    known = [stems(name, evidence.short) for name in listed]
    own = [stems(name, evidence.short) for name in pair or ()]
    return not own or any(_nested(words, other) for other in known for words in own)


def named_arms(found: list[Sentence], names: Sequence[Sequence[str]]) -> TextArms:
    """Return the arms of a text that somebody has named.

    Parameters
    ----------
    found : list of Sentence
        The whole text.
    names : sequence of sequence of str
        What each arm is called, the name in the draft first.

    Returns
    -------
    TextArms
        In the order in which the text introduces them, each with what else it is plainly called.
    """
    body = " ".join(sentence.text for sentence in found)
    evidence = gather(found, abbreviations(body))
    sides = _sides([own[0] for own in names], evidence)
    given = {name.casefold() for own in names for name in own}
    arms = []
    for own, side in zip(names, sides, strict=True):
        others = {
            name for name in arm_called(side, evidence).aliases if name.casefold() not in given
        }
        arms.append(ArmNames(own[0], own[-1], {*own, *others}))
    firsts = [own[0] for own in names]
    divided = not any(map(usable, firsts)) or of_one_division(firsts)
    divided |= any(map(_OF_PATIENTS.search, firsts))
    return TextArms(introduced(arms, body), divided=divided, given=True)


_OF_PATIENTS = re.compile(r"\b(?:patients|those|with|without|who|men|women)\b", re.IGNORECASE)
"""What names patients who differ: "patients without cirrhosis"."""


def find_groups(found: list[Sentence], arms: TextArms) -> TextArms:
    """Find the groups of patients who differ that a text compares.

    Parameters
    ----------
    found : list of Sentence
        The whole text.
    arms : TextArms
        Its arms: beside some, only a division of all patients is looked for.

    Returns
    -------
    TextArms
        Two to four groups; none if the text divides nobody, or by what may be a treatment.
    """
    groups = strata(found, sure=bool(arms.arms))
    known = bool(groups) and all(group.known for group in groups)
    if arms.arms and not known and all(usable(group.name) for group in groups):
        return TextArms([])
    named = [ArmNames(group.name, group.name, set(group.aliases)) for group in groups]
    return TextArms(named, divided=True, known=known)


def introduced(arms: list[ArmNames], body: str) -> list[ArmNames]:
    """Return the arms in the order in which a text introduces them."""
    mention = TextArms(arms).mention
    found = mention.finditer(body) if mention is not None else ()
    order = list(dict.fromkeys(TextArms.index(match) for match in found))
    return [arms[i] for i in [*order, *(i for i in range(len(arms)) if i not in order)]]


def _named_groups(evidence: Evidence) -> list[str]:
    """Return the groups that a text speaks of in sentences of their own."""
    named: dict[frozenset[str], str] = {}
    for phrase, weight in evidence.singles.items():
        if weight >= 3:
            named.setdefault(stems(phrase, evidence.short), phrase)
    return list(named.values())


def _best_pair(evidence: Evidence) -> tuple[str, str] | None:
    """Return the two phrases that are most often set against each other."""
    score: dict[tuple[frozenset[str], frozenset[str]], int] = defaultdict(int)
    first: dict[tuple[frozenset[str], frozenset[str]], tuple[str, str]] = {}
    for (left, right), weight in evidence.pairs.items():
        key = (stems(left, evidence.short), stems(right, evidence.short))
        if (key[1], key[0]) in first:
            key = (key[1], key[0])
        else:
            first.setdefault(key, (left, right))
        score[key] += weight
    if not score:
        return None
    related = {key: sum(w for other, w in score.items() if _akin(key, other)) for key in score}
    return first[max(score, key=lambda key: (related[key], score[key]))]


def _akin(key: tuple[frozenset[str], ...], other: tuple[frozenset[str], ...]) -> bool:
    """Say whether two pairs oppose the same things under longer or shorter names."""
    return all(a <= b or b <= a for a, b in zip(key, other, strict=True)) or all(
        a <= b or b <= a for a, b in zip(key, reversed(other), strict=True)
    )


def _sides(seeds: list[str], evidence: Evidence) -> list[list[str]]:
    """Assign every phrase to an arm: by its words, or because it is set against the other."""
    sides = [[seed] for seed in seeds]
    names = [*evidence.singles, *(name for pair in evidence.pairs for name in pair)]
    for short, long in evidence.short.items():
        if any(stems(n, evidence.short) == stems(short, evidence.short) for n in [*names, *seeds]):
            names += [short, clean(long)]
    names += list(evidence.letters.values())
    pending = [
        name
        for name in dict.fromkeys(names)
        if name not in seeds and (usable(name) or name in evidence.short)
    ]
    for _ in range(3):
        pending = [name for name in pending if not _placed(name, sides, evidence)]
    for letter, long in evidence.letters.items():
        words = stems(long, evidence.short)
        places = [
            i
            for i, side in enumerate(sides)
            if any(_nested(words, stems(other, evidence.short)) for other in side)
        ]
        if len(places) == 1 and not any(letter in side for side in sides):
            sides[places[0]].append(letter)
    return sides


def _placed(name: str, sides: list[list[str]], evidence: Evidence) -> bool:
    place = _by_words(name, sides, evidence)
    if place is not None and len(sides) == 2 and _opposed(name, sides[place], evidence):
        # "A plus B" and "A" share a word, and are set against each other
        place = None if _opposed(name, sides[1 - place], evidence) else 1 - place
    if place is None and len(sides) == 2:
        place = _by_contrast(name, sides, evidence)
    if place is None:
        return False
    sides[place].append(name)
    return True


def _by_words(name: str, sides: list[list[str]], evidence: Evidence) -> int | None:
    """Return the one arm whose names share this one's words; None if none or several do."""
    if name in evidence.letters.values():
        letter = next(key for key, value in evidence.letters.items() if value == name)
        return next((i for i, side in enumerate(sides) if letter in side), None)
    words = stems(name, evidence.short)
    known = [[stems(other, evidence.short) for other in side] for side in sides]
    equal = [i for i, side in enumerate(known) if words in side]
    if len(equal) == 1:
        return equal[0]
    shares = [i for i, side in enumerate(known) if any(_nested(words, w) for w in side)]
    if len(shares) == 1 and not equal:
        return shares[0]
    if len(shares) == 2 and not equal:  # "nab-paclitaxel" is in both; the whole of one is nearer
        likeness = [max(_likeness(words, w) for w in known[i]) for i in shares]
        if abs(likeness[0] - likeness[1]) > 0.1:
            return shares[likeness.index(max(likeness))]
    return None


def _opposed(name: str, side: list[str], evidence: Evidence) -> bool:
    """Say whether a name is set against one of an arm's that is another."""
    words = stems(name, evidence.short)
    known = {stems(other, evidence.short) for other in side}
    if words in known:
        return False
    weight = 0
    for (left, right), own in evidence.pairs.items():
        both = (stems(left, evidence.short), stems(right, evidence.short))
        weight += own * (words in both and bool(known & set(both)))
    return weight >= _SURE


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _nested(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one


def _by_contrast(name: str, sides: list[list[str]], evidence: Evidence) -> int | None:
    """Return the arm that a phrase must be because it is set against the other one."""
    against = {0: 0, 1: 0}
    for (left, right), weight in evidence.pairs.items():
        for one, other in ((left, right), (right, left)):
            if one == name:
                for side in (0, 1):
                    if other in sides[side]:
                        against[side] += weight
    for side in (0, 1):
        if against[side] >= _SURE and not against[1 - side]:
            listed = {frozenset((name, other)) for other in sides[1 - side]}
            third = listed & evidence.listed or _is_passing(name, evidence)
            return None if third else 1 - side
    return None


_EITHER_ARM = re.compile(
    r"\b(?:controls?|standard|usual|conventional|placebo|comparator|no|combination|combined|"
    r"experimental|investigational|intervention|active|study)\b",
    re.IGNORECASE,
)
_OFTEN = 3  # times that a text names whom it compares, at least


def _is_passing(name: str, evidence: Evidence) -> bool:
    """Say whether a name is set against an arm in one sentence only: it may be a third one."""
    known = name in evidence.short or name in evidence.entered or _EITHER_ARM.search(name)
    if known or len(evidence.opposed_in[name]) > 1:
        return False
    said = re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", evidence.text, re.IGNORECASE)
    valued = name in evidence.singles  # survival is reported of it
    return len(said) < (_OFTEN - 1 if valued else _OFTEN)


_LETTERED = re.compile(r"(?:drug|agent|regimen|schedule|protocol|strategy|treatment)\s+[A-Z]")


def arm_called(names: Sequence[str], evidence: Evidence) -> ArmNames:
    """Choose the short name and the label of an arm among what it is called."""
    aliases = set(names)
    for name in names:
        if name in evidence.short:
            aliases.add(clean(evidence.short[name]))
    aliases |= {name[-1] for name in names if _LETTERED.fullmatch(name)}
    abbreviated = [name for name in names if name in evidence.short and name.lower() != name]
    letter = next((key for key in evidence.letters if key in names), None)
    common = sorted(names, key=lambda n: (-evidence.singles.get(n, 0), len(n)))
    name = letter or (abbreviated[0] if abbreviated else common[0])
    longest = (
        evidence.short.get(name)
        or evidence.letters.get(name)
        or max((n for n in names if evidence.singles.get(n, 0) > 1 or n == name), key=len)
    )
    return ArmNames(name, clean(longest), aliases)
