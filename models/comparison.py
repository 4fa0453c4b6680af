"""The reported hazard ratio against the reproduced one, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..reconstruct.pseudo_ipd import PseudoIPD
from ..studies.endpoint import Endpoint
from .cox import Cox, cox
from .kaplan_meier import kaplan_meier
from .landmark_check import LandmarkCheck, check_landmarks
from .logrank import LogRank, logrank
from .missed import missed_numbers
from .not_estimable import estimate_or_reason
from .proportionality import Proportionality, proportionality
from .reported import SIGNIFICANCE, ReportedComparison, p_test, read_reported
from .verdict import Judgement, Verdict, by_distance, by_draws
from .verdict_sentence import verdict_sentence

if TYPE_CHECKING:
    from .attainable import AttainableRange
    from .ensemble import Ensemble

__all__ = ["Comparison", "Verdict", "compare"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The reported comparison beside the one that the pseudo-IPD gives.

    What cannot be told from what is printed is None.

    Attributes
    ----------
    cohort, endpoint, reference, treatment : str
        What is compared.
    reference_label, treatment_label : str
        The arms in the paper's words.
    reported : ReportedComparison
        The paper's numbers.
    cox, logrank, proportionality : Cox, LogRank, Proportionality, each or None
        The reproduced numbers.
    cox_reason : str
        Why there is no reproduced hazard ratio; empty if there is one.
    events : mapping of str to int
        Reproduced events by arm.
    ratio_of_hazard_ratios : float or None
        Reproduced over reported.
    difference_log_hazard_ratio : float or None
        Reproduced less reported, measured from the printed value.
    in_reported_se : float or None
        Its size in standard errors of the reported log hazard ratio (`reported.se_source` says
        where that was taken from).
    interval_overlap : bool or None
        Whether the two 95% intervals overlap.
    same_direction : bool or None
        Whether both hazard ratios lie on the same side of 1; None if either may be 1.
    same_conclusion : bool or None
        Whether both find a difference at 0.05 in the same direction, or neither finds any.
    p_reproduced : float or None
        The reproduced p that the conclusion rests on, of the test in `p_test`.
    p_test : str
        "log-rank" if the paper names that test or none; "score" or "likelihood-ratio" if it names
        those; otherwise, and where only its interval speaks, "Wald".
    landmarks : tuple of LandmarkCheck
        Printed survival and medians against reproduced ones.
    reproduction_interval : tuple of float, or None
        Where the hazard ratio of the original data lies with 95% probability; None without draws.
    n_draws : int
        Data sets that the interval was taken from; 0 without.
    informed : str
        That the patients were made to meet the reported comparison, so that they cannot check it,
        and how near they come; empty if they were not.
    attainable : AttainableRange or None
        The hazard ratios that any data set with the printed numbers can have; looked for only
        where the reported one lies beyond those of all draws.
    verdict : {"reproduced", "close", "compatible", "discrepant", "impossible", "not assessable"}
        With draws: the reported hazard ratio, as rounded, meets the reproduction interval
        ("reproduced"); it does, but the conclusion is another ("compatible"); it does not
        ("discrepant"); it is outside the attainable range, and not adjusted for covariates
        ("impossible"). Without: at most 0.25 reported standard errors apart ("close"); at most 1
        ("compatible"); more ("discrepant"). Either way: no measure, a printed number missed, or
        patients informed by the reported comparison ("not assessable").
    missing : tuple of str
        What the measure lacks; empty if there is one.
    missed : tuple of str
        The printed numbers that the patients do not meet, and by how much; if there are any, the
        verdict is "not assessable".
    """

    cohort: str
    endpoint: str
    reference: str
    treatment: str
    reference_label: str
    treatment_label: str
    reported: ReportedComparison
    cox: Cox | None
    cox_reason: str
    logrank: LogRank | None
    proportionality: Proportionality | None
    events: Mapping[str, int]
    ratio_of_hazard_ratios: float | None
    difference_log_hazard_ratio: float | None
    in_reported_se: float | None
    interval_overlap: bool | None
    same_direction: bool | None
    same_conclusion: bool | None
    p_reproduced: float | None
    p_test: str
    landmarks: tuple[LandmarkCheck, ...]
    reproduction_interval: tuple[float, float] | None
    n_draws: int
    informed: str
    attainable: AttainableRange | None
    verdict: Verdict
    missing: tuple[str, ...]
    missed: tuple[str, ...]

    def __repr__(self) -> str:
        """Return both hazard ratios and the verdict, for a notebook's line."""
        reproduced = "none" if self.cox is None else f"{self.cox.hazard_ratio:.3g}"
        return (
            f"Comparison({self.cohort}/{self.endpoint}, {self.treatment} vs {self.reference}: "
            f"HR reported {self.reported.hazard_ratio_text or 'none'}, reproduced {reproduced}; "
            f"{self.verdict})"
        )

    def _repr_html_(self) -> str:
        from .shown import comparison_html

        return comparison_html(self)

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return verdict_sentence(self)


def compare(endpoint: Endpoint, ipd: PseudoIPD, *, draws: Ensemble | None = None) -> Comparison:
    """Set what an endpoint reports beside what its pseudo-IPD gives.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper prints, of two arms.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    draws : Ensemble, optional
        Many data sets of that endpoint, which the verdict then rests on.

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
    draws: Ensemble | None = None,
) -> Comparison:
    """Compare as `compare` does, with estimates that have been made already."""
    _refuse_other_arms(endpoint, ipd)
    reported = read_reported(endpoint.reported)
    difference = _difference(reported, cox_fit)
    in_se = None if difference is None or reported.se is None else abs(difference) / reported.se
    test = p_test(reported)
    p = _p_reproduced(test, cox_fit, logrank_test)
    same_direction = _same_direction(endpoint, cox_fit)
    reference, treatment = ipd.arms
    same_conclusion = _same_conclusion(reported, p, same_direction)
    missed = missed_numbers(endpoint, ipd, landmarks)
    informed = _informed(ipd, draws)
    if missed or informed:
        judgement = Judgement(verdict="not assessable")
    elif draws is None:
        judgement = by_distance(in_se)
    else:
        judgement = by_draws(endpoint, draws, same_conclusion=same_conclusion)
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
        ratio_of_hazard_ratios=None if difference is None else math.exp(difference),
        difference_log_hazard_ratio=difference,
        in_reported_se=in_se,
        interval_overlap=_overlap(reported, cox_fit),
        same_direction=same_direction,
        same_conclusion=same_conclusion,
        p_reproduced=p,
        p_test=test,
        landmarks=landmarks,
        reproduction_interval=None if draws is None or informed else draws.interval(),
        n_draws=0 if draws is None else draws.n_draws,
        informed=informed,
        attainable=judgement.attainable,
        verdict=judgement.verdict,
        missing=_missing(reported, cox_fit, draws),
        missed=missed,
    )


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


def _difference(reported: ReportedComparison, fit: Cox | None) -> float | None:
    if fit is None or reported.hazard_ratio is None:
        return None
    return fit.log_hazard_ratio - math.log(reported.hazard_ratio)


def _overlap(reported: ReportedComparison, fit: Cox | None) -> bool | None:
    if fit is None or reported.ci is None or not reported.ci[0] <= reported.ci[1]:
        return None
    return fit.ci[0] <= reported.ci[1] and reported.ci[0] <= fit.ci[1]


def _same_direction(endpoint: Endpoint, fit: Cox | None) -> bool | None:
    printed = None if endpoint.reported is None else endpoint.reported.hazard_ratio
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
    reported: ReportedComparison, fit: Cox | None, draws: Ensemble | None
) -> tuple[str, ...]:
    missing = []
    if reported.hazard_ratio is None:
        missing.append("a reported hazard ratio")
    elif reported.se is None and draws is None:
        missing.append("an interval or an exact p of the reported hazard ratio")
    if fit is None:
        missing.append("a finite reproduced hazard ratio")
    return tuple(missing)
