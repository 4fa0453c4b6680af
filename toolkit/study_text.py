"""What a paper prints, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .results import plain_value
from .table_text import statement_table, table_tables
from .terminal import paragraph, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .studies import Arm, Endpoint, FollowUp, PrintedNumber, Study, Table

__all__ = ["contents_list", "contents_table", "printed_interval", "study_dict", "study_tables"]


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
    yield table("Survival, as printed", _ARM_COLUMNS, _arm_rows(study))
    if rows := list(_reported_rows(study)):
        yield table("Comparisons, as reported", _REPORTED_COLUMNS, rows)
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


_ARM_COLUMNS = ("Endpoint", "Arm", "n>", "Events>", "Median (95% CI)", "Survival", "Follow-up")
_REPORTED_COLUMNS = ("Endpoint", "Compared", "Hazard ratio (95% CI)", "p", "Test")
_HAZARD_COLUMNS = ("Variable", "Level", "Model", "Hazard ratio (95% CI)", "p")


def _arm_rows(study: Study) -> Iterator[tuple[str, ...]]:
    for endpoint in study.endpoints:
        for name, arm in endpoint.arms.items():
            yield (
                endpoint.key,
                name,
                f"{_count(arm.n)} (cohort)" if arm.n_basis == "cohort" else _count(arm.n),
                _count(arm.events),
                printed_interval(arm.median, arm.median_ci),
                _survival(arm),
                _follow_up(arm.follow_up),
            )


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def printed_interval(
    value: PrintedNumber | None, ci: tuple[PrintedNumber, PrintedNumber] | None
) -> str:
    """Return a number with its interval, each as it was printed."""
    interval = f"({ci[0]}\N{EN DASH}{ci[1]})" if ci else ""
    return " ".join(filter(None, (str(value) if value else "", interval)))


def _survival(arm: Arm) -> str:
    marks = [
        f"{time:g}: {printed_interval(mark.survival, mark.ci)}"
        for time, mark in arm.landmarks.items()
    ]
    if arm.mean:
        marks.append(f"mean {arm.mean}")
    if arm.event_times:
        marks.append(f"events at {', '.join(f'{time:g}' for time in arm.event_times)}")
    if arm.at_risk:
        counts = ", ".join(f"{time:g}: {count}" for time, count in arm.at_risk.items())
        marks.append(f"at risk {counts}")
    if arm.curve:
        marks.append(f"a digitised curve of {len(arm.curve.time)} points")
    return ", ".join(marks)


def _follow_up(follow_up: FollowUp | None) -> str:
    if follow_up is None:
        return ""
    parts = [f"median {follow_up.median}"] if follow_up.median else []
    for name in ("iqr", "range"):
        if pair := getattr(follow_up, name):
            parts.append(f"{name} {pair[0]}\N{EN DASH}{pair[1]}")
    parts += [f"{name} {bound}" for name in ("min", "max") if (bound := getattr(follow_up, name))]
    return ", ".join(parts)


def _reported_rows(study: Study) -> Iterator[tuple[str, ...]]:
    for endpoint in study.endpoints:
        if reported := endpoint.reported:
            test = f"{reported.test or ''}{', adjusted' if reported.adjusted else ''}".strip(", ")
            ratio = printed_interval(reported.hazard_ratio, reported.ci)
            yield endpoint.key, _compared(endpoint), ratio, str(reported.p or ""), test


def _compared(endpoint: Endpoint) -> str:
    if endpoint.treatment:
        return f"{endpoint.treatment} vs {endpoint.reference}"
    return ", ".join(endpoint.arms)


def _hazard_rows(printed: Table) -> Iterator[tuple[str, ...]]:
    for row in printed.hazard_ratios:
        level = f"{row.level} vs {row.reference}" if row.reference else row.level
        ratio = printed_interval(row.hazard_ratio, row.ci)
        yield row.variable, level, row.model, ratio, str(row.p or "")


def _remarks(study: Study) -> Iterator[RenderableType]:
    remarks = [("About the paper", study.note)]
    remarks += [
        (f"{endpoint.key}, where it is printed", endpoint.source) for endpoint in study.endpoints
    ]
    remarks += [(f"{endpoint.key}, note", endpoint.note) for endpoint in study.endpoints]
    remarks += [(printed.id, printed.source) for printed in study.tables]
    for name, text in remarks:
        if text:
            yield paragraph(f"{name}: {text}")
