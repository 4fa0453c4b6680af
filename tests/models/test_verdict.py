"""Verdicts by draws, and what no data set at all can have."""

import dataclasses
import importlib

import pytest

from kmrepro.models import compare, ensemble
from kmrepro.models.attainable import attainable_hazard_ratio
from kmrepro.reconstruct import ContradictionError, reconstruct
from kmrepro.studies import Endpoint, PrintedNumber, Study

ARM = {"n": 8, "follow_up": {"max": "24"}}
ARMS = {
    "A": ARM | {"landmarks": {"12": "50.0%", "24": "25.0%"}, "events": 6},
    "B": ARM | {"landmarks": {"12": "75.0%", "24": "50.0%"}, "events": 4},
}


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """Draw 40 at a time, of 4 scenarios."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    scenarios = importlib.import_module("kmrepro.reconstruct.scenarios.scenarios")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sampler, "BLOCK", 40)
        patched.setattr(sampler, "SCENARIOS", 4)
        patched.setattr(scenarios, "LOT", 96)
        yield


def endpoint_of(arms: dict[str, object], **reported: object) -> Endpoint:
    """Make the only endpoint of a study."""
    endpoint = {"name": "OS", "reference": "A", "arms": arms, "reported": reported}
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


def judged(arms: dict[str, object] = ARMS, *, attainable: bool = True, **reported: object):
    """Compare a report with its reconstruction; by default of eight patients per arm."""
    only = endpoint_of(arms, **reported)
    draws = ensemble(only, n_draws=40)
    return compare(only, reconstruct(only), draws=draws, attainable=attainable)


def test_a_hazard_ratio_among_those_of_the_draws_is_reproduced():
    """The range of all data sets is not looked for."""
    found = judged(hazard_ratio="0.5")
    assert found.verdict == "reproduced"
    assert found.attainable is None


def test_a_hazard_ratio_that_no_data_set_can_have_is_impossible():
    """The sentence gives the bounds, which are exact for a trial so small."""
    found = judged(hazard_ratio="420", ci=["120", "1470"])
    assert found.verdict == "impossible"
    assert found.attainable is not None
    assert found.attainable.exact
    assert found.attainable.upper < 4.15
    assert found.explanations == ()
    assert "impossible, as no data set with the reported values has it by any" in found.sentence
    assert f" to {found.attainable.upper:.2f}." in found.sentence


def test_a_hazard_ratio_that_only_cox_regression_excludes_is_not_impossible():
    """Just beyond the exact range of Cox's estimate, another estimator may still give it."""
    upper = judged(hazard_ratio="420").attainable.upper
    found = judged(hazard_ratio=f"{1.05 * upper:.3f}")
    assert found.verdict == "discrepant"
    assert not found.attainable.contains(PrintedNumber.parse(f"{1.05 * upper:.3f}"))
    assert found.explanations
    assert f"What may explain it: {found.explanations[0]}" in found.sentence


def test_whole_units_are_tried_where_no_estimator_fits_times_as_drawn(monkeypatch):
    """What fits the times as drawn explains it; ties need not be made."""
    asked = []

    def fitting(_sets, _printed, times=""):
        asked.append(times)
        return ["another estimator fits"]

    verdict = importlib.import_module("kmrepro.models.verdict")
    monkeypatch.setattr(verdict, "fitting_estimators", fitting)
    assert "another estimator fits" in judged(hazard_ratio="1.336").explanations
    assert set(asked) == {""}


def test_no_search_is_started_unasked():
    """Without being asked for, neither the attainable range nor other estimators are looked for."""
    found = judged(hazard_ratio="420", attainable=False)
    assert (found.verdict, found.attainable, found.explanations) == ("discrepant", None, ())
    assert "What may explain it: a hazard ratio of another population" in found.sentence


def test_exchanged_arms_are_named():
    """The hazard ratio of the other arm against this one fits."""
    inside = judged(hazard_ratio="0.5").reproduction_interval[0] + 0.01
    found = judged(hazard_ratio=f"{1 / inside:.3f}", attainable=False)
    assert found.verdict == "discrepant"
    assert "the arms may be exchanged" in found.explanations[0]


def test_a_stratified_analysis_is_named():
    """The paper's test says so; an unstratified one does not."""
    named = judged(hazard_ratio="42", test="stratified log-rank", attainable=False)
    assert "the reported analysis is stratified" in named.sentence
    plain = judged(hazard_ratio="42", test="unstratified log-rank", attainable=False)
    assert "the reported analysis is stratified" not in plain.sentence


def test_an_arm_without_events_is_not_assessable():
    """Every data set has a hazard ratio of 0: there is nothing to judge by."""
    arms = {"A": ARMS["A"], "B": ARM | {"events": 0, "landmarks": {"12": "100%"}}}
    found = judged(arms, hazard_ratio="0.09", ci=["0.01", "1.60"])
    assert found.verdict == "not assessable"
    assert found.attainable is None
    assert "Not assessable: a finite reproduced hazard ratio is missing." in found.sentence


def test_a_median_as_r_has_it_makes_a_hazard_ratio_possible():
    """Survival is exactly 0.5 from the second of four events on: R gives the middle."""
    four = {
        "A": {"n": 4, "landmarks": {"18": "25.0%"}, "events": 4, "median": "8.5"},
        "B": {"n": 4, "landmarks": {"18": "50.0%"}, "events": 3, "median": "13.0"},
    }
    found = judged(four, hazard_ratio="1.41", ci=["0.27", "7.22"])
    assert found.verdict == "discrepant"
    assert not found.attainable.contains(PrintedNumber.parse("1.41"))
    assert "as R has it, data sets can have" in found.sentence


def test_truncated_percentages_make_a_hazard_ratio_possible():
    """41.7% truncated to 41% is not what rounds to it, and allows other data sets."""
    of = {"n": 12, "follow_up": {"max": "24"}}
    arms = {
        "A": of | {"landmarks": {"12": "41%"}, "at_risk": {"0": 12, "12": 5}, "events": 12},
        "B": of | {"landmarks": {"12": "58%"}, "at_risk": {"0": 12, "12": 7}, "events": 12},
    }
    endpoint = endpoint_of(arms)
    with pytest.raises(ContradictionError):
        attainable_hazard_ratio(endpoint)
    assert attainable_hazard_ratio(endpoint, rounding="either").exact


def test_power_says_what_would_have_been_caught():
    """Of 0.70, 1.0 and 1.43, those outside the interval; a wide interval is said to say little."""
    found = judged(hazard_ratio="0.5")
    low, high = found.reproduction_interval
    assert found.power == {probe: not low <= probe <= high for probe in (0.70, 1.0, 1.43)}
    wide = dataclasses.replace(found, power=dict.fromkeys(found.power, False))
    assert "0.70, 1.00 and 1.43 would not have been discrepant, either" in wide.sentence
    sharp = dataclasses.replace(found, power=dict.fromkeys(found.power, True))
    assert "would not have been" not in sharp.sentence


def test_an_adjusted_hazard_ratio_is_never_impossible():
    """What is adjusted may lie where no unadjusted one can."""
    found = judged(hazard_ratio="4.2", adjusted=True)
    assert found.verdict == "discrepant"
    assert found.attainable is not None


def test_a_hazard_ratio_beyond_all_draws_may_still_be_attainable():
    """It is discrepant, and the sentence says how far data sets can go."""
    lowest = judged(hazard_ratio="4.2").attainable.lower
    found = judged(hazard_ratio=f"{lowest + 0.002:.3f}")
    assert found.verdict == "discrepant"
    assert "The 95% reproduction interval is" in found.sentence
