"""What `results.json` and `comparison.csv` hold: a contract that programs read.

The models below are the contract: what is written is validated against them, and the JSON Schema
that `kmrepro schema results` prints is theirs. Keys and columns may be added; none is renamed or
removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from .cause_results import CauseResult, cause_dicts
from .plain_values import plain_value
from .subgroup_results import SubgroupTableResult, subgroups_dict

if TYPE_CHECKING:
    from .models import Comparison, CurveCheck, EndpointAnalysis, LandmarkCheck
    from .outcome import Refusal, ReproducedStudy
    from .studies import Endpoint

__all__ = [
    "COMPARISON_TYPES",
    "Results",
    "comparison_row",
    "curve_dict",
    "results_dict",
    "results_schema",
]

COMPARISON_TYPES = {
    "cohort": "object",
    "endpoint": "object",
    "reference": "object",
    "treatment": "object",
    "n_reference": "int64",
    "n_treatment": "int64",
    "reported_hazard_ratio": "float64",
    "reported_ci_lower": "float64",
    "reported_ci_upper": "float64",
    "reported_p": "float64",
    "reproduced_hazard_ratio": "float64",
    "reproduced_ci_lower": "float64",
    "reproduced_ci_upper": "float64",
    "reproduced_p_logrank": "float64",
    "reproduced_p_wald": "float64",
    "events_reference": "int64",
    "events_treatment": "int64",
    "difference_log_hazard_ratio": "float64",
    "difference_in_reported_se": "float64",
    "same_direction": "boolean",
    "same_conclusion": "boolean",
    "printed_numbers": "int64",
    "printed_numbers_met": "int64",
    "reproduction_interval_lower": "float64",
    "reproduction_interval_upper": "float64",
    "n_draws": "int64",
    "informed": "boolean",
    "attainable_range_lower": "float64",
    "attainable_range_upper": "float64",
    "verdict": "object",
    "explanation": "object",
}
"""The columns of the comparison table, and what pandas holds each as."""


Number = int | float
"""A finite number; whole ones are written as integers."""
Pair = tuple[Number | None, Number | None]
"""Lower and upper bound; null where one is infinite."""


class _Entry(BaseModel):
    """Values of fixed keys; a key that is not described here is a fault of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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


def results_dict(reproduction: ReproducedStudy) -> dict[str, Any]:
    """Return a reproduction as plain values; None stands for what is unknown or not finite."""
    results = {
        "study": reproduction.study.id,
        "title": reproduction.study.title,
        "citation": reproduction.study.citation,
        "doi": reproduction.study.doi,
        "kmrepro_version": reproduction.version,
        "seed": reproduction.seed,
        "comparisons": [_comparison_dict(each) for each in reproduction.comparisons],
        "single_arm": [entry for each in reproduction.single_arm for entry in _arm_dicts(each)],
        "several_arms": [
            _several_dict(each) for each in reproduction.single_arm if len(each.curves) > 1
        ],
        "refused": [_refusal_dict(refusal) for refusal in reproduction.refused],
        "subgroups": [subgroups_dict(each) for each in reproduction.subgroups],
    }
    plain: dict[str, Any] = plain_value(results)
    Results.model_validate_json(json.dumps(plain))
    return plain


def _comparison_dict(analysis: EndpointAnalysis) -> dict[str, Any]:
    comparison = _compared(analysis)
    return {
        **_place(analysis.endpoint),
        "of_endpoint": analysis.endpoint.origin or analysis.endpoint.key,
        "reference": comparison.reference,
        "treatment": comparison.treatment,
        "n": _patients(analysis),
        "reported": _reported_dict(analysis, comparison),
        "reproduced": _reproduced_dict(analysis, comparison),
        "difference": _difference_dict(comparison),
        "landmarks": [_landmark_dict(check) for check in _survival(comparison.landmarks)],
        "medians": [_median_dict(analysis, arm) for arm in analysis.curves],
        "curves": [curve_dict(check) for check in analysis.curve_checks],
        "reproduction_interval": comparison.reproduction_interval,
        "interval_of_draws": comparison.interval_of_draws,
        "n_draws": comparison.n_draws,
        "informed": bool(comparison.informed),
        "attainable_range": _attainable_range(comparison),
        "verdict": comparison.verdict,
        "sentence": comparison.sentence,
        "missing": comparison.missing,
        "missed": comparison.missed,
        "explanations": comparison.explanations,
        "power": comparison.power,
        "p_of_draws": comparison.p_of_draws,
        "events_implied_by_interval": analysis.implied_events,
        "restricted_mean": analysis.rmst,
        "restricted_mean_of_draws": _restricted_mean_of_draws(analysis),
        "proportionality": analysis.proportionality,
        "quick_looks": analysis.quick_looks,
        "assumptions": analysis.ipd.assumptions,
        "notes": analysis.ipd.notes,
        "causes": cause_dicts(analysis),
    }


def _reported_dict(analysis: EndpointAnalysis, comparison: Comparison) -> dict[str, Any]:
    reported, printed = comparison.reported, analysis.endpoint.reported
    return {
        "hazard_ratio": reported.hazard_ratio,
        "ci": reported.ci,
        "p": reported.p,
        "test": reported.test,
        "adjusted": reported.adjusted,
        "ci_level": reported.ci_level,
        "ci_doubt": reported.ci_doubt,
        "one_sided": reported.one_sided,
        "p_two_sided": reported.p_two_sided,
        "stratified": reported.stratified,
        "n": reported.n,
        "as_printed": {
            "hazard_ratio": printed and printed.hazard_ratio,
            "ci": printed and printed.ci,
            "p": printed and printed.p,
        },
    }


def _difference_dict(comparison: Comparison) -> dict[str, Any]:
    return {
        "log_hazard_ratio": comparison.difference_log_hazard_ratio,
        "in_reported_se": comparison.in_reported_se,
        "ratio_of_hazard_ratios": comparison.ratio_of_hazard_ratios,
        "interval_overlap": comparison.interval_overlap,
        "same_direction": comparison.same_direction,
        "same_conclusion": comparison.same_conclusion,
    }


def _restricted_mean_of_draws(analysis: EndpointAnalysis) -> dict[str, Any] | None:
    draws = analysis.draws
    if draws is None:
        return None
    return {"tau": draws.tau, "difference_interval": draws.interval(of="rmst_difference")}


def _attainable_range(comparison: Comparison) -> tuple[float, float] | None:
    found = comparison.attainable
    return None if found is None else (found.lower, found.upper)


def _reproduced_dict(analysis: EndpointAnalysis, comparison: Comparison) -> dict[str, Any]:
    cox, logrank = comparison.cox, comparison.logrank
    return {
        "hazard_ratio": cox and cox.hazard_ratio,
        "ci": cox and cox.ci,
        "p_logrank": logrank and logrank.p,
        "p_wald": cox and cox.p_wald,
        "p_score": cox and cox.p_score,
        "p_likelihood_ratio": cox and cox.p_likelihood_ratio,
        "events": comparison.events,
        "reason": analysis.cox_reason,
    }


def _arm_dicts(analysis: EndpointAnalysis) -> Iterator[dict[str, Any]]:
    """Yield one entry for each arm of an endpoint that compares no two arms."""
    for arm in analysis.curves:
        checks = [check for check in analysis.landmarks if check.arm == arm]
        yield {
            **_place(analysis.endpoint),
            "arm": arm,
            "n": analysis.curves[arm].n,
            "events": int(analysis.ipd.of(arm)[1].sum()),
            "median": _median_dict(analysis, arm),
            "landmarks": [_landmark_dict(check) for check in _survival(checks)],
            "curves": [curve_dict(each) for each in analysis.curve_checks if each.arm == arm],
            "assumptions": analysis.ipd.assumptions,
            "notes": analysis.ipd.notes,
            "causes": cause_dicts(analysis),
        }


def _several_dict(analysis: EndpointAnalysis) -> dict[str, Any]:
    reported = analysis.endpoint.reported
    p = reported and reported.p
    return {
        **_place(analysis.endpoint),
        "arms": list(analysis.curves),
        "reported_p": p.value if p and p.reached else None,
        "reported_p_as_printed": p,
        "test": reported and reported.test,
        "reproduced_p_logrank": analysis.logrank and analysis.logrank.p,
    }


def _refusal_dict(refusal: Refusal) -> dict[str, Any]:
    return {
        **_place(refusal.endpoint),
        "reason": refusal.reason,
        "numbers": refusal.numbers,
        "quick_looks": refusal.quick_looks,
    }


def _place(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "cohort": endpoint.cohort,
        "endpoint": endpoint.name,
        "label": endpoint.label,
        "time_unit": endpoint.time_unit,
    }


def _survival(checks: tuple[LandmarkCheck, ...] | list[LandmarkCheck]) -> list[LandmarkCheck]:
    return [check for check in checks if check.quantity == "survival"]


def _landmark_dict(check: LandmarkCheck) -> dict[str, Any]:
    return {
        "arm": check.arm,
        "time": check.time,
        "printed": check.printed,
        "reproduced": check.reproduced,
        "inside": check.inside,
    }


def curve_dict(check: CurveCheck) -> dict[str, Any]:
    """Return how well patients meet one arm's digitised curve."""
    return {
        "arm": check.arm,
        "kind": check.kind,
        "repairs": check.repairs,
        "n": check.n,
        "events": check.events,
        "events_printed": check.events_printed,
        "points": check.time.size,
        "points_met": int(check.inside.sum()),
        "tolerance": check.tolerance,
        "largest_residual": check.largest,
        "typical_residual": check.typical,
        "mean_distance": check.mean_distance,
        "bias": check.bias,
        "misfit": check.misfit,
        "at_risk": check.at_risk,
    }


def _median_dict(analysis: EndpointAnalysis, arm: str) -> dict[str, Any]:
    """Return the printed and the reproduced median of an arm; None is a median not reached."""
    curve, printed = analysis.curves[arm], analysis.endpoint.arms[arm]
    inside = [
        check.inside
        for check in analysis.landmarks
        if check.arm == arm and check.quantity == "median"
    ]
    return {
        "arm": arm,
        "printed": printed.median,
        "printed_ci": printed.median_ci,
        "reproduced": curve.median,
        "ci": curve.median_ci,
        "inside": inside[0] if inside else None,
    }


def comparison_row(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return one row of the comparison table; what is unknown is None."""
    comparison = _compared(analysis)
    reported, cox = comparison.reported, comparison.cox
    arms = (comparison.reference, comparison.treatment)
    patients = _patients(analysis)
    values = (
        comparison.cohort,
        comparison.endpoint,
        *arms,
        *(patients[arm] for arm in arms),
        reported.hazard_ratio,
        *(reported.ci or (None, None)),
        reported.p,
        cox and cox.hazard_ratio,
        *(cox.ci if cox else (None, None)),
        comparison.logrank and comparison.logrank.p,
        cox and cox.p_wald,
        *(comparison.events[arm] for arm in arms),
        comparison.difference_log_hazard_ratio,
        comparison.in_reported_se,
        comparison.same_direction,
        comparison.same_conclusion,
        len(comparison.landmarks),
        sum(check.inside for check in comparison.landmarks),
        *(comparison.reproduction_interval or (None, None)),
        comparison.n_draws,
        bool(comparison.informed),
        *(_attainable_range(comparison) or (None, None)),
        comparison.verdict,
        comparison.sentence,
    )
    return dict(zip(COMPARISON_TYPES, values, strict=True))


def _compared(analysis: EndpointAnalysis) -> Comparison:
    if analysis.comparison is None:
        raise ValueError(f"{analysis.endpoint.key} compares no two arms.")
    return analysis.comparison


def _patients(analysis: EndpointAnalysis) -> dict[str, int]:
    return {arm: curve.n for arm, curve in analysis.curves.items()}
