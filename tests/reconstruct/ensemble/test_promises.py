"""What every draw promises: each printed number is met, whatever is printed."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.reconstruct import ContradictionError
from kmrepro.reconstruct.ensemble import Sampler
from kmrepro.studies import load_study

from ...seeds import seeds
from ..conftest import build_endpoint
from ..trials import broken_promises, printed_arm, random_patients

DRAWS = 50


def assert_kept(endpoint, *, seed: int = 0) -> None:
    """Check some draws of the first block by the slow way."""
    source = Sampler.of(endpoint, seed=seed)
    for number in range(0, DRAWS, 7):
        ipd = source.draw(number)
        for name, arm in endpoint.arms.items():
            assert broken_promises(arm, *ipd.of(name)) == [], (name, number)


@pytest.mark.parametrize("seed", seeds(40, always=4))
def test_draws_meet_everything_that_random_trials_print(seed):
    """Any mixture of landmarks, events, numbers at risk, median and follow-up is met."""
    rng = np.random.default_rng(seed)
    arms = {name: printed_arm(rng, *random_patients(rng)) for name in "AB"}
    assert_kept(build_endpoint(arms), seed=seed)


@pytest.mark.parametrize(("cohort", "name"), [("psm", "OS"), ("psm", "EPFS"), ("unmatched", "PFS")])
def test_draws_meet_everything_that_a_bundled_paper_prints(cohort, name):
    """An et al. 2025, Figures 4 and 5: four landmarks per arm."""
    assert_kept(load_study("an2025").endpoint(cohort, name))


def test_draws_meet_a_median_that_is_not_reached():
    """The curve never comes down to one half in any draw."""
    arm = {"n": 80, "median": "NR", "landmarks": {"12": "90%", "24": "70%"}, "events": 30}
    assert_kept(build_endpoint({"A": arm | {"follow_up": {"max": "40"}}}))


def test_listed_events_stay_where_they_are_printed():
    """Exact event times are met, and only censoring differs between draws."""
    arm = {
        "n": 21,
        "event_times": [3.5, 7.1, 7.1, 20.4],
        "follow_up": {"median": "12.0", "range": ["1.5", "40.0"]},
    }
    source = Sampler.of(build_endpoint({"A": arm}), seed=1)
    block = source.block(0)["A"]
    for time, event in zip(block.time, block.event, strict=True):
        assert time[event].tolist() == [3.5, 7.1, 7.1, 20.4]
        assert (time.min(), time.max()) == (1.5, 40.0)
    assert len({row.tobytes() for row in block.time}) == DRAWS


def test_listed_events_stand_beside_landmarks():
    """Events whose times are printed happen then, and the others around them."""
    arm = {
        "n": 60, "event_times": [4.0, 9.0], "events": 20,
        "landmarks": {"6": "90%", "12": "75%"}, "follow_up": {"max": "30"},
    }  # fmt: skip
    endpoint = build_endpoint({"A": arm})
    assert_kept(endpoint)
    block = Sampler.of(endpoint, seed=0).block(0)["A"]
    for when in (4.0, 9.0):
        assert (block.event & (block.time == when)).any(axis=1).all()


def test_a_total_of_events_is_met_by_both_arms_together():
    """The arms share the printed total differently from draw to draw."""
    arms = {
        "A": {"n": 100, "landmarks": {"12": "80%", "24": "60%"}, "follow_up": {"max": "48"}},
        "B": {"n": 90, "landmarks": {"12": "70%", "24": "55%"}, "follow_up": {"max": "48"}},
    }
    endpoint = build_endpoint(arms, {"hazard_ratio": "1.10", "events": 95})
    block = Sampler.of(endpoint, seed=0).block(0)
    events = [block[name].event.sum(axis=1) for name in "AB"]
    assert (events[0] + events[1] == 95).all()
    assert len(set(events[0].tolist())) > 3


def test_numbers_that_no_data_set_has_are_refused():
    """Ten patients cannot give 98.8%."""
    endpoint = build_endpoint({"A": {"n": 10, "landmarks": {"12": "98.8%"}, "events": 4}})
    source = Sampler.of(endpoint, seed=0)
    with pytest.raises(
        ContradictionError, match="no data set was found that is consistent with every"
    ):
        source.block(0)


@pytest.mark.parametrize("seed", seeds(12, always=4))
def test_tiny_arms_give_nothing_that_brute_force_does_not(seed):
    """Numbers of exits between printed times are among those of all data sets, and vary."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 6))
    time, event = np.sort(rng.uniform(1, 9, n)), rng.random(n) < 0.6
    survival = np.prod(np.where(event & (time <= 5), 1 - 1 / (n - np.arange(n)), 1.0))
    printed = f"{100 * survival:.1f}%"
    endpoint = build_endpoint(
        {"A": {"n": n, "landmarks": {"5": printed}, "follow_up": {"max": "9"}}}
    )
    block = Sampler.of(endpoint, seed=seed).block(0)["A"]
    found = {
        (tuple(row_event), int((row_time <= 5).sum()))
        for row_time, row_event in zip(block.time, block.event, strict=True)
    }
    interval = endpoint.arms["A"].landmarks[5.0].survival
    for kinds, early in found:
        factors = [1 - 1 / (n - i) for i in range(early) if kinds[i]]
        assert interval.contains(float(np.prod(factors)))
    every = sum(
        interval.contains(float(np.prod([1 - 1 / (n - i) for i in range(k) if code >> i & 1])))
        for code in range(2**n)
        for k in range(n + 1)
    )
    assert 1 < len(found) <= every


def test_the_last_of_events_alone_is_not_held_back():
    """Where everybody has the event and no longest follow-up is reported, nobody waits for one.

    Six patients with events at 5, 5, 5, 11, 11 and 16 have the reported numbers; in some draws the
    last event is before the other arm's first, as in these patients, and in others after.
    """
    arms = {
        "A": {"n": 2, "events": 2, "landmarks": {"6": "100%", "26": "0%"}, "median": "21.0"},
        "B": {"n": 6, "events": 6, "landmarks": {"6": "50%"}, "median": "8.0"},
    }
    source = Sampler.of(build_endpoint(arms), seed=0)
    last = np.concatenate([source.block(number)["B"].time[:, -1] for number in range(4)])
    assert last.min() < 16 < 21 < last.max()


TWO_ARMS = {
    name: {"n": 60, "landmarks": {"12": share, "24": "70%"}, "follow_up": {"max": "30"}}
    for name, share in (("A", "85%"), ("B", "80%"))
}


@pytest.mark.parametrize("total", [24, 30, 38])
def test_draws_have_the_events_that_are_reported_in_total(total):
    """However they fall to the arms."""
    block = Sampler.of(build_endpoint(TWO_ARMS, {"events": total}), seed=1).block(0)
    events = sum(arm.event.sum(axis=1) for arm in block.values())
    assert set(events.tolist()) == {total}
    assert len(set(block["A"].event.sum(axis=1).tolist())) > 1


def test_there_are_no_draws_of_a_total_that_survival_denies():
    """Of 120 patients 70% are event-free at 24 months, when follow-up ends."""
    arms = {name: arm | {"follow_up": {"max": "24"}} for name, arm in TWO_ARMS.items()}
    with pytest.raises(ContradictionError, match="every reported number"):
        Sampler.of(build_endpoint(arms, {"events": 100}), seed=1).block(0)
