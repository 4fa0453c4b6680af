"""How a reported hazard ratio is judged: by distance, or by where those of many data sets are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..presentation.formats import interval, ratio
from ..reconstruct.errors import ReconstructionRefused
from ..studies import PrintedNumber
from ..studies.endpoint import Endpoint
from ._inference import NotEstimable
from ._kernels import RiskSets
from .attainable import AttainableRange, attainable_hazard_ratio
from .comparison import Verdict
from .conventions import beyond_every_estimator, fitting_estimators
from .ensemble import Ensemble

__all__ = ["CLOSE", "COMPATIBLE", "Judgement", "by_distance", "by_draws", "caught"]

CLOSE = 0.25
COMPATIBLE = 1.0
_OTHER_ESTIMATORS = (
    "the possible range is that of Cox regression with Efron's ties, and Breslow's or exact ties, "
    "Mantel-Haenszel and O/E estimates can be outside it"
)
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
        What fits a discrepant hazard ratio, a clause each, the likeliest first.
    """

    verdict: Verdict
    attainable: AttainableRange | None = None
    explanations: tuple[str, ...] = ()


def by_distance(in_reported_se: float | None) -> Judgement:
    """Judge by the distance between the hazard ratios, in reported standard errors."""
    if in_reported_se is None:
        return Judgement(verdict="not assessable")
    if in_reported_se <= CLOSE:
        return Judgement(verdict="close")
    return Judgement(verdict="compatible" if in_reported_se <= COMPATIBLE else "discrepant")


def by_draws(
    endpoint: Endpoint, draws: Ensemble, *, same_conclusion: bool | None, attainable: bool
) -> Judgement:
    """Judge by where the hazard ratios of all draws are; every rounding counts.

    Parameters
    ----------
    endpoint : Endpoint
    draws : Ensemble
    same_conclusion : bool or None
        See `Comparison.same_conclusion`.
    attainable : bool
        Look for the attainable range if the reported hazard ratio is beyond those of all draws,
        and for other conventions that explain it.
    """
    printed = None if endpoint.reported is None else endpoint.reported.hazard_ratio
    low, high = draws.interval()
    if printed is None or math.isnan(low) or high == 0 or math.isinf(low):
        return Judgement(verdict="not assessable")
    if printed.lower <= high and low <= printed.upper:
        return Judgement(verdict="compatible" if same_conclusion is False else "reproduced")
    explanations = [*_turned_round(printed, low, high), *_stratified(endpoint)]
    if not attainable:
        return Judgement(verdict="discrepant", explanations=tuple(explanations))
    explanations += _estimators(endpoint, draws, printed)
    if not _beyond_all(printed, draws):
        return Judgement(verdict="discrepant", explanations=tuple(explanations))
    found = _attainable(endpoint)
    widest = found
    if found is not None and not found.contains(printed):
        widest, convention = _other_roundings(endpoint, found, printed)
        explanations += convention
    adjusted = endpoint.reported is not None and endpoint.reported.adjusted
    possible = (
        widest is None
        or adjusted  # it may then be where no unadjusted one can
        or not beyond_every_estimator(printed, widest.lower, widest.upper)
    )
    if not explanations and not adjusted and widest and not widest.contains(printed):
        explanations.append(_OTHER_ESTIMATORS)
    return Judgement(
        verdict="discrepant" if possible else "impossible",
        attainable=found,
        explanations=tuple(explanations) if possible else (),
    )


def caught(draws: Ensemble) -> dict[float, bool]:
    """Return, for some hazard ratios, whether a report of them would have been discrepant."""
    low, high = draws.interval()
    return {probe: not low <= probe <= high for probe in PROBES}


def _turned_round(printed: PrintedNumber, low: float, high: float) -> Iterator[str]:
    """Say whether the hazard ratio of the other arm against this one would fit."""
    if printed.lower > 0 and 1 / printed.upper <= high and low <= 1 / printed.lower:
        yield f"1/{printed} = {ratio(1 / printed.value)} is inside: the arms may be exchanged"


def _stratified(endpoint: Endpoint) -> Iterator[str]:
    test = endpoint.reported.test if endpoint.reported else None
    if test and "stratif" in test.lower().replace("unstratif", ""):
        yield "the reported analysis is stratified, the reproduced one cannot be"


def _estimators(endpoint: Endpoint, draws: Ensemble, printed: PrintedNumber) -> Iterator[str]:
    """Name other estimators that fit, of times as drawn and, with ties, in whole time units."""
    block = draws.sampler.block(0)
    reference, treatment = (block[arm] for arm in draws.sampler.template.arms)
    time = np.concatenate([reference.time, treatment.time], axis=1)
    event = np.concatenate([reference.event, treatment.event], axis=1)
    treated = np.repeat([False, True], [reference.time.shape[1], treatment.time.shape[1]])
    untied = list(fitting_estimators(RiskSets.of(time, event, treated), printed))
    if untied:
        yield from untied
        return
    # rounded up, so that survival at whole times stays what it is
    tied = RiskSets.of(np.ceil(time), event, treated)
    yield from fitting_estimators(tied, printed, times=f" with times in whole {endpoint.time_unit}")


def _beyond_all(printed: PrintedNumber, draws: Ensemble) -> bool:
    """Say whether every draw has a larger hazard ratio than the reported one, or a smaller one.

    Otherwise the reported one is between two that are attained, and need not be looked for.
    """
    drawn = draws.hazard_ratio
    return bool(np.nanmin(drawn) > printed.upper or np.nanmax(drawn) < printed.lower)


def _attainable(endpoint: Endpoint) -> AttainableRange | None:
    try:
        return attainable_hazard_ratio(endpoint)
    except (ReconstructionRefused, NotEstimable):
        return None


def _other_roundings(
    endpoint: Endpoint, found: AttainableRange, printed: PrintedNumber
) -> tuple[AttainableRange, list[str]]:
    """Return the range under other conventions for what the arms report, and which one fits.

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
            )
        except (ReconstructionRefused, NotEstimable):
            continue
        if widest.contains(printed):
            bounds = interval(widest.lower, widest.upper)
            return widest, [f"{condition}, data sets can have {bounds}"]
    return widest, []
