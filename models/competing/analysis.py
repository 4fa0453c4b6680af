"""Every analysis of one endpoint by cause, with a verdict on what is reported of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ...presentation.formats import ratio_interval
from ...reconstruct.checks import missed_counts
from ...reconstruct.pseudo_ipd import PseudoIPD
from ...studies import CauseComparison, Endpoint
from ...studies.argument_types import strict
from ...studies.printed_fields import level_z
from .._cox import Cox, cox
from .._inference import estimate_or_reason
from ..reported_p import CLOSE
from ..verdict import COMPATIBLE
from .cumulative_incidence import (
    CumulativeIncidence,
    IncidenceCheck,
    check_incidence,
    cumulative_incidence,
)
from .ensemble import CauseEnsemble
from .fine_gray import FineGray, fine_gray
from .gray import GrayTest, gray_test

__all__ = ["CauseAnalysis", "CauseVerdict", "analyse_causes"]

CauseVerdict = Literal["reproduced", "compatible", "discrepant", "close", "not assessable"]


@dataclass(frozen=True, kw_only=True)
class CauseAnalysis:
    """What the patients of an endpoint give for one cause.

    Attributes
    ----------
    cause, label : str
    curves : mapping of str to CumulativeIncidence
        By arm, the reference first; an arm in which nobody had the event has none.
    events : mapping of str to int
        By arm.
    checks : tuple of IncidenceCheck
    reported : CauseComparison or None
    fine_gray : FineGray or None
        None if there is no finite ratio; `reason` says why.
    cause_specific : Cox or None
    gray : GrayTest or None
    reason : str
        Why there is no subdistribution hazard ratio; empty if there is one.
    reproduction_interval, cause_specific_interval : tuple of float, or None
        Where the hazard ratios of all draws are; None without draws.
    n_draws : int
    verdict : str
        On the reported hazard ratio of its kind: "reproduced" (inside the reproduction interval,
        same conclusion), "compatible" (inside, other conclusion), "close" (outside, within 0.25
        standard errors of the reproduced one), "discrepant", "not assessable"; without draws by
        distance in reported standard errors, "close", "compatible" or "discrepant".
    """

    cause: str
    label: str
    curves: Mapping[str, CumulativeIncidence]
    events: Mapping[str, int]
    checks: tuple[IncidenceCheck, ...]
    reported: CauseComparison | None
    fine_gray: FineGray | None
    cause_specific: Cox | None
    gray: GrayTest | None
    reason: str
    reproduction_interval: tuple[float, float] | None
    cause_specific_interval: tuple[float, float] | None
    n_draws: int
    verdict: CauseVerdict

    @property
    def matched(self) -> int:
        """How many reported incidences the patients have."""
        return sum(check.inside for check in self.checks)

    @property
    def interval_of_reported(self) -> tuple[float, float] | None:
        """The draws' interval of the reported ratio's kind, or of the subdistribution's."""
        if self.reported is not None and self.reported.kind == "cause-specific":
            return self.cause_specific_interval
        return self.reproduction_interval

    @property
    def sentence(self) -> str:
        """The reproduced comparison in words; empty if there is none."""
        if self.fine_gray is None:
            return self.reason
        text = (
            f"{self.label or self.cause}: subdistribution hazard ratio of "
            f"{self.fine_gray.treatment} versus {self.fine_gray.reference} "
            f"{ratio_interval(self.fine_gray.hazard_ratio, self.fine_gray.ci)}"
        )
        if self.cause_specific is not None:
            fit = self.cause_specific
            text += f"; cause-specific {ratio_interval(fit.hazard_ratio, fit.ci)}"
        return f"{text}."


@strict
def analyse_causes(
    endpoint: Endpoint, ipd: PseudoIPD, *, draws: CauseEnsemble | None = None
) -> tuple[CauseAnalysis, ...]:
    """Analyse the patients of an endpoint cause by cause, in the endpoint's order.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    ipd : PseudoIPD
        Its reconstruction.
    draws : CauseEnsemble, optional
        Many data sets of it, on which verdicts then rest. Where the patients miss a reported
        number of events or at risk, these do, too: there are no intervals, and no verdict.
    """
    missed = any(missed_counts(endpoint, ipd))
    found = [_analysis(endpoint, ipd, each, None if missed else draws) for each in endpoint.causes]
    return tuple(replace(each, verdict="not assessable") if missed else each for each in found)


def _analysis(
    endpoint: Endpoint, ipd: PseudoIPD, cause: str, draws: CauseEnsemble | None
) -> CauseAnalysis:
    there = cause in ipd.causes
    curves = (
        {arm: cumulative_incidence(ipd, arm=arm, cause=cause) for arm in ipd.arms} if there else {}
    )
    compared = there and endpoint.treatment is not None
    fit, reason, specific, test = None, "", None, None
    if compared:
        fit, reason = estimate_or_reason(lambda: fine_gray(ipd, cause=cause))
        specific, _ = estimate_or_reason(lambda: cox(ipd.of_cause(cause)))
    elif not there:
        reason = f"Nobody had {cause}."
    if there and len(ipd.arms) > 1:
        test, _ = estimate_or_reason(lambda: gray_test(ipd, cause=cause))
    reported = None if endpoint.reported is None else endpoint.reported.causes.get(cause)
    intervals = (
        (draws.interval(cause), draws.interval(cause, kind="cause-specific"))
        if draws is not None
        else (None, None)
    )
    return CauseAnalysis(
        cause=cause,
        label=next((arm.causes[cause].label for arm in endpoint.arms.values()), ""),
        curves=curves,
        events={arm: int(((ipd.arm == arm) & (ipd.cause == cause)).sum()) for arm in ipd.arms},
        checks=tuple(check_incidence(endpoint, cause, curves)),
        reported=reported,
        fine_gray=fit,
        cause_specific=specific,
        gray=test,
        reason=reason,
        reproduction_interval=intervals[0],
        cause_specific_interval=intervals[1],
        n_draws=0 if draws is None else draws.n_draws,
        verdict=_verdict(
            reported, (fit, specific, test), intervals, few=draws is not None and draws.has_few
        ),
    )


_Fits = tuple[FineGray | None, Cox | None, GrayTest | None]
_Intervals = tuple[tuple[float, float] | None, tuple[float, float] | None]


def _verdict(
    reported: CauseComparison | None, fits: _Fits, intervals: _Intervals, *, few: bool
) -> CauseVerdict:
    """Judge the reported hazard ratio against those of the draws, or by distance without them."""
    if reported is None or reported.hazard_ratio is None:
        return "not assessable"
    subdistribution = reported.kind == "subdistribution"
    fit = fits[0] if subdistribution else fits[1]
    bounds = intervals[0] if subdistribution else intervals[1]
    printed = reported.hazard_ratio
    apart = math.inf if fit is None else abs(fit.log_hazard_ratio - math.log(printed.value))
    if bounds is not None and not math.isnan(bounds[0]):
        if printed.lower <= bounds[1] and bounds[0] <= printed.upper:
            return "compatible" if _same_conclusion(reported, fits) is False else "reproduced"
        if fit is not None and apart <= CLOSE * fit.se:
            return "close"
        return "not assessable" if few else "discrepant"
    if fit is None or reported.ci is None or reported.ci[0].value <= 0:
        return "not assessable"
    low, high = (math.log(end.value) for end in reported.ci)
    in_reported_se = apart / ((high - low) / (2 * level_z(reported.level)))
    if in_reported_se <= CLOSE:
        return "close"
    return "compatible" if in_reported_se <= COMPATIBLE else "discrepant"


def _same_conclusion(reported: CauseComparison, fits: _Fits) -> bool | None:
    """Say whether both p are on the same side of 0.05; None if one is unknown."""
    fit, specific, test = fits
    gray = reported.test is not None and "gray" in reported.test.lower()
    own = specific if reported.kind == "cause-specific" else fit
    p = test.p if gray and test is not None else own.p_wald if own is not None else None
    if reported.p is None or p is None:
        return None
    return (reported.p.value < 0.05) == (p < 0.05)
