"""The starter is sound, can be reconstructed, and shows every key of the format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kmrepro.reconstruct import reconstruct
from kmrepro.studies import (
    StudyFileError,
    read_study,
    starter_layout,
    starter_text,
    study_schema,
)


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """Return a file with the starter in it."""
    file = tmp_path / "new.toml"
    file.write_text(starter_text(), encoding="utf-8")
    return file


def test_the_starter_can_be_reconstructed(starter: Path) -> None:
    """What it prints is possible: its patients meet every number."""
    endpoint = read_study(starter).endpoint("all", "OS")
    ipd = reconstruct(endpoint)
    assert {name: int((ipd.arm == name).sum()) for name in ipd.arms} == {"control": 120, "new": 118}
    assert [int(ipd.event[ipd.arm == name].sum()) for name in ipd.arms] == [66, 52]


def test_every_commented_key_is_sound(starter: Path) -> None:
    """Without the comment marks the examples in the comments are sound too."""
    text = starter_text()
    start = text.index("# [[table]]")
    example = "\n".join(line.removeprefix("#").strip() for line in text[start:].splitlines())
    starter.write_text(text[:start] + example, encoding="utf-8")
    study = read_study(starter)
    assert [table.id for table in study.tables] == ["table-2", "figure-3", "table-1", "table-3"]
    assert study.tables[2].means[0].cells["new"] == "40.9 (4.9)"
    assert len(study.statements) == 1


def _keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = set(node.get("properties", {})) if isinstance(node.get("properties"), dict) else set()
        return own.union(*map(_keys, node.values()))
    return set().union(*map(_keys, node)) if isinstance(node, list) else set()


def test_every_key_is_explained() -> None:
    """Every key of the format stands in the starter."""
    text = starter_text()
    missing = [key for key in _keys(study_schema()) if not re.search(rf"\b{key}\b", text)]
    assert not missing


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("arms", [["SR"], ["SR", "TA"], ["A", "Arm B", "C"]])
def test_a_layout_is_valid_once_its_placeholders_are_replaced(
    starter: Path, short: bool, arms: list[str]
) -> None:
    """With the values that the placeholders show, the file is sound and has the arms."""
    text = starter_layout(endpoints=["OS", "psm/XY"], arms=arms, short=short)
    starter.write_text(text, encoding="utf-8")
    with pytest.raises(StudyFileError, match=r'"REPLACE 85\.0%" is a placeholder') as refused:
        read_study(starter)
    number = text.count('"REPLACE ') - text.count('"REPLACE ..."')
    assert len(refused.value.faults) == number
    filled = re.sub(r'"REPLACE ([0-9]+)"', r"\1", text).replace('"REPLACE ', '"')
    starter.write_text(filled, encoding="utf-8")
    study = read_study(starter)
    assert [endpoint.key for endpoint in study.endpoints] == ["all/OS", "psm/XY"]
    assert [list(endpoint.arms) for endpoint in study.endpoints] == [arms, arms]
    assert all(endpoint.reference == arms[0] for endpoint in study.endpoints if len(arms) > 1)


def test_the_short_layout_is_short() -> None:
    """What most need fits on a screen; the long one explains every key that the example does."""
    lines = [line for line in starter_layout(short=True).splitlines() if line]
    assert len(lines) <= 17
    comments = [line for line in starter_text().splitlines() if line.startswith("# [[")]
    assert set(comments) <= set(starter_layout().splitlines())


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        (["", ""], 'the name "" is empty'),
        (["A", "A"], 'each arm must be named once, and at least one; got "A", "A"$'),
        ([], "each arm must be named once, and at least one; got none$"),
    ],
)
def test_arms_that_cannot_be_are_quoted(arms: list[str], said: str) -> None:
    """As a study file would write them, not as Python does."""
    with pytest.raises(ValueError, match=said):
        starter_layout(arms=arms)
