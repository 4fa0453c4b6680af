"""Files that are handed to the page: kinds, limits and names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.app import workspace as working_folder
from kmrepro.app.workspace import (
    UploadRefused,
    Workspace,
    WorkspaceRefused,
    kind_of,
    safe_stem,
    store_upload,
    upload_of,
)

from .conftest import Page


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n rest", "picture", ".png", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0", "picture", ".jpg", id="jpeg"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8", "picture", ".webp", id="webp"),
        pytest.param(b"junk before %PDF-1.7", "pdf", ".pdf", id="pdf-after-junk"),
        pytest.param(b"<?xml version='1.0'?>\n<svg width='1'>", "svg", ".svg", id="svg"),
        pytest.param(b'id = "x"\n[[endpoint]]\nname = "OS"', "study", ".toml", id="study"),
        pytest.param(b"time,survival\n0,1\n3,0.9\n", "csv", ".csv", id="csv"),
        pytest.param("zeit;überleben\n0;1\n3;0,9\n".encode(), "csv", ".csv", id="semicolons"),
        pytest.param(b"Median survival was 12 months, and 3 died.", "text", ".txt", id="words"),
    ],
)
def test_the_content_decides_the_kind(content: bytes, kind: str, suffix: str) -> None:
    """Whatever a file is called, its kind is that of its first bytes."""
    assert kind_of(content) == (kind, suffix)
    assert upload_of(content, "harmless.exe").suffix == suffix


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03", b"PK\x03\x04\x00\x00word/", b"   "])
def test_what_cannot_be_read_is_refused(content: bytes) -> None:
    """Binary files of other kinds and empty ones are refused in a sentence."""
    with pytest.raises(UploadRefused, match=r"\.$"):
        upload_of(content, "file")


def test_each_kind_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit of its kind is refused with both sizes."""
    monkeypatch.setitem(working_folder._MOST_BYTES, "csv", 20)
    with pytest.raises(UploadRefused, match="25 bytes, and at most 20"):
        upload_of(b"time,survival\n0,1\n3,0.90\n", "long.csv")


def test_a_request_has_a_limit(served: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the server takes at once is refused before it is kept."""
    served.client.application.config["MAX_CONTENT_LENGTH"] = 1000
    response = served.upload("big.png", b"\x89PNG\r\n\x1a\n" + b"0" * 2000)
    assert response.status_code == 413
    assert list(served.workspace.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.png", "evil"),
        ("Fig. 2 (a).png", "Fig-2-a"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        ("\x00\n\u202egnp.exe", "gnp"),
        ("a" * 300 + ".png", "a" * 48),
        ("--rm -rf.png", "rm--rf"),
    ],
)
def test_names_are_never_trusted(name: str, stem: str) -> None:
    """Nothing of a name but letters, digits, "-" and "_" is kept."""
    assert safe_stem(name) == stem


@given(st.text(max_size=80))
def test_no_name_leaves_the_folder(name: str) -> None:
    """Whatever a file is called, it is one file in the working folder."""
    stem = safe_stem(name)
    assert stem
    assert Path(f"{stem}.png").name == f"{stem}.png"
    assert stem not in (".", "..")


def test_a_name_that_is_taken_is_counted(tmp_path: Path) -> None:
    """No file is replaced by one of the same name."""
    workspace = Workspace.open(tmp_path)
    upload = upload_of(b"\x89PNG\r\n\x1a\n", "fig.png")
    assert [store_upload(upload, workspace).name for _ in range(3)] == [
        "fig.png",
        "fig-2.png",
        "fig-3.png",
    ]


def test_a_key_is_no_path(tmp_path: Path) -> None:
    """What the page calls a reading or a result is looked up, never opened."""
    workspace = Workspace.open(tmp_path / "study")
    (tmp_path / "reading.json").write_text("{}")
    for key in ("..", "../study", "/etc", "figure"):
        with pytest.raises(WorkspaceRefused):
            workspace.reading(key)
        with pytest.raises(WorkspaceRefused):
            workspace.result(key)


def test_several_study_files_are_not_guessed_between(tmp_path: Path) -> None:
    """Of two study files the page asks which; a file that is named is taken."""
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text("")
    with pytest.raises(WorkspaceRefused, match=r"one\.toml, two\.toml"):
        Workspace.open(tmp_path)
    assert Workspace.open(tmp_path / "two.toml").study == (tmp_path / "two.toml").resolve()


def test_what_is_no_study_file_is_not_worked_in(tmp_path: Path) -> None:
    """A slip in a study's name made a folder of it, and a paper's text was saved over."""
    with pytest.raises(WorkspaceRefused, match=r"mien\.toml does not exist"):
        Workspace.open(tmp_path / "mien.toml")
    assert not (tmp_path / "mien.toml").exists()
    paper = tmp_path / "abstract.txt"
    paper.write_text("Median overall survival was 12 months.", encoding="utf-8")
    with pytest.raises(WorkspaceRefused, match=r"is no study file.*drop the file into the page"):
        Workspace.open(paper)
