"""Several comparisons of one endpoint, in every output."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

import kmrepro as km
from kmrepro.models.reported_p import logrank_text

Run = Callable[..., Result]

THREE_ARMS = """
id = "three"
time_unit = "months"

[[endpoint]]
name = "DFS"

[endpoint.arms.old]
n = 60
landmarks = { 12 = "70.0%", 24 = "50.0%" }
events = 33

[endpoint.arms.new]
n = 60
landmarks = { 12 = "80.0%", 24 = "62.0%" }
events = 25

[endpoint.arms.both]
n = 60
landmarks = { 12 = "85.0%", 24 = "70.0%" }
events = 20

[endpoint.reported]
p = "0.041"

[[endpoint.comparison]]
treatment = "new"
reference = "old"
hazard_ratio = "0.70 (99% CI 0.35 to 1.39)"
p = "0.09"
one_sided = true

[[endpoint.comparison]]
treatment = "both"
reference = "old"
hazard_ratio = "0.52"
ci = ["0.30", "0.91"]
stratified = true
"""


@pytest.fixture
def three(here: Path) -> str:
    """Return a study file of three arms with two comparisons."""
    (here / "three.toml").write_text(THREE_ARMS, encoding="utf-8")
    return "three.toml"


@pytest.mark.usefixtures("not_drawn")
def test_every_comparison_is_in_the_results(run: Run, three: str, here: Path) -> None:
    """results.json has each pair, its level and its sides, and the test of all arms."""
    assert run("reproduce", three, "--out", "out", "--format", "svg").exit_code == 0
    results = json.loads((here / "out" / "results.json").read_text())
    pairs = {(each["treatment"], each["reference"]): each for each in results["comparisons"]}
    assert set(pairs) == {("new", "old"), ("both", "old")}
    first, second = pairs["new", "old"], pairs["both", "old"]
    assert (first["of_endpoint"], first["cohort"]) == ("all/DFS", "new vs old")
    assert first["reported"]["ci_level"] == 99
    assert first["reported"]["ci"] == [0.35, 1.39]
    assert (first["reported"]["one_sided"], first["reported"]["p_two_sided"]) == (True, 0.18)
    assert second["reported"]["hazard_ratio"] == 0.52
    assert second["reported"]["stratified"] is True
    assert first["n"] == {"old": 60, "new": 60}
    assert first["p_of_draws"]["test"] == "log-rank"
    (whole,) = results["several_arms"]
    assert (whole["endpoint"], whole["arms"]) == ("DFS", ["old", "new", "both"])
    assert (whole["reported_p"], whole["reported_p_as_printed"]) == (0.041, "0.041")
    assert 0 < whole["reproduced_p_logrank"] < 1
    assert whole["same_conclusion"] is (whole["reproduced_p_logrank"] < 0.05)
    rows = pd.read_csv(here / "out" / "comparison.csv").set_index("cohort")
    assert rows["reported_ci_level"].tolist() == [99, 95]
    assert rows["reported_one_sided"].tolist() == [True, False]
    assert rows["reported_stratified"].tolist() == [False, True]
    files = {path.name for path in (here / "out" / "ipd").iterdir()}
    assert files == {"all_DFS.csv", "new-vs-old_DFS.csv", "both-vs-old_DFS.csv"}


def test_every_comparison_is_in_the_table(run: Run, three: str) -> None:
    """The terminal shows each pair with its level, and the test of all arms."""
    text = " ".join(run("reproduce", three).output.replace("\N{EN DASH}", "-").split())
    assert "new vs old 0.70 (99% CI 0.35-1.39)" in text
    assert "both vs old 0.52 (0.30-0.91)" in text
    assert "log-rank test of 3 arms: p" in text
    assert "p = 0.041 is reported, on the " in text


EITHER = "p = 0.05 is reported, which may be on either side of 0.05"
OTHER = "is reported, of another test, so that the two are not compared"


@pytest.mark.parametrize(
    ("reported", "said", "same"),
    [
        ('p = "0.02"', "; p = 0.02 is reported, on the same side of 0.05", True),
        ('p = "0.9"', "; p = 0.9 is reported, on the other side of 0.05", False),
        ('p = "0.05"', f"; {EITHER}", None),
        ('p = "0.9"\ntest = "Gehan"', f"; p = 0.9 {OTHER}", None),
        ('p = "0.01"\ntest = "equivalence"', f"; p of equivalence = 0.01 {OTHER}", None),
        ("events = 96", "", None),
    ],
)
def test_a_p_of_all_arms_is_compared(reported: str, said: str, same: bool | None) -> None:
    """P = 0.9 stood beside a reproduced p < 0.001 without a word."""
    arms = {
        name: {"n": 80, "landmarks": {12: first, 24: second}, "events": events}
        for name, first, second, events in (
            ("a", "70.0%", "40.0%", 48), ("b", "80.0%", "60.0%", 32), ("c", "90.0%", "80.0%", 16)
        )
    }  # fmt: skip
    endpoint = {"name": "OS", "arms": arms, "reported": tomllib.loads(reported)}
    result = km.reproduce(km.study(id="three", endpoints=[endpoint]), n_draws=0)
    (whole,) = json.loads(result.to_json())["several_arms"]
    assert whole["reproduced_p_logrank"] < 0.001
    assert whole["same_conclusion"] is same
    (analysis,) = result.analyses
    assert logrank_text(analysis.endpoint, analysis.logrank) == f"p < 0.001{said}"


@pytest.mark.parametrize(
    ("only", "compared"),
    [("all/DFS", 2), ("new vs old/DFS", 1)],
)
def test_a_pair_can_be_asked_for(run: Run, three: str, only: str, compared: int) -> None:
    """The endpoint's key stands for all its comparisons, a pair's for itself."""
    found = json.loads(run("reproduce", three, "--only", only, "--json").output)
    assert len(found["comparisons"]) == compared


def test_show_has_every_comparison(run: Run, three: str) -> None:
    """What the paper reports is shown pair by pair."""
    text = " ".join(run("show", three).output.replace("\N{EN DASH}", "-").split())
    assert "old, new, both 0.041" in text
    assert "new vs old 0.70 (99% CI 0.35-1.39) 0.09 one-sided" in text
    assert "both vs old 0.52 (0.30-0.91) stratified" in text


def test_ratio_of_three_arms_is_refused_with_the_fix(run: Run, here: Path) -> None:
    """A hazard ratio that belongs to no pair is not dropped."""
    text = THREE_ARMS.replace('p = "0.041"', 'hazard_ratio = "0.31"')
    (here / "wrong.toml").write_text(text, encoding="utf-8")
    result = run("reproduce", "wrong.toml")
    assert result.exit_code == 1
    assert "[[endpoint.comparison]]" in result.output


def test_audit_and_validation_look_at_every_pair(run: Run, here: Path) -> None:
    """A ratio outside its interval is found in a pair as in any comparison."""
    text = THREE_ARMS.replace('hazard_ratio = "0.52"', 'hazard_ratio = "1.52"')
    (here / "odd.toml").write_text(text, encoding="utf-8")
    (first, *_) = km.audit(km.load_study("odd.toml"))
    assert first.place == "both vs old/DFS, reported comparison"
    assert "comparison[2].hazard_ratio: 1.52 is outside" in run("validate", "odd.toml").output


def test_p_alone_is_in_the_results(run: Run, two_arms: Path) -> None:
    """Without a hazard ratio, where the p is among the draws is a number of the results."""
    text = two_arms.read_text().replace('hazard_ratio = "0.65"\nci = ["0.30", "1.40"]\n', "")
    two_arms.write_text(text)
    (found,) = json.loads(run("reproduce", two_arms, "--json").output)["comparisons"]
    assert found["verdict"] in ("reproduced", "compatible", "discrepant")
    low, high = found["p_of_draws"]["interval"]
    assert 0 <= low <= high <= 1
    assert "p = 0.27" in run("reproduce", two_arms).output


TWO_ARMS = """
id = "two"
time_unit = "months"

[[endpoint]]
name = "OS"

[endpoint.arms.SR]
n = 115
landmarks = { 12 = "98.3%", 36 = "92.2%", 60 = "75.7%" }

[endpoint.arms.RFA]
n = 115
landmarks = { 12 = "87.0%", 36 = "69.6%", 60 = "54.8%" }
"""


def test_a_p_of_two_arms_needs_no_reference(run: Run, here: Path) -> None:
    """A p is judged without one; the hazard ratio beside it is of the second arm, which is said."""
    (here / "two.toml").write_text(TWO_ARMS + '[endpoint.reported]\np = "<0.001"\n')
    found = json.loads(run("reproduce", "two.toml", "--json").output)
    (pair,) = found["comparisons"]
    assert (pair["treatment"], pair["reference"]) == ("RFA", "SR")
    assert pair["p_of_draws"]["test"] == "log-rank"
    assert pair["verdict"] == "reproduced"
    assert "The reference arm is not stated: SR, the first arm, was taken." in pair["assumptions"]
    text = " ".join(run("reproduce", "two.toml").output.split())
    assert "No reference is stated: SR, the first arm, was taken." in text


def test_two_arms_without_a_comparison_say_how_to_compare_them(run: Run, here: Path) -> None:
    """Without a reported p or a reference nothing is compared."""
    (here / "two.toml").write_text(TWO_ARMS)
    text = " ".join(run("reproduce", "two.toml").output.split())
    assert 'write reference = "SR" or "RFA" to compare them' in text
    assert "endpoint.comparison" not in text


def test_the_page_compares_two_arms_without_a_reference_too(here: Path) -> None:
    """What the sliders show is what the command reports."""
    (here / "two.toml").write_text(TWO_ARMS + '[endpoint.reported]\np = "0.001"\n')
    (endpoint,) = km.load_study(here / "two.toml").endpoints
    comparison = km.what_if(endpoint, {}).comparison
    assert comparison is not None
    assert (comparison.treatment, comparison.reference) == ("RFA", "SR")
    with pytest.raises(km.ReconstructionRefused, match='write reference = "SR" or "RFA"'):
        km.ensemble(endpoint, n_draws=10)


def test_a_direction_that_nobody_states_is_not_pooled(here: Path) -> None:
    """A p needs no reference; a hazard ratio that is pooled does."""
    (here / "two.toml").write_text(TWO_ARMS + '[endpoint.reported]\np = "0.001"\n')
    study = km.load_study(here / "two.toml")
    other = km.study(**{**study.model_dump(mode="python", exclude={"endpoints"}), "id": "other",
                        "endpoints": study.endpoints})  # fmt: skip
    with pytest.raises(ValueError, match="no endpoint on which every study compares two arms"):
        km.pool([study, other], n_draws=0)
    pooled = km.pool([study, other], references=["SR"], n_draws=0)
    assert [trial.arms for trial in pooled.trials] == [("SR", "RFA")] * 2
