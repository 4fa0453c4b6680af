"""The words that a study file has beside its numbers: comments, by the key that they belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Words", "words_of"]

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
