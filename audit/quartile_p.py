"""Mann-Whitney p-values against medians and quartiles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..studies.cells import cell_numbers
from ..studies.printed import PrintedNumber
from ..studies.study import Study
from ..studies.table import GroupRow, Table
from .bounds import Bounds, p_is, p_of_z, p_text, z_of_p
from .finding import Finding, Rule, Severity
from .named_tests import mean_tests_named

__all__ = ["RULES", "chance_above", "check", "possible_chances"]

_FEWEST = 20  # patients in a group, below which a quartile lies between two of few values
_FINE = 0.05  # of the distance between the quartiles; coarser print hides how many values are equal
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
RULES = (QUARTILE_P,)


@dataclass(frozen=True)
class _Quarters:
    """The quartiles and median of one group, as ranges, and its patients."""

    marks: tuple[Bounds, Bounds, Bounds]
    n: int

    @property
    def is_fine(self) -> bool:
        """True if the print is fine beside the distance of the quartiles."""
        apart = self.marks[2].lower - self.marks[0].upper
        widest = max(mark.upper - mark.lower for mark in self.marks)
        return self.n >= _FEWEST and widest <= _FINE * apart

    @property
    def middles(self) -> tuple[float, float, float]:
        """The printed values."""
        first, median, third = ((mark.lower + mark.upper) / 2 for mark in self.marks)
        return first, median, third


def check(study: Study) -> Iterator[Finding]:
    """Yield the rank tests' p-values that the quartiles do not give."""
    for table in study.tables:
        for row in table.medians:
            if row.spread == "quartiles" and mean_tests_named(row.test) == {"rank"} and row.p:
                groups = _groups(table, row)
                if len(groups) == 2 and all(group.is_fine for group in groups):
                    yield from _finding(table, row, (row.p, groups))


def _groups(table: Table, row: GroupRow) -> tuple[_Quarters, ...]:
    """Return the groups whose quartiles are printed and in order."""
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


def _finding(
    table: Table, row: GroupRow, print_: tuple[PrintedNumber, tuple[_Quarters, ...]]
) -> Iterator[Finding]:
    p, (one, other) = print_
    spread = math.sqrt((one.n + other.n + 1) / (12 * one.n * other.n))
    z = z_of_p(Bounds.of(p).within(0.0, 1.0))
    needed = [
        Bounds(0.5 + z.lower * spread, 0.5 + z.upper * spread),
        Bounds(0.5 - z.upper * spread, 0.5 - z.lower * spread),
    ]
    possible = possible_chances(one.marks, other.marks)
    even = chance_above(one.middles, other.middles)
    off = min(side.gap(Bounds(even, even)) for side in needed)
    if not any(side.overlaps(possible) for side in needed):
        yield _said(table, row, "error", _smallest_z(possible, spread))
    elif off > (odd := _MISS[0] + _MISS[1] / math.sqrt(min(one.n, other.n))):
        z_even = abs(even - 0.5) / spread
        yield _said(table, row, "warning" if off > _ODDER * odd else "note", Bounds(z_even, z_even))


def _smallest_z(possible: Bounds, spread: float) -> Bounds:
    """Return the statistics that the quartiles leave possible."""
    sizes = Bounds.around(abs(possible.lower - 0.5), abs(possible.upper - 0.5))
    least = 0.0 if possible.lower <= 0.5 <= possible.upper else sizes.lower
    return Bounds(least / spread, sizes.upper / spread)


def _said(table: Table, row: GroupRow, severity: Severity, z: Bounds) -> Finding:
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
