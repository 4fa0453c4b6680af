"""What the tests of the front door share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kmrepro import processes, saving
from kmrepro.cli import main
from kmrepro.figures import Drawing, ReportFigure
from kmrepro.processes import Lent

FEW = 5  # draws, where it does not matter how many

TWO_ARMS = """
id = "mine"
title = "A trial of two arms"
time_unit = "months"

[arms]
A = "Control"
B = "Treatment"

[[endpoint]]
cohort = "all"
name = "OS"
label = "Overall survival"
reference = "A"

[endpoint.arms.A]
n = 40
landmarks = { 12 = "80.0%", 24 = "60.0%" }

[endpoint.arms.B]
n = 40
landmarks = { 12 = "90.0%", 24 = "70.0%" }

[endpoint.reported]
hazard_ratio = "0.65"
ci = ["0.30", "1.40"]
p = "0.27"
"""

RISING = """
[[endpoint]]
cohort = "all"
name = "PFS"
reference = "A"

[endpoint.arms.A]
n = 40
landmarks = { 12 = "60.0%", 24 = "70.0%" }

[endpoint.arms.B]
n = 40
landmarks = { 12 = "70.0%", 24 = "50.0%" }
"""


@pytest.fixture(autouse=True, scope="module")
def _small_work(small_blocks: None, no_search: None) -> Iterator[None]:
    """Draw few data sets, and search for no attainable range, in this process, which knows that."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(processes, "usual_processes", lambda _: 1)
        yield


@pytest.fixture
def one_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the first figure alone, where it does not matter which there are."""
    every = saving.drawings
    monkeypatch.setattr(saving, "drawings", lambda reproduction: every(reproduction)[:1])


@pytest.fixture
def not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write figures as empty files, where only their names matter."""
    draw_nothing(monkeypatch)


def draw_nothing(patched: pytest.MonkeyPatch) -> None:
    """Write figures as empty files, and show nothing in a report."""

    def empty(
        lent: Lent[tuple[Drawing, ...]], place: int, *, formats: Any, report: str | None, look: Any
    ) -> saving._Drawn:
        drawing = lent.value[place]
        files = {f"{drawing.name}.{each}": b"" for each in formats[place] or ()}
        shown = ReportFigure(
            caption=drawing.caption, further=drawing.further, source="data:,", alt="", width=85.0
        )
        return saving._Drawn(figure=shown if report else None, files=files)

    patched.setattr(saving, "_drawn", empty)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command; an error that is no sentence fails the test."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "KMREPRO_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: object) -> Result:
        few = {"reproduce": {"draws": FEW}, "figures": {"draws": FEW}}
        result = CliRunner().invoke(main, [str(each) for each in arguments], default_map=few)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def two_arms(here: Path) -> Path:
    """Return a study file of one endpoint that can be reconstructed."""
    path = here / "mine.toml"
    path.write_text(TWO_ARMS, encoding="utf-8")
    return Path("mine.toml")


@pytest.fixture
def half_contradicting(here: Path) -> Path:
    """Return a study file with one sound endpoint and one whose survival rises."""
    path = here / "half.toml"
    path.write_text(TWO_ARMS + RISING, encoding="utf-8")
    return Path("half.toml")


@pytest.fixture
def contradicting(here: Path) -> Path:
    """Return a study file whose only endpoint contradicts itself."""
    path = here / "rising.toml"
    path.write_text(TWO_ARMS.replace('24 = "60.0%"', '24 = "85.0%"'), encoding="utf-8")
    return Path("rising.toml")
