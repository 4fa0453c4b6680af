"""The page of `kmrepro app`, started as a user starts it, in a headless Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..chromium import without
from ..digitise import known

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 120_000  # ms: generous, because no test is about time


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    """Return the browser where everything is installed that the page needs."""
    for module in ("flask", "waitress", "tomlkit", "pdfplumber"):
        try:
            __import__(module)
        except ImportError:
            without("needs pip install '.[app]'")
    return browser


@dataclass
class Served:
    """A page's server in a process of its own.

    Attributes
    ----------
    folder : Path
        In which it works.
    address : str
    """

    folder: Path
    address: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.communicate(timeout=30)


def serve(folder: Path) -> Served:
    """Run the command, and read the address that it prints."""
    command = [sys.executable, "-m", "kmrepro", "app", str(folder), "--no-browser"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder.parent
    )
    assert process.stdout is not None
    return Served(folder, process.stdout.readline().strip(), process)


@pytest.fixture(scope="session")
def server(chromium: Browser, tmp_path_factory: Any) -> Iterator[Callable[[str], Served]]:
    """Start servers, one for each name; they end with the session, as each loads much."""
    started: dict[str, Served] = {}

    def named(name: str) -> Served:
        if name not in started:
            started[name] = serve(tmp_path_factory.mktemp("served") / name)
        return started[name]

    yield named
    for each in started.values():
        each.stop()


@pytest.fixture
def served(server: Callable[[str], Served]) -> Iterator[Served]:
    """Serve an empty folder: a server keeps nothing but what is in its folder."""
    found = server("empty")
    assert list(found.folder.iterdir()) == []
    yield found
    for path in found.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@dataclass(frozen=True)
class Visit:
    """An open page, with what the browser complained of and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def go(self, step: str) -> None:
        """Go to a step, and wait until everything before is saved."""
        self.page.click(f'#steps a[href="#{step}"]')
        self.saved()
        if step == "picture":
            self.page.wait_for_selector("body[data-figure] #sheet .handle")
        if step == "verdict":
            self.judged()

    def saved(self) -> None:
        """Wait until every change is in the folder."""
        self.page.wait_for_selector('body[data-saving="no"]')

    def judged(self) -> None:
        """Wait for the verdict on the numbers as they are."""
        self.saved()
        self.page.wait_for_selector('body[data-verdict="shown"]')

    def write(self, place: str, text: str) -> None:
        """Write into a field and leave it."""
        self.page.fill(place, text)
        self.page.locator(place).blur()
        self.saved()

    def axe(self) -> list[tuple[str, str]]:
        """Return what axe-core finds on the page as it is, with everything unfolded."""
        self.page.evaluate(
            "document.querySelectorAll('details').forEach((each) => (each.open = true))"
        )
        self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(found["passes"]) > 15
        return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Open pages, each in a browser window of its own."""
    contexts = []

    def open_page(address: str, *, width: int = 1280, scheme: str = "light") -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        found = Visit(context.new_page())
        page = found.page
        page.on("console", lambda said: found.complaints.append(said.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("request", lambda asked: found.requests.append(asked.url))
        page.on(
            "response",
            lambda got: found.complaints.append(got.url[-50:]) if got.status >= 500 else None,
        )
        page.goto(address)
        page.wait_for_selector('body[data-ready="yes"]')
        return found

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def svg(tmp_path_factory: Any) -> Path:
    """Draw a figure of known data as paths, which is read in a moment."""
    return known.draw(tmp_path_factory.mktemp("drawn") / "figure.svg", at_risk=True)


@pytest.fixture(scope="session")
def png(tmp_path_factory: Any) -> Path:
    """Draw the same as a raster, which takes seconds to read."""
    return known.draw(tmp_path_factory.mktemp("drawn") / "figure.png", at_risk=True)
