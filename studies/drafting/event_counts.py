"""Events that a sentence counts: whose they are, and of which endpoint."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .finding import Finding
from .follow_up import FollowUpReader
from .grammar import aligned
from .vocabulary import Atom

__all__ = ["EventReader", "without_defining"]

_PART = re.compile(
    r"within\s+\d+\s+days|treatment-related|(?:related|attribut\w+)\s+to\s+(?:the\s+)?(?:study\s+)?(?:treatment|drugs?\b|medication)|"
    r"grade\s+5|adverse\s+events|"
    r"due\s+to|died\s+(?:of|from)\s+(?!any)|(?<!cyto)toxic|"
    r"drug-related|on\s+treatment|non-?cancer|causes?\s+of\s+death|were\s+censored|"
    r"had\s+been\s+excluded",
    re.IGNORECASE,
)
_OF_THEM = re.compile(r"\s+of\s+(?:them|these|those|whom|which)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"\b(?:of|among)\s+(?:the\s+|all\s+)?$", re.IGNORECASE)
_VERB = re.compile(r"\b(?:had|relapsed|recurred|progressed|developed|were|experienced)\b")


def without_defining(row: Sequence[Atom], text: str) -> list[Atom]:
    """Leave out events that only say what an outcome is made of.

    Parameters
    ----------
    row : sequence of Atom
        The atoms of a sentence.
    text : str
        The sentence: "A composite outcome (CHD death, stroke, or surgery) occurred in" counts no
        deaths.
    """
    return [atom for atom in row if atom.kind != "D" or not atom.depth or not _defines(atom, text)]


def _defines(event: Atom, text: str) -> bool:
    """Say whether an event in brackets is one of a list there, of which none is counted."""
    opened = max(text.rfind("(", 0, event.start), text.rfind("[", 0, event.start))
    ends = [place for letter in ")]" if (place := text.find(letter, event.end)) > 0]
    aside = text[opened + 1 : min(ends, default=len(text))]
    listed = text[opened + 1 : event.start] + text[event.end : opened + 1 + len(aside)]
    return re.search(r"\d|[;=]", aside) is None and re.search(r",\s|\bor\s", listed) is not None


def _without_some(part: Sequence[Atom], text: str, number: int) -> list[Atom]:
    """Leave out the 12 of "30 patients died, 12 of them of sepsis": some of those before.

    In "64 died, 40 of them after A and 24 after B" they are those of the arms. Nothing is left if
    an arm stands behind some who are not: the other numbers cannot be told apart from theirs then.
    """
    some = [a for a in part if _OF_THEM.match(text[a.end :])]
    counts = [a for a in part if a.kind in "Cq" and a.text.isdigit()]
    total = int(counts[0].text) if counts else 0
    if number > 1 and len(counts) == number + 1 and total == sum(int(a.text) for a in counts[1:]):
        return list(part)
    behind = (
        text[one.end : after.start]
        for one, after in itertools.pairwise(part)
        if one in some and after.kind == "A"
    )
    if any(re.search(r"[,;]|\band\b", between) is None for between in behind):
        return []
    return [a for a in part if a not in some]


_PEOPLE = ("patients", "pts", "men", "women", "participants", "children")


def from_the_events(part: list[Atom]) -> list[Atom]:
    """Leave out the patients of "482 were randomised (A 241; B 241) and 301 events (A 139; ..."."""
    first = next((i for i, a in enumerate(part) if a.kind == "D"), 0)
    listed = [a for a in part[:first] if a.kind == "C" and a.depth]
    if listed and sum(a.kind == "C" and not a.depth for a in part) >= len(listed):
        part = [
            a for a in part if not (a.depth and a.kind in "ACqs")
        ]  # "(743 in A and 743 in B), ..."
    total = next(
        (
            place
            for place, (count, event) in enumerate(itertools.pairwise(part))
            if count.kind == "C" and event.kind == "D" and event.start - count.end < 3
        ),
        0,
    )
    later = any(a.kind == "C" for a in part[total + 1 :])
    of_arm = total and part[total - 1].kind == "A"  # "in A, 12 patients died, against 21 in B"
    return part[total:] if later and not of_arm else part


def without_kinds(part: list[Atom]) -> list[Atom]:
    """Leave out what the events were in "46 events in group A (31 relapses, 9 deaths) and 38"."""
    first = next((a for a in part if a.kind == "D"), None)
    counted = any(a.depth and a.kind in "Cq" and a.text.isdigit() for a in part)
    if first is None or first.names or first.depth or not counted:
        return part
    return [a for a in part if not a.depth]


def without_patients(part: list[Atom], number: int) -> list[Atom]:
    """Leave out the patients of "166 events in group 1 (302 patients) and 191 in group 2 (304)".

    Parameters
    ----------
    part : list of Atom
        A statement that counts events.
    number : int
        Arms of the text.
    """
    outside = [a for a in part if a.kind == "C" and not a.depth]
    if len(outside) != number or number < 2:
        return part
    return [a for a in part if not (a.kind == "C" and a.depth and a.flag in _PEOPLE)]


def without_total(items: list[Atom], number: int) -> list[Atom]:
    """Leave out counts of all before those of the arms: "of 512, 102 died: 58 in A, 44 in B"."""
    counts = [a for a in items if a.kind == "C"]
    before, own = counts[:-number], counts[-number:]
    if number > 1 and sum(int(a.text) for a in own) in {int(a.text) for a in before}:
        return [a for a in items if a not in before]
    return items


@dataclass
class EventReader(FollowUpReader):
    """Reads the events that one sentence counts, follow-up and comparisons."""

    def events(self, part: list[Atom]) -> Iterator[Finding]:
        """Yield the events of each arm, and the patients among whom they were counted."""
        start = self.text.rfind("; ", 0, part[-1].start) + 1
        if _PART.search(self.text[start:].split("; ")[0]) or any(a.kind == "T" for a in part):
            return
        part = _without_some(without_kinds(part), self.text, len(self.arms.arms))
        named, part_of = self._counted_of(part)
        if not named:
            return
        counts = [
            replace(a, kind="C") if a.kind == "q" and re.fullmatch(r"\d+", a.text) else a
            for a in part
        ]
        counts = without_patients(from_the_events(counts), len(self.arms.arms))
        if self._of_two_kinds(counts):
            return  # "308 patients had relapsed and 316 had died", "of 802 patients, 480 had died"
        items = without_total([a for a in counts if a.kind in "ACs"], len(self.arms.arms))
        for placed in aligned(items, values="C", order=self.order()):
            if placed.arm is None:
                continue
            value, arm = replace(placed.value, interval=None), placed.arm
            dealt = placed.dealt
            yield self.make("events", value, endpoints=named, arm=arm, rank=-part_of, dealt=dealt)
            if value.of:
                yield self.make(
                    "n", replace(value, text=value.of), endpoints=named, arm=arm, rank=6
                )

    def _counted_of(self, part: list[Atom]) -> tuple[tuple[str, ...], bool]:
        """Return the endpoints that events may be of; and whether they are some of those above."""
        events = [a for a in part if a.kind == "D"]
        named = next((a.names for a in events if a.names), ())
        if not named and (own := [a for a in part if a.kind == "E" and "state" not in a.flag]):
            named = own[-1].names
        goes_on = self.context.in_rows or re.match(
            r"(?:There\s+were|The\s+numbers?\s+of)?\s*events", self.text, re.IGNORECASE
        )
        if not named and self.context.endpoint is not None and goes_on:
            named = self.context.endpoint.names
        part_of = False
        if self.scope.sentence.row and self.context.endpoint is not None and named == ("OS",):
            named = self.context.endpoint.names
            part_of = named != ("OS",)  # the deaths among the events of the row above
        bare = any(_are_bare(a, self.text) for a in events) and not self.scope.sentence.row
        if bare and named in ((), ("OS",)):
            told = {a.names for a in self.row if a.kind == "E"} - {("OS",)}
            said = next(iter(told)) if len(told) == 1 else ()
            # if the text reports event-free survival; else of the only one of the sentence
            named = tuple(dict.fromkeys(("EFS", *said, *named)))
        return named, part_of

    def _of_two_kinds(self, part: list[Atom]) -> bool:
        """Say whether counts without arms are of two events, each with its verb, or of all."""
        counts = [a for a in part if a.kind == "C"]
        if len(counts) < 2 or any(a.kind == "A" for a in part):
            return False
        all_of_them = _OF_ALL.search(self.text[: counts[0].start])
        if len(counts) == 2 and all_of_them and self.text[: counts[1].start].endswith(", "):
            return True
        return _VERB.search(self.text[counts[0].end : counts[1].start]) is not None


def _are_bare(event: Atom, text: str) -> bool:
    """Say whether events are said to be of no kind: "68 events", or "Events were observed"."""
    bare = event.text.lower() in ("event", "events")
    return bare and re.search(r"(?:^|\d\s|\bhad\s+an?\s)$", text[: event.start]) is not None
