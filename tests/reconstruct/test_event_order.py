"""Whole patients between two knots: their order, their times and what survival they give."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kmrepro.reconstruct.event_order import (
    Span,
    exits_within,
)
from kmrepro.reconstruct.expected_course import ExpectedCourse


def span(end: float = 10.0) -> Span:
    """Return an interval in which more is expected to happen early than late."""
    time = np.linspace(0.0, end, 51)
    grown = 1 - np.exp(-time / 3)
    course = ExpectedCourse(
        time=time, at_risk=100 - 50 * grown, events=20 * grown, censored=30 * grown
    )
    return Span.of(course, 2.0, 8.0)


@pytest.mark.parametrize(("at_risk", "events", "censored"), [(6, 2, 3), (60, 9, 20), (900, 40, 90)])
@pytest.mark.parametrize("place", [0.0, 0.02, 0.5, 0.98, 1.0])
def test_exits_meet_the_interval_that_was_asked_for(at_risk, events, censored, place):
    """Anywhere between all censorings first and all events first, exits are found and correct."""
    lowest = (at_risk - censored - events) / (at_risk - censored)
    highest = (at_risk - events) / at_risk
    aim = lowest + place * (highest - lowest)
    width = 0.02 * (highest - lowest) if at_risk > 6 else 0.5 * (highest - lowest)
    exits = next(
        exits_within(
            span(), at_risk=at_risk, events=events, censored=censored,
            lower=aim - width, upper=aim + width,
        )
    )  # fmt: skip
    assert (exits.event.sum(), exits.time.size) == (events, events + censored)
    assert (np.diff(exits.time) > 0).all()
    assert 2.0 < exits.time[0] < exits.time[-1] < 8.0
    remaining = at_risk - np.flatnonzero(exits.event)
    assert exits.factor == pytest.approx(np.prod(1 - 1 / remaining), rel=1e-12)
    assert aim - width <= exits.factor <= aim + width


def test_nothing_is_found_outside_what_orders_can_do():
    """A factor above all events first is out of reach."""
    assert not list(exits_within(span(), at_risk=60, events=9, censored=20, lower=0.86, upper=0.9))


def test_few_orders_are_all_found():
    """With two events and two censorings, every attainable factor comes up once."""
    found = {
        round(exits.factor, 12)
        for exits in exits_within(span(), at_risk=9, events=2, censored=2, lower=0, upper=1)
    }
    every = {
        round(float(np.prod([1 - 1 / (9 - place) for place in places])), 12)
        for places in itertools.combinations(range(4), 2)
    }
    assert found == every


def test_exits_follow_the_expected_course():
    """Events come at the middles of equal shares of what is expected."""
    exits = next(exits_within(span(), at_risk=100, events=4, censored=0, lower=0, upper=1))
    grown = 1 - np.exp(-exits.time / 3)
    edges = 1 - np.exp(-np.array([2.0, 8.0]) / 3)
    shares = (grown - edges[0]) / (edges[1] - edges[0])
    np.testing.assert_allclose(shares, [0.125, 0.375, 0.625, 0.875], atol=0.01)


@pytest.mark.parametrize(("lower", "upper"), [(0.8210, 0.8211), (0.80, 0.83)])
def test_of_many_orders_one_is_tried(lower, upper):
    """The parts of an interval are hardly ever worth going through: the likeliest is enough."""
    found = list(exits_within(span(), at_risk=60, events=9, censored=20, lower=lower, upper=upper))
    assert [lower <= exits.factor <= upper for exits in found] == [True]
