"""Every draw gets what the analyses of one data set give, and NaN or inf where they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import NotEstimable, cox, logrank, rmst
from kmrepro.models.batched import batched_cox, batched_logrank, batched_rmst
from kmrepro.reconstruct import PseudoIPD

quick = settings(max_examples=25, deadline=None, derandomize=True)


@st.composite
def draws(draw):
    """Three heavily tied data sets of the same number of patients."""
    n = draw(st.integers(2, 30))
    each = st.lists(st.integers(1, 12), min_size=3 * n, max_size=3 * n)
    flags = st.lists(st.booleans(), min_size=3 * n, max_size=3 * n)
    time, event = np.array(draw(each), dtype=float), np.array(draw(flags))
    treated = np.arange(n) < draw(st.integers(1, n - 1))
    return time.reshape(3, n), event.reshape(3, n), treated


def patients(time, event, treated) -> list[PseudoIPD]:
    arm = np.where(treated, "B", "A")
    return [
        PseudoIPD(time=t, event=e, arm=arm, arms=("A", "B"))
        for t, e in zip(time, event, strict=True)
    ]


@quick
@given(draws())
def test_cox(data):
    """Log hazard ratio, error and p; a refusal is an estimate that is not finite."""
    ours = batched_cox(*data)
    for i, ipd in enumerate(patients(*data)):
        try:
            fit = cox(ipd)
        except NotEstimable:
            assert not ours.converged[i]
            assert not np.isfinite(ours.log_hazard_ratio[i])
            assert np.isnan((ours.se[i], ours.p_wald[i])).all()
            continue
        assert ours.converged[i]
        assert ours.log_hazard_ratio[i] == pytest.approx(fit.log_hazard_ratio, abs=1e-8)
        assert ours.se[i] == pytest.approx(fit.se, rel=1e-8)
        assert ours.p_wald[i] == pytest.approx(fit.p_wald, abs=1e-8)


@quick
@given(draws())
def test_logrank(data):
    """Statistic, p and events; a refusal is NaN."""
    ours = batched_logrank(*data)
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
    ours = batched_rmst(*data, tau=tau)
    for i, ipd in enumerate(patients(*data)):
        try:
            result = rmst(ipd, tau=tau)
        except NotEstimable:
            assert np.isnan((ours.difference[i], ours.se[i])).all()
            continue
        assert ours.difference[i] == pytest.approx(result.difference, abs=1e-12)
        assert ours.mean[i] == pytest.approx([result.arms[arm].mean for arm in "AB"])
        assert ours.mean_se[i] == pytest.approx([result.arms[arm].se for arm in "AB"], abs=1e-12)
