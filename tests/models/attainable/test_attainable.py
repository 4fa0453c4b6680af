"""The attainable range: bounds, data sets, infinite ends and refusals."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kmrepro.models import NotEstimable, cox
from kmrepro.models.attainable import AttainableRange, attainable_hazard_ratio
from kmrepro.models.attainable.enumeration import Enumeration
from kmrepro.models.attainable.phases import phases_of
from kmrepro.models.attainable.plan import log_hazard_ratio_of, tied_score
from kmrepro.models.attainable.relaxation import outer_bound
from kmrepro.models.attainable.search import _Programme, left_after
from kmrepro.models.attainable.timeline import timeline_of
from kmrepro.reconstruct import ContradictionError, PseudoIPD, ReconstructionRefused
from kmrepro.studies import Endpoint, PrintedNumber, Study

from ...seeds import nightly, seeds

ARM_A = {"n": 20, "landmarks": {12: "80%", 24: "60%"}, "events": 9, "follow_up": {"max": "36"}}
ARM_B = {"n": 22, "landmarks": {12: "91%", 24: "77%"}, "events": 6, "follow_up": {"max": "36"}}


def endpoint_of(reference: dict[str, Any], treatment: dict[str, Any], **reported: Any) -> Endpoint:
    """Build an endpoint of two arms."""
    endpoint: dict[str, Any] = {
        "name": "OS",
        "reference": "A",
        "arms": {"A": reference, "B": treatment},
    }
    if reported:
        endpoint["reported"] = reported
    return Study.model_validate({"id": "made-up", "endpoint": [endpoint]}).endpoints[0]


@pytest.fixture(scope="module", params=[[24], nightly([12, 24])], ids=str)
def arms(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Return the arms of trials that are too large to be gone through."""
    return [
        {**arm, "landmarks": {time: arm["landmarks"][time] for time in request.param}}
        for arm in (ARM_A, ARM_B)
    ]


@pytest.fixture(scope="module")
def found(arms: list[dict[str, Any]]) -> AttainableRange:
    """Return the range of a trial that is too large to be gone through."""
    return attainable_hazard_ratio(endpoint_of(*arms))


def test_data_sets_lie_inside_the_bounds_and_have_their_hazard_ratios(found):
    """The data sets that come with the range have the hazard ratios that it says."""
    assert found.lower <= found.lower_attained < found.upper_attained <= found.upper
    assert not found.exact
    for data, ratio in (
        (found.lower_data, found.lower_attained),
        (found.upper_data, found.upper_attained),
    ):
        assert data.arms == ("A", "B")
        assert cox(data).hazard_ratio == pytest.approx(ratio, rel=1e-6)


def test_the_reconstruction_lies_inside(found, arms):
    """What is reconstructed is one of the data sets."""
    from kmrepro.reconstruct import reconstruct

    ratio = cox(reconstruct(endpoint_of(*arms))).hazard_ratio
    assert found.lower_attained <= ratio <= found.upper_attained


@pytest.mark.nightly
def test_exchanged_arms_give_inverse_ratios(found, arms):
    """The range of A against B is the inverse of that of B against A."""
    other = attainable_hazard_ratio(endpoint_of(*reversed(arms)))
    # Nothing is reported of follow-up here; its end is drawn, and arm by arm.
    assert other.lower == pytest.approx(1 / found.upper, rel=0.01)
    assert other.upper_attained == pytest.approx(1 / found.lower_attained, rel=0.05)


def test_contains_by_rounding(found):
    """A printed ratio is possible if any value that prints so lies inside."""
    assert found.contains(PrintedNumber.parse(f"{found.upper:.2f}"))
    assert found.contains(PrintedNumber.parse("NR")) is False
    assert not found.contains(PrintedNumber.parse(f"{found.upper + 0.02:.2f}"))
    assert not found.contains(PrintedNumber.parse(f"{found.lower - 0.02:.2f}"))


def test_the_sentence_says_which_way_it_errs(found):
    """What was found is the least that is possible, a bound that is not attained the most."""
    attained, bounds = (
        f"{low:.2f} to {high:.2f}"
        for low, high in (
            (found.lower_attained, found.upper_attained),
            (found.lower, found.upper),
        )
    )
    assert found.sentence == (
        "No data set consistent with the reported values has a hazard ratio outside "
        f"{bounds}, and those found have {attained}."
    )
    unlimited = replace(found, lower=0.0, upper=math.inf)
    assert unlimited.sentence == (
        "The reported values set no limits to the hazard ratio of data sets, and those found have "
        f"{attained}."
    )


def test_a_reconstruction_without_a_finite_hazard_ratio_is_only_a_start():
    """Its own hazard ratio is 0; others have a finite one, and the largest is bounded."""
    early = {
        "n": 22,
        "landmarks": {12: "9.1%"},
        "events": 22,
        "median": "5.0",
        "at_risk": {0: 22, 6: 11},
        "follow_up": {"max": "18.0"},
    }
    late = {
        "n": 8,
        "landmarks": {12: "100.0%", 24: "75.0%"},
        "events": 3,
        "median": "27.0",
        "at_risk": {0: 8, 6: 7},
        "follow_up": {"max": "44.0"},
    }
    found = attainable_hazard_ratio(endpoint_of(early, late))
    assert (found.lower, found.lower_attained) == (0.0, 0.0)
    assert 0 < found.upper_attained <= found.upper < 1
    other = attainable_hazard_ratio(endpoint_of(late, early))
    assert other.upper == other.upper_attained == math.inf
    assert 1 < other.lower <= other.lower_attained < math.inf


def test_a_bound_on_a_programme_is_never_below_its_value(found, arms):
    """By multipliers of other numbers it is above, by its own it is the value."""
    timeline = timeline_of(endpoint_of(*arms))
    programme = _Programme(timeline, phases_of(timeline))
    own = left_after(timeline, programme.phases, found.upper_data)
    rng = np.random.default_rng(0)
    others = [np.maximum(own - rng.integers(0, 3, own.shape), 0) for _ in range(6)]
    numbers = [own, *(np.minimum.accumulate(other, axis=0) for other in others)]
    for first, left in enumerate(numbers):  # each by multipliers of the others, and by its own
        programme.proofs.clear()
        for other in (*numbers[:first], *numbers[first + 1 :]):
            programme.value(other, 1.3)
        bound = programme.bound(left, 1.3)
        value = programme.value(left, 1.3)
        assert bound >= value - 1e-6
        assert programme.bound(left, 1.3) == pytest.approx(value, rel=1e-6, abs=1e-6)


def test_bounds_do_not_depend_on_the_search_for_data_sets(found, arms):
    """Without the search the bounds are the same, and what was found is no nearer to them."""
    bounds = attainable_hazard_ratio(endpoint_of(*arms), searched=False)
    assert (bounds.lower, bounds.upper) == (found.lower, found.upper)
    assert found.lower_attained <= bounds.lower_attained
    assert bounds.upper_attained <= found.upper_attained


def test_other_conventions_only_widen_the_range():
    """A median as R has it and truncated percentages allow more data sets, never fewer."""
    of = {"n": 6, "events": 5, "landmarks": {12: "50%"}}
    endpoint = endpoint_of(of | {"median": "9.0"}, of | {"median": "12.0"})
    strict = attainable_hazard_ratio(endpoint)
    for options in ({"median": "either"}, {"rounding": "either"}):
        wide = attainable_hazard_ratio(endpoint, **options)
        assert wide.lower <= strict.lower
        assert strict.upper <= wide.upper


def test_no_event_in_one_arm_gives_an_infinite_ratio():
    """If an arm prints no event, the hazard ratio is infinite in every data set."""
    quiet = {"n": 4, "events": 0, "landmarks": {12: "100%"}}
    busy = {"n": 4, "landmarks": {12: "75%"}, "events": 1}
    found = attainable_hazard_ratio(endpoint_of(quiet, busy))
    assert (found.lower, found.upper, found.exact) == (math.inf, math.inf, True)
    assert found.sentence.endswith("have hazard ratios of infinity.")


def test_no_event_in_the_other_arm_gives_zero():
    """If the treatment arm prints no event, the hazard ratio is 0 in every data set."""
    quiet = {"n": 4, "events": 0, "landmarks": {12: "100%"}}
    busy = {"n": 4, "landmarks": {12: "75%"}, "events": 1}
    found = attainable_hazard_ratio(endpoint_of(busy, quiet))
    assert (found.lower, found.upper) == (0.0, 0.0)


def test_open_ends_reach_to_infinity():
    """Where an arm may lose everybody before the other has an event, the upper end is infinite."""
    arm = {"n": 3, "landmarks": {12: "67%"}}
    found = attainable_hazard_ratio(endpoint_of(arm, {"n": 3, "landmarks": {24: "33%"}}))
    assert found.upper == math.inf
    assert found.exact


def test_events_in_total_are_used():
    """The total of both arms narrows the range."""
    arms = ({"n": 4, "landmarks": {12: "75%"}}, {"n": 4, "landmarks": {12: "50%"}})
    free = attainable_hazard_ratio(endpoint_of(*arms))
    told = attainable_hazard_ratio(endpoint_of(*arms, events=3))
    assert free.lower <= told.lower <= told.upper <= free.upper
    assert int(told.upper_data.event.sum()) == 3


def test_nothing_to_estimate_is_refused():
    """Two arms without events have no hazard ratio."""
    quiet = {"n": 4, "events": 0, "landmarks": {12: "100%"}}
    with pytest.raises(NotEstimable, match="there is no hazard ratio"):
        attainable_hazard_ratio(endpoint_of(quiet, quiet))


def test_an_arm_without_n_is_refused():
    """Without n there are data sets of every size."""
    with pytest.raises(ReconstructionRefused, match="arm B reports no number of patients"):
        attainable_hazard_ratio(endpoint_of(ARM_A, {"landmarks": {12: "80%"}}))


def test_contradictory_numbers_are_refused():
    """No whole patients of 3 give 50% at 12 with nobody censored before."""
    arm = {"n": 3, "landmarks": {12: "50%"}, "at_risk": {0: 3, 12: 3}, "events": 2}
    with pytest.raises(ContradictionError, match="no data set is consistent"):
        attainable_hazard_ratio(endpoint_of(arm, {"n": 4, "landmarks": {12: "75%"}}))


@pytest.mark.parametrize("seed", seeds(6, always=3))
def test_the_bound_of_large_trials_holds_for_small_ones(seed):
    """The relaxation never cuts off what going through all data sets finds."""
    from .test_brute_force import endpoint_of as random_endpoint

    timeline = timeline_of(random_endpoint(np.random.default_rng(seed), 5))
    phases = phases_of(timeline)
    every = Enumeration(timeline, phases)
    bound = outer_bound(timeline, phases, start=0.0).log_hazard_ratio
    best = every.best(math.exp(min(bound, 700.0)))
    assert best is None or best[0] <= 1e-6 or math.isinf(bound)


def test_ties_never_beat_the_best_order():
    """By Efron's rule tied events score no more than the treatment arm's first."""
    rng = np.random.default_rng(0)
    for _ in range(500):
        n0, n1 = rng.integers(1, 12, 2)
        d0, d1 = rng.integers(0, n0 + 1), rng.integers(0, n1 + 1)
        ratio = math.exp(rng.normal(0, 1.5))
        tied = tied_score((n0, n1), (int(d0), int(d1)), ratio)
        apart = tied_score((n0, n1), (0, int(d1)), ratio)
        apart = apart + tied_score((n0, n1 - d1), (int(d0), 0), ratio)
        assert tied <= apart + 1e-12


def test_flat_and_monotone_likelihoods_are_told_apart():
    """The estimate is infinite, 0 or not there at all where no finite one maximises."""

    def ratio(event: list[int]) -> float:
        return log_hazard_ratio_of(
            PseudoIPD(time=[1, 2, 3, 4], event=event, arm=["A", "B", "A", "B"], arms=("A", "B"))
        )

    assert ratio([1, 0, 0, 0]) == -math.inf
    assert ratio([0, 1, 0, 0]) == math.inf
    assert math.isnan(ratio([0, 0, 0, 1]))


def test_listed_events():
    """Of arms whose events are listed, only the times of the censored patients are free."""
    events, n = {"A": [1.0, 3.0], "B": [2.0]}, 4
    arms = {arm: {"n": n, "event_times": times} for arm, times in events.items()}
    found = attainable_hazard_ratio(endpoint_of(arms["A"], arms["B"]))
    exits = [0.5, 1.5, 2.5, 3.5]  # before, between and after the events
    choices = [
        itertools.combinations_with_replacement(exits, n - len(own)) for own in events.values()
    ]
    ratios = []
    for left in itertools.product(*choices):
        time = [*events["A"], *left[0], *events["B"], *left[1]]
        event = [True] * 2 + [False] * 2 + [True] + [False] * 3
        ipd = PseudoIPD(time=time, event=event, arm=["A"] * n + ["B"] * n, arms=("A", "B"))
        ratios.append(math.exp(log_hazard_ratio_of(ipd)))
    assert found.exact
    assert (found.lower, found.upper) == pytest.approx((np.nanmin(ratios), np.nanmax(ratios)))
