"""What can be asked of the server, by address, and what it works with to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answers import (
    answered,
    as_file,
    as_json,
    asset,
    given,
    given_names,
    given_number,
    given_text,
)
from .workers import Job, Jobs, Worker
from .workspace import RESULTS, UploadRefused, Workspace, store_upload, upload_of

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["QUICK", "Desk", "add_routes", "results_state"]

QUICK = 60.0
"""Seconds that what the page waits for may take."""


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


def add_routes(app: Flask, start: str, desk: Desk) -> None:
    """Add everything that can be asked.

    Parameters
    ----------
    app : Flask
    start : str
        With which every path begins: the token.
    desk : Desk
    """
    _page_routes(app, start)
    for add in (
        _study_routes,
        _intake_routes,
        _points_routes,
        _figure_routes,
        _figure_use_routes,
        _picture_routes,
        _result_routes,
        _job_routes,
    ):
        add(app, start, desk)


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
        return as_json(desk.now("state") | {"folder": desk.workspace.folder.name})

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
                arms=given_names(choice, "arms"),
            )
        )


# Figures -----------------------------------------------------------------------------------------


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
                arms=given_names(choice, "arms"),
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


# Verdict, results and long work ------------------------------------------------------------------


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
        found = _found(desk.jobs.get(job_id))
        found.over.wait(timeout=0.15)  # a short wait here saves the page many questions
        return as_json(found.to_dict())

    @app.delete(f"{start}/api/jobs/<job_id>")
    def cancel(job_id: str) -> Response:
        found = _found(desk.jobs.get(job_id))
        desk.jobs.cancel(found)
        return as_json(found.to_dict())


def _found(job: Job | None) -> Job:
    import flask

    if job is None:
        flask.abort(404, "There is no such work, or no longer.")
    return job
