"""`kmrepro reconstruct CURVE.csv`: from clicks to patients, and every refusal on the way."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

Run = Callable[..., Result]
Folder = Callable[..., Path]

ONE = "0,1\n2,.9\n5,.8\n9,.65\n14,.5\n20,.5\n"
TWO = "Drug,,Placebo,\nX,Y,X,Y\n0,100,0,100\n3,95,2,90\n8,90,5,80\n15,80,9,60\n20,80,18,60\n"
RISK = "time,Drug,Placebo\n0,20,20\n10,17,12\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the files of one curve and of two."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("one.csv", ONE), ("two.csv", TWO), ("risk.csv", RISK)):
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def patients(text: str) -> list[dict[str, str]]:
    """Read the patients that the command wrote."""
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(float(row["time"]) > 0 and row["event"] in ("0", "1") for row in rows)
    return rows


def test_patients_of_one_curve(run: Run, folder: Path) -> None:
    """Patients go to stdout, and what was assumed to stderr."""
    result = run("reconstruct", "one.csv", "--n", 40)
    assert result.exit_code == 0
    assert len(patients(result.stdout)) == 40
    assert "Assumed: The last patient leaves at 20 months" in result.stderr
    assert [path.name for path in folder.iterdir() if path.name not in TWO_FILES] == ["one.csv"]


TWO_FILES = ("two.csv", "risk.csv")


def test_patients_of_two_curves(run: Run, folder: Path) -> None:
    """One file of patients with their arms; the comparison is printed."""
    result = run(
        "reconstruct", "two.csv", "--n", "Drug=20", "--n", "Placebo=20", "--at-risk", "risk.csv",
        "--events", "Placebo=8", "--reference", "Placebo", "--out", "ipd.csv",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    rows = patients((folder / "ipd.csv").read_text())
    by_arm = {arm: [row for row in rows if row["arm"] == arm] for arm in ("Drug", "Placebo")}
    assert {arm: len(each) for arm, each in by_arm.items()} == {"Drug": 20, "Placebo": 20}
    assert sum(int(row["event"]) for row in by_arm["Placebo"]) == 8
    assert sum(float(row["time"]) >= 10 for row in by_arm["Drug"]) == 17
    assert "Hazard ratio, Drug vs Placebo: 0." in result.stdout
    assert "Log-rank test: p" in result.stdout
    assert "heights are percentages and were divided by 100" in result.stdout
    assert "Wrote ipd.csv: 40 patients." in result.stdout


def test_numbers_at_risk_at_time_0_are_n(run: Run, folder: Path) -> None:
    """What a table says need not be said again."""
    result = run("reconstruct", "two.csv", "--at-risk", "risk.csv")
    assert result.exit_code == 0
    assert len(patients(result.stdout)) == 40


def test_one_curve_of_several(run: Run, folder: Path) -> None:
    """Only the arm that is asked for is reconstructed, with its own numbers at risk."""
    result = run("reconstruct", "two.csv", "--arm", "Drug", "--n", 20, "--at-risk", "risk.csv")
    assert result.exit_code == 0
    assert {row["arm"] for row in patients(result.stdout)} == {"Drug"}


def test_a_name_for_the_only_curve(run: Run, folder: Path) -> None:
    """A curve without a name gets one; without one it is "all"."""
    named = run("reconstruct", "one.csv", "--arm", "Drug", "--n", 40)
    assert {row["arm"] for row in patients(named.stdout)} == {"Drug"}
    assert {row["arm"] for row in patients(run("reconstruct", "one.csv", "--n", 40).stdout)} == {
        "all"
    }


def test_options_of_the_curve(run: Run, folder: Path) -> None:
    """Kind, tolerance and unit are as stated."""
    result = run(
        "reconstruct", "one.csv", "--n", 40, "--kind", "samples", "--tolerance", "1%",
        "--time-unit", "weeks", "--out", "ipd.csv",
    )  # fmt: skip
    assert result.exit_code == 0
    assert "were read as heights, each within 1 points (as stated)" in result.stdout
    assert "leaves at 20 weeks" in result.stdout


def test_censoring_marks(run: Run, folder: Path) -> None:
    """Every censoring is at a mark, as many as the mark says."""
    (folder / "marks.csv").write_text("time,count\n3,2\n7,1\n")
    given = ("--n", 40, "--censor-marks", "marks.csv", "--kind", "steps")
    result = run("reconstruct", "one.csv", *given)
    assert result.exit_code == 0
    censored = [float(row["time"]) for row in patients(result.stdout) if row["event"] == "0"]
    assert [time for time in censored if time < 20] == [3, 3, 7]


def test_as_json(run: Run, folder: Path) -> None:
    """Programs get patients, checks and comparison; nothing else is on stdout."""
    result = run("reconstruct", "two.csv", "--at-risk", "risk.csv", "--json")
    found = json.loads(result.stdout)
    assert (found["curves"], found["reference"], found["time_unit"]) == (
        "two.csv",
        "Drug",
        "months",
    )
    assert len(found["patients"]["time"]) == 40
    assert found["hazard_ratio"]["treatment"] == "Placebo"
    assert 0 < found["p_logrank"] < 1
    drug, placebo = found["checks"]
    assert drug["repairs"] == ["heights are percentages and were divided by 100."]
    assert drug["kind"] == "steps"
    assert (drug["arm"], drug["points"], drug["points_met"]) == ("Drug", 4, 4)
    assert placebo["at_risk"][1] == {"time": 10, "printed": 12, "reproduced": 12}


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_check_is_drawn(run: Run, folder: Path, suffix: str) -> None:
    """The figure's name says its format."""
    result = run("reconstruct", "one.csv", "--n", 40, "--plot", f"check.{suffix}", "--out", "i.csv")
    assert result.exit_code == 0
    assert f"Wrote check.{suffix}: the check." in result.stdout
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert (folder / f"check.{suffix}").read_bytes().startswith(start)


def test_the_same_command_writes_the_same(run: Run, folder: Path) -> None:
    """Patients and figure are the same to the last bit."""
    for name in ("a", "b"):
        run("reconstruct", "one.csv", "--n", 40, "--out", f"{name}.csv", "--plot", f"{name}.svg")
    assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes()
    assert (folder / "a.svg").read_bytes() == (folder / "b.svg").read_bytes()


def test_rows_beyond_the_curve_are_allowed_and_said(run: Run, folder: Path) -> None:
    """Numbers at risk may reach further than the curve was digitised."""
    (folder / "long.csv").write_text("0,40\n6,30\n24,3\n30,1\n")
    result = run("reconstruct", "one.csv", "--n", 40, "--at-risk", "long.csv", "--out", "ipd.csv")
    assert result.exit_code == 0
    assert "Beyond the curve: all has numbers at risk at 24, 30 months, and its" in result.stdout
    rows = patients((folder / "ipd.csv").read_text())
    assert sum(float(row["time"]) >= 30 for row in rows) == 1


def test_points_that_are_mostly_missed_are_announced(run: Run, folder: Path) -> None:
    """Five patients cannot follow a smooth curve; what to try is said."""
    (folder / "smooth.csv").write_text("".join(f"{t},{100 - 3.1 * t:.1f}\n" for t in range(13)))
    options = ("--n", 5, "--tolerance", "0.05%", "--out", "ipd.csv", "--accept-misfit")
    result = run("reconstruct", "smooth.csv", *options)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "Most points of all are missed, so do not rely on its patients." in said
    assert "read as heights, within 0.05 points: if that is not what they are, say so with" in said
    assert "--kind steps or with --tolerance" in said


def test_patients_that_miss_a_curve_are_not_written(run: Run, folder: Path) -> None:
    """The figure is drawn and shows where; what else the points may be is said."""
    (folder / "smooth.csv").write_text("".join(f"{t},{100 - 3.1 * t:.1f}\n" for t in range(13)))
    options = ("--n", 5, "--tolerance", "0.05%", "--out", "ipd.csv", "--plot", "check.png")
    result = run("reconstruct", "smooth.csv", *options)
    assert result.exit_code == 1
    assert not (folder / "ipd.csv").exists()
    assert (folder / "check.png").exists()
    said = " ".join(result.stderr.split())
    assert "points of the curve by more than their reading error, most at" in said
    assert "--accept-misfit writes them" in said
    assert "read as heights: if that is not what they are, say so with --kind steps" in said


REFUSED = [
    pytest.param(
        "0,40\n6,30\n12,35\n", "", "the number at risk rises from 30 at 6 to 35 at 12.", id="rising"
    ),
    pytest.param(
        "0,50\n6,30\n", "", "50 patients are at risk at 0 in an arm of 40.", id="beyond n"
    ),
    pytest.param(
        "6,50\n", "", "50 patients are at risk at 6 in an arm of 40.", id="beyond n later"
    ),
    pytest.param(
        "", "--events 41", "41 events are reported for 40 patients.", id="events beyond n"
    ),
    pytest.param(
        "",
        "--kind steps --events 3",
        "the curve falls at 4 points but 3 events are reported; points were read: of all as its "
        "drops, as stated (--kind samples reads them otherwise).",
        id="fewer events than drops",
    ),
    pytest.param(
        "0,40\n6,30.5\n",
        "",
        "line 2: 30.5 at risk at 6 is not a whole number of patients",
        id="half a patient",
    ),
    pytest.param("0,40\n14,30\n", "", "these cannot all be true", id="at risk against the curve"),
    pytest.param(
        "time,A,B\n0,40,40\n", "", '--at-risk is given for "A", which has no curve', id="other arms"
    ),
]


@pytest.mark.parametrize(("at_risk", "options", "said"), REFUSED)
def test_numbers_that_cannot_be_are_refused(
    run: Run, folder: Path, at_risk: str, options: str, said: str
) -> None:
    """Exit status 1, one sentence that names a file, and nothing is written."""
    extra = options.split()
    if at_risk:
        (folder / "rows.csv").write_text(at_risk)
        extra += ["--at-risk", "rows.csv"]
    result = run("reconstruct", "one.csv", "--n", 40, *extra, "--out", "ipd.csv")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(("Error: one.csv: ", "Error: rows.csv: "))
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (folder / "ipd.csv").exists()


POINTS = [
    pytest.param("0,1\n", "1 point cannot be a curve; at least two are needed.", id="one point"),
    pytest.param("", "it holds no row of numbers with", id="empty"),
    pytest.param(
        "3,.6\n9,.4\n",
        "survival starts at 0.6 at time 3, and a survival curve starts at",
        id="starts low",
    ),
    pytest.param(
        "0,100\n1,0.9\n2,80\n",
        "heights mix percentages and fractions: (1, 0.9)",
        id="percent and fractions",
    ),
    pytest.param(
        "x,A,B\n0,1,100\n9,.9,80\n",
        "arm B has percentages and arm A fractions",
        id="arms in different units",
    ),
    pytest.param(
        "A,,B,\n0,1,0,1\n5,.9,1,.95\n30,.85,3,.9\n60,.8,5,.85\n",
        "A.n: ",
        id="arms in different units of time",
    ),
    pytest.param("0,1\n5,.5\n9,.8\n", "survival rises by 0.300 at (9, 0.8)", id="rising"),
    pytest.param("0,0\n5,.2\n9,.3\n", "or plot 1 - cumulative incidence", id="incidence"),
]


@pytest.mark.parametrize(("points", "said"), POINTS)
def test_points_that_are_no_curve_are_refused(
    run: Run, folder: Path, points: str, said: str
) -> None:
    """Exit status 1 and one sentence with the file and the points."""
    (folder / "bad.csv").write_text(points)
    several = points.startswith(("x,", "A,"))
    numbers = ["--n", "A=40", "--n", "B=40"] if several else ["--n", "40"]
    result = run("reconstruct", "bad.csv", *numbers)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: bad.csv: ")
    assert (
        said.replace("A.n: ", "it ends at 5 with 85% alive, and that of A at 60") in result.stderr
    )
    assert len(result.stderr.splitlines()) == 1


def test_a_file_that_is_not_there(run: Run, folder: Path) -> None:
    """The sentence names the file that is missing."""
    assert run("reconstruct", "gone.csv", "--n", 40).stderr == (
        "Error: gone.csv: it cannot be read: No such file or directory.\n"
    )
    result = run("reconstruct", "one.csv", "--n", 40, "--at-risk", "gone.csv")
    assert result.stderr.startswith("Error: gone.csv: it cannot be read")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param("one.csv --n forty", '"forty" is not a whole number such as 213', id="n"),
        pytest.param("one.csv --n 40 --n 41", "--n is given twice; write --n ARM=N", id="twice"),
        pytest.param(
            "two.csv --n Drug=1 --n Drug=2", "--n is given twice for Drug", id="arm twice"
        ),
        pytest.param("one.csv --n 40 --only all/OS", "is chosen with --arm", id="only"),
        pytest.param("an2025 --n 40", "an2025 is read as a study", id="study"),
        pytest.param("an2025 --plot check.png", "--plot goes with a file of digitised", id="plot"),
        pytest.param("two.csv --arm Drog --n 1", 'two.csv has no curve "Drog"', id="arm"),
        pytest.param("one.csv --n 40 --plot check.bmp", "must end in .png, .svg or .pdf", id="bmp"),
        pytest.param("one.csv --n 40 --tolerance 50%", "write a share above 0 and up", id="width"),
        pytest.param("one.csv --n 40 --kind stairs", "'stairs' is not one of", id="kind"),
        pytest.param(
            "one.csv --n 40 --out a.svg --plot a.svg", "both name a.svg", id="the same output"
        ),
    ],
)
def test_wrong_usage(run: Run, folder: Path, arguments: str, said: str) -> None:
    """Exit status 2, and what would be right."""
    result = run("reconstruct", *arguments.split())
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param("one.csv", 'the number of patients is not given for "all"', id="no n"),
        pytest.param("two.csv --n 40", "--n does not say which arm it is of", id="whose n"),
        pytest.param("two.csv --n Drug=20", 'is not given for "Placebo"; give --n, or', id="an n"),
        pytest.param("one.csv --n 0", "0 is not a number of patients", id="n zero"),
        pytest.param(
            "two.csv --at-risk risk.csv --reference A", '"A" names no arm', id="reference"
        ),
        pytest.param("one.csv --n 40 --out one.csv --force", "is what the results are", id="input"),
        pytest.param("one.csv --n 40 --out two.csv", "two.csv exists; choose another", id="exists"),
        pytest.param("one.csv --n 40 --plot two.csv/check.png", "two.csv is a file", id="folder"),
    ],
)
def test_what_cannot_be_done_is_refused(run: Run, folder: Path, arguments: str, said: str) -> None:
    """Exit status 1 and one sentence; no file is written or changed."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = run("reconstruct", *arguments.split())
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_study_is_still_a_study(run: Run) -> None:
    """The id of a bundled study reconstructs one of its endpoints, as before."""
    result = run("reconstruct", "an2025", "--only", "psm/OS")
    assert result.exit_code == 0
    assert len(patients(result.stdout)) == 370


def test_patients_of_curves_in_the_format_of_stata(run: Run, folder: Path) -> None:
    """As of a study, the name says the format."""
    assert run("reconstruct", "one.csv", "--n", 40, "--out", "ipd.dta").exit_code == 0
    assert len(pd.read_stata("ipd.dta")) == 40
    result = run("reconstruct", "one.csv", "--n", 40, "--out", "ipd.xlsx")
    assert result.exit_code == 1
    assert "patients are written as .csv, .dta (Stata) or .parquet" in result.stderr
