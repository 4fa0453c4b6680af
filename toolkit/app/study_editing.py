"""A study file changed key by key, its comments kept."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..output import write_file
from ..studies import Study
from ..studies.errors import Place, placed_values
from ..studies.reader import MAX_BYTES, read_study, study_of, toml_fault
from .renaming import EditRefused, refill, rename_arm, rename_key

__all__ = [
    "EditRefused",
    "content_of",
    "current_study",
    "edited",
    "is_too_deep",
    "parsed",
    "sound_content",
    "write_study",
]

_BY_TIME = ("landmarks", "at_risk")  # tables whose keys are times, which must increase


def edited(text: str, edits: Iterable[Mapping[str, Any]]) -> str:
    """Return a study file after some changes.

    Parameters
    ----------
    text : str
        TOML.
    edits : iterable of mapping
        Each with a `place`, keys and indices from 0 on from the top down, and one of `value`, plain
        values (None takes the key away); `rename`, another name of the last key; or `rename_arm`,
        another short name of an arm, everywhere.

    Returns
    -------
    str
        TOML with the comments and the order of `text`.

    Raises
    ------
    EditRefused
        If the text is no TOML, a place is none of the file, or a name is taken.
    """
    import tomlkit

    changes = [(_place(edit), edit) for edit in edits]
    content = copy.deepcopy(sound_content(text))
    document = _PARSED.pop(text, None) or tomlkit.parse(text)
    for place, edit in changes:
        for target in (content, document):
            _apply(target, place, edit)
    if is_too_deep(content):
        raise EditRefused(_TOO_DEEP)
    written = tomlkit.dumps(document)
    try:
        kept = tomllib.loads(written) == content
    except tomllib.TOMLDecodeError:
        kept = False
    if not kept:  # a form that the style-keeping writer does not master: the comments are lost
        from ..study_workbook import toml_text

        written, document = toml_text(content), None
    if len(written.encode()) > MAX_BYTES:
        raise EditRefused(f"A study file has at most {MAX_BYTES:,} bytes.")
    if document is not None:
        _remember(written, document)
        _CONTENT.clear()
        _CONTENT[written] = content
    return written


_PARSED: dict[str, Any] = {}
"""The last file as parsed with its comments: that takes longer than all the rest of a change."""

_CONTENT: dict[str, dict[str, Any]] = {}
"""The keys and values of the file that was written last, which TOML need not be parsed for."""


def current_study(path: Path) -> Study:
    """Read a study file as `read_study` does, and sooner if it is as it was written last.

    Raises
    ------
    StudyFileError
        If the file is at fault.
    """
    with suppress(OSError, UnicodeDecodeError):
        content = _CONTENT.get(path.read_text(encoding="utf-8-sig"))
        if content:
            return study_of(content, str(path), folder=path.parent)
    return read_study(path)


def content_of(text: str) -> dict[str, Any]:
    """Return the keys and values of a study file, sooner if it was written last.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is no TOML.
    """
    return _CONTENT[text] if text in _CONTENT else tomllib.loads(text)


def sound_content(text: str) -> dict[str, Any]:
    """Return the keys and values of a study file that something is to be put into.

    Raises
    ------
    EditRefused
        If it is no TOML, or its tables go too deep.
    """
    try:
        content = content_of(text)
    except tomllib.TOMLDecodeError as error:
        fault = f"The study file must be mended first: {toml_fault(text, error)}."
        raise EditRefused(fault) from error
    except (ValueError, RecursionError) as error:  # digits by the thousand, tables in tables
        raise EditRefused(_TOO_DEEP) from error
    if is_too_deep(content):
        raise EditRefused(_TOO_DEEP)
    return content


def parsed(text: str) -> Any:
    """Return a study file with its comments, sooner if it was parsed last.

    Raises
    ------
    tomlkit.exceptions.TOMLKitError
        If tomlkit cannot read it.
    """
    import tomlkit

    if text not in _PARSED:
        _remember(text, tomlkit.parse(text))
    return _PARSED[text]


def write_study(path: Path, text: str) -> None:
    """Write a study file in the place of what was there."""
    write_file(path, text, force=True, keep=False)


def _remember(text: str, document: Any) -> None:
    _PARSED.clear()
    _PARSED[text] = document


def _place(edit: Mapping[str, Any]) -> Place:
    """Return where a change is; what it puts there may go as deep as a place, and no deeper."""
    place = edit.get("place", ())
    if (
        not isinstance(place, list | tuple)
        or len(place) > _DEEPEST
        or not all(type(step) is str or (type(step) is int and step >= 0) for step in place)
    ):
        raise EditRefused(
            f"The `place` of a change is a list of at most {_DEEPEST} keys and indices from 0 on."
        )
    value = edit.get("value")
    if is_too_deep({"value": value}):
        raise EditRefused(_TOO_DEEP)
    if value is not None and any(each is None for _, each in placed_values(value)):
        raise EditRefused("A value within another cannot be null, which TOML does not have.")
    return tuple(place)


def _apply(target: Any, place: Place, edit: Mapping[str, Any]) -> None:
    if "rename_arm" in edit:
        rename_arm(target, str(place[-1]) if place else "", str(edit["rename_arm"]))
    elif not place:
        raise EditRefused("The change names no key.")
    elif "rename" in edit:
        rename_key(_parent(target, place), place[-1], str(edit["rename"]))
        _in_order(target, place)
    elif edit.get("value") is None:
        _take_away(target, place)
    else:
        _put(target, place, edit["value"])
        _in_order(target, place)


def _parent(target: Any, place: Place, *, make: bool = False) -> Any:
    """Return the table or list that holds the last key; with `make`, tables are made."""
    for step, after in pairwise(place):
        try:
            if isinstance(step, str) and make and step not in target:
                target[step] = [] if isinstance(after, int) else _table_for(target, step)
            target = target[step]
        except (KeyError, IndexError, TypeError) as error:
            raise EditRefused(f"The study file has no {_dotted(place)}.") from error
    return target


_WITHIN_A_LINE = (*_BY_TIME, "follow_up")


def _table_for(holder: Any, key: str) -> Any:
    """Return a new table: within a line where study files have it so, else under a heading."""
    if type(holder) is dict or key not in _WITHIN_A_LINE:
        return {}
    import tomlkit

    return tomlkit.inline_table()


def _put(target: Any, place: Place, value: Any) -> None:
    holder, key = _parent(target, place, make=True), place[-1]
    if isinstance(holder, list) and isinstance(key, int):
        if key == len(holder):
            holder.append(_for(holder, value))
        elif 0 <= key < len(holder):
            holder[key] = _for(holder, value)
        else:
            raise EditRefused(f"The study file has no {_dotted(place)}.")
    elif isinstance(holder, Mapping) and isinstance(key, str):
        holder[key] = _for(holder, value)  # type: ignore[index]
    else:
        raise EditRefused(f"{_dotted(place)} is no key of a table.")


def _for(holder: Any, value: Any) -> Any:
    """Return a value as what holds it keeps it: inline tables within a line, plain values else."""
    plain = copy.deepcopy(value)
    if type(holder) in (dict, list) or not isinstance(plain, dict):
        return plain
    if any(isinstance(each, dict) and "n" in each for each in plain.values()):
        return plain  # arms of an endpoint: tables under headings of their own
    import tomlkit
    from tomlkit.items import AoT

    if isinstance(holder, AoT):
        return tomlkit.item(plain)
    inline = tomlkit.inline_table()
    inline.update(plain)
    return inline


def _take_away(target: Any, place: Place) -> None:
    """Delete a key, and the tables of numbers that are empty then."""
    holder, key = _parent(target, place), place[-1]
    try:
        del holder[key]
    except (KeyError, IndexError, TypeError) as error:
        raise EditRefused(f"The study file has no {_dotted(place)}.") from error
    above = place[:-1]
    if above and above[-1] in (*_BY_TIME, "follow_up", "reported") and not len(holder):
        _take_away(target, above)


def _unwrapped(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _in_order(target: Any, place: Place) -> None:
    """Put the times of a table in order after one was added or changed."""
    for depth, step in enumerate(place[:-1]):
        if step in _BY_TIME:
            table = _parent(target, place[: depth + 2])
            if not isinstance(table, Mapping):
                return
            pairs = [(str(key), _unwrapped(value)) for key, value in table.items()]
            if all(_is_number(key) for key, _ in pairs):
                ordered = sorted(pairs, key=lambda pair: float(pair[0]))
                if ordered != pairs:
                    refill(table, [(key, _for(table, value)) for key, value in ordered])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _dotted(place: Place) -> str:
    return ".".join(str(step + 1 if isinstance(step, int) else step) for step in place)


_TOO_DEEP = "It is not a study file: its tables go too deep."
_DEEPEST = 24  # tables in tables; a study file has seven


def is_too_deep(value: Any) -> bool:
    """Say so without going down by recursion, which such a file would exhaust."""
    layer = [value]
    for _ in range(_DEEPEST):
        layer = [
            each
            for holder in layer
            for each in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(each, dict | list)
        ]
    return bool(layer)
