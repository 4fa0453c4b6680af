"""A slow, obvious Cox regression, patient by patient, agrees with the batched one."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy.optimize import brentq

from kmrepro.models import BatchedCox, RiskSets

from ...seeds import examples
from .trials import Draws, draws

quick = settings(max_examples=examples(100))

Patient = tuple[float, bool, bool]


def risk_sets(patients: list[Patient]) -> list[tuple[float, float]]:
    """Return from how many of either arm each event is drawn, Efron's ties thinned out."""
    found = []
    for s in sorted({time for time, event, _ in patients if event}):
        at_risk = [treated for time, _, treated in patients if time >= s]
        tied = [treated for time, event, treated in patients if event and time == s]
        for step in range(len(tied)):
            gone = step / len(tied)
            found.append(
                (
                    at_risk.count(False) - gone * tied.count(False),
                    at_risk.count(True) - gone * tied.count(True),
                )
            )
    return found


def slow_cox(patients: list[Patient]) -> tuple[float, float]:
    """Find where the score changes its sign, by bracketing, and the error there."""
    observed = sum(event and treated for _, event, treated in patients)
    sets = risk_sets(patients)

    def shares(b: float) -> list[float]:
        return [n1 * math.exp(b) / (n0 + n1 * math.exp(b)) for n0, n1 in sets]

    at_most = observed - sum(n0 == 0 for n0, _ in sets)
    at_least = observed - sum(n1 > 0 for _, n1 in sets)
    if at_most == 0 or at_least == 0:
        limit = math.nan if at_most == at_least else (-math.inf if at_most == 0 else math.inf)
        return limit, math.nan
    b = brentq(lambda b: observed - sum(shares(b)), -30, 30, xtol=1e-13, rtol=1e-14)
    return b, sum(p * (1 - p) for p in shares(b)) ** -0.5


def one_arm_without(events_of: bool) -> Draws:
    """Nobody in one arm has the event, though both arms are at risk."""
    treated = np.array([False, False, True, True])
    return np.array([[2.0, 4.0, 3.0, 5.0]]), (treated == events_of)[None], treated


ONE_AFTER_THE_OTHER = (
    np.array([[1.0, 2.0, 3.0, 4.0]]),
    np.ones((1, 4), dtype=bool),
    np.array([False, False, True, True]),
)
NEVER_TOGETHER = (np.array([[1.0, 2.0]]), np.array([[False, True]]), np.array([False, True]))


@quick
@given(draws())
@example(one_arm_without(True))
@example(one_arm_without(False))
@example(ONE_AFTER_THE_OTHER)
@example(NEVER_TOGETHER)
def test_cox(data):
    """Estimate and error agree; where the likelihood has no maximum, both say to which side."""
    time, event, treated = data
    ours = BatchedCox.of(RiskSets.of(*data))
    for i in range(len(time)):
        patients = list(zip(time[i].tolist(), event[i].tolist(), treated.tolist(), strict=True))
        b, se = slow_cox(patients)
        assert ours.log_hazard_ratio[i] == pytest.approx(b, rel=1e-8, abs=1e-10, nan_ok=True)
        assert ours.se[i] == pytest.approx(se, rel=1e-8, nan_ok=True)
        assert ours.converged[i] == math.isfinite(b)
        assert ours.p_wald[i] == pytest.approx(math.erfc(abs(b / se) / 2**0.5), nan_ok=True)


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        pytest.param(one_arm_without(True), math.inf, id="no events in the reference arm"),
        pytest.param(one_arm_without(False), -math.inf, id="no events in the treatment arm"),
        pytest.param(ONE_AFTER_THE_OTHER, -math.inf, id="one arm after the other"),
        pytest.param(NEVER_TOGETHER, math.nan, id="never at risk together"),
    ],
)
def test_infinite_estimates(data, limit):
    """A hazard ratio of 0, without bound or without meaning is said to be that, without error."""
    ours = BatchedCox.of(RiskSets.of(*data))
    np.testing.assert_equal(ours.log_hazard_ratio, [limit])
    np.testing.assert_equal((ours.se[0], ours.p_wald[0]), (math.nan, math.nan))
    assert not ours.converged[0]
