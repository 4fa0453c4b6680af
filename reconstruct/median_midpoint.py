"""Medians as R prints them: the middle of the time in which survival is exactly one half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..studies.arm import Arm
from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber
from .constraints import EDGE, ArmConstraints, Knot, arm_constraints, merged
from .pseudo_ipd import PseudoIPD

__all__ = ["NOTE", "by_convention", "midpoint_constraints", "midpoint_sentence"]

NOTE = "median midpoint"  # the note of patients in which the arms are that were placed so
FLAT = 1e-5  # of the flat time: how long before its end survival is held at one half
HALF = Knot(time=0.0, lower=0.5 - EDGE, upper=0.5 + EDGE, aim=0.5)


def midpoint_constraints(arm: ArmConstraints, reported: Arm) -> Iterator[ArmConstraints]:
    """Yield what an arm has to satisfy if its median is the middle of a flat stretch.

    Asked where survival may be one half at a reported time before the median: the curve then comes
    to one half there, stays, and falls at its next event, so that the median is between the two.
    Without such a time, or a median, nothing is yielded.

    Parameters
    ----------
    arm : ArmConstraints
        By the first time at which survival is at most one half.
    reported : Arm
    """
    median = reported.median
    if arm.median is None or median is None or arm.along_curve:
        return
    for start in reversed(list(_flat_starts(reported, median))):
        end = 2 * median.value - start
        if end > arm.last_time * (1 + EDGE):
            continue
        kept = [_without_median(knot, median) for knot in arm.knots]
        label = f"median {median}"
        flat = [
            HALF._replace(time=start, events=1, printed=(label,)),
            HALF._replace(time=end - FLAT * (end - start), printed=(label,)),
            Knot(time=end, events=1, printed=(label,)),
        ]
        if any(start < knot.time < end and not knot.lower <= 0.5 <= knot.upper for knot in kept):
            continue
        between = [_flat_knot(knot) if start < knot.time < end else knot for knot in kept if knot]
        yield replace(arm, knots=merged(iter([*between, *flat])), median=None)


def _flat_starts(arm: Arm, median: PrintedNumber) -> Iterator[float]:
    for time, mark in arm.landmarks.items():
        if time < median.lower and mark.survival.lower <= 0.5 <= mark.survival.upper:
            yield time


def _without_median(knot: Knot, median: PrintedNumber) -> Knot:
    """Take back the side of one half on which the median alone had put a knot."""
    label = f"median {median}"
    if label not in knot.printed:
        return knot
    printed = tuple(text for text in knot.printed if text != label)
    if knot.time <= median.lower:
        return knot._replace(lower=min(knot.lower, 0.5), printed=printed)
    return knot._replace(upper=max(knot.upper, 0.5), printed=printed)


def _flat_knot(knot: Knot) -> Knot:
    return knot._replace(lower=0.5 - EDGE, upper=0.5 + EDGE)


def midpoint_sentence(arm: ArmConstraints, median: PrintedNumber, unit: str) -> str:
    """Say between which two events the median was taken to be."""
    flat = [knot.time for knot in arm.knots if f"median {median}" in knot.printed]
    return (
        f"the median {median} was taken as the middle of the time from {flat[0]:g} to {flat[-1]:g} "
        f"{unit} in which survival is exactly 50%, as R prints it"
    )


def by_convention(endpoint: Endpoint, placed: PseudoIPD | None) -> dict[str, ArmConstraints]:
    """Return the constraints of all arms, with the midpoint for those that were placed by it.

    Parameters
    ----------
    endpoint : Endpoint
    placed : PseudoIPD or None
        The reconstruction of that endpoint, if there is one.
    """
    found = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    notes = {} if placed is None else placed.notes
    for name in notes.get(NOTE, "").split(", "):
        if name not in found:
            continue
        arm = found[name]
        found[name] = next(midpoint_constraints(arm, endpoint.arms[name]), arm)
    return found
