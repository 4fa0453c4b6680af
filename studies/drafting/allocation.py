"""All patients of a text and how they were allocated, where it gives no number of any arm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .arms import TextArms
from .atoms import atoms
from .finding import ALLOCATED, EndpointSlots, Finding
from .populations import excluded, is_barred
from .scope import Scope
from .vocabulary import Atom, number_word

__all__ = ["allot"]

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
_OTHER_RATIO = re.compile(r"match|propensity|dilut|titr|donor|controls?\s+per\b", re.IGNORECASE)
_NOT_ONCE = re.compile(
    r"re-?randomi[sz]|second\s+randomi[sz]ation|(?:first|initial)(?:ly)?\s+randomi|two\s+randomi[sz]ations"
    r"|randomi[sz]ed\s+(?:again|twice)|factorial|\b2\s?(?:x|\u00d7|-?by-?)\s?2\b|cluster"
    r"|(?:random\w*|assign\w*|allocat\w*)\s+(?:[\w-]+\s+){0,3}(?:hospitals|cent(?:er|re)s|practices|villages|sites)\b"
    r"|(?:hospitals|cent(?:er|re)s|practices|villages)\s+(?:were|to)\s+(?:randomly|randomi[sz]ed|assigned|allocated)",
    re.IGNORECASE,
)
"""What was not one allocation of all patients: several, or one of groups of them."""
_TWO = 2
_MORE_ARMS = re.compile(
    r"\b(?:three|four|five|six|3|4|5|6|multi)[\s-]?(?:arm|group|treatment\s+arm|treatment\s+group)s?\b|\bplatform\b",
    re.IGNORECASE,
)
_RANDOMISED_AFTER = re.compile(
    r"(?<!for\s)(?<!before\s)(?<!not\s)(?<!to\s)\b(?:randomi[sz]ed|randomi[sz]ation|randomly|assigned|allocated)\b",
    re.IGNORECASE,
)
_NOT_ENTERED = re.compile(
    r"\b(?:screened|assessed\s+for|approached|excluded|ineligible|declined|refused|withdr\w+|not|never|eligible\s+for|"
    r"died|had|crossed|lost)\b",
    re.IGNORECASE,
)
_MAYBE_RANDOMISED = re.compile(
    r"(?<![\w.,/:-])(?P<n>(?!(?:19|20)\d\d\b)\d{2,6})\s+(?!years)(?:[\w,-]+\s+){0,10}?(?:were|was|underwent)\s+(?:\w+\s+)?"
    r"(?:randomi[sz]|assigned|allocated)",
    re.IGNORECASE,
)
_RANDOMISED_BEFORE = re.compile(
    r"(?<!were\s)(?<!was\s)\b(?:randomly,?\s+(?:assigned|allocated)|randomi[sz]ed|randomi[sz]ation\s+of|assigned|allocated)"
    r"(?:\s*\([^()]*\))?,?\s*(?:(?:in|with|at)\s+(?:an?\s+)?[^,;.]{1,30}\bratio,?\s*)?(?:\d\s?:\s?\d\s+)?(?:a\s+total\s+of\s+)?$"
    r"|\brandomi[sz]ed\s+(?:patients|participants|population|women|men|adults)\s*[(\[]$",
    re.IGNORECASE,
)
_ENROLLED_AFTER = re.compile(
    r"\b(?:enrolled|recruited|included|accrued|entered|participated|took\s+part)\b", re.IGNORECASE
)
_ENROLLED_BEFORE = re.compile(
    r"\b(?:enrolled|recruited|included|accrued|consisted\s+of|comprised|studied)\s+(?:a\s+total\s+of\s+)?$",
    re.IGNORECASE,
)
_ANALYSED_AFTER = re.compile(
    r"\b(?:analy[sz]ed|evaluable|eligible|analys[ei]s|intention-to-treat|ITT)\b", re.IGNORECASE
)
_TREATED = re.compile(
    r"\b(?:reviewed|identified|treated|received|underwent|studied|diagnosed|followed|compared)\b",
    re.IGNORECASE,
)
_TREATED_BEFORE = re.compile(
    r"\b(?:reviewed|identified|studied|(?:data|records|charts|cohort|series)\s+(?:of|from|on)|total\s+of|compared|analy[sz]ed)"
    r"\s+(?:the\s+)?(?:data\s+(?:of|from|on)\s+)?(?:a\s+total\s+of\s+)?$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\bor\b|\beither\b|\bversus\b|\bvs\b|\bratio\b|\d\s?:\s?\d|\bboth\b|\bone\s+of\b|\bbetween\b",
    re.IGNORECASE,
)
_SAFETY = re.compile(r"safety|adverse|toxic|at\s+least\s+one\s+dose", re.IGNORECASE)
_NO_NAMES = {
    "plus", "with", "group", "groups", "alone", "therapy", "treatment", "combination", "standard",
    "based", "dose", "every", "weeks", "monotherapy", "regimen", "early", "late", "long", "short",
    "patients",
}  # fmt: skip
"""Words of an arm's name that do not tell it from others."""
_FEWEST = 10  # patients; fewer are no trial
_NEARLY_ALL = 0.97  # of those randomised
_NEARLY_ALL_IN_PARTS = 0.85  # of all, in numbers that may be those of the arms
_ORDER_UNKNOWN = "it cannot be told which arm is the larger"
Role = Literal["randomised", "enrolled", "analysed", "treated"]


@dataclass(frozen=True)
class _Shares:
    """A reported allocation: the ratio as reported, its parts by arm, and the sentence."""

    text: str
    parts: tuple[int, ...]
    finding: Finding


def allot(
    endpoints: Sequence[EndpointSlots],
    found: Sequence[Scope],
    arms: TextArms,
    read: Sequence[Finding],
) -> None:
    """Give arms their shares of all patients, where a text gives no number of any; or ask.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found; `arms` and `allocation` are changed.
    found : sequence of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    read : sequence of Finding
        Everything that was read: a number of patients of any arm is better than a share.
    """
    number = len(arms.arms)
    if number < 2 or any(f.slot == "n" and f.arm is not None for f in read):
        return
    totals = _totals(found, arms)
    if not totals:
        return
    total, several = _chosen(totals)
    shares, why = _shares(found, arms) if total is not None else (None, "")
    unsure = total is not None and (
        _in_parts(int(total.text), found, arms)
        or excluded(found, arms)
        or ("randomised" not in totals and _others_randomised(total.text, found))
    )
    shares = None if unsure else shares
    for slots in endpoints:
        whole = slots.cohort in ("", "unmatched") or slots.cohort.startswith("from ")
        if not whole or any(("n", 0.0) in slots.arms[arm] for arm in range(number)):
            continue
        if total is not None and shares is not None:
            _fill(slots, total, shares, arms)
        elif total is not None:
            said = f"{total.text} patients in all{why}: how many in each arm?"
            slots.allocation = (said, (total,))
        else:
            numbers = _listed([f.text for f in several])
            said = f"{numbers} patients in all: how many in each arm?"
            slots.allocation = (said, tuple(several))


def _listed(texts: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def _fill(slots: EndpointSlots, total: Finding, shares: _Shares, arms: TextArms) -> None:
    """Give the arms their shares, unless more events or numbers at risk than that are reported."""
    sizes = _whole_shares(int(total.text), shares.parts)
    for arm, size in enumerate(sizes):
        counts = [
            int(f.text) for (key, _), f in slots.arms[arm].items() if key in ("events", "at_risk")
        ]
        if max(counts, default=0) > size:
            said = f"{total.text} patients in all: how many in each arm?"
            slots.allocation = (said, (total,))
            return
    own = [f"{size} {arm.name}" for size, arm in zip(sizes, arms.arms, strict=True)]
    own = [f"{sizes[0]} each"] if len(set(sizes)) == 1 else own
    uneven = int(total.text) % sum(shares.parts)
    rounded = " (rounded to whole patients)" if uneven else ""
    quoted = (total,) if shares.finding.sentence == total.sentence else (total, shares.finding)
    slots.allocation = (
        f"{total.text} patients, allocated {shares.text}: {', '.join(own)}{rounded}. If the paper "
        "reports the arm's own number, write it and remove n_basis.",
        quoted,
    )
    for arm, size in enumerate(sizes):
        slots.arms[arm]["n", 0.0] = replace(total, text=str(size), arm=arm, flag=ALLOCATED)


def _whole_shares(total: int, parts: Sequence[int]) -> list[int]:
    """Return whole numbers that add up to the total and are nearest to the shares of it."""
    sizes = [total * part // sum(parts) for part in parts]
    short = sorted(range(len(parts)), key=lambda i: -(total * parts[i] % sum(parts)))
    for arm in short[: total - sum(sizes)]:
        sizes[arm] += 1
    return sizes


# All patients ------------------------------------------------------------------------------------


def _totals(found: Sequence[Scope], arms: TextArms) -> dict[Role, list[Finding]]:
    """Return the numbers of all patients by what is said of them, each number once."""
    totals: dict[Role, list[Finding]] = {}
    for scope in found:
        if not scope.patients:
            continue
        for role, atom in _counted(scope, arms):
            known = totals.setdefault(role, [])
            if atom.text not in {f.text for f in known}:
                known.append(Finding("n", atom.text, scope.sentence))
    return totals


def _counted(scope: Scope, arms: TextArms) -> Iterator[tuple[Role, Atom]]:
    text = scope.sentence.text
    row = [a for a in atoms(text, arms) if a.kind in "ACnqs"]
    counts = [a for a in row if a.kind in "Cnq"]
    for place, atom in enumerate(counts):
        if not re.fullmatch(r"[1-9]\d{1,5}", atom.text) or int(atom.text) < _FEWEST or atom.of:
            continue
        if atom.level or (atom.kind == "q" and not _stands_alone(atom, text)):
            continue  # a share of others
        end = counts[place + 1].start if place + 1 < len(counts) else len(text)
        role = _role(atom, text[: atom.start], text[atom.end : end])
        if role is None and len(counts) == 1 and any(_ratios(scope)):
            role = "randomised"  # "A was compared with B (randomly assigned in a 2:1 ratio) in 724"
        said = text[counts[place - 1].end if place else 0 : end]
        if role in ("analysed", "treated") and (is_barred(said, arms) or _SAFETY.search(said)):
            continue
        if role != "randomised" and _OTHER_RATIO.search(text):
            continue  # those whom matched patients were chosen from
        if role == "treated" and len(counts) > 1:
            continue  # "30 received A with B; 41 received A alone"
        named = {a.index for a in row if a.kind == "A" and atom.end <= a.start < end}
        if role and not (len(named) == 1 and not _SEVERAL.search(text[atom.end : end])):
            yield role, atom


def _stands_alone(atom: Atom, text: str) -> bool:
    """Say whether a bare number counts patients: "screened, of whom 450 were randomised"."""
    verb = re.match(
        r"\s+(?:with(?:out)?\s+(?:[\w-]+\s+){1,5}|who\s+(?:[\w-]+\s+){1,6}and\s+)?"
        r"(?:were|was|underwent|entered|had\s+been)\b",
        text[atom.end :],
    )
    named = re.search(r"[A-Za-z]\s+$", text[: atom.start])  # as in the trial "ALL 2000"
    counted = re.search(r"\b(?:whom|which|these|and|total\s+of|all)\s+$", text[: atom.start])
    if _RANDOMISED_BEFORE.search(text[: atom.start]) and not atom.depth:
        return True  # "we screened 611 patients and randomised 450"
    return bool(verb and not atom.depth and (counted or not named))


def _role(atom: Atom, before: str, after: str) -> Role | None:
    """Say what a sentence says of a number of patients, by the words around it."""
    after = re.split(r";|\bof\s+(?:whom|which|these)\b", after, maxsplit=1)[0][:140]
    if re.search(r"randomi[sz]ed", atom.flag, re.IGNORECASE):
        return "randomised"
    if re.search(r"\b(?:screened|assessed|approached)\s+(?:a\s+total\s+of\s+)?$", before):
        return None
    if _RANDOMISED_BEFORE.search(before):
        return "randomised"
    entered = _RANDOMISED_AFTER.search(after)
    if entered and not _NOT_ENTERED.search(after[: entered.start()]):
        return "randomised"
    if _ENROLLED_BEFORE.search(before):
        return "enrolled"
    first = after if entered is None else after[: entered.start()]
    patterns: tuple[tuple[Role, re.Pattern[str]], ...] = (
        ("enrolled", _ENROLLED_AFTER),
        ("analysed", _ANALYSED_AFTER),
        ("treated", _TREATED),
    )
    for role, pattern in patterns:
        told = pattern.search(first)
        words = first[: told.start()] if told else ""
        words = re.sub(r"\bhad\b", "", words) if role == "analysed" else words
        if told and not _NOT_ENTERED.search(words):
            return role
    if re.search(r"\beligible\s+$", before, re.IGNORECASE) or "evaluable" in atom.flag:
        return "analysed"
    return "treated" if _TREATED_BEFORE.search(before) else None


def _chosen(totals: dict[Role, list[Finding]]) -> tuple[Finding | None, list[Finding]]:
    """Return the number of all patients; or None, and the numbers that it may be."""
    randomised = totals.get("randomised", [])
    analysed = totals.get("analysed", [])
    if len(randomised) == 1:
        all_of_them = int(randomised[0].text)
        others = _distinct([*totals.get("enrolled", []), *analysed])
        fewer = [f for f in others if int(f.text) < _NEARLY_ALL * all_of_them]
        return (None, [*randomised, *fewer]) if fewer else (randomised[0], [])
    if randomised:
        return None, randomised
    entered = _distinct([*totals.get("enrolled", []), *analysed])
    treated = _distinct(totals.get("treated", []))
    entered = entered or (treated if len(treated) == 1 else [])
    return (entered[0], []) if len(entered) == 1 else (None, entered)


def _in_parts(total: int, found: Sequence[Scope], arms: TextArms) -> bool:
    """Say whether a sentence has numbers that may be those of the arms, though not read as such."""
    number = len(arms.arms)
    for scope in found:
        row = atoms(scope.sentence.text, arms) if scope.patients else ()
        counts = [int(a.text) for a in row if a.kind in "Cnq" and re.fullmatch(r"\d{1,6}", a.text)]
        sums = (sum(counts[i : i + number]) for i in range(len(counts) - number + 1))
        if any(_NEARLY_ALL_IN_PARTS * total <= each <= total for each in sums if each):
            return True
    return False


def _others_randomised(total: str, found: Sequence[Scope]) -> bool:
    """Say whether another number may be that of those randomised, though not read as such."""
    texts = [scope.sentence.text for scope in found if scope.patients]
    return any(told["n"] != total for text in texts for told in _MAYBE_RANDOMISED.finditer(text))


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    return list({f.text: f for f in reversed(list(findings))}.values())[::-1]


# Their allocation --------------------------------------------------------------------------------


def _shares(found: Sequence[Scope], arms: TextArms) -> tuple[_Shares | None, str]:
    """Return the allocation that a text reports; or None, and why it cannot be used."""
    told = [(scope, ratio) for scope in found for ratio in _ratios(scope)]
    if not told:
        return None, ""
    texts = list(dict.fromkeys(_plain(ratio) for _, ratio in told))
    said = f", allocated {_listed(texts)}"
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
    return _Shares(texts[0], by_arm, finding), ""


def _ratios(scope: Scope) -> Iterator[re.Match[str]]:
    text = scope.whole or scope.sentence.text
    read = scope.patients or scope.why == "planned"
    if read and _ASSIGNED.search(text) and not _OTHER_RATIO.search(text):
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
