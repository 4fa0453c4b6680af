"""Which numbers a study file can hold: a survival over 100% was misread, or misprinted."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ..arm import Arm
from ..endpoint import Reported
from .finding import DAYS, Finding
from .lexicon import Atom

__all__ = ["possible", "survival_of"]

_PER_MONTH = DAYS["months"]
_EARLIEST = 60  # days; what is reported before is the outcome of an operation or an episode


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
        months = finding.time[0] * DAYS[finding.time[1]] / _PER_MONTH
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


def survival_of(value: Atom, endpoint: Atom, time: Atom) -> Atom | None:
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
