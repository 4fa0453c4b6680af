"""Comparisons: intervals of any level, one-sided p, pairs of several arms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kmrepro.studies import (
    Arm,
    Endpoint,
    Landmark,
    PrintedNumber,
    Reported,
    Study,
    StudyFileError,
    load_study,
)
from kmrepro.studies.reader import study, study_of
from kmrepro.studies.reported import two_sided

ARMS = {name: {"n": 100, "landmarks": {12: "60%"}} for name in ("A", "B", "C")}


def of(**keys):
    """Return the only endpoint of a study with these keys."""
    return study(id="mine", endpoint=[{"name": "OS", **keys}]).endpoints[0]


@pytest.mark.parametrize(
    ("raw", "value", "ci", "level"),
    [
        pytest.param({"hazard_ratio": "0.66", "ci": "99.8% CI 0.47 to 0.93"},
                     "0.66", ["0.47", "0.93"], 99.8, id="in the interval"),
        pytest.param({"hazard_ratio": "0.66 (99.8% CI 0.47-0.93)"},
                     "0.66", ["0.47", "0.93"], 99.8, id="behind the ratio"),
        pytest.param({"hazard_ratio": "0.66", "ci": ["0.47", "0.93"], "ci_level": "97.5%"},
                     "0.66", ["0.47", "0.93"], 97.5, id="as a key"),
        pytest.param({"hazard_ratio": "0.66 [0.47; 0.93]"},
                     "0.66", ["0.47", "0.93"], None, id="unstated"),
        pytest.param({"hazard_ratio": "0.66 (95% CI, 0.47 to 0.93)"},
                     "0.66", ["0.47", "0.93"], None, id="usual"),
    ],
)  # fmt: skip
def test_level_of_an_interval(raw, value, ci, level):
    """An interval and its level are read wherever they are printed."""
    read = Reported.model_validate(raw)
    assert str(read.hazard_ratio) == value
    assert [str(end) for end in read.ci or ()] == ci
    assert read.ci_level == level
    assert read.level == (level or 95)


@pytest.mark.parametrize(
    ("key", "value"),
    [("ci_level", 79), ("ci_level", 100), ("ci_level", "high"), ("ci_level", True)],
)
def test_impossible_levels_are_refused(key, value):
    """A level is a percentage from 80 to 99.9."""
    reported = {"hazard_ratio": "0.7", "ci": ["0.5", "0.9"], key: value}
    with pytest.raises(StudyFileError, match="is not a confidence level"):
        of(reference="A", arms={"A": {}, "B": {}}, reported=reported)


def test_two_levels_that_differ_are_refused():
    """A level in the text and another in the key contradict each other."""
    reported = {"hazard_ratio": "0.7", "ci": "99% CI 0.5 to 0.9", "ci_level": 95}
    with pytest.raises(StudyFileError, match="it is 95, but the interval is printed as 99%"):
        of(reference="A", arms={"A": {}, "B": {}}, reported=reported)


@pytest.mark.parametrize(
    ("raw", "ends"),
    [
        pytest.param("75% (95% CI, 70 to 78)", ["70%", "78%"], id="as printed"),
        pytest.param({"survival": "73%", "ci": "68 to 77"}, ["68%", "77%"], id="one sign"),
        pytest.param({"survival": "73%", "ci": ["68", "77"]}, ["68%", "77%"], id="list"),
        pytest.param({"survival": "73%", "ci": ["68", "77%"]}, ["68%", "77%"], id="one of two"),
        pytest.param({"survival": "75%", "ci": "0.70 to 0.78"}, ["0.70", "0.78"], id="fractions"),
        pytest.param({"survival": "1.2%", "ci": "0.5 to 2.9"}, ["0.5%", "2.9%"], id="small"),
        pytest.param({"survival": "0.75", "ci": "0.70 to 0.78"}, ["0.70", "0.78"], id="no sign"),
    ],
)
def test_limits_take_the_sign_of_their_survival(raw, ends):
    """Limits without a percent sign have that of the survival, unless they hold it as fractions."""
    mark = Landmark.model_validate(raw)
    assert [str(end) for end in mark.ci or ()] == ends
    low, high = mark.ci
    assert low.value < mark.survival.value < high.value


def test_median_as_printed():
    """A median is read with its interval, and quartiles are not taken for one."""
    arm = Arm.model_validate({"n": 9, "median": "21.8 (99% CI 12.9 to NR)"})
    assert (str(arm.median), [str(end) for end in arm.median_ci]) == ("21.8", ["12.9", "NR"])
    assert arm.median_ci_level == 99
    with pytest.raises(ValueError, match="more than one number"):
        Arm.model_validate({"median": "21.8 (IQR 12.9-30)"})


@pytest.mark.parametrize(
    ("test", "one_sided", "stratified"),
    [
        ("one-sided stratified log-rank", True, True),
        ("1-sided log-rank", True, False),
        ("one-tailed unstratified log rank", True, False),
        ("log-rank, not stratified", False, False),
        ("two-sided log-rank", False, False),
    ],
)
def test_name_of_the_test_says_what_p_is(test, one_sided, stratified):
    """The name of a test says whether p is one-sided, and whether it is stratified."""
    read = Reported(p=PrintedNumber.parse("0.02"), test=test)
    assert (read.one_sided, read.stratified) == (one_sided, stratified)
    assert Reported.model_validate({"test": test, "one_sided": False}).one_sided is False


@pytest.mark.parametrize(
    ("p", "both", "low", "high"),
    [
        ("0.0414", "0.0828", 0.0827, 0.0829),
        ("<0.001", "<0.002", 0.0, 0.002),
        ("0.98", "0.04", 0.03, 0.05),
        (">0.9", "<0.2", 0.0, 0.2),
    ],
)
def test_two_sided_p(p, both, low, high):
    """Twice the smaller tail, with its rounding."""
    found = two_sided(PrintedNumber.parse(p))
    assert str(found) == both
    assert (found.lower, found.upper) == pytest.approx((low, high))


def pairs(*names, **keys):
    """Return comparisons of arms with A."""
    return [{"treatment": name, "reference": "A", "p": "0.03", **keys} for name in names]


def test_each_pair_is_an_endpoint_of_two_arms():
    """Three arms with two comparisons have two contrasts, and are analysed themselves."""
    endpoint = of(arms=ARMS, reported={"p": "0.1"}, comparison=pairs("B", "C", events=70))
    assert [each.key for each in endpoint.analysed] == ["all/OS", "B vs A/OS", "C vs A/OS"]
    first = endpoint.contrasts[0]
    assert (first.reference, first.treatment, list(first.arms)) == ("A", "B", ["A", "B"])
    assert (str(first.reported.p), first.reported.events) == ("0.03", 70)
    assert first.origin == "all/OS"
    assert endpoint.origin == ""
    assert first.analysed == (first,)


def test_only_comparison_of_two_arms_is_the_endpoint_itself():
    """Two arms with one comparison have one analysis, under the endpoint's own key."""
    arms = {name: ARMS[name] for name in ("A", "B")}
    endpoint = of(arms=arms, comparison=pairs("B"))
    (only,) = endpoint.analysed
    assert (only.key, only.reference, str(only.reported.p)) == ("all/OS", "A", "0.03")


def test_one_pair_twice_has_two_names():
    """Two analyses of one pair are told apart by their kind."""
    twice = pairs("B") + pairs("B", stratified=True) + pairs("B", stratified=True)
    endpoint = of(cohort="psm", arms=ARMS, comparison=twice)
    cohorts = [each.cohort for each in endpoint.contrasts]
    assert cohorts == ["psm, B vs A", "psm, B vs A, stratified", "psm, B vs A-2"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        pytest.param({"reported": {"hazard_ratio": "0.31"}, "reference": "A"},
                     r"there are 3; write each one as \[\[endpoint.comparison\]\]", id="dropped"),
        pytest.param({"comparison": pairs("D")}, '"D" names no arm', id="unknown arm"),
        pytest.param({"comparison": pairs("A")}, "it is the arm in `reference`", id="same arm"),
        pytest.param({"comparison": [{"treatment": "B", "reference": "A"}]},
                     "neither hazard ratio nor ci nor p", id="nothing"),
        pytest.param({"comparison": [{"treatment": "B", "p": "0.1"}]}, "it is missing", id="one"),
    ],
)  # fmt: skip
def test_comparisons_that_say_nothing_are_refused(keys, why):
    """A hazard ratio of three arms, an arm that is none, and a comparison of nothing."""
    with pytest.raises(StudyFileError, match=why):
        of(arms=ARMS, **keys)


def test_pairs_that_would_be_saved_as_another_endpoint_are_refused():
    """A cohort with the name of a pair is told."""
    with pytest.raises(StudyFileError, match="would be saved under the same name"):
        study(
            id="mine",
            endpoint=[
                {"name": "OS", "cohort": "B vs A", "arms": {"A": {}}},
                {"name": "OS", "arms": ARMS, "comparison": pairs("B")},
            ],
        )


def raw(**changes):
    arm = {"n": 100, "causes": {"relapse": {"landmarks": {"12": "20%"}, "events": 30},
                                "death": {"landmarks": {"12": "10%"}}}}  # fmt: skip
    return {"name": "EFS", "reference": "A", "arms": {"A": arm, "B": arm}, **changes}


def test_causes_are_read():
    """An endpoint knows its causes, and what is reported of each."""
    endpoint = Endpoint.model_validate(raw())
    assert endpoint.causes == ("relapse", "death")
    cause = endpoint.arms["A"].causes["relapse"]
    assert cause.landmarks[12.0].incidence.contains(0.2)
    assert cause.events == 30


def test_reported_tables_name_causes():
    """What is reported by cause is among what is shown of an arm."""
    study = Study.model_validate({"id": "x", "endpoint": [raw()]})
    assert (
        "cumulative incidence of relapse 12: 20%, 30 events; death 12: 10%" in study._repr_html_()
    )


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        pytest.param(
            raw(arms={"A": raw()["arms"]["A"], "B": {"n": 10, "landmarks": {"12": "50%"}}}),
            "arms.B.causes: is missing; other arms report relapse, death",
            id="other arm",
        ),
        pytest.param(
            raw(arms={"A": raw()["arms"]["A"], "B": {"n": 10, "causes": {"relapse": {}}}}),
            '"death" is missing, which another arm has',
            id="other cause",
        ),
        pytest.param(
            raw(reported={"causes": {"cure": {"hazard_ratio": "0.5"}}}),
            "names no cause of the arms",
            id="unknown",
        ),
        pytest.param(
            raw(reference=None, reported={"causes": {"relapse": {"hazard_ratio": "0.5"}}}),
            "no denominator",
            id="no reference",
        ),
        pytest.param(
            raw(arms={"A": {"causes": {"relapse": {"landmarks": {"12": "120%"}}}}}, reference="A"),
            "is not a cumulative incidence",
            id="above all",
        ),
        pytest.param(
            raw(arms={"A": {"causes": {"relapse": {"landmarks": {"12": 20}}}}}, reference="A"),
            "is not in quotes",
            id="no quotes",
        ),
    ],
)
def test_faults_are_named(endpoint, sentence):
    """What does not fit is refused with its place and the fix."""
    raw_study = {"id": "x", "endpoint": [{k: v for k, v in endpoint.items() if v is not None}]}
    with pytest.raises(StudyFileError, match=sentence.replace("(", r"\(")):
        study_of(raw_study, "x")


def test_a_curve_of_incidence_is_read(tmp_path):
    """A column of incidence becomes a curve that falls from 1."""
    (tmp_path / "r.csv").write_text("time,incidence\n0,0\n3,0.05\n6,0.1\n9,0.15\n12,0.2\n")
    text = (
        'id = "x"\n[[endpoint]]\nname = "R"\n[endpoint.arms.A]\nn = 100\n'
        '[endpoint.arms.A.causes.relapse]\ncurve = "r.csv"\n'
    )
    path = tmp_path / "x.toml"
    path.write_text(text)
    curve = load_study(path).endpoints[0].arms["A"].causes["relapse"].curve
    assert curve.survival[-1] == pytest.approx(0.8)


def test_unknown_key_is_refused():
    """A slip of the keyboard in a cause is found."""
    with pytest.raises(ValidationError, match="landmark"):
        Endpoint.model_validate(
            raw(arms={"A": {"causes": {"relapse": {"landmark": {"12": "1%"}}}}}, reference="A")
        )


@pytest.mark.parametrize("lower", ["NE", "NR", "not estimable"])
def test_an_interval_that_could_not_be_estimated_is_refused(lower):
    """No number is above a lower limit that is none; the refusal said that the ratio is outside."""
    with pytest.raises(StudyFileError, match="leave the interval out if it could not be estimated"):
        of(arms={"A": ARMS["A"], "B": ARMS["B"]}, reference="A",
           reported={"hazard_ratio": "0.85", "ci": [lower, "NE"]})  # fmt: skip


def test_an_upper_limit_may_be_missing():
    """With few events it is beyond every number, and the lower limit still says something."""
    endpoint = of(arms={"A": ARMS["A"], "B": ARMS["B"]}, reference="A",
                  reported={"hazard_ratio": "0.85", "ci": ["0.20", "NE"]})  # fmt: skip
    assert not endpoint.reported.ci[1].reached
