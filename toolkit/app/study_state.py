"""What the page shows of a study file: values, comments beside them, doubts, and the verdict.

The verdict is the first screen of the report for one endpoint, quickly: no data sets are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..studies import Study, StudyFileError
from ..studies.doubts import doubts
from ..studies.errors import Place, place_text, shown
from .study_editing import content_of, current_study, is_too_deep, parsed

if TYPE_CHECKING:
    from ..studies import Endpoint

__all__ = ["EndpointUnknown", "Words", "live_verdict", "study_state", "words_of"]

_QUESTION = re.compile(r"^#\?\s*")
_FRAME = re.compile(r"[-=_#\s]{4,}$")  # a ruler below or after a heading
_NOTE = (
    "By the distance from the reported hazard ratio. The full reproduction draws many data sets "
    "consistent with the reported numbers, and judges by them."
)


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


def study_state(path: Path) -> dict[str, Any]:
    """Return what the page shows of a study file.

    Parameters
    ----------
    path : Path
        Which need not exist.

    Returns
    -------
    dict
        `file`, its name; `exists`; `text`; `content`, the keys and values, None if it is no TOML;
        `faults` and `doubts`, as `kmrepro validate` says them, each with `place` and `text`;
        `words`, the comments by place; `questions` of a draft; and `endpoints`, by key.
    """
    state: dict[str, Any] = {
        "file": path.name, "exists": path.is_file(), "text": "", "content": None, "faults": [],
        "doubts": [], "words": [], "questions": [], "endpoints": [],
    }  # fmt: skip
    if not state["exists"]:
        return state
    study = None
    faults: tuple[tuple[Place, str], ...] = ()
    try:
        study = current_study(path)
    except StudyFileError as error:
        faults = tuple(zip(error.places, error.faults, strict=True))
    state["faults"] = [_placed(place, text) for place, text in faults]
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = content_of(text)
    except (OSError, ValueError, RecursionError):  # among them what decoding and TOML raise
        return state
    if is_too_deep(content):
        return state
    state |= {"text": text, "content": _as_in_json(content), "endpoints": _endpoint_keys(content)}
    state["faults"] = [
        _placed(place, fault.removeprefix(place_text(place, content))) for place, fault in faults
    ]
    words = _words(text)
    state["words"] = [{"place": place, "text": texts} for place, texts in words.beside.items()]
    state["questions"] = [_placed(place, text) for place, text in words.questions]
    if study is not None:
        state["doubts"] = list(_doubts(study, content))
    return state


def _words(text: str) -> Words:
    from tomlkit.exceptions import TOMLKitError

    try:
        return words_of(parsed(text))
    except TOMLKitError:  # what tomllib reads and tomlkit does not: a file without its comments
        return Words({}, ())


def _placed(place: Sequence[str | int], text: str) -> dict[str, Any]:
    return {"place": list(place), "text": text}


def _as_in_json(value: Any) -> Any:
    """Return values as JSON has them: dates as text."""
    if isinstance(value, Mapping):
        return {str(key): _as_in_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_in_json(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


def _endpoint_keys(content: Mapping[str, Any]) -> list[str]:
    found = content.get("endpoint")
    rows = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    return [f"{each.get('cohort', 'all')}/{each.get('name', '')}" for each in rows]


def _doubts(study: Study, content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the doubts with the places that their own words name."""
    found = doubts(study)
    if not found:
        return
    places = {place_text(place, content).removesuffix(": "): place for place in _places(content)}
    for doubt in found:
        yield _placed(places.get(doubt.place, ()), doubt.text)


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _places(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _places(each, (*place, number))


class EndpointUnknown(ValueError):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised if the study file has no such endpoint; the message names those it has."""


def live_verdict(path: Path, key: str) -> dict[str, Any]:
    """Reconstruct and compare one endpoint of a study file.

    Parameters
    ----------
    path : Path
        The study file.
    key : str
        Such as "psm/OS".

    Returns
    -------
    dict
        `endpoint`; `refusal`, why there are no patients, or ""; and if there are some, `summary`
        and `section`, the texts of the report's first screen and of the endpoint in it, with
        `chart`, the numbers of the curves; and `note`, what the verdict rests on.

    Raises
    ------
    StudyFileError
        If the file is at fault.
    EndpointUnknown
        If the study has no such endpoint.
    """
    from ..explorer import view
    from ..figures.report.sections import endpoint_section
    from ..figures.report.summary import verdict_section
    from ..models import analyse

    study = current_study(path)
    endpoint = _endpoint(study, key)
    found = view(endpoint, {})
    start = {"endpoint": endpoint.key, "unit": endpoint.time_unit, "refusal": found.refusal}
    if found.ipd is None:
        return start
    analysis = analyse(endpoint, found.ipd, attainable=False)
    section = endpoint_section(analysis, anchor="endpoint-1", stem="endpoint")
    for name in ("patients", "findings"):
        del section[name]
    chart = dict(section["chart"])
    chart["data"] = str(chart["data"])
    return start | {
        "summary": verdict_section([analysis], []),
        "section": section | {"chart": chart, "assumptions": list(section["assumptions"])},
        "note": _NOTE,
    }


def _endpoint(study: Study, key: str) -> Endpoint:
    for endpoint in study.endpoints:
        if endpoint.key == key:
            return endpoint
    known = ", ".join(each.key for each in study.endpoints)
    raise EndpointUnknown(f"The study has no endpoint {shown(key)}; it has {known}.")
