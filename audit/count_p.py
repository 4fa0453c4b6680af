"""p-values and statistics of counts, recomputed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..studies.study import Study
from .bounds import Bounds, short
from .contingency import CountTest, count_tests
from .count_rows import Counts, count_rows
from .finding import Finding, Rule
from .named_tests import count_families, far_from, severity_of

__all__ = ["RULES", "check", "count_matrix"]

_TESTS = "Agresti A. Categorical Data Analysis. 3rd ed. Wiley; 2013. ISBN 978-0-470-46363-5"
COUNT_P = Rule(
    name="count-test-p",
    asks="Is the p-value the one that the counts give?",
    tolerance="The p-value may be any that rounds to print; the counts are exact. A chi-square "
    "test may be with or without Yates' correction, a likelihood ratio or a trend; Fisher's test "
    "is two-sided. Another test than the named one that fits is a note, a one-sided one a "
    "warning; fitting none is an error if p is half a normal unit off or across 0.05.",
    reference=_TESTS,
)
COUNT_STATISTIC = Rule(
    name="count-test-statistic",
    asks="Is the statistic the one that the counts give?",
    tolerance="The statistic may be any that rounds to print; any chi-square test: a warning.",
    reference=_TESTS,
)
RULES = (COUNT_P, COUNT_STATISTIC)


def check(study: Study) -> Iterator[Finding]:
    """Yield the p-values and statistics that the counts do not give."""
    for row in count_rows(study):
        if row.row.p is None and row.row.statistic is None:
            continue
        matrix = count_matrix(row)
        tests = () if matrix is None else count_tests(matrix)
        if tests:
            yield from _p(row, tests)
            yield from _statistic(row, tests)


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


def _p(row: Counts, tests: tuple[CountTest, ...]) -> Iterator[Finding]:
    p, families = row.row.p, count_families(row.row.test)
    named = [test for test in tests if test.family in families]
    if p is None or not families or not named:
        return
    if any(p.contains(test.p) for test in named):
        return
    fitting = [test for test in tests if test.family not in families and p.contains(test.p)]
    expected = "; ".join(f"{test.name}: {short(test.p)}" for test in named)
    printed = f"{_shown(row)}; p {p.bare}"
    if fitting:
        one_sided = fitting[0].family == "one-sided"
        yield COUNT_P.finding(
            "warning" if one_sided else "note", row.place, printed=printed, expected=expected,
            sentence=f"These counts do not give p = {p.bare} by {_named(row)}, but by "
            f"{fitting[0].name}.",
        )  # fmt: skip
        return
    ranges = [Bounds(test.p, test.p) for test in named]
    nearest = min(named, key=lambda test: far_from(p, [Bounds(test.p, test.p)]))
    yield COUNT_P.finding(
        severity_of(p, ranges), row.place, printed=printed, expected=expected,
        sentence=f"These counts give p = {short(nearest.p)} by {nearest.name}, not {p.bare}.",
    )  # fmt: skip


def _named(row: Counts) -> str:
    return f"the named test ({row.row.test})" if row.row.test else "a usual test"


def _shown(row: Counts) -> str:
    """Return the counts by group, such as "SR 22, 166, 80; TA 20, 168, 80"."""
    levels = [row.row.total] if row.row.total else list(row.parts)
    return "; ".join(
        f"{group} {', '.join(str(row.count(level, group)) for level in levels)}"
        for group in row.groups
    )


def _statistic(row: Counts, tests: tuple[CountTest, ...]) -> Iterator[Finding]:
    printed = row.row.statistic
    usual = [test for test in tests if not math.isnan(test.statistic)]
    if printed is None or "chi-square" not in count_families(row.row.test):
        return
    if any(printed.contains(test.statistic) for test in usual):
        return
    expected = "; ".join(f"{test.name}: {short(test.statistic)}" for test in usual)
    yield COUNT_STATISTIC.finding(
        "warning", row.place, printed=f"{_shown(row)}; statistic {printed.bare}", expected=expected,
        sentence=f"No usual chi-square test of these counts gives {printed.bare}.",
    )  # fmt: skip
