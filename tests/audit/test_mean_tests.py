"""Mann-Whitney p-values against medians and quartiles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from kmrepro.audit.mean_tests import (
    chance_above,
    possible_chances,
)
from kmrepro.audit.rule import Bounds

from .conftest import Findings

RULE = "quartile-test-p"


def medians(one: str, other: str, p: str, *, groups: str = "A = 185, B = 185") -> str:
    """Return a study file with one row of medians and quartiles."""
    return (
        f'[[table]]\nid = "t"\ngroups = {{ {groups} }}\n[[table.median]]\nvariable = "AST"\n'
        f'A = "{one}"\nB = "{other}"\np = "{p}"\ntest = "Mann-Whitney"\nspread = "quartiles"\n'
    )


def test_quartiles_apart_cannot_give_a_large_p(findings: Findings) -> None:
    """Three quarters of one group are above three quarters of the other."""
    text = medians("10.00 (9.00, 11.00)", "13.00 (12.00, 14.00)", "0.40", groups="A = 40, B = 40")
    (found,) = findings(text, RULE)
    assert found.severity == "error"
    assert "However the values lie" in found.sentence


@pytest.mark.parametrize(
    ("one", "other", "p", "severity"),
    [
        pytest.param(
            "57.16 (35.58, 73.24)", "61.34 (55.70, 88.34)", "0.418", "warning", id="An 2025, AST"
        ),
        pytest.param("3.50 (1.20, 6.50)", "4.00 (2.70, 6.60)", "0.909", "note", id="interval"),
    ],
)
def test_an_unusual_spread_is_needed(
    findings: Findings, one: str, other: str, p: str, severity: str
) -> None:
    """Possible within the bounds, but not with values spread as usual."""
    (found,) = findings(medians(one, other, p), RULE)
    assert found.severity == severity


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            medians("57.16 (35.58, 73.24)", "61.34 (55.70, 88.34)", "<0.001"), id="as it would be"
        ),
        pytest.param(medians("10.0 (9.0, 11.0)", "10.1 (9.1, 11.1)", "0.90"), id="alike"),
        pytest.param(medians("3 (1, 6)", "4 (3, 7)", "0.9"), id="coarse print hides ties"),
        pytest.param(
            medians("57.16 (35.58, 73.24)", "61.34 (55.70, 88.34)", "0.418").replace(
                'spread = "quartiles"', 'spread = "range"'
            ),
            id="a range says little",
        ),
    ],
)
def test_what_may_be_is_not_found(findings: Findings, text: str) -> None:
    """Nothing is said where the values may lie so."""
    assert not findings(text, RULE)


def test_the_bounds_hold_for_every_order_of_eight_values() -> None:
    """Whatever the order of two groups of four, the chance lies in the bounds of the quartiles."""
    for chosen in itertools.combinations(range(8), 4):
        one = [float(rank) for rank in chosen]
        other = [float(rank) for rank in range(8) if rank not in chosen]
        marks = [
            [Bounds(low, high) for low, high in itertools.pairwise(values)]
            for values in (one, other)
        ]
        above = sum(theirs > mine for mine, theirs in itertools.product(one, other)) / 16
        bounds = possible_chances(*marks)
        assert bounds.lower <= above <= bounds.upper


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_values_spread_evenly_give_nearly_the_chance(shift: float) -> None:
    """Of a thousand normal values the quartiles tell the chance to 0.03."""
    values = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    quartiles = np.quantile(values, (0.25, 0.5, 0.75))
    above = stats.mannwhitneyu(values + shift, values).statistic / 1e6
    assert chance_above(tuple(quartiles), tuple(quartiles + shift)) == pytest.approx(
        above, abs=0.03
    )


def test_evenly_spread_points() -> None:
    """Where all values of a quarter are one, ties count half."""
    assert chance_above((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)) == 0.5
    assert chance_above((1.0, 1.0, 1.0), (2.0, 2.0, 2.0)) == 1.0
    assert chance_above((0.0, 1.0, 2.0), (1.0, 1.0, 1.0)) == pytest.approx(0.5)
