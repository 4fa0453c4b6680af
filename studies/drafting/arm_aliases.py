"""What else the arms of a text are called, and how a text mentions them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

__all__ = ["NEGATING", "ArmNames", "add_aliases", "mention"]


@dataclass
class ArmNames:
    """One arm: its short name, its name in full, and whatever else it is called."""

    name: str
    label: str
    aliases: set[str] = field(default_factory=set)
    pattern: str = ""  # of what cannot be listed, as the time for which treatment is given


_BESIDE = r"(?:\s*[:=,]?\s*\d|\s+(?:groups?|arms?|cohorts?|recipients)\b)"
_WITHOUT = re.compile(r"(?:no|without)\s+(?P<of>.+)", re.IGNORECASE)
NEGATING = (
    r"\b(?:without|non-?users\s+of|(?:in\s+the\s+)?absence\s+of|off|(?:not|never)\s+"
    r"(?:receiv(?:e|ed|ing)|under(?:go|went|gone|going)|given|(?:treated|managed)\s+with|on|tak(?:e|en|ing)|us(?:e|ed|ing)))"
    r"\s+(?:any\s+|the\s+|an?\s+)?"
)
"""What stands before the treatment of those who did not have it."""
_USE = re.compile(r"\s+(?:therapy|treatment|use)$", re.IGNORECASE)
_SHORTEST = 5  # letters of a word that can stand for an arm


def add_aliases(arms: Sequence[ArmNames], body: str) -> None:
    """Let arms be called by one word of their names, and as those who are not treated.

    Parameters
    ----------
    arms : sequence of ArmNames
        The arms; names are added to `aliases`, and `pattern` is filled in.
    body : str
        The whole text.
    """
    _add_singulars(arms)
    _add_beside_values(arms, body)
    _add_untreated(arms)
    _add_combined(arms)


def _of_others(every: Sequence[set[str]], place: int) -> set[str]:
    """Return the words of all arms but one."""
    return set().union(*(words for other, words in enumerate(every) if other != place))


def _add_singulars(arms: Sequence[ArmNames]) -> None:
    """Let "DES" be an arm called "DESs", as "drug-eluting stents (DESs)" abbreviate it."""
    every = [{word for alias in arm.aliases for word in alias.split()} for arm in arms]
    for place, arm in enumerate(arms):
        singular = {name[:-1] for name in arm.aliases if re.fullmatch(r"[A-Z]{2,}s", name)}
        arm.aliases |= singular - _of_others(every, place)


def _add_beside_values(arms: Sequence[ArmNames], body: str) -> None:
    """Let "handsewn" be an arm called "handsewn anastomosis" where a number stands beside it."""
    every = [{word.lower() for name in arm.aliases for word in name.split()} for arm in arms]
    for place, arm in enumerate(arms):
        others = _of_others(every, place)
        firsts = {name.split()[0] for name in arm.aliases if len(name.split()) == 2}
        arm.aliases |= {
            word
            for word in firsts
            if len(word) >= _SHORTEST
            and word.lower() not in others
            and re.search(rf"(?<![\w-]){re.escape(word)}{_BESIDE}", body, re.IGNORECASE)
        }


def _add_untreated(arms: Sequence[ArmNames]) -> None:
    """Let "those who did not" be the arm of two that is called "no surgery", beside "surgery".

    In "patients with and without surgery" the first is that of "surgery".
    """
    if len(arms) != 2:
        return
    for treated, untreated in (arms, arms[::-1]):
        own = {name.lower() for name in treated.aliases}
        named = [match["of"] for name in untreated.aliases if (match := _WITHOUT.fullmatch(name))]
        longer = [name for name in named if any(map(_opens(name), treated.aliases))]
        treated.aliases |= set(longer)  # "chemotherapy right after surgery", "no chemotherapy"
        if used := [name for name in named if f"{_USE.sub('', name)} users".lower() in own]:
            treated.aliases.add("users")
            untreated.aliases |= {"non-users", "nonusers"}
        own = {name.lower().rstrip("s") for name in (*treated.aliases, *used)}
        what = "|".join(re.escape(n) for n in sorted(named) if n.lower().rstrip("s") in own)
        if not what or treated.pattern or untreated.pattern:
            continue
        untreated.pattern = (
            r"(?:patients|those|women|men|children|recipients)\s+(?:who|that)\s+(?:did|had|were)\s+not"
            rf"(?:\s+(?:received?|undergo(?:ne)?|have|given)(?:\s+(?:{what}|it))?)?(?=\s*[(,.;:]|\s+(?:was|were|had|and|at|versus|vs)\b)"
            rf"|(?<!\bor\s)(?<!\band\s)(?:{NEGATING}(?:{what})\b|without(?=\s*[(,.;]))"
        )
        treated.pattern = rf"with(?=\s+(?:and|versus|vs\.?)\s+without\s+(?:{what})\b)"


_COMBINED = re.compile(r"\s(?:plus|and|with)\s|\s?\+\s?", re.IGNORECASE)
_OF_GROUP = r"(?=[\s-](?:group|arm)\b)"


def _add_combined(arms: Sequence[ArmNames]) -> None:
    """Let "the combination-therapy group" be the arm of two that is called "A plus B"."""
    combined = [any(map(_COMBINED.search, (arm.name, arm.label, *arm.aliases))) for arm in arms]
    if len(arms) != 2 or sum(combined) != 1:
        return
    for arm, several in zip(arms, combined, strict=True):
        # and not "the combined group", which may be both
        called = r"(?:combination(?:[\s-](?:chemo)?therapy)?|combined[\s-](?:therapy|treatment))"
        arm.pattern = arm.pattern or f"{called if several else 'monotherapy'}{_OF_GROUP}"


def _opens(name: str) -> Callable[[str], bool]:
    """Return what says whether a longer name begins with this one."""
    return lambda longer: longer.lower().startswith(f"{name.lower()} ")


def _of_a_list(number: str) -> str:
    """Return a pattern of a number among those of "arms 1, 2, and 3"; other numbers are no arms."""
    before = (r"[1-9],\s", r"[1-9]\sand\s", r"[1-9],\s[1-9]\sand\s", r"[1-9],\s[1-9],\sand\s")
    nouns = ("[Aa]rm", "[Aa]rms", "[Gg]roup", "[Gg]roups", "[Rr]egimen", "[Rr]egimens")
    behind = "|".join(rf"(?<={noun}\s{listed})" for noun in nouns for listed in before)
    return rf"(?:{behind}){number}(?![\w.%])"


def mention(alias: str) -> str:
    """Return a pattern of how a text mentions an arm by one of its names."""
    if alias.lower() == "observation":
        return r"(?:observation|(?:were\s+)?observed(?=\W))"
    if alias.lower() in ("allo", "auto"):
        return rf"{alias}(?:-?\s?(?:SCT|SC|HSCT|HCT|BMT)\b)?"
    if alias.endswith("-"):  # "the low- and high-risk groups"
        return rf"{re.escape(alias)}(?=,|\s+(?:and|or|to|versus|vs)\b)"
    words = [re.escape(word) for word in re.split(r"[\s_-]+", alias) if word]
    body = r"[\s-]+".join(words)
    if len(alias) <= 1:
        listed = f"|{_of_a_list(alias)}" if alias.isdigit() else ""
        return (
            rf"(?-i:(?<=[Aa]rm\s){body}|(?<=[Aa]rms\s){body}|(?<=[Gg]roup\s){body}|"
            rf"(?<=[Gg]roups\s){body}|(?<=[Rr]egimen\s){body}|(?<=\(){body}(?=\))|(?<=with\s){body}|{body}(?=\s+(?:arm|group|regimen)s?\b)|{body}(?=(?:,\s[A-Z])*,?\s(?:and|or)\s[A-Z]\s(?:arms|groups|regimens)\b)|{body}(?=\s*\(\s*[Nn]\s*=)|(?<=\(){body}(?=[:,]?\s\d+\s*[;,]\s*(?:and\s)?[A-Z][:,]?\s\d)|(?<=\d[;,]\s){body}(?=[:,]?\s\d+\s*[;,)])|{body}(?=\s+(?:vs?\.?|versus)\s+[A-Z]\b)|(?<=vs\s){body}|(?<=v\s){body}(?=[\s:,)])|(?<=\)\sand\s){body}(?=\s*\(n\b)|"
            rf"(?<=vs\.\s){body}|(?<=versus\s){body}|{body}(?=/[A-Z]\b)|(?<=[A-Z]/){body}|"
            rf"(?<=[Aa]rms\s[A-Z],\s){body}\b|(?<=[Gg]roups\s[A-Z],\s){body}\b|(?<=[A-Z]\sand\s){body}\b(?!\s+virus)|(?<=[A-Z],\sand\s){body}\b{listed})"
        )
    if alias in ("II", "III"):  # and not "stage II"
        behind = (r"[Aa]rm\s", r"[Gg]roup\s", r"[Aa]rms\sI\sand\s", r"[Gg]roups\sI\sand\s")
        return f"(?-i:{'|'.join(f'(?<={words}){body}' for words in behind)})"
    if len(alias) <= 3 and alias.upper() == alias:
        return rf"(?-i:(?:[Aa]rm\s+)?{body})"
    return rf"(?:arm\s+)?{body}s?"
