"""A page's server without processes and without a network, and a figure that was read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("flask")
pytest.importorskip("tomlkit")

from kmrepro.app.answers import Desk, Guard
from kmrepro.app.server import create_app
from kmrepro.app.tasks import TASKS
from kmrepro.app.workers import Jobs, TaskFailed, TaskRefused
from kmrepro.app.workspace import Workspace
from kmrepro.outcome import Progress, is_refusal, sentence

from ..digitise import known

PORT = 8123


class Inline:
    """Stands in for a process: does tasks here, and tells of refusals as a process does."""

    def run(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        progress: Progress | None = None,
        limit: float = 0,
    ) -> Any:
        """Do a task here."""
        try:
            return TASKS[task](progress=progress or (lambda *_: None), **arguments)
        except Exception as error:
            raise (TaskRefused if is_refusal(error) else TaskFailed)(sentence(error)) from error

    def stop(self) -> None:
        """Stop nothing."""


@dataclass
class Page:
    """A page's server, asked as the page asks it."""

    client: Any
    guard: Guard
    workspace: Workspace

    def ask(self, path: str, method: str = "GET", **options: Any) -> Any:
        """Ask for something below the token, as the page's own scripts do."""
        headers = {"Host": f"127.0.0.1:{PORT}", "Origin": f"http://127.0.0.1:{PORT}"}
        headers |= options.pop("headers", {})
        return self.client.open(
            f"/{self.guard.token}/{path}", method=method, headers=headers, **options
        )

    def json(self, path: str, method: str = "GET", **options: Any) -> Any:
        """Ask for something that must be answered; return the values."""
        response = self.ask(path, method, **options)
        assert response.status_code < 300, response.get_json()
        return response.get_json()

    def upload(self, name: str, content: bytes) -> Any:
        """Hand a file in."""
        return self.ask("api/upload", "POST", query_string={"name": name}, data=content)

    def done(self, answer: Any) -> dict[str, Any]:
        """Wait for the job that an answer names."""
        job = answer["job"]
        while job["state"] in ("waiting", "running"):
            job = self.json(f"api/jobs/{job['id']}")
        return job


@pytest.fixture(autouse=True, scope="module")
def _small_work(small_blocks: None, no_search: None) -> None:
    """Draw few data sets, and search for no attainable range."""


@pytest.fixture
def page_in() -> Callable[[Path], Page]:
    """Open pages in folders."""

    def open_page(path: Path) -> Page:
        workspace = Workspace.open(path)
        worker: Any = Inline()
        guard = Guard(PORT)
        app = create_app(Desk(workspace, worker, Jobs(worker)), guard)
        return Page(app.test_client(), guard, workspace)

    return open_page


@pytest.fixture
def served(page_in: Callable[[Path], Page], tmp_path: Path) -> Page:
    """Open a page in an empty folder."""
    return page_in(tmp_path / "study")


@pytest.fixture(scope="session")
def vector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a figure of known data as paths, which is read in a moment."""
    return known.draw(tmp_path_factory.mktemp("vector") / "figure.svg", at_risk=True)


@pytest.fixture(scope="session")
def _read_once(tmp_path_factory: pytest.TempPathFactory, vector: Path) -> Path:
    from kmrepro.app.tasks import read

    pytest.importorskip("pdfplumber")
    workspace = Workspace.open(tmp_path_factory.mktemp("once") / "study")
    source = workspace.folder / "fig.svg"
    shutil.copy(vector, source)
    read(workspace.folder, workspace.study, source, {}, "", progress=lambda *_: None)
    return workspace.folder


@pytest.fixture
def read_served(page_in: Callable[[Path], Page], _read_once: Path, tmp_path: Path) -> Page:
    """Open a page in a folder with one figure that was read."""
    shutil.copytree(_read_once, tmp_path / "study")
    return page_in(tmp_path / "study")
