"""Numbers of patients: at risk, after follow-up, in a comparison; and intervals of medians."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Findings


@pytest.mark.parametrize(
    ("arm", "rule", "expected"),
    [
        pytest.param({"at_risk": {"0": 90, "12": 40}}, "at-risk-order", "100 at 0", id="first"),
        pytest.param({"at_risk": {"6": 101}}, "at-risk-order", "at most 100 at 6", id="more"),
        pytest.param({"at_risk": {"0": 100, "12": 40, "24": 41}}, "at-risk-order",
                     "at most 40 at 24", id="rising"),
        pytest.param({"at_risk": {"60": 5}, "follow_up": {"max": "50"}}, "at-risk-after-follow-up",
                     "a longest follow-up of at least 60", id="at risk after the end"),
        pytest.param({"event_times": [3.0, 51.2], "follow_up": {"range": ["1", "50"]}},
                     "at-risk-after-follow-up", "a longest follow-up of at least 51.2",
                     id="an event after the end"),
        pytest.param({"landmarks": {"60": "0.5%"}}, "smallest-survival", "0% or at least 1%",
                     id="less than one patient"),
        pytest.param({"event_times": [3.0, 5.1, 6.0], "events": 2}, "survival-events",
                     "at least 3 events", id="more event times than events"),
        pytest.param({"follow_up": {"range": ["1", "40"], "max": "50"}}, "follow-up-order",
                     "one maximum", id="two maxima"),
        pytest.param({"follow_up": {"range": ["1", "40"], "min": "5"}}, "follow-up-order",
                     "one minimum", id="two minima"),
    ],
)  # fmt: skip
def test_numbers_of_an_arm(
    findings: Findings, arm: dict[str, Any], rule: str, expected: str
) -> None:
    """What the search for patients refuses is an error here."""
    (found,) = findings("", rule, arms={"A": {"n": 100} | arm, "B": {}})
    assert (found.severity, found.expected) == ("error", expected)


def test_numbers_of_an_arm_that_agree(findings: Findings) -> None:
    """Nobody at risk after the end, rounding, and fewer at risk than a cohort are no finding."""
    arm = {
        "n": 100, "n_basis": "cohort", "at_risk": {"0": 90, "50": 3, "60": 0},
        "follow_up": {"range": ["1", "50"], "min": "0.8", "max": "50.2"},
    }  # fmt: skip
    for rule in ("at-risk-order", "at-risk-after-follow-up", "follow-up-order"):
        assert findings("", rule, arms={"A": arm, "B": {}}) == []


@pytest.mark.parametrize(
    ("reported", "severities"),
    [
        pytest.param({"n": 500}, ["warning"], id="more patients"),
        pytest.param({"n": 150}, [], id="some of them"),
        pytest.param({"events": 202}, ["error"], id="more events than patients"),
        pytest.param({"n": 150, "events": 160}, ["error"], id="more events than these patients"),
        pytest.param({"events": 90}, [], id="as many as there may be"),
    ],
)
def test_patients_of_a_comparison(
    findings: Findings, reported: dict[str, Any], severities: list[str]
) -> None:
    """A comparison has the patients of its arms, or some of them."""
    arms = {"A": {"n": 100}, "B": {"n": 101}}
    found = findings(
        "", "comparison-patients", arms=arms, reference="A",
        reported={"hazard_ratio": "0.80"} | reported,
    )  # fmt: skip
    assert [each.severity for each in found] == severities


@pytest.mark.parametrize(
    ("n", "median", "ci", "unit", "found"),
    [
        pytest.param(60, "10", ["9.9", "10.1"], "months", 1, id="a steep fall"),
        pytest.param(60, "10", ["7.1", "14.2"], "months", 0, id="as wide as usual"),
        pytest.param(200, "1.4", ["1.4", "1.5"], "months", 0, id="the first visit"),
        pytest.param(100, "10", ["9.9", "10.1"], "months", 0, id="a late visit"),
        pytest.param(60, "304", ["301", "307"], "days", 1, id="in days"),
        pytest.param(60, "10", ["9.9", "NR"], "months", 0, id="no upper limit"),
    ],
)
def test_a_median_interval_within_which_survival_would_fall_too_steeply(
    findings: Findings, n: int, median: str, ci: list[str], unit: str, found: int
) -> None:
    """60 patients leave 61% until 9.9 and 38% after 10.1; before, that took nearly as long."""
    arm = {"n": n, "median": median, "median_ci": ci}
    own = findings("", "median-interval", arms={"A": arm, "B": {}}, time_unit=unit)
    assert [each.severity for each in own] == ["warning"] * found
    assert all(each.expected.startswith("at least ") for each in own)


def test_as_many_patients_as_needed_are_no_finding(findings: Findings) -> None:
    """The patients that a finding asks for are enough, and fewer are not."""
    arm = {"median": "10", "median_ci": ["9.9", "10.1"]}
    (own,) = findings("", "median-interval", arms={"A": {"n": 60} | arm, "B": {}})
    needed = int(own.expected.split()[2])
    enough = {"A": {"n": needed} | arm, "B": {"n": needed - 1} | arm}
    (left,) = findings("", "median-interval", arms=enough)
    assert left.place.startswith("all/OS, arm B")


@pytest.mark.parametrize(
    ("at_risk", "found"),
    [
        pytest.param({"12": 200}, ["61 events"], id="nobody has left"),
        pytest.param({"12": 139}, [], id="as many as survive"),
        pytest.param({"12": 150, "24": 139}, ["47 events"], id="nobody leaves until 24"),
        pytest.param({"12": 130, "24": 95}, [], id="fewer"),
        pytest.param({"12": 142}, [], id="a few at once"),
    ],
)
def test_those_at_risk_leave_room_for_the_events(
    findings: Findings, at_risk: dict[str, int], found: list[str]
) -> None:
    """Just before 12 at least r of 200 are alive; at 24 those 139 are 69.5%, of whom 46.3% stay."""
    arm = {"n": 200, "landmarks": {"12": "69.5%", "24": "46.3%"}, "at_risk": at_risk}
    said = [each.sentence for each in findings("", "at-risk-survival", arms={"A": arm})]
    assert len(said) == len(found)
    assert all(events in sentence for events, sentence in zip(found, said, strict=True))
