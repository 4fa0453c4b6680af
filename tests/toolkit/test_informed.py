"""Informed patients say so wherever they are met."""

import json
from pathlib import Path

import pytest
from click.testing import Result


def test_reproduce_says_it_first_and_gives_no_verdict(run, two_arms: Path) -> None:
    """On the terminal, in results.json, comparison.csv, report and captions."""
    options = ("--draws", "8", "--out", "out", "--format", "svg")
    shown: Result = run("reproduce", two_arms, "--informed", *options)
    assert shown.exit_code == 0
    assert shown.stdout.startswith("INFORMED: the patients and draws of all/OS are conditioned on")
    assert "95% RI" not in shown.stdout
    one = json.loads(Path("out/results.json").read_text("utf-8"))["comparisons"][0]
    assert one["informed"] is True
    assert one["verdict"] == "not assessable"
    assert (one["reproduction_interval"], one["n_draws"]) == (None, 8)
    assert one["reproduced"]["hazard_ratio"] == pytest.approx(0.65, abs=0.005)
    low, high = one["restricted_mean_of_draws"]["difference_interval"]
    assert low <= high
    assert one["notes"]["informed"] == one["assumptions"][0]
    table = Path("out/comparison.csv").read_text("utf-8")
    assert ",informed," in table
    report = Path("out/report.html").read_text("utf-8")
    assert '<p class="lead informed"><strong>Informed:</strong>' in report
    assert report.count("INFORMED: patients conditioned on the reported comparison of OS") == 5


def test_reproduce_without_it_says_nothing_of_it(run, two_arms: Path) -> None:
    """The key is there, and false; draws have an interval of the restricted mean."""
    results = json.loads(run("reproduce", two_arms, "--json").stdout)["comparisons"][0]
    assert results["informed"] is False
    assert results["restricted_mean_of_draws"]["tau"] == 24
    assert "INFORMED" not in run("reproduce", two_arms).stdout


def test_what_is_not_reported_is_reconstructed_as_ever(run, half_reported: Path) -> None:
    """Of two endpoints one reports nothing: only the other is informed."""
    results = json.loads(
        run("reproduce", half_reported, "--informed", "--json", "--draws", "0").stdout
    )
    assert [each["informed"] for each in results["comparisons"]] == [True, False]


def test_reconstruct_says_it_beside_the_patients(run, two_arms: Path) -> None:
    """Patients on stdout, the sentence on stderr; in JSON among the assumptions."""
    result: Result = run("reconstruct", two_arms, "--informed")
    assert result.stdout.startswith("time,event,arm\n")
    assert result.stderr.startswith("INFORMED: these patients are conditioned on the reported 0.65")
    patients = json.loads(run("reconstruct", two_arms, "--informed", "--json").stdout)
    assert patients["assumptions"][0].startswith("INFORMED")
    assert "informed" not in json.loads(run("reconstruct", two_arms, "--json").stdout)["notes"]


def test_reconstruct_refuses_what_has_nothing_to_be_informed_by(run, half_reported: Path) -> None:
    """The message names the endpoint."""
    result: Result = run("reconstruct", half_reported, "--only", "all/PFS", "--informed")
    assert result.exit_code == 1
    assert "all/PFS reports neither a hazard ratio nor a p" in result.stderr


def test_digitised_curves_have_nothing_to_be_informed_by(run, here: Path) -> None:
    """It is wrong usage."""
    (here / "os.csv").write_text("time,survival\n0,1\n5,0.9\n", encoding="utf-8")
    result: Result = run("reconstruct", "os.csv", "--n", "20", "--informed")
    assert result.exit_code == 2
    assert "--informed needs a study" in result.stderr


@pytest.fixture
def half_reported(two_arms: Path) -> Path:
    """Return a study file of two endpoints, of which one reports a comparison."""
    arms = two_arms.read_text("utf-8").partition("[[endpoint]]")[2].partition("[endpoint.rep")[0]
    second = f"[[endpoint]]{arms.replace('OS', 'PFS')}"
    path = two_arms.with_name("half.toml")
    path.write_text(f"{two_arms.read_text('utf-8')}\n{second}", encoding="utf-8")
    return path
