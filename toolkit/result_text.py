"""What a reproduction found, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .studies.printed import interval_text
from .terminal import paragraph, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .models import Comparison, EndpointAnalysis, LandmarkCheck
    from .reproduction import Refusal, Reproduction

__all__ = [
    "ARM_RESULT_COLUMNS",
    "COMPARISON_COLUMNS",
    "arm_cells",
    "comparison_cells",
    "reproduction_tables",
]

COMPARISON_COLUMNS = (
    *("Endpoint", "Compared", "Reported HR", "Reproduced HR", "95% of draws", "Apart>", "Met>"),
    "Verdict",
)
_KEY = {
    "95% of draws": "95% of draws: hazard ratios of data sets that meet every printed number.",
    "Apart>": "Apart: in reported standard errors.",
    "Met>": "Met: printed survival values and medians.",
}
_INFORMED = (
    "INFORMED: the patients and draws of {} were made to meet the reported hazard ratio, interval "
    "and p. They stand in for the lost data; they cannot check what is reported."
)
_EXPLAINED = ("discrepant", "impossible", "not assessable")
ARM_RESULT_COLUMNS = (
    "Endpoint",
    "Arm",
    "n>",
    "Events>",
    "Printed median",
    "Reproduced median",
    "Met>",
)
_LOOK_COLUMNS = ("Endpoint", "From", "HR, about", "Rounding")


def reproduction_tables(reproduction: Reproduction) -> Iterator[RenderableType]:
    """Yield the comparisons, the single arms, and what was refused, with reasons."""
    if informed := [each.endpoint.key for each in reproduction.comparisons if _informed(each)]:
        yield paragraph(_INFORMED.format(", ".join(informed)), style="bold")
        yield paragraph("")
    if reproduction.comparisons:
        cells = [comparison_cells(each) for each in reproduction.comparisons]
        key = " ".join(
            words
            for name, words in _KEY.items()
            if any(row[COMPARISON_COLUMNS.index(name)] for row in cells)
        )
        yield table("Comparisons", COMPARISON_COLUMNS, cells, caption=key)
        yield from _explanations(reproduction.comparisons)
    if reproduction.single_arm:
        rows = (row for each in reproduction.single_arm for row in arm_cells(each))
        yield table("Not compared", ARM_RESULT_COLUMNS, rows)
    if reproduction.refused:
        yield from _refusal_tables(reproduction.refused)


def _informed(analysis: EndpointAnalysis) -> bool:
    return analysis.comparison is not None and bool(analysis.comparison.informed)


def _explanations(analyses: tuple[EndpointAnalysis, ...]) -> Iterator[RenderableType]:
    """Yield in words what the table alone does not explain."""
    for analysis in analyses:
        comparison = analysis.comparison
        if comparison and comparison.verdict in _EXPLAINED:
            yield paragraph(f"{analysis.endpoint.key}: {comparison.sentence}")
            yield paragraph("")


def comparison_cells(analysis: EndpointAnalysis) -> tuple[str, ...]:
    """Return the line of a comparison; none if arms are not compared."""
    comparison, reported = analysis.comparison, analysis.endpoint.reported
    if comparison is None:
        return ()
    interval = comparison.reproduction_interval
    apart = None if comparison.missed or interval else comparison.in_reported_se
    return (
        analysis.endpoint.key,
        f"{comparison.treatment} vs {comparison.reference}",
        interval_text(reported.hazard_ratio, reported.ci) if reported else "",
        _reproduced(comparison),
        _interval(interval),
        "" if apart is None else f"{apart:.2f}",
        _met(comparison.landmarks),
        comparison.verdict,
    )


def _reproduced(comparison: Comparison) -> str:
    if comparison.cox is None:
        return "none"
    lower, upper = comparison.cox.ci
    return f"{comparison.cox.hazard_ratio:.2f} ({lower:.2f}\N{EN DASH}{upper:.2f})"


def _interval(bounds: tuple[float, float] | None) -> str:
    return f"{bounds[0]:.2f}\N{EN DASH}{bounds[1]:.2f}" if bounds else ""


def _met(checks: tuple[LandmarkCheck, ...]) -> str:
    return f"{sum(check.inside for check in checks)}/{len(checks)}" if checks else ""


def arm_cells(analysis: EndpointAnalysis) -> Iterator[tuple[str, ...]]:
    """Yield a line for each arm of an endpoint that is not compared."""
    for arm, curve in analysis.curves.items():
        printed = analysis.endpoint.arms[arm]
        yield (
            analysis.endpoint.key,
            arm,
            str(curve.n),
            str(int(curve.n_events.sum())),
            interval_text(printed.median, printed.median_ci),
            _estimated_interval(curve.median, curve.median_ci),
            _met(tuple(check for check in analysis.landmarks if check.arm == arm)),
        )


def _estimated_interval(value: float, ci: tuple[float, float]) -> str:
    lower, upper = (_time(bound) for bound in ci)
    if {_time(value)} == {lower, upper}:  # not reached, and neither are the bounds
        return lower
    return f"{_time(value)} ({lower}\N{EN DASH}{upper})"


def _time(value: float) -> str:
    """Return a time with a decimal; a time that is not reached, as papers print it."""
    return f"{value:.1f}" if abs(value) < float("inf") else "NR"


def _refusal_tables(refused: tuple[Refusal, ...]) -> Iterator[RenderableType]:
    yield paragraph("Refused", style="bold")
    for refusal in refused:
        yield paragraph(f"{refusal.endpoint.key}: {refusal.reason}")
    yield paragraph("")
    rows = [
        (
            refusal.endpoint.key,
            look.name,
            f"{look.hazard_ratio:.2f}",
            f"{look.lower:.2f}\N{EN DASH}{look.upper:.2f}",
        )
        for refusal in refused
        for look in refusal.quick_looks
    ]
    if rows:
        yield table("Quick looks: approximate, without patients", _LOOK_COLUMNS, rows)
