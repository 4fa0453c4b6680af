"""What results hold that programs read, a contract: `results.json`, tables, and an audit's files.

What is written is validated against the models of `results_schema`. Keys and columns may be added;
none is renamed or removed.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .causes_and_subgroups import cause_dicts, subgroups_dict
from .output import Written, write_folder
from .results_schema import Results
from .studies import PrintedNumber

if TYPE_CHECKING:
    from .audit import Audit
    from .models import Comparison, CurveCheck, EndpointAnalysis, LandmarkCheck
    from .outcome import Refusal, ReproducedStudy
    from .studies import Endpoint

__all__ = [
    "COMPARISON_TYPES",
    "comparison_row",
    "curve_dict",
    "plain_value",
    "results_dict",
    "save_audit",
    "write_audit",
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
    "reported_ci_level": "float64",
    "reported_p": "float64",
    "reported_p_as_printed": "string",
    "reported_one_sided": "boolean",
    "reported_stratified": "boolean",
    "reported_adjusted": "boolean",
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


def results_dict(reproduction: ReproducedStudy) -> dict[str, Any]:
    """Return a reproduction as plain values; None is what is unknown or not finite."""
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
        "of_endpoint": analysis.endpoint.whole_key,
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
        "effective_scenarios": comparison.effective_scenarios,
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
    from .models.reported_p import same_conclusion

    reported = analysis.endpoint.reported
    p = reported and reported.p
    return {
        **_place(analysis.endpoint),
        "arms": list(analysis.curves),
        "reported_p": p.value if p and p.reached else None,
        "reported_p_as_printed": p,
        "test": reported and reported.test,
        "reproduced_p_logrank": analysis.logrank and analysis.logrank.p,
        "same_conclusion": same_conclusion(analysis.endpoint, analysis.logrank),
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
    """Return how well patients match one arm's digitised curve."""
    return {
        "arm": check.arm,
        "kind": check.kind,
        "repairs": check.repairs,
        **check.measures(),
        "misfit": check.misfit,
        "at_risk": check.at_risk,
    }


def _median_dict(analysis: EndpointAnalysis, arm: str) -> dict[str, Any]:
    """Return the reported and the reproduced median of an arm; None is a median not reached."""
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
    printed = analysis.endpoint.reported
    arms = (comparison.reference, comparison.treatment)
    patients = _patients(analysis)
    values = (
        comparison.cohort,
        comparison.endpoint,
        *arms,
        *(patients[arm] for arm in arms),
        reported.hazard_ratio,
        *(reported.ci or (None, None)),
        None if reported.ci is None else reported.ci_level,
        reported.p,
        None if printed is None or printed.p is None else str(printed.p),
        reported.one_sided,
        reported.stratified,
        reported.adjusted,
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


def plain_value(value: Any) -> Any:
    """Return what JSON can hold: numbers that are not finite become None, whole ones integers."""
    if isinstance(value, PrintedNumber):
        return value.text
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_value(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain_value(getattr(value, field.name)) for field in _public_fields(value)
        }
    if isinstance(value, list | tuple):
        return [plain_value(each) for each in value]
    if isinstance(value, float):
        return _plain_number(float(value))
    return plain_value(value.tolist()) if hasattr(value, "tolist") else value  # numpy's


def _public_fields(value: Any) -> Iterator[Any]:
    return (field for field in dataclasses.fields(value) if not field.name.startswith("_"))


def _plain_key(key: object) -> str:
    return f"{key:g}" if isinstance(key, float) else str(key)


def _plain_number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def write_audit(audit: Audit, folder: Path) -> None:
    """Write ``audit.json`` and ``audit.csv`` into a folder that is being built."""
    text = json.dumps(audit.to_dict(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    (folder / "audit.json").write_text(text, encoding="utf-8")
    table = audit.to_frame().to_csv(index=False, lineterminator="\n")
    (folder / "audit.csv").write_text(table, encoding="utf-8")


def save_audit(
    audit: Audit, out: Path, *, force: bool = False, inputs: tuple[Path, ...] = ()
) -> Written:
    """Write an audit to a folder of its own; see `output.write_folder`."""
    return write_folder(out, lambda folder: write_audit(audit, folder), force=force, inputs=inputs)
