"""What a study file says, as tables and sentences, and whether it is plausible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .presentation.formats import count
from .presentation.tables import Paragraph, Part, Table, left, right
from .studies.errors import closed
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .studies import CountRow, Flow, GroupRow, Statement, Study
    from .studies import Table as StudyTable
    from .studies.doubts import Doubt

__all__ = ["Validity", "contents_table", "study_dict", "study_tables", "validity"]


def contents_table(contents: Iterable[Mapping[str, Any]]) -> Table:
    """Return the list of studies, as `contents_of` has it, as a table."""
    columns = left("Study") + right("Endpoints", "Comparisons") + left("Paper")
    rows = (
        (each["id"], str(len(each["endpoints"])), str(each["comparisons"]), each["title"])
        for each in contents
    )
    return Table.of(columns, rows)


def study_dict(study: Study) -> dict[str, Any]:
    """Return what a study file says as plain values, with the keys of the file."""
    from .results import plain_value  # slow to load, and the list needs none of it

    plain: dict[str, Any] = plain_value(study.model_dump(by_alias=True, exclude_none=True))
    return plain


def study_tables(study: Study) -> Iterator[Part]:
    """Yield everything that a study file says, in the order in which one asks for it."""
    from .studies.endpoint import reported_tables  # slow to load, and the list needs none of it

    yield Paragraph(study.title or study.id, style="bold")
    for name, value in _about(study):
        yield Paragraph(f"{name}: {value}")
    yield Paragraph("")
    yield from reported_tables(study.endpoints)
    yield from map(_flow_table, study.flows)
    for table in study.tables:
        yield from _tables_of(table)
    if study.statements:
        yield _statement_table(study)
    yield from _remarks(study)


def _about(study: Study) -> Iterator[tuple[str, str]]:
    yield "Study", study.id
    source = (
        ("Citation", study.citation),
        ("DOI", study.doi),
        ("Enrolment", " to ".join(study.enrolment or ())),
        ("Data cut-off", study.data_cutoff or ""),
    )
    yield from ((name, text) for name, text in source if text)
    yield "Times in", study.time_unit
    for arm, label in study.arms.items():
        yield f"Arm {arm}", label


def _flow_table(flow: Flow) -> Table:
    """Return the boxes of a flow diagram, each with those who leave after it."""
    title = f"{flow.title} ({flow.place})" if flow.title else flow.place
    return Table.of(left("Patients") + right("n") + left("From"), _flow_rows(flow), title=title)


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


def _tables_of(table: StudyTable) -> Iterator[Table]:
    """Yield what a reported table holds: ratios; counts, means and medians; single patients."""
    title = table.title or table.id
    placed = f"{title} ({table.place})"
    if table.hazard_ratios:
        yield _hazard_table(table, title)
    if table.counts or table.means or table.medians:
        groups = _groups(table)
        headings = (
            f"{group}, n = {table.groups[group]}" if group in table.groups else group
            for group in groups
        )
        columns = left("Variable", "Level", *headings, "p", "Test")
        yield Table.of(columns, _group_rows(table, groups), title=placed)
    if table.rows:
        yield Table.of(left(*table.columns), table.rows, title=placed)


def _hazard_table(table: StudyTable, title: str) -> Table:
    """Return the hazard ratios; a table of subgroups has patients by arm and interactions, too."""
    arms = tuple(dict.fromkeys(arm for row in table.hazard_ratios for arm in row.patients))
    columns = left("Variable", "Level", "Model", *arms, "Hazard ratio (95% CI)", "p")
    with_interaction = any(row.p_interaction for row in table.hazard_ratios)
    columns += left("p for interaction") * with_interaction
    return Table.of(columns, _hazard_rows(table, arms, with_interaction), title=title)


def _hazard_rows(
    table: StudyTable, arms: tuple[str, ...], with_interaction: bool
) -> Iterator[tuple[str, ...]]:
    for row in table.hazard_ratios:
        level = f"{row.level} vs {row.reference}" if row.reference else row.level
        ratio = interval_text(row.hazard_ratio, row.ci)
        cells = (row.patients.get(arm, "") for arm in arms)
        interaction = (str(row.p_interaction or ""),) * with_interaction
        yield row.variable, level, row.model, *cells, ratio, str(row.p or ""), *interaction


def _groups(table: StudyTable) -> tuple[str, ...]:
    """Return the groups in the order of the table."""
    found = dict.fromkeys(table.groups)
    for row in table.counts:
        for cells in row.levels.values():
            found.update(dict.fromkeys(cells))
    for each in (*table.means, *table.medians):
        found.update(dict.fromkeys(each.cells))
    return tuple(found)


def _group_rows(table: StudyTable, groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for row in table.counts:
        yield from _count_rows(row, groups)
    for rows, what in ((table.means, "mean"), (table.medians, "median")):
        for each in rows:
            cells = (each.cells.get(group, "") for group in groups)
            yield (each.variable, what, *cells, str(each.p or ""), _test(each))


def _count_rows(row: CountRow, groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a line for each level; the first names variable, p and test."""
    first = (row.variable, str(row.p or ""), _test(row))
    for level, cells in row.levels.items():
        variable, p, test = first
        yield (variable, level, *(cells.get(group, "") for group in groups), p, test)
        first = ("", "", "")


def _test(row: CountRow | GroupRow) -> str:
    statistic = f"= {row.statistic}" if row.statistic else ""
    return " ".join(filter(None, (row.test, statistic)))


def _statement_table(study: Study) -> Table:
    """Return the sentences whose numbers can be checked, and where each is."""
    rows = ((each.source, each.text, _checked(each)) for each in study.statements)
    return Table.of(left("Where", "Text", "Checked"), rows, title="Statements")


def _checked(statement: Statement) -> str:
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
    return ", ".join(count(number, what) for number, what in counted if number)


def _remarks(study: Study) -> Iterator[Paragraph]:
    endpoints = study.endpoints
    remarks = [
        ("About the paper", study.note),
        *((f"{each.key}, source", each.source) for each in endpoints),
        *((f"{each.key}, note", each.note) for each in endpoints),
        *((flow.id, flow.source) for flow in study.flows),
        *((table.id, table.source) for table in study.tables),
        *((f"{flow.id}, note", flow.note) for flow in study.flows),
    ]
    yield from (Paragraph(f"{name}: {text}") for name, text in remarks if text)


@dataclass(frozen=True, kw_only=True)
class Validity:
    """What is odd in a study, and what of it cannot be reconstructed.

    Attributes
    ----------
    study : Study
    doubts : tuple of Doubt
        Values that are allowed but odd.
    contradictory : mapping of str to str
        By endpoint, why no patients can have its numbers.
    incomplete : mapping of str to str
        By endpoint, which number it lacks; that is no fault of the file.
    """

    study: Study
    doubts: tuple[Doubt, ...]
    contradictory: Mapping[str, str]
    incomplete: Mapping[str, str]

    @property
    def is_odd(self) -> bool:
        """Whether anything should be looked at again."""
        return bool(self.doubts or self.contradictory)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {
            "study": self.study.id,
            "faults": [],
            "doubts": [{"place": each.place, "text": each.text} for each in self.doubts],
            "endpoints": [endpoint.key for endpoint in self.study.endpoints],
            "refused": {**self.contradictory, **self.incomplete},
        }

    def paragraphs(self, name: str) -> Iterator[Paragraph]:
        """Yield the outcome in words.

        Parameters
        ----------
        name : str
            What to call the study: its file, or its id.
        """
        endpoints = count(len(self.study.endpoints), "endpoint")
        if self.is_odd:
            number = count(len(self.doubts) + len(self.contradictory), "warning")
            yield Paragraph(f"{name} can be read: {endpoints}, {number}.")
        else:
            yield Paragraph(f"{name} is a valid study file: {endpoints}.")
        for doubt in self.doubts:
            yield Paragraph(f"Warning: {doubt.place}: {closed(doubt.text)}")
        for key, why in self.contradictory.items():
            yield Paragraph(f"Warning: {key} cannot be reconstructed: {why}")
        for key, why in self.incomplete.items():
            yield Paragraph(f"{key} cannot be reconstructed: {why}")


def validity(study: Study) -> Validity:
    """Look for what is odd in a study, and try to reconstruct each of its endpoints.

    Examples
    --------
    >>> from kmrepro.studies import load_study
    >>> validity(load_study("haic-tae")).is_odd
    False
    """
    from .outcome import refusal_reason
    from .reconstruct import ContradictionError, ReconstructionRefused, reconstruct
    from .studies.doubts import doubts

    contradictory: dict[str, str] = {}
    incomplete: dict[str, str] = {}
    for endpoint in study.analysed:
        try:
            if endpoint.causes:
                from .reconstruct.causes import reconstruct_causes  # loads a compiler

                reconstruct_causes(endpoint)
            else:
                reconstruct(endpoint)
        except ContradictionError as refusal:
            contradictory[endpoint.key] = refusal_reason(endpoint, refusal)
        except ReconstructionRefused as refusal:
            incomplete[endpoint.key] = refusal_reason(endpoint, refusal)
    return Validity(
        study=study, doubts=doubts(study), contradictory=contradictory, incomplete=incomplete
    )
