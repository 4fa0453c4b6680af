"""Endpoints of digitised curves without a study file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kmrepro.studies import (
    CensorMarks,
    CurveFault,
    StudyFileError,
    curve_endpoint,
    digitised_curve,
    load_study,
    read_at_risk,
    read_curves,
    read_marks_by_arm,
)
from kmrepro.studies.endpoint import TimeUnit

CURVE = digitised_curve([0, 2, 5, 9], [1, 0.9, 0.8, 0.8], kind="steps")
BOTH = {"A": CURVE, "B": CURVE}


def test_one_curve_is_the_arm_all() -> None:
    """Numbers without a name are those of the only arm."""
    marks = CensorMarks(time=(3.0,))
    endpoint = curve_endpoint(
        CURVE, n=40, at_risk={0: 40, 6: 30}, events=8, censor_marks=marks, time_unit="years"
    )
    arm = endpoint.arms["all"]
    assert (arm.n, arm.events, arm.curve, arm.censor_marks) == (40, 8, CURVE, marks)
    assert dict(arm.at_risk) == {0: 40, 6: 30}
    assert (endpoint.reference, endpoint.time_unit) == ("all", "years")


def test_several_curves_by_name() -> None:
    """Numbers are by arm, and the first arm is the reference."""
    endpoint = curve_endpoint(BOTH, n={"A": 40, "B": 41}, events={"B": 8})
    assert {name: arm.n for name, arm in endpoint.arms.items()} == {"A": 40, "B": 41}
    assert {name: arm.events for name, arm in endpoint.arms.items()} == {"A": None, "B": 8}
    assert (endpoint.reference, endpoint.treatment) == ("A", "B")
    assert curve_endpoint(BOTH, n={"A": 40, "B": 41}, reference="B").treatment == "A"


def test_an_unnamed_curve_of_a_file() -> None:
    """What `read_curves` returns for one curve is taken as it is."""
    assert list(curve_endpoint({"": CURVE}, at_risk={"": {0: 40, 6: 30}}).arms) == ["all"]


def test_the_only_table_is_of_the_only_curve() -> None:
    """A curve without a name takes numbers that have one; a curve with a name does not."""
    assert curve_endpoint(CURVE, at_risk={"Drug": {0: 40, 6: 30}}).arms["all"].n == 40
    with pytest.raises(CurveFault, match='`at_risk` is given for "Drug", which has no curve'):
        curve_endpoint({"A": CURVE}, n=40, at_risk={"Drug": {0: 40, 6: 30}})


def test_n_is_the_number_at_risk_at_the_start() -> None:
    """A table that begins at time 0 says n; what is given comes first."""
    rows = {"A": {0: 40, 6: 30}, "B": {0: 39, 6: 29}}
    taken = curve_endpoint(BOTH, at_risk=rows)
    assert {name: arm.n for name, arm in taken.arms.items()} == {"A": 40, "B": 39}
    assert curve_endpoint(BOTH, at_risk=rows, n={"B": 50}).arms["B"].n == 50


REFUSED = [
    pytest.param({}, 'the number of patients is not given for "A", "B"; give `n`', id="no n"),
    pytest.param({"n": 40}, "`n` does not say which arm it is of; give it by arm", id="whose n"),
    pytest.param({"n": {"A": 40}}, 'not given for "B"', id="an n"),
    pytest.param({"n": {"A": 4, "C": 4}}, '`n` is given for "C", which has no curve', id="no arm"),
    pytest.param({"at_risk": {0: 40}}, "`at_risk` does not say which arm", id="whose table"),
    pytest.param({"n": {"A": 4, "B": 0}}, "^B.n: 0 is not a number of patients", id="n zero"),
    pytest.param({"n": {"A": 4, "B": 4.5}}, "^B.n: 4.5 is not a number of patients", id="n half"),
    pytest.param(
        {"n": {"A": 4, "B": 4}, "events": {"A": -1}},
        "^A.events: -1 is not a number of",
        id="events",
    ),
    pytest.param(
        {"at_risk": {"A": {0: 4, 6: -1}, "B": {0: 4}}},
        "^A.at_risk: -1 is not a number",
        id="at risk",
    ),
    pytest.param(
        {"at_risk": {"A": {6: 4, 0: 5}, "B": {0: 4}}}, "^A.at_risk: 0 comes after 6", id="order"
    ),
    pytest.param(
        {"n": {"A": 4, "B": 4}, "reference": "C"}, '^reference: "C" names no arm', id="reference"
    ),
    pytest.param(
        {"n": {"A": 4, "B": 4}, "time_unit": "hours"}, '^time_unit: "hours" is not', id="unit"
    ),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_refusals(given: dict[str, Any], said: str) -> None:
    """What does not fit together is refused, with the arm and what is allowed."""
    with pytest.raises(CurveFault, match=said):
        curve_endpoint(BOTH, **given)


def test_no_curve_at_all() -> None:
    """An endpoint has an arm at least."""
    with pytest.raises(CurveFault, match="`curves` holds no curve"):
        curve_endpoint({}, n=40)


@pytest.mark.parametrize("what", ["n", "events"])
def test_numbers_of_an_arm_that_the_only_curve_is_not_called(what: str) -> None:
    """They may be of another curve; a table of numbers at risk may name what the curve does not."""
    curve = digitised_curve([0, 2, 5, 9], [1, 0.9, 0.8, 0.8])
    given: dict[str, Any] = {"n": 40, what: {"Drug": 40}}
    with pytest.raises(CurveFault, match=r'`.*` is given for "Drug".*the only curve has no name'):
        curve_endpoint(curve, **given)
    assert curve_endpoint(curve, at_risk={"Drug": {0: 40}}).arms["all"].n == 40


@pytest.mark.parametrize(
    ("heading", "given", "unit", "said"),
    [
        ("years", None, "years", "the times are in years, as their heading says"),
        ("Time (years)", "months", "months", "says years; they are taken to be in months"),
        ("follow_up_days", None, "days", "the times are in days, as their heading says"),
        ("Time since day 0 (years)", None, "years", "the times are in years"),
        ("days or months", None, "months", ""),
        ("Months", None, "months", ""),
        ("time", None, "months", ""),
        ("time", "weeks", "weeks", ""),
    ],
)
def test_the_heading_of_times_names_their_unit(
    tmp_path: Path, heading: str, given: TimeUnit | None, unit: str, said: str
) -> None:
    """Years were taken for months without a word."""
    rows = ["0,1", "1,0.9", "2,0.75", "3,0.6", "4,0.5"]
    (tmp_path / "curve.csv").write_text("\n".join([f"{heading},survival", *rows]), encoding="utf-8")
    curves = read_curves(tmp_path / "curve.csv", kind="steps")
    endpoint = curve_endpoint(curves, n=40, time_unit=given)
    assert endpoint.time_unit == unit
    curve = endpoint.arms["all"].curve
    assert curve is not None
    for reading in filter(None, (curve, curve.if_samples)):
        found = [text for text in reading.repairs if "heading" in text]
        assert len(found) == bool(said)
        assert said in "".join(found)
    file = 'id = "x"\n[[endpoint]]\nname = "OS"\narms.A = { n = 40, curve = "curve.csv" }\n'
    (tmp_path / "x.toml").write_text(file, encoding="utf-8")
    if heading in ("Months", "time", "days or months"):
        assert load_study(tmp_path / "x.toml").endpoints[0].arms["A"].curve is not None
    else:
        with pytest.raises(StudyFileError, match=r"headed in .*, and `time_unit` is months"):
            load_study(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("curve", "at_risk", "marks", "unit", "said"),
    [
        (
            "time (years)",
            "time (months)",
            "time",
            None,
            r"months \(the numbers at risk\) and years",
        ),
        (
            "time",
            "time (months)",
            "time (years)",
            None,
            r"months .* and years \(the censoring mark",
        ),
        (
            "months",
            "years",
            "years",
            None,
            r"years \(the numbers at risk and the censoring marks\)",
        ),
        ("time (years)", "time", "time", "years", "the times are in years, as their heading says"),
        ("time", "time (years)", "time", "years", "the times are in years, as their heading says"),
        ("time", "time", "time (days)", "days", "the times are in days, as their heading says"),
        ("time", "time (months)", "time_months", "months", ""),
    ],
)
def test_units_of_all_files_are_compared(
    tmp_path: Path, curve: str, at_risk: str, marks: str, unit: str | None, said: str
) -> None:
    """A curve in years beside numbers at risk in months was a misfit that named neither."""
    curve_file, table, marked = (tmp_path / name for name in ("c.csv", "r.csv", "m.csv"))
    curve_file.write_text(f"{curve},survival\n0,1\n1,0.9\n2,0.75\n3,0.6\n4,0.5\n", "utf-8")
    table.write_text(f"{at_risk},n_risk\n0,40\n2,30\n", "utf-8")
    marked.write_text(f"{marks}\n1.5\n2.5\n", "utf-8")
    files: dict[str, Any] = {
        "curves": read_curves(curve_file, kind="steps"),
        "at_risk": read_at_risk(table),
        "censor_marks": read_marks_by_arm(marked),
    }
    if unit is None:
        with pytest.raises(CurveFault, match=f"{said}.*write them in one unit"):
            curve_endpoint(**files)
        wanted = curve_endpoint(**files, time_unit="months").arms["all"].curve
        assert wanted is not None
        assert any("says years; they are taken to be in months" in x for x in wanted.repairs)
        return
    endpoint = curve_endpoint(**files)
    assert endpoint.time_unit == unit
    found = endpoint.arms["all"].curve
    assert found is not None
    assert [x for x in found.repairs if "heading" in x] == ([f"{said}."] if said else [])


def test_a_file_in_two_units_is_refused(tmp_path: Path) -> None:
    """Two arms with times of their own may not be in months and in years."""
    text = (
        "Drug,,Placebo,\ntime (months),survival,time (years),survival\n1,0.9,1,0.8\n2,0.8,2,0.7\n"
    )
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CurveFault, match="its times are headed months and years; write them in"):
        read_curves(tmp_path / "c.csv")


def test_marks_and_causes_of_a_study_are_in_its_unit(tmp_path: Path) -> None:
    """A study file is refused where any file of it is headed in another unit."""
    rows = ["0,0", "1,0.1", "2,0.25", "3,0.3", "4,0.35"]
    (tmp_path / "c.csv").write_text("\n".join(["years,incidence", *rows]), encoding="utf-8")
    (tmp_path / "m.csv").write_text("time_days\n1\n2\n", encoding="utf-8")
    (tmp_path / "x.toml").write_text(
        'id = "x"\n[[endpoint]]\nname = "OS"\n[endpoint.arms.A]\nn = 40\ncensor_marks = "m.csv"\n'
        'causes.relapse.curve = "c.csv"\ncauses.death.events = 3\n',
        encoding="utf-8",
    )
    with pytest.raises(StudyFileError, match="headed in days") as refused:
        load_study(tmp_path / "x.toml")
    assert refused.value.places == (
        ("endpoint", 0, "arms", "A", "censor_marks"),
        ("endpoint", 0, "arms", "A", "causes", "relapse", "curve"),
    )


def test_curves_of_files_in_different_units() -> None:
    """Which of them is meant is not guessed."""
    both = {"A": replace(CURVE, time_unit="years"), "B": replace(CURVE, time_unit="months")}
    with pytest.raises(CurveFault, match=r"headed months \(the curves\) and years \(the curves\)"):
        curve_endpoint(both, n={"A": 40, "B": 41})
