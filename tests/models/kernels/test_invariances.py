"""What must not change a batched analysis does not, and what must turn it round does."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import BatchedCox, BatchedLogrank, BatchedRmst, RiskSets
from kmrepro.models._rmst import mean_differences

from ...seeds import examples
from .trials import draws

quick = settings(max_examples=examples(60))


def all_of(sets: RiskSets, *, tau: float = 4.0) -> dict[str, np.ndarray]:
    """Return every estimate that does not depend on the unit of time."""
    cox, test, mean = BatchedCox.of(sets), BatchedLogrank.of(sets), BatchedRmst.of(sets, tau=tau)
    return {
        "log_hazard_ratio": cox.log_hazard_ratio,
        "se": cox.se,
        "p_wald": cox.p_wald,
        "statistic": test.statistic,
        "p": test.p,
        "difference": mean.difference / tau,
        "difference_se": mean.se / tau,
    }


def assert_same(ours, theirs):
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=1e-9, atol=1e-9, err_msg=name)


@quick
@given(draws(), st.randoms(use_true_random=False))
def test_order_of_patients(data, random):
    """Patients may come in any order, another in each draw."""
    time, event, treated = data
    order = np.array([random.sample(range(time.shape[1]), time.shape[1]) for _ in time])
    mixed = RiskSets.of(
        np.take_along_axis(time, order, axis=1),
        np.take_along_axis(event, order, axis=1),
        treated[order],
    )
    sets = RiskSets.of(*data)
    for name, values in vars(sets).items():
        np.testing.assert_array_equal(getattr(mixed, name), values, err_msg=name)


@quick
@given(draws(), st.floats(1e-6, 1e6))
def test_unit_of_time(data, unit):
    """Another unit of time changes no test and no hazard ratio, and rescales the means."""
    time, event, treated = data
    rescaled = RiskSets.of(time * unit, event, treated)
    assert_same(all_of(rescaled, tau=4.0 * unit), all_of(RiskSets.of(*data)))


@quick
@given(draws())
def test_swapping_the_arms(data):
    """The other reference negates log hazard ratio and difference, and keeps errors and p."""
    time, event, treated = data
    ours, theirs = all_of(RiskSets.of(*data)), all_of(RiskSets.of(time, event, ~treated))
    for name in ("log_hazard_ratio", "difference"):
        theirs[name] = -theirs[name]
    assert_same(ours, theirs)


@quick
@given(draws(), st.integers(1, 80))
def test_draws_on_their_own(data, at_a_time):
    """A draw's estimates depend neither on the draws beside it nor on how many go in one turn."""
    whole = all_of(RiskSets.of(*data))
    time, event, treated = data
    in_turns = all_of(RiskSets.of(*data, at_a_time=at_a_time))
    assert_same(in_turns, whole)
    for i in range(len(time)):
        alone = all_of(RiskSets.of(time[i : i + 1], event[i : i + 1], treated))
        assert_same(alone, {name: values[i : i + 1] for name, values in whole.items()})


@quick
@given(draws())
def test_longer_follow_up_without_events(data):
    """Following event-free patients beyond the last event changes no test."""
    time, event, treated = data
    last = np.where(event, time, 0).max(axis=1, keepdims=True)
    longer = np.where(event | (time < last), time, time + 100)
    ours, theirs = all_of(RiskSets.of(longer, event, treated)), all_of(RiskSets.of(*data))
    for name in ("log_hazard_ratio", "se", "statistic"):
        np.testing.assert_array_equal(ours[name], theirs[name])


@quick
@given(draws(), st.floats(0.5, 8.0))
def test_differences_of_means_are_those_with_standard_errors(data, tau):
    """To the last bit, and as undefined where an arm is not followed so long."""
    sets = RiskSets.of(*data)
    difference = BatchedRmst.of(sets, tau=tau).difference
    np.testing.assert_array_equal(mean_differences(sets, tau=tau), difference)
