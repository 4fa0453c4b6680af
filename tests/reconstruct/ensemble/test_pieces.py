"""The pieces that draws are made of, against slow and obvious ways."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from kmrepro.reconstruct.calibration import calibrate
from kmrepro.reconstruct.checks import is_consistent
from kmrepro.reconstruct.constraints import arm_constraints
from kmrepro.reconstruct.ensemble.arm_draws import Patients, median_inside
from kmrepro.reconstruct.ensemble.chains import moved
from kmrepro.reconstruct.ensemble.courses import arm_courses, flagged, flags_of
from kmrepro.reconstruct.ensemble.orders import (
    NODES,
    censorings_for,
    events_for,
    exchanged,
    mean_log_factor,
    variance_log_factor,
)
from kmrepro.reconstruct.ensemble.proposals import binomial
from kmrepro.reconstruct.integer_search import place_patients
from kmrepro.reconstruct.scenarios import random_scenarios

from ...seeds import seeds
from ..conftest import build_endpoint
from ..trials import broken_promises, median_of, printed_arm, random_patients


@pytest.mark.parametrize(
    ("at_risk", "events", "censored"), [(200, 30, 40), (40, 12, 20), (9, 3, 4)]
)
def test_factors_have_the_moments_of_random_orders(at_risk, events, censored):
    """Mean and variance of the log factor, against 20,000 random orders."""
    rng = np.random.default_rng(0)
    kinds = np.arange(events + censored) < events
    orders = rng.permuted(np.tile(kinds, (20_000, 1)), axis=1)
    left = at_risk - np.arange(events + censored)
    logs = np.where(orders, np.log1p(-1 / left), 0.0).sum(axis=1)
    row = {"at_risk": np.array([at_risk])}
    mean = mean_log_factor(np.array([events]), np.array([censored]), gone=NODES[:, None], **row)
    variance = variance_log_factor(np.array([events]), np.array([censored]), **row)
    assert mean[0] == pytest.approx(logs.mean(), rel=0.04)
    assert np.sqrt(variance[0]) == pytest.approx(logs.std(), rel=0.25)


def test_events_and_censorings_are_found_from_the_factor_that_they_give():
    """Each undoes the other."""
    at_risk, events, censored = np.array([200]), np.array([30.0]), np.array([40])
    log_factor = mean_log_factor(events, censored, at_risk=at_risk, gone=NODES[:, None])
    more = {"at_risk": at_risk, "gone": NODES[:, None]}
    assert events_for(log_factor, censored, **more)[0] == pytest.approx(30, abs=1e-3)
    given = events_for(log_factor, np.array([70]), instead=True, **more)
    assert given[0] == pytest.approx(30, abs=1e-2)
    found = censorings_for(log_factor, events.astype(int), **more)
    assert found[0] == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize(("events", "censored"), [(40, 38), (70, 10), (10, 70)])
def test_events_are_found_where_nearly_everybody_leaves(events, censored):
    """Of 90 patients few are left: numbers run out, and the factor falls ever faster."""
    row = {"at_risk": np.array([90]), "gone": NODES[:, None]}
    log_factor = mean_log_factor(np.array([events]), np.array([censored]), **row)
    assert events_for(log_factor, np.array([censored]), **row)[0] == pytest.approx(events, abs=1)


@pytest.mark.parametrize(("trials", "share"), [(40, 0.2), (185, 0.05), (30, 0.5), (12, 0.1)])
def test_counts_are_binomial(trials, share):
    """No more than chance and 0.6% of the probability is on another count."""
    rng = np.random.default_rng(4)
    drawn = binomial(np.array([trials]), np.array([share]), (200_000, 1), rng)
    found = np.bincount(drawn[:, 0], minlength=trials + 1) / drawn.size
    exact = scipy.stats.binom.pmf(np.arange(trials + 1), trials, share)
    assert np.abs(found - exact).sum() / 2 < 0.01


def test_the_last_bit_of_a_time_says_what_happened():
    """Sorting keeps times and kinds together."""
    rng = np.random.default_rng(1)
    time, event = rng.random((3, 50)), rng.random((3, 50)) < 0.5
    both = np.sort(flagged(time, event), axis=1)
    order = np.argsort(time, axis=1)
    np.testing.assert_allclose(both, np.take_along_axis(time, order, 1), rtol=1e-15)
    np.testing.assert_array_equal(flags_of(both), np.take_along_axis(event, order, 1))


def test_exchanges_bring_the_factor_inside():
    """A few events and censorings change places; none is lost, and nobody is added."""
    rng = np.random.default_rng(2)
    event, anybody = rng.random((200, 30)) < 0.5, np.arange(30) < rng.integers(28, 31, (200, 1))
    event &= anybody
    at_risk, bounds = np.full(200, 40), (np.full(200, 0.470), np.full(200, 0.472))
    left = at_risk[:, None] - np.arange(30)
    before = np.prod(1.0 - event / left, axis=1)
    after, factor = exchanged(event, anybody, at_risk, factor=before, bounds=bounds, rng=rng)
    np.testing.assert_array_equal(after.sum(axis=1), event.sum(axis=1))
    assert not after[~anybody].any()
    np.testing.assert_allclose(factor, np.prod(1.0 - after / left, axis=1), rtol=1e-12)
    reachable = np.abs(event.sum(axis=1) - 15) <= 1
    assert ((factor >= bounds[0]) & (factor <= bounds[1]))[reachable].mean() > 0.95


@pytest.mark.parametrize("seed", seeds(30, always=8))
def test_patients_that_a_trial_was_printed_from_meet_it_and_others_do_not(seed):
    """The check of many rows at once agrees with the slow one, row by row."""
    rng = np.random.default_rng(seed)
    time, event = random_patients(rng)
    endpoint = build_endpoint({"A": printed_arm(rng, time, event)})
    arm = arm_constraints(endpoint, "A")
    times, events = np.tile(time, (20, 1)), np.tile(event, (20, 1))
    for row in range(1, 20):
        one, other = rng.integers(0, time.size, 2)
        events[row, one] ^= rng.random() < 0.5
        times[row, other] *= rng.uniform(0.5, 1.0)
    order = np.lexsort((~events, times), axis=1)
    times, events = (np.take_along_axis(v, order, axis=1) for v in (times, events))
    slow = [
        not broken_promises(endpoint.arms["A"], t, e) for t, e in zip(times, events, strict=True)
    ]
    assert slow[0]
    np.testing.assert_array_equal(is_consistent(arm, times, events), slow)


def test_medians_are_moved_into_their_interval_and_nothing_past_a_knot():
    """Only times inside the span of the median change, and their order stays."""
    rng = np.random.default_rng(3)
    time = np.sort(rng.uniform(0, 40, (100, 60)), axis=1)
    event = rng.random((100, 60)) < 0.8
    moved_to = median_inside(time, event, (14.95, 15.05), knots=[10.0, 30.0], rng=rng)
    for before, after, kinds in zip(time, moved_to, event, strict=True):
        assert (np.diff(after) >= 0).all()
        outside = (before <= 10) | (before >= 30)
        np.testing.assert_array_equal(before[outside], after[outside])
        if 10 < (median_of(before, kinds) or 0) < 30:
            assert 14.95 <= median_of(after, kinds) <= 15.05


@pytest.mark.parametrize("moves", [0, 200])
@pytest.mark.parametrize("seed", seeds(8, always=3))
def test_moves_keep_every_printed_number(seed, moves):
    """Copies of one data set become others that meet the same numbers, without moves by times."""
    rng = np.random.default_rng(seed)
    time, event = random_patients(np.random.default_rng(seed + 5))
    endpoint = build_endpoint({"A": printed_arm(rng, time, event)})
    arms = {"A": arm_constraints(endpoint, "A")}
    known = calibrate(endpoint, arms)["A"]
    placed = place_patients(known.arm, known.course)
    start = Patients(time=np.tile(placed.time, (30, 1)), event=np.tile(placed.event, (30, 1)))
    weighted = random_scenarios(endpoint, arms, rng=rng)
    scenarios = weighted.take(weighted.chosen(4, rng))
    courses = arm_courses(scenarios.arms["A"], scenarios.grid)
    changed = moved(start, courses, rng.integers(0, 4, 30), moves=moves, rng=rng)
    if known.arm.median is None and not known.arm.median_not_reached:
        assert is_consistent(known.arm, changed.time, changed.event).all()
    if placed.event.any() and not placed.event.all():
        assert len({row.tobytes() for row in changed.time}) > 1
        assert moves or (changed.event == start.event).all()
