"""What a report says of endpoints, causes, subgroups and curves, and of the paper's own numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...models.reported_p import logrank_text
from ...presentation.formats import (
    count,
    interval,
    p_value,
    ratio,
    ratio_interval,
    time_text,
    with_unit,
)
from ...studies.printed import interval_text
from ..text import arm_label, cohort_text
from .interactive import chart, patients_link
from .summary import verdict_row

if TYPE_CHECKING:
    from ...audit import Audit, Finding, Rule, Severity
    from ...models import CurveCheck, EndpointAnalysis, LandmarkCheck
    from ...models.competing import CauseAnalysis
    from ...models.subgroups import Subgroups, VariableLabels
    from ...reconstruct.quick_looks import QuickLook
    from ...studies import Endpoint

__all__ = [
    "audit_section",
    "cause_section",
    "curve_section",
    "doi_link",
    "endpoint_section",
    "place",
    "quick_look",
    "subgroup_section",
]

_HEADINGS: dict[Severity, tuple[str, str]] = {
    "error": ("Errors", "No rounding and no usual method makes these numbers agree."),
    "warning": ("Warnings", "Only an unusual method makes these numbers agree."),
    "note": ("Notes", "May be correct; check."),
}


def place(endpoint: Endpoint) -> dict[str, str]:
    """Return what an endpoint is called and where in the paper it is."""
    return {
        "key": endpoint.key,
        "cohort": cohort_text(endpoint),
        "name": endpoint.label or endpoint.name,
        "source": endpoint.source,
        "note": endpoint.note,
        "time_unit": endpoint.time_unit,
    }


def endpoint_section(
    analysis: EndpointAnalysis, *, anchor: str, stem: str, audit: Audit | None = None
) -> dict[str, Any]:
    """Return verdict, curves, tables, assumptions and findings of one endpoint.

    Parameters
    ----------
    analysis : EndpointAnalysis
    anchor : str
        Where in the page it is.
    stem : str
        What the file of its patients is called, without suffix.
    audit : Audit, optional
        Of the whole study; the findings that name this endpoint are listed here too.
    """
    return {
        **place(analysis.endpoint),
        "id": anchor,
        "verdict": verdict_row(analysis) if analysis.comparison else None,
        "chart": chart(analysis),
        "patients": {"file": f"{stem}.csv", "address": patients_link(analysis.ipd)},
        "landmarks": _landmarks(analysis) if analysis.landmarks else None,
        "arms": [_arm(analysis, arm) for arm in analysis.curves],
        "causes": cause_section(analysis),
        "estimates": list(_estimates(analysis)),
        "caveats": list(_caveats(analysis)),
        "assumptions": analysis.ipd.assumptions,
        "notes": [(topic.replace("_", " "), text) for topic, text in analysis.ipd.notes.items()],
        "quick_looks": [
            quick_look(look, analysis.endpoint.time_unit) for look in analysis.quick_looks
        ],
        "findings": [each for each in audit.findings if _names(each, analysis.endpoint.key)]
        if audit
        else None,
    }


def _caveats(analysis: EndpointAnalysis) -> Iterator[str]:
    """Yield what a reader must know before the curves: whose patients, and whose numbers."""
    endpoint = analysis.endpoint
    counts = [f"{curve.n} in {arm_label(endpoint, arm)}" for arm, curve in analysis.curves.items()]
    listed = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    yield (
        f"Not the paper's patients: {listed}, reconstructed so that they are consistent with what "
        "is reported."
    )
    whole = [name for name, arm in endpoint.arms.items() if arm.n_basis == "cohort"]
    if whole:
        yield (
            "The endpoint's own numbers of patients are not reported; those of the whole cohort "
            "are used, which are too large if not everybody could have the event."
        )
    if any(arm.n_basis == "allocation" for arm in endpoint.arms.values()):
        yield (
            "The numbers of patients per arm are not reported; each arm has its share of all "
            "patients by the reported allocation, which may be off by some patients."
        )
    if endpoint.note:
        yield endpoint.note


def doi_link(doi: str) -> str:
    """Return the address of a DOI; empty if it is none."""
    return f"https://doi.org/{doi}" if re.fullmatch(r"10\.[^\s\"<>]+", doi) else ""


def _names(finding: Finding, key: str) -> bool:
    """Say whether a finding's place names an endpoint, as in "psm/OS, arm SR, follow-up"."""
    return bool(re.search(rf"(?<![\w/]){re.escape(key)}(?![\w/])", finding.place))


def _landmarks(analysis: EndpointAnalysis) -> dict[str, Any]:
    endpoint = analysis.endpoint
    missed = sum(not check.inside for check in analysis.landmarks)
    return {
        "finding": f"{missed} not matched" if missed else "all matched",
        "rows": [_check(endpoint, check) for check in analysis.landmarks],
    }


def _check(endpoint: Endpoint, check: LandmarkCheck) -> dict[str, Any]:
    unit = endpoint.time_unit
    survival = check.quantity == "survival"
    return {
        "arm": arm_label(endpoint, check.arm),
        "what": f"Survival at {with_unit(check.time, unit)}" if survival else f"Median, {unit}",
        "printed": check.printed.text,
        "reproduced": _as_printed(check),
        "inside": "yes" if check.inside else "no",
    }


def _as_printed(check: LandmarkCheck) -> str:
    """Write the reproduced number as the reported one is written, with one more digit."""
    if math.isinf(check.reproduced):
        return "not reached"
    digits = check.printed.decimals + 1
    if check.printed.percent:
        return f"{100 * check.reproduced:.{digits}f}%"
    return f"{check.reproduced:.{digits}f}"


def _arm(analysis: EndpointAnalysis, arm: str) -> dict[str, Any]:
    curve = analysis.curves[arm]
    median, bounds = _time(curve.median), [_time(bound) for bound in curve.median_ci]
    return {
        "name": arm_label(analysis.endpoint, arm),
        "n": curve.n,
        "events": int(curve.n_events.sum()),
        "median": median if {median} == set(bounds) else f"{median} ({' to '.join(bounds)})",
        "last": f"{curve.time[-1]:.1f}",
    }


def _time(value: float) -> str:
    if math.isnan(value):
        return "not defined"
    return f"{value:.1f}" if math.isfinite(value) else "not reached"


def _estimates(analysis: EndpointAnalysis) -> Iterator[tuple[str, str]]:
    """Yield what else was estimated, in words."""
    unit = analysis.endpoint.time_unit
    if len(analysis.curves) > 1:
        yield "Log-rank test", logrank_text(analysis.endpoint, analysis.logrank)
    if analysis.cox_reason and len(analysis.curves) > 1:
        yield "No hazard ratio", analysis.cox_reason
    if analysis.rmst and math.isfinite(analysis.rmst.difference):
        means = analysis.rmst
        low, high = means.difference_ci
        yield (
            f"Difference in restricted mean survival time up to {time_text(means.tau)} {unit}",
            f"{means.difference:.2f} {unit} (95% CI {low:.2f} to {high:.2f})",
        )
    if analysis.proportionality:
        yield "Test of proportional hazards", p_value(analysis.proportionality.p)
    if analysis.implied_events:
        low, high = analysis.implied_events.low, analysis.implied_events.high
        upper = f"to {high:.0f}" if math.isfinite(high) else "upwards"
        yield "Events implied by the reported interval", f"{low:.0f} {upper}"


def quick_look(look: QuickLook, unit: str) -> dict[str, str]:
    """Return a quick look as text, with the unit of its time."""
    return {
        "name": look.title(unit),
        "hazard_ratio": ratio(look.hazard_ratio),
        "range": interval(look.lower, look.upper),
        "method": look.method,
        "reference": look.reference,
    }


def curve_section(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return repairs, points, events and numbers at risk of the arms with a digitised curve.

    Returns
    -------
    dict
        `name`, `cohort`, `time_unit` and `finding`; `rows`, one for each arm, with its `repairs`;
        and `at_risk`, one for each reported number at risk.
    """
    endpoint, checks = analysis.endpoint, analysis.curve_checks
    missed = sum(int((~check.inside).sum()) for check in checks)
    return {
        "name": endpoint.label or endpoint.name,
        "cohort": cohort_text(endpoint),
        "time_unit": endpoint.time_unit,
        "finding": f"{count(missed, 'point') if missed else 'no points'} beyond the tolerance",
        "rows": [_row(endpoint, check) for check in checks],
        "at_risk": [row for check in checks for row in _at_risk(endpoint, check)],
    }


def _row(endpoint: Endpoint, check: CurveCheck) -> dict[str, Any]:
    printed = check.events_printed
    return {
        "arm": arm_label(endpoint, check.arm),
        "kind": {"steps": "drops", "samples": "heights"}[check.kind],
        "repairs": [f"{repair[0].upper()}{repair[1:]}" for repair in check.repairs],
        "points": f"{int(check.inside.sum())} of {check.time.size}",
        "met": "yes" if check.inside.all() else "no",
        "tolerance": f"{100 * check.tolerance:.2g}",
        "largest": f"{100 * check.largest:.2g}",
        "typical": f"{100 * check.typical:.2g}",
        "events": f"{check.events}" if printed is None else f"{check.events} ({printed} reported)",
    }


def _at_risk(endpoint: Endpoint, check: CurveCheck) -> list[dict[str, Any]]:
    return [
        {
            "arm": arm_label(endpoint, check.arm),
            "time": f"{row.time:g}",
            "printed": row.printed,
            "reproduced": row.reproduced,
            "met": "yes" if row.met else "no",
        }
        for row in check.at_risk
    ]


def audit_section(audit: Audit) -> dict[str, Any]:
    """Return the findings by severity, with the rules that found them.

    Returns
    -------
    dict
        `summary`, and `groups`: each with `severity`, `heading`, `meaning` and `findings`.
    """
    from ...audit import RULES

    rules = {rule.name: rule for rule in RULES}
    groups = [
        {
            "severity": severity,
            "heading": heading,
            "meaning": meaning,
            "findings": [_told(each, rules.get(each.rule)) for each in audit.of(severity)],
        }
        for severity, (heading, meaning) in _HEADINGS.items()
        if audit.of(severity)
    ]
    return {"summary": audit.summary, "groups": groups}


def _told(finding: Finding, rule: Rule | None) -> dict[str, str]:
    """Return a finding as text, with where its rule comes from."""
    cited, _, doi = finding.reference.partition(" doi:")
    return {
        "place": finding.place,
        "sentence": finding.sentence,
        "printed": finding.printed,
        "expected": finding.expected,
        "rule": finding.rule,
        "asks": rule.asks if rule else "",
        "cited": cited,
        "link": doi_link(doi),
    }


def cause_section(analysis: EndpointAnalysis) -> dict[str, Any] | None:
    """Return the rows of an endpoint's causes; None without competing risks."""
    if not analysis.causes:
        return None
    checks = [check for cause in analysis.causes for check in cause.checks]
    missed = sum(not check.inside for check in checks)
    return {
        "rows": [_cause(cause) for cause in analysis.causes],
        "finding": f"{missed} not matched" if missed else "all matched",
        "checks": [
            {
                "arm": check.arm,
                "what": f"{check.cause} at {with_unit(check.time, analysis.endpoint.time_unit)}",
                "printed": check.printed,
                "reproduced": f"{100 * check.reproduced:.2f}%",
                "inside": "yes" if check.inside else "no",
            }
            for check in checks
        ],
    }


def _cause(cause: CauseAnalysis) -> dict[str, str]:
    fit, own, reported = cause.fine_gray, cause.cause_specific, cause.reported
    said = reported.ratio_text if reported else ""
    return {
        "name": cause.label or cause.cause,
        "reported": f"{said} ({reported.kind})" if reported and said else "",
        "subdistribution": ratio_interval(fit.hazard_ratio, fit.ci) if fit else cause.reason,
        "possible": _interval_of_reported(cause),
        "specific": ratio_interval(own.hazard_ratio, own.ci) if own else "",
        "gray": p_value(cause.gray.p) if cause.gray else "",
        "events": ", ".join(f"{arm} {count}" for arm, count in cause.events.items()),
        "verdict": cause.verdict if said else "",
    }


def _interval_of_reported(cause: CauseAnalysis) -> str:
    bounds = cause.interval_of_reported
    kind = cause.reported.kind if cause.reported else "subdistribution"
    return "" if bounds is None else f"{interval(*bounds)} ({kind})"


def subgroup_section(subgroups: Sequence[Subgroups]) -> list[dict[str, Any]]:
    """Return the rows and sentences of every table of subgroups."""
    return [
        {
            "name": each.table.title or each.table.place,
            "endpoint": each.endpoint.key,
            "n_draws": each.n_draws,
            "rows": [row for variable in each.variables for row in _levels(variable)],
            "every_number": each.every_number,
            "sentences": each.sentences,
        }
        for each in subgroups
    ]


def _levels(each: VariableLabels) -> Iterator[dict[str, str]]:
    met = each.met
    p = float(np.median(each.p_interaction[met])) if met.any() else float("nan")
    printed = each.variable.p_interaction
    for place, level in enumerate(each.variable.levels):
        own = float(np.exp(np.median(each.log_hazard_ratio[met, place]))) if met.any() else None
        yield {
            "name": f"{each.variable.name}: {level.name}",
            "n": ", ".join(map(str, level.n)),
            "events": ", ".join(map(str, level.events)) if level.events else "",
            "reported": interval_text(level.hazard_ratio, level.ci),
            "reproduced": ratio(own) if own is not None else "not found",
            "found": f"{100 * each.found:.0f}%",
            "p_reported": str(printed) if printed is not None and place == 0 else "",
            "p": p_value(p) if place == 0 and p == p else "",
        }
