"""Every analysis of one endpoint with competing risks, cause by cause."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ...presentation.formats import ratio_interval
from ...reconstruct.constraints import EDGE
from ...reconstruct.pseudo_ipd import PseudoIPD
from ...studies import CauseComparison, Endpoint
from .._cox import Cox, cox
from .._inference import estimate_or_reason
from .cumulative_incidence import CumulativeIncidence, cumulative_incidence
from .ensemble import CauseEnsemble
from .fine_gray import FineGray, fine_gray
from .gray import GrayTest, gray_test

__all__ = ["CauseAnalysis", "CauseVerdict", "IncidenceCheck", "analyse_causes"]

CauseVerdict = Literal["reproduced", "compatible", "discrepant", "close", "not assessable"]
CLOSE, COMPATIBLE = 0.25, 1.0  # in reported standard errors, as for other hazard ratios
_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class IncidenceCheck:
    """One reported cumulative incidence beside the reproduced one.

    Attributes
    ----------
    arm, cause : str
    time : float
    printed : str
        As reported.
    lower, upper : float
        The values that round to it.
    reproduced : float
    inside : bool
    """

    arm: str
    cause: str
    time: float
    printed: str
    lower: float
    upper: float
    reproduced: float
    inside: bool


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
        same conclusion), "compatible" (inside, other conclusion), "discrepant", "not assessable";
        without draws by distance, "close", "compatible" or "discrepant".
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


def analyse_causes(
    endpoint: Endpoint, ipd: PseudoIPD, *, draws: CauseEnsemble | None = None
) -> tuple[CauseAnalysis, ...]:
    """Analyse the patients of an endpoint cause by cause.

    Parameters
    ----------
    endpoint : Endpoint
        One whose arms report causes.
    ipd : PseudoIPD
        Its reconstruction.
    draws : CauseEnsemble, optional
        Many data sets of it, on which verdicts then rest.

    Returns
    -------
    tuple of CauseAnalysis
        In the endpoint's order.
    """
    return tuple(_analysis(endpoint, ipd, cause, draws) for cause in endpoint.causes)


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
        checks=tuple(_checks(endpoint, cause, curves)),
        reported=reported,
        fine_gray=fit,
        cause_specific=specific,
        gray=test,
        reason=reason,
        reproduction_interval=intervals[0],
        cause_specific_interval=intervals[1],
        n_draws=0 if draws is None else draws.n_draws,
        verdict=_verdict(reported, (fit, specific, test), intervals),
    )


def _checks(
    endpoint: Endpoint, cause: str, curves: Mapping[str, CumulativeIncidence]
) -> Iterator[IncidenceCheck]:
    for arm, reported in endpoint.arms.items():
        for time, mark in reported.causes[cause].landmarks.items():
            curve = curves.get(arm)
            found = 0.0 if curve is None else float(curve.incidence_at(time))
            lower, upper = max(mark.incidence.lower, 0.0), min(mark.incidence.upper, 1.0)
            yield IncidenceCheck(
                arm=arm,
                cause=cause,
                time=time,
                printed=str(mark.incidence),
                lower=lower,
                upper=upper,
                reproduced=found,
                inside=lower - EDGE <= found <= upper + EDGE,
            )


_Fits = tuple[FineGray | None, Cox | None, GrayTest | None]
_Intervals = tuple[tuple[float, float] | None, tuple[float, float] | None]


def _verdict(reported: CauseComparison | None, fits: _Fits, intervals: _Intervals) -> CauseVerdict:
    """Judge the reported hazard ratio against those of the draws, or by distance without them."""
    if reported is None or reported.hazard_ratio is None:
        return "not assessable"
    subdistribution = reported.kind == "subdistribution"
    fit = fits[0] if subdistribution else fits[1]
    bounds = intervals[0] if subdistribution else intervals[1]
    printed = reported.hazard_ratio
    if bounds is not None and not math.isnan(bounds[0]):
        if not (printed.lower <= bounds[1] and bounds[0] <= printed.upper):
            return "discrepant"
        return "compatible" if _same_conclusion(reported, fits) is False else "reproduced"
    if fit is None or reported.ci is None or reported.ci[0].value <= 0:
        return "not assessable"
    low, high = (math.log(end.value) for end in reported.ci)
    apart = abs(fit.log_hazard_ratio - math.log(printed.value)) / ((high - low) / (2 * _Z))
    return "close" if apart <= CLOSE else "compatible" if apart <= COMPATIBLE else "discrepant"


def _same_conclusion(reported: CauseComparison, fits: _Fits) -> bool | None:
    """Say whether both p are on the same side of 0.05; None if one is unknown."""
    fit, specific, test = fits
    gray = reported.test is not None and "gray" in reported.test.lower()
    own = specific if reported.kind == "cause-specific" else fit
    p = test.p if gray and test is not None else own.p_wald if own is not None else None
    if reported.p is None or p is None:
        return None
    return (reported.p.value < 0.05) == (p < 0.05)
