"""Studies are frozen values that inherit, compare and print back what the file says."""

from __future__ import annotations

import copy
import pickle
import tomllib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from pydantic import ValidationError

import kmrepro as km
from kmrepro.studies import (
    Arm,
    Endpoint,
    Landmark,
    PrintedNumber,
    Study,
    StudyFileError,
    Table,
    read_study,
)
from kmrepro.studies.arm import arm_cells

TEXT = """
id = "mine"
time_unit = "weeks"
enrolment = ["2010-01", "2012-06-30"]
data_cutoff = 2014-02-01
[arms]
A = "Standard"
B = "New"
[[endpoint]]
cohort = "psm"
name = "OS"
reference = "A"
[endpoint.arms.A]
n = 50
landmarks = { 12 = "90%", "26.5" = { survival = "70.1%", ci = "60.0 to 80.2%" } }
at_risk = { 0 = 50, "26.5" = 31 }
event_times = [4.2, 1, 1.5]
follow_up = { median = "22", iqr = "10-30", range = ["1", "60"] }
[endpoint.arms.B]
label = "Something else"
median_ci = ["12.9", "NR"]
[endpoint.reported]
hazard_ratio = "0.80"
ci = "95% CI 0.50\u20131.28"
p = "p = 0.35"
[[endpoint]]
name = "PFS"
time_unit = "days"
data_cutoff = "2013-01"
[endpoint.arms.A]
[[table]]
id = "table-1"
groups = { A = 50, B = 52 }
[[table.count]]
variable = "Sex"
levels = { male = { A = "30 (60.0)", B = "31 (59.6)" }, female = { A = "20", B = "21" } }
p = "0.97"
[[table.mean]]
variable = "Albumin"
A = "41.6 (4.6)"
B = "40.9 (4.9)"
[[table.median]]
variable = "AFP"
A = "12 (3-400)"
[[statement]]
text = "102 = 50 + 52"
sum = { total = "102", parts = ["50", "52"] }
"""


@pytest.fixture
def study() -> Study:
    """Return the study of TEXT."""
    return Study.model_validate(tomllib.loads(TEXT))


def test_endpoints_inherit(study: Study) -> None:
    """An endpoint has the study's unit and dates, unless it states its own."""
    os_, pfs = study.endpoints
    assert (os_.time_unit, os_.data_cutoff) == ("weeks", "2014-02-01")
    assert (pfs.time_unit, pfs.data_cutoff) == ("days", "2013-01")
    assert os_.enrolment == pfs.enrolment == ("2010-01", "2012-06-30")


def test_arms_inherit_labels(study: Study) -> None:
    """An arm has the label of [arms], unless it states its own."""
    labels = {name: arm.label for name, arm in study.endpoints[0].arms.items()}
    assert labels == {"A": "Standard", "B": "Something else"}


def test_a_time_unit_that_nobody_states_is_recognisable() -> None:
    """Months are the default; whether they were stated can be asked."""
    raw: dict[str, Any] = {"id": "x", "endpoint": [{"name": "OS", "arms": {"A": {}}}]}
    silent = Study.model_validate(raw).endpoints[0]
    stated = Study.model_validate(raw | {"time_unit": "months"}).endpoints[0]
    assert silent.time_unit == stated.time_unit == "months"
    assert "time_unit" not in silent.model_fields_set
    assert "time_unit" in stated.model_fields_set


def test_times_are_numbers_in_order(study: Study) -> None:
    """TOML's string keys become times; listed event times keep their order."""
    arm = study.endpoints[0].arms["A"]
    assert list(arm.landmarks) == [12.0, 26.5]
    assert arm.at_risk == {0.0: 50, 26.5: 31}
    assert arm.event_times == (4.2, 1.0, 1.5)


def test_intervals_are_pairs_however_written(study: Study) -> None:
    """A list of two and "0.50-1.28" are read alike."""
    endpoint = study.endpoints[0]
    arm = endpoint.arms["A"]
    assert endpoint.reported is not None
    assert endpoint.reported.ci is not None
    assert arm.follow_up is not None
    assert arm.follow_up.iqr is not None
    assert [str(end) for end in endpoint.reported.ci] == ["0.50", "1.28"]
    assert [str(end) for end in arm.follow_up.iqr] == ["10", "30"]
    ci = arm.landmarks[26.5].ci
    assert ci is not None
    assert [str(end) for end in ci] == ["60.0%", "80.2%"]
    assert endpoint.arms["B"].median_ci is not None
    assert not endpoint.arms["B"].median_ci[1].reached


def test_endpoint_is_found_by_name(study: Study) -> None:
    """An endpoint is found by cohort and name; a missing one names those there are."""
    found = study.endpoint("psm", "OS")
    assert (found.key, found.treatment) == ("psm/OS", "B")
    assert study.endpoint("all", "PFS").treatment is None
    with pytest.raises(KeyError, match="no endpoint psm/PFS; it has psm/OS, all/PFS"):
        study.endpoint("psm", "PFS")


def test_two_arms_without_a_reference_have_no_treatment() -> None:
    """No arm is taken for the reference in silence."""
    assert Endpoint(name="OS", arms={"A": Arm(), "B": Arm()}).treatment is None


def test_tables_keep_their_cells(study: Study) -> None:
    """Counts, means and medians keep the printed cells by group."""
    table = study.tables[0]
    assert table.counts[0].levels["male"] == {"A": "30 (60.0)", "B": "31 (59.6)"}
    assert table.means[0].cells == {"A": "41.6 (4.6)", "B": "40.9 (4.9)"}
    assert table.medians[0].cells == {"A": "12 (3-400)"}
    total = study.statements[0].sum
    assert total is not None
    assert str(total.total) == "102"
    assert [str(part) for part in total.parts] == ["50", "52"]


def test_nothing_can_be_changed(study: Study) -> None:
    """Values and their mappings are read-only."""
    arm = study.endpoints[0].arms["A"]
    with pytest.raises(ValidationError, match="frozen"):
        arm.n = 7
    changes: list[Any] = [
        lambda: arm.landmarks.__setitem__(1.0, arm.landmarks[12.0]),  # type: ignore[attr-defined]
        lambda: study.arms.pop("A"),  # type: ignore[attr-defined]
        lambda: study.endpoints[0].arms.update({}),  # type: ignore[attr-defined]
        lambda: study.tables[0].means[0].cells.clear(),  # type: ignore[attr-defined]
        lambda: Arm().landmarks.setdefault(1.0, None),  # type: ignore[attr-defined]
    ]
    for change in changes:
        with pytest.raises(TypeError, match="read-only"):
            change()


def test_equality_and_copies(study: Study) -> None:
    """Equal files are equal values, also after pickling, copying and writing as JSON."""
    assert study == Study.model_validate(tomllib.loads(TEXT))
    assert hash(study) == hash(Study.model_validate(tomllib.loads(TEXT)))
    assert copy.deepcopy(study) == study
    assert pickle.loads(pickle.dumps(study)) == study
    assert study != Study.model_validate(tomllib.loads(TEXT.replace("70.1%", "70.2%")))


def test_json_reads_back(study: Study) -> None:
    """The JSON of a study is a study file's content: same keys, numbers as printed."""
    written = study.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert written["endpoint"][0]["arms"]["A"]["landmarks"]["12"] == {"survival": "90%"}
    assert written["endpoint"][0]["arms"]["A"]["at_risk"] == {"0": 50, "26.5": 31}
    assert written["table"][0]["mean"][0]["B"] == "40.9 (4.9)"
    assert Study.model_validate(written) == study


def test_values_are_built_in_python_too() -> None:
    """Field names, numbers as keys and printed numbers do as well as the file's forms."""
    landmark = Landmark(survival=PrintedNumber.parse("90%"))
    arm = Arm(n=10, landmarks={12.0: landmark}, median=PrintedNumber.parse("NR"))
    study = Study(id="x", endpoints=(Endpoint(name="OS", arms={"A": arm}),), time_unit="years")
    assert study.endpoints[0].arms["A"].landmarks[12.0].survival.value == 0.9
    assert study.endpoints[0].time_unit == "years"


WRONG_GROUP = {"id": "t", "groups": {"A": 1}, "median": [{"variable": "v", "B": "2"}]}


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: Arm(n=0), "0 is not a number of patients"),
        (lambda: Arm(n=2, event_times=(1.0, 2.0, 3.0)), "3 event times are more than"),
        (lambda: Arm(curve="../x.csv"), "leaves the study file's folder"),
        (lambda: Endpoint(name="OS", arms={}), "at least 1"),
        (lambda: Endpoint(name="OS", arms={"A": Arm()}, reference="B"), "names no arm"),
        (lambda: Table.model_validate(WRONG_GROUP), "no group B"),
    ],
)
def test_impossible_values_cannot_be_built(build: Any, why: str) -> None:
    """What a file may not say, Python may not either."""
    with pytest.raises(ValidationError, match=why):
        build()


@pytest.mark.parametrize(
    ("enrolment", "cutoff"),
    [
        (("2010-01", "2010-01"), "2010-01"),
        (("2010-01-31", "2010-01"), None),
        (("2010-01", "2012-05-31"), "2012-05"),
    ],
)
def test_a_month_stands_for_any_of_its_days(enrolment: tuple[str, str], cutoff: str | None) -> None:
    """A month is not before a day in it."""
    arms = {"A": Arm()}
    endpoint = Endpoint(name="OS", arms=arms, enrolment=enrolment, data_cutoff=cutoff)
    assert endpoint.enrolment == enrolment


ARMS: dict[str, Any] = {
    "SR": {"n": 185, "landmarks": {12: "98.8%", 2.5: "99%"}, "at_risk": {0: 185, 12.0: 180}},
    "TA": {"n": 185, "landmarks": {12: {"survival": "99.5%", "ci": ("97%", "100%")}}},
}
FILE = """id = "mine"
[[endpoint]]
name = "OS"
reference = "SR"
[endpoint.arms.SR]
n = 185
landmarks = { "2.5" = "99%", 12 = "98.8%" }
at_risk = { 0 = 185, 12 = 180 }
[endpoint.arms.TA]
n = 185
landmarks = { 12 = { survival = "99.5%", ci = ["97%", "100%"] } }
"""


def test_it_is_the_study_of_the_same_file(file: Path) -> None:
    """Times may be numbers, lists tuples, and lists of tables in the plural."""
    file.write_text(FILE, "utf-8")
    arms = {**ARMS, "SR": {**ARMS["SR"], "landmarks": {2.5: "99%", 12: "98.8%"}}}
    endpoint = {"name": "OS", "reference": "SR", "arms": arms}
    assert km.study(id="mine", endpoints=[endpoint]) == read_study(file)
    assert km.study({"id": "mine"}, endpoint=(endpoint,)) == read_study(file)
    assert km.study(tomllib.loads(FILE)) == read_study(file)


def test_digitised_curves_may_be_given_as_such() -> None:
    """What `digitised_curve` returns can be the curve of an arm."""
    curve = km.digitised_curve([0, 5, 9, 12], [1, 0.8, 0.5, 0.5])
    study = km.study(id="mine", endpoint=[{"name": "OS", "arms": {"A": {"curve": curve}}}])
    assert study.endpoints[0].arms["A"].curve is curve


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("n = 185", 'n = "185"', id="quotes"),
        pytest.param('"98.8%"', "98.8", id="no quotes"),
        pytest.param('"98.8%"', '"101%"', id="range"),
        pytest.param("reference", "refrence", id="key"),
        pytest.param('name = "OS"', "", id="missing"),
        pytest.param('"98.8%"', '"REPLACE 98.8%"', id="placeholder"),
    ],
)
def test_faults_have_the_words_of_a_file(file: Path, old: str, new: str) -> None:
    """Only the name in front differs."""
    text = FILE.replace(old, new, 1)
    file.write_text(text, "utf-8")
    with pytest.raises(km.StudyFileError) as of_file:
        read_study(file)
    with pytest.raises(km.StudyFileError, match=r"^study") as in_python:
        km.study(tomllib.loads(text))
    assert in_python.value.faults == of_file.value.faults


def test_a_time_that_is_there_twice_is_refused():
    """12 and "12" are one key of a study file, of which the last was taken."""
    arms = {"A": {"n": 10, "landmarks": {12: "90%", "12": "70%"}}}
    with pytest.raises(km.StudyFileError, match="'12' is there twice"):
        km.study(id="x", endpoints=[{"name": "OS", "arms": arms}])


def test_times_out_of_order_and_both_names() -> None:
    """Times stay in the order in which they are given, which must increase."""
    endpoint = {"name": "OS", "arms": ARMS}
    with pytest.raises(km.StudyFileError, match=r"arms\.SR\.landmarks: 2\.5 comes after 12"):
        km.study(id="mine", endpoints=[endpoint])
    with pytest.raises(km.StudyFileError, match="endpoint and endpoints are both given"):
        km.study(id="mine", endpoints=[endpoint], endpoint=[endpoint])


def test_numbers_of_numpy_are_numbers() -> None:
    """Counts that come out of a table are whole numbers, too."""
    arm = {"n": np.int64(40), "events": np.int32(9), "at_risk": {0: np.uint8(40)}}
    arm |= {"landmarks": {np.int64(12): "80%"}}
    study = km.study(id="mine", endpoints=[{"name": "OS", "arms": {"A": arm}}])
    found = study.endpoints[0].arms["A"]
    assert (found.n, found.events, dict(found.at_risk)) == (40, 9, {0: 40})
    assert type(found.n) is int
    arm["n"] = np.True_
    with pytest.raises(StudyFileError, match="is not a number of patients"):
        km.study(id="mine", endpoints=[{"name": "OS", "arms": {"A": arm}}])


@pytest.mark.parametrize(
    ("basis", "most", "shown"),
    [
        ("endpoint", 352, "352"),
        ("cohort", 352, "352 (cohort)"),
        ("allocation", 392, "352 (allocation)"),  # 352 + 3 sqrt(704) / 2, rounded up
    ],
)
def test_what_n_is_the_number_of(
    basis: Literal["endpoint", "cohort", "allocation"], most: int, shown: str
) -> None:
    """A share by the allocation may be exceeded, and is shown as one."""
    arm = Arm(n=352, n_basis=basis)
    assert (arm.most_patients, arm_cells(arm)[0]) == (most, shown)
    assert Arm(n_basis=basis).most_patients is None
