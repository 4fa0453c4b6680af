"""The patients of one arm placed: at listed event times, or near the expected course.

Where no patients have the reported median as the first time at which survival is at most one half,
it is taken as R prints it: the middle of the time in which survival is exactly one half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..presentation.formats import count, with_unit
from ..studies.arm import Arm
from ..studies.endpoint import Endpoint
from ..studies.printed import PrintedNumber
from .calibration import BY_INTERVAL, calibrate_curves
from .checks import curve_missed, median_missed, misses_of_curve, survivals_missed
from .constraints import EDGE, ArmConstraints, Knot, arm_constraints, merged, read_curve
from .contradictions import refuse_impossible
from .curves.points import curve_assumptions, last_of_curve
from .errors import ContradictionError
from .expected_course import Calibration
from .follow_up import event_free_times, too_short
from .integer_search import USUAL_VISITS, SearchExhausted, place_patients
from .pseudo_ipd import PseudoIPD, WholePatients

__all__ = [
    "MIDPOINT_NOTE",
    "PlacedArm",
    "by_convention",
    "lists_only_events",
    "midpoint_constraints",
    "midpoint_sentence",
    "placed_as_drawn",
    "placed_listed",
    "placed_on_course",
    "unlisted_events",
]

MIDPOINT_NOTE = "median midpoint"  # the note of patients in which the arms are that were placed so
FLAT = 1e-5  # of the flat time: how long before its end survival is held at one half
HALF = Knot(time=0.0, lower=0.5 - EDGE, upper=0.5 + EDGE, aim=0.5)
SLACK_STEPS = 8
SLACK_VISITS = 6000  # states looked at in vain in all these steps: some seconds at most


def lists_only_events(arm: ArmConstraints) -> bool:
    """Say whether an arm reports its event times (or that it has none) and no curve."""
    return arm.all_events_listed and all(k.aim is None and k.at_risk is None for k in arm.knots)


def unlisted_events(arm: ArmConstraints) -> list[str]:
    """Say how events are placed whose times are not reported, where others' are."""
    listed = sum(knot.events for knot in arm.knots)
    if arm.events is None or not 0 < listed < arm.events:
        return []
    return [
        f"the times of {listed} of {arm.events} events are reported; the other "
        f"{arm.events - listed} are placed along the expected course"
    ]


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
    for name in notes.get(MIDPOINT_NOTE, "").split(", "):
        if name not in found:
            continue
        arm = found[name]
        found[name] = next(midpoint_constraints(arm, endpoint.arms[name]), arm)
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedArm:
    """The patients of one arm, and what was taken to place them.

    Attributes
    ----------
    patients : WholePatients
    basis : str
        What censoring was calibrated to; see `Calibration`.
    assumptions : tuple of str
    midpoint : bool
        Whether the median is the middle of a flat stretch.
    misses : int
        Points of a curve, and numbers beside it, that are missed.
    is_off : bool
        Whether a reported survival is missed, or may be, for want of better patients.
    """

    patients: WholePatients
    basis: str
    assumptions: tuple[str, ...]
    midpoint: bool = False
    misses: int = 0
    is_off: bool = False


def placed_listed(endpoint: Endpoint, arm: ArmConstraints) -> PlacedArm:
    """Place the patients of an arm that reports every event time, and censor everybody else."""
    knots = [knot for knot in arm.knots if knot.events]
    events = np.repeat([knot.time for knot in knots], [knot.events for knot in knots])
    censored, assumption = event_free_times(
        events,
        count=arm.n - events.size,
        start=arm.first_time or 0.0,
        end=arm.last_time,
        reported=endpoint.arms[arm.name].follow_up,
    )
    time = np.concatenate([events, censored])
    patients = WholePatients.in_order(time, np.arange(time.size) < events.size)
    return PlacedArm(patients=patients, basis="follow-up", assumptions=(assumption,))


def placed_on_course(endpoint: Endpoint, calibration: Calibration) -> PlacedArm:
    """Place the patients of an arm near its expected course.

    Raises
    ------
    ContradictionError
        If no whole patients are found that are consistent with what is reported.
    """
    arm = calibration.arm
    slack, patients = _nearest(endpoint, calibration)
    midpoint = _by_midpoint(endpoint, calibration) if slack > 0 else None
    if midpoint is not None:
        patients, sentence = midpoint
        return PlacedArm(
            patients=patients,
            basis=calibration.basis,
            assumptions=(calibration.assumption(patients), sentence, *unlisted_events(arm)),
            midpoint=True,
        )
    assumptions = [
        calibration.assumption(patients),
        *unlisted_events(arm),
        *_shape_assumptions(endpoint, arm, patients),
    ]
    if slack > 0:
        assumptions += survivals_missed(arm, patients)
    off_median = [] if arm.along_curve else median_missed(arm, patients)
    assumptions += off_median
    if arm.along_curve and (missed := curve_missed(arm, patients)):
        refuse_impossible(endpoint, arm.name)
        assumptions += missed
    return PlacedArm(
        patients=patients,
        basis=calibration.basis,
        assumptions=tuple(assumptions),
        misses=misses_of_curve(arm, patients) if arm.along_curve else 0,
        is_off=slack > 0 or bool(off_median),
    )


def placed_as_drawn(
    endpoint: Endpoint, calibration: Calibration, patients: WholePatients
) -> PlacedArm:
    """Take the patients of a draw, consistent with every number, where no search found any."""
    arm = calibration.arm
    return PlacedArm(
        patients=patients,
        basis=calibration.basis,
        assumptions=(
            calibration.assumption(patients),
            "the search near the expected course found no patients with every reported number: "
            "those of the most usual of many random data sets were taken, which have them",
            *unlisted_events(arm),
            *_shape_assumptions(endpoint, arm, patients),
        ),
    )


def _nearest(endpoint: Endpoint, calibration: Calibration) -> tuple[float, WholePatients]:
    """Place patients inside the reported intervals, or in the narrowest widening that has some.

    Returns
    -------
    slack : float
        By how much the intervals of survival were widened, 0 if not at all.
    patients : WholePatients
    """
    arm, course = calibration.arm, calibration.course
    if arm.along_curve:
        return 0.0, _along_curve(endpoint, calibration)
    # events that only both arms together imply give way first
    implied = arm.events is not None and endpoint.arms[arm.name].events is None
    for candidate in (arm, replace(arm, events=None)) if implied else (arm,):
        try:
            return 0.0, place_patients(candidate, course)
        except SearchExhausted:
            continue
    found = _along_plain_course(endpoint, arm)
    if found is not None:
        return 0.0, found
    if implied and calibration.basis == BY_INTERVAL:
        raise _no_patients(endpoint, arm)  # what the interval says of censoring gives way, too
    return _in_widened(endpoint, calibration)


def _in_widened(endpoint: Endpoint, calibration: Calibration) -> tuple[float, WholePatients]:
    """Place patients inside intervals of survival that were widened as little as is found."""
    arm, course = calibration.arm, calibration.course
    low, high, best, visits = 0.0, 2.0 / arm.n, None, SLACK_VISITS
    for _ in range(SLACK_STEPS):
        slack = high if best is None else (low + high) / 2
        try:
            best = (slack, place_patients(_widened(arm, slack), course, most_visits=visits))
            high = slack
        except SearchExhausted as nobody:
            low, visits = slack, max(visits - nobody.visits, 1)
            if best is None:
                high *= 2
            elif visits == 1:
                break
    if best is None:
        raise _no_patients(endpoint, arm)
    return best


def _by_midpoint(endpoint: Endpoint, calibration: Calibration) -> tuple[WholePatients, str] | None:
    """Place patients whose median is as R prints it, where none has it as the first time."""
    arm, reported = calibration.arm, endpoint.arms[calibration.arm.name]
    for candidate in midpoint_constraints(arm, reported):
        try:
            patients = place_patients(candidate, calibration.course, most_visits=USUAL_VISITS)
        except SearchExhausted:
            continue
        if reported.median is not None:
            return patients, midpoint_sentence(candidate, reported.median, endpoint.time_unit)
    return None


def _along_plain_course(endpoint: Endpoint, arm: ArmConstraints) -> WholePatients | None:
    """Search from another start: the plainest course, whose whole numbers differ a little."""
    others = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    courses = {
        name: each
        for name, each in others.items()
        if not lists_only_events(each) and not each.along_curve
    }
    plain = calibrate_curves(endpoint, courses)[arm.name]
    if plain.arm.last_time != arm.last_time:
        return None
    try:
        return place_patients(arm, plain.course, most_visits=USUAL_VISITS)
    except SearchExhausted:
        return None


def _along_curve(endpoint: Endpoint, calibration: Calibration) -> WholePatients:
    from .curves import place_along_curve  # loads a compiler

    try:
        return place_along_curve(calibration.arm, calibration.course)
    except SearchExhausted as nobody:
        refuse_impossible(endpoint, calibration.arm.name)
        raise _no_patients(endpoint, calibration.arm) from nobody


def _widened(arm: ArmConstraints, slack: float) -> ArmConstraints:
    knots = tuple(
        k._replace(lower=max(k.lower - slack, 0.0), upper=min(k.upper + slack, 1.0))
        if k.aim is not None
        else k
        for k in arm.knots
    )
    return replace(arm, knots=knots)


def _no_patients(endpoint: Endpoint, arm: ArmConstraints) -> ContradictionError:
    numbers = (f"n = {arm.n}", *(label for knot in arm.knots for label in knot.printed))
    if arm.events is not None:
        numbers = (*numbers, count(arm.events, "event"))
    return ContradictionError(
        f"{endpoint.key}, arm {arm.name}: no whole patients were found that are consistent with "
        f"{'; '.join(numbers)}",
        numbers=numbers,
        endpoint_key=endpoint.key,
    )


def _shape_assumptions(endpoint: Endpoint, arm: ArmConstraints, who: WholePatients) -> list[str]:
    """Say how the course between reported values was taken, and when the patients end."""
    unit, reported = endpoint.time_unit, endpoint.arms[arm.name]
    late = [
        f"survival {mark.survival} is reported at {with_unit(time, unit)} and was taken at "
        f"{arm.last_time:.4g}, the end of the follow-up"
        for time, mark in reported.landmarks.items()
        if time > arm.last_time
    ]
    if (curve := reported.curve) is not None:
        read = read_curve(endpoint, arm.name) or curve
        left = last_of_curve(curve, unit, who, may_go_on=arm.may_go_on)
        return [*curve_assumptions(curve, at_whole=read is not curve), left, *late]
    sentences = ["between reported values the hazard is the mean of what is plausible", *late]
    printed = max((knot.time for knot in arm.knots), default=0.0)
    if who.time[-1] > printed:
        source = {
            "printed": "the longest follow-up reported",
            "dates": "the time from first entry to cut-off",
            "events": "room for the reported events",
            "plausible": "the middle of what is plausible, since no longest follow-up is reported",
        }
        sentences.append(
            f"after {with_unit(printed, unit)} patients are followed up to {arm.last_time:.4g} "
            f"{unit}, {source.get(arm.last_time_source, 'the last reported time')}"
        )
    elif arm.last_time_source == "last printed time":
        sentences.append(
            f"the longest follow-up is not reported: it is taken to be "
            f"{with_unit(arm.last_time, unit)}, the last reported time"
        )
    if (room := too_short(endpoint, printed)) is not None:
        sentences.append(
            f"from first entry to cut-off are {room:.4g} {unit}, less than the last reported time, "
            f"{with_unit(printed, unit)}: the dates were not used"
        )
    return sentences
