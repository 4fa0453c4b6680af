"""Names in tables and statements that stand for something which the file does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .faults import shown

if TYPE_CHECKING:
    from .statement import Statement
    from .study import Study
    from .table import Table

__all__ = ["name_faults"]

_Fault = tuple[tuple[str | int, ...], str]


def name_faults(study: Study) -> Iterator[_Fault]:
    """Yield where each name of nothing stands, and what is wrong with it."""
    from .quantities import JOINT, printed_quantities

    tables = {table.id: table for table in study.tables}
    for number, table in enumerate(study.tables):
        if table.subset_of and (table.subset_of == table.id or table.subset_of not in tables):
            yield ("table", number, "subset_of"), f"no other table is {shown(table.subset_of)}"
    known = printed_quantities(study) if study.statements or study.flows else {}
    yield from _in_flows(study, known)
    flows = (flow.id for flow in study.flows)
    keys = {*tables, *flows, *(endpoint.key for endpoint in study.endpoints)}
    for number, statement in enumerate(study.statements):
        for name in statement.values:
            if name.split(JOINT)[0] in keys and JOINT in name and name not in known:
                yield ("statement", number, "values"), f"{shown(name)} names no printed number"
        for place, problem in _in_statement(statement, tables):
            yield ("statement", number, *place), problem


def _in_flows(study: Study, known: Mapping[str, object]) -> Iterator[_Fault]:
    taken = {table.id for table in study.tables}
    for number, flow in enumerate(study.flows):
        if flow.id in taken:
            yield (
                ("flow", number, "id"),
                f"{shown(flow.id)} is the id of a table or of another flow too",
            )
        taken.add(flow.id)
        for position, box in enumerate(flow.boxes):
            if box.quantity and box.quantity not in known:
                yield (
                    ("flow", number, "box", position, "quantity"),
                    f"{shown(box.quantity)} names no printed number",
                )


def _in_statement(statement: Statement, tables: Mapping[str, Table]) -> Iterator[_Fault]:
    for number, listed in enumerate(statement.listed):
        table = tables.get(listed.table)
        if table is None:
            yield ("listed", number, "table"), f"no table is {shown(listed.table)}"
        elif listed.column not in table.columns:
            columns = ", ".join(table.columns) or "none"
            yield (
                ("listed", number, "column"),
                f"{shown(listed.column)} is no column of {table.id}; it has {columns}",
            )
    for number, stated in enumerate(statement.hazard_ratios):
        table = tables.get(stated.table)
        if table is None:
            yield ("hazard_ratio", number, "table"), f"no table is {shown(stated.table)}"
        elif not any(_levels(row) == _levels(stated) for row in table.hazard_ratios):
            yield (
                ("hazard_ratio", number),
                f"{table.id} has no row of {shown(stated.variable)} with these levels and this "
                "`model`",
            )


def _levels(row: object) -> tuple[object, ...]:
    """Return what a row is of, whichever way round its levels are."""
    names = [getattr(row, name) for name in ("variable", "model", "level", "reference")]
    return names[0], names[1], frozenset(names[2:])
