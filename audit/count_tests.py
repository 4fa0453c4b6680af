"""Tests of a table of counts, and their reported p-values and statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln, xlogy

from ..studies.study import Study
from .counts import Counts, count_rows
from .rule import Bounds, Finding, Rule, asks, count_families, far_from, severity_of, short

__all__ = [
    "CountTest",
    "count_matrix",
    "count_tests",
    "count_tests_recomputed",
]

CountTable = npt.NDArray[np.int64]


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


def count_tests(counts: CountTable) -> tuple[CountTest, ...]:
    """Return the tests that programs offer for a table of counts.

    Parameters
    ----------
    counts : 2D array of int, shape (levels, groups)
        CountTable; levels and groups without any patient are left out.

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
        _chi_square("Pearson's chi-square test", table, "Pearson"),
        _chi_square("the likelihood-ratio chi-square test", table, "likelihood ratio"),
        _trend(table),
    ]
    if table.shape == (2, 2):
        tests += _two_by_two(table)
    elif _is_small(table):
        tests.append(_fisher(table))
    return tuple(tests)


def _chi_square(
    name: str, table: CountTable, method: Literal["Pearson", "Yates", "likelihood ratio"]
) -> CountTest:
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    off = np.abs(table - expected)
    if method == "Yates":
        off -= np.minimum(off, 0.5)
    if method == "likelihood ratio":
        statistic = float(2.0 * np.sum(xlogy(table, table / expected)))
    else:
        statistic = float(np.sum(off**2 / expected))
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    p = float(chdtrc(df, max(statistic, 0.0)))
    return CountTest(name=name, family="chi-square", statistic=statistic, p=p)


def _trend(table: CountTable) -> CountTest:
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


def _two_by_two(table: CountTable) -> list[CountTest]:
    ways, probability = _same_margins(table)
    first = ways[:, 0, 0]
    sides = (probability[first <= table[0, 0]], probability[first >= table[0, 0]])
    return [
        _chi_square("the chi-square test with Yates' correction", table, "Yates"),
        _fisher(table),
        CountTest(
            name="the one-sided Fisher's exact test", family="one-sided", statistic=math.nan,
            p=min(1.0, *(float(side.sum()) for side in sides)),
        ),
    ]  # fmt: skip


_TIE = 1e-7  # relative; tables as likely as this one may differ by their last bits
_MOST_TABLES = 2e5  # tables with the same margins, which are all held at once


def _is_small(table: CountTable) -> bool:
    """Say whether the tables with the same margins are few enough to go through."""
    margins = [
        math.comb(int(total) + table.shape[1] - 1, table.shape[1] - 1)
        for total in table.sum(axis=1)[:-1]
    ]
    return math.prod(margins) <= _MOST_TABLES


def _fisher(table: CountTable) -> CountTest:
    """Return the exact test: how often tables with the same margins are no likelier than this."""
    ways, probability = _same_margins(table)
    own = probability[np.all(ways == table, axis=(1, 2))]
    p = float(probability[probability <= own * (1 + _TIE)].sum())
    return CountTest(name="Fisher's exact test", family="fisher", statistic=math.nan, p=min(p, 1.0))


def _same_margins(table: CountTable) -> tuple[CountTable, npt.NDArray[np.float64]]:
    """Return all tables with the margins of one, and the probability of each by chance.

    Returns
    -------
    tables : ndarray of int, shape (tables, levels, groups)
    probability : ndarray of float, shape (tables,)
        Multiple hypergeometric; together 1.
    """
    columns, rows = table.sum(axis=0), table.sum(axis=1)
    ways = np.empty((1, 0, columns.size), dtype=np.int64)  # to fill the rows so far
    left = columns[None, :]
    for total in rows[:-1]:
        splits = _splits(int(total), tuple(columns.tolist()))
        way, split = np.nonzero(np.all(splits[None] <= left[:, None], axis=2))
        ways = np.concatenate([ways[way], splits[split, None]], axis=1)
        left = left[way] - splits[split]
    ways = np.concatenate([ways, left[:, None]], axis=1)
    log_factorial = gammaln(np.arange(rows.sum() + 1) + 1.0)
    log_whole = log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[rows.sum()]
    return ways, np.exp(log_whole - log_factorial[ways].sum(axis=(1, 2)))


def _splits(total: int, left: tuple[int, ...]) -> CountTable:
    """Return the ways to take `total` from what is left in columns, shape (ways, columns)."""
    if len(left) == 2:
        first = np.arange(max(total - left[1], 0), min(total, left[0]) + 1)
        return np.column_stack([first, total - first])
    parts = [
        np.insert(_splits(total - first, left[1:]), 0, first, axis=1)
        for first in range(min(total, left[0]) + 1)
    ]
    return np.concatenate(parts)


_TESTS = "Agresti A. Categorical Data Analysis. 3rd ed. Wiley; 2013. ISBN 978-0-470-46363-5"
COUNT_P = Rule(
    name="count-test-p",
    asks="Is the p-value the one that the counts give?",
    tolerance="The p-value may be any that rounds to the reported one; the counts are exact. "
    "A chi-square test may be with or without Yates' correction, a likelihood ratio or a "
    "trend; Fisher's test is two-sided. Another test than the named one that fits is a note, "
    "a one-sided one a warning; fitting none is an error if p is half a normal unit off or "
    "across 0.05.",
    reference=_TESTS,
)
COUNT_STATISTIC = Rule(
    name="count-test-statistic",
    asks="Is the statistic the one that the counts give?",
    tolerance="The statistic may be any that rounds to the reported one; any chi-square test:"
    " a warning.",
    reference=_TESTS,
)


@asks(COUNT_P, COUNT_STATISTIC)
def count_tests_recomputed(study: Study) -> Iterator[Finding]:
    """Yield the p-values and statistics that the counts do not give."""
    for row in count_rows(study):
        if row.row.p is None and row.row.statistic is None:
            continue
        matrix = count_matrix(row)
        tests = () if matrix is None else count_tests(matrix)
        if tests:
            yield from _p_findings(row, tests)
            yield from _statistic_findings(row, tests)


def count_matrix(row: Counts) -> npt.NDArray[np.int64] | None:
    """Return counts by level and group, or those with and without it; None if not to be had."""
    if len(row.groups) < 2:
        return None
    if row.row.total or len(row.parts) == 1:
        return _with_and_without(row, row.row.total or row.parts[0])
    columns = [row.counts(group) for group in row.groups]
    if not row.row.exclusive or None in columns:
        return None
    return np.array(
        [[column[level] for column in columns if column] for level in row.parts], dtype=np.int64
    )


def _with_and_without(row: Counts, level: str) -> npt.NDArray[np.int64] | None:
    pairs = [(row.count(level, group), row.patients(group)) for group in row.groups]
    known = [(n, whole) for n, whole in pairs if n is not None and whole is not None and n <= whole]
    if len(known) < len(pairs):
        return None
    return np.array([[n for n, _ in known], [whole - n for n, whole in known]], dtype=np.int64)


def _p_findings(row: Counts, tests: tuple[CountTest, ...]) -> Iterator[Finding]:
    p, families = row.row.p, count_families(row.row.test)
    named = [test for test in tests if test.family in families]
    if p is None or not families or not named:
        return
    if any(p.contains(test.p) for test in named):
        return
    fitting = [test for test in tests if test.family not in families and p.contains(test.p)]
    expected = "; ".join(f"{test.name}: {short(test.p)}" for test in named)
    printed = f"{_counts_text(row)}; p {p.bare}"
    if fitting:
        one_sided = fitting[0].family == "one-sided"
        yield COUNT_P.finding(
            "warning" if one_sided else "note", row.place, printed=printed, expected=expected,
            sentence=f"These counts do not give p = {p.bare} by {_named_test(row)}, but by "
            f"{fitting[0].name}.",
        )  # fmt: skip
        return
    ranges = [Bounds(test.p, test.p) for test in named]
    nearest = min(named, key=lambda test: far_from(p, [Bounds(test.p, test.p)]))
    yield COUNT_P.finding(
        severity_of(p, ranges), row.place, printed=printed, expected=expected,
        sentence=f"These counts give p = {short(nearest.p)} by {nearest.name}, not {p.bare}.",
    )  # fmt: skip


def _named_test(row: Counts) -> str:
    return f"the named test ({row.row.test})" if row.row.test else "a usual test"


def _counts_text(row: Counts) -> str:
    """Return the counts by group, such as "SR 22, 166, 80; TA 20, 168, 80"."""
    levels = [row.row.total] if row.row.total else list(row.parts)
    return "; ".join(
        f"{group} {', '.join(str(row.count(level, group)) for level in levels)}"
        for group in row.groups
    )


def _statistic_findings(row: Counts, tests: tuple[CountTest, ...]) -> Iterator[Finding]:
    printed = row.row.statistic
    usual = [test for test in tests if not math.isnan(test.statistic)]
    if printed is None or "chi-square" not in count_families(row.row.test):
        return
    if any(printed.contains(test.statistic) for test in usual):
        return
    expected = "; ".join(f"{test.name}: {short(test.statistic)}" for test in usual)
    yield COUNT_STATISTIC.finding(
        "warning", row.place, expected=expected,
        printed=f"{_counts_text(row)}; statistic {printed.bare}",
        sentence=f"No usual chi-square test of these counts gives {printed.bare}.",
    )  # fmt: skip
