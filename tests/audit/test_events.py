"""Events and intervals of survival, against the patients that there are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.audit import audit
from kmrepro.audit.follow_up import greenwood_sums
from kmrepro.studies import Landmark, Study

from ..seeds import examples
from .conftest import Findings

RULES = {"survival-interval", "median-interval", "survival-events", "events-sum"}


def arms(first: dict[str, Any], second: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an endpoint's arms A and B."""
    return {"arms": {"A": first, "B": second or {}}}


def mark(survival: str, lower: str, upper: str) -> dict[str, Any]:
    """Return a landmark with its interval."""
    return {"survival": survival, "ci": [lower, upper]}


@pytest.mark.parametrize(
    ("n", "severities"),
    [
        pytest.param(100, [], id="as the binomial has it"),  # 0.6 (0.51 to 0.70): n = 102, at least
        pytest.param(90, [], id="with its rounding"),
        pytest.param(75, ["warning"], id="only as a 90% interval"),
        pytest.param(50, ["error"], id="at no usual level"),
    ],
)
def test_an_interval_too_narrow_for_the_patients(
    findings: Findings, n: int, severities: list[str]
) -> None:
    """Greenwood's variance is at least that of the binomial."""
    half = 1.959964 * math.sqrt(0.6 * 0.4 / 100)
    landmarks = {"12": mark("60%", f"{60 - 100 * half:.0f}%", f"{60 + 100 * half:.0f}%")}
    found = findings("", "survival-interval", **arms({"n": n, "landmarks": landmarks}))
    assert [each.severity for each in found] == severities


def test_an_interval_too_wide_for_those_at_risk(findings: Findings) -> None:
    """With 80 of 100 at risk at 60%, nobody was censored, and the interval is not twice as wide."""
    wide = {"n": 100, "landmarks": {"12": mark("60.0%", "40.8%", "79.2%")}}
    assert findings("", "survival-interval", **arms(wide)) == []
    (found,) = findings("", "survival-interval", **arms(wide | {"at_risk": {"12": 60}}))
    assert (found.severity, found.expected) == ("error", "at most 25 at risk")


@pytest.mark.parametrize(
    ("survival", "found"),
    [pytest.param("53%", 1, id="too near to 50%"), pytest.param("59%", 0, id="far enough")],
)
def test_a_median_interval_too_narrow(findings: Findings, survival: str, found: int) -> None:
    """With 100 patients, survival before the lower limit is at least 58% or so."""
    arm = {
        "n": 100, "median": "14.0", "median_ci": ["12.5", "16.0"], "landmarks": {"12": survival},
    }  # fmt: skip
    assert len(findings("", "median-interval", **arms(arm))) == found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"events": 41}, "at most 40 events", id="more than patients"),
        pytest.param(
            {"events": 21, "landmarks": {"12": "50%"}, "follow_up": {"max": "11.9"}},
            "at most 20 events", id="more than survival leaves room for",
        ),
        pytest.param(
            {"events": 9, "landmarks": {"12": "80%", "24": "60%"}, "at_risk": {"12": 30, "24": 20}},
            "at least 11 events", id="fewer than the numbers at risk need",
        ),
        pytest.param({"events": 0, "landmarks": {"12": "80%"}}, "at least 1 event", id="none"),
    ],
)  # fmt: skip
def test_events_that_survival_does_not_give(
    findings: Findings, change: dict[str, Any], expected: str
) -> None:
    """At most n (1 - S); at least r (1 - q) for each stretch."""
    (found,) = findings("", "survival-events", **arms({"n": 40} | change))
    assert (found.severity, found.expected) == ("error", expected)


def test_exchanged_events_are_named(findings: Findings) -> None:
    """If each arm could have the other's events, the finding says so."""
    one = {"n": 100, "landmarks": {"12": "20%"}, "follow_up": {"max": "11.9"}, "events": 35}
    other = {"n": 100, "landmarks": {"12": "60%"}, "follow_up": {"max": "11.9"}, "events": 75}
    (found,) = findings("", "survival-events", **arms(one, other))
    assert found.place.endswith("arm B, events")
    assert found.sentence.endswith("With the events of A and B exchanged, both are possible.")


@pytest.mark.parametrize(
    ("table", "severity"),
    [
        pytest.param("n = 200\nevents = 120", "error", id="more"),
        pytest.param("n = 200\nevents = 99", "error", id="fewer of all"),
        pytest.param("n = 190\nevents = 99", "note", id="fewer of some"),
        pytest.param("n = 200\nevents = 110", None, id="the same"),
        pytest.param("groups = { n = 200, events = 120 }", "error", id="as groups"),
    ],
)
def test_events_of_a_regression(findings: Findings, table: str, severity: str | None) -> None:
    """They are those of the arms, unless patients are left out."""
    text = (
        f'[[table]]\nid = "t"\nendpoint = "OS"\n{table}\n[[table.hazard_ratio]]\n'
        'variable = "Age"\nhazard_ratio = "1.02"\n'
    )
    found = findings(text, "events-sum", **arms({"n": 100, "events": 60}, {"n": 100, "events": 50}))
    assert [each.severity for each in found] == ([severity] if severity else [])


def test_events_of_a_comparison(findings: Findings) -> None:
    """They are those of the arms."""
    two = arms({"n": 100, "events": 60}, {"n": 100, "events": 50})
    (found,) = findings("", "events-sum", **two, reference="A", reported={"events": 100})
    assert (found.severity, found.expected) == ("error", "110")


def kaplan_meier(time: np.ndarray, event: np.ndarray, at: float) -> tuple[float, float, int]:
    """Return survival, Greenwood's sum and the number at risk just before a time, the slow way."""
    survival, total = 1.0, 0.0
    for each in sorted(set(time[event])):
        if each <= at:
            at_risk, died = int(np.sum(time >= each)), int(np.sum((time == each) & event))
            survival *= 1 - died / at_risk
            total += died / (at_risk * (at_risk - died)) if at_risk > died else math.inf
    return survival, total, int(np.sum(time >= at))


def interval(survival: float, total: float, scale: str) -> tuple[float, float]:
    """Return the 95% interval of a survival on a scale, cut off at 0 and 1."""
    half = 1.959964 * math.sqrt(total)
    if scale == "plain":
        return max(survival * (1 - half), 0.0), min(survival * (1 + half), 1.0)
    if scale == "log":
        return survival * math.exp(-half), min(survival * math.exp(half), 1.0)
    power = math.exp(half / -math.log(survival))
    return survival**power, survival ** (1 / power)


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 10**6), n=st.integers(12, 400),
    scale=st.sampled_from(["plain", "log", "log-log"]), ties=st.sampled_from([0.0, 1.0]),
    decimals=st.integers(0, 1),
)  # fmt: skip
def test_sound_arms_are_never_found(
    seed: int, n: int, scale: str, ties: float, decimals: int
) -> None:
    """Survival, intervals, numbers at risk and events of one data set agree with each other."""
    rng = np.random.default_rng(seed)
    death, lost = 30 * rng.weibull(rng.uniform(0.7, 1.6), n), rng.uniform(3, 60, n)
    time, event = np.minimum(death, lost), death <= lost
    time = np.ceil(time) if ties else time
    landmarks, at_risk = {}, {}
    for at in (6.0, 18.0, 30.0):
        survival, total, left = kaplan_meier(time, event, at)
        if at <= time.max() and 0.02 < survival < 0.98:
            low, high = (f"{100 * end:.{decimals}f}%" for end in interval(survival, total, scale))
            landmarks[f"{at:g}"] = mark(f"{100 * survival:.{decimals}f}%", low, high)
            at_risk[f"{at:g}"] = left
    arm = {
        "n": n, "events": int(event.sum()), "landmarks": landmarks, "at_risk": at_risk,
        "follow_up": {"max": f"{time.max():.1f}"},
    }  # fmt: skip
    study = {"id": "trial", "endpoint": [{"name": "OS", "arms": {"A": arm, "B": {}}}]}
    assert not {each.rule for each in audit(Study.model_validate(study))} & RULES


def test_greenwood_sums_of_an_interval() -> None:
    """0.6 (0.504 to 0.696) is plain: G = (0.096 / 1.96 / 0.6)²; 100 patients give 0.00667."""
    by_scale = greenwood_sums(Landmark.model_validate(mark("60.0%", "50.4%", "69.6%")))
    assert set(by_scale) == {0}
    assert by_scale[0].lower < 0.4 / 0.6 / 100 < by_scale[0].upper


def test_a_row_is_one_finding() -> None:
    """All that is wrong with one row is one finding, which lists its parts."""
    table = {
        "id": "t", "source": "Table 1", "groups": {"A": 100, "B": 100},
        "count": [{
            "variable": "Sex", "p": "0.001", "test": "chi-square",
            "levels": {
                "Male": {"A": "50 (60.0)", "B": "50 (50.0)"},
                "Female": {"A": "60 (60.0)", "B": "50 (50.0)"},
            },
        }],
    }  # fmt: skip
    endpoint = {"name": "OS", "arms": {"A": {}, "B": {}}}
    found = audit(Study.model_validate({"id": "s", "endpoint": [endpoint], "table": [table]}))
    (one,) = found
    assert (one.place, one.severity) == ("Table 1: Sex", "error")
    assert {each.rule for each in one.parts} == {"sub-counts-sum", "percentage", "count-test-p"}
    assert all(each.sentence in one.sentence for each in one.parts)
    assert "Male, A: 50 of 100 are" in one.sentence
    assert [each["rule"] for each in found.to_dict()["findings"][0]["parts"]] == [
        each.rule for each in one.parts
    ]


SHARE = {"n": 60, "n_basis": "allocation"}  # at most 77, three standard deviations of 120 tosses


@pytest.mark.parametrize(
    ("rule", "arm", "further"),
    [
        pytest.param("survival-events", {"events": 66}, {"events": 80}, id="more events than n"),
        pytest.param(
            "survival-interval",
            {"landmarks": {"12": mark("60%", "49%", "70%")}},
            {"landmarks": {"12": mark("60%", "52%", "67%")}},
            id="a narrow interval",
        ),
        pytest.param(
            "median-interval",
            {"median": "14", "median_ci": ["12", "20"], "landmarks": {"10": "60.6%"}},
            {"median": "14", "median_ci": ["12", "20"], "landmarks": {"10": "55%"}},
            id="a narrow interval of the median",
        ),
        pytest.param(
            "plain-shares",
            {"landmarks": {"12": "75.28%", "24": "53.93%", "36": "35.96%"}, "n": 89},
            None,
            id="survival of whole patients",
        ),
    ],
)  # fmt: skip
def test_a_share_by_the_allocation_may_be_off(
    findings: Findings, rule: str, arm: dict[str, Any], further: dict[str, Any] | None
) -> None:
    """What the arm's own number would make a finding is none, unless it is far off."""
    assert findings("", rule, **arms(SHARE | arm | {"n_basis": "endpoint"}))
    assert not findings("", rule, **arms(SHARE | arm))
    if further is not None:
        (finding,) = findings("", rule, **arms(SHARE | further))
        assert "60 patients by the allocation, at most 77" in finding.sentence.replace(
            "are 60 by", "are 60 patients by"
        )


def test_patients_after_progression_may_be_a_share(findings: Findings) -> None:
    """A share of all is not said to be of those who progressed."""
    later = {"A": SHARE, "B": {}}
    earlier = {"A": {"n": 60, "events": 40}, "B": {}}
    rule = "post-progression-patients"
    for basis, found in (("endpoint", 1), ("allocation", 0)):
        later = {"A": SHARE | {"n_basis": basis}, "B": {}}
        endpoints = [{"name": "PPS", "arms": later}, {"name": "PFS", "arms": earlier}]
        study = Study.model_validate({"id": "trial", "endpoint": endpoints})
        assert sum(each.rule == rule for each in audit(study)) == found


@pytest.mark.parametrize(("basis", "found"), [("endpoint", 1), ("allocation", 0)])
def test_a_level_is_not_doubted_for_a_share(findings: Findings, basis: str, found: int) -> None:
    """Arms of 30 and 70 instead of 50 each make an interval wider than 80 events of equal arms."""
    arm = {"n": 50, "n_basis": basis}
    reported = {"hazard_ratio": "1.00", "ci": ["0.60", "1.67"], "events": 80}
    endpoint = {"reference": "A", "reported": reported, **arms(arm, arm)}
    assert len(findings("", "interval-level", **endpoint)) == found
