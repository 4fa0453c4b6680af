"""Check a paper's reported numbers against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..presentation import notebook
from ..presentation.formats import count
from ..presentation.tables import Table, left
from ..studies.argument_types import refuse_no_study, strict
from ..studies.study import Study
from . import (
    count_tests,
    counts,
    events,
    follow_up,
    hazard_ratios,
    mean_tests,
    means,
    medians,
    p_values,
    patients,
    quantities,
    statements,
    subgroups,
    sums,
    survival,
)
from .rule import SEVERITIES, Check, Finding, Rule, Severity

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHECKS", "RULES", "Audit", "audit"]

CHECKS: tuple[Check, ...] = (  # findings of one severity are listed in this order: gravest first
    hazard_ratios.ratio_intervals,
    p_values.ratio_p_values,
    p_values.ratio_p_events,
    events.interval_events,
    events.interval_levels,
    events.event_counts,
    survival.after_progression,
    subgroups.subgroup_findings,
    follow_up.interval_findings,
    medians.median_intervals,
    survival.survival_order,
    survival.direction,
    follow_up.follow_up_times,
    patients.patient_counts,
    quantities.stated_ratios,
    quantities.same_quantities,
    sums.flow_sums,
    counts.subset_counts,
    sums.sums,
    quantities.repeated_ratios,
    quantities.repeated_rows,
    count_tests.count_tests_recomputed,
    mean_tests.mean_tests_recomputed,
    mean_tests.rank_tests_recomputed,
    p_values.statistic_p_values,
    means.whole_numbers,
    counts.percentages_of_counts,
    statements.listed_patients,
    statements.claims,
    statements.sample_sizes,
    means.readable_cells,
)
RULES: tuple[Rule, ...] = tuple(rule for check in CHECKS for rule in check.rules)

_COLUMNS = left("Where", "Rule", "Printed", "Expected", "In words")


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the audit of one study found.

    Attributes
    ----------
    study : Study
        The study.
    findings : tuple of Finding
        Errors first, then warnings, then notes; within each those on survival and hazard ratios
        first, then numbers that differ between places, then counts, tests and percentages.
    """

    study: Study
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        """Return how many findings there are, for a notebook's line."""
        return f"Audit({self.study.id}: {self.summary})"

    def _repr_html_(self) -> str:
        """Return the findings, those of each severity in a table that opens when clicked."""
        parts = [notebook.heading(self.study.id, self.summary)]
        for severity in SEVERITIES:
            rows = [
                (each.place, each.rule, each.printed, each.expected, each.sentence)
                for each in self.of(severity)
            ]
            if rows:
                table = Table.of(_COLUMNS, rows).to_html()
                parts.append(notebook.folded(f"{severity.title()}s: {len(rows)}", table))
        return notebook.block(*parts)

    @strict
    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    @property
    def has_errors(self) -> bool:
        """True if any finding is an error."""
        return bool(self.of("error"))

    @property
    def summary(self) -> str:
        """How many findings there are, in words."""
        counts = Counter(finding.severity for finding in self.findings)
        parts = [
            count(counts[severity], severity) if counts[severity] else f"no {severity}s"
            for severity in SEVERITIES
        ]
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; a finding has `parts` if it gathers several."""
        return {"study": self.study.id, "findings": [_plain(each) for each in self.findings]}

    def to_frame(self) -> pd.DataFrame:
        """Return one row per finding, with the attributes of `Finding` but `parts` as columns."""
        import pandas as pd

        columns = [name for name in Finding.__dataclass_fields__ if name != "parts"]
        rows = [[getattr(each, name) for name in columns] for each in self.findings]
        return pd.DataFrame(rows, columns=columns)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)


def _plain(finding: Finding) -> dict[str, Any]:
    values = asdict(finding)
    parts = values.pop("parts")
    if parts:
        values["parts"] = [{k: v for k, v in part.items() if k != "parts"} for part in parts]
    return values


def audit(study: Study) -> Audit:
    """Check the reported numbers of a paper for those that do not agree with each other.

    Every reported number may be any value that rounds to it, so a finding is not an effect of
    rounding. A finding does not say which number is the misprint.

    Parameters
    ----------
    study : Study
        What the paper reports.

    Returns
    -------
    Audit
        The findings, with `to_frame` and `to_dict`.

    References
    ----------
    .. [1] Nuijten MB et al. Behav Res Methods 2016;48:1205-1226. doi:10.3758/s13428-015-0664-2.
    .. [2] Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369.
       doi:10.1177/1948550616673876.

    Examples
    --------
    >>> from kmrepro.studies import load_study
    >>> found = audit(load_study("an2025"))
    >>> [each.expected for each in found if each.rule == "limit-misprint"]
    ['upper limit 2.32']
    """
    refuse_no_study("audit", study)
    found = gathered(study, (each for check in CHECKS for each in check.find(study)))
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study=study, findings=tuple(found))


def gathered(study: Study, findings: Iterable[Finding]) -> list[Finding]:
    """Make one finding of those that most often have one cause.

    That is all findings of one row of a table, and those of one rule in one arm or in one
    comparison. A row whose levels a patient may have several of is gathered level by level.
    """
    rows, arms = _row_places(study), _arm_places(study)
    endpoints = tuple(f"{endpoint.key}, " for endpoint in study.analysed)
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for number, finding in enumerate(findings):
        if row := _within(finding.place, rows):
            key: tuple[str, ...] = (row,)
        elif arm := _within(finding.place, arms):
            key = (arm, finding.rule)
        elif finding.place.startswith(endpoints):
            key = (finding.place, finding.rule)
        else:
            key = (finding.place, finding.rule, str(number))
        groups.setdefault(key, []).append(finding)
    return [_as_one(key[0], group) for key, group in groups.items()]


def _row_places(study: Study) -> set[str]:
    places: set[str] = set()
    for table in study.tables:
        for row in table.counts:
            place = f"{table.place}: {row.variable}"
            levels = [""] if row.exclusive else [f", {level}" for level in row.levels]
            places.update(f"{place}{level}" for level in levels)
        for each in (*table.means, *table.medians):
            places.add(f"{table.place}: {each.variable}")
    return places | {
        ratio.place for ratio in hazard_ratios.reported_ratios(study) if ratio.regression
    }


def _arm_places(study: Study) -> set[str]:
    return {f"{endpoint.key}, arm {name}" for endpoint in study.endpoints for name in endpoint.arms}


def _within(place: str, known: set[str]) -> str:
    """Return the known place that a place is, or is a part of; "" if there is none."""
    ends = [at for at, letter in enumerate(place) if letter == ","] + [len(place)]
    return next((place[:end] for end in ends if place[:end] in known), "")


def _as_one(place: str, group: list[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    ordered = sorted(group, key=lambda each: SEVERITIES.index(each.severity))
    head = ordered[0]
    alike = [each for each in ordered if each.rule == head.rule]
    further = [each for each in ordered if each.rule != head.rule]
    sentences = [_detailed(each.sentence, each, place) for each in alike]
    if further:
        sentences.append("In the same row:")
        sentences += [_detailed(each.sentence, each, place) for each in further]
    return replace(
        head,
        place=place,
        printed="; ".join(_detailed(each.printed, each, place) for each in alike),
        expected="; ".join(dict.fromkeys(each.expected for each in alike)),
        sentence=" ".join(sentences),
        parts=tuple(group),
    )


def _detailed(text: str, finding: Finding, place: str) -> str:
    """Begin a text with the part of the gathered place that it is of."""
    detail = finding.place.removeprefix(place).lstrip(", ")
    return f"{detail}: {text}" if detail else text
