"""What was found, as tables and sentences: comparisons, digitised curves, audits, batches."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .causes_and_subgroups import cause_tables, subgroup_parts
from .presentation.formats import count, interval, p_value, ratio, ratio_interval
from .presentation.tables import Paragraph, Part, Table, left, right
from .studies.printed import interval_text

if TYPE_CHECKING:
    from .audit import Audit, Finding, Severity
    from .models import Comparison, CurveCheck, EndpointAnalysis, LandmarkCheck
    from .outcome import Refusal, ReproducedStudy
    from .studies import Reported

__all__ = ["at_least", "audit_tables", "curve_tables", "median_text", "reproduction_tables"]

_COMPARISON_COLUMNS = (
    left("Endpoint", "Compared", "Reported HR", "Reproduced HR", "95% RI")
    + right("Difference (SE)", "Matched")
    + left("Verdict")
)
_ABBREVIATIONS = {
    "95% RI": "95% RI: 95% reproduction interval, the hazard ratios of data sets consistent with "
    "every reported value.",
    "Difference (SE)": "Difference: of the log hazard ratios, in reported standard errors.",
    "Matched": "Matched: reported survival values and medians.",
}
_INFORMED = (
    "INFORMED: the patients and draws of {} are conditioned on the reported hazard ratio, interval "
    "and p. They replace the lost data; they cannot check what is reported."
)
_WORST = 3  # findings shown with a reproduction; the command audit has all
_EXPLAINED = ("discrepant", "impossible", "not assessable")
_ARM_COLUMNS = (
    left("Endpoint", "Arm")
    + right("n", "Events")
    + left("Reported median", "Reproduced median")
    + right("Matched")
)


def reproduction_tables(reproduction: ReproducedStudy) -> Iterator[Part]:
    """Yield the comparisons, the single arms, and what was refused, with reasons."""
    if informed := [each.endpoint.key for each in reproduction.comparisons if _informed(each)]:
        yield Paragraph(_INFORMED.format(", ".join(informed)), style="bold")
        yield Paragraph("")
    if reproduction.comparisons:
        yield _comparison_table(reproduction.comparisons)
        yield from _explanations(reproduction.comparisons)
    if reproduction.single_arm:
        rows = (row for each in reproduction.single_arm for row in _arm_rows(each))
        yield Table.of(_ARM_COLUMNS, rows, title="Not compared")
        yield from _missed(reproduction.single_arm)
        yield from _tests_of_all_arms(reproduction.single_arm)
    yield from cause_tables(reproduction.analyses)
    yield from subgroup_parts(reproduction.subgroups)
    for reason in reproduction.subgroups_refused:
        yield Paragraph(f"Subgroups not labelled: {reason}.")
        yield Paragraph("")
    if reproduction.refused:
        yield from _refusals(reproduction.refused)
    yield from _audit_summary(reproduction.audit)


def _informed(analysis: EndpointAnalysis) -> bool:
    return analysis.comparison is not None and bool(analysis.comparison.informed)


def _comparison_table(analyses: tuple[EndpointAnalysis, ...]) -> Table:
    """Return a line for each comparison, explaining the abbreviations that occur."""
    rows = [
        _comparison_row(each, each.comparison) for each in analyses if each.comparison is not None
    ]
    table = Table.of(_COMPARISON_COLUMNS, rows, title="Comparisons").without_empty_columns()
    names = {column.name for column in table.columns}
    caption = " ".join(words for name, words in _ABBREVIATIONS.items() if name in names)
    return Table(columns=table.columns, rows=table.rows, title=table.title, caption=caption)


def _comparison_row(analysis: EndpointAnalysis, comparison: Comparison) -> tuple[str, ...]:
    reported, fit = analysis.endpoint.reported, comparison.cox
    bounds = comparison.reproduction_interval
    apart = None if comparison.missed or bounds else comparison.in_reported_se
    return (
        analysis.endpoint.key,
        f"{comparison.treatment} vs {comparison.reference}",
        _as_reported(reported) if reported else "",
        ratio_interval(fit.hazard_ratio, fit.ci) if fit else "not estimable",
        interval(*bounds) if bounds else "",
        "" if apart is None else f"{apart:.2f}",
        _matched(comparison.landmarks),
        comparison.verdict,
    )


def _as_reported(reported: Reported) -> str:
    """Write the hazard ratio with its interval, the interval alone, or else the p."""
    if not reported.compares and reported.p is not None:
        equals = "= " if reported.p.relation == "=" else ""
        return f"{reported.p_name} {equals}{reported.p.bare}"
    return interval_text(reported.hazard_ratio, reported.ci, level=reported.ci_level)


def _matched(checks: tuple[LandmarkCheck, ...]) -> str:
    return f"{sum(check.inside for check in checks)}/{len(checks)}" if checks else ""


def _explanations(analyses: tuple[EndpointAnalysis, ...]) -> Iterator[Part]:
    """Yield in words what the table alone does not explain."""
    for analysis in analyses:
        comparison = analysis.comparison
        if comparison and _needs_words(comparison):
            taken = (
                f" No reference is stated: {comparison.reference}, the first arm, was taken."
                if analysis.endpoint.reference_taken
                else ""
            )
            yield Paragraph(f"{analysis.endpoint.key}: {comparison.sentence}{taken}")
            yield Paragraph("")


def _needs_words(comparison: Comparison) -> bool:
    """Say whether a verdict is unusual, or rests on other numbers than a ratio and its interval."""
    reported = comparison.reported
    judged_by_p = reported.ratio is None and comparison.p_of_draws is not None
    few = comparison.has_few_draws or comparison.has_few_scenarios
    odd = few or bool(reported.ci_doubt)
    return comparison.verdict in _EXPLAINED or judged_by_p or odd


def _tests_of_all_arms(analyses: tuple[EndpointAnalysis, ...]) -> Iterator[Part]:
    """Yield the log-rank test of endpoints with several arms, beside what is reported of it."""
    from .models.reported_p import logrank_text

    for analysis in analyses:
        if len(analysis.curves) < 2:
            continue
        where = "" if analysis.endpoint.contrasts else _how_to_compare(analysis)
        yield Paragraph(
            f"{analysis.endpoint.key}: log-rank test of {count(len(analysis.curves), 'arm')}: "
            f"{logrank_text(analysis.endpoint, analysis.logrank)}{where}."
        )
        yield Paragraph("")


def _how_to_compare(analysis: EndpointAnalysis) -> str:
    if len(analysis.curves) > 2:
        return "; write [[endpoint.comparison]] for each pair that is reported"
    either = " or ".join(f'"{arm}"' for arm in analysis.curves)
    return f"; write reference = {either} to compare them"


def _arm_rows(analysis: EndpointAnalysis) -> Iterator[tuple[str, ...]]:
    """Yield a line for each arm of an endpoint that is not compared."""
    for arm, curve in analysis.curves.items():
        reported = analysis.endpoint.arms[arm]
        yield (
            analysis.endpoint.key,
            arm,
            str(curve.n),
            str(int(curve.n_events.sum())),
            interval_text(reported.median, reported.median_ci, level=reported.median_ci_level),
            median_text(curve.median, curve.median_ci),
            _matched(tuple(check for check in analysis.landmarks if check.arm == arm)),
        )


def _missed(analyses: tuple[EndpointAnalysis, ...]) -> Iterator[Part]:
    """Say of endpoints that are not compared which reported values their patients miss."""
    from .models.checks import missed_sentence

    for analysis in analyses:
        if analysis.missed:
            yield Paragraph(f"{analysis.endpoint.key}: {missed_sentence(analysis.missed)}.")
            yield Paragraph("")


def median_text(value: float, ci: tuple[float, float]) -> str:
    """Write a median with its interval; NR for what is not reached."""
    median, lower, upper = ("NR" if math.isinf(x) else f"{x:.1f}" for x in (value, *ci))
    return "NR" if {median, lower, upper} == {"NR"} else f"{median} ({lower} to {upper})"


def _refusals(refused: tuple[Refusal, ...]) -> Iterator[Part]:
    yield Paragraph("Refused", style="bold")
    for refusal in refused:
        yield Paragraph(f"{refusal.endpoint.key}: {refusal.reason}")
    yield Paragraph("")
    rows = [
        (
            refusal.endpoint.key,
            look.title(refusal.endpoint.time_unit),
            ratio(look.hazard_ratio),
            interval(look.lower, look.upper),
        )
        for refusal in refused
        for look in refusal.quick_looks
    ]
    if rows:
        columns = left("Endpoint", "From", "Approximate HR", "Rounding")
        yield Table.of(columns, rows, title="Quick looks: approximate, without patients")


_CURVE_COLUMNS = left("Arm") + right(
    "n", "Events", "Reported", "Points within", "Largest", "Mean", "Bias", "Tolerance",
    "At risk matched",
)  # fmt: skip
_CURVE_CAPTION = (
    "Largest, mean: distance of the curve from its points, in percentage points. Bias: by how much "
    "it is above them (+) or below on average. Tolerance: reading error of the points, the median."
)


def curve_tables(analysis: EndpointAnalysis) -> Iterator[Part]:
    """Yield the check of every digitised curve, what was repaired and assumed, the comparison."""
    rows = map(_curve_row, analysis.curve_checks)
    yield Table.of(_CURVE_COLUMNS, rows, title="Digitised curves", caption=_CURVE_CAPTION)
    yield from map(Paragraph, _curve_comparison(analysis))
    for check in analysis.curve_checks:
        yield from map(Paragraph, _mostly_missed(check))
        yield from map(Paragraph, _beyond(check, analysis.endpoint.time_unit))
    for sentence in analysis.ipd.assumptions:
        yield Paragraph(f"Assumed: {sentence}")


def _curve_row(check: CurveCheck) -> tuple[str, ...]:
    matched = sum(row.met for row in check.at_risk)
    return (
        check.arm,
        str(check.n),
        str(check.events),
        "" if check.events_printed is None else str(check.events_printed),
        f"{int(check.inside.sum())}/{check.time.size}",
        f"{100 * check.largest:.2f}",
        f"{100 * check.mean_distance:.2f}",
        f"{100 * check.bias:+.2f}",
        f"{100 * check.tolerance:.2f}",
        f"{matched}/{len(check.at_risk)}" if check.at_risk else "",
    )


def _curve_comparison(analysis: EndpointAnalysis) -> Iterator[str]:
    """Yield the hazard ratio of two arms and the log-rank test of two or more."""
    endpoint, cox = analysis.endpoint, analysis.cox
    if len(analysis.curves) < 2:
        return
    if cox is not None and endpoint.treatment is not None:
        lower, upper = cox.ci
        yield (
            f"Hazard ratio, {endpoint.treatment} vs {endpoint.reference}: {cox.hazard_ratio:.3f} "
            f"(95% CI {lower:.3f} to {upper:.3f}), Cox {p_value(cox.p_wald, decimals=4)}."
        )
    elif len(analysis.curves) == 2:
        yield f"No hazard ratio: {analysis.cox_reason.rstrip('.')}."
    if analysis.logrank is not None:
        yield f"Log-rank test: {p_value(analysis.logrank.p, decimals=4)}."


def _mostly_missed(check: CurveCheck) -> Iterator[str]:
    """Yield a sentence if so few points are matched that they may be something else."""
    if 2 * int(check.inside.sum()) >= check.time.size:
        return
    read, other = ("drops", "samples") if check.kind == "steps" else ("heights", "steps")
    yield (
        f"Most points of {check.arm} are missed, so do not rely on its patients. The points were "
        f"read as {read}, within {100 * check.tolerance:.2g} points: if that is not what they are, "
        f"say so with --kind {other} or with --tolerance."
    )


def _beyond(check: CurveCheck, unit: str) -> Iterator[str]:
    """Yield a sentence if numbers at risk are reported where the curve does not reach."""
    end = float(check.time[-1])
    if beyond := [f"{row.time:g}" for row in check.at_risk if row.time > end and row.printed]:
        yield (
            f"Beyond the curve: {check.arm} has numbers at risk at {', '.join(beyond)} {unit}, and "
            f"its last point is at {end:g}; the curve between is not identifiable."
        )


_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
_SEVERITIES = tuple(_STYLES)  # the worst first
_MEANINGS = (
    "error: no rounding and no usual method makes the numbers agree; warning: only an unusual "
    "method does; note: may be correct, check."
)


def audit_tables(audit: Audit, *, least: Severity = "note") -> Iterator[Part]:
    """Yield the total, then the findings of each table of the paper, the worst first.

    Parameters
    ----------
    audit : Audit
        All findings.
    least : {"error", "warning", "note"}
        The least severity that is shown; the total counts all.
    """
    shown = at_least(audit, least)
    left_out = len(audit) - len(shown)
    rest = f" Not shown: {left_out} less severe." if left_out else ""
    yield Paragraph(f"{audit.study.id}: {audit.summary}.{rest}", style="bold")
    if not shown:
        return
    yield Paragraph(_MEANINGS, style="dim")
    for place, findings in _by_table(shown).items():
        yield Paragraph("")
        yield Paragraph(f"{place}: {_severity_counts(findings)}", style="bold")
        for finding in findings:
            yield from _finding(finding, place)


def at_least(audit: Audit, least: Severity) -> list[Finding]:
    """Return the findings of at least one severity, the worst first."""
    wanted = _SEVERITIES[: _SEVERITIES.index(least) + 1]
    return [finding for finding in audit if finding.severity in wanted]


def _severity_counts(findings: Iterable[Finding]) -> str:
    """Return "2 errors, 1 note"; what does not occur is not named."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(count(counts[each], each) for each in _SEVERITIES if counts[each])


def _by_table(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings by table or endpoint: the most errors first, then the most warnings."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_table(finding.place), []).append(finding)

    def gravity(place: str) -> tuple[int, ...]:
        counts = Counter(finding.severity for finding in groups[place])
        return tuple(-counts[severity] for severity in _SEVERITIES)

    return {place: groups[place] for place in sorted(groups, key=gravity)}


def _table(place: str) -> str:
    """Return the table, figure or endpoint of a finding; of two places, the table."""
    heads = place.split(": ")[0].split("; ")
    head = next((each for each in heads if re.match(r"(?:Supplementary )?Table ", each)), heads[0])
    return head.split(", ")[0] if re.match(r"[^\s/]+/[^\s/,]+, ", head) else head


def _finding(finding: Finding, place: str) -> Iterator[Part]:
    where = finding.place.removeprefix(place).lstrip(":;, ")
    head = f"{finding.severity}: {where}" if where else finding.severity
    yield Paragraph(f"{head} [{finding.rule}]", style=_STYLES[finding.severity])
    yield Paragraph(finding.sentence)
    yield Paragraph(f"Reported: {finding.printed}. Expected: {finding.expected}.", style="dim")


def _audit_summary(audit: Audit) -> Iterator[Part]:
    """Yield in one line how many findings there are, and which are the worst."""
    if not audit.findings:
        return
    worst = "; ".join(f"{each.place} [{each.rule}]" for each in audit.findings[:_WORST])
    yield Paragraph(
        f"Audit of the reported numbers: {audit.summary}. Worst: {worst}. "
        "`kmrepro audit` explains them all."
    )
    yield Paragraph("")
