"""Slow, obvious versions of the estimates agree with the fast ones on heavily tied data."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.models import NotEstimable, cox, kaplan_meier, logrank, rmst
from kmrepro.models._kernels import (
    PartialLikelihood,
    n_at_risk_before,
    partial_likelihood,
    two_arm_risk_sets,
)
from kmrepro.reconstruct import PseudoIPD

from ..seeds import examples

quick = settings(max_examples=examples(40))

Patient = tuple[int, bool, str]
patients = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from("AB")), min_size=6, max_size=40
).filter(lambda rows: {arm for _, _, arm in rows} == {"A", "B"})


def ipd_of(rows: list[Patient]) -> PseudoIPD:
    time, event, arm = zip(*rows, strict=True)
    return PseudoIPD(time=time, event=event, arm=arm, arms=("A", "B"))


def likelihood(rows: list[Patient], beta: float) -> PartialLikelihood:
    return partial_likelihood(two_arm_risk_sets(ipd_of(rows)), np.array([beta]))


def slow_survival(rows: list[Patient], t: float) -> Fraction:
    """Multiply (1 - d/n) patient group by patient group, in exact fractions."""
    survival = Fraction(1)
    for s in sorted({time for time, event, _ in rows if event and time <= t}):
        n = sum(time >= s for time, _, _ in rows)
        d = sum(time == s and event for time, event, _ in rows)
        survival *= 1 - Fraction(d, n)
    return survival


def slow_logrank(rows: list[Patient]) -> float:
    """Add up a two-by-two table per event time, in exact fractions."""
    excess = variance = Fraction(0)
    for s in {time for time, event, _ in rows if event}:
        at_risk = [arm for time, _, arm in rows if time >= s]
        events = [arm for time, event, arm in rows if time == s and event]
        n, d, n1 = len(at_risk), len(events), at_risk.count("B")
        excess += events.count("B") - Fraction(d * n1, n)
        if n > 1:
            variance += Fraction(d * n1 * (n - n1) * (n - d), n * n * (n - 1))
    return float(excess**2 / variance)


def slow_efron(rows: list[Patient], beta: float) -> float:
    """Write Efron's log partial likelihood out, patient by patient."""
    risk = {"A": 1.0, "B": math.exp(beta)}
    value = 0.0
    for s in {time for time, event, _ in rows if event}:
        everybody = sum(risk[arm] for time, _, arm in rows if time >= s)
        tied = [arm for time, event, arm in rows if time == s and event]
        for step, arm in enumerate(tied):
            leaving = step / len(tied) * sum(risk[other] for other in tied)
            value += math.log(risk[arm]) - math.log(everybody - leaving)
    return value


@quick
@given(patients)
def test_kaplan_meier(rows):
    """The curve is the product of (1 - d/n); the median is where it first reaches one half."""
    curve = kaplan_meier(ipd_of(rows), arm="A")
    own = [row for row in rows if row[2] == "A"]
    for t in range(14):
        assert curve.survival_at(float(t)) == pytest.approx(float(slow_survival(own, t)), abs=1e-12)
        assert curve.n_at_risk_at(float(t)) == sum(time >= t for time, _, _ in own)
    reached = [t for t in range(1, 13) if slow_survival(own, t) <= Fraction(1, 2)]
    assert curve.median == min(reached, default=math.inf)


@quick
@given(patients)
def test_logrank(rows):
    """The statistic is that of the two-by-two tables; without variance it is refused."""
    try:
        expected = slow_logrank(rows)
    except ZeroDivisionError:
        with pytest.raises(NotEstimable):
            logrank(ipd_of(rows))
        return
    result = logrank(ipd_of(rows))
    assert result.statistic == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert sum(result.expected.values()) == pytest.approx(sum(result.observed.values()))


@quick
@given(patients, st.floats(-3, 3))
def test_partial_likelihood(rows, beta):
    """Efron's likelihood and its derivatives are those of the patient-by-patient version."""
    h = 1e-4
    ours = likelihood(rows, beta)
    low, middle, high = (slow_efron(rows, beta + step) for step in (-h, 0.0, h))
    at_one = slow_efron(rows, 0.0)
    assert ours.gain[0] == pytest.approx(middle - at_one, rel=1e-10, abs=1e-10)
    assert ours.score[0] == pytest.approx((high - low) / (2 * h), rel=1e-5, abs=1e-5)
    assert ours.information[0] == pytest.approx(
        -(high - 2 * middle + low) / h**2, rel=1e-4, abs=1e-4
    )


@quick
@given(patients)
def test_cox_is_the_maximum(rows):
    """No other hazard ratio is likelier; a refusal means that the likelihood keeps rising."""
    try:
        fit = cox(ipd_of(rows))
    except NotEstimable:
        values = [slow_efron(rows, beta) for beta in (-20.0, -10.0, 0.0, 10.0, 20.0)]
        best = max(values)
        assert best in (pytest.approx(values[0], abs=1e-3), pytest.approx(values[-1], abs=1e-3))
        return
    best = slow_efron(rows, fit.log_hazard_ratio)
    for step in (-1.0, -0.1, -0.001, 0.001, 0.1, 1.0):
        assert slow_efron(rows, fit.log_hazard_ratio + step) < best
    information = likelihood(rows, fit.log_hazard_ratio).information[0]
    assert fit.se == pytest.approx(information**-0.5, rel=1e-7)


@quick
@given(patients, st.integers(1, 12))
def test_restricted_mean(rows, tau):
    """The mean is the area under the curve, one time unit at a time."""
    ipd = ipd_of(rows)
    areas = {
        arm: sum(slow_survival([r for r in rows if r[2] == arm], t) for t in range(tau))
        for arm in "AB"
    }
    try:
        result = rmst(ipd, tau=float(tau))
    except NotEstimable:
        assert any(ipd.of(arm)[0].max() < tau for arm in "AB")
        return
    for arm, area in areas.items():
        assert result.arms[arm].mean == pytest.approx(float(area))
    assert result.difference == pytest.approx(float(areas["B"] - areas["A"]), abs=1e-12)


@quick
@given(st.lists(st.floats(0.1, 50), min_size=1), st.lists(st.floats(0, 60), min_size=1))
def test_n_at_risk(times, at):
    """At risk just before t is everybody whose time is at least t."""
    expected = [sum(time >= t for time in times) for t in at]
    np.testing.assert_array_equal(n_at_risk_before(times, at), expected)
