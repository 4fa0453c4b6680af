"""Dates as papers print them: to the day, or to the month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from .faults import shown

__all__ = ["Enrolment", "PrintedDate", "date_faults"]

_YEARS = range(1900, 2101)
_PATTERN = "[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"


def _date(raw: object) -> str:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw.isoformat()  # TOML has dates of its own, which need no quotes
    if not isinstance(raw, str) or not re.fullmatch(_PATTERN, raw):
        raise ValueError(
            f'{shown(raw)} is not a date: write "2008-06" for a month or "2008-06-15" for a day'
        )
    try:
        found = dt.date.fromisoformat(raw if len(raw) == 10 else f"{raw}-01")
    except ValueError:
        raise ValueError(f"{shown(raw)} is not a date: there is no such month or day") from None
    if found.year not in _YEARS:
        raise ValueError(
            f"{shown(raw)} is not a date of a study: years {_YEARS[0]} to {_YEARS[-1]} are allowed"
        )
    return raw


def _period(raw: object) -> object:
    if isinstance(raw, list | tuple) and len(raw) == 2:
        return tuple(raw)
    raise ValueError(
        f"{shown(raw)} is not a period: write the first and the last date of entry, such as "
        '["2008-06", "2022-10"]'
    )


_SCHEMA = {"type": "string", "pattern": f"^{_PATTERN}$", "examples": ["2008-06", "2008-06-15"]}
PrintedDate = Annotated[str, BeforeValidator(_date), WithJsonSchema(_SCHEMA)]
Enrolment = Annotated[
    tuple[PrintedDate, PrintedDate],
    BeforeValidator(_period),
    WithJsonSchema({"type": "array", "items": _SCHEMA, "minItems": 2, "maxItems": 2}),
]


def date_faults(
    enrolment: tuple[str, str] | None, data_cutoff: str | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what is out of order: entry ends before it begins, or after the data cut-off.

    A month stands for any of its days, so "2018-05" is not before "2018-05-31".
    """
    if enrolment is None:
        return
    first, last = enrolment
    if _is_before(last, first):
        yield ("enrolment",), f"the last entry {last} is before the first, {first}"
    elif data_cutoff is not None and _is_before(data_cutoff, last):
        yield ("data_cutoff",), f"{data_cutoff} is before the last entry, {last}"


def _is_before(one: str, other: str) -> bool:
    shared = min(len(one), len(other))  # ISO dates sort as text, and to the month if one is a month
    return one[:shared] < other[:shared]
