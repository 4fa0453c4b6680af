"""How well an endpoint's digitised curves are met, as the report tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lettering import arm_label

if TYPE_CHECKING:
    from ..models import CurveCheck, EndpointAnalysis
    from ..studies import Endpoint

__all__ = ["curve_section"]


def curve_section(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return repairs, points, events and numbers at risk of the arms with a digitised curve.

    Parameters
    ----------
    analysis : EndpointAnalysis

    Returns
    -------
    dict
        `name`, `cohort`, `time_unit` and `finding`; `rows`, one for each arm, with its `repairs`;
        and `at_risk`, one for each printed number at risk.
    """
    endpoint, checks = analysis.endpoint, analysis.curve_checks
    missed = sum(int((~check.inside).sum()) for check in checks)
    return {
        "name": endpoint.label or endpoint.name,
        "cohort": endpoint.cohort,
        "time_unit": endpoint.time_unit,
        "finding": f"{missed} points not met" if missed else "every point met",
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
        "events": f"{check.events}" if printed is None else f"{check.events} ({printed} printed)",
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
