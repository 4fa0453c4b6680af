"""A sound study file, and what is said of it once it is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kmrepro.studies import StudyFileError, read_study

SOUND = """id = "mine"
title = "A <b>title</b> with $\\\\LaTeX$ & more"
[arms]
SR = "Surgery"
[[endpoint]]
cohort = "psm"
name = "OS"
reference = "SR"
[endpoint.arms.SR]
n = 185
landmarks = { 12 = "98.8%", 36 = "89.3%" }
[endpoint.arms.TA]
n = 185
landmarks = { 12 = "99.5%", 36 = "88.4%" }
[endpoint.reported]
hazard_ratio = "1.22"
ci = ["0.78", "1.89"]
p = "0.381"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a study file is written."""
    (tmp_path / "study").mkdir()
    return tmp_path / "study" / "mine.toml"


@pytest.fixture
def sound() -> str:
    """Return a sound study file."""
    return SOUND


@pytest.fixture
def changed() -> Callable[[str, str], str]:
    """Return the sound file with one change."""

    def change(old: str, new: str) -> str:
        assert old in SOUND
        return SOUND.replace(old, new, 1)

    return change


@pytest.fixture
def fault(file: Path) -> Callable[[str | bytes], str]:
    """Write a file, read it, and return what is said about it, without the file's name."""

    def said_of(text: str | bytes) -> str:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(StudyFileError) as caught:
            read_study(file)
        said = str(caught.value)
        assert said.startswith(str(file))
        assert said.endswith((".", "?"))
        assert "pydantic" not in said
        return said.removeprefix(f"{file}: ")

    return said_of
