"""Every analysis of one endpoint, gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..presentation import notebook
from ..reconstruct.pseudo_ipd import (
    PseudoIPD,
    patients_curves,
    patients_table,
)
from ..reconstruct.quick_looks import ImpliedEvents, QuickLook, implied_events, quick_looks
from ..studies.endpoint import Endpoint
from ..studies.usual_form import usual_form
from ._compare import compare_estimates
from ._cox import Cox, cox
from ._inference import estimate_or_reason
from ._kaplan_meier import KaplanMeier, kaplan_meier
from ._logrank import LogRank, logrank
from ._proportionality import Proportionality, Schoenfeld, schoenfeld
from ._rmst import Rmst, horizon, rmst
from .checks import (
    CurveCheck,
    LandmarkCheck,
    check_curves,
    check_landmarks,
    missed_numbers,
)
from .comparison import Comparison
from .ensemble import Ensemble

if TYPE_CHECKING:
    from .competing.analysis import CauseAnalysis  # loads a compiler

__all__ = ["EndpointAnalysis", "analyse", "result_html"]


@dataclass(frozen=True, kw_only=True)
class EndpointAnalysis:
    """Everything that the pseudo-IPD of one endpoint gives.

    Attributes
    ----------
    endpoint : Endpoint
        What the paper reports.
    ipd : PseudoIPD
        The patients that were analysed.
    curves : mapping of str to KaplanMeier
        By arm, the reference first.
    landmarks : tuple of LandmarkCheck
        Reported survival and medians against reproduced ones.
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
        At the last landmark reported for all arms that their follow-up supports; without one, at
        the largest horizon that it supports.
    schoenfeld : Schoenfeld or None
        The hazard ratio as it varies over time; None if `proportionality` is.
    proportionality : Proportionality or None
        None without a hazard ratio, or with too few events for the test.
    implied_events : ImpliedEvents or None
        Events that the interval of the reported hazard ratio implies.
    quick_looks : tuple of QuickLook
        Approximate hazard ratios from the reported numbers alone, as a cross-check.
    draws : Ensemble or None
        Many data sets consistent with every reported value; None unless asked for.
    causes : tuple of CauseAnalysis
        The same patients cause by cause, if the endpoint reports competing risks; everything
        above is then of the event of any cause.
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
    causes: tuple[CauseAnalysis, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Reported values that the patients miss, and by how much."""
        return missed_numbers(self.endpoint, self.ipd, self.landmarks)

    def __repr__(self) -> str:
        """Return what was analysed, for a notebook's line."""
        return f"EndpointAnalysis({self.comparison or self.ipd!r})"

    def _repr_html_(self) -> str:
        return result_html(self.ipd, self.landmarks, self.comparison)


def analyse(
    endpoint: Endpoint,
    ipd: PseudoIPD,
    *,
    draws: Ensemble | None = None,
    attainable: bool = True,
) -> EndpointAnalysis:
    """Run every analysis that the patients of an endpoint allow.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper reports.
    ipd : PseudoIPD
        The reconstruction of that endpoint.
    draws : Ensemble, optional
        Many data sets of that endpoint, which the verdict then rests on.
    attainable : bool
        If the reported hazard ratio is beyond those of all draws, look for the attainable range,
        which takes seconds; see `compare`.

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
            attainable=attainable,
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


def result_html(
    ipd: PseudoIPD, landmarks: tuple[LandmarkCheck, ...], comparison: Comparison | None
) -> str:
    """Return the comparison, if there is one, the patients, and their curves with what is reported.

    Parameters
    ----------
    ipd : PseudoIPD
    landmarks : tuple of LandmarkCheck
        The reported survival among them is drawn as points.
    comparison : Comparison or None
    """
    curves = {
        arm: replace(
            curve,
            points={
                check.time: check.printed.value
                for check in landmarks
                if check.arm == arm and check.quantity == "survival"
            },
        )
        for arm, curve in patients_curves(ipd).items()
    }
    alt = f"Kaplan-Meier curves of {', '.join(ipd.arms)} with reported survival as points"
    return notebook.block(
        comparison._repr_html_() if comparison else "",
        patients_table(ipd),
        notebook.curves(curves, unit=ipd.time_unit, alt=alt),
        notebook.listing("Assumptions", ipd.assumptions),
    )


def _implied(endpoint: Endpoint, ipd: PseudoIPD) -> ImpliedEvents | None:
    if endpoint.treatment is None:
        return None
    in_treatment = float((ipd.arm == endpoint.treatment).mean())
    return implied_events(usual_form(endpoint).endpoint.reported, in_treatment)
