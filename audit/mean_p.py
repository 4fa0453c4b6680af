"""p-values and statistics of means, recomputed from mean, standard deviation and n."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..studies.cells import CellNumbers, cell_numbers
from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .bounds import Bounds, p_is, p_text
from .finding import Finding, Rule
from .named_tests import far_from, mean_tests_named, severity_of
from .whole_numbers import means_of_whole_numbers

__all__ = ["RULES", "check", "t_tests"]

_ROOM_FOR_RANKS = 2.0  # normal units between a t and a rank test of data without a long tail
_MOST_MISSING = 0.1  # of a group; beyond it another slip is likelier
_LONG_TAIL = 0.5  # standard deviation over mean, above which a rank test may be anywhere

MEAN_P = Rule(
    name="mean-test-p",
    asks="Is the p-value the one that means, standard deviations and numbers of patients give?",
    tolerance="Means, standard deviations and p may each be any value that rounds to print; "
    "Student's and Welch's test. A rank test, or one that is not named, is only asked of data "
    "whose standard deviation is below half the mean, and may be 2 normal units off: a "
    "warning. Where means of one row have different numbers of decimals, a zero may have been "
    "left out: a note.",
    reference="Welch BL. Biometrika 1947;34:28-35. doi:10.1093/biomet/34.1-2.28",
)
MEAN_STATISTIC = Rule(
    name="mean-test-statistic",
    asks="Is the t statistic the one that means, standard deviations and patients give?",
    tolerance="Every rounding; Student's and Welch's t, either sign: a warning.",
    reference=MEAN_P.reference,
)
RULES = (MEAN_P, MEAN_STATISTIC)


@dataclass(frozen=True)
class _Sample:
    mean: Bounds
    sd: Bounds
    n: int


@dataclass(frozen=True, kw_only=True)
class MeanTest:
    """One t test over every rounding of what it is computed from."""

    name: str
    t: Bounds
    p: Bounds


def check(study: Study) -> Iterator[Finding]:
    """Yield the p-values and statistics that means and standard deviations do not give."""
    for table in study.tables:
        for row in table.means:
            samples = _samples(table, row)
            if samples is None:
                continue
            tests = t_tests(*samples)
            found = list(_p(table, row, tests))
            yield from found or _with_zeros(table, row)
            yield from _statistic(table, row, tests)


def _with_zeros(table: Table, row: GroupRow) -> Iterator[Finding]:
    """Yield what "3" beside "2.8" gives if it stands for 3.0, its zero left out: a note."""
    decimals = {
        cell.first.decimals for cell in map(cell_numbers, row.cells.values()) if cell is not None
    }
    samples = _samples(table, row, decimals=max(decimals)) if len(decimals) > 1 else None
    if samples is None:
        return
    for finding in _p(table, row, t_tests(*samples)):
        yield replace(
            finding,
            severity="note",
            sentence=f"If all means have {max(decimals)} decimals: {finding.sentence}",
        )


def _samples(table: Table, row: GroupRow, *, decimals: int = 0) -> tuple[_Sample, _Sample] | None:
    """Return the two groups' samples; None unless there are two, with all that is needed."""
    if len(row.cells) != 2:
        return None
    found = []
    for group, text in row.cells.items():
        cell, n = cell_numbers(text), row.of.get(group) or table.groups.get(group)
        if cell is None or len(cell.inside) != 1 or n is None or n < 2:
            return None
        found.append(_sample(cell, n, decimals))
    if row.whole:
        found = [_of_whole_numbers(sample) for sample in found]
    return (found[0], found[1])


def _of_whole_numbers(sample: _Sample) -> _Sample:
    """Return a sample with the means that whole numbers of its spread can have."""
    spread = sample.sd.upper * math.sqrt((sample.n - 1) / sample.n)
    means = means_of_whole_numbers(sample.mean, spread)
    return sample if means is None else replace(sample, mean=means)


def _sample(cell: CellNumbers, n: int, decimals: int) -> _Sample:
    half = 0.5 * 10.0 ** -max(decimals, cell.first.decimals)
    sd = Bounds.of(cell.inside[0])
    return _Sample(
        Bounds(cell.first.value - half, cell.first.value + half),
        Bounds(max(sd.lower, 0.0), sd.upper),
        n,
    )


def t_tests(one: _Sample, other: _Sample) -> tuple[MeanTest, ...]:
    """Return Student's and Welch's test over every rounding."""
    apart = one.mean.gap(other.mean)
    most = max(one.mean.upper - other.mean.lower, other.mean.upper - one.mean.lower)
    corners = list(itertools.product(_ends(one.sd), _ends(other.sd)))
    tests = []
    for name, error in (("Student's t test", _pooled), ("Welch's t test", _separate)):
        errors = [error(sds, (one.n, other.n)) for sds in corners]
        smallest, largest = min(se for se, _ in errors), max(se for se, _ in errors)
        df = Bounds.around(*(each for _, each in errors))
        t = Bounds(apart / largest, most / smallest if smallest > 0 else math.inf)
        tests.append(
            MeanTest(name=name, t=t, p=Bounds(_p_of(t.upper, df.upper), _p_of(t.lower, df.lower)))
        )
    return tuple(tests)


def _ends(bounds: Bounds) -> tuple[float, float]:
    return bounds.lower, bounds.upper


def _pooled(sds: tuple[float, float], ns: tuple[int, int]) -> tuple[float, float]:
    df = sum(ns) - 2
    variance = sum((n - 1) * sd * sd for n, sd in zip(ns, sds, strict=True)) / df
    return math.sqrt(variance * (1 / ns[0] + 1 / ns[1])), df


def _separate(sds: tuple[float, float], ns: tuple[int, int]) -> tuple[float, float]:
    parts = [sd * sd / n for sd, n in zip(sds, ns, strict=True)]
    below = sum(part * part / (n - 1) for part, n in zip(parts, ns, strict=True))
    df = sum(parts) ** 2 / below if below > 0 else min(ns) - 1.0
    return math.sqrt(sum(parts)), df


def _p_of(t: float, df: float) -> float:
    from scipy.stats import t as student

    return float(2 * student.sf(t, df)) if math.isfinite(t) else 0.0


def _p(table: Table, row: GroupRow, tests: tuple[MeanTest, ...]) -> Iterator[Finding]:
    p, named = row.p, mean_tests_named(row.test)
    if p is None:
        return
    ranges = [test.p for test in tests]
    apart = far_from(p, ranges)
    if apart == 0 or ("rank" in named and (apart <= _ROOM_FOR_RANKS or _long_tailed(row))):
        return
    a_rank_test = "rank" in named
    expected = "; ".join(f"{test.name}: {p_text(test.p)}" for test in tests)
    why = f", and a rank test of data without a long tail gives nothing near {p.bare}"
    yield MEAN_P.finding(
        "warning" if a_rank_test else severity_of(p, ranges), f"{table.place}: {row.variable}",
        printed=f"{_shown(row)}; p {p.bare}", expected=expected,
        sentence=f"These means and standard deviations give p {p_is(tests[0].p)} by "
        f"{tests[0].name}, not {p.bare}{why if a_rank_test else ''}.",
    )  # fmt: skip


def _long_tailed(row: GroupRow) -> bool:
    cells = [cell_numbers(text) for text in row.cells.values()]
    return any(
        cell is None or cell.inside[0].value > _LONG_TAIL * abs(cell.first.value) for cell in cells
    )


def _statistic(table: Table, row: GroupRow, tests: tuple[MeanTest, ...]) -> Iterator[Finding]:
    printed = row.statistic
    if printed is None or mean_tests_named(row.test) != {"t"}:
        return
    size = Bounds.around(abs(printed.lower), abs(printed.upper))
    if any(test.t.overlaps(size) for test in tests):
        return
    fewer = _with_fewer(table, row, size)
    expected = "; ".join(f"{test.name}: {test.t}" for test in tests)
    yield MEAN_STATISTIC.finding(
        "warning", f"{table.place}: {row.variable}",
        printed=f"{_shown(row)}; t {printed.bare}", expected=expected,
        sentence=f"These means and standard deviations do not give t = {printed.bare} with all "
        f"patients of the two groups{fewer}.",
    )  # fmt: skip


def _with_fewer(table: Table, row: GroupRow, size: Bounds) -> str:
    """Say with how few patients missing from one group the statistic would fit."""
    samples = _samples(table, row)
    assert samples is not None  # noqa: S101 - the caller has tested them
    for missing in range(1, int(_MOST_MISSING * max(sample.n for sample in samples)) + 1):
        for number, group in enumerate(row.cells):
            n = samples[number].n - missing
            fewer = list(samples)
            fewer[number] = replace(samples[number], n=n)
            if n > 1 and any(test.t.overlaps(size) for test in t_tests(fewer[0], fewer[1])):
                return f", but with {n} in {group}"
    return ""


def _shown(row: GroupRow) -> str:
    return "; ".join(f"{group} {cell}" for group, cell in row.cells.items())
