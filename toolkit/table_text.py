"""The tables and statements of a study file, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .terminal import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .studies import CountRow, Flow, GroupRow, PrintedNumber, Statement, Study, Table

__all__ = ["flow_table", "statement_table", "table_tables"]


def flow_table(flow: Flow) -> RenderableType:
    """Return the boxes of a flow diagram, each with those who leave after it."""
    title = f"{flow.title} ({flow.place})" if flow.title else flow.place
    return table(title, ("Patients", "n>", "From"), _flow_rows(flow))


def _flow_rows(flow: Flow) -> Iterator[tuple[str, ...]]:
    for box in flow.boxes:
        sources = " and ".join(flow.box(name).label for name in box.boxes)
        yield box.label, _whole(box.n), sources
        for excluded in flow.exclusions_from(box.id):
            yield f"Leaving: {excluded.label}", _whole(excluded.n), box.label
            for reason in excluded.reasons:
                yield f"Reason: {reason.label}", _whole(reason.n), ""


def _whole(n: int | None) -> str:
    return "" if n is None else str(n)


def table_tables(printed: Table) -> Iterator[RenderableType]:
    """Yield what a table prints of counts, means, medians and single patients."""
    title = printed.title or printed.id
    if printed.counts or printed.means or printed.medians:
        groups = _groups(printed)
        columns = (
            "Variable",
            "Level",
            *(_heading(printed, group) for group in groups),
            "p",
            "Test",
        )
        yield table(f"{title} ({printed.place})", columns, _group_rows(printed, groups))
    if printed.rows:
        yield table(f"{title} ({printed.place})", printed.columns, printed.rows)


def _groups(printed: Table) -> tuple[str, ...]:
    """Return the groups in the order of the table."""
    found = dict.fromkeys(printed.groups)
    for count in printed.counts:
        for cells in count.levels.values():
            found.update(dict.fromkeys(cells))
    for row in (*printed.means, *printed.medians):
        found.update(dict.fromkeys(row.cells))
    return tuple(found)


def _heading(printed: Table, group: str) -> str:
    return f"{group}, n = {printed.groups[group]}" if group in printed.groups else group


def _group_rows(printed: Table, groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for count in printed.counts:
        yield from _count_rows(count, groups)
    for rows, what in ((printed.means, "mean"), (printed.medians, "median")):
        for row in rows:
            cells = (row.cells.get(group, "") for group in groups)
            yield (row.variable, what, *cells, _p(row.p), _test(row))


def _count_rows(row: CountRow, groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a line for each level; variable, p and test stand in the first."""
    first = (row.variable, _p(row.p), _test(row))
    for level, cells in row.levels.items():
        variable, p, test = first
        yield (variable, level, *(cells.get(group, "") for group in groups), p, test)
        first = ("", "", "")


def _p(p: PrintedNumber | None) -> str:
    return "" if p is None else str(p)


def _test(row: CountRow | GroupRow) -> str:
    statistic = f"= {row.statistic}" if row.statistic else ""
    return " ".join(filter(None, (row.test, statistic)))


def statement_table(study: Study) -> RenderableType:
    """Return the sentences whose numbers can be checked, with where they stand."""
    rows = ((each.source, each.text, _asked(each)) for each in study.statements)
    return table("Statements", ("Where", "Text", "Checked"), rows)


def _asked(statement: Statement) -> str:
    """Say what of a sentence is checked."""
    counted = (
        (int(statement.sum is not None), "sum"),
        (len(statement.shares), "percentage"),
        (len(statement.values), "value"),
        (len(statement.listed), "listed number"),
        (len(statement.hazard_ratios), "hazard ratio"),
        (len(statement.claims), "claim"),
        (int(statement.sample_size is not None), "sample size"),
    )
    return ", ".join(f"{count} {what}{'s' * (count > 1)}" for count, what in counted if count)
