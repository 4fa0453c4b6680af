"""The gallery is what its list says, and the check of it finds what is not."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import kmrepro as km

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the script that makes it."""
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    return import_module("make_gallery")


@pytest.fixture
def copied(gallery: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the script look at a copy of page and images."""
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copy(DOCS / "gallery.md", docs)
    shutil.copytree(DOCS / "images", docs / "images")
    monkeypatch.setattr(gallery, "DOCS", docs)
    monkeypatch.setattr(gallery, "PAGE", docs / "gallery.md")
    monkeypatch.setattr(gallery, "IMAGES", docs / "images")
    return gallery


def test_page_and_images_are_those_of_the_list(gallery: Any) -> None:
    """The text is the same, each image is there and no other, and all are small enough."""
    assert list(gallery.faults()) == []


def test_a_difference_is_found(copied: Any) -> None:
    """A page that was edited, an image that is gone, one too many, and images too heavy."""
    assert list(copied.faults()) == []
    with copied.PAGE.open("a", encoding="utf-8") as page:
        page.write("More.\n")
    (copied.IMAGES / "an2025-agreement.png").rename(copied.IMAGES / "other.png")
    (copied.IMAGES / "zhang2023-figure-4.png").write_bytes(bytes(copied.MOST_BYTES))
    found = " ".join(copied.faults())
    for part in (
        "gallery.md is not",
        "agreement.png is missing",
        "other.png is of no",
        "more than",
    ):
        assert part in found


def test_every_picture_can_be_made_as_it_says(gallery: Any) -> None:
    """Commands name a bundled study, lines of Python start from names that there are."""
    start = ast.parse(gallery.SETUP)
    known = {node.id for node in ast.walk(start) if isinstance(node, ast.Name)}
    known |= {alias.name for node in ast.walk(start) for alias in getattr(node, "names", [])}
    for picture in gallery.pictures():
        if picture.file:
            assert picture.made_by.split()[2] in km.bundled_ids()
            continue
        used = {
            node.id for node in ast.walk(ast.parse(picture.made_by)) if isinstance(node, ast.Name)
        }
        assert used <= known, picture.name


def test_alternative_texts_state_a_finding(gallery: Any) -> None:
    """Each is a sentence of its own, and none would end the image's brackets."""
    findings = [picture.finding for picture in gallery.pictures()]
    assert len(set(findings)) == len(findings)
    assert all(len(each) > 50 and each.endswith(".") for each in findings)
    assert not any(re.search(r"[\[\]\n]", each) for each in findings)


def test_a_picture_has_few_colours(gallery: Any) -> None:
    """A drawing becomes a PNG with a palette, twice the same."""
    from kmrepro.figures import ForestDisplay

    table = next(each for each in km.load_study("an2025").tables if each.hazard_ratios)
    figure = ForestDisplay.from_table(table).plot().figure_
    once, twice = gallery.small_png(figure), gallery.small_png(figure)
    assert once == twice
    assert once[25] == 3  # the type of colour in the header: an index into a palette
    assert int.from_bytes(once[16:20], "big") == gallery.DOTS
