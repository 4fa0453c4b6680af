"""What a drawing of survival curves shows, for those who cannot see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lettering import arm_label, literal
from .summary import summary_box

if TYPE_CHECKING:
    from ..models import EndpointAnalysis

__all__ = ["curves_in_words"]


def curves_in_words(analysis: EndpointAnalysis) -> str:
    """Name the arms and their patients, the numbers of the corner box, and what was met."""
    endpoint = analysis.endpoint
    arms = " and ".join(
        f"{arm_label(endpoint, arm)}, {curve.n} patients" for arm, curve in analysis.curves.items()
    )
    checks = analysis.landmarks
    met = sum(check.inside for check in checks)
    box = summary_box(analysis)
    numbers = "; ".join(f"{name.lower()} {value}" for name, value in box.rows)
    points = (
        f"The curves meet {met} of {len(checks)} printed survival figures and medians."
        if checks
        else ""
    )
    what = f"{endpoint.label or endpoint.name}, cohort {endpoint.cohort}"
    return literal(f"Kaplan-Meier curves of {what}: {arms}. {box.heading}: {numbers}. {points}")
