"""The reader finds studies, and refuses what is no study file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmrepro.studies import CensorMarks, StudyFileError, bundled_ids, load_study, read_study
from kmrepro.studies.reader import MAX_BYTES

from ..seeds import examples

Fault = Callable[[str | bytes], str]
Changed = Callable[[str, str], str]


def test_sound_file(sound: str, file: Path) -> None:
    """A sound file is read, with a byte-order mark too, and markup in it is text."""
    file.write_text(sound, encoding="utf-8-sig")
    study = load_study(file)
    assert study == load_study(str(file)) == read_study(file)
    assert study.endpoints[0].arms["SR"].label == "Surgery"
    assert study.title == "A <b>title</b> with $\\LaTeX$ & more"


def test_windows_line_ends(sound: str, file: Path) -> None:
    """Line ends of Windows are line ends."""
    file.write_bytes(sound.replace("\n", "\r\n").encode())
    assert read_study(file).id == "mine"


@pytest.mark.parametrize("name", bundled_ids())
def test_bundled_studies(name: str) -> None:
    """Every bundled study is read by its id, which is the name of its file."""
    assert load_study(name).id == name


def test_a_file_named_like_a_bundled_study(sound: str, tmp_path: Path, monkeypatch: Any) -> None:
    """An id means the bundled study; a path of the same name means the file."""
    monkeypatch.chdir(tmp_path)
    Path("an2025").write_text(sound)
    assert load_study("an2025").id == "an2025"
    assert load_study("./an2025").id == "mine"
    assert load_study(Path("an2025")).id == "mine"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("an2052", 'there is no such file or bundled study; did you mean "an2025"?'),
        ("AN2025.toml", 'did you mean "an2025"?'),
        ("nothing", "the bundled ones are an2025, haic-tae, "),
        ("", '"": there is no such file'),
        ("a\0b", "there is no such file"),
        ("x" * 5000, "xxx...: there is no such file"),
    ],
)
def test_no_such_study(name: str, why: str) -> None:
    """A name that is neither an id nor a file names what there is."""
    with pytest.raises(StudyFileError, match=re.escape(why)):
        load_study(name)


# The file as such --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "it is empty; `kmrepro new FILE` writes one", id="empty"),
        pytest.param(b"# nothing\n", "it is empty", id="only comments"),
        pytest.param(b"id = mine", 'line 1: mine is not in quotes; write id = "mine"', id="words"),
        pytest.param(b"\n<html>", "it is a web page or XML, and a study file is plain", id="html"),
        pytest.param(b'id = "a"\nid = "b"', "line 2: id is there twice in one table", id="twice"),
        pytest.param(b'id = "a"\nt = "\xe9"', "it is not UTF-8 text (line 2)", id="latin-1"),
        pytest.param("id = 1".encode("utf-16"), "it is not UTF-8 text (line 1)", id="utf-16"),
        pytest.param(b"a = " + b"[" * 99_999, "its TOML goes too deep", id="deep"),
        pytest.param(b"a = " + b"9" * 5000, "its numbers are too long", id="digits"),
        pytest.param(b"#" * (MAX_BYTES + 1), "a study file has at most 1,000,000", id="1 MB"),
        pytest.param(b'id = "a"', "endpoint: it is missing; write the endpoints", id="no endpoint"),
        pytest.param(b'id = "a"\nendpoint = []', "endpoint: it needs at least 1", id="none"),
        pytest.param(b'id = "a"\nendpoint = 3', "endpoint: it must be a list, but is 3", id="3"),
        pytest.param(b'id = "a"\nendpoint = [3]', "endpoint[1]: it must be a table", id="[3]"),
    ],
)
def test_not_a_study_file(fault: Fault, content: bytes, why: str) -> None:
    """What is no study file at all is refused for what it is."""
    assert why in fault(content)


def test_a_huge_file_is_not_read(file: Path) -> None:
    """100 MB are refused by their size."""
    with file.open("wb") as big:
        big.truncate(100_000_000)
    with pytest.raises(StudyFileError, match="it has 100,000,000 bytes, and a study file has at"):
        read_study(file)


def test_a_folder(tmp_path: Path) -> None:
    """A folder is not a study file."""
    with pytest.raises(StudyFileError, match="it is a folder; name a study file in it"):
        load_study(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    """What is not a plain file is refused before it is opened."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StudyFileError, match="it is not a plain file"):
        load_study(tmp_path / "pipe")


def test_a_missing_file(file: Path) -> None:
    """A path without a file says so."""
    with pytest.raises(StudyFileError, match="it cannot be read: No such file or directory"):
        load_study(file)


def test_an_unreadable_file(sound: str, file: Path, monkeypatch: Any) -> None:
    """A file that the system does not let one read says why."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    file.write_text(sound)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StudyFileError, match="it cannot be read: Permission denied"):
        read_study(file)


# Files that it names -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["os.csv", "curves/os.csv", "./os.csv"])
def test_curve_in_the_folder(changed: Changed, file: Path, path: str) -> None:
    """A curve stands beside the study file or below it."""
    (file.parent / "curves").mkdir()
    for name in ("os.csv", "curves/os.csv"):
        (file.parent / name).write_text("time,survival\n3,0.995\n7.5,0.989\n9,0.984\n12,0.978\n")
    file.write_text(changed("n = 185", f'n = 185\ncurve = "{path}"\ncensor_marks = "marks.csv"'))
    (file.parent / "marks.csv").write_text("time,count\n4,2\n9,1\n")
    arm = read_study(file).endpoints[0].arms["SR"]
    assert arm.curve is not None
    assert arm.curve.survival == (0.995, 0.989, 0.984, 0.978)
    assert arm.censor_marks == CensorMarks(time=(4.0, 9.0), count=(2, 1))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd", "must be relative to the study file"),
        ("C:/x.csv", "must be relative to the study file"),
        ("a\\\\b.csv", "must be relative to the study file"),
        ("../x.csv", "leaves the study file's folder"),
        ("curves/../../x.csv", "leaves the study file's folder"),
        ("out.csv", "is a link that leaves the study file's folder"),
        ("away/x.csv", "is a link that leaves the study file's folder"),
        ("loop.csv", 'there is no file "loop.csv" beside the study file'),
        ("none.csv", 'there is no file "none.csv" beside the study file'),
        ("folder", 'there is no file "folder" beside the study file'),
        ("x" * 5000, "there is no file"),
        ("a\\u0000b", "is not a file name"),
        ("", "is not a file name"),
        (" ", "is not a file name"),
    ],
)
def test_curve_elsewhere(
    fault: Fault, changed: Changed, tmp_path: Path, path: str, why: str
) -> None:
    """A study file, which may come from anyone, cannot name what lies outside its folder."""
    folder = tmp_path / "study"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "x.csv").write_text("secret")
    (folder / "out.csv").symlink_to(tmp_path / "x.csv")
    (folder / "away").symlink_to(tmp_path)
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    for key in ("curve", "censor_marks"):
        said = fault(changed("n = 185", f'n = 185\n{key} = "{path}"'))
        assert said.startswith(f"endpoint[1] psm/OS: arms.SR.{key}: ")
        assert why in said


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150))
@given(st.binary(max_size=40), st.integers(0, 420), st.integers(0, 30))
def test_damage_is_read_or_refused(
    file: Path, sound: str, noise: bytes, start: int, length: int
) -> None:
    """However a file is damaged, it is a study or a StudyFileError."""
    whole = sound.encode()
    file.write_bytes(whole[:start] + noise + whole[start + length :])
    try:
        study = read_study(file)
    except StudyFileError as error:
        said = str(error)
    else:
        said = study.id
    assert said
