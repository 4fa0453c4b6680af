"""`kmrepro extrapolate` and `kmrepro pool`: what they write, and what they refuse."""

from __future__ import annotations

import io
import json
import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import kmrepro as km
from kmrepro.analysis_files import save_pooled
from kmrepro.cli import main
from kmrepro.models.pooling import Effect, Trial, pool_trials
from kmrepro.reconstruct import PseudoIPD

from ..seeds import many
from .conftest import TWO_ARMS

Run = Callable[..., Result]
FEW = ("--model", "weibull", "--model", "lognormal")
FAST = ("--draws", "8")
SVG = ("--format", "svg")


def write_patients(folder: Path) -> Path:
    """Write patients of two arms."""
    rng = np.random.default_rng(2)
    time = np.round(np.repeat([40.0, 25.0], 40) * rng.weibull(1.2, 80), 2) + 0.01
    frame = pd.DataFrame({"time": time, "event": time < 60, "arm": ["A"] * 40 + ["B"] * 40})
    frame["time"] = frame["time"].clip(upper=60)
    frame.astype({"event": int}).to_csv(folder / "ipd.csv", index=False)
    return folder / "ipd.csv"


@pytest.fixture
def patients(here: Path) -> Path:
    """Write patients of two arms."""
    return write_patients(here)


@pytest.fixture(scope="module")
def extrapolated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extrapolate patients of two arms once."""
    folder = tmp_path_factory.mktemp("extrapolated")
    command = ["extrapolate", str(write_patients(folder)), "--horizon", "120", *FEW, *SVG]
    result = CliRunner().invoke(main, [*command, "--out", str(folder / "out")])
    assert (result.exit_code, result.stderr) == (0, "")
    return folder / "out"


def test_patients_are_extrapolated(extrapolated: Path) -> None:
    """Tables, workbook, patients, figure and script are written; the tables agree."""
    out = extrapolated
    written = {path.relative_to(out).as_posix() for path in out.rglob("*.*")}
    assert {
        "models.csv", "parameters.csv", "survival.csv", "extrapolation.json", "extrapolate.R",
        "ipd/all-ipd.csv", "ipd/all-ipd.dta", "figures/all-ipd.svg",
    } <= written  # fmt: skip
    models = pd.read_csv(out / "models.csv")
    assert sorted(models["model"]) == ["lognormal", "lognormal", "weibull", "weibull"]
    survival = pd.read_csv(out / "survival.csv")
    at = survival.query("arm == 'A' and model == 'weibull' and time == 120")["survival"].item()
    row = models.query("arm == 'A' and model == 'weibull'")
    assert at == pytest.approx(row["survival_120"].item())
    assert list(survival["time"].unique()) == list(range(121))
    last = survival.query("arm == 'A' and time == 120").set_index("model")["survival"]
    weight = models.query("arm == 'A'").set_index("model")["aic_weight"]
    assert last["average-aic"] == pytest.approx((last[weight.index] * weight).sum())
    stata = pd.read_stata(out / "ipd" / "all-ipd.dta")
    csv = pd.read_csv(out / "ipd" / "all-ipd.csv")
    pd.testing.assert_frame_equal(stata.astype({"event": int}), csv, check_dtype=False)


@pytest.mark.nightly
def test_the_same_files_twice(run: Run, patients: Path, here: Path) -> None:
    """Two runs write the same bytes."""
    for out in ("one", "two"):
        assert run("extrapolate", patients, *FEW, *SVG, "--out", out).exit_code == 0
    for path in (here / "one").rglob("*.*"):
        assert path.read_bytes() == (here / "two" / path.relative_to(here / "one")).read_bytes()


def test_the_workbook(extrapolated: Path) -> None:
    """A sheet each for models, parameters with covariance, survival by cycle, and notes."""
    openpyxl = pytest.importorskip("openpyxl")
    content = (extrapolated / "extrapolation.xlsx").read_bytes()
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["models", "parameters", "survival", "notes"]
    notes = [row[0] for row in book["notes"].values]
    assert any("times in months, horizon 120" in note for note in notes)
    assert any("exp() where the link is log" in note for note in notes)
    rows = list(book["parameters"].values)
    head, first = rows[0], rows[1]
    values = dict(zip(head, first, strict=True))
    assert values["model"] == "weibull"
    assert values["estimate"] == pytest.approx(math.exp(values["estimate_on_link"]))
    assert values["cov_1"] == pytest.approx(values["se_on_link"] ** 2)
    assert values["chol_1"] == pytest.approx(values["se_on_link"])


def test_a_study_is_extrapolated_with_its_draws(run: Run, two_arms: Path, here: Path) -> None:
    """Shares of the reconstruction, draws as files, and JSON without NaN."""
    options = ("--draws", "5", "--horizon", "60", *FEW, *SVG)
    result = run("extrapolate", two_arms, *options, "--out", "out", "--json")
    assert result.exit_code == 0
    values = json.loads(result.stdout)
    assert values["endpoints"][0]["n_draws"] == 5
    share = values["endpoints"][0]["models"][0]["restricted_mean_reconstruction_share"]
    assert 0 < share < 1
    draws = pd.read_csv(here / "out" / "draws" / "all-OS.csv")
    assert draws.groupby("draw").size().nunique() == 1
    assert draws["draw"].nunique() == 5


@pytest.fixture(scope="module")
def from_r(extrapolated: Path, pooled: Path) -> tuple[str, str]:
    """Return what either script prints; one R runs both, as it takes longest to start."""
    code = "; cat('\\f'); ".join(
        f"setwd('{script.parent.as_posix()}'); source('{script.name}', print.eval = TRUE)"
        for script in (extrapolated / "extrapolate.R", pooled / "pool.R")
    )
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, _, second = done.stdout.partition("\f")
    return first, second


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_script_gives_the_same_in_r(extrapolated: Path, from_r: tuple[str, str]) -> None:
    """Log likelihood and parameters of the fits, from the files as they are."""
    out = extrapolated
    found = pd.read_csv(io.StringIO(from_r[0]), sep="\t")
    ours = pd.read_csv(out / "models.csv").set_index(["arm", "model"]).sort_index()
    parameters = pd.read_csv(out / "parameters.csv").set_index(["arm", "model"]).sort_index()
    assert len(found) == 4
    for row in found.itertuples():
        key = (row.arm, row.model)
        assert row.log_likelihood == pytest.approx(ours.loc[key, "log_likelihood"], abs=1e-4)
        natural = [float(value) for value in row.parameters.split()]
        assert natural == pytest.approx(list(parameters.loc[key, "estimate"]), rel=1e-4)


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_reproduce_has_a_script_for_r_too(run: Run, two_arms: Path, here: Path) -> None:
    """The hazard ratio, its interval and the log-rank p are R's."""
    run("reproduce", two_arms, "--out", "out", "--format", "svg")
    done = subprocess.run(
        ["Rscript", "reproduce.R"], cwd=here / "out", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("HR B versus A"))
    found = [float(number) for number in re.findall(r"0?\d\.\d+", line)]
    values = json.loads((here / "out" / "results.json").read_text(encoding="utf-8"))
    own = values["comparisons"][0]["reproduced"]
    assert found == pytest.approx([own["hazard_ratio"], *own["ci"], own["p_logrank"]], abs=1e-5)


@pytest.mark.parametrize(("suffix", "read"), [("dta", "read_stata"), ("parquet", "read_parquet")])
def test_reconstruct_writes_for_other_programs(
    run: Run, two_arms: Path, here: Path, suffix: str, read: str
) -> None:
    """Stata and Parquet files hold what the CSV file holds, and the treatment as 0 or 1."""
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    for name in ("ipd.csv", f"ipd.{suffix}"):
        assert run("reconstruct", two_arms, "--out", name).exit_code == 0
    found = getattr(pd, read)(here / f"ipd.{suffix}")
    csv = pd.read_csv(here / "ipd.csv")
    pd.testing.assert_frame_equal(found[["time", "event", "arm"]], csv, check_dtype=False)
    assert (found["treatment"] == (found["arm"] == "B")).all()


REFUSED = [
    ("time,event\n1,1\n", "there is no column arm"),
    ("time,event,arm\n", "it has no patients"),
    ("time,event,arm\n1,1,A\n-2,1,A\n", "row 3: a time of -2 is not possible"),
    ("time,event,arm\n1,1,A\nlong,1,A\n", "row 3: a time of long is not possible"),
    ("time,event,arm\n1,2,A\n", "row 2: an event of 2 is not possible; write 1"),
    ("time,event,arm\n1,,A\n", "row 2: an event of nan is not possible"),
    ("time,event,arm\n1,1,\n", "row 2: the arm is empty"),
    ("time,event,arm\n1,1,A\n2,0,B\n", "Arm B has no events"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED)
def test_bad_patients(run: Run, here: Path, content: str, message: str) -> None:
    """One sentence with the row, exit status 1, nothing written."""
    (here / "bad.csv").write_text(content, encoding="utf-8")
    result = run("extrapolate", "bad.csv", "--out", "out")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (here / "out").exists()


def test_a_horizon_before_the_data_end(run: Run, patients: Path) -> None:
    """The end of follow-up is named."""
    result = run("extrapolate", patients, "--horizon", "12")
    assert result.exit_code == 1
    assert "The horizon, 12 months, is before the end of follow-up at 60" in result.stderr


USAGE = [
    (("--model", "weibul"), "did you mean weibull"),
    (("--only", "psm/OS"), "--only chooses endpoints of a study"),
    (("--horizon", "-1"), "--horizon"),
]


@pytest.mark.parametrize(("options", "message"), USAGE)
def test_wrong_usage(run: Run, patients: Path, options: tuple[str, ...], message: str) -> None:
    """Exit status 2."""
    result = run("extrapolate", patients, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_no_such_patients(run: Run, here: Path) -> None:
    """The system's reason is passed on."""
    result = run("extrapolate", "nowhere.csv")
    assert result.exit_code == 1
    assert "nowhere.csv: it cannot be read: No such file" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "time,event,arm,time\n5,1,A,3\n", "there are two columns time; leave one of them out",
            id="a column twice",
        ),
        pytest.param(
            "time;event;arm\n5;1;A;x\n", "its rows have more cells than its heading",
            id="semicolons",
        ),
        pytest.param(
            "time,event,arm\n1e308,1,A\n", "row 2: a time of 1e+308 is not possible", id="far off"
        ),
        pytest.param("time,event,arm\n5,0,A\n", "Arm A has no events", id="no events"),
        pytest.param(
            "time,event,arm\n12,1,1,2\n14,0,1,2\n", "its rows have more cells than its heading",
            id="a column without a name",
        ),
        pytest.param(
            "time,event,arm\n5,1,A\n6,0,A,\n", "row 3 has more cells than the heading",
            id="a cell too many",
        ),
        pytest.param("", "it is empty", id="empty"),
        pytest.param('time,event,arm\n5,1,"A\n', "a quotation mark is not closed", id="quotation"),
    ],
)  # fmt: skip
def test_odd_patients_are_refused_by_file(run: Run, here: Path, text: str, said: str) -> None:
    """The message names the file, and what is at fault in it."""
    (here / "odd.csv").write_text(text, encoding="utf-8")
    result = run("extrapolate", "odd.csv", *FEW)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: odd.csv")
    assert said in result.stderr


def test_patients_of_another_encoding(run: Run, here: Path) -> None:
    """The fix is named, in words of ours."""
    (here / "odd.csv").write_text("time,event,arm\n5,1,A\n", encoding="utf-16")
    result = run("extrapolate", "odd.csv", *FEW)
    assert result.stderr == (
        "Error: odd.csv: it is not UTF-8 text; save it with the encoding UTF-8.\n"
    )


@pytest.mark.parametrize("option", ["--draws", "--seed"])
def test_patients_have_no_draws(run: Run, patients: Path, option: str) -> None:
    """An option that would do nothing is wrong usage."""
    result = run("extrapolate", patients, *FEW, option, "5")
    assert result.exit_code == 2
    assert f"{option} is for a study" in result.stderr


def test_a_table_of_millions_of_cycles_is_refused(run: Run, patients: Path, here: Path) -> None:
    """It is refused before the work, with a cycle that would do."""
    result = run("extrapolate", patients, *FEW, "--cycle", "0.00001", "--out", "out")
    assert result.exit_code == 1
    assert "has more than 100,000 rows; choose a `cycle` of 0.0012 or more" in result.stderr
    assert not (here / "out").exists()


def test_spaces_make_no_other_arm(run: Run, patients: Path, here: Path) -> None:
    """The patients of "A " are those of "A"; they were an arm that looked the same."""
    plain = run("extrapolate", patients, *FEW, "--json")
    frame = pd.read_csv(patients)
    frame.loc[frame.index % 3 == 0, "arm"] += " "
    frame.to_csv(here / "ipd.csv", index=False)
    assert run("extrapolate", patients, *FEW, "--json").stdout == plain.stdout


def write_trials(folder: Path) -> Path:
    """Make three trials of one study file, with other survival and without a hazard ratio."""
    folder.mkdir()
    for name, survival in (("first", "60.0%"), ("second", "55.0%"), ("third", "62.5%")):
        own = TWO_ARMS.replace('id = "mine"', f'id = "{name}"').replace("60.0%", survival, 1)
        (folder / f"{name}.toml").write_text(own, encoding="utf-8")
    return folder


@pytest.fixture
def folder(here: Path) -> Path:
    """Write three trials."""
    return write_trials(here / "trials")


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pool three trials once."""
    trials = write_trials(tmp_path_factory.mktemp("pooled") / "trials")
    out = trials.parent / "out"
    command = ["pool", str(trials), *FAST, *SVG, "--tau", "24", "--landmark", "12"]
    result = CliRunner().invoke(main, [*command, "--out", str(out)])
    assert (result.exit_code, result.stderr) == (0, "")
    return out


def test_studies_are_pooled(pooled: Path) -> None:
    """Every table, figure and file is written, and they agree with each other."""
    written = {path.relative_to(pooled).as_posix() for path in pooled.rglob("*.*")}
    assert {
        "pooled.csv", "trials.csv", "leave-one-out.csv", "pooled.json", "pool.R", "ipd.csv",
        "ipd.dta", "draws.csv", "figures/forest-draws.svg", "figures/funnel-reported.svg",
    } <= written  # fmt: skip
    trials = pd.read_csv(pooled / "trials.csv")
    assert trials.groupby("source")["weight_random"].sum().to_numpy() == pytest.approx(1)
    values = json.loads((pooled / "pooled.json").read_text(encoding="utf-8"))
    table = pd.read_csv(pooled / "pooled.csv")
    first = values["syntheses"][0]
    assert math.exp(first["random"]["estimate"]) == pytest.approx(table["random"][0])
    assert {each["source"] for each in values["syntheses"]} == {"reported", "reproduced", "draws"}


@pytest.mark.usefixtures("not_drawn")
def test_what_batch_made_is_pooled(run: Run, folder: Path, here: Path) -> None:
    """The reproduced estimates are those of the studies themselves."""
    assert run("batch", folder, "--out", "results", *FAST, *SVG).exit_code == 0
    from_results = km.pool(here / "results", endpoint="OS")
    from_studies = km.pool(folder, n_draws=8)
    for source in ("reported", "reproduced"):
        one, two = (each.by_source[source].random for each in (from_results, from_studies))
        assert one.estimate == pytest.approx(two.estimate, abs=1e-9)
        assert one.ci == pytest.approx(two.ci, abs=1e-9)
    one, two = (each.one_stage["reproduced"] for each in (from_results, from_studies))
    assert one.log_hazard_ratio == pytest.approx(two.log_hazard_ratio, rel=1e-9)
    assert "draws" in from_results.by_source
    for option in ("--draws", "--seed"):
        refused = run("pool", "results", option, "5")
        assert refused.exit_code == 2
        assert f"{option} is for study files; what batch wrote has its own." in refused.stderr


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
def test_the_script_pools_the_same_in_r(pooled: Path, from_r: tuple[str, str]) -> None:
    """One-stage by survival and, where metafor is installed, two-stage."""
    lines = [line.split("\t") for line in from_r[1].splitlines() if "\t" in line]
    found = {(line[0], line[1]): [float(value) for value in line[2:]] for line in lines}
    values = json.loads((pooled / "pooled.json").read_text(encoding="utf-8"))
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


def test_what_cannot_be_pooled_is_told(run: Run, folder: Path) -> None:
    """Two trials have no interval of prediction, and what is left out has its reason."""
    path = folder / "third.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("n = 40", "", 1), encoding="utf-8")
    result = run("pool", folder, "--draws", "0", "--landmark", "12")
    assert result.exit_code == 0
    assert "Not among the reproduced: third: " in " ".join(result.stdout.split())


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


def test_groups_are_shown(run: Run, folder: Path, here: Path) -> None:
    """Estimates of groups and Q between them are in the terminal, the table and the figure."""
    groups = [f"--group={name}" for name in ("first=East", "second=East", "third=West")]
    result = run("pool", folder, "--draws", "0", *groups, "--out", "out", *SVG)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert "Groups of trials" in said
    assert "reproduced hazard ratio West 1 one trial is not pooled" in said
    table = pd.read_csv(here / "out" / "pooled.csv")
    rows = table[(table["source"] == "reproduced") & (table["measure"] == "hazard ratio")]
    assert rows["group"].fillna("").tolist() == ["", "East"]
    assert rows["trials"].tolist() == [3, 2]
    drawn = (here / "out" / "figures" / "forest-reproduced.svg").read_text(encoding="utf-8")
    assert "East" in drawn
    plain = run("pool", folder, "--draws", "0")
    assert "Groups of trials" not in plain.stdout
    assert "Share" not in plain.stdout  # there is no such column


def test_a_study_without_a_group_is_refused(run: Run, folder: Path) -> None:
    """It was pooled as a group without a name, and tested against the others."""
    result = run("pool", folder, "--draws", "0", "--group", "first=East")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: second, third are in no group, and the other trials are; give each of them one, or "
        "leave them out.\n"
    )


WITHOUT_OUT = [
    pytest.param("extrapolate", ("--cycle", "2"), "--cycle", id="cycle"),
    pytest.param("extrapolate", SVG, "--format", id="figures of fits"),
    pytest.param("pool", SVG, "--format", id="figures of trials"),
    pytest.param("reproduce", SVG, "--format", id="figures of a study"),
]


@pytest.mark.parametrize(("command", "options", "name"), WITHOUT_OUT)
def test_options_of_files_need_a_folder(
    run: Run, patients: Path, folder: Path, command: str, options: tuple[str, ...], name: str
) -> None:
    """Without --out they did nothing, and nothing was said."""
    source = {"extrapolate": patients, "pool": folder, "reproduce": folder / "first.toml"}[command]
    result = run(command, source, *options)
    assert result.exit_code == 2
    assert f"{name} is for what --out writes; give --out FOLDER too." in result.stderr


def test_a_cycle_beyond_the_horizon(run: Run, patients: Path, here: Path) -> None:
    """The survival table had its two ends only."""
    far = ("--horizon", "120", "--cycle", "500", "--out", "out")
    result = run("extrapolate", patients, *FEW, *far)
    assert result.exit_code == 1
    assert "A cycle of 500 months is longer than the horizon, 120 months" in result.stderr
    assert not (here / "out").exists()


def test_the_reference_of_a_file_is_said(run: Run, patients: Path) -> None:
    """It is the first arm, unless one is asked for."""
    said = "Reference: A, the first arm of the file; --reference takes another."
    assert said in run("extrapolate", patients, *FEW).stdout
    assert "Reference:" not in run("extrapolate", patients, *FEW, "--reference", "B").stdout


def test_columns_of_a_file_that_are_not_used_are_said(run: Run, patients: Path) -> None:
    """As the causes of competing risks, of which no one alone is extrapolated."""
    frame = pd.read_csv(patients).assign(cause="relapse", age=60)
    frame.to_csv(patients, index=False)
    said = "Assumed: These columns of the file were not used: cause, age."
    assert said in run("extrapolate", patients, *FEW).stdout


@pytest.mark.parametrize("command", ["pool", "extrapolate"])
def test_one_draw_is_refused(run: Run, folder: Path, command: str) -> None:
    """It has no variance between draws, and Rubin's rules were named for it."""
    source = folder if command == "pool" else folder / "first.toml"
    result = run(command, source, "--draws", "1")
    assert result.exit_code == 2
    assert "one draw has no variance between draws" in result.stderr
    with pytest.raises(ValueError, match="give 0 for no draws, or at least 2"):
        km.pool(folder, n_draws=1)


def test_two_arms_without_a_reference(run: Run, folder: Path) -> None:
    """What to write is said, and --reference is enough."""
    path = folder / "second.toml"
    text = path.read_text(encoding="utf-8")
    whole = text.index("reported")
    path.write_text(
        re.sub(r"(?m)^reference = .*\n", "", text[: text.rindex("\n", 0, whole)]), encoding="utf-8"
    )
    said = 'write reference = "A" or "B", or name it with --reference'
    for options in ((), ("--endpoint", "OS")):
        result = run("pool", folder, "--draws", "0", *options)
        assert result.exit_code == 1
        assert f"OS has two arms and no reference: {said}" in result.stderr
    own = km.pool(folder, n_draws=0, references=["A"])
    turned = km.pool(folder, n_draws=0, references=["B"])
    assert [each.arms for each in own.trials] == [("A", "B")] * 3
    sums = (
        own.by_source["reproduced"].random.estimate + turned.by_source["reproduced"].random.estimate
    )
    assert sums == pytest.approx(0, abs=1e-9)


def test_an_effect_of_several_arms_is_that_of_pairs(run: Run, here: Path) -> None:
    """The comparisons of an endpoint of three arms are fitted, as `reproduce` does."""
    text = 'id = "three"\ntime_unit = "months"\n[[endpoint]]\nname = "OS"\n'
    for name, survival in (("A", "60.0%"), ("B", "70.0%"), ("C", "75.0%")):
        text += f'[endpoint.arms.{name}]\nn = 80\nlandmarks = {{ 12 = "{survival}" }}\n'
    for name in ("B", "C"):
        text += f'[[endpoint.comparison]]\nreference = "A"\ntreatment = "{name}"\n'
        text += 'hazard_ratio = "0.70"\nci = ["0.40", "1.20"]\n'
    (here / "three.toml").write_text(text, encoding="utf-8")
    result = run("extrapolate", "three.toml", *FEW, "--draws", "0", "--treatment-effect")
    assert result.exit_code == 0, result.stderr
    assert "B vs A/OS: to " in result.stdout
    assert "weibull, with effect" in result.stdout


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([5.0] * 12, "its events are at 1 time only, too few for 2 parameters"),
        ([5.0], "there are too few events for 2 parameters"),
    ],
)
def test_why_a_distribution_was_not_fitted(
    run: Run, here: Path, times: list[float], said: str
) -> None:
    """Many events at one time were called too few."""
    rows = [f"{time},1,A" for time in times]
    (here / "same.csv").write_text("time,event,arm\n" + "\n".join(rows), encoding="utf-8")
    result = run("extrapolate", "same.csv", "--model", "weibull", "--model", "exponential")
    assert said in " ".join(result.stdout.split())
