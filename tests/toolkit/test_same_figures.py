"""Figures of the bundled papers come out the same, byte for byte, wherever and whenever drawn."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import kmrepro as km
from kmrepro import bundled_ids
from kmrepro.saving import drawings

# Few draws of few scenarios, and no search for attainable ranges, which takes longest and draws
# nothing at random: which patients there are does not matter, only that they are the same. All in
# one process, which alone knows of it.
DRAW = """
import importlib, sys
sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
sampler.BLOCK, sampler.SCENARIOS = 20, 3
importlib.import_module("kmrepro.reconstruct.scenarios.scenarios").LOT = 48
verdict = importlib.import_module("kmrepro.models.verdict")
verdict._attainable = lambda *_, **__: None
from kmrepro.cli import main
for study, *formats in (each.split(",") for each in sys.argv[1:]):
    chosen = [part for name in formats for part in ("--format", name)]
    arguments = ["figures", study, "--out", study, "--draws", "20", "--workers", "1", *chosen]
    main(arguments, standalone_mode=False)
"""
WITHOUT_FIGURES = {"wang2024"}  # prints no number of patients, and no table of hazard ratios
EVERY_FORMAT = {"haic-tae"}  # PDF and PNG of all papers would take a minute
SMALL = ("haic-tae",)


def drawn(folder: Path, papers: Iterable[str], **surroundings: str) -> dict[str, str]:
    """Draw some papers in a process of its own, and return a digest of each file."""
    folder.mkdir(parents=True)
    formats = {name: "svg,pdf,png" if name in EVERY_FORMAT else "svg" for name in papers}
    asked = [f"{name},{kinds}" for name, kinds in formats.items()]
    subprocess.run(
        [sys.executable, "-c", DRAW, *asked],
        cwd=folder, env={**os.environ, **surroundings}, check=True, capture_output=True,
    )  # fmt: skip
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _same_twice(folder: Path, papers: Iterable[str]) -> None:
    names = tuple(papers)
    # A figure that held a date would hold this one.
    first = drawn(folder / "first", names, PYTHONHASHSEED="1", SOURCE_DATE_EPOCH="0", TZ="UTC")
    again = drawn(
        folder / "elsewhere" / "second", names,
        PYTHONHASHSEED="2", SOURCE_DATE_EPOCH="1000000000", TZ="Asia/Tokyo", LC_ALL="C",
    )  # fmt: skip
    assert {Path(name).suffix for name in first} >= {".svg", ".pdf", ".png"}
    assert first == again


@pytest.mark.nightly
def test_a_second_run_writes_the_same_bytes(tmp_path: Path) -> None:
    """Another folder, time, time zone, language and order of hashing change nothing."""
    _same_twice(tmp_path, SMALL)


@pytest.mark.nightly
def test_a_second_run_of_every_paper_writes_the_same_bytes(tmp_path: Path) -> None:
    """The same of all papers that have figures."""
    _same_twice(tmp_path, sorted(set(bundled_ids()) - WITHOUT_FIGURES))


def test_figures_are_named_as_in_the_paper() -> None:
    """Every figure that the papers print curves in, and every table of hazard ratios."""
    expected = {
        "an2025": {"figure-1", "figure-4", "figure-5", "table-2-unmatched", "table-2-psm"}
        | {"table-3-unmatched", "table-3-psm", "agreement"}
        | {
            f"figure-{n}_{what}" for n in (4, 5) for what in ("how-sure", "proportionality", "rmst")
        },
        "zhang2023": {"figure-1", "figure-3", "figure-4", "table-9", "table-3_response"},
        "sorafenib-tace-haic": {"figure-2", "figure-4", "table-2_response", "agreement"},
        "haic-tae": {"as-medians_OS", "agreement"},
    }
    for study, names in expected.items():
        found = drawings(km.reproduce(study, n_draws=2))
        assert names <= {each.name for each in found}, study
