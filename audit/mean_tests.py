"""Tests of means and of medians, and their reported p-values and statistics."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..studies.printed import PrintedNumber
from ..studies.study import Study
from ..studies.table import (
    CellNumbers,
    GroupRow,
    Table,
    cell_numbers,
)
from .means import means_of_whole_numbers
from .rule import (
    Bounds,
    Finding,
    MeanTest,
    Rule,
    Sample,
    Severity,
    asks,
    far_from,
    mean_tests_named,
    p_is,
    p_of_z,
    p_text,
    severity_of,
    t_tests,
    z_of_p,
)

__all__ = ["chance_above", "mean_tests_recomputed", "possible_chances", "rank_tests_recomputed"]

_ROOM_FOR_RANKS = 2.0  # normal units between a t and a rank test of data without a long tail
_MOST_MISSING = 0.1  # of a group; beyond it another slip is likelier
_LONG_TAIL = 0.5  # standard deviation over mean, above which a rank test may be anywhere

MEAN_P = Rule(
    name="mean-test-p",
    asks="Is the p-value the one that means, standard deviations and numbers of patients give?",
    tolerance="Means, standard deviations and p may each be any value that rounds to the "
    "reported one; Student's and Welch's test. A rank test, or one that is not named, is only"
    " asked of data whose standard deviation is below half the mean, and may be 2 normal "
    "units off: a warning. Where means of one row have different numbers of decimals, a zero "
    "may have been left out: a note.",
    reference="Welch BL. Biometrika 1947;34:28-35. doi:10.1093/biomet/34.1-2.28",
)
MEAN_STATISTIC = Rule(
    name="mean-test-statistic",
    asks="Is the t statistic the one that means, standard deviations and patients give?",
    tolerance="Every rounding; Student's and Welch's t, either sign: a warning.",
    reference=MEAN_P.reference,
)


@asks(MEAN_P, MEAN_STATISTIC)
def mean_tests_recomputed(study: Study) -> Iterator[Finding]:
    """Yield the p-values and statistics that means and standard deviations do not give."""
    for table in study.tables:
        for row in table.means:
            samples = _samples(table, row)
            if samples is None:
                continue
            tests = t_tests(*samples)
            found = list(_p_findings(table, row, tests))
            yield from found or _with_zeros(table, row)
            yield from _statistic_findings(table, row, tests)


def _with_zeros(table: Table, row: GroupRow) -> Iterator[Finding]:
    """Yield what "3" beside "2.8" gives if it means 3.0, its zero left out: a note."""
    decimals = {
        cell.first.decimals for cell in map(cell_numbers, row.cells.values()) if cell is not None
    }
    samples = _samples(table, row, decimals=max(decimals)) if len(decimals) > 1 else None
    if samples is None:
        return
    for finding in _p_findings(table, row, t_tests(*samples)):
        yield replace(
            finding,
            severity="note",
            sentence=f"If all means have {max(decimals)} decimals: {finding.sentence}",
        )


def _samples(table: Table, row: GroupRow, *, decimals: int = 0) -> tuple[Sample, Sample] | None:
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


def _of_whole_numbers(sample: Sample) -> Sample:
    """Return a sample with the means that whole numbers of its spread can have."""
    spread = sample.sd.upper * math.sqrt((sample.n - 1) / sample.n)
    means = means_of_whole_numbers(sample.mean, spread)
    return sample if means is None else replace(sample, mean=means)


def _sample(cell: CellNumbers, n: int, decimals: int) -> Sample:
    half = 0.5 * 10.0 ** -max(decimals, cell.first.decimals)
    sd = Bounds.of(cell.inside[0])
    return Sample(
        Bounds(cell.first.value - half, cell.first.value + half),
        Bounds(max(sd.lower, 0.0), sd.upper),
        n,
    )


def _p_findings(table: Table, row: GroupRow, tests: tuple[MeanTest, ...]) -> Iterator[Finding]:
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
        printed=f"{_cells_text(row)}; p {p.bare}", expected=expected,
        sentence=f"These means and standard deviations give p {p_is(tests[0].p)} by "
        f"{tests[0].name}, not {p.bare}{why if a_rank_test else ''}.",
    )  # fmt: skip


def _long_tailed(row: GroupRow) -> bool:
    cells = [cell_numbers(text) for text in row.cells.values()]
    return any(
        cell is None or cell.inside[0].value > _LONG_TAIL * abs(cell.first.value) for cell in cells
    )


def _statistic_findings(
    table: Table, row: GroupRow, tests: tuple[MeanTest, ...]
) -> Iterator[Finding]:
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
        printed=f"{_cells_text(row)}; t {printed.bare}", expected=expected,
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


def _cells_text(row: GroupRow) -> str:
    return "; ".join(f"{group} {cell}" for group, cell in row.cells.items())


_FEWEST = 20  # patients in a group, below which a quartile lies between two of few values
_FINE = 0.05  # of the interquartile range; coarser rounding hides how many values are equal
_MISS = (0.04, 0.42)  # that even spread misses the chance by: + second / sqrt(fewer patients)
_ODDER = 1.4  # times that, more than it misses in any of 16 000 data sets
_TAILS = (1.5, 2.0)  # width of the outer quarters, in those of the inner ones beside them

QUARTILE_P = Rule(
    name="quartile-test-p",
    asks="Can these medians and quartiles give this Mann-Whitney p-value?",
    tolerance="The quartiles bound the chance that a patient of one group is above one of the "
    "other; a p-value that needs a chance outside the bounds is an error. Within them, values "
    "spread evenly between the quartiles give the chance to 0.04 + 0.42 / sqrt(n) in 999 of 1000 "
    "simulated data sets, n the smaller group, and to 1.4 times that in all: further off is a "
    'note, and a warning. Only of rows with `spread = "quartiles"`, a rank test, and at least 20 '
    "patients in both groups.",
    reference="Divine GW et al. Am Stat 2018;72:278-286. doi:10.1080/00031305.2017.1305291",
)


@dataclass(frozen=True)
class _Quarters:
    """The quartiles and median of one group, as ranges, and its patients."""

    marks: tuple[Bounds, Bounds, Bounds]
    n: int

    @property
    def is_fine(self) -> bool:
        """True if the rounding is fine beside the distance of the quartiles."""
        apart = self.marks[2].lower - self.marks[0].upper
        widest = max(mark.upper - mark.lower for mark in self.marks)
        return self.n >= _FEWEST and widest <= _FINE * apart

    @property
    def middles(self) -> tuple[float, float, float]:
        """The reported values."""
        first, median, third = ((mark.lower + mark.upper) / 2 for mark in self.marks)
        return first, median, third


@asks(QUARTILE_P)
def rank_tests_recomputed(study: Study) -> Iterator[Finding]:
    """Yield the rank tests' p-values that the quartiles do not give."""
    for table in study.tables:
        for row in table.medians:
            if row.spread == "quartiles" and mean_tests_named(row.test) == {"rank"} and row.p:
                groups = _groups(table, row)
                if len(groups) == 2 and all(group.is_fine for group in groups):
                    yield from _rank_findings(table, row, (row.p, groups))


def _groups(table: Table, row: GroupRow) -> tuple[_Quarters, ...]:
    """Return the groups whose quartiles are reported and in order."""
    found = []
    for group, text in row.cells.items():
        cell, n = cell_numbers(text), row.of.get(group) or table.groups.get(group)
        if cell is None or n is None or len(cell.inside) != 2:
            return ()
        first, median, third = map(Bounds.of, (cell.inside[0], cell.first, cell.inside[1]))
        if not first.upper <= median.lower <= median.upper <= third.lower:
            return ()
        found.append(_Quarters((first, median, third), n))
    return tuple(found)


def possible_chances(one: Sequence[Bounds], other: Sequence[Bounds]) -> Bounds:
    """Return the chances that a value of `other` is above one of `one`, ties counting half.

    Parameters
    ----------
    one, other : sequence of Bounds
        Lower quartile, median and upper quartile of each.
    """
    quarters = [_quarters(each) for each in (one, other)]
    pairs = list(itertools.product(*quarters))
    above = sum(mine[1] <= theirs[0] for mine, theirs in pairs)
    below = sum(theirs[1] <= mine[0] for mine, theirs in pairs)
    return Bounds(above / 16, 1 - below / 16)


def _quarters(marks: Sequence[Bounds]) -> list[tuple[float, float]]:
    """Return the widest range of each quarter of a group."""
    lower = [-math.inf, *(mark.lower for mark in marks)]
    upper = [*(mark.upper for mark in marks), math.inf]
    return list(zip(lower, upper, strict=True))


def chance_above(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the chance that a value of `other` is above one of `one`, spread evenly.

    Each quarter of the patients is spread evenly between two quartiles; the outer quarters are
    1.5 times (below) and 2 times (above) as wide as the inner ones beside them.
    """
    quarters = [list(itertools.pairwise(_knots(each))) for each in (one, other)]
    return sum(_even_chance(*pair) for pair in itertools.product(*quarters)) / 16


def _knots(marks: Sequence[float]) -> list[float]:
    first, median, third = marks
    return [
        first - _TAILS[0] * (median - first), first, median, third,
        third + _TAILS[1] * (third - median),
    ]  # fmt: skip


def _even_chance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return P(Y > X) for X and Y even in a range each; a range may be a point."""
    if one[0] == one[1] and other[0] == other[1]:
        return 0.5 if one[0] == other[0] else float(other[0] > one[0])
    if other[0] == other[1]:
        return min(max((other[0] - one[0]) / (one[1] - one[0]), 0.0), 1.0)
    if one[0] == one[1]:
        return min(max((other[1] - one[0]) / (other[1] - other[0]), 0.0), 1.0)
    width = one[1] - one[0]

    def area(y: float) -> float:
        """Integrate the distribution function of X up to y."""
        inside = min(max(y - one[0], 0.0), width)
        return 0.5 * inside * inside / width + max(y - one[1], 0.0)

    return (area(other[1]) - area(other[0])) / (other[1] - other[0])


def _rank_findings(
    table: Table, row: GroupRow, print_: tuple[PrintedNumber, tuple[_Quarters, ...]]
) -> Iterator[Finding]:
    p, (one, other) = print_
    spread = math.sqrt((one.n + other.n + 1) / (12 * one.n * other.n))
    z = z_of_p(Bounds.of(p).within(0.0, 1.0))
    needed = [
        Bounds(0.5 + z.lower * spread, 0.5 + z.upper * spread),
        Bounds(0.5 - z.upper * spread, 0.5 - z.lower * spread),
    ]
    severity = _misfit(one, other, needed)
    if severity is None:
        return
    possible = possible_chances(one.marks, other.marks)
    even = abs(chance_above(one.middles, other.middles) - 0.5) / spread
    found = _smallest_z(possible, spread) if severity == "error" else Bounds(even, even)
    finding = _quartile_finding(table, row, severity, found)
    yield replace(finding, sentence=finding.sentence + _exchange_hint(row, (one, other), needed))


def _misfit(one: _Quarters, other: _Quarters, needed: list[Bounds]) -> Severity | None:
    """Return how grave it is that quartiles do not give a chance; None if they may."""
    possible = possible_chances(one.marks, other.marks)
    if not any(side.overlaps(possible) for side in needed):
        return "error"
    even = chance_above(one.middles, other.middles)
    off = min(side.gap(Bounds(even, even)) for side in needed)
    odd = _MISS[0] + _MISS[1] / math.sqrt(min(one.n, other.n))
    if off <= odd:
        return None
    return "warning" if off > _ODDER * odd else "note"


def _exchange_hint(row: GroupRow, groups: tuple[_Quarters, _Quarters], needed: list[Bounds]) -> str:
    """Say so if the quartiles of the two groups, exchanged, go with the p."""
    one, other = groups
    first, second = swapped = [
        replace(mine, marks=(theirs.marks[0], mine.marks[1], theirs.marks[2]))
        for mine, theirs in ((one, other), (other, one))
    ]
    ordered = all(
        low.upper <= middle.lower <= middle.upper <= high.lower
        for low, middle, high in (each.marks for each in swapped)
    )
    if not ordered or _misfit(first, second, needed) is not None:
        return ""
    return f" With the quartiles of {' and '.join(row.cells)} exchanged, it would."


def _smallest_z(possible: Bounds, spread: float) -> Bounds:
    """Return the statistics that the quartiles leave possible."""
    sizes = Bounds.around(abs(possible.lower - 0.5), abs(possible.upper - 0.5))
    least = 0.0 if possible.lower <= 0.5 <= possible.upper else sizes.lower
    return Bounds(least / spread, sizes.upper / spread)


def _quartile_finding(table: Table, row: GroupRow, severity: Severity, z: Bounds) -> Finding:
    cells = "; ".join(f"{group} {cell}" for group, cell in row.cells.items())
    assert row.p is not None  # noqa: S101 - the caller asked
    p, usual = row.p.bare, p_is(p_of_z(z))
    sentence = (
        f"However the values lie between these quartiles, a rank test gives p {usual}, not {p}."
        if severity == "error"
        else f"If the values spread evenly between these quartiles, a rank test gives p {usual}, "
        f"not {p}; only an unusual spread gives that."
    )
    return QUARTILE_P.finding(
        severity, f"{table.place}: {row.variable}", printed=f"{cells}; p {p}",
        expected=f"p {p_text(p_of_z(z))}", sentence=sentence,
    )  # fmt: skip
