"""Against every data set of tiny trials: the bounds are the extremes, and both occur."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from kmrepro.models import NotEstimable
from kmrepro.models.attainable import attainable_hazard_ratio
from kmrepro.reconstruct import ContradictionError
from kmrepro.studies import Arm, Endpoint, Study

from ...seeds import nightly, seeds

# Printed are survival and numbers at risk at 10 and 20, and the longest follow-up of "30". Where a
# patient leaves, as far as this can tell: before, at and between them, in the last interval, and
# from 29.5 on, which prints as "30".
PLACES = (0, 1, 2, 3, 4, 5)
TIES = (1, 3)  # places that are single instants
BEFORE = {"10": 1, "20": 3}  # first place that is at risk at a printed time
LAST = 5

Leaves = tuple[tuple[int, bool], ...]  # place and event of every patient, in order


def every_arm(arm: Arm) -> Iterator[Leaves]:
    """Yield every data set of one arm that meets what it prints, by exact arithmetic."""
    n = arm.n or 0
    for places in itertools.combinations_with_replacement(PLACES, n):
        if arm.follow_up is not None and places[-1] != LAST:
            continue
        for events in itertools.product((True, False), repeat=n):
            leaves = tuple(zip(places, events, strict=True))
            if in_order(leaves) and is_consistent(arm, leaves):
                yield leaves


def in_order(leaves: Leaves) -> bool:
    """At one instant, events come before censorings."""
    return not any(
        one[0] == other[0] and one[0] in TIES and not one[1] and other[1]
        for one, other in itertools.pairwise(leaves)
    )


def is_consistent(arm: Arm, leaves: Leaves) -> bool:
    """Say whether one arm meets what it prints."""
    if arm.events is not None and sum(event for _, event in leaves) != arm.events:
        return False
    for when, count in arm.at_risk.items():
        if sum(place >= BEFORE[f"{when:g}"] for place, _ in leaves) != count:
            return False
    for when, landmark in arm.landmarks.items():
        if not landmark.survival.contains(float(survival(leaves, BEFORE[f"{when:g}"]))):
            return False
    if arm.median is not None and not arm.median.reached:
        return survival(leaves, LAST) > Fraction(1, 2)
    return True


def survival(leaves: Leaves, to: int) -> Fraction:
    """Kaplan-Meier estimate with the events at one place."""
    value, left = Fraction(1), len(leaves)
    for place, event in leaves:
        if event and place <= to:
            value *= Fraction(left - 1, left)
        left -= 1
    return value


def orders(first: list[bool], second: list[bool]) -> Iterator[list[tuple[int, bool]]]:
    """Yield every order in which the patients of two arms can leave."""
    for where in itertools.combinations(range(len(first) + len(second)), len(first)):
        one, other = iter(first), iter(second)
        yield [
            (0, next(one)) if place in where else (1, next(other))
            for place in range(len(first) + len(second))
        ]


Risk = tuple[tuple[int, int, int, int], ...]  # at risk and events of both arms, sorted


def every_risk(first: Leaves, second: Leaves) -> set[Risk]:
    """Return the risk sets of every way in which two arms can be interleaved."""
    found: set[Risk] = {()}
    left = [len(first), len(second)]
    for place in PLACES:
        here = [[e for p, e in arm if p == place] for arm in (first, second)]
        if place in TIES:
            now = [(left[0], left[1], sum(here[0]), sum(here[1]))] if any(map(any, here)) else []
            ways = {tuple(now)}
        else:
            ways = {tuple(sorted(risks(order, left))) for order in orders(*here)}
        found = {tuple(sorted((*way, *more))) for way in found for more in ways}
        left = [left[0] - len(here[0]), left[1] - len(here[1])]
    return found


def risks(order: list[tuple[int, bool]], left: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the risk set of every event."""
    left = list(left)
    for arm, event in order:
        if event and min(left) > 0:  # with one arm alone an event tells nothing
            yield left[0], left[1], int(arm == 0), int(arm == 1)
        left[arm] -= 1


def log_ratio(risk: Risk) -> float:
    """Solve the Cox score equation by halving, ties by Efron's rule written out."""
    seen = [row for row in risk if min(row[:2]) > 0 and row[2] + row[3]]
    events = [sum(row[2] for row in seen), sum(row[3] for row in seen)]
    if not min(events):
        return math.nan if events == [0, 0] else math.inf if events[1] else -math.inf

    def score(at: float) -> float:
        total, ratio = 0.0, math.exp(at)
        for n0, n1, d0, d1 in seen:
            total += d1
            for drawn in range(d0 + d1):
                gone = drawn / (d0 + d1)
                treated = ratio * (n1 - gone * d1)
                total -= treated / (n0 - gone * d0 + treated)
        return total

    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if score(middle) > 0 else (low, middle)
    return low


def extremes(endpoint: Endpoint) -> tuple[float, float] | None:
    """Return the smallest and largest log hazard ratio of all data sets; None if there is none."""
    first, second = (list(every_arm(arm)) for arm in endpoint.arms.values())
    total = None if endpoint.reported is None else endpoint.reported.events
    every: set[Risk] = set()
    for one in first:
        for other in second:
            if total is None or sum(e for _, e in (*one, *other)) == total:
                every |= every_risk(one, other)
    ratios = [ratio for ratio in map(log_ratio, every) if not math.isnan(ratio)]
    return (min(ratios), max(ratios)) if ratios else None


def random_arm(rng: np.random.Generator, most: int) -> dict[str, Any]:
    """Print numbers of an arm that some data set has."""
    n = int(rng.integers(2, most + 1))
    places = np.sort(rng.choice(PLACES, n))
    places[-1] = LAST
    events = rng.random(n) < 0.6
    leaves = tuple(sorted(zip(places.tolist(), events.tolist(), strict=True), key=rank))
    arm: dict[str, Any] = {"n": n, "follow_up": {"max": "30"}}
    kept = [when for when in ("10", "20") if rng.random() < 0.8] or ["20"]
    arm["landmarks"] = {w: f"{100 * float(survival(leaves, BEFORE[w])):.1f}%" for w in kept}
    if rng.random() < 0.5:
        arm["events"] = int(sum(e for _, e in leaves))
    if rng.random() < 0.5:
        arm["at_risk"] = {w: sum(p >= BEFORE[w] for p, _ in leaves) for w in ("10", "20")}
    if rng.random() < 0.2 and survival(leaves, LAST) > Fraction(1, 2):
        arm["median"] = "NR"
    return arm


def rank(leaf: tuple[int, bool]) -> tuple[int, bool]:
    """Events first."""
    return leaf[0], not leaf[1]


def endpoint_of(rng: np.random.Generator, most: int) -> Endpoint:
    """Print numbers of two arms."""
    endpoint: dict[str, Any] = {
        "name": "OS",
        "reference": "A",
        "arms": {"A": random_arm(rng, most), "B": random_arm(rng, most)},
    }
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


def ratio_of(value: float) -> float:
    return math.inf if value > 700 else math.exp(value)


# the first, of five patients an arm, takes longest
@pytest.mark.parametrize("seed", [nightly(0), *seeds(60, always=4)[1:]])
def test_bounds_are_the_extremes_of_all_data_sets(seed):
    """What is returned is the smallest and the largest hazard ratio that any data set has."""
    endpoint = endpoint_of(np.random.default_rng(seed), 4 if seed % 3 else 5)
    truth = extremes(endpoint)
    if truth is None:
        with pytest.raises((NotEstimable, ContradictionError)):
            attainable_hazard_ratio(endpoint)
        return
    found = attainable_hazard_ratio(endpoint)
    assert found.exact
    assert found.lower == pytest.approx(ratio_of(truth[0]), rel=1e-6)
    assert found.upper == pytest.approx(ratio_of(truth[1]), rel=1e-6)
