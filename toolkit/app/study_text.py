"""The text of a study file: one to start from, and the comments beside its numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .workspace import safe_stem

__all__ = ["Words", "curves_layout", "figure_layout", "words_of"]

Place = tuple[str | int, ...]
_QUESTION = re.compile(r"^#\?\s*")
_FRAME = re.compile(r"[-=_#\s]{4,}$")  # a ruler below or after a heading


@dataclass(frozen=True)
class Words:
    """Comments of a study file.

    Attributes
    ----------
    beside : dict of tuple to tuple of str
        By place, the comments above a key and on its line: what it was found in.
    questions : tuple of (tuple, str)
        What a draft asks (lines that begin with "#?"), and the table in which it asks it.
    """

    beside: dict[Place, tuple[str, ...]]
    questions: tuple[tuple[Place, str], ...]


def words_of(document: Any) -> Words:
    """Gather the comments of a parsed file.

    Parameters
    ----------
    document : tomlkit.TOMLDocument
    """
    beside: dict[Place, tuple[str, ...]] = {}
    questions: list[tuple[Place, str]] = []
    for place, lines in _comments(document, ()):
        asked = [_QUESTION.sub("", line) for line in lines if _QUESTION.match(line)]
        questions += [(place, text) for text in asked if text]
        found = [_plain(line) for line in lines if not _QUESTION.match(line)]
        if kept := tuple(line for line in found if line):
            beside[place] = (*beside.get(place, ()), *kept)
    return Words(beside, tuple(questions))


def _plain(line: str) -> str:
    text = _FRAME.sub("", line.lstrip("#").strip())
    return "" if text.startswith("not found:") else text


def _comments(table: Any, place: Place) -> Iterator[tuple[Place, list[str]]]:
    """Yield the comments of a table: those before a key with its place, the last with its own."""
    from tomlkit import items

    waiting: list[str] = []
    for key, item in _body(table):
        if key is None:
            if isinstance(item, items.Comment):
                waiting.append(item.as_string().strip())
            elif "\n\n" in item.as_string():
                waiting = _questions(waiting)  # a paragraph of its own is about no key
            continue
        here = (*place, key.key)
        if isinstance(item, items.AoT):
            for number, each in enumerate(item.body):
                yield from _comments(each, (*here, number))
        elif isinstance(item, items.Table):
            yield from _comments(item, here)
        else:
            own = item.trivia.comment.strip()
            yield here, [*waiting, *([own] if own else [])]
            waiting = []
    yield place, _questions(waiting)


def _questions(lines: list[str]) -> list[str]:
    return [line for line in lines if _QUESTION.match(line)]


def _body(table: Any) -> Any:
    return table.body if hasattr(table, "body") else table.value.body


def curves_layout(file: str, arms: Sequence[str], *, name: str) -> str:
    """Return a study file whose arms have the curves of a CSV file.

    Parameters
    ----------
    file : str
        As the study file names it.
    arms : sequence of str
        As the file names them; a single curve without a name is "".
    name : str
        What to call the study.
    """
    keys = {arm: f"A{number + 1}" for number, arm in enumerate(arms)}
    lines = [
        f"# Laid out around {file}: add the numbers of patients (n), and what the paper reports.",
        f"id = {_quoted(safe_stem(name).lower())}",
        'time_unit = "months"    # the file does not say: check this',
        "",
        "[arms]",
        *(f"{key} = {_quoted(arm or 'All patients')}" for arm, key in keys.items()),
        "",
        "[[endpoint]]",
        'name = "OS"    # the file does not say: check this',
        f"source = {_quoted(file)}",
        *([f"reference = {_quoted(keys[arms[0]])}"] if len(arms) > 1 else []),
    ]
    for arm, key in keys.items():
        which = f", arm = {_quoted(arm)}" if arm else ""
        lines += ["", f"[endpoint.arms.{key}]", f"curve = {{ file = {_quoted(file)}{which} }}"]
    return "\n".join(lines) + "\n"


def figure_layout(draft: str, prefix: str) -> str:
    """Return the draft study file of a reading with its files named from the study's folder.

    Parameters
    ----------
    draft : str
        As `digitise.files.draft_study` returns it.
    prefix : str
        Such as "page-5/"; empty if the reading is in the study's folder itself.
    """
    return draft.replace('curve = { file = "', f'curve = {{ file = "{prefix}')


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
