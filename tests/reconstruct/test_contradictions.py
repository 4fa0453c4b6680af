"""Printed numbers that cannot all be true, each with its own sentence."""

from __future__ import annotations

from typing import Any

import pytest

from kmrepro.reconstruct import ContradictionError, ReconstructionRefused, reconstruct
from kmrepro.studies import CensorMarks, curve_endpoint, digitised_curve

from .conftest import build_endpoint

SOUND = {"n": 100, "landmarks": {"12": "80%", "36": "60%"}}


@pytest.mark.parametrize(
    ("arm", "sentence", "numbers"),
    [
        pytest.param(
            {"n": 100, "landmarks": {"12": "80%", "36": "90%"}},
            "survival rises from 80% at 12 to 90% at 36 months",
            {"survival 80% at 12", "survival 90% at 36"},
            id="survival rises",
        ),
        pytest.param(
            SOUND | {"events": 101},
            "101 events are reported for 100 patients",
            {"101 events", "n = 100"},
            id="more events than patients",
        ),
        pytest.param(
            SOUND | {"median": "20"},
            "the median is 20 months but survival at 36 is 60%",
            {"median 20", "survival 60% at 36"},
            id="median too early",
        ),
        pytest.param(
            {"n": 100, "landmarks": {"12": "40%"}, "median": "20"},
            "the median is 20 months but survival at 12 is 40%",
            {"median 20", "survival 40% at 12"},
            id="median too late",
        ),
        pytest.param(
            {"n": 100, "landmarks": {"12": "40%"}, "median": "NR"},
            "the median is NR but survival at 12 is 40%",
            {"median NR", "survival 40% at 12"},
            id="median reached after all",
        ),
        pytest.param(
            SOUND | {"at_risk": {"0": 100, "12": 70, "36": 72}},
            "the number at risk rises from 70 at 12 to 72 at 36",
            {"70 at risk at 12", "72 at risk at 36"},
            id="at-risk counts rise",
        ),
        pytest.param(
            SOUND | {"at_risk": {"0": 99, "12": 70}},
            "99 patients are at risk at 0 in an arm of 100",
            {"99 at risk at 0", "n = 100"},
            id="at-risk table starts elsewhere than n",
        ),
        pytest.param(
            SOUND | {"at_risk": {"48": 5}, "follow_up": {"max": "40"}},
            "5 at risk at 48 is reported but the longest follow-up is 40",
            {"5 at risk at 48", "longest follow-up 40"},
            id="at risk beyond follow-up",
        ),
        pytest.param(
            SOUND | {"event_times": [3, 5], "events": 1},
            "2 event times are reported but 1 event",
            {"2 event times", "1 event"},
            id="more event times than events",
        ),
        pytest.param(
            SOUND | {"at_risk": {"13": 90}},
            "these cannot all be true: n = 100, survival 80% at 12, 90 at risk at 13",
            {"n = 100", "survival 80% at 12", "90 at risk at 13"},
            id="more at risk than survive",
        ),
        pytest.param(
            SOUND | {"events": 10, "at_risk": {"36": 60}},
            "these cannot all be true: n = 100, survival 60% at 36 and 60 at risk at 36, 10 events",
            {"n = 100", "survival 60% at 36 and 60 at risk at 36", "10 events"},
            id="too few events for the curve",
        ),
        pytest.param(
            SOUND | {"events": 0},
            "0 events are reported with survival 80% at 12, survival 60% at 36, and they need at "
            "least 2",
            {"0 events", "survival 80% at 12", "survival 60% at 36"},
            id="no event although survival falls",
        ),
        pytest.param(
            {"n": 100, "median": "20", "landmarks": {"12": "80%", "14": "80.4%"}, "events": 1},
            "1 event is reported with survival 80% at 12, median 20, and they need at least 2",
            {"1 event", "survival 80% at 12", "median 20"},
            id="fewer events than falls",
        ),
    ],
)
def test_names_the_numbers_that_contradict_each_other(arm, sentence, numbers):
    """The sentence says what is wrong, and `numbers` holds what it is about."""
    with pytest.raises(ContradictionError) as refused:
        reconstruct(build_endpoint({"A": arm}))
    assert sentence in str(refused.value)
    assert set(refused.value.numbers) == numbers
    assert refused.value.endpoint_key == "all/OS"


@pytest.mark.parametrize(
    ("reported", "sentence"),
    [
        pytest.param(
            {"hazard_ratio": "1.50", "ci": ["0.78", "1.20"]},
            "the 95% interval 0.78 to 1.20 does not contain the hazard ratio 1.50",
            id="interval without its hazard ratio",
        ),
        pytest.param(
            {"hazard_ratio": "1.50", "events": 201},
            "201 events are reported among 200 patients",
            id="more events than patients",
        ),
    ],
)
def test_names_contradictions_in_the_comparison(reported, sentence):
    """What is reported of both arms is checked too."""
    with pytest.raises(ContradictionError, match=sentence):
        reconstruct(build_endpoint({"A": SOUND, "B": SOUND}, reported))


def test_rounding_is_allowed_for():
    """An interval whose bound rounds to the hazard ratio contains it."""
    reported = {"hazard_ratio": "1.20", "ci": ["0.78", "1.2"]}
    assert reconstruct(build_endpoint({"A": SOUND, "B": SOUND}, reported)).time.size == 200


def test_one_event_may_be_enough():
    """Values between which survival need not fall ask for no event of their own."""
    arm = {"n": 3, "landmarks": {"12": "100%", "24": "67%", "36": "66.7%"}, "events": 1}
    assert reconstruct(build_endpoint({"A": arm})).event.sum() == 1


def test_a_curve_that_falls_has_events():
    """A digitised curve cannot come down without an event, however its points are read."""
    curve = digitised_curve([2, 5, 9, 14, 20], [0.9, 0.8, 0.65, 0.5, 0.5])
    with pytest.raises(ContradictionError, match="all: 0 events are reported with the curve at 2"):
        reconstruct(curve_endpoint(curve, n=40, events=0))


def test_a_mark_after_the_longest_follow_up():
    """Nobody is censored later than patients were followed."""
    arm = {
        "n": 40,
        "curve": digitised_curve([2, 5, 9, 14, 20], [0.9, 0.8, 0.65, 0.5, 0.5]),
        "censor_marks": [22],
        "follow_up": {"max": "20"},
    }
    with pytest.raises(ContradictionError, match="a censoring mark at 22 is reported but the long"):
        reconstruct(build_endpoint({"A": arm}))


def test_several_contradictions_are_all_named():
    """A reader learns of every contradiction at once."""
    with pytest.raises(ContradictionError) as refused:
        reconstruct(
            build_endpoint({"A": {"n": 9, "events": 10, "landmarks": {"1": "80%", "2": "90%"}}})
        )
    assert "survival rises" in str(refused.value)
    assert "10 events are reported for 9 patients" in str(refused.value)


@pytest.mark.parametrize(
    ("arm", "sentence"),
    [
        pytest.param({"landmarks": {"12": "80%"}}, "arm A reports no number of", id="no n"),
        pytest.param(
            {"n": 14, "mean": "22.7"},
            "arm A reports only n, mean, which does not say when its events happened",
            id="a mean only",
        ),
        pytest.param({"n": 14, "events": 0}, "arm A reports no time at all", id="no time"),
        pytest.param(
            {"n": 14, "median": "NR", "follow_up": {"max": "30"}},
            "arm A reports only n, a median that is not reached, follow_up, which does not say",
            id="a median that is not reached",
        ),
    ],
)
def test_refuses_what_prints_too_little(arm, sentence):
    """An endpoint that does not print enough is refused, which is no contradiction."""
    with pytest.raises(ReconstructionRefused, match=sentence) as refused:
        reconstruct(build_endpoint({"A": arm}))
    assert not isinstance(refused.value, ContradictionError)


def test_a_value_that_no_patients_were_found_with_is_missed_by_little():
    """Eight patients lose at least an eighth at a time; the result says what it missed."""
    endpoint = build_endpoint(
        {"A": {"n": 8, "events": 1, "landmarks": {"12": "95.0%"}, "follow_up": {"max": "20"}}}
    )
    ipd = reconstruct(endpoint)
    assert ipd.time.size == 8
    assert ipd.event.sum() == 1
    missed = [text for text in ipd.assumptions if "8 patients were found" in text]
    assert missed == [
        "No 8 patients were found with survival 95.0% at 12: the nearest found have 100.00%, "
        "4.95 points outside its rounding."
    ]


DROPS = digitised_curve([0, 1.1, 2, 3.4, 4, 6], [1, 0.98, 0.96, 0.94, 0.92, 0.9], kind="steps")
LEAVING = [
    pytest.param(
        {"at_risk": {0: 50, 6: 47}},
        "from 0 to 6 the curve falls 4 times, but only 3 of the 50 at risk leave",
        ("4 drops from 0 to 6", "n = 50", "47 at risk at 6"),
        id="drops",
    ),
    pytest.param(
        {"at_risk": {0: 50, 3: 45}, "censor_marks": CensorMarks(time=(1.5,), count=(4,))},
        "from 0 to 3 the curve falls 2 times and 4 are censored at marks, but only 5 of the 50 at",
        ("2 drops from 0 to 3", "4 censored from 0 to 3", "n = 50", "45 at risk at 3"),
        id="drops and marks",
    ),
    pytest.param(
        {"at_risk": {0: 50, 5: 1}, "censor_marks": CensorMarks(time=(5.5, 5.7))},
        "from 5 on the curve falls once and 2 are censored at marks, but only 1 are at risk",
        ("1 drops from 5 on", "2 censored from 5 on", "1 at risk at 5"),
        id="after the last row",
    ),
    pytest.param(
        {"censor_marks": CensorMarks(time=(1.5,), count=(60,))},
        "from 0 on the curve falls 5 times and 60 are censored at marks, but only 50 are at risk",
        ("5 drops from 0 on", "60 censored from 0 on", "n = 50"),
        id="more marks than patients",
    ),
]


@pytest.mark.parametrize(("given", "sentence", "numbers"), LEAVING)
def test_more_leave_than_the_number_at_risk_falls_by(
    given: dict[str, Any], sentence: str, numbers: tuple[str, ...]
) -> None:
    """Each drop of a curve, and each mark, is a patient at least who is at risk no longer."""
    with pytest.raises(ContradictionError, match=sentence) as caught:
        reconstruct(curve_endpoint(DROPS, n=50, **given))
    assert caught.value.numbers == numbers


def test_just_as_many_leave_as_the_number_at_risk_falls_by() -> None:
    """At the bound there are patients."""
    marks = CensorMarks(time=(1.5,), count=(3,))
    ipd = reconstruct(curve_endpoint(DROPS, n=50, at_risk={0: 50, 3: 45}, censor_marks=marks))
    assert int((ipd.time >= 3).sum()) == 45


@pytest.mark.parametrize(("survival", "refused"), [("0.9%", True), ("1.0%", False), ("0%", False)])
def test_survival_below_one_of_n(build, survival, refused):
    """Of 100 patients at least one in a hundred survives, or nobody does."""
    endpoint = build({"A": {"n": 100, "landmarks": {"36": survival}}})
    if not refused:
        reconstruct(endpoint)
        return
    with pytest.raises(ContradictionError, match="above 0 but below 1/100"):
        reconstruct(endpoint)
