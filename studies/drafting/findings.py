"""What sentences report: numbers with their endpoint, arm and time, and the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..endpoint import DAYS_PER
from .arms import TextArms
from .atoms import atoms, goes_on, speaks_on
from .endpoints import UNSAID
from .event_counts import EventReader, without_defining
from .finding import (
    Context,
    Finding,
    behind_iqr,
    enter,
    note_columns,
    note_order,
    note_unread,
    panels,
    speaks_of_medians,
    survival_of,
    usual_order,
)
from .grammar import aligned, endpoints_first, events_by_kind
from .others import doubts
from .scope import Scope
from .sides import behind_than
from .statements import (
    as_mortality,
    counted_event,
    direction_only,
    had_died,
    in_units,
    is_difference,
    row_text,
    shares_alive,
    statements,
    topic,
    with_fractions,
    without_ratios,
)
from .value_arms import (
    of_each,
    otherwise_named,
    unknown_label,
    unknown_named,
    with_change,
    with_labels,
    without_sizes,
)
from .vocabulary import Atom

__all__ = ["findings"]

_OCCURRED = re.compile(
    r"\bmortality\s+(?:had\s+)?(?:occurred|(?:was|were)\s+(?:observed|recorded|seen))\s+in\b",
    re.IGNORECASE,
)
"""What counts deaths: "all-cause mortality occurred in 54 of 410 patients"."""
_ESTIMATED = re.compile(
    r"Kaplan|actuarial|product-limit|\b(?:rates?|risks?|probabilit(?:y|ies)|percentages?|proportions?)\s+of\s+(?:all-cause\s+)?"
    r"deaths?(?:\s+from\s+any\s+cause)?\s+(?:at|by|was|were)\b",
    re.IGNORECASE,
)
"""What makes a share with an event by a time the complement of survival: of death it is enough to
be a rate; of other events, which may compete with death, the estimate must be named."""
_COMPARATIVE = re.compile(
    r"\b(?:longer|shorter|better|worse|higher|lower|superior|inferior|greater|"
    r"improved|prolonged)\b[^.;(]{0,60}(?:\((?:[A-Z]{2,5}; )?)?[^.;()]{0,20}$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:^|[,;:]\s*)(?:when\s+|as\s+)?(?:compared|relative|in\s+comparison|"
    r"as\s+opposed)\s+(?:with|to)\s+(?:the\s+)?(?:\d{1,6}\s+)?"
    r"(?:(?:patients|those|women|men|children)\s+(?:(?:who\s+)?\w+\s+(?:with\s+)?)?(?:the\s+|an?\s+)?)?$",
    re.IGNORECASE,
)


def findings(found: list[Scope], arms: TextArms) -> Iterator[Finding]:
    """Read every sentence that reports results.

    Parameters
    ----------
    found : list of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    rows = [atoms(row_text(scope.sentence), arms) for scope in found]
    order = usual_order(rows)
    context = Context(panels=panels(found, rows), medians=speaks_of_medians(found))
    whom = doubts(found, arms)
    for scope, row in zip(found, rows, strict=True):
        enter(context, scope.sentence)
        if not scope.results and not direction_only(row):
            context.endpoint = None if scope.why else context.endpoint
            whom.leave_out(scope)
            continue
        told = without_defining(without_sizes(row, scope.sentence.text), scope.sentence.text)
        reader = _Reader(scope, told, arms, context, order, doubted=whom.of(scope, row))
        context.just_timed, context.timed = context.timed, False
        read = [finding for finding in reader.read() if finding.endpoints != (UNSAID,)]
        yield from read
        if unknown_named(row, scope.sentence.text) or context.order_lost:
            note_unread(context, row, read, len(arms.arms))
        note_columns(context, scope.sentence, row)
        note_order(context, row, len(arms.arms))
        if said := reader.subject_first():
            context.order = context.named_last = said


@dataclass
class _Reader(EventReader):
    """Reads one sentence; `of_medians` once it has said that its times are medians."""

    of_medians: bool = False

    def read(self) -> Iterator[Finding]:
        """Yield what the sentence reports."""
        if self.below_heads():
            yield from self.events_and_median()
            return
        before: list[Atom] = []
        endpoint: list[Atom] = []
        row = in_units(self.row, self.text, is_row=self.scope.sentence.row)
        for number, part in enumerate(statements(events_by_kind(endpoints_first(row, self.text)))):
            about = topic(part)
            self.of_medians |= about != "F" and any(
                a.flag == "median" for a in part if a.kind == "M"
            )
            if about == "O" and is_difference(part):
                continue  # "; absolute difference 2.5 points, HR 0.74"
            if about == "O":
                before, endpoint = [], []
                self.context.endpoint = (
                    None if not self.scope.sentence.row else self.context.endpoint
                )
                continue
            part = self._reordered(self._carried(part, [*endpoint, *before], number, about))
            part = with_labels(self._with_unit_beside(part), self.text)
            part = with_change(part, self.text, self.arms)
            yield from self._statement(part, about)
            self.note_said(part)
            before = part
            self.event = () if any(a.kind == "E" for a in part) else counted_event(part)
            self.event_words = next((a.text for a in reversed(part) if a.kind == "D"), "")
            endpoint = [a for a in part if a.kind == "E"][-1:] or endpoint
            if (last := [a for a in part if a.kind == "E"]) and not self.scope.sentence.row:
                self.context.endpoint = last[-1]

    def _reordered(self, part: list[Atom]) -> list[Atom]:
        """Put the arm of "Compared with X, ..." behind the one that is compared with it."""
        first = next((i for i, a in enumerate(part) if self._is_value(a, part[i + 1 :])), len(part))
        arms = [i for i, a in enumerate(part[:first]) if a.kind == "A"]
        if len(arms) == 2 and _COMPARED.search(self.text[: part[arms[0]].start]):
            swapped = list(part)
            swapped[arms[0]], swapped[arms[1]] = part[arms[1]], part[arms[0]]
            return swapped
        return self._with_other_arm(part, first, arms)

    @staticmethod
    def _is_value(atom: Atom, behind: Sequence[Atom]) -> bool:
        """Say whether a number is no count before its arm: "compared with the 68 controls"."""
        of_arm = atom.text.isdigit() and atom.kind in "Cq" and behind and behind[0].kind == "A"
        return atom.kind in "VCq" and not of_arm

    def _with_other_arm(self, part: list[Atom], first: int, arms: list[int]) -> list[Atom]:
        """Read "longer in the A group (8.4 versus 4.9 months)" as of A, then of the other."""
        if len(arms) != 1 or len(self.arms.arms) != 2:
            return part
        versus = "".join(a.kind for a in part[first : first + 3])
        later = any(a.kind == "A" for a in part[first:])
        said = versus == "VsV" and not later and part[first].depth
        if not (said and _COMPARATIVE.search(self.text[: part[first].start])):
            return part
        named = part[arms[0]]
        other = replace(named, index=1 - named.index)
        if behind_than(self.text[: named.start]):  # "longer than with A (8.4 versus 4.9)"
            at = arms[0]
            return [*part[:at], other, *part[at + 1 : first + 2], named, *part[first + 2 :]]
        return [*part[: first + 2], other, *part[first + 2 :]]

    def _carried(self, part: list[Atom], before: list[Atom], number: int, about: str) -> list[Atom]:
        """Add the endpoint and the arm that a statement goes on with."""
        ratio = next((a for a in before if a.kind == "h"), None)
        if ratio and number and not any(a.kind in "hVEC" for a in part):
            at = next((i for i, a in enumerate(part) if a.kind == "q" and a.interval), None)
            if at is not None:
                part = [*part[:at], ratio, *part[at:]]
        if number == 0 and self.scope.sentence.row and part[0].kind == "h" and self.context.beside:
            part = [self.context.beside, *part]  # "HR (95% CI)" below "Median PFS, months"
        unnamed = about == "D" and number and not any(a.names for a in part if a.kind == "D")
        if (about in ("", "M") or unnamed) and not any(a.kind == "E" for a in part):
            earlier = [a for a in before if a.kind == "E"]
            if earlier and number:
                part = [earlier[-1], *part]
            elif (number == 0 and self.context.endpoint and self._goes_on(part)) or (
                number and self.context.endpoint and self.context.in_rows
            ):
                part = [self.context.endpoint, *part]
        if not any(a.kind == "A" for a in part) and any(a.kind in "VC" for a in part):
            first = [a for a in before if a.kind == "A"]
            both = "VsV" in "".join(a.kind for a in part)  # "; 5-year RFS, 33.9% vs 51.2%"
            goes_on = self.row[0].kind == "A" or self._in_one_bracket(before, part)
            if len({a.index for a in first}) == 1 and goes_on and not both:
                part = [first[0], *part]
        return part

    def _in_one_bracket(self, before: list[Atom], part: list[Atom]) -> bool:
        """Say whether two statements stand in one bracket: "in A (OS: 65.2%, DFS: 61.0%)"."""
        last = next((a for a in reversed(before) if a.kind == "V"), None)
        if last is None or not (last.depth and part[0].depth):
            return False
        return not set("()[]") & set(self.text[last.end : part[0].start])

    def _goes_on(self, part: list[Atom]) -> bool:
        """Say whether a sentence without an endpoint is still about the one before."""
        in_rows = self.scope.sentence.row or self.context.in_rows
        return in_rows or goes_on(self.text, part, self.row)

    def _with_unit_beside(self, part: list[Atom]) -> list[Atom]:
        """Read "mOS (mo) was 7.9/8.8/6.7"."""
        kinds = {a.kind for a in part}
        named = re.search(r"[(,]\s*(mos?|months|weeks|wks|years)\s*[),]", self.text)
        if not (named and {"M", "E", "q"} <= kinds) or kinds & {"V", "h", "T"}:
            return part
        unit = {"m": "months", "w": "weeks", "y": "years"}[named[1][0]]
        return [replace(a, kind="V", unit=unit) if a.kind == "q" else a for a in part]

    def _statement(self, part: list[Atom], about: str) -> Iterator[Finding]:
        yield from self.ratios(part)
        if not self.arms.arms and any(a.kind == "h" for a in part):
            return  # "with B it was 8.0 months (HR vs C 0.78)", of arms that were not found
        values = without_ratios(part)
        middle = next((a.flag for a in part if a.kind == "M"), "")
        if about == "F":
            if middle == "median":
                yield from self.follow_up(values)
            return
        percent = any(a.kind == "V" and a.unit == "percent" for a in values)
        said = any(a.kind == "T" for a in part)
        at_a_time = said or (percent and self._one_time_before())
        estimated = _ESTIMATED.search(self.text) or had_died(values, self.text)
        if about == "D" and at_a_time and estimated:
            values = values if said else [*self.context.times, *values]
            yield from self._survival([as_mortality(a) for a in values if a.kind != "C"])
            return
        if about == "D" or (
            any(a.kind == "C" for a in values)
            and (any(a.kind == "D" for a in part) or _OCCURRED.search(self.text))
        ):
            yield from self.events(values)
            return
        if not middle and not any(a.kind == "T" for a in part):
            timed = [a for a in values if a.kind == "V" and a.unit in DAYS_PER]
            sure = (
                self.context.medians
                or self.of_medians
                or any(a.interval and a.level == "95" for a in timed)
            )
            middle = "median" if timed and sure else ""
            if timed and not sure:
                yield from self._unclear(part, timed)
            self.context.medians = self.context.medians or bool(middle)
        if middle and any(a.kind == "V" and a.unit != "percent" for a in values):
            yield from self._times(values, middle)
        else:
            yield from self._survival(values)
        yield from self.p_values(part)

    def _unclear(self, part: list[Atom], timed: list[Atom]) -> Iterator[Finding]:
        """Keep "survival was better (22.7 vs. 13.2 months, P = 0.018)" as a question."""
        named = [a for a in part if a.kind == "E" and a.end <= timed[0].start]
        if not named or {"bare", "state"} & set(named[-1].flag.split()):
            return
        p = next((a.text for a in part if a.kind == "P"), "")
        said = " and ".join(a.text for a in timed) + f" {timed[-1].unit}"
        said += f" (p {p if p[:1] in '<>' else f'= {p}'})" if p else ""
        yield self.make("unclear", replace(timed[0], text=said), endpoints=named[-1].names)

    def _one_time_before(self) -> bool:
        """Say whether the sentence before reports survival at one time only."""
        return self.context.just_timed and len(self.context.times) == 1

    def _times(self, part: list[Atom], middle: str) -> Iterator[Finding]:
        items = [
            a for a in part if a.kind in "AEs" or (a.kind == "V" and a.unit in (*DAYS_PER, "NR"))
        ]
        if not any(a.kind == "E" for a in items):
            return
        units = {a.unit for a in items if a.kind == "V" and a.unit != "NR"}
        if self._unknown_arms(part):
            return
        self._keep_order(items)
        spread = any(a.level in ("iqr", "range") for a in items)
        values = [a for a in items if a.kind == "V"]
        if len(values) == 1 and values[0].unit == "NR" and any(a.kind == "B" for a in part):
            yield from self._not_reached_anywhere(values[0], items, middle)
            return
        found = of_each(part, items, self.text, len(self.arms.arms)) or aligned(
            items, values="V", order=self.order(), text=self.text
        )
        rank = int(len({placed.arm for placed in found}) > 1)  # before a number of one arm alone
        for placed in found:
            if placed.endpoint is None or (placed.arm is None and self.arms.arms):
                continue
            value = placed.value
            if value.unit == "NR" and len(units) == 1:
                value = replace(value, unit=next(iter(units)))
            unsure = spread or behind_iqr(self.row, value, self.context)
            if value.level in ("iqr", "range") or (unsure and value.level == "95?"):
                value = replace(value, interval=None)
            yield self.make(
                middle,
                value,
                endpoints=placed.endpoint.names,
                label=placed.endpoint.label,
                arm=placed.arm or 0,
                dealt=placed.dealt,
                flag=placed.endpoint.flag,
                rank=rank,
            )

    def _not_reached_anywhere(
        self, value: Atom, items: Sequence[Atom], middle: str
    ) -> Iterator[Finding]:
        """Read "medians were not reached in either group"."""
        endpoint = next(a for a in items if a.kind == "E")
        for arm in range(len(self.arms.arms)):
            yield self.make(middle, value, endpoints=endpoint.names, label=endpoint.label, arm=arm)

    def _survival(self, part: list[Atom]) -> Iterator[Finding]:
        part = with_fractions(shares_alive(part, self.text))
        items = [a for a in part if a.kind in "ATEs" or (a.kind == "V" and a.unit == "percent")]
        if not any(a.kind == "E" for a in items) or not any(a.kind == "V" for a in items):
            return
        own = [a for a in items if a.kind == "T"]
        times = self.context.times if not own and self._same_times(items) else []
        if not (own or times) or self._unknown_arms(part):
            return
        self._keep_order(items)
        found = of_each(part, items, self.text, len(self.arms.arms)) or aligned(
            items, values="V", order=self.order(), times=times, text=self.text
        )
        rank = int(len({placed.arm for placed in found}) > 1)
        for placed in found:
            if (
                placed.endpoint is None
                or placed.time is None
                or (placed.arm is None and self.arms.arms)
            ):
                continue
            made = survival_of(placed.value, placed.endpoint, placed.time)
            if made is not None:
                yield self.make(
                    "survival",
                    made,
                    endpoints=placed.endpoint.names,
                    label=placed.endpoint.label,
                    arm=placed.arm or 0,
                    dealt=placed.dealt,
                    time=(float(placed.time.text), placed.time.unit),
                    flag=placed.endpoint.flag,
                    rank=rank,
                )
        self.context.timed |= bool(own and found)
        if own:
            self.context.times = list({(a.text, a.unit): a for a in own}.values())

    def _told(self, items: Sequence[Atom]) -> bool:
        """Say whether a sentence is more than "Relapse-free survival was 58% and 55%"."""
        kinds = {a.kind for a in self.row} - set("EVrPIsxB;")
        return bool(kinds) or self.row[0].kind != "E" or self.row[0].start > 4 or not items

    def _unknown_arms(self, part: list[Atom]) -> bool:
        """Say whether a statement compares arms that the text was not found to have."""
        said = part[:-1] if part and part[-1].text.lower() in ("whereas", "while") else part
        if self.arms.arms and not any(a.kind == "A" for a in part):
            return otherwise_named(part, self.text)
        if self.arms.arms and unknown_label(part, self.text):
            return True
        return not self.arms.arms and any(a.kind in "sh" for a in said)

    def _same_times(self, items: Sequence[Atom]) -> bool:
        # "Graft survival was 89.1%, 84.0%, 80.2% and 85.5%, 78.0%, 73.2%, respectively"
        several = len(self.context.times) > 1 or (self.context.just_timed and not self._told(items))
        number = len(self.context.times) * len(self.order())
        listed = several and sum(a.kind == "V" for a in items) == number
        return listed or speaks_on(self.text) or any(a.kind == "T" for a in self.row)

    def _keep_order(self, items: Sequence[Atom]) -> None:
        seen = list(dict.fromkeys(a.index for a in items if a.kind == "A"))
        if len(seen) == len(self.arms.arms) and seen:
            self.context.order = seen
