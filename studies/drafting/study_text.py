"""The drafted study file: keys with the words that they were found in, questions as comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...presentation import toml
from ..endpoint import DAYS_PER
from ..fields import date_faults
from ..printed_fields import LEAST_LEVEL, MOST_LEVEL, USUAL_LEVEL
from .arms import TextArms
from .finding import ALLOCATED, BY_DIFFERENCE, EndpointSlots, Finding, Question
from .scope import Scope

__all__ = ["study_text"]

_QUOTE = 170  # characters of a sentence that a comment shows
_HEAD = """\
# A study file drafted from a text. Each number stands as it was found, with the words and the line
# that it was found in: check each against the paper. Lines that begin with "#?" ask something, and
# "# not found" lists what the text does not say. Then run: kmrepro validate FILE
"""
_NOTHING_YET = "Nothing can be reproduced yet: fill in the numbers that are asked for below."
_ARM_KEYS = ("n", "events", "survival", "median", "mean", "at_risk", "follow_up")


def study_text(
    endpoints: Sequence[EndpointSlots],
    arms: TextArms,
    found_dates: Sequence[Finding],
    *,
    unclear: Sequence[Finding] = (),
    unread: Sequence[tuple[Scope, str]] = (),
    nothing_yet: str = "",
    scoped: Sequence[Scope],
    name: str,
) -> tuple[str, list[str]]:
    """Write a study file.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found, by endpoint.
    arms : TextArms
        The arms of the text; none if it has one arm.
    found_dates : sequence of Finding
        First and last entry, end of follow-up.
    unclear : sequence of Finding
        Survival times of which the text does not say whether they are medians or means.
    unread : sequence of tuple of Scope and str
        Sentences of which a result was not read, and what it is.
    nothing_yet : str
        Why no result was read, if none was.
    scoped : sequence of Scope
        The sentences; those left out although they hold numbers are listed at the end.
    name : str
        The study's id.

    Returns
    -------
    tuple of str and list of str
        The file, and its questions.
    """
    names = toml.short_names(arm.name for arm in arms.arms) or ["all"]
    questions: list[str] = []
    if nothing_yet:
        questions.append(f"{_NOTHING_YET} {nothing_yet}")
    lines = [
        _HEAD,
        *(f"#? {question}" for question in questions),
        f"id = {toml.quoted(_slug(name))}",
        '# title = ""',
        '# citation = ""',
    ]
    lines.append(f"time_unit = {toml.quoted(_common_unit(endpoints))}")
    lines += _date_lines(found_dates, questions)
    if arms.arms:
        lines += ["", "[arms]"]
        labels = [arm.label for arm in arms.arms]
        lines += [
            f"{toml.key(n)} = {toml.quoted(label)}" for n, label in zip(names, labels, strict=True)
        ]
    lines += _unclear_lines(unclear, questions)
    taken: set[str] = set()
    unit = _common_unit(endpoints)
    for slots in endpoints:
        written = _endpoint_lines(
            slots, names, unit, taken=taken, questions=questions, divided=arms.divided
        )
        lines += ["", *written]
    lines += _left_out(scoped, unread)
    return "\n".join(lines) + "\n", questions


def _unclear_lines(unclear: Sequence[Finding], questions: list[str]) -> Iterator[str]:
    for finding in unclear:
        question = (
            f"{finding.endpoints[0]}: {finding.text}? Left open because the text does not say "
            "whether these are medians or means; give them as `median` or `mean` of their arms."
        )
        questions.append(question)
        yield ""
        yield _said(finding)
        yield f"#? {question}"


def _slug(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-_.")[:64]
    return plain if re.match(r"[A-Za-z0-9]", plain) else "draft"


def _common_unit(endpoints: Sequence[EndpointSlots]) -> str:
    units = [slots.unit for slots in endpoints]
    return max(units, key=units.count)


def _said(finding: Finding, note: str = "") -> str:
    """Return the comment of a number: where it was found, and in which words."""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", finding.sentence.text).split())
    if len(text) > _QUOTE:
        digits = finding.text.lstrip("<>≤≥~").rstrip("%")
        at = max(text.find(digits), 0) if digits else 0
        start = max(0, min(at - _QUOTE // 2, len(text) - _QUOTE))
        end = start + _QUOTE
        text = (
            ("..." if start else "") + text[start:end].strip() + ("..." if end < len(text) else "")
        )
    return f'# {finding.sentence.where}: "{text}"{f" - {note}" if note else ""}'


def _date_lines(found: Sequence[Finding], questions: list[str]) -> list[str]:
    by_slot = {f.slot: f for f in found}
    lines = []
    first, last, end = (by_slot.get(k) for k in ("first entry", "last entry", "data_cutoff"))
    period = (first.text, last.text) if first and last else None
    faults = dict(date_faults(period, end.text if end else None))
    values = {
        "enrolment": (first, period and f"[{toml.quoted(period[0])}, {toml.quoted(period[1])}]"),
        "data_cutoff": (end, end and toml.quoted(end.text)),
    }
    for key, (finding, value) in values.items():
        if finding is None or value is None:
            lines.append(f"# not found: {key}")
        elif fault := faults.get((key,)):
            questions.append(f"{key} = {value}? {fault[:1].upper()}{fault[1:]}.")
            lines += [_said(finding), f"#? {questions[-1]}"]
        else:
            lines += [_said(finding), f"{key} = {value}"]
    return lines


def _endpoint_lines(
    slots: EndpointSlots,
    names: Sequence[str],
    unit: str,
    *,
    taken: set[str],
    questions: list[str],
    divided: bool,
) -> Iterator[str]:
    cohort = slots.cohort or "all"
    if slots.pair and len(names) > 2:
        cohort = f"{names[slots.pair[0]]} vs {names[slots.pair[1]]}"[:60].strip()
        cohort = f"{cohort}, {slots.cohort}" if slots.cohort else cohort
    while f"{cohort}/{slots.name}".casefold() in taken:
        cohort += "-2"
    taken.add(f"{cohort}/{slots.name}".casefold())
    yield "[[endpoint]]"
    yield f"cohort = {toml.quoted(cohort)}"
    yield f"name = {toml.quoted(slots.name)}"
    yield f"label = {toml.quoted(slots.label)}"
    if slots.unit != unit:
        yield f"time_unit = {toml.quoted(slots.unit)}"
    if divided:
        yield 'compares = "groups"'
    ratio = slots.reported.get("hazard_ratio")
    if ratio is not None and slots.pair is not None:
        yield (
            f"# The hazard ratio is {names[slots.pair[0]]} versus {names[slots.pair[1]]}: "
            f"{slots.why_pair}."
        )
        yield f"reference = {toml.quoted(names[slots.pair[1]])}"
    for question in slots.questions:
        yield from _question_lines(question, names, slots, questions)
    yield from _allocation_lines(slots, questions)
    shown = slots.pair if slots.pair and len(names) > 2 else range(len(names))
    for arm in sorted(shown):
        yield from _arm_lines(slots, arm, names[arm])
    if len(names) > 1:
        yield from _reported_lines(slots)


def _question_lines(
    question: Question, names: Sequence[str], slots: EndpointSlots, questions: list[str]
) -> Iterator[str]:
    key = re.sub(r"(?<=^arms\.)\d+", lambda m: names[int(m[0])], question.key)
    reason = f"As reported, but {question.why}." if question.filled else ""
    reason = reason or f"Left open because {question.why}."
    sentence = f"{slots.name}: {key} = {question.value}? {reason}"
    questions.append(sentence)
    yield _said(question.finding)
    yield f"#? {sentence}"


def _allocation_lines(slots: EndpointSlots, questions: list[str]) -> Iterator[str]:
    """Ask for numbers of patients that the text does not report by arm: once, for all endpoints."""
    question, quoted = slots.allocation
    if not question or question in questions:
        return
    questions.append(question)
    filled = any(("n", 0.0) in own for own in slots.arms.values())  # the words then stand beside it
    yield from () if filled else map(_said, quoted)
    yield f"#? {question}"


def _arm_lines(slots: EndpointSlots, arm: int, name: str) -> Iterator[str]:
    found = slots.arms.get(arm, {})
    yield ""
    yield f"[endpoint.arms.{toml.key(name)}]"
    for key in ("n", "events"):
        finding = found.get((key, 0.0))
        if finding and finding.flag == ALLOCATED:
            yield from map(_said, slots.allocation[1])
            yield f"{key} = {int(finding.text)}"
            yield 'n_basis = "allocation"'
        elif finding:
            worked_out = finding.flag == BY_DIFFERENCE
            yield _said(finding, f"by difference: {finding.label}" if worked_out else "")
            yield f"{key} = {int(finding.text)}"
    yield from _landmark_lines(slots, found)
    for key in ("median", "mean"):
        if finding := found.get((key, 0.0)):
            yield _said(finding)
            yield f"{key} = {toml.quoted(finding.text)}"
            if key == "median" and finding.interval is not None:
                yield from _interval_line("median_ci", finding)
    yield from _at_risk_lines(slots, found)
    yield from _follow_up_lines(found)
    missing = [key for key in _ARM_KEYS if not any(k == key for k, _ in found)]
    if missing:
        yield f"# not found: {', '.join(missing).replace('survival', 'landmarks')}"


def _interval_line(key: str, finding: Finding) -> Iterator[str]:
    """Write a 95% interval; one of another level is a comment, for a person to take with it."""
    low, high = finding.interval or ("", "")
    line = f"{key} = [{toml.quoted(low)}, {toml.quoted(high)}]"
    level = _level(finding)
    if level == USUAL_LEVEL:
        yield line
    elif level is not None:
        yield f"# {line}  # a {finding.level}% interval: take it with the next line, or leave it"
        yield f"# {key}_level = {level:g}"
    elif finding.level not in ("iqr", "range"):
        yield f"# {line}  # a {finding.level}% interval; a study file holds those of 80% to 99.9%"


def _level(finding: Finding) -> float | None:
    """Return the confidence level of an interval; None if a study file holds none such."""
    try:
        level = float(finding.level)
    except ValueError:  # quartiles, a range
        return None
    return level if LEAST_LEVEL <= level <= MOST_LEVEL else None


def _time(days: float, unit: str) -> str:
    value = days / DAYS_PER[unit]
    whole = round(value)
    if whole and abs(value - whole) <= 0.002 * value:
        return str(whole)
    return toml.quoted(f"{value:.2f}".rstrip("0").rstrip("."))


def _percent(interval: tuple[str, str], like: str) -> tuple[str, str]:
    """Give both ends of an interval the percent sign that its survival has."""
    if not like.endswith("%"):
        return interval
    low, high = (end if end.endswith("%") or end == "NR" else f"{end}%" for end in interval)
    return low, high


def _landmark_lines(slots: EndpointSlots, found: dict[tuple[str, float], Finding]) -> Iterator[str]:
    landmarks = sorted((days, f) for (key, days), f in found.items() if key == "survival")
    if not landmarks:
        return
    for _, finding in {f.sentence.text: (d, f) for d, f in landmarks}.values():
        converted = "complement" in finding.flag
        yield _said(finding, "survival = 100% - mortality" if converted else "")
    cells = []
    for days, finding in landmarks:
        value = toml.quoted(finding.text)
        level = _level(finding)
        if finding.interval is not None and level == USUAL_LEVEL:
            low, high = _percent(finding.interval, finding.text)
            value = f"{{ survival = {value}, ci = [{toml.quoted(low)}, {toml.quoted(high)}] }}"
        cells.append(f"{_time(days, slots.unit)} = {value}")
    yield f"landmarks = {{ {', '.join(cells)} }}"


def _at_risk_lines(slots: EndpointSlots, found: dict[tuple[str, float], Finding]) -> Iterator[str]:
    counts = sorted((days, f) for (key, days), f in found.items() if key == "at_risk")
    if counts:
        yield _said(counts[0][1])
        cells = [f"{_time(days, slots.unit) if days else 0} = {int(f.text)}" for days, f in counts]
        yield f"at_risk = {{ {', '.join(cells)} }}"


def _follow_up_lines(found: dict[tuple[str, float], Finding]) -> Iterator[str]:
    middle = found.get(("follow_up", 0.0))
    if middle is None:
        return
    yield _said(middle)
    cells = [f"median = {toml.quoted(middle.text)}"]
    for spread in ("iqr", "range"):
        finding = found.get((f"follow_up {spread}", 0.0))
        if finding is not None and finding.interval is not None:
            low, high = finding.interval
            cells.append(f"{spread} = [{toml.quoted(low)}, {toml.quoted(high)}]")
    yield f"follow_up = {{ {', '.join(cells)} }}"


def _reported_lines(slots: EndpointSlots) -> Iterator[str]:
    ratio, p = slots.reported.get("hazard_ratio"), slots.reported.get("p")
    yield ""
    if ratio is None and p is None:
        yield "# not found: hazard_ratio, p"
        return
    yield "[endpoint.reported]"
    if ratio is not None:
        yield _said(ratio)
        yield f"hazard_ratio = {toml.quoted(ratio.text)}"
        if ratio.interval is not None:
            yield from _interval_line("ci", ratio)
        if ratio.flag == "adjusted":
            yield "adjusted = true"
    if any(found.stratified for found in (ratio, p) if found is not None):
        yield "stratified = true"
    if p is not None:
        if ratio is None or p.sentence != ratio.sentence:
            yield _said(p)
        yield from _p_lines(p)
    missing = [k for k, v in (("hazard_ratio", ratio), ("p", p)) if v is None]
    if missing:
        yield f"# not found: {', '.join(missing)}"


def _p_lines(p: Finding) -> Iterator[str]:
    yield f"p = {toml.quoted(p.text)}"
    test = p.test
    if "one-sided" in p.flag:
        yield "one_sided = true"
        test = f"one-sided {p.test or 'test'}"
    if test:
        yield f"test = {toml.quoted(test)}"


def _left_out(scoped: Sequence[Scope], unread: Sequence[tuple[Scope, str]]) -> list[str]:
    """List the sentences with numbers that were left out, and why."""
    reasons = {
        "subgroup": "some of the patients",
        "enrolled": "all who entered, where other results are of those who were treated",
        "interim": "an earlier analysis",
        "another study": "another study",
        "planned": "planned, assumed or modelled",
    }
    lines = []
    for scope in scoped:
        text = scope.sentence.text
        worth = re.search(r"surviv|hazard|\bHR\b|\bOS\b|[DPR]FS\b", text) and re.search(
            r"\d\.\d|\d%", text
        )
        if scope.why in reasons and worth:
            finding = Finding("", "", scope.sentence)
            lines.append(f"{_said(finding)} - {reasons[scope.why]}")
    for scope, what in unread:
        lines.append(f"{_said(Finding('', what.split()[-1], scope.sentence))} - not read: {what}")
    return ["", "# Left out:", *lines] if lines else []
