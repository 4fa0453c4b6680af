"""Tests of a table of counts, each by its name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["CountTest", "count_tests"]

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class CountTest:
    """One test of a table of counts.

    Attributes
    ----------
    name : str
        Name in words.
    family : {"chi-square", "fisher", "one-sided"}
        The tests that papers call by one name; "one-sided" for those that need saying so.
    statistic : float
        The statistic; NaN for an exact test.
    p : float
        The p-value.
    """

    name: str
    family: str
    statistic: float
    p: float


def count_tests(counts: Counts) -> tuple[CountTest, ...]:
    """Return the tests that programs offer for a table of counts.

    Parameters
    ----------
    counts : 2D array of int, shape (levels, groups)
        Counts; levels and groups without any patient are left out.

    Returns
    -------
    tuple of CountTest
        Pearson's chi-square, the likelihood ratio, linear-by-linear trend; for two by two also
        Yates' and Fisher's. Empty if fewer than two levels or groups have patients.
    """
    table = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return ()
    tests = [
        _chi_square("Pearson's chi-square test", table, "pearson"),
        _chi_square("the likelihood-ratio chi-square test", table, "log-likelihood"),
        _trend(table),
    ]
    if table.shape == (2, 2):
        tests += _two_by_two(table)
    elif _is_small(table):
        tests.append(_fisher_freeman_halton(table))
    return tuple(tests)


def _chi_square(
    name: str, table: Counts, method: Literal["pearson", "log-likelihood"]
) -> CountTest:
    from scipy.stats import chi2_contingency

    found = chi2_contingency(table, correction=False, lambda_=method)
    return CountTest(
        name=name, family="chi-square", statistic=float(found.statistic), p=float(found.pvalue)
    )


def _trend(table: Counts) -> CountTest:
    """Return the linear-by-linear association, (N - 1) r², that SPSS prints."""
    rows, columns = np.indices(table.shape)
    weights, total = table.ravel(), table.sum()
    deviations = [
        values.ravel() - np.average(values.ravel(), weights=weights) for values in (rows, columns)
    ]
    products = [
        float(np.sum(weights * deviations[i] * deviations[j])) for i, j in ((0, 1), (0, 0), (1, 1))
    ]
    statistic = (total - 1) * products[0] ** 2 / (products[1] * products[2])
    return CountTest(
        name="a test for trend", family="chi-square", statistic=float(statistic),
        p=math.erfc(math.sqrt(statistic / 2)),
    )  # fmt: skip


def _two_by_two(table: Counts) -> list[CountTest]:
    from scipy.stats import chi2_contingency, fisher_exact

    yates = chi2_contingency(table, correction=True)
    exact = {side: fisher_exact(table, side)[1] for side in ("two-sided", "less", "greater")}
    return [
        CountTest(
            name="the chi-square test with Yates' correction", family="chi-square",
            statistic=float(yates.statistic), p=float(yates.pvalue),
        ),
        CountTest(
            name="Fisher's exact test", family="fisher", statistic=math.nan,
            p=float(exact["two-sided"]),
        ),
        CountTest(
            name="the one-sided Fisher's exact test", family="one-sided", statistic=math.nan,
            p=float(min(exact["less"], exact["greater"])),
        ),
    ]  # fmt: skip


_MOST_TABLES = 2e5  # tables with the same margins, at about a microsecond each


def _is_small(table: Counts) -> bool:
    """Say whether the tables with the same margins are few enough to go through."""
    margins = [
        math.comb(int(total) + table.shape[1] - 1, table.shape[1] - 1)
        for total in table.sum(axis=1)[:-1]
    ]
    return math.prod(margins) <= _MOST_TABLES


def _fisher_freeman_halton(table: Counts) -> CountTest:
    """Return the exact test of a larger table, by going through those with the same margins."""
    columns = tuple(int(total) for total in table.sum(axis=0))
    rows = tuple(int(total) for total in table.sum(axis=1))
    observed = sum(math.lgamma(count + 1) for count in table.ravel())
    constant = sum(math.lgamma(total + 1) for total in (*rows, *columns))
    constant -= math.lgamma(sum(rows) + 1)
    p = 0.0
    stack: list[tuple[int, tuple[int, ...], float]] = [(0, columns, 0.0)]
    while stack:
        row, left, weight = stack.pop()
        if row == len(rows) - 1:
            weight += sum(math.lgamma(count + 1) for count in left)
            p += math.exp(constant - weight) if weight >= observed - 1e-7 else 0.0
            continue
        for cells in _splits(rows[row], left):
            rest = tuple(have - took for have, took in zip(left, cells, strict=True))
            stack.append((row + 1, rest, weight + sum(math.lgamma(cell + 1) for cell in cells)))
    return CountTest(name="Fisher's exact test", family="fisher", statistic=math.nan, p=min(p, 1.0))


def _splits(total: int, left: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the ways to take `total` from what is left in the columns."""
    if len(left) == 1:
        return [(total,)] if total <= left[0] else []
    return [
        (first, *rest)
        for first in range(min(total, left[0]) + 1)
        for rest in _splits(total - first, left[1:])
    ]
