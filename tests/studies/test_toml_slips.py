"""The commonest slips in a study file, and files that are something else."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.studies import CurveFault, StudyFileError, load_study, read_curves, read_study
from kmrepro.studies.reader import toml_fault

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
