"""Against every data set of tiny arms: what whole patients can do, the reconstruction does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from kmrepro.reconstruct import ContradictionError, reconstruct
from kmrepro.studies import Arm

from ..seeds import seeds
from .conftest import build_endpoint
from .trials import broken_promises

KNOTS = (10.0, 20.0)
END = 30.0
# where a patient can leave, as far as the printed times can tell: before, at, between, after, last
PLACES = (5.0, 10.0, 15.0, 20.0, 25.0, END)


def every_data_set(n: int) -> Iterator[list[tuple[float, bool]]]:
    """Yield every order of events and censorings at every mix of places; the last leaves at END."""
    for places in itertools.combinations_with_replacement(PLACES, n - 1):
        for events in itertools.product((True, False), repeat=n):
            yield list(zip((*places, END), events, strict=True))


def meets(arm: Arm, patients: list[tuple[float, bool]]) -> bool:
    """Say whether one data set meets an arm, in exact arithmetic, in the order that it is given."""
    if arm.events is not None and sum(event for _, event in patients) != arm.events:
        return False
    if any(sum(t >= when for t, _ in patients) != k for when, k in arm.at_risk.items()):
        return False
    for when, landmark in arm.landmarks.items():
        survival = Fraction(1)
        for place, (time, event) in enumerate(patients):
            if time <= when and event:
                survival *= 1 - Fraction(1, len(patients) - place)
        if not landmark.survival.contains(float(survival)):
            return False
    return True


def random_arm(rng: np.random.Generator) -> dict[str, object]:
    """Print numbers that may or may not fit together."""
    n = int(rng.integers(1, 5))
    values = sorted(rng.choice([100, 80, 75, 67, 60, 50, 44, 38, 33, 25, 0], 2), reverse=True)
    arm: dict[str, object] = {
        "n": n,
        "landmarks": {f"{when:g}": f"{v}%" for when, v in zip(KNOTS, values, strict=True)},
        "follow_up": {"max": f"{END:g}"},
    }
    if rng.random() < 0.5:
        arm["events"] = int(rng.integers(0, n + 1))
    if rng.random() < 0.5:
        first, second = sorted(rng.integers(0, n + 1, 2), reverse=True)
        arm["at_risk"] = {"10": int(first), "20": int(second)}
    return arm


@pytest.mark.parametrize("seed", seeds(150, always=15))
def test_succeeds_exactly_when_some_data_set_does(seed):
    """Patients are found if and only if one of all the data sets meets what is printed."""
    endpoint = build_endpoint({"A": random_arm(np.random.default_rng(seed))})
    arm = endpoint.arms["A"]
    possible = any(meets(arm, patients) for patients in every_data_set(arm.n or 0))
    try:
        ipd = reconstruct(endpoint)
    except ContradictionError:
        assert not possible
        return
    broken = broken_promises(arm, *ipd.of("A"))
    assert (broken == []) == possible
    assert bool(broken) == any("the nearest found have" in text for text in ipd.assumptions)
