"""The tutorial does what it says, from top to bottom, in an empty folder."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kmrepro.cli import main

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: title=\"(.+?)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SLOW = re.compile(r"kmrepro reproduce|km\.ensemble|informed=True")  # no later step needs them


def steps(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield language, file name, content and the output that is shown after each block."""
    blocks = BLOCK.findall(text)
    for place, (language, name, content) in enumerate(blocks):
        if language != "text":
            after = blocks[place + 1] if place + 1 < len(blocks) else ("", "", "")
            yield language, name, content, after[2] if after[0] == "text" else ""


def agrees(shown: str, printed: str) -> bool:
    """Say whether output is what is shown; "..." stands for anything, alone for any lines."""
    lines = ["(?s:.*)" if line == "..." else _pattern(line) for line in shown.strip().splitlines()]
    return re.fullmatch("\n".join(lines), printed.strip()) is not None


def _pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("..."))


def commands(block: str, folder: Path) -> str:
    """Return what a block prints, its commands of kmrepro run in this process."""
    printed = []
    for line in block.replace("\\\n", " ").splitlines():
        name, *arguments = shlex.split(line, comments=True) or [""]
        if name == "kmrepro":
            result = CliRunner().invoke(main, arguments)
            assert result.exception is None or isinstance(result.exception, SystemExit)
            printed.append(result.output)
        else:
            printed.append(shell(line, folder))
    return "".join(printed)


def shell(commands: str, folder: Path) -> str:
    """Return what commands print on both streams, with this interpreter's `kmrepro` first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    ran = subprocess.run(
        ["bash", "-c", commands], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return ran.stdout


def python(code: str, names: dict[str, Any]) -> str:
    """Return what a block of Python prints; its names stay for the next."""
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        exec(compile(code, str(TUTORIAL), "exec"), names)
    return caught.getvalue()


@pytest.mark.parametrize(
    "skipped",
    [
        pytest.param(SLOW, id="quick steps"),
        pytest.param(None, id="every step", marks=pytest.mark.nightly),
    ],
)
def test_every_step_prints_what_is_shown(
    skipped: re.Pattern[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written, commands and Python run in order, and print what the page shows."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):  # parallel tests have a width
        monkeypatch.delenv(name, raising=False)
    run = shell if skipped is None else commands
    names: dict[str, Any] = {}
    kinds = set()
    for language, name, content, shown in steps(TUTORIAL.read_text(encoding="utf-8")):
        if skipped is not None and skipped.search(content):
            continue
        kinds.add(language)
        printed = ""
        if name:
            with (tmp_path / name).open("a", encoding="utf-8") as file:
                file.write(content)
        elif language == "sh":
            printed = run(content, tmp_path)
        else:
            printed = python(content, names)
        assert agrees(shown, printed), f"{content}\nprints\n{printed}\nbut shown is\n{shown}"
    assert kinds == {"txt", "toml", "csv", "sh", "python"}
    assert skipped is not None or (tmp_path / "results" / "report.html").is_file()


def test_other_output_than_shown_is_noticed() -> None:
    """The comparison is of every character, but for what "..." stands for."""
    assert agrees("Wrote to results: ...\n", "Wrote to results: report.html\n")
    assert not agrees("Wrote to results: ...\n", "Wrote to result: report.html\n")
    assert agrees("first\n...\nlast", "first\na line\nanother\nlast")
    assert not agrees("first\n...\nlast", "first\nlast, and more")
    assert not agrees("from 1.18 to 1.58", "from 1.18 to 1.59")
