"""Reported values beside those of the patients: which are missed, and by how much."""

import numpy as np
import pytest

import kmrepro as km
from kmrepro.models import (
    CurveCheck,
    EndpointAnalysis,
    analyse,
    check_curves,
    compare,
    curve_frame,
    kaplan_meier,
)
from kmrepro.reconstruct import PseudoIPD, reconstruct
from kmrepro.studies import Arm, Endpoint, Landmark, PrintedNumber, Reported

parse = PrintedNumber.parse


def arm(survival, **printed) -> Arm:
    """Make an arm with survival printed at some times."""
    marks = {time: Landmark(survival=parse(text)) for time, text in survival.items()}
    return Arm(landmarks=marks, **printed)


def endpoint(a: Arm, b: Arm, *, events=None) -> Endpoint:
    """Make two arms with a hazard ratio that has an interval."""
    reported = Reported(
        hazard_ratio=parse("1.3"), ci=(parse("0.8"), parse("2.1")), p=parse("0.2"), events=events
    )
    return Endpoint(name="OS", reference="A", arms={"A": a, "B": b}, reported=reported)


A = {12.0: "80%", 24.0: "60%"}
B = {12.0: "75%", 24.0: "50%"}


@pytest.mark.parametrize(
    ("printed", "first"),
    [
        pytest.param(
            endpoint(arm(A, n=100), arm(B, n=100), events=2),
            "2 events in total (they have 15, 13 too many)",
            id="2 events in total",
        ),
        pytest.param(
            endpoint(arm({12.0: "98.8%"}, n=3), arm(B, n=100)),
            "survival 98.8% at 12 months in arm A (they have 100.00%, 1.15 points outside its "
            "rounding)",
            id="98.8% of 3 patients",
        ),
    ],
)
def test_no_whole_patients(printed, first):
    """Patients that only come near what is printed support no verdict, and the sentence says so."""
    comparison = analyse(printed, reconstruct(printed)).comparison
    assert comparison.verdict == "not assessable"
    assert comparison.missed[0] == first
    because = (
        "Not assessable: no patients were found that agree with every reported value. The nearest "
    )
    assert f"{because}miss {first}" in comparison.sentence
    assert "reported standard errors" not in comparison.sentence
    assert "significant" not in comparison.sentence


@pytest.mark.parametrize("basis", ["endpoint", "allocation"])
def test_no_whole_patients_of_a_share(basis):
    """Where the paper's own number may be another, the sentence says so."""
    few = arm({12.0: "98.8%"}, n=3).model_copy(update={"n_basis": basis})
    printed = endpoint(few, arm(B, n=100))
    comparison = analyse(printed, reconstruct(printed)).comparison
    said = "The numbers of patients of A are shares of all by the allocation, and those of the"
    assert (said in comparison.sentence) == (basis == "allocation") == bool(comparison.shares)


@pytest.mark.parametrize(
    ("of_a", "total", "missed"),
    [
        pytest.param(
            {"events": 6}, None, "6 events in arm A (they have 3, 3 too few)", id="3 too few"
        ),
        pytest.param(
            {"events": 2}, None, "2 events in arm A (they have 3, 1 too many)", id="1 too many"
        ),
        pytest.param({}, 7, "7 events in total (they have 5, 2 too few)", id="total"),
        pytest.param(
            {"at_risk": {0.0: 5, 10.0: 3}},
            None,
            "3 at risk at 10 months in arm A (they have 2, 1 too few)",
            id="at risk",
        ),
        pytest.param(
            {"event_times": (2.0, 2.0, 4.0)},
            None,
            "2 events at 2 months in arm A (they have 1, 1 too few)",
            id="event time",
        ),
        pytest.param(
            {"median": parse("6.1")},
            None,
            "median 6.1 months in arm A (theirs is 6, 0.05 outside its rounding)",
            id="median",
        ),
        pytest.param(
            {"median": parse("NR")}, None, "median NR in arm A (theirs is 6)", id="median reached"
        ),
    ],
)
def test_each_printed_number(of_a, total, missed, make_ipd):
    """Counts and medians that the patients miss are named, with how far they are off."""
    ipd = make_ipd(A=[(2, 1), (4, 1), (6, 1), (12, 0), (13, 0)], B=[(3, 1), (5, 1), (8, 0), (9, 0)])
    comparison = compare(endpoint(arm({}, n=5, **of_a), arm({}, n=4), events=total), ipd)
    assert comparison.missed == (missed,)
    assert comparison.verdict == "not assessable"


def test_median_that_is_not_reached(make_ipd):
    """A printed median that the patients never reach is named."""
    ipd = make_ipd(A=[(2, 1), (4, 0), (6, 0)], B=[(3, 1), (5, 1), (8, 0)])
    comparison = compare(endpoint(arm({}, median=parse("5")), arm({})), ipd)
    assert comparison.missed == ("median 5 months in arm A (theirs is not reached)",)


def test_counts_that_are_met(make_ipd):
    """Counts that hold, one less exactly than at risk among them, leave the verdict alone."""
    ipd = make_ipd(A=[(2, 1), (4, 1), (6, 0)], B=[(3, 1), (5, 1), (8, 0)])
    printed = arm({}, n=3, events=2, at_risk={0.0: 3, 2.0: 3, 4.0: 2}, event_times=(2.0, 4.0))
    comparison = compare(endpoint(printed, arm({}, n=3, events=2), events=4), ipd)
    assert comparison.missed == ()
    assert comparison.verdict != "not assessable"


def test_a_long_list_is_shortened(make_ipd):
    """Of many missed numbers the sentence names four; the result keeps them all."""
    ipd = make_ipd(A=[(2, 1), (4, 1), (60, 0)], B=[(3, 1), (5, 1), (60, 0)])
    printed = arm({float(time): f"{99 - time}%" for time in range(6, 13)}, n=3)
    comparison = compare(endpoint(printed, arm({}, n=3)), ipd)
    assert len(comparison.missed) == 7
    assert comparison.sentence.count("outside its rounding") == 4
    assert "; and 3 more." in comparison.sentence


PATIENTS = PseudoIPD(
    time=np.array([1.0, 2.0, 3.0, 4.0, 5.0]),
    event=np.array([True, False, True, False, False]),
    arm=np.array(["all"] * 5),
    arms=("all",),
)


def test_the_numbers_are_those_by_hand() -> None:
    """Five patients, two events: every number of the check can be counted."""
    curve = km.digitised_curve([0, 1, 3, 5], [1, 0.8, 0.55, 0.55], tolerance=0.02)
    endpoint = km.curve_endpoint(curve, n=5, at_risk={0: 5, 2: 4, 3: 2}, events=3)
    (check,) = check_curves(endpoint, {"all": kaplan_meier(PATIENTS, arm="all")})
    assert check.reproduced == pytest.approx([0.8, 0.8 * 2 / 3, 0.8 * 2 / 3])
    assert check.residual == pytest.approx([0, 0.8 * 2 / 3 - 0.55, 0.8 * 2 / 3 - 0.55])
    assert check.inside.tolist() == [True, True, True]
    assert check.largest == pytest.approx(0.55 - 0.8 * 2 / 3)
    assert check.typical == pytest.approx(check.largest * np.sqrt(2 / 3))
    assert [(row.printed, row.reproduced, row.met) for row in check.at_risk] == [
        (5, 5, True), (4, 4, True), (2, 3, False),
    ]  # fmt: skip
    assert (check.n, check.events, check.events_printed, check.last_time) == (5, 2, 3, 5)


def test_the_ends_of_the_tolerance_belong_to_it() -> None:
    """A curve that is off by exactly the tolerance is met, and by more is not."""
    for height, inside in ((0.82, True), (0.8201, False)):
        curve = km.digitised_curve([0, 1], [1, height], tolerance=0.02, kind="steps")
        endpoint = km.curve_endpoint(curve, n=5)
        (check,) = check_curves(endpoint, {"all": kaplan_meier(PATIENTS, arm="all")})
        assert check.inside.tolist() == [inside]


def analysis() -> EndpointAnalysis:
    """Analyse two arms, one of them with a curve."""
    curve = km.digitised_curve([0, 2, 5, 9, 20], [1, 0.9, 0.8, 0.65, 0.65])
    study = km.Study.model_validate({
        "id": "mine",
        "endpoint": [{"name": "OS", "reference": "B", "arms": {
            "A": {"n": 40, "curve": curve, "at_risk": {0: 40, 6: 30}},
            "B": {"n": 40, "landmarks": {12: "60%"}},
        }}],
    })  # fmt: skip
    return km.analyse(study.endpoints[0], km.reconstruct(study.endpoints[0]))


def test_only_arms_with_a_curve_are_checked() -> None:
    """An analysis checks the curves that there are."""
    (check,) = analysis().curve_checks
    assert check.arm == "A"
    assert check.inside.all()
    assert all(row.met for row in check.at_risk)


def test_as_a_frame() -> None:
    """One row for each arm; events that are not printed are missing."""
    frame = curve_frame(analysis().curve_checks)
    (row,) = frame.to_dict(orient="records")
    assert (row["arm"], row["n"], row["points"], row["points_met"]) == ("A", 40, 4, 4)
    assert (row["at_risk_rows"], row["at_risk_met"]) == (2, 2)
    assert frame["events_printed"].isna().all()


def test_no_curve_no_check() -> None:
    """Studies of printed numbers alone have nothing to check."""
    endpoint = km.load_study("an2025").endpoint("psm", "OS")
    assert km.analyse(endpoint, km.reconstruct(endpoint)).curve_checks == ()
    assert curve_frame(()).empty


@pytest.mark.parametrize(
    ("missed", "is_misfit"),
    [
        pytest.param({}, False, id="nowhere"),
        pytest.param({10: 0.01}, False, id="one level by 1 point"),
        pytest.param({10: 0.01, 11: 0.01, 12: 0.01}, True, id="3% of the time"),
        pytest.param({50: 0.031}, True, id="one level by 3 points"),
        pytest.param(dict.fromkeys(range(100), 0.004), False, id="all by less than shows"),
    ],
)
def test_a_single_misread_level_is_no_misfit(missed, is_misfit):
    """Single levels of a picture are misread; what shows in a figure is a misfit."""
    time = np.arange(100.0)
    digitised = np.linspace(1.0, 0.4, 100)
    reproduced = digitised.copy()
    for place, by in missed.items():
        reproduced[place] -= 0.003 + by
    check = CurveCheck(
        arm="A", n=200, time=time, digitised=digitised, reproduced=reproduced, tolerance=0.003,
        at_risk=(), last_time=100.0, events=120, events_printed=None, kind="samples",
        widths=np.full(100, 0.003),
    )  # fmt: skip
    assert check.misfit == is_misfit
    assert bool(check.misfit_in_words("months")) == is_misfit
