"""Patients, and the one estimate of their survival."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmrepro.reconstruct.pseudo_ipd import PseudoIPD, WholePatients

from ..seeds import examples
from .trials import random_patients, survival_at


@settings(max_examples=examples(50), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_survival_is_the_kaplan_meier_estimate(seed: int) -> None:
    """Events at one time, one after the other, are a factor per distinct time."""
    time, event = random_patients(np.random.default_rng(seed))
    patients = WholePatients.in_order(time, event)
    whens = [0.0, *time.tolist(), float(time.max()) + 1]
    slow = [survival_at(time, event, when) for when in whens]
    np.testing.assert_allclose(patients.survival_at(whens), slow, atol=1e-12)


def test_html_names_the_arms_and_folds_the_assumptions() -> None:
    """A notebook shows a line per arm, and what was assumed when it is asked for."""
    ipd = PseudoIPD(
        time=np.array([1.0, 2.0, 3.0]),
        event=np.array([True, False, True]),
        arm=np.array(["A", "A", "B"]),
        arms=("A", "B"),
        assumptions=("Nobody was lost.",),
    )
    html = ipd._repr_html_()
    assert "3 patients" in html
    assert html.count('<th scope="row"') == 2
    assert "<details>" in html
    assert "Nobody was lost." in html


def test_csv_is_that_of_the_data_frame() -> None:
    """Numbers to the last digit, and names with commas and quotes, are written as by pandas."""
    time = np.array([1e-7, 0.1 + 0.2, 12.0, 1e17, 1 / 3])
    arm = np.array(["A", 'B, "new"', "A", 'B, "new"', "A"])
    event = np.array([True, False, True, False, False])
    plain = PseudoIPD(time=time, event=event, arm=arm, arms=("A", 'B, "new"'))
    caused = PseudoIPD(
        time=time, event=event, arm=arm, arms=plain.arms, cause=np.array(["x", "", "y", "", ""])
    )
    for ipd in (plain, caused):
        assert ipd.to_csv() == ipd.to_frame().to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ([2, 0], "2"),
        (["yes", "no"], "the text 'yes'"),
        ([np.nan, 0.0], "nan"),
        ([None, True], "None"),
    ],
)
def test_events_are_true_or_false(event: list[object], found: str) -> None:
    """What is neither is no event: "no" and a missing value would count as one."""
    with pytest.raises(ValueError, match=f"`event` must be True or False .* is {found} in row 0"):
        PseudoIPD(time=[1, 2], event=event, arm=["A", "A"], arms=("A",))  # type: ignore[arg-type]
    numbers = PseudoIPD(time=[1, 2], event=[1, 0.0], arm=["A", "A"], arms=("A",))  # type: ignore[arg-type]
    assert numbers.event.tolist() == [True, False]


def test_events_of_any_kind_of_column_are_taken() -> None:
    """Columns of pandas are objects where values were missing; the one that is missing is named."""
    for event in (np.array([True, 0], dtype=object), np.array([1.0, False], dtype=object)):
        patients = PseudoIPD(time=[1, 2], event=event, arm=["A", "A"], arms=("A",))  # type: ignore[arg-type]
        assert patients.event.tolist() == [True, False]
    with pytest.raises(ValueError, match="is None in row 1"):
        PseudoIPD(time=[1, 2], event=[True, None], arm=["A", "A"], arms=("A",))  # type: ignore[arg-type]


def test_the_time_unit_is_a_known_one() -> None:
    """A unit that nothing converts is refused."""
    with pytest.raises(ValueError, match=r"`time_unit` must be one of days, .* 'fortnights'"):
        PseudoIPD(
            time=[1.0], event=[True], arm=["A"], arms=("A",), time_unit="fortnights",
        )  # type: ignore[arg-type]  # fmt: skip
