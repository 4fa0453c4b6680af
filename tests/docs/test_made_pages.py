"""What the site makes from the code is whole, and its other pages speak of what is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import kmrepro as km
from kmrepro import models
from kmrepro.cli import main
from kmrepro.studies import study_schema

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def made(maker: str, what: str = "") -> str:
    """Return what one of the makers makes."""
    text: str = getattr(import_module(f"made_{maker}"), maker)(what)
    return text


def test_every_command_and_option_is_described() -> None:
    """No command and no option of `kmrepro` is left out."""
    text = made("commands")
    for name, command in main.commands.items():
        section = text[text.index(f"## `kmrepro {name}`") :].partition("\n## ")[0]
        options = [option for param in command.params for option in param.opts if "--" in option]
        assert [option for option in options if option not in section] == []


def test_the_table_of_commands_is_complete() -> None:
    """The commands that a code host shows are those that there are."""
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `kmrepro ([a-z-]+)", page, re.MULTILINE)) == set(main.commands)


def test_examples_are_for_every_shell() -> None:
    """No command goes on in a next line, which PowerShell and Unix shells mark differently."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md")]
    lines = [line for page in pages for line in page.read_text("utf-8").splitlines()]
    assert [line for line in lines if line.endswith(" \\")] == []


def test_every_key_is_described() -> None:
    """Every key of every table of the format has a row of its own."""
    text = made("keys")
    schema = study_schema()
    for table in (schema, *schema["$defs"].values()):
        for key, value in table.get("properties", {}).items():
            rows = [line for line in text.splitlines() if line.startswith(f"| `{key}` |")]
            assert any(value["description"].split(".")[0].split("<")[0] in row for row in rows), key


def test_tables_stand_under_the_way_they_are_written() -> None:
    """The heading of a table of keys is its place in a study file; equal ones share it."""
    headings = re.findall(r"^## (.+)$", made("keys"), re.MULTILINE)
    assert headings[:3] == ["At the top", "`[[endpoint]]`", "`[endpoint.arms.NAME]`"]
    assert "`[endpoint.arms.NAME.landmarks.TIME]`" in headings
    assert "`[[table.mean]]`, `[[table.median]]`" in headings


def test_every_public_name_is_listed_once() -> None:
    """The page on Python has every public name, and of others what public functions return."""
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    listed = [
        name
        for names in re.findall(r"<!-- made: names ([^>]+?) -->", page)
        for name in names.replace(",", " ").split()
    ]
    public = set(km.__all__) - {"__version__"}
    assert sorted(name for name in listed if name in public) == sorted(public)
    assert all(hasattr(models, name) for name in listed if name not in public)


def test_names_are_found_where_they_are_defined() -> None:
    """A function that is named like its folder is not mistaken for it."""
    assert made("names", "audit").startswith("::: kmrepro.audit._audit.audit")
    assert made("names", "reconstruct").startswith("::: kmrepro.reproduction.reconstruct")


def test_every_bundled_paper_has_its_endpoints() -> None:
    """Each study has a section with all its endpoints."""
    text = made("papers")
    for name in km.bundled_ids():
        section = text[text.index(f"## {name}\n") :].partition("\n## ")[0]
        for endpoint in km.load_study(name).endpoints:
            assert f"`{endpoint.key}`" in section


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_become_pages(path: Path) -> None:
    """Each opens with its title; its images are files, and no style of a notebook is left."""
    files = import_module("made_notebooks").notebook_page(path)
    page = files.pop(f"{path.stem}.md")
    assert page.startswith(f"# {import_module('made_notebooks').notebook_title(path)}\n")
    assert "<style" not in page
    assert set(re.findall(r"!\[.+?\]\((.+?)\)", page)) == set(files)


def test_every_page_is_in_the_contents() -> None:
    """No page of docs/ is left out of the site's contents."""
    pages = {path.name for path in DOCS.glob("*.md")}
    left_out = {name for name in pages if f": {name}\n" not in SITE}
    assert left_out == set(), "list them under `nav` in mkdocs.yml"


def test_the_version_to_cite_is_this_one() -> None:
    """The page on citing has version and title, in words and for BibTeX, as CITATION.cff has."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    page = (DOCS / "citing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"[Vv]ersion\D{1,8}(\d+\.\d+\.\d+)", page)) == {km.__version__}
    title = re.search(r'^title: "(.+)"$', citation, re.MULTILINE)
    assert title is not None
    assert page.count(title[1]) == 2
