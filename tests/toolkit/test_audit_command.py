"""`kmrepro audit`: what it prints, writes and exits with."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kmrepro.cli import main

SOUND = 'id = "sound"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 20\n'
WRONG = (
    SOUND
    + '[[statement]]\nsource = "Abstract"\ntext = "two arms"\n'
    + 'sum = { total = "609", parts = ["209", "390"] }\n'
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a sound and an inconsistent study file."""
    sound, wrong = tmp_path / "sound.toml", tmp_path / "wrong.toml"
    sound.write_text(SOUND, encoding="utf-8")
    wrong.write_text(WRONG, encoding="utf-8")
    return sound, wrong


def run(*words: object) -> tuple[int, str]:
    """Return the exit status and what is printed."""
    result = CliRunner().invoke(main, ["audit", *map(str, words)])
    return result.exit_code, result.output


def test_findings_are_printed_and_the_status_is_0(files: tuple[Path, Path]) -> None:
    """Inconsistent numbers are a result."""
    status, text = run(files[1])
    assert status == 0
    lines = text.splitlines()
    assert lines[0] == "sound: 1 error, no warnings, no notes."
    at = lines.index("Abstract: 1 error")
    assert lines[at + 1] == "error [sum]"
    assert "The parts add up to 599, not 609." in text


def test_findings_are_grouped_by_table_with_the_worst_first() -> None:
    """The table with the most errors leads; `--severity` leaves out what is less severe."""
    status, text = run("an2025")
    heads = [line for line in text.splitlines() if re.search(r": \d+ (?:error|warning|note)", line)]
    assert status == 0
    assert heads[0].startswith("an2025: ")
    errors = [int(found[1]) if (found := re.search(r"(\d+) error", h)) else 0 for h in heads[1:]]
    assert errors == sorted(errors, reverse=True)
    assert len({head.split(": ")[0] for head in heads}) == len(heads)
    few = run("an2025", "--severity", "error")[1]
    assert few.splitlines()[0].startswith(heads[0])
    assert "less severe" in few.splitlines()[0]
    assert not re.search("^(?:warning|note):", few, re.MULTILINE)
    found = json.loads(run("an2025", "--severity", "warning", "--json")[1])["findings"]
    assert {each["severity"] for each in found} == {"error", "warning"}


def test_check_exits_with_1_on_errors_alone(files: tuple[Path, Path]) -> None:
    """For scripts."""
    assert run(files[0], "--check")[0] == 0
    assert run(files[1], "--check")[0] == 1


def test_json_holds_the_findings(files: tuple[Path, Path]) -> None:
    """The contract: study, and findings with place, rule, severity and so on."""
    status, text = run(files[1], "--json", "--check")
    found = json.loads(text)
    assert (status, found["study"], len(found["findings"])) == (1, "sound", 1)
    assert {"place", "rule", "severity", "printed", "expected", "sentence"} <= set(
        found["findings"][0]
    )


def test_a_folder_is_written_as_a_whole(files: tuple[Path, Path], tmp_path: Path) -> None:
    """`--out` holds the findings for programs and for spreadsheets; nothing else is replaced."""
    out = tmp_path / "audit"
    status, text = run(files[1], "--out", out)
    assert status == 0
    assert text.rstrip().endswith("audit.csv, audit.json")
    assert {path.name for path in out.iterdir()} == {".kmrepro.json", "audit.csv", "audit.json"}
    (found,) = json.loads((out / "audit.json").read_text(encoding="utf-8"))["findings"]
    with (out / "audit.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [found]
    (out / "mine.txt").write_text("x", encoding="utf-8")
    status, text = run(files[1], "--out", out)
    assert status == 1
    assert "mine.txt, which kmrepro did not write" in text


def test_csv_is_written(files: tuple[Path, Path], tmp_path: Path) -> None:
    """One row per finding; an existing file is not replaced unasked."""
    out = tmp_path / "audit.csv"
    assert run(files[1], "--csv", out)[0] == 0
    with out.open(encoding="utf-8", newline="") as file:
        assert [row["rule"] for row in csv.DictReader(file)] == ["sum"]
    status, text = run(files[1], "--csv", out)
    assert status == 1
    assert "--force" in text
    assert run(files[1], "--csv", out, "--force")[0] == 0
