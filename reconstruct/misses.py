"""What the patients of an arm miss of what is printed, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .constraints import ArmConstraints, Knot
from .outlook import EDGE
from .pseudo_ipd import FloatArray
from .whole_patients import WholePatients

__all__ = ["curve_missed", "survivals_missed"]


def survivals_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Name every printed survival that whole patients cannot give, and by how much they miss."""
    values = _survival_at_knots(arm, patients)
    return [
        _miss_sentence(arm, knot, value)
        for knot, value in zip(arm.knots, values, strict=True)
        if knot.aim is not None and _beyond(knot, value) > 1e-9
    ]


def curve_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Say how much of a curve, its at-risk rows, marks and events is missed, if anything."""
    return [*_points_missed(arm, patients), *_counts_missed(arm, patients)]


def _points_missed(arm: ArmConstraints, patients: WholePatients) -> Iterator[str]:
    values = _survival_at_knots(arm, patients)
    points = [
        (_beyond(knot, value), knot)
        for knot, value in zip(arm.knots, values, strict=True)
        if knot.aim is not None
    ]
    missed = [(beyond, knot) for beyond, knot in points if beyond > 1e-9]
    if missed:
        furthest, knot = max(missed, key=lambda miss: miss[0])
        verb = "is" if len(missed) == 1 else "are"
        yield (
            f"{len(missed)} of the {len(points)} points of the curve {verb} missed, by up to "
            f"{100 * furthest:.3f} points beyond their tolerance at {knot.time:g}"
        )


def _counts_missed(arm: ArmConstraints, patients: WholePatients) -> Iterator[str]:
    for knot in arm.knots:
        if knot.at_risk is None:
            continue
        found = int((patients.time >= knot.time).sum())
        if found != knot.at_risk:
            yield f"{found} are at risk at {knot.time:g}, where {knot.at_risk} are printed"
    found = int(patients.event.sum())
    if arm.events is not None and found != arm.events:
        yield f"no patients with the {arm.events} events printed were found; these have {found}"
    if arm.all_marked and (unmarked := _unmarked(arm, patients)):
        yield f"{unmarked} censoring marks do not have the patients that are printed"


def _unmarked(arm: ArmConstraints, patients: WholePatients) -> int:
    """Count the marks whose number of censored patients is not what is printed."""
    time, count = np.unique(patients.time[~patients.event], return_counts=True)
    censored = dict(zip(time.tolist(), count.tolist(), strict=True))
    off = 0
    for knot in arm.knots:
        if knot.marks is not None:
            fewest, most = knot.marks
            off += not fewest <= censored.get(knot.time, 0) <= (most or arm.n)
    return off


def _survival_at_knots(arm: ArmConstraints, patients: WholePatients) -> FloatArray:
    at_risk = patients.time.size - np.arange(patients.time.size)
    survival = np.cumprod(np.where(patients.event, 1.0 - 1.0 / at_risk, 1.0))
    times = [knot.time for knot in arm.knots]
    left = np.searchsorted(patients.time, times, side="right")
    return np.concatenate([[1.0], survival])[left]


def _beyond(knot: Knot, value: float) -> float:
    return max(knot.lower - EDGE - value, value - knot.upper - EDGE)


def _miss_sentence(arm: ArmConstraints, knot: Knot, value: float) -> str:
    distance = max(knot.lower - value, value - knot.upper)
    return (
        f"no {arm.n} whole patients give {knot.printed[0]}: the nearest found have "
        f"{100 * value:.2f}%, {100 * distance:.2f} points outside its rounding"
    )
