"""The page's server: on this machine's own address, and what can be asked of it by address."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answers import (
    HEADERS,
    QUICK,
    Desk,
    Guard,
    answered,
    as_file,
    as_json,
    asset,
    found_job,
    given,
    given_arms,
    given_number,
    given_text,
    handle_errors,
    refusal,
    results_state,
)
from .workers import Jobs, Worker
from .workspace import LARGEST_REQUEST, Workspace, WorkspaceRefused

if TYPE_CHECKING:
    from flask import Flask, Response
    from waitress.server import BaseWSGIServer

__all__ = ["AppMissing", "PageServer", "create_app"]


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
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    start = f"/{guard.token}"

    @app.before_request
    def check() -> Any:
        request = flask.request
        reason = guard.refusal(request.method, request.path, dict(request.headers))
        return refusal(reason, 403) if reason else None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    handle_errors(app)
    _page_routes(app, start)
    for add_routes in (
        _study_routes,
        _intake_routes,
        _points_routes,
        _figure_routes,
        _figure_use_routes,
        _picture_routes,
        _result_routes,
        _job_routes,
    ):
        add_routes(app, start, desk)
    return app


class AppMissing(ImportError, ValueError):  # noqa: N818 - it names the state
    """A package of the extra `app` is not installed."""


class PageServer:
    """The server of one working folder.

    Parameters
    ----------
    folder : Path
        The working folder, or a study file in it.
    port : int
        On which to listen; 0 for a free one.

    Attributes
    ----------
    address : str
        Where the page is, with its token.

    Raises
    ------
    AppMissing
        If a package that it needs is not installed.
    WorkspaceRefused
        If the folder cannot be worked in.
    """

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        waitress = _waitress()
        logging.getLogger("waitress").setLevel(logging.ERROR)  # a queue of two is no news
        workspace = Workspace.open(folder)
        listening = _listening(port)
        guard = Guard(int(listening.getsockname()[1]))
        self._live, self._long = Worker("live"), Worker("long")
        self._application = create_app(Desk(workspace, self._live, Jobs(self._long)), guard)
        self._asked = threading.Event()
        self._server: BaseWSGIServer = waitress.create_server(
            self._answer,
            sockets=[listening],
            threads=6,
            max_request_body_size=4 * LARGEST_REQUEST,  # read to its end, or no refusal is heard
            ident=None,
        )
        self.address = guard.address
        self.folder = workspace.folder

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not self._asked.is_set() and "/api/" in str(environ.get("PATH_INFO")):
            self._asked.set()  # the page is shown: time to make the processes ready
            for worker in (self._live, self._long):
                threading.Thread(target=worker.warm, daemon=True).start()
        return self._application(environ, start_response)

    def run(self) -> None:
        """Answer until the process is interrupted."""
        try:
            self._server.run()
        finally:
            self.close()

    def close(self) -> None:
        """Stop answering, and end the processes."""
        self._server.close()
        for worker in (self._live, self._long):
            worker.close()


def _listening(port: int) -> socket.socket:
    """Return a socket on this machine's own address, which no other machine reaches."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # so that the same port can be used again at once
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        found.listen()
    except OSError as error:
        found.close()
        raise WorkspaceRefused(
            f"Port {port} cannot be listened on: {error.strerror or error}. Leave --port out for "
            "a free one."
        ) from error
    return found


def _waitress() -> Any:
    try:
        import flask  # noqa: F401 - both are looked for before anything is begun
        import tomlkit  # noqa: F401
        import waitress
    except ImportError as error:
        raise AppMissing(
            f"`kmrepro app` needs more packages ({error.name} is missing): "
            "pip install 'kmrepro[app]'."
        ) from error
    return waitress


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


def _study_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    @app.get(f"{start}/api/study")
    def study() -> Response:
        about = {"folder": desk.workspace.folder.name, "largest": LARGEST_REQUEST}
        return as_json(desk.now("state") | about)

    @app.get(f"{start}/api/schema")
    def schema() -> Response:
        return as_json(desk.live.run("schema", {}, limit=QUICK))

    @app.post(f"{start}/api/study/edit")
    def edit() -> Response:
        edits = given("edits")["edits"]
        if not isinstance(edits, list) or not all(isinstance(each, dict) for each in edits):
            flask.abort(400, "`edits` must be a list of objects.")
        return as_json(desk.now("edit", edits=edits))

    @app.put(f"{start}/api/study")
    def replace() -> Response:
        return as_json(desk.now("replace", text=given_text("text")))


def _intake_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    @app.get(f"{start}/api/papers")
    def papers() -> Response:
        return as_json(desk.live.run("papers", {}, limit=QUICK))

    @app.post(f"{start}/api/papers")
    def take() -> Response:
        if desk.workspace.study.exists():
            flask.abort(409, f"{desk.workspace.study.name} is there already.")
        return as_json(desk.now("take_bundled", bundled=given_text("id")))

    @app.post(f"{start}/api/blank")
    def blank() -> Response:
        if desk.workspace.study.exists():
            flask.abort(409, f"{desk.workspace.study.name} is there already.")
        return as_json(desk.now("blank"))

    @app.post(f"{start}/api/draft")
    def draft() -> Response:
        return answered(desk.draft(given_text("text")))

    @app.post(f"{start}/api/upload")
    def upload() -> Response:
        name = flask.request.args.get("name", "file")
        return answered(desk.upload(name, flask.request.get_data(cache=False)))


def _points_routes(app: Flask, start: str, desk: Desk) -> None:
    """Add what is asked of CSV files of points."""

    @app.get(f"{start}/api/points/<name>")
    def points(name: str) -> Response:
        arguments = {"source": desk.workspace.points_file(name)}
        return as_json(desk.live.run("points", arguments, limit=QUICK))

    @app.post(f"{start}/api/points/<name>")
    def link(name: str) -> Response:
        choice = given("endpoint", "arms")
        return as_json(
            desk.now(
                "link_curves",
                source=desk.workspace.points_file(name),
                endpoint=given_number(choice, "endpoint"),
                arms=given_arms(choice),
            )
        )


def _figure_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    workspace = desk.workspace

    @app.get(f"{start}/api/figures")
    def figures() -> Response:
        return as_json(list(workspace.readings()))

    @app.get(f"{start}/api/figures/<key>")
    def figure(key: str) -> Response:
        return as_json(desk.live.run("figure", {"target": workspace.reading(key)}, limit=QUICK))

    @app.get(f"{start}/api/figures/<key>/image.png")
    def image(key: str) -> Response:
        path = workspace.reading(key) / "image.png"
        if not path.is_file():
            flask.abort(404, "The picture of this figure is not in the folder.")
        return as_file(path.read_bytes(), "image.png", attached=False)

    @app.put(f"{start}/api/figures/<key>")
    def correct(key: str) -> Response:
        document = given("panels", "figure", "kind", "image_scale")
        return as_json(desk.now("correct", target=workspace.reading(key), document=document))


def _figure_use_routes(app: Flask, start: str, desk: Desk) -> None:
    """Add what is done with a reading: put into the study, or made again."""
    import flask

    workspace = desk.workspace

    @app.post(f"{start}/api/figures/<key>/use")
    def use(key: str) -> Response:
        choice = given("panel", "endpoint", "arms")
        return as_json(
            desk.now(
                "use",
                target=workspace.reading(key),
                panel=given_number(choice, "panel"),
                endpoint=(None if choice["endpoint"] is None else given_number(choice, "endpoint")),
                arms=given_arms(choice),
            )
        )

    @app.post(f"{start}/api/figures/<key>/read")
    def read_again(key: str) -> Response:
        folder = workspace.reading(key)
        named = desk.live.run("figure", {"target": folder}, limit=QUICK)["source"]
        source = (folder / named).resolve()
        if not named or not source.is_relative_to(workspace.folder):
            flask.abort(409, "The file of this figure is not in the folder; drop it again.")
        arguments = desk.placed({"source": source, "hints": given("replace"), "key": key})
        return answered(desk.jobs.start(f"Reading {source.name} again", "read", arguments))


def _picture_routes(app: Flask, start: str, desk: Desk) -> None:
    """Add what a picture needs that could not be read without a person's help."""
    workspace = desk.workspace

    @app.get(f"{start}/api/pictures/<name>")
    def picture(name: str) -> Response:
        arguments = {"source": workspace.picture(name)}
        return as_json(desk.live.run("by_hand", arguments, limit=QUICK))

    @app.get(f"{start}/api/pictures/<name>/image.png")
    def upright(name: str) -> Response:
        arguments = {"source": workspace.picture(name)}
        content = desk.live.run("upright", arguments, limit=QUICK)
        return as_file(content, "image.png", attached=False)

    @app.post(f"{start}/api/pictures/<name>/read")
    def read(name: str) -> Response:
        source = workspace.picture(name)
        hints = given("replace", "x_axis", "y_axis")
        arguments = desk.placed({"source": source, "hints": hints, "key": ""})
        return answered(desk.jobs.start(f"Reading {source.name}", "read", arguments))


def _result_routes(app: Flask, start: str, desk: Desk) -> None:
    import flask

    workspace = desk.workspace

    @app.get(f"{start}/api/verdict")
    def verdict() -> Response:
        key = flask.request.args.get("endpoint", "")
        arguments = {"study": workspace.study, "endpoint": key}
        return as_json(desk.live.run("verdict", arguments, limit=QUICK))

    @app.post(f"{start}/api/audit")
    def audit() -> Response:
        job = desk.jobs.start("Checking the numbers", "audit", {"study": workspace.study})
        return answered(job)

    @app.post(f"{start}/api/reproduce")
    def reproduce() -> Response:
        return answered(desk.jobs.start("Reproducing the study", "reproduce", desk.placed({})))

    @app.get(f"{start}/api/results")
    def results() -> Response:
        return as_json(results_state(workspace))

    @app.get(f"{start}/download/<path:name>")
    def download(name: str) -> Response:
        if name == workspace.study.name:
            return as_file(workspace.study.read_bytes(), name)
        if name == f"{workspace.study.stem}.xlsx":
            content = desk.live.run("workbook", {"study": workspace.study}, limit=QUICK)
            return as_file(content, name)
        path = workspace.result(name)
        return as_file(path.read_bytes(), path.name)


def _job_routes(app: Flask, start: str, desk: Desk) -> None:
    @app.get(f"{start}/api/jobs")
    def jobs() -> Response:
        return as_json([job.to_dict() for job in desk.jobs.active()])

    @app.get(f"{start}/api/jobs/<job_id>")
    def job(job_id: str) -> Response:
        found = found_job(desk.jobs.get(job_id))
        found.over.wait(timeout=0.15)  # a short wait here saves the page many questions
        return as_json(found.to_dict())

    @app.delete(f"{start}/api/jobs/<job_id>")
    def cancel(job_id: str) -> Response:
        found = found_job(desk.jobs.get(job_id))
        desk.jobs.cancel(found)
        return as_json(found.to_dict())
