"""Numbers of two arms exchanged, intervals of another level, patients after progression."""

from __future__ import annotations

import math
from typing import Any

import pytest

from kmrepro.audit import audit
from kmrepro.studies import Study

from .conftest import Findings


def landmarks(*values: float) -> dict[str, str]:
    """Return survival at 12, 24 and so on."""
    return {str(12 * (i + 1)): f"{value:.1f}%" for i, value in enumerate(values)}


def test_exchanged_events_are_one_finding(findings: Findings) -> None:
    """Numbers at risk say that A has at least 45 events and B at most 22."""
    one = {"n": 100, "events": 20, "landmarks": landmarks(60.0, 40.0),
           "at_risk": {"12": 70, "24": 50}}  # fmt: skip
    other = {"n": 100, "events": 80, "landmarks": landmarks(90.0, 80.0),
             "at_risk": {"12": 40, "24": 8}}  # fmt: skip
    (found,) = findings("", "survival-events", arms={"A": one, "B": other})
    assert found.place == "all/OS, events"
    assert found.severity == "error"
    assert "the events of the two arms are exchanged" in found.sentence


def test_number_at_risk_bounds_the_events_that_follow(findings: Findings) -> None:
    """From 40 at risk at 12, half of whom are alive at 24, at most 20 events come after."""
    arm = {"n": 100, "landmarks": landmarks(80.0, 40.0), "at_risk": {"12": 40, "24": 5}}
    most = 100 * (1 - 0.7995) + 40 * (1 - 0.3995 / 0.8005) + 5
    assert findings("", "survival-events", arms={"A": arm | {"events": math.floor(most)}}) == []
    (found,) = findings("", "survival-events", arms={"A": arm | {"events": math.ceil(most)}})
    assert found.severity == "error"


def test_exchanged_quartiles_are_told(findings: Findings) -> None:
    """Medians that lie in each other's quartiles say so."""
    text = (
        '[[table]]\nid = "t"\ngroups = { A = 60, B = 60 }\n[[table.median]]\nvariable = "AFP"\n'
        'spread = "quartiles"\nA = "16.0 (25.0, 78.0)"\nB = "31.5 (8.0, 20.0)"\n'
    )
    found = findings(text, "quartile-order")
    assert all("quartiles of A and B exchanged, both medians are inside" in f.sentence
               for f in found)  # fmt: skip
    assert found
    alone = text.replace('B = "31.5 (8.0, 20.0)"', 'B = "31.5 (30.0, 33.0)"')
    (found_alone,) = findings(alone, "quartile-order")
    assert "exchanged" not in found_alone.sentence


def test_exchanged_follow_up_is_told(findings: Findings) -> None:
    """Median follow-ups that are in order with each other's quartiles only."""
    arms = {
        "A": {"follow_up": {"median": "40.0", "iqr": ["10.0", "30.0"]}},
        "B": {"follow_up": {"median": "20.0", "iqr": ["25.0", "60.0"]}},
    }
    found = findings("", "follow-up-order", arms=arms)
    assert len(found) == 2
    assert all("medians of A and B exchanged" in each.sentence for each in found)


def test_exchanged_intervals_of_a_landmark_are_told(findings: Findings) -> None:
    """A survival outside its own interval and inside the other arm's."""

    def arm(survival: str, low: str, high: str) -> dict[str, Any]:
        return {"landmarks": {"12": {"survival": survival, "ci": [low, high]}}}

    arms = {"A": arm("40%", "60%", "80%"), "B": arm("70%", "30%", "50%")}
    found = findings("", "estimate-outside-interval", arms=arms)
    assert len(found) == 2
    assert all("may be exchanged" in each.sentence for each in found)


@pytest.mark.parametrize(
    ("name", "label", "n", "expected"),
    [
        pytest.param("PPS", "", 121, 1, id="one too many"),
        pytest.param("PPS", "", 120, 0, id="all who progressed"),
        pytest.param("OS2", "Survival after first progression", 121, 1, id="by its label"),
        pytest.param("OS", "Overall survival", 300, 0, id="from randomisation"),
    ],
)
def test_patients_after_progression(name: str, label: str, n: int, expected: int) -> None:
    """No more patients can be followed after progression than had progressed."""
    before = {"name": "PFS", "arms": {"A": {"n": 300, "events": 120}}}
    after = {"name": name, "label": label, "arms": {"A": {"n": n}}}
    study = Study.model_validate({"id": "trial", "endpoint": [before, after]})
    found = [each for each in audit(study) if each.rule == "post-progression-patients"]
    assert len(found) == expected


def test_times_of_events_count_as_events() -> None:
    """Three who progressed, each with a time, are followed by at most three."""
    before = {"name": "PFS", "arms": {"A": {"n": 40, "event_times": [2, 5, 9]}}}
    for n, found in ((4, 1), (3, 0)):
        after = {"name": "PPS", "arms": {"A": {"n": n}}}
        study = Study.model_validate({"id": "trial", "endpoint": [before, after]})
        rules = [each.rule for each in audit(study)]
        assert rules.count("post-progression-patients") == found


def reported(level_z: float, **others: Any) -> dict[str, Any]:
    """Return an endpoint of 2 times 400 patients and 400 events, with an interval."""
    ends = [f"{0.7 * math.exp(side * level_z * 0.1):.3f}" for side in (-1, 1)]
    keys = {"hazard_ratio": "0.70", "ci": ends, "p": "0.0004", "events": 400, **others}
    return {"reference": "A", "arms": {"A": {"n": 400}, "B": {"n": 400}}, "reported": keys}


def test_interval_of_another_level(findings: Findings) -> None:
    """A 99.8% interval that does not say so is told by the events, and the p finding names it."""
    (level,) = findings("", "interval-level", **reported(3.090232))
    assert level.severity == "warning"
    assert "as a 95% interval it does not agree with p and events" in level.sentence
    assert findings("", "interval-level", **reported(1.959964)) == []
    assert findings("", "interval-level", **reported(3.090232, ci_level=99.8)) == []
    assert findings("", "p-interval", **reported(3.090232, ci_level=99.8)) == []
    (beside,) = findings("", "p-interval", **reported(3.090232))
    assert "instead of 95% it would agree" in beside.sentence


def test_one_sided_p_is_no_finding(findings: Findings) -> None:
    """Half of the p that an interval gives is a finding, unless it is said to be one-sided."""
    keys = {"hazard_ratio": "0.70", "ci": ["0.575", "0.852"], "test": "Wald"}  # p 0.00036
    (found,) = findings("", "p-interval", **reported(1.96) | {"reported": keys | {"p": "0.00018"}})
    assert found.sentence.endswith("It would be the one-sided p.")
    told = {"reported": keys | {"p": "0.00018", "one_sided": True}}
    assert findings("", "p-interval", **reported(1.96) | told) == []


def test_repeated_direction_is_one_finding() -> None:
    """Landmarks and medians that both favour the other arm are one finding."""
    arms = {
        "A": {"n": 200, "landmarks": landmarks(80.0, 60.0), "median": "30"},
        "B": {"n": 200, "landmarks": landmarks(60.0, 30.0), "median": "15"},
    }
    ratio = {"hazard_ratio": "0.50", "ci": ["0.40", "0.62"]}
    endpoint = {"name": "OS", "reference": "A", "arms": arms, "reported": ratio}
    found = [each for each in audit(Study.model_validate({"id": "t", "endpoint": [endpoint]}))
             if each.rule == "direction"]  # fmt: skip
    assert [each.severity for each in found] == ["warning"]
    assert "the survival at 12, 24 and the median the other" in found[0].sentence
