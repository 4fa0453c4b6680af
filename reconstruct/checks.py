"""Where the patients of an arm are outside what is reported, in sentences.

A value is inside an interval if it is no further outside than `EDGE`, for the last bits of a
product; what is `BY_ROUNDING` beyond is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .constraints import EDGE, ArmConstraints, Knot
from .pseudo_ipd import FloatArray, WholePatients

__all__ = ["curve_missed", "misses_of_curve", "survivals_missed"]

BY_ROUNDING = 1e-9  # of floats


def survivals_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Name every reported survival that the patients found do not have, and by how much."""
    printed = [knot for knot in arm.knots if knot.aim is not None]
    values = patients.survival_at([knot.time for knot in printed])
    return [
        _miss_sentence(arm, knot, value)
        for knot, value, beyond in zip(printed, values, _beyond(printed, values), strict=True)
        if beyond > BY_ROUNDING
    ]


def curve_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Say how much of a curve, its at-risk rows, marks and events is missed, if anything."""
    return [*_points_missed(arm, patients), *_counts_missed(arm, patients)]


def misses_of_curve(arm: ArmConstraints, patients: WholePatients) -> int:
    """Count the points of a curve that are missed, with at-risk rows and events off."""
    points = [knot for knot in arm.knots if knot.aim is not None]
    beyond = _beyond(points, patients.survival_at([knot.time for knot in points]))
    off = [
        int((patients.time >= knot.time).sum()) != knot.at_risk
        for knot in arm.knots
        if knot.at_risk is not None
    ]
    events = 0 if arm.events is None else abs(int(patients.event.sum()) - arm.events)
    return int((beyond > BY_ROUNDING).sum()) + sum(off) + events


def _points_missed(arm: ArmConstraints, patients: WholePatients) -> Iterator[str]:
    points = [knot for knot in arm.knots if knot.aim is not None]
    beyond = _beyond(points, patients.survival_at([knot.time for knot in points]))
    missed = int((beyond > BY_ROUNDING).sum())
    if missed:
        furthest = int(np.argmax(beyond))
        yield (
            f"{missed} of the {len(points)} points of the curve {'is' if missed == 1 else 'are'} "
            f"missed, by up to {100 * beyond[furthest]:.3f} points beyond their tolerance at "
            f"{points[furthest].time:g}"
        )


def _counts_missed(arm: ArmConstraints, patients: WholePatients) -> Iterator[str]:
    for knot in arm.knots:
        if knot.at_risk is None:
            continue
        found = int((patients.time >= knot.time).sum())
        if found != knot.at_risk:
            yield f"{found} are at risk at {knot.time:g}, where {knot.at_risk} are reported"
    found = int(patients.event.sum())
    if arm.events is not None and found != arm.events:
        yield f"no patients with the {arm.events} events reported were found; these have {found}"
    if arm.all_marked and (unmarked := _unmarked(arm, patients)):
        yield f"{unmarked} censoring marks do not have the patients that are reported"


def _unmarked(arm: ArmConstraints, patients: WholePatients) -> int:
    """Count the marks whose number of censored patients is not what is reported."""
    time, count = np.unique(patients.time[~patients.event], return_counts=True)
    censored = dict(zip(time.tolist(), count.tolist(), strict=True))
    off = 0
    for knot in arm.knots:
        if knot.marks is not None:
            fewest, most = knot.marks
            off += not fewest <= censored.get(knot.time, 0) <= (most or arm.n)
    return off


def _beyond(knots: Sequence[Knot], values: FloatArray) -> FloatArray:
    lower = np.array([knot.lower for knot in knots]) - EDGE
    upper = np.array([knot.upper for knot in knots]) + EDGE
    return np.maximum(lower - values, values - upper)


def _miss_sentence(arm: ArmConstraints, knot: Knot, value: float) -> str:
    distance = max(knot.lower - value, value - knot.upper)
    return (
        f"no {arm.n} patients were found with {knot.printed[0]}: the nearest found have "
        f"{100 * value:.2f}%, {100 * distance:.2f} points outside its rounding"
    )
