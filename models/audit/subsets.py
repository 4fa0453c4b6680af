"""Groups that are part of other groups, such as matched patients of unmatched ones."""

from __future__ import annotations

from collections.abc import Iterator

from ...studies.study import Study
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
    over = list(_over(part, whole, labels))
    exchanged = _exchanged(part)
    if over and exchanged and not list(_over(part, whole, exchanged)):
        first, second = exchanged
        yield SWAPPED.finding(
            "error", part.place, printed=_larger(over), expected=f"{first} and {second} exchanged",
            sentence=f"More patients than the whole group has; with the labels {first} and "
            f"{second} exchanged the counts are possible.",
        )  # fmt: skip
    elif over:
        yield SUBSET.finding(
            "error", part.place, printed=_larger(over),
            expected="; ".join(f"at most {most}" for *_, most in over),
            sentence=f"Some counts are larger than in {whole.table.place}, whose patients they "
            "are chosen from.",
        )  # fmt: skip
    else:
        yield from _lost(part, whole)


def _larger(over: list[tuple[str, str, int, int]]) -> str:
    return "; ".join(f"{level}, {group}: {count} of {most}" for level, group, count, most in over)


def _lost(part: Counts, whole: Counts) -> Iterator[Finding]:
    """Yield the levels that lose more patients than were left out."""
    for group in part.groups:
        ours, all_patients = part.patients(group), whole.patients(group)
        if ours is None or all_patients is None or ours > all_patients:
            continue
        left_out = all_patients - ours
        for level in part.row.levels:
            count, before = part.count(level, group), whole.count(level, group)
            if count is None or before is None:
                continue
            least = before - left_out - _unknown(part, group)
            if count < least:
                yield SUBSET.finding(
                    "error", f"{part.place}, {level}, {group}", expected=f"at least {least}",
                    printed=f"{count} of {ours}, and {before} of {all_patients} in "
                    f"{whole.table.place}",
                    sentence=f"{before - count} patients fewer than in {whole.table.place}, but "
                    f"only {left_out} patients of the group were left out.",
                )  # fmt: skip


def _exchanged(row: Counts) -> dict[str, str]:
    if len(row.row.levels) != 2 or not row.row.exclusive:
        return {}
    first, second = row.row.levels
    return {first: second, second: first}


def _over(
    part: Counts, whole: Counts, labels: dict[str, str]
) -> Iterator[tuple[str, str, int, int]]:
    """Yield the levels that hold more patients in the part than the whole can have."""
    for level in part.row.levels:
        for group in part.groups:
            count, most = part.count(level, group), whole.count(labels[level], group)
            if count is None or most is None:
                continue
            most += _unknown(whole, group)
            if count > most:
                yield level, group, count, most


def _unknown(row: Counts, group: str) -> int:
    """Return the patients of a group whose level is not printed."""
    counts, patients = row.counts(group), row.patients(group)
    if not row.row.exclusive or counts is None or patients is None:
        return 0
    return max(patients - sum(counts.values()), 0)
