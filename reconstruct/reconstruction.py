"""From a reported endpoint to pseudo-individual patient data."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..studies import Arm, Endpoint
from ..studies.argument_types import refuse_no_endpoint
from ..studies.usual_form import usual_form
from .arm_placement import (
    MIDPOINT_NOTE,
    PlacedArm,
    lists_only_events,
    placed_as_drawn,
    placed_listed,
    placed_on_course,
)
from .calibration import BY_INTERVAL, Calibration, calibrate
from .constraints import ArmConstraints, arm_constraints
from .contradictions import refuse_contradictions
from .curves.points import misread, other_kinds, readings_tried
from .errors import ContradictionError
from .pseudo_ipd import PseudoIPD, WholePatients

__all__ = ["arm_order", "read_and_reconstructed", "reconstruct"]

KEPT = 4  # reconstructions
DRAWS = 1000  # of which one may be taken
FEWEST_EVENTS = 0.05  # of those that there are if nobody leaves before the last reported time
NOT_BY_INTERVAL = (
    "the width of the reported interval implies too few events for the reported survival, so that "
    "it was not used"
)


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
    refuse_no_endpoint("reconstruct", endpoint)
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
    try:
        return _kept(_Same(endpoint))
    except ContradictionError as refusal:
        shares = [name for name, arm in endpoint.arms.items() if arm.n_basis == "allocation"]
        if not (shares and any(number.startswith("n = ") for number in refusal.numbers)):
            raise
        raise ContradictionError(
            f"{str(refusal).rstrip('.')}; n of {' and '.join(shares)} is a share of all patients "
            "by the allocation, so the number that the paper reports may agree",
            numbers=refusal.numbers,
            endpoint_key=endpoint.key,
        ) from refusal


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
    placed = {name: placed_listed(endpoint, arm) for name, arm in listed.items()}
    placed |= _placed_on_courses(endpoint, course)
    misses = {name: arm.misses for name, arm in placed.items()}
    return _as_ipd(endpoint, placed, remarks=usual.remarks), misses


def _placed_on_courses(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints]
) -> dict[str, PlacedArm]:
    """Place arms near their expected courses.

    The width of the hazard ratio's interval says how many events there were, if it is of these
    patients and was reported right. Where it leaves no patients for an arm it is not used.
    """
    calibrations = calibrate(endpoint, arms)
    by_interval = any(each.basis == BY_INTERVAL for each in calibrations.values())
    if not (by_interval and _far_too_few(calibrations)):  # which would be searched for in vain
        try:
            return _placed(endpoint, calibrations)
        except ContradictionError:
            if not by_interval:
                raise
    alone = endpoint.model_copy(update={"reported": None})
    plain = calibrate(alone, arms)
    return _placed(
        alone,
        {
            name: replace(each, sentence=f"{NOT_BY_INTERVAL}; {each.sentence}")
            for name, each in plain.items()
        },
    )


def _placed(endpoint: Endpoint, calibrations: Mapping[str, Calibration]) -> dict[str, PlacedArm]:
    """Place arms by a search, and by draws where that misses a number."""
    placed = {name: placed_on_course(endpoint, each) for name, each in calibrations.items()}
    if any(arm.is_off for arm in placed.values()):
        free = {name: each.arm for name, each in calibrations.items() if not each.arm.along_curve}
        for name, patients in _most_usual_draw(endpoint, free).items():
            placed[name] = placed_as_drawn(endpoint, calibrations[name], patients)
    return placed


def _most_usual_draw(
    endpoint: Endpoint, arms: Mapping[str, ArmConstraints]
) -> dict[str, WholePatients]:
    """Return the patients of a draw with every reported number; empty if none is found.

    Notes
    -----
    Of all such draws that whose times, in order, are nearest to the means of all.
    """
    from .ensemble.arm_draws import MOST_TIMES
    from .ensemble.counts import NoDraws
    from .ensemble.groups import prepared_group

    rng = np.random.default_rng(0)
    size = min(max(MOST_TIMES // sum(arm.n for arm in arms.values()), 1), DRAWS)
    try:
        group = prepared_group(endpoint, arms, size, rng)
        drawn = group.draw(group.turns, rng)
    except (ContradictionError, NoDraws):
        return {}
    if not drawn[0].time.size:
        return {}
    away = sum(((arm.time - arm.time.mean(axis=0)) ** 2).sum(axis=1) for arm in drawn)
    row = int(np.argmin(away))
    return {
        arm.constraints.name: WholePatients.in_order(own.time[row], own.event[row])
        for arm, own in zip(group.arms, drawn, strict=True)
    }


def _far_too_few(calibrations: Mapping[str, Calibration]) -> bool:
    """Say whether events are so few that nearly everybody must have left before the first."""
    arms = [each.arm for each in calibrations.values() if each.arm.events is not None]
    lowest = [min((knot.upper for knot in arm.knots), default=1.0) for arm in arms]
    most = sum(arm.n * (1 - low) for arm, low in zip(arms, lowest, strict=True))
    return sum(arm.events or 0 for arm in arms) < FEWEST_EVENTS * most


def arm_order(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the arms, the reference first."""
    reference = endpoint.reference or next(iter(endpoint.arms))
    return (reference, *(name for name in endpoint.arms if name != reference))


def _as_ipd(
    endpoint: Endpoint, placed: Mapping[str, PlacedArm], *, remarks: tuple[str, ...]
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


def _notes(placed: Mapping[str, PlacedArm], names: tuple[str, ...]) -> dict[str, str]:
    notes = {"censoring": ", ".join(dict.fromkeys(placed[name].basis for name in names))}
    midpoint = [name for name in names if placed[name].midpoint]
    return notes | ({MIDPOINT_NOTE: ", ".join(midpoint)} if midpoint else {})


def _assumptions(
    endpoint: Endpoint, names: tuple[str, ...], placed: Mapping[str, PlacedArm]
) -> list[str]:
    """Gather every assumption, saying an arm's name only where the arms differ."""
    sentences: list[str] = []
    if len(names) > 1 and (endpoint.reference is None or endpoint.reference_taken):
        sentences.append(f"the reference arm is not stated: {names[0]}, the first arm, was taken")
    cohort_n = [name for name in names if endpoint.arms[name].n_basis == "cohort"]
    if cohort_n:
        sentences.append(
            f"the denominators of {endpoint.name} are not reported: the cohort's n was taken "
            f"({', '.join(f'{name} {endpoint.arms[name].n}' for name in cohort_n)}), "
            "which is the most that it can be"
        )
    if shares := [name for name in names if endpoint.arms[name].n_basis == "allocation"]:
        sentences.append(_allocated(endpoint, shares))
    if unused := [what for name in names for what in _unused(name, endpoint.arms[name])]:
        sentences.append(f"reported, but not used: {', '.join(unused)}")
    for name in names:
        for sentence in placed[name].assumptions:
            shared = all(sentence in placed[other].assumptions for other in names)
            text = sentence if shared else f"{name}: {sentence}"
            if text not in sentences:
                sentences.append(text)
    return [sentence[0].upper() + sentence[1:] + "." for sentence in sentences]


def _unused(name: str, arm: Arm) -> Iterator[str]:
    """Name what an arm reports that the search for patients does not look at."""
    if arm.mean is not None:
        yield f"the mean survival of arm {name}"
    if arm.follow_up and (arm.follow_up.min or arm.follow_up.range) and not arm.event_times:
        yield f"the shortest follow-up of arm {name}"
    if arm.censor_marks is not None and arm.curve is None:
        yield f"the censoring marks of arm {name}"


def _allocated(endpoint: Endpoint, names: list[str]) -> str:
    """Say whose numbers of patients are shares of all patients."""
    if len(names) == 1:
        return (
            f"the number of patients of arm {names[0]} is not reported: "
            f"{endpoint.arms[names[0]].n} was taken, its share of all patients by the reported "
            "allocation"
        )
    sizes = [f"arm {name} {endpoint.arms[name].n}" for name in names]
    return (
        f"the numbers of patients per arm are not reported: {', '.join(sizes[:-1])} and "
        f"{sizes[-1]} were taken, their shares of all patients by the reported allocation"
    )
