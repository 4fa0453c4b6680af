"""Reported numbers and intervals in a study file, each kind with its own rule and refusal."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from .errors import shown
from .fields import MAX_TIME
from .printed import PrintedNumber, parse_interval

__all__ = [
    "FollowUpInterval",
    "FollowUpTime",
    "PrintedP",
    "PrintedRatio",
    "PrintedSurvival",
    "PrintedTime",
    "RatioInterval",
    "SurvivalInterval",
    "TimeInterval",
]


def _survival(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(
            f"{shown(printed)} is not a survival; leave the key out if none is reported"
        )
    if printed.value < 0:
        raise ValueError(f"{shown(printed)} is negative: survival is between 0% and 100%")
    if printed.value > 1:
        fix = "" if printed.percent else f'; if it is a percentage, write "{printed.text.strip()}%"'
        limit = "100%" if printed.percent else "1"
        raise ValueError(f"{shown(printed)} is over {limit}: survival is between 0% and 100%{fix}")
    return printed


def _p(printed: PrintedNumber) -> PrintedNumber:
    if not 0 <= printed.value <= 1:  # refuses NR too
        raise ValueError(f"{shown(printed)} is not a p-value: it must be between 0 and 1")
    return printed


def _ratio(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(
            f"{shown(printed)} is no hazard ratio; leave the key out if none is reported"
        )
    if printed.value <= 0 or printed.percent:
        raise ValueError(f"{shown(printed)} is not a hazard ratio: it is a number above 0")
    return printed


def _ratio_bound(printed: PrintedNumber) -> PrintedNumber:
    # A lower limit of 0.004 is reported as "0.00", so a reported zero is no fault.
    if printed.value < 0 or printed.percent:
        raise ValueError(f"{shown(printed)} is no limit of a hazard ratio: it is a number above 0")
    return printed


def _ratio_interval(
    interval: tuple[PrintedNumber, PrintedNumber],
) -> tuple[PrintedNumber, PrintedNumber]:
    if interval[1].value <= 0:
        raise ValueError(f"its upper limit {shown(interval[1])} must be a number above 0")
    return interval


def _printed_time(printed: PrintedNumber) -> PrintedNumber:
    if printed.percent:
        raise ValueError(f"{shown(printed)} is a percentage, where a time is expected")
    if printed.value < 0 or printed.value > MAX_TIME:
        raise ValueError(f"{shown(printed)} is not a time: 0 to {MAX_TIME} is allowed")
    return printed


def _reached_time(printed: PrintedNumber) -> PrintedNumber:
    if not printed.reached:
        raise ValueError(f"{shown(printed)} is not a time; leave the key out if none is reported")
    return printed


def _pair(raw: object) -> object:
    if isinstance(raw, str):
        return parse_interval(raw)
    if isinstance(raw, list | tuple) and len(raw) == 2:
        return tuple(raw)
    raise ValueError(
        f'{shown(raw)} is not an interval: write two numbers, such as ["0.78", "1.89"], '
        'or "0.78 to 1.89"'
    )


def _numbers(*examples: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": 60, "examples": list(examples)}


def _pairs(*examples: str) -> dict[str, Any]:
    number = {"type": "string", "minLength": 1, "maxLength": 60}
    return {
        "anyOf": [{"type": "array", "items": number, "minItems": 2, "maxItems": 2}, number],
        "examples": [list(examples), " to ".join(examples)],
    }


PrintedSurvival = Annotated[
    PrintedNumber, AfterValidator(_survival), WithJsonSchema(_numbers("98.8%", "68%", "0.988"))
]
PrintedP = Annotated[PrintedNumber, AfterValidator(_p), WithJsonSchema(_numbers("0.381", "<0.001"))]
PrintedRatio = Annotated[
    PrintedNumber, AfterValidator(_ratio), WithJsonSchema(_numbers("1.22", "0.60"))
]
PrintedTime = Annotated[
    PrintedNumber, AfterValidator(_printed_time), WithJsonSchema(_numbers("21.8", "NR"))
]
FollowUpTime = Annotated[
    PrintedTime, AfterValidator(_reached_time), WithJsonSchema(_numbers("22.4"))
]
_RatioBound = Annotated[PrintedNumber, AfterValidator(_ratio_bound)]
SurvivalInterval = Annotated[
    tuple[PrintedSurvival, PrintedSurvival],
    BeforeValidator(_pair),
    WithJsonSchema(_pairs("97.1%", "99.9%")),
]
RatioInterval = Annotated[
    tuple[_RatioBound, _RatioBound],
    BeforeValidator(_pair),
    AfterValidator(_ratio_interval),
    WithJsonSchema(_pairs("0.78", "1.89")),
]
TimeInterval = Annotated[
    tuple[PrintedTime, PrintedTime], BeforeValidator(_pair), WithJsonSchema(_pairs("12.9", "NR"))
]
FollowUpInterval = Annotated[
    tuple[FollowUpTime, FollowUpTime],
    BeforeValidator(_pair),
    WithJsonSchema(_pairs("15.6", "72.6")),
]
