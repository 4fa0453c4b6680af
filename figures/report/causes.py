"""Competing risks and subgroups as the report tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...presentation.formats import interval, p_value, ratio, ratio_interval
from ...studies.printed import interval_text

if TYPE_CHECKING:
    from ...models import EndpointAnalysis
    from ...models.competing import CauseAnalysis
    from ...models.subgroups import Subgroups, VariableLabels

__all__ = ["cause_section", "subgroup_section"]


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
                "what": f"{check.cause} at {check.time:g} {analysis.endpoint.time_unit}",
                "printed": check.printed,
                "reproduced": f"{100 * check.reproduced:.2f}%",
                "inside": "yes" if check.inside else "no",
            }
            for check in checks
        ],
    }


def _cause(cause: CauseAnalysis) -> dict[str, str]:
    fit, own, reported = cause.fine_gray, cause.cause_specific, cause.reported
    said = interval_text(reported.hazard_ratio, reported.ci) if reported else ""
    return {
        "name": cause.label or cause.cause,
        "reported": f"{said} ({reported.kind})" if reported and said else "",
        "subdistribution": ratio_interval(fit.hazard_ratio, fit.ci) if fit else cause.reason,
        "possible": interval(*cause.reproduction_interval) if cause.reproduction_interval else "",
        "specific": ratio_interval(own.hazard_ratio, own.ci) if own else "",
        "gray": p_value(cause.gray.p) if cause.gray else "",
        "events": ", ".join(f"{arm} {count}" for arm, count in cause.events.items()),
        "verdict": cause.verdict if said else "",
    }


def subgroup_section(subgroups: Sequence[Subgroups]) -> list[dict[str, Any]]:
    """Return the rows and sentences of every table of subgroups."""
    return [
        {
            "name": each.table.title or each.table.place,
            "endpoint": each.endpoint.key,
            "n_draws": each.n_draws,
            "rows": [row for variable in each.variables for row in _levels(variable)],
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
