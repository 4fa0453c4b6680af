"""The range of p for interaction holds what any rounding gives, and is that of Cochran's test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from kmrepro.studies import PrintedNumber
from kmrepro.studies.interactions import (
    beyond,
    imbalance_p,
    interaction_p,
    pooled_log,
    reported_log,
)

SEX = [("0.78", "0.57", "1.07"), ("0.52", "0.36", "0.76")]
AGE = [("0.41", "0.25", "0.65"), ("0.77", "0.52", "1.14"), ("0.83", "0.54", "1.28")]


def logs(rows):
    printed = [[PrintedNumber.parse(text) for text in row] for row in rows]
    return [reported_log(ratio, (low, high)) for ratio, low, high in printed]


def cochran(log, se):
    weight = 1 / se**2
    mean = (weight * log).sum() / weight.sum()
    return stats.chi2.sf((weight * (log - mean) ** 2).sum(), len(log) - 1)


@pytest.mark.parametrize("rows", [SEX, AGE])
def test_p_of_every_rounding_is_in_the_range(rows):
    """Random roundings are inside, and come near to both ends."""
    levels = logs(rows)
    low, high = interaction_p(levels)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(4000):
        share = rng.choice([0.0, 1.0, rng.random()], size=(2, len(levels)))
        log = np.array([x.log[0] + s * (x.log[1] - x.log[0])
                        for x, s in zip(levels, share[0], strict=True)])  # fmt: skip
        se = np.array([x.se[0] + s * (x.se[1] - x.se[0])
                       for x, s in zip(levels, share[1], strict=True)])  # fmt: skip
        found.append(cochran(log, se))
    assert low - 1e-9 <= min(found) <= max(found) <= high + 1e-9
    assert max(found) == pytest.approx(high, rel=0.02)
    assert min(found) == pytest.approx(low, rel=0.15)


def test_a_contrast_differs_no_more_than_all_levels():
    """The least p of one degree of freedom is that of the whole statistic."""
    levels = logs(AGE)
    statistic = stats.chi2.isf(interaction_p(levels)[0], 2)
    assert interaction_p(levels, df=1)[0] == pytest.approx(stats.chi2.sf(statistic, 1))


@pytest.mark.parametrize(
    ("p", "apart"),
    [("0.111", 0.0), ("0.083", 0.0), ("0.13", 0.0), ("0.80", 1.0), ("<0.001", 1.3), ("<0.2", 0.0)],
)
def test_how_far_a_p_is(p, apart):
    """In normal units, beyond 15% of the 1.51 to 1.74 that the ratios give; bounds as a whole."""
    found = beyond(PrintedNumber.parse(p), interaction_p(logs(SEX)))
    assert found == pytest.approx(apart, abs=0.06)


def test_tiny_p_values_are_compared():
    """A p that is 0 in double precision is beside another one."""
    assert beyond(PrintedNumber.parse("<0.001"), (0.0, 0.0)) == 0.0
    assert beyond(PrintedNumber.parse("0.04"), (0.0, 0.0)) > 30


@pytest.mark.parametrize(
    "row",
    [("0.65", "0.5", "NR"), ("0.65", "0", "0.9"), ("0.65", "0.70", "0.9"), ("<0.7", "0.5", "0.9")],
)
def test_intervals_that_are_of_no_use(row):
    """Limits that are not reached or 0, a ratio outside, and a bound give no standard error."""
    assert logs([row]) == [None]


def test_mean_and_balance_are_those_of_textbooks():
    """The weighted mean of the logs, and the chi-square test of two rows."""
    low, high = pooled_log(logs(SEX))
    assert low < math.log(0.66) < high
    counts = [[107, 96, 30], [91, 100, 45]]
    expected = stats.chi2_contingency(counts, correction=False).pvalue
    assert imbalance_p(*counts) == pytest.approx(expected)
