"""Every draw gets what the analyses of one data set give, and NaN where they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import BatchedLogrank, BatchedRmst, NotEstimable, RiskSets, logrank, rmst
from kmrepro.reconstruct import PseudoIPD

from ...seeds import examples
from .trials import draws

quick = settings(max_examples=examples(25))


def patients(time, event, treated) -> list[PseudoIPD]:
    arm = np.where(treated, "B", "A")
    return [
        PseudoIPD(time=t, event=e, arm=arm, arms=("A", "B"))
        for t, e in zip(time, event, strict=True)
    ]


@quick
@given(draws())
def test_logrank(data):
    """Statistic, p and events; a refusal is NaN."""
    ours = BatchedLogrank.of(RiskSets.of(*data))
    for i, ipd in enumerate(patients(*data)):
        try:
            test = logrank(ipd)
        except NotEstimable:
            assert np.isnan((ours.statistic[i], ours.p[i])).all()
            continue
        assert ours.statistic[i] == pytest.approx(test.statistic, rel=1e-9, abs=1e-12)
        assert ours.p[i] == pytest.approx(test.p, rel=1e-9)
        assert ours.observed[i] == test.observed["B"]
        assert ours.expected[i] == pytest.approx(test.expected["B"])


@quick
@given(draws(), st.floats(0.5, 13))
def test_restricted_mean(data, tau):
    """Difference, means and errors; a refusal is NaN."""
    ours = BatchedRmst.of(RiskSets.of(*data), tau=tau)
    for i, ipd in enumerate(patients(*data)):
        try:
            result = rmst(ipd, tau=tau)
        except NotEstimable:
            assert np.isnan((ours.difference[i], ours.se[i])).all()
            continue
        assert ours.difference[i] == pytest.approx(result.difference, abs=1e-12)
        assert ours.mean[i] == pytest.approx([result.arms[arm].mean for arm in "AB"])
        assert ours.mean_se[i] == pytest.approx([result.arms[arm].se for arm in "AB"], abs=1e-12)
