"""What the server works with: the folder, the processes, and what is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import uploads
from .jobs import Job, Jobs
from .workers import Worker
from .workspace import RESULTS, Workspace

__all__ = ["QUICK", "Desk", "results_state"]

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
        given = uploads.keep(content, name)
        if given.kind == "study":
            try:
                text = given.content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise uploads.UploadRefused(
                    "This study file is not UTF-8 text; save it with that encoding."
                ) from error
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
        newest = max(path.stat().st_mtime for path in _inputs(workspace))
        current = made.stat().st_mtime >= newest
    return {"files": list(names), "current": current, "study": workspace.study.name}


def _inputs(workspace: Workspace) -> list[Path]:
    """Return what results are made from: the study file and the CSV files beside and below it."""
    folders = [workspace.folder, *workspace.readings().values()]
    files = [path for folder in folders for path in folder.glob("*.csv")]
    files += [path for folder in folders for path in folder.glob("panel-*/*.csv")]
    return [workspace.study, *files]
