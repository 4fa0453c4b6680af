"""How well reconstructed patients meet digitised curves, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .terminal import paragraph, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .models import CurveCheck, EndpointAnalysis

__all__ = ["check_cells", "check_tables"]

COLUMNS = ("Arm", "n>", "Events>", "Printed>", "Points met>", "Largest>", "Typical>", "Tolerance>",
           "At risk met>")  # fmt: skip
KEY = "Largest, typical: distance of the curve from its points, in percentage points."


def check_tables(analysis: EndpointAnalysis) -> Iterator[RenderableType]:
    """Yield the check of every arm, what was repaired and assumed, and the comparison."""
    cells = map(check_cells, analysis.curve_checks)
    yield table("Digitised curves", COLUMNS, cells, caption=KEY)
    for sentence in _comparison(analysis):
        yield paragraph(sentence)
    for check in analysis.curve_checks:
        yield from map(paragraph, _mostly_missed(check))
        yield from map(paragraph, _outside(check, analysis.endpoint.time_unit))
    for sentence in analysis.ipd.assumptions:
        yield paragraph(f"Assumed: {sentence}")


def _outside(check: CurveCheck, unit: str) -> Iterator[str]:
    """Yield a sentence if numbers at risk stand where the curve does not reach."""
    end = float(check.time[-1])
    if beyond := [f"{row.time:g}" for row in check.at_risk if row.time > end and row.printed]:
        yield (
            f"Beyond the curve: {check.arm} has numbers at risk at {', '.join(beyond)} {unit}, and "
            f"its last point is at {end:g}; what happened in between is open."
        )


def _mostly_missed(check: CurveCheck) -> Iterator[str]:
    """Yield a sentence if so few points are met that they may be something else."""
    if 2 * int(check.inside.sum()) >= check.time.size:
        return
    read, other = ("drops", "samples") if check.kind == "steps" else ("heights", "steps")
    yield (
        f"Most points of {check.arm} are missed, so do not rely on its patients. The points were "
        f"read as {read}, within {100 * check.tolerance:.2g} points: if that is not what they are, "
        f"say so with --kind {other} or with --tolerance."
    )


def check_cells(check: CurveCheck) -> tuple[str, ...]:
    """Return the row of one arm."""
    met = sum(row.met for row in check.at_risk)
    return (
        check.arm,
        str(check.n),
        str(check.events),
        "" if check.events_printed is None else str(check.events_printed),
        f"{int(check.inside.sum())}/{check.time.size}",
        f"{100 * check.largest:.2f}",
        f"{100 * check.typical:.2f}",
        f"{100 * check.tolerance:.2f}",
        f"{met}/{len(check.at_risk)}" if check.at_risk else "",
    )


def _comparison(analysis: EndpointAnalysis) -> Iterator[str]:
    """Yield the hazard ratio of two arms and the log-rank test of two or more."""
    endpoint, cox = analysis.endpoint, analysis.cox
    if len(analysis.curves) < 2:
        return
    if cox is not None and endpoint.treatment is not None:
        lower, upper = cox.ci
        yield (
            f"Hazard ratio, {endpoint.treatment} vs {endpoint.reference}: {cox.hazard_ratio:.3f} "
            f"(95% CI {lower:.3f} to {upper:.3f}), Cox p {_p(cox.p_wald)}."
        )
    elif len(analysis.curves) == 2:
        yield f"No hazard ratio: {analysis.cox_reason.rstrip('.')}."
    if analysis.logrank is not None:
        yield f"Log-rank test: p {_p(analysis.logrank.p)}."


def _p(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"= {p:.4f}"
