"""What sentences report: numbers with their endpoint, arm and time, and the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .arms import TextArms
from .atoms import atoms
from .finding import DAYS, Context, Finding
from .grammar import aligned
from .lexicon import Atom
from .passages import Sentence
from .ratios import RatioReader
from .scope import Scope
from .statements import statements, topic, without_ratios

__all__ = ["findings", "panels"]

_CUE = re.compile(
    r"\b(?:corresponding|values|figures|respective|these\s+rates|those\s+(?:for|of|in)|"
    r"rates\s+were|same\s+times?)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:It|This|The\s+(?:corresponding|values?|medians?|estimated|rates?|hazard|figures|"
    r"respective|difference|unadjusted|adjusted|stratified|HR|p)|"
    r"Corresponding|These|They|Estimated|Hazard|HR|Medians?|For|At|By|After|Rates?|Deaths?|"
    r"P\b|Log-?rank|In\s+the|[A-Z][\w+/ -]{0,40}:|\d)"
)
_MEDIAN_OF = re.compile(
    r"\bmedians?(?:\s+(?:was|were|is|among|in|for|of\s+the\s+two|time|survival\s+time|"
    r"values?|,|:)|\s*[,:(]|\s+\d)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"within\s+\d+\s+days|treatment-related|due\s+to|died\s+(?:of|from)\s+(?!any)|toxic|"
    r"drug-related|on\s+treatment|non-?cancer|causes?\s+of\s+death|were\s+censored|"
    r"had\s+been\s+excluded",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:^|[,;:]\s*)(?:when\s+|as\s+)?(?:compared|relative|in\s+comparison|"
    r"as\s+opposed)\s+(?:with|to)\s+(?:the\s+)?$",
    re.IGNORECASE,
)


_EARLIEST = 60  # days; what is reported before is the outcome of an operation or an episode


def findings(found: list[Scope], arms: TextArms) -> Iterator[Finding]:
    """Read every sentence that reports results.

    Parameters
    ----------
    found : list of Scope
        The sentences, and what each may be read for.
    arms : TextArms
        The arms of the text.
    """
    rows = [atoms(_row_text(scope.sentence), arms) for scope in found]
    order = _usual_order(rows)
    context = Context(panels=panels(found, rows), medians=_speaks_of_medians(found))
    for scope, row in zip(found, rows, strict=True):
        _enter(context, scope.sentence)
        if not scope.results and not _direction_only(row):
            _left(context, scope)
            continue
        reader = _Reader(scope, row, arms, context, order)
        yield from reader.read()
        _note_columns(context, scope.sentence, row)
        _note_order(context, row, len(arms.arms))


def _note_order(context: Context, row: Sequence[Atom], number: int) -> None:
    """Remember the order in which a sentence counts the patients of the arms."""
    kinds = {a.kind for a in row}
    seen = list(dict.fromkeys(a.index for a in row if a.kind == "A"))
    if len(seen) == number > 1 and kinds & set("nC") and not kinds & set("VhE"):
        context.order = seen


def _speaks_of_medians(found: Sequence[Scope]) -> bool:
    """Say whether survival times of a text are medians even where the word is missing."""
    body = " ".join(scope.sentence.text for scope in found)
    average = re.search(r"\b(?:mean|average)\s+(?:[\w-]+\s+){0,2}survival", body, re.IGNORECASE)
    median = re.search(
        r"\bmedian\s+(?:[\w-]+\s+){0,2}(?:survival|OS|PFS|DFS|RFS|EFS)|\bm(?:OS|PFS)\b|"
        r"\(median|\bmedians\b",
        body,
    )
    return bool(median) and not average


def _left(context: Context, scope: Scope) -> None:
    if scope.why:
        context.endpoint = None


def _direction_only(row: Sequence[Atom]) -> bool:
    """Say whether a sentence of the methods says what hazard ratios compare."""
    kinds = [a.kind for a in row]
    return (
        ("h" in kinds or kinds == ["A", "s", "A"])
        and kinds.count("A") == 2
        and not set(kinds) & set("VCnPq")
    )


def _row_text(sentence: Sentence) -> str:
    """Give cells of a table the percent sign that its heading has."""
    if sentence.row and re.search(r"(?:n|no\.?)\s*\(%\)", sentence.text, re.IGNORECASE):
        return re.sub(r"(?<=\d)\s\((\d+(?:\.\d+)?)\)", r" (\1%)", sentence.text)
    return sentence.text


def _usual_order(rows: Sequence[Sequence[Atom]]) -> list[int]:
    """Return the order in which the arms are named; empty if it changes."""
    first: dict[tuple[int, ...], int] = {}
    number = 1 + max((a.index for row in rows for a in row if a.kind == "A"), default=-1)
    for row in rows:
        end = next((i for i, a in enumerate(row) if a.kind == "h"), len(row))
        seen = list(dict.fromkeys(a.index for a in row[:end] if a.kind == "A"))
        if len(seen) == number and number > 1:
            first[tuple(seen)] = first.get(tuple(seen), 0) + 1
    total = sum(first.values())
    best = max(first, key=lambda key: first[key], default=())
    return list(best) if total and first[best] >= 0.75 * total else []


def panels(found: Sequence[Scope], rows: Sequence[Sequence[Atom]]) -> dict[str, Atom]:
    """Return which endpoint each lettered panel of a figure shows."""
    panels: dict[str, Atom] = {}
    for scope, row in zip(found, rows, strict=True):
        endpoints = [a for a in row if a.kind == "E"]
        for mark in re.finditer(r"\(([A-Fa-f])\)", scope.sentence.text):
            after = [e for e in endpoints if 0 <= e.start - mark.end() < 40]
            if after:
                panels.setdefault(mark[1].upper(), after[0])
    return panels


def _enter(context: Context, sentence: Sentence) -> None:
    """Forget what a new paragraph does not go on with."""
    if sentence.row:
        letter = re.fullmatch(r"\(?(?:Panel\s+)?([A-F])[).:]?", sentence.text)
        if letter and letter[1] in context.panels:
            context.endpoint = context.panels[letter[1]]
        context.in_rows = True
    elif sentence.paragraph != context.paragraph and not (
        context.in_rows and re.match(r"[A-Z][\w+/ -]{0,40}[:,]", sentence.text)
    ):
        context.endpoint, context.times, context.order = None, [], []
        context.in_rows = False
    context.paragraph = sentence.paragraph


def _note_columns(context: Context, sentence: Sentence, row: Sequence[Atom]) -> None:
    if not sentence.row:
        return
    kinds = {a.kind for a in row}
    if re.match(r"(?:Supplementary\s+)?Table\s+\w+", sentence.text, re.IGNORECASE):
        context.columns = []
    if "A" in kinds and not kinds & set("VCPq"):
        for atom in row:
            if atom.kind == "A" and atom.index not in context.columns:
                context.columns.append(atom.index)
    if not kinds & set("VCPqMhDTA"):
        heads = [a for a in row if a.kind in "EO"]
        if heads:
            context.endpoint = heads[0] if heads[0].kind == "E" else None


@dataclass
class _Reader(RatioReader):
    """Reads one sentence."""

    def read(self) -> Iterator[Finding]:
        """Yield what the sentence reports."""
        before: list[Atom] = []
        endpoint: list[Atom] = []
        for number, part in enumerate(statements(self._in_units())):
            about = topic(part)
            if about == "O":
                before, endpoint = [], []
                self.context.endpoint = (
                    None if not self.scope.sentence.row else self.context.endpoint
                )
                continue
            part = self._reordered(self._carried(part, [*endpoint, *before], number, about))
            part = self._with_unit_beside(part)
            yield from self._statement(part, about)
            before = part
            endpoint = [a for a in part if a.kind == "E"][-1:] or endpoint
            if (last := [a for a in part if a.kind == "E"]) and not self.scope.sentence.row:
                self.context.endpoint = last[-1]

    def _reordered(self, part: list[Atom]) -> list[Atom]:
        """Put the arm of "Compared with X, ..." behind the one that is compared with it."""
        first = next((i for i, a in enumerate(part) if a.kind in "VCq"), len(part))
        arms = [i for i, a in enumerate(part[:first]) if a.kind == "A"]
        if len(arms) == 2 and _COMPARED.search(self.text[: part[arms[0]].start]):
            swapped = list(part)
            swapped[arms[0]], swapped[arms[1]] = part[arms[1]], part[arms[0]]
            return swapped
        return part

    def _in_units(self) -> Sequence[Atom]:
        """Give the cells of a row the unit that its label says."""
        if not self.scope.sentence.row or (self.row and self.row[0].kind == "h"):
            return [a for a in self.row if not self._names_arm(a)]
        label = re.split(r"\s(?=[<>]?\d)|(?<=[a-z)%])\s+(?=\d)", self.text, maxsplit=1)[0]
        label = self.text[: max(len(label), 1)]
        unit = (
            "percent" if "%" in re.sub(r"\d+\s*%\s*CI|(?:n|no\.?)\s*\(%\)", "", self.text) else ""
        )
        if any(a.kind == "M" for a in self.row):
            named = re.search(r"\b(months?|mos?|weeks?|wks?|years?|yrs?|days?)\b", self.text)
            unit = (
                {"m": "months", "w": "weeks", "y": "years", "d": "days"}[named[1][0]]
                if named
                else ""
            )
        if not unit:
            return self.row
        sign = "%" if unit == "percent" else ""
        end = next((a.start for a in self.row if a.kind == "h"), len(self.text))
        return [
            replace(a, kind="V", unit=unit, text=a.text.rstrip("%") + sign)
            if a.kind == "q" and a.start < end
            else a
            for a in self.row
        ]

    def _names_arm(self, atom: Atom) -> bool:
        """Say whether a count only names an arm: "among the 193 patients of the LR group"."""
        before, after = self.text[: atom.start], self.text[atom.end :]
        return (
            atom.kind == "C"
            and re.search(r"(?:among|of|in|for)\s+the\s+$", before) is not None
            and re.match(r"\s*(?:of|in|given|treated|receiving|who)\s+", after) is not None
        )

    def _carried(self, part: list[Atom], before: list[Atom], number: int, about: str) -> list[Atom]:
        """Add the endpoint and the arm that a statement goes on with."""
        ratio = next((a for a in before if a.kind == "h"), None)
        if ratio and number and not any(a.kind in "hVEC" for a in part):
            at = next((i for i, a in enumerate(part) if a.kind == "q" and a.interval), None)
            if at is not None:
                part = [*part[:at], ratio, *part[at:]]
        if about in ("", "M") and not any(a.kind == "E" for a in part):
            earlier = [a for a in before if a.kind == "E"]
            if earlier and number:
                part = [earlier[-1], *part]
            elif (
                (number == 0 and self.context.endpoint and self._goes_on(part))
                or (number and not before and self.context.endpoint and self.context.in_rows)
                or (number and self.context.endpoint and self.context.in_rows)
            ):
                part = [self.context.endpoint, *part]
        if not any(a.kind == "A" for a in part) and any(a.kind in "VC" for a in part):
            first = [a for a in before if a.kind == "A"]
            if len({a.index for a in first}) == 1 and self.row[0].kind == "A":
                part = [first[0], *part]
        return part

    def _goes_on(self, part: list[Atom]) -> bool:
        """Say whether a sentence without an endpoint is still about the one before."""
        kinds = {a.kind for a in part}
        if self.scope.sentence.row or self.context.in_rows:
            return True
        if "M" in kinds and not _MEDIAN_OF.search(self.text):
            return False
        if (
            "h" in kinds
            and "A" not in kinds
            and not re.match(
                r"(?:The\s+)?(?:\w+\s+)?(?:HR|[Hh]azard\s+ratio)\s+(?:was|for\s+death)", self.text
            )
        ):
            return False
        return bool(_GOES_ON.match(self.text)) and bool(
            kinds & set("MTh") or _CUE.search(self.text)
        )

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
        values = without_ratios(part)
        middle = next((a.flag for a in part if a.kind == "M"), "")
        if about == "F":
            if middle == "median":
                yield from self._follow_up(values)
            return
        if about == "D" or (
            any(a.kind == "C" for a in values) and any(a.kind == "D" for a in part)
        ):
            yield from self._events(values)
            return
        if not middle and not any(a.kind == "T" for a in part):
            timed = [a for a in values if a.kind == "V" and a.unit in DAYS]
            sure = self.context.medians or any(a.interval and a.level == "95" for a in timed)
            middle = "median" if timed and sure else ""
            self.context.medians = self.context.medians or bool(middle)
        if middle and any(a.kind == "V" and a.unit != "percent" for a in values):
            yield from self._times(values, middle)
        else:
            yield from self._survival(values)
        yield from self.p_values(part)

    def _order(self) -> list[int]:
        if not self.arms.arms:
            return [0]
        if self.scope.sentence.row:
            return self.context.columns if len(self.context.columns) == len(self.arms.arms) else []
        return self.context.order or self.usual

    def _follow_up(self, part: list[Atom]) -> Iterator[Finding]:
        labels = [a for a in part if a.kind in "Asr" or (a.kind == "V" and a.unit in DAYS)]
        spreads = {a.start: a for a in part if a.kind == "I"}
        kinds = [a.level for a in labels if a.level in ("iqr", "range")]
        if kinds:  # "22.4 months (IQR, 15.6-72.6) and 24.8 months (18.2-68.5)"
            labels = [replace(a, level=kinds[0]) if a.level == "95?" else a for a in labels]
        values = [a for a in labels if a.kind == "V"]
        named = any(a.kind == "A" for a in labels)
        if len(values) == 1 and not named:
            yield self.make("follow_up", values[0])
            for extra in spreads.values():
                yield self.make(
                    "follow_up",
                    replace(values[0], interval=extra.interval, level=extra.level),
                    flag="spread only",
                )
            return
        for placed in aligned(labels, values="V", order=self._order() if len(values) > 1 else []):
            if placed.arm is not None:
                yield self.make("follow_up", placed.value, arm=placed.arm)

    def _events(self, part: list[Atom]) -> Iterator[Finding]:
        if _PART.search(self.text) or any(a.kind == "T" for a in part):
            return
        events = [a for a in part if a.kind == "D"]
        named = next((a.names for a in events if a.names), ())
        if not named and (own := [a for a in part if a.kind == "E"]):
            named = own[-1].names
        goes_on = self.context.in_rows or re.match(
            r"(?:There\s+were|The\s+numbers?\s+of)?\s*events", self.text, re.IGNORECASE
        )
        if not named and self.context.endpoint is not None and goes_on:
            named = self.context.endpoint.names
        if self.context.in_rows and self.context.endpoint is not None and named == ("OS",):
            named = self.context.endpoint.names
        if not named:
            return
        counts = [
            replace(a, kind="C") if a.kind == "q" and re.fullmatch(r"\d+", a.text) else a
            for a in part
        ]
        items = _without_total([a for a in counts if a.kind in "ACs"], len(self.arms.arms))
        for placed in aligned(items, values="C", order=self._order()):
            if placed.arm is None:
                continue
            yield self.make("events", placed.value, endpoints=named, arm=placed.arm, interval=None)
            if placed.value.of:
                of = replace(placed.value, text=placed.value.of)
                yield self.make("n", of, endpoints=named, arm=placed.arm, rank=6, interval=None)

    def _times(self, part: list[Atom], middle: str) -> Iterator[Finding]:
        items = [a for a in part if a.kind in "AEs" or (a.kind == "V" and a.unit in (*DAYS, "NR"))]
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
        found = aligned(items, values="V", order=self._order())
        rank = int(len({placed.arm for placed in found}) > 1)  # before a number of one arm alone
        for placed in found:
            if placed.endpoint is None or (placed.arm is None and self.arms.arms):
                continue
            value = placed.value
            if value.unit == "NR" and len(units) == 1:
                value = replace(value, unit=next(iter(units)))
            if value.level in ("iqr", "range") or (spread and value.level == "95?"):
                value = replace(value, interval=None)
            yield self.make(
                middle,
                value,
                endpoints=placed.endpoint.names,
                label=placed.endpoint.label,
                arm=placed.arm or 0,
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
        percent = [a for a in part if a.kind == "V" and a.unit == "percent"]
        if not percent:
            part = [
                replace(a, kind="V", unit="percent")
                if a.kind == "q" and re.fullmatch(r"0\.\d{2,4}", a.text)
                else a
                for a in part
            ]
        items = [a for a in part if a.kind in "ATEs" or (a.kind == "V" and a.unit == "percent")]
        if not any(a.kind == "E" for a in items) or not any(a.kind == "V" for a in items):
            return
        own = [a for a in items if a.kind == "T"]
        times = self.context.times if not own and self._same_times() else []
        if not (own or times):
            return
        if self._unknown_arms(part):
            return
        self._keep_order(items)
        found = aligned(items, values="V", order=self._order(), times=times, text=self.text)
        rank = int(len({placed.arm for placed in found}) > 1)
        for placed in found:
            if (
                placed.endpoint is None
                or placed.time is None
                or (placed.arm is None and self.arms.arms)
            ):
                continue
            made = _survival_of(placed.value, placed.endpoint, placed.time)
            if made is not None:
                yield self.make(
                    "survival",
                    made,
                    endpoints=placed.endpoint.names,
                    label=placed.endpoint.label,
                    arm=placed.arm or 0,
                    time=(float(placed.time.text), placed.time.unit),
                    flag=placed.endpoint.flag,
                    rank=rank,
                )
        if own:
            self.context.times = list({(a.text, a.unit): a for a in own}.values())

    def _unknown_arms(self, part: list[Atom]) -> bool:
        """Say whether a statement compares arms that the text was not found to have."""
        return not self.arms.arms and any(a.kind in "sh" for a in part)

    def _same_times(self) -> bool:
        return bool(_CUE.search(self.text)) or any(a.kind == "T" for a in self.row)

    def _keep_order(self, items: Sequence[Atom]) -> None:
        seen = list(dict.fromkeys(a.index for a in items if a.kind == "A"))
        if len(seen) == len(self.arms.arms) and seen:
            self.context.order = seen


def _without_total(items: list[Atom], number: int) -> list[Atom]:
    """Leave out the count of all patients before those of the arms."""
    counts = [a for a in items if a.kind == "C"]
    total = number > 1 and len(counts) == number + 1
    if total and int(counts[0].text) == sum(int(a.text) for a in counts[1:]):
        return [a for a in items if a is not counts[0]]
    return items


def _survival_of(value: Atom, endpoint: Atom, time: Atom) -> Atom | None:
    """Return a survival; mortality as its complement, unless it is that of the first months."""
    if float(time.text) * DAYS[time.unit] < _EARLIEST:
        return None
    if "complement" not in endpoint.flag:
        return value
    if float(time.text) * DAYS[time.unit] < 150 or not re.fullmatch(r"\d+(?:\.\d+)?%", value.text):
        return None
    ends = None
    if value.interval is not None:
        low, high = value.interval
        ends = (_complement(high), _complement(low))
    return replace(value, text=_complement(value.text), interval=ends)


def _complement(text: str) -> str:
    number = text.rstrip("%")
    if not re.fullmatch(r"\d+(?:\.\d+)?", number):
        return text
    decimals = len(number.partition(".")[2])
    sign = "%" if text.endswith("%") else ""
    return f"{100 - float(number):.{decimals}f}{sign}"
