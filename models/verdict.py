"""How a reported hazard ratio is judged: by distance, by many data sets, by other estimators.

A reported value that Cox regression with Efron's ties cannot give may be one that another usual
convention gives: of ties, of estimators, of rounding. It is called impossible only if none does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..presentation.formats import count, interval, ratio
from ..reconstruct.ensemble.draw_source import together
from ..reconstruct.errors import ReconstructionRefused
from ..reconstruct.pseudo_ipd import FloatArray
from ..studies import PrintedNumber
from ..studies.endpoint import Endpoint
from ._cox import BatchedCox
from ._inference import NotEstimable, are_few, middle_share
from ._kernels import BoolArray, RiskSets
from ._logrank import mantel_haenszel, observed_over_expected
from .attainable import AttainableRange, attainable_hazard_ratio
from .attainable.timeline import Median
from .comparison import Verdict
from .ensemble import Ensemble
from .reported import ReportedComparison
from .reported_p import CLOSE, POfDraws, p_of_draws

__all__ = [
    "COMPATIBLE",
    "ESTIMATORS",
    "Estimator",
    "Judgement",
    "beyond_every_estimator",
    "by_distance",
    "by_draws",
    "caught",
    "fitting_estimators",
    "is_close",
    "is_ratio_interval",
]

# How far the log hazard ratio b of another estimator can be from Cox's by Efron: away from 1 by a
# factor, towards 1 by another, and on either side by a little where b is near 0. Chosen on 150,000
# simulated trials of 2 to 24 patients per arm with heavy ties, of which 99.9% are within.
AWAY, TOWARDS, BESIDE = 3.0, 0.25, 0.35


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """A way to estimate a hazard ratio.

    Attributes
    ----------
    name : str
        With the software that uses it.
    log_hazard_ratio : callable
        From risk sets to the log hazard ratio of each draw, shape (draws,).
    """

    name: str
    log_hazard_ratio: Callable[[RiskSets], FloatArray]


def breslow(sets: RiskSets) -> FloatArray:
    """Return the log hazard ratio of Cox regression with Breslow's ties, shape (draws,)."""
    return BatchedCox.of(sets, ties="breslow").log_hazard_ratio


ESTIMATORS = (
    Estimator(name="Cox regression with Breslow's ties (SAS, SPSS)", log_hazard_ratio=breslow),
    Estimator(name="the Mantel-Haenszel estimate (Prism)", log_hazard_ratio=mantel_haenszel),
    Estimator(name="the log-rank estimate O/E (Prism)", log_hazard_ratio=observed_over_expected),
)
"""The estimators that papers use beside Cox regression with Efron's ties."""


def fitting_estimators(
    sets: RiskSets, reported: PrintedNumber, *, times: str = ""
) -> Iterator[str]:
    """Name the estimators by which 95% of the data sets surround a reported hazard ratio.

    Parameters
    ----------
    sets : RiskSets
        Of many data sets.
    reported : PrintedNumber
    times : str
        What is special about the times of the data sets, such as " with times in whole months".
    """
    for estimator in ESTIMATORS:
        low, high = middle_share(np.exp(estimator.log_hazard_ratio(sets)))
        if reported.lower <= high and low <= reported.upper:
            yield f"by {estimator.name}{times} the data sets have {interval(low, high)}"


def beyond_every_estimator(reported: PrintedNumber, lower: float, upper: float) -> bool:
    """Say whether a reported hazard ratio is out of reach of every usual estimator.

    Parameters
    ----------
    reported : PrintedNumber
    lower, upper : float
        The range of hazard ratios of Cox regression with Efron's ties; 0 and infinity at most.
    """
    above = math.log(reported.lower) if reported.lower > 0 else -math.inf
    below = math.log(reported.upper) if reported.upper > 0 else -math.inf
    low, high = (math.log(end) if end > 0 else -math.inf for end in (lower, upper))
    return above > _farthest(high) or below < -_farthest(-low)


def _farthest(log_hazard_ratio: float) -> float:
    """Return the largest log hazard ratio that another estimator may give."""
    return log_hazard_ratio * (AWAY if log_hazard_ratio > 0 else TOWARDS) + BESIDE


COMPATIBLE = 1.0  # in reported standard errors
_OTHER_ESTIMATORS = (
    "the possible range is that of Cox regression with Efron's ties, and Breslow's or exact ties, "
    "Mantel-Haenszel and O/E estimates can be outside it"
)
CUTS = (0.75, 0.5, 0.25)  # shares of the follow-up, beside the landmarks
MEDIANS: tuple[Median, ...] = ("first", "either")
PROBES = (0.70, 1.0, 1.43)  # a benefit worth treating for, none, and the same harm


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : str
        See `Comparison.verdict`.
    attainable : AttainableRange or None
        Looked for only where the reported hazard ratio is beyond those of all draws.
    explanations : tuple of str
        What fits a discrepant hazard ratio or p, a clause each, the likeliest first.
    p_of_draws : POfDraws or None
        Where a reported p is among those of the draws.
    """

    verdict: Verdict
    attainable: AttainableRange | None = None
    explanations: tuple[str, ...] = ()
    p_of_draws: POfDraws | None = None


def by_distance(in_reported_se: float | None) -> Judgement:
    """Judge by the distance between the hazard ratios, in reported standard errors."""
    if in_reported_se is None:
        return Judgement(verdict="not assessable")
    if in_reported_se <= CLOSE:
        return Judgement(verdict="close")
    return Judgement(verdict="compatible" if in_reported_se <= COMPATIBLE else "discrepant")


def by_draws(
    endpoint: Endpoint,
    draws: Ensemble,
    *,
    reported: ReportedComparison,
    same_conclusion: bool | None,
    attainable: bool,
) -> Judgement:
    """Judge by where the hazard ratios of all draws are; every rounding counts.

    Without a hazard ratio the middle of its interval is judged, without either the p. What is
    outside the interval, but nearer to the reproduced hazard ratio than a quarter of its standard
    error, is close: intervals along curves are often that narrow, and readings no better. What is
    farther outside that of draws that are few (`are_few`) is not assessable, unless it is
    impossible: a true report is outside of so few more often than in 5%. What is inside is inside
    that of more draws, too, as a rule.

    Parameters
    ----------
    endpoint : Endpoint
    draws : Ensemble
    reported : ReportedComparison
        What the endpoint reports.
    same_conclusion : bool or None
        See `Comparison.same_conclusion`.
    attainable : bool
        Look for the attainable range if the reported hazard ratio is beyond those of all draws,
        and for other conventions that explain it.
    """
    found = _by_interval(
        endpoint, draws, reported=reported, same_conclusion=same_conclusion, attainable=attainable
    )
    if found.verdict == "discrepant" and are_few(draws.n_draws, draws.effective_scenarios):
        return replace(found, verdict="not assessable", explanations=())
    return found


def _by_interval(
    endpoint: Endpoint,
    draws: Ensemble,
    *,
    reported: ReportedComparison,
    same_conclusion: bool | None,
    attainable: bool,
) -> Judgement:
    among = p_of_draws(reported, draws)
    printed = reported.ratio
    low, high = draws.interval()
    if printed is None:
        return _by_p(among, same_conclusion)
    if not is_ratio_interval(low, high):
        return Judgement(verdict="not assessable", p_of_draws=among)
    if printed.lower <= high and low <= printed.upper:
        verdict: Verdict = "compatible" if same_conclusion is False else "reproduced"
        return Judgement(verdict=verdict, p_of_draws=among)
    if printed.relation in ("=", "~") and is_close(draws, printed.value):
        return Judgement(verdict="close", p_of_draws=among)
    explanations = [*_turned_round(printed, low, high), *_other_analysis(endpoint, reported)]
    if not attainable:
        return Judgement(verdict="discrepant", explanations=tuple(explanations), p_of_draws=among)
    explanations += [*_estimators(endpoint, draws, printed), *_shorter(endpoint, draws, printed)]
    judged = _by_range(endpoint, draws, reported, explanations)
    return replace(judged, p_of_draws=among)


def is_close(draws: Ensemble, hazard_ratio: float) -> bool:
    """Say whether a hazard ratio is within `CLOSE` standard errors of the reproduced one.

    The standard error is that of the data sets, since a reported interval may be wrong.
    """
    own = draws.reconstruction.get("hazard_ratio", math.nan)
    known = draws.se[np.isfinite(draws.se)]
    if not (known.size and 0 < own < math.inf and hazard_ratio > 0):
        return False
    return abs(math.log(hazard_ratio / own)) <= CLOSE * float(np.median(known))


def is_ratio_interval(low: float, high: float) -> bool:
    """Say whether the hazard ratios of data sets have an interval: some of them are finite."""
    return not (math.isnan(low) or high == 0 or math.isinf(low))


def _by_p(among: POfDraws | None, same_conclusion: bool | None) -> Judgement:
    if among is None:
        return Judgement(verdict="not assessable")
    if among.close:
        return Judgement(verdict="close", p_of_draws=among)
    if not among.inside:
        return Judgement(verdict="discrepant", explanations=among.explanations, p_of_draws=among)
    verdict: Verdict = "compatible" if same_conclusion is False else "reproduced"
    return Judgement(verdict=verdict, p_of_draws=among)


def _by_range(
    endpoint: Endpoint, draws: Ensemble, reported: ReportedComparison, explanations: list[str]
) -> Judgement:
    """Judge a hazard ratio outside the interval: discrepant, or out of every reach."""
    printed = reported.ratio
    if printed is None or not _beyond_all(printed, draws):
        return Judgement(verdict="discrepant", explanations=tuple(explanations))
    found = _attainable(endpoint)
    widest = found
    if found is not None and not found.contains(printed):
        widest, convention = _other_roundings(endpoint, found, printed)
        explanations += convention
    other = reported.adjusted or any(_other_analysis(endpoint, reported))
    possible = (
        widest is None
        or other  # it may then be where none of all patients can
        or not beyond_every_estimator(printed, widest.lower, widest.upper)
    )
    if not explanations and not other and widest and not widest.contains(printed):
        explanations.append(_OTHER_ESTIMATORS)
    return Judgement(
        verdict="discrepant" if possible else "impossible",
        attainable=found,
        explanations=tuple(explanations) if possible else (),
    )


def caught(draws: Ensemble) -> dict[float, bool]:
    """Return, for some hazard ratios, whether a report of them would have been discrepant.

    Empty with so few draws or scenarios that none is.
    """
    if are_few(draws.n_draws, draws.effective_scenarios):
        return {}
    low, high = draws.interval()
    return {probe: not (low <= probe <= high or is_close(draws, probe)) for probe in PROBES}


def _turned_round(printed: PrintedNumber, low: float, high: float) -> Iterator[str]:
    """Say whether the hazard ratio of the other arm against this one would fit."""
    if printed.lower > 0 and 1 / printed.upper <= high and low <= 1 / printed.lower:
        yield f"1/{printed} = {ratio(1 / printed.value)} is inside: the arms may be exchanged"


def _other_analysis(endpoint: Endpoint, reported: ReportedComparison) -> Iterator[str]:
    """Name how the reported analysis differs from that of all patients without covariates."""
    if reported.stratified:
        yield "the reported analysis is stratified, the reproduced one cannot be"
    patients = sum(arm.n or 0 for arm in endpoint.arms.values())
    if reported.n is not None and reported.n != patients:
        yield (
            f"the reported analysis is of {count(reported.n, 'patient')}, the reproduced of "
            f"{patients}"
        )


def _shorter(endpoint: Endpoint, draws: Ensemble, printed: PrintedNumber) -> Iterator[str]:
    """Name the longest follow-up, if any shorter one, by which 95% of draws surround the ratio."""
    time, event, treated = _first_block(draws)
    landmarks = {mark for arm in endpoint.arms.values() for mark in arm.landmarks}
    end = float(time.max())
    cuts = {*landmarks, *(share * end for share in CUTS)}
    for cut in sorted((each for each in cuts if each < 0.95 * end), reverse=True):
        kept = RiskSets.of(np.minimum(time, cut), event & (time <= cut), treated)
        low, high = middle_share(np.exp(BatchedCox.of(kept).log_hazard_ratio))
        if is_ratio_interval(low, high) and printed.lower <= high and low <= printed.upper:
            yield (
                f"with follow-up cut at {cut:.3g} {endpoint.time_unit}, as at an earlier analysis, "
                f"the data sets have {interval(low, high)}"
            )
            return


def _first_block(draws: Ensemble) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return times, events and who is treated of the first block of draws, arms side by side."""
    time, event, arm = together(draws.sampler.block(0))
    return time, event, arm == draws.sampler.template.arms[1]


def _estimators(endpoint: Endpoint, draws: Ensemble, printed: PrintedNumber) -> Iterator[str]:
    """Name other estimators that fit, of times as drawn and, with ties, in whole time units."""
    time, event, treated = _first_block(draws)
    untied = list(fitting_estimators(RiskSets.of(time, event, treated), printed))
    # rounded up, so that survival at whole times stays what it is
    yield from untied or fitting_estimators(
        RiskSets.of(np.ceil(time), event, treated),
        printed,
        times=f" with times in whole {endpoint.time_unit}",
    )


def _beyond_all(printed: PrintedNumber, draws: Ensemble) -> bool:
    """Say whether every draw has a larger hazard ratio than the reported one, or a smaller one.

    Otherwise the reported one is between two that are attained, and need not be looked for.
    """
    drawn = draws.hazard_ratio
    return bool(np.nanmin(drawn) > printed.upper or np.nanmax(drawn) < printed.lower)


def _attainable(endpoint: Endpoint) -> AttainableRange | None:
    for median in MEDIANS:  # the median as R has it where none as the first time is possible
        try:
            return attainable_hazard_ratio(endpoint, median=median)
        except (ReconstructionRefused, NotEstimable):
            continue
    return None


def _other_roundings(
    endpoint: Endpoint, found: AttainableRange, printed: PrintedNumber
) -> tuple[AttainableRange, list[str]]:
    """Return the bounds under other conventions for what the arms report, and which one fits.

    Conventions are tried one after the other: the median as R has it, percentages truncated
    instead of rounded, both. The range is that of the first that fits, or of both.
    """
    medians = any(arm.median is not None for arm in endpoint.arms.values())
    landmarks = any(arm.landmarks for arm in endpoint.arms.values())
    as_r = "if the median is the middle of the interval in which survival is 0.5, as R has it"
    truncated = "if percentages are truncated instead of rounded"
    widest = found
    for asked, condition in (
        ((True, False), as_r),
        ((False, True), truncated),
        ((True, True), f"{as_r}, and {truncated.removeprefix('if ')}"),
    ):
        if (asked[0] and not medians) or (asked[1] and not landmarks):
            continue
        try:
            widest = attainable_hazard_ratio(
                endpoint,
                median="either" if asked[0] else "first",
                rounding="either" if asked[1] else "rounded",
                searched=False,  # only the bounds are judged by
            )
        except (ReconstructionRefused, NotEstimable):
            continue
        if widest.contains(printed):
            bounds = interval(widest.lower, widest.upper)
            return widest, [f"{condition}, data sets can have {bounds}"]
    return widest, []
