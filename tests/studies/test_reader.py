"""The reader finds studies, and refuses what is no study file."""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmrepro.studies import (
    CensorMarks,
    CurveFault,
    StudyFileError,
    bundled_ids,
    load_study,
    read_curves,
    read_study,
)
from kmrepro.studies.reader import MAX_BYTES, toml_fault

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


HEAD = 'id = "a"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 10\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(
            "landmarks = { 12 = 98.8%, 36 = 89.3% }",
            '98.8% and 89.3% are not in quotes; write landmarks = { 12 = "98.8%", 36 = "89.3%" }',
            id="percent",
        ),
        pytest.param(
            'landmarks = { 12 = "98.8%", 36 = 89.3% }',
            '89.3% is not in quotes; write landmarks = { 12 = "98.8%", 36 = "89.3%" }',
            id="one percent",
        ),
        pytest.param("p = <0.001", '<0.001 is not in quotes; write p = "<0.001"', id="below"),
        pytest.param(
            "median_ci = [12.9, NR]  # months",
            'NR is not in quotes; write median_ci = ["12.9", "NR"]  # months',
            id="not reached",
        ),
        pytest.param(
            "median = \u201c21.8\u201d", 'it has curly quotes; write median = "21.8"', id="curly"
        ),
        pytest.param(
            "median = 21,8", 'a decimal comma is no point; write median = "21.8"', id="comma"
        ),
        pytest.param(
            'median: "21.8"',
            'a key and its value are separated by =; write median = "21.8"',
            id="colon",
        ),
        pytest.param(
            'median = "21.8', 'the closing quote is missing; write median = "21.8"', id="open quote"
        ),
        pytest.param(
            'landmarks = { 12 = "98.8%"',
            'the closing } is missing; write landmarks = { 12 = "98.8%" }',
            id="open brace",
        ),
        pytest.param(
            'median ci = ["1", "2"]',
            'median ci is no key, since keys have no spaces; write median_ci = ["1", "2"]',
            id="key of words",
        ),
        pytest.param(
            'curve = "C:\\Users\\x.csv"',
            '\\ has a meaning of its own in quotes; write curve = "C:/Users/x.csv"',
            id="backslash",
        ),
        pytest.param(
            '[endpoint]\nname = "PFS"',
            "[endpoint] is there twice; write [[endpoint]] in double brackets, once for each",
            id="single brackets",
        ),
    ],
)
def test_a_slip_is_named_and_mended(tmp_path: Path, line: str, said: str) -> None:
    """The message shows the line as it should be."""
    file = tmp_path / "mine.toml"
    file.write_text(f"{HEAD}{line}\nevents = 4\n", encoding="utf-8")
    with pytest.raises(StudyFileError) as caught:
        read_study(file)
    assert caught.value.faults == (f"line 6: {said}.",)


def test_what_is_no_common_slip_is_said_in_tomls_words() -> None:
    """Line and column stay."""
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads("id = 'a' 'b'")
    said = toml_fault("id = 'a' 'b'", caught.value)
    assert said.startswith("it is not TOML: expected newline or end of document")
    assert said.endswith("(at line 1, column 10)")


@given(st.text(max_size=60))
def test_any_text_gets_one_sentence(text: str) -> None:
    """Whatever the text, a sentence and no traceback."""
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(f"{text}\n=")
    assert toml_fault(f"{text}\n=", caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(
            b"%PDF-1.7\n%\xe2\xe3",
            "it is a PDF, and a study file is plain text; `kmrepro draft FILE` drafts one",
            id="PDF",
        ),
        pytest.param(
            b"\x89PNG\r\n",
            "it is a PNG image, and a study file is plain text; `kmrepro digitise FIGURE` reads",
            id="image",
        ),
        pytest.param(b"<!DOCTYPE html><p>", "it is a web page or XML, and", id="HTML"),
        pytest.param(b'{"id": "x"}', "it is JSON, not a study file", id="JSON"),
        pytest.param(b"time,survival\n0,1\n2,.9\n", "it is a CSV file, not a study file", id="CSV"),
    ],
)
def test_another_kind_of_file(tmp_path: Path, content: bytes, said: str) -> None:
    """A file of another kind is called what it is."""
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(StudyFileError) as caught:
        read_study(file)
    assert caught.value.faults[0].startswith(said)


@pytest.mark.parametrize(
    ("read", "name"), [(read_study, "x.xlsx"), (read_curves, "x.csv")], ids=["study", "curves"]
)
def test_a_workbook(tmp_path: Path, read: Callable[[Path], object], name: str) -> None:
    """An Excel workbook is no study file, and no CSV file whatever it is called."""
    with zipfile.ZipFile(tmp_path / name, "w") as packed:
        packed.writestr("xl/workbook.xml", "x")
    with pytest.raises(ValueError, match=r"it is an Excel workbook, and a .* is plain text; "):
        read(tmp_path / name)


def test_a_study_file_for_a_curve(tmp_path: Path) -> None:
    """A study file given where a curve is expected is named, and what reads it."""
    (tmp_path / "mine.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(CurveFault, match="it is a study file, and not a CSV file of points; "):
        read_curves(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("an2024", "an2025"),
        ("an2052", "an2025"),
        ("wang2023", "wang2024"),
        ("hiac-tae", "haic-tae"),
    ],
)
def test_the_nearest_bundled_study_is_meant(name: str, meant: str) -> None:
    """By the letters to change, so that an2024 is not taken for wang2024."""
    with pytest.raises(StudyFileError, match=f'did you mean "{meant}"'):
        load_study(name)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            "[endpoint.arms.A]\n",
            "line 6: [endpoint.arms.A] is there twice; give one of them another name",
            id="a table",
        ),
        pytest.param("n = 11\n", "line 6: n is there twice in one table; take one", id="a key"),
    ],
)
def test_what_is_there_twice_is_named(file: Path, more: str, said: str) -> None:
    """It is neither missing quotes nor "a value"."""
    file.write_text(HEAD + more, "utf-8")
    with pytest.raises(StudyFileError) as refused:
        read_study(file)
    assert said in str(refused.value)


def test_lines_of_old_macs(file: Path) -> None:
    """TOML knows no such lines, and says nothing of them."""
    file.write_bytes(HEAD.replace("\n", "\r").encode())
    with pytest.raises(StudyFileError, match="its lines end in CR alone, as on old Macs"):
        read_study(file)
