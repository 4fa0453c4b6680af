"""All that a report says of one endpoint."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..presentation.formats import time_text
from .interactive import chart, patients_link
from .lettering import arm_label, number, p_value
from .verdict_section import verdict_row

if TYPE_CHECKING:
    from ..audit import (
        Audit,
        Finding,
    )
    from ..models import EndpointAnalysis, LandmarkCheck
    from ..reconstruct.quick_looks import QuickLook
    from ..studies import Endpoint

__all__ = ["endpoint_section", "place", "quick_look"]


def place(endpoint: Endpoint) -> dict[str, str]:
    """Return what an endpoint is called and where in the paper it stands."""
    return {
        "key": endpoint.key,
        "cohort": endpoint.cohort,
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
        Of the whole study; the findings that name this endpoint are told here too.
    """
    return {
        **place(analysis.endpoint),
        "id": anchor,
        "verdict": verdict_row(analysis) if analysis.comparison else None,
        "chart": chart(analysis),
        "patients": {"file": f"{stem}.csv", "address": patients_link(analysis.ipd)},
        "landmarks": _landmarks(analysis) if analysis.landmarks else None,
        "arms": [_arm(analysis, arm) for arm in analysis.curves],
        "estimates": list(_estimates(analysis)),
        "assumptions": analysis.ipd.assumptions,
        "notes": [(topic.replace("_", " "), text) for topic, text in analysis.ipd.notes.items()],
        "quick_looks": [quick_look(look) for look in analysis.quick_looks],
        "findings": [each for each in audit.findings if _names(each, analysis.endpoint.key)]
        if audit
        else None,
    }


def _names(finding: Finding, key: str) -> bool:
    """Say whether a finding's place names an endpoint, as in "psm/OS, arm SR, follow-up"."""
    return bool(re.search(rf"(?<![\w/]){re.escape(key)}(?![\w/])", finding.place))


def _landmarks(analysis: EndpointAnalysis) -> dict[str, Any]:
    endpoint = analysis.endpoint
    missed = sum(not check.inside for check in analysis.landmarks)
    return {
        "finding": f"{missed} not met" if missed else "all met",
        "rows": [_check(endpoint, check) for check in analysis.landmarks],
    }


def _check(endpoint: Endpoint, check: LandmarkCheck) -> dict[str, Any]:
    unit = endpoint.time_unit
    survival = check.quantity == "survival"
    return {
        "arm": arm_label(endpoint, check.arm),
        "what": f"Survival at {check.time:g} {unit}" if survival else f"Median, {unit}",
        "printed": check.printed.text,
        "reproduced": _as_printed(check),
        "inside": "yes" if check.inside else "no",
    }


def _as_printed(check: LandmarkCheck) -> str:
    """Write the reproduced number as the printed one is written, with one more digit."""
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
    unit, logrank = analysis.endpoint.time_unit, analysis.logrank
    if logrank:
        yield "Log-rank test", p_value(logrank.p)
    elif len(analysis.curves) > 1:
        yield "Log-rank test", "not estimable"
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


def quick_look(look: QuickLook) -> dict[str, str]:
    """Return a quick look as text."""
    return {
        "name": look.name,
        "hazard_ratio": number(look.hazard_ratio),
        "range": f"{number(look.lower)} to {number(look.upper)}",
        "method": look.method,
        "reference": look.reference,
    }
