"""The contract of `results.json`: its keys as models, from which its JSON Schema follows.

What is written is validated against them, and the schema that `kmrepro schema results` prints is
theirs. Keys may be added; none is renamed or removed.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Results", "results_schema"]

Number = int | float
"""A finite number; whole ones are written as integers."""
Pair = tuple[Number | None, Number | None]
"""Lower and upper bound; null where one is infinite."""


class _Entry(BaseModel):
    """Values of fixed keys; a key that is not described here is a fault of ours."""

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
    ci_level: Number | None = Field(description="Of `ci`, in per cent; 95 where none is stated.")
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


class LevelResult(_Entry):
    """One level of a variable."""

    level: str
    n: list[int] = Field(description="By arm, the reference first.")
    events: list[int] | None
    reported_hazard_ratio: str
    reported_ci: tuple[str, str] | None
    hazard_ratio: Number | None = Field(description="Median of the draws with labels.")
    se: Number | None


class VariableResult(_Entry):
    """One variable of a table of subgroups."""

    variable: str
    levels: list[LevelResult]
    labels_found: Number = Field(
        description="Share of draws with labels consistent with every number."
    )
    intervals_met: bool = Field(description="Whether they also match the reported intervals.")
    reported_p_interaction: str | None
    p_interaction_from_table: Number | None
    p_interaction: Number | None = Field(description="Median of the draws with labels.")
    interaction_range: Pair | None = Field(
        description="Attainable ratio of the last level's hazard ratio to the first's."
    )


class SubgroupTableResult(_Entry):
    """Labels for the patients of an endpoint by one table."""

    table: str
    cohort: str
    endpoint: str
    n_draws: int
    found_together: Number = Field(description="Share of draws in which all variables are matched.")
    variables: list[VariableResult]
    sentences: list[str]


class AsReported(_Entry):
    """The reported comparison, digit for digit."""

    hazard_ratio: str | None
    ci: tuple[str, str] | None
    p: str | None


class Reported(_Entry):
    """The comparison as the paper reports it."""

    hazard_ratio: Number | None
    ci: Pair | None
    p: Number | None
    test: str | None = Field(description="The test that the reported p is of.")
    adjusted: bool
    ci_level: Number = Field(description="Of `ci`, in per cent; 95 where none is stated.")
    ci_doubt: str = Field(
        description="Why an interval without a level is none of 95%; empty if there is no doubt."
    )
    one_sided: bool = Field(description="Whether `p` is one-sided.")
    p_two_sided: Number | None
    stratified: bool
    n: int | None = Field(description="Patients of the comparison, if it states its own number.")
    as_printed: AsReported


class Reproduced(_Entry):
    """The comparison of the reconstructed patients."""

    hazard_ratio: Number | None
    ci: Pair | None
    p_logrank: Number | None
    p_wald: Number | None
    p_score: Number | None
    p_likelihood_ratio: Number | None
    events: dict[str, int] = Field(description="By arm.")
    reason: str = Field(description="Why there is no hazard ratio; empty if there is one.")


class Difference(_Entry):
    """Reproduced against reported."""

    log_hazard_ratio: Number | None
    in_reported_se: Number | None
    ratio_of_hazard_ratios: Number | None
    interval_overlap: bool | None
    same_direction: bool | None
    same_conclusion: bool | None


class LandmarkResult(_Entry):
    """Survival at a reported time."""

    arm: str
    time: Number
    printed: str
    reproduced: Number
    inside: bool


class MedianResult(_Entry):
    """Median of an arm; null where it is not reached."""

    arm: str
    printed: str | None
    printed_ci: tuple[str, str] | None
    reproduced: Number | None
    ci: Pair
    inside: bool | None


class AtRiskResult(_Entry):
    """Patients still followed just before a time."""

    time: Number
    printed: int
    reproduced: int


class CurveResult(_Entry):
    """How well the patients of an arm fit its digitised curve."""

    arm: str
    kind: str
    repairs: list[str]
    n: int
    events: int
    events_printed: int | None
    points: int
    points_met: int
    tolerance: Number = Field(description="Of survival, as a fraction.")
    largest_residual: Number
    typical_residual: Number
    mean_distance: Number = Field(description="Of the patients' curve from the points, on average.")
    bias: Number = Field(description="By how much it is above them, on average.")
    misfit: bool = Field(description="Whether it misses one by more than its reading error.")
    at_risk: list[AtRiskResult]


class ImpliedEventsResult(_Entry):
    """Events that the reported interval implies."""

    low: Number
    high: Number | None
    estimate: Number | None
    se: Number | None
    allocation: Number | None
    method: str


class MeanResult(_Entry):
    """Restricted mean survival time of an arm."""

    mean: Number
    se: Number | None
    ci: Pair


class RestrictedMeanResult(_Entry):
    """Restricted mean survival times up to tau; the difference is treatment minus reference."""

    tau: Number
    arms: dict[str, MeanResult]
    difference: Number | None
    difference_ci: Pair
    p: Number | None
    confidence: Number


class RestrictedMeanOfDraws(_Entry):
    """The 95% reproduction interval of the difference of restricted means."""

    tau: Number
    difference_interval: Pair


class ProportionalityResult(_Entry):
    """Test of proportional hazards by scaled Schoenfeld residuals."""

    statistic: Number
    p: Number
    transform: str


class QuickLookResult(_Entry):
    """An approximate hazard ratio from reported numbers alone."""

    name: str
    method: str
    hazard_ratio: Number | None
    log_hazard_ratio: Number | None
    variance: Number | None
    lower: Number | None
    upper: Number | None
    reference: str
    approximate: bool


class _Place(_Entry):
    cohort: str
    endpoint: str
    label: str
    time_unit: str


class POfDrawsResult(_Entry):
    """Where the reported p is among those of the draws."""

    test: str
    interval: Pair
    share_at_most: Number = Field(description="Share of draws with a p no larger than reported.")
    inside: bool
    close: bool = Field(description="Outside, but less than 0.25 standard errors away.")
    explanations: list[str]


class ComparisonResult(_Place):
    """Two arms of an endpoint."""

    of_endpoint: str = Field(description="Key of the endpoint that this is a comparison of.")

    reference: str
    treatment: str
    n: dict[str, int]
    reported: Reported
    reproduced: Reproduced
    difference: Difference
    landmarks: list[LandmarkResult]
    medians: list[MedianResult]
    curves: list[CurveResult]
    reproduction_interval: Pair | None
    interval_of_draws: Pair | None
    n_draws: int
    effective_scenarios: float | None = Field(
        description="Effective number of the random scenarios that the draws follow."
    )
    informed: bool = Field(description="Conditioned on the reported comparison.")
    attainable_range: Pair | None
    verdict: str
    sentence: str
    missing: list[str]
    missed: list[str]
    explanations: list[str] = Field(
        description="What may explain a reported hazard ratio outside the reproduction interval."
    )
    power: dict[str, bool] = Field(
        description="Whether a reported hazard ratio of so much would have been discrepant."
    )
    p_of_draws: POfDrawsResult | None
    events_implied_by_interval: ImpliedEventsResult | None
    restricted_mean: RestrictedMeanResult | None
    restricted_mean_of_draws: RestrictedMeanOfDraws | None
    proportionality: ProportionalityResult | None
    quick_looks: list[QuickLookResult]
    assumptions: list[str]
    notes: dict[str, str]
    causes: list[CauseResult] = Field(
        description="Competing risks, cause by cause; all else is of the event of any cause."
    )


class SingleArmResult(_Place):
    """An arm of an endpoint that compares no two arms."""

    arm: str
    n: int
    events: int
    median: MedianResult
    landmarks: list[LandmarkResult]
    curves: list[CurveResult]
    assumptions: list[str]
    notes: dict[str, str]
    causes: list[CauseResult] = Field(
        description="Competing risks of the whole endpoint, cause by cause."
    )


class SeveralArmsResult(_Place):
    """The test of all arms of an endpoint with three or more."""

    arms: list[str]
    reported_p: Number | None
    reported_p_as_printed: str | None
    test: str | None
    reproduced_p_logrank: Number | None
    same_conclusion: bool | None


class RefusedResult(_Place):
    """An endpoint that could not be reconstructed."""

    reason: str
    numbers: list[str]
    quick_looks: list[QuickLookResult]


class Results(_Entry):
    """The whole of ``results.json``."""

    study: str
    title: str
    citation: str
    doi: str
    kmrepro_version: str
    seed: int
    comparisons: list[ComparisonResult]
    single_arm: list[SingleArmResult]
    several_arms: list[SeveralArmsResult]
    refused: list[RefusedResult]
    subgroups: list[SubgroupTableResult] = Field(
        description="Labels for patients by tables of subgroups."
    )


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``results.json``."""
    return Results.model_json_schema(mode="serialization")
