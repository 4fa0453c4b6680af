"""Every analysis of one endpoint, gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..reconstruct.implied_events import ImpliedEvents, implied_events
from ..reconstruct.pseudo_ipd import PseudoIPD
from ..reconstruct.quick_looks import QuickLook, quick_looks
from ..studies.endpoint import Endpoint
from .comparison import Comparison, compare_estimates
from .cox import Cox, cox
from .curve_check import CurveCheck, check_curves
from .kaplan_meier import KaplanMeier, kaplan_meier
from .landmark_check import LandmarkCheck, check_landmarks
from .logrank import LogRank, logrank
from .not_estimable import estimate_or_reason
from .proportionality import Proportionality
from .rmst import Rmst, largest_tau, rmst
from .schoenfeld import Schoenfeld, schoenfeld

if TYPE_CHECKING:
    from .ensemble import Ensemble

__all__ = ["EndpointAnalysis", "analyse", "horizon"]


@dataclass(frozen=True, kw_only=True)
class EndpointAnalysis:
    """Everything that the pseudo-IPD of one endpoint gives.

    Attributes
    ----------
    endpoint : Endpoint
        What the paper prints.
    ipd : PseudoIPD
        The patients that were analysed.
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    landmarks : tuple of LandmarkCheck
        Printed survival and medians against reproduced ones.
    curve_checks : tuple of CurveCheck
        Digitised curves against reproduced ones, for the arms that have one.
    comparison : Comparison or None
        None unless the endpoint has two arms.
    cox : Cox or None
        None if there is no finite hazard ratio; `cox_reason` says why.
    cox_reason : str
        Empty if there is a hazard ratio.
    logrank : LogRank or None
        None if it is not estimable.
    rmst : Rmst or None
        At the last landmark printed for all arms that their follow-up supports; without one, at
        the largest horizon that it supports.
    schoenfeld : Schoenfeld or None
        How the hazard ratio moves over time; None if `proportionality` is.
    proportionality : Proportionality or None
        None without a hazard ratio, or with events too few to tell.
    implied_events : ImpliedEvents or None
        Events that the interval of the reported hazard ratio implies.
    quick_looks : tuple of QuickLook
        Approximate hazard ratios from the printed numbers alone, as a cross-check.
    draws : Ensemble or None
        Many data sets that meet every printed number; None unless they were asked for and exist.
    """

    endpoint: Endpoint
    ipd: PseudoIPD
    curves: Mapping[str, KaplanMeier]
    landmarks: tuple[LandmarkCheck, ...]
    curve_checks: tuple[CurveCheck, ...]
    comparison: Comparison | None
    cox: Cox | None
    cox_reason: str
    logrank: LogRank | None
    rmst: Rmst | None
    schoenfeld: Schoenfeld | None
    proportionality: Proportionality | None
    implied_events: ImpliedEvents | None
    quick_looks: tuple[QuickLook, ...]
    draws: Ensemble | None = None

    def __repr__(self) -> str:
        """Return what was analysed, for a notebook's line."""
        return f"EndpointAnalysis({self.comparison or self.ipd!r})"

    def _repr_html_(self) -> str:
        from .shown import analysis_html

        return analysis_html(self)


def analyse(
    endpoint: Endpoint, ipd: PseudoIPD, *, draws: Ensemble | None = None
) -> EndpointAnalysis:
    """Run every analysis that the patients of an endpoint allow.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper prints.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    draws : Ensemble, optional
        Many data sets of that endpoint, which the verdict then rests on.

    Raises
    ------
    ValueError
        If the endpoint has two arms and the patients are of others.
    """
    curves = {arm: kaplan_meier(ipd, arm=arm) for arm in ipd.arms}
    landmarks = check_landmarks(endpoint, curves)
    fit, reason = estimate_or_reason(lambda: cox(ipd))
    test, _ = estimate_or_reason(lambda: logrank(ipd))
    means, _ = estimate_or_reason(lambda: rmst(ipd, tau=horizon(endpoint, ipd)))
    residuals, _ = estimate_or_reason(lambda: schoenfeld(ipd))
    constant = residuals.test if residuals else None
    comparison = None
    if endpoint.treatment is not None:
        comparison = compare_estimates(
            endpoint,
            ipd,
            cox_fit=fit,
            cox_reason=reason,
            logrank_test=test,
            proportional=constant,
            landmarks=landmarks,
            draws=draws,
        )
    return EndpointAnalysis(
        endpoint=endpoint,
        ipd=ipd,
        curves=curves,
        landmarks=landmarks,
        curve_checks=check_curves(endpoint, curves),
        comparison=comparison,
        cox=fit,
        cox_reason=reason,
        logrank=test,
        rmst=means,
        schoenfeld=residuals,
        proportionality=constant,
        implied_events=_implied(endpoint, ipd),
        quick_looks=quick_looks(endpoint),
        draws=draws,
    )


def horizon(endpoint: Endpoint, ipd: PseudoIPD) -> float:
    """Return the time up to which mean survival is compared, where none is asked for."""
    limit = largest_tau(ipd)
    shared = set.intersection(*(set(arm.landmarks) for arm in endpoint.arms.values()))
    return max((time for time in shared if 0 < time <= limit), default=limit)


def _implied(endpoint: Endpoint, ipd: PseudoIPD) -> ImpliedEvents | None:
    if endpoint.treatment is None:
        return None
    in_treatment = float((ipd.arm == endpoint.treatment).mean())
    return implied_events(endpoint.reported, in_treatment)
