"""`kmrepro pool`: folders of studies and of a batch's results, what it writes, what it refuses."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

import kmrepro as km
from kmrepro.analysis_files import save_pooled
from kmrepro.models.pooling import Effect, Trial, pool_trials
from kmrepro.reconstruct import PseudoIPD

from ..seeds import many

Run = Callable[..., Result]
FAST = ("--draws", "8", "--format", "svg")


@pytest.fixture
def folder(two_arms: Path, here: Path) -> Path:
    """Make three trials of one study file, with other survival and without a hazard ratio."""
    text = two_arms.read_text(encoding="utf-8")
    (here / "trials").mkdir()
    for name, survival in (("first", "60.0%"), ("second", "55.0%"), ("third", "62.5%")):
        own = text.replace('id = "mine"', f'id = "{name}"').replace("60.0%", survival, 1)
        (here / "trials" / f"{name}.toml").write_text(own, encoding="utf-8")
    return here / "trials"


def test_studies_are_pooled(run: Run, folder: Path, here: Path) -> None:
    """Every table, figure and file is written, and they agree with each other."""
    result = run("pool", folder, *FAST, "--landmark", "12", "--out", "out")
    assert (result.exit_code, result.stderr) == (0, "")
    written = {path.relative_to(here / "out").as_posix() for path in (here / "out").rglob("*.*")}
    assert {
        "pooled.csv", "trials.csv", "leave-one-out.csv", "pooled.json", "pool.R", "ipd.csv",
        "ipd.dta", "draws.csv", "figures/forest-draws.svg", "figures/funnel-reported.svg",
    } <= written  # fmt: skip
    trials = pd.read_csv(here / "out" / "trials.csv")
    assert trials.groupby("source")["weight_random"].sum().to_numpy() == pytest.approx(1)
    values = json.loads((here / "out" / "pooled.json").read_text(encoding="utf-8"))
    table = pd.read_csv(here / "out" / "pooled.csv")
    first = values["syntheses"][0]
    assert math.exp(first["random"]["estimate"]) == pytest.approx(table["random"][0])
    assert {each["source"] for each in values["syntheses"]} == {"reported", "reproduced", "draws"}


def test_what_batch_made_is_pooled(run: Run, folder: Path, here: Path) -> None:
    """The reproduced estimates are those of the studies themselves."""
    assert run("batch", folder, "--out", "results", *FAST).exit_code == 0
    from_results = km.pool(here / "results", endpoint="OS")
    from_studies = km.pool(folder, n_draws=8)
    for source in ("reported", "reproduced"):
        one, two = (each.by_source[source].random for each in (from_results, from_studies))
        assert one.estimate == pytest.approx(two.estimate, abs=1e-9)
        assert one.ci == pytest.approx(two.ci, abs=1e-9)
    one, two = (each.one_stage["reproduced"] for each in (from_results, from_studies))
    assert one.log_hazard_ratio == pytest.approx(two.log_hazard_ratio, rel=1e-9)
    assert "draws" in from_results.by_source


def test_references_turn_trials(folder: Path) -> None:
    """With the other arm as the reference, every hazard ratio is the inverse."""
    one = km.pool(folder, n_draws=0)
    two = km.pool(folder, n_draws=0, references=[one.trials[0].arms[1]])
    for source in ("reported", "reproduced"):
        sums = one.by_source[source].random.estimate + two.by_source[source].random.estimate
        assert sums == pytest.approx(0, abs=1e-9)
    own, turned = (each.one_stage["reproduced"].log_hazard_ratio for each in (one, two))
    assert own == pytest.approx(-turned)


def test_a_study_that_reports_too_little_for_patients(folder: Path) -> None:
    """It is pooled as reported, and named where patients are needed."""
    path = folder / "third.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("n = 40", "", 1), encoding="utf-8")
    found = km.pool(folder, n_draws=0)
    assert "third" in found.by_source["reported"].trials
    assert "third" in found.by_source["reproduced"].left_out


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_script_gives_the_same_in_r(run: Run, folder: Path, here: Path) -> None:
    """One-stage by survival and, where metafor is installed, two-stage."""
    run("pool", folder, *FAST, "--tau", "24", "--landmark", "12", "--out", "out")
    done = subprocess.run(
        ["Rscript", "pool.R"], cwd=here / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    found = {(line[0], line[1]): [float(value) for value in line[2:]] for line in lines}
    values = json.loads((here / "out" / "pooled.json").read_text(encoding="utf-8"))
    one = values["one_stage"]["reproduced"]
    assert found["one-stage", "reproduced"] == pytest.approx([one["hazard_ratio"], *one["ci"]])
    for each in values["syntheses"]:
        if each["ratio"] and (each["source"], "random") in found:
            for kind in ("random", "common"):
                ours = [each["ratio"][kind]["estimate"], *each["ratio"][kind]["ci"]]
                assert found[each["source"], kind] == pytest.approx(ours, rel=1e-6)
        key = f"{each['source']} {each['measure']} {each['at']:g}" if each["at"] else ""
        if not each["ratio"] and (key, "random") in found:
            random = each["random"]
            ours = [random["estimate"], *random["ci"]]
            assert found[key, "random"] == pytest.approx(ours, abs=1e-6)


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_script_gives_the_same_random_effect_in_r(here: Path) -> None:
    """Trials that differ: the one-stage random effect by R's sum over a grid."""
    rng = np.random.default_rng(8)
    size = many(50, else_=15)
    trials = []
    for k, ratio in enumerate((0.4, 1.0, 2.2)):
        time = rng.exponential(np.repeat([30.0, 30.0 / ratio], size)) + 0.01
        ipd = PseudoIPD(
            time=np.minimum(time, 60.0), event=time < 60, arm=np.repeat(["A", "B"], size),
            arms=("A", "B"),
        )  # fmt: skip
        fit = km.cox(ipd)
        own = Effect(estimate=fit.log_hazard_ratio, variance=fit.se**2, route="Cox")
        trials.append(
            Trial(name=f"{k}", endpoint="OS", arms=ipd.arms, effects={"reproduced": own}, ipd=ipd)
        )
    pooled = pool_trials(trials)
    save_pooled(pooled, here / "out", formats=("svg",))
    done = subprocess.run(
        ["Rscript", "pool.R"], cwd=here / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    line = next(x for x in done.stdout.splitlines() if x.startswith("one-stage random"))
    found = [float(value) for value in line.split("\t")[2:]]
    one = pooled.one_stage_random["reproduced"]
    assert one.tau2 > 0.1
    assert found == pytest.approx([one.hazard_ratio, *one.ci], rel=1e-4)


def test_one_trial_is_not_pooled(run: Run, folder: Path) -> None:
    """Exit status 1, one sentence."""
    for name in ("second", "third"):
        (folder / f"{name}.toml").unlink()
    result = run("pool", folder, *FAST)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: Pooling needs at least 2 trials; there is 1: first.\n"


def test_endpoints_of_different_names(run: Run, folder: Path) -> None:
    """Which study has which is said."""
    path = folder / "second.toml"
    text = path.read_text(encoding="utf-8").replace('name = "OS"', 'name = "PFS"')
    path.write_text(text, encoding="utf-8")
    result = run("pool", folder, *FAST)
    assert result.exit_code == 1
    assert "There is no endpoint on which every study compares two arms" in result.stderr
    assert "second: PFS" in result.stderr
    named = run("pool", folder, *FAST, "--endpoint", "OS")
    assert "second does not compare two arms on OS; it has PFS." in named.stderr


def test_an_unknown_reference(run: Run, folder: Path) -> None:
    """The arms that there are are named."""
    result = run("pool", folder, *FAST, "--reference", "C")
    assert result.exit_code == 1
    assert "No trial has an arm 'C'; there are A, B." in result.stderr


def test_an_empty_folder(run: Run, here: Path) -> None:
    """It has no study file."""
    (here / "empty").mkdir()
    result = run("pool", "empty")
    assert result.exit_code == 1
    assert "has no study file" in result.stderr


def test_groups_are_study_and_name(run: Run, folder: Path) -> None:
    """Anything else is wrong usage; groups are pooled by themselves."""
    assert run("pool", folder, *FAST, "--group", "first").exit_code == 2
    found = km.pool(folder, n_draws=0, groups={"first": "a", "second": "a", "third": "b"})
    subgroups = found.by_source["reproduced"].subgroups
    assert subgroups is not None
    assert (list(subgroups.groups), subgroups.single) == (["a"], ("b",))


def test_cohorts_are_chosen() -> None:
    """A study with several cohorts needs one to be named; it is then one trial."""
    study = km.load_study("an2025")
    other = km.load_study("an2025").model_copy(update={"id": "other"})
    with pytest.raises(ValueError, match="in several cohorts, unmatched, psm; name one"):
        km.pool([study, other], endpoint="OS", n_draws=0)
    found = km.pool([study, other], endpoint="OS", cohorts=["psm"], n_draws=0)
    assert found.trials[0].n == {"SR": 185, "TA": 185}


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--cohort", "psm"), 1, "No study has a cohort 'psm'; there are all."),
        (("--group", "forth=East"), 1, "There is no study 'forth'; there are first, second, third"),
        (("--group", "first=East", "--group", "first=West"), 2, "first is given twice."),
    ],
)
def test_names_that_nothing_has_are_refused(
    run: Run, folder: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    """A misspelt name would do nothing, and the tables would not show it."""
    result = run("pool", folder, "--draws", "0", *options)
    assert result.exit_code == status
    assert said in result.stderr


def test_a_horizon_that_is_given_twice_is_one(folder: Path) -> None:
    """A row of the table is not repeated; one cohort needs no list."""
    pooled = km.pool(folder, tau=[12, 12], landmarks=[6, 6], n_draws=0, cohorts="all")
    asked = [(each.measure, each.at) for each in pooled.syntheses if not each.is_ratio]
    assert asked == [("restricted mean difference", 12), ("survival difference", 6)]
