"""Groups that are part of other groups, such as matched patients of unmatched ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..studies.study import Study
from .count_rows import Counts, count_rows
from .finding import Finding, Rule

__all__ = ["RULES", "check"]

_MATCHING = "Austin PC. Stat Med 2008;27:2037-2049. doi:10.1002/sim.3150"
SUBSET = Rule(
    name="subset-counts",
    asks="Is no level larger among the matched patients than among all, and do no more patients "
    "of a level drop out than there are to drop out?",
    tolerance="Counts are whole, so nothing is allowed for; patients whose value is not printed "
    "for all, or for those chosen, may have had it, and are added. Only for tables with "
    "`subset_of`.",
    reference=_MATCHING,
)
SWAPPED = Rule(
    name="labels-swapped",
    asks="Would the labels of two levels, exchanged, make matched counts possible?",
    tolerance="As for subset-counts; every group must be possible with the labels exchanged.",
    reference=_MATCHING,
)
RULES = (SUBSET, SWAPPED)


@dataclass(frozen=True)
class _Misfit:
    """A count of the part that the count of the whole does not leave room for."""

    level: str
    group: str
    count: int
    before: int
    limit: int
    problem: str


def check(study: Study) -> Iterator[Finding]:
    """Yield counts of a part of the patients that do not fit those of all."""
    rows = list(count_rows(study))
    for row in rows:
        for whole in rows:
            same = whole.row.variable == row.row.variable
            if same and row.table.subset_of and row.table.subset_of == whole.table.id:
                yield from _compare(row, whole)


def _compare(part: Counts, whole: Counts) -> Iterator[Finding]:
    labels = {level: level for level in part.row.levels}
    over, lost = list(_over(part, whole, labels)), list(_lost(part, whole, labels))
    if not over and not lost:
        return
    exchanged = _exchanged(part)
    swapped = exchanged and not [*_over(part, whole, exchanged), *_lost(part, whole, exchanged)]
    if swapped:
        yield _swapped(part, whole, over or lost)
    elif over:
        yield SUBSET.finding(
            "error", part.place, printed=_shown(over),
            expected="; ".join(f"at most {each.limit}" for each in over),
            sentence=f"Some counts are larger than in {whole.table.place}, whose patients they "
            "are chosen from.",
        )  # fmt: skip
    else:
        yield from (_too_few(part, whole, each) for each in lost)


def _swapped(part: Counts, whole: Counts, misfits: list[_Misfit]) -> Finding:
    first, second = part.row.levels
    return SWAPPED.finding(
        "error", part.place, printed=_shown(misfits), expected=f"{first} and {second} exchanged",
        sentence=f"{misfits[0].problem.capitalize()} patients than {whole.table.place} leaves room "
        f"for; with the labels {first} and {second} exchanged the counts are possible.",
    )  # fmt: skip


def _too_few(part: Counts, whole: Counts, misfit: _Misfit) -> Finding:
    ours, all_patients = part.patients(misfit.group), whole.patients(misfit.group)
    assert ours is not None and all_patients is not None  # noqa: S101, PT018 - it is a misfit
    return SUBSET.finding(
        "error", f"{part.place}, {misfit.level}, {misfit.group}",
        expected=f"at least {misfit.limit}",
        printed=f"{misfit.count} of {ours}, and {misfit.before} of {all_patients} in "
        f"{whole.table.place}",
        sentence=f"{misfit.before - misfit.count} patients fewer than in {whole.table.place}, but "
        f"only {all_patients - ours} patients of the group were left out.",
    )  # fmt: skip


def _shown(misfits: list[_Misfit]) -> str:
    return "; ".join(
        f"{each.level}, {each.group}: {each.count} of {each.before}" for each in misfits
    )


def _exchanged(row: Counts) -> dict[str, str]:
    if len(row.row.levels) != 2 or not row.row.exclusive:
        return {}
    first, second = row.row.levels
    return {first: second, second: first}


def _pairs(
    part: Counts, whole: Counts, labels: dict[str, str]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield level, group, and the counts of both tables where both are printed."""
    for level in part.row.levels:
        for group in part.groups:
            count, before = part.count(level, group), whole.count(labels[level], group)
            if count is not None and before is not None:
                yield level, group, count, before


def _over(part: Counts, whole: Counts, labels: dict[str, str]) -> Iterator[_Misfit]:
    """Yield the levels that hold more patients in the part than the whole can have."""
    for level, group, count, before in _pairs(part, whole, labels):
        most = before + _unknown(whole, group)
        if count > most:
            yield _Misfit(level, group, count, before, limit=most, problem="more")


def _lost(part: Counts, whole: Counts, labels: dict[str, str]) -> Iterator[_Misfit]:
    """Yield the levels that lose more patients than were left out."""
    for level, group, count, before in _pairs(part, whole, labels):
        ours, all_patients = part.patients(group), whole.patients(group)
        if ours is None or all_patients is None or ours > all_patients:
            continue
        least = before - (all_patients - ours) - _unknown(part, group)
        if count < least:
            yield _Misfit(level, group, count, before, limit=least, problem="fewer")


def _unknown(row: Counts, group: str) -> int:
    """Return the patients of a group whose level is not printed."""
    counts, patients = row.counts(group), row.patients(group)
    if not row.row.exclusive or counts is None or patients is None:
        return 0
    return max(patients - sum(counts.values()), 0)
