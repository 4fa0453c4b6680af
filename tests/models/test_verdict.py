"""Verdicts by draws, and what no data set at all can have."""

import importlib

import pytest

from kmrepro.models import compare, ensemble
from kmrepro.reconstruct import reconstruct
from kmrepro.studies import Study

ARM = {"n": 8, "follow_up": {"max": "24"}}
ARMS = {
    "A": ARM | {"landmarks": {"12": "50.0%", "24": "25.0%"}, "events": 6},
    "B": ARM | {"landmarks": {"12": "75.0%", "24": "50.0%"}, "events": 4},
}


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """Draw 40 at a time, of 4 scenarios."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sampler, "BLOCK", 40)
        patched.setattr(sampler, "SCENARIOS", 4)
        yield


def judged(**reported: object):
    """Compare eight patients per arm, all of whom are followed to the end, with a report."""
    endpoint = {"name": "OS", "reference": "A", "arms": ARMS, "reported": reported}
    study = Study.model_validate({"id": "made-up", "endpoint": [endpoint]})
    only = study.endpoints[0]
    return compare(only, reconstruct(only), draws=ensemble(only, n_draws=40), attainable=True)


def test_a_hazard_ratio_among_those_of_the_draws_is_reproduced():
    """The range of all data sets is not looked for."""
    found = judged(hazard_ratio="0.5")
    assert found.verdict == "reproduced"
    assert found.attainable is None


def test_a_hazard_ratio_that_no_data_set_can_have_is_impossible():
    """The sentence gives the bounds, which are exact for a trial so small."""
    found = judged(hazard_ratio="4.2", ci=["1.2", "14.7"])
    assert found.verdict == "impossible"
    assert found.attainable is not None
    assert found.attainable.exact
    assert found.attainable.upper < 4.15
    assert "impossible, since it cannot belong to data with these numbers" in found.sentence
    assert f"to {found.attainable.upper:.3g}, and both occur." in found.sentence


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
    assert "have hazard ratios from" in found.sentence
