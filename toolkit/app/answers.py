"""Requests and answers: which requests are let in, what they work with, and what they get."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .workers import Job, Jobs, TaskFailed, TaskRefused, TaskStopped, Worker
from .workspace import (
    LARGEST_REQUEST,
    RESULTS,
    UploadRefused,
    Workspace,
    store_upload,
    upload_of,
)

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = [
    "HEADERS",
    "QUICK",
    "Desk",
    "Guard",
    "answered",
    "as_file",
    "as_json",
    "asset",
    "found_job",
    "given",
    "given_arms",
    "given_number",
    "given_text",
    "handle_errors",
    "refusal",
    "results_state",
]

HEADERS = {
    # No inline script or style, nothing from elsewhere, in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # the token is in the address
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Of every answer."""
_SAFE = ("GET", "HEAD")
_HOSTS = ("127.0.0.1", "localhost")
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
QUICK = 60.0  # seconds that what the page waits for may take


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Guard:
    """Decides whether a request is answered.

    Attributes
    ----------
    port : int
        On which the server listens.
    token : str
        The first part of every path; 256 random bits.

    Notes
    -----
    Another page in the same browser can send requests to 127.0.0.1. It does not know the token;
    its requests carry its own Origin, which is refused; and a name of its own that it points at
    127.0.0.1 (DNS rebinding) is refused because it is in Host.
    """

    port: int
    token: str = field(default_factory=_new_token, repr=False)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> str:
        """Say why a request is refused; "" if it is answered.

        Parameters
        ----------
        method : str
            Such as "GET".
        path : str
            The whole path, with the token.
        headers : mapping of str to str
            Of the request, looked up without regard to case.
        """
        if headers.get("Host", "") not in self._hosts():
            return "This server answers to 127.0.0.1 only."
        if not self._knows_token(path):
            return "The address lacks the token; open the one that `kmrepro app` printed."
        origin = headers.get("Origin")
        if origin is not None and not self._is_own(origin):
            return "Requests from other pages are refused."
        if origin is None and method not in _SAFE:
            return "A request that changes something must say that it comes from the page."
        if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "Requests from other pages are refused."
        return ""

    def _hosts(self) -> tuple[str, ...]:
        return tuple(f"{name}:{self.port}" for name in _HOSTS)

    def _is_own(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc in self._hosts()

    def _knows_token(self, path: str) -> bool:
        given = path.removeprefix("/").partition("/")[0]
        return hmac.compare_digest(given.encode(), self.token.encode())


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


def given_arms(found: dict[str, Any]) -> dict[str, str]:
    """Return which curve is of which arm, as a request says it."""
    import flask

    names = found["arms"]
    if not isinstance(names, dict) or not all(isinstance(each, str) for each in names.values()):
        flask.abort(400, "`arms` must be an object of names.")
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


@dataclass(frozen=True)
class Desk:
    """What the server works with.

    Attributes
    ----------
    workspace : Workspace
    live : Worker
        Does what the page waits for.
    jobs : Jobs
        Does the rest, with progress.
    """

    workspace: Workspace
    live: Worker
    jobs: Jobs

    def now(self, task: str, **arguments: Any) -> Any:
        """Do a task that the page waits for; its folder and study are given to it."""
        return self.live.run(task, self.placed(arguments), limit=QUICK)

    def placed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments of a task with the folder and the study file that it works on."""
        return {
            "folder": self.workspace.folder, "study": self.workspace.study, **arguments,
        }  # fmt: skip

    def upload(self, name: str, content: bytes) -> Job | dict[str, Any]:
        """Keep a file that was handed in and start what it is for.

        Of a picture its name is returned, too: if it cannot be read, a person can set its axes.
        """
        given = upload_of(content, name)
        if given.kind == "study":
            try:
                text = given.content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise UploadRefused(
                    "This study file is not UTF-8 text; save it with that encoding."
                ) from error
            if self.workspace.study.exists():
                raise UploadRefused(
                    f"{self.workspace.study.name} is there already; work with the other study "
                    "file in a folder of its own: kmrepro app FILE."
                )
            return {"kind": "study", "state": self.now("replace", text=text)}
        if given.kind == "text":
            return self.draft(given.content.decode("utf-8-sig", errors="replace"), given.stem)
        source = store_upload(given, self.workspace)
        if given.kind == "csv":
            return {"kind": "csv", "state": self.now("take_curves", source=source)}
        arguments = self.placed({"source": source, "hints": {}, "key": ""})
        job = self.jobs.start(f"Reading {source.name}", "read", arguments)
        return {"job": job.to_dict(), "picture": source.name} if given.kind == "picture" else job

    def draft(self, text: str, name: str = "draft") -> Job:
        """Start to draft the study file from words."""
        arguments = self.placed({"text": text, "name": name})
        return self.jobs.start("Reading the text", "draft", arguments)


def results_state(workspace: Workspace) -> dict[str, Any]:
    """Return the files of results, and whether they are of the study file as it is now."""
    names = workspace.results()
    made = workspace.folder / RESULTS / "results.json"
    current = bool(names) and made.is_file() and workspace.study.is_file()
    if current:
        newest = max(path.stat().st_mtime for path in _inputs_of_results(workspace))
        current = made.stat().st_mtime >= newest
    return {"files": list(names), "current": current, "study": workspace.study.name}


def _inputs_of_results(workspace: Workspace) -> list[Path]:
    """Return what results are made from: the study file and the CSV files beside and below it."""
    folders = [workspace.folder, *workspace.readings().values()]
    files = [path for folder in folders for path in folder.glob("*.csv")]
    files += [path for folder in folders for path in folder.glob("panel-*/*.csv")]
    return [workspace.study, *files]


def found_job(job: Job | None) -> Job:
    """Return a job that was asked for by its id; one that is not known is answered with 404."""
    import flask

    if job is None:
        flask.abort(404, "There is no such work, or no longer.")
    return job
