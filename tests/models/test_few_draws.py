"""What a few data sets can say, and what they cannot."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import kmrepro as km
from kmrepro.models import Comparison, Ensemble
from kmrepro.models._inference import FEWEST_DRAWS, FEWEST_SCENARIOS, middle_share
from kmrepro.studies import Endpoint, digitised_curve

from ..seeds import many


def endpoint_of(arms: dict[str, Any], hazard_ratio: str) -> Endpoint:
    """Make an endpoint that reports a hazard ratio; its draws do not depend on which."""
    reported = {"hazard_ratio": hazard_ratio, "ci": ["0.20", "40"]}
    written = {"name": "OS", "reference": next(iter(arms)), "arms": arms, "reported": reported}
    return km.study(id="few", endpoints=[written]).endpoint("all", "OS")


OPEN = {
    "A": {"n": 60, "events": 24, "landmarks": {12: "80%", 36: "60%"}},
    "B": {"n": 60, "events": 33, "landmarks": {12: "70%", 36: "45%"}},
}


@cache
def few_draws(n_draws: int) -> Ensemble:
    """Draw from two arms of 60 with two landmarks each, which leave the hazard ratio open."""
    return km.ensemble(endpoint_of(OPEN, "1.00"), n_draws=n_draws)


@cache
def open_patients() -> km.PseudoIPD:
    """Reconstruct the patients of these arms."""
    return km.reconstruct(endpoint_of(OPEN, "1.00"))


def compared(n_draws: int, hazard_ratio: str) -> Comparison:
    """Compare arms that leave the hazard ratio open."""
    endpoint = endpoint_of(OPEN, hazard_ratio)
    return km.compare(endpoint, open_patients(), draws=few_draws(n_draws))


@pytest.mark.parametrize("n_draws", [1, 10, FEWEST_DRAWS - 1])
def test_outside_of_few_draws_is_not_assessable(n_draws: int) -> None:
    """A true report is outside the range of n draws in 2 / (n + 1), and so is not discrepant."""
    comparison = compared(n_draws, "9.00")
    assert comparison.verdict == "not assessable"
    assert comparison.explanations == ()
    assert comparison.power == {}
    share = {1: 100, 10: 18, FEWEST_DRAWS - 1: 5}[n_draws]
    assert "Not assessable: the reported hazard ratio is outside the" in comparison.sentence
    assert f"their range misses a further one in {share}% of cases" in comparison.sentence
    assert f"draw at least {FEWEST_DRAWS}" in comparison.sentence


def test_where_nothing_is_reported_nothing_is_outside() -> None:
    """What is missing is named, however few draws there are."""
    arms = {name: {"n": 60, "landmarks": {12: "80%", 36: "60%"}} for name in ("A", "B")}
    written = {"name": "OS", "reference": "A", "arms": arms}
    endpoint = km.study(id="few", endpoints=[written]).endpoint("all", "OS")
    draws = km.ensemble(endpoint, n_draws=10)
    said = km.compare(endpoint, km.reconstruct(endpoint), draws=draws).sentence
    assert "missing" in said
    assert "outside" not in said


def test_no_finite_ratio_has_no_power() -> None:
    """What no ratio of the data sets is compared with could not have been called discrepant."""
    arms = {
        "A": {"n": 40, "landmarks": {12: "90%"}},
        "B": {"n": 40, "landmarks": {12: "100%"}, "events": 0},
    }
    written = {"name": "OS", "reference": "A", "arms": arms, "reported": {"hazard_ratio": "0.70"}}
    endpoint = km.study(id="none", endpoints=[written]).endpoint("all", "OS")
    found = km.compare(endpoint, km.reconstruct(endpoint), draws=km.ensemble(endpoint, n_draws=60))
    assert (found.verdict, found.reproduction_interval) == ("not assessable", None)
    assert found.power == {}


def test_enough_draws_judge() -> None:
    """From 39 on the range misses 5% and what is outside is discrepant."""
    comparison = compared(FEWEST_DRAWS, "9.00")
    assert comparison.verdict == "discrepant"
    assert list(comparison.power) == [0.70, 1.0, 1.43]


def test_inside_of_few_draws_is_inside() -> None:
    """The interval of more draws is rarely narrower, and the sentence says how few there are."""
    low, high = few_draws(10).interval()
    comparison = compared(10, f"{(low * high) ** 0.5:.2f}")
    assert comparison.verdict == "reproduced"
    assert "10 data sets consistent with every reported value, too few for 95%" in (
        comparison.sentence
    )


def test_what_the_range_of_draws_holds() -> None:
    """Of draws that are alike the range of 39 holds one more in 95%, as order statistics do."""
    drawn = np.random.default_rng(2).normal(size=(many(20_000, else_=5_000), FEWEST_DRAWS + 1))
    held = [low <= row[-1] <= high for row in drawn for low, high in [middle_share(row[:-1])]]
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


RARE = {
    "C": {"n": 126, "events": 122, "median": "1.5", "median_ci": ["1.1", "2.1"]},
    "T": {"n": 156, "events": 150, "median": "1.7", "median_ci": ["1.4", "2.4"]},
}


@cache
def rare_draws() -> Ensemble:
    """Draw from two arms whose medians' intervals and events go together in few scenarios."""
    draws = km.ensemble(endpoint_of(RARE, "1.00"), n_draws=100)
    assert 1 < draws.effective_scenarios < FEWEST_SCENARIOS
    return draws


def of_few_scenarios(hazard_ratio: str) -> Comparison:
    """Compare these arms."""
    endpoint = endpoint_of(RARE, hazard_ratio)
    return km.compare(endpoint, km.reconstruct(endpoint), draws=rare_draws())


def test_outside_of_draws_of_few_scenarios_is_not_assessable() -> None:
    """Where few of the scenarios that were tried give what is reported, draws are much alike."""
    comparison = of_few_scenarios("9.00")
    assert comparison.verdict == "not assessable"
    assert comparison.power == {}
    assert "of 100 data sets, but these rest on about" in comparison.sentence
    assert "another random seed may give quite another interval; try some." in comparison.sentence


def test_inside_of_draws_of_few_scenarios_says_so() -> None:
    """The verdict stays; the sentence says what it rests on."""
    comparison = of_few_scenarios("0.80")
    assert comparison.verdict == "compatible"
    assert comparison.effective_scenarios == float(f"{comparison.effective_scenarios:.3g}")
    assert re.search(
        r"reported value, which rest on about \d plausible courses", comparison.sentence
    )


def test_draws_along_curves_follow_no_scenarios() -> None:
    """They have as many courses as there are draws."""
    curve = digitised_curve([0, 6, 12, 18], [1.0, 0.8, 0.7, 0.6])
    endpoint = km.curve_endpoint({"A": curve, "B": curve}, n={"A": 60, "B": 60})
    draws = km.ensemble(endpoint, n_draws=2)
    assert draws.effective_scenarios == np.inf
    comparison = km.compare(endpoint, km.reconstruct(endpoint), draws=draws)
    assert not comparison.has_few_scenarios
