"""What holds for competing risks whatever the patients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import NotEstimable, cox
from kmrepro.models.competing import (
    BatchedFineGray,
    cumulative_incidence,
    fine_gray,
    gray_test,
)
from kmrepro.reconstruct import PseudoIPD
from kmrepro.reconstruct.pseudo_ipd import WholePatients

patients = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(["", "x", "y"])), min_size=4, max_size=25
)


def ipd_of(rows, arms=("A",)):
    return PseudoIPD(
        time=np.array([time for time, _ in rows], dtype=float),
        event=np.array([cause != "" for _, cause in rows]),
        arm=np.resize(np.array(arms), len(rows)),
        arms=arms,
        cause=np.array([cause for _, cause in rows]),
    )


@settings(max_examples=40, deadline=None)
@given(patients)
def test_causes_and_survival_add_up(rows):
    """While anybody is followed incidences of all causes and event-free survival are 1 together."""
    ipd = ipd_of(rows)
    at = np.arange(0.0, ipd.time.max() + 1)
    survival = WholePatients.in_order(*ipd.of("A")).survival_at(at)
    total = sum(cumulative_incidence(ipd, arm="A", cause=c).incidence_at(at) for c in ipd.causes)
    np.testing.assert_allclose(total + survival, 1.0, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(patients, st.floats(0.1, 50))
def test_units_change_no_estimate(rows, unit):
    """Another unit of time leaves the ratio and Gray's p as they are."""
    ipd = ipd_of(rows, ("A", "B"))
    other = PseudoIPD(
        time=ipd.time * unit, event=ipd.event, arm=ipd.arm, arms=ipd.arms, cause=ipd.cause
    )
    for estimate in (
        lambda each: fine_gray(each, cause="x").log_hazard_ratio,
        lambda each: gray_test(each, cause="x").p,
    ):
        try:
            first = estimate(ipd)
        except (NotEstimable, KeyError):
            continue
        assert estimate(other) == pytest.approx(first, abs=1e-9)


def test_without_competing_events_it_is_cox():
    """With one cause and no tied times the subdistribution hazard ratio is Cox's."""
    rng = np.random.default_rng(5)
    time, event = rng.exponential(10, 80), rng.random(80) < 0.7
    arm = np.where(rng.random(80) < 0.5, "A", "B")
    ipd = PseudoIPD(
        time=time, event=event, arm=arm, arms=("A", "B"), cause=np.where(event, "x", "")
    )
    assert fine_gray(ipd, cause="x").log_hazard_ratio == pytest.approx(
        cox(ipd).log_hazard_ratio, abs=1e-9
    )


def test_batch_is_one_by_one():
    """Many data sets at once give what each gives alone; one without an estimate is infinite."""
    rng = np.random.default_rng(6)
    time, kind = rng.exponential(10, (4, 60)), rng.integers(0, 3, (4, 60))
    treated = np.arange(60) < 30
    kind[3, :30] = np.where(kind[3, :30] == 1, 0, kind[3, :30])
    found = BatchedFineGray.of(time, kind, treated).log_hazard_ratio
    for row in range(3):
        ipd = PseudoIPD(
            time=time[row],
            event=kind[row] > 0,
            arm=np.where(treated, "B", "A"),
            arms=("A", "B"),
            cause=np.array(["", "x", "y"])[kind[row]],
        )
        assert found[row] == pytest.approx(fine_gray(ipd, cause="x").log_hazard_ratio)
    assert found[3] == -np.inf
    with pytest.raises(ValueError, match="`kind` must be 0"):
        BatchedFineGray.of(time, kind + 1, treated)
    with pytest.raises(ValueError, match=r"one shape, but have \(4, 60\) and \(60,\)"):
        BatchedFineGray.of(time, kind[0], treated)


def test_refusals():
    """Patients without causes, an unknown cause and a single arm are refused, and said why."""
    plain = PseudoIPD(time=[1.0, 2.0], event=[True, False], arm=["A", "A"], arms=("A",))
    with pytest.raises(NotEstimable, match="need to know the cause"):
        cumulative_incidence(plain, arm="A", cause="x")
    ipd = ipd_of([(1, "x"), (2, "y"), (3, "")])
    with pytest.raises(KeyError, match="there is no cause 'z'; there are x, y"):
        cumulative_incidence(ipd, arm="A", cause="z")
    with pytest.raises(NotEstimable, match="compares two arms"):
        fine_gray(ipd, cause="x")
    with pytest.raises(ValueError, match="must name a cause for each patient with an event"):
        PseudoIPD(time=[1.0], event=[True], arm=["A"], arms=("A",), cause=[""])


def test_gray_without_a_positive_variance_is_refused():
    """Many tied events among few at risk leave no positive variance; cmprsk gives -6.45 here."""
    ipd = PseudoIPD(
        time=[1, 2, 2, 2, 1, 1, 2],
        event=[True] * 7,
        arm=["A"] * 4 + ["B"] * 3,
        arms=("A", "B"),
        cause=["y", "x", "x", "x", "x", "x", "x"],
    )
    with pytest.raises(NotEstimable, match="variance of its score is not positive"):
        gray_test(ipd, cause="x")


def test_incidence_beyond_follow_up_is_refused():
    """Nobody is known to have had no event by then, unless everybody has had one."""
    found = cumulative_incidence(ipd_of([(2, "x"), (4, "y"), (9, "")]), arm="A", cause="x")
    assert found.incidence_at([9, 9 * (1 + 1e-12)]) == pytest.approx(1 / 3)
    with pytest.raises(NotEstimable, match="`time` is 99, but arm A was followed for 9 only"):
        found.incidence_at([3, 99])
    everybody = cumulative_incidence(ipd_of([(2, "x"), (4, "y"), (9, "y")]), arm="A", cause="x")
    assert everybody.incidence_at(99) == pytest.approx(1 / 3)
    with pytest.raises(TypeError, match="`time` must be a number or an array of numbers"):
        found.incidence_at("4")
