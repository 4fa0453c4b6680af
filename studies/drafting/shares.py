"""The arms' patients where no text beside an arm says them: parts of all, the rest, or shares."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...presentation.formats import count
from .all_patients import all_patients
from .allocation import Allocation, allocation, any_of
from .arms import TextArms
from .atoms import atoms
from .finding import ALLOCATED, BY_DIFFERENCE, EndpointSlots, Finding
from .populations import is_barred
from .scope import Scope
from .vocabulary import Atom

__all__ = ["allot"]

_MOST = 3  # numbers that a question offers; more are those of a whole paper
_FEWEST = 20  # patients in all; fewer may add up by chance
_OF_PATIENTS = re.compile(
    r"\s*(?:[,;:.()]|$|(?:to|in|into|on|of|at|for|with|by|and|or|vs|versus|who|were|was|had|did|received|underwent|given|assigned|"
    r"allocated|randomi[sz]ed|treated|began|started|entered|chose|took|undergoing|receiving|patients|participants|cases|men|women|"
    r"children|adults|subjects|recipients|pts)\b)",
    re.IGNORECASE,
)
"""What follows a bare number of patients: "148 to placebo", not "148 towns"."""
_HAD = re.compile(
    r"\s*(?:\([^()]*\)\s*)?(?:patients\s+|were\s+|had\s+|who\s+)*"
    r"(?:received|receiving|underwent|undergoing|had|given|treated|managed|assigned|allocated|randomi[sz]ed|operated)?"
    r"\s*(?:with|by|to|on|in|into|for)?\s*(?:an?\s+|the\s+)?",
    re.IGNORECASE,
)
_THE_OTHERS = re.compile(
    r"\s*(?:alone|groups?|arms?)?\s*[,;]?\s*(?:and|while|whereas)?\s*(?:all\s+)?(?:the\s+)?"
    r"(?:others|rest|remainder|remaining\s+(?:patients|participants|women|men|children)|"
    r"other\s+(?:patients|participants|women|men|children))\s+"
    r"(?:were\s+|had\s+)?(?:received|underwent|had|given|treated|managed|assigned|allocated|randomi[sz]ed|operated)?"
    r"\s*(?:with|by|to|on|in|into)?\s*(?:an?\s+|the\s+)?",
    re.IGNORECASE,
)
"""What stands between a part of all patients and its arm, and between that and the other's."""


def allot(
    endpoints: Sequence[EndpointSlots],
    found: Sequence[Scope],
    arms: TextArms,
    read: Sequence[Finding],
) -> None:
    """Give arms the parts that add up to all patients, or else their shares; or ask.

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
    if parts := _parts(found, arms) or _rest(found, arms):
        for slots in filter(_is_whole, endpoints):
            for arm, finding in parts.items():
                slots.arms[arm].setdefault(("n", 0.0), finding)
        return
    if (patients := all_patients(found, arms)) is None or len(patients.several) > _MOST:
        return
    told, said = allocation(found, arms)
    for slots in endpoints:
        if not _is_whole(slots) or any(("n", 0.0) in slots.arms[arm] for arm in range(number)):
            continue
        if patients.total is None:
            slots.allocation = _asked(*patients.several)
        elif told is None or not patients.sure:
            slots.allocation = _asked(patients.total, said=said)
        else:
            _fill(slots, patients.total, told, arms)


def _is_whole(slots: EndpointSlots) -> bool:
    return slots.cohort in ("", "unmatched") or slots.cohort.startswith("from ")


def _parts(found: Sequence[Scope], arms: TextArms) -> dict[int, Finding]:
    """Read "170 patients treated with A, of whom 69 ... or with B ... 101": by arm what adds up.

    Returns
    -------
    dict of int to Finding
        Of every arm; empty if no sentence has numbers that add up to one before them, or if it
        cannot be told which is whose.
    """
    read: list[dict[int, Finding]] = []
    for scope in found:
        text = scope.sentence.text
        if not scope.patients or is_barred(text, arms):
            continue
        row = [a for a in atoms(text, arms) if a.kind in "ACnq"]
        counts = [a for a in row if a.kind in "Cnq" and re.fullmatch(r"[1-9]\d{0,5}", a.text)]
        for total, parts in _sums(counts, len(arms.arms)):
            named = [a for a in row if a.kind == "A" and a.start > total.end]
            if any(a.kind == "q" and not _OF_PATIENTS.match(text, a.end) for a in parts):
                continue
            if order := _whose(parts, named, len(arms.arms)):
                told = zip(order, parts, strict=True)
                read.append({i: Finding("n", a.text, scope.sentence, arm=i) for i, a in told})
    numbers = {tuple(parts[arm].text for arm in sorted(parts)) for parts in read}
    return read[0] if len(numbers) == 1 else {}


def _rest(found: Sequence[Scope], arms: TextArms) -> dict[int, Finding]:
    """Read "of 300 patients, 148 were treated with A; the others had B": by arm, B by difference.

    Returns
    -------
    dict of int to Finding
        Of both arms; empty if there are more, or no sentence or several say so.
    """
    read: list[dict[int, Finding]] = []
    for scope in found:
        text = scope.sentence.text
        if not scope.patients or is_barred(text, arms) or len(arms.arms) != 2:
            continue
        row = [a for a in atoms(text, arms) if a.kind in "ACnqV"]
        if "".join(a.kind for a in row) not in ("CqAA", "CCAA") or row[0].of or row[1].of:
            continue
        total, part, arm, other = row
        told = _HAD.fullmatch(text[part.end : arm.start])
        left = _THE_OTHERS.fullmatch(text[arm.end : other.start])
        if not (told and left and arm.index != other.index and part.text.isdigit()):
            continue
        if (rest := int(total.text) - int(part.text)) > 0:
            finding = Finding("n", part.text, scope.sentence, arm=arm.index)
            less = f"{total.text} - {part.text}"
            worked_out = replace(
                finding, text=str(rest), arm=other.index, flag=BY_DIFFERENCE, label=less
            )
            read.append({arm.index: finding, other.index: worked_out})
    return read[0] if len(read) == 1 else {}


def _sums(counts: Sequence[Atom], number: int) -> Iterator[tuple[Atom, Sequence[Atom]]]:
    """Yield so many counts one after another that add up to one before them, and that one."""
    for place, total in enumerate(counts):
        for first in range(place + 1, len(counts) - number + 1):
            parts = counts[first : first + number]
            if int(total.text) == sum(int(a.text) for a in parts) >= _FEWEST:
                yield total, parts


def _whose(parts: Sequence[Atom], named: Sequence[Atom], number: int) -> tuple[int, ...]:
    """Return the arm of each count, by the arms between it and the next, or the one before it.

    Empty if there is more than one way, or if two counts have no arm beside them.
    """
    starts = [a.start for a in parts]
    behind = itertools.pairwise([*starts, float("inf")])
    before = itertools.pairwise([float("-inf"), *starts])
    ways = set()
    for spans in (behind, before):
        beside = [{a.index for a in named if low <= a.start < high} for low, high in spans]
        if sum(not arms for arms in beside) > (number > 2):
            continue
        fitting = [
            order
            for order in itertools.permutations(range(number))
            if all(arm in arms or not arms for arm, arms in zip(order, beside, strict=True))
        ]
        ways.update(fitting)
    behind_all = tuple(dict.fromkeys(a.index for a in named if a.start > starts[-1]))
    if len(behind_all) == number and all(a.start > starts[-1] for a in named):
        ways.add(behind_all)  # "(148 and 152 in the A and B groups, respectively)"
    return ways.pop() if len(ways) == 1 else ()


def _asked(*totals: Finding, said: str = "") -> tuple[str, tuple[Finding, ...]]:
    *others, last = (total.text for total in totals)
    numbers = any_of([*others, count(int(last), "patient")])
    return f"{numbers} in all{said}: how many in each arm?", totals


def _fill(slots: EndpointSlots, total: Finding, told: Allocation, arms: TextArms) -> None:
    """Give the arms their shares, unless more events or numbers at risk than that are reported."""
    sizes = _whole_shares(int(total.text), told.parts)
    for arm, size in enumerate(sizes):
        counts = [
            int(f.text) for (key, _), f in slots.arms[arm].items() if key in ("events", "at_risk")
        ]
        if max(counts, default=0) > size:
            slots.allocation = _asked(total)
            return
    own = [f"{size} {arm.name}" for size, arm in zip(sizes, arms.arms, strict=True)]
    own = [f"{sizes[0]} each"] if len(set(sizes)) == 1 else own
    uneven = int(total.text) % sum(told.parts)
    rounded = " (rounded to whole patients)" if uneven else ""
    quoted = (total,) if told.finding.sentence == total.sentence else (total, told.finding)
    slots.allocation = (
        f"{count(int(total.text), 'patient')}, allocated {told.text}: {', '.join(own)}{rounded}. "
        "If the paper reports the arm's own number, write it and remove n_basis.",
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
