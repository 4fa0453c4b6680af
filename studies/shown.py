"""How studies, endpoints and arms show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable

from ..presentation import markup
from ..presentation.tables import Table, left
from .printed_rows import ARM_COLUMNS, REPORTED_COLUMNS, arm_row, arm_rows, reported_rows
from .study import Arm, Endpoint, Study

__all__ = ["arm_html", "endpoint_html", "study_html"]


def study_html(study: Study) -> str:
    """Return what a study prints of survival, as tables."""
    about = f"{study.id}, times in {study.time_unit}"
    return markup.block(
        markup.heading(study.title or study.id, about),
        *_tables(study.endpoints),
        markup.listing("Arms in full", (f"{name}: {text}" for name, text in study.arms.items())),
    )


def endpoint_html(endpoint: Endpoint) -> str:
    """Return what an endpoint prints, as tables."""
    about = f"{endpoint.label or endpoint.name}, times in {endpoint.time_unit}"
    labels = (f"{name}: {arm.label}" for name, arm in endpoint.arms.items() if arm.label)
    return markup.block(
        markup.heading(endpoint.key, about),
        *_tables([endpoint]),
        markup.listing("Arms in full", labels),
    )


def arm_html(arm: Arm) -> str:
    """Return what an arm prints, a line each."""
    rows = zip(ARM_COLUMNS[2:], arm_row(arm), strict=True)
    lines = [(column.name, cell) for column, cell in rows if cell]
    return markup.block(markup.heading(arm.label or "Arm"), Table.of(left("", ""), lines).to_html())


def _tables(endpoints: Iterable[Endpoint]) -> list[str]:
    endpoints = list(endpoints)
    tables = [Table.of(ARM_COLUMNS, arm_rows(endpoints), title="Survival, as printed").to_html()]
    if rows := list(reported_rows(endpoints)):
        tables.append(Table.of(REPORTED_COLUMNS, rows, title="Comparisons, as reported").to_html())
    return tables
