"""Every analysis of one endpoint, gathered, and what it reports beside what its patients give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..presentation import notebook
from ..reconstruct.pseudo_ipd import PseudoIPD, patients_curves, patients_table, refuse_no_patients
from ..reconstruct.quick_looks import ImpliedEvents, QuickLook, implied_events, quick_looks
from ..studies.argument_types import refuse_no_endpoint, strict
from ..studies.endpoint import Endpoint, Reported
from ..studies.interval_level import level_fit
from ..studies.usual_form import usual_form
from ._cox import Cox, cox
from ._inference import estimate_or_reason
from ._kaplan_meier import KaplanMeier, kaplan_meier
from ._logrank import LogRank, logrank
from ._proportionality import Proportionality, Schoenfeld, proportionality, schoenfeld
from ._rmst import Rmst, horizon, rmst
from .checks import CurveCheck, LandmarkCheck, check_curves, check_landmarks, missed_numbers
from .comparison import Comparison, Verdict
from .ensemble import Ensemble
from .reported import Agreement, ReportedComparison, is_weighted, read_reported
from .verdict import Judgement, by_distance, by_draws, caught, is_ratio_interval

if TYPE_CHECKING:
    from .competing.analysis import CauseAnalysis  # loads a compiler

__all__ = ["EndpointAnalysis", "analyse", "compare", "compare_estimates", "result_html"]


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


@strict
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
        If the patients are of another endpoint, of other arms than its two, or in another unit.
    """
    _refuse_other_patients("analyse", endpoint, ipd)
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
    in_treatment = ipd.arm[ipd.event] == endpoint.treatment
    if endpoint.treatment is None or in_treatment.all() or not in_treatment.any():
        return None
    return implied_events(usual_form(endpoint).endpoint.reported, float(in_treatment.mean()))


@strict
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
        If the patients are not of the endpoint and its two arms, the reference first.
    """
    _refuse_other_patients("compare", endpoint, ipd)
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
    found = Agreement.of(reported, cox_fit, logrank_test)
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
        shares=tuple(name for name in ipd.arms if endpoint.arms[name].n_basis == "allocation"),
        **vars(found),
        **vars(judgement),
        **_of_draws(None if informed else draws, n_draws=0 if draws is None else draws.n_draws),
    )


def _judged(
    endpoint: Endpoint,
    draws: Ensemble | None,
    *,
    reported: ReportedComparison,
    found: Agreement,
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
            "effective_scenarios": None, "power": {},
        }  # fmt: skip
    return {
        "n_draws": n_draws,
        "reproduction_interval": _interval(draws),
        "interval_of_draws": _interval(draws, alone=True),
        "effective_scenarios": float(f"{draws.effective_scenarios:.3g}"),
        "power": {} if _interval(draws) is None else caught(draws),
    }


def _refuse_other_patients(function: str, endpoint: Endpoint, ipd: PseudoIPD) -> None:
    refuse_no_endpoint(function, endpoint)
    refuse_no_patients(function, ipd)
    if ipd.endpoint and (ipd.cohort, ipd.endpoint) != (endpoint.cohort, endpoint.name):
        held = f"{ipd.cohort}/{ipd.endpoint}"
        raise ValueError(f"`ipd` must hold patients of {endpoint.key}, but holds those of {held}.")
    if ipd.time_unit != endpoint.time_unit:
        units = f"{endpoint.time_unit}, as {endpoint.key} is, not in {ipd.time_unit}"
        raise ValueError(f"`ipd` must be in {units}.")


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


def _overlap(reported: Reported | None, fit: Cox | None) -> bool | None:
    """Say whether the 95% intervals overlap; None where the reported one is not known."""
    if fit is None or reported is None or reported.ci is None:
        return None
    low, high = (limit.value for limit in reported.ci)
    return fit.ci[0] <= high and low <= fit.ci[1] if low <= high else None


def _missing(
    reported: ReportedComparison, fit: Cox | None, draws: Ensemble | None, *, answered: Verdict
) -> tuple[str, ...]:
    missing = []
    if reported.ratio is None and answered != "not assessable":
        return ()  # p was judged
    if reported.ratio is None and reported.p_printed is not None and is_weighted(reported):
        named = (reported.test or "").removesuffix(" test")
        missing.append(f"a hazard ratio, or a p of another test than the {named} test,")
    elif reported.ratio is None:
        missing.append("a reported hazard ratio")
    elif reported.se is None and draws is None:
        missing.append("an interval or an exact p of the reported hazard ratio")
    if fit is None or (draws is not None and _interval(draws) is None):
        missing.append("a finite reproduced hazard ratio")
    return tuple(missing)
