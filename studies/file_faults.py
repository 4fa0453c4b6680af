"""Sentences for what is wrong in a study file: where, what was found, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .faults import FaultsError, shown
from .schema import study_schema

__all__ = ["fault_lines"]

_Path = tuple[str | int, ...]
_LISTS = ("endpoint", "table", "statement", "flow")  # in double brackets in TOML


def fault_lines(error: ValidationError, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one line for each fault that validation found.

    Parameters
    ----------
    error : ValidationError
        From validating `raw` as a study.
    raw : mapping
        The file's content.

    Returns
    -------
    tuple of str
        Lines such as ``endpoint[2] psm/OS: arms.SR.landmarks.36: "101%" is over 100%: ...``;
        endpoints, tables and rows count from 1.
    """
    faults = (fault for details in error.errors() for fault in _faults(details, raw))
    return tuple(f"{_place(path, raw)}{_sentence(text)}" for path, text in faults)


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text}."


def _faults(details: ErrorDetails, raw: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    """Yield the path and the sentence of every fault in one error of pydantic's."""
    path = _path_in_file(details["loc"], raw)
    cause = details.get("ctx", {}).get("error")
    if details["type"] == "too_short" and details["ctx"]["actual_length"] < _length(path, raw):
        return  # only the sound items were counted; the others are faults of their own
    if isinstance(cause, FaultsError):
        yield from (((*path, *place), text) for place, text in cause.faults)
    elif isinstance(cause, ValueError):
        yield path, str(cause)
    else:
        say = _SENTENCES.get(details["type"], _other)
        yield (tuple(details["loc"]) if details["type"] == "missing" else path), say(details)


def _length(path: _Path, raw: Any) -> int:
    for step in path:
        raw = raw[step]
    return len(raw)


def _path_in_file(loc: _Path, raw: Any) -> _Path:
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


def _place(path: _Path, raw: Mapping[str, Any]) -> str:
    """Name a place as its author knows it: "endpoint[2] psm/OS: arms.SR.n: "."""
    head, rest = "", path
    if len(path) > 1 and path[0] in _LISTS and isinstance(path[1], int):
        head, rest = f"{path[0]}[{path[1] + 1}]{_named(path, raw)}: ", path[2:]
    return head + (f"{_dotted(rest)}: " if rest else "")


def _named(path: _Path, raw: Mapping[str, Any]) -> str:
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


def _dotted(path: _Path) -> str:
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{_key(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def _key(key: str) -> str:
    """Quote a key that TOML would not take bare, and shorten it."""
    return key if re.fullmatch(r"[\w-]{1,60}", key) else shown(ascii(key)[1:-1])


# What --------------------------------------------------------------------------------------------


def _missing(details: ErrorDetails) -> str:
    meaning = str(_node(details["loc"]).get("description", "")).removeprefix("The ").rstrip(".")
    return f"it is missing; write the {meaning[:1].lower()}{meaning[1:]}"


def _unknown(details: ErrorDetails) -> str:
    *parent, key = details["loc"]
    known = list(_node(tuple(parent)).get("properties", {}))
    close = difflib.get_close_matches(str(key), known, n=1)
    if close:
        return f"there is no such key; did you mean `{close[0]}`?"
    return f"there is no such key; here stand {', '.join(known)}"


def _choice(details: ErrorDetails) -> str:
    allowed = details["ctx"]["expected"].replace("'", '"')
    words = re.findall('"([^"]*)"', allowed)
    close = difflib.get_close_matches(str(details["input"]), words, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    return f"{shown(details['input'])} is not allowed: write {allowed}{hint}"


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
    "missing": _missing,
    "extra_forbidden": _unknown,
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


@cache
def _schema() -> dict[str, Any]:
    return study_schema()


def _node(loc: _Path) -> dict[str, Any]:
    """Return the part of the schema that describes a location."""
    schema = _schema()
    node: Any = schema
    for step in loc:
        node = _step(_resolved(node, schema), step)
    return _resolved(node, schema)


def _step(node: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, int):
        return node.get("items", {})
    if step in node.get("properties", {}):
        return node["properties"][step]
    patterns = node.get("patternProperties", {})
    return next(iter(patterns.values()), node.get("additionalProperties", {}))


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, and take the table where a short form is allowed too."""
    if not isinstance(node, dict):
        return {}
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].rpartition("/")[2]], **node}
    tables = [choice for choice in node.get("anyOf", ()) if "properties" in choice]
    return {**node, **tables[0]} if tables else node
