"""Verdicts on hazard ratios by cause, with many data sets and without any."""

import dataclasses

import numpy as np
import pytest

from kmrepro.models import cox
from kmrepro.models.competing import analyse_causes, cause_ensemble, fine_gray
from kmrepro.reconstruct.causes import reconstruct_causes
from kmrepro.studies import Endpoint, Study

pytestmark = pytest.mark.usefixtures("small_blocks")

ARM = {
    "n": 80,
    "causes": {
        "relapse": {"landmarks": {"12": "20%", "24": "30%"}},
        "death": {"landmarks": {"12": "10%", "24": "15%"}},
    },
}


def endpoint_of(**reported: object) -> Endpoint:
    """Make the only endpoint of a study, with what it reports of relapse."""
    compared = {"reported": {"causes": {"relapse": reported}}} if reported else {}
    endpoint = {"name": "E", "reference": "A", "arms": {"A": ARM, "B": ARM | {"n": 70}}}
    return Study.model_validate({"id": "x", "endpoint": [endpoint | compared]}).endpoints[0]


@pytest.fixture(scope="module")
def alike():
    """Return patients, their analysis, and draws that all have its subdistribution hazard ratio."""
    plain = endpoint_of()
    ipd = reconstruct_causes(plain)
    fit = analyse_causes(plain, ipd)[0].fine_gray
    draws = cause_ensemble(plain, n_draws=40)
    same = {cause: np.full(40, fit.log_hazard_ratio) for cause in draws.subdistribution}
    return ipd, fit, dataclasses.replace(draws, subdistribution=same)


@pytest.mark.parametrize(
    ("apart", "by_draws", "by_distance"),
    [
        (0.0, "reproduced", "close"),
        (0.24, "close", "close"),
        (-0.24, "close", "close"),
        (0.27, "discrepant", "compatible"),
        (1.1, "discrepant", "discrepant"),
    ],
)
def test_a_reported_ratio_by_its_distance_in_standard_errors(alike, apart, by_draws, by_distance):
    """Without draws the standard error is that of the reported interval, here the same."""
    ipd, fit, draws = alike
    log_ratio = fit.log_hazard_ratio + apart * fit.se
    ends = [f"{np.exp(log_ratio + z * fit.se):.4f}" for z in (-1.96, 1.96)]
    endpoint = endpoint_of(hazard_ratio=f"{np.exp(log_ratio):.4f}", ci=ends)
    assert analyse_causes(endpoint, ipd, draws=draws)[0].verdict == by_draws
    assert analyse_causes(endpoint, ipd)[0].verdict == by_distance


def test_what_is_far_outside_of_few_data_sets_is_not_assessable(alike, monkeypatch):
    """Of fewer than 39 draws, or of draws of few scenarios, a true report is outside too often."""
    monkeypatch.setattr("kmrepro.models._inference.FEWEST_SCENARIOS", 10.0)
    ipd, _, draws = alike
    event_free = draws.sampler.sampler
    same = dataclasses.replace(event_free.group, effective=9.0)
    sampler = dataclasses.replace(event_free, group=same)
    of_few = dataclasses.replace(draws.sampler, sampler=sampler)
    for few in ({"n_draws": 20}, {"sampler": of_few}):
        found = dataclasses.replace(draws, **few)
        (first, *_) = analyse_causes(endpoint_of(hazard_ratio="4.2"), ipd, draws=found)
        assert first.verdict == "not assessable"
    assert analyse_causes(endpoint_of(hazard_ratio="4.2"), ipd, draws=draws)[0].verdict == (
        "discrepant"
    )


@pytest.mark.parametrize("number", [0, 17, 39])
def test_ratios_of_draws_are_those_of_their_patients(number):
    """One at a time: both ratios of both causes, estimated from the patients of a draw."""
    draws = cause_ensemble(endpoint_of(), n_draws=40)
    ipd = draws.draw(number)
    for cause in ("relapse", "death"):
        assert fine_gray(ipd, cause=cause).log_hazard_ratio == pytest.approx(
            draws.subdistribution[cause][number]
        )
        assert cox(ipd.of_cause(cause)).log_hazard_ratio == pytest.approx(
            draws.cause_specific[cause][number]
        )
    with pytest.raises(IndexError, match="there is no draw 40: they run from 0 to 39"):
        draws.draw(40)
