"""Tables of subgroups against the arms, the overall comparison and their own interactions."""

from __future__ import annotations

from collections.abc import Iterator

from ..studies.study import Study
from ..studies.subgroup_misfits import Misfit, misfits
from ..studies.table import Table
from .rule import Finding, Rule, asks

__all__ = ["subgroup_findings"]

_COUNTING = "Altman DG, Bland JM. BMJ 1996;313:572. doi:10.1136/bmj.313.7056.572"
_INTERACTION = "Altman DG, Bland JM. BMJ 2003;326:219. doi:10.1136/bmj.326.7382.219"

COUNTS = Rule(
    name="subgroup-counts",
    asks="Can the patients and events of the levels be those of the arms?",
    tolerance="Counts are whole, so nothing is allowed for: levels have no more patients and "
    "events than their arm, and patients in none of them no more events than there are such "
    "patients. Patients that are missing from the levels are a warning where nearly all are of "
    "one arm, which by chance is so in fewer than 1 of 10,000. A ratio where an arm has no event "
    "is a warning, since a penalised one is finite.",
    reference=_COUNTING,
)
INTERACTION = Rule(
    name="interaction-p",
    asks="Is the p for interaction the one that the hazard ratios of the levels give?",
    tolerance="Cochran's test over every rounding of ratios and limits, and 15% and 0.4 normal "
    "units beyond, to which 99% of simulated tests of a product in Cox regression keep: a note. "
    "From 0.9 on, which an adjusted regression seldom reaches, a warning, as the test may be of "
    "a measurement that the levels divide; a note where the levels hold less than 95% of the "
    "patients, or where a contrast of three levels or more may give it.",
    reference=_INTERACTION,
)
RATIOS = Rule(
    name="subgroup-ratios",
    asks="Does the hazard ratio of all patients lie among those of the levels?",
    tolerance="Every rounding. Asked where the levels hold 95% of the patients, in shares that do "
    "not differ between the arms (p > 0.05), and all are on one side of the ratio of all. A "
    "warning from 1.5 standard errors on between it and their weighted mean where it is further "
    "from 1, and from 4 where it is nearer, as it is if the levels have unlike hazards.",
    reference="Gail MH, Wieand S, Piantadosi S. Biometrika 1984;71:431-444. "
    "doi:10.1093/biomet/71.3.431",
)
OVERALL = Rule(
    name="subgroup-overall",
    asks="Is the row of all patients the reported comparison?",
    tolerance="Every rounding of ratio and limits. A warning, and a note where the comparison is "
    "adjusted or stratified, as a row of a forest plot often is not.",
    reference=_COUNTING,
)
ROWS = Rule(
    name="subgroup-rows",
    asks="Is every row read, and of patients of its own?",
    tolerance="A level that stands twice is a warning. Rows of arms or an endpoint that are not "
    "there, and of patients that are no counts, are a note about the audit: they are not checked.",
    reference=_COUNTING,
)
_RULES = {
    "counts": COUNTS, "interaction": INTERACTION, "ratios": RATIOS, "overall": OVERALL,
    "rows": ROWS,
}  # fmt: skip


@asks(COUNTS, INTERACTION, RATIOS, OVERALL, ROWS)
def subgroup_findings(study: Study) -> Iterator[Finding]:
    """Yield what does not fit in tables of subgroups."""
    for table in study.tables:
        for each in misfits(table, study.endpoints):
            if each.key != "ci" or each.kind != "counts":  # `interval-events` has it
                yield _finding(table, each)


def _finding(table: Table, each: Misfit) -> Finding:
    subject = f"{each.subject}: " if each.subject else ""
    return _RULES[each.kind].finding(
        each.severity, f"{table.place}: {each.subject}" if each.subject else table.place,
        printed=each.printed, expected=each.expected,
        sentence=f"{subject or 'Table of subgroups: '}{each.text}.",
    )  # fmt: skip
