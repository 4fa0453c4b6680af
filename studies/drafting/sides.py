"""The sides of a comparison: which arms are set against each other, and which fared better."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .finding import EndpointSlots, Finding
from .vocabulary import Atom

__all__ = [
    "COMPARATIVE",
    "arms_of",
    "behind_than",
    "better_arm",
    "by_survival",
    "by_words",
    "direct",
    "two_sides",
    "versus",
]


def arms_of(part: Sequence[Atom]) -> list[int]:
    """Return the arms that a statement names, each once, in order."""
    return list(dict.fromkeys(a.index for a in part if a.kind == "A"))


def versus(part: Sequence[Atom]) -> tuple[int, int] | None:
    """Return the two arms of "X versus Y", if that is all that is said."""
    said = [a for a in part if a.kind in "As"]
    place = "".join(a.kind for a in said).rfind("AsA")
    if place < 0 or len(arms_of(part)) != 2 or said[place].index == said[place + 2].index:
        return None
    return said[place].index, said[place + 2].index


def two_sides(part: Sequence[Atom], text: str) -> tuple[int, int] | None:
    """Return the two arms that a statement sets against each other, if it names no other.

    Parameters
    ----------
    part : sequence of Atom
        A statement, or what stands before a hazard ratio.
    text : str
        The sentence: "longer with A than with B", "no difference between A and B".
    """
    named = sorted((a for a in part if a.kind == "A"), key=lambda a: a.start)
    if len(named) < 2 or len(arms_of(part)) != 2 or named[0].index == named[1].index:
        return None
    first, second = named[:2]
    before, between = text[: first.start], text[first.end : second.start]
    valued = sum(a.kind == "V" for a in part) == 2
    apart = re.search(
        r"\b(?:than|versus|vs?|compared|against|superior\s+to|(?:non-?)?inferior\s+to|over)\b",
        between,
    )
    both = re.search(r"\bbetween\s+(?:the\s+)?$", before) and "and" in between
    ahead = re.search(
        r"\b(?:compared|relative|as\s+opposed)\s+(?:with|to)\s+(?:the\s+)?$", before, re.I
    )
    return (first.index, second.index) if apart or both or ahead or valued else None


_THAN = re.compile(
    r"\b(?:than|over|(?:compared|relative|as\s+opposed)\s+(?:with|to))\s+[^.;,()\d]{0,40}$",
    re.IGNORECASE,
)


def behind_than(before: str) -> bool:
    """Say whether words end before the arm that another one, which is not named, is set against."""
    return _THAN.search(before) is not None


_MORE = (
    r"longer|higher|better|superior|greater|improv(?:ed|es|ing|ement)|increas(?:ed|es|ing)|"
    r"prolong(?:ed|s|ing)|extend(?:ed|s|ing)"
)
_LESS = (
    r"shorter|lower(?:ed|s)?|worse|inferior|poorer|reduc(?:ed|es|ing|tion)|decreas(?:ed|es|ing)|"
    r"smaller|fewer|shorten(?:ed|s)"
)
COMPARATIVE = re.compile(rf"\b(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\b", re.IGNORECASE)
_AGAINST = re.compile(
    r"\b(?:than|versus|vs\.?|over|(?:compared|relative)\s+(?:with|to))\s+(?:(?:with|in|after|for|that\s+(?:with|in|of))\s+)?(?:the\s+)?$"
    r"|\b(?:adding|addition\s+of)\s+[^,;.()]{1,40}?\s+to\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""What stands before the arm that another one, which need not be named, is set against."""
_FAVOURING = re.compile(r"(?<!not\s)\bfavou?r(?:ed|ing|s)?\s+(?:of\s+)?(?:the\s+)?$", re.IGNORECASE)
"""What stands before the arm that fared better: "hazard ratio 0.72 in favour of"."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DENIED = re.compile(
    r"\b(?:not|no|nor|neither|without|non-?inferior\w*|similar(?:ly)?|comparable)\b", re.IGNORECASE
)
_BAD = re.compile(
    r"\b(?:risk|hazard|deaths?|died|mortality|failures?|events?|progression|recurrences?|relapses?)\b"
    r"(?!-free)(?!\s+free)",
    re.IGNORECASE,
)


def better_arm(part: Sequence[Atom], head: int, text: str) -> int | None:
    """Return the arm of two that a statement says fared better, before its hazard ratio.

    Parameters
    ----------
    part : sequence of Atom
        A statement.
    head : int
        Place of the words "hazard ratio" in it.
    text : str
        The sentence.

    Returns
    -------
    int, optional
        The arm; None if nothing, or more than one thing, is compared, or if it is denied.
    """
    end = part[head].start
    start = max(text.rfind(mark, 0, end) for mark in ("; ", ". ")) + 1
    start = start if start < part[0].start else 0
    words = [m for m in COMPARATIVE.finditer(text, start, end) if _is_bare(text, m, part)]
    if (fewer := _fewer_events(part[:head])) is not None:
        return fewer
    favoured = {a.index for a in part if a.kind == "A" and _FAVOURING.search(text[: a.start])}
    if len(favoured) == 1:
        return favoured.pop()
    named = [a for a in part[:head] if a.kind == "A"]
    if made := [a.index for a in named if a.start == a.end]:
        return made[-1]  # of "from 11.1 to 13.8 months"
    if len(words) != 1 or not named or _DENIED.search(text[start:end]):
        return None
    (word,) = words
    good, whose = _is_good(part[:head], word, text[start:end]), _whose(named, word, text)
    if good is None or whose is None:
        return None
    return whose if good == (word["more"] is not None) else 1 - whose


def _fewer_events(before: Sequence[Atom]) -> int | None:
    """Return the arm of which fewer patients had an event: "9.8% in A, 11.7% in B"."""
    told = [a for a in before if a.kind in "EDVA"]
    kinds = "".join(a.kind for a in told)
    if not kinds.endswith("VAVA") or kinds.rstrip("VA")[-1:] != "D" or "E" in kinds:
        return None
    values, arms = told[-4::2], told[-3::2]
    shares = [value.text.rstrip("%") for value in values]
    apart = len({arm.index for arm in arms}) == 2 and all(v.unit == "percent" for v in values)
    if not apart or not all(map(_NUMBER.fullmatch, shares)) or shares[0] == shares[1]:
        return None
    return arms[0].index if float(shares[0]) < float(shares[1]) else arms[1].index


def _is_bare(text: str, word: re.Match[str], part: Sequence[Atom]) -> bool:
    """Say whether a word compares results: not "higher dose", and not "with extended therapy"."""
    if any(a.kind == "A" and a.start <= word.start() < a.end for a in part):
        return False
    noun = (
        r"-|\s+(?:doses?|stage|age|grade|therapy|treatment|courses?|regimens?|lymph\w*|resection)\b"
    )
    return not re.match(noun, text[word.end() :], re.IGNORECASE)


def _is_good(before: Sequence[Atom], word: re.Match[str], said: str) -> bool | None:
    """Say whether what is compared is survival, and not the risk of an event; None if neither."""
    kinds = [a for a in before if a.kind in "ED"]
    after = [a for a in kinds if a.start >= word.end()]
    ahead = [a for a in kinds if a.end <= word.start()]
    chosen = after[0] if after else ahead[-1] if ahead else None
    if chosen is None:
        return None
    if chosen.kind == "D" or "complement" in chosen.flag:
        return False
    bad = _BAD.search(re.sub(r"[\w-]+-free|free\s+(?:of|from)\s+[\w-]+", " ", said))
    return None if bad else True


def _whose(named: Sequence[Atom], word: re.Match[str], text: str) -> int | None:
    """Return the arm that has more or less: behind "longer with", else the subject before it."""
    before = [a for a in named if a.end <= word.start()]
    after = [a for a in named if a.start >= word.end()]
    if re.match(r"\s+from\b", text[word.end() :]) and len({a.index for a in after}) == 2:
        return after[-1].index  # "improved from 5.5 in A to 9.3 in B"
    if before and after:
        return before[-1].index if {a.index for a in before} != {a.index for a in after} else None
    if len({a.index for a in before}) == 2:
        return None  # "in A and in B survival was longer"
    only = (after or before)[0]
    against = _AGAINST.search(text[: only.start])
    return 1 - only.index if against and len({a.index for a in named}) == 1 else only.index


_NEAR = 0.03
"""How far from 1 a hazard ratio may be without a side: curves that cross can be on either."""
_CLEAR = 5.0
"""How far survival must be apart for its side to count before those of other hazard ratios."""
_BY_EVENTS = "the events say so, as the text does not"
_BY_SURVIVAL = "survival says so, as the text does not"
_BY_SUBJECT = "its sentence speaks of the one as compared with the other"
_Arms = Mapping[int, Mapping[tuple[str, float], Finding]]


def by_survival(arms: _Arms, ratio: str, *, least: float = 0.0) -> tuple[int, int] | None:
    """Return treatment and reference such that a ratio below 1 has the better arm on top.

    Parameters
    ----------
    arms : mapping of int to mapping
        What is reported of each arm, by key and time in days.
    ratio : str
        The hazard ratio as reported.
    least : float, default 0
        How far apart survival must be: points of survival, and percent of the mean of medians.

    Returns
    -------
    tuple of int, optional
        Treatment and reference; None if survival is alike, or not reported, or the ratio near 1.
    """
    try:
        value = float(ratio)
    except ValueError:
        return None
    better = _better(arms, least)
    if better is None or abs(value - 1) <= _NEAR:
        return None
    return (better, 1 - better) if value < 1 else (1 - better, better)


def by_words(ratio: Finding) -> tuple[int, int] | None:
    """Return treatment and reference by the arm that is said to have fared better.

    Parameters
    ----------
    ratio : Finding
        A hazard ratio of two arms.
    """
    if ratio.better is None or not re.fullmatch(r"\d+\.\d+", ratio.text):
        return None
    value = float(ratio.text)
    if value == 1:
        return None
    return (ratio.better, 1 - ratio.better) if value < 1 else (1 - ratio.better, ratio.better)


def _by_events(arms: _Arms, ratio: str) -> tuple[int, int] | None:
    """Return treatment and reference such that a ratio below 1 has fewer events on top.

    Only where no survival is reported, and where the log ratio of the shares of patients with an
    event is at least a quarter of the log hazard ratio.
    """
    reported = {key for arm in (0, 1) for key, _ in arms[arm]}
    if reported & {"survival", "median", "mean"} or not re.fullmatch(r"\d+\.\d+", ratio):
        return None
    shares = []
    for arm in (0, 1):
        events, n = (arms[arm].get((key, 0.0)) for key in ("events", "n"))
        if events is None or n is None or int(n.text) < int(events.text) or int(events.text) == 0:
            return None
        shares.append(int(events.text) / int(n.text))
    if float(ratio) == 0 or abs(float(ratio) - 1) <= _NEAR:
        return None
    hazard, share = math.log(float(ratio)), math.log(shares[0] / shares[1])
    if abs(share) < abs(hazard) / 4:
        return None
    return (0, 1) if (share < 0) == (hazard < 0) else (1, 0)


def _better(arms: _Arms, least: float) -> int | None:
    """Return the arm whose survival is clearly the higher one over the times that are reported.

    Differences are added up, of survival in points and of medians relative to their mean; the sum
    for one arm must be three times that for the other.
    """
    sums = [0.0, 0.0]
    for key in set(arms[0]) & set(arms[1]):
        if key[0] not in ("survival", "median"):
            continue
        left, right = (_value(arms[arm][key].text) for arm in (0, 1))
        if left is None or right is None or left == right:
            continue
        size = abs(left - right) if key[0] == "survival" else 50.0
        if key[0] == "median" and math.inf not in (left, right):
            size = 100 * abs(left - right) / (left + right)
        sums[0 if left > right else 1] += size
    if max(sums) <= 3 * min(sums) or abs(sums[0] - sums[1]) < least:
        return None
    return sums.index(max(sums))


def _value(text: str) -> float | None:
    if text == "NR":
        return float("inf")
    number = re.sub(r"[^\d.]", "", text)
    if not number or text[0] in "<>":
        return None
    return float(number) if text.endswith("%") or float(number) > 1 else 100 * float(number)


def direct(endpoints: Sequence[EndpointSlots], told: Sequence[Finding]) -> None:
    """Find out which arm each hazard ratio is of; one of which that is not known is a question.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found, by endpoint; `pair`, `why_pair` and `questions` are filled in.
    told : sequence of Finding
        What the text says of all its hazard ratios.
    """
    everywhere = {f.pair for f in told}
    for slots in endpoints:
        ratio = slots.reported.get("hazard_ratio")
        if ratio is None or slots.pair is not None:
            continue
        if ratio.pair is not None:
            slots.pair, slots.why_pair = ratio.pair, "said beside the hazard ratio"
        elif len(everywhere) == 1:
            slots.pair, slots.why_pair = told[0].pair, "said of all hazard ratios"
        else:
            slots.pair, slots.why_pair = _clear_side(slots, ratio)
    _unless_others_differ(endpoints)
    _as_others(endpoints)
    for slots in endpoints:
        ratio = slots.reported.get("hazard_ratio")
        if ratio is None or slots.pair is not None:
            continue
        slots.pair, slots.why_pair = ratio.against, _BY_SUBJECT
        if slots.pair is None:
            slots.pair, slots.why_pair = by_survival(slots.arms, ratio.text), _BY_SURVIVAL
    _as_others(endpoints)
    for slots in endpoints:
        ratio = slots.reported.get("hazard_ratio")
        if ratio is not None and slots.pair is None:
            slots.ask("reported.hazard_ratio", ratio, "it is not said which arm is the reference")
            del slots.reported["hazard_ratio"]


def _clear_side(slots: EndpointSlots, ratio: Finding) -> tuple[tuple[int, int] | None, str]:
    """Return the side that survival clearly says, or words or events; and what says so."""
    clear, said = by_survival(slots.arms, ratio.text, least=_CLEAR), by_words(ratio)
    if said and clear and said != clear:
        del slots.reported["hazard_ratio"]
        why = "survival and the words beside it disagree on the reference"
        slots.ask("reported.hazard_ratio", ratio, why)
        return None, ""
    if said:
        return said, "the text says which arm fared better"
    if clear:
        return clear, _BY_SURVIVAL
    return _by_events(slots.arms, ratio.text), _BY_EVENTS


def _unless_others_differ(endpoints: Sequence[EndpointSlots]) -> None:
    """Ask whose a hazard ratio is that events alone would turn against all others of the text."""
    others = {s.pair for s in endpoints if s.pair and s.why_pair != _BY_EVENTS}
    for slots in endpoints:
        if slots.why_pair == _BY_EVENTS and slots.pair and others and slots.pair not in others:
            ratio = slots.reported.pop("hazard_ratio")
            slots.ask(
                "reported.hazard_ratio", ratio, "events and other ratios disagree on the reference"
            )
            slots.pair = None


def _as_others(endpoints: Sequence[EndpointSlots]) -> None:
    """Take a hazard ratio to set the arms against each other as all others of the text do."""
    stated = {s.pair for s in endpoints if s.pair and s.why_pair.startswith("said")}
    known = stated or {s.pair for s in endpoints if s.pair}
    for slots in endpoints:
        if "hazard_ratio" in slots.reported and slots.pair is None and len(known) == 1:
            slots.pair = next(iter(known))
            slots.why_pair = "as for the other hazard ratios of the text"
