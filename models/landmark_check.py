"""Printed survival and medians beside those that the reconstruction gives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber
from .kaplan_meier import KaplanMeier

__all__ = ["LandmarkCheck", "check_landmarks"]


@dataclass(frozen=True, kw_only=True)
class LandmarkCheck:
    """One printed survival or median beside the reproduced one.

    Attributes
    ----------
    arm : str
        The arm.
    quantity : {"survival", "median"}
        What is printed.
    time : float
        Time of the survival, in the study's time unit; NaN for a median.
    printed : PrintedNumber
        The number as printed.
    reproduced : float
        Kaplan-Meier survival at `time`, or the Kaplan-Meier median (infinite if not reached).
    inside : bool
        True if `reproduced` would print as `printed`; "NR" asks for an infinite median.
    """

    arm: str
    quantity: Literal["survival", "median"]
    time: float
    printed: PrintedNumber
    reproduced: float
    inside: bool


def check_landmarks(
    endpoint: Endpoint, curves: Mapping[str, KaplanMeier]
) -> tuple[LandmarkCheck, ...]:
    """Set every printed survival and median of an endpoint beside the curves.

    Parameters
    ----------
    endpoint : Endpoint
        What the paper prints.
    curves : mapping of str to KaplanMeier
        The reproduced curves by arm; arms without a curve are left out.
    """
    return tuple(
        check
        for arm in endpoint.arms
        if arm in curves
        for check in _checks(endpoint, arm=arm, curve=curves[arm])
    )


def _checks(endpoint: Endpoint, *, arm: str, curve: KaplanMeier) -> Iterator[LandmarkCheck]:
    printed = endpoint.arms[arm]
    for time, landmark in printed.landmarks.items():
        reproduced = curve.survival_at(time)
        yield LandmarkCheck(
            arm=arm,
            quantity="survival",
            time=time,
            printed=landmark.survival,
            reproduced=reproduced,
            inside=landmark.survival.contains(reproduced),
        )
    if printed.median is not None:
        yield LandmarkCheck(
            arm=arm,
            quantity="median",
            time=math.nan,
            printed=printed.median,
            reproduced=curve.median,
            inside=_median_inside(printed.median, curve.median),
        )


def _median_inside(printed: PrintedNumber, median: float) -> bool:
    if math.isinf(median) or not printed.reached:
        return math.isinf(median) and math.isinf(printed.upper)
    return printed.contains(median)
