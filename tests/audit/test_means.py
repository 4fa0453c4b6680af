"""Means, spreads and medians of whole numbers."""

from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmrepro.audit.means import means_of_whole_numbers
from kmrepro.audit.rule import Bounds

from .conftest import Findings, means

WHOLE = "whole = true"
NAMES = ("whole-number-mean", "whole-number-spread", "whole-number-median")


def medians(cell: str, row: str = "") -> str:
    """Return a study file with one median."""
    return (
        f'[[table]]\nid = "t"\ngroups = {{ A = 26 }}\n[[table.median]]\nvariable = "Age"\n'
        f'A = "{cell}"\n{row}\n'
    )


def test_a_mean_that_no_whole_numbers_have(findings: Findings) -> None:
    """8.53 of 16 days (Zhang 2023, Table 7) needs a sum of 136.5; of 15 patients it is 128."""
    text = means("8.53 ± 3.62", "5.9 ± 2.99", groups="A = 16, B = 21", row=WHOLE)
    (found,) = findings(text, "whole-number-mean")
    assert (found.severity, found.expected) == ("warning", "8.5000 or 8.5625")
    assert "of 15 patients it can be" in found.sentence


@pytest.mark.parametrize("cell", ["8.56 ± 3.6", "8.57 ± 3.6", "8.6 ± 3.6", "9 ± 3.6"])
def test_a_mean_at_the_edge_of_rounding(findings: Findings, cell: str) -> None:
    """137 of 16 are 8.5625, which prints as 8.56, and as 8.6."""
    text = means(cell, "5.9 ± 2.99", groups="A = 16, B = 21", row=WHOLE)
    assert bool(findings(text, "whole-number-mean")) == (cell == "8.57 ± 3.6")


def test_a_spread_too_small_for_whole_numbers(findings: Findings) -> None:
    """2.8 sessions (An 2025, Table 1) need patients with 2 and with 3: SD 0.357 or more."""
    text = means("3 (0.2)", "2.8 (0.3)", row=WHOLE)
    (found,) = findings(text, "whole-number-spread")
    assert (found.severity, found.expected) == ("error", "SD at least 0.357")


@pytest.mark.parametrize("cell", ["2.8 (0.4)", "2.9 (0.3)", "3 (0.2)", "3.0 (0)", "2.5 (0.5)"])
def test_a_spread_at_the_edge_of_rounding(findings: Findings, cell: str) -> None:
    """The least spread over every rounding of the mean, and SD 0 of a whole mean, are right."""
    assert not findings(means(cell, "5 (2)", row=WHOLE), "whole-number-spread")


def test_the_spread_tells_how_exact_a_mean_is(findings: Findings) -> None:
    """3 (0.2) whole numbers have a mean within 0.07 of 3, so p = 1.000 cannot be."""
    row = 'p = "1.000"\ntest = "Mann-Whitney"'
    text = means("3 (0.2)", "2.8 (0.3)", groups="A = 219, B = 390", row=row)
    (note,) = findings(text, "mean-test-p")
    (warning,) = findings(f"{text}{WHOLE}\n", "mean-test-p")
    assert (note.severity, warning.severity) == ("note", "warning")


@pytest.mark.parametrize(
    ("cell", "row", "severity"),
    [
        pytest.param("56.4 (51, 62)", WHOLE, "error", id="whole numbers"),
        pytest.param("56.4 (28~76)", "", "note", id="only the range is whole"),
    ],
)
def test_a_median_that_no_whole_numbers_have(
    findings: Findings, cell: str, row: str, severity: str
) -> None:
    """The median of whole numbers is one of them, or halfway between two."""
    (found,) = findings(medians(cell, row), "whole-number-median")
    assert (found.severity, found.expected) == (severity, "56 or 56.5")


@pytest.mark.parametrize("cell", ["56.5 (28, 76)", "56 (28, 76)", "56.4 (28.1, 76.3)", "56.4"])
def test_a_median_that_may_be(findings: Findings, cell: str) -> None:
    """Halves are right, and nothing is known of values that are not whole."""
    assert not findings(medians(cell), "whole-number-median")


@given(st.lists(st.integers(0, 9), min_size=2, max_size=30), st.integers(0, 2))
def test_means_of_whole_numbers_are_not_found(values: list[int], decimals: int) -> None:
    """The mean and spread of any whole numbers are possible, at every rounding."""
    mean, spread = statistics.fmean(values), statistics.pstdev(values)
    half = 0.5 * 10.0**-decimals
    possible = means_of_whole_numbers(Bounds(mean - half, mean + half), spread + half)
    assert possible is not None
    assert possible.lower <= mean <= possible.upper


def test_the_range_of_means_against_every_data_set() -> None:
    """Means of all data sets of four values with a spread of at most 0.3 lie in the range."""
    sets = itertools.product(range(4), repeat=4)
    small = [statistics.fmean(each) for each in sets if statistics.pstdev(each) <= 0.3]
    possible = means_of_whole_numbers(Bounds(0.6, 2.4), 0.3)
    assert possible is not None
    assert all(possible.lower <= mean <= possible.upper for mean in small if 0.6 <= mean <= 2.4)
    assert means_of_whole_numbers(Bounds(1.4, 1.6), 0.3) is None
