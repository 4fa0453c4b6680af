"""What does not fit in a table of subgroups: rows, counts, hazard ratios and interactions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ..presentation.formats import count
from .endpoint import Endpoint
from .errors import did_you_mean
from .interactions import (
    ADJUSTED,
    USUAL,
    ReportedLog,
    beyond,
    imbalance_p,
    interaction_p,
    pooled_log,
    reported_log,
)
from .printed import PrintedNumber
from .subgroup_counts import Miscount, exchanged_rows, miscounts
from .subgroups import (
    ReportedVariable,
    divided_endpoint,
    has_subgroups,
    left_out,
    no_endpoint,
    overall_levels,
    reported_variables,
    row_name,
)
from .table import HazardRatioRow, Table

__all__ = ["Misfit", "misfits"]

COMPLETE = 0.95  # of the patients; with fewer in the levels, the others may have another ratio
# Standard errors that the log hazard ratio of all may be from the mean of its levels', all on one
# side, where it is further from 1 than they are, and where nearer: levels with unlike hazards
# bring it nearer. Of 2,647 simulated variables 1 and 2 were further off.
FURTHER, NEARER = 1.5, 4.0
UNBALANCED = 0.05  # p; arms that differ in a level have an overall ratio confounded by it
_BAD = ("OS", "PFS", "DFS", "RFS", "EFS", "TTP")  # endpoints of which later is better
MISSING_BY_ARM = 4.0  # standard normal units

Kind = Literal["rows", "counts", "interaction", "ratios", "overall"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Something in a table of subgroups that does not fit the rest.

    Attributes
    ----------
    kind : {"rows", "counts", "interaction", "ratios", "overall"}
    severity : {"error", "warning", "note"}
        As a finding of the audit has it.
    row : int or None
        Place of the row, the first of several; None for the table itself.
    key : str
        The key of the row, or of the table, that it is of.
    subject : str
        Variable and level; "" for the table itself.
    printed, expected : str
        The numbers, and what would agree.
    text : str
        A clause, without a full stop.
    """

    kind: Kind
    severity: Severity
    row: int | None
    key: str
    subject: str
    printed: str
    expected: str
    text: str


def misfits(table: Table, endpoints: Sequence[Endpoint]) -> Iterator[Misfit]:
    """Yield what does not fit in a table of subgroups, the rows first.

    Parameters
    ----------
    table : Table
    endpoints : sequence of Endpoint
        Those of the study.
    """
    yield from _twice(table)
    yield from _interactions(table, divided_endpoint(table, endpoints))
    if not has_subgroups(table):
        return
    endpoint = divided_endpoint(table, endpoints)
    if endpoint is None:
        yield Misfit(
            kind="rows", severity="note", row=None, key="endpoint", subject="",
            printed=table.endpoint or "no endpoint", expected="an endpoint of the study",
            text=f"{no_endpoint(table, endpoints)}; the patients of its rows are not used",
        )  # fmt: skip
        return
    yield from _favours(table, endpoint)
    yield from _unread(table, endpoint)
    for variable in (*reported_variables(table, endpoint), *overall_levels(table, endpoint)):
        yield from _counts(table, variable, endpoint)
    yield from _ratios(table, endpoint)
    yield from _overall(table, endpoint)


def _by_variable(table: Table) -> dict[str, list[tuple[int, HazardRatioRow]]]:
    """Return the rows of each variable of subgroups, with their places."""
    found: dict[str, list[tuple[int, HazardRatioRow]]] = {}
    for number, row in enumerate(table.hazard_ratios):
        if not row.overall:
            found.setdefault(row.variable, []).append((number, row))
    return {
        name: rows
        for name, rows in found.items()
        if any(row.patients or row.p_interaction is not None for _, row in rows)
    }


# Rows ---------------------------------------------------------------------------------------------


def _twice(table: Table) -> Iterator[Misfit]:
    """Yield the levels that a variable has twice, which would be taken for two."""
    for rows in _by_variable(table).values():
        seen: set[tuple[str, str]] = set()
        for number, row in rows:
            if (row.level, row.model) in seen:
                yield Misfit(
                    kind="rows", severity="warning", row=number, key="level",
                    subject=row_name(row), printed=f"{row_name(row)}, twice",
                    expected="another level",
                    text=f"the level {row.level or row.variable} of {row.variable} stands twice, "
                    "and would be taken for two",
                )  # fmt: skip
            seen.add((row.level, row.model))


def _favours(table: Table, endpoint: Endpoint) -> Iterator[Misfit]:
    """Yield sides that are named the wrong way round, of an endpoint that is known to be bad."""
    sides = endpoint.reference, endpoint.treatment
    if table.favours == sides and endpoint.name in _BAD:
        reference, treatment = sides
        yield Misfit(
            kind="rows", severity="warning", row=None, key="favours", subject="",
            printed=f"{reference}, {treatment}", expected=f"{treatment}, {reference}",
            text=f"a hazard ratio below 1 is of fewer events with {treatment}, the treatment, but "
            f"`favours` has it speak for {reference}; check which arm is the `reference`",
        )  # fmt: skip


def _unread(table: Table, endpoint: Endpoint) -> Iterator[Misfit]:
    """Yield the rows whose patients are not read, and arms that the endpoint does not have."""
    unread = {each.row: each for each in left_out(table, endpoint)}
    for number, row in enumerate(table.hazard_ratios):
        strange = [name for name in row.patients if name not in endpoint.arms]
        if number in unread:
            text = f"{unread[number].why}, so that the row is not used"
        elif strange:
            near = did_you_mean(strange[0], list(endpoint.arms))
            text = f"{endpoint.key} has no arm {strange[0]}{near}"
        else:
            continue
        yield Misfit(
            kind="rows", severity="note", row=number, key="patients", subject=row_name(row),
            printed=", ".join(f"{name} {cell}" for name, cell in row.patients.items()),
            expected=", ".join(f"events/patients of {name}" for name in endpoint.arms), text=text,
        )  # fmt: skip


# Counts -------------------------------------------------------------------------------------------


def _counts(table: Table, variable: ReportedVariable, endpoint: Endpoint) -> Iterator[Misfit]:
    found = list(miscounts(variable, endpoint))
    turned = list(exchanged_rows(variable, endpoint))
    summed = [each for each in found if each.kind in ("arm", "row")]
    hint = ""
    if summed and len(turned) == 1:
        which = f" of {turned[0].name}" if len(variable.levels) > 1 else ""
        hint = f"; with the counts{which} exchanged between the arms, all would fit"
    for each in found:
        yield _of_counts(table, variable, each, hint if each in summed else "")
    if not summed:
        yield from _missing(variable, endpoint)


def _of_counts(table: Table, variable: ReportedVariable, each: Miscount, hint: str) -> Misfit:
    first = variable.levels[0] if each.level is None else each.level
    row = table.hazard_ratios[first.row]
    alone = each.level is not None or len(variable.levels) == 1
    return Misfit(
        kind="counts",
        severity="warning" if each.kind == "empty" else "error",  # a penalised ratio is finite
        row=first.row,
        key="ci" if each.kind == "interval" else "patients",
        subject=row_name(row) if alone else variable.name,
        printed=each.printed,
        expected=each.expected,
        text=f"{each.clause}{hint}",
    )


def _missing(variable: ReportedVariable, endpoint: Endpoint) -> Iterator[Misfit]:
    """Yield a variable whose missing patients are of one arm, or so many that a level may be."""
    arms = [endpoint.arms[name] for name in variable.arms]
    sizes = [arm.n if arm.n_basis == "endpoint" else None for arm in arms]
    first, second = sizes
    if first is None or second is None or len(variable.levels) < 2:
        return
    missing = [first - variable.patients(0), second - variable.patients(1)]
    share = sum(missing) / (first + second)
    spread = math.sqrt(share * (1 - share) * (1 / first + 1 / second)) if share > 0 else 0.0
    apart = abs(missing[0] / first - missing[1] / second)
    by_arm = spread > 0 and apart > MISSING_BY_ARM * spread
    why = "" if by_arm else ": a level may be left out of the table, or unknown for these patients"
    if min(missing) >= (0 if by_arm else 1) and (by_arm or share > 1 - COMPLETE):
        told = " and ".join(
            f"{gone} of the {count(n, 'patient')} of arm {name}"
            for gone, n, name in zip(missing, (first, second), variable.arms, strict=True)
        )
        yield Misfit(
            kind="counts", severity="warning" if by_arm else "note",
            row=variable.levels[0].row, key="patients",
            subject=variable.name, printed=f"{variable.patients(0)}, {variable.patients(1)}",
            expected=f"{first}, {second}",
            text=f"{told} are in none of the levels{why}",
        )  # fmt: skip


# Hazard ratios ------------------------------------------------------------------------------------


def _logs(rows: Sequence[tuple[int, HazardRatioRow]]) -> list[ReportedLog] | None:
    """Return the log hazard ratios of all rows; None if any has no usable interval."""
    found = [reported_log(row.hazard_ratio, row.ci) for _, row in rows]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _levels_text(rows: Sequence[tuple[int, HazardRatioRow]]) -> str:
    return ", ".join(f"{row.level or row.variable} {row.hazard_ratio}" for _, row in rows)


def _interactions(table: Table, endpoint: Endpoint | None) -> Iterator[Misfit]:
    """Yield the p-values for interaction that the hazard ratios of the levels do not give."""
    for name, rows in _by_variable(table).items():
        stated = [(number, row.p_interaction) for number, row in rows if row.p_interaction]
        different = {p.text: (number, p) for number, p in stated if p is not None}
        logs, levels = _logs(rows), {row.level for _, row in rows}
        if len(different) > 1 and len(rows) == 2:
            (_, first), (number, second) = different.values()
            yield Misfit(
                kind="interaction", severity="warning", row=number, key="p_interaction",
                subject=name, printed=f"{first} and {second}", expected="one p",
                text=f"two levels have one p for interaction, and {first} and {second} are given",
            )  # fmt: skip
        elif len(different) == 1 and len(levels) == len(rows) > 1 and logs is not None:
            ((number, p),) = different.values()
            whole = endpoint is None or _are_all(name, table, endpoint, len(rows))
            yield from _interaction(name, rows, logs, (number, p), whole=whole)


def _are_all(name: str, table: Table, endpoint: Endpoint, rows: int) -> bool:
    """Say whether the levels hold nearly all patients, as far as they are reported."""
    for variable in reported_variables(table, endpoint):
        if variable.name == name and len(variable.levels) == rows:
            sizes = [endpoint.arms[arm].n for arm in variable.arms]
            return all(
                n is None or variable.patients(place) >= COMPLETE * n
                for place, n in enumerate(sizes)
            )
    return True


def _interaction(
    name: str,
    rows: Sequence[tuple[int, HazardRatioRow]],
    logs: Sequence[ReportedLog],
    reported: tuple[int, PrintedNumber],
    *,
    whole: bool,
) -> Iterator[Misfit]:
    number, p = reported
    expected = interaction_p(logs)
    apart = beyond(p, expected)
    if apart <= USUAL:
        return
    contrast = interaction_p(logs, df=1)[0], 1.0  # a trend over the levels may give any of these
    told = _p_text(expected)
    trend = len(rows) > 2 and beyond(p, contrast) <= USUAL
    other = "of a trend, or " if len(rows) > 2 else ""
    grave = whole and not trend and apart > ADJUSTED
    yield Misfit(
        kind="interaction", severity="warning" if grave else "note", row=number,
        key="p_interaction", subject=name,
        printed=f"{_levels_text(rows)}, p for interaction {p}", expected=f"p {told}",
        text=f"the hazard ratios of its levels with their intervals give a p for interaction of "
        f"{told}, not {p}, unless it is {other}of a measurement that the levels divide",
    )  # fmt: skip


def _p_text(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.2g}" if end >= 0.001 else "<0.001" for end in ends)
    return low if low == high else f"{low} to {high}"


def _ratios(table: Table, endpoint: Endpoint) -> Iterator[Misfit]:
    """Yield the variables all of whose levels are on one side of the hazard ratio of all."""
    overall, where = _overall_ratio(table, endpoint)
    if overall is None:
        return
    for variable in reported_variables(table, endpoint):
        rows = [(level.row, table.hazard_ratios[level.row]) for level in variable.levels]
        logs = _logs(rows)
        sizes = [endpoint.arms[arm].n for arm in variable.arms]
        whole = all(
            n is not None and variable.patients(place) >= COMPLETE * n
            for place, n in enumerate(sizes)
        )
        if logs is None or len(logs) < 2 or not whole or not _balanced(variable):
            continue
        pooled = pooled_log(logs)
        above = all(each.log[0] > overall.log[1] for each in logs)
        below = all(each.log[1] < overall.log[0] for each in logs)
        apart = max(pooled[0] - overall.log[1], overall.log[0] - pooled[1])
        middle = sum(pooled) / 2
        nearer = overall.middle * middle > 0 and abs(overall.middle) < abs(middle)
        if (above or below) and apart > (NEARER if nearer else FURTHER) * overall.se[1]:
            side = "above" if above else "below"
            yield Misfit(
                kind="ratios", severity="warning", row=rows[0][0], key="hazard_ratio",
                subject=variable.name, printed=f"{_levels_text(rows)}; all {where}",
                expected=f"about {math.exp(middle):.2f} of all",
                text=f"all levels have hazard ratios {side} that of all patients, {where}, which "
                f"lies between those of its levels, at about {math.exp(middle):.2f}",
            )  # fmt: skip


def _balanced(variable: ReportedVariable) -> bool:
    """Say whether the arms may have the same shares of the levels, as randomised ones have."""
    first, second = zip(*(level.n for level in variable.levels), strict=True)
    return imbalance_p(first, second) > UNBALANCED


def _overall_ratio(table: Table, endpoint: Endpoint) -> tuple[ReportedLog | None, str]:
    """Return the hazard ratio of all patients, of the same table if it has one."""
    for row in table.hazard_ratios:
        if row.overall:
            return reported_log(row.hazard_ratio, row.ci), str(row.hazard_ratio)
    reported = endpoint.reported
    usable = (
        reported is not None
        and not reported.adjusted
        and reported.n is None
        and reported.level == 95.0
    )
    if reported is None or reported.hazard_ratio is None or not usable:
        return None, ""
    return reported_log(reported.hazard_ratio, reported.ci), str(reported.hazard_ratio)


def _overall(table: Table, endpoint: Endpoint) -> Iterator[Misfit]:
    """Yield rows of all patients with another hazard ratio than the endpoint's comparison."""
    reported = endpoint.reported
    if reported is None or reported.n is not None:
        return
    other_kind = reported.adjusted or reported.stratified
    for number, row in enumerate(table.hazard_ratios):
        pairs = [("hazard_ratio", row.hazard_ratio, reported.hazard_ratio)]
        if row.ci is not None and reported.ci is not None and reported.level == 95.0:
            pairs += [("ci", mine, its) for mine, its in zip(row.ci, reported.ci, strict=True)]
        wrong = [pair for pair in pairs if row.overall and _differ(pair[1], pair[2])]
        if wrong:
            key, mine, its = wrong[0]
            what = "hazard ratio" if key == "hazard_ratio" else "limit of the interval"
            kind = f", which is of {_kind_text(reported.kind)} analysis" if other_kind else ""
            yield Misfit(
                kind="overall", severity="note" if other_kind or row.model else "warning",
                row=number, key=key, subject=row_name(row),
                printed=f"{mine}; {endpoint.key} {its}", expected=str(its),
                text=f"the {what} of all patients is {mine}, and that of {endpoint.key} is "
                f"{its}{kind}",
            )  # fmt: skip


def _kind_text(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


def _differ(one: PrintedNumber, other: PrintedNumber | None) -> bool:
    if other is None or not one.reached or not other.reached:
        return False
    return one.upper < other.lower or other.upper < one.lower
