"""What the box in the corner of a survival plot says: reported beside reproduced."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .corner_box import CornerBox
from .lettering import interval, literal, number, p_value, printed_interval, printed_p

if TYPE_CHECKING:
    from ..models import EndpointAnalysis
    from ..studies import Reported

__all__ = ["summary_box"]

_LONGEST_KEY = 12


def summary_box(analysis: EndpointAnalysis) -> CornerBox:
    """Return the numbers that sum up an endpoint.

    Two arms give the hazard ratio with its interval and p, one arm its median, three or more
    the log-rank p; each as the paper reports it, if it does, and as reproduced.
    """
    endpoint = analysis.endpoint
    if len(endpoint.arms) == 1:
        return _median_box(analysis)
    treatment, reference = endpoint.treatment, endpoint.reference
    if treatment is None or reference is None:
        return CornerBox(heading="Log-rank test of all arms", rows=_logrank_rows(analysis))
    return CornerBox(
        heading=f"Hazard ratio (95% CI), {_contrast(treatment, reference)}",
        rows=_hazard_ratio_rows(analysis),
    )


def _contrast(treatment: str, reference: str) -> str:
    """Name the arms in the order of the ratio; by their place in the key if a name is long."""
    treatment, reference = literal(treatment), literal(reference)
    short = max(len(treatment), len(reference)) <= _LONGEST_KEY
    return f"{treatment} vs {reference}" if short else "second vs first arm"


def _hazard_ratio_rows(analysis: EndpointAnalysis) -> tuple[tuple[str, str], ...]:
    rows = []
    if reported := analysis.endpoint.reported:
        name = "Reported, adjusted" if reported.adjusted else "Reported"
        rows.append((name, _reported_text(reported)))
    made = analysis.ipd.informed  # to meet the reported one, which is therefore not reproduced
    rows.append(("Made to meet it" if made else "Reproduced", _reproduced_text(analysis)))
    return tuple(rows)


def _reported_text(reported: Reported) -> str:
    parts = []
    if reported.hazard_ratio:
        parts.append(printed_interval(reported.hazard_ratio, reported.ci))
    if reported.p:
        parts.append(printed_p(reported.p))
    return ", ".join(parts) or "no number"


def _reproduced_text(analysis: EndpointAnalysis) -> str:
    """Write the hazard ratio and the p of the test that the paper names."""
    cox, comparison = analysis.cox, analysis.comparison
    parts = [interval(cox.hazard_ratio, cox.ci) if cox else "not estimable"]
    if comparison and comparison.p_reproduced is not None:
        parts.append(p_value(comparison.p_reproduced))
    return ", ".join(parts)


def _logrank_rows(analysis: EndpointAnalysis) -> tuple[tuple[str, str], ...]:
    reported = analysis.endpoint.reported
    rows = [("Reported", printed_p(reported.p))] if reported and reported.p else []
    test = analysis.logrank
    rows.append(("Reproduced", p_value(test.p) if test else "not estimable"))
    return tuple(rows)


def _median_box(analysis: EndpointAnalysis) -> CornerBox:
    endpoint = analysis.endpoint
    (arm, curve), *_ = analysis.curves.items()
    printed = endpoint.arms[arm]
    rows = []
    if printed.median:
        rows.append(("Reported", printed_interval(printed.median, printed.median_ci)))
    rows.append(("Reproduced", _median_text(curve.median, curve.median_ci)))
    return CornerBox(heading=f"Median, {endpoint.time_unit} (95% CI)", rows=tuple(rows))


def _median_text(median: float, ci: tuple[float, float]) -> str:
    if not math.isfinite(median):
        return "not reached"
    bounds = (number(bound, digits=1) if math.isfinite(bound) else "not reached" for bound in ci)
    return f"{number(median, digits=1)} ({' to '.join(bounds)})"
