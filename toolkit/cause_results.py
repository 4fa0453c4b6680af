"""What `results.json` holds of competing risks: a part of the contract in `results`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from .models import EndpointAnalysis
    from .models.competing import CauseAnalysis

__all__ = ["CauseResult", "cause_dicts"]

Number = int | float
Pair = tuple[Number | None, Number | None]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class IncidenceResult(_Entry):
    """Cumulative incidence at a reported time."""

    arm: str
    time: Number
    printed: str
    reproduced: Number
    inside: bool


class RatioResult(_Entry):
    """A hazard ratio of the reconstructed patients."""

    hazard_ratio: Number
    ci: Pair
    p_wald: Number
    reproduction_interval: Pair | None


class ReportedCause(_Entry):
    """The comparison of a cause, as reported."""

    hazard_ratio: str | None
    ci: tuple[str, str] | None
    kind: str = Field(description='"subdistribution" or "cause-specific".')
    p: str | None
    test: str | None
    adjusted: bool


class GrayResult(_Entry):
    """Gray's test."""

    statistic: Number
    df: int
    p: Number


class CauseResult(_Entry):
    """One cause of an endpoint with competing risks."""

    cause: str
    label: str
    events: dict[str, int] = Field(description="By arm.")
    incidence: list[IncidenceResult]
    reported: ReportedCause | None
    subdistribution: RatioResult | None
    cause_specific: RatioResult | None
    gray: GrayResult | None
    reason: str = Field(description="Why there is no hazard ratio; empty if there is one.")
    n_draws: int
    verdict: str


def cause_dicts(analysis: EndpointAnalysis) -> list[dict[str, Any]]:
    """Return the causes of an analysis; none if it has no competing risks."""
    return [_cause_dict(cause) for cause in analysis.causes]


def _cause_dict(cause: CauseAnalysis) -> dict[str, Any]:
    names = ("arm", "time", "printed", "reproduced", "inside")
    reported = cause.reported
    return {
        "cause": cause.cause,
        "label": cause.label,
        "events": cause.events,
        "incidence": [{name: getattr(check, name) for name in names} for check in cause.checks],
        "reported": reported
        and {
            name: getattr(reported, name)
            for name in ("hazard_ratio", "ci", "kind", "p", "test", "adjusted")
        },
        "subdistribution": _ratio(cause.fine_gray, cause.reproduction_interval),
        "cause_specific": _ratio(cause.cause_specific, cause.cause_specific_interval),
        "gray": cause.gray
        and {"statistic": cause.gray.statistic, "df": cause.gray.df, "p": cause.gray.p},
        "reason": cause.reason,
        "n_draws": cause.n_draws,
        "verdict": cause.verdict,
    }


def _ratio(fit: Any, interval: tuple[float, float] | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return {
        "hazard_ratio": fit.hazard_ratio,
        "ci": fit.ci,
        "p_wald": fit.p_wald,
        "reproduction_interval": interval,
    }
