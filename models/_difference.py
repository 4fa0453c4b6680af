"""Estimates of the arms, each with a standard error, and the difference of two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ._normal import interval, two_sided_p
from .kaplan_meier import KaplanMeier
from .not_estimable import NotEstimable

__all__ = ["Difference", "refuse_beyond"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Second arm less reference; all NaN unless there are two arms.

    Attributes
    ----------
    value, se : float
        The difference and its standard error.
    ci : tuple of float
        Its interval.
    p : float
        Two-sided p; NaN if the standard error is 0.
    """

    value: float
    se: float
    ci: tuple[float, float]
    p: float

    @classmethod
    def of(cls, estimates: Sequence[tuple[float, float]], *, confidence: float) -> Self:
        """Take the difference of independent estimates, each with its standard error."""
        value = se = math.nan
        if len(estimates) == 2:
            (reference, reference_se), (treatment, treatment_se) = estimates
            value, se = treatment - reference, math.hypot(reference_se, treatment_se)
        return cls(
            value=value,
            se=se,
            ci=interval(value, se, confidence=confidence),
            p=two_sided_p(value / se if se else math.nan),
        )


def refuse_beyond(curve: KaplanMeier, time: float, *, name: str, time_unit: str) -> None:
    """Refuse a time after the last follow-up of an arm, unless its curve had come down to 0.

    Raises
    ------
    NotEstimable
        With `name`, the parameter that holds the time.
    """
    if time > curve.last_time and curve.survival[-1] > 0:
        raise NotEstimable(
            f"`{name}` is {time:g} {time_unit}, but arm {curve.arm} was followed for "
            f"{curve.last_time:g} only and its curve has not come down to 0; choose at most that."
        )
