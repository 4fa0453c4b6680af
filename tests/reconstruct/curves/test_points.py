"""Points taken for drops are read as heights, and the reverse, where that explains them better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kmrepro.reconstruct import reconstruct
from kmrepro.reconstruct.curves.points import other_kinds
from kmrepro.reconstruct.ensemble import Sampler
from kmrepro.reconstruct.reconstruction import read_and_reconstructed
from kmrepro.studies import curve_endpoint, digitised_curve

SAID = "as they explain less as drops"
DECIMALS = 3


def heights_at_odd_times(seed: int, n: int = 110, points: int = 45, kind=None):
    """Read heights exactly at times between drops, beside numbers at risk."""
    rng = np.random.default_rng(seed)
    death, leave = rng.exponential(25, n), rng.uniform(10, 40, n)
    time, event = np.minimum(death, leave), death <= leave
    drops, deaths = np.unique(time[event], return_counts=True)
    left = (time[:, None] >= drops).sum(axis=0)
    curve = np.concatenate([[1.0], np.cumprod(1 - deaths / left)])
    at = np.sort(rng.uniform(0.3, time.max(), points))
    at = np.append(at, time.max())
    heights = curve[np.searchsorted(drops, at, side="right")].round(DECIMALS)
    rows = {float(row): int((time >= row).sum()) for row in range(0, 36, 6)}
    read = digitised_curve(at.tolist(), heights.tolist(), kind=kind)
    return curve_endpoint({"A": read}, n={"A": n}, at_risk={"A": rows})


def misread():
    """Return a reading whose heights were recognised as drops."""
    endpoints = (heights_at_odd_times(seed) for seed in range(40))
    found = (each for each in endpoints if each.arms["A"].curve.kind == "steps")
    return next(each for each in found if read_and_reconstructed(each)[0] is not each)


def test_heights_taken_for_drops_are_read_as_heights():
    """The patients then agree with the points, and the assumptions say how these were read."""
    patients = reconstruct(misread())
    assert any(SAID in sentence for sentence in patients.assumptions)
    assert not any("of the curve are missed" in sentence for sentence in patients.assumptions)


def test_draws_follow_the_same_reading():
    """They have events between the points, too."""
    endpoint = misread()
    sampler = Sampler.of(endpoint, seed=0)
    assert not sampler.curves["A"].constraints.drops_only
    assert any(SAID in sentence for sentence in sampler.template.assumptions)
    times = np.array(endpoint.arms["A"].curve.time)
    drawn = sampler.block(0)["A"]
    assert not np.isin(drawn.time[drawn.event].round(9), times.round(9)).all()


def test_a_kind_that_was_stated_stays():
    """Whoever states drops gets drops, however badly they fit."""
    seed = next(
        seed for seed in range(40) if heights_at_odd_times(seed).arms["A"].curve.kind == "steps"
    )
    endpoint = heights_at_odd_times(seed, kind="steps")
    assert read_and_reconstructed(endpoint)[0] is endpoint
    assert not list(other_kinds(endpoint, ["A"]))


def test_points_that_were_refused_as_drops_can_be_tried_as_drops():
    """With the level end that such a curve has lost."""
    endpoint = misread()
    curve = endpoint.arms["A"].curve
    swapped = replace(curve.if_samples, if_steps=replace(curve, if_samples=None))
    arms = {"A": endpoint.arms["A"].model_copy(update={"curve": swapped})}
    (other,) = other_kinds(endpoint.model_copy(update={"arms": arms}), ["A"])
    assert other.arms["A"].curve.kind == "steps"
    assert "as they explain less as heights" in other.arms["A"].curve.repairs[-1]


def test_where_nothing_is_missed_nothing_else_is_tried():
    """The reading that explains itself is kept, and is the very endpoint."""
    endpoint = heights_at_odd_times(3, points=60, kind="samples")
    assert read_and_reconstructed(endpoint)[0] is endpoint
