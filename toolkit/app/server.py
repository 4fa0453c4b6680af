"""The page's server: what is asked for, by whom, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import uploads
from .guard import HEADERS, Guard
from .jobs import Job, Jobs
from .pages import asset
from .uploads import LARGEST
from .workers import TaskFailed, TaskRefused, TaskStopped, Worker
from .workspace import Workspace

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["Desk", "create_app"]

_LARGEST_JSON = 8_000_000  # bytes; a reading of 20 000 points has 1 million
_QUICK = 60.0  # seconds that what the page waits for may take
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".toml": "application/toml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".R": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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
        return self.live.run(task, self.placed(arguments), limit=_QUICK)

    def placed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments of a task with the folder and the study file that it works on."""
        return {
            "folder": self.workspace.folder, "study": self.workspace.study, **arguments,
        }  # fmt: skip

    def upload(self, name: str, content: bytes) -> Job | dict[str, Any]:
        """Keep a file that was handed in and start what it is for."""
        given = uploads.keep(content, name)
        if given.kind == "study":
            text = given.content.decode("utf-8-sig", errors="strict")
            if self.workspace.study.exists():
                raise uploads.UploadRefused(
                    f"{self.workspace.study.name} is there already; work with the other study "
                    "file in a folder of its own: kmrepro app FILE."
                )
            return {"kind": "study", "state": self.now("replace", text=text)}
        if given.kind == "text":
            return self.draft(given.content.decode("utf-8-sig", errors="replace"), given.stem)
        source = uploads.store(given, self.workspace)
        if given.kind == "csv":
            return {"kind": "csv", "state": self.now("take_curves", source=source)}
        arguments = self.placed({"source": source, "hints": {}, "key": ""})
        return self.jobs.start(f"Reading {source.name}", "read", arguments)

    def draft(self, text: str, name: str = "draft") -> Job:
        """Start to draft the study file from words."""
        arguments = self.placed({"text": text, "name": name})
        return self.jobs.start("Reading the text", "draft", arguments)


def create_app(desk: Desk, guard: Guard) -> Flask:
    """Return the application.

    Parameters
    ----------
    desk : Desk
    guard : Guard
        Every path begins with its token.
    """
    import flask

    app = flask.Flask("kmrepro.app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    start = f"/{guard.token}"

    @app.before_request
    def check() -> Any:
        request = flask.request
        reason = guard.refusal(request.method, request.path, request.headers)
        return _refused(reason, 403) if reason else None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    _handle_errors(app)
    _page_routes(app, start)
    _study_routes(app, start, desk)
    _figure_routes(app, start, desk)
    _result_routes(app, start, desk)
    return app


# Answers -----------------------------------------------------------------------------------------


def _json(value: Any, status: int = 200) -> Response:
    import flask

    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return flask.Response(text, status, mimetype="application/json")


def _refused(sentence: str, status: int) -> Response:
    return _json({"error": sentence}, status)


def _file(content: bytes, name: str, *, attached: bool = True) -> Response:
    import flask

    kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
    response = flask.Response(content, 200, content_type=kind)
    if attached:
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _handle_errors(app: Flask) -> None:
    from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        return _refused(f"At most {LARGEST // 1_000_000} MB are taken at once.", 413)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return _refused(str(error.description), error.code or 500)

    @app.errorhandler(TaskStopped)
    def stopped(_: TaskStopped) -> Response:
        return _refused("It was cancelled.", 409)

    @app.errorhandler(TaskFailed)
    def failed(error: TaskFailed) -> Response:
        return _refused(str(error), 500)

    @app.errorhandler(TaskRefused)
    @app.errorhandler(ValueError)
    def refused(error: ValueError) -> Response:
        return _refused(str(error), 400)


def _given(*names: str) -> dict[str, Any]:
    """Return what a request says in JSON, all of `names` among it."""
    import flask

    if (flask.request.content_length or 0) > _LARGEST_JSON:
        flask.abort(413)
    found = flask.request.get_json(silent=True)
    if not isinstance(found, dict) or any(name not in found for name in names):
        flask.abort(400, f"The request must be a JSON object with {', '.join(names)}.")
    return found


def _answered(outcome: Job | dict[str, Any]) -> Response:
    if isinstance(outcome, Job):
        return _json({"job": outcome.to_dict()}, 202)
    return _json(outcome)


Route = Callable[..., Any]


# The page ----------------------------------------------------------------------------------------


def _page_routes(app: Flask, start: str) -> None:
    import flask

    @app.get(f"{start}/")
    def index() -> Response:
        return page("index.html")

    @app.get(f"{start}/static/<path:name>")
    def page(name: str) -> Response:
        found = asset(name)
        if found is None:
            flask.abort(404, "There is no such file.")
        content, kind = found
        return flask.Response(content, 200, content_type=kind)


# The study file ----------------------------------------------------------------------------------


def _study_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    @app.get(f"{start}/api/study")
    def study() -> Response:
        return _json(desk.now("state") | {"folder": desk.workspace.folder.name})

    @app.get(f"{start}/api/schema")
    def schema() -> Response:
        return _json(desk.live.run("schema", {}, limit=_QUICK))

    @app.get(f"{start}/api/papers")
    def papers() -> Response:
        return _json(desk.live.run("papers", {}, limit=_QUICK))

    @app.post(f"{start}/api/papers")
    def take() -> Response:
        if desk.workspace.study.exists():
            flask.abort(409, f"{desk.workspace.study.name} is there already.")
        return _json(desk.now("take_bundled", bundled=str(_given("id")["id"])))

    @app.post(f"{start}/api/blank")
    def blank() -> Response:
        if desk.workspace.study.exists():
            flask.abort(409, f"{desk.workspace.study.name} is there already.")
        return _json(desk.now("blank"))

    @app.post(f"{start}/api/study/edit")
    def edit() -> Response:
        edits = _given("edits")["edits"]
        if not isinstance(edits, list) or not all(isinstance(each, dict) for each in edits):
            flask.abort(400, "`edits` must be a list of objects.")
        return _json(desk.now("edit", edits=edits))

    @app.put(f"{start}/api/study")
    def replace() -> Response:
        return _json(desk.now("replace", text=str(_given("text")["text"])))

    @app.post(f"{start}/api/draft")
    def draft() -> Response:
        return _answered(desk.draft(str(_given("text")["text"])))

    @app.post(f"{start}/api/upload")
    def upload() -> Response:
        name = flask.request.args.get("name", "file")
        return _answered(desk.upload(name, flask.request.get_data(cache=False)))


# Figures -----------------------------------------------------------------------------------------


def _figure_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    workspace = desk.workspace

    @app.get(f"{start}/api/figures")
    def figures() -> Response:
        return _json(list(workspace.readings()))

    @app.get(f"{start}/api/figures/<key>")
    def figure(key: str) -> Response:
        return _json(desk.live.run("figure", {"target": workspace.reading(key)}, limit=_QUICK))

    @app.get(f"{start}/api/figures/<key>/image.png")
    def image(key: str) -> Response:
        path = workspace.reading(key) / "image.png"
        if not path.is_file():
            flask.abort(404, "The picture of this figure is not in the folder.")
        return _file(path.read_bytes(), "image.png", attached=False)

    @app.put(f"{start}/api/figures/<key>")
    def correct(key: str) -> Response:
        document = _given("panels", "figure", "kind", "image_scale")
        return _json(desk.now("correct", target=workspace.reading(key), document=document))

    @app.post(f"{start}/api/figures/<key>/use")
    def use(key: str) -> Response:
        given = _given("panel", "endpoint", "arms")
        return _json(
            desk.now(
                "use",
                target=workspace.reading(key),
                panel=int(given["panel"]),
                endpoint=None if given["endpoint"] is None else int(given["endpoint"]),
                arms={str(name): str(arm) for name, arm in dict(given["arms"]).items()},
            )
        )

    @app.post(f"{start}/api/figures/<key>/read")
    def read_again(key: str) -> Response:
        folder = workspace.reading(key)
        named = desk.live.run("figure", {"target": folder}, limit=_QUICK)["source"]
        source = (folder / named).resolve()
        if not named or not source.is_relative_to(workspace.folder):
            flask.abort(409, "The file of this figure is not in the folder; drop it again.")
        arguments = desk.placed({"source": source, "hints": _given("replace"), "key": key})
        return _answered(desk.jobs.start(f"Reading {source.name} again", "read", arguments))


# Verdict, results and long work ------------------------------------------------------------------


def _result_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    workspace = desk.workspace

    @app.get(f"{start}/api/verdict")
    def verdict() -> Response:
        key = flask.request.args.get("endpoint", "")
        arguments = {"study": workspace.study, "endpoint": key}
        return _json(desk.live.run("verdict", arguments, limit=_QUICK))

    @app.post(f"{start}/api/audit")
    def audit() -> Response:
        job = desk.jobs.start("Checking the numbers", "audit", {"study": workspace.study})
        return _answered(job)

    @app.post(f"{start}/api/reproduce")
    def reproduce() -> Response:
        return _answered(desk.jobs.start("Reproducing the study", "reproduce", desk.placed({})))

    @app.get(f"{start}/api/results")
    def results() -> Response:
        return _json(results_state(workspace))

    @app.get(f"{start}/download/<path:name>")
    def download(name: str) -> Response:
        if name == workspace.study.name:
            return _file(workspace.study.read_bytes(), name)
        if name == f"{workspace.study.stem}.xlsx":
            content = desk.live.run("workbook", {"study": workspace.study}, limit=_QUICK)
            return _file(content, name)
        path = workspace.result(name)
        return _file(path.read_bytes(), path.name)

    @app.get(f"{start}/api/jobs")
    def jobs() -> Response:
        return _json([job.to_dict() for job in desk.jobs.active()])

    @app.get(f"{start}/api/jobs/<job_id>")
    def job(job_id: str) -> Response:
        found = _found(desk.jobs.get(job_id))
        found.over.wait(timeout=0.15)  # a short wait here saves the page many questions
        return _json(found.to_dict())

    @app.delete(f"{start}/api/jobs/<job_id>")
    def cancel(job_id: str) -> Response:
        found = _found(desk.jobs.get(job_id))
        desk.jobs.cancel(found)
        return _json(found.to_dict())


def _found(job: Job | None) -> Job:
    import flask

    if job is None:
        flask.abort(404, "There is no such work, or no longer.")
    return job


def results_state(workspace: Workspace) -> dict[str, Any]:
    """Return the files of results, and whether they are of the study file as it is now."""
    names = workspace.results()
    made = workspace.folder / "results" / "results.json"
    current = bool(names) and made.is_file() and workspace.study.is_file()
    if current:
        newest = max(path.stat().st_mtime for path in _inputs(workspace))
        current = made.stat().st_mtime >= newest
    return {"files": list(names), "current": current, "study": workspace.study.name}


def _inputs(workspace: Workspace) -> list[Path]:
    """Return what results are made from: the study file and the CSV files beside and below it."""
    folders = [workspace.folder, *workspace.readings().values()]
    files = [path for folder in folders for path in folder.glob("*.csv")]
    files += [path for folder in folders for path in folder.glob("panel-*/*.csv")]
    return [workspace.study, *files]
