"""The verdict on a reported hazard ratio: how far off it is, or where many draws have theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..reconstruct.errors import ReconstructionRefused
from ..studies import PrintedNumber
from ..studies.endpoint import Endpoint
from .not_estimable import NotEstimable

if TYPE_CHECKING:
    from .attainable import AttainableRange
    from .ensemble import Ensemble

__all__ = ["CLOSE", "COMPATIBLE", "Judgement", "Verdict", "by_distance", "by_draws"]

Verdict = Literal["reproduced", "close", "compatible", "discrepant", "impossible", "not assessable"]

CLOSE = 0.25
COMPATIBLE = 1.0


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : str
        See `Comparison.verdict`.
    attainable : AttainableRange or None
        Looked for only where the reported hazard ratio lies beyond those of all draws.
    """

    verdict: Verdict
    attainable: AttainableRange | None = None


def by_distance(in_reported_se: float | None) -> Judgement:
    """Judge by the distance between the hazard ratios, in reported standard errors."""
    if in_reported_se is None:
        return Judgement(verdict="not assessable")
    if in_reported_se <= CLOSE:
        return Judgement(verdict="close")
    return Judgement(verdict="compatible" if in_reported_se <= COMPATIBLE else "discrepant")


def by_draws(endpoint: Endpoint, draws: Ensemble, *, same_conclusion: bool | None) -> Judgement:
    """Judge by where the hazard ratios of all draws lie; every rounding counts."""
    printed = None if endpoint.reported is None else endpoint.reported.hazard_ratio
    low, high = draws.interval()
    if printed is None or math.isnan(low):
        return Judgement(verdict="not assessable")
    if printed.lower <= high and low <= printed.upper:
        return Judgement(verdict="compatible" if same_conclusion is False else "reproduced")
    attainable = _attainable(endpoint) if _beyond_all(printed, draws) else None
    if attainable is None or attainable.contains(printed) or _adjusted(endpoint):
        return Judgement(verdict="discrepant", attainable=attainable)
    return Judgement(verdict="impossible", attainable=attainable)


def _beyond_all(printed: PrintedNumber, draws: Ensemble) -> bool:
    """Say whether every draw has a larger hazard ratio than the printed one, or a smaller one.

    Otherwise the printed one lies between two that are attained, and need not be looked for.
    """
    drawn = draws.hazard_ratio
    return bool(np.nanmin(drawn) > printed.upper or np.nanmax(drawn) < printed.lower)


def _attainable(endpoint: Endpoint) -> AttainableRange | None:
    from .attainable import attainable_hazard_ratio

    try:
        return attainable_hazard_ratio(endpoint)
    except (ReconstructionRefused, NotEstimable):
        return None


def _adjusted(endpoint: Endpoint) -> bool:
    """Say whether the printed ratio is adjusted: it may then lie where no unadjusted one can."""
    return endpoint.reported is not None and endpoint.reported.adjusted
