"""Follow-up: dates of entry and of its end, how long it was, and numbers at risk."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ..endpoint import DAYS_PER
from .arms import TextArms
from .atoms import atoms
from .finding import BEFORE_MATCHING, Finding, panels
from .grammar import aligned
from .ratios import RatioReader
from .scope import Scope
from .sides import COMPARATIVE
from .value_arms import unknown_named
from .vocabulary import DATE, DAY, MONTH, UNITS, Atom, iso_date, month_number

__all__ = ["FollowUpReader", "dates", "numbers_at_risk"]

_ENTRY = re.compile(
    r"enrol|recruit|random|assigned|allocated|accru|treated|reviewed|underwent|undergone|"
    r"eligible|included|diagnosed|"
    r"collected|admitted|received|registered|identified|entered|inclusion|entry|patients\b|"
    r"hospitali|surgery|resect|consecutive|transplant",
    re.IGNORECASE,
)
_NO_ENTRY = re.compile(
    r"\bsearch|published|literature|database\s+was\s+searched|PubMed|\bversion\b|approved|"
    r"registered\s+(?:at|with|on)|updated\s+in",
    re.IGNORECASE,
)
_CUTOFF = re.compile(
    r"data\s+cut(?:s|[\s-]?offs?)?|cut[\s-]?off(?:\s+date)?|"
    r"followed?(?:[\s-]up)?\s+(?:was\s+|were\s+)?(?:until|to|through|till|up\s+to)|"
    r"follow[\s-]up\s+(?:\w+\s+){0,3}(?:ended|closed|completed|until|to|through|till|"
    r"up\s+to|on)|censored\s+(?:on|at|as\s+of)|"
    r"last\s+follow[\s-]?up|database\s+(?:lock|closure|was\s+locked)|"
    r"end\s+of\s+(?:the\s+)?(?:follow|study)|data\s+lock|"
    r"(?:as\s+of|analysis\s+date|study\s+(?:closed|ended))|were\s+followed\s+until|"
    r"followed\s+up\s+until",
    re.IGNORECASE,
)


def dates(found: Iterable[Scope]) -> list[Finding]:
    """Return first and last entry and the end of follow-up, each as a finding.

    Parameters
    ----------
    found : iterable of Scope
        The sentences. Those on other studies, and on interim analyses, are left out.
    """
    entries: list[Finding] = []
    ends: list[Finding] = []
    for scope in found:
        silent = scope.sentence.section in ("background", "discussion", "references")
        if scope.why in ("another study", "planned") or (silent and not scope.results):
            continue
        if scope.why != "subgroup" or not silent:
            entries += _entry(scope)
        if scope.why != "interim":
            ends += _cutoff(scope)
    entries, ends = ([f for f in found if _exists(f.text)] for found in (entries, ends))
    return [*(entries[:2] if len(entries) > 1 else []), *ends[-1:]]


def _exists(text: str) -> bool:
    """Say whether the calendar has a date."""
    try:
        date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return False
    return True


def _entry(scope: Scope) -> list[Finding]:
    """Read "between March 2009 and December 2019"; a year that is written once holds for both."""
    text = scope.sentence.text
    marks = list(DATE.finditer(text))
    if _NO_ENTRY.search(text):
        return []
    for first, last in itertools.pairwise(marks):
        between = text[first.end() : last.start()]
        before = text[: first.start()]
        if not re.fullmatch(
            r"\s*,?\s*(?:and|to|through|until|till|-|/)\s*(?:the\s+end\s+of\s+)?", between
        ):
            names_both = "first" in before.lower() and "last" in between.lower()
            if not names_both:
                continue
        if not _ENTRY.search(text) or _CUTOFF.search(before[-30:]):
            continue
        start, end = iso_date(first), iso_date(last)
        if start[:7] <= end[:7]:
            return [
                Finding("first entry", start, scope.sentence),
                Finding("last entry", end, scope.sentence),
            ]
    return _shared_year(scope, marks)


def _shared_year(scope: Scope, marks: list[re.Match[str]]) -> list[Finding]:
    text = scope.sentence.text
    if not marks or not marks[0]["y1"] or not _ENTRY.search(text):
        return []
    before = re.search(
        rf"\b(?:from|between)\s+(?:(?P<d>{DAY})\s+)?(?P<m>{MONTH})\s+(?:and|to|through|-)\s*$",
        text[: marks[0].start()],
        re.IGNORECASE,
    )
    if before is None or before["d"]:
        return []
    start, end = f"{marks[0]['y1']}-{month_number(before['m']):02d}", iso_date(marks[0])
    if start > end:
        return []
    return [
        Finding("first entry", start, scope.sentence),
        Finding("last entry", end, scope.sentence),
    ]


def _cutoff(scope: Scope) -> list[Finding]:
    text = scope.sentence.text
    for cue in _CUTOFF.finditer(text):
        mark = DATE.search(text, cue.end())
        between = text[cue.end() : mark.start()] if mark else ""
        far = len(between) >= 60 or re.search(r"[.;]\s|\bfrom\b|\bbetween\b", between)
        if mark and not far:
            return [Finding("data_cutoff", iso_date(mark), scope.sentence)]
    return []


_ALIVE = re.compile(r"\b(?:alive|surviv(?:ors|ing)|censored|living)\b", re.IGNORECASE)
_ARE_ALIVE = re.compile(r"\b(?:are|were|remain(?:ed)?)\s+alive\b[^.;]*$", re.IGNORECASE)
"""What stands before the 41 of "7 patients are alive with a median follow-up of 41 months"."""
_OTHER_CLAUSE = re.compile(
    r",\s+(?!and\b|versus\b|vs\b|compared\b|respectively\b|in\b|for\b|with\b|whereas\b|while\b)[A-Za-z]{3,}\s+[A-Za-z]{3,}"
)
_ASIDES = re.compile(r"[(\[][^()\[\]]*[)\]]")
_OF_ALL = re.compile(
    r"\s*(?:[(\[][^()]*[)\]]\s*)?(?:for|in|of)\s+(?:all|the\s+(?:entire|whole))\b", re.IGNORECASE
)
"""What stands behind the 33.0 of "33.0 months for all patients and 40.6 months for those alive"."""


@dataclass
class FollowUpReader(RatioReader):
    """Reads the follow-up of one sentence, and the comparisons."""

    order_said: list[int] = field(default_factory=list)

    def order(self) -> list[int]:
        """Return the arms in the order in which numbers without a name are listed."""
        if not self.arms.arms:
            return [0]
        if self.scope.sentence.row:
            return self.context.columns if len(self.context.columns) == len(self.arms.arms) else []
        if said := self._named_last() or self.order_said or self.subject_first():
            return said
        named = {a.index for a in self.row if a.kind == "A"}
        half = 0 < len(named) < len(self.arms.arms) and unknown_named(self.row, self.text)
        if half or self.context.order_lost:
            return []
        last = self.context.named_last or self.usual
        return self.context.order or (self.usual if last == self.usual else [])

    def note_said(self, part: list[Atom]) -> None:
        """Remember the order in which a statement of the sentence names the arms.

        "OS was longer with B than with A (HR 0.77; median, 50 vs 35 months)": B is first, whatever
        the sentences before have said.
        """
        end = next((i for i, a in enumerate(part) if a.kind == "h"), len(part))
        seen = list(dict.fromkeys(a.index for a in part[:end] if a.kind == "A"))
        if len(seen) == len(self.arms.arms) > 1 and not self.scope.sentence.row:
            self.order_said = seen

    def subject_first(self) -> list[int]:
        """Return the arms of "The A group had better survival (38% v 29%), with ... in B"."""
        first = next((i for i, a in enumerate(self.row) if a.kind == "V"), 0)
        head = self.row[:first]
        ahead = {a.index for a in head if a.kind == "A"}
        if len(self.arms.arms) != 2 or len(ahead) != 1 or head[0].kind != "A":
            return []
        fared = (
            atom.kind == "E" and COMPARATIVE.search(self.text, before.end, atom.start)
            for before, atom in itertools.pairwise(self.row)
        )  # and not "The A group was treated for longer (8 v 6 months), survival was 38% v 29%"
        if not any(fared):
            return []
        (one,) = ahead
        return [one, 1 - one]

    def _named_last(self) -> list[int]:
        """Return the arms of "DFS was 93% v 92%, and OS 95% v 94% with A and B, respectively"."""
        number = len(self.arms.arms)
        said = [a for a in self.row if a.kind in "AVr"]
        kinds = "".join(a.kind for a in said)
        last = [a.index for a in said[-number - 1 : -1]]
        alone = kinds.endswith("A" * number + "r") and kinds.count("A") == len(set(last)) == number
        return last if alone else []

    def follow_up(self, part: list[Atom]) -> Iterator[Finding]:
        """Yield the median follow-up, of each arm or of all patients, and its spread."""
        labels = [a for a in part if a.kind in "Asr" or (a.kind == "V" and a.unit in DAYS_PER)]
        spreads = {a.start: a for a in part if a.kind == "I"}
        kinds = [a.level for a in labels if a.level in ("iqr", "range")]
        if kinds:  # "22.4 months (IQR, 15.6-72.6) and 24.8 months (18.2-68.5)"
            labels = [replace(a, level=kinds[0]) if a.level == "95?" else a for a in labels]
        labels = self._own_clause(labels)
        values = [a for a in labels if a.kind == "V"]
        named = any(a.kind == "A" for a in labels)
        if len(values) > 1 and not named and _ALIVE.search(self.text):
            values = [a for a in values if _OF_ALL.match(self.text[a.end :])]
            if len(values) != 1:
                return  # of all patients, and of those alive
        if values and _ARE_ALIVE.search(self.text[: values[0].start]):
            return
        if len(values) == 1 and not named:
            early = self.scope.cohort in ("", "unmatched")
            early |= _OF_ALL.match(self.text[values[0].end :]) is not None
            flag = BEFORE_MATCHING if early else ""
            yield self.make("follow_up", values[0], flag=flag, endpoints=self._whose_results())
            for extra in spreads.values():
                yield self.make(
                    "follow_up",
                    replace(values[0], interval=extra.interval, level=extra.level),
                    flag="spread only",
                )
            return
        for placed in aligned(labels, values="V", order=self.order() if len(values) > 1 else []):
            if placed.arm is not None:
                flag = BEFORE_MATCHING if self.scope.cohort in ("", "unmatched") else ""
                yield self.make("follow_up", placed.value, arm=placed.arm, flag=flag)

    def _own_clause(self, labels: list[Atom]) -> list[Atom]:
        """Leave out the arms of "with a median follow-up of 12 years, only A improved survival"."""
        first = next((a for a in labels if a.kind == "V"), None)
        later = next((a for a in labels if a.kind in "AV" and first and a.start > first.end), None)
        if first and later and later.kind == "V":
            between = _ASIDES.sub("", self.text[first.end : later.start])
            if _OTHER_CLAUSE.search(between):
                return [a for a in labels if a.start < later.start]
        arms = [a for a in labels if a.kind == "A"]
        if first is None or not arms or arms[0].start < first.end:
            return labels
        between = _ASIDES.sub("", self.text[first.end : arms[0].start])
        if "," not in between or re.search(
            r"\d|\b(?:in|for|with|among|of|on|after)\s+(?:the\s+)?$", between
        ):
            return labels
        return [a for a in labels if a.start < arms[0].start]

    def below_heads(self) -> bool:
        """Say whether this is the row of an arm below the heads "Events, Median (95% CI)"."""
        own = "".join(a.kind for a in self.row)
        return self.scope.sentence.row and self.context.heads == "DM" and own == "AqV"

    def events_and_median(self) -> Iterator[Finding]:
        """Yield what such a row says of its arm."""
        arm, count, middle = self.row
        if self.context.endpoint is None or not count.text.isdigit():
            return
        of = self.context.endpoint
        yield self.make("events", count, endpoints=of.names, arm=arm.index, interval=None)
        yield self.make("median", middle, endpoints=of.names, label=of.label, arm=arm.index, rank=1)

    def _whose_results(self) -> tuple[str, ...]:
        """Return the endpoint of "OS results are of a median follow-up of 33.6 months"."""
        head = next((a for a in self.row if a.kind in "EFM"), None)
        told = head and re.match(r"\s+(?:results|data|analys[ei]s)\b", self.text[head.end :])
        return head.names if head and told and head.kind == "E" else ()


_HEAD = re.compile(
    r"(?:No\.?|Nos\.?|Numbers?|Patients|n)\s*(?:of\s+patients\s+)?at[\s-]risk", re.IGNORECASE
)
_IN_WORDS = re.compile(
    r"\b(?:were|was|remained|are|still)\s+(?:still\s+|all\s+)?at\s+risk\b(?!\s+(?:of|for))",
    re.IGNORECASE,
)
_AXIS = re.compile(r"\b(days|weeks|months|mo|years|yr)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:\d+(?:\.\d+)?\s+){2,}\d+(?:\.\d+)?")


def numbers_at_risk(found: Sequence[Scope], arms: TextArms) -> Iterator[Finding]:
    """Yield the numbers at risk, each with its arm and time.

    Parameters
    ----------
    found : sequence of Scope
        The sentences; a table's lines are rows.
    arms : TextArms
        The arms of the text. A line that names none is left out, unless there is one arm.
    """
    rows = [atoms(scope.sentence.text, arms) for scope in found]
    letters = panels(found, rows)
    endpoint: Atom | None = None
    for place, (scope, row) in enumerate(zip(found, rows, strict=True)):
        text = scope.sentence.text
        if letter := re.fullmatch(r"\(?(?:Panel\s+)?([A-Fa-f])[).:]?", text):
            endpoint = letters.get(letter[1].upper(), endpoint)
        elif heads := [a for a in row if a.kind == "E"]:
            endpoint = heads[-1] if scope.sentence.row or endpoint is None else endpoint
        if _HEAD.search(text) and endpoint is not None:
            yield from _table(found, place, endpoint, arms)
        elif _IN_WORDS.search(text) and scope.results:
            before = [*(rows[place - 1] if place else ()), *row]
            if own := [a for a in before if a.kind == "E"]:
                yield from _in_words(scope, row, own[-1], arms)


def _in_words(
    scope: Scope, row: Sequence[Atom], endpoint: Atom, arms: TextArms
) -> Iterator[Finding]:
    """Read "at 24 months, 214 patients in the A group and 198 in the B group were at risk"."""
    if any(a.kind in "VhDO" for a in row):
        return
    items = [
        replace(a, kind="C") if a.kind == "q" and a.text.isdigit() else a
        for a in row
        if a.kind in "ACTqs" and not (a.kind == "C" and a.of)
    ]
    usual = list(range(len(arms.arms))) or [0]
    for placed in aligned(items, values="C", order=usual, text=scope.sentence.text):
        if placed.time is None or (placed.arm is None and arms.arms):
            return
        yield Finding(
            "at_risk",
            placed.value.text,
            scope.sentence,
            endpoints=endpoint.names,
            label=endpoint.label,
            arm=placed.arm or 0,
            time=(float(placed.time.text), placed.time.unit),
            cohort=scope.cohort,
        )


def _table(found: Sequence[Scope], place: int, endpoint: Atom, arms: TextArms) -> Iterator[Finding]:
    """Read the lines after "No. at risk"; the times are before it, after it or beside it."""
    near = [found[i].sentence.text for i in range(max(0, place - 3), min(len(found), place + 3))]
    unit = next((UNITS[m[1].lower()] for text in near if (m := _AXIS.search(text))), "")
    times = _times(found, place)
    if not (unit and times):
        return
    after = found[place + 1 :]
    if after and _line(after[0].sentence.text)[1] == [float(t) for t in times]:
        after = after[1:]
    for scope in after[: max(len(arms.arms), 1) + 1]:
        label, counts = _line(scope.sentence.text)
        if len(counts) != len(times) or any(b > a for a, b in itertools.pairwise(counts)):
            return
        names = [a for a in atoms(label, arms) if a.kind == "A"]
        if arms.arms and len(names) != 1:
            return
        arm = names[0].index if names else 0
        for time, count in zip(times, counts, strict=True):
            yield Finding(
                "at_risk",
                f"{count:.0f}",
                scope.sentence,
                endpoints=endpoint.names,
                label=endpoint.label,
                arm=arm,
                time=(time, unit),
                cohort=scope.cohort,
            )


def _line(text: str) -> tuple[str, list[float]]:
    """Part a line into its label and its numbers."""
    found = _NUMBERS.search(text)
    if found is None:
        return text, []
    return text[: found.start()], [float(number) for number in found[0].split()]


def _times(found: Sequence[Scope], place: int) -> list[float]:
    """Return the increasing numbers from 0 around the head of the table."""
    for step in (0, -1, -2, 1):
        if 0 <= place + step < len(found):
            _, numbers = _line(found[place + step].sentence.text)
            rises = all(b > a for a, b in itertools.pairwise(numbers))
            if len(numbers) >= 3 and numbers[0] == 0 and rises:
                return numbers
    return []
