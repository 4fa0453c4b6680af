"""The page on drafting says what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmrepro.studies import Study
from kmrepro.studies.drafting import draft_study
from kmrepro.studies.drafting.lexicon import LEXICON

PAGE = Path(__file__).parents[3] / "docs" / "drafting.md"
TEXT = PAGE.read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    table = TEXT[TEXT.index(heading) :].split("\n\n")
    lines = next(part for part in table if part.startswith("|")).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


FORMS = _rows("## The forms")


def _said(study: Study) -> list[str]:
    """Return every number of a study as the page's third column writes it."""
    said = []
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            who = f"{endpoint.name} {name}:" if len(endpoint.arms) > 1 else f"{endpoint.name}:"
            said += [f"{who} n {arm.n}"] if arm.n else []
            said += [f"{who} events {arm.events}"] if arm.events is not None else []
            for time, landmark in arm.landmarks.items():
                said.append(f"{who} {landmark.survival} at {time:g}{_ends(landmark.ci)}")
            said += [f"{who} median {arm.median}{_ends(arm.median_ci)}"] if arm.median else []
            said += [f"{who} follow-up {arm.follow_up.median}"] if arm.follow_up else []
        reported = endpoint.reported
        if reported and reported.hazard_ratio:
            pair = f"{endpoint.treatment} versus {endpoint.reference}"
            said.append(f"{endpoint.name} HR {pair}: {reported.hazard_ratio}{_ends(reported.ci)}")
        said += [f"{endpoint.name} p {reported.p}"] if reported and reported.p else []
    return said


def _ends(interval: tuple[object, ...] | None) -> str:
    return f" ({interval[0]}, {interval[1]})" if interval else ""


@pytest.mark.parametrize("row", FORMS, ids=[row[0] for row in FORMS])
def test_form_is_read_as_shown(row: list[str]) -> None:
    """The example of every form gives the numbers that the page shows, and no other."""
    _, example, shown = row
    assert _said(draft_study(example).study) == shown.split("; ")


@pytest.mark.parametrize("entry", LEXICON, ids=[entry.name for entry in LEXICON])
def test_expression_is_on_the_page_and_recognised(entry: object) -> None:
    """Every entry of the lexicon is listed with its example, which it recognises."""
    name, pattern, example = entry.name, entry.pattern, entry.example  # type: ignore[attr-defined]
    assert f"| {name} | {example} |" in TEXT
    context = f"x {example} overall survival" if name == "time before an endpoint" else None
    assert any(
        entry.build(found)  # type: ignore[attr-defined]
        for found in pattern.finditer(context or f"{example} ")
    )


def test_page_names_the_measured_numbers() -> None:
    """The page names the benchmark that gives its numbers."""
    assert re.search(r"python benchmarks/prose\.py", TEXT)
