"""Extreme hazard ratios are found, and what is not found is not made up."""

import math

import numpy as np
import pytest

from kmrepro.models import BatchedCox, RiskSets


def far_apart(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All treated patients but one die first, then one of the reference arm, and that is all."""
    time, treated = np.arange(1.0, 2 * n + 1)[None], np.arange(2 * n) < n - 1
    event = treated.copy()
    treated[-1], event[-3] = True, True
    return time, event[None], treated


@pytest.mark.parametrize(("n", "at_least"), [(3, 1), (30, 4), (3000, 9)])
def test_far_from_one(n, at_least):
    """However far from 1 the hazard ratio is, it is where the score is 0."""
    time, event, treated = far_apart(n)
    ours = BatchedCox.of(RiskSets.of(time, event, treated))
    assert ours.converged[0]
    assert ours.log_hazard_ratio[0] > at_least
    ratio, score = math.exp(ours.log_hazard_ratio[0]), 0.0
    for i in np.flatnonzero(event):
        n1 = treated[i:].sum()
        score += treated[i] - n1 * ratio / (n1 * ratio + 2 * n - i - n1)
    assert score == pytest.approx(0, abs=1e-9)


def test_no_end():
    """An estimate that is not reached in the steps allowed is NaN and has not converged."""
    time, event, treated = far_apart(300)
    near = np.arange(600) % 2 == 0
    both = RiskSets.of(*(np.repeat(part, 2, axis=0) for part in (time, event)), [treated, near])
    ours = BatchedCox.of(both, max_iter=5)
    assert ours.converged.tolist() == [False, True]
    assert np.isnan((ours.log_hazard_ratio[0], ours.se[0], ours.p_wald[0])).all()
    assert np.isfinite((ours.log_hazard_ratio[1], ours.se[1])).all()
