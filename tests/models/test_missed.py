"""Printed numbers that no patients meet: no verdict, and which number is missed by how much."""

import pytest

from kmrepro.models import analyse, compare
from kmrepro.reconstruct import reconstruct
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
            "survival 80% at 12 months in arm A (they have 66.67%, 12.83 points outside its "
            "rounding)",
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
    because = "Not assessable: no patients were found that meet all printed numbers. The nearest "
    assert f"{because}miss {first}" in comparison.sentence
    assert "reported standard errors" not in comparison.sentence
    assert "significant" not in comparison.sentence


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
