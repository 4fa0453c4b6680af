"""What a draft leaves open: numbers that contradict each other, and results that were not read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ..endpoint import DAYS_PER
from .arms import TextArms
from .atoms import atoms
from .finding import EndpointSlots, Finding, Question, alike, complement
from .scope import Scope
from .sides import by_survival, by_words
from .statements import statements
from .vocabulary import Atom, is_covariate

__all__ = ["checked", "unread"]

_LEAST = 5.0
"""How far survival must favour the other arm to contradict a hazard ratio, in points or percent."""
_NEAR, _HALF = 0.97, 1.0
"""How near to the median a time, and to a half a percentage, may be by rounding or by reading."""
_DEALT = "their arms are not said beside them, and in the order of the text they would"


def checked(endpoints: Sequence[EndpointSlots]) -> None:
    """Look for contradictions within each endpoint.

    Numbers whose arm the text says are kept as reported, and the contradiction is a question. Those
    that were dealt out in the order in which the text names its arms are left open: the order is
    then the likelier mistake.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found; `arms` and `questions` are changed.
    """
    for slots in endpoints:
        _check_sides(slots)
        for arm in list(slots.arms):
            _check_rises(slots, arm)
            _check_middle(slots, arm)
            _check_counts(slots, arm)
            _check_intervals(slots, arm)
        _check_ratio(slots)
        slots.questions[:] = map(_with_interval, slots.questions)


def _check_sides(slots: EndpointSlots) -> None:
    """Compare the side of a hazard ratio that the text says with the survival of its arms."""
    ratio = slots.reported.get("hazard_ratio")
    if ratio is None or slots.pair is None:
        return
    said = slots.pair if slots.why_pair.startswith("said") else None
    if said is None and sorted(slots.pair) == [0, 1]:
        said = by_words(ratio)
    told = sorted(slots.pair)
    found = by_survival(
        {i: slots.arms[arm] for i, arm in enumerate(told)}, ratio.text, least=_LEAST
    )
    if said is None or found is None or said == (told[found[0]], told[found[1]]):
        return
    dealt = [
        (arm, key)
        for arm in told
        for key, finding in slots.arms[arm].items()
        if finding.dealt and key[0] in ("survival", "median")
    ]
    if not dealt:
        slots.ask("reported.hazard_ratio", ratio, "survival favours the other arm", filled=True)
        return
    for arm, key in dealt:
        finding = slots.arms[arm].pop(key)
        why = f"{_DEALT} contradict the side of the hazard ratio"
        slots.ask(f"arms.{arm}.{key[0]}", finding, why)
    if not slots.why_pair.startswith("said"):
        slots.pair, slots.why_pair = said, "the text says which arm fared better"


def _check_rises(slots: EndpointSlots, arm: int) -> None:
    """Look for survival that rises with time."""
    curve = sorted(_survival(slots, arm))
    rising = [(early, late) for early, late in pairwise(curve) if late[1] > early[1] + 1e-9]
    if not rising:
        return
    if any(slots.arms[arm]["survival", days].dealt for pair in rising for days, _ in pair):
        for days, _ in curve:
            finding = slots.arms[arm]["survival", days]
            if finding.dealt:
                del slots.arms[arm]["survival", days]
                why = f"{_DEALT} rise with time"
                slots.ask(f"arms.{arm}.survival", finding, why)
        return
    days, _ = rising[0][1]
    finding = slots.arms[arm]["survival", days]
    before = slots.arms[arm]["survival", rising[0][0][0]].text
    slots.ask(f"arms.{arm}.survival", finding, f"survival was {before} before", filled=True)


def _check_middle(slots: EndpointSlots, arm: int) -> None:
    """Compare the median with survival at times: more than half are alive before it, fewer after.

    Where the medians were dealt out, and would agree with survival if they were exchanged, the
    order is the likelier mistake.
    """
    median = slots.arms[arm].get(("median", 0.0))
    against = _against(slots, arm, median)
    if median is None or not against:
        return
    others = [
        own["median", 0.0]
        for other, own in slots.arms.items()
        if other != arm and ("median", 0.0) in own
    ]
    dealt = median.dealt and not median.sentence.row  # a table has its columns
    if dealt and len(others) == 1 and not _against(slots, arm, others[0]):
        for each in list(slots.arms):
            if finding := slots.arms[each].pop(("median", 0.0), None):
                why = f"{_DEALT} contradict survival at a time"
                slots.ask(f"arms.{each}.median", finding, why)
        return
    for days in against:
        finding = slots.arms[arm]["survival", days]
        why = f"the median is {median.text} {median.unit}"
        slots.ask(f"arms.{arm}.survival", finding, why, filled=True)


def _against(slots: EndpointSlots, arm: int, median: Finding | None) -> list[float]:
    """Return the days at which the survival of an arm contradicts a median."""
    number = _number(median.text) if median is not None else None
    if median is None or number is None or median.unit not in DAYS_PER:
        return []
    middle = number * DAYS_PER[median.unit]
    return [
        days
        for days, percent in _survival(slots, arm)
        if (days < _NEAR * middle and percent < 50 - _HALF)
        or (days * _NEAR > middle and percent > 50 + _HALF)
    ]


def _survival(slots: EndpointSlots, arm: int) -> Iterator[tuple[float, float]]:
    for (key, days), finding in slots.arms[arm].items():
        number = _number(finding.text)
        if key == "survival" and number is not None:
            yield days, number if finding.text.endswith("%") else 100 * number


def _check_counts(slots: EndpointSlots, arm: int) -> None:
    """Look for more events than patients."""
    events, n = (slots.arms[arm].get((key, 0.0)) for key in ("events", "n"))
    if events is not None and n is not None and int(events.text) > int(n.text):
        slots.ask(f"arms.{arm}.events", events, f"n is {n.text}", filled=True)


def _check_intervals(slots: EndpointSlots, arm: int) -> None:
    for (key, _), finding in slots.arms[arm].items():
        if key in ("median", "survival") and _is_outside(finding):
            slots.ask(f"arms.{arm}.{key}", finding, _outside(finding), filled=True)


def _check_ratio(slots: EndpointSlots) -> None:
    ratio = slots.reported.get("hazard_ratio")
    if ratio is not None and _is_outside(ratio):
        slots.ask("reported.hazard_ratio", ratio, _outside(ratio), filled=True)


def _is_outside(finding: Finding) -> bool:
    """Say whether a number lies outside its interval."""
    if finding.interval is None or finding.level in ("iqr", "range"):
        return False
    value, *ends = map(_number, (finding.text, *finding.interval))
    low, high = ends
    return value is not None and (
        (low is not None and value < low) or (high is not None and value > high)
    )


def _with_interval(question: Question) -> Question:
    """Say of a number that is left open for another reason that it lies outside its interval."""
    if question.filled or not _is_outside(question.finding):
        return question
    number = "it" if question.value == question.finding.text else question.finding.text
    low, high = question.finding.interval or ("", "")
    why = f"{question.why}, and {number} lies outside its interval, {low} to {high}"
    return replace(question, why=why)


def _outside(finding: Finding) -> str:
    low, high = finding.interval or ("", "")
    return f"its interval is {low} to {high}"


def _number(text: str) -> float | None:
    try:
        return float(text.rstrip("%"))
    except ValueError:  # NR, <0.1
        return None


_VALUES = "its values"
_RATIO = re.compile(r"\d{1,2}\.\d{1,3}")
_TIME_TO = re.compile(r"time\s+(?:to|until)\b", re.IGNORECASE)
_NAMED = re.compile(r"deaths?\b|\bdied|mortality|time\s+(?:to|until)", re.IGNORECASE)
_END = re.compile(r"\s*(?:[,;.()]|$|\s(?:was|were|did|had|occurred|in|of|for|with|between)\b)")
_STRONG = ("survival", "median", "mean", "hazard_ratio", "events", "follow_up", "unclear")


def unread(
    scoped: Sequence[Scope],
    found: Sequence[Finding],
    arms: TextArms,
    endpoints: Sequence[EndpointSlots],
) -> Iterator[tuple[Scope, str]]:
    """Yield sentences of which a result is not in the draft, each with what it is.

    Parameters
    ----------
    scoped : sequence of Scope
        The sentences, and what each may be read for.
    found : sequence of Finding
        Everything that was read.
    arms : TextArms
        The arms of the text.
    endpoints : sequence of EndpointSlots
        What is filled in and what is asked; a hazard ratio that was read and is neither is yielded.
    """
    held = _ratios_held(endpoints)
    for scope in scoped:
        if not scope.results or scope.sentence.row or is_covariate(scope.sentence.text):
            continue
        own = [f for f in found if f.sentence == scope.sentence]
        ratios = {f.text for f in own if f.slot == "hazard_ratio" and _is_held(f, held)}
        row = atoms(scope.whole, arms)
        reasons = list(dict.fromkeys(_reasons(row, own, ratios, scope.whole)))
        if reasons[-1:] == [_VALUES] and arms.arms and not any(a.kind == "A" for a in row):
            reasons[-1] += " (it is not said of which arms)"
        if reasons:
            yield scope, ", ".join(reasons)


def _ratios_held(endpoints: Sequence[EndpointSlots]) -> dict[str, list[str]]:
    """Return the hazard ratios that are filled in or asked about, by the name of the endpoint."""
    held: dict[str, list[str]] = {}
    for slots in endpoints:
        texts = held.setdefault(slots.name, [])
        if ratio := slots.reported.get("hazard_ratio"):
            texts.append(ratio.text)
        for question in slots.questions:
            if question.key == "reported.hazard_ratio":
                texts += question.value.split(" or ")
    return held


def _is_held(ratio: Finding, held: Mapping[str, Sequence[str]]) -> bool:
    """Say whether a hazard ratio is in the draft, there or rounded, as one of its endpoint."""
    texts = [text for name in ratio.endpoints for text in held.get(name, ())]
    return any(alike(text, ratio.text) for text in texts)


def _reasons(
    row: Sequence[Atom], own: Sequence[Finding], ratios: Collection[str], text: str
) -> Iterator[str]:
    for place, head in enumerate(row):
        if head.kind != "h" or (head.flag == "other" and not head.text):
            continue
        at = next((i for i, a in enumerate(row) if i > place and a.kind in "qhVC"), place)
        number = row[at]
        if number.kind != "q" or not _RATIO.fullmatch(number.text):
            continue
        if number.text not in ratios:
            whose = head.text or _outcome(row[:at], text)
            yield f"hazard ratio {number.text}" + (f" ({whose})" if whose else "")
    for place, outcome in enumerate(row):
        beside = any(a.kind == "M" for a in row[max(0, place - 1) : place])
        if beside and outcome.kind == "O" and _TIME_TO.match(outcome.text):
            yield f"another outcome ({_words(outcome, text)})"
    kinds = {a.kind for a in row}
    if {"E", "V"} <= kinds and kinds & {"T", "M"} and not any(f.slot in _STRONG for f in own):
        yield _VALUES
    elif left := list(_values_left(row, own)):
        yield f"survival of {', '.join(left)}"


def _values_left(row: Sequence[Atom], own: Sequence[Finding]) -> Iterator[str]:
    """Yield the percentages of a sentence on survival that none of its findings holds."""
    read = {f.text for f in own}
    read |= {complement(text) for text in read}
    for part in statements(row):
        kinds = {a.kind for a in part}
        if {"E", "T"} <= kinds and not kinds & set("OCDF"):
            shares = (a for a in part if a.kind == "V" and a.unit == "percent" and not a.depth)
            yield from (a.text for a in shares if a.text not in read)


def _outcome(before: Sequence[Atom], text: str) -> str:
    """Return the words of the outcome that a hazard ratio is of, if it is no survival."""
    named = [a for a in before if a.kind in "OED"]
    told = named and named[-1].kind == "O" and _NAMED.search(named[-1].text)
    return _words(named[-1], text) if told else ""


def _words(atom: Atom, text: str) -> str:
    """Return what an outcome is called, to the end of its words."""
    end = _END.search(text, atom.end)
    return " ".join(text[atom.start : end.start() if end else atom.end].lower().split())
