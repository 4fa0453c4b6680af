"""A report, and a headless Chromium that opens it; skipped where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kmrepro as km
from kmrepro.audit import audit
from kmrepro.figures import ReportFigure, drawings_of, render_report
from kmrepro.models import EndpointAnalysis
from kmrepro.studies import Study

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "</script><script>window.hostile = 1</script><img src=x onerror='window.hostile = 1'>"

Open = Callable[..., "Opened"]


@dataclass(frozen=True)
class Opened:
    """An open report, with what the browser complained of and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def analyses() -> tuple[EndpointAnalysis, ...]:
    """Analyse two endpoints of a bundled paper."""
    study = km.load_study("an2025")
    endpoints = [study.endpoint("psm", name) for name in ("OS", "EPFS")]
    return km.reproduce(study, endpoints=endpoints, n_draws=0).analyses


def _write(path: Path, study: Study, analyses: tuple[EndpointAnalysis, ...]) -> str:
    drawn = (
        ReportFigure.of(each.draw(), caption=each.caption, further=each.further)
        for each in drawings_of(analyses[:1])
    )
    html = render_report(
        study, analyses, (), version="1", seed=0, figures=drawn, audit=audit(study)
    )
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="session")
def report(analyses: tuple[EndpointAnalysis, ...], tmp_path_factory: Any) -> str:
    """Write a report, and return its address."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    return _write(path, km.load_study("an2025"), analyses)


@pytest.fixture(scope="session")
def hostile_report(analyses: tuple[EndpointAnalysis, ...], tmp_path_factory: Any) -> str:
    """Write the report of a study whose every text tries to run a script."""
    printed = analyses[0].endpoint
    arms = {
        name: arm.model_copy(update={"label": HOSTILE + name}) for name, arm in printed.arms.items()
    }
    fields = {"arms": arms, "label": HOSTILE, "source": HOSTILE, "note": HOSTILE}
    endpoint = printed.model_copy(update=fields)
    texts = {"title": HOSTILE, "citation": HOSTILE, "doi": HOSTILE, "note": HOSTILE}
    study = Study.model_validate({"id": "hostile", "endpoint": (endpoint,), **texts})
    analysis = km.analyse(endpoint, analyses[0].ipd)
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    return _write(path, study, (analysis,))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open reports, each in a browser window of its own."""
    with _windows(browser) as open_report:
        yield open_report


@pytest.fixture(scope="module")
def page(browser: Browser, report: str) -> Iterator[Page]:
    """Open the report once for tests that leave it as it was: opening it takes a second."""
    with _windows(browser) as open_report:
        yield open_report(report).page


@contextmanager
def _windows(browser: Browser) -> Iterator[Open]:
    contexts = []

    def open_report(
        address: str, *, width: int = 1200, scheme: str = "light", scripts: bool = True
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme=scheme,
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        found = Opened(context.new_page())
        page = found.page
        page.on("console", lambda said: found.complaints.append(said.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("requestfailed", lambda asked: found.complaints.append(asked.url[:80]))
        page.on("dialog", lambda dialog: found.complaints.append(dialog.message))
        page.on("request", lambda asked: found.requests.append(asked.url))
        page.goto(address)
        return found

    yield open_report
    for context in contexts:
        context.close()
