"""The same seed gives the same draws, wherever and in whatever order they are drawn."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from kmrepro.reconstruct.ensemble import Sampler
from kmrepro.reconstruct.ensemble.sampler import stream
from kmrepro.reconstruct.scenarios import ArmScenarios

from ..conftest import build_endpoint

ARM = {"n": 60, "landmarks": {"12": "80%", "24": "61%"}, "events": 30}
ENDPOINT = build_endpoint({"A": ARM, "B": ARM | {"events": 28}})


def test_blocks_do_not_depend_on_what_was_drawn_before():
    """Block 2 is the same before block 0 as after it, and from another sampler."""
    first, second = (Sampler.of(ENDPOINT, seed=3) for _ in range(2))
    second.block(0)
    for name in "AB":
        one, other = first.block(2)[name], second.block(2)[name]
        assert one.time.tobytes() == other.time.tobytes()
        assert one.event.tobytes() == other.event.tobytes()


def test_seeds_and_blocks_differ():
    """Another seed, another block and another arm have other times."""
    draws = [Sampler.of(ENDPOINT, seed=seed).block(number) for seed in (0, 1) for number in (0, 1)]
    times = {block[name].time.tobytes() for block in draws for name in "AB"}
    assert len(times) == 8


def test_draws_take_turns_at_scenarios(monkeypatch):
    """Over 300 draws each of 6 turns is taken 50 times; a likely scenario has several turns."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    drawn, used = sampler._draw_group, []

    def draw(group, template, scenario, rng):
        used.append(scenario)
        return drawn(group, template, scenario, rng)

    monkeypatch.setattr(sampler, "_draw_group", draw)
    source = Sampler.of(ENDPOINT, seed=3)
    for number in range(4):  # the later two are larger
        source.block(number)
    turns = source.group.turns
    assert turns.size == 6
    np.testing.assert_array_equal(np.bincount(np.concatenate(used)), 50 * np.bincount(turns))


def test_a_scenario_with_several_turns_is_kept_once(monkeypatch):
    """Courses are those of the scenarios that have turns, in all 3 lots of 48."""
    sampler = importlib.import_module("kmrepro.reconstruct.ensemble.sampler")
    monkeypatch.setattr(sampler, "SCENARIOS", 600)
    group = Sampler.of(ENDPOINT, seed=3).group
    kept = np.unique(group.turns)
    np.testing.assert_array_equal(kept, np.arange(kept.size))
    assert 1 < kept.size <= 144
    for arm in group.arms:
        assert len(np.unique(arm.courses.events, axis=0)) == arm.courses.ends.size == kept.size


def test_streams_depend_on_their_purpose_only():
    """Numbers for one purpose are those numbers, whatever else is asked for."""
    stream(5, 1).random(100)
    np.testing.assert_array_equal(stream(5, 2).random(3), stream(5, 2).random(3))
    assert stream(5, 1).random() != stream(5, 2).random()


def test_draws_of_one_ensemble_are_told_apart():
    """A draw says which it is, and is as many patients as are printed."""
    source = Sampler.of(ENDPOINT, seed=3)
    ipd = source.draw(61)
    assert ipd.assumptions[0].startswith("Draw 61 of an ensemble (seed 3)")
    np.testing.assert_array_equal(ipd.of("A")[0], source.block(1)["A"].time[11])


@pytest.mark.parametrize("number", [0, 49, 50])
def test_a_draw_has_every_patient(number):
    """Sixty per arm."""
    assert Sampler.of(ENDPOINT, seed=3).draw(number).time.size == 120


def _with_rounding_errors(scenarios: ArmScenarios, seed: int) -> ArmScenarios:
    """Return scenarios as another processor may work them out: 1e-15 of each probability off."""
    noise = np.random.default_rng(seed)
    survival, followed = (
        values * (1 + noise.uniform(-1e-15, 1e-15, values.shape))
        for values in (scenarios.survival, scenarios.followed)
    )
    return replace(scenarios, survival=survival, followed=followed)


@pytest.mark.parametrize(
    "arms",
    [
        {"A": ARM, "B": ARM | {"events": 28}},
        {"A": {"n": 60, "landmarks": ARM["landmarks"]}, "B": ARM | {"events": None}},
        {"A": {"n": 60, "median": "20.1"}, "B": {"n": 61, "median": "15.2", "events": 50}},
    ],
)
def test_rounding_errors_change_no_draw(monkeypatch, arms):
    """Where nobody is expected to leave none is drawn, whichever bits rounding errors set."""
    endpoint = build_endpoint(arms)
    groups = importlib.import_module("kmrepro.reconstruct.ensemble.groups")
    exact = Sampler.of(endpoint, seed=3).block(0)
    tabulated = groups.arm_courses
    monkeypatch.setattr(
        groups,
        "arm_courses",
        lambda scenarios, *rest: tabulated(_with_rounding_errors(scenarios, 5), *rest),
    )
    moved = Sampler.of(endpoint, seed=3).block(0)
    for name, patients in exact.items():
        np.testing.assert_allclose(moved[name].time, patients.time, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(moved[name].event, patients.event)
