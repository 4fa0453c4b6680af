"""What a table reports of subgroups: patients, events and hazard ratio of every level."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...presentation.formats import count
from ...reconstruct.errors import ContradictionError
from ...studies import Endpoint, HazardRatioRow, PrintedNumber, Table
from ...studies.printed_fields import Z_95
from ...studies.table import cell_numbers

__all__ = [
    "ReportedLevel",
    "ReportedVariable",
    "refuse_subgroup_contradictions",
    "reported_variables",
]

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class ReportedLevel:
    """One row of a table of subgroups.

    Attributes
    ----------
    name : str
    n : tuple of int
        Patients by arm, the reference first.
    events : tuple of int, or None
        Events by arm; None if the table has patients only.
    hazard_ratio : PrintedNumber
        Treatment over reference.
    ci : tuple of PrintedNumber, or None
    """

    name: str
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
    if endpoint.treatment is None or endpoint.reference is None:
        return ()
    arms = endpoint.reference, endpoint.treatment
    rows: dict[str, list[HazardRatioRow]] = {}
    for row in table.hazard_ratios:
        if not row.overall and all(arm in row.patients for arm in arms):
            rows.setdefault(row.variable, []).append(row)
    found = (_variable(name, own, arms) for name, own in rows.items())
    return tuple(variable for variable in found if variable.levels)


def _variable(name: str, rows: Sequence[HazardRatioRow], arms: tuple[str, str]) -> ReportedVariable:
    levels = (_level(row, arms) for row in rows)
    stated = [row.p_interaction for row in rows if row.p_interaction is not None]
    return ReportedVariable(
        name=name,
        levels=tuple(level for level in levels if level is not None),
        p_interaction=stated[0] if stated else None,
        arms=arms,
    )


def _level(row: HazardRatioRow, arms: tuple[str, str]) -> ReportedLevel | None:
    cells = [cell_numbers(row.patients[arm]) for arm in arms]
    n, events = [], []
    for cell in cells:
        if cell is None or cell.count is None:
            return None
        n.append(int(cell.of.value) if cell.of is not None else cell.count)
        events.append(cell.count if cell.of is not None else None)
    known = [count for count in events if count is not None]
    return ReportedLevel(
        name=row.level or row.variable,
        n=(n[0], n[1]),
        events=(known[0], known[1]) if len(known) == 2 else None,
        hazard_ratio=row.hazard_ratio,
        ci=row.ci,
    )


def refuse_subgroup_contradictions(
    variables: Sequence[ReportedVariable], endpoint: Endpoint, *, place: str
) -> None:
    """Raise if subgroups cannot be those of the endpoint's patients.

    Raises
    ------
    ContradictionError
        With every contradiction that was found, each in its own clause. Only what is proven by
        counting is refused here.
    """
    found = [clause for variable in variables for clause in _in_variable(variable, endpoint)]
    if found:
        raise ContradictionError(
            f"{place}: " + "; ".join(found), numbers=tuple(found), endpoint_key=endpoint.key
        )


def _in_variable(variable: ReportedVariable, endpoint: Endpoint) -> Iterator[str]:
    for place, name in enumerate(variable.arms):
        arm = endpoint.arms[name]
        total, events = variable.patients(place), variable.events(place)
        if arm.n is not None and total > arm.n:
            parts = " + ".join(str(level.n[place]) for level in variable.levels)
            yield (
                f"{variable.name}: the levels have {parts} = {count(total, 'patient')} of arm "
                f"{name}, which has {arm.n}"
            )
        if events is not None and arm.events is not None and events > arm.events:
            yield (
                f"{variable.name}: the levels have {count(events, 'event')} in arm {name}, for "
                f"which {arm.events} are reported"
            )
        elif events is not None and total == arm.n and arm.events not in (None, events):
            yield (
                f"{variable.name}: the levels have all {count(total, 'patient')} of arm {name} "
                f"and {count(events, 'event')}, for which {arm.events} are reported"
            )
    for level in variable.levels:
        for clause in _in_level(level, variable):
            yield f"{variable.name}, {level.name}: {clause}"


def _in_level(level: ReportedLevel, variable: ReportedVariable) -> Iterator[str]:
    """Yield what no data set of so many patients and events can have."""
    if level.events is None:
        return
    for name, n, events in zip(variable.arms, level.n, level.events, strict=True):
        if events > n:
            yield f"{count(events, 'event')} of {count(n, 'patient')} in arm {name}"
    if min(level.events) == 0:
        empty = variable.arms[level.events.index(0)]
        yield (
            f"a hazard ratio of {level.hazard_ratio} is impossible: nobody in arm {empty} had the "
            "event, so that it is 0, infinite or undetermined"
        )
    elif level.ci is not None and level.ci[0].upper > 0:
        # each event adds at most p (1 - p) <= 1/4 to the information
        narrowest = 2 * Z_95 * 2 / math.sqrt(sum(level.events))
        widest = math.log(level.ci[1].upper) - math.log(max(level.ci[0].lower, 1e-9))
        if widest < narrowest * (1 - _ROUNDING):
            yield (
                f"the interval {level.ci[0]} to {level.ci[1]} is impossible for an unadjusted "
                f"hazard ratio: {count(sum(level.events), 'event')} cannot give one whose ends "
                f"are less than a factor of {math.exp(narrowest):.2f} apart"
            )


def with_events(endpoint: Endpoint, variables: Sequence[ReportedVariable]) -> Endpoint:
    """Give an arm the events of a variable whose levels hold all its patients."""
    arms = dict(endpoint.arms)
    for variable in variables:
        for place, name in enumerate(variable.arms):
            arm, events = arms[name], variable.events(place)
            if arm.events is None and events is not None and variable.patients(place) == arm.n:
                arms[name] = arm.model_copy(update={"events": events})
    return endpoint.model_copy(update={"arms": arms})


def unlabelled(endpoint: Endpoint, variables: Sequence[ReportedVariable]) -> Iterator[str]:
    """Yield which arms have patients in no level of a variable, a sentence each."""
    for variable in variables:
        for place, name in enumerate(variable.arms):
            spare = (endpoint.arms[name].n or 0) - variable.patients(place)
            if spare > 0:
                yield (
                    f"{variable.name}: {spare} of the {endpoint.arms[name].n} patients of arm "
                    f"{name} are in none of its levels and have no label."
                )
