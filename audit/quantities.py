"""The same quantity at different places of a paper, and different rows with the same numbers."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..studies.printed import PrintedNumber
from ..studies.statement import JOINT, StatedRatio, Statement
from ..studies.study import Study
from ..studies.table import GroupRow, HazardRatioRow, Table
from .counts import Counts, count_rows
from .hazard_ratios import ReportedRatio, reported_ratios
from .rule import Bounds, Finding, Rule, Severity, asks, exact_bounds

__all__ = ["repeated_ratios", "repeated_rows", "same_quantities", "stated_ratios"]

_PARTS = ("mean", "SD", "median", "lower", "upper", "hazard ratio")  # numbers of one cell

SAME = Rule(
    name="same-quantity",
    asks="Is a quantity that is reported at several places the same at each?",
    tolerance="Counts are exact; other numbers may be any value that rounds to it, so that 6.7 "
    "and 6.71 agree. 2.8 and 2.9 agree in 2.85 alone: a note. A sentence may be of the patients of "
    "another table, which has its number: a warning; or of others yet, if the study file "
    "says `certain = false`: a note.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)


@dataclass(frozen=True)
class _Print:
    place: str
    number: PrintedNumber
    certain: bool = True


@dataclass(frozen=True)
class _Conflict:
    """One quantity with two different values."""

    name: str
    first: _Print
    other: _Print
    elsewhere: frozenset[str] = frozenset()

    @property
    def certain(self) -> bool:
        """True if the two numbers are surely of the same thing."""
        return self.first.certain and self.other.certain

    @property
    def severity(self) -> Severity:
        """What the conflict is by itself."""
        apart = _apart(self.first.number, self.other.number) > 0
        return "error" if self.certain and apart else "note"

    @property
    def part(self) -> str:
        """Which number of a cell it is, "mean" or "SD"; "" for a cell of one number."""
        last = self.name.rpartition(JOINT)[2]
        return last if last in _PARTS else ""

    @property
    def cell(self) -> str:
        """The cell's name in words, without the table or endpoint, which the place says."""
        stem = self.name.rpartition(JOINT)[0] if self.part else self.name
        _, _, rest = stem.partition(JOINT)
        return (rest or stem).replace(JOINT, ", ")


@asks(SAME)
def same_quantities(study: Study) -> Iterator[Finding]:
    """Yield the quantities that are reported with different values, one finding per cell."""
    if not (study.statements or study.flows):
        return
    known = study.quantities()
    places = _places(study, known)
    cells: dict[tuple[str, ...], list[_Conflict]] = defaultdict(list)
    for name, (first, *others) in places.items():
        for other in others:
            if _differ(first.number, other.number):
                conflict = _Conflict(
                    name, first, other, _elsewhere(study, known, (name, other.number))
                )
                cells[first.place, other.place, conflict.cell, conflict.severity].append(conflict)
                break
    for conflicts in cells.values():
        yield _finding(conflicts, places)


def _places(study: Study, known: Mapping[str, PrintedNumber]) -> dict[str, list[_Print]]:
    """Return where each quantity is reported; the table or endpoint that holds it comes first."""
    holders = {table.id: table.place for table in study.tables}
    holders |= {flow.id: flow.place for flow in study.flows}
    places: dict[str, list[_Print]] = {}
    for name, other in _other_prints(study):
        number = other.number
        key = f"{name}{JOINT}%" if number.percent and f"{name}{JOINT}%" in known else name
        stem = key.split(JOINT)[0]
        own = [_Print(holders.get(stem, stem), known[key])] if key in known else []
        places.setdefault(key, own).append(other)
    return places


def _other_prints(study: Study) -> Iterator[tuple[str, _Print]]:
    """Yield what sentences and the boxes of flow diagrams say a quantity is."""
    for statement in study.statements:
        place = statement.place
        for name, number in statement.values.items():
            yield name, _Print(place, number, statement.certain)
    for flow in study.flows:
        for box in flow.boxes:
            if box.quantity and box.n is not None:
                number = PrintedNumber.parse(str(box.n))
                yield box.quantity, _Print(f"{flow.place}: {box.label}", number)


def _elsewhere(
    study: Study, known: Mapping[str, PrintedNumber], asked: tuple[str, PrintedNumber]
) -> frozenset[str]:
    """Return the other tables in which the cell of a name holds a number."""
    name, number = asked
    stem, _, cell = name.partition(JOINT)
    printed = {table.place: known.get(f"{table.id}{JOINT}{cell}") for table in study.tables}
    places = {table.id: table.place for table in study.tables}
    return frozenset(
        place for place, other in printed.items()
        if other is not None and place != places.get(stem) and _apart(other, number) == 0
    )  # fmt: skip


def _apart(one: PrintedNumber, other: PrintedNumber) -> float:
    if not one.reached or not other.reached:
        return 0.0 if one.reached == other.reached else math.inf
    return exact_bounds(one).gap(exact_bounds(other))


def _differ(one: PrintedNumber, other: PrintedNumber) -> bool:
    """Say whether two numbers are apart, or agree in the value between them alone."""
    if _apart(one, other) > 0:
        return True
    if not one.reached or one.relation != "=" or other.relation != "=":
        return False
    touching = exact_bounds(one).upper, exact_bounds(other).lower
    turned = exact_bounds(other).upper, exact_bounds(one).lower
    same_digits = one.decimals == other.decimals and one.value != other.value
    return same_digits and any(math.isclose(*ends, rel_tol=1e-9) for ends in (touching, turned))


def _finding(conflicts: list[_Conflict], places: Mapping[str, list[_Print]]) -> Finding:
    one = conflicts[0]
    first, other = one.first.place, one.other.place
    twins = {_exchanged_with(each, places) for each in conflicts}
    twin = twins.pop() if len(twins) == 1 else ""
    printed = _together(conflicts, first=True), _together(conflicts, first=False)
    severity, hint = _severity(conflicts)
    if severity != "note" and twin:
        hint = f" Each place has what the other has for {twin}."
    return SAME.finding(
        severity, f"{first}; {other}", expected="the same number at both places",
        printed=f"{one.cell}: {printed[0]}; {printed[1]}",
        sentence=f"{one.cell}: reported as {printed[0]} in {first}, and as {printed[1]} in "
        f"{other}.{hint}",
    )  # fmt: skip


def _severity(conflicts: list[_Conflict]) -> tuple[Severity, str]:
    """Return the severity of what one cell is reported as, and why it is not an error."""
    elsewhere = sorted(frozenset.intersection(*(each.elsewhere for each in conflicts)))
    if not all(each.certain for each in conflicts):
        return "note", " The two places may not speak of the same thing."
    if conflicts[0].severity == "note":
        return "note", " Both can be right only if the value lies exactly between."
    if elsewhere:
        return "warning", f" It is the number in {elsewhere[0]}, whose patients may be meant."
    return "error", ""


def _together(conflicts: list[_Conflict], *, first: bool) -> str:
    numbers = [(each.part, each.first if first else each.other) for each in conflicts]
    return ", ".join(f"{part} {print_.number.bare}".strip() for part, print_ in numbers)


def _exchanged_with(conflict: _Conflict, places: Mapping[str, list[_Print]]) -> str:
    """Return the cell whose values the two places have the other way round; "" if none."""
    between = [conflict.first.place, conflict.other.place]
    for name, prints in places.items():
        twin = _Conflict(name, prints[0], prints[-1])
        if name == conflict.name or twin.part != conflict.part:
            continue
        crossed = (
            _apart(twin.first.number, conflict.other.number),
            _apart(conflict.first.number, twin.other.number),
        )
        if max(crossed) == 0 and [twin.first.place, twin.other.place][:1] == between[:1]:
            return twin.cell
    return ""


STATED = Rule(
    name="stated-ratio",
    asks="Are hazard ratio, interval and p-value the same in text and table?",
    tolerance="Every number may be any value that rounds to it.",
    reference="Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572",
)
TURNED = Rule(
    name="ratio-turned-round",
    asks="Do text and table compare the same two levels in the same order?",
    tolerance="With the levels exchanged a ratio is one over the other; asked of ratios whose "
    "range of values, inverted, leaves out that of the table.",
    reference="Altman DG, Bland JM. BMJ 2011;343:d2090. doi:10.1136/bmj.d2090",
)


@asks(STATED, TURNED)
def stated_ratios(study: Study) -> Iterator[Finding]:
    """Yield the hazard ratios that text and table report differently, or the other way round."""
    tables = {table.id: table for table in study.tables}
    for statement in study.statements:
        for stated in statement.hazard_ratios:
            for row in tables[stated.table].hazard_ratios:
                if (row.variable, row.model) == (stated.variable, stated.model):
                    yield from _compare(statement, stated, (tables[stated.table], row))


def _compare(
    statement: Statement, stated: StatedRatio, printed: tuple[Table, HazardRatioRow]
) -> Iterator[Finding]:
    table, row = printed
    turned = (stated.level, stated.reference) == (row.reference, row.level)
    if not turned and (stated.level, stated.reference) != (row.level, row.reference):
        return
    place = f"{statement.place}; {table.place}: {row.variable} ({row.model})"
    same = _same_numbers(stated, row)
    if turned and same and not _inverse(stated.hazard_ratio, row.hazard_ratio):
        yield TURNED.finding(
            "error", place,
            printed=f"{_versus(stated)} {stated.hazard_ratio.bare}; {_versus(row)} "
            f"{row.hazard_ratio.bare}",
            expected=f"{_versus(stated)} {_inverted(row.hazard_ratio)}",
            sentence=f"The text gives {stated.hazard_ratio.bare} as the hazard ratio of "
            f"{_versus(stated)}, the table as that of {_versus(row)}; both cannot be right.",
        )  # fmt: skip
    elif not turned and not same:
        yield STATED.finding(
            "error", place, printed=f"{_numbers_text(stated)}; {_numbers_text(row)}",
            expected="the same numbers at both places",
            sentence=f"The text reports {_numbers_text(stated)}, the table {_numbers_text(row)}.",
        )  # fmt: skip


def _same_numbers(one: HazardRatioRow, other: HazardRatioRow) -> bool:
    """Say whether all numbers that both report can be the same."""
    pairs = zip(_all_numbers(one), _all_numbers(other), strict=True)
    return all(
        exact_bounds(mine).overlaps(exact_bounds(theirs))
        for mine, theirs in pairs
        if mine is not None and theirs is not None
    )


def _all_numbers(row: HazardRatioRow) -> tuple[PrintedNumber | None, ...]:
    return (row.hazard_ratio, *(row.ci or (None, None)), row.p)


def _inverse(one: PrintedNumber, other: PrintedNumber) -> bool:
    """Say whether one ratio can be one over the other."""
    first, second = Bounds.of(one).log(), Bounds.of(other).log()
    return Bounds(-first.upper, -first.lower).overlaps(second)


def _inverted(ratio: PrintedNumber) -> str:
    ends = [math.inf if end <= 0 else 1 / end for end in (ratio.upper, ratio.lower)]
    return str(Bounds(*ends))


def _versus(row: HazardRatioRow) -> str:
    return f"{row.level} versus {row.reference}"


def _numbers_text(row: HazardRatioRow) -> str:
    interval = f" ({row.ci[0].bare} to {row.ci[1].bare})" if row.ci else ""
    return f"HR {row.hazard_ratio.bare}{interval}" + (f", p {row.p.bare}" if row.p else "")


REPEATED_RATIO = Rule(
    name="repeated-ratio",
    asks="Do two different comparisons share hazard ratio, both limits and p-value?",
    tolerance="All four numbers, as printed. One comparison twice in a table (a model of one "
    "variable) is left out, and so is the reported comparison, which its own row repeats. That "
    "four numbers agree by chance is not to be expected in one paper, but not impossible: a "
    "warning.",
    reference="Grey A et al. Nature 2020;577:167-169. doi:10.1038/d41586-019-03959-6",
)


@asks(REPEATED_RATIO)
def repeated_ratios(study: Study) -> Iterator[Finding]:
    """Yield rows of hazard-ratio tables that repeat the numbers of another row."""
    rows: dict[tuple[str, ...], list[ReportedRatio]] = defaultdict(list)
    for ratio in reported_ratios(study):
        if ratio.regression and ratio.hazard_ratio and ratio.ci and ratio.p:
            numbers = (ratio.hazard_ratio, *ratio.ci, ratio.p)
            rows[tuple(number.bare for number in numbers)].append(ratio)
    for same in rows.values():
        first, *others = same
        for other in others:
            if (other.table, other.subject) == (first.table, first.subject):
                continue
            yield REPEATED_RATIO.finding(
                "warning", other.place, printed=other.text,
                expected=f"other numbers than in {first.place}",
                sentence=f"All four numbers of this row also appear in {first.place}, where they "
                "belong to another comparison.",
            )  # fmt: skip


_DIGITS = 12  # in the cells of a row; fewer may well be the same in a part of the patients
_RARE = 0.01  # probability that all counts agree by chance, were the variables unrelated

REPEATED_ROW = Rule(
    name="repeated-row",
    asks="Do two variables, or the same variable of different patients, share all their numbers?",
    tolerance="All cells of at least two groups. Counts must be large enough that two unrelated "
    "variables of the same frequency would share them with a probability below 1%; means and "
    "medians must share every cell, of 12 digits or more. Still not impossible: a warning.",
    reference="Grey A et al. Nature 2020;577:167-169. doi:10.1038/d41586-019-03959-6",
)


@asks(REPEATED_ROW)
def repeated_rows(study: Study) -> Iterator[Finding]:
    """Yield the rows that repeat the cells of another row."""
    counts = list(count_rows(study))
    for one, other in itertools.combinations(counts, 2):
        if one.table.id == other.table.id and (shared := _shared_levels(one, other)):
            yield _repeated_row(other.place, "; ".join(shared), one.place)
    rows = [(table, row) for table in study.tables for row in (*table.means, *table.medians)]
    for (table, row), (other_table, other_row) in itertools.combinations(rows, 2):
        if _same_cells(row, other_row):
            yield _repeated_row(
                _place(other_table, other_row), _cells_text(other_row.cells), _place(table, row)
            )


def _repeated_row(place: str, printed: str, elsewhere: str) -> Finding:
    return REPEATED_ROW.finding(
        "warning", place, printed=printed, expected=f"other numbers than in {elsewhere}",
        sentence=f"These numbers also appear in {elsewhere}, where they belong to something else.",
    )  # fmt: skip


def _shared_levels(one: Counts, other: Counts) -> list[str]:
    """Return the cells of `other` if all its levels, or all of `one`, are in both."""
    if len(one.groups) < 2 or one.groups != other.groups:
        return []
    first, second = (
        [tuple(cells.items()) for cells in row.row.levels.values()] for row in (one, other)
    )
    shared = [cells for cells in second if cells in first]
    if len(shared) < 2 or len(shared) < min(len(first), len(second)):
        return []
    complete = len(shared) == len(first) == len(second)  # then the last level follows
    if _chance(other, [dict(cells) for cells in shared[: -1 if complete else None]]) > _RARE:
        return []
    return [_cells_text(dict(cells)) for cells in shared]


def _chance(row: Counts, free: list[dict[str, str]]) -> float:
    """Return how likely unrelated variables of this frequency share the counts.

    Two binomial counts of n patients with frequency q agree with a probability of about
    1 / (2 sqrt(pi n q (1 - q))).
    """
    chance = 1.0
    for cells in free:
        level = next(name for name, own in row.row.levels.items() if dict(own) == cells)
        for group in cells:
            count, whole = row.count(level, group), sum((row.counts(group) or {}).values())
            variance = count * (1 - count / whole) if count and whole else 0.0
            chance *= min(1.0, 1 / (2 * math.sqrt(math.pi * variance))) if variance else 1.0
    return chance


def _same_cells(one: GroupRow, other: GroupRow) -> bool:
    if len(one.cells) < 2 or tuple(one.cells.values()) != tuple(other.cells.values()):
        return False
    return sum(letter.isdigit() for letter in "".join(one.cells.values())) >= _DIGITS


def _place(table: Table, row: GroupRow) -> str:
    return f"{table.place}: {row.variable}"


def _cells_text(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{group} {cell}" for group, cell in cells.items())
