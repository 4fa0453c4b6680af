"""Small things that a user reads: refusals, counts, and what Python shows of a value."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import kmrepro as km
from kmrepro.cli.reproduce import written
from kmrepro.result_tables import median_text

Run = Callable[..., Result]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["--version"], ["show", "an2025"]])
def test_a_full_disk(arguments: list[str]) -> None:
    """Output that cannot be written is told in a sentence."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(
            [sys.executable, "-m", "kmrepro", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr == "Error: The output could not be written: no space left on device.\n"


def test_faults_as_json(run: Run, tmp_path: Path) -> None:
    """A file at fault is told to programs, too."""
    (tmp_path / "bad.toml").write_text('id = "x"\n', encoding="utf-8")
    result = run("validate", str(tmp_path / "bad.toml"), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["study"] is None
    assert found["file"] == str(tmp_path / "bad.toml")
    assert any("endpoint: it is missing" in fault for fault in found["faults"])
    assert result.stderr == ""
    assert json.loads(run("validate", "an2025", "--json").stdout)["faults"] == []


def test_no_name_is_wrong_usage(run: Run) -> None:
    """An empty argument names neither a study nor a file."""
    result = run("validate", "")
    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    assert "there is no such file or bundled study" in result.stderr


def test_refusals_name_the_file(run: Run, contradictory: Path) -> None:
    """A contradiction in the paper is told with the file that says it."""
    for command in ("reconstruct", "reproduce"):
        result = run(command, str(contradictory), "--only", "all/PFS")
        assert result.exit_code == 1
        assert result.stderr.startswith(f"Error: {contradictory}: ")


@pytest.fixture
def contradictory(tmp_path: Path) -> Path:
    """Write a study whose survival rises."""
    file = tmp_path / "rising.toml"
    file.write_text(
        'id = "rising"\n[[endpoint]]\nname = "PFS"\n[endpoint.arms.A]\nn = 40\nmedian = "NR"\n'
        'landmarks = { 12 = "40%", 24 = "70%" }\n',
        encoding="utf-8",
    )
    return file


def test_no_unit_without_a_number(contradictory: Path) -> None:
    """A median that is not reached has no unit."""
    with pytest.raises(km.ContradictionError, match="the median is NR but survival at 12 is 40%"):
        km.reconstruct(km.load_study(contradictory).endpoint("all", "PFS"))


def test_a_study_is_no_endpoint() -> None:
    """Who passes a study is told what to pass."""
    with pytest.raises(TypeError, match=r'takes one endpoint, not a Study; .* study\.endpoint\("'):
        km.reconstruct(km.load_study("an2025"))


def test_counts_and_intervals(tmp_path: Path) -> None:
    """One file is one file, and what is not reached is said once."""
    (line,) = written(tmp_path, (Path("ipd/a.csv"), Path("figures/a.svg"), Path("figures/b.svg")))
    assert "ipd/ (1 file), figures/ (2 files)" in line.words
    inf = float("inf")
    assert median_text(inf, (inf, inf)) == "NR"
    assert median_text(inf, (12.0, inf)) == "NR (12.0 to NR)"


def test_values_show_themselves_in_a_line() -> None:
    """A notebook's line is not filled with thousands of numbers."""
    study = km.load_study("an2025")
    assert repr(study).startswith("Study(an2025: unmatched/OS, ")
    endpoint = study.endpoint("psm", "OS")
    assert repr(endpoint) == "Endpoint(psm/OS: SR n=185, TA n=185)"
    shown = repr(km.reconstruct(endpoint))
    assert shown.startswith("PseudoIPD(psm/OS: 370 patients (SR 185, TA 185), ")
    assert len(shown) < 100


def test_public_names_only() -> None:
    """`dir` lists what a user may use, whatever has been loaded."""
    assert {name for name in dir(km) if not name.startswith("__")} == set(km.__all__) - {
        "__version__"
    }
    assert os.fspath(km.__file__).endswith("__init__.py")


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u2028", "\x07"])
def test_letters_that_deceive(letter: str, run: Run, two_arms: Path) -> None:
    """Characters that turn or break a line are refused, by their number."""
    text = two_arms.read_text(encoding="utf-8")
    escaped = f"\\u{ord(letter):04x}"
    two_arms.write_text(text.replace("A trial", f"A{escaped} trial", 1), encoding="utf-8")
    result = run("show", str(two_arms))
    assert result.exit_code == 1
    assert "title: it holds" in result.stderr
    assert f"U+{ord(letter):04X}" in result.stderr


def test_only_columns_that_are_there_are_explained(run: Run) -> None:
    """A table without distances does not explain them."""
    alone = run("reproduce", "an2025", "--only", "psm/PPS", "--draws", "0").stdout
    assert "Difference: of the log hazard ratios, in reported standard errors." in alone
    assert "95% RI" not in alone
    drawn = run("reproduce", "an2025", "--only", "psm/PPS").stdout
    assert "95% RI: 95% reproduction interval, the hazard ratios of" in drawn
    assert "Difference" not in run("reproduce", "haic-tae").stdout


def test_what_a_single_arm_misses_is_said(run: Run, tmp_path: Path) -> None:
    """Eight patients cannot be at 95%: the line of an arm without a comparison says why 0 match."""
    study = tmp_path / "one.toml"
    study.write_text(
        'id = "one"\n[[endpoint]]\nname = "OS"\n'
        'arms.A = { n = 8, events = 1, landmarks = { 12 = "95.0%" }, follow_up = { max = "20" } }\n'
    )
    shown = " ".join(run("reproduce", str(study), "--draws", "0").output.split())
    assert "0/1" in shown
    assert (
        "all/OS: no patients were found that agree with every reported value. The nearest miss "
        "survival 95.0% at 12 months in arm A (they have 100.00%, 4.95 points outside its"
        " rounding)."
    ) in shown
