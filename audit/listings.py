"""Tables that list patients one by one, against what is said of them elsewhere."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator, Sequence

from ..studies.printed import PrintedNumber
from ..studies.statement import Listed, Statement
from ..studies.study import Study
from ..studies.table import Table
from .bounds import short
from .finding import Finding, Rule

__all__ = ["RULES", "check"]

_BETWEEN = re.compile(r"\s*[,;+]\s*")

COUNT = Rule(
    name="listed-count",
    asks="Does a list of patients hold as many of a kind as is said elsewhere?",
    tolerance="Counts are whole, so nothing is allowed for. A patient counts if the cell is what "
    "is asked for, or has it between commas or plus signs.",
    reference="Moher D et al. BMJ 2010;340:c869. doi:10.1136/bmj.c869",
)
SUMMARY = Rule(
    name="listed-summary",
    asks="Do the values of a list of patients have the mean, spread or median that is printed?",
    tolerance="Every rounding of what is printed; the standard deviation with n as well as n - 1. "
    "Listed values are taken as they stand.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)
RULES = (COUNT, SUMMARY)

_SUMMARIES: dict[str, tuple[Callable[[Sequence[float]], float], ...]] = {
    "mean": (statistics.fmean,),
    "sd": (statistics.stdev, statistics.pstdev),
    "median": (statistics.median,),
}


def check(study: Study) -> Iterator[Finding]:
    """Yield what is said of lists of patients and is not so."""
    tables = {table.id: table for table in study.tables}
    for statement in study.statements:
        for said in statement.listed:
            cells = _column(tables[said.table], said.column)
            yield from _count(statement, said, (tables[said.table], cells))
            yield from _summary(statement, said, (tables[said.table], cells))


def _column(table: Table, name: str) -> list[str]:
    number = table.columns.index(name)
    return [row[number] for row in table.rows]


def _count(
    statement: Statement, said: Listed, listed: tuple[Table, list[str]]
) -> Iterator[Finding]:
    table, cells = listed
    if said.count is None:
        return
    parts = [_BETWEEN.split(cell) for cell in cells]
    found = sum(each == _BETWEEN.split(said.holds) or said.holds in each for each in parts)
    if said.count.contains(found):
        return
    yield COUNT.finding(
        "error", f"{_place(statement)}; {table.place}", expected=str(found),
        printed=f"{said.column}, {said.holds}: {said.count.bare}; {found} listed",
        sentence=f"{table.place} lists {found} patients with {said.holds}, "
        f"{_place(statement)} has {said.count.bare}.",
    )  # fmt: skip


def _place(statement: Statement) -> str:
    return statement.source or statement.text


def _summary(
    statement: Statement, said: Listed, listed: tuple[Table, list[str]]
) -> Iterator[Finding]:
    table, cells = listed
    values = [float(cell) for cell in cells if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)]
    for name, ways in _SUMMARIES.items():
        printed: PrintedNumber | None = getattr(said, name)
        if printed is None or len(values) < 2:
            continue
        found = [way(values) for way in ways]
        if any(printed.contains(value) for value in found):
            continue
        what = "standard deviation" if name == "sd" else name
        yield SUMMARY.finding(
            "error", f"{_place(statement)}; {table.place}", expected=short(found[0]),
            printed=f"{said.column}: {what} {printed.bare}",
            sentence=f"The {len(values)} values that {table.place} lists have a {what} of "
            f"{short(found[0])}, not {printed.bare}.",
        )  # fmt: skip
