"""Subgroups that a table reports: patients, events and hazard ratio of every level."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from .endpoint import Endpoint
from .errors import did_you_mean, shown
from .printed import PrintedNumber
from .printed_fields import Z_95
from .study import Study
from .table import CellNumbers, HazardRatioRow, Table, cell_numbers

__all__ = [
    "LeftOut",
    "ReportedLevel",
    "ReportedVariable",
    "divided_endpoint",
    "has_subgroups",
    "is_subgroup",
    "left_out",
    "no_endpoint",
    "overall_levels",
    "reported_variables",
    "row_counts",
    "row_name",
    "subgroup_tables",
    "unused_tables",
]


@dataclass(frozen=True, kw_only=True)
class ReportedLevel:
    """One row of a table of subgroups.

    Attributes
    ----------
    name : str
    row : int
        Its place among the table's rows of hazard ratios.
    n : tuple of int
        Patients by arm, the reference first.
    events : tuple of int, or None
        Events by arm; None if the table has patients only.
    hazard_ratio : PrintedNumber
        Treatment over reference.
    ci : tuple of PrintedNumber, or None
    """

    name: str
    row: int
    n: tuple[int, int]
    events: tuple[int, int] | None
    hazard_ratio: PrintedNumber
    ci: tuple[PrintedNumber, PrintedNumber] | None

    @property
    def se(self) -> float:
        """Standard error of the log hazard ratio by the reported interval; NaN without one."""
        if self.ci is None or self.ci[0].value <= 0:
            return math.nan
        return (math.log(self.ci[1].value) - math.log(self.ci[0].value)) / (2 * Z_95)

    @property
    def with_arms_exchanged(self) -> ReportedLevel:
        """The row with the counts of each arm in the other."""
        events = None if self.events is None else self.events[::-1]
        return replace(self, n=self.n[::-1], events=events)


@dataclass(frozen=True, kw_only=True)
class ReportedVariable:
    """All levels of one variable.

    Attributes
    ----------
    name : str
    levels : tuple of ReportedLevel
    p_interaction : PrintedNumber or None
    arms : tuple of str
        The reference, and the treatment.
    """

    name: str
    levels: tuple[ReportedLevel, ...]
    p_interaction: PrintedNumber | None
    arms: tuple[str, str]

    def patients(self, arm: int) -> int:
        """Return the patients of all levels in one arm, 0 for the reference."""
        return sum(level.n[arm] for level in self.levels)

    def events(self, arm: int) -> int | None:
        """Return the events of all levels in one arm; None if they are not reported."""
        counts = [None if level.events is None else level.events[arm] for level in self.levels]
        return None if None in counts else sum(count for count in counts if count is not None)


# Which rows, and of whose patients ----------------------------------------------------------------


def is_subgroup(row: HazardRatioRow) -> bool:
    """Say whether a row compares the arms, in a subgroup or in all patients."""
    return bool(row.patients) or row.overall or row.p_interaction is not None


def has_subgroups(table: Table) -> bool:
    """Say whether a table has rows of subgroups with patients by arm."""
    return any(row.patients for row in table.hazard_ratios)


def row_name(row: HazardRatioRow) -> str:
    """Return what a sentence calls a row: "Sex, Male"."""
    return f"{row.variable}, {row.level}" if row.level else row.variable


def divided_endpoint(table: Table, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    """Return the endpoint whose patients the rows of a table divide; None if there is none.

    One of the table's cohort comes before one of all patients.
    """
    named = [each for each in endpoints if each.name == table.endpoint]
    for cohort in (table.cohort, "all"):
        for each in named:
            if each.cohort == cohort:
                return each
    return None


def no_endpoint(table: Table, endpoints: Sequence[Endpoint]) -> str:
    """Say why no endpoint is the one that a table of subgroups divides; "" if one is."""
    if divided_endpoint(table, endpoints) is not None:
        return ""
    known = [each.key for each in endpoints]
    there = f"{'it is' if len(known) == 1 else 'they are'} {', '.join(known)}"
    if not table.endpoint:
        return f"it names no endpoint whose patients its rows divide; {there}"
    asked = f"{table.cohort or 'all'}/{table.endpoint}"
    return f"there is no endpoint {asked}; {there}"


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A row of a subgroup that cannot be used, because of how its patients are written.

    Attributes
    ----------
    row : int
        Its place among the table's rows of hazard ratios.
    variable : str
        Its variable.
    name : str
        Variable and level.
    why : str
        A clause.
    """

    row: int
    variable: str
    name: str
    why: str


def left_out(table: Table, endpoint: Endpoint) -> Iterator[LeftOut]:
    """Yield the rows with `patients` that are not read, and why."""
    for number, row in enumerate(table.hazard_ratios):
        why = _unread(row, endpoint) if row.patients else ""
        if why:
            yield LeftOut(row=number, variable=row.variable, name=row_name(row), why=why)


def _unread(row: HazardRatioRow, endpoint: Endpoint) -> str:
    for name, text in row.patients.items():
        cell = cell_numbers(text)
        if name in endpoint.arms and (cell is None or cell.count is None):
            return f"{shown(text)} of arm {name} is neither patients nor events/patients"
    if len(endpoint.arms) != 2:  # rows may be of any two of them
        return ""
    missing = [name for name in endpoint.arms if name not in row.patients]
    strange = [name for name in row.patients if name not in endpoint.arms]
    if missing and strange:
        near = did_you_mean(strange[0], missing)
        return f"{endpoint.key} has no arm {strange[0]}{near or f'; write {missing[0]}'}"
    return f"it has no patients of arm {missing[0]}" if missing else ""


def reported_variables(table: Table, endpoint: Endpoint) -> tuple[ReportedVariable, ...]:
    """Return the variables of a table whose rows say how many patients they are of.

    Parameters
    ----------
    table : Table
        Rows of hazard ratios with `patients` by arm, such as ``{ SR = "45/185", TA = "51/185" }``
        (events and patients) or ``{ SR = "185", TA = "185" }``. Rows for all patients, and those
        without patients of both arms, are passed over.
    endpoint : Endpoint
        Of two arms.

    Returns
    -------
    tuple of ReportedVariable
        In the table's order.
    """
    return _variables(table, endpoint, overall=False)


def overall_levels(table: Table, endpoint: Endpoint) -> tuple[ReportedVariable, ...]:
    """Return the rows of all patients, each as a variable of one level."""
    return _variables(table, endpoint, overall=True)


def _variables(table: Table, endpoint: Endpoint, *, overall: bool) -> tuple[ReportedVariable, ...]:
    if endpoint.treatment is None or endpoint.reference is None:
        return ()
    arms = endpoint.reference, endpoint.treatment
    rows: dict[str, list[tuple[int, HazardRatioRow]]] = {}
    for number, row in enumerate(table.hazard_ratios):
        if row.overall == overall and all(arm in row.patients for arm in arms):
            name = f"{row.variable} {number}" if overall else row.variable
            rows.setdefault(name, []).append((number, row))
    found = (_variable(own, arms) for own in rows.values())
    return tuple(variable for variable in found if variable.levels)


def _variable(
    rows: Sequence[tuple[int, HazardRatioRow]], arms: tuple[str, str]
) -> ReportedVariable:
    levels = (_level(number, row, arms) for number, row in rows)
    stated = [row.p_interaction for _, row in rows if row.p_interaction is not None]
    return ReportedVariable(
        name=rows[0][1].variable,
        levels=tuple(level for level in levels if level is not None),
        p_interaction=stated[0] if stated else None,
        arms=arms,
    )


def _level(number: int, row: HazardRatioRow, arms: tuple[str, str]) -> ReportedLevel | None:
    counts = [_counted(cell_numbers(row.patients[arm])) for arm in arms]
    first, second = counts
    if first is None or second is None:
        return None
    events = [each[1] for each in (first, second) if each[1] is not None]
    return ReportedLevel(
        name=row.level or row.variable,
        row=number,
        n=(first[0], second[0]),
        events=(events[0], events[1]) if len(events) == 2 else None,
        hazard_ratio=row.hazard_ratio,
        ci=row.ci,
    )


def _counted(cell: CellNumbers | None) -> tuple[int, int | None] | None:
    """Return the patients of a cell, and its events; None if it has no whole number."""
    if cell is None or cell.count is None:
        return None
    return (cell.count, None) if cell.of is None else (int(cell.of.value), cell.count)


def row_counts(row: HazardRatioRow) -> tuple[int | None, int | None]:
    """Return the patients and the events of all arms in a row, each None if it is not known."""
    cells = [_counted(cell_numbers(text)) for text in row.patients.values()]
    known = [cell for cell in cells if cell is not None]
    if len(known) < 2 or len(known) < len(cells):
        return None, None
    events = [own for n, own in known if own is not None and own <= n]
    return sum(n for n, _ in known), sum(events) if len(events) == len(known) else None


def subgroup_tables(study: Study) -> Iterator[tuple[Endpoint, Table]]:
    """Yield the tables with subgroups of an endpoint's patients, and the endpoint."""
    for table in study.tables:
        endpoint = divided_endpoint(table, study.endpoints)
        if endpoint is not None and reported_variables(table, endpoint):
            yield endpoint, table


def unused_tables(study: Study, keys: Collection[str]) -> Iterator[str]:
    """Yield why tables with patients of subgroups have none that can be labelled, a clause each."""
    read = [table for _, table in subgroup_tables(study)]
    for table in study.tables:
        if table in read or not has_subgroups(table):
            continue
        endpoint = divided_endpoint(table, study.endpoints)
        if endpoint is None:
            yield f"{table.place}: {no_endpoint(table, study.endpoints)}"
        elif endpoint.key in keys and (endpoint.treatment is None or endpoint.reference is None):
            yield f"{table.place}: {endpoint.key} does not compare two arms, one the `reference`"
        elif endpoint.key in keys:
            yield from (f"{table.place}, {x.name}: {x.why}" for x in left_out(table, endpoint))
