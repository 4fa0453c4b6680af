"""One pass along a few knots, beside every path that there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kmrepro.reconstruct.curves import _viterbi, placement
from kmrepro.reconstruct.curves._viterbi import Search, traced, walk
from kmrepro.reconstruct.curves.knots import KNOT


def knots_of(heights: list[float], *, tolerance: float, drop: bool) -> np.ndarray:
    """Return knots of heights that are all drops, or none."""
    knots = np.zeros(len(heights), KNOT)
    knots["lower"], knots["upper"] = (np.array(heights) + sign * tolerance for sign in (-1, 1))
    knots["share"], knots["rate"], knots["at_risk"], knots["most"] = 0.1, 0.1, -1, 10**9
    knots["drop"], knots["between"] = drop, not drop
    knots["drops"] = np.cumsum(knots["drop"])
    knots["needed"] = knots["drops"][-1] - knots["drops"]
    return knots


def search(n: int, tolerance: float) -> Search:
    """Return a search that gives nothing up."""
    return Search(n, 500, 64, 1000.0, tolerance, 0.0, False, False)


def matched(n: int, heights: list[float], tolerance: float) -> set[tuple[int, ...]]:
    """Return the (censored, events) of every path whose drops match the heights, by brute force."""
    found, counts = set(), range(n + 1)
    for path in itertools.product(itertools.product(counts, range(1, n + 1)), repeat=len(heights)):
        left, survival, good = n, 1.0, True
        for (censored, events), height in zip(path, heights, strict=True):
            left -= censored
            if events > left:
                good = False
                break
            survival *= 1 - events / left
            left -= events
            good &= abs(survival - height) <= tolerance + 1e-12
        if good:
            found.add(tuple(itertools.chain(*path)))
    return found


@pytest.mark.parametrize("heights", [[0.8, 0.6], [5 / 6, 0.625], [0.75, 0.5], [0.9, 0.1]])
def test_a_path_matches_heights_if_and_only_if_some_path_does(heights: list[float]) -> None:
    """Two drops of six patients: among the paths of an exact enumeration, if there are any."""
    n, tolerance = 6, 0.0005
    states, trail, tried = walk(
        knots_of(heights, tolerance=tolerance, drop=True), search(n, 0.0005)
    )
    steps = traced(trail, int(np.argmin(states["cost"])))
    path = tuple(int(step[name]) for step in steps for name in ("censored", "events"))
    every = matched(n, heights, tolerance)
    assert (path in every) if every else (path not in every)
    assert tried > 0


def test_survival_stays_inside_the_intervals_of_orders() -> None:
    """A state is bounded by all events first and all censorings first, cut by the knot."""
    tolerance = 0.02
    states, trail, _ = walk(
        knots_of([0.9], tolerance=tolerance, drop=False), search(1000, tolerance)
    )
    for row, state in enumerate(states):
        step = trail[0, row]
        left = 1000 - step["censored"]
        least, most = 1 - step["events"] / left, 1 - step["events"] / 1000
        assert least - 1e-12 <= state["low"] <= state["high"] <= most + 1e-12
        assert state["at_risk"] == left - step["events"]


def test_nobody_is_left_where_a_row_needs_more_than_there_are() -> None:
    """A row of seven at risk among six leaves no state."""
    knots = knots_of([0.8], tolerance=0.1, drop=True)
    knots["at_risk"], knots["needed"] = 7, 6
    states, _, _ = walk(knots, search(6, 0.1))
    assert states.size == 0


def test_the_widest_search_leaves_half_of_the_table_empty():
    """Looking for an empty cell of a full table would never end."""
    breadths = [breadth for breadth, _ in (*placement.ATTEMPTS, placement.FOR_EVENTS)]
    widest = placement.WIDER_FOR_TOTAL * max(breadth.states for breadth in breadths)
    assert 2 * _viterbi.SLOTS * widest <= _viterbi.CELLS
