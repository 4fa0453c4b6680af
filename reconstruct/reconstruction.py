"""From a reported endpoint to pseudo-individual patient data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..studies import Endpoint
from ..studies.usual_form import usual_form
from .calibration import Calibration, calibrate
from .checks import curve_missed, misses_of_curve, survivals_missed
from .constraints import ArmConstraints, arm_constraints, read_curve
from .contradictions import refuse_contradictions, refuse_impossible
from .curve_calibration import calibrate_curves
from .curves.points import curve_assumptions, last_of_curve, misread, other_kinds, readings_tried
from .errors import ContradictionError
from .integer_search import USUAL_VISITS, SearchExhausted, place_patients
from .listed_events import lists_only_events, place_censored, unlisted_events
from .median_midpoint import NOTE, midpoint_constraints, midpoint_sentence
from .pseudo_ipd import PseudoIPD, WholePatients

__all__ = ["arm_order", "read_and_reconstructed", "reconstruct"]

KEPT = 4  # reconstructions
SLACK_STEPS = 8
SLACK_VISITS = 6000  # states looked at in vain in all these steps: some seconds at most


@dataclass(frozen=True, kw_only=True, eq=False)
class _PlacedArm:
    patients: WholePatients
    basis: str
    assumptions: tuple[str, ...]
    midpoint: bool = False  # the median is the middle of a flat stretch
    misses: int = 0  # points of a curve, and numbers beside it


def reconstruct(endpoint: Endpoint) -> PseudoIPD:
    """Turn what an endpoint reports into pseudo-individual patient data.

    Parameters
    ----------
    endpoint : Endpoint
        One endpoint of a study. Every arm must report n, and something that says when its events
        happened: a landmark, a median, event times, or that there was no event.

    Returns
    -------
    PseudoIPD
        Exactly n patients per arm. Re-analysed, they give a Kaplan-Meier estimate inside every
        reported interval and a median inside its own, whenever whole patients can do that; the
        reported events, at-risk counts, event times and longest follow-up, exactly. The same
        endpoint gives the same patients, bit for bit.

    Raises
    ------
    TypeError
        If what is given is no endpoint.
    ReconstructionRefused
        If too little is reported to place patients.
    ContradictionError
        If reported numbers cannot all be true of one set of patients.

    Notes
    -----
    The cumulative hazard is interpolated through the reported survival values and run, with
    censoring calibrated to the best that is reported, over the follow-up. The expected course that
    this gives is then made whole: a search over the numbers of events and censorings between
    reported times, and over their order, satisfies every constraint and stays near the course.

    Examples
    --------
    >>> import kmrepro as km
    >>> endpoint = km.load_study("an2025").endpoint("psm", "OS")
    >>> ipd = km.reconstruct(endpoint)
    >>> ipd.time.size
    370
    """
    if not isinstance(endpoint, Endpoint):
        raise TypeError(
            f"`reconstruct` takes one endpoint, not a {type(endpoint).__name__}; of a study take "
            'one such as study.endpoint("psm", "OS").'
        )
    return read_and_reconstructed(endpoint)[1]


def read_and_reconstructed(endpoint: Endpoint) -> tuple[Endpoint, PseudoIPD]:
    """Reconstruct an endpoint, with the points of curves as drops or as heights, as they fit.

    Returns
    -------
    Endpoint
        The same, or with curves read the other way: where, read as they were, they contradict what
        is reported or the patients miss more than a fifth of their points, and twice as many as
        otherwise.
    PseudoIPD
        As of `reconstruct`. What was found last is kept, since draws ask for it again.
    """
    return _kept(_Same(endpoint))


class _Same:
    """An endpoint that equals itself alone; it cannot be changed."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def __hash__(self) -> int:
        return id(self.endpoint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.endpoint is self.endpoint


@functools.lru_cache(maxsize=KEPT)
def _kept(same: _Same) -> tuple[Endpoint, PseudoIPD]:
    """Reconstruct an endpoint as first read, and the other way if that does not fit."""
    endpoint = same.endpoint
    try:
        found, misses = _reconstructed(endpoint)
    except ContradictionError as refusal:
        if "the curve" not in str(refusal) or not (reading := readings_tried(endpoint)):
            raise
        for other in other_kinds(endpoint, list(endpoint.arms)):
            try:
                return other, _reconstructed(other)[0]
            except ContradictionError:
                continue
        raise ContradictionError(
            f"{str(refusal).rstrip('.')}; {reading}",
            numbers=refusal.numbers,
            endpoint_key=endpoint.key,
        ) from refusal
    read = endpoint
    for other in other_kinds(endpoint, misread(endpoint, misses)):
        try:
            tried, fewer = _reconstructed(other)
        except ContradictionError:
            continue
        if 2 * sum(fewer.values()) < sum(misses.values()):
            read, found, misses = other, tried, fewer
    return read, found


def _reconstructed(endpoint: Endpoint) -> tuple[PseudoIPD, dict[str, int]]:
    """Return the patients, and how much of each arm's curve they miss."""
    usual = usual_form(endpoint)
    endpoint = usual.endpoint
    refuse_contradictions(endpoint)
    constraints = {name: arm_constraints(endpoint, name) for name in endpoint.arms}
    listed = {name: arm for name, arm in constraints.items() if lists_only_events(arm)}
    course = {name: arm for name, arm in constraints.items() if name not in listed}
    placed = {name: _placed_listed(endpoint, arm) for name, arm in listed.items()}
    for name, calibration in calibrate(endpoint, course).items():
        placed[name] = _placed(endpoint, calibration)
    misses = {name: arm.misses for name, arm in placed.items()}
    return _as_ipd(endpoint, placed, remarks=usual.remarks), misses


def arm_order(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the arms, the reference first."""
    reference = endpoint.reference or next(iter(endpoint.arms))
    return (reference, *(name for name in endpoint.arms if name != reference))


def _placed_listed(endpoint: Endpoint, arm: ArmConstraints) -> _PlacedArm:
    patients, assumption = place_censored(arm, endpoint.arms[arm.name].follow_up)
    return _PlacedArm(patients=patients, basis="follow-up", assumptions=(assumption,))


def _placed(endpoint: Endpoint, calibration: Calibration) -> _PlacedArm:
    arm = calibration.arm
    slack, patients = _nearest(endpoint, calibration)
    midpoint = _by_midpoint(endpoint, calibration) if slack > 0 else None
    if midpoint is not None:
        patients, sentence = midpoint
        return _PlacedArm(
            patients=patients,
            basis=calibration.basis,
            assumptions=(calibration.sentence, sentence, *unlisted_events(arm)),
            midpoint=True,
        )
    assumptions = [
        calibration.sentence,
        *unlisted_events(arm),
        *_shape_assumptions(endpoint, arm, last=float(patients.time.max())),
    ]
    if slack > 0:
        assumptions += survivals_missed(arm, patients)
    if arm.along_curve and (missed := curve_missed(arm, patients)):
        refuse_impossible(endpoint, arm.name)
        assumptions += missed
    return _PlacedArm(
        patients=patients,
        basis=calibration.basis,
        assumptions=tuple(assumptions),
        misses=misses_of_curve(arm, patients) if arm.along_curve else 0,
    )


def _nearest(endpoint: Endpoint, calibration: Calibration) -> tuple[float, WholePatients]:
    """Place patients inside the reported intervals, or in the narrowest widening that has some.

    Returns
    -------
    slack : float
        By how much the intervals of survival were widened, 0 if not at all.
    patients : WholePatients
        Those found.
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
        numbers = (*numbers, f"{arm.events} events")
    return ContradictionError(
        f"{endpoint.key}, arm {arm.name}: no {arm.n} whole patients were found that are "
        f"consistent with {'; '.join(numbers)}",
        numbers=numbers,
        endpoint_key=endpoint.key,
    )


def _shape_assumptions(endpoint: Endpoint, arm: ArmConstraints, *, last: float) -> list[str]:
    """Say how the course between reported values was taken; `last` is the last patient's time."""
    unit = endpoint.time_unit
    if (curve := endpoint.arms[arm.name].curve) is not None:
        read = read_curve(endpoint, arm.name) or curve
        left = last_of_curve(curve, unit, last=last)
        return [*curve_assumptions(curve, at_whole=read is not curve), left]
    sentences = ["between reported values the hazard is the mean of what is plausible"]
    printed = max((knot.time for knot in arm.knots), default=0.0)
    if arm.last_time > printed:
        source = {
            "printed": "the longest follow-up reported",
            "dates": "the time from first entry to cut-off",
            "events": "room for the reported events",
            "plausible": "the middle of what is plausible, since no longest follow-up is reported",
        }
        sentences.append(
            f"after {printed:g} {unit} patients are followed "
            f"up to {arm.last_time:.4g} {unit}, "
            f"{source.get(arm.last_time_source, 'the last reported time')}"
        )
    elif arm.last_time_source == "last printed time":
        sentences.append(
            f"the longest follow-up is not reported: it is taken to be {arm.last_time:g} {unit}, "
            "the last reported time"
        )
    return sentences


def _as_ipd(
    endpoint: Endpoint, placed: Mapping[str, _PlacedArm], *, remarks: tuple[str, ...]
) -> PseudoIPD:
    names = arm_order(endpoint)
    parts = [placed[name].patients for name in names]
    sizes = [part.time.size for part in parts]
    return PseudoIPD(
        time=np.concatenate([part.time for part in parts]),
        event=np.concatenate([part.event for part in parts]),
        arm=np.repeat(np.array(names, dtype=np.str_), sizes),
        arms=names,
        cohort=endpoint.cohort,
        endpoint=endpoint.name,
        time_unit=endpoint.time_unit,
        assumptions=(*_assumptions(endpoint, names, placed), *remarks),
        notes=_notes(placed, names),
    )


def _notes(placed: Mapping[str, _PlacedArm], names: tuple[str, ...]) -> dict[str, str]:
    notes = {"censoring": ", ".join(dict.fromkeys(placed[name].basis for name in names))}
    midpoint = [name for name in names if placed[name].midpoint]
    return notes | ({NOTE: ", ".join(midpoint)} if midpoint else {})


def _assumptions(
    endpoint: Endpoint, names: tuple[str, ...], placed: Mapping[str, _PlacedArm]
) -> list[str]:
    """Gather every assumption, saying an arm's name only where the arms differ."""
    sentences: list[str] = []
    if endpoint.reference is None and len(names) > 1:
        sentences.append(f"the reference arm is not stated: {names[0]}, the first arm, was taken")
    cohort_n = [name for name in names if endpoint.arms[name].n_basis == "cohort"]
    if cohort_n:
        sentences.append(
            f"the denominators of {endpoint.name} are not reported: the cohort's n was taken "
            f"({', '.join(f'{name} {endpoint.arms[name].n}' for name in cohort_n)}), "
            "which is the most that it can be"
        )
    for name in names:
        for sentence in placed[name].assumptions:
            shared = all(sentence in placed[other].assumptions for other in names)
            text = sentence if shared else f"{name}: {sentence}"
            if text not in sentences:
                sentences.append(text)
    return [sentence[0].upper() + sentence[1:] + "." for sentence in sentences]
