"""What a paper prints, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .results import plain_value
from .studies.endpoint import reported_tables
from .studies.printed import interval_text
from .table_text import flow_table, statement_table, table_tables
from .terminal import paragraph, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .studies import Study, Table

__all__ = ["contents_list", "contents_table", "study_dict", "study_tables"]


def contents_table(studies: Iterable[Study]) -> RenderableType:
    """Return the list of studies as a table."""
    rows = (
        (study.id, str(len(study.endpoints)), str(_comparisons(study)), study.title)
        for study in studies
    )
    return table("", ("Study", "Endpoints>", "Comparisons>", "Paper"), rows)


def contents_list(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Return the list of studies as plain values."""
    return [
        {
            "id": study.id,
            "title": study.title,
            "citation": study.citation,
            "doi": study.doi,
            "endpoints": [endpoint.key for endpoint in study.endpoints],
            "comparisons": _comparisons(study),
        }
        for study in studies
    ]


def _comparisons(study: Study) -> int:
    return sum(endpoint.treatment is not None for endpoint in study.endpoints)


def study_dict(study: Study) -> dict[str, Any]:
    """Return what a study file says as plain values, with the keys of the file."""
    plain: dict[str, Any] = plain_value(study.model_dump(by_alias=True, exclude_none=True))
    return plain


def study_tables(study: Study) -> Iterator[RenderableType]:
    """Yield everything that a study file says, in the order in which one asks for it."""
    yield paragraph(study.title or study.id, style="bold")
    for name, value in _about(study):
        yield paragraph(f"{name}: {value}")
    yield paragraph("")
    yield from (each.to_rich() for each in reported_tables(study.endpoints))
    yield from map(flow_table, study.flows)
    for printed in study.tables:
        if printed.hazard_ratios:
            yield table(printed.title or printed.id, _HAZARD_COLUMNS, _hazard_rows(printed))
        yield from table_tables(printed)
    if study.statements:
        yield statement_table(study)
    yield from _remarks(study)


def _about(study: Study) -> Iterator[tuple[str, str]]:
    yield "Study", study.id
    yield from ((name, text) for name, text in _source(study) if text)
    yield "Times in", study.time_unit
    for arm, label in study.arms.items():
        yield f"Arm {arm}", label


def _source(study: Study) -> Iterator[tuple[str, str]]:
    yield "Citation", study.citation
    yield "DOI", study.doi
    yield "Enrolment", " to ".join(study.enrolment or ())
    yield "Data cut-off", study.data_cutoff or ""


_HAZARD_COLUMNS = ("Variable", "Level", "Model", "Hazard ratio (95% CI)", "p")


def _hazard_rows(printed: Table) -> Iterator[tuple[str, ...]]:
    for row in printed.hazard_ratios:
        level = f"{row.level} vs {row.reference}" if row.reference else row.level
        ratio = interval_text(row.hazard_ratio, row.ci)
        yield row.variable, level, row.model, ratio, str(row.p or "")


def _remarks(study: Study) -> Iterator[RenderableType]:
    remarks = [("About the paper", study.note)]
    remarks += [
        (f"{endpoint.key}, where it is printed", endpoint.source) for endpoint in study.endpoints
    ]
    remarks += [(f"{endpoint.key}, note", endpoint.note) for endpoint in study.endpoints]
    remarks += [(flow.id, flow.source) for flow in study.flows]
    remarks += [(printed.id, printed.source) for printed in study.tables]
    remarks += [(f"{flow.id}, note", flow.note) for flow in study.flows]
    for name, text in remarks:
        if text:
            yield paragraph(f"{name}: {text}")
