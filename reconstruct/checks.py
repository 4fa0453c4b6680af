"""Where patients are outside what an arm reports: sentences for one set, yes or no for draws.

A value is inside an interval if it is no further outside than `EDGE`, for the last bits of a
product; what is `BY_ROUNDING` beyond is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..presentation.formats import count, with_unit
from ..studies.endpoint import Endpoint
from ..studies.usual_form import usual_form
from .constraints import EDGE, ArmConstraints, Knot
from .pseudo_ipd import BoolArray, FloatArray, PseudoIPD, WholePatients

__all__ = [
    "HALF",
    "curve_missed",
    "is_consistent",
    "median_missed",
    "missed_counts",
    "misses_of_curve",
    "survival_after_each",
    "survivals_missed",
]

BY_ROUNDING = 1e-9  # of floats
HALF = 0.5 + 1e-10  # a product of factors that is one half may miss it by its last bits


def survivals_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Name every reported survival that the patients found do not have, and by how much."""
    printed = [knot for knot in arm.knots if knot.aim is not None]
    values = patients.survival_at([knot.time for knot in printed])
    return [
        _miss_sentence(arm, knot, value)
        for knot, value, beyond in zip(printed, values, _beyond(printed, values), strict=True)
        if beyond > BY_ROUNDING
    ]


def median_missed(arm: ArmConstraints, patients: WholePatients) -> list[str]:
    """Say so where the median of the patients found is outside of its rounding."""
    if arm.median is None:
        return []
    low, high = arm.median
    crossed = np.flatnonzero(patients.survival <= HALF)
    found = patients.time[crossed[0]] if crossed.size else np.inf
    if low <= found <= high:
        return []
    has = f"{found:.4g}" if crossed.size else "one that is not reached"
    return [
        f"no {arm.n} patients were found with a median from {low:g} to {high:g}: the nearest found "
        f"have {has}"
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
            f"{missed} of the {count(len(points), 'point')} of the curve "
            f"{'is' if missed == 1 else 'are'} missed, by up to {100 * beyond[furthest]:.3f} "
            f"points beyond their tolerance at {points[furthest].time:g}"
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
        yield (
            f"no patients with the {count(arm.events, 'event')} reported were found; these "
            f"have {found}"
        )
    if arm.all_marked and (unmarked := _unmarked(arm, patients)):
        yield (
            f"{count(unmarked, 'censoring mark does', 'censoring marks do')} not have the "
            "patients that are reported"
        )


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


def missed_counts(endpoint: Endpoint, ipd: PseudoIPD) -> Iterator[str]:
    """Name the reported numbers of events and at risk that patients miss, and by how much."""
    for arm in ipd.arms:
        printed = endpoint.arms[arm]
        time, event = ipd.of(arm)
        yield from _missed_count("events", printed.events, int(event.sum()), where=f"in arm {arm}")
        for at, number in printed.at_risk.items():
            where = f"at {with_unit(at, endpoint.time_unit)} in arm {arm}"
            yield from _missed_count("at risk", number, int((time >= at).sum()), where=where)
        for at, listed in zip(*np.unique(printed.event_times, return_counts=True), strict=True):
            found = int((time[event] == at).sum())
            where = f"at {with_unit(at, endpoint.time_unit)} in arm {arm}"
            if found < listed:
                yield from _missed_count("events", int(listed), found, where=where)
    reported = usual_form(endpoint).endpoint.reported
    total = reported.events if reported else None
    yield from _missed_count("events", total, int(ipd.event.sum()), where="in total")


def _missed_count(what: str, printed: int | None, found: int, *, where: str) -> Iterator[str]:
    if printed is not None and found != printed:
        difference = f"{abs(found - printed)} too {'few' if found < printed else 'many'}"
        named = f"{printed} {what}" if what != "events" else count(printed, "event")
        yield f"{named} {where} (they have {found}, {difference})"


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


def survival_after_each(event: BoolArray) -> FloatArray:
    """Return the Kaplan-Meier estimate after each exit, shape (rows, n).

    At one time events must stand before censorings, and several events multiply to the factor of
    their time: (1 - 1/s)(1 - 1/(s - 1)) = 1 - 2/s.
    """
    left = event.shape[1] - np.arange(event.shape[1])
    return np.asarray(np.cumprod(1.0 - event / left, axis=1))


def is_consistent(arm: ArmConstraints, time: FloatArray, event: BoolArray) -> BoolArray:
    """Say which rows match survival, numbers at risk, median, events and longest follow-up.

    Parameters
    ----------
    arm : ArmConstraints
        What the arm reports.
    time : ndarray of float, shape (rows, n)
        In order, events before censorings where times are the same.
    event : ndarray of bool, shape (rows, n)

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    survival = survival_after_each(event)
    rows = np.arange(time.shape[0])
    good = np.all(time[:, 1:] >= time[:, :-1], axis=1) & (time[:, 0] > 0)
    for knot in arm.knots_to_end:
        past = np.sum(time <= knot.time, axis=1)
        value = np.where(past > 0, survival[rows, past - 1], 1.0)
        good &= (value >= knot.lower - EDGE) & (value <= knot.upper + EDGE)
        if knot.at_risk is not None:
            good &= np.sum(time >= knot.time, axis=1) == knot.at_risk
        if knot.events:
            good &= np.sum(event & (time == knot.time), axis=1) >= knot.events
    if arm.events is not None:
        good &= event.sum(axis=1) == arm.events
    if arm.last_time_source == "printed":
        good &= time[:, -1] == arm.last_time
    if arm.median is not None:
        crossed = survival <= HALF
        when = time[rows, np.argmax(crossed, axis=1)]
        good &= crossed[:, -1] & (when >= arm.median[0]) & (when <= arm.median[1])
    return np.asarray(good)
