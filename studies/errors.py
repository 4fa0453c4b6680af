"""What is wrong in a study file or a curve: where, what was found, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..presentation.formats import count
from .printed import PrintedNumber

__all__ = [
    "CurveFault",
    "Fault",
    "FaultsError",
    "Place",
    "StudyFileError",
    "closed",
    "did_you_mean",
    "edits",
    "fault_lines",
    "place_text",
    "placed_faults",
    "placed_values",
    "shown",
]

Place = tuple[str | int, ...]
"""Keys and indices from the top of a study file, or of one of its tables, down."""
Fault = tuple[Place, str]
"""Where, and what is wrong or odd there."""
_MOST_FAULTS = 20  # that a message lists
_LONGEST_SHOWN = 60
_MOST_BITS = 200


def placed_values(raw: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every value of a study file that is no list and no table but an empty one."""
    if isinstance(raw, Mapping) and raw:
        for key, value in raw.items():
            yield from placed_values(value, (*place, key))
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from placed_values(value, (*place, number))
    else:
        yield place, raw


class FaultsError(ValueError):
    """FaultsError of one table of a study file: where in the table, and what is wrong."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "; ".join(f"{'.'.join(map(str, key))}: {text}" for key, text in self.faults)
        )


def shown(raw: object) -> str:
    """Return a value from a study file as the file shows it, shortened."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | PrintedNumber):
        text = str(raw)
        return f'"{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."}"'
    if isinstance(raw, Mapping):
        return "a table"
    if isinstance(raw, list | tuple):
        return f"a list of {count(len(raw), 'value')}"
    if isinstance(raw, int) and raw.bit_length() > _MOST_BITS:  # Python would not write it out
        return "a number far too large"
    text = str(raw)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:20]}... ({len(text)} characters)"


class StudyFileError(ValueError):
    """A study file cannot be read.

    Attributes
    ----------
    file : str
        The file, or the name that was asked for.
    faults : tuple of str
        Everything that is wrong, a sentence each: where, what was found, what is allowed.
    places : tuple of tuple of str and int
        The keys and indices of each fault from the top of the file down; () for the file itself.
    """

    def __init__(
        self,
        file: str,
        faults: tuple[str, ...],
        places: tuple[Place, ...] | None = None,
    ) -> None:
        self.file = file
        self.faults = faults
        self.places = ((),) * len(faults) if places is None else places
        super().__init__(file, faults)

    def __str__(self) -> str:
        if len(self.faults) == 1:
            return f"{self.file}: {self.faults[0]}"
        lines = [
            f"{self.file} has {count(len(self.faults), 'fault')}:",
            *self.faults[:_MOST_FAULTS],
        ]
        if more := len(self.faults) - _MOST_FAULTS:
            lines += [f"... and {more} more."] if more > 0 else []
        return "\n  ".join(lines)


class CurveFault(ValueError):  # noqa: N818 - a fault of the data, as in a study file
    """Points, or a CSV file of points, that are not a survival curve."""


_LISTS = ("endpoint", "table", "statement", "flow")  # in double brackets in TOML


def fault_lines(
    error: ValidationError, raw: Mapping[str, Any], *, describe: Callable[[Place], dict[str, Any]]
) -> tuple[str, ...]:
    """Return one line for each fault that validation found.

    Parameters
    ----------
    error : ValidationError
        From validating `raw` as a study.
    raw : mapping
        The file's content.
    describe : callable
        Returns the JSON Schema of a place in the file: its meaning, and the keys it may have.

    Returns
    -------
    tuple of str
        Lines such as ``endpoint[2] psm/OS: arms.SR.landmarks.36: "101%" is over 100%: ...``;
        endpoints, tables and rows count from 1.
    """
    return tuple(
        f"{place_text(path, raw)}{text}"
        for path, text in placed_faults(error, raw, describe=describe)
    )


def placed_faults(
    error: ValidationError, raw: Mapping[str, Any], *, describe: Callable[[Place], dict[str, Any]]
) -> tuple[Fault, ...]:
    """Return the place and the sentence of each fault; see `fault_lines`."""
    faults = (fault for details in error.errors() for fault in _faults(details, raw, describe))
    return tuple((tuple(path), closed(text)) for path, text in faults)


def closed(text: str) -> str:
    """End a sentence that is no question with a full stop."""
    return text if text.endswith("?") else f"{text}."


def _faults(
    details: ErrorDetails, raw: Mapping[str, Any], describe: Callable[[Place], dict[str, Any]]
) -> Iterator[Fault]:
    """Yield the path and the sentence of every fault in one error of pydantic's."""
    loc, kind = details["loc"], details["type"]
    path = _path_in_file(loc, raw)
    cause = details.get("ctx", {}).get("error")
    if kind == "too_short" and details["ctx"]["actual_length"] < _length(path, raw):
        return  # only the sound items were counted; the others are faults of their own
    if isinstance(cause, FaultsError):
        yield from (((*path, *place), text) for place, text in cause.faults)
    elif isinstance(cause, ValueError):
        yield path, str(cause)
    elif kind == "missing":
        yield loc, _missing(describe(loc))
    elif kind == "extra_forbidden":
        yield path, _unknown(str(loc[-1]), describe(loc[:-1]))
    else:
        yield path, _SENTENCES.get(kind, _other)(details)


def _length(path: Place, raw: Any) -> int:
    for step in path:
        raw = raw[step]
    return len(raw)


def _path_in_file(loc: Place, raw: Any) -> Place:
    """Cut a location down to the keys that the file has.

    Pydantic also names the parts of a value ("[key]", the `survival` of a plain "98.8%").
    """
    path: list[str | int] = []
    for step in loc:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            break
        path.append(step)
        if not isinstance(raw, Mapping | list):
            break
    return tuple(path)


# Where -------------------------------------------------------------------------------------------


def place_text(path: Place, raw: Mapping[str, Any]) -> str:
    """Name a place as its author knows it: "endpoint[2] psm/OS: arms.SR.n: "."""
    head, rest = "", path
    if len(path) > 1 and path[0] in _LISTS and isinstance(path[1], int):
        head, rest = f"{path[0]}[{path[1] + 1}]{_named(path, raw)}: ", path[2:]
    return head + (f"{_dotted(rest)}: " if rest else "")


def _named(path: Place, raw: Mapping[str, Any]) -> str:
    """Return " psm/OS" for an endpoint and " table-2" for a table, as far as they are named."""
    item = raw[str(path[0])][path[1]]
    if not isinstance(item, Mapping):
        return ""
    if path[0] == "endpoint":
        names = [item.get("cohort", "all"), item.get("name")]
    else:
        names = [item.get("id")]
    if not all(isinstance(name, str) and name.isprintable() for name in names):
        return ""
    return " " + "/".join(str(name)[:60] for name in names)


def _dotted(path: Place) -> str:
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{_key(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def _key(key: str) -> str:
    """Quote a key that TOML would not take bare, and shorten it."""
    return key if re.fullmatch(r"[\w-]{1,60}", key) else shown(ascii(key)[1:-1])


# What --------------------------------------------------------------------------------------------


def _missing(described: Mapping[str, Any]) -> str:
    meaning = str(described.get("description", "")).removeprefix("The ").rstrip(".")
    return f"it is missing; write the {meaning[:1].lower()}{meaning[1:]}"


_USUAL_WORDS = {  # that people write, and the keys that have what they mean
    "survival": "landmarks", "landmark": "landmarks", "hr": "hazard_ratio",
    "hazard_ratio_ci": "ci", "hr_ci": "ci", "confidence_interval": "ci", "interval": "ci",
    "pvalue": "p", "p_value": "p", "size": "n", "patients": "n", "deaths": "events",
    "number_at_risk": "at_risk", "n_at_risk": "at_risk", "id": "name", "followup": "follow_up",
    "population": "cohort", "control": "reference", "comparator": "reference", "unit": "time_unit",
}  # fmt: skip


def _unknown(key: str, described: Mapping[str, Any]) -> str:
    known = list(described.get("properties", {}))
    meant = _USUAL_WORDS.get(key.lower().replace("-", "_"))
    close = [meant] if meant in known else difflib.get_close_matches(key, known, n=1)
    if close:
        return f"there is no such key; did you mean `{close[0]}`?"
    return f"there is no such key; the keys here are {', '.join(known)}"


def _choice(details: ErrorDetails) -> str:
    allowed = details["ctx"]["expected"].replace("'", '"')
    words = re.findall('"([^"]*)"', allowed)
    hint = did_you_mean(str(details["input"]), words)
    return f"{shown(details['input'])} is not allowed: write {allowed}{hint}"


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the end of a sentence that asks whether a known name was meant; "" if none is near."""
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _not_a_list(details: ErrorDetails) -> str:
    key = next((step for step in reversed(details["loc"]) if isinstance(step, str)), "")
    if isinstance(details["input"], Mapping):
        return f"it must be a list: write [[{key}]] in double brackets, once for each"
    return f"it must be a list, but is {shown(details['input'])}"


def _not_a_table(details: ErrorDetails) -> str:
    return f"it must be a table with keys of its own, but is {shown(details['input'])}"


def _too_few(details: ErrorDetails) -> str:
    least, actual = details["ctx"]["min_length"], details["ctx"]["actual_length"]
    return f"it needs at least {least}, but has {actual}"


def _not_text(details: ErrorDetails) -> str:
    return f"it must be text in quotes, but is {shown(details['input'])}"


def _not_bool(details: ErrorDetails) -> str:
    return f"it must be true or false without quotes, but is {shown(details['input'])}"


def _other(details: ErrorDetails) -> str:
    return f"{details['msg']}, but it is {shown(details['input'])}"


_SENTENCES: dict[str, Callable[[ErrorDetails], str]] = {
    "literal_error": _choice,
    "tuple_type": _not_a_list,
    "mapping_type": _not_a_table,
    "dict_type": _not_a_table,
    "model_type": _not_a_table,
    "model_attributes_type": _not_a_table,
    "too_short": _too_few,
    "string_type": _not_text,
    "bool_type": _not_bool,
}


def edits(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace or exchange with a neighbour."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
