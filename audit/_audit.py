"""Check a paper's reported numbers against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..presentation import markup
from ..presentation.tables import Table, left
from ..studies.study import Study
from . import (
    count_tests,
    counts,
    flows,
    follow_up,
    hazard_ratios,
    mean_tests,
    means,
    p_values,
    percentages,
    quantities,
    repetitions,
    statements,
    survival,
)
from .rule import SEVERITIES, Check, Finding, Rule, Severity

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHECKS", "RULES", "Audit", "audit"]

CHECKS: tuple[Check, ...] = (  # in the order in which findings of one severity are listed
    hazard_ratios.ratio_intervals,
    p_values.ratio_p_values,
    hazard_ratios.interval_events,
    survival.survival_order,
    survival.direction,
    follow_up.follow_up_times,
    repetitions.repeated_ratios,
    quantities.stated_ratios,
    counts.sums,
    flows.flow_sums,
    percentages.percentages_of_counts,
    counts.subset_counts,
    repetitions.repeated_rows,
    count_tests.count_tests_recomputed,
    mean_tests.mean_tests_recomputed,
    mean_tests.rank_tests_recomputed,
    p_values.statistic_p_values,
    means.readable_cells,
    means.whole_numbers,
    quantities.same_quantities,
    statements.listed_patients,
    statements.claims,
    statements.sample_sizes,
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
        Errors first, then warnings, then notes; within each in the order of the rules.
    """

    study: Study
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        """Return how many findings there are, for a notebook's line."""
        return f"Audit({self.study.id}: {self.summary})"

    def _repr_html_(self) -> str:
        """Return the findings, those of each severity in a table that opens when clicked."""
        parts = [markup.heading(self.study.id, self.summary)]
        for severity in SEVERITIES:
            rows = [
                (each.place, each.rule, each.printed, each.expected, each.sentence)
                for each in self.of(severity)
            ]
            if rows:
                table = Table.of(_COLUMNS, rows).to_html()
                parts.append(markup.folded(f"{severity.title()}s: {len(rows)}", table))
        return markup.block(*parts)

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
        parts = [_counted(counts[severity], severity) for severity in SEVERITIES]
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: `study` and `findings`."""
        return {"study": self.study.id, "findings": [asdict(each) for each in self.findings]}

    def to_frame(self) -> pd.DataFrame:
        """Return one row per finding, with the attributes of `Finding` as columns."""
        import pandas as pd

        columns = list(Finding.__dataclass_fields__)
        return pd.DataFrame([asdict(each) for each in self.findings], columns=columns)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


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
    found = [finding for check in CHECKS for finding in check.find(study)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Audit(study=study, findings=tuple(found))
