"""Draws along digitised curves: they follow what was read, and differ by what was not."""

from __future__ import annotations

import numpy as np
import pytest

from kmrepro.models import ensemble
from kmrepro.reconstruct import ReconstructionRefused
from kmrepro.reconstruct.checks import survival_after_each
from kmrepro.reconstruct.ensemble import Sampler
from kmrepro.studies import CensorMarks, digitised_curve

from ...seeds import many, seeds
from ..conftest import build_endpoint

ROWS = 20


def curve_of(time, event, *, points=0, decimals=4, tolerance=None):
    """Read the Kaplan-Meier estimate at every step, or at so many even times."""
    order = np.lexsort((~event, time))
    time, event = time[order], event[order]
    after = survival_after_each(event[None])[0]
    if points:
        at = np.linspace(0, time[-1], points + 1)[1:]
    else:
        at = np.append(np.unique(time[event]), time[-1])
        at = np.unique(at)
    past = np.searchsorted(time, at, side="right")
    height = np.where(past > 0, after[past - 1], 1.0).round(decimals)
    kind = "samples" if points else "steps"
    return digitised_curve(at.tolist(), height.tolist(), kind=kind, tolerance=tolerance)


def arm_of(seed: int, *, n: int = 40, rows: bool = True, events: bool = True, **reading):
    """Return an arm with a curve, and the data that it was read from."""
    rng = np.random.default_rng(seed)
    death, leave = rng.exponential(20, n), rng.uniform(5, 40, n)
    time, event = np.minimum(death, leave).round(2) + 0.01, death <= leave
    arm = {"n": n, "curve": curve_of(time, event, **reading)}
    if rows:
        arm["at_risk"] = {f"{t:g}": int((time >= t).sum()) for t in (0, 6, 12, 18, 24)}
    if events:
        arm["events"] = int(event.sum())
    return arm, (time, event)


@pytest.mark.parametrize("seed", seeds(4, always=2))
@pytest.mark.parametrize("points", [0, 80])
def test_draws_have_the_heights_rows_and_events_that_were_read(seed, points):
    """Exact readings of small arms: numbers at risk and events exactly, heights nearly so."""
    arm, _ = arm_of(seed, points=points)
    drawn = Sampler.of(build_endpoint({"A": arm}), seed=1).block(0)["A"]
    for when, count in arm["at_risk"].items():
        np.testing.assert_array_equal((drawn.time >= float(when)).sum(axis=1), count)
    assert (drawn.event.sum(axis=1) == arm["events"]).mean() > 0.95
    curve = arm["curve"]
    off = np.abs(drawn.survival_at(np.array(curve.time)) - curve.survival)
    assert np.mean(off < 0.006) > 0.97
    assert np.all(np.diff(drawn.time, axis=1) >= 0)
    assert drawn.time.max() == curve.last_time


def test_events_are_at_the_drops_that_were_read():
    """And nowhere else, where every step was read."""
    arm, (time, event) = arm_of(5)
    drawn = Sampler.of(build_endpoint({"A": arm}), seed=0).block(0)["A"]
    assert np.isin(drawn.time[drawn.event], np.unique(time[event])).all()


def test_censorings_are_at_the_marks_with_the_number_at_each():
    """Marks that say how many are met exactly."""
    arm, (time, event) = arm_of(7, rows=False, events=False)
    before_end = time[~event & (time < time.max())]
    at, count = np.unique(before_end, return_counts=True)
    marks = CensorMarks(time=tuple(at.tolist()), count=tuple(count.tolist()))
    drawn = Sampler.of(build_endpoint({"A": arm | {"censor_marks": marks}}), seed=0).block(0)["A"]
    for row in range(ROWS):
        left = drawn.time[row][~drawn.event[row]]
        np.testing.assert_allclose(np.sort(left[left < time.max()]), np.sort(before_end))


def endpoint_of(**reading):
    arms = {"A": arm_of(1, n=70, **reading)[0], "B": arm_of(2, n=60, **reading)[0]}
    return build_endpoint(arms, reference="A")


def test_intervals_are_wider_the_less_exactly_a_curve_is_read():
    """Every step with rows, forty heights without, twenty of them within four points."""
    readings = (
        {},
        {"points": 40, "rows": False},
        {"points": 20, "rows": False, "events": False, "tolerance": 0.04},
    )
    spreads = [
        ensemble(endpoint_of(**reading), n_draws=many(100, else_=40)).log_hazard_ratio.std()
        for reading in readings
    ]
    assert spreads[0] < spreads[1] < spreads[2]
    assert spreads[0] < 0.02


def test_one_arm_may_have_a_curve_and_the_other_landmarks():
    """Each is drawn from what it has, and meets it."""
    landmarks = {"6": "75%", "12": "55%", "24": "30%"}
    other = {"n": 110, "landmarks": landmarks, "events": 70}
    source = Sampler.of(build_endpoint({"A": arm_of(1, n=120)[0], "B": other}), seed=0)
    block = source.block(0)
    at = block["B"].survival_at(np.array([6.0, 12.0, 24.0]))
    np.testing.assert_array_less(np.abs(at - [0.75, 0.55, 0.30]), 0.005 + 1e-9)
    assert set(block["B"].event.sum(axis=1)) == {70}
    assert source.template.arms == ("A", "B")


def test_the_same_seed_gives_the_same_draws():
    """However many there are."""
    endpoint = endpoint_of(points=20)
    few, many = (ensemble(endpoint, n_draws=n, seed=3).log_hazard_ratio for n in (20, 60))
    np.testing.assert_array_equal(few, many[:20])


def test_rows_that_rise_are_refused():
    """As a reconstruction refuses them."""
    arm, _ = arm_of(1)
    rising = arm | {"at_risk": {"0": 40, "12": 20, "18": 30}}
    wrong = build_endpoint({"A": rising, "B": arm}, reference="A")
    with pytest.raises(ReconstructionRefused, match="30"):
        ensemble(wrong, n_draws=10)


def test_arms_of_a_draw_share_their_scenario():
    """What the arms of a trial have in common stays in common in every draw."""
    arm = {"n": 200, "landmarks": {"12": "70%", "24": "45%"}, "events": 90}
    source = Sampler.of(build_endpoint({"A": arm, "B": arm}), seed=0)
    assert source.group is not None
    scenario = np.arange(60) % 5
    one, other = source.group._paths(scenario, np.random.default_rng(0))
    np.testing.assert_array_equal(one.scenario, other.scenario)


def test_paths_that_end_before_the_last_mark_are_no_error():
    """With n off by a little every path may have nobody left where the last mark stands."""
    time = [0.0992, 0.3172, 0.4476, 1.4931, 2.619, 10.9822, 11.9963, 15.7778, 17.3844, 22.7917]
    height = [0.88889, 0.83333, 0.77778, 0.71795, 0.64615, 0.53846, 0.43077, 0.32308, 0.21538]
    marks = (0.7081, 1.9355, 2.1137, 4.1536, 8.2289, 9.6498, 18.6114, 22.7911)
    curve = digitised_curve(time, [*height, height[-1]], kind="steps", tolerance=0.0006)
    arm = {"n": 17, "curve": curve, "censor_marks": CensorMarks(time=marks)}
    draws = ensemble(build_endpoint({"A": arm, "B": arm}, reference="A"), n_draws=20)
    assert np.isfinite(draws.log_hazard_ratio).all()
