"""Bad input from end to end: the file's faults, the paper's faults, and how each is told."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from .conftest import TWO_ARMS

Run = Callable[..., Result]

LANDMARKS = '{ 12 = "80.0%", 24 = "60.0%" }'
SURVIVAL = "survival is between 0% and 100%."
PATIENTS = "is not a number of patients: a whole number from 1 to 1000000 is allowed."
WORDS = "is not a number as papers print them (98.8%, 1.22, <0.001, NR)."
ORDER = "write each time once, and in increasing order."


def edited(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a study file, the first time it does."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


FILE_FAULTS = [
    pytest.param(
        '"80.0%"', '"101%"', f'arms.A.landmarks.12: "101%" is over 100%: {SURVIVAL}', id="over 100%"
    ),
    pytest.param(
        '"80.0%"', '"-3%"', f'arms.A.landmarks.12: "-3%" is negative: {SURVIVAL}', id="negative"
    ),
    pytest.param("n = 40", "n = 0", f"arms.A.n: 0 {PATIENTS}", id="n zero"),
    pytest.param("n = 40", "n = -1", f"arms.A.n: -1 {PATIENTS}", id="n negative"),
    pytest.param(
        "n = 40",
        "n = 40.5",
        "arms.A.n: 40.5 is not a number of patients: write a whole number, such as 185.",
        id="n fractional",
    ),
    pytest.param("n = 40", "n = 1000000000", f"arms.A.n: 1000000000 {PATIENTS}", id="n absurd"),
    pytest.param(
        LANDMARKS,
        '{ 24 = "60.0%", 12 = "80.0%" }',
        f"arms.A.landmarks: 12 comes after 24: {ORDER}",
        id="times unsorted",
    ),
    pytest.param(
        '12 = "80.0%"',
        '-12 = "80.0%"',
        "arms.A.landmarks.-12: a time of -12 is not possible: 0 to 100000 is allowed.",
        id="time negative",
    ),
    pytest.param(
        '24 = "60.0%"',
        '"12.0" = "60.0%"',
        f"arms.A.landmarks: 12.0 is the same time as 12: {ORDER}",
        id="time repeated",
    ),
    pytest.param(
        "landmarks",
        "landmark",
        "arms.A.landmark: there is no such key; did you mean `landmarks`?",
        id="unknown key",
    ),
    pytest.param(
        '"80.0%"',
        '"eighty"',
        f'arms.A.landmarks.12: "eighty" {WORDS}',
        id="words",
    ),
    pytest.param(
        '"80.0%"',
        "80.0",
        'arms.A.landmarks.12: 80.0 is not in quotes: write it as printed, such as "80.0%".',
        id="no quotes",
    ),
    pytest.param(
        '"0.27"',
        '"1.27"',
        'reported.p: "1.27" is not a p-value: it must be between 0 and 1.',
        id="p",
    ),
    pytest.param(
        'reference = "A"',
        'reference = "C"',
        'reference: "C" names no arm; write "A" or "B".',
        id="reference",
    ),
    pytest.param(
        f"landmarks = {LANDMARKS}",
        'curve = "../secret.csv"',
        'arms.A.curve: "../secret.csv" leaves the study file\'s folder; put the file inside it.',
        id="curve outside",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FILE_FAULTS)
def test_a_fault_in_the_file_is_told_with_its_place_and_fix(
    run: Run, two_arms: Path, here: Path, *, old: str, new: str, message: str
) -> None:
    """Exit status 1, one sentence, and nothing is written."""
    edited(two_arms, old, new)
    result = run("reproduce", two_arms, "--out", "results")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: mine.toml: endpoint[1] all/OS: {message}\n"
    assert [path.name for path in here.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("command", ["show", "validate", "reconstruct"])
def test_every_command_refuses_a_faulty_file(run: Run, two_arms: Path, command: str) -> None:
    """The message is the same wherever the file is read."""
    edited(two_arms, "landmarks", "landmark")
    result = run(command, two_arms)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: mine.toml: endpoint[1] all/OS: arms.A.landmark: there is no such key; did you mean "
        "`landmarks`?\n"
    )


def test_a_wrong_unit(run: Run, two_arms: Path) -> None:
    """The units that there are, and the nearest, are named."""
    edited(two_arms, '"months"', '"month"')
    assert run("validate", two_arms).stderr == (
        'Error: mine.toml: time_unit: "month" is not allowed: write "days", "weeks", "months" or '
        '"years"; did you mean "months"?\n'
    )


def test_all_faults_are_told_at_once(run: Run, two_arms: Path) -> None:
    """Nobody mends one fault after the other."""
    edited(two_arms, '"80.0%"', '"101%"')
    edited(two_arms, "n = 40", "n = 0")
    result = run("validate", two_arms)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: mine.toml has 2 faults:\n")
    assert len(result.stderr.splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "it is empty; `kmrepro new FILE` writes one to start from.", id="empty"),
        pytest.param(
            b"id = ", "it is not TOML: invalid value (at end of document).", id="not TOML"
        ),
        pytest.param(
            b'id = "x"\ntitle = "\xe4"',
            "it is not UTF-8 text (line 2); save it with the encoding UTF-8.",
            id="not UTF-8",
        ),
        pytest.param(
            b"#" * 100_000_000,
            "it has 100,000,000 bytes, and a study file has at most 1,000,000.",
            id="100 MB",
        ),
    ],
)
def test_what_is_no_study_file(run: Run, here: Path, content: bytes, message: str) -> None:
    """Whatever is in the file, it is read in a moment and refused in a sentence."""
    (here / "mine.toml").write_bytes(content)
    result = run("reproduce", "mine.toml")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        f"Error: mine.toml: {message}\n",
    )


def test_a_folder(run: Run, here: Path) -> None:
    """A folder is not a study file."""
    (here / "papers").mkdir()
    result = run("show", "papers")
    assert result.exit_code == 1
    assert result.stderr == "Error: papers: it is a folder; name a study file in it.\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(run: Run, two_arms: Path) -> None:
    """The system's reason is passed on."""
    two_arms.chmod(0)
    result = run("show", two_arms)
    assert result.exit_code == 1
    assert result.stderr == "Error: mine.toml: it cannot be read: Permission denied.\n"


def test_a_dangling_link(run: Run, here: Path) -> None:
    """A link to nowhere is a file that cannot be read."""
    (here / "mine.toml").symlink_to("nowhere.toml")
    result = run("show", "mine.toml")
    assert result.exit_code == 1
    assert result.stderr == "Error: mine.toml: it cannot be read: No such file or directory.\n"


PAPER_FAULTS = [
    pytest.param('24 = "60.0%"', '24 = "85.0%"', ("80.0%", "85.0%"), id="survival rises"),
    pytest.param(
        '["0.30", "1.40"]', '["0.70", "1.40"]', ("0.65", "0.70"), id="interval without its HR"
    ),
    pytest.param("n = 40", "n = 40\nevents = 50", ("50", "40"), id="more events than patients"),
    pytest.param(
        "n = 40", 'n = 40\nmedian = "6.0"', ("6.0", "80.0%"), id="median against landmarks"
    ),
    pytest.param(
        "n = 40", "n = 40\nat_risk = { 0 = 40, 12 = 20, 24 = 25 }", ("20", "25"), id="at risk rises"
    ),
]


@pytest.mark.parametrize(("old", "new", "numbers"), PAPER_FAULTS)
def test_a_fault_of_the_paper_is_refused_with_its_numbers(
    run: Run, two_arms: Path, here: Path, *, old: str, new: str, numbers: tuple[str, ...]
) -> None:
    """`show` and `validate` work; `reproduce` names the numbers and makes no patients."""
    edited(two_arms, old, new)
    assert run("show", two_arms).exit_code == 0
    assert run("validate", two_arms).exit_code == 0
    result = run("reproduce", two_arms, "--out", "results")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: mine.toml: all/OS of mine cannot be reconstructed, so only reasons"
    )
    refused = json.loads(run("reproduce", two_arms, "--json").stdout)["refused"][0]
    for number in numbers:
        assert number in result.stderr
        assert any(number in named for named in refused["numbers"])
    assert not (here / "results" / "ipd").exists()


def test_an_arm_without_n_is_refused_with_the_reason(run: Run, two_arms: Path) -> None:
    """What is not printed is said to be missing, and quick looks stand in its place."""
    edited(two_arms, "n = 40\n", "")
    result = run("reproduce", two_arms)
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: mine.toml: all/OS of mine cannot be reconstructed, so nothing was written: "
        "arm A reports no number of patients (n), so there is nobody to reconstruct; write "
        '`n = ...` under [endpoint.arms.A], with `n_basis = "allocation"` if it is the arm\'s '
        "share of all patients.\n"
    )
    assert "Quick looks: approximate, without patients" in result.stdout


def test_markup_in_titles_is_shown_as_it_is(run: Run, two_arms: Path, here: Path) -> None:
    """HTML and LaTeX in a title reach neither the report nor a figure as code."""
    hostile = r"<script>alert(1)</script> $\\frac{1}{0}$ & \\input{x} {{ 7 * 7 }}"
    for old in ("A trial of two arms", "Overall survival", "Treatment"):
        edited(two_arms, old, hostile)
    result = run("reproduce", two_arms, "--out", "results", "--format", "svg")
    assert result.exit_code == 0
    report = (here / "results" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in report
    assert "&lt;script&gt;alert(1)" in report
    assert "{{ 7 * 7 }}" in report
    for drawn in (here / "results" / "figures").glob("*.svg"):
        assert "<script" not in drawn.read_text(encoding="utf-8")


@pytest.mark.parametrize("odd", ["nan", "inf"])
@pytest.mark.parametrize(
    "command",
    [("extrapolate", "an2025", "--horizon"), ("extrapolate", "an2025", "--cycle"),
     ("pool", ".", "--tau"), ("pool", ".", "--landmark")],
)  # fmt: skip
def test_times_of_options_are_finite(
    run: Run, here: Path, command: tuple[str, ...], odd: str
) -> None:
    """What is no time is wrong usage, and no internal error after the work."""
    result = run(*command, odd)
    assert result.exit_code == 2
    assert f"{odd} is not a time: write a number above 0." in result.stderr


def test_letters_that_the_font_lacks_are_named(run: Run, two_arms: Path) -> None:
    """Boxes stand for them in the figures."""
    text = two_arms.read_text(encoding="utf-8").replace("A trial", "\u751f\u5b58")
    two_arms.write_text(text, encoding="utf-8")
    result = run("figures", two_arms, "--out", "out", "--format", "png", "--draws", "0")
    assert (
        "The font of the drawing lacks \u751f\u5b58: boxes stand in their place." in result.stdout
    )


def test_a_font_that_is_not_there_is_wrong_usage(run: Run, two_arms: Path) -> None:
    """The option is named before any figure is drawn."""
    result = run("figures", two_arms, "--out", "out", "--font", "No Such Font")
    assert result.exit_code == 2
    assert "Invalid value for '--font': `font` must be installed" in result.stderr
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "command",
    [("reconstruct", "mine.toml", "--out", "mine.toml"), ("audit", "mine.toml", "--csv"),
     ("draft", "mine.toml", "--out")],
    ids=["reconstruct", "audit", "draft"],
)  # fmt: skip
def test_results_never_take_the_place_of_their_source(
    run: Run, two_arms: Path, command: tuple[str, ...]
) -> None:
    """Not even with --force."""
    before = two_arms.read_bytes()
    result = run(*command, *(["mine.toml"] if len(command) == 3 else []), "--force")
    assert result.exit_code == 1
    assert two_arms.read_bytes() == before
    assert [path.name for path in Path().iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("name", ["ipd.xlsx", "ipd.json", "ipd.sas7bdat"])
def test_patients_are_written_in_the_format_of_their_name(
    run: Run, two_arms: Path, name: str
) -> None:
    """CSV text is no workbook."""
    result = run("reconstruct", two_arms, "--out", name)
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {name}: patients are written as .csv, .dta (Stata) or .parquet, and not as "
        f"{Path(name).suffix}; choose another name.\n",
    )


def test_a_workbook_is_named_like_one(run: Run, two_arms: Path) -> None:
    """A workbook under the name of a CSV file opens nowhere."""
    result = run("to-excel", two_arms, "--out", "mine.csv")
    assert result.exit_code == 1
    assert "the name of a workbook ends in .xlsx" in result.stderr
    assert not Path("mine.csv").exists()


def test_an_audit_writes_both_or_nothing(run: Run, two_arms: Path) -> None:
    """The CSV file is not left behind when the folder is refused."""
    Path("full").mkdir()
    Path("full", "theirs.txt").write_text("theirs", encoding="utf-8")
    result = run("audit", two_arms, "--csv", "found.csv", "--out", "full")
    assert result.exit_code == 1
    assert not Path("found.csv").exists()


def test_an_interval_of_few_draws_says_so(run: Run, two_arms: Path) -> None:
    """Of one data set 95% are one data set; more than anybody can wait for are wrong usage."""
    result = run("reproduce", two_arms, "--draws", "1")
    assert "(1 data set consistent with every reported value, too few for 95%" in result.stdout
    result = run("reproduce", two_arms, "--draws", "99999999999999")
    assert result.exit_code == 2
    assert "is not in the range 0<=x<=1000000" in result.stderr


def test_an_interval_of_few_scenarios_says_so(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the verdict is a usual one."""
    monkeypatch.setattr("kmrepro.models.comparison.FEWEST_SCENARIOS", 10.0)
    own = {
        "A": "n = 126\nevents = 122\nmedian = '1.5'\nmedian_ci = ['1.1', '2.1']",
        "B": "n = 156\nevents = 150\nmedian = '1.7'\nmedian_ci = ['1.4', '2.4']",
    }
    text = TWO_ARMS[: TWO_ARMS.index("[endpoint.arms.A]")]
    arms = "\n".join(f"[endpoint.arms.{name}]\n{numbers}" for name, numbers in own.items())
    reported = "[endpoint.reported]\nhazard_ratio = '0.75'\nci = ['0.59', '0.95']"
    (here / "few.toml").write_text(f"{text}{arms}\n{reported}\n", encoding="utf-8")
    result = run("reproduce", "few.toml", "--draws", "50")
    assert re.search(r"which rest on about \d plausible courses?, so that", result.stdout)
