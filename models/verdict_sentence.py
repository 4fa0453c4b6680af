"""The verdict on a comparison, in words for clinicians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reported import SIGNIFICANCE

if TYPE_CHECKING:
    from .comparison import Comparison

__all__ = ["format_p", "verdict_sentence"]

_NAMED = 4
_MEANING = {
    "close": "close, so the printed survival supports the reported hazard ratio",
    "compatible": "compatible, a gap that what is not printed can explain",
    "discrepant": (
        "discrepant, so the reported hazard ratio does not follow from the printed survival "
        "under the assumptions made"
    ),
}


_BY_DRAWS = {
    "reproduced": "the reported one is among these: reproduced",
    "compatible": (
        "the reported one is among these, but the conclusion is another: compatible, a gap that "
        "what is not printed can explain"
    ),
    "discrepant": (
        "the reported one is not among these: discrepant, so it does not follow from the printed "
        "survival"
    ),
    "impossible": (
        "the reported one is not among these: impossible, since it cannot belong to data with "
        "these numbers"
    ),
}


def format_p(p: float) -> str:
    """Write a p as journals do."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def verdict_sentence(comparison: Comparison) -> str:
    """Say what was reported, what came out, how far apart they are and what follows."""
    parts = (
        f"{_reported(comparison)}; {_reproduced(comparison)}",
        _measured(comparison),
        _attainable(comparison),
        _conclusion(comparison),
        _caution(comparison),
        _adjusted(comparison),
    )
    return " ".join(f"{part}." for part in parts if part)


def _reported(comparison: Comparison) -> str:
    reported = comparison.reported
    pair = f"{comparison.treatment_label} against {comparison.reference_label}"
    if reported.hazard_ratio_text:
        return f"The paper reports a hazard ratio of {reported.hazard_ratio_text} for {pair}"
    if reported.p_text:
        return f"The paper reports no hazard ratio for {pair}, only {reported.p_text}"
    return f"The paper reports neither hazard ratio nor p for {pair}"


def _reproduced(comparison: Comparison) -> str:
    fit = comparison.cox
    if fit is None:
        reason = comparison.cox_reason.rstrip(".")
        return f"the reconstructed patients give none ({reason})"
    low, high = fit.ci
    what = "" if comparison.reported.hazard_ratio_text else "a hazard ratio of "
    return f"the reconstructed patients give {what}{fit.hazard_ratio:.2f} ({low:.2f} to {high:.2f})"


def _measured(comparison: Comparison) -> str:
    if comparison.missed:
        return f"Not assessable: {_missed(comparison.missed)}"
    if comparison.informed:
        return f"Not assessable. {comparison.informed.removesuffix('.')}"
    if comparison.verdict == "not assessable":
        verb = "is" if len(comparison.missing) == 1 else "are"
        return f"Not assessable: {' and '.join(comparison.missing)} {verb} missing"
    if comparison.reproduction_interval is not None:
        return _among_draws(comparison, comparison.reproduction_interval)
    reported = comparison.reported
    source = f" (taken from {reported.p_text})" if reported.se_source == "p" else ""
    return (
        f"They are {comparison.in_reported_se:.2f} reported standard errors{source} apart: "
        f"{_MEANING[comparison.verdict]}"
    )


def _among_draws(comparison: Comparison, interval: tuple[float, float]) -> str:
    low, high = interval
    return (
        "Data sets that meet every printed number have hazard ratios from "
        f"{low:.2f} to {high:.2f} (95% of {comparison.n_draws}); {_BY_DRAWS[comparison.verdict]}"
    )


def _attainable(comparison: Comparison) -> str:
    return "" if comparison.attainable is None else comparison.attainable.sentence.rstrip(".")


def _missed(missed: tuple[str, ...]) -> str:
    """Name the printed numbers that the patients miss, the first few of many."""
    named = "; ".join(missed[:_NAMED])
    more = f"; and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    return f"no patients were found that meet all printed numbers. The nearest miss {named}{more}"


def _conclusion(comparison: Comparison) -> str:
    reported, p = comparison.reported, comparison.p_reproduced
    if comparison.missed or comparison.informed:
        return ""
    if comparison.same_conclusion is None or p is None:
        return ""
    found = reported.p_text if reported.significant_by == "p" else "by its interval"
    ours = f"{format_p(p)}, {comparison.p_test}"
    if comparison.same_conclusion:
        which = "a" if reported.significant else "no"
        return (
            f"Both find {which} significant difference at {SIGNIFICANCE} "
            f"(reported {found}; reproduced {ours})"
        )
    if reported.significant == (p < SIGNIFICANCE):
        return (
            f"Both find a significant difference at {SIGNIFICANCE}, but in opposite directions "
            f"(reported {found}; reproduced {ours})"
        )
    which, others = ("a", "do not") if reported.significant else ("no", "do")
    return (
        f"The paper finds {which} significant difference at {SIGNIFICANCE} ({found}), "
        f"the reconstructed patients {others} ({ours})"
    )


def _caution(comparison: Comparison) -> str:
    test = comparison.proportionality
    if test is None or test.p >= SIGNIFICANCE:
        return ""
    return (
        f"The reconstructed hazards are not proportional ({format_p(test.p)}), so the hazard ratio "
        "depends on how long patients were followed"
    )


def _adjusted(comparison: Comparison) -> str:
    if not comparison.reported.adjusted:
        return ""
    return "The reported hazard ratio is adjusted for covariates, the reproduced one cannot be"
