"""Reported numbers, what is said before them, and the places of a study file that they fill."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..endpoint import DAYS_PER
from .passages import Sentence
from .scope import Scope
from .vocabulary import Atom

__all__ = [
    "ALLOCATED",
    "BEFORE_EXCLUSIONS",
    "BEFORE_MATCHING",
    "BY_DIFFERENCE",
    "OF_MORE_ARMS",
    "OF_WHOM",
    "TOO_FEW",
    "UNSURE_PATIENTS",
    "Context",
    "EndpointSlots",
    "Finding",
    "Question",
    "alike",
    "behind_iqr",
    "complement",
    "decimals",
    "enter",
    "is_estimate",
    "note_columns",
    "note_order",
    "note_unread",
    "panels",
    "speaks_of_medians",
    "survival_of",
    "usual_order",
]


@dataclass(frozen=True)
class Finding:
    """One reported number.

    Attributes
    ----------
    slot : str
        "survival", "median", "mean", "events", "follow_up", "hazard_ratio", "p", "n",
        "at_risk", "direction", or "unclear": times that may be medians or means.
    text : str
        The number as reported, in plain characters.
    sentence : Sentence
        Where it was found.
    endpoints : tuple of str
        Endpoints that it may be of, the likeliest first; empty if it is of all of them.
    label : str
        The endpoint in full; of a number that is worked out, from which.
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
    sides : tuple of int, optional
        The two arms of a comparison of which it is not said which is the reference.
    better : int, optional
        The arm that the words before a hazard ratio say fared better.
    against : tuple of int, optional
        The arm that is the subject of its sentence, and the one that this is compared with.
    dealt : bool
        Whether its arm is not said beside it, but follows from the order of the text.
    stratified : bool
        Whether the analysis is said to be stratified.
    doubt : str
        Why it may be of somebody else than the arms and all patients: it is left open then.
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
    sides: tuple[int, int] | None = None
    better: int | None = None
    against: tuple[int, int] | None = None
    dealt: bool = False
    stratified: bool = False
    doubt: str = ""
    rank: int = 0


@dataclass
class Context:
    """What the sentences before have said."""

    paragraph: int = -1
    endpoint: Atom | None = None
    times: list[Atom] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    panels: dict[str, Atom] = field(default_factory=dict)
    columns: list[int] = field(default_factory=list)
    in_rows: bool = False
    beside: Atom | None = None  # the endpoint of the row before
    ratio_seen: bool = False
    timed: bool = False  # whether the sentence reports survival at times
    just_timed: bool = False  # whether the sentence before does
    medians: bool = False
    heads: str = ""  # kinds of the words above the columns of a table
    named_last: list[int] = field(default_factory=list)  # the arms in the last sentence with all
    level_said: bool = False  # whether a sentence before says that its intervals are of 95%
    order_lost: bool = False  # whether values of arms stand before that could not be read


ALLOCATED = "allocated"
"""Flag of a number of patients that is the arm's share of all by the reported allocation."""
BY_DIFFERENCE = "by difference"
"""Flag of a number of patients that is that of all less that of the other arm: see `label`."""
BEFORE_EXCLUSIONS = "before exclusions"
"""Flag of patients assigned to an arm of whom some are said not to have been analysed."""
OF_MORE_ARMS = "of more arms"
"""Flag of patients in a list of more arms than were recognised."""
TOO_FEW = "too few"
"""Flag of numbers of patients that can be no arms: they make up less than a third of all."""
UNSURE_PATIENTS = {
    OF_MORE_ARMS: "the sentence lists more arms than were recognised",
    BEFORE_EXCLUSIONS: "some of these patients were not analysed",
    "treated of randomised": "more patients were randomised than are counted here",
    TOO_FEW: "many more patients were randomised than are counted here",
    "some of assigned": "results are reported of some of them, whose numbers are reported too",
}
"""Flags of numbers of patients that are questions, each with the reason."""
BEFORE_MATCHING = "before matching"
"""Flag of a follow-up that is said of all patients before a text speaks of those matched."""
OF_WHOM = "adjusted, of whom unsaid"
"""Flag of a multivariable model of which it is not said whether its patients were matched."""
_PANEL = re.compile(r"\(([A-Fa-f])\)|(?:^|(?<=[.|]\s))([a-f])(?=,\s[A-Z])")
"""The letter of a panel: "survival (A)", "a, Overall survival"."""
_PROSE = re.compile(r"^[A-Z][^:]{20,}?\b(?:was|were|is|are|had|did)\b[^:]{20,}\.$")
"""A whole sentence, which is no line of a table."""
_EARLIEST = 60  # days; what is reported before is the outcome of an operation or an episode


def survival_of(value: Atom, endpoint: Atom, time: Atom) -> Atom | None:
    """Return a survival; mortality as its complement, unless it is that of the first months."""
    days = float(time.text) * DAYS_PER[time.unit]
    if days < _EARLIEST:
        return None
    if "complement" not in endpoint.flag:
        return value
    if days < 150 or not re.fullmatch(r"\d+(?:\.\d+)?%", value.text):
        return None
    ends = None
    if value.interval is not None:
        low, high = value.interval
        ends = (complement(high), complement(low))
    return replace(value, text=complement(value.text), interval=ends)


def complement(text: str) -> str:
    """Return 100% less a percentage; what is none as it is."""
    number = text.rstrip("%")
    if not re.fullmatch(r"\d+(?:\.\d+)?", number):
        return text
    decimals = len(number.partition(".")[2])
    sign = "%" if text.endswith("%") else ""
    return f"{100 - float(number):.{decimals}f}{sign}"


def speaks_of_medians(found: Sequence[Scope]) -> bool:
    """Say whether survival times of a text are medians even where the word is missing."""
    body = " ".join(scope.sentence.text for scope in found)
    average = re.search(r"\b(?:mean|average)\s+(?:[\w-]+\s+){0,2}survival", body, re.IGNORECASE)
    median = re.search(
        r"\b[Mm]edian\s+(?:[\w-]+\s+){0,2}(?:survival|OS|PFS|DFS|RFS|EFS)|\bm(?:OS|PFS)\b|"
        r"\(median|\bmedians\b",
        body,
    )
    return bool(median) and not average


def usual_order(rows: Sequence[Sequence[Atom]]) -> list[int]:
    """Return the order in which the arms are named; empty if it changes."""
    first: dict[tuple[int, ...], int] = {}
    number = 1 + max((a.index for row in rows for a in row if a.kind == "A"), default=-1)
    for row in rows:
        end = next((i for i, a in enumerate(row) if a.kind == "h"), len(row))
        seen = list(dict.fromkeys(a.index for a in row[:end] if a.kind == "A"))
        if len(seen) == number and number > 1:
            first[tuple(seen)] = first.get(tuple(seen), 0) + 1
    if not first and number > 1:  # each sentence names one arm
        return list(dict.fromkeys(a.index for row in rows for a in row if a.kind == "A"))
    total = sum(first.values())
    best = max(first, key=lambda key: first[key], default=())
    return list(best) if total and first[best] >= 0.75 * total else []


def panels(found: Sequence[Scope], rows: Sequence[Sequence[Atom]]) -> dict[str, Atom]:
    """Return which endpoint each lettered panel of a figure shows."""
    panels: dict[str, Atom] = {}
    for scope, row in zip(found, rows, strict=True):
        endpoints = [a for a in row if a.kind == "E"]
        for mark in _PANEL.finditer(scope.sentence.text):
            ahead = [e for e in endpoints if 0 <= mark.start() - e.end < 3]  # "survival (A)"
            before = ahead if mark[1] else []
            beside = before or [e for e in endpoints if 0 <= e.start - mark.end() < 40]
            if beside:
                panels.setdefault((mark[1] or mark[2]).upper(), beside[0])
    return panels


def enter(context: Context, sentence: Sentence) -> None:
    """Forget what a new paragraph does not go on with."""
    if sentence.row:
        letter = re.fullmatch(r"\(?(?:Panel\s+)?([A-Fa-f])[).:]?", sentence.text)
        if letter and letter[1].upper() in context.panels:
            context.endpoint = context.panels[letter[1].upper()]
        context.in_rows = True
    elif sentence.paragraph != context.paragraph and not (
        context.in_rows and re.match(r"[A-Z][\w+/ -]{0,40}[:,]", sentence.text)
    ):
        context.endpoint, context.times, context.order = None, [], []
        context.in_rows = False
    elif _PROSE.search(sentence.text):
        context.in_rows = False
    context.paragraph = sentence.paragraph


def note_columns(context: Context, sentence: Sentence, row: Sequence[Atom]) -> None:
    """Remember the arms above the columns of a table, and the endpoint that heads its rows."""
    context.beside = context.beside if sentence.row else None
    if not sentence.row:
        return
    kinds = {a.kind for a in row}
    context.heads = "".join(a.kind for a in row) if not kinds & set("VCPqnA") else context.heads
    if kinds & set("EO"):
        last = next(a for a in reversed(row) if a.kind in "EO")
        context.beside = last if last.kind == "E" else None
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


def note_order(context: Context, row: Sequence[Atom], number: int) -> None:
    """Remember the order in which a sentence counts the patients of the arms."""
    kinds = {a.kind for a in row}
    context.level_said |= any(a.level == "95" for a in row)
    seen = list(dict.fromkeys(a.index for a in row if a.kind == "A"))
    end = next((i for i, a in enumerate(row) if a.kind == "h"), len(row))
    said = list(dict.fromkeys(a.index for a in row[:end] if a.kind == "A"))
    if len(said) == number > 1:
        context.named_last = said
    if len(seen) == number > 1 and kinds & set("nC") and not kinds & set("VhE"):
        context.order = seen


def behind_iqr(row: Sequence[Atom], value: Atom, context: Context) -> bool:
    """Say whether the last interval before a value, of those whose kind is said, is an IQR."""
    said = [a.level for a in row if a.end <= value.start and a.level in ("95", "iqr")]
    return said[-1:] == ["iqr"] and not context.level_said


def note_unread(
    context: Context, row: Sequence[Atom], read: Sequence[Finding], number: int
) -> None:
    """Remember that a sentence gives values of several whose names were not read.

    Those behind it are listed in its order, which is then not known: until a sentence names the
    arms of its values.
    """
    valued = [f for f in read if f.slot in ("survival", "median", "mean")]
    named = {f.arm for f in valued if f.arm is not None and not f.dealt}
    if len(named) == number:
        context.order_lost = False
        return
    valued = [] if len(named) == 1 else valued
    kinds = [a.kind for a in row]
    values = sum(a.kind == "V" and not a.depth for a in row)
    if not valued and number > 1 and "E" in kinds and values >= number:
        context.order_lost = True


def is_estimate(finding: Finding) -> bool:
    """Say whether the sentence of a finding names the estimate of a survival curve."""
    return re.search(r"Kaplan|actuarial|product-limit", finding.sentence.text) is not None


def decimals(text: str) -> int:
    """Return how many decimals a number is reported with."""
    return len(re.sub(r"[^\d.]", "", text).partition(".")[2])


def alike(one: str, other: str) -> bool:
    """Say whether two reported numbers can be one, rounded differently."""
    if one == other or "NR" in (one, other) or one[:1] in "<>" or other[:1] in "<>":
        return one == other
    numbers = [re.sub(r"[^\d.]", "", text) for text in (one, other)]
    if not all(numbers):
        return False
    unit = 10.0 ** -min(map(decimals, numbers))
    return abs(float(numbers[0]) - float(numbers[1])) <= 0.5001 * unit and decimals(
        one
    ) != decimals(other)


@dataclass(frozen=True)
class Question:
    """Something that a person must decide: the key, what was found, and why it is not filled in.

    If `filled` it is filled in as it is reported, and `why` says what contradicts it.
    """

    key: str
    value: str
    why: str
    finding: Finding
    filled: bool = False


@dataclass
class EndpointSlots:
    """What was found of one endpoint of one cohort.

    Attributes
    ----------
    name, label, cohort : str
        Short name, name in full, and "matched", "unmatched", "from listing", ..., or "".
    unit : str
        Unit of its medians; else of its follow-up, of its axis, or months.
    arms : dict of int to dict of tuple of str and float to Finding
        By arm, and by key with a time in days, which is 0 for all but "survival" and "at_risk":
        "n", "events", "median", "mean", "follow_up", "follow_up iqr" and "follow_up range".
    reported : dict of str to Finding
        "hazard_ratio" and "p".
    pair : tuple of int, optional
        Treatment and reference of the hazard ratio.
    why_pair : str
        How it is known which arm is the reference.
    questions : list of Question
        What was found and not filled in.
    allocation : tuple of str and tuple of Finding
        Where no number of any arm is reported: what is asked of it, and the sentences that say how
        many patients there are and how they were allocated.
    """

    name: str
    label: str
    cohort: str
    unit: str = "months"
    arms: dict[int, dict[tuple[str, float], Finding]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    reported: dict[str, Finding] = field(default_factory=dict)
    pair: tuple[int, int] | None = None
    why_pair: str = ""
    questions: list[Question] = field(default_factory=list)
    allocation: tuple[str, tuple[Finding, ...]] = ("", ())

    def ask(
        self, key: str, finding: Finding, why: str, *, value: str = "", filled: bool = False
    ) -> None:
        """Add a question, of `value` or else of the number of the finding: see `Question`."""
        self.questions.append(Question(key, value or finding.text, why, finding, filled))
