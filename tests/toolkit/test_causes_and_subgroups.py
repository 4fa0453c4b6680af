"""Competing risks and subgroups through the whole flow."""

import json
import re
import tomllib

import pytest
from click.testing import CliRunner

import kmrepro as km
from kmrepro import saving
from kmrepro.causes_and_subgroups import cause_tables, reproduced_subgroups
from kmrepro.cli import main
from kmrepro.extrapolation import Options, cautions, extrapolate
from kmrepro.presentation.tables import Table
from kmrepro.results_schema import Results
from kmrepro.studies.reader import study_of
from kmrepro.studies.subgroups import subgroup_tables
from kmrepro.study_tables import study_tables

STUDY = """
id = "both"
[[endpoint]]
name = "CIR"
reference = "A"
arms.A = { n = 90, causes.relapse = { landmarks = { 12 = "20%", 24 = "30%" } }, causes.death = { landmarks = { 12 = "10%", 24 = "15%" } } }
arms.B = { n = 95, causes.relapse = { landmarks = { 12 = "14%", 24 = "21%" } }, causes.death = { landmarks = { 12 = "11%", 24 = "16%" } } }
reported.causes.relapse = { hazard_ratio = "0.66", ci = ["0.37", "1.17"], p = "0.15", test = "Gray" }
[[endpoint]]
name = "OS"
reference = "A"
arms.A = { n = 90, events = 40, landmarks = { 12 = "80%", 24 = "60%" } }
arms.B = { n = 95, events = 35, landmarks = { 12 = "84%", 24 = "66%" } }
[[table]]
id = "forest"
endpoint = "OS"
[[table.hazard_ratio]]
variable = "Sex"
level = "male"
hazard_ratio = "0.80"
patients = { A = "22/50", B = "19/50" }
[[table.hazard_ratio]]
variable = "Sex"
level = "female"
hazard_ratio = "0.85"
patients = { A = "18/40", B = "16/45" }
"""  # noqa: E501


def edited(*changes, after=""):
    """Return the study after changes to its file, the first of each, or all after a heading."""
    head, heading, tail = STUDY.partition(after) if after else ("", "", STUDY)
    for old, new in changes:
        assert old in tail
        tail = tail.replace(old, new) if after else tail.replace(old, new, 1)
    return study_of(tomllib.loads(head + heading + tail), "both")


def test_an_extrapolation_of_competing_risks_says_what_it_is_of():
    """It is of no cause, whatever the endpoint is called."""
    endpoint = study_of(tomllib.loads(STUDY), "both").endpoint("all", "CIR")
    found, _ = extrapolate([endpoint], Options(distributions=("weibull",), n_draws=0))
    first, *_ = cautions(found)
    assert first.startswith("all/CIR: fitted to the time to the first of death, relapse;")


def test_the_interval_by_cause_is_of_the_reported_kind():
    """A cause-specific ratio had the subdistribution's beside it, which does not hold it."""
    study = edited(('p = "0.15", test = "Gray"', 'kind = "cause-specific"'))
    (analysis,) = km.reproduce(study, endpoints=[study.endpoint("all", "CIR")], n_draws=40).analyses
    cause = next(each for each in analysis.causes if each.cause == "relapse")
    assert cause.interval_of_reported == cause.cause_specific_interval
    assert cause.interval_of_reported != cause.reproduction_interval
    (table,) = cause_tables([analysis])
    low, high = cause.cause_specific_interval
    assert f"{low:.2f} to {high:.2f} (cause-specific)" in {
        cell for row in table.rows for cell in row
    }


def test_an_interval_by_cause_has_its_level():
    """Without it a 90% interval was taken for one of 95%, or refused where it says so."""
    written = (
        'hazard_ratio = "0.66", ci = ["0.37", "1.17"]',
        'hazard_ratio = "0.66 (90% CI 0.41 to 1.07)"',
    )
    endpoint = edited(written).endpoint("all", "CIR")
    reported = endpoint.reported.causes["relapse"]
    assert (reported.level, reported.ratio_text) == (90, "0.66 (90% CI 0.41\N{EN DASH}1.07)")


def is_of_causes(drawing):
    """Say whether a figure is drawn: those of survival have tests of their own."""
    return re.search("incidence|stacked|forest", drawing.name)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    (folder / "both.toml").write_text(STUDY)
    every = saving.drawings
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(saving, "drawings", lambda found: [*filter(is_of_causes, every(found))])
        return folder / "out", reproduced(folder)


def reproduced(folder):
    """Reproduce the study, and return what is printed."""
    command = ["reproduce", str(folder / "both.toml"), "--out", str(folder / "out"),
               "--draws", "8", "--format", "svg"]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return result.output


def test_results_hold_causes_and_subgroups(written):
    """results.json has them, as its schema says."""
    results = json.loads((written[0] / "results.json").read_text())
    Results.model_validate_json(json.dumps(results))
    causes = results["comparisons"][0]["causes"]
    assert [cause["cause"] for cause in causes] == ["relapse", "death"]
    assert causes[0]["reported"]["hazard_ratio"] == "0.66"
    assert all(mark["inside"] for mark in causes[0]["incidence"])
    assert causes[0]["subdistribution"]["reproduction_interval"][0] > 0
    assert results["comparisons"][1]["causes"] == []
    assert results["subgroups"][0]["variables"][0]["variable"] == "Sex"


def test_terminal_report_and_patients_tell_of_them(written):
    """The tables, the report, the figures and the patients' file have causes and subgroups."""
    folder, output = written
    assert "Competing risks" in output
    assert "Subgroups, forest" in output
    report = (folder / "report.html").read_text()
    assert "Gray's test" in report or "Gray&#39;s test" in report
    assert "no patient's own subgroup is known" in report
    names = {path.name for path in (folder / "figures").iterdir()}
    assert {"all_CIR_incidence.svg", "all_CIR_stacked.svg"} <= names
    assert (folder / "ipd" / "all_CIR.csv").read_text().startswith("time,event,arm,cause\n")


def test_tables_by_id():
    """A table is chosen by its id, and an unknown one is refused."""
    study = study_of(tomllib.loads(STUDY), "both")
    with pytest.raises(KeyError, match="no table 'x' with subgroups; it has forest"):
        km.subgroups(study, "x")
    with pytest.raises(km.ReconstructionRefused, match="has no table whose rows"):
        km.subgroups("an2025")


def test_informed_patients_by_cause_are_refused():
    """Patients by cause are not made to meet a reported comparison."""
    endpoint = study_of(tomllib.loads(STUDY), "both").endpoint("all", "CIR")
    with pytest.raises(km.ReconstructionRefused, match="reports competing risks"):
        km.reconstruct(endpoint, informed=True)


def test_a_table_says_why_ratios_by_cause_are_not_assessable(tmp_path):
    """Far outside of few data sets a reported ratio is neither discrepant nor unexplained."""
    far = STUDY.replace('hazard_ratio = "0.66", ci = ["0.37", "1.17"]', 'hazard_ratio = "4.2"')
    (tmp_path / "far.toml").write_text(far)
    command = ["reproduce", str(tmp_path / "far.toml"), "--only", "all/CIR", "--markdown"]
    few, enough = (
        CliRunner().invoke(main, [*command, "--draws", draws]).output for draws in ("20", "40")
    )
    assert "not assessable" in few
    assert "data sets are too few" in few
    assert "discrepant" in enough
    assert "data sets are too few" not in enough


@pytest.mark.parametrize("events", [None, 12])
def test_causes_are_not_judged_by_patients_that_miss_the_events(tmp_path, events):
    """Where no patients have the reported events, no cause has an interval or a verdict."""
    text = STUDY.replace(
        "n = 90, causes", f"n = 90, events = {events}, causes" if events else "n = 90, causes"
    )
    (tmp_path / "both.toml").write_text(text)
    endpoint = km.load_study(tmp_path / "both.toml").endpoint("all", "CIR")
    (analysis,) = km.reproduce(tmp_path / "both.toml", endpoints=[endpoint], n_draws=50).analyses
    relapse = analysis.causes[0]
    assert bool(analysis.comparison.missed) == bool(events)
    assert (relapse.verdict == "not assessable") == bool(events)
    assert (relapse.reproduction_interval is None) == bool(events)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('endpoint = "OS"', 'endpoint = "PFS"',
         "there is no endpoint all/PFS; they are all/CIR, all/OS"),
        ('endpoint = "OS"', "", "it names no endpoint whose patients its rows divide"),
    ],
)  # fmt: skip
def test_why_a_table_of_subgroups_is_not_used(old, new, why):
    """A table without an endpoint of the study is named with the reason."""
    found, refused = reproduced_subgroups(edited((old, new)), ["all/OS"], n_draws=2, seed=0)
    assert found == ()
    assert refused[0].startswith(f"forest: {why}")


def test_why_no_row_of_a_table_is_used():
    """Rows without patients of both arms are named one by one."""
    study = edited(("A = ", "C = "), after="[[table]]")
    found, refused = reproduced_subgroups(study, ["all/OS"], n_draws=2, seed=0)
    assert found == ()
    assert refused == (
        "forest, Sex, male: all/OS has no arm C; write A",
        "forest, Sex, female: all/OS has no arm C; write A",
    )


def test_a_table_divides_the_endpoint_of_its_cohort():
    """One of all patients that stands before it is another one."""
    study = edited(('"forest"', '"forest"\ncohort = "psm"'))
    (endpoint, _), *_ = subgroup_tables(study)
    assert endpoint.key == "all/OS"
    renamed = study.endpoints[1].model_copy(update={"cohort": "psm"})
    both = study.model_copy(update={"endpoints": (study.endpoints[1], renamed)})
    (endpoint, _), *_ = subgroup_tables(both)
    assert endpoint.key == "psm/OS"


def test_show_prints_patients_and_interactions():
    """What a row of a subgroup reports is shown."""
    study = edited(('hazard_ratio = "0.80"', 'hazard_ratio = "0.80"\np_interaction = "0.42"'))
    (shown,) = (
        part for part in study_tables(study) if isinstance(part, Table) and part.title == "forest"
    )
    assert [column.name for column in shown.columns][3:5] == ["A", "B"]
    first = dict(zip((column.name for column in shown.columns), shown.rows[0], strict=True))
    assert (first["A"], first["p for interaction"]) == ("22/50", "0.42")
