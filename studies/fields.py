"""Names, counts, times and dates in a study file, each with its own rule and refusal."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from numbers import Integral
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from ..presentation.toml import LONGEST_NAME, NOT_IN_NAMES
from .errors import Fault, shown

__all__ = [
    "MAX_PATIENTS",
    "MAX_TIME",
    "TURNING",
    "UNDRAWABLE",
    "AtRiskTime",
    "Count",
    "Enrolment",
    "EventTime",
    "Frozen",
    "LandmarkTime",
    "Name",
    "Names",
    "Number",
    "NumberAtRisk",
    "Patients",
    "PrintedDate",
    "ReadOnly",
    "ReadOnlyDict",
    "Slug",
    "Text",
    "date_faults",
    "event_time",
    "increasing",
    "number_or_table",
]


_ABOUT = ("title", "description")


def number_or_table(schema: dict[str, Any], number: str) -> dict[str, Any]:
    """Let the schema of a table also take the number alone that is in its key `number`."""
    short = schema["properties"][number]
    table = {key: schema.pop(key) for key in list(schema) if key not in _ABOUT}
    schema["anyOf"] = [short, table]
    return schema


class Frozen(BaseModel):
    """A value that cannot be changed, and that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnlyDict(dict[Key, Value]):
    """A dict that keeps its order and refuses changes.

    Unlike `types.MappingProxyType` it can be pickled, copied, hashed and turned into JSON.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("what a paper reports is read-only; make a changed copy with dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[ReadOnlyDict[Key, Value]], tuple[dict[Key, Value]]]:
        return type(self), (dict(self),)


MAX_PATIENTS = 1_000_000  # the largest registries; more is a slip of the keyboard
MAX_TIME = 100_000  # in any time unit; 100 000 days are 274 years
_SLUG = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"

UNDRAWABLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, lone surrogates, line separators

T = TypeVar("T")
ReadOnly = Annotated[T, AfterValidator(ReadOnlyDict)]


# Words -------------------------------------------------------------------------------------------


# Embeddings, overrides and isolates let a text show as another than it is (Unicode TR 36, 3.6).
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def _text(raw: str) -> str:
    if raw.isprintable():  # no letter of the categories C and Z but the space: nearly every text
        return raw
    for letter in raw:
        if unicodedata.bidirectional(letter) in TURNING:
            raise ValueError(
                f"it holds U+{ord(letter):04X}, an invisible character that turns the order of "
                "letters; take it out"
            )
        if letter not in "\n\t\r" and unicodedata.category(letter) in UNDRAWABLE:
            raise ValueError(
                f"it holds the control character U+{ord(letter):04X}, which cannot be shown; "
                "take it out"
            )
    return raw


def _name(raw: str) -> str:
    """Accept what a file name may hold on every system, since results are named after it."""
    problem = ""
    if not raw:
        problem = "is empty"
    elif len(raw) > LONGEST_NAME:
        problem = f"has {len(raw)} characters"
    elif bad := next((each for each in raw if each in NOT_IN_NAMES or not each.isprintable()), ""):
        problem = f"holds {bad!r}"
    elif raw != raw.strip() or raw[0] == "." or raw[-1] == ".":
        problem = "starts or ends with a space or a full stop"
    if problem:
        raise ValueError(
            f"the name {shown(raw)} {problem}; results are saved under it, so a name has 1 to "
            f'{LONGEST_NAME} characters, none of / \\ : * ? " < > | and no space or full stop at '
            "its ends; write the full wording in `label`"
        )
    return raw


def _slug(raw: str) -> str:
    if not re.fullmatch(_SLUG, raw):
        raise ValueError(
            f"{shown(raw)} is not an id: 1 to 64 unaccented letters, digits, hyphens, underscores "
            'and full stops, with a letter or digit at both ends, such as "smith-2024"'
        )
    return raw


Text = Annotated[str, AfterValidator(_text)]
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
Name = Annotated[str, AfterValidator(_name), WithJsonSchema(_NAME)]


def _list(raw: object) -> object:
    """Let one name stand without brackets."""
    return [raw] if isinstance(raw, str) else raw


Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_list),
    WithJsonSchema(
        {"anyOf": [_NAME, {"type": "array", "items": _NAME}], "examples": ["all", ["A", "B"]]}
    ),
]
Slug = Annotated[
    str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": f"^(?:{_SLUG})$"})
]


# Whole numbers -----------------------------------------------------------------------------------


def _whole(least: int, what: str) -> Callable[[object], object]:
    def check(raw: object) -> object:
        if raw is None:
            return raw
        if isinstance(raw, Integral) and not isinstance(raw, bool):
            raw = int(raw)  # numpy's, from a table
        if isinstance(raw, bool) or not isinstance(raw, int):
            fix = " without quotes" if isinstance(raw, str) and raw.strip().isdecimal() else ""
            raise ValueError(f"{shown(raw)} is not {what}: write a whole number{fix}, such as 185")
        if not least <= raw <= MAX_PATIENTS:
            raise ValueError(
                f"{shown(raw)} is not {what}: a whole number from {least} to {MAX_PATIENTS} is "
                "allowed"
            )
        return raw

    return check


def _whole_schema(least: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": MAX_PATIENTS})


Patients = Annotated[int, BeforeValidator(_whole(1, "a number of patients")), _whole_schema(1)]
NumberAtRisk = Annotated[int, BeforeValidator(_whole(0, "a number at risk")), _whole_schema(0)]
Number = Annotated[int, BeforeValidator(_whole(0, "a number of patients")), _whole_schema(0)]
Count = Annotated[int, BeforeValidator(_whole(0, "a number of events")), _whole_schema(0)]


# Times -------------------------------------------------------------------------------------------


def _bare(raw: object) -> str:
    return shown(raw).strip('"')


def _time(raw: object, *, least: str) -> float:
    """Read a time; TOML's keys are strings, values are numbers."""
    if isinstance(raw, str) and re.fullmatch(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?", raw):
        time = float(raw)
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        time = float(raw) if abs(raw) < 1e300 else math.inf
    else:
        raise ValueError(
            f'{shown(raw)} is not a time: write a number in the `time_unit`, such as 12 or "2.5"'
        )
    if not 0 <= time <= MAX_TIME:  # refuses NaN too
        raise ValueError(f"a time of {_bare(raw)} is not possible: 0 to {MAX_TIME} is allowed")
    if time == 0 and least:
        raise ValueError(f"a time of 0 is not allowed here: {least}")
    return time


def _landmark_time(raw: object) -> float:
    return _time(raw, least="survival at time 0 is 100%; leave it out")


def _at_risk_time(raw: object) -> float:
    return _time(raw, least="")


def event_time(raw: object) -> float:
    """Accept a number above 0."""
    if isinstance(raw, str):
        raise ValueError(
            f"{shown(raw)} is text: write the times without quotes, such as [1.1, 4.2]"
        )
    return _time(raw, least="it must be after 0")


_TIME_KEY = WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"})
LandmarkTime = Annotated[float, BeforeValidator(_landmark_time), _TIME_KEY]
AtRiskTime = Annotated[float, BeforeValidator(_at_risk_time), _TIME_KEY]
EventTime = Annotated[
    float,
    BeforeValidator(event_time),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MAX_TIME}),
]


def increasing(raw: object) -> object:
    """Refuse a table of times that repeats one ("12" and "12.0" are one) or is out of order."""
    if not isinstance(raw, Mapping):
        return raw
    last: tuple[float, object] | None = None
    for key in raw:
        try:
            time = _at_risk_time(key)
        except ValueError:
            continue  # refused where the key itself is read
        if last is not None and time <= last[0]:
            found = "is the same time as" if time == last[0] else "comes after"
            raise ValueError(
                f"{key} {found} {last[1]}: write each time once, and in increasing order"
            )
        last = time, key
    return raw


_YEARS = range(1900, 2101)
_DATE = "[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"


def _date(raw: object) -> str:
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw.isoformat()  # TOML has dates of its own, which need no quotes
    if not isinstance(raw, str) or not re.fullmatch(_DATE, raw):
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


_DATE_SCHEMA = {"type": "string", "pattern": f"^{_DATE}$", "examples": ["2008-06", "2008-06-15"]}
PrintedDate = Annotated[str, BeforeValidator(_date), WithJsonSchema(_DATE_SCHEMA)]
Enrolment = Annotated[
    tuple[PrintedDate, PrintedDate],
    BeforeValidator(_period),
    WithJsonSchema({"type": "array", "items": _DATE_SCHEMA, "minItems": 2, "maxItems": 2}),
]


def date_faults(enrolment: tuple[str, str] | None, data_cutoff: str | None) -> Iterator[Fault]:
    """Yield what is out of order: entry ends before it begins, or after the data cut-off.

    A month means any of its days, so "2018-05" is not before "2018-05-31".
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
