"""Survival, medians, directions and follow-up against each other."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Findings

OS = {"name": "OS", "reference": "A"}


def arms(one: dict[str, Any], other: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return two arms."""
    return {"A": one, "B": other or {}}


@pytest.mark.parametrize(
    ("late", "found"),
    [pytest.param("82%", 1, id="rises"), pytest.param("81%", 0, id="by rounding alone")],
)
def test_survival_that_rises(findings: Findings, late: str, found: int) -> None:
    """80% may be 80.5%."""
    marks = {"12": "80%", "36": late}
    assert len(findings("", "survival-rising", arms=arms({"landmarks": marks}))) == found


def test_an_estimate_outside_its_interval(findings: Findings) -> None:
    """Survival and median lie inside their intervals."""
    marks = {"12": {"survival": "80%", "ci": ["60%", "75%"]}}
    inside = {"12": {"survival": "75.4%", "ci": ["60%", "75%"]}}
    rule = "estimate-outside-interval"
    assert len(findings("", rule, arms=arms({"landmarks": marks}))) == 1
    assert not findings("", rule, arms=arms({"landmarks": inside}))
    median = {"median": "31.0", "median_ci": ["12.9", "30.6"]}
    assert len(findings("", rule, arms=arms(median))) == 1


@pytest.mark.parametrize(
    ("n", "survival", "at_risk", "severity"),
    [
        pytest.param(89, ["75.28%", "53.93%", "35.96%"], None, "note", id="67, 48 and 32 of 89"),
        pytest.param(89, ["75.28%", "53.93%", "35.96%"], 48, "note", id="all of them at risk"),
        pytest.param(89, ["75.28%", "53.93%", "35.96%"], 40, "warning", id="some were censored"),
        pytest.param(89, ["75.28%", "53.93%", "53.93%"], 40, None, id="two survivals only"),
        pytest.param(
            89, ["89.89%", "75.28%", "53.93%", "53.93%"], 40, "warning", id="censored and falling"
        ),
        pytest.param(
            89, ["89.89%", "75.28%", "53.93%", "53.93%"], 66, "warning", id="one was censored"
        ),
        pytest.param(
            89, ["89.89%", "75.28%", "75.28%", "53.9%"], 40, "note", id="the last may be chance"
        ),
        pytest.param(89, ["75.28%", "53.95%", "35.96%"], None, None, id="one is not"),
        pytest.param(89, ["75%", "54%", "36%"], None, None, id="by chance"),
        pytest.param(89, ["75.28%", "75.28%", "75.28%"], None, None, id="one survival only"),
        pytest.param(10_000, ["75.28%", "53.93%", "35.96%"], None, None, id="of so many all are"),
    ],
)
def test_plain_shares(
    findings: Findings, n: int, survival: list[str], at_risk: int | None, severity: str | None
) -> None:
    """Survival that is a whole number of the patients everywhere is so by no chance."""
    marks = {str(12 * year): value for year, value in enumerate(survival, start=1)}
    rows = {} if at_risk is None else {"at_risk": {"24": at_risk}}
    found = findings("", "plain-shares", arms=arms({"n": n, "landmarks": marks, **rows}))
    assert [each.severity for each in found] == ([severity] if severity else [])


def test_who_leaves_after_the_last_event_leaves_plain_shares_plain(findings: Findings) -> None:
    """Fewer are at risk at the last landmark than are alive, and no event follows."""
    arm = {"n": 89, "landmarks": {"12": "75.28%", "24": "53.93%", "36": "35.96%"}}
    (found,) = findings("", "plain-shares", arms=arms(arm | {"at_risk": {"12": 67, "36": 20}}))
    assert found.severity == "note"


@pytest.mark.parametrize(
    ("median", "survival", "found"),
    [
        pytest.param("13.1", "49%", 1, id="median after a survival below half"),
        pytest.param("13.1", "50%", 0, id="50% may be more"),
        pytest.param("11.0", "51%", 1, id="median before a survival above half"),
        pytest.param("11.0", "50%", 0, id="50% may be less"),
        pytest.param("NR", "49%", 1, id="not reached, yet below half"),
    ],
)
def test_median_and_survival(findings: Findings, median: str, survival: str, found: int) -> None:
    """The median is where survival falls to half."""
    arm = {"median": median, "landmarks": {"12": survival}}
    assert len(findings("", "median-survival", arms=arms(arm))) == found


def test_endpoints_in_order(findings: Findings) -> None:
    """Survival without progression is not above overall survival."""
    text = """
        [[endpoint]]
        name = "OS"
        arms = { A = { landmarks = { 12 = "80%" }, median = "20" } }
        [[endpoint]]
        name = "PFS"
        arms = { A = { landmarks = { 12 = "PFS" }, median = "MEDIAN" } }
    """
    wrong = text.replace('"PFS" }', '"82%" }').replace("MEDIAN", "22")
    assert [each.severity for each in findings(wrong, "endpoint-order")] == ["warning", "warning"]
    right = text.replace('"PFS" }', '"80.4%" }').replace("MEDIAN", "20.5")
    assert not findings(right, "endpoint-order")


REPORTED = {"hazard_ratio": "0.60", "ci": ["0.45", "0.80"]}


@pytest.mark.parametrize(
    ("treated", "found"),
    [
        pytest.param({"12": "70%", "36": "40%"}, 1, id="all lower"),
        pytest.param({"12": "70%", "36": "55%"}, 0, id="one higher"),
        pytest.param({"12": "79.6%", "36": "40%"}, 0, id="one the same after rounding"),
    ],
)
def test_direction(findings: Findings, treated: dict[str, str], found: int) -> None:
    """A ratio well below 1 does not go with lower survival throughout."""
    two = arms({"landmarks": {"12": "80%", "36": "50%"}}, {"landmarks": treated})
    result = findings("", "direction", reference="A", arms=two, reported=REPORTED)
    assert len(result) == found


def test_direction_is_not_asked_of_what_is_not_significant(findings: Findings) -> None:
    """With 1 in the interval curves may well lie the other way."""
    two = arms({"median": "20"}, {"median": "10"})
    wide = {"hazard_ratio": "0.90", "ci": ["0.45", "1.80"]}
    assert not findings("", "direction", reference="A", arms=two, reported=wide)
    assert findings("", "direction", reference="A", arms=two, reported=REPORTED)


def test_reversed_limits_say_no_direction(findings: Findings) -> None:
    """Of them the upper is below 1 and the lower above it, so that both arms were favoured."""
    two = arms({"landmarks": {"12": "60%"}}, {"landmarks": {"12": "70%"}})
    turned = {"hazard_ratio": "0.70", "ci": ["1.40", "0.35"]}
    assert not findings("", "direction", reference="A", arms=two, reported=turned)


@pytest.mark.parametrize(
    ("treated", "found"),
    [
        pytest.param({"12": "95%", "36": "40%"}, 1, id="crossing"),
        pytest.param({"12": "82%", "36": "57%"}, 0, id="about the same"),
        pytest.param({"12": "80.4%", "36": "49%"}, 0, id="crossing by rounding alone"),
    ],
)
def test_hazards_strain(findings: Findings, treated: dict[str, str], found: int) -> None:
    """Ratios on both sides of 1 are a note."""
    two = arms(
        {"n": 100, "landmarks": {"12": "80%", "36": "50%"}}, {"n": 100, "landmarks": treated}
    )
    result = findings("", "hazards-strain", reference="A", arms=two, reported=REPORTED)
    assert [each.severity for each in result] == ["note"] * found


@pytest.mark.parametrize(
    ("longest", "severities"),
    [
        pytest.param("76", [], id="as long as the study"),
        pytest.param("76.4", ["warning"], id="in months of 30 days"),
        pytest.param("90", ["error"], id="in no months"),
    ],
)
def test_follow_up_window(findings: Findings, longest: str, severities: list[str]) -> None:
    """From February 2012 to May 2018 are 75.9 months, which print as 76."""
    arm = {"follow_up": {"median": "22", "range": ["1", longest]}}
    result = findings(
        "", "follow-up-window", arms=arms(arm), enrolment=["2012-02", "2016-12"],
        data_cutoff="2018-05",
    )  # fmt: skip
    assert [each.severity for each in result] == severities


def test_follow_up_order_and_landmarks(findings: Findings) -> None:
    """Median after quartiles, landmark after the last patient."""
    arm = {
        "follow_up": {"median": "80", "iqr": ["15", "72"], "max": "100"},
        "landmarks": {"100": "50%", "120": "40%"},
    }
    (order,) = findings("", "follow-up-order", arms=arms(arm))
    assert "80 should not be above 72" in order.sentence
    (late,) = findings("", "landmark-after-follow-up", arms=arms(arm))
    assert (late.severity, late.expected) == ("warning", "at least 120")


@pytest.mark.parametrize(
    ("cutoff", "found"),
    [
        pytest.param("2022-01", ["at most 25.0 months"], id="later"),
        pytest.param("2023-12", [], id="as long as the study"),
        pytest.param("2023-10", [], id="in months of 28 days"),
    ],
)
def test_a_landmark_later_than_the_calendar(
    findings: Findings, cutoff: str, found: list[str]
) -> None:
    """Patients who entered from January 2020 on are not followed for 48 months by 2022."""
    arm = {"landmarks": {"12": "80%", "48": "40%", "60": "0%"}}
    each = findings(
        "", "landmark-after-follow-up", arms=arms(arm), enrolment=["2020-01", "2021-06"],
        data_cutoff=cutoff,
    )  # fmt: skip
    assert [finding.expected for finding in each] == found


@pytest.mark.parametrize(
    ("median", "found"),
    [
        pytest.param("80.0", ["at most 72"], id="later"),
        pytest.param("72.5", [], id="the same, rounded"),
        pytest.param("72.6", ["at most 72"], id="just later"),
        pytest.param("NR", [], id="not reached"),
    ],
)
def test_a_median_later_than_anybody_was_followed(
    findings: Findings, median: str, found: list[str]
) -> None:
    """The median is the time of an event."""
    arm = {"median": median, "follow_up": {"max": "72"}}
    each = findings("", "median-after-follow-up", arms=arms(arm))
    assert [finding.expected for finding in each] == found
