"""Sums: levels, parts of a sentence and boxes of a flow diagram, against what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..presentation.formats import count
from ..studies.statement import Statement
from ..studies.study import Study
from ..studies.table import Excluded, Flow, FlowBox
from .counts import Counts, count_rows
from .rule import Bounds, Finding, Rule, Severity, asks, exact_bounds

__all__ = ["flow_sums", "sums"]

_CONSORT = "Moher D et al. BMJ 2010;340:c869. doi:10.1136/bmj.c869"
SUB_COUNTS = Rule(
    name="sub-counts-sum",
    asks="Do the levels of a variable add up to the patients of the column?",
    tolerance="Counts are whole, so nothing is allowed for. More than the patients is an error; "
    "fewer is a warning, since values may be missing without the table saying so. Not asked of "
    "levels that a patient may have several of, nor of a group with none in any level.",
    reference=_CONSORT,
)
TOTAL = Rule(
    name="total",
    asks="Is the total the sum of its parts, or possible where patients may be in several?",
    tolerance="Counts are whole, so nothing is allowed for. Where patients may be in several "
    "parts, the total lies between the largest part and the sum of all.",
    reference=_CONSORT,
)
SUM = Rule(
    name="sum",
    asks="Do the parts that a sentence names add up to its total?",
    tolerance="Whole numbers are exact; other numbers may be any value that rounds to it.",
    reference=_CONSORT,
)


@asks(SUB_COUNTS, TOTAL, SUM)
def sums(study: Study) -> Iterator[Finding]:
    """Yield the parts that do not add up."""
    for row in count_rows(study):
        yield from _level_sums(row)
        for group in row.groups:
            yield from _total(row, group)
    for statement in study.statements:
        yield from _stated_sum(statement)


def _level_sums(row: Counts) -> Iterator[Finding]:
    """Yield one finding for the groups with too many patients, one for those with too few."""
    misses = [miss for group in row.groups for miss in _miss(row, group)]
    for severity in ("error", "warning"):
        those = [miss for miss in misses if miss.severity == severity]
        if those:
            yield SUB_COUNTS.finding(
                those[0].severity, row.place,
                printed="; ".join(f"{miss.group} {miss.printed}" for miss in those),
                expected="; ".join(f"{miss.group} {miss.expected}" for miss in those),
                sentence=" ".join(miss.sentence for miss in those),
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Miss:
    severity: Severity
    group: str
    printed: str
    expected: str
    sentence: str


def _miss(row: Counts, group: str) -> Iterator[_Miss]:
    patients, counts = row.patients(group), row.counts(group)
    if patients is None or counts is None:
        return
    if row.row.exclusive and len(counts) > 1 and not row.row.total:
        if 0 < sum(counts.values()) != patients:  # all 0: the variable is not of this group
            yield _sum_miss(row, group, counts)
        return
    total = {row.row.total: row.count(row.row.total, group) or 0} if row.row.total else {}
    over = [f"{level} {n}" for level, n in (counts | total).items() if n > patients]
    if over:
        yield _Miss(
            severity="error", group=group, printed=", ".join(over), expected=f"at most {patients}",
            sentence=f"{group}: more are counted than the "
            f"{count(patients, 'patient that there is', 'patients that there are')}.",
        )  # fmt: skip


def _sum_miss(row: Counts, group: str, counts: dict[str, int]) -> _Miss:
    patients, found = row.patients(group) or 0, sum(counts.values())
    adding = f"{group}: the {count(len(counts), 'level adds', 'levels add')} up to {found}"
    over = found > patients
    return _Miss(
        severity="error" if over else "warning",
        group=group,
        printed=f"{' + '.join(map(str, counts.values()))} = {found}",
        expected=str(patients),
        sentence=f"{adding} patients in a group of {patients}{_percentages_of(row, group)}."
        if over
        else f"{adding} of {count(patients, 'patient')}; what the other {patients - found} had "
        "is not said.",
    )


def _percentages_of(row: Counts, group: str) -> str:
    """Say so if the reported percentages are those of the sum."""
    found = sum((row.counts(group) or {}).values())
    cells = [cells[group] for cells in row.cells.values() if group in cells]
    shares = [(cell.count, cell.percentage) for cell in cells]
    fit = all(
        count is not None and percent is not None and percent.contains(count / found)
        for count, percent in shares
    )
    return f"; the percentages are those of {found}" if fit else ""


def _total(row: Counts, group: str) -> Iterator[Finding]:
    counts = row.counts(group) if row.row.total else None
    total = row.count(row.row.total, group)
    if counts is None or total is None:
        return
    most = sum(counts.values())
    least = most if row.row.exclusive else max(counts.values())
    if least <= total <= most:
        return
    expected = str(most) if least == most else f"{least} to {most}"
    yield TOTAL.finding(
        "error", f"{row.place}, {group}", expected=expected,
        printed=f"{row.row.total} {total}; parts {', '.join(map(str, counts.values()))}",
        sentence=f"{row.row.total} is {total}, but its parts make {expected}.",
    )  # fmt: skip


def _stated_sum(statement: Statement) -> Iterator[Finding]:
    if statement.sum is None:
        return
    total, parts = exact_bounds(statement.sum.total), map(exact_bounds, statement.sum.parts)
    ends = [(part.lower, part.upper) for part in parts]
    found = Bounds(sum(low for low, _ in ends), sum(high for _, high in ends))
    if found.overlaps(total):
        return
    percent = statement.sum.total.percent
    shown = str(Bounds(100 * found.lower, 100 * found.upper)) + "%" if percent else str(found)
    printed = f"{' + '.join(part.bare for part in statement.sum.parts)} for {statement.sum.total}"
    yield SUM.finding(
        "error", statement.place, printed=printed, expected=shown,
        sentence=f"The parts add up to {shown}, not {statement.sum.total.bare}.",
    )  # fmt: skip


_STROBE = "Vandenbroucke JP et al. PLoS Med 2007;4:e297. doi:10.1371/journal.pmed.0040297"
FLOW_SUM = Rule(
    name="flow-sum",
    asks="Do the boxes of a flow diagram hold the patients of the boxes before them, less those "
    "excluded in between?",
    tolerance="Counts are whole, so nothing is allowed for. More patients than there were is an "
    "error; fewer is a warning, since some may be left out without the diagram saying so. Fewer "
    "is not asked where a number in between is not printed, nor of boxes with `complete = false`. "
    "With `exclusive = false` each box is compared by itself.",
    reference=_STROBE,
)
FLOW_REASONS = Rule(
    name="flow-reasons",
    asks="Do the reasons for exclusion add up to the patients excluded?",
    tolerance="Counts are whole, so nothing is allowed for. Together more than were excluded is "
    "a warning, since a patient may have several reasons without the diagram saying so, and none "
    "at all with `exclusive = false`; fewer is a warning, since a reason may be left out. One "
    "reason of more patients than were excluded is an error.",
    reference=_STROBE,
)


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """Boxes, all the boxes that come from them, and those excluded in between."""

    flow: Flow
    before: tuple[FlowBox, ...]
    after: tuple[FlowBox, ...]

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        return tuple(each for box in self.before for each in self.flow.exclusions_from(box.id))

    @property
    def place(self) -> str:
        return f"{self.flow.place}: {' and '.join(box.label for box in self.before)}"

    @property
    def whole(self) -> bool:
        """True if every patient of the boxes before should be found again."""
        numbers = [*(box.n for box in self.after), *(each.n for each in self.excluded)]
        return None not in numbers and all(box.complete for box in self.before)

    @property
    def shared(self) -> bool:
        """True if a patient may be in several of the boxes after."""
        return not all(box.exclusive for box in self.before)


@asks(FLOW_SUM, FLOW_REASONS)
def flow_sums(study: Study) -> Iterator[Finding]:
    """Yield the boxes and the reasons that do not add up."""
    for flow in study.flows:
        for stage in _stages(flow):
            yield from _stage_sum(stage)
        for excluded in flow.exclusions:
            yield from _reasons(flow, excluded)


def _stages(flow: Flow) -> Iterator[_Stage]:
    """Yield the stages: boxes that share a box after them belong to one."""
    rest = [box.id for box in flow.boxes]
    while rest:
        before, after = {rest[0]}, set[str]()
        while True:
            reached = {box.id for name in before for box in flow.after(name)}
            sources = {name for box in reached for name in flow.box(box).boxes}
            if reached <= after and sources <= before:
                break
            after, before = after | reached, before | sources
        rest = [name for name in rest if name not in before]
        stage = _Stage(
            flow=flow,
            before=tuple(box for box in flow.boxes if box.id in before),
            after=tuple(box for box in flow.boxes if box.id in after),
        )
        if stage.after or stage.excluded:
            yield stage


def _known(parts: tuple[FlowBox, ...] | tuple[Excluded, ...]) -> list[int]:
    return [part.n for part in parts if part.n is not None]


def _stage_sum(stage: _Stage) -> Iterator[Finding]:
    held = _known(stage.before)
    if len(held) < len(stage.before):
        return
    after, excluded = _known(stage.after), sum(_known(stage.excluded))
    least = max(after, default=0) if stage.shared else sum(after)
    left, found = sum(held), least + excluded
    if found > left:
        yield FLOW_SUM.finding(
            "error", stage.place, printed=_written(stage), expected=f"at most {left}",
            sentence=f"{count(found, 'patient comes', 'patients come')} out of {left}.",
        )  # fmt: skip
    elif found < left and stage.whole and stage.after and not stage.shared:
        yield FLOW_SUM.finding(
            "warning", stage.place, printed=_written(stage), expected=str(left),
            sentence=f"{found} of {count(left, 'patient')} {'is' if found == 1 else 'are'} found "
            f"again; what became of the other {left - found} is not said.",
        )  # fmt: skip


def _written(stage: _Stage) -> str:
    """Write the numbers as a sum: "1672 + 232 excluded, from 1904"."""
    after = " + ".join(str(n) for n in _known(stage.after))
    excluded = [f"{n} excluded" for n in _known(stage.excluded)]
    before = " + ".join(str(n) for n in _known(stage.before))
    return f"{' + '.join([after, *excluded] if after else excluded)}, from {before}"


def _reasons(flow: Flow, excluded: Excluded) -> Iterator[Finding]:
    counts = {each.label: each.n for each in excluded.reasons if each.n is not None}
    total, most = excluded.n, max(counts.values(), default=0)
    if total is None or not counts:
        return
    found, whole = sum(counts.values()), len(counts) == len(excluded.reasons)
    place = f"{flow.place}: {excluded.label}"
    printed = f"{' + '.join(map(str, counts.values()))} for {total}"
    if most > total:
        yield FLOW_REASONS.finding(
            "error", place, printed=printed, expected=f"at most {total}",
            sentence=f"{count(most, 'patient is', 'patients are')} excluded for one reason, but "
            f"{total} in all.",
        )  # fmt: skip
    elif found > total and excluded.exclusive:
        yield FLOW_REASONS.finding(
            "warning", place, printed=printed, expected=str(total),
            sentence=f"The reasons are those of {count(found, 'patient')}, but {total} were "
            "excluded; some may have had several.",
        )  # fmt: skip
    elif found < total and whole:
        yield FLOW_REASONS.finding(
            "warning", place, printed=printed, expected=str(total),
            sentence=f"The reasons are those of {found} of {count(total, 'patient')}; why the "
            f"other {total - found} were excluded is not said.",
        )  # fmt: skip
