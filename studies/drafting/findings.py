"""What sentences report: numbers with their endpoint, arm and time, and the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .arms import TextArms
from .atoms import Atom, atoms
from .grammar import aligned
from .passages import Sentence
from .scope import Scope, is_covariate
from .vocabulary import MARGINAL_P

__all__ = ["Finding", "findings", "panels", "statements"]


@dataclass(frozen=True)
class Finding:
    """One reported number.

    Attributes
    ----------
    slot : str
        "survival", "median", "mean", "events", "follow_up", "hazard_ratio", "p", "n",
        "at_risk" or "direction".
    text : str
        The number as reported, in plain characters.
    sentence : Sentence
        Where it was found.
    endpoints : tuple of str
        Endpoints that it may be of, the likeliest first; empty if it is of all of them.
    label : str
        The endpoint in full.
    arm : int, optional
        Which arm; None if it is of all together.
    time : tuple of float and str, optional
        Time and its unit.
    unit : str
        Unit of time of the number itself, or "percent".
    interval : tuple of str, optional
        Its interval.
    level : str
        Kind of the interval: "95", "97.5", "iqr", "range".
    cohort : str
        "matched", "unmatched" or "".
    flag : str
        "adjusted", "unstratified", "one-sided", "complement".
    test : str
        Test of a p-value, if it is named.
    pair : tuple of int, optional
        Arms of a hazard ratio: treatment and reference.
    rank : int
        How far it is to be preferred over another number in its place; higher is better.
    """

    slot: str
    text: str
    sentence: Sentence
    endpoints: tuple[str, ...] = ()
    label: str = ""
    arm: int | None = None
    time: tuple[float, str] | None = None
    unit: str = ""
    interval: tuple[str, str] | None = None
    level: str = ""
    cohort: str = ""
    flag: str = ""
    test: str = ""
    pair: tuple[int, int] | None = None
    rank: int = 0


@dataclass
class _Context:
    """What the sentences before have said."""

    paragraph: int = -1
    endpoint: Atom | None = None
    times: list[Atom] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    panels: dict[str, Atom] = field(default_factory=dict)
    columns: list[int] = field(default_factory=list)
    in_rows: bool = False
    ratio_seen: bool = False
    medians: bool = False


_VALUES = "VCn"
_CUE = re.compile(r"\b(?:corresponding|values|figures|respective|these\s+rates|those\s+(?:for|of|in)|rates\s+were|same\s+times?)\b", re.IGNORECASE)  # fmt: skip
_GOES_ON = re.compile(
    r"(?:It|This|The\s+(?:corresponding|values?|medians?|estimated|rates?|hazard|figures|respective|difference|unadjusted|adjusted|stratified|HR|p)|"
    r"Corresponding|These|They|Estimated|Hazard|HR|Medians?|For|At|By|After|Rates?|Deaths?|P\b|Log-?rank|In\s+the|[A-Z][\w+/ -]{0,40}:|\d)"
)
_MEDIAN_OF = re.compile(r"\bmedians?(?:\s+(?:was|were|is|among|in|for|of\s+the\s+two|time|survival\s+time|values?|,|:)|\s*[,:(]|\s+\d)", re.IGNORECASE)  # fmt: skip
_PART = re.compile(r"within\s+\d+\s+days|treatment-related|due\s+to|died\s+(?:of|from)\s+(?!any)|toxic|drug-related|on\s+treatment|non-?cancer|causes?\s+of\s+death|were\s+censored|had\s+been\s+excluded", re.IGNORECASE)  # fmt: skip
_COMPARED = re.compile(r"(?:^|[,;:]\s*)(?:when\s+|as\s+)?(?:compared|relative|in\s+comparison|as\s+opposed)\s+(?:with|to)\s+(?:the\s+)?$", re.IGNORECASE)  # fmt: skip
_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


def statements(row: Sequence[Atom]) -> list[list[Atom]]:
    """Part the atoms of a sentence where one statement ends and another begins."""
    parts: list[list[Atom]] = [[]]
    for atom in row:
        if atom.kind == ";":
            parts.append([])
            continue
        if parts[-1] and _breaks(parts[-1], atom):
            parts.append(_leading_times(parts[-1], atom))
        parts[-1].append(atom)
    return [part for part in parts if part]


def _leading_times(part: list[Atom], atom: Atom) -> list[Atom]:
    """Take the times off a statement that belong to the endpoint after them."""
    times: list[Atom] = []
    while part and part[-1].kind == "T" and part[-1].flag == "before" and atom.start - part[-1].end < 24:
        times.insert(0, part.pop())
    return times if atom.kind == "E" else (part.extend(times) or [])


def _breaks(part: list[Atom], atom: Atom) -> bool:
    if atom.kind == "V" and atom.depth and atom.unit == "percent" and part[-1].kind in "CA":
        if any(a.kind == "C" for a in part):  # "182 patients in the LR group (74.0%)"
            return False
    kinds = {a.kind for a in part if not _aside(a, part)}
    if not kinds & set("VCPnq"):
        return False
    if atom.kind == "F" and kinds <= set("MVABsI"):  # "a median of 5.9 years' follow-up"
        return False
    if atom.kind in "OMF":
        return True
    if atom.kind == "E":
        return _endpoint_breaks(part, atom, kinds)
    if atom.kind == "D":
        return _event_breaks(part, atom, kinds)
    if atom.kind == "C":
        return bool(kinds & {"V", "P"})
    if atom.kind == "T":
        return atom.flag == "before" and "M" in kinds and "V" in kinds
    if atom.kind == "h":
        return "C" in kinds and "V" not in kinds
    return atom.kind == "V" and "C" in kinds


def _aside(atom: Atom, part: list[Atom]) -> bool:
    """Say whether a number is said in passing: "(301 patients)", or a share after a count."""
    if atom.kind == "C":
        return bool(atom.depth) and any(a.kind == "E" for a in part)
    counted = any(a.kind == "C" and not a.depth for a in part)
    return atom.kind == "V" and bool(atom.depth) and atom.unit == "percent" and counted


def _endpoint_breaks(part: list[Atom], atom: Atom, kinds: set[str]) -> bool:
    if kinds & {"O", "F", "h", "P"} or "E" in kinds:
        return True
    if "C" in kinds:
        return not any(a.kind == "D" and not a.names for a in part)
    return False


def _event_breaks(part: list[Atom], atom: Atom, kinds: set[str]) -> bool:
    if kinds & {"V", "P", "h"}:
        return True
    named = {a.names for a in part if a.kind == "D" and a.names}
    return bool(named and atom.names and atom.names not in named)


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
    context = _Context(panels=panels(found, rows), medians=_speaks_of_medians(found))
    for scope, row in zip(found, rows, strict=True):
        _enter(context, scope.sentence, row)
        if not scope.results and not _direction_only(row):
            _left(context, scope)
            continue
        reader = _Reader(scope, row, arms, context, order)
        yield from reader.read()
        _note_columns(context, scope.sentence, row)


def _speaks_of_medians(found: Sequence[Scope]) -> bool:
    """Say whether survival times of a text are medians even where the word is missing."""
    body = " ".join(scope.sentence.text for scope in found)
    average = re.search(r"\b(?:mean|average)\s+(?:[\w-]+\s+){0,2}survival", body, re.IGNORECASE)
    median = re.search(r"\bmedian\s+(?:[\w-]+\s+){0,2}(?:survival|OS|PFS|DFS|RFS|EFS)|\bm(?:OS|PFS)\b|\(median|\bmedians\b", body)  # fmt: skip
    return bool(median) and not average


def _left(context: _Context, scope: Scope) -> None:
    if scope.why:
        context.endpoint = None


def _direction_only(row: Sequence[Atom]) -> bool:
    """Say whether a sentence of the methods says what hazard ratios compare."""
    kinds = [a.kind for a in row]
    return ("h" in kinds or kinds == ["A", "s", "A"]) and kinds.count("A") == 2 and not set(kinds) & set("VCnPq")


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
        seen = list(dict.fromkeys(a.index for a in row if a.kind == "A"))
        if len(seen) == number and number > 1:
            first[tuple(seen)] = first.get(tuple(seen), 0) + 1
    total = sum(first.values())
    best = max(first, key=lambda key: first[key], default=())
    return list(best) if total and first[best] >= 0.75 * total else []


def panels(found: list[Scope], rows: Sequence[Sequence[Atom]]) -> dict[str, Atom]:
    """Return which endpoint each lettered panel of a figure shows."""
    panels: dict[str, Atom] = {}
    for scope, row in zip(found, rows, strict=True):
        endpoints = [a for a in row if a.kind == "E"]
        for mark in re.finditer(r"\(([A-Fa-f])\)", scope.sentence.text):
            after = [e for e in endpoints if 0 <= e.start - mark.end() < 40]
            if after:
                panels.setdefault(mark[1].upper(), after[0])
    return panels


def _enter(context: _Context, sentence: Sentence, row: Sequence[Atom]) -> None:
    """Forget what a new paragraph does not go on with."""
    if sentence.row:
        letter = re.fullmatch(r"\(?(?:Panel\s+)?([A-F])[).:]?", sentence.text)
        if letter and letter[1] in context.panels:
            context.endpoint = context.panels[letter[1]]
        context.in_rows = True
    elif sentence.paragraph != context.paragraph:
        if not context.in_rows or not re.match(r"[A-Z][\w+/ -]{0,40}[:,]", sentence.text):
            context.endpoint, context.times, context.order = None, [], []
            context.in_rows = False
    context.paragraph = sentence.paragraph


def _note_columns(context: _Context, sentence: Sentence, row: Sequence[Atom]) -> None:
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
class _Reader:
    """Reads one sentence."""

    scope: Scope
    row: Sequence[Atom]
    arms: TextArms
    context: _Context
    usual: list[int]

    @property
    def text(self) -> str:
        return self.scope.sentence.text

    def read(self) -> Iterator[Finding]:
        """Yield what the sentence reports."""
        before: list[Atom] = []
        for number, part in enumerate(statements(self._in_units())):
            topic = _topic(part)
            if topic == "O":
                if number == 0 or not any(a.kind == "E" for a in part):
                    before = []
                self.context.endpoint = None if not self.scope.sentence.row else self.context.endpoint  # fmt: skip
                continue
            part = self._reordered(self._carried(part, before, number, topic))
            part = self._with_unit_beside(part)
            yield from self._statement(part, topic)
            before = part
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
        if not self.scope.sentence.row or self.row and self.row[0].kind == "h":
            return [a for a in self.row if not self._names_arm(a)]
        label = re.split(r"\s(?=[<>]?\d)|(?<=[a-z)%])\s+(?=\d)", self.text, maxsplit=1)[0]
        label = self.text[: max(len(label), 1)]
        unit = "percent" if "%" in re.sub(r"\d+\s*%\s*CI|\(%\)", "", self.text) else ""
        if any(a.kind == "M" for a in self.row):
            named = re.search(r"\b(months?|mos?|weeks?|wks?|years?|yrs?|days?)\b", self.text)
            unit = {"m": "months", "w": "weeks", "y": "years", "d": "days"}[named[1][0]] if named else ""  # fmt: skip
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
            and re.match(r"\s*(?:of|in)\s+", after) is not None
        )

    def _carried(self, part: list[Atom], before: list[Atom], number: int, topic: str) -> list[Atom]:
        """Add the endpoint and the arm that a statement goes on with."""
        ratio = next((a for a in before if a.kind == "h"), None)
        if ratio and number and not any(a.kind in "hVEC" for a in part):
            at = next((i for i, a in enumerate(part) if a.kind == "q" and a.interval), None)
            if at is not None:
                part = [*part[:at], ratio, *part[at:]]
        if topic in ("", "M") and not any(a.kind == "E" for a in part):
            earlier = [a for a in before if a.kind == "E"]
            if earlier and number:
                part = [earlier[-1], *part]
            elif number == 0 and self.context.endpoint and self._goes_on(part):
                part = [self.context.endpoint, *part]
            elif number and not before and self.context.endpoint and self.context.in_rows:
                part = [self.context.endpoint, *part]
            elif number and self.context.endpoint and self.context.in_rows:
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
        if "h" in kinds and "A" not in kinds and not re.match(r"(?:The\s+)?(?:\w+\s+)?(?:HR|[Hh]azard\s+ratio)\s+(?:was|for\s+death)", self.text):  # fmt: skip
            return False
        return bool(_GOES_ON.match(self.text)) and bool(kinds & set("MTh") or _CUE.search(self.text))

    def _with_unit_beside(self, part: list[Atom]) -> list[Atom]:
        """Read "mOS (mo) was 7.9/8.8/6.7"."""
        kinds = {a.kind for a in part}
        named = re.search(r"[(,]\s*(mos?|months|weeks|wks|years)\s*[),]", self.text)
        if not (named and {"M", "E", "q"} <= kinds) or kinds & {"V", "h", "T"}:
            return part
        unit = {"m": "months", "w": "weeks", "y": "years"}[named[1][0]]
        return [replace(a, kind="V", unit=unit) if a.kind == "q" else a for a in part]

    def _statement(self, part: list[Atom], topic: str) -> Iterator[Finding]:
        yield from self._ratios(part, topic)
        values = _without_ratios(part)
        middle = next((a.flag for a in part if a.kind == "M"), "")
        if topic == "F":
            if middle == "median":
                yield from self._follow_up(values)
            return
        if topic == "D" or (any(a.kind == "C" for a in values) and any(a.kind == "D" for a in part)):
            yield from self._events(values)
            return
        if not middle and not any(a.kind == "T" for a in part):
            timed = [a for a in values if a.kind == "V" and a.unit in _DAYS]
            sure = self.context.medians or any(a.interval and a.level == "95" for a in timed)
            middle = "median" if timed and sure else ""
        if middle and any(a.kind == "V" and a.unit != "percent" for a in values):
            yield from self._times(values, middle)
        else:
            yield from self._survival(values)
        yield from self._p(part)

    def _make(self, slot: str, atom: Atom, **options: object) -> Finding:
        cohort = self.scope.said if slot == "follow_up" else self.scope.cohort
        level = "95" if atom.level == "95?" else atom.level
        made = Finding(slot, atom.text, self.scope.sentence, interval=atom.interval, level=level, cohort=cohort, unit=atom.unit)  # fmt: skip
        return replace(made, **options)  # type: ignore[arg-type]

    def _order(self) -> list[int]:
        if not self.arms.arms:
            return [0]
        if self.scope.sentence.row:
            return self.context.columns if len(self.context.columns) == len(self.arms.arms) else []
        return self.context.order or self.usual

    def _follow_up(self, part: list[Atom]) -> Iterator[Finding]:
        labels = [a for a in part if a.kind in "Asr" or (a.kind == "V" and a.unit in _DAYS)]
        spreads = {a.start: a for a in part if a.kind == "I"}
        kinds = [a.level for a in labels if a.level in ("iqr", "range")]
        if kinds:  # "22.4 months (IQR, 15.6-72.6) and 24.8 months (18.2-68.5)"
            labels = [replace(a, level=kinds[0]) if a.level == "95?" else a for a in labels]
        values = [a for a in labels if a.kind == "V"]
        named = any(a.kind == "A" for a in labels)
        if len(values) == 1 and not named:
            yield self._make("follow_up", values[0])
            for extra in spreads.values():
                yield self._make("follow_up", replace(values[0], interval=extra.interval, level=extra.level), flag="spread only")  # fmt: skip
            return
        for placed in aligned(labels, values="V", order=self._order() if len(values) > 1 else []):
            if placed.arm is not None:
                yield self._make("follow_up", placed.value, arm=placed.arm)

    def _events(self, part: list[Atom]) -> Iterator[Finding]:
        if _PART.search(self.text) or any(a.kind == "T" for a in part):
            return
        events = [a for a in part if a.kind == "D"]
        named = next((a.names for a in events if a.names), ())
        if not named and (own := [a for a in part if a.kind == "E"]):
            named = own[-1].names
        goes_on = self.context.in_rows or re.match(r"(?:There\s+were|The\s+numbers?\s+of)?\s*events", self.text, re.IGNORECASE)  # fmt: skip
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
            yield self._make("events", placed.value, endpoints=named, arm=placed.arm, interval=None)
            if placed.value.of:
                of = replace(placed.value, text=placed.value.of)
                yield self._make("n", of, endpoints=named, arm=placed.arm, rank=6, interval=None)

    def _times(self, part: list[Atom], middle: str) -> Iterator[Finding]:
        items = [a for a in part if a.kind in "AEs" or (a.kind == "V" and a.unit in (*_DAYS, "NR"))]
        if not any(a.kind == "E" for a in items):
            return
        units = {a.unit for a in items if a.kind == "V" and a.unit != "NR"}
        self._keep_order(items)
        spread = any(a.level in ("iqr", "range") for a in items)
        found = aligned(items, values="V", order=self._order())
        rank = int(len({placed.arm for placed in found}) > 1)  # before a number of one arm alone
        for placed in found:
            if placed.endpoint is None or placed.arm is None and self.arms.arms:
                continue
            value = placed.value
            if value.unit == "NR" and len(units) == 1:
                value = replace(value, unit=next(iter(units)))
            if value.level in ("iqr", "range") or (spread and value.level == "95?"):
                value = replace(value, interval=None)
            yield self._make(
                middle, value, endpoints=placed.endpoint.names, label=placed.endpoint.label,
                arm=placed.arm or 0, flag=placed.endpoint.flag, rank=rank,
            )  # fmt: skip

    def _survival(self, part: list[Atom]) -> Iterator[Finding]:
        percent = [a for a in part if a.kind == "V" and a.unit == "percent"]
        if not percent:
            part = [replace(a, kind="V", unit="percent") if a.kind == "q" and re.fullmatch(r"0\.\d{2,4}", a.text) else a for a in part]  # fmt: skip
        items = [a for a in part if a.kind in "ATEs" or (a.kind == "V" and a.unit == "percent")]
        if not any(a.kind == "E" for a in items) or not any(a.kind == "V" for a in items):
            return
        own = [a for a in items if a.kind == "T"]
        times = self.context.times if not own and self._same_times() else []
        if not (own or times):
            return
        self._keep_order(items)
        found = aligned(items, values="V", order=self._order(), times=times, text=self.text)
        rank = int(len({placed.arm for placed in found}) > 1)
        for placed in found:
            if placed.endpoint is None or placed.time is None or (placed.arm is None and self.arms.arms):  # fmt: skip
                continue
            made = _survival_of(placed.value, placed.endpoint, placed.time)
            if made is not None:
                yield self._make(
                    "survival", made, endpoints=placed.endpoint.names, label=placed.endpoint.label,
                    arm=placed.arm or 0, time=(float(placed.time.text), placed.time.unit),
                    flag=placed.endpoint.flag, rank=rank,
                )  # fmt: skip
        if own:
            self.context.times = list({(a.text, a.unit): a for a in own}.values())

    def _same_times(self) -> bool:
        return bool(_CUE.search(self.text)) or any(a.kind == "T" for a in self.row)

    def _keep_order(self, items: Sequence[Atom]) -> None:
        seen = list(dict.fromkeys(a.index for a in items if a.kind == "A"))
        if len(seen) == len(self.arms.arms) and seen:
            self.context.order = seen

    def _ratios(self, part: list[Atom], topic: str) -> Iterator[Finding]:
        heads = [i for i, a in enumerate(part) if a.kind == "h"]
        if [a.kind for a in part] == ["A", "s", "A"] and re.search(r"\bCox\b|hazard", self.text):
            pair = (part[0].index, part[2].index)
            yield self._make("direction", replace(part[0], text=""), pair=pair)
        if heads:
            self.context.ratio_seen = True
        if is_covariate(self.text) and (len([a for a in self.row if a.kind == "h"]) > 1 or not any(a.kind == "A" for a in part)):  # fmt: skip
            return
        for place, head in enumerate(heads):
            end = heads[place + 1] if place + 1 < len(heads) else len(part)
            yield from self._ratio(part, head, end)
        if not heads and self.context.ratio_seen:
            yield from self._unnamed_ratio(part)

    def _ratio(self, part: list[Atom], head: int, end: int) -> Iterator[Finding]:
        numbers = [i for i in range(head + 1, end) if _is_ratio_number(part[i], self.text)]
        endpoints = [a for a in part[:head] if a.kind == "E"] or [a for a in part[head:end] if a.kind == "E"]  # fmt: skip
        names = [a.names for a in endpoints] or [a.names for a in part[:head] if a.kind == "D" and a.names]  # fmt: skip
        if part[head].names:
            names = [part[head].names]
        if not numbers:
            if pair := self._pair(part, head, end, end):
                yield self._make("direction", replace(part[head], text=""), pair=pair, endpoints=())
            return
        if part[head].flag == "other" or not names:
            return
        names = list(dict.fromkeys(names))
        if len(names) == 1 and len(numbers) > 1:
            yield from self._several_ratios(part, head, numbers, names[0], end)
            return
        if len(numbers) == 1:
            names = names[-1:]
        if len(names) != len(numbers):
            return
        for name, at in zip(names, numbers, strict=True):
            pair = self._pair(part, head, at, end)
            told = pair is not None or sum(a.kind == "V" for a in part[:head]) > 1
            yield self._make(
                "hazard_ratio", part[at], endpoints=name, flag=part[head].flag or self._review(part[head]),
                pair=pair, rank=3 if told else 2,
            )  # fmt: skip
            yield from self._p_after(part, at, name, pair, part[head].flag)

    def _review(self, head: Atom) -> str:
        """Mark a hazard ratio of another assessment, if the text has one beside it."""
        before = self.text[max(0, head.start - 60) : head.start].rsplit(";", 1)[-1]
        found = re.search(r"(?:independent|central|blinded)\s+(?:\w+\s+)?review|\bBICR\b|sensitivity", before)
        return "unstratified" if found else ""

    def _several_ratios(
        self, part: list[Atom], head: int, numbers: list[int], name: tuple[str, ...], end: int
    ) -> Iterator[Finding]:
        """Read "compared with C, the hazard ratio was 0.77 for A and 0.81 for B"."""
        before = [a for a in part[:head] if a.kind == "A"]
        common = before[-1].index if len({a.index for a in before}) == 1 else None
        ahead = [a for a in part[head + 1 : numbers[0]] if a.kind in "As"]
        leads = "".join(a.kind for a in ahead) == "sAA"  # "HR vs C: A 0.84, B 0.70"
        if leads:
            common = ahead[1].index
        made = []
        starts = [part.index(ahead[1]) + 1 if leads else head, *numbers[:-1]]
        for start, at, following in zip(starts, numbers, [*numbers[1:], end], strict=True):
            own = _arms_of(part[start:at] if leads else part[at + 1 : following])
            pair = None if leads else _versus(part[at + 1 : following])
            if pair is None and len(own) == 1 and common not in (None, own[0]):
                pair = (own[0], common or 0)
            made.append((at, pair))
        if any(pair is None for _, pair in made) or len({pair for _, pair in made}) < len(made):
            return
        for at, pair in made:
            yield self._make("hazard_ratio", part[at], endpoints=name, flag=part[head].flag, pair=pair, rank=2)  # fmt: skip
            yield from self._p_after(part, at, name, pair, part[head].flag)

    def _p_after(
        self, part: list[Atom], at: int, name: tuple[str, ...], pair: tuple[int, int] | None, flag: str
    ) -> Iterator[Finding]:
        for atom in part[at + 1 :]:
            if atom.kind in "qVChME":
                return
            if atom.kind == "P" and not MARGINAL_P.search(atom.label):
                yield self._make(
                    "p", atom, endpoints=name, flag=f"{atom.flag} {flag}".strip(), test=atom.of, pair=pair,
                    interval=None, rank=3 if atom.of == "log-rank" else 2,
                )  # fmt: skip
                return

    def _unnamed_ratio(self, part: list[Atom]) -> Iterator[Finding]:
        """Read "(3.8-5.4; 0.62 [0.50-0.76])" once a hazard ratio has been named."""
        names = [a.names for a in part if a.kind == "E"]
        for at, atom in enumerate(part):
            if atom.kind == "q" and atom.interval and atom.depth and len(names) == 1 and any(a.kind == "V" for a in part[:at]):  # fmt: skip
                try:
                    low, high = (float(end) for end in atom.interval)
                    inside = low <= float(atom.text) <= high
                except ValueError:
                    continue
                if inside and _is_ratio_number(atom, self.text):
                    yield self._make("hazard_ratio", atom, endpoints=names[0], rank=1)
                    yield from self._p_after(part, at, names[0], None, "")

    def _pair(self, part: list[Atom], head: int, at: int, end: int) -> tuple[int, int] | None:
        """Return which arm a hazard ratio is of, and against which; None if it is not said."""
        number = len(self.arms.arms)
        between = _arms_of(part[head + 1 : at])
        ahead = "".join(a.kind for a in part[head + 1 : at] if a.kind in "As")
        if ahead.startswith("sA"):  # "HR vs placebo: drug 0.84"
            rest = [i for i in between if i != between[0]] or ([1 - between[0]] if number == 2 else [])  # fmt: skip
            return (rest[0], between[0]) if len(rest) == 1 else None
        if len(between) == 2:
            return between[0], between[1]
        if len(between) == 1 and number == 2 and not any(a.kind == "s" for a in part[head:at]):
            return between[0], 1 - between[0]
        before: list[Atom] = []
        for atom in reversed(part[:head]):
            if atom.kind in "VCqPE":
                break
            before.insert(0, atom)
        if (pair := _versus(before)) is not None:
            return pair
        after: list[Atom] = []
        for atom in part[at + 1 : end]:
            if atom.kind in "VCqhEM":
                break
            if atom.kind != "P":
                after.append(atom)
        return _versus(after)

    def _p(self, part: list[Atom]) -> Iterator[Finding]:
        names = list(dict.fromkeys(a.names for a in part if a.kind == "E"))
        found = [a for a in part if a.kind == "P" and not MARGINAL_P.search(a.label)]
        if any(a.kind == "h" for a in part) or is_covariate(self.text):
            found = [a for a in found if a.of == "log-rank"]
        if len(names) != len(found):
            return
        for name, atom in zip(names, found, strict=True):
            yield self._make(
                "p", atom, endpoints=name, flag=atom.flag, test=atom.of, interval=None,
                rank=3 if atom.of == "log-rank" else 1,
            )  # fmt: skip


def _without_total(items: list[Atom], number: int) -> list[Atom]:
    """Leave out the count of all patients before those of the arms."""
    counts = [a for a in items if a.kind == "C"]
    if number > 1 and len(counts) == number + 1:
        if int(counts[0].text) == sum(int(a.text) for a in counts[1:]):
            return [a for a in items if a is not counts[0]]
    return items


def _arms_of(part: Sequence[Atom]) -> list[int]:
    return list(dict.fromkeys(a.index for a in part if a.kind == "A"))


def _versus(part: Sequence[Atom]) -> tuple[int, int] | None:
    """Return the two arms of "X versus Y", if that is all that is said."""
    kinds = "".join(a.kind for a in part if a.kind in "As")
    seen = _arms_of(part)
    return (seen[0], seen[1]) if "AsA" in kinds and len(seen) == 2 else None


def _is_ratio_number(atom: Atom, text: str) -> bool:
    if atom.kind != "q" or not re.fullmatch(r"\d{1,2}\.\d{1,3}", atom.text):
        return False
    return not re.match(r"\s*per\b", text[atom.end : atom.end + 6])


def _without_ratios(part: list[Atom]) -> list[Atom]:
    """Leave out the numbers that follow the words "hazard ratio"."""
    kept: list[Atom] = []
    in_ratio = False
    for atom in part:
        if atom.kind == "h":
            in_ratio = True
            if "".join(a.kind for a in kept[-3:]) == "AsA":
                del kept[-3:]
        elif atom.kind == "V" or (atom.kind in "EMC"):
            in_ratio = False
        if in_ratio and atom.kind in "qhAs":
            continue
        kept.append(atom)
    return kept


def _topic(part: list[Atom]) -> str:
    """Return what a statement is about: "O", "F", "D", or "" for survival."""
    first = next((i for i, a in enumerate(part) if a.kind in "VCnq"), len(part))
    middle = any(a.kind == "M" for a in part[:first])
    before = [a.kind for a in part[:first] if a.kind in ("EOFD" if middle else "EOD")]
    if not before and middle and any(a.kind == "F" for a in part[first:]):
        return "F"
    if not before:
        later = [a.kind for a in part[first:] if a.kind in "EOD"]
        return "D" if later[:1] == ["D"] and any(a.kind == "C" for a in part) else ""
    return "" if before[-1] == "E" else before[-1]


def _survival_of(value: Atom, endpoint: Atom, time: Atom) -> Atom | None:
    """Return a survival; mortality as its complement, unless it is that of the first months."""
    if "complement" not in endpoint.flag:
        return value
    if float(time.text) * _DAYS[time.unit] < 150 or not re.fullmatch(r"\d+(?:\.\d+)?%", value.text):
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
