"""What else the arms of a text are called: by one word of their names, or as those not treated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["ArmNames", "add_beside_values", "add_untreated"]


@dataclass
class ArmNames:
    """One arm: its short name, its name in full, and whatever else it is called."""

    name: str
    label: str
    aliases: set[str] = field(default_factory=set)
    pattern: str = ""  # of what cannot be listed, as the time for which treatment is given


_BESIDE = r"(?:\s*[:=,]?\s*\d|\s+(?:groups?|arms?|cohorts?|recipients)\b)"
_WITHOUT = re.compile(r"(?:no|without)\s+(?P<of>.+)", re.IGNORECASE)
_SHORTEST = 5  # letters of a word that can stand for an arm


def add_beside_values(arms: Sequence[ArmNames], body: str) -> None:
    """Let "handsewn" be an arm called "handsewn anastomosis" where a number stands beside it.

    Parameters
    ----------
    arms : sequence of ArmNames
        The arms; names are added to `aliases`.
    body : str
        The whole text.
    """
    every = [{word.lower() for name in arm.aliases for word in name.split()} for arm in arms]
    for place, arm in enumerate(arms):
        others = set().union(*(words for other, words in enumerate(every) if other != place))
        firsts = {name.split()[0] for name in arm.aliases if len(name.split()) == 2}
        arm.aliases |= {
            word
            for word in firsts
            if len(word) >= _SHORTEST
            and word.lower() not in others
            and re.search(rf"(?<![\w-]){re.escape(word)}{_BESIDE}", body, re.IGNORECASE)
        }


def add_untreated(arms: Sequence[ArmNames]) -> None:
    """Let "those who did not" be the arm of two that is called "no surgery", beside "surgery".

    In "patients with and without surgery" the first is that of "surgery".

    Parameters
    ----------
    arms : sequence of ArmNames
        The arms; `pattern` is filled in.
    """
    if len(arms) != 2:
        return
    for treated, untreated in (arms, arms[::-1]):
        named = [match["of"] for name in untreated.aliases if (match := _WITHOUT.fullmatch(name))]
        own = {name.lower() for name in treated.aliases}
        what = "|".join(re.escape(name) for name in sorted(named) if name.lower() in own)
        if not what or treated.pattern or untreated.pattern:
            continue
        untreated.pattern = (
            r"(?:patients|those|women|men|children|recipients)\s+(?:who|that)\s+(?:did|had|were)\s+not"
            rf"(?:\s+(?:received?|undergo(?:ne)?|have|given)(?:\s+(?:{what}|it))?)?(?=\s*[(,.;:]|\s+(?:was|were|had|and|at|versus|vs)\b)"
        )
        treated.pattern = rf"with(?=\s+(?:and|versus|vs\.?)\s+without\s+(?:{what})\b)"
