"""How a text says that patients were allocated: in which ratio and order, or how many to each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .arms import TextArms
from .atoms import atoms
from .finding import Finding
from .scope import Scope
from .typography import number_word
from .vocabulary import Atom

__all__ = [
    "OTHER_RATIO",
    "Allocation",
    "allocation",
    "any_of",
    "in_brackets",
    "ratios",
    "sizes_of_more",
]

_ASSIGNED = re.compile(r"random|assign|allocat", re.IGNORECASE)
_NUMBER = r"(?:[1-9]|one|two|three|four)"
_RATIO = re.compile(
    r"(?<![\d.:/-])(?P<digits>[1-9](?:\s?[:\u2236]\s?[1-9]){1,3})(?![\d:%]|\.\d)"
    rf"|(?<![\w.-])(?P<words>{_NUMBER}[\s-]to[\s-]{_NUMBER}(?:[\s-]to[\s-]{_NUMBER})*)(?![\w-])"
    r"|\b(?P<equal>equally(?=\s+(?:randomi[sz]ed|assigned|allocated|divided|to|between))"
    r"|(?<=randomi[sz]ed\s)equally|(?<=assigned\s)equally|(?<=allocated\s)equally"
    r"|(?:in|with|at)\s+(?:an?\s+)?equal\s+(?:numbers|proportions?|ratio|probabilit\w+|allocation)"
    r"|equal\s+(?:allocation|randomi[sz]ation))\b",
    re.IGNORECASE,
)
"""How many are allocated to each arm: "1:1", "2 : 1", "two-to-one", "with equal probability"."""
OTHER_RATIO = re.compile(r"match|propensity|dilut|titr|donor|controls?\s+per\b", re.IGNORECASE)
_NOT_ONCE = re.compile(
    r"re-?randomi[sz]|second\s+randomi[sz]ation|(?:first|initial)(?:ly)?\s+randomi|two\s+randomi[sz]ations"
    r"|randomi[sz]ed\s+(?:again|twice)|factorial|\b2\s?(?:x|\u00d7|-?by-?)\s?2\b|cluster"
    r"|(?:random\w*|assign\w*|allocat\w*)\s+(?:(?!at\b|in\b|from\b|across\b|by\b)[\w-]+\s+){0,3}(?:hospitals|cent(?:er|re)s|practices|villages|sites)\b"
    r"|(?:hospitals|cent(?:er|re)s|practices|villages)\s+(?:were|to)\s+(?:randomly|randomi[sz]ed|assigned|allocated)",
    re.IGNORECASE,
)
"""What was not one allocation of all patients: several, or one of groups of them."""
_TWO = 2
_MORE_ARMS = re.compile(
    r"(?<!phase\s)(?<!grade\s)\b(?:three|four|five|six|3|4|5|6|multi)[\s-]?(?:treatment\s+)?(?:arm|group)s?\b"
    r"|\bplatform\s+trial\b",
    re.IGNORECASE,
)
_NO_NAMES = {
    "plus", "with", "group", "groups", "alone", "therapy", "treatment", "combination", "standard",
    "based", "dose", "every", "weeks", "monotherapy", "regimen", "early", "late", "long", "short",
    "patients",
}  # fmt: skip
"""Words of an arm's name that do not tell it from others."""
_ORDER_UNKNOWN = "it cannot be told which arm is the larger"


@dataclass(frozen=True)
class Allocation:
    """A reported allocation.

    Attributes
    ----------
    text : str
        The ratio, "2:1", or "equally".
    parts : tuple of int
        Its parts, by arm.
    finding : Finding
        The sentence that reports it.
    """

    text: str
    parts: tuple[int, ...]
    finding: Finding


def allocation(found: Sequence[Scope], arms: TextArms) -> tuple[Allocation | None, str]:
    """Return the allocation that a text reports; or None, and what can be said of it.

    Parameters
    ----------
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    told = [(scope, ratio) for scope in found for ratio in ratios(scope)]
    if not told:
        return None, ""
    texts = list(dict.fromkeys(_plain(ratio) for _, ratio in told))
    said = f", allocated {any_of(texts)}"
    texts_read = [scope.whole or scope.sentence.text for scope in found]
    once = not any(_NOT_ONCE.search(text) for text in texts_read)
    if len(arms.arms) == _TWO:
        once = once and not any(_MORE_ARMS.search(text) for text in texts_read)
    twice = any(sum(other is scope for other, _ in told) > 1 for scope, _ in told)
    divided = {_parts(text, len(arms.arms)) for text in texts}
    if not once or twice or len(divided) != 1 or arms.divided:
        return None, said
    parts = divided.pop()
    if len(parts) != len(arms.arms):
        return None, said
    order = _order(told, found, arms, equal=len(set(parts)) == 1)
    if order is None:
        return None, f"{said} ({_ORDER_UNKNOWN})" if len(set(parts)) > 1 else said
    by_arm = tuple(part for _, part in sorted(zip(order, parts, strict=True)))
    finding = Finding("n", texts[0], told[0][0].sentence)
    return Allocation(texts[0], by_arm, finding), ""


def any_of(texts: Sequence[str]) -> str:
    """Return "240, 198 or 170"."""
    return " or ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def ratios(scope: Scope) -> Iterator[re.Match[str]]:
    """Yield the ratios of a sentence that speaks of an allocation."""
    text = scope.whole or scope.sentence.text
    read = scope.patients or scope.why == "planned"
    if read and _ASSIGNED.search(text) and not OTHER_RATIO.search(text):
        yield from _RATIO.finditer(text)


def _plain(ratio: re.Match[str]) -> str:
    """Return a ratio in digits, "2:1"; "equally" stays a word."""
    if ratio["equal"]:
        return "equally"
    if ratio["digits"]:
        return re.sub(r"[\s\u2236:]+", ":", ratio["digits"])
    words = re.split(r"[\s-]to[\s-]", ratio["words"], flags=re.IGNORECASE)
    return ":".join(word if word.isdigit() else str(number_word(word)) for word in words)


def _parts(text: str, number: int) -> tuple[int, ...]:
    if text == "equally":
        return (1,) * number
    parts = tuple(map(int, text.split(":")))
    return (1,) * len(parts) if len(set(parts)) == 1 else parts


def _order(
    told: Sequence[tuple[Scope, re.Match[str]]],
    found: Sequence[Scope],
    arms: TextArms,
    *,
    equal: bool,
) -> list[int] | None:
    """Return the arms in the order of the ratio; None if it cannot be told, or of whom it is."""
    every = list(range(len(arms.arms)))
    if equal:
        named: set[int] = set()
        for scope in found:
            text = scope.whole or scope.sentence.text
            if _ASSIGNED.search(text):
                named |= {index for _, index in _mentions(text, arms)}
        return every if len(named) >= len(every) - 1 else None
    orders = {tuple(order) for scope, ratio in told if (order := _named(scope, ratio, arms))}
    return list(orders.pop()) if len(orders) == 1 else None


def _named(scope: Scope, ratio: re.Match[str], arms: TextArms) -> list[int] | None:
    """Return the arms in the order in which the sentence of a ratio names them."""
    text = scope.whole or scope.sentence.text
    row = [(place, index) for place, index in _mentions(text, arms) if place >= ratio.end()]
    row = row if len({index for _, index in row}) == len(arms.arms) else _mentions(text, arms)
    first = list(dict.fromkeys(index for _, index in row))
    last = list(dict.fromkeys(index for _, index in reversed(row)))[::-1]
    # else one is named twice: "600 patients given A before were assigned to B or A"
    return first if len(first) == len(arms.arms) and first == last else None


def _mentions(text: str, arms: TextArms) -> list[tuple[int, int]]:
    """Return where a sentence names which arm: by its names, or else by a word of it alone."""
    row = [(a.start, a.index) for a in atoms(text, arms) if a.kind == "A"]
    if len({index for _, index in row}) == len(arms.arms):
        return row
    words = [
        {word for name in arm.aliases for word in re.findall(r"[a-z][a-z0-9]{3,}", name.lower())}
        for arm in arms.arms
    ]
    for index, own in enumerate(words):
        others = set().union(*(other for i, other in enumerate(words) if i != index), _NO_NAMES)
        found = re.finditer(r"[a-z][a-z0-9]{3,}", text.lower())
        row += [(each.start(), index) for each in found if each[0] in own - others]
    return sorted(row)


_ENTER = re.compile(r"assigned|allocated|randomi[sz]ed", re.IGNORECASE)


def sizes_of_more(row: Sequence[Atom], scope: Scope, arms: TextArms) -> bool:
    """Say whether patients are assigned to more arms than are known: "(n = 178), (n = 180) or"."""
    opened = (a for a in row if a.kind == "n" and a.depth)
    sizes = [a for a in opened if scope.sentence.text[: a.start].rstrip()[-1:] in "(["]
    if sizes and int(sizes[0].text) == sum(int(a.text) for a in sizes[1:]):
        sizes = sizes[1:]  # "patients (N = 402) were assigned to"
    return len(sizes) > len(arms.arms) and _ENTER.search(scope.sentence.text) is not None


_WHO_HAD = re.compile(
    r"\s*(?:patients\s+|women\s+|men\s+)?who\s+(?:received|underwent|had)\s+(?:the\s+|an?\s+)?",
    re.IGNORECASE,
)


def in_brackets(row: Sequence[Atom], text: str, number: int) -> list[tuple[int, Atom]]:
    """Read "253 were assigned to the A group (125) or the B group (128)": 253 are shared out.

    In a sentence that counts events they are those.
    """
    if any(a.kind == "D" for a in row):
        return []
    sizes = {}
    for arm, size in itertools.pairwise(row):
        between = text[arm.end : size.start]
        if arm.kind == "A" and size.kind == "q" and between == " (" and text[size.end :][:1] == ")":
            sizes[arm.index] = size
        counted = arm.kind == "C" and arm.level and not arm.of and size.kind == "A"
        if counted and _WHO_HAD.fullmatch(between):  # "504 patients (34%) who underwent B"
            sizes[size.index] = arm
    total = sum(int(size.text) for size in sizes.values() if size.text.isdigit())
    known = any(a.kind in "CqV" and a.text == str(total) for a in row)
    return list(sizes.items()) if known and len(sizes) == number else []
