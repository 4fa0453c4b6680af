"""The verdict on a comparison, in words for clinicians."""

from __future__ import annotations

from ..studies.study import Endpoint
from .cox import Cox
from .landmark_check import LandmarkCheck
from .reported import ReportedComparison

__all__ = ["format_p", "verdict_sentence"]

_MEANING = {
    "close": "close, so the printed survival supports the reported hazard ratio",
    "compatible": "compatible, a gap that what is not printed can explain",
    "discrepant": (
        "discrepant, so the reported hazard ratio does not follow from the printed survival "
        "under the assumptions made"
    ),
}


def format_p(p: float) -> str:
    """Write a p as journals do."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def verdict_sentence(
    endpoint: Endpoint,
    *,
    arms: tuple[str, ...],
    reported: ReportedComparison,
    cox_fit: Cox | None,
    cox_reason: str,
    verdict: str,
    in_reported_se: float | None,
    same_conclusion: bool | None,
    p_reproduced: float | None,
    p_test: str,
    missing: tuple[str, ...],
    landmarks: tuple[LandmarkCheck, ...],
) -> str:
    """Say what was reported, what came out, how far apart they are and what follows."""
    pair = " against ".join(endpoint.arms[arm].label or arm for arm in reversed(arms))
    if in_reported_se is None:
        measured = f"Not assessable: {_list(missing)} is missing"
    else:
        measured = _measured(reported, verdict, in_reported_se)
    parts = [
        f"{_reported(endpoint, reported, pair)}; {_reproduced(cox_fit, cox_reason)}",
        measured,
        _conclusion(reported, same_conclusion, p_reproduced, p_test),
        _landmarks(landmarks),
        "The reported hazard ratio is adjusted for covariates, the reproduced one cannot be"
        if reported.adjusted
        else "",
    ]
    return " ".join(f"{part}." for part in parts if part)


def _reported(endpoint: Endpoint, reported: ReportedComparison, pair: str) -> str:
    printed = endpoint.reported
    if printed is None or (printed.hazard_ratio is None and printed.p is None):
        return f"The paper compares {pair} without a hazard ratio or p"
    if printed.hazard_ratio is None:
        return f"The paper compares {pair} by {reported.p_text} only"
    ci = "" if printed.ci is None else f" (95% CI {printed.ci[0]} to {printed.ci[1]})"
    return f"The paper reports a hazard ratio of {printed.hazard_ratio}{ci} for {pair}"


def _reproduced(fit: Cox | None, reason: str) -> str:
    if fit is None:
        return f"the reconstructed patients give none, because: {reason.rstrip('.')}"
    low, high = fit.ci
    return f"the reconstructed patients give {fit.hazard_ratio:.2f} ({low:.2f} to {high:.2f})"


def _measured(reported: ReportedComparison, verdict: str, in_reported_se: float) -> str:
    source = f" (taken from {reported.p_text})" if reported.se_source == "p" else ""
    return (
        f"They are {in_reported_se:.2f} reported standard errors{source} apart: {_MEANING[verdict]}"
    )


def _conclusion(
    reported: ReportedComparison,
    same_conclusion: bool | None,
    p_reproduced: float | None,
    p_test: str,
) -> str:
    if same_conclusion is None or p_reproduced is None:
        return ""
    found = reported.p_text if reported.significant_by == "p" else "by its interval"
    ours = f"{format_p(p_reproduced)}, {p_test}"
    if same_conclusion:
        what = "a significant difference" if reported.significant else "no significant difference"
        return f"Both find {what} at 0.05 ({found}; reproduced {ours})"
    if reported.significant == (p_reproduced < 0.05):
        return f"Both find a significant difference at 0.05, but in opposite directions ({ours})"
    claim, other = ("a", "do not") if reported.significant else ("no", "do")
    return (
        f"The paper finds {claim} significant difference at 0.05 ({found}), "
        f"the reconstructed patients {other} ({ours})"
    )


def _landmarks(landmarks: tuple[LandmarkCheck, ...]) -> str:
    missed = sum(not check.inside for check in landmarks)
    if not missed:
        return ""
    return f"{missed} of {len(landmarks)} printed survival figures and medians are not met"


def _list(items: tuple[str, ...]) -> str:
    return " and ".join(items)
