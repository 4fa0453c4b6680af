"""The pages on study files and on digitised curves say what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kmrepro.studies import (
    PrintedNumber,
    Study,
    StudyFileError,
    read_at_risk,
    read_curves,
    read_study,
)

PAGE = Path(__file__).parents[2] / "docs" / "study-file.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_examples_are_sound() -> None:
    """The page's examples together are one sound study file."""
    study = Study.model_validate(tomllib.loads("\n".join(EXAMPLES)))
    assert study.endpoint("matched", "OS").arms["TA"].landmarks[60.5].survival.value == 0.75
    assert [table.id for table in study.tables] == ["table-1", "table-2", "table-3"]


def test_faults_read_as_shown(tmp_path: Path, sound: str) -> None:
    """The faults that the page shows are what the reader says."""
    file = tmp_path / "mine.toml"
    text = sound.replace("n = 185", "n = 0", 1).replace('"89.3%"', '"893%"')
    file.write_text(text.replace("title", "titles", 1))
    shown = re.search(r"```text\n(.*?)\n```", TEXT, re.DOTALL)
    assert shown is not None
    with pytest.raises(StudyFileError) as caught:
        read_study(file)
    assert str(caught.value).replace(f"{tmp_path}/", "") == shown[1]


def test_numbers_shown_as_read_are_read() -> None:
    """Every number in the table of printed forms is read."""
    table = TEXT[TEXT.index("| printed | stands for") : TEXT.index("Refused are")]
    cells = [line.split("|")[1] for line in table.splitlines()[2:] if line]
    printed = [PrintedNumber.parse(text) for cell in cells for text in re.findall('"(.+?)"', cell)]
    assert len(printed) == 22


def test_every_key_is_on_the_page() -> None:
    """Every key of the format stands on the page."""
    keys: set[str] = set()
    definitions = Study.model_json_schema()
    for node in (definitions, *definitions["$defs"].values()):
        keys |= set(node.get("properties", {}))
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", TEXT)] == []


CURVES_PAGE = Path(__file__).parents[2] / "docs" / "digitised-curves.md"
LAYOUTS = re.findall(r"```csv\n(.*?)```", CURVES_PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_are_read(layout: str, tmp_path: Path) -> None:
    """Every one gives the arms that it names; the first falls first to a height near 1."""
    path = tmp_path / "os.csv"
    path.write_text(layout, encoding="utf-8")
    named = ["Drug", "Placebo"] if "Drug" in layout else [""]
    if "213" in layout:
        assert {arm: rows[0] for arm, rows in read_at_risk(path).items()} == dict(
            zip(named, [213, 210], strict=True)
        )
        return
    curves = read_curves(path)
    assert list(curves) == named
    assert 0.9 < next(iter(curves.values())).survival[0] < 1
