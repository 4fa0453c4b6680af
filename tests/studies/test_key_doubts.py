"""Keys that contradict each other, or that mean nothing without another one, are named."""

from __future__ import annotations

from typing import Any

import pytest

from kmrepro.studies import Study
from kmrepro.studies.doubts import doubts


def said(arm: dict[str, Any] | None = None, reported: dict[str, Any] | None = None) -> list[str]:
    """Return the doubts about an endpoint of two arms, without its place."""
    endpoint = {
        "name": "OS", "reference": "A", "arms": {"A": {"n": 100} | (arm or {}), "B": {"n": 101}},
        "reported": {"hazard_ratio": "0.80"} | (reported or {}),
    }  # fmt: skip
    study = Study.model_validate({"id": "mine", "endpoint": [endpoint]})
    return [str(each).removeprefix("endpoint[1] all/OS: ") for each in doubts(study)]


NO_LEVEL = "the level is of no interval, since there is no `{0}`; write `{0}`, or leave it out"


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        ({"follow_up": {"range": ["1", "40"], "min": "5"}},
         "arms.A.follow_up.min: it is 5, but `range` begins at 1; check both"),
        ({"follow_up": {"range": ["1", "40"], "max": "50"}},
         "arms.A.follow_up.max: it is 50, but `range` ends at 40; check both"),
        ({"follow_up": {"max": "50"}, "at_risk": {"60": 5}},
         "arms.A.at_risk.60: 5 are at risk then, but the longest follow-up is 50; check both"),
        ({"follow_up": {"max": "50"}, "event_times": [3.0, 51.5]},
         "arms.A.event_times: an event is at 51.5, but the longest follow-up is 50; check both"),
        ({"median_ci_level": 90}, "arms.A.median_ci_level: " + NO_LEVEL.format("median_ci")),
        ({"landmarks": {"12": {"survival": "80%", "ci_level": 90}}},
         "arms.A.landmarks.12.ci_level: " + NO_LEVEL.format("ci")),
        ({"n": None, "n_basis": "cohort"},
         'arms.A.n_basis: "cohort" is of no number, since there is no `n`; write `n`, or leave it '
         "out"),
    ],
)  # fmt: skip
def test_keys_of_an_arm(arm: dict[str, Any], expected: str) -> None:
    """Each is named with its key, and nothing else is."""
    assert said(arm) == [expected]


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ({"test": "stratified log-rank", "p": "0.3", "stratified": False},
         'reported.stratified: it is false, but `test` is "stratified log-rank"; check both'),
        ({"n": 500}, "reported.n: 500 patients are more than the 201 of the arms; check both"),
        ({"events": 300},
         "reported.events: 300 events are more than the 201 patients; check both"),
        ({"ci_level": 99}, "reported.ci_level: " + NO_LEVEL.format("ci")),
        ({"one_sided": True},
         "reported.one_sided: the side is of no p-value, since there is no `p`; write `p`, or "
         "leave it out"),
    ],
)  # fmt: skip
def test_keys_of_a_comparison(reported: dict[str, Any], expected: str) -> None:
    """Each is named with its key, and nothing else is."""
    assert said(reported=reported) == [expected]


def test_keys_that_agree_are_not_doubted() -> None:
    """Rounding, an end of follow-up with nobody left, and patients of a part are usual."""
    follow_up = {"range": ["1", "50"], "min": "1.4", "max": "50.2"}
    arm = {"follow_up": follow_up, "at_risk": {"0": 100, "50": 3, "60": 0}}
    assert said(arm, {"n": 150, "test": "one-sided stratified log-rank", "stratified": True}) == []


def test_a_comparison_that_is_listed_twice() -> None:
    """The same numbers again are a slip; another analysis of the same arms has its own."""
    own = {"treatment": "B", "reference": "A", "hazard_ratio": "0.80"}
    endpoint = {"name": "OS", "arms": {"A": {"n": 100}, "B": {"n": 101}}}
    for other, said_of in (({}, ["endpoint[1] all/OS: comparison[2]"]), ({"adjusted": True}, [])):
        listed = {"comparison": [own, own | other]}
        study = Study.model_validate({"id": "mine", "endpoint": [endpoint | listed]})
        found = doubts(study)
        assert [each.place for each in found if "would be taken for" in each.text] == said_of
