"""Whether what was found of an endpoint fits together; what does not is said, or left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from .directions import by_survival, by_words
from .endpoint_slots import EndpointSlots, Question
from .finding import Finding

__all__ = ["checked"]

_LEAST = 5.0
"""How far survival must favour the other arm to contradict a hazard ratio, in points or percent."""
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
        _ask(slots, "reported.hazard_ratio", ratio, "survival favours the other arm")
        return
    for arm, key in dealt:
        finding = slots.arms[arm].pop(key)
        why = f"{_DEALT} contradict the side of the hazard ratio"
        slots.questions.append(Question(f"arms.{arm}.{key[0]}", finding.text, why, finding))
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
                slots.questions.append(Question(f"arms.{arm}.survival", finding.text, why, finding))
        return
    days, _ = rising[0][1]
    finding = slots.arms[arm]["survival", days]
    before = slots.arms[arm]["survival", rising[0][0][0]].text
    _ask(slots, f"arms.{arm}.survival", finding, f"survival was {before} before")


def _survival(slots: EndpointSlots, arm: int) -> Iterator[tuple[float, float]]:
    for (key, days), finding in slots.arms[arm].items():
        number = _number(finding.text)
        if key == "survival" and number is not None:
            yield days, number if finding.text.endswith("%") else 100 * number


def _check_counts(slots: EndpointSlots, arm: int) -> None:
    """Look for more events than patients."""
    events, n = (slots.arms[arm].get((key, 0.0)) for key in ("events", "n"))
    if events is not None and n is not None and int(events.text) > int(n.text):
        _ask(slots, f"arms.{arm}.events", events, f"n is {n.text}")


def _check_intervals(slots: EndpointSlots, arm: int) -> None:
    for (key, _), finding in slots.arms[arm].items():
        if key in ("median", "survival") and _is_outside(finding):
            _ask(slots, f"arms.{arm}.{key}", finding, _outside(finding))


def _check_ratio(slots: EndpointSlots) -> None:
    ratio = slots.reported.get("hazard_ratio")
    if ratio is not None and _is_outside(ratio):
        _ask(slots, "reported.hazard_ratio", ratio, _outside(ratio))


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


def _ask(slots: EndpointSlots, key: str, finding: Finding, why: str) -> None:
    """Ask about a number that is filled in as it is reported."""
    slots.questions.append(Question(key, finding.text, why, finding, filled=True))
