"""What a report says first: what the paper claims, what its numbers give, and the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...presentation.formats import count, interval, p_value, ratio, ratio_interval
from ..text import arm_label, cohort_text, printed_interval, printed_p

if TYPE_CHECKING:
    from ...models import Comparison, EndpointAnalysis

__all__ = ["verdict_row", "verdict_section"]

_TOLD = {None: "not determined", True: "yes", False: "no"}
_GOOD = ("reproduced", "close")


def verdict_section(analyses: Sequence[EndpointAnalysis], refused: Sequence[str]) -> dict[str, Any]:
    """Return the answer in a few sentences, and a row for each comparison.

    Parameters
    ----------
    analyses : sequence of EndpointAnalysis
        The endpoints that were reconstructed.
    refused : sequence of str
        Keys of those that were not.

    Returns
    -------
    dict
        `claims`, `follows` and `verdict`, each a list of sentences; `others`, the places whose
        verdict is not that the paper's numbers agree, by verdict; `rows`; `informed`, the
        endpoints whose patients are conditioned on what is reported; and `drawn`, of how many data
        sets.
    """
    rows = [(each.comparison, verdict_row(each)) for each in analyses if each.comparison]
    compared = [comparison for comparison, _ in rows]
    verdicts = [comparison.verdict for comparison in compared]
    return {
        "claims": _claims(compared),
        "follows": [*_met(analyses), *_conclusions(compared), *_refusals(refused)],
        "verdict": _counted(verdicts),
        "others": {
            verdict: [row for _, row in rows if row["verdict"] == verdict]
            for verdict in sorted(set(verdicts).difference(_GOOD))
        },
        "rows": [row for _, row in rows],
        "informed": [f"{row['name']}, {row['cohort']}" for each, row in rows if each.informed],
        "drawn": max((comparison.n_draws for comparison in compared), default=0),
    }


def _claims(compared: Sequence[Comparison]) -> list[str]:
    """Say what the paper concludes."""
    told = [each.reported.significant for each in compared]
    clear = [each for each in told if each is not None]
    if not told:
        return ["No two-arm comparison could be analysed."]
    sentences = []
    if len(clear) == 1:
        sentences.append(f"It finds {'a' if clear[0] else 'no'} difference at 0.05.")
    elif clear:
        sentences.append(f"It finds a difference at 0.05 in {_share(clear)} comparisons.")
    if len(clear) < len(told):
        which = count(len(told) - len(clear), "comparison")
        sentences.append(f"It reports no p and no informative interval for {which}.")
    return sentences


def _share(told: Sequence[bool]) -> str:
    """Say how many are true: "none of 8", "3 of 8", "all 8"."""
    if all(told):
        return f"all {len(told)}"
    return f"{told.count(True) or 'none'} of {len(told)}"


def _met(analyses: Sequence[EndpointAnalysis]) -> list[str]:
    """Say how many endpoints have patients, and whether these match what is reported."""
    if not analyses:
        return []
    checks = [check for analysis in analyses for check in analysis.landmarks]
    sentences = [f"Patients were reconstructed for {count(len(analyses), 'endpoint')}."]
    if checks:
        met = sum(check.inside for check in checks)
        sentences.append(
            f"They match {met} of {len(checks)} reported survival probabilities and medians."
        )
    return sentences


def _conclusions(compared: Sequence[Comparison]) -> list[str]:
    told = [each.same_conclusion for each in compared if each.same_conclusion is not None]
    if not told:
        return []
    if len(told) == 1:
        return [f"Their analysis reaches {'the same' if told[0] else 'a different'} conclusion."]
    return [f"Their analysis reaches the paper's conclusion in {_share(told)} comparisons."]


def _refusals(keys: Sequence[str]) -> list[str]:
    return [f"Not reconstructed: {_listed(keys)}."] if keys else []


def _counted(verdicts: Sequence[str]) -> list[str]:
    if not verdicts:
        return []
    counted = [f"{verdicts.count(each)} {each}" for each in dict.fromkeys(sorted(verdicts))]
    return [f"{count(len(verdicts), 'comparison')} re-analysed: {_listed(counted)}."]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def verdict_row(analysis: EndpointAnalysis) -> dict[str, Any]:
    """Return the reported comparison beside the reproduced one, as text.

    Parameters
    ----------
    analysis : EndpointAnalysis
        Of two arms, so that there is a comparison.
    """
    comparison, endpoint = analysis.comparison, analysis.endpoint
    assert comparison is not None  # noqa: S101 - the caller has chosen those that compare
    reported, cox = endpoint.reported, analysis.cox
    distance = None if comparison.missed else comparison.in_reported_se
    ratio_reported = "not reported"
    if reported and reported.hazard_ratio:
        ratio_reported = printed_interval(reported.hazard_ratio, reported.ci, reported.ci_level)
    p = reported.p if reported else None
    treatment, reference = (
        arm_label(endpoint, arm) for arm in (comparison.treatment, comparison.reference)
    )
    return {
        "key": endpoint.key,
        "cohort": cohort_text(endpoint),
        "name": endpoint.label or endpoint.name,
        "contrast": f"{treatment} versus {reference}",
        "reported": ratio_reported,
        "reported_p": printed_p(p) if p else "not reported",
        "reproduced": ratio_interval(cox.hazard_ratio, cox.ci) if cox else "not estimable",
        "reproduced_p": _reproduced_p(comparison),
        "distance": "" if distance is None else ratio(distance),
        "possible": _range(comparison.reproduction_interval),
        "attainable": _attainable(comparison),
        "same_conclusion": _TOLD[comparison.same_conclusion],
        "verdict": comparison.verdict,
        "sentence": comparison.sentence,
        "n_draws": comparison.n_draws,
    }


def _range(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else interval(*bounds)


def _attainable(comparison: Comparison) -> str:
    attainable = comparison.attainable
    return "" if attainable is None else _range((attainable.lower, attainable.upper))


def _reproduced_p(comparison: Comparison) -> str:
    p = comparison.p_reproduced
    return "not estimable" if p is None else f"{p_value(p)} ({comparison.p_test})"
