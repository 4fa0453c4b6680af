"""What an endpoint reports beside what its patients give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

from ..reconstruct.pseudo_ipd import PseudoIPD
from ..studies.endpoint import Endpoint, Reported
from ..studies.usual_form import level_fit, usual_form
from ._cox import Cox, cox
from ._inference import estimate_or_reason
from ._kaplan_meier import kaplan_meier
from ._logrank import LogRank, logrank
from ._proportionality import Proportionality, proportionality
from .checks import LandmarkCheck, check_landmarks, missed_numbers
from .comparison import Comparison, Verdict
from .ensemble import Ensemble
from .reported import SIGNIFICANCE, ReportedComparison, p_test, read_reported
from .verdict import Judgement, by_distance, by_draws, caught, is_ratio_interval

__all__ = ["compare", "compare_estimates"]


def compare(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    *,
    draws: Ensemble | None = None,
    attainable: bool = False,
) -> Comparison:
    """Set what an endpoint reports beside what its pseudo-IPD gives.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports, of two arms.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    draws : Ensemble, optional
        Many data sets of that endpoint, which the verdict then rests on.
    attainable : bool
        If the reported hazard ratio is beyond those of all draws, look for the smallest and the
        largest that any data set can have, which takes seconds. Without it no verdict is
        "impossible".

    Raises
    ------
    ValueError
        If the patients are not of the endpoint's two arms, the reference first.
    """
    curves = {arm: kaplan_meier(ipd, arm=arm) for arm in ipd.arms}
    fit, reason = estimate_or_reason(lambda: cox(ipd))
    test, _ = estimate_or_reason(lambda: logrank(ipd))
    proportional, _ = estimate_or_reason(lambda: proportionality(ipd))
    return compare_estimates(
        endpoint,
        ipd,
        cox_fit=fit,
        cox_reason=reason,
        logrank_test=test,
        proportional=proportional,
        landmarks=check_landmarks(endpoint, curves),
        draws=draws,
        attainable=attainable,
    )


def compare_estimates(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    *,
    cox_fit: Cox | None,
    cox_reason: str,
    logrank_test: LogRank | None,
    proportional: Proportionality | None,
    landmarks: tuple[LandmarkCheck, ...],
    draws: Ensemble | None,
    attainable: bool,
) -> Comparison:
    """Compare as `compare` does, with estimates that have been made already."""
    _refuse_other_arms(endpoint, ipd)
    reported = read_reported(endpoint.reported, level_fit(endpoint))
    found = _Agreement.of(reported, cox_fit, logrank_test)
    missed = missed_numbers(endpoint, ipd, landmarks)
    informed = _informed(ipd, draws)
    judgement = Judgement(verdict="not assessable")
    if not (missed or informed):
        judgement = _judged(endpoint, draws, reported=reported, found=found, attainable=attainable)
    reference, treatment = ipd.arms
    return Comparison(
        cohort=endpoint.cohort,
        endpoint=endpoint.name,
        reference=reference,
        treatment=treatment,
        reference_label=endpoint.arms[reference].label or reference,
        treatment_label=endpoint.arms[treatment].label or treatment,
        reported=reported,
        cox=cox_fit,
        cox_reason=cox_reason,
        logrank=logrank_test,
        proportionality=proportional,
        events={arm: int(ipd.of(arm)[1].sum()) for arm in ipd.arms},
        interval_overlap=_overlap(usual_form(endpoint).endpoint.reported, cox_fit),
        landmarks=landmarks,
        informed=informed,
        missing=_missing(reported, cox_fit, draws, answered=judgement.verdict),
        missed=missed,
        **vars(found),
        **vars(judgement),
        **_of_draws(None if informed else draws, n_draws=0 if draws is None else draws.n_draws),
    )


@dataclass(frozen=True, kw_only=True)
class _Agreement:
    """How far what is reproduced agrees with what is reported, under the names of `Comparison`."""

    difference_log_hazard_ratio: float | None
    ratio_of_hazard_ratios: float | None
    in_reported_se: float | None
    p_test: str
    p_reproduced: float | None
    same_direction: bool | None
    same_conclusion: bool | None

    @classmethod
    def of(cls, reported: ReportedComparison, fit: Cox | None, other: LogRank | None) -> Self:
        """Set the reported comparison beside a Cox regression and a log-rank test."""
        difference = _difference(reported, fit)
        in_se = None if difference is None or reported.se is None else abs(difference) / reported.se
        test = p_test(reported)
        p = _p_reproduced(test, fit, other)
        same_direction = _same_direction(reported, fit)
        return cls(
            difference_log_hazard_ratio=difference,
            ratio_of_hazard_ratios=None if difference is None else math.exp(difference),
            in_reported_se=in_se,
            p_test=test,
            p_reproduced=p,
            same_direction=same_direction,
            same_conclusion=_same_conclusion(reported, p, same_direction),
        )


def _judged(
    endpoint: Endpoint,
    draws: Ensemble | None,
    *,
    reported: ReportedComparison,
    found: _Agreement,
    attainable: bool,
) -> Judgement:
    """Judge by the draws, or where there are none by the distance."""
    if draws is None:
        return by_distance(found.in_reported_se)
    return by_draws(
        endpoint,
        draws,
        reported=reported,
        same_conclusion=found.same_conclusion,
        attainable=attainable,
    )


def _of_draws(draws: Ensemble | None, *, n_draws: int) -> dict[str, Any]:
    """Return what a comparison says of its draws, under the names of `Comparison`."""
    if draws is None:
        return {
            "n_draws": n_draws, "reproduction_interval": None, "interval_of_draws": None,
            "power": {},
        }  # fmt: skip
    return {
        "n_draws": n_draws,
        "reproduction_interval": _interval(draws),
        "interval_of_draws": _interval(draws, alone=True),
        "power": caught(draws),
    }


def _refuse_other_arms(endpoint: Endpoint, ipd: PseudoIPD) -> None:
    expected = (endpoint.reference, endpoint.treatment)
    if ipd.arms != expected:
        raise ValueError(
            f"`ipd` must hold the two arms of {endpoint.key}, the reference first "
            f"({', '.join(map(str, expected))}), but holds {', '.join(ipd.arms)}."
        )


def _informed(ipd: PseudoIPD, draws: Ensemble | None) -> str:
    if ipd.informed:
        return ipd.notes["informed"]
    return draws.sampler.template.notes["informed"] if draws is not None and draws.informed else ""


def _interval(draws: Ensemble, *, alone: bool = False) -> tuple[float, float] | None:
    """Return the reproduction interval; None if no hazard ratio of the data sets is finite."""
    found = draws.interval_of_draws() if alone else draws.interval()
    return found if is_ratio_interval(*found) else None


def _difference(reported: ReportedComparison, fit: Cox | None) -> float | None:
    ratio = reported.ratio
    if fit is None or ratio is None or ratio.relation not in ("=", "~"):
        return None
    return fit.log_hazard_ratio - math.log(ratio.value)


def _overlap(reported: Reported | None, fit: Cox | None) -> bool | None:
    """Say whether the 95% intervals overlap; None where the reported one is not known."""
    if fit is None or reported is None or reported.ci is None:
        return None
    low, high = (limit.value for limit in reported.ci)
    return fit.ci[0] <= high and low <= fit.ci[1] if low <= high else None


def _same_direction(reported: ReportedComparison, fit: Cox | None) -> bool | None:
    printed = reported.ratio
    if fit is None or printed is None or fit.log_hazard_ratio == 0:
        return None
    if printed.lower <= 1 <= printed.upper:
        return None
    return (printed.lower > 1) == (fit.log_hazard_ratio > 0)


def _p_reproduced(test_name: str, fit: Cox | None, test: LogRank | None) -> float | None:
    if test_name == "log-rank":
        return None if test is None else test.p
    if fit is None:
        return None
    return {
        "Wald": fit.p_wald,
        "score": fit.p_score,
        "likelihood-ratio": fit.p_likelihood_ratio,
    }[test_name]


def _same_conclusion(
    reported: ReportedComparison, p: float | None, same_direction: bool | None
) -> bool | None:
    if reported.significant is None or p is None:
        return None
    if reported.significant != (p < SIGNIFICANCE):
        return False
    return not (reported.significant and same_direction is False)


def _missing(
    reported: ReportedComparison, fit: Cox | None, draws: Ensemble | None, *, answered: Verdict
) -> tuple[str, ...]:
    missing = []
    if reported.ratio is None and answered != "not assessable":
        return ()  # p was judged
    if reported.ratio is None:
        missing.append("a reported hazard ratio")
    elif reported.se is None and draws is None:
        missing.append("an interval or an exact p of the reported hazard ratio")
    if fit is None or (draws is not None and _interval(draws) is None):
        missing.append("a finite reproduced hazard ratio")
    return tuple(missing)
