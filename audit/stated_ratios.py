"""Hazard ratios of a table that the text repeats: their numbers, and which way round they are."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..studies.printed import PrintedNumber
from ..studies.statement import StatedRatio, Statement
from ..studies.study import Study
from ..studies.table import HazardRatioRow, Table
from .bounds import Bounds, exact_bounds
from .finding import Finding, Rule

__all__ = ["RULES", "check"]

STATED = Rule(
    name="stated-ratio",
    asks="Are hazard ratio, interval and p-value the same in text and table?",
    tolerance="Every number may be any value that rounds to print.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)
TURNED = Rule(
    name="ratio-turned-round",
    asks="Do text and table compare the same two levels in the same order?",
    tolerance="With the levels exchanged a ratio is one over the other; asked of ratios whose "
    "print, inverted, leaves out what the table prints.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)
RULES = (STATED, TURNED)


def check(study: Study) -> Iterator[Finding]:
    """Yield the hazard ratios that text and table print differently, or the other way round."""
    tables = {table.id: table for table in study.tables}
    for statement in study.statements:
        for stated in statement.hazard_ratios:
            for row in tables[stated.table].hazard_ratios:
                if (row.variable, row.model) == (stated.variable, stated.model):
                    yield from _compare(statement, stated, (tables[stated.table], row))


def _compare(
    statement: Statement, stated: StatedRatio, printed: tuple[Table, HazardRatioRow]
) -> Iterator[Finding]:
    table, row = printed
    turned = (stated.level, stated.reference) == (row.reference, row.level)
    if not turned and (stated.level, stated.reference) != (row.level, row.reference):
        return
    place = f"{statement.source or statement.text}; {table.place}: {row.variable} ({row.model})"
    if turned and _same(stated, row) and not _inverse(stated.hazard_ratio, row.hazard_ratio):
        yield TURNED.finding(
            "error", place,
            printed=f"{_versus(stated)} {stated.hazard_ratio.bare}; {_versus(row)} "
            f"{row.hazard_ratio.bare}",
            expected=f"{_versus(stated)} {_inverted(row.hazard_ratio)}",
            sentence=f"The text gives {stated.hazard_ratio.bare} as the hazard ratio of "
            f"{_versus(stated)}, the table as that of {_versus(row)}; both cannot be right.",
        )  # fmt: skip
    elif not turned and not _same(stated, row):
        yield STATED.finding(
            "error", place, printed=f"{_numbers(stated)}; {_numbers(row)}",
            expected="the same numbers at both places",
            sentence=f"The text prints {_numbers(stated)}, the table {_numbers(row)}.",
        )  # fmt: skip


def _same(one: HazardRatioRow, other: HazardRatioRow) -> bool:
    """Say whether all numbers that both print can be the same."""
    pairs = zip(_all(one), _all(other), strict=True)
    return all(
        exact_bounds(mine).overlaps(exact_bounds(theirs))
        for mine, theirs in pairs
        if mine is not None and theirs is not None
    )


def _all(row: HazardRatioRow) -> tuple[PrintedNumber | None, ...]:
    return (row.hazard_ratio, *(row.ci or (None, None)), row.p)


def _inverse(one: PrintedNumber, other: PrintedNumber) -> bool:
    """Say whether one ratio can be one over the other."""
    first, second = Bounds.of(one).log(), Bounds.of(other).log()
    return Bounds(-first.upper, -first.lower).overlaps(second)


def _inverted(ratio: PrintedNumber) -> str:
    ends = [math.inf if end <= 0 else 1 / end for end in (ratio.upper, ratio.lower)]
    return str(Bounds(*ends))


def _versus(row: HazardRatioRow) -> str:
    return f"{row.level} versus {row.reference}"


def _numbers(row: HazardRatioRow) -> str:
    interval = f" ({row.ci[0].bare} to {row.ci[1].bare})" if row.ci else ""
    return f"HR {row.hazard_ratio.bare}{interval}" + (f", p {row.p.bare}" if row.p else "")
