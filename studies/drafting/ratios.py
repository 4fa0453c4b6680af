"""Hazard ratios and p-values, with the endpoint and the arms that they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .arms import TextArms
from .finding import OF_WHOM, Context, Finding
from .others import Other, doubt_at
from .ratio_pairs import (
    against_one,
    dealt_to_each,
    each_with_one,
    just_named,
    named_in,
    of_another_death,
    of_something_else,
    pairs_with_one,
    reference_ahead,
    set_against,
)  # fmt: skip
from .scope import Scope
from .sides import arms_of, better_arm, two_sides, versus
from .vocabulary import MARGINAL_P, Atom, is_covariate

__all__ = ["RatioReader"]

_REFERENCE = re.compile(r"\s+(?:group\s+|arm\s+)?as\s+(?:the\s+)?reference", re.IGNORECASE)
_THEN_ADJUSTED = re.compile(
    r"\s*(?:[(\[][^()\[\]]{0,80}[)\]]\s*)?,?\s*(?:when\s+adjust|after\s+(?:[\w-]+\s+)?(?:adjust|controlling)|"
    r"in\s+(?:the\s+)?(?:adjusted|multivaria))",
    re.IGNORECASE,
)


@dataclass
class RatioReader:
    """Reads the comparisons of one sentence."""

    scope: Scope
    row: Sequence[Atom]
    arms: TextArms
    context: Context
    usual: list[int]
    event_words: str = ""
    doubted: Sequence[Other] = ()  # what the sentence says of somebody else
    event: tuple[str, ...] = ()  # that the statement before counts: "228 died (98 vs 130; HR 0.70)"

    @property
    def text(self) -> str:
        """The sentence."""
        return self.scope.sentence.text

    def make(self, slot: str, atom: Atom, **options: object) -> Finding:
        """Return a finding of this sentence."""
        cohort = self.scope.said if slot == "follow_up" else self.scope.cohort
        level = "95" if atom.level == "95?" else atom.level.removeprefix("stratified")
        made = Finding(
            slot,
            atom.text,
            self.scope.sentence,
            interval=atom.interval,
            level=level,
            cohort=cohort,
            unit=atom.unit,
            stratified=atom.level == "stratified",
            doubt=doubt_at(self.doubted, atom.start, follow_up=slot == "follow_up"),
        )
        return replace(made, **options)  # type: ignore[arg-type]

    def ratios(self, part: list[Atom]) -> Iterator[Finding]:
        """Yield the hazard ratios of a statement, each with its p-value."""
        heads = [i for i, a in enumerate(part) if a.kind == "h"]
        if [a.kind for a in part] == ["A", "s", "A"] and re.search(r"\bCox\b|hazard", self.text):
            pair = (part[0].index, part[2].index)
            yield self.make("direction", replace(part[0], text=""), pair=pair)
        if heads:
            self.context.ratio_seen = True
        covariates = is_covariate(self.text)
        for place, head in enumerate(heads):
            end = heads[place + 1] if place + 1 < len(heads) else len(part)
            before = part[heads[place - 1] if place else 0 : head]
            other = of_something_else(part[:head], part[head], self.text)
            if not other and (not covariates or any(a.kind == "A" for a in before)):
                yield from self._ratio(part, head, end)
        if covariates:
            return
        if not heads and self.context.ratio_seen:
            yield from self._unnamed_ratio(part)

    def _ratio(self, part: list[Atom], head: int, end: int) -> Iterator[Finding]:
        numbers = [i for i in range(head + 1, end) if _is_ratio_number(part[i], self.text)]
        names = dealt_to_each(part, head) or self._names(part, head, end)
        if not numbers:
            columns = any(a.kind == "n" for a in part)  # of a table are in any order
            if not columns and (pair := self._pair(part, head, end, end)):
                yield self.make("direction", replace(part[head], text=""), pair=pair, endpoints=())
            return
        if part[head].flag == "other" or not names or of_another_death(part[head : numbers[0]]):
            return
        names = list(dict.fromkeys(names))
        if len(names) < len(numbers) == 2:
            said = named_in(self.text[part[head].start : part[numbers[0]].start])
            names = said if len(said) == 2 else names
        if len(names) == 1 and len(numbers) == 2 and self._adjusted_after(part[numbers[1]]):
            numbers = numbers[:1]  # "0.76 (0.72-0.80), and 0.79 (0.75-0.84) after adjustment"
        if len(names) == 1 and len(numbers) > 1:
            yield from self._several_ratios(part, head, numbers, names[0], end)
            return
        if len(numbers) == 1:
            names = names[-1:]
        if len(names) != len(numbers):
            return
        for name, at in zip(names, numbers, strict=True):
            yield from self._one_ratio(part, (head, at, end), name)

    def _one_ratio(
        self, part: list[Atom], place: tuple[int, int, int], name: tuple[str, ...]
    ) -> Iterator[Finding]:
        """Yield a hazard ratio that stands at the second place, after its words, and its p."""
        head, at, end = place
        pair = self._pair(part, head, at, end)
        sides = self._sides(part, head) if pair is None else None
        two = pair is None and len(self.arms.arms) == 2
        told = pair is not None or sum(a.kind == "V" for a in part[:head]) > 1
        flag = part[head].flag or self._review(part[head])
        divided = self.scope.cohort in ("matched", "weighted", "unmatched")
        if flag == "adjusted" and divided and not self.scope.said:
            model = re.search(r"multivaria", self.text, re.IGNORECASE)
            flag = OF_WHOM if model or is_covariate(self.text) else flag
        yield self.make(
            "hazard_ratio",
            part[at],
            endpoints=name,
            label=self._composite(part[:head], name),
            flag=flag,
            pair=pair,
            sides=sides,
            better=better_arm(part, head, self.text) if two else None,
            against=set_against(self.row, self.text) if two else None,
            stratified=part[head].label == "stratified",
            rank=3 if told else 2,
        )
        if len(self.arms.arms) > 2 and pair is None and sides is None:
            return  # its p is none of all three arms
        for p in self._p_after(part, at, name, pair, flag):
            yield replace(p, sides=sides)

    def _adjusted_after(self, atom: Atom) -> bool:
        """Say whether a number is that of an adjusted analysis, as the words after it say."""
        return _THEN_ADJUSTED.match(self.text[atom.end :]) is not None

    def _names(self, part: list[Atom], head: int, end: int) -> list[tuple[str, ...]]:
        """Return the endpoints that a hazard ratio may be of, those beside it first."""
        if part[head].names:
            return [part[head].names]
        composite = part[head].of == "composite"
        for atoms in (part[:head], part[head:end]):
            found = [a.names for a in atoms if a.kind == "E"]
            if found := [names for names in found if not composite or names != ("OS",)]:
                return found
        if composite:
            return [self.event] if self.event not in ((), ("OS",)) else []
        found = [a.names for a in part[:head] if a.kind == "D" and a.names]
        named = {a.names for a in self.row if a.kind == "E"}
        if not found and len(named) == 1 and is_covariate(self.text):
            return list(named)  # "B (HR 1.6) and age were independent predictors of survival"
        return found or ([self.event] if self.event and (part[head].depth or not head) else [])

    def _composite(self, before: list[Atom], name: tuple[str, ...]) -> str:
        """Return the words of "cardiovascular death or hospitalisation", which no name says."""
        words = [a.text for a in before if a.kind == "D" and a.names == name] or [self.event_words]
        return " ".join(words[-1].lower().split()) if name == ("EFS",) else ""

    def _review(self, head: Atom) -> str:
        """Mark a hazard ratio of another assessment, if the text has one beside it."""
        before = self.text[max(0, head.start - 60) : head.start].rsplit(";", 1)[-1]
        found = re.search(
            r"(?:independent|central|blinded)\s+(?:\w+\s+)?review|\bBICR\b|sensitivity", before
        )
        return "unstratified" if found else ""

    def _several_ratios(
        self, part: list[Atom], head: int, numbers: list[int], name: tuple[str, ...], end: int
    ) -> Iterator[Finding]:
        """Yield several hazard ratios of one endpoint, if each says which arms it compares."""
        starts = [head, *numbers[:-1]]
        pairs = [
            versus(part[start + 1 : at]) for start, at in zip(starts, numbers, strict=True)
        ]  # "HR for A versus C 0.77 and for B versus C 0.81"
        if not all(pairs):
            pairs = pairs_with_one(part, head, numbers, end)
        if not any(pairs):
            pairs = each_with_one(part[head + 1 : numbers[0]], len(numbers)) or pairs
        if not any(pairs) and (common := reference_ahead(part, head, numbers[0])) is not None:
            pairs = self._in_order(part[numbers[-1] :], common, len(numbers))
        if None in pairs or len(set(pairs)) < len(pairs):
            return
        for at, pair in zip(numbers, pairs, strict=True):
            yield self.make(
                "hazard_ratio",
                part[at],
                endpoints=name,
                flag=part[head].flag,
                pair=pair,
                rank=2,
                stratified=part[head].label == "stratified",
            )
            yield from self._p_after(part, at, name, pair, part[head].flag)

    def _in_order(
        self, after: Sequence[Atom], common: int, number: int
    ) -> list[tuple[int, int] | None]:
        """Read "HRs versus C were 0.77 and 0.81, respectively" in the order of the other arms."""
        order = [arm for arm in self.context.order or self.usual if arm != common]
        if len(order) != number or not any(a.kind == "r" for a in after):
            return [None]
        return [(arm, common) for arm in order]

    def _p_after(
        self,
        part: list[Atom],
        at: int,
        name: tuple[str, ...],
        pair: tuple[int, int] | None,
        flag: str,
    ) -> Iterator[Finding]:
        for atom in part[at + 1 :]:
            if atom.kind in "qVChME":
                return
            if atom.kind == "P" and not MARGINAL_P.search(atom.label):
                yield self.make(
                    "p",
                    atom,
                    endpoints=name,
                    flag=f"{atom.flag} {flag}".strip(),
                    test=atom.of,
                    pair=pair,
                    interval=None,
                    rank=3 if atom.of == "log-rank" else 2,
                )
                return

    def _unnamed_ratio(self, part: list[Atom]) -> Iterator[Finding]:
        """Read "(3.8-5.4; 0.62 [0.50-0.76])" once a hazard ratio has been named."""
        names = [a.names for a in part if a.kind == "E"]
        names = names or [a.names for a in part if a.kind == "D" and len(a.names) == 1]
        for at, atom in enumerate(part):
            if (
                atom.kind == "q"
                and atom.interval
                and atom.depth
                and len(names) == 1
                and any(a.kind in "VC" for a in part[:at])
            ):
                try:
                    low, high = (float(end) for end in atom.interval)
                    inside = low <= float(atom.text) <= high
                except ValueError:
                    continue
                if inside and _is_ratio_number(atom, self.text):
                    yield self.make("hazard_ratio", atom, endpoints=names[0], rank=1)
                    yield from self._p_after(part, at, names[0], None, "")

    def _pair(self, part: list[Atom], head: int, at: int, end: int) -> tuple[int, int] | None:
        """Return which arm a hazard ratio is of, and against which; None if it is not said."""
        number = len(self.arms.arms)
        between = arms_of(part[head + 1 : at])
        ahead = "".join(a.kind for a in part[head + 1 : at] if a.kind in "As")
        if ahead.startswith("sA"):  # "HR vs placebo: drug 0.84"
            rest = [i for i in between if i != between[0]] or (
                [1 - between[0]] if number == 2 else just_named(part[:head], between[0])
            )
            return (rest[0], between[0]) if len(rest) == 1 else None
        if len(between) == 2:
            return between[0], between[1]
        if len(between) == 1 and number == 2 and not any(a.kind == "s" for a in part[head:at]):
            named, other = between[0], 1 - between[0]
            end_of_name = next(a.end for a in part[head + 1 : at] if a.kind == "A")
            reference = _REFERENCE.match(self.text[end_of_name:])
            return (other, named) if reference else (named, other)
        if number > 2 and (against := against_one(part, head, at, self.text)) is not None:
            return against
        return self._pair_around(part, head, at, end)

    def _pair_around(
        self, part: list[Atom], head: int, at: int, end: int
    ) -> tuple[int, int] | None:
        """Return the arms of "X versus Y" just before the words, or behind the number."""
        before: list[Atom] = []
        for atom in reversed(part[:head]):
            if atom.kind in "VCqPE":
                break
            before.insert(0, atom)
        beside = before[-3:] if "".join(a.kind for a in before[-3:]) == "AsA" else before
        if (pair := versus(beside)) is not None:  # "in A, B and C, respectively (B v A: HR 0.88"
            return pair
        after: list[Atom] = []
        for atom in part[at + 1 : end]:
            if atom.kind in "VCqhEM":
                break
            if atom.kind != "P":
                after.append(atom)
        return versus(after)

    def _sides(self, part: list[Atom], head: int) -> tuple[int, int] | None:
        """Return the two of three arms that a hazard ratio compares, in whichever direction."""
        if len(self.arms.arms) < 3:
            return None
        before = max((i for i, a in enumerate(part[:head]) if a.kind == "h"), default=-1)
        return two_sides(part[before + 1 : head], self.text)

    def p_values(self, part: list[Atom]) -> Iterator[Finding]:
        """Yield the p-values of a statement that belong to no hazard ratio."""
        names = list(dict.fromkeys(a.names for a in part if a.kind == "E"))
        found = [a for a in part if a.kind == "P" and not MARGINAL_P.search(a.label)]
        if {a.flag for a in part if a.kind == "M"} == {"mean"}:
            found = [a for a in found if a.of]  # of a t-test, unless it says another
        if any(a.kind == "h" for a in part) or is_covariate(self.text):
            found = [a for a in found if a.of == "log-rank" or _leads(part, a)]
        arms = {a.index for a in part if a.kind == "A"}
        if len(names) == 1 and sum(a.kind == "T" for a in part) == len(found) > 1:
            names *= len(found)  # one for each time: none is that of the whole comparison
        if len(names) != len(found):
            return
        number = len(self.arms.arms)
        sides = two_sides(part, self.text) if number > 2 and len(names) == 1 else None
        told = len(arms) % number == 0 if number else True
        few = not told or sum(a.kind == "V" for a in part) < number
        if number > 2 and not sides and few and not self._of_all_arms(found):
            return  # of two of three arms
        for name, atom in zip(names, found, strict=True):
            yield self.make(
                "p",
                atom,
                endpoints=name,
                flag=atom.flag,
                test=atom.of,
                interval=None,
                sides=sides,
                rank=3 if atom.of == "log-rank" else self._rank_of_p(part),
            )

    def _rank_of_p(self, part: Sequence[Atom]) -> int:
        """Rank a p-value of one time, or of a Cox model, below that of a whole comparison."""
        one_time = sum(a.kind == "T" for a in part) == 1 and not any(a.kind == "M" for a in part)
        return 0 if one_time or _COX.search(self.text) else 1

    def _of_all_arms(self, found: Sequence[Atom]) -> bool:
        """Say whether a p-value ends a sentence that reports a value of each arm, and is alone."""
        named = {a.index for a in self.row if a.kind == "A"}
        values = sum(a.kind == "V" for a in self.row)
        whole = len(named) == len(self.arms.arms) == values
        return whole and [a for a in self.row if a.kind == "P"] == [self.row[-1]] == list(found)


_COX = re.compile(r"\bCox\b|\bproportional[\s-]hazards\b|\bmultivaria(?:ble|te)\b", re.IGNORECASE)


def _leads(part: Sequence[Atom], p: Atom) -> bool:
    """Say whether a p-value stands before the only hazard ratio: "(p = 0.002; HR 0.55)"."""
    kept = [a for a in part if a.kind not in "I;"]
    kinds = [a.kind for a in kept]
    alone = kinds.count("h") == 1 and kinds.count("P") == 1
    return alone and bool(p.depth) and kinds[kinds.index("P") + 1 :][:1] == ["h"]


def _is_ratio_number(atom: Atom, text: str) -> bool:
    if atom.kind != "q" or not re.fullmatch(r"\d{1,2}\.\d{1,3}", atom.text):
        return False
    return not re.match(r"\s*per\b", text[atom.end : atom.end + 6])
