"""A study file as a workbook and back holds the same; what is odd in a sheet is a sentence."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

import kmrepro as km
from kmrepro.studies import load_study, read_study, starter_text
from kmrepro.studies.reader import study_content, study_of
from kmrepro.study_workbook import WorkbookFault, content_from_workbook, toml_text, workbook_bytes

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]


def book_of(content: dict[str, Any]) -> openpyxl.Workbook:
    """Return the workbook of a study file's content."""
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(content)))


@pytest.mark.parametrize("name", km.bundled_ids())
def test_nothing_is_lost_on_the_way(name: str, here: Path) -> None:
    """Every bundled paper is the same study after it was a workbook."""
    (here / "a.xlsx").write_bytes(workbook_bytes(study_content(name)))
    (here / "b.toml").write_text(toml_text(content_from_workbook(here / "a.xlsx")), "utf-8")
    assert read_study(here / "b.toml") == load_study(name)


OTHER_FILES = [
    *sorted((ROOT / "benchmarks" / "published_trials").glob("*.toml")),
    *sorted((ROOT / "notebooks").glob("*/*.toml")),
]


@pytest.mark.parametrize("path", OTHER_FILES, ids=lambda path: path.stem)
def test_nothing_of_other_files_is_lost(path: Path, here: Path) -> None:
    """Study files of trials, and of the notebooks with competing risks and subgroups."""
    (here / "a.xlsx").write_bytes(workbook_bytes(study_content(path)))
    back = study_of(content_from_workbook(here / "a.xlsx"), path.stem, folder=path.parent)
    assert back == read_study(path)


def _every_key(node: dict[str, Any], schema: dict[str, Any], number: Iterator[int]) -> Any:
    """Return values that have every key of a schema, each text another one."""
    if "$ref" in node:
        node = {**schema["$defs"][node["$ref"].rpartition("/")[2]], **node}
    if "anyOf" in node:  # a short form, or the table
        choices = [_every_key(choice, schema, number) for choice in node["anyOf"]]
        return max(choices, key=lambda value: len(str(value)))
    if "properties" in node or node.get("type") == "object":
        named = node.get("properties", {})
        below = {key: _every_key(each, schema, number) for key, each in named.items()}
        others = next(iter(node.get("patternProperties", {}).values()), {})
        others = others or node.get("additionalProperties") or {}
        return below | {
            key: _every_key(others, schema, number) for key in ("12", "2.5") if others
        }  # fmt: skip
    if node.get("type") == "array":
        items = node.get("items") or node["prefixItems"][0]
        return [_every_key(items, schema, number) for _ in range(2)]
    plain = {"integer": 3, "number": 1.5, "boolean": True}
    return node.get("enum", [plain.get(node.get("type", "")) or f"text {next(number)}"])[0]


def test_every_key_of_the_format_comes_back(here: Path) -> None:
    """A file with each key that the schema has, at its deepest place, holds the same again."""
    schema = km.studies.study_schema()
    content = _every_key(schema, schema, count())
    assert {"landmarks", "curve"} <= set(content["endpoint"][1]["arms"]["12"]["causes"]["12"])
    (here / "a.xlsx").write_bytes(workbook_bytes(content))
    assert content_from_workbook(here / "a.xlsx") == content


@pytest.mark.parametrize(
    "arms",
    [
        pytest.param(
            "[endpoint.arms.A]\nn = 150\n[endpoint.arms.A.causes.relapse]\nlandmarks = { 24 = { "
            'incidence = "30%", ci = ["22%", "38%"] } }\n[endpoint.arms.A.causes.death]\n'
            'landmarks = { 24 = "15%" }',
            id="interval-of-incidence",
        ),
        pytest.param(
            "[endpoint.arms.A]\nn = 9\n[endpoint.arms.A.causes.relapse]\n"
            "[endpoint.arms.A.causes.death]\nevents = 3",
            id="cause-without-numbers",
        ),
        pytest.param(
            '[endpoint.arms.A]\nlandmarks = { 12 = { survival = "80%", ci_level = 90 } }',
            id="level-without-interval",
        ),
        pytest.param("[endpoint.arms.A]\n[endpoint.arms.B]", id="arms-without-numbers"),
    ],
)
def test_what_has_no_column_comes_back(arms: str, here: Path) -> None:
    """It is in the sheet for everything else, however deep, and where it has no value too."""
    (here / "a.toml").write_text(f'id = "x"\n[[endpoint]]\nname = "OS"\n{arms}\n', "utf-8")
    (here / "a.xlsx").write_bytes(workbook_bytes(study_content(here / "a.toml")))
    (here / "b.toml").write_text(toml_text(content_from_workbook(here / "a.xlsx")), "utf-8")
    assert read_study(here / "b.toml") == read_study(here / "a.toml")


def test_the_example_survives_too(here: Path) -> None:
    """The starter's example has keys that no bundled paper has."""
    (here / "a.toml").write_text(starter_text(), "utf-8")
    (here / "a.xlsx").write_bytes(workbook_bytes(study_content(here / "a.toml")))
    (here / "b.toml").write_text(toml_text(content_from_workbook(here / "a.xlsx")), "utf-8")
    assert read_study(here / "b.toml") == read_study(here / "a.toml")


def test_the_commands(run: Run, two_arms: Path, here: Path) -> None:
    """A study goes to Excel and comes back with two commands, neither of which replaces a file."""
    result = run("to-excel", two_arms, "--out", "mine.xlsx")
    assert (result.exit_code, result.stdout) == (
        0,
        "Wrote mine.xlsx. Turn it into a study file with: kmrepro new FILE --from-excel "
        "mine.xlsx\n",
    )
    result = run("new", "back.toml", "--from-excel", "mine.xlsx")
    assert result.exit_code == 0
    assert read_study(here / "back.toml") == read_study(two_arms)
    assert run("to-excel", two_arms, "--out", "mine.xlsx").exit_code == 1
    assert run("to-excel", two_arms, "--out", two_arms, "--force").exit_code == 1


def test_numbers_as_people_type_them(here: Path, two_arms: Path) -> None:
    """Numbers keep the decimals that their cells show; an interval may be in one cell."""
    book = book_of(study_content(two_arms))
    survival = book["survival"]
    survival["D2"], survival["D3"] = 0.8, 0.605
    survival["D2"].number_format, survival["D3"].number_format = "0%", "0.0%"
    endpoints = book["endpoints"]
    titles = {cell.value: cell.column for cell in endpoints[1]}
    endpoints.cell(2, titles["reported.hazard_ratio"], 0.6).number_format = "0.00"
    endpoints.cell(2, titles["reported.ci from"], "0.30 to 1.40")
    endpoints.cell(2, titles["reported.ci to"]).value = None
    book["endpoint arms"]["C2"] = "40"
    book.save(here / "mine.xlsx")
    (here / "back.toml").write_text(toml_text(content_from_workbook(here / "mine.xlsx")), "utf-8")
    endpoint = read_study(here / "back.toml").endpoint("all", "OS")
    arm = endpoint.arms["A"]
    assert [str(mark.survival) for mark in arm.landmarks.values()] == ["80%", "60.5%"]
    assert arm.n == 40
    assert endpoint.reported is not None
    assert str(endpoint.reported.hazard_ratio) == "0.60"
    assert [str(limit) for limit in endpoint.reported.ci or ()] == ["0.30", "1.40"]


def test_a_text_that_looks_like_a_formula_is_text(two_arms: Path) -> None:
    """What a paper's title says is not computed."""
    book = book_of({**study_content(two_arms), "title": "=1+1"})
    title = book["study"]["B3"]
    assert (title.value, title.data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"),
    [
        pytest.param(
            "survival", "A2", "all/0S",
            "Sheet survival, row 2: the sheet endpoints has no 'all/0S'; it has all/OS.",
            id="unknown endpoint",
        ),
        pytest.param(
            "survival", "C2", None, "Sheet survival, row 2: it has no time.", id="no time",
        ),
        pytest.param(
            "survival", "D1", "surv", "Sheet survival: there is no column 'surv'; it has endpoint,",
            id="unknown column",
        ),
        pytest.param(
            "study", "A2", "ID", "Sheet study, row 2: there is no key 'ID'; it has id, title,",
            id="unknown key",
        ),
        pytest.param(
            "survival", "D2", "108%", 'arms.A.landmarks.12: "108%" is over 100%', id="value",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_sheet_is_a_sentence(
    run: Run, two_arms: Path, here: Path, sheet: str, cell: str, value: object, said: str
) -> None:
    """Sheet and row are named, or the place in the study file; nothing is written."""
    book = book_of(study_content(two_arms))
    book[sheet][cell] = value
    book.save(here / "mine.xlsx")
    result = run("new", "back.toml", "--from-excel", "mine.xlsx")
    assert result.exit_code == 1
    assert said in result.stderr
    assert not (here / "back.toml").exists()


def test_another_file_is_no_workbook(run: Run, two_arms: Path, here: Path) -> None:
    """A text, a missing file and a workbook of something else are refused in a sentence."""
    result = run("new", "back.toml", "--from-excel", two_arms)
    assert (result.exit_code, result.stderr) == (
        1, "Error: mine.toml is not an Excel workbook (.xlsx).\n",
    )  # fmt: skip
    assert run("new", "back.toml", "--from-excel", "none.xlsx").exit_code == 1
    openpyxl.Workbook().save(here / "other.xlsx")
    result = run("new", "back.toml", "--from-excel", "other.xlsx")
    assert "other.xlsx has no sheet named endpoints" in result.stderr


def test_without_openpyxl_it_says_what_to_install(
    run: Run, two_arms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing package is a sentence with the command that installs it."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    result = run("to-excel", two_arms, "--out", "mine.xlsx")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: Excel files need openpyxl, which is not installed: pip install 'kmrepro[excel]'.\n",
    )


def test_an_error_in_a_cell_is_named(here: Path, two_arms: Path) -> None:
    """A formula that failed is no number of the paper."""
    book = book_of(study_content(two_arms))
    book["survival"]["D3"] = "#DIV/0!"
    book.save(here / "mine.xlsx")
    said = r"^Sheet survival, cell D3: it has the error #DIV/0!; mend its formula"
    with pytest.raises(WorkbookFault, match=said):
        content_from_workbook(here / "mine.xlsx")


def test_a_formula_that_nobody_worked_out_is_named(here: Path, two_arms: Path) -> None:
    """It reads as an empty cell, and the number was left out without a word."""
    book = book_of(study_content(two_arms))
    book["survival"]["D3"] = "=0.5+0.1"
    book.save(here / "mine.xlsx")
    with pytest.raises(WorkbookFault, match=r"^Sheet survival, cell D3: its formula has no value"):
        content_from_workbook(here / "mine.xlsx")


def test_a_sheet_that_no_study_has_is_named(here: Path, two_arms: Path) -> None:
    """Renamed sheets were left out without a word; empty ones that programs add do no harm."""
    book = book_of(study_content(two_arms))
    book.create_sheet("Sheet1")
    book.save(here / "mine.xlsx")
    assert content_from_workbook(here / "mine.xlsx")["arms"]
    book["arms"].title = "groups"
    book.save(here / "mine.xlsx")
    with pytest.raises(WorkbookFault, match=r"^There is no sheet 'groups'; a study has study, arm"):
        content_from_workbook(here / "mine.xlsx")
