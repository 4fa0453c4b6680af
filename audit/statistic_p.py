"""A printed statistic against its own p-value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.printed import PrintedNumber
from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .bounds import Bounds, p_is, p_of_z, p_text
from .count_p import count_matrix
from .count_rows import Counts, count_rows
from .finding import Finding, Rule
from .named_tests import count_families, far_from, mean_tests_named, severity_of

__all__ = ["RULES", "check"]

STATISTIC_P = Rule(
    name="statistic-p",
    asks="Does the statistic give its p-value?",
    tolerance="Statistic and p may each be any value that rounds to print; two-sided. t with "
    "Student's degrees of freedom, or with the fewest that Welch's can have. Counts that are "
    "printed give both, and are asked by the count tests instead.",
    reference="Nuijten MB et al. Behav Res Methods 2016;48:1205-1226. "
    "doi:10.3758/s13428-015-0664-2",
)
RULES = (STATISTIC_P,)


@dataclass(frozen=True)
class _Test:
    place: str
    name: str
    statistic: PrintedNumber
    p: PrintedNumber
    ranges: tuple[Bounds, ...]


def check(study: Study) -> Iterator[Finding]:
    """Yield the statistics that do not give their p-values."""
    for test in _tests(study):
        if far_from(test.p, test.ranges) == 0:
            continue
        yield STATISTIC_P.finding(
            severity_of(test.p, list(test.ranges)), test.place,
            printed=f"{test.name} = {test.statistic.bare}, p {test.p.bare}",
            expected=f"p {p_text(test.ranges[0])}",
            sentence=f"{test.name} = {test.statistic.bare} gives p {p_is(test.ranges[0])}, not "
            f"{test.p.bare}.",
        )  # fmt: skip


def _tests(study: Study) -> Iterator[_Test]:
    for row in count_rows(study):
        if count_matrix(row) is not None:  # both are set beside the counts themselves
            continue
        if row.row.statistic and row.row.p and "chi-square" in count_families(row.row.test):
            df = 1 if row.row.total else max(len(row.parts) - 1, 1) * max(len(row.groups) - 1, 1)
            yield _chi_square(row, row.row.statistic, (row.row.p, df))
    for table in study.tables:
        for each in (*table.means, *table.medians):
            if each.statistic and each.p:
                yield from _of_groups(table, each, (each.statistic, each.p))


def _chi_square(row: Counts, statistic: PrintedNumber, p_df: tuple[PrintedNumber, int]) -> _Test:
    from scipy.stats import chi2

    p, df = p_df
    ends = [float(chi2.sf(max(end, 0.0), df)) for end in (statistic.lower, statistic.upper)]
    return _Test(row.place, "chi-square", statistic, p, (Bounds.around(*ends),))


def _of_groups(
    table: Table, row: GroupRow, pair: tuple[PrintedNumber, PrintedNumber]
) -> Iterator[_Test]:
    named, (statistic, p) = mean_tests_named(row.test), pair
    size = _size(statistic)
    place = f"{table.place}: {row.variable}"
    if named == {"rank"}:
        yield _Test(place, "Z", statistic, p, (p_of_z(size),))
        return
    ns = [row.of.get(group) or table.groups.get(group) or 0 for group in row.cells]
    if named == {"t"} and len(ns) == 2 and min(ns) > 1:
        ranges = tuple(_t_range(size, df) for df in (sum(ns) - 2, min(ns) - 1))
        yield _Test(place, "t", statistic, p, (Bounds(ranges[0].lower, ranges[1].upper),))


def _size(statistic: PrintedNumber) -> Bounds:
    ends = abs(statistic.lower), abs(statistic.upper)
    smallest = 0.0 if statistic.lower <= 0 <= statistic.upper else min(ends)
    return Bounds(smallest, max(ends))


def _t_range(size: Bounds, df: int) -> Bounds:
    from scipy.stats import t as student

    return Bounds(
        *(float(2 * student.sf(end, df)) if math.isfinite(end) else 0.0
          for end in (size.upper, size.lower))
    )  # fmt: skip
