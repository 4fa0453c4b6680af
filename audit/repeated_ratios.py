"""Hazard ratios of different comparisons with the same numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..studies.study import Study
from .finding import Finding, Rule
from .ratios import PrintedRatio, printed_ratios

__all__ = ["RULES", "check"]

REPEATED = Rule(
    name="repeated-ratio",
    asks="Do two different comparisons share hazard ratio, both limits and p-value?",
    tolerance="All four numbers, as printed. One comparison twice in a table (a model of one "
    "variable) is left out, and so is the reported comparison, which its own row repeats. That "
    "four numbers agree by chance is not to be expected in one paper, but not impossible: a "
    "warning.",
    reference="Grey A et al. Nature 2020;577:167-169. doi:10.1038/d41586-019-03959-6",
)
RULES = (REPEATED,)


def check(study: Study) -> Iterator[Finding]:
    """Yield rows of hazard-ratio tables that repeat the numbers of another row."""
    rows: dict[tuple[str, ...], list[PrintedRatio]] = defaultdict(list)
    for ratio in printed_ratios(study):
        if ratio.regression and ratio.hazard_ratio and ratio.ci and ratio.p:
            numbers = (ratio.hazard_ratio, *ratio.ci, ratio.p)
            rows[tuple(number.bare for number in numbers)].append(ratio)
    for same in rows.values():
        first, *others = same
        for other in others:
            if (other.table, other.subject) == (first.table, first.subject):
                continue
            yield REPEATED.finding(
                "warning", other.place, printed=other.text,
                expected=f"other numbers than in {first.place}",
                sentence=f"All four numbers of this row also stand in {first.place}, where they "
                "belong to another comparison.",
            )  # fmt: skip
