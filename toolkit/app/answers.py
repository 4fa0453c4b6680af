"""Answers of the server: JSON, files, those that the page is made of, and refusals."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .workers import Job, TaskFailed, TaskRefused, TaskStopped
from .workspace import LARGEST_REQUEST

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = [
    "answered",
    "as_file",
    "as_json",
    "asset",
    "given",
    "given_names",
    "given_number",
    "given_text",
    "handle_errors",
    "refusal",
]

_LARGEST_JSON = 8_000_000  # bytes; a reading of 20 000 points has 1 million
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".toml": "application/toml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".R": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_json(value: Any, status: int = 200) -> Response:
    """Return plain values as JSON (RFC 8259: no NaN)."""
    import flask

    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return flask.Response(text, status, mimetype="application/json")


def refusal(sentence: str, status: int) -> Response:
    """Return why something was refused, for the page to show."""
    return as_json({"error": sentence}, status)


def as_file(content: bytes, name: str, *, attached: bool = True) -> Response:
    """Return a file; `attached`, the browser saves it and never shows it as a page."""
    import flask

    kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
    response = flask.Response(content, 200, content_type=kind)
    if attached:
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def handle_errors(app: Flask) -> None:
    """Answer every error with a sentence and never with a traceback."""
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        return refusal(f"At most {LARGEST_REQUEST // 1_000_000} MB are taken at once.", 413)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return refusal(str(error.description), error.code or 500)

    @app.errorhandler(TaskStopped)
    def stopped(_: TaskStopped) -> Response:
        return refusal("It was cancelled.", 409)

    @app.errorhandler(TaskFailed)
    def failed(error: TaskFailed) -> Response:
        return refusal(str(error), 500)

    @app.errorhandler(TaskRefused)
    @app.errorhandler(ValueError)
    def refused(error: ValueError) -> Response:
        return refusal(str(error), 400)


def given(*names: str) -> dict[str, Any]:
    """Return what a request says in JSON, all of `names` among it."""
    import flask

    if (flask.request.content_length or 0) > _LARGEST_JSON:
        flask.abort(413)
    found = flask.request.get_json(silent=True)
    if found is not None and not _is_unicode(json.dumps(found, ensure_ascii=False)):
        flask.abort(400, "The request holds half a character, which no file can.")
    if not isinstance(found, dict) or any(name not in found for name in names):
        flask.abort(400, f"The request must be a JSON object with {', '.join(names)}.")
    return found


def given_text(name: str) -> str:
    """Return a text that a request says; what is no text is refused, and never turned into one."""
    import flask

    text = given(name)[name]
    if not isinstance(text, str):
        flask.abort(400, f"`{name}` must be a text.")
    return text


def _is_unicode(text: str) -> bool:
    """Say whether a text can be written: JSON lets halves of characters through."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def given_number(found: dict[str, Any], name: str) -> int:
    """Return a place in a list that a request says."""
    import flask

    number = found[name]
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        flask.abort(400, f"`{name}` must be a whole number from 0 on.")
    return number


def given_names(found: dict[str, Any], name: str) -> dict[str, str]:
    """Return what belongs to what by name, as a request says it."""
    import flask

    names = found[name]
    if not isinstance(names, dict) or not all(isinstance(each, str) for each in names.values()):
        flask.abort(400, f"`{name}` must be an object of names.")
    return names


def answered(outcome: Job | dict[str, Any]) -> Response:
    """Return what came of something that was handed in: work that goes on, or its result."""
    if isinstance(outcome, Job):
        return as_json({"job": outcome.to_dict()}, 202)
    return as_json(outcome)


_OF_REPORT = {
    "report/report.css": "report.css",
    "report/curves.js": "curves.js",
    "report/uPlot.js": "uPlot.iife.min.js",
    "report/uPlot.css": "uPlot.min.css",
}


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """Return the content and the type of a file of the page; None if there is none.

    Parameters
    ----------
    name : str
        Such as "js/main.js"; it is compared with the files that there are, never used as a path.
    """
    kind = _TYPES.get(Path(name).suffix)
    if kind is None:
        return None
    if name in _OF_REPORT:
        from ..figures.report import templates

        return resources.files(templates).joinpath(_OF_REPORT[name]).read_bytes(), kind
    return (_own()[name], kind) if name in _own() else None


@cache
def _own() -> dict[str, bytes]:
    root = resources.files(__package__) / "static"
    found = {}
    waiting = [("", root)]
    while waiting:
        prefix, folder = waiting.pop()
        for each in folder.iterdir():
            if each.is_dir():
                waiting.append((f"{prefix}{each.name}/", each))
            else:
                found[f"{prefix}{each.name}"] = each.read_bytes()
    return found
