"""The reproduction interval holds the hazard ratio of the reconstruction, everywhere alike."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.figures.ratio_density import RatioDensityDisplay
from kmrepro.models import NotEstimable, analyse, compare, cox, ensemble, rmst
from kmrepro.models.competing import cause_ensemble, fine_gray
from kmrepro.models.verdict import caught
from kmrepro.reconstruct import ReconstructionRefused, reconstruct
from kmrepro.reconstruct.causes import reconstruct_causes
from kmrepro.studies import Study, digitised_curve

from ..seeds import examples

FEW = 7  # draws, whose middle often leaves the reconstruction out

pytestmark = pytest.mark.usefixtures("small_blocks")


def endpoint_of(arms: dict, reported: dict | None = None):
    """Build an endpoint whose first arm is the reference."""
    endpoint = {"name": "OS", "reference": next(iter(arms)), "arms": arms}
    if reported:
        endpoint["reported"] = reported
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


@st.composite
def two_arms(draw):
    """Simulate two arms, each reported by landmarks, with events, or by a curve with heights."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    arms = {}
    for name in ("A", "B"):
        n, hazard = draw(st.integers(12, 60)), draw(st.floats(0.02, 0.1))
        death, leave = rng.exponential(1 / hazard, n), rng.uniform(8, 40, n)
        time, event = np.minimum(death, leave), death <= leave
        at = np.linspace(0, float(time.max()), 15)
        height = [
            math.prod(1 - 1 / (time >= each).sum() for each in time[event] if each <= t) for t in at
        ]
        arms[name] = {"n": n}
        if draw(st.booleans()):
            arms[name]["landmarks"] = {f"{at[k]:.6f}": f"{100 * height[k]:.1f}%" for k in (3, 7)}
        else:
            heights = np.round(height, 3).tolist()
            arms[name]["curve"] = digitised_curve(at.tolist(), heights, kind="samples")
        if draw(st.booleans()):
            arms[name]["events"] = int(event.sum())
    return endpoint_of(arms)


@settings(max_examples=examples(16), deadline=None)
@given(two_arms())
def test_the_interval_holds_the_reconstruction(endpoint):
    """Of the hazard ratio and of restricted means, from a level of 0.9 on, however few draws."""
    try:
        patients = reconstruct(endpoint)
        own = cox(patients).hazard_ratio
    except (ReconstructionRefused, NotEstimable):
        return
    draws = ensemble(endpoint, n_draws=FEW)
    for level in (0.9, 0.95, 0.99):
        low, high = draws.interval(level)
        assert low <= own <= high
        alone = draws.interval_of_draws(level)
        assert (low, high) == (min(alone[0], own), max(alone[1], own))
    assert draws.interval(0.5) == draws.interval_of_draws(0.5)
    low, high = draws.interval(of="rmst_difference")
    if "rmst_difference" in draws.reconstruction and not math.isnan(low):
        assert low <= rmst(patients, tau=draws.tau).difference <= high


ARM = {"n": 60, "landmarks": {"12": "80%", "24": "60%"}, "events": 30, "follow_up": {"max": "40"}}
ARMS = {"A": ARM, "B": ARM | {"landmarks": {"12": "72%", "24": "45%"}, "events": 38}}


@pytest.fixture(scope="module")
def widened():
    """Return an endpoint, its patients, and draws that all have smaller hazard ratios than they."""
    endpoint = endpoint_of(ARMS, {"hazard_ratio": "1.40", "ci": ["0.90", "2.18"], "p": "0.14"})
    patients, draws = reconstruct(endpoint), ensemble(endpoint, n_draws=40)
    smaller = np.sort(draws.log_hazard_ratio) - np.ptp(draws.log_hazard_ratio) - 0.1
    return endpoint, patients, dataclasses.replace(draws, log_hazard_ratio=smaller)


def test_every_result_has_the_same_interval(widened):
    """Verdict, power, sentence and figure take the widened interval; the draws' own is beside."""
    endpoint, patients, draws = widened
    found = compare(endpoint, patients, draws=draws)
    own = found.cox.hazard_ratio
    assert found.reproduction_interval == draws.interval()
    assert found.reproduction_interval[1] == own
    assert found.interval_of_draws == draws.interval_of_draws()
    assert found.interval_of_draws[1] < own
    assert found.power == caught(draws)
    assert "widened to hold the reproduced hazard ratio" in found.sentence
    inside = found.reproduction_interval[0] <= 1.40 <= found.reproduction_interval[1]
    assert (found.verdict != "discrepant") == inside
    density = RatioDensityDisplay.from_analysis(analyse(endpoint, patients, draws=draws))
    assert density.intervals == (draws.interval(), draws.interval(0.5))


def test_what_did_not_have_to_be_widened_is_not_said_to_be(widened):
    """Draws on both sides of the reconstruction."""
    endpoint, patients, _ = widened
    found = compare(endpoint, patients, draws=ensemble(endpoint, n_draws=60))
    assert found.reproduction_interval == found.interval_of_draws
    assert "widened" not in found.sentence


def test_patients_of_another_making_are_held_if_they_are_given():
    """The one reconstruction that a result shows is the one that its interval holds."""
    endpoint = endpoint_of(ARMS)
    patients = reconstruct(endpoint)
    exchanged = dataclasses.replace(patients, event=np.ones(patients.event.size, dtype=bool))
    draws = ensemble(endpoint, n_draws=20, reconstruction=exchanged)
    low, high = draws.interval()
    assert low <= cox(exchanged).hazard_ratio <= high
    assert draws.reconstruction["hazard_ratio"] == cox(exchanged).hazard_ratio


def test_intervals_by_cause_hold_the_reconstruction():
    """Of every cause and kind, with draws so few that their middle leaves most of them out."""
    causes = {
        "relapse": {"landmarks": {"12": "25%", "24": "40%"}},
        "death": {"landmarks": {"12": "10%", "24": "15%"}},
    }
    arm = {"n": 60, "causes": causes}
    endpoint = endpoint_of({"A": arm, "B": arm})
    patients, draws = reconstruct_causes(endpoint), cause_ensemble(endpoint, n_draws=2)
    for cause in causes:
        low, high = draws.interval(cause)
        assert low <= fine_gray(patients, cause=cause).hazard_ratio <= high
        low, high = draws.interval(cause, kind="cause-specific")
        assert low <= cox(patients.of_cause(cause)).hazard_ratio <= high
