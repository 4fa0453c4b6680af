"""What speaks against a number that was read: a study file cannot hold it, or the text objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ..arm import Arm
from ..endpoint import DAYS_PER, Reported
from .arms import TextArms
from .finding import EndpointSlots, Finding
from .scope import Scope
from .sides import behind_than

__all__ = ["counted_otherwise", "favoured_otherwise", "possible"]

_SIZE = re.compile(r"\s*(?:\([^()]{1,30}\)\s*)?[(\[]\s*n\s*=\s*(\d{1,6})\s*[)\]]", re.IGNORECASE)
_PER_MONTH = DAYS_PER["months"]


def possible(finding: Finding) -> Finding | None:
    """Return a finding that a study file can hold, if need be without its interval; else None.

    Parameters
    ----------
    finding : Finding
        A number as it was read.
    """
    for candidate in (finding, replace(finding, interval=None, level="")):
        keys = _keys(candidate)
        if keys is None or _holds(*keys):
            return candidate
    return None


def _holds(kind: type[BaseModel], raw: dict[str, Any]) -> bool:
    try:
        kind.model_validate(raw)
    except ValidationError:
        return False
    return True


def _keys(finding: Finding) -> tuple[type[BaseModel], dict[str, Any]] | None:
    """Return the keys of a study file that a finding would fill; None if it fills none."""
    slot, text = finding.slot, finding.text
    ends = list(finding.interval) if finding.interval is not None else None
    if slot in ("n", "events"):
        return Arm, {slot: int(text)}
    if slot == "at_risk":
        return Arm, {"at_risk": {"0": int(text)}}
    if slot == "survival" and finding.time is not None:
        months = finding.time[0] * DAYS_PER[finding.time[1]] / _PER_MONTH
        landmark: dict[str, Any] = {"survival": text}
        if ends is not None:
            percent = text.endswith("%")
            landmark["ci"] = [e if not percent or e[-1:] in "%R" else f"{e}%" for e in ends]
        return Arm, {"landmarks": {f"{months:.2f}": landmark}}
    if slot in ("median", "mean"):
        return Arm, {slot: text, **({"median_ci": ends} if ends else {})}
    if slot == "follow_up":
        spread = {finding.level: ends} if ends and finding.level in ("iqr", "range") else {}
        return Arm, {"follow_up": {"median": text, **spread}}
    if slot == "hazard_ratio":
        return Reported, {"hazard_ratio": text, **({"ci": ends} if ends else {})}
    return (Reported, {"p": text}) if slot == "p" else None


def counted_otherwise(
    endpoints: Sequence[EndpointSlots], found: Sequence[Scope], arms: TextArms
) -> None:
    """Leave the patients of one arm open if another number of them stands beside its name.

    A sentence that counts the patients of every arm is believed: it says who was compared.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found; `arms` and `questions` are changed.
    found : sequence of Scope
        The whole text.
    arms : TextArms
        The arms of the text.
    """
    if (mention := arms.mention) is None:
        return
    beside: dict[int, set[str]] = {}
    for text in (scope.sentence.text for scope in found):
        for named in mention.finditer(text):
            if size := _SIZE.match(text, named.end()):
                beside.setdefault(arms.index(named), set()).add(size[1])
    for slots in endpoints:
        counted = {arm: own["n", 0.0] for arm, own in slots.arms.items() if ("n", 0.0) in own}
        for arm, own in counted.items():
            together = sum(other.sentence == own.sentence for other in counted.values())
            others = beside.get(arm, set()) - {own.text}
            if together == 1 and others and own.text in beside[arm]:
                del slots.arms[arm]["n", 0.0]
                value = " or ".join([own.text, *sorted(others)])
                slots.ask(f"arms.{arm}.n", own, "several numbers are reported", value=value)


_SURVIVAL = r"(?:survival|m?(?:[PDREL]FS|OS))"
_BETTER = re.compile(
    rf"\b(?:longer|better|improv(?:ed|es|ing)|prolong(?:ed|s|ing)|superior|extend(?:ed|s)|increas(?:ed|es)|higher)\b[^.;()]{{0,60}}\b{_SURVIVAL}\b"
    rf"|\b{_SURVIVAL}\b(?:[^.;()]|\([^()]*\)){{0,120}}\b(?:was|were)\s+(?:\w+\s+)?(?:longer|better|higher|improved|superior|prolonged)\b",
    re.IGNORECASE,
)
_WORSE = re.compile(
    r"\b(?:add(?:ed|ing|ition)|plus|combin\w+|than|no|not|nor|neither|without|similar|comparable|shorter|worse|lower|poorer|inferior|decreas\w+|reduc\w+)\b",
    re.IGNORECASE,
)
"""What makes it unsure which way a sentence compares."""


def favoured_otherwise(
    endpoints: Sequence[EndpointSlots], found: Sequence[Scope], arms: TextArms
) -> None:
    """Leave values open that were dealt to two arms, if only the other one is said to fare better.

    Parameters
    ----------
    endpoints : sequence of EndpointSlots
        What was found; `arms` and `questions` are changed.
    found : sequence of Scope
        The whole text.
    arms : TextArms
        The arms of the text.
    """
    better = {arm for scope in found if (arm := _said_better(scope, arms)) is not None}
    if len(arms.arms) != 2 or len(better) != 1:
        return
    (best,) = better
    for slots in endpoints:
        mine, others = (slots.arms.get(arm, {}) for arm in (best, 1 - best))
        for key in [key for key in mine if key in others and key[0] in ("survival", "median")]:
            both = (mine[key], others[key])
            if not all(finding.dealt for finding in both):
                continue
            if not all(re.fullmatch(r"\d+(?:\.\d+)?%?", finding.text) for finding in both):
                continue
            own_value, other_value = (float(finding.text.rstrip("%")) for finding in both)
            if own_value >= other_value:
                continue
            for arm, own in ((best, mine), (1 - best, others)):
                why = "its arm is not said beside it, and the text says that the other fared better"
                slots.ask(f"arms.{arm}.{key[0]}", own.pop(key), why)


def _said_better(scope: Scope, arms: TextArms) -> int | None:
    """Return the arm that a sentence, which names no other, says to have fared better."""
    text = scope.sentence.text
    if scope.why or (mention := arms.mention) is None or not _BETTER.search(text):
        return None
    named = list(mention.finditer(text))
    which = {arms.index(found) for found in named}
    if len(which) != 1 or _WORSE.search(text) or behind_than(text[: named[0].start()]):
        return None
    return which.pop()
