"""What is ruled out ahead of a knot, against every order of exits of a few patients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.reconstruct.constraints import EDGE, Knot
from kmrepro.reconstruct.lookahead import Lookahead

N = 6
END = 10.0


def every_way(knot: Knot, at_risk: int, survival: float) -> set[tuple[int, int, float]]:
    """Return numbers at risk, events and survival after a knot, over all orders of the exits."""
    found = set()
    for leaving in range(at_risk + 1):
        if knot.at_risk is not None and at_risk - leaving != knot.at_risk:
            continue
        for kinds in itertools.product([False, True], repeat=leaving):
            number, now = at_risk, survival
            for event in kinds:
                now *= 1 - event / number
                number -= 1
            at_knot = range(number + 1) if knot.at_risk is not None else [0]
            for events in at_knot:
                after = now * (1 - events / number) if events else now
                if knot.lower - EDGE <= after <= knot.upper + EDGE:
                    found.add((number - events, sum(kinds) + events, after))
    return found


def events_to_come(knots: tuple[Knot, ...], at_risk: int, survival: float) -> set[int]:
    """Return how many events can still come, by trying everything."""
    if not knots:
        return set(range(at_risk + 1))
    return {
        events + later
        for left, events, now in every_way(knots[0], at_risk, survival)
        for later in events_to_come(knots[1:], left, now)
    }


@st.composite
def two_knots(draw: st.DrawFn) -> tuple[Knot, ...]:
    """Draw two knots whose survival is reported narrowly, the number at risk at some of them."""
    survival = sorted(draw(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2)), reverse=True)
    width = draw(st.sampled_from([0.001, 0.02, 0.2]))
    return tuple(
        Knot(
            time=float(number),
            lower=max(value - width, 0.0),
            upper=min(value + width, 1.0),
            at_risk=draw(st.none() | st.integers(0, N)),
        )
        for number, value in enumerate(survival, start=1)
    )


@given(two_knots())
def test_nothing_that_is_possible_is_ruled_out(knots: tuple[Knot, ...]) -> None:
    """Whatever exits lead on from a state, the state and its numbers of events are let through."""
    ahead = Lookahead.of(knots, N, end=END)
    for at_risk, _, survival in every_way(knots[0], N, 1.0):
        for events in events_to_come(knots[1:], at_risk, survival):
            now = np.array([survival])
            assert ahead.possible(1, np.array([at_risk]), np.array([events]), now).all()
            assert ahead.possible(1, np.array([at_risk]), None).all()


@pytest.mark.parametrize("fall", [1 / 20, 1 / 20 + 1 / 30, 0.2])
def test_few_events_leave_few_numbers_at_risk(fall: float) -> None:
    """A fall is possible from just the numbers at risk of which up to three events give it."""
    low, high = 1 - fall - 2e-4, 1 - fall + 2e-4
    knots = (Knot(time=1.0, lower=1.0, upper=1.0), Knot(time=2.0, lower=low, upper=high))
    n = 40
    found = Lookahead.of(knots, n, end=END).possible(1, np.arange(n + 1), None)

    def gives(number: int) -> bool:
        every = (
            chosen
            for events in (1, 2, 3)
            for chosen in itertools.combinations(range(1, number + 1), events)
        )
        factors = (np.prod([1 - 1 / m for m in chosen]) for chosen in every)
        return any(low - EDGE <= factor <= high + EDGE for factor in factors)

    for number in range(n + 1):
        if number * fall < 4:  # four events are taken to be possible in between, too
            assert found[number] == gives(number), number


def test_few_events_leave_survival_where_it_is() -> None:
    """With 10 at risk at a knot, 4 events before or at it take survival to 6/10 at the least."""
    late = Knot(time=3.0, lower=0.0, upper=0.5, at_risk=10)
    knots = (Knot(time=1.0, lower=0.6, upper=1.0), Knot(time=2.0, lower=0.0, upper=1.0), late)
    ahead = Lookahead.of(knots, 20, end=END)
    survival = np.array([0.6, 0.8, 0.84, 0.9])
    at_risk, events = np.full(4, 15), np.full(4, 4)
    assert ahead.possible(1, at_risk, events, survival).tolist() == [True, True, False, False]
    assert ahead.possible(1, at_risk, events + 1, survival).all()
    assert ahead.possible(1, at_risk, events + 1 - 5, survival).tolist() == [False] * 4


def test_survival_may_stay_at_nothing() -> None:
    """Once nobody is left alive survival is 0 at every later knot."""
    nobody = Knot(time=1.0, lower=0.0, upper=0.0)
    ahead = Lookahead.of((nobody, nobody._replace(time=2.0)), N, end=END)
    assert ahead.possible(1, np.array([0]), None).all()


def test_many_patients_are_not_looked_at_one_by_one() -> None:
    """Without numbers at risk nothing is ruled out of a large arm; with them events are."""
    free = (Knot(time=1.0, lower=0.8, upper=0.801), Knot(time=2.0, lower=0.5, upper=0.501))
    known = tuple(knot._replace(at_risk=at) for knot, at in zip(free, (1500, 700), strict=True))
    few = np.array([3])
    assert Lookahead.of(free, 2000, end=END).possible(1, np.array([1500]), few).all()
    assert not Lookahead.of(known, 2000, end=END).possible(1, np.array([1500]), few).any()
    assert Lookahead.of(known, 2000, end=END).possible(1, np.array([1500]), few + 600).all()
