"""The command line: what is printed where, and how it ends."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import kmrepro as km
from kmrepro import saving
from kmrepro.cli import main

Run = Callable[..., Result]

COMMANDS = (
    "list", "show", "reproduce", "reconstruct", "figures", "batch", "audit", "validate", "new",
    "draft", "to-excel", "schema", "digitise", "extrapolate", "pool", "app",
)  # fmt: skip
ON_STUDIES = ("show", "reproduce", "reconstruct", "figures", "audit", "validate", "to-excel")


def test_the_commands_are_those_documented() -> None:
    """Nothing is missing, and nothing is there that is not documented."""
    assert set(main.commands) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(run: Run, command: str) -> None:
    """Every command shows how it is called."""
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Examples:\n    kmrepro {command}" in result.stdout
    assert result.stderr == ""


def test_help_of_the_whole(run: Run) -> None:
    """The first page names the commands, an example and what the exit status means."""
    result = run("--help")
    assert result.exit_code == 0
    assert "kmrepro reproduce an2025 --out results" in result.stdout
    assert "0 done, 1 the data was refused, 2 wrong usage" in " ".join(result.stdout.split())


def test_version(run: Run) -> None:
    """The version is the installed one."""
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"kmrepro {km.__version__}\n")


def test_list(run: Run) -> None:
    """Every bundled study has its line."""
    result = run("list")
    assert result.exit_code == 0
    assert result.stderr == ""
    for name in km.bundled_ids():
        assert any(line.split()[:1] == [name] for line in result.stdout.splitlines())


def test_list_as_json(run: Run) -> None:
    """Programs learn ids and endpoints."""
    listed = {entry["id"]: entry for entry in json.loads(run("list", "--json").stdout)}
    assert set(listed) == set(km.bundled_ids())
    assert listed["an2025"]["comparisons"] == 8
    assert "psm/OS" in listed["an2025"]["endpoints"]


def test_show(run: Run) -> None:
    """Everything that the paper prints is there, as printed."""
    result = run("show", "an2025")
    assert result.exit_code == 0
    for printed in ("98.8%", "1.22 (0.78\N{EN DASH}1.89)", "0.381", "185", "Figure 5(a)", "232"):
        assert printed in result.stdout


def test_show_prints_what_the_audit_reads(run: Run) -> None:
    """Counts, means, medians, lists of patients and statements, as printed."""
    text = " ".join(run("show", "zhang2023").stdout.split())
    for told in (
        "Leaving: No anti-cancer treatment 232 Patients with HCC admitted",
        "Converted: suitable for resection with curative intent 26 Resectable after systemic",
        "Sex Male 20 244 0.61 chi-square = 0.01 Female 3 39",
        "Operation time (min) mean 229.2±59.3 189.01±62.71 <0.01 t = 2.97",
        "Age (years) median 56.4 (28~76)",
        "4 IIIb C Vp3, EHM",
        "A small sub-group of uHCC patients (2%) may potentially be converted. 1 percentage",
        "1 sum, 4 percentages, 3 values",
    ):
        assert told in text


def test_show_as_json(run: Run) -> None:
    """The study is printed with the keys of its file."""
    shown = json.loads(run("show", "an2025", "--json").stdout)
    assert shown["id"] == "an2025"
    assert shown["endpoint"][4]["arms"]["SR"]["landmarks"]["12"]["survival"] == "98.8%"


@pytest.mark.parametrize("name", km.bundled_ids())
def test_show_works_on_every_bundled_study(run: Run, name: str) -> None:
    """Also on those that cannot be reconstructed."""
    assert run("show", name).exit_code == 0


def test_show_works_on_a_paper_that_contradicts_itself(run: Run, contradicting: Path) -> None:
    """The paper's contradictions are no fault of the file."""
    result = run("show", contradicting)
    assert result.exit_code == 0
    assert "85.0%" in result.stdout


def test_what_steers_a_terminal_is_not_passed_on(run: Run, two_arms: Path) -> None:
    """A title cannot clear the screen, forge a link or be read as markup."""
    text = two_arms.read_text(encoding="utf-8")
    title = r"\u001b[2J[bold]Trial[/bold] \u202e[link=http://a.example]x"
    two_arms.write_text(text.replace("A trial of two arms", title), encoding="utf-8")
    result = run("show", two_arms)
    if result.exit_code == 0:  # a reader may refuse such a title, too
        assert "[bold]Trial[/bold]" in result.stdout
    assert "\x1b" not in result.output
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in result.output


def test_reproduce_prints_the_comparison_and_writes_nothing_without_out(
    run: Run, two_arms: Path, here: Path
) -> None:
    """The table has what was reported, what was reproduced and the verdict."""
    result = run("reproduce", two_arms)
    assert result.exit_code == 0
    assert "all/OS" in result.stdout
    assert "B vs A" in result.stdout
    assert "0.65 (0.30\N{EN DASH}1.40)" in result.stdout
    assert "4/4" in result.stdout
    assert result.stderr == ""
    assert [path.name for path in here.iterdir()] == ["mine.toml"]


def test_reproduce_writes_everything(
    run: Run, two_arms: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder holds what the README says, and the output says where; two figures will do."""
    every = saving.drawings
    monkeypatch.setattr(saving, "drawings", lambda reproduction: every(reproduction)[:2])
    result = run("reproduce", two_arms, "--out", "results", "--format", "svg", "--format", "png")
    assert result.exit_code == 0
    files = (
        "audit.csv, audit.json, comparison.csv, report.html, reproduce.R, results.json, "
        "summary.docx, summary.html"
    )
    assert f"Wrote to results: {files}, figures/" in result.stdout
    out = here / "results"
    names = {path.name for path in out.iterdir()}
    assert names == {
        ".kmrepro.json", "audit.csv", "audit.json", "comparison.csv", "figures", "ipd",
        "report.html", "reproduce.R", "results.json", "summary.docx", "summary.html",
    }  # fmt: skip
    assert {path.suffix for path in (out / "figures").iterdir()} == {".svg", ".png", ".csv"}
    patients = list(csv.DictReader(io.StringIO((out / "ipd" / "all_OS.csv").read_text())))
    assert list(patients[0]) == ["time", "event", "arm"]
    assert [row["arm"] for row in patients].count("A") == 40
    assert json.loads((out / "results.json").read_text())["comparisons"][0]["verdict"]
    assert json.loads((out / "audit.json").read_text()) == {"study": "mine", "findings": []}
    assert (out / "audit.csv").read_text().startswith("place,rule,severity,printed,expected")
    assert "No errors, no warnings, no notes." in page(out)
    linked = re.findall(r"(?:src|href)=\"(?!data:|#|https://doi\.org/)([^\"]*)", page(out))
    assert linked
    assert all((out / link).is_file() for link in linked)


def page(out: Path) -> str:
    """Return the report in a folder of results."""
    return (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("not_drawn")
def test_reproduce_as_json_prints_what_it_writes(run: Run, two_arms: Path, here: Path) -> None:
    """Programs that read stdout get the same as those that read the file."""
    result = run("reproduce", two_arms, "--json", "--out", "results", "--format", "png")
    assert result.exit_code == 0
    assert result.stdout == (here / "results" / "results.json").read_text(encoding="utf-8")


def test_reproduce_only_some_endpoints(run: Run) -> None:
    """`--only` can be given several times; the order is the study's."""
    result = run(
        "reproduce", "an2025", "--only", "psm/PFS", "--only", "psm/OS", "--json"
    )  # fmt: skip
    done = [
        f"{each['cohort']}/{each['endpoint']}" for each in json.loads(result.stdout)["comparisons"]
    ]
    assert done == ["psm/OS", "psm/PFS"]


def test_what_contradicts_itself_is_refused_and_the_rest_is_done(
    run: Run, half_contradicting: Path
) -> None:
    """The refusal names the numbers, in the output and in JSON; the exit status is 0."""
    result = run("reproduce", half_contradicting)
    assert result.exit_code == 0
    assert "all/OS" in result.stdout
    assert "Refused\nall/PFS: " in result.stdout
    refused = json.loads(run("reproduce", half_contradicting, "--json").stdout)["refused"]
    assert [(each["cohort"], each["endpoint"]) for each in refused] == [("all", "PFS")]
    assert any("60.0%" in number for number in refused[0]["numbers"])
    assert any("70.0%" in number for number in refused[0]["numbers"])


def test_when_no_endpoint_can_be_done_there_is_a_report_of_the_reasons(
    run: Run, contradicting: Path, here: Path
) -> None:
    """One sentence, exit status 1, and what can be said without patients."""
    result = run("reproduce", contradicting, "--out", "results")
    assert result.exit_code == 1
    start = (
        "Error: rising.toml: all/OS of mine cannot be reconstructed, so only reasons and quick "
        "looks were written to results: "
    )
    assert result.stderr.startswith(start)
    assert result.stderr.count("\n") == 1
    names = {path.name for path in (here / "results").iterdir()}
    assert names == {
        ".kmrepro.json", "audit.csv", "audit.json", "comparison.csv", "report.html", "results.json",
        "summary.docx", "summary.html",
    }  # fmt: skip


def test_a_review_without_patients_ends_with_quick_looks(run: Run, here: Path) -> None:
    """What can still be said is said, on stdout; the refusal goes to stderr."""
    result = run("reproduce", "wang2024", "--out", "results")
    assert result.exit_code == 1
    assert "Quick looks: approximate, without patients" in result.stdout
    assert "survival at 60 months" in result.stdout
    assert result.stderr == (
        "Error: None of the 6 endpoints of wang2024 (zhang2016/OS, hamaoka2017/OS, chong2018/DSS, "
        "qin2021/OS, zhu2023/OS, zhu2023/RFS) can be reconstructed, so only reasons and quick "
        "looks were written to results.\n"
    )
    report = (here / "results" / "report.html").read_text("utf-8")
    assert "survival at 60 months</th>" in report
    assert "arm conservative reports no number of patients" in report
    assert json.loads((here / "results" / "results.json").read_text("utf-8"))["comparisons"] == []


def test_figures_of_a_review_without_patients_say_why(run: Run, here: Path) -> None:
    """Each endpoint is named with what it lacks, and nothing is written."""
    result = run("figures", "wang2024", "--out", "drawn")
    assert result.exit_code == 1
    assert result.stdout.count("Not drawn: ") == 6
    assert "zhang2016/OS: arm conservative reports no number of patients (n)" in result.stdout
    assert result.stderr.startswith("Error: None of the 6 endpoints of wang2024")
    assert not list(here.iterdir())


def test_reconstruct_prints_patients(run: Run) -> None:
    """Patients go to stdout as CSV, and nothing else does."""
    result = run("reconstruct", "an2025", "--only", "psm/OS")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert (result.exit_code, result.stderr, len(rows)) == (0, "", 370)
    assert {row["event"] for row in rows} == {"0", "1"}
    ipd = km.reconstruct(km.load_study("an2025").endpoint("psm", "OS"))
    assert [float(row["time"]) for row in rows] == ipd.time.tolist()


def test_reconstruct_to_a_file(run: Run, two_arms: Path, here: Path) -> None:
    """What was assumed is said; a file that exists is kept."""
    result = run("reconstruct", two_arms, "--out", "ipd.csv")
    assert result.exit_code == 0
    assert result.stdout.startswith("Wrote ipd.csv: 80 patients of all/OS.\nAssumed: ")
    assert (here / "ipd.csv").read_text().startswith("time,event,arm\n")
    again = run("reconstruct", two_arms, "--out", "ipd.csv")
    assert (again.exit_code, again.stderr) == (
        1, "Error: ipd.csv exists; choose another name, or move it aside with --force.\n",
    )  # fmt: skip
    assert run("reconstruct", two_arms, "--out", "ipd.csv", "--force").exit_code == 0


def test_reconstruct_as_json(run: Run, two_arms: Path) -> None:
    """JSON adds what was assumed."""
    answer = json.loads(run("reconstruct", two_arms, "--json").stdout)
    assert (answer["study"], answer["seed"], answer["reference"]) == ("mine", 0, "A")
    assert len(answer["patients"]["time"]) == 80
    assert answer["assumptions"]


def test_reconstruct_wants_one_endpoint(run: Run) -> None:
    """Patients of several endpoints do not belong into one table."""
    result = run("reconstruct", "an2025")
    assert result.exit_code == 2
    assert result.stderr.endswith(
        "Error: Patients are written of one endpoint, and 8 of an2025 are asked for; name one, "
        "such as --only unmatched/OS.\n"
    )


def test_reconstruct_refuses_with_the_reason(run: Run, contradicting: Path) -> None:
    """A contradiction is a sentence and exit status 1."""
    result = run("reconstruct", contradicting)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert "85.0%" in result.stderr


@pytest.mark.usefixtures("one_figure")
def test_figures(run: Run, two_arms: Path, here: Path) -> None:
    """Only figures are written, in the formats asked for, and listed in JSON."""
    result = run("figures", two_arms, "--out", "drawn", "--format", "pdf", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["study"] == "mine"
    assert sorted(answer["files"]) == sorted(
        path.name for path in (here / "drawn").iterdir() if path.name != ".kmrepro.json"
    )
    assert {Path(name).suffix for name in answer["files"]} == {".pdf"}


@pytest.mark.usefixtures("one_figure")
def test_figures_of_a_style_and_a_width(run: Run, two_arms: Path, here: Path) -> None:
    """A grey figure of one column is 85 mm wide, has no hue, and is the same twice."""
    chosen = ("--style", "grey", "--width", "column", "--format", "svg", "--draws", "0")
    for out in ("one", "two"):
        assert run("figures", two_arms, "--out", out, *chosen).exit_code == 0
    drawn = {path.name: path.read_text("utf-8") for path in (here / "one").glob("*.svg")}
    assert drawn == {path.name: path.read_text("utf-8") for path in (here / "two").glob("*.svg")}
    colours = {colour for text in drawn.values() for colour in re.findall("#[0-9a-f]{6}", text)}
    assert len(colours) > 2
    assert all(colour[1:3] == colour[3:5] == colour[5:] for colour in colours)
    widths = [float(re.findall(r'width="([0-9.]+)pt"', text)[0]) for text in drawn.values()]
    assert min(widths) * 25.4 / 72 == pytest.approx(85, abs=0.1)


def test_validate(run: Run, two_arms: Path, half_contradicting: Path) -> None:
    """A sound file is called so; what the paper is at fault for is said."""
    result = run("validate", two_arms)
    assert (result.exit_code, result.stdout) == (
        0, "mine.toml is a valid study file: 1 endpoint.\n",
    )  # fmt: skip
    result = run("validate", half_contradicting)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "half.toml can be read: 2 endpoints, 2 warnings."
    assert lines[1] == (
        "Warning: endpoint[2] all/PFS: arms.A.landmarks.24: survival rises from 60.0% at 12 to "
        "70.0%, which it cannot; check both values and their times."
    )
    assert lines[2].startswith("Warning: all/PFS cannot be reconstructed: ")
    answer = json.loads(run("validate", half_contradicting, "--json").stdout)
    assert answer["endpoints"] == ["all/OS", "all/PFS"]
    assert list(answer["refused"]) == ["all/PFS"]
    assert [each["place"] for each in answer["doubts"]] == [
        "endpoint[2] all/PFS: arms.A.landmarks.24"
    ]


def test_validate_for_scripts(run: Run, two_arms: Path, half_contradicting: Path) -> None:
    """With `--check` the exit status says whether anything is odd; numbers not given are not."""
    assert run("validate", two_arms, "--check").exit_code == 0
    assert run("validate", half_contradicting, "--check").exit_code == 1
    assert run("validate", half_contradicting, "--check", "--json").exit_code == 1
    result = run("validate", "wang2024", "--check")
    assert result.exit_code == 0
    assert "zhang2016/OS cannot be reconstructed: arm conservative" in result.stdout


def test_new_writes_a_file_to_fill_in(run: Run, here: Path) -> None:
    """The new file is refused until its placeholders are replaced, and is never overwritten."""
    result = run("new", "mine.toml", "--short")
    assert (result.exit_code, result.stdout) == (
        0,
        "Wrote mine.toml. Replace its 10 placeholders, then check it with: kmrepro validate "
        "mine.toml\n",
    )
    result = run("validate", "mine.toml")
    assert result.exit_code == 1
    assert (
        'endpoint[1] all/OS: arms.control.n: "REPLACE 120" is a placeholder; write the paper\'s '
        "value in its place, or delete the line if the paper reports none."
    ) in result.stderr
    text = (here / "mine.toml").read_text("utf-8")
    text = text.replace('"REPLACE 120"', "120").replace('"REPLACE ', '"').replace('"..."', "")
    (here / "mine.toml").write_text(text, "utf-8")
    assert run("validate", "mine.toml").exit_code == 0
    result = run("new", "mine.toml")
    assert (result.exit_code, result.stderr) == (
        1, "Error: mine.toml exists; choose another name, or move it aside with --force.\n",
    )  # fmt: skip


def test_new_lays_out_what_is_asked_for(run: Run, here: Path) -> None:
    """Endpoints and arms are those that are named; a name that cannot be one is wrong usage."""
    options = ("--short", "--endpoint", "matched/OS", "--endpoint", "PFS", "--arms", "SR, Arm B")
    assert run("new", "my study.toml", *options).exit_code == 0
    content = tomllib.loads((here / "my study.toml").read_text("utf-8"))
    assert content["id"] == "my-study"
    found = [(each.get("cohort"), each["name"], [*each["arms"]]) for each in content["endpoint"]]
    assert found == [("matched", "OS", ["SR", "Arm B"]), (None, "PFS", ["SR", "Arm B"])]
    for wrong in (("--arms", "A,A"), ("--arms", "A/B"), ("--endpoint", "a/b/c"), ("--arms", "")):
        result = run("new", "other.toml", *wrong)
        assert result.exit_code == 2
        assert not (here / "other.toml").exists()


def test_schema(run: Run, here: Path) -> None:
    """The schema is JSON Schema, on stdout or in a file."""
    from ..json_schema import Draft202012Validator

    result = run("schema")
    assert result.exit_code == 0
    Draft202012Validator.check_schema(json.loads(result.stdout))
    assert run("schema", "--out", "study.schema.json").exit_code == 0
    assert (here / "study.schema.json").read_text(encoding="utf-8") == result.stdout


@pytest.mark.parametrize("command", ON_STUDIES)
def test_an_unknown_study_is_wrong_usage(run: Run, command: str, here: Path) -> None:
    """A mistyped id is guessed; otherwise the ids are listed."""
    more = ("--out", "out") if command in ("figures", "to-excel") else ()
    result = run(command, "an2052", *more)
    assert result.exit_code == 2
    assert re.search(r"Error: Invalid value for 'STUDY(\|CURVE\.csv)?': an2052: ", result.stderr)
    assert result.stderr.endswith(
        'an2052: there is no such file or bundled study; did you mean "an2025"?\n'
    )
    result = run(command, "no/such.toml", *more)
    assert result.exit_code == 2
    assert "no/such.toml: there is no such file or bundled study; the bundled" in result.stderr


@pytest.mark.parametrize("command", ["reproduce", "reconstruct", "figures"])
def test_an_unknown_endpoint_is_wrong_usage(run: Run, command: str, here: Path) -> None:
    """A mistyped endpoint is guessed, and nothing is written."""
    result = run(command, "an2025", "--only", "psm/0S", "--out", "out")
    assert result.exit_code == 2
    assert result.stderr.endswith(
        "Error: Invalid value for '--only': an2025 has no endpoint 'psm/0S'. Did you mean psm/OS?\n"
    )
    result = run(command, "an2025", "--only", "?", "--out", "out")
    assert "an2025 has no endpoint '?'. It has unmatched/OS, " in result.stderr
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["nonsense"], id="unknown command"),
        pytest.param(["reproduce"], id="no study"),
        pytest.param(["reproduce", "an2025", "--nonsense"], id="unknown option"),
        pytest.param(["figures", "an2025"], id="no folder"),
        pytest.param(["figures", "an2025", "--out", "x", "--format", "jpeg"], id="unknown format"),
        pytest.param(["figures", "an2025", "--out", "x", "--style", "neon"], id="unknown style"),
        pytest.param(["figures", "an2025", "--out", "x", "--width", "wide"], id="unknown width"),
        pytest.param(["figures", "an2025", "--out", "x", "--width", "8.5"], id="width in cm"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str], here: Path) -> None:
    """Wrong usage has its own status, a usage line and one sentence."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Usage: ")
    assert "\nError: " in result.stderr
    assert not list(here.iterdir())


@pytest.mark.parametrize("command", ["reproduce", "figures"])
def test_an_out_that_must_not_be_replaced_is_refused_before_the_work(
    run: Run, command: str, two_arms: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for results that cannot be written."""

    def work(*args: object, **options: object) -> None:
        pytest.fail("the work began")

    monkeypatch.setattr("kmrepro.reproduction.reproduce", work)
    (here / "mine").mkdir()
    (here / "mine" / "thesis.tex").write_text("years")
    result = run(command, two_arms, "--out", "mine")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: mine is not replaced, because it holds thesis.tex, which kmrepro did not write; "
        "choose another folder, or move it aside with --force.\n"
    )
    result = run(command, two_arms, "--out", ".", "--force")
    assert result.exit_code == 1
    assert "because it is or holds the current folder" in result.stderr
    result = run(command, two_arms, "--out", "mine/thesis.tex/below")
    assert "mine/thesis.tex is a file; choose another folder." in result.stderr


def test_a_study_file_is_not_replaced_by_its_results(run: Run, two_arms: Path, here: Path) -> None:
    """Not even `--force` lets the results take the place of the study file."""
    (here / "papers").mkdir()
    two_arms.rename(here / "papers" / "mine.toml")
    result = run("reproduce", "papers/mine.toml", "--out", "papers", "--force")
    assert result.exit_code == 1
    assert "because it holds mine.toml, which the results are made from" in result.stderr
    assert (here / "papers" / "mine.toml").exists()


@pytest.mark.usefixtures("not_drawn")
def test_a_second_run_replaces_the_first(run: Run, two_arms: Path, here: Path) -> None:
    """Results replace results, as a whole."""
    assert run("reproduce", two_arms, "--out", "out", "--format", "svg").exit_code == 0
    assert run("figures", two_arms, "--out", "out", "--format", "png").exit_code == 0
    assert {path.suffix for path in (here / "out").iterdir()} == {".png", ".json"}
    assert sorted(path.name for path in here.iterdir()) == ["mine.toml", "out"]


def test_a_fault_of_kmrepro_asks_for_a_report(
    run: Run, two_arms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What should not happen is one sentence, too; developers get the traceback."""

    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr("kmrepro.reproduction.reproduce", fail)
    result = run("reproduce", two_arms)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: Internal error (ZeroDivisionError: float division by zero). Please report it with "
        "the command and the study file; with KMREPRO_DEBUG=1 it shows where it arose.\n"
    )
    monkeypatch.setenv("KMREPRO_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("reproduce", two_arms)


def test_ctrl_c_is_quiet(run: Run, two_arms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending a run is no error to be explained; shells see that it was interrupted."""

    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kmrepro.reproduction.reproduce", interrupt)
    result = run("reproduce", two_arms)
    assert (result.exit_code, result.output) == (130, "")


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    code = "from kmrepro.cli import main; main(prog_name='kmrepro')"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **{**pipes, **options})  # type: ignore[call-overload]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_broken_pipe_is_quiet() -> None:
    """`kmrepro show an2025 | head -1` prints no complaint, and refuses no data (1)."""
    read, write = os.pipe()
    os.close(read)
    with start("show", "an2025", stdout=write) as process:
        os.close(write)
        assert process.communicate()[1] == ""
    assert process.returncode == 141  # as of a program that the signal ends


def test_an_old_encoding_gets_question_marks() -> None:
    """A terminal that knows no dash shows "?" instead of a failure."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    with start("show", "an2025", env=environment, encoding="latin-1") as process:
        output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert "1.22 (0.78?1.89)" in output


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
def test_a_terminated_run_leaves_nothing_behind(two_arms: Path, here: Path) -> None:
    """A request to end cleans up what was being built."""
    there = set(here.iterdir())
    with start("figures", two_arms, "--draws", "0", "--out", "results") as process:
        for _ in range(600):
            if set(here.iterdir()) - there or process.poll() is not None:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode in (0, 143)
    assert set(here.iterdir()) - there <= {here / "results"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGTERM")
def test_a_request_to_end_that_becomes_another_error_is_one() -> None:
    """Compiled code raised a ValueError in its place, which was reported as an internal one."""
    code = (
        "import os, signal; from kmrepro.cli import _terminated_as_interrupted\n"
        "with _terminated_as_interrupted():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except SystemExit:\n"
        "        raise ValueError('Invalid affine transformation matrix') from None\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert (ended.returncode, ended.stderr) == (143, b"")


@pytest.mark.usefixtures("not_drawn")
def test_flow_diagrams_belong_to_the_whole_study(run: Run, here: Path) -> None:
    """They are drawn with all endpoints, not with some of them."""
    assert run("figures", "zhang2023", "--out", "all", "--format", "svg").exit_code == 0
    assert {"figure-1.svg", "figure-3.svg"} <= {path.name for path in (here / "all").iterdir()}
    done = run("figures", "zhang2023", "--only", "resected/DFS", "--out", "one", "--format", "svg")
    assert done.exit_code == 0
    drawn = {path.name for path in (here / "one").glob("*.svg")}
    assert drawn == {"figure-4.svg", "resected_DFS_swimmer.svg"}


def test_a_command_ends_without_taking_its_memory_apart() -> None:
    """What is left when the process ends is no garbage to look through."""
    code = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0)); "
        "from kmrepro.cli import main; main(['--version'])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "True"
