"""Every draw of an endpoint with competing risks has every reported number."""

import numpy as np
import pytest

from kmrepro import ReconstructionRefused
from kmrepro.models.competing import cause_ensemble, cumulative_incidence
from kmrepro.reconstruct.causes import CauseSampler

from .test_reconstruction import TWO

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture(scope="module")
def sampler():
    return CauseSampler.of(TWO, seed=3)


def test_draws_have_every_number(sampler):
    """Incidences, events by cause and numbers at risk are as reported in each draw."""
    for number in (0, 1, 57, 199):
        ipd = sampler.draw(number)
        for name, reported in TWO.arms.items():
            for cause, own in reported.causes.items():
                curve = cumulative_incidence(ipd, arm=name, cause=cause)
                for time, mark in own.landmarks.items():
                    assert mark.incidence.contains(float(curve.incidence_at(time)))
                if own.events is not None:
                    assert ((ipd.arm == name) & (ipd.cause == cause)).sum() == own.events
        assert (ipd.of("B")[0] >= 24).sum() == 55


def test_event_free_patients_come_in_even_blocks(sampler):
    """A block of causes takes two of them, however far it is along: larger ones were in vain."""
    blocks = sampler.sampler.blocks
    assert blocks.size(9) == blocks.size(0)


def test_draws_differ_and_repeat(sampler):
    """Draws differ from each other, and the same seed gives the same."""
    assert (sampler.draw(0).time != sampler.draw(1).time).any()
    again = CauseSampler.of(TWO, seed=3).draw(1)
    assert (again.time == sampler.draw(1).time).all()
    assert (again.cause == sampler.draw(1).cause).all()


def test_ensemble():
    """The reproduction interval holds most draws, of both kinds of hazard ratio."""
    drawn = cause_ensemble(TWO, n_draws=60, seed=3)
    for kind in ("subdistribution", "cause-specific"):
        low, high = drawn.interval("relapse", kind=kind)
        logs = drawn.subdistribution if kind == "subdistribution" else drawn.cause_specific
        assert (
            0.9 < np.mean((np.exp(logs["relapse"]) >= low) & (np.exp(logs["relapse"]) <= high)) <= 1
        )
    assert drawn.to_frame().shape == (120, 4)
    with pytest.raises(ValueError, match="`level` must lie between"):
        drawn.interval("relapse", level=2)


def test_one_arm_is_refused():
    """Hazard ratios by cause compare two arms."""
    single = TWO.model_copy(update={"arms": {"A": TWO.arms["A"]}})
    with pytest.raises(ReconstructionRefused, match="does not report `causes` of two arms"):
        cause_ensemble(single)
