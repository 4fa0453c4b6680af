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
    asks="Is no level larger among the matched patients than among all?",
    tolerance="Counts are whole, so nothing is allowed for; patients whose value is not printed "
    "for all may have had it, and are added. Only for tables with `subset_of`.",
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
    """Yield counts of a part of the patients that are larger than those of all."""
    rows = list(count_rows(study))
    for row in rows:
        for whole in rows:
            same = whole.row.variable == row.row.variable
            if same and row.table.subset_of and row.table.subset_of == whole.table.id:
                yield from _compare(row, whole)


def _compare(part: Counts, whole: Counts) -> Iterator[Finding]:
    labels = {level: level for level in part.row.levels}
    over = list(_over(part, whole, labels))
    if not over:
        return
    exchanged = _exchanged(part)
    swapped = exchanged and not list(_over(part, whole, exchanged))
    printed = "; ".join(
        f"{level}, {group}: {count} of {most}" for level, group, count, most in over
    )
    if swapped:
        first, second = exchanged
        yield SWAPPED.finding(
            "error", part.place, printed=printed, expected=f"{first} and {second} exchanged",
            sentence=f"More patients than the whole group has; with the labels {first} and "
            f"{second} exchanged the counts are possible.",
        )  # fmt: skip
        return
    yield SUBSET.finding(
        "error", part.place, printed=printed,
        expected="; ".join(f"at most {most}" for *_, most in over),
        sentence=f"Some counts are larger than in {whole.table.place}, whose patients they are "
        "chosen from.",
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
